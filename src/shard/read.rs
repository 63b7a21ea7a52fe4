//! Reading a run's folder back: what `inspect` and `export` are made of.

use super::folder::MANIFEST;
use super::row::Row;
use super::schema::Table;
use crate::data::{Manifest, Sample};
use arrow::json::ArrayWriter;
use parquet::arrow::arrow_reader::ParquetRecordBatchReaderBuilder;
use serde::de::DeserializeOwned;
use serde_json::Value;
use std::fs::{self, File};
use std::io;
use std::path::{Path, PathBuf};

/// Rows that are decoded at once.
const BATCH_ROWS: usize = 256;

/// Why a table could not be read.
#[derive(Debug, thiserror::Error)]
pub enum ReadError {
    /// The file system refused.
    #[error("cannot read {path}", path = path.display())]
    Io {
        /// The path.
        path: PathBuf,
        /// Why not.
        source: io::Error,
    },
    /// It is no Parquet file, or a broken one.
    #[error("{path} is not a readable Parquet file", path = path.display())]
    Parquet {
        /// The file.
        path: PathBuf,
        /// Why not.
        source: parquet::errors::ParquetError,
    },
    /// Its values could not be decoded.
    #[error("cannot decode {path}", path = path.display())]
    Decode {
        /// The file.
        path: PathBuf,
        /// Why not.
        source: arrow::error::ArrowError,
    },
    /// Its rows are no rows of ours.
    #[error("{path} does not hold rows as toolloom writes them", path = path.display())]
    Row {
        /// The file.
        path: PathBuf,
        /// Why not.
        source: serde_json::Error,
    },
    /// The manifest is not one.
    #[error("{path} is not a manifest of toolloom", path = path.display())]
    Manifest {
        /// The file.
        path: PathBuf,
        /// Why not.
        source: serde_json::Error,
    },
    /// There is nothing to read.
    #[error("{path} holds no Parquet file of a run", path = path.display())]
    Empty {
        /// The path.
        path: PathBuf,
    },
}

/// A Parquet file and what table it is of.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TableFile {
    /// The file.
    pub path: PathBuf,
    /// The table, where it is one of ours.
    pub table: Option<Table>,
    /// Its rows.
    pub rows: u64,
}

impl TableFile {
    /// Opens a file and tells by its metadata what it holds.
    pub fn open(path: &Path) -> Result<Self, ReadError> {
        let reader = builder(path)?;
        let metadata = reader.metadata().file_metadata();
        let pairs = metadata.key_value_metadata().into_iter().flatten();
        let name = pairs.filter(|pair| pair.key == "toolloom.table").find_map(|pair| pair.value.as_deref());
        let table = name.and_then(|name| Table::ALL.into_iter().find(|t| t.as_str() == name));
        Ok(Self { path: path.to_owned(), table, rows: metadata.num_rows().max(0) as u64 })
    }
}

/// Returns the Parquet files at a path, sorted: the file itself, those of a folder of shards, or `sub/` of a run's
/// folder (`data`, `rejected`).
pub fn table_files(path: &Path, sub: &str) -> Result<Vec<TableFile>, ReadError> {
    let io = |path: &Path| {
        let path = path.to_owned();
        move |source| ReadError::Io { path, source }
    };
    if !fs::metadata(path).map_err(io(path))?.is_dir() {
        return Ok(vec![TableFile::open(path)?]);
    }
    let folder = if path.join(sub).is_dir() { path.join(sub) } else { path.to_owned() };
    let mut paths = Vec::new();
    for entry in fs::read_dir(&folder).map_err(io(&folder))? {
        let path = entry.map_err(io(&folder))?.path();
        if path.extension().is_some_and(|e| e == "parquet") {
            paths.push(path);
        }
    }
    paths.sort();
    paths.iter().map(|path| TableFile::open(path)).collect()
}

/// Reads a run's manifest; `None` where there is none, that is, where the run is unfinished.
pub fn read_manifest(dir: &Path) -> Result<Option<Manifest>, ReadError> {
    let path = dir.join(MANIFEST);
    match fs::read(&path) {
        Ok(bytes) => {
            serde_json::from_slice(&bytes).map(Some).map_err(|source| ReadError::Manifest { path, source })
        }
        Err(e) if e.kind() == io::ErrorKind::NotFound => Ok(None),
        Err(source) => Err(ReadError::Io { path, source }),
    }
}

/// Reads the rows of a file of `data/` or `rejected/`.
pub fn read_samples(
    path: &Path,
) -> Result<impl Iterator<Item = Result<Sample, ReadError>> + use<>, ReadError> {
    let file = path.to_owned();
    let rows = read_rows::<Row>(path)?;
    Ok(rows
        .map(move |row| row?.into_sample().map_err(|source| ReadError::Row { path: file.clone(), source })))
}

/// Reads the rows of any Parquet file as JSON objects; null columns are left out.
pub fn read_values(path: &Path) -> Result<impl Iterator<Item = Result<Value, ReadError>> + use<>, ReadError> {
    read_rows::<Value>(path)
}

fn builder(path: &Path) -> Result<ParquetRecordBatchReaderBuilder<File>, ReadError> {
    let file = File::open(path).map_err(|source| ReadError::Io { path: path.to_owned(), source })?;
    ParquetRecordBatchReaderBuilder::try_new(file)
        .map_err(|source| ReadError::Parquet { path: path.to_owned(), source })
}

/// Decodes a file a batch at a time, through Arrow's JSON form.
fn read_rows<T: DeserializeOwned>(
    path: &Path,
) -> Result<impl Iterator<Item = Result<T, ReadError>> + use<T>, ReadError> {
    let path = path.to_owned();
    let batches = builder(&path)?
        .with_batch_size(BATCH_ROWS)
        .build()
        .map_err(|source| ReadError::Parquet { path: path.clone(), source })?;
    Ok(batches.flat_map(move |batch| {
        let rows = (|| {
            let decode = |source| ReadError::Decode { path: path.clone(), source };
            let mut writer = ArrayWriter::new(Vec::new());
            writer.write(&batch.map_err(decode)?).map_err(decode)?;
            writer.finish().map_err(decode)?;
            serde_json::from_slice::<Vec<T>>(&writer.into_inner())
                .map_err(|source| ReadError::Row { path: path.clone(), source })
        })();
        match rows {
            Ok(rows) => rows.into_iter().map(Ok).collect::<Vec<_>>(),
            Err(error) => vec![Err(error)],
        }
    }))
}
