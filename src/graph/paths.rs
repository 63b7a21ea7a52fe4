//! Path templates: their nouns, and which resource each of their parameters names.

use crate::data::{Method, Tool};
use crate::words;

/// One segment of a path template.
#[derive(Clone, Debug, PartialEq)]
pub enum Segment {
    /// Fixed words.
    Fixed(Vec<String>),
    /// A parameter, by its name on the wire.
    Param(String),
}

/// Words of RPC-shaped paths that are verbs, not nouns (`/track.search`).
const RPC_VERBS: &[&str] =
    &["get", "search", "list", "find", "add", "create", "update", "delete", "remove", "post", "set"];

/// Splits a tool's path into segments; RPC-shaped segments (`artist.albums.get`) into their nouns.
pub fn segments(tool: &Tool) -> Vec<Segment> {
    let mut out = Vec::new();
    let path = tool.call.path().split(['?', '#']).next().unwrap_or_default();
    for part in path.split('/').filter(|p| !p.is_empty()) {
        if let Some(name) = part.strip_prefix('{').and_then(|p| p.strip_suffix('}')) {
            out.push(Segment::Param(name.to_owned()));
        } else if part.contains('.') && part.rsplit('.').next().is_some_and(|v| RPC_VERBS.contains(&v)) {
            let words: Vec<&str> = part.split('.').collect();
            out.extend(words[..words.len() - 1].iter().map(|w| Segment::Fixed(words::split(w))));
        } else {
            let words = words::split(part.split(['{', ':']).next().unwrap_or(part));
            let version = matches!(words.as_slice(), [w] if w == "api" || (w.starts_with('v') && w[1..].chars().all(|c| c.is_ascii_digit()) && w.len() > 1));
            if !version && !words.is_empty() {
                out.push(Segment::Fixed(words));
            }
        }
    }
    out
}

/// Returns the last verb of an RPC-shaped path (`get` of `/artist.albums.get`).
pub fn rpc_verb(tool: &Tool) -> Option<String> {
    let last = tool.call.path().rsplit('/').next()?;
    let verb = last.rsplit('.').next()?;
    (last.contains('.') && RPC_VERBS.contains(&verb)).then(|| verb.to_owned())
}

/// Returns the fixed words before segment `i`, innermost last, without words that name the caller.
pub fn noun_before(segments: &[Segment], i: usize) -> Option<Vec<String>> {
    segments[..i].iter().rev().find_map(|s| match s {
        Segment::Fixed(words) if !matches!(words.as_slice(), [w] if w == "me" || w == "my") => {
            Some(words.clone())
        }
        _ => None,
    })
}

/// Returns the key words of the resource that the path parameter at segment `i` names.
pub fn param_noun(segments: &[Segment], i: usize) -> Vec<String> {
    let Segment::Param(name) = &segments[i] else { return Vec::new() };
    let before = noun_before(segments, i).map(|w| words::singular_words(&w)).unwrap_or_default();
    match words::id_noun(name) {
        Some(noun) if !noun.is_empty() => {
            // `{divisionId}` after `adminDivisions` is the longer noun.
            if before.len() > noun.len() && before.ends_with(&noun) { before } else { noun }
        }
        Some(_) => before,
        None => {
            let own = words::singular_words(&words::split(name));
            let fixed_somewhere = segments[..i]
                .iter()
                .any(|s| matches!(s, Segment::Fixed(w) if words::singular_words(w) == own));
            if fixed_somewhere || before.is_empty() || own.ends_with(&before) { own } else { before }
        }
    }
}

/// Returns whether the method only reads.
pub fn reads(method: Method) -> bool {
    matches!(method, Method::Get | Method::Head | Method::Options)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn noun(path: &[&str]) -> String {
        let segments: Vec<Segment> = path
            .iter()
            .map(|p| {
                p.strip_prefix(':')
                    .map_or_else(|| Segment::Fixed(words::split(p)), |n| Segment::Param(n.to_owned()))
            })
            .collect();
        param_noun(&segments, segments.len() - 1).join("_")
    }

    #[test]
    fn parameters_name_their_resource() {
        assert_eq!(noun(&["pet", ":petId"]), "pet");
        assert_eq!(noun(&["users", "me", "calendarList", ":calendarId"]), "calendar");
        assert_eq!(noun(&["users", ":username"]), "user");
        assert_eq!(noun(&["domains", "verify", ":domain"]), "domain");
        assert_eq!(noun(&["adminDivisions", ":divisionId"]), "admin_division");
        assert_eq!(noun(&["lists", ":tasklist"]), "task_list");
        assert_eq!(noun(&["timezones", ":zoneId"]), "time_zone");
    }
}
