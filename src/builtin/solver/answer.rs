//! The answer: what was done and what was asked, in a sentence or three.

use super::ask::{Question, Told};
use super::goals::Goal;
use super::matching;
use super::memory::Record;
use super::mind::{Mind, own_id};
use super::phrase::{self, Fact};
use super::verbs::Class;
use crate::checks::natural::{self, Hint, TimeValue};
use crate::words;
use serde_json::Value;

impl Mind<'_> {
    /// Words the answer to this want.
    pub fn answer(&self, goal: Option<&Goal>) -> String {
        if goal.is_some() {
            return self.done().join(" ");
        }
        let target = self.targets().into_iter().map(|(_, t)| t).find(|t| !self.mine(*t).is_empty());
        let question = target.map_or(Question::Facts, |t| self.question(t));
        match (question, target) {
            (Question::Count, Some(tool)) => self.count(tool),
            (Question::Each, Some(tool)) => self.each(tool),
            (Question::Total, Some(tool)) => self.total(tool).unwrap_or_else(|| self.told().join(" ")),
            _ => self.told().join(" "),
        }
    }

    fn variant(&self, n: u64) -> u64 {
        let hash = blake3::hash(self.u.text.as_bytes());
        u64::from(hash.as_bytes()[0]) % n
    }

    /// Says what was changed.
    fn done(&self) -> Vec<String> {
        let mut parts = Vec::new();
        for past in self.claimed.iter().map(|i| &self.memory.past[*i]) {
            let Some(tool) = past.tool else { continue };
            let this = self.tool(tool);
            let noun = &this.noun_text;
            let named = self.name_of_call(past).or_else(|| self.id_said(past));
            let what = named.map_or_else(
                || format!("the {noun}"),
                |name| {
                    if self.variant(2) == 0 {
                        format!("“{name}”")
                    } else {
                        format!("the {noun} “{name}”")
                    }
                },
            );
            let text = match (this.class, self.variant(3)) {
                (Class::Create, 0) => format!("I've added {what}."),
                (Class::Create, 1) => format!("{} is in place.", words::capital(&what)),
                (Class::Create, _) => format!("Done: {what} has been created."),
                (Class::Update, 0) => format!("I've updated {what}{}.", self.changes(past)),
                (Class::Update, _) => format!("{} is updated{}.", words::capital(&what), self.changes(past)),
                (Class::Delete, 0) => format!("{} is gone.", words::capital(&what)),
                (Class::Delete, _) => format!("I've deleted {what}."),
                (_, 0) => format!("Done: {what} went through."),
                _ => format!("That's done for {what}."),
            };
            if !parts.contains(&text) {
                parts.push(text);
            }
        }
        parts
    }

    /// The id that a call took, where it is one that the user said.
    fn id_said(&self, past: &super::memory::Past<'_>) -> Option<String> {
        let arguments = past.call.arguments.as_object()?;
        arguments.values().map(text_of).find(|id| id.len() > 2 && self.u.text.contains(id.as_str()))
    }

    /// What a call was about, by the name it gave or of the record whose id it took.
    fn name_of_call(&self, past: &super::memory::Past<'_>) -> Option<String> {
        let arguments = past.call.arguments.as_object()?;
        let said = ["name", "title", "summary", "subject"]
            .iter()
            .find_map(|k| arguments.get(*k).and_then(Value::as_str));
        let of_id = self.memory.records.iter().filter(|r| r.within.is_none()).filter(|r| {
            own_id(r).is_some_and(|id| {
                arguments
                    .values()
                    .any(|v| v == id || v.as_str().is_some_and(|s| id.as_str() == Some(s) || *id == s))
            })
        });
        let tool = past.tool.map(|t| self.tool(t).noun.clone()).unwrap_or_default();
        let record = of_id.max_by(|a, b| {
            super::names::alike(&a.kind, &tool).total_cmp(&super::names::alike(&b.kind, &tool))
        });
        let making = past.tool.is_some_and(|t| self.tool(t).class == Class::Create);
        said.map(str::to_owned).or_else(|| record.filter(|_| !making).and_then(name_of))
    }

    /// Says what an update set.
    fn changes(&self, past: &super::memory::Past<'_>) -> String {
        let Some(tool) = past.tool else { return String::new() };
        let said = |v: &Value| words::stems(&words::enum_words(&text_of(v)));
        let mut parts = Vec::new();
        for param in &self.tool(tool).params {
            if matches!(param.role, super::toolbox::Role::Id(_))
                || matches!(
                    param.path.last().map(String::as_str),
                    Some("name" | "title" | "summary" | "subject")
                )
            {
                continue;
            }
            let Some(value) =
                past.call.arguments.as_object().and_then(|a| super::arguments::at_path(a, &param.path))
            else {
                continue;
            };
            let new =
                self.u.find_run(&said(value)).is_some() || matches!(param.role, super::toolbox::Role::Enum);
            if new && parts.len() < 3 && !value.is_object() {
                parts.push(format!(
                    "{} {}",
                    words::caption(param.path.last().map_or("", String::as_str)),
                    self.say("", value)
                ));
            }
        }
        if parts.is_empty() { String::new() } else { format!(" ({})", parts.join(", ")) }
    }

    fn count(&self, tool: usize) -> String {
        let rows = self.rows(tool);
        let total = self.mine(tool).last().and_then(|i| self.memory.past[*i].total);
        let n = if self.has_conditions(tool) {
            let refs: Vec<(usize, &Record)> = rows.iter().map(|i| (*i, &self.memory.records[*i])).collect();
            self.best(&refs, &self.tool(tool).noun).len()
        } else {
            total.map_or(rows.len(), |t| (t as usize).max(rows.len()))
        };
        let noun = &self.tool(tool).noun_text;
        let noun = if n == 1 { noun.clone() } else { words::plural(noun) };
        match self.variant(3) {
            0 => format!("There {} {n} {noun}.", if n == 1 { "is" } else { "are" }),
            1 => format!("{n} {noun}."),
            _ => format!("I count {n} {noun}."),
        }
    }

    fn each(&self, tool: usize) -> String {
        let rows = self.rows(tool);
        let refs: Vec<(usize, &Record)> = rows.iter().map(|i| (*i, &self.memory.records[*i])).collect();
        let chosen = if self.has_conditions(tool) { self.best(&refs, &self.tool(tool).noun) } else { rows };
        if chosen.is_empty() {
            return format!("There are no {}.", words::plural(&self.tool(tool).noun_text));
        }
        let facts = self.facts_of_each(&chosen);
        let items: Vec<String> = chosen
            .iter()
            .take(30)
            .map(|i| {
                let record = &self.memory.records[*i];
                let name = name_of(record)
                    .unwrap_or_else(|| record.fields.first().map(|f| text_of(&f.value)).unwrap_or_default());
                let extra: Vec<String> = facts
                    .iter()
                    .filter_map(|path| record.fields.iter().find(|f| f.path == **path))
                    .filter(|f| text_of(&f.value) != name)
                    .map(|f| self.say(f.path.last().map_or("", String::as_str), &f.value))
                    .collect();
                if extra.is_empty() { name } else { format!("{name} ({})", extra.join(", ")) }
            })
            .collect();
        let list = words::list(&items);
        match self.variant(3) {
            0 => format!("{} in all: {list}.", items.len()),
            1 => format!("These are the {}: {list}.", words::plural(&self.tool(tool).noun_text)),
            _ => format!("{}.", words::capital(&list)),
        }
    }

    /// The fields, beside the name, that are asked of each record.
    fn facts_of_each(&self, rows: &[usize]) -> Vec<&Vec<String>> {
        let told = self.facts_among(rows);
        told.into_iter().take(3).collect()
    }

    fn facts_among(&self, rows: &[usize]) -> Vec<&Vec<String>> {
        let Some(first) = rows.iter().max_by_key(|i| self.memory.records[**i].fields.len()) else {
            return Vec::new();
        };
        let fields = &self.memory.records[*first].fields;
        let scored = fields.iter().filter_map(|f| self.asked(*first, f).map(|(s, _)| (s, &f.path)));
        scored.filter(|(s, _)| *s >= 0.6).map(|(_, p)| p).collect()
    }

    fn total(&self, tool: usize) -> Option<String> {
        let rows = self.rows(tool);
        let path = self.facts_among(&rows).into_iter().find(|p| {
            rows.iter().any(|i| {
                self.memory.records[*i]
                    .fields
                    .iter()
                    .any(|f| f.path == **p && matching::number(&f.value).is_some())
            })
        })?;
        let sum: f64 = rows
            .iter()
            .filter_map(|i| {
                self.memory.records[*i]
                    .fields
                    .iter()
                    .find(|f| f.path == *path)
                    .and_then(|f| matching::number(&f.value))
            })
            .sum();
        let sum = (sum * 100.0).round() / 100.0;
        Some(format!(
            "That comes to {sum} over {} {}.",
            rows.len(),
            words::plural(&self.tool(tool).noun_text)
        ))
    }

    /// Says the facts that were asked.
    fn told(&self) -> Vec<String> {
        let told = self.facts();
        if told.is_empty() {
            return self.whatever().into_iter().collect();
        }
        let mut groups: Vec<(usize, Vec<&Told>)> = Vec::new();
        for fact in &told {
            let of = self.memory.records[fact.record].within.unwrap_or(fact.record);
            match groups.iter_mut().find(|(r, _)| *r == of) {
                Some((_, facts)) => facts.push(fact),
                None => groups.push((of, vec![fact])),
            }
        }
        groups.iter().map(|(record, facts)| self.sentence(*record, facts)).collect()
    }

    fn sentence(&self, record: usize, facts: &[&Told]) -> String {
        let name = name_of(&self.memory.records[record]);
        if let [one] = facts
            && self.is_bare(one.record)
        {
            return self.bare(one);
        }
        let french = self.u.text.to_lowercase().contains("french");
        let said: Vec<Fact> = facts
            .iter()
            .filter(|t| {
                let key = self.memory.records[t.record].fields[t.field].path.last();
                facts.len() == 1 || french || !key.is_some_and(|k| k.ends_with("Fr"))
            })
            .map(|t| {
                let field = &self.memory.records[t.record].fields[t.field];
                let key = field.path.last().map_or("", String::as_str);
                let nested = self.memory.records[t.record].within.is_some();
                let kind = &self.memory.records[t.record].kind_text;
                let label = words::caption(key);
                let label = label.strip_suffix(" en").map_or(label.clone(), str::to_owned);
                let label = if nested && !label.starts_with(kind.as_str()) {
                    format!("{kind} {label}")
                } else {
                    label
                };
                Fact { label, value: &field.value, said: self.say(key, &field.value) }
            })
            .collect();
        words::capital(&phrase::sentences(name.as_deref(), &said, self.variant(2)))
    }

    /// Says a value that is a whole result, with what it was computed of.
    fn bare(&self, told: &Told) -> String {
        let record = &self.memory.records[told.record];
        let past = &self.memory.past[record.call];
        let value = &record.fields[told.field].value;
        let said = self.say("", value);
        let names = self.names_of_call(past);
        let noun = past.tool.map(|t| self.tool(t).noun_text.clone()).unwrap_or_default();
        let arguments = past.call.arguments.to_string().to_lowercase();
        let unit = if arguments.contains("\"km\"") {
            " km"
        } else if noun.contains("distance") {
            " miles"
        } else {
            ""
        };
        match (names.as_slice(), value.is_string()) {
            ([a, b], false) => format!("It's {said}{unit} from {a} to {b}."),
            ([place], true) => format!("In {place} it's {said}."),
            ([of, ..], _) => format!("The {noun} of {of} is {said}{unit}."),
            ([], _) => format!("The {noun} is {said}{unit}."),
        }
    }

    /// The names of the records whose ids a call took, in the order in which the user speaks of them.
    fn names_of_call(&self, past: &super::memory::Past<'_>) -> Vec<String> {
        let Some(arguments) = past.call.arguments.as_object() else { return Vec::new() };
        let mut names: Vec<String> = arguments
            .values()
            .filter_map(|v| {
                let is = |id: &Value| id == v || text_of(id) == text_of(v);
                self.memory.records.iter().find(|r| own_id(r).is_some_and(is)).and_then(name_of)
            })
            .collect();
        names.dedup();
        names.sort_by_key(|n| self.u.text.find(n.as_str()).unwrap_or(usize::MAX));
        names
    }

    /// What the best record shows, where nothing says what was asked of it.
    fn whatever(&self) -> Option<String> {
        let (record, _) = *self.chosen().last()?;
        let record = &self.memory.records[record];
        if let Some(name) = name_of(record) {
            return Some(phrase::close(format!("It's {name}")));
        }
        let empty = record.fields.len() == 1 && record.fields[0].path.last().is_some_and(|p| p == "status");
        let shown = record.fields.iter().filter(|f| {
            !empty
                && !f
                    .path
                    .last()
                    .is_some_and(|p| p.to_lowercase().ends_with("id") || p == "etag" || p == "kind")
        });
        let items: Vec<String> = shown
            .take(5)
            .map(|f| {
                let key = f.path.last().map_or("", String::as_str);
                format!("{} {}", words::caption(key), self.say(key, &f.value))
            })
            .collect();
        (!items.is_empty()).then(|| words::capital(&format!("{}.", words::list(&items))))
    }

    /// Says a value: ids and text as they are, instants in the user's time.
    pub fn say(&self, key: &str, value: &Value) -> String {
        let now = &self.u.now;
        match natural::time_value(value, &Hint::named(key)) {
            Some(TimeValue::Instant(at)) => {
                if let Some(there) = value.as_str().and_then(|text| elsewhere(text, at, now)) {
                    return there;
                }
                let local = at.to_zoned(now.time_zone().clone());
                let seconds =
                    if local.second() == 0 { "%-d %B %Y at %H:%M" } else { "%-d %B %Y at %H:%M:%S" };
                local.strftime(seconds).to_string()
            }
            Some(TimeValue::Date(day)) => day.strftime("%-d %B %Y").to_string(),
            Some(TimeValue::Local(local)) => local.strftime("%-d %B %Y at %H:%M").to_string(),
            None => match value {
                Value::Bool(true) => "yes".to_owned(),
                Value::Bool(false) => "no".to_owned(),
                other => text_of(other),
            },
        }
    }
}

