//! What ends the making of tasks, or the judging of their rows, before all is done.

use super::end::{Ceiling, End};
use super::error::RunError;
use super::halt::Halt;
use crate::environment::EdgeError;
use crate::llm::LlmError;

/// So many tasks in a row that a server left unfinished say that it is gone.
const UNREACHABLE_MAX: u32 = 4;

/// How what runs at once comes to an end.
pub(super) struct Ending {
    pub halt: Halt,
    pub end: End,
    unreachable: Option<String>,
    unreachable_in_a_row: u32,
    /// The first call that nothing remembered answers, by its task.
    missing: Option<(u64, EdgeError)>,
    failure: Option<RunError>,
}

impl Ending {
    /// Begins with nothing that ends it.
    pub fn new(halt: Halt) -> Self {
        Self {
            halt,
            end: End::Done,
            unreachable: None,
            unreachable_in_a_row: 0,
            missing: None,
            failure: None,
        }
    }

    /// Tells whether more may be begun.
    pub fn goes_on(&self) -> bool {
        self.end == End::Done && self.failure.is_none() && self.missing.is_none()
    }

    /// Takes note that something came to its end.
    pub fn finished(&mut self) {
        self.unreachable_in_a_row = 0;
    }

    /// Takes note of what left a task unfinished.
    pub fn unfinished(&mut self, ordinal: u64, error: EdgeError) {
        match error {
            error if error.is_unreachable() => {
                self.unreachable_in_a_row += 1;
                if self.unreachable_in_a_row >= UNREACHABLE_MAX && self.end == End::Done {
                    self.end = End::Unreachable(error.to_string());
                }
                self.unreachable = Some(error.to_string());
            }
            error if error.is_missing() => {
                // Tasks begin in their order: all before this one have begun, and are waited for.
                if self.missing.as_ref().is_none_or(|(first, _)| ordinal < *first) {
                    self.missing = Some((ordinal, error));
                }
            }
            EdgeError::Model(error @ LlmError::BudgetExhausted { .. }) => {
                if !matches!(self.end, End::Ceiling(_)) {
                    self.end = End::Ceiling(Ceiling::of(&error));
                }
            }
            _ => {
                if self.end == End::Done {
                    self.end = End::Stopped;
                }
            }
        }
    }

    /// Takes note of what stops the run: what is in flight is received and remembered; nothing more is asked.
    pub fn failed(&mut self, error: RunError) {
        self.halt.throw();
        self.failure.get_or_insert(error);
    }

    /// Takes note that the time of `limits.wall_s` is up.
    pub fn time_is_up(&mut self, seconds: u64) {
        if self.end == End::Done {
            self.end = End::Ceiling(Ceiling::wall(seconds));
        }
        self.halt.throw();
    }

    /// Returns how it ended, when nothing runs any more.
    pub fn close(&mut self) -> Result<End, RunError> {
        if let Some(error) = self.failure.take() {
            return Err(error);
        }
        if let Some((_, error)) = self.missing.take() {
            return Err(error.into());
        }
        if let (End::Done, Some(reason)) = (&self.end, self.unreachable.take()) {
            self.end = End::Unreachable(reason);
        }
        Ok(self.end.clone())
    }
}
