//! The rules of one record, a file each.

pub mod argument_sources;
pub mod facts_stated;
pub mod finished;
pub mod grounded;
pub mod in_words;
pub mod minimal;
pub mod no_apology;
pub mod not_all_errors;
pub mod offered_tools;
pub mod state_equal;
pub mod valid_arguments;
