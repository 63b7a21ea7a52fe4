//! Why nothing could be crawled.

use super::fetch::{PageFault, PageRule};
use super::live::LiveErrors;
use crate::journal::JournalError;
use std::path::PathBuf;
use thiserror::Error;

/// Why nothing could be crawled.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum CrawlError {
    /// The plan names no source.
    #[error("crawl.sources is empty: name a spec file, a folder, a glob or a URL")]
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
    /// Pages that the plan names are not there.
    #[error("{}", words(missing))]
    Pages {
        /// The addresses, and why there is no page.
        missing: Vec<(String, PageFault)>,
    },
    /// Of all that a listing leads to nothing is there.
    #[error("{listing}: none of its {count} specs can be fetched; the first: {first}")]
    Members {
        /// The listing.
        listing: String,
        /// How many specs it leads to.
        count: usize,
        /// Why the first is not there.
        first: String,
    },
    /// The journal that pages are remembered in cannot be used.
    #[error(transparent)]
    Journal(#[from] JournalError),
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

/// Words why pages are not there, and what to do.
fn words(missing: &[(String, PageFault)]) -> String {
    let one = |(url, fault): &(String, PageFault)| {
        let advice = match fault.rule {
            PageRule::Unreachable => "; run again when its server serves, or download it and name the file",
            PageRule::Robots => {
                "; download it by hand and name the file, or set crawl.fetch.robots=false where the server is your own"
            }
            PageRule::PrivateAddress => {
                "; where it is a server that you trust, set crawl.fetch.private_addresses=true"
            }
            PageRule::Redirects | PageRule::NoPage => "; check the address",
            PageRule::TooLarge | PageRule::NoAddress | PageRule::NotAsked => "",
        };
        format!("{url}: {fault}{advice}")
    };
    missing.iter().map(one).collect::<Vec<_>>().join("\n  and ")
}
