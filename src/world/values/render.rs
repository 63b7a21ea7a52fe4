//! Reading a field's value off what its record is about.

use super::cast::Cast;
use super::dice::{Dice, hash, mix, round};
use super::fit::{Clock, Leaf, Raw, uuid};
use super::kind::{Kind, Move, Role, Who, Worth};
use super::noun::Noun;
use super::person::Person;
use super::setting::Company;
use super::story::{Phase, bought, released};
use super::subject::{Fact, Subject};
use super::tables;
use crate::words::ascii;
use rand_chacha::ChaCha8Rng;
use serde_json::{Map, Value, json};
use std::fmt::Write;

const DAY: i64 = 86_400;

/// Returns the value of a kind in a record.
pub(crate) fn render(kind: Kind, leaf: Leaf, cast: &Cast, rng: &mut ChaCha8Rng) -> Raw {
    words(kind, leaf, cast, rng)
        .or_else(|| person(kind, cast))
        .or_else(|| time(kind, leaf, cast, rng))
        .or_else(|| number(kind, leaf, cast, rng))
        .or_else(|| place(kind, cast))
        .unwrap_or_else(|| technical(kind, leaf, cast, rng))
}

/// What a thing is called, and what is said of it.
fn words(kind: Kind, leaf: Leaf, cast: &Cast, rng: &mut ChaCha8Rng) -> Option<Raw> {
    let subject = &cast.subject;
    Some(match kind {
        Kind::Name => Raw::Text(subject.name.clone()),
        Kind::Text => text_of(subject, cast, rng),
        Kind::Note if subject.text.is_empty() => Raw::Absent,
        Kind::Note => Raw::Text(subject.text.clone()),
        Kind::Sort if subject.kind.is_empty() => own_sort(cast),
        Kind::Sort => text(subject.kind),
        Kind::Tag => tag(cast, rng),
        Kind::Column(n) => column(cast, n),
        Kind::Number(decimals) if subject.number > 0.0 => {
            amount(round(subject.number, decimals), decimals, leaf)
        }
        Kind::Number(decimals) => amount(cast.price(9.0, 480.0, rng), decimals, leaf),
        Kind::NameOf(noun) => Raw::Text(cast.inner(noun, "", 0, rng).subject.name),
        Kind::TextOf(noun) => {
            let other = Subject::draw(noun, "", cast.domain, cast.index + 3, cast.setting);
            Raw::Text(if other.text.is_empty() { other.name } else { other.text })
        }
        Kind::Status => match &cast.status {
            Some(status) => Raw::Text(status.clone()),
            None => text(["open", "active", "done"][rng.below(3)]),
        },
        Kind::OneOf(words) => text(rng.pick(words)),
        Kind::HasWords => Raw::Bool(!subject.text.is_empty()),
        Kind::NoWords => Raw::Bool(subject.text.is_empty()),
        Kind::Words => text(&subject.text.replace(" / ", "\n")),
        Kind::TimedWords => timed(&subject.text),
        Kind::Unknown => unknown(leaf, cast, rng),
        Kind::Never => Raw::Absent,
        _ => return None,
    })
}

fn person(kind: Kind, cast: &Cast) -> Option<Raw> {
    Some(match kind {
        Kind::Full(w) => Raw::Text(who(w, cast).full()),
        Kind::First(w) => Raw::Text(who(w, cast).first.clone()),
        Kind::Last(w) => Raw::Text(who(w, cast).last.clone()),
        Kind::Email(w) => Raw::Text(who(w, cast).email.clone()),
        Kind::Username(w) => Raw::Text(who(w, cast).username.clone()),
        Kind::Phone(w) => Raw::Text(who(w, cast).phone.clone()),
        Kind::JobTitle(w) => text(who(w, cast).title),
        Kind::Avatar(w) => Raw::Text(format!(
            "https://img.{}/people/{}.jpg",
            cast.setting.company.domain,
            ascii(&who(w, cast).full())
        )),
        _ => return None,
    })
}

