//! The dialects against what servers document: recorded replies, and one conversation as each is sent it.

#![expect(clippy::unwrap_used, reason = "helpers of tests may panic")]

use proptest::prelude::*;
use serde_json::{Value, json};
use std::fmt::Write;
use std::path::{Path, PathBuf};
use toolloom::config::plan::{MaxTokensField, Structured};
use toolloom::data::{Message, Role, ToolCall, canonical_json};
use toolloom::internals::llm::dialect::{self, Dialect, Unread};
use toolloom::internals::llm::{Reply, Request};
use toolloom::internals::prompt::{Rendered, ToolSpec};

fn open_ai(structured: Structured) -> Dialect {
    Dialect::open_ai(structured, MaxTokensField::Auto, "localhost")
}

fn anthropic() -> Dialect {
    Dialect::anthropic(Structured::Auto, "claude-sonnet-4-5")
}

fn both() -> [(&'static str, Dialect); 2] {
    [("openai", open_ai(Structured::Auto)), ("anthropic", anthropic())]
}

fn fixtures(folder: &str) -> Vec<PathBuf> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/replies").join(folder);
    let mut paths: Vec<PathBuf> =
        std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    paths.sort();
    paths
}

fn sent(dialect: &Dialect, request: &Request) -> Value {
    serde_json::from_slice(&dialect.encode(request)).unwrap()
}

fn message(role: Role, content: &str) -> Message {
    Message::text(role, content)
}

fn call(id: &str, name: &str, arguments: Value) -> ToolCall {
    ToolCall { id: id.into(), name: name.into(), arguments }
}

fn result(id: &str, content: &str) -> Message {
    Message { tool_call_id: Some(id.into()), ..message(Role::Tool, content) }
}

/// System, user, two calls, their results, an answer, and the user again.
fn conversation() -> Request {
    let asks = vec![
        call("call_1", "pets_find", json!({"status": "sold"})),
        call("call_2", "pets_count", Value::String("{\"status\": ".into())),
    ];
    let messages = vec![
        message(Role::System, "Today is Sunday."),
        message(Role::User, "Which pets are sold?"),
        Message { tool_calls: asks, ..message(Role::Assistant, "I'll look.") },
        result("call_1", "[{\"name\": \"Rex\"}]"),
        result("call_2", "error: not JSON"),
        message(Role::Assistant, "Rex."),
        message(Role::User, "Thanks. Any more?"),
    ];
    let tools = vec![ToolSpec {
        name: "pets_find".into(),
        description: "Finds pets.".into(),
        parameters: json!({"type": "object", "properties": {"status": {"type": "string"}}}).into(),
    }];
    Request {
        model: "m".into(),
        prompt: Rendered { messages, tools, ..Rendered::default() },
        temperature: Some(1.2),
        top_p: Some(0.9),
        max_tokens: Some(512),
        stop: vec!["Observation:".into()],
        seed: Some(7),
        ..Request::default()
    }
}

fn verdict() -> Request {
    let schema = json!({"type": "object", "properties": {"solved": {"type": "boolean"}}, "required": ["solved"],
        "additionalProperties": false});
    let messages = vec![message(Role::User, "Is it?")];
    let prompt = Rendered { messages, reply: Some(("verdict", schema)), ..Rendered::default() };
    Request { prompt, ..conversation() }
}

#[test]
fn replies_of_all_kinds_are_read() {
    for (name, dialect) in both() {
        let mut read = String::new();
        for path in fixtures(name) {
            let reply = dialect.decode(&std::fs::read(&path).unwrap(), &Request::default());
            let reply = serde_json::to_string_pretty(&reply).unwrap();
            writeln!(read, "{}\n{reply}\n", path.file_stem().unwrap().to_string_lossy()).unwrap();
        }
        insta::assert_snapshot!(format!("replies_{name}"), read);
    }
}

#[test]
fn one_conversation_is_sent_in_each_dialect() {
    for (name, dialect) in both() {
        let body = serde_json::to_string_pretty(&sent(&dialect, &conversation())).unwrap();
        insta::assert_snapshot!(format!("conversation_{name}"), body);
    }
}

