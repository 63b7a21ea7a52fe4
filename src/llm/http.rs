//! Asking servers: journal, limit in flight, budget, transport, journal again.
//!
//! Requests run on a small runtime of their own, so that no work on the processor ever holds them up; and what was
//! once sent is received and remembered even when the task that asked is gone.

use super::budget::{Amount, Budget};
use super::dialect::{self, Dialect};
use super::request::Request;
use super::transport::{Received, Transport};
use super::{AskPath, Exchange, LlmError, LlmOptions, LlmStats, Reply, Role, Usage, derive_seed};
use crate::config::plan::{Limits, ModelPlan};
use crate::data::ModelUse;
use crate::journal::{Key, Kind, Note};
use crate::monitor::Monitor;
use crate::prompt::{Prompt, Rendered, Templates};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use tokio::runtime::Runtime;
use tokio::sync::{Semaphore, watch};

/// Completion tokens set aside for a call whose model has no `max_tokens`.
const TOKENS_OUT: u64 = 1024;

/// What all servers of a run share.
pub(super) struct Http {
    io: Option<Runtime>,
    shared: Arc<Shared>,
}

struct Shared {
    in_flight: Semaphore,
    budget: Budget,
    templates: Templates,
    options: LlmOptions,
    asked: AtomicU64,
    remembered: AtomicU64,
    faults: AtomicU64,
}

/// One model behind a server.
pub(super) struct HttpModel {
    name: String,
    plan: ModelPlan,
    dialect: Dialect,
    transport: Transport,
    /// Whether it has ever given a proper reply. Until then a rejected request is a wrong configuration.
    proven: AtomicBool,
}

impl HttpModel {
    pub(super) fn new(
        name: &str,
        plan: &ModelPlan,
        limits: &Limits,
        monitor: &Monitor,
        stop: Option<watch::Receiver<bool>>,
    ) -> Result<Self, LlmError> {
        if limits.cost_usd.is_some() && (plan.price_in.is_none() || plan.price_out.is_none()) {
            let reason = String::from("`limits.cost_usd` needs its `price_in` and `price_out`");
            return Err(LlmError::Config { model: name.to_owned(), reason });
        }
        let transport = Transport::new(name, plan, limits, monitor, stop)?;
        Ok(Self {
            name: name.to_owned(),
            plan: plan.clone(),
            dialect: Dialect::of(plan),
            transport,
            proven: AtomicBool::new(false),
        })
    }

    pub(super) fn retries(&self) -> u64 {
        self.transport.retries()
    }

    /// Sends a request and turns what comes back into a reply.
    async fn reply(&self, request: &Request) -> Result<Reply, LlmError> {
        let reply = match self.transport.send(&self.dialect.encode(request)).await? {
            Received::Body(body) => self.dialect.decode(&body, request),
            Received::Rejected(status, body) if !self.proven.load(Ordering::Relaxed) => {
                return Err(self.transport.refused(status, &body));
            }
            Received::Rejected(status, body) => dialect::rejected(status, &body, request),
            Received::TooLarge => Reply {
                fault: String::from("the reply is larger than `limits.reply_bytes`"),
                usage: Usage {
                    tokens_in: request.tokens_in_estimate(),
                    tokens_out: TOKENS_OUT,
                    ..Usage::default()
                },
                ..Reply::default()
            },
        };
        if reply.fault.is_empty() {
            self.proven.store(true, Ordering::Relaxed);
        }
        Ok(reply)
    }
}

impl Http {
    pub(super) fn new(limits: &Limits, templates: Templates, options: LlmOptions) -> Self {
        let io = tokio::runtime::Builder::new_multi_thread()
            .worker_threads(1)
            .thread_name("requests")
            .enable_all()
            .build()
            .expect("a runtime can be started");
        let shared = Shared {
            in_flight: Semaphore::new(limits.in_flight.max(1)),
            budget: Budget::new(limits),
            templates,
            options,
            asked: AtomicU64::new(0),
            remembered: AtomicU64::new(0),
            faults: AtomicU64::new(0),
        };
        Self { io: Some(io), shared: Arc::new(shared) }
    }

