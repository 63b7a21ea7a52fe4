//! One server: sends a body once and says what came of it. Whatever the server says is cleaned of secrets before it is
//! read or cut.

use super::LlmError;
use super::dialect::{Dialect, Unread, hidden_status, is_about_length, said};
use super::gate::Signal;
use super::secrets::Secrets;
use crate::config::plan::{Limits, ModelPlan, in_header};
use crate::net::{self, describe, retry_after};
use reqwest::header::{HeaderMap, HeaderName, HeaderValue};
use reqwest::{Client, StatusCode, Url};
use serde_json::Value;
use std::time::Duration;

const CONNECT_TIMEOUT: Duration = Duration::from_secs(10);
/// The status by which Anthropic and some gateways say that they are overloaded.
const OVERLOADED: u16 = 529;

/// The handle on one server. It holds no key.
pub(super) struct Transport {
    name: String,
    model: String,
    url: Url,
    dialect: Dialect,
    key_env: Option<String>,
    client: Client,
    reply_bytes: usize,
    secrets: Secrets,
}

/// What a server said.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Received {
    /// A success, with its body.
    Body(Value),
    /// It rejected this request: a 4xx that is about its content.
    Rejected(u16, Vec<u8>),
    /// It said more than a reply may hold.
    TooLarge,
}

/// How an attempt failed.
#[derive(Debug)]
pub(super) enum Failure {
    /// Another attempt may succeed. Says when the server wants to be asked again, if it does.
    Passing(Fault, Option<Duration>),
    /// None will.
    Lasting(LlmError),
}

/// What went wrong with an attempt, in words that are cleaned of secrets.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub(super) enum Fault {
    /// The server, or a gateway before it, answered that it does not serve.
    #[error("status {0}: {1}")]
    Status(u16, String),
    /// No answer came in time.
    #[error("{0}")]
    TimedOut(String),
    /// It could not be reached, or broke off.
    #[error("{0}")]
    Broken(String),
    /// It answered with success, and what it said is no reply.
    #[error("status 200, but {0}: {1}")]
    Unread(Unread, String),
}

impl Fault {
    /// Returns what it says of the server.
    pub(super) fn signal(&self) -> Signal {
        match self {
            Self::Status(429, _) => Signal::TooMany,
            Self::Status(503 | OVERLOADED, _) => Signal::Overloaded,
            Self::Status(408 | 504, _) | Self::TimedOut(_) => Signal::TimedOut,
            Self::Status(..) | Self::Broken(_) | Self::Unread(..) => Signal::Failed,
        }
    }

    /// Returns the rule by which it rejects a task whose request it befalls at every attempt.
    pub(super) fn rule(&self) -> String {
        match self {
            Self::Status(status, _) => format!("status_{status}"),
            Self::TimedOut(_) => String::from("timed_out"),
            Self::Broken(_) => String::from("broken_connection"),
            Self::Unread(Unread::Empty, _) => String::from("empty_reply"),
            Self::Unread(Unread::Foreign, _) => String::from("foreign_reply"),
            Self::Unread(Unread::Cut, _) => String::from("cut_reply"),
        }
    }
}

impl Transport {
    /// Prepares a server's client.
    pub(super) fn new(
        name: &str,
        plan: &ModelPlan,
        dialect: Dialect,
        limits: &Limits,
        secrets: Secrets,
    ) -> Result<Self, LlmError> {
        let config = |reason: String| LlmError::Config { model: name.to_owned(), reason };
        let base = plan.base_url.as_deref().ok_or_else(|| config(String::from("`base_url` is missing")))?;
        let url = endpoint(base, dialect.path())
            .ok_or_else(|| config(String::from("`base_url` is no http or https URL without a password")))?;
        Ok(Self {
            name: name.to_owned(),
            model: plan.model.clone(),
            client: client(&url, limits).map_err(config)?,
            url,
            dialect,
            key_env: plan.api_key_env.clone(),
            reply_bytes: limits.reply_bytes,
            secrets,
        })
    }

