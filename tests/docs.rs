//! Holds the README to the binary. `TOOLLOOM_UPDATE_DOCS=1 cargo test --test docs` writes the generated blocks.

#![expect(clippy::unwrap_used, reason = "the helpers of tests may panic")]

use std::fmt::Write;
use std::path::PathBuf;
use std::process::Command;
use toolloom::cli::Exit;

fn path() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("README.md")
}

fn readme() -> String {
    std::fs::read_to_string(path()).unwrap()
}

fn help(args: &[&str]) -> String {
    let output = Command::new(env!("CARGO_BIN_EXE_toolloom")).args(args).arg("--help").output().unwrap();
    let text = String::from_utf8(output.stdout).unwrap();
    format!("```text\n{}\n```\n", text.trim_end())
}

/// Compares a block between its markers with what it should hold, or writes it.
fn holds(name: &str, expected: &str) {
    let (begin, end) = (format!("<!-- begin: {name} -->\n"), format!("<!-- end: {name} -->"));
    let text = readme();
    let start = text.find(&begin).unwrap_or_else(|| panic!("README has no block {name}")) + begin.len();
    let stop = start + text[start..].find(&end).unwrap();
    if std::env::var_os("TOOLLOOM_UPDATE_DOCS").is_some() {
        let updated = format!("{}{expected}{}", &text[..start], &text[stop..]);
        std::fs::write(path(), updated).unwrap();
    } else {
        assert_eq!(&text[start..stop], expected, "the block {name} of README.md is not true");
    }
}

#[test]
fn the_generated_blocks_are_true() {
    holds("help", &help(&[]));
    holds("run-help", &help(&["run"]));
    let mut table = "| code | meaning |\n|---|---|\n".to_owned();
    for exit in Exit::ALL {
        writeln!(table, "| {} | {} |", exit.code(), exit.meaning()).unwrap();
    }
    holds("exit-codes", &table);
    let mut table = "| column | type | holds |\n|---|---|---|\n".to_owned();
    for (name, kind, holds) in toolloom::internals::report::COLUMNS {
        writeln!(table, "| `{name}` | {kind} | {} |", holds.replace('|', "\\|")).unwrap();
    }
    holds("columns", &table);
    let mut table = "| rule | leaves out |\n|---|---|\n".to_owned();
    for rule in toolloom::internals::crawl::rules::all() {
        writeln!(table, "| `{}` | {} |", rule.name, rule.drops.replace('|', "\\|")).unwrap();
    }
    holds("crawl-rules", &table);
}

#[test]
fn every_command_of_the_readme_is_one() {
    let text = readme();
    let commands: Vec<&str> = text
        .lines()
        .filter_map(|line| line.strip_prefix("cargo run --release -- ").or(line.strip_prefix("toolloom ")))
        .map(|line| line.split('#').next().unwrap().trim())
        .collect();
    assert!(commands.len() >= 6, "{commands:?}");
    for command in commands {
        let words: Vec<String> = command.split_whitespace().map(|w| w.replace('\'', "")).collect();
        let subcommand = &words[0];
        // A subcommand of a subcommand has a help of its own.
        let known =
            if subcommand == "journal" { help(&[subcommand, &words[1]]) } else { help(&[subcommand]) };
        for flag in words.iter().filter(|w| w.starts_with("--")) {
            assert!(known.contains(flag.as_str()), "toolloom {command}: no flag {flag}");
        }
    }
}

#[test]
fn every_pipeline_of_the_readme_is_one() {
    let text = readme();
    let blocks: Vec<&str> =
        text.split("```yaml\n").skip(1).map(|rest| rest.split("```").next().unwrap()).collect();
    let rows = text.lines().filter(|line| line.contains("`{provider:"));
    let models: Vec<String> =
        rows.map(|row| format!("models:\n  teacher: {}\n", row.split('`').nth(1).unwrap())).collect();
    assert!(blocks.len() >= 3 && models.len() >= 6, "{} blocks, {} models", blocks.len(), models.len());
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("pipeline.yaml");
    for yaml in blocks.into_iter().chain(models.iter().map(String::as_str)) {
        std::fs::write(&file, yaml).unwrap();
        let is_set = |name: &str| name.ends_with("_API_KEY") || name.ends_with("_TOKEN");
        let plan = toolloom::config::load(Some(&file), &[], &is_set);
        plan.unwrap_or_else(|faults| panic!("{yaml}\n{faults}"));
    }
}
