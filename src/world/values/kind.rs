//! What a field means, as far as its name, its place, its type and its description tell.

use super::noun::Noun;

/// What a field holds.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum Kind {
    /// The record's own name or title.
    Name,
    /// The record's own text.
    Text,
    /// The record's text, if it has one.
    Note,
    /// Its type or category.
    Sort,
    /// One of its tags.
    Tag,
    /// A further column of its entry in the lexicon.
    Column(usize),
    /// Its number (a price, a size), with decimals.
    Number(i32),
    /// Another thing's name.
    NameOf(Noun),
    /// Another thing's text: a comment, a message.
    TextOf(Noun),
    /// Status, in the record's phase.
    Status,
    Full(Who),
    First(Who),
    Last(Who),
    Email(Who),
    Username(Who),
    Phone(Who),
    JobTitle(Who),
    Avatar(Who),
    City,
    CountryName,
    CountryCode,
    Country3,
    Region,
    RegionCode,
    RegionCapital,
    Street,
    Flat,
    Address,
    PostCode,
    Lat,
    Lon,
    Elevation,
    Population,
    ZoneId,
    ZoneName,
    ZoneHours,
    WikiData,
    ContinentName,
    ContinentCode,
    CallingCode,
    InEu,
    LocaleTag,
    LanguageCode,
    LanguageName,
    LanguageNative,
    Venue,
    CurrencyCode,
    CurrencyName,
    CurrencyPlural,
    CurrencySymbol,
    CurrencyDecimals,
    CurrencyRounding,
    HolidayEn,
    HolidayFr,
    HolidayDate,
    HolidayObserved,
    HolidayFederal,
    HolidayOptional,
    ProvinceId,
    ProvinceEn,
    ProvinceFr,
    ProvinceSite,
    ProvinceSource,
    Company,
    Domain,
    Department,
    /// An amount of money: low, high.
    Money(f64, f64),
    /// A share of the record's price.
    Share(f64),
    /// When, by its role in the record's story.
    When(Role),
    /// The same, where it is not a whole day.
    Timed(Role),
    /// The day of it.
    DayOf(Role),
    /// The day, where it is a whole day.
    AllDay(Role),
    /// How long the record's own span is, in this unit.
    Span(Unit),
    /// A length of time between bounds in seconds, in this unit.
    Length(Unit, i64, i64),
    Int(i64, i64),
    Real(f64, f64, i32),
    /// 1, 2, 3… in a world.
    Rank,
    Year(i64, i64),
    /// True with this probability.
    Flag(f64),
    /// True where the record is done.
    IsDone,
    /// True where it is the first of its kind.
    IsFirst,
    /// What a moving thing has done: knots, metres, litres.
    Moved(Move),
    /// What a bought thing is worth.
    Book(Worth),
    /// Whether a device reports: `online`, `offline`, `unknown`.
    Online,
    /// Messages counted in a day, less a few that were dropped.
    Messages(i64),
    /// Whether a song has words, and whether it has none.
    HasWords,
    NoWords,
    /// A song's words by line, and the same with the time of each line.
    Words,
    TimedWords,
    LatThere,
    LonThere,
    AddressThere,
    /// One of these words.
    OneOf(&'static [&'static str]),
    Id,
    Uuid,
    Hex(usize),
    Token,
    Slug,
    Color,
    Ip,
    Version,
    Url,
    ImageUrl,
    FileName,
    Mime,
    Speed,
    Course,
    FreeForm,
    Area,
    Isrc,
    /// A random well-formed value of the schema's type: nothing is known of it.
    Unknown,
    /// Left out unless it is required.
    Never,
}

/// Whose name or address it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Who {
    /// The person that the record is or belongs to.
    Own,
    /// Someone else, by a salt.
    Other(u64),
    /// The world's user.
    User,
}

/// The role of an instant in a record's story.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Role {
    Created,
    Updated,
    Start,
    End,
    Due,
    Done,
    Expires,
    Recent,
    Birth,
    Released,
    Purchased,
    Shipped,
    Now,
}

/// What a trip's tracker counts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Move {
    AverageKnots,
    MaxKnots,
    Metres,
    Litres,
}

/// What the books say of an asset.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Worth {
    /// Its value now.
    Value,
    /// Written off in earlier years.
    Prior,
    /// Written off this year.
    Current,
    /// What it was sold for.
    Sold,
    /// Percent a year.
    Rate,
}

/// The unit of a length of time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Unit {
    Milliseconds,
    Seconds,
    Minutes,
    Hours,
    Days,
}

impl Unit {
    /// Returns how many milliseconds the unit has.
    pub fn milliseconds(self) -> i64 {
        match self {
            Self::Milliseconds => 1,
            Self::Seconds => 1_000,
            Self::Minutes => 60_000,
            Self::Hours => 3_600_000,
            Self::Days => 86_400_000,
        }
    }
}

/// How often an optional field is there.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum Often {
    /// In every record.
    Always,
    /// In most worlds, in most records.
    Mostly,
    /// In many worlds, in many records.
    Sometimes,
    /// In few worlds, in few records.
    Seldom,
    /// Only where it is required.
    Never,
}

impl Often {
    /// Returns the probabilities of a world's using the field, and of a record's having it in such a world.
    pub fn chances(self) -> (f64, f64) {
        match self {
            Self::Always => (1.0, 1.0),
            Self::Mostly => (0.95, 0.94),
            Self::Sometimes => (0.75, 0.72),
            Self::Seldom => (0.3, 0.45),
            Self::Never => (0.0, 0.0),
        }
    }
}

/// The kinds of leaf types that a kind can be written as.
pub(crate) fn suits(kind: Kind, leaf: super::fit::Leaf) -> bool {
    use super::fit::Leaf;
    match leaf {
        Leaf::Free => true,
        Leaf::Boolean => matches!(
            kind,
            Kind::Flag(_)
                | Kind::IsDone
                | Kind::IsFirst
                | Kind::InEu
                | Kind::Never
                | Kind::Status
                | Kind::HolidayFederal
        ),
        Leaf::Integer | Leaf::Number => matches!(
            kind,
            Kind::Number(_)
                | Kind::Lat
                | Kind::LatThere
                | Kind::LonThere
                | Kind::Moved(_)
                | Kind::Book(_)
                | Kind::Messages(_)
                | Kind::HasWords
                | Kind::NoWords
                | Kind::Lon
                | Kind::Elevation
                | Kind::Population
                | Kind::ZoneHours
                | Kind::CurrencyDecimals
                | Kind::CurrencyRounding
                | Kind::Money(..)
                | Kind::Share(_)
                | Kind::When(_)
                | Kind::Timed(_)
                | Kind::AllDay(_)
                | Kind::Span(_)
                | Kind::Length(..)
                | Kind::Int(..)
                | Kind::Real(..)
                | Kind::Rank
                | Kind::Year(..)
                | Kind::Flag(_)
                | Kind::IsDone
                | Kind::IsFirst
                | Kind::Id
                | Kind::Speed
                | Kind::Course
                | Kind::Never
                | Kind::HolidayFederal
                | Kind::HolidayOptional
                | Kind::Status
                | Kind::OneOf(_)
                | Kind::Column(_)
        ),
        Leaf::Text => !matches!(
            kind,
            Kind::Flag(_)
                | Kind::IsDone
                | Kind::IsFirst
                | Kind::InEu
                | Kind::FreeForm
                | Kind::HasWords
                | Kind::NoWords
        ),
    }
}