    /// Sends a body once.
    pub(super) async fn attempt(&self, headers: &HeaderMap, body: Vec<u8>) -> Result<Received, Failure> {
        let request = self.client.post(self.url.clone()).headers(headers.clone()).body(body);
        let response = request.send().await.map_err(|error| self.broken(error))?;
        let status = response.status();
        let wait = retry_after(response.headers());
        let (bytes, is_cut) = self.read(response).await.map_err(|error| self.broken(error))?;
        if is_cut && status.is_success() {
            return Ok(Received::TooLarge);
        }
        let bytes = match self.secrets.clean(&bytes) {
            std::borrow::Cow::Borrowed(_) => bytes,
            std::borrow::Cow::Owned(clean) => clean,
        };
        match status {
            status if status.is_success() => match self.dialect.parse(&bytes) {
                Err(unread) => Err(Failure::Passing(Fault::Unread(unread, said(&bytes)), wait)),
                Ok(body) => match hidden_status(&body) {
                    Some(status) => Err(passing(status, &bytes, wait)),
                    None => Ok(Received::Body(body)),
                },
            },
            // OpenAI says so of an account that has no money left: no wait will help.
            StatusCode::TOO_MANY_REQUESTS if is_about_money(&bytes) => {
                Err(Failure::Lasting(self.refused(status.as_u16(), &bytes)))
            }
            StatusCode::REQUEST_TIMEOUT
            | StatusCode::CONFLICT
            | StatusCode::TOO_EARLY
            | StatusCode::TOO_MANY_REQUESTS => Err(passing(status.as_u16(), &bytes, wait)),
            status if status.is_server_error() => Err(passing(status.as_u16(), &bytes, wait)),
            StatusCode::UNAUTHORIZED
            | StatusCode::PAYMENT_REQUIRED
            | StatusCode::NOT_FOUND
            | StatusCode::METHOD_NOT_ALLOWED => Err(Failure::Lasting(self.refused(status.as_u16(), &bytes))),
            status if status.is_client_error() => Ok(Received::Rejected(status.as_u16(), bytes)),
            // A redirect is not followed: it would carry the key elsewhere.
            status => Err(Failure::Lasting(self.refused(status.as_u16(), &bytes))),
        }
    }

    fn broken(&self, error: reqwest::Error) -> Failure {
        let kind = if error.is_timeout() { Fault::TimedOut } else { Fault::Broken };
        Failure::Passing(kind(self.secrets.clean_text(&describe(error))), None)
    }

    /// Makes the one message for a server that will not serve this run.
    pub(super) fn refused(&self, status: u16, body: &[u8]) -> LlmError {
        let advice = match (status, &self.key_env) {
            (401 | 403, Some(variable)) => format!("check the key in the environment variable {variable}"),
            (401 | 403, None) => {
                String::from("the server wants a key: name its environment variable in `api_key_env`")
            }
            (402 | 429, _) => String::from("the account cannot pay for it"),
            (200, _) => format!(
                "that is no answer of such a server: check that `base_url` ends before /{}",
                self.dialect.path()
            ),
            (400..=499, _) if says_tool(body) => String::from(
                "if the server has no tool calls, or was started without them, write `tool_mode: hermes` (or `react`)",
            ),
            (404 | 405, _) => format!(
                "check that the server has the model `{}` and that `base_url` ends before /{}",
                self.model,
                self.dialect.path()
            ),
            (300..=399, _) => String::from("it redirects; give the address it redirects to as `base_url`"),
            _ if is_about_length(body) => {
                String::from("give it more context, or shorten prompts with `instruct.distractors_max`")
            }
            _ => String::from("the server does not take requests of this form"),
        };
        LlmError::Refused(format!(
            "model `{}` ({} at {}) refuses with status {status}: {}; {advice}",
            self.name,
            self.model,
            self.shown_url(),
            said(body),
        ))
    }

    /// Reads a body up to what a reply may be, and tells whether there was more.
    async fn read(&self, mut response: reqwest::Response) -> Result<(Vec<u8>, bool), reqwest::Error> {
        let mut bytes = Vec::new();
        while let Some(chunk) = response.chunk().await? {
            if bytes.len() + chunk.len() > self.reply_bytes {
                return Ok((bytes, true));
            }
            bytes.extend_from_slice(&chunk);
        }
        Ok((bytes, false))
    }

    /// Returns the model's name in the plan.
    pub(super) fn name(&self) -> &str {
        &self.name
    }

    /// Returns where the server is, without anything that could be a secret.
    pub(super) fn shown_url(&self) -> String {
        let mut url = self.url.clone();
        url.set_query(None);
        url.to_string()
    }
}

