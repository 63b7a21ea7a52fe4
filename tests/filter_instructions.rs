//! Checks of instructions over what people wrote by hand, and what nobody would.

use toolloom::config;
use toolloom::data::Catalog;
use toolloom::internals::checks::{language, leaks, length, placeholders};

fn catalog() -> Catalog {
    let mut plan = config::load(None, &[], &|_| true).expect("the defaults are a plan");
    plan.crawl.sources = vec![concat!(env!("CARGO_MANIFEST_DIR"), "/apis").to_owned().into()];
    toolloom::internals::crawl::crawl(&plan.crawl, &plan.limits).expect("the starter specs are there")
}

/// The instructions of the fixture: the lines of `instruction:` keys.
fn handwritten() -> Vec<String> {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/fixtures/handwritten/instructions.yaml");
    let text = std::fs::read_to_string(path).expect("the fixture is committed");
    let value: serde_json::Value = serde_saphyr::from_str(&text).expect("YAML");
    let mut found = Vec::new();
    collect(&value, &mut found);
    let binding = regex::Regex::new(r"\{[^}]*\}").expect("a valid expression");
    found.iter().map(|text| binding.replace_all(text, "Harbour 4").into_owned()).collect()
}

fn collect(value: &serde_json::Value, out: &mut Vec<String>) {
    match value {
        serde_json::Value::Object(map) => {
            for (key, inner) in map {
                match inner.as_str() {
                    Some(text) if key == "instruction" => out.push(text.to_owned()),
                    _ => collect(inner, out),
                }
            }
        }
        serde_json::Value::Array(items) => items.iter().for_each(|v| collect(v, out)),
        _ => {}
    }
}

#[test]
fn what_people_wrote_passes_every_check() {
    let names = leaks::names(&catalog().tools);
    let texts = handwritten();
    assert!(texts.len() >= 20, "{} instructions", texts.len());
    for text in texts {
        assert_eq!(leaks::leak(&text, &names), None, "{text}");
        assert_eq!(leaks::procedure(&text), None, "{text}");
        assert_eq!(placeholders::placeholder(&text), None, "{text}");
        assert_eq!(length::fault(&text), None, "{text}");
        assert!(language::is_english(&text), "{text}");
    }
}

#[test]
fn names_of_the_starter_tools_are_leaks() {
    let names = leaks::names(&catalog().tools);
    for text in [
        "Use getPetById with petId 7 to get the pet",
        "list the calendars with minAccessRole set",
        "set showDeleted for that calendar",
        "what is at /pet/{petId}",
    ] {
        assert!(leaks::leak(text, &names).is_some(), "{text}");
    }
}
