//! Stage 1: specs → `Catalog`. Reads OpenAPI, Google Discovery, RapidAPI tools, MCP tool lists and function lists leniently
//! (see `kinds`); whatever is left out is kept with its reason.
//!
//! Imports go down, here as in the crate:
//!
//! ```text
//! mod.rs     all documents: found, lowered several at once (turns.rs), settled (settle/: what specs are to each other)
//! one.rs     one document, from its bytes to its tools
//! kinds/     which kind it is; other kinds than OpenAPI are translated to it, or lowered as functions
//! lower/     an operation → a tool, within its size and in its dialect
//! rules/     curation: which operations may be tools      schema/   a spec's schema → plain JSON Schema
//! values/    what all of these work on: documents with their parts, specs, inputs, outputs, names
//! file.rs    a file that was read, and what came of it
//! find/      sources → documents (error.rs: why there are none)
//! live/      running MCP servers                          fetch/    pages of the web
//! docs/      documentation → plain text                   prose.rs  words        place.rs  where documents stand
//! ```

mod docs;
mod error;
mod fetch;
mod file;
mod find;
mod kinds;
mod live;
mod lower;
mod one;
mod place;
mod prose;
pub mod rules;
mod schema;
mod settle;
mod turns;
mod values;

pub use error::CrawlError;
pub use fetch::{Asking, PageRule, Pages};
pub use settle::survey::Survey;

#[cfg(feature = "internals")]
pub use {fetch::PageStats, lower::fit::size as definition_bytes};

use crate::config::plan::{CrawlPlan, Limits};
use crate::data::Catalog;
use file::Crawled;
use find::Candidate;
use place::Place;
use settle::Settled;
use settle::held::{Form, Lowered};
use std::collections::BTreeSet;
use std::panic::{self, AssertUnwindSafe};

/// Reads all sources into a catalog; pages are fetched, and remembered nowhere.
#[cfg_attr(not(feature = "internals"), expect(dead_code, reason = "the project's own tests use it"))]
pub fn crawl(plan: &CrawlPlan, limits: &Limits) -> Result<Catalog, CrawlError> {
    crawl_from(plan, limits, &Pages::for_now(None, plan, limits))
}

/// Reads all sources into a catalog. The same inputs give the same bytes, whatever the number of processors.
pub fn crawl_from(plan: &CrawlPlan, limits: &Limits, pages: &Pages) -> Result<Catalog, CrawlError> {
    let lower = |candidate: &Candidate| one::crawl(candidate, plan, limits, pages);
    Ok(settled(plan, limits, pages, Form::Tools, lower)?.catalog())
}

/// Reads one spec that is in memory, as a file of that name would be: no page is asked for, and the plan's sources are not looked at. Lowering is recursive in
/// the spec's depth: the caller's thread needs some megabytes of stack.
#[cfg_attr(not(feature = "internals"), expect(dead_code, reason = "the project's own tests use it"))]
pub fn crawl_bytes(name: &str, bytes: &[u8], plan: &CrawlPlan, limits: &Limits) -> Catalog {
    let candidate = Candidate {
        path: name.into(),
        name: name.to_owned(),
        source: 0,
        named: true,
        root: None,
        page: None,
        listed: None,
    };
    let read = find::read::bytes(bytes, limits.spec_bytes);
    let pages = Pages::none(plan, limits);
    let lowered = guarded(name, Form::Tools, || one::parsed(read, &candidate, plan, limits, &pages));
    settle::settle(vec![lowered], &plan.curation).catalog()
}

/// Reads all sources for the catalog's file alone: the same tools, of which only packed rows are held.
pub fn survey(plan: &CrawlPlan, limits: &Limits, pages: &Pages) -> Result<Survey, CrawlError> {
    let lower = |candidate: &Candidate| one::crawl(candidate, plan, limits, pages);
    Ok(Survey::new(settled(plan, limits, pages, Form::Rows, lower)?))
}

