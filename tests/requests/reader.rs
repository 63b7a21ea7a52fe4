//! A reader of requests, written from the specifications and apart from the code that makes them: given an operation's
//! parameters, it finds the arguments again.

use serde_json::{Map, Value};
use toolloom::data::{BodyEncoding, HttpCall, ParamPlace, Place, Style, Tool};
use toolloom::internals::environment::request::HttpRequest;

/// Why a request cannot be read.
pub type Wrong = String;
/// Raw pairs of a query, a form or a cookie: nothing is decoded yet.
type Pairs = Vec<(String, String)>;

/// Returns how a tool is called over HTTP.
pub fn http(tool: &Tool) -> &HttpCall {
    tool.call.http().expect("a tool over HTTP")
}

/// Reads a request's arguments.
pub fn arguments(tool: &Tool, request: &HttpRequest) -> Result<Map<String, Value>, Wrong> {
    let call = http(tool);
    let mut out = Map::new();
    let (path, query) = request.url.split_once('?').unwrap_or((&request.url, ""));
    if !path.chars().chain(query.chars()).all(|c| c.is_ascii_graphic()) {
        return Err(format!("not a URL: {}", request.url));
    }
    if query.contains('#') || path.contains('#') {
        return Err(format!("a fragment in {}", request.url));
    }
    let bare = call.path.split('#').next().unwrap_or_default();
    let template = if call.path.matches('{').count() > bare.matches('{').count() { &call.path } else { bare };
    let (path_template, query_template) = template.split_once('?').unwrap_or((template, ""));
    let mut captures = segments(tool, path_template, path, false)?;
    for pair in query_template.split('&') {
        let path = |p: &&ParamPlace| p.place == Place::Path && pair.contains(&format!("{{{}}}", p.wire));
        if let Some(place) = call.places.iter().find(path) {
            captures.extend(segments(tool, pair, query, true)?);
            if !pair.ends_with(&format!("={{{}}}", place.wire)) {
                return Err(format!("no single placeholder in {pair}"));
            }
        }
    }
    let cookies = header(request, "cookie").unwrap_or_default().to_owned();
    let mut sources = [(Place::Query, pairs(query, "&")), (Place::Cookie, pairs(&cookies, "; "))];
    for place in &call.places {
        let schema = &tool.parameters["properties"][&place.name];
        let value = match place.place {
            Place::Path => {
                let raw = captures.iter().find(|(name, _)| *name == place.wire);
                let (_, raw) = raw.ok_or_else(|| format!("no {} in {path}", place.wire))?;
                Some(segment(place, schema, raw)?)
            }
            Place::Header => match header(request, &place.wire) {
                Some(text) => Some(simple(text, place, schema, &|t| Ok(t.to_owned()))?),
                None => None,
            },
            Place::Query | Place::Cookie => {
                let names = names(tool, place.place);
                let (_, source) = sources.iter_mut().find(|(p, _)| *p == place.place).ok_or("no source")?;
                styled(place, schema, source, &names)?
            }
            Place::Body => None,
        };
        if let Some(value) = value {
            out.insert(place.name.clone(), value);
        }
    }
    body(tool, request, &mut out)?;
    Ok(out)
}

/// The wire names that a place's other parameters have.
fn names(tool: &Tool, place: Place) -> Vec<String> {
    let call = http(tool);
    let own = call.places.iter().filter(|p| p.place == place).map(|p| p.wire.clone());
    own.chain(call.supplied.iter().filter(|s| s.place == place).map(|s| s.wire.clone())).collect()
}

fn header<'a>(request: &'a HttpRequest, name: &str) -> Option<&'a str> {
    request.headers.iter().find(|(n, _)| n.eq_ignore_ascii_case(name)).map(|(_, value)| value.as_str())
}

fn pairs(text: &str, between: &str) -> Pairs {
    let pairs = text.split(between).filter(|p| !p.is_empty());
    pairs.map(|p| p.split_once('=').unwrap_or((p, ""))).map(|(k, v)| (k.to_owned(), v.to_owned())).collect()
}

/// Finds what stands for a template's placeholders.
fn segments(tool: &Tool, template: &str, text: &str, anywhere: bool) -> Result<Vec<(String, String)>, Wrong> {
    let mut pattern = String::new();
    let mut names = Vec::new();
    let mut rest = template;
    while let Some((before, after)) = rest.split_once('{') {
        let (name, after) = after.split_once('}').ok_or("an open placeholder")?;
        pattern.push_str(&literal(before));
        pattern.push_str(&holder(tool, name));
        names.push(name.to_owned());
        rest = after;
    }
    pattern.push_str(&literal(rest));
    let pattern = if anywhere { pattern } else { format!("{pattern}$") };
    let found = regex::Regex::new(&pattern).map_err(|e| e.to_string())?;
    let found = found.captures(text).ok_or_else(|| format!("{text} is no {template}"))?;
    Ok(names.into_iter().zip(found.iter().skip(1).flatten().map(|m| m.as_str().to_owned())).collect())
}

