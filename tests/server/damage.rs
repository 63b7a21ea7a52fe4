//! Journals whose bits are flipped between two runs: what is damaged is told and asked again, or named; no row changes.

use super::cast;
use super::folder::{complete, tables, text, toolloom};
use super::support::Server;
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};
use std::time::Duration;

const TASKS: u32 = 5;
const FLIPS: usize = 20;
/// Which bytes hold values differs from run to run: flips go on until some have met one.
const FLIPS_MOST: usize = 100;

fn run(folder: &Path, server: &Server, args: &[&str]) -> Output {
    let model = format!("models.teacher={{provider: openai, base_url: \"{}\", model: m}}", server.base_url);
    let mut command = toolloom("run", folder, &[&format!("instruct.tasks={TASKS}"), &model]);
    command.args(args).output().unwrap()
}

fn journal(args: &[&str], folder: &Path) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_toolloom"));
    command.arg("journal").args(args).arg(folder).current_dir(env!("CARGO_MANIFEST_DIR")).output().unwrap()
}

/// A finished run, its journal's bytes and its tables.
fn finished(folder: &Path, server: &Server) -> (Vec<u8>, BTreeMap<PathBuf, Vec<u8>>) {
    let output = run(folder, server, &[]);
    assert!(output.status.success(), "{}", text(&output.stderr));
    (std::fs::read(folder.join("journal.redb")).unwrap(), tables(folder))
}

/// A bit of the file, another for each `n`, spread over what is not empty.
fn bit(whole: &[u8], n: usize) -> usize {
    let used: Vec<usize> = (0..whole.len()).filter(|at| whole[*at] != 0).collect();
    let hash = blake3::hash(&n.to_le_bytes());
    let chance = usize::from_le_bytes(hash.as_bytes()[..8].try_into().unwrap());
    used[chance % used.len()] * 8 + n % 8
}

#[test]
fn after_a_flipped_bit_a_run_tells_or_names_it_and_writes_the_same_rows() {
    let folder = tempfile::tempdir().unwrap();
    let at = folder.path().join("run");
    let server = Server::start(Duration::ZERO, cast::cast());
    let (whole, before) = finished(&at, &server);
    let (mut told, mut named) = (0, 0);
    for n in 0..FLIPS_MOST {
        if n >= FLIPS && told > 1 {
            break;
        }
        let bit = bit(&whole, n);
        let mut bytes = whole.clone();
        bytes[bit / 8] ^= 1 << (bit % 8);
        std::fs::write(at.join("journal.redb"), bytes).unwrap();
        let checked = journal(&["check"], &at);
        let asked = server.requests();
        // Every task anew, so that every reply is wanted.
        let offline = run(&at, &server, &["--offline", "--redo", "search"]);
        assert_eq!(server.requests(), asked);
        let mut output = run(&at, &server, &[]);
        let said = [text(&offline.stderr), text(&output.stderr)].concat();
        if output.status.code() == Some(5) {
            named += 1;
            assert!(
                said.contains("is damaged") && said.contains("toolloom journal repair"),
                "bit {bit}: {said}"
            );
            let repaired = journal(&["repair"], &at);
            assert!(repaired.status.success(), "bit {bit}: {}", text(&repaired.stderr));
            output = run(&at, &server, &[]);
        } else if said.contains("damaged value") {
            told += 1;
            assert!(server.requests() - asked <= 2, "bit {bit}: only what is damaged is asked again");
        } else {
            assert_eq!(server.requests(), asked, "bit {bit}: nothing is asked again without a word: {said}");
            assert_eq!(offline.status.code(), Some(0), "bit {bit}: {said}");
        }
        assert_eq!(checked.status.code() == Some(0), !said.contains("damaged"), "bit {bit}: {said}");
        assert!(output.status.success(), "bit {bit}: {}", text(&output.stderr));
        assert!(tables(&at) == before, "bit {bit}: a row has changed");
    }
    assert!(told > 1, "{told} told, {named} named");
}

