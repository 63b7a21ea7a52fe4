//! What a rule says of a row.

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
