//! Stage 1: specs → `Catalog`. Reads OpenAPI, Google Discovery, RapidAPI tools, MCP tool lists and function lists leniently
//! (see `kinds`); whatever is left out is kept with its reason.

mod body;
mod category;
mod conditions;
mod docs;
mod document;
mod fetch;
mod find;
mod fit;
mod held;
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
mod settle;
mod spec;
mod strict;
mod supplied;
mod survey;
mod written;

pub use fit::size as definition_bytes;
pub use live::{LiveError, LiveErrors};
pub use survey::Survey;

use crate::config::plan::{CrawlPlan, Limits};
use crate::data::Catalog;
use fetch::Pages;
use held::{Form, Lowered};
use settle::Settled;
use std::cmp::Reverse;
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
    Ok(settled(plan, limits, Form::Tools)?.catalog())
}

/// Reads all sources for the catalog's file alone: the same tools, of which only packed rows are held.
pub fn survey(plan: &CrawlPlan, limits: &Limits) -> Result<Survey, CrawlError> {
    Ok(Survey::new(settled(plan, limits, Form::Rows)?))
}

fn settled(plan: &CrawlPlan, limits: &Limits, form: Form) -> Result<Settled, CrawlError> {
    if plan.sources.is_empty() {
        return Err(CrawlError::NoSources);
    }
    let mut candidates = find::find(&plan.sources)?;
    let pages = Pages::for_now(None, plan, limits);
    let listed = live::list(&plan.sources, limits, &pages)?;
    candidates.extend(listed.into_iter().map(|(source, listing)| find::Candidate::listed(source, listing)));
    // in the order of the sources: who comes first keeps a name that both have
    candidates.sort_by_key(|candidate| candidate.source);
    let lowered = lower_all(&candidates, plan, limits, form);
    let parts: BTreeSet<PathBuf> = lowered.iter().flat_map(|l| l.parts.iter().cloned()).collect();
    for (index, source) in plan.sources.iter().enumerate() {
        let mut own = candidates.iter().zip(&lowered).filter(|(c, _)| c.source == index).peekable();
        let named = own.peek().is_some_and(|(c, _)| c.named);
        if own.peek().is_some() && !named && own.all(|(_, l)| l.foreign) {
            return Err(CrawlError::NoSpecs { path: source.to_string().into() });
        }
    }
    // a file that a spec refers to is a part of that spec, not a spec that was left out
    let whole = |(candidate, one): &(&find::Candidate, Lowered)| {
        !(one.foreign && parts.contains(&document::normal(&candidate.path)))
    };
    let specs = candidates.iter().zip(lowered).filter(whole).map(|(_, one)| one).collect();
    Ok(settle::settle(specs, &plan.curation))
}

/// Lowers every candidate; one thread a processor takes the next file, and results come back in the candidates' order.
fn lower_all(candidates: &[find::Candidate], plan: &CrawlPlan, limits: &Limits, form: Form) -> Vec<Lowered> {
    // lowering is recursive in the spec's own depth, which the parsers bound
    const STACK_BYTES: usize = 32 << 20;
    // the largest first: none of them is then left over when all others are done
    let mut order: Vec<usize> = (0..candidates.len()).collect();
    let bytes = |index: &usize| std::fs::metadata(&candidates[*index].path).map_or(0, |m| m.len());
    order.sort_by_cached_key(|index| Reverse(bytes(index)));
    let next = AtomicUsize::new(0);
    let results: Vec<Mutex<Lowered>> = candidates.iter().map(|_| Mutex::new(Lowered::default())).collect();
    let workers = std::thread::available_parallelism().map_or(1, usize::from).min(8).min(candidates.len());
    let work = || {
        while let Some(index) = order.get(next.fetch_add(1, Ordering::Relaxed)) {
            let lowered = spec::crawl(&candidates[*index], plan, limits).hold(form);
            if let Ok(mut slot) = results[*index].lock() {
                *slot = lowered;
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
