//! A generator of varied briefs from small handmade pools over the starter domains.

use crate::builtin::writer::dice::Dice;
use crate::prompt::{Asked, Brief, Given, Subject, SurveyAsk, Trait, Want};
use serde_json::{Value, json};

const PERSONAS: [&str; 16] = [
    "a fleet manager",
    "a student",
    "a parent",
    "an on-call engineer",
    "a shop owner",
    "a band manager",
    "a teacher",
    "a nurse",
    "a freelance designer",
    "an office assistant",
    "an accountant",
    "a volunteer",
    "a truck driver",
    "a guitar player",
    "a purchasing manager",
    "a traveller",
];
const REGISTERS: [&str; 6] = ["brisk", "polite", "thumb-typed", "rambling", "worried", "plain"];

fn subject(kind: &str, name: Option<&str>) -> Subject {
    Subject { kind: kind.into(), name: name.map(Into::into), ..Subject::default() }
}

fn within(mut inner: Subject, holder: Subject) -> Subject {
    inner.within = Some(Box::new(holder));
    inner
}

fn with(mut s: Subject, label: &str, value: &str) -> Subject {
    s.traits.push(Trait { label: label.into(), value: value.into(), exact: json!(value) });
    s
}

fn flagged(mut s: Subject, label: &str, yes: bool) -> Subject {
    s.traits.push(Trait {
        label: label.into(),
        value: if yes { "yes" } else { "no" }.into(),
        exact: json!(yes),
    });
    s
}

fn extreme(mut s: Subject, word: &str, field: &str) -> Subject {
    s.extreme = Some((word.into(), field.into()));
    s
}

fn own(mut s: Subject) -> Subject {
    s.own = true;
    s
}

fn asked(label: &str, kind: &str) -> Asked {
    Asked { label: label.into(), kind: kind.into(), unit: None }
}

fn in_unit(label: &str, kind: &str, unit: &str) -> Asked {
    Asked { unit: Some(unit.into()), ..asked(label, kind) }
}

fn given(label: &str, value: &str) -> Given {
    let quoted = value.contains(' ') || value.starts_with(char::is_uppercase);
    Given { label: label.into(), value: value.into(), exact: json!(value), quoted }
}

fn time(label: &str, value: &str) -> Given {
    Given {
        label: label.into(),
        value: value.into(),
        exact: json!("2026-11-27T15:00:00+01:00"),
        quoted: false,
    }
}

fn number(label: &str, value: &str) -> Given {
    Given { label: label.into(), value: value.into(), exact: json!(7), quoted: false }
}

fn yes(label: &str, value: bool) -> Given {
    Given {
        label: label.into(),
        value: if value { "yes" } else { "no" }.into(),
        exact: Value::Bool(value),
        quoted: false,
    }
}

