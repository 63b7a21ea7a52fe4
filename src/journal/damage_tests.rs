//! Tests of what a damaged journal comes to: found, told, saved; never a panic, never a loss without a word.

use super::*;
use crate::data::{ModelRole, ModelUse};
use rand::{Rng, RngExt, SeedableRng};
use rand_chacha::ChaCha8Rng;
use redb::ReadableTable;
use serde_json::json;

const TASKS_MADE: u64 = 24;
const REPLIES_EACH: u32 = 4;

fn key(task: u64, n: u32) -> Key {
    Key::new(Kind::Reply, &Scope::Task(task, vec![]), "{}", n)
}

fn reply(task: u64, n: u32) -> Vec<u8> {
    let mut random = ChaCha8Rng::seed_from_u64(task * 100 + u64::from(n));
    let words: Vec<String> = (0..60).map(|_| format!("{:x}", random.next_u32())).collect();
    format!("{{\"content\": \"{}\"}}", words.join(" ")).into_bytes()
}

fn note(task: u64) -> Note {
    let used = ModelUse { calls: 1, tokens_in: 100, tokens_out: 10, tokens_cached: 0 };
    Note { task: Some(task), model: "teacher".into(), role: ModelRole::Solver, used, fault: false }
}

fn record(ordinal: u64) -> TaskRecord {
    let system = String::from_utf8(reply(ordinal, 99)).unwrap();
    TaskRecord { ordinal, system, ..TaskRecord::default() }
}

/// A finished journal of some tasks, their replies and a page.
async fn finished(path: &Path) {
    let journal = Journal::open(path, &json!({"seed": 7})).unwrap();
    for task in 0..TASKS_MADE {
        for n in 0..REPLIES_EACH {
            journal.put_reply(key(task, n), &note(task), &reply(task, n)).await.unwrap();
        }
        journal.put_task(&record(task)).await.unwrap();
    }
    let page = Key::new(Kind::Page, &Scope::Run, "{}", 0);
    journal.put(Stage::Crawl, page, &[0xff; 300]).await.unwrap();
}

/// How many values are missing. What is there must be as it was written.
fn missing(journal: &Journal) -> usize {
    let mut missing = 0;
    let done: Vec<u64> = journal.finished().unwrap().iter().map(|(ordinal, _)| *ordinal).collect();
    for task in 0..TASKS_MADE {
        for n in 0..REPLIES_EACH {
            match journal.get(&key(task, n)).unwrap() {
                Some(bytes) => assert!(bytes == reply(task, n), "an altered reply is passed on"),
                None => missing += 1,
            }
        }
        if done.contains(&task) {
            assert_eq!(journal.task(task).unwrap(), Some(record(task)));
        } else {
            missing += 1;
        }
    }
    let page = Key::new(Kind::Page, &Scope::Run, "{}", 0);
    missing += usize::from(journal.get(&page).unwrap() != Some(vec![0xff; 300]));
    missing
}

/// What came of a flipped bit.
#[derive(Debug, PartialEq)]
enum Came {
    Harmless,
    Told,
    /// An error, and how many values could not be saved.
    Named(usize),
}

fn flip(whole: &[u8], bit: usize, path: &Path) -> Came {
    let mut bytes = whole.to_vec();
    bytes[bit / 8] ^= 1 << (bit % 8);
    std::fs::write(path, &bytes).unwrap();
    match Journal::open(path, &json!({"seed": 7})) {
        Ok(journal) => {
            let missing = missing(&journal);
            let complaint = journal.complaint();
            assert!(
                missing == 0 || complaint.is_some(),
                "bit {bit}: {missing} values are missing without a word"
            );
            assert!(missing <= journal.stats().unwrap().damaged as usize, "bit {bit}: {complaint:?}");
            if complaint.is_some() { Came::Told } else { Came::Harmless }
        }
        Err(JournalError::Damaged { tasks, effects, .. }) => {
            assert!(std::fs::read(path).unwrap() == bytes, "bit {bit}: a damaged file is left as it is");
            let found = check(path);
            assert!(
                found.as_ref().map_or(true, |f| f.torn.is_some() || !f.damage.is_empty()),
                "bit {bit}: {found:?}"
            );
            match repair(path) {
                Ok((saved, kept)) => {
                    assert_eq!((saved.tasks, saved.effects), (tasks, effects));
                    assert!(std::fs::read(&kept).unwrap() == bytes);
                    std::fs::remove_file(kept).unwrap();
                    let journal = Journal::open(path, &json!({"seed": 7})).unwrap();
                    assert_eq!(journal.stats().unwrap().tasks, tasks);
                    Came::Named(missing(&journal))
                }
                Err(error) => {
                    assert_eq!((tasks, effects), (0, 0), "bit {bit}: {error}");
                    Came::Named(usize::MAX)
                }
            }
        }
        Err(error) => panic!("bit {bit}: {error}"),
    }
}

