//! `toolloom inspect` of the catalog and the tool graph: an API's tools, or one tool with what feeds it and what it feeds.

use super::args::InspectArgs;
use crate::report::{self, Record};
use crate::shard::{self, ReadError};
use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

/// Why neither an API nor a tool could be shown.
#[derive(Debug, thiserror::Error)]
pub enum ToolsError {
    /// A file could not be read.
    #[error(transparent)]
    Read(#[from] ReadError),
    /// No API or tool is called so.
    #[error("{path} has no {what} whose id or name is or holds {wanted:?}", path = path.display())]
    NoSuchTool {
        /// The catalog.
        path: PathBuf,
        /// What was looked for.
        what: &'static str,
        /// The words asked for.
        wanted: String,
    },
    /// Several are.
    #[error("{wanted:?} is a part of the names of {count} {what}s of {path} ({some}…); give more of it", path = path.display())]
    ManyTools {
        /// The catalog.
        path: PathBuf,
        /// What was looked for.
        what: &'static str,
        /// The words asked for.
        wanted: String,
        /// How many there are.
        count: usize,
        /// The first of them.
        some: String,
    },
}

/// Shows an API's tools or one tool, where the arguments ask for either.
pub(super) fn run(args: &InspectArgs) -> Result<Option<String>, ToolsError> {
    let folder = folder(&args.path);
    if let Some(wanted) = &args.api {
        return api(&folder.join("catalog.parquet"), wanted).map(Some);
    }
    match &args.tool {
        Some(wanted) => tool(&folder, wanted).map(Some),
        None => Ok(None),
    }
}

/// The run's folder of a path within it.
fn folder(path: &Path) -> PathBuf {
    if path.is_dir() { path.to_owned() } else { path.parent().map(Path::to_owned).unwrap_or_default() }
}

fn records(path: &Path) -> Result<impl Iterator<Item = Result<Record, ReadError>> + use<>, ReadError> {
    Ok(shard::read_values(path)?.map(|row| {
        row.map(|value| match value {
            Value::Object(row) => row,
            _ => Record::new(),
        })
    }))
}

fn word<'a>(row: &'a Record, name: &str) -> &'a str {
    row.get(name).and_then(Value::as_str).unwrap_or_default()
}

/// How well a name fits what is asked for: whole, its end, or a part of it.
fn fit(name: &str, wanted: &str) -> u8 {
    if name == wanted {
        3
    } else if name.rsplit('/').next() == Some(wanted) {
        2
    } else {
        u8::from(name.contains(wanted))
    }
}

fn api(catalog: &Path, wanted: &str) -> Result<String, ToolsError> {
    let mut best = 0;
    let mut found: BTreeMap<String, Vec<Record>> = BTreeMap::new();
    for row in records(catalog)? {
        let row = row?;
        let fit = fit(word(&row, "api"), wanted);
        if fit > best {
            found.clear();
            best = fit;
        }
        if fit > 0 && fit == best {
            found.entry(word(&row, "api").to_owned()).or_default().push(row);
        }
    }
    match found.len() {
        1 => Ok(found.iter().map(|(name, tools)| report::api_text(name, tools)).collect()),
        _ => Err(unclear(catalog, "API", wanted, found.into_keys().collect())),
    }
}

fn tool(folder: &Path, wanted: &str) -> Result<String, ToolsError> {
    let catalog = folder.join("catalog.parquet");
    let mut best = 0;
    let mut found: Vec<Record> = Vec::new();
    let mut names: BTreeMap<String, String> = BTreeMap::new();
    for row in records(&catalog)? {
        let row = row?;
        let (id, name) = (word(&row, "id"), word(&row, "name"));
        names.insert(id.to_owned(), name.to_owned());
        let fit = fit(id, wanted).max(fit(name, wanted));
        if fit > best {
            found.clear();
            best = fit;
        }
        if fit > 0 && fit == best {
            found.push(row);
        }
    }
    let [tool] = found.as_slice() else {
        let kept = found.iter().map(|row| word(row, "name").to_owned()).collect();
        return Err(unclear(&catalog, "tool", wanted, kept));
    };
    let graph = folder.join("graph.parquet");
    let edges = graph.is_file().then(|| edges(&graph, word(tool, "api"))).transpose()?;
    Ok(report::tool_text(tool, edges.as_deref(), &names))
}

/// Reads the edges of one API.
fn edges(graph: &Path, api: &str) -> Result<Vec<Record>, ReadError> {
    records(graph)?.filter(|row| row.as_ref().map_or(true, |edge| word(edge, "api") == api)).collect()
}

fn unclear(path: &Path, what: &'static str, wanted: &str, found: BTreeSet<String>) -> ToolsError {
    let (path, wanted) = (path.to_owned(), wanted.to_owned());
    if found.is_empty() {
        return ToolsError::NoSuchTool { path, what, wanted };
    }
    let some: Vec<String> = found.iter().take(5).cloned().collect();
    ToolsError::ManyTools { path, what, wanted, count: found.len(), some: some.join(", ") }
}
