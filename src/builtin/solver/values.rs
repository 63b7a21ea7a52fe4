//! Values for parameters that are no ids: what was said, matched by shape, by the words that stand near it, and by order.

use super::arguments::{at_path, has, put, shape_fit, typed_like};
use super::matching;
use super::mind::{Mind, id_of};
use super::names;
use super::phrases;
use super::step::Proposal;
use super::times;
use super::toolbox::{Param, Role, type_of};
use super::utterance::{Given, Mask, Scope, Shape};
use super::verbs::Class;
use crate::words;
use serde_json::{Map, Value};
use std::ops::Range;

impl Mind<'_> {
    /// Fills what is no required id. `Err` holds calls that may find what is missing, or none where nothing can.
    pub fn fill(
        &self,
        tool: usize,
        mut arguments: Map<String, Value>,
        records: &[usize],
    ) -> Result<Map<String, Value>, Vec<Proposal>> {
        let mut mask = Mask::none(&self.u);
        for record in records {
            for words in &self.fits[*record].words {
                mask.add(words.clone());
            }
        }
        if self.tool(tool).class == Class::Read {
            self.fill_read(tool, &mut arguments, &Scope { mask: &mask, words: 0..self.u.words.len() })?;
        } else {
            for name in self.session.facts.iter().filter_map(|f| f.name.as_ref()) {
                if let Some(words) = self.u.find_run(name) {
                    mask.add(words);
                }
            }
            // What is called by name is no new value, whatever the call is about.
            for (i, fit) in self.fits.iter().enumerate().filter(|(_, f)| f.named) {
                let kind = &self.memory.records[i].kind;
                for words in &fit.words {
                    let beside = matching::labelled(&self.u, words, kind) > 0.4;
                    if records.contains(&i) || self.is_place(words.start) || beside {
                        mask.add(words.clone());
                    }
                }
            }
            self.fill_write(
                tool,
                &mut arguments,
                records,
                &Scope { mask: &mask, words: 0..self.u.words.len() },
            )?;
        }
        Ok(arguments)
    }

    fn fill_read(
        &self,
        tool: usize,
        arguments: &mut Map<String, Value>,
        scope: &Scope<'_>,
    ) -> Result<(), Vec<Proposal>> {
        let mut used: Vec<String> = Vec::new();
        times::fill(self, tool, arguments, scope);
        for param in &self.tool(tool).params {
            // What is read on the way to an effect is not narrowed by what is to become of it.
            let narrows = matches!(param.role, Role::Enum | Role::Bool)
                || matches!(&param.role, Role::List(inner) if **inner == Role::Enum);
            if has(arguments, &param.path) || narrows && !param.required && !self.u.asks {
                continue;
            }
            let value = match &param.role {
                Role::Id(noun) if !param.required => self.optional_id(tool, param, noun)?,
                Role::Id(_) | Role::Page | Role::Limit | Role::Sort | Role::Other => default(param),
                Role::Enum => {
                    enum_said(self, param).or_else(|| default(param)).or_else(|| first_allowed(param))
                }
                Role::List(inner) if **inner == Role::Enum => {
                    let all = allowed(param).into_iter().cloned().collect();
                    enum_said(self, param)
                        .or_else(|| default(param))
                        .or_else(|| param.required.then_some(Value::Array(all)))
                }
                Role::List(inner) if matches!(**inner, Role::Id(_)) => None,
                Role::Search
                | Role::Text
                | Role::Email
                | Role::Phone
                | Role::Url
                | Role::Number
                | Role::List(_) => {
                    let said = self.country_said(param).or_else(|| self.said_for_read(param, &used));
                    if let Some((text, _)) = &said {
                        used.push(text.clone());
                    }
                    said.map(|(_, v)| v).or_else(|| default(param))
                }
                Role::Bool => bool_said(self, param, scope).or_else(|| default(param)),
                Role::Day | Role::Moment => default(param),
            };
            match value {
                Some(value) => put(arguments, &param.path, value),
                None if param.required => return Err(Vec::new()),
                None => {}
            }
        }
        Ok(())
    }

    /// An optional id narrows a list to what belongs to a record that the user speaks of.
    fn optional_id(
        &self,
        tool: usize,
        param: &Param<'_>,
        noun: &[String],
    ) -> Result<Option<Value>, Vec<Proposal>> {
        if noun.is_empty() || names::alike(noun, &self.tool(tool).noun) >= 0.9 {
            return Ok(None);
        }
        let known = self.of_kind(noun);
        let group = self.best(&known, noun);
        if let Some(best) = group.first().filter(|i| self.fits[**i].score >= 0.9) {
            let id = id_of(&self.memory.records[*best], noun, &param.path[0]);
            return Ok(id.map(|v| typed_like(v.clone(), param.schema)));
        }
        if self.speaks_of(noun) >= 0.7 && !self.unexplained().is_empty() {
            let needs = self.producers(noun, 3);
            if !needs.is_empty() {
                return Err(needs);
            }
        }
        Ok(None)
    }

    /// What was said that a read can be narrowed by.
    fn said_for_read(&self, param: &Param<'_>, used: &[String]) -> Option<(String, Value)> {
        let fits = |g: &&Given| shape_fit(&g.shape, &param.role) >= 0.5 && !used.contains(&g.text);
        let mut best: Option<(f64, &Given)> = None;
        for given in self.u.given.iter().filter(fits) {
            let words = self.u.words_in(&given.span);
            let cue = if param.role == Role::Search { by_cue(self, &words, param) } else { 0.0 };
            let label = matching::labelled(&self.u, &words, &param.stems) + cue;
            let other = self.u.given.iter().filter(fits).count() > 1;
            let enough =
                param.required || label > 0.45 || param.role == Role::Search && !other && self.is_open(given);
            let score = label + if param.role == Role::Search { 0.1 } else { 0.0 };
            if enough && best.is_none_or(|(s, _)| score > s) {
                best = Some((score, given));
            }
        }
        let (_, given) = best?;
        Some((given.text.clone(), shaped(self, given, param)?))
    }

    /// The code of a country that was said, for a parameter that takes one.
    fn country_said(&self, param: &Param<'_>) -> Option<(String, Value)> {
        if param.role != Role::Text || !param.stems.iter().any(|s| s == "countri") {
            return None;
        }
        self.u.given.iter().find_map(|g| {
            let code = words::code_of(&g.text).filter(|c| c.len() == 2);
            let code = code.or_else(|| {
                (g.text.len() == 2 && !words::names_of_code(&g.text).is_empty()).then_some(&g.text)
            });
            code.map(|c| (g.text.clone(), Value::from(c)))
        })
    }

    fn is_open(&self, given: &Given) -> bool {
        self.unexplained().iter().any(|g| g.span == given.span)
    }

    fn fill_write(
        &self,
        tool: usize,
        arguments: &mut Map<String, Value>,
        records: &[usize],
        scope: &Scope<'_>,
    ) -> Result<(), Vec<Proposal>> {
        times::fill(self, tool, arguments, scope);
        for param in self.tool(tool).params.iter().filter(|p| p.role == Role::Text && p.path.len() == 1) {
            let open = !has(arguments, &param.path);
            if let Some(text) = phrases::before_label(self, param, scope).filter(|_| open) {
                put(arguments, &param.path, Value::from(text));
            }
        }
        self.assign(tool, arguments, scope);
        for param in &self.tool(tool).params {
            if has(arguments, &param.path) {
                continue;
            }
            let value = match &param.role {
                Role::Enum => enum_in(self, param, scope),
                Role::Bool => bool_said(self, param, scope),
                Role::List(inner) if **inner == Role::Enum => enum_in(self, param, scope),
                Role::List(inner) if matches!(**inner, Role::Id(_)) && param.path.len() > 1 => None,
                Role::Text | Role::Search => self.phrase(param, scope),
                Role::List(inner) if !matches!(**inner, Role::Id(_)) => self.phrase(param, scope),
                Role::Id(noun) if !param.required && !noun.is_empty() && param.path.len() == 1 => {
                    self.referred(param, noun, records)?
                }
                Role::List(inner) if param.path.len() == 1 => match &**inner {
                    Role::Id(noun) if !noun.is_empty() => {
                        self.referred(param, noun, records)?.map(|v| as_list(param, v))
                    }
                    _ => None,
                },
                _ => None,
            };
            let taken = value.as_ref().is_some_and(|v| v.is_string() && arguments.values().any(|a| a == v));
            if let Some(value) = value.filter(|_| !taken || param.required) {
                put(arguments, &param.path, value);
            }
        }
        self.demanded(tool, arguments, records, scope)
    }

    /// An id in a body, of a record that the user calls by name.
    fn referred(
        &self,
        param: &Param<'_>,
        noun: &[String],
        records: &[usize],
    ) -> Result<Option<Value>, Vec<Proposal>> {
        let known = self.of_kind(noun);
        let best =
            self.best(&known, noun).first().copied().filter(|b| self.fits[*b].named && !records.contains(b));
        if let Some(best) = best {
            let id = id_of(&self.memory.records[best], noun, &param.path[0]);
            return Ok(id.map(|v| typed_like(v.clone(), param.schema)));
        }
        let near = self
            .unexplained()
            .iter()
            .any(|g| matching::labelled(&self.u, &self.u.words_in(&g.span), noun) > 0.4);
        if self.speaks_of(noun) >= 0.7 && near {
            let needs = self.producers(noun, 2);
            if !needs.is_empty() {
                return Err(needs);
            }
        }
        Ok(None)
    }

    /// Fills what the schema demands and nothing said gives: from the record itself, from its default, from what is left.
    fn demanded(
        &self,
        tool: usize,
        arguments: &mut Map<String, Value>,
        records: &[usize],
        scope: &Scope<'_>,
    ) -> Result<(), Vec<Proposal>> {
        let this = self.tool(tool);
        let record = records.first().map(|i| &self.memory.records[*i]);

        for param in &this.params {
            if has(arguments, &param.path) || !param.required {
                continue;
            }
            let kept = record.and_then(|r| at_path(&r.value, &param.path)).filter(|v| !v.is_null()).cloned();
            let value = match kept {
                Some(value) => Some(value),
                None => default(param)
                    .or_else(|| self.left_over(param, arguments, scope))
                    .or_else(|| first_allowed(param).filter(|_| param.role == Role::Enum)),
            };
            match value {
                Some(value) => put(arguments, &param.path, value),
                None if param.required && !matches!(param.role, Role::Other) => {
                    return Err(self.details(record));
                }
                None => {}
            }
        }
        Ok(())
    }

    /// Reading the record by itself may show what its list left out.
    fn details(&self, record: Option<&super::memory::Record>) -> Vec<Proposal> {
        let Some(record) = record else { return Vec::new() };
        self.reader_of(record).into_iter().filter(|p| self.fresh(p)).collect()
    }

    /// What fits a demanded parameter by shape alone.
    fn left_over(
        &self,
        param: &Param<'_>,
        arguments: &Map<String, Value>,
        scope: &Scope<'_>,
    ) -> Option<Value> {
        let taken = Value::Object(arguments.clone()).to_string();
        if matches!(param.role, Role::Text | Role::List(_))
            && let Some(text) = phrases::after_as(self, scope).filter(|t| !taken.contains(t))
        {
            return Some(phrases::listed(param, &text));
        }
        if matches!(param.role, Role::Text)
            && let Some(text) = phrases::unquoted(self, scope)
            && !taken.contains(&text)
        {
            return Some(Value::from(text));
        }
        let given = self.u.given.iter().filter(|g| {
            shape_fit(&g.shape, &param.role) >= 0.5 && !scope.mask.covers(self.u.words_in(&g.span).start)
        });
        given.filter_map(|g| shaped(self, g, param)).find(|v| !taken.contains(&v.to_string()))
    }

    /// Gives each value that was said to the parameter it fits best.
    fn assign(&self, tool: usize, arguments: &mut Map<String, Value>, scope: &Scope<'_>) {
        let params = &self.tool(tool).params;
        let changes = self.tool(tool).class == Class::Update;
        let mut pairs: Vec<(f64, usize, usize)> = Vec::new();
        for (g, given) in self.u.given.iter().enumerate() {
            let words = self.u.words_in(&given.span);
            if words.is_empty()
                || words.clone().all(|w| scope.mask.covers(w))
                || words.start < scope.words.start
                || words.start >= scope.words.end
            {
                continue;
            }
            for (p, param) in params.iter().enumerate() {
                let fit = shape_fit(&given.shape, &param.role);
                if fit < 0.3 || has(arguments, &param.path) || matches!(param.role, Role::Day | Role::Moment)
                {
                    continue;
                }
                let label = matching::labelled(&self.u, &words, &param.stems) + by_cue(self, &words, param);
                let label = label + self.led_by_verb(&words, param);
                let coded = given.shape == Shape::Id
                    && param.stems.iter().any(|s| {
                        matches!(
                            s.as_str(),
                            "serial" | "number" | "code" | "identifi" | "uniqu" | "ref" | "refer" | "key"
                        )
                    });
                let label = if coded { label + 0.35 } else { label };
                let fit = if label >= 0.55 && fit >= 0.3 && param.role == Role::Text {
                    f64::max(fit, 0.8)
                } else {
                    fit
                };
                let alone = params.iter().filter(|o| shape_fit(&given.shape, &o.role) >= fit).count() == 1;
                let score = fit
                    * (0.4
                        + 0.8 * label
                        + if changes { 0.0 } else { primary(param) }
                        + if alone { 0.3 } else { 0.0 }
                        + if param.required { 0.25 } else { 0.0 })
                    - 0.05 * (param.path.len() - 1) as f64;
                let enough = if param.required { 0.35 } else { 0.62 };
                if score >= enough {
                    pairs.push((score, g, p));
                }
            }
        }
        pairs.sort_by(|a, b| b.0.total_cmp(&a.0).then(a.1.cmp(&b.1)).then(a.2.cmp(&b.2)));
        let (mut given_used, mut param_used) = (Vec::new(), Vec::new());
        for (_, g, p) in pairs {
            if given_used.contains(&g) || param_used.contains(&p) {
                continue;
            }
            if let Some(value) = shaped(self, &self.u.given[g], &params[p]) {
                put(arguments, &params[p].path, value);
                given_used.push(g);
                param_used.push(p);
            }
        }
    }
}