    /// Answers a prompt from the journal, or else asks the server and remembers what it says.
    pub(super) async fn ask(
        &self,
        model: &Arc<HttpModel>,
        path: &mut AskPath,
        (run_seed, role): (u64, Role),
        prompt: &Prompt,
    ) -> Result<Reply, LlmError> {
        let rendered = self.shared.templates.render(prompt).map_err(LlmError::Template)?;
        let mut request = Request::new(&model.plan, rendered);
        let canonical = request.canonical();
        let hash = *blake3::hash(canonical.as_bytes()).as_bytes();
        let n = path.count(hash);
        let key = Key::new(Kind::Reply, path.scope(), &canonical, n);
        if let Some(reply) = self.shared.recall(&key)? {
            let used = Amount::of(&model.plan, reply.usage);
            self.shared.budget.settle(Amount::default(), used);
            self.shared.remembered.fetch_add(1, Ordering::Relaxed);
            if reply.fault.is_empty() {
                model.proven.store(true, Ordering::Relaxed);
            }
            self.shared.tell(model, path, role, &request.prompt, (&reply, true));
            return Ok(reply);
        }
        if self.shared.options.offline {
            return Err(missing(model, path, role, &request.prompt));
        }
        // 31 bits: servers keep seeds in all kinds of integers.
        request.seed = Some((derive_seed(run_seed, path.scope(), &hash, n) >> 33) as u32);
        let asker = (path.task(), role);
        let (shared, model) = (Arc::clone(&self.shared), Arc::clone(model));
        let (sent, by) = (request.prompt.clone(), Arc::clone(&model));
        let io = self.io.as_ref().expect("it lives as long as the handle");
        let asked = io.spawn(async move { shared.fetch(&model, &request, asker, key).await });
        // The runtime ends only with the handle, and then nobody is here to be told.
        let reply = asked.await.unwrap_or(Err(LlmError::Stopped))?;
        self.shared.tell(&by, path, role, &sent, (&reply, false));
        Ok(reply)
    }

    pub(super) fn charge(&self, model: &HttpModel, used: ModelUse) {
        let usage = Usage {
            tokens_in: used.tokens_in,
            tokens_out: used.tokens_out,
            tokens_cached: used.tokens_cached,
        };
        self.shared.budget.settle(Amount::default(), Amount::of(&model.plan, usage));
    }

    pub(super) fn stats(&self) -> LlmStats {
        let count = |counter: &AtomicU64| counter.load(Ordering::Relaxed);
        LlmStats {
            asked: count(&self.shared.asked),
            remembered: count(&self.shared.remembered),
            faults: count(&self.shared.faults),
            ..LlmStats::default()
        }
    }
}

impl Drop for Http {
    fn drop(&mut self) {
        if let Some(io) = self.io.take() {
            // A handle may be dropped inside another runtime, where waiting is not allowed.
            io.shutdown_background();
        }
    }
}

fn missing(model: &HttpModel, path: &AskPath, role: Role, sent: &Rendered) -> LlmError {
    let last = sent.messages.last().map(|message| message.content.as_str()).unwrap_or_default();
    let line = last.split_whitespace().collect::<Vec<_>>().join(" ");
    let excerpt = match line.char_indices().nth(80) {
        Some((at, _)) => format!("\u{201c}{}…\u{201d}", &line[..at]),
        None => format!("\u{201c}{line}\u{201d}"),
    };
    let place = path.task().map_or_else(|| String::from("the run"), |task| format!("task {task}"));
    LlmError::Missing { place, role: role.as_str(), model: model.name.clone(), excerpt }
}

impl Shared {
    fn tell(
        &self,
        model: &HttpModel,
        path: &AskPath,
        role: Role,
        sent: &Rendered,
        (reply, remembered): (&Reply, bool),
    ) {
        if let Some(observer) = &self.options.observer {
            let (task, model) = (path.task(), model.name.as_str());
            observer(&Exchange { task, role, model, sent, reply, remembered, is_local: false });
        }
    }

    fn recall(&self, key: &Key) -> Result<Option<Reply>, LlmError> {
        let Some(journal) = &self.options.journal else { return Ok(None) };
        let bytes = journal.get(key).map_err(LlmError::Journal)?;
        // One that an older version wrote in another form is asked again.
        Ok(bytes.and_then(|bytes| serde_json::from_slice(&bytes).ok()))
    }

    async fn fetch(
        &self,
        model: &HttpModel,
        request: &Request,
        (task, role): (Option<u64>, Role),
        key: Key,
    ) -> Result<Reply, LlmError> {
        let _permit = self.in_flight.acquire().await.expect("the semaphore is never closed");
        if self.options.stop.as_ref().is_some_and(|stop| *stop.borrow()) {
            return Err(LlmError::Stopped);
        }
        let most = Usage {
            tokens_in: request.tokens_in_estimate(),
            tokens_out: model.plan.sampling.max_tokens.map_or(TOKENS_OUT, u64::from),
            ..Usage::default()
        };
        let taken = Amount::of(&model.plan, most);
        self.budget.take(taken).await?;
        self.asked.fetch_add(1, Ordering::Relaxed);
        let outcome = model.reply(request).await;
        let used = outcome.as_ref().map_or(Amount::default(), |reply| Amount::of(&model.plan, reply.usage));
        self.budget.settle(taken, used);
        let reply = outcome?;
        if !reply.fault.is_empty() {
            self.faults.fetch_add(1, Ordering::Relaxed);
        }
        if let Some(journal) = &self.options.journal {
            let bytes = serde_json::to_vec(&reply).expect("a reply is plain data");
            let (model, used, fault) = (model.name.clone(), reply.usage.once(), !reply.fault.is_empty());
            let note = Note { task, model, role, used, fault };
            journal.put_reply(key, &note, &bytes).await.map_err(LlmError::Journal)?;
        }
        Ok(reply)
    }
}
