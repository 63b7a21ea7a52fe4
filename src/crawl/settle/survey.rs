//! A survey of the sources: every row of the catalog's file, and no tool in memory.

use super::Settled;
use super::held::{Head, HeldEdge, Lowered, Things, Unpacker};
use crate::data::{CatalogRow, GraphRow};

/// What a crawl found, for the catalog's file.
pub struct Survey {
    settled: Settled,
    /// How many tools are kept.
    pub kept: usize,
    /// How many things were left out.
    pub dropped: usize,
}

impl Survey {
    pub(in crate::crawl) fn new(settled: Settled) -> Self {
        let things = settled.order.len();
        let kept =
            settled.specs.iter().flat_map(|spec| &spec.heads).filter(|head| head.rule.is_none()).count();
        Self { settled, kept, dropped: things - kept }
    }

    /// Returns the hash of the kept tools: that of the catalog of the same sources.
    pub fn hash(&self) -> &str {
        &self.settled.hash
    }

    /// Returns the rows, unpacked one after the other: kept and dropped together, sorted by id.
    pub fn rows(&self) -> impl Iterator<Item = CatalogRow> {
        let mut unpacker = Unpacker::default();
        self.settled.order.iter().filter_map(move |(spec, at)| {
            let lowered = &self.settled.specs[*spec];
            let Things::Rows(rows, _) = &lowered.things else { return None };
            let mut row = unpacker.take(*spec, rows, *at);
            lowered.heads[*at].settle(&mut row);
            Some(row)
        })
    }

    /// Returns the edges between kept tools, spec by spec, the specs in the order of their first tools.
    pub fn edges(&self) -> impl Iterator<Item = GraphRow> {
        let specs = &self.settled.specs;
        let mut order: Vec<(&str, usize)> = specs
            .iter()
            .enumerate()
            .filter_map(|(at, spec)| Some((spec.heads.iter().map(|h| h.id.as_str()).min()?, at)))
            .collect();
        order.sort_unstable();
        order.into_iter().flat_map(move |(_, at)| edges_of(&specs[at]))
    }

    /// Returns what was left out, in the order of the catalog: its id, the rule and the reason.
    pub fn left_out(&self) -> impl Iterator<Item = (&str, &str, &str)> {
        self.heads().filter_map(|head| Some((head.id.as_str(), head.rule.as_deref()?, head.reason.as_str())))
    }

    fn heads(&self) -> impl Iterator<Item = &Head> {
        self.settled.order.iter().map(|(spec, at)| &self.settled.specs[*spec].heads[*at])
    }
}

/// Unpacks the edges of one spec, between tools that are kept, under their names in the catalog.
fn edges_of(spec: &Lowered) -> impl Iterator<Item = GraphRow> {
    let lines = match &spec.things {
        Things::Rows(_, edges) => edges.lines(),
        Things::Tools(..) => Vec::new(),
    };
    let kept = |at: u32| Some(&spec.heads[at as usize]).filter(|head| head.rule.is_none());
    let mut at = 0;
    std::iter::from_fn(move || {
        while at < lines.len() {
            let rest = &lines[at..];
            let line = rest.split(|byte| *byte == b'\n').next().unwrap_or(rest);
            at += line.len() + 1;
            let (from, to, from_field, to_parameter, rule, confidence) =
                serde_json::from_slice::<HeldEdge<'_>>(line).expect("what was packed are edges");
            let (Some(from), Some(to)) = (kept(from), kept(to)) else { continue };
            return Some(GraphRow {
                api: to.names.as_ref().map(|(_, api)| api.to_string()).unwrap_or_default(),
                from: from.id.clone(),
                from_field: from_field.into_owned(),
                to: to.id.clone(),
                to_parameter: to_parameter.into_owned(),
                rule: rule.into_owned(),
                confidence,
            });
        }
        None
    })
}
