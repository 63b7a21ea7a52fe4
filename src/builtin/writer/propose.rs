//! Instructions proposed from a tool's own text (ToolLLM's direction, arXiv:2307.16789): single tools, with values that people have.
//! A tool that needs an identifier nobody holds, or whose text does not say in plain words what it does, is passed over.

use super::clause::Clause;
use super::compose::worded;
use super::dice::Dice;
use super::english::unguard;
use super::given::{modifier, weave};
use crate::data::required_of;
use crate::prompt::{Brief, Given, Proposal, ToolSpec, Want};
use crate::words::{self, a, is_plural};
use serde_json::{Map, Value, json};

const REGISTERS: [&str; 7] = ["plain", "plain", "brisk", "polite", "thumb-typed", "rambling", "worried"];

/// Verbs of looking up.
const READS: [&str; 14] = [
    "get", "retrieve", "fetch", "list", "find", "search", "show", "view", "return", "query", "read", "look",
    "display", "describe",
];
/// Verbs of doing that people use too, but for those that change a record: which one, a tool's text does not say.
const DEEDS: [&str; 13] = [
    "create", "add", "send", "make", "place", "register", "start", "claim", "validate", "check", "verify",
    "invite", "book",
];
/// Words that nobody says who wants something.
const TECHNICAL: [&str; 44] = [
    "id",
    "ids",
    "uuid",
    "api",
    "endpoint",
    "json",
    "object",
    "objects",
    "token",
    "tokens",
    "metadata",
    "paginated",
    "callback",
    "oauth",
    "http",
    "request",
    "response",
    "query",
    "schema",
    "resource",
    "resources",
    "parameter",
    "parameters",
    "array",
    "xml",
    "jwt",
    "webhook",
    "payload",
    "instance",
    "entity",
    "deprecated",
    "slug",
    "csp",
    "params",
    "based",
    "session",
    "endpoints",
    "route",
    "body",
    "root",
    "client",
    "specified",
    "given",
    "authenticated",
];

/// Proposes instructions, each with the names of the tools that it needs. Fewer than asked for where the tools do not carry more.
pub fn propose(proposal: &Proposal) -> Vec<(String, Vec<String>)> {
    let mut dice = Dice::new(proposal.seed, "proposals", 0);
    let mut order: Vec<usize> = (0..proposal.tools.len()).collect();
    for at in (1..order.len()).rev() {
        order.swap(at, dice.below(at + 1));
    }
    let mut out: Vec<(String, Vec<String>)> = Vec::new();
    // A second round words a tool again, with other values.
    for at in order.iter().chain(order.iter()) {
        if out.len() >= proposal.count as usize {
            break;
        }
        let tool = &proposal.tools[*at];
        if let Some(text) = one(tool, &proposal.facts, &mut dice)
            && !out.iter().any(|(other, _)| *other == text)
        {
            out.push((text, vec![tool.name.clone()]));
        }
    }
    out
}

fn one(tool: &ToolSpec, facts: &[String], dice: &mut Dice) -> Option<String> {
    let (verb, object) = deed(&tool.description)?;
    let mut values = values(&tool.parameters, facts, dice)?;
    fit_names(&mut values, &object, dice);
    let reads = READS.contains(&verb.as_str());
    if !reads && values.is_empty() {
        return None;
    }
    let mods: Vec<String> = values.iter().map(|v| modifier(v, dice)).collect();
    let tail = weave(&mods);
    let brief = Brief {
        register: (*dice.pick(&REGISTERS)).to_owned(),
        domain: format!("{object} {}", tool.name.replace('_', " ")),
        wants: if reads {
            Vec::new()
        } else {
            vec![Want::Act {
                verb: verb.clone(),
                subject: None,
                others: Vec::new(),
                values: Vec::new(),
                facts: Vec::new(),
            }]
        },
        ..Brief::default()
    };
    let clauses = if reads {
        look_up(&object, &tail)
    } else {
        vec![Clause::Order(format!("{verb} {}{tail}", with_article(&object)))]
    };
    let text = unguard(&worded(clauses, &brief, dice));
    let parameters = tool.parameters.get("properties").and_then(Value::as_object);
    let named = parameters
        .into_iter()
        .flat_map(Map::keys)
        .chain([&tool.name])
        .any(|n| (n.contains('_') || n.chars().any(char::is_uppercase)) && text.contains(n.as_str()));
    (!named && values.iter().all(|v| v.exact.is_boolean() || text.contains(&v.value))).then_some(text)
}

