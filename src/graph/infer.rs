//! Infers resources from paths and result schemas.

use super::model::{ApiModel, Link, LinkForm, Operation, Resource, ResourceIndex};
use super::operations;
use super::paths::{self, Segment};
use super::shape;
use super::sketch::{Nouns, Sketch};
use crate::data::{ApiId, HttpCall, Tool};
use crate::words;
use serde_json::{Map, Value};
use std::collections::{BTreeMap, HashMap};

/// Infers the model of one API from its tools. Only HTTP operations say by their paths what they are about: the others have
/// no part in it.
pub fn model(api: &ApiId, tools: &[&Tool]) -> ApiModel {
    let mut registry = Registry::default();
    let mut sketches: Vec<Sketch> =
        tools.iter().filter_map(|tool| Some(sketch(tool, tool.call.http()?, &mut registry))).collect();
    // Reads first: a write beneath what they read (`PATCH /account/email`) is known by the schema it returns.
    for reads in [true, false] {
        for sketch in sketches.iter_mut().filter(|s| paths::reads(s.call.method) == reads) {
            if sketch.resource.is_none() {
                sketch.resource = registry.of_collection(sketch);
                registry.remember(sketch);
            }
        }
    }
    let mut resources: Vec<Resource> = registry.keys.all.iter().map(|key| blank(key)).collect();
    let mut own: Vec<Vec<&Sketch>> = vec![Vec::new(); resources.len()];
    for sketch in &sketches {
        if let Some(index) = sketch.resource {
            own[index].push(sketch);
        }
    }
    merge_schemas(&mut resources, &own);
    identify(&mut resources, &own);
    nest(&mut resources, &own);
    link(&mut resources, &registry.keys);
    let mut operations: Vec<Operation> =
        sketches.iter().map(|s| operations::operation(s, &resources, &registry.keys)).collect();
    operations.sort_by(|a, b| a.tool.cmp(&b.tool));
    operations::mark_singletons(&mut resources, &operations);
    let title = tools.first().map(|t| t.api_title.clone()).unwrap_or_default();
    ApiModel { api: api.clone(), title, resources, operations }
}

fn sketch<'a>(tool: &'a Tool, call: &'a HttpCall, registry: &mut Registry) -> Sketch<'a> {
    let segments = paths::segments(tool);
    let nouns: Vec<String> = segments
        .iter()
        .filter_map(|s| match s {
            Segment::Fixed(w) => w.last().cloned(),
            Segment::Param(_) => None,
        })
        .collect();
    let reads = paths::reads(call.method);
    let shape = tool.result.as_ref().and_then(|r| shape::unwrap(r, &nouns, reads));
    let mut params = BTreeMap::new();
    for (i, segment) in segments.iter().enumerate() {
        if let Segment::Param(wire) = segment {
            let key = paths::param_noun(&segments, i);
            if !key.is_empty() {
                let index = registry.intern(&key);
                params.insert(wire.clone(), index);
                if let Some(collection) = collection_key(&segments[..i]) {
                    registry.collections.insert(collection, index);
                }
            }
        }
    }
    let resource = match segments.last() {
        Some(Segment::Param(wire)) => params.get(wire).copied(),
        _ => rpc_resource(tool, &segments, registry),
    };
    Sketch { tool, call, segments, shape, resource, params }
}

/// RPC-shaped paths name their resource by their last noun, and its id by a parameter.
fn rpc_resource(tool: &Tool, segments: &[Segment], registry: &mut Registry) -> Option<ResourceIndex> {
    paths::rpc_verb(tool)?;
    let Some(Segment::Fixed(noun)) = segments.last() else { return None };
    let key = match noun.as_slice() {
        [w] if w == "related" => words::singular_words(&paths::noun_before(segments, segments.len() - 1)?),
        _ => words::singular_words(noun),
    };
    Some(registry.intern(&key))
}

/// A path's fixed form, by which a collection is matched with its items.
fn collection_key(segments: &[Segment]) -> Option<String> {
    matches!(segments.last(), Some(Segment::Fixed(_)) | None).then(|| {
        segments
            .iter()
            .map(|s| match s {
                Segment::Fixed(w) => w.join("_"),
                Segment::Param(_) => "{}".to_owned(),
            })
            .collect::<Vec<_>>()
            .join("/")
    })
}

/// A path's words, parameters as `{}`.
fn fixed(segments: &[Segment]) -> Vec<String> {
    segments
        .iter()
        .map(|s| match s {
            Segment::Fixed(w) => w.join("_"),
            Segment::Param(_) => "{}".to_owned(),
        })
        .collect()
}

#[derive(Default)]
struct Registry {
    keys: Nouns,
    collections: BTreeMap<String, ResourceIndex>,
    /// Resources by the component that a read of them alone returns, with the fixed path of the read.
    read: HashMap<String, Vec<(Vec<String>, ResourceIndex)>>,
}

