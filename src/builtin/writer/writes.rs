//! Wants that change something: make, change, remove, do.

use super::clause::Clause;
use super::dice::Dice;
use super::given::{is, it, modifier, prose, rank, set, should, shown, weave};
use super::memory::Memory;
use super::noun::{Noun, head_word, kind_in};
use crate::prompt::{Given, Subject};
use crate::words::{a, list};

/// How records of a kind are made: kinds, ways with a holder, ways without. `{k}` is the record, `{to}` and `{in}` the holder.
type Way = (&'static [&'static str], &'static [&'static str], &'static [&'static str]);

const WAYS: [Way; 14] = [
    (
        &["event", "appointment", "meeting"],
        &["put {k} {in}", "add {k} {to}", "enter {k} {in}", "schedule {k} {in}"],
        &["schedule {k}", "set up {k}", "plan {k}", "put in {k}"],
    ),
    (
        &["task", "todo", "reminder"],
        &["add {k} {to}", "put {k} {in}", "note {k} {in}"],
        &["add {k}", "note down {k}"],
    ),
    (
        &["ticket", "issue", "bug"],
        &["open {k} {in}", "file {k} {in}", "raise {k} {in}", "log {k} {in}", "create {k} {in}"],
        &["open {k}", "file {k}", "raise {k}", "log {k}"],
    ),
    (
        &["comment", "note", "reply"],
        &["leave {k} {in}", "add {k} {to}", "put {k} {in}"],
        &["leave {k}", "add {k}"],
    ),
    (
        &["pet", "animal"],
        &["add {k} {to}", "enter {k} {in}"],
        &["add {k}", "register {k}", "enter {k}", "take in {k}"],
    ),
    (&["order", "purchase"], &["place {k} {in}"], &["place {k}", "put {k} through", "put in {k}"]),
    (&["contact"], &["save {k} {in}", "add {k} {to}"], &["save {k}", "add {k}", "store {k}"]),
    (
        &["listing", "product"],
        &["put {k} up {in}", "create {k} {in}", "add {k} {to}"],
        &["put up {k}", "create {k}", "draft {k}", "set up {k}"],
    ),
    (
        &["device", "vehicle", "driver"],
        &["register {k} {in}", "add {k} {to}"],
        &["register {k}", "add {k}", "set up {k}"],
    ),
    (
        &["asset"],
        &["register {k} {in}", "add {k} {to}"],
        &["register {k}", "add {k}", "enter {k}", "book in {k}"],
    ),
    (
        &["message", "sms", "text", "email", "e-mail", "mail"],
        &["send {k} {to}"],
        &["send {k}", "send out {k}"],
    ),
    (&["offer"], &["make {k} {in}", "put in {k} {in}"], &["make {k}", "put in {k}"]),
    (&["geofence", "zone"], &["draw {k} {in}", "set up {k} {in}"], &["draw {k}", "set up {k}", "create {k}"]),
    (
        &[
            "list",
            "calendar",
            "group",
            "team",
            "collection",
            "project",
            "folder",
            "workflow",
            "trigger",
            "application",
        ],
        &["set up {k} {in}", "create {k} {in}", "make {k} {in}", "start {k} {in}"],
        &["set up {k}", "create {k}", "make me {k}", "start {k}"],
    ),
];
const OTHER_WAY: Way =
    (&[], &["add {k} {to}", "create {k} {in}", "put {k} {in}"], &["add {k}", "create {k}", "set up {k}"]);

/// How many values stand within the sentence before the rest gets sentences of its own.
const WITHIN: usize = 3;

