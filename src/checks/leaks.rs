//! Names of tools, parameters and paths in a text that a person is meant to have written.

use super::natural::contains_word;
use crate::data::Tool;
use crate::words::{is_ordinary, split};
use regex::Regex;
use serde_json::Value;
use std::collections::BTreeSet;
use std::sync::LazyLock;

static PROCEDURE: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(r"(?i)\b(?:api|endpoint|http (?:request|method)|(?:get|post|put|patch|delete) request|query parameter|json|tool call|function call)s?\b|/\{?[a-z]+\}?/\{")
        .expect("a valid expression")
});

/// Returns the names of some tools that may not stand in an instruction: function names, operation ids, parameters and
/// paths. Ordinary words are left out.
pub fn names<'a>(tools: impl IntoIterator<Item = &'a Tool>) -> BTreeSet<String> {
    let mut names = BTreeSet::new();
    for tool in tools {
        names.insert(tool.name.to_string());
        if let Some(operation) = tool.id.as_str().rsplit('/').next() {
            add(operation, &mut names);
        }
        parameter_names(&tool.parameters, &mut names);
        let path = tool.call.path();
        if path.matches('/').count() > 1 || path.contains('{') {
            names.insert(path.to_owned());
        }
    }
    names
}

fn add(name: &str, names: &mut BTreeSet<String>) {
    let words = split(name);
    let telling = match words.as_slice() {
        [] => false,
        [word] => !is_ordinary(word) && word.len() > 2,
        _ => !name.contains(' '),
    };
    if telling {
        names.insert(name.to_owned());
    }
}

fn parameter_names(schema: &Value, names: &mut BTreeSet<String>) {
    if let Some(properties) = schema.get("properties").and_then(Value::as_object) {
        for (name, inner) in properties {
            add(name, names);
            parameter_names(inner, names);
        }
    }
    if let Some(items) = schema.get("items") {
        parameter_names(items, names);
    }
}

/// Returns the first of some names that stands in a text. Single words count in any case, identifiers of several words as
/// they are spelt or in another case of the same spelling (`petId`, `petid`, `PETID`).
pub fn leak<'a>(text: &str, names: &'a BTreeSet<String>) -> Option<&'a str> {
    let lower = text.to_lowercase();
    names.iter().find(|name| contains_word(&lower, &name.to_lowercase())).map(String::as_str)
}

/// Returns a word of procedure that no user says: `API`, `endpoint`, `query parameter`.
pub fn procedure(text: &str) -> Option<String> {
    PROCEDURE.find(text).map(|m| m.as_str().to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::checks::testing::tool;
    use serde_json::json;

    fn pet_names() -> BTreeSet<String> {
        let find = tool(
            "petstore_find_pets_by_status",
            json!({"type": "object", "properties": {"status": {"type": "string"}, "petId": {"type": "integer"},
                "filter": {"type": "object", "properties": {"max_results": {"type": "integer"}, "qterm": {}}}}}),
        );
        names([&find])
    }

    #[test]
    fn identifiers_are_leaks_and_ordinary_words_are_not() {
        let names = pet_names();
        assert_eq!(leak("Which pets have the status sold?", &names), None);
        assert_eq!(leak("Show the last update of the pet with ID 7", &names), None);
        assert_eq!(leak("Use petId 7", &names), Some("petId"));
        assert_eq!(leak("set PETID to 7", &names), Some("petId"));
        assert_eq!(leak("with max_results 5", &names), Some("max_results"));
        assert_eq!(leak("the qterm is dog", &names), Some("qterm"));
        assert_eq!(leak("call petstore_find_pets_by_status", &names), Some("petstore_find_pets_by_status"));
    }

    #[test]
    fn talk_of_apis_is_procedure() {
        assert!(procedure("using the API, list them").is_some());
        assert!(procedure("send a POST request").is_some());
        assert!(procedure("post a request on the board").is_none());
        assert!(procedure("Which trucks have not reported?").is_none());
    }
}
