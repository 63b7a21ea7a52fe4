//! One Parquet file, written once: the same rows give the same bytes.

use super::schema::Table;
use super::{ShardError, io_error};
use crate::config::plan::Compression;
use crate::data::FORMAT_VERSION;
use arrow::error::ArrowError;
use arrow::json::ReaderBuilder;
use arrow::json::reader::Decoder;
use parquet::arrow::ArrowWriter;
use parquet::basic::{Compression as Codec, ZstdLevel};
use parquet::file::metadata::KeyValue;
use parquet::file::properties::{EnabledStatistics, WriterProperties};
use serde::Serialize;
use std::fs::File;
use std::io::{self, BufWriter, Write};
use std::path::{Path, PathBuf};

/// Rows that are encoded at once: bounds the memory of a pass.
const BATCH_ROWS: usize = 256;

/// Rows of a row group: small enough for a viewer to show a page without reading the file. The catalog's and the graph's
/// are larger: each group sets up a compressor for each column, which costs more than what is in a short one.
fn row_group_rows(table: Table) -> usize {
    match table {
        Table::Catalog => 8 * 1024,
        Table::Graph => 128 * 1024,
        Table::Data | Table::Rejected | Table::Tasks | Table::Trees => 1024,
    }
}

/// What is known of a file when it is closed.
pub(super) struct Written {
    pub rows: u64,
    pub bytes: u64,
    pub blake3: String,
}

/// A Parquet file that is being written. The same rows give the same bytes, in whatever portions they come.
pub(super) struct TableWriter<T> {
    path: PathBuf,
    writer: ArrowWriter<Hashing<BufWriter<File>>>,
    decoder: Decoder,
    batch: Vec<T>,
    rows: u64,
}

impl<T: Serialize> TableWriter<T> {
    /// Begins a new file at `path`.
    pub(super) fn create(path: &Path, table: Table, compression: Compression) -> Result<Self, ShardError> {
        let file = File::create(path).map_err(io_error("create", path))?;
        let schema = table.schema();
        let sink = Hashing { inner: BufWriter::new(file), hasher: blake3::Hasher::new(), bytes: 0 };
        let writer = ArrowWriter::try_new(sink, schema.clone(), Some(properties(table, compression)))
            .map_err(|e| writing(path, e))?;
        let decoder = ReaderBuilder::new(schema).build_decoder().map_err(encoding(path))?;
        Ok(Self { path: path.to_owned(), writer, decoder, batch: Vec::new(), rows: 0 })
    }

    /// Returns how many rows it has.
    pub(super) fn rows(&self) -> u64 {
        self.rows
    }

    /// Writes a row.
    pub(super) fn push(&mut self, row: T) -> Result<(), ShardError> {
        self.rows += 1;
        self.batch.push(row);
        if self.batch.len() < BATCH_ROWS { Ok(()) } else { self.flush() }
    }

    fn flush(&mut self) -> Result<(), ShardError> {
        self.decoder.serialize(&self.batch).map_err(encoding(&self.path))?;
        self.batch.clear();
        if let Some(batch) = self.decoder.flush().map_err(encoding(&self.path))? {
            self.writer.write(&batch).map_err(|e| writing(&self.path, e))?;
        }
        Ok(())
    }

    /// Ends the file, down to the disk.
    pub(super) fn close(mut self) -> Result<Written, ShardError> {
        self.flush()?;
        let path = &self.path;
        let sink = self.writer.into_inner().map_err(|e| writing(path, e))?;
        let (blake3, bytes) = (sink.hasher.finalize().to_hex().to_string(), sink.bytes);
        let file = sink.inner.into_inner().map_err(|e| io_error("write", path)(e.into_error()))?;
        file.sync_all().map_err(io_error("sync", path))?;
        Ok(Written { rows: self.rows, bytes, blake3 })
    }
}

fn encoding(path: &Path) -> impl FnOnce(ArrowError) -> ShardError {
    let path = path.to_owned();
    move |source| ShardError::Encode { path, source }
}

/// Writes a table's rows to a new file at `path`, down to the disk.
pub(super) fn write_table<T: Serialize>(
    path: &Path,
    table: Table,
    compression: Compression,
    mut rows: impl Iterator<Item = T>,
) -> Result<Written, ShardError> {
    let mut file = TableWriter::create(path, table, compression)?;
    rows.try_for_each(|row| file.push(row))?;
    file.close()
}

/// Returns fixed properties: no time, no version of the program, nothing that varies between two passes.
fn properties(table: Table, compression: Compression) -> WriterProperties {
    let level = if matches!(table, Table::Catalog | Table::Graph) { 3 } else { 6 };
    let codec = match compression {
        Compression::Zstd => Codec::ZSTD(ZstdLevel::try_new(level).expect("a level of zstd")),
        Compression::Snappy => Codec::SNAPPY,
        Compression::None => Codec::UNCOMPRESSED,
    };
    let pair = |key: &str, value: String| KeyValue::new(format!("toolloom.{key}"), value);
    let metadata =
        vec![pair("format_version", FORMAT_VERSION.to_string()), pair("table", table.as_str().to_owned())];
    WriterProperties::builder()
        .set_compression(codec)
        .set_created_by(format!("toolloom version {FORMAT_VERSION}"))
        .set_max_row_group_row_count(Some(row_group_rows(table)))
        .set_statistics_enabled(EnabledStatistics::Chunk)
        .set_statistics_truncate_length(Some(64))
        .set_key_value_metadata(Some(metadata))
        .build()
}

/// Tells a full disk from a row that cannot be encoded.
fn writing(path: &Path, error: parquet::errors::ParquetError) -> ShardError {
    use parquet::errors::ParquetError;
    match error {
        ParquetError::External(source) => match source.downcast::<io::Error>() {
            Ok(source) => io_error("write", path)(*source),
            Err(source) => {
                ShardError::Parquet { path: path.to_owned(), source: ParquetError::External(source) }
            }
        },
        source => ShardError::Parquet { path: path.to_owned(), source },
    }
}

/// A sink that hashes and counts what goes through it.
struct Hashing<W> {
    inner: W,
    hasher: blake3::Hasher,
    bytes: u64,
}

impl<W: Write> Write for Hashing<W> {
    fn write(&mut self, buffer: &[u8]) -> io::Result<usize> {
        let written = self.inner.write(buffer)?;
        self.hasher.update(&buffer[..written]);
        self.bytes += written as u64;
        Ok(written)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.inner.flush()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use parquet::errors::ParquetError;

    #[test]
    fn a_full_disk_is_told_from_a_broken_row() {
        let full = ParquetError::External(Box::new(io::Error::from(io::ErrorKind::StorageFull)));
        let error = writing(Path::new("out/data/x.parquet"), full);
        assert!(matches!(error, ShardError::Io { .. }), "{error:?}");
        assert_eq!(error.to_string(), "cannot write out/data/x.parquet");
        let other = writing(Path::new("x"), ParquetError::General("odd".to_owned()));
        assert!(matches!(other, ShardError::Parquet { .. }));
    }
}
