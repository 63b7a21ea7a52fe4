//! Operations that cannot be tools: each rule names one obvious kind, with the reason for a person.

use super::document::Node;
use super::input::Inputs;
use super::output::Outputs;
use super::prose::words;
use crate::data::{BodyEncoding, Method};

/// An operation as the rules see it.
pub struct Case<'a> {
    /// The method.
    pub method: Method,
    /// The path.
    pub path: &'a str,
    /// The operation in the spec.
    pub operation: Node<'a>,
    /// Its description.
    pub description: &'a str,
    /// What a caller gives.
    pub inputs: &'a Inputs,
    /// What it returns.
    pub outputs: &'a Outputs,
}

/// A rule: the reason for which an operation cannot be a tool, where it holds.
type Rule = fn(&Case<'_>) -> Option<String>;

/// Returns the rule and the reason for which an operation cannot be a tool.
pub fn judge(case: &Case<'_>) -> Option<(&'static str, String)> {
    let rules: [(&str, Rule); 8] = [
        ("no_result_method", |c| {
            let bare = matches!(c.method, Method::Head | Method::Options | Method::Trace);
            bare.then(|| format!("{} returns no content", c.method.as_str()))
        }),
        ("deprecated", |c| {
            c.operation.flag("deprecated").then(|| "the spec says it is deprecated".to_owned())
        }),
        ("websocket", websocket),
        ("push_channel", push_channel),
        ("auth_handshake", auth_handshake),
        ("redirect", |c| {
            let statuses = &c.outputs.statuses;
            let only = !statuses.is_empty() && statuses.iter().all(|s| (300..400).contains(s));
            only.then(|| "it answers with a redirect for a browser".to_owned())
        }),
        ("file_upload", file_upload),
        ("binary_result", binary_result),
    ];
    rules.into_iter().find_map(|(rule, check)| check(case).map(|reason| (rule, reason)))
}

fn literals(path: &str) -> Vec<Vec<String>> {
    path.split('/').filter(|s| !s.is_empty() && !s.contains('{')).map(words).collect()
}

fn websocket(case: &Case<'_>) -> Option<String> {
    let last = literals(case.path).pop()?;
    let named = matches!(last.join("").as_str(), "websocket" | "ws" | "socket" | "websockets");
    let switches = case.outputs.statuses.contains(&101);
    (named || switches).then(|| "it opens a websocket".to_owned())
}

fn push_channel(case: &Case<'_>) -> Option<String> {
    let all = literals(case.path);
    let last = all.last()?;
    let watch = last.as_slice() == ["watch"] && case.method == Method::Post
        || last.as_slice() == ["stop"] && all.iter().any(|s| s.as_slice() == ["channels"]);
    let stream = case.outputs.media_all.iter().any(|m| m.contains("event-stream"));
    (watch || stream).then(|| "it opens or closes a channel of push notifications".to_owned())
}

fn auth_handshake(case: &Case<'_>) -> Option<String> {
    const STEPS: [&str; 18] = [
        "login",
        "logout",
        "signin",
        "signout",
        "oauth",
        "oauth2",
        "authorize",
        "authorization",
        "jwt",
        "sso",
        "saml",
        "refreshtoken",
        "accesstoken",
        "requesttoken",
        "authenticate",
        "token",
        "logon",
        "logoff",
    ];
    let all = literals(case.path);
    let last = all.last()?.join("");
    let step = STEPS.contains(&last.as_str())
        || all.iter().any(|s| matches!(s.join("").as_str(), "oauth" | "oauth2" | "auth2" | "sso"))
        || all.iter().any(|s| s.join("") == "ooauth2");
    if step && !case.path.ends_with('}')
        || all.iter().any(|s| matches!(s.join("").as_str(), "oauth2" | "oauth"))
    {
        return Some(format!("`{last}` is a step of authentication, which the environment takes"));
    }
    let session = all.iter().rev().take(2).any(|s| matches!(s.join("").as_str(), "session" | "sessions"));
    let opens = case.method == Method::Post || case.method == Method::Put;
    let closes = case.method == Method::Delete && all.last().is_some_and(|s| s.join("") == "session");
    let own = all.len() <= 3;
    if session && own && (opens || closes) {
        return Some("it opens or closes the user's own session".to_owned());
    }
    let secret =
        case.inputs.required.iter().any(|r| matches!(r.as_str(), "secret" | "otp" | "verification_code"));
    secret.then(|| "it needs a secret that was sent to a person".to_owned())
}

fn file_upload(case: &Case<'_>) -> Option<String> {
    if let Some(file) = &case.inputs.file {
        return Some(format!("`{file}` is a file's bytes, which no model can give"));
    }
    let bytes = case.inputs.encoding == Some(BodyEncoding::Binary);
    bytes.then(|| "its body is bytes, which no model can give".to_owned())
}

fn binary_result(case: &Case<'_>) -> Option<String> {
    let readable = |m: &str| {
        m.contains("json")
            || m.starts_with("text/")
            || m.contains("xml")
            || m == "*/*"
            || m.contains("yaml")
            || m.contains("form")
    };
    let all = &case.outputs.media_all;
    if !all.is_empty() && !all.iter().any(|m| readable(m)) {
        return Some(format!("its result is {}", all.join(", ")));
    }
    let text = case.description.to_lowercase();
    let silent = case.outputs.result.is_none()
        && all.is_empty()
        && case.method == Method::Get
        && case.outputs.success != 204;
    let picture = ["image", "icon", "favicon", "avatar", "qr code", "thumbnail", "screenshot"];
    let file = ["yaml file", "as a file", "file content", "file for download", "csv file", "pdf", "zip file"];
    if silent && case.outputs.statuses.iter().any(|s| (200..300).contains(s)) {
        if let Some(word) = picture.iter().find(|w| text.contains(**w)) {
            return Some(format!("its result is a picture ({word})"));
        }
        if let Some(word) = file.iter().find(|w| text.contains(**w)) {
            return Some(format!("its result is a file ({word})"));
        }
    }
    None
}
