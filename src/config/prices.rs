//! List prices of the two providers that publish them, for who gives none: a small dated table in `prices.json`.

use super::plan::ModelPlan;
use serde::Deserialize;
use std::sync::LazyLock;

const TABLE: &str = include_str!("prices.json");

static PRICES: LazyLock<Prices> =
    LazyLock::new(|| serde_json::from_str(TABLE).expect("the table is well-formed, a test says so"));

/// The table.
#[derive(Debug, Deserialize)]
struct Prices {
    /// When the prices were looked up.
    as_of: String,
    models: Vec<Listed>,
}

/// What a model costs, in US dollars for a million tokens.
#[derive(Clone, Debug, Deserialize)]
pub(super) struct Listed {
    host: String,
    model: String,
    pub price_in: f64,
    pub price_out: f64,
    pub price_cached: Option<f64>,
}

/// Returns the list price of a model at its provider's own address; a date behind the name (`-2024-08-06`, `-20250929`)
/// changes nothing. Another address has other prices.
pub(super) fn listed(base_url: &str, model: &str) -> Option<&'static Listed> {
    let host = base_url.split("://").nth(1)?.split(['/', ':']).next()?;
    let is_date = |rest: &str| {
        rest.strip_prefix('-').is_some_and(|date| {
            date == "latest" || (date.len() >= 8 && date.chars().all(|c| c.is_ascii_digit() || c == '-'))
        })
    };
    let is_it = |listed: &&Listed| {
        listed.host == host
            && model.strip_prefix(listed.model.as_str()).is_some_and(|rest| rest.is_empty() || is_date(rest))
    };
    // A snapshot with a price of its own is listed beside its model.
    PRICES.models.iter().filter(is_it).max_by_key(|listed| listed.model.len())
}

/// Tells whether a model is priced as the list says.
pub fn is_listed(model: &ModelPlan) -> bool {
    let listed = model.base_url.as_deref().and_then(|url| listed(url, &model.model));
    listed.is_some_and(|l| model.price_in == Some(l.price_in) && model.price_out == Some(l.price_out))
}

/// Returns the day of the list prices.
pub fn as_of() -> &'static str {
    &PRICES.as_of
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_table_is_well_formed_and_plausible() {
        assert!(as_of().parse::<jiff::civil::Date>().is_ok());
        assert!(PRICES.models.is_sorted_by_key(|listed| (&listed.host, &listed.model)));
        for listed in &PRICES.models {
            assert!(listed.price_in > 0.0 && listed.price_out >= listed.price_in, "{listed:?}");
            assert!(listed.price_cached.is_none_or(|cached| cached < listed.price_in), "{listed:?}");
        }
    }

    #[test]
    fn a_price_is_found_at_the_providers_own_address_with_or_without_a_date() {
        let openai = "https://api.openai.com/v1";
        let dated = listed(openai, "gpt-4o-mini-2024-07-18").unwrap();
        assert_eq!(dated.model, "gpt-4o-mini");
        assert_eq!(listed(openai, "gpt-4o").unwrap().model, "gpt-4o");
        assert!(listed(openai, "gpt-4o-audio-preview").is_none());
        assert!(
            listed(openai, "gpt-4o-2024-05-13").unwrap().price_in
                > listed(openai, "gpt-4o").unwrap().price_in
        );
        assert!(listed("http://localhost:8000/v1", "gpt-4o").is_none());
        let claude = listed("https://api.anthropic.com/v1", "claude-sonnet-4-5-20250929").unwrap();
        assert!(claude.price_out > claude.price_in);
    }
}
