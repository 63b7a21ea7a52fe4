//! Reads a model's reply as a turn: calls, an answer, a give-up, or nothing usable.

use crate::data::{ToolCall, canonical_json};
use crate::llm::{Finish, Reply};
use crate::prompt::{FINISH, GIVE_UP};
use serde_json::Value;

/// What a reply amounts to.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Turn {
    /// Calls to make.
    Calls(Vec<ToolCall>),
    /// The task is answered.
    Answer(String),
    /// The model sees no way on from here.
    GaveUp(String),
    /// Nothing that can be acted on.
    Malformed,
}

/// Reads a reply. A reply that finishes and calls other tools in one breath has not seen their results: the calls
/// are made and the finish is left out. Text that was cut off is no answer.
pub(super) fn read(reply: &Reply) -> Turn {
    let (ends, calls): (Vec<&ToolCall>, Vec<&ToolCall>) =
        reply.tool_calls.iter().partition(|call| call.name == FINISH || call.name == GIVE_UP);
    if !calls.is_empty() {
        return Turn::Calls(calls.into_iter().cloned().collect());
    }
    if let Some(end) = ends.first() {
        return match (end.name.as_str(), text_argument(end)) {
            (FINISH, Some(answer)) => Turn::Answer(answer),
            (FINISH, None) if !reply.content.trim().is_empty() => {
                Turn::Answer(reply.content.trim().to_owned())
            }
            (FINISH, None) => Turn::Malformed,
            (_, reason) => Turn::GaveUp(reason.unwrap_or_else(|| reply.content.trim().to_owned())),
        };
    }
    let text = reply.content.trim();
    if text.is_empty() || reply.finish != Finish::Stop {
        Turn::Malformed
    } else {
        Turn::Answer(text.to_owned())
    }
}

/// Returns the text that a finishing call carries: its known argument, or the only string in it.
fn text_argument(call: &ToolCall) -> Option<String> {
    let text = match &call.arguments {
        Value::String(text) => Some(text.as_str()),
        Value::Object(map) => map
            .get("answer")
            .or_else(|| map.get("reason"))
            .and_then(Value::as_str)
            .or_else(|| map.values().find_map(Value::as_str)),
        _ => None,
    };
    text.map(str::trim).filter(|text| !text.is_empty()).map(str::to_owned)
}

/// Returns a turn's calls in a form in which equal turns are equal, whatever their order and ids.
pub(super) fn signature(calls: &[ToolCall]) -> Vec<String> {
    let mut keys: Vec<String> = calls.iter().map(call_key).collect();
    keys.sort_unstable();
    keys
}

/// Returns a call's identity: its name and canonical arguments.
pub(super) fn call_key(call: &ToolCall) -> String {
    format!("{}\u{1f}{}", call.name, canonical_json(&call.arguments))
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn call(name: &str, arguments: Value) -> ToolCall {
        ToolCall { id: "x".into(), name: name.into(), arguments }
    }

    fn reply(content: &str, tool_calls: Vec<ToolCall>) -> Reply {
        Reply { content: content.into(), tool_calls, ..Reply::default() }
    }

    #[test]
    fn plain_text_is_an_answer_unless_it_was_cut_off() {
        assert_eq!(read(&reply(" Done. ", vec![])), Turn::Answer("Done.".into()));
        let cut = Reply { finish: Finish::Length, ..reply("Do", vec![]) };
        assert_eq!(read(&cut), Turn::Malformed);
        assert_eq!(read(&reply(" ", vec![])), Turn::Malformed);
    }

    #[test]
    fn finishing_is_a_call_that_carries_the_answer() {
        assert_eq!(read(&reply("", vec![call(FINISH, json!({"answer": "4"}))])), Turn::Answer("4".into()));
        assert_eq!(read(&reply("four", vec![call(FINISH, json!({}))])), Turn::Answer("four".into()));
        assert_eq!(read(&reply("", vec![call(FINISH, json!({}))])), Turn::Malformed);
        assert_eq!(read(&reply("", vec![call(GIVE_UP, json!({"reason": "no"}))])), Turn::GaveUp("no".into()));
    }

    #[test]
    fn a_finish_beside_other_calls_waits_for_their_results() {
        let get = call("get_x", json!({"id": 1}));
        let both = reply("", vec![call(FINISH, json!({"answer": "4"})), get.clone()]);
        assert_eq!(read(&both), Turn::Calls(vec![get]));
    }

    #[test]
    fn equal_turns_have_equal_signatures_whatever_the_order() {
        let a = call("a", json!({"x": 1, "y": 2}));
        let b = call("b", json!({}));
        let a2 = call("a", json!({"y": 2, "x": 1}));
        assert_eq!(signature(&[a, b.clone()]), signature(&[b, a2]));
    }
}
