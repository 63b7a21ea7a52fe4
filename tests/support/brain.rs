//! What the loopback server says: functions of the request's body.

use super::{Answer, Brain};
use serde_json::{Value, json};
use std::sync::Arc;

/// Says something short that depends on the whole body.
pub fn echo() -> Brain {
    Arc::new(|body, _| Answer::text(&hash(body)))
}

/// A short hash of a body.
pub fn hash(body: &Value) -> String {
    blake3::hash(body.to_string().as_bytes()).to_hex()[..12].to_owned()
}

/// Always the same answer.
pub fn always(status: u16, body: &'static str) -> Brain {
    Arc::new(move |_, _| Answer::of(status, body))
}

/// A tool call, as a server writes it.
pub fn call(name: &str, arguments: &Value) -> Value {
    json!({"id": "x", "type": "function", "function": {"name": name, "arguments": arguments.to_string()}})
}
