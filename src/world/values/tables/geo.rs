//! Countries, regions, cities, currencies and languages, and distances between places.

use crate::words::{
    COUNTRIES as COUNTRY_TABLE, CURRENCIES as CURRENCY_TABLE, LANGUAGES as LANGUAGE_TABLE, rows,
};
use crate::world::lexicon::facts;
use std::sync::LazyLock;

/// A city, with the figures of GeoNames.
#[derive(Debug, PartialEq)]
pub struct City {
    /// Its place in the table, from 0.
    pub index: usize,
    /// English name.
    pub name: &'static str,
    /// ISO 3166-1 alpha-2 code of its country.
    pub country: &'static str,
    /// ISO 3166-2 code of its first-level subdivision, without the country; empty where unsure.
    pub region_code: &'static str,
    /// The subdivision's English name; empty where unsure.
    pub region: &'static str,
    /// Degrees north.
    pub lat: f64,
    /// Degrees east.
    pub lon: f64,
    /// Inhabitants.
    pub population: u32,
    /// Metres above the sea, approximately.
    pub elevation: Option<i32>,
    /// IANA time zone.
    pub zone: &'static str,
    /// WikiData id, where sure.
    pub wikidata: Option<&'static str>,
    /// Where land is, for places to be invented around its centre; `None` where a user does not live there.
    pub home: Option<Inland>,
}

/// In which direction from a city's centre there is land for ten kilometres.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Inland {
    /// All around.
    Anywhere,
    /// Within 50 degrees of this bearing.
    Towards(f64),
}

/// A country.
#[derive(Debug, PartialEq, Eq)]
pub struct Country {
    /// Its place in the table, from 0.
    pub index: usize,
    /// ISO 3166-1 alpha-2.
    pub code: &'static str,
    /// ISO 3166-1 alpha-3.
    pub code3: &'static str,
    /// English name.
    pub name: &'static str,
    /// ISO 4217 code of its currency.
    pub currency: &'static str,
    /// Calling code without `+`.
    pub calling: &'static str,
    /// Continent code (`EU`).
    pub continent: &'static str,
    /// Capital; empty where disputed.
    pub capital: &'static str,
    /// ISO 639-1 codes of its languages, the most spoken first.
    pub languages: Vec<&'static str>,
    /// Whether it is a member of the European Union.
    pub eu: bool,
    /// WikiData id.
    pub wikidata: Option<&'static str>,
}

/// A first-level subdivision.
#[derive(Debug, PartialEq, Eq)]
pub struct Region {
    /// Its place in the table, from 0.
    pub index: usize,
    /// ISO 3166-1 alpha-2 code of its country.
    pub country: &'static str,
    /// ISO 3166-2 code without the country.
    pub code: &'static str,
    /// English name.
    pub name: &'static str,
    /// Capital, where sure.
    pub capital: Option<&'static str>,
    /// WikiData id, where sure.
    pub wikidata: Option<&'static str>,
}

/// A currency.
#[derive(Debug, PartialEq, Eq)]
pub struct Currency {
    /// Its place in the table, from 0.
    pub index: usize,
    /// ISO 4217.
    pub code: &'static str,
    /// English name.
    pub name: &'static str,
    /// English plural.
    pub plural: String,
    /// Symbol; the code where none is known.
    pub symbol: &'static str,
    /// Digits after the decimal point.
    pub decimals: u32,
}

/// A language.
#[derive(Debug, PartialEq, Eq)]
pub struct Language {
    /// Its place in the table, from 0.
    pub index: usize,
    /// ISO 639-1.
    pub code: &'static str,
    /// English name.
    pub name: &'static str,
    /// Its own name.
    pub native: &'static str,
}

/// A continent.
#[derive(Debug, PartialEq, Eq)]
pub struct Continent {
    /// Two letters.
    pub code: &'static str,
    /// English name.
    pub name: &'static str,
}

fn some(text: &'static str) -> Option<&'static str> {
    (!text.is_empty()).then_some(text)
}

static CITIES: LazyLock<Vec<City>> = LazyLock::new(|| {
    rows::<11>(facts::CITIES)
        .enumerate()
        .map(|(index, r)| City {
            index,
            name: r[0],
            country: r[1],
            region_code: r[2],
            region: r[3],
            lat: r[4].parse().expect("a latitude"),
            lon: r[5].parse().expect("a longitude"),
            population: r[6].parse().expect("a population"),
            elevation: r[7].parse().ok(),
            zone: r[8],
            wikidata: some(r[9]),
            home: match r[10] {
                "" => None,
                "*" => Some(Inland::Anywhere),
                bearing => Some(Inland::Towards(bearing.parse().expect("a bearing"))),
            },
        })
        .collect()
});

static COUNTRIES: LazyLock<Vec<Country>> = LazyLock::new(|| {
    // Of some countries the table knows no more than codes and names.
    rows::<10>(COUNTRY_TABLE)
        .filter(|r| !r[3].is_empty())
        .enumerate()
        .map(|(index, r)| Country {
            index,
            code: r[0],
            code3: r[1],
            name: r[2],
            currency: r[3],
            calling: r[4],
            continent: r[5],
            capital: r[6],
            languages: r[7].split(',').collect(),
            eu: r[8] == "1",
            wikidata: some(r[9]),
        })
        .collect()
});

static REGIONS: LazyLock<Vec<Region>> = LazyLock::new(|| {
    rows::<5>(facts::REGIONS)
        .enumerate()
        .map(|(index, r)| Region {
            index,
            country: r[0],
            code: r[1],
            name: r[2],
            capital: some(r[3]),
            wikidata: some(r[4]),
        })
        .collect()
});

static CURRENCIES: LazyLock<Vec<Currency>> = LazyLock::new(|| {
    // A currency without minor units is one that is no longer in use.
    rows::<5>(CURRENCY_TABLE)
        .filter(|r| !r[4].is_empty())
        .enumerate()
        .map(|(index, r)| Currency {
            index,
            code: r[0],
            name: r[1],
            plural: if r[2].is_empty() { format!("{}s", r[1]) } else { r[2].to_owned() },
            symbol: if r[3].is_empty() { r[0] } else { r[3] },
            decimals: r[4].parse().expect("a digit"),
        })
        .collect()
});

static LANGUAGES: LazyLock<Vec<Language>> = LazyLock::new(|| {
    rows::<3>(LANGUAGE_TABLE)
        .enumerate()
        .map(|(index, r)| Language { index, code: r[0], name: r[1], native: r[2] })
        .collect()
});

const CONTINENTS: &[Continent] = &[
    Continent { code: "AF", name: "Africa" },
    Continent { code: "AN", name: "Antarctica" },
    Continent { code: "AS", name: "Asia" },
    Continent { code: "EU", name: "Europe" },
    Continent { code: "NA", name: "North America" },
    Continent { code: "OC", name: "Oceania" },
    Continent { code: "SA", name: "South America" },
];

/// Returns all cities.
pub fn cities() -> &'static [City] {
    &CITIES
}

