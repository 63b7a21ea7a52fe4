//! What models' tokens cost.

use super::{ModelUse, Usages};
use serde::Deserialize;
use serde_json::Value;
use std::collections::BTreeMap;

/// The provider that costs nothing.
const BUILTIN: &str = "builtin";

/// What models cost, by their names in the plan.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Prices(BTreeMap<String, Price>);

/// What one model costs, in US dollars for a million tokens.
#[derive(Clone, Debug, Default, PartialEq, Deserialize)]
pub struct Price {
    #[serde(default)]
    provider: String,
    #[serde(rename = "price_in")]
    input: Option<f64>,
    #[serde(rename = "price_out")]
    output: Option<f64>,
    #[serde(rename = "price_cached")]
    cached: Option<f64>,
}

/// An amount of money in millionths of a millionth of a US dollar: whole, so that parts add up to their sum exactly.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct Money(u128);

impl Prices {
    /// Reads the prices of a resolved plan, as the manifest holds it. What is no plan has no prices.
    pub fn of_plan(plan: &Value) -> Self {
        let models = plan.get("models").and_then(Value::as_object).into_iter().flatten();
        let price = |model: &Value| Price::deserialize(model).unwrap_or_default();
        Self(models.map(|(name, model)| (name.clone(), price(model))).collect())
    }

    /// Returns what a model's replies cost; `None` where a price is not known.
    pub fn cost(&self, model: &str, used: &ModelUse) -> Option<Money> {
        if used.calls == 0 {
            return Some(Money::default());
        }
        self.0.get(model)?.cost(used)
    }

    /// Returns what all of it costs; `None` where a price is not known.
    pub fn total(&self, usages: &Usages) -> Option<Money> {
        usages.iter().map(|(model, _, used)| self.cost(model, used)).sum()
    }

    /// Tells whether a model costs nothing by nature: the built-in one.
    pub fn is_builtin(&self, model: &str) -> bool {
        self.0.get(model).is_some_and(Price::is_builtin)
    }
}

impl Price {
    /// Makes the price of a server's model, in US dollars for a million tokens; without `cached`, cached tokens cost what
    /// others do.
    pub fn new(input: Option<f64>, output: Option<f64>, cached: Option<f64>) -> Self {
        Self { provider: String::new(), input, output, cached }
    }

    /// Makes the price of the built-in model, which costs nothing.
    pub fn builtin() -> Self {
        Self { provider: String::from(BUILTIN), ..Self::default() }
    }

    fn is_builtin(&self) -> bool {
        self.provider == BUILTIN
    }

    /// Returns what replies cost; `None` where a price is not known.
    pub fn cost(&self, used: &ModelUse) -> Option<Money> {
        if self.is_builtin() {
            return Some(Money::default());
        }
        // A price of a dollar for a million tokens is a million of our units for one.
        let each = |price: f64, tokens: u64| (price * 1e6).round() as u128 * u128::from(tokens);
        let input = self.input?;
        let cached = used.tokens_cached.min(used.tokens_in);
        let sum = each(input, used.tokens_in - cached)
            + each(self.cached.unwrap_or(input), cached)
            + each(self.output?, used.tokens_out);
        Some(Money(sum))
    }
}

impl Money {
    /// Returns the amount in US dollars.
    pub fn usd(self) -> f64 {
        self.0 as f64 / 1e12
    }
}

impl std::iter::Sum for Money {
    fn sum<I: Iterator<Item = Self>>(amounts: I) -> Self {
        Self(amounts.map(|amount| amount.0).sum())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn cached_tokens_have_their_own_price_and_what_is_not_known_is_not_guessed() {
        let prices = Prices::of_plan(&json!({"models": {
            "teacher": {"provider": "openai", "price_in": 2.5, "price_out": 10, "price_cached": 1.25},
            "plain": {"provider": "openai", "price_in": 1, "price_out": 2, "price_cached": null},
            "half": {"provider": "openai", "price_in": 1, "price_out": null, "price_cached": null},
            "planner": {"provider": "builtin"},
        }}));
        let used = ModelUse { calls: 3, tokens_in: 1_000_000, tokens_out: 100_000, tokens_cached: 400_000 };
        let usd = |model: &str| prices.cost(model, &used).map(Money::usd);
        assert_eq!(usd("teacher"), Some(1.5 + 0.5 + 1.0));
        assert_eq!(usd("plain"), Some(1.2));
        assert_eq!((usd("half"), usd("nobody"), usd("planner")), (None, None, Some(0.0)));
        assert_eq!(prices.cost("nobody", &ModelUse::default()), Some(Money::default()));
        assert!(prices.is_builtin("planner") && !prices.is_builtin("half"));
        assert_eq!(Prices::of_plan(&Value::Null), Prices::default());
    }
}
