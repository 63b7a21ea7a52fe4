//! Infers what each operation does, and what each of its parameters means.

use super::model::{Compute, LinkForm, Match, OpKind, Operation, ParamRole, Resource, ResourceIndex};
use super::paths::{self, Segment};
use super::sketch::{Nouns, Sketch};
use crate::data::{Effect, Method, Place, Tool, required_of};
use crate::words;
use serde_json::Value;
use std::collections::BTreeMap;

/// Infers one operation.
pub(super) fn operation(sketch: &Sketch, resources: &[Resource], nouns: &Nouns) -> Operation {
    let kind = kind(sketch, resources);
    let mut resource = sketch.resource;
    if resource.is_none() || matches!(kind, OpKind::Act | OpKind::Update) && !names_own_record(sketch) {
        resource = acted_on(sketch, kind).or(resource);
    }
    let mut roles = BTreeMap::new();
    let places: BTreeMap<&str, (Place, &str)> =
        sketch.tool.call.places().iter().map(|p| (p.name.as_str(), (p.place, p.wire.as_str()))).collect();
    let context = Context { sketch, resources, nouns, resource, kind };
    for (name, schema) in
        sketch.tool.parameters.get("properties").and_then(Value::as_object).into_iter().flatten()
    {
        let (place, wire) = places.get(name.as_str()).copied().unwrap_or((Place::Query, name.as_str()));
        roles.insert(name.clone(), context.role(name, wire, place, schema));
    }
    let leaf_only = leaf_only(sketch, kind);
    Operation { tool: sketch.tool.id.clone(), kind, resource, roles, shape: sketch.shape.clone(), leaf_only }
}

/// Marks resources of which there is one record, now that the operations are known.
pub(super) fn mark_singletons(resources: &mut [Resource], operations: &[Operation]) {
    let mut done: Vec<Vec<OpKind>> = vec![Vec::new(); resources.len()];
    for operation in operations {
        if let Some(index) = operation.resource {
            done[index].push(operation.kind);
        }
    }
    for (resource, done) in resources.iter_mut().zip(done) {
        let mine = |kinds: &[OpKind]| done.iter().any(|kind| kinds.contains(kind));
        if mine(&[OpKind::SingletonGet]) && resource.words.ends_with("setting") {
            resource.words.push('s');
        }
        resource.singleton = mine(&[OpKind::SingletonGet])
            && !mine(&[OpKind::List, OpKind::Get, OpKind::Related, OpKind::Create]);
    }
}

fn leaf_only(sketch: &Sketch, kind: OpKind) -> Option<String> {
    let media = sketch.tool.call.http().and_then(|call| call.result_media.as_deref());
    if media.is_some_and(|m| !m.contains("json")) {
        return Some("the result is no JSON".to_owned());
    }
    if !sketch.tool.mined.unclear.is_empty() {
        return Some(sketch.tool.mined.unclear.join("; "));
    }
    if sketch
        .shape
        .as_ref()
        .and_then(|s| s.schema_name.as_deref())
        .is_some_and(|n| matches!(n.to_lowercase().as_str(), "token" | "jwt"))
    {
        return Some("the result is a credential".to_owned());
    }
    let reads = matches!(
        kind,
        OpKind::List
            | OpKind::Related
            | OpKind::Get
            | OpKind::Find
            | OpKind::GetByParent
            | OpKind::SingletonGet
            | OpKind::Compute(_)
            | OpKind::Opaque
    );
    (reads && sketch.shape.is_none()).then(|| "the result has no schema".to_owned())
}

/// Whether the path ends in the record itself, or is its collection.
fn names_own_record(sketch: &Sketch) -> bool {
    matches!(sketch.segments.last(), Some(Segment::Param(_)))
}

/// The innermost resource on the path: what an action is done to.
fn acted_on(sketch: &Sketch, kind: OpKind) -> Option<ResourceIndex> {
    let innermost = sketch.segments.iter().rev().find_map(|s| match s {
        Segment::Param(wire) => sketch.params.get(wire).copied(),
        Segment::Fixed(_) => None,
    });
    if kind == OpKind::Update && innermost.is_none() {
        sketch.resource
    } else {
        innermost.or(sketch.resource)
    }
}

