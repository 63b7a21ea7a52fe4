//! Renders every file of `tests/templates` (a template's name and a context) and compares with its snapshot: what is
//! sent, and how a template fails when its context lacks something.

#![expect(clippy::unwrap_used, reason = "helpers of tests may panic")]

use serde_json::{Value, json};
use std::fmt::Write;
use toolloom::config::plan::ToolMode;
use toolloom::data::{Role, TaskContext, ToolCall};
use toolloom::internals::prompt::prompted::Repair;
use toolloom::internals::prompt::{Brief, Prompt, Rendered, Scene, Templates, ToolSpec, Trial, Turn};

#[test]
fn every_template_renders_and_fails_as_its_snapshot_says() {
    insta::glob!("templates/*.json", |path| {
        let case: Value = serde_json::from_str(&std::fs::read_to_string(path).unwrap()).unwrap();
        let name = case["template"].as_str().unwrap();
        let text = match Templates::embedded().text(name, &case["context"]) {
            Ok(text) => text,
            Err(error) => format!("!! {error}"),
        };
        insta::assert_snapshot!(text);
    });
}

#[test]
fn every_template_has_a_snapshot_of_a_render_and_of_a_failure() {
    let cases: Vec<String> = std::fs::read_dir("tests/templates")
        .unwrap()
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .collect();
    for entry in std::fs::read_dir("templates").unwrap() {
        let name = entry.unwrap().file_name().into_string().unwrap().replace(".txt", "");
        let has = |suffix: &str| cases.iter().any(|case| *case == format!("{name}{suffix}.json"));
        assert!(has(""), "{name} has no case");
        // These hold no variable, so nothing can be missing.
        let constant = ["finish", "give_up"].contains(&name.as_str()) || name.ends_with(".system");
        let constant = constant || name.starts_with("rubric.");
        assert!(constant || has(".fails"), "{name} has no failing case");
    }
}

#[test]
fn the_system_message_says_the_day_in_the_users_zone() {
    let context = TaskContext {
        now: String::from("2026-03-17T08:40:00Z"),
        time_zone: String::from("Europe/Berlin"),
        user: String::from("Marta Oliveira"),
        facts: vec![String::from("Her account is 4471.")],
    };
    assert_eq!(
        Templates::embedded().system(&context).expect("the embedded templates render"),
        "Today is Tuesday, 17 March 2026, 09:40 (Europe/Berlin). You help Marta Oliveira. Her account is 4471. Use the \
         tools when they are needed, say only what they show, and say so when something cannot be done."
    );
}

