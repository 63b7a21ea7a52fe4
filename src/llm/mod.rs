//! The handle on models: who answers prompts.

mod reply;

pub use reply::{Finish, LocalModel, Reply, Role, Usage};
