//! Folders of runs that earlier versions left: read by this one, gone on with, or refused with advice.

#![expect(clippy::unwrap_used, reason = "the helpers of tests may panic")]

use std::path::{Path, PathBuf};
use std::process::{Command, Output};
use toolloom::data::FORMAT_VERSION;
use toolloom::shard;

fn copied(from: &Path, to: &Path) {
    std::fs::create_dir_all(to).unwrap();
    for entry in std::fs::read_dir(from).unwrap() {
        let path = entry.unwrap().path();
        let to = to.join(path.file_name().unwrap());
        if path.is_dir() {
            copied(&path, &to);
        } else {
            std::fs::copy(&path, to).unwrap();
        }
    }
}

/// The frozen folders, each copied to where it may be written to, with the version that made it.
fn frozen(to: &Path) -> Vec<(u32, PathBuf)> {
    let mut found = Vec::new();
    for entry in std::fs::read_dir("tests/fixtures/frozen").unwrap() {
        let path = entry.unwrap().path();
        let name = path.file_name().unwrap().to_str().unwrap().to_owned();
        if let Some(version) = name.strip_prefix("format-") {
            let at = to.join(&name);
            copied(&path, &at);
            found.push((version.parse().unwrap(), at));
        }
    }
    found
}

fn toolloom(args: &[&str], folder: &Path) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_toolloom"));
    command.current_dir(env!("CARGO_MANIFEST_DIR")).args(args).arg(folder).output().unwrap()
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}

#[test]
fn this_version_is_among_the_frozen_ones() {
    let folder = tempfile::tempdir().unwrap();
    let versions: Vec<u32> = frozen(folder.path()).into_iter().map(|(version, _)| version).collect();
    assert!(
        versions.contains(&FORMAT_VERSION),
        "freeze a run's folder of format {FORMAT_VERSION}: {versions:?}"
    );
}

#[test]
fn rows_and_manifests_of_every_version_are_read() {
    let folder = tempfile::tempdir().unwrap();
    for (version, at) in frozen(folder.path()) {
        let manifest = shard::read_manifest(&at).unwrap().unwrap();
        assert_eq!(manifest.format_version, version);
        let files = shard::table_files(&at, "data").unwrap();
        let rows: u64 = files
            .iter()
            .map(|file| shard::read_samples(&file.path).unwrap().map(Result::unwrap).count() as u64)
            .sum();
        assert_eq!((rows, rows > 0), (manifest.counts.rows, true));
        let shown = toolloom(&["inspect"], &at);
        assert!(shown.status.success(), "{}", text(&shown.stderr));
    }
}

#[test]
fn a_journal_of_every_version_is_read_and_gone_on_with_or_refused_with_advice() {
    let folder = tempfile::tempdir().unwrap();
    for (version, at) in frozen(folder.path()) {
        let stats = toolloom(&["journal", "stats"], &at);
        let checked = toolloom(&["journal", "check"], &at);
        let output = format!("output={}", at.display());
        let sets = ["run", "--quiet", "--set", "name=frozen", "--set", "crawl.sources=[apis/petstore.json]"];
        let mut run = Command::new(env!("CARGO_BIN_EXE_toolloom"));
        run.current_dir(env!("CARGO_MANIFEST_DIR")).args(sets).args([
            "--set",
            "instruct.tasks=6",
            "--set",
            &output,
        ]);
        let went_on = run.output().unwrap();
        if version == FORMAT_VERSION {
            assert!(text(&stats.stdout).contains("4 finished"), "{}", text(&stats.stdout));
            assert!(checked.status.success(), "{}", text(&checked.stderr));
        }
        match went_on.status.code() {
            Some(0) => assert_eq!(shard::read_manifest(&at).unwrap().unwrap().counts.tasks, 6),
            Some(5) => {
                assert!(text(&went_on.stderr).contains("another `output`"), "{}", text(&went_on.stderr));
            }
            code => panic!("{code:?}: {}", text(&went_on.stderr)),
        }
    }
}
