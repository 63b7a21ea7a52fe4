//! A schema compiled into a plan: what each field means is found out once, records are then drawn quickly.

use super::cast::Cast;
use super::classify::{Ask, classify, is_id, one_of, words_of};
use super::dice::{Dice, hash, mix};
use super::domain::Domain;
use super::fit::{Fit, Leaf, Raw};
use super::kind::{Kind, Often};
use super::mined::allowed_values;
use super::noun::Noun;
use super::render::render;
use super::rules;
use super::setting::Setting;
use super::subject::{Fact, variety};
use super::tables;
use crate::data::required_of;
use rand_chacha::ChaCha8Rng;
use serde_json::{Map, Value};

/// A resource's schema, understood: draws its records.
#[derive(Clone, Debug)]
pub struct RecordPlan {
    noun: Noun,
    domain: Domain,
    resource: String,
    root: Field,
}

#[derive(Clone, Debug)]
struct Field {
    name: String,
    path: String,
    kind: Kind,
    often: Often,
    required: bool,
    salt: u64,
    fit: Fit,
    shape: Shape,
}

#[derive(Clone, Debug)]
enum Shape {
    Leaf,
    Object(Vec<Field>, Scope),
    List(Box<Field>, usize, usize, Scope),
    Either(Vec<Field>),
}

/// Whose facts the fields of an inner object are read off.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Scope {
    /// The record's own.
    Same,
    /// One of its tags.
    Tag,
    /// Another thing's.
    Thing(Noun),
}

/// Where a field stands.
#[derive(Clone, Copy)]
struct At<'a> {
    noun: Noun,
    domain: Domain,
    path: &'a str,
    words: &'a str,
    depth: usize,
    /// Inside of another thing: what is optional there and again another thing is left out.
    inner: bool,
}

const DEPTH: usize = 6;

/// The places in the lexicon that a world's own records may take.
const TAKEN: usize = 36;

impl RecordPlan {
    /// Compiles the schema of a resource's records (an object, without `$ref`; `oneOf` and `allOf` are understood).
    pub fn compile(schema: &Value, resource: &str, domain: Domain) -> Self {
        let noun = Noun::of(resource, domain);
        let at = At { noun, domain, path: "", words: "", depth: 0, inner: false };
        Self { noun, domain, resource: resource.to_owned(), root: compile("", schema, true, at) }
    }

    /// Draws the `index`th record of a world. Fields whose path (`category.id`, `tags[].id`) is skipped are left out.
    pub fn record(
        &self,
        index: usize,
        setting: &Setting,
        rng: &mut ChaCha8Rng,
        skip: &dyn Fn(&str) -> bool,
    ) -> Map<String, Value> {
        let root = match &self.root.shape {
            // The first variant is the plain one.
            Shape::Either(fields) => &fields[if rng.chance(0.7) { 0 } else { rng.below(fields.len()) }],
            _ => &self.root,
        };
        let statuses = statuses(root);
        let cast = Cast::draw(self.noun, &self.resource, self.domain, index, &statuses, setting, rng);
        let mut drawing = Drawing { setting, rng, skip };
        match drawing.field(root, &cast) {
            Some(Value::Object(map)) => map,
            _ => Map::new(),
        }
    }
}

/// Whether a field's meaning is known; of others only the type is, and their values say nothing.
pub(crate) fn knows(name: &str, schema: &Value, resource: &str, domain: Domain) -> bool {
    let at = At { noun: Noun::of(resource, domain), domain, path: "", words: "", depth: 0, inner: false };
    let field = compile(name, schema, true, at);
    !field.fit.allowed.is_empty()
        || !matches!(field.kind, Kind::Unknown | Kind::Never)
        || !matches!(field.shape, Shape::Leaf)
}

