//! Operations of a spec → tools: what a caller gives, what comes back, what it does, what it is about, and within which size.

pub mod body;
pub mod category;
pub mod effect;
pub mod fit;
pub mod infer;
pub mod input;
pub mod operation;
pub mod output;
pub mod strict;
pub mod supplied;
pub mod variants;
pub mod written;

use super::file::Crawled;
use super::values::{Node, Spec, names, shape};
use crate::config::plan::Limits;
use crate::data::{Dropped, Method, SpecSource, Tool};
use operation::Operation;
use std::collections::BTreeSet;

/// Returns the most schema nodes that one parameter, or the body, may have before references are cut. A node takes more than
/// eight bytes of a tool's definition, so what is cut here would not fit there.
fn nodes_max(limits: &Limits) -> usize {
    (limits.tool_bytes / 8).max(64)
}

const METHODS: [(&str, Method); 9] = [
    ("get", Method::Get),
    ("head", Method::Head),
    ("options", Method::Options),
    ("post", Method::Post),
    ("put", Method::Put),
    ("patch", Method::Patch),
    ("delete", Method::Delete),
    ("trace", Method::Trace),
    ("query", Method::Query),
];

/// Lowers all operations.
pub fn lower(spec: &Spec<'_>) -> Crawled {
    let operations = operations(spec);
    let named: Vec<names::Operation<'_>> = operations
        .iter()
        .map(|o| names::Operation { id: o.node.text("operationId"), method: o.method, path: o.path })
        .collect();
    let slugs = names::operations(&spec.api, &named);
    let mut out = Crawled::default();
    let mut shapes: BTreeSet<(String, Method)> = BTreeSet::new();
    for (operation, slug) in operations.iter().zip(&slugs) {
        let (tool, unfit) = operation::lower(spec, operation, slug);
        // one that is left out takes no other's place
        let first = unfit.is_some() || shapes.insert((shape(operation.path), operation.method));
        let unfit = unfit.or_else(|| {
            (!first).then(|| {
                (
                    "duplicate",
                    "another operation has the same method and path but for a parameter's name".to_owned(),
                )
            })
        });
        match unfit {
            Some((rule, reason)) => out.dropped.push(dropped(spec, operation, tool, rule, reason)),
            None => out.tools.push(tool),
        }
    }
    infer::infer(&mut out.tools);
    let mut kept = Vec::with_capacity(out.tools.len());
    for mut tool in std::mem::take(&mut out.tools) {
        if fit::fit(&mut tool, spec.limits.tool_bytes) {
            kept.push(tool);
        } else {
            let reason = format!("{} bytes even without anything optional", fit::size(&tool));
            out.dropped.push(Dropped {
                id: tool.id.to_string(),
                rule: "tool_too_large".to_owned(),
                reason,
                spec: spec.head.spec.clone(),
                operation: Some((tool.call.method(), tool.call.path().to_owned())),
                tool: Some(Box::new(tool)),
            });
        }
    }
    out.tools = kept;
    let unusual = unusual(spec);
    let all = operations.len() + unusual.len();
    out.dropped.extend(unusual);
    if all == 0 {
        out.dropped.push(no_operations(spec));
    }
    category::assign(&spec.head.about, &spec.api.provider, &mut out);
    out.source = Some(SpecSource {
        spec: spec.head.spec.clone(),
        hash: spec.head.hash.clone(),
        title: spec.head.title.clone(),
        version: spec.head.version.clone(),
        licence: spec.head.licence.clone(),
        operations: all,
        kept: out.tools.len(),
    });
    out
}

fn no_operations(spec: &Spec<'_>) -> Dropped {
    let webhooks = spec.document.field("webhooks").is_some();
    let reason = if webhooks {
        "it declares webhooks only, which are called by the server"
    } else {
        "it has no paths"
    };
    Dropped {
        id: spec.head.spec.clone(),
        rule: "no_operations".to_owned(),
        reason: reason.to_owned(),
        spec: spec.head.spec.clone(),
        operation: None,
        tool: None,
    }
}

fn dropped(spec: &Spec<'_>, operation: &Operation<'_>, tool: Tool, rule: &str, reason: String) -> Dropped {
    Dropped {
        id: tool.id.to_string(),
        rule: rule.to_owned(),
        reason,
        spec: spec.head.spec.clone(),
        operation: Some((Some(operation.method), operation.path.to_owned())),
        tool: Some(Box::new(tool)),
    }
}

/// Collects the operations, in the spec's order.
fn operations<'a>(spec: &Spec<'a>) -> Vec<Operation<'a>> {
    let mut out = Vec::new();
    for (path, item) in spec.document.field("paths").into_iter().flat_map(Node::entries) {
        if path.starts_with("x-") {
            continue;
        }
        let Some(item) = spec.document.follow(item) else { continue };
        let more = item.get("additionalOperations").into_iter().flat_map(Node::entries);
        for (additional, (key, node)) in item.entries().map(|e| (false, e)).chain(more.map(|e| (true, e))) {
            let Some(method) = method(key) else { continue };
            let Some(node) = spec.document.follow(node).filter(|n| n.value.is_object()) else { continue };
            out.push(Operation { path, item, node, method, key, additional });
        }
    }
    out
}

/// Names the operations of 3.2 whose method is none that is called.
fn unusual(spec: &Spec<'_>) -> Vec<Dropped> {
    let mut out = Vec::new();
    for (path, item) in spec.document.field("paths").into_iter().flat_map(Node::entries) {
        let Some(item) = spec.document.follow(item) else { continue };
        for (key, _) in item.get("additionalOperations").into_iter().flat_map(Node::entries) {
            if method(key).is_none() {
                out.push(Dropped {
                    id: format!("{}/{}{path}", spec.api.provider, spec.api.slug()),
                    rule: "unusual_method".to_owned(),
                    reason: format!("no client can be asked to send {key}"),
                    spec: spec.head.spec.clone(),
                    operation: Some((None, format!("{key} {path}"))),
                    tool: None,
                });
            }
        }
    }
    out
}

/// Reads a method's name.
fn method(name: &str) -> Option<Method> {
    METHODS.iter().find(|(known, _)| name.eq_ignore_ascii_case(known)).map(|(_, method)| *method)
}
