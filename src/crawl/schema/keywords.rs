//! A schema's own keywords: types as specs spell them, constraints, defaults and examples that fit.

use super::pattern;
use serde_json::{Map, Value, json};
use std::collections::HashSet;

/// Returns a schema's type as JSON Schema knows it with the format it implies, and whether null is among its types.
pub fn kinds(value: &Value) -> (Option<(String, Option<&'static str>)>, bool) {
    match value.get("type") {
        Some(Value::String(kind)) if kind.eq_ignore_ascii_case("null") => (None, true),
        Some(Value::String(kind)) => (kind_of(kind), false),
        Some(Value::Array(kinds)) => {
            let names: Vec<&str> = kinds.iter().filter_map(Value::as_str).collect();
            let null = names.contains(&"null");
            let kind = names.iter().filter(|k| **k != "null").find_map(|k| kind_of(k));
            (kind, null)
        }
        _ => (None, false),
    }
}

/// Reads the type names that specs use beside JSON Schema's own.
fn kind_of(name: &str) -> Option<(String, Option<&'static str>)> {
    let lower = name.trim().to_lowercase();
    let (kind, format) = match lower.as_str() {
        "string" | "str" | "text" | "char" | "character" | "enum" | "bytes" | "byte" | "password"
        | "binary" => ("string", None),
        "uuid" | "guid" => ("string", Some("uuid")),
        "date" | "date (yyyy-mm-dd)" => ("string", Some("date")),
        "datetime" | "date-time" | "timestamp" | "dateTime" => ("string", Some("date-time")),
        "time" | "time (24-hour hh:mm)" => ("string", None),
        "url" | "uri" => ("string", Some("uri")),
        "email" => ("string", Some("email")),
        "file" => ("string", Some("binary")),
        "integer" | "int" | "int32" | "int64" | "long" | "short" | "bigint" => ("integer", None),
        "number" | "float" | "double" | "decimal" | "numeric" => ("number", None),
        "boolean" | "bool" => ("boolean", None),
        "array" | "list" | "tuple" | "set" | "arraylist" => ("array", None),
        "object" | "dict" | "map" | "hashmap" | "hash" | "struct" | "json" => ("object", None),
        _ => return None,
    };
    Some((kind.to_owned(), format))
}

/// Returns the type that a schema's keywords imply.
pub fn implied_kind(value: &Value) -> Option<(String, Option<&'static str>)> {
    let kind = if value.get("properties").is_some_and(Value::is_object)
        || value.get("additionalProperties").is_some_and(Value::is_object)
    {
        "object"
    } else if value.get("items").is_some() {
        "array"
    } else if let Some(first) = value.get("enum").and_then(|e| e.get(0)).or_else(|| value.get("const")) {
        match first {
            Value::String(_) => "string",
            Value::Bool(_) => "boolean",
            Value::Number(n) if n.is_f64() => "number",
            Value::Number(_) => "integer",
            _ => return None,
        }
    } else if value.get("pattern").is_some() || value.get("maxLength").is_some() {
        "string"
    } else {
        return None;
    };
    Some((kind.to_owned(), None))
}

/// Lowers the keywords that constrain a value.
pub fn constraints(value: &Value, kind: Option<&str>, out: &mut Map<String, Value>) {
    let choices = value.get("enum").and_then(Value::as_array).map(Vec::as_slice);
    let choices = choices.or_else(|| value.get("const").map(std::slice::from_ref));
    if let Some(choices) = choices.filter(|_| !matches!(kind, Some("array" | "object"))) {
        let kept = unique(choices.iter().filter_map(|c| coerce(c.clone(), kind)));
        if !kept.is_empty() {
            out.insert("enum".into(), kept.into());
        }
    }
    if let Some(format) = value.get("format").and_then(Value::as_str).filter(|f| is_format(f)) {
        out.entry("format").or_insert(json!(format));
    }
    if let Some(default) = value.get("default").cloned().and_then(|d| coerce(d, kind)) {
        let fits = out.get("enum").and_then(Value::as_array).is_none_or(|e| e.contains(&default));
        if fits && default.to_string().len() <= 80 {
            out.insert("default".into(), default);
        }
    }
    match kind {
        Some("integer" | "number") => bounds(value, out),
        Some("string") => {
            lengths(value, out, ["minLength", "maxLength"]);
            if let Some(pattern) = value.get("pattern").and_then(Value::as_str).and_then(pattern::read) {
                out.insert("pattern".into(), pattern.text.as_str().into());
            }
        }
        Some("array") => {
            lengths(value, out, ["minItems", "maxItems"]);
            if value.get("uniqueItems").and_then(Value::as_bool) == Some(true) {
                out.insert("uniqueItems".into(), json!(true));
            }
        }
        Some("object") => lengths(value, out, ["minProperties", "maxProperties"]),
        _ => {}
    }
    let example = value
        .get("example")
        .or_else(|| value.get("x-example"))
        .or_else(|| value.get("examples").and_then(|e| e.get(0)));
    if let Some(example) = example.cloned().and_then(|e| coerce(e, kind)) {
        let scalar = !example.is_object() && example.to_string().len() <= 80;
        let placeholder = example.as_str().is_some_and(is_placeholder);
        let known = out.contains_key("enum") || kind == Some("boolean");
        if scalar && !placeholder && !known {
            out.insert("examples".into(), json!([example]));
        }
    }
}

/// Keeps each value once, however many there are.
fn unique(values: impl Iterator<Item = Value>) -> Vec<Value> {
    let mut seen: HashSet<String> = HashSet::new();
    // as text 1 and 1.0 differ, and are the same value
    let text = |value: &Value| match value.as_f64() {
        Some(number) => number.to_string(),
        None => value.to_string(),
    };
    values.filter(|value| seen.insert(text(value))).collect()
}

/// Tells the name of a format from a sentence about one.
fn is_format(text: &str) -> bool {
    (1..=24).contains(&text.len())
        && text.chars().all(|c| c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.' | '/' | '+'))
}

/// Tells an example that stands for nothing: `string`, `[ID]`, `<name>`, an example domain.
fn is_placeholder(text: &str) -> bool {
    let framed = [('[', ']'), ('<', '>'), ('{', '}')]
        .iter()
        .any(|(open, close)| text.starts_with(*open) && text.ends_with(*close));
    let lower = text.to_lowercase();
    framed
        || matches!(lower.as_str(), "string" | "" | "null" | "undefined" | "true" | "false" | "n/a" | "todo")
        || lower.contains("example.")
        || lower.contains("xxx")
        || lower.contains("your_")
        || lower.contains("your-")
        || lower.contains("aaaaaaaa")
}

/// Fits a value to its schema's type, or gives it up.
fn coerce(value: Value, kind: Option<&str>) -> Option<Value> {
    match (kind, value) {
        (_, Value::Null) => None,
        (Some("string"), Value::String(text)) => Some(json!(text)),
        (Some("string"), Value::Number(number)) => Some(json!(number.to_string())),
        (Some("string"), Value::Bool(flag)) => Some(json!(flag.to_string())),
        (Some("integer"), Value::Number(number)) => {
            if number.is_f64() {
                let float = number.as_f64().filter(|f| f.fract() == 0.0 && f.abs() < 9e15)?;
                return Some(json!(float as i64));
            }
            Some(Value::Number(number))
        }
        (Some("integer"), Value::String(text)) => text.trim().parse::<i64>().ok().map(|n| json!(n)),
        (Some("number"), Value::Number(number)) => Some(Value::Number(number)),
        (Some("number"), Value::String(text)) => {
            let text = text.trim();
            text.parse::<i64>().map(|n| json!(n)).ok().or_else(|| text.parse::<f64>().ok().map(|n| json!(n)))
        }
        (Some("boolean"), Value::Bool(flag)) => Some(json!(flag)),
        (Some("boolean"), Value::String(text)) => match text.to_lowercase().as_str() {
            "true" => Some(json!(true)),
            "false" => Some(json!(false)),
            _ => None,
        },
        (Some("array"), value @ Value::Array(_))
        | (Some("object"), value @ Value::Object(_))
        | (None, value) => Some(value),
        _ => None,
    }
}

fn bounds(value: &Value, out: &mut Map<String, Value>) {
    for (key, exclusive) in [("minimum", "exclusiveMinimum"), ("maximum", "exclusiveMaximum")] {
        let strict = value.get(exclusive);
        match (number(value.get(key)), strict) {
            (Some(bound), Some(Value::Bool(true))) => out.insert(exclusive.into(), bound),
            (Some(bound), _) => out.insert(key.into(), bound),
            _ => None,
        };
        if let Some(bound) = strict.filter(|s| s.is_number()) {
            out.insert(exclusive.into(), bound.clone());
        }
    }
    if let Some(step) = number(value.get("multipleOf")).filter(|n| n.as_f64().is_some_and(|n| n > 0.0)) {
        out.insert("multipleOf".into(), step);
    }
}

fn number(value: Option<&Value>) -> Option<Value> {
    match value? {
        Value::Number(n) => Some(Value::Number(n.clone())),
        Value::String(text) => text.trim().parse::<i64>().ok().map(|n| json!(n)),
        _ => None,
    }
}

fn lengths(value: &Value, out: &mut Map<String, Value>, keys: [&str; 2]) {
    for key in keys {
        if let Some(n) = number(value.get(key)).and_then(|n| n.as_u64()) {
            let trivial = n == 0 && key.starts_with("min") || n > 1_000_000;
            if !trivial {
                out.insert(key.into(), json!(n));
            }
        }
    }
}