/// Draws one value for a field outside of any record.
pub(crate) fn one_value(
    name: &str,
    schema: &Value,
    description: &str,
    resource: &str,
    domain: Domain,
    setting: &Setting,
    rng: &mut ChaCha8Rng,
) -> Value {
    let noun = Noun::of(resource, domain);
    let mut schema = schema.clone();
    if let (Value::Object(map), false) = (&mut schema, description.is_empty()) {
        map.entry("description").or_insert_with(|| Value::String(description.to_owned()));
    }
    let at = At { noun, domain, path: "", words: "", depth: 0, inner: false };
    let mut field = compile(name, &schema, true, at);
    if field.kind == Kind::Never {
        field.kind = Kind::Unknown;
    }
    let statuses: Vec<&str> = field.fit.allowed.iter().filter_map(Value::as_str).collect();
    // What is new in a world is called like nothing in it: records take the first places.
    let variety = variety(noun);
    let index = if variety > TAKEN { TAKEN + rng.below(variety - TAKEN) } else { rng.below(variety) };
    let cast = Cast::draw(
        noun,
        resource,
        domain,
        index,
        if field.kind == Kind::Status { &statuses } else { &[] },
        setting,
        rng,
    );
    let mut drawing = Drawing { setting, rng, skip: &|_| false };
    drawing.field(&field, &cast).unwrap_or(Value::Null)
}

fn statuses(root: &Field) -> Vec<&str> {
    let Shape::Object(fields, _) = &root.shape else { return Vec::new() };
    let Some(field) = fields.iter().find(|f| f.kind == Kind::Status && f.fit.leaf == Leaf::Text) else {
        return Vec::new();
    };
    let words: Vec<&str> = field.fit.allowed.iter().filter_map(Value::as_str).collect();
    if words.is_empty() { vec!["active", "pending", "completed"] } else { words }
}

fn compile(name: &str, schema: &Value, required: bool, at: At) -> Field {
    let merged = merge(schema);
    let schema = merged.as_ref().unwrap_or(schema);
    let own = words_of(name);
    let words = if at.words.is_empty() { own.clone() } else { format!("{} {own}", at.words) };
    let path = match (at.path, name) {
        ("", _) => name.to_owned(),
        (outer, "") => outer.to_owned(),
        (outer, _) => format!("{outer}.{name}"),
    };
    let mut field = Field {
        name: name.to_owned(),
        salt: hash(&path),
        path,
        kind: Kind::Unknown,
        often: Often::Mostly,
        required,
        fit: Fit::read(schema),
        shape: Shape::Leaf,
    };
    if at.depth > DEPTH {
        field.often = Often::Never;
        return field;
    }
    let properties = schema.get("properties").and_then(Value::as_object);
    let branches = ["oneOf", "anyOf"].iter().find_map(|k| schema.get(*k)).and_then(Value::as_array);
    if let (Some(branches), None) = (branches, properties) {
        let fields: Vec<Field> = branches
            .iter()
            .filter(|b| b.get("type") != Some(&Value::from("null")))
            .map(|b| compile(name, b, required, at))
            .collect();
        if let Some(first) = fields.first() {
            field.kind = first.kind;
            field.often = first.often;
            field.shape = Shape::Either(fields);
            return field;
        }
    }
    if is_object(schema) && properties.is_some_and(|p| !p.is_empty()) {
        return compile_object(field, schema, &own, &words, at);
    }
    let items = schema.get("items").filter(|_| is_type(schema, "array") || schema.get("type").is_none());
    match items {
        Some(items) => compile_list(field, schema, items, &own, &words, at),
        None => compile_leaf(field, schema, &own, &words, at),
    }
}

fn compile_leaf(mut field: Field, schema: &Value, own: &str, words: &str, at: At) -> Field {
    let description = schema.get("description").and_then(Value::as_str).unwrap_or("");
    let fit = &mut field.fit;
    if fit.allowed.is_empty() && fit.leaf == Leaf::Text {
        fit.allowed = allowed_values(description).into_iter().map(Value::String).collect();
        if fit.allowed.is_empty() && own == "kind" {
            fit.allowed = schema.get("default").filter(|d| d.is_string()).cloned().into_iter().collect();
        }
    }
    let ask = Ask {
        words,
        own,
        noun: at.noun,
        leaf: fit.leaf,
        format: &fit.format,
        description,
        max_len: fit.max_len,
        listed: !fit.allowed.is_empty(),
    };
    let (mut kind, mut often) = classify(&ask);
    let default = schema.get("default").and_then(Value::as_bool);
    if let (Kind::Flag(p), Some(default)) = (kind, default) {
        // What is otherwise a guess mostly stands as it came.
        if (p - 0.35).abs() < 1e-9 {
            kind = Kind::Flag(if default { 0.85 } else { 0.12 });
        }
    }
    if is_object(schema) || is_type(schema, "array") {
        kind = if kind == Kind::Never { kind } else { Kind::FreeForm };
    }
    if is_id(own) && matches!(kind, Kind::Id | Kind::Uuid) {
        often = if at.depth > 1 || own == "id" { Often::Always } else { Often::Never };
    }
    if own == "kind" && !fit.allowed.is_empty() {
        often = Often::Seldom;
    }
    // A single allowed word tells variants apart.
    let single = schema.get("enum").and_then(Value::as_array).is_some_and(|e| e.len() == 1);
    if fit.leaf == Leaf::Text && (single || schema.get("const").is_some()) {
        often = Often::Always;
        kind = Kind::Unknown;
    }
    field.kind = kind;
    field.often = often;
    field
}

