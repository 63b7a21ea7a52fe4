//! The handle on models: who answers prompts. It owns the journal, the limits and the budget.

mod budget;
pub mod dialect;
mod endpoint;
mod error;
mod form;
mod gate;
mod http;
mod path;
mod reply;
mod request;
mod secrets;
mod transport;

pub use crate::data::ModelRole as Role;
pub use budget::cost_usd;
pub use error::LlmError;
pub use path::AskPath;
pub use reply::{Finish, LocalModel, Reply, Usage};

#[cfg(feature = "internals")]
pub use request::Request;
pub(crate) use secrets::Secrets;

use crate::config::Plan;
use crate::config::plan::{Limits, ModelPlan, Provider};
use crate::data::Usages;
use crate::journal::{Journal, Scope};
use crate::monitor::Monitor;
use crate::prompt::{Prompt, Rendered, Templates};
use dialect::Dialect;
use endpoint::Endpoint;
use http::{Http, Voice};
use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};
use tokio::sync::watch;
use transport::{Headers, Transport};

/// The handle on all models of a run; cheap to clone.
#[derive(Clone)]
pub struct Llm {
    inner: Arc<Inner>,
}

struct Inner {
    seed: u64,
    /// By the role's place in `Role`: the model's name and where it runs.
    roles: BTreeMap<Role, (String, Backend)>,
    /// The same of the plan's judges.
    judges: BTreeMap<String, (String, Backend)>,
    http: Option<Arc<Http>>,
    templates: Templates,
    options: LlmOptions,
    local_asked: AtomicU64,
    /// Asks that wait for a server that the writer does not ask.
    waiting: AtomicUsize,
}

#[derive(Clone)]
enum Backend {
    /// Runs in this process; recomputed, never remembered.
    Local(Arc<dyn LocalModel>),
    /// A server; its replies are remembered.
    Http(Arc<Voice>),
}

/// How a handle of a run is set up.
#[derive(Clone, Default)]
pub struct LlmOptions {
    /// Where replies of servers are remembered.
    pub journal: Option<Journal>,
    /// Turning true, it ends all waits: what is in flight is still received, nothing more is asked.
    pub stop: Option<watch::Receiver<bool>>,
    /// Whether nothing may be sent. What is not remembered is `LlmError::Missing`.
    pub offline: bool,
    /// Is told of each exchange.
    pub observer: Option<Observer>,
}

/// Is told of each exchange, from whatever thread it ends on.
pub type Observer = Arc<dyn Fn(&Exchange<'_>) + Send + Sync>;

/// A prompt and what was replied to it.
#[derive(Debug)]
pub struct Exchange<'a> {
    /// The task that it is for; `None` for the run.
    pub task: Option<u64>,
    /// What the model was asked to be.
    pub role: Role,
    /// The model's name in the plan.
    pub model: &'a str,
    /// The prompt as it was sent. The built-in model reads the typed prompt; here is what a server would get.
    pub sent: &'a Rendered,
    /// The reply, as it came.
    pub reply: &'a Reply,
    /// Whether the reply was remembered, and not asked now.
    #[cfg_attr(not(feature = "internals"), expect(dead_code, reason = "the project's own tests read it"))]
    pub remembered: bool,
    /// Whether the model runs in this process, so that nothing was sent.
    pub is_local: bool,
}

/// How models were used since the handle was made.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct LlmStats {
    /// Replies of models that run in this process.
    pub local: u64,
    /// Replies asked of servers.
    pub asked: u64,
    /// Replies taken from the journal.
    pub remembered: u64,
    /// Attempts that were repetitions.
    pub retries: u64,
    /// Replies that were none.
    pub faults: u64,
    /// Replies that were asked for once more, because they were not of the form they should have.
    pub repairs: u64,
}