impl Mind<'_> {
    /// What stands in no quotation marks and is announced by a parameter's words.
    fn phrase(&self, param: &Param<'_>, scope: &Scope<'_>) -> Option<Value> {
        let text = phrases::before_label(self, param, scope)
            .or_else(|| phrases::labelled(self, param, scope))
            .or_else(|| phrases::after_as(self, scope).filter(|_| is_part(param)))?;
        Some(phrases::listed(param, &text))
    }

    /// "Change the label of X to Y": the words after the verb say what becomes Y.
    fn led_by_verb(&self, words: &Range<usize>, param: &Param<'_>) -> f64 {
        let u = &self.u;
        let before = words.start.checked_sub(1).map_or("", |b| u.words[b].text.as_str());
        let goes = words.start >= 2
            && before == "by"
            && matches!(u.words[words.start - 2].text.as_str(), "goes" | "go");
        let names = self
            .verb
            .is_some_and(|v| matches!(u.words[v].text.as_str(), "call" | "name" | "rename" | "retitle"));
        let called = words.start >= 1 && matches!(before, "called" | "named");
        if (goes || names || called) && primary(param) >= 0.3 {
            return 0.5;
        }
        if !matches!(before, "to" | "into" | "as" | "it" | "be") {
            return 0.0;
        }
        let verb = (u.own.start..words.start).rev().find(|i| {
            !u.words[*i].quoted
                && matches!(
                    u.words[*i].text.as_str(),
                    "change"
                        | "set"
                        | "update"
                        | "turn"
                        | "rename"
                        | "switch"
                        | "move"
                        | "make"
                        | "put"
                        | "edit"
                        | "correct"
                        | "adjust"
                )
        });
        let Some(verb) = verb else { return 0.0 };
        let label = u.words[verb + 1..words.start]
            .iter()
            .take_while(|w| {
                !w.quoted && !matches!(w.text.as_str(), "of" | "for" | "on" | "in" | "from" | "to")
            })
            .take(5);
        let said: Vec<&str> = label.map(|w| w.stem.as_str()).collect();
        let content: Vec<&String> = param.stems.iter().filter(|s| s.len() > 1).collect();
        let hits = content.iter().filter(|s| said.iter().any(|w| names::same(s, w))).count();
        let renames = matches!(u.words[verb].text.as_str(), "rename") && primary(param) >= 0.3;
        if renames {
            0.5
        } else if hits == 0 {
            0.0
        } else {
            0.8 * hits as f64 / content.len() as f64
        }
    }
}

