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

use crate::config::plan::{CrawlPlan, Limits};
use crate::crawl::fetch::Pages;
use crate::crawl::find::Candidate;
use crate::crawl::find::read::Unreadable;
use crate::crawl::live::Listing;
use crate::crawl::spec::Crawled;
use crate::crawl::spec::names::ApiName;
use crate::data::{Dropped, FunctionName, SpecSource, Tool};
use serde_json::Value;
use std::collections::BTreeSet;

/// A file that was read and parsed.
pub struct File<'a> {
    /// Where it was found.
    pub candidate: &'a Candidate,
    /// What the crawl is to do.
    pub plan: &'a CrawlPlan,
    /// The limits.
    pub limits: &'a Limits,
    /// Pages of the web.
    pub pages: &'a Pages,
    /// The hash of its bytes.
    pub hash: blake3::Hash,
}

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

impl File<'_> {
    /// Leaves the whole file out.
    pub fn refuse(&self, why: &Unreadable) -> Crawled {
        Crawled::refused(&self.candidate.name, why)
    }

    /// Leaves one thing out that is an operation of this file.
    pub fn dropped(&self, id: String, rule: &str, reason: String, name: &str, tool: Option<Tool>) -> Dropped {
        Dropped {
            id,
            rule: rule.to_owned(),
            reason,
            spec: self.candidate.name.clone(),
            operation: Some((tool.as_ref().and_then(|t| t.call.method()), name.to_owned())),
            tool: tool.map(Box::new),
        }
    }

    /// Ends a file that holds several APIs: names that two of them share are told apart, and the sums are made.
    pub fn finish(&self, mut crawled: Crawled, title: String, licence: String) -> Crawled {
        let mut taken: BTreeSet<FunctionName> = BTreeSet::new();
        for tool in &mut crawled.tools {
            if !taken.insert(tool.name.clone()) {
                let mark = blake3::hash(tool.id.as_str().as_bytes()).to_hex()[..6].to_owned();
                let mut name = tool.name.to_string();
                name.truncate(64 - 7);
                tool.name = FunctionName::new(format!("{}_{mark}", name.trim_end_matches('_')));
                taken.insert(tool.name.clone());
            }
        }
        let lost = crawled.dropped.iter().filter(|d| d.operation.is_some()).count();
        crawled.source = Some(SpecSource {
            spec: self.candidate.name.clone(),
            hash: self.hash.to_hex().to_string(),
            title,
            version: String::new(),
            licence,
            operations: crawled.tools.len() + lost,
            kept: crawled.tools.len(),
        });
        crawled
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
