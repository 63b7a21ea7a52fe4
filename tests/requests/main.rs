//! Every kept tool can be called: the request of any arguments, read by a reader of its own, gives them back.

#![expect(clippy::unwrap_used, clippy::print_stdout, reason = "helpers of tests, and figures to look at")]

mod arguments;
mod reader;
mod styles;

use proptest::strategy::{Strategy, ValueTree};
use proptest::test_runner::{Config, RngAlgorithm, TestRng, TestRunner};
use reader::http;
use serde_json::{Map, Value, json};
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use toolloom::config::plan::CrawlPlan;
use toolloom::data::{BodyEncoding, Catalog, ParamPlace, Place, Style, Tool};
use toolloom::internals::crawl::crawl;
use toolloom::internals::environment::request::{RequestError, request};

fn crawl_path(path: &Path) -> Catalog {
    let limits = toolloom::config::load(None, &[], &|_| true).unwrap_or_else(|f| panic!("{f:?}")).limits;
    crawl(
        &CrawlPlan { sources: vec![path.to_string_lossy().into_owned().into()], ..CrawlPlan::default() },
        &limits,
    )
    .unwrap()
}

fn root() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR"))
}

/// What came of the cases.
#[derive(Default, Debug)]
struct Counts {
    tools: usize,
    cases: usize,
    /// Arguments that came back as they were.
    arguments: usize,
    /// Cases that the maker refused, each with a right to.
    refused: BTreeMap<&'static str, usize>,
    /// Arguments that came back as others whose request is the same, by why no reader could tell.
    lossy: BTreeMap<&'static str, usize>,
    wrong: Vec<String>,
}

/// Tells whether a refusal is right, from the arguments alone.
fn refusal(tool: &Tool, arguments: &Map<String, Value>, error: &RequestError) -> Option<&'static str> {
    let call = http(tool);
    let of = |wire: &str, path: bool| -> String {
        let places = call.places.iter().filter(|p| p.wire == wire && (p.place == Place::Path) == path);
        places.filter_map(|p| arguments.get(&p.name)).map(flat).collect()
    };
    let right = match error {
        RequestError::EmptyPath(wire) => (of(wire, true).is_empty(), "an empty part of a path"),
        RequestError::DotSegment(path) => {
            (path.split('/').any(|s| s == "." || s == ".."), "`.` or `..` as a part of a path")
        }
        RequestError::Delimiter { name, delimiter } => {
            (of(name, false).contains(*delimiter), "a delimiter that its style cannot escape")
        }
        RequestError::Header(wire) => {
            (of(wire, false).chars().any(char::is_control), "a control character in a header")
        }
        RequestError::Body(media) => (media.contains("xml"), "fields of a body in XML"),
        RequestError::NotHttp | RequestError::NotAnObject | RequestError::Unknown(_) => (false, ""),
    };
    right.0.then_some(right.1)
}

/// All texts in a value.
fn flat(value: &Value) -> String {
    match value {
        Value::String(text) => text.clone(),
        Value::Array(items) => items.iter().map(flat).collect(),
        Value::Object(map) => map.iter().flat_map(|(k, v)| [k.clone(), flat(v)]).collect(),
        Value::Null => String::new(),
        other => other.to_string(),
    }
}

/// Tells why an argument's text may be read in several ways; `None` where it has one reading only.
fn ambiguity(tool: &Tool, place: &ParamPlace, value: &Value) -> Option<&'static str> {
    let call = http(tool);
    let schema = &tool.parameters["properties"][&place.name];
    let in_json = place.place == Place::Body && matches!(call.body, BodyEncoding::Json);
    let json = place.written.media.as_ref().is_some_and(|m| m.contains("json"));
    if in_json || json && place.place != Place::Body {
        return None;
    }
    if holds_nothing(value) {
        return Some("an empty list or object, or null, has no text");
    }
    if untold(schema) {
        return Some("a choice or an untyped value says its type in no text");
    }
    let shares_segment = |wire: &str| {
        let holder = format!("{{{wire}}}");
        call.path.split('/').any(|s| s.contains(&holder) && s.matches('{').count() > 1)
    };
    if place.place == Place::Path && shares_segment(&place.wire) {
        return Some("two parameters in one part of a path, with nothing between that is escaped");
    }
    let spread = |p: &ParamPlace| {
        let schema = &tool.parameters["properties"][&p.name];
        schema["type"] == "object" && p.written.style.is_none_or(|s| s == Style::Form)
    };
    let others = call.places.iter().filter(|p| p.place == place.place && p.name != place.name);
    let clash = others.clone().any(spread) || spread(place);
    if clash && place.place != Place::Body {
        return Some("an exploded object's fields are named like other parameters, or two of them are open");
    }
    let bracket = |name: &str| name.contains(['[', ']']);
    if place.written.style == Some(Style::DeepObject) && keys(value).iter().any(|k| bracket(k)) {
        return Some("a bracket in a nested name");
    }
    None
}

