//! `toolloom journal check|repair|export|import|prune`: looking after a journal.

use super::CliError;
use super::args::{ImportArgs, JournalExportArgs, PlaceArgs, PruneArgs};
use super::look::LookError;
use super::place::{place, size};
use crate::journal::{self, Damage, Found, JournalError, Prune};
use crate::report;
use std::collections::BTreeMap;
use std::fs::File;
use std::io::{BufWriter, Write};
use std::path::{Path, PathBuf};

/// So many damaged values are named.
const NAMED: usize = 20;

/// Checks every value and says what is damaged.
pub(super) fn check(args: &PlaceArgs, out: &mut dyn Write) -> Result<(), CliError> {
    let path = there(args)?;
    let found = journal::check(&path).map_err(told)?;
    let _ = out.write_all(found_text(&path, &found).as_bytes());
    whole(&found, path)
}

/// Saves what verifies.
pub(super) fn repair(args: &PlaceArgs, out: &mut dyn Write) -> Result<(), CliError> {
    let path = there(args)?;
    let (found, kept) = journal::repair(&path).map_err(told)?;
    let text = format!(
        "{}\nsaved into {}; what it was made of is {}\nthe next run makes and asks again what is missing\n",
        found_text(&path, &found).trim_end(),
        path.display(),
        kept.display()
    );
    let _ = out.write_all(text.as_bytes());
    Ok(())
}

/// Writes a journal as lines of JSON.
pub(super) fn export(args: &JournalExportArgs, out: &mut dyn Write) -> Result<(), CliError> {
    let path = there(&args.place)?;
    let found = match &args.output {
        Some(output) => {
            let create = |source| JournalError::Create { path: output.clone(), source };
            let file = File::create(output).map_err(create).map_err(LookError::Journal)?;
            journal::export(&path, &mut BufWriter::new(file))
        }
        None => journal::export(&path, out),
    };
    whole(&found.map_err(told)?, path)
}

/// Makes a new run's folder of an exported journal.
pub(super) fn import(args: &ImportArgs, out: &mut dyn Write) -> Result<(), CliError> {
    let path = args.folder.join("journal.redb");
    if !args.file.is_file() {
        return Err(LookError::NotThere(args.file.clone()).into());
    }
    if path.exists() {
        return Err(LookError::IsThere(path).into());
    }
    let (tasks, effects) = journal::import(&args.file, &path).map_err(told)?;
    let text = format!(
        "{}: {} finished tasks, {} replies, results and pages\n",
        path.display(),
        report::count(tasks),
        report::count(effects)
    );
    let _ = out.write_all(text.as_bytes());
    Ok(())
}

/// Drops what is not needed.
pub(super) fn prune(args: &PruneArgs, out: &mut dyn Write) -> Result<(), CliError> {
    let path = there(&args.place)?;
    let what = if args.finished { Prune::Finished } else { Prune::Faults };
    let pruned = journal::prune(&path, what).map_err(told)?;
    let text = format!(
        "{}: {} replies and results dropped, {} bytes ({}) before, {} bytes ({}) now\n",
        path.display(),
        report::count(pruned.effects),
        pruned.bytes_before,
        size(pruned.bytes_before),
        pruned.bytes_after,
        size(pruned.bytes_after)
    );
    let _ = out.write_all(text.as_bytes());
    Ok(())
}

fn there(args: &PlaceArgs) -> Result<PathBuf, CliError> {
    let (path, _) = place(args)?;
    if path.is_file() { Ok(path) } else { Err(LookError::NotThere(path).into()) }
}

fn told(error: JournalError) -> LookError {
    match error {
        JournalError::InUse { path } => LookError::Running(path),
        error => LookError::Journal(error),
    }
}

/// Fails where something is damaged.
fn whole(found: &Found, path: PathBuf) -> Result<(), CliError> {
    if found.damage.is_empty() && found.torn.is_none() {
        return Ok(());
    }
    Err(LookError::Damaged(path).into())
}

fn found_text(path: &Path, found: &Found) -> String {
    let mut lines = vec![
        format!("{}", path.display()),
        format!("  as written   {} finished tasks", report::count(found.tasks)),
        format!("               {} replies, results and pages", report::count(found.effects)),
    ];
    if found.lost > 0 {
        lines.push(format!(
            "  lost         {} found damaged before and not asked again since",
            report::count(found.lost)
        ));
    }
    let mut damage: BTreeMap<String, u64> = BTreeMap::new();
    for one in &found.damage {
        *damage.entry(Damage::to_string(one)).or_default() += 1;
    }
    let more = damage.len().saturating_sub(NAMED);
    for (what, times) in damage.iter().take(NAMED) {
        let times = if *times == 1 { String::new() } else { format!(" ({times} times)") };
        lines.push(format!("  damaged      {what}{times}"));
    }
    if more > 0 {
        lines.push(format!("               and {} more", report::count(more as u64)));
    }
    lines.extend(found.torn.iter().map(|why| format!("  damaged      {why}")));
    lines.join("\n") + "\n"
}
