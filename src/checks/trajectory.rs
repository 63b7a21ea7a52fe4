//! The training view of a search: its answered path as chat messages, without scaffolding and without errors that teach nothing.

use super::provenance::argument_sources;
use super::quotes::rests_on;
use crate::data::{
    CallRecord, Message, Node, NodeId, Role, SearchTree, Tool, ToolCall, ToolOutcome, Trajectory,
};
use crate::words::fold;
use jiff::Zoned;
use std::collections::{BTreeMap, BTreeSet};
use std::iter;

/// What a view is made of.
#[derive(Clone, Copy)]
pub struct Setting<'a> {
    /// The system message.
    pub system: &'a str,
    /// What the user says first.
    pub instruction: &'a str,
    /// The world's now, in the user's zone.
    pub now: &'a Zoned,
    /// The offered tools by function name.
    pub tools: &'a BTreeMap<&'a str, &'a Tool>,
}

/// A path of a tree as it is trained on.
#[derive(Clone, Debug, Default)]
pub struct View {
    /// The messages.
    pub trajectory: Trajectory,
    /// The calls that are left in it, in order.
    pub calls: Vec<CallRecord>,
    /// Where each of them stands among all calls of the path.
    origins: Vec<usize>,
    /// How many calls were cut out.
    pub cut: u32,
}

impl View {
    /// Returns all that the user says in it, a message a line.
    pub fn said(&self) -> String {
        let messages = self.trajectory.messages.iter().filter(|message| message.role == Role::User);
        messages.map(|message| message.content.as_str()).collect::<Vec<_>>().join("\n")
    }
}

/// Returns the view of the path to a node.
///
/// Calls that no schema allows, repetitions, and errors that teach nothing (the tool is never called with success
/// afterwards, no later call uses what the error said and the answer tells nothing of it) are cut out with their results; a turn left without calls goes
/// whole. A turn with an error in it is kept for its context and not learnt. Calls are numbered anew.
pub fn training_view(tree: &SearchTree, leaf: NodeId, setting: Setting<'_>) -> View {
    let path: Vec<&Node> = tree.path(leaf).into_iter().skip(1).map(|id| tree.node(id)).collect();
    let total: usize = path.iter().map(|n| n.calls.len()).sum();
    let all = render(&path, setting, &BTreeSet::new());
    let mut teaching = teaching_errors(&all, setting);
    teaching.extend(told_errors(&all, setting));
    let dropped: BTreeSet<usize> =
        (0..total).filter(|&i| all.calls[i].outcome != ToolOutcome::Ok && !teaching.contains(&i)).collect();
    if dropped.is_empty() { all } else { render(&path, setting, &dropped) }
}

/// Returns a view without some of its calls, given by position.
pub fn without(
    view: &View,
    tree: &SearchTree,
    leaf: NodeId,
    setting: Setting<'_>,
    calls: &BTreeSet<usize>,
) -> View {
    let path: Vec<&Node> = tree.path(leaf).into_iter().skip(1).map(|id| tree.node(id)).collect();
    let total: usize = path.iter().map(|n| n.calls.len()).sum();
    let kept: BTreeSet<usize> =
        view.origins.iter().enumerate().filter(|(i, _)| !calls.contains(i)).map(|(_, at)| *at).collect();
    render(&path, setting, &(0..total).filter(|at| !kept.contains(at)).collect())
}

/// Returns the positions of the errors that a later call answers to.
fn teaching_errors(all: &View, setting: Setting<'_>) -> BTreeSet<usize> {
    let sources = argument_sources(&all.trajectory.messages, setting.system, setting.now, setting.tools);
    let mut teaching = BTreeSet::new();
    for (i, record) in all.calls.iter().enumerate() {
        if !matches!(record.outcome, ToolOutcome::Refused | ToolOutcome::Failed) {
            continue;
        }
        let later = all.calls.iter().enumerate().skip(i + 1);
        let corrected =
            later.clone().any(|(_, l)| l.call.name == record.call.name && l.outcome == ToolOutcome::Ok);
        let used = later
            .filter(|(_, l)| l.outcome == ToolOutcome::Ok)
            .any(|(j, _)| sources.get(j).is_some_and(|s| s.needs().contains(&i)));
        if corrected || used {
            teaching.insert(i);
        }
    }
    teaching
}

