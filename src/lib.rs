//! toolloom weaves tool-use training data from API specs.
//!
//! ```text
//! apis/ ─▶ crawl ─▶ instruct ─▶ search ─▶ filter ─▶ shard ─▶ output/
//!          Catalog   Task        SearchTree Verdict   Sample
//! ```
//!
//! It is a program first. As a library it loads a plan ([`config`]), runs it ([`pipeline`], watched through [`monitor`]) and
//! reads what stands in a run's folder ([`shard`], as the plain values of [`data`]):
//!
//! ```
//! use toolloom::{config, monitor::Monitor, pipeline, shard};
//!
//! # fn main() -> Result<(), Box<dyn std::error::Error>> {
//! let folder = tempfile::tempdir()?;
//! let sets = [
//!     String::from("crawl.sources=[apis/petstore.json]"),
//!     String::from("instruct.tasks=2"),
//!     format!("output={}", folder.path().display()),
//! ];
//! let plan = config::load(None, &sets, &|name| std::env::var_os(name).is_some())?;
//!
//! // Turned true, it would end the run cleanly.
//! let (_stop, stopped) = tokio::sync::watch::channel(false);
//! let outcome = pipeline::run(&plan, &pipeline::Options::default(), &Monitor::silent(), stopped)?;
//! assert_eq!((outcome.end, outcome.finished), (pipeline::End::Done, 2));
//!
//! let manifest = shard::read_manifest(folder.path())?.expect("a finished run has a manifest");
//! assert_eq!(manifest.counts.rows, outcome.kept);
//! for file in shard::table_files(folder.path(), "data")? {
//!     for row in shard::read_samples(&file.path)? {
//!         println!("{}", row?.messages[1].content);
//!     }
//! }
//! # Ok(())
//! # }
//! ```
//!
//! The modules, in the order in which imports may go (each may use those above it). Those that are not `pub` are inner ones:
//! the project's own tests and benchmarks reach them through the feature `internals`.

pub mod data; // the values: plain records, no I/O
mod words; // splitting, number, stems, calendar and code tables of natural language; pure, used by all above it
pub mod config; // what the YAML says → what will run
pub mod monitor; // typed events and counters; sinks: bars, JSON lines
mod journal; // what was asked and answered (redb, group commit)
mod net; // what clients of HTTP share
mod prompt; // the typed prompts and their templates
mod graph; // resources, operations, and which result feeds which parameter; pure
mod checks; // pure checks that stages share
mod report; // the card, conversations and summaries for reading; pure
mod world; // simulated worlds from specs; pure
mod llm; // the handle on models; dialects, limits, retries, prices
mod environment; // the handle on tools; sessions
mod builtin; // the built-in model; pure
mod crawl; // stage 1: specs → Catalog
mod instruct; // stage 2: Catalog → Task
mod search; // stage 3: Task → SearchTree
mod filter; // stage 4: SearchTree → Verdict
pub mod shard; // stage 5: kept and rejected → Parquet
pub mod pipeline; // the whole flow, visible in one function
pub mod cli; // one file a subcommand
#[cfg(feature = "internals")]
pub mod internals; // the inner modules, for tests and benchmarks
