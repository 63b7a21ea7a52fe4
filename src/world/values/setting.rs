//! A world's setting: its today, its user, its people, its home city.

use super::dice::{Dice, mix, shuffled};
use super::person::{self, Person};
use super::tables::{self, City, Country, Currency, Region};
use crate::world::lexicon;
use jiff::{Span, ToSpan, Zoned, civil::date, tz::TimeZone};
use rand::SeedableRng;
use rand_chacha::ChaCha8Rng;
use std::sync::{Arc, LazyLock, OnceLock};

/// How many people a world knows.
pub const PEOPLE: usize = 48;

/// A world's today, its user and their surroundings: what all of its records agree with. Cheap to clone.
#[derive(Clone, Debug)]
pub struct Setting {
    /// The world's seed.
    pub seed: u64,
    /// The world's now: a weekday of 2025 or 2026, in working hours, in the home city's time zone, at a full minute.
    pub now: Zoned,
    /// Who asks.
    pub user: Person,
    /// The user's city.
    pub home: &'static City,
    /// The home city's country.
    pub country: &'static Country,
    /// The country's currency.
    pub currency: &'static Currency,
    /// The user's company.
    pub company: Company,
    /// The people of the world; the first is the user.
    pub people: Arc<[Person]>,
    order: Arc<Order>,
}

/// In which order a world's records go through the tables of the real world: what is near first, mixed with what is far.
#[derive(Debug, Default)]
struct Order {
    cities: OnceLock<Vec<&'static City>>,
    countries: OnceLock<Vec<&'static Country>>,
    regions: OnceLock<Vec<&'static Region>>,
}

/// An invented company.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Company {
    /// Its name.
    pub name: &'static str,
    /// Its domain.
    pub domain: &'static str,
}

impl Company {
    /// Returns the `index`th of a world's companies.
    pub(crate) fn nth(index: usize, seed: u64) -> Self {
        let all = lexicon::list("work", "companies");
        let entry = all[shuffled(index, all.len(), mix(seed, 31))];
        Self { name: lexicon::column(entry, 0), domain: lexicon::column(entry, 1) }
    }
}

static HOMES: LazyLock<Vec<&'static City>> =
    LazyLock::new(|| tables::cities().iter().filter(|c| c.home.is_some()).collect());

impl Setting {
    /// Draws a setting: a pure function of the seed.
    pub fn new(seed: u64) -> Self {
        let mut rng = ChaCha8Rng::seed_from_u64(mix(seed, 0x5e77));
        let home = rng.pick(&HOMES);
        let country = tables::country(home.country).expect("a city's country is in the table");
        let currency = tables::currency(country.currency).expect("a country's currency is in the table");
        let now = draw_now(home.zone, &mut rng);
        let company = Company::nth(0, seed);
        let people = draw_people(home.country, company.domain, seed, &mut rng);
        Self {
            seed,
            now,
            user: people[0].clone(),
            home,
            country,
            currency,
            company,
            people: people.into(),
            order: Arc::default(),
        }
    }

