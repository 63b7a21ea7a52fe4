//! What the test briefs talk about: the starter domains, second half.

use super::parts::*;
use crate::prompt::{Asked, SurveyAsk, Want};

pub fn cities() -> Field {
    let city = |n: &str| subject("city", Some(n));
    let distance = |a: &str, b: &str, unit: Option<&str>| Want::Compute {
        what: Asked { label: "distance".into(), kind: "number".into(), unit: unit.map(Into::into) },
        subjects: vec![subject("city", Some(a)), subject("city", Some(b))],
        values: vec![],
    };
    let clock = |a: &str| Want::Compute {
        what: asked("local time", "text"),
        subjects: vec![subject("city", Some(a))],
        values: vec![],
    };
    Field {
        domain: "cities",
        subjects: vec![
            city("Ghent"),
            city("São Paulo"),
            subject("country", Some("Uruguay")),
            within(subject("region", Some("Tuscany")), subject("country", Some("Italy"))),
        ],
        facts: vec![
            asked("population", "number"),
            asked("capital", "text"),
            asked("currency codes", "list"),
            asked("time zone", "text"),
            in_unit("elevation meters", "number", "metres"),
            asked("latitude", "number"),
            asked("region", "text"),
            asked("num regions", "number"),
            asked("calling code", "text"),
        ],
        surveyed: vec![
            within(subject("region", None), subject("country", Some("Portugal"))),
            within(subject("city", None), subject("region", Some("Bavaria"))),
        ],
        asks: vec![
            SurveyAsk::Count,
            SurveyAsk::Each(asked("name", "text")),
            SurveyAsk::Extreme("largest".into(), "population".into(), asked("name", "text")),
        ],
        creates: vec![],
        changes: vec![],
        acts: vec![
            distance("Ghent", "Maastricht", Some("km")),
            distance("Oslo", "Turin", Some("miles")),
            distance("Quito", "Lima", Some("km")),
            clock("Auckland"),
            clock("Montevideo"),
            clock("Seoul"),
        ],
        deletes: false,
    }
}

pub fn songs() -> Field {
    let track =
        || within(subject("track", Some("Paper Lanterns")), subject("artist", Some("The Harbour Lights")));
    Field {
        domain: "music",
        subjects: vec![
            track(),
            within(subject("album", Some("Low Tide")), subject("artist", Some("Nora Vance"))),
            subject("artist", Some("Kite Season")),
            within(
                extreme(subject("album", None), "newest", "release date"),
                subject("artist", Some("Kite Season")),
            ),
        ],
        facts: vec![
            asked("track rating", "number"),
            asked("has lyrics", "boolean"),
            asked("album name", "text"),
            asked("explicit", "boolean"),
            asked("album release date", "instant"),
            asked("track length", "number"),
            asked("primary genres", "list"),
            asked("artist country", "text"),
        ],
        surveyed: vec![
            within(subject("track", None), subject("album", Some("Low Tide"))),
            within(subject("album", None), subject("artist", Some("Kite Season"))),
        ],
        asks: vec![
            SurveyAsk::Count,
            SurveyAsk::Each(asked("name", "text")),
            SurveyAsk::Extreme("highest rated".into(), "rating".into(), asked("name", "text")),
        ],
        creates: vec![],
        changes: vec![],
        acts: vec![Want::Know { subject: track(), facts: vec![asked("lyrics", "text")] }],
        deletes: false,
    }
}

