//! toolloom weaves tool-use training data from API specs.
//!
//! ```text
//! apis/ ─▶ crawl ─▶ instruct ─▶ search ─▶ filter ─▶ shard ─▶ output/
//!          Catalog   Task        SearchTree Verdict   Sample
//! ```
//!
//! The modules, in the order in which imports may go (each may use those above it):

pub mod data; // the values: plain records, no I/O
pub mod words; // splitting, number, stems, calendar and code tables of natural language; pure, used by all above it
pub mod config; // what the YAML says → what will run
pub mod monitor; // typed events and counters; sinks: bars, JSON lines
pub mod journal; // what was asked and answered (redb, group commit)
pub mod net; // what clients of HTTP share
pub mod prompt; // the typed prompts and their templates
pub mod graph; // resources, operations, and which result feeds which parameter; pure
pub mod checks; // pure checks that stages share
pub mod report; // the card, conversations and summaries for reading; pure
pub mod world; // simulated worlds from specs; pure
pub mod llm; // the handle on models; dialects, limits, retries, prices
pub mod environment; // the handle on tools; sessions
pub mod builtin; // the built-in model; pure
pub mod crawl; // stage 1: specs → Catalog
pub mod instruct; // stage 2: Catalog → Task
pub mod search; // stage 3: Task → SearchTree
pub mod filter; // stage 4: SearchTree → Verdict
pub mod shard; // stage 5: kept and rejected → Parquet
pub mod pipeline; // the whole flow, visible in one function
pub mod cli; // one file a subcommand
