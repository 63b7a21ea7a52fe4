//! The one thread that writes: it commits what has gathered, then tells all who wait.
//!
//! A commit costs the processor as much as ten replies do, so commits keep a pace: what comes close together shares one, and
//! what comes alone is written at once.

use super::{EFFECTS, JournalError, Key, TASKS};
use crate::data::Stage;
use redb::Database;
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::mpsc;
use std::thread::JoinHandle;
use std::time::{Duration, Instant};
use tokio::sync::oneshot;

/// Entries and bytes after which a batch is committed even if more wait.
const BATCH_ENTRIES: usize = 512;
const BATCH_BYTES: usize = 16 << 20;
/// Least time from one commit's begin to the next one's: little beside what any reply takes to come.
const PACE: Duration = Duration::from_millis(3);

/// What is written.
pub(super) enum Entry {
    Effect(Key, Vec<u8>),
    Task(u64, Vec<u8>),
    /// The effects of this stage and later ones, and all tasks.
    Forget(Stage),
    /// All tasks.
    ForgetTasks,
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

impl Drop for Writer {
    fn drop(&mut self) {
        drop(self.queue.take());
        if let Some(thread) = self.thread.take() {
            // A panic of the writer was told to whoever waited for it.
            let _ = thread.join();
        }
    }
}

fn work(database: &Database, requests: &mpsc::Receiver<Request>, counts: &Counts) {
    let mut begun: Option<Instant> = None;
    while let Ok(first) = requests.recv() {
        if let Some(rest) = begun.and_then(|begun| PACE.checked_sub(begun.elapsed())) {
            std::thread::sleep(rest);
        }
        begun = Some(Instant::now());
        let mut bytes = first.entry.len();
        let mut batch = vec![first];
        // Whatever came in while the last commit ran goes out with this one.
        while batch.len() < BATCH_ENTRIES && bytes < BATCH_BYTES {
            let Ok(next) = requests.try_recv() else { break };
            bytes += next.entry.len();
            batch.push(next);
        }
        let outcome = commit(database, &batch).map_err(|e| e.to_string());
        counts.commits.fetch_add(1, Ordering::Relaxed);
        counts.writes.fetch_add(batch.len() as u64, Ordering::Relaxed);
        for request in batch {
            // Nobody waits when the run is being stopped; the value is remembered all the same.
            let _ = request.done.send(outcome.clone());
        }
    }
}

fn commit(database: &Database, batch: &[Request]) -> Result<(), redb::Error> {
    let tx = database.begin_write()?;
    {
        let mut effects = tx.open_table(EFFECTS)?;
        let mut tasks = tx.open_table(TASKS)?;
        for request in batch {
            match &request.entry {
                Entry::Effect(key, value) => drop(effects.insert(key.as_bytes(), value.as_slice())?),
                Entry::Task(ordinal, value) => drop(tasks.insert(ordinal, value.as_slice())?),
                Entry::ForgetTasks => tasks.retain(|_, _| false)?,
                Entry::Forget(from) => {
                    tasks.retain(|_, _| false)?;
                    effects.retain(|_, value| value.first().is_some_and(|stage| *stage < *from as u8))?;
                }
            }
        }
    }
    tx.commit()?;
    Ok(())
}

impl Entry {
    fn len(&self) -> usize {
        match self {
            Self::Effect(_, value) | Self::Task(_, value) => value.len(),
            Self::Forget(_) | Self::ForgetTasks => 0,
        }
    }
}
