//! Values that the user gives, woven into phrases: after a new record's name, as a change, as a statement.

use super::dice::Dice;
use super::english::guard;
use super::facts::noun_slot;
use super::noun::{Flag, Noun, Number, can, code, flag, moment, needs_quotes, proper, quoted, value_slot};
use super::tables::{Label, labels};
use crate::prompt::Given;

/// Labels whose values are names or wordings, which quotes suit.
const WORDED: [&str; 6] = ["name", "title", "summary", "subject", "message", "notes"];

/// Returns the label's entry.
fn entry(given: &Given) -> Option<&'static Label> {
    if given.exact.is_number() && super::facts::timely(&given.label) {
        return None;
    }
    labels().find(&given.label)
}

/// Tells whether the label belongs to a group of the label table, by the group's first name.
pub fn is(given: &Given, group: &str) -> bool {
    labels().is(&given.label, group)
}

/// Tells whether the value is a text of some length, to be set down as it is.
pub fn prose(given: &Given) -> bool {
    given.exact.is_string()
        && !moment(&given.exact)
        && (given.value.split(' ').count() > 5
            || is(given, "message")
            || given.value.ends_with(['.', '!', '?']))
}

/// Returns the value as it stands in the text: guarded, and in quotes where they help.
pub fn shown(given: &Given, dice: &mut Dice) -> String {
    if wants_quotes(given, dice) { quoted(&given.value, dice) } else { guard(&given.value) }
}

fn wants_quotes(given: &Given, dice: &mut Dice) -> bool {
    let value = &given.value;
    if !given.exact.is_string() || code(value) && !given.quoted {
        return given.quoted && prose(given);
    }
    if numeric(value) || moment(&given.exact) {
        return false;
    }
    if prose(given) || needs_quotes(value) {
        return given.quoted || value.len() > 30;
    }
    let worded = WORDED.iter().any(|w| is(given, w));
    if worded && given.quoted {
        return !proper(value) || dice.chance(70);
    }
    given.quoted && value.contains(' ') && !proper(value)
}

/// Tells whether a value is mostly digits: a phone number, a code.
fn numeric(value: &str) -> bool {
    let digits = value.chars().filter(char::is_ascii_digit).count();
    digits * 2 > value.chars().count()
}

fn plain(given: &Given) -> String {
    given.label.trim().to_lowercase().replace('_', " ")
}

fn slot_of(slot: &str, given: &Given, quote: bool, about: &Noun, dice: &mut Dice) -> String {
    match slot {
        "label" => plain(given),
        "of:label" => about.of(&plain(given)),
        "v" | "on" | "on_plain" | "by" | "tov" | "av" => {
            value_slot(slot, &given.value, quote, about.number, dice)
        }
        _ => noun_slot(slot, about).unwrap_or_default(),
    }
}

