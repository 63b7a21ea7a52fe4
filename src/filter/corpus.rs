//! Rules over the whole corpus, row by row in the order of the ordinals: of two that are alike the later one goes. What is
//! kept of earlier rows is hashes and signatures, never texts.

use crate::checks::similarity::Signature;
use crate::config::Plan;
use crate::data::{Reason, Sample, Stage, canonical_json};
use crate::words::fold;
use std::collections::{BTreeMap, BTreeSet};

/// The rules' names.
pub(super) const NAMES: [&str; 2] = ["duplicates", "skeletons"];

/// Instructions at least this similar (Jaccard over word shingles, estimated) are near-duplicates.
const SIMILAR: f64 = 0.9;
/// The largest share of rows that may have one skeleton.
const SKELETON_SHARE: f64 = 0.01;
/// So many rows may share a skeleton whatever the share.
const SKELETON_MIN: usize = 2;
/// A row is held against so many rows of a bucket, the earliest. Later ones are not put into a bucket that is full: what is
/// alike that far has its like among the first, and a corpus worded by one template stays linear.
const BUCKET_MOST: usize = 32;

/// A text's hash.
type Hash = [u8; 16];

/// What the rules over the corpus know of the rows so far. Each rule looks at earlier rows only, so that verdicts on a
/// prefix stand whatever comes after. The rules: `duplicates` (the same world, calls and persona; the same or nearly the
/// same instruction, but for rows of one task) and `skeletons` (more than one row in a hundred of one skeleton).
#[derive(Debug, Default)]
pub struct Corpus {
    duplicates: Option<Duplicates>,
    skeletons: Option<Skeletons>,
}

#[derive(Debug, Default)]
struct Duplicates {
    /// The rows that are kept, by their place: the signature of what is said, and whose row it is.
    rows: Vec<Kept>,
    /// The place of the first row of some work.
    made: BTreeMap<Hash, u32>,
    /// The place of the first row of some words.
    said: BTreeMap<Hash, u32>,
    /// The bands of signatures, each with the place of a row that has it.
    bands: BTreeSet<(u32, u32)>,
}

/// A row that is kept.
#[derive(Debug)]
struct Kept {
    signature: Signature,
    id: Box<str>,
    group: Hash,
}

#[derive(Debug, Default)]
struct Skeletons {
    kept: usize,
    seen: BTreeMap<Hash, u32>,
}

impl Corpus {
    /// Begins a corpus under the rules that the plan does not switch off.
    pub fn new(plan: &Plan) -> Self {
        let on = |name: &str| !plan.filter.disabled.iter().any(|disabled| disabled == name);
        Self {
            duplicates: on("duplicates").then(Duplicates::default),
            skeletons: on("skeletons").then(Skeletons::default),
        }
    }

    /// Judges the next row, and remembers it where it is kept. A row that is dropped already passes by.
    pub fn judge(&mut self, sample: &mut Sample) {
        if sample.dropped.is_some() {
            return;
        }
        let skeletons = self.skeletons.as_ref();
        let found = match self.duplicates.as_mut().map(|duplicates| duplicates.take(sample)) {
            Some(Err(reason)) => Some(("duplicates", reason)),
            _ => skeletons.and_then(|skeletons| Some(("skeletons", skeletons.too_many(sample)?))),
        };
        match found {
            Some((rule, reason)) => {
                sample.dropped = Some(Reason::new(Stage::Filter, rule, reason));
                sample.quality /= 2.0;
            }
            None => {
                if let Some(skeletons) = &mut self.skeletons {
                    skeletons.take(sample);
                }
            }
        }
    }
}

