//! All tools, kept and dropped.

use super::{CatalogRow, Dropped, Tool, ToolId};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// All tools of a run, and what was left out, with reasons.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Catalog {
    /// Kept tools, sorted by id.
    pub tools: Vec<Tool>,
    /// What was left out, sorted by id; of one id in the order in which the sources are read.
    pub dropped: Vec<Dropped>,
    /// The specs that were read, sorted by name.
    pub sources: Vec<SpecSource>,
    /// blake3 over the kept tools' canonical form, in hexadecimal.
    pub hash: String,
}

/// A spec that was read.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct SpecSource {
    /// The spec's file name or URL.
    pub spec: String,
    /// blake3 of its bytes, in hexadecimal.
    pub hash: String,
    /// Its title.
    pub title: String,
    /// Its version.
    pub version: String,
    /// Its licence, or `unknown`.
    pub licence: String,
    /// Operations found in it; kept and dropped add up to this.
    pub operations: usize,
    /// Operations kept as tools.
    pub kept: usize,
}

impl Catalog {
    /// Returns an index from tool id to its position in `tools`.
    pub fn index(&self) -> BTreeMap<ToolId, usize> {
        self.tools.iter().enumerate().map(|(i, t)| (t.id.clone(), i)).collect()
    }

    /// Returns the rows of `catalog.parquet`: kept and dropped together, sorted by id, of one id the kept one first.
    pub fn rows(&self) -> impl Iterator<Item = CatalogRow> {
        let mut kept = self.tools.iter().peekable();
        let mut dropped = self.dropped.iter().peekable();
        std::iter::from_fn(move || {
            let first = match (kept.peek(), dropped.peek()) {
                (Some(tool), Some(other)) => tool.id.as_str() <= other.id.as_str(),
                (tool, _) => tool.is_some(),
            };
            if first { kept.next().map(CatalogRow::kept) } else { dropped.next().map(CatalogRow::dropped) }
        })
    }

    /// Returns a tool by its id.
    pub fn get(&self, id: &ToolId) -> Option<&Tool> {
        self.tools.binary_search_by(|t| t.id.cmp(id)).ok().map(|i| &self.tools[i])
    }
}
