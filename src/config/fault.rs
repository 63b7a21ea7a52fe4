//! What is wrong with a configuration, and where: all of it at once.

use super::place::{At, Origin};
use std::fmt::{self, Display, Write};

/// One fault.
#[derive(Clone, Debug)]
pub struct Fault {
    at: Option<At>,
    message: String,
    help: Vec<String>,
    /// The line may hold a secret and is not shown.
    hides_line: bool,
}

impl Fault {
    pub(super) fn new(at: At, message: impl Into<String>) -> Self {
        Self { at: Some(at), message: message.into(), help: Vec::new(), hides_line: false }
    }

    /// A fault of no place in a file (the file itself is missing).
    pub(super) fn general(message: impl Into<String>) -> Self {
        Self { at: None, message: message.into(), help: Vec::new(), hides_line: false }
    }

    pub(super) fn says(mut self, message: impl Into<String>) -> Self {
        self.message = message.into();
        self
    }

    /// Keeps the line out of the message: it may hold a secret.
    pub(super) fn hide_line(mut self) -> Self {
        self.hides_line = true;
        self
    }

    pub(super) fn help(mut self, line: impl Into<String>) -> Self {
        self.help.push(line.into());
        self
    }

    /// Adds `did you mean …?` where a candidate is close to what was written.
    pub(super) fn did_you_mean<'a>(
        self,
        written: &str,
        candidates: impl IntoIterator<Item = &'a str>,
    ) -> Self {
        match closest(written, candidates) {
            Some(candidate) => self.help(format!("did you mean `{candidate}`?")),
            None => self,
        }
    }

    fn order(&self) -> (u8, usize, usize) {
        match &self.at {
            None => (0, 0, 0),
            Some(At { origin: Origin::Defaults, line, column, .. }) => (1, *line, *column),
            Some(At { origin: Origin::File(_), line, column, .. }) => (2, *line, *column),
            Some(At { origin: Origin::Set(_), line, column, .. }) => (3, *line, *column),
        }
    }
}

impl Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.at {
            None => f.write_str(&self.message)?,
            Some(At { origin: Origin::Set(flag), .. }) => {
                let shown = if self.hides_line { flag.split('=').next().unwrap_or_default() } else { flag };
                write!(f, "--set {shown}: {}", self.message)?;
            }
            Some(At { origin: Origin::Defaults, line, .. }) => {
                write!(f, "defaults, line {line}: {}", self.message)?;
            }
            Some(At { origin: Origin::File(file), line, column, length }) => {
                write!(f, "{}:{line}:{column}: {}", file.name, self.message)?;
                if let Some(text) = file.text.lines().nth(line - 1).filter(|_| !self.hides_line) {
                    f.write_str(&snippet(text, *line, *column, *length))?;
                }
            }
        }
        for line in &self.help {
            write!(f, "\n  = {line}")?;
        }
        Ok(())
    }
}

/// Draws a line of a file with carets under the fault; a very long line is cut around it.
fn snippet(text: &str, line: usize, column: usize, length: usize) -> String {
    const SHOWN: usize = 110;
    let characters: Vec<char> = text.chars().map(|c| if c.is_control() { ' ' } else { c }).collect();
    let start = (column - 1).min(characters.len());
    let from = if characters.len() > SHOWN { start.saturating_sub(SHOWN / 3) } else { 0 };
    let shown: String = characters.iter().skip(from).take(SHOWN).collect();
    let left = start - from;
    let carets = length.clamp(1, SHOWN.saturating_sub(left).max(1));
    let margin = line.to_string();
    let space = " ".repeat(margin.len());
    let mut out = String::new();
    let _ = write!(
        out,
        "\n {space} |\n {margin} | {shown}\n {space} | {}{}",
        " ".repeat(left),
        "^".repeat(carets)
    );
    out
}

/// Returns the candidate that is near enough to be meant.
pub(super) fn closest<'a>(written: &str, candidates: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    let written = written.to_lowercase().replace(['-', ' '], "_");
    candidates
        .into_iter()
        .map(|candidate| (strsim::damerau_levenshtein(&written, candidate), candidate))
        .filter(|(distance, candidate)| {
            *distance <= 1 + candidate.len() / 4
                || (written.len() >= 3 && candidate.starts_with(&written))
                || (candidate.len() >= 4 && written.starts_with(candidate))
        })
        .min()
        .map(|(_, candidate)| candidate)
}

/// Every fault of a configuration, in the order of their places.
#[derive(Clone, Debug, Default)]
pub struct Faults {
    faults: Vec<Fault>,
}

impl Faults {
    pub(super) fn push(&mut self, fault: Fault) {
        self.faults.push(fault);
    }

    pub(super) fn into_result(mut self) -> Result<(), Self> {
        if self.faults.is_empty() {
            return Ok(());
        }
        self.faults.sort_by_key(Fault::order);
        // another fault of the same line would show the secret
        let hidden: Vec<At> = self
            .faults
            .iter()
            .filter(|fault| fault.hides_line)
            .filter_map(|fault| fault.at.clone())
            .collect();
        for fault in &mut self.faults {
            fault.hides_line |= fault.at.as_ref().is_some_and(|at| hidden.iter().any(|h| h.same_line(at)));
        }
        Err(self)
    }

    /// Returns how many there are.
    pub fn count(&self) -> usize {
        self.faults.len()
    }
}

impl Display for Faults {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (i, fault) in self.faults.iter().enumerate() {
            if i > 0 {
                f.write_str("\n\n")?;
            }
            write!(f, "{fault}")?;
        }
        Ok(())
    }
}

impl std::error::Error for Faults {}
