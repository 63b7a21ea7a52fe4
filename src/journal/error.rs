//! Why a journal cannot be opened or used.

use std::path::PathBuf;

/// The part of an identity that specs make.
pub(super) const CATALOG: &str = "catalog";

/// Why a journal cannot be opened or used.
#[derive(Debug, thiserror::Error)]
pub enum JournalError {
    /// The folder holds another run.
    #[error(
        "{} holds another run: its `{key}` is {theirs}, this one's is {ours}; {}",
        folder.display(),
        advice(key)
    )]
    OtherRun {
        /// The run's folder.
        folder: PathBuf,
        /// The first part of the identity that differs, dotted.
        key: String,
        /// Its value in the journal.
        theirs: String,
        /// Its value in this run.
        ours: String,
    },
    /// The journal was written by another version of the format.
    #[error(
        "{} was written in journal format {theirs}, this version reads {ours}; name another `output`, or use the version that began the run",
        path.display()
    )]
    OtherFormat {
        /// The journal's file.
        path: PathBuf,
        /// Its format.
        theirs: String,
        /// The format of this version.
        ours: u32,
    },
    /// Another process has it open.
    #[error("{} is in use by another toolloom; wait for it to end, or name another `output`", path.display())]
    InUse {
        /// The journal's file.
        path: PathBuf,
    },
    /// The file is none that toolloom wrote.
    #[error("{} is no journal but {what}; name another `output`, or move the file away", path.display())]
    Foreign {
        /// The file.
        path: PathBuf,
        /// What it is.
        what: &'static str,
    },
    /// The file is a journal whose pages are damaged.
    #[error(
        "the journal {} is damaged ({cause}): {tasks} finished tasks and {effects} replies, results and pages can be saved; `toolloom journal repair {}` saves them and keeps the damaged file beside",
        path.display(),
        path.display()
    )]
    Damaged {
        /// The journal's file.
        path: PathBuf,
        /// What was found.
        cause: String,
        /// Finished tasks that can be read as they were written.
        tasks: u64,
        /// Effects that can be read as they were written.
        effects: u64,
    },
    /// The file cannot be opened.
    #[error("cannot open the journal {}", path.display())]
    Open {
        /// The journal's file.
        path: PathBuf,
        /// The cause.
        source: Box<redb::Error>,
    },
    /// Its folder or file cannot be made.
    #[error("cannot make the journal {}", path.display())]
    Create {
        /// The journal's file.
        path: PathBuf,
        /// The cause.
        source: std::io::Error,
    },
    /// It cannot be read.
    #[error("cannot read the journal {}", path.display())]
    Read {
        /// The journal's file.
        path: PathBuf,
        /// The cause.
        source: Box<redb::Error>,
    },
    /// It cannot be written.
    #[error("cannot write the journal {}: {cause}", path.display())]
    Write {
        /// The journal's file.
        path: PathBuf,
        /// The cause, which every writer of the batch is told.
        cause: String,
    },
    /// A remembered task cannot be read back.
    #[error(
        "task {ordinal} in the journal {} cannot be read back: {cause}; `toolloom journal check {}` says what else is damaged, and a run makes such tasks anew",
        path.display(),
        path.display()
    )]
    Task {
        /// The journal's file.
        path: PathBuf,
        /// The task.
        ordinal: u64,
        /// The cause.
        cause: String,
    },
    /// A line of an exported journal cannot be taken in.
    #[error("{}, line {line}: {cause}; nothing was imported", path.display())]
    Import {
        /// The file of lines.
        path: PathBuf,
        /// The line, from 1.
        line: usize,
        /// What is wrong with it.
        cause: String,
    },
}

/// Says what can be done where a part of the identity differs.
fn advice(key: &str) -> &'static str {
    match key {
        CATALOG => {
            "the specs, or settings under `crawl`, have changed since: `--redo crawl` makes the run's tasks anew of what they are now, and another `output` keeps both"
        }
        _ => "name another `output`, or remove the folder to start anew",
    }
}
