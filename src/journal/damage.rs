//! What is found damaged in a journal, in words.

use super::Kind;
use super::effect::{self, RawKey};
use crate::data::ModelRole;
use std::fmt;

/// One thing in a journal that is not as it was written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Damage {
    /// The record of a finished task.
    Record(u64),
    /// A model's reply, and the task that it was asked for.
    Reply(ModelRole, Option<u64>),
    /// A live tool's result, and the task that it was asked for.
    ToolResult(Option<u64>),
    /// A page.
    Page,
    /// An effect of which nothing can be told.
    Effect,
    /// A text that the journal holds on itself, by its name.
    Text(String),
    /// What the very last write held: it was cut off, or its pages are damaged.
    LastWrite,
}

impl Damage {
    /// Says what a damaged effect was, as far as its head tells.
    pub(super) fn of_effect(key: &RawKey, bytes: &[u8]) -> Self {
        let Some(head) = effect::read(key, bytes) else { return Self::Effect };
        let task = super::Key::task_of(key);
        match (head.kind, head.note) {
            (Kind::Reply, Some(note)) => Self::Reply(note.role, task),
            (Kind::Reply, None) => Self::Effect,
            (Kind::ToolResult, _) => Self::ToolResult(task),
            (Kind::Page, _) => Self::Page,
        }
    }
}

impl fmt::Display for Damage {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let of = |f: &mut fmt::Formatter<'_>, task: &Option<u64>| match task {
            Some(task) => write!(f, " in task {task}"),
            None => Ok(()),
        };
        match self {
            Self::Record(task) => write!(f, "the record of task {task}"),
            Self::Reply(role, task) => {
                write!(f, "a reply of the {}", role.as_str())?;
                of(f, task)
            }
            Self::ToolResult(task) => {
                f.write_str("a tool's result")?;
                of(f, task)
            }
            Self::Page => f.write_str("a page"),
            Self::Effect => f.write_str("a reply, result or page of which nothing can be told"),
            Self::Text(name) => write!(f, "the journal's own `{name}`"),
            Self::LastWrite => f.write_str("what the last write held"),
        }
    }
}

/// Says what was found damaged, a few of them by name; `None` where nothing was.
pub(super) fn told(found: &[Damage]) -> Option<String> {
    const NAMED: usize = 5;
    if found.is_empty() {
        return None;
    }
    let names: Vec<String> = found.iter().take(NAMED).map(ToString::to_string).collect();
    let more = match found.len().saturating_sub(NAMED) {
        0 => String::new(),
        more => format!(" and {more} more"),
    };
    let (count, values) = (found.len(), if found.len() == 1 { "value" } else { "values" });
    Some(format!(
        "{count} damaged {values} found in the journal: {}{more}; what is damaged counts as not remembered, and is asked or made again where it is needed",
        names.join(", ")
    ))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_damaged_is_named_up_to_a_few() {
        assert_eq!(told(&[]), None);
        let found = vec![Damage::Reply(ModelRole::Solver, Some(12)), Damage::Record(3)];
        let text = told(&found).unwrap();
        assert!(text.starts_with("2 damaged values found in the journal: a reply of the solver in task 12, the record of task 3;"), "{text}");
        assert!(told(&vec![Damage::Page; 9]).unwrap().contains("a page and 4 more;"));
    }
}
