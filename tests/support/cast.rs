//! A server that plays every role of a run: a function of the request's body.
#![expect(clippy::unwrap_used, reason = "a test's own server may panic")]

use crate::support::brain::hash;
use crate::support::{Answer, Brain};
use serde_json::{Value, json};
use std::sync::Arc;
use toolloom::data::ToolCall;
use toolloom::internals::builtin::Builtin;
use toolloom::internals::llm::LocalModel;
use toolloom::internals::prompt::{FINISH, GIVE_UP, Prompt, Scene, ToolSpec, Turn};

/// Plays every role of a run: words instructions from the brief, solves as the built-in model does with what it is
/// shown, and now and then talks nonsense.
pub fn cast() -> Brain {
    Arc::new(|body, _| {
        let chance = u64::from_str_radix(&hash(body)[..4], 16).unwrap();
        if chance.is_multiple_of(29) {
            return Answer::text("I would rather talk about the weather.");
        }
        match body.pointer("/response_format/json_schema/name").and_then(Value::as_str) {
            Some("instruction") => Answer::text(&json!({"instruction": worded(body)}).to_string()),
            Some("instructions") => Answer::text(&json!({"instructions": []}).to_string()),
            Some("judgement") => Answer::text(&json!({"solved": true, "reason": "So it seems."}).to_string()),
            _ => acted(body),
        }
    })
}

/// Words an instruction by saying the brief's wants in a row.
fn worded(body: &Value) -> String {
    let brief = body["messages"][1]["content"].as_str().unwrap();
    let wants = brief.split("What they want:\n").nth(1).unwrap_or_default();
    let lines = wants.lines().take_while(|line| !line.is_empty());
    let said: Vec<&str> = lines.map(|line| line.split_once(". ").map_or(line, |(_, want)| want)).collect();
    format!("Hello, I would like this: {}", said.join(" "))
}

/// Acts as the built-in model does.
fn acted(body: &Value) -> Answer {
    let reply = Builtin.reply(&Prompt::Act(scene(body)), body["seed"].as_u64().unwrap());
    let calls: Vec<Value> = reply.tool_calls.iter().map(|c| call(&c.name, &c.arguments)).collect();
    let mut message = json!({"role": "assistant", "content": reply.content});
    if !calls.is_empty() {
        message["tool_calls"] = json!(calls);
    }
    Answer::message(message)
}

/// Reads a scene back out of the chat messages.
fn scene(body: &Value) -> Scene {
    let text = |message: &Value| message["content"].as_str().unwrap_or_default().to_owned();
    let messages = body["messages"].as_array().unwrap();
    let mut scene = Scene { system: text(&messages[0]), instruction: text(&messages[1]), ..Scene::default() };
    for tool in body["tools"].as_array().unwrap() {
        let function = &tool["function"];
        let name = function["name"].as_str().unwrap().to_owned();
        if [FINISH, GIVE_UP].contains(&name.as_str()) {
            continue;
        }
        let description = function["description"].as_str().unwrap().to_owned();
        scene.tools.push(ToolSpec { name, description, parameters: function["parameters"].clone().into() });
    }
    for message in &messages[2..] {
        match message["role"].as_str().unwrap() {
            "assistant" => {
                let calls = message["tool_calls"].as_array().cloned().unwrap_or_default();
                let calls = calls.iter().map(|call| (read_call(call), String::new())).collect();
                scene.history.push(Turn { thought: text(message), calls, ..Turn::default() });
            }
            "tool" => {
                let id = message["tool_call_id"].as_str().unwrap();
                let turn = scene.history.last_mut().unwrap();
                turn.calls.iter_mut().find(|(call, _)| call.id == id).unwrap().1 = text(message);
            }
            // The turns that were tried stand in a sentence; what matters to the built-in model is that there are some.
            _ => scene.tried.push(Vec::new()),
        }
    }
    scene
}

fn read_call(call: &Value) -> ToolCall {
    let arguments = call["function"]["arguments"].as_str().unwrap();
    ToolCall {
        id: call["id"].as_str().unwrap().to_owned(),
        name: call["function"]["name"].as_str().unwrap().to_owned(),
        arguments: serde_json::from_str(arguments).unwrap_or_else(|_| json!(arguments)),
    }
}

/// A tool call, as a server writes it.
fn call(name: &str, arguments: &Value) -> Value {
    json!({"id": "x", "type": "function", "function": {"name": name, "arguments": arguments.to_string()}})
}
