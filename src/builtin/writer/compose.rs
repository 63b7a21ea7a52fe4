//! From wants to an instruction: their forms, frames, order, what joins them, and the story around them.

use super::asks;
use super::clause::Clause;
use super::dice::Dice;
use super::english::uncapital;
use super::memory::Memory;
use super::story;
use super::style::{Register, apply};
use super::tables::frames;
use super::writes;
use crate::prompt::{Asked, Brief, Want};
use crate::words::list;

/// A want, or a question about what a write made.
enum Item<'a> {
    Want(&'a Want),
    Follow(&'a [Asked]),
}

/// Words a brief once, with values guarded.
pub fn draft(brief: &Brief, dice: &mut Dice) -> String {
    let register = Register::of(&brief.register);
    let items = items(&brief.wants);
    let mut memory = Memory::default();
    let body = if items.len() == 1 {
        single(&items[0], register, &mut memory, dice)
    } else {
        several(&items, register, &mut memory, dice)
    };
    let whole = story::around(&body, brief, register, dice);
    apply(&whole, register, dice)
}

/// Words one want that is given as clauses, with values guarded: for what has no record behind it.
pub fn worded(forms: Vec<Clause>, brief: &Brief, dice: &mut Dice) -> String {
    let register = Register::of(&brief.register);
    let body = frame(&choose(forms, register, dice), register, dice);
    let whole = story::around(&body, brief, register, dice);
    apply(&whole, register, dice)
}

fn items(wants: &[Want]) -> Vec<Item<'_>> {
    let mut out = Vec::new();
    for want in wants {
        out.push(Item::Want(want));
        if let Want::Create { facts, .. } | Want::Update { facts, .. } | Want::Act { facts, .. } = want
            && !facts.is_empty()
        {
            out.push(Item::Follow(facts));
        }
    }
    out
}

/// Returns the forms that an item can take.
fn forms(item: &Item<'_>, memory: &mut Memory, dice: &mut Dice) -> Vec<Clause> {
    match item {
        Item::Follow(facts) => asks::follow(facts, memory, dice),
        Item::Want(want) => match want {
            Want::Know { subject, facts } => asks::know(subject, facts, memory, dice),
            Want::Survey { subject, ask } => asks::survey(subject, ask, memory, dice),
            Want::Compute { what, subjects, values } => asks::compute(what, subjects, values, memory, dice),
            Want::Create { kind, under, values, .. } => writes::create(kind, under, values, memory, dice),
            Want::Update { subject, values, .. } => writes::update(subject, values, memory, dice),
            Want::Delete { subject } => writes::delete(subject, memory, dice),
            Want::Act { verb, subject, others, values, .. } => {
                writes::act(verb, subject.as_ref(), others, values, memory, dice)
            }
        },
    }
}

/// How often each form is taken, by register: question, told, thing, order, need, topic, fronted, whole.
fn weights(register: Register) -> [u32; 8] {
    match register {
        Register::Plain => [9, 7, 3, 10, 3, 3, 4, 3],
        Register::Brisk => [7, 4, 8, 12, 3, 4, 3, 3],
        Register::Polite => [5, 11, 5, 12, 1, 3, 2, 2],
        Register::Thumb => [9, 7, 3, 11, 3, 2, 2, 3],
        Register::Rambling => [6, 9, 4, 9, 3, 5, 2, 3],
        Register::Worried => [7, 8, 3, 10, 2, 4, 2, 2],
    }
}

fn weight(clause: &Clause, weights: [u32; 8]) -> u32 {
    match clause {
        Clause::Question(_) => weights[0],
        Clause::Told(_) => weights[1],
        Clause::Thing(_) => weights[2],
        Clause::Order(_) | Clause::OrderAnd(..) => weights[3],
        Clause::Fetch(_) => weights[3] / 2,
        Clause::Need(_) => weights[4],
        Clause::Topic(..) => weights[5],
        Clause::Fronted(..) => weights[6],
        Clause::Whole(_) => weights[7],
    }
}

fn choose(forms: Vec<Clause>, register: Register, dice: &mut Dice) -> Clause {
    let table = weights(register);
    let list: Vec<u32> = forms.iter().map(|f| weight(f, table)).collect();
    let at = dice.weighted(&list);
    forms.into_iter().nth(at).unwrap_or_else(|| Clause::Whole(String::new()))
}

/// Words one want alone, as one or more sentences.
fn single(item: &Item<'_>, register: Register, memory: &mut Memory, dice: &mut Dice) -> String {
    let delete = matches!(item, Item::Want(Want::Delete { .. }));
    let forms = forms(item, memory, dice);
    let named = forms.iter().find_map(|f| match f {
        Clause::Topic(subject, rest) => Some((subject.clone(), rest.contains(" them"))),
        _ => None,
    });
    let clause = choose(forms, register, dice);
    match (&clause, named) {
        (Clause::Whole(_) | Clause::Need(_), Some((subject, person))) if delete => {
            writes::delete_sentence(&subject, person, register.as_str(), dice)
        }
        _ => frame(&clause, register, dice),
    }
}

