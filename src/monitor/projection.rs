//! What a run will have spent when all of its tasks are done: spent so far, over the share of tasks that it was spent on.

use super::Event;
use crate::data::Stage;

/// The progress of the tasks, as the stages tell it.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Projection {
    tasks: Option<u64>,
    refused: u64,
    searched: u64,
    in_instruct: u64,
    in_search: u64,
}

impl Projection {
    /// Looks at an event, and fills in what is missing in one about spending.
    pub(super) fn see(&mut self, event: &mut Event) {
        match event {
            Event::StageStarted { stage: Stage::Search, total } => self.tasks = *total,
            Event::StageGrew { stage: Stage::Search, total } => self.tasks = Some(*total),
            Event::Progress { stage: Stage::Instruct, in_flight, dropped, .. } => {
                (self.in_instruct, self.refused) = (*in_flight, *dropped);
            }
            Event::Progress { stage: Stage::Search, in_flight, done, .. } => {
                (self.in_search, self.searched) = (*in_flight, *done);
            }
            Event::Spent { tokens, cost_usd, projected_tokens, projected_cost_usd, .. } => {
                let Some(factor) = self.factor() else { return };
                *projected_tokens = Some((*tokens as f64 * factor).round() as u64);
                *projected_cost_usd = cost_usd.map(|usd| usd * factor);
            }
            _ => {}
        }
    }

    /// By how much all tasks are more than what is done. Tasks that are being worked on count for half.
    fn factor(&self) -> Option<f64> {
        let done = self.refused + self.searched;
        if done == 0 {
            return None;
        }
        let worked = done as f64 + (self.in_instruct + self.in_search) as f64 / 2.0;
        Some((self.tasks? as f64 / worked).max(1.0))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn spent(tokens: u64) -> Event {
        let cost_usd = Some(tokens as f64 / 1000.0);
        Event::Spent { calls: 1, tokens, cost_usd, projected_tokens: None, projected_cost_usd: None }
    }

    fn seen(projection: &mut Projection, mut event: Event) -> Event {
        projection.see(&mut event);
        event
    }

    #[test]
    fn spending_is_projected_from_the_tasks_that_are_done_and_half_of_those_begun() {
        let mut projection = Projection::default();
        seen(&mut projection, Event::StageStarted { stage: Stage::Search, total: Some(100) });
        assert_eq!(seen(&mut projection, spent(1000)), spent(1000));
        let progress =
            |stage, done, dropped, in_flight| Event::Progress { stage, done, in_flight, kept: done, dropped };
        seen(&mut projection, progress(Stage::Instruct, 12, 2, 2));
        seen(&mut projection, progress(Stage::Search, 6, 0, 2));
        let Event::Spent { projected_tokens, projected_cost_usd, .. } = seen(&mut projection, spent(1000))
        else {
            panic!("another event")
        };
        assert_eq!((projected_tokens, projected_cost_usd), (Some(10_000), Some(10.0)));
    }
}
