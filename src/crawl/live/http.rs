//! MCP servers that are there already: streamable HTTP.

use super::error::Fault;
use super::noted::Noted;
use super::pages::{self, Bounds, Broken, Said, too_large};
use crate::net::causes;
use reqwest::header::{HeaderName, HeaderValue};
use rmcp::transport::StreamableHttpClientTransport;
use rmcp::transport::common::client_side_sse::FixedInterval;
use rmcp::transport::streamable_http_client::StreamableHttpClientTransportConfig;
use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;

const CONNECT_TIMEOUT: Duration = Duration::from_secs(10);
/// Attempts to take up a stream of events that broke.
const RESUMES: usize = 2;

/// Asks a server at an address.
pub(super) async fn ask(url: &str, headers: &[(String, String)], bounds: &Bounds) -> Result<Said, Fault> {
    let client =
        client(url).map_err(|why| Fault::new(why, "check the `url` and the system's certificates"))?;
    let mut config = StreamableHttpClientTransportConfig::with_uri(url)
        .custom_headers(given(headers)?)
        .max_sse_event_size(bounds.bytes)
        .max_json_response_size(bounds.bytes);
    let mut resume = FixedInterval::default();
    (resume.max_times, resume.duration) = (Some(RESUMES), Duration::from_millis(200));
    config.retry_config = Arc::new(resume);
    let client = Noted::new(client);
    let transport = StreamableHttpClientTransport::with_client(client.clone(), config);
    match pages::ask(transport, bounds).await {
        Ok(said) => Ok(said),
        Err(broken) => match explain(&broken, client.first(), bounds) {
            Explained::TooLarge => Ok(Said { left_out: Some(too_large(bounds.bytes)), ..Said::default() }),
            Explained::Fault(fault) => Err(fault),
        },
    }
}

fn client(url: &str) -> Result<reqwest::Client, String> {
    crate::net::provide_tls();
    let url = reqwest::Url::parse(url).map_err(|error| format!("the `url` is none: {error}"))?;
    let mut builder = reqwest::Client::builder()
        .user_agent(crate::net::USER_AGENT)
        // A redirect could carry the key elsewhere.
        .redirect(reqwest::redirect::Policy::none())
        .connect_timeout(CONNECT_TIMEOUT)
        .pool_max_idle_per_host(0)
        .tcp_nodelay(true);
    if url.scheme() == "http" {
        // A machine without root certificates can still talk to its own server.
        builder = builder.tls_certs_only([]);
    }
    let host = url.host_str().unwrap_or_default().trim_matches(['[', ']']);
    if host == "localhost" || host.parse::<std::net::IpAddr>().is_ok_and(|ip| ip.is_loopback()) {
        builder = builder.no_proxy();
    }
    builder.build().map_err(|error| format!("no client can be made: {}", causes(&error)))
}

fn given(headers: &[(String, String)]) -> Result<HashMap<HeaderName, HeaderValue>, Fault> {
    let mut out = HashMap::new();
    for (name, value) in headers {
        let bad = |what: &str| {
            Fault::new(
                format!("the header `{name}` {what}"),
                "check `headers` and the variable that it names",
            )
        };
        let key =
            HeaderName::from_bytes(name.as_bytes()).map_err(|_| bad("has a name that none may have"))?;
        let mut value = HeaderValue::from_str(value).map_err(|_| bad("has a value that none may have"))?;
        value.set_sensitive(true);
        out.insert(key, value);
    }
    Ok(out)
}

enum Explained {
    TooLarge,
    Fault(Fault),
}

fn explain(broken: &Broken, noted: Option<String>, bounds: &Bounds) -> Explained {
    let is_large = |why: &str| why.contains("maximum size") || why.contains("too large");
    if noted.as_deref().is_some_and(is_large) {
        return Explained::TooLarge;
    }
    let (during, why, wants_key) = match broken {
        Broken::Silent(what) => {
            let what = format!("no answer to `{what}` within {} ms", bounds.wait.as_millis());
            return Explained::Fault(Fault::new(what, "is it up? raise limits.timeout_ms if it is slow"));
        }
        Broken::NoList => {
            let what = "what it answers to `tools/list` is no list of tools";
            return Explained::Fault(Fault::new(what, "is it an MCP server? check the `url`"));
        }
        Broken::Start(error) => ("initialize", causes(error.as_ref()), error.is_authorization_required()),
        Broken::Page(error) => ("tools/list", causes(error), error.is_authorization_required()),
    };
    let why = noted.filter(|_| broken.is_cut_off()).unwrap_or(why);
    let advice = if wants_key
        || ["401", "403", "Auth required", "nauthorized"].iter().any(|s| why.contains(s))
    {
        "it wants a key: name the variable that holds it, headers: {Authorization: Bearer $VARIABLE}"
    } else if why.contains("error sending request") || why.contains("onnect") {
        "it cannot be reached: is it running, and is the `url` right?"
    } else {
        "check that the `url` is that of a streamable HTTP endpoint (it often ends in /mcp); the older HTTP+SSE is not \
         spoken"
    };
    Explained::Fault(Fault::new(format!("`{during}` failed: {why}"), advice))
}
