//! One server: sends a body and brings back what it said, with timeouts, a size limit and retries by the kind of failure.

use super::LlmError;
use super::dialect::said;
use crate::config::plan::{Limits, ModelPlan};
use crate::monitor::{Event, Monitor};
use reqwest::header::{AUTHORIZATION, HeaderMap, HeaderValue, RETRY_AFTER};
use reqwest::{Client, StatusCode, Url};
use std::hash::{BuildHasher, Hasher};
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;
use tokio::sync::watch;

/// No wait is longer, whatever the server asks for.
const BACKOFF_MS_MAX: u64 = 60_000;
const CONNECT_TIMEOUT: Duration = Duration::from_secs(10);

/// The handle on one server. Its `Debug` shows no key.
pub(super) struct Transport {
    name: String,
    model: String,
    url: Url,
    key_env: Option<String>,
    key: Option<String>,
    client: Client,
    attempts: u32,
    backoff_ms: u64,
    reply_bytes: usize,
    retries: AtomicU64,
    monitor: Monitor,
    stop: Option<watch::Receiver<bool>>,
}

/// What a server said.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Received {
    /// A success, with its body.
    Body(Vec<u8>),
    /// It rejected this request: a 4xx that is about its content.
    Rejected(u16, Vec<u8>),
    /// It said more than a reply may hold.
    TooLarge,
}

/// How one attempt failed.
enum Failure {
    /// Another attempt may succeed, after the wait that the server asks for, if it asks.
    Passing(String, Option<Duration>),
    /// None will.
    Lasting(LlmError),
}

impl Transport {
    /// Prepares a server's client. The key is read from its variable here and goes nowhere but into the header.
    pub(super) fn new(
        name: &str,
        plan: &ModelPlan,
        limits: &Limits,
        monitor: &Monitor,
        stop: Option<watch::Receiver<bool>>,
    ) -> Result<Self, LlmError> {
        let config = |reason: String| LlmError::Config { model: name.to_owned(), reason };
        let base = plan.base_url.as_deref().ok_or_else(|| config(String::from("`base_url` is missing")))?;
        let url =
            endpoint(base).ok_or_else(|| config(format!("`base_url` is no http or https URL: {base}")))?;
        let key = match &plan.api_key_env {
            None => None,
            Some(variable) => Some(
                std::env::var(variable)
                    .map(|key| key.trim().to_owned())
                    .ok()
                    .filter(|key| !key.is_empty())
                    .ok_or_else(|| {
                    config(format!("the environment variable {variable} (`api_key_env`) is not set"))
                })?,
            ),
        };
        let client = client(&url, key.as_deref(), limits).map_err(config)?;
        Ok(Self {
            name: name.to_owned(),
            model: plan.model.clone(),
            url,
            key_env: plan.api_key_env.clone(),
            key,
            client,
            attempts: limits.attempts.max(1),
            backoff_ms: limits.backoff_ms,
            reply_bytes: limits.reply_bytes,
            retries: AtomicU64::new(0),
            monitor: monitor.clone(),
            stop,
        })
    }

    /// Sends a body until the server says something, or all attempts are used up.
    pub(super) async fn send(&self, body: &[u8]) -> Result<Received, LlmError> {
        let mut attempt = 1;
        loop {
            let (reason, asked) = match self.attempt(body.to_vec()).await {
                Ok(received) => return Ok(received),
                Err(Failure::Lasting(error)) => return Err(error),
                Err(Failure::Passing(reason, wait)) => (reason, wait),
            };
            if attempt >= self.attempts {
                let (model, url, attempts) = (self.name.clone(), self.shown_url(), attempt);
                return Err(LlmError::Unreachable { model, url, attempts, reason });
            }
            let wait = asked
                .unwrap_or_else(|| backoff(self.backoff_ms, attempt))
                .min(Duration::from_millis(BACKOFF_MS_MAX));
            self.retries.fetch_add(1, Ordering::Relaxed);
            self.monitor.emit(Event::Retry {
                what: format!("model {}", self.name),
                reason,
                wait_ms: wait.as_millis() as u64,
            });
            self.pause(wait).await?;
            attempt += 1;
        }
    }

    /// Waits, unless the run is being stopped meanwhile.
    async fn pause(&self, wait: Duration) -> Result<(), LlmError> {
        let Some(mut stop) = self.stop.clone() else {
            tokio::time::sleep(wait).await;
            return Ok(());
        };
        match tokio::time::timeout(wait, stop.wait_for(|stop| *stop)).await.map(|seen| seen.map(|_| ())) {
            Ok(Ok(())) => Err(LlmError::Stopped),
            // Nobody is left who could stop it.
            Ok(Err(_)) => {
                tokio::time::sleep(wait).await;
                Ok(())
            }
            Err(_) => Ok(()),
        }
    }

