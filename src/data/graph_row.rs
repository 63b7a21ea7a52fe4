//! A row of `graph.parquet`: a result's field that feeds a parameter.

use serde::Serialize;

/// A row of `graph.parquet`.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct GraphRow {
    /// The API of both tools.
    pub api: String,
    /// The id of the tool whose result it is.
    pub from: String,
    /// The way to the field from the result's root: `data[].id`.
    pub from_field: String,
    /// The id of the tool that is fed.
    pub to: String,
    /// The way to the parameter from the root of the arguments.
    pub to_parameter: String,
    /// The rule that found it.
    pub rule: String,
    /// How surely what the field holds is what the parameter wants, 0 to 1.
    pub confidence: f64,
}
