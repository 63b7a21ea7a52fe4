//! Splits what was said into wants: each with its own words, and with what it refers back to.

use super::verbs::{self, Class};
use super::word::{self, Word};
use std::ops::Range;

/// One want: a text to be understood by itself, and where its own words begin in it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Want {
    /// What it refers back to, and its own words.
    pub text: String,
    /// Where its own words begin, in bytes.
    pub own: usize,
    /// Whether it asks for something to be told.
    pub asks: bool,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Kind {
    Effect(Class),
    Ask,
    Rest,
}

struct Part {
    words: Range<usize>,
    kind: Kind,
    /// Whether a sentence begins with it.
    opens: bool,
}

/// Words that may stand before a verb that asks for something.
const FILLERS: &[&str] = &[
    "please",
    "then",
    "also",
    "could",
    "can",
    "would",
    "will",
    "you",
    "u",
    "kindly",
    "just",
    "i'd",
    "i",
    "like",
    "need",
    "want",
    "to",
    "and",
    "so",
    "but",
    "have",
    "get",
    "me",
    "let",
    "help",
    "go",
    "ahead",
    "now",
    "next",
    "first",
    "second",
    "finally",
    "lastly",
    "after",
    "that",
    "once",
    "done",
    "maybe",
    "be",
    "good",
    "kind",
    "enough",
    "us",
    "we",
    "one",
    "more",
    "thing",
    "oh",
    "too",
    "again",
    "if",
    "it's",
    "possible",
    "not",
    "much",
    "trouble",
    "must",
    "should",
    "has",
    "needs",
    "ask",
    "'d",
    "appreciate",
    "it",
    "hello",
    "hi",
    "hey",
    "ok",
    "okay",
    "well",
    "quickly",
    "sorry",
    "when",
    "moment",
    "a",
    "love",
    "pls",
    "plz",
    "while",
    "at",
    "you're",
    "two",
    "things",
    "three",
    "requests",
    "request",
    "by",
    "the",
    "way",
    "besides",
    "glad",
    "grateful",
    "great",
    "what",
    "happen",
    "think",
];

/// Whether a word may stand before a verb that asks for something; adverbs may.
fn is_filler(word: &str) -> bool {
    FILLERS.contains(&word) || word.len() > 4 && word.ends_with("ly")
}

/// Words right before which no verb asks for an effect.
const NOUNS_FOLLOW: &[&str] = &[
    "the", "a", "an", "my", "our", "his", "her", "their", "its", "your", "this", "last", "latest", "recent",
    "next", "any", "new", "some", "each", "every", "no", "another", "which", "what", "of", "in", "for",
    "from", "by", "with", "on", "was", "were", "been", "is", "are", "has", "had", "many", "much",
];

/// Returns the place of the first verb that asks for an effect in a run of words, with what it can want.
pub fn effect(ws: &[Word], run: Range<usize>) -> Option<(usize, Vec<Class>)> {
    let mut vague = None;
    for at in run.clone() {
        if ws[at].quoted {
            continue;
        }
        let word = ws[at].text.as_str();
        let next = ws.get(at + 1).map_or("", |w| w.text.as_str());
        let asking = matches!(word, "who" | "whose" | "which" | "whether" | "how" | "why" | "where" | "know")
            || word == "what" && !matches!(next, "needs" | "i" | "has");
        if asking {
            return vague;
        }
        if matches!(word, "like" | "want" | "love") && matches!(next, "a" | "an" | "another" | "new") {
            vague.get_or_insert((at, vec![Class::Create]));
            continue;
        }
        let ahead = ws.get(at + 2).map_or("", |w| w.text.as_str());
        let becomes = word == "should" && matches!(next, "be" | "read" | "say" | "become" | "have")
            || matches!(word, "needs" | "must" | "has")
                && next == "to"
                && matches!(ahead, "be" | "read" | "say" | "become");
        if becomes {
            vague.get_or_insert((at, vec![Class::Update]));
            continue;
        }
        let Some(classes) = verbs::wanted(word).filter(|_| asks_for(ws, &run, at)) else { continue };
        let changes = word == "make" && matches!(next, "its" | "it" | "them" | "their");
        let classes = if changes { vec![Class::Update, Class::Create] } else { classes };
        let phrasal = next == "up" && matches!(word, "set" | "sign");
        let classes = if phrasal { vec![Class::Create, Class::Update] } else { classes };
        let renames = word == "call"
            && (matches!(next, "it" | "them" | "the" | "my" | "our")
                || ws.get(at + 1).is_some_and(|n| n.quoted));
        if !renames
            && matches!(
                word,
                "plan" | "open" | "start" | "take" | "need" | "give" | "call" | "note" | "bring"
            )
        {
            vague.get_or_insert((at, classes));
            continue;
        }
        return Some((at, classes));
    }
    vague
}

