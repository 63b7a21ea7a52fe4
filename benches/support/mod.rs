//! What the benchmarks share.

pub mod mock;
pub mod parts;
pub mod process;
pub mod table;
