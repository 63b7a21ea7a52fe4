//! The dataset card: the `README.md` of a run's folder.

use crate::data::{Catalog, Manifest, Sample};

/// Renders the card.
pub fn card(manifest: &Manifest, _kept: &[Sample], _catalog: &Catalog) -> String {
    format!("# {}\n", manifest.name)
}
