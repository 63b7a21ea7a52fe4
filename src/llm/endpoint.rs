//! One server with one model: its gate, its client, and the attempts that a request gets.

use super::LlmError;
use super::Role;
use super::budget::{Amount, Budget};
use super::dialect::{self, Unread};
use super::gate::{Gate, GateLimits, Notice, Pass, Signal};
use super::transport::{Failure, Fault, Received, Transport};
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
const OK: u16 = 200;
/// So many looks at an idle gate say that no other request will tell.
const QUIET: u32 = 8;
/// The same where a task is at stake: there may be long between two requests.
const PATIENCE: u32 = 32;

/// One server with one model, for all roles that it plays.
pub(super) struct Endpoint {
    pub(super) transport: Transport,
    gate: Arc<Gate>,
    attempts: u32,
    backoff_ms: u64,
    retries: AtomicU64,
    /// Attempts so far, by which they are numbered from 1.
    sent: AtomicU64,
    /// The highest number of an attempt that got a proper reply.
    served: AtomicU64,
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
    /// Whether there is a proper reply, also a remembered one. Until then a rejected request may be a wrong configuration.
    served: AtomicBool,
    /// Requests that were rejected before there was one.
    rejections: AtomicU64,
}

impl Proof {
    fn is_served(&self) -> bool {
        self.served.load(Ordering::Relaxed)
    }

    /// Tells whether so many were rejected that the server takes none.
    fn is_rejected(&self) -> bool {
        self.rejections.load(Ordering::Relaxed) >= REJECTIONS
    }
}

/// What became of a request.
pub(super) enum Sent<'b> {
    /// The server said something to the attempt of a number.
    Answered(Received, Pass, Aside<'b>, u64),
    /// It failed at every attempt, and serves others: the fault is with this request. Says how it failed the last time.
    Failed(Fault),
}

