//! Where the journal is that a subcommand is about.

use super::CliError;
use super::args::{PlaceArgs, PlanArgs};
use crate::data::Prices;
use crate::shard;
use std::path::{Path, PathBuf};

/// Finds the journal and the prices that go with it: the pipeline's, or those that the run's manifest holds.
pub(super) fn place(args: &PlaceArgs) -> Result<(PathBuf, Prices), CliError> {
    let is_pipeline = |path: &Path| path.extension().is_some_and(|e| e == "yaml" || e == "yml");
    match &args.path {
        Some(path) if !is_pipeline(path) || path.is_dir() => {
            let is_journal = path.extension().is_some_and(|e| e == "redb");
            let folder = if is_journal { path.parent().unwrap_or(Path::new(".")) } else { path };
            let journal = if is_journal { path.clone() } else { path.join("journal.redb") };
            // A manifest that cannot be read leaves prices unknown, no more.
            let manifest = shard::read_manifest(folder).ok().flatten();
            Ok((journal, manifest.map(|m| Prices::of_plan(&m.plan)).unwrap_or_default()))
        }
        pipeline => {
            let args = PlanArgs { pipeline: pipeline.clone(), set: args.set.clone() };
            let plan = super::load_without_keys(&args)?;
            let prices = serde_json::to_value(&plan).expect("a plan's keys are strings");
            Ok((plan.output.join("journal.redb"), Prices::of_plan(&prices)))
        }
    }
}

/// Words a number of bytes.
pub(super) fn size(bytes: u64) -> String {
    const MIB: f64 = 1_048_576.0;
    match bytes as f64 / MIB {
        mib if mib >= 1024.0 => format!("{:.1} GiB", mib / 1024.0),
        mib => format!("{mib:.1} MiB"),
    }
}