fn time(kind: Kind, leaf: Leaf, cast: &Cast, rng: &mut ChaCha8Rng) -> Option<Raw> {
    Some(match kind {
        Kind::Timed(_) if cast.story.all_day => Raw::Absent,
        Kind::AllDay(_) if !cast.story.all_day => Raw::Absent,
        Kind::When(role) | Kind::Timed(role) => when(role, leaf, cast, rng),
        Kind::AllDay(role) | Kind::DayOf(role) => match when(role, leaf, cast, rng) {
            Raw::Time(at, _) => Raw::Text(civil_day(cast, at)),
            other => other,
        },
        Kind::Span(unit) => Raw::Int((cast.story.end - cast.story.start) * 1_000 / unit.milliseconds()),
        Kind::Length(unit, low, high) => Raw::Int(rng.between(low, high) * 1_000 / unit.milliseconds()),
        _ => return None,
    })
}

fn number(kind: Kind, leaf: Leaf, cast: &Cast, rng: &mut ChaCha8Rng) -> Option<Raw> {
    Some(match kind {
        Kind::Money(low, high) => amount(cast.price(low, high, rng), 2, leaf),
        Kind::Share(share) => Raw::Real(round(cast.subject.number.max(400.0) * share, 2)),
        Kind::Int(low, high) => Raw::Int(rng.between(low, high)),
        Kind::Real(low, high, decimals) => Raw::Real(rng.real(low, high, decimals)),
        Kind::Rank => rank(leaf, cast),
        Kind::Year(low, high) => Raw::Int(rng.between(low, high.min(i64::from(cast.setting.now.year())))),
        Kind::Flag(p) => Raw::Bool(rng.chance(p)),
        Kind::IsDone => Raw::Bool(cast.story.phase == Phase::Done),
        Kind::IsFirst => {
            if cast.index == 0 && cast.item == 0 {
                Raw::Bool(true)
            } else if leaf == Leaf::Boolean {
                Raw::Bool(false)
            } else {
                Raw::Int(0)
            }
        }
        Kind::Moved(what) => Raw::Real(moved(what, cast)),
        Kind::Book(worth) => book(worth, cast),
        Kind::Online => {
            let silent = cast.setting.now_unix() - cast.story.recent > 1_800;
            text(if !silent {
                "online"
            } else if cast.index % 5 == 4 {
                "unknown"
            } else {
                "offline"
            })
        }
        Kind::Messages(dropped) => {
            let salt = mix(cast.setting.seed, cast.index as u64);
            Raw::Int(2_400 + small(salt, 58_000) - dropped * small(salt, 97))
        }
        Kind::LatThere => Raw::Real(cast.there.lat),
        Kind::LonThere => Raw::Real(cast.there.lon),
        Kind::AddressThere => Raw::Text(cast.there.line()),
        _ => return None,
    })
}

/// A number below `n`, of a hash.
fn small(salt: u64, n: i64) -> i64 {
    (salt >> 1).cast_signed().rem_euclid(n)
}

fn text(text: &str) -> Raw {
    if text.is_empty() { Raw::Absent } else { Raw::Text(text.to_owned()) }
}

/// Distance, speeds and fuel of a trip follow from its time and its pace.
fn moved(what: Move, cast: &Cast) -> f64 {
    let salt = mix(mix(cast.setting.seed, cast.story.start as u64), 9);
    let knots = 12.0 + (salt % 210) as f64 / 10.0;
    let seconds = (cast.story.end - cast.story.start) as f64;
    let metres = knots * 1_852.0 / 3_600.0 * seconds;
    match what {
        Move::AverageKnots => round(knots, 1),
        Move::MaxKnots => round(knots * (1.3 + (salt / 211 % 50) as f64 / 100.0), 1),
        Move::Metres => round(metres, 1),
        // A stop burns what idling takes.
        Move::Litres if cast.noun == Noun::Stop => round(seconds / 3_600.0 * 0.4, 1),
        Move::Litres => round(metres / 1_000.0 * 0.098, 1),
    }
}

