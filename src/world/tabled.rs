//! Resources that name the real world: their records come from true tables, never from the lexicon's inventions.

use super::values::Setting;
use super::values::tables::{self, City, Country, HolidayDate, Province};
use crate::graph::Resource;
use serde_json::{Map, Value, json};

/// A table that holds a resource's records.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Table {
    Cities,
    Countries,
    Regions,
    Currencies,
    Languages,
    Zones,
    Continents,
    CallingCodes,
    Holidays,
    Provinces,
    /// Real, but no table of ours holds it: such a resource stays empty.
    Nowhere,
}

fn table(resource: &Resource) -> Option<Table> {
    let has = |names: &[&str]| names.iter().all(|n| resource.properties().contains_key(*n));
    Some(match resource.key.as_str() {
        "city" if has(&["name", "latitude", "longitude"]) => Table::Cities,
        "country" if has(&["name", "code"]) => Table::Countries,
        "region" if has(&["name", "isoCode"]) => Table::Regions,
        "currency" if has(&["code"]) => Table::Currencies,
        "language" if has(&["code", "name"]) => Table::Languages,
        "time_zone" if has(&["id"]) => Table::Zones,
        "continent" if has(&["code", "name"]) => Table::Continents,
        "phone" if has(&["code", "countryCode"]) => Table::CallingCodes,
        "holiday" if has(&["nameEn", "date"]) => Table::Holidays,
        "province" if has(&["nameEn", "id"]) => Table::Provinces,
        "locale" if has(&["code"]) => Table::Nowhere,
        // Other places of the real world.
        _ if has(&["latitude", "longitude", "countryCode"]) => Table::Nowhere,
        _ => return None,
    })
}

/// Whether a resource's records come from a table.
pub(super) fn is_tabled(resource: &Resource) -> bool {
    table(resource).is_some()
}

/// Whether a resource's records differ from year to year.
pub(super) fn yearly(resource: &Resource) -> bool {
    matches!(table(resource), Some(Table::Holidays | Table::Provinces))
}

/// Whether a world holds only some of the real world's records of a resource: nothing may be said of how many there are.
pub fn partial(resource: &Resource) -> bool {
    matches!(
        table(resource),
        Some(
            Table::Cities
                | Table::Regions
                | Table::Currencies
                | Table::Languages
                | Table::Zones
                | Table::Nowhere
                | Table::Countries
                | Table::CallingCodes
        )
    )
}

/// Returns the rows of a resource that a table holds, shown in the resource's fields.
#[expect(clippy::too_many_lines, reason = "a table of tables: an arm each")]
pub(super) fn rows(resource: &Resource, setting: &Setting, year: i16) -> Option<Vec<Map<String, Value>>> {
    let rows: Vec<Map<String, Value>> = match table(resource)? {
        Table::Cities => {
            tables::cities().iter().map(|c| shown(resource, &|f| city(resource, c, f))).collect()
        }
        Table::Countries => tables::countries().iter().map(|c| shown(resource, &|f| country(c, f))).collect(),
        Table::Regions => tables::regions()
            .iter()
            .map(|r| {
                shown(resource, &|f| match f {
                    "name" => Some(json!(r.name)),
                    "isoCode" => Some(json!(r.code)),
                    "countryCode" => Some(json!(r.country)),
                    "capital" => r.capital.map(|c| json!(c)),
                    "wikiDataId" => r.wikidata.map(|w| json!(w)),
                    _ => None,
                })
            })
            .collect(),
        Table::Currencies => tables::currencies()
            .iter()
            .map(|c| {
                shown(resource, &|f| match f {
                    "code" => Some(json!(c.code)),
                    "name" => Some(json!(c.name)),
                    "namePlural" => Some(json!(c.plural)),
                    "symbol" | "symbolNative" => Some(json!(c.symbol)),
                    "decimalDigits" => Some(json!(c.decimals)),
                    "rounding" => Some(json!(0)),
                    "countryCodes" => {
                        let codes: Vec<&str> = tables::countries()
                            .iter()
                            .filter(|k| k.currency == c.code)
                            .map(|k| k.code)
                            .collect();
                        Some(json!(codes))
                    }
                    _ => None,
                })
            })
            .collect(),
        Table::Languages => tables::languages()
            .iter()
            .map(|l| {
                shown(resource, &|f| match f {
                    "code" => Some(json!(l.code)),
                    "name" => Some(json!(l.name)),
                    "nativeName" => Some(json!(l.native)),
                    _ => None,
                })
            })
            .collect(),
        Table::Zones => tables::zones()
            .iter()
            .map(|z| {
                shown(resource, &|f| match f {
                    "id" => Some(json!(zone_id(resource, z.id))),
                    "name" => Some(json!(tables::zone_name(z.id).unwrap_or(z.id))),
                    "rawUtcOffsetHours" => z.raw_hours.map(|h| json!(h)),
                    _ => None,
                })
            })
            .collect(),
        Table::Continents => tables::continents()
            .iter()
            .map(|c| {
                shown(resource, &|f| {
                    if f == "code" { Some(json!(c.code)) } else { (f == "name").then(|| json!(c.name)) }
                })
            })
            .collect(),
        Table::CallingCodes => tables::countries()
            .iter()
            .map(|c| {
                shown(resource, &|f| match f {
                    "code" => Some(json!(format!("+{}", c.calling))),
                    "countryCode" => Some(json!(c.code)),
                    "countryName" => Some(json!(c.name)),
                    _ => None,
                })
            })
            .collect(),
        Table::Holidays => {
            tables::holiday_dates(year).iter().map(|h| shown(resource, &|f| holiday(h, f, true))).collect()
        }
        Table::Provinces => {
            tables::provinces().iter().map(|p| shown(resource, &|f| province(p, f, setting, year))).collect()
        }
        Table::Nowhere => Vec::new(),
    };
    Some(rows)
}