fn compile_object(mut field: Field, schema: &Value, own: &str, words: &str, at: At) -> Field {
    let scope = if at.depth == 0 { Scope::Same } else { scope_of(&one_of(own), schema, at) };
    let inner_noun = match scope {
        Scope::Thing(noun) => noun,
        Scope::Tag => Noun::Tag,
        Scope::Same => at.noun,
    };
    // Only what shares the record's facts is led by the outer words: `start` + `date time`.
    let lead = if scope == Scope::Same && at.depth > 0 { words } else { "" };
    let inner = at.inner || matches!(scope, Scope::Thing(_));
    let path = field.path.clone();
    let below = At { noun: inner_noun, path: &path, words: lead, depth: at.depth + 1, inner, ..at };
    let required: Vec<&str> = required_of(schema).collect();
    let properties = schema.get("properties").and_then(Value::as_object);
    let mut fields: Vec<Field> = properties
        .into_iter()
        .flatten()
        .map(|(name, s)| compile(name, s, required.contains(&name.as_str()), below))
        .collect();
    for name in required {
        if !fields.iter().any(|f| f.name == name) {
            fields.push(compile(name, &serde_json::json!({"type": "string"}), true, below));
        }
    }
    if at.depth > 0 {
        field.often = presence(own, words, scope, schema, at);
    }
    field.shape = Shape::Object(fields, scope);
    field
}

fn compile_list(mut field: Field, schema: &Value, items: &Value, own: &str, words: &str, at: At) -> Field {
    let bound = |key: &str| schema.get(key).and_then(Value::as_u64).map(|n| n as usize);
    let path = format!("{}[]", field.path);
    let one = one_of(own);
    let merged = merge(items);
    let shown = merged.as_ref().unwrap_or(items);
    let is_things = is_object(shown) || shown.get("oneOf").is_some();
    let scope = if is_things { scope_of(&one, shown, at) } else { Scope::Same };
    let low = bound("minItems").unwrap_or(1);
    let high = bound("maxItems")
        .unwrap_or(usize::MAX)
        .min(low.max(if matches!(scope, Scope::Thing(n) if n.is_person()) { 4 } else { 2 }));
    let below = At { path: &path, words: at.words, depth: at.depth + 1, ..at };
    let mut item = if is_things {
        let mut item = compile("", shown, true, At { depth: at.depth + 1, words: "", ..below });
        if let Shape::Object(fields, inner) = compile_object(item.clone(), shown, own, words, below).shape {
            item.shape = Shape::Object(fields, inner);
        }
        item
    } else {
        // A list of plain values is read by its own name, then by its singular.
        let described = describe(items, schema);
        let plural = compile(own, &described, true, At { depth: at.depth, ..at });
        if plural.kind == Kind::Unknown || plural.kind == Kind::Id {
            compile(&one, &described, true, At { depth: at.depth, ..at })
        } else {
            plural
        }
    };
    item.path = path;
    item.required = true;
    field.kind = item.kind;
    field.often = if is_things { presence(own, words, scope, schema, at) } else { item.often };
    let unknown = shown.as_object().is_some_and(Map::is_empty);
    if unknown || !is_things && matches!(item.kind, Kind::Id | Kind::Uuid) {
        field.often = Often::Never;
    }
    field.shape = Shape::List(Box::new(item), low, high.max(low), scope);
    field
}

