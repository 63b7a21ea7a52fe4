//! A session in a simulated world: a pure function of the seed and of the calls made in it, so that nothing of it is remembered.

use crate::data::{ApiId, StateDiff, Tool, WorldRef};
use crate::world::{Response, World, Worlds};
use serde_json::Value;
use std::collections::BTreeMap;
use std::ops::Deref;
use std::sync::Arc;

/// A task's world, and those of APIs beside it of which only distractors are offered: opened when first called, so that
/// a needless call gets an answer like any other, and a needless change is seen. A clone is a fork.
///
/// Whoever makes tasks looks at the world's records through it; what changes the world is a call of the session.
#[derive(Clone, Debug)]
pub struct SimulatedSession {
    worlds: Worlds,
    seed: u64,
    apis: Arc<[ApiId]>,
    world: World,
    beside: BTreeMap<ApiId, World>,
}

impl SimulatedSession {
    pub(super) fn open(worlds: &Worlds, apis: &[ApiId], seed: u64) -> Self {
        let world = worlds.open(apis, seed);
        Self { worlds: worlds.clone(), seed, apis: apis.into(), world, beside: BTreeMap::new() }
    }

    /// Makes a call whose arguments fit the tool's schema.
    pub fn call(&mut self, tool: &Tool, arguments: &Value) -> Response {
        let world = if self.apis.contains(&tool.api) {
            &mut self.world
        } else {
            let Self { worlds, seed, beside, .. } = self;
            let open = || worlds.open(std::slice::from_ref(&tool.api), *seed);
            beside.entry(tool.api.clone()).or_insert_with(open)
        };
        world.call(tool, &tool.given(arguments))
    }

    /// Returns a number that changes when the state does.
    pub fn state(&self) -> u64 {
        self.beside.values().map(World::version).fold(self.world.version(), u64::wrapping_add)
    }

    /// Returns what the session changed.
    pub fn changes(&self) -> StateDiff {
        let mut diff = self.world.diff();
        diff.changes.extend(self.beside.values().flat_map(|world| world.diff().changes));
        diff
    }

    /// Returns what is needed to begin it again.
    pub fn origin(&self) -> WorldRef {
        self.world.world_ref()
    }
}

impl Deref for SimulatedSession {
    type Target = World;

    fn deref(&self) -> &World {
        &self.world
    }
}
