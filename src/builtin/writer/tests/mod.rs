//! What the writer is measured by, over a few thousand generated briefs.

mod briefs;
mod more;
mod parts;
mod pools;

use super::english::{skeleton, unguard};
use super::tables::{frames, labels, stories};
use super::{faults, guarded, values, write_instruction};
use std::collections::{BTreeMap, BTreeSet};

const COUNT: u64 = 1500;

#[test]
fn every_value_stands_in_the_instruction_and_nothing_forbidden_does() {
    for brief in briefs::briefs(COUNT) {
        let text = write_instruction(&brief);
        for value in values(&brief) {
            assert!(text.contains(&value), "{value:?} is missing from {text:?}");
        }
        assert_eq!(faults(&brief, &text), 0, "{text}");
    }
}

#[test]
fn instructions_differ_also_with_their_values_masked() {
    let mut whole = BTreeSet::new();
    let mut masked: BTreeMap<String, u64> = BTreeMap::new();
    for brief in briefs::briefs(COUNT) {
        let text = guarded(&brief);
        whole.insert(unguard(&text));
        *masked.entry(skeleton(&text)).or_default() += 1;
    }
    assert!(whole.len() as u64 >= COUNT - COUNT / 200, "{} of {COUNT} differ", whole.len());
    assert!(masked.len() as u64 * 100 >= COUNT * 80, "{} skeletons of {COUNT}", masked.len());
    println!("{} whole, {} skeletons of {COUNT}", whole.len(), masked.len());
    let (most, count) = masked.iter().max_by_key(|(_, c)| **c).unwrap();
    assert!(count * 100 <= COUNT, "{count} times {most:?}");
}

#[test]
fn another_seed_words_the_same_brief_differently_and_the_same_seed_alike() {
    for brief in briefs::briefs(120) {
        let mut texts = BTreeSet::new();
        for seed in 0..8 {
            let other = crate::prompt::Brief { seed: 1000 + seed, ..brief.clone() };
            assert_eq!(write_instruction(&other), write_instruction(&other));
            texts.insert(write_instruction(&other));
        }
        assert!(texts.len() >= 6, "{texts:#?}");
    }
}

#[test]
fn no_seam_of_the_grammar_shows() {
    let seams = [
        "{",
        "}",
        "|",
        "  ",
        " ,",
        "..?",
        "?.",
        " of of ",
        "the the ",
        " a the ",
        " the my ",
        "the a ",
        " the an ",
        " that's marked",
        ",,",
        " .",
        "''",
        "my my",
        " of it ",
        "?,",
        "for for",
        "of the of",
        "its its",
    ];
    for brief in briefs::briefs(COUNT) {
        let guarded = guarded(&brief);
        let text = skeleton(&guarded).replace("half of it", "half").replace("Half of it", "Half");
        for seam in seams {
            assert!(!text.contains(seam), "{seam:?} in {text:?} / {:?}", unguard(&guarded));
        }
        let words = text.split_whitespace().count();
        assert!((1..=130).contains(&words), "{words} words: {text}");
    }
}

#[test]
fn the_tables_are_as_wide_as_promised() {
    for register in ["plain", "brisk", "polite", "thumb", "rambling", "worried"] {
        let asks: usize = ["tell", "give", "q", "topic"]
            .iter()
            .map(|k| frames().get(&format!("{k} {register}")).len())
            .sum();
        assert!(asks >= 36, "{register} asks in {asks} ways");
        assert!(frames().get(&format!("do {register}")).len() >= 12, "{register}");
    }
    for domain in [
        "pets", "calendar", "tasks", "tickets", "gear", "fleet", "cities", "songs", "mail", "sms", "assets",
        "teams", "holidays",
    ] {
        let lines: usize =
            ["ask", "write", "delete"].iter().map(|m| stories().get(&format!("{domain} {m}")).len()).sum();
        assert!(lines >= 25, "{domain}: {lines}");
    }
    assert!(stories().get("general ask").len() + stories().get("general write").len() >= 56);
    for (name, lines) in stories().sections().chain(frames().sections()) {
        assert!(!lines.is_empty(), "{name}");
        for line in lines {
            assert_eq!(line.matches('(').count(), line.matches(')').count(), "{name}: {line}");
        }
    }
    assert!(labels().find("due date").is_some() && labels().find("Photo_URLs").is_some());
}

/// Prints instructions to be read: `cargo test --lib writer::tests::read -- --ignored --nocapture`.
#[test]
#[ignore = "prints for a reader"]
fn read_some() {
    let from: usize = std::env::var("FROM").ok().and_then(|v| v.parse().ok()).unwrap_or(0);
    for brief in briefs::briefs(from as u64 + 140).into_iter().skip(from) {
        println!(
            "{:>4} {:<8} {}",
            brief.seed,
            &brief.register[..brief.register.len().min(8)],
            write_instruction(&brief)
        );
    }
}
