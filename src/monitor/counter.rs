//! Counts what goes through a stage, and reports each change.

use super::{Event, Monitor};
use crate::data::Stage;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering::Relaxed};

/// Counts a stage's records: `enter` when one comes in, `keep` or `lose` when it leaves. A cheap clone.
#[derive(Clone, Debug)]
pub struct Counter {
    monitor: Monitor,
    stage: Stage,
    counts: Arc<Counts>,
}

#[derive(Debug, Default)]
struct Counts {
    in_flight: AtomicU64,
    kept: AtomicU64,
    dropped: AtomicU64,
}

impl Monitor {
    /// Starts a stage and returns the counter that reports its progress.
    pub fn stage(&self, stage: Stage, total: Option<u64>) -> Counter {
        self.emit(Event::StageStarted { stage, total });
        Counter { monitor: self.clone(), stage, counts: Arc::default() }
    }
}

impl Counter {
    /// Returns where it reports to.
    pub fn monitor(&self) -> &Monitor {
        &self.monitor
    }

    /// Says that the stage will see more records than it was started with.
    pub fn grow(&self, total: u64) {
        self.monitor.emit(Event::StageGrew { stage: self.stage, total });
    }

    /// Counts a record in.
    pub fn enter(&self) {
        self.counts.in_flight.fetch_add(1, Relaxed);
        self.report();
    }

    /// Counts a record out that was kept.
    pub fn keep(&self) {
        self.leave();
        self.counts.kept.fetch_add(1, Relaxed);
        self.report();
    }

    /// Counts a record out that was dropped.
    pub fn lose(&self) {
        self.leave();
        self.counts.dropped.fetch_add(1, Relaxed);
        self.report();
    }

    /// Counts a record out that is neither: it is left unfinished.
    pub fn abandon(&self) {
        self.leave();
        self.report();
    }

    /// Adds records that went through at once (or on an earlier run).
    pub fn add(&self, kept: u64, dropped: u64) {
        self.counts.kept.fetch_add(kept, Relaxed);
        self.counts.dropped.fetch_add(dropped, Relaxed);
        self.report();
    }

    /// Ends the stage.
    pub fn end(&self) {
        let (kept, dropped) = (self.counts.kept.load(Relaxed), self.counts.dropped.load(Relaxed));
        self.monitor.emit(Event::StageEnded { stage: self.stage, done: kept + dropped, kept, dropped });
    }

    /// A record that was never counted in (`add`ed from outside) leaves nothing in flight.
    fn leave(&self) {
        let _ = self.counts.in_flight.fetch_update(Relaxed, Relaxed, |n| n.checked_sub(1));
    }

    fn report(&self) {
        let (kept, dropped) = (self.counts.kept.load(Relaxed), self.counts.dropped.load(Relaxed));
        self.monitor.emit(Event::Progress {
            stage: self.stage,
            done: kept + dropped,
            in_flight: self.counts.in_flight.load(Relaxed),
            kept,
            dropped,
        });
    }
}