impl Duplicates {
    /// Remembers a row, or says what it repeats.
    fn take(&mut self, sample: &Sample) -> Result<(), String> {
        let (work, words) = (hash(&work(sample)), hash(&fold(&sample.instruction)));
        let (group, signature) = (hash(&sample.group_id), Signature::of(&sample.instruction));
        let keys: BTreeSet<u32> = signature.bands().collect();
        let other = |place: &&u32| self.rows[**place as usize].group != group;
        if let Some(first) = self.made.get(&work).filter(other) {
            return Err(format!("the same world, calls and persona as {}", self.id(*first)));
        }
        if let Some(first) = self.said.get(&words).filter(other) {
            return Err(format!("the same instruction as {}", self.id(*first)));
        }
        let near: BTreeSet<u32> = keys.iter().flat_map(|key| self.bucket(*key)).collect();
        if near.iter().any(|place| *self.id(*place) == sample.id) {
            return Err("the same row once more".to_owned());
        }
        let alike = |place: &&u32| self.rows[**place as usize].signature.similarity(&signature) >= SIMILAR;
        if let Some(first) = near.iter().filter(other).find(alike) {
            return Err(format!("nearly the same instruction as {}", self.id(*first)));
        }
        let place = u32::try_from(self.rows.len()).expect("a corpus has fewer than 2^32 rows");
        self.made.entry(work).or_insert(place);
        self.said.entry(words).or_insert(place);
        for key in keys {
            if self.bucket(key).count() < BUCKET_MOST {
                self.bands.insert((key, place));
            }
        }
        self.rows.push(Kept { signature, id: sample.id.as_str().into(), group });
        Ok(())
    }

    /// Returns the places of the rows whose signature has a band.
    fn bucket(&self, key: u32) -> impl Iterator<Item = u32> + '_ {
        self.bands.range((key, 0)..=(key, u32::MAX)).map(|(_, place)| *place)
    }

    fn id(&self, place: u32) -> &str {
        &self.rows[place as usize].id
    }
}

impl Skeletons {
    /// Says whether a row's skeleton would have more than its share of the rows kept up to it. So a row's lot hangs on
    /// earlier rows alone: more tasks neither drop one nor bring one back.
    fn too_many(&self, sample: &Sample) -> Option<String> {
        let most = (((self.kept + 1) as f64 * SKELETON_SHARE) as usize).max(SKELETON_MIN);
        let count = self.seen.get(&hash(&sample.skeleton)).copied().unwrap_or(0) as usize;
        (!sample.skeleton.is_empty() && count >= most).then(|| {
            format!("more than {most} of the first {} rows read: {}", self.kept + 1, sample.skeleton)
        })
    }

    fn take(&mut self, sample: &Sample) {
        self.kept += 1;
        *self.seen.entry(hash(&sample.skeleton)).or_default() += 1;
    }
}

fn hash(text: &str) -> Hash {
    let mut bytes = [0; 16];
    bytes.copy_from_slice(&blake3::hash(text.as_bytes()).as_bytes()[..16]);
    bytes
}

