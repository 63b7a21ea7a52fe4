//! Rules `same_operation` and `other_version`: operations that are one, under several paths of a spec or in several specs.
//!
//! What is one is decided with care, for two petstores by different people are both real:
//!
//! - Within a spec (`same_operation`): the same method, the same path but for the version and the way it is written
//!   (`/v1/pets`, `/v2/Pets/`, `/pets.json`), the same parameters with the same types, and the same fields in the result.
//! - Across specs (`other_version`): the same provider and the same title but for the version in it, the same method, the same
//!   path but for the version, and the same required parameters. Optional parameters come and go between versions.
//!
//! The newest is kept: final before preview, then by version, then by the numbers in the spec's name, then the better
//! documented, then the first.

use super::route;
use crate::crawl::prose::words;
use crate::data::{Call, SpecSource, Tool};
use serde_json::Value;
use std::cmp::Ordering;
use std::collections::BTreeMap;

/// What the rule within a spec drops.
pub const DROPS: &str =
    "operations that the spec holds again under another version or way of writing its path";
/// What the rule across specs drops.
pub const DROPS_ACROSS: &str =
    "operations that a newer version of the same API holds (same provider and title)";

/// Providers whose APIs are by many.
const MARKETPLACES: [&str; 1] = ["rapidapi.com"];

/// What an operation is, whoever hosts it: a hash of its method, its path without the version, and its parameters.
pub type Signature = [u8; 16];

/// What must be known of a tool to find its duplicates, without the tool.
#[derive(Clone, Debug)]
pub struct Likeness {
    /// The provider, and the title without a version.
    lineage: Signature,
    /// What the operation is, with its required parameters only.
    operation: Signature,
    quality: f64,
}

/// How new a spec is: what is greater is newer.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct Age {
    /// 3 is final, 0 the farthest from it.
    stage: u8,
    version: Vec<u64>,
    name: Vec<u64>,
}

impl Age {
    /// Reads a spec's age from its version and, where that is the same, from its name: `ghes-3.4.json`,
    /// `googleapis.com/run/v2beta1/openapi.json`.
    pub fn of(spec: &SpecSource) -> Self {
        let (stage, version) = route::version(&spec.version);
        let (named, name) = route::version(&spec.spec);
        Self { stage: stage.min(named), version, name }
    }
}

/// A tool among those of all specs.
#[derive(Clone, Copy, Debug)]
pub struct Head<'a> {
    /// The index of its spec. Tools of one spec are never duplicates here.
    pub spec: usize,
    /// What is known of it.
    pub likeness: &'a Likeness,
}

/// A tool that is left out for another.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Twin {
    /// The index of the one that is left out.
    pub dropped: usize,
    /// The index of the one that is kept.
    pub kept: usize,
}

/// Returns what must be known of a tool, where it can have duplicates at all.
pub fn likeness(tool: &Tool) -> Option<Likeness> {
    let operation = signature(tool)?;
    let provider = tool.api.as_str().split('/').next().unwrap_or_default();
    let title = title(&tool.api_title);
    if title.is_empty() {
        return None;
    }
    // a marketplace is no provider: titles repeat there
    let shelf = if MARKETPLACES.contains(&provider) { tool.category.as_str() } else { "" };
    Some(Likeness { lineage: hash(&[provider, &title, shelf]), operation, quality: tool.docs.quality })
}

/// Returns a title's words without those that say a version or nothing.
fn title(title: &str) -> String {
    let kept = words(title).into_iter().filter(|word| {
        let number = word.bytes().all(|b| b.is_ascii_digit());
        !(number
            || route::is_version(word)
            || matches!(word.as_str(), "api" | "rest" | "version" | "beta" | "alpha" | "preview"))
    });
    kept.collect::<Vec<_>>().join(" ")
}

/// Returns what an operation is, whatever its host and version: method, path and required parameters.
pub fn signature(tool: &Tool) -> Option<Signature> {
    let mut parts = vec![called(tool)?];
    parts.extend(parameters(tool, true));
    Some(hash(&parts))
}

