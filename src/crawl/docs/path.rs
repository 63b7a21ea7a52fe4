//! A sentence made of method and path, for operations without documentation.

use crate::crawl::prose::{a, capital, is_plural, plural, singular, words};
use crate::data::Method;

/// Words of a path that are verbs, with how they are said.
const VERBS: [(&str, &str); 26] = [
    ("lookup", "Look up"),
    ("search", "Search"),
    ("find", "Find"),
    ("validate", "Validate"),
    ("verify", "Verify"),
    ("send", "Send"),
    ("check", "Check"),
    ("get", "Get"),
    ("list", "List"),
    ("query", "Query"),
    ("convert", "Convert"),
    ("translate", "Translate"),
    ("calculate", "Calculate"),
    ("cancel", "Cancel"),
    ("accept", "Accept"),
    ("decline", "Decline"),
    ("test", "Test"),
    ("start", "Start"),
    ("stop", "Stop"),
    ("import", "Import"),
    ("export", "Export"),
    ("clear", "Clear"),
    ("move", "Move"),
    ("copy", "Copy"),
    ("analyze", "Analyze"),
    ("browse", "Browse"),
];

/// Tells whether a path's word is a verb.
pub fn is_verb(word: &str) -> bool {
    VERBS.iter().any(|(verb, _)| *verb == word)
}

/// Makes a description from method and path: `List the tickets of a collection.`
pub fn from_path(method: Method, path: &str, has_item: bool, inputs: &[String]) -> String {
    let path = path.split('?').next().unwrap_or_default();
    let segments: Vec<&str> = path.split(['/', '#', '=']).filter(|s| !s.is_empty()).collect();
    let rpc = segments.last().is_some_and(|s| s.contains('.') && !s.contains('{'));
    if rpc {
        return rpc_sentence(segments.last().copied().unwrap_or_default());
    }
    if let Some(sentence) = lookup_sentence(&segments, inputs) {
        return sentence;
    }
    let (mut phrase, item) = phrase(&segments);
    if phrase.is_empty() {
        return format!("{} the API's root.", if method == Method::Get { "Get" } else { "Call" });
    }
    let noun = phrase.remove(0);
    let rest = if phrase.is_empty() { String::new() } else { format!(" of {}", phrase.join(" of ")) };
    if let Some(sentence) = verb_sentence(&segments, &noun, &rest) {
        return sentence;
    }
    let many = is_plural(noun.rsplit(' ').next().unwrap_or_default());
    let one = one_of(&noun);
    match method {
        Method::Get | Method::Head if item => format!("Get {}{rest}.", a(&one)),
        Method::Query => format!("Search the {}{rest}.", many_of(&noun)),
        Method::Get | Method::Head if many || has_item => format!("List the {}{rest}.", many_of(&noun)),
        Method::Get | Method::Head | Method::Options | Method::Trace => format!("Get the {noun}{rest}."),
        Method::Delete if item => format!("Delete {}{rest}.", a(&one)),
        Method::Delete => format!("Delete the {noun}{rest}."),
        Method::Put | Method::Patch | Method::Post if item => format!("Update {}{rest}.", a(&one)),
        Method::Put | Method::Patch => format!("Update the {noun}{rest}."),
        Method::Post if is_sent(&one) => format!("Send {}.", a(&spoken(&one))),
        Method::Post => format!("Create {}{rest}.", a(&one)),
    }
}

/// Says a path that begins with a verb and takes one thing: `/lookup/format` with a number.
fn lookup_sentence(segments: &[&str], inputs: &[String]) -> Option<String> {
    let [input] = inputs else { return None };
    let first = words(segments.first().filter(|s| !s.contains('{'))?);
    let (_, said) = VERBS.iter().find(|(verb, _)| Some(*verb) == first.first().map(String::as_str))?;
    let object = a(&words(input).join(" "));
    let acronym = |word: &str| {
        if matches!(word, "cnam" | "hlr" | "mnp" | "ip" | "url" | "vat" | "dns") {
            word.to_uppercase()
        } else {
            word.to_owned()
        }
    };
    let rest: Vec<String> = first
        .iter()
        .skip(1)
        .cloned()
        .chain(segments.iter().skip(1).flat_map(|s| words(s)))
        .map(|w| acronym(&w))
        .collect();
    let rest = rest.join(" ");
    Some(match rest.as_str() {
        "" => format!("{said} {object}."),
        r if r.starts_with("for ") => format!("{said} {object} {r}."),
        r => format!("{said} the {r} of {object}."),
    })
}

/// Says a path that leads to a verb: `/lookup/format`, `/orders/{id}/cancel`.
fn verb_sentence(segments: &[&str], noun: &str, rest: &str) -> Option<String> {
    let literals: Vec<Vec<String>> = segments.iter().filter(|s| !s.contains('{')).map(|s| words(s)).collect();
    let verb = |word: &String| VERBS.iter().find(|(v, _)| v == word).map(|(_, said)| *said);
    if let Some(first) = literals.first().filter(|_| !segments.iter().any(|s| s.contains('{')))
        && let Some(said) = first.first().and_then(verb)
    {
        let rest: Vec<String> =
            first.iter().skip(1).chain(literals.iter().skip(1).flatten()).cloned().collect();
        return Some(if rest.is_empty() {
            format!("{said}.")
        } else {
            format!("{said} {}.", rest.join(" "))
        });
    }
    let last = literals.last()?;
    let said = last
        .first()
        .and_then(verb)
        .filter(|_| last.len() == 1 && !segments.last().is_some_and(|s| s.contains('{')))?;
    let _ = noun;
    let object = rest.strip_prefix(" of ").unwrap_or_default();
    Some(if object.is_empty() { format!("{said}.") } else { format!("{said} {object}.") })
}

