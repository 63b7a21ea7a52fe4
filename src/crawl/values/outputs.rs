//! What an operation returns, as values.

use crate::data::{ErrorShape, Mined, SharedSchema};
use serde_json::Value;
use std::cell::RefCell;
use std::collections::HashMap;

/// What an operation returns.
#[derive(Default)]
pub struct Outputs {
    /// The status of success.
    pub success: u16,
    /// The schema of a successful JSON result.
    pub result: Option<SharedSchema>,
    /// Its media type.
    pub media: Option<String>,
    /// All media types declared for it.
    pub media_all: Vec<String>,
    /// The statuses declared.
    pub statuses: Vec<u16>,
    /// The shapes of errors.
    pub errors: Vec<ErrorShape>,
    /// What the prose said.
    pub mined: Mined,
}

/// The schemas of one spec's results and errors that were lowered before, by what they are lowered from.
#[derive(Default)]
pub struct Shared {
    /// By where they stand.
    pub known: RefCell<HashMap<LoweredFrom, (SharedSchema, Mined)>>,
    /// The same by what they came to: lists of the same records are often written out for each operation.
    pub made: RefCell<HashMap<blake3::Hash, SharedSchema>>,
}

/// What a schema is lowered from: where it stands, whether a reference leads there, and the limits.
pub type LoweredFrom = (*const Value, bool, u32, usize);
