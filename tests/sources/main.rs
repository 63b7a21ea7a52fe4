//! Sources on the web, against servers of this machine: what is asked, what is remembered, and what is refused.

#![expect(clippy::unwrap_used, reason = "the helpers of tests may panic")]

mod listings;
mod polite;
mod references;
mod remembered;
mod runs;
mod server;

use serde_json::json;
use server::{Answer, Server};
use std::path::{Path, PathBuf};
use toolloom::config::plan::{CrawlPlan, FetchPlan, Limits};
use toolloom::data::Catalog;
use toolloom::internals::crawl::{Asking, CrawlError, Pages, crawl_from};

/// A small spec with one tool that is called after it.
fn spec(word: &str) -> Vec<u8> {
    json!({
        "openapi": "3.0.3",
        "info": {"title": format!("{word} service"), "version": "1"},
        "servers": [{"url": format!("https://{word}.example.net")}],
        "paths": {format!("/{word}"): {"get": {
            "operationId": format!("list_{word}"),
            "summary": format!("List every {word} of the shop, with its name and price"),
            "parameters": [{"name": "limit", "in": "query", "description": "how many", "schema": {"type": "integer"}}],
            "responses": {"200": {"description": "ok", "content": {"application/json": {"schema": {
                "type": "array", "items": {"type": "object", "properties": {"name": {"type": "string"}}}}}}}}}}},
    })
    .to_string()
    .into_bytes()
}

/// What a crawl is told: to ask servers of this machine, at once.
fn plan(sources: &[String]) -> CrawlPlan {
    CrawlPlan {
        sources: sources.iter().map(|source| source.clone().into()).collect(),
        fetch: FetchPlan { private_addresses: true, delay_ms: 0, timeout_ms: 5000, ..FetchPlan::default() },
        ..CrawlPlan::default()
    }
}

fn limits() -> Limits {
    let plan = toolloom::config::load(None, &[], &|_| true).unwrap();
    Limits { backoff_ms: 1, ..plan.limits }
}

/// A folder for a run, and its journal.
fn folder() -> (tempfile::TempDir, PathBuf) {
    let folder = tempfile::tempdir().unwrap();
    let journal = folder.path().join("run/journal.redb");
    (folder, journal)
}

fn try_crawl(plan: &CrawlPlan, journal: &Path, asking: Asking) -> Result<(Catalog, Pages), CrawlError> {
    let limits = limits();
    let pages = Pages::of_run(journal, plan, &limits, asking);
    crawl_from(plan, &limits, &pages).map(|catalog| (catalog, pages))
}

fn crawl(plan: &CrawlPlan, journal: &Path) -> Catalog {
    try_crawl(plan, journal, Asking::Fresh).unwrap().0
}

/// Crawls what has to fail, and returns what is said.
fn failure(plan: &CrawlPlan) -> String {
    let (_folder, journal) = folder();
    try_crawl(plan, &journal, Asking::Fresh).unwrap_err().to_string()
}

fn names(catalog: &Catalog) -> Vec<String> {
    catalog.tools.iter().map(|tool| tool.name.to_string()).collect()
}

/// Rule and reason of what is left out under an id that ends so.
fn left_out(catalog: &Catalog, id: &str) -> (String, String) {
    let all: Vec<_> = catalog.dropped.iter().map(|d| (&d.id, &d.rule)).collect();
    let one = catalog.dropped.iter().find(|d| d.id.ends_with(id)).unwrap_or_else(|| panic!("{id}: {all:?}"));
    (one.rule.clone(), one.reason.clone())
}

/// A server with one spec at `/pets.json`.
fn with_pets() -> Server {
    let server = Server::start();
    server.set("/pets.json", Answer::body(spec("pets")).etag("\"1\""));
    server
}
