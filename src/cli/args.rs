//! The command-line arguments.

use super::exit;
use crate::data::Stage;
use clap::builder::{PossibleValuesParser, TypedValueParser};
use clap::{Parser, Subcommand, ValueEnum};
use std::path::PathBuf;

/// Weaves training data that teaches language models to use tools.
///
/// API specs in, executed and verified trajectories out, as Parquet.
/// Without any argument of its own, `toolloom run` works offline on the specs in apis/.
#[derive(Debug, Parser)]
#[command(name = "toolloom", version, after_help = exit::table(), term_width = 100)]
pub struct Args {
    /// The subcommand.
    #[command(subcommand)]
    pub command: Command,
}

/// A subcommand.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// Run a pipeline, or go on with one that was stopped
    Run(RunArgs),
    /// Run a few tasks and show every prompt, reply and verdict, before anything larger is spent
    Preview(PreviewArgs),
    /// Write the commented default pipeline to start from
    Init(InitArgs),
    /// Report every fault of a pipeline, or print what it would do
    Check(PlanArgs),
    /// Show a run or one of its Parquet files
    Inspect(InspectArgs),
    /// Write a run's rows in a trainer's format
    Export(ExportArgs),
    /// Show what a run's journal holds and cost, check it, repair it, carry it elsewhere
    #[command(subcommand)]
    Journal(JournalCommand),
}

/// Which plan.
#[derive(Clone, Debug, clap::Args)]
pub struct PlanArgs {
    /// The pipeline file; without it the built-in default runs
    #[arg(value_name = "PIPELINE.yaml")]
    pub pipeline: Option<PathBuf>,
    /// Override a key of the pipeline: --set instruct.tasks=200
    #[arg(long, value_name = "KEY=VALUE")]
    pub set: Vec<String>,
}

/// `toolloom run`.
#[derive(Clone, Debug, clap::Args)]
pub struct RunArgs {
    /// Which plan.
    #[command(flatten)]
    pub plan: PlanArgs,
    /// Stop after a stage
    #[arg(long, value_name = "STAGE", value_parser = stage())]
    pub until: Option<Stage>,
    /// Do a stage and those after it again
    #[arg(long, value_name = "STAGE", value_parser = stage())]
    pub redo: Option<Stage>,
    /// Send nothing: answer from the journal alone, and fail at the first call that is not there
    #[arg(long)]
    pub offline: bool,
    /// Print nothing but errors
    #[arg(long, short, conflicts_with = "json")]
    pub quiet: bool,
    /// Print each event as a line of JSON
    #[arg(long)]
    pub json: bool,
}

/// `toolloom preview`.
#[derive(Debug, clap::Args)]
pub struct PreviewArgs {
    /// Which plan.
    #[command(flatten)]
    pub plan: PlanArgs,
    /// How many tasks; what they cost is remembered, and the run reuses it
    #[arg(long, short = 'n', value_name = "N", default_value_t = 3, value_parser = clap::value_parser!(u64).range(1..=1000))]
    pub tasks: u64,
    /// Show the definitions of tools and schemas, and messages that were shown before
    #[arg(long)]
    pub full: bool,
    /// Send nothing: answer from the journal alone, and fail at the first call that is not there
    #[arg(long)]
    pub offline: bool,
}

/// `toolloom init`.
#[derive(Debug, clap::Args)]
pub struct InitArgs {
    /// Where to write it
    #[arg(default_value = "pipeline.yaml")]
    pub path: PathBuf,
}