fn describe(items: &Value, list: &Value) -> Value {
    let mut out = items.clone();
    if let (Value::Object(map), Some(text)) = (&mut out, list.get("description")) {
        map.entry("description").or_insert_with(|| text.clone());
    }
    out
}

/// How often an inner object or a list of objects is there.
fn presence(own: &str, words: &str, scope: Scope, schema: &Value, at: At) -> Often {
    let description = schema.get("description").and_then(Value::as_str).unwrap_or("");
    if description.to_lowercase().contains("deprecated") || (at.inner && matches!(scope, Scope::Thing(_))) {
        return Often::Never;
    }
    let never = |rules: &[rules::Rule]| {
        rules.iter().any(|(pattern, _, often)| {
            *often == Often::Never
                && pattern.split('|').any(|p| {
                    p == own
                        || p == words
                        || p.strip_suffix('*').is_some_and(|p| own.starts_with(p) || words.starts_with(p))
                        || p.strip_prefix('*').is_some_and(|p| own.ends_with(p))
                })
        })
    };
    if never(rules::of_noun(at.noun)) || never(&rules::COMMON[..1]) {
        return Often::Never;
    }
    match own {
        "start" | "end" | "price" | "criteria" | "config" | "location" | "condition" | "category"
        | "status" => Often::Always,
        _ => Often::Mostly,
    }
}

/// Inner objects that are people.
const PEOPLE: &[&str] = &[
    "owner",
    "creator",
    "organizer",
    "assignee",
    "attendee",
    "author",
    "sender",
    "recipient",
    "user",
    "member",
    "participant",
    "customer",
    "contact",
    "buyer",
    "seller",
    "driver",
    "guest",
    "payer",
    "payee",
    "person",
    "requester",
    "reporter",
    "reviewer",
    "shipping recipient",
];

fn scope_of(one: &str, schema: &Value, at: At) -> Scope {
    let has = |name: &str| schema.get("properties").and_then(|p| p.get(name)).is_some();
    if at.noun == Noun::Province && has("observedDate") {
        return Scope::Thing(Noun::Holiday);
    }
    if matches!(one, "tag" | "label" | "keyword" | "topic") && at.noun != Noun::Tag {
        return Scope::Tag;
    }
    if PEOPLE.contains(&one) && !at.noun.is_person() {
        return Scope::Thing(if one == "driver" { Noun::Driver } else { Noun::Person });
    }
    if matches!(one, "category") && has("name") {
        return Scope::Thing(if at.noun == Noun::Pet {
            Noun::PetCategory
        } else {
            Noun::of("category", at.domain)
        });
    }
    let noun = Noun::of(one, at.domain);
    let own_facts = matches!(
        noun,
        Noun::Other
            | Noun::Address
            | Noun::UserSetting
            | Noun::AssetSetting
            | Noun::Message
            | Noun::Key
            | Noun::Position
            | Noun::Product
            | Noun::Payment
    ) || noun == at.noun;
    if own_facts { Scope::Same } else { Scope::Thing(noun) }
}

fn is_object(schema: &Value) -> bool {
    is_type(schema, "object") || schema.get("properties").is_some()
}

fn is_type(schema: &Value, name: &str) -> bool {
    match schema.get("type") {
        Some(Value::String(one)) => one == name,
        Some(Value::Array(many)) => many.iter().any(|t| t == name),
        _ => false,
    }
}

/// Merges `allOf` into one schema; `None` where there is nothing to merge.
fn merge(schema: &Value) -> Option<Value> {
    let parts = schema.get("allOf")?.as_array()?;
    let mut out = schema.as_object()?.clone();
    out.remove("allOf");
    for part in parts {
        let part = merge(part).unwrap_or_else(|| part.clone());
        for (key, value) in part.as_object().into_iter().flatten() {
            match (out.get_mut(key), value) {
                (Some(Value::Object(have)), Value::Object(more)) => more.iter().for_each(|(k, v)| {
                    have.entry(k).or_insert_with(|| v.clone());
                }),
                (Some(Value::Array(have)), Value::Array(more)) if key == "required" => {
                    have.extend(more.iter().cloned());
                }
                (Some(_), _) => {}
                (None, _) => {
                    out.insert(key.clone(), value.clone());
                }
            }
        }
    }
    Some(Value::Object(out))
}

