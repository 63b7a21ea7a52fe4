//! Renders every file of `tests/templates` (a template's name and a context) and compares with its snapshot: what is
//! sent, and how a template fails when its context lacks something.

use serde_json::Value;
use toolloom::data::{Role, TaskContext, ToolCall};
use toolloom::prompt::{Brief, Prompt, Scene, Templates, ToolSpec, Turn, render_system};

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
        // These two hold no variable, so nothing can be missing.
        let constant = ["finish", "give_up"].contains(&name.as_str()) || name.ends_with(".system");
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
        render_system(&context),
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
            parameters: Value::Null,
        }],
        history: vec![Turn {
            thought: String::from("First."),
            calls: vec![(call.clone(), String::from("[]"))],
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