#[tokio::test]
async fn a_hundred_random_bit_flips_are_each_found_or_harmless() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("journal.redb");
    finished(&path).await;
    let whole = std::fs::read(&path).unwrap();
    let used = whole.iter().rposition(|byte| *byte != 0).unwrap() + 1;
    let mut random = ChaCha8Rng::seed_from_u64(11);
    let came: Vec<Came> = (0..100).map(|_| flip(&whole, random.random_range(0..used * 8), &path)).collect();
    let count = |what| came.iter().filter(|came| **came == what).count();
    assert!(count(Came::Told) > 10, "{came:?}");
}

#[tokio::test]
async fn flips_in_the_head_of_the_file_are_each_found_or_harmless_and_all_is_saved() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("journal.redb");
    finished(&path).await;
    let whole = std::fs::read(&path).unwrap();
    for bit in (0..320 * 8).step_by(23) {
        let came = flip(&whole, bit, &path);
        assert!(matches!(came, Came::Harmless | Came::Named(0)), "bit {bit}: {came:?}");
    }
}

/// What is told of a journal after its file was changed by hand.
fn altered(path: &Path, change: impl FnOnce(&redb::WriteTransaction)) -> Journal {
    let database = Database::open(path).unwrap();
    let tx = database.begin_write().unwrap();
    change(&tx);
    tx.commit().unwrap();
    drop(database);
    Journal::open(path, &json!({"seed": 7})).unwrap()
}

#[tokio::test]
async fn an_altered_reply_is_no_reply_is_told_and_what_it_took_stays_counted() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("journal.redb");
    {
        let journal = Journal::open(&path, &json!({"seed": 7})).unwrap();
        journal.put_reply(key(0, 0), &note(0), &reply(0, 0)).await.unwrap();
    }
    // The pages are right, a letter is not; nor is a reply under another's key.
    let journal = altered(&path, |tx| {
        let mut table = tx.open_table(EFFECTS).unwrap();
        let mut bytes = table.get(key(0, 0).as_bytes()).unwrap().unwrap().value().to_vec();
        table.insert(key(0, 1).as_bytes(), bytes.as_slice()).unwrap();
        *bytes.last_mut().unwrap() ^= 1;
        table.insert(key(0, 0).as_bytes(), bytes.as_slice()).unwrap();
    });
    assert_eq!((journal.get(&key(0, 0)).unwrap(), journal.get(&key(0, 1)).unwrap()), (None, None));
    assert!(journal.is_lost(&key(0, 0)).unwrap() && !journal.is_lost(&key(0, 7)).unwrap());
    let text = journal.complaint().unwrap();
    assert!(text.contains("2 damaged values") && text.contains("a reply of the solver in task 0"), "{text}");
    assert_eq!((journal.complaint(), journal.stats().unwrap().damaged), (None, 2));
    drop(journal);

    let found = check(&path).unwrap();
    assert_eq!((found.effects, found.damage.len()), (0, 2));
    let (found, _) = repair(&path).unwrap();
    assert_eq!(found.damage[0].to_string(), "a reply of the solver in task 0");
    let found = check(&path).unwrap();
    assert_eq!((found.lost, found.damage.len(), found.torn), (1, 0, None));
    let journal = Journal::open(&path, &json!({"seed": 7})).unwrap();
    assert_eq!((journal.complaint(), journal.is_lost(&key(0, 0)).unwrap()), (None, true));
    assert_eq!((journal.held().unwrap().damaged, journal.held().unwrap().spent().total().calls), (1, 1));
    // Asked again, it is remembered, and both are paid for.
    journal.put_reply(key(0, 0), &note(0), &reply(0, 0)).await.unwrap();
    assert_eq!(journal.get(&key(0, 0)).unwrap(), Some(reply(0, 0)));
    let held = journal.held().unwrap();
    assert_eq!((held.damaged, held.replies, held.spent().total().calls), (0, 1, 2));
}

