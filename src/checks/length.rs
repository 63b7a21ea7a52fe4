//! How long an instruction may be.

use crate::words::{TokenKind, tokens};

/// Fewest words of an instruction.
pub const WORDS_MIN: usize = 3;
/// Most words of an instruction.
pub const WORDS_MAX: usize = 120;

/// Returns how many words and numbers a text has.
pub fn words(text: &str) -> usize {
    let toks = tokens(text);
    let glued = |i: usize| i > 0 && toks[i - 1].kind != TokenKind::Sign && toks[i - 1].end == toks[i].start;
    (0..toks.len()).filter(|&i| toks[i].kind != TokenKind::Sign && !glued(i)).count()
}

/// Returns what is wrong with an instruction's length.
pub fn fault(text: &str) -> Option<String> {
    match words(text) {
        n if n < WORDS_MIN => Some(format!("{n} words are fewer than {WORDS_MIN}")),
        n if n > WORDS_MAX => Some(format!("{n} words are more than {WORDS_MAX}")),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_instruction_has_a_few_words_and_not_too_many() {
        assert_eq!(fault("is it sold?"), None);
        assert!(fault("Pets?").is_some());
        assert!(fault(&"very ".repeat(200)).is_some());
        assert_eq!(words("3pm on the 14th, please"), 5);
    }
}
