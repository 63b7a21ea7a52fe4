//! Words as specs write them. Whole texts are read in `docs`.

pub use super::docs::{plain, sentences, shorten, without_lead};
use crate::words::ascii;
pub use crate::words::{a, capital, is_plural, plural, singular, split_as_written as words};

/// Splits an identifier into the words that functions and addresses are named by: in ASCII, so with accents off, and without
/// letters of other scripts.
pub fn ascii_words(identifier: &str) -> Vec<String> {
    words(identifier).iter().map(|word| ascii(word)).filter(|word| !word.is_empty()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_made_of_ascii_words() {
        assert_eq!(ascii_words("getGrößeById"), ["get", "grosse", "by", "id"]);
        assert_eq!(ascii_words("查询Orders"), ["orders"]);
        assert!(ascii_words("検索").is_empty());
    }
}
