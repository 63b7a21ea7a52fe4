//! The writer's choices: a seeded generator, and the little template language of the tables.

use rand::{RngExt, SeedableRng};
use rand_chacha::ChaCha8Rng;

/// A seeded source of choices.
pub struct Dice {
    rng: ChaCha8Rng,
}

impl Dice {
    /// Returns the dice of a seed for a purpose; the same pair always falls the same way.
    pub fn new(seed: u64, purpose: &str, attempt: u32) -> Self {
        let mut hasher = blake3::Hasher::new();
        hasher.update(b"toolloom writer 1");
        hasher.update(&seed.to_le_bytes());
        hasher.update(&attempt.to_le_bytes());
        hasher.update(purpose.as_bytes());
        Self { rng: ChaCha8Rng::from_seed(*hasher.finalize().as_bytes()) }
    }

    /// Returns a number below `bound`, which must not be zero.
    pub fn below(&mut self, bound: usize) -> usize {
        self.rng.random_range(0..bound as u64) as usize
    }

    /// Returns true in `percent` of the cases.
    pub fn chance(&mut self, percent: u32) -> bool {
        self.rng.random_range(0..100_u32) < percent
    }

    /// Returns one of the items.
    pub fn pick<'a, T>(&mut self, items: &'a [T]) -> &'a T {
        &items[self.below(items.len())]
    }

    /// Returns one of the choices of a small `a|b|c` text, for choices too small for a table.
    pub fn word<'a>(&mut self, choices: &'a str) -> &'a str {
        let count = choices.split('|').count();
        let chosen = self.below(count);
        choices.split('|').nth(chosen).unwrap_or_default()
    }

    /// Returns a position drawn by weight.
    pub fn weighted(&mut self, weights: &[u32]) -> usize {
        let total: u32 = weights.iter().sum();
        let mut left = self.rng.random_range(0..total.max(1));
        for (position, weight) in weights.iter().enumerate() {
            if left < *weight {
                return position;
            }
            left -= weight;
        }
        0
    }

    /// Resolves every `(a|b|)` of a template, which may nest, to one of its choices.
    pub fn resolve(&mut self, template: &str) -> String {
        let mut rest = template.to_owned();
        while let Some((before, choices, after)) = innermost(&rest) {
            let chosen = self.below(choices.len());
            rest = format!("{before}{}{after}", choices[chosen]);
        }
        rest
    }

    /// Resolves a template's choices and fills its `{slots}`.
    pub fn fill(&mut self, template: &str, slot: &mut dyn FnMut(&mut Self, &str) -> String) -> String {
        let resolved = self.resolve(template);
        let mut out = String::with_capacity(resolved.len() + 32);
        let mut rest = resolved.as_str();
        while let Some(open) = rest.find('{') {
            let Some(close) = rest[open..].find('}') else { break };
            out.push_str(&rest[..open]);
            out.push_str(&slot(self, &rest[open + 1..open + close]));
            rest = &rest[open + close + 1..];
        }
        out.push_str(rest);
        out
    }
}

/// Splits a template around its first innermost group.
fn innermost(template: &str) -> Option<(String, Vec<String>, String)> {
    let close = template.find(')')?;
    let open = template[..close].rfind('(')?;
    let choices = template[open + 1..close].split('|').map(str::to_owned).collect();
    Some((template[..open].to_owned(), choices, template[close + 1..].to_owned()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_same_seed_falls_the_same_way() {
        let draw = |seed| {
            let mut dice = Dice::new(seed, "t", 0);
            (0..20).map(|_| dice.below(1000)).collect::<Vec<_>>()
        };
        assert_eq!(draw(3), draw(3));
        assert_ne!(draw(3), draw(4));
    }

    #[test]
    fn groups_nest_and_slots_are_filled_after_the_choice() {
        let mut dice = Dice::new(1, "t", 0);
        for _ in 0..50 {
            let text = dice.fill("(a (b|c)|d) {x}", &mut |_, name| format!("<{name}(1|2)>"));
            assert!(["a b <x(1|2)>", "a c <x(1|2)>", "d <x(1|2)>"].contains(&text.as_str()), "{text}");
        }
    }
}
