//! The plain sinks: nothing, a line a stage, JSON lines, and a list for tests.

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

/// Writes a short line when a stage ends.
pub(super) struct Lines {
    out: Out,
}

impl Lines {
    pub(super) fn new(out: Box<dyn Write + Send>) -> Self {
        Self { out: Mutex::new(out) }
    }
}

impl Sink for Lines {
    fn receive(&self, event: &Event) {
        if let Some(line) = line(event) {
            write_line(&self.out, &line);
        }
    }
}

/// Words an event for a person, where it deserves a line of its own.
pub(super) fn line(event: &Event) -> Option<String> {
    match event {
        Event::StageEnded { stage, kept, dropped, .. } => {
            Some(format!("{:<9}{kept} kept, {dropped} dropped", stage.as_str()))
        }
        Event::Note { text } => Some(format!("note: {text}")),
        Event::Retry { what, reason, wait_ms } => {
            Some(format!("retry: {what}: {reason}; next attempt in {:.1} s", *wait_ms as f64 / 1000.0))
        }
        Event::StageStarted { .. } | Event::Progress { .. } | Event::RunEnded { .. } => None,
    }
}

/// Writes each event as a line of JSON; a stage's progress at most four times a second.
pub(super) struct JsonLines {
    out: Out,
    shown: Mutex<BTreeMap<Stage, Instant>>,
}

impl JsonLines {
    const EVERY: Duration = Duration::from_millis(250);

    pub(super) fn new(out: Box<dyn Write + Send>) -> Self {
        Self { out: Mutex::new(out), shown: Mutex::default() }
    }

    fn is_due(&self, event: &Event) -> bool {
        let Event::Progress { stage, .. } = event else { return true };
        let mut shown = self.shown.lock().unwrap_or_else(PoisonError::into_inner);
        let now = Instant::now();
        let due = shown.get(stage).is_none_or(|last| now.duration_since(*last) >= Self::EVERY);
        if due {
            shown.insert(*stage, now);
        }
        due
    }
}

impl Sink for JsonLines {
    fn receive(&self, event: &Event) {
        if self.is_due(event) {
            let line = serde_json::to_string(event).expect("an event holds only strings and numbers");
            write_line(&self.out, &line);
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
        assert_eq!(out.text(), "crawl    2 kept, 1 dropped\nnote: stopping\n");
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
        let ended = Event::StageEnded { stage: Stage::Crawl, done: 100, kept: 100, dropped: 0 };
        sink.receive(&ended);
        let lines: Vec<Event> = out.text().lines().map(|l| serde_json::from_str(l).unwrap()).collect();
        assert!(lines.len() < 20, "{} lines", lines.len());
        assert_eq!(lines.last(), Some(&ended));
    }
}