fn default(param: &Param<'_>) -> Option<Value> {
    if !param.required {
        return None;
    }
    param.schema.get("default").or_else(|| param.schema.get("const")).cloned()
}

fn allowed<'a>(param: &Param<'a>) -> Vec<&'a Value> {
    let values = param.schema.get("enum").or_else(|| param.schema.get("items").and_then(|i| i.get("enum")));
    values.and_then(Value::as_array).into_iter().flatten().filter(|v| !v.is_null()).collect()
}

fn first_allowed(param: &Param<'_>) -> Option<Value> {
    let first = (*allowed(param).first().filter(|_| param.required)?).clone();
    Some(as_list(param, first))
}

/// Puts a value into a list where the parameter takes one.
pub fn as_list(param: &Param<'_>, value: Value) -> Value {
    if type_of(param.schema) == "array" { Value::Array(vec![value]) } else { value }
}

/// An enum's value that was said anywhere.
pub fn enum_said(mind: &Mind<'_>, param: &Param<'_>) -> Option<Value> {
    let mask = Mask::none(&mind.u);
    enum_in(mind, param, &Scope { mask: &mask, words: 0..mind.u.words.len() })
}

/// Words that mean the same as an enum's value would.
const SAME: &[(&str, &[&str])] = &[
    ("complet", &["tick", "done", "finish", "bought", "complet", "did"]),
    ("done", &["tick", "done", "finish", "complet", "did"]),
    ("close", &["resolv", "done", "finish", "fix"]),
    ("open", &["reopen"]),
    ("needsaction", &["reopen", "untick", "uncheck", "undo"]),
    ("avail", &["sale"]),
    ("sold", &["bought"]),
    ("cancel", &["off"]),
];

