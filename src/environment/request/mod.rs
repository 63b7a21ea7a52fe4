//! A call of a tool → the HTTP request that makes it. Pure: credentials and what else has no known value are added by
//! whoever sends it.

mod body;
mod written;

use crate::data::{HttpCall, Method, ParamPlace, Place, Tool, Written};
use serde_json::{Map, Value};
use written::Parts;

/// A request over HTTP, ready but for credentials.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct HttpRequest {
    /// The method.
    pub method: Method,
    /// The URL, percent-encoded. It begins with `/` where the spec names no server, or one that is relative to where the
    /// spec was found: then the server is the sender's to say.
    pub url: String,
    /// The headers, in the order of the tool's places; each name once.
    pub headers: Vec<(String, String)>,
    /// The body, where there is one; its type is in the headers.
    pub body: Option<String>,
}

/// Why a call cannot be written as a request.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum RequestError {
    /// The tool is not called over HTTP.
    #[error("the tool is not called over HTTP")]
    NotHttp,
    /// The arguments are no object.
    #[error("the arguments are no object")]
    NotAnObject,
    /// The tool has no such parameter.
    #[error("the tool has no parameter `{0}`")]
    Unknown(String),
    /// The path cannot be filled.
    #[error("the path's `{0}` is missing or empty")]
    EmptyPath(String),
    /// A part of the path would be read as a way up or nowhere.
    #[error("a part of the path would be `.` or `..`: {0}")]
    DotSegment(String),
    /// The value holds what separates values in its style, and the style cannot escape it.
    #[error("`{name}` holds a {delimiter:?}, which separates its values")]
    Delimiter {
        /// The parameter.
        name: String,
        /// What separates its values.
        delimiter: char,
    },
    /// A header's name or value is not allowed in HTTP.
    #[error("`{0}` cannot be a header: control characters, or spaces in the name")]
    Header(String),
    /// The body's type has no way to hold fields.
    #[error("a body of {0} cannot be made from fields")]
    Body(String),
}

/// Makes the request of a call whose arguments fit the tool's schema.
#[cfg_attr(
    not(feature = "internals"),
    expect(
        dead_code,
        reason = "nothing is called over HTTP yet; the project's own tests send what it makes"
    )
)]
pub fn request(tool: &Tool, arguments: &Value) -> Result<HttpRequest, RequestError> {
    let call = tool.call.http().ok_or(RequestError::NotHttp)?;
    let arguments = tool.given(arguments);
    let arguments = arguments.as_object().ok_or(RequestError::NotAnObject)?;
    if let Some(name) = arguments.keys().find(|name| !call.places.iter().any(|p| p.name == **name)) {
        return Err(RequestError::Unknown(name.clone()));
    }
    let usual = Written::default();
    let given = |place: Place| {
        let own = call
            .places
            .iter()
            .filter(move |p| p.place == place)
            .filter_map(|p| Some((p.wire.as_str(), &p.written, arguments.get(&p.name)?)));
        let constant = call.supplied.iter().filter(move |s| s.place == place);
        let constant = constant.filter_map(|s| Some((s.wire.as_str(), &usual, s.value.as_ref()?)));
        own.chain(constant).filter(move |(_, written, value)| {
            place == Place::Body || written.media.is_some() || !is_nothing(value)
        })
    };
    let mut query = Vec::new();
    for (wire, written, value) in given(Place::Query) {
        query.extend(written::pairs(wire, written, value)?);
    }
    let mut headers: Vec<(String, String)> = Vec::new();
    for (wire, written, value) in given(Place::Header) {
        headers.push((wire.to_owned(), header(wire, written, value)?));
    }
    let mut cookies = Vec::new();
    for (wire, written, value) in given(Place::Cookie) {
        cookies.extend(written::pairs(wire, written, value)?);
    }
    if !cookies.is_empty() {
        headers.push(("Cookie".to_owned(), joined(&cookies, "; ")));
    }
    let fields: Vec<body::Field<'_>> = given(Place::Body).collect();
    let body = body::of(call, &fields)?;
    let media = body.as_ref().map(|(media, _)| ("Content-Type", media.clone()));
    let accept = call.result_media.clone().map(|media| ("Accept", media));
    for (name, value) in accept.into_iter().chain(media) {
        if !headers.iter().any(|(known, _)| known.eq_ignore_ascii_case(name)) {
            headers.push((name.to_owned(), value));
        }
    }
    let url = url(call, arguments, &query)?;
    Ok(HttpRequest { method: call.method, url, headers, body: body.map(|(_, text)| text) })
}

/// Tells a value for which text has no form but to leave it out.
fn is_nothing(value: &Value) -> bool {
    match value {
        Value::Null => true,
        Value::Array(items) => items.is_empty(),
        Value::Object(map) => map.is_empty(),
        _ => false,
    }
}

/// Writes encoded pairs.
fn joined(pairs: &[(String, String)], between: &str) -> String {
    let pairs: Vec<String> = pairs.iter().map(|(key, value)| format!("{key}={value}")).collect();
    pairs.join(between)
}

