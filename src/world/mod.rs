//! Simulated worlds: stateful, built from specs and an embedded lexicon, forked for the cost of a pointer. Pure.

mod calls;
mod compute;
mod diff;
mod envelope;
mod generate;
pub mod lexicon;
mod query;
mod store;
mod tabled;
pub mod values;
mod worlds;

pub use generate::{opaque_id, server_made};
pub use query::compare;
pub use store::{Record, Response, StoreKey, World, plain};
pub use tabled::partial;
pub use worlds::Worlds;
