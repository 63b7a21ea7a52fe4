//! `toolloom init`: writes the commented defaults as a file to start from.

use super::args::InitArgs;
use crate::config::DEFAULTS;
use std::fs::OpenOptions;
use std::io::{self, ErrorKind, Write};
use std::path::PathBuf;

/// Why no file was written.
#[derive(Debug, thiserror::Error)]
pub enum InitError {
    /// Something is there already.
    #[error("{} exists already, and is left as it is", .0.display())]
    Exists(PathBuf),
    /// It cannot be written.
    #[error("cannot write {}", path.display())]
    Write {
        /// The file.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
}

/// Writes the file, never over another.
pub fn run(args: &InitArgs, out: &mut dyn Write) -> Result<(), InitError> {
    let path = &args.path;
    let problem = |source: io::Error| match source.kind() {
        ErrorKind::AlreadyExists => InitError::Exists(path.clone()),
        _ => InitError::Write { path: path.clone(), source },
    };
    let mut file = OpenOptions::new().write(true).create_new(true).open(path).map_err(problem)?;
    file.write_all(DEFAULTS.as_bytes()).and_then(|()| file.sync_all()).map_err(problem)?;
    let path = path.display();
    writeln!(out, "wrote {path}\ncheck it:  toolloom check {path}\nrun it:    toolloom run {path}")
        .map_err(problem)
}
