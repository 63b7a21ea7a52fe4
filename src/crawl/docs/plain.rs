//! Text as specs write it → plain text: no HTML, no Markdown, entities decoded, on one line.

use super::html;
use super::markdown::{self, Block, Kind};
use regex::Regex;
use std::sync::LazyLock;

macro_rules! pattern {
    ($name:ident, $regex:literal) => {
        static $name: LazyLock<Regex> = LazyLock::new(|| Regex::new($regex).expect("a valid pattern"));
    };
}

pattern!(ASIDE, r"(^|[\s;])\(?(?:Optional|Required)[.)]+(\s|$)");

/// How often a text is made plain until nothing changes; what still changes is made of marks and loses all of them.
const PASSES: usize = 6;

/// Longest text that is read, in bytes; nobody shows as much of one.
const TEXT_MAX: usize = 32 << 10;

/// Makes text plain, up to `TEXT_MAX` bytes. What is plain stays as it is.
pub fn plain(text: &str) -> String {
    let mut text = once(markdown::head(text, TEXT_MAX));
    for _ in 1..PASSES {
        if !marked(&text) {
            return text;
        }
        let next = once(&text);
        if next == text {
            return text;
        }
        text = next;
    }
    let bare: String = text.chars().map(|c| if c.is_alphanumeric() { c } else { ' ' }).collect();
    once(&bare)
}

/// Splits a text into blocks whose texts are plain.
pub fn blocks(text: &str) -> Vec<Block> {
    let mut out = parse(markdown::head(text, TEXT_MAX));
    for block in &mut out {
        if !block.text.is_empty() {
            block.text = plain(&block.text);
        }
    }
    out.retain(|b| b.kind == Kind::Code || !b.text.is_empty());
    out
}

fn parse(text: &str) -> Vec<Block> {
    if !text.contains(['<', '&']) {
        return markdown::blocks(text);
    }
    let lines = html::lines(text);
    markdown::blocks(&html::decode(&lines))
}

/// Tells whether another pass could change anything.
fn marked(text: &str) -> bool {
    const MARKS: &[u8] = b"<&*_`#[\\|~\n\r\t>!=";
    let bytes = text.as_bytes();
    bytes.iter().any(|b| MARKS.contains(b) || b.is_ascii_control())
        || bytes.first().is_some_and(|b| !b.is_ascii_alphabetic())
        || !text.is_ascii()
        || seamed(text)
}

fn once(text: &str) -> String {
    if !marked(text) && !text.ends_with(' ') {
        return text.to_owned();
    }
    tidy(&join(&parse(text)))
}

/// Joins blocks to one line: items and rows after semicolons, paragraphs after full stops.
fn join(blocks: &[Block]) -> String {
    let mut out = String::new();
    let mut last = None;
    for block in blocks.iter().filter(|b| b.kind != Kind::Code && !b.text.is_empty()) {
        let listed = matches!(block.kind, Kind::Item | Kind::Row);
        match out.chars().next_back() {
            None => {}
            Some(end) if listed && !matches!(last, Some(Kind::Heading(_))) => {
                out.push_str(if matches!(end, ':' | '.' | ';' | ',' | '?' | '!') { " " } else { "; " });
            }
            Some(end) => {
                let goes_on = block.text.starts_with(|c: char| c.is_lowercase());
                let open = end.is_alphanumeric() || matches!(end, ')' | '"' | '\'' | '”');
                if open && (!goes_on || matches!(last, Some(Kind::Heading(_)))) {
                    out.push(stop(end));
                }
                out.push(' ');
            }
        }
        out.push_str(&block.text);
        last = Some(block.kind);
    }
    out
}

/// The full stop of the script that a character is of.
pub fn stop(end: char) -> char {
    if is_cjk(end) { '。' } else { '.' }
}

/// Tells whether a character is of a script without blanks.
pub fn is_cjk(c: char) -> bool {
    matches!(c, '\u{3040}'..='\u{30ff}' | '\u{3400}'..='\u{9fff}' | '\u{f900}'..='\u{faff}' | '\u{ff01}'..='\u{ff5e}' | '\u{3001}' | '\u{3002}')
}

/// Tells whether a text has seams that `tidy` mends.
fn seamed(text: &str) -> bool {
    let bytes = text.as_bytes();
    text.contains("ptional") && ASIDE.is_match(text)
        || text.contains("equired") && ASIDE.is_match(text)
        || bytes.windows(2).any(|w| {
            matches!(
                w,
                b"  "
                    | b" ."
                    | b" ,"
                    | b" ;"
                    | b"()"
                    | b".;"
                    | b":;"
                    | b",;"
                    | b";;"
                    | b"?;"
                    | b"!;"
                    | b"( "
                    | b" )"
            ) || w[0] == b'.' && w[1].is_ascii_uppercase()
        })
        || text.contains(". learn more")
}

