//! A sentence beside a turn's calls: why this now.

use super::mind::Mind;
use super::step::Proposal;
use super::verbs::Class;
use crate::words;

/// Says why these calls are made now; sometimes nothing, as people do.
pub fn say(mind: &Mind<'_>, calls: &[Proposal], turn: usize) -> String {
    let Some(first) = calls.first() else { return String::new() };
    let tool = mind.tool(first.tool);
    let hash = blake3::hash(format!("{}/{turn}/{}", mind.u.text, tool.spec.name).as_bytes());
    let pick = hash.as_bytes()[1];
    let noun = if tool.lists { words::plural(&tool.noun_text) } else { tool.noun_text.clone() };
    let repeated = mind.memory.past.iter().any(|p| p.tool == Some(first.tool));
    let failed = mind.memory.past.last().is_some_and(|p| p.fault.is_some());
    let options: Vec<String> = if failed {
        vec![
            "That didn't go through; another way.".to_owned(),
            "Not like that, then. Trying it differently.".to_owned(),
        ]
    } else if repeated && tool.class == Class::Read {
        vec![
            format!("Not among those yet, so on to more {noun}."),
            format!("There are more {noun} to look through."),
            String::new(),
        ]
    } else {
        match tool.class {
            Class::Read if turn == 0 => vec![
                format!("I have to find the right {} first.", tool.noun_text),
                format!("The {noun} should tell which one is meant."),
                format!("First a look at the {noun}."),
                String::new(),
            ],
            Class::Read => vec![
                format!("With that known, the {noun} can be looked up."),
                format!("Now the {noun}."),
                format!("What's still missing is in the {noun}."),
                String::new(),
            ],
            Class::Create => vec![
                format!("Everything needed for the {} is known now.", tool.noun_text),
                format!("Now to add the {}.", tool.noun_text),
                String::new(),
            ],
            Class::Update => vec![
                format!("That is the {} to change.", tool.noun_text),
                "Now the change itself.".to_owned(),
                String::new(),
            ],
            Class::Delete => vec![
                format!("That is the {} that has to go.", tool.noun_text),
                "It's the right one, so it can be removed.".to_owned(),
                String::new(),
            ],
            Class::Act => vec![
                "All that's needed is known.".to_owned(),
                "Now it can be done.".to_owned(),
                String::new(),
            ],
        }
    };
    options[pick as usize % options.len()].clone()
}
