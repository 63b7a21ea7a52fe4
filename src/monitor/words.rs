//! Events in words, for people.

use super::Event;

/// Words an event that deserves a line of its own.
pub(super) fn line(event: &Event) -> Option<String> {
    match event {
        Event::StageEnded { stage, kept, dropped, .. } => {
            Some(format!("{:<9}{kept} kept, {dropped} dropped", stage.as_str()))
        }
        Event::Note { text } => Some(format!("note: {text}")),
        Event::Retry { what, reason, wait_ms } => {
            Some(format!("retry: {what}: {reason}; next attempt in {:.1} s", seconds(*wait_ms)))
        }
        Event::Paused { what, reason, wait_ms } => {
            Some(format!("paused: {what}: {reason}; tried again in {:.1} s", seconds(*wait_ms)))
        }
        Event::Resumed { what } => Some(format!("resumed: {what} serves again")),
        Event::StageStarted { .. }
        | Event::StageGrew { .. }
        | Event::Progress { .. }
        | Event::Spent { .. }
        | Event::RunEnded { .. } => None,
    }
}

fn seconds(ms: u64) -> f64 {
    ms as f64 / 1000.0
}

/// Words what is spent and what all will probably be: `0.84 $ so far, about 6.1 $ in all`. Tokens, where a price is not known.
pub(super) fn spent(event: &Event) -> Option<String> {
    let Event::Spent { calls, tokens, cost_usd, projected_tokens, projected_cost_usd } = event else {
        return None;
    };
    if *calls == 0 {
        return None;
    }
    let (so_far, in_all) = match cost_usd {
        Some(usd) => (dollars(*usd), projected_cost_usd.map(dollars)),
        None => (tokens_text(*tokens), projected_tokens.map(tokens_text)),
    };
    Some(match in_all {
        Some(in_all) => format!("{so_far} so far, about {in_all} in all"),
        None => format!("{so_far} so far"),
    })
}

fn dollars(usd: f64) -> String {
    let digits = match usd {
        usd if usd < 0.1 => 4,
        usd if usd < 10.0 => 2,
        usd if usd < 100.0 => 1,
        _ => 0,
    };
    format!("{usd:.digits$} $")
}

fn tokens_text(tokens: u64) -> String {
    match tokens {
        0..10_000 => format!("{tokens} tokens"),
        10_000..1_000_000 => format!("{:.0} thousand tokens", tokens as f64 / 1e3),
        _ => format!("{:.1} million tokens", tokens as f64 / 1e6),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn spending_is_worded_in_money_or_in_tokens_with_the_projection_where_there_is_one() {
        let event = |cost_usd, projected_tokens, projected_cost_usd| Event::Spent {
            calls: 9,
            tokens: 12_345,
            cost_usd,
            projected_tokens,
            projected_cost_usd,
        };
        let word = |event: Event| spent(&event).unwrap();
        assert_eq!(word(event(Some(0.84), Some(90_000), Some(6.12))), "0.84 $ so far, about 6.12 $ in all");
        assert_eq!(word(event(Some(0.000_84), None, None)), "0.0008 $ so far");
        let words = word(event(None, Some(9_000_000), None));
        assert_eq!(words, "12 thousand tokens so far, about 9.0 million tokens in all");
    }
}
