//! The tables that tell from a field's words what it means. The first rule that matches and suits the type counts; a noun's own rules stand
//! before the common ones.

mod common;
mod life;
mod places;
mod works;

pub(crate) use common::COMMON;

use super::kind::{Kind, Often};
use super::noun::Noun;

/// The words of a field (`a|b*|*c`), what it means, how often it is there.
pub(crate) type Rule = (&'static str, Kind, Often);

/// Returns the rules of one noun, tried before the common ones.
pub(crate) fn of_noun(noun: Noun) -> &'static [Rule] {
    let tables = [life::LIFE, places::PLACES, works::WORKS];
    tables.iter().copied().flatten().find(|(nouns, _)| nouns.contains(&noun)).map_or(&[], |(_, rules)| *rules)
}