/// Says a path like `/track.lyrics.get`.
fn rpc_sentence(segment: &str) -> String {
    let mut parts = words(segment);
    let verb = if parts.len() > 1 { parts.pop().unwrap_or_default() } else { String::new() };
    let object = parts.pop().unwrap_or_default();
    let owner = parts.join(" ");
    match (verb.as_str(), owner.as_str()) {
        ("search", "") => format!("Search {}.", plural(&object)),
        ("get", "") => format!("Get {}.", a(&object)),
        ("get", "matcher") => format!("Find the best match for a query and get its {object}."),
        ("get", "chart") => format!("Get the {object} of a chart."),
        ("get", owner) if object == "related" => {
            format!("List the {} related to {}.", plural(owner), a(owner))
        }
        ("get", owner) if is_plural(&object) && object != "lyrics" => {
            format!("List the {object} of {}.", a(owner))
        }
        ("get", owner) => format!("Get the {object} of {}.", a(owner)),
        (verb, "") => format!("{} {}.", capital(verb), object),
        (verb, owner) => format!("{} the {object} of {}.", capital(verb), a(owner)),
    }
}

/// Turns segments into noun phrases, innermost first, and tells whether the path leads to one item.
fn phrase(segments: &[&str]) -> (Vec<String>, bool) {
    let mut out: Vec<String> = Vec::new();
    let mut by: Option<String> = None;
    let mut item = false;
    let mut open: Option<(String, bool)> = None;
    for segment in segments {
        if segment.contains('{') {
            if let Some((_, has)) = open.as_mut() {
                *has = true;
            }
            item = true;
            continue;
        }
        let found = words(segment);
        let version = found.len() == 1
            && (found[0] == "api"
                || found[0]
                    .strip_prefix('v')
                    .is_some_and(|v| !v.is_empty() && v.chars().all(|c| c.is_ascii_digit())));
        if version || found.is_empty() {
            continue;
        }
        if found[0] == "by" {
            by = Some(found.join(" "));
            continue;
        }
        let kind = found.join(" ");
        item = false;
        if let Some((noun, has)) = open.take() {
            let qualifies =
                !has && is_plural(&noun) && found.len() == 1 && !is_plural(&kind) && !is_verb(&kind);
            if qualifies {
                open = Some((format!("{kind} {noun}"), false));
                continue;
            }
            match (noun.as_str(), has) {
                ("my" | "me" | "users me", _) => {}
                (_, true) => out.insert(0, a(&one_of(&noun))),
                (_, false) if is_verb(&found[0]) => out.insert(0, format!("the {noun}")),
                (_, false) => {
                    // a literal without a parameter only says which kind of thing it is
                    open = Some((format!("{} {kind}", one_of(&noun)), false));
                    continue;
                }
            }
        }
        open = Some((kind, false));
    }
    if let Some((noun, _)) = open {
        out.insert(0, noun);
    }
    if let (Some(by), Some(last)) = (by, out.last_mut()) {
        *last = format!("{} {by}", if item { one_of(last) } else { last.clone() });
    }
    (out, item)
}

fn one_of(noun: &str) -> String {
    match noun.rsplit_once(' ') {
        Some((head, last)) => format!("{head} {}", singular(last)),
        None => singular(noun),
    }
}

fn many_of(noun: &str) -> String {
    match noun.rsplit_once(' ') {
        Some((head, last)) => format!("{head} {}", plural(last)),
        None => plural(noun),
    }
}

fn is_sent(noun: &str) -> bool {
    matches!(
        noun,
        "sms" | "message" | "mail" | "email" | "notification" | "fax" | "voice" | "whatsapp" | "push"
    )
}

fn spoken(noun: &str) -> String {
    match noun {
        "sms" => "SMS".to_owned(),
        "voice" => "voice message".to_owned(),
        "mail" => "e-mail".to_owned(),
        other => other.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_are_said_as_people_say_them() {
        use Method::{Delete, Get, Post, Put};
        for (method, path, has_item, said) in [
            (Get, "/collections/{id}/tickets", true, "List the tickets of a collection."),
            (Get, "/events/{id}", false, "Get an event."),
            (Post, "/collections/{id}/tickets", true, "Create a ticket of a collection."),
            (Delete, "/pets/{id}", false, "Delete a pet."),
            (Put, "/shop", false, "Update the shop."),
            (Post, "/sms", false, "Send an SMS."),
            (Get, "/track.lyrics.get", false, "Get the lyrics of a track."),
            (Get, "/artist.albums.get", false, "List the albums of an artist."),
            (Post, "/lookup/format", false, "Look up the format of a number."),
            (Get, "/orders/unpaid", false, "List the unpaid orders."),
            (Get, "/my/orders/selling/by_uuid/{uuid}", false, "Get a selling order by uuid."),
            (Delete, "/my/follows/{id}/alert", false, "Delete the alert of a follow."),
            (Get, "/shipping/regions", false, "List the shipping regions."),
        ] {
            assert_eq!(from_path(method, path, has_item, &["number".to_owned()]), said, "{path}");
        }
    }
}
