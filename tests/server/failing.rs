//! A request that fails at every attempt: rejected where the server serves others, left unfinished where it serves nobody.

use super::support::{Answer, Brain, Server};
use serde_json::Value;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;
use toolloom::data::{Reason, Stage};
use toolloom::internals::builtin::Builtin;
use toolloom::internals::journal::{Journal, JournalError};
use toolloom::internals::llm::{AskPath, Llm, LlmError, LlmOptions, Reply, Role};
use toolloom::internals::prompt::{Brief, Prompt, Scene, Templates, Trial};
use toolloom::monitor::Monitor;

/// What a request holds that fails.
const BAD: &str = "xyzzy";
const PAGE: &str = "<html><h1>502 Bad Gateway</h1></html>";
const CUT: &str = "{\"choices\": [{\"message\": {\"role\": \"assistant\", \"content\": \"We";

fn llm(server: &Server, journal: &Path) -> Llm {
    let teacher = format!("models.teacher={{provider: openai, base_url: \"{}\", model: m}}", server.base_url);
    let sets =
        ["limits.attempts=3", "limits.backoff_ms=10", "limits.timeout_ms=300", "limits.pauses=1", &teacher];
    let plan = toolloom::config::load(None, &sets.map(str::to_owned), &|_| true).unwrap();
    let options = LlmOptions { journal: Some(open(journal)), ..LlmOptions::default() };
    Llm::new(&plan, Arc::new(Builtin), Templates::embedded(), &Monitor::silent(), options).unwrap()
}

/// Opens a journal as soon as a handle that was dropped has let go of it.
fn open(journal: &Path) -> Journal {
    loop {
        match Journal::open(journal, &Value::Null) {
            Err(JournalError::InUse { .. }) => std::thread::sleep(Duration::from_millis(5)),
            opened => return opened.unwrap(),
        }
    }
}

fn act(words: &str) -> Prompt {
    Prompt::Act(Scene { instruction: words.to_owned(), ..Scene::default() })
}

async fn ask(llm: &Llm, task: u64, words: &str) -> Result<Reply, LlmError> {
    llm.ask(&mut AskPath::new(task), Role::Solver, &act(words)).await
}

/// Asks for something while another task asks for one good reply after another.
async fn among_others(llm: &Llm, role: Role, prompt: &Prompt) -> Result<Reply, LlmError> {
    let others = async {
        for task in 1.. {
            // They may be held up, but are served.
            ask(llm, task, "go").await.ok();
            tokio::time::sleep(Duration::from_millis(2)).await;
        }
    };
    let mut path = AskPath::new(0);
    tokio::select! {
        end = llm.ask(&mut path, role, prompt) => end,
        () = others => unreachable!("they go on for ever"),
    }
}

/// Fails at whatever is bad.
fn fails(status: u16, body: &'static str) -> Brain {
    Arc::new(
        move |sent, _| {
            if sent.to_string().contains(BAD) { Answer::of(status, body) } else { Answer::text("well") }
        },
    )
}

#[tokio::test]
async fn a_request_that_fails_at_every_attempt_while_others_are_served_is_rejected_by_its_error() {
    let folder = tempfile::tempdir().unwrap();
    for (i, (status, body, rule, said)) in [
        (500, "grammar error", "status_500", "status 500: grammar error"),
        (502, "no upstream", "status_502", "status 502: no upstream"),
        (503, "no worker", "status_503", "no worker"),
        (504, "too slow", "status_504", "too slow"),
        (429, "not you", "status_429", "not you"),
        (200, "", "empty_reply", "the reply is empty"),
        (200, PAGE, "foreign_reply", "502 Bad Gateway"),
        (200, CUT, "cut_reply", "the reply is cut off or damaged: {\"choices\""),
        (200, "{\"error\": {\"code\": 502, \"message\": \"upstream\"}}", "status_502", "upstream"),
    ]
    .into_iter()
    .enumerate()
    {
        let server = Server::start(Duration::ZERO, fails(status, body));
        let journal = folder.path().join(format!("{i}.redb"));
        let asked = || server.seen().values().copied().max();
        let of_bad = if status == 429 { 12 } else { 3 };
        let first = {
            let llm = llm(&server, &journal);
            let Err(LlmError::Failed(reason)) = among_others(&llm, Role::Solver, &act(BAD)).await else {
                panic!("{status} {body}: it is not rejected")
            };
            reason
        };
        assert_eq!((first.stage, first.rule.as_str()), (Stage::Search, rule));
        assert!(first.reason.contains(said), "{}", first.reason);
        assert_eq!(asked(), Some(of_bad), "{rule}");

        // It is remembered like a reply, and forgotten like one.
        let again = ask(&llm(&server, &journal), 0, BAD).await;
        assert!(matches!(again, Err(LlmError::Failed(reason)) if reason == first));
        assert_eq!(asked(), Some(of_bad), "{rule}: it is asked again");
        let held = open(&journal);
        assert_eq!(held.held().unwrap().faults, 1);
        held.forget(Stage::Search).await.unwrap();
        drop(held);
        assert!(ask(&llm(&server, &journal), 0, BAD).await.is_err());
        assert!(asked() > Some(of_bad), "{rule}: it is not asked again");
    }
}

