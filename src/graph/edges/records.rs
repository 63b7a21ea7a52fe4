//! Edges that the model knows: ids of records, and fields that name records, by the resources of paths.

use super::super::model::{LinkForm, ParamRole, ResourceIndex};
use super::super::shape::{ResultShape, Step};
use super::fields::{Field, Kind};
use super::{Api, Rule, Source, rank_key};
use crate::data::{Effect, Method};
use crate::words;
use serde_json::{Map, Value};
use std::collections::HashMap;

/// Operations by what their results hold.
pub(super) struct Index<'a> {
    /// By the resource of their records.
    records: HashMap<ResourceIndex, Vec<usize>>,
    /// By the resource that a field of their records names.
    links: HashMap<ResourceIndex, Vec<Named>>,
    /// By their path.
    paths: HashMap<&'a str, Vec<usize>>,
}

/// A field that names a record.
struct Named {
    tool: usize,
    field: String,
    /// What it holds.
    kind: Kind,
    /// 1 where the field's noun is the resource's, less where only their ends are the same (`celery_task_id`).
    exact: f64,
}

/// What a parameter wants a record for.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Want {
    /// The operation is about it, or about what belongs to it.
    Picked,
    /// Something else refers to it.
    Referred,
}

impl<'a> Index<'a> {
    pub fn new(api: &Api<'a>) -> Self {
        let mut index = Self { records: HashMap::new(), links: HashMap::new(), paths: HashMap::new() };
        let mut order: Vec<usize> = (0..api.tools.len()).collect();
        order.sort_by(|a, b| rank_key(api, *a).cmp(&rank_key(api, *b)));
        for tool in order {
            let Some(operation) = api.operations[tool] else { continue };
            index.paths.entry(api.tools[tool].call.path()).or_default().push(tool);
            let Some(shape) = operation.shape.as_ref().filter(|_| api.tools[tool].effect != Effect::Destroys)
            else {
                continue;
            };
            let Some(resource) = operation.resource else { continue };
            if shape.many || !needs(api, tool, resource) {
                let all = index.records.entry(resource).or_default();
                if all.len() < super::LOOKED_AT {
                    all.push(tool);
                }
            }
            for link in &api.model.resources[resource].links {
                let Some(field) = link_path(shape, &link.field, link.form) else { continue };
                let all = index.links.entry(link.target).or_default();
                if all.len() < super::LOOKED_AT && !needs(api, tool, link.target) {
                    let target = &api.model.resources[link.target].key;
                    let noun = words::id_noun(&link.field)
                        .unwrap_or_else(|| words::singular_words(&words::split(&link.field)));
                    let exact = if noun.join("_") == *target { 1.0 } else { 0.85 };
                    let schema = api.model.resources[resource].properties().get(&link.field);
                    let kind = schema.map_or(Kind::Other, held);
                    all.push(Named { tool, field, kind, exact });
                }
            }
        }
        index
    }

    /// Finds what gives a parameter the id of the record that it is about.
    pub fn find(&self, api: &Api<'a>, to: usize, input: &Field, found: &mut Vec<Source>) {
        let Some((resource, want)) = wanted(api, to, input) else { return };
        let path = api.tools[to].call.path();
        if let Some(above) = collection(path, input.name).filter(|_| input.depth == 1) {
            for from in self.paths.get(above).into_iter().flatten() {
                at_collection(api, *from, resource, input, found);
            }
        }
        let rule = if want == Want::Picked { Rule::RecordId } else { Rule::Reference };
        let begin = found.len();
        for from in self.records.get(&resource).into_iter().flatten() {
            push(api, *from, resource, input, rule, found);
        }
        if want == Want::Referred && input.id_noun().is_some_and(|n| n != api.model.resources[resource].key) {
            // `classId` may be of another class than `customer_class`
            found[begin..].iter_mut().for_each(|source| source.confidence *= 0.85);
        }
        for named in self.links.get(&resource).into_iter().flatten() {
            let confidence = Rule::LinkField.confidence()
                * named.exact
                * sure(api, resource, input, &named.field)
                * if named.kind == Kind::Other { 0.9 } else { joins(named.kind, input) };
            if confidence <= 0.0 {
                continue;
            }
            found.push(Source {
                from: named.tool,
                field: named.field.clone(),
                rule: Rule::LinkField,
                confidence,
            });
        }
    }
}

