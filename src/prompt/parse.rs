//! Reads the replies to the typed prompts out of what a model wrote.

use super::tolerant::{Form, Found, value_in, values_in};
use serde_json::Value;

/// The values of a text that were not cut off, the best formed first.
fn whole_values(text: &str) -> impl Iterator<Item = Found> {
    let mut found = values_in(text);
    found.sort_by_key(|found| (found.form, !found.is_fenced));
    found.into_iter().filter(|found| found.form < Form::Cut)
}

/// Reads the reply to `WriteInstruction`.
pub fn instruction(text: &str) -> Option<String> {
    let words = |found: Found| Some(found.value.get("instruction")?.as_str()?.trim().to_owned());
    whole_values(text).filter_map(words).find(|words| !words.is_empty())
}

/// Reads the reply to `ProposeInstructions`: each instruction with the names of the tools it takes.
/// Items that are not of that form are left out.
pub fn proposals(text: &str) -> Vec<(String, Vec<String>)> {
    let Some(Found { value, form, .. }) = value_in(text) else { return Vec::new() };
    let mut items = match &value {
        Value::Array(items) => items.as_slice(),
        Value::Object(map) => match map.get("instructions") {
            Some(Value::Array(items)) => items.as_slice(),
            // A model that was asked for one may leave the list out.
            _ => std::slice::from_ref(&value),
        },
        _ => &[],
    };
    // The last one lacks something where the text was cut off.
    if form == Form::Cut {
        items = items.split_last().map_or(&[], |(_, whole)| whole);
    }
    let item = |item: &Value| {
        let words = item.get("instruction")?.as_str()?.trim().to_owned();
        let names = item.get("tools")?.as_array()?.iter();
        let tools = names.map(|name| name.as_str().map(str::to_owned)).collect::<Option<Vec<_>>>()?;
        (!words.is_empty()).then_some((words, tools))
    };
    items.iter().filter_map(item).collect()
}

/// Reads the reply to `Judge`: whether it is solved, and why.
pub fn judgement(text: &str) -> Option<(bool, String)> {
    let judgement = |found: Found| {
        let solved = found.value.get("solved")?.as_bool()?;
        let reason = found.value.get("reason").and_then(Value::as_str).unwrap_or_default();
        Some((solved, reason.to_owned()))
    };
    whole_values(text).find_map(judgement)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn json_is_found_bare_fenced_and_between_words() {
        for text in [
            "{\"instruction\": \"Go.\"}",
            "```json\n{\"instruction\": \"Go.\"}\n```",
            "Sure! Here {it} is []:\n{\"instruction\": \" Go. \"}\nAnything else?",
        ] {
            assert_eq!(instruction(text).as_deref(), Some("Go."), "{text}");
        }
        assert_eq!(instruction("no json here {"), None);
        assert_eq!(instruction("{\"instruction\": \"\"}"), None);
    }

    #[test]
    fn proposals_come_as_an_object_or_a_bare_list_and_broken_items_are_left_out() {
        let good = (String::from("Go."), vec![String::from("a"), String::from("b")]);
        let item = r#"{"instruction": "Go.", "tools": ["a", "b"]}"#;
        for text in [
            format!(r#"{{"instructions": [{item}, {{"instruction": 3}}]}}"#),
            format!("[{item}]"),
            item.to_owned(),
        ] {
            assert_eq!(proposals(&text), std::slice::from_ref(&good), "{text}");
        }
        assert!(proposals("nothing").is_empty());
        let cut = format!(r#"{{"instructions": [{item}, {{"instruction": "Stay.", "tools": ["a", "#);
        assert_eq!(proposals(&cut), [good]);
    }

    #[test]
    fn a_judgement_needs_a_boolean() {
        assert_eq!(judgement(r#"{"solved": true}"#), Some((true, String::new())));
        assert_eq!(judgement(r#"{"solved": "yes"}"#), None);
    }
}
