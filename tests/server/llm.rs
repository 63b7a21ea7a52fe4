//! The OpenAI-compatible client against a loopback server.

use super::support::{Answer, Brain, Server, brain};
use serde_json::Value;
use std::sync::Arc;
use std::time::Duration;
use toolloom::config::Plan;
use toolloom::data::{ModelUse, Usages};
use toolloom::internals::journal::Journal;
use toolloom::internals::llm::{AskPath, Llm, LlmError, LlmOptions, LocalModel, Reply, Role};
use toolloom::internals::prompt::{Brief, Prompt, Scene, Templates};
use toolloom::monitor::Monitor;

/// cargo sets it for tests; it stands for a secret here.
const KEY_ENV: &str = "CARGO_PKG_LICENSE";
const KEY: &str = "Apache-2.0";

struct Nobody;

impl LocalModel for Nobody {
    fn reply(&self, _: &Prompt, _: u64) -> Reply {
        unreachable!("every role is played by the server")
    }
}

fn plan(base_url: &str, more: &[&str]) -> Plan {
    let teacher = format!(
        "models.teacher={{provider: openai, base_url: \"{base_url}\", model: m, api_key_env: {KEY_ENV}, price_in: 1, price_out: 1}}"
    );
    let mut sets = vec![teacher, String::from("limits.attempts=2")];
    sets.extend(more.iter().map(|&set| set.to_owned()));
    toolloom::config::load(None, &sets, &|_| true).unwrap_or_else(|faults| panic!("{faults:?}"))
}

fn llm(plan: &Plan, journal: Option<Journal>) -> Llm {
    let options = LlmOptions { journal, ..LlmOptions::default() };
    Llm::new(plan, Arc::new(Nobody), Templates::embedded(), &Monitor::silent(), options).unwrap()
}

fn act(words: &str) -> Prompt {
    Prompt::Act(Scene { instruction: words.to_owned(), ..Scene::default() })
}

/// Says something short that depends on the whole body.
fn echo() -> Brain {
    Arc::new(|body, _| Answer::text(&brain::hash(body)))
}

fn serve(brain: Brain) -> Server {
    Server::start(Duration::ZERO, brain)
}

async fn ask_once(server: &Server, more: &[&str]) -> Result<Reply, LlmError> {
    llm(&plan(&server.base_url, more), None).ask(&mut AskPath::new(0), Role::Solver, &act("go")).await
}

#[tokio::test]
async fn what_is_remembered_is_never_asked_again() {
    let server = serve(echo());
    let folder = tempfile::tempdir().unwrap();
    let plan = plan(&server.base_url, &[]);
    let mut rounds = Vec::new();
    for _ in 0..2 {
        let journal = Journal::open(&folder.path().join("journal.redb"), &Value::Null).unwrap();
        let llm = llm(&plan, Some(journal));
        let mut replies = Vec::new();
        for task in 0..2 {
            let mut path = AskPath::new(task);
            // The same twice, in a branch, and another.
            for _ in 0..2 {
                replies.push(llm.ask(&mut path, Role::Solver, &act("go")).await.unwrap());
            }
            replies.push(llm.ask(&mut path.branch(), Role::Solver, &act("go")).await.unwrap());
            replies.push(llm.ask(&mut path, Role::Solver, &act("stay")).await.unwrap());
        }
        rounds.push(replies);
    }
    assert_eq!(rounds[0], rounds[1]);
    assert_eq!(server.requests(), 8);
    assert_eq!(server.seen().len(), 8, "each has its own seed, from task, branch and count");
    assert!(server.keys().iter().all(|key| *key == format!("Bearer {KEY}")));
    let bytes = std::fs::read(folder.path().join("journal.redb")).unwrap();
    assert!(!bytes.windows(KEY.len()).any(|window| window == KEY.as_bytes()), "no key in the journal");
}