/// A pattern for what may stand for a placeholder.
fn holder(tool: &Tool, name: &str) -> String {
    let place = http(tool).places.iter().find(|p| p.place == Place::Path && p.wire == name);
    let schema = place.map(|p| &tool.parameters["properties"][&p.name]);
    let plain = place.is_some_and(|p| p.written.style.is_none());
    let choices = schema.and_then(|s| s["enum"].as_array()).filter(|_| plain);
    if let Some(choices) = choices {
        let texts = choices.iter().map(|c| c.as_str().map_or_else(|| c.to_string(), str::to_owned));
        return format!("({})", texts.map(|t| literal(&t)).collect::<Vec<_>>().join("|"));
    }
    match schema.map(kind) {
        Some("integer") if plain => "(-?[0-9]+)".to_owned(),
        _ if name.starts_with('+') => "(.*)".to_owned(),
        _ => "([^/?&]*)".to_owned(),
    }
}

/// A pattern for a template's own text, some characters of which may be escaped.
fn literal(text: &str) -> String {
    let one = |c: char| {
        let escaped: Vec<String> = c.to_string().bytes().map(|b| format!("%{b:02X}")).collect();
        let escaped = escaped.concat();
        format!("(?:{}|{escaped})", regex::escape(&c.to_string()))
    };
    text.chars().map(|c| if c.is_ascii_alphanumeric() { c.to_string() } else { one(c) }).collect()
}

/// Undoes percent-escapes.
fn decode(text: &str) -> Result<String, Wrong> {
    let bytes = text.as_bytes();
    let mut out = Vec::new();
    let mut at = 0;
    while at < bytes.len() {
        if bytes[at] == b'%' {
            let hex = text.get(at + 1..at + 3).ok_or_else(|| format!("half an escape in {text}"))?;
            out.push(u8::from_str_radix(hex, 16).map_err(|e| format!("{e} in {text}"))?);
            at += 3;
        } else {
            out.push(bytes[at]);
            at += 1;
        }
    }
    String::from_utf8(out).map_err(|e| e.to_string())
}

type Decode<'a> = &'a dyn Fn(&str) -> Result<String, Wrong>;

/// What a schema says a value is.
fn kind(schema: &Value) -> &str {
    schema.get("type").and_then(Value::as_str).unwrap_or_default()
}

/// Reads a choice by its first variant that can be read.
fn choice<T>(schema: &Value, mut read: impl FnMut(&Value) -> Result<T, Wrong>) -> Option<Result<T, Wrong>> {
    let variants = schema.get("anyOf").and_then(Value::as_array).filter(|v| !v.is_empty())?;
    let mut last = Err("no variant".to_owned());
    for variant in variants {
        last = read(variant);
        if last.is_ok() {
            break;
        }
    }
    Some(last)
}

/// Reads one text as a schema's value; lists and objects are JSON here.
fn scalar(text: &str, schema: &Value) -> Result<Value, Wrong> {
    if let Some(read) = choice(schema, |variant| scalar(text, variant)) {
        return read;
    }
    // only what is written the one way in which JSON is written here is JSON
    let json = serde_json::from_str::<Value>(text)
        .ok()
        .filter(|v| serde_json::to_string(v).is_ok_and(|t| t == text));
    let value = match kind(schema) {
        "string" => Value::from(text),
        "" => json.unwrap_or_else(|| Value::from(text)),
        _ => json.ok_or_else(|| format!("{text:?} is no {schema}"))?,
    };
    let fits = match kind(schema) {
        "integer" => value.is_i64() || value.is_u64(),
        "number" => value.is_number(),
        "boolean" => value.is_boolean(),
        "array" => value.is_array(),
        "object" => value.is_object(),
        _ => true,
    };
    let known = schema.get("enum").and_then(Value::as_array).is_none_or(|e| e.contains(&value));
    if fits && known { Ok(value) } else { Err(format!("{text:?} is no {schema}")) }
}

fn list(texts: &[String], schema: &Value) -> Result<Value, Wrong> {
    let items = schema.get("items").unwrap_or(&Value::Null);
    texts.iter().map(|t| scalar(t, items)).collect()
}