/// What one domain offers to talk about.
struct Field {
    domain: &'static str,
    subjects: Vec<Subject>,
    facts: Vec<Asked>,
    surveyed: Vec<Subject>,
    asks: Vec<SurveyAsk>,
    creates: Vec<(&'static str, Vec<Subject>, Vec<Given>)>,
    changes: Vec<Given>,
    acts: Vec<Want>,
    deletes: bool,
}

fn act(verb: &str, on: Option<Subject>, others: Vec<(&str, Subject)>, values: Vec<Given>) -> Want {
    let others = others.into_iter().map(|(r, s)| (r.to_owned(), s)).collect();
    Want::Act { verb: verb.into(), subject: on, others, values, facts: Vec::new() }
}

fn fields() -> Vec<Field> {
    vec![
        pets(),
        calendar(),
        tasks(),
        tickets(),
        gear(),
        fleet(),
        cities(),
        songs(),
        mail(),
        sms(),
        assets(),
        teams(),
        holidays(),
        applications(),
    ]
}

fn pets() -> Field {
    Field {
        domain: "pets",
        subjects: vec![
            subject("pet", Some("Biscuit")),
            subject("pet", Some("Captain Fluff")),
            with(subject("pet", Some("Momo")), "status", "available"),
            with(with(subject("pet", None), "status", "pending"), "category", "Hamsters"),
            with(subject("pet", None), "tags", "house-trained"),
            subject("order", Some("8")),
        ],
        facts: vec![
            asked("status", "text"),
            asked("category", "text"),
            asked("tags", "list"),
            asked("photo urls", "list"),
        ],
        surveyed: vec![
            with(subject("pet", None), "status", "available"),
            with(subject("pet", None), "tags", "vaccinated"),
        ],
        asks: vec![
            SurveyAsk::Count,
            SurveyAsk::Each(asked("name", "text")),
            SurveyAsk::Each(asked("category", "text")),
        ],
        creates: vec![
            (
                "pet",
                vec![],
                vec![given("name", "Pickle"), given("status", "available"), given("category", "Rabbits")],
            ),
            (
                "pet",
                vec![],
                vec![given("name", "Waffles"), given("photo urls", "https://pics.tailwag.org/waffles.jpg")],
            ),
            (
                "order",
                vec![],
                vec![
                    number("quantity", "2"),
                    time("ship date", "next Tuesday at 10 am"),
                    yes("complete", false),
                ],
            ),
            (
                "order",
                vec![subject("pet", Some("Momo"))],
                vec![number("quantity", "1"), given("status", "placed")],
            ),
        ],
        changes: vec![given("status", "sold"), given("name", "Sir Biscuit"), given("tags", "quiet")],
        acts: vec![],
        deletes: true,
    }
}

fn calendar() -> Field {
    let work = || subject("calendar", Some("Work"));
    Field {
        domain: "calendar",
        subjects: vec![
            within(subject("event", Some("Budget review")), work()),
            within(extreme(subject("event", None), "earliest", "start"), subject("calendar", Some("Family"))),
            within(with(subject("event", None), "location", "Room 4.12"), work()),
            own(subject("calendar", Some("Band rehearsals"))),
            subject("event", Some("Dentist")),
        ],
        facts: vec![
            asked("start", "instant"),
            asked("end", "instant"),
            asked("location", "text"),
            asked("attendees", "list"),
            asked("description", "text"),
            asked("updated", "instant"),
            asked("guests can modify", "boolean"),
            asked("creator", "text"),
            asked("time zone", "text"),
        ],
        surveyed: vec![within(subject("event", None), work()), own(subject("calendar", None))],
        asks: vec![
            SurveyAsk::Count,
            SurveyAsk::Each(asked("summary", "text")),
            SurveyAsk::Each(asked("start", "instant")),
        ],
        creates: vec![
            (
                "event",
                vec![work()],
                vec![
                    given("summary", "Supplier call"),
                    time("start", "next Friday at 3 pm"),
                    time("end", "next Friday at 4 pm"),
                    given("location", "Room 2.01"),
                ],
            ),
            (
                "event",
                vec![subject("calendar", Some("Family"))],
                vec![
                    given("summary", "Swimming lesson"),
                    time("start", "Saturday at 10"),
                    given("attendees", "lena.hofer@mailbox.org"),
                    given("description", "Bring the blue towel and the locker coin."),
                ],
            ),
            ("calendar", vec![], vec![given("summary", "Garden club"), given("time zone", "Europe/Lisbon")]),
        ],
        changes: vec![
            given("location", "Café Central"),
            time("start", "Thursday at 9:30 am"),
            given("summary", "Budget review, part two"),
            given("description", "Slides are in the shared folder."),
            yes("guests can modify", true),
            given("colour id", "tomato"),
        ],
        acts: vec![
            act(
                "move … to",
                Some(within(subject("event", Some("Retro")), work())),
                vec![("to", subject("calendar", Some("Team")))],
                vec![],
            ),
            act("clear", Some(own(subject("calendar", Some("Holidays 2025")))), vec![], vec![]),
        ],
        deletes: true,
    }
}

fn tasks() -> Field {
    let flat = || own(subject("task list", Some("Flat")));
    Field {
        domain: "task lists",
        subjects: vec![
            within(subject("task", Some("Buy paint")), flat()),
            within(subject("task", Some("renew passport")), subject("task list", Some("Paperwork"))),
            within(with(subject("task", None), "due date", "Friday"), flat()),
            within(extreme(subject("task", None), "oldest", "created"), flat()),
            subject("task list", Some("Thesis")),
        ],
        facts: vec![
            asked("due date", "instant"),
            asked("status", "text"),
            asked("notes", "text"),
            asked("updated", "instant"),
            asked("hidden", "boolean"),
            asked("position", "text"),
        ],
        surveyed: vec![
            within(with(subject("task", None), "status", "needs action"), flat()),
            within(with(subject("task", None), "due date", "tomorrow"), subject("task list", Some("Thesis"))),
        ],
        asks: vec![
            SurveyAsk::Count,
            SurveyAsk::Each(asked("title", "text")),
            SurveyAsk::Extreme("earliest".into(), "due date".into(), asked("title", "text")),
        ],
        creates: vec![
            ("task", vec![flat()], vec![given("title", "Call the landlord"), time("due date", "Monday")]),
            (
                "task",
                vec![subject("task list", Some("Thesis"))],
                vec![
                    given("title", "print chapter two"),
                    given("notes", "double-sided, with margins for comments"),
                    time("due date", "28 November"),
                ],
            ),
            ("task list", vec![], vec![given("title", "Christmas")]),
        ],
        changes: vec![
            given("status", "completed"),
            time("due date", "next Wednesday"),
            given("notes", "receipt is in the drawer"),
            given("title", "Buy two buckets of paint"),
        ],
        acts: vec![
            act("clear", Some(flat()), vec![], vec![]),
            act(
                "move … to",
                Some(within(subject("task", Some("Buy paint")), flat())),
                vec![("under", within(subject("task", Some("Renovation")), flat()))],
                vec![],
            ),
        ],
        deletes: true,
    }
}

fn tickets() -> Field {
    let web = || subject("collection", Some("Website Relaunch"));
    let ticket = || within(subject("ticket", Some("Cookie banner ignores opt-out")), web());
    Field {
        domain: "issue tracking",
        subjects: vec![
            ticket(),
            within(with(with(subject("ticket", None), "status", "open"), "due date", "Friday"), web()),
            within(
                with(subject("ticket", None), "assignee", "Marta Oliveira"),
                subject("collection", Some("Mobile App")),
            ),
            within(extreme(subject("comment", None), "newest", "created"), ticket()),
            within(subject("user", Some("Jonas Weber")), web()),
        ],
        facts: vec![
            asked("status", "text"),
            asked("assignees", "list"),
            asked("priority", "text"),
            asked("due date", "instant"),
            asked("created at", "instant"),
            asked("created by", "text"),
            asked("completed at", "instant"),
            asked("party id", "id"),
        ],
        surveyed: vec![
            within(with(subject("ticket", None), "status", "open"), web()),
            within(with(subject("ticket", None), "priority", "urgent"), web()),
            within(subject("comment", None), ticket()),
        ],
        asks: vec![
            SurveyAsk::Count,
            SurveyAsk::Each(asked("subject", "text")),
            SurveyAsk::Each(asked("assignees", "list")),
            SurveyAsk::Extreme("latest".into(), "due date".into(), asked("priority", "text")),
        ],
        creates: vec![
            (
                "ticket",
                vec![web()],
                vec![
                    given("subject", "Footer links lead nowhere"),
                    given("priority", "high"),
                    given(
                        "description",
                        "All four links in the footer open an empty page since the last deploy.",
                    ),
                ],
            ),
            ("comment", vec![ticket()], vec![given("body", "Legal signed off this morning.")]),
            (
                "comment",
                vec![within(subject("ticket", Some("Search is slow")), web())],
                vec![given("body", "Can reproduce it on Firefox")],
            ),
        ],
        changes: vec![
            given("status", "closed"),
            given("priority", "low"),
            time("due date", "December 4"),
            given("subject", "Cookie banner, second attempt"),
        ],
        acts: vec![],
        deletes: true,
    }
}

fn gear() -> Field {
    Field {
        domain: "gear listings",
        subjects: vec![
            subject("listing", Some("Fender Jazzmaster '62 reissue")),
            own(extreme(subject("listing", None), "most expensive", "price")),
            with(with(subject("listing", None), "make", "Gibson"), "finish", "Sunburst"),
            subject("order", Some("20481177")),
            own(subject("shop", None)),
        ],
        facts: vec![
            asked("price", "number"),
            asked("condition", "text"),
            asked("year", "text"),
            asked("offer count", "number"),
            asked("published at", "instant"),
            asked("offers enabled", "boolean"),
            asked("shipping profile", "text"),
        ],
        surveyed: vec![
            own(with(subject("listing", None), "state", "live")),
            with(subject("listing", None), "make", "Moog"),
        ],
        asks: vec![
            SurveyAsk::Count,
            SurveyAsk::Each(asked("price", "number")),
            SurveyAsk::Extreme("cheapest".into(), "price".into(), asked("title", "text")),
            SurveyAsk::Total(asked("price", "number")),
        ],
        creates: vec![(
            "listing",
            vec![],
            vec![
                given("title", "Boss CE-2W chorus pedal"),
                given("make", "Boss"),
                given("model", "CE-2W"),
                given("condition", "excellent"),
                number("price", "€145"),
                given("description", "Barely used, box and papers included."),
            ],
        )],
        changes: vec![
            number("price", "€890"),
            given("condition", "very good"),
            yes("offers enabled", false),
            given("finish", "Sea Foam Green"),
            number("inventory", "2"),
        ],
        acts: vec![
            act("follow", Some(subject("shop", Some("Lucky Dog Guitars"))), vec![], vec![]),
            act("mark as received", Some(subject("order", Some("20481177"))), vec![], vec![]),
            act(
                "end",
                Some(own(subject("listing", Some("Roland Juno-60")))),
                vec![],
                vec![given("reason", "not sold")],
            ),
            act(
                "make an offer",
                None,
                vec![("on", subject("listing", Some("Vox AC15")))],
                vec![number("price", "€420"), given("message", "Would you take this for a quick pick-up?")],
            ),
        ],
        deletes: true,
    }
}

fn fleet() -> Field {
    Field {
        domain: "GPS fleet tracking",
        subjects: vec![
            subject("device", Some("Van 12")),
            with(subject("device", None), "model", "Sprinter"),
            extreme(subject("device", None), "oldest", "last update"),
            subject("driver", Some("Ines Duarte")),
            within(subject("position", None), subject("device", Some("Truck Lisbon 3"))),
            subject("geofence", Some("North depot")),
        ],
        facts: vec![
            asked("last update", "instant"),
            asked("status", "text"),
            in_unit("speed", "number", "knots"),
            asked("disabled", "boolean"),
            asked("phone", "text"),
            asked("unique id", "id"),
            in_unit("total distance", "number", "km"),
            asked("motion", "boolean"),
            asked("contact", "text"),
        ],
        surveyed: vec![
            with(subject("device", None), "status", "offline"),
            within(subject("device", None), subject("group", Some("Lisbon depot"))),
        ],
        asks: vec![
            SurveyAsk::Count,
            SurveyAsk::Each(asked("name", "text")),
            SurveyAsk::Each(asked("last update", "instant")),
        ],
        creates: vec![
            (
                "device",
                vec![],
                vec![
                    given("name", "Van 31"),
                    given("unique id", "867440062118223"),
                    given("phone", "+351 912 555 018"),
                    given("model", "Crafter"),
                ],
            ),
            (
                "geofence",
                vec![],
                vec![
                    given("name", "Customer yard"),
                    given("description", "Gate on the east side, closed at night"),
                ],
            ),
            ("driver", vec![], vec![given("name", "Tomás Leal"), given("unique id", "DL-4471")]),
        ],
        changes: vec![
            given("phone", "+351 912 555 077"),
            given("name", "Van 12 (spare)"),
            yes("disabled", true),
            given("category", "truck"),
            number("odometer", "84,200 km"),
        ],
        acts: vec![act(
            "link",
            Some(subject("driver", Some("Ines Duarte"))),
            vec![("to", subject("device", Some("Van 12")))],
            vec![],
        )],
        deletes: true,
    }
}

fn cities() -> Field {
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

fn songs() -> Field {
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

fn mail() -> Field {
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

fn sms() -> Field {
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

fn assets() -> Field {
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

fn teams() -> Field {
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

fn holidays() -> Field {
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

fn applications() -> Field {
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

fn some<T: Clone>(pool: &[T], most: usize, dice: &mut Dice) -> Vec<T> {
    let mut at: Vec<usize> = (0..pool.len()).collect();
    let count = if dice.chance(65) { 1 } else { 1 + dice.below(most) }.min(pool.len());
    let mut out = Vec::new();
    for _ in 0..count {
        let chosen = at.remove(dice.below(at.len()));
        out.push(pool[chosen].clone());
    }
    out
}

fn want(field: &Field, dice: &mut Dice) -> Want {
    loop {
        match dice.below(11) {
            0..=2 => {
                let subject = dice.pick(&field.subjects).clone();
                return Want::Know { subject, facts: some(&field.facts, 3, dice) };
            }
            3 | 4 => {
                return Want::Survey {
                    subject: dice.pick(&field.surveyed).clone(),
                    ask: dice.pick(&field.asks).clone(),
                };
            }
            5 | 6 if !field.creates.is_empty() => {
                let (kind, under, values) = dice.pick(&field.creates).clone();
                let facts = if dice.chance(15) { vec![asked("created at", "instant")] } else { vec![] };
                return Want::Create { kind: kind.into(), under, values, facts };
            }
            7 | 8 if !field.changes.is_empty() => {
                let subject = dice.pick(&field.subjects).clone();
                return Want::Update { subject, values: some(&field.changes, 3, dice), facts: vec![] };
            }
            9 if field.deletes => return Want::Delete { subject: dice.pick(&field.subjects).clone() },
            10 if !field.acts.is_empty() => return dice.pick(&field.acts).clone(),
            _ => {}
        }
    }
}

/// Makes `count` briefs.
pub fn briefs(count: u64) -> Vec<Brief> {
    let fields = fields();
    (0..count)
        .map(|seed| {
            let mut dice = Dice::new(seed, "briefs", 0);
            let field = &fields[seed as usize % fields.len()];
            let first = want(field, &mut dice);
            let mut wants = vec![first];
            while wants.len() < 4 && dice.chance(if wants.len() == 1 { 30 } else { 20 }) {
                let mut next = want(field, &mut dice);
                // Often people stay with the record they spoke of.
                if dice.chance(50)
                    && let (
                        Want::Update { subject: spoken, .. } | Want::Know { subject: spoken, .. },
                        Want::Know { subject, .. },
                    ) = (&wants[0], &mut next)
                {
                    subject.clone_from(spoken);
                }
                if !wants.contains_same(&next) {
                    wants.push(next);
                }
            }
            Brief {
                now: "2026-11-22T09:12:00+01:00".into(),
                user: "Noor Haddad".into(),
                persona: (*dice.pick(&PERSONAS)).into(),
                register: (*dice.pick(&REGISTERS)).into(),
                domain: field.domain.into(),
                wants,
                forbidden: vec!["lastUpdate".into(), "findPetsByStatus".into(), "photoUrls".into()],
                seed,
            }
        })
        .collect()
}

/// Whether a list of wants holds one already.
trait ContainsSame {
    fn contains_same(&self, other: &Want) -> bool;
}

impl ContainsSame for Vec<Want> {
    fn contains_same(&self, other: &Want) -> bool {
        let text = format!("{other:?}");
        self.iter().any(|w| format!("{w:?}") == text)
    }
}
