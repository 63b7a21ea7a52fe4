//! Arguments from a tool's parameter schema: all that satisfy it, and more (lengths, patterns and bounds do not matter to
//! how a value is written, so they are not kept).

use proptest::prelude::*;
use serde_json::{Map, Value, json};

/// Deeper than this, untyped values are scalars.
const DEPTH_MAX: usize = 2;

/// Returns values of a schema.
pub fn of(schema: &Value, depth: usize) -> BoxedStrategy<Value> {
    if let Some(values) = schema.get("enum").and_then(Value::as_array).filter(|v| !v.is_empty()) {
        return prop::sample::select(values.clone()).boxed();
    }
    if let Some(variants) = schema.get("anyOf").and_then(Value::as_array).filter(|v| !v.is_empty()) {
        let variants: Vec<BoxedStrategy<Value>> = variants.iter().map(|v| of(v, depth)).collect();
        return prop::strategy::Union::new(variants).boxed();
    }
    match schema.get("type").and_then(Value::as_str) {
        Some("string") => text().prop_map(Value::from).boxed(),
        Some("integer") => prop_oneof![-5_i64..1000, any::<i64>()].prop_map(Value::from).boxed(),
        // eighths are exact, so that reading them back is too
        Some("number") => {
            let eighths = any::<i32>().prop_map(|n| json!(f64::from(n) / 8.0));
            prop_oneof![(-5_i64..1000).prop_map(Value::from), eighths].boxed()
        }
        Some("boolean") => any::<bool>().prop_map(Value::from).boxed(),
        Some("array") => list(schema, depth),
        Some("object") => object(schema, depth),
        _ => anything(depth),
    }
}

fn list(schema: &Value, depth: usize) -> BoxedStrategy<Value> {
    let items = schema.get("items").cloned().unwrap_or_else(|| json!({}));
    let least = schema.get("minItems").and_then(Value::as_u64).unwrap_or(0).min(4) as usize;
    prop::collection::vec(of(&items, depth + 1), least..=least.max(3)).prop_map(Value::from).boxed()
}

fn object(schema: &Value, depth: usize) -> BoxedStrategy<Value> {
    let required: Vec<&str> =
        schema["required"].as_array().into_iter().flatten().filter_map(Value::as_str).collect();
    let mut names = Vec::new();
    let mut values: Vec<BoxedStrategy<Option<Value>>> = Vec::new();
    for (name, property) in schema.get("properties").and_then(Value::as_object).into_iter().flatten() {
        names.push(name.clone());
        let value = of(property, depth + 1);
        values.push(if required.contains(&name.as_str()) {
            value.prop_map(Some).boxed()
        } else {
            prop::option::of(value).boxed()
        });
    }
    let more = match schema.get("additionalProperties") {
        Some(Value::Bool(false)) => None,
        Some(more) => Some(of(more, depth + 1)),
        None if depth > DEPTH_MAX => None,
        None => Some(anything(depth + 1)),
    };
    let free = match more {
        Some(more) => prop::collection::btree_map("k[a-z]{1,5}", more, 0..3).boxed(),
        None => Just(std::collections::BTreeMap::new()).boxed(),
    };
    (values, free)
        .prop_map(move |(values, free)| {
            let given = names.iter().cloned().zip(values).filter_map(|(name, value)| Some((name, value?)));
            let mut map: Map<String, Value> = given.collect();
            for (key, value) in free {
                map.entry(key).or_insert(value);
            }
            Value::Object(map)
        })
        .boxed()
}

/// Any JSON value.
fn anything(depth: usize) -> BoxedStrategy<Value> {
    let scalar = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        (-5_i64..1000).prop_map(Value::from),
        text().prop_map(Value::from),
    ];
    if depth > DEPTH_MAX {
        return scalar.boxed();
    }
    let list = prop::collection::vec(scalar.clone(), 0..3).prop_map(Value::from);
    let map = prop::collection::btree_map("k[a-z]{1,5}", scalar.clone(), 0..3)
        .prop_map(|m| Value::Object(m.into_iter().collect()));
    prop_oneof![4 => scalar, 1 => list, 1 => map].boxed()
}

/// Texts: words, and what is known to break URLs, forms, headers and parts.
fn text() -> BoxedStrategy<String> {
    let odd = prop::sample::select(vec![
        "",
        ".",
        "..",
        "/",
        "a/b",
        "?",
        "#",
        "&",
        "=",
        "+",
        "%",
        "%2F",
        "%zz",
        ",",
        ";",
        ":",
        "@",
        "|",
        " ",
        "\t",
        "\r\n",
        "\"",
        "'",
        "\\",
        "{x}",
        "[0]",
        "a]b[",
        "ü",
        "漢字",
        "😀",
        "\u{0}",
        "--",
        "null",
        "true",
        "1",
        "1.50",
        "a,b",
        "a b",
        "a|b",
        "k=v",
        "a.b",
        "~*-_.",
        "$&+,/:;=?@",
        "!()'",
    ]);
    let odd = prop::collection::vec(odd, 1..4).prop_map(|parts| parts.concat());
    prop_oneof![3 => "[A-Za-z0-9_-]{1,12}", 2 => odd, 1 => any::<String>()].boxed()
}
