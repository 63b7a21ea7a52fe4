//! The answer tells nothing that nobody said and no observation showed.

use crate::checks::natural::{Found, Text, find_emails, find_ids, find_phones, find_urls, fold};
use crate::data::{Message, Role};
use crate::filter::Finding;
use crate::filter::case::Case;
use serde_json::Value;
use std::collections::BTreeSet;
use std::ops::Range;

/// Scores the share of addresses, ids and numbers in the answer that were said or observed (numbers also as counts);
/// drops rows with an address or an id out of nowhere.
pub fn judge(case: &Case<'_>) -> Finding {
    let messages = &case.view.trajectory.messages;
    let known = fold(&said_and_seen(messages));
    let answer = Text::new(case.answer(), &case.now);
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
    match unheard {
        Some(found) => Finding::drop(score, format!("no observation showed '{}'", found.value)),
        None => Finding::keep(score),
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
    use crate::filter::testing::{Shop, dropped_by, judged};

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
