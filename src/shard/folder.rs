//! The run's folder on disk: new files are staged beside the old ones and put in place all at once.
//!
//! 1. Everything is written and synced into `.staging/`. A failure here leaves the earlier state as it was.
//! 2. The manifest is removed: from here to the end the folder is visibly unfinished.
//! 3. The staged files are renamed into place, and tables of the earlier pass that have no successor are removed.
//! 4. The manifest is written, synced and renamed into place.

use super::{ShardError, io_error};
use std::collections::BTreeSet;
use std::fs::{self, File};
use std::io::{self, Write};
use std::path::{Path, PathBuf};

const STAGING: &str = ".staging";
/// The manifest's file name.
pub const MANIFEST: &str = "manifest.json";
/// The folders that hold nothing but shards.
pub(super) const SHARD_FOLDERS: [&str; 2] = ["data", "rejected"];

/// A pass over the run's folder that has not been committed.
pub(super) struct Staging {
    folder: PathBuf,
    names: BTreeSet<String>,
}

impl Staging {
    /// Begins a pass: makes the folder, and clears what a killed pass left.
    /// `subs` are the folders within it that are written to.
    pub(super) fn begin(folder: &Path, subs: &[&str]) -> Result<Self, ShardError> {
        let staging = Self { folder: folder.to_owned(), names: BTreeSet::new() };
        if fs::metadata(folder).is_ok_and(|m| !m.is_dir()) {
            return Err(ShardError::NotAFolder { path: folder.to_owned() });
        }
        fs::create_dir_all(folder).map_err(io_error("create", folder))?;
        staging.clear()?;
        let path = folder.join(STAGING);
        fs::create_dir_all(&path).map_err(io_error("create", &path))?;
        for sub in subs {
            for path in [folder.join(sub), folder.join(STAGING).join(sub)] {
                if fs::metadata(&path).is_ok_and(|m| !m.is_dir()) {
                    return Err(ShardError::NotAFolder { path });
                }
                fs::create_dir_all(&path).map_err(io_error("create", &path))?;
            }
        }
        Ok(staging)
    }

    /// Returns the path at which to write the file that will be `name` within the folder.
    pub(super) fn path(&mut self, name: &str) -> PathBuf {
        self.names.insert(name.to_owned());
        self.folder.join(STAGING).join(name)
    }

    /// Returns the folder that staged files stand in.
    pub(super) fn place_of_files(&self) -> PathBuf {
        self.folder.join(STAGING)
    }

    /// Puts the staged files in place and the manifest last.
    pub(super) fn commit(self, manifest: &[u8]) -> Result<(), ShardError> {
        let target = self.folder.join(MANIFEST);
        let staged = self.folder.join(STAGING).join(MANIFEST);
        write_synced(&staged, manifest)?;
        match fs::remove_file(&target) {
            Err(e) if e.kind() != io::ErrorKind::NotFound => return Err(io_error("remove", &target)(e)),
            _ => sync_folder(&self.folder)?,
        }
        self.rename()?;
        for sub in SHARD_FOLDERS {
            self.remove_stale(sub)?;
            sync_folder(&self.folder.join(sub))?;
        }
        sync_folder(&self.folder)?;
        fs::rename(&staged, &target).map_err(io_error("put in place", &target))?;
        sync_folder(&self.folder)?;
        self.clear()
    }

    /// Puts the staged files in place and touches nothing else.
    pub(super) fn place(self) -> Result<(), ShardError> {
        self.rename()?;
        sync_folder(&self.folder)?;
        self.clear()
    }

    fn rename(&self) -> Result<(), ShardError> {
        for name in &self.names {
            let to = self.folder.join(name);
            fs::rename(self.folder.join(STAGING).join(name), &to).map_err(io_error("put in place", &to))?;
        }
        Ok(())
    }

    /// Removes the shards of an earlier pass. Only files that are named as shards are touched.
    fn remove_stale(&self, sub: &str) -> Result<(), ShardError> {
        let folder = self.folder.join(sub);
        for entry in fs::read_dir(&folder).map_err(io_error("read", &folder))? {
            let entry = entry.map_err(io_error("read", &folder))?;
            let name = entry.file_name().to_string_lossy().into_owned();
            if is_shard(&name) && !self.names.contains(&format!("{sub}/{name}")) {
                fs::remove_file(entry.path()).map_err(io_error("remove", &entry.path()))?;
            }
        }
        Ok(())
    }

    fn clear(&self) -> Result<(), ShardError> {
        let path = self.folder.join(STAGING);
        match fs::remove_dir_all(&path) {
            Err(e) if e.kind() != io::ErrorKind::NotFound => Err(io_error("remove", &path)(e)),
            _ => Ok(()),
        }
    }

    /// Gives the pass up; what it staged is removed as well as can be.
    pub(super) fn abandon(self) {
        // The failure that led here is what the user has to see, not that its traces could not be removed.
        let _ = self.clear();
    }
}

/// Returns the name of a shard within its folder.
pub(super) fn shard_name(stem: &str, index: usize, count: usize) -> String {
    format!("{stem}-{index:05}-of-{count:05}.parquet")
}

/// Tells whether a file is named as `shard_name` does.
fn is_shard(name: &str) -> bool {
    let digits = |s: &str| s.len() == 5 && s.bytes().all(|b| b.is_ascii_digit());
    let Some(stem) = name.strip_suffix(".parquet") else { return false };
    let mut parts = stem.rsplitn(4, '-');
    matches!((parts.next(), parts.next(), parts.next(), parts.next()),
        (Some(count), Some("of"), Some(index), Some(_)) if digits(count) && digits(index))
}

/// Writes a small file down to the disk.
pub(super) fn write_synced(path: &Path, bytes: &[u8]) -> Result<(), ShardError> {
    let mut file = File::create(path).map_err(io_error("create", path))?;
    file.write_all(bytes).map_err(io_error("write", path))?;
    file.sync_all().map_err(io_error("sync", path))
}

/// Makes renames and removals in a folder durable.
fn sync_folder(folder: &Path) -> Result<(), ShardError> {
    // Windows cannot open a folder as a file, and makes renames durable by itself.
    if cfg!(unix) {
        File::open(folder).and_then(|f| f.sync_all()).map_err(io_error("sync", folder))?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_files_named_as_shards_count_as_shards() {
        assert!(is_shard(&shard_name("train", 0, 12)));
        assert!(is_shard("my-split-00000-of-00001.parquet"));
        for other in ["notes.parquet", "train-0-of-1.parquet", "train-00000-of-00001.json", "-of-.parquet"] {
            assert!(!is_shard(other), "{other}");
        }
    }
}
