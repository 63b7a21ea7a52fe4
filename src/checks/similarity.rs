//! How alike texts are: skeletons (values masked) and MinHash over word shingles.

use super::natural::{
    Found, find_dates, find_emails, find_ids, find_instants, find_names, find_numbers, find_phones,
    find_quoted, find_urls,
};
use crate::words::folded_words;
use jiff::Zoned;
use std::ops::Range;

/// Numbers in a signature.
const HASHES: usize = 64;
/// Words of a shingle.
const SHINGLE: usize = 3;

/// Returns a text's skeleton: what a person gave masked by `_`, the words folded.
///
/// Quotations, names, dates, numbers, ids and addresses are found by their shape; `values` are those that shape cannot
/// tell, as they stand in the text.
pub fn skeleton(text: &str, values: &[String], now: &Zoned) -> String {
    let mut spans: Vec<Range<usize>> = Vec::new();
    spans.extend(find_quoted(text).into_iter().map(|f| f.span));
    spans.extend(find_emails(text).into_iter().map(|f| f.span));
    spans.extend(find_urls(text).into_iter().map(|f| f.span));
    spans.extend(find_phones(text).into_iter().map(|f| f.span));
    spans.extend(find_ids(text).into_iter().map(|f| f.span));
    spans.extend(find_instants(text, now).into_iter().map(|f| f.span));
    spans.extend(find_dates(text, now).into_iter().map(|f| f.span));
    spans.extend(find_numbers(text).into_iter().filter(|f| !f.value.worded).map(|f| f.span));
    spans.extend(find_names(text).into_iter().filter(|f: &Found<String>| f.primary).map(|f| f.span));
    for value in values.iter().filter(|v| v.chars().count() > 2) {
        spans.extend(text.match_indices(value.as_str()).map(|(at, v)| at..at + v.len()));
    }
    spans.sort_by_key(|s| (s.start, std::cmp::Reverse(s.end)));
    let mut masked = String::with_capacity(text.len());
    let mut at = 0;
    for span in spans {
        if span.start >= at {
            masked.push_str(&text[at..span.start]);
            masked.push_str(" xvaluex ");
        }
        at = at.max(span.end);
    }
    masked.push_str(&text[at..]);
    let mut words = folded_words(&masked);
    words.dedup_by(|a, b| a == "xvaluex" && b == "xvaluex");
    let words: Vec<&str> = words.iter().map(|w| if w == "xvaluex" { "_" } else { w }).collect();
    words.join(" ")
}

/// A MinHash signature.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Signature([u32; HASHES]);

impl Signature {
    /// Makes the signature of a text's word shingles.
    pub fn of(text: &str) -> Self {
        let words = folded_words(text);
        let mut hashes = [u64::MAX; HASHES];
        let size = SHINGLE.min(words.len()).max(1);
        for shingle in words.windows(size) {
            let base = fnv(&shingle.join(" "));
            for (i, slot) in hashes.iter_mut().enumerate() {
                *slot = (*slot).min(mix(base ^ mix(i as u64 + 1)));
            }
        }
        // The upper half tells texts apart as well as the whole does.
        Self(hashes.map(|hash| (hash >> 32) as u32))
    }

    /// Returns an estimate of two texts' Jaccard similarity.
    pub fn similarity(&self, other: &Self) -> f64 {
        let same = self.0.iter().zip(&other.0).filter(|(a, b)| a == b).count();
        same as f64 / HASHES as f64
    }

    /// Returns the keys of 16 bands: texts that are alike share at least one of them.
    pub fn bands(&self) -> impl Iterator<Item = u32> + '_ {
        self.0
            .chunks(HASHES / 16)
            .enumerate()
            .map(|(i, band)| band.iter().fold(mix(i as u64), |key, hash| mix(key ^ u64::from(*hash))) as u32)
    }
}

fn fnv(text: &str) -> u64 {
    text.bytes().fold(0xcbf2_9ce4_8422_2325, |h, b| (h ^ u64::from(b)).wrapping_mul(0x0100_0000_01b3))
}

fn mix(mut z: u64) -> u64 {
    z = z.wrapping_add(0x9E37_79B9_7F4A_7C15);
    z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
    z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
    z ^ (z >> 31)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::checks::natural::parse_now;

    #[test]
    fn skeletons_are_equal_when_only_values_differ() {
        let now = parse_now("2026-04-08T10:30:00+02:00", "Europe/Brussels").unwrap();
        let a = skeleton("Move 'Paint' to next Friday and text Ana Ruiz 25 times", &[], &now);
        let b = skeleton("Move \"Dentist\" to tomorrow and text Bo 3 times", &[], &now);
        assert_eq!(a, b);
        assert_eq!(a, "move _ to _ and text _ times");
        let c = skeleton("which hamsters are sold", &["hamsters".into()], &now);
        assert_eq!(c, "which _ are sold");
        assert_ne!(a, c);
    }

    #[test]
    fn near_duplicates_have_similar_signatures() {
        let a = Signature::of(
            "Please move the dentist appointment from Friday afternoon to next Monday morning at nine",
        );
        let b = Signature::of(
            "Please move the dentist appointment from Friday afternoon to next Monday morning at ten",
        );
        let c = Signature::of("How far is it from Ghent to Maastricht as the crow flies, in km?");
        assert!(a.similarity(&b) > 0.6, "{}", a.similarity(&b));
        assert!(a.similarity(&c) < 0.1);
        assert!(a.bands().any(|band| b.bands().any(|other| other == band)));
    }
}
