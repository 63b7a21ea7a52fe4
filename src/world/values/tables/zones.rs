//! Time zones: their current names and offsets, computed by jiff.

use super::cities;
use jiff::{Timestamp, tz::TimeZone};
use std::sync::LazyLock;

/// A time zone that some city of the table keeps.
#[derive(Debug, PartialEq, Eq)]
pub struct Zone {
    /// IANA name.
    pub id: &'static str,
    /// The country of the first city that keeps it.
    pub country: &'static str,
    /// Hours east of UTC in standard time, whole hours only; `None` for half-hour zones.
    pub raw_hours: Option<i32>,
}

static ZONES: LazyLock<Vec<Zone>> = LazyLock::new(|| {
    let mut out: Vec<Zone> = Vec::new();
    for city in cities() {
        if !out.iter().any(|z| z.id == city.zone) {
            out.push(Zone { id: city.zone, country: city.country, raw_hours: raw_hours(city.zone) });
        }
    }
    out.sort_by_key(|z| z.id);
    out
});

/// Standard time is the smaller offset of January and July (Ireland's and Morocco's legal inversions do not change that).
fn raw_hours(id: &str) -> Option<i32> {
    let zone = TimeZone::get(id).ok()?;
    let offset = |text: &str| {
        let at: Timestamp = text.parse().expect("an instant");
        zone.to_offset(at).seconds()
    };
    let seconds = offset("2026-01-15T12:00:00Z").min(offset("2026-07-15T12:00:00Z"));
    (seconds % 3600 == 0).then_some(seconds / 3600)
}

/// Returns the zones, by name.
pub fn zones() -> &'static [Zone] {
    &ZONES
}

/// The English names of zones' standard times.
const NAMES: &[(&str, &[&str])] = &[
    (
        "Greenwich Mean Time",
        &["Europe/London", "Africa/Accra", "Africa/Abidjan", "Africa/Dakar", "Atlantic/Reykjavik"],
    ),
    (
        "Central European Standard Time",
        &[
            "Europe/Brussels",
            "Europe/Amsterdam",
            "Europe/Paris",
            "Europe/Berlin",
            "Europe/Vienna",
            "Europe/Zurich",
            "Europe/Madrid",
            "Europe/Rome",
            "Europe/Copenhagen",
            "Europe/Stockholm",
            "Europe/Oslo",
            "Europe/Warsaw",
            "Europe/Prague",
            "Europe/Bratislava",
            "Europe/Budapest",
            "Europe/Ljubljana",
            "Europe/Zagreb",
            "Europe/Belgrade",
            "Europe/Sarajevo",
            "Europe/Skopje",
            "Europe/Podgorica",
            "Europe/Tirane",
            "Europe/Luxembourg",
            "Europe/Malta",
            "Africa/Tunis",
            "Africa/Algiers",
        ],
    ),
    (
        "Eastern European Standard Time",
        &[
            "Europe/Athens",
            "Europe/Helsinki",
            "Europe/Bucharest",
            "Europe/Sofia",
            "Europe/Kyiv",
            "Europe/Vilnius",
            "Europe/Riga",
            "Europe/Tallinn",
            "Europe/Chisinau",
            "Asia/Nicosia",
            "Asia/Beirut",
            "Africa/Cairo",
        ],
    ),
    ("Western European Standard Time", &["Europe/Lisbon"]),
    (
        "Eastern Standard Time",
        &[
            "America/New_York",
            "America/Toronto",
            "America/Detroit",
            "America/Iqaluit",
            "America/Panama",
            "America/Jamaica",
        ],
    ),
    (
        "Central Standard Time",
        &[
            "America/Chicago",
            "America/Winnipeg",
            "America/Mexico_City",
            "America/Regina",
            "America/Costa_Rica",
            "America/Guatemala",
        ],
    ),
    ("Mountain Standard Time", &["America/Denver", "America/Phoenix", "America/Edmonton", "America/Boise"]),
    ("Pacific Standard Time", &["America/Los_Angeles", "America/Vancouver", "America/Tijuana"]),
    (
        "Atlantic Standard Time",
        &["America/Halifax", "America/Moncton", "America/Puerto_Rico", "America/Santo_Domingo"],
    ),
    ("Newfoundland Standard Time", &["America/St_Johns"]),
    ("Alaska Standard Time", &["America/Anchorage"]),
    ("Hawaii-Aleutian Standard Time", &["Pacific/Honolulu"]),
    ("Japan Standard Time", &["Asia/Tokyo"]),
    ("Korean Standard Time", &["Asia/Seoul"]),
    ("China Standard Time", &["Asia/Shanghai"]),
    ("Hong Kong Standard Time", &["Asia/Hong_Kong"]),
    ("Singapore Standard Time", &["Asia/Singapore"]),
    ("India Standard Time", &["Asia/Kolkata"]),
    ("Pakistan Standard Time", &["Asia/Karachi"]),
    ("Gulf Standard Time", &["Asia/Dubai", "Asia/Muscat"]),
    ("Arabian Standard Time", &["Asia/Riyadh", "Asia/Qatar", "Asia/Kuwait", "Asia/Baghdad"]),
    ("Indochina Time", &["Asia/Bangkok", "Asia/Ho_Chi_Minh", "Asia/Phnom_Penh"]),
    ("Western Indonesia Time", &["Asia/Jakarta"]),
    ("Philippine Standard Time", &["Asia/Manila"]),
    ("East Africa Time", &["Africa/Nairobi", "Africa/Addis_Ababa", "Africa/Kampala", "Africa/Dar_es_Salaam"]),
    ("West Africa Standard Time", &["Africa/Lagos", "Africa/Douala", "Africa/Kinshasa"]),
    ("Central Africa Time", &["Africa/Lusaka", "Africa/Harare", "Africa/Kigali"]),
    ("South Africa Standard Time", &["Africa/Johannesburg"]),
    (
        "Australian Eastern Standard Time",
        &["Australia/Sydney", "Australia/Melbourne", "Australia/Brisbane", "Australia/Hobart"],
    ),
    ("Australian Central Standard Time", &["Australia/Adelaide", "Australia/Darwin"]),
    ("Australian Western Standard Time", &["Australia/Perth"]),
    ("New Zealand Standard Time", &["Pacific/Auckland"]),
    (
        "Brasilia Standard Time",
        &["America/Sao_Paulo", "America/Fortaleza", "America/Bahia", "America/Recife"],
    ),
    (
        "Argentina Standard Time",
        &["America/Argentina/Buenos_Aires", "America/Argentina/Cordoba", "America/Argentina/Mendoza"],
    ),
    ("Colombia Standard Time", &["America/Bogota"]),
    ("Peru Standard Time", &["America/Lima"]),
];

/// Returns the English name of a zone's standard time, where it is a common one.
pub fn zone_name(id: &str) -> Option<&'static str> {
    NAMES.iter().find(|(_, ids)| ids.contains(&id)).map(|(name, _)| *name)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn standard_offsets_are_the_winter_ones() {
        let hours = |id: &str| zones().iter().find(|z| z.id == id).unwrap().raw_hours;
        assert_eq!(hours("Europe/Brussels"), Some(1));
        assert_eq!(hours("Australia/Sydney"), Some(10));
        assert_eq!(hours("Asia/Kolkata"), None);
    }

    #[test]
    fn every_named_zone_exists() {
        for zone in zones() {
            assert!(TimeZone::get(zone.id).is_ok());
        }
    }
}
