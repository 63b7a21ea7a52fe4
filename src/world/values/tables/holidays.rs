//! Canada's statutory holidays and provinces: names, who observes them, and the true dates of a year.

use crate::world::lexicon::facts;
use jiff::civil::{Date, Weekday, date};
use std::sync::LazyLock;

/// A statutory holiday.
#[derive(Debug, PartialEq, Eq)]
pub struct Holiday {
    /// From 1, in the order of the year.
    pub id: u32,
    /// English name.
    pub name_en: &'static str,
    /// French name.
    pub name_fr: &'static str,
    /// Whether federally regulated workplaces observe it.
    pub federal: bool,
    /// The provinces and territories in which it is statutory.
    pub provinces: Vec<&'static str>,
    /// The provinces in which an employer may choose it.
    pub optional: Vec<&'static str>,
    rule: Rule,
}

/// A holiday in one year.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct HolidayDate {
    /// The holiday.
    pub holiday: &'static Holiday,
    /// Its literal date.
    pub date: Date,
    /// The day off: the next working day where the date is on a weekend.
    pub observed: Date,
}

/// A province or territory.
#[derive(Debug, PartialEq, Eq)]
pub struct Province {
    /// Two letters.
    pub id: &'static str,
    /// English name.
    pub name_en: &'static str,
    /// French name.
    pub name_fr: &'static str,
    /// Its government's site.
    pub site: &'static str,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Rule {
    Fixed { month: i8, day: i8 },
    Monday { nth: i8, month: i8 },
    MondayBefore { month: i8, day: i8 },
    Easter { days: i32 },
}

impl Rule {
    fn parse(text: &str) -> Option<Self> {
        let month_day = |t: &str| -> Option<(i8, i8)> {
            let (month, day) = t.split_once('-')?;
            Some((month.parse().ok()?, day.parse().ok()?))
        };
        if let Some(days) = text.strip_prefix("easter") {
            return days.parse().ok().map(|days| Self::Easter { days });
        }
        if let Some(rest) = text.strip_prefix("mon<") {
            return month_day(rest).map(|(month, day)| Self::MondayBefore { month, day });
        }
        if let Some(rest) = text.strip_prefix("mon") {
            return month_day(rest).map(|(nth, month)| Self::Monday { nth, month });
        }
        month_day(text).map(|(month, day)| Self::Fixed { month, day })
    }

    fn date(self, year: i16) -> Date {
        match self {
            Self::Fixed { month, day } => date(year, month, day),
            Self::Monday { nth, month } => date(year, month, 1)
                .nth_weekday_of_month(nth, Weekday::Monday)
                .expect("a month has three Mondays"),
            Self::MondayBefore { month, day } => {
                date(year, month, day).nth_weekday(-1, Weekday::Monday).expect("a Monday before")
            }
            Self::Easter { days } => easter(year).saturating_add(jiff::Span::new().days(days)),
        }
    }
}

/// Easter Sunday in the Gregorian calendar (the anonymous algorithm of Nature, 1876).
#[expect(clippy::many_single_char_names, reason = "the names of the published algorithm")]
fn easter(year: i16) -> Date {
    let y = i32::from(year);
    let (a, b, c) = (y % 19, y / 100, y % 100);
    let (d, e, f) = (b / 4, b % 4, (b + 8) / 25);
    let g = (b - f + 1) / 3;
    let h = (19 * a + b - d - g + 15) % 30;
    let (i, k) = (c / 4, c % 4);
    let l = (32 + 2 * e + 2 * i - h - k) % 7;
    let m = (a + 11 * h + 22 * l) / 451;
    let n = h + l - 7 * m + 114;
    date(year, (n / 31) as i8, (n % 31 + 1) as i8)
}

static HOLIDAYS: LazyLock<Vec<Holiday>> = LazyLock::new(|| {
    let rows = facts::HOLIDAYS.lines().filter(|l| !l.is_empty() && !l.starts_with("# "));
    rows.map(|line| {
        let r: Vec<&'static str> = line.split('\t').collect();
        let (optional, provinces): (Vec<_>, Vec<_>) = r[5].split(' ').partition(|p| p.ends_with('?'));
        Holiday {
            id: r[0].parse().expect("an id"),
            rule: Rule::parse(r[1]).expect("a date rule"),
            name_en: r[2],
            name_fr: r[3],
            federal: r[4] == "1",
            provinces,
            optional: optional.into_iter().map(|p| p.trim_end_matches('?')).collect(),
        }
    })
    .collect()
});

