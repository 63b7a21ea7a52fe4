//! Prose that a model composed: allowed where a parameter is free text, and only of what is known.

use super::known::Known;
use crate::checks::natural::{Hint, find_names, find_numbers};
use crate::words::is_ordinary;
use crate::words::{folded_words, is_stopword, split, stem, stems};
use serde_json::Value;
use std::collections::BTreeSet;

const FREE: [&str; 24] = [
    "message",
    "text",
    "body",
    "description",
    "notes",
    "note",
    "comment",
    "comments",
    "content",
    "summary",
    "title",
    "subject",
    "details",
    "reason",
    "memo",
    "caption",
    "reply",
    "html",
    "markdown",
    "bio",
    "review",
    "feedback",
    "instructions",
    "remarks",
];

/// Most words of composed prose.
const WORDS_MAX: usize = 80;

/// Returns the calls that composed prose draws on; `None` where the parameter is not free text, or the text holds a
/// number, a name or too many words that nothing supports.
pub(super) fn composed(value: &Value, hint: &Hint<'_>, known: &Known<'_>) -> Option<BTreeSet<usize>> {
    let text = value.as_str()?;
    let free = split(hint.name).iter().any(|w| FREE.contains(&w.as_str()));
    let fixed = hint.schema.is_some_and(|s| ["enum", "const", "pattern"].iter().any(|k| s.get(k).is_some()));
    let words = folded_words(text);
    if !free || fixed || words.is_empty() || words.len() > WORDS_MAX {
        return None;
    }
    let supported = |word: &str| {
        let stem = stem(word);
        known.instruction_stems().contains(&stem) || known.result_stems().contains(&stem)
    };
    let numbers = find_numbers(text).into_iter().filter(|f| !f.value.worded);
    let numbers_known = numbers.map(|f| f.span).all(|span| stems(&text[span]).iter().all(|s| supported(s)));
    let names_known = find_names(text)
        .iter()
        .filter(|f| f.primary)
        .all(|f| folded_words(&f.value).iter().all(|w| supported(w) || is_stopword(w)));
    if !numbers_known || !names_known {
        return None;
    }
    let content: Vec<&String> = words.iter().filter(|w| !is_stopword(w)).collect();
    let foreign: Vec<&&String> = content.iter().filter(|w| !supported(w)).collect();
    if foreign.iter().any(|w| !is_ordinary(w)) || foreign.len() * 10 > content.len() * 4 {
        return None;
    }
    // The calls whose results hold words that neither the instruction nor the session does.
    let drawn: Vec<String> =
        content.iter().map(|w| stem(w)).filter(|s| !known.instruction_stems().contains(s)).collect();
    let needs = known
        .seen
        .iter()
        .filter(|s| s.value.as_str().is_some_and(|v| stems(v).iter().any(|x| drawn.contains(x))));
    Some(needs.map(|s| s.call).take(1).collect())
}
