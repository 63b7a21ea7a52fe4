//! A file that was read, and what came of it.

use super::fetch::Pages;
use super::find::Candidate;
use super::find::read::Unreadable;
use super::place::Place;
use crate::config::plan::{CrawlPlan, Limits};
use crate::data::{Dropped, FunctionName, Reason, SpecSource, Stage, Tool};
use std::any::Any;
use std::collections::BTreeSet;

/// A file that was read and parsed.
pub struct File<'a> {
    /// Where it was found.
    pub candidate: &'a Candidate,
    /// What the crawl is to do.
    pub plan: &'a CrawlPlan,
    /// The limits.
    pub limits: &'a Limits,
    /// Pages of the web.
    pub pages: &'a Pages,
    /// The hash of its bytes.
    pub hash: blake3::Hash,
}

/// What came of one file.
#[derive(Default)]
pub struct Crawled {
    /// Tools, in the spec's order.
    pub tools: Vec<Tool>,
    /// What was left out.
    pub dropped: Vec<Dropped>,
    /// The spec itself, where it is one.
    pub source: Option<SpecSource>,
    /// The files and pages it refers to.
    pub parts: Vec<Place>,
    /// Whether the file is something else than a spec.
    pub foreign: bool,
}

impl File<'_> {
    /// Leaves the whole file out.
    pub fn refuse(&self, why: &Unreadable) -> Crawled {
        Crawled::refused(&self.candidate.name, why)
    }

    /// Leaves one thing out that is an operation of this file.
    pub fn dropped(&self, id: String, rule: &str, reason: String, name: &str, tool: Option<Tool>) -> Dropped {
        Dropped {
            id,
            rule: rule.to_owned(),
            reason,
            spec: self.candidate.name.clone(),
            operation: Some((tool.as_ref().and_then(|t| t.call.method()), name.to_owned())),
            tool: tool.map(Box::new),
        }
    }

    /// Ends a file that holds several APIs: names that two of them share are told apart, and the sums are made.
    pub fn finish(&self, mut crawled: Crawled, title: String, licence: String) -> Crawled {
        let mut taken: BTreeSet<FunctionName> = BTreeSet::new();
        for tool in &mut crawled.tools {
            if !taken.insert(tool.name.clone()) {
                let mark = blake3::hash(tool.id.as_str().as_bytes()).to_hex()[..6].to_owned();
                let mut name = tool.name.to_string();
                name.truncate(64 - 7);
                tool.name = FunctionName::new(format!("{}_{mark}", name.trim_end_matches('_')));
                taken.insert(tool.name.clone());
            }
        }
        let lost = crawled.dropped.iter().filter(|d| d.operation.is_some()).count();
        crawled.source = Some(SpecSource {
            spec: self.candidate.name.clone(),
            hash: self.hash.to_hex().to_string(),
            title,
            version: String::new(),
            licence,
            operations: crawled.tools.len() + lost,
            kept: crawled.tools.len(),
        });
        crawled
    }
}

impl Crawled {
    /// What comes of a file that is left out whole.
    pub fn refused(spec: &str, why: &Unreadable) -> Self {
        Self {
            foreign: why.rule == "not_a_spec",
            dropped: vec![Dropped {
                id: spec.to_owned(),
                rule: why.rule.to_owned(),
                reason: why.reason.clone(),
                spec: spec.to_owned(),
                operation: None,
                tool: None,
            }],
            ..Self::default()
        }
    }

    /// What comes of a file that a fault of ours broke on.
    pub fn crashed(spec: &str, panicked: &(dyn Any + Send)) -> Self {
        let Reason { rule, reason, .. } = Reason::crashed(Stage::Crawl, panicked);
        let (id, spec) = (spec.to_owned(), spec.to_owned());
        Self {
            dropped: vec![Dropped { id, rule, reason, spec, operation: None, tool: None }],
            ..Self::default()
        }
    }
}