#[tokio::test]
async fn an_exported_journal_is_the_same_when_it_is_imported() {
    let folder = tempfile::tempdir().unwrap();
    let (path, lines) = (folder.path().join("journal.redb"), folder.path().join("lines.jsonl"));
    finished(&path).await;
    let export_to = |path: &Path| {
        let mut out = Vec::new();
        export(path, &mut out).unwrap();
        String::from_utf8(out).unwrap()
    };
    let text = export_to(&path);
    assert_eq!(text.lines().count(), 1 + 1 + TASKS_MADE as usize * (REPLIES_EACH as usize + 1));
    assert!(text.contains("\"base64\":\"/////"), "a page is no text");
    std::fs::write(&lines, &text).unwrap();
    let again = folder.path().join("again/journal.redb");
    assert_eq!(import(&lines, &again).unwrap(), (TASKS_MADE, 1 + TASKS_MADE * u64::from(REPLIES_EACH)));
    assert_eq!(missing(&Journal::open(&again, &json!({"seed": 7})).unwrap()), 0);
    assert!(export_to(&again) == text);
    assert_eq!(
        Look::open(&again).unwrap().held().unwrap().effect_bytes,
        Look::open(&path).unwrap().held().unwrap().effect_bytes
    );

    // An altered letter, a line of another format, no journal at all.
    let refused = |text: String, words: &str| {
        std::fs::write(&lines, text).unwrap();
        let place = folder.path().join("refused/journal.redb");
        let error = import(&lines, &place).unwrap_err().to_string();
        assert!(error.contains(words), "{error}");
        assert!(std::fs::read_dir(place.parent().unwrap()).unwrap().next().is_none());
    };
    let third = text.lines().nth(2).unwrap();
    refused(
        text.replacen(third, &third.replacen("\"tokens_out\":10", "\"tokens_out\":11", 1), 1),
        "line 3: it is not as it was exported",
    );
    refused(
        text.lines().skip(1).collect::<Vec<_>>().join("\n"),
        "line 1: the first line must say what journal it is",
    );
    refused(String::new(), "line 1: the file is empty");
    refused(String::from("{\"line\": \"task\"}"), "line 1: it has no `sum`");
}

#[tokio::test]
async fn pruning_drops_what_is_asked_for_and_no_more_and_keeps_count_of_what_it_took() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("journal.redb");
    finished(&path).await;
    {
        let journal = Journal::open(&path, &json!({"seed": 7})).unwrap();
        let open = TASKS_MADE;
        journal.put_reply(key(open, 0), &note(open), &reply(open, 0)).await.unwrap();
        let fault = Note { fault: true, ..note(open) };
        journal.put_reply(key(open, 1), &fault, &reply(open, 1)).await.unwrap();
    }
    let before = Look::open(&path).unwrap().held().unwrap();
    let pruned = prune(&path, Prune::Faults).unwrap();
    assert_eq!(pruned.effects, 1);
    let pruned = prune(&path, Prune::Finished).unwrap();
    assert_eq!(pruned.effects, TASKS_MADE * u64::from(REPLIES_EACH));
    assert!(pruned.bytes_after < pruned.bytes_before, "{pruned:?}");
    let after = Look::open(&path).unwrap().held().unwrap();
    assert_eq!((after.replies, after.pages, after.tasks), (1, 1, TASKS_MADE));
    assert_eq!(after.spent(), before.spent());
}
