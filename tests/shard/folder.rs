//! The run's folder: what is written is read back, the same bytes come out twice, and a failure leaves no lie.

use crate::samples::Run;
use std::collections::BTreeMap;
use std::fs;
use std::path::Path;
use toolloom::config::plan::SplitBy;
use toolloom::data::{Message, Part, Role, Sample, Split, StateDiff};
use toolloom::internals::report::{Turns, openai};
use toolloom::internals::shard::Splits;
use toolloom::shard::{self, ShardError};

/// Returns every file of a folder with its bytes, but for the journal's.
fn files(dir: &Path) -> BTreeMap<String, Vec<u8>> {
    fn walk(dir: &Path, base: &Path, out: &mut BTreeMap<String, Vec<u8>>) {
        for entry in fs::read_dir(dir).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                walk(&path, base, out);
            } else {
                let name = path.strip_prefix(base).unwrap().to_string_lossy().into_owned();
                out.insert(name, fs::read(&path).unwrap());
            }
        }
    }
    let mut out = BTreeMap::new();
    walk(dir, dir, &mut out);
    out
}

fn read_back(dir: &Path, sub: &str) -> Vec<Sample> {
    let files = shard::table_files(dir, sub).unwrap();
    files.iter().flat_map(|f| shard::read_samples(&f.path).unwrap()).map(Result::unwrap).collect()
}

/// A sample as the table holds it: split assigned, without what has no column.
fn as_stored(sample: &Sample, split: &str) -> Sample {
    let mut sample = sample.clone();
    sample.split = Split(split.to_owned());
    sample.state = StateDiff::default();
    sample
}

#[test]
fn samples_come_back_as_they_went_in() {
    let dir = tempfile::tempdir().unwrap();
    let run = Run::new();
    let manifest = run.write(dir.path()).unwrap();
    let mut back = read_back(dir.path(), "data");
    back.sort_by(|a, b| a.id.cmp(&b.id));
    assert_eq!(back.len(), run.kept.len());
    for (sample, stored) in run.kept.iter().zip(&back) {
        assert_eq!(*stored, as_stored(sample, &stored.split.0));
    }
    let rejected = read_back(dir.path(), "rejected");
    for (sample, stored) in run.rejected.iter().zip(&rejected) {
        assert_eq!(*stored, as_stored(sample, &stored.split.0));
    }
    assert_eq!(rejected.len(), 2);
    assert_eq!(manifest.counts.rows, 4);
    assert_eq!(manifest.counts.split.values().sum::<u64>(), 4);
    assert_eq!(manifest.funnel.check(), Ok(()));
    assert_eq!(shard::read_manifest(dir.path()).unwrap(), Some(manifest));
}

#[test]
fn content_with_parts_comes_back_and_is_exported_as_a_list_where_it_has_some() {
    let dir = tempfile::tempdir().unwrap();
    let mut run = Run::new();
    let parts = vec![
        Part::Text { text: "It looks like this:".into() },
        Part::Blob { hash: "c0ffee".into(), media_type: "image/png".into(), bytes: 2048 },
    ];
    let message = run.kept[0].messages.iter_mut().find(|message| message.role == Role::Tool).unwrap();
    message.parts.clone_from(&parts);
    message.content = "It looks like this:".into();
    let id = run.kept[0].id.clone();
    run.write(dir.path()).unwrap();
    let back = read_back(dir.path(), "data").into_iter().find(|sample| sample.id == id).unwrap();
    let told: Vec<&Message> = back.messages.iter().filter(|message| !message.parts.is_empty()).collect();
    assert_eq!((told.len(), &told[0].parts), (1, &parts));
    assert_eq!(back.messages, run.kept[0].messages);
    let row = openai(&back, Turns::Parallel);
    for (shown, message) in row["messages"].as_array().unwrap().iter().zip(&back.messages) {
        if message.parts.is_empty() {
            assert_eq!(shown["content"], *message.content);
            continue;
        }
        let expected = serde_json::json!([
            {"type": "text", "text": "It looks like this:"},
            {"type": "image", "media_type": "image/png", "hash": "c0ffee", "bytes": 2048},
        ]);
        assert_eq!(shown["content"], expected);
    }
}

#[test]
fn two_writes_give_the_same_bytes_whatever_stood_there_before() {
    let (a, b) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    let mut run = Run::of_rows(600);
    run.plan.shard.rows = 100;
    Run::of_rows(40).write(b.path()).unwrap();
    run.write(a.path()).unwrap();
    run.write(b.path()).unwrap();
    assert_eq!(files(a.path()), files(b.path()));
    run.write(b.path()).unwrap();
    assert_eq!(files(a.path()), files(b.path()));
}

