//! Stage 5: kept and rejected rows, the catalog, the tasks and the trees become the run's folder.
//!
//! Everything is written once, as it comes and from the values alone: the same values give the same bytes, whatever stood in the
//! folder before. The manifest comes last; a folder without one is unfinished.

mod folder;
mod read;
mod row;
mod schema;
pub(crate) mod splits;
mod table_file;
mod tables;
pub(crate) mod writer;

pub use folder::MANIFEST;
pub use read::{ReadError, TableFile, read_manifest, read_samples, read_values, table_files};
pub use schema::Table;

pub(crate) use writer::{Batch, Facts, Writer};

use crate::config::plan::Compression;
use crate::data::{CatalogRow, GraphRow};
use folder::Staging;
use std::io;
use std::path::{Path, PathBuf};

/// The catalog's file.
const CATALOG: &str = "catalog.parquet";
/// The tool graph's file.
const GRAPH: &str = "graph.parquet";

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

/// Writes the catalog and its graph alone into the folder at `dir`, before there are tasks. What else stands there is left as it is.
pub(crate) fn write_catalog(
    dir: &Path,
    compression: Compression,
    rows: impl Iterator<Item = CatalogRow>,
    edges: impl Iterator<Item = GraphRow> + Send,
) -> Result<(), ShardError> {
    let mut staging = Staging::begin(dir, &[])?;
    let (catalog, graph) = (staging.path(CATALOG), staging.path(GRAPH));
    // at once: the graph of a large directory takes as long as its catalog
    let written = std::thread::scope(|scope| {
        let graph = scope.spawn(|| table_file::write_table(&graph, Table::Graph, compression, edges));
        let catalog = table_file::write_table(&catalog, Table::Catalog, compression, rows);
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
