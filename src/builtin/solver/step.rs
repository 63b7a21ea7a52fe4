//! What the solver may do next.

use serde_json::Value;

/// A call that is proposed.
#[derive(Clone, Debug, PartialEq)]
pub struct Proposal {
    /// The tool.
    pub tool: usize,
    /// Its arguments.
    pub arguments: Value,
}

/// What to do now.
#[derive(Debug)]
pub enum Step {
    /// Make these calls.
    Calls(Vec<Proposal>),
    /// Everything is done: say so.
    Answer,
    /// There is no way on.
    GiveUp,
}
