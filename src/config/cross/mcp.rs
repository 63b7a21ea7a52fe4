//! Faults of the MCP servers among the sources: how they are reached, and that no secret stands among it.

use super::headers;
use crate::config::fault::{Fault, Faults};
use crate::config::plan::in_header;
use crate::config::yaml::{Located, Yaml};

/// How to write one, for messages.
const FORM: &str = "write {mcp: {command: [PROGRAM, ARGUMENT]}}, or {mcp: {url: https://host/mcp}} for one that runs already";

/// Words that the name of a variable or a parameter holds where its value is a secret.
const SECRET_WORDS: [&str; 9] =
    ["token", "secret", "password", "passwd", "credential", "apikey", "api_key", "api-key", "access_key"];

/// How keys of well-known services begin.
const KEY_STARTS: [&str; 13] = [
    "sk-",
    "sk_",
    "pk_live",
    "ghp_",
    "gho_",
    "github_pat_",
    "glpat-",
    "xoxb-",
    "xoxp-",
    "AKIA",
    "AIza",
    "hf_",
    "Bearer ",
];

/// A shorter text is no key, but the start of one in an example.
const KEY_LEAST: usize = 16;

/// Checks every MCP server of a list of sources.
pub(super) fn check(items: &[Located], is_set: &dyn Fn(&str) -> bool, faults: &mut Faults) {
    for item in items.iter().filter(|item| matches!(item.value, Yaml::Map(_))) {
        match item.get("mcp") {
            Some(mcp) if matches!(mcp.value, Yaml::Map(_)) => one(mcp, is_set, faults),
            None if item.entries().is_empty() => {
                faults.push(Fault::new(item.at.clone(), "this source says nothing").help(FORM));
            }
            // the schema has told of it
            _ => {}
        }
    }
}

fn one(mcp: &Located, is_set: &dyn Fn(&str) -> bool, faults: &mut Faults) {
    let has = |key: &str| mcp.entry(key).is_some();
    match (has("command"), has("url")) {
        (true, true) => faults.push(
            Fault::new(mcp.at.clone(), "an MCP server has a `command` or a `url`, not both")
                .help("a `command` is started, a `url` is there already"),
        ),
        (false, false) => {
            faults.push(Fault::new(mcp.at.clone(), "an MCP server needs a `command` or a `url`").help(FORM));
        }
        (is_command, _) => {
            let foreign: &[&str] = if is_command { &["headers"] } else { &["env", "cwd"] };
            let (own, other) = if is_command { ("command", "url") } else { ("url", "command") };
            for entry in mcp.entries().iter().filter(|entry| foreign.contains(&entry.key.as_str())) {
                let message = format!("an MCP server with a `{own}` takes no `{}`", entry.key);
                faults.push(
                    Fault::new(entry.key_at.clone(), message).help(format!("it goes with a `{other}`")),
                );
            }
        }
    }
    command(mcp, faults);
    url(mcp, is_set, faults);
    headers(mcp.get("headers"), true, is_set, faults);
    for entry in mcp.get("headers").map(Located::entries).unwrap_or_default() {
        literal(&entry.key, &entry.value, faults);
    }
    for entry in mcp.get("env").map(Located::entries).unwrap_or_default() {
        if !is_variable(&entry.key) {
            faults.push(Fault::new(entry.key_at.clone(), "this is no name of an environment variable"));
        }
        literal(&entry.key, &entry.value, faults);
        variable(&entry.value, is_set, faults);
    }
}

