//! Stage 1: specs → `Catalog`. Reads OpenAPI, Google Discovery, RapidAPI tools, MCP tool lists and function lists leniently
//! (see `kinds`); whatever is left out is kept with its reason.

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
pub use fetch::{Asking, PageFault, PageRule, PageStats, Pages};
pub use live::{LiveError, LiveErrors};
pub use lower::fit::size as definition_bytes;
pub use settle::survey::Survey;

use crate::config::plan::{CrawlPlan, Limits};
use crate::data::Catalog;
use place::Place;
use settle::Settled;
use settle::held::{Form, Lowered};
use std::collections::BTreeSet;
use std::sync::Mutex;
use turns::Turns;

/// Reads all sources into a catalog; pages are fetched, and remembered nowhere.
pub fn crawl(plan: &CrawlPlan, limits: &Limits) -> Result<Catalog, CrawlError> {
    crawl_from(plan, limits, &Pages::for_now(None, plan, limits))
}

/// Reads all sources into a catalog. The same inputs give the same bytes, whatever the number of processors.
pub fn crawl_from(plan: &CrawlPlan, limits: &Limits, pages: &Pages) -> Result<Catalog, CrawlError> {
    Ok(settled(plan, limits, pages, Form::Tools)?.catalog())
}

/// Reads one spec that is in memory, as a file of that name would be: no page is asked for, and the plan's sources are not looked at. Lowering is recursive in
/// the spec's depth: the caller's thread needs some megabytes of stack.
pub fn crawl_bytes(name: &str, bytes: &[u8], plan: &CrawlPlan, limits: &Limits) -> Catalog {
    let candidate = find::Candidate {
        path: name.into(),
        name: name.to_owned(),
        source: 0,
        named: true,
        root: None,
        page: None,
        listed: None,
    };
    let read = find::read::bytes(bytes, limits.spec_bytes);
    let lowered =
        Lowered::of(one::parsed(read, &candidate, plan, limits, &Pages::none(plan, limits)), Form::Tools);
    settle::settle(vec![lowered], &plan.curation).catalog()
}

/// Reads all sources for the catalog's file alone: the same tools, of which only packed rows are held.
pub fn survey(plan: &CrawlPlan, limits: &Limits, pages: &Pages) -> Result<Survey, CrawlError> {
    Ok(Survey::new(settled(plan, limits, pages, Form::Rows)?))
}

fn settled(plan: &CrawlPlan, limits: &Limits, pages: &Pages, form: Form) -> Result<Settled, CrawlError> {
    if plan.sources.is_empty() {
        return Err(CrawlError::NoSources);
    }
    let find::Found { mut candidates, dropped } = find::find(&plan.sources, pages, limits.spec_bytes)?;
    let listed = live::list(&plan.sources, limits, pages)?;
    candidates.extend(listed.into_iter().map(|(source, listing)| find::Candidate::listed(source, listing)));
    // in the order of the sources: who comes first keeps a name that both have
    candidates.sort_by_key(|candidate| candidate.source);
    let lowered = lower_all(&candidates, plan, limits, pages, form);
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
        |(candidate, one): &(&find::Candidate, Lowered)| !(one.foreign && parts.contains(&candidate.place()));
    let unread = Lowered::new(Vec::new(), dropped, None, form);
    let lowered = candidates.iter().zip(lowered).filter(whole).map(|(_, one)| one);
    let specs = std::iter::once(unread).chain(lowered).collect();
    Ok(settle::settle(specs, &plan.curation))
}

/// Lowers every candidate; one thread a processor takes the next file, and results come back in the candidates' order.
fn lower_all(
    candidates: &[find::Candidate],
    plan: &CrawlPlan,
    limits: &Limits,
    pages: &Pages,
    form: Form,
) -> Vec<Lowered> {
    // lowering is recursive in the spec's own depth, which the parsers bound
    const STACK_BYTES: usize = 32 << 20;
    let turns = Turns::new(candidates.iter().map(|candidate| candidate.bytes(pages)));
    let results: Vec<Mutex<Lowered>> = candidates.iter().map(|_| Mutex::new(Lowered::default())).collect();
    let workers = std::thread::available_parallelism().map_or(1, usize::from).min(8).min(candidates.len());
    let work = || {
        turns.work(|index| {
            let lowered = Lowered::of(one::crawl(&candidates[index], plan, limits, pages), form);
            if let Ok(mut slot) = results[index].lock() {
                *slot = lowered;
            }
        });
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
