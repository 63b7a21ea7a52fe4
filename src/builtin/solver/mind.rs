//! All that the solver thinks with, made anew from the scene each turn.

use super::binding::Bound;
use super::matching::{self, Fit};
use super::memory::{Memory, More, Record};
use super::names;
use super::session::Session;
use super::toolbox::{Role, Tool, Toolbox};
use super::utterance::{Given, Mask, Shape, Utterance};
use super::wants::Want;
use crate::checks::natural;
use crate::data::ToolCall;
use crate::prompt::Scene;
use serde_json::{Map, Value};
use std::cell::RefCell;
use std::collections::BTreeMap;

/// A call that is proposed.
#[derive(Clone, Debug, PartialEq)]
pub struct Proposal {
    /// The tool.
    pub tool: usize,
    /// Its arguments.
    pub arguments: Value,
}

/// One want, understood over all that has been seen.
pub struct Mind<'a> {
    /// What the user said of it.
    pub u: Utterance,
    /// The offered tools.
    pub tools: &'a Toolbox<'a>,
    /// What has been seen.
    pub memory: &'a Memory<'a>,
    /// What the system message says.
    pub session: &'a Session,
    /// Calls that were tried from here and led nowhere.
    pub banned: Vec<&'a ToolCall>,
    /// How well each record seen fits what was said.
    pub fits: Vec<Fit>,
    /// Earlier calls that had the effect wanted.
    pub claimed: Vec<usize>,
    /// The verb that asks for an effect.
    pub verb: Option<usize>,
    /// By tool: the earlier calls of it that this want would make.
    mine: RefCell<BTreeMap<usize, Vec<usize>>>,
}

impl<'a> Mind<'a> {
    /// Understands a want.
    pub fn of(
        want: &Want,
        scene: &'a Scene,
        session: &'a Session,
        tools: &'a Toolbox<'a>,
        memory: &'a Memory<'a>,
    ) -> Self {
        let u = Utterance::read(want, session.now.clone());
        let mask = Mask::none(&u);
        let fit = |r: &Record| {
            let mut fit = matching::fit(r, &u, &mask);
            // What only the words before say is meant where nothing nearer is.
            if !fit.words.is_empty() && fit.words.iter().all(|w| w.end <= u.own.start) {
                fit.score *= 0.75;
            }
            fit
        };
        let fits = memory.records.iter().map(fit).collect();
        let verb = super::wants::effect(&u.words, u.own.clone()).map(|(at, _)| at);
        let banned = scene.tried.iter().flatten().collect();
        Self { u, tools, memory, session, banned, fits, claimed: Vec::new(), verb, mine: RefCell::default() }
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

    /// Returns a tool.
    pub fn tool(&self, index: usize) -> &Tool<'a> {
        &self.tools.tools[index]
    }

    /// Whether a call is worth making: not made yet, and not tried from here.
    pub fn fresh(&self, proposal: &Proposal) -> bool {
        let name = &self.tool(proposal.tool).spec.name;
        !self.memory.made(name, &proposal.arguments)
            && !self.banned.iter().any(|c| c.name == *name && c.arguments == proposal.arguments)
    }

    /// Returns the records of a kind, with their positions, newest calls first where ids repeat.
    pub fn of_kind(&self, noun: &[String]) -> Vec<(usize, &Record)> {
        let top = self.memory.records.iter().enumerate().filter(|(_, r)| names::alike(&r.kind, noun) >= 0.6);
        let mut out: Vec<(usize, &Record)> = Vec::new();
        for (i, record) in top {
            // The same record seen twice is one: the fuller view stays.
            let id = own_id(record);
            if let Some(slot) = out.iter_mut().find(|(_, r)| id.is_some() && own_id(r) == id) {
                let better = self.fits[i].score > self.fits[slot.0].score + 0.5;
                let worse = self.fits[i].score < self.fits[slot.0].score - 0.5;
                if better || !worse && record.fields.len() >= slot.1.fields.len() {
                    *slot = (i, record);
                }
                continue;
            }
            out.push((i, record));
        }
        out
    }

    /// Returns the arguments of the call that showed a record.
    pub fn context(&self, record: &Record) -> Option<&Map<String, Value>> {
        self.memory.past[record.call].call.arguments.as_object()
    }

    /// Whether a word of a noun stands in the text.
    pub fn speaks_of(&self, noun: &[String]) -> f64 {
        let Some(head) = noun.last() else { return 0.0 };
        let implied = match head.as_str() {
            "countri" => Some(2),
            "currenc" => Some(3),
            _ => None,
        };
        let code = |g: &Given| g.shape == Shape::Name && implied == natural::code_of(&g.text).map(str::len);
        if implied.is_some() && self.u.given.iter().any(code) {
            return 0.8;
        }
        let none = Mask::none(&self.u);
        let rest = &noun[..noun.len() - 1];
        let said = |s: &String| {
            self.u
                .words
                .iter()
                .enumerate()
                .any(|(i, w)| names::means(&w.stem, s) && !w.quoted && !none.covers(i))
        };
        let modifiers = if rest.is_empty() {
            1.0
        } else {
            rest.iter().filter(|s| said(s)).count() as f64 / rest.len() as f64
        };
        if said(head) {
            0.7 + 0.3 * modifiers
        } else if rest.is_empty() {
            0.0
        } else {
            0.3 * modifiers
        }
    }

