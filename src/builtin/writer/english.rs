//! The writer's small English: prepositions of time, capitals around values, and the marks that keep values as they are.

use crate::words;

/// Opens a stretch that no later step may touch: a value.
pub const OPEN: char = '\u{E000}';
/// Closes such a stretch.
pub const CLOSE: char = '\u{E001}';

/// Returns a value as it stands, guarded against every later change.
pub fn guard(value: &str) -> String {
    format!("{OPEN}{value}{CLOSE}")
}

/// Removes the guards.
pub fn unguard(text: &str) -> String {
    text.chars().filter(|c| *c != OPEN && *c != CLOSE).collect()
}

/// Replaces each guarded stretch by a box: the skeleton of an instruction.
#[cfg(test)]
pub fn skeleton(text: &str) -> String {
    let mut out = String::new();
    let mut inside = false;
    for c in text.chars() {
        match c {
            OPEN => {
                inside = true;
                out.push('□');
            }
            CLOSE => inside = false,
            _ if inside => {}
            _ => out.push(c),
        }
    }
    out
}

/// Applies a change to the stretches that are not guarded.
pub fn outside(text: &str, change: &mut dyn FnMut(&str) -> String) -> String {
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(open) = rest.find(OPEN) {
        let close = rest[open..].find(CLOSE).map_or(rest.len(), |at| open + at + CLOSE.len_utf8());
        out.push_str(&change(&rest[..open]));
        out.push_str(&rest[open..close]);
        rest = &rest[close..];
    }
    out.push_str(&change(rest));
    out
}

/// Words that a time phrase may begin with and that take no preposition.
const FREE_TIMES: [&str; 30] = [
    "today",
    "tomorrow",
    "yesterday",
    "tonight",
    "next",
    "this",
    "last",
    "in",
    "on",
    "at",
    "by",
    "from",
    "every",
    "now",
    "since",
    "before",
    "after",
    "until",
    "within",
    "for",
    "a",
    "an",
    "two",
    "three",
    "right",
    "later",
    "first",
    "end",
    "early",
    "during",
];

/// Returns a time phrase with its preposition: `on Friday`, `at 3 pm`, `in 2027`, `next week`.
pub fn on(value: &str) -> String {
    let guarded = guard(value);
    match time_preposition(value) {
        "" => guarded,
        word => format!("{word} {guarded}"),
    }
}

/// Returns a time phrase after another preposition (`by`, `until`), unless it has its own.
pub fn with_preposition(word: &str, value: &str) -> String {
    let first = value.split(' ').next().unwrap_or_default().to_lowercase();
    if ["on", "at", "in", "by", "from", "since", "before", "after", "until", "within", "for", "during"]
        .contains(&first.as_str())
    {
        return guard(value);
    }
    format!("{word} {}", guard(value))
}

fn time_preposition(value: &str) -> &'static str {
    let lower = value.trim().to_lowercase();
    let said: Vec<&str> = lower.split([' ', ',']).filter(|w| !w.is_empty()).collect();
    let Some(first) = said.first() else { return "" };
    if FREE_TIMES.contains(first) {
        return "";
    }
    if ["noon", "midnight", "midday"].contains(first) {
        return "at";
    }
    let year = |w: &str| w.len() == 4 && w.chars().all(|c| c.is_ascii_digit());
    if words::is_month(first) {
        return if said.len() == 1 || (said.len() == 2 && year(said[1])) { "in" } else { "on" };
    }
    if said.len() == 1 && year(first) {
        return "in";
    }
    let clock = first.contains(':') && !first.contains('-')
        || first.ends_with("am")
        || first.ends_with("pm")
        || said.get(1).is_some_and(|w| *w == "am" || *w == "pm" || *w == "o'clock");
    if clock { "at" } else { "on" }
}

/// Upper-cases the first letter, unless a value stands there.
pub fn capital(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut done = false;
    for c in text.chars() {
        if done {
            out.push(c);
        } else if c.is_alphanumeric() || c == OPEN {
            out.extend(c.to_uppercase());
            done = true;
        } else {
            out.push(c);
        }
    }
    out
}

/// Lower-cases the first letter of ordinary prose (`I'm` stays).
pub fn uncapital(text: &str) -> String {
    let first = text.split([' ', ',', '\'', '’']).next().unwrap_or_default();
    let mut chars = text.chars();
    match chars.next() {
        Some(c)
            if c.is_uppercase() && first != "I" && !STAY.contains(&first) && !words::is_weekday(first) =>
        {
            c.to_lowercase().chain(chars).collect()
        }
        _ => text.to_owned(),
    }
}

/// Words beside the days that keep their capital within a sentence.
const STAY: [&str; 9] = ["GPS", "SMS", "IT", "HR", "QA", "PR", "Black", "Christmas", "CRM"];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_get_their_preposition() {
        for (value, want) in [
            ("Friday", "on Friday"),
            ("next Friday at 3 pm", "next Friday at 3 pm"),
            ("3 pm", "at 3 pm"),
            ("15:30", "at 15:30"),
            ("28 November", "on 28 November"),
            ("November 2027", "in November 2027"),
            ("2027", "in 2027"),
            ("2026-11-28", "on 2026-11-28"),
        ] {
            assert_eq!(unguard(&on(value)), want);
        }
    }
}
