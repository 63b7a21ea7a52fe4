//! Stage 1: specs → `Catalog`. Reads OpenAPI, Google Discovery, RapidAPI tools, MCP tool lists and function lists leniently
//! (see `kinds`); whatever is left out is kept with its reason.

mod body;
mod conditions;
mod describe;
mod document;
mod fetch;
mod find;
mod fit;
mod infer;
mod input;
mod keywords;
mod kinds;
mod listing;
mod live;
mod measure;
mod mend;
mod mine;
mod names;
mod output;
mod pattern;
mod place;
mod prose;
mod read;
pub mod rules;
mod schema;
mod spec;
mod strict;
mod supplied;
mod written;

pub use fit::size as definition_bytes;
pub use live::{LiveError, LiveErrors};

use crate::config::plan::{CrawlPlan, Limits};
use crate::data::{Catalog, Dropped, FunctionName, Tool, ToolId, content_hash};
use spec::Crawled;
use std::collections::BTreeSet;
use std::path::PathBuf;
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};
use thiserror::Error;

/// Why nothing could be crawled.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum CrawlError {
    /// The plan names no source.
    #[error("crawl.sources is empty: name a spec file, a folder or a glob")]
    NoSources,
    /// A source does not exist.
    #[error("{}: no such file or folder (a source of crawl.sources)", path.display())]
    Missing {
        /// The source.
        path: PathBuf,
    },
    /// A folder holds no spec.
    #[error("{}: nothing in this folder describes an API (looked for OpenAPI, Google Discovery, RapidAPI tools, MCP tool lists and function lists in *.json, *.jsonl, *.yaml and *.yml)", path.display())]
    NoSpecs {
        /// The folder.
        path: PathBuf,
    },
    /// A glob matches nothing.
    #[error("{pattern}: no file matches this pattern of crawl.sources")]
    NoMatch {
        /// The glob.
        pattern: String,
    },
    /// A source is a URL.
    #[error("{source_name}: URLs are not read yet; download the spec and name the file")]
    Remote {
        /// The URL.
        source_name: String,
    },
    /// MCP servers cannot be asked.
    #[error(transparent)]
    Live(#[from] LiveErrors),
    /// A folder cannot be listed.
    #[error("{}: cannot be listed", path.display())]
    Unreadable {
        /// The folder.
        path: PathBuf,
        /// Why.
        #[source]
        cause: std::io::Error,
    },
}

/// Reads all sources into a catalog. The same inputs give the same bytes, whatever the number of processors.
pub fn crawl(plan: &CrawlPlan, limits: &Limits) -> Result<Catalog, CrawlError> {
    if plan.sources.is_empty() {
        return Err(CrawlError::NoSources);
    }
    let mut candidates = find::find(&plan.sources)?;
    let listed = live::list(&plan.sources, limits)?;
    candidates.extend(listed.into_iter().map(|(source, listing)| find::Candidate::listed(source, listing)));
    // in the order of the sources: who comes first keeps a name that both have
    candidates.sort_by_key(|candidate| candidate.source);
    let crawled = crawl_all(&candidates, plan, limits);
    let parts: BTreeSet<PathBuf> = crawled.iter().flat_map(|c| c.parts.iter().cloned()).collect();
    for (index, source) in plan.sources.iter().enumerate() {
        let mut own = candidates.iter().zip(&crawled).filter(|(c, _)| c.source == index).peekable();
        let named = own.peek().is_some_and(|(c, _)| c.named);
        if own.peek().is_some() && !named && own.all(|(_, c)| c.foreign) {
            return Err(CrawlError::NoSpecs { path: source.to_string().into() });
        }
    }
    let mut catalog = Catalog::default();
    let mut names = Names::default();
    for (candidate, one) in candidates.iter().zip(crawled) {
        // a file that a spec refers to is a part of that spec, not a spec that was left out
        if one.foreign && parts.contains(&document::normal(&candidate.path)) {
            continue;
        }
        names.settle(one, &mut catalog);
    }
    catalog.tools.sort_by(|a, b| a.id.cmp(&b.id));
    catalog.dropped.sort_by(|a, b| (&a.id, &a.spec, &a.operation).cmp(&(&b.id, &b.spec, &b.operation)));
    catalog.sources.sort_by(|a, b| a.spec.cmp(&b.spec));
    catalog.hash = hash(&catalog.tools);
    Ok(catalog)
}

