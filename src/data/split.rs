//! Which split a set of tools, or an API, belongs to: pure, and the same in every run.

use super::{ApiId, Split};
use std::collections::{BTreeMap, BTreeSet};

/// Returns the split of a set of tools, by the hash of its sorted names alone.
///
/// No seed goes in: a set that is held out here is held out in every run with the same shares, so that corpora
/// can be put together without test rows leaking into training.
pub fn split_of_tools<'a>(tools: impl IntoIterator<Item = &'a str>, splits: &[(String, f64)]) -> Split {
    let sorted: BTreeSet<&str> = tools.into_iter().collect();
    let mut hasher = blake3::Hasher::new();
    hasher.update(b"split/tools");
    for tool in sorted {
        hasher.update(b"\n").update(tool.as_bytes());
    }
    let total: f64 = splits.iter().map(|(_, share)| share).sum();
    let at = fraction(&hasher.finalize()) * total;
    let mut sum = 0.0;
    for (name, share) in splits {
        sum += share;
        if at < sum {
            return Split(name.clone());
        }
    }
    Split(splits.last().map_or_else(|| "train".to_owned(), |(name, _)| name.clone()))
}

/// Assigns every API to a split: APIs are ordered by hash and cut at the shares (largest remainders), and each split
/// with a share gets at least one API where there are enough of them, the largest split last.
pub fn api_splits(apis: &BTreeSet<ApiId>, splits: &[(String, f64)]) -> BTreeMap<ApiId, Split> {
    let mut ordered: Vec<&ApiId> = apis.iter().collect();
    ordered.sort_by_key(|api| *blake3::hash(format!("split/api\n{api}").as_bytes()).as_bytes());
    let sizes = apportion(ordered.len(), splits);
    let mut names = splits.iter().zip(sizes).flat_map(|((name, _), size)| std::iter::repeat_n(name, size));
    ordered
        .into_iter()
        .map(|api| (api.clone(), Split(names.next().cloned().unwrap_or_else(|| "train".to_owned()))))
        .collect()
}

/// Divides `count` by the shares; sums up to `count` exactly.
fn apportion(count: usize, splits: &[(String, f64)]) -> Vec<usize> {
    let total: f64 = splits.iter().map(|(_, share)| share).sum();
    if splits.is_empty() || total <= 0.0 {
        return Vec::new();
    }
    let exact: Vec<f64> = splits.iter().map(|(_, share)| share / total * count as f64).collect();
    let mut sizes: Vec<usize> = exact.iter().map(|e| e.floor() as usize).collect();
    let mut order: Vec<usize> = (0..splits.len()).collect();
    order.sort_by(|&a, &b| (exact[b].fract()).total_cmp(&exact[a].fract()).then(a.cmp(&b)));
    let left = count - sizes.iter().sum::<usize>();
    for &i in order.iter().take(left) {
        sizes[i] += 1;
    }
    for i in 0..sizes.len() {
        let richest = (0..sizes.len()).max_by_key(|&j| (sizes[j], std::cmp::Reverse(j))).unwrap_or(i);
        if sizes[i] == 0 && exact[i] > 0.0 && sizes[richest] > 1 {
            sizes[richest] -= 1;
            sizes[i] += 1;
        }
    }
    sizes
}

/// Returns the first eight bytes of a hash as a number in 0..1.
fn fraction(hash: &blake3::Hash) -> f64 {
    let mut bytes = [0; 8];
    bytes.copy_from_slice(&hash.as_bytes()[..8]);
    (u64::from_be_bytes(bytes) >> 11) as f64 / (1_u64 << 53) as f64
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shares(list: &[(&str, f64)]) -> Vec<(String, f64)> {
        list.iter().map(|(n, s)| ((*n).to_owned(), *s)).collect()
    }

    #[test]
    fn a_tool_set_is_split_alike_in_any_order_and_with_repeats() {
        let splits = shares(&[("train", 0.5), ("test", 0.5)]);
        for i in 0..50 {
            let (a, b) = (format!("p/a/{i}"), format!("p/b/{i}"));
            let one = split_of_tools([a.as_str(), b.as_str()], &splits);
            assert_eq!(one, split_of_tools([b.as_str(), a.as_str(), b.as_str()], &splits));
        }
    }

    #[test]
    fn tool_sets_fall_into_splits_by_their_shares() {
        let splits = shares(&[("train", 0.9), ("test", 0.1)]);
        let test = (0..5000)
            .filter(|i| split_of_tools([format!("p/a/{i}").as_str()], &splits) == Split("test".to_owned()))
            .count();
        assert!((400..600).contains(&test), "{test} of 5000 in test");
    }

    #[test]
    fn every_split_with_a_share_gets_an_api_where_there_are_enough() {
        let splits = shares(&[("train", 0.95), ("validation", 0.02), ("test", 0.03)]);
        let apis: BTreeSet<ApiId> = (0..14).map(|i| ApiId::new(format!("p/{i}"))).collect();
        let assigned = api_splits(&apis, &splits);
        assert_eq!(assigned.len(), 14);
        for (name, _) in &splits {
            assert!(assigned.values().any(|s| &s.0 == name), "{name} has no API");
        }
        assert_eq!(assigned.values().filter(|s| s.0 == "train").count(), 12);
        let one: BTreeSet<ApiId> = apis.iter().take(1).cloned().collect();
        assert_eq!(api_splits(&one, &splits).values().next().unwrap().0, "train");
    }
}
