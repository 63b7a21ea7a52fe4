//! Wants over several records: how many, which, the most and the least.

use super::super::chain::{API, Arguments, Chain, Dead, dead};
use super::super::locate::{Located, required, shown_records};
use super::super::subject;
use super::{Goal, asked};
use crate::data::{ArgumentSource, Scenario};
use crate::graph::{Match, OpKind, Operation, ParamRole};
use crate::prompt::{Asked, Subject, SurveyAsk, Trait, Want};
use crate::words;
use crate::world::{Record, StoreKey};
use rand::RngExt;
use rand::seq::IndexedRandom;
use serde_json::Value;
use std::sync::Arc;

impl Chain<'_> {
    pub(super) fn survey(
        &mut self,
        operation: &Operation,
        within: Option<&(StoreKey, Located)>,
    ) -> Result<Goal, Dead> {
        let key = Self::key(operation)?;
        if crate::world::partial(self.world.resource(key)) {
            return dead("the world holds only some of them: nothing can be said of all");
        }
        let searches = operation
            .roles
            .values()
            .any(|r| matches!(r, ParamRole::Search | ParamRole::Filter(_, Match::Contains)));
        if searches
            && operation.resource.is_some_and(|r| {
                self.world
                    .model(API)
                    .operations
                    .iter()
                    .filter(|o| o.resource == Some(r) && o.kind == OpKind::List)
                    .count()
                    > 1
            })
        {
            return dead("one searches there; nobody asks for all");
        }
        if self.world.resource(key).properties().len() < 2 {
            return dead("there is nothing to tell of them");
        }
        let (mut arguments, scope) = self.scope(operation, key, None, within, 0)?;
        let mut traits = self.filtered(operation, key, &mut arguments)?;
        self.fill_fixed(operation, &mut arguments)?;
        let all = self.in_scope(operation, key, &arguments);
        if all.len() < 2 {
            return dead("too few to ask about");
        }
        let call = self.call(operation, arguments)?;
        let shape = operation.shape.clone().expect("usable lists have a shape");
        let shown: Vec<Value> =
            shown_records(&self.calls[call].observation, &shape.path).into_iter().cloned().collect();
        if shown.len() != all.len() {
            return dead("there are more pages");
        }
        let condition = if traits.is_empty() && shown.len() > 2 && self.rng.random_bool(0.4) {
            self.narrowed(key, &all, &shown)
        } else {
            None
        };
        let chosen: Vec<Value> = match &condition {
            Some((_, keep)) => shown.iter().zip(keep).filter(|(_, k)| **k).map(|(s, _)| s.clone()).collect(),
            None => shown.clone(),
        };
        traits.extend(condition.map(|(t, _)| t));
        let kind = self.world.resource(key).words.clone();
        let plain = traits.is_empty() && scope.is_none();
        let subject =
            Subject { kind, traits, within: scope.map(|s| Box::new(s.subject)), ..Subject::default() };
        let ask = self.survey_ask(key, &all, &chosen, operation)?;
        if chosen.len() < 2 && matches!(ask, SurveyAsk::Count) {
            return dead("a count of one");
        }
        if plain && matches!(ask, SurveyAsk::Count) && self.rng.random_bool(0.7) {
            return dead("a bare count");
        }
        self.wanted.push(call);
        let scenario = if matches!(ask, SurveyAsk::Each(_)) { Scenario::Lookup } else { Scenario::Compute };
        Ok((Want::Survey { subject, ask }, scenario))
    }

    /// Values for required filters, and now and then an optional one.
    pub(super) fn filtered(
        &mut self,
        operation: &Operation,
        key: StoreKey,
        arguments: &mut Arguments,
    ) -> Result<Vec<Trait>, Dead> {
        let tool = self.tool(&operation.tool)?;
        let required = required(&tool.parameters);
        let records: Vec<Arc<Record>> = self.in_scope(operation, key, arguments);
        let now = self.world.setting().now.clone();
        let own = self.own_words(key);
        let resource = self.world.resource(key).clone();
        let mut traits = Vec::new();
        for (name, role) in operation.roles.clone() {
            let ParamRole::Filter(field, how) = role else { continue };
            let wanted = required.contains(&name)
                || how == Match::Equal && self.rng.random_bool(0.3) && traits.is_empty();
            if !wanted || arguments.values.contains_key(&name) || how != Match::Equal {
                continue;
            }
            let schema = &tool.parameters["properties"][&name];
            let held: Vec<Value> = records
                .iter()
                .filter_map(|r| r.fields.get(&field))
                .map(|v| v.as_array().and_then(|a| a.first()).unwrap_or(v).clone())
                .collect();
            let Some(value) = held.choose(&mut self.rng).map(|v| v.get("name").unwrap_or(v).clone()) else {
                continue;
            };
            let field_schema = resource.properties().get(&field).cloned().unwrap_or(Value::Null);
            let sayable = if words::is_id_word(words::split(&field).last().map_or("", |w| w.as_str())) {
                None
            } else {
                subject::said_as_it_is(&value, &field_schema, &now, 0)
            };
            let Some(said) = sayable.filter(|_| value.is_string()) else {
                if required.contains(&name) {
                    return dead(format!("nobody says {field}"));
                }
                continue;
            };
            let source = if Some(said.as_str()) == value.as_str() {
                ArgumentSource::Verbatim
            } else {
                ArgumentSource::Normalised("enum".to_owned())
            };
            traits.push(Trait { label: words::label(&field, &own), value: said, exact: value.clone() });
            let argument = if schema.get("items").is_some() { Value::Array(vec![value]) } else { value };
            arguments.set(&name, argument, source);
        }
        Ok(traits)
    }

    /// A condition that some of the shown records meet and others do not.
    pub(super) fn narrowed(
        &mut self,
        key: StoreKey,
        all: &[Arc<Record>],
        shown: &[Value],
    ) -> Option<(Trait, Vec<bool>)> {
        let resource = self.world.resource(key).clone();
        let own = self.own_words(key);
        let now = self.world.setting().now.clone();
        let mut found = Vec::new();
        for (field, schema) in resource.properties() {
            if resource.id_field.as_ref() == Some(field) {
                continue;
            }
            if schema.get("enum").is_none()
                && !matches!(
                    words::split(field).last().map(String::as_str),
                    Some("status" | "type" | "state" | "category" | "country" | "model")
                )
            {
                continue;
            }
            if shown.iter().any(|s| s.get(field).is_none()) || all.len() != shown.len() {
                continue;
            }
            for value in shown.iter().filter_map(|s| s.get(field)).filter(|v| v.is_string()) {
                let keep: Vec<bool> = shown.iter().map(|s| s.get(field) == Some(value)).collect();
                let n = keep.iter().filter(|k| **k).count();
                if n > 0
                    && n < shown.len()
                    && let Some(said) = subject::said_as_it_is(value, schema, &now, 0)
                {
                    found.push((
                        Trait { label: words::label(field, &own), value: said, exact: value.clone() },
                        keep,
                    ));
                }
            }
        }
        found.choose(&mut self.rng).cloned()
    }

    pub(super) fn survey_ask(
        &mut self,
        key: StoreKey,
        all: &[Arc<Record>],
        chosen: &[Value],
        operation: &Operation,
    ) -> Result<SurveyAsk, Dead> {
        let resource = self.world.resource(key).clone();
        let own = self.own_words(key);
        let tool = self.tool(&operation.tool)?;
        let name = subject::name_field(&resource);
        let names: Vec<&Value> =
            name.as_ref().map(|n| chosen.iter().filter_map(|c| c.get(n)).collect()).unwrap_or_default();
        if self.rng.random_bool(0.5)
            && let Some(ask) = self.extreme_of(key, chosen, name.as_deref())
        {
            return Ok(ask);
        }
        if chosen.len() <= 6 && names.len() == chosen.len() && !names.is_empty() && self.rng.random_bool(0.65)
        {
            let field = name.clone().expect("there are names");
            let values: Vec<Value> = names.into_iter().cloned().collect();
            for value in &values {
                self.fact(&field, value, None);
            }
            let label = words::label(&field, &own);
            return Ok(SurveyAsk::Each(Asked { label, kind: "text".to_owned(), unit: None }));
        }
        let total = Self::total_of(chosen, tool);
        if let Some((field, sum, unit)) = total.filter(|_| self.rng.random_bool(0.5)) {
            self.fact(&field, &sum, unit.clone());
            return Ok(SurveyAsk::Total(asked(&field, &sum, &own, unit)));
        }
        if all.is_empty() {
            return dead("nothing to count");
        }
        self.fact("count", &Value::from(chosen.len()), None);
        Ok(SurveyAsk::Count)
    }

    pub(super) fn extreme_of(
        &mut self,
        key: StoreKey,
        chosen: &[Value],
        name: Option<&str>,
    ) -> Option<SurveyAsk> {
        let resource = self.world.resource(key).clone();
        let own = self.own_words(key);
        let name = name?;
        let mut found = Vec::new();
        for (field, schema) in resource.properties() {
            let Some((most, least)) = subject::extremes(field, schema) else { continue };
            let mut sorted: Vec<(&Value, &Value)> =
                chosen.iter().filter_map(|c| Some((c.get(field)?, c.get(name)?))).collect();
            if sorted.len() != chosen.len() || sorted.len() < 2 {
                continue;
            }
            sorted.sort_by(|a, b| crate::world::compare(Some(a.0), Some(b.0)));
            let n = sorted.len();
            if sorted[n - 1].0 != sorted[n - 2].0 {
                found.push((most, field.clone(), sorted[n - 1].1.clone()));
            }
            if sorted[0].0 != sorted[1].0 {
                found.push((least, field.clone(), sorted[0].1.clone()));
            }
        }
        let (word, field, value) = found.choose(&mut self.rng).cloned()?;
        self.fact(name, &value, None);
        Some(SurveyAsk::Extreme(
            word.to_owned(),
            words::label(&field, &own),
            Asked { label: words::label(name, &own), kind: "text".to_owned(), unit: None },
        ))
    }

    /// A field whose sum makes sense.
    pub(super) fn total_of(
        chosen: &[Value],
        tool: &crate::data::Tool,
    ) -> Option<(String, Value, Option<String>)> {
        let first = chosen.first()?.as_object()?;
        let field = first.keys().find(|k| {
            words::split(k).iter().any(|w| {
                matches!(w.as_str(), "price" | "amount" | "quantity" | "cost" | "distance" | "duration")
            })
        })?;
        let values: Vec<f64> = chosen.iter().filter_map(|c| c.get(field)?.as_f64()).collect();
        if values.len() != chosen.len() || values.len() < 2 {
            return None;
        }
        let sum = (values.iter().sum::<f64>() * 100.0).round() / 100.0;
        let value = if sum.fract() == 0.0 { Value::from(sum as i64) } else { Value::from(sum) };
        Some((field.clone(), value, tool.mined.units.get(field).cloned()))
    }
}
