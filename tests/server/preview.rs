//! A preview shows what would be sent and what came of it; what it paid for is the run's.

use super::cast;
use super::folder::{complete, tables, text, toolloom};
use super::support::{Answer, Server};
use std::sync::{Arc, OnceLock};
use std::time::Duration;

#[test]
fn a_preview_shows_all_and_the_run_reuses_what_it_paid_for() {
    let folder = tempfile::tempdir().unwrap();
    let at = folder.path().join("run");
    let server = Server::start(Duration::ZERO, cast::cast());
    let model = format!(
        "models.teacher={{provider: openai, base_url: \"{}\", model: m, price_in: 1, price_out: 2}}",
        server.base_url
    );
    let sets = ["instruct.tasks=8", &model];
    let shown = text(&complete(toolloom("preview", &at, &sets)).stdout);
    let asked = server.requests();
    for words in [
        "━━━ task 0 ",
        "━━━ task 2 ",
        "[1] writer · model teacher (m) · as sent",
        "[2] solver",
        "    system\n",
        "What they want:",
        "the reply must be JSON of the schema: instruction",
        " messages as in [",
        "⇒ reply · 100 tokens in, 10 out, $0.000120",
        "the search, with a star",
        "\n  dropped by filter · ",
        "\n  scores: ",
        "at this rate 8 tasks take about ",
        "run --set 'crawl.sources=",
    ] {
        assert!(shown.contains(words), "{words}: {shown}");
    }
    assert_eq!(shown.matches("⇒ reply").count(), asked, "every exchange is shown");
    assert!(!shown.contains("━━━ task 3 "));
    assert!(at.join("journal.redb").exists());
    assert!(!at.join("manifest.json").exists() && !at.join("data").exists(), "only the journal is written");

    assert_eq!(text(&complete(toolloom("preview", &at, &sets)).stdout), shown);
    let mut offline = toolloom("preview", &at, &sets);
    offline.arg("--offline");
    assert_eq!(text(&complete(offline).stdout), shown);
    assert_eq!(server.requests(), asked, "nothing is asked twice");

    complete(toolloom("run", &at, &sets));
    assert!(server.requests() > asked && server.seen().values().all(|count| *count == 1));
    let before = tables(&at);
    assert_eq!(text(&complete(toolloom("preview", &at, &sets)).stdout), shown, "and after the run as well");
    assert!(before == tables(&at));
}

#[test]
fn the_built_in_model_is_shown_what_a_server_would_get() {
    let folder = tempfile::tempdir().unwrap();
    let at = folder.path().join("run");
    let mut first = toolloom("preview", &at, &[]);
    first.args(["-n", "2"]);
    let shown = text(&complete(first).stdout);
    for words in
        ["not sent: the built-in model reads the typed prompt", "2 tasks finished, ", "nothing was sent"]
    {
        assert!(shown.contains(words), "{words}: {shown}");
    }
    let mut again = toolloom("preview", &at, &[]);
    again.args(["-n", "2"]);
    assert_eq!(text(&complete(again).stdout), shown);
    let mut full = toolloom("preview", &at, &[]);
    full.args(["-n", "2", "--full"]);
    let full = text(&complete(full).stdout);
    assert!(full.contains("\"properties\"") && !full.contains(" messages as in ["), "{full}");
}

#[test]
fn a_task_that_cannot_be_finished_is_shown_as_far_as_it_came() {
    let folder = tempfile::tempdir().unwrap();
    let cast = cast::cast();
    let server = Server::start(
        Duration::ZERO,
        Arc::new(move |body, before| match body.get("tools") {
            None => cast(body, before),
            Some(_) => Answer::of(503, "going down"),
        }),
    );
    let model = format!("models.teacher={{provider: openai, base_url: \"{}\", model: m}}", server.base_url);
    let sets = ["limits.attempts=1", "limits.pauses=1", "limits.backoff_ms=1", &model];
    let output = toolloom("preview", folder.path(), &sets).output().unwrap();
    let (shown, complained) = (text(&output.stdout), text(&output.stderr));
    assert_eq!(output.status.code(), Some(4), "{complained}");
    assert!(shown.contains("[1] writer") && shown.contains("left unfinished here"), "{shown}");
    assert!(complained.contains("going down"), "{complained}");
}

#[test]
fn what_is_in_flight_when_a_preview_fails_is_remembered() {
    let folder = tempfile::tempdir().unwrap();
    let (cast, first) = (cast::cast(), OnceLock::new());
    // Whatever is asked first is refused, at once; all else takes its time.
    let failing = Server::start(
        Duration::ZERO,
        Arc::new(move |body, before| {
            if first.get_or_init(|| body.clone()) == body {
                return Answer::of(401, "not you");
            }
            std::thread::sleep(Duration::from_millis(300));
            cast(body, before)
        }),
    );
    let preview = |server: &Server, tasks: &str| {
        let model =
            format!("models.teacher={{provider: openai, base_url: \"{}\", model: m}}", server.base_url);
        let sets = ["limits.attempts=1", "limits.pauses=1", "limits.backoff_ms=1", &model];
        let mut command = toolloom("preview", folder.path(), &sets);
        command.args(["-n", tasks]);
        command
    };
    let output = preview(&failing, "1").output().unwrap();
    assert_eq!(output.status.code(), Some(4), "{}", text(&output.stderr));
    let refused = failing.seen();
    let output = preview(&failing, "4").output().unwrap();
    assert_eq!(output.status.code(), Some(4), "{}", text(&output.stderr));
    let answered: Vec<String> =
        failing.seen().into_keys().filter(|body| !refused.contains_key(body)).collect();
    assert!(!answered.is_empty(), "other tasks were begun");

    let good = Server::start(Duration::ZERO, cast::cast());
    complete(preview(&good, "4"));
    let again = good.seen();
    assert!(answered.iter().all(|body| !again.contains_key(body)), "what was paid for is asked again");
}
