//! Splits text into words, numbers and signs with their places.

use std::fmt::Write as _;

/// What a token is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TokenKind {
    /// Letters, with apostrophes inside.
    Word,
    /// Digits.
    Digits,
    /// One other sign.
    Sign,
}

/// A word, a run of digits or a sign.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Token {
    /// What it is.
    pub kind: TokenKind,
    /// Its text in lower case.
    pub text: String,
    /// Where it begins, in bytes.
    pub start: usize,
    /// Where it ends, in bytes.
    pub end: usize,
}

impl Token {
    /// Whether it is this word or sign (given in lower case).
    pub fn is(&self, text: &str) -> bool {
        self.text == text
    }

    /// Returns its number, where it is digits.
    pub fn digits(&self) -> Option<i64> {
        if self.kind == TokenKind::Digits { self.text.parse().ok() } else { None }
    }
}

/// Splits text into tokens; whitespace separates and is left out. `3pm` is two tokens that touch.
pub fn tokens(text: &str) -> Vec<Token> {
    let mut out: Vec<Token> = Vec::new();
    let mut chars = text.char_indices().peekable();
    while let Some((start, c)) = chars.next() {
        if c.is_whitespace() {
            continue;
        }
        let kind = if c.is_ascii_digit() {
            TokenKind::Digits
        } else if c.is_alphabetic() {
            TokenKind::Word
        } else {
            TokenKind::Sign
        };
        let mut end = start + c.len_utf8();
        if kind != TokenKind::Sign {
            while let Some(&(at, next)) = chars.peek() {
                let belongs = match kind {
                    TokenKind::Digits => next.is_ascii_digit(),
                    _ => next.is_alphabetic() || (is_apostrophe(next) && letter_follows(text, at)),
                };
                if !belongs {
                    break;
                }
                end = at + next.len_utf8();
                chars.next();
            }
        }
        let text = text[start..end].to_lowercase().replace('’', "'");
        out.push(Token { kind, text, start, end });
    }
    out
}

fn is_apostrophe(c: char) -> bool {
    c == '\'' || c == '’'
}

fn letter_follows(text: &str, at: usize) -> bool {
    text[at..].chars().nth(1).is_some_and(char::is_alphabetic)
}

/// Folds a text for comparison: lower case, plain quotes and dashes, common accents off, one space for any whitespace.
pub fn fold(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut space = true;
    for c in text.chars() {
        if c.is_whitespace() {
            if !space {
                out.push(' ');
            }
            space = true;
            continue;
        }
        space = false;
        match c {
            '’' | '‘' | '`' => out.push('\''),
            '“' | '”' | '„' | '«' | '»' => out.push('"'),
            '–' | '—' | '‑' | '−' => out.push('-'),
            '…' => out.push_str("..."),
            _ => {
                for lower in c.to_lowercase() {
                    if lower.is_ascii() {
                        out.push(lower);
                    } else {
                        push_plain(lower, &mut out);
                    }
                }
            }
        }
    }
    while out.ends_with(' ') {
        out.pop();
    }
    out
}

/// Returns a text in lower-case ASCII letters and digits, accents off and all else left out: `Håkon` → `hakon`.
pub fn ascii(text: &str) -> String {
    fold(text).chars().filter(char::is_ascii_alphanumeric).collect()
}

fn push_plain(c: char, out: &mut String) {
    let plain = match c {
        'à' | 'á' | 'â' | 'ã' | 'ä' | 'å' | 'ā' | 'ă' | 'ą' => "a",
        'ç' | 'ć' | 'č' => "c",
        'ď' | 'đ' => "d",
        'è' | 'é' | 'ê' | 'ë' | 'ē' | 'ė' | 'ę' | 'ě' => "e",
        'ğ' => "g",
        'ì' | 'í' | 'î' | 'ï' | 'ī' | 'ı' | '\u{307}' => "i",
        'ł' | 'ľ' => "l",
        'ñ' | 'ń' | 'ň' => "n",
        'ò' | 'ó' | 'ô' | 'õ' | 'ö' | 'ø' | 'ō' | 'ő' => "o",
        'ř' => "r",
        'ś' | 'š' | 'ş' | 'ș' => "s",
        'ß' => "ss",
        'ť' | 'ţ' | 'ț' => "t",
        'ù' | 'ú' | 'û' | 'ü' | 'ū' | 'ů' | 'ű' => "u",
        'ý' | 'ÿ' => "y",
        'ź' | 'ż' | 'ž' => "z",
        'æ' => "ae",
        'œ' => "oe",
        other => {
            let _ = write!(out, "{other}");
            return;
        }
    };
    // The combining dot of a lowered İ follows an `i` that is there already.
    if c != '\u{307}' {
        out.push_str(plain);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn touching_digits_and_letters_are_two_tokens() {
        let found: Vec<String> = tokens("At 3pm, don’t!").into_iter().map(|t| t.text).collect();
        assert_eq!(found, ["at", "3", "pm", ",", "don't", "!"]);
    }

    #[test]
    fn ascii_leaves_letters_and_digits() {
        assert_eq!(ascii("Håkon O’Brien-İnan 2"), "hakonobrieninan2");
        assert_eq!(ascii("検索"), "");
    }

    #[test]
    fn folding_takes_case_accents_and_spacing_away() {
        assert_eq!(fold("  José’s  “Café”\n– İstanbul "), "jose's \"cafe\" - istanbul");
    }
}
