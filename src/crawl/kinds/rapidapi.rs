//! `RapidAPI` tools in `ToolBench`'s shapes: a tool with its `api_list` (one a file, a list, JSON Lines), and instruction files
//! whose queries each hold an `api_list`. Each tool is translated to an OpenAPI document and lowered as one.

use super::ApiNames;
use crate::crawl::file::{Crawled, File};
use crate::crawl::lower;
use crate::crawl::prose::{ascii_words, words};
use crate::crawl::values::{Document, POINTER, Spec, placeholders};
use crate::data::{Call, Tool};
use serde_json::{Map, Value, json};
use std::collections::{BTreeMap, BTreeSet};

/// Who provides all of them.
const PROVIDER: &str = "rapidapi.com";

/// One tool with its endpoints, by where they stand.
struct Group<'a> {
    tool: String,
    category: String,
    description: &'a str,
    host: Option<&'a str>,
    endpoints: Vec<(String, &'a Value)>,
}

/// Whether a document holds `api_list`s of endpoints.
pub fn found(root: &Value) -> bool {
    let listed = |v: &Value| {
        v.get("api_list").and_then(Value::as_array).is_some_and(|all| {
            all.iter().any(|e| {
                e.get("required_parameters").is_some()
                    || e.get("api_name").is_some()
                    || e.get("url").is_some()
            })
        })
    };
    match root {
        Value::Array(items) => items.iter().take(20).any(listed),
        other => listed(other),
    }
}

/// Lowers all tools of a file. The same endpoint in several queries is one.
pub fn lower(root: Value, file: &File<'_>) -> Crawled {
    let mut out = Crawled::default();
    let mut names = ApiNames::default();
    for group in groups(&root) {
        let whole = format!("{}/{}", group.category, group.tool);
        let api = names.name(&group.tool, Some(PROVIDER), &whole, file);
        let (translated, functions) = translate(&group);
        // nothing in a translation leads to other files
        let document = Document::alone(translated);
        let hash = file.hash.to_hex().to_string();
        let mut one = lower::lower(&Spec::new(&document, file, hash).named(api));
        let uncallable = |tool: &mut Tool| {
            if let Some(name) = functions.get(&tool.source.pointer) {
                let places = tool.call.places().iter().filter(|p| p.name != p.wire);
                let wire = places.map(|p| (p.name.clone(), p.wire.clone())).collect();
                tool.call = Call::Function { name: name.clone(), wire };
            }
        };
        one.tools.iter_mut().for_each(uncallable);
        for dropped in &mut one.dropped {
            let Some(tool) = dropped.tool.as_deref_mut() else { continue };
            uncallable(tool);
            if let Call::Function { name, .. } = &tool.call {
                dropped.operation = Some((None, name.clone()));
            }
        }
        out.tools.append(&mut one.tools);
        out.dropped.append(&mut one.dropped);
    }
    let title = file.candidate.name.clone();
    file.finish(out, title, "unknown".to_owned())
}

/// Collects tools with their endpoints, in the file's order.
fn groups(root: &Value) -> Vec<Group<'_>> {
    let items: Vec<(String, &Value)> = match root {
        Value::Array(items) => items.iter().enumerate().map(|(i, item)| (format!("/{i}"), item)).collect(),
        other => vec![(String::new(), other)],
    };
    let mut out: Vec<Group<'_>> = Vec::new();
    let mut at: BTreeMap<(String, String), usize> = BTreeMap::new();
    let mut seen: BTreeSet<(usize, &str, &str)> = BTreeSet::new();
    for (above, item) in items {
        for (i, endpoint) in item.get("api_list").and_then(Value::as_array).into_iter().flatten().enumerate()
        {
            let text = |key: &str| {
                let own = endpoint.get(key).or_else(|| item.get(key)).and_then(Value::as_str);
                own.map(str::trim).filter(|t| !t.is_empty())
            };
            let tool =
                text("tool_name").or_else(|| item.get("title").and_then(Value::as_str)).unwrap_or("api");
            let category = text("category_name").or_else(|| text("category")).unwrap_or_default();
            let index = *at.entry((category.to_owned(), tool.to_owned())).or_insert_with(|| {
                out.push(Group {
                    tool: tool.to_owned(),
                    category: category.to_owned(),
                    description: item.get("tool_description").and_then(Value::as_str).unwrap_or_default(),
                    host: item.get("host").and_then(Value::as_str),
                    endpoints: Vec::new(),
                });
                out.len() - 1
            });
            let said = |key: &str| endpoint.get(key).and_then(Value::as_str).unwrap_or_default();
            if seen.insert((index, name(endpoint), said("api_description"))) {
                out[index].endpoints.push((format!("{above}/api_list/{i}"), endpoint));
            }
        }
    }
    out
}

