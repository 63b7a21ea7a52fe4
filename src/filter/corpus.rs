//! Rules over the whole corpus, in ordinal order: of two that are alike the later one goes.

use crate::checks::similarity::Signature;
use crate::config::Plan;
use crate::data::{Reason, Sample, Stage, canonical_json};
use crate::words::fold;
use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet};

/// The rules' names.
pub(super) const NAMES: [&str; 2] = ["duplicates", "skeletons"];

/// Instructions at least this similar (Jaccard over word shingles, estimated) are near-duplicates.
const SIMILAR: f64 = 0.9;
/// The largest share of rows that may have one skeleton.
const SKELETON_SHARE: f64 = 0.01;
/// So many rows may share a skeleton whatever the share.
const SKELETON_MIN: usize = 2;

/// Drops duplicates among the kept samples. Each rule looks at earlier samples only, so that a prefix's verdicts stand
/// whatever comes after. The rules: `duplicates` (the same world, calls and persona; the same or nearly the same
/// instruction) and `skeletons` (more than one row in a hundred of one skeleton). Samples keep their order.
pub fn corpus(mut samples: Vec<Sample>, plan: &Plan) -> Vec<Sample> {
    let on = |name: &str| !plan.filter.disabled.iter().any(|d| d == name);
    if on("duplicates") {
        duplicates(&mut samples);
    }
    if on("skeletons") {
        skeletons(&mut samples);
    }
    samples
}

fn reject(sample: &mut Sample, rule: &str, reason: String) {
    sample.dropped = Some(Reason::new(Stage::Filter, rule, reason));
    sample.quality /= 2.0;
}

fn duplicates(samples: &mut [Sample]) {
    let mut made: BTreeMap<String, String> = BTreeMap::new();
    let mut said: BTreeMap<String, String> = BTreeMap::new();
    let mut signatures: Vec<(Signature, String)> = Vec::new();
    let mut bands: BTreeMap<u64, Vec<usize>> = BTreeMap::new();
    for sample in samples.iter_mut().filter(|s| s.dropped.is_none()) {
        let (work, words) = (work(sample), fold(&sample.instruction));
        let signature = Signature::of(&sample.instruction);
        let keys: BTreeSet<u64> = signature.bands().collect();
        let near: BTreeSet<usize> = keys.iter().filter_map(|b| bands.get(b)).flatten().copied().collect();
        let twin = near.iter().find(|&&i| signatures[i].0.similarity(&signature) >= SIMILAR);
        let reason = if let Some(id) = made.get(&work) {
            Some(format!("the same world, calls and persona as {id}"))
        } else if let Some(id) = said.get(&words) {
            Some(format!("the same instruction as {id}"))
        } else {
            twin.map(|&i| format!("nearly the same instruction as {}", signatures[i].1))
        };
        if let Some(reason) = reason {
            reject(sample, "duplicates", reason);
            continue;
        }
        made.insert(work, sample.id.clone());
        said.insert(words, sample.id.clone());
        for key in keys {
            bands.entry(key).or_default().push(signatures.len());
        }
        signatures.push((signature, sample.id.clone()));
    }
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
    let persona = sample.provenance.get("persona").and_then(Value::as_str).unwrap_or("");
    format!("{}|{persona}|{}", canonical_json(&sample.world), calls.join("|"))
}

/// Drops each row of a skeleton that would have more than its share of the rows kept up to it. So a row's lot hangs on
/// earlier rows alone: more tasks neither drop one nor bring one back.
fn skeletons(samples: &mut [Sample]) {
    let mut kept = 0_usize;
    let mut seen: BTreeMap<String, usize> = BTreeMap::new();
    for sample in samples.iter_mut().filter(|s| s.dropped.is_none()) {
        let skeleton = sample.provenance.get("skeleton").and_then(Value::as_str).unwrap_or("").to_owned();
        let most = (((kept + 1) as f64 * SKELETON_SHARE) as usize).max(SKELETON_MIN);
        let count = seen.get(&skeleton).copied().unwrap_or(0);
        if !skeleton.is_empty() && count >= most {
            let reason = format!("more than {most} of the first {} rows read: {skeleton}", kept + 1);
            reject(sample, "skeletons", reason);
            continue;
        }
        kept += 1;
        *seen.entry(skeleton).or_default() += 1;
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::filter::testing::{Shop, judged, plan};
    use serde_json::json;

    fn rows(instructions: &[&str]) -> Vec<Sample> {
        let row = |(i, text): (usize, &&str)| {
            let mut sample = judged(&Shop::solved());
            sample.id = format!("row-{i}");
            sample.instruction = (*text).to_owned();
            sample.world = json!({"seed": i});
            sample.provenance["skeleton"] = json!(text);
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
        samples[1].provenance["persona"] = json!("somebody else");
        assert_eq!(rules(&corpus(samples, &plan())), [None, None]);
    }

    #[test]
    fn a_skeleton_has_its_share_and_no_more() {
        let texts: Vec<String> = (0..6).map(|i| format!("{} number {i}", "abcdef".repeat(i + 1))).collect();
        let mut samples = rows(&texts.iter().map(String::as_str).collect::<Vec<_>>());
        for sample in &mut samples[..4] {
            sample.provenance["skeleton"] = json!("where is _");
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
                sample.provenance["skeleton"] = json!("where is _");
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
    fn a_rule_that_is_switched_off_drops_nothing() {
        let mut plan = plan();
        plan.filter.disabled = vec!["duplicates".into(), "skeletons".into()];
        assert_eq!(rules(&corpus(rows(&["a b c", "a b c", "a b c"]), &plan)), [None, None, None]);
    }
}
