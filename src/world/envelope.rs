//! Puts records into the result shapes of the spec, and errors into its error shapes.

use super::generate::generator;
use super::store::{Record, Response, World};
use super::values::{self, Domain};
use crate::data::{ErrorShape, Tool, required_of};
use crate::graph::{Operation, Step};
use serde_json::{Map, Value, json};

/// What a page says of itself.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Paging {
    pub total: usize,
    pub offset: usize,
    pub limit: usize,
    pub shown: usize,
    /// Whether the world holds only some of the real world's records: then no total is told.
    pub partial: bool,
}

impl Paging {
    fn more(self) -> bool {
        self.offset + self.shown < self.total
    }
}

/// Most bytes of a list's page; fewer records are shown when they are larger.
const PAGE_BYTES: usize = 6000;

/// Wraps a payload (a record, or an array of records) in a result's envelope.
pub(super) fn wrap(schema: &Value, path: &[Step], payload: Value, paging: Option<Paging>) -> Value {
    match path.split_first() {
        None => payload,
        Some((Step::Field(name), rest)) => {
            let inner = &schema["properties"][name];
            let mut out = Map::new();
            let required: Vec<&str> = required_of(schema).collect();
            let mut wrapped = Some(payload);
            for (key, field) in schema["properties"].as_object().into_iter().flatten() {
                if key == name {
                    let payload = wrapped.take().unwrap_or(Value::Null);
                    out.insert(key.clone(), wrap(inner, rest, payload, paging));
                } else if let Some(value) =
                    envelope_field(key, field, paging, required.contains(&key.as_str()))
                {
                    out.insert(key.clone(), value);
                }
            }
            Value::Object(out)
        }
        Some((Step::Items, rest)) => {
            let Value::Array(records) = payload else { return payload };
            let item = schema.get("items").cloned().unwrap_or(Value::Null);
            Value::Array(records.into_iter().map(|r| wrap(&item, rest, r, None)).collect())
        }
    }
}

/// A field of an envelope: what pages say of themselves, and what a schema demands.
fn envelope_field(key: &str, schema: &Value, paging: Option<Paging>, required: bool) -> Option<Value> {
    let words = crate::words::split(key).join(" ");
    let paged = |f: &dyn Fn(Paging) -> Value| paging.map(f);
    let value = match words.as_str() {
        "total" | "total count" | "sum" | "total items" | "item count" | "available" | "total results"
        | "results"
            if schema.get("properties").is_none() =>
        {
            paging.filter(|p| !p.partial).map(|p| json!(p.total))
        }
        "total pages" | "page count" if paging.is_some_and(|p| !p.partial) => {
            paged(&|p| json!(p.total.div_ceil(p.limit.max(1))))
        }
        "next page token" | "next cursor" => {
            paging.filter(|p| p.more()).map(|p| json!(format!("p{}", p.offset + p.shown)))
        }
        "current offset" | "offset" => paged(&|p| json!(p.offset)),
        "page" => paged(&|p| json!(p.offset / p.limit.max(1) + 1)),
        "limit" | "page size" | "per page" => paged(&|p| json!(p.limit)),
        "status code" => Some(json!(200)),
        "status" if schema.get("type").and_then(Value::as_str) == Some("string") => Some(json!("OK")),
        "metadata" | "meta" | "pagination" | "header" | "cursors" => {
            let inner: Map<String, Value> = schema
                .get("properties")
                .and_then(Value::as_object)
                .into_iter()
                .flatten()
                .filter_map(|(k, s)| envelope_field(k, s, paging, false).map(|v| (k.clone(), v)))
                .collect();
            (!inner.is_empty()).then_some(Value::Object(inner))
        }
        "time zone" => None,
        _ => None,
    };
    let value = value.map(|v| fit(v, schema));
    value.or_else(|| required.then(|| blank(key, schema)))
}

/// Spells a number as the schema's type asks.
fn fit(value: Value, schema: &Value) -> Value {
    match (schema.get("type").and_then(Value::as_str), &value) {
        (Some("string"), Value::Number(n)) => json!(n.to_string()),
        _ => value,
    }
}

