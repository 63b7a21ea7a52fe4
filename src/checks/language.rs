//! A cheap check that a text is English.

use crate::words::{TokenKind, is_stopword, tokens};

const FOREIGN: [&str; 40] = [
    "der", "die", "das", "und", "ist", "nicht", "ein", "eine", "ich", "mit", "für", "le", "les", "des",
    "est", "une", "dans", "pour", "avec", "que", "el", "los", "las", "una", "por", "para", "con", "het",
    "een", "niet", "van", "voor", "il", "che", "della", "uma", "não", "também", "och", "är",
];

/// Whether a text is English: Latin letters, and where it is long enough English function words, more of them than
/// of other languages.
pub fn is_english(text: &str) -> bool {
    let letters = text.chars().filter(|c| c.is_alphabetic()).count();
    let ascii = text.chars().filter(char::is_ascii_alphabetic).count();
    if letters == 0 || (ascii as f64) < 0.85 * letters as f64 {
        return false;
    }
    let words: Vec<String> =
        tokens(text).into_iter().filter(|t| t.kind == TokenKind::Word).map(|t| t.text).collect();
    let english = words.iter().filter(|w| is_stopword(w)).count();
    let foreign = words.iter().filter(|w| FOREIGN.contains(&w.as_str()) && !is_stopword(w)).count();
    if words.len() < 8 {
        return foreign <= english.max(1);
    }
    english * 10 >= words.len() && english > foreign
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn english_passes_short_or_long() {
        for text in [
            "fuel level van 2?",
            "Which of my trucks hasn't reported since Monday?",
            "Weather in San José del Monte tomorrow",
            "I bought the paint. Tick it off my 'Flat' list and read me what's left there for this week.",
        ] {
            assert!(is_english(text), "{text}");
        }
    }

    #[test]
    fn other_languages_do_not() {
        for text in [
            "Welche meiner Lastwagen haben sich seit Montag nicht gemeldet und wo ist der Fahrer?",
            "Quels camions sont dans le dépôt de Lyon et qui est le chauffeur pour demain ?",
            "東京の天気は?",
            "1234",
        ] {
            assert!(!is_english(text), "{text}");
        }
    }
}
