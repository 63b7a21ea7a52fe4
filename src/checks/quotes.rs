//! What an answer quotes of tools' results: JSON that is written out, and errors that it tells on.

use super::natural::{contains_word, find_ids};
use crate::words::fold;
use serde_json::{Map, Value};
use std::collections::BTreeSet;
use std::ops::Range;

/// Returns the JSON objects and lists that are written out in a text, each with where it stands, in bytes. Lists of mere
/// numbers are none: `[1]` is a footnote.
pub fn json_literals(text: &str) -> Vec<(Range<usize>, Value)> {
    let mut found = Vec::new();
    let mut at = 0;
    while let Some(offset) = text[at..].find(['{', '[']) {
        let start = at + offset;
        let mut values = serde_json::Deserializer::from_str(&text[start..]).into_iter::<Value>();
        at = match values.next() {
            Some(Ok(value)) => {
                let end = start + values.byte_offset();
                if is_telling(&value) {
                    found.push((start..end, value));
                }
                end
            }
            _ => start + 1,
        };
    }
    found
}

fn is_telling(value: &Value) -> bool {
    match value {
        Value::Object(map) => !map.is_empty(),
        Value::Array(items) => items.iter().any(|v| v.is_string() || is_telling(v)),
        _ => false,
    }
}

/// Whether a value, or one within it, holds all of another: equal, or an object with these fields and more.
pub fn holds(value: &Value, part: &Value) -> bool {
    let covers = |whole: &Value| match (whole, part) {
        (Value::Object(whole), Value::Object(part)) => part.iter().all(|(k, v)| whole.get(k) == Some(v)),
        _ => whole == part,
    };
    covers(value)
        || match value {
            Value::Object(map) => map.values().any(|v| holds(v, part)),
            Value::Array(items) => items.iter().any(|v| holds(v, part)),
            _ => false,
        }
}

/// Whether an object is what an API says when it fails.
pub fn is_error(value: &Value) -> bool {
    let Value::Object(map) = value else { return false };
    let named = ["error", "errors", "fault", "exception"].iter().any(|key| match map.get(*key) {
        Some(Value::Null | Value::Bool(_)) | None => false,
        Some(Value::Array(items)) => !items.is_empty(),
        Some(_) => true,
    });
    let worded = ["message", "detail", "title", "reason"].iter().any(|key| map.contains_key(*key));
    named || (worded && failing_code(map).is_some())
}

fn failing_code(map: &Map<String, Value>) -> Option<u64> {
    let code = |key: &&str| map.get(*key).and_then(Value::as_u64).filter(|c| (400..600).contains(c));
    ["code", "status", "statusCode", "status_code"].iter().find_map(code)
}

/// Whether an answer tells something of an observation that stands nowhere else: its JSON, a sentence of it, a code with
/// its words, an id. `elsewhere` is what else is said and shown, folded.
pub fn rests_on(answer: &str, observation: &str, elsewhere: &str) -> bool {
    let parsed = serde_json::from_str::<Value>(observation).ok();
    if let Some(value) = &parsed
        && json_literals(answer).iter().any(|(_, literal)| holds(value, literal))
    {
        return true;
    }
    let answer = fold(answer);
    let (mut texts, mut codes) = (Vec::new(), BTreeSet::new());
    leaves(&parsed.unwrap_or_else(|| Value::from(observation.trim())), &mut texts, &mut codes);
    let told = |piece: &str| {
        let piece = fold(piece.trim().trim_end_matches('.'));
        !piece.is_empty() && contains_word(&answer, &piece) && !contains_word(elsewhere, &piece)
    };
    let with_code = codes.iter().any(|code| told(&code.to_string()));
    texts.iter().any(|text| {
        let words = text.split_whitespace().count();
        let whole = words >= 3 || (words > 0 && with_code);
        (whole && (told(text) || told(&escaped(text)))) || find_ids(text).iter().any(|id| told(&id.value))
    })
}

/// Returns a text as it stands within JSON.
pub fn escaped(text: &str) -> String {
    let quoted = Value::from(text).to_string();
    quoted[1..quoted.len() - 1].to_owned()
}

fn leaves(value: &Value, texts: &mut Vec<String>, codes: &mut BTreeSet<u64>) {
    match value {
        Value::String(text) => texts.push(text.clone()),
        Value::Number(number) => codes.extend(number.as_u64().filter(|c| (400..600).contains(c))),
        Value::Array(items) => items.iter().for_each(|v| leaves(v, texts, codes)),
        Value::Object(map) => map.values().for_each(|v| leaves(v, texts, codes)),
        _ => {}
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    const GONE: &str = r#"{"error":{"code":404,"message":"no listing with id 'a77'"}}"#;

    #[test]
    fn json_in_an_answer_is_found_and_brackets_in_prose_are_not() {
        let found = json_literals(r#"It is {"id": 7} [1], see [note] and {name}: ["x"]."#);
        let values: Vec<Value> = found.into_iter().map(|(_, value)| value).collect();
        assert_eq!(values, [json!({"id": 7}), json!(["x"])]);
    }

    #[test]
    fn an_answer_rests_on_the_error_that_it_quotes() {
        for answer in [
            &format!("Result: {GONE}"),
            "It says: No listing with id 'a77'.",
            r#"{"code":404,"message":"no listing with id 'a77'"}"#,
            "Listing a77 is gone.",
        ] {
            assert!(rests_on(answer, GONE, "find the listing"), "{answer}");
        }
        assert!(rests_on("404, gone", r#"{"code":404,"message":"Gone"}"#, ""));
    }

    #[test]
    fn an_answer_does_not_rest_on_what_is_known_without_the_error() {
        assert!(!rests_on("Listing a77 is sold.", GONE, "is a77 sold?"));
        assert!(!rests_on("It is sold.", GONE, ""));
        assert!(!rests_on("He is gone.", r#"{"code":404,"message":"Gone"}"#, ""));
    }

    #[test]
    fn errors_are_told_from_results() {
        assert!(is_error(&serde_json::from_str(GONE).unwrap()));
        assert!(is_error(&json!({"status": 404, "title": "Not Found"})));
        assert!(!is_error(&json!({"error": null, "id": 7})));
        assert!(!is_error(&json!({"code": 404, "name": "Room"})));
    }
}
