//! What came of a run, and how it ended.

use super::tasks::Bench;
use crate::data::{CRASHED, Manifest, Sample, Stage};
use crate::llm::{LlmError, LlmStats};

/// What came of a run.
#[derive(Clone, Debug)]
pub struct Outcome {
    /// How it ended.
    pub end: End,
    /// Tools in the catalog.
    pub tools: usize,
    /// Tasks that are finished, those beyond the rows' among them.
    pub finished: u64,
    /// Tasks that were to be made and are not.
    pub unfinished: u64,
    /// Finished tasks that no row is made of: they were made beyond the target, or are judged no further.
    pub beyond: u64,
    /// The kept rows that the plan wants, where it does.
    pub wanted: Option<u64>,
    /// What the folder holds; `None` where no row was written.
    pub manifest: Option<Manifest>,
    /// Rows kept.
    pub kept: u64,
    /// A few of them.
    pub examples: Vec<Sample>,
    /// How models were used.
    pub llm: LlmStats,
    /// What a fault of ours left out, by its name, and the fault's text.
    pub faults: Vec<(String, String)>,
}

/// How a run ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum End {
    /// All tasks are done, or the target of kept rows is met, and the rows are written.
    Done,
    /// It ended after the stage that it was told to.
    Until(Stage),
    /// It was stopped.
    Stopped,
    /// A ceiling was reached.
    Ceiling(Ceiling),
    /// So few rows came of the tasks that the target was given up.
    Yield {
        /// Rows kept.
        kept: u64,
        /// The tasks that they came of.
        tasks: u64,
        /// The floor, in kept rows a task, as the plan says it.
        floor: String,
    },
    /// A model could not be reached; says why.
    Unreachable(String),
}

/// A ceiling of the plan that a run ended at.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Ceiling {
    /// Its key in the plan (`limits.tokens`).
    pub key: String,
    /// What was reached, for a person.
    pub text: String,
    /// Twice its value, where the run cannot go on under the same.
    pub raised: Option<String>,
}

/// What came of the tasks.
#[derive(Debug)]
pub(super) struct MadeTasks {
    pub end: End,
    /// Finished tasks.
    pub finished: u64,
    /// Those of them that were made beyond the target.
    pub beyond: u64,
    /// The tasks that were to be made and are not finished.
    pub open: Vec<u64>,
}

/// What came of a pass.
#[derive(Clone, Debug, Default)]
pub(super) struct Passed {
    /// Rows kept.
    pub kept: u64,
    /// A few of them: the first ones, and the first of each level.
    pub examples: Vec<Sample>,
    /// The first faults of ours: the task and stage, and the fault's text.
    pub faults: Vec<(String, String)>,
    /// Tasks whose rows judges could not be asked of.
    pub unjudged: Vec<u64>,
}

impl Ceiling {
    /// Returns the ceiling that kept a call from being made.
    pub(super) fn of(error: &LlmError) -> Self {
        let text = error.to_string();
        let LlmError::BudgetExhausted { limit, ceiling, .. } = error else {
            return Self { key: String::from("limits"), text, raised: None };
        };
        let twice = |number: f64| number * 2.0;
        let raised = ceiling.parse().ok().map(twice).map(|number| number.to_string());
        Self { key: limit.clone(), text, raised }
    }

    /// Returns the ceiling on a session's time.
    pub(super) fn wall(seconds: u64) -> Self {
        let text = format!("the ceiling `limits.wall_s` is reached: {seconds} seconds of this session");
        Self { key: String::from("limits.wall_s"), text, raised: None }
    }
}

impl Outcome {
    pub(super) fn after_crawl(tools: usize, faults: Vec<(String, String)>) -> Self {
        Self {
            end: End::Until(Stage::Crawl),
            tools,
            finished: 0,
            unfinished: 0,
            beyond: 0,
            wanted: None,
            manifest: None,
            kept: 0,
            examples: Vec::new(),
            llm: LlmStats::default(),
            faults,
        }
    }

    /// Returns what came of the tasks, before any row is written.
    pub(super) fn of(made: &MadeTasks, bench: &Bench) -> Self {
        let dropped = bench.catalog.dropped.iter();
        Self {
            end: made.end.clone(),
            tools: bench.catalog.tools.len(),
            finished: made.finished,
            unfinished: made.open.len() as u64,
            beyond: made.beyond,
            wanted: bench.plan.target.as_ref().map(|target| target.rows),
            manifest: None,
            kept: 0,
            examples: Vec::new(),
            llm: bench.llm.stats(),
            faults: faults(dropped.map(|d| (d.id.as_str(), d.rule.as_str(), d.reason.as_str()))),
        }
    }

    /// Adds what came of the final pass.
    pub(super) fn with(self, passed: Passed) -> Self {
        let (kept, unjudged) = (passed.kept, passed.unjudged.len() as u64);
        let (finished, unfinished) = (self.finished - unjudged, self.unfinished + unjudged);
        let faults = self.faults.into_iter().chain(passed.faults).collect();
        Self { kept, finished, unfinished, examples: passed.examples, faults, ..self }
    }

    /// Says that a run that came to its end did so after a stage, as asked.
    pub(super) fn until(self, stage: Stage) -> Self {
        match self.end {
            End::Done => Self { end: End::Until(stage), ..self },
            _ => self,
        }
    }
}

/// Picks what a fault of ours left out: ids, rules and reasons of all that was left out.
pub(super) fn faults<'a>(
    dropped: impl Iterator<Item = (&'a str, &'a str, &'a str)>,
) -> Vec<(String, String)> {
    let crashed = dropped.filter(|(_, rule, _)| *rule == CRASHED);
    crashed.map(|(id, _, reason)| (id.to_owned(), reason.to_owned())).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn of_all_that_was_left_out_the_faults_are_picked_with_their_texts() {
        let dropped = [("a.json", "not_a_spec", "it is none"), ("b.json", "crashed", "it broke")];
        assert_eq!(faults(dropped.into_iter()), [("b.json".to_owned(), "it broke".to_owned())]);
    }

    #[test]
    fn a_ceiling_names_its_key_and_twice_its_value() {
        let error = |limit: &str, ceiling: &str| LlmError::BudgetExhausted {
            limit: limit.to_owned(),
            spent: String::from("1"),
            next: String::from("2"),
            ceiling: ceiling.to_owned(),
        };
        let ceiling = Ceiling::of(&error("limits.tokens", "1000000"));
        assert_eq!((ceiling.key.as_str(), ceiling.raised.as_deref()), ("limits.tokens", Some("2000000")));
        let ceiling = Ceiling::of(&error("limits.roles.judge.cost_usd", "2.5"));
        assert_eq!(
            (ceiling.key.as_str(), ceiling.raised.as_deref()),
            ("limits.roles.judge.cost_usd", Some("5"))
        );
        assert_eq!(Ceiling::wall(60).raised, None);
    }
}
