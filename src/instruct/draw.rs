//! Which API and which operation a task is about: an even hand over operations, with no API over its share.

use super::chain::usable;
use crate::data::{ApiId, Catalog, ToolId};
use crate::graph::{Models, OpKind, Operation};
use rand::{RngExt, SeedableRng};
use rand_chacha::ChaCha8Rng;
use std::collections::BTreeMap;

/// The operations that tasks are drawn from, weighted.
#[derive(Clone, Debug)]
pub(super) struct Deck {
    apis: Vec<(ApiId, f64)>,
    operations: BTreeMap<ApiId, Vec<(ToolId, f64)>>,
}

/// Returns the generator of a task's purpose.
pub(super) fn generator(seed: u64, ordinal: u64, purpose: &str) -> ChaCha8Rng {
    let mut hasher = blake3::Hasher::new();
    hasher.update(b"task");
    hasher.update(&seed.to_le_bytes());
    hasher.update(&ordinal.to_le_bytes());
    hasher.update(purpose.as_bytes());
    ChaCha8Rng::from_seed(*hasher.finalize().as_bytes())
}

impl Deck {
    /// Weighs the operations of a catalog. `share_max` is the largest share of tasks that one API may make.
    pub fn new(catalog: &Catalog, models: &Models, share_max: f64) -> Self {
        let mut operations: BTreeMap<ApiId, Vec<(ToolId, f64)>> = BTreeMap::new();
        for tool in &catalog.tools {
            let Some(operation) = models.get(&tool.api).and_then(|m| m.operation(&tool.id)) else {
                continue;
            };
            let drawable = usable(operation) || operation.leaf_only.is_none() && operation.shape.is_some();
            let guessed = if tool.result_inferred { 0.3 } else { 1.0 };
            let weight = weight(operation) * guessed;
            if drawable && weight > 0.0 {
                operations.entry(tool.api.clone()).or_default().push((tool.id.clone(), weight));
            }
        }
        let mut apis: Vec<(ApiId, f64)> = operations
            .iter()
            .map(|(api, ops)| (api.clone(), ops.iter().map(|(_, w)| w).sum::<f64>().sqrt()))
            .collect();
        cap(&mut apis, share_max * 0.85);
        Self { apis, operations }
    }

    /// Draws an API.
    pub fn api(&self, rng: &mut ChaCha8Rng) -> Option<&ApiId> {
        weighted(&self.apis, rng)
    }

    /// Draws an operation of an API.
    pub fn operation(&self, api: &ApiId, rng: &mut ChaCha8Rng) -> Option<ToolId> {
        weighted(self.operations.get(api)?, rng).cloned()
    }
}

/// How often an operation is what a task is about. Lists and reads make good chains; a removal now and then is enough.
fn weight(operation: &Operation) -> f64 {
    match operation.kind {
        OpKind::Get | OpKind::List | OpKind::Find | OpKind::GetByParent | OpKind::Create | OpKind::Update => {
            3.0
        }
        OpKind::Compute(_) => 4.0,
        OpKind::Related | OpKind::SingletonGet => 2.0,
        OpKind::Act | OpKind::SingletonUpdate => 1.8,
        OpKind::Delete => 1.5,
        OpKind::Opaque => 0.0,
    }
}

/// Bounds each weight to a share of the total, where there are enough of them.
fn cap(weights: &mut [(ApiId, f64)], share_max: f64) {
    if weights.len() as f64 * share_max <= 1.0 {
        return;
    }
    for _ in 0..weights.len() {
        let total: f64 = weights.iter().map(|(_, w)| w).sum();
        let over = weights.iter().any(|(_, w)| *w > total * share_max * 1.0001);
        if !over {
            return;
        }
        for (_, w) in weights.iter_mut() {
            *w = w.min(total * share_max);
        }
    }
}

fn weighted<'a, T>(items: &'a [(T, f64)], rng: &mut ChaCha8Rng) -> Option<&'a T> {
    let total: f64 = items.iter().map(|(_, w)| w).sum();
    let mut at = rng.random::<f64>() * total;
    for (item, weight) in items {
        at -= weight;
        if at < 0.0 {
            return Some(item);
        }
    }
    items.last().map(|(item, _)| item)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_weight_passes_its_share() {
        let mut weights: Vec<(ApiId, f64)> = [100.0, 1.0, 1.0, 1.0, 1.0, 1.0, 1.0]
            .into_iter()
            .enumerate()
            .map(|(i, w)| (ApiId::new(i.to_string()), w))
            .collect();
        cap(&mut weights, 0.2);
        let total: f64 = weights.iter().map(|(_, w)| w).sum();
        assert!(weights.iter().all(|(_, w)| *w <= total * 0.201));
    }
}
