//! The verb phrase of an operation that is neither a read nor a plain write, from its own text.

use crate::data::{Effect, Tool};
use crate::graph::words;

/// Verbs that descriptions begin with, in their plain form.
fn plain_verb(word: &str) -> String {
    let lower = word.to_lowercase();
    let known = [
        ("marks", "mark"),
        ("sends", "send"),
        ("moves", "move"),
        ("clears", "clear"),
        ("updates", "update"),
        ("dispatches", "dispatch"),
        ("publishes", "publish"),
        ("accepts", "accept"),
        ("creates", "create"),
        ("adds", "add"),
        ("removes", "remove"),
        ("uploads", "upload"),
        ("links", "link"),
        ("unlinks", "unlink"),
        ("imports", "import"),
        ("inserts", "add"),
        ("initiates", "start"),
        ("registers", "register"),
        ("enables", "enable"),
        ("disables", "disable"),
        ("checks", "check"),
        ("validates", "validate"),
        ("makes", "make"),
    ];
    known.iter().find(|(k, _)| *k == lower).map_or(lower, |(_, v)| (*v).to_owned())
}

/// Says what an operation does to its record, as the beginning of a request: `mark as received`, `follow`, `move`.
pub(super) fn verb_phrase(tool: &Tool, resource: &str) -> String {
    let path = tool.call.path();
    let last = path.rsplit('/').next().unwrap_or_default();
    let fixed = if last.starts_with('{') { Vec::new() } else { words::split(last) };
    let on_path = |word: &str| path.split('/').any(|p| p == word);
    let ending = tool.effect == Effect::Destroys;
    if on_path("follows") {
        return if ending { "unfollow" } else { "follow" }.to_owned();
    }
    if on_path("wishlist") || on_path("wants") {
        return if ending { "take off my wishlist" } else { "put on my wishlist" }.to_owned();
    }
    let description: Vec<&str> = tool.description.split_whitespace().collect();
    let first = description
        .first()
        .map(|w| plain_verb(w.trim_matches(|c: char| !c.is_alphanumeric())))
        .unwrap_or_default();
    if let [verb, rest @ ..] = fixed.as_slice()
        && (*verb == first
            || matches!(
                verb.as_str(),
                "mark"
                    | "ship"
                    | "accept"
                    | "decline"
                    | "end"
                    | "follow"
                    | "move"
                    | "send"
                    | "clear"
                    | "bump"
                    | "flag"
                    | "verify"
                    | "publish"
                    | "test"
            ))
    {
        return match (verb.as_str(), rest) {
            ("mark", [state]) => format!("mark as {state}"),
            ("mark", [a, b]) => format!("mark as {a} {b}"),
            (v, _) => v.to_owned(),
        };
    }
    if first.is_empty() || first == resource {
        return if tool.effect == Effect::Destroys { "clear".to_owned() } else { "send".to_owned() };
    }
    first
}
