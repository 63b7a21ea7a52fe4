//! Patterns that everyone who validates can compile: within ECMA-262's syntax, and within what linear-time engines have.

use regex::{Regex, RegexBuilder};
use std::cell::RefCell;
use std::collections::HashMap;
use std::rc::Rc;

/// Longest pattern that is kept, in bytes.
const PATTERN_MAX: usize = 300;
/// Patterns that a thread remembers; specs repeat theirs by the hundred.
const KNOWN_MAX: usize = 2000;

/// A pattern as it is written into schemas, and compiled.
pub struct Pattern {
    /// The text.
    pub text: String,
    /// What it matches.
    pub regex: Regex,
}

thread_local! {
    // a memo of a pure function: no result depends on what is in it
    static KNOWN: RefCell<HashMap<String, Option<Rc<Pattern>>>> = RefCell::default();
}

/// Reads a pattern; nothing where it is invalid, too long, or in a dialect that not everyone reads.
pub fn read(pattern: &str) -> Option<Rc<Pattern>> {
    if pattern.is_empty() || pattern.len() > PATTERN_MAX {
        return None;
    }
    KNOWN.with_borrow_mut(|known| {
        if let Some(found) = known.get(pattern) {
            return found.clone();
        }
        if known.len() >= KNOWN_MAX {
            known.clear();
        }
        let made = compiled(pattern).map(Rc::new);
        known.insert(pattern.to_owned(), made.clone());
        made
    })
}

fn compiled(pattern: &str) -> Option<Pattern> {
    let text = portable(pattern)?;
    let regex = RegexBuilder::new(&text).size_limit(1 << 20).build().ok()?;
    Some(Pattern { text, regex })
}

/// Writes escapes as every dialect reads them, and gives up what one of them reads otherwise.
#[expect(clippy::too_many_lines, reason = "one arm a kind of character")]
fn portable(pattern: &str) -> Option<String> {
    let mut out = String::with_capacity(pattern.len());
    let mut chars = pattern.chars().peekable();
    let mut class = false;
    let mut before = ' ';
    while let Some(c) = chars.next() {
        let next = chars.peek().copied();
        match c {
            '\\' => {
                let escaped = chars.next()?;
                match escaped {
                    'd' | 'D' | 'w' | 'W' | 's' | 'S' | 'n' | 'r' | 't' | 'f' | 'v' => {
                        // `\w-.` in a class is a range to some and three characters to others
                        if class && chars.peek() == Some(&'-') {
                            out.extend(['\\', escaped, '\\']);
                            continue;
                        }
                        out.extend(['\\', escaped]);
                    }
                    'b' | 'B' if !class => out.extend(['\\', escaped]),
                    'u' => {
                        let code: String = chars.by_ref().take(4).collect();
                        let plain = code.len() == 4 && code.chars().all(|c| c.is_ascii_hexdigit());
                        let surrogate =
                            *code.to_ascii_lowercase() >= *"d800" && *code.to_ascii_lowercase() <= *"dfff";
                        if !plain || surrogate {
                            return None;
                        }
                        out.push_str("\\u");
                        out.push_str(&code);
                    }
                    '^' | '$' | '\\' | '.' | '*' | '+' | '?' | '(' | ')' | '[' | ']' | '{' | '}' | '|' => {
                        out.extend(['\\', escaped]);
                    }
                    '-' if class => out.push_str("\\-"),
                    // an escape that means the character itself
                    other if other.is_ascii_punctuation() || other == ' ' => out.push(other),
                    _ => return None,
                }
                before = ' ';
                continue;
            }
            // flags, look-around and named groups differ
            '(' if !class && next == Some('?') => {
                chars.next();
                if chars.peek() != Some(&':') {
                    return None;
                }
                out.push_str("(?");
                before = '(';
                continue;
            }
            // sets within sets, and operators on them
            '[' if class && matches!(next, Some(':' | '.' | '=')) => return None,
            '[' if class => out.push_str("\\["),
            '&' | '~' if class && next == Some(c) => return None,
            '-' if class && next == Some('-') => return None,
            '[' => {
                class = true;
                out.push('[');
                if next == Some('^') {
                    out.push('^');
                    chars.next();
                }
                if chars.peek() == Some(&']') {
                    return None;
                }
            }
            ']' if class => {
                class = false;
                out.push(']');
            }
            // possessive and doubled quantifiers
            '+' | '*' if !class && matches!(before, '+' | '*' | '?' | '}') => return None,
            // a brace that is no count is a character to some only
            '{' if !class => {
                if !next.is_some_and(|n| n.is_ascii_digit()) || matches!(before, '+' | '*' | '?' | '}') {
                    return None;
                }
                out.push('{');
            }
            c if c.is_control() => return None,
            c => out.push(c),
        }
        before = if class { ' ' } else { c };
    }
    (!class).then_some(out)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn text(pattern: &str) -> Option<String> {
        read(pattern).map(|p| p.text.clone())
    }

    #[test]
    fn escapes_that_mean_the_character_itself_are_written_without() {
        assert_eq!(text(r"^\/a\_b\-[\w\-\/]+$").as_deref(), Some(r"^/a_b-[\w\-/]+$"));
        assert_eq!(text(r"^[\w-\.]+@x$").as_deref(), Some(r"^[\w\-\.]+@x$"));
        assert_eq!(text(r"^[a-z]{2,3}(?:-[A-Z]{2})?$").as_deref(), Some(r"^[a-z]{2,3}(?:-[A-Z]{2})?$"));
    }

    #[test]
    fn what_some_engine_cannot_compile_is_given_up() {
        for pattern in [
            "(?=a)b",
            "(?i)a",
            "(?P<x>a)",
            r"\Aab\z",
            r"\p{L}",
            "a++",
            "[a&&b]",
            "[[:alpha:]",
            "(",
            "[a",
            r"\",
            "*a",
            "a{,3}",
            "{a}",
            r"\1",
            "",
            r"\x41",
            "[]",
            r"\uD83D\uDE00",
        ] {
            assert_eq!(text(pattern), None, "{pattern}");
        }
        assert_eq!(text(&"a".repeat(301)), None);
    }
}
