//! What a world is about: a domain inferred from an API's words, and the nouns that its resources are.

use crate::words::split_as_written;

/// What an API is about.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[cfg_attr(feature = "internals", expect(missing_docs, reason = "the names say it all"))]
pub enum Domain {
    Pets,
    Calendar,
    Tasks,
    Issues,
    /// Second-hand musical gear.
    Marketplace,
    Fleet,
    Geography,
    Music,
    Mail,
    /// Text messages, calls, their applications and hooks.
    Telephony,
    /// Fixed assets and books.
    Accounting,
    /// Backends of apps: teams, files, functions, sessions.
    Backend,
    Holidays,
    #[default]
    Generic,
}

/// Words that tell of a domain, with their weights.
const TELLING: &[(Domain, &[(&str, u32)])] = &[
    (Domain::Pets, &[("petstore", 5), ("pet", 3), ("pets", 3), ("veterinary", 3)]),
    (Domain::Holidays, &[("holiday", 4), ("holidays", 5), ("statutory", 2)]),
    (Domain::Calendar, &[("calendar", 4), ("calendars", 3), ("freebusy", 3), ("attendees", 2), ("event", 1)]),
    (Domain::Tasks, &[("tasks", 4), ("tasklist", 4), ("todo", 4), ("task", 2), ("to-do", 3)]),
    (
        Domain::Issues,
        &[("issue", 4), ("issues", 4), ("ticket", 3), ("tickets", 3), ("tracking", 1), ("bug", 2)],
    ),
    (
        Domain::Marketplace,
        &[("reverb", 6), ("listings", 3), ("listing", 3), ("negotiation", 2), ("gear", 3), ("seller", 2)],
    ),
    (
        Domain::Fleet,
        &[
            ("traccar", 6),
            ("gps", 4),
            ("fleet", 5),
            ("geofence", 4),
            ("geofences", 4),
            ("devices", 1),
            ("positions", 2),
        ],
    ),
    (
        Domain::Geography,
        &[("geodb", 6), ("cities", 3), ("geo", 3), ("countries", 2), ("geography", 4), ("timezones", 1)],
    ),
    (
        Domain::Music,
        &[
            ("musixmatch", 6),
            ("lyrics", 5),
            ("album", 3),
            ("artist", 3),
            ("track", 2),
            ("music", 3),
            ("song", 3),
        ],
    ),
    (Domain::Mail, &[("mailscript", 6), ("mail", 3), ("email", 3), ("inbox", 3), ("smtp", 2)]),
    (
        Domain::Telephony,
        &[
            ("sms", 5),
            ("nexmo", 6),
            ("vonage", 6),
            ("voice", 2),
            ("seven", 3),
            ("messaging", 2),
            ("phone", 1),
        ],
    ),
    (
        Domain::Accounting,
        &[
            ("xero", 5),
            ("assets", 3),
            ("accounting", 5),
            ("depreciation", 5),
            ("ledger", 4),
            ("invoice", 3),
            ("invoices", 3),
        ],
    ),
    (
        Domain::Backend,
        &[
            ("appwrite", 6),
            ("backend", 3),
            ("storage", 2),
            ("functions", 2),
            ("documents", 2),
            ("database", 2),
        ],
    ),
];

impl Domain {
    /// Infers the domain from an API's words: its title, its provider, its resources. The first words weigh no more than the last.
    pub fn infer(words: &str) -> Self {
        let words = split_as_written(words);
        let score = |telling: &[(&str, u32)]| -> u32 {
            telling.iter().filter(|(w, _)| words.iter().any(|x| x == w)).map(|(_, weight)| weight).sum()
        };
        let mut best = (2, Self::Generic);
        for (domain, telling) in TELLING {
            let score = score(telling);
            if score > best.0 {
                best = (score, *domain);
            }
        }
        best.1
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn domains_are_inferred_from_titles_and_resources() {
        let cases = [
            ("Swagger Petstore pet store user", Domain::Pets),
            ("Calendar API calendars events acl", Domain::Calendar),
            ("Google Tasks API tasklists tasks", Domain::Tasks),
            ("Issue Tracking API collections tickets comments", Domain::Issues),
            ("reverb listings orders", Domain::Marketplace),
            ("Traccar devices groups", Domain::Fleet),
            ("GeoDB Cities API countries", Domain::Geography),
            ("Musixmatch API track", Domain::Music),
            ("Mailscript addresses", Domain::Mail),
            ("seven.io API sms", Domain::Telephony),
            ("Nexmo Application API", Domain::Telephony),
            ("Xero Assets API", Domain::Accounting),
            ("Appwrite account teams", Domain::Backend),
            ("Canada Holidays API holidays provinces", Domain::Holidays),
            ("Redocly Museum API", Domain::Generic),
        ];
        for (words, domain) in cases {
            assert_eq!(Domain::infer(words), domain, "{words}");
        }
    }
}