const PROVINCES: &[Province] = &[
    Province { id: "AB", name_en: "Alberta", name_fr: "Alberta", site: "https://www.alberta.ca/" },
    Province {
        id: "BC",
        name_en: "British Columbia",
        name_fr: "Colombie-Britannique",
        site: "https://www2.gov.bc.ca/",
    },
    Province { id: "MB", name_en: "Manitoba", name_fr: "Manitoba", site: "https://www.gov.mb.ca/" },
    Province {
        id: "NB",
        name_en: "New Brunswick",
        name_fr: "Nouveau-Brunswick",
        site: "https://www2.gnb.ca/",
    },
    Province {
        id: "NL",
        name_en: "Newfoundland and Labrador",
        name_fr: "Terre-Neuve-et-Labrador",
        site: "https://www.gov.nl.ca/",
    },
    Province {
        id: "NS", name_en: "Nova Scotia", name_fr: "Nouvelle-Écosse", site: "https://novascotia.ca/"
    },
    Province {
        id: "NT",
        name_en: "Northwest Territories",
        name_fr: "Territoires du Nord-Ouest",
        site: "https://www.gov.nt.ca/",
    },
    Province { id: "NU", name_en: "Nunavut", name_fr: "Nunavut", site: "https://www.gov.nu.ca/" },
    Province { id: "ON", name_en: "Ontario", name_fr: "Ontario", site: "https://www.ontario.ca/" },
    Province {
        id: "PE",
        name_en: "Prince Edward Island",
        name_fr: "Île-du-Prince-Édouard",
        site: "https://www.princeedwardisland.ca/",
    },
    Province { id: "QC", name_en: "Quebec", name_fr: "Québec", site: "https://www.quebec.ca/" },
    Province {
        id: "SK",
        name_en: "Saskatchewan",
        name_fr: "Saskatchewan",
        site: "https://www.saskatchewan.ca/",
    },
    Province { id: "YT", name_en: "Yukon", name_fr: "Yukon", site: "https://yukon.ca/" },
];

/// Returns all holidays, by id.
pub fn holidays() -> &'static [Holiday] {
    &HOLIDAYS
}

/// Returns the provinces and territories, by id.
pub fn provinces() -> &'static [Province] {
    PROVINCES
}

/// Returns a province by its two letters.
pub fn province(id: &str) -> Option<&'static Province> {
    PROVINCES.iter().find(|p| p.id == id)
}

/// Returns the holidays of a year with their dates, by date and id.
pub fn holiday_dates(year: i16) -> Vec<HolidayDate> {
    let mut out: Vec<HolidayDate> = HOLIDAYS.iter().map(|h| h.on(year)).collect();
    out.sort_by_key(|h| (h.date, h.holiday.id));
    out
}

/// Returns the first holiday on or after a day that a province observes (also optionally), or, without a province, that is federal.
pub fn next_holiday(province: Option<&str>, from: Date) -> Option<HolidayDate> {
    let observed = |h: &Holiday| match province {
        Some(id) => h.provinces.contains(&id) || h.optional.contains(&id),
        None => h.federal,
    };
    [from.year(), from.year() + 1]
        .into_iter()
        .flat_map(holiday_dates)
        .find(|h| h.observed >= from && observed(h.holiday))
}

impl Holiday {
    /// Returns the holiday's dates in a year.
    pub fn on(&'static self, year: i16) -> HolidayDate {
        let date = self.rule.date(year);
        let days = match date.weekday() {
            // Boxing Day follows Christmas off its weekend.
            Weekday::Sunday if self.id_follows_christmas() => 2,
            Weekday::Saturday => 2,
            Weekday::Sunday => 1,
            Weekday::Monday if self.id_follows_christmas() => 1,
            _ => 0,
        };
        HolidayDate { holiday: self, date, observed: date.saturating_add(jiff::Span::new().days(days)) }
    }

    fn id_follows_christmas(&self) -> bool {
        self.rule == Rule::Fixed { month: 12, day: 26 }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn find(name: &str, year: i16) -> HolidayDate {
        holiday_dates(year).into_iter().find(|h| h.holiday.name_en == name).unwrap()
    }

    #[test]
    fn dates_of_known_years_are_the_true_ones() {
        assert_eq!(find("Good Friday", 2025).date, date(2025, 4, 18));
        assert_eq!(find("Good Friday", 2026).date, date(2026, 4, 3));
        assert_eq!(find("Victoria Day", 2026).date, date(2026, 5, 18));
        assert_eq!(find("Family Day", 2026).date, date(2026, 2, 16));
        assert_eq!(find("Labour Day", 2025).date, date(2025, 9, 1));
        assert_eq!(find("Thanksgiving", 2025).date, date(2025, 10, 13));
        assert_eq!(find("Boxing Day", 2026).observed, date(2026, 12, 28));
        assert_eq!(find("Christmas Day", 2021).observed, date(2021, 12, 27));
        assert_eq!(find("Boxing Day", 2021).observed, date(2021, 12, 28));
        assert_eq!(find("Boxing Day", 2022).observed, date(2022, 12, 27));
    }

    #[test]
    fn the_next_holiday_is_the_provinces_own() {
        assert_eq!(
            next_holiday(Some("QC"), date(2026, 6, 22)).unwrap().holiday.name_en,
            "Saint-Jean-Baptiste Day"
        );
        assert_eq!(next_holiday(Some("ON"), date(2026, 6, 22)).unwrap().holiday.name_en, "Canada Day");
        assert_eq!(next_holiday(None, date(2026, 12, 29)).unwrap().holiday.name_en, "New Year's Day");
    }

    #[test]
    fn every_province_named_exists() {
        for holiday in holidays() {
            assert!((1..=32).contains(&holiday.id));
            for id in holiday.provinces.iter().chain(&holiday.optional) {
                assert!(province(id).is_some(), "{id}");
            }
        }
    }
}
