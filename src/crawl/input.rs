//! Parameters and body of an operation → one closed object schema, with the place of each property.

use super::document::Node;
use super::schema::{self, Lowered, Side};
use super::spec::Spec;
use super::supplied::{self, Candidate};
use super::{mine, names, prose};
use crate::data::{BodyEncoding, Method, Mined, ParamPlace, Place, Supplied, SuppliedKind};
use serde_json::{Map, Value, json};
use std::collections::BTreeSet;

/// Most schema nodes that one parameter or body may have before references are cut.
const NODES_MAX: usize = 1500;

/// What a caller may give.
#[derive(Default)]
pub struct Inputs {
    /// The properties, path parameters first.
    pub properties: Map<String, Value>,
    /// The names of those that must be given.
    pub required: Vec<String>,
    /// Where each goes.
    pub places: Vec<ParamPlace>,
    /// What the environment gives.
    pub supplied: Vec<Supplied>,
    /// How the body is encoded.
    pub encoding: Option<BodyEncoding>,
    /// The component that is the body's schema.
    pub body_schema: Option<String>,
    /// What the prose said.
    pub mined: Mined,
    /// What was left out.
    pub pruned: Vec<String>,
    /// The whole description of each property.
    pub texts: Vec<(String, String)>,
    /// The body property that holds a file's bytes, if any.
    pub file: Option<String>,
}

/// What the body's fields are judged by.
pub struct Route<'a> {
    /// The method.
    pub method: Method,
    /// The path.
    pub path: &'a str,
    /// The operation's own text.
    pub text: &'a str,
}

/// Lowers everything that a caller gives.
pub fn lower(spec: &Spec<'_>, route: &Route<'_>, item: Node<'_>, operation: Node<'_>) -> Inputs {
    let mut inputs = Inputs::default();
    let mut parameters = collect(spec, item, operation);
    add_undeclared(route.path, &mut parameters);
    for place in [Place::Path, Place::Query, Place::Header, Place::Cookie] {
        for parameter in parameters.iter().filter(|p| p.place == place) {
            add_parameter(spec, &mut inputs, parameter, route);
        }
    }
    let form: Vec<Node<'_>> = raw_parameters(spec, item, operation)
        .into_iter()
        .filter(|p| p.text("in").is_some_and(|i| i.eq_ignore_ascii_case("formData")))
        .collect();
    if !form.is_empty() {
        add_form(spec, &mut inputs, &form, operation);
    }
    if let Some((media, node, demanded)) = body(spec, item, operation) {
        add_body(spec, &mut inputs, route, &media, node, demanded);
    }
    inputs
}

struct Parameter<'a> {
    wire: String,
    place: Place,
    node: Option<Node<'a>>,
}

fn raw_parameters<'a>(spec: &Spec<'a>, item: Node<'a>, operation: Node<'a>) -> Vec<Node<'a>> {
    let all = item.items("parameters").into_iter().chain(operation.items("parameters"));
    all.filter_map(|p| spec.document.follow(p)).collect()
}

/// Collects the parameters of path and operation; the operation's win.
fn collect<'a>(spec: &Spec<'a>, item: Node<'a>, operation: Node<'a>) -> Vec<Parameter<'a>> {
    let mut out: Vec<Parameter<'a>> = Vec::new();
    for node in raw_parameters(spec, item, operation) {
        let Some(wire) = node.text("name").filter(|n| !n.is_empty()) else { continue };
        let place = match node.text("in").unwrap_or("query").to_lowercase().as_str() {
            "path" => Place::Path,
            "query" => Place::Query,
            "header" => Place::Header,
            "cookie" => Place::Cookie,
            _ => continue,
        };
        let parameter = Parameter { wire: wire.to_owned(), place, node: Some(node) };
        match out.iter_mut().find(|p| p.wire == wire && p.place == place) {
            Some(known) => *known = parameter,
            None => out.push(parameter),
        }
    }
    out
}

