//! What the crawl left out, and why.

use super::{Method, Tool};
use serde::{Deserialize, Serialize};

/// A spec or an operation that was left out.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Dropped {
    /// `provider/api/operation`, or the spec's name where the whole spec was dropped.
    pub id: String,
    /// The rule that dropped it (`no_json`, `too_large`, `duplicate`…).
    pub rule: String,
    /// What exactly was wrong, for a person.
    pub reason: String,
    /// The spec's file name or URL.
    pub spec: String,
    /// The HTTP method and path, or no method and the function's name, where it is an operation.
    pub operation: Option<(Option<Method>, String)>,
    /// The lowered tool, where lowering got that far.
    pub tool: Option<Box<Tool>>,
}