#[test]
fn history_goes_out_as_chat_messages_and_the_tried_turns_as_the_last_user_message() {
    let call = ToolCall {
        id: "call_0".into(),
        name: "a_list".into(),
        arguments: serde_json::json!({"z": 1, "a": 2}),
    };
    let scene = Scene {
        system: String::from("S {{ not_a_variable }}"),
        instruction: String::from("I"),
        tools: vec![ToolSpec {
            name: "a_list".into(),
            description: "Lists.".into(),
            parameters: Value::Null.into(),
        }],
        history: vec![Turn {
            thought: String::from("First."),
            calls: vec![(call.clone(), String::from("[]"))],
            ..Turn::default()
        }],
        tried: vec![vec![call]],
    };
    let rendered = Templates::embedded().render(&Prompt::Act(scene)).unwrap();
    let roles: Vec<Role> = rendered.messages.iter().map(|m| m.role).collect();
    assert_eq!(roles, [Role::System, Role::User, Role::Assistant, Role::Tool, Role::User]);
    assert_eq!(rendered.messages[0].content, "S {{ not_a_variable }}");
    assert_eq!(rendered.messages[3].tool_call_id.as_deref(), Some("call_0"));
    assert!(
        rendered.messages[4].content.contains(r#"a_list {"z":1,"a":2}"#),
        "{}",
        rendered.messages[4].content
    );
    let names: Vec<&str> = rendered.tools.iter().map(|t| t.name.as_str()).collect();
    assert_eq!(names, ["a_list", "finish", "give_up"]);
}

#[test]
fn a_folder_replaces_templates_by_name_and_its_faults_are_told_before_a_run() {
    let folder = tempfile::tempdir().unwrap();
    let write = |name: &str, text: &str| std::fs::write(folder.path().join(name), text).unwrap();
    write("judge.system.txt", "Be kind.");
    let templates = Templates::load(Some(folder.path())).unwrap();
    assert_ne!(templates.hash(), Templates::embedded().hash());
    assert_eq!(templates.text("judge.system", &Value::Null).unwrap(), "Be kind.");

    write("judge.user.txt", "{{ instructoin }}");
    let error = Templates::load(Some(folder.path())).unwrap_err().to_string();
    assert!(error.contains("judge.user") && error.contains("undefined"), "{error}");
    std::fs::remove_file(folder.path().join("judge.user.txt")).unwrap();

    write("juge.txt", "");
    let error = Templates::load(Some(folder.path())).unwrap_err().to_string();
    assert!(error.contains("replaces no template") && error.contains("judge.user"), "{error}");
}

#[test]
fn an_empty_brief_renders() {
    Templates::embedded().render(&Prompt::WriteInstruction(Brief::default())).unwrap();
}

fn call(id: &str, name: &str, arguments: Value) -> ToolCall {
    ToolCall { id: id.into(), name: name.into(), arguments }
}

/// A scene of three turns: one call, two at once, one that could not be parsed and had no thought.
fn scene() -> Scene {
    let turn = |thought: &str, calls: Vec<(ToolCall, &str)>| Turn {
        thought: thought.into(),
        calls: calls.into_iter().map(|(call, observation)| (call, observation.to_owned())).collect(),
        ..Turn::default()
    };
    let list = call("call_0", "pets_list", json!({"status": "sold", "limit": 2}));
    let get = |id: &str, n: u64| call(id, "pets_get", json!({"id": n}));
    Scene {
        system: String::from("Today is Tuesday. You help Marta Oliveira."),
        instruction: String::from("Which of the sold pets went last?"),
        tools: vec![
            ToolSpec {
                name: "pets_list".into(),
                description: "Lists pets.".into(),
                parameters: json!({"type": "object", "properties": {"status": {"type": "string"}, "limit": {"type": "integer"}}}).into(),
            },
            ToolSpec {
                name: "pets_get".into(),
                description: "Shows a pet.".into(),
                parameters: json!({"type": "object", "properties": {"id": {"type": "integer"}}, "required": ["id"]}).into(),
            },
        ],
        history: vec![
            turn("I look at the sold ones.", vec![(list, "[{\"id\":4},{\"id\":7}]")]),
            turn(
                "Now both.",
                vec![
                    (get("call_1", 4), "{\"sold\":\"Monday\"}"),
                    (get("call_2", 7), "{\"sold\":\"Friday\"}"),
                ],
            ),
            turn(
                "",
                vec![(
                    call("call_3", "pets_get", json!("the \"seventh\"")),
                    "error: the arguments are not JSON",
                )],
            ),
        ],
        tried: vec![vec![call("x", "finish", json!({"answer": "Rex"}))], vec![]],
    }
}

const MODES: [(&str, ToolMode); 3] =
    [("native", ToolMode::Native), ("react", ToolMode::React), ("hermes", ToolMode::Hermes)];

fn sent(scene: Scene, mode: ToolMode) -> Rendered {
    let templates = Templates::embedded();
    templates.prompted(templates.render(&Prompt::Act(scene)).unwrap(), mode).unwrap()
}

#[test]
fn what_the_user_says_between_turns_stands_there_in_every_mode_and_roles_alternate_where_they_must() {
    for (name, mode) in MODES {
        let mut scene = Scene { tried: Vec::new(), ..scene() };
        scene.history[0].user = Some(String::from("Only those of this week, please."));
        let answer = Turn { thought: "Rex, on Friday.".into(), ..Turn::default() };
        scene.history.push(Turn { user: Some(String::from("And before him?")), ..answer });
        let rendered = sent(scene, mode);
        let at = |words: &str| rendered.messages.iter().position(|m| m.content.contains(words)).expect(words);
        let order = [
            at("Which of the sold pets"),
            at("I look at the sold ones."),
            at("Only those of this week"),
            at("Now both."),
            at("Rex, on Friday."),
            at("And before him?"),
        ];
        assert!(order.is_sorted(), "{name}: {order:?}");
        let last = rendered.messages.last().unwrap();
        assert_eq!((last.role, last.content.as_str()), (Role::User, "And before him?"), "{name}");
        assert_eq!(rendered.messages[order[2]].role, Role::User, "{name}");
        if mode != ToolMode::Native {
            let pairs = rendered.messages.windows(2);
            assert!(pairs.into_iter().all(|pair| pair[0].role != pair[1].role), "{name}");
        }
    }
}

/// All that a server's prompt cache may hold of a request, in order.
fn bytes(rendered: &Rendered) -> String {
    let mut out = String::new();
    for message in &rendered.messages {
        writeln!(out, "{}\n{}\n{:?}", message.role.as_str(), message.content, message.tool_calls).unwrap();
    }
    out
}

#[test]
fn a_scene_goes_out_as_text_alone_where_a_server_has_no_tools() {
    for (name, mode) in &MODES[1..] {
        let rendered = sent(scene(), *mode);
        assert!(rendered.tools.is_empty());
        assert!(
            rendered
                .messages
                .iter()
                .all(|m| m.tool_calls.is_empty() && m.tool_call_id.is_none() && m.name.is_none())
        );
        let roles: Vec<Role> = rendered.messages.iter().skip(1).map(|m| m.role).collect();
        assert!(
            roles
                .chunks(2)
                .all(|pair| pair[0] == Role::User && pair.get(1).is_none_or(|r| *r == Role::Assistant))
        );
        let mut text = String::new();
        for message in &rendered.messages {
            writeln!(text, "=== {}\n{}", message.role.as_str(), message.content).unwrap();
        }
        insta::assert_snapshot!(format!("a_scene_in_{name}"), text);
    }
}

#[test]
fn a_scene_that_grows_begins_with_what_was_sent_before_in_every_mode() {
    for (name, mode) in MODES {
        let whole = scene();
        let mut before = String::new();
        for turns in 0..=whole.history.len() {
            let grown =
                Scene { history: whole.history[..turns].to_vec(), tried: Vec::new(), ..whole.clone() };
            let shown = bytes(&sent(grown.clone(), mode));
            assert!(shown.starts_with(&before), "{name} after {turns} turns");
            // What was tried comes last, so it takes nothing from the beginning.
            let hinted = sent(Scene { tried: whole.tried.clone(), ..grown.clone() }, mode);
            let plain = sent(grown, mode);
            let last = plain.messages.len() - 1;
            assert_eq!(plain.messages[..last], hinted.messages[..last], "{name}");
            assert!(hinted.messages[last].content.starts_with(&plain.messages[last].content), "{name}");
            assert_eq!(plain.tools, hinted.tools);
            before = shown;
        }
    }
}

#[test]
fn a_conversation_without_tools_or_system_message_is_written_too() {
    let templates = Templates::embedded();
    let judged = templates.render(&Prompt::Judge(Trial::default())).unwrap();
    assert_eq!(templates.prompted(judged.clone(), ToolMode::React).unwrap(), judged);
    let Rendered { messages, tools, .. } = templates.render(&Prompt::Act(scene())).unwrap();
    let headless = Rendered { messages: messages[1..].to_vec(), tools, ..Rendered::default() };
    let written = templates.prompted(headless, ToolMode::Hermes).unwrap();
    assert_eq!(written.messages[0].role, Role::System);
    assert!(written.messages[0].content.starts_with("# Tools"));
}

#[test]
fn a_schema_stands_at_the_end_of_the_last_user_message_where_no_server_enforces_it() {
    let templates = Templates::embedded();
    let judged = templates.render(&Prompt::Judge(Trial::default())).unwrap();
    let (_, schema) = judged.reply.clone().unwrap();
    let asked = templates.schema_in_prompt(judged.clone()).unwrap();
    assert_eq!(asked.reply, None);
    assert_eq!(asked.messages[0], judged.messages[0]);
    let last = &asked.messages[1].content;
    assert!(last.starts_with(&judged.messages[1].content) && last.ends_with(&schema.to_string()), "{last}");
    let none = Rendered { reply: judged.reply, ..Rendered::default() };
    assert_eq!(templates.schema_in_prompt(none).unwrap().messages.len(), 1);
}

#[test]
fn a_repair_question_tells_the_fault() {
    let templates = Templates::embedded();
    let modes = MODES.map(|(_, mode)| Repair::Call(mode));
    for kind in modes.into_iter().chain([Repair::Reply]) {
        let text = templates.repair(kind, "`solved` is a string").unwrap();
        assert!(text.contains("`solved` is a string") && text.len() < 300, "{text}");
    }
}