fn body_fields(tool: &Tool) -> Vec<&str> {
    tool.call.places().iter().filter(|p| p.place == Place::Body).map(|p| p.wire.as_str()).collect()
}

fn kind(sketch: &Sketch, resources: &[Resource]) -> OpKind {
    let tool = sketch.tool;
    let method = sketch.call.method;
    let ends_in_param = names_own_record(sketch);
    let fields = body_fields(tool);
    let overlaps = |index: Option<ResourceIndex>| {
        index.is_some_and(|r| {
            let properties = resources[r].properties();
            properties.is_empty() || fields.iter().any(|f| f.is_empty() || properties.contains_key(*f))
        })
    };
    if relation(sketch) {
        return if tool.effect == Effect::Reads && ends_in_param {
            OpKind::Opaque
        } else if tool.effect == Effect::Reads {
            read_kind(sketch, resources)
        } else {
            OpKind::Act
        };
    }
    match method {
        _ if tool.effect == Effect::Reads => read_kind(sketch, resources),
        Method::Post if ends_in_param => {
            if fields.is_empty() {
                OpKind::Act
            } else {
                OpKind::Update
            }
        }
        Method::Post if is_action(sketch) || !overlaps(sketch.resource) || mentions(tool, "existing") => {
            OpKind::Act
        }
        Method::Post if fields.is_empty() => OpKind::Act,
        Method::Post => OpKind::Create,
        Method::Put | Method::Patch if ends_in_param => {
            if fields.is_empty() {
                OpKind::Act
            } else {
                OpKind::Update
            }
        }
        Method::Put | Method::Patch => update_kind(sketch, resources, &fields),
        Method::Delete if ends_in_param => OpKind::Delete,
        _ => OpKind::Act,
    }
}

fn mentions(tool: &Tool, word: &str) -> bool {
    words::split(&tool.description).iter().take(20).any(|w| w == word)
}

/// A PUT or PATCH whose path ends in fixed words: of a singleton, of a record named in the body, or of a part of a record.
fn update_kind(sketch: &Sketch, resources: &[Resource], fields: &[&str]) -> OpKind {
    if fields.is_empty() || is_action(sketch) {
        return OpKind::Act;
    }
    let has_param = sketch.segments.iter().any(|s| matches!(s, Segment::Param(_)));
    if has_param {
        return OpKind::Update;
    }
    let id = sketch.resource.and_then(|r| resources[r].id_field.as_deref());
    if id.is_some_and(|id| fields.contains(&id)) { OpKind::Update } else { OpKind::SingletonUpdate }
}

/// Verbs that end paths (`/orders/{id}/ship`).
const VERBS: &[&str] = &[
    "accept",
    "activate",
    "add",
    "approve",
    "archive",
    "bump",
    "cancel",
    "check",
    "clear",
    "close",
    "complete",
    "confirm",
    "copy",
    "counter",
    "deactivate",
    "decline",
    "disable",
    "dispatch",
    "enable",
    "end",
    "execute",
    "flag",
    "follow",
    "import",
    "invite",
    "link",
    "mark",
    "merge",
    "move",
    "notify",
    "open",
    "pause",
    "pin",
    "publish",
    "quick",
    "quit",
    "refresh",
    "register",
    "reject",
    "release",
    "reset",
    "restart",
    "restore",
    "resume",
    "run",
    "send",
    "set",
    "share",
    "ship",
    "start",
    "stop",
    "submit",
    "subscribe",
    "swap",
    "sync",
    "test",
    "transfer",
    "trigger",
    "unfollow",
    "unlink",
    "unsubscribe",
    "upload",
    "validate",
    "verify",
    "watch",
];

/// Whether the path is about the caller's relation to a record (`/my/follows/shops/{slug}`), not about the record.
fn relation(sketch: &Sketch) -> bool {
    let relations =
        ["follow", "wishlist", "want", "favorite", "favourite", "like", "subscription", "starred"];
    sketch.segments.iter().rev().skip(1).any(|s| matches!(s, Segment::Fixed(w) if w.last().is_some_and(|w| relations.contains(&words::singular(w).as_str()))))
}

fn is_action(sketch: &Sketch) -> bool {
    match sketch.segments.last() {
        Some(Segment::Fixed(w)) => {
            VERBS.contains(&w[0].as_str()) && (w.len() > 1 || sketch.segments.len() > 1)
        }
        _ => false,
    }
}

