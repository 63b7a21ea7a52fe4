//! The run's ceilings on calls, tokens and money, for all roles and for each: taken before a call, settled after.

use super::{LlmError, Role, Usage};
use crate::config::plan::{Ceilings, Limits, ModelPlan, Provider};
use crate::data::{ModelUse, Money, Price, Usages};
use std::collections::BTreeMap;
use std::sync::{Mutex, MutexGuard, PoisonError};
use tokio::sync::Notify;

/// What may be spent, was spent, and is set aside for calls in flight.
#[derive(Debug)]
pub(super) struct Budget {
    /// The run's ceilings, and then those of single roles; what has none is left out.
    ceilings: Vec<(Option<Role>, Ceilings)>,
    spent: Mutex<Spent>,
    settled: Notify,
}

#[derive(Debug, Default)]
struct Spent {
    done: BTreeMap<Role, Amount>,
    set_aside: BTreeMap<Role, Amount>,
}

/// Replies with what they take.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub(super) struct Amount {
    pub(super) calls: u64,
    pub(super) tokens: u64,
    pub(super) cost_usd: f64,
}

impl Budget {
    pub(super) fn new(limits: &Limits) -> Self {
        let run = Ceilings { tokens: limits.tokens, cost_usd: limits.cost_usd, calls: limits.calls };
        let roles = limits.roles.iter().map(|(role, ceilings)| (Some(*role), ceilings.clone()));
        let ceilings = std::iter::once((None, run)).chain(roles);
        Self {
            ceilings: ceilings.filter(|(_, ceilings)| *ceilings != Ceilings::default()).collect(),
            spent: Mutex::default(),
            settled: Notify::new(),
        }
    }

    /// Sets an amount aside for a role. Waits while only calls in flight stand in the way, and fails when what is spent
    /// does.
    pub(super) async fn take(&self, role: Role, amount: Amount) -> Result<(), LlmError> {
        loop {
            let settled = self.settled.notified();
            tokio::pin!(settled);
            // Enabled before the look: what settles between look and wait is not missed.
            settled.as_mut().enable();
            {
                let mut spent = self.lock();
                self.fits(role, amount, |of| spent.done_by(of))?;
                if self.fits(role, amount, |of| spent.done_by(of).plus(spent.set_aside_by(of))).is_ok() {
                    let aside = spent.set_aside.entry(role).or_default();
                    *aside = aside.plus(amount);
                    return Ok(());
                }
            }
            settled.await;
        }
    }

    /// Gives back what was set aside and counts what was spent.
    pub(super) fn settle(&self, role: Role, taken: Amount, used: Amount) {
        {
            let mut spent = self.lock();
            let aside = spent.set_aside.entry(role).or_default();
            *aside = aside.minus(taken);
            let done = spent.done.entry(role).or_default();
            *done = done.plus(used);
        }
        if !self.ceilings.is_empty() {
            self.settled.notify_waiters();
        }
    }

    /// Returns what was spent so far by all roles.
    pub(super) fn spent(&self) -> Amount {
        self.lock().done_by(None)
    }

    /// Checks an amount against the ceilings that concern a role, given what of each is used up.
    fn fits(&self, role: Role, next: Amount, used: impl Fn(Option<Role>) -> Amount) -> Result<(), LlmError> {
        for (of, ceilings) in self.ceilings.iter().filter(|(of, _)| of.is_none_or(|of| of == role)) {
            let used = used(*of);
            let whole = |key, used: u64, next: u64, max: Option<u64>| match max {
                Some(max) if used.saturating_add(next) > max => {
                    Err(exhausted(*of, key, [used.to_string(), max.to_string(), next.to_string()]))
                }
                _ => Ok(()),
            };
            whole("calls", used.calls, next.calls, ceilings.calls)?;
            whole("tokens", used.tokens, next.tokens, ceilings.tokens)?;
            if let Some(max) = ceilings.cost_usd
                && used.cost_usd + next.cost_usd > max
            {
                let amounts =
                    [format!("{:.4}", used.cost_usd), max.to_string(), format!("{:.4}", next.cost_usd)];
                return Err(exhausted(*of, "cost_usd", amounts));
            }
        }
        Ok(())
    }

    fn lock(&self) -> MutexGuard<'_, Spent> {
        self.spent.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn exhausted(of: Option<Role>, key: &str, [spent, ceiling, next]: [String; 3]) -> LlmError {
    let limit = match of {
        Some(role) => format!("limits.roles.{}.{key}", role.as_str()),
        None => format!("limits.{key}"),
    };
    LlmError::BudgetExhausted { limit, spent, ceiling, next }
}

impl Spent {
    fn done_by(&self, role: Option<Role>) -> Amount {
        sum(&self.done, role)
    }

