//! Stub.

pub mod lexicon;
pub mod values;
