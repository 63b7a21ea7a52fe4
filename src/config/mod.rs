//! Configuration: what the YAML says (`spec`) and what will run (`plan`).
//!
//! `load` lays the user's file over the embedded defaults and `--set` over both, collects every fault with
//! its place, and only then makes a plan.

mod cross;
mod fault;
mod layers;
mod place;
pub mod plan;
pub(crate) mod prices;
mod schema;
mod spec;
#[cfg(test)]
mod tests;
mod yaml;

pub use fault::{Fault, Faults};
pub use plan::Plan;

use layers::Layers;
use std::path::Path;

/// The defaults: what `toolloom init` writes and what `run` uses without a file.
pub const DEFAULTS: &str = include_str!("defaults.yaml");

/// Makes the plan of a pipeline file (or of the defaults) and overrides of the form `a.b=value`.
///
/// `is_set` tells whether an environment variable holds something. All faults are returned at once. Names of rules and rubrics
/// are taken as they are: this module does not know those that there are.
pub fn load(file: Option<&Path>, sets: &[String], is_set: &dyn Fn(&str) -> bool) -> Result<Plan, Faults> {
    load_knowing(file, sets, &Known { is_set, rules: None, crawl_rules: None, rubrics: None })
}

/// What a configuration is checked against and this module cannot know.
pub(crate) struct Known<'a> {
    /// Tells whether an environment variable holds something.
    pub is_set: &'a dyn Fn(&str) -> bool,
    /// The names of the filter's rules; `None` leaves `filter.disabled` unchecked.
    pub rules: Option<&'a [&'a str]>,
    /// The names of the crawl's rules; `None` leaves `crawl.disabled` unchecked.
    pub crawl_rules: Option<&'a [&'a str]>,
    /// The names of the rubrics that are there; `None` leaves judges without words of their own unchecked.
    pub rubrics: Option<&'a [&'a str]>,
}

/// Makes the plan as `load` does, checked against more.
pub(crate) fn load_knowing(file: Option<&Path>, sets: &[String], known: &Known) -> Result<Plan, Faults> {
    let mut faults = Faults::default();
    let layers = Layers::read(file, sets, &mut faults);
    schema::check(&layers.tree, &mut faults);
    cross::check(&layers.tree, known, &mut faults);
    faults.into_result()?;
    Ok(spec::Spec::of(&layers.tree).into_plan(&layers))
}