/// Whether a word that may be a verb is a noun by what follows: "e-mail address", "text of".
fn is_noun(ws: &[Word], at: usize) -> bool {
    let next = ws.get(at + 1).map_or("", |w| w.text.as_str());
    let either = [
        "email", "mail", "text", "message", "phone", "note", "record", "order", "label", "tag", "post",
        "comment", "call",
    ];
    either.contains(&ws[at].text.as_str())
        && matches!(next, "address" | "addresses" | "of" | "and" | "or" | "is" | "number" | "numbers" | "")
}

/// Words by which a form in -ed asks: "should be renamed".
const LEADS: [&str; 11] =
    ["have", "get", "want", "need", "needs", "like", "should", "must", "be", "has", "can"];

/// Words right after which a verb asks.
const RIGHT_BEFORE: [&str; 16] = [
    "to", "please", "you", "and", "then", "u", "just", "kindly", "also", "get", "me", "us", "could", "can",
    "would", "will",
];

/// Whether a verb's form and place are those of a request: "delete it", "to be renamed", and not "was created", "the update".
fn asks_for(ws: &[Word], run: &Range<usize>, at: usize) -> bool {
    let word = ws[at].text.as_str();
    let before = (at > run.start).then(|| ws[at - 1].text.as_str());
    let next = ws.get(at + 1).map_or("", |w| w.text.as_str());
    let names = matches!(word, "called" | "named" | "titled" | "marked" | "labelled" | "labeled" | "tagged");
    if names && !matches!(before, Some("be" | "it" | "get"))
        || word == "need" && !matches!(next, "a" | "an" | "another" | "new")
        || matches!(word, "check" | "be" | "become" | "should")
        || word == "give" && matches!(next, "me" | "us")
        || word == "start" && matches!(next, "with" | "here" | "by" | "from")
        || is_noun(ws, at)
    {
        return false;
    }
    if word.ends_with("ed") && verbs::base(word).is_some() || word.ends_with("en") {
        let past = matches!(before, Some("was" | "were" | "been" | "is" | "are" | "last" | "when"));
        return !past && ws[run.start..at].iter().any(|w| LEADS.contains(&w.text.as_str()));
    }
    let led = at == run.start || ws[run.start..at].iter().rev().take(3).all(|w| is_filler(&w.text));
    !before.is_some_and(|b| NOUNS_FOLLOW.contains(&b))
        && (led || before.is_some_and(|b| RIGHT_BEFORE.contains(&b)))
}

/// Whether a run of words asks for something to be told.
fn asks(ws: &[Word], run: Range<usize>, question: bool) -> bool {
    let text = |i: usize| ws.get(i).map_or("", |w| w.text.as_str());
    for at in run.clone() {
        if ws[at].quoted {
            continue;
        }
        let (word, next) = (text(at), text(at + 1));
        let first = ws[run.start..at].iter().all(|w| is_filler(&w.text));
        let asks = match word {
            "what" | "what's" | "whats" | "which" | "who" | "whose" | "who's" | "where" | "where's"
            | "whether" | "how" => !(word == "what" && matches!(next, "i" | "needs")),
            "when" | "when's" => {
                word == "when's"
                    || matches!(
                        next,
                        "is" | "was"
                            | "are"
                            | "were"
                            | "does"
                            | "did"
                            | "do"
                            | "has"
                            | "have"
                            | "will"
                            | "should"
                    )
                    || at > run.start
                        && !matches!(next, "you" | "that's" | "that" | "it's" | "i" | "we" | "they")
            }
            "tell" | "show" | "give" | "get" | "read" | "remind" | "find" if matches!(next, "me" | "us") => {
                true
            }
            "know" | "see" => at > run.start && matches!(text(at - 1), "to" | "me"),
            "wonder" | "wondering" => true,
            "list" | "count" | "check" | "look" | "find" => first,
            "is" | "are" | "does" | "did" | "do" | "has" => question && first,
            "need" | "want" => {
                matches!(next, "the" | "my" | "all" | "to")
                    && (next != "to" || matches!(text(at + 2), "know" | "see" | "find" | "check"))
                    && effect(ws, run.clone()).is_none()
            }
            _ => false,
        };
        if asks {
            return true;
        }
    }
    false
}

