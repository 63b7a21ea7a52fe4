//! What happens, as typed events: the only link between work and display.
//!
//! Stages emit; a sink shows. `Monitor` is a cheap clone over a private trait.

mod bars;
mod counter;
mod event;
mod projection;
mod retries;
mod sinks;
mod words;

pub use counter::Counter;
pub use event::Event;
pub use sinks::Collected;

use projection::Projection;
use std::io::IsTerminal;
use std::sync::{Arc, Mutex, PoisonError};

/// Shows or collects events. Private: callers hold a `Monitor`.
trait Sink: Send + Sync {
    fn receive(&self, event: &Event);
}

/// A handle that events are emitted through.
#[derive(Clone)]
pub struct Monitor {
    sink: Arc<dyn Sink>,
    projection: Arc<Mutex<Projection>>,
}

impl Monitor {
    /// Returns a monitor that shows nothing.
    pub fn silent() -> Self {
        Self::of(Arc::new(sinks::Silent))
    }

    /// Returns a monitor for people, on standard error: bars on a terminal, else a line a stage.
    pub fn people() -> Self {
        if std::io::stderr().is_terminal() { Self::of(Arc::new(bars::Bars::new())) } else { Self::lines() }
    }

    /// Returns a monitor that writes a short line to standard error when a stage ends.
    pub fn lines() -> Self {
        Self::of(Arc::new(sinks::Lines::new(Box::new(std::io::stderr()))))
    }

    /// Returns a monitor that writes each event to standard output as a line of JSON.
    pub fn json() -> Self {
        Self::of(Arc::new(sinks::JsonLines::new(Box::new(std::io::stdout()))))
    }

    /// Returns a monitor that keeps every event, and the handle to read them with.
    pub fn collecting() -> (Self, Collected) {
        let collected = Collected::default();
        (Self::of(Arc::new(collected.clone())), collected)
    }

    fn of(sink: Arc<dyn Sink>) -> Self {
        Self { sink, projection: Arc::default() }
    }

    /// Emits an event.
    pub fn emit(&self, mut event: Event) {
        self.projection.lock().unwrap_or_else(PoisonError::into_inner).see(&mut event);
        self.sink.receive(&event);
    }

    /// Says something that a person should know and that stops nothing.
    pub fn note(&self, text: impl Into<String>) {
        self.emit(Event::Note { text: text.into() });
    }
}

impl std::fmt::Debug for Monitor {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Monitor")
    }
}
