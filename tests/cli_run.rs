//! Whole runs of the binary: what a user sees, and how each kind of broken input ends.

#![expect(clippy::unwrap_used, reason = "the helpers of tests may panic")]

use std::collections::BTreeMap;
use std::io::{Read, Write};
use std::net::TcpListener;
use std::path::Path;
use std::process::{Command, Output, Stdio};
use std::thread;
use std::time::{Duration, Instant};

const KEY: &str = "sk-not-to-be-seen-anywhere";

/// A run over the starter specs, into `folder`.
fn command(folder: &Path, sets: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_toolloom"));
    command.current_dir(env!("CARGO_MANIFEST_DIR")).arg("run").env("LLM_API_KEY", KEY);
    command.arg("--set").arg(format!("output={}", folder.display()));
    for set in sets {
        command.arg("--set").arg(set);
    }
    command
}

fn run(folder: &Path, sets: &[&str]) -> Output {
    command(folder, sets).output().unwrap()
}

fn code(output: &Output) -> i32 {
    output.status.code().unwrap()
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8(bytes.to_vec()).unwrap()
}

/// Every file of a folder but the journal, by its path.
fn files(folder: &Path) -> BTreeMap<String, Vec<u8>> {
    let mut found = BTreeMap::new();
    let mut folders = vec![folder.to_owned()];
    while let Some(at) = folders.pop() {
        for entry in std::fs::read_dir(at).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
            } else if path.extension().is_none_or(|e| e != "redb") {
                let name = path.strip_prefix(folder).unwrap().display().to_string();
                found.insert(name, std::fs::read(&path).unwrap());
            }
        }
    }
    found
}

#[test]
fn a_run_says_what_came_of_it_and_running_it_again_changes_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let first = run(folder.path(), &["instruct.tasks=25"]);
    let (said, complained) = (text(&first.stdout), text(&first.stderr));
    assert_eq!(code(&first), 0, "{complained}");
    for stage in ["crawl", "instruct", "search", "filter", "shard"] {
        assert!(complained.lines().any(|line| line.starts_with(stage)), "a line a stage: {complained}");
        assert!(said.lines().any(|line| line.trim_start().starts_with(stage)), "a row a stage: {said}");
    }
    for words in ["rows in", "rejected in", "Next:", "inspect", "export"] {
        assert!(said.contains(words), "{words}: {said}");
    }
    let before = files(folder.path());
    assert!(before.contains_key("manifest.json"));

    let second = run(folder.path(), &["instruct.tasks=25"]);
    assert_eq!((code(&second), text(&second.stdout)), (0, said));
    assert_eq!(files(folder.path()), before);

    let other = run(folder.path(), &["instruct.tasks=25", "seed=8"]);
    assert_eq!(code(&other), 5);
    assert!(text(&other.stderr).contains("holds another run: its `seed` is 7, this one's is 8"));
    assert_eq!(files(folder.path()), before);
}

fn tables(folder: &Path) -> BTreeMap<String, Vec<u8>> {
    files(folder).into_iter().filter(|(name, _)| name.ends_with(".parquet")).collect()
}

#[test]
fn neither_the_windows_size_nor_the_number_of_processors_changes_a_byte() {
    let folder = tempfile::tempdir().unwrap();
    let sets = |window: &'static str| ["instruct.tasks=40", window];
    run(folder.path(), &sets("limits.window=1"));
    let one = tables(folder.path());
    assert!(one.len() > 5, "{:?}", one.keys());
    for window in ["limits.window=7", "limits.window=1000"] {
        let output = run(folder.path(), &sets(window));
        assert_eq!(code(&output), 0, "{}", text(&output.stderr));
        assert!(tables(folder.path()) == one, "{window}");
    }
    let alone = folder.path().join("alone");
    let whole = command(&alone, &sets("limits.window=16"));
    let mut bound = Command::new("taskset");
    bound.args(["-c", "0"]).arg(whole.get_program()).args(whole.get_args());
    bound.current_dir(env!("CARGO_MANIFEST_DIR"));
    match bound.output() {
        Ok(output) => {
            assert_eq!(code(&output), 0, "{}", text(&output.stderr));
            assert!(tables(&alone) == one, "on one processor");
        }
        Err(_) => println!("skipped: there is no taskset to bind a run to one processor with"),
    }
}