/// Puts a form in a frame of the register.
fn frame(clause: &Clause, register: Register, dice: &mut Dice) -> String {
    let name = register.as_str();
    match clause {
        Clause::Question(q) => fill(&format!("q {name}"), "q", q, dice),
        Clause::Told(e) => fill(&format!("tell {name}"), "e", e, dice),
        Clause::Thing(n) => fill(&format!("give {name}"), "n", n, dice),
        Clause::Order(vp) => order(vp, name, true, dice),
        Clause::Fetch(vp) => order(vp, name, false, dice),
        Clause::OrderAnd(vp, more) => {
            let mut out = ended(&order(vp, name, true, dice));
            for sentence in more {
                out = format!("{out} {}.", super::english::capital(sentence));
            }
            out
        }
        Clause::Need(s) => fill(&format!("need {name}"), "s", s, dice),
        Clause::Topic(s, rest) => {
            let opening = fill(&format!("topic {name}"), "s", s, dice);
            if opening.ends_with(['.', '?', '!']) {
                format!("{opening} {}", super::english::capital(rest))
            } else {
                format!("{opening} {rest}")
            }
        }
        Clause::Fronted(place, q) => format!("{place}, {q}?"),
        Clause::Whole(text) => text.clone(),
    }
}

fn fill(section: &str, slot: &str, value: &str, dice: &mut Dice) -> String {
    let template = *dice.pick(frames().get(section));
    dice.fill(template, &mut |_, name| if name == slot { value.to_owned() } else { String::new() })
}

/// Tells whether a frame ends its sentence with the imperative, so that a long one reads well in it.
fn closes(frame: &str) -> bool {
    let after = frame.split_once("{vp}").map_or("", |(_, after)| after);
    after.is_empty()
        || after.starts_with(['.', '?', '!'])
        || after.starts_with(", please")
        || after.starts_with("(, please")
}

/// Frames an imperative. Lines marked `~` have the user do it, `!` are for changes only, `?` for look-ups only.
fn order(vp: &str, register: &str, writes: bool, dice: &mut Dice) -> String {
    let speaks_of_me = vp.contains(" me ") || vp.starts_with("let me");
    let long = vp.len() > 60 || vp.contains(", ");
    let lines: Vec<&str> = frames()
        .get(&format!("do {register}"))
        .iter()
        .copied()
        .filter(|l| !(speaks_of_me && l.starts_with('~')))
        .filter(|l| writes || !l.trim_start_matches('~').starts_with('!'))
        .filter(|l| !writes || !l.trim_start_matches('~').starts_with('?'))
        .filter(|l| !long || closes(l))
        .collect();
    let template = dice.pick(&lines).trim_start_matches(['~', '!', '?']).to_owned();
    dice.fill(&template, &mut |_, _| vp.to_owned())
}

/// Adds a full stop where a sentence has no mark.
fn ended(text: &str) -> String {
    let text = text.trim();
    if text.ends_with(['.', '?', '!']) { text.to_owned() } else { format!("{text}.") }
}

