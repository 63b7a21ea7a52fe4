//! One request to one server, and what came of it: no redirect is followed, no name resolved to a private address, no more
//! read than a spec may hold.

use super::address::{Private, Resolver};
use super::page::{Page, PageFault, PageRule};
use crate::config::plan::FetchPlan;
use crate::net;
use reqwest::header::{
    ACCEPT, ACCEPT_ENCODING, CONTENT_ENCODING, CONTENT_LENGTH, ETAG, HeaderMap, HeaderName,
    IF_MODIFIED_SINCE, IF_NONE_MATCH, LAST_MODIFIED, LOCATION,
};
use reqwest::{Client, StatusCode};
use std::io::Read;
use std::sync::OnceLock;
use std::time::Duration;
use url::Url;

const CONNECT_TIMEOUT: Duration = Duration::from_secs(10);

/// Sends requests.
pub struct Sender {
    plan: FetchPlan,
    bytes_max: u64,
    plain: OnceLock<Result<Client, String>>,
    secure: OnceLock<Result<Client, String>>,
}

/// What a server said.
pub enum Said {
    /// A page.
    Body(Fresh),
    /// The page is the one that we know.
    Unchanged,
    /// The page stands elsewhere.
    Moved(String),
}

/// A page as it was received.
pub struct Fresh {
    /// The server's mark of this version.
    pub etag: Option<String>,
    /// When it was changed.
    pub last_modified: Option<String>,
    /// The page.
    pub body: Vec<u8>,
}

/// How a request failed.
pub enum Failure {
    /// Another attempt may succeed, after so long a wait if the server says.
    Passing(String, Option<Duration>),
    /// None will.
    Lasting(PageFault),
}

impl Sender {
    /// Prepares to send.
    pub fn new(plan: &FetchPlan, bytes_max: u64) -> Self {
        Self { plan: plan.clone(), bytes_max, plain: OnceLock::new(), secure: OnceLock::new() }
    }

    /// Asks once, conditionally where the page is known.
    pub async fn ask(&self, url: &Url, known: Option<&Page>) -> Result<Said, Failure> {
        let client =
            self.client(url).map_err(|reason| Failure::Lasting(PageRule::Unreachable.fault(reason)))?;
        let mut request = client
            .get(url.clone())
            .header(ACCEPT, "application/json, application/yaml;q=0.9, */*;q=0.8")
            .header(ACCEPT_ENCODING, "zstd, identity;q=0.5");
        if let Some(etag) = known.and_then(|k| k.etag.as_deref()) {
            request = request.header(IF_NONE_MATCH, etag);
        }
        if let Some(date) = known.and_then(|k| k.last_modified.as_deref()) {
            request = request.header(IF_MODIFIED_SINCE, date);
        }
        let response = request.send().await.map_err(broken)?;
        let (status, headers) = (response.status(), response.headers().clone());
        match status {
            StatusCode::NOT_MODIFIED if known.is_some() => Ok(Said::Unchanged),
            StatusCode::MOVED_PERMANENTLY
            | StatusCode::FOUND
            | StatusCode::SEE_OTHER
            | StatusCode::TEMPORARY_REDIRECT
            | StatusCode::PERMANENT_REDIRECT => match text(&headers, LOCATION) {
                Some(location) => Ok(Said::Moved(location)),
                None => {
                    Err(Failure::Lasting(PageRule::Redirects.fault("it redirects and does not say where to")))
                }
            },
            StatusCode::OK => self.receive(response, &headers).await.map(Said::Body),
            StatusCode::REQUEST_TIMEOUT | StatusCode::TOO_EARLY | StatusCode::TOO_MANY_REQUESTS => {
                Err(passing(status, &headers))
            }
            status if status.is_server_error() => Err(passing(status, &headers)),
            status => Err(Failure::Lasting(
                PageRule::NoPage.fault(format!("the server answers with status {}", status.as_u16())),
            )),
        }
    }

