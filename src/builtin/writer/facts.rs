//! Facts that are asked: direct questions, embedded questions and noun phrases, from a field's plain words and its kind.

use super::dice::Dice;
use super::english::outside;
use super::noun::{Flag, Noun, Number, flag};
use super::tables::{Label, labels};
use crate::prompt::Asked;
use crate::words::{is_plural, list, plural, singular};

/// Returns a direct question, without its mark: `when is it due`.
pub fn question(fact: &Asked, about: &Noun, dice: &mut Dice) -> String {
    match entry(fact).map(|l| &l.question).filter(|q| !q.is_empty()) {
        Some(choices) => {
            let template = *dice.pick(choices);
            fill(template, fact, about, dice)
        }
        None => plain_question(fact, about, dice),
    }
}

/// Returns an embedded question: `when it is due`.
pub fn embedded(fact: &Asked, about: &Noun, dice: &mut Dice) -> String {
    match entry(fact).map(|l| &l.embedded).filter(|e| !e.is_empty()) {
        Some(choices) => {
            let template = *dice.pick(choices);
            fill(template, fact, about, dice)
        }
        None => plain_embedded(fact, about, dice),
    }
}

/// Returns the fact as a noun phrase without its owner: `the due date`; `None` where there is none that reads well.
pub fn thing(fact: &Asked, dice: &mut Dice) -> Option<String> {
    let label = plain(&fact.label);
    let unit = unit(fact);
    match entry(fact) {
        Some(l) if !l.noun.is_empty() => {
            let chosen = dice.pick(&l.noun);
            let text =
                dice.fill(chosen, &mut |_, slot| if slot == "label" { label.clone() } else { String::new() });
            (!text.starts_with("who") && !text.starts_with("whether") && !text.starts_with("the person"))
                .then(|| format!("{text}{unit}"))
        }
        Some(_) => None,
        None if manner(fact) == "boolean" => None,
        None if fact.kind == "number" && counted(&label).is_some() => {
            Some(format!("the number of {}", counted(&label).unwrap_or_default()))
        }
        None => Some(format!("the {}{unit}", noun_words(&label, &fact.kind))),
    }
}

/// Returns the fact as a name within a list of things to fetch: `the due date`, `who it's assigned to`.
pub fn item(fact: &Asked, about: &Noun, dice: &mut Dice) -> String {
    if dice.chance(55)
        && let Some(text) = thing(fact, dice)
    {
        return text;
    }
    embedded(fact, &about.again(), dice)
}

fn entry(fact: &Asked) -> Option<&'static Label> {
    match fact.kind.as_str() {
        "boolean" => labels().flag(&fact.label),
        "number" if timely(&fact.label) => None,
        "number" if yes_or_no(&fact.label) => labels().flag(&fact.label),
        "list" if labels().is(&fact.label, "quantity") => None,
        _ => labels().find(&fact.label),
    }
}

/// Tells whether a label speaks of a moment, so that a bare number under it is something else.
pub fn timely(label: &str) -> bool {
    ["start", "end", "date", "due", "created", "updated", "completed", "expiry"]
        .iter()
        .any(|g| labels().is(label, g))
}

/// Tells whether a number under this label is a yes or a no.
fn yes_or_no(label: &str) -> bool {
    let label = plain(label);
    label.starts_with("has ")
        || label.starts_with("is ")
        || label.starts_with("can ")
        || ["explicit", "instrumental", "restricted", "locked", "verified", "managed", "hidden"]
            .contains(&label.as_str())
}

/// Returns the kind by which a fact is asked.
fn manner(fact: &Asked) -> &str {
    if fact.kind == "number" && yes_or_no(&fact.label) { "boolean" } else { &fact.kind }
}

fn plain(label: &str) -> String {
    label.trim().to_lowercase().replace('_', " ")
}

fn unit(fact: &Asked) -> String {
    fact.unit.as_ref().map(|u| format!(" in {u}")).unwrap_or_default()
}

fn fill(template: &str, fact: &Asked, about: &Noun, dice: &mut Dice) -> String {
    let takes_unit = template.contains("{u}");
    let text = dice.fill(template, &mut |_, slot| slot_of(slot, fact, about));
    if takes_unit || fact.unit.is_none() {
        text
    } else {
        format!("{text}, in {}", fact.unit.as_deref().unwrap_or_default())
    }
}

/// Fills a slot that speaks of a noun.
pub fn noun_slot(slot: &str, about: &Noun) -> Option<String> {
    Some(match slot {
        "S" => about.subject(),
        "O" => about.object(),
        "they" => if about.number == Number::One { "it" } else { "they" }.to_owned(),
        "them" => if about.number == Number::One { "it" } else { "them" }.to_owned(),
        "their" => if about.number == Number::One { "its" } else { "their" }.to_owned(),
        _ => {
            if let Some(thing) = slot.strip_prefix("of:") {
                about.of(thing)
            } else {
                let (one, many) = slot.split_once('/')?;
                if about.number == Number::One { one } else { many }.to_owned()
            }
        }
    })
}

