//! MCP servers as sources: small ones of our own, built on the library that the client is built on, over standard input and
//! output and over streamable HTTP; well-behaved and not.

#![expect(clippy::unwrap_used, reason = "the helpers of tests may panic")]

mod binary;
mod dumps;
mod http;
mod server;
mod stdio;

use std::collections::BTreeMap;
use toolloom::config::plan::{CrawlPlan, Limits, McpReach, McpSource, Source};
use toolloom::data::Catalog;
use toolloom::internals::crawl::{CrawlError, crawl};

/// The plan's limits, with a shorter wait for whoever answers nothing.
pub fn limits(wait_ms: u64) -> Limits {
    let sets = [format!("limits.timeout_ms={wait_ms}")];
    toolloom::config::load(None, &sets, &|_| true).unwrap_or_else(|faults| panic!("{faults:?}")).limits
}

/// Crawls sources.
pub fn crawl_all(sources: Vec<Source>, limits: &Limits) -> Result<Catalog, CrawlError> {
    let sets: [String; 0] = [];
    let mut plan: CrawlPlan = toolloom::config::load(None, &sets, &|_| true).unwrap().crawl;
    plan.sources = sources;
    crawl(&plan, limits)
}

/// A source that starts this very program as a server that behaves in some way.
pub fn started(behaviour: &str, name: Option<&str>) -> Source {
    let (program, arguments) = server::command();
    let mut command = vec![program];
    command.extend(arguments);
    let env = BTreeMap::from([(server::BEHAVIOUR.to_owned(), behaviour.to_owned())]);
    Source::Mcp(McpSource {
        name: name.map(str::to_owned),
        reach: McpReach::Stdio { command, env, cwd: None },
    })
}

/// A source that is there already.
pub fn remote(url: String, headers: &[(&str, &str)]) -> Source {
    let headers = headers.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
    Source::Mcp(McpSource { name: None, reach: McpReach::Http { url, headers } })
}
