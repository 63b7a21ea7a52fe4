//! What was spent on models, by stage, role, model and outcome, and for a kept row. It adds up exactly.
//!
//! A pure function of the finished tasks 0..K, the rows made of them and the prices. What was spent on other tasks is not
//! in it, for that differs from session to session; the journal knows.

use super::{ModelRole, ModelUse, Money, Prices, Stage, TaskRecord, Usages};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// What was spent on the tasks of which rows were made.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Spend {
    /// For a kept row; `None` where no row is kept.
    pub kept_row: Option<RowSpend>,
    /// Kept rows.
    pub rows: u64,
    /// By what became of the task.
    pub by_outcome: BTreeMap<TaskOutcome, OutcomeSpend>,
    /// The sum and its other parts.
    #[serde(flatten)]
    pub parts: SpendParts,
}

/// A sum and its parts, each of which adds up to it.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct SpendParts {
    /// All of it.
    pub total: Spent,
    /// By the stage in which it was asked.
    pub by_stage: BTreeMap<Stage, Spent>,
    /// By role.
    pub by_role: BTreeMap<ModelRole, Spent>,
    /// By the model's name in the plan.
    pub by_model: BTreeMap<String, Spent>,
    /// Models that were asked and whose price is not known, so that no sum over them is.
    pub unpriced: Vec<String>,
    /// Whether none but the built-in model was asked.
    pub builtin_only: bool,
}

/// What was asked of models, and what it cost.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Spent {
    /// What was asked.
    #[serde(flatten)]
    pub used: ModelUse,
    /// US dollars; `None` where a price is not known.
    pub cost_usd: Option<f64>,
}

/// What a kept row cost, with everything that was spent on what was not kept.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct RowSpend {
    /// Replies.
    pub calls: f64,
    /// Prompt and completion tokens.
    pub tokens: f64,
    /// US dollars; `None` where a price is not known.
    pub cost_usd: Option<f64>,
}

/// What became of a task.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum TaskOutcome {
    /// A row of it is kept.
    Kept,
    /// It was solved, and every row of it rejected.
    Rejected,
    /// The search found no answer.
    Unsolved,
    /// No instruction came of it, or one that was refused.
    Refused,
}

/// What was spent on tasks of one outcome.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct OutcomeSpend {
    /// How many tasks.
    pub tasks: u64,
    /// What was spent on them.
    #[serde(flatten)]
    pub spent: Spent,
}

impl TaskOutcome {
    /// Returns the word that the manifest holds.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Kept => "kept",
            Self::Rejected => "rejected",
            Self::Unsolved => "unsolved",
            Self::Refused => "refused",
        }
    }

    fn of(record: &TaskRecord, is_kept: bool) -> Self {
        let is_refused = record.refused.as_ref().is_some_and(|reason| reason.stage <= Stage::Instruct);
        if record.task.is_none() || is_refused {
            Self::Refused
        } else if !record.is_answered() {
            Self::Unsolved
        } else if is_kept {
            Self::Kept
        } else {
            Self::Rejected
        }
    }
}

/// Sums parts. Money is summed as whole numbers and turned into dollars once.
#[derive(Clone, Copy, Debug, Default)]
struct Sum {
    used: ModelUse,
    cost: Money,
    is_unknown: bool,
}

impl Sum {
    fn add(&mut self, used: &ModelUse, cost: Option<Money>) {
        self.used.add(used);
        match cost {
            Some(cost) => self.cost = [self.cost, cost].into_iter().sum(),
            None => self.is_unknown = true,
        }
    }

    fn spent(self) -> Spent {
        Spent { used: self.used, cost_usd: (!self.is_unknown).then(|| self.cost.usd()) }
    }
}

/// Sums up what was spent, task by task.
#[derive(Clone, Debug, Default)]
pub struct SpendTally {
    rows: u64,
    tasks: BTreeMap<TaskOutcome, u64>,
    // Summed up before it is priced: outcome, model, role.
    cells: BTreeMap<(TaskOutcome, String, ModelRole), ModelUse>,
}

impl SpendTally {
    /// Adds a finished task of which so many rows are kept. `judging` is what its rows asked of judges.
    pub fn add(&mut self, record: &TaskRecord, judging: &Usages, kept: u64) {
        let outcome = TaskOutcome::of(record, kept > 0);
        self.rows += kept;
        *self.tasks.entry(outcome).or_default() += 1;
        for (model, role, used) in record.usage.iter().chain(judging.iter()) {
            self.cells.entry((outcome, model.to_owned(), role)).or_default().add(used);
        }
    }

    /// Returns the sums at the plan's prices.
    pub fn spend(&self, prices: &Prices) -> Spend {
        let mut outcomes: BTreeMap<TaskOutcome, Sum> =
            self.tasks.keys().map(|o| (*o, Sum::default())).collect();
        for ((outcome, model, _), used) in &self.cells {
            outcomes.entry(*outcome).or_default().add(used, prices.cost(model, used));
        }
        let cells = self.cells.iter().map(|((_, model, role), used)| (model.as_str(), *role, used));
        let parts = SpendParts::of(cells, prices);
        let outcome = |(outcome, sum): (TaskOutcome, Sum)| {
            (outcome, OutcomeSpend { tasks: self.tasks[&outcome], spent: sum.spent() })
        };
        Spend {
            kept_row: RowSpend::of(&parts.total, self.rows),
            rows: self.rows,
            by_outcome: outcomes.into_iter().map(outcome).collect(),
            parts,
        }
    }
}

impl SpendParts {
    /// Sums up what was asked of models in roles.
    pub fn of<'a>(used: impl Iterator<Item = (&'a str, ModelRole, &'a ModelUse)>, prices: &Prices) -> Self {
        let mut total = Sum::default();
        let mut stages: BTreeMap<Stage, Sum> = BTreeMap::new();
        let mut roles: BTreeMap<ModelRole, Sum> = BTreeMap::new();
        let mut models: BTreeMap<String, Sum> = BTreeMap::new();
        for (model, role, used) in used {
            let cost = prices.cost(model, used);
            total.add(used, cost);
            stages.entry(role.stage()).or_default().add(used, cost);
            roles.entry(role).or_default().add(used, cost);
            models.entry(model.to_owned()).or_default().add(used, cost);
        }
        Self {
            total: total.spent(),
            unpriced: models.iter().filter(|(_, sum)| sum.is_unknown).map(|(name, _)| name.clone()).collect(),
            builtin_only: models.keys().all(|model| prices.is_builtin(model)),
            by_stage: spent(stages),
            by_role: spent(roles),
            by_model: spent(models),
        }
    }
}

fn spent<K: Ord>(sums: BTreeMap<K, Sum>) -> BTreeMap<K, Spent> {
    sums.into_iter().map(|(key, sum)| (key, sum.spent())).collect()
}

impl RowSpend {
    fn of(total: &Spent, rows: u64) -> Option<Self> {
        let each = |sum: f64| sum / rows as f64;
        (rows > 0).then(|| Self {
            calls: each(total.used.calls as f64),
            tokens: each(total.used.tokens() as f64),
            cost_usd: total.cost_usd.map(each),
        })
    }
}

#[cfg(test)]
#[path = "spend_tests.rs"]
mod tests;