#[test]
fn a_schema_goes_where_the_server_looks_for_it() {
    let field = |dialect: Dialect, key: &str| sent(&dialect, &verdict())[key].clone();
    let schema = verdict().prompt.reply.unwrap().1;
    for structured in [Structured::Auto, Structured::JsonSchema] {
        assert_eq!(
            field(open_ai(structured), "response_format"),
            json!({"type": "json_schema", "json_schema": {"name": "verdict", "strict": true, "schema": schema}})
        );
    }
    assert_eq!(field(open_ai(Structured::GuidedJson), "guided_json"), schema);
    assert_eq!(field(open_ai(Structured::StructuredOutputs), "structured_outputs"), json!({"json": schema}));
    assert_eq!(field(open_ai(Structured::JsonObject), "response_format"), json!({"type": "json_object"}));
    let format = json!({"format": {"type": "json_schema", "schema": schema}});
    assert_eq!(field(anthropic(), "output_config"), format);
    for dialect in [open_ai(Structured::Prompt), Dialect::anthropic(Structured::Prompt, "claude-sonnet-4-5")]
    {
        assert!(!String::from_utf8(dialect.encode(&verdict())).unwrap().contains("solved"));
    }
}

#[test]
fn an_older_claude_is_held_to_a_schema_by_a_forced_call() {
    let dialect = Dialect::anthropic(Structured::Auto, "claude-3-5-haiku-20241022");
    let body = sent(&dialect, &verdict());
    assert_eq!(body["tool_choice"], json!({"type": "tool", "name": "verdict"}));
    assert_eq!(body["tools"][0]["input_schema"], verdict().prompt.reply.unwrap().1);
    let said = json!({"content": [{"type": "tool_use", "id": "t", "name": "verdict", "input": {"solved": true}}],
        "stop_reason": "tool_use", "usage": {"input_tokens": 9, "output_tokens": 9}});
    let reply = dialect.decode(said.to_string().as_bytes(), &verdict());
    assert_eq!((reply.content.as_str(), reply.tool_calls.len()), ("{\"solved\":true}", 0));
}

#[test]
fn extra_fields_replace_the_dialect_s_own_but_never_the_conversation() {
    let extra = json!({"temperature": 0.1, "messages": [], "stream": true, "top_k": 20,
        "chat_template_kwargs": {"enable_thinking": false}});
    let request = Request { extra_body: extra.as_object().unwrap().clone(), ..conversation() };
    for (name, dialect) in both() {
        let text = String::from_utf8(dialect.encode(&request)).unwrap();
        assert_eq!(text.matches("\"temperature\"").count(), 1, "{name}: {text}");
        let body = sent(&dialect, &request);
        assert_eq!((&body["temperature"], &body["top_k"]), (&json!(0.1), &json!(20)));
        assert_eq!(body["chat_template_kwargs"]["enable_thinking"], json!(false));
        assert!(body.get("stream").is_none() && !body["messages"].as_array().unwrap().is_empty());
    }
    let extra = json!({"output_config": {"effort": "low"}});
    let request = Request { extra_body: extra.as_object().unwrap().clone(), ..verdict() };
    let config = &sent(&anthropic(), &request)["output_config"];
    assert_eq!((&config["effort"], &config["format"]["type"]), (&json!("low"), &json!("json_schema")));
    assert_eq!(String::from_utf8(anthropic().encode(&request)).unwrap().matches("output_config").count(), 1);
}

