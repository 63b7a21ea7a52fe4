//! OpenAPI and Swagger: 2.0 and 3.x are lowered; 1.x is named and refused with advice.

use crate::crawl::file::{Crawled, File};
use crate::crawl::find::read;
use crate::crawl::lower;
use crate::crawl::values::{Spec, parts};
use crate::data::Dropped;
use serde_json::Value;

/// Whether a document says that it is one, wherever its version key stands.
pub fn found(root: &Value) -> bool {
    ["openapi", "swagger", "swaggerVersion"]
        .iter()
        .any(|key| root.get(key).is_some_and(|v| v.is_string() || v.is_number()))
}

/// Lowers a spec with the files that it refers to.
pub fn lower(root: Value, file: &File<'_>) -> Crawled {
    if let Err(unreadable) = read::version(&root) {
        return file.refuse(&unreadable);
    }
    let document = parts::load(root, file);
    let hash = document.hash(file.hash);
    let mut out = lower::lower(&Spec::new(&document, file, hash));
    for (link, reason) in &document.dangling {
        let reason = format!("the reference to {link} leads nowhere: {reason}");
        out.dropped.push(Dropped {
            id: format!("{}#{link}", file.candidate.name),
            rule: "reference".to_owned(),
            reason,
            spec: file.candidate.name.clone(),
            operation: None,
            tool: None,
        });
    }
    out.parts.clone_from(&document.parts);
    out
}