/// Returns all countries, by code.
pub fn countries() -> &'static [Country] {
    &COUNTRIES
}

/// Returns all known regions, by country and code.
pub fn regions() -> &'static [Region] {
    &REGIONS
}

/// Returns all currencies, by code.
pub fn currencies() -> &'static [Currency] {
    &CURRENCIES
}

/// Returns all languages.
pub fn languages() -> &'static [Language] {
    &LANGUAGES
}

/// Returns the seven continents.
pub fn continents() -> &'static [Continent] {
    CONTINENTS
}

/// Returns a country by its two-letter code.
pub fn country(code: &str) -> Option<&'static Country> {
    COUNTRIES.binary_search_by(|c| c.code.cmp(code)).ok().map(|i| &COUNTRIES[i])
}

/// Returns a currency by its code.
pub fn currency(code: &str) -> Option<&'static Currency> {
    CURRENCIES.binary_search_by(|c| c.code.cmp(code)).ok().map(|i| &CURRENCIES[i])
}

/// Returns the great-circle distance in kilometres (haversine, mean Earth radius 6371.0088 km).
pub fn distance_km(from: (f64, f64), to: (f64, f64)) -> f64 {
    let (lat1, lat2) = (from.0.to_radians(), to.0.to_radians());
    let (dlat, dlon) = (lat2 - lat1, (to.1 - from.1).to_radians());
    let a = (dlat / 2.0).sin().powi(2) + lat1.cos() * lat2.cos() * (dlon / 2.0).sin().powi(2);
    2.0 * 6371.0088 * a.sqrt().min(1.0).asin()
}

/// Returns all cities with their distance in kilometres from a point, nearest first.
pub fn nearest(lat: f64, lon: f64) -> Vec<(&'static City, f64)> {
    let mut all: Vec<_> = CITIES.iter().map(|c| (c, distance_km((lat, lon), (c.lat, c.lon)))).collect();
    all.sort_by(|a, b| a.1.total_cmp(&b.1).then(a.0.index.cmp(&b.0.index)));
    all
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeSet;

    #[test]
    fn every_city_has_its_country_region_and_time_zone() {
        assert!(cities().len() > 300);
        for city in cities() {
            assert!(country(city.country).is_some(), "{} is in no known country", city.name);
            assert!(jiff::tz::TimeZone::get(city.zone).is_ok(), "{}: {}", city.name, city.zone);
            assert!(city.lat.abs() <= 90.0 && city.lon.abs() <= 180.0);
            if !city.region_code.is_empty() {
                let is_its = |r: &&Region| (r.country, r.code) == (city.country, city.region_code);
                let found = regions().iter().find(is_its).expect(city.name);
                assert_eq!(found.name, city.region, "{}", city.name);
            }
        }
    }

    #[test]
    fn tables_are_sorted_and_refer_to_each_other() {
        assert!(countries().is_sorted_by_key(|c| c.code));
        assert!(currencies().is_sorted_by_key(|c| c.code));
        assert!(regions().is_sorted_by_key(|r| (r.country, r.code)));
        for country in countries() {
            assert!(currency(country.currency).is_some(), "{}: {}", country.code, country.currency);
            assert!(continents().iter().any(|c| c.code == country.continent), "{}", country.code);
        }
        assert_eq!(countries().iter().filter(|c| c.eu).count(), 27);
    }

    #[test]
    fn no_wikidata_id_names_two_things() {
        let mut seen = BTreeSet::new();
        let all = cities().iter().map(|c| c.wikidata).chain(countries().iter().map(|c| c.wikidata));
        for id in all.flatten() {
            // Singapore is both.
            assert!(seen.insert(id) || id == "Q334", "{id} stands twice");
            assert!(id.starts_with('Q') && id[1..].bytes().all(|b| b.is_ascii_digit()));
        }
    }

    #[test]
    fn ghent_is_140_km_from_maastricht() {
        let city = |name| cities().iter().find(|c| c.name == name).unwrap();
        let (a, b) = (city("Ghent"), city("Maastricht"));
        let km = distance_km((a.lat, a.lon), (b.lat, b.lon));
        assert!((139.0..141.0).contains(&km), "{km}");
        assert_eq!(nearest(a.lat, a.lon)[0].0.name, "Ghent");
    }
}