fn command(mcp: &Located, faults: &mut Faults) {
    let Some(command) = mcp.get("command") else { return };
    let Yaml::List(items) = &command.value else { return };
    if items.is_empty() {
        faults.push(Fault::new(command.at.clone(), "this `command` is empty").help(FORM));
    }
    for item in items {
        let Some(text) = item.text() else { continue };
        // `--api-key=…`, or the key alone behind a flag
        let (name, value) = text.split_once('=').unwrap_or(("", text));
        if looks_like_key(value) || (says_secret(name) && !value.is_empty() && !value.starts_with('$')) {
            faults.push(
                Fault::new(item.at.clone(), "this argument holds a secret")
                    .hide_line()
                    .help("every process of the machine can read it: give it in the environment, env: {NAME: $VARIABLE}"),
            );
        }
    }
}

fn url(mcp: &Located, is_set: &dyn Fn(&str) -> bool, faults: &mut Faults) {
    let Some(url) = mcp.get("url") else { return };
    let Some(text) = url.text() else { return };
    let fault = |message: &str| Fault::new(url.at.clone(), message.to_owned());
    let Some(rest) = text.strip_prefix("http://").or_else(|| text.strip_prefix("https://")) else {
        faults.push(fault("the `url` of an MCP server begins with http:// or https://"));
        return;
    };
    let end = rest.find(['/', '?', '#']).unwrap_or(rest.len());
    if rest[..end].contains('@') {
        faults.push(
            fault("the `url` of an MCP server holds no user and password")
                .hide_line()
                .help("name the variable that holds the secret: headers: {Authorization: Basic $VARIABLE}"),
        );
    }
    let (before, query) = text.split_once('?').unwrap_or((text, ""));
    let secret = query.split('&').any(|pair| {
        let (name, value) = pair.split_once('=').unwrap_or(("", pair));
        !value.starts_with('$') && holds_secret(name, value)
    });
    if secret || before.contains('$') {
        let message =
            if secret { "this `url` holds a secret" } else { "a variable stands in a `url`'s query only" };
        faults.push(
            fault(message)
                .hide_line()
                .help("name the variable that holds it: url: https://host/mcp?key=$VARIABLE"),
        );
    }
    for pair in query.split('&') {
        named(pair, url, is_set, faults);
    }
}

/// Refuses a secret that is written out.
fn literal(name: &str, value: &Located, faults: &mut Faults) {
    let Some(text) = value.text() else { return };
    if in_header(text).is_none() && (says_secret(name) || looks_like_key(text)) {
        faults.push(
            Fault::new(value.at.clone(), format!("`{name}` holds a secret"))
                .hide_line()
                .help(format!("name the variable that holds it: {name}: $MY_TOKEN")),
        );
    }
}

fn variable(value: &Located, is_set: &dyn Fn(&str) -> bool, faults: &mut Faults) {
    if let Some(text) = value.text() {
        named(text, value, is_set, faults);
    }
}

/// Demands that the variable that a text names is set.
fn named(text: &str, at: &Located, is_set: &dyn Fn(&str) -> bool, faults: &mut Faults) {
    if let Some((_, name, _)) = in_header(text)
        && !is_set(name)
    {
        faults.push(
            Fault::new(at.at.clone(), format!("the environment variable {name} is not set"))
                .help(format!("an MCP server is to get it: export {name}=…")),
        );
    }
}

fn is_variable(name: &str) -> bool {
    name.starts_with(|c: char| c.is_ascii_alphabetic() || c == '_')
        && name.chars().all(|c| c.is_ascii_alphanumeric() || c == '_')
}

/// Tells whether a pair of an address's query holds a secret, by its name or by its look.
pub(super) fn holds_secret(name: &str, value: &str) -> bool {
    let named = says_secret(name) || name.eq_ignore_ascii_case("key");
    looks_like_key(value) || (named && !value.is_empty())
}

fn says_secret(name: &str) -> bool {
    let name = name.to_lowercase();
    SECRET_WORDS.iter().any(|word| name.contains(word)) || name.ends_with("_key") || name.ends_with("_pat")
}

fn looks_like_key(text: &str) -> bool {
    text.len() >= KEY_LEAST && KEY_STARTS.iter().any(|start| text.starts_with(start)) && !text.contains('$')
}
