//! The one thread that writes: it commits what has gathered, then tells all who wait.
//!
//! A commit costs the processor as much as ten replies do, so commits keep a pace: what comes close together shares one,
//! what comes alone is written at once, and so is a crowd.

use super::{EFFECTS, JournalError, Key, META, Note, TASKS, effect, meta};
use crate::data::Stage;
use redb::{Database, WriteTransaction};
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};
use std::sync::mpsc;
use std::thread::JoinHandle;
use std::time::{Duration, Instant};
use tokio::sync::oneshot;

/// Entries and bytes after which a batch is committed even if more wait.
const BATCH_ENTRIES: usize = 512;
const BATCH_BYTES: usize = 16 << 20;
/// Least time from one commit's begin to the next one's: little beside what any reply takes to come.
const PACE: Duration = Duration::from_millis(3);
/// So many entries wait for no pace: the commit is cheap beside them.
const CROWD: usize = 64;
/// How often a crowd is looked for.
const LOOK: Duration = Duration::from_micros(500);

/// What is written.
pub(super) enum Entry {
    Effect(Key, Vec<u8>),
    Task(u64, Vec<u8>),
    /// The effects of this stage and later ones, and all tasks where they are made in it or later. What the effects took is
    /// added to what was forgotten before.
    Forget(Stage),
    /// All tasks.
    ForgetTasks,
    /// So many more attempts that were repetitions.
    Repeated(u64),
}

struct Request {
    entry: Entry,
    done: oneshot::Sender<Result<(), String>>,
}

/// The handle on the writer's thread, which ends when this is dropped and its queue is empty.
pub(super) struct Writer {
    queue: Option<mpsc::Sender<Request>>,
    thread: Option<JoinHandle<()>>,
    counts: Arc<Counts>,
    path: PathBuf,
}

#[derive(Default)]
struct Counts {
    waiting: AtomicUsize,
    commits: AtomicU64,
    writes: AtomicU64,
}

impl Writer {
    pub(super) fn spawn(database: Arc<Database>, path: PathBuf) -> Self {
        let (queue, requests) = mpsc::channel();
        let counts = Arc::new(Counts::default());
        let counted = Arc::clone(&counts);
        let thread = std::thread::Builder::new()
            .name(String::from("journal"))
            .spawn(move || work(&database, &requests, &counted))
            .expect("a thread can be started");
        Self { queue: Some(queue), thread: Some(thread), counts, path }
    }

    pub(super) async fn write(&self, entry: Entry) -> Result<(), JournalError> {
        let (done, wait) = oneshot::channel();
        let gone = || Err(String::from("its writer has ended"));
        let queue = self.queue.as_ref().expect("the queue lives as long as the writer");
        self.counts.waiting.fetch_add(1, Ordering::Relaxed);
        let outcome = match queue.send(Request { entry, done }) {
            Ok(()) => wait.await.unwrap_or_else(|_| gone()),
            Err(_) => gone(),
        };
        outcome.map_err(|cause| JournalError::Write { path: self.path.clone(), cause })
    }

    /// Returns commits and values written.
    pub(super) fn counts(&self) -> (u64, u64) {
        (self.counts.commits.load(Ordering::Relaxed), self.counts.writes.load(Ordering::Relaxed))
    }
}

impl Writer {
    /// Waits until all is written and the thread has ended. Nothing can be written after.
    pub(super) fn end(&mut self) {
        drop(self.queue.take());
        if let Some(thread) = self.thread.take() {
            // A panic of the writer was told to whoever waited for it.
            let _ = thread.join();
        }
    }
}

impl Drop for Writer {
    fn drop(&mut self) {
        self.end();
    }
}

