//! An operation's method and path, and what stands in a path.

use crate::data::Method;

/// Which operation it is, as its inputs are judged by.
pub struct Route<'a> {
    /// The method.
    pub method: Method,
    /// The path.
    pub path: &'a str,
    /// The operation's own text.
    pub text: &'a str,
}

/// Returns the names of a path's placeholders.
pub fn placeholders(path: &str) -> Vec<String> {
    let mut out = Vec::new();
    let mut rest = path;
    while let Some(open) = rest.find('{') {
        let Some(close) = rest[open..].find('}') else { break };
        let name = rest[open + 1..open + close].to_owned();
        if !name.is_empty() && !out.contains(&name) {
            out.push(name);
        }
        rest = &rest[open + close + 1..];
    }
    out
}

/// A path without its parameters' names.
pub fn shape(path: &str) -> String {
    placeholders(path).iter().fold(path.to_owned(), |shape, name| shape.replace(&format!("{{{name}}}"), "{}"))
}