/// Removes the seams that stripping leaves.
fn tidy(text: &str) -> String {
    let aside = (text.contains("ptional") || text.contains("equired")) && ASIDE.is_match(text);
    let without = if aside { ASIDE.replace_all(text, "$1 $2").into_owned() } else { String::new() };
    let text = if aside { without.as_str() } else { text };
    let mut out = String::with_capacity(text.len() + 8);
    let mut chars = text.char_indices().peekable();
    // letters of a lower-case word so far; `None` within another word
    let mut run = Some(0_usize);
    while let Some((at, c)) = chars.next() {
        let next = chars.peek().map(|(_, n)| *n);
        match c {
            ' ' if out.is_empty() || out.ends_with([' ', '(']) => continue,
            ';' if out.trim_end().is_empty() => continue,
            ';' if out.trim_end().ends_with(['.', ':', ',', ';', '?', '!']) => continue,
            ',' | ';' if out.ends_with(' ') => {
                out.pop();
            }
            '.' if out.ends_with(' ') && next.is_none_or(char::is_whitespace) => {
                out.pop();
                if out.ends_with('.') {
                    continue;
                }
            }
            ')' if out.ends_with('(') => {
                out.pop();
                continue;
            }
            ')' if out.ends_with(' ') => {
                out.pop();
            }
            _ => {}
        }
        out.push(c);
        if c == '.' && run.is_some_and(|n| n >= 3) && glued(&text[at + 1..]) {
            out.push(' ');
        }
        run = match c {
            'a'..='z' => run.map(|n| n + 1),
            c if c.is_alphanumeric() || c == '_' => None,
            // a name with dots goes on
            '.' | '/' | '-' if !out.ends_with(' ') => None,
            _ => Some(0),
        };
    }
    if out.contains(". learn more") {
        out = out.replace(". learn more", ". Learn more");
    }
    out.truncate(out.trim_end().len());
    out
}

/// Tells whether a sentence begins without a blank.
fn glued(rest: &str) -> bool {
    let bytes = rest.as_bytes();
    bytes.first().is_some_and(u8::is_ascii_uppercase) && bytes.get(1).is_some_and(u8::is_ascii_lowercase)
}

/// Splits plain text into sentences, each with its final mark.
pub fn sentences(text: &str) -> Vec<&str> {
    let mut out = Vec::new();
    let mut start = 0;
    let mut chars = text.char_indices().peekable();
    while let Some((at, c)) = chars.next() {
        let wide = matches!(c, '。' | '！' | '？');
        if !wide && !matches!(c, '.' | '!' | '?') {
            continue;
        }
        let mut end = at + c.len_utf8();
        while let Some((more, m)) = chars.peek().copied() {
            if !matches!(m, '"' | '\'' | ')' | '.' | '!' | '?' | '”' | '。' | '！' | '？') {
                break;
            }
            end = more + m.len_utf8();
            chars.next();
        }
        let rest = &text[end..];
        let blank = rest.is_empty() || rest.starts_with(char::is_whitespace);
        let opens = rest.trim_start().chars().next().is_none_or(|c| !c.is_lowercase());
        if wide || blank && opens && (rest.is_empty() || !abbreviated(&text[start..end])) {
            push(&text[start..end], &mut out);
            start = end;
        }
    }
    push(&text[start..], &mut out);
    out
}

fn push<'a>(sentence: &'a str, out: &mut Vec<&'a str>) {
    let sentence = sentence.trim();
    if !sentence.is_empty() {
        out.push(sentence);
    }
}

/// Tells whether the full stop at a text's end belongs to an abbreviation.
fn abbreviated(text: &str) -> bool {
    const ABBREVIATIONS: [&str; 21] = [
        "e.g.", "i.e.", "eg.", "ie.", "vs.", "approx.", "no.", "incl.", "excl.", "max.", "min.", "resp.",
        "cf.", "dr.", "mr.", "mrs.", "st.", "u.s.", "z.b.", "d.h.", "ex.",
    ];
    let word = text.rsplit(' ').next().unwrap_or_default().trim_start_matches(['(', '"', '[']);
    word.len() <= 8 && ABBREVIATIONS.iter().any(|a| word.eq_ignore_ascii_case(a))
}