#[test]
fn filter_and_shard_are_done_anew_without_making_a_task_again() {
    let folder = tempfile::tempdir().unwrap();
    let sets = ["instruct.tasks=20"];
    run(folder.path(), &sets);
    let before = tables(folder.path());
    for stage in ["filter", "shard"] {
        let output = command(folder.path(), &sets).args(["--redo", stage, "--json"]).output().unwrap();
        let said = text(&output.stdout);
        assert_eq!(code(&output), 0, "{said}");
        // A task that is made is in flight for a while; one that is remembered never is.
        let in_flight =
            said.lines().filter(|line| line.contains("\"progress\"") && line.contains("\"search\""));
        assert!(in_flight.into_iter().all(|line| line.contains("\"in_flight\":0")), "{stage}: {said}");
        assert!(tables(folder.path()) == before, "{stage}");
    }
}

#[test]
fn events_are_lines_of_json_on_standard_output_and_nothing_else_is() {
    let folder = tempfile::tempdir().unwrap();
    let output = command(folder.path(), &["instruct.tasks=8"]).arg("--json").output().unwrap();
    assert_eq!(code(&output), 0, "{}", text(&output.stderr));
    let events: Vec<serde_json::Value> =
        text(&output.stdout).lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    assert_eq!(events[0]["event"], "stage_started");
    assert_eq!(events.last().unwrap()["event"], "run_ended");
    assert_eq!(events.last().unwrap()["exit_code"], 0);
    assert!(output.stderr.is_empty(), "{}", text(&output.stderr));
}

#[test]
fn quiet_prints_nothing_but_errors() {
    let folder = tempfile::tempdir().unwrap();
    let output = command(folder.path(), &["instruct.tasks=3"]).arg("--quiet").output().unwrap();
    assert_eq!((code(&output), output.stdout.len(), output.stderr.len()), (0, 0, 0));
    let file = folder.path().join("file");
    std::fs::write(&file, "").unwrap();
    let output = command(&file, &[]).arg("--quiet").output().unwrap();
    assert_eq!(code(&output), 5);
    assert!(text(&output.stderr).contains("is a file, so no run can be written there"));
}

#[test]
fn until_stops_after_a_stage_and_a_later_run_goes_on() {
    let folder = tempfile::tempdir().unwrap();
    let sets = ["instruct.tasks=5"];
    let output = command(folder.path(), &sets).args(["--until", "search"]).output().unwrap();
    assert_eq!(code(&output), 0);
    assert!(text(&output.stderr).contains("stopped after search, as asked: 5 of 5 tasks"));
    assert!(!folder.path().join("manifest.json").exists());
    assert_eq!(code(&run(folder.path(), &sets)), 0);
    assert!(folder.path().join("manifest.json").exists());
}

#[test]
fn a_spec_that_is_too_large_is_left_out_with_its_size() {
    let folder = tempfile::tempdir().unwrap();
    let spec = folder.path().join("huge.json");
    let file = std::fs::File::create(&spec).unwrap();
    file.set_len(50 << 20).unwrap();
    let output = run(&folder.path().join("out"), &[&format!("crawl.sources=['{}']", spec.display())]);
    assert_eq!(code(&output), 3, "{}", text(&output.stderr));
    assert!(text(&output.stderr).contains("too_large"), "{}", text(&output.stderr));
}

/// The settings of a model at an address, asked once and not again.
fn server(port: u16) -> [String; 4] {
    let url = format!("http://127.0.0.1:{port}/v1");
    [
        "models.teacher.provider=openai".to_owned(),
        format!("models.teacher={{provider: openai, base_url: '{url}', model: m, api_key_env: LLM_API_KEY}}"),
        "instruct.tasks=4".to_owned(),
        "limits.attempts=1".to_owned(),
    ]
}

#[test]
fn a_dead_server_leaves_tasks_unfinished_and_says_how_to_go_on() {
    let folder = tempfile::tempdir().unwrap();
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = listener.local_addr().unwrap().port();
    drop(listener);
    let sets = server(port);
    let output = run(folder.path(), &sets.each_ref().map(String::as_str));
    let complained = text(&output.stderr);
    assert_eq!(code(&output), 4, "{complained}");
    assert!(complained.contains("does not serve"), "{complained}");
    assert!(complained.contains("to go on: "), "{complained}");
}

