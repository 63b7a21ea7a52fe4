//! What was decided about a record, and why.

use serde::{Deserialize, Serialize};
use std::any::Any;
use std::collections::BTreeMap;

/// The five stages, in the order of the flow. The same words are YAML keys, modules, bars and report rows.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[expect(missing_docs, reason = "DESIGN's five words")]
pub enum Stage {
    Crawl,
    Instruct,
    Search,
    Filter,
    Shard,
}

impl Stage {
    /// The stages in order.
    pub const ALL: [Self; 5] = [Self::Crawl, Self::Instruct, Self::Search, Self::Filter, Self::Shard];

    /// Returns the stage's word.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Crawl => "crawl",
            Self::Instruct => "instruct",
            Self::Search => "search",
            Self::Filter => "filter",
            Self::Shard => "shard",
        }
    }
}

/// Keep, or drop with stage, rule and reason.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Verdict {
    /// `None` keeps the record.
    pub dropped: Option<Reason>,
    /// What each rule and judge said, by name, 0–1.
    pub scores: BTreeMap<String, f64>,
}

/// Why a record was dropped.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Reason {
    /// The stage that dropped it.
    pub stage: Stage,
    /// The rule's name.
    pub rule: String,
    /// What exactly was wrong, for a person.
    pub reason: String,
}

impl Reason {
    /// Makes a reason.
    pub fn new(stage: Stage, rule: impl Into<String>, reason: impl Into<String>) -> Self {
        Self { stage, rule: rule.into(), reason: reason.into() }
    }

    /// Makes the reason for which a fault of ours drops a record: what was caught of a panic says which.
    pub fn crashed(stage: Stage, panicked: &(dyn Any + Send)) -> Self {
        let said = panicked.downcast_ref::<String>().map(String::as_str);
        let said =
            said.or_else(|| panicked.downcast_ref::<&str>().copied()).unwrap_or("it does not say which");
        Self::new(stage, CRASHED, format!("a fault in toolloom: {said}"))
    }
}

/// The rule that drops what a fault of ours broke.
pub const CRASHED: &str = "crashed";

/// By what a row is known to be right.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Verified {
    /// The final state equals the reference's (and its facts, if any, stand in the answer).
    State,
    /// The reference's facts stand in the answer.
    Facts,
    /// A model judge said so.
    Judge,
    /// Nothing.
    None,
}

impl Verified {
    /// Returns the word that rows hold.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::State => "state",
            Self::Facts => "facts",
            Self::Judge => "judge",
            Self::None => "none",
        }
    }
}

/// A structural difficulty score and its level.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Difficulty {
    /// 0 (trivial) to 1.
    pub score: f64,
    /// The level that the score falls in.
    pub level: Level,
}

/// A level of difficulty.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[expect(missing_docs, reason = "the names say it all")]
pub enum Level {
    Easy,
    Medium,
    Hard,
}

impl Level {
    /// Returns the word that rows hold.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Easy => "easy",
            Self::Medium => "medium",
            Self::Hard => "hard",
        }
    }
}