/// Straight-line depreciation over the life that the lexicon gives, from the day of purchase.
fn book(worth: Worth, cast: &Cast) -> Raw {
    let subject = &cast.subject;
    let life: f64 = subject.more(5).parse().unwrap_or(5.0);
    let today = cast.setting.now_unix() / DAY;
    let (age, this_year) = (
        (today - bought(subject, cast.setting)) as f64 / 365.25,
        (f64::from(cast.setting.now.day_of_year()) - 1.0) / 365.25,
    );
    let annual = subject.number / life;
    let written_off = (annual * age).min(subject.number);
    let current = written_off.min(annual * this_year.min(age));
    // A draft is not depreciated yet.
    let (written_off, current) =
        if cast.story.phase == Phase::Open { (0.0, 0.0) } else { (written_off, current) };
    Raw::Real(match worth {
        Worth::Value if cast.story.phase == Phase::Done => 0.0,
        Worth::Value => round(subject.number - written_off, 2),
        Worth::Prior => round(written_off - current, 2),
        Worth::Current => round(current, 2),
        Worth::Sold if cast.story.phase != Phase::Done => return Raw::Absent,
        Worth::Sold => round(((subject.number - written_off) * 0.8).max(subject.number * 0.04), 0),
        Worth::Rate => round(100.0 / life, 2),
    })
}

/// A song's lines with the second at which each is sung.
fn timed(words: &str) -> Raw {
    let mut out = String::new();
    for (i, line) in words.split(" / ").filter(|l| !l.is_empty()).enumerate() {
        let at = 9 + 6 * i;
        writeln!(out, "[{:02}:{:02}.{:02}] {line}", at / 60, at % 60, (i * 37) % 100)
            .expect("a string takes text");
    }
    text(out.trim_end())
}

/// An amount in text has its decimals (`640.00`).
fn amount(x: f64, decimals: i32, leaf: Leaf) -> Raw {
    if leaf == Leaf::Text { Raw::Text(format!("{x:.*}", decimals.max(0) as usize)) } else { Raw::Real(x) }
}

fn who<'a>(who: Who, cast: &'a Cast) -> &'a Person {
    match who {
        Who::Own => cast.own(),
        Who::Other(salt) => cast.other(salt),
        Who::User => &cast.setting.user,
    }
}

fn text_of(subject: &Subject, cast: &Cast, rng: &mut ChaCha8Rng) -> Raw {
    if !subject.text.is_empty() {
        return Raw::Text(subject.text.clone());
    }
    if cast.noun == Noun::Product {
        return text(rng.pick(crate::world::lexicon::list("work", "products.text")));
    }
    Raw::Text(super::prose::line(cast.domain, cast.setting, rng))
}

/// The type of a thing whose entry names none.
fn own_sort(cast: &Cast) -> Raw {
    let words: &[&str] = match cast.noun {
        Noun::Person | Noun::Customer | Noun::Driver | Noun::Account | Noun::Membership => {
            return Raw::Text(cast.own().title.to_owned());
        }
        Noun::Other => crate::world::lexicon::list("generic", "kinds"),
        _ => return Raw::Absent,
    };
    text(words[(mix(hash(&cast.subject.name), 3) % words.len() as u64) as usize])
}

fn tag(cast: &Cast, rng: &mut ChaCha8Rng) -> Raw {
    let tags: Vec<&str> = cast.subject.tags.split(',').map(str::trim).filter(|t| !t.is_empty()).collect();
    if let Some(tag) = tags.get(cast.item) {
        return text(tag);
    }
    text(rng.pick(crate::world::lexicon::list("generic", "tags")))
}

fn column(cast: &Cast, n: usize) -> Raw {
    if cast.noun == Noun::UserSetting {
        match cast.subject.name.as_str() {
            "timezone" => return text(cast.setting.home.zone),
            "locale" => return text(cast.setting.country.languages.first().unwrap_or(&"en")),
            _ => {}
        }
    }
    let found = cast.subject.more(n);
    if cast.noun == Noun::MailTrigger && found.contains('@') {
        return Raw::Text(found.to_owned());
    }
    text(found)
}

