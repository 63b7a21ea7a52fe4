//! What the user said, as the solver sees it: words, the values that stand out, clauses and the verbs that open them.

use super::wants::Want;
use super::word::{self, Word};
use crate::checks::natural::{self, Number, Period};
use crate::words;
use jiff::Zoned;
use jiff::civil::{Date, DateTime, Time};
use regex::Regex;
use std::ops::Range;
use std::sync::LazyLock;

static DOMAIN: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(r"\b[a-z0-9][a-z0-9-]*(?:\.[a-z0-9-]+)*\.[a-z]{2,6}\b").expect("a valid expression")
});

/// What a value that stands out is.
#[derive(Clone, Debug, PartialEq)]
pub enum Shape {
    /// In quotation marks, or announced as the words to set down.
    Quoted,
    /// A run of capitalised words.
    Name,
    /// A number, with its unit.
    Number(Number),
    /// An e-mail address.
    Email,
    /// A URL.
    Url,
    /// A phone number, as dialled.
    Phone(String),
    /// Something that looks like an identifier.
    Id,
    /// A day.
    Day(Date),
    /// Date and time, in the user's zone.
    Moment(DateTime),
    /// A duration in seconds.
    Duration(i64),
    /// A run of days that is more than one.
    Period(Date, Date),
}

/// A value that stands out of the text.
#[derive(Clone, Debug)]
pub struct Given {
    /// Where it stands, in bytes.
    pub span: Range<usize>,
    /// As it stands there, without quotation marks.
    pub text: String,
    /// What it is.
    pub shape: Shape,
}

/// What the user said.
#[derive(Debug)]
pub struct Utterance {
    /// The text.
    pub text: String,
    /// Its words.
    pub words: Vec<Word>,
    /// Values that stand out, in order; none overlaps another of its own kind.
    pub given: Vec<Given>,
    /// The want's own words; what stands before them is only referred back to.
    pub own: Range<usize>,
    /// Whether something is asked to be told.
    pub asks: bool,
    /// The user's now.
    pub now: Zoned,
}

impl Utterance {
    /// Reads a want against the user's now.
    pub fn read(want: &Want, now: Zoned) -> Self {
        let words = word::read(&want.text);
        let given = given(&want.text, &words, &now);
        let first = words.iter().position(|w| w.span.start >= want.own).unwrap_or(0);
        Self { text: want.text.clone(), own: first..words.len(), asks: want.asks, words, given, now }
    }

    /// Returns the words in a span of bytes.
    pub fn words_in(&self, span: &Range<usize>) -> Range<usize> {
        let first = self.words.iter().position(|w| w.span.end > span.start).unwrap_or(self.words.len());
        let end = self.words.iter().position(|w| w.span.start >= span.end).unwrap_or(self.words.len());
        first..end.max(first)
    }

    /// Returns all places where a run of stems stands.
    pub fn find_runs(&self, stems: &[String]) -> Vec<Range<usize>> {
        if stems.is_empty() || stems.len() > self.words.len() {
            return Vec::new();
        }
        let stands = |at: &usize| stems.iter().zip(&self.words[*at..]).all(|(s, w)| *s == w.stem);
        (0..=self.words.len() - stems.len()).filter(stands).map(|at| at..at + stems.len()).collect()
    }

    /// Returns where a run of stems stands, one after another (stopwords between them may be missing in the text).
    pub fn find_run(&self, stems: &[String]) -> Option<Range<usize>> {
        if stems.is_empty() || stems.len() > self.words.len() {
            return None;
        }
        (0..=self.words.len() - stems.len())
            .find(|&at| stems.iter().zip(&self.words[at..]).all(|(s, w)| *s == w.stem))
            .map(|at| at..at + stems.len())
    }
}

/// Words that are spoken for: they name a value, and so say nothing of what is wanted.
#[derive(Clone, Debug, Default)]
pub struct Mask(Vec<bool>);

impl Mask {
    /// No word.
    pub fn none(utterance: &Utterance) -> Self {
        Self(vec![false; utterance.words.len()])
    }

    /// Whether a word is spoken for.
    pub fn covers(&self, word: usize) -> bool {
        self.0.get(word).copied().unwrap_or(false)
    }

    /// Speaks for some words.
    pub fn add(&mut self, words: Range<usize>) {
        for word in words {
            if let Some(slot) = self.0.get_mut(word) {
                *slot = true;
            }
        }
    }
}

/// Where values are taken from.
pub struct Scope<'m> {
    /// Words that name what the call is about, and so are no values of it.
    pub mask: &'m Mask,
    /// The part of the text that the call is for.
    pub words: Range<usize>,
}

/// Words after which the words to set down follow, up to the sentence's end.
const SAYING: [&str; 12] = [
    "saying",
    "says",
    "reading",
    "that says",
    "which says",
    "that reads",
    "along the lines of",
    "to say",
    "with the text",
    "with the message",
    "with the note",
    "the words",
];

