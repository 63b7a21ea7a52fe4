//! YAML as a tree that knows where each key and value stands.
//!
//! serde stops at the first fault; this tree lets all of them be collected, each with its place.

use super::fault::Fault;
use super::place::{At, Origin};
use serde_json::{Number, Value};
use serde_saphyr::granit_parser::{Event, Parser, ScalarStyle, Span};
use std::collections::BTreeMap;

/// Nodes that aliases may expand to; a pipeline file has about a hundred.
const NODES_MAX: usize = 20_000;
const DEPTH_MAX: usize = 64;

/// A value and its place.
#[derive(Clone, Debug)]
pub(super) struct Located {
    pub at: At,
    pub value: Yaml,
}

/// A value.
#[derive(Clone, Debug)]
pub(super) enum Yaml {
    Null,
    Bool(bool),
    Number(Number),
    /// `.inf`, `.nan` and their kin: numbers that nothing here takes.
    NotFinite,
    Text(String),
    List(Vec<Located>),
    Map(Vec<Entry>),
}

/// A key and its value.
#[derive(Clone, Debug)]
pub(super) struct Entry {
    pub key: String,
    pub key_at: At,
    pub value: Located,
}

impl Located {
    /// Returns the value at a dotted path.
    pub fn get(&self, path: &str) -> Option<&Self> {
        path.split('.').try_fold(self, |at, key| Some(&at.entry(key)?.value))
    }

    /// Returns a map's entry.
    pub fn entry(&self, key: &str) -> Option<&Entry> {
        self.entries().iter().find(|entry| entry.key == key)
    }

    /// Returns a map's entries; none of anything else.
    pub fn entries(&self) -> &[Entry] {
        match &self.value {
            Yaml::Map(entries) => entries,
            _ => &[],
        }
    }

    /// Returns the text of a text.
    pub fn text(&self) -> Option<&str> {
        match &self.value {
            Yaml::Text(text) => Some(text),
            _ => None,
        }
    }

    /// Returns the number of a number.
    pub fn number(&self) -> Option<f64> {
        match &self.value {
            Yaml::Number(number) => number.as_f64(),
            _ => None,
        }
    }

    /// Returns the tree without its places.
    pub fn to_json(&self) -> Value {
        match &self.value {
            Yaml::Null | Yaml::NotFinite => Value::Null,
            Yaml::Bool(flag) => Value::Bool(*flag),
            Yaml::Number(number) => Value::Number(number.clone()),
            Yaml::Text(text) => Value::String(text.clone()),
            Yaml::List(items) => items.iter().map(Self::to_json).collect(),
            Yaml::Map(entries) => {
                entries.iter().map(|entry| (entry.key.clone(), entry.value.to_json())).collect()
            }
        }
    }

    /// Says what kind of value this is, for a message.
    pub fn kind(&self) -> String {
        match &self.value {
            Yaml::Null => "nothing".into(),
            Yaml::Bool(flag) => format!("the boolean `{flag}`"),
            Yaml::Number(number) => format!("the number `{number}`"),
            Yaml::NotFinite => "a number that is not finite".into(),
            Yaml::Text(text) => format!("the text `{}`", shorten(text)),
            Yaml::List(_) => "a list".into(),
            Yaml::Map(_) => "a map".into(),
        }
    }

    fn size(&self) -> usize {
        match &self.value {
            Yaml::List(items) => 1 + items.iter().map(Self::size).sum::<usize>(),
            Yaml::Map(entries) => 1 + entries.iter().map(|entry| entry.value.size()).sum::<usize>(),
            _ => 1,
        }
    }
}

fn shorten(text: &str) -> String {
    let line = text.lines().next().unwrap_or_default();
    if line.chars().count() > 40 || line.len() < text.trim_end().len() {
        format!("{}…", line.chars().take(40).collect::<String>())
    } else {
        line.to_owned()
    }
}

/// Parses one YAML document. An empty one is `Null`.
pub(super) fn parse(text: &str, origin: &Origin) -> Result<Located, Fault> {
    let mut reader =
        Reader { parser: Parser::new_from_str(text), origin, anchors: BTreeMap::new(), nodes: 0 };
    reader.document()
}

struct Reader<'a> {
    parser: Parser<'a, serde_saphyr::granit_parser::StrInput<'a>>,
    origin: &'a Origin,
    /// What each anchor stands for; `None` while its node is still being read.
    anchors: BTreeMap<usize, Option<Located>>,
    nodes: usize,
}

impl<'a> Reader<'a> {
    fn document(&mut self) -> Result<Located, Fault> {
        let mut root = None;
        loop {
            let (event, at) = self.next()?;
            match event {
                Event::StreamStart | Event::DocumentEnd => {}
                Event::DocumentStart(..) if root.is_none() => {
                    let (event, at) = self.next()?;
                    root = Some(self.node(event, at, 0)?);
                }
                Event::StreamEnd => {
                    let nothing = Located { at, value: Yaml::Null };
                    return Ok(root.unwrap_or(nothing));
                }
                _ => return Err(Fault::new(at, "a second YAML document").help("one file holds one pipeline")),
            }
        }
    }

