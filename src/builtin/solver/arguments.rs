//! Arguments by their paths and types, and how well what was said fits a parameter.

use super::session::typed;
use super::toolbox::{self, Role};
use super::utterance::Shape;
use serde_json::{Map, Value};

/// Returns the value at a path.
pub fn at_path<'v>(map: &'v Map<String, Value>, path: &[String]) -> Option<&'v Value> {
    let (first, rest) = path.split_first()?;
    let value = map.get(first)?;
    if rest.is_empty() { Some(value) } else { at_path(value.as_object()?, rest) }
}

/// Whether the arguments hold something at a path.
pub fn has(arguments: &Map<String, Value>, path: &[String]) -> bool {
    at_path(arguments, path).is_some()
}

/// Sets a value at a path, making the objects on the way.
pub fn put(arguments: &mut Map<String, Value>, path: &[String], value: Value) {
    match path {
        [] => {}
        [last] => {
            arguments.insert(last.clone(), value);
        }
        [first, rest @ ..] => {
            let inner = arguments.entry(first.clone()).or_insert_with(|| Value::Object(Map::new()));
            if let Value::Object(inner) = inner {
                put(inner, rest, value);
            }
        }
    }
}

/// Puts an id into the type that a schema asks for.
pub fn typed_like(value: Value, schema: &Value) -> Value {
    match (&value, toolbox::type_of(schema)) {
        (Value::Number(n), "string") => Value::from(n.to_string()),
        (Value::String(s), "integer" | "number") => typed(s, schema),
        _ => value,
    }
}

/// How well a shape fits what a parameter takes, 0–1.
pub fn shape_fit(shape: &Shape, role: &Role) -> f64 {
    match (role, shape) {
        (Role::List(inner), _) => 0.95 * shape_fit(shape, inner),
        (Role::Text | Role::Search, Shape::Quoted)
        | (Role::Email, Shape::Email)
        | (Role::Phone, Shape::Phone(_))
        | (Role::Url, Shape::Url) => 1.0,
        (Role::Text | Role::Search, Shape::Name) => 0.85,
        (Role::Text, Shape::Id) => 0.6,
        (Role::Text, Shape::Email | Shape::Url | Shape::Phone(_)) => 0.5,
        (Role::Text, Shape::Number(_) | Shape::Duration(_)) => 0.45,
        (Role::Text, Shape::Day(_) | Shape::Moment(_)) => 0.3,
        (Role::Number, Shape::Number(_)) => 1.0,
        (Role::Number, Shape::Duration(_)) => 0.8,
        (Role::Email, Shape::Quoted) => 0.3,
        (Role::Day, Shape::Day(_)) | (Role::Moment, Shape::Moment(_)) => 1.0,
        (Role::Day, Shape::Moment(_)) | (Role::Moment, Shape::Day(_)) => 0.7,
        (Role::Phone, Shape::Number(_)) => 0.2,
        _ => 0.0,
    }
}