fn kind(ws: &[Word], run: &Range<usize>, question: bool) -> Kind {
    let effect = effect(ws, run.clone());
    let asking = asks(ws, run.clone(), question);
    match effect {
        Some((at, classes)) => {
            // "Tell me when it was changed" asks; "change it and tell me" has been split before.
            let earlier = asking && asks(ws, run.start..at, question);
            if earlier { Kind::Ask } else { Kind::Effect(classes[0]) }
        }
        None if asking || question => Kind::Ask,
        None => Kind::Rest,
    }
}

/// Splits a text into parts: sentences, and within them what begins with a verb or a question word after a joint.
fn parts(text: &str, ws: &[Word]) -> Vec<Part> {
    let mut bounds: Vec<(usize, bool)> = vec![(0, true)];
    for i in 1..ws.len() {
        if ws[i].quoted && ws[i - 1].quoted {
            continue;
        }
        let between = &text[ws[i - 1].span.end..ws[i].span.start];
        let stop = ends_sentence(between);
        let joint = matches!(ws[i].text.as_str(), "and" | "then" | "but" | "so" | "also");
        let comma = between.contains([',', ':', '–', '—']) || between.contains(" - ");
        if stop || (joint || comma) && opens(ws, i) {
            bounds.push((i, stop));
        }
    }
    bounds
        .iter()
        .enumerate()
        .map(|(b, (from, opens))| {
            let to = bounds.get(b + 1).map_or(ws.len(), |n| n.0);
            let rest = &text[ws[to - 1].span.end..];
            let question = rest.trim_start_matches(['"', '”', '\'', '’', ')', ' ']).starts_with('?');
            Part { kind: kind(ws, &(*from..to), question), words: *from..to, opens: *opens }
        })
        .collect()
}

fn ends_sentence(between: &str) -> bool {
    between.contains(['!', '?', ';', '\n'])
        || between.trim_end_matches(['"', '”', '\'', ')']).contains(". ")
        || between.contains(". ")
        || between.contains("...")
        || between.contains('…')
}

fn opens(ws: &[Word], at: usize) -> bool {
    let end = (at + 9).min(ws.len());
    let first = (at..end).find(|i| ws[*i].quoted || !is_filler(&ws[*i].text) || is_asking(&ws[*i].text));
    first.is_some_and(|i| {
        let word = ws[i].text.as_str();
        let verb = verbs::wanted(word).is_some() && !word.ends_with("ed") && !is_noun(ws, i);
        !ws[i].quoted
            && (verb
                || is_asking(word)
                || matches!(word, "tell" | "show" | "give" | "know" | "list" | "find" | "look"))
    })
}

fn is_asking(word: &str) -> bool {
    matches!(
        word,
        "who"
            | "whose"
            | "what"
            | "what's"
            | "when"
            | "when's"
            | "where"
            | "which"
            | "how"
            | "whether"
            | "is"
            | "are"
            | "does"
            | "did"
            | "who's"
            | "know"
    )
}

const PRONOUNS: &[&str] =
    &["its", "them", "they", "their", "he", "she", "him", "her", "his", "these", "those", "same"];

/// Words after which "this" and "that" point at something said before.
const POINTING: [&str; 12] =
    ["do", "put", "about", "in", "on", "of", "for", "to", "change", "with", "from", "get"];

