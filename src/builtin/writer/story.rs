//! The situation around a want: openers, stories, tails and closers, fitting the domain, the persona and the mode.

use super::dice::Dice;
use super::english::{capital, uncapital};
use super::noun::ends_in_value;
use super::style::Register;
use super::tables::{frames, stories};
use crate::prompt::{Brief, Want};

/// Story sections by the words of a brief's domain and kinds.
const DOMAINS: [(&str, &[&str]); 15] = [
    ("pets", &["pet", "animal", "shelter"]),
    ("holidays", &["holiday"]),
    ("calendar", &["calendar", "event", "appointment", "meeting"]),
    ("tickets", &["issue", "ticket", "bug", "comment"]),
    ("gear", &["listing", "gear", "instrument", "reverb", "marketplace", "guitar"]),
    ("fleet", &["gps", "fleet", "device", "vehicle", "traccar", "geofence", "tracking", "driver"]),
    ("songs", &["music", "song", "track", "album", "artist", "lyric"]),
    ("sms", &["sms", "seven.io", "text message", "voice call", "messaging and", "phone number"]),
    ("mail", &["mailscript", "mail", "workflow", "trigger"]),
    ("assets", &["asset", "accounting"]),
    ("cities", &["cit", "geo", "countr", "region", "place"]),
    ("apps", &["application", "vonage", "nexmo", "voice"]),
    ("tasks", &["task", "to-do", "todo"]),
    ("teams", &["team", "document", "appwrite", "backend", "account", "storage", "database", "file"]),
    ("general", &[]),
];

/// Personas that the stories know, by a word of their description.
const PERSONAS: [&str; 48] = [
    "manager",
    "director",
    "lead",
    "student",
    "pupil",
    "parent",
    "mother",
    "father",
    "on-call",
    "engineer",
    "developer",
    "admin",
    "operator",
    "shop",
    "seller",
    "dealer",
    "merchant",
    "retailer",
    "band",
    "musician",
    "guitar",
    "singer",
    "dj",
    "teacher",
    "lecturer",
    "nurse",
    "doctor",
    "vet",
    "freelance",
    "designer",
    "consultant",
    "photographer",
    "writer",
    "journalist",
    "assistant",
    "secretary",
    "office",
    "clerk",
    "coordinator",
    "account",
    "bookkeep",
    "finance",
    "volunteer",
    "retire",
    "driver",
    "dispatch",
    "courier",
    "travel",
];

fn domain(brief: &Brief) -> &'static str {
    let find = |words: &str| {
        let words = words.to_lowercase();
        DOMAINS.iter().find(|(_, keys)| keys.iter().any(|k| words.contains(k))).map(|(name, _)| *name)
    };
    find(&brief.domain).unwrap_or("general")
}

fn mode(brief: &Brief) -> &'static str {
    let reads = |w: &Want| matches!(w, Want::Know { .. } | Want::Survey { .. } | Want::Compute { .. });
    if brief.wants.iter().any(|w| matches!(w, Want::Delete { .. })) {
        if brief.wants.len() == 1 { "delete" } else { "write" }
    } else if brief.wants.iter().all(reads) {
        "ask"
    } else {
        "write"
    }
}

/// Draws a situation.
fn situation(brief: &Brief, dice: &mut Dice) -> String {
    let mode = mode(brief);
    let own = stories().get(&format!("{} {mode}", domain(brief)));
    let general = stories().get(&format!("general {mode}"));
    let persona = brief.persona.to_lowercase();
    let known: Vec<&&str> = PERSONAS.iter().filter(|p| persona.contains(**p)).collect();
    let personal = known.first().map_or(&[][..], |p| stories().get(&format!("persona {p} {mode}")));
    let weights = [
        u32::from(!own.is_empty()) * 54,
        u32::from(!personal.is_empty()) * 18,
        if mode == "delete" { 50 } else { 28 },
    ];
    let lines = [own, personal, general][dice.weighted(&weights)];
    let line = *dice.pick(lines);
    dice.resolve(line)
}

