//! The plain sinks: nothing, a line a stage, JSON lines, and a list for tests.

use super::retries::Retries;
use super::{Event, Sink};
use crate::data::Stage;
use std::collections::BTreeMap;
use std::io::Write;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

/// Shows nothing.
pub(super) struct Silent;

impl Sink for Silent {
    fn receive(&self, _event: &Event) {}
}

type Out = Mutex<Box<dyn Write + Send>>;

/// Writes a short line when a stage ends, and what else a person should know; retries are thinned out.
pub(super) struct Lines {
    out: Out,
    retries: Mutex<Retries>,
}

impl Lines {
    pub(super) fn new(out: Box<dyn Write + Send>) -> Self {
        Self { out: Mutex::new(out), retries: Mutex::default() }
    }
}

impl Sink for Lines {
    fn receive(&self, event: &Event) {
        let line = self.retries.lock().unwrap_or_else(PoisonError::into_inner).line(event, Instant::now());
        if let Some(line) = line {
            write_line(&self.out, &line);
        }
    }
}

/// Writes each event as a line of JSON; a stage's progress and what is spent at most four times a second.
pub(super) struct JsonLines {
    out: Out,
    /// By the stage; `None` for what is spent.
    shown: Mutex<BTreeMap<Option<Stage>, Instant>>,
    /// The last of what is spent, where it was thinned out.
    unsaid: Mutex<Option<Event>>,
}

impl JsonLines {
    const EVERY: Duration = Duration::from_millis(250);

    pub(super) fn new(out: Box<dyn Write + Send>) -> Self {
        Self { out: Mutex::new(out), shown: Mutex::default(), unsaid: Mutex::default() }
    }

    fn write(&self, event: &Event) {
        let line = serde_json::to_string(event).expect("an event holds only strings and numbers");
        write_line(&self.out, &line);
    }

    fn is_due(&self, event: &Event) -> bool {
        let stage = match event {
            Event::Progress { stage, .. } => Some(*stage),
            Event::Spent { .. } => None,
            _ => return true,
        };
        let mut shown = self.shown.lock().unwrap_or_else(PoisonError::into_inner);
        let now = Instant::now();
        let due = shown.get(&stage).is_none_or(|last| now.duration_since(*last) >= Self::EVERY);
        if due {
            shown.insert(stage, now);
        }
        due
    }
}

impl Sink for JsonLines {
    fn receive(&self, event: &Event) {
        let is_due = self.is_due(event);
        let mut unsaid = self.unsaid.lock().unwrap_or_else(PoisonError::into_inner);
        match event {
            Event::Spent { .. } => *unsaid = (!is_due).then(|| event.clone()),
            Event::StageEnded { .. } | Event::RunEnded { .. } => {
                unsaid.take().iter().for_each(|event| self.write(event));
            }
            _ => {}
        }
        drop(unsaid);
        if is_due {
            self.write(event);
        }
    }
}

/// A reader that went away (`| head`) is no reason to stop a run.
fn write_line(out: &Out, line: &str) {
    let mut out = out.lock().unwrap_or_else(PoisonError::into_inner);
    let _ = writeln!(out, "{line}").and_then(|()| out.flush());
}

/// The events that a collecting monitor was given.
#[derive(Clone, Debug, Default)]
pub struct Collected {
    events: Arc<Mutex<Vec<Event>>>,
}

impl Collected {
    /// Returns the events so far, in order.
    pub fn events(&self) -> Vec<Event> {
        self.events.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }
}

impl Sink for Collected {
    fn receive(&self, event: &Event) {
        self.events.lock().unwrap_or_else(PoisonError::into_inner).push(event.clone());
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::monitor::Monitor;

    #[derive(Clone, Default)]
    struct Shared(Arc<Mutex<Vec<u8>>>);

    impl Write for Shared {
        fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
            self.0.lock().unwrap().extend_from_slice(bytes);
            Ok(bytes.len())
        }
        fn flush(&mut self) -> std::io::Result<()> {
            Ok(())
        }
    }

    impl Shared {
        fn text(&self) -> String {
            String::from_utf8(self.0.lock().unwrap().clone()).unwrap()
        }
    }

    #[test]
    fn a_counter_reports_what_comes_in_and_leaves() {
        let (monitor, collected) = Monitor::collecting();
        let counter = monitor.stage(Stage::Search, Some(3));
        counter.enter();
        counter.enter();
        counter.enter();
        counter.keep();
        counter.lose();
        counter.abandon();
        counter.end();
        let events = collected.events();
        assert_eq!(events[0], Event::StageStarted { stage: Stage::Search, total: Some(3) });
        let Event::Progress { done, in_flight, .. } = events[6] else { panic!("{:?}", events[6]) };
        assert_eq!((done, in_flight), (2, 0));
        assert_eq!(events[7], Event::StageEnded { stage: Stage::Search, done: 2, kept: 1, dropped: 1 });
    }

    #[test]
    fn plain_lines_are_one_a_stage_and_notes() {
        let out = Shared::default();
        let sink = Lines::new(Box::new(out.clone()));
        sink.receive(&Event::StageStarted { stage: Stage::Crawl, total: None });
        sink.receive(&Event::Progress { stage: Stage::Crawl, done: 1, in_flight: 0, kept: 1, dropped: 0 });
        sink.receive(&Event::StageEnded { stage: Stage::Crawl, done: 3, kept: 2, dropped: 1 });
        sink.receive(&Event::Note { text: "stopping".into() });
        let (what, reason) = (String::from("model teacher"), String::from("9 failures in a row"));
        sink.receive(&Event::Paused { what: what.clone(), reason, wait_ms: 2500 });
        sink.receive(&Event::Resumed { what });
        let expected = "crawl    2 kept, 1 dropped\nnote: stopping\n\
            paused: model teacher: 9 failures in a row; tried again in 2.5 s\n\
            resumed: model teacher serves again\n";
        assert_eq!(out.text(), expected);
    }

    #[test]
    fn json_lines_read_back_and_progress_is_thinned_out() {
        let out = Shared::default();
        let sink = JsonLines::new(Box::new(out.clone()));
        for done in 0..100 {
            sink.receive(&Event::Progress {
                stage: Stage::Crawl,
                done,
                in_flight: 0,
                kept: done,
                dropped: 0,
            });
        }
        let spent = |calls| Event::Spent {
            calls,
            tokens: 10 * calls,
            cost_usd: Some(0.5),
            projected_tokens: Some(1000),
            projected_cost_usd: None,
        };
        (1..=100).for_each(|calls| sink.receive(&spent(calls)));
        let ended = Event::StageEnded { stage: Stage::Crawl, done: 100, kept: 100, dropped: 0 };
        sink.receive(&ended);
        let lines: Vec<Event> = out.text().lines().map(|l| serde_json::from_str(l).unwrap()).collect();
        assert!(lines.len() < 30, "{} lines", lines.len());
        assert_eq!(lines[lines.len() - 2..], [spent(100), ended], "the last of what is spent is said");
    }
}