/// Finds the documents, has each lowered, and settles what they are to each other.
fn settled(
    plan: &CrawlPlan,
    limits: &Limits,
    pages: &Pages,
    form: Form,
    lower: impl Fn(&Candidate) -> Crawled + Sync,
) -> Result<Settled, CrawlError> {
    if plan.sources.is_empty() {
        return Err(CrawlError::NoSources);
    }
    let find::Found { mut candidates, dropped } = find::find(&plan.sources, pages, limits.spec_bytes)?;
    let listed = live::list(&plan.sources, limits, pages)?;
    candidates.extend(listed.into_iter().map(|(source, listing)| Candidate::listed(source, listing)));
    // in the order of the sources: who comes first keeps a name that both have
    candidates.sort_by_key(|candidate| candidate.source);
    let lowered = lower_all(&candidates, pages, form, lower);
    if let Some(error) = pages.failure() {
        return Err(error.into());
    }
    let parts: BTreeSet<Place> = lowered.iter().flat_map(|l| l.parts.iter().cloned()).collect();
    for (index, source) in plan.sources.iter().enumerate() {
        let mut own = candidates.iter().zip(&lowered).filter(|(c, _)| c.source == index).peekable();
        let named = own.peek().is_some_and(|(c, _)| c.named);
        if own.peek().is_some() && !named && own.all(|(_, l)| l.foreign) {
            return Err(CrawlError::NoSpecs { path: source.to_string().into() });
        }
    }
    // a file that a spec refers to is a part of that spec, not a spec that was left out
    let whole =
        |(candidate, one): &(&Candidate, Lowered)| !(one.foreign && parts.contains(&candidate.place()));
    let unread = Lowered::new(Vec::new(), dropped, None, form);
    let lowered = candidates.iter().zip(lowered).filter(whole).map(|(_, one)| one);
    let specs = std::iter::once(unread).chain(lowered).collect();
    Ok(settle::settle(specs, &plan.curation))
}

/// Lowers every candidate, several at once; what comes of them is in their order.
fn lower_all(
    candidates: &[Candidate],
    pages: &Pages,
    form: Form,
    lower: impl Fn(&Candidate) -> Crawled + Sync,
) -> Vec<Lowered> {
    let sizes = candidates.iter().map(|candidate| candidate.bytes(pages));
    turns::each(sizes, |index| guarded(&candidates[index].name, form, || lower(&candidates[index])))
}

/// Lowers one document. A fault of ours costs that document only, which is left out with the fault's text.
fn guarded(name: &str, form: Form, lower: impl FnOnce() -> Crawled) -> Lowered {
    // what documents share are pages, which hold whatever happened to who asked for them
    let lowered = panic::catch_unwind(AssertUnwindSafe(|| Lowered::of(lower(), form)));
    lowered.unwrap_or_else(|panicked| Lowered::of(Crawled::crashed(name, panicked.as_ref()), form))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config;

    #[test]
    fn a_fault_while_one_spec_is_lowered_costs_that_spec_only() {
        let folder = tempfile::tempdir().unwrap();
        for name in ["a.json", "b.json", "c.json"] {
            let spec = serde_json::json!({
                "openapi": "3.0.0",
                "info": {"title": name, "version": "1"},
                "paths": {"/pets": {"get": {"summary": format!("Lists the pets of {name}.")}}},
            });
            std::fs::write(folder.path().join(name), spec.to_string()).unwrap();
        }
        let sets = [format!("crawl.sources=[{}]", folder.path().display())];
        let config::Plan { crawl: plan, limits, .. } = config::load(None, &sets, &|_| true).unwrap();
        let pages = Pages::for_now(None, &plan, &limits);
        let lower = |candidate: &Candidate| {
            assert!(candidate.name != "b.json", "{} broke in {}", candidate.name, "two");
            one::crawl(candidate, &plan, &limits, &pages)
        };
        let catalog = settled(&plan, &limits, &pages, Form::Tools, lower).unwrap().catalog();
        let specs: Vec<&str> = catalog.tools.iter().map(|tool| tool.source.spec.as_str()).collect();
        assert_eq!(specs, ["a.json", "c.json"]);
        let [crashed] = catalog.dropped.as_slice() else { panic!("{:?}", catalog.dropped) };
        assert_eq!((crashed.id.as_str(), crashed.rule.as_str()), ("b.json", "crashed"));
        assert_eq!(crashed.reason, "a fault in toolloom: b.json broke in two");
        assert!(crashed.operation.is_none() && crashed.tool.is_none());

        let survey = Survey::new(settled(&plan, &limits, &pages, Form::Rows, lower).unwrap());
        assert_eq!((survey.hash(), survey.kept), (catalog.hash.as_str(), 2));
        let left_out: Vec<_> = survey.left_out().collect();
        assert_eq!(left_out, [("b.json", "crashed", crashed.reason.as_str())]);
    }
}
