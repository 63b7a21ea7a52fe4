//! Stems of prose: its words in folded form, those that carry meaning, and what Porter2 makes of them.

use super::tokens::{TokenKind, fold, tokens};
use rust_stemmers::{Algorithm, Stemmer};
use std::collections::BTreeSet;
use std::sync::LazyLock;

static STEMMER: LazyLock<Stemmer> = LazyLock::new(|| Stemmer::create(Algorithm::English));

static FUNCTION_WORDS: LazyLock<BTreeSet<&'static str>> = LazyLock::new(|| {
    include_str!("function_words.txt")
        .lines()
        .filter(|line| !line.starts_with('#'))
        .flat_map(str::split_whitespace)
        .collect()
});

/// Whether a word (in lower case) is a function word of English.
pub fn is_stopword(word: &str) -> bool {
    FUNCTION_WORDS.contains(word)
}

/// Returns a word's stem (Porter2) in folded form.
pub fn stem(word: &str) -> String {
    STEMMER.stem(&fold(word)).into_owned()
}

/// Returns the stems of a text's words and its numbers, in order. Letters and digits that touch are one word.
pub fn stems(text: &str) -> Vec<String> {
    folded_words(text).into_iter().map(|w| stem_folded(&w)).collect()
}

/// Returns the stems of a text's words that carry meaning, in order.
pub fn content_stems(text: &str) -> Vec<String> {
    folded_words(text).into_iter().filter(|w| !is_stopword(w)).map(|w| stem_folded(&w)).collect()
}

fn stem_folded(word: &str) -> String {
    STEMMER.stem(word.trim_end_matches("'s")).into_owned()
}

/// Returns a text's words in folded form; letters and digits that touch are one word.
pub fn folded_words(text: &str) -> Vec<String> {
    let mut words: Vec<String> = Vec::new();
    let mut last_end = usize::MAX;
    for token in tokens(&fold(text)) {
        if token.kind == TokenKind::Sign {
            continue;
        }
        match words.last_mut() {
            Some(word) if token.start == last_end => word.push_str(&token.text),
            _ => words.push(token.text),
        }
        last_end = token.end;
    }
    words
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn stems_leave_function_words_and_possessives_out() {
        assert!(is_stopword("the") && is_stopword("aren't") && !is_stopword("paint"));
        assert_eq!(stems("Anna's 2nd deliveries"), ["anna", "2nd", "deliveri"]);
        assert_eq!(content_stems("the deliveries of Anna"), ["deliveri", "anna"]);
    }
}
