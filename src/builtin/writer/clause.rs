//! The forms a want can take before it is framed.

/// A want's wording, without frame or end mark.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Clause {
    /// A direct question: `when is it due`.
    Question(String),
    /// An embedded question: `when it is due`.
    Told(String),
    /// A noun phrase: `the due date of X`.
    Thing(String),
    /// An imperative: `mark X as done`.
    Order(String),
    /// An imperative that only looks something up: `list the open tickets`.
    Fetch(String),
    /// A statement of how things should be: `X should be done`.
    Need(String),
    /// A record, then what is asked of it, with its end mark.
    Topic(String, String),
    /// A place, then the question.
    Fronted(String, String),
    /// Whole sentences already, with their end mark.
    Whole(String),
    /// An imperative, and sentences that complete it.
    OrderAnd(String, Vec<String>),
}

impl Clause {
    /// Tells whether it can be joined with others into one imperative.
    pub fn joins(&self) -> bool {
        matches!(self, Self::Order(_) | Self::Fetch(_) | Self::Told(_))
    }
}
