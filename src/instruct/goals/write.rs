//! Wants that change the world.

use super::super::chain::{API, Arguments, Chain, Dead, dead};
use super::super::locate::{Located, required};
use super::super::{subject, verbs};
use super::{Goal, is_name, typed};
use crate::data::Scenario;
use crate::graph::{OpKind, Operation, ParamRole};
use crate::prompt::{Subject, Want};
use crate::words;
use crate::world::StoreKey;
use rand::RngExt;

impl Chain<'_> {
    pub(super) fn create(
        &mut self,
        operation: &Operation,
        within: Option<&(StoreKey, Located)>,
    ) -> Result<Goal, Dead> {
        let key = Self::key(operation)?;
        let (mut arguments, scope) = self.scope(operation, key, None, within, 0)?;
        let mut under: Vec<Subject> = scope.clone().map(|s| s.subject).into_iter().collect();
        let parent = self.world.resource(key).parent.as_ref().map(|(p, _)| (API, *p));
        let inside = parent.zip(scope.clone());
        let linked = self.linked(operation, &mut arguments, inside.as_ref())?;
        under.extend(linked.into_iter().map(|(role, subject)| {
            if role.is_empty() { subject } else { Subject { kind: subject.kind, ..subject } }
        }));
        let values = self.values(operation, key, &mut arguments, None, 3)?;
        let named = arguments.values.keys().any(|k| {
            is_name(k)
                || words::split(k).last().is_some_and(|w| {
                    matches!(w.as_str(), "email" | "username" | "number" | "address" | "domain")
                })
        });
        if values.is_empty() || !named && values.len() < 2 {
            return dead("too little is said of it");
        }
        let call = self.call(operation, arguments)?;
        self.wanted.push(call);
        Ok((
            Want::Create { kind: self.world.resource(key).words.clone(), under, values, facts: Vec::new() },
            Scenario::Create,
        ))
    }

    /// Links to other records that a write needs, located; each with the role it plays.
    pub(super) fn linked(
        &mut self,
        operation: &Operation,
        arguments: &mut Arguments,
        within: Option<&(StoreKey, Located)>,
    ) -> Result<Vec<(String, Subject)>, Dead> {
        let tool = self.tool(&operation.tool)?;
        let required = required(&tool.parameters);
        let mut out = Vec::new();
        for (name, role) in operation.roles.clone() {
            let ParamRole::Link(target, field) = role else { continue };
            if arguments.values.contains_key(&name)
                || !required.contains(&name)
                    && (operation.kind == OpKind::Update || !self.rng.random_bool(0.6))
            {
                continue;
            }
            let schema = tool.parameters["properties"][&name].clone();
            let key = (API, target);
            if !required.contains(&name)
                && (self.world.records(key).next().is_none() || !self.world.resource(key).listed)
            {
                continue;
            }
            let named = subject::name_field(self.world.resource(key))
                .is_some_and(|n| !matches!(n.as_str(), "address" | "description" | "text"));
            if !required.contains(&name) && !named {
                continue;
            }
            let nested = within.filter(|(k, _)| {
                self.world.resource(key).parent.as_ref().is_some_and(|(p, _)| (API, *p) == *k)
            });
            let located = match self.locate_any(key, nested, &[], 0) {
                Ok(l) => l,
                Err(e) if required.contains(&name) => return Err(e),
                Err(_) => continue,
            };
            let id = typed(&located.id, tool, &name);
            let (value, pointer) = match (schema.get("items"), schema.get("properties")) {
                (Some(items), _) if items.get("properties").is_some() => {
                    (serde_json::json!([{"id": id}]), format!("/{name}/0/id"))
                }
                (Some(_), _) => (serde_json::json!([id]), format!("/{name}/0")),
                (_, Some(_)) => (serde_json::json!({"id": id}), format!("/{name}/id")),
                _ => (id, format!("/{name}")),
            };
            arguments.values.insert(name.clone(), value);
            arguments.sources.push((pointer, located.source.clone()));
            let noun = words::id_noun(&field)
                .filter(|n| !n.is_empty())
                .unwrap_or_else(|| words::singular_words(&words::split(&field)));
            let role = if field == "destination" { "to".to_owned() } else { noun.join(" ") };
            let mut subject = located.subject;
            if nested.is_some() {
                // It is in the same place as what is made: that is said once.
                subject.within = None;
            }
            out.push((role, subject));
        }
        Ok(out)
    }

    pub(super) fn update(
        &mut self,
        operation: &Operation,
        within: Option<&(StoreKey, Located)>,
        taken: &mut Vec<u32>,
    ) -> Result<Goal, Dead> {
        let key = Self::key(operation)?;
        let located = self.locate_any(key, within, taken, 0)?;
        taken.push(located.at);
        let mut arguments = self.address(operation, key, &located)?;
        let record = self.world.record(key, located.at).cloned();
        let values = self.values(operation, key, &mut arguments, record.as_deref(), 2)?;
        if values.is_empty() {
            return dead("nothing would change");
        }
        let before = self.world.changes();
        let call = self.call(operation, arguments)?;
        if self.world.changes() == before {
            return dead("nothing changed");
        }
        self.wanted.push(call);
        Ok((Want::Update { subject: located.subject, values, facts: Vec::new() }, Scenario::Update))
    }

    pub(super) fn update_own(&mut self, operation: &Operation) -> Result<Goal, Dead> {
        let key = Self::key(operation)?;
        let mut arguments = Arguments::default();
        let record = self.world.record(key, 0).cloned();
        if record.is_none() {
            return dead("there is none");
        }
        let values = self.values(operation, key, &mut arguments, record.as_deref(), 1)?;
        if values.is_empty() {
            return dead("nothing would change");
        }
        let call = self.call(operation, arguments)?;
        self.wanted.push(call);
        let subject =
            Subject { kind: self.world.resource(key).words.clone(), own: true, ..Subject::default() };
        Ok((Want::Update { subject, values, facts: Vec::new() }, Scenario::Update))
    }

    /// Whether a move would leave the record where it is.
    fn stays(&self, operation: &Operation, key: StoreKey, arguments: &Arguments) -> bool {
        let Some((parent, _)) = &self.world.resource(key).parent else { return false };
        let given = |want: &dyn Fn(&ParamRole) -> bool| {
            operation.roles.iter().find(|(_, r)| want(r)).and_then(|(n, _)| arguments.values.get(n))
        };
        let here = given(&|r| matches!(r, ParamRole::Parent(p) if p == parent));
        let there = given(&|r| matches!(r, ParamRole::Link(p, _) if p == parent));
        there.is_some() && here == there
    }

    pub(super) fn delete(
        &mut self,
        operation: &Operation,
        within: Option<&(StoreKey, Located)>,
        taken: &mut Vec<u32>,
    ) -> Result<Goal, Dead> {
        let key = Self::key(operation)?;
        let located = self.locate_any(key, within, taken, 0)?;
        taken.push(located.at);
        let mut arguments = self.address(operation, key, &located)?;
        self.fill_fixed(operation, &mut arguments)?;
        let call = self.call(operation, arguments)?;
        self.wanted.push(call);
        Ok((Want::Delete { subject: located.subject }, Scenario::Delete))
    }

    pub(super) fn act(
        &mut self,
        operation: &Operation,
        within: Option<&(StoreKey, Located)>,
        taken: &mut Vec<u32>,
    ) -> Result<Goal, Dead> {
        let has_target = operation.roles.values().any(|r| matches!(r, ParamRole::Id(_)));
        let (mut arguments, subject, key) = match (has_target, operation.resource) {
            (true, Some(r)) => {
                let key = (API, r);
                let located = self.locate_any(key, within, taken, 0)?;
                taken.push(located.at);
                (self.address(operation, key, &located)?, Some(located.subject), key)
            }
            (false, resource) => {
                let key = (API, resource.unwrap_or(0));
                let (arguments, scope) = if resource.is_some() {
                    self.scope(operation, key, None, within, 0)?
                } else {
                    (Arguments::default(), None)
                };
                (arguments, scope.map(|s| s.subject), key)
            }
            (true, None) => return dead("no resource"),
        };
        let others = self.linked(operation, &mut arguments, None)?;
        if subject.iter().chain(others.iter().map(|(_, s)| s)).any(|s| s.own && s.name.is_none()) {
            return dead("which one is not said");
        }
        if others.iter().any(|(_, s)| Some(s) == subject.as_ref()) {
            return dead("it would be moved to where it is");
        }
        let verb = verbs::verb_phrase(self.tool(&operation.tool)?, &self.world.resource(key).words);
        if verb == "move" && others.is_empty() {
            return dead("where to move it is not said");
        }
        if self.stays(operation, key, &arguments) {
            return dead("it is there already");
        }
        let values = self.values(operation, key, &mut arguments, None, 1)?;
        let first = verb.split(' ').next().unwrap_or_default();
        if !has_target && values.is_empty() && matches!(first, "import" | "send" | "test")
            || (matches!(first, "create" | "add" | "quick" | "insert" | "import"))
        {
            return dead("what is to be made is not known");
        }
        if subject.is_none() && others.is_empty() && values.is_empty() {
            return dead("nothing is said");
        }
        let call = self.call(operation, arguments)?;
        self.wanted.push(call);
        Ok((Want::Act { verb, subject, others, values, facts: Vec::new() }, Scenario::Act))
    }
}
