//! One document, from its bytes to what comes of it: read, told by its kind, lowered, curated, put into words and dialect.

use super::fetch::{PageFault, Pages};
use super::file::{Crawled, File};
use super::find::{Candidate, Page, listing, read};
use super::lower::{fit, strict};
use super::{kinds, rules};
use crate::config::plan::{CrawlPlan, Dialect, Documentation, Limits};
use crate::data::Tool;
use serde_json::Value;

/// Reads and lowers one file. Total: whatever is wrong with it becomes a dropped entry.
pub fn crawl(candidate: &Candidate, plan: &CrawlPlan, limits: &Limits, pages: &Pages) -> Crawled {
    if let Some(listing) = &candidate.listed {
        let file = File { candidate, plan, limits, pages, hash: listing.hash };
        return chosen(kinds::listing(listing, &file), plan, limits);
    }
    let read = match &candidate.page {
        None => read::file(&candidate.path, limits.spec_bytes),
        Some(page) => of_page(page, pages),
    };
    parsed(read, candidate, plan, limits, pages)
}

/// Lowers what was read of a file.
pub fn parsed(
    read: Result<(Value, blake3::Hash), read::Unreadable>,
    candidate: &Candidate,
    plan: &CrawlPlan,
    limits: &Limits,
    pages: &Pages,
) -> Crawled {
    match read {
        Ok((root, hash)) => {
            let file = File { candidate, plan, limits, pages, hash };
            chosen(kinds::lower(root, &file), plan, limits)
        }
        Err(unreadable) => Crawled::refused(&candidate.name, &unreadable),
    }
}

/// Leaves out what the plan does not want, and puts the rest into the dialect that it names.
fn chosen(mut crawled: Crawled, plan: &CrawlPlan, limits: &Limits) -> Crawled {
    rules::curate(&mut crawled, &plan.curation);
    for tool in &mut crawled.tools {
        choose(tool, plan.documentation, limits.tool_bytes);
    }
    if plan.dialect == Dialect::OpenaiStrict {
        strict::speak(&mut crawled, limits);
    }
    crawled
}

/// Reads a page, and adds what the listing says of it that led here.
fn of_page(page: &Page, pages: &Pages) -> Result<(Value, blake3::Hash), read::Unreadable> {
    let unreadable = |fault: PageFault| read::Unreadable { rule: fault.rule.name(), reason: fault.reason };
    page.at.clone().map_err(unreadable)?;
    let bytes = pages.body(&page.url).map_err(unreadable)?;
    let mut root = read::parse(&bytes)?;
    listing::put(&page.about, &mut root);
    Ok((root, blake3::hash(&bytes)))
}

/// Makes one of the lengths a tool's description, unless its definition would grow over the limit.
fn choose(tool: &mut Tool, documentation: Documentation, bytes_max: usize) {
    let chosen = match documentation {
        Documentation::Full => return,
        Documentation::Short => &tool.docs.short,
        Documentation::Medium => &tool.docs.medium,
        Documentation::Long => &tool.docs.long,
    };
    if chosen.is_empty() {
        return;
    }
    let before = std::mem::replace(&mut tool.description, chosen.clone());
    if tool.description.len() > before.len() && fit::size(tool) + fit::MARK_BYTES > bytes_max {
        tool.description = before;
    }
}