/// Words a want to make a record.
pub fn create(
    kind: &str,
    under: &[Subject],
    values: &[Given],
    memory: &mut Memory,
    dice: &mut Dice,
) -> Vec<Clause> {
    let mut ordered: Vec<&Given> = values.iter().collect();
    ordered.sort_by_key(|v| rank(v));
    if ordered.len() > 2 && dice.chance(40) {
        let from = ordered.iter().position(|v| rank(v) > 0).unwrap_or(0);
        let to = ordered.iter().position(|v| rank(v) == 9).unwrap_or(ordered.len());
        if to > from + 1 {
            ordered[from..to].rotate_left(1);
        }
    }
    let named = ordered.first().filter(|v| rank(v) == 0).copied();
    let mut rest: Vec<&Given> = ordered.iter().skip(usize::from(named.is_some())).copied().collect();
    let spanned = take_span(&mut rest, dice);
    let within = inline(&rest, dice);
    let mut mods: Vec<String> = spanned.into_iter().collect();
    mods.extend(rest[..within].iter().map(|v| modifier(v, dice)));
    let adjective = if dice.chance(50) { "new " } else { "" };
    let mut record = a(&format!("{adjective}{kind}"));
    let same =
        |v: &Given| v.label.eq_ignore_ascii_case(kind) || v.label.eq_ignore_ascii_case(&head_word(kind));
    if let Some(at) = rest[..within].iter().position(|v| same(v)) {
        // The record is its value: an address, a domain.
        let own = mods.len() - within + at;
        mods.remove(own);
        record = format!("the {kind} {}", shown(rest[at], dice));
    }
    if let Some(name) = named {
        let titled = kind_in(kind, "task|event|ticket|song|reminder") && !under.is_empty();
        if titled && (is(name, "title") || is(name, "summary")) && dice.chance(40) {
            record = super::noun::quoted(&name.value, dice);
        } else {
            let text = modifier(name, dice);
            if text.starts_with("with ") {
                mods.insert(0, text);
            } else {
                record = format!("{record} {text}");
            }
        }
    } else if !mods.is_empty() && under.is_empty() {
        let first = mods.remove(0);
        record = format!("{record}{}", weave(&[first]));
    }
    let texts: Vec<&Given> = rest[within..].to_vec();
    let head = head_of(kind, &record, under, &mods, memory, dice);
    let order = if texts.is_empty() {
        Clause::Order(head.clone())
    } else {
        Clause::OrderAnd(head.clone(), sentences(&texts, dice))
    };
    let mut out = vec![order];
    if under.is_empty() && texts.is_empty() {
        out.push(Clause::Whole(format!(
            "{} {record}{}.",
            dice.word("I need|we need|I want|I'd like"),
            weave(&mods)
        )));
    }
    memory.made(kind);
    out
}

/// Takes a start and an end out of the values, as one modifier.
fn take_span(rest: &mut Vec<&Given>, dice: &mut Dice) -> Option<String> {
    let start = rest.iter().position(|v| is(v, "start"))?;
    let end = rest.iter().position(|v| is(v, "end"))?;
    let text = super::given::span(rest[start], rest[end], dice);
    rest.remove(start.max(end));
    rest.remove(start.min(end));
    Some(text)
}

/// Returns how many of the ordered values stand within the sentence.
fn inline(rest: &[&Given], dice: &mut Dice) -> usize {
    let most = if rest.len() == WITHIN + 1 && dice.chance(50) { WITHIN + 1 } else { WITHIN };
    let mut count = 0;
    for value in rest {
        let long = prose(value) && value.value.len() > 40;
        if count == most || long && (count > 0 && dice.chance(75) || count == 0 && dice.chance(45)) {
            break;
        }
        count += 1;
        if long {
            break;
        }
    }
    count
}

fn head_of(
    kind: &str,
    record: &str,
    under: &[Subject],
    mods: &[String],
    memory: &mut Memory,
    dice: &mut Dice,
) -> String {
    let head = head_word(kind);
    let way = WAYS.iter().find(|w| w.0.contains(&head.as_str())).unwrap_or(&OTHER_WAY);
    let template = *dice.pick(if under.is_empty() { way.2 } else { way.1 });
    let mut placed = |word: Option<&'static str>, dice: &mut Dice| {
        let parts: Vec<String> = under
            .iter()
            .enumerate()
            .map(|(at, u)| memory.place(u, kind, if at == 0 { word } else { None }, dice))
            .collect();
        parts.join(" ")
    };
    let text = dice.fill(template, &mut |dice, slot| match slot {
        "k" => record.to_owned(),
        "to" => placed(Some("to"), dice),
        _ => placed(None, dice),
    });
    let woven = weave(mods);
    if !under.is_empty() && woven.len() > 1 && !woven.starts_with(" and ") {
        // After a holder, a modifier reads as the record's only behind a comma.
        return format!("{text},{woven}");
    }
    format!("{text}{woven}")
}

/// Puts values in sentences of their own: `It's due on Friday and the priority is high.`
fn sentences(values: &[&Given], dice: &mut Dice) -> Vec<String> {
    let about = it();
    let mut out = Vec::new();
    let mut together: Vec<String> = Vec::new();
    for value in values {
        let text = should(value, &about, dice);
        if prose(value) || together.len() == 3 {
            if !together.is_empty() {
                out.push(list(&together));
                together.clear();
            }
            if prose(value) {
                out.push(text);
                continue;
            }
        }
        if together.is_empty()
            || !(text.starts_with("put ") || text.starts_with("use ") || text.starts_with("keep "))
        {
            together.push(text);
        } else {
            out.push(text);
        }
    }
    if !together.is_empty() {
        out.push(list(&together));
    }
    out
}

