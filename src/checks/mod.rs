//! Pure checks that stages share: natural forms of values, leaks, placeholders, provenance of arguments, facts.

pub mod apology;
pub mod facts;
pub mod language;
pub mod leaks;
pub mod length;
pub mod natural;
pub mod placeholders;
pub mod provenance;
pub mod quotes;
pub mod schema;
pub mod similarity;
pub mod state;
pub mod tokens;
pub mod trajectory;

#[cfg(test)]
pub(crate) mod testing;
