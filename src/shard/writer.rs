//! Writes a run's folder as its rows come: each table on a thread of its own, so that encoding goes on beside judging, and
//! no more rows are held than are on their way.

use super::folder::{self, Staging};
use super::row::Row;
use super::schema::Table;
use super::splits::Splits;
use super::table_file::{self, TableWriter, Written};
use super::tables::{self, TaskRow, TreeRow};
use super::{CATALOG, GRAPH, ShardError, io_error};
use crate::config::Plan;
use crate::data::{
    Catalog, FORMAT_VERSION, FileEntry, Funnel, Manifest, Prices, Sample, SpendTally, Tally, TaskRecord,
};
use crate::report;
use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};
use std::thread::JoinHandle;

/// Batches that may wait for a table.
const WAITING: usize = 2;

/// Finished tasks and the rows they came to, in the order of their ordinals.
#[derive(Clone, Debug, Default)]
pub struct Batch {
    /// The tasks' records.
    pub records: Vec<TaskRecord>,
    /// Their rows, kept and rejected.
    pub rows: Vec<Sample>,
}

/// What is known of a run when all of its rows are there.
#[derive(Clone, Debug, Default)]
pub struct Facts {
    /// What went into each stage, and what came out.
    pub funnel: Funnel,
    /// What was spent.
    pub spend: SpendTally,
    /// The tasks that are not finished, as ranges of ordinals.
    pub open: Vec<[u64; 2]>,
    /// The run's identity.
    pub identity: String,
    /// The command that makes the folder again, for the card.
    pub command: String,
}

/// A run's folder that is being written. What is not ended leaves the folder as it was.
pub struct Writer {
    staging: Option<Staging>,
    queues: Vec<SyncSender<Arc<Batch>>>,
    threads: Vec<JoinHandle<Result<Tables, ShardError>>>,
    catalog: Arc<Catalog>,
    plan: Arc<Plan>,
}

/// What a thread has written: files that are staged under a first name, each with its last one.
#[derive(Default)]
struct Tables {
    files: Vec<(PathBuf, String, Written)>,
    tally: Tally,
    rejected: u64,
    tasks: u64,
}

impl Writer {
    /// Begins a folder at `dir`. The samples' own `split` is not read: splits are assigned here, by the plan.
    pub fn begin(dir: &Path, catalog: &Arc<Catalog>, plan: &Arc<Plan>) -> Result<Self, ShardError> {
        let staging = Staging::begin(dir, &folder::SHARD_FOLDERS)?;
        let place = staging.place_of_files();
        let mut writer = Self {
            staging: Some(staging),
            queues: Vec::new(),
            threads: Vec::new(),
            catalog: Arc::clone(catalog),
            plan: Arc::clone(plan),
        };
        let shared = || (place.clone(), Arc::clone(catalog), Arc::clone(plan));
        let (of_kept, of_rejected, of_tasks, of_trees, of_catalog) =
            (shared(), shared(), shared(), shared(), shared());
        writer.spawn("kept", move |batches| rows(&of_kept, &batches, Table::Data));
        writer.spawn("rejected", move |batches| rows(&of_rejected, &batches, Table::Rejected));
        writer.spawn("tasks", move |batches| tasks(&of_tasks, &batches));
        writer.spawn("trees", move |batches| trees(&of_trees, &batches));
        let write = move || catalog_and_graph(&of_catalog);
        writer.threads.push(thread("catalog", write));
        Ok(writer)
    }

    fn spawn(
        &mut self,
        name: &str,
        write: impl FnOnce(Receiver<Arc<Batch>>) -> Result<Tables, ShardError> + Send + 'static,
    ) {
        let (queue, batches) = sync_channel(WAITING);
        self.queues.push(queue);
        self.threads.push(thread(name, move || write(batches)));
    }

