//! What a call returned, as a model is shown it.

use crate::data::{Part, ToolOutcome};
use crate::world::Response;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

/// What a call returned.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Observation {
    /// The text that a model is shown.
    pub text: String,
    /// What there is beside text; empty where there is nothing else.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub parts: Vec<Part>,
    /// What kind of result it is.
    pub outcome: ToolOutcome,
    /// The HTTP status, or what comes nearest to it.
    pub status: u16,
}

impl Observation {
    /// Cuts a text of more bytes than that at a character's end, and says so.
    #[must_use]
    pub(super) fn capped(mut self, bytes_max: usize) -> Self {
        self.text = capped(self.text, bytes_max);
        self
    }
}

/// Turns a response into what a model is shown: its JSON, or the status where it has no body.
pub fn observe(response: &Response, bytes_max: usize) -> Observation {
    let outcome = match response.status {
        0..=399 => ToolOutcome::Ok,
        400..=499 => ToolOutcome::Refused,
        500.. => ToolOutcome::Failed,
    };
    let text = match &response.body {
        Value::Null => json!({"status": response.status}).to_string(),
        body => body.to_string(),
    };
    Observation { text: capped(text, bytes_max), parts: Vec::new(), outcome, status: response.status }
}

fn capped(mut text: String, bytes_max: usize) -> String {
    const MARK: &str = "... (cut)";
    if text.len() <= bytes_max {
        return text;
    }
    let mut at = bytes_max.saturating_sub(MARK.len());
    while !text.is_char_boundary(at) {
        at -= 1;
    }
    text.truncate(at);
    text.push_str(MARK);
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_body_is_shown_as_compact_json_and_none_as_its_status() {
        let seen = |status, body| observe(&Response { status, body }, 100);
        assert_eq!(seen(200, json!({"b": 1, "a": [true]})).text, r#"{"b":1,"a":[true]}"#);
        assert_eq!(seen(204, Value::Null).text, r#"{"status":204}"#);
        assert_eq!(seen(404, json!({"message": "no"})).outcome, ToolOutcome::Refused);
        assert_eq!(seen(503, Value::Null).outcome, ToolOutcome::Failed);
    }

    #[test]
    fn a_long_observation_is_cut_at_a_character() {
        let seen = observe(&Response { status: 200, body: json!("ü".repeat(100)) }, 50);
        assert!(seen.text.len() <= 50 && seen.text.ends_with("ü... (cut)"), "{}", seen.text);
    }
}