/// Whether a part speaks of something that was named before it, by a pronoun that stands before any name of its own.
fn refers_back(ws: &[Word], run: &Range<usize>) -> bool {
    let named = (run.start + 1..run.end).find(|i| ws[*i].quoted || ws[*i].capital).unwrap_or(run.end);
    (run.start..named).any(|at| {
        let before = at.checked_sub(1).map_or("", |b| ws[b].text.as_str());
        let next = ws.get(at + 1).map_or("", |n| n.text.as_str());
        match ws[at].text.as_str() {
            _ if ws[at].quoted => false,
            "it" => {
                !matches!(before, "appreciate" | "at" | "if" | "while" | "is")
                    && !matches!(next, "not" | "possible" | "no" | "time" | "for" | "about" | "me")
            }
            "it's" => !matches!(next, "not" | "possible" | "no" | "for" | "about" | "time" | "me"),
            "this" | "that" => POINTING.contains(&before) && !matches!(next, "is" | "was" | "you" | "i"),
            "one" | "ones" => matches!(before, "the" | "that" | "this" | "which" | "latter"),
            "there" => !matches!(next, "are" | "is" | "in" | "this") && !matches!(before, "are" | "is"),
            word => PRONOUNS.contains(&word),
        }
    })
}

/// Splits a text into its wants, in order; never none.
pub fn split(text: &str) -> Vec<Want> {
    let ws = word::read(text);
    if ws.is_empty() {
        return vec![Want { text: text.to_owned(), own: 0, asks: true }];
    }
    let parts = parts(text, &ws);
    let mut wants: Vec<(Range<usize>, Kind, Option<Range<usize>>)> = Vec::new();
    // What was said since the last want and belongs to none yet.
    let mut pending: Option<Range<usize>> = None;
    for part in &parts {
        let last = wants.last_mut();
        match (part.kind, last) {
            (Kind::Rest, Some((range, _, _))) if !part.opens && pending.is_none() => {
                range.end = part.words.end;
            }
            (Kind::Rest, Some((range, _, _))) if pending.is_none() && continues(&ws, &part.words) => {
                range.end = part.words.end;
            }
            (Kind::Rest, _) => {
                pending = Some(pending.map_or(part.words.clone(), |p| p.start..part.words.end));
            }
            (kind, Some((range, before, _))) if pending.is_none() && merges(&ws, kind, *before, part) => {
                range.end = part.words.end;
            }
            (kind, _) => {
                let own = part.words.clone();
                let led = pending.as_ref().filter(|_| !part.opens).map(|p| sentence_start(text, &ws, p));
                let back = refers_back(&ws, &(led.unwrap_or(own.start)..own.end));
                let context = match (&pending, wants.last()) {
                    (_, Some((range, _, context))) if back => {
                        let start = context.as_ref().map_or(range.start, |c| c.start);
                        // Talk in between that names something is what is meant; else the want before is.
                        let talk = pending
                            .as_ref()
                            .filter(|p| ws[p.start + 1..p.end].iter().any(|w| w.quoted || w.capital));
                        Some(talk.map_or(start, |p| p.start)..own.start)
                    }
                    (Some(p), None) if back && p.start < own.start => Some(p.start..own.start),
                    _ => led.filter(|l| *l < own.start).map(|l| l..own.start),
                };
                wants.push((own, kind, context));
                pending = None;
            }
        }
    }
    if wants.is_empty() {
        return vec![Want { text: text.to_owned(), own: 0, asks: true }];
    }
    wants
        .into_iter()
        .map(|(range, kind, context)| {
            let from = context.as_ref().map_or(range.start, |c| c.start);
            let start = opening(text, ws[from].span.start);
            let own = opening(text, ws[range.start].span.start);
            let end = ws.get(range.end).map_or(text.len(), |w| opening(text, w.span.start));
            Want { text: text[start..end].trim_end().to_owned(), own: own - start, asks: kind == Kind::Ask }
        })
        .collect()
}

/// A quotation mark before a word belongs to it.
fn opening(text: &str, at: usize) -> usize {
    let before = &text[..at];
    let trimmed = before.trim_end_matches(['"', '“', '\'', '‘', '«', '(', '#', '+', '$', '€', '£', '-']);
    trimmed.len()
}

