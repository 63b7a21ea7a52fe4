//! `toolloom export`: writes a run's rows in a trainer's format.

use super::args::{ExportArgs, ExportFormat};
use crate::report::{self, Turns};
use crate::shard::{self, ReadError, Table};
use std::fs::{self, File};
use std::io::{self, BufWriter, Write};
use std::path::{Path, PathBuf};

/// Why nothing could be written.
#[derive(Debug, thiserror::Error)]
pub enum ExportError {
    /// A file could not be read.
    #[error(transparent)]
    Read(#[from] ReadError),
    /// There is nothing to export.
    #[error("{path} holds no rows to export: not a run's folder, or one that has written nothing yet", path = path.display())]
    NoRows {
        /// The path.
        path: PathBuf,
    },
    /// The file is one of ours, but holds no conversations.
    #[error("{path} is a table of {table}, which are no conversations; export takes a run's folder or a file of data/", path = path.display())]
    NotRows {
        /// The file.
        path: PathBuf,
        /// Its table.
        table: &'static str,
    },
    /// No row is in the split.
    #[error("{path} has no split {split:?}; it has {there}", path = path.display())]
    NoSuchSplit {
        /// The path.
        path: PathBuf,
        /// The split asked for.
        split: String,
        /// The splits there are.
        there: String,
    },
    /// The output could not be written.
    #[error("cannot write {target}")]
    Write {
        /// The file, or standard output.
        target: String,
        /// Why not.
        source: io::Error,
    },
}

/// Writes what the arguments ask for, to their file or to `out`. The file appears only when it is whole.
pub fn run(args: &ExportArgs, out: &mut dyn Write) -> Result<(), ExportError> {
    let files = rows_at(&args.path)?;
    let Some(target) = &args.output else {
        let failed = |source| ExportError::Write { target: "the output".to_owned(), source };
        return write_rows(args, &files, out, &failed);
    };
    let failed = |source| ExportError::Write { target: target.display().to_string(), source };
    let mut name = target.file_name().map(ToOwned::to_owned).unwrap_or_default();
    name.push(".part");
    let part = target.with_file_name(name);
    let written = (|| {
        let mut file = BufWriter::new(File::create(&part).map_err(failed)?);
        write_rows(args, &files, &mut file, &failed)?;
        let file = file.into_inner().map_err(|e| failed(e.into_error()))?;
        file.sync_all().map_err(failed)?;
        fs::rename(&part, target).map_err(failed)
    })();
    if written.is_err() {
        // What failed is what the user has to see; the half file is removed as well as can be.
        let _ = fs::remove_file(&part);
    }
    written
}

/// Returns the files of rows at a path.
fn rows_at(path: &Path) -> Result<Vec<PathBuf>, ExportError> {
    let files = shard::table_files(path, "data")?;
    if let Some(other) = files.iter().find(|f| !matches!(f.table, Some(Table::Data | Table::Rejected))) {
        let table = other.table.map_or("another program", Table::as_str);
        return Err(ExportError::NotRows { path: other.path.clone(), table });
    }
    if files.is_empty() {
        return Err(ExportError::NoRows { path: path.to_owned() });
    }
    Ok(files.into_iter().map(|f| f.path).collect())
}

/// Writes the rows of a split, or of all, in the order of the files.
fn write_rows(
    args: &ExportArgs,
    files: &[PathBuf],
    out: &mut dyn Write,
    failed: &dyn Fn(io::Error) -> ExportError,
) -> Result<(), ExportError> {
    let turns = if args.single_calls { Turns::Single } else { Turns::Parallel };
    let mut there = std::collections::BTreeSet::new();
    let mut count = 0_u64;
    for file in files {
        for sample in shard::read_samples(file)? {
            let sample = sample?;
            if args.split.as_ref().is_some_and(|split| *split != sample.split.0) {
                there.insert(sample.split.0);
                continue;
            }
            count += 1;
            let row = match args.format {
                ExportFormat::Openai => report::openai(&sample, turns),
            };
            writeln!(out, "{row}").map_err(failed)?;
        }
    }
    match &args.split {
        Some(split) if count == 0 => Err(ExportError::NoSuchSplit {
            path: args.path.clone(),
            split: split.clone(),
            there: there.into_iter().collect::<Vec<_>>().join(", "),
        }),
        _ => out.flush().map_err(failed),
    }
}
