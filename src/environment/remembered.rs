//! A session outside, of which everything said is durable in the journal before anything acts on it.
//!
//! What is remembered is answered from there, in whatever run; the session itself begins with the first question that is
//! not. So a task that is gone on with calls nothing a second time, and `--offline` reaches out for nothing. A call that was
//! broken off by a kill or a time-out is not remembered, and may have had its effect: it is made again.

use super::error::EnvironmentError;
use super::live::{Abilities, Later, Live, LiveSession};
use super::observation::Observation;
use crate::config::plan::Limits;
use crate::data::{ApiId, Effect, Stage, StateDiff, TaskContext, Tool, canonical_json};
use crate::journal::{Journal, Key, Kind, Scope};
use crate::net;
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::fmt;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;
use tokio::sync::watch;

/// How a handle on an environment of a run is set up.
#[derive(Clone, Default)]
pub struct EnvironmentOptions {
    /// Where the results of tools outside are remembered.
    pub journal: Option<Journal>,
    /// Turning true, it ends what is not begun: what is in flight is still received, nothing more is asked.
    pub stop: Option<watch::Receiver<bool>>,
    /// Whether nothing may be sent. What is not remembered is `EnvironmentError::Missing`.
    pub offline: bool,
}

/// An environment outside with what all of its sessions share.
pub(super) struct Outside {
    live: Arc<dyn Live>,
    options: EnvironmentOptions,
    timeout: Duration,
    /// Bytes of an observation's text that are remembered.
    bytes_max: usize,
}

/// One path's session outside.
#[derive(Debug)]
pub(super) struct RememberedSession {
    outside: Arc<Outside>,
    scope: Scope,
    stage: Stage,
    apis: Vec<ApiId>,
    /// `None` until something must be asked that is not remembered.
    session: Option<Box<dyn LiveSession>>,
    /// The writing calls that were answered from the journal, for a session whose state is its own.
    recalled: Vec<(Tool, Value)>,
    /// How often each question was asked along the path; a fork is a part of it.
    counts: Arc<Mutex<BTreeMap<String, u32>>>,
}

/// What can be asked of a session.
enum Question<'a> {
    Call(&'a Tool, &'a Value),
    Context,
    State,
    Changes,
}

impl Outside {
    pub fn new(live: Arc<dyn Live>, limits: &Limits, options: EnvironmentOptions) -> Self {
        let timeout = Duration::from_millis(limits.timeout_ms);
        Self { live, options, timeout, bytes_max: limits.reply_bytes }
    }

    pub fn name(&self) -> String {
        self.live.name()
    }

    pub fn abilities(&self) -> Abilities {
        self.live.abilities()
    }

    /// Waits for something outside, as long as the plan allows.
    async fn wait<T>(&self, what: &str, later: Later<'_, T>) -> Result<T, EnvironmentError> {
        let unreachable = |reason| EnvironmentError::Unreachable {
            environment: self.name(),
            what: what.to_owned(),
            reason,
        };
        match tokio::time::timeout(self.timeout, later).await {
            Ok(Ok(told)) => Ok(told),
            Ok(Err(error)) => Err(unreachable(net::causes(error.as_ref()))),
            Err(_) => {
                let time = self.timeout.as_millis();
                Err(unreachable(format!("nothing was said within {time} ms (`limits.timeout_ms`)")))
            }
        }
    }

    fn recall<T: DeserializeOwned>(&self, key: &Key) -> Result<Option<T>, EnvironmentError> {
        let Some(journal) = &self.options.journal else { return Ok(None) };
        let bytes = journal.get(key).map_err(EnvironmentError::Journal)?;
        // What cannot be read is asked again.
        Ok(bytes.and_then(|bytes| serde_json::from_slice(&bytes).ok()))
    }

    async fn remember<T: Serialize>(&self, stage: Stage, key: Key, told: &T) -> Result<(), EnvironmentError> {
        let Some(journal) = &self.options.journal else { return Ok(()) };
        let bytes = serde_json::to_vec(told).expect("what is told is plain data");
        journal.put(stage, key, &bytes).await.map_err(EnvironmentError::Journal)
    }
}

impl fmt::Debug for Outside {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.live.fmt(f)
    }
}

impl RememberedSession {
    /// Begins a path's session; nothing is asked yet. A scope has one.
    pub fn new(outside: Arc<Outside>, scope: &Scope, stage: Stage, apis: &[ApiId]) -> Self {
        Self {
            outside,
            scope: scope.clone(),
            stage,
            apis: apis.to_vec(),
            session: None,
            recalled: Vec::new(),
            counts: Arc::default(),
        }
    }

    pub fn outside(&self) -> &Outside {
        &self.outside
    }