fn enum_in(mind: &Mind<'_>, param: &Param<'_>, scope: &Scope<'_>) -> Option<Value> {
    let u = &mind.u;
    let mut best: Option<(f64, &Value)> = None;
    for value in allowed(param) {
        let Some(text) = value.as_str().map(str::to_owned).or_else(|| value.as_i64().map(|n| n.to_string()))
        else {
            continue;
        };
        let stems = words::stems(&words::enum_words(&text));
        let coded = words::names_of_code(&text);
        let runs = std::iter::once(stems.clone()).chain(coded.iter().map(|n| words::stems(n)));
        for run in runs {
            let open = |at: &Range<usize>| {
                !mind.verb.is_some_and(|v| at.contains(&v))
                    && !at.clone().all(|i| scope.mask.covers(i))
                    && scope.words.contains(&at.start)
            };
            let Some(at) =
                u.find_runs(&run).into_iter().filter(open).max_by_key(|at| moved_to(mind, at.start))
            else {
                continue;
            };
            let said = u.words[at.clone()].iter().any(|w| !w.stop)
                || at.start > 0 && u.words[at.start - 1].text == "to";
            let short = text.len() <= 3
                && text.to_lowercase() == text
                && !coded.contains(&text.as_str())
                && run.len() == 1
                && run[0] == text;
            if !said || short && matching::labelled(u, &at, &param.stems) == 0.0 {
                continue;
            }
            let score = run.len() as f64
                + matching::labelled(u, &at, &param.stems)
                + if moved_to(mind, at.start) { 0.5 } else { 0.0 };
            if best.is_none_or(|(s, _)| score > s) {
                best = Some((score, value));
            }
        }
        let joined = stems.concat();
        let same = SAME.iter().filter(|(of, _)| *of == joined).flat_map(|(_, w)| w.iter());
        let meant = same.into_iter().any(|s| {
            u.words
                .iter()
                .enumerate()
                .any(|(i, w)| !w.quoted && !scope.mask.covers(i) && (w.stem == *s || w.text == *s))
        });
        if meant && best.is_none() && mind.tools.tools.iter().any(|t| t.class == Class::Update) {
            best = Some((0.4, value));
        }
    }
    best.map(|(_, v)| as_list(param, v.clone()))
}