/// `toolloom inspect`.
#[derive(Debug, clap::Args)]
pub struct InspectArgs {
    /// A run's folder, or one of its Parquet files
    pub path: PathBuf,
    /// Show the row at this position, from 0, as a conversation
    #[arg(long, value_name = "N", conflicts_with = "id")]
    pub row: Option<usize>,
    /// Show the row with this id (a prefix will do) as a conversation
    #[arg(long)]
    pub id: Option<String>,
    /// Look at the rejected rows
    #[arg(long)]
    pub rejected: bool,
    /// List an API's tools: its id, its name, or a part of it
    #[arg(long, value_name = "API", conflicts_with_all = ["row", "id", "rejected", "tool"])]
    pub api: Option<String>,
    /// Show a tool with its documentation, what feeds its parameters and what it feeds: its id, its name, or a part of it
    #[arg(long, value_name = "TOOL", conflicts_with_all = ["row", "id", "rejected"])]
    pub tool: Option<String>,
}

/// `toolloom export`.
#[derive(Debug, clap::Args)]
pub struct ExportArgs {
    /// A run's folder
    pub path: PathBuf,
    /// The format
    #[arg(long, value_enum, default_value_t = ExportFormat::Openai)]
    pub format: ExportFormat,
    /// Only this split
    #[arg(long)]
    pub split: Option<String>,
    /// Spread turns of several calls over as many turns, for templates that take one call a turn (Llama 3)
    #[arg(long)]
    pub single_calls: bool,
    /// The file to write; without it, standard output
    #[arg(long, short)]
    pub output: Option<PathBuf>,
}

/// `toolloom journal`.
#[derive(Debug, Subcommand)]
pub enum JournalCommand {
    /// Count tasks, replies, tokens and cost by model, role and stage
    Stats(StatsArgs),
    /// Check every value against its checksum, and say what is damaged
    Check(PlaceArgs),
    /// Save all that is not damaged into a new journal; the damaged one is kept beside it
    Repair(PlaceArgs),
    /// Write it as lines of JSON
    Export(JournalExportArgs),
    /// Make a new run's folder of an exported journal
    Import(ImportArgs),
    /// Drop replies that are of no use, and give the room back
    Prune(PruneArgs),
}

/// Which journal.
#[derive(Clone, Debug, clap::Args)]
pub struct PlaceArgs {
    /// The pipeline, or a run's folder; without it the built-in default's
    #[arg(value_name = "PIPELINE.yaml|DIR")]
    pub path: Option<PathBuf>,
    /// Override a key of the pipeline
    #[arg(long, value_name = "KEY=VALUE")]
    pub set: Vec<String>,
}

/// `toolloom journal stats`. Prices are the pipeline's, or else those that the folder's manifest holds.
#[derive(Debug, clap::Args)]
pub struct StatsArgs {
    /// Which journal.
    #[command(flatten)]
    pub place: PlaceArgs,
    /// Print JSON
    #[arg(long)]
    pub json: bool,
}

/// `toolloom journal export`.
#[derive(Debug, clap::Args)]
pub struct JournalExportArgs {
    /// Which journal.
    #[command(flatten)]
    pub place: PlaceArgs,
    /// The file to write; without it, standard output
    #[arg(long, short)]
    pub output: Option<PathBuf>,
}

/// `toolloom journal import`.
#[derive(Debug, clap::Args)]
pub struct ImportArgs {
    /// The exported journal
    pub file: PathBuf,
    /// The folder of the new run
    pub folder: PathBuf,
}

/// `toolloom journal prune`.
#[derive(Debug, clap::Args)]
pub struct PruneArgs {
    /// Which journal.
    #[command(flatten)]
    pub place: PlaceArgs,
    /// Drop all replies of finished tasks, too: rows can still be made of these, but making the tasks anew asks again
    #[arg(long)]
    pub finished: bool,
}

/// A trainer's format.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum ExportFormat {
    /// `messages` and `tools` as JSON lines, arguments as objects
    Openai,
}

fn stage() -> impl TypedValueParser<Value = Stage> {
    PossibleValuesParser::new(Stage::ALL.map(Stage::as_str)).map(|word| {
        Stage::ALL.into_iter().find(|stage| stage.as_str() == word).expect("clap takes no other word")
    })
}
