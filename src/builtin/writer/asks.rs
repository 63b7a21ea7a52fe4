//! Wants for facts: of one record, over several, computed.

use super::clause::Clause;
use super::dice::Dice;
use super::facts::{embedded, embeddeds, item, per_each, question, questions, things};
use super::given::modifier;
use super::memory::Memory;
use super::noun::{Noun, Number};
use super::tables::labels;
use crate::prompt::{Asked, Given, Subject, SurveyAsk};
use crate::words::{list, plural, singular};

/// Words a want for facts of a record.
pub fn know(subject: &Subject, facts: &[Asked], memory: &mut Memory, dice: &mut Dice) -> Vec<Clause> {
    let about = memory.refer(subject, dice);
    if facts.is_empty() {
        let o = about.object();
        return vec![
            Clause::Question(format!(
                "what {} {o}",
                dice.word("do you have on|can you tell me about|do we know about")
            )),
            Clause::Thing(format!("{} {o}", dice.word("the details of|everything on|what there is on"))),
            Clause::Fetch(format!("{} {o}", dice.word("show me|pull up|bring up|look up"))),
        ];
    }
    let mut out =
        vec![Clause::Question(questions(facts, &about, dice)), Clause::Told(embeddeds(facts, &about, dice))];
    if let Some(text) = things(facts, &about, dice) {
        out.push(Clause::Thing(text));
    }
    if !about.pronoun {
        let again = about.again();
        let rest = if facts.len() > 2 && dice.chance(50) {
            let items: Vec<String> = facts.iter().map(|f| item(f, &about, dice)).collect();
            format!("I need {}.", list(&items))
        } else {
            format!("{}?", questions(facts, &again, dice))
        };
        out.push(Clause::Topic(about.full(), rest));
        if let Some(place) = &about.place
            && (place.starts_with("in ") || place.starts_with("on "))
        {
            out.push(Clause::Fronted(place.clone(), questions(facts, &about.without_place(), dice)));
        }
    }
    out
}

/// Returns the question for facts of a write's result.
pub fn follow(facts: &[Asked], memory: &Memory, dice: &mut Dice) -> Vec<Clause> {
    let about = memory.current();
    vec![
        Clause::Told(embeddeds(facts, &about, dice)),
        Clause::Question(format!("{}{}", questions(facts, &about, dice), dice.word("| then| now|"))),
    ]
}

/// Words a want over several records.
pub fn survey(subject: &Subject, ask: &SurveyAsk, memory: &mut Memory, dice: &mut Dice) -> Vec<Clause> {
    match ask {
        SurveyAsk::Count => count(subject, memory, dice),
        SurveyAsk::Each(fact) => each(subject, fact, memory, dice),
        SurveyAsk::Extreme(word, field, fact) => extreme(subject, word, field, fact, memory, dice),
        SurveyAsk::Total(fact) => total(subject, fact, memory, dice),
    }
}

fn place_of(many: &Noun) -> String {
    many.place.as_ref().map(|p| format!(" {p}")).unwrap_or_default()
}

fn count(subject: &Subject, memory: &mut Memory, dice: &mut Dice) -> Vec<Clause> {
    let many = memory.refer_many(subject, dice);
    let (core, place) = (many.core.clone(), place_of(&many));
    let mine = subject.own;
    if let Some((front, rest)) = core.split_once(" that are ")
        && dice.chance(70)
    {
        let own = if mine { "of my " } else { "" };
        return vec![
            Clause::Question(format!("how many {own}{front}{place} are {rest}")),
            Clause::Told(format!("how many {own}{front}{place} are {rest}")),
            Clause::Thing(format!("the number of {}{core}{place}", if mine { "my " } else { "" })),
        ];
    }
    let (ask, told) = if mine {
        (dice.word("do I have|have I got"), "I have")
    } else {
        let choice = dice.word("are there|do we have|are there|have we got");
        (choice, if choice.contains("we") { "we have" } else { "there are" })
    };
    vec![
        Clause::Question(format!("how many {core} {ask}{place}")),
        Clause::Told(format!("how many {core} {told}{place}")),
        Clause::Thing(format!("{} {}{core}{place}", "the number of", if mine { "my " } else { "" })),
        Clause::Fetch(format!("count {} {core}{place}", if mine { "my" } else { "the" })),
    ]
}