impl Llm {
    /// Makes the handle of a run. Needs each model's key, and reaches no server yet.
    pub fn new(
        plan: &Plan,
        local: Arc<dyn LocalModel>,
        templates: Templates,
        monitor: &Monitor,
        options: LlmOptions,
    ) -> Result<Self, LlmError> {
        let mut servers = Vec::new();
        let mut seated: BTreeMap<Seat, (String, Backend)> = BTreeMap::new();
        for (seat, name, model) in seats(plan)? {
            match model.provider {
                Provider::Builtin => {
                    seated.insert(seat, (name.to_owned(), Backend::Local(Arc::clone(&local))));
                }
                Provider::Openai | Provider::Anthropic => {
                    price_is_known(name, &model, &plan.limits, seat.role())?;
                    // What is not sent needs no key.
                    let headers = if options.offline {
                        Headers::default()
                    } else {
                        Headers::new(name, &model, Dialect::of(&model))?
                    };
                    servers.push((seat, name, model, headers));
                }
            }
        }
        let secrets =
            Secrets::new(servers.iter().flat_map(|(.., headers)| &headers.secrets).map(String::as_str));
        let is_priced =
            servers.iter().all(|(_, _, model, _)| model.price_in.is_some() && model.price_out.is_some());
        let http = (!servers.is_empty()).then(|| {
            let known = (secrets.clone(), is_priced);
            Arc::new(Http::new(&plan.limits, templates.clone(), options.clone(), monitor, known))
        });
        // Roles that ask the same model of the same server share its limits.
        let place = |model: &ModelPlan| {
            let provider = format!("{:?}", model.provider);
            [Some(provider), model.base_url.clone(), Some(model.model.clone()), model.api_key_env.clone()]
        };
        let shared = tightest(servers.iter().map(|(_, _, model, _)| (place(model), model)));
        let mut endpoints: BTreeMap<[Option<String>; 4], Arc<Endpoint>> = BTreeMap::new();
        for (seat, name, model, headers) in servers {
            let place = place(&model);
            if !endpoints.contains_key(&place) {
                let dialect = Dialect::of(&model);
                let transport = Transport::new(name, &model, dialect, &plan.limits, secrets.clone())?;
                let endpoint = Endpoint::new(&shared[&place], &plan.limits, transport, monitor);
                endpoints.insert(place.clone(), Arc::new(endpoint));
            }
            let endpoint = Arc::clone(&endpoints[&place]);
            let voice = Voice::new(name, seat.role(), model, headers, endpoint);
            seated.insert(seat, (name.to_owned(), Backend::Http(Arc::new(voice))));
        }
        let (mut roles, mut judges) = (BTreeMap::new(), BTreeMap::new());
        for (seat, backend) in seated {
            match seat {
                Seat::Role(role) => drop(roles.insert(role, backend)),
                Seat::Judge(judge) => drop(judges.insert(judge, backend)),
            }
        }
        let inner = Inner {
            seed: plan.seed,
            roles,
            judges,
            http,
            templates,
            options,
            local_asked: AtomicU64::new(0),
            waiting: AtomicUsize::new(0),
        };
        Ok(Self { inner: Arc::new(inner) })
    }

    /// Makes a handle on which one local model, named `builtin`, plays every role.
    #[cfg_attr(not(feature = "internals"), expect(dead_code, reason = "the project's own tests use it"))]
    pub fn builtin(model: Arc<dyn LocalModel>) -> Self {
        let all = Role::ALL;
        let backend = Backend::Local(model);
        let roles = all.map(|role| (role, (String::from("builtin"), backend.clone()))).into();
        let inner = Inner {
            seed: 0,
            roles,
            judges: BTreeMap::new(),
            http: None,
            templates: Templates::embedded(),
            options: LlmOptions::default(),
            local_asked: AtomicU64::new(0),
            waiting: AtomicUsize::new(0),
        };
        Self { inner: Arc::new(inner) }
    }

    /// Asks the model that plays a role. A reply of a server is durable before this returns it.
    pub async fn ask(&self, path: &mut AskPath, role: Role, prompt: &Prompt) -> Result<Reply, LlmError> {
        self.ask_of(&self.inner.roles[&role], path, role, prompt).await
    }