fn rank(leaf: Leaf, cast: &Cast) -> Raw {
    let n = i64::try_from(cast.index).unwrap_or(0) + 1;
    match (cast.noun, leaf) {
        (Noun::Asset, Leaf::Text) => Raw::Text(format!("FA-{:04}", n + 12)),
        (Noun::Task, Leaf::Text) => Raw::Text(format!("{:020}", cast.index)),
        _ => Raw::Int(n),
    }
}

fn when(role: Role, leaf: Leaf, cast: &Cast, rng: &mut ChaCha8Rng) -> Raw {
    let story = &cast.story;
    let clock = if cast.noun == Noun::Event { Clock::Local } else { Clock::Utc };
    let now = cast.setting.now_unix();
    // Only what is over has an end; only what is planned has a due date.
    match role {
        Role::Created => Raw::Time(story.created, Clock::Utc),
        Role::Updated => Raw::Time(story.updated, Clock::Utc),
        Role::Start => Raw::Time(story.start, clock),
        Role::End => Raw::Time(story.end, clock),
        Role::Due => story.due.map_or(Raw::Absent, |at| Raw::Time(at, Clock::Utc)),
        Role::Done if cast.noun == Noun::Asset => {
            if story.phase == Phase::Done {
                Raw::Day(story.done / DAY)
            } else {
                Raw::Absent
            }
        }
        Role::Done => {
            if story.phase == Phase::Done {
                Raw::Time(story.done, Clock::Utc)
            } else {
                Raw::Absent
            }
        }
        Role::Shipped => match story.phase {
            Phase::Done => Raw::Time(story.done, Clock::Utc),
            Phase::Failed => Raw::Absent,
            _ => Raw::Time(now - now % 3_600 + rng.between(1, 6) * DAY, Clock::Utc),
        },
        Role::Expires if leaf == Leaf::Text && cast.noun == Noun::Asset => {
            Raw::Day(now / DAY + rng.between(-200, 900))
        }
        Role::Expires => Raw::Time(now - now % 3_600 + rng.between(5, 400) * DAY, Clock::Utc),
        Role::Recent => Raw::Time(story.recent, Clock::Utc),
        Role::Birth if cast.noun == Noun::AssetSetting => Raw::Day(jan_first(cast)),
        Role::Birth => Raw::Day(now / DAY - rng.between(19 * 365, 71 * 365)),
        Role::Released => Raw::Day(released(subject_of_release(cast), cast.setting)),
        Role::Purchased => Raw::Day(bought(&cast.subject, cast.setting)),
        Role::Now => Raw::Time(now, Clock::Utc),
    }
}

fn subject_of_release<'a>(cast: &'a Cast) -> &'a Subject {
    &cast.subject
}

fn civil_day(cast: &Cast, at: i64) -> String {
    let at = jiff::Timestamp::from_second(at).unwrap_or(jiff::Timestamp::UNIX_EPOCH);
    at.to_zoned(cast.setting.now.time_zone().clone()).date().to_string()
}

fn jan_first(cast: &Cast) -> i64 {
    let year = cast.setting.now.year() - 3;
    jiff::civil::date(year, 1, 1)
        .since(jiff::civil::date(1970, 1, 1))
        .map_or(19_000, |s| i64::from(s.get_days()))
}