/// Crawls every candidate; one thread a processor takes the next file, and results come back in the candidates' order.
fn crawl_all(candidates: &[find::Candidate], plan: &CrawlPlan, limits: &Limits) -> Vec<Crawled> {
    // lowering is recursive in the spec's own depth, which the parsers bound
    const STACK_BYTES: usize = 32 << 20;
    let next = AtomicUsize::new(0);
    let results: Vec<Mutex<Crawled>> = candidates.iter().map(|_| Mutex::new(Crawled::default())).collect();
    let workers = std::thread::available_parallelism().map_or(1, usize::from).min(8).min(candidates.len());
    let work = || {
        loop {
            let index = next.fetch_add(1, Ordering::Relaxed);
            let Some(candidate) = candidates.get(index) else { break };
            let crawled = spec::crawl(candidate, plan, limits);
            if let Ok(mut slot) = results[index].lock() {
                *slot = crawled;
            }
        }
    };
    std::thread::scope(|scope| {
        let started: Vec<_> = (0..workers)
            .filter_map(|_| {
                std::thread::Builder::new().stack_size(STACK_BYTES).spawn_scoped(scope, work).ok()
            })
            .collect();
        if started.is_empty() {
            work();
        }
    });
    results.into_iter().map(|slot| slot.into_inner().unwrap_or_default()).collect()
}

/// The names that specs before have taken.
#[derive(Default)]
struct Names {
    specs: BTreeSet<String>,
    ids: BTreeSet<ToolId>,
    functions: BTreeSet<FunctionName>,
}

impl Names {
    /// Adds what came of one file. A spec that was read before is dropped whole; a name that another spec has gets a suffix
    /// from the spec's own hash, and the other keeps its name.
    fn settle(&mut self, crawled: Crawled, catalog: &mut Catalog) {
        let Crawled { tools, dropped, source, .. } = crawled;
        if let Some(source) = &source
            && !self.specs.insert(source.hash.clone())
        {
            catalog.dropped.push(Dropped {
                id: source.spec.clone(),
                rule: "duplicate".to_owned(),
                reason: "the same file was read under another name".to_owned(),
                spec: source.spec.clone(),
                operation: None,
                tool: None,
            });
            return;
        }
        let taken = tools.iter().any(|t| self.ids.contains(&t.id) || self.functions.contains(&t.name));
        for mut tool in tools {
            if taken {
                rename(&mut tool);
            }
            self.ids.insert(tool.id.clone());
            self.functions.insert(tool.name.clone());
            catalog.tools.push(tool);
        }
        catalog.dropped.extend(dropped);
        catalog.sources.extend(source);
    }
}

/// Gives a tool names that no other spec has.
fn rename(tool: &mut Tool) {
    let mark = &tool.source.hash[..4.min(tool.source.hash.len())];
    let api = format!("{}-{mark}", tool.api);
    let slug = tool.id.as_str().rsplit('/').next().unwrap_or_default().to_owned();
    let mut name = tool.name.to_string();
    name.truncate(64 - mark.len() - 1);
    tool.name = FunctionName::new(format!("{}_{mark}", name.trim_end_matches('_')));
    tool.id = ToolId::new(format!("{api}/{slug}"));
    tool.api = crate::data::ApiId::new(api);
}

/// Hashes the kept tools' canonical form.
fn hash(tools: &[Tool]) -> String {
    let mut hasher = blake3::Hasher::new();
    for tool in tools {
        let value = serde_json::to_value(tool).unwrap_or_default();
        hasher.update(content_hash(&value).as_bytes());
    }
    hasher.finalize().to_hex().to_string()
}
