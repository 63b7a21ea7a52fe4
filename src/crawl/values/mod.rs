//! What lowering works on, as values: a document with its parts, a spec, what an operation takes and returns, and names.

pub mod document;
mod inputs;
pub mod names;
mod outputs;
pub mod parts;
mod route;
mod spec;

pub use document::{Document, Node};
pub use inputs::{Inputs, parameters};
pub use outputs::Outputs;
pub use route::{Route, placeholders, shape};
pub use spec::{About, POINTER, Spec, server_url};
