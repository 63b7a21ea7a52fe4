//! Google Discovery documents: a tree of resources with methods, translated to an OpenAPI document and lowered as one.

use super::pointer;
use crate::crawl::file::{Crawled, File};
use crate::crawl::lower;
use crate::crawl::values::{Document, POINTER, Spec};
use serde_json::{Map, Value, json};

/// How deep resources may nest.
const DEPTH_MAX: usize = 24;

/// Whether a document says that it is one.
pub fn found(root: &Value) -> bool {
    let kind = root.get("kind").is_some_and(|k| k == "discovery#restDescription");
    kind || root.get("discoveryVersion").is_some()
        && ["resources", "methods"].iter().any(|key| root.get(*key).is_some_and(Value::is_object))
}

/// Lowers a document.
pub fn lower(root: Value, file: &File<'_>) -> Crawled {
    let translated = translate(&root);
    drop(root);
    // nothing in a translation leads to other files
    let document = Document::alone(translated);
    lower::lower(&Spec::new(&document, file, file.hash.to_hex().to_string()))
}

fn translate(root: &Value) -> Value {
    let text = |key: &str| root.get(key).and_then(Value::as_str).unwrap_or_default();
    let mut paths = Map::new();
    methods(root, root, "", None, &mut paths, 0);
    let schemas: Map<String, Value> =
        entries(root, "schemas").map(|(name, value)| (name.clone(), schema(value, 0))).collect();
    let base = match (text("rootUrl"), text("baseUrl")) {
        ("", base) => base.to_owned(),
        (root, _) => {
            format!("{}/{}", root.trim_end_matches('/'), text("servicePath").trim_start_matches('/'))
        }
    };
    let common: Vec<Value> =
        entries(root, "parameters").map(|(name, value)| parameter(name, value)).collect();
    for item in paths.values_mut() {
        item["parameters"] = json!(common);
    }
    json!({
        "openapi": "3.1.0",
        "info": {"title": text("title"), "description": text("description"), "version": text("version")},
        "servers": [{"url": base.trim_end_matches('/')}],
        "paths": paths,
        "components": {"schemas": schemas},
    })
}

fn entries<'a>(value: &'a Value, key: &str) -> impl Iterator<Item = (&'a String, &'a Value)> + use<'a> {
    value.get(key).and_then(Value::as_object).into_iter().flatten()
}

/// Collects the methods of a resource and of those below it.
fn methods(
    root: &Value,
    resource: &Value,
    at: &str,
    name: Option<&str>,
    paths: &mut Map<String, Value>,
    depth: usize,
) {
    for (key, method) in entries(resource, "methods") {
        let at = pointer(&format!("{at}/methods"), key);
        let verb = method.get("httpMethod").and_then(Value::as_str).unwrap_or("GET").to_lowercase();
        let mut path = path(method);
        if paths.get(&path).is_some_and(|item| item.get(&verb).is_some()) {
            // `v1/{+name}` of several resources differs only by the pattern of the name
            path = format!("{path}#{}", method.get("id").and_then(Value::as_str).unwrap_or(key));
        }
        let operation = operation(root, method, &path, &at, name);
        if let Some(item) = paths.entry(path).or_insert_with(|| json!({})).as_object_mut() {
            item.insert(verb, operation);
        }
    }
    if depth < DEPTH_MAX {
        for (key, child) in entries(resource, "resources") {
            methods(root, child, &pointer(&format!("{at}/resources"), key), Some(key), paths, depth + 1);
        }
    }
}

/// Returns a method's path. `{+name}` holds slashes (`projects/p/topics/t`): where the flat path spells its parts, they are
/// the parameters; elsewhere it stays one parameter.
fn path(method: &Value) -> String {
    let text = |key: &str| method.get(key).and_then(Value::as_str);
    let plain = text("path").unwrap_or_default();
    let chosen = if plain.contains("{+") { text("flatPath").unwrap_or(plain) } else { plain };
    format!("/{}", chosen.trim_start_matches('/').replace("{+", "{"))
}