/// Returns what an operation is, with all its parameters and the fields of its result.
fn whole(tool: &Tool) -> Option<Signature> {
    let mut parts = vec![called(tool)?];
    parts.extend(parameters(tool, false));
    if let Some(result) = &tool.result {
        let inner = result.get("items").unwrap_or(result);
        let mut fields: Vec<String> = inner
            .get("properties")
            .and_then(Value::as_object)
            .into_iter()
            .flatten()
            .map(|(k, _)| k.clone())
            .collect();
        fields.sort();
        parts.push(kind(result));
        parts.extend(fields);
    }
    Some(hash(&parts))
}

/// Returns how a tool is called: method and path without the version, or the function's name.
fn called(tool: &Tool) -> Option<String> {
    match &tool.call {
        Call::Http(call) => Some(format!("{} {}", call.method.as_str(), route::shape(&call.path).join("/"))),
        Call::Mcp { name, .. } | Call::Function { name, .. } => {
            let words = words(name).join(" ");
            (!words.is_empty()).then_some(words)
        }
    }
}

/// Returns the parameters with their types, sorted. What stands in the path has its place there, whatever it is called.
fn parameters(tool: &Tool, only_required: bool) -> Vec<String> {
    let required: Vec<&str> =
        tool.parameters["required"].as_array().into_iter().flatten().filter_map(Value::as_str).collect();
    let in_path =
        |name: &str| tool.call.places().iter().any(|p| p.name == name && p.place == crate::data::Place::Path);
    let properties = tool.parameters.get("properties").and_then(Value::as_object);
    let mut out: Vec<String> = properties
        .into_iter()
        .flatten()
        .filter(|(name, schema)| {
            // a dialect may demand everything and take null where nothing is meant
            let demanded = required.contains(&name.as_str()) && !is_nullable(schema);
            !in_path(name) && (!only_required || demanded)
        })
        .map(|(name, schema)| format!("{}:{}", words(name).concat(), kind(schema)))
        .collect();
    out.sort();
    out
}

/// Returns a schema's type in a word; whole and other numbers are one.
fn kind(schema: &Value) -> String {
    match schema.get("type") {
        Some(Value::String(kind)) => one_kind(kind),
        Some(Value::Array(kinds)) => {
            kinds.iter().filter_map(Value::as_str).find(|k| *k != "null").map(one_kind).unwrap_or_default()
        }
        _ => String::new(),
    }
}

fn one_kind(kind: &str) -> String {
    if kind == "integer" { "number".to_owned() } else { kind.to_owned() }
}

fn is_nullable(schema: &Value) -> bool {
    schema.get("type").and_then(Value::as_array).is_some_and(|kinds| kinds.iter().any(|k| k == "null"))
}

fn hash(parts: &[impl AsRef<str>]) -> Signature {
    let mut hasher = blake3::Hasher::new();
    for part in parts {
        hasher.update(part.as_ref().as_bytes());
        hasher.update(b"\n");
    }
    let mut out = [0; 16];
    hasher.finalize_xof().fill(&mut out);
    out
}

/// Finds the operations that one spec holds more than once.
pub fn within(tools: &[Tool]) -> Vec<Twin> {
    // a file may hold several APIs
    let mut groups: BTreeMap<(&str, Signature), Vec<usize>> = BTreeMap::new();
    for (index, tool) in tools.iter().enumerate() {
        // of functions each is called by its own name
        if tool.call.http().is_some()
            && let Some(signature) = whole(tool)
        {
            groups.entry((tool.api.as_str(), signature)).or_default().push(index);
        }
    }
    let age = |tool: &Tool| {
        let versions: Vec<&str> = tool.call.path().split('/').filter(|s| route::is_version(s)).collect();
        route::version(&versions.join("/"))
    };
    let newer = |a: &usize, b: &usize| {
        let (a, b) = (&tools[*a], &tools[*b]);
        age(a).cmp(&age(b)).then(a.docs.quality.total_cmp(&b.docs.quality))
    };
    twins(groups.into_values().filter(|all| all.len() > 1), newer)
}