/// Adds what lists or makes the records that a path parameter picks from.
fn at_collection(
    api: &Api<'_>,
    from: usize,
    resource: ResourceIndex,
    input: &Field,
    found: &mut Vec<Source>,
) {
    let Some(shape) = api.operations[from].and_then(|o| o.shape.as_ref()) else { return };
    match api.tools[from].call.method() {
        Some(Method::Get) if shape.many => push(api, from, resource, input, Rule::CollectionItem, found),
        Some(Method::Post) if !shape.many && api.tools[from].effect == Effect::Writes => {
            push(api, from, resource, input, Rule::CreatedItem, found);
        }
        _ => {}
    }
}

/// Adds the field of a tool's record that the parameter wants.
fn push(api: &Api, from: usize, resource: ResourceIndex, input: &Field, rule: Rule, found: &mut Vec<Source>) {
    let Some(shape) = api.operations[from].and_then(|o| o.shape.as_ref()) else { return };
    let Some(properties) = shape.record().get("properties").and_then(Value::as_object) else { return };
    let own = api.model.resources[resource].id_field.as_deref();
    let ending = || {
        // `{teamSlug}` wants the `slug` of a team
        let last = input.words.last().filter(|w| ENDS.contains(&w.as_str()))?;
        properties.iter().find(|(name, _)| name.eq_ignore_ascii_case(last))
    };
    // there `id` is a path of its own, and what paths take is the name
    let named = || {
        properties
            .get_key_value("name")
            .filter(|_| api.tools[from].call.path().contains("/providers/Microsoft."))
    };
    let chosen = properties
        .get_key_value(input.name)
        .or_else(ending)
        .or_else(named)
        .or_else(|| own.and_then(|own| properties.get_key_value(own)));
    let Some((name, schema)) = chosen else { return };
    let exact = name == input.name;
    let sure = if exact { 1.0 } else { sure(api, resource, input, name) };
    let fit = sure * fits(schema, input);
    if fit > 0.0 {
        let field = join(&path(shape), name);
        found.push(Source { from, field, rule, confidence: rule.confidence() * fit });
    }
}

/// Words by which a name says that it is some other field of the record than its id.
const ENDS: &[&str] = &[
    "name", "slug", "code", "number", "key", "type", "date", "version", "email", "login", "username",
    "title", "handle", "path", "url", "status", "year", "state",
];

/// How sure it is that a parameter takes a field of the record, by their names: `{petId}` and `{pet}` take its id, and
/// `{petName}` does not.
fn sure(api: &Api, resource: ResourceIndex, input: &Field, field: &str) -> f64 {
    let own = api.model.resources[resource].id_field.as_deref();
    if input.id_noun().is_some() || own == Some(input.name) && !ENDS.contains(&input.name) {
        return 1.0;
    }
    match input.words.last().map(String::as_str) {
        Some(last) if ENDS.contains(&last) => {
            if words::split(field).last().is_some_and(|w| w == last) {
                1.0
            } else {
                0.0
            }
        }
        _ => 0.9,
    }
}

/// How well a field's type fits a parameter: anything can be written into a path, a word is no number.
pub(super) fn fits(schema: &Value, input: &Field) -> f64 {
    match (super::fields::kind(schema), input.kind()) {
        (Kind::Other, _) | (_, Kind::Other) => 0.0,
        (a, b) if a == b => {
            let format = |s: &Value| s.get("format").and_then(Value::as_str).map(str::to_owned);
            match (format(schema), format(input.schema)) {
                (Some(a), Some(b)) if a != b => 0.85,
                _ => 1.0,
            }
        }
        (from, _) => joins(from, input),
    }
}

