//! Edges by well-known kinds of values: airports' codes, currencies, books' numbers, coordinates. The names need not be equal.

use super::fields::{Field, Kind};
use super::named::writes_back;
use super::records::fits;
use super::{Api, Rule, Source, trim};
use crate::data::Effect;
use std::collections::{BTreeSet, HashMap};

/// Fields of results by the kind of value that they hold.
pub(super) struct Index {
    fields: HashMap<String, Vec<(usize, usize)>>,
}

impl Index {
    pub fn new(api: &Api) -> Self {
        let mut fields: HashMap<String, Vec<(usize, usize)>> = HashMap::new();
        for (tool, outputs) in api.outputs.iter().enumerate() {
            if api.tools[tool].effect != Effect::Reads {
                continue;
            }
            let given: BTreeSet<&str> =
                api.inputs[tool].all.iter().filter(|f| f.required).filter_map(of).collect();
            for (at, field) in outputs.all.iter().enumerate() {
                if let Some(name) = of(field).filter(|name| !given.contains(name)) {
                    fields.entry(name.to_owned()).or_default().push((tool, at));
                }
            }
        }
        trim(&mut fields, |(tool, at)| (api.ranks[*tool] + 10 * api.outputs[*tool].all[*at].depth, *tool));
        Self { fields }
    }

    /// Finds what gives a parameter a value of its kind.
    pub fn find(&self, api: &Api, to: usize, input: &Field, found: &mut Vec<Source>) {
        if api.tools[to].effect != Effect::Reads && !(input.required && input.depth == 1) {
            return;
        }
        let Some(name) = of(input) else { return };
        for (from, at) in self.fields.get(name).into_iter().flatten() {
            let field = &api.outputs[*from].all[*at];
            let fit = fits(field.schema, input);
            if fit >= 0.85 && !writes_back(api, *from, to, input) {
                let (rule, field) = (Rule::TypedValue, field.path.clone());
                found.push(Source { from: *from, field, rule, confidence: rule.confidence() * fit });
            }
        }
    }
}

/// Returns the well-known kind of value that a field holds, by its name and type.
fn of(field: &Field) -> Option<&'static str> {
    let last = field.words.last()?.as_str();
    let has = |word: &str| field.words.iter().any(|w| w == word);
    let code = matches!(last, "code" | "codes" | "iso" | "iso2" | "iso3" | "alpha2" | "alpha3");
    match field.kind() {
        Kind::Text => {}
        Kind::Number => {
            return match last {
                "lat" | "latitude" => Some("latitude"),
                "lng" | "lon" | "long" | "longitude" => Some("longitude"),
                _ => None,
            };
        }
        _ => return None,
    }
    if has("iata") {
        return Some(if has("airline") || has("carrier") { "airline iata" } else { "airport iata" });
    }
    if has("icao") {
        return Some(if has("airline") || has("carrier") { "airline icao" } else { "airport icao" });
    }
    for (word, name) in [
        ("isbn", "isbn"),
        ("isbn13", "isbn"),
        ("isbn10", "isbn"),
        ("issn", "issn"),
        ("doi", "doi"),
        ("vin", "vin"),
        ("imdb", "imdb"),
        ("isin", "isin"),
        ("mmsi", "mmsi"),
    ] {
        if has(word) {
            return Some(name);
        }
    }
    if last == "currency" || code && has("currency") {
        return Some("currency");
    }
    if code && has("country") {
        return Some(if matches!(last, "iso3" | "alpha3") || has("3") { "country 3" } else { "country" });
    }
    if code && (has("language") || has("lang")) {
        return Some("language");
    }
    if matches!(last, "timezone" | "tz") || has("time") && last == "zone" {
        return Some("time zone");
    }
    None
}
