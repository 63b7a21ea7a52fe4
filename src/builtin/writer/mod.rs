//! The built-in writer: words what a person wants, without a language model. A grammar over tables of labels (how fields are
//! spoken of), frames (how people ask) and stories (why they ask); pure, and the same for the same seed.

mod asks;
mod clause;
mod compose;
mod dice;
mod english;
mod facts;
mod given;
mod memory;
mod noun;
mod plain;
mod propose;
mod story;
mod style;
mod tables;
mod writes;
#[cfg(test)]
mod tests;

use crate::prompt::{Brief, Given, Subject, Want};
use dice::Dice;

pub use propose::propose;

/// How many wordings are tried before the one with the fewest faults is taken.
const ATTEMPTS: u32 = 12;

/// Words a brief as an instruction. Every name, trait and given value stands in it verbatim (but for booleans, which are
/// worded through their label), and nothing of `brief.forbidden` does where any of the tried wordings can do without.
pub fn write_instruction(brief: &Brief) -> String {
    english::unguard(&guarded(brief))
}

/// The instruction with its values still marked.
fn guarded(brief: &Brief) -> String {
    let brief = &plain::plain(brief);
    let mut best: Option<(usize, String)> = None;
    for attempt in 0..ATTEMPTS {
        let mut dice = Dice::new(brief.seed, "instruction", attempt);
        let text = compose::draft(brief, &mut dice);
        let faults = faults(brief, &english::unguard(&text));
        if faults == 0 {
            return text;
        }
        if best.as_ref().is_none_or(|(fewest, _)| faults < *fewest) {
            best = Some((faults, text));
        }
    }
    best.map(|(_, text)| text).unwrap_or_default()
}

/// Counts what is wrong with a wording: forbidden strings in it, values missing from it.
fn faults(brief: &Brief, text: &str) -> usize {
    let values = values(brief);
    let lower = text.to_lowercase();
    let missing = values.iter().filter(|v| !text.contains(v.as_str())).count();
    let said = values.iter().map(|v| v.to_lowercase()).collect::<Vec<_>>();
    let leaked = brief
        .forbidden
        .iter()
        .map(|f| f.trim().to_lowercase())
        .filter(|f| !f.is_empty() && !said.iter().any(|v| v.contains(f.as_str())) && stands_in(&lower, f))
        .count();
    missing * 10 + leaked
}

/// Tells whether a string stands in a text as words of its own.
fn stands_in(text: &str, needle: &str) -> bool {
    let mut from = 0;
    while let Some(at) = text[from..].find(needle).map(|at| at + from) {
        let before = text[..at].chars().next_back().is_some_and(char::is_alphanumeric);
        let after = text[at + needle.len()..].chars().next().is_some_and(char::is_alphanumeric);
        if !before && !after {
            return true;
        }
        from = at + needle.chars().next().map_or(1, char::len_utf8);
    }
    false
}

/// Returns every value that an instruction for the brief must hold.
fn values(brief: &Brief) -> Vec<String> {
    let mut out = Vec::new();
    for want in &brief.wants {
        let (subjects, values): (Vec<&Subject>, &[Given]) = match want {
            Want::Know { subject, .. } | Want::Survey { subject, .. } | Want::Delete { subject } => {
                (vec![subject], &[])
            }
            Want::Update { subject, values, .. } => (vec![subject], values),
            Want::Compute { subjects, values, .. } | Want::Create { under: subjects, values, .. } => {
                (subjects.iter().collect(), values)
            }
            Want::Act { subject, others, values, .. } => {
                (subject.iter().chain(others.iter().map(|(_, s)| s)).collect(), values)
            }
        };
        for subject in subjects {
            of_subject(subject, &mut out);
        }
        out.extend(values.iter().filter(|v| !v.exact.is_boolean()).map(|v| v.value.clone()));
    }
    out
}

fn of_subject(subject: &Subject, out: &mut Vec<String>) {
    out.extend(subject.name.clone());
    out.extend(subject.traits.iter().filter(|t| !t.exact.is_boolean()).map(|t| t.value.clone()));
    if let Some(within) = &subject.within {
        of_subject(within, out);
    }
}
