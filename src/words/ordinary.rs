//! The committed list of ordinary words.

use super::noun::singular;
use std::collections::BTreeSet;
use std::sync::LazyLock;

static ORDINARY: LazyLock<BTreeSet<&'static str>> = LazyLock::new(|| {
    include_str!("ordinary.txt").lines().filter(|l| !l.starts_with('#') && !l.is_empty()).collect()
});

/// Whether a word (or its singular) is one that people use in talk.
pub fn is_ordinary(word: &str) -> bool {
    let word = word.to_lowercase();
    ORDINARY.contains(word.as_str()) || ORDINARY.contains(singular(&word).as_str())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn talk_is_ordinary_and_code_is_not() {
        for word in ["pet", "orders", "task", "calendar", "status", "name", "Pets"] {
            assert!(is_ordinary(word), "{word}");
        }
        for word in ["endpoint", "petid", "querystring", "api", "dto"] {
            assert!(!is_ordinary(word), "{word}");
        }
    }
}