fn read_kind(sketch: &Sketch, resources: &[Resource]) -> OpKind {
    let tool = sketch.tool;
    let last = match sketch.segments.last() {
        Some(Segment::Fixed(w)) => w.join(" "),
        _ => String::new(),
    };
    let has_scope = !sketch.params.is_empty();
    match last.as_str() {
        "distance" if has_scope => return OpKind::Compute(Compute::Distance),
        "time" if has_scope => return OpKind::Compute(Compute::LocalTime),
        "date time" if has_scope => return OpKind::Compute(Compute::LocalDateTime),
        "inventory" => return OpKind::Compute(Compute::Inventory),
        _ => {}
    }
    let (Some(shape), Some(index)) = (&sketch.shape, sketch.resource) else { return OpKind::Opaque };
    let own_id = own_id_param(tool, sketch, resources, index);
    if shape.many {
        let scope_is_own = sketch.params.values().any(|r| *r == index) && !names_own_record(sketch);
        let related = scope_is_own
            || (own_id.is_some() && paths::rpc_verb(tool).is_some() && last_word(sketch) == "related");
        return if related { OpKind::Related } else { OpKind::List };
    }
    if names_own_record(sketch) || own_id.is_some() {
        return OpKind::Get;
    }
    let required: Vec<&str> = required_of(&tool.parameters).collect();
    let parent = has_scope || required.iter().any(|p| words::id_noun(p).is_some_and(|n| !n.is_empty()));
    let queries = tool
        .call
        .places()
        .iter()
        .filter(|p| p.wire.starts_with("q_") || p.wire == "q" || p.wire == "slug")
        .count();
    if parent {
        OpKind::GetByParent
    } else if queries > 0 {
        OpKind::Find
    } else if required.is_empty() && tool.call.method() == Some(Method::Get) {
        OpKind::SingletonGet
    } else {
        OpKind::Opaque
    }
}

fn last_word(sketch: &Sketch) -> String {
    tool_last_word(sketch.tool)
}

fn tool_last_word(tool: &Tool) -> String {
    let path = tool.call.path();
    let last = path.rsplit('/').next().unwrap_or(path);
    let parts: Vec<&str> = last.split('.').collect();
    if parts.len() > 1 { parts[parts.len() - 2].to_owned() } else { last.to_owned() }
}

/// The query parameter that names the record itself (`artist.get?artist_id=`).
fn own_id_param<'a>(
    tool: &'a Tool,
    sketch: &Sketch,
    resources: &[Resource],
    index: ResourceIndex,
) -> Option<&'a str> {
    if matches!(sketch.segments.last(), Some(Segment::Param(_))) {
        return None;
    }
    paths::rpc_verb(tool)?;
    tool.call
        .places()
        .iter()
        .find(|p| {
            words::id_noun(&p.wire).is_some_and(|n| !n.is_empty() && n.join("_") == resources[index].key)
                && !p.wire.starts_with("f_")
        })
        .map(|p| p.wire.as_str())
}

struct Context<'a> {
    sketch: &'a Sketch<'a>,
    resources: &'a [Resource],
    nouns: &'a Nouns,
    resource: Option<ResourceIndex>,
    kind: OpKind,
}

