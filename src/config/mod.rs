//! Configuration: what the YAML says (`spec`) and what will run (`plan`).

pub mod plan;

pub use plan::Plan;
