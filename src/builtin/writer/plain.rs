//! Makes a brief's words plainer before it is worded: nothing is said twice.

use super::noun::head_word;
use crate::prompt::{Brief, Subject, SurveyAsk, Want};

/// Returns the brief with plainer labels and kinds; its values stay as they are.
pub fn plain(brief: &Brief) -> Brief {
    let mut brief = brief.clone();
    for want in &mut brief.wants {
        kinds(want);
        labels(want);
    }
    brief
}

/// Drops from labels what the kind says already: an asset's `asset name` is its name.
fn labels(want: &mut Want) {
    let (kind, found): (String, Vec<&mut String>) = match want {
        Want::Know { subject, facts } => {
            (subject.kind.clone(), facts.iter_mut().map(|f| &mut f.label).collect())
        }
        Want::Survey { subject, ask } => match ask {
            SurveyAsk::Each(f) | SurveyAsk::Extreme(_, _, f) | SurveyAsk::Total(f) => {
                (subject.kind.clone(), vec![&mut f.label])
            }
            SurveyAsk::Count => return,
        },
        Want::Create { kind, values, facts, .. } => {
            let given = values.iter_mut().map(|v| &mut v.label);
            (kind.clone(), given.chain(facts.iter_mut().map(|f| &mut f.label)).collect())
        }
        Want::Update { subject, values, facts } => {
            let given = values.iter_mut().map(|v| &mut v.label);
            (subject.kind.clone(), given.chain(facts.iter_mut().map(|f| &mut f.label)).collect())
        }
        Want::Compute { .. } | Want::Delete { .. } | Want::Act { .. } => return,
    };
    for label in found {
        strip(label, &kind);
    }
}

fn strip(label: &mut String, kind: &str) {
    let lower = label.to_lowercase();
    for front in [kind.to_lowercase(), head_word(kind)] {
        if !front.is_empty()
            && let Some(rest) = lower.strip_prefix(&format!("{front} "))
            && !["id", "count", "code", "date", "number"].contains(&rest)
        {
            rest.clone_into(label);
            return;
        }
    }
}

/// Drops from kinds what their holder says already: a collection's `collection user` is a user in it.
fn kinds(want: &mut Want) {
    match want {
        Want::Know { subject, .. }
        | Want::Survey { subject, .. }
        | Want::Update { subject, .. }
        | Want::Delete { subject } => visit(subject),
        Want::Compute { subjects, .. } | Want::Create { under: subjects, .. } => {
            for subject in subjects {
                visit(subject);
            }
        }
        Want::Act { subject, others, .. } => {
            for subject in subject.iter_mut().chain(others.iter_mut().map(|(_, s)| s)) {
                visit(subject);
            }
        }
    }
}

fn visit(subject: &mut Subject) {
    if let Some(within) = &mut subject.within {
        if let Some(rest) = subject.kind.strip_prefix(&format!("{} ", within.kind)) {
            subject.kind = rest.to_owned();
        }
        visit(within);
    }
}
