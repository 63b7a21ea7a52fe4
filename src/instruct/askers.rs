//! Who asks, and in what manner.

use crate::words::rows;
use rand::seq::IndexedRandom;
use rand_chacha::ChaCha8Rng;
use std::sync::LazyLock;

static PERSONAS: LazyLock<Vec<&str>> = LazyLock::new(|| list("persona"));
static REGISTERS: LazyLock<Vec<&str>> = LazyLock::new(|| list("register"));

fn list(wanted: &str) -> Vec<&'static str> {
    rows(include_str!("askers.tsv")).filter(|[list, _]| *list == wanted).map(|[_, entry]| entry).collect()
}

/// Draws who asks.
pub fn persona(rng: &mut ChaCha8Rng) -> String {
    draw(&PERSONAS, rng)
}

/// Draws how they write.
pub fn register(rng: &mut ChaCha8Rng) -> String {
    draw(&REGISTERS, rng)
}

fn draw(from: &[&str], rng: &mut ChaCha8Rng) -> String {
    (*from.choose(rng).expect("the table has entries of the list")).to_owned()
}
