//! A record's story: which phase it is in, and when it was made, changed, begun, ended, due and done.

use super::dice::Dice;
use super::noun::Noun;
use super::setting::Setting;
use super::subject::Subject;
use jiff::{Span, civil::Date};
use rand_chacha::ChaCha8Rng;

/// Where a record stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Phase {
    Open,
    Active,
    Done,
    Failed,
}

impl Phase {
    /// Returns the phase that a status word tells of.
    pub fn of(status: &str) -> Self {
        match status.to_lowercase().replace(['-', ' '], "_").as_str() {
            "completed" | "complete" | "closed" | "done" | "delivered" | "sold" | "resolved" | "paid"
            | "finished" | "disposed" | "ended" | "shipped" | "succeeded" | "success" | "captured"
            | "refunded" | "archived" | "published" | "fulfilled" | "verified" | "merged" => Self::Done,
            "in_progress" | "processing" | "active" | "approved" | "registered" | "running" | "online"
            | "accepted" | "started" | "enabled" | "live" | "confirmed" | "partially_captured"
            | "in_transit" => Self::Active,
            "failed" | "cancelled" | "canceled" | "declined" | "rejected" | "error" | "expired"
            | "blocked" | "offline" | "denied" | "voided" | "disabled" => Self::Failed,
            _ => Self::Open,
        }
    }

    fn weight(self) -> f64 {
        match self {
            Self::Open => 0.4,
            Self::Active => 0.3,
            Self::Done => 0.35,
            Self::Failed => 0.12,
        }
    }

    /// Draws one of some status words: what is open or done is more frequent than what failed.
    pub fn choose(words: &[&str], rng: &mut ChaCha8Rng) -> usize {
        let total: f64 = words.iter().map(|w| Self::of(w).weight()).sum();
        let mut at = rng.real(0.0, total, 6);
        for (i, word) in words.iter().enumerate() {
            at -= Self::of(word).weight();
            if at <= 0.0 {
                return i;
            }
        }
        words.len() - 1
    }
}

/// When things happened; all in seconds since 1970.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Story {
    pub phase: Phase,
    pub created: i64,
    pub updated: i64,
    pub start: i64,
    pub end: i64,
    pub due: Option<i64>,
    pub done: i64,
    pub recent: i64,
    pub all_day: bool,
}

const DAY: i64 = 86_400;

impl Story {
    /// Draws a story that fits the noun, its subject and its phase: created ≤ updated ≤ now, start < end, done only in the past.
    pub fn draw(
        noun: Noun,
        subject: &Subject,
        phase: Phase,
        setting: &Setting,
        rng: &mut ChaCha8Rng,
    ) -> Self {
        let now = setting.now_unix();
        let (young, old) = age_days(noun);
        let age = rng.between(young, old);
        let mut created = if age == 0 { now - rng.between(240, 14_000) } else { daytime(setting, -age, rng) };
        let mut all_day = false;
        let (start, end) = match noun {
            Noun::Event => {
                let (start, end, whole) = event_span(subject, setting, rng);
                all_day = whole;
                created = created.min(start - DAY);
                (start, end)
            }
            Noun::Summary => (now - rng.between(3_600, 30_000), now),
            Noun::Trip | Noun::Stop => {
                let length = if noun == Noun::Trip { rng.between(9, 95) } else { rng.between(6, 210) } * 60
                    + rng.between(0, 59);
                let start = awake(now - rng.between(length + 900, 3 * DAY), setting).min(now - length - 60);
                (start, start + length)
            }
            _ => {
                let start = daytime(setting, rng.between(-30, 25), rng);
                (start, start + rng.between(1, 21) * DAY)
            }
        };
        let updated = now - ((now - created) as f64 * rng.real(0.02, 0.98, 4).powi(2)) as i64;
        let updated = awake(updated, setting).clamp(created.min(now - 61), now - 61);
        let done = awake(created + ((now - created) as f64 * rng.real(0.3, 0.98, 4)) as i64, setting)
            .min(now - 61)
            .max(created);
        let due = rng.chance(0.8).then(|| {
            let offset = match phase {
                Phase::Done => -rng.between(0, 20),
                _ if rng.chance(0.2) => -rng.between(1, 9),
                _ => rng.between(0, 24),
            };
            day_start_utc(setting, offset)
        });
        let updated = match noun {
            // Hardly anybody edits what they have said.
            Noun::Comment | Noun::Review | Noun::Message if !rng.chance(0.15) => created,
            _ if phase == Phase::Done => updated.max(done),
            _ => updated,
        };
        Self { phase, created, updated, start, end, due, done, recent: recent(noun, setting, rng), all_day }
    }
}

