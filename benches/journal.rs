//! What the journal remembers a second, beside redb alone with the same group commit. `cargo bench --bench journal [-- quick]`

#![expect(clippy::print_stdout, reason = "a benchmark says what it found")]

#[path = "support/table.rs"]
mod table;

use redb::{Database, TableDefinition};
use serde_json::Value;
use std::process::ExitCode;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::mpsc;
use std::time::Instant;
use table::{Table, heading, median};
use tempfile::TempDir;
use tokio::runtime::Runtime;
use toolloom::data::Stage;
use toolloom::internals::journal::{Journal, Key, Kind, Scope};

/// As large as the journal's keys, and in the order in which tasks are begun as they are.
type RawKey = [u8; 40];
const EFFECTS: TableDefinition<&RawKey, &[u8]> = TableDefinition::new("effects");
const REPLY_BYTES: usize = 2048;
/// Tasks that each wait for their reply to be durable before they go on.
const WAITING: u64 = 512;
const ROUNDS: usize = 3;

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    if !arguments.iter().any(|argument| argument == "--bench") {
        println!("skipped: `cargo bench` runs it");
        return ExitCode::SUCCESS;
    }
    let count = if arguments.iter().any(|argument| argument == "quick") { 5_000 } else { 50_000 };
    let runtime =
        tokio::runtime::Builder::new_multi_thread().enable_all().build().expect("a runtime can be started");
    let mut table = Table::default();
    heading(&format!(
        "{count} replies of {REPLY_BYTES} bytes, {WAITING} waiting at once, every one durable, median of {ROUNDS} rounds"
    ));
    let (mut alone, mut lock_step, mut ours, mut reads) = (Vec::new(), Vec::new(), Vec::new(), Vec::new());
    for _ in 0..ROUNDS {
        let (written, batch, read) = journal(&runtime, count);
        lock_step.push(redb_in_batches(count, batch));
        alone.push(redb_with_group_commit(&runtime, count));
        ours.push((written, batch as f64));
        reads.push(read);
    }
    let ratios = |to: &[f64]| median(ours.iter().zip(to).map(|((ours, _), raw)| ours / raw).collect());
    let (of_alone, of_batches) = (ratios(&alone), ratios(&lock_step));
    let (rates, batches) = ours.into_iter().unzip();
    table.row("redb, one thread, batches as large as the journal's", median(lock_step), "replies/s", ..);
    table.row("redb behind a queue, with the same group commit", median(alone), "replies/s", ..);
    table.row("journal", median(rates), "replies/s", ..);
    table.row("  replies a commit", median(batches), "replies", ..);
    table.row("  of redb's with the same group commit", of_alone, "of 1", 0.7..);
    table.row("  of redb's in batches, where nobody waits", of_batches, "of 1", ..);
    table.row("journal, remembered replies found again", median(reads), "replies/s", ..);
    table.exit()
}

fn key(i: u64) -> Key {
    Key::new(Kind::Reply, &Scope::Task(i, Vec::new()), "{}", 0)
}

fn raw_key(i: u64) -> RawKey {
    let mut key = [0; 40];
    key[..8].copy_from_slice(&i.to_be_bytes());
    key[8..].copy_from_slice(blake3::hash(&i.to_le_bytes()).as_bytes());
    key
}

/// Text that does not repeat, as replies do not.
fn reply(i: u64) -> Vec<u8> {
    let mut bytes = vec![0; REPLY_BYTES];
    blake3::Hasher::new().update(&i.to_le_bytes()).finalize_xof().fill(&mut bytes);
    bytes
}

fn folder() -> TempDir {
    tempfile::tempdir_in(env!("CARGO_TARGET_TMPDIR")).expect("a folder can be made")
}