/// Words a want to change a record.
pub fn update(subject: &Subject, values: &[Given], memory: &mut Memory, dice: &mut Dice) -> Vec<Clause> {
    let about = memory.refer(subject, dice);
    if values.is_empty() {
        return vec![Clause::Order(format!("update {}", about.object()))];
    }
    let mut ordered: Vec<&Given> = values.iter().collect();
    ordered.sort_by_key(|v| (rank(v) == 9, 0));
    let again = about.again();
    let (first, rest) = ordered.split_at(ordered.len().min(WITHIN));
    let mut orders: Vec<String> = Vec::new();
    for (at, value) in first.iter().enumerate() {
        orders.push(set(value, if at == 0 { &about } else { &again }, dice));
    }
    let more = if rest.is_empty() { Vec::new() } else { sentences(rest, dice) };
    let joined = list(&merge_sets(orders));
    let mut out = vec![if more.is_empty() { Clause::Order(joined) } else { Clause::OrderAnd(joined, more) }];
    if !about.pronoun && ordered.len() <= 3 {
        let mut needs = Vec::new();
        for (at, value) in ordered.iter().enumerate() {
            needs.push(should(value, if at == 0 { &about } else { &again }, dice));
        }
        let flowing = needs.iter().skip(1).all(|n| !n.starts_with("put ") && !n.starts_with("use "));
        if flowing {
            out.push(Clause::Need(list(&needs)));
        }
        let mut sets = Vec::new();
        for value in &ordered {
            sets.push(set(value, &again, dice));
        }
        out.push(Clause::Topic(about.full(), format!("please {}.", list(&merge_sets(sets)))));
    }
    out
}

/// Contracts `change its x to a, change its y to b` → `change its x to a, its y to b`.
fn merge_sets(orders: Vec<String>) -> Vec<String> {
    let mut out: Vec<String> = Vec::new();
    let mut last = String::new();
    for order in orders {
        let verb = ["change its ", "set its ", "update its ", "change their ", "set their "]
            .iter()
            .find(|v| order.starts_with(**v))
            .map(|v| (*v).to_owned());
        match verb {
            Some(verb) if verb == last => {
                let owner = if verb.contains("their") { "their " } else { "its " };
                out.push(format!("{owner}{}", &order[verb.len()..]));
            }
            Some(verb) => {
                last = verb;
                out.push(order);
            }
            None => {
                last.clear();
                out.push(order);
            }
        }
    }
    out
}

/// Words a want to remove a record.
pub fn delete(subject: &Subject, memory: &mut Memory, dice: &mut Dice) -> Vec<Clause> {
    let mut about = memory.refer_plainly(subject, dice);
    let named = about.full();
    if let Some(place) = &about.place
        && dice.chance(50)
    {
        for word in ["on ", "in "] {
            if let Some(rest) = place.strip_prefix(word) {
                about.place = Some(format!("from {rest}"));
                break;
            }
        }
    }
    vec![
        Clause::Order(delete_phrase(&about, dice)),
        Clause::Whole("{delete}".to_owned()),
        Clause::Topic(named, format!("please delete {}.", about.again().object())),
        Clause::Need(about.full()),
    ]
}

fn delete_phrase(about: &Noun, dice: &mut Dice) -> String {
    let lines = super::tables::frames().get("delete");
    let template = *dice.pick(lines);
    dice.fill(template, &mut |_, slot| super::facts::noun_slot(slot, about).unwrap_or_default())
}

/// Returns a whole sentence that asks for a removal, in a register.
pub fn delete_sentence(about: &str, person: bool, register: &str, dice: &mut Dice) -> String {
    let lines = super::tables::frames().get(&format!("delete-say {register}"));
    let lines = if lines.is_empty() { super::tables::frames().get("delete-say plain") } else { lines };
    let template = *dice.pick(lines);
    let again = if person { "them" } else { "it" };
    dice.fill(template, &mut |_, slot| if slot == "it" { again.to_owned() } else { about.to_owned() })
}

/// The second words of phrasal verbs, before which the object goes.
const PARTICLES: [&str; 14] =
    ["as", "in", "out", "off", "up", "down", "on", "over", "back", "to", "into", "from", "with", "for"];

