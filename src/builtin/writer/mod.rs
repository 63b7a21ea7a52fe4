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
mod propose;
mod story;
mod style;
mod tables;
mod writes;
#[cfg(test)]
mod tests;

use crate::prompt::{Brief, Given, Subject, SurveyAsk, Want};
use dice::Dice;

pub use propose::propose;

/// How many wordings are tried before the one with the fewest faults is taken.
const ATTEMPTS: u32 = 12;

/// Words a brief as an instruction. Every name, trait and given value stands in it verbatim (but for booleans, which are
/// worded through their label), and nothing of `brief.forbidden` does where any of the tried wordings can do without.
pub fn write_instruction(brief: &Brief) -> String {
    english::unguard(&guarded(brief))
}

/// Drops from labels what the kind says already: an asset's `asset name` is its name.
fn plain_labels(brief: &Brief) -> Brief {
    let mut brief = brief.clone();
    let strip = |label: &mut String, kind: &str| {
        let lower = label.to_lowercase();
        for front in [kind.to_lowercase(), noun::head_word(kind)] {
            if !front.is_empty()
                && let Some(rest) = lower.strip_prefix(&format!("{front} "))
                && !["id", "count", "code", "date", "number"].contains(&rest)
            {
                *label = rest.to_owned();
                return;
            }
        }
    };
    for want in &mut brief.wants {
        plain_kinds(want);
        match want {
            Want::Know { subject, facts } => {
                facts.iter_mut().for_each(|f| strip(&mut f.label, &subject.kind))
            }
            Want::Survey { subject, ask } => match ask {
                SurveyAsk::Each(f) | SurveyAsk::Extreme(_, _, f) | SurveyAsk::Total(f) => {
                    strip(&mut f.label, &subject.kind)
                }
                SurveyAsk::Count => {}
            },
            Want::Create { kind, values, facts, .. } => {
                values.iter_mut().for_each(|v| strip(&mut v.label, kind));
                facts.iter_mut().for_each(|f| strip(&mut f.label, kind));
            }
            Want::Update { subject, values, facts } => {
                values.iter_mut().for_each(|v| strip(&mut v.label, &subject.kind));
                facts.iter_mut().for_each(|f| strip(&mut f.label, &subject.kind));
            }
            Want::Compute { .. } | Want::Delete { .. } | Want::Act { .. } => {}
        }
    }
    brief
}

/// Drops from kinds what their holder says already: a collection's `collection user` is a user in it.
fn plain_kinds(want: &mut Want) {
    fn visit(subject: &mut Subject) {
        if let Some(within) = &mut subject.within {
            if let Some(rest) = subject.kind.strip_prefix(&format!("{} ", within.kind)) {
                subject.kind = rest.to_owned();
            }
            visit(within);
        }
    }
    match want {
        Want::Know { subject, .. }
        | Want::Survey { subject, .. }
        | Want::Update { subject, .. }
        | Want::Delete { subject } => {
            visit(subject);
        }
        Want::Compute { subjects, .. } | Want::Create { under: subjects, .. } => {
            subjects.iter_mut().for_each(visit)
        }
        Want::Act { subject, others, .. } => {
            subject.iter_mut().chain(others.iter_mut().map(|(_, s)| s)).for_each(visit);
        }
    }
}

/// The instruction with its values still marked.
fn guarded(brief: &Brief) -> String {
    let brief = &plain_labels(brief);
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
        match want {
            Want::Know { subject, .. } | Want::Survey { subject, .. } | Want::Delete { subject } => {
                of_subject(subject, &mut out)
            }
            Want::Compute { subjects, values, .. } | Want::Create { under: subjects, values, .. } => {
                subjects.iter().for_each(|s| of_subject(s, &mut out));
                of_values(values, &mut out);
            }
            Want::Update { subject, values, .. } => {
                of_subject(subject, &mut out);
                of_values(values, &mut out);
            }
            Want::Act { subject, others, values, .. } => {
                subject.iter().chain(others.iter().map(|(_, s)| s)).for_each(|s| of_subject(s, &mut out));
                of_values(values, &mut out);
            }
        }
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

fn of_values(values: &[Given], out: &mut Vec<String>) {
    out.extend(values.iter().filter(|v| !v.exact.is_boolean()).map(|v| v.value.clone()));
}