impl Registry {
    fn remember(&mut self, sketch: &Sketch) {
        let named = sketch.shape.as_ref().filter(|s| !s.many).and_then(|s| s.schema_name.clone());
        if let (Some(name), Some(resource), true) = (named, sketch.resource, paths::reads(sketch.call.method))
        {
            self.read.entry(name).or_default().push((fixed(&sketch.segments), resource));
        }
    }

    fn intern(&mut self, key: &[String]) -> ResourceIndex {
        self.keys.exact(key).unwrap_or_else(|| self.keys.push(key.to_vec()))
    }

    /// The resource of a path that ends in fixed words.
    fn of_collection(&mut self, sketch: &Sketch) -> Option<ResourceIndex> {
        if let Some(index) = collection_key(&sketch.segments).and_then(|k| self.collections.get(&k)) {
            return Some(*index);
        }
        let path = fixed(&sketch.segments);
        let returned = sketch.shape.as_ref().and_then(|s| s.schema_name.as_ref());
        let read = returned.and_then(|name| self.read.get(name)).into_iter().flatten();
        if let Some((_, index)) = read.into_iter().find(|(above, _)| path.starts_with(above)) {
            return Some(*index);
        }
        let schema_name = sketch
            .shape
            .as_ref()
            .and_then(|s| s.schema_name.clone())
            .or_else(|| sketch.call.body_schema.clone());
        if let Some(name) = schema_name {
            let mut key = words::singular_words(&words::split(&name));
            while key.len() > 1
                && key.last().is_some_and(|w| {
                    matches!(
                        w.as_str(),
                        "summary" | "detail" | "response" | "request" | "entry" | "dto" | "model" | "object"
                    )
                })
            {
                key.pop();
            }
            if let Some(found) = self.keys.exact(&key) {
                return Some(found);
            }
        }
        let noun =
            paths::noun_before(&sketch.segments, sketch.segments.len()).map(|w| words::singular_words(&w))?;
        if let Some(found) = self.keys.within(&noun) {
            return Some(found);
        }
        sketch.shape.as_ref()?;
        Some(self.intern(&noun))
    }
}

fn blank(key: &[String]) -> Resource {
    Resource {
        key: key.join("_"),
        words: key.join(" "),
        schema: serde_json::json!({"type": "object", "properties": {}}),
        id_field: None,
        human_id: false,
        parent: None,
        links: Vec::new(),
        singleton: false,
        listed: false,
    }
}

/// Merges the schemas of all results and bodies of a resource; results of single records lead.
fn merge_schemas(resources: &mut [Resource], own: &[Vec<&Sketch>]) {
    for (resource, own) in resources.iter_mut().zip(own) {
        let mine = || own.iter().copied();
        let single = mine().filter(|s| s.shape.as_ref().is_some_and(|sh| !sh.many) && ends_in_param(s));
        let many = mine().filter(|s| s.shape.as_ref().is_some_and(|sh| sh.many));
        let others = mine().filter(|s| s.shape.as_ref().is_some_and(|sh| !sh.many) && !ends_in_param(s));
        let mut merged: Map<String, Value> = Map::new();
        let mut required: Option<Value> = None;
        for sketch in single.chain(many).chain(others) {
            let record = sketch.shape.as_ref().expect("filtered on it").record();
            if required.is_none() {
                required = record.get("required").cloned();
                rename(resource, sketch);
            }
            for (name, schema) in record.get("properties").and_then(Value::as_object).into_iter().flatten() {
                merged.entry(name.clone()).or_insert_with(|| schema.clone());
            }
        }
        resource.schema = serde_json::json!({"type": "object", "properties": merged, "required": required.unwrap_or_else(|| Value::Array(Vec::new()))});
        resource.listed = mine().any(|s| s.shape.as_ref().is_some_and(|sh| sh.many));
    }
}

fn ends_in_param(sketch: &Sketch) -> bool {
    matches!(sketch.segments.last(), Some(Segment::Param(_)))
}

/// Takes the schema's name where it says more than the path (`rule` → `acl rule`).
fn rename(resource: &mut Resource, sketch: &Sketch) {
    let Some(name) = sketch.shape.as_ref().and_then(|s| s.schema_name.as_deref()) else { return };
    let longer = words::singular_words(&words::split(name));
    let key: Vec<String> = resource.key.split('_').map(str::to_owned).collect();
    let abbreviated = key.len() == 1 && longer.len() == 1 && longer[0].starts_with(&key[0]);
    if (longer.len() <= 3 && longer.ends_with(&key)) || abbreviated {
        resource.words = longer.join(" ").replace("acl ", "access ");
    } else if key.len() == 1 && key[0].ends_with("ed") && longer.len() == 1 {
        // `/attributes/computed` keeps computed attributes.
        resource.words = format!("{} {}", key[0], longer[0]);
    }
}

