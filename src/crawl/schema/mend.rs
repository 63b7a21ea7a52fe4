//! Keeps the keywords of one schema true to each other: specs contradict themselves, and prose adds to what they say.

use super::pattern;
use serde_json::{Map, Value};

/// Levels of a default or an example that are held against their schema.
const DEPTH_MAX: usize = 6;

/// Removes what cannot hold together: keywords of other types, bounds that nothing meets, defaults and examples that break the
/// schema. What stands below was mended when it was lowered.
pub fn mend(map: &mut Map<String, Value>) {
    // most schemas are a type and a description
    let plain =
        |key: &str| matches!(key, "type" | "description" | "format" | "items" | "properties" | "required");
    if map.keys().all(|key| plain(key) || key == "additionalProperties") && !stray(map) {
        return;
    }
    let kind = kind(map).map(str::to_owned);
    map.retain(|key, _| suits(key, kind.as_deref()));
    choices(map);
    bounds(map);
    if map.get("default").is_some_and(|default| !fits(default, map, 0)) {
        map.shift_remove("default");
    }
    if let Some(Value::Array(mut examples)) = map.get_mut("examples").map(Value::take) {
        examples.retain(|example| fits(example, map, 0));
        if examples.is_empty() {
            map.shift_remove("examples");
        } else {
            map.insert("examples".into(), examples.into());
        }
    }
}

fn stray(map: &Map<String, Value>) -> bool {
    let kind = kind(map);
    map.keys().any(|key| !suits(key, kind))
}

/// Returns the type beside null, where there is one.
fn kind(map: &Map<String, Value>) -> Option<&str> {
    match map.get("type")? {
        Value::String(kind) => Some(kind),
        Value::Array(kinds) => kinds.iter().filter_map(Value::as_str).find(|k| *k != "null"),
        _ => None,
    }
}

/// Tells whether a keyword says anything of a type.
fn suits(key: &str, kind: Option<&str>) -> bool {
    let Some(kind) = kind else { return true };
    match key {
        "minLength" | "maxLength" | "pattern" => kind == "string",
        "minimum" | "maximum" | "exclusiveMinimum" | "exclusiveMaximum" | "multipleOf" => {
            kind == "integer" || kind == "number"
        }
        "items" | "minItems" | "maxItems" | "uniqueItems" => kind == "array",
        "properties" | "required" | "additionalProperties" | "minProperties" | "maxProperties" => {
            kind == "object"
        }
        _ => true,
    }
}

/// Keeps the values that are of the type; where values are named, nothing else needs to bound them.
fn choices(map: &mut Map<String, Value>) {
    let Some(Value::Array(mut values)) = map.get_mut("enum").map(Value::take) else { return };
    values.retain(|value| of_type(value, map.get("type")));
    if values.is_empty() {
        map.shift_remove("enum");
        return;
    }
    map.insert("enum".into(), values.into());
    map.retain(|key, _| {
        !matches!(
            key.as_str(),
            "minLength"
                | "maxLength"
                | "pattern"
                | "minimum"
                | "maximum"
                | "exclusiveMinimum"
                | "exclusiveMaximum"
                | "multipleOf"
        )
    });
}

fn bounds(map: &mut Map<String, Value>) {
    let number = |map: &Map<String, Value>, key: &str| map.get(key).and_then(Value::as_f64);
    for (least, most) in
        [("minLength", "maxLength"), ("minItems", "maxItems"), ("minProperties", "maxProperties")]
    {
        if let (Some(low), Some(high)) = (number(map, least), number(map, most))
            && low > high
        {
            map.shift_remove(least);
            map.shift_remove(most);
        }
    }
    let low =
        [number(map, "minimum"), number(map, "exclusiveMinimum")].into_iter().flatten().reduce(f64::max);
    let high =
        [number(map, "maximum"), number(map, "exclusiveMaximum")].into_iter().flatten().reduce(f64::min);
    let strict = map.contains_key("exclusiveMinimum") || map.contains_key("exclusiveMaximum");
    if let (Some(low), Some(high)) = (low, high)
        && (low > high || strict && low >= high)
    {
        for key in ["minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum"] {
            map.shift_remove(key);
        }
    }
    let named = map.get("properties").and_then(Value::as_object).map(Map::len);
    let closed = map.get("additionalProperties") == Some(&Value::Bool(false));
    if let (true, Some(least)) = (closed, number(map, "minProperties"))
        && least > named.unwrap_or(0) as f64
    {
        map.shift_remove("minProperties");
    }
}

fn of_type(value: &Value, kinds: Option<&Value>) -> bool {
    let is = |kind: &str| match kind {
        "string" => value.is_string(),
        "integer" => value.is_i64() || value.is_u64() || value.as_f64().is_some_and(|f| f.fract() == 0.0),
        "number" => value.is_number(),
        "boolean" => value.is_boolean(),
        "array" => value.is_array(),
        "object" => value.is_object(),
        "null" => value.is_null(),
        _ => true,
    };
    match kinds {
        Some(Value::String(kind)) => is(kind),
        Some(Value::Array(kinds)) => kinds.iter().filter_map(Value::as_str).any(is),
        _ => true,
    }
}

