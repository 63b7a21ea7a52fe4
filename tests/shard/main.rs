//! The run's folder, from the values it is made of to what people and trainers read of it.
#![expect(clippy::unwrap_used, reason = "clippy takes helpers of tests for no tests")]

mod folder;
mod inspect_export;
mod python;
mod report;
mod samples;
