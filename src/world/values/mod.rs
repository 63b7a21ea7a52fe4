//! Plausible values for simulated worlds: coherent records by schema, true where they name the real world, invented where they name anyone.
//!
//! ```text
//! schema + resource + domain ─▶ RecordPlan ─▶ record(index, setting)
//!                               (each field's Kind)   (a Cast: subject, people, place, story; fields are read off it)
//! ```
//!
//! Same seed and inputs, same values. A world's people, companies and tables are in its `Setting`; `name_of` names what a resource's
//! `index`th record is called, and `record` uses the same name.

mod cast;
mod classify;
mod dice;
mod domain;
mod fit;
mod kind;
mod mined;
mod noun;
mod pattern;
mod person;
mod place;
mod plan;
mod prose;
mod render;
mod rules;
mod setting;
mod story;
mod subject;
#[cfg(test)]
mod tests;
pub mod tables;

pub use domain::Domain;
pub use plan::RecordPlan;
pub use setting::Setting;

use rand_chacha::ChaCha8Rng;
use serde_json::{Map, Value};

/// Draws the `index`th record of a resource. Compile a `RecordPlan` once where many are needed.
pub fn record(
    schema: &Value,
    resource: &str,
    domain: Domain,
    index: usize,
    setting: &Setting,
    rng: &mut ChaCha8Rng,
    skip: &dyn Fn(&str) -> bool,
) -> Map<String, Value> {
    RecordPlan::compile(schema, resource, domain).record(index, setting, rng, skip)
}

/// Draws one value for a field, outside of any record: what a user might say for it.
pub fn value(
    name: &str,
    schema: &Value,
    description: &str,
    resource: &str,
    domain: Domain,
    setting: &Setting,
    rng: &mut ChaCha8Rng,
) -> Value {
    plan::one_value(name, schema, description, resource, domain, setting, rng)
}

/// Whether a field's meaning is known. What nobody knows the meaning of, no user says.
pub fn knows(name: &str, schema: &Value, resource: &str, domain: Domain) -> bool {
    plan::knows(name, schema, resource, domain)
}
