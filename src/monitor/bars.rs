//! One progress bar a stage, for a terminal.

use super::retries::Retries;
use super::{Event, Sink, words};
use crate::data::Stage;
use indicatif::{MultiProgress, ProgressBar, ProgressState, ProgressStyle};
use std::collections::BTreeMap;
use std::fmt::Write;
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

const KNOWN: &str = "{prefix:<9}{bar:24.cyan/dim} {pos:>6}/{len:<6} {rate:>8}  {msg}";
const UNKNOWN: &str = "{prefix:<9}{spinner:.cyan} {pos:>6} {rate:>8}  {msg}";
const ENDED: &str = "{prefix:<9}{pos:>6} in {elapsed:<5} {msg}";

/// Draws bars on standard error.
pub(super) struct Bars {
    all: MultiProgress,
    stages: Mutex<BTreeMap<Stage, ProgressBar>>,
    search: Mutex<SearchLine>,
    retries: Mutex<Retries>,
}

/// What stands behind the search bar, of several events.
#[derive(Default)]
struct SearchLine {
    progress: String,
    spent: Option<String>,
    /// Who is paused and until when.
    paused: Option<(String, Instant)>,
}

impl Bars {
    pub(super) fn new() -> Self {
        Self {
            all: MultiProgress::new(),
            stages: Mutex::default(),
            search: Mutex::default(),
            retries: Mutex::default(),
        }
    }

    fn with_bar(&self, stage: Stage, then: impl FnOnce(&ProgressBar)) {
        let bars = self.stages.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(bar) = bars.get(&stage) {
            then(bar);
        }
    }

    /// Changes what stands behind the search bar.
    fn change(&self, change: impl FnOnce(&mut SearchLine)) {
        let mut search = self.search.lock().unwrap_or_else(PoisonError::into_inner);
        change(&mut search);
        let text = search.text();
        self.with_bar(Stage::Search, |bar| {
            if !bar.is_finished() {
                bar.set_message(text);
            }
        });
    }

    fn start(&self, stage: Stage, total: Option<u64>) {
        let bar = match total {
            Some(total) => ProgressBar::new(total).with_style(style(KNOWN)),
            None => ProgressBar::new_spinner().with_style(style(UNKNOWN)),
        };
        let mut bars = self.stages.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(old) = bars.remove(&stage) {
            self.all.remove(&old);
        }
        let bar = self.all.add(bar.with_prefix(stage.as_str()));
        bar.enable_steady_tick(Duration::from_millis(200));
        bars.insert(stage, bar);
    }
}

impl Sink for Bars {
    fn receive(&self, event: &Event) {
        match event {
            Event::StageStarted { stage, total } => self.start(*stage, *total),
            Event::StageGrew { stage, total } => self.with_bar(*stage, |bar| bar.set_length(*total)),
            Event::Progress { stage, done, in_flight, kept, dropped } => {
                let text = format!("{in_flight} in flight, {kept} kept, {dropped} dropped");
                self.with_bar(*stage, |bar| bar.set_position(*done));
                if *stage == Stage::Search {
                    self.change(|line| line.progress = text);
                } else {
                    self.with_bar(*stage, |bar| bar.set_message(text));
                }
            }
            Event::Spent { .. } => self.change(|line| line.spent = words::spent(event)),
            Event::StageEnded { stage, done, kept, dropped } => self.with_bar(*stage, |bar| {
                bar.set_style(style(ENDED));
                bar.set_position(*done);
                bar.finish_with_message(format!("{kept} kept, {dropped} dropped"));
            }),
            Event::Note { .. } | Event::Retry { .. } | Event::Paused { .. } | Event::Resumed { .. } => {
                let mut retries = self.retries.lock().unwrap_or_else(PoisonError::into_inner);
                if let Some(line) = retries.line(event, Instant::now()) {
                    let _ = self.all.println(line);
                }
                drop(retries);
                match event {
                    Event::Paused { what, wait_ms, .. } => {
                        let until = Instant::now() + Duration::from_millis(*wait_ms);
                        self.change(|line| line.paused = Some((what.clone(), until)));
                    }
                    Event::Resumed { .. } => self.change(|line| line.paused = None),
                    _ => {}
                }
            }
            Event::RunEnded { .. } => {}
        }
    }
}

impl SearchLine {
    fn text(&mut self) -> String {
        self.paused.take_if(|(_, until)| *until <= Instant::now());
        let paused = self.paused.as_ref().map(|(what, _)| format!("{what} is paused"));
        let parts = [paused.as_ref(), Some(&self.progress), self.spent.as_ref()];
        parts.into_iter().flatten().filter(|part| !part.is_empty()).cloned().collect::<Vec<_>>().join(" · ")
    }
}

fn style(template: &str) -> ProgressStyle {
    ProgressStyle::with_template(template)
        .expect("the templates are constants")
        .progress_chars("━╸─")
        .with_key("rate", |state: &ProgressState, out: &mut dyn Write| {
            let rate = state.per_sec();
            let digits = usize::from(rate < 10.0);
            let _ = write!(out, "{rate:.digits$}/s");
        })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_template_is_accepted() {
        for template in [KNOWN, UNKNOWN, ENDED] {
            style(template);
        }
    }

    #[test]
    fn the_search_bar_shows_who_is_paused_and_what_is_spent() {
        let later = Instant::now() + Duration::from_secs(3600);
        let mut line = SearchLine {
            progress: "3 in flight".into(),
            spent: Some("0.84 $ so far".into()),
            paused: Some(("model teacher".into(), later)),
        };
        assert_eq!(line.text(), "model teacher is paused · 3 in flight · 0.84 $ so far");
        line.paused = Some(("model teacher".into(), Instant::now()));
        assert_eq!(line.text(), "3 in flight · 0.84 $ so far");
    }
}
