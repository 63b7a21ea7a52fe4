//! The view of a row that trainers take: OpenAI's `messages` and `tools`.

use crate::data::{Message, Part, Role, Sample, ToolCall};
use serde_json::{Map, Value, json};
use std::collections::BTreeMap;

/// Whether calls that went out in one turn stay in one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Turns {
    /// As they were made.
    Parallel,
    /// One call a turn, each followed by its result: some templates (Llama 3) take no more.
    Single,
}

/// Returns `{messages, tools}` of a row.
///
/// Arguments are objects, since chat templates write them with `tojson` (a string would come out encoded twice). What a
/// message does not have is absent, never null: templates ask for presence. Content is always there, if empty: a string, and
/// only where there is something beside text a list of parts. Call ids are renamed to nine letters and digits, the only form
/// that Mistral's templates take.
pub fn openai(sample: &Sample, turns: Turns) -> Value {
    let messages = match turns {
        Turns::Parallel => sample.messages.clone(),
        Turns::Single => one_call_a_turn(&sample.messages),
    };
    let calls = sample.messages.iter().flat_map(|m| &m.tool_calls);
    let ids: BTreeMap<&str, String> =
        calls.enumerate().map(|(i, call)| (call.id.as_str(), format!("call{i:05}"))).collect();
    let messages: Vec<Value> = messages.iter().map(|m| message(m, &ids)).collect();
    json!({"messages": messages, "tools": sample.tools})
}

/// Spreads a turn of several calls over as many turns; what it says stands in the first.
fn one_call_a_turn(messages: &[Message]) -> Vec<Message> {
    let mut out = Vec::new();
    let mut at = 0;
    while let Some(turn) = messages.get(at) {
        let results = messages[at + 1..].iter().take_while(|m| m.role == Role::Tool).count();
        if turn.tool_calls.len() < 2 {
            out.push(turn.clone());
            at += 1;
            continue;
        }
        for (i, call) in turn.tool_calls.iter().enumerate() {
            let mut single = Message { tool_calls: vec![call.clone()], ..turn.clone() };
            if i > 0 {
                single.content.clear();
                single.parts.clear();
                single.reasoning = None;
            }
            out.push(single);
            let answers = |m: &&Message| m.tool_call_id.as_ref() == Some(&call.id);
            out.extend(messages[at + 1..=at + results].iter().find(answers).cloned());
        }
        at += 1 + results;
    }
    out
}

fn message(message: &Message, ids: &BTreeMap<&str, String>) -> Value {
    let id_of = |id: &str| json!(ids.get(id).map_or(id, String::as_str));
    let mut out = Map::new();
    out.insert("role".to_owned(), json!(message.role.as_str()));
    if let Some(id) = &message.tool_call_id {
        out.insert("tool_call_id".to_owned(), id_of(id));
    }
    if let Some(name) = &message.name {
        out.insert("name".to_owned(), json!(name));
    }
    out.insert("content".to_owned(), content(message));
    if let Some(reasoning) = message.reasoning.as_ref().filter(|r| !r.is_empty()) {
        out.insert("reasoning_content".to_owned(), json!(reasoning));
    }
    if !message.tool_calls.is_empty() {
        let calls: Vec<Value> = message.tool_calls.iter().map(|c| call(c, id_of(&c.id))).collect();
        out.insert("tool_calls".to_owned(), Value::Array(calls));
    }
    Value::Object(out)
}

/// Content that is text alone is a string. Else it is a list, as OpenAI's and the templates' of models that see have it, where a
/// part is `{type: text, text}` or names by its hash what is stored: `{type: image|audio|video|file, media_type, hash, bytes}`.
fn content(message: &Message) -> Value {
    let part = |part: &Part| match part {
        Part::Text { text } => json!({"type": "text", "text": text}),
        Part::Blob { hash, media_type, bytes } => {
            let seen_or_heard = |kind: &&str| ["image", "audio", "video"].contains(kind);
            let kind = media_type.split('/').next().filter(seen_or_heard).unwrap_or("file");
            json!({"type": kind, "media_type": media_type, "hash": hash, "bytes": bytes})
        }
    };
    match message.parts.as_slice() {
        [] => json!(message.content),
        parts => parts.iter().map(part).collect(),
    }
}

/// A call; arguments that could not be parsed, which only turns not to be learned hold, become `{"raw": text}`.
fn call(call: &ToolCall, id: Value) -> Value {
    let arguments = match &call.arguments {
        Value::Object(object) => Value::Object(object.clone()),
        Value::String(raw) => json!({ "raw": raw }),
        other => json!({ "raw": other.to_string() }),
    };
    json!({"id": id, "type": "function", "function": {"name": call.name, "arguments": arguments}})
}
