//! Words: identifiers split into them, labels, enum glosses, plurals, stems.

use super::tokens::{TokenKind, fold, tokens};
use rust_stemmers::{Algorithm, Stemmer};
use std::sync::LazyLock;

static STEMMER: LazyLock<Stemmer> = LazyLock::new(|| Stemmer::create(Algorithm::English));

const ACRONYMS: [&str; 22] = [
    "id", "url", "uri", "api", "ip", "sms", "gps", "iso", "uuid", "vin", "sku", "vat", "iban", "utc", "pdf",
    "html", "isbn", "gtin", "upc", "ean", "faq", "usd",
];

/// Splits an identifier into its words in lower case: `lastUpdate`, `last_update`, `LAST-UPDATE` → `last`, `update`.
pub fn split_identifier(identifier: &str) -> Vec<String> {
    let chars: Vec<char> = identifier.chars().collect();
    let mut words: Vec<String> = Vec::new();
    let mut word = String::new();
    for (i, &c) in chars.iter().enumerate() {
        if !c.is_alphanumeric() {
            push_word(&mut words, &mut word);
            continue;
        }
        let before = i.checked_sub(1).map(|j| chars[j]);
        let after = chars.get(i + 1).copied();
        let starts = match before {
            None => false,
            Some(b) => {
                (c.is_uppercase() && (b.is_lowercase() || b.is_ascii_digit()))
                    || (c.is_uppercase() && b.is_uppercase() && after.is_some_and(char::is_lowercase))
                    || (c.is_ascii_digit() && b.is_alphabetic() && word.chars().count() > 2)
            }
        };
        if starts {
            push_word(&mut words, &mut word);
        }
        word.extend(c.to_lowercase());
    }
    push_word(&mut words, &mut word);
    words
}

fn push_word(words: &mut Vec<String>, word: &mut String) {
    if !word.is_empty() {
        words.push(std::mem::take(word));
    }
}

/// Returns a field's name as people write it: `lastUpdate` → `last update`, `petId` → `pet ID`.
pub fn label(identifier: &str) -> String {
    let words: Vec<String> = split_identifier(identifier)
        .into_iter()
        .map(|w| if ACRONYMS.contains(&w.as_str()) { w.to_uppercase() } else { w })
        .collect();
    words.join(" ")
}

/// Returns an enum's value in words: `outOfOffice` → `out of office`, `FINISHED_GOODS` → `finished goods`.
/// A value with spaces, or one that looks like a code (`EUR`, `3xl`), is left as it is.
pub fn enum_words(value: &str) -> String {
    let has_letters = value.chars().any(char::is_alphabetic);
    if !has_letters || value.contains(' ') || value.contains('/') {
        return value.to_owned();
    }
    let short_code = value.len() <= 3 && value.chars().all(|c| c.is_ascii_uppercase() || c.is_ascii_digit());
    if short_code || value.chars().any(|c| c.is_ascii_digit()) {
        return value.to_owned();
    }
    split_identifier(value).join(" ")
}

const IRREGULAR: [(&str, &str); 14] = [
    ("person", "people"),
    ("child", "children"),
    ("man", "men"),
    ("woman", "women"),
    ("foot", "feet"),
    ("mouse", "mice"),
    ("goose", "geese"),
    ("leaf", "leaves"),
    ("shelf", "shelves"),
    ("index", "indices"),
    ("criterion", "criteria"),
    ("bus", "buses"),
    ("status", "statuses"),
    ("address", "addresses"),
];

const UNCOUNTED: [&str; 16] = [
    "news",
    "series",
    "species",
    "information",
    "equipment",
    "sheep",
    "fish",
    "media",
    "data",
    "metadata",
    "feedback",
    "weather",
    "stock",
    "inventory",
    "history",
    "settings",
];

/// Returns the plural of an English noun phrase: its last word's.
pub fn plural(noun: &str) -> String {
    let (head, last) = noun.rsplit_once(' ').map_or(("", noun), |(h, l)| (h, l));
    let lower = last.to_lowercase();
    let made = if let Some((_, many)) = IRREGULAR.iter().find(|(one, many)| *one == lower || *many == lower) {
        (*many).to_owned()
    } else if UNCOUNTED.contains(&lower.as_str()) || (lower.ends_with('s') && singular(&lower) != lower) {
        last.to_owned()
    } else if ends_in_consonant_y(&lower) {
        format!("{}ies", &last[..last.len() - 1])
    } else if ["s", "x", "z", "ch", "sh"].iter().any(|end| lower.ends_with(end)) {
        format!("{last}es")
    } else {
        format!("{last}s")
    };
    if head.is_empty() { made } else { format!("{head} {made}") }
}

fn ends_in_consonant_y(word: &str) -> bool {
    word.strip_suffix('y').and_then(|stem| stem.chars().last()).is_some_and(|c| !"aeiou".contains(c))
}