fn operation(root: &Value, method: &Value, path: &str, at: &str, resource: Option<&str>) -> Value {
    let in_path = crate::crawl::values::placeholders(path);
    let mut parameters: Vec<Value> = Vec::new();
    for (name, value) in entries(method, "parameters") {
        let place = value.get("location").and_then(Value::as_str);
        if place == Some("path") && !in_path.contains(name) {
            parameters.extend(parts(name, value, &in_path));
        } else {
            parameters.push(parameter(name, value));
        }
    }
    let mut out = json!({
        "operationId": method.get("id"),
        "description": method.get("description"),
        "parameters": parameters,
        "tags": resource.map(|r| vec![r]).unwrap_or_default(),
        "deprecated": method.get("deprecated").is_some_and(|d| d == &json!(true)),
    });
    out[POINTER] = json!(at);
    if let Some(request) = method.get("request") {
        let mut body = schema(request, 0);
        let demanded = demanded(root, request, method.get("id"));
        if !demanded.is_empty() {
            body["required"] = json!(demanded);
        }
        out["requestBody"] = json!({"content": {"application/json": {"schema": body}}, "required": true});
    }
    out["responses"] = match method.get("response") {
        Some(response) => {
            json!({"200": {"description": "", "content": {"application/json": {"schema": schema(response, 0)}}}})
        }
        None => json!({"204": {"description": "No content"}}),
    };
    out
}

/// Names the fields of a request that this method demands: each field lists the methods that do.
fn demanded<'a>(root: &'a Value, request: &Value, method: Option<&Value>) -> Vec<&'a String> {
    let (Some(method), Some(name)) = (method, request.get("$ref").and_then(Value::as_str)) else {
        return Vec::new();
    };
    let Some(fields) = root.get("schemas").and_then(|s| s.get(name)?.get("properties")?.as_object()) else {
        return Vec::new();
    };
    let demands = |field: &Value| {
        let methods = field.get("annotations").and_then(|a| a.get("required")?.as_array());
        methods.is_some_and(|methods| methods.contains(method))
    };
    fields.iter().filter(|(_, field)| demands(field)).map(|(name, _)| name).collect()
}

/// The parts of a name that holds slashes, as the flat path has them: `projectsId` of `^projects/[^/]+/topics/[^/]+$`.
fn parts(name: &str, value: &Value, in_path: &[String]) -> Vec<Value> {
    let pattern = value.get("pattern").and_then(Value::as_str).unwrap_or_default();
    let literals: Vec<&str> = pattern
        .trim_start_matches('^')
        .trim_end_matches('$')
        .split('/')
        .filter(|s| !s.is_empty() && s.chars().all(|c| c.is_ascii_alphanumeric() || c == '-' || c == '_'))
        .collect();
    in_path
        .iter()
        .filter_map(|part| {
            let literal = literals.iter().find(|l| part.strip_suffix("Id").is_some_and(|p| p == **l))?;
            let description = format!("The part of `{name}` after `{literal}/`.");
            Some(json!({"name": part, "in": "path", "required": true, "description": description, "schema": {"type": "string"}}))
        })
        .collect()
}

fn parameter(name: &str, value: &Value) -> Value {
    let place = value.get("location").and_then(Value::as_str).unwrap_or("query");
    let mut inner = schema(value, 0);
    if let Some(map) = inner.as_object_mut() {
        map.shift_remove("description");
    }
    if value.get("repeated").is_some_and(|r| r == &json!(true)) {
        inner = json!({"type": "array", "items": inner});
    }
    let mut out = json!({
        "name": name,
        "in": place,
        "required": value.get("required").is_some_and(|r| r == &json!(true)),
        "description": value.get("description").and_then(Value::as_str).unwrap_or_default(),
        "deprecated": value.get("deprecated").is_some_and(|r| r == &json!(true)),
        "schema": inner,
    });
    if place == "path" && value.get("pattern").and_then(Value::as_str).is_some_and(|p| p.contains('/')) {
        out["allowReserved"] = json!(true);
    }
    out
}

/// Translates a schema: its references are names, its `id` and `required` are no keywords of JSON Schema.
fn schema(value: &Value, depth: usize) -> Value {
    let Some(map) = value.as_object().filter(|_| depth < 100) else { return json!({}) };
    let mut out = Map::new();
    for (key, value) in map {
        match (key.as_str(), value) {
            ("$ref", Value::String(name)) => {
                let name = name.replace('~', "~0").replace('/', "~1");
                out.insert("$ref".into(), format!("#/components/schemas/{name}").into());
            }
            ("properties", Value::Object(fields)) => {
                let fields: Map<String, Value> =
                    fields.iter().map(|(name, field)| (name.clone(), schema(field, depth + 1))).collect();
                out.insert(key.clone(), fields.into());
            }
            ("items" | "additionalProperties", Value::Object(_)) => {
                out.insert(key.clone(), schema(value, depth + 1));
            }
            ("type", Value::String(kind)) if kind == "any" => {}
            (
                "id" | "required" | "repeated" | "location" | "annotations" | "variant" | "enumDescriptions",
                _,
            ) => {}
            _ => {
                out.insert(key.clone(), value.clone());
            }
        }
    }
    out.into()
}
