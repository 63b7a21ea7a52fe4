//! Which calls of a view are of use, and which can be taken out of it without anything missing.

use crate::checks::natural::{Hint, Text, matches_in};
use crate::checks::provenance::CallSources;
use crate::data::{CallRecord, Effect, Reference, Tool, ToolId, ToolOutcome};
use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet};

/// A view's calls and what is asked of them.
pub(super) struct Usage<'a> {
    /// What the task was made from, where that is known.
    pub reference: Option<&'a Reference>,
    /// The tools that the task needs.
    pub needed: &'a [ToolId],
    pub offered: &'a BTreeMap<&'a str, &'a Tool>,
    pub calls: &'a [CallRecord],
    pub sources: &'a [CallSources],
    /// The errors that the answer tells of.
    pub told: &'a BTreeSet<usize>,
    /// What the user said.
    pub instruction: &'a Text,
    /// What was answered.
    pub answer: &'a Text,
}

impl Usage<'_> {
    fn ok(&self, i: usize) -> bool {
        self.calls[i].outcome == ToolOutcome::Ok
    }

    fn tool(&self, i: usize) -> Option<&Tool> {
        self.offered.get(self.calls[i].call.name.as_str()).copied()
    }

    fn writes(&self, i: usize) -> bool {
        self.tool(i).is_some_and(|t| t.effect != Effect::Reads)
    }

    /// Whether the reference calls this tool too, and no other call of the view does with success.
    fn only_one_needed(&self, i: usize) -> bool {
        let name = &self.calls[i].call.name;
        let others =
            (0..self.calls.len()).filter(|&j| j != i && self.ok(j) && self.calls[j].call.name == *name);
        self.is_needed(i) && others.count() == 0
    }

    /// Whether the reference makes this very call.
    fn in_reference(&self, i: usize) -> bool {
        let (Some(tool), Some(reference)) = (self.tool(i), self.reference) else { return false };
        let arguments = &self.calls[i].call.arguments;
        let first = !self.calls[..i]
            .iter()
            .any(|c| c.call.name == self.calls[i].call.name && c.call.arguments == *arguments);
        first && reference.calls.iter().any(|c| c.tool == tool.id && c.arguments == *arguments)
    }

    fn is_needed(&self, i: usize) -> bool {
        self.tool(i).is_some_and(|t| self.needed.contains(&t.id))
    }

    /// Returns which successful calls are of use: they change something, a useful call needs their result, the answer
    /// tells something that they were the first to show, or the reference makes them too.
    pub fn used(&self) -> Vec<bool> {
        let mut told: BTreeSet<String> = BTreeSet::new();
        let mut used: Vec<bool> = (0..self.calls.len())
            .map(|i| {
                if !self.ok(i) {
                    return false;
                }
                let news = self.tells(&self.calls[i].observation, &mut told);
                news || self.writes(i)
                    || self.in_reference(i)
                    || (self.reference.is_some() && self.only_one_needed(i))
            })
            .collect();
        for i in (0..self.calls.len()).rev() {
            if used[i] {
                for needed in self.sources.get(i).map(CallSources::needs).unwrap_or_default() {
                    used[needed] = used[needed] || self.ok(needed);
                }
            }
        }
        used
    }

    /// Returns the calls that can be taken out: reads of no use beside the reference's own, and errors whose correction
    /// goes with them and of which the answer tells nothing. Without a reference nothing is taken out: nobody knows what a call was for.
    pub fn idle(&self) -> BTreeSet<usize> {
        if self.reference.is_none() {
            return BTreeSet::new();
        }
        let used = self.used();
        let same = |i: usize, j: usize| self.calls[i].call.name == self.calls[j].call.name;
        let all = 0..self.calls.len();
        let mut idle: BTreeSet<usize> = all
            .clone()
            .filter(|&i| self.ok(i) && !used[i])
            .filter(|&i| !self.is_needed(i) || all.clone().any(|j| used[j] && same(i, j)))
            .collect();
        let errors: Vec<usize> = all
            .clone()
            .filter(|&i| !self.ok(i) && !self.told.contains(&i))
            .filter(|&i| {
                let mut kept = (i + 1..self.calls.len()).filter(|j| self.ok(*j) && !idle.contains(j));
                !kept.any(|j| same(i, j) || self.sources.get(j).is_some_and(|s| s.needs().contains(&i)))
            })
            .collect();
        idle.extend(errors);
        idle
    }

    /// Whether the answer tells something of a result that nobody had told before.
    fn tells(&self, observation: &str, told: &mut BTreeSet<String>) -> bool {
        let Ok(value) = serde_json::from_str::<Value>(observation) else {
            return self.reference.is_none();
        };
        let mut leaves = Vec::new();
        scalars("", &value, &mut leaves);
        let mut news = false;
        for (name, leaf) in leaves {
            if self.stated(name, &leaf) {
                let known = if leaf.is_boolean() { format!("{name} {leaf}") } else { leaf.to_string() };
                news |= told.insert(known);
            }
        }
        news
    }

    /// Whether a value stands in the answer and was not said by the user already.
    fn stated(&self, name: &str, leaf: &Value) -> bool {
        let telling = match leaf {
            Value::String(s) => s.trim().chars().count() > 1,
            Value::Number(_) | Value::Bool(_) => true,
            _ => false,
        };
        let hint = Hint::named(name);
        telling
            && matches_in(leaf, &hint, self.answer).is_some()
            && (self.reference.is_none() || matches_in(leaf, &hint, self.instruction).is_none())
    }
}

/// Collects the scalars of a value with their names, and the lengths of its lists.
fn scalars<'v>(name: &'v str, value: &'v Value, out: &mut Vec<(&'v str, Value)>) {
    match value {
        Value::Object(map) => map.iter().for_each(|(key, v)| scalars(key, v, out)),
        Value::Array(items) => {
            out.push((name, Value::from(items.len())));
            for item in items {
                scalars(name, item, out);
            }
        }
        Value::Null => {}
        scalar => out.push((name, scalar.clone())),
    }
}
