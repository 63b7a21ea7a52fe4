//! What was asked: which reads can tell it, and which fields of what they show do.

use super::binding::Bound;
use super::cues::cues;
use super::matching;
use super::memory::{Field, Record};
use super::mind::{Mind, own_id};
use super::names;
use super::step::{Proposal, Step};
use super::toolbox::{Role, Tool};
use super::utterance::{Mask, Shape};
use super::verbs::Class;
use crate::checks::natural::{self, Hint};
use crate::words;
use serde_json::Value;

/// A fact found.
#[derive(Clone, Debug)]
pub struct Told {
    /// The record it is of.
    pub record: usize,
    /// The field, by its place in the record.
    pub field: usize,
    /// How well it fits what was asked.
    pub score: f64,
    /// The word that asks for it.
    pub at: usize,
}

/// What kind of answer is asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Question {
    /// Facts of one record.
    Facts,
    /// How many there are.
    Count,
    /// Something of each.
    Each,
    /// A sum.
    Total,
}

/// Reads tried for one question before it is answered with what is there.
const READS_MAX: usize = 4;

impl Mind<'_> {
    /// Goes on with what was asked.
    pub fn ask(&self) -> Step {
        if let Some(calls) = self.children() {
            return Step::Calls(calls);
        }
        let targets = self.targets();
        let told = self.facts();
        let good = told.iter().any(|t| t.score >= 0.6);
        let sure = told.iter().any(|t| t.score >= 0.8);
        let mut tried = 0;
        for (relevance, tool) in &targets {
            if tried >= READS_MAX || tried > 0 && *relevance < 0.9 {
                break;
            }
            let calls = match self.bind(*tool, 0) {
                Bound::Ready(calls) => calls.into_iter().map(|c| self.repair(c)).collect(),
                Bound::Needs(calls) => calls,
                Bound::Stuck => continue,
            };
            let fresh: Vec<Proposal> = calls.iter().filter(|c| self.fresh(c)).take(6).cloned().collect();
            let read = !self.mine(*tool).is_empty();
            let same = read
                || told.iter().any(|t| {
                    names::alike(&self.memory.records[t.record].kind, &self.tool(*tool).noun) >= 0.6
                });
            if !read && sure && same && self.known_subject() && self.question(*tool) == Question::Facts {
                return Step::Answer;
            }
            if !(fresh.is_empty() || read && good) {
                return Step::Calls(fresh);
            }
            if !read {
                continue;
            }
            let pages = self.pages_of(*tool);
            if !pages.is_empty() && self.wants_all(*tool) {
                return Step::Calls(pages);
            }
            let bare = told.first().is_some_and(|t| self.is_bare(t.record));
            if self.question(*tool) != Question::Facts || sure && (bare || !self.more_is_asked(&told)) {
                return Step::Answer;
            }
            tried += 1;
            if let Some(calls) = self.closer(*tool) {
                return Step::Calls(calls);
            }
            if good {
                return Step::Answer;
            }
        }
        if let Some(calls) = self.by_name().filter(|_| !sure || self.more_is_asked(&told)) {
            return Step::Calls(calls);
        }
        if let Some(calls) = self.explore().filter(|_| told.is_empty() || self.of_names()) {
            return Step::Calls(calls);
        }
        let shown = targets.iter().any(|(_, t)| !self.mine(*t).is_empty())
            && self.chosen().iter().any(|(_, sure)| *sure);
        if told.is_empty() && !shown { Step::GiveUp } else { Step::Answer }
    }

    /// Whether something in quotation marks is not found yet: it may be in any list.
    fn of_names(&self) -> bool {
        self.unexplained().iter().any(|g| g.shape == Shape::Quoted)
    }

    /// Whether words that could name a field are met by none of the facts found.
    fn more_is_asked(&self, told: &[Told]) -> bool {
        let met = |at: usize| {
            let word = &self.u.words[at];
            told.iter().any(|t| {
                let field = &self.memory.records[t.record].fields[t.field];
                t.at == at || field.stems.iter().any(|s| names::same(s, &word.stem))
            })
        };
        let tool_word = |stem: &str| self.tools.tools.iter().any(|t| t.noun.iter().any(|n| n == stem));
        self.u.own.clone().any(|i| {
            let word = &self.u.words[i];
            let shaped = self.u.given.iter().any(|g| self.u.words_in(&g.span).contains(&i));
            let explains = self.fits.iter().any(|f| f.score >= 0.9 && f.words.iter().any(|w| w.contains(&i)));
            !word.stop
                && !word.quoted
                && !shaped
                && !explains
                && !met(i)
                && !tool_word(&word.stem)
                && !is_talk(&word.text)
        })
    }

    /// Where something in quotation marks is not found yet: lists of what is kept in a record that was.
    fn children(&self) -> Option<Vec<Proposal>> {
        if !self.of_names() {
            return None;
        }
        let kept = |t: &Tool<'_>| {
            t.class == Class::Read
                && t.lists
                && t.params.iter().any(|p| {
                    p.required
                        && matches!(&p.role, Role::Id(n) if !n.is_empty() && self.of_kind(n).iter().any(|(i, _)| self.fits[*i].named))
                })
        };
        let lists = self.tools.tools.iter().enumerate().filter(|(_, t)| kept(t));
        lists.into_iter().find_map(|(tool, _)| {
            let noun = self.tool(tool).noun.clone();
            let calls: Vec<Proposal> =
                self.producers(&noun, 1).into_iter().filter(|c| c.tool == tool && self.fresh(c)).collect();
            (!calls.is_empty()).then_some(calls)
        })
    }

    /// Reads by itself what is called by its name, where that was not done yet.
    fn by_name(&self) -> Option<Vec<Proposal>> {
        let named =
            self.memory.records.iter().enumerate().filter(|(i, r)| r.within.is_none() && self.fits[*i].named);
        let best =
            named.max_by(|a, b| self.fits[a.0].score.total_cmp(&self.fits[b.0].score).then(b.0.cmp(&a.0)))?;
        let calls: Vec<Proposal> =
            self.reader_of(best.1).into_iter().filter(|c| self.fresh(c)).take(1).collect();
        (!calls.is_empty()).then_some(calls)
    }

    /// Looks for what was mentioned by name wherever names can be looked for.
    pub fn explore(&self) -> Option<Vec<Proposal>> {
        if self.unexplained().is_empty() {
            return None;
        }
        let told_of = self.of_names() || !self.u.asks || self.targets().is_empty();
        let searching = self.tools.tools.iter().enumerate().filter(|(i, t)| {
            t.class == Class::Read && t.lists && (told_of || super::values::search_param(self, *i).is_some())
        });
        for (tool, _) in searching {
            let noun = self.tool(tool).noun.clone();
            let calls: Vec<Proposal> =
                self.producers(&noun, 1).into_iter().filter(|c| c.tool == tool && self.fresh(c)).collect();
            if !calls.is_empty() {
                return Some(calls);
            }
        }
        None
    }

    /// Whether a record that was called by name, or fits well, is known.
    fn known_subject(&self) -> bool {
        self.fits.iter().any(|f| f.score >= 1.5)
    }

    /// Returns the reads that may tell what was asked, best first.
    pub fn targets(&self) -> Vec<(f64, usize)> {
        let reads = self.tools.tools.iter().enumerate().filter(|(_, t)| t.class == Class::Read);
        let mut scored: Vec<(f64, usize)> =
            reads.map(|(i, t)| (self.relevance(t), i)).filter(|(s, _)| *s >= 0.35).collect();
        scored.sort_by(|a, b| b.0.total_cmp(&a.0).then(a.1.cmp(&b.1)));
        scored.truncate(6);
        scored
    }

    fn relevance(&self, tool: &Tool<'_>) -> f64 {
        let mut score = 1.4 * self.speaks_of(&tool.noun);
        let mut seen: Vec<&String> = Vec::new();
        for (i, word) in self.u.words.iter().enumerate() {
            if word.stop && !is_cue(&word.text)
                || word.quoted
                || seen.contains(&&word.stem)
                || self.names_value(i)
            {
                continue;
            }
            seen.push(&word.stem);
            let weight = self.tools.weight(&word.stem) * if self.u.own.contains(&i) { 1.0 } else { 0.5 };
            if tool.name.contains(&word.stem) {
                score += 0.7 * weight;
            } else if tool.about.contains(&word.stem) {
                score += 0.45 * weight;
            } else if tool.params.iter().any(|p| p.stems.contains(&word.stem)) {
                score += 0.2 * weight;
            }
            let cued = cues(&word.text)
                .iter()
                .any(|c| tool.name.iter().any(|n| n == c) || tool.noun.iter().any(|n| n == c));
            if cued {
                score += 0.5;
            }
        }
        let demanded = tool.params.iter().filter(|p| p.required);
        for param in demanded {
            score -= match &param.role {
                Role::Id(noun) if noun.is_empty() || names::alike(noun, &tool.noun) >= 0.6 => 0.05,
                Role::Id(noun)
                    if self.speaks_of(noun) > 0.0
                        || !self.unexplained().is_empty()
                        || self.of_kind(noun).iter().any(|(i, _)| self.fits[*i].named) =>
                {
                    0.05
                }
                Role::Id(_) => 0.25,
                Role::Phone | Role::Email | Role::Moment | Role::Day
                    if !self.u.given.iter().any(|g| {
                        super::arguments::shape_fit(&g.shape, &param.role) > 0.3
                            || matches!(g.shape, Shape::Period(..))
                    }) =>
                {
                    0.7
                }
                _ => 0.05,
            };
        }
        if tool.lists && self.plural_of(&tool.noun) {
            score += if self.counts() { 0.7 } else { 0.3 };
        }
        score
    }

    /// Whether a word is a part of a name or a quotation, and says nothing of what is asked.
    fn names_value(&self, at: usize) -> bool {
        let in_fit = self.fits.iter().any(|f| f.named && f.words.iter().any(|w| w.contains(&at)));
        in_fit
            || self.u.given.iter().any(|g| {
                matches!(g.shape, Shape::Name | Shape::Quoted)
                    && self.u.words_in(&g.span).len() > 1
                    && self.u.words_in(&g.span).contains(&at)
            })
    }

    fn pages_of(&self, tool: usize) -> Vec<Proposal> {
        self.next_pages(&self.tool(tool).noun).into_iter().filter(|p| p.tool == tool).collect()
    }

    /// Whether the answer needs all pages of a list.
    fn wants_all(&self, tool: usize) -> bool {
        let mine = self.mine(tool);
        if mine.len() >= 8 {
            return false;
        }
        match self.question(tool) {
            Question::Count => {
                mine.last().is_some_and(|i| self.memory.past[*i].total.is_none() || self.has_conditions(tool))
            }
            Question::Each | Question::Total => true,
            Question::Facts => {
                let extreme = matching::extreme(&self.u, &Mask::none(&self.u)).is_some();
                let found = self.chosen().iter().any(|(i, _)| {
                    self.memory.past[self.memory.records[*i].call].tool == Some(tool)
                        && self.fits[*i].score >= 0.9
                });
                extreme && self.tool(tool).lists && !self.fits.iter().any(|f| f.named)
                    || !found && self.tool(tool).lists
            }
        }
    }

    /// Whether the records of a list differ in how they fit what was said.
    pub fn has_conditions(&self, tool: usize) -> bool {
        let scores: Vec<f64> = self.rows(tool).iter().map(|i| self.fits[*i].score).collect();
        let top = scores.iter().copied().fold(0.0, f64::max);
        top >= 0.5 && scores.iter().any(|s| *s < top - 0.3)
    }

    /// Returns the records that a tool's calls showed, of all pages, each once.
    pub fn rows(&self, tool: usize) -> Vec<usize> {
        let mut out: Vec<usize> = Vec::new();
        for call in self.mine(tool) {
            for (i, record) in self.memory.of_call(call) {
                let id = own_id(record);
                if id.is_none() || !out.iter().any(|o| own_id(&self.memory.records[*o]) == id) {
                    out.push(i);
                }
            }
        }
        out
    }

    /// Whether a number of things is asked for.
    fn counts(&self) -> bool {
        let text: Vec<&str> = self.u.words.iter().filter(|w| !w.quoted).map(|w| w.text.as_str()).collect();
        let pair = |a: &str, b: &str| text.windows(2).any(|w| w[0] == a && w[1] == b);
        pair("how", "many") || pair("number", "of") || text.contains(&"count")
    }

    /// What kind of answer is asked for, of a read's records.
    pub fn question(&self, tool: usize) -> Question {
        let this = self.tool(tool);
        let text: Vec<&str> = self.u.words.iter().filter(|w| !w.quoted).map(|w| w.text.as_str()).collect();
        let pair = |a: &str, b: &str| text.windows(2).any(|w| w[0] == a && w[1] == b);
        let plural = self.plural_of(&this.noun);
        let rows = self.rows(tool);
        let counted = pair("how", "many") || pair("number", "of") || text.contains(&"count");
        if counted && this.lists && (plural || self.speaks_of(&this.noun) >= 0.7) {
            return Question::Count;
        }
        let sums = ["combined", "altogether", "sum", "total"].iter().any(|w| text.contains(w))
            || pair("add", "up")
            || pair("all", "together");
        if sums && this.lists && (plural || pair("how", "much")) {
            return Question::Total;
        }
        let own_named = rows.iter().any(|i| self.fits[*i].named);
        let extreme = matching::extreme(&self.u, &Mask::none(&self.u)).is_some();
        if this.lists && plural && !own_named && !extreme { Question::Each } else { Question::Facts }
    }

    /// Reads by itself the record that a list only summed up.
    fn closer(&self, tool: usize) -> Option<Vec<Proposal>> {
        let best = *self
            .chosen()
            .iter()
            .map(|(i, _)| i)
            .find(|i| self.memory.past[self.memory.records[**i].call].tool == Some(tool))?;
        let calls: Vec<Proposal> = self
            .reader_of(&self.memory.records[best])
            .into_iter()
            .filter(|c| self.fresh(c))
            .take(1)
            .collect();
        (!calls.is_empty()).then_some(calls)
    }

    /// Returns the record that each call showed of what the user means, with whether it is sure.
    pub fn chosen(&self) -> Vec<(usize, bool)> {
        let mut out = Vec::new();
        for (call, past) in self.memory.past.iter().enumerate() {
            let Some(tool) = past.tool.filter(|_| past.fault.is_none()) else { continue };
            let rows: Vec<(usize, &Record)> = self.memory.of_call(call).collect();
            let fitting = rows.iter().any(|(i, _)| self.fits[*i].score >= 0.9);
            let relevant = fitting
                || self.claimed.contains(&call)
                || self.mine(tool).contains(&call)
                || self.details_of_mine(call);
            if !relevant {
                continue;
            }
            let noun = self.tool(tool).noun.clone();
            match rows.as_slice() {
                [] => {}
                [(only, _)] => out.push((*only, true)),
                _ => {
                    let group = self.best(&rows, &noun);
                    let members: Vec<(usize, &Record)> = if group.is_empty() {
                        rows.clone()
                    } else {
                        group.iter().map(|i| (*i, &self.memory.records[*i])).collect()
                    };
                    let extreme = matching::extreme(&self.u, &Mask::none(&self.u))
                        .and_then(|e| matching::by_extreme(&self.u, e, &members));
                    if let Some(order) = extreme.filter(|_| members.len() > 1) {
                        out.push((order[0], true));
                    } else if let Some(best) = group.first() {
                        out.push((*best, self.fits[*best].score >= 0.9));
                    }
                }
            }
        }
        out
    }

    /// Whether a call read by itself a record that fits what was said.
    fn details_of_mine(&self, call: usize) -> bool {
        let arguments = &self.memory.past[call].call.arguments;
        let ids = arguments.as_object().into_iter().flat_map(|a| a.values());
        let mut fitting = self
            .memory
            .records
            .iter()
            .enumerate()
            .filter(|(i, r)| r.call != call && self.fits[*i].score >= 0.9);
        let ids: Vec<&Value> = ids.collect();
        fitting.any(|(_, r)| {
            own_id(r).is_some_and(|id| ids.iter().any(|v| *v == id || v.as_str().is_some_and(|s| *id == s)))
        })
    }

    /// Returns the facts asked for, in the order asked.
    pub fn facts(&self) -> Vec<Told> {
        let mut told: Vec<Told> = Vec::new();
        let chosen = self.chosen();
        for (record, _) in chosen.iter().rev() {
            let nested = self
                .memory
                .records
                .iter()
                .enumerate()
                .filter(|(_, r)| r.within == Some(*record))
                .map(|(i, _)| i);
            for of in std::iter::once(*record).chain(nested) {
                for (f, field) in self.memory.records[of].fields.iter().enumerate() {
                    let Some((score, at)) = self.asked(of, field) else { continue };
                    let label = self.label_stems(of, field);
                    let same = told.iter_mut().find(|t| {
                        self.label_stems(t.record, &self.memory.records[t.record].fields[t.field]) == label
                    });
                    match same {
                        Some(other) if score > other.score + 0.2 => {
                            *other = Told { record: of, field: f, score, at }
                        }
                        Some(_) => {}
                        None => told.push(Told { record: of, field: f, score, at }),
                    }
                }
            }
        }
        let top = told.iter().map(|t| t.score).fold(0.0, f64::max);
        told.retain(|t| t.score >= 0.6 || t.score >= top - 0.05 && top < 0.6);
        // One word asks for one fact: the field that fits it best.
        let all = told.clone();
        told.retain(|t| !all.iter().any(|o| o.at == t.at && o.score > t.score + 0.15));
        told.sort_by(|a, b| a.at.cmp(&b.at).then(b.score.total_cmp(&a.score)));
        told.truncate(8);
        told
    }

    /// Whether a result is one value under a name that says nothing, as computed ones are.
    pub fn is_bare(&self, record: usize) -> bool {
        let record = &self.memory.records[record];
        let [field] = record.fields.as_slice() else { return false };
        field.path.len() == 1 && matches!(field.path[0].as_str(), "data" | "value" | "result")
    }

    fn label_stems(&self, record: usize, field: &Field) -> Vec<String> {
        let record = &self.memory.records[record];
        let plain: Vec<String> = field
            .stems
            .iter()
            .filter(|s| !record.kind.contains(s) && !words::is_stopword(s))
            .cloned()
            .collect();
        let nested = if record.within.is_some() { record.kind.clone() } else { Vec::new() };
        let own = if plain.is_empty() { field.stems.clone() } else { plain };
        nested.into_iter().chain(own).collect()
    }

    /// How well a label's words are met by what was asked, literally or by cue, and the word that does.
    fn label_score(&self, label: &[String], field: &Field) -> (f64, Option<usize>) {
        let u = &self.u;
        let open = |i: &usize| u.own.contains(i) && !u.words[*i].quoted;
        let cued = |i: usize, stem: &str| {
            let phrase =
                u.words.get(i + 1).map(|n| format!("{} {}", u.words[i].text, n.text)).unwrap_or_default();
            cues(&u.words[i].text).contains(&stem) || cues(&phrase).contains(&stem)
        };
        let (mut met, mut at, mut last_cued) = (0.0, None, false);
        for (n, stem) in label.iter().enumerate() {
            let literal = (0..u.words.len())
                .filter(open)
                .find(|i| names::same(&u.words[*i].stem, stem) && !self.names_value(*i));
            let by_cue = (0..u.words.len()).filter(open).find(|i| cued(*i, stem));
            if let Some(i) = literal {
                met += 1.0;
                at = Some(at.map_or(i, |a: usize| a.max(i)));
            } else if let Some(i) = by_cue {
                met += 0.9;
                last_cued |= n + 1 == label.len();
                at = at.or(Some(i));
            }
        }
        let mut score =
            met / label.len() as f64 + 0.04 * (label.len() as f64 - 1.0) * f64::from(u8::from(met > 0.0));
        if last_cued {
            score = score.max(0.65 - 0.05 * (label.len() as f64 - 1.0));
        }
        let name = field.path.last().map_or("", String::as_str);
        let is_time = natural::time_value(&field.value, &Hint::named(name)).is_some();
        let when = (0..u.words.len())
            .filter(open)
            .find(|i| matches!(u.words[*i].text.as_str(), "when" | "date" | "since" | "when's"));
        match when.filter(|_| is_time) {
            Some(_) if met > 0.0 => score = (score + 0.5).min(1.1),
            Some(i) => {
                score = score.max(0.3);
                at = at.or(Some(i));
            }
            None => {}
        }
        (score, at)
    }

    /// How well a field fits what was asked, and the word that asks for it.
    pub fn asked(&self, record: usize, field: &Field) -> Option<(f64, usize)> {
        let label = self.label_stems(record, field);
        let u = &self.u;
        if self.is_bare(record) {
            return Some((0.95, u.own.start));
        }
        let (mut score, at) = self.label_score(&label, field);
        let verdict = matches!(field.value, Value::Bool(_));
        let at = at.or(verdict.then_some(u.own.start))?;
        let outcome = field.path.last().is_some_and(|p| {
            matches!(p.to_lowercase().as_str(), "success" | "ok" | "valid" | "verified" | "available")
        });
        if matches!(field.value, Value::Bool(_))
            && outcome
            && u.words[u.own.clone()]
                .iter()
                .any(|w| matches!(w.text.as_str(), "did" | "is" | "was" | "whether" | "if" | "has" | "are"))
        {
            score = f64::max(score, 0.85);
        }
        // What picked the record out was not asked for.
        let value_said = field
            .value
            .as_str()
            .is_some_and(|_| !field.words.is_empty() && u.find_run(&field.words).is_some());
        if value_said {
            score *= 0.4;
        }
        (score >= 0.3).then_some((score, at))
    }
}

/// Words that carry a question and name nothing.
fn is_talk(word: &str) -> bool {
    matches!(
        word,
        "tell"
            | "know"
            | "show"
            | "give"
            | "please"
            | "thanks"
            | "thank"
            | "look"
            | "find"
            | "check"
            | "list"
            | "let"
            | "moment"
            | "quickly"
            | "question"
            | "wondering"
            | "kindly"
            | "trouble"
            | "called"
            | "mind"
            | "appreciate"
            | "cheers"
            | "also"
            | "just"
            | "like"
            | "want"
            | "need"
            | "could"
            | "would"
            | "today"
            | "marked"
            | "exactly"
    )
}

fn is_cue(word: &str) -> bool {
    !cues(word).is_empty()
}