/// Whether "to" or "as" leads to a word: what something becomes, not what it is.
fn moved_to(mind: &Mind<'_>, at: usize) -> bool {
    mind.u.words[at.saturating_sub(2)..at]
        .iter()
        .any(|w| matches!(w.text.as_str(), "to" | "as" | "into" | "it" | "back" | "is"))
}

fn bool_said(mind: &Mind<'_>, param: &Param<'_>, scope: &Scope<'_>) -> Option<Value> {
    let content: Vec<&String> = param
        .stems
        .iter()
        .filter(|s| s.len() > 3 && !matches!(s.as_str(), "show" | "includ" | "enabl" | "support" | "only"))
        .collect();
    if content.is_empty() {
        return None;
    }
    let mut at = None;
    for stem in &content {
        let joined = |i: usize, w: &super::word::Word| {
            mind.u.words.get(i + 1).is_some_and(|n| format!("{}{}", w.stem, n.stem) == **stem)
        };
        let found = mind.u.words.iter().enumerate().position(|(i, w)| {
            (w.stem == **stem || joined(i, w))
                && !w.quoted
                && !scope.mask.covers(i)
                && scope.words.contains(&i)
        })?;
        at = Some(found);
    }
    let read_only_hint = mind.u.words[at?].stop;
    (!read_only_hint).then(|| Value::Bool(!matching::negated(&mind.u, at.unwrap_or(0))))
}