fn given(text: &str, words: &[Word], now: &Zoned) -> Vec<Given> {
    let mut out: Vec<Given> = Vec::new();
    let mut push = |span: Range<usize>, text: &str, shape: Shape| {
        out.push(Given { text: text.trim().to_owned(), span, shape });
    };
    for f in natural::find_quoted(text) {
        let whole =
            natural::find_emails(&f.value).first().is_some_and(|e| e.value.len() == f.value.trim().len());
        push(f.span, &f.value, if whole { Shape::Email } else { Shape::Quoted });
    }
    for f in natural::find_emails(text) {
        push(f.span, &f.value, Shape::Email);
    }
    for f in natural::find_urls(text) {
        push(f.span, &f.value, Shape::Url);
    }
    for m in DOMAIN.find_iter(text) {
        push(m.range(), m.as_str(), Shape::Url);
    }
    let dialled = |f: &natural::Found<String>| {
        let bare = text[f.span.clone()].chars().all(|c| c.is_ascii_digit());
        let before = text[..f.span.start].to_lowercase();
        let said = before.split_whitespace().rev().take(3).any(|w| {
            matches!(w, "call" | "text" | "sms" | "number" | "phone" | "mobile" | "to" | "ring" | "on")
        });
        !bare || said
    };
    for f in natural::find_phones(text).into_iter().filter(dialled) {
        push(f.span.clone(), &text[f.span], Shape::Phone(f.value));
    }
    let plain = |id: &str, at: usize| {
        id.chars().all(|c| c.is_ascii_digit() || c == '.') && !text[..at].ends_with('#')
    };
    for f in natural::find_ids(text).into_iter().filter(|f| !plain(&f.value, f.span.start)) {
        push(f.span, &f.value, Shape::Id);
    }
    for f in natural::find_instants(text, now).into_iter().filter(|f| f.primary) {
        if f.value.precision > natural::Precision::Day {
            push(f.span.clone(), &text[f.span], Shape::Moment(f.value.local));
        }
    }
    for f in natural::find_dates(text, now).into_iter().filter(|f| f.primary) {
        push(f.span.clone(), &text[f.span], Shape::Day(f.value));
    }
    for f in natural::find_periods(text, now).into_iter().filter(|f| f.primary) {
        let Period { first, last } = f.value;
        if first != last {
            push(f.span.clone(), &text[f.span], Shape::Period(first, last));
        }
    }
    for f in natural::find_durations(text) {
        push(f.span.clone(), &text[f.span], Shape::Duration(f.value));
    }
    for f in natural::find_numbers(text) {
        push(f.span.clone(), &text[f.span], Shape::Number(f.value));
    }
    names(text, &mut push);
    for word in words.iter().filter(|w| !w.quoted && !w.capital && w.text.len() > 2) {
        let said = &text[word.span.clone()];
        let bare = said.trim_end_matches("'s").trim_end_matches("’s");
        if bare.len() < said.len() && !word.stop && !words::is_ordinary(&word.text) {
            out.push(Given { span: word.span.clone(), text: bare.to_owned(), shape: Shape::Name });
        }
    }
    announced(text, &mut out);
    if let Some(end) = clock_end(text, &out) {
        out.retain(|g| g.span.end <= end.span.start || g.span.start >= end.span.end);
        out.push(end);
    }
    out.sort_by_key(|g| (g.span.start, usize::MAX - g.span.end));
    settle(out, words)
}

/// Finds what is written as a name; a lone word that opens a sentence is one only when it is nothing else.
fn names(text: &str, push: &mut impl FnMut(Range<usize>, &str, Shape)) {
    for f in natural::find_names(text) {
        let lower = f.value.to_lowercase();
        let interjected = !f.primary && text[f.span.end..].starts_with([',', '!', '.']);
        let opener = interjected
            || !f.primary
                && (super::verbs::wanted(&lower).is_some()
                    || OPENERS.contains(&lower.as_str())
                    || words::is_ordinary(&lower)
                    || words::is_stopword(&lower));
        if !opener {
            let mut at = f.span.start;
            for part in f.value.split(" and ") {
                let bare = part.trim_end_matches("'s").trim_end_matches("’s");
                push(at..at + part.len(), bare, Shape::Name);
                at += part.len() + " and ".len();
            }
        }
    }
}

/// Adds what is announced as the words to set down and stands in no quotation marks.
fn announced(text: &str, out: &mut Vec<Given>) {
    let lower = text.to_lowercase();
    if lower.len() != text.len() {
        return;
    }
    let Some((at, cue)) = SAYING.iter().filter_map(|cue| find_word(&lower, cue).map(|at| (at, cue))).min()
    else {
        return;
    };
    let start = at + cue.len();
    let rest = &text[start..];
    let skipped = rest.len() - rest.trim_start_matches([' ', ':', ',']).len();
    let start = start + skipped;
    let rest = &text[start..];
    if rest.starts_with(['"', '“', '\'', '‘', '«']) {
        return;
    }
    let end = rest.find(['.', '!', '?', '\n', ';']).unwrap_or(rest.len());
    let said = rest[..end].trim().trim_start_matches("that ");
    if said.split_whitespace().count() >= 2 {
        let from = start + rest[..end].find(said).unwrap_or(0);
        out.push(Given { span: from..from + said.len(), text: said.to_owned(), shape: Shape::Quoted });
    }
}

