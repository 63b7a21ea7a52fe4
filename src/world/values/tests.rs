//! Whole records: they conform, they agree with themselves, they are the same every time; and a way to read them.

use super::*;
use rand::SeedableRng;
use serde_json::json;
use std::collections::BTreeSet;
use std::path::PathBuf;

/// Where a resource's schema stands in a starter spec: file, path of the GET operation, where the record is in its result, resource, domain.
const STARTER: &[(&str, &str, &str, &str, Domain)] = &[
    ("petstore.json", "/pet/{petId}", "", "pet", Domain::Pets),
    ("petstore.json", "/store/order/{orderId}", "", "order", Domain::Pets),
    ("petstore.json", "/user/{username}", "", "user", Domain::Pets),
    ("google-calendar.json", "/calendars/{calendarId}", "", "calendar", Domain::Calendar),
    ("google-calendar.json", "/calendars/{calendarId}/events", "items/[]", "event", Domain::Calendar),
    ("google-calendar.json", "/users/me/calendarList", "items/[]", "calendar list entry", Domain::Calendar),
    ("google-calendar.json", "/calendars/{calendarId}/acl", "items/[]", "acl rule", Domain::Calendar),
    ("google-calendar.json", "/users/me/settings", "items/[]", "setting", Domain::Calendar),
    ("google-tasks.json", "/tasks/v1/lists/{tasklist}/tasks", "items/[]", "task", Domain::Tasks),
    ("google-tasks.json", "/tasks/v1/users/@me/lists", "items/[]", "task list", Domain::Tasks),
    ("apideck-issue-tracking.json", "/issue-tracking/collections", "data/[]", "collection", Domain::Issues),
    (
        "apideck-issue-tracking.json",
        "/issue-tracking/collections/{collection_id}/tickets",
        "data/[]",
        "ticket",
        Domain::Issues,
    ),
    (
        "apideck-issue-tracking.json",
        "/issue-tracking/collections/{collection_id}/tickets/{ticket_id}/comments",
        "data/[]",
        "comment",
        Domain::Issues,
    ),
    (
        "apideck-issue-tracking.json",
        "/issue-tracking/collections/{collection_id}/users",
        "data/[]",
        "user",
        Domain::Issues,
    ),
    (
        "apideck-issue-tracking.json",
        "/issue-tracking/collections/{collection_id}/tags",
        "data/[]",
        "tag",
        Domain::Issues,
    ),
    ("reverb.json", "POST /listings", "", "listing", Domain::Marketplace),
    ("reverb.json", "PUT /shop", "", "shop", Domain::Marketplace),
    ("reverb.json", "POST /my/conversations", "", "conversation", Domain::Marketplace),
    ("reverb.json", "PUT /products/reviews/{id}", "", "review", Domain::Marketplace),
    ("traccar.json", "/devices", "[]", "device", Domain::Fleet),
    ("traccar.json", "/positions", "[]", "position", Domain::Fleet),
    ("traccar.json", "/groups", "[]", "group", Domain::Fleet),
    ("traccar.json", "/drivers", "[]", "driver", Domain::Fleet),
    ("traccar.json", "/geofences", "[]", "geofence", Domain::Fleet),
    ("traccar.json", "/events/{id}", "", "event", Domain::Fleet),
    ("traccar.json", "/reports/trips", "[]", "report trip", Domain::Fleet),
    ("traccar.json", "/reports/stops", "[]", "report stop", Domain::Fleet),
    ("traccar.json", "/reports/summary", "[]", "report summary", Domain::Fleet),
    ("traccar.json", "/maintenance", "[]", "maintenance", Domain::Fleet),
    ("traccar.json", "/commands", "[]", "command", Domain::Fleet),
    ("traccar.json", "/notifications", "[]", "notification", Domain::Fleet),
    ("traccar.json", "/attributes/computed", "[]", "computed attribute", Domain::Fleet),
    ("traccar.json", "/calendars", "[]", "calendar", Domain::Fleet),
    ("traccar.json", "/server", "", "server", Domain::Fleet),
    ("traccar.json", "/statistics", "[]", "statistics", Domain::Fleet),
    ("traccar.json", "/users", "[]", "user", Domain::Fleet),
    ("geodb-cities.json", "/geo/cities", "data/[]", "city", Domain::Geography),
    ("geodb-cities.json", "/geo/cities/{cityId}", "data", "city", Domain::Geography),
    ("geodb-cities.json", "/geo/countries", "data/[]", "country", Domain::Geography),
    ("geodb-cities.json", "/geo/countries/{countryId}", "data", "country", Domain::Geography),
    (
        "geodb-cities.json",
        "/geo/countries/{countryId}/regions/{regionCode}",
        "data",
        "region",
        Domain::Geography,
    ),
    ("geodb-cities.json", "/locale/currencies", "data/[]", "currency", Domain::Geography),
    ("geodb-cities.json", "/locale/languages", "data/[]", "language", Domain::Geography),
    ("geodb-cities.json", "/locale/locales", "data/[]", "locale", Domain::Geography),
    ("geodb-cities.json", "/locale/timezones", "data/[]", "timezone", Domain::Geography),
    ("musixmatch.json", "/artist.get", "message/body/artist", "artist", Domain::Music),
    ("musixmatch.json", "/album.get", "message/body/album", "album", Domain::Music),
    ("musixmatch.json", "/track.get", "message/body/track", "track", Domain::Music),
    ("musixmatch.json", "/track.lyrics.get", "message/body/lyrics", "lyrics", Domain::Music),
    ("musixmatch.json", "/track.snippet.get", "message/body/snippet", "snippet", Domain::Music),
    ("musixmatch.json", "/track.subtitle.get", "message/body/subtitle", "subtitle", Domain::Music),
    ("mailscript.json", "/actions", "list/[]", "action", Domain::Mail),
    ("mailscript.json", "/addresses", "list/[]", "address", Domain::Mail),
    ("mailscript.json", "/addresses/{address}/keys", "list/[]", "key", Domain::Mail),
    ("mailscript.json", "/inputs", "list/[]", "input", Domain::Mail),
    ("mailscript.json", "/integrations", "list/[]", "integration", Domain::Mail),
    ("mailscript.json", "/triggers", "list/[]", "trigger", Domain::Mail),
    ("mailscript.json", "/user", "", "user", Domain::Mail),
    ("mailscript.json", "/verifications", "list/[]", "verification", Domain::Mail),
    ("mailscript.json", "/workflows", "list/[]", "workflow", Domain::Mail),
    ("mailscript.json", "/workspaces", "list/[]", "workspace", Domain::Mail),
    ("vonage-application.json", "/{app_id}", "", "application", Domain::Telephony),
    ("seven-sms.json", "/analytics", "", "analytics", Domain::Telephony),
    ("seven-sms.json", "/hooks", "hooks/[]", "hook", Domain::Telephony),
    ("xero-assets.json", "/AssetTypes", "[]", "asset type", Domain::Accounting),
    ("xero-assets.json", "/Assets", "items/[]", "asset", Domain::Accounting),
    ("xero-assets.json", "/Settings", "", "setting", Domain::Accounting),
    ("appwrite-client.json", "/account", "", "account", Domain::Backend),
    ("appwrite-client.json", "/account/logs", "logs/[]", "log", Domain::Backend),
    ("appwrite-client.json", "/account/sessions", "sessions/[]", "session", Domain::Backend),
    (
        "appwrite-client.json",
        "/database/collections/{collectionId}/documents",
        "documents/[]",
        "document",
        Domain::Backend,
    ),
    (
        "appwrite-client.json",
        "/functions/{functionId}/executions",
        "executions/[]",
        "execution",
        Domain::Backend,
    ),
    ("appwrite-client.json", "/locale", "", "locale", Domain::Backend),
    ("appwrite-client.json", "/locale/continents", "continents/[]", "continent", Domain::Backend),
    ("appwrite-client.json", "/locale/countries/phones", "phones/[]", "phone", Domain::Backend),
    ("appwrite-client.json", "/locale/currencies", "currencies/[]", "currency", Domain::Backend),
    ("appwrite-client.json", "/storage/files", "files/[]", "file", Domain::Backend),
    ("appwrite-client.json", "/teams", "teams/[]", "team", Domain::Backend),
    ("appwrite-client.json", "/teams/{teamId}/memberships", "memberships/[]", "membership", Domain::Backend),
    ("canada-holidays.json", "/api/v1/holidays", "holidays/[]", "holiday", Domain::Holidays),
    ("canada-holidays.json", "/api/v1/provinces", "provinces/[]", "province", Domain::Holidays),
];