/// Makes the parameters that stand in the path alone, and drops those that do not.
fn add_undeclared(path: &str, parameters: &mut Vec<Parameter<'_>>) {
    let wanted = placeholders(path);
    parameters.retain(|p| p.place != Place::Path || wanted.contains(&p.wire));
    for name in wanted {
        if !parameters.iter().any(|p| p.place == Place::Path && p.wire == name) {
            parameters.push(Parameter { wire: name, place: Place::Path, node: None });
        }
    }
    // in the order of the path
    let order = placeholders(path);
    parameters.sort_by_key(|p| {
        order.iter().position(|o| *o == p.wire && p.place == Place::Path).unwrap_or(usize::MAX)
    });
}

/// Returns the names of a path's placeholders.
pub fn placeholders(path: &str) -> Vec<String> {
    let mut out = Vec::new();
    let mut rest = path;
    while let Some(open) = rest.find('{') {
        let Some(close) = rest[open..].find('}') else { break };
        let name = rest[open + 1..open + close].to_owned();
        if !name.is_empty() && !out.contains(&name) {
            out.push(name);
        }
        rest = &rest[open + close + 1..];
    }
    out
}

fn add_parameter(spec: &Spec<'_>, inputs: &mut Inputs, parameter: &Parameter<'_>, route: &Route<'_>) {
    let Some(node) = parameter.node else {
        let schema = json!({"type": "string"});
        insert(inputs, &parameter.wire, parameter.place, schema, true);
        return;
    };
    let description = node.text("description").unwrap_or_default();
    let mut lowered = parameter_schema(spec, node);
    let candidate =
        Candidate { wire: &parameter.wire, place: parameter.place, description, schema: &lowered.schema };
    if let Some((kind, value)) = supplied::classify(&candidate, &spec.secured) {
        inputs.supplied.push(Supplied { wire: parameter.wire.clone(), place: parameter.place, kind, value });
        return;
    }
    let required = node.flag("required") || parameter.place == Place::Path;
    if !required && (node.flag("deprecated") || mine::deprecated(description)) {
        inputs.pruned.push(format!("{}: deprecated", parameter.wire));
        return;
    }
    if let Some(map) = lowered.schema.as_object_mut() {
        let text = prose::shorten(&prose::plain(description), 200);
        if !text.is_empty() {
            map.shift_remove("description");
            let after_type = usize::from(map.contains_key("type"));
            map.shift_insert(after_type, "description".into(), text.into());
        }
        if let Some(example) = node
            .value
            .get("example")
            .filter(|e| !e.is_object() && !map.contains_key("enum") && e.to_string().len() <= 80)
        {
            map.entry("examples").or_insert(json!([example]));
        }
    }
    retype(&parameter.wire, &mut lowered.schema);
    mine::enrich(&names::property(&parameter.wire), description, &mut lowered.schema, &mut inputs.mined);
    let name = insert(inputs, &parameter.wire, parameter.place, lowered.schema, required);
    inputs.texts.push((name, description.to_owned()));
    absorb(inputs, lowered.pruned, lowered.mined);
    let _ = route;
}

/// Lowers a parameter's schema: 3.x keeps it apart or by media type, 2.0 beside the name.
fn parameter_schema(spec: &Spec<'_>, node: Node<'_>) -> Lowered {
    let content =
        node.get("content").and_then(|c| c.entries().next().and_then(|(_, media)| media.get("schema")));
    let schema = node.get("schema").or(content);
    let mut lowered =
        schema::lower(spec.document, schema.unwrap_or(node), Side::Input, spec.limits.ref_depth, NODES_MAX);
    if let Some(map) = lowered.schema.as_object_mut() {
        if schema.is_none() {
            // a 2.0 parameter's own `required` is no list and its description is handled by the caller
            map.shift_remove("required");
        }
        if !map.contains_key("type") && !map.contains_key("anyOf") {
            map.shift_insert(0, "type".into(), json!("string"));
        }
    }
    lowered
}

/// Mends types that the name contradicts: a language or a country is no number.
fn retype(wire: &str, schema: &mut Value) {
    let textual = prose::words(wire)
        .last()
        .is_some_and(|w| matches!(w.as_str(), "language" | "lang" | "country" | "locale" | "currency"));
    if textual && schema.get("type").is_some_and(|t| t == "number") {
        schema["type"] = json!("string");
    }
}

fn absorb(inputs: &mut Inputs, pruned: Vec<String>, mined: Mined) {
    inputs.pruned.extend(pruned);
    for (name, unit) in mined.units {
        inputs.mined.units.entry(name).or_insert(unit);
    }
    for (name, values) in mined.allowed {
        inputs.mined.allowed.entry(name).or_insert(values);
    }
}