    /// Returns names and quotations that nothing seen explains yet.
    pub fn unexplained(&self) -> Vec<&Given> {
        let explained = |g: &Given| {
            let words = self.u.words_in(&g.span);
            self.fits
                .iter()
                .any(|f| f.named && f.words.iter().any(|e| e.start < words.end && words.start < e.end))
        };
        self.u
            .given
            .iter()
            .filter(|g| matches!(g.shape, Shape::Quoted | Shape::Name) && !explained(g))
            .collect()
    }

    /// Returns the next page of the calls that listed a kind, where there is one that was not read yet.
    pub fn next_pages(&self, noun: &[String]) -> Vec<Proposal> {
        let mut out = Vec::new();
        for past in &self.memory.past {
            let (Some(tool), Some(more)) = (past.tool, &past.more) else { continue };
            if names::alike(&self.tool(tool).noun, noun) < 0.6 {
                continue;
            }
            if let Some(next) = self.next_page(tool, past.call, more, past.shown)
                && self.fresh(&next)
                && out.len() < 4
            {
                out.push(next);
            }
        }
        out
    }

    fn next_page(&self, tool: usize, call: &ToolCall, more: &More, shown: usize) -> Option<Proposal> {
        let mut arguments = call.arguments.as_object()?.clone();
        let pager = self.tool(tool).params.iter().filter(|p| p.role == Role::Page && p.path.len() == 1);
        let param = pager.min_by_key(|p| usize::from(p.path[0].to_lowercase().contains("sync")))?;
        let name = param.path[0].clone();
        let words = names::split(&name).join(" ");
        let before = arguments.get(&name).and_then(|v| v.as_u64().or_else(|| v.as_str()?.parse().ok()));
        let next = match more {
            More::Token(token) => Value::from(token.as_str()),
            More::Further if words.contains("offset") || words.contains("start") => {
                Value::from(before.unwrap_or(0) + shown as u64)
            }
            More::Further => Value::from(before.unwrap_or(u64::from(!words.contains("index"))) + 1),
        };
        let kind = super::toolbox::type_of(param.schema);
        let next = if kind == "string" && next.is_number() { Value::from(next.to_string()) } else { next };
        arguments.insert(name, next);
        Some(Proposal { tool, arguments: Value::Object(arguments) })
    }

    /// Whether a text reads as something that could be looked for under a parameter's words.
    pub fn mention_for(&self, noun: &[String], used: &[String]) -> Vec<&Given> {
        let mut mentions: Vec<&Given> =
            self.unexplained().into_iter().filter(|g| !used.contains(&g.text)).collect();
        let near = |g: &Given| matching::labelled(&self.u, &self.u.words_in(&g.span), noun);
        let beside = mentions.iter().any(|g| near(g) > 0.3);
        if beside {
            mentions.retain(|g| near(g) > 0.3);
        }
        mentions
    }

    /// Returns whether the text asks for several of a kind (its plural stands in it).
    pub fn plural_of(&self, noun: &[String]) -> bool {
        let Some(head) = noun.last() else { return false };
        self.u.words.iter().any(|w| !w.quoted && w.stem == *head && natural::singular(&w.text) != w.text)
    }
}

/// Returns a record's own id.
pub fn own_id(record: &Record) -> Option<&Value> {
    id_of(record, &record.kind, "id")
}

/// Returns what a record gives for an id of a noun: its own id where it is of that kind, else what it refers to.
pub fn id_of<'r>(record: &'r Record, noun: &[String], param: &str) -> Option<&'r Value> {
    let get = |key: &str| record.value.get(key).filter(|v| v.is_string() || v.is_number());
    if names::alike(&record.kind, noun) >= 0.6 {
        if let Some(value) = record
            .value
            .iter()
            .find(|(k, v)| (v.is_string() || v.is_number()) && names::split(k) == names::split(param))
        {
            return Some(value.1);
        }
        let own = record.value.iter().find(|(key, v)| {
            let stems = names::stems(key);
            (v.is_string() || v.is_number())
                && stems.last().is_some_and(|l| matches!(l.as_str(), "id" | "uuid" | "uid"))
                && stems.len() > 1
                && noun.last() == stems.get(stems.len() - 2)
        });
        return get("id")
            .or(own.map(|(_, v)| v))
            .or_else(|| get("uuid"))
            .or_else(|| get("_id"))
            .or_else(|| get("uid"))
            .or_else(|| get("key"))
            .or_else(|| get("$id"))
            .or_else(|| get("code"))
            .or_else(|| get("name"))
            .or_else(|| get("username"))
            .or_else(|| get("slug"));
    }
    record.value.iter().find_map(|(key, value)| {
        let mut stems = names::stems(key);
        let ids = stems.last().is_some_and(|l| matches!(l.as_str(), "id" | "uuid" | "code"));
        if ids {
            stems.pop();
        }
        (ids && value.is_string() | value.is_number() && names::alike(&stems, noun) >= 0.6).then_some(value)
    })
}
