//! The view of a row that trainers take: OpenAI's `messages` and `tools`.

use crate::data::{Message, Sample, ToolCall};
use serde_json::{Map, Value, json};

/// Returns `{messages, tools}` of a row.
///
/// Arguments are objects, since chat templates write them with `tojson` (a string would come out encoded twice). What a
/// message does not have is absent, never null: templates ask for presence. Content is always there, if empty.
pub fn openai(sample: &Sample) -> Value {
    let messages: Vec<Value> = sample.messages.iter().map(message).collect();
    json!({"messages": messages, "tools": sample.tools})
}

fn message(message: &Message) -> Value {
    let mut out = Map::new();
    out.insert("role".to_owned(), json!(message.role.as_str()));
    if let Some(id) = &message.tool_call_id {
        out.insert("tool_call_id".to_owned(), json!(id));
    }
    if let Some(name) = &message.name {
        out.insert("name".to_owned(), json!(name));
    }
    out.insert("content".to_owned(), json!(message.content));
    if let Some(reasoning) = message.reasoning.as_ref().filter(|r| !r.is_empty()) {
        out.insert("reasoning_content".to_owned(), json!(reasoning));
    }
    if !message.tool_calls.is_empty() {
        let calls: Vec<Value> = message.tool_calls.iter().map(call).collect();
        out.insert("tool_calls".to_owned(), Value::Array(calls));
    }
    Value::Object(out)
}

/// A call; arguments that could not be parsed, which only turns not to be learned hold, become `{"raw": text}`.
fn call(call: &ToolCall) -> Value {
    let arguments = match &call.arguments {
        Value::Object(object) => Value::Object(object.clone()),
        Value::String(raw) => json!({ "raw": raw }),
        other => json!({ "raw": other.to_string() }),
    };
    json!({"id": call.id, "type": "function", "function": {"name": call.name, "arguments": arguments}})
}