    /// Writes what comes next; waits while the tables have enough to write.
    pub fn add(&mut self, batch: Batch) -> Result<(), ShardError> {
        let batch = Arc::new(batch);
        let is_lost = self.queues.iter().any(|queue| queue.send(Arc::clone(&batch)).is_err());
        if !is_lost {
            return Ok(());
        }
        // One of the threads has ended, and knows why.
        self.join().map(|_| ())
    }

    fn join(&mut self) -> Result<Vec<Tables>, ShardError> {
        self.queues.clear();
        let threads: Vec<_> = self.threads.drain(..).collect();
        let ended: Vec<_> =
            threads.into_iter().map(|thread| thread.join().expect("writing does not panic")).collect();
        ended.into_iter().collect()
    }

    /// Ends the folder, its manifest last, and returns that.
    pub fn end(mut self, facts: Facts) -> Result<Manifest, ShardError> {
        let written = self.join()?;
        let mut staging = self.staging.take().expect("it is there until the end");
        let (manifest, bytes) = match self.stage(&mut staging, written, facts) {
            Ok(staged) => staged,
            Err(error) => {
                staging.abandon();
                return Err(error);
            }
        };
        staging.commit(&bytes).map(|()| manifest)
    }

    /// Gives the files their last names, and writes card and manifest into the staging folder.
    fn stage(
        &self,
        staging: &mut Staging,
        written: Vec<Tables>,
        facts: Facts,
    ) -> Result<(Manifest, Vec<u8>), ShardError> {
        let mut all = Tables::default();
        let mut files = Vec::new();
        for tables in written {
            all.rejected += tables.rejected;
            all.tasks += tables.tasks;
            if tables.tally.counts.rows > 0 {
                all.tally = tables.tally;
            }
            for (from, name, Written { rows, bytes, blake3 }) in tables.files {
                let to = staging.path(&name);
                if from != to {
                    fs::rename(&from, &to).map_err(io_error("rename", &from))?;
                }
                files.push(FileEntry { path: name, rows: Some(rows), bytes, blake3 });
            }
        }
        let plan = serde_json::to_value(&*self.plan).expect("a plan's keys are strings");
        let mut counts = all.tally.counts;
        (counts.rejected, counts.tasks) = (all.rejected, all.tasks);
        let mut manifest = Manifest {
            format_version: FORMAT_VERSION,
            toolloom: env!("CARGO_PKG_VERSION").to_owned(),
            name: self.plan.name.clone(),
            identity: facts.identity,
            catalog_hash: self.catalog.hash.clone(),
            counts,
            files,
            funnel: facts.funnel,
            spend: facts.spend.spend(&Prices::of_plan(&plan)),
            open: facts.open,
            sources: self.catalog.sources.clone(),
            command: facts.command,
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
}

impl Drop for Writer {
    fn drop(&mut self) {
        // What led here is what the user has to see, not how the threads ended.
        let _ = self.join();
        if let Some(staging) = self.staging.take() {
            staging.abandon();
        }
    }
}

fn thread<T: Send + 'static>(name: &str, work: impl FnOnce() -> T + Send + 'static) -> JoinHandle<T> {
    std::thread::Builder::new().name(name.to_owned()).spawn(work).expect("a thread can be started")
}

type Shared = (PathBuf, Arc<Catalog>, Arc<Plan>);

/// Writes the kept rows, split by split, or the rejected ones.
fn rows(
    (place, catalog, plan): &Shared,
    batches: &Receiver<Arc<Batch>>,
    table: Table,
) -> Result<Tables, ShardError> {
    let splits = Splits::new(catalog, &plan.shard);
    let mut shards: BTreeMap<String, Shards> = BTreeMap::new();
    let mut tables = Tables::default();
    let of_kept = table == Table::Data;
    for batch in batches {
        for sample in batch.rows.iter().filter(|sample| sample.dropped.is_none() == of_kept) {
            let split = splits.of(sample);
            if of_kept {
                tables.tally.add(sample, &split.0);
            } else {
                tables.rejected += 1;
            }
            let row = Row::of(sample, &split, plan.shard.system_message);
            let stem = if of_kept { format!("data/{}", split.0) } else { "rejected/rejected".to_owned() };
            let shards = shards.entry(stem).or_insert_with_key(|stem| Shards::new(place, stem, table, plan));
            shards.push(row)?;
        }
    }
    for shards in shards.into_values() {
        tables.files.extend(shards.close()?);
    }
    Ok(tables)
}

/// Numbered files of `shard.rows` rows each.
struct Shards<'a> {
    place: &'a Path,
    stem: String,
    table: Table,
    plan: &'a Plan,
    open: Option<(PathBuf, TableWriter<Row>)>,
    closed: Vec<(PathBuf, Written)>,
}

