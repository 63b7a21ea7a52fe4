//! What an operation's own texts come to: its description, and its documentation in three lengths.

use super::facts::Facts;
use super::lengths::{LONG, MEDIUM, SHORT, tokens};
use super::plain::{blocks, sentences};
use super::verbs::acts;
use super::{boilerplate, bytes, language, lengths, plain, without_lead};
use crate::crawl::prose::{capital, singular, words};
use crate::data::Docs;

/// Longest description of a tool, in bytes.
pub const DESCRIPTION_MAX: usize = 600;

/// What a spec says of an operation.
pub struct Said<'a> {
    /// Its summary, or nothing.
    pub summary: &'a str,
    /// Its description, or nothing.
    pub description: &'a str,
    /// What is said where both say nothing: a sentence.
    pub otherwise: &'a str,
}

/// Describes an operation: all it says, up to `DESCRIPTION_MAX` bytes; nothing where it says nothing.
pub fn describe(summary: &str, description: &str) -> Option<String> {
    let summary = plain(summary);
    let text = without_lead(&plain(description));
    let joined = join(&summary, &text);
    let said = bytes::shorten(&joined, DESCRIPTION_MAX);
    (letters(&said) >= 3).then(|| capital(&said))
}

fn letters(text: &str) -> usize {
    text.chars().filter(|c| c.is_alphabetic()).count()
}

/// Joins summary and description without saying anything twice.
fn join(summary: &str, text: &str) -> String {
    let bare = |t: &str| t.trim_end_matches(['.', '!', ' ']).to_lowercase();
    let (short, long) = (bare(summary), bare(text));
    if short.is_empty() {
        return text.to_owned();
    }
    if long.is_empty() || short == long || short.starts_with(&long) {
        return summary.to_owned();
    }
    if long.starts_with(&short) {
        return text.to_owned();
    }
    if overlap(summary, text) {
        return if indirect(text) { summary.to_owned() } else { text.to_owned() };
    }
    let mark = if summary.ends_with(['.', '!', '?', ':']) { "" } else { "." };
    format!("{summary}{mark} {}", capital(text))
}

/// Tells whether a description's first sentence says all that the summary says.
fn overlap(summary: &str, text: &str) -> bool {
    let stems = |t: &str| -> Vec<String> { words(t).iter().map(|w| singular(w)).collect() };
    let first = sentences(text).first().map(|s| stems(s)).unwrap_or_default();
    let summary = stems(summary);
    summary.len() >= 2 && summary.iter().all(|w| first.contains(w))
}

/// Tells whether a sentence does not begin with what is done.
fn indirect(sentence: &str) -> bool {
    let first = words(sentence).into_iter().next().unwrap_or_default();
    matches!(
        first.as_str(),
        "by" | "you" | "this" | "the" | "in" | "with" | "when" | "if" | "an" | "a" | "allows"
    )
}

/// Writes the documentation in three lengths, and tells its language. Where a text is shorter than the shortest band, the
/// structure says the rest.
pub fn write(said: &Said<'_>, facts: &Facts<'_>) -> Docs {
    let summary = title(&plain(said.summary), said.description);
    let mut all = boilerplate::without(&blocks(said.description));
    if all.is_empty() && letters(&summary) < 3 {
        // what is all noise still says more than nothing
        all = sentences(&plain(said.description))
            .into_iter()
            .filter(|s| boilerplate::is_text(s))
            .take(2)
            .map(capital)
            .collect();
        all.iter_mut().for_each(boilerplate::finish);
    }
    if let Some(first) = all.first_mut() {
        *first = without_lead(first);
    }
    act_first(&mut all, letters(&summary) >= 3);
    lead(&summary, &mut all);
    if all.iter().map(|s| letters(s)).sum::<usize>() < 3 {
        all = vec![said.otherwise.to_owned()];
    }
    let lang = language::language(&all.join(" ")).map(str::to_owned);
    let own: usize = all.iter().map(|s| tokens(s)).sum();
    let english = lang.as_deref().is_none_or(|l| l == "en");
    let mut short = lengths::write(&all, SHORT);
    if english && tokens(&short) < SHORT.min {
        // whichever sentence fits
        for fact in facts.sentences(&short, 2) {
            if tokens(&short) + tokens(&fact) <= SHORT.max {
                short = format!("{short} {fact}");
            }
        }
    }
    if english && own < SHORT.min {
        all.extend(facts.sentences(&all.join(" "), 5));
    }
    Docs { short, medium: lengths::write(&all, MEDIUM), long: lengths::write(&all, LONG), lang, quality: 0.0 }
}

