//! The answer tells nothing that nobody said and no observation showed.

use crate::checks::natural::{Found, Text, find_emails, find_ids, find_phones, find_urls};
use crate::checks::quotes::{escaped, holds, is_error, json_literals, rests_on};
use crate::data::{Message, Role, ToolOutcome};
use crate::filter::case::Case;
use crate::filter::finding::Finding;
use crate::words::fold;
use serde_json::Value;
use std::collections::BTreeSet;
use std::ops::Range;

/// Scores the share of addresses, ids and numbers in the answer that were said or observed (numbers also as counts);
/// drops rows with an address or an id out of nowhere, with JSON that no observation holds, or with the words of an error
/// whose call is not shown.
pub fn judge(case: &Case<'_>) -> Finding {
    let messages = &case.view.trajectory.messages;
    let known = fold(&said_and_seen(messages));
    let answer = Text::new(case.answer(), case.now);
    let times: Vec<Range<usize>> = answer
        .instants()
        .iter()
        .map(|f| f.span.clone())
        .chain(answer.dates().iter().map(|f| f.span.clone()))
        .collect();
    let within_time = |span: &Range<usize>| times.iter().any(|t| t.start <= span.start && span.end <= t.end);
    let shaped: Vec<Found<String>> = [
        find_emails(case.answer()),
        find_urls(case.answer()),
        find_ids(case.answer()),
        find_phones(case.answer()),
    ]
    .into_iter()
    .flatten()
    .filter(|f| !within_time(&f.span) && f.value.parse::<f64>().is_err())
    .collect();
    let digits: String = known.chars().filter(char::is_ascii_digit).collect();
    let bare = |text: &str| text.chars().filter(char::is_ascii_digit).collect::<String>();
    let unheard = shaped.iter().find(|f| {
        let value = fold(&f.value);
        let dialled =
            f.value.chars().all(|c| c.is_ascii_digit() || c == '+') && digits.contains(&bare(&f.value));
        !known.contains(&value) && !dialled
    });
    let numbers = numbers_known(messages, &known);
    let told: Vec<f64> = answer
        .numbers()
        .iter()
        .filter(|f| !within_time(&f.span) && !f.value.worded)
        .map(|f| f.value.value)
        .collect();
    let grounded = told.iter().filter(|n| numbers.contains(&n.to_bits())).count();
    let total = told.len() + shaped.len();
    let score = if total == 0 {
        1.0
    } else {
        (grounded + shaped.len() - usize::from(unheard.is_some())) as f64 / total as f64
    };
    if let Some(reason) = unshown(case, &known, &numbers) {
        return Finding::drop(score, reason);
    }
    match unheard {
        Some(found) => Finding::drop(score, format!("no observation showed '{}'", found.value)),
        None => Finding::keep(score),
    }
}

/// Returns what the answer quotes that the view does not show.
fn unshown(case: &Case<'_>, known: &str, numbers: &BTreeSet<u64>) -> Option<String> {
    let observed: Vec<Value> =
        case.view.calls.iter().filter_map(|r| serde_json::from_str(&r.observation).ok()).collect();
    let invented = json_literals(case.answer()).into_iter().find(|(_, literal)| {
        let held = observed.iter().any(|value| holds(value, literal));
        // Put together anew of what was observed is right, too, but for errors: their words are the API's.
        !(held || (!is_error(literal) && is_known(literal, known, numbers)))
    });
    if let Some((span, _)) = invented {
        let begin: String = case.answer()[span].chars().take(80).collect();
        return Some(format!("no observation holds '{begin}'"));
    }
    let shown = |observation: &str| case.view.calls.iter().any(|r| r.observation == observation);
    let made = case.known.made.iter();
    made.filter(|r| r.outcome != ToolOutcome::Ok && !shown(&r.observation))
        .find(|r| rests_on(case.answer(), &r.observation, known))
        .map(|r| format!("the answer tells of a failed call of `{}` that is not shown", r.call.name))
}

/// Whether every word and number within a value was said or observed.
fn is_known(value: &Value, known: &str, numbers: &BTreeSet<u64>) -> bool {
    match value {
        Value::Object(map) => map.values().all(|v| is_known(v, known, numbers)),
        Value::Array(items) => items.iter().all(|v| is_known(v, known, numbers)),
        Value::String(text) => known.contains(&fold(text)) || known.contains(&fold(&escaped(text))),
        Value::Number(n) => n.as_f64().is_some_and(|n| numbers.contains(&n.to_bits())),
        _ => true,
    }
}

