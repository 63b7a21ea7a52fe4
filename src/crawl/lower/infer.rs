//! Results that a spec leaves out, borrowed from the same resource's bodies and results.

use crate::crawl::prose::{singular, words};
use crate::crawl::values::placeholders;
use crate::data::{Method, Place, Tool};
use serde_json::{Map, Value, json};
use std::collections::BTreeMap;

/// What is known of one resource.
#[derive(Default, Clone)]
struct Resource {
    /// The record's schema, from a result.
    result: Option<Value>,
    /// The record's fields, from bodies.
    fields: Map<String, Value>,
    /// The component that the bodies are.
    name: Option<String>,
    /// The path parameters that pick one record, with their schemas.
    keys: Map<String, Value>,
    /// Whether records are read by anything.
    read: bool,
}

/// Fills in the missing results of one spec's tools and marks them.
pub fn infer(tools: &mut [Tool]) {
    let mut by_path: BTreeMap<String, Resource> = BTreeMap::new();
    let mut by_noun: BTreeMap<String, Resource> = BTreeMap::new();
    for tool in tools.iter() {
        let Some(shape) = Shape::of(tool) else { continue };
        for resource in [
            by_path.entry(shape.collection.clone()).or_default(),
            by_noun.entry(shape.noun.clone()).or_default(),
        ] {
            learn(resource, tool, &shape);
        }
    }
    for tool in tools.iter_mut() {
        let Some(call) = tool.call.http() else { continue };
        let silent =
            matches!(call.success, 204 | 205) || call.method == Method::Delete || call.result_media.is_some();
        if tool.result.is_some() || silent {
            continue;
        }
        let Some(shape) = Shape::of(tool) else { continue };
        let own = by_path.get(&shape.collection).and_then(|r| record(r, &shape));
        let writes = call.method != Method::Get;
        let read = by_path.get(&shape.collection).is_some_and(|r| r.read);
        if writes && !read {
            continue;
        }
        let Some(record) = own.or_else(|| by_noun.get(&shape.noun).and_then(|r| record(r, &shape))) else {
            continue;
        };
        let many = call.method == Method::Get && !shape.item;
        tool.result = Some(if many { json!({"type": "array", "items": record}) } else { record }.into());
        tool.result_inferred = true;
    }
}

/// A path read as a collection or one item of it.
struct Shape {
    collection: String,
    noun: String,
    item: bool,
    key: Option<String>,
}

impl Shape {
    fn of(tool: &Tool) -> Option<Self> {
        let call = tool.call.http()?;
        let path = call.path.split(['?', '#']).next().unwrap_or_default().trim_end_matches('/');
        let segments: Vec<&str> = path.split('/').filter(|s| !s.is_empty()).collect();
        let item = segments.last().is_some_and(|s| s.starts_with('{'));
        let literal = segments.iter().rposition(|s| !s.contains('{'))?;
        let found = words(segments[literal]);
        let noun = singular(found.last()?);
        // an action on an item (`/orders/{id}/ship`) is no collection, unless it is plural
        if !item
            && call.method == Method::Get
            && literal + 1 == segments.len()
            && !crate::crawl::prose::is_plural(found.last()?)
        {
            return None;
        }
        let shape: Vec<&str> =
            segments[..=literal].iter().map(|s| if s.contains('{') { "{}" } else { *s }).collect();
        Some(Self {
            collection: shape.join("/"),
            noun,
            item,
            key: item.then(|| placeholders(path).pop()).flatten(),
        })
    }
}

fn learn(resource: &mut Resource, tool: &Tool, shape: &Shape) {
    let Some(call) = tool.call.http() else { return };
    if let Some(key) = &shape.key {
        let schema = call
            .places
            .iter()
            .find(|p| p.wire == *key && p.place == Place::Path)
            .map(|p| &tool.parameters["properties"][&p.name]);
        if let Some(schema) = schema {
            let kind = schema.get("type").cloned().unwrap_or_else(|| json!("string"));
            resource.keys.entry(own_key(key, &shape.noun)).or_insert_with(|| json!({"type": kind}));
        }
    }
    resource.read |= call.method == Method::Get;
    if let Some(result) = tool.result.as_deref() {
        let record = match (call.method, shape.item) {
            (Method::Get, false) => listed(result, &shape.noun),
            (Method::Get | Method::Put | Method::Patch, true) | (Method::Post, false) => {
                Some(result).filter(|r| r.get("properties").is_some())
            }
            _ => None,
        };
        if let Some(record) = record.filter(|_| resource.result.is_none()) {
            resource.result = Some(record.clone());
        }
    }
    let of_record =
        matches!((call.method, shape.item), (Method::Post, false) | (Method::Put | Method::Patch, _));
    if of_record {
        for place in call.places.iter().filter(|p| p.place == Place::Body && !p.wire.is_empty()) {
            let schema = tool.parameters["properties"][&place.name].clone();
            resource.fields.entry(place.wire.clone()).or_insert_with(|| as_result(schema));
        }
        if resource.name.is_none() {
            resource.name.clone_from(&call.body_schema);
        }
    }
}

/// Finds the records in a list's result, bare or wrapped: `[…]`, `{"items": […]}`, `{"data": […], …}`.
fn listed<'a>(result: &'a Value, noun: &str) -> Option<&'a Value> {
    let records = |value: &'a Value| value.get("items").filter(|i| i.get("properties").is_some());
    if let Some(bare) = records(result) {
        return Some(bare);
    }
    let lists: Vec<(&String, &Value)> = result
        .get("properties")?
        .as_object()?
        .iter()
        .filter_map(|(name, p)| Some((name, records(p)?)))
        .collect();
    let named = lists.iter().find(|(name, _)| {
        matches!(name.as_str(), "items" | "data" | "list" | "results" | "records") || singular(name) == noun
    });
    named.or(if lists.len() == 1 { lists.first() } else { None }).map(|(_, record)| *record)
}

/// A record's own name for the path parameter that picks it: `order_id` of orders is `id`.
fn own_key(parameter: &str, noun: &str) -> String {
    let flat: String = words(parameter).concat();
    if flat == format!("{noun}id") || flat == noun { "id".to_owned() } else { parameter.to_owned() }
}

fn record(resource: &Resource, shape: &Shape) -> Option<Value> {
    if let Some(result) = &resource.result {
        return Some(result.clone());
    }
    if resource.fields.is_empty() {
        return None;
    }
    let mut properties = Map::new();
    let keys = if resource.keys.is_empty() {
        let mut keys = Map::new();
        keys.insert("id".to_owned(), json!({"type": "string"}));
        keys
    } else {
        resource.keys.clone()
    };
    for (name, schema) in keys {
        properties.entry(name).or_insert(schema);
    }
    for (name, schema) in &resource.fields {
        properties.entry(name.clone()).or_insert_with(|| schema.clone());
    }
    let required: Vec<String> = properties.keys().take(resource.keys.len().max(1)).cloned().collect();
    let name = resource.name.clone().unwrap_or_else(|| crate::crawl::prose::capital(&shape.noun));
    Some(json!({"type": "object", "properties": properties, "required": required, "x-schema": name}))
}

/// A body's field as a result holds it: without the caller's default.
fn as_result(mut schema: Value) -> Value {
    if let Some(map) = schema.as_object_mut() {
        map.shift_remove("default");
    }
    schema
}
