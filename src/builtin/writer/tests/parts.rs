//! Short hands for writing briefs down.

use crate::prompt::{Asked, Given, Subject, SurveyAsk, Trait, Want};
use serde_json::{Value, json};

pub fn subject(kind: &str, name: Option<&str>) -> Subject {
    Subject { kind: kind.into(), name: name.map(Into::into), ..Subject::default() }
}

pub fn within(mut inner: Subject, holder: Subject) -> Subject {
    inner.within = Some(Box::new(holder));
    inner
}

pub fn with(mut s: Subject, label: &str, value: &str) -> Subject {
    s.traits.push(Trait { label: label.into(), value: value.into(), exact: json!(value) });
    s
}

pub fn flagged(mut s: Subject, label: &str, yes: bool) -> Subject {
    s.traits.push(Trait {
        label: label.into(),
        value: if yes { "yes" } else { "no" }.into(),
        exact: json!(yes),
    });
    s
}

pub fn extreme(mut s: Subject, word: &str, field: &str) -> Subject {
    s.extreme = Some((word.into(), field.into()));
    s
}

pub fn own(mut s: Subject) -> Subject {
    s.own = true;
    s
}

pub fn asked(label: &str, kind: &str) -> Asked {
    Asked { label: label.into(), kind: kind.into(), unit: None }
}

pub fn in_unit(label: &str, kind: &str, unit: &str) -> Asked {
    Asked { unit: Some(unit.into()), ..asked(label, kind) }
}

pub fn given(label: &str, value: &str) -> Given {
    let quoted = value.contains(' ') || value.starts_with(char::is_uppercase);
    Given { label: label.into(), value: value.into(), exact: json!(value), quoted }
}

pub fn time(label: &str, value: &str) -> Given {
    Given {
        label: label.into(),
        value: value.into(),
        exact: json!("2026-11-27T15:00:00+01:00"),
        quoted: false,
    }
}

pub fn number(label: &str, value: &str) -> Given {
    Given { label: label.into(), value: value.into(), exact: json!(7), quoted: false }
}

pub fn yes(label: &str, value: bool) -> Given {
    Given {
        label: label.into(),
        value: if value { "yes" } else { "no" }.into(),
        exact: Value::Bool(value),
        quoted: false,
    }
}

/// What one domain offers to talk about.
pub struct Field {
    pub domain: &'static str,
    pub subjects: Vec<Subject>,
    pub facts: Vec<Asked>,
    pub surveyed: Vec<Subject>,
    pub asks: Vec<SurveyAsk>,
    pub creates: Vec<(&'static str, Vec<Subject>, Vec<Given>)>,
    pub changes: Vec<Given>,
    pub acts: Vec<Want>,
    pub deletes: bool,
}

pub fn act(verb: &str, on: Option<Subject>, others: Vec<(&str, Subject)>, values: Vec<Given>) -> Want {
    let others = others.into_iter().map(|(r, s)| (r.to_owned(), s)).collect();
    Want::Act { verb: verb.into(), subject: on, others, values, facts: Vec::new() }
}
