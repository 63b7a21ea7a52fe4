//! Words for facts: a sentence a fact, as one would say it.

use crate::words;
use serde_json::Value;

/// A fact in words.
pub(super) struct Fact<'a> {
    /// What it is of its record (`return policy`).
    pub label: String,
    /// The value.
    pub value: &'a Value,
    /// The value as it is said.
    pub said: String,
}

/// Says one or more facts of a record. The variant picks among the forms.
pub(super) fn sentences(name: Option<&str>, facts: &[Fact<'_>], variant: u64) -> String {
    let name = name.filter(|n| !facts.iter().any(|f| f.said == *n));
    let (flags, rest): (Vec<&Fact>, Vec<&Fact>) = facts.iter().partition(|f| f.value.is_boolean());
    let mut out = Vec::new();
    match rest.as_slice() {
        [] => {}
        [one] => out.push(single(name, one, variant)),
        [first, more @ ..] => {
            let mut text = single(name, first, 0).trim_end_matches('.').to_owned();
            let items: Vec<String> = more
                .iter()
                .map(|f| format!("the {} {} {}", f.label, verb(&f.label), quoted(&f.said)))
                .collect();
            text.push_str(if items.len() == 1 { " and " } else { ", " });
            text.push_str(&items.join(" and "));
            out.push(close(text));
        }
    }
    out.extend(flags.iter().map(|f| flag(name, f)));
    out.join(" ")
}

fn single(name: Option<&str>, fact: &Fact<'_>, variant: u64) -> String {
    let (label, said) = (&fact.label, quoted(&fact.said));
    if matches!(label.as_str(), "name" | "title" | "subject" | "summary") {
        return close(format!("It's {}", fact.said));
    }
    let says = said.starts_with('“');
    let is = if says { speaks(label) } else { verb(label) };
    match (name, variant) {
        (Some(name), 1) if !says => close(format!("{name}: the {label} {is} {said}")),
        (Some(name), _) => close(format!("The {label} of {} {is} {said}", named(name))),
        (None, _) => close(format!("The {label} {is} {said}")),
    }
}

/// Yes or no, with what it is about.
fn flag(name: Option<&str>, fact: &Fact<'_>) -> String {
    let yes = fact.value.as_bool() == Some(true);
    let label = &fact.label;
    let state = label.split(' ').next_back().is_some_and(|w| {
        w.ends_with("ed")
            || matches!(
                w,
                "primary"
                    | "active"
                    | "valid"
                    | "public"
                    | "private"
                    | "open"
                    | "hidden"
                    | "outdated"
                    | "success"
            )
    });
    let of = name.map_or_else(String::new, |n| format!(" of {}", named(n)));
    match (state, yes) {
        (true, true) => format!("Yes, {} is {label}.", name.map_or_else(|| "it".to_owned(), named)),
        (true, false) => format!("No, {} is not {label}.", name.map_or_else(|| "it".to_owned(), named)),
        (false, true) => format!("Yes, the {label}{of} is on."),
        (false, false) => format!("No, the {label}{of} is not on."),
    }
}

/// A name as it stands in a sentence: in quotation marks where it is more than a word or two.
fn named(name: &str) -> String {
    if name.split(' ').count() > 2 { format!("“{name}”") } else { name.to_owned() }
}

/// Prose is quoted.
fn quoted(said: &str) -> String {
    let prose = said.ends_with(['.', '!', '?']) || said.split(' ').count() > 6 || said.contains('\n');
    if prose { format!("“{said}”") } else { said.to_owned() }
}

fn verb(label: &str) -> &'static str {
    if is_many(label) { "are" } else { "is" }
}

fn speaks(label: &str) -> &'static str {
    if is_many(label) { "say" } else { "says" }
}

/// Whether a label is a plural; one that begins as a statement does (`has lyrics`) is a flag's.
fn is_many(label: &str) -> bool {
    words::is_plural(label) && !label.starts_with("has ")
}

/// Ends a sentence once.
pub(super) fn close(text: String) -> String {
    if text.ends_with(['.', '!', '?']) || text.ends_with(".”") || text.ends_with("!”") || text.ends_with("?”")
    {
        text
    } else {
        text + "."
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn fact(label: &str, value: &Value) -> String {
        let said = value.as_str().map_or_else(|| value.to_string(), str::to_owned);
        sentences(Some("Riverside Drums"), &[Fact { label: label.to_owned(), value, said }], 0)
    }

    #[test]
    fn facts_are_said_as_one_would_say_them() {
        assert_eq!(fact("country code", &json!("NZ")), "The country code of Riverside Drums is NZ.");
        assert_eq!(
            fact("notes", &json!("Two taxis without receipts.")),
            "The notes of Riverside Drums say “Two taxis without receipts.”"
        );
        assert_eq!(fact("active", &json!(true)), "Yes, Riverside Drums is active.");
        assert_eq!(
            fact("opt in for tax", &json!(false)),
            "No, the opt in for tax of Riverside Drums is not on."
        );
        assert_eq!(fact("name", &json!("Al")), "It's Al.");
    }
}
