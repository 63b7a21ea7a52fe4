//! The gate of one endpoint: who may send a request to it now.
//!
//! Requests wait in the order of their tasks, so that early tasks finish early. One may go when the server is thought to
//! serve (`breaker`), no refusal holds the gate shut, fewer are in flight than the server can do with at once (`adapt`),
//! and the minute's allowance has room (`rate`). What becomes of a request is told to its `Pass`, and moves all of these.

mod adapt;
mod breaker;
mod queue;
mod rate;
mod state;

use queue::{Fate, Grant, Place, Ticket};
use state::State;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;
use tokio::time::{Instant, timeout_at};

/// What a gate lets through at most.
#[derive(Clone, Copy, Debug)]
pub(super) struct GateLimits {
    /// The ceiling of the limit on requests in flight.
    pub(super) max_in_flight: usize,
    pub(super) requests_per_minute: Option<u64>,
    pub(super) tokens_per_minute: Option<u64>,
    /// Fruitless pauses in a row after which the server is given up.
    pub(super) pauses: u32,
    /// The first pause; each further one doubles.
    pub(super) pause: Duration,
}

/// Why a request got no proper answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Signal {
    /// Status 429: it serves, but not so much.
    TooMany,
    /// Status 503 or 529: it does not serve now.
    Overloaded,
    /// It cannot be reached, breaks off, or fails with another status from 500 on.
    Failed,
    /// No answer in time.
    TimedOut,
}

/// What a gate tells whoever watches the run.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Notice {
    /// After a refusal nothing is sent for a while.
    Held {
        /// What the server said.
        reason: String,
        /// For how long.
        wait: Duration,
    },
    /// The server does not serve. It is asked again after a pause, with one request.
    Paused {
        /// What went wrong the last time.
        reason: String,
        /// For how long.
        wait: Duration,
    },
    /// The server serves again.
    Resumed,
    /// The server is asked no more in this run.
    GaveUp {
        /// What went wrong the last time.
        reason: String,
    },
}

/// The server is asked no more in this run.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the server is given up: {reason}")]
pub(super) struct Shut {
    /// What went wrong the last time.
    pub(super) reason: Arc<str>,
}

/// The gate of one endpoint.
pub(super) struct Gate {
    start: Instant,
    state: Mutex<State>,
    tell: Box<dyn Fn(Notice) + Send + Sync>,
}

/// Leave to send one request. Dropped without a verdict it counts as never sent.
pub(super) struct Pass {
    gate: Arc<Gate>,
    grant: Grant,
    tokens: u64,
    is_settled: bool,
}

/// Somebody in the queue; leaves it when dropped.
struct Waiting {
    gate: Arc<Gate>,
    place: Place,
    tokens: u64,
    ticket: Arc<Ticket>,
    is_done: bool,
}

impl Gate {
    /// Makes an open gate. It calls `tell` without holding any lock.
    pub(super) fn new(limits: GateLimits, tell: impl Fn(Notice) + Send + Sync + 'static) -> Arc<Self> {
        Arc::new(Self { start: Instant::now(), state: Mutex::new(State::new(limits)), tell: Box::new(tell) })
    }

    /// Waits until a request of a task (`rank` is its ordinal) with about so many tokens in all may be sent. Whoever drops the
    /// future leaves the queue.
    pub(super) async fn enter(self: &Arc<Self>, rank: u64, tokens: u64) -> Result<Pass, Shut> {
        let entered = self.with(|state, now_s| state.enter(now_s, rank, tokens));
        let (place, ticket) = match entered {
            Ok(fate) => return self.pass(&fate, tokens),
            Err(waits) => waits,
        };
        let mut waiting = Waiting { gate: Arc::clone(self), place, tokens, ticket, is_done: false };
        loop {
            if let Some(fate) = waiting.ticket.fate.get() {
                let pass = self.pass(fate, tokens);
                waiting.is_done = true;
                return pass;
            }
            let news = waiting.ticket.news.notified();
            match self.with(|state, _| state.alarm_s(place)) {
                None => news.await,
                Some(until_s) => {
                    // A little later, so that rounding never makes it too early.
                    let until = self.start + Duration::from_secs_f64(until_s + 1e-6);
                    if timeout_at(until, news).await.is_err() {
                        self.with(State::let_through);
                    }
                }
            }
        }
    }

    /// Returns how many requests wait.
    #[cfg(test)]
    pub(super) fn waiting(&self) -> usize {
        self.lock().waiting()
    }

    /// Returns how many requests may be in flight now.
    #[cfg(test)]
    pub(super) fn limit(&self) -> usize {
        self.lock().limit()
    }

    /// Returns how many requests are in flight.
    #[cfg(test)]
    pub(super) fn in_flight(&self) -> usize {
        self.lock().in_flight()
    }

    /// Tells whether nobody waits and nothing is in flight.
    pub(super) fn is_idle(&self) -> bool {
        self.lock().is_idle()
    }

    fn pass(self: &Arc<Self>, fate: &Fate, tokens: u64) -> Result<Pass, Shut> {
        match fate {
            Fate::Go(grant) => Ok(Pass { gate: Arc::clone(self), grant: *grant, tokens, is_settled: false }),
            Fate::Shut(reason) => Err(Shut { reason: Arc::clone(reason) }),
        }
    }

    /// Works on the state at the present instant (seconds), and then tells what there is to tell.
    fn with<T>(&self, work: impl FnOnce(&mut State, f64) -> T) -> T {
        let (result, notices) = {
            let mut state = self.lock();
            // Read under the lock, so that time never goes back.
            let result = work(&mut state, self.start.elapsed().as_secs_f64());
            (result, state.take_notices())
        };
        for notice in notices {
            (self.tell)(notice);
        }
        result
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Pass {
    /// The server gave a proper answer, with so many tokens in the reply and in all.
    pub(super) fn served(mut self, tokens_out: u64, tokens_total: u64) {
        self.is_settled = true;
        let (grant, estimate) = (self.grant, self.tokens);
        self.gate.with(|state, now_s| {
            state.served(now_s, grant, tokens_out);
            state.settle(now_s, estimate, tokens_total);
        });
    }

    /// The server gave none: after how long it wants to be asked again, what happened, and in what words.
    pub(super) fn refused(mut self, retry_after: Option<Duration>, signal: Signal, reason: &str) {
        self.is_settled = true;
        let (grant, estimate) = (self.grant, self.tokens);
        self.gate.with(|state, now_s| {
            state.refused(now_s, grant, retry_after, signal, reason);
            // A refused request counts against the allowance, but its tokens do not.
            state.settle(now_s, estimate, 0);
        });
    }
}

impl Drop for Pass {
    fn drop(&mut self) {
        if !self.is_settled {
            self.gate.with(|state, now_s| state.returned(now_s, self.grant, self.tokens));
        }
    }
}

impl Drop for Waiting {
    fn drop(&mut self) {
        if self.is_done {
            return;
        }
        let (place, tokens) = (self.place, self.tokens);
        let fate = &self.ticket.fate;
        self.gate.with(|state, now_s| match fate.get() {
            None => state.leave(now_s, place),
            // It was let through and never knew: another goes instead.
            Some(Fate::Go(grant)) => state.returned(now_s, *grant, tokens),
            Some(Fate::Shut(_)) => {}
        });
    }
}

#[cfg(test)]
mod tests;
