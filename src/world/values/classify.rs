//! Matching a field's words against the rules.

use super::fit::Leaf;
use super::kind::{Kind, Often, Role, suits};
use super::noun::Noun;
use super::rules::{self, Rule};
use crate::words::{singular, split_as_written};

/// A field to be understood.
pub(crate) struct Ask<'a> {
    /// Its words, led by those of the objects around it that give it its sense (`start date time`).
    pub words: &'a str,
    /// Its own words (`date time`).
    pub own: &'a str,
    pub noun: Noun,
    pub leaf: Leaf,
    pub format: &'a str,
    pub description: &'a str,
    pub max_len: usize,
    /// Whether the schema or its description lists what is allowed.
    pub listed: bool,
}

/// Returns what a field means and how often it is there.
pub(crate) fn classify(ask: &Ask) -> (Kind, Often) {
    let bare = without_resource(ask.own, ask.noun);
    let lower = ask.description.to_lowercase();
    let seldom = |often: Often| match often {
        Often::Always | Often::Never => often,
        _ if lower.contains("deprecated") => Often::Never,
        other => other,
    };
    for words in [ask.words, ask.own, bare.as_str()] {
        if let Some((kind, often)) = find(rules::of_noun(ask.noun), words, ask) {
            return (refine(kind, ask, &lower), seldom(often));
        }
    }
    if is_id(ask.own) && ask.leaf != Leaf::Boolean {
        let is_uuid = ask.format == "uuid" || ask.own.ends_with("uuid") || lower.contains("uuid");
        return (if is_uuid && ask.leaf == Leaf::Text { Kind::Uuid } else { Kind::Id }, Often::Seldom);
    }
    // `start` + `date time` is a start; `address` + `phone` is a phone.
    let led = ["start", "end", "due", "created", "updated"].iter().any(|w| ask.words.starts_with(w));
    let order = if led { [ask.words, ask.own, bare.as_str()] } else { [ask.own, bare.as_str(), ask.words] };
    for words in order {
        if let Some((kind, often)) = find(rules::COMMON, words, ask) {
            return (refine(kind, ask, &lower), seldom(often));
        }
    }
    by_format(ask)
}

fn find(rules: &'static [Rule], words: &str, ask: &Ask) -> Option<(Kind, Often)> {
    if words.is_empty() {
        return None;
    }
    rules
        .iter()
        .find(|(pattern, kind, _)| {
            let guarded = match kind {
                // `from`, `end`, `at` are instants only where the type or the description says so.
                Kind::When(_) => is_instant(ask, words),
                _ => suits(*kind, ask.leaf),
            };
            guarded && pattern.split('|').any(|p| matches(p, words))
        })
        .map(|(_, kind, often)| (*kind, *often))
}

fn matches(pattern: &str, words: &str) -> bool {
    match (pattern.strip_prefix('*'), pattern.strip_suffix('*')) {
        (Some(rest), Some(_)) if rest.ends_with('*') => words.contains(rest.trim_end_matches('*')),
        (Some(end), _) => {
            words == end.trim() || (words.ends_with(end) && words[..words.len() - end.len()].ends_with(' '))
        }
        (None, Some(start)) => words.starts_with(start),
        (None, None) => words == pattern,
    }
}

fn is_instant(ask: &Ask, words: &str) -> bool {
    match ask.leaf {
        Leaf::Boolean => false,
        Leaf::Text | Leaf::Free => {
            let clock = [
                "date",
                "time",
                "at",
                "on",
                "deadline",
                "created",
                "updated",
                "modified",
                "expiration",
                "dob",
                "birthday",
                "due",
                "completed",
                "start",
                "end",
                "expires",
                "timestamp",
                "capture",
                "captured",
                "update",
                "released",
                "now",
                "invited",
                "joined",
                "starts",
                "ends",
                "day",
            ];
            ask.format.starts_with("date")
                || ask.format == "time"
                || ask.format == "int64"
                || words.split(' ').any(|w| clock.contains(&w))
        }
        Leaf::Integer | Leaf::Number => {
            let lower = ask.description.to_lowercase();
            ["unix", "timestamp", "epoch", "date", "milliseconds since"].iter().any(|w| lower.contains(w))
                || words.split(' ').any(|w| {
                    matches!(
                        w,
                        "at" | "timestamp"
                            | "date"
                            | "created"
                            | "updated"
                            | "invited"
                            | "joined"
                            | "registration"
                            | "expire"
                            | "expires"
                    )
                })
        }
    }
}

