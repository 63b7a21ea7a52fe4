//! Chat completions that come as server-sent events although nobody asked for a stream: some gateways know no other way.

use serde_json::{Map, Value, json};

/// Returns the reply that a stream's chunks make up; `None` where the body is no such stream.
pub(super) fn merged(body: &[u8]) -> Option<Value> {
    let text = std::str::from_utf8(body).ok()?;
    let mut message = Map::new();
    let mut whole = Map::new();
    let mut ended = Value::Null;
    for line in text.lines() {
        let Some(data) = line.trim().strip_prefix("data:") else { continue };
        let Ok(Value::Object(mut chunk)) = serde_json::from_str::<Value>(data) else { continue };
        if let Some(choice) = chunk.remove("choices").as_ref().and_then(|choices| choices.get(0)) {
            if let Some(delta) = choice.get("delta").and_then(Value::as_object) {
                add_to_message(&mut message, delta);
            }
            if let Some(reason) = choice.get("finish_reason").filter(|reason| !reason.is_null()) {
                ended = reason.clone();
            }
        }
        whole.extend(chunk.into_iter().filter(|(_, value)| !value.is_null()));
    }
    // One that broke off before its end has no whole reply in it, but may say why.
    if whole.is_empty() || (ended.is_null() && !whole.contains_key("error")) {
        return None;
    }
    whole.insert("choices".into(), json!([{"message": message, "finish_reason": ended}]));
    Some(Value::Object(whole))
}

fn add_to_message(message: &mut Map<String, Value>, delta: &Map<String, Value>) {
    for (key, value) in delta {
        match (key.as_str(), value) {
            (_, Value::Null) => {}
            ("tool_calls", Value::Array(parts)) => {
                let calls = message.entry("tool_calls").or_insert_with(|| json!([]));
                let Value::Array(calls) = calls else { continue };
                for part in parts {
                    add_to_calls(calls, part);
                }
            }
            ("content" | "reasoning" | "reasoning_content" | "refusal", Value::String(text)) => {
                append(message, key, text);
            }
            ("reasoning_details", Value::Array(parts)) => {
                let details = message.entry(key.clone()).or_insert_with(|| json!([]));
                if let Value::Array(details) = details {
                    details.extend(parts.iter().cloned());
                }
            }
            _ => drop(message.insert(key.clone(), value.clone())),
        }
    }
}

fn add_to_calls(calls: &mut Vec<Value>, part: &Value) {
    let index = part.get("index").cloned().unwrap_or(Value::Null);
    let known = calls.iter().position(|call| !index.is_null() && call.get("index") == Some(&index));
    let Some(Value::Object(call)) = known.map(|place| &mut calls[place]) else {
        calls.push(part.clone());
        return;
    };
    let Some(more) = part.get("function").and_then(Value::as_object) else { return };
    let function = call.entry("function").or_insert_with(|| json!({}));
    if let (Value::Object(function), Some(Value::String(text))) = (function, more.get("arguments")) {
        append(function, "arguments", text);
    }
}

fn append(map: &mut Map<String, Value>, key: &str, more: &str) {
    match map.get_mut(key) {
        Some(Value::String(text)) => text.push_str(more),
        _ => drop(map.insert(key.to_owned(), json!(more))),
    }
}
