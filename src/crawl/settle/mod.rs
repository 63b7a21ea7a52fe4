//! What specs are to each other: a spec that was read before is left out, as is what a newer version of the same API holds, and
//! names that two of them have are told apart.

pub mod held;
pub mod survey;

use crate::config::plan::Curation;
use crate::crawl::rules::duplicates::{self, Age};
use crate::crawl::rules::{self, OTHER_VERSION};
use crate::data::{Catalog, Dropped, SpecSource, Tool};
use held::{Head, Lowered, Things};
use std::collections::BTreeSet;

/// The index of a spec, and that of a thing in it.
type Place = (usize, usize);

/// All specs, each thing with the names and the fate that it has in the catalog.
pub struct Settled {
    /// The specs, in the order in which they were found.
    pub specs: Vec<Lowered>,
    /// All things in the order of the catalog, kept and dropped: the index of the spec and the thing's own.
    pub order: Vec<(usize, usize)>,
    /// The specs that were read, sorted by name.
    pub sources: Vec<SpecSource>,
    /// blake3 over the kept tools, in hexadecimal.
    pub hash: String,
}

/// Settles what came of all files, in the order in which they were found.
pub fn settle(mut specs: Vec<Lowered>, curation: &Curation) -> Settled {
    let mut known: BTreeSet<String> = BTreeSet::new();
    let mut taken: BTreeSet<String> = BTreeSet::new();
    for spec in &mut specs {
        if let Some(source) = &spec.source
            && !known.insert(source.hash.clone())
        {
            *spec = read_before(&source.spec.clone(), &spec.things);
        }
    }
    let twins = other_versions(&mut specs, curation);
    for spec in &mut specs {
        tell_apart(spec, &mut taken);
    }
    for twin in &twins {
        say_kept(&mut specs, *twin);
    }
    for spec in &mut specs {
        let mark = mark(spec);
        // what is kept has its id for itself
        for head in spec.heads.iter_mut().filter(|head| head.rule.is_some() && taken.contains(&head.id)) {
            head.rename(&mark);
        }
    }
    let mut order: Vec<(usize, usize)> =
        specs.iter().enumerate().flat_map(|(at, spec)| (0..spec.heads.len()).map(move |i| (at, i))).collect();
    let key = |(spec, at): &(usize, usize)| {
        let head: &Head = &specs[*spec].heads[*at];
        (head.id.as_str(), head.rule.is_some())
    };
    order.sort_by(|a, b| key(a).cmp(&key(b)));
    let mut sources: Vec<SpecSource> = specs.iter_mut().filter_map(|spec| spec.source.take()).collect();
    sources.sort_by(|a, b| a.spec.cmp(&b.spec));
    let hash = hash(&specs, &order);
    Settled { specs, order, sources, hash }
}

/// What is left of a spec that was read before.
fn read_before(spec: &str, things: &Things) -> Lowered {
    let dropped = Dropped {
        id: spec.to_owned(),
        rule: "duplicate".to_owned(),
        reason: "the same file was read under another name".to_owned(),
        spec: spec.to_owned(),
        operation: None,
        tool: None,
    };
    Lowered::new(Vec::new(), vec![dropped], None, things.form())
}

/// Leaves out what a newer version of the same API holds; returns where each of them stands, and the one that is kept.
fn other_versions(specs: &mut [Lowered], curation: &Curation) -> Vec<(Place, Place)> {
    if !rules::is_on(OTHER_VERSION, curation) {
        return Vec::new();
    }
    let ages: Vec<Age> = specs.iter().map(|s| s.source.as_ref().map(Age::of).unwrap_or_default()).collect();
    let mut places: Vec<Place> = Vec::new();
    let mut heads: Vec<duplicates::Head<'_>> = Vec::new();
    for (spec, one) in specs.iter().enumerate() {
        for (at, head) in one.heads.iter().enumerate() {
            if let Some(likeness) = &head.likeness {
                places.push((spec, at));
                heads.push(duplicates::Head { spec, likeness });
            }
        }
    }
    let twins = duplicates::across(&heads, &ages);
    let twins: Vec<(Place, Place)> = twins.iter().map(|t| (places[t.dropped], places[t.kept])).collect();
    for ((spec, at), _) in &twins {
        specs[*spec].heads[*at].rule = Some(OTHER_VERSION.to_owned());
        if let Some(source) = &mut specs[*spec].source {
            source.kept -= 1;
        }
    }
    twins
}

