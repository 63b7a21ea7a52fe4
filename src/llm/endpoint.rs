//! One server with one model: its gate, its client, and the attempts that a request gets.

use super::LlmError;
use super::Role;
use super::budget::{Amount, Budget};
use super::dialect;
use super::gate::{Gate, GateLimits, Notice, Pass, Signal};
use super::transport::{Failure, Received, Transport};
use crate::config::plan::{Limits, ModelPlan};
use crate::monitor::{Event, Monitor};
use reqwest::header::HeaderMap;
use std::hash::{BuildHasher, Hasher};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::Duration;
use tokio::sync::watch;

/// No wait between attempts is longer.
const BACKOFF_MS_MAX: u64 = 60_000;
/// A request that is told "too many" is asked again so many times as often as one that fails: the server serves, and says
/// when. So a request is sent at most `limits.attempts` × (1 + this) times.
const REFUSALS: u32 = 4;

/// One server with one model, for all roles that it plays.
pub(super) struct Endpoint {
    pub(super) transport: Transport,
    gate: Arc<Gate>,
    attempts: u32,
    backoff_ms: u64,
    retries: AtomicU64,
    monitor: Monitor,
    /// Whether it has ever given a proper reply. Until then a rejected request is a wrong configuration.
    pub(super) proven: AtomicBool,
    /// Whether it gave a reply in an earlier session of the run.
    pub(super) served_before: AtomicBool,
    /// Whether it rejected a schema, so that schemas go into the prompt.
    pub(super) takes_no_schema: AtomicBool,
}

/// What is sent, and for whom.
pub(super) struct Errand<'a> {
    /// The task's ordinal: lower ones go first.
    pub(super) rank: u64,
    pub(super) role: Role,
    pub(super) headers: &'a HeaderMap,
    pub(super) body: Vec<u8>,
    /// The most that it may take.
    pub(super) most: Amount,
    pub(super) stop: Option<watch::Receiver<bool>>,
}

/// An amount that is set aside until the reply is there; given back when dropped.
pub(super) struct Aside<'a> {
    budget: &'a Budget,
    role: Role,
    taken: Amount,
}

impl Aside<'_> {
    /// Counts what was spent in its place.
    pub(super) fn settle(mut self, used: Amount) {
        self.budget.settle(self.role, std::mem::take(&mut self.taken), used);
    }
}

impl Drop for Aside<'_> {
    fn drop(&mut self) {
        if self.taken != Amount::default() {
            self.budget.settle(self.role, self.taken, Amount::default());
        }
    }
}

impl Endpoint {
    pub(super) fn new(plan: &ModelPlan, limits: &Limits, transport: Transport, monitor: &Monitor) -> Self {
        let gate_limits = GateLimits {
            max_in_flight: plan.in_flight.unwrap_or(limits.in_flight).max(1),
            requests_per_minute: plan.requests_per_minute,
            tokens_per_minute: plan.tokens_per_minute,
            pauses: limits.pauses,
            pause: Duration::from_millis(limits.backoff_ms * 4),
        };
        let (teller, name) = (monitor.clone(), transport.name().to_owned());
        let gate = Gate::new(gate_limits, move |notice| tell(&teller, &name, notice));
        Self {
            transport,
            gate,
            attempts: limits.attempts.max(1),
            backoff_ms: limits.backoff_ms,
            retries: AtomicU64::new(0),
            monitor: monitor.clone(),
            proven: AtomicBool::new(false),
            served_before: AtomicBool::new(false),
            takes_no_schema: AtomicBool::new(false),
        }
    }