#[tokio::test]
async fn a_request_that_is_never_answered_is_rejected_like_any_other() {
    let folder = tempfile::tempdir().unwrap();
    let slow: Brain = Arc::new(|sent, _| {
        let wait = if sent.to_string().contains(BAD) { Duration::from_secs(60) } else { Duration::ZERO };
        Answer { wait, ..Answer::text("well") }
    });
    let server = Server::start(Duration::ZERO, slow);
    let llm = llm(&server, &folder.path().join("journal.redb"));
    let Err(LlmError::Failed(reason)) = among_others(&llm, Role::Solver, &act(BAD)).await else {
        panic!("it is not rejected")
    };
    assert_eq!(reason.rule, "timed_out");
    assert!(reason.reason.contains("no reply in time"), "{}", reason.reason);
}

#[tokio::test]
async fn a_rejection_names_the_stage_that_asked() {
    let folder = tempfile::tempdir().unwrap();
    let messages = vec![toolloom::data::Message::text(toolloom::data::Role::Assistant, BAD)];
    let judged = Trial { messages, ..Trial::default() };
    let wanted = Brief { domain: String::from(BAD), ..Brief::default() };
    for (role, prompt, stage) in [
        (Role::Writer, Prompt::WriteInstruction(wanted), Stage::Instruct),
        (Role::Solver, act(BAD), Stage::Search),
        (Role::Judge, Prompt::Judge(judged), Stage::Filter),
    ] {
        let server = Server::start(Duration::ZERO, fails(502, "no"));
        let llm = llm(&server, &folder.path().join(format!("{role:?}.redb")));
        let end = among_others(&llm, role, &prompt).await;
        assert!(matches!(&end, Err(LlmError::Failed(Reason { stage: of, .. })) if *of == stage), "{end:?}");
    }
}

#[tokio::test]
async fn a_reply_that_is_empty_a_page_or_cut_off_is_asked_for_again() {
    let folder = tempfile::tempdir().unwrap();
    for (i, body) in ["", PAGE, CUT, "null"].into_iter().enumerate() {
        let brain: Brain = Arc::new(move |_, before| match before {
            0 | 1 => Answer::of(200, body),
            _ => Answer::text("well"),
        });
        let server = Server::start(Duration::ZERO, brain);
        let llm = llm(&server, &folder.path().join(format!("{i}.redb")));
        assert_eq!(ask(&llm, 0, "go").await.unwrap().content, "well", "{body}");
        assert_eq!((server.requests(), llm.stats().retries, llm.stats().faults), (3, 2, 0), "{body}");
    }
}

#[tokio::test]
async fn a_server_that_goes_down_leaves_what_it_was_asked_unfinished_though_it_served_others_before() {
    let folder = tempfile::tempdir().unwrap();
    let served = Arc::new(std::sync::atomic::AtomicUsize::new(0));
    let count = Arc::clone(&served);
    // It has answered some, and then fails at all that it has and gets.
    let brain: Brain = Arc::new(move |_, _| match count.fetch_add(1, std::sync::atomic::Ordering::SeqCst) {
        0..10 => Answer::text("well"),
        _ => Answer::of(502, "no upstream"),
    });
    let server = Server::start(Duration::from_millis(20), brain);
    let llm = llm(&server, &folder.path().join("journal.redb"));
    let asked = (0..40).map(|task| {
        let llm = llm.clone();
        async move { ask(&llm, task, "go").await }
    });
    let ends = futures_util::future::join_all(asked).await;
    assert_eq!(ends.iter().filter(|end| end.is_ok()).count(), 10);
    let unfinished = ends.iter().filter(|end| matches!(end, Err(LlmError::Unreachable { .. })));
    assert_eq!(unfinished.count(), 30, "{ends:?}");
}

#[tokio::test]
async fn a_server_that_ends_what_it_has_begun_and_takes_nothing_new_serves_nobody() {
    let folder = tempfile::tempdir().unwrap();
    let brain: Brain = Arc::new(|sent, _| {
        if sent.to_string().contains(BAD) {
            return Answer::of(503, "going down");
        }
        // Begun before, and served while the other is asked again and again.
        Answer { wait: Duration::from_millis(60), ..Answer::text("well") }
    });
    let server = Server::start(Duration::ZERO, brain);
    let llm = llm(&server, &folder.path().join("journal.redb"));
    let late = async {
        tokio::time::sleep(Duration::from_millis(20)).await;
        ask(&llm, 1, BAD).await
    };
    let (early, late) = futures_util::future::join(ask(&llm, 0, "go"), late).await;
    early.unwrap();
    assert!(matches!(late, Err(LlmError::Unreachable { .. })), "{late:?}");
}

#[tokio::test]
async fn what_is_remembered_does_not_say_that_a_server_serves() {
    let folder = tempfile::tempdir().unwrap();
    let server = Server::start(Duration::ZERO, fails(502, "no upstream"));
    let llm = llm(&server, &folder.path().join("journal.redb"));
    for task in 1..60 {
        ask(&llm, task, "go").await.unwrap();
    }
    // Nobody is served from now on: all others have their replies.
    let others = async {
        for task in (1..60).cycle() {
            ask(&llm, task, "go").await.unwrap();
            tokio::time::sleep(Duration::from_millis(1)).await;
        }
    };
    let end = tokio::select! {
        end = ask(&llm, 0, BAD) => end,
        () = others => unreachable!("they go on for ever"),
    };
    assert!(matches!(end, Err(LlmError::Unreachable { .. })), "{end:?}");
}