/// Returns the singular of an English noun phrase: its last word's.
pub fn singular(noun: &str) -> String {
    let (head, last) = noun.rsplit_once(' ').map_or(("", noun), |(h, l)| (h, l));
    let lower = last.to_lowercase();
    let keep = |n: usize| last[..last.len() - n].to_owned();
    let made = if let Some((one, _)) = IRREGULAR.iter().find(|(one, many)| *one == lower || *many == lower) {
        (*one).to_owned()
    } else if UNCOUNTED.contains(&lower.as_str()) || lower.len() < 3 {
        last.to_owned()
    } else if lower.ends_with("ies") && lower.len() > 4 && lower != "movies" && lower != "cookies" {
        format!("{}y", keep(3))
    } else if ["sses", "xes", "zes", "ches", "shes"].iter().any(|e| lower.ends_with(e)) {
        keep(2)
    } else if lower.ends_with('s') && !["ss", "us", "is", "as"].iter().any(|e| lower.ends_with(e)) {
        keep(1)
    } else {
        last.to_owned()
    };
    if head.is_empty() { made } else { format!("{head} {made}") }
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

const STOPWORDS: &[&str] = &[
    "a",
    "about",
    "above",
    "after",
    "again",
    "all",
    "also",
    "am",
    "an",
    "and",
    "any",
    "are",
    "aren't",
    "as",
    "at",
    "be",
    "because",
    "been",
    "before",
    "being",
    "below",
    "between",
    "both",
    "but",
    "by",
    "can",
    "can't",
    "cannot",
    "could",
    "couldn't",
    "did",
    "didn't",
    "do",
    "does",
    "doesn't",
    "doing",
    "don't",
    "down",
    "during",
    "each",
    "few",
    "for",
    "from",
    "further",
    "get",
    "got",
    "had",
    "hadn't",
    "has",
    "hasn't",
    "have",
    "haven't",
    "having",
    "he",
    "he's",
    "her",
    "here",
    "here's",
    "hers",
    "herself",
    "hey",
    "hi",
    "him",
    "himself",
    "his",
    "how",
    "i",
    "i'd",
    "i'll",
    "i'm",
    "i've",
    "if",
    "in",
    "into",
    "is",
    "isn't",
    "it",
    "it's",
    "its",
    "itself",
    "just",
    "let",
    "let's",
    "may",
    "me",
    "might",
    "more",
    "most",
    "must",
    "my",
    "myself",
    "no",
    "nor",
    "not",
    "now",
    "of",
    "off",
    "on",
    "once",
    "one",
    "only",
    "or",
    "other",
    "ought",
    "our",
    "ours",
    "ourselves",
    "out",
    "over",
    "own",
    "please",
    "same",
    "shall",
    "she",
    "she's",
    "should",
    "shouldn't",
    "so",
    "some",
    "such",
    "than",
    "thank",
    "thanks",
    "that",
    "that's",
    "the",
    "their",
    "theirs",
    "them",
    "themselves",
    "then",
    "there",
    "there's",
    "these",
    "they",
    "they're",
    "this",
    "those",
    "through",
    "to",
    "too",
    "under",
    "until",
    "up",
    "us",
    "very",
    "was",
    "wasn't",
    "we",
    "we'd",
    "we'll",
    "we're",
    "we've",
    "were",
    "weren't",
    "what",
    "what's",
    "when",
    "where",
    "which",
    "while",
    "who",
    "whom",
    "whose",
    "why",
    "will",
    "with",
    "won't",
    "would",
    "wouldn't",
    "yet",
    "you",
    "you'd",
    "you'll",
    "you're",
    "you've",
    "your",
    "yours",
    "yourself",
];

/// Whether a word (in lower case) is a function word of English.
pub fn is_stopword(word: &str) -> bool {
    STOPWORDS.binary_search(&word).is_ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn identifiers_become_the_words_people_write() {
        for (identifier, words) in [
            ("lastUpdate", "last update"),
            ("artist_country", "artist country"),
            ("petId", "pet ID"),
            ("HTTPServer", "http server"),
            ("due", "due"),
            ("X-Request-Type", "x request type"),
            ("address2", "address 2"),
        ] {
            assert_eq!(label(identifier), words);
        }
    }

    #[test]
    fn enum_values_become_words_and_codes_stay() {
        for (value, words) in [
            ("outOfOffice", "out of office"),
            ("FINISHED_GOODS", "finished goods"),
            ("available", "available"),
            ("EUR", "EUR"),
            ("needsAction", "needs action"),
            ("in-progress", "in progress"),
        ] {
            assert_eq!(enum_words(value), words);
        }
    }

    #[test]
    fn plurals_and_singulars_undo_each_other() {
        for (one, many) in [
            ("pet", "pets"),
            ("task list", "task lists"),
            ("category", "categories"),
            ("person", "people"),
            ("box", "boxes"),
            ("status", "statuses"),
            ("bus", "buses"),
            ("delivery", "deliveries"),
            ("day", "days"),
        ] {
            assert_eq!(plural(one), many);
            assert_eq!(singular(many), one);
            assert_eq!(plural(many), many);
        }
    }

    #[test]
    fn stopwords_are_sorted_for_the_search() {
        assert!(STOPWORDS.is_sorted());
        assert!(is_stopword("the") && !is_stopword("paint"));
    }
}