fn field<'a>(schema: &'a Value, name: &str) -> &'a Value {
    let known = schema.get("properties").and_then(|p| p.get(name));
    known.or_else(|| schema.get("additionalProperties")).unwrap_or(&Value::Null)
}

fn object(pairs: &[(String, String)], schema: &Value) -> Result<Value, Wrong> {
    let fields: Result<Map<String, Value>, Wrong> =
        pairs.iter().map(|(k, v)| Ok((k.clone(), scalar(v, field(schema, k))?))).collect();
    Ok(Value::Object(fields?))
}

/// `k,v,k,v`
fn alternating(words: &[String]) -> Result<Pairs, Wrong> {
    if !words.len().is_multiple_of(2) {
        return Err(format!("an odd number of words: {words:?}"));
    }
    Ok(words.chunks(2).map(|two| (two[0].clone(), two[1].clone())).collect())
}

fn split(text: &str, between: &str, decode: Decode<'_>) -> Result<Vec<String>, Wrong> {
    text.split(between).map(decode).collect()
}

fn split_pairs(text: &str, between: &str, decode: Decode<'_>) -> Result<Pairs, Wrong> {
    let pair = |p: &str| {
        let (key, value) = p.split_once('=').ok_or_else(|| format!("no = in {p}"))?;
        Ok((decode(key)?, decode(value)?))
    };
    text.split(between).map(pair).collect()
}

fn of_media(text: &str, place: &ParamPlace, schema: &Value) -> Option<Result<Value, Wrong>> {
    let media = place.written.media.as_ref()?;
    if media.contains("json") {
        return Some(serde_json::from_str(text).map_err(|e| e.to_string()));
    }
    Some(scalar(text, schema))
}

fn simple(text: &str, place: &ParamPlace, schema: &Value, decode: Decode<'_>) -> Result<Value, Wrong> {
    if let Some(read) = of_media(&decode(text)?, place, schema) {
        return read;
    }
    if let Some(read) = choice(schema, |variant| simple(text, place, variant, decode)) {
        return read;
    }
    match kind(schema) {
        "array" => list(&split(text, ",", decode)?, schema),
        "object" if place.written.explode == Some(true) => object(&split_pairs(text, ",", decode)?, schema),
        "object" => object(&alternating(&split(text, ",", decode)?)?, schema),
        _ => scalar(&decode(text)?, schema),
    }
}

/// Reads a path's parameter.
fn segment(place: &ParamPlace, schema: &Value, raw: &str) -> Result<Value, Wrong> {
    if let Some(read) = choice(schema, |variant| segment(place, variant, raw)) {
        return read;
    }
    let explode = place.written.explode == Some(true);
    match place.written.style {
        Some(Style::Label) => {
            let rest = raw.strip_prefix('.').ok_or_else(|| format!("no label: {raw}"))?;
            match (kind(schema), explode) {
                ("array", true) => list(&split(rest, ".", &decode)?, schema),
                ("object", true) => object(&split_pairs(rest, ".", &decode)?, schema),
                _ => simple(rest, place, schema, &decode),
            }
        }
        Some(Style::Matrix) => {
            let rest = raw.strip_prefix(';').ok_or_else(|| format!("no matrix: {raw}"))?;
            let pairs = pairs(rest, ";");
            let values: Result<Vec<String>, Wrong> = pairs.iter().map(|(_, v)| decode(v)).collect();
            match (kind(schema), explode) {
                ("array", true) => list(&values?, schema),
                ("object", true) => object(&split_pairs(rest, ";", &decode)?, schema),
                _ => simple(&pairs[0].1, place, schema, &decode),
            }
        }
        _ => simple(raw, place, schema, &decode),
    }
}