#[test]
fn the_most_tokens_are_named_as_the_server_names_them() {
    for (field, host, name) in [
        (MaxTokensField::Auto, "api.openai.com", "max_completion_tokens"),
        (MaxTokensField::Auto, "localhost", "max_tokens"),
        (MaxTokensField::MaxTokens, "api.openai.com", "max_tokens"),
        (MaxTokensField::MaxCompletionTokens, "localhost", "max_completion_tokens"),
    ] {
        let body = sent(&Dialect::open_ai(Structured::Auto, field, host), &conversation());
        assert_eq!(body[name], json!(512));
        assert_eq!(body.as_object().unwrap().keys().filter(|key| key.starts_with("max_")).count(), 1);
    }
    let without = Request { max_tokens: None, ..conversation() };
    assert_eq!(
        sent(&anthropic(), &without)["max_tokens"],
        json!(4096),
        "Anthropic wants one in every request"
    );
    assert!(sent(&open_ai(Structured::Auto), &without).get("max_tokens").is_none());
}

#[test]
fn what_a_reply_asks_to_keep_goes_back_in_its_place() {
    for (name, dialect) in both() {
        let mut had_one = false;
        for path in fixtures(name) {
            let bytes = std::fs::read(&path).unwrap();
            let reply = dialect.decode(&bytes, &Request::default());
            if reply.kept.is_empty() {
                continue;
            }
            had_one = true;
            let again = follow_up(&reply);
            let body = sent(&dialect, &again);
            let Ok(given) = serde_json::from_slice::<Value>(&bytes) else { continue };
            if name == "anthropic" {
                assert_eq!(body["messages"][1]["content"], given["content"], "{}", path.display());
            } else {
                let (given, sent) = (&given["choices"][0]["message"], &body["messages"][1]);
                let keys = ["reasoning_details", "reasoning_content", "reasoning"];
                let key = keys.iter().find(|key| sent.get(**key).is_some()).unwrap();
                assert_eq!(sent[*key], given[*key], "{}", path.display());
            }
        }
        assert!(had_one);
    }
}

fn follow_up(reply: &Reply) -> Request {
    let results = reply.tool_calls.iter().map(|call| result(&call.id, "ok"));
    let turn = Message { tool_calls: reply.tool_calls.clone(), ..message(Role::Assistant, &reply.content) };
    let messages = [message(Role::User, "Go."), turn].into_iter().chain(results).collect();
    let prompt = Rendered { messages, kept: [(1, reply.kept.clone())].into(), ..Rendered::default() };
    Request { prompt, ..Request::default() }
}

#[test]
fn no_two_calls_of_a_conversation_share_an_id() {
    let same = |dialect: &Dialect, id: &str| {
        let body = json!({"choices": [{"message": {"tool_calls": [
            {"id": id, "function": {"name": "a"}}, {"id": id, "function": {"name": "b"}}]}}]});
        dialect.decode(body.to_string().as_bytes(), &conversation()).tool_calls
    };
    let ids = |calls: Vec<ToolCall>| calls.into_iter().map(|call| call.id).collect::<Vec<_>>();
    let dialect = open_ai(Structured::Auto);
    assert_eq!(ids(same(&dialect, "call_1")), ["call_1_2", "call_1_3"]);
    assert_eq!(ids(same(&dialect, "")), ["call_2_2", "call_3"]);
    assert_eq!(ids(same(&dialect, "x")), ["x", "x_2"]);
}

#[test]
fn a_status_hidden_in_a_body_is_found() {
    let hidden = |name: &str| {
        let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/replies").join(name);
        dialect::hidden_status(&serde_json::from_slice(&std::fs::read(path).unwrap()).unwrap())
    };
    assert_eq!(hidden("openai/openrouter_error_with_status_200.json"), Some(429));
    assert_eq!(hidden("openai/openrouter_error_in_the_choice.json"), Some(502));
    assert_eq!(hidden("openai/gemini_error_in_a_list.json"), Some(503));
    assert_eq!(hidden("anthropic/overloaded.json"), Some(529));
    assert_eq!(hidden("openai/deepseek_out_of_resources.json"), Some(503));
    assert_eq!(hidden("openai/vllm_error_object.json"), None, "a 400 is about the request");
    assert_eq!(hidden("openai/text.json"), None);
}

