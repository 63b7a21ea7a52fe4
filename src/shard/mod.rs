//! Stage 5: kept and rejected rows, the catalog, the tasks and the trees become the run's folder.
//!
//! Everything is written once, from the values alone: the same values give the same bytes, whatever stood in the
//! folder before. The manifest comes last; a folder without one is unfinished.

mod folder;
mod read;
mod row;
mod schema;
mod splits;
mod table_file;
mod tables;

pub use folder::MANIFEST;
pub use read::{ReadError, TableFile, read_manifest, read_samples, read_values, table_files};
pub use schema::{Table, describe};
pub use splits::Splits;

use crate::config::Plan;
use crate::config::plan::Compression;
use crate::data::{
    Catalog, CatalogRow, Counts, FORMAT_VERSION, FileEntry, Funnel, GraphRow, Manifest, Prices, Sample,
    Spend, Split, TaskRecord,
};
use crate::report;
use folder::Staging;
use row::Row;
use std::io;
use std::path::{Path, PathBuf};

/// The catalog's file.
const CATALOG: &str = "catalog.parquet";
/// The tool graph's file.
const GRAPH: &str = "graph.parquet";

/// What a run's folder is made of.
#[derive(Clone, Copy, Debug)]
pub struct Corpus<'a> {
    /// The kept rows, in the order of their ordinals.
    pub kept: &'a [Sample],
    /// The rejected rows, in the order of their ordinals.
    pub rejected: &'a [Sample],
    /// The catalog.
    pub catalog: &'a Catalog,
    /// The finished tasks 0..K.
    pub tasks: &'a [TaskRecord],
    /// The resolved plan.
    pub plan: &'a Plan,
    /// The funnel.
    pub funnel: &'a Funnel,
    /// The run's identity.
    pub identity: &'a str,
    /// The command that makes the folder again, for the card.
    pub command: &'a str,
}

/// Why the folder could not be written. The earlier state, or a folder without a manifest, is what is left.
#[derive(Debug, thiserror::Error)]
pub enum ShardError {
    /// A file stands where a folder should be.
    #[error("{path} is a file, not a folder", path = path.display())]
    NotAFolder {
        /// The path.
        path: PathBuf,
    },
    /// The file system refused.
    #[error("cannot {action} {path}", path = path.display())]
    Io {
        /// What was tried.
        action: &'static str,
        /// The path.
        path: PathBuf,
        /// Why not.
        source: io::Error,
    },
    /// A row does not fit its table's schema.
    #[error("cannot encode a row of {path}", path = path.display())]
    Encode {
        /// The file.
        path: PathBuf,
        /// Why not.
        source: arrow::error::ArrowError,
    },
    /// Parquet could not be written.
    #[error("cannot write {path} as Parquet", path = path.display())]
    Parquet {
        /// The file.
        path: PathBuf,
        /// Why not.
        source: parquet::errors::ParquetError,
    },
}

/// Returns a closure that names the action and the path of an I/O error.
fn io_error(action: &'static str, path: &Path) -> impl FnOnce(io::Error) -> ShardError {
    let path = path.to_owned();
    move |source| ShardError::Io { action, path, source }
}

/// Writes the run's folder at `dir` and returns its manifest. The samples' own `split` is not read: splits are
/// assigned here, by the plan.
pub fn write(dir: &Path, corpus: &Corpus) -> Result<Manifest, ShardError> {
    let mut staging = Staging::begin(dir, &folder::SHARD_FOLDERS)?;
    let staged = stage(&mut staging, corpus);
    match staged {
        Ok((manifest, bytes)) => staging.commit(&bytes).map(|()| manifest),
        Err(error) => {
            staging.abandon();
            Err(error)
        }
    }
}

/// Writes the catalog and its graph alone into the folder at `dir`, before there are tasks. What else stands there is left as it is.
pub fn write_catalog(
    dir: &Path,
    compression: Compression,
    rows: impl Iterator<Item = CatalogRow>,
    edges: impl Iterator<Item = GraphRow> + Send,
) -> Result<(), ShardError> {
    let mut staging = Staging::begin(dir, &[])?;
    let (catalog, graph) = (staging.path(CATALOG), staging.path(GRAPH));
    // at once: the graph of a large directory takes as long as its catalog
    let written = std::thread::scope(|scope| {
        let graph = scope.spawn(|| table_file::write_table(&graph, GRAPH, Table::Graph, compression, edges));
        let catalog = table_file::write_table(&catalog, CATALOG, Table::Catalog, compression, rows);
        let graph = graph.join().expect("writing does not panic");
        catalog.and(graph)
    });
    match written {
        Ok(_) => staging.place(),
        Err(error) => {
            staging.abandon();
            Err(error)
        }
    }
}

