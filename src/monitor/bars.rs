//! One progress bar a stage, for a terminal.

use super::{Event, Sink, sinks};
use crate::data::Stage;
use indicatif::{MultiProgress, ProgressBar, ProgressState, ProgressStyle};
use std::collections::BTreeMap;
use std::fmt::Write;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

const KNOWN: &str = "{prefix:<9}{bar:24.cyan/dim} {pos:>6}/{len:<6} {rate:>8}  {msg}";
const UNKNOWN: &str = "{prefix:<9}{spinner:.cyan} {pos:>6} {rate:>8}  {msg}";
const ENDED: &str = "{prefix:<9}{pos:>6} in {elapsed:<5} {msg}";

/// Draws bars on standard error.
pub(super) struct Bars {
    all: MultiProgress,
    bars: Mutex<BTreeMap<Stage, ProgressBar>>,
}

impl Bars {
    pub(super) fn new() -> Self {
        Self { all: MultiProgress::new(), bars: Mutex::default() }
    }

    fn with_bar(&self, stage: Stage, then: impl FnOnce(&ProgressBar)) {
        let bars = self.bars.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(bar) = bars.get(&stage) {
            then(bar);
        }
    }

    fn start(&self, stage: Stage, total: Option<u64>) {
        let bar = match total {
            Some(total) => ProgressBar::new(total).with_style(style(KNOWN)),
            None => ProgressBar::new_spinner().with_style(style(UNKNOWN)),
        };
        let mut bars = self.bars.lock().unwrap_or_else(PoisonError::into_inner);
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
            Event::Progress { stage, done, in_flight, kept, dropped } => self.with_bar(*stage, |bar| {
                bar.set_position(*done);
                bar.set_message(format!("{in_flight} in flight, {kept} kept, {dropped} dropped"));
            }),
            Event::StageEnded { stage, done, kept, dropped } => self.with_bar(*stage, |bar| {
                bar.set_style(style(ENDED));
                bar.set_position(*done);
                bar.finish_with_message(format!("{kept} kept, {dropped} dropped"));
            }),
            Event::Note { .. } | Event::Retry { .. } => {
                if let Some(line) = sinks::line(event) {
                    let _ = self.all.println(line);
                }
            }
            Event::RunEnded { .. } => {}
        }
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
}