fn work(database: &Database, requests: &mpsc::Receiver<Request>, counts: &Counts) {
    let mut next = Instant::now();
    while let Ok(first) = requests.recv() {
        while let Some(rest) = next.checked_duration_since(Instant::now())
            && counts.waiting.load(Ordering::Relaxed) < CROWD
        {
            std::thread::sleep(rest.min(LOOK));
        }
        next = Instant::now() + PACE;
        let mut bytes = first.entry.len();
        let mut batch = vec![first];
        // Whatever came in while the last commit ran goes out with this one.
        while batch.len() < BATCH_ENTRIES && bytes < BATCH_BYTES {
            let Ok(next) = requests.try_recv() else { break };
            bytes += next.entry.len();
            batch.push(next);
        }
        counts.waiting.fetch_sub(batch.len(), Ordering::Relaxed);
        let outcome = commit(database, &batch).map_err(|e| e.to_string());
        counts.commits.fetch_add(1, Ordering::Relaxed);
        counts.writes.fetch_add(batch.len() as u64, Ordering::Relaxed);
        for request in batch {
            // Nobody waits when the run is being stopped; the value is remembered all the same.
            let _ = request.done.send(outcome.clone());
        }
        // Who was told asks for more at once: the first of them is not all.
        next = next.max(Instant::now() + LOOK);
    }
}

fn commit(database: &Database, batch: &[Request]) -> Result<(), redb::Error> {
    let tx = database.begin_write()?;
    for request in batch {
        match &request.entry {
            Entry::Effect(key, value) => remember(&tx, key, value)?,
            Entry::Task(ordinal, value) => drop(tx.open_table(TASKS)?.insert(ordinal, value.as_slice())?),
            Entry::Repeated(attempts) => {
                let mut meta = tx.open_table(META)?;
                let sum = meta::repeated(&meta)?.saturating_add(*attempts);
                let text = meta::encode(meta::REPEATED, &sum.to_string());
                meta.insert(meta::REPEATED, text.as_slice())?;
            }
            Entry::ForgetTasks => tx.open_table(TASKS)?.retain(|_, _| false)?,
            Entry::Forget(from) => {
                if *from as u8 <= Stage::Search as u8 {
                    tx.open_table(TASKS)?.retain(|_, _| false)?;
                }
                let mut forgotten = Vec::new();
                tx.open_table(EFFECTS)?.retain(|key, value| {
                    let is_kept = value.first().is_some_and(|stage| *stage < *from as u8);
                    if !is_kept {
                        forgotten.extend(effect::read(key, value).and_then(|head| head.note));
                    }
                    is_kept
                })?;
                forget(&tx, &forgotten)?;
            }
        }
    }
    tx.commit()?;
    Ok(())
}

fn remember(tx: &WriteTransaction, key: &Key, value: &[u8]) -> Result<(), redb::Error> {
    let mut lost = None;
    {
        let mut effects = tx.open_table(EFFECTS)?;
        if let Some(before) = effects.insert(key.as_bytes(), value)?
            && effect::is_lost(before.value())
        {
            lost = effect::read(key.as_bytes(), before.value()).and_then(|head| head.note);
        }
    }
    // It was asked twice, and paid for twice.
    lost.map_or(Ok(()), |note| forget(tx, &[note]))
}

/// Adds what replies took to what is forgotten.
fn forget(tx: &WriteTransaction, notes: &[Note]) -> Result<(), redb::Error> {
    let mut meta = tx.open_table(META)?;
    let mut forgotten = meta::forgotten(&meta)?;
    for note in notes {
        forgotten.add(&note.model, note.role, &note.used);
    }
    let text = serde_json::to_string(&forgotten).expect("sums are plain data");
    meta.insert(meta::FORGOTTEN, meta::encode(meta::FORGOTTEN, &text).as_slice())?;
    Ok(())
}

impl Entry {
    fn len(&self) -> usize {
        match self {
            Self::Effect(_, value) | Self::Task(_, value) => value.len(),
            Self::Forget(_) | Self::ForgetTasks | Self::Repeated(_) => 0,
        }
    }
}