/// Our journal: replies remembered a second, replies a commit, replies found again a second.
fn journal(runtime: &Runtime, count: u64) -> (f64, u64, f64) {
    let folder = folder();
    let journal = Journal::open(&folder.path().join("journal.redb"), &Value::Null).expect("it can be begun");
    let writer = journal.clone();
    let written = writing(runtime, count, move |i| {
        let journal = writer.clone();
        async move { journal.put(Stage::Search, key(i), &reply(i)).await.expect("it can be written") }
    });
    let stats = journal.stats().expect("it can be read");
    assert_eq!(stats.effects, count);
    let begun = Instant::now();
    for i in 0..count {
        let found = journal.get(&key(i)).expect("it can be read");
        assert!(found.is_some_and(|reply| reply.len() == REPLY_BYTES));
    }
    (written, stats.writes.div_ceil(stats.commits), rate(count, begun))
}

/// redb with a thread that commits what has gathered, and tells all who wait: replies remembered a second.
fn redb_with_group_commit(runtime: &Runtime, count: u64) -> f64 {
    type Waiting = (RawKey, Vec<u8>, tokio::sync::oneshot::Sender<()>);
    let (_folder, database) = database();
    let (queue, waiting) = mpsc::channel::<Waiting>();
    let writer = std::thread::spawn(move || {
        while let Ok(first) = waiting.recv() {
            let batch: Vec<Waiting> = std::iter::once(first).chain(waiting.try_iter().take(511)).collect();
            commit(&database, batch.iter().map(|(key, value, _)| (key, value)));
            for (_, _, done) in batch {
                done.send(()).expect("somebody waits");
            }
        }
    });
    let written = writing(runtime, count, move |i| {
        let queue = queue.clone();
        async move {
            let (done, wait) = tokio::sync::oneshot::channel();
            queue.send((raw_key(i), reply(i), done)).expect("the writer lives");
            wait.await.expect("the writer lives");
        }
    });
    writer.join().expect("the writer ends");
    written
}

/// redb in a plain loop, where nobody waits for anything: replies remembered a second.
fn redb_in_batches(count: u64, batch: u64) -> f64 {
    let (_folder, database) = database();
    let begun = Instant::now();
    for first in (0..count).step_by(batch as usize) {
        let made: Vec<_> = (first..count.min(first + batch)).map(|i| (raw_key(i), reply(i))).collect();
        commit(&database, made.iter().map(|(key, value)| (key, value)));
    }
    rate(count, begun)
}

fn database() -> (TempDir, Database) {
    let folder = folder();
    let database = Database::builder().set_cache_size(32 << 20).create(folder.path().join("raw.redb"));
    (folder, database.expect("it can be begun"))
}

fn commit<'a>(database: &Database, batch: impl Iterator<Item = (&'a RawKey, &'a Vec<u8>)>) {
    let transaction = database.begin_write().expect("one writes");
    {
        let mut table = transaction.open_table(EFFECTS).expect("it is a table");
        for (key, value) in batch {
            table.insert(key, value.as_slice()).expect("it can be written");
        }
    }
    transaction.commit().expect("it can be committed");
}

/// Has `WAITING` tasks write between them, each one reply after the other.
fn writing<F: Future<Output = ()> + Send + 'static>(
    runtime: &Runtime,
    count: u64,
    one: impl Fn(u64) -> F + Clone + Send + Sync + 'static,
) -> f64 {
    let next = Arc::new(AtomicU64::new(0));
    let begun = Instant::now();
    let task = |_| {
        let (next, one) = (Arc::clone(&next), one.clone());
        runtime.spawn(async move {
            loop {
                let i = next.fetch_add(1, Ordering::Relaxed);
                if i >= count {
                    break;
                }
                one(i).await;
            }
        })
    };
    let tasks: Vec<_> = (0..WAITING).map(task).collect();
    runtime.block_on(async {
        for task in tasks {
            task.await.expect("no task fails");
        }
    });
    rate(count, begun)
}

fn rate(count: u64, begun: Instant) -> f64 {
    count as f64 / begun.elapsed().as_secs_f64()
}