fn place(kind: Kind, cast: &Cast) -> Option<Raw> {
    let city = cast.place.city;
    let fact = cast.subject.fact;
    let country = cast.country();
    Some(match kind {
        Kind::City => text(city.name),
        Kind::CountryName => text(country.name),
        Kind::CountryCode => match fact {
            Fact::Currency(c) => {
                text(tables::countries().iter().find(|k| k.currency == c.code).map_or("", |k| k.code))
            }
            _ => text(country.code),
        },
        Kind::Country3 => text(country.code3),
        Kind::Region => match fact {
            Fact::Region(region) => text(region.name),
            _ => text(city.region),
        },
        Kind::RegionCode => match fact {
            Fact::Region(region) => text(region.code),
            _ => text(city.region_code),
        },
        Kind::RegionCapital => match fact {
            Fact::Region(region) => region.capital.map_or(Raw::Absent, text),
            _ => text(country.capital),
        },
        Kind::Street => Raw::Text(cast.place.street_line()),
        Kind::Address => Raw::Text(cast.place.line()),
        Kind::Lat => Raw::Real(cast.place.lat),
        Kind::Lon => Raw::Real(cast.place.lon),
        Kind::Elevation => city.elevation.map_or(Raw::Absent, |m| Raw::Int(i64::from(m))),
        Kind::Population => Raw::Int(i64::from(city.population)),
        Kind::ZoneId => match fact {
            Fact::Zone(zone) => text(zone.id),
            _ => text(city.zone),
        },
        Kind::ZoneName => match fact {
            Fact::Zone(zone) => tables::zone_name(zone.id).map_or(Raw::Absent, text),
            _ => tables::zone_name(city.zone).map_or(Raw::Absent, text),
        },
        Kind::ZoneHours => match fact {
            Fact::Zone(zone) => zone.raw_hours.map_or(Raw::Absent, |h| Raw::Int(i64::from(h))),
            _ => Raw::Absent,
        },
        Kind::WikiData => wikidata(fact).map_or(Raw::Absent, text),
        Kind::ContinentCode => match fact {
            Fact::Continent(continent) => text(continent.code),
            _ => text(country.continent),
        },
        Kind::ContinentName => match fact {
            Fact::Continent(continent) => text(continent.name),
            _ => {
                text(tables::continents().iter().find(|c| c.code == country.continent).map_or("", |c| c.name))
            }
        },
        Kind::CallingCode => Raw::Text(format!("+{}", country.calling)),
        Kind::InEu => Raw::Bool(country.eu),
        Kind::LocaleTag => {
            Raw::Text(format!("{}_{}", country.languages.first().unwrap_or(&"en"), country.code))
        }
        _ => return money_or_language(kind, cast).or_else(|| canada(kind, fact)),
    })
}

fn wikidata(fact: Fact) -> Option<&'static str> {
    match fact {
        Fact::City(city) => city.wikidata,
        Fact::Country(country) => country.wikidata,
        Fact::Region(region) => region.wikidata,
        _ => None,
    }
}

fn money_or_language(kind: Kind, cast: &Cast) -> Option<Raw> {
    let country = cast.country();
    let currency = match cast.subject.fact {
        Fact::Currency(currency) => currency,
        _ => tables::currency(country.currency).unwrap_or(cast.setting.currency),
    };
    let language = match cast.subject.fact {
        Fact::Language(language) => Some(language),
        _ => tables::languages().iter().find(|l| country.languages.first() == Some(&l.code)),
    };
    Some(match kind {
        Kind::CurrencyCode => text(currency.code),
        Kind::CurrencyName => text(currency.name),
        Kind::CurrencyPlural => Raw::Text(currency.plural.clone()),
        Kind::CurrencySymbol => text(currency.symbol),
        Kind::CurrencyDecimals => Raw::Int(i64::from(currency.decimals)),
        Kind::CurrencyRounding => Raw::Int(0),
        Kind::LanguageCode => text(language.map_or("en", |l| l.code)),
        Kind::LanguageName => text(language.map_or("English", |l| l.name)),
        Kind::LanguageNative => text(language.map_or("English", |l| l.native)),
        _ => return None,
    })
}