/// Reads a parameter from pairs. `names` are those of all parameters beside it.
fn styled(
    place: &ParamPlace,
    schema: &Value,
    source: &mut Pairs,
    names: &[String],
) -> Result<Option<Value>, Wrong> {
    if let Some(read) = choice(schema, |variant| styled(place, variant, source, names)) {
        return read;
    }
    let style = place.written.style.unwrap_or(Style::Form);
    let explode = place.written.explode.unwrap_or(style == Style::Form);
    let decoded: Result<Pairs, Wrong> = source.iter().map(|(k, v)| Ok((decode(k)?, v.clone()))).collect();
    let decoded = decoded?;
    let own: Vec<&String> = decoded.iter().filter(|(k, _)| *k == place.wire).map(|(_, v)| v).collect();
    if place.written.media.is_some() {
        let Some(text) = own.first() else { return Ok(None) };
        return of_media(&decode(text)?, place, schema).transpose();
    }
    if style == Style::DeepObject {
        return deep(place, schema, &decoded);
    }
    if own.len() > 1 && !explode {
        return Err(format!("several {}", place.wire));
    }
    match (kind(schema), explode) {
        ("array", true) => {
            let texts: Result<Vec<String>, Wrong> = own.iter().map(|v| decode(v)).collect();
            if own.is_empty() { Ok(None) } else { list(&texts?, schema).map(Some) }
        }
        ("object", true) => {
            let known = |k: &String| schema.get("properties").is_some_and(|p| p.get(k).is_some());
            let open = schema.get("additionalProperties") != Some(&Value::Bool(false));
            let mine = decoded.iter().filter(|(k, _)| known(k) || open && !names.contains(k));
            let mine: Result<Pairs, Wrong> = mine.map(|(k, v)| Ok((k.clone(), decode(v)?))).collect();
            let mine = mine?;
            if mine.is_empty() { Ok(None) } else { object(&mine, schema).map(Some) }
        }
        (what, _) => {
            let Some(text) = own.first() else { return Ok(None) };
            let between = match style {
                Style::SpaceDelimited => "%20",
                Style::TabDelimited => "%09",
                Style::PipeDelimited => "%7C",
                _ => ",",
            };
            match what {
                "array" => list(&split(text, between, &decode)?, schema),
                "object" => object(&alternating(&split(text, between, &decode)?)?, schema),
                _ if own.len() > 1 => Err(format!("several {}", place.wire)),
                _ => scalar(&decode(text)?, schema),
            }
            .map(Some)
        }
    }
}

/// A value whose names are nested, before its types are known.
#[derive(Default)]
struct Nested {
    text: Option<String>,
    inner: Vec<(String, Nested)>,
}

fn deep(place: &ParamPlace, schema: &Value, pairs: &Pairs) -> Result<Option<Value>, Wrong> {
    let mut root = Nested::default();
    let mut any = false;
    for (key, value) in pairs {
        let Some(rest) = key.strip_prefix(place.wire.as_str()) else { continue };
        if !(rest.is_empty() || rest.starts_with('[') && rest.ends_with(']')) {
            continue;
        }
        any = true;
        let mut at = &mut root;
        if !rest.is_empty() {
            for step in rest[1..rest.len() - 1].split("][") {
                let known = at.inner.iter().position(|(k, _)| k == step);
                let index = known.unwrap_or_else(|| {
                    at.inner.push((step.to_owned(), Nested::default()));
                    at.inner.len() - 1
                });
                at = &mut at.inner[index].1;
            }
        }
        at.text = Some(decode(value)?);
    }
    if any { typed(&root, schema).map(Some) } else { Ok(None) }
}

fn typed(nested: &Nested, schema: &Value) -> Result<Value, Wrong> {
    if let Some(read) = choice(schema, |variant| typed(nested, variant)) {
        return read;
    }
    if let Some(text) = &nested.text {
        return match kind(schema) {
            "array" | "object" => Err("a text for a list or an object".to_owned()),
            // lists and objects are no texts here
            _ => scalar(text, schema)
                .map(|v| if v.is_array() || v.is_object() { text.as_str().into() } else { v }),
        };
    }
    let numbered = nested.inner.iter().enumerate().all(|(i, (k, _))| *k == i.to_string());
    match kind(schema) {
        "array" | "" if numbered => {
            let items = schema.get("items").unwrap_or(&Value::Null);
            nested.inner.iter().map(|(_, n)| typed(n, items)).collect()
        }
        "object" | "" => {
            let fields: Result<Map<String, Value>, Wrong> =
                nested.inner.iter().map(|(k, n)| Ok((k.clone(), typed(n, field(schema, k))?))).collect();
            Ok(Value::Object(fields?))
        }
        _ => Err("nested names for a scalar".to_owned()),
    }
}

/// A body's field before its types are known.
struct Part {
    name: String,
    text: String,
}