impl<'a> Shards<'a> {
    fn new(place: &'a Path, stem: &str, table: Table, plan: &'a Plan) -> Self {
        Self { place, stem: stem.to_owned(), table, plan, open: None, closed: Vec::new() }
    }

    fn push(&mut self, row: Row) -> Result<(), ShardError> {
        if self.open.as_ref().is_some_and(|(_, file)| file.rows() >= self.plan.shard.rows.max(1) as u64) {
            self.close_one()?;
        }
        let (_, file) = match &mut self.open {
            Some(open) => open,
            closed => {
                // How many there will be is known at the end.
                let path = self.place.join(format!("{}-{:05}.part", self.stem, self.closed.len()));
                let file = TableWriter::create(&path, self.table, self.plan.shard.compression)?;
                closed.insert((path, file))
            }
        };
        file.push(row)
    }

    fn close_one(&mut self) -> Result<(), ShardError> {
        if let Some((path, file)) = self.open.take() {
            self.closed.push((path, file.close()?));
        }
        Ok(())
    }

    fn close(mut self) -> Result<Vec<(PathBuf, String, Written)>, ShardError> {
        self.close_one()?;
        let count = self.closed.len();
        let named = self.closed.into_iter().enumerate();
        Ok(named.map(|(i, (path, file))| (path, folder::shard_name(&self.stem, i, count), file)).collect())
    }
}

fn tasks((place, _, plan): &Shared, batches: &Receiver<Arc<Batch>>) -> Result<Tables, ShardError> {
    let name = "tasks.parquet";
    let path = place.join(name);
    let mut file = TableWriter::create(&path, Table::Tasks, plan.shard.compression)?;
    let mut tables = Tables::default();
    for batch in batches {
        tables.tasks += batch.records.len() as u64;
        batch.records.iter().try_for_each(|record| file.push(TaskRow::of(record)))?;
    }
    tables.files.push((path, name.to_owned(), file.close()?));
    Ok(tables)
}

fn trees((place, _, plan): &Shared, batches: &Receiver<Arc<Batch>>) -> Result<Tables, ShardError> {
    let name = "trees.parquet";
    let path = place.join(name);
    let mut file = TableWriter::create(&path, Table::Trees, plan.shard.compression)?;
    for batch in batches {
        batch.records.iter().flat_map(TreeRow::all).try_for_each(|row| file.push(row))?;
    }
    let files = vec![(path, name.to_owned(), file.close()?)];
    Ok(Tables { files, ..Tables::default() })
}

fn catalog_and_graph((place, catalog, plan): &Shared) -> Result<Tables, ShardError> {
    let codec = plan.shard.compression;
    let (path, graph_path) = (place.join(CATALOG), place.join(GRAPH));
    let rows = table_file::write_table(&path, Table::Catalog, codec, catalog.rows())?;
    let edges = table_file::write_table(&graph_path, Table::Graph, codec, tables::edges(catalog))?;
    let files = vec![(path, CATALOG.to_owned(), rows), (graph_path, GRAPH.to_owned(), edges)];
    Ok(Tables { files, ..Tables::default() })
}
