//! The built-in model: an offline planner that plays writer, solver and judge. It is no language model.

mod judge;
mod solver;

use crate::llm::{LocalModel, Reply};
use crate::prompt::Prompt;

/// The built-in model.
#[derive(Clone, Copy, Debug, Default)]
pub struct Builtin;

impl LocalModel for Builtin {
    fn reply(&self, prompt: &Prompt, _seed: u64) -> Reply {
        match prompt {
            Prompt::Act(scene) => solver::act(scene),
            Prompt::Judge(trial) => judge::judge(trial),
            // The writer answers these.
            Prompt::WriteInstruction(_) | Prompt::ProposeInstructions(_) => Reply::default(),
        }
    }
}