/// The world, the calls and who asks.
fn work(sample: &Sample) -> String {
    let mut calls: Vec<String> = sample
        .messages
        .iter()
        .flat_map(|m| &m.tool_calls)
        .map(|c| format!("{}{}", c.name, canonical_json(&c.arguments)))
        .collect();
    calls.sort_unstable();
    format!("{}|{}|{}", canonical_json(&sample.world), sample.persona, calls.join("|"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::filter::testing::{Shop, judged, plan};
    use serde_json::json;

    /// Judges rows in their order.
    fn corpus(mut samples: Vec<Sample>, plan: &Plan) -> Vec<Sample> {
        let mut corpus = Corpus::new(plan);
        for sample in &mut samples {
            corpus.judge(sample);
        }
        samples
    }

    fn rows(instructions: &[&str]) -> Vec<Sample> {
        let row = |(i, text): (usize, &&str)| {
            let mut sample = judged(&Shop::solved());
            sample.id = format!("row-{i}");
            sample.group_id = format!("task-{i}");
            sample.instruction = (*text).to_owned();
            sample.world = json!({"seed": i});
            (*text).clone_into(&mut sample.skeleton);
            sample
        };
        instructions.iter().enumerate().map(row).collect()
    }

    fn rules(samples: &[Sample]) -> Vec<Option<&str>> {
        samples.iter().map(|s| s.dropped.as_ref().map(|r| r.rule.as_str())).collect()
    }

    #[test]
    fn the_later_of_two_equal_or_nearly_equal_instructions_goes() {
        let long = "Please move the appointment with the dentist from Friday afternoon to some time in the next week, best on Monday morning before ten, and tell Ana about it";
        let nearly = format!("{long} soon");
        let samples = corpus(
            rows(&["Which pets are sold?", "which pets  are sold?", long, &nearly, "Is Biscuit sold?"]),
            &plan(),
        );
        assert_eq!(rules(&samples), [None, Some("duplicates"), None, Some("duplicates"), None]);
    }

    #[test]
    fn the_same_world_calls_and_persona_is_one_row() {
        let mut samples =
            rows(&["Sell Biscuit and tell me the price", "Biscuit found a home, what does he cost"]);
        samples[1].world = samples[0].world.clone();
        assert_eq!(rules(&corpus(samples.clone(), &plan())), [None, Some("duplicates")]);
        samples[1].persona = "somebody else".to_owned();
        assert_eq!(rules(&corpus(samples, &plan())), [None, None]);
    }

    #[test]
    fn a_skeleton_has_its_share_and_no_more() {
        let texts: Vec<String> = (0..6).map(|i| format!("{} number {i}", "abcdef".repeat(i + 1))).collect();
        let mut samples = rows(&texts.iter().map(String::as_str).collect::<Vec<_>>());
        for sample in &mut samples[..4] {
            sample.skeleton = "where is _".to_owned();
        }
        assert_eq!(
            rules(&corpus(samples, &plan())),
            [None, None, Some("skeletons"), Some("skeletons"), None, None]
        );
    }

    #[test]
    fn verdicts_on_a_prefix_stand_whatever_comes_after() {
        // Few skeletons over many rows, so that a skeleton's share grows while they come; and some duplicates.
        let word = |i: usize| blake3::hash(&i.to_le_bytes()).to_hex()[..12].to_owned();
        let texts: Vec<String> =
            (0..420).map(|i| [word(i - i % 40 % 7), word(i % 60 + 1000), word(i + 2000)].join(" ")).collect();
        let mut samples = rows(&texts.iter().map(String::as_str).collect::<Vec<_>>());
        for (i, sample) in samples.iter_mut().enumerate() {
            if i % 9 == 0 {
                sample.skeleton = "where is _".to_owned();
            }
            if i % 31 == 30 {
                sample.world = json!({"seed": i - 30});
            }
        }
        let whole = corpus(samples.clone(), &plan());
        let whole = rules(&whole);
        assert!(whole.contains(&Some("duplicates")) && whole.contains(&Some("skeletons")));
        for most in [1, 7, 100, 199, 201, 299, 301, 400] {
            assert_eq!(rules(&corpus(samples[..most].to_vec(), &plan())), whole[..most], "of {most}");
        }
    }

    #[test]
    fn rows_of_one_task_are_no_duplicates_of_each_other_but_the_same_row_is() {
        let mut samples = rows(&["Which pets are sold?"; 4]);
        for sample in &mut samples[..3] {
            sample.group_id = "one task".to_owned();
            sample.skeleton = String::new();
        }
        samples[2].id = samples[0].id.clone();
        assert_eq!(rules(&corpus(samples, &plan())), [None, None, Some("duplicates"), Some("duplicates")]);
    }

    #[test]
    fn a_bucket_that_is_full_still_finds_what_is_like_its_first_rows() {
        // One template, so that all of its rows share bands, and far too few words to be nearly the same.
        let texts: Vec<String> = (0..300)
            .map(|i: usize| {
                let words = blake3::hash(&i.to_le_bytes()).to_hex();
                let words =
                    words.as_bytes().chunks(8).map(String::from_utf8_lossy).collect::<Vec<_>>().join(" ");
                format!("Please look up for me what the price of the listing by this name is {words}")
            })
            .collect();
        let mut samples = rows(&texts.iter().map(String::as_str).collect::<Vec<_>>());
        samples.push(Sample {
            id: "late".into(),
            group_id: "late".into(),
            skeleton: "s".into(),
            ..samples[3].clone()
        });
        samples[300].world = json!({"seed": 300});
        samples[300].instruction.push_str(" please");
        let mut corpus = Corpus::new(&plan());
        for sample in &mut samples {
            corpus.judge(sample);
        }
        let duplicates = corpus.duplicates.unwrap();
        let mut sizes: BTreeMap<u32, usize> = BTreeMap::new();
        duplicates.bands.iter().for_each(|(key, _)| *sizes.entry(*key).or_default() += 1);
        assert_eq!(sizes.values().max(), Some(&BUCKET_MOST));
        assert_eq!(rules(&samples)[300], Some("duplicates"));
        assert!(rules(&samples)[..300].iter().all(Option::is_none));
    }

    #[test]
    fn a_rule_that_is_switched_off_drops_nothing() {
        let mut plan = plan();
        plan.filter.disabled = vec!["duplicates".into(), "skeletons".into()];
        assert_eq!(rules(&corpus(rows(&["a b c", "a b c", "a b c"]), &plan)), [None, None, None]);
    }
}
