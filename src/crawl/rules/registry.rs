//! The rules of curation, in the order in which they are asked: the first that drops names the reason.

use super::{
    Case, auth_handshake, binary_result, category, deprecated, duplicates, file_upload, health_check,
    internal, labels, licence, no_description, no_result_method, push_channel, quality, redirect, webhook,
    websocket,
};
use crate::config::plan::Curation;
use crate::data::Tool;

/// A rule.
pub struct Rule {
    /// Its name in plans and in the catalog.
    pub name: &'static str,
    /// What it drops and why, for a person.
    #[cfg_attr(
        not(feature = "internals"),
        expect(dead_code, reason = "the project's own tests hold the README to it")
    )]
    pub drops: &'static str,
    /// How it is asked.
    pub(super) check: Check,
}

/// What a rule looks at.
pub(super) enum Check {
    /// An operation while it is lowered: the reason to drop it.
    Operation(fn(&Case<'_>) -> Option<String>),
    /// A tool once it is lowered: the reason to drop it.
    Tool(fn(&Tool, &Curation) -> Option<String>),
    /// All tools of a spec, or of all specs, together: asked by name where they are.
    Together,
}

const fn operation(name: &'static str, drops: &'static str, check: fn(&Case<'_>) -> Option<String>) -> Rule {
    Rule { name, drops, check: Check::Operation(check) }
}

const fn tool(
    name: &'static str,
    drops: &'static str,
    check: fn(&Tool, &Curation) -> Option<String>,
) -> Rule {
    Rule { name, drops, check: Check::Tool(check) }
}

const fn together(name: &'static str, drops: &'static str) -> Rule {
    Rule { name, drops, check: Check::Together }
}

/// The rule for operations that a spec holds twice.
pub const SAME_OPERATION: &str = "same_operation";
/// The rule for operations that a newer version of the same API holds.
pub const OTHER_VERSION: &str = "other_version";

/// All rules.
pub(super) const RULES: [Rule; 18] = [
    operation("no_result_method", no_result_method::DROPS, no_result_method::check),
    operation("deprecated", deprecated::DROPS, deprecated::check),
    operation("internal", internal::DROPS, internal::check),
    operation("websocket", websocket::DROPS, websocket::check),
    operation("push_channel", push_channel::DROPS, push_channel::check),
    operation("auth_handshake", auth_handshake::DROPS, auth_handshake::check),
    operation("webhook", webhook::DROPS, webhook::check),
    operation("health_check", health_check::DROPS, health_check::check),
    operation("redirect", redirect::DROPS, redirect::check),
    operation("file_upload", file_upload::DROPS, file_upload::check),
    operation("binary_result", binary_result::DROPS, binary_result::check),
    operation("no_description", no_description::DROPS, no_description::check),
    together(SAME_OPERATION, duplicates::DROPS),
    tool("licence_not_allowed", licence::DROPS, licence::check),
    tool("category_not_selected", category::DROPS, category::check),
    tool("label_excluded", labels::DROPS, labels::check),
    tool("poor_documentation", quality::DROPS, quality::check),
    together(OTHER_VERSION, duplicates::DROPS_ACROSS),
];

/// Returns all rules, in the order in which they are asked.
#[cfg_attr(
    not(feature = "internals"),
    expect(dead_code, reason = "the project's own tests hold the README to it")
)]
pub fn all() -> &'static [Rule] {
    &RULES
}

/// Returns the names of all rules.
pub fn names() -> Vec<&'static str> {
    RULES.iter().map(|rule| rule.name).collect()
}
