//! A text that is read once and asked often.

use super::Found;
use super::dates::{Moment, find_dates, find_instants};
use super::numbers::{Number, find_durations, find_numbers};
use super::periods::{Period, find_periods};
use super::spans::find_phones;
use crate::words::{fold, stems};
use jiff::Zoned;
use jiff::civil::Date;
use std::cell::OnceCell;

/// A text with what it says, each kind read when it is first asked for.
#[derive(Debug, Default)]
pub struct Text {
    raw: String,
    now: Zoned,
    folded: OnceCell<String>,
    stems: OnceCell<Vec<String>>,
    numbers: OnceCell<Vec<Found<Number>>>,
    durations: OnceCell<Vec<Found<i64>>>,
    phones: OnceCell<Vec<Found<String>>>,
    dates: OnceCell<Vec<Found<Date>>>,
    instants: OnceCell<Vec<Found<Moment>>>,
    periods: OnceCell<Vec<Found<Period>>>,
}

impl Text {
    /// Takes a text, to be read against a now.
    pub fn new(text: impl Into<String>, now: &Zoned) -> Self {
        Self { raw: text.into(), now: now.clone(), ..Self::default() }
    }

    /// Returns the text itself.
    pub fn as_str(&self) -> &str {
        &self.raw
    }

    /// Returns the now it is read against.
    pub fn now(&self) -> &Zoned {
        &self.now
    }

    /// Returns the text in folded form.
    pub fn folded(&self) -> &str {
        self.folded.get_or_init(|| fold(&self.raw))
    }

    /// Returns the stems of its words, in order.
    pub fn stems(&self) -> &[String] {
        self.stems.get_or_init(|| stems(&self.raw))
    }

    /// Returns its numbers.
    pub fn numbers(&self) -> &[Found<Number>] {
        self.numbers.get_or_init(|| find_numbers(&self.raw))
    }

    /// Returns its durations in seconds.
    pub fn durations(&self) -> &[Found<i64>] {
        self.durations.get_or_init(|| find_durations(&self.raw))
    }

    /// Returns its phone numbers.
    pub fn phones(&self) -> &[Found<String>] {
        self.phones.get_or_init(|| find_phones(&self.raw))
    }

    /// Returns its dates.
    pub fn dates(&self) -> &[Found<Date>] {
        self.dates.get_or_init(|| find_dates(&self.raw, &self.now))
    }

    /// Returns its instants.
    pub fn instants(&self) -> &[Found<Moment>] {
        self.instants.get_or_init(|| find_instants(&self.raw, &self.now))
    }

    /// Returns its periods.
    pub fn periods(&self) -> &[Found<Period>] {
        self.periods.get_or_init(|| find_periods(&self.raw, &self.now))
    }

    /// Whether the stems of a phrase stand in it one after another.
    pub fn has_phrase(&self, phrase: &str) -> bool {
        let wanted = stems(phrase);
        if wanted.is_empty() {
            // A sign such as € stands for itself.
            return phrase.chars().any(|c| !c.is_alphanumeric()) && self.raw.contains(phrase);
        }
        self.stems().windows(wanted.len()).any(|w| w == wanted)
    }
}
