//! Fills a tool's parameters: ids from records seen, values from what was said, and what is missing as calls that may find it.

use super::arguments::{put, typed_like};
use super::matching;
use super::memory::Record;
use super::mind::{Mind, id_of};
use super::names;
use super::session::typed;
use super::step::Proposal;
use super::toolbox::{Param, Role};
use super::values;
use super::verbs::Class;
use serde_json::{Map, Value};

/// What came of filling a tool's parameters.
#[derive(Debug)]
pub enum Bound {
    /// Calls that can be made, one a record.
    Ready(Vec<Proposal>),
    /// Calls that may find what is missing.
    Needs(Vec<Proposal>),
    /// Nothing more can be found.
    Stuck,
}

/// Values, each with the record that it stands for.
type Values = Vec<(Value, Option<usize>)>;

/// What an id resolves to.
enum Resolved {
    /// These values, each with the record it stands for.
    To(Vec<(Value, Option<usize>)>),
    /// Not yet: these calls may help.
    After(Vec<Proposal>),
    /// Not at all.
    Never,
}

/// How deep the search for a missing id may go.
const DEPTH: usize = 4;

impl Mind<'_> {
    /// Fills a tool's parameters.
    pub fn bind(&self, tool: usize, depth: usize) -> Bound {
        if depth > DEPTH {
            return Bound::Stuck;
        }
        let ids: Vec<&Param<'_>> =
            self.tool(tool).params.iter().filter(|p| p.required && matches!(p.role, Role::Id(_))).collect();
        let mut ids = ids;
        if ids.is_empty() && matches!(self.tool(tool).class, Class::Act | Class::Update | Class::Delete) {
            let own = |p: &&Param<'_>| {
                p.path.len() == 1
                    && matches!(&p.role, Role::Id(n) if n.is_empty() || n.last() == self.tool(tool).noun.last())
            };
            ids.extend(self.tool(tool).params.iter().find(own));
        }
        // The most specific first: the record that is meant tells where it is kept.
        let own = |p: &&Param<'_>| matches!(&p.role, Role::Id(n) if n.is_empty() || n.last() == self.tool(tool).noun.last());
        let mut order: Vec<&Param<'_>> = ids.iter().rev().copied().collect();
        order.sort_by_key(|p| usize::from(!own(p)));
        if self.tool(tool).class == Class::Create || self.tool(tool).lists {
            order.clone_from(&ids);
        }
        let mut partial: Vec<(Map<String, Value>, Vec<usize>)> = vec![(Map::new(), Vec::new())];
        for param in order {
            let mut next = Vec::new();
            for (arguments, records) in &partial {
                if let Some(value) = self.known_from(param, records) {
                    let mut arguments = arguments.clone();
                    put(&mut arguments, &param.path, value);
                    next.push((arguments, records.clone()));
                    continue;
                }
                match self.resolve(tool, param, records, depth) {
                    Resolved::To(values) => {
                        for (value, record) in values {
                            let (mut arguments, mut records) = (arguments.clone(), records.clone());
                            put(&mut arguments, &param.path, typed_like(value, param.schema));
                            records.extend(record);
                            next.push((arguments, records));
                        }
                    }
                    Resolved::After(calls) => return Bound::Needs(calls),
                    Resolved::Never => return Bound::Stuck,
                }
            }
            partial = next;
        }
        let mut ready = Vec::new();
        for (arguments, records) in partial {
            match self.fill(tool, arguments, &records) {
                Ok(arguments) => ready.push(Proposal { tool, arguments: Value::Object(arguments) }),
                Err(needs) if !needs.is_empty() => return Bound::Needs(needs),
                Err(_) => {}
            }
        }
        if ready.is_empty() { Bound::Stuck } else { Bound::Ready(ready) }
    }

    /// Returns the earlier calls of a tool that this want would make, whatever their page.
    pub fn mine(&self, tool: usize) -> Vec<usize> {
        if let Some(known) = self.mine.borrow().get(&tool) {
            return known.clone();
        }
        let made = |f: &dyn Fn(&Value) -> bool| -> Vec<usize> {
            let past = self.memory.past.iter().enumerate();
            past.filter(|(_, p)| p.tool == Some(tool) && p.fault.is_none() && f(&p.call.arguments))
                .map(|(i, _)| i)
                .collect()
        };
        let found = match self.bind(tool, 0) {
            Bound::Ready(calls) => {
                let plain: Vec<Value> = calls.iter().map(|c| self.unpaged(tool, &c.arguments)).collect();
                made(&|arguments| plain.contains(&self.unpaged(tool, arguments)))
            }
            _ => Vec::new(),
        };
        self.mine.borrow_mut().insert(tool, found.clone());
        found
    }

    fn unpaged(&self, tool: usize, arguments: &Value) -> Value {
        let mut plain = arguments.clone();
        if let Value::Object(map) = &mut plain {
            for param in self.tool(tool).params.iter().filter(|p| p.role == Role::Page) {
                map.remove(&param.path[0]);
            }
        }
        plain
    }

    /// Takes an id from where a chosen record was found: its call's arguments, or the record itself.
    fn known_from(&self, param: &Param<'_>, records: &[usize]) -> Option<Value> {
        let Role::Id(noun) = &param.role else { return None };
        for index in records.iter().rev() {
            let record = &self.memory.records[*index];
            let context = self.context(record)?;
            let past = &self.memory.past[record.call];
            let tool = self.tool(past.tool?);
            for known in tool.params.iter().filter(|p| p.path.len() == 1) {
                let same_name = known.path == param.path && param.stems.len() > 1;
                let same_noun = matches!(&known.role, Role::Id(n) if !noun.is_empty() && !n.is_empty() && names::alike(n, noun) >= 0.9);
                if (same_name || same_noun)
                    && let Some(value) = context.get(&known.path[0])
                {
                    return Some(value.clone());
                }
            }
            if !noun.is_empty()
                && names::alike(&record.kind, noun) < 0.6
                && let Some(value) = id_of(record, noun, &param.path[0])
            {
                return Some(value.clone());
            }
        }
        None
    }

    fn resolve(&self, tool: usize, param: &Param<'_>, taken: &[usize], depth: usize) -> Resolved {
        let Role::Id(noun) = &param.role else { return Resolved::Never };
        if !noun.is_empty()
            && let Some(value) = self.own(noun, param).filter(|_| taken.is_empty())
        {
            return Resolved::To(vec![(value, None)]);
        }
        let known = |noun: &[String]| {
            self.tools.tools.iter().any(|t| t.class == Class::Read && names::alike(&t.noun, noun) >= 0.6)
                || self.memory.records.iter().any(|r| names::alike(&r.kind, noun) >= 0.6)
        };
        // An id that is called by no known noun (`app_id` of an application) is the tool's own.
        let noun: Vec<String> = if noun.is_empty() || !known(noun) && known(&self.tool(tool).noun) {
            self.own_noun(tool)
        } else {
            noun.clone()
        };
        if let Some(value) = self.own(&noun, param).filter(|_| taken.is_empty()) {
            return Resolved::To(vec![(value, None)]);
        }
        if let Some(value) = self.said_id(&noun, param) {
            return Resolved::To(vec![(value, None)]);
        }
        let chosen = self.choose(&noun, param, taken, self.tool(tool));
        if let Some(chosen) = &chosen
            && chosen.1
        {
            return Resolved::To(chosen.0.clone());
        }
        let calls = self.producers(&noun, depth);
        if !calls.is_empty() {
            return Resolved::After(calls);
        }
        // Nothing is done to another record than the one that was named.
        let named = !self.u.asks
            && self
                .unexplained()
                .iter()
                .any(|g| matching::labelled(&self.u, &self.u.words_in(&g.span), &noun) > 0.3);
        match chosen {
            Some(_) if named => Resolved::Never,
            Some((values, _)) => Resolved::To(values),
            None => self.linked(&noun, param).map_or(Resolved::Never, Resolved::To),
        }
    }

    /// An id that the user said themselves, or a code for what they said.
    fn said_id(&self, noun: &[String], param: &Param<'_>) -> Option<Value> {
        if let Some(value) = values::enum_said(self, param) {
            return Some(value);
        }
        let coded = |s: &String| matches!(s.as_str(), "countri" | "currenc" | "languag");
        if noun.iter().any(coded)
            && !self
                .tools
                .tools
                .iter()
                .any(|t| t.lists && names::alike(&t.noun, noun) > 0.9 && t.params.iter().all(|p| !p.required))
        {
            let names = self.u.given.iter().filter_map(|g| crate::words::code_of(&g.text));
            if let Some(code) = names.into_iter().next() {
                return Some(Value::from(code));
            }
        }
        let number_wanted = super::toolbox::type_of(param.schema) == "integer";
        self.u.given.iter().find_map(|g| {
            let words = self.u.words_in(&g.span);
            let inside = self.fits.iter().any(|f| {
                f.named
                    && f.words
                        .iter()
                        .any(|w| w.len() > words.len() && w.start <= words.start && words.end <= w.end)
            }) || g.shape != super::utterance::Shape::Email
                && self.u.words.get(words.start).is_some_and(|w| w.quoted)
                && g.shape != super::utterance::Shape::Quoted
                || self.u.text[..g.span.start].ends_with('(');
            if inside {
                return None;
            }
            let near = matching::labelled(&self.u, &words, noun) > 0.35
                || matching::labelled(&self.u, &words, &["id".to_owned(), "number".to_owned()]) > 0.5
                    && self.speaks_of(noun) > 0.6;
            let text = g.text.trim_start_matches('#');
            let ahead = words.start.checked_sub(1).map_or("", |b| self.u.words[b].stem.as_str());
            let introduced = self.u.text[..g.span.start].ends_with('#')
                || noun.iter().any(|n| n == ahead)
                || matches!(ahead, "id" | "number" | "no" | "nr" | "key" | "code" | "slug" | "ref");
            let fits = match &g.shape {
                super::utterance::Shape::Id => introduced && (!number_wanted || text.parse::<i64>().is_ok()),
                super::utterance::Shape::Number(n) => {
                    self.is_numbered(&words)
                        && !n.worded
                        && n.unit.is_empty()
                        && n.value.fract() == 0.0
                        && number_wanted
                }
                super::utterance::Shape::Email => {
                    noun.iter().any(|n| n == "address" || n == "email" || n == "mail")
                }
                super::utterance::Shape::Name | super::utterance::Shape::Quoted => {
                    // A name is an id only where nothing can look it up.
                    let finds =
                        self.tools.tools.iter().any(|t| t.lists && names::alike(&t.noun, noun) >= 0.6);
                    return (!finds && near && !text.contains(' ') && !number_wanted)
                        .then(|| Value::from(text));
                }
                _ => false,
            };
            (near && fits).then(|| typed(text, param.schema))
        })
    }

    /// Whether a number is said to be an id: "order 100482", "#12", "number 7".
    fn is_numbered(&self, words: &std::ops::Range<usize>) -> bool {
        let start = self.u.words[words.start].span.start;
        let before = words.start.checked_sub(1).map_or("", |b| self.u.words[b].text.as_str());
        self.u.text[..start].ends_with('#')
            || matches!(before, "number" | "no" | "id" | "nr")
            || words.end > words.start && self.u.words[words.start].text.len() >= 3
    }

    /// An id that the session knows.
    fn own(&self, noun: &[String], param: &Param<'_>) -> Option<Value> {
        let named = |name: &[String]| self.u.find_run(name).is_some();
        let value = self.session.value_for(noun, &named)?;
        // Another one that is called by name is not the user's own.
        let other = self.of_kind(noun).iter().any(|(i, _)| self.fits[*i].named);
        (!other).then(|| typed(&value, param.schema))
    }

    /// What a tool's own id is the id of: its noun, or the word of its name that something lists.
    fn own_noun(&self, tool: usize) -> Vec<String> {
        let this = self.tool(tool);
        let listed =
            |noun: &[String]| self.tools.tools.iter().any(|t| t.lists && names::alike(&t.noun, noun) >= 0.6);
        if listed(&this.noun) {
            return this.noun.clone();
        }
        let word =
            this.noun.iter().chain(&this.name).find(|w| w.len() > 2 && listed(std::slice::from_ref(w)));
        word.map_or_else(|| this.noun.clone(), |w| vec![w.clone()])
    }

    /// Chooses among the records of a kind. The flag says whether the choice is sure.
    fn choose(
        &self,
        noun: &[String],
        param: &Param<'_>,
        taken: &[usize],
        tool: &super::toolbox::Tool<'_>,
    ) -> Option<(Values, bool)> {
        let name = param.path.last().map_or("id", String::as_str);
        let all = self.of_kind(noun);
        let usable: Vec<(usize, &Record)> = all
            .into_iter()
            .filter(|(i, r)| {
                !taken.contains(i)
                    && id_of(r, noun, name).is_some()
                    && !self.refused(tool, param, id_of(r, noun, name))
            })
            .collect();
        if usable.is_empty() {
            return None;
        }
        let value = |i: usize| id_of(&self.memory.records[i], noun, name).cloned().map(|v| (v, Some(i)));
        let group = self.best(&usable, noun);
        let best = group.first().map_or(0.0, |i| self.fits[*i].score);
        // What was mentioned and is not found yet may be of this kind.
        let open = self.u.asks
            && self.unexplained().iter().any(|g| self.u.own.contains(&self.u.words_in(&g.span).start));
        let complete = self.next_pages(noun).is_empty();
        let members: Vec<(usize, &Record)> = group.iter().map(|i| (*i, &self.memory.records[*i])).collect();
        let extreme = matching::extreme(&self.u, &super::utterance::Mask::none(&self.u));
        let first = |order: Vec<usize>| order.first().and_then(|i| value(*i)).map(|v| vec![v]);
        if best >= 0.9 {
            let named = group.iter().any(|i| self.fits[*i].named);
            if members.len() > 1
                && let Some(extreme) = extreme
                && let Some(order) = matching::by_extreme(&self.u, extreme, &members)
            {
                return Some((first(order)?, complete));
            }
            let many = self.plural_of(noun) && members.len() > 1;
            let chosen: Vec<_> =
                group.iter().take(if many { 6 } else { 1 }).filter_map(|i| value(*i)).collect();
            return Some((chosen, named || complete));
        }
        if let Some(extreme) = extreme
            && self.speaks_of(noun) > 0.0
            && let Some(order) = matching::by_extreme(&self.u, extreme, &usable)
        {
            return Some((first(order)?, complete));
        }
        if let [(only, _)] = usable.as_slice() {
            return Some((vec![value(*only)?], complete && !open));
        }
        if let Some((i, _)) = usable.iter().find(|(_, r)| {
            ["primary", "default", "isDefault", "is_default"]
                .iter()
                .any(|k| r.value.get(*k) == Some(&Value::Bool(true)))
        }) {
            return Some((vec![value(*i)?], true));
        }
        // Where a container is not said, all of them may hold what is meant.
        if tool.class == Class::Read && complete && !open {
            let chosen: Vec<_> = usable.iter().take(6).filter_map(|(i, _)| value(*i)).collect();
            return Some((chosen, true));
        }
        Some((vec![value(usable[0].0)?], false))
    }

    /// Whether a call of a tool with this id has failed already.
    fn refused(&self, tool: &super::toolbox::Tool<'_>, param: &Param<'_>, id: Option<&Value>) -> bool {
        let wrong =
            |fault: &String| fault.starts_with("Invalid arguments") || fault.starts_with("This call was");
        let past = self
            .memory
            .past
            .iter()
            .filter(|p| p.call.name == tool.spec.name && p.fault.as_ref().is_some_and(|f| !wrong(f)));
        past.into_iter().any(|p| id.is_some() && p.call.arguments.get(&param.path[0]) == id)
    }

    /// A record's reference to another, as its position's id.
    fn linked(&self, noun: &[String], param: &Param<'_>) -> Option<Vec<(Value, Option<usize>)>> {
        let all: Vec<(usize, &Record)> = self.memory.records.iter().enumerate().collect();
        let group = self.best(&all, noun);
        let found = group.iter().find_map(|i| {
            id_of(&self.memory.records[*i], noun, param.path.last()?).cloned().map(|v| (v, None))
        });
        found.map(|v| vec![v])
    }

    /// Calls that may show records of a kind: further pages of a list, or lists and searches not yet made.
    pub fn producers(&self, noun: &[String], depth: usize) -> Vec<Proposal> {
        let pages = self.next_pages(noun);
        if !pages.is_empty() {
            return pages;
        }
        let mut sources: Vec<(f64, usize)> = self
            .tools
            .tools
            .iter()
            .enumerate()
            .filter(|(_, t)| t.class == Class::Read)
            .map(|(i, t)| {
                let own = t.params.iter().any(|p| {
                    p.required
                        && matches!(&p.role, Role::Id(n) if n.is_empty() || names::alike(n, noun) >= 0.9)
                });
                let effort = t.params.iter().filter(|p| p.required).count() as f64;
                let listing = if t.lists { 0.3 } else { 0.0 };
                (if own { 0.0 } else { names::alike(&t.noun, noun) + listing - 0.05 * effort }, i)
            })
            .filter(|(score, _)| *score >= 0.55)
            .collect();
        sources.sort_by(|a, b| b.0.total_cmp(&a.0).then(a.1.cmp(&b.1)));
        for (_, tool) in sources {
            let calls = match self.bind(tool, depth + 1) {
                Bound::Ready(calls) => self.searches(tool, calls, noun),
                Bound::Needs(calls) => calls,
                Bound::Stuck => continue,
            };
            let made = !calls.is_empty();
            let first = calls.first().cloned();
            let fresh: Vec<Proposal> = calls.into_iter().filter(|c| self.fresh(c)).take(6).collect();
            if !fresh.is_empty() {
                return fresh;
            }
            let others =
                first.filter(|c| made && c.tool == tool).map(|c| self.other_choices(&c)).unwrap_or_default();
            if !others.is_empty() {
                return others;
            }
        }
        Vec::new()
    }

    /// The same call with another of a demanded parameter's few values, where what is meant was not among the first's.
    fn other_choices(&self, call: &Proposal) -> Vec<Proposal> {
        let tool = self.tool(call.tool);
        let Some(param) =
            tool.params.iter().find(|p| p.required && p.role == Role::Enum && p.path.len() == 1)
        else {
            return Vec::new();
        };
        let allowed = param.schema.get("enum").and_then(Value::as_array).cloned().unwrap_or_default();
        let other = |value: &Value| {
            let mut call = call.clone();
            call.arguments[&param.path[0]] = value.clone();
            call
        };
        allowed.iter().filter(|v| !v.is_null()).map(other).filter(|c| self.fresh(c)).take(4).collect()
    }

    /// Points a search at each thing mentioned that was not found yet.
    fn searches(&self, tool: usize, calls: Vec<Proposal>, noun: &[String]) -> Vec<Proposal> {
        let Some(param) = values::search_param(self, tool) else { return calls };
        let mentions: Vec<String> = self.mention_for(noun, &[]).iter().map(|g| g.text.clone()).collect();
        let looked = |text: &str| {
            self.memory.past.iter().any(|p| {
                p.tool == Some(tool)
                    && p.call.arguments.get(&param.path[0]).and_then(Value::as_str) == Some(text)
            })
        };
        let mut out = Vec::new();
        for call in &calls {
            for text in mentions.iter().filter(|t| !looked(t)).take(3) {
                let mut call = call.clone();
                call.arguments[&param.path[0]] = Value::from(text.as_str());
                out.push(call);
            }
        }
        if out.is_empty() { calls } else { out }
    }
}
