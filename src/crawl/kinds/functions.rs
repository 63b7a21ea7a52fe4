//! Function lists as models are given them: `OpenAI`'s (wrapped or bare), Anthropic's, and benchmarks' JSON Lines (BFCL), by
//! themselves, in a request (`tools`, `functions`), or by domain.

use super::listed::{self, Group};
use super::{ApiNames, pointer};
use crate::crawl::file::{Crawled, File};

use serde_json::Value;

/// Entries that are looked at to tell the kind.
const LOOKED_AT: usize = 20;

/// Whether a document is such a list: most of its first entries are functions.
pub fn found(root: &Value) -> bool {
    let groups = groups(root);
    let entries = || groups.iter().flat_map(|(_, entries)| entries).take(LOOKED_AT);
    let all = entries().count();
    let good = entries().filter(|(_, entry)| listed::is_function(entry)).count();
    good > 0 && good * 2 > all
}

/// Lowers a list.
pub fn lower(root: Value, file: &File<'_>) -> Crawled {
    let mut out = Crawled::default();
    let mut names = ApiNames::default();
    let stem = file.candidate.path.file_stem().map(|s| s.to_string_lossy().into_owned()).unwrap_or_default();
    for (domain, entries) in groups(&root) {
        let title = domain.clone().unwrap_or_else(|| stem.clone());
        let group = Group {
            api: names.name(&title, None, &title, file),
            title,
            licence: "unknown".to_owned(),
            category: domain,
            server: None,
        };
        listed::lower(&group, &entries, file, &mut out);
    }
    file.finish(out, stem, "unknown".to_owned())
}

type Entries<'a> = Vec<(String, &'a Value)>;

/// Collects the entries: one group, or one for each domain of `{airline: {tools: […]}, retail: …}`.
fn groups(root: &Value) -> Vec<(Option<String>, Entries<'_>)> {
    if let Some((at, list)) = list(root) {
        let mut entries = Vec::new();
        for (i, entry) in list.iter().enumerate() {
            flatten(entry, format!("{at}/{i}"), &mut entries);
        }
        return vec![(None, entries)];
    }
    let Some(map) = root.as_object() else { return Vec::new() };
    if listed::is_function(root) {
        return vec![(None, vec![(String::new(), root)])];
    }
    let domains = map.iter().filter_map(|(domain, value)| {
        let (at, list) = list(value).filter(|_| value.is_object())?;
        let at = format!("{}{at}", pointer("", domain));
        let entries = list.iter().enumerate().map(|(i, entry)| (format!("{at}/{i}"), entry)).collect();
        Some((Some(domain.clone()), entries))
    });
    domains.collect()
}

fn list(root: &Value) -> Option<(&'static str, &Vec<Value>)> {
    if let Value::Array(items) = root {
        return Some(("", items));
    }
    ["tools", "functions"].iter().find_map(|key| {
        let at = if *key == "tools" { "/tools" } else { "/functions" };
        Some((at, root.get(*key)?.as_array()?))
    })
}

/// An entry may hold several: a line of a benchmark with its own list.
fn flatten<'a>(entry: &'a Value, at: String, out: &mut Entries<'a>) {
    if let Value::Array(items) = entry {
        out.extend(items.iter().enumerate().map(|(i, item)| (format!("{at}/{i}"), item)));
        return;
    }
    let inner =
        ["function", "functions", "tools"].iter().find_map(|key| Some((*key, entry.get(*key)?.as_array()?)));
    match inner {
        Some((key, items)) => {
            out.extend(items.iter().enumerate().map(|(i, item)| (format!("{at}/{key}/{i}"), item)));
        }
        None => out.push((at, entry)),
    }
}