/// Returns the positions of the errors of which the answer tells something that nothing else shows: without them the answer
/// would stand in the air.
pub fn told_errors(view: &View, setting: Setting<'_>) -> BTreeSet<usize> {
    let failed = |r: &CallRecord| matches!(r.outcome, ToolOutcome::Refused | ToolOutcome::Failed);
    let messages = &view.trajectory.messages;
    let of = |role: Role| messages.iter().filter(move |m| m.role == role);
    let answers: Vec<&str> = of(Role::Assistant)
        .filter(|m| m.tool_calls.is_empty() && !m.content.is_empty())
        .map(|m| m.content.as_str())
        .collect();
    if answers.is_empty() || !view.calls.iter().any(failed) {
        return BTreeSet::new();
    }
    let shown = view.calls.iter().filter(|r| r.outcome == ToolOutcome::Ok);
    let shown = shown.map(|r| format!("{}\n{}", r.observation, r.call.arguments));
    let said = of(Role::User).map(|m| m.content.clone());
    let elsewhere =
        fold(&iter::once(setting.system.to_owned()).chain(said).chain(shown).collect::<Vec<_>>().join("\n"));
    let told = |r: &CallRecord| {
        failed(r) && answers.iter().any(|answer| rests_on(answer, &r.observation, &elsewhere))
    };
    view.calls.iter().enumerate().filter(|(_, r)| told(r)).map(|(i, _)| i).collect()
}

fn render(path: &[&Node], setting: Setting<'_>, dropped: &BTreeSet<usize>) -> View {
    let mut view = View { cut: dropped.len() as u32, ..View::default() };
    let messages = &mut view.trajectory.messages;
    if !setting.system.is_empty() {
        messages.push(Message::text(Role::System, setting.system));
    }
    messages.push(Message::text(Role::User, setting.instruction));
    let mut at = 0;
    for (i, node) in path.iter().enumerate() {
        let first = at;
        at += node.calls.len();
        let left = (first..at).filter(|i| !dropped.contains(i));
        view.origins.extend(left.clone());
        let kept: Vec<&CallRecord> = left.map(|i| &node.calls[i - first]).collect();
        if !kept.is_empty() {
            push_turn(node, &kept, messages, &mut view.calls);
        }
        if let Some(answer) = &node.answer {
            let answer = answer.trim();
            let reasoning = (!node.reasoning.is_empty()).then(|| node.reasoning.clone());
            messages.push(Message { reasoning, loss: true, ..Message::text(Role::Assistant, answer) });
            answer.clone_into(&mut view.trajectory.answer);
        }
        // What the user said after the last turn belongs to what comes after.
        if let Some(said) = node.user.as_ref().filter(|_| i + 1 < path.len()) {
            push_said(said.trim(), messages);
        }
    }
    view
}

/// Adds what the user said; to what they said just before, where the turn between was cut out.
fn push_said(said: &str, messages: &mut Vec<Message>) {
    match messages.last_mut() {
        Some(last) if last.role == Role::User => last.content = format!("{}\n\n{said}", last.content),
        _ => messages.push(Message::text(Role::User, said)),
    }
}