/// Adds a property under a free name, and returns that name.
fn insert(inputs: &mut Inputs, wire: &str, place: Place, schema: Value, required: bool) -> String {
    let mut name = names::property(wire);
    if inputs.properties.contains_key(&name) {
        let prefix = match place {
            Place::Path => "path",
            Place::Query => "query",
            Place::Header => "header",
            Place::Cookie => "cookie",
            Place::Body => "body",
        };
        name = names::property(&format!("{prefix}_{name}"));
        let base = name.clone();
        let mut n = 2;
        while inputs.properties.contains_key(&name) {
            name = format!("{base}_{n}");
            n += 1;
        }
    }
    inputs.properties.insert(name.clone(), schema);
    inputs.places.push(ParamPlace { name: name.clone(), wire: wire.to_owned(), place });
    if required {
        inputs.required.push(name.clone());
    }
    name
}

/// Adds 2.0's form fields.
fn add_form(spec: &Spec<'_>, inputs: &mut Inputs, fields: &[Node<'_>], operation: Node<'_>) {
    let consumes = spec.consumes(operation);
    let multipart = consumes.iter().any(|c| c.starts_with("multipart"))
        || fields.iter().any(|f| f.text("type") == Some("file"));
    inputs.encoding = Some(if multipart { BodyEncoding::Multipart } else { BodyEncoding::Form });
    for field in fields {
        let Some(wire) = field.text("name").filter(|n| !n.is_empty()) else { continue };
        let parameter = Parameter { wire: wire.to_owned(), place: Place::Body, node: Some(*field) };
        let before = inputs.properties.len();
        let route = Route { method: Method::Post, path: "", text: "" };
        add_parameter(spec, inputs, &parameter, &route);
        if inputs.properties.len() > before
            && field.text("type").is_some_and(|t| t.eq_ignore_ascii_case("file"))
        {
            inputs.file = Some(wire.to_owned());
        }
    }
}

/// Finds the body's media type and schema, and whether it must be given.
fn body<'a>(
    spec: &Spec<'a>,
    item: Node<'a>,
    operation: Node<'a>,
) -> Option<(String, Option<Node<'a>>, bool)> {
    let parameter =
        raw_parameters(spec, item, operation).into_iter().rev().find(|p| p.text("in") == Some("body"));
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
    Some((media.to_lowercase(), node.get("schema"), request.flag("required")))
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

fn add_body(
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
            insert(inputs, "", Place::Body, json!({"type": "string"}), demanded);
        }
        return;
    };
    let lowered = schema::lower(spec.document, node, Side::Input, spec.limits.ref_depth, NODES_MAX);
    inputs.body_schema = lowered.name;
    let mut schema = lowered.schema;
    flatten_variants(&mut schema, &mut inputs.pruned);
    absorb(inputs, lowered.pruned, lowered.mined);
    let fields = schema.get_mut("properties").map(Value::take);
    let Some(Value::Object(fields)) = fields else {
        add_whole_body(inputs, schema, encoding, demanded);
        return;
    };
    let required: BTreeSet<String> = schema
        .get("required")
        .and_then(Value::as_array)
        .into_iter()
        .flatten()
        .filter_map(Value::as_str)
        .map(str::to_owned)
        .collect();
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
        if encoding == BodyEncoding::Multipart
            && schema.get("format").is_some_and(|f| f == "binary" || f == "byte")
        {
            inputs.file = Some(wire.clone());
        }
        let raw = target
            .get("properties")
            .and_then(|p| p.get(&wire))
            .and_then(|p| p.text("description"))
            .unwrap_or(&description);
        let must = required.contains(&wire) || is_key_of_update(spec, route, &wire);
        let name = insert(inputs, &wire, Place::Body, schema, must);
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
    }
    let name = names::property("body");
    let name = if inputs.properties.contains_key(&name) { "request_body".to_owned() } else { name };
    inputs.properties.insert(name.clone(), schema);
    inputs.places.push(ParamPlace { name: name.clone(), wire: String::new(), place: Place::Body });
    if demanded || !object {
        inputs.required.push(name);
    }
}

