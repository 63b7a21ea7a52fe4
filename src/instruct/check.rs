//! What an instruction must be, whoever wrote it: no names of tools, no placeholders, all that the user must say, nothing of the answer.

use crate::checks::natural::{self, Hint};
use crate::checks::{language, leaks, length, placeholders};
use crate::data::{Fact, FactKind, Reason, Reference, Stage, Task, Tool};
use crate::prompt::{Given, Subject, Want};
use serde_json::Value;

/// Returns what is wrong with a task's instruction.
pub(super) fn instruction(
    task: &Task,
    wants: &[Want],
    offered: &[&Tool],
    forbidden: &[String],
) -> Option<Reason> {
    let text = &task.instruction;
    let drop = |rule: &str, why: String| Some(Reason::new(Stage::Instruct, rule, why));
    if let Some(fault) = length::fault(text) {
        return drop("length", fault);
    }
    if !language::is_english(text) {
        return drop("language", "it does not read as English".to_owned());
    }
    if let Some(found) = placeholders::placeholder(text) {
        return drop("placeholder", format!("'{found}' stands for a value that nobody gave"));
    }
    let masked = masked(text, wants);
    let names = leaks::names(offered.iter().copied());
    if let Some(name) = leaks::leak(&masked, &names) {
        return drop("leak", format!("it names '{name}', which a user does not know"));
    }
    if let Some(word) = leaks::procedure(&masked) {
        return drop("leak", format!("'{word}' is no user's word"));
    }
    if let Some(value) = forbidden.iter().find(|f| contains(&masked, f)) {
        return drop("given_away", format!("'{value}' is for the answer to say"));
    }
    let now = natural::parse_now(&task.context.now, &task.context.time_zone)?;
    let missing = said(wants).into_iter().find(|(words, exact)| {
        let hint = Hint { name: "", schema: None };
        !text.contains(words.as_str())
            && !text.to_lowercase().contains(&words.to_lowercase())
            && exact.as_ref().is_none_or(|e| natural::matches_in_text(e, &hint, text, &now).is_none())
    });
    missing.and_then(|(words, _)| {
        drop("value_missing", format!("'{words}' must be said, for nothing else gives it"))
    })
}

/// Values that only the answer may say, and that the wants do not.
pub(super) fn forbidden(task: &Task, wants: &[Want], reference: &Reference) -> Vec<String> {
    let said: Vec<String> = said(wants).into_iter().map(|(w, _)| w.to_lowercase()).collect();
    let mut out: Vec<String> = reference
        .facts
        .iter()
        .filter(|f: &&Fact| matches!(f.kind, FactKind::Text | FactKind::Id))
        .filter_map(|f| f.value.as_str().map(str::to_owned))
        .filter(|v| {
            v.len() >= 5
                && !said.iter().any(|s| {
                    s.contains(&v.to_lowercase()) || v.to_lowercase().contains(s.as_str()) && s.len() > 3
                })
        })
        .filter(|v| !task.context.user.contains(v.as_str()))
        .filter(|v| !crate::words::is_ordinary(&v.to_lowercase()))
        .collect();
    out.sort();
    out.dedup();
    out
}

fn contains(text: &str, what: &str) -> bool {
    natural::contains_word(&text.to_lowercase(), &what.to_lowercase())
}

/// What the user must say: its words, and its exact value where it has one.
fn said(wants: &[Want]) -> Vec<(String, Option<Value>)> {
    let mut out = Vec::new();
    for want in wants {
        match want {
            Want::Know { subject, .. } | Want::Survey { subject, .. } | Want::Delete { subject } => {
                of_subject(subject, &mut out);
            }
            Want::Compute { subjects, values, .. } => {
                for s in subjects {
                    of_subject(s, &mut out);
                }
                of_values(values, &mut out);
            }
            Want::Create { under, values, .. } => {
                for s in under {
                    of_subject(s, &mut out);
                }
                of_values(values, &mut out);
            }
            Want::Update { subject, values, .. } => {
                of_subject(subject, &mut out);
                of_values(values, &mut out);
            }
            Want::Act { subject, others, values, .. } => {
                if let Some(s) = subject {
                    of_subject(s, &mut out);
                }
                for (_, s) in others {
                    of_subject(s, &mut out);
                }
                of_values(values, &mut out);
            }
        }
    }
    out
}

fn of_subject(subject: &Subject, out: &mut Vec<(String, Option<Value>)>) {
    out.extend(subject.name.iter().map(|n| (n.clone(), None)));
    out.extend(
        subject
            .traits
            .iter()
            .filter(|t| !t.exact.is_boolean())
            .map(|t| (t.value.clone(), Some(t.exact.clone()))),
    );
    if let Some(within) = &subject.within {
        of_subject(within, out);
    }
}

fn of_values(values: &[Given], out: &mut Vec<(String, Option<Value>)>) {
    out.extend(
        values.iter().filter(|v| !v.exact.is_boolean()).map(|v| (v.value.clone(), Some(v.exact.clone()))),
    );
}

/// The instruction without the values that the user gives: what is quoted is no leak.
fn masked(text: &str, wants: &[Want]) -> String {
    let mut values: Vec<String> = said(wants).into_iter().map(|(w, _)| w).filter(|w| w.len() > 2).collect();
    values.sort_by_key(|v| std::cmp::Reverse(v.len()));
    values.into_iter().fold(text.to_owned(), |t, v| t.replace(&v, "_"))
}