fn find_word(text: &str, word: &str) -> Option<usize> {
    text.match_indices(word).map(|(at, _)| at).find(|&at| {
        let free = |c: Option<char>| !c.is_some_and(char::is_alphanumeric);
        free(text[..at].chars().next_back()) && free(text[at + word.len()..].chars().next())
    })
}

/// A clock time after an instant, as in "tomorrow from 9:30 to 10:15", is on the instant's day.
fn clock_end(text: &str, out: &[Given]) -> Option<Given> {
    let mut first = out.iter().filter_map(|g| match g.shape {
        Shape::Moment(at) => Some((g.span.clone(), at)),
        _ => None,
    });
    let (span, at) = first.next_back()?;
    let after = &text[span.end..];
    let rest = ["until", "till", "to", "-", "–"].iter().find_map(|w| after.trim_start().strip_prefix(w))?;
    let lead = after.len() - rest.len();
    let time: String =
        rest.trim_start().chars().take_while(|c| c.is_ascii_digit() || *c == ':' || *c == '.').collect();
    let from = span.end + lead + (rest.len() - rest.trim_start().len());
    let (hour, minute) =
        time.trim_end_matches('.').split_once([':', '.']).map_or((time.as_str(), "0"), |(h, m)| (h, m));
    let (mut hour, minute): (i8, i8) = (hour.parse().ok()?, minute.trim_end_matches('.').parse().ok()?);
    let tail = text[from + time.len()..].trim_start().to_lowercase();
    if tail.starts_with("pm") && hour < 12 || !tail.starts_with("am") && hour < 12 && at.hour() >= 12 {
        hour += 12;
    }
    let end = at.date().to_datetime(Time::new(hour, minute, 0, 0).ok()?);
    let span = from..from + time.len();
    (end > at).then(|| Given { text: text[span.clone()].to_owned(), span, shape: Shape::Moment(end) })
}

/// Drops readings that a better one covers: what is inside quotations, addresses and instants is no value of its own.
fn settle(all: Vec<Given>, words: &[Word]) -> Vec<Given> {
    let rank = |shape: &Shape| match shape {
        Shape::Quoted => 0,
        Shape::Email | Shape::Url => 1,
        Shape::Moment(_) | Shape::Period(..) => 2,
        Shape::Phone(_) => 3,
        Shape::Day(_) | Shape::Duration(_) => 4,
        Shape::Id => 5,
        Shape::Number(_) => 6,
        Shape::Name => 7,
    };
    let inside = |a: &Range<usize>, b: &Range<usize>| a.start >= b.start && a.end <= b.end;
    let keep = |g: &Given| {
        let covered = all.iter().any(|o| {
            rank(&o.shape) < rank(&g.shape) && inside(&g.span, &o.span)
                || rank(&o.shape) == rank(&g.shape) && inside(&g.span, &o.span) && g.span != o.span
        });
        let worded_one = matches!(&g.shape, Shape::Number(n) if n.worded && n.value <= 1.0);
        let month_only = g.shape == Shape::Name && (words::is_month(&g.text) || words::is_weekday(&g.text));
        !covered
            && !worded_one
            && !month_only
            && words.iter().any(|w| w.span.start >= g.span.start && w.span.end <= g.span.end)
    };
    all.iter().filter(|g| keep(g)).cloned().collect()
}

/// Words that open a question or a request and are no names.
const OPENERS: [&str; 44] = [
    "who", "whose", "what", "whats", "what's", "when", "when's", "where", "where's", "which", "how", "why",
    "is", "are", "does", "did", "do", "has", "have", "tell", "show", "list", "find", "check", "look", "know",
    "read", "report", "remind", "see", "sorry", "help", "hi", "hello", "hey", "ok", "okay", "thanks",
    "thank", "please", "well", "one", "two", "next",
];

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> Utterance {
        let want = Want { text: text.to_owned(), own: 0, asks: false };
        Utterance::read(&want, natural::parse_now("2026-03-05T10:00:00+01:00", "Europe/Brussels").unwrap())
    }

    #[test]
    fn values_stand_out_by_their_shape() {
        let u = read("can u text +32 470 55 81 02 that i'm running 15 min late");
        assert!(u.given.iter().any(|g| g.shape == Shape::Phone("+32470558102".into())));
        let u = read("Put \"Book the night train\" on it for tomorrow from 9:30 to 10:15.");
        let shapes: Vec<&Shape> = u.given.iter().map(|g| &g.shape).collect();
        assert_eq!(shapes.len(), 3, "{shapes:?}");
        assert!(matches!(shapes[1], Shape::Moment(at) if at.hour() == 9));
        assert!(matches!(shapes[2], Shape::Moment(at) if at.hour() == 10 && at.minute() == 15));
    }

    #[test]
    fn words_announced_as_a_text_are_a_value() {
        let u = read("leave a note saying legal signed off this morning. Thanks");
        assert!(u.given.iter().any(|g| g.text == "legal signed off this morning"));
    }
}
