//! The built-in solver: it matches what was said, the tools' names, descriptions and schemas, and the observations so far.
//! It is no language model; it may err, try something else and give up. It sees what a model would be shown and nothing more.

mod answer;
mod ask;
mod binding;
mod goals;
mod matching;
mod memory;
mod mind;
mod names;
mod phrases;
mod plan;
mod session;
mod thought;
mod times;
mod toolbox;
mod utterance;
mod values;
mod verbs;

use crate::data::ToolCall;
use crate::llm::Reply;
use crate::prompt::Scene;
use mind::Mind;
use plan::Step;
use serde_json::json;

/// Chooses the next action.
pub fn act(scene: &Scene) -> Reply {
    let mind = Mind::read(scene);
    let goals = mind.goals();
    let made = scene.history.iter().map(|turn| turn.calls.len()).sum::<usize>();
    match mind.step(&goals) {
        Step::Calls(calls) => {
            let content = thought::say(&mind, &calls, scene.history.len());
            let call = |(i, p): (usize, mind::Proposal)| ToolCall {
                id: format!("call_{}", made + i),
                name: mind.tool(p.tool).spec.name.clone(),
                arguments: p.arguments,
            };
            Reply {
                content,
                tool_calls: calls.into_iter().enumerate().map(call).collect(),
                ..Reply::default()
            }
        }
        Step::Answer => end("finish", json!({"answer": mind.answer(&goals)}), made),
        Step::GiveUp => end("give_up", json!({"reason": "None of the tools leads further from here."}), made),
    }
}

fn end(name: &str, arguments: serde_json::Value, made: usize) -> Reply {
    let call = ToolCall { id: format!("call_{made}"), name: name.to_owned(), arguments };
    Reply { tool_calls: vec![call], ..Reply::default() }
}
