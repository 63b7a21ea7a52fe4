//! Identifiers as words.

use crate::words;

/// Spells a word as most identifiers do.
pub fn american(word: String) -> String {
    const BRITISH: [&str; 6] = ["colour", "favour", "neighbour", "honour", "behaviour", "labour"];
    if BRITISH.iter().any(|b| word.starts_with(b)) { word.replacen("our", "or", 1) } else { word }
}

/// Splits an identifier into words in lower case, spelled as most identifiers are.
pub fn split(identifier: &str) -> Vec<String> {
    words::split(identifier).into_iter().map(american).collect()
}

/// Returns the stems of an identifier's words.
pub fn stems(identifier: &str) -> Vec<String> {
    split(identifier).iter().map(|w| words::stem(w)).collect()
}

/// Returns the stems of an identifier's words, the last in the singular.
pub fn noun(identifier: &str) -> Vec<String> {
    let mut words = split(identifier);
    if let Some(last) = words.last_mut() {
        *last = words::singular(last);
    }
    words.iter().map(|w| words::stem(w)).collect()
}

/// Returns the noun of one of several things; a plural that people use of one thing stays.
pub fn one_of(phrase: &str) -> String {
    if words::is_several(phrase) { words::singular(phrase) } else { phrase.to_owned() }
}

/// How well one noun fits another, 0–1: heads weigh more than what stands before them.
pub fn alike(a: &[String], b: &[String]) -> f64 {
    let (Some(head_a), Some(head_b)) = (a.last(), b.last()) else { return 0.0 };
    if a == b {
        return 1.0;
    }
    let shared = |x: &[String], y: &[String]| x.iter().filter(|w| y.contains(w)).count() as f64;
    if head_a == head_b {
        return 0.6 + 0.35 * shared(a, b) / a.len().max(b.len()) as f64;
    }
    0.4 * shared(a, b) / a.len().max(b.len()) as f64
}

/// Whether two stems are of one word: equal, or forms that the stemmer left apart (`verif`, `verifi`).
pub fn same(a: &str, b: &str) -> bool {
    if a == b {
        return true;
    }
    let short = a.len().min(b.len());
    short >= 5 && a.len().abs_diff(b.len()) <= 2 && a.as_bytes()[..short] == b.as_bytes()[..short]
}

/// Everyday words for what specs call otherwise, as stems.
const MEANS: &[(&str, &str)] = &[
    ("note", "comment"),
    ("remark", "comment"),
    ("project", "collect"),
    ("board", "collect"),
    ("meet", "event"),
    ("appoint", "event"),
    ("todo", "task"),
    ("song", "track"),
    ("band", "artist"),
    ("singer", "artist"),
    ("colleagu", "user"),
    ("vehicl", "devic"),
    ("truck", "devic"),
    ("van", "devic"),
    ("issu", "ticket"),
    ("bug", "ticket"),
    ("record", "album"),
    ("town", "citi"),
    ("nation", "countri"),
    ("cat", "pet"),
    ("dog", "pet"),
    ("app", "applic"),
    ("profil", "user"),
    ("profil", "account"),
];

/// Whether a word that was said means a noun that tools speak of.
pub fn means(said: &str, noun: &str) -> bool {
    said == noun || MEANS.iter().any(|(word, of)| *word == said && *of == noun)
}