fn body(tool: &Tool, request: &HttpRequest, out: &mut Map<String, Value>) -> Result<(), Wrong> {
    let Some(text) = &request.body else { return Ok(()) };
    let call = http(tool);
    let media = header(request, "content-type").ok_or("a body without a type")?;
    let places: Vec<&ParamPlace> = call.places.iter().filter(|p| p.place == Place::Body).collect();
    let schema = |place: &ParamPlace| tool.parameters["properties"][&place.name].clone();
    if let Some(whole) = places.iter().find(|p| p.wire.is_empty()) {
        let value = match call.body {
            BodyEncoding::Json => serde_json::from_str(text).map_err(|e| e.to_string())?,
            BodyEncoding::Form | BodyEncoding::Multipart if kind(&schema(whole)) == "object" => {
                whole_object(&parts(call.body, media, text)?, &schema(whole))?
            }
            _ => scalar(text, &schema(whole))?,
        };
        out.insert(whole.name.clone(), value);
        return Ok(());
    }
    if call.body == BodyEncoding::Json || call.body == BodyEncoding::Text {
        let value: Map<String, Value> = serde_json::from_str(text).map_err(|e| e.to_string())?;
        for (wire, value) in value {
            let place = places.iter().find(|p| p.wire == wire);
            match place {
                Some(place) => {
                    out.insert(place.name.clone(), value);
                }
                None if call.supplied.iter().any(|s| s.wire == wire) => {}
                None => return Err(format!("an unknown field {wire}")),
            }
        }
        return Ok(());
    }
    let names = names(tool, Place::Body);
    let mut raw =
        if call.body == BodyEncoding::Form { pairs(&text.replace('+', "%20"), "&") } else { Vec::new() };
    let parts = parts(call.body, media, text)?;
    for place in places {
        let schema = schema(place);
        let styled_field = place.written.style.is_some() || place.written.explode.is_some();
        let value = if styled_field && call.body == BodyEncoding::Form {
            styled(place, &schema, &mut raw, &names)?
        } else {
            let own: Vec<String> =
                parts.iter().filter(|p| p.name == place.wire).map(|p| p.text.clone()).collect();
            plain_field(place, &schema, &own)?
        };
        if let Some(value) = value {
            out.insert(place.name.clone(), value);
        }
    }
    Ok(())
}

/// Reads a field that is written once for each item, or joined in one part.
fn plain_field(place: &ParamPlace, schema: &Value, own: &[String]) -> Result<Option<Value>, Wrong> {
    if own.is_empty() {
        return Ok(None);
    }
    if let Some(read) = choice(schema, |variant| plain_field(place, variant, own)) {
        return read;
    }
    let json = place.written.media.as_ref().is_some_and(|m| m.contains("json"));
    let one = |text: &String, schema: &Value| {
        if json { serde_json::from_str(text).map_err(|e| e.to_string()) } else { scalar(text, schema) }
    };
    if kind(schema) != "array" {
        if own.len() > 1 {
            return Err("several values".to_owned());
        }
        return one(&own[0], schema).map(Some);
    }
    if place.written.style.is_some() || place.written.explode == Some(false) {
        let between = match place.written.style {
            Some(Style::SpaceDelimited) => " ",
            Some(Style::TabDelimited) => "\t",
            Some(Style::PipeDelimited) => "|",
            _ => ",",
        };
        return list(&split(&own[0], between, &|t| Ok(t.to_owned()))?, schema).map(Some);
    }
    let items = schema.get("items").unwrap_or(&Value::Null);
    own.iter().map(|text| one(text, items)).collect::<Result<Value, Wrong>>().map(Some)
}

fn whole_object(parts: &[Part], schema: &Value) -> Result<Value, Wrong> {
    let mut out = Map::new();
    for part in parts {
        let own: Vec<&Part> = parts.iter().filter(|p| p.name == part.name).collect();
        let field = field(schema, &part.name);
        let value = if kind(field) == "array" || own.len() > 1 {
            list(&own.iter().map(|p| p.text.clone()).collect::<Vec<_>>(), field)?
        } else {
            scalar(&part.text, field)?
        };
        out.insert(part.name.clone(), value);
    }
    Ok(Value::Object(out))
}

/// Takes a form or parts apart.
fn parts(encoding: BodyEncoding, media: &str, text: &str) -> Result<Vec<Part>, Wrong> {
    if encoding == BodyEncoding::Form {
        let pairs = pairs(text, "&").into_iter();
        let plain = |t: &str| decode(&t.replace('+', "%20"));
        return pairs.map(|(k, v)| Ok(Part { name: plain(&k)?, text: plain(&v)? })).collect();
    }
    let (_, boundary) = media.split_once("boundary=").ok_or("no boundary")?;
    let text = text.strip_suffix(&format!("--{boundary}--\r\n")).ok_or("no end")?;
    let mut out = Vec::new();
    for part in text.split(&format!("--{boundary}\r\n")).skip(1) {
        let part = part.strip_suffix("\r\n").ok_or("a part without its end")?;
        let (head, text) = part.split_once("\r\n\r\n").ok_or("a part without a body")?;
        let (_, name) = head.split_once("name=\"").ok_or("a part without a name")?;
        let (name, _) = name.split_once('"').ok_or("an open name")?;
        let name = name.replace("%22", "\"").replace("%0D", "\r").replace("%0A", "\n");
        out.push(Part { name, text: text.to_owned() });
    }
    Ok(out)
}