fn look_up(object: &str, tail: &str) -> Vec<Clause> {
    let the = with_the(object);
    let bare = object.trim_start_matches("all ").trim_start_matches("the ");
    let mut out = vec![
        Clause::Fetch(format!("show me {the}{tail}")),
        Clause::Fetch(format!("look up {the}{tail}")),
        Clause::Thing(format!("{the}{tail}")),
    ];
    let head = bare.split([' ']).next().unwrap_or_default();
    if is_plural(bare) && !bare.contains(' ') || is_plural(head) {
        out.push(Clause::Question(format!("which {bare} are there{tail}")));
        out.push(Clause::Told(format!("which {bare} there are{tail}")));
        out.push(Clause::Fetch(format!("list {the}{tail}")));
    }
    out
}

fn with_the(object: &str) -> String {
    let free =
        ["all ", "the ", "a ", "an ", "my ", "your ", "current "].iter().any(|w| object.starts_with(w));
    let object = object.replace("your ", "my ");
    if free && !object.starts_with("current ") { object } else { format!("the {object}") }
}

fn with_article(object: &str) -> String {
    let free = ["all ", "the ", "a ", "an ", "my ", "your "].iter().any(|w| object.starts_with(w));
    if free {
        object.replace("your ", "my ")
    } else if is_plural(object) {
        format!("the {object}")
    } else {
        a(object)
    }
}

/// Reads the verb and its object from the first sentence of a description, where both are plain words.
fn deed(description: &str) -> Option<(String, String)> {
    let sentence = description.split(['.', ',', '\n', '(', ';', ':']).next()?.trim();
    let (first, rest) = sentence.split_once(' ')?;
    let first = first.to_lowercase();
    let known = |w: &str| READS.contains(&w) || DEEDS.contains(&w);
    let verb =
        [first.clone(), first.trim_end_matches('s').to_owned(), first.trim_end_matches("es").to_owned()]
            .into_iter()
            .find(|w| known(w))?;
    let mut object = rest
        .trim()
        .trim_start_matches("for ")
        .trim_start_matches("the list of ")
        .trim_start_matches("of ")
        .trim_start_matches("list of ")
        .trim_start_matches("a list of ")
        .to_owned();
    for end in [" by ", " for the user", " for user", " for a user", " that ", " which "] {
        if let Some(at) = object.find(end) {
            object.truncate(at);
        }
    }
    let words: Vec<String> = object
        .split_whitespace()
        .map(|w| w.trim_matches(|c: char| !c.is_alphanumeric()).to_lowercase())
        .collect();
    let plain = (1..=5).contains(&words.len())
        && words.iter().all(|w| {
            !w.is_empty()
                && !TECHNICAL.contains(&w.as_str())
                && w.chars().all(|c| c.is_alphanumeric() || c == '-' || c == '\'')
        });
    let spelled = object
        .chars()
        .skip(1)
        .zip(object.chars())
        .any(|(c, before)| c.is_uppercase() && before.is_lowercase());
    (plain && !spelled).then(|| {
        let lower = object
            .split(' ')
            .map(|w| if w.chars().all(char::is_uppercase) { w.to_owned() } else { w.to_lowercase() });
        (verb, lower.collect::<Vec<_>>().join(" "))
    })
}