fn says_tool(body: &[u8]) -> bool {
    body.windows(4).any(|window| window.eq_ignore_ascii_case(b"tool"))
}

fn is_about_money(body: &[u8]) -> bool {
    ["insufficient_quota", "billing_hard_limit", "billing_not_active", "insufficient_balance"]
        .iter()
        .any(|code| body.windows(code.len()).any(|window| window == code.as_bytes()))
}

fn passing(status: u16, body: &[u8], wait: Option<Duration>) -> Failure {
    Failure::Passing(Fault::Status(status, said(body)), wait)
}

/// The headers of a model's requests, with the secrets among them.
#[derive(Default)]
pub(super) struct Headers {
    pub(super) map: HeaderMap,
    pub(super) secrets: Vec<String>,
}

impl Headers {
    /// Reads the key and other secrets from their variables; they go nowhere but into the headers.
    pub(super) fn new(name: &str, plan: &ModelPlan, dialect: Dialect) -> Result<Self, LlmError> {
        let config = |reason: String| LlmError::Config { model: name.to_owned(), reason };
        let variable = |variable: &str, field: &str| {
            std::env::var(variable)
                .map(|value| value.trim().to_owned())
                .ok()
                .filter(|value| !value.is_empty())
                .ok_or_else(|| config(format!("the environment variable {variable} (`{field}`) is not set")))
        };
        let mut headers = Self::default();
        headers.map.insert(reqwest::header::CONTENT_TYPE, HeaderValue::from_static("application/json"));
        for (name, value) in dialect.headers() {
            headers.map.insert(HeaderName::from_static(name), HeaderValue::from_static(value));
        }
        if let Some(from) = &plan.api_key_env {
            let key = variable(from, "api_key_env")?;
            let (name, text) = dialect.auth(&key);
            let no_header = |_| config(String::from("the key holds characters that no HTTP header may hold"));
            let mut value = HeaderValue::from_str(&text).map_err(no_header)?;
            value.set_sensitive(true);
            headers.map.insert(HeaderName::from_static(name), value);
            headers.secrets.push(key);
        }
        for (name, text) in &plan.extra_headers {
            let bad = |what: &str| config(format!("`extra_headers`: `{name}` {what}"));
            let key = HeaderName::from_bytes(name.as_bytes()).map_err(|_| bad("is no name of a header"))?;
            let (whole, secret) = match in_header(text) {
                Some((before, from, after)) => {
                    let secret = variable(from, "extra_headers")?;
                    (format!("{before}{secret}{after}"), Some(secret))
                }
                None => (text.clone(), None),
            };
            let mut value =
                HeaderValue::from_str(&whole).map_err(|_| bad("has a value that no HTTP header may hold"))?;
            value.set_sensitive(secret.is_some());
            headers.map.insert(key, value);
            headers.secrets.extend(secret);
        }
        Ok(headers)
    }
}

/// Appends the dialect's path where it is missing. A user, a password or a query could be secrets, and are refused.
fn endpoint(base: &str, path: &str) -> Option<Url> {
    let mut url = Url::parse(base).ok()?;
    let is_plain = url.username().is_empty() && url.password().is_none() && url.query().is_none();
    if !matches!(url.scheme(), "http" | "https") || url.host().is_none() || !is_plain {
        return None;
    }
    let before = url.path().trim_end_matches('/').to_owned();
    if !before.ends_with(&format!("/{path}")) {
        url.set_path(&format!("{before}/{path}"));
    }
    Some(url)
}

fn client(url: &Url, limits: &Limits) -> Result<Client, String> {
    net::provide_tls();
    let mut builder = Client::builder()
        .user_agent(net::USER_AGENT)
        .redirect(reqwest::redirect::Policy::none())
        .connect_timeout(CONNECT_TIMEOUT)
        .timeout(Duration::from_millis(limits.timeout_ms))
        .tcp_nodelay(true)
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
            assert_eq!(endpoint(base, "chat/completions").unwrap().as_str(), url);
        }
        for base in ["localhost:8000", "ftp://a.b/", "http://user:secret@a.b/v1", "http://a.b/v1?key=secret"]
        {
            assert!(endpoint(base, "messages").is_none(), "{base}");
        }
    }
}
