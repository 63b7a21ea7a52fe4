//! Rule `health_check`: whether the service is up is a question of those who run it, and asks for no tool.

use super::Case;
use crate::data::Method;

/// What the rule drops.
pub const DROPS: &str = "probes of the service itself: /health, /ping, /status, /metrics, /version…";

/// Words that mean a probe wherever they stand alone.
const PROBES: [&str; 19] = [
    "health",
    "healthz",
    "healthcheck",
    "healthchecks",
    "healthstatus",
    "ping",
    "livez",
    "readyz",
    "liveness",
    "readiness",
    "heartbeat",
    "alive",
    "isalive",
    "ready",
    "isready",
    "statusz",
    "live",
    "uptime",
    "heartbeats",
];
/// Words that may mean something that people ask for; the description must say that they mean the service.
const MAYBE: [&str; 9] =
    ["status", "metrics", "version", "info", "about", "versions", "test", "serverstatus", "versioninfo"];
/// Words before a probe that still mean the service.
const OWNERS: [&str; 11] = [
    "health",
    "actuator",
    "system",
    "service",
    "server",
    "internal",
    "monitoring",
    "probe",
    "probes",
    "admin",
    "management",
];
/// Words of a description that mean the service.
const SERVICE: [&str; 18] = [
    "health",
    "api version",
    "server version",
    "service version",
    "version of the api",
    "version of the service",
    "api status",
    "server status",
    "service status",
    "status of the api",
    "status of the service",
    "status of the server",
    "prometheus",
    "build info",
    "is running",
    "is up",
    "is alive",
    "version of the server",
];

/// Returns why an operation is dropped.
pub fn check(case: &Case<'_>) -> Option<String> {
    if case.method != Method::Get || case.has_placeholder() || !case.inputs.required.is_empty() {
        return None;
    }
    let route = case.route();
    let (last, before) = route.split_last()?;
    if before.len() > 1 || before.iter().any(|s| !OWNERS.contains(&s.as_str())) {
        return None;
    }
    let text = case.text.to_lowercase();
    let meant = || SERVICE.iter().any(|w| text.contains(w));
    let probe = PROBES.contains(&last.as_str())
        && (last != "live" && last != "ready" || before.len() == 1 || meant());
    (probe || MAYBE.contains(&last.as_str()) && meant())
        .then(|| format!("`{}` asks whether the service itself works", case.path))
}

#[cfg(test)]
mod tests {
    use super::super::testing::sample;
    use super::*;
    use crate::data::Method::{Get, Post};

    #[test]
    fn probes_of_the_service_go() {
        for (path, text) in [
            ("/health", ""),
            ("/api/v2/ping", "Pong"),
            ("/health/ready", ""),
            ("/_health", ""),
            ("/status", "Returns the health of the service."),
            ("/metrics", "Prometheus metrics"),
            ("/v1/version", "Gets the API version."),
        ] {
            assert!(sample(Get, path, text).drops(check), "{path}");
        }
    }

    #[test]
    fn what_people_ask_for_stays() {
        for (path, text) in [
            ("/status", "Gets the status of the line."),
            ("/patients/{id}/health", "Gets a patient's health."),
            ("/orders/status", "Gets the status of orders."),
            ("/metrics", "Lists the metrics that a campaign can be measured by."),
            ("/live", "Lists live matches."),
        ] {
            assert!(!sample(Get, path, text).drops(check), "{path}");
        }
        assert!(!sample(Post, "/health", "").drops(check));
    }
}
