//! Running MCP servers as sources: each is started or reached, asked for its tools, and left. What it lists becomes the
//! same document that a dump of it is, so that there is one way to lower both.

mod error;
mod http;
mod listing;
mod noted;
mod pages;
mod stdio;
#[cfg(test)]
mod tests;

pub use error::{LiveError, LiveErrors};
pub use listing::Listing;

use super::fetch::Pages;
use crate::config::plan::{Limits, McpReach, McpSource, Source, in_header};
use crate::data::canonical_json;
use crate::llm::Secrets;
use error::Fault;
use futures_util::stream::{StreamExt, iter};
use pages::Bounds;
use serde_json::json;
use std::collections::BTreeMap;
use std::time::Duration;

/// Most servers that are started at once: each may be a package that is fetched first.
const AT_ONCE: usize = 4;

/// Asks every MCP server of the sources, and returns what each lists with its place among the sources. What is listed is
/// durable before anything is told of it; where nothing may be asked, it is what is remembered. Where one cannot be asked, all
/// that cannot be are told of.
pub fn list(sources: &[Source], limits: &Limits, pages: &Pages) -> Result<Vec<(usize, Listing)>, LiveErrors> {
    let servers: Vec<(usize, &McpSource)> = sources
        .iter()
        .enumerate()
        .filter_map(|(index, source)| match source {
            Source::Mcp(server) => Some((index, server)),
            Source::Path(_) => None,
        })
        .collect();
    if servers.is_empty() {
        return Ok(Vec::new());
    }
    let answers = match pages.is_asking() {
        // the caller is told why by `pages`
        None => return Ok(Vec::new()),
        Some(true) => ask(&servers, limits, pages)?,
        Some(false) => servers.iter().map(|(index, server)| (*index, recall(server, pages))).collect(),
    };
    let mut listings = Vec::new();
    let mut errors = Vec::new();
    for (index, answer) in answers {
        match answer {
            Ok(listing) => listings.push((index, listing)),
            Err(error) => errors.push(error),
        }
    }
    if errors.is_empty() { Ok(listings) } else { Err(LiveErrors(errors)) }
}

type Answers = Vec<(usize, Result<Listing, LiveError>)>;

/// Asks servers, several at once, and remembers what they list.
fn ask(servers: &[(usize, &McpSource)], limits: &Limits, pages: &Pages) -> Result<Answers, LiveErrors> {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .map_err(|cause| LiveErrors(vec![LiveError::of_runtime(&cause)]))?;
    let asked = iter(servers).map(|(index, server)| async move { (*index, one(server, limits).await) });
    let answers = runtime.block_on(asked.buffered(AT_ONCE).collect::<Answers>());
    drop(runtime);
    for ((_, server), (_, answer)) in servers.iter().zip(&answers) {
        if let Ok(listing) = answer {
            pages.remember(&request(server), listing.document.to_string().as_bytes());
        }
    }
    Ok(answers)
}

fn recall(server: &McpSource, pages: &Pages) -> Result<Listing, LiveError> {
    match pages.remembered(&request(server)) {
        Some(bytes) => Ok(Listing::of(&String::from_utf8_lossy(&bytes))),
        None => Err(LiveError::not_asked(server)),
    }
}

/// What is asked of a server, in canonical form: which server it is, without what its secrets are.
fn request(server: &McpSource) -> String {
    let mut source = json!(server);
    if let McpReach::Stdio { env, .. } = &server.reach {
        source["env"] = json!(env);
    }
    if let Some(map) = source.as_object_mut() {
        map.shift_remove("cwd");
    }
    canonical_json(&json!({ "mcp_listing": source }))
}

/// Asks one server. No secret of its source is in what comes back, whatever the server says.
async fn one(server: &McpSource, limits: &Limits) -> Result<Listing, LiveError> {
    let bounds = Bounds {
        wait: Duration::from_millis(limits.timeout_ms),
        bytes: usize::try_from(limits.spec_bytes).unwrap_or(usize::MAX),
        pages: limits.listing_pages,
        tools: limits.listing_tools,
    };
    let given = match &server.reach {
        McpReach::Stdio { env, .. } => resolve(env),
        McpReach::Http { headers, .. } => resolve(headers),
    };
    let (given, mut secrets) = given.map_err(|fault| LiveError::new(server, fault, &Secrets::default()))?;
    let answer = match &server.reach {
        McpReach::Stdio { command, cwd, .. } => stdio::ask(command, &given, cwd.as_deref(), &bounds).await,
        McpReach::Http { url, .. } => match query(url, &mut secrets) {
            Ok(url) => http::ask(&url, &given, &bounds).await,
            Err(fault) => Err(fault),
        },
    };
    let secrets = Secrets::new(secrets.iter().map(String::as_str));
    match answer {
        Ok(said) => Ok(Listing::new(server, said, &secrets)),
        Err(fault) => Err(LiveError::new(server, fault, &secrets)),
    }
}

/// Names and values: of environment variables, or of headers.
type Pairs = Vec<(String, String)>;

/// Puts the variables' values into what names them. Returns the values beside, for they are secrets.
fn resolve(given: &BTreeMap<String, String>) -> Result<(Pairs, Vec<String>), Fault> {
    let mut secrets = Vec::new();
    let mut resolved = Vec::new();
    for (name, text) in given {
        resolved.push((name.clone(), value(text, &mut secrets)?));
    }
    Ok((resolved, secrets))
}

fn value(text: &str, secrets: &mut Vec<String>) -> Result<String, Fault> {
    let Some((before, variable, after)) = in_header(text) else { return Ok(text.to_owned()) };
    let value = std::env::var(variable).unwrap_or_default().trim().to_owned();
    if value.is_empty() {
        return Err(Fault::new(
            format!("the environment variable {variable} is not set"),
            format!("export {variable}=…"),
        ));
    }
    let whole = format!("{before}{value}{after}");
    secrets.push(value);
    Ok(whole)
}

/// Puts the variables' values into an address's query.
fn query(url: &str, secrets: &mut Vec<String>) -> Result<String, Fault> {
    let Some((before, query)) = url.split_once('?') else { return Ok(url.to_owned()) };
    let mut pairs = Vec::new();
    for pair in query.split('&') {
        let at = secrets.len();
        let whole = value(pair, secrets)?;
        pairs.push(match secrets.get(at) {
            Some(secret) => {
                let encoded =
                    percent_encoding::utf8_percent_encode(secret, percent_encoding::NON_ALPHANUMERIC);
                whole.replacen(secret.as_str(), &encoded.to_string(), 1)
            }
            None => whole,
        });
    }
    Ok(format!("{before}?{}", pairs.join("&")))
}
