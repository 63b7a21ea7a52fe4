//! Wants that are answered by a computation.

use super::super::chain::{API, Arguments, Chain, Dead, dead};
use super::{Goal, typed};
use crate::data::{ArgumentSource, Scenario};
use crate::graph::{Compute, Operation, ParamRole};
use crate::prompt::{Asked, Subject, SurveyAsk, Trait, Want};
use crate::words;
use rand::RngExt;
use rand::seq::IndexedRandom;
use serde_json::Value;

impl Chain<'_> {
    #[expect(clippy::too_many_lines, reason = "the places, the unit, the call and the fact, in their order")]
    pub(super) fn compute(
        &mut self,
        what: Compute,
        operation: &Operation,
        taken: &mut Vec<u32>,
    ) -> Result<Goal, Dead> {
        if what == Compute::Inventory {
            return self.inventory(operation);
        }
        let mut arguments = Arguments::default();
        let mut subjects = Vec::new();
        for (name, role) in operation.roles.clone() {
            let target = match role {
                ParamRole::Id(r) | ParamRole::Parent(r) | ParamRole::Link(r, _) => Some(r),
                ParamRole::Filter(..) if words::id_noun(&name).is_some() => operation.resource,
                _ => None,
            };
            let Some(target) = target else { continue };
            let located = self.locate_any((API, target), None, taken, 0)?;
            taken.push(located.at);
            arguments.set(
                &name,
                typed(&located.id, self.tool(&operation.tool)?, &name),
                located.source.clone(),
            );
            subjects.push(located.subject);
        }
        let tool = self.tool(&operation.tool)?;
        let mut unit = None;
        if what == Compute::Distance {
            if subjects.len() < 2 {
                return dead("a distance needs two places");
            }
            if let Some((name, schema)) = tool.parameters["properties"]
                .as_object()
                .into_iter()
                .flatten()
                .find(|(n, _)| n.to_lowercase().ends_with("unit"))
            {
                let choices: Vec<&Value> = schema
                    .get("enum")
                    .and_then(Value::as_array)
                    .map(|e| e.iter().collect())
                    .unwrap_or_default();
                let km = choices.iter().find(|c| c.as_str().is_some_and(|s| s.eq_ignore_ascii_case("km")));
                match km {
                    Some(km) if self.rng.random_bool(0.7) => {
                        arguments.set(name, (*km).clone(), ArgumentSource::Normalised("unit".to_owned()));
                        unit = Some("km".to_owned());
                    }
                    _ => unit = Some("miles".to_owned()),
                }
            }
        }
        self.fill_fixed(operation, &mut arguments)?;
        let call = self.call(operation, arguments)?;
        let body = self.calls[call].observation.clone();
        let value = body
            .as_object()
            .and_then(|o| o.values().find(|v| v.is_number() || v.is_string()).cloned())
            .unwrap_or(body);
        if !(value.is_number() || value.is_string()) {
            return dead("nothing was computed");
        }
        let (label, kind) = match what {
            Compute::Distance => ("distance", "number"),
            Compute::LocalTime => ("local time", "instant"),
            Compute::LocalDateTime => ("local date and time", "instant"),
            Compute::Inventory => ("count", "number"),
        };
        self.fact(label, &value, unit.clone());
        if let Some(fact) = self.facts.last_mut().filter(|_| matches!(what, Compute::LocalTime)) {
            fact.kind = crate::data::FactKind::Instant;
        }
        self.wanted.push(call);
        Ok((
            Want::Compute {
                what: Asked { label: label.to_owned(), kind: kind.to_owned(), unit },
                subjects,
                values: Vec::new(),
            },
            Scenario::Compute,
        ))
    }

    pub(super) fn inventory(&mut self, operation: &Operation) -> Result<Goal, Dead> {
        let call = self.call(operation, Arguments::default())?;
        let counts: Vec<(String, Value)> = self.calls[call]
            .observation
            .as_object()
            .into_iter()
            .flatten()
            .map(|(k, v)| (k.clone(), v.clone()))
            .collect();
        let Some((status, n)) = counts.choose(&mut self.rng).cloned() else {
            return dead("nothing in stock");
        };
        self.fact("count", &n, None);
        self.wanted.push(call);
        let model = self.model();
        let kind = model
            .resources
            .iter()
            .find(|r| r.listed && r.properties().get("status").is_some_and(|s| s.get("enum").is_some()))
            .map_or("item", |r| r.words.as_str())
            .to_owned();
        let words = words::enum_words(&status);
        let subject = Subject {
            kind,
            traits: vec![Trait { label: "status".to_owned(), value: words, exact: Value::String(status) }],
            ..Subject::default()
        };
        Ok((Want::Survey { subject, ask: SurveyAsk::Count }, Scenario::Compute))
    }
}
