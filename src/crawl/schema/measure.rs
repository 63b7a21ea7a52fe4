//! How deep a schema's references can be followed before it grows too large.

use crate::crawl::values::{Document, Node};
use serde_json::Value;

/// How deep inline schemas may nest.
pub const INLINE_DEPTH_MAX: usize = 40;

/// Counts what a schema would come to, so that it is lowered once, as deep as fits.
pub struct Measure<'a> {
    document: &'a Document,
    ref_depth: usize,
    nodes_left: usize,
    stack: Vec<*const Value>,
    cut: bool,
}

impl<'a> Measure<'a> {
    /// Returns the levels of references that fit into `nodes_max`; at least one.
    pub fn depth(document: &'a Document, node: Node<'a>, ref_depth: u32, nodes_max: usize) -> u32 {
        let mut fits = 1;
        for depth in 1..=ref_depth {
            let mut measure = Self {
                document,
                ref_depth: depth as usize,
                nodes_left: nodes_max,
                stack: Vec::new(),
                cut: false,
            };
            measure.any(node, 0);
            if measure.nodes_left == 0 {
                break;
            }
            fits = depth;
            if !measure.cut {
                return ref_depth;
            }
        }
        fits
    }

    fn any(&mut self, node: Node<'a>, inline: usize) {
        if self.nodes_left == 0 || inline > INLINE_DEPTH_MAX {
            return;
        }
        self.nodes_left -= 1;
        if node.reference().is_some() {
            let Some(target) = self.document.follow(node) else { return };
            let key = std::ptr::from_ref(target.value);
            if self.stack.contains(&key) {
                return;
            }
            if self.stack.len() >= self.ref_depth {
                self.cut = true;
                return;
            }
            self.stack.push(key);
            self.any(target, inline + 1);
            self.stack.pop();
            return;
        }
        for key in ["properties", "items", "additionalProperties", "allOf", "oneOf", "anyOf"] {
            let Some(child) = node.get(key) else { continue };
            match child.value {
                Value::Array(items) => {
                    for value in items {
                        self.any(Node { value, file: child.file }, inline + 1);
                    }
                }
                Value::Object(_) if key == "properties" => {
                    for (_, property) in child.entries() {
                        self.any(property, inline + 1);
                    }
                }
                Value::Object(_) => self.any(child, inline + 1),
                _ => {}
            }
        }
    }
}