/// Writes everything but the manifest into the staging folder.
fn stage(staging: &mut Staging, corpus: &Corpus) -> Result<(Manifest, Vec<u8>), ShardError> {
    let shard = &corpus.plan.shard;
    let splits = Splits::new(corpus.catalog, shard);
    let of = |samples: &[Sample]| -> Vec<Split> { samples.iter().map(|s| splits.of(s)).collect() };
    let (kept_splits, rejected_splits) = (of(corpus.kept), of(corpus.rejected));

    let mut files = Vec::new();
    for (name, _) in &shard.splits {
        let rows = rows_of(corpus.kept, &kept_splits, Some(name));
        files.extend(write_shards(staging, Table::Data, &format!("data/{name}"), &rows, corpus.plan)?);
    }
    let rows = rows_of(corpus.rejected, &rejected_splits, None);
    files.extend(write_shards(staging, Table::Rejected, "rejected/rejected", &rows, corpus.plan)?);

    let codec = shard.compression;
    let path = staging.path(CATALOG);
    let rows = corpus.catalog.rows();
    files.push(table_file::write_table(&path, CATALOG, Table::Catalog, codec, rows)?);
    let path = staging.path(GRAPH);
    let rows = tables::edges(corpus.catalog);
    files.push(table_file::write_table(&path, GRAPH, Table::Graph, codec, rows)?);
    let path = staging.path("tasks.parquet");
    let rows = corpus.tasks.iter().map(tables::TaskRow::of);
    files.push(table_file::write_table(&path, "tasks.parquet", Table::Tasks, codec, rows)?);
    let path = staging.path("trees.parquet");
    let rows = corpus.tasks.iter().filter_map(tables::TreeRow::of);
    files.push(table_file::write_table(&path, "trees.parquet", Table::Trees, codec, rows)?);

    let plan = serde_json::to_value(corpus.plan).expect("a plan's keys are strings");
    let kept = corpus.kept.iter().map(|sample| sample.group_id.as_str());
    let mut manifest = Manifest {
        format_version: FORMAT_VERSION,
        toolloom: env!("CARGO_PKG_VERSION").to_owned(),
        name: corpus.plan.name.clone(),
        identity: corpus.identity.to_owned(),
        catalog_hash: corpus.catalog.hash.clone(),
        counts: count(corpus, &kept_splits),
        files,
        funnel: corpus.funnel.clone(),
        spend: Spend::of(corpus.tasks, kept, &Prices::of_plan(&plan)),
        sources: corpus.catalog.sources.clone(),
        command: corpus.command.to_owned(),
        plan,
    };
    let card = report::card(&manifest);
    folder::write_synced(&staging.path("README.md"), card.as_bytes())?;
    manifest.files.push(FileEntry {
        path: "README.md".to_owned(),
        rows: None,
        bytes: card.len() as u64,
        blake3: blake3::hash(card.as_bytes()).to_hex().to_string(),
    });
    manifest.files.sort_by(|a, b| a.path.cmp(&b.path));
    let mut bytes = serde_json::to_vec_pretty(&manifest).expect("a manifest's keys are strings");
    bytes.push(b'\n');
    Ok((manifest, bytes))
}

/// Returns the samples of one split, or of all, each with its split.
fn rows_of<'a>(
    samples: &'a [Sample],
    splits: &'a [Split],
    only: Option<&str>,
) -> Vec<(&'a Sample, &'a Split)> {
    samples.iter().zip(splits).filter(|(_, split)| only.is_none_or(|name| split.0 == name)).collect()
}

/// Writes rows as numbered files of `shard.rows` rows; none where there is no row.
fn write_shards(
    staging: &mut Staging,
    table: Table,
    stem: &str,
    rows: &[(&Sample, &Split)],
    plan: &Plan,
) -> Result<Vec<FileEntry>, ShardError> {
    let chunks = rows.chunks(plan.shard.rows.max(1));
    let count = chunks.len();
    chunks
        .enumerate()
        .map(|(index, chunk)| {
            let name = folder::shard_name(stem, index, count);
            let path = staging.path(&name);
            let rows = chunk.iter().map(|(sample, split)| Row::of(sample, split, plan.shard.system_message));
            table_file::write_table(&path, &name, table, plan.shard.compression, rows)
        })
        .collect()
}

/// Counts the kept rows.
fn count(corpus: &Corpus, splits: &[Split]) -> Counts {
    let rows = corpus.kept.iter().zip(splits).map(|(sample, split)| (sample, split.0.as_str()));
    Counts { rejected: corpus.rejected.len() as u64, tasks: corpus.tasks.len() as u64, ..Counts::of(rows) }
}
