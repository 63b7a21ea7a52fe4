//! What is asked of servers in other forms than their own: other dialects, tool calls as text, schemas in the prompt; and
//! the one question that a reply of the wrong form costs.

use super::support::{Answer, Brain, Server};
use serde_json::{Value, json};
use std::sync::{Arc, Mutex};
use std::time::Duration;
use toolloom::config::Plan;
use toolloom::data::Message;
use toolloom::internals::llm::{AskPath, Exchange, Finish, Llm, LlmOptions, LocalModel, Reply, Role};
use toolloom::internals::prompt::{FINISH, Prompt, Scene, Templates, ToolSpec, Trial};
use toolloom::monitor::Monitor;

struct Nobody;

impl LocalModel for Nobody {
    fn reply(&self, _: &Prompt, _: u64) -> Reply {
        unreachable!("every role is played by the server")
    }
}

/// A server that keeps the bodies it was sent.
fn serve(brain: impl Fn(&Value) -> Answer + Send + Sync + 'static) -> (Server, Arc<Mutex<Vec<Value>>>) {
    let bodies: Arc<Mutex<Vec<Value>>> = Arc::default();
    let kept = Arc::clone(&bodies);
    let brain: Brain = Arc::new(move |body, _| {
        kept.lock().unwrap().push(body.clone());
        brain(body)
    });
    (Server::start(Duration::ZERO, brain), bodies)
}

fn plan(server: &Server, more: &[&str]) -> Plan {
    let teacher = format!("models.teacher={{provider: openai, base_url: \"{}\", model: m}}", server.base_url);
    let mut sets = vec![teacher, String::from("limits.attempts=2"), String::from("limits.backoff_ms=1")];
    sets.extend(more.iter().map(|&set| set.to_owned()));
    toolloom::config::load(None, &sets, &|_| true).unwrap_or_else(|faults| panic!("{faults}"))
}

fn llm(plan: &Plan) -> Llm {
    Llm::new(plan, Arc::new(Nobody), Templates::embedded(), &Monitor::silent(), LlmOptions::default())
        .unwrap()
}

fn act() -> Prompt {
    let parameters = json!({"type": "object", "properties": {"city": {"type": "string"}}});
    let tool = ToolSpec {
        name: "get_weather".into(),
        description: "The weather.".into(),
        parameters: parameters.into(),
    };
    Prompt::Act(Scene {
        instruction: "Is it raining in Porto?".into(),
        tools: vec![tool],
        ..Scene::default()
    })
}

fn judge() -> Prompt {
    let messages = vec![
        Message::text(toolloom::data::Role::User, "Go."),
        Message::text(toolloom::data::Role::Assistant, "Gone."),
    ];
    Prompt::Judge(Trial { messages, ..Trial::default() })
}

async fn ask(plan: &Plan, role: Role, prompt: &Prompt) -> (Reply, u64) {
    let mut path = AskPath::new(0);
    let reply = llm(plan).ask(&mut path, role, prompt).await.unwrap();
    (reply, path.meter().usage().total().calls)
}

#[tokio::test]
async fn calls_as_text_are_read_back_in_both_forms() {
    for (mode, text) in [
        (
            "hermes",
            "I'll look.\n<tool_call>\n{'name': 'get_weather', 'arguments': {'city': 'Porto',}}\n</tool_call>",
        ),
        (
            "react",
            "Thought: I'll look.\nAction: get_weather\nAction Input: {\"city\": \"Porto\"}\nObservation: sunny",
        ),
    ] {
        let (server, bodies) = serve(move |_| Answer::text(text));
        let set = format!("models.teacher.tool_mode={mode}");
        let (reply, calls) = ask(&plan(&server, &[&set]), Role::Solver, &act()).await;
        assert_eq!(reply.tool_calls[0].name, "get_weather", "{mode}");
        assert_eq!(reply.tool_calls[0].arguments, json!({"city": "Porto"}), "{mode}");
        assert_eq!((reply.content.as_str(), calls), ("I'll look.", 1), "{mode}");
        let body = bodies.lock().unwrap()[0].clone();
        assert!(body.get("tools").is_none(), "{mode}: no tools on the wire");
        let system = body["messages"][0]["content"].as_str().unwrap();
        assert!(system.contains("get_weather") && system.contains(FINISH), "{mode}: {system}");
        assert!(body["stop"].is_array(), "{mode}: no made-up results are paid for");
    }
}

