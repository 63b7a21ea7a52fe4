//! Retries in words, thinned out: a server that fails often is worth one line now and then, not one an attempt.

use super::{Event, words};
use std::collections::BTreeMap;
use std::time::{Duration, Instant};

/// Words events, of retries at most one every few seconds for each `what`.
#[derive(Default)]
pub(super) struct Retries {
    /// By what is tried: when a line was last shown, and how many were left out since.
    shown: BTreeMap<String, (Instant, u64)>,
}

impl Retries {
    const EVERY: Duration = Duration::from_secs(5);

    /// Returns the line of an event, where it deserves one at this instant.
    pub(super) fn line(&mut self, event: &Event, now: Instant) -> Option<String> {
        let Event::Retry { what, reason, wait_ms } = event else { return words::line(event) };
        let Some((last, left_out)) = self.shown.get_mut(what) else {
            self.shown.insert(what.clone(), (now, 0));
            return words::line(event);
        };
        let since = now.saturating_duration_since(*last);
        if since < Self::EVERY {
            *left_out += 1;
            return None;
        }
        let more = std::mem::take(left_out);
        *last = now;
        if more == 0 {
            return words::line(event);
        }
        let reason = format!("{reason} (and {more} more in {:.1} s)", since.as_secs_f64());
        words::line(&Event::Retry { what: what.clone(), reason, wait_ms: *wait_ms })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn retry(model: &str) -> Event {
        let reason = String::from("status 500: internal");
        Event::Retry { what: format!("model {model}"), reason, wait_ms: 200 }
    }

    #[test]
    fn retries_within_five_seconds_are_counted_and_told_by_the_next_line_of_that_model() {
        let begin = Instant::now();
        let mut retries = Retries::default();
        let mut at = |ms, model| retries.line(&retry(model), begin + Duration::from_millis(ms));
        let plain = |model| format!("retry: model {model}: status 500: internal; next attempt in 0.2 s");
        assert_eq!(at(0, "teacher"), Some(plain("teacher")));
        (1..=37).for_each(|i| assert_eq!(at(100 * i, "teacher"), None));
        assert_eq!(at(4000, "judge"), Some(plain("judge")), "each model is thinned out by itself");
        let told = "retry: model teacher: status 500: internal (and 37 more in 5.0 s); next attempt in 0.2 s";
        assert_eq!(at(5000, "teacher").as_deref(), Some(told));
        assert_eq!(at(9999, "teacher"), None);
        assert_eq!(at(9000, "judge"), Some(plain("judge")), "none was left out");
    }

    #[test]
    fn other_lines_are_never_left_out() {
        let mut retries = Retries::default();
        let now = Instant::now();
        let note = Event::Note { text: "stopping".into() };
        let lines: Vec<_> = (0..3).filter_map(|_| retries.line(&note, now)).collect();
        assert_eq!(lines, ["note: stopping"; 3]);
    }
}
