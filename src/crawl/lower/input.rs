//! Parameters and body of an operation → one closed object schema, with the place of each property.

use super::supplied::{self, Candidate};
use super::{body, written};
use crate::crawl::prose;
use crate::crawl::schema::{self, Lowered, Side, mend, mine};
use crate::crawl::values::{Inputs, Node, Route, Spec, names, placeholders};
use crate::data::{BodyEncoding, Place, Supplied, SuppliedKind};
use serde_json::{Value, json};

/// Lowers everything that a caller gives.
pub fn lower(spec: &Spec<'_>, route: &Route<'_>, item: Node<'_>, operation: Node<'_>) -> Inputs {
    let mut inputs = Inputs::default();
    let mut parameters = collect(spec, item, operation);
    add_undeclared(route.path, &mut parameters);
    for place in [Place::Path, Place::Query, Place::Header, Place::Cookie] {
        for parameter in parameters.iter().filter(|p| p.place == place) {
            add_parameter(spec, &mut inputs, parameter);
        }
    }
    let form: Vec<Node<'_>> = spec
        .parameters(item, operation)
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

/// Collects the parameters of path and operation; the operation's win.
fn collect<'a>(spec: &Spec<'a>, item: Node<'a>, operation: Node<'a>) -> Vec<Parameter<'a>> {
    let mut out: Vec<Parameter<'a>> = Vec::new();
    for node in spec.parameters(item, operation) {
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

fn add_parameter(spec: &Spec<'_>, inputs: &mut Inputs, parameter: &Parameter<'_>) {
    let Some(node) = parameter.node else {
        let schema = json!({"type": "string"});
        inputs.insert(&parameter.wire, parameter.place, schema, true);
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
    let name = inputs.insert(&parameter.wire, parameter.place, lowered.schema, required);
    if let Some(place) = inputs.places.last_mut() {
        place.written = written;
    }
    inputs.texts.push((name, description.to_owned()));
    inputs.absorb(lowered.pruned, lowered.mined);
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
        super::nodes_max(spec.limits),
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
        add_parameter(spec, inputs, &parameter);
        if inputs.properties.len() > before
            && field.text("type").is_some_and(|t| t.eq_ignore_ascii_case("file"))
        {
            inputs.file = Some(wire.to_owned());
        }
    }
}
