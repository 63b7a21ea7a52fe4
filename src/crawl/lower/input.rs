//! Parameters and body of an operation → one closed object schema, with the place of each property.

use super::body;
use super::supplied::{self, Candidate};
use super::written;
use crate::config::plan::Limits;
use crate::crawl::prose;
use crate::crawl::schema::mend;
use crate::crawl::schema::mine;
use crate::crawl::schema::{self, Lowered, Side};
use crate::crawl::spec::Spec;
use crate::crawl::spec::document::Node;
use crate::crawl::spec::names;
use crate::data::{BodyEncoding, Method, Mined, ParamPlace, Place, Supplied, SuppliedKind, Written};
use serde_json::{Map, Value, json};

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
    /// The body's media type, where it is not the encoding's usual one.
    pub media: Option<String>,
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

impl Inputs {
    /// Returns the names of what must be given and is no choice.
    pub fn free(&self) -> Vec<String> {
        self.required.iter().filter(|r| self.properties[*r].get("enum").is_none()).cloned().collect()
    }
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

/// Returns the most schema nodes that one parameter, or the body, may have before references are cut. A node takes more than
/// eight bytes of a tool's definition, so what is cut here would not fit there.
pub fn nodes_max(limits: &Limits) -> usize {
    (limits.tool_bytes / 8).max(64)
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
    if let Some((media, node, demanded)) = body::find(spec, item, operation) {
        body::add(spec, &mut inputs, route, &media, node, demanded);
        inputs.media = inputs.encoding.and_then(|encoding| written::media(encoding, &media));
        written::fields(spec, operation, &media, &mut inputs.places);
    }
    inputs
}

struct Parameter<'a> {
    wire: String,
    place: Place,
    node: Option<Node<'a>>,
    /// Whether what it stands in demands it.
    demanded: bool,
}

/// Returns the parameters of path and operation, resolved, as they stand.
pub fn raw_parameters<'a>(spec: &Spec<'a>, item: Node<'a>, operation: Node<'a>) -> Vec<Node<'a>> {
    let all = item.items("parameters").into_iter().chain(operation.items("parameters"));
    all.filter_map(|p| spec.document.follow(p)).collect()
}

/// Collects the parameters of path and operation; the operation's win.
fn collect<'a>(spec: &Spec<'a>, item: Node<'a>, operation: Node<'a>) -> Vec<Parameter<'a>> {
    let mut out: Vec<Parameter<'a>> = Vec::new();
    for node in raw_parameters(spec, item, operation) {
        if node.text("in") == Some("querystring") {
            out.extend(query_string(spec, node));
            continue;
        }
        let Some(wire) = node.text("name").filter(|n| !n.is_empty()) else { continue };
        let place = match node.text("in").unwrap_or("query").to_lowercase().as_str() {
            "path" => Place::Path,
            "query" => Place::Query,
            "header" => Place::Header,
            "cookie" => Place::Cookie,
            _ => continue,
        };
        let parameter = Parameter { wire: wire.to_owned(), place, node: Some(node), demanded: false };
        match out.iter_mut().find(|p| p.wire == wire && p.place == place) {
            Some(known) => *known = parameter,
            None => out.push(parameter),
        }
    }
    out
}

/// Returns the fields of 3.2's parameter that is the whole query, each as a parameter of its own.
fn query_string<'a>(spec: &Spec<'a>, node: Node<'a>) -> Vec<Parameter<'a>> {
    let form = |media: &str| media.to_lowercase().contains("x-www-form-urlencoded");
    let content = node.get("content").into_iter().flat_map(Node::entries).find(|(media, _)| form(media));
    let schema = content.and_then(|(_, media)| spec.document.follow(media)?.get("schema"));
    let Some(schema) = schema.and_then(|s| spec.document.follow(s)) else { return Vec::new() };
    let required: Vec<&str> = schema.items("required").iter().filter_map(|r| r.value.as_str()).collect();
    let fields = schema.get("properties").into_iter().flat_map(Node::entries);
    fields
        .map(|(name, field)| Parameter {
            wire: name.clone(),
            place: Place::Query,
            node: Some(field),
            demanded: node.flag("required") && required.contains(&name.as_str()),
        })
        .collect()
}

/// Makes the parameters that stand in the path alone, and drops those that do not.
fn add_undeclared(path: &str, parameters: &mut Vec<Parameter<'_>>) {
    let mut wanted = placeholders(path);
    // `?query={query}` says again what a parameter of the query says
    let before = path.split('?').next().unwrap_or_default();
    let in_query = |name: &String, parameters: &[Parameter<'_>]| {
        parameters.iter().any(|p| p.place == Place::Query && p.wire == *name)
            && !before.contains(&format!("{{{name}}}"))
    };
    wanted.retain(|name| !in_query(name, parameters));
    parameters.retain(|p| p.place != Place::Path || wanted.contains(&p.wire));
    for name in wanted {
        if !parameters.iter().any(|p| p.place == Place::Path && p.wire == name) {
            parameters.push(Parameter { wire: name, place: Place::Path, node: None, demanded: true });
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
    let required = node.flag("required") || parameter.demanded || parameter.place == Place::Path;
    if let (true, Place::Query | Place::Header, Some([only])) =
        (required, parameter.place, lowered.schema.get("enum").and_then(Value::as_array).map(Vec::as_slice))
    {
        let value = Some(only.clone());
        inputs.supplied.push(Supplied {
            wire: parameter.wire.clone(),
            place: parameter.place,
            kind: SuppliedKind::Transport,
            value,
        });
        return;
    }
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
    if let Some(map) = lowered.schema.as_object_mut() {
        mend::mend(map);
    }
    let written = written::parameter(node, parameter.place, &lowered.schema);
    let name = insert(inputs, &parameter.wire, parameter.place, lowered.schema, required);
    if let Some(place) = inputs.places.last_mut() {
        place.written = written;
    }
    inputs.texts.push((name, description.to_owned()));
    absorb(inputs, lowered.pruned, lowered.mined);
    let _ = route;
}

/// Lowers a parameter's schema: 3.x keeps it apart or by media type, 2.0 beside the name.
fn parameter_schema(spec: &Spec<'_>, node: Node<'_>) -> Lowered {
    let content =
        node.get("content").and_then(|c| c.entries().next().and_then(|(_, media)| media.get("schema")));
    let schema = node.get("schema").or(content);
    let mut lowered = schema::lower(
        spec.document,
        schema.unwrap_or(node),
        Side::Input,
        spec.limits.ref_depth,
        nodes_max(spec.limits),
    );
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

/// Takes over what lowering one schema found.
pub fn absorb(inputs: &mut Inputs, pruned: Vec<String>, mined: Mined) {
    inputs.pruned.extend(pruned);
    for (name, unit) in mined.units {
        inputs.mined.units.entry(name).or_insert(unit);
    }
    for (name, values) in mined.allowed {
        inputs.mined.allowed.entry(name).or_insert(values);
    }
}

/// Adds a property under a free name, and returns that name.
pub fn insert(inputs: &mut Inputs, wire: &str, place: Place, schema: Value, required: bool) -> String {
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
            let end = format!("_{n}");
            // names are ASCII by now, and none may have more than 64 characters
            name = format!("{}{end}", &base[..base.len().min(64 - end.len())]);
            n += 1;
        }
    }
    inputs.properties.insert(name.clone(), schema);
    let written = Written::default();
    inputs.places.push(ParamPlace { name: name.clone(), wire: wire.to_owned(), place, written });
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
        let parameter =
            Parameter { wire: wire.to_owned(), place: Place::Body, node: Some(*field), demanded: false };
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