/// Returns plausible values for the required parameters; `None` where one of them is nothing that people hold.
fn values(parameters: &Value, facts: &[String], dice: &mut Dice) -> Option<Vec<Given>> {
    let properties = parameters.get("properties").and_then(Value::as_object).cloned().unwrap_or_default();
    let required: Vec<&str> = required_of(parameters).collect();
    let mut out = Vec::new();
    for name in &required {
        let label = words::split_as_written(name).join(" ");
        if facts.iter().any(|f| f.to_lowercase().contains(&label)) {
            continue;
        }
        out.push(value(&label, properties.get(*name)?, dice)?);
    }
    let liked: Vec<&String> = properties
        .keys()
        .filter(|n| {
            !required.contains(&n.as_str())
                && ["year", "country", "query", "status", "priority", "title", "name"]
                    .contains(&words::split_as_written(n).join(" ").as_str())
        })
        .collect();
    if !liked.is_empty() && out.len() < 2 && dice.chance(60) {
        let name = *dice.pick(&liked);
        out.extend(value(&words::split_as_written(name).join(" "), &properties[name], dice));
    }
    (out.len() <= 4).then_some(out)
}

/// Gives people people's names and things things' names.
fn fit_names(values: &mut [Given], object: &str, dice: &mut Dice) {
    const PERSONS: [&str; 4] = ["Aylin Demir", "Tomás Leal", "Petra Lindqvist", "Kofi Mensah"];
    const THINGS: [&str; 4] = ["Band saw", "Espresso machine", "Label printer", "Folding tables"];
    const FLEET: [&str; 4] = ["Van 31", "Trailer 4", "Spare van", "Harbour truck"];
    let has = |words: &[&str]| words.iter().any(|w| object.contains(w));
    let pool = if has(&["driver", "user", "contact", "member", "account"]) {
        PERSONS
    } else if has(&["asset", "product", "listing"]) {
        THINGS
    } else if has(&["device", "vehicle"]) {
        FLEET
    } else {
        return;
    };
    for value in values {
        if value.label.ends_with("name") || value.label == "title" {
            (*dice.pick(&pool)).clone_into(&mut value.value);
            value.exact = json!(value.value);
        }
    }
}

/// Values by the last word of a label.
const POOLS: [(&[&str], &[&str]); 15] = [
    (
        &["email", "mail"],
        &[
            "lena.hofer@mailbox.org",
            "kofi.mensah@posteo.de",
            "office@tailwag.org",
            "noor.haddad@fastmail.com",
        ],
    ),
    (
        &["phone", "mobile", "to", "recipient"],
        &["+32 470 55 81 02", "+49 171 555 2233", "+44 7700 900123", "+351 912 555 018"],
    ),
    (&["number"], &["+49 171 555 2233", "+46 70 555 01 22", "+44 7700 900456"]),
    (&["city", "town", "location"], &["Ghent", "Porto", "Kyoto", "Tallinn", "Montevideo"]),
    (&["country"], &["Portugal", "Japan", "Uruguay", "Kenya"]),
    (&["year"], &["2025", "2026", "2027"]),
    (&["artist"], &["Nora Vance", "Kite Season", "The Harbour Lights"]),
    (&["track", "song"], &["Paper Lanterns", "Slow Ferry", "Copper Sky"]),
    (
        &["text", "message", "body", "content"],
        &["Running 15 minutes late, sorry", "The table for six is ready", "Practice is moved to Thursday"],
    ),
    (&["subject"], &["Keys for the weekend", "Change of plan for Friday", "Invoice from October"]),
    (
        &["title", "name", "summary"],
        &["Spring cleaning", "Late shift", "Garden club", "Trip to Porto", "Choir rehearsal"],
    ),
    (
        &["description", "notes", "comment"],
        &["Bring the blue folder", "Agreed with Marta on the phone", "Only until the end of the month"],
    ),
    (&["url", "link", "website"], &["https://tailwag.org/kennels", "https://brightside.io/menu"]),
    (&["query", "search", "keyword", "q"], &["hollow-body guitar", "chorus pedal", "tape echo"]),
    (&["language", "lang"], &["German", "Portuguese", "Swedish"]),
];

/// Endings of labels for what nobody holds.
const OPAQUE: [&str; 20] = [
    "id", "ids", "uuid", "token", "key", "hash", "secret", "password", "code", "cursor", "slug", "format",
    "callback", "type", "json", "action", "method", "page", "limit", "offset",
];

