//! Why a server could not be asked: what went wrong, what the server last said, and what to do.

use crate::config::plan::{McpReach, McpSource};
use crate::llm::Secrets;
use std::fmt::{self, Display};

/// Longest line of a server's that is shown, in characters.
const LINE_SHOWN: usize = 300;

/// What went wrong with one server, before it is cleaned of secrets.
#[derive(Debug)]
pub(super) struct Fault {
    /// What went wrong.
    pub what: String,
    /// The last lines that the server wrote for people.
    pub said: Vec<String>,
    /// What to do.
    pub advice: String,
}

impl Fault {
    /// A fault of which the server said nothing.
    pub fn new(what: impl Into<String>, advice: impl Into<String>) -> Self {
        Self { what: what.into(), said: Vec::new(), advice: advice.into() }
    }
}

/// Why one server could not be asked. It holds no secret of the source.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub struct LiveError {
    source_name: String,
    what: String,
    said: Vec<String>,
    advice: String,
    is_missing: bool,
}

impl LiveError {
    /// Says what went wrong, without the secrets.
    pub(super) fn new(server: &McpSource, fault: Fault, secrets: &Secrets) -> Self {
        let line = |text: &String| secrets.clean_text(text).chars().take(LINE_SHOWN).collect();
        let by_hand = match &server.reach {
            McpReach::Stdio { command, .. } if !fault.said.is_empty() => {
                format!("; to see it by hand: {}", command.join(" "))
            }
            _ => String::new(),
        };
        Self {
            source_name: server.to_string(),
            what: secrets.clean_text(&fault.what),
            said: fault.said.iter().map(line).collect(),
            advice: format!("{}{by_hand}", fault.advice),
            is_missing: false,
        }
    }

    /// No server can be asked at all.
    pub(super) fn of_runtime(cause: &std::io::Error) -> Self {
        Self {
            source_name: "mcp".to_owned(),
            what: format!("no server can be asked: {cause}"),
            said: Vec::new(),
            advice: "the system gives no more threads or files: end what takes them".to_owned(),
            is_missing: false,
        }
    }

    /// Nothing may be asked, and what the server lists is not remembered.
    pub(super) fn not_asked(server: &McpSource) -> Self {
        Self {
            source_name: server.to_string(),
            what: "what it lists is not remembered, and nothing is asked".to_owned(),
            said: Vec::new(),
            advice: "run without --offline; where the run has begun with other sources, with --redo crawl"
                .to_owned(),
            is_missing: true,
        }
    }
}

impl Display for LiveError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} (a source of crawl.sources): {}", self.source_name, self.what)?;
        if !self.said.is_empty() {
            f.write_str("\n  its last words:")?;
        }
        for line in &self.said {
            write!(f, "\n  | {line}")?;
        }
        write!(f, "\n  = {}", self.advice)
    }
}

/// Every server that could not be asked.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub struct LiveErrors(pub Vec<LiveError>);

impl LiveErrors {
    /// Tells whether it is only that nothing may be asked.
    pub fn is_missing(&self) -> bool {
        self.0.iter().all(|error| error.is_missing)
    }
}

impl Display for LiveErrors {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (i, error) in self.0.iter().enumerate() {
            write!(f, "{}{error}", if i > 0 { "\n" } else { "" })?;
        }
        Ok(())
    }
}