/// How often, in percent: opener, story, closer, tail; and how often the story comes first.
fn habits(register: Register) -> [u32; 5] {
    match register {
        Register::Plain => [8, 52, 14, 10, 68],
        Register::Brisk => [3, 26, 8, 4, 65],
        Register::Polite => [28, 46, 42, 10, 70],
        Register::Thumb => [12, 40, 16, 10, 60],
        Register::Rambling => [18, 92, 22, 10, 85],
        Register::Worried => [12, 62, 16, 8, 75],
    }
}

/// Puts a situation, an opener, a tail and a closer around a body.
pub fn around(body: &str, brief: &Brief, register: Register, dice: &mut Dice) -> String {
    let [opener, story, closer, tail, first] = habits(register);
    let name = register.as_str();
    let mut body = body.trim().to_owned();
    let told = dice.chance(story);
    if !told && dice.chance(tail * 2) {
        body = with_tail(&body, mode(brief), dice);
    }
    let mut out = if told {
        let line = situation(brief, dice);
        // A frame may have said the same.
        let line = if body.contains(line.trim_end_matches('.')) { situation(brief, dice) } else { line };
        if dice.chance(first) {
            let body = ungreeted(&body);
            bridge(&line, &body, register, dice)
        } else {
            format!("{} {line}", ended(&body))
        }
    } else {
        body
    };
    let lines = stories().get(&format!("opener {name}"));
    let greeted = [
        "two ",
        "three ",
        "four ",
        "a couple",
        "a few",
        "a short",
        "a bit of",
        "i've got a few",
        "there are two",
        "there's a bit",
        "i need a few",
        "i need two",
        "hi ",
        "hi,",
        "hello",
        "hey",
        "excuse me",
        "sorry",
        "good morning",
        "yo ",
        "so ",
        "okay",
        "ok ",
    ]
    .iter()
    .any(|g| out.to_lowercase().starts_with(g));
    if !greeted && dice.chance(opener) {
        let opening = dice.pick(lines).to_string();
        out = if opening.ends_with('.') {
            format!("{opening} {}", capital(&out))
        } else {
            format!("{opening} {}", uncapital(&out))
        };
    }
    if dice.chance(closer) && !out.to_lowercase().contains("thank") {
        let closing = *dice.pick(stories().get(&format!("closer {name}")));
        out = format!("{} {closing}", ended(&out));
    }
    out
}

/// Drops a greeting from a body that is not the beginning.
fn ungreeted(body: &str) -> String {
    for greeting in ["hey ", "hi ", "hi, ", "hello, ", "yo ", "heya ", "good morning, ", "hi there, "] {
        let start: String = body.chars().take(greeting.chars().count()).collect();
        if start.to_lowercase() == greeting {
            return body[greeting.len()..].to_owned();
        }
    }
    body.to_owned()
}

/// Joins a situation and the body that follows from it.
fn bridge(line: &str, body: &str, register: Register, dice: &mut Dice) -> String {
    let stem = line.trim_end_matches('.');
    let plain = line.ends_with('.') && !stem.contains(['?', '!', '.']);
    let request = body.starts_with("can you")
        || body.starts_with("could you")
        || body.starts_with("please")
        || body.starts_with("would you");
    if plain && request && dice.chance(30) {
        return format!("{stem}, so {}", uncapital(body));
    }
    if plain && register == Register::Thumb && dice.chance(40) {
        return format!("{stem}, {}", uncapital(body));
    }
    if plain && !request && register != Register::Thumb && dice.chance(10) && body.len() < 120 {
        return format!("{stem} – {}", uncapital(body));
    }
    format!("{line} {}", capital(body))
}

fn with_tail(body: &str, mode: &str, dice: &mut Dice) -> String {
    let section = if mode == "ask" { "tail ask" } else { "tail write" };
    let chosen = *dice.pick(frames().get(section));
    let tail = dice.resolve(chosen);
    let stem = body.trim_end_matches(['.', '?']);
    if stem.contains(". ")
        || stem.contains("? ")
        || stem.contains(':')
        || ends_in_value(stem)
        || stem.len() == body.len()
        || body.len() > 140
    {
        return body.to_owned();
    }
    format!("{stem}{}{tail}{}", if tail.starts_with("so") { ", " } else { " " }, &body[stem.len()..])
}

fn ended(text: &str) -> String {
    let text = text.trim();
    if text.ends_with(['.', '?', '!']) { text.to_owned() } else { format!("{text}.") }
}