/// Finds the field that identifies a record.
fn identify(resources: &mut [Resource], own: &[Vec<&Sketch>]) {
    for (index, (resource, own)) in resources.iter_mut().zip(own).enumerate() {
        let wires: Vec<String> = own
            .iter()
            .flat_map(|s| s.params.iter().filter(|(_, r)| **r == index).map(|(w, _)| w.clone()))
            .collect();
        let snake = resource.key.clone();
        let last = snake.rsplit('_').next().unwrap_or(&snake).to_owned();
        let properties = resource.properties();
        let has = |name: &str| properties.contains_key(name);
        let by_wire = wires.iter().find(|w| has(w)).cloned();
        let mut candidates: Vec<String> = by_wire.into_iter().collect();
        candidates.extend(["id", "$id", "uuid", "_id"].map(str::to_owned));
        candidates.extend([
            format!("{snake}_id"),
            format!("{last}_id"),
            format!("{last}Id"),
            format!("{last}ID"),
        ]);
        if !wires.is_empty() || resource.listed {
            candidates.extend(
                ["code", "isoCode", "key", "slug", "username", "identifier", "uid"].map(str::to_owned),
            );
        }
        let camel: String = snake
            .split('_')
            .enumerate()
            .map(|(i, w)| if i == 0 { w.to_owned() } else { words::capital(w) })
            .collect();
        candidates.push(format!("{camel}Id"));
        resource.id_field = candidates.into_iter().find(|c| has(c));
        resource.human_id = resource.id_field.as_deref().is_some_and(|f| {
            matches!(f, "username" | "code" | "email" | "address" | "domain" | "number" | "name" | "zoneId")
                || !resource.listed
                    && matches!(
                        last.as_str(),
                        "order" | "invoice" | "booking" | "reservation" | "shipment" | "parcel"
                    )
        });
    }
}

/// Finds the resource that each resource's records belong to.
fn nest(resources: &mut [Resource], own: &[Vec<&Sketch>]) {
    for (index, own) in own.iter().enumerate() {
        // What can be addressed by its own id alone belongs to nothing.
        let free = own.iter().any(|s| {
            ends_in_param(s) && s.segments.iter().filter(|seg| matches!(seg, Segment::Param(_))).count() == 1
        });
        if free {
            continue;
        }
        let parent = own.iter().find_map(|s| {
            let mut above = s.segments.iter().rev().filter_map(|seg| match seg {
                Segment::Param(wire) => s.params.get(wire).copied(),
                Segment::Fixed(_) => None,
            });
            above.find(|r| *r != index)
        });
        let Some(parent) = parent else { continue };
        if resources[parent].parent.as_ref().is_some_and(|(p, _)| *p == index) {
            continue;
        }
        let key: Vec<String> = resources[parent].key.split('_').map(str::to_owned).collect();
        let field = resources[index]
            .properties()
            .keys()
            .find(|name| words::id_noun(name).is_some_and(|n| !n.is_empty() && key.ends_with(&n)))
            .cloned();
        resources[index].parent = Some((parent, field));
    }
}

/// Nouns of fields that name users, whatever they are called.
const PEOPLE: &[&str] = &[
    "assignee",
    "owner",
    "creator",
    "author",
    "reporter",
    "member",
    "manager",
    "user",
    "created_by",
    "updated_by",
    "buyer",
    "seller",
];

/// Finds the fields that name records of other resources.
fn link(resources: &mut [Resource], keys: &Nouns) {
    let identified: Vec<bool> = resources.iter().map(|r| r.id_field.is_some()).collect();
    let find = |noun: &[String], own: usize| -> Option<ResourceIndex> {
        let person =
            || PEOPLE.contains(&noun.join("_").as_str()).then(|| keys.exact(&["user".to_owned()])).flatten();
        keys.near(noun).or_else(person).filter(|t| *t != own && identified[*t])
    };
    for (index, resource) in resources.iter_mut().enumerate() {
        let parent_field = resource.parent.as_ref().and_then(|(_, f)| f.clone());
        let id_field = resource.id_field.clone();
        let mut links = Vec::new();
        for (name, schema) in resource.properties() {
            if Some(name) == parent_field.as_ref() || Some(name) == id_field.as_ref() {
                continue;
            }
            if let Some((form, noun)) = link_form(name, schema)
                && let Some(target) = find(&noun, index)
            {
                links.push(Link { field: name.clone(), form, target });
            }
        }
        resource.links = links;
    }
}

fn link_form(name: &str, schema: &Value) -> Option<(LinkForm, Vec<String>)> {
    if let Some(noun) = words::id_noun(name) {
        let many = schema.get("items").is_some();
        return (!noun.is_empty()).then_some((if many { LinkForm::Ids } else { LinkForm::Id }, noun));
    }
    let object_id =
        |s: &Value| s.get("properties").and_then(Value::as_object).is_some_and(|p| p.contains_key("id"));
    let noun = words::singular_words(&words::split(name));
    if object_id(schema) {
        return Some((LinkForm::Object, noun));
    }
    schema.get("items").filter(|i| object_id(i)).map(|_| (LinkForm::Objects, noun))
}