fn the_many(subject: &Subject, many: &Noun, dice: &mut Dice) -> Noun {
    let article = if subject.own { dice.word("my|all my") } else { dice.word("the|all the|all") };
    Noun { core: format!("{article} {}", many.core), ..many.clone() }
}

fn named(fact: &Asked) -> bool {
    ["name", "title", "summary"].iter().any(|g| labels().is(&fact.label, g))
}

fn each(subject: &Subject, fact: &Asked, memory: &mut Memory, dice: &mut Dice) -> Vec<Clause> {
    let many = memory.refer_many(subject, dice);
    let (core, place) = (many.core.clone(), place_of(&many));
    let all = the_many(subject, &many, dice).full();
    if named(fact) {
        let (ask, told) = if subject.own { ("do I have", "I have") } else { ("are there", "there are") };
        let label = plural(&fact.label.to_lowercase());
        return vec![
            Clause::Question(format!("{} {core} {ask}{place}", dice.word("which|what"))),
            Clause::Told(format!("{} {core} {told}{place}", dice.word("which|what"))),
            Clause::Thing(format!("the {label} of {all}")),
            Clause::Fetch(format!(
                "{} {all}",
                dice.word("give me a list of|show me|give me|get me a list of")
            )),
            Clause::Fetch(format!("list {all}{}", dice.word("| by name|"))),
        ];
    }
    let one = Noun {
        core: format!("each of {} {core}", if subject.own { "my" } else { "the" }),
        short: false,
        number: Number::One,
        ..many.clone()
    };
    let mut out = vec![
        Clause::Question(question(fact, &one, dice)),
        Clause::Told(embedded(fact, &one, dice)),
        Clause::Fetch(format!("go through {all} and tell me {}", per_each(fact, dice))),
    ];
    if let Some(text) = super::facts::thing(fact, dice) {
        let bare = text.trim_start_matches("the ").to_owned();
        out.push(Clause::Thing(format!(
            "the {bare} of {} {core}{place}",
            if subject.own { "each of my" } else { "each of the" }
        )));
        out.push(Clause::Thing(format!("{all}, each with its {bare}")));
    }
    out
}

fn extreme(
    subject: &Subject,
    word: &str,
    field: &str,
    fact: &Asked,
    memory: &mut Memory,
    dice: &mut Dice,
) -> Vec<Clause> {
    let picked =
        Subject { extreme: Some((word.to_owned(), field.to_owned())), name: None, ..subject.clone() };
    if !named(fact) {
        return know(&picked, std::slice::from_ref(fact), memory, dice);
    }
    let one = memory.refer(&picked, dice);
    let mut out = vec![
        Clause::Question(format!("{} {}", dice.word("which is|what's"), one.full())),
        Clause::Told(format!("{} {} is", dice.word("which|what"), one.full().trim_start_matches("the "))),
        Clause::Thing(format!("the {} of {}", fact.label.to_lowercase(), one.full())),
    ];
    if let Clause::Told(_) = out[1] {
        out[1] = Clause::Told(format!("what {} is called", one.full()));
    }
    if !one.core.contains(" with the ") && !subject.own {
        let many = super::noun::nouns(subject, dice);
        out.push(Clause::Question(format!("which of the {} is the {word}", many.full())));
        out.push(Clause::Told(format!("which of the {} is the {word}", many.full())));
    }
    out
}