    fn next(&mut self) -> Result<(Event<'a>, At), Fault> {
        loop {
            match self.parser.next_event() {
                Some(Ok((event, span))) => {
                    if !matches!(event, Event::Anchor(..)) {
                        return Ok((event, self.at(span)));
                    }
                }
                Some(Err(error)) => {
                    let mark = error.marker();
                    let at = At {
                        origin: self.origin.clone(),
                        line: mark.line(),
                        column: mark.col() + 1,
                        length: 0,
                    };
                    let info = error.info();
                    let fault = Fault::new(at, format!("not YAML: {info}"));
                    return Err(if info.contains("mapping values are not allowed") {
                        fault.help("is a `:` missing on the line above, or the indentation off?")
                    } else {
                        fault
                    });
                }
                None => return Ok((Event::StreamEnd, self.at(Span::default()))),
            }
        }
    }

    fn at(&self, span: Span) -> At {
        let one_line = span.start.line() == span.end.line();
        At {
            origin: self.origin.clone(),
            line: span.start.line(),
            column: span.start.col() + 1,
            length: if one_line { span.end.col().saturating_sub(span.start.col()) } else { 0 },
        }
    }

    fn node(&mut self, event: Event<'a>, at: At, depth: usize) -> Result<Located, Fault> {
        self.nodes += 1;
        if depth > DEPTH_MAX || self.nodes > NODES_MAX {
            return Err(Fault::new(at, "too much YAML for a pipeline: nested too deep, or too many values"));
        }
        let (anchor, value) = match event {
            Event::Scalar(text, style, anchor, _) => (anchor, scalar(&text, style)),
            Event::Alias(anchor) => return self.alias(anchor, at),
            Event::SequenceStart(_, anchor, _) => {
                self.open(anchor);
                (anchor, self.list(depth)?)
            }
            Event::MappingStart(_, anchor, _) => {
                self.open(anchor);
                (anchor, self.map(depth)?)
            }
            _ => return Err(Fault::new(at, "a value is missing here")),
        };
        let node = Located { at, value };
        if anchor != 0 {
            self.anchors.insert(anchor, Some(node.clone()));
        }
        Ok(node)
    }

    fn open(&mut self, anchor: usize) {
        if anchor != 0 {
            self.anchors.insert(anchor, None);
        }
    }

    fn alias(&mut self, anchor: usize, at: At) -> Result<Located, Fault> {
        match self.anchors.get(&anchor) {
            Some(Some(node)) => {
                self.nodes += node.size();
                Ok(node.clone())
            }
            Some(None) => Err(Fault::new(at, "this alias stands inside the very value that it repeats")
                .help("a YAML anchor cannot hold itself; write the value out")),
            None => Err(Fault::new(at, "this alias names no anchor")),
        }
    }

    fn list(&mut self, depth: usize) -> Result<Yaml, Fault> {
        let mut items = Vec::new();
        loop {
            let (event, at) = self.next()?;
            if matches!(event, Event::SequenceEnd) {
                return Ok(Yaml::List(items));
            }
            items.push(self.node(event, at, depth + 1)?);
        }
    }

    fn map(&mut self, depth: usize) -> Result<Yaml, Fault> {
        let mut entries: Vec<Entry> = Vec::new();
        loop {
            let (event, key_at) = self.next()?;
            let key = match event {
                Event::MappingEnd => return Ok(Yaml::Map(entries)),
                Event::Scalar(text, ..) => text.into_owned(),
                _ => return Err(Fault::new(key_at, "a key must be a plain word")),
            };
            if key == "<<" {
                return Err(Fault::new(key_at, "merge keys are not read").help("write the fields out"));
            }
            if let Some(first) = entries.iter().find(|entry| entry.key == key) {
                let help = format!("it stands on line {} already", first.key_at.line);
                return Err(Fault::new(key_at, format!("`{key}` is given twice")).help(help));
            }
            let (event, at) = self.next()?;
            let value = self.node(event, at, depth + 1)?;
            entries.push(Entry { key, key_at, value });
        }
    }
}

/// Reads a scalar by YAML 1.2's core schema: `yes` and `no` are texts.
fn scalar(text: &str, style: ScalarStyle) -> Yaml {
    if style != ScalarStyle::Plain {
        return Yaml::Text(text.to_owned());
    }
    match text {
        "" | "~" | "null" | "Null" | "NULL" => return Yaml::Null,
        "true" | "True" | "TRUE" => return Yaml::Bool(true),
        "false" | "False" | "FALSE" => return Yaml::Bool(false),
        ".nan" | ".NaN" | ".NAN" => return Yaml::NotFinite,
        _ => {}
    }
    if matches!(text.trim_start_matches(['+', '-']), ".inf" | ".Inf" | ".INF") {
        return Yaml::NotFinite;
    }
    number(text).map_or_else(|| Yaml::Text(text.to_owned()), Yaml::Number)
}

fn number(text: &str) -> Option<Number> {
    if let Some(digits) = text.strip_prefix("0x") {
        return u64::from_str_radix(digits, 16).ok().map(Number::from);
    }
    if let Some(digits) = text.strip_prefix("0o") {
        return u64::from_str_radix(digits, 8).ok().map(Number::from);
    }
    let unsigned = text.strip_prefix(['+', '-']).unwrap_or(text);
    if !unsigned.starts_with(|c: char| c.is_ascii_digit() || c == '.')
        || !unsigned.contains(|c: char| c.is_ascii_digit())
    {
        return None;
    }
    let text = text.strip_prefix('+').unwrap_or(text);
    if let Ok(integer) = text.parse::<u64>() {
        return Some(integer.into());
    }
    if let Ok(integer) = text.parse::<i64>() {
        return Some(integer.into());
    }
    let float: f64 = text.parse().ok()?;
    // `1e3` is a whole number to a person.
    if float.fract() == 0.0 && (0.0..9e15).contains(&float) {
        return Some(Number::from(float as u64));
    }
    Number::from_f64(float)
}