/// The same by what the field holds alone.
fn joins(from: Kind, input: &Field) -> f64 {
    match (from, input.kind()) {
        (Kind::Other, _) | (_, Kind::Other) => 0.0,
        (a, b) if a == b => 1.0,
        (Kind::Integer, Kind::Number) | (Kind::Number, Kind::Integer) => 0.95,
        (_, Kind::Text) if input.schema.get("format").is_some_and(|f| f == "uuid") => 0.3,
        // `{owner}` that is a text is mostly a name, and no name is a number
        (Kind::Integer | Kind::Number, Kind::Text) if input.id_noun().is_none() => 0.4,
        (_, Kind::Text) => 0.95,
        (Kind::Text, _) => 0.7,
        _ => 0.8,
    }
}

/// Tells what a field that names a record holds: an id, a list of them, or an object with one.
fn held(schema: &Value) -> Kind {
    match (schema.get("items"), schema.get("properties").and_then(|p| p.get("id"))) {
        (Some(inner), _) | (None, Some(inner)) => held(inner),
        (None, None) => super::fields::kind(schema),
    }
}

/// Which record a parameter wants, by its role.
fn wanted(api: &Api, to: usize, input: &Field) -> Option<(ResourceIndex, Want)> {
    let operation = api.operations[to]?;
    let mut parts = input.path.trim_end_matches("[]").split('.').map(|p| p.trim_end_matches("[]"));
    let mut role = operation.roles.get(parts.next()?)?;
    for part in parts {
        role = match role {
            ParamRole::Object(inner) => inner.get(part)?,
            // `owner.id` of an owner that is an object
            ParamRole::Link(..) if input.depth == 2 && matches!(part, "id" | "uuid") => role,
            _ => return None,
        };
    }
    match role {
        ParamRole::Id(r) | ParamRole::Parent(r) => Some((*r, Want::Picked)),
        ParamRole::Link(r, _) => Some((*r, Want::Referred)),
        _ => None,
    }
}

/// Whether a tool must be given a record of the resource: what it returns of it is what it was given.
fn needs(api: &Api, tool: usize, resource: ResourceIndex) -> bool {
    let Some(operation) = api.operations[tool] else { return false };
    api.inputs[tool].all.iter().filter(|f| f.required && f.depth == 1).any(|f| {
        matches!(operation.roles.get(f.name),
            Some(ParamRole::Id(r) | ParamRole::Parent(r) | ParamRole::Link(r, _)) if *r == resource)
    })
}

/// Returns the path of the collection that a path parameter picks from: `/pets` of `/pets/{petId}/toys`.
fn collection<'p>(path: &'p str, wire: &str) -> Option<&'p str> {
    let mut from = 0;
    while let Some(at) = path[from..].find('{') {
        let at = from + at;
        if path[at + 1..].strip_prefix(wire).is_some_and(|rest| rest.starts_with('}')) {
            let after = &path[at + wire.len() + 2..];
            // of `/projects/{owner}/{project}` only the last picks a project
            let last = !after.starts_with("/{");
            return path[..at].strip_suffix('/').filter(|p| !p.is_empty() && last);
        }
        from = at + 1;
    }
    None
}

fn link_path(shape: &ResultShape, field: &str, form: LinkForm) -> Option<String> {
    let properties: &Map<String, Value> = shape.record().get("properties")?.as_object()?;
    properties.contains_key(field).then(|| {
        let at = join(&path(shape), field);
        match form {
            LinkForm::Id => at,
            LinkForm::Ids => format!("{at}[]"),
            LinkForm::Object => format!("{at}.id"),
            LinkForm::Objects => format!("{at}[].id"),
        }
    })
}

fn path(shape: &ResultShape) -> String {
    shape.path.iter().fold(String::new(), |at, step| match step {
        Step::Field(name) => join(&at, name),
        Step::Items => at + "[]",
    })
}

fn join(above: &str, name: &str) -> String {
    if above.is_empty() { name.to_owned() } else { format!("{above}.{name}") }
}