/// Tells whether a value fits a lowered schema, as far as its keywords are written here.
pub fn fits(value: &Value, schema: &Map<String, Value>, depth: usize) -> bool {
    if depth > DEPTH_MAX {
        return true;
    }
    if !of_type(value, schema.get("type")) {
        return false;
    }
    if schema.get("enum").and_then(Value::as_array).is_some_and(|e| !e.contains(value)) {
        return false;
    }
    let below = |value: &Value, schema: Option<&Value>| {
        schema.and_then(Value::as_object).is_none_or(|schema| fits(value, schema, depth + 1))
    };
    let number = |key: &str| schema.get(key).and_then(Value::as_f64);
    let own = match value {
        Value::Number(n) => n.as_f64().is_none_or(|n| {
            number("minimum").is_none_or(|m| n >= m)
                && number("maximum").is_none_or(|m| n <= m)
                && number("exclusiveMinimum").is_none_or(|m| n > m)
                && number("exclusiveMaximum").is_none_or(|m| n < m)
                && number("multipleOf").is_none_or(|m| (n / m).fract() == 0.0)
        }),
        Value::String(text) => {
            let length = text.chars().count() as f64;
            let regex = schema.get("pattern").and_then(Value::as_str).map(pattern::read);
            number("minLength").is_none_or(|m| length >= m)
                && number("maxLength").is_none_or(|m| length <= m)
                && regex.is_none_or(|p| p.is_some_and(|p| p.regex.is_match(text)))
        }
        Value::Array(items) => {
            let length = items.len() as f64;
            number("minItems").is_none_or(|m| length >= m)
                && number("maxItems").is_none_or(|m| length <= m)
                && items.iter().all(|item| below(item, schema.get("items")))
                && (schema.get("uniqueItems").is_none()
                    || items.iter().enumerate().all(|(i, item)| !items[..i].contains(item)))
        }
        Value::Object(fields) => {
            let properties = schema.get("properties").and_then(Value::as_object);
            let known = |name: &String| properties.is_some_and(|p| p.contains_key(name));
            let more = schema.get("additionalProperties");
            let required = schema.get("required").and_then(Value::as_array);
            required.into_iter().flatten().filter_map(Value::as_str).all(|name| fields.contains_key(name))
                && fields.iter().all(|(name, field)| {
                    if known(name) {
                        below(field, properties.and_then(|p| p.get(name)))
                    } else {
                        more != Some(&Value::Bool(false)) && below(field, more)
                    }
                })
        }
        _ => true,
    };
    let choice = schema.get("anyOf").and_then(Value::as_array);
    own && choice.is_none_or(|variants| variants.iter().any(|variant| below(value, Some(variant))))
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn mended(schema: Value) -> Value {
        let Value::Object(mut map) = schema else { panic!("an object") };
        mend(&mut map);
        map.into()
    }

    #[test]
    fn contradictions_are_taken_out_and_the_rest_stays() {
        assert_eq!(
            mended(json!({"type": "integer", "minimum": 9, "maximum": 3})),
            json!({"type": "integer"})
        );
        assert_eq!(
            mended(json!({"type": "number", "exclusiveMinimum": 3, "maximum": 3, "multipleOf": 2})),
            json!({"type": "number", "multipleOf": 2})
        );
        assert_eq!(
            mended(json!({"type": "string", "minLength": 4, "maxLength": 2})),
            json!({"type": "string"})
        );
        assert_eq!(
            mended(json!({"type": "string", "enum": ["a", 3], "default": "b", "minLength": 9})),
            json!({"type": "string", "enum": ["a"]})
        );
        assert_eq!(
            mended(json!({"type": "array", "items": {"type": "string"}, "pattern": "a", "default": [1]})),
            json!({"type": "array", "items": {"type": "string"}})
        );
        assert_eq!(
            mended(json!({"type": "integer", "maximum": 50, "default": 100, "examples": [20, 70]})),
            json!({"type": "integer", "maximum": 50, "examples": [20]})
        );
        assert_eq!(
            mended(json!({"type": "string", "pattern": "^[a-z]$", "default": "A"})),
            json!({"type": "string", "pattern": "^[a-z]$"})
        );
        assert_eq!(
            mended(
                json!({"type": "object", "properties": {}, "additionalProperties": false, "minProperties": 1})
            ),
            json!({"type": "object", "properties": {}, "additionalProperties": false})
        );
    }

    #[test]
    fn what_holds_together_is_left_alone() {
        let schema =
            json!({"type": ["string", "null"], "enum": ["a", null], "default": "a", "examples": ["a"]});
        assert_eq!(mended(schema.clone()), schema);
        let schema = json!({"type": "object", "properties": {"n": {"type": "integer"}}, "default": {"n": 3}});
        assert_eq!(mended(schema.clone()), schema);
    }
}
