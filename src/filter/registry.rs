//! The rules of one record: each is a file in `rules/` and a line here. They run in this order; the first that drops names the reason.

use super::case::Case;
use super::rules;

/// A rule.
pub struct Rule {
    /// Its name in plans, scores and reasons.
    pub name: &'static str,
    /// What it says of a case.
    pub judge: fn(&Case<'_>) -> Finding,
}

/// What a rule says.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Finding {
    /// Why the row is dropped; `None` keeps it.
    pub drop: Option<String>,
    /// Its score, 0–1, where it has one.
    pub score: Option<f64>,
}

impl Finding {
    /// Keeps the row and says nothing more.
    pub fn silent() -> Self {
        Self::default()
    }

    /// Keeps the row with a score.
    pub fn keep(score: f64) -> Self {
        Self { drop: None, score: Some(score) }
    }

    /// Drops the row.
    pub fn drop(score: f64, reason: impl Into<String>) -> Self {
        Self { drop: Some(reason.into()), score: Some(score) }
    }
}

/// The rules of one record, in order.
pub(super) const RULES: [Rule; 12] = [
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
    Rule { name: "verified", judge: rules::verified::judge },
];

/// Returns the names of all rules, those over the corpus among them.
pub fn rule_names() -> Vec<&'static str> {
    RULES.iter().map(|r| r.name).chain(super::corpus::NAMES).collect()
}