/// Words a want to do something else.
pub fn act(
    verb: &str,
    subject: Option<&Subject>,
    others: &[(String, Subject)],
    values: &[Given],
    memory: &mut Memory,
    dice: &mut Dice,
) -> Vec<Clause> {
    let object = subject.map(|s| memory.refer(s, dice));
    let mut ordered: Vec<&Given> = values.iter().collect();
    ordered.sort_by_key(|v| rank(v));
    let roles: Vec<String> = others.iter().map(|(role, _)| role.trim().to_lowercase()).collect();
    let mut head = verb_phrase(verb, object.as_ref(), &roles);
    for (role, other) in others {
        let noun = memory.refer(other, dice);
        let role = role.trim().to_lowercase();
        let open = head.ends_with(&format!(" {role}")) || role.is_empty();
        head = if open {
            format!("{head} {}", noun.object())
        } else {
            format!("{head} {role} {}", noun.object())
        };
    }
    if object.is_none() && sends(verb) {
        return send(&head, &ordered, dice);
    }
    if object.is_none() && !verb.trim().contains(' ') && !ordered.is_empty() {
        let first = ordered.remove(0);
        let value = shown(first, dice);
        let worded = is(first, "message") || first.label.is_empty();
        head = if worded {
            format!("{head} {value}")
        } else {
            format!("{head} the {} {value}", first.label.to_lowercase())
        };
    }
    let (texts, short): (Vec<&Given>, Vec<&Given>) =
        ordered.iter().partition(|v| prose(v) && v.value.len() > 50);
    let mut mods: Vec<String> = short.iter().map(|v| modifier(v, dice)).collect();
    if head.ends_with(" to")
        && let Some(at) = mods.iter().position(|m| m.starts_with("to "))
    {
        let target = mods.remove(at);
        head = format!("{head} {}", &target[3..]);
    }
    if let [text] = texts.as_slice()
        && mods.len() < 2
        && dice.chance(50)
    {
        mods.push(modifier(text, dice));
        return vec![Clause::Order(format!("{head}{}", weave(&mods)))];
    }
    let head = format!("{head}{}", weave(&mods));
    if texts.is_empty() {
        return vec![Clause::Order(head)];
    }
    vec![Clause::OrderAnd(head, sentences(&texts, dice))]
}

fn sends(verb: &str) -> bool {
    ["send", "text", "sms", "message"].contains(&verb.split(' ').next().unwrap_or_default())
}

/// Words the sending of a text: `text +32… that "…"`.
fn send(head: &str, values: &[&Given], dice: &mut Dice) -> Vec<Clause> {
    let to = values.iter().find(|v| is(v, "to") || is(v, "phone"));
    let text = values.iter().find(|v| is(v, "message"));
    let (Some(to), Some(text)) = (to, text) else {
        let mods: Vec<String> = values.iter().map(|v| modifier(v, dice)).collect();
        let mail = values.iter().any(|v| is(v, "subject"));
        let thing = if head.contains(' ') {
            ""
        } else if mail {
            " an e-mail"
        } else {
            " a message"
        };
        return vec![Clause::Order(format!("{head}{thing}{}", weave(&mods)))];
    };
    let rest: Vec<String> = values
        .iter()
        .filter(|v| !std::ptr::eq(**v, *to) && !std::ptr::eq(**v, *text))
        .map(|v| modifier(v, dice))
        .collect();
    let extra = weave(&rest);
    let (target, words) = (shown(to, dice), super::noun::quoted(&text.value, dice));
    let thing = head.split_once(' ').map_or("a message", |(_, t)| t).to_owned();
    let thing = if thing.starts_with("a ") || thing.starts_with("an ") || thing.starts_with("the ") {
        thing
    } else {
        a(&thing)
    };
    let choices = [
        format!("send {target} {thing}{extra} saying {words}"),
        format!("send {words} to {target}{extra}"),
        format!("let {target} know{extra}: {words}"),
        format!("send {thing} to {target}{extra}: {words}"),
    ];
    // Where it is said what is sent, that is not left out: another tool may send something else.
    let plain = u32::from(head == "send");
    let chosen = dice.weighted(&[3, 4 * plain, 2 * plain, 2]);
    vec![Clause::Order(choices[chosen].clone())]
}

fn verb_phrase(verb: &str, object: Option<&Noun>, roles: &[String]) -> String {
    let verb = verb.trim();
    let shown = object.map(Noun::object).unwrap_or_default();
    for hole in ["…", "..."] {
        if let Some((before, after)) = verb.split_once(hole) {
            return format!("{} {shown} {}", before.trim(), after.trim())
                .replace("  ", " ")
                .trim()
                .to_owned();
        }
    }
    let Some(object) = object else { return verb.to_owned() };
    if let Some((first, rest)) = verb.split_once(' ')
        && PARTICLES.contains(&rest.split(' ').next().unwrap_or_default())
        && (rest.contains(' ')
            || !["to", "from", "with", "for", "into"].contains(&rest)
            || roles.iter().any(|r| r == rest))
    {
        return format!("{first} {} {rest}", object.object());
    }
    format!("{verb} {}", object.object())
}
