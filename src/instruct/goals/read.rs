//! Wants that are answered by reading a record.

use super::super::chain::{API, Arguments, Chain, Dead, dead, usable};
use super::super::locate::{Located, shown_records};
use super::super::subject;
use super::{Goal, typed};
use crate::data::{ArgumentSource, Scenario};
use crate::graph::{LinkForm, Match, OpKind, Operation, ParamRole};
use crate::prompt::{Asked, Subject, Trait, Want};
use crate::words;
use crate::world::{Record, StoreKey};
use rand::RngExt;
use rand::seq::IndexedRandom;
use serde_json::Value;
use std::sync::Arc;

impl Chain<'_> {
    pub(super) fn know(
        &mut self,
        operation: &Operation,
        within: Option<&(StoreKey, Located)>,
        taken: &mut Vec<u32>,
    ) -> Result<Goal, Dead> {
        let key = Self::key(operation)?;
        if self.rng.random_bool(0.35)
            && let Some(goal) = self.know_by_link(operation, key)?
        {
            return Ok(goal);
        }
        let located = match self.locate_any(key, within, taken, 0) {
            Ok(l) => l,
            Err(e) => match self.know_by_link(operation, key)? {
                Some(goal) => return Ok(goal),
                None => return Err(e),
            },
        };
        taken.push(located.at);
        let facts = self.read(operation, key, &located)?;
        Ok((Want::Know { subject: located.subject, facts }, Scenario::Lookup))
    }

    /// Reads a located record and asks what only this call shows.
    pub(super) fn read(
        &mut self,
        operation: &Operation,
        key: StoreKey,
        located: &Located,
    ) -> Result<Vec<Asked>, Dead> {
        let arguments = self.addressed(operation, key, located)?;
        let call = self.call(operation, arguments)?;
        let tool = self.tool(&operation.tool)?;
        let record = self.only_record(operation, call)?;
        let fields = self.askable(key, &record, &located.seen, &located.subject);
        if fields.is_empty() {
            return dead("reading it shows nothing new");
        }
        self.wanted.push(call);
        Ok(self.ask(key, tool, &fields))
    }

    /// A record that another record names: "who is the ticket assigned to", "which group is the van in".
    pub(super) fn know_by_link(
        &mut self,
        operation: &Operation,
        key: StoreKey,
    ) -> Result<Option<Goal>, Dead> {
        let model = self.model();
        let mut ways: Vec<(usize, crate::graph::Link)> = Vec::new();
        for (index, resource) in model.resources.iter().enumerate() {
            for link in resource
                .links
                .iter()
                .filter(|l| l.target == key.1 && matches!(l.form, LinkForm::Id | LinkForm::Object))
            {
                let listed = model
                    .operations
                    .iter()
                    .any(|o| o.kind == OpKind::List && o.resource == Some(index) && usable(o));
                if listed && index != key.1 {
                    ways.push((index, link.clone()));
                }
            }
        }
        let Some((from, link)) = ways.choose(&mut self.rng).cloned() else { return Ok(None) };
        let before = (self.calls.len(), self.session.len());
        let source = self.locate_any((API, from), None, &[], 0)?;
        let held = match (link.form, source.seen.get(&link.field)) {
            (LinkForm::Object, Some(o)) => o.get("id").cloned().map(|v| (v, format!("/{}/id", link.field))),
            (_, Some(v)) => Some((v.clone(), format!("/{}", link.field))),
            _ => None,
        };
        let (Some((id, below)), Some(call)) = (held, source.found_by) else { return self.unwound(before) };
        let ArgumentSource::Result(_, pointer) = &source.source else { return self.unwound(before) };
        let base = pointer.rsplit_once('/').map(|(b, _)| b.to_owned()).unwrap_or_default();
        let Some(at) = self.world.find(key, &id) else { return self.unwound(before) };
        let noun =
            words::id_noun(&link.field).unwrap_or_else(|| words::singular_words(&words::split(&link.field)));
        let linked = Subject {
            kind: noun.join(" "),
            within: Some(Box::new(source.subject.clone())),
            ..Subject::default()
        };
        let located = Located {
            at,
            id,
            source: ArgumentSource::Result(call, format!("{base}{below}")),
            subject: linked.clone(),
            seen: source.seen.get(&link.field).cloned().unwrap_or(Value::Null),
            found_by: None,
        };
        let mut arguments = Arguments::default();
        for (name, role) in operation.roles.clone() {
            match role {
                ParamRole::Id(r) if (API, r) == key => arguments.set(
                    &name,
                    typed(&located.id, self.tool(&operation.tool)?, &name),
                    located.source.clone(),
                ),
                ParamRole::Parent(p) => {
                    let from_finder = self.parent_id((API, from), &source, (API, p))?;
                    arguments.set(&name, from_finder.0, from_finder.1);
                }
                _ => {}
            }
        }
        self.fill_fixed(operation, &mut arguments)?;
        let read = self.call(operation, arguments)?;
        let tool = self.tool(&operation.tool)?;
        let record = self.only_record(operation, read)?;
        let fields = self.askable(key, &record, &located.seen, &linked);
        if fields.is_empty() {
            return dead("reading it shows nothing new");
        }
        self.wanted.push(read);
        let facts = self.ask(key, tool, &fields);
        Ok(Some((Want::Know { subject: linked, facts }, Scenario::Lookup)))
    }

    pub(super) fn unwound(&mut self, before: (usize, usize)) -> Result<Option<Goal>, Dead> {
        if self.calls.len() > before.0 { dead("the link is not shown") } else { Ok(None) }
    }

    pub(super) fn near(
        &mut self,
        operation: &Operation,
        within: Option<&(StoreKey, Located)>,
    ) -> Result<Goal, Dead> {
        let key = Self::key(operation)?;
        let source = operation.roles.values().find_map(|r| match r {
            ParamRole::Id(r) | ParamRole::Parent(r) => Some((API, *r)),
            _ => None,
        });
        let Some(source) = source else { return dead("near what is not said") };
        if crate::world::partial(self.world.resource(key)) {
            return dead("the world holds only some of them: nothing can be said of all that are near");
        }
        let located = self.locate_any(source, within, &[], 0)?;
        let mut arguments = Arguments::default();
        for (name, role) in operation.roles.clone() {
            if matches!(role, ParamRole::Id(r) | ParamRole::Parent(r) if (API, r) == source) {
                arguments.set(
                    &name,
                    typed(&located.id, self.tool(&operation.tool)?, &name),
                    located.source.clone(),
                );
            }
        }
        self.fill_fixed(operation, &mut arguments)?;
        let call = self.call(operation, arguments)?;
        let shape = operation.shape.clone().ok_or_else(|| Dead("no result".to_owned()))?;
        let shown: Vec<Value> =
            shown_records(&self.calls[call].observation, &shape.path).into_iter().cloned().collect();
        let Some(name) = subject::name_field(self.world.resource(key)) else {
            return dead("they have no names");
        };
        let names: Vec<Value> = shown.iter().filter_map(|s| s.get(&name).cloned()).collect();
        if names.is_empty() || names.len() > 5 || names.len() != shown.len() {
            return dead("too many or too few are near");
        }
        for value in &names {
            self.fact(&name, value, None);
        }
        self.wanted.push(call);
        let related = words::plural(&self.world.resource(key).words);
        let last = self
            .tool(&operation.tool)?
            .call
            .path()
            .rsplit(['/', '.'])
            .find(|p| !p.starts_with('{') && *p != "get")
            .unwrap_or_default()
            .to_owned();
        let adjective = words::split(&last)
            .first()
            .filter(|w| matches!(w.as_str(), "nearby" | "similar" | "related"))
            .cloned()
            .unwrap_or_else(|| "related".to_owned());
        let what = Asked { label: format!("{adjective} {related}"), kind: "list".to_owned(), unit: None };
        Ok((Want::Compute { what, subjects: vec![located.subject], values: Vec::new() }, Scenario::Lookup))
    }

    /// The record that what the user says of it picks out.
    pub(super) fn find_one(&mut self, operation: &Operation) -> Result<Goal, Dead> {
        let key = Self::key(operation)?;
        let records: Vec<Arc<Record>> = self.world.records(key).map(|(_, r)| r.clone()).collect();
        let Some(record) = records.choose(&mut self.rng).cloned() else {
            return dead("there is nothing to find");
        };
        let own = self.own_words(key);
        let mut arguments = Arguments::default();
        let mut subject = Subject { kind: self.world.resource(key).words.clone(), ..Subject::default() };
        for (name, role) in operation.roles.clone() {
            let ParamRole::Filter(field, Match::Contains | Match::Equal) = role else { continue };
            let Some(value) = record
                .fields
                .get(&field)
                .filter(|v| v.as_str().is_some_and(|s| !s.is_empty() && s.len() < 60))
            else {
                continue;
            };
            let text = value.as_str().unwrap_or_default().to_owned();
            if subject.name.is_none()
                && subject::name_field(self.world.resource(key)).as_deref() == Some(&field)
            {
                subject.name = Some(text);
            } else {
                subject.traits.push(Trait {
                    label: words::label(&field, &own),
                    value: text,
                    exact: value.clone(),
                });
            }
            arguments.set(&name, value.clone(), ArgumentSource::Verbatim);
        }
        if arguments.values.is_empty() {
            return dead("nothing to find it by");
        }
        self.fill_fixed(operation, &mut arguments)?;
        let call = self.call(operation, arguments)?;
        let tool = self.tool(&operation.tool)?;
        let found = self.only_record(operation, call)?;
        let fields = self.askable(key, &found, &Value::Null, &subject);
        if fields.is_empty() {
            return dead("nothing to ask");
        }
        self.wanted.push(call);
        let facts = self.ask(key, tool, &fields);
        Ok((Want::Know { subject, facts }, Scenario::Lookup))
    }

    pub(super) fn know_of_parent(
        &mut self,
        operation: &Operation,
        within: Option<&(StoreKey, Located)>,
    ) -> Result<Goal, Dead> {
        let key = Self::key(operation)?;
        let (mut arguments, scope) = self.scope(operation, key, None, within, 0)?;
        let Some(scope) = scope else { return dead("it belongs to nothing") };
        self.fill_fixed(operation, &mut arguments)?;
        let call = self.call(operation, arguments)?;
        let tool = self.tool(&operation.tool)?;
        let record = self.only_record(operation, call)?;
        let subject = Subject {
            kind: self.world.resource(key).words.clone(),
            within: Some(Box::new(scope.subject)),
            ..Subject::default()
        };
        let fields = self.askable(key, &record, &Value::Null, &subject);
        if fields.is_empty() {
            return dead("nothing to ask");
        }
        self.wanted.push(call);
        let facts = self.ask(key, tool, &fields);
        Ok((Want::Know { subject, facts }, Scenario::Lookup))
    }

    pub(super) fn know_own(&mut self, operation: &Operation) -> Result<Goal, Dead> {
        let key = Self::key(operation)?;
        let owned = [
            "account",
            "user",
            "profile",
            "settings",
            "server",
            "session",
            "shop",
            "vacation",
            "subscription",
            "plan",
        ];
        if !owned.contains(&self.world.resource(key).words.rsplit(' ').next().unwrap_or_default()) {
            return dead("nobody has one of these");
        }
        let mut arguments = Arguments::default();
        self.fill_fixed(operation, &mut arguments)?;
        let call = self.call(operation, arguments)?;
        let tool = self.tool(&operation.tool)?;
        let record = self.only_record(operation, call)?;
        let subject =
            Subject { kind: self.world.resource(key).words.clone(), own: true, ..Subject::default() };
        let mut fields = self.askable(key, &record, &Value::Null, &subject);
        fields.retain(|(name, _)| {
            !words::split(name).iter().any(|w| matches!(w.as_str(), "updated" | "created" | "modified"))
        });
        if fields.is_empty() {
            return dead("nothing to ask");
        }
        self.wanted.push(call);
        let facts = self.ask(key, tool, &fields);
        Ok((Want::Know { subject, facts }, Scenario::Lookup))
    }
}