fn canada(kind: Kind, fact: Fact) -> Option<Raw> {
    let day = |d: jiff::civil::Date| Raw::Text(d.to_string());
    Some(match (kind, fact) {
        (Kind::HolidayEn, Fact::Holiday(h)) => text(h.holiday.name_en),
        (Kind::HolidayFr, Fact::Holiday(h)) => text(h.holiday.name_fr),
        (Kind::HolidayDate, Fact::Holiday(h)) => day(h.date),
        (Kind::HolidayObserved, Fact::Holiday(h)) => day(h.observed),
        (Kind::HolidayFederal, Fact::Holiday(h)) => Raw::Bool(h.holiday.federal),
        (Kind::HolidayOptional, Fact::Holiday(h)) if h.holiday.provinces.is_empty() => Raw::Int(1),
        (Kind::ProvinceId, Fact::Province(p)) => text(p.id),
        (Kind::ProvinceEn, Fact::Province(p)) => text(p.name_en),
        (Kind::ProvinceFr, Fact::Province(p)) => text(p.name_fr),
        (Kind::ProvinceSite, Fact::Province(p)) => text(p.site),
        (Kind::ProvinceSource, Fact::Province(p)) => {
            Raw::Text(format!("Paid public holidays in {}", p.name_en))
        }
        (
            Kind::HolidayEn
            | Kind::HolidayFr
            | Kind::HolidayDate
            | Kind::HolidayObserved
            | Kind::HolidayFederal
            | Kind::HolidayOptional
            | Kind::ProvinceId
            | Kind::ProvinceEn
            | Kind::ProvinceFr
            | Kind::ProvinceSite
            | Kind::ProvinceSource,
            _,
        ) => Raw::Absent,
        _ => return None,
    })
}

fn technical(kind: Kind, leaf: Leaf, cast: &Cast, rng: &mut ChaCha8Rng) -> Raw {
    let host = cast.setting.company.domain;
    match kind {
        Kind::Flat => {
            Raw::Text(format!("{} {}", rng.pick(&["Flat", "Apartment", "Unit", "Floor"]), rng.between(1, 19)))
        }
        Kind::PostCode => Raw::Text(post_code(cast.place.city.country, rng)),
        Kind::Venue if cast.noun == Noun::Event => text(&cast.subject.place),
        Kind::Venue => text(rng.pick(crate::world::lexicon::list("places", "venues"))),
        Kind::Company if cast.noun == Noun::AssetSetting => text(cast.setting.company.name),
        Kind::Company => text(cast.company().name),
        Kind::Domain => text(Company::nth(cast.index, cast.setting.seed).domain),
        Kind::Department => text(rng.pick(crate::world::lexicon::list("work", "departments"))),
        // The same thing has the same id wherever it turns up in a world.
        Kind::Id => {
            let id = mix(cast.setting.seed, hash(&cast.subject.name));
            if leaf == Leaf::Text { Raw::Text(format!("{id:016x}")) } else { Raw::Int(1 + small(id, 8_990)) }
        }
        Kind::Uuid => Raw::Text(uuid(rng)),
        Kind::Hex(n) => Raw::Text(rng.hex(n)),
        Kind::Isrc => Raw::Text(format!(
            "QZ{}{}",
            rng.string_of(b"ABCDEFGHJKLMNPRSTUVWXYZ", 3),
            rng.string_of(b"0123456789", 7)
        )),
        Kind::Token => Raw::Text(format!(
            "{}{}-{}",
            rng.string_of(b"ABCDEFGHJKLMNPRSTUVWXYZ", 2),
            rng.between(10, 99),
            rng.string_of(b"0123456789ABCDEFGHJKLMNP", 6)
        )),
        Kind::Slug => Raw::Text(hyphened(&cast.subject.name)),
        Kind::Color => text(rng.pick(&[
            "#0b8043", "#d50000", "#f4511e", "#3f51b5", "#8e24aa", "#039be5", "#616161", "#f6bf26",
            "#33b679", "#e67c73", "#795548",
        ])),
        Kind::Ip => Raw::Text(format!(
            "{}.{}",
            rng.pick(&["198.51.100", "203.0.113", "192.0.2"]),
            rng.between(2, 254)
        )),
        Kind::Version => {
            Raw::Text(format!("{}.{}.{}", rng.between(0, 6), rng.between(0, 19), rng.between(0, 9)))
        }
        Kind::Url => Raw::Text(format!("https://{host}/{}", hyphened(&cast.subject.name))),
        Kind::ImageUrl => {
            Raw::Text(format!("https://img.{host}/{}-{}.jpg", hyphened(&cast.subject.name), cast.item + 1))
        }
        Kind::FileName => {
            Raw::Text(Subject::draw(Noun::File, "file", cast.domain, cast.index, cast.setting).name)
        }
        Kind::Mime => {
            text(rng.pick(&["application/pdf", "image/jpeg", "image/png", "text/csv", "text/plain"]))
        }
        // What is silent does not move.
        Kind::Speed if cast.setting.now_unix() - cast.story.recent > 1_800 || rng.chance(0.4) => {
            Raw::Real(0.0)
        }
        Kind::Speed => Raw::Real(rng.real(4.0, 56.0, 1)),
        Kind::Course => Raw::Int(rng.between(0, 359)),
        Kind::Area => Raw::Text(format!(
            "CIRCLE ({:.5} {:.5}, {})",
            cast.place.lat,
            cast.place.lon,
            50 * rng.between(2, 14)
        )),
        Kind::FreeForm => Raw::Json(free_form(cast, rng)),
        _ => Raw::Absent,
    }
}

