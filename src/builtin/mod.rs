//! The built-in model: an offline planner that plays writer, solver and judge. It is no language model.

mod judge;
mod solver;
pub mod writer;

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
            Prompt::WriteInstruction(brief) => {
                let instruction = writer::write_instruction(brief);
                said(&serde_json::json!({"instruction": instruction}))
            }
            Prompt::ProposeInstructions(proposal) => {
                let list: Vec<serde_json::Value> = writer::propose(proposal)
                    .into_iter()
                    .map(|(instruction, tools)| serde_json::json!({"instruction": instruction, "tools": tools}))
                    .collect();
                said(&serde_json::json!({"instructions": list}))
            }
        }
    }
}

/// Makes a reply of what the writer answers, in the form that the prompts ask for.
fn said(answer: &serde_json::Value) -> Reply {
    Reply { content: answer.to_string(), ..Reply::default() }
}