/// Tells whether a value holds something that text has no form for.
fn holds_nothing(value: &Value) -> bool {
    match value {
        Value::Null => true,
        Value::Array(items) => items.is_empty() || items.iter().any(holds_nothing),
        Value::Object(map) => map.is_empty() || map.values().any(holds_nothing),
        _ => false,
    }
}

/// Tells whether a schema leaves a value's type open somewhere.
fn untold(schema: &Value) -> bool {
    let Some(map) = schema.as_object() else { return true };
    let open = |s: &Value| s != &json!(false) && untold(s);
    match schema.get("type").and_then(Value::as_str) {
        _ if map.contains_key("anyOf") => true,
        None => !map.contains_key("enum"),
        Some("array") => map.get("items").is_none_or(untold),
        Some("object") => {
            map.get("additionalProperties").is_none_or(open)
                || schema["properties"].as_object().is_some_and(|p| p.values().any(untold))
        }
        _ => false,
    }
}

fn keys(value: &Value) -> Vec<String> {
    match value {
        Value::Array(items) => items.iter().flat_map(keys).collect(),
        Value::Object(map) => map.iter().flat_map(|(k, v)| [vec![k.clone()], keys(v)].concat()).collect(),
        _ => Vec::new(),
    }
}

/// Makes one call's request and reads it back.
fn check(tool: &Tool, given: &Value, counts: &mut Counts) {
    let arguments = given.as_object().unwrap();
    counts.cases += 1;
    let wrong = |what: String| format!("{}: {what}\n    arguments {given}", tool.id);
    let made = match request(tool, given) {
        Ok(made) => made,
        Err(error) => {
            match refusal(tool, arguments, &error) {
                Some(why) => *counts.refused.entry(why).or_default() += 1,
                None => counts.wrong.push(wrong(format!("refused: {error}"))),
            }
            return;
        }
    };
    let read = match reader::arguments(tool, &made) {
        Ok(read) => read,
        Err(error) => return counts.wrong.push(wrong(format!("unreadable: {error}\n    {made:?}"))),
    };
    let mut same = true;
    for place in &http(tool).places {
        let (before, after) = (arguments.get(&place.name), read.get(&place.name));
        if before == after {
            counts.arguments += usize::from(before.is_some());
            continue;
        }
        same = false;
        if let Some(why) = ambiguity(tool, place, before.unwrap_or(&Value::Null)) {
            *counts.lossy.entry(why).or_default() += 1;
        } else {
            let what = format!("{}: {before:?} became {after:?}\n    {made:?}", place.name);
            counts.wrong.push(wrong(what));
        }
    }
    // what no reader can tell apart must be the same request
    if !same && request(tool, &Value::Object(read.clone())).as_ref() != Ok(&made) {
        let what = format!(
            "another request: {:?}\n    {made:?}\n    {:?}",
            read,
            request(tool, &Value::Object(read.clone()))
        );
        counts.wrong.push(wrong(what));
    }
}

/// Checks every kept tool of a path with so many cases each.
fn check_all(path: &Path, cases: usize) -> Counts {
    let catalog = crawl_path(path);
    let mut counts = Counts::default();
    let rng = TestRng::from_seed(RngAlgorithm::ChaCha, &[7; 32]);
    let mut runner = TestRunner::new_with_rng(Config::default(), rng);
    for tool in catalog.tools.iter().filter(|t| t.call.http().is_some()) {
        counts.tools += 1;
        let arguments = arguments::of(&tool.parameters, 0);
        for _ in 0..cases {
            let given = arguments.new_tree(&mut runner).unwrap().current();
            check(tool, &given, &mut counts);
        }
    }
    println!(
        "{}: {} tools, {} cases, {} arguments back; refused {:?}; lossy {:?}",
        path.display(),
        counts.tools,
        counts.cases,
        counts.arguments,
        counts.refused,
        counts.lossy
    );
    counts
}

fn cases(usual: usize) -> usize {
    std::env::var("CASES").ok().and_then(|c| c.parse().ok()).unwrap_or(usual)
}

fn assert_right(counts: &Counts) {
    let shown: Vec<&str> = counts.wrong.iter().take(12).map(String::as_str).collect();
    assert!(counts.wrong.is_empty(), "{} wrong:\n{}", counts.wrong.len(), shown.join("\n"));
}

#[test]
fn requests_of_the_starter_specs_tools_read_back() {
    let counts = check_all(&root().join("apis"), cases(12));
    assert!(counts.tools > 300, "{}", counts.tools);
    assert_right(&counts);
}

#[test]
fn requests_of_the_sample_specs_tools_read_back() {
    let shared = std::env::var_os("TOOLLOOM_SHARED").map_or_else(|| root().join("../shared"), PathBuf::from);
    let path = std::env::var_os("SPECS").map_or_else(|| shared.join("apis/openapi"), PathBuf::from);
    if !path.exists() {
        println!("skipped: {} is not there", path.display());
        return;
    }
    assert_right(&check_all(&path, cases(3)));
}
