//! Judges: asked of the rows that rules keep and of no other, once a row; adding one to a finished run asks it alone.

use super::cast;
use super::folder::{complete, tables, text, toolloom};
use super::support::{Answer, Brain, Server};
use serde_json::{Value, json};
use std::path::Path;
use std::process::Output;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

/// What the judges of these tests are told, by which their requests are known.
const RUBRIC: &str = "The user is spoken to kindly.";

fn run(output: &Path, server: &Server, sets: &[&str]) -> Output {
    let teacher = format!("models.teacher={{provider: openai, base_url: \"{}\", model: m}}", server.base_url);
    let fixed = ["instruct.tasks=16", teacher.as_str()];
    let mut command = toolloom("run", output, &[&fixed, sets].concat());
    command.arg("--quiet");
    complete(command)
}

fn manifest(folder: &Path) -> Value {
    serde_json::from_slice(&std::fs::read(folder.join("manifest.json")).unwrap()).unwrap()
}

/// Rows that the rules of one row keep: the others of the corpus look at them, too.
fn rows_of_rules(folder: &Path) -> u64 {
    let manifest = manifest(folder);
    let filter = &manifest["funnel"]["stages"][3];
    let late =
        ["duplicates", "skeletons", "judged"].map(|rule| filter["dropped"][rule].as_u64().unwrap_or(0));
    filter["kept"].as_u64().unwrap() + late.iter().sum::<u64>()
}

/// The cast, but for a judge that is asked for kindness, always says `solved`, and counts how often it is asked.
fn with_judge(solved: bool) -> (Server, Arc<AtomicUsize>) {
    let (others, asked) = (cast::cast(), Arc::<AtomicUsize>::default());
    let counted = Arc::clone(&asked);
    let brain: Brain = Arc::new(move |sent: &Value, n| {
        if !sent.to_string().contains(RUBRIC) {
            return others(sent, n);
        }
        counted.fetch_add(1, Ordering::SeqCst);
        Answer::text(&json!({"solved": solved, "reason": "It is so."}).to_string())
    });
    (Server::start(Duration::ZERO, brain), asked)
}

#[test]
fn a_judge_that_is_added_is_asked_once_a_row_and_nothing_else_is_asked_again() {
    let folder = tempfile::tempdir().unwrap();
    let (server, asked) = with_judge(true);
    run(folder.path(), &server, &[]);
    let (before, rows) = (server.requests(), rows_of_rules(folder.path()) as usize);
    let kept = manifest(folder.path())["counts"]["rows"].clone();
    let plain = tables(folder.path());
    assert!(rows > 2, "{rows} rows");

    let judge = format!("filter.judges.kind={{rows: all, rubric: {RUBRIC}}}");
    run(folder.path(), &server, &[&judge]);
    assert_eq!((server.requests() - before, asked.load(Ordering::SeqCst)), (rows, rows));
    let judged = manifest(folder.path());
    assert_eq!(judged["counts"]["rows"], kept);
    assert_eq!(judged["spend"]["by_stage"]["filter"]["calls"], json!(rows));

    // Once more, without sending anything, and without the judge: nothing is asked.
    run(folder.path(), &server, &[&judge]);
    let mut offline = toolloom("run", folder.path(), &["instruct.tasks=16", &judge]);
    offline.args(["--quiet", "--offline", "--set"]);
    offline.arg(format!("models.teacher={{provider: openai, base_url: \"{}\", model: m}}", server.base_url));
    complete(offline);
    run(folder.path(), &server, &[]);
    assert_eq!(server.requests() - before, rows);
    let again = tables(folder.path());
    assert!(plain == again, "without the judge the files are what they were");
}

#[test]
fn a_row_that_a_judge_refuses_is_rejected_with_its_words() {
    let folder = tempfile::tempdir().unwrap();
    let (server, asked) = with_judge(false);
    let judge = format!("filter.judges.kind={{rows: all, rubric: {RUBRIC}}}");
    run(folder.path(), &server, &[&judge]);
    let manifest = manifest(folder.path());
    assert_eq!(manifest["counts"]["rows"], json!(0));
    let rows = asked.load(Ordering::SeqCst);
    assert!(rows > 2);
    assert_eq!(manifest["funnel"]["stages"][3]["dropped"]["judged"], json!(rows));
    let mut inspect = std::process::Command::new(env!("CARGO_BIN_EXE_toolloom"));
    let said = inspect.args(["inspect", "--rejected"]).arg(folder.path()).output().unwrap();
    assert!(text(&said.stdout).contains("judged"), "{}", text(&said.stdout));
}

#[test]
fn a_judge_that_serves_nobody_leaves_its_rows_open_and_the_next_run_asks_for_them_alone() {
    let folder = tempfile::tempdir().unwrap();
    let (server, _) = with_judge(true);
    run(folder.path(), &server, &[]);
    let (before, rows) = (server.requests(), rows_of_rules(folder.path()) as usize);
    let judge = format!("filter.judges.kind={{rows: all, model: away, rubric: {RUBRIC}}}");
    let teacher = format!("models.teacher={{provider: openai, base_url: \"{}\", model: m}}", server.base_url);
    let away = "models.away={provider: openai, base_url: \"http://127.0.0.1:9/v1\", model: k}";
    let sets = [
        "instruct.tasks=16",
        &teacher,
        away,
        &judge,
        "limits.attempts=2",
        "limits.pauses=0",
        "limits.backoff_ms=1",
    ];
    let mut command = toolloom("run", folder.path(), &sets);
    command.arg("--quiet");
    let output = command.output().unwrap();
    assert_eq!(output.status.code(), Some(4), "{}", text(&output.stderr));
    assert_eq!(server.requests(), before);
    let left = manifest(folder.path());
    let open: u64 = left["open"]
        .as_array()
        .unwrap()
        .iter()
        .map(|run| 1 + run[1].as_u64().unwrap() - run[0].as_u64().unwrap())
        .sum();
    assert_eq!(open as usize, rows, "{}", left["open"]);
    let back = away.replace("http://127.0.0.1:9/v1", &server.base_url);
    complete(toolloom("run", folder.path(), &["instruct.tasks=16", &teacher, &back, &judge]));
    assert_eq!((server.requests() - before, manifest(folder.path())["open"].clone()), (rows, json!([])));
}
