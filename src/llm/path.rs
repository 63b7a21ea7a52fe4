//! A task's own program path: how often each request was made along it, and what was asked of each model.

use super::{Role, Usage};
use crate::data::Usages;
use crate::journal::Scope;
use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};

/// Counts identical requests along one path, so that the n of a key depends on neither arena nor completion order.
/// A branch that runs in parallel gets a path of its own.
#[derive(Debug)]
pub struct AskPath {
    scope: Scope,
    /// The task that it serves, if it is one's.
    task: Option<u64>,
    counts: BTreeMap<[u8; 32], u32>,
    branches: u32,
    meter: Meter,
}

/// What a task asked of each model, over all of its branches.
#[derive(Clone, Debug, Default)]
pub struct Meter(Arc<Mutex<Usages>>);

impl AskPath {
    /// Begins the path of a task.
    pub fn new(task: u64) -> Self {
        Self {
            scope: Scope::Task(task, Vec::new()),
            task: Some(task),
            counts: BTreeMap::new(),
            branches: 0,
            meter: Meter::default(),
        }
    }

    /// Begins the path of what one judge is asked about a row, which a hash names. `task` is the row's.
    pub fn of_row(task: u64, row: [u8; 32]) -> Self {
        Self { scope: Scope::Row(row), ..Self::new(task) }
    }

    /// Returns a path for a branch that goes on beside this one. Branches are told apart by the order in which they are made.
    #[must_use]
    pub fn branch(&mut self) -> Self {
        let scope = match &self.scope {
            Scope::Run => Scope::Run,
            Scope::Row(row) => Scope::Row(*row),
            Scope::Task(task, trail) => {
                let mut trail = trail.clone();
                trail.push(self.branches);
                Scope::Task(*task, trail)
            }
        };
        self.branches += 1;
        Self { scope, task: self.task, counts: BTreeMap::new(), branches: 0, meter: self.meter.clone() }
    }

    /// Returns the handle on what the task asks of models.
    pub fn meter(&self) -> Meter {
        self.meter.clone()
    }

    /// Returns the task's ordinal; `None` for the run's own path.
    pub(super) fn task(&self) -> Option<u64> {
        self.task
    }

    /// Returns whose calls are made along it.
    pub fn scope(&self) -> &Scope {
        &self.scope
    }

    /// Returns how often this request was made before on this path, and counts it.
    pub(super) fn count(&mut self, request: [u8; 32]) -> u32 {
        let count = self.counts.entry(request).or_default();
        *count += 1;
        *count - 1
    }
}

impl Meter {
    /// Returns what was asked so far.
    pub fn usage(&self) -> Usages {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    pub(super) fn add(&self, model: &str, role: Role, usage: Usage) {
        let mut models = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        models.add(model, role, &usage.once());
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::data::ModelUse;

    #[test]
    fn each_branch_counts_for_itself_and_all_share_the_meter() {
        let mut path = AskPath::new(4);
        assert_eq!((path.count([0; 32]), path.count([0; 32]), path.count([1; 32])), (0, 1, 0));
        let mut first = path.branch();
        let second = path.branch();
        assert_eq!(first.count([0; 32]), 0);
        assert_eq!(first.scope().to_string(), "task/4/0");
        assert_eq!(second.scope().to_string(), "task/4/1");
        let usage = Usage { tokens_in: 3, tokens_out: 1, tokens_cached: 2 };
        first.meter().add("teacher", Role::Solver, usage);
        let once = ModelUse { calls: 1, tokens_in: 3, tokens_out: 1, tokens_cached: 2 };
        assert_eq!(path.meter().usage().total(), once);
    }
}
