//! Asking servers: journal, gate, budget, transport, journal again.
//!
//! Requests run on a small runtime of their own, so that no work on the processor ever holds them up; and what was
//! once sent is received and remembered even when the task that asked is gone.

use super::budget::{Amount, Budget};
use super::dialect::{self, Dialect};
use super::endpoint::{Endpoint, Errand, Sent};
use super::form::Form;
use super::reply::Remembered;
use super::request::{Request, tokens_in_estimate};
use super::secrets::Secrets;
use super::transport::{Headers, Received};
use super::{AskPath, Exchange, LlmError, LlmOptions, LlmStats, Reply, Role, Usage, derive_seed};
use crate::config::plan::{Limits, ModelPlan, Structured};
use crate::data::{ModelUse, Reason};
use crate::journal::{Key, Kind, Note};
use crate::monitor::{Event, Monitor};
use crate::prompt::{Prompt, Rendered, Templates};
use reqwest::header::HeaderMap;
use std::borrow::Cow;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use tokio::runtime::Runtime;

const FORBIDDEN: u16 = 403;

/// What all servers of a run share.
pub(super) struct Http {
    io: Option<Runtime>,
    shared: Arc<Shared>,
}

struct Shared {
    budget: Budget,
    monitor: Monitor,
    /// Whether every server's prices are known.
    is_priced: bool,
    templates: Templates,
    options: LlmOptions,
    secrets: Secrets,
    asked: AtomicU64,
    remembered: AtomicU64,
    faults: AtomicU64,
    repairs: AtomicU64,
}

/// A model in a role, behind a server.
pub(super) struct Voice {
    /// The model's name in the plan.
    name: String,
    role: Role,
    plan: ModelPlan,
    dialect: Dialect,
    headers: HeaderMap,
    endpoint: Arc<Endpoint>,
}

impl Voice {
    pub(super) fn new(
        name: &str,
        role: Role,
        plan: ModelPlan,
        headers: Headers,
        endpoint: Arc<Endpoint>,
    ) -> Self {
        let dialect = Dialect::of(&plan);
        Self { name: name.to_owned(), role, plan, dialect, headers: headers.map, endpoint }
    }

    pub(super) fn endpoint(&self) -> &Arc<Endpoint> {
        &self.endpoint
    }

    /// Tells whether the schema of a reply goes into the prompt, because the server does not enforce it.
    fn schema_is_prompted(&self, prompt: &Rendered) -> bool {
        let Some((name, _)) = prompt.reply else { return false };
        match self.plan.structured {
            Structured::Prompt | Structured::JsonObject => true,
            Structured::Auto => self.endpoint.rejects_schema(name),
            Structured::JsonSchema | Structured::GuidedJson | Structured::StructuredOutputs => false,
        }
    }

    /// Returns the most that a request may take, whose prompt has about so many tokens.
    fn most(&self, request: &Request, tokens_in: u64) -> Usage {
        let tokens_out = request.max_tokens.map_or_else(|| self.dialect.tokens_out_default(), u64::from);
        Usage { tokens_in, tokens_out, tokens_cached: 0 }
    }
}

impl Http {
    pub(super) fn new(
        limits: &Limits,
        templates: Templates,
        options: LlmOptions,
        monitor: &Monitor,
        (secrets, is_priced): (Secrets, bool),
    ) -> Self {
        let io = tokio::runtime::Builder::new_multi_thread()
            .worker_threads(1)
            .thread_name("requests")
            .enable_all()
            .build()
            .expect("a runtime can be started");
        let shared = Shared {
            budget: Budget::new(limits),
            monitor: monitor.clone(),
            is_priced,
            templates,
            options,
            secrets,
            asked: AtomicU64::new(0),
            remembered: AtomicU64::new(0),
            faults: AtomicU64::new(0),
            repairs: AtomicU64::new(0),
        };
        Self { io: Some(io), shared: Arc::new(shared) }
    }

