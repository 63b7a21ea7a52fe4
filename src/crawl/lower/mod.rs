//! An operation of a spec → a tool.

pub mod body;
pub mod category;
pub mod fit;
pub mod infer;
pub mod input;
pub mod output;
pub mod strict;
pub mod supplied;
pub mod written;
