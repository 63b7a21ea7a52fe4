//! The manifest of a run's folder: written last, so that its presence says that the folder is whole.

use super::{Funnel, Sample, SpecSource, Spend};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet};

/// What `manifest.json` holds. No clock, no host, no duration.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Manifest {
    /// The version of the folder's formats.
    pub format_version: u32,
    /// The version of the program.
    pub toolloom: String,
    /// The run's name.
    pub name: String,
    /// The run's identity: what may not change when it is continued.
    pub identity: String,
    /// The hash of the kept tools.
    pub catalog_hash: String,
    /// Counts of rows.
    pub counts: Counts,
    /// The files, sorted by path, but for the manifest.
    pub files: Vec<FileEntry>,
    /// The funnel.
    pub funnel: Funnel,
    /// What was spent on models, at the plan's prices.
    #[serde(default)]
    pub spend: Spend,
    /// The tasks that were to be made and are not finished, as ranges of ordinals, both ends included. Their rows are missing.
    #[serde(default)]
    pub open: Vec<[u64; 2]>,
    /// The specs that were read.
    pub sources: Vec<SpecSource>,
    /// The command that made the folder.
    pub command: String,
    /// The resolved plan.
    pub plan: Value,
}

/// Counts of rows; the maps add up to `rows`, but for `api` (a row may call several).
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Counts {
    /// Rows in `data/`.
    pub rows: u64,
    /// Rows in `rejected/`.
    pub rejected: u64,
    /// Task records that went in.
    pub tasks: u64,
    /// Distinct tools called in `data/`.
    pub tools_called: u64,
    /// Calls in `data/`.
    pub calls: u64,
    /// By split.
    pub split: BTreeMap<String, u64>,
    /// By level.
    pub level: BTreeMap<String, u64>,
    /// By scenario.
    pub scenario: BTreeMap<String, u64>,
    /// By what verified it.
    pub verified: BTreeMap<String, u64>,
    /// By language.
    pub lang: BTreeMap<String, u64>,
    /// By API called.
    pub api: BTreeMap<String, u64>,
}

/// Counts rows one at a time.
#[derive(Clone, Debug, Default)]
pub struct Tally {
    /// The counts so far.
    pub counts: Counts,
    tools: BTreeSet<String>,
}

impl Tally {
    /// Counts a row that is in a split.
    pub fn add(&mut self, sample: &Sample, split: &str) {
        fn bump(map: &mut BTreeMap<String, u64>, key: &str) {
            *map.entry(key.to_owned()).or_default() += 1;
        }
        let counts = &mut self.counts;
        counts.rows += 1;
        bump(&mut counts.split, split);
        bump(&mut counts.level, sample.difficulty.level.as_str());
        bump(&mut counts.scenario, &sample.scenario);
        bump(&mut counts.verified, sample.verified.as_str());
        bump(&mut counts.lang, &sample.lang);
        sample.apis.iter().for_each(|api| bump(&mut counts.api, api));
        for call in sample.messages.iter().flat_map(|m| &m.tool_calls) {
            counts.calls += 1;
            if !self.tools.contains(&call.name) {
                self.tools.insert(call.name.clone());
            }
        }
        counts.tools_called = self.tools.len() as u64;
    }
}

/// One file of the folder.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct FileEntry {
    /// Its path within the folder, with `/`.
    pub path: String,
    /// Rows, where it is a table.
    pub rows: Option<u64>,
    /// Bytes.
    pub bytes: u64,
    /// blake3 of its bytes, in hexadecimal.
    pub blake3: String,
}
