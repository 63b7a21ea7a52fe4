//! The built-in solver: it matches what was said, the tools' names, descriptions and schemas, and the observations so far.
//! It is no language model; it may err, try something else and give up. It sees what a model would be shown and nothing more.

mod answer;
mod arguments;
mod ask;
mod binding;
mod cues;
mod goals;
mod matching;
mod memory;
mod mind;
mod names;
mod phrase;
mod phrases;
mod plan;
mod session;
mod step;
mod thought;
mod times;
mod toolbox;
mod utterance;
mod values;
mod verbs;
mod wants;
mod word;

use crate::data::ToolCall;
use crate::llm::Reply;
use crate::prompt::Scene;
use goals::Goal;
use memory::Memory;
use mind::Mind;
use serde_json::json;
use session::Session;
use step::{Proposal, Step};
use toolbox::Toolbox;

/// Chooses the next action.
pub fn act(scene: &Scene) -> Reply {
    let session = Session::read(&scene.system);
    let tools = Toolbox::read(&scene.tools);
    let memory = Memory::read(&scene.history, &tools);
    let wants = wants::split(&scene.instruction);
    let mut minds: Vec<Mind<'_>> =
        wants.iter().map(|w| Mind::of(w, scene, &session, &tools, &memory)).collect();
    let mut goals: Vec<Option<Goal>> = Vec::new();
    for mind in &minds {
        let before = goals.iter().rev().flatten().next();
        let goal = mind.goal(before);
        goals.push(goal);
    }
    let made = memory.past.len();
    match plan::step(&mut minds, &goals) {
        Step::Calls(calls) => {
            let content = thought::say(&minds[0], &calls, scene.history.len());
            let call = |(i, p): (usize, Proposal)| ToolCall {
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::prompt::{ToolSpec, Turn};
    use serde_json::Value;

    fn tool(name: &str, description: &str, properties: Value, required: &[&str]) -> ToolSpec {
        let parameters = json!({"type": "object", "properties": properties, "required": required});
        ToolSpec { name: name.into(), description: description.into(), parameters: parameters.into() }
    }

    fn scene(instruction: &str, tools: Vec<ToolSpec>, history: &[(&str, Value, Value)]) -> Scene {
        let turn = |(name, arguments, observation): &(&str, Value, Value)| Turn {
            thought: String::new(),
            calls: vec![(
                ToolCall { id: "c".into(), name: (*name).into(), arguments: arguments.clone() },
                observation.to_string(),
            )],
            ..Turn::default()
        };
        Scene {
            system: "Today is Monday, 20 January 2025, 15:59 (Europe/Paris). You help Ann Lee.".into(),
            instruction: instruction.into(),
            tools,
            history: history.iter().map(turn).collect(),
            tried: Vec::new(),
        }
    }

    fn calls(reply: &Reply) -> Vec<String> {
        reply.tool_calls.iter().map(|c| format!("{} {}", c.name, c.arguments)).collect()
    }

    fn cities() -> Vec<ToolSpec> {
        let id = json!({"type": "string", "description": "A city id"});
        let unit =
            json!({"type": "string", "enum": ["MI", "KM"], "description": "The unit of distance: MI | KM"});
        vec![
            tool(
                "geo_find_cities",
                "Find cities",
                json!({"namePrefix": {"type": "string"}, "distanceUnit": unit}),
                &[],
            ),
            tool(
                "geo_get_city_distance",
                "Get city distance. Get distance from the given city",
                json!({"cityId": id, "toCityId": {"type": "string", "description": "Distance to this city"}, "distanceUnit": unit}),
                &["cityId", "toCityId"],
            ),
        ]
    }

    #[test]
    fn two_places_are_looked_up_before_the_distance_between_them() {
        let said = "ok so how far is it from New Orleans to Cairo as the crow flies in km.";
        let first = act(&scene(said, cities(), &[]));
        assert_eq!(first.tool_calls.len(), 2, "{:?}", calls(&first));
        let city = |id: i64, name: &str| json!({"data": [{"id": id, "name": name, "population": 5}]});
        let seen = [
            ("geo_find_cities", json!({"namePrefix": "New Orleans"}), city(1, "New Orleans")),
            ("geo_find_cities", json!({"namePrefix": "Cairo"}), city(2, "Cairo")),
        ];
        let second = act(&scene(said, cities(), &seen));
        assert_eq!(second.tool_calls[0].name, "geo_get_city_distance", "{:?}", calls(&second));
        assert_eq!(second.tool_calls[0].arguments["distanceUnit"], "KM");
    }

    #[test]
    fn a_name_is_looked_up_without_its_possessive_ending() {
        let said = "My boss needs it before lunch. If you could find me Busan's local date and time, I'd be one step further.";
        let first = act(&scene(said, cities(), &[]));
        assert_eq!(calls(&first), ["geo_find_cities {\"namePrefix\":\"Busan\"}"]);
    }

    #[test]
    fn what_the_session_knows_is_not_looked_up() {
        let text = json!({"type": "string"});
        let tools = vec![
            tool(
                "mail_update_action",
                "Update an action key",
                json!({"action": {"type": "string", "description": "ID of action"}, "name": text}),
                &["action", "name"],
            ),
            tool(
                "mail_delete_action",
                "Delete an action",
                json!({"action": {"type": "string", "description": "ID of action"}}),
                &["action"],
            ),
        ];
        let said =
            "Can you look something up about the action 'Scan it'? Please give it the name \"Escalate (2)\".";
        let mut scene = scene(said, tools, &[]);
        scene.system +=
            " The id of the action 'Scan it' is y3a2zt5vwnjq. Use the tools when they are needed.";
        let reply = act(&scene);
        assert_eq!(
            calls(&reply),
            ["mail_update_action {\"action\":\"y3a2zt5vwnjq\",\"name\":\"Escalate (2)\"}"]
        );
    }

    #[test]
    fn what_is_done_to_a_list_is_not_its_removal() {
        let id = json!({"type": "string", "description": "Task list identifier."});
        let tools = vec![
            tool(
                "tasks_clear",
                "Clears all completed tasks from the specified task list.",
                json!({"tasklist": id}),
                &["tasklist"],
            ),
            tool(
                "tasks_tasklists_delete",
                "Deletes the authenticated user's specified task list.",
                json!({"tasklist": id}),
                &["tasklist"],
            ),
            tool("tasks_tasklists_list", "Returns all the authenticated user's task lists.", json!({}), &[]),
        ];
        let lists =
            json!({"items": [{"id": "a1", "title": "Family"}, {"id": "b2", "title": "Side project"}]});
        let seen = [("tasks_tasklists_list", json!({}), lists)];
        let reply =
            act(&scene("Please could you clear the task list \"Side project\"? Many thanks.", tools, &seen));
        assert_eq!(calls(&reply), ["tasks_clear {\"tasklist\":\"b2\"}"]);
    }
}
