//! What a schema demands, and null as "not given": in schemas that demand every field, an optional one may be null.

use super::Tool;
use serde_json::{Map, Value};
use std::borrow::Cow;

impl Tool {
    /// Returns the arguments without each null that stands for "not given" in the tool's schema.
    pub fn given<'v>(&self, arguments: &'v Value) -> Cow<'v, Value> {
        if !holds_null(arguments) {
            return Cow::Borrowed(arguments);
        }
        let mut given = arguments.clone();
        leave_out(&mut given, &self.parameters);
        Cow::Owned(given)
    }

    /// Returns the names of the parameters that must have a value.
    pub fn demanded(&self) -> impl Iterator<Item = &str> {
        let properties = self.parameters.get("properties");
        required_of(&self.parameters)
            .filter(move |name| !properties.and_then(|p| p.get(name)).is_some_and(is_nullable))
    }
}

/// Returns the names that an object's schema demands.
pub fn required_of(schema: &Value) -> impl Iterator<Item = &str> {
    schema.get("required").and_then(Value::as_array).into_iter().flatten().filter_map(Value::as_str)
}

/// Tells whether a schema names null among its types.
pub fn is_nullable(schema: &Value) -> bool {
    let null = |kind: &Value| kind == "null";
    match schema.get("type") {
        Some(Value::Array(kinds)) => kinds.iter().any(null),
        Some(kind) => null(kind),
        None => schema.get("anyOf").and_then(Value::as_array).is_some_and(|v| v.iter().any(is_nullable)),
    }
}

fn holds_null(value: &Value) -> bool {
    match value {
        Value::Null => true,
        Value::Array(items) => items.iter().any(holds_null),
        Value::Object(map) => map.values().any(holds_null),
        _ => false,
    }
}

fn leave_out(value: &mut Value, schema: &Value) {
    match value {
        Value::Object(fields) => {
            let variants = || {
                std::iter::once(schema)
                    .chain(schema.get("anyOf").and_then(Value::as_array).into_iter().flatten())
            };
            let of = |name: &str| variants().find_map(|s| s.get("properties")?.as_object()?.get(name));
            let mut kept = Map::new();
            for (name, mut field) in std::mem::take(fields) {
                match of(&name) {
                    Some(schema) if field.is_null() && is_nullable(schema) => {}
                    Some(schema) => {
                        leave_out(&mut field, schema);
                        kept.insert(name, field);
                    }
                    None => {
                        kept.insert(name, field);
                    }
                }
            }
            *fields = kept;
        }
        Value::Array(items) => {
            let Some(schema) = schema.get("items") else { return };
            for item in items {
                leave_out(item, schema);
            }
        }
        _ => {}
    }
}