/// What is sent, and for whom.
pub(super) struct Errand<'a> {
    /// The task's ordinal: lower ones go first.
    pub(super) rank: u64,
    pub(super) role: Role,
    pub(super) headers: &'a HeaderMap,
    pub(super) body: Vec<u8>,
    pub(super) has_tools: bool,
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
            sent: AtomicU64::new(0),
            served: AtomicU64::new(0),
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
        let (mut failures, mut refusals, mut pages) = (0, 0, 0);
        loop {
            let entered = self.gate.enter(errand.rank, errand.most.tokens);
            let pass = match unless_stopped(errand.stop.clone(), entered).await? {
                Ok(pass) => pass,
                Err(shut) => return Err(self.unreachable(failures + refusals, shut.to_string())),
            };
            // Only what is on its way holds an amount, so that who waits here waits for replies and for nothing else.
            unless_stopped(errand.stop.clone(), budget.take(errand.role, errand.most)).await??;
            let aside = Aside { budget, role: errand.role, taken: errand.most };
            let number = self.sent.fetch_add(1, Ordering::Relaxed) + 1;
            let (fault, wait) = match self.transport.attempt(errand.headers, errand.body.clone()).await {
                Ok(received) => return Ok(Sent::Answered(received, pass, aside, number)),
                Err(Failure::Lasting(error)) => return Err(error),
                Err(Failure::Passing(fault, wait)) => (fault, wait),
            };
            let sent = self.sent.load(Ordering::Relaxed);
            drop(aside);
            let (signal, reason) = (fault.signal(), fault.to_string());
            pass.refused(wait, signal, &reason);
            *(if signal == Signal::TooMany { &mut refusals } else { &mut failures }) += 1;
            let attempts = failures + refusals;
            let is_last = failures >= self.attempts || refusals >= self.attempts * REFUSALS;
            if let Fault::Unread(Unread::Foreign, said) = &fault {
                pages += 1;
                self.check_address(said, errand, (pages, is_last)).await?;
            }
            if is_last {
                let others = unless_stopped(errand.stop.clone(), self.serves_others(sent));
                let is_alone = !others.await?;
                return if is_alone {
                    Err(self.unreachable(attempts, reason))
                } else {
                    Ok(Sent::Failed(fault))
                };
            }
            self.retries.fetch_add(1, Ordering::Relaxed);
            let own = self.backoff(attempts).max(wait.unwrap_or_default());
            let pause = own.min(Duration::from_millis(BACKOFF_MS_MAX));
            self.monitor.emit(Event::Retry {
                what: format!("model {}", self.transport.name()),
                reason,
                wait_ms: pause.as_millis() as u64,
            });
            unless_stopped(errand.stop.clone(), tokio::time::sleep(pause)).await?;
        }
    }

    /// Notes that the server gave a proper reply to the attempt of a number, which was with or without tools.
    pub(super) fn serves(&self, number: u64, has_tools: bool) {
        self.served.fetch_max(number, Ordering::Relaxed);
        self.proved(has_tools);
    }

    /// Notes that there is a proper reply to a request with or without tools.
    pub(super) fn proved(&self, has_tools: bool) {
        self.proof(has_tools).served.store(true, Ordering::Relaxed);
    }

    /// Tells whether a proper reply to such a request is known in this session.
    pub(super) fn is_proven(&self, has_tools: bool) -> bool {
        self.proof(has_tools).is_served()
    }

    /// Tells whether a failure at every attempt is about one request, and not about the server: it serves one that it was
    /// sent after the first so many attempts. Those before say nothing: a server that goes down may end what it has begun.
    async fn serves_others(&self, sent: u64) -> bool {
        let is_told = || self.served.load(Ordering::Relaxed) > sent;
        self.await_others(is_told, PATIENCE).await;
        is_told()
    }

    /// Ends the run where no such server is found at the address: this request got pages for replies, so often, and so did
    /// others, or else it has no attempt left; and nobody is served.
    async fn check_address(
        &self,
        said: &str,
        errand: &Errand<'_>,
        (pages, is_last): (u32, bool),
    ) -> Result<(), LlmError> {
        let proof = self.proof(errand.has_tools);
        if pages == 1 {
            proof.rejections.fetch_add(1, Ordering::Relaxed);
        }
        let is_known = proof.is_served() || (!is_last && (pages == 1 || !proof.is_rejected()));
        if is_known || self.is_served_to_others(errand.has_tools).await {
            return Ok(());
        }
        Err(self.transport.refused(OK, said.as_bytes()))
    }

    /// Tells whether a rejection is about one request, and not about all: the server takes another one in this session,
    /// or took one in an earlier one and finds this one too long.
    pub(super) async fn may_reject(&self, has_tools: bool, body: &[u8]) -> bool {
        if self.served_before.load(Ordering::Relaxed) && dialect::is_about_length(body) {
            return true;
        }
        self.proof(has_tools).rejections.fetch_add(1, Ordering::Relaxed);
        self.is_served_to_others(has_tools).await
    }

    /// Tells whether there is a proper reply to such a request. While others are on their way, their fate is waited for, so
    /// that the order of arrival decides nothing; several rejections and no reply say that there will be none.
    async fn is_served_to_others(&self, has_tools: bool) -> bool {
        let proof = self.proof(has_tools);
        self.await_others(|| proof.is_served() || proof.is_rejected(), QUIET).await;
        proof.is_served()
    }

    fn proof(&self, has_tools: bool) -> &Proof {
        &self.proofs[usize::from(has_tools)]
    }

    /// Waits until others have told what there is to know, or none was on its way for so many looks that could.
    async fn await_others(&self, is_told: impl Fn() -> bool, looks: u32) {
        let mut quiet = 0;
        while !is_told() && quiet < looks {
            tokio::time::sleep(Duration::from_millis(self.backoff_ms.div_ceil(4))).await;
            quiet = if self.gate.is_idle() { quiet + 1 } else { 0 };
        }
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
