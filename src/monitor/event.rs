//! The events, which are all that work and display share.

use crate::data::Stage;
use serde::{Deserialize, Serialize};

/// Something that happened. With `--json` each is one line: `{"event": "stage_started", "stage": "crawl", …}`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "event", rename_all = "snake_case")]
pub enum Event {
    /// A stage began.
    StageStarted {
        /// The stage.
        stage: Stage,
        /// How many records it will see, where that is known.
        total: Option<u64>,
    },
    /// A stage will see more records than it was started with.
    StageGrew {
        /// The stage.
        stage: Stage,
        /// How many records it will see.
        total: u64,
    },
    /// A stage went on. Emitted at any rate: sinks thin them out.
    Progress {
        /// The stage.
        stage: Stage,
        /// Records that are through it.
        done: u64,
        /// Records in it now.
        in_flight: u64,
        /// Records kept so far.
        kept: u64,
        /// Records dropped so far.
        dropped: u64,
    },
    /// A stage ended.
    StageEnded {
        /// The stage.
        stage: Stage,
        /// Records that went through it.
        done: u64,
        /// Records kept.
        kept: u64,
        /// Records dropped.
        dropped: u64,
    },
    /// A request is being tried again.
    Retry {
        /// What is tried (`model teacher`).
        what: String,
        /// Why the attempt before failed.
        reason: String,
        /// Milliseconds until the next attempt.
        wait_ms: u64,
    },
    /// A model is asked nothing for a while.
    Paused {
        /// What is paused (`model teacher`).
        what: String,
        /// Why.
        reason: String,
        /// Milliseconds until it is tried again.
        wait_ms: u64,
    },
    /// A model that was paused serves again.
    Resumed {
        /// What goes on (`model teacher`).
        what: String,
    },
    /// What the run has spent on models, its earlier sessions included. Emitted at any rate: sinks thin it out. Whoever
    /// emits it leaves the projections out: the monitor fills them in from the stages' progress.
    Spent {
        /// Replies.
        calls: u64,
        /// Prompt and completion tokens.
        tokens: u64,
        /// US dollars; `None` where a price is not known.
        cost_usd: Option<f64>,
        /// Tokens that all tasks will probably have taken; `None` while no task is finished.
        projected_tokens: Option<u64>,
        /// US dollars that all tasks will probably have taken.
        projected_cost_usd: Option<f64>,
    },
    /// Something that a person should know and that stops nothing.
    Note {
        /// A sentence.
        text: String,
    },
    /// The run ended: the last event of a `--json` stream.
    RunEnded {
        /// The run's folder.
        output: String,
        /// The process's exit code.
        exit_code: u8,
        /// Rows kept.
        kept: u64,
        /// Rows rejected.
        rejected: u64,
        /// Tasks left unfinished.
        unfinished: u64,
        /// What went wrong, where something did.
        error: Option<String>,
    },
}
