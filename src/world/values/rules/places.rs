//! What the fields of fleets and of the world's places mean.

use super::Rule;
use crate::world::values::kind::Kind as K;
use crate::world::values::kind::Move::{AverageKnots, Litres, MaxKnots, Metres};
use crate::world::values::kind::Often::{Always as A, Mostly as M, Never as X, Seldom as R, Sometimes as S};
use crate::world::values::kind::Role::{End, Recent, Start};
use crate::world::values::kind::Unit::Milliseconds;
use crate::world::values::kind::Who::Own;
use crate::world::values::noun::Noun as N;

/// By noun.
pub(super) const PLACES: &[(&[N], &[Rule])] = &[
    (&[N::Vehicle], VEHICLE),
    (
        &[N::VehicleGroup, N::FleetCalendar],
        &[("name", K::Name, A), ("data", K::Column(1), M), ("attributes", K::FreeForm, X)],
    ),
    (
        &[N::Geofence],
        &[
            ("name", K::Name, A),
            ("description", K::Text, S),
            ("area", K::Area, A),
            ("attributes", K::FreeForm, X),
        ],
    ),
    (
        &[N::FleetEvent],
        &[
            ("type", K::Name, A),
            ("event time|server time", K::When(Recent), A),
            ("attributes", K::FreeForm, X),
        ],
    ),
    (&[N::Trip, N::Stop, N::Summary, N::Position], MOVING),
    (
        &[N::Maintenance],
        &[
            ("name", K::Name, A),
            ("type", K::Sort, A),
            ("start", K::Column(4), A),
            ("period", K::Column(5), A),
            ("attributes", K::FreeForm, X),
        ],
    ),
    (
        &[N::Command],
        &[
            ("type", K::Name, A),
            ("description", K::Text, M),
            ("text channel", K::Flag(0.1), R),
            ("attributes", K::FreeForm, X),
        ],
    ),
    (&[N::CommandType, N::NotificationType], &[("type|name", K::Name, A)]),
    (
        &[N::Notification],
        &[
            ("type", K::Name, A),
            ("always", K::Flag(0.4), M),
            ("web", K::Flag(0.8), A),
            ("mail", K::Flag(0.5), A),
            ("sms", K::Flag(0.2), A),
            ("notificators", K::OneOf(&["web", "web,mail", "mail", "web,sms"]), M),
            ("attributes", K::FreeForm, X),
        ],
    ),
    (
        &[N::ComputedAttribute],
        &[
            ("attribute|name", K::Name, A),
            ("description", K::Text, A),
            ("type", K::Sort, A),
            ("expression", K::Column(5), A),
        ],
    ),
    (
        &[N::Server],
        &[
            ("version", K::OneOf(&["5.8", "5.9", "5.10", "5.12", "6.1", "6.2"]), A),
            (
                "registration|readonly|device readonly|limit commands|force settings|twelve hour format",
                K::Flag(0.2),
                A,
            ),
            ("zoom", K::Int(6, 13), M),
            ("map", K::OneOf(&["osm", "carto"]), M),
            ("latitude", K::Lat, A),
            ("longitude", K::Lon, A),
            ("coordinate format", K::OneOf(&["dd", "ddm"]), M),
            ("bing key|map url|poi layer", K::Never, X),
            ("attributes", K::FreeForm, X),
        ],
    ),
    (
        &[N::Statistics],
        &[
            ("messages received", K::Messages(0), A),
            ("messages stored", K::Messages(1), A),
            ("capture time", K::When(Recent), A),
            ("active users", K::Int(1, 9), A),
            ("active devices", K::Int(4, 28), A),
            ("requests", K::Int(180, 4200), A),
            ("messages received|messages stored", K::Int(2400, 61_000), A),
        ],
    ),
    (
        &[N::City],
        &[
            ("name|city|place", K::Name, A),
            ("type", K::OneOf(&["CITY"]), A),
            ("deleted", K::Flag(0.0), S),
            ("country", K::CountryName, A),
            ("country code", K::CountryCode, A),
            ("region", K::Region, A),
            ("region code", K::RegionCode, A),
            ("elevation*", K::Elevation, A),
            ("population", K::Population, A),
            ("latitude", K::Lat, A),
            ("longitude", K::Lon, A),
            ("timezone|time zone", K::ZoneId, A),
            ("wiki data id", K::WikiData, A),
            ("distance", K::Never, X),
        ],
    ),
    (
        &[N::Country],
        &[
            ("name", K::Name, A),
            ("code|iso|country code", K::CountryCode, A),
            ("currency codes|currency code", K::CurrencyCode, A),
            ("calling code", K::CallingCode, A),
            ("capital", K::RegionCapital, M),
            ("wiki data id", K::WikiData, A),
            ("flag image uri|num regions", K::Never, X),
            ("population|area", K::Never, X),
            ("phone", K::CallingCode, M),
        ],
    ),
    (
        &[N::Phone],
        &[
            ("code", K::CallingCode, A),
            ("country code", K::CountryCode, A),
            ("country name|name", K::CountryName, A),
        ],
    ),
    (
        &[N::Region],
        &[
            ("name", K::Name, A),
            ("iso code|code|region code", K::RegionCode, A),
            ("country code", K::CountryCode, A),
            ("country", K::CountryName, A),
            ("capital", K::RegionCapital, A),
            ("wiki data id", K::WikiData, A),
            ("fips code|num cities", K::Never, X),
        ],
    ),
    (
        &[N::Currency],
        &[
            ("code", K::CurrencyCode, A),
            ("name", K::CurrencyName, A),
            ("name plural", K::CurrencyPlural, A),
            ("symbol|symbol native", K::CurrencySymbol, A),
            ("decimal digits", K::CurrencyDecimals, A),
            ("rounding", K::CurrencyRounding, A),
            ("country codes", K::CountryCode, A),
        ],
    ),
    (
        &[N::Language],
        &[("code", K::LanguageCode, A), ("name", K::LanguageName, A), ("native name", K::LanguageNative, A)],
    ),
    (&[N::Locale], &[("code", K::LocaleTag, A)]),
    (
        &[N::LocaleInfo],
        &[
            ("ip", K::Ip, A),
            ("country code", K::CountryCode, A),
            ("country", K::CountryName, A),
            ("continent code", K::ContinentCode, A),
            ("continent", K::ContinentName, A),
            ("eu", K::InEu, A),
            ("currency", K::CurrencyCode, A),
        ],
    ),
    (
        &[N::Zone],
        &[
            ("id|time zone", K::ZoneId, A),
            ("name", K::ZoneName, A),
            ("raw utc offset hours|*offset hours", K::ZoneHours, A),
        ],
    ),
    (&[N::Continent], &[("name", K::Name, A), ("code", K::ContinentCode, A)]),
    (
        &[N::Holiday],
        &[
            ("name en|name|name english", K::HolidayEn, A),
            ("name fr", K::HolidayFr, A),
            ("date", K::HolidayDate, A),
            ("observed date", K::HolidayObserved, A),
            ("federal", K::HolidayFederal, A),
            ("optional", K::HolidayOptional, A),
        ],
    ),
    (
        &[N::Province],
        &[
            ("id|code", K::ProvinceId, A),
            ("name en|name", K::ProvinceEn, A),
            ("name fr", K::ProvinceFr, A),
            ("source link", K::ProvinceSite, A),
            ("source en|source", K::ProvinceSource, A),
            ("optional", K::Never, X),
        ],
    ),
];

