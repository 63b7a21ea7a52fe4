//! The run's ceilings on tokens and money: taken before a call, settled after.

use super::{LlmError, Usage};
use crate::config::plan::{Limits, ModelPlan, Provider};
use crate::data::{ModelUse, Usages};
use std::collections::BTreeMap;
use std::sync::{Mutex, MutexGuard, PoisonError};
use tokio::sync::Notify;

/// What may be spent, was spent, and is set aside for calls in flight.
#[derive(Debug)]
pub(super) struct Budget {
    tokens_max: Option<u64>,
    cost_usd_max: Option<f64>,
    spent: Mutex<Spent>,
    settled: Notify,
}

#[derive(Clone, Copy, Debug, Default)]
struct Spent {
    done: Amount,
    set_aside: Amount,
}

#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Amount {
    pub(super) tokens: u64,
    pub(super) cost_usd: f64,
}

impl Budget {
    pub(super) fn new(limits: &Limits) -> Self {
        Self {
            tokens_max: limits.tokens,
            cost_usd_max: limits.cost_usd,
            spent: Mutex::default(),
            settled: Notify::new(),
        }
    }

    /// Sets an amount aside. Waits while only calls in flight stand in the way, and fails when what is spent does.
    pub(super) async fn take(&self, amount: Amount) -> Result<(), LlmError> {
        loop {
            let settled = self.settled.notified();
            {
                let mut spent = self.lock();
                self.fits(spent.done, amount)?;
                let all = spent.done.plus(spent.set_aside);
                if self.fits(all, amount).is_ok() {
                    spent.set_aside = spent.set_aside.plus(amount);
                    return Ok(());
                }
            }
            settled.await;
        }
    }

    /// Gives back what was set aside and counts what was spent.
    pub(super) fn settle(&self, taken: Amount, used: Amount) {
        let mut spent = self.lock();
        spent.set_aside.tokens = spent.set_aside.tokens.saturating_sub(taken.tokens);
        spent.set_aside.cost_usd = (spent.set_aside.cost_usd - taken.cost_usd).max(0.0);
        spent.done = spent.done.plus(used);
        drop(spent);
        self.settled.notify_waiters();
    }

    fn fits(&self, spent: Amount, next: Amount) -> Result<(), LlmError> {
        if let Some(max) = self.tokens_max
            && spent.tokens + next.tokens > max
        {
            let (spent, ceiling) = (spent.tokens.to_string(), max.to_string());
            return Err(LlmError::BudgetExhausted { limit: "tokens", spent, ceiling });
        }
        if let Some(max) = self.cost_usd_max
            && spent.cost_usd + next.cost_usd > max
        {
            let (spent, ceiling) = (format!("{:.4}", spent.cost_usd), max.to_string());
            return Err(LlmError::BudgetExhausted { limit: "cost_usd", spent, ceiling });
        }
        Ok(())
    }

    fn lock(&self) -> MutexGuard<'_, Spent> {
        self.spent.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Amount {
    /// Returns what tokens cost with a model; without prices nothing.
    pub(super) fn of(model: &ModelPlan, usage: Usage) -> Self {
        let used = usage.once();
        Self {
            tokens: usage.tokens_in + usage.tokens_out,
            cost_usd: model_cost_usd(model, &used).unwrap_or(0.0),
        }
    }

    fn plus(self, other: Self) -> Self {
        Self { tokens: self.tokens + other.tokens, cost_usd: self.cost_usd + other.cost_usd }
    }
}

/// Returns what was asked of models in US dollars, at the plan's prices; `None` when a price is not known.
/// The built-in model costs nothing.
pub fn cost_usd(models: &BTreeMap<String, ModelPlan>, usage: &Usages) -> Option<f64> {
    usage.iter().map(|(name, _, used)| model_cost_usd(models.get(name)?, used)).sum()
}

fn model_cost_usd(model: &ModelPlan, used: &ModelUse) -> Option<f64> {
    if model.provider == Provider::Builtin {
        return Some(0.0);
    }
    let price = |price: f64, tokens: u64| price * tokens as f64 / 1e6;
    let (fresh, cached) = (used.tokens_in.saturating_sub(used.tokens_cached), used.tokens_cached);
    let price_in = model.price_in?;
    Some(
        price(price_in, fresh)
            + price(model.price_cached.unwrap_or(price_in), cached)
            + price(model.price_out?, used.tokens_out),
    )
}