    /// Returns the `index`th city of the world: home first, then near ones and far ones in turn.
    pub fn nth_city(&self, index: usize) -> &'static City {
        let order = self.order.cities.get_or_init(|| {
            let near: Vec<&City> =
                tables::nearest(self.home.lat, self.home.lon).into_iter().map(|(c, _)| c).collect();
            let (near, far) = near[1..].split_at(70);
            let mut out = vec![self.home];
            for i in 0..near.len().max(far.len()) {
                if i < near.len() {
                    out.push(near[shuffled(i, near.len(), mix(self.seed, 61))]);
                }
                if i < far.len() {
                    out.push(far[shuffled(i, far.len(), mix(self.seed, 62))]);
                }
            }
            out
        });
        order[index % order.len()]
    }

    /// Returns the `index`th country of the world: home first, then those whose regions are all known, then the others.
    pub fn nth_country(&self, index: usize) -> &'static Country {
        let order = self.order.countries.get_or_init(|| {
            let (known, other): (Vec<&Country>, Vec<&Country>) = tables::countries()
                .iter()
                .filter(|c| c.code != self.country.code)
                .partition(|c| tables::regions().iter().filter(|r| r.country == c.code).count() > 2);
            let mut out = vec![self.country];
            out.extend((0..known.len()).map(|i| known[shuffled(i, known.len(), mix(self.seed, 63))]));
            out.extend((0..other.len()).map(|i| other[shuffled(i, other.len(), mix(self.seed, 64))]));
            out
        });
        order[index % order.len()]
    }

    /// Returns the `index`th region of the world: the regions of its countries, in their order.
    pub fn nth_region(&self, index: usize) -> &'static Region {
        let order = self.order.regions.get_or_init(|| {
            let all = tables::regions();
            (0..tables::countries().len())
                .map(|i| self.nth_country(i).code)
                .flat_map(|code| all.iter().filter(move |r| r.country == code))
                .collect()
        });
        order[index % order.len()]
    }

    /// Returns one of the world's people; the 0th is the user.
    pub fn person(&self, index: usize) -> &Person {
        &self.people[index % self.people.len()]
    }

    /// Returns the world's now in seconds since 1970.
    pub fn now_unix(&self) -> i64 {
        self.now.timestamp().as_second()
    }
}

fn draw_now(zone: &str, rng: &mut ChaCha8Rng) -> Zoned {
    let zone = TimeZone::get(zone).expect("a city's time zone is in the database");
    let mut day = date(2025, 1, 6).saturating_add(Span::new().days(rng.between(0, 660)));
    while day.weekday().to_monday_zero_offset() > 4 {
        day = day.saturating_add(1.day());
    }
    let time = day.at(rng.between(8, 17) as i8, rng.between(0, 59) as i8, 0, 0);
    time.to_zoned(zone).expect("a working hour is never skipped by the clock")
}

fn draw_people(country: &str, domain: &str, seed: u64, rng: &mut ChaCha8Rng) -> Vec<Person> {
    let home = person::culture(country);
    let mut out: Vec<Person> = Vec::with_capacity(PEOPLE);
    let mut index = 0;
    while out.len() < PEOPLE {
        let culture = if rng.chance(0.6) { home } else { rng.pick(person::CULTURES) };
        let mut person = Person::draw(culture, domain, country, index, seed, rng);
        index += 1;
        if out.iter().any(|p| p.last == person.last && p.first == person.first) {
            continue;
        }
        // Mail addresses and user names are unique in a world, first names need not be.
        if out.iter().any(|p| p.email == person.email) {
            let host = person.email.split_once('@').map_or(domain, |(_, h)| h).to_owned();
            person.email = format!(
                "{}.{}@{host}",
                crate::words::ascii(&person.first),
                crate::words::ascii(&person.last)
            );
        }
        if out.iter().any(|p| p.email == person.email || p.username == person.username) {
            continue;
        }
        out.push(person);
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeSet;

    #[test]
    fn a_setting_is_a_function_of_its_seed() {
        let (a, b) = (Setting::new(7), Setting::new(7));
        assert_eq!(a.now, b.now);
        assert_eq!(a.people, b.people);
        assert_ne!(Setting::new(8).user, a.user);
    }

    #[test]
    fn now_is_a_working_hour() {
        for seed in 0..300 {
            let now = Setting::new(seed).now;
            assert!((8..18).contains(&now.hour()) && now.date().weekday().to_monday_zero_offset() < 5);
            assert!((2025..=2026).contains(&now.year()));
        }
    }

    #[test]
    fn no_two_people_share_an_address() {
        for seed in 0..100 {
            let setting = Setting::new(seed);
            let mails: BTreeSet<_> = setting.people.iter().map(|p| &p.email).collect();
            let names: BTreeSet<_> = setting.people.iter().map(Person::full).collect();
            assert_eq!((mails.len(), names.len()), (PEOPLE, PEOPLE));
            for person in setting.people.iter() {
                let digits = &person.phone[1..];
                assert!(
                    person.phone.starts_with('+') && (8..=15).contains(&digits.len()),
                    "{}",
                    person.phone
                );
                assert!(digits.bytes().all(|b| b.is_ascii_digit()));
            }
        }
    }
}
