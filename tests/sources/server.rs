//! A server of this machine that answers as it is told and remembers what it was asked.

use axum::Router;
use axum::body::{Body, Bytes};
use axum::extract::{Request, State};
use axum::http::{HeaderMap, StatusCode};
use axum::response::Response;
use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};
use std::time::Duration;

/// What is answered for a path.
#[derive(Clone, Default)]
pub struct Answer {
    status: u16,
    headers: Vec<(&'static str, String)>,
    body: Vec<u8>,
    /// How long it takes.
    delay: Duration,
    /// Whether the body has no declared length.
    is_chunked: bool,
}

/// What was asked.
#[derive(Clone, Debug)]
pub struct Asked {
    pub path: String,
    pub headers: HeaderMap,
}

#[derive(Default)]
struct Shared {
    answers: BTreeMap<String, Vec<Answer>>,
    asked: Vec<Asked>,
    at_once: usize,
    most_at_once: usize,
}

/// The server; it ends with the process.
#[derive(Clone)]
pub struct Server {
    shared: Arc<Mutex<Shared>>,
    pub port: u16,
}

impl Answer {
    pub fn body(text: impl Into<Vec<u8>>) -> Self {
        Self { status: 200, body: text.into(), ..Self::default() }
    }

    pub fn status(status: u16) -> Self {
        Self { status, ..Self::default() }
    }

    pub fn moved(to: &str) -> Self {
        Self::status(302).header("location", to)
    }

    pub fn header(mut self, name: &'static str, value: &str) -> Self {
        self.headers.push((name, value.to_owned()));
        self
    }

    pub fn etag(self, value: &str) -> Self {
        self.header("etag", value)
    }

    pub fn slow(self, delay: Duration) -> Self {
        Self { delay, ..self }
    }

    pub fn chunked(self) -> Self {
        Self { is_chunked: true, ..self }
    }
}

impl Server {
    pub fn start() -> Self {
        let shared: Arc<Mutex<Shared>> = Arc::default();
        let (tell, told) = std::sync::mpsc::channel();
        let state = Arc::clone(&shared);
        std::thread::spawn(move || {
            let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
            runtime.block_on(async {
                let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
                tell.send(listener.local_addr().unwrap().port()).unwrap();
                let router = Router::new().fallback(answer).with_state(state);
                axum::serve(listener, router).await.unwrap();
            });
        });
        Self { shared, port: told.recv().unwrap() }
    }

    /// Returns an address on this server.
    pub fn url(&self, path: &str) -> String {
        format!("http://127.0.0.1:{}{path}", self.port)
    }

    /// Says what is answered for a path, from now on.
    pub fn set(&self, path: &str, answer: Answer) {
        self.shared.lock().unwrap().answers.insert(path.to_owned(), vec![answer]);
    }

    /// Says what is answered for a path one after the other, and the last one ever after.
    pub fn set_all(&self, path: &str, answers: Vec<Answer>) {
        self.shared.lock().unwrap().answers.insert(path.to_owned(), answers);
    }

    /// Returns what was asked since this was called last, but for robots.txt.
    pub fn asked(&self) -> Vec<Asked> {
        let mut asked = std::mem::take(&mut self.shared.lock().unwrap().asked);
        asked.retain(|a| a.path != "/robots.txt");
        asked
    }

    /// Returns the paths that were asked for since this was called last, in their alphabet's order, but for robots.txt.
    pub fn paths(&self) -> Vec<String> {
        let mut paths: Vec<String> = self.asked().into_iter().map(|a| a.path).collect();
        paths.sort();
        paths
    }

    /// Returns how often a path was asked for.
    pub fn seen(&self, path: &str) -> usize {
        self.shared.lock().unwrap().asked.iter().filter(|a| a.path == path).count()
    }

    /// Returns the most requests that were there at once.
    pub fn most_at_once(&self) -> usize {
        self.shared.lock().unwrap().most_at_once
    }
}

async fn answer(State(shared): State<Arc<Mutex<Shared>>>, request: Request) -> Response {
    let path = request.uri().path_and_query().map(ToString::to_string).unwrap_or_default();
    let headers = request.headers().clone();
    let answer = {
        let mut shared = shared.lock().unwrap();
        shared.asked.push(Asked { path: path.clone(), headers: headers.clone() });
        shared.at_once += 1;
        shared.most_at_once = shared.most_at_once.max(shared.at_once);
        match shared.answers.get_mut(&path) {
            Some(answers) if answers.len() > 1 => answers.remove(0),
            Some(answers) => answers[0].clone(),
            None => Answer::status(404),
        }
    };
    tokio::time::sleep(answer.delay).await;
    shared.lock().unwrap().at_once -= 1;
    let text = |name: &str| headers.get(name).and_then(|v| v.to_str().ok()).map(str::to_owned);
    let own = |name: &str| answer.headers.iter().find(|(n, _)| *n == name).map(|(_, v)| v.clone());
    let is_known = (own("etag").is_some() && text("if-none-match") == own("etag"))
        || (own("etag").is_none()
            && own("last-modified").is_some()
            && text("if-modified-since") == own("last-modified"));
    let status = if is_known { 304 } else { answer.status };
    let mut response = Response::builder().status(StatusCode::from_u16(status).unwrap());
    for (name, value) in &answer.headers {
        response = response.header(*name, value);
    }
    let body = match (is_known, answer.is_chunked) {
        (true, _) => Body::empty(),
        (false, false) => Body::from(answer.body),
        (false, true) => {
            let chunks: Vec<_> = answer
                .body
                .chunks(1000)
                .map(|c| Ok::<_, std::io::Error>(Bytes::copy_from_slice(c)))
                .collect();
            Body::from_stream(futures_util::stream::iter(chunks))
        }
    };
    response.body(body).unwrap()
}
