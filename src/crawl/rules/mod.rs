//! Curation: which of the operations that were read may be tools. A rule is one file here and one line in the registry; each
//! can be switched off (`crawl.disabled`), and whatever it drops stays in the catalog with the rule and the reason.

mod auth_handshake;
mod binary_result;
mod deprecated;
mod file_upload;
mod health_check;
mod internal;
mod no_description;
mod no_result_method;
mod push_channel;
mod redirect;
mod registry;
mod webhook;
mod websocket;

pub use registry::{Rule, all, names};

use super::document::Node;
use super::input::Inputs;
use super::output::Outputs;
use super::prose::words;
use crate::config::plan::Curation;
use crate::data::Method;
use registry::{Check, RULES};

/// An operation as the rules see it: what the spec says, and what was made of it.
pub struct Case<'a> {
    /// The method.
    pub method: Method,
    /// The path.
    pub path: &'a str,
    /// The operation in the spec.
    pub operation: Node<'a>,
    /// The spec's own words for it, summary and description, as they stand.
    pub text: &'a str,
    /// Its description as a tool.
    pub description: &'a str,
    /// What a caller gives.
    pub inputs: &'a Inputs,
    /// What it returns.
    pub outputs: &'a Outputs,
}

impl Case<'_> {
    /// Returns the words of each literal segment of the path.
    fn literals(&self) -> Vec<Vec<String>> {
        let path = self.path.split('?').next().unwrap_or_default();
        path.split('/').filter(|s| !s.is_empty() && !s.contains('{')).map(words).collect()
    }

    /// Returns the literal segments of the path, each as one word, without those that only say which version of which API it
    /// is: `/api/v2/health-check` is `healthcheck`.
    fn route(&self) -> Vec<String> {
        let all = self.literals();
        all.iter().map(|s| s.concat()).filter(|s| !is_base(s)).collect()
    }

    /// Tells whether the path leads to one thing among several.
    fn has_placeholder(&self) -> bool {
        self.path.contains('{')
    }
}

/// Tells whether a segment only says which version of which API a path is of.
fn is_base(segment: &str) -> bool {
    matches!(segment, "" | "api" | "apis" | "rest") || is_version(segment)
}

/// Tells whether a segment, in lower case and without marks, is a version: `v1`, `v20`, `v1beta2`, `20150331`.
fn is_version(segment: &str) -> bool {
    let digits = |t: &str| !t.is_empty() && t.bytes().all(|b| b.is_ascii_digit());
    if let Some(rest) = segment.strip_prefix('v') {
        let number = rest.trim_start_matches(|c: char| c.is_ascii_digit());
        let stage = ["alpha", "beta", "rc", "p", "preview"]
            .iter()
            .find_map(|s| number.strip_prefix(*s))
            .unwrap_or(number);
        return number.len() < rest.len() && (stage.is_empty() || digits(stage));
    }
    segment.len() == 8 && digits(segment) && (segment.starts_with("19") || segment.starts_with("20"))
}

/// Returns the rule and the reason for which an operation cannot be a tool.
pub fn judge(case: &Case<'_>, curation: &Curation) -> Option<(&'static str, String)> {
    RULES.iter().find_map(|rule| {
        let Check::Operation(check) = &rule.check;
        if curation.disabled.iter().any(|d| d == rule.name) {
            return None;
        }
        check(case).map(|reason| (rule.name, reason))
    })
}

#[cfg(test)]
mod testing;
