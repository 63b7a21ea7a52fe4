//! An environment whose tools stand behind a loopback server that counts their calls, with faults to switch on.

use axum::extract::State;
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use toolloom::data::{ApiId, TaskContext, Tool, ToolOutcome};
use toolloom::internals::environment::{Abilities, Later, Live, LiveSession, Observation};

/// What becomes of a call, by how many there were before.
#[derive(Clone, Copy, Debug)]
pub enum Fault {
    /// Every call is answered.
    None,
    /// Calls from this one on find nobody.
    GoneAfter(usize),
    /// So many calls, the first ones, are never answered.
    SilentFor(usize),
}

/// The tools' server; it ends with the test's process.
pub struct Server {
    url: String,
    seen: Arc<Mutex<BTreeMap<String, usize>>>,
}

impl Server {
    pub fn start() -> Self {
        let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
        listener.set_nonblocking(true).unwrap();
        let url = format!("http://{}/", listener.local_addr().unwrap());
        let seen = Arc::default();
        let state = Arc::clone(&seen);
        std::thread::spawn(move || {
            let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
            runtime.block_on(async {
                let listener = tokio::net::TcpListener::from_std(listener).unwrap();
                let router = axum::Router::new().route("/", axum::routing::post(answer)).with_state(state);
                axum::serve(listener, router).await.unwrap();
            });
        });
        Self { url, seen }
    }

    /// Returns how often each call was received.
    pub fn seen(&self) -> BTreeMap<String, usize> {
        self.seen.lock().unwrap().clone()
    }

    /// Returns how many calls were received.
    pub fn calls(&self) -> usize {
        self.seen().values().sum()
    }

    /// Returns an environment that reaches this server.
    pub fn environment(&self, fault: Fault) -> Arc<dyn Live> {
        toolloom::internals::net::provide_tls();
        let shared = Shared {
            url: self.url.clone(),
            client: reqwest::Client::new(),
            fault,
            calls: AtomicUsize::new(0),
        };
        Arc::new(Outside(Arc::new(shared)))
    }
}

async fn answer(State(seen): State<Arc<Mutex<BTreeMap<String, usize>>>>, body: String) -> String {
    *seen.lock().unwrap().entry(body.clone()).or_default() += 1;
    let hash = blake3::hash(body.as_bytes()).to_hex();
    json!({"id": hash[..6], "name": "Flat", "status": "open"}).to_string()
}

#[derive(Debug)]
struct Shared {
    url: String,
    client: reqwest::Client,
    fault: Fault,
    calls: AtomicUsize,
}

/// It cannot be forked, and tells nothing of its state.
#[derive(Clone, Debug)]
struct Outside(Arc<Shared>);

impl Live for Outside {
    fn name(&self) -> String {
        String::from("loopback")
    }

    fn abilities(&self) -> Abilities {
        Abilities::default()
    }

    fn open<'a>(&'a self, _: &'a [ApiId]) -> Later<'a, Box<dyn LiveSession>> {
        Box::pin(async { Ok(Box::new(self.clone()) as Box<dyn LiveSession>) })
    }
}

impl LiveSession for Outside {
    fn call<'a>(&'a mut self, tool: &'a Tool, arguments: &'a Value) -> Later<'a, Observation> {
        Box::pin(async move {
            let before = self.0.calls.fetch_add(1, Ordering::SeqCst);
            match self.0.fault {
                Fault::GoneAfter(most) if before >= most => return Err("connection refused".into()),
                Fault::SilentFor(first) if before < first => std::future::pending().await,
                _ => {}
            }
            let body = json!({"tool": tool.id, "arguments": arguments}).to_string();
            let response = self.0.client.post(&self.0.url).body(body).send().await?;
            let (status, text) = (response.status().as_u16(), response.text().await?);
            Ok(Observation { text, parts: Vec::new(), outcome: ToolOutcome::Ok, status })
        })
    }

    fn context(&mut self) -> Later<'_, TaskContext> {
        let context = TaskContext {
            now: String::from("2026-03-17T09:40:00+00:00"),
            time_zone: String::from("Europe/Lisbon"),
            user: String::from("Ana Duarte"),
            facts: Vec::new(),
        };
        Box::pin(async { Ok(context) })
    }

    fn close(self: Box<Self>) -> Later<'static, ()> {
        Box::pin(async { Ok(()) })
    }
}