const VEHICLE: &[Rule] = &[
    ("status", K::Online, A),
    ("name", K::Name, A),
    ("category", K::Sort, A),
    ("model", K::Column(5), M),
    ("status", K::OneOf(&["online", "online", "online", "offline", "unknown"]), A),
    ("last update", K::When(Recent), A),
    ("phone", K::Phone(Own), S),
    ("contact", K::Full(Own), S),
    ("disabled", K::Flag(0.05), A),
    ("unique id", K::Hex(15), A),
    ("attributes", K::FreeForm, X),
    ("plate|license plate|registration number", K::Token, M),
];

const MOVING: &[Rule] = &[
    ("end lat*", K::LatThere, A),
    ("end lon*", K::LonThere, A),
    ("end address", K::AddressThere, A),
    ("distance", K::Moved(Metres), A),
    ("average speed", K::Moved(AverageKnots), A),
    ("max speed", K::Moved(MaxKnots), A),
    ("spent fuel", K::Moved(Litres), A),
    ("device name|vehicle name", K::Name, A),
    ("driver name", K::NameOf(N::Driver), S),
    ("driver unique id", K::Never, X),
    ("device time|fix time|server time", K::When(Recent), A),
    ("start time", K::When(Start), A),
    ("end time", K::When(End), A),
    ("duration", K::Span(Milliseconds), A),
    ("engine hours", K::Span(Milliseconds), M),
    ("distance", K::Real(1_200.0, 96_000.0, 1), A),
    ("average speed", K::Real(12.0, 34.0, 1), A),
    ("max speed", K::Real(36.0, 58.0, 1), A),
    ("spent fuel", K::Real(0.8, 19.5, 1), A),
    ("speed", K::Speed, A),
    ("course", K::Course, A),
    ("altitude", K::Elevation, A),
    ("accuracy", K::Real(0.0, 12.0, 1), S),
    ("valid", K::Flag(0.97), A),
    ("outdated", K::Flag(0.03), M),
    ("protocol", K::OneOf(&["osmand", "teltonika", "gt06", "h02", "watch"]), A),
    ("address|start address|end address", K::Address, A),
    ("latitude|lat|start lat|end lat", K::Lat, A),
    ("longitude|lon|start lon|end lon", K::Lon, A),
    ("network", K::FreeForm, X),
    ("attributes", K::FreeForm, S),
];