pub fn mail() -> Field {
    Field {
        domain: "mail workflows",
        subjects: vec![
            subject("workflow", Some("invoices to accounting")),
            subject("trigger", Some("from-bank")),
            subject("address", Some("orders@mailscript.com")),
            subject("action", Some("forward-to-anna")),
        ],
        facts: vec![
            asked("owner", "text"),
            asked("active", "boolean"),
            asked("created at", "instant"),
            asked("trigger", "text"),
            asked("type", "text"),
        ],
        surveyed: vec![own(subject("workflow", None)), with(own(subject("action", None)), "type", "forward")],
        asks: vec![SurveyAsk::Count, SurveyAsk::Each(asked("name", "text"))],
        creates: vec![
            ("address", vec![], vec![given("address", "club@mailscript.com")]),
            (
                "workflow",
                vec![],
                vec![
                    given("name", "receipts"),
                    given("input", "orders@mailscript.com"),
                    given("trigger", "from-bank"),
                    given("action", "forward-to-anna"),
                ],
            ),
            ("trigger", vec![], vec![given("name", "newsletters"), given("subject", "Weekly digest")]),
        ],
        changes: vec![yes("active", false), given("name", "invoices 2027")],
        acts: vec![
            act(
                "send an e-mail",
                None,
                vec![],
                vec![
                    given("to", "anna.kessler@posteo.de"),
                    given("subject", "Keys"),
                    given("text", "The spare keys are with the neighbour on the second floor."),
                ],
            ),
            act("verify", Some(subject("domain", Some("tailwag.org"))), vec![], vec![]),
        ],
        deletes: true,
    }
}

pub fn sms() -> Field {
    Field {
        domain: "SMS and voice messaging",
        subjects: vec![
            own(subject("account", None)),
            subject("contact", Some("Petra Lindqvist")),
            subject("message", Some("77140921")),
        ],
        facts: vec![
            asked("balance", "number"),
            asked("status", "text"),
            asked("mobile number", "text"),
            asked("delivery time", "instant"),
        ],
        surveyed: vec![own(subject("contact", None)), own(subject("webhook", None))],
        asks: vec![SurveyAsk::Count, SurveyAsk::Each(asked("mobile number", "text"))],
        creates: vec![(
            "contact",
            vec![],
            vec![
                given("name", "Oskar Brandt"),
                given("phone number", "+49 151 555 0143"),
                given("email", "oskar@brandt-dach.de"),
            ],
        )],
        changes: vec![given("mobile number", "+46 70 555 01 22"), given("email", "petra@lindqvist.se")],
        acts: vec![
            act(
                "send",
                None,
                vec![],
                vec![given("to", "+32 470 55 81 02"), given("text", "Running 15 minutes late, sorry")],
            ),
            act(
                "send an SMS",
                None,
                vec![],
                vec![
                    given("to", "+49 171 555 2233"),
                    given("text", "The table for six is ready!"),
                    given("from", "Trattoria"),
                ],
            ),
            act(
                "make a voice call",
                None,
                vec![],
                vec![given("to", "+44 7700 900123"), given("text", "Your parcel is at the front desk")],
            ),
            act("look up", Some(subject("number", Some("+49 171 555 2233"))), vec![], vec![]),
            act(
                "send",
                None,
                vec![("to", subject("contact", Some("Petra Lindqvist")))],
                vec![given("text", "Practice is moved to Thursday.")],
            ),
        ],
        deletes: true,
    }
}

pub fn assets() -> Field {
    Field {
        domain: "fixed assets accounting",
        subjects: vec![
            subject("asset", Some("Espresso machine")),
            with(subject("asset", None), "asset number", "FA-0113"),
            with(with(subject("asset", None), "status", "registered"), "purchase date", "3 March 2025"),
            subject("asset type", Some("Office Equipment")),
        ],
        facts: vec![
            asked("purchase price", "number"),
            asked("purchase date", "instant"),
            asked("warranty expiry date", "instant"),
            asked("asset status", "text"),
            asked("accounting book value", "number"),
            asked("serial number", "id"),
            asked("depreciation rate", "number"),
            asked("can rollback", "boolean"),
        ],
        surveyed: vec![
            with(subject("asset", None), "status", "draft"),
            with(subject("asset", None), "status", "disposed"),
        ],
        asks: vec![
            SurveyAsk::Count,
            SurveyAsk::Each(asked("asset name", "text")),
            SurveyAsk::Extreme("most expensive".into(), "purchase price".into(), asked("asset name", "text")),
            SurveyAsk::Total(asked("purchase price", "number")),
        ],
        creates: vec![
            (
                "asset",
                vec![],
                vec![
                    given("asset name", "Band saw"),
                    given("asset number", "FA-0120"),
                    time("purchase date", "14 October"),
                    number("purchase price", "2,350"),
                    given("description", "Basement workshop, left wall"),
                ],
            ),
            (
                "asset type",
                vec![],
                vec![given("asset type name", "Kitchen Equipment"), number("depreciation rate", "20")],
            ),
        ],
        changes: vec![
            given("description", "Moved to the second floor"),
            number("purchase price", "1,999"),
            given("serial number", "XK-22-9917"),
        ],
        acts: vec![],
        deletes: false,
    }
}