fn name(endpoint: &Value) -> &str {
    ["api_name", "name"].iter().find_map(|key| endpoint.get(*key)?.as_str()).unwrap_or_default().trim()
}

/// Translates a tool to an OpenAPI document; returns the names of endpoints whose path nobody tells, by where they stand.
fn translate(group: &Group<'_>) -> (Value, BTreeMap<String, String>) {
    let mut paths: Map<String, Value> = Map::new();
    let mut functions = BTreeMap::new();
    let mut host = group.host.map(str::to_owned);
    for (at, endpoint) in &group.endpoints {
        let method = endpoint.get("method").and_then(Value::as_str).unwrap_or("get").to_lowercase();
        let told = path(endpoint);
        if told.is_none() {
            functions.insert(at.clone(), name(endpoint).to_owned());
        }
        if host.is_none() {
            host = endpoint.get("url").and_then(Value::as_str).and_then(host_of).map(str::to_owned);
        }
        let slug = ascii_words(name(endpoint)).join("-");
        let base = told.unwrap_or_else(|| format!("/{}", if slug.is_empty() { "call" } else { &slug }));
        let mut path = base.clone();
        let mut n = 2;
        while paths.get(&path).is_some_and(|item| item.get(&method).is_some()) {
            path = format!("{base}#{slug}-{n}");
            n += 1;
        }
        let operation = operation(endpoint, at, &path, &group.category);
        if let Some(item) = paths.entry(path).or_insert_with(|| json!({})).as_object_mut() {
            item.insert(method, operation);
        }
    }
    let mut out = json!({
        "openapi": "3.1.0",
        "info": {"title": group.tool, "description": group.description, "version": "", "x-providerName": PROVIDER,
            "x-category": group.category},
        "paths": paths,
    });
    if let Some(host) = host {
        out["servers"] = json!([{"url": format!("https://{host}")}]);
    }
    (out, functions)
}

fn host_of(url: &str) -> Option<&str> {
    url.split_once("://")?.1.split(['/', '?']).next().filter(|h| !h.is_empty())
}

/// Returns an endpoint's path where its URL or its name tells it: `/offices/:id` as `/offices/{id}`.
fn path(endpoint: &Value) -> Option<String> {
    let url =
        endpoint.get("url").and_then(Value::as_str).and_then(|u| u.split_once("://")).map(|(_, rest)| rest);
    if let Some(rest) = url {
        let path = rest.find('/').map_or("/", |at| &rest[at..]);
        return Some(path.split('?').next().unwrap_or(path).to_owned());
    }
    let name = name(endpoint);
    if !name.starts_with('/') || name.len() < 2 || name.contains(char::is_whitespace) {
        return None;
    }
    let segments = name.split('/').map(|s| match s.strip_prefix(':').filter(|s| !s.is_empty()) {
        Some(parameter) => format!("{{{parameter}}}"),
        None => s.to_owned(),
    });
    Some(segments.collect::<Vec<_>>().join("/"))
}

