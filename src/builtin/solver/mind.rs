//! All that the solver thinks with, made anew from the scene each turn.

use super::arguments::typed_like;
use super::matching::{self, Fit};
use super::memory::{Memory, More, Record};
use super::names;
use super::session::Session;
use super::step::Proposal;
use super::toolbox::{Role, Tool, Toolbox};
use super::utterance::{Given, Mask, Shape, Utterance};
use super::verbs::{self, Class};
use super::wants::Want;
use crate::data::ToolCall;
use crate::prompt::Scene;
use crate::words;
use serde_json::{Map, Value};
use std::cell::RefCell;
use std::collections::BTreeMap;

const ARTICLES: [&str; 10] = ["the", "a", "an", "my", "our", "his", "her", "their", "its", "your"];

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
    pub(super) mine: RefCell<BTreeMap<usize, Vec<usize>>>,
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
        let code = |g: &Given| g.shape == Shape::Name && implied == words::code_of(&g.text).map(str::len);
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

    /// Returns the records that fit best, in the order seen.
    pub fn best(&self, records: &[(usize, &Record)], noun: &[String]) -> Vec<usize> {
        let score = |i: usize| self.fits[i].score + self.beside(i, noun);
        let within = |a: &std::ops::Range<usize>, b: &std::ops::Range<usize>| {
            b.start <= a.start && a.end <= b.end && a != b
        };
        let whole = |i: usize| {
            let all = &self.fits[i];
            !all.named
                || !records.iter().any(|(o, _)| {
                    *o != i
                        && self.fits[*o].named
                        && all.words.iter().any(|w| self.fits[*o].words.iter().any(|v| within(w, v)))
                })
        };
        let records: Vec<(usize, &Record)> = records.iter().filter(|(i, _)| whole(*i)).copied().collect();
        let top = records.iter().map(|(i, _)| score(*i)).fold(0.0, f64::max);
        let slack = if top >= 3.0 { 0.6 } else { 0.2 };
        let mut group: Vec<usize> =
            records.iter().map(|(i, _)| *i).filter(|i| score(*i) >= top - slack && (top > 0.0)).collect();
        group.sort_by(|a, b| score(*b).total_cmp(&score(*a)).then(a.cmp(b)));
        group
    }

    /// A record whose words stand beside the word for its kind fits a little better.
    fn beside(&self, index: usize, noun: &[String]) -> f64 {
        let near = self.fits[index].words.iter().map(|w| matching::labelled(&self.u, w, noun));
        0.3 * near.fold(0.0, f64::max)
    }

    /// Whether a word is where something is, not what it is: "in my Flat list", "from the calendar".
    pub fn is_place(&self, at: usize) -> bool {
        let words = &self.u.words;
        let mut i = at;
        for _ in 0..6 {
            let Some(before) = i.checked_sub(1) else { return false };
            if self.u.text[words[before].span.end..words[i].span.start].contains([',', ';', ':', '.']) {
                return false;
            }
            let text = words[before].text.as_str();
            if matches!(
                text,
                "in" | "from" | "on" | "into" | "onto" | "under" | "within" | "inside" | "to" | "off"
            ) {
                return true;
            }
            let named = self.u.text[words[before].span.clone()]
                .starts_with(|c: char| c.is_uppercase() || c.is_ascii_digit());
            let passes =
                words[before].quoted || ARTICLES.contains(&text) || named || i == at && !words[before].stop;
            if !passes || verbs::wanted(text).is_some() && i == at && !named {
                return false;
            }
            i = before;
        }
        false
    }

    /// Reads by itself a record that a list only summed up: by each tool that can.
    pub fn reader_of(&self, record: &Record) -> Vec<Proposal> {
        let readers = self.tools.tools.iter().enumerate().filter(|(i, t)| {
            let other = self.memory.past[record.call].tool != Some(*i);
            other && t.class == Class::Read && !t.lists && names::alike(&t.noun, &record.kind) >= 0.75
        });
        readers.filter_map(|(tool, _)| self.read_by(tool, record)).collect()
    }

    fn read_by(&self, tool: usize, record: &Record) -> Option<Proposal> {
        let this = self.tool(tool);
        let mut arguments = Map::new();
        for param in this.params.iter().filter(|p| p.required) {
            let Role::Id(noun) = &param.role else { return None };
            let noun = if noun.is_empty() { &this.noun } else { noun };
            let own = id_of(record, noun, &param.path[0]).cloned();
            let value = own.or_else(|| self.context(record)?.get(&param.path[0]).cloned())?;
            arguments.insert(param.path[0].clone(), typed_like(value, param.schema));
        }
        (!arguments.is_empty()).then_some(Proposal { tool, arguments: Value::Object(arguments) })
    }

    /// Leaves out what an earlier attempt was refused for.
    pub fn repair(&self, mut call: Proposal) -> Proposal {
        let tool = self.tool(call.tool);
        let faults: Vec<&String> = self
            .memory
            .past
            .iter()
            .filter(|p| p.tool == Some(call.tool))
            .filter_map(|p| p.fault.as_ref())
            .collect();
        for fault in faults {
            for param in tool.params.iter().filter(|p| !p.required) {
                let name = &param.path[param.path.len() - 1];
                let blamed = fault.contains(&format!("`{name}`"))
                    || fault.contains(&format!("'{name}'"))
                    || fault.contains(&param.path.join("."));
                if blamed && let Value::Object(arguments) = &mut call.arguments {
                    arguments.remove(&param.path[0]);
                }
            }
        }
        call
    }

    /// Returns whether the text asks for several of a kind (its plural stands in it).
    pub fn plural_of(&self, noun: &[String]) -> bool {
        let Some(head) = noun.last() else { return false };
        self.u.words.iter().any(|w| !w.quoted && w.stem == *head && words::is_several(&w.text))
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