    /// Returns how many attempts were repetitions.
    pub(super) fn retries(&self) -> u64 {
        self.retries.load(Ordering::Relaxed)
    }

    async fn attempt(&self, body: Vec<u8>) -> Result<Received, Failure> {
        let passing = |e: reqwest::Error| Failure::Passing(self.redact(&describe(e)), None);
        let response = self.client.post(self.url.clone()).body(body).send().await.map_err(passing)?;
        let status = response.status();
        let wait = retry_after(response.headers());
        let Some(bytes) = self.read(response).await.map_err(passing)? else { return Ok(Received::TooLarge) };
        match status {
            status if status.is_success() => Ok(Received::Body(bytes)),
            StatusCode::REQUEST_TIMEOUT
            | StatusCode::CONFLICT
            | StatusCode::TOO_EARLY
            | StatusCode::TOO_MANY_REQUESTS => Err(self.passing(status, &bytes, wait)),
            status if status.is_server_error() => Err(self.passing(status, &bytes, wait)),
            StatusCode::UNAUTHORIZED
            | StatusCode::FORBIDDEN
            | StatusCode::PAYMENT_REQUIRED
            | StatusCode::NOT_FOUND
            | StatusCode::METHOD_NOT_ALLOWED => Err(Failure::Lasting(self.refused(status.as_u16(), &bytes))),
            status if status.is_client_error() => Ok(Received::Rejected(
                status.as_u16(),
                self.redact(&String::from_utf8_lossy(&bytes)).into_bytes(),
            )),
            // A redirect is not followed: it would carry the key elsewhere.
            status => Err(Failure::Lasting(self.refused(status.as_u16(), &bytes))),
        }
    }

    fn passing(&self, status: StatusCode, body: &[u8], wait: Option<Duration>) -> Failure {
        Failure::Passing(format!("status {}: {}", status.as_u16(), self.redact(&said(body))), wait)
    }

    /// Makes the one message for a server that will not serve this run.
    pub(super) fn refused(&self, status: u16, body: &[u8]) -> LlmError {
        let advice = match (status, &self.key_env) {
            (401 | 403, Some(variable)) => format!("check the key in the environment variable {variable}"),
            (401 | 403, None) => {
                String::from("the server wants a key: name its environment variable in `api_key_env`")
            }
            (402, _) => String::from("the account cannot pay for it"),
            (404 | 405, _) => {
                format!(
                    "check that the server has the model `{}` and that `base_url` ends before /chat/completions",
                    self.model
                )
            }
            (300..=399, _) => String::from("it redirects; give the address it redirects to as `base_url`"),
            _ => String::from("the server does not take requests of this form"),
        };
        LlmError::Refused(format!(
            "model `{}` ({} at {}) refuses with status {status}: {}; {advice}",
            self.name,
            self.model,
            self.shown_url(),
            self.redact(&said(body)),
        ))
    }

    /// Reads a body, unless it is larger than a reply may be.
    async fn read(&self, mut response: reqwest::Response) -> Result<Option<Vec<u8>>, reqwest::Error> {
        let mut bytes = Vec::new();
        while let Some(chunk) = response.chunk().await? {
            if bytes.len() + chunk.len() > self.reply_bytes {
                return Ok(None);
            }
            bytes.extend_from_slice(&chunk);
        }
        Ok(Some(bytes))
    }

    fn shown_url(&self) -> String {
        let mut url = self.url.clone();
        // Neither can fail on an http URL; both could hold a secret.
        let _ = url.set_username("");
        let _ = url.set_password(None);
        url.set_query(None);
        url.to_string()
    }

    /// Some servers repeat the key they were given.
    fn redact(&self, text: &str) -> String {
        match &self.key {
            Some(key) => text.replace(key.as_str(), "[key]"),
            None => text.to_owned(),
        }
    }
}

/// Appends `/chat/completions` where it is missing.
fn endpoint(base: &str) -> Option<Url> {
    let mut url = Url::parse(base).ok()?;
    if !matches!(url.scheme(), "http" | "https") || url.host().is_none() {
        return None;
    }
    let path = url.path().trim_end_matches('/').to_owned();
    if !path.ends_with("/chat/completions") {
        url.set_path(&format!("{path}/chat/completions"));
    }
    Some(url)
}