/// The plainest value a schema admits, for envelope fields that a spec demands and nobody reads.
pub(super) fn blank(key: &str, schema: &Value) -> Value {
    if let Some(first) = schema.get("enum").and_then(Value::as_array).and_then(|e| e.first()) {
        return first.clone();
    }
    let first = || schema.get("examples").and_then(Value::as_array).and_then(|e| e.first());
    if let Some(example) = schema.get("example").or_else(first).or_else(|| schema.get("default")) {
        return example.clone();
    }
    match schema.get("type").and_then(Value::as_str) {
        Some("integer" | "number") => json!(0),
        Some("boolean") => json!(false),
        Some("array") => json!([]),
        Some("object") => {
            let required = schema.get("required").and_then(Value::as_array).cloned().unwrap_or_default();
            Value::Object(
                required
                    .iter()
                    .filter_map(Value::as_str)
                    .map(|k| (k.to_owned(), blank(k, &schema["properties"][k])))
                    .collect(),
            )
        }
        _ => json!(crate::words::split(key).join(" ")),
    }
}

/// Shows a record as an operation's result schema has it. Lists of large records show a summary where the record can be read by itself.
pub(super) fn show(
    world: &World,
    api: usize,
    operation: &Operation,
    record: &Record,
    summary: bool,
) -> Value {
    let Some(shape) = &operation.shape else { return Value::Object(record.fields.clone()) };
    let schema = shape.record();
    let Some(properties) = schema.get("properties").and_then(Value::as_object) else {
        return Value::Object(record.fields.clone());
    };
    let required: Vec<&str> = required_of(schema).collect();
    let resource = operation.resource.map(|r| world.resource((api, r)));
    let mut out = Map::new();
    for (name, field) in properties {
        let needed = required.contains(&name.as_str());
        match record.fields.get(name) {
            Some(_) if summary && !needed && resource.is_some_and(|r| !in_summary(r, operation, name)) => {}
            Some(value) => {
                out.insert(name.clone(), value.clone());
            }
            // What was just made has nothing in it yet.
            None if needed
                && record.born.is_some()
                && matches!(name.as_str(), "sum" | "count" | "total" | "size") =>
            {
                out.insert(name.clone(), json!(0));
            }
            None if needed => {
                let words = resource.map_or("record", |r| r.words.as_str());
                let mut rng = generator(
                    world.base.seed,
                    &[words, name, &format!("{:?}", record.fields.values().next())],
                );
                let domain = Domain::infer(&format!("{} {words}", world.model(api).title));
                let value = values::value(name, field, "", words, domain, &world.base.setting, &mut rng);
                out.insert(name.clone(), value);
            }
            None => {}
        }
    }
    Value::Object(out)
}

/// Records with more fields than this are listed in summary.
const SUMMARY_FROM: usize = 10;

/// Whether lists of a resource show summaries: its records are large and can be read one by one.
pub(super) fn summarised(world: &World, api: usize, operation: &Operation) -> bool {
    let Some(index) = operation.resource else { return false };
    let model = world.model(api);
    let readable = model
        .operations
        .iter()
        .any(|o| o.resource == Some(index) && o.kind == crate::graph::OpKind::Get && o.shape.is_some());
    readable
        && operation.kind == crate::graph::OpKind::List
        && model.resources[index].properties().len() > SUMMARY_FROM
}

/// Whether a summary shows a field: what names, dates, links or filters a record, and a share of the rest.
fn in_summary(resource: &crate::graph::Resource, operation: &Operation, name: &str) -> bool {
    let lower = name.to_lowercase();
    let words = crate::words::split(name);
    let key: Vec<&str> = resource.key.split('_').collect();
    let bare: Vec<&String> = words.iter().filter(|w| !key.contains(&w.as_str())).collect();
    let names_it = matches!(bare.as_slice(), [w] if matches!(w.as_str(), "name" | "title" | "summary" | "subject" | "label" | "status" | "state" | "type" | "code" | "number" | "start" | "end" | "due" | "date" | "email"));
    let linked = resource.links.iter().any(|l| l.field == name)
        || resource.id_field.as_deref() == Some(name)
        || resource.parent.as_ref().is_some_and(|(_, f)| f.as_deref() == Some(name));
    let filtered =
        operation.roles.values().any(|r| matches!(r, crate::graph::ParamRole::Filter(f, _) if f == name));
    let small = blake3::hash(format!("{}/{lower}", resource.key).as_bytes()).as_bytes()[0] < 77;
    names_it
        || linked
        || filtered
        || small && !matches!(lower.as_str(), "description" | "notes" | "body" | "content")
}