/// Finds the tools that a newer version of their API holds as well; `ages` are the specs'.
pub fn across(heads: &[Head<'_>], ages: &[Age]) -> Vec<Twin> {
    let mut groups: BTreeMap<(Signature, Signature), Vec<usize>> = BTreeMap::new();
    for (index, head) in heads.iter().enumerate() {
        groups.entry((head.likeness.lineage, head.likeness.operation)).or_default().push(index);
    }
    let newer = |a: &usize, b: &usize| {
        let (a, b) = (&heads[*a], &heads[*b]);
        ages[a.spec].cmp(&ages[b.spec]).then(a.likeness.quality.total_cmp(&b.likeness.quality))
    };
    // several of one spec are several: they stay with the newest spec, and go with the others
    let found = twins(groups.into_values().filter(|all| all.len() > 1), newer);
    found.into_iter().filter(|twin| heads[twin.dropped].spec != heads[twin.kept].spec).collect()
}

/// Keeps the newest of each group, the first of equals.
fn twins(groups: impl Iterator<Item = Vec<usize>>, newer: impl Fn(&usize, &usize) -> Ordering) -> Vec<Twin> {
    let mut out = Vec::new();
    for all in groups {
        let Some(kept) = all.iter().copied().rev().max_by(|a, b| newer(a, b)) else { continue };
        out.extend(all.into_iter().filter(|index| *index != kept).map(|dropped| Twin { dropped, kept }));
    }
    out.sort_by_key(|twin| twin.dropped);
    out
}

#[cfg(test)]
mod tests {
    use super::super::testing::tool;
    use super::*;
    use crate::data::Method::{Get, Post};
    use serde_json::json;

    fn of(title: &str, version: &str, path: &str) -> (Likeness, Age) {
        let mut tool = tool(Get, path, "Lists pets.");
        tool.api_title = title.to_owned();
        let spec = SpecSource { version: version.to_owned(), ..SpecSource::default() };
        (likeness(&tool).unwrap(), Age::of(&spec))
    }

    fn found(all: &[(Likeness, Age)]) -> Vec<(usize, usize)> {
        let ages: Vec<Age> = all.iter().map(|(_, age)| age.clone()).collect();
        let heads: Vec<Head<'_>> =
            all.iter().enumerate().map(|(spec, (likeness, _))| Head { spec, likeness }).collect();
        across(&heads, &ages).iter().map(|twin| (twin.dropped, twin.kept)).collect()
    }

    #[test]
    fn the_newest_version_of_an_api_is_kept() {
        let all = [
            of("Shop", "2.9", "/pets"),
            of("Shop API v2", "2.10", "/v2/pets"),
            of("Shop", "3.0-beta", "/pets"),
        ];
        assert_eq!(found(&all), [(0, 1), (2, 1)]);
    }

    #[test]
    fn other_titles_and_other_paths_are_other_operations() {
        assert_eq!(found(&[of("Shop", "1", "/pets"), of("Zoo", "2", "/pets")]), []);
        assert_eq!(found(&[of("Shop", "1", "/pets"), of("Shop", "2", "/toys")]), []);
    }

    #[test]
    fn other_required_parameters_are_another_operation_and_optional_ones_are_not() {
        let with = |parameters: Value| {
            let mut tool = tool(Post, "/pets", "Adds a pet.");
            tool.parameters = parameters;
            signature(&tool).unwrap()
        };
        let one = with(json!({"properties": {"petName": {"type": "string"}}, "required": ["petName"]}));
        let two =
            with(json!({"properties": {"pet_name": {"type": "string"}, "x": {}}, "required": ["pet_name"]}));
        let three = with(json!({"properties": {"kind": {"type": "string"}}, "required": ["kind"]}));
        assert_eq!(one, two);
        assert_ne!(one, three);
    }

    #[test]
    fn a_spec_holds_each_operation_once() {
        let mut old = tool(Get, "/v1/pets", "Lists pets.");
        let new = tool(Get, "/v2/Pets/", "Lists pets, newest first.");
        let other = tool(Get, "/v2/toys", "Lists toys.");
        assert_eq!(within(&[old.clone(), new.clone(), other.clone()]), [Twin { dropped: 0, kept: 1 }]);
        old.parameters = json!({"properties": {"page": {"type": "integer"}}});
        assert_eq!(
            within(&[old, new.clone(), other]),
            [],
            "what takes other parameters is another operation"
        );
        let mut elsewhere = new.clone();
        elsewhere.api = crate::data::ApiId::new("shop.com/toys".to_owned());
        assert_eq!(within(&[new, elsewhere]), [], "another API of the same file is another API");
    }
}
