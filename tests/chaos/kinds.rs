//! Each kind of fault by itself: what passes is asked again until it has passed, what lasts is a reply, remembered as one.

use crate::binary::KEY_ENV;
use crate::faults::{FAIR, Lasting, Mood, Passing, Weather};
use crate::server::{Room, room};
use serde_json::Value;
use std::path::Path;
use std::sync::Arc;
use toolloom::internals::builtin::Builtin;
use toolloom::internals::journal::Journal;
use toolloom::internals::llm::{AskPath, Llm, LlmError, LlmOptions, Reply, Role};
use toolloom::internals::prompt::{Prompt, Scene, Templates};
use toolloom::monitor::Monitor;

fn llm(room: &Room, journal: &Path) -> Llm {
    let teacher = format!("models.teacher={{provider: openai, base_url: \"{}\", model: m}}", room.base_url);
    let sets = ["limits.attempts=2", "limits.backoff_ms=5", "limits.timeout_ms=400", &teacher];
    let plan = toolloom::config::load(None, &sets.map(str::to_owned), &|name| name == KEY_ENV)
        .unwrap_or_else(|faults| panic!("{faults:?}"));
    let journal = Journal::open(journal, &Value::Null).unwrap();
    let options = LlmOptions { journal: Some(journal), ..LlmOptions::default() };
    Llm::new(&plan, Arc::new(Builtin), Templates::embedded(), &Monitor::silent(), options).unwrap()
}

async fn ask(llm: &Llm, words: &str) -> Result<Reply, LlmError> {
    let scene = Scene { instruction: words.to_owned(), ..Scene::default() };
    llm.ask(&mut AskPath::new(0), Role::Solver, &Prompt::Act(scene)).await
}

#[tokio::test]
async fn whatever_passes_costs_one_more_attempt_and_nothing_else() {
    let folder = tempfile::tempdir().unwrap();
    let asked = Passing::DRAWN.into_iter().enumerate().map(|(i, fault)| {
        let journal = folder.path().join(format!("{i}.redb"));
        async move {
            let room = room(Weather { always: Some(Mood::Passing(fault)), ..FAIR });
            let reply = ask(&llm(&room, &journal), "go").await;
            assert!(reply.as_ref().is_ok_and(|reply| reply.fault.is_empty()), "{fault:?}: {reply:?}");
            assert_eq!(room.requests(), 2, "{fault:?}");
        }
    });
    futures_util::future::join_all(asked).await;
}

#[tokio::test]
async fn whatever_lasts_is_a_reply_that_is_asked_for_once() {
    let folder = tempfile::tempdir().unwrap();
    for (i, fault) in Lasting::ALL.into_iter().enumerate() {
        let room = room(Weather { always: Some(Mood::Lasting(fault)), ..FAIR });
        let journal = folder.path().join(format!("{i}.redb"));
        let mut replies = Vec::new();
        for _ in 0..2 {
            replies.push(ask(&llm(&room, &journal), "go").await);
        }
        if fault == Lasting::Rejected {
            // From a server that has never served it is a wrong configuration.
            assert!(replies.iter().all(|reply| matches!(reply, Err(LlmError::Refused(_)))), "{replies:?}");
            continue;
        }
        let replies: Vec<Reply> = replies.into_iter().map(Result::unwrap).collect();
        assert_eq!(replies[0], replies[1], "{fault:?}");
        assert_eq!(room.requests(), 1, "{fault:?}");
    }
}