fn operation(endpoint: &Value, at: &str, path: &str, category: &str) -> Value {
    let text = |key: &str| endpoint.get(key).and_then(Value::as_str).map(str::trim).filter(|t| !t.is_empty());
    let said = text("api_description").or_else(|| text("description"));
    let summary = said.is_none().then(|| words(name(endpoint)).join(" "));
    let in_path = placeholders(path);
    let mut parameters = Vec::new();
    for (key, required) in [("required_parameters", true), ("optional_parameters", false)] {
        for given in endpoint.get(key).and_then(Value::as_array).into_iter().flatten() {
            parameters.extend(parameter(given, required, &in_path));
        }
    }
    let mut operation = json!({
        "operationId": name(endpoint),
        "description": said.unwrap_or_default(),
        "summary": summary.unwrap_or_default(),
        "parameters": parameters,
        "responses": {},
    });
    if !category.is_empty() {
        operation["tags"] = json!([category]);
    }
    operation[POINTER] = json!(at);
    if let Some(response) = response(endpoint) {
        operation["responses"] =
            json!({"200": {"description": "", "content": {"application/json": response}}});
    }
    operation
}

/// Translates a parameter. What is prefilled for a required one is an example, not a default.
fn parameter(given: &Value, required: bool, in_path: &[String]) -> Option<Value> {
    let name = given.get("name").and_then(Value::as_str).map(str::trim).filter(|n| !n.is_empty())?;
    let place = if in_path.iter().any(|p| p == name) { "path" } else { "query" };
    let mut schema = Map::new();
    schema.insert("type".into(), given.get("type").cloned().unwrap_or_else(|| json!("string")));
    for key in ["enum", "options"] {
        if let Some(choices) = given.get(key).filter(|c| c.as_array().is_some_and(|c| !c.is_empty())) {
            schema.insert("enum".into(), choices.clone());
        }
    }
    if let Some(filled) = given.get("default").filter(|d| !d.is_null() && d.as_str() != Some("")) {
        schema.insert(if required { "example" } else { "default" }.into(), filled.clone());
    }
    let description = given.get("description").and_then(Value::as_str).unwrap_or_default();
    Some(
        json!({"name": name, "in": place, "required": required, "description": description, "schema": schema}),
    )
}

/// Returns what is known of an endpoint's result: a schema, or an example to make one of.
fn response(endpoint: &Value) -> Option<Value> {
    let some = |v: &&Value| {
        v.as_object().is_some_and(|m| !m.is_empty()) || v.as_array().is_some_and(|a| !a.is_empty())
    };
    if let Some(schema) = endpoint.get("schema").filter(some).filter(|s| s.get("type").is_some()) {
        return Some(json!({"schema": schema}));
    }
    if let Some(template) = endpoint.get("template_response").filter(some) {
        return Some(json!({"schema": template_schema(template, 0)}));
    }
    endpoint.get("body").filter(some).map(|body| json!({"example": body}))
}

/// Reads a template of types: `{"code": "int", "tags": ["str"]}`.
fn template_schema(template: &Value, depth: usize) -> Value {
    match template {
        Value::Object(map) if depth < 12 => {
            let properties: Map<String, Value> =
                map.iter().map(|(key, v)| (key.clone(), template_schema(v, depth + 1))).collect();
            json!({"type": "object", "properties": properties})
        }
        Value::Array(items) => {
            let items = items.iter().find(|i| !i.is_string() || i.as_str().is_some_and(is_type));
            json!({"type": "array", "items": items.map_or_else(|| json!({}), |i| template_schema(i, depth + 1))})
        }
        Value::String(kind) if is_type(kind) => json!({"type": kind}),
        _ => json!({}),
    }
}

/// Tells a type's name from the notes that templates hold too ("_list_length").
fn is_type(text: &str) -> bool {
    matches!(text, "str" | "int" | "float" | "bool" | "dict" | "list")
}
