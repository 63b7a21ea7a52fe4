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
use std::collections::BTreeSet;
use std::hash::{BuildHasher, Hasher};
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;
use tokio::sync::watch;

/// No wait between attempts is longer.
const BACKOFF_MS_MAX: u64 = 60_000;
/// A request that is told "too many" is asked again so many times as often as one that fails: the server serves, and says
/// when. So a request is sent at most `limits.attempts` × (1 + this) times.
const REFUSALS: u32 = 4;

/// So many rejections and no proper reply say that the server takes no request of this form.
const REJECTIONS: u64 = 3;
/// So many looks at an idle gate say that no other request will tell.
const QUIET: u32 = 8;

/// One server with one model, for all roles that it plays.
pub(super) struct Endpoint {
    pub(super) transport: Transport,
    gate: Arc<Gate>,
    attempts: u32,
    backoff_ms: u64,
    retries: AtomicU64,
    monitor: Monitor,
    /// What is known of requests without tools, and of those with: a server that takes the one may not take the other.
    proofs: [Proof; 2],
    /// Whether it gave a reply in an earlier session of the run.
    pub(super) served_before: AtomicBool,
    /// The names of the schemas that it rejected, so that they go into the prompt.
    schemas: Mutex<BTreeSet<&'static str>>,
}

/// What a session knows of a kind of requests.
#[derive(Default)]
struct Proof {
    /// Proper replies. Until there is one a rejected request may be a wrong configuration.
    served: AtomicU64,
    /// Requests that were rejected before there was one.
    rejections: AtomicU64,
}

/// What became of a request.
pub(super) enum Sent<'b> {
    /// The server said something.
    Answered(Received, Pass, Aside<'b>),
    /// It failed at every attempt with an error of its own, and served others meanwhile: it is this request that it cannot
    /// bear. Says how it failed.
    Crashed(String),
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
            proofs: Default::default(),
            served_before: AtomicBool::new(false),
            schemas: Mutex::default(),
        }
    }

    /// Sends a body until the server says something, or all attempts are used up. The pass and the amount set aside are
    /// settled by the caller, who knows what the reply took.
    pub(super) async fn send<'b>(
        &self,
        budget: &'b Budget,
        errand: &Errand<'_>,
    ) -> Result<Sent<'b>, LlmError> {
        let served = self.served();
        let (mut failures, mut refusals, mut crashes) = (0, 0, 0);
        loop {
            let entered = self.gate.enter(errand.rank, errand.most.tokens);
            let pass = match unless_stopped(errand.stop.clone(), entered).await? {
                Ok(pass) => pass,
                Err(shut) => return Err(self.unreachable(failures + refusals, shut.to_string())),
            };
            // Only what is on its way holds an amount, so that who waits here waits for replies and for nothing else.
            unless_stopped(errand.stop.clone(), budget.take(errand.role, errand.most)).await??;
            let aside = Aside { budget, role: errand.role, taken: errand.most };
            let failure = match self.transport.attempt(errand.headers, errand.body.clone()).await {
                Ok(received) => return Ok(Sent::Answered(received, pass, aside)),
                Err(failure) => failure,
            };
            drop(aside);
            let (reason, signal, wait) = match failure {
                Failure::Lasting(error) => return Err(error),
                Failure::Passing { reason, signal, wait, is_crash } => {
                    crashes += u32::from(is_crash);
                    (reason, signal, wait)
                }
            };
            pass.refused(wait, signal, &reason);
            *(if signal == Signal::TooMany { &mut refusals } else { &mut failures }) += 1;
            if crashes >= self.attempts && self.served() > served {
                return Ok(Sent::Crashed(reason));
            }
            if failures >= self.attempts || refusals >= self.attempts * REFUSALS {
                return Err(self.unreachable(failures + refusals, reason));
            }
            self.retries.fetch_add(1, Ordering::Relaxed);
            let own = self.backoff(failures + refusals).max(wait.unwrap_or_default());
            let pause = own.min(Duration::from_millis(BACKOFF_MS_MAX));
            self.monitor.emit(Event::Retry {
                what: format!("model {}", self.transport.name()),
                reason,
                wait_ms: pause.as_millis() as u64,
            });
            unless_stopped(errand.stop.clone(), tokio::time::sleep(pause)).await?;
        }
    }

    /// Notes a proper reply to a request with or without tools.
    pub(super) fn proved(&self, has_tools: bool) {
        self.proofs[usize::from(has_tools)].served.fetch_add(1, Ordering::Relaxed);
    }

    /// Tells whether a proper reply came to such a request in this session.
    pub(super) fn is_proven(&self, has_tools: bool) -> bool {
        self.proofs[usize::from(has_tools)].served.load(Ordering::Relaxed) > 0
    }

    fn served(&self) -> u64 {
        self.proofs.iter().map(|proof| proof.served.load(Ordering::Relaxed)).sum()
    }

    /// Tells whether a rejection is about one request, and not about all: the server takes another one in this session,
    /// or took one in an earlier one and finds this one too long. While others are on their way, their fate is waited for,
    /// so that the order of arrival decides nothing; several rejections and no reply say that it is about all.
    pub(super) async fn may_reject(&self, has_tools: bool, body: &[u8]) -> bool {
        if self.served_before.load(Ordering::Relaxed) && dialect::is_about_length(body) {
            return true;
        }
        let rejections = &self.proofs[usize::from(has_tools)].rejections;
        rejections.fetch_add(1, Ordering::Relaxed);
        let mut quiet = 0;
        while !self.is_proven(has_tools) && rejections.load(Ordering::Relaxed) < REJECTIONS && quiet < QUIET {
            tokio::time::sleep(Duration::from_millis(self.backoff_ms.div_ceil(4))).await;
            quiet = if self.gate.is_idle() { quiet + 1 } else { 0 };
        }
        self.is_proven(has_tools)
    }

    /// Tells whether the schema of a reply is one that the server rejected, so that it goes into the prompt.
    pub(super) fn rejects_schema(&self, name: &str) -> bool {
        self.schemas.lock().unwrap_or_else(PoisonError::into_inner).contains(name)
    }

    /// Notes that the server rejects the schema of a reply.
    pub(super) fn note_rejected_schema(&self, name: &'static str) {
        let is_new = self.schemas.lock().unwrap_or_else(PoisonError::into_inner).insert(name);
        if is_new {
            let model = self.transport.name();
            self.monitor.note(format!(
                "model {model} takes no schema for `{name}`: it goes into the prompt (`structured: prompt` saves the attempt)"
            ));
        }
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
