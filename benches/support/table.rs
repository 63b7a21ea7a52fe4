//! The table of figures with their limits.

use std::fmt::Debug;
use std::ops::RangeBounds;
use std::process::ExitCode;

/// The table of figures.
#[derive(Default)]
pub struct Table {
    missed: bool,
}

impl Table {
    /// Prints a figure, what it may be, and whether it is; a figure that may be anything (`..`) is there to compare with.
    pub fn row(&mut self, what: &str, figure: f64, unit: &str, limit: impl RangeBounds<f64> + Debug) {
        let is_met = limit.contains(&figure);
        self.missed |= !is_met;
        let limit = format!("{limit:?}");
        let (limit, verdict) = match (limit.as_str(), is_met) {
            ("..", _) => ("", ""),
            (limit, true) => (limit, "pass"),
            (limit, false) => (limit, "FAIL"),
        };
        let places = if figure.abs() < 10.0 { 3 } else { usize::from(figure.abs() < 1000.0) };
        println!("  {what:<54} {figure:>10.places$} {unit:<16} {limit:<8} {verdict}");
    }

    /// Returns the code to end with.
    pub fn exit(self) -> ExitCode {
        println!();
        if self.missed { ExitCode::FAILURE } else { ExitCode::SUCCESS }
    }
}

/// Returns the median; of an even number the lower one.
pub fn median(mut figures: Vec<f64>) -> f64 {
    figures.sort_by(f64::total_cmp);
    figures[(figures.len() - 1) / 2]
}

/// Prints a heading.
pub fn heading(title: &str) {
    println!("\n{title}");
}
