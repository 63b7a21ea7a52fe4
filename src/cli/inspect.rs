//! `toolloom inspect`: shows a run or one of its Parquet files.

use super::args::InspectArgs;
use super::inspect_tools::{self, ToolsError};
use crate::data::{Sample, Tally};
use crate::report;
use crate::shard::{self, ReadError, Table, TableFile};
use serde_json::{Map, Value};
use std::borrow::Cow;
use std::collections::BTreeMap;
use std::io::{self, Write};
use std::path::{Path, PathBuf};

/// Why nothing could be shown.
#[derive(Debug, thiserror::Error)]
pub enum InspectError {
    /// A file could not be read.
    #[error(transparent)]
    Read(#[from] ReadError),
    /// The folder is no run's, or holds no rows yet.
    #[error("{path} holds neither a manifest nor rows: not a run's folder, or one that has written nothing yet", path = path.display())]
    NothingThere {
        /// The folder.
        path: PathBuf,
    },
    /// There are fewer rows.
    #[error("{path} has no row {row}: there are {rows}, counted from 0", path = path.display())]
    NoSuchRow {
        /// The path.
        path: PathBuf,
        /// The row asked for.
        row: usize,
        /// How many there are.
        rows: usize,
    },
    /// No row has the id.
    #[error("{path} has no row whose id is or begins with {id:?}", path = path.display())]
    NoSuchId {
        /// The path.
        path: PathBuf,
        /// The id asked for.
        id: String,
    },
    /// Several rows' ids begin so.
    #[error("{count} rows of {path} have an id that begins with {id:?}; give more of it", path = path.display())]
    ManyIds {
        /// The path.
        path: PathBuf,
        /// The prefix asked for.
        id: String,
        /// How many have it.
        count: usize,
    },
    /// No such API or tool, or several.
    #[error(transparent)]
    Tools(#[from] ToolsError),
    /// Standard output is gone.
    #[error("cannot write the output")]
    Write(#[from] io::Error),
}

/// Shows what the arguments ask for.
pub fn run(args: &InspectArgs, out: &mut dyn Write) -> Result<(), InspectError> {
    if let Some(text) = inspect_tools::run(args)? {
        out.write_all(text.as_bytes())?;
        return Ok(());
    }
    let files = shard::table_files(&args.path, if args.rejected { "rejected" } else { "data" })?;
    let files = of_interest(files);
    if let Some(pick) = Pick::of(args) {
        let text = show_one(&args.path, &files, &pick)?;
        out.write_all(text.as_bytes())?;
        return Ok(());
    }
    let is_folder = args.path.is_dir();
    let manifest = if is_folder { shard::read_manifest(&args.path)? } else { None };
    let text = match (manifest, files.first()) {
        (Some(manifest), _) if !args.rejected => {
            let mut text = report::run_text(&manifest);
            text.push_str(&why(&args.path)?);
            text.push_str(&hint(&args.path));
            text
        }
        (_, None) => return Err(InspectError::NothingThere { path: args.path.clone() }),
        (manifest, Some(first)) => {
            let mut text = String::new();
            if manifest.is_none() && args.path.join("data").is_dir() {
                text.push_str("unfinished: there is no manifest.json; run it again to go on\n\n");
            }
            text.push_str(&table_text(first.table, &files)?);
            if let Some(Table::Catalog | Table::Graph) = first.table {
                text.push_str(&tools_hint(&args.path));
            }
            text
        }
    };
    out.write_all(text.as_bytes())?;
    Ok(())
}

/// Which single row.
enum Pick {
    At(usize),
    Id(String),
}

impl Pick {
    fn of(args: &InspectArgs) -> Option<Self> {
        args.row.map(Self::At).or_else(|| args.id.clone().map(Self::Id))
    }
}

/// Returns the files of the first file's table: a folder of several tables is no table.
fn of_interest(files: Vec<TableFile>) -> Vec<TableFile> {
    let table = files.first().and_then(|f| f.table);
    files.into_iter().filter(|f| f.table == table).collect()
}

/// Reads the rows of all files as JSON objects.
fn values(files: &[TableFile]) -> impl Iterator<Item = Result<Value, ReadError>> {
    files.iter().flat_map(|file| match shard::read_values(&file.path) {
        Ok(rows) => Box::new(rows) as Box<dyn Iterator<Item = Result<Value, ReadError>>>,
        Err(error) => Box::new(std::iter::once(Err(error))),
    })
}

/// Reads the rows of all files as samples.
fn samples(files: &[TableFile]) -> impl Iterator<Item = Result<Sample, ReadError>> {
    files.iter().flat_map(|file| match shard::read_samples(&file.path) {
        Ok(rows) => Box::new(rows) as Box<dyn Iterator<Item = Result<Sample, ReadError>>>,
        Err(error) => Box::new(std::iter::once(Err(error))),
    })
}

/// Renders one row: a conversation where it is one, else its columns.
fn show_one(path: &Path, files: &[TableFile], pick: &Pick) -> Result<String, InspectError> {
    if let Some(Table::Data | Table::Rejected) = files.first().and_then(|f| f.table) {
        let sample = find(path, samples(files), pick, |sample| Some(&sample.id))?;
        return Ok(report::conversation(&sample));
    }
    let id = |value: &Value| value.get("id").and_then(Value::as_str).map(str::to_owned);
    let rows = values(files).map(|row| row.map(|value| (id(&value), value)));
    let (_, row) = find(path, rows, pick, |(id, _)| id.as_ref())?;
    let nodes = row.get("nodes").and_then(Value::as_str).and_then(|nodes| serde_json::from_str(nodes).ok());
    let mut columns = row.as_object().cloned().unwrap_or_default();
    Ok(match nodes {
        // A search reads better as an outline than as the JSON of its arena.
        Some(nodes) => {
            columns.remove("nodes");
            let answers = columns.get("answers").and_then(Value::as_str).and_then(|text| text.parse().ok());
            let first = answers.as_ref().and_then(|answers: &Value| answers.get(0)?.get("node")?.as_u64());
            let leaf = first.map(|leaf| leaf as usize);
            format!("{}\n{}", report::record_text(&columns), report::tree(nodes, leaf))
        }
        None => report::record_text(&columns),
    })
}

/// Finds a row by position, or by an id or the beginning of one.
fn find<T>(
    path: &Path,
    rows: impl Iterator<Item = Result<T, ReadError>>,
    pick: &Pick,
    id_of: impl Fn(&T) -> Option<&String>,
) -> Result<T, InspectError> {
    let mut found = Vec::new();
    let mut count = 0;
    for (at, row) in rows.enumerate() {
        let row = row?;
        count = at + 1;
        match pick {
            Pick::At(wanted) if at == *wanted => return Ok(row),
            Pick::At(_) => {}
            Pick::Id(wanted) => match id_of(&row) {
                Some(id) if id == wanted => return Ok(row),
                Some(id) if id.starts_with(wanted.as_str()) => found.push(row),
                _ => {}
            },
        }
    }
    let path = path.to_owned();
    match pick {
        Pick::At(row) => Err(InspectError::NoSuchRow { path, row: *row, rows: count }),
        Pick::Id(id) if found.len() > 1 => {
            Err(InspectError::ManyIds { path, id: id.clone(), count: found.len() })
        }
        Pick::Id(id) => found.pop().ok_or_else(|| InspectError::NoSuchId { path, id: id.clone() }),
    }
}

/// Renders a table as a whole, by what it holds.
fn table_text(table: Option<Table>, files: &[TableFile]) -> Result<String, InspectError> {
    match table {
        Some(Table::Data | Table::Rejected) => rows_text(files),
        Some(Table::Catalog) => records_text(files, &["effect", "licence"]),
        Some(Table::Tasks) => records_text(files, &["strategy", "scenario", "persona", "lang"]),
        Some(Table::Graph) => graph_text(files),
        Some(Table::Trees) => records_text(files, &["end", "max_depth"]),
        None => records_text(files, &[]),
    }
}

/// Renders rows: counts by group, and of rejected ones the reasons.
fn rows_text(files: &[TableFile]) -> Result<String, InspectError> {
    let mut tally = Tally::default();
    let mut reasons = report::Reasons::default();
    for sample in samples(files) {
        let sample = sample?;
        tally.add(&sample, &sample.split.0);
        sample.dropped.iter().for_each(|reason| reasons.add(reason));
    }
    let reasons = reasons.text();
    let mut text = report::counts_text(&tally.counts);
    if !reasons.is_empty() {
        text.push_str("\nrejected by\n");
        text.push_str(&reasons);
    }
    Ok(text)
}

/// Renders another table: its size, counts by some of its columns, and what was dropped with reasons.
fn records_text(files: &[TableFile], groups: &[&str]) -> Result<String, InspectError> {
    let mut counts: Vec<BTreeMap<String, u64>> = vec![BTreeMap::new(); groups.len()];
    let mut reasons = report::Reasons::default();
    let (mut rows, mut dropped) = (0_u64, 0_u64);
    let mut columns = Vec::new();
    let mut shelves = report::Shelves::default();
    for row in values(files) {
        let row = row?;
        rows += 1;
        if columns.is_empty() {
            columns = row.as_object().into_iter().flat_map(Map::keys).cloned().collect();
        }
        let word = |name: &str| row.get(name).and_then(Value::as_str);
        if let (Some(rule), Some(reason)) = (word("rule"), word("reason")) {
            dropped += 1;
            reasons.add_words(word("stage").unwrap_or("crawl"), rule, &of_file(&row, reason));
            continue;
        }
        if let (Some(Table::Catalog), Some(tool)) = (files[0].table, row.as_object()) {
            shelves.add(tool);
        }
        for (group, counts) in groups.iter().zip(&mut counts) {
            if let Some(value) = row.get(*group).filter(|v| !v.is_null()) {
                let name = value.as_str().map_or_else(|| value.to_string(), str::to_owned);
                *counts.entry(name).or_default() += 1;
            }
        }
    }
    let mut text = format!("{rows} rows, {dropped} of them dropped\n");
    if groups.is_empty() {
        text = format!("{rows} rows · columns: {}\n", columns.join(", "));
    }
    if files.first().is_some_and(|f| f.table == Some(Table::Catalog)) {
        text.push_str(&shelves.text());
    }
    for (group, counts) in groups.iter().zip(&counts) {
        text.push_str(&report::group_text(group, counts));
    }
    if dropped > 0 {
        text.push_str("\ndropped by\n");
        text.push_str(&reasons.text());
    }
    Ok(text)
}

/// Says of what was left out whole which file or address it is: a tool's own row says where it stands.
fn of_file<'a>(row: &Value, reason: &'a str) -> Cow<'a, str> {
    let whole = row.get("kept").is_some() && row["path"].is_null() && row["name"].is_null();
    match row.get("source").and_then(Value::as_str).filter(|_| whole) {
        Some(source) => Cow::Owned(format!("{source}: {reason}")),
        None => Cow::Borrowed(reason),
    }
}

/// Renders the reasons of what a run dropped: of its rejected rows and its refused tasks.
fn why(dir: &Path) -> Result<String, InspectError> {
    let mut reasons = report::Reasons::default();
    if dir.join("rejected").is_dir() {
        for sample in samples(&shard::table_files(dir, "rejected")?) {
            sample?.dropped.iter().for_each(|reason| reasons.add(reason));
        }
    }
    for (file, stage) in [("tasks.parquet", "instruct"), ("catalog.parquet", "crawl")] {
        let path = dir.join(file);
        if !path.is_file() {
            continue;
        }
        for row in values(&[TableFile::open(&path)?]) {
            let row = row?;
            let word = |name: &str| row.get(name).and_then(Value::as_str);
            if let (Some(rule), Some(reason)) = (word("rule"), word("reason")) {
                reasons.add_words(word("stage").unwrap_or(stage), rule, &of_file(&row, reason));
            }
        }
    }
    let text = reasons.text();
    Ok(if text.is_empty() { text } else { format!("\nreasons\n{text}") })
}

/// Renders the tool graph as a whole.
fn graph_text(files: &[TableFile]) -> Result<String, InspectError> {
    let mut counts = report::GraphCounts::default();
    for row in values(files) {
        if let Value::Object(edge) = row? {
            counts.add(&edge);
        }
    }
    Ok(counts.text())
}

fn tools_hint(path: &Path) -> String {
    let (program, path) = (super::program(), path.display());
    format!(
        "\nThe tools of an API:       {program} inspect {path} --api NAME\n\
         A tool and its neighbours: {program} inspect {path} --tool NAME\n"
    )
}

fn hint(path: &Path) -> String {
    let (program, path) = (super::program(), path.display());
    format!(
        "\nA row as a conversation: {program} inspect {path} --row 0\n\
         What was rejected:       {program} inspect {path} --rejected\n"
    )
}
