//! A loopback server that speaks OpenAI's chat completions, whose replies are a function of the request's body alone.
#![expect(clippy::unwrap_used, reason = "a test's own server may panic")]

pub mod brain;

use axum::body::Bytes;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Response};
use serde_json::Value;
use std::collections::BTreeMap;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

/// What the server answers: status, headers, body. Gets the body and how often it was seen before.
pub type Brain = Arc<dyn Fn(&Value, usize) -> Answer + Send + Sync>;

/// One answer.
pub struct Answer {
    pub status: u16,
    pub headers: Vec<(&'static str, String)>,
    pub body: String,
    /// How long it takes, beyond the server's own delay.
    pub wait: Duration,
}

impl Answer {
    pub fn of(status: u16, body: impl Into<String>) -> Self {
        Self { status, headers: Vec::new(), body: body.into(), wait: Duration::ZERO }
    }

    pub fn message(message: Value) -> Self {
        let body = serde_json::json!({
            "choices": [{"index": 0, "message": message, "finish_reason": "stop"}],
            "usage": {"prompt_tokens": 100, "completion_tokens": 10},
        });
        Self::of(200, body.to_string())
    }

    pub fn text(text: &str) -> Self {
        Self::message(serde_json::json!({"role": "assistant", "content": text}))
    }
}

/// A running server; it ends with the test's process.
pub struct Server {
    pub base_url: String,
    shared: Arc<Shared>,
}

struct Shared {
    brain: Brain,
    delay: Duration,
    seen: Mutex<BTreeMap<String, usize>>,
    keys: Mutex<Vec<String>>,
    headers: Mutex<Vec<HeaderMap>>,
    now: AtomicUsize,
    most: AtomicUsize,
}

impl Server {
    /// Starts a server on a free port, on a thread of its own.
    pub fn start(delay: Duration, brain: Brain) -> Self {
        let shared = Arc::new(Shared {
            brain,
            delay,
            seen: Mutex::default(),
            keys: Mutex::default(),
            headers: Mutex::default(),
            now: AtomicUsize::new(0),
            most: AtomicUsize::new(0),
        });
        let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
        listener.set_nonblocking(true).unwrap();
        let base_url = format!("http://{}/v1", listener.local_addr().unwrap());
        let state = Arc::clone(&shared);
        std::thread::spawn(move || {
            let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
            runtime.block_on(async {
                let listener = tokio::net::TcpListener::from_std(listener).unwrap();
                let router = axum::Router::new()
                    .route("/v1/chat/completions", axum::routing::post(complete))
                    .route("/v1/messages", axum::routing::post(complete))
                    .layer(axum::extract::DefaultBodyLimit::max(64 << 20))
                    .with_state(state);
                axum::serve(listener, router).await.unwrap();
            });
        });
        Self { base_url, shared }
    }

    /// Returns how often each body was received, by its hash.
    pub fn seen(&self) -> BTreeMap<String, usize> {
        self.shared.seen.lock().unwrap().clone()
    }

    /// Returns how many requests were received.
    pub fn requests(&self) -> usize {
        self.seen().values().sum()
    }

    /// Returns the `Authorization` headers received.
    pub fn keys(&self) -> Vec<String> {
        self.shared.keys.lock().unwrap().clone()
    }

    /// Returns the headers of each request.
    pub fn headers(&self) -> Vec<HeaderMap> {
        self.shared.headers.lock().unwrap().clone()
    }

    /// Returns the most requests that were ever in flight.
    pub fn most_in_flight(&self) -> usize {
        self.shared.most.load(Ordering::SeqCst)
    }
}

/// Counts a request out, also one whose caller hangs up.
struct Leave<'a>(&'a AtomicUsize);

impl Drop for Leave<'_> {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Ordering::SeqCst);
    }
}

async fn complete(State(shared): State<Arc<Shared>>, headers: HeaderMap, body: Bytes) -> Response {
    let now = shared.now.fetch_add(1, Ordering::SeqCst) + 1;
    shared.most.fetch_max(now, Ordering::SeqCst);
    let _leave = Leave(&shared.now);
    if let Some(key) = headers.get("authorization") {
        shared.keys.lock().unwrap().push(key.to_str().unwrap().to_owned());
    }
    shared.headers.lock().unwrap().push(headers);
    let before = {
        let mut seen = shared.seen.lock().unwrap();
        let count = seen.entry(blake3::hash(&body).to_hex().to_string()).or_default();
        *count += 1;
        *count - 1
    };
    tokio::time::sleep(shared.delay).await;
    let body: Value = serde_json::from_slice(&body).unwrap();
    let answer = (shared.brain)(&body, before);
    tokio::time::sleep(answer.wait).await;
    let mut response = (StatusCode::from_u16(answer.status).unwrap(), answer.body).into_response();
    for (name, value) in answer.headers {
        response.headers_mut().insert(name, value.parse().unwrap());
    }
    response
}