#[test]
fn a_damaged_reply_is_named_by_an_offline_run_and_asked_again_by_another() {
    let folder = tempfile::tempdir().unwrap();
    let at = folder.path().join("run");
    let server = Server::start(Duration::ZERO, cast::cast());
    let (whole, before) = finished(&at, &server);
    let asked = server.requests();
    // A note stands before its reply: a letter soon behind it is the reply's own.
    let found = |word: &[u8]| whole.windows(word.len()).position(|window| window == word);
    let note = found(b"\"role\":\"solver\"").unwrap();
    let end = note + whole[note..].iter().position(|byte| *byte == b'}').unwrap();
    let mut bytes = whole.clone();
    bytes[end + 20] ^= 4;
    std::fs::write(at.join("journal.redb"), bytes).unwrap();

    let checked = journal(&["check"], &at);
    assert_eq!(checked.status.code(), Some(5));
    assert!(
        text(&checked.stdout).contains("damaged      a reply of the solver in task "),
        "{}",
        text(&checked.stdout)
    );
    let offline = run(&at, &server, &["--offline", "--redo", "search"]);
    let said = text(&offline.stderr);
    assert_eq!(offline.status.code(), Some(9), "{said}");
    assert!(
        said.contains("the solver `teacher` was asked this, and the reply in the journal is damaged"),
        "{said}"
    );
    assert!(said.contains("1 damaged value found in the journal: a reply of the solver in task "), "{said}");
    let stats = text(&journal(&["stats"], &at).stdout);
    assert!(stats.contains("damaged       1, asked again where they are needed"), "{stats}");
    let again = run(&at, &server, &[]);
    assert!(again.status.success(), "{}", text(&again.stderr));
    assert_eq!(server.requests(), asked + 1, "the damaged reply alone is asked again");
    assert!(tables(&at) == before);
    assert_eq!(journal(&["check"], &at).status.code(), Some(0));
}

#[test]
fn a_journal_is_carried_to_another_folder_and_goes_on_there() {
    let folder = tempfile::tempdir().unwrap();
    let (at, there) = (folder.path().join("run"), folder.path().join("there"));
    let server = Server::start(Duration::ZERO, cast::cast());
    let (_, before) = finished(&at, &server);
    let asked = server.requests();
    let lines = folder.path().join("lines.jsonl");
    let exported = journal(&["export", "--output", lines.to_str().unwrap()], &at);
    assert!(exported.status.success(), "{}", text(&exported.stderr));
    let imported = journal(&["import", lines.to_str().unwrap()], &there);
    assert!(imported.status.success(), "{}", text(&imported.stderr));
    assert!(text(&imported.stdout).contains("5 finished tasks"), "{}", text(&imported.stdout));
    let twice = journal(&["import", lines.to_str().unwrap()], &there);
    assert_eq!(twice.status.code(), Some(5));
    assert!(text(&twice.stderr).contains("is there already"), "{}", text(&twice.stderr));

    // Rows are there without a finished task's replies; they are gone only where they are asked to be.
    let pruned = journal(&["prune", "--finished"], &there);
    assert!(text(&pruned.stdout).contains("replies and results dropped"), "{}", text(&pruned.stdout));
    complete({
        let mut command = toolloom(
            "run",
            &there,
            &[
                &format!("instruct.tasks={TASKS}"),
                &format!("models.teacher={{provider: openai, base_url: \"{}\", model: m}}", server.base_url),
            ],
        );
        command.arg("--quiet");
        command
    });
    assert_eq!(server.requests(), asked);
    assert!(tables(&there) == before);
}

#[test]
fn a_file_that_is_no_journal_is_named_as_such() {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("journal.redb"), "a letter to a friend").unwrap();
    for command in ["check", "repair", "export", "prune", "stats"] {
        let output = journal(&[command], folder.path());
        assert_eq!(output.status.code(), Some(5), "{command}");
        assert!(
            text(&output.stderr).contains("is no journal but a file of another kind"),
            "{}",
            text(&output.stderr)
        );
    }
    assert_eq!(std::fs::read(folder.path().join("journal.redb")).unwrap(), b"a letter to a friend");
}
