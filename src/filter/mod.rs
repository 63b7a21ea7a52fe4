//! Stage 4: judges records. It has two halves: pure rules of one row, which see the trajectory with what is known about
//! it; and judges, models that are asked of the rows which those rules keep. Then come rules over a task's rows and over
//! the corpus, in the order of the ordinals.
//!
//! Nothing is lost: a record ends as a row for each of its answers, or as one row that says why there is none; each is kept
//! or rejected with stage, rule and reason.

mod case;
mod corpus;
mod finding;
mod judge;
mod judging;
mod registry;
mod row;
mod rules;
mod score;
mod usage;

pub use corpus::Corpus;
pub use judge::Judge;
pub use judging::{Judgement, conclude, judges_of, trial};
pub use registry::rule_names;
pub use score::quality;

use crate::checks::schema::Validators;
use crate::checks::trajectory::Setting;
use crate::config::Plan;
use crate::data::{AnsweredLeaf, Reason, Sample, SearchTree, Stage, Task, TaskRecord, Tool};
use case::{Case, Court, now_of};
use std::any::Any;
use std::cmp::Reverse;

/// The rule that keeps one row a task.
const BEST: &str = "best_of_task";

impl Judge {
    /// Makes the rows of a record and has the pure rules judge each by itself: the training view, scores, difficulty and
    /// provenance. A record without an answer is one row, rejected where it ended.
    pub fn record(&self, record: &TaskRecord) -> Vec<Sample> {
        let reason = match (&record.refused, &record.task, record.solver_trees().last()) {
            (Some(reason), ..) => reason.clone(),
            (None, Some(_), Some(_)) if record.is_answered() => return self.answers(record),
            (None, Some(_), Some(tree)) => row::why_unsolved(tree),
            _ => Reason::new(Stage::Search, "unfinished", "the record holds no search"),
        };
        vec![row::unsolved(self, record, reason)]
    }

    /// Makes the row of a record of which a fault of ours let none be made: what was asked, and what was caught of a panic.
    pub fn crashed(&self, record: &TaskRecord, panicked: &(dyn Any + Send)) -> Sample {
        row::bare(self, record, Reason::crashed(Stage::Filter, panicked))
    }

    fn answers(&self, record: &TaskRecord) -> Vec<Sample> {
        let Some(task) = &record.task else { return Vec::new() };
        let offered = self.offered(task);
        let names = record
            .answers()
            .flat_map(|(tree, leaf)| tree.path(leaf.node).into_iter().map(|id| tree.node(id)));
        let called: Vec<&Tool> = names
            .flat_map(|node| &node.calls)
            .filter_map(|made| offered.get(made.call.name.as_str()).copied())
            .collect();
        let validators = Validators::of(called);
        let court = Court { offered: &offered, validators: &validators, plan: &self.plan };
        record.answers().map(|(tree, leaf)| self.answer(record, task, (tree, leaf), court)).collect()
    }

    fn answer(
        &self,
        record: &TaskRecord,
        task: &Task,
        (tree, leaf): (&SearchTree, &AnsweredLeaf),
        court: Court<'_>,
    ) -> Sample {
        let (instruction, now) = (task.instruction.as_str(), &now_of(task));
        let setting = Setting { system: &record.system, instruction, now, tools: court.offered };
        let case = Case::of_answer((tree, leaf), task, setting, court);
        let mut sample = row::answered(self, record, task, (tree, leaf), &case);
        judge_case(&case, &mut sample);
        sample
    }
}

/// Has the pure rules say of a case what they find: scores for all, and the first reason to drop it.
fn judge_case(case: &Case<'_>, sample: &mut Sample) {
    for rule in registry::RULES {
        let finding = (rule.judge)(case);
        if let Some(score) = finding.score {
            sample.scores.insert(rule.name.to_owned(), score);
        }
        let enabled = !case.plan.filter.disabled.iter().any(|name| name == rule.name);
        if let (Some(reason), true, None) = (finding.drop, enabled, &sample.dropped) {
            sample.dropped = Some(Reason::new(Stage::Filter, rule.name, reason));
        }
    }
}

/// Keeps the best of a task's rows, the earliest of those that are equally good. With the rule `best_of_task` switched off
/// all of them stay.
pub fn best_of_task(rows: &mut [Sample], plan: &Plan) {
    if plan.filter.disabled.iter().any(|name| name == BEST) {
        return;
    }
    let kept = (0..rows.len()).filter(|&i| rows[i].dropped.is_none());
    let Some(best) =
        kept.max_by(|&a, &b| rows[a].quality.total_cmp(&rows[b].quality).then(Reverse(a).cmp(&Reverse(b))))
    else {
        return;
    };
    let id = rows[best].id.clone();
    for row in
        rows.iter_mut().enumerate().filter(|(i, row)| *i != best && row.dropped.is_none()).map(|(_, row)| row)
    {
        row.dropped = Some(Reason::new(Stage::Filter, BEST, format!("{id} is as good or better")));
        row.quality = quality(row);
    }
}

#[cfg(test)]
mod testing;
#[cfg(test)]
mod tests;
