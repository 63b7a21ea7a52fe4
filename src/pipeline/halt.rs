//! The switch that ends a run, and the clock that throws it.

use std::sync::Arc;
use tokio::runtime::Runtime;
use tokio::sync::watch;
use tokio::time::{Instant, sleep_until};

/// Throws and shows the switch that ends a run: what was asked is received and remembered, no more is asked.
#[derive(Clone)]
pub(super) struct Halt {
    throw: Arc<watch::Sender<bool>>,
    thrown: watch::Receiver<bool>,
}

impl Halt {
    /// Makes a switch that is thrown when the run is told to stop, or when something stops it from within. What waits for the
    /// former ends with the runtime.
    pub fn new(mut stop: watch::Receiver<bool>, work: &Runtime) -> Self {
        let (throw, thrown) = watch::channel(*stop.borrow());
        let throw = Arc::new(throw);
        let thrower = Arc::clone(&throw);
        work.spawn(async move {
            // An error says that nobody is left who could stop the run.
            if stop.wait_for(|stop| *stop).await.is_ok() {
                thrower.send_replace(true);
            }
        });
        Self { throw, thrown }
    }

    /// Returns what turns true when the switch is thrown.
    pub fn thrown(&self) -> watch::Receiver<bool> {
        self.thrown.clone()
    }

    /// Tells whether it is thrown.
    pub fn is_thrown(&self) -> bool {
        *self.thrown.borrow()
    }

    /// Throws it.
    pub fn throw(&self) {
        self.throw.send_replace(true);
    }
}

/// Waits until a deadline; without one it is over at once.
pub(super) async fn late(deadline: Option<Instant>) {
    if let Some(deadline) = deadline {
        sleep_until(deadline).await;
    }
}
