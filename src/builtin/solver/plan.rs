//! The next step over all wants: what their effects need, then the effects, then what was asked.

use super::binding::Bound;
use super::goals::Goal;
use super::mind::Mind;
use super::names;
use super::step::{Proposal, Step};
use super::toolbox::Role;
use super::verbs::Class;
use serde_json::{Map, Value};

/// Most calls of a turn.
const CALLS_MAX: usize = 6;

/// Decides on the next step over all wants. Effects are made in the order wanted; what is read for one want may go out with
/// what is read for another; what is asked after an effect is read after it.
pub fn step(minds: &mut [Mind<'_>], goals: &[Option<Goal>]) -> Step {
    claim(minds, goals);
    let mut calls: Vec<Proposal> = Vec::new();
    let mut pending: Vec<usize> = Vec::new();
    let mut lost = false;
    let fits = |mind: &Mind<'_>, goal: &Option<Goal>| mind.is_meant(goal.as_ref());
    let some_fit = minds.iter().zip(goals).any(|(m, g)| fits(m, g));
    for (mind, goal) in minds.iter().zip(goals) {
        // What no tool has to do with is talk, as long as something else is wanted.
        if some_fit && !fits(mind, goal) {
            continue;
        }
        let Some(goal) = goal else {
            if pending.is_empty() {
                match mind.ask() {
                    Step::Calls(more) => calls.extend(more),
                    Step::Answer => {}
                    Step::GiveUp => lost = true,
                }
            }
            continue;
        };
        // Where nothing says what kind of thing is meant, finding it by its name does.
        if goal.unsure
            && mind.claimed.is_empty()
            && pending.is_empty()
            && mind.u.given.len() > 1
            && let Some(search) = mind.explore()
        {
            calls.extend(search);
            pending.push(goal.tools[0]);
            continue;
        }
        let Some((tool, bound)) = mind.way(goal) else { continue };
        if pending.iter().any(|p| mind.waits_for(tool, *p)) {
            break;
        }
        pending.push(tool);
        match bound {
            Bound::Ready(ready) => {
                // A condition is looked at before anything is done.
                match mind.condition() {
                    Some(check) => calls.push(check),
                    None => calls.extend(ready),
                }
            }
            Bound::Needs(needs) => calls.extend(needs),
            Bound::Stuck => lost = true,
        }
    }
    if calls.is_empty() {
        return if lost { Step::GiveUp } else { Step::Answer };
    }
    Step::Calls(tidy(calls))
}

/// Gives each effect that was had to the want that asked for it: by its arguments, else in order.
fn claim(minds: &mut [Mind<'_>], goals: &[Option<Goal>]) {
    let mut taken: Vec<usize> = Vec::new();
    for (mind, goal) in minds.iter_mut().zip(goals) {
        let Some(goal) = goal else { continue };
        for &tool in &goal.tools {
            let Bound::Ready(ready) = mind.bind(tool, 0) else { continue };
            let exact = mind.memory.past.iter().enumerate().filter(|(i, p)| {
                p.tool == Some(tool)
                    && p.fault.is_none()
                    && !taken.contains(i)
                    && ready.iter().any(|r| r.arguments == p.call.arguments)
            });
            let found: Vec<usize> = exact.map(|(i, _)| i).collect();
            taken.extend(&found);
            mind.claimed.extend(found);
        }
    }
    for (mind, goal) in minds.iter_mut().zip(goals) {
        let Some(goal) = goal.as_ref().filter(|_| mind.claimed.is_empty()) else { continue };
        let left = mind.memory.past.iter().enumerate().find(|(i, p)| {
            p.fault.is_none() && !taken.contains(i) && p.tool.is_some_and(|t| goal.tools.contains(&t))
        });
        if let Some((i, _)) = left {
            taken.push(i);
            mind.claimed.push(i);
        }
    }
}

impl Mind<'_> {
    /// Whether a tool has to do with a want; what none has to do with is talk.
    pub fn is_meant(&self, goal: Option<&Goal>) -> bool {
        let value = self.u.given.iter().any(|g| self.u.own.contains(&self.u.words_in(&g.span).start));
        goal.is_some() || self.u.asks && (value || self.targets().first().is_some_and(|(s, _)| *s >= 0.6))
    }

    /// Returns the tool by which a goal can be reached and how far its call is; `None` when the goal is reached.
    fn way(&self, goal: &Goal) -> Option<(usize, Bound)> {
        let mut last = None;
        for &tool in &goal.tools {
            let bound = match self.bind(tool, 0) {
                Bound::Ready(calls) => {
                    let open: Vec<Proposal> =
                        calls.into_iter().map(|c| self.repair(c)).filter(|c| !self.succeeded(c)).collect();
                    if open.is_empty() || !self.claimed.is_empty() && !self.plural_of(&self.tool(tool).noun) {
                        return None;
                    }
                    let fresh: Vec<Proposal> = open.into_iter().filter(|c| self.fresh(c)).collect();
                    if fresh.is_empty() { Bound::Stuck } else { Bound::Ready(fresh) }
                }
                _ if !self.claimed.is_empty() => return None,
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

    /// A read without parameters that a condition ("if there's still credit") speaks of.
    fn condition(&self) -> Option<Proposal> {
        let at = self.u.words.iter().position(|w| w.text == "if" && !w.quoted)?;
        let clause: Vec<String> =
            self.u.words[at + 1..].iter().take(6).filter(|w| !w.stop).map(|w| w.stem.clone()).collect();
        let fitting = self
            .tools
            .tools
            .iter()
            .enumerate()
            .filter(|(_, t)| t.class == Class::Read && t.params.iter().all(|p| !p.required));
        let best = fitting
            .map(|(i, t)| {
                let hits = clause
                    .iter()
                    .filter(|s| {
                        t.name.contains(s) || t.noun.contains(s) || t.about.iter().take(12).any(|a| a == *s)
                    })
                    .count();
                (hits, i)
            })
            .max_by_key(|(hits, i)| (*hits, usize::MAX - i))?;
        let call = Proposal { tool: best.1, arguments: Value::Object(Map::new()) };
        (best.0 > 0 && self.fresh(&call)).then_some(call)
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
