//! Which parameters are the environment's to supply: credentials and transport. No model ever sees these.

use crate::data::{Place, SuppliedKind};
use serde_json::{Value, json};

/// Credentials, wherever they stand (but for paths), lower case with `-` for `_`.
const CREDENTIALS: [&str; 37] = [
    "authorization",
    "proxy-authorization",
    "api-key",
    "apikey",
    "api-secret",
    "api-token",
    "x-api-key",
    "x-auth-token",
    "x-access-token",
    "access-token",
    "oauth-token",
    "oauth-consumer-key",
    "auth-token",
    "bearer",
    "app-id-token",
    "app-key",
    "appkey",
    "client-secret",
    "x-rapidapi-key",
    "x-rapidapi-host",
    "subscription-key",
    "ocp-apim-subscription-key",
    "xero-tenant-id",
    "x-apideck-consumer-id",
    "x-apideck-app-id",
    "x-apideck-service-id",
    "x-csrf-token",
    "csrf-token",
    "cookie",
    "x-appwrite-project",
    "x-appwrite-key",
    "x-appwrite-jwt",
    "session-token",
    "jwt",
    "x-amz-security-token",
    "apikeyquerystring",
    "private-token",
];

/// Transport in the query, lower case.
const TRANSPORT_QUERY: [&str; 27] = [
    "alt",
    "prettyprint",
    "pretty",
    "quotauser",
    "userip",
    "callback",
    "jsonp",
    "upload_protocol",
    "uploadtype",
    "_.xgafv",
    "$.xgafv",
    "hateoasmode",
    "asciimode",
    "pass_through",
    "passthrough",
    "synctoken",
    "_",
    "suppress_response_codes",
    "output_format",
    "response_format",
    "accept",
    "cachebuster",
    "no_cache",
    "x-http-method-override",
    "datetype",
    "$format",
    "$callback",
];

/// Transport in headers, lower case.
const TRANSPORT_HEADER: [&str; 24] = [
    "accept",
    "accept-encoding",
    "accept-language",
    "accept-charset",
    "content-type",
    "content-length",
    "content-encoding",
    "content-md5",
    "user-agent",
    "if-match",
    "if-none-match",
    "if-modified-since",
    "if-unmodified-since",
    "x-request-id",
    "x-correlation-id",
    "x-requested-with",
    "idempotency-key",
    "x-idempotency-key",
    "prefer",
    "host",
    "origin",
    "referer",
    "cache-control",
    "x-trace-id",
];

/// A parameter as far as this decision needs it.
pub struct Candidate<'a> {
    /// The name on the wire.
    pub wire: &'a str,
    /// Where it goes.
    pub place: Place,
    /// What its description says.
    pub description: &'a str,
    /// Its lowered schema.
    pub schema: &'a Value,
}

/// Tells whether the environment supplies a parameter, and the value where one is known.
pub fn classify(
    candidate: &Candidate<'_>,
    secured: &[(String, Place)],
) -> Option<(SuppliedKind, Option<Value>)> {
    let lower = candidate.wire.to_lowercase();
    let dashed = lower.replace('_', "-");
    if candidate.place == Place::Path {
        return None;
    }
    let declared = secured
        .iter()
        .any(|(name, place)| *place == candidate.place && name.eq_ignore_ascii_case(candidate.wire));
    if declared || CREDENTIALS.contains(&dashed.as_str()) || is_credential(&lower, candidate) {
        return Some((SuppliedKind::Credential, None));
    }
    match candidate.place {
        Place::Query if TRANSPORT_QUERY.contains(&lower.as_str()) => Some((SuppliedKind::Transport, None)),
        Place::Query => response_shape(&lower, candidate),
        Place::Header
            if TRANSPORT_HEADER.contains(&lower.as_str())
                || lower.ends_with("-request-id")
                || lower.contains("idempotency") =>
        {
            Some((SuppliedKind::Transport, None))
        }
        _ => None,
    }
}

/// Names that are credentials only where their description says so.
fn is_credential(lower: &str, candidate: &Candidate<'_>) -> bool {
    let text = candidate.description.to_lowercase();
    match lower {
        "key" => {
            candidate.place == Place::Query
                && (text.contains("api key") || text.contains("your project") || text.contains("access key"))
        }
        "token" => {
            matches!(candidate.place, Place::Query | Place::Header | Place::Cookie)
                && (text.is_empty()
                    || ["auth", "access token", "api token", "session token"]
                        .iter()
                        .any(|t| text.contains(t)))
        }
        "appid" | "app_id" => {
            candidate.place != Place::Body
                && (text.is_empty() || text.contains("key") || text.contains("application"))
        }
        "client_id" => candidate.place == Place::Query && text.contains("api"),
        _ => false,
    }
}

/// Parameters that choose how a response is written rather than what is in it.
fn response_shape(lower: &str, candidate: &Candidate<'_>) -> Option<(SuppliedKind, Option<Value>)> {
    let text = candidate.description.to_lowercase();
    let choices = candidate.schema.get("enum").and_then(Value::as_array);
    let offers = |word: &str| {
        text.contains(word)
            || choices
                .is_some_and(|c| c.iter().any(|c| c.as_str().is_some_and(|c| c.eq_ignore_ascii_case(word))))
    };
    match lower {
        "format" | "output" | "outputformat" | "contenttype" | "content_type" | "datatype" | "mode"
        | "type" => {
            let formats = ["xml", "csv", "jsonp", "json", "html"].iter().filter(|f| offers(f)).count();
            let certain = formats >= 2 || lower == "format" && formats == 1;
            certain.then(|| (SuppliedKind::Transport, offers("json").then(|| json!("json"))))
        }
        "json" => {
            let number = candidate.schema.get("type").is_some_and(|t| t == "number" || t == "integer");
            (text.is_empty() || text.contains("response") || text.contains("format"))
                .then(|| (SuppliedKind::Transport, Some(if number { json!(1) } else { json!("1") })))
        }
        "fields" | "_fields" | "$select" | "select" => {
            let partial = text.is_empty()
                || [
                    "partial response",
                    "include in",
                    "included in",
                    "fields to return",
                    "to be returned",
                    "selector",
                ]
                .iter()
                .any(|t| text.contains(t));
            partial.then_some((SuppliedKind::Transport, None))
        }
        "raw" => (text.contains("raw") || text.is_empty()).then_some((SuppliedKind::Transport, None)),
        _ => None,
    }
}