/// A read's parameter that takes words to look for.
pub fn search_param<'m>(mind: &'m Mind<'_>, tool: usize) -> Option<&'m Param<'m>> {
    let params = mind.tool(tool).params.iter().filter(|p| p.role == Role::Search && p.path.len() == 1);
    let noun = &mind.tool(tool).noun;
    params.max_by_key(|p| {
        u8::from(p.stems.iter().any(|s| noun.contains(s))) * 2
            + u8::from(p.stems.iter().any(|s| s == "name" || s == "q" || s == "queri" || s == "search"))
    })
}

/// Names, titles and messages are what people give first.
fn primary(param: &Param<'_>) -> f64 {
    if param.path.len() > 1 {
        return 0.0;
    }
    let name = param.path.last().map_or("", String::as_str);
    match name {
        "name" | "title" | "summary" | "subject" => 0.3,
        "text" | "message" | "body" | "content" | "comment" | "note" => 0.28,
        "description" | "notes" => 0.1,
        _ => 0.0,
    }
}

/// What stands before a value tells which one it is: "called" a name, "by" an artist, "from" a start.
fn by_cue(mind: &Mind<'_>, words: &Range<usize>, param: &Param<'_>) -> f64 {
    let before: Vec<&str> =
        mind.u.words[words.start.saturating_sub(2)..words.start].iter().map(|w| w.text.as_str()).collect();
    let cue = |list: &[&str]| before.iter().any(|w| list.contains(w));
    let stem = |list: &[&str]| param.stems.iter().any(|s| list.contains(&s.as_str()));
    let pairs: [(&[&str], &[&str]); 12] = [
        (
            &["called", "named", "titled", "call", "name", "title", "rename"],
            &["name", "titl", "summari", "subject"],
        ),
        (
            &["saying", "says", "reading", "message", "reads", "note", "comment", "text"],
            &["text", "messag", "bodi", "content", "note", "comment"],
        ),
        (&["by"], &["artist", "author", "creator", "maker"]),
        (&["in", "at"], &["locat", "place", "address", "citi"]),
        (&["about"], &["descript", "subject", "note", "topic"]),
        (&["for", "at", "costs", "price", "priced"], &["price", "amount", "cost"]),
        (&["description", "described"], &["descript"]),
        (&["for"], &["contact", "owner", "assigne", "recipi", "custom"]),
        (&["from", "starting"], &["start", "from", "begin"]),
        (&["until", "till"], &["end", "to", "until"]),
        (&["worth", "valued"], &["valu", "price", "cost", "amount"]),
        (&["under", "identifier", "identified"], &["serial", "uniqu", "identifi", "refer", "code"]),
    ];
    if pairs.iter().any(|(cues, stems)| cue(cues) && stem(stems)) { 0.5 } else { 0.0 }
}

/// Puts a value into the form that a parameter takes.
pub fn shaped(mind: &Mind<'_>, given: &Given, param: &Param<'_>) -> Option<Value> {
    let schema = if type_of(param.schema) == "array" {
        param.schema.get("items").unwrap_or(param.schema)
    } else {
        param.schema
    };
    let value = match (type_of(schema), &given.shape) {
        ("integer", Shape::Number(n)) => Value::from(n.value.round() as i64),
        ("number", Shape::Number(n)) => whole(n.value),
        ("integer" | "number", Shape::Duration(seconds)) => Value::from(times::in_unit(*seconds, param)),
        ("integer" | "number", Shape::Phone(p)) => {
            Value::from(p.trim_start_matches('+').parse::<i64>().ok()?)
        }
        ("integer" | "number", _) => Value::from(given.text.parse::<i64>().ok()?),
        ("boolean" | "object", _) => return None,
        (_, Shape::Phone(dialled)) => Value::from(dialled.as_str()),
        (_, Shape::Number(n)) => whole(n.value).to_string().into(),
        (_, Shape::Day(day)) => Value::from(day.to_string()),
        (_, Shape::Moment(at)) => times::instant(mind, *at, param),
        _ => Value::from(given.text.as_str()),
    };
    Some(as_list(param, value))
}

fn whole(number: f64) -> Value {
    if number.fract() == 0.0 && number.abs() < 9e15 {
        Value::from(number as i64)
    } else {
        Value::from(number)
    }
}

/// Whether a parameter says what part somebody or something plays.
fn is_part(param: &Param<'_>) -> bool {
    param
        .stems
        .last()
        .is_some_and(|s| matches!(s.as_str(), "role" | "type" | "kind" | "status" | "level" | "posit"))
}
