//! What is held of a spec once it is lowered: the tools themselves for a run, or their packed rows where only the catalog's
//! file is asked for, so that a directory of thousands of specs never stands in memory as trees of JSON values.

use crate::crawl::file::Crawled;
use crate::crawl::place::Place;
use crate::crawl::rules::duplicates::{self, Likeness};
use crate::data::{ApiId, CatalogRow, Dropped, FunctionName, SpecSource, Tool, ToolId};
use crate::graph;
use std::borrow::Cow;
use std::collections::{BTreeSet, HashMap, VecDeque};
use std::io;

/// In which form tools are held.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Form {
    /// As they are, for the stages that follow.
    Tools,
    /// As rows of the catalog's file, packed.
    Rows,
}

/// What is known of a tool, or of something left out, when specs are looked at together.
#[derive(Clone, Debug)]
pub struct Head {
    /// `provider/api/operation`, or the spec's name where all of it was left out.
    pub id: String,
    /// The names that it has in the catalog, where it was lowered.
    pub names: Option<(FunctionName, ApiId)>,
    /// The hash of the tool as it was lowered, where it is kept.
    pub hash: Option<blake3::Hash>,
    /// What its duplicates are found by, where it is kept.
    pub likeness: Option<Likeness>,
    /// The rule that left it out.
    pub rule: Option<String>,
    /// Why exactly.
    pub reason: String,
}

/// What came of one file.
pub struct Lowered {
    /// The tools first, then what was left out.
    pub heads: Vec<Head>,
    /// The same things, in the same order.
    pub things: Things,
    /// The spec itself, where it is one.
    pub source: Option<SpecSource>,
    /// The files it refers to.
    pub parts: Vec<Place>,
    /// Whether the file is something else than a spec.
    pub foreign: bool,
}

/// What came of one file, as it is held.
pub enum Things {
    /// As they are.
    Tools(Vec<Tool>, Vec<Dropped>),
    /// As packed rows, with the edges among the tools.
    Rows(Rows, Edges),
}

impl Things {
    /// Returns the form in which they are held.
    pub fn form(&self) -> Form {
        match self {
            Self::Tools(..) => Form::Tools,
            Self::Rows(..) => Form::Rows,
        }
    }
}

impl Default for Lowered {
    fn default() -> Self {
        Self::new(Vec::new(), Vec::new(), None, Form::Tools)
    }
}

impl Lowered {
    /// Holds what came of one file.
    pub fn of(crawled: Crawled, form: Form) -> Self {
        let Crawled { tools, dropped, source, parts, foreign } = crawled;
        Self { parts, foreign, ..Self::new(tools, dropped, source, form) }
    }

    /// Holds tools and what was left out.
    pub fn new(
        mut tools: Vec<Tool>,
        mut dropped: Vec<Dropped>,
        source: Option<SpecSource>,
        form: Form,
    ) -> Self {
        // the order of the catalog, so that rows are unpacked chunk by chunk
        tools.sort_by(|a, b| a.id.cmp(&b.id));
        dropped.sort_by(|a, b| a.id.cmp(&b.id));
        let heads = tools.iter().map(Head::kept).chain(dropped.iter().map(Head::dropped)).collect();
        let things = match form {
            Form::Tools => Things::Tools(tools, dropped),
            Form::Rows => {
                let edges = Edges::pack(&tools);
                let kept = tools.into_iter().map(|tool| CatalogRow::kept(&tool));
                let rows = kept.chain(dropped.into_iter().map(|d| CatalogRow::dropped(&d)));
                Things::Rows(Rows::pack(rows), edges)
            }
        };
        Self { heads, things, source, parts: Vec::new(), foreign: false }
    }
}

impl Head {
    fn kept(tool: &Tool) -> Self {
        let mut hasher = blake3::Hasher::new();
        serde_json::to_writer(Hashed(&mut hasher), tool).expect("a tool's keys are strings");
        Self {
            id: tool.id.to_string(),
            names: Some((tool.name.clone(), tool.api.clone())),
            hash: Some(hasher.finalize()),
            likeness: duplicates::likeness(tool),
            rule: None,
            reason: String::new(),
        }
    }

    fn dropped(dropped: &Dropped) -> Self {
        Self {
            id: dropped.id.clone(),
            names: dropped.tool.as_ref().map(|tool| (tool.name.clone(), tool.api.clone())),
            hash: None,
            likeness: None,
            rule: Some(dropped.rule.clone()),
            reason: dropped.reason.clone(),
        }
    }

    /// Gives the tool a name that no other spec has, with a mark from the spec's own hash.
    pub fn rename(&mut self, mark: &str) {
        let Some((name, api)) = &mut self.names else { return };
        let slug = self.id.rsplit('/').next().unwrap_or_default();
        let marked = format!("{api}-{mark}");
        self.id = format!("{marked}/{slug}");
        // the reason may name another tool of the same spec, which is renamed too
        self.reason = self.reason.replace(&format!("{api}/"), &format!("{marked}/"));
        *name = ended(name, mark);
        *api = ApiId::new(marked);
    }