fn total(subject: &Subject, fact: &Asked, memory: &mut Memory, dice: &mut Dice) -> Vec<Clause> {
    let many = memory.refer_many(subject, dice);
    let all = the_many(subject, &many, dice).full();
    let label = fact.label.to_lowercase();
    let bare = label.trim_start_matches("total ").to_owned();
    let unit = fact.unit.as_ref().map(|u| format!(" in {u}")).unwrap_or_default();
    let mut out = vec![
        Clause::Question(format!("what's the {} {bare} of {all}{unit}", dice.word("total|combined"))),
        Clause::Told(format!("what the {} {bare} of {all} is{unit}", dice.word("total|combined"))),
        Clause::Thing(format!("the {} {bare} of {all}{unit}", dice.word("total|combined"))),
        Clause::Fetch(format!("add up the {bare} of {all}{unit}")),
    ];
    if ["price", "purchase price", "book value"].iter().any(|g| labels().is(&label, g)) {
        out.push(Clause::Question(format!(
            "how much are {all} {}{unit}, going by {bare}",
            dice.word("altogether|in total")
        )));
    }
    out
}

/// Words a want for a computed value.
pub fn compute(
    what: &Asked,
    subjects: &[Subject],
    values: &[Given],
    memory: &mut Memory,
    dice: &mut Dice,
) -> Vec<Clause> {
    let named: Vec<Noun> = subjects.iter().map(|s| memory.refer(s, dice)).collect();
    let mut extra = String::new();
    for value in values {
        extra.push(' ');
        extra.push_str(&modifier(value, dice));
    }
    let unit = what.unit.as_ref().map(|u| format!("{} in {u}", dice.word("|,"))).unwrap_or_default();
    let label = what.label.to_lowercase();
    if let [from, to] = named.as_slice()
        && label.contains("distance")
    {
        return distance(&from.full(), &to.full(), &extra, &unit, dice);
    }
    if let [one] = named.as_slice() {
        let mut out = vec![
            Clause::Question(format!("{}{extra}", question(what, one, dice))),
            Clause::Told(format!("{}{extra}", embedded(what, one, dice))),
        ];
        if let Some(text) = things(std::slice::from_ref(what), one, dice) {
            out.push(Clause::Thing(format!("{text}{extra}")));
        }
        return out;
    }
    let names: Vec<String> = named.iter().map(Noun::full).collect();
    let of = match names.len() {
        0 => String::new(),
        2 if ["difference", "gap", "interval"].iter().any(|w| label.contains(w)) => {
            format!(" between {}", list(&names))
        }
        _ => format!(" for {}", list(&names)),
    };
    let article = if singular(&label) == label { "the " } else { "" };
    vec![
        Clause::Question(format!(
            "what{} {article}{label}{of}{extra}{unit}",
            if article.is_empty() { " are the" } else { "'s" }
        )),
        Clause::Told(format!("what the {label}{of}{extra} is{unit}")),
        Clause::Thing(format!("the {label}{of}{extra}{}", unit.trim_start_matches(','))),
    ]
}

fn distance(from: &str, to: &str, extra: &str, unit: &str, dice: &mut Dice) -> Vec<Clause> {
    let (tail, plain) = (format!("{extra}{unit}"), format!("{extra}{}", unit.trim_start_matches(',')));
    let crow = if dice.chance(35) { " as the crow flies" } else { "" };
    vec![
        Clause::Question(format!("how far is it from {from} to {to}{crow}{tail}")),
        Clause::Question(format!("how far apart are {from} and {to}{crow}{tail}")),
        Clause::Question(format!("what's the distance between {from} and {to}{tail}")),
        Clause::Question(format!("how far is {to} from {from}{crow}{tail}")),
        Clause::Told(format!("how far it is from {from} to {to}{crow}{tail}")),
        Clause::Told(format!("how far {from} is from {to}{tail}")),
        Clause::Thing(format!("the distance {} {from} {} {to}{plain}", "between", "and")),
        Clause::Thing(format!("the distance from {from} to {to}{crow}{plain}")),
    ]
}
