//! The verb phrase of an operation that is neither a read nor a plain write, from its own text.

use crate::data::{Effect, Tool};
use crate::words;

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
    // What is sent tells one way of sending from another.
    match sent(&tool.description) {
        Some(what) if first == "send" => format!("send {what}"),
        _ => first,
    }
}

/// Returns what a description says is sent, where it says no more: `Send an SMS.` → `an SMS`.
fn sent(description: &str) -> Option<String> {
    let sentence = description.split(['.', '\n']).next()?;
    let words: Vec<&str> = sentence.split_whitespace().skip(1).collect();
    (matches!(words.first(), Some(&"a" | &"an")) && words.len() <= 4).then(|| words.join(" "))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_sent_is_said_where_a_description_says_no_more() {
        assert_eq!(sent("Send an SMS. Takes text and to.").as_deref(), Some("an SMS"));
        assert_eq!(sent("Send a voice message.").as_deref(), Some("a voice message"));
        assert_eq!(sent("Send a reminder to every attendee of the event."), None);
        assert_eq!(sent("Send the invitation."), None);
    }
}
