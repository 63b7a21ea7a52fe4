//! `toolloom check` says what a plan will probably ask and cost, without asking anything.

#![expect(clippy::unwrap_used, reason = "the helpers of tests may panic")]

use std::path::Path;
use std::process::{Command, Output};

fn toolloom(subcommand: &str, folder: &Path, sets: &[&str]) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_toolloom"));
    command.current_dir(env!("CARGO_MANIFEST_DIR")).arg(subcommand);
    command.arg("--set").arg(format!("output={}", folder.display()));
    for set in sets {
        command.arg("--set").arg(set);
    }
    command.output().unwrap()
}

fn said(output: &Output) -> String {
    assert_eq!(output.status.code(), Some(0), "{}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout.clone()).unwrap()
}

/// No one listens there, and no one is asked.
const PRICED: &str = "models.teacher={provider: openai, base_url: 'http://127.0.0.1:9/v1', model: m, price_in: 2, price_out: 10}";

/// A line's cells, by its first word.
fn cells<'a>(text: &'a str, first: &str) -> Vec<&'a str> {
    let line = text.lines().find(|line| line.split_whitespace().any(|word| word == first));
    line.unwrap_or_else(|| panic!("{first}: {text}")).split_whitespace().collect()
}

#[test]
fn an_estimate_is_measured_on_the_built_in_model_and_names_ceilings_and_unknown_prices() {
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path().join("out");
    let sets = [PRICED, "instruct.tasks=1000", "limits.cost_usd=0.5", "roles.probe=teacher"];
    let text = said(&toolloom("check", &folder, &sets));
    for words in [
        "from 20 tasks of the built-in model",
        "probe: no stage of this version asks it",
        "ends the run at about",
    ] {
        assert!(text.contains(words), "{words}: {text}");
    }
    let number = |cell: &str| cell.replace(',', "").parse::<f64>().unwrap();
    let writer = cells(&text, "writer");
    let solver = cells(&text, "solver");
    let at = writer.iter().position(|cell| *cell == "(teacher)").unwrap() + 1;
    assert!(number(writer[at]) >= 1000.0, "a reply a task: {text}");
    let solver_at = solver.iter().position(|cell| *cell == "(teacher)").unwrap() + 1;
    assert!(number(solver[solver_at]) > 2000.0, "a turn a call and the answer: {text}");
    assert!(number(cells(&text, "all").last().unwrap()) > 1.0, "{text}");
    assert!(!folder.exists(), "nothing is left behind");

    let unpriced = PRICED.replace(", price_in: 2, price_out: 10", "");
    let text = said(&toolloom("check", &folder, &[&unpriced, "instruct.tasks=5"]));
    assert!(text.contains("from 5 tasks") && text.contains("unknown: no price for teacher"), "{text}");
}

#[test]
fn what_a_journal_holds_is_measured_rather_than_tried() {
    let folder = tempfile::tempdir().unwrap();
    assert_eq!(toolloom("run", folder.path(), &["instruct.tasks=6"]).status.code(), Some(0));
    let text = said(&toolloom("check", folder.path(), &["target={rows: 600}"]));
    assert!(text.contains("from 6 tasks in the journal"), "{text}");
    assert!(text.contains("for 600 kept rows") && text.contains("built-in: free"), "{text}");
}