/// Builds a list's body: as many records of the page as fit.
pub(super) fn list(
    world: &World,
    api: usize,
    operation: &Operation,
    tool: &Tool,
    selection: super::query::Selection,
) -> Value {
    let total = selection.all.len();
    let summary = summarised(world, api, operation);
    let mut shown = Vec::new();
    let mut bytes = 0;
    let page = || selection.all.iter().skip(selection.offset).take(selection.limit);
    // A list that cannot be paged shows every record, if need be without what nests in it.
    let whole: usize = page().map(|(_, r)| show(world, api, operation, r, summary).to_string().len()).sum();
    let flat = whole > PAGE_BYTES && selection.limit == usize::MAX;
    for (_, record) in page() {
        let mut view = show(world, api, operation, record, summary);
        if flat {
            flatten(&mut view, operation);
        }
        bytes += view.to_string().len();
        if bytes > PAGE_BYTES && !shown.is_empty() {
            break;
        }
        shown.push(view);
    }
    let paging = Paging {
        total,
        offset: selection.offset,
        limit: if selection.limit == usize::MAX { shown.len().max(1) } else { selection.limit },
        shown: shown.len(),
        partial: operation.resource.is_some_and(|r| super::tabled::partial(world.resource((api, r)))),
    };
    let shape = operation.shape.as_ref().expect("lists have a shape");
    wrap(tool.result.as_deref().unwrap_or(&Value::Null), &shape.path, Value::Array(shown), Some(paging))
}

/// Leaves out what nests in a record, but for what its schema demands.
fn flatten(view: &mut Value, operation: &Operation) {
    let required = operation
        .shape
        .as_ref()
        .and_then(|s| s.record().get("required"))
        .and_then(Value::as_array)
        .cloned()
        .unwrap_or_default();
    if let Some(fields) = view.as_object_mut() {
        fields.retain(|name, v| required.iter().any(|r| r == name) || !(v.is_array() || v.is_object()));
    }
}

/// An error in the spec's own shape.
pub(super) fn error(tool: &Tool, status: u16, message: &str) -> Response {
    let shape = tool
        .errors
        .iter()
        .find(|e| e.status == status)
        .or_else(|| tool.errors.iter().find(|e| e.status == 0 || e.status / 100 == status / 100));
    let body = match shape.and_then(|s: &ErrorShape| s.schema.as_ref()) {
        Some(schema) if schema.get("properties").is_some() => said(schema, status, message, 0),
        _ => json!({"error": {"code": status, "message": message}}),
    };
    Response { status, body }
}

/// Fills an error schema: where it has a place for a message or a code, they stand there.
fn said(schema: &Value, status: u16, message: &str, depth: usize) -> Value {
    let mut out = Map::new();
    let required: Vec<&str> = required_of(schema).collect();
    for (key, field) in schema["properties"].as_object().into_iter().flatten() {
        let lower = key.to_lowercase();
        let kind = field.get("type").and_then(Value::as_str).unwrap_or("string");
        let value = match lower.as_str() {
            "message" | "detail" | "error_description" | "title" | "reason"
                if kind == "string" || field.get("anyOf").is_some() =>
            {
                Some(json!(message))
            }
            "error" if kind == "string" => Some(json!(status_text(status))),
            "code" | "status" | "status_code" | "statuscode" | "errorcode" => {
                Some(if kind == "string" { json!(status.to_string()) } else { json!(status) })
            }
            "type" | "type_name" if kind == "string" => {
                Some(json!(status_text(status).replace(' ', "") + "Error"))
            }
            _ if kind == "object" && depth < 2 && field.get("properties").is_some() => {
                Some(said(field, status, message, depth + 1))
            }
            "errors" if kind == "array" && depth < 2 => {
                let item = &field["items"];
                Some(if item.get("properties").is_some() {
                    json!([said(item, status, message, depth + 1)])
                } else {
                    json!([message])
                })
            }
            _ => required.contains(&key.as_str()).then(|| blank(key, field)),
        };
        if let Some(value) = value {
            out.insert(key.clone(), value);
        }
    }
    if out.is_empty() {
        out.insert("message".to_owned(), json!(message));
    }
    Value::Object(out)
}

fn status_text(status: u16) -> &'static str {
    match status {
        400 => "Bad Request",
        403 => "Forbidden",
        404 => "Not Found",
        409 => "Conflict",
        422 => "Unprocessable Entity",
        _ => "Error",
    }
}
