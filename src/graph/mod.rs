//! What an API is about: resources, operations, and which result feeds which parameter. Pure.

pub mod edges;
mod infer;
pub mod model;
mod models;
mod operations;
pub mod paths;
pub mod shape;
mod sketch;

pub use edges::{Edge, Rule, edges};
pub use infer::model;
pub use model::{
    ApiModel, Compute, Link, LinkForm, Match, OpKind, Operation, ParamRole, Resource, ResourceIndex,
};
pub use models::Models;
pub use shape::Step;