#[test]
fn what_no_such_server_says_is_told_apart_from_what_is_cut_off() {
    for (name, dialect) in both() {
        for (body, unread) in [
            ("", Unread::Empty),
            (" \r\n", Unread::Empty),
            ("<html></html>", Unread::Foreign),
            ("\"OK\"", Unread::Foreign),
            ("null", Unread::Foreign),
            ("{\"choices\": [{\"mess", Unread::Cut),
            ("data: {\"choices\": [{\"delta\": {\"content\": \"We\"}}]}\n\n", Unread::Cut),
        ] {
            assert_eq!(dialect.parse(body.as_bytes()), Err(unread), "{name}: {body}");
        }
        assert!(dialect.parse(b" {}").is_ok(), "what it lacks is the reply's fault");
    }
}

#[test]
fn headers_and_paths_are_the_providers() {
    let dialect = open_ai(Structured::Auto);
    assert_eq!(
        (dialect.path(), dialect.auth("k")),
        ("chat/completions", ("authorization", "Bearer k".into()))
    );
    assert_eq!((anthropic().path(), anthropic().auth("k")), ("messages", ("x-api-key", "k".into())));
    assert_eq!(anthropic().headers(), [("anthropic-version", "2023-06-01")]);
}

#[test]
fn the_canonical_form_is_sorted_and_knows_no_dialect() {
    let mut request = conversation();
    request.prompt.kept.insert(2, vec![json!({"type": "thinking", "signature": "s"})]);
    request.extra_body = json!({"top_k": 1, "a": {"z": 1, "b": 2}}).as_object().unwrap().clone();
    request.prompt.reply = verdict().prompt.reply;
    let canonical = request.canonical();
    let value: Value = serde_json::from_str(&canonical).unwrap();
    assert_eq!(canonical, canonical_json(&value));
    assert_eq!(request.hash(), *blake3::hash(canonical.as_bytes()).as_bytes());
    // What is remembered is found by this; a change forgets every run's replies.
    insta::assert_snapshot!("canonical", canonical);
    let other = Request { seed: Some(8), ..request.clone() };
    assert_eq!(other.canonical(), canonical);
    let changes: [fn(&mut Request); 10] = [
        |request| request.model.push('n'),
        |request| request.temperature = None,
        |request| request.top_p = None,
        |request| request.max_tokens = None,
        |request| request.stop.clear(),
        |request| request.extra_body.clear(),
        |request| request.prompt.kept.clear(),
        |request| request.prompt.tools.clear(),
        |request| request.prompt.reply = None,
        |request| drop(request.prompt.messages.pop()),
    ];
    for change in changes {
        let mut changed = request.clone();
        change(&mut changed);
        assert_ne!(changed.hash(), request.hash());
    }
}

fn text() -> impl Strategy<Value = String> {
    "[a-z\"\\\\é\n]{1,12}"
}

/// What the user says, the calls, and the answer if one follows.
type Round = (String, Vec<(String, Value)>, Option<String>);

fn round() -> impl Strategy<Value = Round> {
    let arguments = prop_oneof![
        text().prop_map(|text| json!({"x": text})),
        text().prop_map(Value::String),
        Just(json!({}))
    ];
    (text(), prop::collection::vec((text(), arguments), 0..3), prop::option::of(text()))
}

fn request_of(rounds: Vec<Round>) -> Request {
    let mut messages = vec![message(Role::System, "Be brief.")];
    for (i, (said, calls, answer)) in rounds.into_iter().enumerate() {
        messages.push(message(Role::User, &format!("u{i} {said}")));
        let ids = |j: usize| format!("id_{i}_{j}");
        let results: Vec<Message> = (0..calls.len()).map(|j| result(&ids(j), &format!("r{i}_{j}"))).collect();
        let calls: Vec<ToolCall> = calls
            .into_iter()
            .enumerate()
            .map(|(j, (name, arguments))| call(&ids(j), &name, arguments))
            .collect();
        if !calls.is_empty() {
            messages.push(Message { tool_calls: calls, ..message(Role::Assistant, "") });
            messages.extend(results);
        }
        if let Some(answer) = answer {
            messages.push(message(Role::Assistant, &format!("a{i} {answer}")));
        }
    }
    Request { prompt: Rendered { messages, ..Rendered::default() }, ..Request::default() }
}