/// Names the tool that is kept in the reason for which another is not.
fn say_kept(specs: &mut [Lowered], (dropped, kept): (Place, Place)) {
    let id = specs[kept.0].heads[kept.1].id.clone();
    let version = specs[kept.0].source.as_ref().map(|s| s.version.as_str()).unwrap_or_default();
    specs[dropped.0].heads[dropped.1].reason = rules::other_version(&id, version);
}

/// Returns what tells a spec's names from others'.
fn mark(spec: &Lowered) -> String {
    spec.source.as_ref().map(|s| s.hash[..4.min(s.hash.len())].to_owned()).unwrap_or_default()
}

/// Gives a spec's tools names that no spec before has: the one before keeps its names.
fn tell_apart(spec: &mut Lowered, taken: &mut BTreeSet<String>) {
    let mark = mark(spec);
    let names =
        |head: &Head| head.names.as_ref().filter(|_| head.rule.is_none()).map(|(name, _)| name.to_string());
    let clash = spec
        .heads
        .iter()
        .any(|head| names(head).is_some_and(|name| taken.contains(&name) || taken.contains(&head.id)));
    for head in &mut spec.heads {
        if clash {
            head.rename(&mark);
            if head.rule.is_none() {
                head.tell_apart(taken);
            }
        }
        if let Some(name) = names(head) {
            // an id has a slash and a name has none
            taken.insert(head.id.clone());
            taken.insert(name);
        }
    }
}

/// Hashes the kept tools: what they are, and what they are called.
fn hash(specs: &[Lowered], order: &[(usize, usize)]) -> String {
    let mut hasher = blake3::Hasher::new();
    for (spec, at) in order {
        let head = &specs[*spec].heads[*at];
        if let (None, Some(hash), Some((name, _))) = (&head.rule, &head.hash, &head.names) {
            for part in [head.id.as_bytes(), b"\n", name.as_str().as_bytes(), b"\n", hash.as_bytes()] {
                hasher.update(part);
            }
        }
    }
    hasher.finalize().to_hex().to_string()
}

impl Settled {
    /// Returns the catalog, with all tools as they are.
    pub fn catalog(self) -> Catalog {
        let Self { specs, order, sources, hash } = self;
        let mut catalog = Catalog { sources, hash, ..Catalog::default() };
        let mut held: Vec<(Vec<Option<Thing>>, Vec<Head>)> =
            specs.into_iter().map(|spec| (things(spec.things), spec.heads)).collect();
        for (spec, at) in order {
            let (things, heads) = &mut held[spec];
            let Some(thing) = things[at].take() else { continue };
            let head = &heads[at];
            match (thing, &head.rule) {
                (Thing::Tool(mut tool), None) => {
                    head.name(&mut tool);
                    catalog.tools.push(*tool);
                }
                (Thing::Tool(mut tool), Some(rule)) => {
                    head.name(&mut tool);
                    catalog.dropped.push(rules::left_out(*tool, rule, head.reason.clone()));
                }
                (Thing::Dropped(mut dropped), _) => {
                    dropped.id.clone_from(&head.id);
                    if let Some(tool) = &mut dropped.tool {
                        head.name(tool);
                    }
                    catalog.dropped.push(dropped);
                }
            }
        }
        catalog
    }
}

/// A thing that came of a file.
enum Thing {
    Tool(Box<Tool>),
    Dropped(Dropped),
}

fn things(things: Things) -> Vec<Option<Thing>> {
    let Things::Tools(tools, dropped) = things else { return Vec::new() };
    let tools = tools.into_iter().map(|tool| Thing::Tool(Box::new(tool)));
    tools.chain(dropped.into_iter().map(Thing::Dropped)).map(Some).collect()
}