fn url(
    call: &HttpCall,
    arguments: &Map<String, Value>,
    query: &[(String, String)],
) -> Result<String, RequestError> {
    let (server, server_query) = server(call);
    // a fragment only tells operations apart and never goes over the wire; one with placeholders is a part of the path
    let template = match call.path.split_once('#') {
        Some((before, fragment)) if !fragment.contains('{') => before,
        _ => &call.path,
    };
    let (path, own_query) = template.split_once('?').unwrap_or((template, ""));
    let path = filled(path, call, arguments)?;
    let own_query: Vec<&str> = own_query.split('&').filter(|pair| !is_said_again(pair, call)).collect();
    let own_query = filled(&own_query.join("&"), call, arguments)?;
    let dots = |segment: &str| {
        let plain = segment.to_ascii_lowercase().replace("%2e", ".");
        plain == "." || plain == ".."
    };
    if path.split('/').any(dots) {
        return Err(RequestError::DotSegment(path));
    }
    let mut out = format!("{}{}{path}", server, if path.starts_with('/') { "" } else { "/" });
    let parts = [server_query, own_query, joined(query, "&")];
    let parts: Vec<&str> = parts.iter().map(String::as_str).filter(|p| !p.is_empty()).collect();
    if !parts.is_empty() {
        out.push('?');
        out.push_str(&parts.join("&"));
    }
    Ok(out)
}

/// Tells a pair of a template, `query={query}`, that a parameter of the query writes too.
fn is_said_again(pair: &str, call: &HttpCall) -> bool {
    let holds = |p: &ParamPlace| pair.contains(&format!("{{{}}}", p.wire));
    let of = |place: Place| call.places.iter().any(|p| p.place == place && holds(p));
    of(Place::Query) && !of(Place::Path)
}

/// Returns the server's URL without a slash at the end, and its query, where it has one.
fn server(call: &HttpCall) -> (String, String) {
    let server = call.server.as_deref().unwrap_or_default().trim();
    let server = server.split('#').next().unwrap_or_default();
    let (base, query) = server.split_once('?').unwrap_or((server, ""));
    let base = base.trim_end_matches('/');
    let base = match base {
        "" | "." => String::new(),
        // variables without any value: only the sender knows the server
        template if template.contains('{') => String::new(),
        absolute if absolute.contains("://") => absolute.to_owned(),
        hostless if hostless.starts_with("//") => format!("https:{hostless}"),
        relative => format!("/{}", relative.trim_start_matches("./").trim_start_matches('/')),
    };
    (written::kept(&base), written::kept(query))
}

/// Fills a template's placeholders.
fn filled(template: &str, call: &HttpCall, arguments: &Map<String, Value>) -> Result<String, RequestError> {
    let mut out = String::new();
    let mut rest = template;
    while let Some(open) = rest.find('{') {
        let Some(length) = rest[open..].find('}') else { break };
        let wire = &rest[open + 1..open + length];
        out.push_str(&written::kept(&rest[..open]));
        let place = call.places.iter().find(|p| p.place == Place::Path && p.wire == wire);
        out.push_str(&placeholder(wire, place, arguments)?);
        rest = &rest[open + length + 1..];
    }
    out.push_str(&written::kept(rest));
    Ok(out)
}

fn placeholder(
    wire: &str,
    place: Option<&ParamPlace>,
    arguments: &Map<String, Value>,
) -> Result<String, RequestError> {
    let empty = || RequestError::EmptyPath(wire.to_owned());
    let place = place.ok_or_else(empty)?;
    let value = arguments.get(&place.name).filter(|v| !is_nothing(v)).ok_or_else(empty)?;
    // `{+name}` holds a path of its own
    let expanded = match value.as_str().filter(|_| wire.starts_with('+')) {
        Some(path) => path.split('/').map(written::encoded).collect::<Vec<_>>().join("/"),
        None => written::segment(wire, &place.written, value),
    };
    if expanded.is_empty() { Err(empty()) } else { Ok(expanded) }
}

/// Writes a header's value: nothing is escaped there, so what cannot stand there is an error.
fn header(wire: &str, written: &Written, value: &Value) -> Result<String, RequestError> {
    let token = |c: char| c.is_ascii_alphanumeric() || "!#$%&'*+-.^_`|~".contains(c);
    let text = match Parts::of(value, written) {
        Parts::Scalar(text) => text,
        Parts::List(items) => {
            written::refuse(wire, items.iter(), ',')?;
            items.join(",")
        }
        Parts::Pairs(pairs) => {
            let words = || pairs.iter().flat_map(|(key, value)| [key, value]);
            written::refuse(wire, words(), ',')?;
            if written.explode == Some(true) {
                written::refuse(wire, pairs.iter().map(|(key, _)| key), '=')?;
                joined(&pairs, ",")
            } else {
                words().cloned().collect::<Vec<_>>().join(",")
            }
        }
    };
    let legal =
        !wire.is_empty() && wire.chars().all(token) && !text.chars().any(|c| c != '\t' && c.is_control());
    if legal { Ok(text) } else { Err(RequestError::Header(wire.to_owned())) }
}