/// Returns a scalar, or an array of them, as text.
pub fn text_of(value: &Value) -> String {
    match value {
        Value::String(text) => text.clone(),
        Value::Array(items) => words::list(&items.iter().map(text_of).collect::<Vec<_>>()),
        other => other.to_string(),
    }
}

/// An instant that is told with an offset of its own is what the clock shows there.
fn elsewhere(text: &str, at: jiff::Timestamp, now: &jiff::Zoned) -> Option<String> {
    let sign = text.get(19..)?.find(['+', '-'])? + 19;
    let offset = text.get(sign..)?;
    let home = at.to_zoned(now.time_zone().clone()).strftime("%:z").to_string();
    if offset == home || offset == "+00:00" {
        return None;
    }
    let local: jiff::civil::DateTime = text.get(..19)?.parse().ok()?;
    let shown = if local.second() == 0 { "%-d %B %Y at %H:%M" } else { "%-d %B %Y at %H:%M:%S" };
    Some(format!("{} local time", local.strftime(shown)))
}

/// Returns what a record is called.
pub fn name_of(record: &Record) -> Option<String> {
    let named =
        record.fields.iter().filter(|f| f.path.len() == 1 && matching::is_name(f) && f.value.is_string());
    let best = named.min_by_key(|f| {
        let key = f.path[0].to_lowercase();
        let exact = ["name", "title", "summary", "subject", "displayname"].iter().position(|n| key == *n);
        if let Some(exact) = exact {
            return exact;
        }
        if matching::names_other(f, &record.kind) {
            return 40;
        }
        if key.starts_with("first") || key.starts_with("last") || key.starts_with("user") {
            return 30;
        }
        let rank = ["name", "title", "summary", "subject"].iter().position(|n| key == *n || key.ends_with(n));
        rank.map_or(20, |r| 10 + r)
    });
    best.and_then(|f| f.value.as_str()).map(str::to_owned)
}