    async fn receive(&self, mut response: reqwest::Response, headers: &HeaderMap) -> Result<Fresh, Failure> {
        let declared = text(headers, CONTENT_LENGTH).and_then(|length| length.parse::<u64>().ok());
        if declared.is_some_and(|length| length > self.bytes_max) {
            return Err(self.too_large());
        }
        let mut body = Vec::new();
        while let Some(chunk) = response.chunk().await.map_err(broken)? {
            if (body.len() + chunk.len()) as u64 > self.bytes_max {
                return Err(self.too_large());
            }
            body.extend_from_slice(&chunk);
        }
        let body = match text(headers, CONTENT_ENCODING).as_deref().map(str::trim) {
            None | Some("" | "identity") => body,
            Some("zstd") => self.unpack(&body)?,
            Some(other) => {
                let reason = format!("the server packs it as {other}, which was not asked for");
                return Err(Failure::Lasting(PageRule::NoPage.fault(reason)));
            }
        };
        Ok(Fresh { etag: text(headers, ETAG), last_modified: text(headers, LAST_MODIFIED), body })
    }

    /// Unpacks a body up to what a spec may hold.
    fn unpack(&self, packed: &[u8]) -> Result<Vec<u8>, Failure> {
        let damaged =
            |error: std::io::Error| Failure::Passing(format!("its packing is damaged: {error}"), None);
        let reader = zstd::stream::read::Decoder::new(packed).map_err(damaged)?;
        let mut body = Vec::new();
        reader.take(self.bytes_max + 1).read_to_end(&mut body).map_err(damaged)?;
        if body.len() as u64 > self.bytes_max { Err(self.too_large()) } else { Ok(body) }
    }

    fn too_large(&self) -> Failure {
        let max = self.bytes_max;
        let reason = format!("more bytes than limits.spec_bytes ({max}); raise the limit to crawl it");
        Failure::Lasting(PageRule::TooLarge.fault(reason))
    }

    /// Returns the client for a scheme: one without root certificates can still ask a server of its own network.
    fn client(&self, url: &Url) -> Result<&Client, String> {
        let is_secure = url.scheme() == "https";
        let slot = if is_secure { &self.secure } else { &self.plain };
        slot.get_or_init(|| self.make(is_secure)).as_ref().map_err(Clone::clone)
    }

    fn make(&self, is_secure: bool) -> Result<Client, String> {
        net::provide_tls();
        let mut builder = Client::builder()
            .user_agent(net::USER_AGENT)
            .redirect(reqwest::redirect::Policy::none())
            .connect_timeout(CONNECT_TIMEOUT)
            .timeout(Duration::from_millis(self.plan.timeout_ms))
            .dns_resolver(Resolver { is_open: self.plan.private_addresses })
            .pool_max_idle_per_host(self.plan.per_host);
        if !is_secure {
            builder = builder.tls_certs_only([]);
        }
        if !self.plan.proxy {
            builder = builder.no_proxy();
        }
        builder.build().map_err(|e| format!("no client can be made: {}", net::describe(e)))
    }
}

fn text(headers: &HeaderMap, name: HeaderName) -> Option<String> {
    headers.get(name)?.to_str().ok().map(str::to_owned)
}

fn passing(status: StatusCode, headers: &HeaderMap) -> Failure {
    let reason = format!("the server answers with status {}", status.as_u16());
    Failure::Passing(reason, net::retry_after(headers))
}

fn broken(error: reqwest::Error) -> Failure {
    let mut cause: Option<&(dyn std::error::Error + 'static)> = Some(&error);
    while let Some(source) = cause {
        if let Some(private) = source.downcast_ref::<Private>() {
            return Failure::Lasting(PageRule::PrivateAddress.fault(private.to_string()));
        }
        cause = source.source();
    }
    Failure::Passing(net::describe(error), None)
}