impl Context<'_> {
    fn writes(&self) -> bool {
        self.sketch.tool.effect != Effect::Reads
    }

    fn role(&self, name: &str, wire: &str, place: Place, schema: &Value) -> ParamRole {
        if place == Place::Path {
            return match self.sketch.params.get(wire) {
                Some(r) if Some(*r) == self.resource => ParamRole::Id(*r),
                Some(r) => ParamRole::Parent(*r),
                None => ParamRole::Given,
            };
        }
        if let Some(paging) = paging(wire) {
            return paging;
        }
        if place == Place::Body || self.writes() {
            return self.written(name, wire, schema);
        }
        self.matched(wire, schema)
    }

    fn link_target(&self, wire: &str) -> Option<ResourceIndex> {
        let noun = words::id_noun(wire).filter(|n| !n.is_empty())?;
        self.nouns.near(&noun)
    }

    fn written(&self, _name: &str, wire: &str, schema: &Value) -> ParamRole {
        let Some(index) = self.resource else {
            return self.link_target(wire).map_or(ParamRole::Given, |t| ParamRole::Link(t, wire.to_owned()));
        };
        let resource = &self.resources[index];
        if Some(wire) == resource.id_field.as_deref() {
            return if matches!(self.kind, OpKind::Update | OpKind::Act)
                && !self.sketch.params.values().any(|r| *r == index)
            {
                ParamRole::Id(index)
            } else if resource.human_id {
                ParamRole::Field(wire.to_owned())
            } else {
                ParamRole::Ignored
            };
        }
        if let Some(link) = resource.links.iter().find(|l| l.field == wire) {
            return match link.form {
                LinkForm::Id | LinkForm::Ids => ParamRole::Link(link.target, wire.to_owned()),
                LinkForm::Object | LinkForm::Objects => ParamRole::Link(link.target, wire.to_owned()),
            };
        }
        if wire == "destination"
            && self.kind == OpKind::Act
            && let Some((parent, _)) = &resource.parent
        {
            return ParamRole::Link(*parent, wire.to_owned());
        }
        if let Some(target) = self.link_target(wire).filter(|t| *t != index) {
            return ParamRole::Link(target, wire.to_owned());
        }
        if resource.properties().contains_key(wire) {
            ParamRole::Field(wire.to_owned())
        } else if toggles(schema) {
            ParamRole::Ignored
        } else {
            ParamRole::Given
        }
    }

    /// The role of a parameter that a read matches records with.
    fn matched(&self, wire: &str, schema: &Value) -> ParamRole {
        let Some(index) = self.resource else { return ParamRole::Given };
        let resource = &self.resources[index];
        if let Some(inner) = schema.get("properties").and_then(Value::as_object) {
            let roles = inner
                .iter()
                .map(|(k, s)| {
                    (k.clone(), paging(k).or_else(|| sorting(k, wire)).unwrap_or_else(|| self.matched(k, s)))
                })
                .collect();
            return ParamRole::Object(roles);
        }
        if let Some(sort) = sorting(wire, wire) {
            return sort;
        }
        let rpc_own = words::id_noun(wire).is_some_and(|n| n.join("_") == resource.key);
        if rpc_own
            && !wire.starts_with("f_")
            && matches!(self.kind, OpKind::Get | OpKind::Related | OpKind::Compute(_))
        {
            return ParamRole::Id(index);
        }
        if let Some(target) = self.link_target(wire) {
            if target == index {
                return match &resource.id_field {
                    Some(id) => ParamRole::Filter(id.clone(), Match::Equal),
                    None => ParamRole::Ignored,
                };
            }
            if matches!(self.kind, OpKind::GetByParent)
                || resource.parent.as_ref().is_some_and(|(p, _)| *p == target) && !wire.starts_with("f_")
            {
                return ParamRole::Parent(target);
            }
            let field = resource
                .links
                .iter()
                .find(|l| l.target == target)
                .map(|l| l.field.clone())
                .or_else(|| resource.properties().contains_key(wire).then(|| wire.to_owned()));
            return match field {
                Some(field) => ParamRole::Link(target, field),
                None if paths::rpc_verb(self.sketch.tool).is_some() => ParamRole::Parent(target),
                None if wire.to_lowercase().contains("exclud") => ParamRole::Ignored,
                None => match named_by(resource, &self.resources[target].key) {
                    Some(field) => ParamRole::Filter(field, Match::Equal),
                    None => ParamRole::Link(target, wire.to_owned()),
                },
            };
        }
        matching(wire, schema, resource)
    }
}

/// The field that names a record of another resource by its code (`countryCode` of a city).
fn named_by(resource: &Resource, key: &str) -> Option<String> {
    resource
        .properties()
        .keys()
        .find(|f| matches!(words::split(f).as_slice(), [noun, last] if noun == key && last == "code"))
        .cloned()
}

fn toggles(schema: &Value) -> bool {
    schema.get("type").and_then(Value::as_str) == Some("boolean")
}

