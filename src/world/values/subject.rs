//! What a record is about: its name, its kind, its tags, its text, drawn from the lexicon by noun.

use super::dice::{Dice, hash, mix, shuffled};
use super::domain::Domain;
use super::noun::Noun;
use super::person::Person;
use super::place::Place;
use super::setting::{Company, Setting};
use super::tables::{self, City, Country, Currency, HolidayDate, Language, Province, Region, Zone};
use crate::words::{WEEKDAYS, month_name};
use crate::world::lexicon::{self, column};
use rand::SeedableRng;
use rand_chacha::ChaCha8Rng;
use std::fmt::Write;

/// A thing of the real world that a record is about.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Fact {
    Nothing,
    City(&'static City),
    Country(&'static Country),
    Region(&'static Region),
    Currency(&'static Currency),
    Language(&'static Language),
    Zone(&'static Zone),
    Continent(&'static tables::Continent),
    Holiday(HolidayDate),
    Province(&'static Province),
}

/// What a record is about.
#[derive(Clone, Debug)]
pub(crate) struct Subject {
    /// How people call it.
    pub name: String,
    /// Its type or category; may be empty.
    pub kind: &'static str,
    /// Comma-separated; may be empty.
    pub tags: &'static str,
    /// A sentence or two; may be empty.
    pub text: String,
    /// A price, a length in minutes or a size, as its section says; 0 where it has none.
    pub number: f64,
    /// The lexicon's entry, for further columns.
    pub entry: &'static str,
    /// The person it is, where it is one.
    pub person: usize,
    /// The real thing it is, where it is one.
    pub fact: Fact,
    /// Where it takes place, as its entry says; may be empty.
    pub place: String,
    /// The people that its name and text speak of.
    pub mentions: Vec<usize>,
}

/// Returns the lexicon's section for a noun. Its columns are: name | kind | tags | text | number | more…
fn section(noun: Noun) -> Option<(&'static str, &'static str)> {
    Some(match noun {
        Noun::Pet => ("pets", "pets"),
        Noun::PetCategory => ("pets", "categories"),
        Noun::Calendar => ("calendar", "calendars"),
        Noun::Event => ("calendar", "events"),
        Noun::FleetCalendar => ("fleet", "calendars"),
        Noun::UserSetting => ("calendar", "settings"),
        Noun::TaskList => ("tasks", "lists"),
        Noun::Task => ("tasks", "todo"),
        Noun::Project => ("issues", "projects"),
        Noun::Ticket => ("issues", "tickets"),
        Noun::Comment => ("issues", "comments"),
        Noun::Tag => ("issues", "tags"),
        Noun::Listing => ("gear", "listings"),
        Noun::GearCategory => ("gear", "categories"),
        Noun::Shop => ("gear", "shops"),
        Noun::Conversation | Noun::Message => ("gear", "messages"),
        Noun::Review => ("gear", "reviews"),
        Noun::Vehicle => ("fleet", "vehicles"),
        Noun::VehicleGroup => ("fleet", "groups"),
        Noun::Geofence => ("fleet", "geofences"),
        Noun::FleetEvent => ("fleet", "events"),
        Noun::Maintenance => ("fleet", "maintenance"),
        Noun::Command | Noun::CommandType => ("fleet", "commands"),
        Noun::Notification | Noun::NotificationType => ("fleet", "notifications"),
        Noun::ComputedAttribute => ("fleet", "attributes"),
        Noun::Artist => ("music", "artists"),
        Noun::Album => ("music", "albums"),
        Noun::Track | Noun::Lyrics | Noun::Subtitle | Noun::Snippet => ("music", "tracks"),
        Noun::Genre => ("music", "genres"),
        Noun::MailAddress => ("mail", "addresses"),
        Noun::MailAction => ("mail", "actions"),
        Noun::MailTrigger => ("mail", "triggers"),
        Noun::MailInput => ("mail", "inputs"),
        Noun::Workflow => ("mail", "workflows"),
        Noun::Workspace => ("mail", "workspaces"),
        Noun::Session | Noun::Log => ("backend", "clients"),
        Noun::Key => ("mail", "keys"),
        Noun::App => ("sms", "apps"),
        Noun::Sms => ("sms", "texts"),
        Noun::Hook => ("sms", "hooks"),
        Noun::Asset => ("assets", "assets"),
        Noun::AssetType => ("assets", "types"),
        Noun::Team => ("backend", "teams"),
        Noun::File => ("backend", "files"),
        Noun::Document => ("backend", "documents"),
        Noun::Execution => ("backend", "executions"),
        Noun::Product => ("work", "products"),
        Noun::Category => ("generic", "categories"),
        _ => return None,
    })
}

impl Subject {
    /// Draws the `index`th subject of a world; subjects of different indices have different names as far as the lexicon goes.
    pub fn draw(noun: Noun, resource: &str, domain: Domain, index: usize, setting: &Setting) -> Self {
        let mut subject = Self {
            name: String::new(),
            kind: "",
            tags: "",
            text: String::new(),
            number: 0.0,
            entry: "",
            person: person_of(noun, index),
            fact: Fact::Nothing,
            place: String::new(),
            mentions: Vec::new(),
        };
        // Events outside of calendars are public ones.
        let public = noun == Noun::Event && domain != Domain::Calendar;
        let found = if public { Some(("generic", "events")) } else { section(noun) };
        if let Some((book, part)) = found {
            let list = lexicon::list(book, part);
            subject.take_entry(list, index, repeats(noun), setting, hash(part));
            if matches!(noun, Noun::Asset | Noun::Listing | Noun::File) {
                subject.number = varied(subject.number, mix(setting.seed, hash(subject.entry)));
            }
            if noun == Noun::Event {
                column(subject.entry, 5).clone_into(&mut subject.place);
            }
            subject.expand(index, setting, hash(part));
            if noun == Noun::MailAddress {
                subject.name = format!("{}@{}", subject.name, setting.company.domain);
            }
        } else if noun.is_person() {
            subject.name = setting.person(subject.person).full();
        } else if let Some((name, fact)) = real_thing(noun, index, setting) {
            subject.name = name;
            subject.fact = fact;
        } else {
            subject.name = invented(noun, resource, domain, index, setting);
        }
        subject
    }

    fn take_entry(
        &mut self,
        list: &'static [&'static str],
        index: usize,
        repeats: bool,
        setting: &Setting,
        salt: u64,
    ) {
        let entry = list[shuffled(index, list.len(), mix(setting.seed, salt))];
        self.entry = entry;
        column(entry, 0).clone_into(&mut self.name);
        self.kind = column(entry, 1);
        self.tags = column(entry, 2);
        column(entry, 3).clone_into(&mut self.text);
        self.number = column(entry, 4).parse().unwrap_or(0.0);
        if index >= list.len() && !repeats {
            self.name = format!("{} ({})", self.name, index / list.len() + 1);
        }
    }

    /// Fills the placeholders, with a generator of the entry's own: a thing is called the same whoever asks.
    fn expand(&mut self, index: usize, setting: &Setting, salt: u64) {
        if self.entry.contains('{') {
            let seed = mix(mix(setting.seed, salt), index as u64);
            let mut filler =
                Filler { setting, index, rng: ChaCha8Rng::seed_from_u64(seed), mentions: Vec::new() };
            self.name = filler.fill(&self.name);
            self.text = filler.fill(&self.text);
            self.place = filler.fill(&self.place);
            self.mentions = filler.mentions;
        }
    }

    /// Returns the entry's `n`th column.
    pub fn more(&self, n: usize) -> &'static str {
        column(self.entry, n)
    }
}

/// Puts people, places and numbers into a text of the lexicon: `Call with {full}` → `Call with Marta Oliveira`.
pub(crate) struct Filler<'a> {
    pub setting: &'a Setting,
    pub index: usize,
    pub rng: ChaCha8Rng,
    /// The people that were named.
    pub mentions: Vec<usize>,
}

impl Filler<'_> {
    /// Returns the text with its placeholders filled.
    pub fn fill(&mut self, text: &str) -> String {
        let mut out = String::with_capacity(text.len() + 16);
        let mut rest = text;
        while let Some((before, after)) = rest.split_once('{') {
            out.push_str(before);
            let Some((word, tail)) = after.split_once('}') else {
                rest = after;
                break;
            };
            self.word(word, &mut out);
            rest = tail;
        }
        out.push_str(rest);
        out
    }

    /// Draws a colleague who was not named yet; the user does not meet themselves.
    fn someone(&mut self) -> &Person {
        let mut who = 1 + self.rng.below(COLLEAGUES);
        while self.mentions.contains(&who) && self.mentions.len() < COLLEAGUES {
            who = 1 + who % COLLEAGUES;
        }
        self.mentions.push(who);
        self.setting.person(who)
    }

    fn word(&mut self, word: &str, out: &mut String) {
        let now = &self.setting.now;
        match word {
            "first" => out.push_str(&self.someone().first),
            "last" => out.push_str(&self.someone().last),
            "full" => out.push_str(&self.someone().full()),
            "city" => out.push_str(self.setting.home.name),
            "company" => out.push_str(Company::nth(1 + self.rng.below(12), self.setting.seed).name),
            "n" => out.push_str(&(self.index + 1).to_string()),
            "letter" => out.push((b'A' + (self.index % 26) as u8) as char),
            "nth" => {
                write!(out, "{}th", self.rng.between(4, 20)).expect("a string takes text");
            }
            "slug" => {
                let company = Company::nth(1 + self.rng.below(12), self.setting.seed);
                out.push_str(company.domain.split('.').next().unwrap_or("client"));
            }
            "initials" => {
                let person = self.someone();
                out.push_str(&crate::words::ascii(&person.last));
            }
            "small" => out.push_str(&self.rng.between(2, 9).to_string()),
            "hour" => {
                write!(out, "{}:{:02}", self.rng.between(8, 18), 15 * self.rng.below(4))
                    .expect("a string takes text");
            }
            "day" => out.push_str(self.rng.pick(&WEEKDAYS[..5])),
            "month" => out.push_str(month_name(now.month())),
            "year" => out.push_str(&now.year().to_string()),
            "quarter" => {
                write!(out, "Q{}", (now.month() - 1) / 3 + 1).expect("a string takes text");
            }
            "code" => out.push_str(&self.rng.between(100_000, 999_999).to_string()),
            "order" => out.push_str(&self.rng.between(10_240, 98_760).to_string()),
            "street" => {
                let place = Place::at_home(self.setting, &mut self.rng);
                out.push_str(&place.line());
            }
            other => out.push_str(other),
        }
    }
}

/// How many people turn up everywhere: the user's colleagues and friends, who follow the user in a world's people.
pub(crate) const COLLEAGUES: usize = 13;

/// Whether the nouns' names are words of a fixed vocabulary, or texts: they come up again.
fn repeats(noun: Noun) -> bool {
    matches!(
        noun,
        Noun::FleetEvent
            | Noun::Command
            | Noun::CommandType
            | Noun::Notification
            | Noun::NotificationType
            | Noun::Hook
            | Noun::Genre
            | Noun::Comment
            | Noun::Message
            | Noun::Conversation
            | Noun::Sms
            | Noun::Review
            | Noun::UserSetting
            | Noun::Execution
            | Noun::Session
            | Noun::Log
            | Noun::Tag
            | Noun::Category
            | Noun::GearCategory
            | Noun::PetCategory
    )
}

/// The same thing costs a little more here, a little less there.
fn varied(number: f64, salt: u64) -> f64 {
    let factor = 0.86 + (salt % 33) as f64 / 100.0;
    let step = if number < 200.0 { 1.0 } else { 10.0 };
    (number * factor / step).round() * step
}

/// Returns how many different subjects the lexicon has for a noun.
pub(crate) fn variety(noun: Noun) -> usize {
    section(noun).map_or(24, |(book, part)| lexicon::list(book, part).len())
}

/// Customers and drivers are other people than the user's colleagues, who come first.
fn person_of(noun: Noun, index: usize) -> usize {
    match noun {
        Noun::Customer => 20 + index,
        Noun::Driver => 34 + index,
        _ => index,
    }
}

fn real_thing(noun: Noun, index: usize, setting: &Setting) -> Option<(String, Fact)> {
    Some(match noun {
        Noun::City => {
            let city = setting.nth_city(index);
            (city.name.to_owned(), Fact::City(city))
        }
        Noun::Country | Noun::Phone | Noun::Locale | Noun::LocaleInfo | Noun::PriceRow => {
            let country = if noun == Noun::LocaleInfo { setting.country } else { setting.nth_country(index) };
            (country.name.to_owned(), Fact::Country(country))
        }
        Noun::Region => {
            let region = setting.nth_region(index);
            (region.name.to_owned(), Fact::Region(region))
        }
        Noun::Currency => {
            let all = tables::currencies();
            let currency = if index == 0 {
                setting.currency
            } else {
                &all[rotated(index, setting.currency.index, all.len(), setting.seed)]
            };
            (currency.name.to_owned(), Fact::Currency(currency))
        }
        Noun::Language => {
            let all = tables::languages();
            let language = &all[shuffled(index, all.len(), mix(setting.seed, 41))];
            (language.name.to_owned(), Fact::Language(language))
        }
        Noun::Zone => {
            let all = tables::zones();
            let home = all.iter().position(|z| z.id == setting.home.zone).unwrap_or(0);
            let zone =
                if index == 0 { &all[home] } else { &all[rotated(index, home, all.len(), setting.seed)] };
            (zone.id.to_owned(), Fact::Zone(zone))
        }
        Noun::Continent => {
            let continent = &tables::continents()[index % tables::continents().len()];
            (continent.name.to_owned(), Fact::Continent(continent))
        }
        Noun::Holiday => {
            let all = tables::holidays();
            let holiday = all[index % all.len()].on(setting.now.year());
            (holiday.holiday.name_en.to_owned(), Fact::Holiday(holiday))
        }
        Noun::Province => {
            let all = tables::provinces();
            let province = &all[index % all.len()];
            (province.name_en.to_owned(), Fact::Province(province))
        }
        _ => return None,
    })
}

/// Maps indices from 1 to all places of a list but one.
pub(crate) fn rotated(index: usize, but: usize, n: usize, seed: u64) -> usize {
    let at = shuffled(index.saturating_sub(1), n - 1, mix(seed, 43));
    if at >= but { at + 1 } else { at }
}

/// Names things for which the lexicon has no section.
fn invented(noun: Noun, resource: &str, domain: Domain, index: usize, setting: &Setting) -> String {
    match noun {
        Noun::Company => Company::nth(index, setting.seed).name.to_owned(),
        Noun::MailDomain => Company::nth(index, setting.seed).domain.to_owned(),
        Noun::Workspace => setting.person(index).username.clone(),
        Noun::Position | Noun::Trip | Noun::Stop | Noun::Summary if domain == Domain::Fleet => {
            Subject::draw(Noun::Vehicle, "vehicle", domain, index, setting).name
        }
        _ => {
            let list = lexicon::list("generic", "names");
            let entry = list[shuffled(index, list.len(), mix(setting.seed, hash(resource)))];
            column(entry, 0).to_owned()
        }
    }
}
