//! The built-in judge: a few honest rules over a trial.

use crate::data::Role;
use crate::llm::Reply;
use crate::prompt::Trial;
use serde_json::json;

const APOLOGIES: [&str; 10] = [
    "sorry",
    "unable to",
    "could not",
    "couldn't",
    "cannot help",
    "can't help",
    "no way to",
    "i give up",
    "not possible",
    "there is nothing to report",
];

/// Judges whether an answer does what was asked: it must be one, follow calls of which one succeeded, and state only
/// numbers that stand somewhere above it.
pub fn judge(trial: &Trial) -> Reply {
    let (solved, reason) = verdict(trial);
    Reply { content: json!({"solved": solved, "reason": reason}).to_string(), ..Reply::default() }
}

fn verdict(trial: &Trial) -> (bool, String) {
    let answer = trial.answer().trim();
    if answer.is_empty() {
        return (false, "There is no answer.".to_owned());
    }
    let lower = answer.to_lowercase();
    if let Some(apology) = APOLOGIES.iter().find(|a| lower.contains(*a)) {
        return (false, format!("The answer says that it was not done (“{apology}”)."));
    }
    let observations: Vec<&str> = trial.said(Role::Tool).collect();
    let failed = |o: &str| {
        o.starts_with("Invalid arguments")
            || o.starts_with("There is no tool")
            || o.starts_with("This call was already")
            || o.contains("\"error\"")
    };
    if observations.is_empty() {
        return (false, "Nothing was looked up or done.".to_owned());
    }
    if observations.iter().all(|o| failed(o)) {
        return (false, "Every call failed.".to_owned());
    }
    if observations.last().is_some_and(|o| failed(o)) {
        return (false, "The last call failed and nothing was made of it.".to_owned());
    }
    let known = |digits: &str| {
        observations.iter().any(|o| o.contains(digits))
            || trial.said(Role::User).chain(trial.said(Role::System)).any(|said| said.contains(digits))
    };
    let invented = numbers(answer).into_iter().find(|n| n.len() >= 4 && !known(n));
    match invented {
        Some(number) => (false, format!("Nothing shows the number {number}.")),
        None => (true, "Calls succeeded, and the answer states what they showed.".to_owned()),
    }
}

/// Runs of digits, as they stand.
fn numbers(text: &str) -> Vec<&str> {
    text.split(|c: char| !c.is_ascii_digit()).filter(|run| !run.is_empty()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::data::Message;

    fn trial(observation: &str, answer: &str) -> Trial {
        let messages = vec![
            Message::text(Role::User, "How many kilometres has the van done?"),
            Message::text(Role::Assistant, ""),
            Message::text(Role::Tool, observation),
            Message::text(Role::Assistant, answer),
        ];
        Trial { messages, ..Trial::default() }
    }

    #[test]
    fn answers_are_held_to_what_was_shown() {
        assert!(verdict(&trial("{\"km\": 48213}", "48213 km.")).0);
        assert!(!verdict(&trial("{\"km\": 48213}", "48312 km.")).0);
        assert!(!verdict(&trial("{\"km\": 48213}", "Sorry, I could not find it.")).0);
        assert!(!verdict(&trial("{\"error\": {\"code\": 404}}", "It is fine.")).0);
    }
}
