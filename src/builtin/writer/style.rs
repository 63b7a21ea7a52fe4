//! The register: how somebody writes, applied to what is not a value.

use super::dice::Dice;
use super::english::{CLOSE, OPEN, outside};

/// How somebody writes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Register {
    /// Nothing special.
    Plain,
    /// Few words.
    Brisk,
    /// Kind.
    Polite,
    /// On a phone, lower case.
    Thumb,
    /// Goes on.
    Rambling,
    /// Uneasy.
    Worried,
}

impl Register {
    /// Reads the register from a brief's words.
    pub fn of(words: &str) -> Self {
        let words = words.to_lowercase();
        let has = |list: &[&str]| list.iter().any(|w| words.contains(w));
        if has(&["brisk", "curt", "terse", "short", "telegr"]) {
            Self::Brisk
        } else if has(&["polite", "formal", "courteous", "kind", "friendly"]) {
            Self::Polite
        } else if has(&["thumb", "lower", "casual", "texting"]) {
            Self::Thumb
        } else if has(&["rambl", "chatty", "story", "talkative"]) {
            Self::Rambling
        } else if has(&["worr", "anxious", "nervous", "urgent", "stressed"]) {
            Self::Worried
        } else {
            Self::Plain
        }
    }

    /// Returns the word that the tables use.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Plain => "plain",
            Self::Brisk => "brisk",
            Self::Polite => "polite",
            Self::Thumb => "thumb",
            Self::Rambling => "rambling",
            Self::Worried => "worried",
        }
    }
}

/// Applies a register to a whole instruction.
pub fn apply(text: &str, register: Register, dice: &mut Dice) -> String {
    let tidy = tidy(text);
    match register {
        Register::Thumb => thumb(&tidy, dice),
        _ => sentence_case(&tidy),
    }
}

/// Removes doubled marks and spaces that the joining of parts can leave.
fn tidy(text: &str) -> String {
    let text = outside(text, &mut |part| {
        let mut out = part.to_owned();
        while out.contains("  ") {
            out = out.replace("  ", " ");
        }
        for (from, to) in [
            (" ,", ","),
            (" .", "."),
            (" ?", "?"),
            (",.", "."),
            (",,", ","),
            (":.", "."),
            ("? ?", "?"),
            (" 's ", "'s "),
        ] {
            out = out.replace(from, to);
        }
        out
    });
    after_value_marks(&text)
}

/// Drops a full stop after a quoted value that ends a sentence itself.
fn after_value_marks(text: &str) -> String {
    let mut out = text.to_owned();
    for end in ['.', '!', '?'] {
        for quote in ["\"", "'", ""] {
            let from = format!("{end}{CLOSE}{quote}.");
            let to = format!("{end}{CLOSE}{quote}");
            out = out.replace(&from, &to);
        }
    }
    out.trim().to_owned()
}

/// Upper-cases what begins a sentence.
fn sentence_case(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut inside = false;
    let mut starts = true;
    let mut ended = false;
    for c in text.chars() {
        match c {
            OPEN => {
                inside = true;
                starts = false;
                out.push(c);
                continue;
            }
            CLOSE => {
                inside = false;
                ended = false;
                out.push(c);
                continue;
            }
            _ if inside => {
                out.push(c);
                continue;
            }
            _ => {}
        }
        if starts && c.is_alphabetic() {
            out.extend(c.to_uppercase());
            starts = false;
        } else {
            out.push(c);
            if c == '\n' || c == ' ' && ended {
                starts = true;
            } else if c.is_alphanumeric() {
                starts = false;
            }
        }
        ended = matches!(c, '.' | '?' | '!') || ended && matches!(c, '"' | '\'');
    }
    out
}

/// Words that thumbs shorten; the last number is how often, in percent.
const SHORT: [(&str, &str, u32); 16] = [
    (" you ", " u ", 25),
    ("please", "pls", 60),
    ("thanks", "thx", 30),
    ("because", "cos", 60),
    ("tomorrow", "tmrw", 0),
    ("what's", "whats", 60),
    ("it's", "its", 50),
    ("i'm", "im", 50),
    ("don't", "dont", 60),
    ("can't", "cant", 60),
    ("who's", "whos", 60),
    ("that's", "thats", 50),
    ("i'd", "id", 0),
    ("isn't", "isnt", 50),
    (" and ", " n ", 3),
    ("okay", "ok", 80),
];

/// Words before which thumbs leave out the comma.
const LOOSE: [&str; 20] = [
    "so", "please", "pls", "can", "could", "but", "if", "and", "thx", "thanks", "because", "cos", "i'm", "i",
    "on", "in", "at", "for", "from", "due",
];

fn thumb(text: &str, dice: &mut Dice) -> String {
    let drop_commas = dice.chance(65);
    let drop_stops = dice.chance(35);
    let chosen: Vec<&(&str, &str, u32)> = SHORT.iter().filter(|(_, _, often)| dice.chance(*often)).collect();
    let mut out = outside(text, &mut |part| {
        let mut out = part.to_lowercase();
        for (from, to, _) in &chosen {
            out = out.replace(from, to);
        }
        out = out.replace(" – ", ", ").replace(" –", ",");
        if drop_commas {
            for word in LOOSE {
                out = out.replace(&format!(", {word} "), &format!(" {word} "));
            }
        }
        if drop_stops {
            out = out.replace(". ", " ... ").replace("! ", " ");
            out = out.replace(" ... ", if out.len() % 2 == 0 { "... " } else { ", " });
        }
        out
    });
    let end = out.trim_end();
    out = end.strip_suffix('.').unwrap_or(end).to_owned();
    if out.ends_with('?') && dice.chance(35) {
        out.pop();
    }
    out
}