fn push_turn(node: &Node, kept: &[&CallRecord], messages: &mut Vec<Message>, calls: &mut Vec<CallRecord>) {
    let mut tool_calls = Vec::new();
    let mut results = Vec::new();
    for record in kept {
        let call = ToolCall { id: format!("call_{}", calls.len()), ..record.call.clone() };
        results.push(Message {
            tool_call_id: Some(call.id.clone()),
            name: Some(call.name.clone()),
            parts: record.parts.clone(),
            ..Message::text(Role::Tool, record.observation.clone())
        });
        tool_calls.push(call.clone());
        calls.push(CallRecord { call, ..(*record).clone() });
    }
    messages.push(Message {
        reasoning: (!node.reasoning.is_empty()).then(|| node.reasoning.clone()),
        tool_calls,
        loss: kept.iter().all(|r| r.outcome == ToolOutcome::Ok),
        ..Message::text(Role::Assistant, node.thought.trim())
    });
    messages.extend(results);
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::checks::natural::parse_now;
    use crate::checks::testing::{answer_node, call_node, tool, tree_of};
    use serde_json::json;

    fn view(nodes: Vec<Node>) -> View {
        let now = parse_now("2026-04-08T10:30:00+02:00", "Europe/Brussels").unwrap();
        let find = tool("shop_find", json!({"type": "object"}));
        let tools = BTreeMap::from([("shop_find", &find)]);
        let tree = tree_of(nodes);
        let leaf = NodeId(tree.nodes.len() as u32 - 1);
        let setting = Setting { system: "Today.", instruction: "find Flat", now: &now, tools: &tools };
        training_view(&tree, leaf, setting)
    }

    fn roles(view: &View) -> Vec<(&'static str, bool)> {
        view.trajectory.messages.iter().map(|m| (m.role.as_str(), m.loss)).collect()
    }

    #[test]
    fn a_corrected_error_stays_and_is_not_learnt() {
        let found = view(vec![
            call_node("shop_find", json!({"q": "flat"}), "no such sort", ToolOutcome::Refused),
            call_node("shop_find", json!({"q": "Flat"}), r#"{"id": 3}"#, ToolOutcome::Ok),
            answer_node("It is 3."),
        ]);
        assert_eq!(
            roles(&found),
            [
                ("system", false),
                ("user", false),
                ("assistant", false),
                ("tool", false),
                ("assistant", true),
                ("tool", false),
                ("assistant", true)
            ]
        );
        assert_eq!((found.cut, found.trajectory.answer.as_str()), (0, "It is 3."));
    }

    #[test]
    fn a_conversation_goes_on_after_an_answer_and_its_last_answer_is_the_answer() {
        let said = |words: &str, node: Node| Node { user: Some(words.to_owned()), ..node };
        let found = view(vec![
            call_node("shop_find", json!({"q": "Flat"}), r#"{"id": 3}"#, ToolOutcome::Ok),
            said(" And the attic? ", answer_node("It is 3.")),
            call_node("shop_list", json!({}), "gone", ToolOutcome::Failed),
            call_node("shop_find", json!({"q": "Attic"}), r#"{"id": 4}"#, ToolOutcome::Ok),
            said("Thanks!", answer_node("That is 4.")),
        ]);
        let texts: Vec<(&str, &str)> = found
            .trajectory
            .messages
            .iter()
            .map(|m| (m.role.as_str(), m.content.as_str()))
            .filter(|(role, _)| matches!(*role, "user" | "assistant"))
            .collect();
        let expected = [
            ("user", "find Flat"),
            ("assistant", ""),
            ("assistant", "It is 3."),
            ("user", "And the attic?"),
            ("assistant", ""),
            ("assistant", "That is 4."),
        ];
        assert_eq!(texts, expected);
        assert_eq!((found.cut, found.trajectory.answer.as_str()), (1, "That is 4."));
        assert!(found.trajectory.messages.iter().filter(|m| m.role == Role::User).all(|m| !m.loss));
    }

    #[test]
    fn what_users_say_around_a_turn_that_is_cut_out_is_one_message() {
        let turn = call_node("shop_list", json!({}), "gone", ToolOutcome::Failed);
        let found =
            view(vec![Node { user: Some("the one in Ghent".into()), ..turn }, answer_node("It is 3.")]);
        assert_eq!(found.trajectory.messages[1].content, "find Flat\n\nthe one in Ghent");
        assert_eq!(found.trajectory.messages.len(), 3);
    }

    #[test]
    fn an_error_that_an_earlier_answer_tells_of_stays() {
        let gone = r#"{"error":{"code":404,"message":"no listing with id 'a7'"}}"#;
        let found = view(vec![
            call_node("shop_list", json!({"id": "a7"}), gone, ToolOutcome::Refused),
            Node { user: Some("find it".into()), ..answer_node("There is no listing with id 'a7'.") },
            call_node("shop_find", json!({"q": "Flat"}), r#"{"id": 3}"#, ToolOutcome::Ok),
            answer_node("It is 3."),
        ]);
        assert_eq!(found.cut, 0);
    }

    #[test]
    fn the_parts_of_an_observation_stand_in_its_message() {
        let parts =
            vec![crate::data::Part::Blob { hash: "ab".into(), media_type: "image/png".into(), bytes: 7 }];
        let mut turn = call_node("shop_find", json!({"q": "Flat"}), "a picture", ToolOutcome::Ok);
        turn.calls[0].parts.clone_from(&parts);
        let found = view(vec![turn, answer_node("It is 3.")]);
        assert_eq!(found.trajectory.messages[3].parts, parts);
    }

    #[test]
    fn an_error_that_the_answer_tells_of_stays() {
        let gone = r#"{"error":{"code":404,"message":"no listing with id 'a7'"}}"#;
        let nodes = |answer: &str| {
            vec![
                call_node("shop_find", json!({"q": "Flat"}), r#"{"id": 3}"#, ToolOutcome::Ok),
                call_node("shop_list", json!({"id": "a7"}), gone, ToolOutcome::Refused),
                answer_node(answer),
            ]
        };
        for answer in [gone, "It is 3. The other: no listing with id 'a7'."] {
            assert_eq!((view(nodes(answer)).cut, view(nodes(answer)).calls.len()), (0, 2), "{answer}");
        }
        assert_eq!(view(nodes("It is 3.")).cut, 1);
    }

    #[test]
    fn errors_that_teach_nothing_are_cut_and_calls_numbered_anew() {
        let found = view(vec![
            call_node("shop_list", json!({}), "gone", ToolOutcome::Failed),
            call_node("shop_find", json!({"x": 1}), "Invalid arguments", ToolOutcome::InvalidArguments),
            call_node("shop_find", json!({"q": "Flat"}), r#"{"id": 3}"#, ToolOutcome::Ok),
            answer_node("It is 3."),
        ]);
        assert_eq!(found.cut, 2);
        assert_eq!(found.trajectory.messages.len(), 5);
        assert_eq!(found.trajectory.messages[2].tool_calls[0].id, "call_0");
        assert_eq!(found.trajectory.messages[3].tool_call_id.as_deref(), Some("call_0"));
        assert_eq!(found.calls.len(), 1);
    }
}
