//! The words of a text as the solver compares them: folded, stemmed, and where each stands.

use super::names;
use crate::checks::natural;
use crate::words::{self, TokenKind};
use std::ops::Range;

/// One word of a text.
#[derive(Clone, Debug)]
pub struct Word {
    /// Folded, without a possessive ending.
    pub text: String,
    /// Its stem.
    pub stem: String,
    /// Where it stands, in bytes.
    pub span: Range<usize>,
    /// Whether it carries no meaning of its own.
    pub stop: bool,
    /// Whether it stands in quotation marks.
    pub quoted: bool,
    /// Whether it is written with a capital, and is not `I`.
    pub capital: bool,
}

/// Reads the words of a text.
pub fn read(text: &str) -> Vec<Word> {
    let quotes: Vec<Range<usize>> = natural::find_quoted(text).into_iter().map(|f| f.span).collect();
    let mut out: Vec<Word> = Vec::new();
    for token in words::tokens(text) {
        if token.kind == TokenKind::Sign {
            continue;
        }
        let folded = words::fold(&token.text);
        let bare = folded.strip_suffix("'s").unwrap_or(&folded).to_owned();
        let mail = bare.starts_with("mail") && text[..token.start].ends_with('-');
        let joined = out.last_mut().filter(|last| {
            last.span.end == token.start || mail && last.text == "e" && last.span.end + 1 == token.start
        });
        if let Some(last) = joined {
            last.text.push_str(&bare);
            last.stem = words::stem(&last.text);
            last.span.end = token.end;
            continue;
        }
        let bare = names::american(bare);
        out.push(Word {
            stem: words::stem(&bare),
            stop: words::is_stopword(&folded),
            quoted: quotes.iter().any(|q| q.contains(&token.start)),
            capital: bare != "i"
                && !bare.starts_with("i'")
                && text[token.start..].starts_with(char::is_uppercase),
            text: bare,
            span: token.start..token.end,
        });
    }
    out
}