struct Drawing<'a, 'r> {
    setting: &'a Setting,
    rng: &'r mut ChaCha8Rng,
    skip: &'r dyn Fn(&str) -> bool,
}

impl<'a> Drawing<'a, '_> {
    fn field(&mut self, field: &Field, cast: &Cast<'a>) -> Option<Value> {
        if !field.path.is_empty() && (self.skip)(&field.path) {
            return None;
        }
        if !field.required && !self.is_there(field) {
            return None;
        }
        match &field.shape {
            Shape::Leaf => self.leaf(field, cast),
            Shape::Object(fields, scope) => self.object(field, fields, *scope, cast),
            Shape::List(item, low, high, scope) => self.list(field, item, (*low, *high), *scope, cast),
            Shape::Either(fields) => {
                let at = mix(cast.index as u64, field.salt ^ self.setting.seed) as usize % fields.len();
                self.field(&fields[at], cast)
            }
        }
    }

    fn is_there(&mut self, field: &Field) -> bool {
        let (world, record) = field.often.chances();
        let used = (mix(self.setting.seed, field.salt) >> 11) as f64 / (1u64 << 53) as f64;
        used < world && (record >= 1.0 || self.rng.chance(record))
    }

    fn leaf(&mut self, field: &Field, cast: &Cast<'a>) -> Option<Value> {
        let zone = self.setting.now.time_zone();
        let raw = match field.kind {
            Kind::FreeForm if field.fit.leaf == Leaf::Free => {
                let raw = render(Kind::FreeForm, Leaf::Free, cast, self.rng);
                return match raw {
                    Raw::Json(value)
                        if field.required || value.as_object().is_some_and(|o| !o.is_empty()) =>
                    {
                        Some(value)
                    }
                    _ => None,
                };
            }
            kind => render(kind, field.fit.leaf, cast, self.rng),
        };
        field.fit.apply(raw, zone, field.required, self.rng)
    }

    fn object(&mut self, field: &Field, fields: &[Field], scope: Scope, cast: &Cast<'a>) -> Option<Value> {
        let inner = match scope {
            Scope::Thing(noun) => Some(self.thing(noun, &field.name, 0, cast)),
            Scope::Same | Scope::Tag => None,
        };
        let cast = inner.as_ref().unwrap_or(cast);
        let mut map = self.fields(fields, cast);
        if map.is_empty() && field.required {
            // An object that has to be there says something.
            let said = fields
                .iter()
                .filter(|f| !(self.skip)(&f.path) && matches!(f.shape, Shape::Leaf))
                .find_map(|f| Some((f.name.clone(), self.leaf(f, cast)?)));
            map.extend(said);
        }
        (field.required || !map.is_empty() || field.path.is_empty()).then_some(Value::Object(map))
    }

    fn fields(&mut self, fields: &[Field], cast: &Cast<'a>) -> Map<String, Value> {
        let mut map = Map::new();
        for field in fields {
            if let Some(value) = self.field(field, cast) {
                map.insert(field.name.clone(), value);
            }
        }
        map
    }

    fn thing(&mut self, noun: Noun, name: &str, item: usize, cast: &Cast<'a>) -> Cast<'a> {
        let mut inner = cast.inner(noun, name, item, self.rng);
        match (noun, cast.noun) {
            (Noun::Person, Noun::Event) if matches!(name, "creator" | "organizer") => {
                // Most of what stands in one's calendar, one has put there.
                let own =
                    cast.subject.mentions.is_empty() || mix(cast.index as u64, self.setting.seed) % 10 < 6;
                inner.set_person(if own { 0 } else { cast.subject.mentions[0] });
            }
            (Noun::PetCategory | Noun::GearCategory | Noun::Category | Noun::Genre, _)
                if !cast.subject.kind.is_empty() =>
            {
                cast.subject.kind.clone_into(&mut inner.subject.name);
            }
            (Noun::Person, n) if n.is_person() => inner.set_person(cast.person),
            (Noun::Holiday, Noun::Province) => {
                if let Fact::Province(province) = cast.subject.fact
                    && let Some(next) = tables::next_holiday(Some(province.id), self.setting.now.date())
                {
                    inner.subject.fact = Fact::Holiday(next);
                }
            }
            _ => {}
        }
        inner
    }

    fn list(
        &mut self,
        field: &Field,
        item: &Field,
        (low, high): (usize, usize),
        scope: Scope,
        cast: &Cast<'a>,
    ) -> Option<Value> {
        if let Some(values) = self.real_items(item, scope, cast) {
            return (field.required || !values.is_empty()).then_some(Value::Array(values));
        }
        let n = match (item.kind, scope) {
            (_, Scope::Tag) | (Kind::Tag, _) => {
                cast.subject.tags.split(',').filter(|t| !t.trim().is_empty()).count().clamp(low.min(1), 3)
            }
            (Kind::CurrencyCode, _) => 1,
            (_, Scope::Thing(Noun::Person)) if cast.noun == Noun::Ticket => {
                1 + usize::from(self.rng.chance(0.2))
            }
            // One goes to the dentist alone, and to a birthday with the family's calendar.
            (_, Scope::Thing(Noun::Person)) if cast.noun == Noun::Event => {
                let work = cast.subject.tags.contains("work") && cast.subject.kind != "day";
                cast.subject.mentions.len() + if work { self.rng.below(3) + 1 } else { 0 }
            }
            _ => low + self.rng.below(high - low + 1),
        };
        let mut out: Vec<Value> = Vec::with_capacity(n);
        for i in 0..n {
            let inner = match scope {
                Scope::Thing(noun) => self.thing(noun, &field.name, i, cast),
                Scope::Tag => {
                    let mut inner = Cast { noun: Noun::Tag, item: i, ..cast.clone() };
                    if let Raw::Text(tag) = render(Kind::Tag, Leaf::Text, &inner, self.rng) {
                        inner.subject.name = tag;
                    }
                    inner
                }
                Scope::Same => Cast { item: i, ..cast.clone() },
            };
            let value = match &item.shape {
                Shape::Object(fields, _) => Some(Value::Object(self.fields(fields, &inner))),
                _ => self.field(item, &inner),
            };
            let empty = |v: &Value| v.as_object().is_some_and(Map::is_empty);
            if let Some(value) = value.filter(|v| !empty(v) && !out.contains(v)) {
                out.push(value);
            }
        }
        (field.required || !out.is_empty()).then_some(Value::Array(out))
    }

    /// Lists that the real world fixes: who observes a holiday, where a currency is used.
    fn real_items(&mut self, item: &Field, scope: Scope, cast: &Cast<'a>) -> Option<Vec<Value>> {
        let facts: Vec<Fact> = match (scope, cast.subject.fact) {
            (Scope::Thing(Noun::Province), Fact::Holiday(h)) => {
                let ids = h.holiday.provinces.iter().chain(&h.holiday.optional);
                tables::provinces()
                    .iter()
                    .filter(|p| ids.clone().any(|id| *id == p.id))
                    .map(Fact::Province)
                    .collect()
            }
            (Scope::Thing(Noun::Holiday), Fact::Province(p)) => {
                let own = |h: &tables::HolidayDate| {
                    h.holiday.provinces.contains(&p.id) || h.holiday.optional.contains(&p.id)
                };
                tables::holiday_dates(self.setting.now.year())
                    .into_iter()
                    .filter(own)
                    .map(Fact::Holiday)
                    .collect()
            }
            (Scope::Same, Fact::Currency(currency)) if item.kind == Kind::CountryCode => {
                let codes = tables::countries()
                    .iter()
                    .filter(|c| c.currency == currency.code)
                    .map(|c| Value::from(c.code));
                return Some(codes.collect());
            }
            _ => return None,
        };
        let Shape::Object(fields, _) = &item.shape else { return None };
        let mut out = Vec::with_capacity(facts.len());
        for fact in facts {
            let mut inner = cast.clone();
            inner.subject.fact = fact;
            out.push(Value::Object(self.fields(fields, &inner)));
        }
        Some(out)
    }
}