fn shared() -> Option<PathBuf> {
    let root = std::env::var_os("TOOLLOOM_SHARED")
        .map_or_else(|| PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../shared"), PathBuf::from);
    let starter = root.join("apis/starter");
    let own = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("apis");
    [own, starter].into_iter().find(|dir| dir.join("petstore.json").exists())
}

/// Resolves `$ref`s; cycles are cut to free schemas.
fn resolve(spec: &Value, schema: &Value, depth: usize, seen: &[&str]) -> Value {
    match schema {
        Value::Object(map) => {
            if let Some(target) = map.get("$ref").and_then(Value::as_str) {
                if depth > 14 || seen.contains(&target) {
                    return json!({});
                }
                let found = spec.pointer(target.trim_start_matches('#')).cloned().unwrap_or_default();
                let seen: Vec<&str> = seen.iter().copied().chain([target]).collect();
                return resolve(spec, &found, depth + 1, &seen);
            }
            let mut out: Map<String, Value> =
                map.iter().map(|(k, v)| (k.clone(), resolve(spec, v, depth, seen))).collect();
            if out.remove("nullable") == Some(Value::Bool(true))
                && let Some(kind) = out.get("type").and_then(Value::as_str).map(str::to_owned)
            {
                out.insert("type".to_owned(), json!([kind, "null"]));
            }
            out.remove("example");
            // Some specs' variants hold for each other's records.
            if let Some(variants) = out.remove("oneOf") {
                out.insert("anyOf".to_owned(), variants);
            }
            if out.get("format") == Some(&json!("float"))
                || out.get("exclusiveMinimum").is_some_and(Value::is_boolean)
            {
                out.remove("format");
                out.remove("exclusiveMinimum");
            }
            Value::Object(out)
        }
        Value::Array(items) => items.iter().map(|v| resolve(spec, v, depth, seen)).collect(),
        other => other.clone(),
    }
}

fn starter_schema(dir: &std::path::Path, file: &str, path: &str, inside: &str) -> Value {
    let spec: Value = serde_json::from_str(&std::fs::read_to_string(dir.join(file)).unwrap()).unwrap();
    let (method, path) = path.split_once(' ').unwrap_or(("GET", path));
    let operation = &spec["paths"][path][method.to_lowercase()];
    let body = if method == "GET" {
        let responses = operation["responses"].as_object().unwrap();
        resolve(
            &spec,
            responses.iter().find(|(code, _)| code.starts_with('2') || *code == "default").unwrap().1,
            0,
            &[],
        )
    } else {
        resolve(&spec, &operation["requestBody"], 0, &[])
    };
    let content =
        body["content"].as_object().map_or(Value::Null, |c| c.values().next().unwrap()["schema"].clone());
    inside.split('/').filter(|s| !s.is_empty()).fold(content, |schema, step| {
        let merged = |s: &Value| {
            s["allOf"].as_array().map_or_else(
                || s.clone(),
                |parts| parts.iter().find(|p| p["properties"][step].is_object()).cloned().unwrap_or_default(),
            )
        };
        if step == "[]" { schema["items"].clone() } else { merged(&schema)["properties"][step].clone() }
    })
}

fn rng(seed: u64) -> ChaCha8Rng {
    ChaCha8Rng::seed_from_u64(seed)
}

fn conforms(schema: &Value, record: &Value) -> Result<(), String> {
    let mut compiler = boon::Compiler::new();
    compiler.set_default_draft(boon::Draft::V2020_12);
    compiler.enable_format_assertions();
    let mut schemas = boon::Schemas::new();
    compiler.add_resource("schema.json", schema.clone()).map_err(|e| e.to_string())?;
    let index = compiler.compile("schema.json", &mut schemas).map_err(|e| format!("schema: {e:#}"))?;
    schemas.validate(record, index).map_err(|e| format!("{e:#}"))
}

#[test]
fn records_of_the_starter_specs_conform_to_their_schemas() {
    let Some(dir) = shared() else {
        println!("skipped: no starter specs");
        return;
    };
    let mut faults = Vec::new();
    for (file, path, inside, resource, domain) in STARTER {
        let schema = starter_schema(&dir, file, path, inside);
        assert!(schema.is_object(), "{file} {path} {inside}");
        let plan = RecordPlan::compile(&schema, resource, *domain);
        for seed in 0..12 {
            let setting = Setting::new(seed);
            let mut rng = rng(seed);
            for index in 0..6 {
                let record = Value::Object(plan.record(index, &setting, &mut rng, &|_| false));
                if let Err(error) = conforms(&schema, &record) {
                    faults.push(format!("{file} {path}: {error}\n{record:#}"));
                }
            }
        }
    }
    faults.sort_by_key(String::len);
    assert!(
        faults.is_empty(),
        "{} faults, the shortest: {}",
        faults.len(),
        faults[..faults.len().min(4)].join("\n")
    );
}

/// Prints records to read: `cargo test --lib values::tests::print -- --ignored --nocapture`, with `RESOURCE=ticket` or `FILE=traccar`.
#[test]
#[ignore = "for reading"]
fn print_samples() {
    let dir = shared().expect("the starter specs");
    let wanted = |name: &str, value: &str| std::env::var(name).map_or(true, |w| value.contains(&w));
    let n: usize = std::env::var("N").ok().and_then(|n| n.parse().ok()).unwrap_or(4);
    let seed: u64 = std::env::var("SEED").ok().and_then(|n| n.parse().ok()).unwrap_or(7);
    let setting = Setting::new(seed);
    println!(
        "now {} · {} · {} · {}",
        setting.now,
        setting.user.full(),
        setting.user.email,
        setting.home.name
    );
    for (file, path, inside, resource, domain) in STARTER {
        if !wanted("FILE", file) || !wanted("RESOURCE", resource) {
            continue;
        }
        println!("\n## {file} {path} — {resource}");
        let schema = starter_schema(&dir, file, path, inside);
        let plan = RecordPlan::compile(&schema, resource, *domain);
        let mut rng = rng(seed);
        for index in 0..n {
            let skip = |p: &str| {
                p == "id" || p.rsplit('.').next() == Some("id") || p.ends_with("Id") || p.ends_with("_id")
            };
            println!("{}", Value::Object(plan.record(index, &setting, &mut rng, &skip)));
        }
    }
}

#[test]
#[ignore = "a measurement"]
fn a_record_takes_microseconds() {
    let dir = shared().expect("the starter specs");
    let setting = Setting::new(3);
    for (file, path, inside, resource, domain) in STARTER {
        let schema = starter_schema(&dir, file, path, inside);
        let at = std::time::Instant::now();
        let plan = RecordPlan::compile(&schema, resource, *domain);
        let compiled = at.elapsed();
        let mut rng = rng(1);
        let at = std::time::Instant::now();
        for index in 0..200 {
            plan.record(index, &setting, &mut rng, &|_| false);
        }
        println!("{:>8.1?} a record, {compiled:>8.1?} to compile: {file} {resource}", at.elapsed() / 200);
    }
}

#[test]
fn the_same_seed_gives_the_same_records() {
    let schema = json!({"type": "object", "properties": {"name": {"type": "string"}, "email": {"type": "string", "format": "email"}, "createdAt": {"type": "string", "format": "date-time"}}});
    let draw =
        |seed| record(&schema, "user", Domain::Generic, 3, &Setting::new(seed), &mut rng(seed), &|_| false);
    assert_eq!(draw(5), draw(5));
    assert_ne!(draw(5), draw(6));
}

#[test]
fn people_agree_with_themselves() {
    let schema = json!({"type": "object", "required": ["firstName", "lastName", "email", "fullName"], "properties": {
        "firstName": {"type": "string"}, "lastName": {"type": "string"}, "fullName": {"type": "string"}, "email": {"type": "string"}}});
    for seed in 0..40 {
        let user = Value::Object(record(
            &schema,
            "user",
            Domain::Generic,
            seed as usize % 9,
            &Setting::new(seed),
            &mut rng(seed),
            &|_| false,
        ));
        let (first, last) = (user["firstName"].as_str().unwrap(), user["lastName"].as_str().unwrap());
        assert_eq!(user["fullName"], format!("{first} {last}"));
        let initial = crate::words::ascii(first)[..1].to_owned();
        assert!(user["email"].as_str().unwrap().starts_with(&initial), "{user}");
    }
}

#[test]
fn stories_agree_with_their_status() {
    let schema = json!({"type": "object", "required": ["title", "status", "created_at", "updated_at"], "properties": {
        "title": {"type": "string"}, "status": {"type": "string", "enum": ["open", "in_progress", "closed"]},
        "created_at": {"type": "string", "format": "date-time"}, "updated_at": {"type": "string", "format": "date-time"}, "completed_at": {"type": "string", "format": "date-time"}}});
    for seed in 0..60 {
        let setting = Setting::new(seed);
        let ticket =
            Value::Object(record(&schema, "ticket", Domain::Issues, 2, &setting, &mut rng(seed), &|_| false));
        let at = |key: &str| ticket[key].as_str().and_then(|t| t.parse::<jiff::Timestamp>().ok());
        assert!(
            at("created_at") <= at("updated_at") && at("updated_at") <= Some(setting.now.timestamp()),
            "{ticket}"
        );
        assert_eq!(ticket.get("completed_at").is_some(), ticket["status"] == "closed", "{ticket}");
    }
}

#[test]
fn events_end_after_they_begin() {
    let when = json!({"type": "object", "properties": {"date": {"type": "string", "format": "date"}, "dateTime": {"type": "string", "format": "date-time"}}});
    let schema =
        json!({"type": "object", "properties": {"summary": {"type": "string"}, "start": when, "end": when}});
    for seed in 0..60 {
        let event = Value::Object(record(
            &schema,
            "event",
            Domain::Calendar,
            seed as usize,
            &Setting::new(seed),
            &mut rng(seed),
            &|_| false,
        ));
        let key = if event["start"].get("date").is_some() { "date" } else { "dateTime" };
        let (start, end) = (event["start"][key].as_str().unwrap(), event["end"][key].as_str().unwrap());
        assert!(start < end || key == "dateTime" && start[..10] <= end[..10], "{event}");
        assert_eq!(event["start"].as_object().unwrap().len(), 1, "{event}");
    }
}

#[test]
fn places_are_true() {
    let schema = json!({"type": "object", "properties": {"name": {"type": "string"}, "country": {"type": "string"}, "countryCode": {"type": "string"}, "latitude": {"type": "number"}, "longitude": {"type": "number"}, "population": {"type": "integer"}}});
    let setting = Setting::new(4);
    let mut seen = BTreeSet::new();
    for index in 0..40 {
        let city =
            Value::Object(record(&schema, "city", Domain::Geography, index, &setting, &mut rng(1), &|_| {
                false
            }));
        let code = city["countryCode"].as_str().unwrap();
        let fact = tables::cities().iter().find(|c| c.name == city["name"] && c.country == code).unwrap();
        assert_eq!(city["latitude"], json!(fact.lat));
        assert_eq!(city["country"], tables::country(code).unwrap().name);
        assert!(seen.insert(fact.index), "{} stands twice", fact.name);
    }
}

#[test]
fn names_of_a_world_are_distinct() {
    let setting = Setting::new(11);
    let resources = [
        ("pet", Domain::Pets),
        ("event", Domain::Calendar),
        ("task", Domain::Tasks),
        ("ticket", Domain::Issues),
        ("user", Domain::Issues),
        ("listing", Domain::Marketplace),
        ("device", Domain::Fleet),
        ("geofence", Domain::Fleet),
        ("city", Domain::Geography),
        ("artist", Domain::Music),
        ("album", Domain::Music),
        ("track", Domain::Music),
        ("asset", Domain::Accounting),
        ("file", Domain::Backend),
        ("application", Domain::Telephony),
        ("widget", Domain::Generic),
    ];
    for (resource, domain) in resources {
        let noun = noun::Noun::of(resource, domain);
        let name = |index| subject::Subject::draw(noun, resource, domain, index, &setting).name;
        let names: BTreeSet<String> = (0..40).map(name).collect();
        assert_eq!(names.len(), 40, "{resource}");
    }
}

#[test]
fn a_single_value_fits_its_name_and_schema() {
    let setting = Setting::new(9);
    let draw = |name: &str, schema: Value, about: &str| {
        value(name, &schema, about, "order", Domain::Generic, &setting, &mut rng(2))
    };
    assert!(draw("email", json!({"type": "string"}), "").as_str().unwrap().contains('@'));
    assert_eq!(draw("currency", json!({"type": "string"}), ""), setting.currency.code);
    assert!(
        draw("quantity", json!({"type": "integer", "minimum": 1, "maximum": 3}), "")
            .as_i64()
            .is_some_and(|n| (1..=3).contains(&n))
    );
    assert!(draw("due_date", json!({"type": "string", "format": "date"}), "").as_str().unwrap().len() == 10);
    assert!(
        ["a", "b"]
            .contains(&draw("mode", json!({"type": "string", "enum": ["a", "b"]}), "").as_str().unwrap())
    );
}
