//! What a spec's structure says where its prose says little: what an operation takes and what it returns.

use super::lengths::tokens;
use crate::crawl::prose::words;
use serde_json::{Map, Value};

/// Most names in a sentence.
const NAMES_MAX: usize = 4;

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
    /// Says what the operation takes and returns, in sentences that do not repeat what `said` says.
    pub fn sentences(&self, said: &str) -> Vec<String> {
        let known = words(said);
        [self.takes(&known), self.returns()].into_iter().flatten().filter(|s| tokens(s) <= 24).collect()
    }

    fn takes(&self, known: &[String]) -> Option<String> {
        let news = |name: &&String| !words(name).iter().all(|w| known.contains(w));
        let required: Vec<String> = self.required.iter().filter(news).map(|n| spoken(n)).collect();
        if !required.is_empty() {
            return Some(format!("Takes {}.", listed(&required)));
        }
        let optional: Vec<String> = self
            .properties
            .keys()
            .filter(|n| !self.required.contains(n))
            .filter(news)
            .map(|n| spoken(n))
            .collect();
        (!optional.is_empty()).then(|| format!("Optionally takes {}.", listed(&optional)))
    }

    fn returns(&self) -> Option<String> {
        let result = self.result?;
        let (fields, many) = match result.get("items") {
            Some(item) => (item.get("properties"), true),
            None => (result.get("properties"), false),
        };
        let names: Vec<String> = fields?
            .as_object()?
            .keys()
            .filter(|n| !n.starts_with(['_', '@', '$']))
            .map(|n| spoken(n))
            .collect();
        if names.is_empty() {
            return None;
        }
        let of = if many { "a list with " } else { "" };
        Some(format!("Returns {of}{}.", listed(&names)))
    }
}

/// Says a name in words.
fn spoken(name: &str) -> String {
    let words = words(name);
    if words.is_empty() { name.to_owned() } else { words.join(" ") }
}

/// Joins names as people do: `a, b and c`, `a, b, c and 4 more`.
fn listed(names: &[String]) -> String {
    let mut shown: Vec<&str> = Vec::new();
    for name in names.iter().take(NAMES_MAX) {
        if !shown.contains(&name.as_str()) {
            shown.push(name);
        }
    }
    let more = names.len().saturating_sub(NAMES_MAX);
    let count = format!("{more} more");
    if more > 0 {
        shown.push(&count);
    }
    match shown.split_last() {
        Some((last, rest)) if !rest.is_empty() => format!("{} and {last}", rest.join(", ")),
        _ => shown.concat(),
    }
}
