//! Drawing from a generator: small helpers over `ChaCha8Rng`, and mixing of seeds.

use rand::RngExt;
use rand_chacha::ChaCha8Rng;

/// Draws that values are made of.
pub(crate) trait Dice {
    /// Draws an entry; the list must not be empty.
    fn pick<'a, T: ?Sized>(&mut self, list: &'a [&'a T]) -> &'a T;
    /// Draws an index below `n`; 0 where `n` is 0.
    fn below(&mut self, n: usize) -> usize;
    /// Returns true with probability `p`.
    fn chance(&mut self, p: f64) -> bool;
    /// Draws a whole number of the closed range.
    fn between(&mut self, low: i64, high: i64) -> i64;
    /// Draws a number of the range, rounded to `decimals`.
    fn real(&mut self, low: f64, high: f64, decimals: i32) -> f64;
    /// Draws `n` hexadecimal digits.
    fn hex(&mut self, n: usize) -> String;
    /// Draws `n` characters of an alphabet.
    fn string_of(&mut self, alphabet: &[u8], n: usize) -> String;
}

impl Dice for ChaCha8Rng {
    fn pick<'a, T: ?Sized>(&mut self, list: &'a [&'a T]) -> &'a T {
        list[self.below(list.len())]
    }

    fn below(&mut self, n: usize) -> usize {
        if n < 2 { 0 } else { self.random_range(0..n as u64) as usize }
    }

    fn chance(&mut self, p: f64) -> bool {
        self.random::<f64>() < p
    }

    fn between(&mut self, low: i64, high: i64) -> i64 {
        if high <= low { low } else { self.random_range(low..=high) }
    }

    fn real(&mut self, low: f64, high: f64, decimals: i32) -> f64 {
        round(low + self.random::<f64>() * (high - low).max(0.0), decimals)
    }

    fn hex(&mut self, n: usize) -> String {
        self.string_of(b"0123456789abcdef", n)
    }

    fn string_of(&mut self, alphabet: &[u8], n: usize) -> String {
        (0..n).map(|_| alphabet[self.below(alphabet.len())] as char).collect()
    }
}

/// Rounds to a number of decimals.
pub(crate) fn round(x: f64, decimals: i32) -> f64 {
    let scale = 10f64.powi(decimals);
    (x * scale).round() / scale
}

/// Mixes two numbers into one (splitmix64's finaliser).
pub(crate) fn mix(a: u64, b: u64) -> u64 {
    let mut z = a ^ b.wrapping_mul(0x9E37_79B9_7F4A_7C15).wrapping_add(0x9E37_79B9_7F4A_7C15);
    z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
    z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
    z ^ (z >> 31)
}

/// Hashes a short text (FNV-1a): stable over platforms and versions.
pub(crate) fn hash(text: &str) -> u64 {
    text.bytes().fold(0xcbf2_9ce4_8422_2325, |h, b| (h ^ u64::from(b)).wrapping_mul(0x0000_0100_0000_01b3))
}

/// Maps an index to a place in a list of `n`, so that different indices below `n` have different places and the order is the seed's.
pub(crate) fn shuffled(index: usize, n: usize, seed: u64) -> usize {
    if n < 2 {
        return 0;
    }
    let n = n as u64;
    let mut step = mix(seed, 1) % n;
    while gcd(step, n) != 1 {
        step = (step + 1) % n;
    }
    let offset = mix(seed, 2) % n;
    (((index as u64 % n) * step + offset) % n) as usize
}

fn gcd(a: u64, b: u64) -> u64 {
    if b == 0 { a } else { gcd(b, a % b) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeSet;

    #[test]
    fn a_shuffle_visits_every_place_once() {
        for n in [1usize, 2, 7, 30, 97] {
            for seed in 0..20 {
                let all: BTreeSet<usize> = (0..n).map(|i| shuffled(i, n, seed)).collect();
                assert_eq!(all.len(), n);
            }
        }
    }
}