fn slot_of(slot: &str, fact: &Asked, about: &Noun) -> String {
    match slot {
        "u" => unit(fact),
        "label" => plain(&fact.label),
        "of:label" => about.of(&plain(&fact.label)),
        _ => noun_slot(slot, about).unwrap_or_default(),
    }
}

/// Words that a label ends in and that people leave out.
fn noun_words(label: &str, kind: &str) -> String {
    for end in [" at", " on"] {
        if let Some(stem) = label.strip_suffix(end)
            && kind == "instant"
        {
            return format!("{stem} date");
        }
    }
    label.to_owned()
}

/// The participle of an instant's label (`received at` → `received`).
fn participle(label: &str) -> Option<&str> {
    let stem = [" at", " on", " date", " time"].iter().find_map(|e| label.strip_suffix(e)).unwrap_or(label);
    (stem.ends_with("ed") || ["sent", "paid", "made", "sold", "run", "read", "seen", "built"].contains(&stem))
        .then_some(stem)
}

/// What is counted by a label (`repost count` → `reposts`).
fn counted(label: &str) -> Option<String> {
    let stem = label
        .strip_suffix(" count")
        .or_else(|| label.strip_prefix("number of "))
        .or_else(|| label.strip_prefix("num "))
        .or_else(|| label.strip_prefix("count "))
        .or_else(|| label.strip_prefix("total "))?;
    (!["price", "cost", "amount", "time", "distance", "value"].contains(&stem)).then(|| plural(stem))
}

fn plain_question(fact: &Asked, about: &Noun, dice: &mut Dice) -> String {
    let label = plain(&fact.label);
    let (s, one) = (about.subject(), about.number == Number::One);
    let (is, was, does) = if one { ("is", "was", "does") } else { ("are", "were", "do") };
    match manner(fact) {
        "boolean" => match flag(&label) {
            Flag::Quality(word) => format!("{is} {s} {word}"),
            Flag::Possession(thing) => format!("{does} {s} have {thing}"),
            Flag::Ability(deed) => format!("can {s} {deed}"),
            Flag::Others(who, deed) => format!("can {who} {deed} {}", about.object()),
        },
        "instant" => match participle(&label) {
            Some(word) => {
                dice.word(&format!("when {was} {s} {word}|on what date {was} {s} {word}")).to_owned()
            }
            None => {
                format!("{} {}", dice.word("when's|when is|what's"), about.of(&noun_words(&label, "instant")))
            }
        },
        "number" => match counted(&label) {
            Some(things) => format!("how many {things} {does} {s} have"),
            None if is_plural(&label) => format!("how many {label} {does} {s} have"),
            None => {
                dice.word(&format!("what's {0}|how much is {0}|what's {0}", about.of(&label)))
                    .replace("how much is", if money(&label) { "how much is" } else { "what's" })
                    + &unit(fact)
            }
        },
        "list" if relation(&label).is_some() => {
            let (things, how) = relation(&label).unwrap_or_default();
            format!("{} {things} are {how} {}", dice.word("which|what"), about.object())
        }
        "list" => {
            let things = plural(&singular(&label));
            let choice = dice.below(3);
            match choice {
                0 => format!("which {things} {does} {s} have"),
                1 => format!("what {things} {does} {s} have"),
                _ => format!("what are {}", about.of(&things)),
            }
        }
        _ if is_plural(&label) => format!("what are {}", about.of(&label)),
        _ => match dice.below(4) {
            0 => format!("what {label} {does} {s} have") + &unit(fact),
            1 => format!("what {} {}", is_or("is", &label), about.of(&label)) + &unit(fact),
            _ => format!("what's {}", about.of(&label)) + &unit(fact),
        },
    }
}

