//! What a spec's structure says where its prose says little: what an operation takes and what it returns.

use super::lengths::tokens;
use crate::crawl::prose::words;
use serde_json::{Map, Value};

/// Fields of a result that only wrap it.
const WRAPS: [&str; 11] = [
    "data", "items", "results", "result", "records", "value", "values", "content", "response", "payload",
    "list",
];
/// Fields of a result that say nothing of what is returned.
const FRAMES: [&str; 17] = [
    "errors",
    "error",
    "meta",
    "links",
    "message",
    "messages",
    "success",
    "status_code",
    "statusCode",
    "code",
    "kind",
    "etag",
    "metadata",
    "pagination",
    "paging",
    "operation",
    "service",
];
/// Fields that tell best what a record is.
const TELLING: [&str; 8] = ["id", "name", "title", "status", "state", "type", "email", "date"];

/// The structure of an operation.
pub struct Facts<'a> {
    /// The properties of its arguments.
    pub properties: &'a Map<String, Value>,
    /// The names of those that must be given.
    pub required: &'a [String],
    /// The schema of its result.
    pub result: Option<&'a Value>,
}

impl Facts<'_> {
    /// Says what the operation takes and returns, in sentences of up to `names_max` names that do not repeat what `said` says.
    pub fn sentences(&self, said: &str, names_max: usize) -> Vec<String> {
        let known = words(said);
        let both = [self.takes(&known, names_max), self.returns(names_max)];
        both.into_iter().flatten().filter(|s| tokens(s) <= 30).collect()
    }

    fn takes(&self, known: &[String], names_max: usize) -> Option<String> {
        let news = |name: &&String| !words(name).iter().all(|w| known.contains(w));
        let required: Vec<String> = self.required.iter().filter(news).map(|n| spoken(n)).collect();
        if !required.is_empty() {
            return Some(format!("Takes {}.", listed(&required, names_max)));
        }
        let optional: Vec<String> = self
            .properties
            .keys()
            .filter(|n| !self.required.contains(n))
            .filter(news)
            .map(|n| spoken(n))
            .collect();
        (!optional.is_empty()).then(|| format!("Optionally takes {}.", listed(&optional, names_max)))
    }

    fn returns(&self, names_max: usize) -> Option<String> {
        let (fields, many) = record(self.result?)?;
        let names: Vec<&String> = fields
            .keys()
            .filter(|n| !n.starts_with(['_', '@', '$']) && !FRAMES.contains(&n.as_str()))
            .filter(|n| !WRAPS.contains(&n.as_str()))
            .collect();
        if names.len() < 2 {
            return None;
        }
        let (telling, others): (Vec<&String>, Vec<&String>) =
            names.into_iter().partition(|n| TELLING.contains(&n.as_str()));
        let names: Vec<String> = telling.into_iter().chain(others).map(|n| spoken(n)).collect();
        let of = if many { "a list with " } else { "" };
        Some(format!("Returns {of}{}.", listed(&names, names_max)))
    }
}

/// Finds the record that a result holds, and whether it holds many.
fn record(result: &Value) -> Option<(&Map<String, Value>, bool)> {
    if let Some(item) = result.get("items") {
        return item.get("properties")?.as_object().map(|fields| (fields, true));
    }
    let fields = result.get("properties")?.as_object()?;
    let wrapped = WRAPS.iter().find_map(|name| {
        let inner = fields.get(*name)?;
        match inner.get("items") {
            Some(item) => Some((item.get("properties")?.as_object()?, true)),
            None => Some((inner.get("properties")?.as_object()?, false)),
        }
    });
    wrapped.or(Some((fields, false)))
}

/// Says a name in words.
fn spoken(name: &str) -> String {
    let words = words(name);
    if words.is_empty() { name.to_owned() } else { words.join(" ") }
}

/// Joins names as people do: `a, b and c`, `a, b, c and 4 more`.
fn listed(names: &[String], names_max: usize) -> String {
    let mut shown: Vec<&str> = Vec::new();
    for name in names.iter().take(names_max) {
        if !shown.contains(&name.as_str()) {
            shown.push(name);
        }
    }
    let more = names.len().saturating_sub(names_max);
    let count = format!("{more} more");
    if more > 0 {
        shown.push(&count);
    }
    match shown.split_last() {
        Some((last, rest)) if !rest.is_empty() => format!("{} and {last}", rest.join(", ")),
        _ => shown.concat(),
    }
}