/// Everything that is text anywhere in a value.
fn strings(value: &Value, found: &mut Vec<String>) {
    match value {
        Value::String(text) => found.push(text.clone()),
        Value::Array(items) => items.iter().for_each(|item| strings(item, found)),
        Value::Object(map) => map.values().for_each(|item| strings(item, found)),
        _ => {}
    }
}

proptest! {
    #[test]
    fn no_message_and_no_call_is_lost(rounds in prop::collection::vec(round(), 1..5)) {
        let request = request_of(rounds);
        for (name, dialect) in both() {
            let body = sent(&dialect, &request);
            let mut found = Vec::new();
            strings(&body, &mut found);
            for message in &request.prompt.messages {
                prop_assert!(message.content.is_empty() || found.contains(&message.content), "{name}: {body}");
                for call in &message.tool_calls {
                    let times = found.iter().filter(|text| **text == call.id).count();
                    prop_assert_eq!(times, 2, "a call and its result: {}", body);
                    prop_assert!(found.contains(&call.name));
                }
            }
            if name == "anthropic" {
                let turns = body["messages"].as_array().unwrap();
                for (i, turn) in turns.iter().enumerate() {
                    prop_assert_eq!(turn["role"].as_str(), Some(["user", "assistant"][i % 2]), "{}", body);
                    let kinds: Vec<&str> = turn["content"].as_array().unwrap().iter().map(|b| b["type"].as_str().unwrap()).collect();
                    let results = kinds.iter().filter(|kind| **kind == "tool_result").count();
                    prop_assert!(kinds[..results].iter().all(|kind| *kind == "tool_result"), "{}", body);
                }
            }
        }
    }

    #[test]
    fn nothing_a_server_says_panics(bytes in prop::collection::vec(any::<u8>(), 0..200)) {
        for (_, dialect) in both() {
            let reply = dialect.decode(&bytes, &verdict());
            prop_assert!(!reply.fault.is_empty() || serde_json::from_slice::<Value>(&bytes).is_ok());
            dialect::said(&bytes);
        }
    }

    #[test]
    fn no_damaged_reply_panics(file in any::<prop::sample::Index>(), at in any::<prop::sample::Index>(), with in 0..6_usize) {
        for (name, dialect) in both() {
            let paths = fixtures(name);
            let text = std::fs::read_to_string(&paths[file.index(paths.len())]).unwrap();
            let Ok(mut value) = serde_json::from_str::<Value>(&text) else { continue };
            let pointers = pointers(&value);
            let pointer = &pointers[at.index(pointers.len())];
            let put = [json!(null), json!(7), json!("x"), json!([]), json!({}), json!([{"text": 1}])][with].clone();
            *value.pointer_mut(pointer).unwrap() = put;
            let bytes = value.to_string().into_bytes();
            let reply = dialect.decode(&bytes, &verdict());
            prop_assert!(reply.fault.is_empty() || (reply.content.is_empty() && reply.tool_calls.is_empty()));
            let cut = &bytes[..at.index(bytes.len())];
            prop_assert!(!dialect.decode(cut, &verdict()).fault.is_empty() || cut.is_empty());
            dialect::hidden_status(&value);
        }
    }
}

/// The places of a value, as JSON pointers.
fn pointers(value: &Value) -> Vec<String> {
    let mut found = vec![String::new()];
    let mut add = |key: String, value: &Value| {
        found.extend(pointers(value).into_iter().map(|rest| format!("/{key}{rest}")));
    };
    match value {
        Value::Object(map) => {
            for (key, value) in map {
                add(key.replace('~', "~0").replace('/', "~1"), value);
            }
        }
        Value::Array(items) => {
            for (i, value) in items.iter().enumerate() {
                add(i.to_string(), value);
            }
        }
        _ => {}
    }
    found
}