fn paging(wire: &str) -> Option<ParamRole> {
    let words = words::split(wire).join(" ");
    Some(match words.as_str() {
        "limit" | "max results" | "page size" | "per page" | "max items" | "size" | "first" => {
            ParamRole::Limit
        }
        "offset" | "skip" | "start index" => ParamRole::Offset,
        "page" | "page number" => ParamRole::Page(1),
        "page index" => ParamRole::Page(1),
        "page token" | "cursor" | "next token" | "after" | "sync token" => ParamRole::PageToken,
        _ => return None,
    })
}

fn sorting(key: &str, outer: &str) -> Option<ParamRole> {
    let words = words::split(key).join(" ");
    let in_sort = words::split(outer).contains(&"sort".to_owned()) || key == outer;
    Some(match words.as_str() {
        "by" if in_sort => ParamRole::SortBy,
        "direction" if in_sort => ParamRole::SortDirection,
        "sort" | "order by" | "sort by" | "order field" | "order" => ParamRole::SortBy,
        "sort direction" | "order type" | "sort order" | "order direction" => ParamRole::SortDirection,
        _ => return None,
    })
}

/// Words around a field's name that say how it is matched.
fn matching(wire: &str, schema: &Value, resource: &Resource) -> ParamRole {
    let mut words = words::split(wire);
    if wire.starts_with("s_") || wire.starts_with("g_") {
        // Sorting and grouping by a field.
        return ParamRole::Ignored;
    }
    if words.first().is_some_and(|w| w.len() == 1 && w != "q") {
        words.remove(0);
    }
    let take = |words: &mut Vec<String>, set: &[&str]| {
        let before = words.len();
        words.retain(|w| !set.contains(&w.as_str()));
        words.len() != before
    };
    let mut how = Match::Equal;
    if take(&mut words, &["min", "from", "since", "after", "start"]) {
        how = Match::Min;
    } else if take(&mut words, &["max", "to", "until", "before", "end"]) {
        how = Match::Max;
    } else if take(&mut words, &["prefix"]) {
        how = Match::Prefix;
    } else if take(&mut words, &["q", "query", "search", "contains", "like"]) {
        how = Match::Contains;
    }
    take(&mut words, &["filter", "by"]);
    let properties = resource.properties();
    let key_words: Vec<&str> = resource.key.split('_').collect();
    if words.is_empty() {
        return match how {
            Match::Contains => ParamRole::Search,
            Match::Min | Match::Max => {
                date_field(resource).map_or(ParamRole::Ignored, |f| ParamRole::Filter(f, how))
            }
            _ => ParamRole::Ignored,
        };
    }
    let fits = |field: &str| {
        let f = words::split(field);
        let rest: Vec<&String> = f.iter().filter(|w| !key_words.contains(&w.as_str())).collect();
        f == words
            || rest.iter().map(|w| w.as_str()).eq(words.iter().map(String::as_str))
            || words::singular_words(&words) == words::singular_words(&f)
    };
    if let Some(field) = properties.keys().find(|f| fits(f)) {
        return ParamRole::Filter(field.clone(), how);
    }
    if how == Match::Contains || how == Match::Prefix {
        // `q_artist` looks in `artist_name`, `q_track` of a track in `track_name`.
        let named = properties.keys().find(|f| {
            let f = words::split(f);
            f.len() == words.len() + 1
                && f.starts_with(&words)
                && matches!(f.last().map(String::as_str), Some("name" | "title"))
        });
        return named.map_or(ParamRole::Search, |f| ParamRole::Filter(f.clone(), Match::Contains));
    }
    if matches!(how, Match::Min | Match::Max) && matches!(words.as_slice(), [w] if w == "time" || w == "date")
    {
        return date_field(resource).map_or(ParamRole::Ignored, |f| ParamRole::Filter(f, how));
    }
    if let Some(field) = properties.keys().find(|f| words::split(f).starts_with(&words))
        && !toggles(schema)
    {
        return ParamRole::Filter(field.clone(), how);
    }
    ParamRole::Ignored
}

/// The field that says when a record is: what a period without a name is about.
fn date_field(resource: &Resource) -> Option<String> {
    let properties = resource.properties();
    [
        "start",
        "startTime",
        "start_time",
        "eventTime",
        "fixTime",
        "deviceTime",
        "captureTime",
        "date",
        "due",
        "created_at",
        "createdAt",
        "created",
        "dateCreated",
    ]
    .into_iter()
    .find(|f| properties.contains_key(*f))
    .map(str::to_owned)
}