#[tokio::test]
async fn a_wrong_key_stops_the_run_with_one_message_that_holds_no_key() {
    let server = serve(Arc::new(|_, _| {
        Answer::of(401, format!(r#"{{"error": {{"message": "Incorrect API key provided: {KEY}"}}}}"#))
    }));
    let error = ask_once(&server, &[]).await.unwrap_err();
    assert!(matches!(error, LlmError::Refused(_)) && error.stops_run());
    let text = error.to_string();
    for part in ["`teacher`", "127.0.0.1", KEY_ENV, "status 401", "Incorrect API key provided: [key]"] {
        assert!(text.contains(part), "{part} is missing in: {text}");
    }
    assert!(!text.contains(KEY) && !format!("{error:?}").contains(KEY), "{text}");
    assert_eq!(server.requests(), 1, "no second attempt");
}

#[tokio::test]
async fn a_missing_model_stops_the_run_and_names_it() {
    let server = serve(brain::always(404, r#"{"error": {"message": "The model `m` does not exist."}}"#));
    let text = ask_once(&server, &[]).await.unwrap_err().to_string();
    assert!(text.contains("The model `m` does not exist.") && text.contains("has the model `m`"), "{text}");
}

#[tokio::test]
async fn a_dead_server_leaves_the_task_unfinished() {
    // Bound and dropped: nobody listens there.
    let port = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
    let plan = plan(&format!("http://127.0.0.1:{port}/v1"), &[]);
    let error = llm(&plan, None).ask(&mut AskPath::new(0), Role::Solver, &act("go")).await.unwrap_err();
    assert!(matches!(error, LlmError::Unreachable { attempts: 2, .. }) && !error.stops_run(), "{error}");
    assert!(error.to_string().contains("refused"), "{error}");
}

#[tokio::test]
async fn an_overloaded_server_is_asked_again_after_the_wait_it_names() {
    let server = serve(Arc::new(|_, before| match before {
        0 => Answer { headers: vec![("retry-after", String::from("0.3"))], ..Answer::of(429, "slow down") },
        _ => Answer::text("well"),
    }));
    let begun = std::time::Instant::now();
    let llm = llm(&plan(&server.base_url, &[]), None);
    let reply = llm.ask(&mut AskPath::new(0), Role::Solver, &act("go")).await.unwrap();
    assert_eq!(reply.content, "well");
    assert!(begun.elapsed() >= Duration::from_millis(300));
    assert_eq!((llm.stats().retries, llm.stats().asked), (1, 1));
}

#[tokio::test]
async fn a_server_that_fails_in_all_attempts_is_unreachable() {
    let server = serve(brain::always(503, "no worker"));
    let error = ask_once(&server, &[]).await.unwrap_err();
    assert!(matches!(error, LlmError::Unreachable { .. }), "{error}");
    assert!(error.to_string().contains("status 503: no worker"), "{error}");
    assert_eq!(server.requests(), 2);
}

#[tokio::test]
async fn nonsense_is_a_reply_with_a_fault() {
    for (body, fault) in
        [("{\"choices\": []}", "no choice"), ("{\"error\": {\"message\": \"sorry\"}}", "sorry")]
    {
        let reply = ask_once(&serve(brain::always(200, body)), &[]).await.unwrap();
        assert!(reply.fault.contains(fault), "{}", reply.fault);
        assert!(reply.content.is_empty() && reply.tool_calls.is_empty());
    }
    let long = serve(Arc::new(|_, _| Answer::text(&"x".repeat(5000))));
    let reply = ask_once(&long, &["limits.reply_bytes=4096"]).await.unwrap();
    assert!(reply.fault.contains("limits.reply_bytes"), "{}", reply.fault);
}

#[tokio::test]
async fn a_rejected_request_stops_a_run_that_never_got_a_reply_and_is_data_afterwards() {
    let server = serve(Arc::new(|body, _| {
        let long = body["messages"][1]["content"].as_str().unwrap().contains("long");
        if long { Answer::of(400, r#"{"error": {"message": "too long"}}"#) } else { Answer::text("well") }
    }));
    let llm = llm(&plan(&server.base_url, &[]), None);
    let mut path = AskPath::new(0);
    let error = llm.ask(&mut path, Role::Solver, &act("long")).await.unwrap_err();
    assert!(error.to_string().contains("status 400: too long"), "{error}");
    llm.ask(&mut path, Role::Solver, &act("go")).await.unwrap();
    let reply = llm.ask(&mut path, Role::Solver, &act("long")).await.unwrap();
    assert!(reply.fault.contains("status 400: too long"), "{}", reply.fault);
}

#[tokio::test]
async fn a_prompt_that_is_too_long_ends_no_run_that_was_served_in_an_earlier_session() {
    let long = r#"{"error": {"code": 400, "message": "too long", "type": "exceed_context_size_error"}}"#;
    for (body, is_data) in [(long, true), (r#"{"error": {"message": "no field `tools`"}}"#, false)] {
        let server = serve(brain::always(400, body));
        let llm = llm(&plan(&server.base_url, &[]), None);
        let mut earlier = Usages::default();
        earlier.add("teacher", Role::Writer, &ModelUse { calls: 1, tokens_out: 9, ..ModelUse::default() });
        llm.charge(&earlier);
        let asked = llm.ask(&mut AskPath::new(0), Role::Solver, &act("go")).await;
        match asked {
            Ok(reply) => assert!(is_data && reply.fault.contains("status 400"), "{}", reply.fault),
            Err(error) => assert!(!is_data, "{error}"),
        }
    }
}

#[tokio::test]
async fn no_call_is_made_that_could_break_a_ceiling() {
    let server = serve(echo());
    for (set, limit) in
        [("limits.tokens=2600", "limits.tokens"), ("limits.cost_usd=0.0026", "limits.cost_usd")]
    {
        let llm = llm(&plan(&server.base_url, &[set]), None);
        let asked: Vec<_> = (0..40)
            .map(|task| {
                let llm = llm.clone();
                tokio::spawn(async move { llm.ask(&mut AskPath::new(task), Role::Solver, &act("go")).await })
            })
            .collect();
        let mut done = 0;
        for outcome in asked {
            match outcome.await.unwrap() {
                Ok(_) => done += 1,
                Err(error) => assert!(error.to_string().contains(limit), "{error}"),
            }
        }
        // A call costs 110 and may cost some 1,100, so a dozen fit.
        assert!((8..20).contains(&done), "{done}");
        let error = llm.ask(&mut AskPath::new(99), Role::Solver, &act("go")).await.unwrap_err();
        assert!(matches!(error, LlmError::BudgetExhausted { .. }) && error.stops_run());
    }
}

#[tokio::test]
async fn no_more_requests_are_in_flight_than_allowed() {
    let server = Server::start(Duration::from_millis(20), echo());
    let llm = llm(&plan(&server.base_url, &["limits.in_flight=3"]), None);
    let asks = (0..20).map(|task| {
        let llm = llm.clone();
        async move { llm.ask(&mut AskPath::new(task), Role::Solver, &act("go")).await.unwrap() }
    });
    futures_util::future::join_all(asks).await;
    assert_eq!(server.most_in_flight(), 3);
}

#[tokio::test]
async fn a_stop_lets_the_request_in_flight_end_and_begins_no_other() {
    let server = Server::start(Duration::from_millis(200), echo());
    let plan = plan(&server.base_url, &[]);
    let (stop, stopped) = tokio::sync::watch::channel(false);
    let options = LlmOptions { stop: Some(stopped), ..LlmOptions::default() };
    let llm = Llm::new(&plan, Arc::new(Nobody), Templates::embedded(), &Monitor::silent(), options).unwrap();
    let first = {
        let llm = llm.clone();
        tokio::spawn(async move { llm.ask(&mut AskPath::new(0), Role::Solver, &act("go")).await })
    };
    tokio::time::sleep(Duration::from_millis(80)).await;
    stop.send(true).unwrap();
    assert!(first.await.unwrap().is_ok());
    let second = llm.ask(&mut AskPath::new(1), Role::Solver, &act("go")).await;
    assert!(matches!(second, Err(LlmError::Stopped)));
    assert_eq!(server.requests(), 1);
}

#[tokio::test]
async fn a_failed_attempt_holds_nothing_that_another_request_waits_for() {
    // One request at a time, a ceiling that two cannot be under at once, and every first attempt fails.
    let server = serve(Arc::new(|_, before| match before {
        0 => Answer::of(500, "once"),
        _ => Answer::text("well"),
    }));
    let sets = ["limits.in_flight=1", "limits.tokens=1500", "limits.backoff_ms=20"];
    let llm = llm(&plan(&server.base_url, &sets), None);
    let asks = (0..3).map(|task| {
        let llm = llm.clone();
        async move { llm.ask(&mut AskPath::new(task), Role::Solver, &act("go")).await }
    });
    let all = tokio::time::timeout(Duration::from_secs(20), futures_util::future::join_all(asks)).await;
    let done = all.expect("nobody waits for ever").into_iter().flatten().count();
    assert!(done >= 2, "{done}");
}

#[tokio::test]
async fn a_rejection_at_the_start_waits_for_the_fate_of_others() {
    // Slow for the good one, so that the rejection comes first.
    let server = Server::start(
        Duration::from_millis(30),
        Arc::new(|body, _| {
            let bad = body["messages"][1]["content"].as_str().unwrap().contains("bad");
            if bad { Answer::of(400, r#"{"error": {"message": "not this"}}"#) } else { Answer::text("well") }
        }),
    );
    let llm = llm(&plan(&server.base_url, &["limits.in_flight=1"]), None);
    let (mut first, mut second) = (AskPath::new(0), AskPath::new(1));
    let (bad, good) = (act("bad"), act("go"));
    let bad = llm.ask(&mut first, Role::Solver, &bad);
    let good = llm.ask(&mut second, Role::Solver, &good);
    let (bad, good) = futures_util::future::join(bad, good).await;
    assert_eq!(good.unwrap().content, "well");
    let reply = bad.unwrap();
    assert!(reply.fault.contains("status 400: not this"), "{}", reply.fault);
    assert_eq!(reply.usage.tokens_in, 0, "a rejection takes nothing");
}

#[tokio::test]
async fn an_error_page_larger_than_a_reply_is_still_the_error_that_it_is() {
    let page = "x".repeat(6000);
    let server = serve(Arc::new(move |_, before| match before {
        0 => Answer::of(503, page.clone()),
        _ => Answer::text("well"),
    }));
    let reply = ask_once(&server, &["limits.reply_bytes=4096", "limits.backoff_ms=1"]).await.unwrap();
    assert_eq!(reply.content, "well");
}

#[tokio::test]
async fn a_server_that_takes_no_tools_ends_the_run_with_advice_though_it_writes() {
    let server = serve(Arc::new(|body, _| match body.get("tools") {
        Some(_) => Answer::of(
            400,
            r#"{"error": {"message": "\"auto\" tool choice requires --enable-auto-tool-choice"}}"#,
        ),
        None => Answer::text(r#"{"instruction": "Go."}"#),
    }));
    let llm = llm(&plan(&server.base_url, &["limits.backoff_ms=1"]), None);
    let mut path = AskPath::new(0);
    llm.ask(&mut path, Role::Writer, &Prompt::WriteInstruction(Brief::default())).await.unwrap();
    let error = llm.ask(&mut path, Role::Solver, &act("go")).await.unwrap_err();
    assert!(error.stops_run() && error.to_string().contains("tool_mode: hermes"), "{error}");
}

#[tokio::test]
async fn a_page_in_place_of_an_answer_ends_the_run_and_costs_nothing() {
    let server = serve(brain::always(200, "<h1>Welcome to nginx!</h1>"));
    let llm = llm(&plan(&server.base_url, &["limits.backoff_ms=1"]), None);
    let error = llm.ask(&mut AskPath::new(0), Role::Solver, &act("go")).await.unwrap_err();
    assert!(error.stops_run(), "{error}");
    let text = error.to_string();
    assert!(text.contains("Welcome to nginx!") && text.contains("check that `base_url` ends"), "{text}");
    assert_eq!(llm.stats().asked, 0, "nothing was answered");
    assert_eq!(server.requests(), 2, "it might have been a gateway's");
}

#[tokio::test]
async fn pages_in_place_of_all_answers_end_the_run_before_each_was_asked_at_every_attempt() {
    let server = serve(brain::always(200, "<h1>Welcome to nginx!</h1>"));
    let sets = ["limits.backoff_ms=1", "limits.attempts=50", "limits.pauses=50"];
    let llm = llm(&plan(&server.base_url, &sets), None);
    let asked = (0..6).map(|task| {
        let llm = llm.clone();
        async move { llm.ask(&mut AskPath::new(task), Role::Solver, &act("go")).await }
    });
    let ends = futures_util::future::join_all(asked).await;
    assert!(ends.iter().all(|end| matches!(end, Err(LlmError::Refused(_)))), "{ends:?}");
    assert!(server.requests() <= 6 * 3, "{} attempts", server.requests());
}
