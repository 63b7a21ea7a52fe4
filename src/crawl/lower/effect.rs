//! What an operation does to the state, as far as its method, its path and its description say.

use crate::crawl::prose::words;
use crate::data::{Effect, Method};

/// Tells what an operation does to the state.
pub fn of(method: Method, path: &str, description: &str) -> Effect {
    match method {
        Method::Get | Method::Head | Method::Options | Method::Trace | Method::Query => Effect::Reads,
        Method::Delete => Effect::Destroys,
        Method::Put | Method::Patch => Effect::Writes,
        Method::Post => {
            const READS: [&str; 18] = [
                "search",
                "query",
                "lookup",
                "find",
                "freebusy",
                "validate",
                "calculate",
                "estimate",
                "preview",
                "check",
                "verify",
                "translate",
                "convert",
                "analyze",
                "count",
                "filter",
                "list",
                "quote",
            ];
            let segments: Vec<Vec<String>> =
                path.split(['/', '.']).filter(|s| !s.is_empty() && !s.contains('{')).map(words).collect();
            let named = segments
                .iter()
                .any(|s| s.first().is_some_and(|w| matches!(w.as_str(), "lookup" | "search" | "query")))
                || segments.last().is_some_and(|s| {
                    s.first().is_some_and(|w| READS.contains(&w.as_str()))
                        || READS.contains(&s.concat().as_str())
                });
            let first = words(description).into_iter().next().unwrap_or_default();
            if matches!(
                first.as_str(),
                "delete" | "deletes" | "clear" | "clears" | "remove" | "removes" | "purge" | "destroys"
            ) {
                return Effect::Destroys;
            }
            let said = matches!(
                first.as_str(),
                "returns"
                    | "return"
                    | "search"
                    | "searches"
                    | "find"
                    | "finds"
                    | "retrieves"
                    | "retrieve"
                    | "lists"
                    | "calculates"
                    | "validates"
            );
            let follows = description.to_lowercase().starts_with("follow");
            if (named || said) && !follows { Effect::Reads } else { Effect::Writes }
        }
    }
}