fn fill(templates: &[&'static str], given: &Given, about: &Noun, dice: &mut Dice) -> String {
    // A value that ends a sentence stands at the end of one.
    let last: Vec<&'static str> = templates.iter().copied().filter(|t| t.ends_with("{v}")).collect();
    let ends = given.value.ends_with(['.', '!', '?']) && !last.is_empty();
    // "to in three days" is nobody's English.
    let placed: Vec<&'static str> =
        templates.iter().copied().filter(|t| t.contains("{on}") || t.contains("{by}")).collect();
    let first = given.value.split(' ').next().unwrap_or_default().to_lowercase();
    let adverb = moment(&given.exact) && ["in", "on", "at"].contains(&first.as_str());
    let template = match (ends, adverb) {
        (true, _) => *dice.pick(&last),
        (_, true) if !placed.is_empty() => *dice.pick(&placed),
        (_, true) => "have {of:label} be {v}",
        _ => *dice.pick(templates),
    };
    let quote = wants_quotes(given, dice);
    dice.fill(template, &mut |dice, slot| slot_of(slot, given, quote, about, dice))
}

/// A stand-in for the record that is spoken of.
pub fn it() -> Noun {
    Noun {
        core: "it".to_owned(),
        place: None,
        short: true,
        number: Number::One,
        person: false,
        pronoun: true,
    }
}

fn truth(given: &Given) -> Option<bool> {
    given.exact.as_bool()
}

/// Returns a modifier of a new record: `due on Friday`, `called 'Flat'`, `with Sunburst as the finish`.
pub fn modifier(given: &Given, dice: &mut Dice) -> String {
    if let Some(yes) = truth(given) {
        return match (flag(&plain(given)), yes) {
            (Flag::Quality(word), true) => format!("marked as {word}"),
            (Flag::Quality(word), false) => format!("not {word}"),
            (Flag::Possession(thing), true) => format!("with {thing}"),
            (Flag::Possession(thing), false) => {
                format!("without {}", thing.trim_start_matches("an ").trim_start_matches("a "))
            }
            (Flag::Ability(deed), yes) => format!("that {} {deed}", can(yes)),
            (Flag::Others(who, deed), yes) => format!("that {who} {} {deed}", can(yes)),
        };
    }
    if let Some(label) = entry(given).filter(|l| !l.modifier.is_empty()) {
        return fill(&label.modifier, given, &it(), dice);
    }
    if given.exact.is_number() {
        return fill(&["with a {label} of {v}", "with {v} as the {label}"], given, &it(), dice);
    }
    fill(&["with {v} as the {label}"], given, &it(), dice)
}

/// Imperatives for labels that the table does not know.
const PLAIN: [&str; 5] = [
    "change {of:label} to {v}",
    "set {of:label} to {v}",
    "make {of:label} {v}",
    "update {of:label} to {v}",
    "put {v} in as {of:label}",
];

/// Returns an imperative that sets the value: `mark it as done`, `move its due date to Friday`.
pub fn set(given: &Given, about: &Noun, dice: &mut Dice) -> String {
    if let Some(yes) = truth(given) {
        return set_flag(given, yes, about, dice);
    }
    let Some(label) = entry(given).filter(|l| !l.set.is_empty()) else {
        return fill(&PLAIN, given, about, dice);
    };
    // Two quoted names must not stand side by side.
    let apart: Vec<&'static str> = label.set.iter().copied().filter(|t| !t.contains("{O} {v}")).collect();
    let crowded = super::noun::ends_in_value(&about.object()) && !apart.is_empty();
    fill(if crowded { &apart } else { &label.set }, given, about, dice)
}

fn set_flag(given: &Given, yes: bool, about: &Noun, dice: &mut Dice) -> String {
    let (o, is) = (about.object(), if about.number == Number::One { "is" } else { "are" });
    match flag(&plain(given)) {
        Flag::Quality(word) if yes => format!("{} {o} {word}", dice.word("make|mark|set")),
        Flag::Quality(word) => format!("make sure {} {is} not {word} any more", about.subject()),
        Flag::Ability(deed) => format!("make sure {} {} {deed}", about.subject(), can(yes)),
        Flag::Others(who, deed) if yes => format!("let {who} {deed} {o}"),
        Flag::Others(who, deed) => format!("make sure {who} can't {deed} {o}"),
        Flag::Possession(_) => {
            let turn = if yes {
                dice.word("turn on|switch on|enable")
            } else {
                dice.word("turn off|switch off|disable")
            };
            format!("{turn} {} for {o}", plain(given))
        }
    }
}

/// Returns a statement that the value should be so: `it's due on Friday`.
pub fn should(given: &Given, about: &Noun, dice: &mut Dice) -> String {
    if let Some(yes) = truth(given) {
        let s = about.subject();
        return match (flag(&plain(given)), yes) {
            (Flag::Quality(word), true) => format!("{s} should be {word}"),
            (Flag::Quality(word), false) => format!("{s} shouldn't be {word}"),
            (Flag::Possession(thing), true) => format!("{s} should have {thing}"),
            (Flag::Possession(thing), false) => format!("{s} shouldn't have {thing}"),
            (Flag::Ability(deed), yes) => format!("{s} {} {deed}", can(yes)),
            (Flag::Others(who, deed), yes) => {
                format!(
                    "{who} {} be able to {deed} {}",
                    if yes { "should" } else { "shouldn't" },
                    about.object()
                )
            }
        };
    }
    match entry(given).filter(|l| !l.should.is_empty()) {
        Some(label) => {
            // Where the record itself has to be named, only statements about it will do.
            let naming: Vec<&'static str> = label
                .should
                .iter()
                .copied()
                .filter(|t| about.pronoun || t.contains("{S}") || t.contains("{of:"))
                .collect();
            if naming.is_empty() {
                return fill(&["for {O}, the {label} should be {v}"], given, about, dice);
            }
            fill(&naming, given, about, dice)
        }
        None if about.pronoun => {
            fill(&["the {label} (should be|is) {v}", "{v} (goes in as|is) the {label}"], given, about, dice)
        }
        None => fill(&["{of:label} should be {v}", "{of:label} needs to be {v}"], given, about, dice),
    }
}

/// Where a value's modifier comes among several: names first, prose last.
pub fn rank(given: &Given) -> u8 {
    const RANKS: [(&str, u8); 19] = [
        ("name", 0),
        ("title", 0),
        ("summary", 0),
        ("username", 0),
        ("to", 1),
        ("breed", 1),
        ("type", 1),
        ("make", 1),
        ("model", 2),
        ("date", 2),
        ("start", 2),
        ("end", 3),
        ("due", 3),
        ("location", 4),
        ("attendees", 5),
        ("price", 5),
        ("description", 9),
        ("notes", 9),
        ("message", 9),
    ];
    if prose(given) && !["name", "title", "summary"].iter().any(|g| is(given, g)) {
        return 9;
    }
    RANKS.iter().find(|(group, _)| is(given, group)).map_or(6, |(_, rank)| *rank)
}

/// Joins modifiers so that they read as one phrase: `due on Friday, with 3 in stock and Marta as the contact`.
pub fn weave(modifiers: &[String]) -> String {
    let (with, plain): (Vec<&String>, Vec<&String>) = modifiers.iter().partition(|m| m.starts_with("with "));
    let mut parts: Vec<String> = plain.iter().map(|m| (*m).clone()).collect();
    if !with.is_empty() {
        let bare: Vec<String> = with.iter().map(|m| m["with ".len()..].to_owned()).collect();
        parts.push(format!("with {}", crate::words::list(&bare)));
    }
    let mut out = String::new();
    for (at, part) in parts.iter().enumerate() {
        let join = match at {
            _ if part.starts_with("and ") => " ",
            0 if bare_noun(part) => ", ",
            0 => " ",
            _ => ", ",
        };
        out.push_str(join);
        out.push_str(part);
    }
    out
}

/// Tells whether a modifier begins with a noun, so that it needs a comma before it.
fn bare_noun(part: &str) -> bool {
    const NOUNS: &str = "model|quantity|priority|surname|first|year|code|number|type|make|condition|subject|e-mail|phone|\
        photo|the|a|not";
    super::noun::among(part.split(' ').next().unwrap_or_default(), NOUNS)
        || part.starts_with(super::english::OPEN)
}

/// Joins a start and an end into one modifier: `from 3 pm to 4 pm`.
pub fn span(start: &Given, end: &Given, dice: &mut Dice) -> String {
    match dice.below(3) {
        0 => format!(
            "starting {} and ending {}",
            super::english::on(&start.value),
            super::english::on(&end.value)
        ),
        1 => format!("from {} until {}", guard(&start.value), guard(&end.value)),
        _ => format!("from {} to {}", guard(&start.value), guard(&end.value)),
    }
}
