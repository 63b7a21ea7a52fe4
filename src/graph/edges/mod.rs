//! The tool graph: which field of which result feeds which parameter, by which rule, and how surely. Within one API.
//!
//! What a parameter and a result are about is the model's to say (`super::model`), which the worlds are built from too; names
//! and types add what paths do not tell. The work is linear in the tools: each parameter looks its sources up by what it
//! is about, and keeps the best few of them.

mod fields;
mod named;
mod records;
mod rule;
mod typed;

pub use rule::Rule;

use super::model::ApiModel;
use crate::data::{ApiId, Place, Tool, ToolId};
use fields::{Field, Fields, Names};
use std::collections::{BTreeSet, HashMap};

/// Most sources of one parameter: the best of them, by confidence and nearness.
pub const SOURCES_MAX: usize = 8;
/// Most sources of one kind that a parameter looks at.
const LOOKED_AT: usize = 64;

/// A result's field that feeds a parameter.
#[derive(Clone, Debug, PartialEq)]
pub struct Edge {
    /// The API of both tools.
    pub api: ApiId,
    /// The tool whose result it is.
    pub from: ToolId,
    /// The way to the field from the result's root: `data[].id`; `[]` is each item of a list.
    pub from_field: String,
    /// The tool that is fed.
    pub to: ToolId,
    /// The way to the parameter from the root of the arguments: `petId`, `pet.tagIds[]`.
    pub to_parameter: String,
    /// The rule that found it.
    pub rule: Rule,
    /// How surely what the field holds is what the parameter wants, 0 to 1.
    pub confidence: f64,
}

/// Finds the edges among the tools of one API, sorted by the fed tool, its parameter, and confidence.
pub fn edges(api: &ApiId, tools: &[&Tool]) -> Vec<Edge> {
    let model = super::model(api, tools);
    let api = Api::new(&model, tools);
    let mut order: Vec<usize> = (0..tools.len()).collect();
    order.sort_by(|a, b| tools[*a].id.cmp(&tools[*b].id));
    let named = named::Index::new(&api);
    let records = records::Index::new(&api);
    let typed = typed::Index::new(&api);
    let mut out = Vec::new();
    for to in order {
        let mut inputs: Vec<&Field> = api.inputs[to].all.iter().collect();
        inputs.sort_by(|a, b| a.path.cmp(&b.path));
        for input in inputs {
            let mut found = Vec::new();
            records.find(&api, to, input, &mut found);
            named.find(&api, to, input, &mut found);
            typed.find(&api, to, input, &mut found);
            out.extend(api.best(to, found).into_iter().map(|source| Edge {
                api: model.api.clone(),
                from: tools[source.from].id.clone(),
                from_field: source.field,
                to: tools[to].id.clone(),
                to_parameter: input.path.clone(),
                rule: source.rule,
                // three digits: no more is meant, and no platform's last bit shows
                confidence: (source.confidence * 1000.0).round() / 1000.0,
            }));
        }
    }
    out
}

/// The tools of an API with what is known of them.
struct Api<'a> {
    model: &'a ApiModel,
    tools: &'a [&'a Tool],
    /// The operation of each tool in the model, where it has a part in it.
    operations: Vec<Option<&'a super::Operation>>,
    inputs: Vec<Fields<'a>>,
    outputs: Vec<Fields<'a>>,
    /// What each tool must be given before it answers, by key.
    needs: Vec<BTreeSet<String>>,
    /// Which source is tried first, all else being equal: what lists and needs little.
    ranks: Vec<usize>,
}

/// A source that a rule found for a parameter.
struct Source {
    from: usize,
    field: String,
    rule: Rule,
    confidence: f64,
}

impl<'a> Api<'a> {
    fn new(model: &'a ApiModel, tools: &'a [&'a Tool]) -> Self {
        let mut names = Names::default();
        let inputs: Vec<Fields> = tools.iter().map(|tool| fields::inputs(tool, &mut names)).collect();
        let outputs: Vec<Fields> = tools.iter().map(|tool| fields::outputs(tool, &mut names)).collect();
        let needs = inputs
            .iter()
            .map(|fields| fields.all.iter().filter(|f| f.required).flat_map(Field::keys).collect())
            .collect();
        let ranks = tools.iter().zip(&inputs).map(|(tool, inputs)| rank(tool, inputs)).collect();
        let operations = tools.iter().map(|tool| model.operation(&tool.id)).collect();
        Self { model, tools, operations, inputs, outputs, needs, ranks }
    }

    /// Returns where an argument goes; a query, where that is nowhere in particular.
    fn place(&self, tool: usize, input: &Field) -> Place {
        let top = input.path.split(['.', '[']).next().unwrap_or_default();
        let places = self.tools[tool].call.places();
        places.iter().find(|p| p.name == top).map_or(Place::Query, |p| p.place)
    }

    /// Keeps the best sources of one parameter: each tool once, the surest and nearest first.
    fn best(&self, to: usize, mut found: Vec<Source>) -> Vec<Source> {
        let near = |from: usize| {
            let (a, b) = (self.tools[from].call.path(), self.tools[to].call.path());
            a.split('/').zip(b.split('/')).take_while(|(x, y)| x == y).count()
        };
        found.retain(|source| source.from != to || source.rule == Rule::PageToken);
        let mut keyed: Vec<(i64, usize, usize, Source)> = found
            .drain(..)
            .map(|source| {
                let confidence = (source.confidence * 100.0).round() as i64;
                (-confidence, usize::MAX - near(source.from), self.ranks[source.from], source)
            })
            .collect();
        keyed.sort_by(|a, b| {
            let id = |k: &(i64, usize, usize, Source)| &self.tools[k.3.from].id;
            (a.0, a.1, a.2)
                .cmp(&(b.0, b.1, b.2))
                .then_with(|| id(a).cmp(id(b)))
                .then_with(|| a.3.field.len().cmp(&b.3.field.len()))
                .then_with(|| a.3.field.cmp(&b.3.field))
        });
        let mut taken = BTreeSet::new();
        let mut best: Vec<Source> =
            keyed.into_iter().map(|k| k.3).filter(|source| taken.insert(source.from)).collect();
        best.truncate(SOURCES_MAX);
        best
    }
}

/// Sorts the sources of each key so that the first to be tried come first, and keeps as many as are looked at.
fn trim<T>(index: &mut HashMap<String, Vec<T>>, key: impl Fn(&T) -> (usize, usize)) {
    for sources in index.values_mut() {
        sources.sort_by_key(&key);
        sources.truncate(LOOKED_AT);
    }
}

/// The order in which tools are tried as sources.
fn rank_key<'a>(api: &Api<'a>, tool: usize) -> (usize, &'a ToolId) {
    (api.ranks[tool], &api.tools[tool].id)
}

/// What lists and needs little is tried first.
fn rank(tool: &Tool, inputs: &Fields) -> usize {
    let needed = inputs.all.iter().filter(|f| f.required).count().min(9);
    let effect = match tool.effect {
        crate::data::Effect::Reads => 0,
        crate::data::Effect::Writes => 100,
        crate::data::Effect::Destroys => 200,
    };
    effect + needed
}

#[cfg(test)]
mod tests;