    /// Gives the tool a name that is not taken, where its own is: long ones of one spec may be cut to the same.
    pub fn tell_apart(&mut self, taken: &BTreeSet<String>) {
        let Some((name, _)) = &mut self.names else { return };
        let own = name.clone();
        for n in 0.. {
            if !taken.contains(name.as_str()) {
                return;
            }
            let hash = blake3::hash(format!("{}#{n}", self.id).as_bytes());
            *name = ended(&own, &hash.to_hex()[..6]);
        }
    }

    /// Gives a tool the names that it has in the catalog.
    pub fn name(&self, tool: &mut Tool) {
        let Some((name, api)) = &self.names else { return };
        tool.id = ToolId::new(self.id.clone());
        tool.name = name.clone();
        tool.api = api.clone();
    }

    /// Gives a row the names and the fate that it has in the catalog.
    pub fn settle(&self, row: &mut CatalogRow) {
        row.id.clone_from(&self.id);
        if let Some((name, api)) = &self.names {
            row.name = Some(name.to_string());
            row.api = Some(api.to_string());
        }
        if let Some(rule) = &self.rule {
            row.drop(rule, &self.reason);
        }
    }
}

/// Ends a function name in a mark, within its length.
fn ended(name: &FunctionName, mark: &str) -> FunctionName {
    let mut text = name.to_string();
    text.truncate(64 - mark.len() - 1);
    FunctionName::new(format!("{}_{mark}", text.trim_end_matches('_')))
}

/// Hashes what is written to it.
struct Hashed<'a>(&'a mut blake3::Hasher);

impl io::Write for Hashed<'_> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.update(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// An edge between two things of one file: the index of the tool that gives, that of the tool that is fed, the field, the
/// parameter, the rule and the confidence.
pub type HeldEdge<'a> = (u32, u32, Cow<'a, str>, Cow<'a, str>, Cow<'a, str>, f64);

/// The edges among the tools of one file, packed.
pub struct Edges(Vec<u8>);

impl Edges {
    /// Finds the edges among tools that are sorted by id, API by API.
    fn pack(tools: &[Tool]) -> Self {
        let at: HashMap<&str, u32> = tools.iter().zip(0..).map(|(tool, at)| (tool.id.as_str(), at)).collect();
        let mut text = Vec::new();
        for tools in tools.chunk_by(|a, b| a.api == b.api) {
            let tools: Vec<&Tool> = tools.iter().collect();
            for edge in graph::edges(&tools[0].api, &tools) {
                let held: HeldEdge<'_> = (
                    at[edge.from.as_str()],
                    at[edge.to.as_str()],
                    edge.from_field.into(),
                    edge.to_parameter.into(),
                    edge.rule.as_str().into(),
                    edge.confidence,
                );
                serde_json::to_writer(&mut text, &held).expect("an edge has no keys");
                text.push(b'\n');
            }
        }
        Self(packed(&text))
    }

    /// Unpacks them, as lines for `HeldEdge`.
    pub fn lines(&self) -> Vec<u8> {
        unpacked(&self.0)
    }
}

fn packed(text: &[u8]) -> Vec<u8> {
    zstd::bulk::compress(text, LEVEL).expect("packing in memory does not fail")
}

fn unpacked(bytes: &[u8]) -> Vec<u8> {
    zstd::decode_all(bytes).expect("what was packed unpacks")
}

/// Most rows that are packed together: those are unpacked at once.
const CHUNK_ROWS: usize = 128;
/// Fast: rows of one spec repeat each other, and any level finds that.
const LEVEL: i32 = 1;

/// Rows of the catalog's file, packed a few at a time.
#[derive(Default)]
pub struct Rows {
    chunks: Vec<Vec<u8>>,
}

impl Rows {
    fn pack(rows: impl Iterator<Item = CatalogRow>) -> Self {
        let mut rows = rows.peekable();
        let mut chunks = Vec::new();
        let mut text = Vec::new();
        while rows.peek().is_some() {
            let chunk: Vec<CatalogRow> = rows.by_ref().take(CHUNK_ROWS).collect();
            text.clear();
            serde_json::to_writer(&mut text, &chunk).expect("a row's keys are strings");
            chunks.push(packed(&text));
        }
        Self { chunks }
    }

    fn chunk(&self, index: usize) -> Vec<CatalogRow> {
        serde_json::from_slice(&unpacked(&self.chunks[index])).expect("what was packed are rows")
    }
}

/// Unpacks rows, each once. The chunks looked at last stay unpacked: rows are asked for by id, and what is next to each
/// other by id mostly lies together.
#[derive(Default)]
pub struct Unpacker {
    last: VecDeque<((usize, usize), Vec<CatalogRow>)>,
}

impl Unpacker {
    /// Most chunks that stay unpacked.
    const CHUNKS: usize = 8;

    /// Takes a row by the index of its spec and its own.
    pub fn take(&mut self, spec: usize, rows: &Rows, at: usize) -> CatalogRow {
        let key = (spec, at / CHUNK_ROWS);
        let last = &mut self.last;
        let known = last.iter().position(|(k, _)| *k == key);
        let index = known.unwrap_or_else(|| {
            if last.len() == Self::CHUNKS {
                last.pop_front();
            }
            last.push_back((key, rows.chunk(key.1)));
            last.len() - 1
        });
        std::mem::take(&mut last[index].1[at % CHUNK_ROWS])
    }
}