    /// Answers a prompt. A reply that is not of the form it should have is asked for once more, with what is wrong.
    pub(super) async fn ask(
        &self,
        voice: &Arc<Voice>,
        path: &mut AskPath,
        run_seed: u64,
        prompt: &Prompt,
    ) -> Result<Reply, LlmError> {
        let templates = &self.shared.templates;
        let rendered = templates.render(prompt).map_err(LlmError::Template)?;
        let form = Form::of(&rendered, voice.plan.tool_mode);
        let rendered = form.word(rendered, templates).map_err(LlmError::Template)?;
        let (first, rendered) = self.exchange(voice, path, run_seed, (rendered, &form)).await?;
        let misread = match form.read(first) {
            Ok(reply) => return Ok(reply),
            Err(misread) => misread,
        };
        self.shared.repairs.fetch_add(1, Ordering::Relaxed);
        let mut again = rendered;
        again.messages.extend(form.repair(&misread, templates).map_err(LlmError::Template)?);
        let (second, _) = self.exchange(voice, path, run_seed, (again, &form)).await?;
        Ok(form.read(second).unwrap_or_else(|misread| {
            self.shared.faults.fetch_add(1, Ordering::Relaxed);
            misread.into_reply()
        }))
    }

    /// Has one request answered: from the journal, or else by the server, whose reply is remembered. Gives the prompt back.
    async fn exchange(
        &self,
        voice: &Arc<Voice>,
        path: &mut AskPath,
        run_seed: u64,
        (prompt, form): (Rendered, &Form),
    ) -> Result<(Reply, Rendered), LlmError> {
        let shared = &self.shared;
        let mut request = Request::new(&voice.plan, prompt);
        request.stop.extend(form.stops().iter().map(ToString::to_string));
        let canonical = request.canonical();
        let hash = *blake3::hash(canonical.as_bytes()).as_bytes();
        let n = path.count(hash);
        let key = Key::new(Kind::Reply, path.scope(), &canonical, n);
        let (said, request, is_remembered) = if let Some(said) = shared.recall(&key)? {
            // What it took is charged when the run begins.
            shared.remembered.fetch_add(1, Ordering::Relaxed);
            if said.is_proper() {
                voice.endpoint.proved(!request.prompt.tools.is_empty());
            }
            (said, request, true)
        } else if shared.options.offline {
            return Err(missing(voice, path, &request, shared.why_missing(&key)?));
        } else {
            if voice.plan.sampling.seed != Some(false) {
                // 31 bits: servers keep seeds in all kinds of integers.
                request.seed = Some((derive_seed(run_seed, path.scope(), &hash, n) >> 33) as u32);
            }
            let (sharing, speaker) = (Arc::clone(shared), Arc::clone(voice));
            let (task, tokens_in) = (path.task(), tokens_in_estimate(canonical.len()));
            let io = self.io.as_ref().expect("it lives as long as the handle");
            let asked = io.spawn(async move {
                let said = sharing.fetch(&speaker, &request, (task, tokens_in), key).await;
                (said, request)
            });
            // The runtime ends only with the handle, and then nobody is here to be told.
            let (said, request) = asked.await.map_err(|_| LlmError::Stopped)?;
            (said?, request, false)
        };
        shared.tell(voice, path.task(), &request, (&said, is_remembered))?;
        match said {
            Remembered::Reply(reply) => {
                path.meter().add(&voice.name, voice.role, reply.usage);
                Ok((reply, request.prompt))
            }
            Remembered::Failed(reason) => Err(LlmError::Failed(reason)),
        }
    }

    pub(super) fn charge(&self, voice: &Voice, used: &ModelUse) {
        if used.tokens_out > 0 {
            voice.endpoint.served_before.store(true, Ordering::Relaxed);
        }
        self.shared.budget.settle(voice.role, Amount::default(), Amount::of_many(&voice.plan, used));
    }

