//! The next step: effects first what they need, then themselves; then what was asked.

use super::binding::Bound;
use super::goals::Goal;
use super::mind::{Mind, Proposal};
use super::names;
use super::toolbox::Role;
use super::verbs::Class;
use serde_json::Value;

/// What to do now.
#[derive(Debug)]
pub enum Step {
    /// Make these calls.
    Calls(Vec<Proposal>),
    /// Everything is done: say so.
    Answer,
    /// There is no way on.
    GiveUp,
}

/// Most calls of a turn.
const CALLS_MAX: usize = 6;

impl Mind<'_> {
    /// Decides on the next step.
    pub fn step(&self, goals: &[Goal]) -> Step {
        let (mut reads, mut writes): (Vec<Proposal>, Vec<Proposal>) = (Vec::new(), Vec::new());
        let mut pending: Vec<usize> = Vec::new();
        let mut stuck = false;
        for (i, goal) in goals.iter().enumerate() {
            let Some((tool, bound)) = self.way(goals, i) else { continue };
            if pending.iter().any(|p| self.waits_for(tool, *p)) {
                break;
            }
            pending.push(tool);
            match bound {
                Bound::Ready(calls) => writes.extend(calls),
                Bound::Needs(calls) => reads.extend(calls),
                Bound::Stuck => stuck = true,
            }
            let _ = goal;
        }
        if !reads.is_empty() {
            return Step::Calls(tidy(reads));
        }
        if pending.is_empty() {
            return self.ask(!goals.is_empty());
        }
        // A condition is looked at before anything is done.
        if let Some(check) = self.condition() {
            return Step::Calls(vec![check]);
        }
        if !writes.is_empty() {
            return Step::Calls(tidy(writes));
        }
        if stuck { Step::GiveUp } else { self.ask(true) }
    }

    /// Returns the tool by which a goal can be reached and how far its call is; `None` when the goal is reached.
    fn way(&self, goals: &[Goal], i: usize) -> Option<(usize, Bound)> {
        let goal = &goals[i];
        let before = |tool: usize| goals[..i].iter().filter(|g| g.tools.contains(&tool)).count();
        let mut last = None;
        for &tool in &goal.tools {
            let succeeded =
                self.memory.past.iter().filter(|p| p.tool == Some(tool) && p.fault.is_none()).count();
            let bound = self.bind(tool, &goal.words, 0);
            let wanted = match &bound {
                Bound::Ready(calls) => calls.len(),
                _ => 1,
            };
            let made_all = matches!(&bound, Bound::Ready(calls) if calls.iter().all(|c| self.succeeded(c)));
            if made_all || succeeded >= before(tool) + wanted.max(1) {
                return None;
            }
            let bound = match bound {
                Bound::Ready(calls) => {
                    let fresh: Vec<Proposal> =
                        calls.into_iter().map(|c| self.repair(c)).filter(|c| self.fresh(c)).collect();
                    if fresh.is_empty() { Bound::Stuck } else { Bound::Ready(fresh) }
                }
                Bound::Needs(calls) => {
                    let fresh: Vec<Proposal> = calls.into_iter().filter(|c| self.fresh(c)).collect();
                    if fresh.is_empty() { Bound::Stuck } else { Bound::Needs(fresh) }
                }
                Bound::Stuck => Bound::Stuck,
            };
            if !matches!(bound, Bound::Stuck) {
                return Some((tool, bound));
            }
            last.get_or_insert(tool);
        }
        last.map(|tool| (tool, Bound::Stuck))
    }

    fn succeeded(&self, call: &Proposal) -> bool {
        let name = &self.tool(call.tool).spec.name;
        self.memory
            .past
            .iter()
            .any(|p| p.fault.is_none() && p.call.name == *name && p.call.arguments == call.arguments)
    }

    /// Whether a tool takes the id of what another is yet to make.
    fn waits_for(&self, tool: usize, pending: usize) -> bool {
        let made = self.tool(pending);
        made.class == Class::Create
            && tool != pending
            && self
                .tool(tool)
                .params
                .iter()
                .any(|p| p.required && matches!(&p.role, Role::Id(n) if names::alike(n, &made.noun) >= 0.9))
    }

    /// Leaves out what an earlier attempt was refused for.
    pub fn repair(&self, mut call: Proposal) -> Proposal {
        let tool = self.tool(call.tool);
        let faults: Vec<&String> = self
            .memory
            .past
            .iter()
            .filter(|p| p.tool == Some(call.tool))
            .filter_map(|p| p.fault.as_ref())
            .collect();
        for fault in faults {
            for param in tool.params.iter().filter(|p| !p.required) {
                let name = &param.path[param.path.len() - 1];
                let blamed = fault.contains(&format!("`{name}`"))
                    || fault.contains(&format!("'{name}'"))
                    || fault.contains(&param.path.join("."));
                if blamed && let Value::Object(arguments) = &mut call.arguments {
                    arguments.remove(&param.path[0]);
                }
            }
        }
        call
    }

    /// A read without parameters that a condition ("if there's still credit") speaks of.
    fn condition(&self) -> Option<Proposal> {
        let at = self.u.words.iter().position(|w| w.text == "if" && !w.quoted)?;
        let clause: Vec<String> =
            self.u.words[at + 1..].iter().take(9).filter(|w| !w.stop).map(|w| w.stem.clone()).collect();
        let fitting = self
            .tools
            .tools
            .iter()
            .enumerate()
            .filter(|(_, t)| t.class == Class::Read && t.params.iter().all(|p| !p.required));
        let best = fitting
            .map(|(i, t)| {
                let hits = clause.iter().filter(|s| t.name.contains(s) || t.about.contains(s)).count();
                (hits, i)
            })
            .max_by_key(|(hits, i)| (*hits, usize::MAX - i))?;
        let call = Proposal { tool: best.1, arguments: Value::Object(serde_json::Map::new()) };
        (best.0 > 0 && self.fresh(&call)).then_some(call)
    }

    /// Reads the record that a list only summed up.
    pub fn reader_of(&self, record: &super::memory::Record) -> Vec<Proposal> {
        let readers = self.tools.tools.iter().enumerate().filter(|(_, t)| {
            t.class == Class::Read && !t.lists && names::alike(&t.noun, &record.kind) >= 0.9
        });
        for (i, tool) in readers {
            let mut arguments = serde_json::Map::new();
            let complete = tool.params.iter().filter(|p| p.required).all(|p| {
                let Role::Id(noun) = &p.role else { return false };
                let noun = if noun.is_empty() { &tool.noun } else { noun };
                let own = self.id_of(record, noun, &p.path[0]).cloned();
                let context = || self.context(record).and_then(|c| c.get(&p.path[0])).cloned();
                match own.or_else(context) {
                    Some(value) => {
                        arguments.insert(p.path[0].clone(), super::binding::typed_like(value, p.schema));
                        true
                    }
                    None => false,
                }
            });
            if complete && !arguments.is_empty() {
                return vec![Proposal { tool: i, arguments: Value::Object(arguments) }];
            }
        }
        Vec::new()
    }
}

fn tidy(mut calls: Vec<Proposal>) -> Vec<Proposal> {
    let mut seen: Vec<Proposal> = Vec::new();
    calls.retain(|c| {
        let new = !seen.contains(c);
        seen.push(c.clone());
        new
    });
    calls.truncate(CALLS_MAX);
    calls
}
