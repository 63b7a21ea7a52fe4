//! True facts: countries, cities, currencies, languages, continents, time zones, holidays. What is not sure is left out.

mod geo;
mod holidays;
mod zones;

pub use geo::{
    City, Continent, Country, Currency, Inland, Language, Region, cities, city, continents, countries,
    country, currencies, currency, distance_km, distance_miles, languages, nearest, region, regions,
};
pub use holidays::{
    Holiday, HolidayDate, Province, holiday_dates, holidays, next_holiday, province, provinces,
};
pub use zones::{Zone, local_time, zone_name, zones};
