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
mod wants;

use crate::data::ToolCall;
use crate::llm::Reply;
use crate::prompt::Scene;
use goals::Goal;
use memory::Memory;
use mind::Mind;
use plan::Step;
use serde_json::json;
use session::Session;
use toolbox::Toolbox;

/// Chooses the next action.
pub fn act(scene: &Scene) -> Reply {
    let session = Session::read(&scene.system);
    let tools = Toolbox::read(&scene.tools);
    let memory = Memory::read(&scene.history, &tools);
    let wants = wants::split(&scene.instruction);
    let mut minds: Vec<Mind<'_>> =
        wants.iter().map(|w| Mind::of(w, scene, &session, &tools, &memory)).collect();
    let goals: Vec<Option<Goal>> = minds.iter().map(Mind::goal).collect();
    let made = memory.past.len();
    match plan::step(&mut minds, &goals) {
        Step::Calls(calls) => {
            let content = thought::say(&minds[0], &calls, scene.history.len());
            let call = |(i, p): (usize, mind::Proposal)| ToolCall {
                id: format!("call_{}", made + i),
                name: tools.tools[p.tool].spec.name.clone(),
                arguments: p.arguments,
            };
            Reply {
                content,
                tool_calls: calls.into_iter().enumerate().map(call).collect(),
                ..Reply::default()
            }
        }
        Step::Answer => {
            let parts: Vec<String> = minds
                .iter()
                .zip(&goals)
                .filter(|(m, g)| m.is_meant(g.as_ref()) || minds.len() == 1)
                .map(|(m, g)| m.answer(g.as_ref()))
                .filter(|p| !p.is_empty())
                .collect();
            let answer = parts.join(" ");
            if answer.is_empty() {
                return end("give_up", json!({"reason": why(&minds, &goals)}), made);
            }
            end("finish", json!({"answer": answer}), made)
        }
        Step::GiveUp => end("give_up", json!({"reason": why(&minds, &goals)}), made),
    }
}

/// Says what stays undone.
fn why(minds: &[Mind<'_>], goals: &[Option<Goal>]) -> String {
    let open = minds.iter().zip(goals).filter(|(m, _)| m.claimed.is_empty()).map(|(mind, goal)| {
        let with = goal.as_ref().map_or_else(
            || mind.targets().iter().map(|(_, t)| mind.tool(*t).spec.name.clone()).collect::<Vec<_>>(),
            |g| g.tools.iter().map(|t| mind.tool(*t).spec.name.clone()).collect(),
        );
        format!(
            "“{}” (looked at {})",
            &mind.u.text,
            if with.is_empty() { "nothing that fits".to_owned() } else { with.join(", ") }
        )
    });
    format!("I see no way on for {}.", open.collect::<Vec<_>>().join("; "))
}

fn end(name: &str, arguments: serde_json::Value, made: usize) -> Reply {
    let call = ToolCall { id: format!("call_{made}"), name: name.to_owned(), arguments };
    Reply { tool_calls: vec![call], ..Reply::default() }
}
