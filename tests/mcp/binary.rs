//! What a user sees of it.

use super::server;
use std::path::Path;
use std::process::{Command, Output};

/// Crawls a pipeline of one server in a folder.
fn run(folder: &Path, behaviour: &str, more: &[&str]) -> Output {
    let (program, arguments) = server::command();
    let command: Vec<String> =
        std::iter::once(program).chain(arguments).map(|word| format!("\"{word}\"")).collect();
    let pipeline = format!(
        "name: garden\noutput: out\ncrawl:\n  sources:\n    - mcp:\n        name: garden\n        command: [{}]\n        \
         env: {{{}: {behaviour}, SHED_KEY: $SHED_KEY}}\n",
        command.join(", "),
        server::BEHAVIOUR,
    );
    std::fs::write(folder.join("pipeline.yaml"), pipeline).unwrap();
    Command::new(env!("CARGO_BIN_EXE_toolloom"))
        .current_dir(folder)
        .args(["run", "pipeline.yaml", "--until", "crawl"])
        .args(more)
        .env("SHED_KEY", "under-the-third-stone")
        .output()
        .unwrap()
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}

#[test]
fn a_run_until_crawl_lists_a_server() {
    let folder = tempfile::tempdir().unwrap();
    let output = run(folder.path(), "good", &[]);
    assert!(output.status.success(), "{}", text(&output.stderr));
    let said = format!("{}{}", text(&output.stdout), text(&output.stderr));
    assert!(said.contains("8 tools"), "{said}");
    assert!(folder.path().join("out/catalog.parquet").is_file());
}

#[test]
fn a_server_that_dies_ends_the_run_with_its_words_and_without_the_key() {
    let folder = tempfile::tempdir().unwrap();
    let output = run(folder.path(), "dead", &[]);
    let said = text(&output.stderr);
    assert_eq!(output.status.code(), Some(3), "{said}");
    assert!(said.contains("mcp: garden") && said.contains("line 40 of what went wrong"), "{said}");
    assert!(!said.contains("third-stone"), "{said}");
}
