//! Where in a result the records stand: unwrapping envelopes.

use crate::data::SharedSchema;
use crate::words;
use serde_json::Value;

/// The way from a result's root to its record or records.
#[derive(Clone, Debug, PartialEq)]
pub struct ResultShape {
    /// The steps to the record schema.
    pub path: Vec<Step>,
    /// Whether there are many.
    pub many: bool,
    /// The result's schema.
    result: SharedSchema,
    /// The component that the record's schema came from, where it is named.
    pub schema_name: Option<String>,
}

impl ResultShape {
    /// Returns the record's schema.
    pub fn record(&self) -> &Value {
        self.path.iter().fold(&*self.result, |schema, step| match step {
            Step::Field(name) => &schema["properties"][name],
            Step::Items => &schema["items"],
        })
    }
}

/// One step into a result.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Step {
    /// Into a property.
    Field(String),
    /// Into each element.
    Items,
}

/// Property names that belong to an envelope, never to a record.
const ENVELOPE: &[&str] = &[
    "kind",
    "etag",
    "nextpagetoken",
    "nextsynctoken",
    "metadata",
    "meta",
    "links",
    "_links",
    "total",
    "totalcount",
    "total_count",
    "count",
    "sum",
    "page",
    "page_size",
    "pagesize",
    "per_page",
    "limit",
    "offset",
    "cursor",
    "next",
    "previous",
    "prev",
    "status_code",
    "status",
    "service",
    "resource",
    "operation",
    "success",
    "error",
    "errors",
    "message",
    "messages",
    "pagination",
    "header",
    "total_items",
    "total_pages",
    "page_index",
    "has_more",
    "code",
    "next_cursor",
    "request_id",
    "first",
    "last",
    "self",
    "data",
    "result",
];

/// Names that hold the records of a list.
const LISTS: &[&str] = &[
    "items", "data", "results", "list", "entries", "records", "values", "rows", "objects", "elements",
    "content",
];

/// Finds the record or records in a result schema. `nouns` are the path's words, which lists are often named after.
pub fn unwrap(result: &SharedSchema, nouns: &[String], reads: bool) -> Option<ResultShape> {
    let mut path = Vec::new();
    let mut many = false;
    let mut at: &Value = result;
    for _ in 0..8 {
        if let Some(items) = at.get("items").filter(|_| type_is(at, "array")) {
            if many && path.last() == Some(&Step::Items) {
                return None;
            }
            path.push(Step::Items);
            many = true;
            at = items;
            continue;
        }
        let properties = at.get("properties").and_then(Value::as_object)?;
        if let Some(name) = step_in(at, properties, nouns, reads, many) {
            path.push(Step::Field(name.clone()));
            at = &properties[&name];
        } else {
            let schema_name = at.get("x-schema").and_then(Value::as_str).map(str::to_owned);
            return Some(ResultShape { path, many, result: result.clone(), schema_name });
        }
    }
    None
}

fn type_is(schema: &Value, name: &str) -> bool {
    match schema.get("type") {
        Some(Value::String(t)) => t == name,
        Some(Value::Array(ts)) => ts.iter().any(|t| t == name),
        _ => {
            name == "array" && schema.get("items").is_some()
                || name == "object" && schema.get("properties").is_some()
        }
    }
}

/// Decides which property to step into, or that `at` is the record.
fn step_in(
    at: &Value,
    properties: &serde_json::Map<String, Value>,
    nouns: &[String],
    reads: bool,
    many: bool,
) -> Option<String> {
    let holds_objects =
        |v: &Value| type_is(v, "array") && v.get("items").is_some_and(|i| type_is(i, "object"));
    let own_scalars = properties
        .iter()
        .filter(|(k, v)| {
            !ENVELOPE.contains(&k.to_lowercase().as_str()) && !type_is(v, "array") && !type_is(v, "object")
        })
        .count();
    let has_id = properties.keys().any(|k| k == "id" || k == "uuid" || k == "$id");
    let named_list = at
        .get("x-schema")
        .and_then(Value::as_str)
        .is_some_and(|n| n.ends_with("List") || n.ends_with("Response") || n.ends_with("Page"));
    let last_noun = nouns.last().map(|n| words::singular(n));
    if reads && !many {
        let list = properties.iter().find(|(k, v)| {
            let lower = k.to_lowercase();
            let stem = words::singular_words(&words::split(k)).last().cloned();
            holds_objects(v)
                && (LISTS.contains(&lower.as_str()) || !ENVELOPE.contains(&lower.as_str()))
                && (LISTS.contains(&lower.as_str())
                    && (own_scalars < 8 || properties.contains_key("nextPageToken"))
                    || (stem.is_some() && stem == last_noun && !has_id)
                    || (named_list && !has_id && own_scalars <= 2))
        });
        if let Some((name, _)) = list {
            return Some(name.clone());
        }
    }
    if own_scalars >= 2 || has_id {
        return None;
    }
    // An envelope with one thing in it: `{data: {…}}`, `{message: {header, body: {…}}}`, `{track: {…}}`.
    let inner: Vec<&String> = properties
        .iter()
        .filter(|(k, v)| {
            let lower = k.to_lowercase();
            let container = type_is(v, "object") && v.get("properties").is_some() || holds_objects(v);
            let payload =
                matches!(lower.as_str(), "data" | "result" | "message" | "body" | "_embedded" | "response");
            container && (payload || !ENVELOPE.contains(&lower.as_str()))
        })
        .map(|(k, _)| k)
        .collect();
    match inner.as_slice() {
        [only] if own_scalars == 0 || properties.len() <= 2 => Some((*only).clone()),
        _ => inner
            .into_iter()
            .find(|k| matches!(k.to_lowercase().as_str(), "data" | "body" | "result"))
            .cloned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn record() -> Value {
        json!({"type": "object", "x-schema": "Pet", "properties": {"id": {"type": "integer"}, "name": {"type": "string"}}})
    }

    #[test]
    fn envelopes_of_all_kinds_are_unwrapped() {
        let nouns = ["pets".to_owned()];
        let cases = [
            (record(), "", false),
            (json!({"type": "array", "items": record()}), "[]", true),
            (
                json!({"type": "object", "properties": {"kind": {"type": "string"}, "items": {"type": "array", "items": record()}}}),
                "items[]",
                true,
            ),
            (
                json!({"type": "object", "properties": {"status_code": {"type": "integer"}, "data": record()}}),
                "data",
                false,
            ),
            (
                json!({"type": "object", "properties": {"message": {"type": "object", "properties": {
                    "header": {"type": "object", "properties": {"status_code": {"type": "number"}}},
                    "body": {"type": "object", "properties": {"pet_list": {"type": "array", "items":
                        {"type": "object", "properties": {"pet": record()}}}}}}}}}),
                "messagebodypet_list[]pet",
                true,
            ),
        ];
        for (schema, want, many) in cases {
            let shape = unwrap(&schema.into(), &nouns, true).unwrap();
            let got: String = shape
                .path
                .iter()
                .map(|s| match s {
                    Step::Field(f) => f.clone(),
                    Step::Items => "[]".into(),
                })
                .collect();
            assert_eq!((got.as_str(), shape.many), (want, many));
            assert_eq!(shape.schema_name.as_deref(), Some("Pet"));
        }
    }
}