fn free_form(cast: &Cast, rng: &mut ChaCha8Rng) -> Value {
    match cast.noun {
        Noun::Position => {
            let moving = rng.chance(0.5);
            json!({"ignition": moving, "motion": moving, "batteryLevel": rng.between(38, 100), "totalDistance": rng.real(8_000_000.0, 91_000_000.0, 1)})
        }
        Noun::Account => json!({"theme": rng.pick(&["light", "dark", "system"]), "language": "en"}),
        _ => Value::Object(Map::new()),
    }
}

fn unknown(leaf: Leaf, cast: &Cast, rng: &mut ChaCha8Rng) -> Raw {
    match leaf {
        Leaf::Integer => Raw::Int(rng.between(1, 48)),
        Leaf::Number => Raw::Real(rng.real(0.5, 96.0, 2)),
        Leaf::Boolean => Raw::Bool(rng.chance(0.35)),
        Leaf::Text | Leaf::Free => text(rng.pick(crate::world::lexicon::list(
            "generic",
            match cast.item % 2 {
                0 => "values",
                _ => "tags",
            },
        ))),
    }
}

fn hyphened(name: &str) -> String {
    let mut out = String::with_capacity(name.len());
    for word in name.split(|c: char| !c.is_alphanumeric()).map(ascii).filter(|w| !w.is_empty()) {
        if !out.is_empty() {
            out.push('-');
        }
        out.push_str(&word);
        if out.len() > 40 {
            break;
        }
    }
    out
}

/// Draws a code in the country's form; which street it belongs to is not claimed.
fn post_code(country: &str, rng: &mut ChaCha8Rng) -> String {
    let mut out = String::new();
    let form = match country {
        "NL" => "9999 AA",
        "GB" => "AA9 9AA",
        "CA" => "A9A 9A9",
        "PT" => "9999-999",
        "PL" => "99-999",
        "SE" | "CZ" | "SK" | "GR" => "999 99",
        "BR" => "99999-999",
        "JP" => "999-9999",
        "BE" | "AT" | "CH" | "DK" | "NO" | "AU" | "HU" | "SI" | "LU" | "ZA" | "NZ" => "9999",
        "IN" => "999999",
        _ => "99999",
    };
    for c in form.chars() {
        match c {
            '9' if out.is_empty() => out.push_str(&rng.string_of(b"123456789", 1)),
            '9' => out.push_str(&rng.string_of(b"0123456789", 1)),
            'A' => out.push_str(&rng.string_of(b"ABCEGHJKLMNPRSTVXY", 1)),
            other => out.push(other),
        }
    }
    out
}
