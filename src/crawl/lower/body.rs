//! A request's body → properties beside the parameters: its fields, or the whole where it is no object.

use super::supplied::{self, Candidate};
use crate::crawl::prose;
use crate::crawl::schema::{self, Side};
use crate::crawl::values::{Inputs, Node, Route, Spec, names, placeholders};
use crate::data::{BodyEncoding, Method, ParamPlace, Place, Supplied, SuppliedKind, Written, required_of};
use serde_json::{Map, Value, json};
use std::collections::BTreeSet;

/// Finds the body's media type and schema, and whether it must be given.
pub fn find<'a>(
    spec: &Spec<'a>,
    item: Node<'a>,
    operation: Node<'a>,
) -> Option<(String, Option<Node<'a>>, bool)> {
    let parameter = spec.parameters(item, operation).into_iter().rev().find(|p| p.text("in") == Some("body"));
    if let Some(parameter) = parameter {
        let media = spec.consumes(operation);
        let media = media.iter().find(|m| m.contains("json")).or_else(|| media.first()).cloned();
        return Some((
            media.unwrap_or_else(|| "application/json".into()),
            parameter.get("schema"),
            parameter.flag("required"),
        ));
    }
    let request = spec.document.follow(operation.get("requestBody")?)?;
    let content: Vec<(&String, Node<'a>)> =
        request.get("content").into_iter().flat_map(Node::entries).collect();
    let rank = |media: &str| match media {
        m if m.starts_with("application/json") => 0,
        m if m.contains("json") => 1,
        m if m.contains("x-www-form-urlencoded") => 2,
        m if m.contains("multipart") => 3,
        "*/*" => 4,
        m if m.starts_with("text/") => 5,
        _ => 6,
    };
    let (media, node) = content.into_iter().min_by_key(|(media, _)| rank(&media.to_lowercase()))?;
    let schema = spec.document.follow(node).and_then(|node| node.get("schema"));
    Some((media.to_lowercase(), schema, request.flag("required")))
}

fn encoding(media: &str) -> BodyEncoding {
    match media {
        m if m.contains("json") || m == "*/*" => BodyEncoding::Json,
        m if m.contains("x-www-form-urlencoded") => BodyEncoding::Form,
        m if m.contains("multipart") => BodyEncoding::Multipart,
        m if m.starts_with("text/") || m.contains("xml") || m.contains("yaml") || m.contains("csv") => {
            BodyEncoding::Text
        }
        _ => BodyEncoding::Binary,
    }
}

pub fn add(
    spec: &Spec<'_>,
    inputs: &mut Inputs,
    route: &Route<'_>,
    media: &str,
    node: Option<Node<'_>>,
    demanded: bool,
) {
    let encoding = encoding(media);
    inputs.encoding = Some(encoding);
    let Some(node) = node else {
        if !matches!(encoding, BodyEncoding::Json) {
            inputs.insert("", Place::Body, json!({"type": "string"}), demanded);
        }
        return;
    };
    let keep_id = is_key_of_update(spec, route, "id");
    let lowered = schema::lower_keeping(
        spec.document,
        node,
        Side::Input,
        spec.limits.ref_depth,
        super::nodes_max(spec.limits),
        keep_id,
    );
    inputs.body_schema = lowered.name;
    let mut schema = lowered.schema;
    super::variants::flatten_variants(&mut schema, inputs);
    inputs.absorb(lowered.pruned, lowered.mined);
    let fields = schema.get_mut("properties").map(Value::take);
    let Some(Value::Object(fields)) = fields else {
        add_whole_body(inputs, schema, encoding, demanded);
        return;
    };
    let required: BTreeSet<String> = required_of(&schema).map(str::to_owned).collect();
    let target = spec.document.follow(node).unwrap_or(node);
    let own = server_made(spec, route, &fields, &required);
    let in_path: Vec<ParamPlace> = inputs.places.iter().filter(|p| p.place == Place::Path).cloned().collect();
    for (wire, schema) in fields {
        let description = schema.get("description").and_then(Value::as_str).unwrap_or_default().to_owned();
        let candidate =
            Candidate { wire: &wire, place: Place::Body, description: &description, schema: &schema };
        if let Some((kind @ SuppliedKind::Credential, value)) = supplied::classify(&candidate, &spec.secured)
        {
            inputs.supplied.push(Supplied { wire, place: Place::Body, kind, value });
            continue;
        }
        if own.contains(&wire) || in_path.iter().any(|p| same_thing(p, &wire, route)) {
            inputs.pruned.push(format!("{wire}: set by the server or the path"));
            continue;
        }
        let bytes = schema.get("format").is_some_and(|f| f == "binary" || f == "byte");
        if encoding == BodyEncoding::Multipart
            && (bytes || wire == "file" || description.to_lowercase().contains("binary file"))
        {
            inputs.file = Some(wire.clone());
        }
        let raw = target
            .get("properties")
            .and_then(|p| p.get(&wire))
            .and_then(|p| p.text("description"))
            .unwrap_or(&description);
        let must = required.contains(&wire)
            || is_key_of_update(spec, route, &wire)
            || is_key_of_link(spec, route, &wire);
        let name = inputs.insert(&wire, Place::Body, schema, must);
        inputs.texts.push((name, raw.to_owned()));
    }
}

fn add_whole_body(inputs: &mut Inputs, mut schema: Value, encoding: BodyEncoding, demanded: bool) {
    let empty = schema
        .as_object()
        .is_none_or(|m| m.keys().all(|k| k == "type" || k == "description" || k == "additionalProperties"));
    let object = schema.get("type").is_none_or(|t| t == "object");
    if empty && object && schema.get("additionalProperties") == Some(&json!(false)) {
        return;
    }
    if let Some(map) = schema.as_object_mut()
        && !map.contains_key("type")
        && !map.contains_key("anyOf")
    {
        map.shift_insert(
            0,
            "type".into(),
            if encoding == BodyEncoding::Json { json!("object") } else { json!("string") },
        );
        if encoding == BodyEncoding::Json {
            map.entry("additionalProperties").or_insert(json!(true));
        }
    }
    let name = names::property("body");
    let name = if inputs.properties.contains_key(&name) { "request_body".to_owned() } else { name };
    inputs.properties.insert(name.clone(), schema);
    let written = Written::default();
    inputs.places.push(ParamPlace { name: name.clone(), wire: String::new(), place: Place::Body, written });
    if demanded || !object {
        inputs.required.push(name);
    }
}

/// Fields that only a server sets, without `_` and `-`.
const STAMPS: [&str; 15] = [
    "createdat",
    "updatedat",
    "createdby",
    "updatedby",
    "createdon",
    "updatedon",
    "createdtime",
    "updatedtime",
    "createtime",
    "updatetime",
    "modifiedat",
    "lastmodified",
    "datecreated",
    "dateupdated",
    "creationdate",
];
/// The same, where they are times.
const MAYBE_STAMPS: [&str; 6] = ["created", "updated", "modified", "lastupdate", "lastupdated", "lastseen"];

/// Names the fields of a new record that only the server sets.
fn server_made(
    spec: &Spec<'_>,
    route: &Route<'_>,
    fields: &Map<String, Value>,
    required: &BTreeSet<String>,
) -> Vec<String> {
    let create = route.method == Method::Post && !route.path.ends_with('}');
    let has_item = spec.has_item(route.path);
    let noun = route.path.rsplit('/').find(|s| !s.is_empty() && !s.contains('{')).unwrap_or_default();
    let noun = prose::words(noun).iter().map(|w| prose::singular(w)).collect::<String>();
    let key = spec
        .item_key(route.path)
        .map(|k| k.to_lowercase().replace(['_', '-'], ""))
        .filter(|k| k.ends_with("id"));
    let mentions = |what: &str| route.text.to_lowercase().contains(what);
    let mut out = Vec::new();
    for (name, field) in fields {
        let text = field.get("description").and_then(Value::as_str).unwrap_or_default().to_lowercase();
        let flat = name.to_lowercase().replace(['_', '-'], "");
        let timed = field.get("format").is_some_and(|f| f == "date-time")
            || text.contains("time")
            || text.contains("date");
        let stamp = STAMPS.contains(&flat.as_str()) || MAYBE_STAMPS.contains(&flat.as_str()) && timed;
        let plumbing = matches!(flat.as_str(), "etag" | "selflink" | "htmllink")
            || flat == "kind" && field.get("default").is_some()
            || flat == "kind" && (text.contains("type of the resource") || text.contains("always"));
        let own_id = flat == "id"
            || flat == "uuid"
            || !noun.is_empty() && flat == format!("{noun}id")
            || key.as_ref() == Some(&flat);
        let generated = text.contains("generated") && (flat.ends_with("id") && own_id);
        let made =
            create && own_id && (has_item || generated) && !mentions("existing") && !mentions("body.id");
        if !required.contains(name) && (stamp || plumbing || made) {
            out.push(name.clone());
        }
    }
    out
}

/// Tells whether a body's field is what the path says already.
fn same_thing(parameter: &ParamPlace, wire: &str, route: &Route<'_>) -> bool {
    let flat = |t: &str| t.to_lowercase().replace(['_', '-'], "");
    let (own, field) = (flat(&parameter.wire), flat(wire));
    let holder = format!("{{{}}}", parameter.wire);
    let before = route
        .path
        .split('/')
        .zip(route.path.split('/').skip(1))
        .find(|(_, s)| *s == holder)
        .map(|(noun, _)| noun);
    let noun = before
        .map(|n| flat(&prose::words(n).iter().map(|w| prose::singular(w)).collect::<String>()))
        .unwrap_or_default();
    if field != "id" && (field == own || field == format!("{noun}id")) && field.ends_with("id") {
        return true;
    }
    if route.method == Method::Post {
        return false;
    }
    let parameter = own;
    let last = placeholders(route.path).last().map(|p| flat(p)) == Some(parameter.clone())
        && route.path.ends_with('}');
    last && (parameter == field || field == "id" && parameter.ends_with("id"))
}

/// Tells whether a field names the existing record that is put into a list.
fn is_key_of_link(spec: &Spec<'_>, route: &Route<'_>, wire: &str) -> bool {
    route.method == Method::Post
        && wire == "id"
        && spec.has_item(route.path)
        && route.text.to_lowercase().contains("existing")
}

/// Tells whether a field names the record that an update without a path parameter is about.
fn is_key_of_update(spec: &Spec<'_>, route: &Route<'_>, wire: &str) -> bool {
    matches!(route.method, Method::Put | Method::Patch)
        && wire == "id"
        && placeholders(route.path).is_empty()
        && spec.has_item(route.path)
}