/// The last sentence's start within a run.
fn sentence_start(text: &str, ws: &[Word], run: &Range<usize>) -> usize {
    (run.start + 1..run.end)
        .rev()
        .find(|i| ends_sentence(&text[ws[i - 1].span.end..ws[*i].span.start]))
        .unwrap_or(run.start)
}

/// A sentence that goes on about what was just asked for: "It should be blue." "The subject is 'Hi'."
fn continues(ws: &[Word], run: &Range<usize>) -> bool {
    let first = ws[run.start].text.as_str();
    let value = |w: &Word| w.quoted || w.capital || w.text.chars().any(|c| c.is_ascii_digit());
    let has_value = ws[run.start + 1..run.end].iter().any(value);
    matches!(first, "it" | "its" | "it's" | "call" | "the" | "with" | "their" | "they" | "they're")
        && has_value
}

/// Whether a part goes on with the want before it.
fn merges(ws: &[Word], kind: Kind, before: Kind, part: &Part) -> bool {
    let back = ws[part.words.clone()]
        .iter()
        .filter(|w| !w.quoted)
        .take(8)
        .any(|w| matches!(w.text.as_str(), "it" | "its" | "them" | "their" | "they" | "it's"));
    match (before, kind) {
        (Kind::Ask, Kind::Ask) => !part.opens && back,
        (Kind::Effect(a), Kind::Effect(b)) => {
            let changes = |c: Class| matches!(c, Class::Update | Class::Create);
            let word = effect(ws, part.words.clone()).map_or("", |(at, _)| ws[at].text.as_str());
            let adds = matches!(
                word,
                "set"
                    | "make"
                    | "call"
                    | "give"
                    | "mark"
                    | "change"
                    | "rename"
                    | "rewrite"
                    | "put"
                    | "fill"
                    | "turn"
                    | "update"
                    | "name"
                    | "move"
                    | "assign"
                    | "switch"
                    | "run"
            );
            // "Put X on it" is something else; "put X in its description" is not.
            let own = ws[part.words.clone()].iter().any(|w| matches!(w.text.as_str(), "its" | "their"));
            back && !part.opens
                && changes(a)
                && changes(b)
                && adds
                && (own || !matches!(word, "put" | "fill"))
        }
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn split_text(text: &str) -> Vec<String> {
        split(text).into_iter().map(|w| format!("{}|{}", &w.text[..w.own], &w.text[w.own..])).collect()
    }

    #[test]
    fn wants_are_told_apart() {
        let wants =
            split_text("I bought the paint. Delete the list \"Flat\" and tell me how many lists there are.");
        assert_eq!(wants, ["|Delete the list \"Flat\"", "|and tell me how many lists there are."]);
        let wants = split_text(
            "Two things. Could you rename 'A b' to 'C d' and move it to Oslo? Once that's done, would you delete \"E\"?",
        );
        assert_eq!(
            wants,
            [
                "|Could you rename 'A b' to 'C d' and move it to Oslo?",
                "Once that's done, |would you delete \"E\"?"
            ]
        );
    }

    #[test]
    fn what_a_want_refers_back_to_stands_before_it() {
        let wants = split_text("I have a bad feeling about Estonia. What calling code does it have?");
        assert_eq!(wants, ["I have a bad feeling about Estonia. |What calling code does it have?"]);
        let wants = split_text(
            "In the Flat project there's a ticket \"Tiles\". Please leave a note on it saying \"ok\", and tell me what status it's in.",
        );
        assert_eq!(wants.len(), 2, "{wants:?}");
        assert!(wants[1].starts_with("In the Flat"), "{wants:?}");
    }

    #[test]
    fn what_has_happened_is_no_want() {
        assert_eq!(split_text("The new equipment has arrived. Please enter an asset named \"Van\" with EA83 as the identifier and the number FA-0030.").len(), 1);
        assert_eq!(split_text("It was agreed with the client. Please add the e-mail ann@x.org to the team \"Design\". The train strike messes up my plans.").len(), 1);
    }
}
