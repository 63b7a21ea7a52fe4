//! What the rules of one record look at: the record, its training view, the sources of its arguments.

use super::usage::Usage;
use crate::checks::facts::stands_in;
use crate::checks::natural::{Text, parse_now};
use crate::checks::provenance::{CallSources, argument_sources};
use crate::checks::schema::Validators;
use crate::checks::state::same_changes;
use crate::checks::trajectory::{Setting, View, told_errors, training_view, without};
use crate::config::Plan;
use crate::data::{Fact, NodeId, SearchTree, StateDiff, Task, TaskRecord, Tool, ToolOutcome, Verified};
use jiff::Zoned;
use std::collections::{BTreeMap, BTreeSet};

/// An answered record under judgement.
pub struct Case<'a> {
    /// The record.
    pub record: &'a TaskRecord,
    /// Its task.
    pub task: &'a Task,
    /// Its search.
    pub tree: &'a SearchTree,
    /// The node with the answer.
    pub leaf: NodeId,
    /// The offered tools by function name.
    pub offered: BTreeMap<&'a str, &'a Tool>,
    /// Their schemas.
    pub validators: &'a Validators,
    /// The plan.
    pub plan: &'a Plan,
    /// The world's now.
    pub now: Zoned,
    /// The training view.
    pub view: View,
    /// The sources of every call's arguments, by position in the view.
    pub sources: Vec<CallSources>,
    /// Which calls are of use, by position in the view.
    pub used: Vec<bool>,
    /// What differs from the reference's final state: `None` where there is nothing to compare.
    pub state: Option<Result<(), String>>,
    /// The reference's facts, each with whether it stands in the answer.
    pub facts: Vec<(&'a Fact, bool)>,
}

impl<'a> Case<'a> {
    /// Prepares what rules look at.
    pub fn new(
        record: &'a TaskRecord,
        task: &'a Task,
        tree: &'a SearchTree,
        leaf: NodeId,
        offered: BTreeMap<&'a str, &'a Tool>,
        validators: &'a Validators,
        plan: &'a Plan,
    ) -> Self {
        let now = now_of(task);
        let setting =
            Setting { system: &record.system, instruction: &task.instruction, now: &now, tools: &offered };
        let trace = |view: &View| argument_sources(&view.trajectory.messages, &record.system, &now, &offered);
        let mut view = training_view(tree, leaf, setting);
        let mut sources = trace(&view);
        let instruction = Text::new(task.instruction.as_str(), &now);
        let answered = Text::new(view.trajectory.answer.as_str(), &now);
        let usage = |view: &View, sources: &[CallSources], idle: &mut BTreeSet<usize>| {
            let (calls, offered) = (&view.calls[..], &offered);
            let told = &told_errors(view, setting);
            let usage =
                Usage { task, offered, calls, sources, told, instruction: &instruction, answer: &answered };
            *idle = usage.idle();
            usage.used()
        };
        let mut idle = BTreeSet::new();
        let mut used = usage(&view, &sources, &mut idle);
        if !idle.is_empty() && idle.len() < view.calls.len() {
            view = without(&view, tree, leaf, setting, &idle);
            sources = trace(&view);
            used = usage(&view, &sources, &mut idle);
        }
        let state = task.reference.as_ref().and_then(|reference| {
            let nothing = StateDiff::default();
            match &record.state {
                Some(actual) => Some(same_changes(&reference.state, actual)),
                None if reference.state == nothing => None,
                None => Some(Err("the environment cannot tell what was changed".to_owned())),
            }
        });
        let answer = &view.trajectory.answer;
        let facts =
            task.reference.iter().flat_map(|r| &r.facts).map(|f| (f, stands_in(f, answer, &now))).collect();
        Self { record, task, tree, leaf, offered, validators, plan, now, view, sources, used, state, facts }
    }

    /// The answer.
    pub fn answer(&self) -> &str {
        &self.view.trajectory.answer
    }

    /// Whether every fact of the reference stands in the answer.
    pub fn facts_stand(&self) -> bool {
        self.facts.iter().all(|(_, stands)| *stands)
    }

    /// By what the row is known to be right.
    pub fn verified(&self) -> Verified {
        let judged = || match &self.record.judge {
            Some(said) if said.solved => Verified::Judge,
            _ => Verified::None,
        };
        let Some(reference) = &self.task.reference else { return judged() };
        let same = !matches!(self.state, Some(Err(_)));
        if !same || !self.facts_stand() {
            return Verified::None;
        }
        if self.state.is_some() && !reference.state.changes.is_empty() {
            Verified::State
        } else if !reference.facts.is_empty() {
            Verified::Facts
        } else {
            judged()
        }
    }

    /// The longest path over the calls' dependencies, in calls. Errors are not on it.
    pub fn depth(&self) -> u32 {
        let mut depths: Vec<u32> = Vec::new();
        for (i, sources) in self.sources.iter().enumerate() {
            let below = sources.needs().into_iter().filter_map(|n| depths.get(n)).max().copied().unwrap_or(0);
            depths.push(if self.ok(i) { below + 1 } else { 0 });
        }
        depths.into_iter().max().unwrap_or(0)
    }

    /// Whether a call succeeded.
    pub fn ok(&self, call: usize) -> bool {
        self.view.calls[call].outcome == ToolOutcome::Ok
    }

    /// The most calls of one turn.
    pub fn width(&self) -> u32 {
        self.view.trajectory.messages.iter().map(|m| m.tool_calls.len()).max().unwrap_or(0) as u32
    }

    /// The tools that are called, sorted by name, each once.
    pub fn called(&self) -> BTreeMap<&str, Option<&'a Tool>> {
        self.view
            .calls
            .iter()
            .map(|r| (r.call.name.as_str(), self.offered.get(r.call.name.as_str()).copied()))
            .collect()
    }
}

/// Returns a task's now; tasks whose context has none play in the epoch.
pub(super) fn now_of(task: &Task) -> Zoned {
    parse_now(&task.context.now, &task.context.time_zone)
        .unwrap_or_else(|| jiff::Timestamp::UNIX_EPOCH.to_zoned(jiff::tz::TimeZone::UTC))
}