fn said_and_seen(messages: &[Message]) -> String {
    let texts = messages.iter().filter(|m| m.role != Role::Assistant).map(|m| m.content.as_str());
    let arguments =
        messages.iter().flat_map(|m| &m.tool_calls).map(|c| c.arguments.to_string()).collect::<Vec<_>>();
    texts.map(str::to_owned).chain(arguments).collect::<Vec<_>>().join("\n")
}

/// Numbers that stand in the text, and the lengths of the observed lists.
fn numbers_known(messages: &[Message], known: &str) -> BTreeSet<u64> {
    let mut numbers: BTreeSet<u64> =
        crate::checks::natural::find_numbers(known).into_iter().map(|f| f.value.value.to_bits()).collect();
    for message in messages.iter().filter(|m| m.role == Role::Tool) {
        if let Ok(value) = serde_json::from_str::<Value>(&message.content) {
            collect(&value, &mut numbers);
        }
    }
    numbers
}

fn collect(value: &Value, numbers: &mut BTreeSet<u64>) {
    match value {
        Value::Array(items) => {
            // A list may have been counted whole or in part.
            numbers.extend((0..=items.len()).map(|n| (n as f64).to_bits()));
            for item in items {
                collect(item, numbers);
            }
        }
        Value::Object(map) => map.values().for_each(|v| collect(v, numbers)),
        Value::Number(n) => numbers.extend(n.as_f64().map(f64::to_bits)),
        Value::String(s) => numbers.extend(s.parse::<f64>().ok().map(f64::to_bits)),
        _ => {}
    }
}

#[cfg(test)]
mod tests {
    use crate::data::ToolOutcome;
    use crate::filter::testing::{Shop, dropped_by, judged};
    use serde_json::json;

    #[test]
    fn json_that_no_observation_holds_fails_and_observed_json_passes() {
        let answered = |answer: &str| dropped_by(&Shop { answer: answer.into(), ..Shop::solved() });
        assert_eq!(answered(r#"Sold, he was 25: {"id": 7, "status": "sold"}"#), None);
        assert_eq!(answered(r#"Sold: {"pet": "Biscuit", "price": 25}"#), None);
        for invented in [r#"{"id": 7, "owner": "Bo Lind"}"#, r#"{"error": {"message": "sold"}}"#] {
            let answer = format!("Biscuit is sold, he was 25 and all of it is put down now. {invented}");
            assert_eq!(answered(&answer).as_deref(), Some("grounded"), "{invented}");
        }
    }

    #[test]
    fn an_error_that_the_answer_tells_of_is_shown_in_the_row() {
        let mut shop = Shop::solved();
        let mut gone = shop.calls[0].clone();
        gone.outcome = ToolOutcome::Refused;
        gone.arguments = json!({"name": "Biscuit"});
        gone.observation = r#"{"code": 404, "message": "no owner is known"}"#.into();
        shop.calls.push(gone);
        shop.answer = "Biscuit is sold now; he was 25. But no owner is known.".into();
        let sample = judged(&shop);
        assert_eq!((sample.dropped, sample.n_errors, sample.n_calls), (None, 1, 3));
        shop.calls[2].outcome = ToolOutcome::InvalidArguments;
        assert_eq!(dropped_by(&shop).as_deref(), Some("grounded"), "it cannot be shown");
    }

    #[test]
    fn an_address_out_of_nowhere_fails_and_a_number_only_scores_less() {
        assert_eq!(judged(&Shop::solved()).scores["grounded"].to_bits(), 1.0_f64.to_bits());
        let shop = Shop { answer: "Biscuit is sold for 25; write to bo@lumen.pt.".into(), ..Shop::solved() };
        assert_eq!(dropped_by(&shop).as_deref(), Some("grounded"));
        let shop = Shop { answer: "Biscuit is sold for 25, 318 less than before.".into(), ..Shop::solved() };
        assert_eq!(dropped_by(&shop), None);
        assert!(judged(&shop).scores["grounded"] < 1.0);
    }
}
