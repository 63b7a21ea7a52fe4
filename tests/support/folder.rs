//! Runs of the binary over a few small specs, and what they leave in their folder.
#![expect(clippy::unwrap_used, reason = "the helpers of tests may panic")]

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};

/// A few small specs: a run of the test build takes a second.
const SPECS: &str = "crawl.sources=[apis/google-tasks.json, apis/petstore.json, apis/geodb-cities.json, \
     apis/seven-sms.json, apis/apideck-issue-tracking.json, apis/vonage-application.json]";

/// A subcommand over the small specs, into a folder.
pub fn toolloom(subcommand: &str, output: &Path, sets: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_toolloom"));
    command.current_dir(env!("CARGO_MANIFEST_DIR")).arg(subcommand);
    let output = format!("output={}", output.display());
    for set in [SPECS, "search.max_nodes=12", &output].iter().chain(sets) {
        command.args(["--set", set]);
    }
    command.stdout(Stdio::piped()).stderr(Stdio::piped());
    command
}

pub fn complete(mut command: Command) -> Output {
    let output = command.output().unwrap();
    assert!(output.status.success(), "{}", text(&output.stderr));
    output
}

pub fn text(bytes: &[u8]) -> String {
    String::from_utf8(bytes.to_vec()).unwrap()
}

/// Every table of a run's folder, by its path in it.
pub fn tables(run: &Path) -> BTreeMap<PathBuf, Vec<u8>> {
    let mut tables = BTreeMap::new();
    let mut folders = vec![run.to_owned()];
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
            } else if path.extension().is_some_and(|extension| extension == "parquet") {
                tables.insert(path.strip_prefix(run).unwrap().to_owned(), std::fs::read(path).unwrap());
            }
        }
    }
    assert!(tables.len() >= 4, "{:?}", tables.keys());
    tables
}
