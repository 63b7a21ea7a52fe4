//! Reads what models reply in JSON: tolerant of code fences and of words around it.

use serde_json::Value;

/// Finds the JSON value in a reply: the whole text, a fenced block, or the first object or array that stands in it.
pub fn json_in(text: &str) -> Option<Value> {
    let text = text.trim();
    if let Ok(value) = serde_json::from_str(text) {
        return Some(value);
    }
    for (start, _) in text.match_indices(['{', '[']) {
        let mut values = serde_json::Deserializer::from_str(&text[start..]).into_iter::<Value>();
        if let Some(Ok(value)) = values.next()
            && (value.is_object() || value.as_array().is_some_and(|items| !items.is_empty()))
        {
            return Some(value);
        }
    }
    None
}

/// Reads the reply to `WriteInstruction`.
pub fn instruction(text: &str) -> Option<String> {
    let words = json_in(text)?.get("instruction")?.as_str()?.trim().to_owned();
    (!words.is_empty()).then_some(words)
}

/// Reads the reply to `ProposeInstructions`: each instruction with the names of the tools it takes.
/// Items that are not of that form are left out.
pub fn proposals(text: &str) -> Vec<(String, Vec<String>)> {
    let Some(value) = json_in(text) else { return Vec::new() };
    let items = match &value {
        Value::Array(items) => items.as_slice(),
        Value::Object(map) => match map.get("instructions") {
            Some(Value::Array(items)) => items.as_slice(),
            // A model that was asked for one may leave the list out.
            _ => std::slice::from_ref(&value),
        },
        _ => &[],
    };
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
    let value = json_in(text)?;
    let solved = value.get("solved")?.as_bool()?;
    Some((solved, value.get("reason").and_then(Value::as_str).unwrap_or_default().to_owned()))
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
    }

    #[test]
    fn a_judgement_needs_a_boolean() {
        assert_eq!(judgement(r#"{"solved": true}"#), Some((true, String::new())));
        assert_eq!(judgement(r#"{"solved": "yes"}"#), None);
    }
}
