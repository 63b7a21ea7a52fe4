//! Where a record is: an address in the home city, or a city itself.

use super::dice::{Dice, round};
use super::person::culture;
use super::setting::Setting;
use super::tables::{City, Inland};
use crate::world::lexicon;
use rand_chacha::ChaCha8Rng;

/// Where a record is.
#[derive(Clone, Debug)]
pub(crate) struct Place {
    pub city: &'static City,
    pub lat: f64,
    pub lon: f64,
    pub street: &'static str,
    pub number: i64,
}

impl Place {
    /// Returns a city's centre.
    pub fn centre(city: &'static City) -> Self {
        Self { city, lat: city.lat, lon: city.lon, street: "", number: 0 }
    }

    /// Draws an address in the home city.
    pub fn at_home(setting: &Setting, rng: &mut ChaCha8Rng) -> Self {
        let city = setting.home;
        let (lat, lon) = near(city, rng);
        let section = match city.country {
            "FR" => "streets.fr",
            "LU" if rng.chance(0.5) => "streets.fr",
            "BE" if city.region_code == "WAL" => "streets.fr",
            "CH" if city.lon < 7.1 => "streets.fr",
            "US" => "streets.us",
            _ => match culture(city.country) {
                "nl" => "streets.nl",
                "de" => "streets.de",
                "es" => "streets.es",
                "pt" => "streets.pt",
                "it" => "streets.it",
                "nordic" => "streets.nordic",
                "pl" => "streets.pl",
                "cz" => "streets.cz",
                "fr" => "streets.fr",
                _ => "streets.en",
            },
        };
        Self {
            city,
            lat,
            lon,
            street: rng.pick(lexicon::list("places", section)),
            number: rng.between(1, 148),
        }
    }

    /// Returns the address in one line, in the country's manner.
    pub fn line(&self) -> String {
        let number_first =
            matches!(self.city.country, "GB" | "IE" | "US" | "CA" | "AU" | "NZ" | "FR" | "IN" | "ZA");
        if number_first {
            format!("{}, {}", self.street_line(), self.city.name)
        } else {
            format!("{}, {}, {}", self.street_line(), self.city.name, self.city.country)
        }
    }

    /// Returns street and number.
    pub fn street_line(&self) -> String {
        let number_first = matches!(
            self.city.country,
            "GB" | "IE" | "US" | "CA" | "AU" | "NZ" | "FR" | "LU" | "IN" | "ZA" | "KE"
        );
        if number_first {
            format!("{} {}", self.number, self.street)
        } else {
            format!("{} {}", self.street, self.number)
        }
    }
}

/// Draws a point near a city's centre, on land.
fn near(city: &City, rng: &mut ChaCha8Rng) -> (f64, f64) {
    let bearing: f64 = match city.home {
        Some(Inland::Towards(b)) => b + rng.real(-50.0, 50.0, 2),
        _ => rng.real(0.0, 360.0, 2),
    };
    let km = rng.real(0.3, 9.5, 3);
    let (sin, cos) = bearing.to_radians().sin_cos();
    let lat = city.lat + km * cos / 110.57;
    let lon = city.lon + km * sin / (111.32 * city.lat.to_radians().cos());
    (round(lat, 6), round(lon, 6))
}
