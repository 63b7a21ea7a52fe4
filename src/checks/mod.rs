//! Pure checks that stages share: natural forms of values, leaks, placeholders, provenance of arguments, facts.

pub mod natural;
