//! What the observations have shown so far: the calls made, and the records in their results.

use super::names;
use super::toolbox::Toolbox;
use super::word;
use crate::data::ToolCall;
use crate::prompt::Turn;
use crate::words;
use serde_json::{Map, Value};

/// A call that was made.
#[derive(Debug)]
pub struct Past<'a> {
    /// The tool, where it is one that is offered.
    pub tool: Option<usize>,
    /// The call.
    pub call: &'a ToolCall,
    /// What came back, where it can be read.
    pub result: Option<Value>,
    /// What went wrong, where something did.
    pub fault: Option<String>,
    /// What the page says of further ones.
    pub more: Option<More>,
    /// How many records there are in all, where the result says so.
    pub total: Option<u64>,
    /// How many records the result shows.
    pub shown: usize,
}

/// Where the next page is.
#[derive(Clone, Debug, PartialEq)]
pub enum More {
    /// Behind a token.
    Token(String),
    /// Further on, after as many records or pages.
    Further,
}

/// A record that was seen.
#[derive(Debug)]
pub struct Record {
    /// The call that showed it.
    pub call: usize,
    /// Stems of what it is.
    pub kind: Vec<String>,
    /// What it is, as its key says.
    pub kind_text: String,
    /// The record that it stands in.
    pub within: Option<usize>,
    /// The record as it was shown.
    pub value: Map<String, Value>,
    /// Its scalars, by path; those of objects in it too, but for records of their own.
    pub fields: Vec<Field>,
}

/// A scalar of a record.
#[derive(Debug)]
pub struct Field {
    /// From the record's root.
    pub path: Vec<String>,
    /// Stems of the path's words.
    pub stems: Vec<String>,
    /// The value.
    pub value: Value,
    /// Stems of the value's words, where it is text.
    pub words: Vec<String>,
}

/// Everything seen.
#[derive(Debug, Default)]
pub struct Memory<'a> {
    /// Calls in order.
    pub past: Vec<Past<'a>>,
    /// Records in order.
    pub records: Vec<Record>,
}

/// Stems of what a record is, and the key it stands under.
type Kind<'k> = (&'k [String], &'k str);

const GENERIC: &[&str] = &[
    "data",
    "items",
    "results",
    "result",
    "list",
    "records",
    "body",
    "message",
    "response",
    "content",
    "value",
    "values",
    "embedded",
    "_embedded",
    "entries",
    "rows",
    "objects",
    "payload",
    "resources",
    "node",
    "edges",
    "documents",
];
const ENVELOPE: &[&str] = &[
    "meta",
    "metadata",
    "header",
    "headers",
    "pagination",
    "links",
    "_links",
    "cursors",
    "paging",
    "page_info",
    "etag",
];

impl<'a> Memory<'a> {
    /// Reads the history.
    pub fn read(history: &'a [Turn], tools: &Toolbox<'_>) -> Self {
        let mut memory = Self::default();
        for (call, observation) in history.iter().flat_map(|turn| &turn.calls) {
            let tool = tools.find(&call.name);
            let index = memory.past.len();
            let result: Option<Value> = serde_json::from_str(observation).ok();
            let fault = fault(observation, result.as_ref());
            let mut past = Past { tool, call, result, fault, more: None, total: None, shown: 0 };
            if past.fault.is_none()
                && let Some(result) = past.result.take()
            {
                let kind = tool.map(|t| tools.tools[t].noun.clone()).unwrap_or_default();
                let before = memory.records.len();
                memory.walk(&result, (&kind, ""), index, None, 0);
                past.shown = memory.records[before..].iter().filter(|r| r.within.is_none()).count();
                (past.more, past.total) = paging(&result, past.shown);
                past.result = Some(result);
            }
            memory.past.push(past);
        }
        memory
    }

    /// Collects the records in a value.
    fn walk(&mut self, value: &Value, kind: Kind<'_>, call: usize, within: Option<usize>, depth: usize) {
        if depth > 7 {
            return;
        }
        match value {
            Value::Array(items) => {
                for item in items {
                    self.walk(item, kind, call, within, depth + 1);
                }
            }
            Value::Object(map) => self.object(map, kind, call, within, depth),
            _ => {}
        }
    }

