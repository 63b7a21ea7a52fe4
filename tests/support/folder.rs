//! Runs of the binary over a few small specs, and what they leave in their folder.
#![expect(clippy::unwrap_used, reason = "the helpers of tests may panic")]

#[path = "tables.rs"]
mod tables;

pub use tables::tables;

use std::path::Path;
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