fn shown(resource: &Resource, field: &dyn Fn(&str) -> Option<Value>) -> Map<String, Value> {
    resource.properties().keys().filter_map(|name| field(name).map(|v| (name.clone(), v))).collect()
}

/// Spells a zone as the spec's examples do (`America__New_York`).
fn zone_id(resource: &Resource, zone: &str) -> String {
    let doubled = resource.properties().values().any(|s| s.to_string().contains("__"));
    if doubled { zone.replace('/', "__") } else { zone.to_owned() }
}

fn city(resource: &Resource, city: &City, field: &str) -> Option<Value> {
    Some(match field {
        "id" => json!(50_000 + city.index * 17),
        "name" | "city" => json!(city.name),
        "type" => json!("CITY"),
        "country" => json!(tables::country(city.country)?.name),
        "countryCode" => json!(city.country),
        "region" if !city.region.is_empty() => json!(city.region),
        "regionCode" if !city.region_code.is_empty() => json!(city.region_code),
        "latitude" => json!(city.lat),
        "longitude" => json!(city.lon),
        "population" => json!(city.population),
        "elevationMeters" => json!(city.elevation?),
        "timezone" => json!(zone_id(resource, city.zone)),
        "wikiDataId" => json!(city.wikidata?),
        "deleted" => json!(false),
        _ => return None,
    })
}

fn country(country: &Country, field: &str) -> Option<Value> {
    Some(match field {
        "code" => json!(country.code),
        "name" => json!(country.name),
        "currencyCodes" => json!([country.currency]),
        "callingCode" => json!(format!("+{}", country.calling)),
        "capital" if !country.capital.is_empty() => json!(country.capital),
        "wikiDataId" => json!(country.wikidata?),
        _ => return None,
    })
}

fn holiday(day: &HolidayDate, field: &str, nested: bool) -> Option<Value> {
    Some(match field {
        "id" => json!(day.holiday.id),
        "nameEn" => json!(day.holiday.name_en),
        "nameFr" => json!(day.holiday.name_fr),
        "date" => json!(day.date.to_string()),
        "observedDate" => json!(day.observed.to_string()),
        "federal" => json!(u8::from(day.holiday.federal)),
        "provinces" if nested => {
            let provinces: Vec<Value> = day
                .holiday
                .provinces
                .iter()
                .filter_map(|id| tables::province(id))
                .map(|p| json!({"id": p.id, "nameEn": p.name_en, "nameFr": p.name_fr}))
                .collect();
            json!(provinces)
        }
        _ => return None,
    })
}

fn province(province: &Province, field: &str, setting: &Setting, year: i16) -> Option<Value> {
    let brief = |h: &HolidayDate| {
        let fields = ["id", "date", "observedDate", "nameEn", "nameFr", "federal"];
        Value::Object(
            fields.iter().filter_map(|f| holiday(h, f, false).map(|v| ((*f).to_owned(), v))).collect(),
        )
    };
    Some(match field {
        "id" => json!(province.id),
        "nameEn" => json!(province.name_en),
        "nameFr" => json!(province.name_fr),
        "sourceLink" => json!(province.site),
        "nextHoliday" => brief(&tables::next_holiday(Some(province.id), setting.now.date())?),
        "holidays" | "provinces" => {
            let days: Vec<Value> = tables::holiday_dates(year)
                .iter()
                .filter(|h| h.holiday.provinces.contains(&province.id))
                .map(brief)
                .collect();
            json!(days)
        }
        _ => return None,
    })
}