/// Makes a sentence of a summary. An identifier or a path says less than a description.
fn title(summary: &str, description: &str) -> String {
    let summary = summary.trim_end_matches([':', ' ']);
    if summary.starts_with('/') || !summary.contains(' ') && !summary.is_empty() && summary.is_ascii() {
        if description.trim().len() > summary.len() {
            return String::new();
        }
        return capital(&words(summary).join(" "));
    }
    let bare = summary
        .split_once(": ")
        .filter(|(label, _)| label.eq_ignore_ascii_case("crud"))
        .map_or(summary, |(_, s)| s);
    capital(&without_lead(bare))
}

/// Puts the summary first, unless the first sentence says it as well; then the better one of the two stays.
fn lead(summary: &str, all: &mut Vec<String>) {
    if letters(summary) < 3 {
        return;
    }
    let mut said: Vec<String> = sentences(summary).into_iter().filter_map(boilerplate::told).collect();
    if said.is_empty() {
        said.push(summary.to_owned());
    }
    said.iter_mut().for_each(boilerplate::finish);
    let Some(first) = all.first() else {
        *all = said;
        return;
    };
    let (short, long) = (meaning(&said[0]), meaning(first));
    let within = |a: &[String], b: &[String]| !a.is_empty() && a.iter().all(|w| b.contains(w));
    let repeats = within(&short, &long);
    if within(&long, &short) && !(repeats && acts(first))
        || repeats && !acts(first) && long.len() <= short.len() + 3
    {
        all.splice(0..1, said);
    } else if !(repeats && acts(first)) {
        all.splice(0..0, said);
    }
}

/// Puts the sentence that says what is done before notes that stand above it.
fn act_first(all: &mut [String], titled: bool) {
    /// Notes that may stand above.
    const NOTES: usize = 3;
    if all.first().is_some_and(|first| acts(first)) {
        return;
    }
    let Some(at) = all.iter().take(NOTES + 1).position(|s| acts(s) || !titled && acts(&without_lead(s)))
    else {
        return;
    };
    all[at] = without_lead(&all[at]);
    all[..=at].rotate_right(1);
}

/// The words that carry a sentence's meaning, verbs of the same kind made one.
fn meaning(sentence: &str) -> Vec<String> {
    let mut out: Vec<String> = Vec::new();
    for word in words(sentence) {
        let word = singular(&word);
        let known = match word.as_str() {
            "a" | "an" | "the" | "of" | "for" | "to" | "in" | "by" | "all" | "this" | "that" | "from"
            | "with" | "on" | "is" | "are" | "your" | "specified" | "given" | "specific" | "information"
            | "detail" | "about" | "one" | "single" | "legacy" | "existing" | "new" | "and" | "it"
            | "which" | "some" | "data" => continue,
            "get" | "retrieve" | "return" | "fetch" | "list" | "show" | "describe" | "find" | "view"
            | "read" | "search" => "get",
            "create" | "add" | "insert" | "post" => "create",
            "update" | "modify" | "edit" | "change" | "patch" | "set" | "replace" => "update",
            "delete" | "remove" | "destroy" | "deletes" => "delete",
            other => other,
        };
        if !out.iter().any(|w| w == known) {
            out.push(known.to_owned());
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn summary_and_description_do_not_repeat_each_other() {
        assert_eq!(join("List Tickets", "List tickets"), "List Tickets");
        assert_eq!(join("Find pet by ID", "Returns a single pet"), "Find pet by ID. Returns a single pet");
    }
}