#[test]
fn the_manifest_lists_every_file_with_its_hash() {
    let dir = tempfile::tempdir().unwrap();
    let mut run = Run::of_rows(25);
    run.plan.shard.rows = 5;
    let manifest = run.write(dir.path()).unwrap();
    let mut on_disk = files(dir.path());
    on_disk.remove(shard::MANIFEST).unwrap();
    let listed: BTreeMap<_, _> = manifest.files.iter().map(|f| (f.path.clone(), f)).collect();
    assert_eq!(listed.keys().collect::<Vec<_>>(), on_disk.keys().collect::<Vec<_>>());
    for (name, bytes) in &on_disk {
        assert_eq!(listed[name].blake3, blake3::hash(bytes).to_hex().to_string(), "{name}");
        assert_eq!(listed[name].bytes, bytes.len() as u64, "{name}");
    }
    let rows: u64 =
        manifest.files.iter().filter(|f| f.path.starts_with("data/")).filter_map(|f| f.rows).sum();
    assert_eq!(rows, 25);
    let most = manifest.files.iter().filter(|f| f.path.starts_with("data/")).filter_map(|f| f.rows).max();
    assert_eq!(most, Some(5));
}

#[test]
fn shards_of_an_earlier_pass_are_removed_and_other_files_left_alone() {
    let dir = tempfile::tempdir().unwrap();
    let mut run = Run::of_rows(40);
    run.plan.shard.rows = 4;
    run.write(dir.path()).unwrap();
    fs::write(dir.path().join("data/mine.parquet"), "mine").unwrap();
    fs::write(dir.path().join("notes.txt"), "mine").unwrap();
    run.plan.shard.rows = 1000;
    let manifest = run.write(dir.path()).unwrap();
    let left: Vec<String> = files(dir.path()).into_keys().collect();
    assert_eq!(left.iter().filter(|n| n.starts_with("data/")).count(), manifest.counts.split.len() + 1);
    assert!(left.contains(&"data/mine.parquet".to_owned()) && left.contains(&"notes.txt".to_owned()));
}

#[test]
fn a_failure_midway_leaves_the_earlier_state() {
    let dir = tempfile::tempdir().unwrap();
    let run = Run::of_rows(8);
    run.write(dir.path()).unwrap();
    let before = files(dir.path());
    // A counter that no column can hold fails while the second of three shards is written.
    let mut broken = run.kept.clone();
    broken[5].n_calls = u32::MAX;
    let mut plan = run.plan.clone();
    plan.shard.rows = 2;
    let error = Run { kept: broken, plan, ..Run::of_rows(8) }.write_by(dir.path(), 1).unwrap_err();
    assert!(matches!(error, ShardError::Encode { .. }), "{error:?}");
    assert_eq!(files(dir.path()), before);
}

#[test]
fn a_failure_while_files_are_put_in_place_leaves_no_manifest() {
    let dir = tempfile::tempdir().unwrap();
    let run = Run::of_rows(8);
    run.write(dir.path()).unwrap();
    // A folder where a table should go cannot be replaced by a rename.
    fs::remove_file(dir.path().join("tasks.parquet")).unwrap();
    fs::create_dir_all(dir.path().join("tasks.parquet/inside")).unwrap();
    let error = run.write(dir.path()).unwrap_err();
    assert!(error.to_string().contains("tasks.parquet"), "{error}");
    assert!(!dir.path().join(shard::MANIFEST).exists());
    fs::remove_dir_all(dir.path().join("tasks.parquet")).unwrap();
    run.write(dir.path()).unwrap();
    assert!(!dir.path().join(".staging").exists());
}

#[test]
fn a_file_where_the_folder_should_be_is_named() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("out");
    fs::write(&path, "I am a file").unwrap();
    let error = Run::new().write(&path).unwrap_err();
    assert!(matches!(error, ShardError::NotAFolder { .. }));
    assert!(error.to_string().contains(&path.display().to_string()));
    assert_eq!(fs::read_to_string(&path).unwrap(), "I am a file");
    let inside = path.join("deeper");
    assert!(Run::new().write(&inside).unwrap_err().to_string().contains("deeper"));
}

#[test]
fn whole_apis_stay_in_one_split_where_asked() {
    let mut run = Run::of_rows(40);
    run.plan.shard.split_by = SplitBy::Api;
    run.plan.shard.splits = vec![("train".to_owned(), 0.75), ("test".to_owned(), 0.25)];
    let splits = Splits::new(&run.catalog, &run.plan.shard);
    let mut by_api: BTreeMap<&str, Split> = BTreeMap::new();
    for sample in &run.kept {
        let split = splits.of(sample);
        for api in &sample.apis {
            assert_eq!(*by_api.entry(api).or_insert_with(|| split.clone()), split);
        }
    }
    assert_eq!(by_api.values().filter(|s| s.0 == "test").count(), 1);
    assert_eq!(by_api.len(), 4);
}

#[test]
fn more_rows_do_not_move_earlier_ones_to_another_split() {
    let run = Run::of_rows(12);
    let splits = Splits::new(&run.catalog, &run.plan.shard);
    let more = Run::of_rows(24);
    let later = Splits::new(&more.catalog, &more.plan.shard);
    for (a, b) in run.kept.iter().zip(&more.kept) {
        assert_eq!(splits.of(a), later.of(b));
    }
}

#[test]
fn an_empty_run_still_has_a_manifest_and_no_shards() {
    let dir = tempfile::tempdir().unwrap();
    let mut run = Run::new();
    run.kept.clear();
    run.rejected.clear();
    run.tasks.clear();
    let manifest = run.write(dir.path()).unwrap();
    assert_eq!(manifest.counts.rows, 0);
    assert!(shard::table_files(dir.path(), "data").unwrap().is_empty());
}