/// Words several wants.
fn several(items: &[Item<'_>], register: Register, memory: &mut Memory, dice: &mut Dice) -> String {
    let clauses: Vec<Clause> = items
        .iter()
        .enumerate()
        .map(|(at, item)| {
            let forms = forms(item, memory, dice);
            if at == 0 { first_form(forms, register, dice) } else { later_form(forms, dice) }
        })
        .collect();
    let length: usize = clauses.iter().map(|c| text_of(c).len()).sum();
    if clauses.iter().all(Clause::joins) && clauses.len() <= 3 && length < 260 && dice.chance(45) {
        let orders: Vec<String> = clauses.iter().map(|c| as_order(c, dice)).collect();
        let joined = chained(&orders, dice);
        let writes = clauses.iter().any(|c| matches!(c, Clause::Order(_)));
        return order(&joined, register.as_str(), writes, dice);
    }
    let mut out = String::new();
    let mut used: Vec<String> = Vec::new();
    if register != Register::Worried && dice.chance(14) {
        let announced = *dice.pick(frames().get(&format!("announce {}", clauses.len().clamp(2, 4))));
        out = dice.resolve(announced);
    }
    for (at, clause) in clauses.iter().enumerate() {
        let text =
            if at == 0 { frame(clause, register, dice) } else { later(clause, register, &mut used, dice) };
        if out.is_empty() {
            out = text;
        } else {
            out = format!("{} {}", ended(&out), super::english::capital(&text));
        }
    }
    out
}

/// Joins imperatives into one, so that it stays clear where each ends.
fn chained(orders: &[String], dice: &mut Dice) -> String {
    let busy = orders.iter().any(|o| o.contains(", ") || o.contains(" and "));
    match orders {
        [one, two] if busy => {
            format!("{one}{}{two}", dice.word(", and then |, then |, and also | and then "))
        }
        [one, two] => format!("{one}{}{two}", dice.word(" and | and then |, then | and |, and ")),
        [one, two, three] if busy => {
            format!("{one}, then {two}{}{three}", dice.word(", and finally |, and after that |, and then "))
        }
        _ => list(orders),
    }
}

fn text_of(clause: &Clause) -> &str {
    match clause {
        Clause::Question(t)
        | Clause::Told(t)
        | Clause::Thing(t)
        | Clause::Order(t)
        | Clause::Fetch(t)
        | Clause::Need(t)
        | Clause::Whole(t)
        | Clause::OrderAnd(t, _)
        | Clause::Topic(t, _)
        | Clause::Fronted(t, _) => t,
    }
}

fn first_form(forms: Vec<Clause>, register: Register, dice: &mut Dice) -> Clause {
    let fit: Vec<Clause> =
        forms.into_iter().filter(|f| !matches!(f, Clause::Whole(t) if t.starts_with('{'))).collect();
    let fit: Vec<Clause> = fit
        .into_iter()
        .filter(|f| !matches!(f, Clause::Need(t) if !t.contains(" should ") && !t.contains(" is ") && !t.contains(" are ") && !t.contains(" now") && !t.contains("needs")))
        .collect();
    choose(fit, register, dice)
}

/// Later wants take plainer forms: a question, an order, something to be told.
fn later_form(forms: Vec<Clause>, dice: &mut Dice) -> Clause {
    let plain: Vec<Clause> = forms
        .iter()
        .filter(|f| {
            matches!(
                f,
                Clause::Question(_)
                    | Clause::Told(_)
                    | Clause::Order(_)
                    | Clause::Fetch(_)
                    | Clause::OrderAnd(..)
                    | Clause::Thing(_)
            )
        })
        .cloned()
        .collect();
    if plain.is_empty() { dice.pick(&forms).clone() } else { dice.pick(&plain).clone() }
}

fn as_order(clause: &Clause, dice: &mut Dice) -> String {
    match clause {
        Clause::Told(e) => format!("{} {e}", dice.word("tell me|let me know|tell me|check")),
        other => text_of(other).to_owned(),
    }
}

/// Words a want that follows another: a joiner, then a plain frame.
fn later(clause: &Clause, register: Register, used: &mut Vec<String>, dice: &mut Dice) -> String {
    let thumb = register == Register::Thumb;
    let polite = register == Register::Polite;
    let mut join = |section: &str, dice: &mut Dice| -> String {
        let fresh: Vec<&str> =
            frames().get(section).iter().copied().filter(|j| !used.iter().any(|u| u == j)).collect();
        let Some(joiner) = (!fresh.is_empty()).then(|| *dice.pick(&fresh)) else { return String::new() };
        used.push(joiner.to_owned());
        joiner.to_owned()
    };
    let (section, text) = match clause {
        Clause::Question(q) => ("any", format!("{q}?")),
        Clause::Told(e) => {
            let frames: &[&str] = if polite {
                &["could you also tell me {e}?", "I'd also like to know {e}.", "please let me know {e}."]
            } else if thumb {
                &["tell me {e}", "need to know {e}", "can u tell me {e}"]
            } else {
                &[
                    "tell me {e}.",
                    "let me know {e}.",
                    "I'd like to know {e}.",
                    "can you see {e}?",
                    "I need to know {e}.",
                ]
            };
            ("any", dice.pick(frames).replace("{e}", e))
        }
        Clause::Thing(n) => {
            let frames: &[&str] =
                &["I need {n}.", "could I have {n}?", "give me {n}, please.", "what about {n}?"];
            ("any", dice.pick(frames).replace("{n}", n))
        }
        Clause::Order(vp) | Clause::Fetch(vp) => ("then", later_order(vp, polite, dice)),
        Clause::OrderAnd(vp, more) => {
            let mut text = later_order(vp, polite, dice);
            for sentence in more {
                text = format!("{text} {}.", super::english::capital(sentence));
            }
            ("then", text)
        }
        other => return frame(other, register, dice),
    };
    let section = if thumb { "thumb" } else { section };
    if dice.chance(78) {
        let joiner = join(&format!("join {section}"), dice);
        let text = if joiner.contains("also") { text.replacen("also ", "", 1) } else { text };
        return format!("{joiner} {}", uncapital(&text));
    }
    text
}

fn later_order(vp: &str, polite: bool, dice: &mut Dice) -> String {
    let frames: &[&str] = if polite {
        &["could you also {vp}?", "please {vp}.", "would you {vp} as well?", "I'd be glad if you could {vp}."]
    } else {
        &["{vp}.", "{vp}.", "please {vp}.", "can you {vp}?", "could you {vp}?"]
    };
    let template = *dice.pick(frames);
    template.replace("{vp}", vp)
}
