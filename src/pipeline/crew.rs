//! Which tasks run at once, and what ends their making.

use super::tasks::{Bench, Counters, Ended, one};
use super::{Ceiling, End, RunError};
use crate::data::Stage;
use crate::journal::TaskMark;
use crate::llm::LlmError;
use crate::monitor::Monitor;
use std::collections::BTreeSet;
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::watch;
use tokio::task::JoinSet;
use tokio::time::{Instant, sleep, sleep_until};

/// So many tasks in a row that a server left unfinished say that it is gone.
const UNREACHABLE_MAX: u32 = 4;

/// How often it is looked whether tasks have come to wait for a model, so that others may begin.
const TICK: Duration = Duration::from_millis(5);

/// Throws and shows the switch that ends a run: what was asked is received and remembered, no more is asked.
#[derive(Clone)]
pub(super) struct Halt {
    throw: Arc<watch::Sender<bool>>,
    thrown: watch::Receiver<bool>,
}

impl Halt {
    /// Makes a switch that is thrown when the run is told to stop, or when something stops it from within.
    pub fn new(mut stop: watch::Receiver<bool>) -> Self {
        let (throw, thrown) = watch::channel(*stop.borrow());
        let throw = Arc::new(throw);
        let thrower = Arc::clone(&throw);
        std::thread::Builder::new()
            .name(String::from("stop"))
            .spawn(move || {
                let wait =
                    tokio::runtime::Builder::new_current_thread().build().expect("a runtime can be started");
                // Ends, too, when nobody is left who could stop the run.
                if wait.block_on(stop.wait_for(|stop| *stop)).is_ok() {
                    thrower.send_replace(true);
                }
            })
            .expect("a thread can be started");
        Self { throw, thrown }
    }

    /// Returns what turns true when the switch is thrown.
    pub fn thrown(&self) -> watch::Receiver<bool> {
        self.thrown.clone()
    }

    fn is_thrown(&self) -> bool {
        *self.thrown.borrow()
    }

    /// Throws it.
    pub fn throw(&self) {
        self.throw.send_replace(true);
    }
}

/// Makes the tasks of a run. Each is a function of its ordinal and of the replies it gets, so the order in which they
/// end changes nothing.
pub(super) struct Crew<'a> {
    bench: &'a Arc<Bench>,
    halt: Halt,
    /// When `limits.wall_s` is over.
    deadline: Option<Instant>,
    counters: Counters,
    finished: BTreeSet<u64>,
    /// So many tasks the run has by now.
    count: u64,
    end: End,
    unreachable: Option<String>,
    unreachable_in_a_row: u32,
    /// The first call that nothing remembered answers, by its task.
    missing: Option<(u64, LlmError)>,
    failure: Option<RunError>,
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
        Self {
            bench,
            halt,
            deadline,
            counters,
            finished: BTreeSet::new(),
            count: 0,
            end: End::Done,
            unreachable: None,
            unreachable_in_a_row: 0,
            missing: None,
            failure: None,
        }
    }

    /// Makes what is not finished of the first `count` tasks, and returns how that ended.
    pub async fn make(&mut self, count: u64) -> Result<End, RunError> {
        let mut todo = self.extend(count)?.into_iter();
        let mut running = JoinSet::new();
        loop {
            while todo.len() > 0 && self.goes_on() && self.has_room(running.len()) {
                if self.halt.is_thrown() {
                    self.end = End::Stopped;
                    break;
                }
                let Some(ordinal) = todo.next() else { break };
                let (bench, counters) = (Arc::clone(self.bench), self.counters.clone());
                running.spawn(async move { (ordinal, one(&bench, ordinal, &counters).await) });
            }
            if running.is_empty() {
                break;
            }
            let has_more = todo.len() > 0 && self.goes_on();
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
        if let Some(error) = self.failure.take() {
            return Err(error);
        }
        if let Some((_, error)) = self.missing.take() {
            return Err(error.into());
        }
        if let (End::Done, Some(reason)) = (&self.end, self.unreachable.take()) {
            self.end = End::Unreachable(reason);
        }
        Ok(self.end.clone())
    }

    /// Returns the length of the longest prefix of finished tasks.
    pub fn prefix(&self) -> u64 {
        (0..self.count).take_while(|ordinal| self.finished.contains(ordinal)).count() as u64
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

    fn goes_on(&self) -> bool {
        self.end == End::Done && self.failure.is_none() && self.missing.is_none()
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
                self.unreachable_in_a_row = 0;
            }
            Ended::Unfinished(error @ LlmError::Unreachable { .. }) => {
                self.unreachable_in_a_row += 1;
                if self.unreachable_in_a_row >= UNREACHABLE_MAX && self.end == End::Done {
                    self.end = End::Unreachable(error.to_string());
                }
                self.unreachable = Some(error.to_string());
            }
            Ended::Unfinished(error @ LlmError::Missing { .. }) => {
                // Tasks begin in their order: all before this one have begun, and are waited for.
                if self.missing.as_ref().is_none_or(|(first, _)| ordinal < *first) {
                    self.missing = Some((ordinal, error));
                }
            }
            Ended::Unfinished(error @ LlmError::BudgetExhausted { .. }) => {
                if !matches!(self.end, End::Ceiling(_)) {
                    self.end = End::Ceiling(Ceiling::of(&error));
                }
            }
            Ended::Unfinished(_) => {
                if self.end == End::Done {
                    self.end = End::Stopped;
                }
            }
            Ended::Failed(error) => {
                // What is in flight is received and remembered; nothing more is asked.
                self.halt.throw();
                self.failure.get_or_insert(error);
            }
        }
    }

    fn time_is_up(&mut self) {
        self.deadline = None;
        if !self.halt.is_thrown() {
            let text = "the time of `limits.wall_s` is up: what was asked is still received";
            self.counters.search.monitor().note(text);
        }
        if self.end == End::Done {
            self.end = End::Ceiling(Ceiling::wall(self.bench.plan.limits.wall_s.unwrap_or_default()));
        }
        self.halt.throw();
    }
}

async fn late(deadline: Option<Instant>) {
    if let Some(deadline) = deadline {
        sleep_until(deadline).await;
    }
}
