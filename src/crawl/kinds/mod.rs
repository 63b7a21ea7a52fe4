//! The kinds of documents that tools are read from, told apart by content and never by name. A kind is one file here and one
//! line in `KINDS`: whether a document is one, and how it is lowered.

mod discovery;
mod effect;
mod functions;
mod listed;
mod mcp;
mod openapi;
mod rapidapi;
mod unread;

use super::file::{Crawled, File};
use super::find::read::Unreadable;
use super::live::Listing;
use super::values::names::ApiName;
use serde_json::Value;
use std::collections::BTreeSet;

/// One kind of document.
struct Kind {
    /// Whether a document is of this kind.
    found: fn(&Value) -> bool,
    /// Makes tools of it. Total: whatever is wrong becomes a dropped entry.
    lower: fn(Value, &File<'_>) -> Crawled,
}

/// All kinds; the first that fits is taken.
const KINDS: [Kind; 6] = [
    Kind { found: openapi::found, lower: openapi::lower },
    Kind { found: discovery::found, lower: discovery::lower },
    Kind { found: unread::found, lower: unread::lower },
    Kind { found: rapidapi::found, lower: rapidapi::lower },
    Kind { found: mcp::found, lower: mcp::lower },
    Kind { found: functions::found, lower: functions::lower },
];

/// Lowers a document by its kind.
pub fn lower(root: Value, file: &File<'_>) -> Crawled {
    match KINDS.iter().find(|kind| (kind.found)(&root)) {
        Some(kind) => (kind.lower)(root, file),
        None => file.refuse(&Unreadable { rule: "not_a_spec", reason: foreign(&root) }),
    }
}

/// Lowers what a running MCP server lists.
pub fn listing(listing: &Listing, file: &File<'_>) -> Crawled {
    mcp::listing(listing, file)
}

/// Says why a document is of no kind.
fn foreign(root: &Value) -> String {
    const KNOWN: &str =
        "none of what is read: OpenAPI, Google Discovery, RapidAPI tools, MCP tool lists, function lists";
    match root {
        Value::Object(_) => format!("it is {KNOWN}"),
        Value::Array(items) if !items.is_empty() => format!("its list is {KNOWN}"),
        _ => "the document is no object and no list with anything in it".to_owned(),
    }
}

/// The names of the APIs of one file, each once.
#[derive(Default)]
struct ApiNames {
    taken: BTreeSet<(String, String)>,
}

impl ApiNames {
    /// Names an API by its title, with a mark from `whole` where another has that name.
    fn name(&mut self, title: &str, provider: Option<&str>, whole: &str, file: &File<'_>) -> ApiName {
        let mut name = ApiName::titled(title, provider)
            .unwrap_or_else(|| ApiName::new(file.candidate.naming(), title, None, provider));
        if !self.taken.insert((name.provider.clone(), name.slug())) {
            name.words.push(format!("x{}", &blake3::hash(whole.as_bytes()).to_hex()[..5]));
            self.taken.insert((name.provider.clone(), name.slug()));
        }
        name
    }
}

/// Finds the first field of a name, nearest to the root first; lists are not looked into.
fn seek<'a>(root: &'a Value, key: &str, depth: usize) -> Option<&'a Value> {
    let mut level = vec![root];
    for _ in 0..depth {
        if let Some(found) = level.iter().find_map(|v| v.get(key).filter(|f| !f.is_null())) {
            return Some(found);
        }
        level = level.into_iter().filter_map(Value::as_object).flat_map(serde_json::Map::values).collect();
    }
    None
}

/// Finds the first text of a name that says anything.
fn seek_text<'a>(root: &'a Value, key: &str, depth: usize) -> Option<&'a str> {
    seek(root, key, depth).and_then(Value::as_str).map(str::trim).filter(|t| !t.is_empty())
}

/// Joins keys to a JSON pointer.
fn pointer(above: &str, key: &str) -> String {
    format!("{above}/{}", key.replace('~', "~0").replace('/', "~1"))
}