    pub(super) fn stats(&self) -> LlmStats {
        let count = |counter: &AtomicU64| counter.load(Ordering::Relaxed);
        LlmStats {
            asked: count(&self.shared.asked),
            remembered: count(&self.shared.remembered),
            faults: count(&self.shared.faults),
            repairs: count(&self.shared.repairs),
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

impl Shared {
    fn recall(&self, key: &Key) -> Result<Option<Remembered>, LlmError> {
        let Some(journal) = &self.options.journal else { return Ok(None) };
        let bytes = journal.get(key).map_err(LlmError::Journal)?;
        // One that an older version wrote in another form is asked again.
        Ok(bytes.and_then(|bytes| serde_json::from_slice(&bytes).ok()))
    }

    /// Says why there is no reply under a key.
    fn why_missing(&self, key: &Key) -> Result<&'static str, LlmError> {
        let lost = self.options.journal.as_ref().map_or(Ok(false), |journal| journal.is_lost(key));
        Ok(if lost.map_err(LlmError::Journal)? {
            "was asked this, and the reply in the journal is damaged"
        } else {
            "was never asked this"
        })
    }

    /// Asks the server and remembers what it says, or that it fails at the request.
    async fn fetch(
        &self,
        voice: &Voice,
        request: &Request,
        (task, tokens_in): (Option<u64>, u64),
        key: Key,
    ) -> Result<Remembered, LlmError> {
        let rank = task.unwrap_or(0);
        if self.options.stop.as_ref().is_some_and(|stop| *stop.borrow()) {
            return Err(LlmError::Stopped);
        }
        let is_prompted = voice.schema_is_prompted(&request.prompt);
        let mut outcome = self.send(voice, request, (rank, tokens_in), is_prompted).await;
        if let (Ok(None), Some((name, _))) = (&outcome, &request.prompt.reply) {
            voice.endpoint.note_rejected_schema(name);
            outcome = self.send(voice, request, (rank, tokens_in), true).await;
        }
        let mut said = outcome?.expect("a prompt with the schema in it is not rejected for its schema");
        self.asked.fetch_add(1, Ordering::Relaxed);
        let used = match &mut said {
            Remembered::Reply(reply) => {
                self.clean(reply);
                reply.usage.once()
            }
            Remembered::Failed(_) => ModelUse::default(),
        };
        let fault = !said.is_proper();
        self.faults.fetch_add(u64::from(fault), Ordering::Relaxed);
        if let Some(journal) = &self.options.journal {
            let bytes = serde_json::to_vec(&said).expect("a reply is plain data");
            let note = Note { task, model: voice.name.clone(), role: voice.role, used, fault };
            journal.put_reply(key, &note, &bytes).await.map_err(LlmError::Journal)?;
        }
        Ok(said)
    }

    /// Sends a request and reads what comes back; `None` where the server rejects the schema that goes with
    /// the request, and it may go into the prompt instead.
    async fn send(
        &self,
        voice: &Voice,
        request: &Request,
        (rank, tokens_in): (u64, u64),
        is_prompted: bool,
    ) -> Result<Option<Remembered>, LlmError> {
        let wire = match (&request.prompt.reply, is_prompted) {
            (Some(_), true) => &self.with_schema(voice, request)?,
            _ => request,
        };
        let most = voice.most(wire, tokens_in);
        let errand = Errand {
            rank,
            role: voice.role,
            headers: &voice.headers,
            body: voice.dialect.encode(wire),
            has_tools: !request.prompt.tools.is_empty(),
            most: Amount::of(&voice.plan, most),
            stop: self.options.stop.clone(),
        };
        let endpoint = &voice.endpoint;
        let (received, pass, aside, number) = match endpoint.send(&self.budget, &errand).await? {
            Sent::Answered(received, pass, aside, number) => (received, pass, aside, number),
            Sent::Failed(fault) => {
                let text = format!("the server fails at this request at every attempt: {fault}");
                let reason = Reason::new(voice.role.stage(), fault.rule(), self.secrets.clean_text(&text));
                return Ok(Some(Remembered::Failed(reason)));
            }
        };
        let reply = match received {
            Received::Body(body) => voice.dialect.read(&body, wire),
            Received::Rejected(status, body) => {
                // It serves, and charges nothing.
                pass.served(0, 0);
                drop(aside);
                let reply = self.rejected(voice, request, (status, &body), is_prompted).await?;
                return Ok(reply.map(Remembered::Reply));
            }
            Received::TooLarge => Reply {
                fault: String::from("the reply is larger than `limits.reply_bytes`"),
                usage: most,
                ..Reply::default()
            },
        };
        aside.settle(Amount::of(&voice.plan, reply.usage));
        pass.served(reply.usage.tokens_out, reply.usage.tokens_in + reply.usage.tokens_out);
        self.tell_spending();
        if reply.fault.is_empty() {
            endpoint.serves(number, errand.has_tools);
        }
        Ok(Some(Remembered::Reply(reply)))
    }

    /// Makes something of a rejection: another attempt without the schema, a reply that is none, or the run's end.
    async fn rejected(
        &self,
        voice: &Voice,
        request: &Request,
        (status, body): (u16, &[u8]),
        is_prompted: bool,
    ) -> Result<Option<Reply>, LlmError> {
        let endpoint = &voice.endpoint;
        let is_about_schema = voice.plan.structured == Structured::Auto
            && request.prompt.reply.is_some()
            && !is_prompted
            && dialect::is_about_schema(body);
        if is_about_schema {
            return Ok(None);
        }
        // A server that has served refuses a request with 403 for what it says; before, for the key.
        let has_tools = !request.prompt.tools.is_empty();
        let may = if status == FORBIDDEN {
            endpoint.is_proven(has_tools)
        } else {
            endpoint.may_reject(has_tools, body).await
        };
        if may {
            Ok(Some(dialect::rejected(status, body)))
        } else {
            Err(endpoint.transport.refused(status, body))
        }
    }

    /// Tells who watches of an exchange: the prompt as the server gets it.
    fn tell(
        &self,
        voice: &Voice,
        task: Option<u64>,
        request: &Request,
        (said, remembered): (&Remembered, bool),
    ) -> Result<(), LlmError> {
        let Some(observer) = &self.options.observer else { return Ok(()) };
        let reply = &match said {
            Remembered::Reply(reply) => Cow::Borrowed(reply),
            Remembered::Failed(reason) => {
                Cow::Owned(Reply { fault: reason.reason.clone(), ..Reply::default() })
            }
        };
        let (role, model) = (voice.role, voice.name.as_str());
        let wire = if voice.schema_is_prompted(&request.prompt) {
            &self.with_schema(voice, request)?.prompt
        } else {
            &request.prompt
        };
        observer(&Exchange { task, role, model, sent: wire, reply, remembered, is_local: false });
        Ok(())
    }

    fn tell_spending(&self) {
        let spent = self.budget.spent();
        self.monitor.emit(Event::Spent {
            calls: spent.calls,
            tokens: spent.tokens,
            cost_usd: self.is_priced.then_some(spent.cost_usd),
            projected_tokens: None,
            projected_cost_usd: None,
        });
    }

    /// Returns a request whose schema stands in its prompt.
    fn with_schema(&self, voice: &Voice, request: &Request) -> Result<Request, LlmError> {
        let prompt = self.templates.schema_in_prompt(request.prompt.clone()).map_err(LlmError::Template)?;
        // A server that takes `json_object` is still told that JSON is wanted.
        let reply = request.prompt.reply.clone().filter(|_| voice.plan.structured == Structured::JsonObject);
        Ok(Request { prompt: Rendered { reply, ..prompt }, ..request.clone() })
    }

    /// Takes out secrets that the server wrote in a way that shows only when its JSON is read.
    fn clean(&self, reply: &mut Reply) {
        let secrets = &self.secrets;
        if secrets.is_empty() {
            return;
        }
        for text in [&mut reply.content, &mut reply.reasoning, &mut reply.fault] {
            secrets.clean_in_place(text);
        }
        for call in &mut reply.tool_calls {
            secrets.clean_in_place(&mut call.id);
            secrets.clean_in_place(&mut call.name);
            let mut text = call.arguments.to_string();
            let before = text.len();
            secrets.clean_in_place(&mut text);
            if text.len() != before {
                call.arguments = serde_json::from_str(&text).unwrap_or_default();
            }
        }
        for kept in &mut reply.kept {
            let mut text = kept.to_string();
            let before = text.len();
            secrets.clean_in_place(&mut text);
            if text.len() != before {
                *kept = serde_json::from_str(&text).unwrap_or_default();
            }
        }
    }
}

fn missing(voice: &Voice, path: &AskPath, request: &Request, why: &'static str) -> LlmError {
    let last = request.prompt.messages.last().map(|message| message.content.as_str()).unwrap_or_default();
    let line = last.split_whitespace().collect::<Vec<_>>().join(" ");
    let excerpt = match line.char_indices().nth(80) {
        Some((at, _)) => format!("“{}…”", &line[..at]),
        None => format!("“{line}”"),
    };
    let place = path.task().map_or_else(|| String::from("the run"), |task| format!("task {task}"));
    LlmError::Missing { place, role: voice.role.as_str(), model: voice.name.clone(), why, excerpt }
}