    fn object(
        &mut self,
        map: &Map<String, Value>,
        kind: Kind<'_>,
        call: usize,
        within: Option<usize>,
        depth: usize,
    ) {
        // An object that only wraps: one field, or a list under a name that says nothing.
        let wrapped: Vec<(&String, &Value)> = map
            .iter()
            .filter(|(k, v)| {
                !ENVELOPE.contains(&k.to_lowercase().as_str()) && (v.is_object() || v.is_array())
            })
            .collect();
        let scalars = map.iter().filter(|(_, v)| !v.is_object() && !v.is_array() && !v.is_null()).count();
        let holds_list = wrapped
            .iter()
            .any(|(k, v)| within.is_none() && v.is_array() && holds_objects(v) && is_generic(k, kind.0));
        let generic_object = wrapped
            .iter()
            .any(|(k, v)| v.is_object() && is_generic(k, kind.0) && within.is_none() && depth < 3);
        if scalars == 0 && wrapped.len() == 1 || holds_list || generic_object && scalars <= 5 {
            for (key, inner) in wrapped {
                let named = names::noun(key);
                let inner_kind = if is_generic(key, kind.0) || named.is_empty() {
                    kind.0.to_vec()
                } else {
                    strip_list(named)
                };
                self.walk(inner, (&inner_kind, key), call, within, depth + 1);
            }
            return;
        }
        let mut fields = Vec::new();
        flatten(map, &mut Vec::new(), &mut fields);
        let index = self.records.len();
        self.records.push(Record {
            call,
            kind: kind.0.to_vec(),
            kind_text: names::one_of(&words::caption(kind.1)),
            within,
            value: map.clone(),
            fields,
        });
        for (key, inner) in map {
            if ENVELOPE.contains(&key.to_lowercase().as_str()) {
                continue;
            }
            let nested = match inner {
                Value::Array(_) => holds_objects(inner),
                Value::Object(o) => {
                    o.len() > 1 && o.keys().any(|k| matches!(k.as_str(), "id" | "name" | "title" | "email"))
                }
                _ => false,
            };
            if nested {
                self.walk(inner, (&strip_list(names::noun(key)), key), call, Some(index), depth + 1);
            }
        }
    }

    /// Returns the top records of a call.
    pub fn of_call(&self, call: usize) -> impl Iterator<Item = (usize, &Record)> {
        self.records.iter().enumerate().filter(move |(_, r)| r.call == call && r.within.is_none())
    }

    /// Whether a call was made, whatever came of it.
    pub fn made(&self, name: &str, arguments: &Value) -> bool {
        self.past.iter().any(|p| p.call.name == name && p.call.arguments == *arguments)
    }
}

fn strip_list(mut noun: Vec<String>) -> Vec<String> {
    if noun.len() > 1 && noun.last().is_some_and(|w| w == "list") {
        noun.pop();
    }
    noun
}

fn holds_objects(value: &Value) -> bool {
    value.as_array().is_some_and(|items| items.iter().any(Value::is_object))
}

fn is_generic(key: &str, kind: &[String]) -> bool {
    GENERIC.contains(&key.to_lowercase().as_str()) || names::alike(&strip_list(names::noun(key)), kind) >= 0.6
}

/// Collects the scalars of an object, and arrays of scalars as one text each.
fn flatten(map: &Map<String, Value>, path: &mut Vec<String>, out: &mut Vec<Field>) {
    for (key, value) in map {
        path.push(key.clone());
        let leaf = match value {
            Value::Object(inner) if path.len() < 4 => {
                flatten(inner, path, out);
                None
            }
            Value::Array(items)
                if !items.is_empty() && items.iter().all(|i| !i.is_object() && !i.is_array()) =>
            {
                Some(value)
            }
            Value::Null | Value::Object(_) | Value::Array(_) => None,
            scalar => Some(scalar),
        };
        if let Some(leaf) = leaf {
            let words = match leaf {
                Value::String(text) => word::read(text).into_iter().take(60).map(|w| w.stem).collect(),
                _ => Vec::new(),
            };
            let stems = path.iter().flat_map(|p| names::stems(p)).collect();
            out.push(Field { path: path.clone(), stems, value: leaf.clone(), words });
        }
        path.pop();
    }
}

