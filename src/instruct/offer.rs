//! The tools that a solver is offered: those needed, some like them, some at random.

use crate::config::plan::InstructPlan;
use crate::data::{Catalog, Tool, ToolId};
use crate::words::stems;
use rand::RngExt;
use rand::seq::{IndexedRandom, SliceRandom};
use rand_chacha::ChaCha8Rng;
use std::collections::{BTreeMap, BTreeSet};

/// Returns the offered tools in the order offered, and the distractors' mean similarity (0–1) to the needed ones. Tools that
/// are not `callable` are not offered.
pub(super) fn offered(
    catalog: &Catalog,
    index: &BTreeMap<ToolId, usize>,
    callable: &dyn Fn(&Tool) -> bool,
    needed: &[ToolId],
    plan: &InstructPlan,
    rng: &mut ChaCha8Rng,
) -> (Vec<ToolId>, f64) {
    let wanted =
        rng.random_range(plan.distractors_min..=plan.distractors_max.max(plan.distractors_min)) as usize;
    let needed_tools: Vec<&Tool> =
        needed.iter().filter_map(|id| index.get(id)).map(|i| &catalog.tools[*i]).collect();
    let needed_words: Vec<BTreeSet<String>> = needed_tools.iter().map(|t| words(t)).collect();
    let near = |tool: &Tool| {
        let own = words(tool);
        needed_words.iter().map(|n| jaccard(n, &own)).fold(0.0, f64::max)
    };
    let apis: BTreeSet<_> = needed_tools.iter().map(|t| &t.api).collect();
    let mut same: Vec<(&Tool, f64)> = catalog
        .tools
        .iter()
        .filter(|t| apis.contains(&t.api) && !needed.contains(&t.id) && callable(t))
        .map(|t| (t, near(t)))
        .collect();
    same.sort_by(|a, b| b.1.total_cmp(&a.1).then_with(|| a.0.id.cmp(&b.0.id)));
    let mut chosen: Vec<(&Tool, f64)> = same.iter().take(wanted.div_ceil(2)).copied().collect();
    let rest: Vec<(&Tool, f64)> = same.into_iter().skip(chosen.len()).collect();
    chosen.extend(rest.sample(rng, wanted.div_ceil(4)).copied());
    let others: Vec<&Tool> = catalog.tools.iter().filter(|t| !apis.contains(&t.api) && callable(t)).collect();
    let missing = wanted.saturating_sub(chosen.len());
    chosen.extend(others.sample(rng, missing).map(|t| (*t, near(t))));
    chosen.truncate(wanted);
    let similarity = if chosen.is_empty() {
        0.0
    } else {
        chosen.iter().map(|(_, s)| s).sum::<f64>() / chosen.len() as f64
    };
    let mut ids: Vec<ToolId> =
        chosen.into_iter().map(|(t, _)| t.id.clone()).chain(needed.iter().cloned()).collect();
    ids.shuffle(rng);
    (ids, (similarity * 1000.0).round() / 1000.0)
}

fn words(tool: &Tool) -> BTreeSet<String> {
    let name = tool.name.as_str().replace('_', " ");
    stems(&format!("{name} {}", tool.description)).into_iter().take(40).collect()
}

fn jaccard(a: &BTreeSet<String>, b: &BTreeSet<String>) -> f64 {
    let both = a.intersection(b).count() as f64;
    both / (a.len() as f64 + b.len() as f64 - both).max(1.0)
}