fn recent(noun: Noun, setting: &Setting, rng: &mut ChaCha8Rng) -> i64 {
    let now = setting.now_unix();
    match noun {
        // Most vehicles report every few minutes; a few have been silent for days.
        Noun::Vehicle | Noun::Position if rng.chance(0.75) => now - rng.between(20, 1_500),
        Noun::Vehicle | Noun::Position => awake(now - rng.between(7_200, 9 * DAY), setting).min(now - 7_200),
        Noun::Statistics | Noun::Analytics => now - rng.between(0, 30) * DAY,
        _ => awake(now - rng.between(300, 6 * DAY), setting).min(now - 60),
    }
}

/// How many days ago a thing of this noun was made.
fn age_days(noun: Noun) -> (i64, i64) {
    match noun {
        Noun::Person | Noun::Customer | Noun::Driver | Noun::Account => (40, 1_100),
        Noun::Project | Noun::Team | Noun::Workspace | Noun::Shop | Noun::MailDomain => (60, 800),
        Noun::Ticket => (1, 75),
        Noun::Comment => (0, 24),
        Noun::Task => (0, 40),
        Noun::Order | Noun::Payment | Noun::Offer => (0, 45),
        Noun::Message | Noun::Sms | Noun::Conversation => (0, 20),
        Noun::Execution => (0, 6),
        Noun::Event => (2, 60),
        Noun::File | Noun::Document => (1, 260),
        Noun::Vehicle | Noun::VehicleGroup | Noun::Geofence => (90, 900),
        _ => (2, 360),
    }
}

/// Returns an instant between seven and eight in the evening, local time, some days from now; never in the future for days past.
fn daytime(setting: &Setting, days: i64, rng: &mut ChaCha8Rng) -> i64 {
    let at = local(setting, days, rng.between(7, 19) as i8, rng.between(0, 59) as i8) + rng.between(0, 59);
    if days <= 0 { at.min(setting.now_unix() - rng.between(120, 5_000)) } else { at }
}

/// Moves what falls into the night to the day after it.
fn awake(at: i64, setting: &Setting) -> i64 {
    let hour = (at + i64::from(setting.now.offset().seconds())).rem_euclid(DAY) / 3_600;
    if hour < 7 {
        at + 9 * 3_600
    } else if hour > 21 {
        at + 11 * 3_600
    } else {
        at
    }
}

/// Returns a wall time of the home city, some days from today.
pub(crate) fn local(setting: &Setting, days: i64, hour: i8, minute: i8) -> i64 {
    let day: Date = setting.now.date().saturating_add(Span::new().days(days));
    day.at(hour, minute, 0, 0)
        .to_zoned(setting.now.time_zone().clone())
        .map_or(setting.now_unix(), |z| z.timestamp().as_second())
}

/// Due dates are days: midnight in UTC.
fn day_start_utc(setting: &Setting, days: i64) -> i64 {
    let day: Date = setting.now.date().saturating_add(Span::new().days(days));
    day.at(0, 0, 0, 0).to_zoned(jiff::tz::TimeZone::UTC).map_or(0, |z| z.timestamp().as_second())
}

/// An event begins at the hour that its entry in the lexicon names, on a day that suits it, and lasts as long.
fn event_span(subject: &Subject, setting: &Setting, rng: &mut ChaCha8Rng) -> (i64, i64, bool) {
    let mut days = rng.between(-9, 24);
    let weekday = |days: i64| {
        setting.now.date().saturating_add(Span::new().days(days)).weekday().to_monday_zero_offset()
    };
    let weekend_event = subject.tags.contains("weekend");
    while (weekday(days) > 4) != weekend_event && subject.kind != "day" {
        days += 1;
    }
    if subject.kind == "day" {
        let start = local(setting, days, 0, 0);
        return (start, local(setting, days + (subject.number as i64).max(1), 0, 0), true);
    }
    let hour = subject.kind.parse().unwrap_or(10i8);
    let shift = rng.between(0, 3) * 30;
    let start = local(setting, days, hour, 0) + shift * 60;
    (start, start + (subject.number.max(15.0) as i64) * 60, false)
}

/// Returns the day a thing was bought: months or years ago, always the same for the same thing.
pub(crate) fn bought(subject: &Subject, setting: &Setting) -> i64 {
    let salt = super::dice::mix(setting.seed, super::dice::hash(&subject.name));
    setting.now_unix() / DAY - 70 - i64::from((salt % 1_500) as u32)
}

/// Returns the year in which a record of music came out.
pub(crate) fn released(subject: &Subject, setting: &Setting) -> i64 {
    let salt = super::dice::hash(&subject.name);
    let year = 1996 + (salt % 28) as i16;
    let day = jiff::civil::date(year, 1 + (salt / 28 % 12) as i8, 1 + (salt / 336 % 28) as i8);
    let days = day.since(jiff::civil::date(1970, 1, 1)).map_or(10_000, |s| i64::from(s.get_days()));
    days.min(setting.now_unix() / DAY - 30)
}