    fn set_aside_by(&self, role: Option<Role>) -> Amount {
        sum(&self.set_aside, role)
    }
}

fn sum(amounts: &BTreeMap<Role, Amount>, role: Option<Role>) -> Amount {
    match role {
        Some(role) => amounts.get(&role).copied().unwrap_or_default(),
        None => amounts.values().fold(Amount::default(), |sum, amount| sum.plus(*amount)),
    }
}

impl Amount {
    /// Returns what a reply takes of a model; without prices no money.
    pub(super) fn of(model: &ModelPlan, usage: Usage) -> Self {
        Self::of_many(model, &usage.once())
    }

    /// Returns what replies take of a model; without prices no money.
    pub(super) fn of_many(model: &ModelPlan, used: &ModelUse) -> Self {
        Self {
            calls: used.calls,
            tokens: used.tokens_in + used.tokens_out,
            cost_usd: model_cost_usd(model, used).unwrap_or(0.0),
        }
    }

    fn plus(self, other: Self) -> Self {
        Self {
            calls: self.calls + other.calls,
            tokens: self.tokens + other.tokens,
            cost_usd: self.cost_usd + other.cost_usd,
        }
    }

    fn minus(self, other: Self) -> Self {
        Self {
            calls: self.calls.saturating_sub(other.calls),
            tokens: self.tokens.saturating_sub(other.tokens),
            cost_usd: (self.cost_usd - other.cost_usd).max(0.0),
        }
    }
}

/// Returns what was asked of models in US dollars, at the plan's prices; `None` when a price is not known.
/// The built-in model costs nothing.
pub fn cost_usd(models: &BTreeMap<String, ModelPlan>, usage: &Usages) -> Option<f64> {
    let cost = |(name, _, used): (&str, Role, &ModelUse)| price(models.get(name)?).cost(used);
    usage.iter().map(cost).sum::<Option<Money>>().map(Money::usd)
}

/// Returns what was asked of one model in US dollars; `None` when its price is not known.
pub fn model_cost_usd(model: &ModelPlan, used: &ModelUse) -> Option<f64> {
    price(model).cost(used).map(Money::usd)
}

fn price(model: &ModelPlan) -> Price {
    match model.provider {
        Provider::Builtin => Price::builtin(),
        Provider::Openai | Provider::Anthropic => {
            Price::new(model.price_in, model.price_out, model.price_cached)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn budget(flags: &[&str]) -> Budget {
        let sets: Vec<String> = flags.iter().map(ToString::to_string).collect();
        Budget::new(&crate::config::load(None, &sets, &|_| true).unwrap().limits)
    }

    fn tokens(tokens: u64) -> Amount {
        Amount { calls: 1, tokens, cost_usd: 0.0 }
    }

    #[tokio::test]
    async fn a_role_has_a_ceiling_of_its_own_beside_the_runs() {
        let budget = budget(&["limits.tokens=100", "limits.roles.judge.tokens=30"]);
        budget.take(Role::Judge, tokens(20)).await.unwrap();
        budget.settle(Role::Judge, tokens(20), tokens(20));
        let error = budget.take(Role::Judge, tokens(20)).await.unwrap_err().to_string();
        assert!(
            error.contains(
                "`limits.roles.judge.tokens` is reached: 20 of 30 are spent, and the next call may take 20"
            ),
            "{error}"
        );
        budget.take(Role::Solver, tokens(80)).await.unwrap();
        budget.settle(Role::Solver, tokens(80), tokens(75));
        let error = budget.take(Role::Solver, tokens(6)).await.unwrap_err().to_string();
        assert!(
            error.contains("`limits.tokens` is reached: 95 of 100 are spent, and the next call may take 6"),
            "{error}"
        );
    }

    #[tokio::test]
    async fn what_is_set_aside_is_waited_for() {
        let budget = budget(&["limits.calls=2"]);
        budget.take(Role::Solver, tokens(1)).await.unwrap();
        budget.take(Role::Solver, tokens(1)).await.unwrap();
        let third = budget.take(Role::Solver, tokens(1));
        tokio::pin!(third);
        let soon = tokio::time::timeout(std::time::Duration::from_millis(10), &mut third).await;
        assert!(soon.is_err(), "it waits");
        // A call that failed gives its place back.
        budget.settle(Role::Solver, tokens(1), Amount::default());
        third.await.unwrap();
        budget.settle(Role::Solver, tokens(1), tokens(1));
        budget.settle(Role::Solver, tokens(1), tokens(1));
        assert!(budget.take(Role::Solver, tokens(1)).await.is_err());
        assert_eq!(budget.spent(), Amount { calls: 2, tokens: 2, cost_usd: 0.0 });
    }

    #[test]
    fn cached_tokens_have_a_price_of_their_own() {
        let flags = [
            "models.teacher={provider: openai, base_url: 'http://a/v1', model: m, price_in: 2, price_out: 8, price_cached: 1}",
        ];
        let plan = crate::config::load(None, &flags.map(String::from), &|_| true).unwrap();
        let used = ModelUse { calls: 1, tokens_in: 1_000_000, tokens_out: 500_000, tokens_cached: 250_000 };
        assert_eq!(model_cost_usd(&plan.models["teacher"], &used), Some(1.5 + 0.25 + 4.0));
    }
}
