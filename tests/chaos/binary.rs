//! Running the binary: within a time that only a hanging one exceeds, and looking into the folder that it leaves.

use serde_json::Value;
use std::collections::BTreeMap;
use std::io::Read;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitStatus, Stdio};
use std::time::{Duration, Instant};
use toolloom::data::Manifest;

/// A run that takes as long as this hangs.
const HANGS: Duration = Duration::from_secs(180);

/// A few small specs: a run of the test build takes a second.
pub const SPECS: &str =
    "crawl.sources=[apis/geodb-cities.json, apis/vonage-application.json, apis/google-tasks.json]";

/// The variable that holds the key in all tests here.
pub const KEY_ENV: &str = "TOOLLOOM_TEST_KEY";

/// How a process ended and what it said.
pub struct Ended {
    pub code: Option<i32>,
    pub out: String,
    pub err: String,
}

/// A run into a folder against a server, with short waits.
pub fn run(folder: &Path, base_url: &str, sets: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_toolloom"));
    command.current_dir(env!("CARGO_MANIFEST_DIR")).arg("run").env(KEY_ENV, "sk-not-of-interest");
    let model = format!(
        "models.teacher={{provider: openai, base_url: \"{base_url}\", model: m, api_key_env: {KEY_ENV}, price_in: 1, price_out: 1}}"
    );
    let output = format!("output={}", folder.display());
    let mine = [
        SPECS,
        "search.max_nodes=12",
        "limits.attempts=3",
        "limits.backoff_ms=5",
        "limits.timeout_ms=1500",
        &output,
        &model,
    ];
    for set in mine.iter().chain(sets) {
        command.args(["--set", set]);
    }
    command
}

/// Runs a command to its end.
pub fn complete(command: &mut Command) -> Ended {
    wait(begin(command))
}

/// Begins a command.
pub fn begin(command: &mut Command) -> Child {
    command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap()
}

/// Waits for a process to end.
pub fn wait(mut child: Child) -> Ended {
    let mut pipes = (child.stdout.take().unwrap(), child.stderr.take().unwrap());
    let out = std::thread::spawn(move || read(&mut pipes.0));
    let err = std::thread::spawn(move || read(&mut pipes.1));
    let status = status(&mut child);
    let (out, err) = (out.join().unwrap(), err.join().unwrap());
    let status = status.unwrap_or_else(|| panic!("it hangs; it said: {out}\n{err}"));
    Ended { code: status.code(), out, err }
}

fn read(pipe: &mut impl Read) -> String {
    let mut bytes = Vec::new();
    pipe.read_to_end(&mut bytes).unwrap();
    String::from_utf8_lossy(&bytes).into_owned()
}

fn status(child: &mut Child) -> Option<ExitStatus> {
    let begun = Instant::now();
    while begun.elapsed() < HANGS {
        if let Some(status) = child.try_wait().unwrap() {
            return Some(status);
        }
        std::thread::sleep(Duration::from_millis(5));
    }
    child.kill().unwrap();
    child.wait().unwrap();
    None
}

/// Every file of a folder, by its path in it.
pub fn files(folder: &Path) -> BTreeMap<PathBuf, Vec<u8>> {
    let mut found = BTreeMap::new();
    let mut folders = vec![folder.to_owned()];
    while let Some(at) = folders.pop() {
        for entry in std::fs::read_dir(at).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
            } else {
                found.insert(path.strip_prefix(folder).unwrap().to_owned(), std::fs::read(path).unwrap());
            }
        }
    }
    found
}

/// The tables of a folder.
pub fn tables(folder: &Path) -> BTreeMap<PathBuf, Vec<u8>> {
    let mut tables = files(folder);
    tables.retain(|path, _| path.extension().is_some_and(|extension| extension == "parquet"));
    assert!(tables.len() >= 4, "{:?}", tables.keys());
    tables
}

/// Holds two folders' tables against each other.
pub fn assert_same(one: &Path, other: &Path) {
    let (one, other) = (tables(one), tables(other));
    assert_eq!(one.keys().collect::<Vec<_>>(), other.keys().collect::<Vec<_>>());
    for (path, bytes) in &one {
        assert!(*bytes == other[path], "{} differs", path.display());
    }
}

/// The manifest of a folder; `None` where no row was written yet.
pub fn manifest(folder: &Path) -> Option<Manifest> {
    toolloom::shard::read_manifest(folder).unwrap()
}

/// The rejected rows of a folder.
pub fn rejected(folder: &Path) -> Vec<Value> {
    toolloom::shard::table_files(folder, "rejected")
        .unwrap()
        .iter()
        .flat_map(|file| toolloom::shard::read_values(&file.path).unwrap())
        .map(Result::unwrap)
        .collect()
}
