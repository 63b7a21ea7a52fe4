//! What one record is about, all together: subject, people, place, story. Its fields are read off it, so they agree.

use super::dice::{Dice, mix};
use super::domain::Domain;
use super::noun::Noun;
use super::person::Person;
use super::place::Place;
use super::setting::{Company, Setting};
use super::story::{Phase, Story};
use super::subject::{COLLEAGUES, Fact, Subject, variety};
use super::tables;
use rand_chacha::ChaCha8Rng;

/// What one record is about.
#[derive(Clone, Debug)]
pub(crate) struct Cast<'a> {
    pub setting: &'a Setting,
    pub noun: Noun,
    pub domain: Domain,
    pub index: usize,
    pub subject: Subject,
    pub story: Story,
    pub status: Option<String>,
    /// Whose record it is, or who it is.
    pub person: usize,
    pub place: Place,
    /// Where it ends, where it moves.
    pub there: Place,
    /// Which of an array's items is being made.
    pub item: usize,
}

impl<'a> Cast<'a> {
    /// Draws what the `index`th record of a resource is about.
    pub fn draw(
        noun: Noun,
        resource: &str,
        domain: Domain,
        index: usize,
        statuses: &[&str],
        setting: &'a Setting,
        rng: &mut ChaCha8Rng,
    ) -> Self {
        let subject = Subject::draw(noun, resource, domain, index, setting);
        let status = (!statuses.is_empty()).then(|| statuses[Phase::choose(statuses, rng)].to_owned());
        let phase = match &status {
            Some(word) => Phase::of(word),
            None => [Phase::Open, Phase::Active, Phase::Done][rng.below(3)],
        };
        let story = Story::draw(noun, &subject, phase, setting, rng);
        let person = if noun.is_person() { subject.person } else { rng.below(setting.people.len()) };
        let place = place_of(&subject, setting, rng);
        let there = if noun == Noun::Trip { Place::at_home(setting, rng) } else { place.clone() };
        Self { setting, noun, domain, index, subject, story, status, person, place, there, item: 0 }
    }

    /// Returns the cast of a thing inside this one: an attendee, a category, an artist.
    pub fn inner(&self, noun: Noun, resource: &str, item: usize, rng: &mut ChaCha8Rng) -> Self {
        let index = (rng.below(24) + item) % variety(noun);
        let mut inner = Self::draw(noun, resource, self.domain, index, &[], self.setting, rng);
        if noun.is_person() {
            // Colleagues first: the same few people turn up everywhere.
            let drawn = 1 + (mix(self.index as u64, self.person as u64) as usize + item) % COLLEAGUES;
            let who = self.subject.mentions.get(item).copied().unwrap_or(drawn);
            inner.set_person(who);
        }
        inner.item = item;
        inner
    }

    /// Makes it about another person.
    pub fn set_person(&mut self, who: usize) {
        self.person = who;
        self.subject.name = self.setting.person(who).full();
    }

    /// Returns the person that the record is or belongs to.
    pub fn own(&self) -> &Person {
        self.setting.person(self.person)
    }

    /// Returns someone else, always the same for a record and a salt.
    pub fn other(&self, salt: u64) -> &Person {
        self.setting.person(mix(mix(self.index as u64, salt), self.person as u64) as usize % (COLLEAGUES + 1))
    }

    /// Returns the record's company: the own one for colleagues, another otherwise.
    pub fn company(&self) -> Company {
        Company::nth(if self.person < 20 { 0 } else { self.person }, self.setting.seed)
    }

    /// Returns the record's price, in full and half units.
    pub fn price(&self, low: f64, high: f64, rng: &mut ChaCha8Rng) -> f64 {
        if self.subject.number > 0.0 && matches!(self.noun, Noun::Asset | Noun::Listing | Noun::Product) {
            return self.subject.number;
        }
        let x = (low.max(0.5).ln() + rng.real(0.0, 1.0, 6) * (high.max(1.0).ln() - low.max(0.5).ln())).exp();
        let cents = [0.0, 0.5, 0.9, 0.95, 0.99, 0.0, 0.25, 0.4][rng.below(8)];
        super::dice::round((x.floor() + cents).clamp(low, high), 2)
    }

    /// Returns the country that the record is of.
    pub fn country(&self) -> &'static tables::Country {
        let code = match self.subject.fact {
            Fact::Country(country) => return country,
            Fact::City(city) => city.country,
            Fact::Region(region) => region.country,
            Fact::Zone(zone) => zone.country,
            Fact::Holiday(_) | Fact::Province(_) => "CA",
            _ => self.place.city.country,
        };
        tables::country(code).unwrap_or(self.setting.country)
    }
}

/// Draws where a record is: where its subject is, else in the home city.
fn place_of(subject: &Subject, setting: &Setting, rng: &mut ChaCha8Rng) -> Place {
    match subject.fact {
        Fact::City(city) => Place::centre(city),
        _ => Place::at_home(setting, rng),
    }
}
