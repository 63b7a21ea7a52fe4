//! Sources of arguments over small trajectories.

use super::*;
use crate::checks::natural::parse_now;
use crate::checks::testing::tool;
use crate::data::ToolCall;
use serde_json::json;

const SYSTEM: &str =
    "Today is Wednesday, 8 April 2026 (Europe/Brussels). You help Ana Ruiz. Their account is AC-77.";

/// Sources of the last of some calls, each given with its result.
fn sources(instruction: &str, schema: Value, calls: &[(Value, &str)]) -> Vec<(String, ArgumentSource)> {
    let now = parse_now("2026-04-08T10:30:00+02:00", "Europe/Brussels").unwrap();
    let one = tool("shop_do", json!({"type": "object", "properties": schema}));
    let mut messages = vec![Message::text(Role::System, SYSTEM), Message::text(Role::User, instruction)];
    for (i, (arguments, result)) in calls.iter().enumerate() {
        let id = format!("call_{i}");
        let call = ToolCall { id: id.clone(), name: "shop_do".into(), arguments: arguments.clone() };
        messages.push(Message { tool_calls: vec![call], ..Message::text(Role::Assistant, "") });
        messages.push(Message { tool_call_id: Some(id), ..Message::text(Role::Tool, *result) });
    }
    let tools = BTreeMap::from([("shop_do", &one)]);
    let all = argument_sources(&messages, SYSTEM, &now, &tools);
    all.last().unwrap().leaves.iter().map(|l| (l.pointer.clone(), l.source.clone())).collect()
}

fn source(instruction: &str, arguments: Value) -> ArgumentSource {
    sources(instruction, json!({}), &[(arguments, "{}")]).remove(0).1
}

fn normalised(how: &str) -> ArgumentSource {
    ArgumentSource::Normalised(how.into())
}

#[test]
fn leaf_values_come_from_the_instruction() {
    assert_eq!(source("Tick it off my 'Flat' list", json!({"q": "Flat"})), ArgumentSource::Verbatim);
    assert_eq!(source("due Friday", json!({"due": "2026-04-10"})), normalised("date"));
    assert_eq!(source("banner about the cookies", json!({"q": "cookie banner"})), normalised("words"));
    assert_eq!(source("pet #7", json!({"petId": 7})), ArgumentSource::Verbatim);
    assert_eq!(source("Good afternoon, any reviews?", json!({"slug": "Good"})), ArgumentSource::Unknown);
    assert_eq!(
        source("remove the user wiebke.sommer", json!({"userId": "wiebke.sommer"})),
        ArgumentSource::Verbatim
    );
}

#[test]
fn what_the_user_says_later_counts_from_then_on() {
    let now = parse_now("2026-04-08T10:30:00+02:00", "Europe/Brussels").unwrap();
    let one = tool("shop_do", json!({"type": "object"}));
    let call = |id: &str| {
        let arguments = json!({"q": "Attic", "due": "2026-04-10"});
        let call = ToolCall { id: id.into(), name: "shop_do".into(), arguments };
        Message { tool_calls: vec![call], ..Message::text(Role::Assistant, "") }
    };
    let messages = [
        Message::text(Role::User, "How much is the Flat, due Friday?"),
        call("call_0"),
        Message::text(Role::Assistant, "It is 3."),
        Message::text(Role::User, "And the Attic?"),
        call("call_1"),
    ];
    let tools = BTreeMap::from([("shop_do", &one)]);
    let all = argument_sources(&messages, SYSTEM, &now, &tools);
    let sources = |at: usize| all[at].leaves.iter().map(|l| l.source.clone()).collect::<Vec<_>>();
    assert_eq!(sources(0), [ArgumentSource::Unknown, normalised("date")]);
    assert_eq!(sources(1), [ArgumentSource::Verbatim, normalised("date")]);
}

#[test]
fn ids_come_from_earlier_results() {
    let calls = [
        (json!({"status": "open"}), r#"[{"id": 7, "name": "Flat"}, {"id": 8, "name": "Two"}]"#),
        (json!({"listId": 7}), "{}"),
    ];
    let found = sources("Which of the 7 open ones is in Flat?", json!({}), &calls);
    assert_eq!(found, [("/listId".to_owned(), ArgumentSource::Result(0, "/0/id".into()))]);
}

#[test]
fn small_values_need_a_name_that_agrees() {
    let calls =
        [(json!({}), r#"{"total": 4, "active": true}"#), (json!({"volume": 4, "silent": true}), "{}")];
    let found = sources("turn it up", json!({}), &calls);
    assert_eq!(found[0].1, ArgumentSource::Unknown);
    assert_eq!(found[1].1, ArgumentSource::Unknown);
}

#[test]
fn session_facts_and_defaults_are_sources() {
    assert_eq!(source("what do I owe?", json!({"account": "AC-77"})), ArgumentSource::Session);
    assert_eq!(source("what do I owe?", json!({"zone": "Europe/Brussels"})), ArgumentSource::Session);
    let found = sources(
        "go",
        json!({"unit": {"enum": ["km"]}, "n": {"default": 5}}),
        &[(json!({"unit": "km", "n": 5}), "{}")],
    );
    assert!(found.iter().all(|(_, s)| *s == ArgumentSource::Default));
}

#[test]
fn computed_values_name_their_function() {
    let derived = |f: &str| ArgumentSource::Derived(f.into());
    assert_eq!(
        source("what is on this week", json!({"from": "2026-04-06T00:00:00+02:00"})),
        normalised("period")
    );
    assert_eq!(source("what is left", json!({"from": "2026-04-06T00:00:00+02:00"})), derived("week_start"));
    assert_eq!(source("log it", json!({"at": "2026-04-08T08:30:00Z"})), derived("now"));
    assert_eq!(
        source("Friday at 3 pm for 90 minutes", json!({"end": "2026-04-10T16:30:00+02:00"})),
        derived("start_and_duration")
    );
    let calls = [
        (json!({}), r#"{"items": [{"price": 10.5, "lat": 50.85, "lon": 4.35}, {"price": 20.25}]}"#),
        (json!({"total": 30.75, "center": "50.85,4.35", "n": 3}), "{}"),
    ];
    let found = sources("sum up", json!({}), &calls);
    assert_eq!(found[0].1, derived("sum"));
    assert_eq!(found[1].1, derived("concatenation"));
    assert_eq!(found[2].1, ArgumentSource::Unknown);
}

#[test]
fn composed_prose_is_made_of_what_is_known() {
    let told = "Let Ana know that legal signed off on the banner this morning";
    assert_eq!(
        source(
            told,
            json!({"message": "Hi Ana, quick update: legal signed off on the banner this morning."})
        ),
        ArgumentSource::Composed
    );
    assert_eq!(
        source(told, json!({"message": "Hi Ana, Tom Brown signed off on 14 banners."})),
        ArgumentSource::Unknown
    );
    assert_eq!(source(told, json!({"colour": "quick update on legal banner"})), ArgumentSource::Unknown);
}

#[test]
fn values_out_of_nowhere_are_unknown() {
    assert_eq!(source("book a table", json!({"people": 6})), ArgumentSource::Unknown);
    assert_eq!(source("list them", json!({"limit": 50})), ArgumentSource::Derived("paging".into()));
    assert_eq!(source("mail Bo", json!({"email": "bo@lumen.pt"})), ArgumentSource::Unknown);
}