    /// Asks the model of one of the plan's judges; like `ask` in all else.
    pub async fn ask_judge(
        &self,
        path: &mut AskPath,
        judge: &str,
        prompt: &Prompt,
    ) -> Result<Reply, LlmError> {
        self.ask_of(&self.inner.judges[judge], path, Role::Judge, prompt).await
    }

    async fn ask_of(
        &self,
        (name, backend): &(String, Backend),
        path: &mut AskPath,
        role: Role,
        prompt: &Prompt,
    ) -> Result<Reply, LlmError> {
        if self.inner.options.stop.as_ref().is_some_and(|stop| *stop.borrow()) {
            return Err(LlmError::Stopped);
        }
        let reply = match backend {
            Backend::Local(model) => {
                let text = serde_json::to_vec(prompt).expect("a prompt is plain data");
                let request = *blake3::hash(&text).as_bytes();
                let n = path.count(request);
                self.inner.local_asked.fetch_add(1, Ordering::Relaxed);
                let reply = model.reply(prompt, derive_seed(self.inner.seed, path.scope(), &request, n));
                path.meter().add(name, role, reply.usage);
                if let Some(observer) = &self.inner.options.observer {
                    let sent = &self.inner.templates.render(prompt).map_err(LlmError::Template)?;
                    let (task, reply) = (path.task(), &reply);
                    observer(&Exchange {
                        task,
                        role,
                        model: name,
                        sent,
                        reply,
                        remembered: false,
                        is_local: true,
                    });
                }
                reply
            }
            Backend::Http(voice) => {
                let http = self.inner.http.as_ref().expect("made with the first server");
                let is_elsewhere = match self.inner.roles.get(&Role::Writer) {
                    Some((_, Backend::Http(writer))) => !Arc::ptr_eq(writer.endpoint(), voice.endpoint()),
                    _ => true,
                };
                let _waits = is_elsewhere.then(|| Waits::new(&self.inner.waiting));
                http.ask(voice, path, self.inner.seed, prompt).await?
            }
        };
        Ok(reply)
    }

    /// Tells whether a judge of the plan is behind a server, so that what it says is remembered.
    pub fn is_remote(&self, judge: &str) -> bool {
        matches!(self.inner.judges.get(judge), Some((_, Backend::Http(_))))
    }

    /// Returns the name of the model that plays a role.
    pub fn model(&self, role: Role) -> &str {
        &self.inner.roles[&role].0
    }

    /// Returns how many asks wait for a server that the writer does not ask: queued, or in flight. Their tasks hold up no
    /// new ones, which begin with the writer.
    pub fn waiting(&self) -> usize {
        self.inner.waiting.load(Ordering::Relaxed)
    }

    /// Counts what earlier sessions of the run spent. A reply that is remembered is not counted when it is recalled.
    pub fn charge(&self, usage: &Usages) {
        let Some(http) = &self.inner.http else { return };
        for (name, role, used) in usage.iter() {
            let seats = self.inner.roles.get(&role).into_iter();
            let judges = self.inner.judges.values().filter(|_| role == Role::Judge);
            let seat = seats.chain(judges).find(|(known, _)| known == name);
            if let Some((_, Backend::Http(voice))) = seat {
                http.charge(voice, used);
            }
        }
    }

    /// Returns how models were used since the handle was made.
    pub fn stats(&self) -> LlmStats {
        let http = self.inner.http.as_ref().map(|http| http.stats()).unwrap_or_default();
        let mut endpoints: Vec<&Arc<Endpoint>> = Vec::new();
        for (_, backend) in self.inner.roles.values().chain(self.inner.judges.values()) {
            if let Backend::Http(voice) = backend
                && !endpoints.iter().any(|known| Arc::ptr_eq(known, voice.endpoint()))
            {
                endpoints.push(voice.endpoint());
            }
        }
        let retries = endpoints.into_iter().map(|endpoint| endpoint.retries()).sum();
        LlmStats { local: self.inner.local_asked.load(Ordering::Relaxed), retries, ..http }
    }
}