pub fn teams() -> Field {
    let team = || subject("team", Some("Night Owls"));
    Field {
        domain: "teams and documents",
        subjects: vec![
            own(subject("account", None)),
            team(),
            within(with(subject("membership", None), "email", "kofi@brightside.io"), team()),
            within(
                subject("document", Some("Onboarding checklist")),
                subject("collection", Some("Handbook")),
            ),
            own(extreme(subject("session", None), "newest", "created")),
        ],
        facts: vec![
            asked("registration", "instant"),
            asked("email verification", "boolean"),
            asked("sum", "number"),
            asked("roles", "list"),
            asked("country name", "text"),
            asked("device name", "text"),
            asked("expire", "instant"),
            asked("status", "boolean"),
        ],
        surveyed: vec![
            own(subject("team", None)),
            within(subject("membership", None), team()),
            own(subject("session", None)),
        ],
        asks: vec![
            SurveyAsk::Count,
            SurveyAsk::Each(asked("name", "text")),
            SurveyAsk::Each(asked("roles", "list")),
        ],
        creates: vec![
            ("team", vec![], vec![given("name", "Late Shift")]),
            (
                "membership",
                vec![team()],
                vec![
                    given("email", "aylin.demir@brightside.io"),
                    given("roles", "editor"),
                    given("name", "Aylin Demir"),
                ],
            ),
        ],
        changes: vec![given("name", "Night Owls Berlin"), given("email", "new.me@brightside.io")],
        acts: vec![act(
            "log out",
            Some(own(extreme(subject("session", None), "oldest", "created"))),
            vec![],
            vec![],
        )],
        deletes: true,
    }
}

pub fn holidays() -> Field {
    Field {
        domain: "Canadian holidays",
        subjects: vec![
            subject("holiday", Some("Family Day")),
            subject("holiday", Some("Canada Day")),
            subject("province", Some("Nova Scotia")),
            subject("province", Some("Alberta")),
        ],
        facts: vec![
            asked("date", "instant"),
            asked("federal", "boolean"),
            asked("provinces", "list"),
            asked("observed date", "instant"),
            asked("next holiday", "text"),
            asked("source link", "text"),
        ],
        surveyed: vec![
            flagged(subject("holiday", None), "federal", true),
            within(subject("holiday", None), subject("province", Some("Manitoba"))),
        ],
        asks: vec![
            SurveyAsk::Count,
            SurveyAsk::Each(asked("name", "text")),
            SurveyAsk::Each(asked("date", "instant")),
        ],
        creates: vec![],
        changes: vec![],
        acts: vec![Want::Survey {
            subject: with(subject("holiday", None), "year", "2027"),
            ask: SurveyAsk::Each(asked("name", "text")),
        }],
        deletes: false,
    }
}

pub fn applications() -> Field {
    Field {
        domain: "voice applications",
        subjects: vec![
            own(subject("application", Some("Clinic hotline"))),
            with(subject("application", None), "type", "voice"),
        ],
        facts: vec![
            asked("answer url", "text"),
            asked("event url", "text"),
            asked("name", "text"),
            asked("public key", "text"),
        ],
        surveyed: vec![own(subject("application", None))],
        asks: vec![SurveyAsk::Count, SurveyAsk::Each(asked("name", "text"))],
        creates: vec![(
            "application",
            vec![],
            vec![
                given("name", "Night desk"),
                given("answer url", "https://calls.brightside.io/answer"),
                given("event url", "https://calls.brightside.io/events"),
            ],
        )],
        changes: vec![
            given("name", "Clinic front desk"),
            given("answer url", "https://voice.brightside.io/in"),
        ],
        acts: vec![],
        deletes: true,
    }
}