    pub async fn call(&mut self, tool: &Tool, arguments: &Value) -> Result<Observation, EnvironmentError> {
        let question = Question::Call(tool, arguments);
        let key = self.key(&question);
        if let Some(told) = self.outside.recall(&key)? {
            if tool.effect != Effect::Reads && self.outside.abilities().forks && self.session.is_none() {
                self.recalled.push((tool.clone(), arguments.clone()));
            }
            return Ok(told);
        }
        let outside = Arc::clone(&self.outside);
        let session = self.begun(&question).await?;
        let told = outside.wait(&question.in_words(), session.call(tool, arguments)).await?;
        let told = told.capped(outside.bytes_max);
        outside.remember(self.stage, key, &told).await?;
        Ok(told)
    }

    pub async fn context(&mut self) -> Result<TaskContext, EnvironmentError> {
        self.told(&Question::Context, |session| session.context()).await
    }

    pub async fn state(&mut self) -> Result<u64, EnvironmentError> {
        self.told(&Question::State, |session| session.state()).await
    }

    pub async fn changes(&mut self) -> Result<StateDiff, EnvironmentError> {
        self.told(&Question::Changes, |session| session.changes()).await
    }

    /// Returns an independent copy. One of a session that has not begun begins by itself.
    pub async fn fork(&mut self) -> Result<Self, EnvironmentError> {
        let session = match &mut self.session {
            Some(session) => Some(self.outside.wait("a copy of a session", session.fork()).await?),
            None => None,
        };
        Ok(Self {
            outside: Arc::clone(&self.outside),
            scope: self.scope.clone(),
            stage: self.stage,
            apis: self.apis.clone(),
            session,
            recalled: self.recalled.clone(),
            counts: Arc::clone(&self.counts),
        })
    }

    pub async fn close(self) -> Result<(), EnvironmentError> {
        match self.session {
            Some(session) => self.outside.wait("the end of a session", session.close()).await,
            None => Ok(()),
        }
    }

    /// Has the session tell something of itself.
    async fn told<T: Serialize + DeserializeOwned>(
        &mut self,
        question: &Question<'_>,
        ask: impl FnOnce(&mut dyn LiveSession) -> Later<'_, T> + Send,
    ) -> Result<T, EnvironmentError> {
        let key = self.key(question);
        if let Some(told) = self.outside.recall(&key)? {
            return Ok(told);
        }
        let outside = Arc::clone(&self.outside);
        let session = self.begun(question).await?;
        let told = outside.wait(&question.in_words(), ask(session)).await?;
        outside.remember(self.stage, key, &told).await?;
        Ok(told)
    }

    /// Returns the session, which begins now if it has not, in the state that the remembered calls led to.
    async fn begun(&mut self, question: &Question<'_>) -> Result<&mut dyn LiveSession, EnvironmentError> {
        let outside = &self.outside;
        if outside.options.offline {
            return Err(EnvironmentError::Missing {
                environment: outside.name(),
                place: self.scope.to_string(),
                what: question.in_words(),
            });
        }
        if outside.options.stop.as_ref().is_some_and(|stop| *stop.borrow()) {
            return Err(EnvironmentError::Stopped);
        }
        if self.session.is_none() {
            let mut session = outside.wait("a session", outside.live.open(&self.apis)).await?;
            for (tool, arguments) in self.recalled.drain(..) {
                let what = Question::Call(&tool, &arguments).in_words();
                outside.wait(&what, session.call(&tool, &arguments)).await?;
            }
            self.session = Some(session);
        }
        Ok(self.session.as_mut().expect("it has just begun").as_mut())
    }

    /// Returns the key of the question, which is counted before anything is asked.
    fn key(&self, question: &Question<'_>) -> Key {
        let request = question.canonical();
        let mut counts = self.counts.lock().unwrap_or_else(PoisonError::into_inner);
        let count = counts.entry(request.clone()).or_default();
        let key = Key::new(Kind::ToolResult, &self.scope, &request, *count);
        *count += 1;
        key
    }
}

impl Question<'_> {
    fn canonical(&self) -> String {
        canonical_json(&match self {
            Self::Call(tool, arguments) => json!({"tool": tool.id, "arguments": arguments}),
            Self::Context => json!({"tell": "context"}),
            Self::State => json!({"tell": "state"}),
            Self::Changes => json!({"tell": "changes"}),
        })
    }

    fn in_words(&self) -> String {
        const SHOWN: usize = 80;
        match self {
            Self::Call(tool, arguments) => {
                let arguments: String = arguments.to_string().chars().take(SHOWN).collect();
                format!("{} {arguments}", tool.name)
            }
            Self::Context => String::from("the date and the user"),
            Self::State => String::from("the state"),
            Self::Changes => String::from("what changed"),
        }
    }
}
