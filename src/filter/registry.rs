//! The pure rules of one row: each is a file in `rules/` and a line here. They run in this order; the first that drops names the reason.

use super::case::Case;
use super::finding::Finding;
use super::rules;

/// A rule.
pub struct Rule {
    /// Its name in plans, scores and reasons.
    pub name: &'static str,
    /// What it says of a case.
    pub judge: fn(&Case<'_>) -> Finding,
}

/// The pure rules of one row, in order.
pub(super) const RULES: [Rule; 11] = [
    Rule { name: "finished", judge: rules::finished::judge },
    Rule { name: "offered_tools", judge: rules::offered_tools::judge },
    Rule { name: "valid_arguments", judge: rules::valid_arguments::judge },
    Rule { name: "not_all_errors", judge: rules::not_all_errors::judge },
    Rule { name: "no_apology", judge: rules::no_apology::judge },
    Rule { name: "in_words", judge: rules::in_words::judge },
    Rule { name: "state_equal", judge: rules::state_equal::judge },
    Rule { name: "facts_stated", judge: rules::facts_stated::judge },
    Rule { name: "grounded", judge: rules::grounded::judge },
    Rule { name: "argument_sources", judge: rules::argument_sources::judge },
    Rule { name: "minimal", judge: rules::minimal::judge },
];

/// Returns the names of all rules: of one row, of what judges said, of a task's rows, of the corpus.
pub fn rule_names() -> Vec<&'static str> {
    let asked = super::judging::NAMES.into_iter();
    RULES.iter().map(|r| r.name).chain(asked).chain([super::BEST]).chain(super::corpus::NAMES).collect()
}
