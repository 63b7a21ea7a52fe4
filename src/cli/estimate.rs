//! What a plan will probably ask of its models, and what that costs.

use crate::config::Plan;
use crate::config::plan::{ModelPlan, Provider, RolePlan, SearchStrategy};
use crate::llm::Role;

/// What one role will probably ask.
pub(super) struct Estimate {
    pub role: Role,
    pub model: String,
    pub calls: u64,
    /// US dollars; `None` where the model has no prices.
    pub cost_usd: Option<f64>,
    pub is_builtin: bool,
}

/// Tokens of a usual request and its reply, by role. Rough: a solver reads tools and history again each turn.
fn tokens(role: Role) -> (f64, f64) {
    match role {
        Role::Writer => (900.0, 120.0),
        Role::Solver => (2200.0, 120.0),
        _ => (2200.0, 100.0),
    }
}

/// Requests of a usual task, by role.
fn calls(plan: &Plan, role: Role) -> f64 {
    match role {
        Role::Writer => 1.2,
        Role::Solver => match plan.search.strategy {
            SearchStrategy::Dfsdt => 3.0 + f64::from(plan.search.width),
            SearchStrategy::Chain => 3.0 + f64::from(plan.search.attempts.min(3)) * 0.7,
        },
        _ => 0.0,
    }
}

/// Estimates each role's share. A judge is asked by no rule yet.
pub(super) fn estimate(plan: &Plan) -> Vec<Estimate> {
    let one = |(role, of): (&Role, &RolePlan)| {
        let (role, name) = (*role, &of.model);
        let model = &plan.models[name];
        let calls = (plan.instruct.tasks as f64 * calls(plan, role)).round();
        Estimate {
            role,
            model: name.clone(),
            calls: calls as u64,
            cost_usd: cost(model, role).map(|each| each * calls),
            is_builtin: model.provider == Provider::Builtin,
        }
    };
    plan.roles.0.iter().map(one).collect()
}

fn cost(model: &ModelPlan, role: Role) -> Option<f64> {
    let (tokens_in, tokens_out) = tokens(role);
    match model.provider {
        Provider::Builtin => Some(0.0),
        Provider::Openai | Provider::Anthropic => {
            Some((model.price_in? * tokens_in + model.price_out? * tokens_out) / 1e6)
        }
    }
}