fn refine(kind: Kind, ask: &Ask, description: &str) -> Kind {
    match kind {
        Kind::CountryName
            if ask.max_len <= 3
                || description.contains("iso")
                || description.contains("two-letter")
                || description.contains("country code") =>
        {
            Kind::CountryCode
        }
        Kind::Region
            if ask.max_len <= 3 || description.contains("code") && !description.contains("languagecode") =>
        {
            Kind::RegionCode
        }
        Kind::LanguageCode if description.contains("name") && !description.contains("code") => {
            Kind::LanguageName
        }
        Kind::When(role) if is_day(ask, description) => Kind::DayOf(role),
        Kind::When(Role::Recent) if description.contains("expir") => Kind::When(Role::Expires),
        Kind::Span(unit) | Kind::Length(unit, ..) => {
            let unit = unit_of(description).unwrap_or(unit);
            match kind {
                Kind::Length(_, low, high) => Kind::Length(unit, low, high),
                _ => Kind::Span(unit),
            }
        }
        other => other,
    }
}

/// Whether a text without a format is a day, not an instant.
fn is_day(ask: &Ask, description: &str) -> bool {
    ask.leaf == Leaf::Text
        && ask.format.is_empty()
        && matches!(ask.own.rsplit(' ').next(), Some("date" | "day"))
        && !["rfc", "3339", "8601", "timestamp", "date-time", "date and time"]
            .iter()
            .any(|w| description.contains(w))
}

fn unit_of(description: &str) -> Option<super::kind::Unit> {
    use super::kind::Unit;
    let units = [
        ("millisecond", Unit::Milliseconds),
        ("in ms", Unit::Milliseconds),
        ("second", Unit::Seconds),
        ("minute", Unit::Minutes),
        ("hour", Unit::Hours),
        ("days", Unit::Days),
    ];
    units.iter().find(|(word, _)| description.contains(word)).map(|(_, unit)| *unit)
}

/// `asset name` of an asset is its name.
fn without_resource(words: &str, noun: Noun) -> String {
    let debug = split_as_written(&format!("{noun:?}")).join(" ");
    words.strip_prefix(&debug).map_or(String::new(), |rest| rest.trim().to_owned())
}

pub(crate) fn is_id(words: &str) -> bool {
    words.split(' ').next_back().is_some_and(|last| matches!(last, "id" | "ids" | "uuid" | "guid" | "uid"))
}

fn by_format(ask: &Ask) -> (Kind, Often) {
    let kind = match (ask.format, ask.leaf) {
        ("email", _) => Kind::Email(super::kind::Who::Own),
        ("uuid", _) => Kind::Uuid,
        ("uri" | "url", _) => Kind::Url,
        ("ipv4" | "ipv6", _) => Kind::Ip,
        ("date" | "date-time" | "time", _) => Kind::When(Role::Recent),
        ("hostname", _) => Kind::Domain,
        ("byte" | "binary", _) => Kind::Never,
        (_, Leaf::Boolean) => Kind::Flag(0.35),
        _ => Kind::Unknown,
    };
    // Of a text of which nothing is known, nothing can be said, unless its words are given.
    let silent = kind == Kind::Never || kind == Kind::Unknown && ask.leaf == Leaf::Text && !ask.listed;
    (kind, if silent { Often::Never } else { Often::Seldom })
}

/// Returns a field's words: `photoUrls` → `photo urls`.
pub(crate) fn words_of(name: &str) -> String {
    split_as_written(name).join(" ")
}

/// Returns the words with the last in the singular: `photo urls` → `photo url`.
pub(crate) fn one_of(words: &str) -> String {
    match words.rsplit_once(' ') {
        Some((head, last)) => format!("{head} {}", singular(last)),
        None => singular(words),
    }
}
