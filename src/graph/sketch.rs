//! What is known of tools and nouns while a model is inferred.

use super::model::ResourceIndex;
use super::paths::Segment;
use super::shape::ResultShape;
use crate::data::{HttpCall, Tool};
use std::collections::{BTreeMap, HashMap};

/// What is known of a tool before its operation is.
pub(super) struct Sketch<'a> {
    pub tool: &'a Tool,
    pub call: &'a HttpCall,
    pub segments: Vec<Segment>,
    pub shape: Option<ResultShape>,
    /// The resource that the whole path names.
    pub resource: Option<ResourceIndex>,
    /// The resource of each path parameter, by its wire name.
    pub params: BTreeMap<String, ResourceIndex>,
}

/// The nouns of resources, looked up whole and by their ends.
#[derive(Default)]
pub(super) struct Nouns {
    pub all: Vec<Vec<String>>,
    exact: HashMap<Vec<String>, ResourceIndex>,
    /// The first resource whose noun ends so.
    ends: HashMap<Vec<String>, ResourceIndex>,
}

impl Nouns {
    /// Adds a noun.
    pub fn push(&mut self, noun: Vec<String>) -> ResourceIndex {
        let index = self.all.len();
        for at in 0..noun.len() {
            self.ends.entry(noun[at..].to_vec()).or_insert(index);
        }
        self.exact.insert(noun.clone(), index);
        self.all.push(noun);
        index
    }

    /// Returns the resource of a noun.
    pub fn exact(&self, noun: &[String]) -> Option<ResourceIndex> {
        self.exact.get(noun).copied()
    }

    /// Returns the first resource whose noun is the end of `noun`, or all of it.
    pub fn within(&self, noun: &[String]) -> Option<ResourceIndex> {
        (0..noun.len()).filter_map(|at| self.exact(&noun[at..])).min()
    }

    /// Returns the resource of a noun, or else the first whose noun ends in it or is its end.
    pub fn near(&self, noun: &[String]) -> Option<ResourceIndex> {
        self.exact(noun).or_else(|| self.ends.get(noun).copied().into_iter().chain(self.within(noun)).min())
    }
}
