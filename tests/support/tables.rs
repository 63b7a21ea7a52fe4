//! What a run leaves in its folder.
#![expect(clippy::unwrap_used, reason = "the helpers of tests may panic")]

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

/// Every table of a run's folder, by its path in it.
pub fn tables(run: &Path) -> BTreeMap<PathBuf, Vec<u8>> {
    let mut tables = BTreeMap::new();
    let mut folders = vec![run.to_owned()];
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
            } else if path.extension().is_some_and(|extension| extension == "parquet") {
                tables.insert(path.strip_prefix(run).unwrap().to_owned(), std::fs::read(path).unwrap());
            }
        }
    }
    assert!(tables.len() >= 4, "{:?}", tables.keys());
    tables
}