    /// Sends a body until the server says something, or all attempts are used up. The pass and the amount set aside are
    /// settled by the caller, who knows what the reply took.
    pub(super) async fn send<'b>(
        &self,
        budget: &'b Budget,
        errand: &Errand<'_>,
    ) -> Result<(Received, Pass, Aside<'b>), LlmError> {
        let mut aside = None;
        let (mut failures, mut refusals) = (0, 0);
        loop {
            let entered = self.gate.enter(errand.rank, errand.most.tokens);
            let pass = match unless_stopped(errand.stop.clone(), entered).await? {
                Ok(pass) => pass,
                Err(shut) => return Err(self.unreachable(failures + refusals, shut.to_string())),
            };
            if aside.is_none() {
                let taken =
                    unless_stopped(errand.stop.clone(), budget.take(errand.role, errand.most)).await?;
                taken?;
                aside = Some(Aside { budget, role: errand.role, taken: errand.most });
            }
            let failure = match self.transport.attempt(errand.headers, errand.body.clone()).await {
                Ok(received) => return Ok((received, pass, aside.expect("taken before the first attempt"))),
                Err(failure) => failure,
            };
            let (reason, signal, wait) = match failure {
                Failure::Lasting(error) => return Err(error),
                Failure::Passing { reason, signal, wait } => (reason, signal, wait),
            };
            pass.refused(wait, signal, &reason);
            let count = if signal == Signal::TooMany { &mut refusals } else { &mut failures };
            *count += 1;
            if failures >= self.attempts || refusals >= self.attempts * REFUSALS {
                return Err(self.unreachable(failures + refusals, reason));
            }
            self.retries.fetch_add(1, Ordering::Relaxed);
            let pause = self
                .backoff(failures + refusals)
                .max(wait.unwrap_or_default())
                .min(Duration::from_millis(BACKOFF_MS_MAX));
            self.monitor.emit(Event::Retry {
                what: format!("model {}", self.transport.name()),
                reason,
                wait_ms: pause.as_millis() as u64,
            });
            unless_stopped(errand.stop.clone(), tokio::time::sleep(pause)).await?;
        }
    }

    /// Tells whether a rejection is about one request, and not about all: the server has taken another one in this
    /// session, or it did so in an earlier one and finds this one too long. Else the run ends before every task is lost.
    pub(super) fn may_reject(&self, body: &[u8]) -> bool {
        self.proven.load(Ordering::Relaxed)
            || self.served_before.load(Ordering::Relaxed) && dialect::is_about_length(body)
    }

    /// Returns how many attempts were repetitions.
    pub(super) fn retries(&self) -> u64 {
        self.retries.load(Ordering::Relaxed)
    }

    fn unreachable(&self, attempts: u32, reason: String) -> LlmError {
        let (model, url) = (self.transport.name().to_owned(), self.transport.shown_url());
        LlmError::Unreachable { model, url, attempts, reason }
    }

    /// Doubles from wait to wait; half of it is left to chance, so that tasks that failed together do not return together.
    fn backoff(&self, failures: u32) -> Duration {
        let doubled = self.backoff_ms.saturating_mul(1 << failures.saturating_sub(1).min(16));
        let full = doubled.min(BACKOFF_MS_MAX);
        let chance = std::hash::RandomState::new().build_hasher().finish();
        Duration::from_millis(full / 2 + chance % (full / 2 + 1))
    }
}

/// Tells whoever watches what a gate does.
fn tell(monitor: &Monitor, name: &str, notice: Notice) {
    let what = format!("model {name}");
    match notice {
        // The retry tells it.
        Notice::Held { .. } => {}
        Notice::Paused { reason, wait } => {
            monitor.emit(Event::Paused { what, reason, wait_ms: wait.as_millis() as u64 });
        }
        Notice::Resumed => monitor.emit(Event::Resumed { what }),
        Notice::GaveUp { reason } => {
            monitor.note(format!("{what} is given up for now, its tasks are left unfinished: {reason}"));
        }
    }
}

/// Waits for something, unless the run is being stopped meanwhile.
async fn unless_stopped<T>(
    stop: Option<watch::Receiver<bool>>,
    what: impl Future<Output = T>,
) -> Result<T, LlmError> {
    let Some(mut stop) = stop else { return Ok(what.await) };
    tokio::pin!(what);
    tokio::select! {
        biased;
        stopped = async { stop.wait_for(|stop| *stop).await.is_ok() } => {
            if stopped {
                return Err(LlmError::Stopped);
            }
            // Nobody is left who could stop it.
            Ok(what.await)
        }
        done = &mut what => Ok(done),
    }
}
