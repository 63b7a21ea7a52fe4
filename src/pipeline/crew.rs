//! Which tasks run at once, and what ends their making.

use super::ending::Ending;
use super::halt::{Halt, late};
use super::tasks::{Bench, Counters, Ended, one};
use super::{End, RunError};
use crate::data::Stage;
use crate::journal::TaskMark;
use crate::monitor::Monitor;
use std::collections::BTreeSet;
use std::ops::Range;
use std::sync::Arc;
use std::time::Duration;
use tokio::task::JoinSet;
use tokio::time::{Instant, sleep};

/// How often it is looked whether tasks have come to wait for a model, so that others may begin.
const TICK: Duration = Duration::from_millis(5);

/// Makes the tasks of a run. Each is a function of its ordinal and of the replies it gets, so the order in which they
/// end changes nothing.
pub(super) struct Crew<'a> {
    bench: &'a Arc<Bench>,
    /// What ends it early.
    pub ending: Ending,
    /// When `limits.wall_s` is over.
    pub deadline: Option<Instant>,
    counters: Counters,
    finished: BTreeSet<u64>,
    /// So many tasks the run has by now.
    count: u64,
}

impl<'a> Crew<'a> {
    /// Makes a crew with nothing to do yet. `total` is how many tasks there will be at first.
    pub fn new(
        bench: &'a Arc<Bench>,
        monitor: &Monitor,
        halt: Halt,
        deadline: Option<Instant>,
        total: u64,
    ) -> Self {
        let counters = Counters {
            instruct: monitor.stage(Stage::Instruct, Some(total)),
            search: monitor.stage(Stage::Search, Some(total)),
        };
        Self { bench, ending: Ending::new(halt), deadline, counters, finished: BTreeSet::new(), count: 0 }
    }

    /// Makes what is not finished of the first `count` tasks, and returns how that ended.
    pub async fn make(&mut self, count: u64) -> Result<End, RunError> {
        let mut todo = self.extend(count)?.into_iter();
        let mut running = JoinSet::new();
        loop {
            while todo.len() > 0 && self.ending.goes_on() && self.has_room(running.len()) {
                if self.ending.halt.is_thrown() {
                    self.ending.end = End::Stopped;
                    break;
                }
                let Some(ordinal) = todo.next() else { break };
                let (bench, counters) = (Arc::clone(self.bench), self.counters.clone());
                running.spawn(async move { (ordinal, one(&bench, ordinal, &counters).await) });
            }
            if running.is_empty() {
                break;
            }
            let has_more = todo.len() > 0 && self.ending.goes_on();
            let deadline = self.deadline;
            tokio::select! {
                biased;
                Some(joined) = running.join_next() => {
                    let (ordinal, ended) = joined.expect("a task's panic is caught within it");
                    self.take(ordinal, ended);
                }
                () = late(deadline), if deadline.is_some() => self.time_is_up(),
                () = sleep(TICK), if has_more => {}
            }
        }
        self.ending.close()
    }

    /// Returns the finished tasks of a range, in order.
    pub fn finished(&self, among: Range<u64>) -> Vec<u64> {
        self.finished.range(among).copied().collect()
    }

    /// Returns how many tasks are finished, and how many there are.
    pub fn counts(&self) -> (u64, u64) {
        (self.finished.len() as u64, self.count)
    }

    /// Says that no more tasks will be made.
    pub fn close(&self) {
        self.counters.instruct.end();
        self.counters.search.end();
    }

    /// Takes the tasks up to `count` in, those that are remembered as finished; returns the others.
    fn extend(&mut self, count: u64) -> Result<Vec<u64>, RunError> {
        if self.count == 0 {
            // Also what unfinished tasks took, and what was forgotten: before they come to it again others could spend it a second time.
            self.bench.llm.charge(&self.bench.journal.held()?.spent());
        } else {
            self.counters.instruct.grow(count);
            self.counters.search.grow(count);
        }
        let fresh = self.count..count;
        for (ordinal, mark) in self.bench.journal.finished()?.into_iter().filter(|(at, _)| fresh.contains(at))
        {
            let (made, solved) = (mark != TaskMark::Refused, mark == TaskMark::Answered);
            self.counters.instruct.add(u64::from(made), u64::from(!made));
            self.counters.search.add(u64::from(solved), u64::from(made && !solved));
            self.finished.insert(ordinal);
        }
        self.count = self.count.max(count);
        Ok(fresh.filter(|ordinal| !self.finished.contains(ordinal)).collect())
    }

    /// A task that waits for a model uses no processor, so that it holds up nothing but what it waits for.
    fn has_room(&self, running: usize) -> bool {
        let limits = &self.bench.plan.limits;
        let working = running.saturating_sub(self.bench.llm.waiting());
        working < limits.in_flight.max(1) && running < limits.open_tasks.max(limits.in_flight).max(1)
    }

    fn take(&mut self, ordinal: u64, ended: Ended) {
        match ended {
            Ended::Finished => {
                self.finished.insert(ordinal);
                self.ending.finished();
            }
            Ended::Unfinished(error) => self.ending.unfinished(ordinal, error),
            Ended::Failed(error) => self.ending.failed(error),
        }
    }

    fn time_is_up(&mut self) {
        self.deadline = None;
        if !self.ending.halt.is_thrown() {
            let text = "the time of `limits.wall_s` is up: what was asked is still received";
            self.counters.search.monitor().note(text);
        }
        self.ending.time_is_up(self.bench.plan.limits.wall_s.unwrap_or_default());
    }
}