#[test]
fn a_wrong_key_stops_the_run_with_the_servers_words_and_the_key_is_nowhere() {
    let folder = tempfile::tempdir().unwrap();
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = listener.local_addr().unwrap().port();
    thread::spawn(move || {
        for stream in listener.incoming() {
            let mut stream = stream.unwrap();
            let mut request = vec![0; 65536];
            let _ = stream.read(&mut request);
            let body = r#"{"error": {"message": "Incorrect API key provided"}}"#;
            let head = format!(
                "HTTP/1.1 401 Unauthorized\r\ncontent-type: application/json\r\ncontent-length: {}\r\n\r\n",
                body.len()
            );
            let _ = stream.write_all(format!("{head}{body}").as_bytes());
        }
    });
    let sets = server(port);
    let output = run(folder.path(), &sets.each_ref().map(String::as_str));
    let complained = text(&output.stderr);
    assert_eq!(code(&output), 4, "{complained}");
    assert!(complained.contains("Incorrect API key provided"), "{complained}");
    assert!(!complained.contains(KEY) && !text(&output.stdout).contains(KEY));
    let journal = std::fs::read(folder.path().join("journal.redb")).unwrap();
    assert!(!journal.windows(KEY.len()).any(|window| window == KEY.as_bytes()));
}

#[cfg(unix)]
#[test]
fn ctrl_c_stops_cleanly_and_the_same_command_goes_on() {
    let folder = tempfile::tempdir().unwrap();
    let sets = ["instruct.tasks=1000000", "limits.in_flight=2"];
    let mut child = command(folder.path(), &sets)
        .arg("--json")
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let mut out = std::io::BufReader::new(child.stdout.take().unwrap());
    // Wait until a task is through the search.
    let begun = Instant::now();
    let mut line = String::new();
    while !(line.contains("\"search\"") && !line.contains("\"done\":0") && line.contains("progress")) {
        line.clear();
        assert!(std::io::BufRead::read_line(&mut out, &mut line).unwrap() > 0, "the run ended by itself");
        assert!(begun.elapsed() < Duration::from_secs(120), "no task in two minutes");
    }
    let killed = Command::new("kill").args(["-INT", &child.id().to_string()]).status().unwrap();
    assert!(killed.success());
    let mut rest = String::new();
    out.read_to_string(&mut rest).unwrap();
    let mut complained = String::new();
    child.stderr.take().unwrap().read_to_string(&mut complained).unwrap();
    assert_eq!(child.wait().unwrap().code(), Some(130), "{complained}");
    assert!(complained.contains("stopped: ") && complained.contains("to go on: "), "{complained}");
    assert!(rest.contains("stopping: "), "{rest}");
    let again = run(folder.path(), &["instruct.tasks=3"]);
    assert_eq!(code(&again), 0, "{}", text(&again.stderr));
}

#[test]
fn a_run_over_tools_that_no_world_can_answer_ends_with_no_row_and_says_why() {
    let folder = tempfile::tempdir().unwrap();
    let sources =
        "crawl.sources=[tests/fixtures/crawl/kinds/bare.json, tests/fixtures/crawl/kinds/openai.json]";
    let ended = run(folder.path(), &[sources, "instruct.tasks=3"]);
    let said = text(&ended.stdout);
    assert_eq!(code(&ended), 0, "{said}{}", text(&ended.stderr));
    assert!(said.contains("3  no_chain"), "{said}");
    let mut inspect = Command::new(env!("CARGO_BIN_EXE_toolloom"));
    let shown = text(&inspect.arg("inspect").arg(folder.path()).arg("--rejected").output().unwrap().stdout);
    assert!(shown.contains("7 of 7 tools are no HTTP operations"), "{shown}");
}

#[test]
fn a_crawl_alone_writes_the_catalog_and_the_graph_that_the_whole_run_has() {
    let folder = tempfile::tempdir().unwrap();
    let crawl = || command(folder.path(), &["instruct.tasks=3"]).args(["--until", "crawl"]).output().unwrap();
    let first = crawl();
    assert_eq!(code(&first), 0, "{}", text(&first.stderr));
    let listed = files(folder.path());
    assert_eq!(listed.keys().collect::<Vec<_>>(), ["catalog.parquet", "graph.parquet"]);
    crawl();
    assert_eq!(files(folder.path()), listed, "what has not changed is written alike");
    assert_eq!(code(&run(folder.path(), &["instruct.tasks=3"])), 0);
    let whole = files(folder.path());
    for (name, bytes) in &listed {
        assert!(whole[name] == *bytes, "{name} is another one in the whole run");
    }
    // a finished run keeps its files, and a crawl of other specs may not replace them
    assert_eq!(code(&crawl()), 0);
    assert_eq!(files(folder.path()), whole);
    let other =
        command(folder.path(), &["crawl.sources=[apis/petstore.json]"]).args(["--until", "crawl"]).output();
    let other = other.unwrap();
    assert_eq!(code(&other), 5, "{}", text(&other.stderr));
    assert!(text(&other.stderr).contains("a run of another catalog"), "{}", text(&other.stderr));
    assert_eq!(files(folder.path()), whole);
}