/// From where a model is asked: a role, or one of the plan's judges.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Seat {
    Role(Role),
    Judge(String),
}

impl Seat {
    fn role(&self) -> Role {
        match self {
            Self::Role(role) => *role,
            Self::Judge(_) => Role::Judge,
        }
    }
}

/// Returns every seat with the name of its model and how that is asked.
fn seats(plan: &Plan) -> Result<Vec<(Seat, &str, ModelPlan)>, LlmError> {
    let known = |model: Option<ModelPlan>, name: &str, who: String| {
        let reason = || format!("{who} names it, but `models` does not hold it");
        model.ok_or_else(|| LlmError::Config { model: name.to_owned(), reason: reason() })
    };
    let mut seats = Vec::new();
    for (role, of) in &plan.roles.0 {
        let model = known(plan.model_of(*role), &of.model, format!("the role `{}`", role.as_str()))?;
        seats.push((Seat::Role(*role), of.model.as_str(), model));
    }
    for (judge, of) in &plan.filter.judges {
        let name = of.model.as_deref().or(plan.roles.model(Role::Judge)).unwrap_or("judge");
        let model = known(plan.model_of_judge(of), name, format!("the judge `{judge}`"))?;
        seats.push((Seat::Judge(judge.clone()), name, model));
    }
    Ok(seats)
}

/// Where several models of the plan are one at its server, the tightest limits of all hold for each.
fn tightest<'a, K: Ord>(models: impl Iterator<Item = (K, &'a ModelPlan)>) -> BTreeMap<K, ModelPlan> {
    let mut shared: BTreeMap<K, ModelPlan> = BTreeMap::new();
    for (place, model) in models {
        let known = shared.entry(place).or_insert_with(|| model.clone());
        known.in_flight = known.in_flight.into_iter().chain(model.in_flight).min();
        let (requests, tokens) = (model.requests_per_minute, model.tokens_per_minute);
        known.requests_per_minute = known.requests_per_minute.into_iter().chain(requests).min();
        known.tokens_per_minute = known.tokens_per_minute.into_iter().chain(tokens).min();
    }
    shared
}

/// A ceiling on money cannot be kept without prices.
fn price_is_known(name: &str, model: &ModelPlan, limits: &Limits, role: Role) -> Result<(), LlmError> {
    let is_capped =
        limits.cost_usd.is_some() || limits.roles.get(&role).is_some_and(|c| c.cost_usd.is_some());
    if is_capped && (model.price_in.is_none() || model.price_out.is_none()) {
        let reason = String::from("a ceiling `cost_usd` needs its `price_in` and `price_out`");
        return Err(LlmError::Config { model: name.to_owned(), reason });
    }
    Ok(())
}

/// Counts an ask that waits for a server, until it is dropped.
struct Waits<'a>(&'a AtomicUsize);

impl<'a> Waits<'a> {
    fn new(count: &'a AtomicUsize) -> Self {
        count.fetch_add(1, Ordering::Relaxed);
        Self(count)
    }
}

impl Drop for Waits<'_> {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Ordering::Relaxed);
    }
}

impl std::fmt::Debug for Llm {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let roles = self.inner.roles.iter().map(|(role, (name, _))| (role.as_str(), name));
        f.debug_map().entries(roles).finish()
    }
}

/// Derives the seed of a request from the run's, the scope, the request and its count along the path.
fn derive_seed(run: u64, scope: &Scope, request: &[u8; 32], n: u32) -> u64 {
    let mut hasher = blake3::Hasher::new();
    hasher.update(b"request seed\0");
    hasher.update(&run.to_le_bytes());
    hasher.update(scope.to_string().as_bytes());
    hasher.update(b"\0");
    hasher.update(request);
    hasher.update(&n.to_le_bytes());
    let mut bytes = [0; 8];
    hasher.finalize_xof().fill(&mut bytes);
    u64::from_le_bytes(bytes)
}
