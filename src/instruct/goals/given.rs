//! The values that a user gives for a write.

use super::super::chain::{Arguments, Chain, Dead, dead, pointer_to, whole_in};
use super::super::locate::{only_choice, required};
use super::super::say;
use super::super::say::Said;
use super::{form, is_name, sayable_field};
use crate::data::ArgumentSource;
use crate::graph::{Operation, ParamRole};
use crate::prompt::Given;
use crate::words;
use crate::world::{Record, StoreKey, values};
use rand::RngExt;
use rand::seq::{IndexedRandom, SliceRandom};
use serde_json::Value;

impl Chain<'_> {
    /// Values that the user gives: those required, and a few more.
    #[expect(clippy::too_many_lines, reason = "one decision a value, in order")]
    pub(super) fn values(
        &mut self,
        operation: &Operation,
        key: StoreKey,
        arguments: &mut Arguments,
        now_held: Option<&Record>,
        most: usize,
    ) -> Result<Vec<Given>, Dead> {
        let tool = self.tool(&operation.tool)?;
        let resource = self.world.resource(key).clone();
        let domain = self.domain(key);
        let now = self.world.setting().now.clone();
        let setting = self.world.setting().clone();
        let own = self.own_words(key);
        let index = 15 + self.rng.random_range(0..22);
        let drawn = self.world.plan(key).record(index, &setting, &mut self.rng, &|_| false);
        let required = required(&tool.parameters);
        let made = crate::world::server_made(&resource);
        let told = |n: &str, r: &ParamRole| match r {
            _ if tool.call.places().iter().any(|p| p.name == *n && p.wire.is_empty()) => false,
            ParamRole::Field(f) => !made.contains(f),
            // What is only passed on is said where it must be, or where it is what the call is about.
            ParamRole::Given => {
                required.iter().any(|q| q == n) || is_name(n) || resource.properties().contains_key(n)
            }
            _ => false,
        };
        let mut names: Vec<String> = operation
            .roles
            .iter()
            .filter(|(n, r)| told(n, r) && !arguments.values.contains_key(*n))
            .map(|(n, _)| n.clone())
            .collect();
        if let Some(whole) =
            tool.call.places().iter().find(|p| p.wire.is_empty() && required.contains(&p.name))
        {
            return dead(format!("nobody says a whole '{}'", whole.name));
        }
        names.shuffle(&mut self.rng);
        names.sort_by_key(|n| (!required.contains(n), !is_name(n)));
        let mut out = Vec::new();
        for name in names {
            let needed = required.contains(&name);
            let making = now_held.is_none();
            let named = words::split(&name);
            let state = named.last().is_some_and(|w| matches!(w.as_str(), "status" | "state"));
            let over =
                named.iter().any(|w| matches!(w.as_str(), "completed" | "closed" | "disposal" | "ended"));
            let flag = tool.parameters["properties"][&name]["type"] == "boolean";
            // New things have no state to speak of yet, and nobody lists switches.
            if !needed && making && (flag || over || state && self.rng.random_bool(0.8)) {
                continue;
            }
            let optional_done =
                out.len() >= most || now_held.is_none() && !is_name(&name) && self.rng.random_bool(0.55);
            if !needed && optional_done {
                continue;
            }
            let schema = tool.parameters["properties"][&name].clone();
            let link = words::split(&name)
                .iter()
                .any(|w| matches!(w.as_str(), "url" | "uri" | "redirect" | "callback"));
            let hooks =
                matches!(resource.key.as_str(), "hook" | "webhook" | "registration" | "app" | "application");
            if link && !hooks && matches!(operation.roles[&name], ParamRole::Given) {
                if needed {
                    return dead(format!("nobody says '{name}'"));
                }
                continue;
            }
            let field = match &operation.roles[&name] {
                ParamRole::Field(f) => f.clone(),
                _ => name.clone(),
            };
            if let (true, Some(only)) = (needed, only_choice(&schema)) {
                arguments.set(&name, only.clone(), ArgumentSource::Default);
                continue;
            }
            let said = self.said(&field, &schema, drawn.get(&field), domain, &resource.words, &now);
            let fresh = said.filter(|s| now_held.is_none_or(|r| r.fields.get(&field) != Some(&s.exact)));
            let Some(said) = fresh else {
                match (needed, now_held.and_then(|r| r.fields.get(&field))) {
                    (true, Some(held)) => {
                        // What a PUT demands beside the change is what the record has.
                        let held = held.clone();
                        let source = self.shown_before(&held);
                        arguments.set(&name, held, source.unwrap_or(ArgumentSource::Unknown));
                        continue;
                    }
                    (true, None) => return dead(format!("nobody can say '{name}'")),
                    _ => continue,
                }
            };
            let keep_old = needed
                && now_held.is_some_and(|r| r.fields.contains_key(&field))
                && (out.len() >= most || self.rng.random_bool(0.5));
            if keep_old
                && let Some(source) =
                    now_held.and_then(|r| r.fields.get(&field)).cloned().and_then(|v| self.shown_before(&v))
            {
                let held = now_held.and_then(|r| r.fields.get(&field)).cloned().unwrap_or(Value::Null);
                arguments.set(&name, held, source);
                continue;
            }
            let source = if matches!(&said.exact, Value::String(s) if *s == said.words) {
                ArgumentSource::Verbatim
            } else {
                ArgumentSource::Normalised(form(&said))
            };
            arguments.set(&name, said.exact.clone(), source);
            out.push(say::given(&words::label(&field, &own), &said));
        }
        self.ends_too(tool, arguments, &own, &mut out);
        Ok(out)
    }

    /// What starts is said to end too, an hour later, where both can be set.
    fn ends_too(
        &mut self,
        tool: &crate::data::Tool,
        arguments: &mut Arguments,
        own: &[String],
        out: &mut Vec<Given>,
    ) {
        let starts: Vec<String> =
            arguments.values.keys().filter(|k| k.to_lowercase().contains("start")).cloned().collect();
        let now = self.world.setting().now.clone();
        for start in starts {
            let end = start.replace("start", "end").replace("Start", "End");
            let Some(schema) =
                tool.parameters["properties"].get(&end).filter(|_| !arguments.values.contains_key(&end))
            else {
                continue;
            };
            let given = arguments.values[&start].clone();
            let instant = given
                .as_str()
                .or_else(|| given["dateTime"].as_str())
                .and_then(|s| s.parse::<jiff::Timestamp>().ok());
            let Some(later) = instant.map(|at| at + jiff::SignedDuration::from_mins(60)) else { continue };
            let local = later.to_zoned(now.time_zone().clone());
            let text = Value::String(local.strftime("%Y-%m-%dT%H:%M:%S%:z").to_string());
            let exact = if given.is_object() && schema.get("properties").is_some() {
                serde_json::json!({"dateTime": text})
            } else {
                text
            };
            let style = self.rng.random::<u64>() >> 1;
            let words_for = crate::checks::natural::instant(later, &now, style);
            arguments.set(&end, exact.clone(), ArgumentSource::Normalised("date".to_owned()));
            out.push(Given { label: words::label(&end, own), value: words_for, exact, quoted: false });
        }
    }

    pub(super) fn said(
        &mut self,
        field: &str,
        schema: &Value,
        drawn: Option<&Value>,
        domain: values::Domain,
        resource: &str,
        now: &jiff::Zoned,
    ) -> Option<Said> {
        if !sayable_field(field) || !values::knows(field, schema, resource, domain) {
            return None;
        }
        let enumerated = schema.get("enum").and_then(Value::as_array);
        let setting = self.world.setting().clone();
        let value = match enumerated {
            Some(choices) => {
                let choices: Vec<&Value> = choices.iter().filter(|v| !v.is_null()).collect();
                (*choices.choose(&mut self.rng)?).clone()
            }
            None => match drawn {
                Some(v) if !v.is_null() => v.clone(),
                _ => values::value(field, schema, "", resource, domain, &setting, &mut self.rng),
            },
        };
        say::sayable(field, &value, schema, now, &mut self.rng)
    }

    /// Where an earlier observation shows a value.
    pub(super) fn shown_before(&self, value: &Value) -> Option<ArgumentSource> {
        if !(value.is_string() || value.is_number() || value.is_boolean()) {
            return self.calls.iter().enumerate().rev().find_map(|(i, c)| {
                whole_in(&c.observation, value, "").map(|p| ArgumentSource::Result(i, p))
            });
        }
        self.calls
            .iter()
            .enumerate()
            .rev()
            .find_map(|(i, c)| pointer_to(&c.observation, value, "").map(|p| ArgumentSource::Result(i, p)))
    }
}
