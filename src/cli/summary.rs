//! The end of a run: the funnel, where the files are, three rows, and what to do next.

use super::program;
use crate::data::{Level, Manifest, Sample};
use crate::report;
use crate::shard::{ReadError, read_samples, table_files};
use std::fmt::Write;
use std::path::Path;

/// Rows that are looked at to find one of each level.
const LOOKED_AT: usize = 400;

/// Words the end of a run whose files are written.
pub(super) fn finished(folder: &Path, manifest: &Manifest) -> Result<String, ReadError> {
    let mut text = format!("\n{}\n", report::funnel_text(&manifest.funnel));
    let counts = &manifest.counts;
    let _ = writeln!(
        text,
        "{} rows in {}: {} calls of {} tools over {} APIs; {} rejected in {}",
        counts.rows,
        folder.join("data").display(),
        counts.calls,
        counts.tools_called,
        counts.api.len(),
        counts.rejected,
        folder.join("rejected").display(),
    );
    let samples = three(folder)?;
    for sample in &samples {
        text.push('\n');
        text.push_str(&report::brief(sample));
    }
    let next = [
        ("counts, levels, reasons", format!("inspect {}", folder.display())),
        ("a row as a conversation", format!("inspect {} --row 0", folder.display())),
        ("for a trainer", format!("export {} --output train.jsonl", folder.display())),
    ];
    text.push_str("\nNext\n");
    for (what, command) in next.iter().skip(usize::from(samples.is_empty()) * 3) {
        let _ = writeln!(text, "  {what:<25}{} {command}", program());
    }
    if samples.is_empty() {
        let _ =
            writeln!(text, "  no row was kept; why: {} inspect {} --rejected", program(), folder.display());
    }
    Ok(text)
}

/// Picks the first row of each level; where a level has none, another row stands in.
fn three(folder: &Path) -> Result<Vec<Sample>, ReadError> {
    let mut rows = Vec::new();
    for file in table_files(folder, "data")? {
        for row in read_samples(&file.path)?.take(LOOKED_AT - rows.len()) {
            rows.push(row?);
        }
    }
    let mut picked: Vec<usize> = [Level::Easy, Level::Medium, Level::Hard]
        .iter()
        .filter_map(|level| rows.iter().position(|row| row.difficulty.level == *level))
        .collect();
    for i in 0..rows.len() {
        if picked.len() < 3 && !picked.contains(&i) {
            picked.push(i);
        }
    }
    Ok(picked.into_iter().map(|i| rows[i].clone()).collect())
}

/// Words how to go on with a run that has not all its tasks.
pub(super) fn go_on(command: &str) -> String {
    format!("To go on: {} {command}", program())
}