fn client(url: &Url, key: Option<&str>, limits: &Limits) -> Result<Client, String> {
    // Fails when a provider is installed already, which serves as well.
    let _ = rustls::crypto::ring::default_provider().install_default();
    let mut headers = HeaderMap::new();
    headers.insert(reqwest::header::CONTENT_TYPE, HeaderValue::from_static("application/json"));
    if let Some(key) = key {
        let mut value = HeaderValue::from_str(&format!("Bearer {key}"))
            .map_err(|_| String::from("the key holds characters that no HTTP header may hold"))?;
        value.set_sensitive(true);
        headers.insert(AUTHORIZATION, value);
    }
    let mut builder = Client::builder()
        .default_headers(headers)
        .user_agent(concat!("toolloom/", env!("CARGO_PKG_VERSION")))
        .redirect(reqwest::redirect::Policy::none())
        .connect_timeout(CONNECT_TIMEOUT)
        .timeout(Duration::from_millis(limits.timeout_ms))
        .pool_max_idle_per_host(limits.in_flight);
    if url.scheme() == "http" {
        // A machine without root certificates can still talk to its own server.
        builder = builder.tls_certs_only([]);
    }
    let host = url.host_str().unwrap_or_default();
    if host == "localhost"
        || host.trim_matches(['[', ']']).parse::<std::net::IpAddr>().is_ok_and(|ip| ip.is_loopback())
    {
        builder = builder.no_proxy();
    }
    builder.build().map_err(|e| format!("no client can be made: {}", describe(e)))
}

/// Says an error with all of its causes, without the URL.
fn describe(error: reqwest::Error) -> String {
    let error = error.without_url();
    if error.is_timeout() {
        return String::from("no reply in time");
    }
    let mut text = error.to_string();
    let mut cause = std::error::Error::source(&error);
    while let Some(source) = cause {
        let deeper = source.to_string();
        if !text.contains(&deeper) {
            text = format!("{text}: {deeper}");
        }
        cause = source.source();
    }
    text
}

/// Reads `Retry-After`: seconds, or a date.
fn retry_after(headers: &HeaderMap) -> Option<Duration> {
    let text = headers.get(RETRY_AFTER)?.to_str().ok()?.trim();
    if let Ok(seconds) = text.parse::<f64>() {
        return Duration::try_from_secs_f64(seconds).ok();
    }
    let until = jiff::fmt::rfc2822::DateTimeParser::new().parse_timestamp(text).ok()?;
    Some(Duration::try_from(until.duration_since(jiff::Timestamp::now())).unwrap_or_default())
}

/// Doubles from wait to wait; half of it is left to chance, so that tasks that failed together do not return together.
fn backoff(first_ms: u64, attempt: u32) -> Duration {
    let full = first_ms.saturating_mul(1 << (attempt - 1).min(16)).min(BACKOFF_MS_MAX);
    let chance = std::hash::RandomState::new().build_hasher().finish();
    Duration::from_millis(full / 2 + chance % (full / 2 + 1))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_endpoint_is_appended_once() {
        for (base, url) in [
            ("http://localhost:8000/v1", "http://localhost:8000/v1/chat/completions"),
            ("http://localhost:8000/v1/", "http://localhost:8000/v1/chat/completions"),
            ("https://a.b/v1/chat/completions", "https://a.b/v1/chat/completions"),
        ] {
            assert_eq!(endpoint(base).unwrap().as_str(), url);
        }
        assert!(endpoint("localhost:8000").is_none());
        assert!(endpoint("ftp://a.b/").is_none());
    }

    #[test]
    fn retry_after_is_seconds_or_a_date() {
        let header = |text: &str| {
            let mut headers = HeaderMap::new();
            headers.insert(RETRY_AFTER, HeaderValue::from_str(text).unwrap());
            retry_after(&headers)
        };
        assert_eq!(header("2"), Some(Duration::from_secs(2)));
        assert_eq!(header("0.5"), Some(Duration::from_millis(500)));
        assert_eq!(header("Wed, 21 Oct 2015 07:28:00 GMT"), Some(Duration::ZERO));
        assert_eq!(header("soon"), None);
    }

    #[test]
    fn waits_grow_and_stay_below_their_bound() {
        for attempt in 1..40 {
            assert!(backoff(250, attempt) <= Duration::from_millis(BACKOFF_MS_MAX));
        }
        assert!(backoff(250, 6) > backoff(250, 1));
    }
}