fn value(label: &str, schema: &Value, dice: &mut Dice) -> Option<Given> {
    let last = label.rsplit(' ').next().unwrap_or(label);
    let given =
        |value: String, exact: Value, quoted: bool| Given { label: label.to_owned(), value, exact, quoted };
    if let Some(choices) = schema.get("enum").and_then(Value::as_array) {
        let plain: Vec<&str> = choices
            .iter()
            .filter_map(Value::as_str)
            .filter(|c| c.len() > 2 && c.chars().all(|c| c.is_ascii_lowercase()))
            .collect();
        if plain.is_empty() || OPAQUE.contains(&last) {
            return None;
        }
        let chosen = *dice.pick(&plain);
        return Some(given(chosen.to_owned(), json!(chosen), false));
    }
    if OPAQUE.contains(&last) {
        return None;
    }
    match schema.get("type").and_then(Value::as_str) {
        Some("boolean") => {
            let yes = dice.chance(60);
            Some(given(if yes { "yes" } else { "no" }.to_owned(), json!(yes), false))
        }
        Some("integer" | "number") if last == "year" => pooled(label, last, dice),
        Some("integer" | "number")
            if ["quantity", "amount", "count", "radius", "size", "price"].contains(&last) =>
        {
            let number = 2 + dice.below(30);
            Some(given(number.to_string(), json!(number), false))
        }
        Some("string") | None => {
            let dated = matches!(schema.get("format").and_then(Value::as_str), Some("date" | "date-time"));
            if dated {
                let day = *dice.pick(&["tomorrow", "next Tuesday", "next Friday", "the first of next month"]);
                return Some(given(day.to_owned(), json!(day), false));
            }
            pooled(label, last, dice)
        }
        _ => None,
    }
}

fn pooled(label: &str, last: &str, dice: &mut Dice) -> Option<Given> {
    let (_, pool) = POOLS.iter().find(|(names, _)| names.contains(&last))?;
    let chosen = *dice.pick(pool);
    let quoted = chosen.contains(' ') && !chosen.starts_with('+');
    Some(Given { label: label.to_owned(), value: chosen.to_owned(), exact: json!(chosen), quoted })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn tool(name: &str, description: &str, parameters: Value) -> ToolSpec {
        ToolSpec { name: name.to_owned(), description: description.to_owned(), parameters: parameters.into() }
    }

    fn tools() -> Vec<ToolSpec> {
        vec![
            tool(
                "canada_holidays_holidays",
                "Get all holidays",
                json!({"type": "object", "properties": {"year": {"type": "integer"}}}),
            ),
            tool(
                "seven_sms",
                "Send an SMS",
                json!({"type": "object", "required": ["to", "text"], "properties": {"to": {"type": "string"}, "text": {"type": "string"}}}),
            ),
            tool(
                "petstore_get_pet",
                "Find pet by ID",
                json!({"type": "object", "required": ["petId"], "properties": {"petId": {"type": "integer"}}}),
            ),
            tool("appwrite_jwt", "Create Account JWT", json!({"type": "object"})),
            tool(
                "petstore_find",
                "Finds Pets by status",
                json!({"type": "object", "required": ["status"], "properties": {"status": {"type": "string", "enum": ["available", "pending", "sold"]}}}),
            ),
        ]
    }

    #[test]
    fn proposals_need_only_tools_that_people_can_ask_for() {
        for seed in 0..60 {
            let proposal = Proposal { tools: tools(), count: 3, seed, ..Proposal::default() };
            let made = propose(&proposal);
            assert_eq!(made, propose(&proposal));
            assert!(!made.is_empty());
            for (text, names) in made {
                assert!(
                    ["canada_holidays_holidays", "seven_sms", "petstore_find"].contains(&names[0].as_str()),
                    "{names:?}: {text}"
                );
                assert!(!text.contains(['{', '}', '_', '|']), "{text}");
                assert!(names[0] != "seven_sms" || text.contains('+'), "{text}");
            }
        }
    }
}
