//! What the rules of one record look at: the record, its training view, the sources of its arguments.

use super::usage::Usage;
use crate::checks::facts::stands_in;
use crate::checks::natural::{Text, parse_now};
use crate::checks::provenance::{CallSources, argument_sources};
use crate::checks::schema::Validators;
use crate::checks::state::same_changes;
use crate::checks::trajectory::{Setting, View, told_errors, training_view, without};
use crate::config::Plan;
use crate::data::{
    AnsweredLeaf, CallRecord, Fact, Reference, SearchTree, StateDiff, Task, Tool, ToolId, ToolOutcome,
    Verified,
};
use jiff::Zoned;
use std::collections::{BTreeMap, BTreeSet};

/// What is known of a trajectory beside what it shows. Rules take each part where it is there.
#[derive(Clone, Debug, Default)]
pub struct Known<'a> {
    /// What the task was made from.
    pub reference: Option<&'a Reference>,
    /// The tools that the task needs.
    pub needed: &'a [ToolId],
    /// What the trajectory changed.
    pub state: Option<&'a StateDiff>,
    /// Every call that was made on the way, those that the trajectory does not show among them.
    pub made: Vec<&'a CallRecord>,
}

/// What every case of a run is judged with.
#[derive(Clone, Copy)]
pub struct Court<'a> {
    /// The offered tools by function name.
    pub offered: &'a BTreeMap<&'a str, &'a Tool>,
    /// Their schemas.
    pub validators: &'a Validators,
    /// The plan.
    pub plan: &'a Plan,
}

/// A trajectory under judgement, with what is known about it.
pub struct Case<'a> {
    /// The offered tools by function name.
    pub offered: &'a BTreeMap<&'a str, &'a Tool>,
    /// Their schemas.
    pub validators: &'a Validators,
    /// The plan.
    pub plan: &'a Plan,
    /// The conversation's now.
    pub now: &'a Zoned,
    /// The trajectory as it is trained on.
    pub view: View,
    /// What is known of it.
    pub known: Known<'a>,
    /// The sources of every call's arguments, by position in the view.
    pub sources: Vec<CallSources>,
    /// Which calls are of use, by position in the view.
    pub used: Vec<bool>,
    /// What differs from the reference's final state: `None` where there is nothing to compare.
    pub state: Option<Result<(), String>>,
    /// The reference's facts, each with whether it stands in the answer.
    pub facts: Vec<(&'a Fact, bool)>,
}

/// What tracing a view tells: the sources of its calls' arguments, which calls are of use, and which can go.
struct Traced {
    sources: Vec<CallSources>,
    used: Vec<bool>,
    idle: BTreeSet<usize>,
}

impl<'a> Case<'a> {
    /// Prepares what rules look at, of an answer that a search found. Calls that serve nothing are cut out of the view.
    pub fn of_answer(
        (tree, leaf): (&'a SearchTree, &'a AnsweredLeaf),
        task: &'a Task,
        setting: Setting<'a>,
        court: Court<'a>,
    ) -> Self {
        let known = Known {
            reference: task.reference.as_ref(),
            needed: &task.needed,
            state: leaf.state.as_ref(),
            made: tree.path(leaf.node).into_iter().flat_map(|id| &tree.node(id).calls).collect(),
        };
        let mut view = training_view(tree, leaf.node, setting);
        let mut traced = trace(&view, setting, &known);
        if !traced.idle.is_empty() && traced.idle.len() < view.calls.len() {
            view = without(&view, tree, leaf.node, setting, &traced.idle);
            traced = trace(&view, setting, &known);
        }
        Self::of(view, traced, setting, known, court)
    }

    fn of(view: View, traced: Traced, setting: Setting<'a>, known: Known<'a>, court: Court<'a>) -> Self {
        let state = known.reference.and_then(|reference| match known.state {
            Some(actual) => Some(same_changes(&reference.state, actual)),
            None if reference.state == StateDiff::default() => None,
            None => Some(Err("the environment cannot tell what was changed".to_owned())),
        });
        let answer = &view.trajectory.answer;
        let asked = known.reference.iter().flat_map(|reference| &reference.facts);
        let facts = asked.map(|fact| (fact, stands_in(fact, answer, setting.now))).collect();
        let Court { offered, validators, plan } = court;
        let (now, Traced { sources, used, .. }) = (setting.now, traced);
        Self { offered, validators, plan, now, view, known, sources, used, state, facts }
    }

    /// The answer.
    pub fn answer(&self) -> &str {
        &self.view.trajectory.answer
    }

    /// Whether every fact of the reference stands in the answer.
    pub fn facts_stand(&self) -> bool {
        self.facts.iter().all(|(_, stands)| *stands)
    }

    /// By what the row is known to be right, as far as no judge is needed to tell.
    pub fn verified(&self) -> Verified {
        let Some(reference) = self.known.reference else { return Verified::None };
        let same = !matches!(self.state, Some(Err(_)));
        if !same || !self.facts_stand() {
            return Verified::None;
        }
        if self.state.is_some() && !reference.state.changes.is_empty() {
            Verified::State
        } else if !reference.facts.is_empty() {
            Verified::Facts
        } else {
            Verified::None
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

fn trace(view: &View, setting: Setting<'_>, known: &Known<'_>) -> Traced {
    let sources = argument_sources(&view.trajectory.messages, setting.system, setting.now, setting.tools);
    let told = told_errors(view, setting);
    let usage = Usage {
        reference: known.reference,
        needed: known.needed,
        offered: setting.tools,
        calls: &view.calls,
        sources: &sources,
        told: &told,
        instruction: &Text::new(view.said(), setting.now),
        answer: &Text::new(view.trajectory.answer.as_str(), setting.now),
    };
    let (used, idle) = (usage.used(), usage.idle());
    Traced { sources, used, idle }
}

/// Returns a task's now; tasks whose context has none play in the epoch.
pub(super) fn now_of(task: &Task) -> Zoned {
    parse_now(&task.context.now, &task.context.time_zone)
        .unwrap_or_else(|| jiff::Timestamp::UNIX_EPOCH.to_zoned(jiff::tz::TimeZone::UTC))
}