/// Turns a body that is a choice between objects into one object with the fields of all.
fn flatten_variants(schema: &mut Value, pruned: &mut Vec<String>) {
    let Some(map) = schema.as_object_mut() else { return };
    let objects = map
        .get("anyOf")
        .and_then(Value::as_array)
        .is_some_and(|v| v.iter().all(|v| v.get("properties").is_some()));
    if !objects {
        return;
    }
    let Some(Value::Array(variants)) = map.shift_remove("anyOf") else { return };
    let named = |v: &Value| -> Vec<String> {
        v.get("required")
            .and_then(Value::as_array)
            .into_iter()
            .flatten()
            .filter_map(Value::as_str)
            .map(str::to_owned)
            .collect()
    };
    let mut common: Vec<String> = variants.first().map(named).unwrap_or_default();
    for variant in &variants {
        let of_this = named(variant);
        common.retain(|r| of_this.contains(r));
    }
    let mut fields: Map<String, Value> = Map::new();
    for variant in &variants {
        for (name, field) in variant.get("properties").and_then(Value::as_object).into_iter().flatten() {
            match fields.get_mut(name) {
                Some(known) => unite(known, field),
                None => {
                    fields.insert(name.clone(), field.clone());
                }
            }
        }
    }
    common.extend(named(&Value::Object(map.clone())));
    map.shift_remove("required");
    let mut all = Map::new();
    all.insert("type".into(), json!("object"));
    all.insert("properties".into(), fields.into());
    if !common.is_empty() {
        all.insert("required".into(), json!(common));
    }
    schema::merge(map, all.into());
    pruned.push(format!("{} kinds of body were joined into one", variants.len()));
}

/// Unites two variants' versions of one field.
fn unite(known: &mut Value, other: &Value) {
    if known == other {
        return;
    }
    let values = |v: &Value| v.get("enum").and_then(Value::as_array).cloned();
    if let (Some(mut all), Some(more)) = (values(known), values(other))
        && known.get("type") == other.get("type")
    {
        for value in more {
            if !all.contains(&value) {
                all.push(value);
            }
        }
        known["enum"] = all.into();
        return;
    }
    let mut variants = match known.get("anyOf").and_then(Value::as_array) {
        Some(variants) => variants.clone(),
        None => vec![known.clone()],
    };
    if !variants.contains(other) {
        variants.push(other.clone());
    }
    *known = json!({"anyOf": variants});
}

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
    let noun = prose::words(noun).iter().map(|w| prose::singular(w)).collect::<Vec<_>>().join("");
    let mentions = |what: &str| route.text.to_lowercase().contains(what);
    let mut out = Vec::new();
    for (name, field) in fields {
        let text = field.get("description").and_then(Value::as_str).unwrap_or_default().to_lowercase();
        let flat = name.to_lowercase().replace(['_', '-'], "");
        let stamp = matches!(
            flat.as_str(),
            "createdat"
                | "updatedat"
                | "createdby"
                | "updatedby"
                | "createdon"
                | "updatedon"
                | "createdtime"
                | "updatedtime"
                | "createtime"
                | "updatetime"
                | "modifiedat"
                | "lastmodified"
                | "datecreated"
                | "dateupdated"
                | "creationdate"
        );
        let plumbing = matches!(flat.as_str(), "etag" | "selflink" | "htmllink")
            || flat == "kind" && field.get("default").is_some()
            || flat == "kind" && (text.contains("type of the resource") || text.contains("always"));
        let own_id = flat == "id" || flat == "uuid" || !noun.is_empty() && flat == format!("{noun}id");
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
    if route.method == Method::Post {
        return false;
    }
    let flat = |t: &str| t.to_lowercase().replace(['_', '-'], "");
    let (parameter, field) = (flat(&parameter.wire), flat(wire));
    let last = placeholders(route.path).last().map(|p| flat(p)) == Some(parameter.clone())
        && route.path.ends_with('}');
    last && (parameter == field || field == "id" && parameter.ends_with("id"))
}

/// Tells whether a field names the record that an update without a path parameter is about.
fn is_key_of_update(spec: &Spec<'_>, route: &Route<'_>, wire: &str) -> bool {
    matches!(route.method, Method::Put | Method::Patch)
        && wire == "id"
        && placeholders(route.path).is_empty()
        && spec.has_item(route.path)
}
