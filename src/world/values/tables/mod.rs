//! True facts: countries, cities, currencies, languages, continents, time zones, holidays. What is not sure is left out.

mod geo;
mod holidays;
mod zones;

pub use geo::{
    City, Continent, Country, Currency, Inland, Language, Region, cities, continents, countries, country,
    currencies, currency, distance_km, languages, nearest, regions,
};
pub use holidays::{HolidayDate, Province, holiday_dates, holidays, next_holiday, province, provinces};
pub use zones::{Zone, zone_name, zones};