/// Returns what went wrong, where an observation says that something did.
fn fault(observation: &str, result: Option<&Value>) -> Option<String> {
    let starts =
        ["Invalid arguments", "There is no tool", "This call was already made", "HTTP 4", "HTTP 5", "Error"];
    if starts.iter().any(|s| observation.starts_with(s)) {
        return Some(observation.to_owned());
    }
    let map = result?.as_object()?;
    let status = ["status_code", "statusCode", "status", "code"]
        .iter()
        .find_map(|k| map.get(*k))
        .and_then(|v| v.as_u64().or_else(|| v.as_str()?.parse().ok()));
    let failed = status.is_some_and(|s| (400..600).contains(&s)) && map.len() <= 8;
    let nested = ["error", "errors", "fault"]
        .iter()
        .find_map(|k| map.get(*k))
        .filter(|v| !v.is_null() && **v != Value::Bool(false) && v.as_array().is_none_or(|a| !a.is_empty()));
    if !failed && (nested.is_none() || map.len() > 6) {
        return None;
    }
    let text = find_message(result?).unwrap_or_else(|| observation.to_owned());
    Some(text)
}

fn find_message(value: &Value) -> Option<String> {
    match value {
        Value::Object(map) => ["message", "detail", "error_description", "reason", "title"]
            .iter()
            .find_map(|k| map.get(*k).and_then(Value::as_str).map(str::to_owned))
            .or_else(|| map.values().find_map(find_message)),
        Value::Array(items) => {
            items.iter().find_map(|i| i.as_str().map(str::to_owned).or_else(|| find_message(i)))
        }
        _ => None,
    }
}

/// Reads what a result says of its pages.
fn paging(result: &Value, shown: usize) -> (Option<More>, Option<u64>) {
    let mut more = None;
    let mut total = None;
    let (mut page, mut pages) = (None, None);
    let mut stack = vec![(result, 0)];
    while let Some((value, depth)) = stack.pop() {
        let Some(map) = value.as_object() else { continue };
        for (key, inner) in map {
            let words = words::split(key).join(" ");
            let number = inner.as_u64().or_else(|| inner.as_str()?.parse().ok());
            match words.as_str() {
                "next page token" | "next cursor" | "next" | "cursor" => {
                    if let Some(token) = inner.as_str().filter(|t| !t.is_empty()) {
                        more = Some(More::Token(token.to_owned()));
                    } else if inner.is_object() && depth < 3 {
                        stack.push((inner, depth + 1));
                    }
                }
                "total" | "total count" | "sum" | "total items" | "item count" | "available"
                | "total results" | "results" => total = total.or(number),
                "total pages" | "page count" => pages = number,
                "page" | "current page" | "page index" => page = number,
                _ if inner.is_object() && depth < 3 => stack.push((inner, depth + 1)),
                _ => {}
            }
        }
    }
    if more.is_none() && shown > 0 {
        let further = match (total, page, pages) {
            (_, Some(page), Some(pages)) => page < pages,
            (Some(total), _, _) => total > shown as u64,
            _ => false,
        };
        more = further.then_some(More::Further);
    }
    (more, total)
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn kinds(value: &Value, kind: &str) -> Vec<String> {
        let mut memory = Memory::default();
        memory.walk(value, (&names::noun(kind), ""), 0, None, 0);
        memory.records.iter().map(|r| r.kind.join(" ")).collect()
    }

    #[test]
    fn records_are_found_in_their_wrappers() {
        assert_eq!(kinds(&json!([{"id": 1}, {"id": 2}]), "device"), ["devic", "devic"]);
        assert_eq!(
            kinds(&json!({"kind": "x", "nextPageToken": "p", "items": [{"id": 1, "title": "a"}]}), "task"),
            ["task"]
        );
        let musixmatch = json!({"message": {"header": {"status_code": 200}, "body": {"artist_list": [{"artist": {"artist_id": 3, "artist_name": "A"}}]}}});
        assert_eq!(kinds(&musixmatch, "artist"), ["artist"]);
        assert_eq!(
            kinds(&json!({"status": "OK", "status_code": 200, "data": {"id": 4, "name": "b"}}), "ticket"),
            ["ticket"]
        );
    }

    #[test]
    fn faults_and_pages_are_told() {
        assert!(
            fault(
                "{\"error\":{\"code\":404,\"message\":\"no pet\"}}",
                Some(&json!({"error": {"code": 404, "message": "no pet"}}))
            )
            .is_some()
        );
        assert!(fault("[]", Some(&json!([]))).is_none());
        assert_eq!(
            paging(&json!({"nextPageToken": "p10", "items": []}), 10),
            (Some(More::Token("p10".into())), None)
        );
        assert_eq!(paging(&json!({"metadata": {"totalCount": 30}}), 10), (Some(More::Further), Some(30)));
    }
}
