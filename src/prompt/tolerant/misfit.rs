//! Says why a value does not meet the simple schemas of replies.

use serde_json::Value;

/// Most levels that are looked into.
const DEPTH_MAX: usize = 64;

/// Says in words why a value does not meet a schema, or nothing if it does. Knows `type`, `required`, `enum`, `items`
/// and `properties`, which is what the schemas of replies are made of; other keywords are not looked at.
pub fn misfit(value: &Value, schema: &Value) -> Option<String> {
    at(value, schema, &mut String::new(), DEPTH_MAX)
}

fn at(value: &Value, schema: &Value, path: &mut String, depth: usize) -> Option<String> {
    let schema = schema.as_object().filter(|_| depth > 0)?;
    if let Some(types) = schema.get("type") {
        let allowed: Vec<&str> = match types {
            Value::Array(types) => types.iter().filter_map(Value::as_str).collect(),
            types => types.as_str().into_iter().collect(),
        };
        if !allowed.is_empty() && !allowed.iter().any(|kind| is_a(value, kind)) {
            return Some(format!("{} is {}, not {}", named(path), kind_of(value), either(&allowed)));
        }
    }
    if let Some(Value::Array(allowed)) = schema.get("enum")
        && !allowed.contains(value)
    {
        let allowed: Vec<String> = allowed.iter().map(Value::to_string).collect();
        return Some(format!("{} is none of {}", named(path), allowed.join(", ")));
    }
    match value {
        Value::Object(map) => {
            let required = schema.get("required").and_then(Value::as_array).into_iter().flatten();
            for name in required.filter_map(Value::as_str) {
                if !map.contains_key(name) {
                    let of = if path.is_empty() { String::new() } else { format!(" in `{path}`") };
                    return Some(format!("`{name}` is missing{of}"));
                }
            }
            let properties = schema.get("properties").and_then(Value::as_object).into_iter().flatten();
            properties.filter_map(|(name, schema)| Some((name, map.get(name)?, schema))).find_map(
                |(name, value, schema)| {
                    let dot = if path.is_empty() { "" } else { "." };
                    within(path, &format!("{dot}{name}"), |path| at(value, schema, path, depth - 1))
                },
            )
        }
        Value::Array(items) => {
            let schema = schema.get("items")?;
            let mut items = items.iter().enumerate();
            items.find_map(|(i, item)| {
                within(path, &format!("[{i}]"), |path| at(item, schema, path, depth - 1))
            })
        }
        _ => None,
    }
}

fn within<T>(path: &mut String, step: &str, look: impl FnOnce(&mut String) -> T) -> T {
    let length = path.len();
    path.push_str(step);
    let seen = look(path);
    path.truncate(length);
    seen
}

fn named(path: &str) -> String {
    if path.is_empty() { String::from("the JSON value") } else { format!("`{path}`") }
}

fn is_a(value: &Value, kind: &str) -> bool {
    match kind {
        "object" => value.is_object(),
        "array" => value.is_array(),
        "string" => value.is_string(),
        "boolean" => value.is_boolean(),
        "null" => value.is_null(),
        "number" => value.is_number(),
        // As JSON Schema has it, 1.0 is an integer.
        "integer" => value.as_f64().is_some_and(|number| number.fract() == 0.0),
        _ => true,
    }
}

fn kind_of(value: &Value) -> &'static str {
    match value {
        Value::Object(_) => "an object",
        Value::Array(_) => "a list",
        Value::String(_) => "a string",
        Value::Bool(_) => "a boolean",
        Value::Null => "null",
        Value::Number(_) => "a number",
    }
}

fn either(kinds: &[&str]) -> String {
    let word = |kind: &str| match kind {
        "object" => "an object",
        "array" => "a list",
        "string" => "a string",
        "boolean" => "a boolean",
        "integer" => "an integer",
        "number" => "a number",
        _ => "null",
    };
    kinds.iter().map(|kind| word(kind)).collect::<Vec<_>>().join(" or ")
}