fn is_or(word: &'static str, label: &str) -> &'static str {
    if is_plural(label) { "are" } else { word }
}

/// Records that stand in a relation to another (`nearby cities`, `related artists`), and how that is said.
fn relation(label: &str) -> Option<(String, &'static str)> {
    let (adjective, things) = label.split_once(' ')?;
    let how = match adjective {
        "nearby" | "near" => "near",
        "related" => "related to",
        "similar" => "similar to",
        _ => return None,
    };
    Some((plural(&singular(things)), how))
}

fn money(label: &str) -> bool {
    ["fee", "price", "cost", "total", "tax", "shipping", "amount", "budget"]
        .iter()
        .any(|w| label.ends_with(w))
}

fn plain_embedded(fact: &Asked, about: &Noun, dice: &mut Dice) -> String {
    let label = plain(&fact.label);
    let (s, one) = (about.subject(), about.number == Number::One);
    let (is, was, has) = if one { ("is", "was", "has") } else { ("are", "were", "have") };
    match manner(fact) {
        "boolean" => {
            let whether = if dice.chance(70) { "whether" } else { "if" };
            match flag(&label) {
                Flag::Quality(word) => format!("{whether} {s} {is} {word}"),
                Flag::Possession(thing) => format!("{whether} {s} {has} {thing}"),
                Flag::Ability(deed) => format!("{whether} {s} can {deed}"),
                Flag::Others(who, deed) => format!("{whether} {who} can {deed} {}", about.object()),
            }
        }
        "instant" => match participle(&label) {
            Some(word) => format!("when {s} {was} {word}"),
            None => format!("when {} is", about.of(&noun_words(&label, "instant"))),
        },
        "number" => match counted(&label) {
            Some(things) => format!("how many {things} {s} {has}"),
            None if is_plural(&label) => format!("how many {label} {s} {has}"),
            None => format!("what {} is", about.of(&label)) + &unit(fact),
        },
        "list" if relation(&label).is_some() => {
            let (things, how) = relation(&label).unwrap_or_default();
            format!("{} {things} are {how} {}", dice.word("which|what"), about.object())
        }
        "list" => {
            let things = plural(&singular(&label));
            format!("{} {things} {s} {has}", dice.word("which|what"))
        }
        _ if is_plural(&label) => format!("what {} are", about.of(&label)),
        _ => {
            if dice.chance(30) {
                format!("what {label} {s} {has}{}", unit(fact))
            } else {
                format!("what {} is{}", about.of(&label), unit(fact))
            }
        }
    }
}

/// Joins questions about one record: the first names it, the others say `it`.
pub fn questions(facts: &[Asked], about: &Noun, dice: &mut Dice) -> String {
    let again = about.again();
    let mut asked: Vec<String> = Vec::new();
    for (at, fact) in facts.iter().enumerate() {
        asked.push(question(fact, if at == 0 { about } else { &again }, dice));
    }
    share_is(&list(&asked))
}

/// Joins embedded questions likewise.
pub fn embeddeds(facts: &[Asked], about: &Noun, dice: &mut Dice) -> String {
    let again = about.again();
    let mut asked: Vec<String> = Vec::new();
    for (at, fact) in facts.iter().enumerate() {
        asked.push(embedded(fact, if at == 0 { about } else { &again }, dice));
    }
    list(&asked)
}

/// Joins facts as one noun phrase of the record: `the due date and the status of X`; `None` where one of them has none.
pub fn things(facts: &[Asked], about: &Noun, dice: &mut Dice) -> Option<String> {
    let names: Vec<String> = facts.iter().map(|f| thing(f, dice)).collect::<Option<_>>()?;
    let (core, short) = (about.full(), about.short && about.place.is_none() && !about.pronoun);
    let bare: Vec<String> = names.iter().map(|n| n.trim_start_matches("the ").to_owned()).collect();
    let of = if about.pronoun {
        format!("{} {}", if about.number == Number::One { "its" } else { "their" }, list(&bare))
    } else if short
        && facts.iter().all(|f| f.unit.is_none())
        && !list(&bare).contains(" that ")
        && dice.chance(60)
    {
        format!("{core}'s {}", list(&bare))
    } else if names.iter().any(|n| n.contains(" that ") || n.contains(" of ")) {
        format!("{} {} {core}", list(&names), "for")
    } else {
        format!(
            "{} {} {core}",
            if names.len() > 1 && dice.chance(50) { format!("the {}", list(&bare)) } else { list(&names) },
            dice.word("of|for")
        )
    };
    Some(of)
}

/// Contracts what a list of questions repeats (`what's its x and what's its y` → `what's its x and its y`).
fn share_is(text: &str) -> String {
    outside(text, &mut |part| {
        let mut seen = false;
        let mut out = part.to_owned();
        if let Some(first) = out.find("what's its ") {
            let (head, tail) = out.split_at(first + 11);
            let tail = tail.replace("what's its ", "its ");
            seen = true;
            out = format!("{head}{tail}");
        }
        if seen { out } else { part.to_owned() }
    })
}

/// Returns one record's article and name for `each`: `what each one's status is`.
pub fn per_each(fact: &Asked, dice: &mut Dice) -> String {
    let each = Noun {
        core: "each one".to_owned(),
        place: None,
        short: true,
        number: Number::One,
        person: false,
        pronoun: false,
    };
    embedded(fact, &each, dice)
}