#[tokio::test]
async fn a_call_that_cannot_be_read_is_asked_for_once_more() {
    let (server, bodies) = serve(|body| match body["messages"].as_array().unwrap().len() {
        2 => Answer::text("<tool_call>get the weather please</tool_call>"),
        _ => Answer::text("<tool_call>{\"name\": \"get_weather\", \"arguments\": {}}</tool_call>"),
    });
    let plan = plan(&server, &["models.teacher.tool_mode=hermes"]);
    let (reply, calls) = ask(&plan, Role::Solver, &act()).await;
    assert_eq!((reply.tool_calls[0].name.as_str(), calls), ("get_weather", 2));
    let bodies = bodies.lock().unwrap();
    let (first, second) = (&bodies[0]["messages"], &bodies[1]["messages"]);
    assert_eq!(&second.as_array().unwrap()[..2], first.as_array().unwrap().as_slice(), "a stable prefix");
    assert_eq!(second[2]["role"], "assistant");
}

#[tokio::test]
async fn a_reply_that_stays_unreadable_counts_as_none_and_was_asked_for_twice() {
    let (server, _) = serve(|_| Answer::text("I think it is fine."));
    let plan = plan(&server, &[]);
    let llm = llm(&plan);
    let mut path = AskPath::new(0);
    let reply = llm.ask(&mut path, Role::Judge, &judge()).await.unwrap();
    assert!(reply.fault.contains("cannot be read, also when asked again"), "{}", reply.fault);
    assert!(reply.content.is_empty());
    let stats = llm.stats();
    assert_eq!((server.requests(), stats.repairs, stats.faults), (2, 1, 1));
}

#[tokio::test]
async fn loose_json_is_mended_without_a_question() {
    let (server, _) =
        serve(|_| Answer::text("Sure!\n```json\n{'solved': True, 'reason': 'all there',}\n```"));
    let (reply, calls) = ask(&plan(&server, &[]), Role::Judge, &judge()).await;
    let read: Value = serde_json::from_str(&reply.content).unwrap();
    assert_eq!((read, calls), (json!({"solved": true, "reason": "all there"}), 1));
}

