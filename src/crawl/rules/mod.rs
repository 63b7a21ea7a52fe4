//! Curation: which of the operations that were read may be tools. A rule is one file here and one line in the registry; each
//! can be switched off (`crawl.disabled`), and whatever it drops stays in the catalog with the rule and the reason.

mod auth_handshake;
mod binary_result;
mod category;
mod choice;
mod deprecated;
pub mod duplicates;
mod file_upload;
mod health_check;
mod internal;
mod labels;
mod licence;
mod no_description;
mod no_result_method;
mod push_channel;
mod quality;
mod redirect;
mod registry;
mod route;
mod webhook;
mod websocket;

pub use quality::quality;
pub use registry::{OTHER_VERSION, SAME_OPERATION, names};

#[cfg(feature = "internals")]
pub use registry::all;

use crate::config::plan::Curation;
use crate::crawl::file::Crawled;
use crate::crawl::prose::words;
use crate::crawl::values::{Inputs, Node, Outputs};
use crate::data::{Call, Dropped, Method, Tool};
use registry::{Check, RULES};
use std::collections::BTreeMap;

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
        let all = self.path.split('?').next().unwrap_or_default().split('/');
        let literals = all.filter(|s| !s.contains('{') && !route::is_version(s));
        literals.map(|s| words(s).concat()).filter(|s| !is_base(s)).collect()
    }

    /// Tells whether the path leads to one thing among several.
    fn has_placeholder(&self) -> bool {
        self.path.contains('{')
    }
}

/// Tells whether a segment, as one word, is what paths of any API begin with.
fn is_base(segment: &str) -> bool {
    matches!(segment, "" | "api" | "apis" | "rest")
        || segment.len() <= 2 && segment.bytes().all(|b| b.is_ascii_digit())
}

/// Tells whether a rule is switched on.
pub fn is_on(rule: &str, curation: &Curation) -> bool {
    !curation.disabled.iter().any(|name| name == rule)
}

/// Returns the rule and the reason for which an operation cannot be a tool.
pub fn judge(case: &Case<'_>, curation: &Curation) -> Option<(&'static str, String)> {
    RULES.iter().find_map(|rule| match rule.check {
        Check::Operation(check) if is_on(rule.name, curation) => {
            check(case).map(|reason| (rule.name, reason))
        }
        _ => None,
    })
}

/// Returns the rule and the reason for which the plan does not take a tool.
pub fn select(tool: &Tool, curation: &Curation) -> Option<(&'static str, String)> {
    RULES.iter().find_map(|rule| match rule.check {
        Check::Tool(check) if is_on(rule.name, curation) => {
            check(tool, curation).map(|reason| (rule.name, reason))
        }
        _ => None,
    })
}

/// Curates what came of one file: labels all tools, and leaves out what the file holds twice and what the plan does not take.
pub fn curate(crawled: &mut Crawled, curation: &Curation) {
    let all = crawled.tools.iter_mut();
    for tool in all.chain(crawled.dropped.iter_mut().filter_map(|d| d.tool.as_deref_mut())) {
        tool.labels = labels::labels(tool);
    }
    // what is not selected takes no twin with it
    sift(crawled, |tools| {
        tools.iter().enumerate().filter_map(|(at, tool)| Some((at, select(tool, curation)?))).collect()
    });
    if is_on(SAME_OPERATION, curation) {
        sift(crawled, |tools| {
            let reason = |kept: usize| format!("it is {} under another path", tools[kept].id);
            let twins = duplicates::within(tools);
            twins.iter().map(|twin| (twin.dropped, (SAME_OPERATION, reason(twin.kept)))).collect()
        });
    }
    if let Some(source) = &mut crawled.source {
        source.kept = crawled.tools.len();
    }
}

/// Moves the tools that have a reason, by their place, to what is left out.
fn sift(crawled: &mut Crawled, find: impl Fn(&[Tool]) -> BTreeMap<usize, (&'static str, String)>) {
    let mut reasons = find(&crawled.tools);
    let mut kept = Vec::with_capacity(crawled.tools.len());
    for (index, tool) in std::mem::take(&mut crawled.tools).into_iter().enumerate() {
        match reasons.remove(&index) {
            Some((rule, reason)) => crawled.dropped.push(left_out(tool, rule, reason)),
            None => kept.push(tool),
        }
    }
    crawled.tools = kept;
}

/// Says which tool another is a version of.
pub fn other_version(kept: &str, version: &str) -> String {
    let version = if version.is_empty() { String::new() } else { format!(" (version {version})") };
    format!("it is {kept}{version} in another version of the API")
}

/// Makes of a tool what stands in the catalog for it when a rule drops it.
pub fn left_out(tool: Tool, rule: &str, reason: String) -> Dropped {
    let name = match &tool.call {
        Call::Http(call) => call.path.clone(),
        Call::Mcp { name, .. } | Call::Function { name, .. } => name.clone(),
    };
    Dropped {
        id: tool.id.to_string(),
        rule: rule.to_owned(),
        reason,
        spec: tool.source.spec.clone(),
        operation: Some((tool.call.method(), name)),
        tool: Some(Box::new(tool)),
    }
}

#[cfg(test)]
mod testing;
