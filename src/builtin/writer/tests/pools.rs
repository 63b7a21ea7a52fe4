//! What the test briefs talk about: the starter domains, first half.

use super::more::{applications, assets, cities, holidays, mail, sms, songs, teams};
use super::parts::*;
use crate::prompt::SurveyAsk;

/// Returns the domains.
pub fn fields() -> Vec<Field> {
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