#[tokio::test]
async fn a_server_that_rejects_schemas_gets_them_in_the_prompt_from_then_on() {
    let (server, bodies) = serve(|body| match body.get("response_format") {
        Some(_) => {
            Answer::of(400, r#"{"error": {"message": "response_format json_schema is not supported"}}"#)
        }
        None => Answer::text(r#"{"solved": false, "reason": "no"}"#),
    });
    let llm = llm(&plan(&server, &[]));
    for task in 0..2 {
        let reply = llm.ask(&mut AskPath::new(task), Role::Judge, &judge()).await.unwrap();
        assert!(reply.content.contains("false"), "{reply:?}");
    }
    let bodies = bodies.lock().unwrap();
    let forms: Vec<bool> = bodies.iter().map(|body| body.get("response_format").is_some()).collect();
    assert_eq!(forms, [true, false, false]);
    let last = bodies[2]["messages"].as_array().unwrap().last().unwrap();
    assert!(last["content"].as_str().unwrap().contains("\"solved\""), "the schema is told: {last}");
}

#[tokio::test]
async fn each_way_to_enforce_a_schema_is_sent_as_the_server_wants_it() {
    for (way, field) in [
        ("json_schema", "response_format"),
        ("guided_json", "guided_json"),
        ("structured_outputs", "structured_outputs"),
        ("json_object", "response_format"),
        ("prompt", ""),
    ] {
        let (server, bodies) = serve(|_| Answer::text(r#"{"solved": true, "reason": "yes"}"#));
        ask(&plan(&server, &[&format!("models.teacher.structured={way}")]), Role::Judge, &judge()).await;
        let body = bodies.lock().unwrap()[0].clone();
        for known in ["response_format", "guided_json", "structured_outputs"] {
            assert_eq!(body.get(known).is_some(), known == field, "{way}: {body}");
        }
        let told = body["messages"].to_string().contains("additionalProperties");
        assert_eq!(told, matches!(way, "json_object" | "prompt"), "{way}");
    }
}

#[tokio::test]
async fn a_role_has_sampling_and_fields_of_its_own() {
    let (server, bodies) = serve(|_| Answer::text(r#"{"solved": true, "reason": "yes"}"#));
    let sets = [
        "models.teacher.temperature=0.9",
        "models.teacher.stop=[END]",
        "models.teacher.extra_body={top_k: 20, min_p: 0}",
        "roles.judge={model: teacher, temperature: 0, max_tokens: 99, seed: false, extra_body: {top_k: 1}}",
    ];
    let plan = plan(&server, &sets);
    ask(&plan, Role::Judge, &judge()).await;
    ask(&plan, Role::Solver, &act()).await;
    let bodies = bodies.lock().unwrap();
    assert_eq!(bodies[0]["temperature"], json!(0.0));
    assert_eq!(bodies[0]["max_tokens"], json!(99));
    assert_eq!((&bodies[0]["top_k"], &bodies[0]["min_p"]), (&json!(1), &json!(0)));
    assert!(bodies[0].get("seed").is_none() && bodies[1]["seed"].is_u64());
    assert_eq!((&bodies[1]["temperature"], &bodies[1]["top_k"]), (&json!(0.9), &json!(20)));
    assert!(bodies.iter().all(|body| body["stop"] == json!(["END"])));
}

#[tokio::test]
async fn anthropics_messages_are_spoken_with_its_own_headers_and_thinking_is_kept_apart() {
    let (server, bodies) = serve(|_| {
        let content = json!([
            {"type": "thinking", "thinking": "Porto, then.", "signature": "c2ln"},
            {"type": "text", "text": "I'll look."},
            {"type": "tool_use", "id": "toolu_1", "name": "get_weather", "input": {"city": "Porto"}},
        ]);
        let body = json!({"type": "message", "role": "assistant", "content": content, "stop_reason": "tool_use",
            "usage": {"input_tokens": 10, "cache_read_input_tokens": 90, "output_tokens": 20}});
        Answer::of(200, body.to_string())
    });
    let sets = [
        "models.teacher.provider=anthropic",
        "models.teacher.api_key_env=CARGO_PKG_LICENSE",
        "models.teacher.extra_headers={X-Team: $CARGO_PKG_NAME, X-Plain: as-it-is}",
    ];
    let (reply, _) = ask(&plan(&server, &sets), Role::Solver, &act()).await;
    assert_eq!(reply.reasoning, "Porto, then.");
    assert_eq!(reply.content, "I'll look.");
    assert_eq!(reply.tool_calls[0].arguments, json!({"city": "Porto"}));
    assert_eq!((reply.finish, reply.kept.len()), (Finish::Stop, 1));
    assert_eq!((reply.usage.tokens_in, reply.usage.tokens_cached, reply.usage.tokens_out), (100, 90, 20));
    let body = bodies.lock().unwrap()[0].clone();
    assert!(body["max_tokens"].is_u64() && body.get("seed").is_none());
    assert_eq!(body["tools"][0]["input_schema"]["type"], "object");
    let headers = server.headers();
    for (name, value) in [
        ("x-api-key", "Apache-2.0"),
        ("anthropic-version", "2023-06-01"),
        ("x-team", "toolloom"),
        ("x-plain", "as-it-is"),
    ] {
        assert_eq!(headers[0].get(name).map(|v| v.to_str().unwrap()), Some(value), "{name}");
    }
}

#[tokio::test]
async fn who_watches_is_told_of_each_exchange_as_it_was_sent() {
    let (server, _) = serve(|body| match body["messages"].as_array().unwrap().len() {
        2 => Answer::text("no json"),
        _ => Answer::text(r#"{"solved": true, "reason": "yes"}"#),
    });
    let seen: Arc<Mutex<Vec<(usize, String, bool)>>> = Arc::default();
    let told = Arc::clone(&seen);
    let observer = move |exchange: &Exchange<'_>| {
        let text = exchange.reply.content.clone();
        told.lock().unwrap().push((exchange.sent.messages.len(), text, exchange.remembered));
    };
    let options = LlmOptions { observer: Some(Arc::new(observer)), ..LlmOptions::default() };
    let llm =
        Llm::new(&plan(&server, &[]), Arc::new(Nobody), Templates::embedded(), &Monitor::silent(), options)
            .unwrap();
    llm.ask(&mut AskPath::new(0), Role::Judge, &judge()).await.unwrap();
    let seen = seen.lock().unwrap();
    assert_eq!(seen[0], (2, String::from("no json"), false));
    assert_eq!(seen[1].0, 4);
}
