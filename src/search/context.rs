//! What a strategy works through: it owns arena, budget and memo, and no model or tool is reached past it.

use super::calls::{Calls, Made, Position};
use super::turn::{self, Turn};
use crate::config::plan::SearchPlan;
use crate::data::{
    AnsweredLeaf, Backtrack, CallRecord, Node, NodeId, SearchTree, Tool, ToolCall, ToolOutcome, TreeEnd,
};
use crate::environment::{EdgeError, Session};
use crate::llm::Reply;
use crate::prompt::{Prompt, Scene, Turn as SceneTurn};
use serde_json::Value;
use std::collections::BTreeMap;

/// Who answers the search's prompts: the handle on models, or a script in tests.
pub(super) trait Answers {
    /// Asks for the next reply. An error leaves the task unfinished.
    async fn ask(&mut self, prompt: &Prompt) -> Result<Reply, EdgeError>;
}

/// What an expansion came to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Step {
    /// A node from which the search can go on.
    Open(NodeId),
    /// A node that answers; it stands among the tree's answers with the state that it leaves.
    Answered,
    /// A node that leads nowhere (its `backtrack` says why).
    Dead,
    /// The budget does not allow it.
    OutOfBudget,
}

/// What is known of a node beside what is recorded of it.
#[derive(Default)]
struct Side {
    /// Whether something was called in it that writes or destroys.
    effect: bool,
    /// The calls made in it, each with the state it was made in.
    made: Vec<Made>,
    /// What the model's provider wants sent back with it.
    kept: Vec<Value>,
}

/// The states that the nodes are in.
enum States {
    /// By node; the root has one. A node in which nothing was called has that of the node before. They stay until the search
    /// ends, so that a strategy may come back to any node.
    Forked(BTreeMap<NodeId, Position>),
    /// The only one there is: the environment does not fork.
    Shared(Position),
}

/// Arena, budget and memo of one search.
pub(super) struct Context<'a, A: Answers> {
    tree: SearchTree,
    sides: Vec<Side>,
    states: States,
    plan: &'a SearchPlan,
    scene: Scene,
    answers: A,
    calls: Calls<'a>,
}

impl<'a, A: Answers> Context<'a, A> {
    /// The root.
    pub const ROOT: NodeId = NodeId(0);

    /// Starts a search: an arena with its root, and the session's state at it.
    pub async fn new(
        plan: &'a SearchPlan,
        tools: &[&'a Tool],
        scene: Scene,
        answers: A,
        session: Session,
    ) -> Result<Self, EdgeError> {
        let start = Position::start(session).await?;
        let states = if start.session.abilities().forks {
            States::Forked(BTreeMap::from([(Self::ROOT, start)]))
        } else {
            States::Shared(start)
        };
        Ok(Self {
            tree: SearchTree { nodes: vec![Node::default()], ..SearchTree::default() },
            sides: vec![Side::default()],
            states,
            plan,
            scene,
            answers,
            calls: Calls::new(tools, plan.max_calls),
        })
    }

    /// Returns the plan.
    pub fn plan(&self) -> &'a SearchPlan {
        self.plan
    }

    /// Returns a node.
    pub fn node(&self, id: NodeId) -> &Node {
        self.tree.node(id)
    }

    /// Notes why the search leaves a node.
    pub fn leave(&mut self, id: NodeId, why: Backtrack) {
        self.tree.nodes[id.0 as usize].backtrack.get_or_insert(why);
    }

    /// Says whether the search may try something else instead of a node: not when it had an effect that stays.
    pub fn can_undo(&self, id: NodeId) -> bool {
        matches!(self.states, States::Forked(_)) || !self.sides[id.0 as usize].effect
    }

    /// Returns the calls of each of a node's children that made some.
    pub fn tried(&self, parent: NodeId) -> Vec<Vec<ToolCall>> {
        let turns = self.tree.nodes.iter().filter(|node| {
            node.parent == Some(parent)
                && !node.calls.is_empty()
                && node.backtrack != Some(Backtrack::RepeatedSibling)
        });
        turns.map(|node| node.calls.iter().map(|record| record.call.clone()).collect()).collect()
    }

    /// Asks for one reply below `parent` and acts on it: one node, its calls executed in order. A turn equal to one
    /// of `tried` is refused and counted. The budget is taken before anything is asked or called. An error leaves the task
    /// unfinished.
    pub async fn expand(&mut self, parent: NodeId, tried: Vec<Vec<ToolCall>>) -> Result<Step, EdgeError> {
        if self.tree.nodes.len() > self.plan.max_nodes as usize {
            return Ok(Step::OutOfBudget);
        }
        let reply = self.ask(parent, &tried).await?;
        let id = self.push(parent, &reply);
        match turn::read(&reply) {
            Turn::Answer(answer) => {
                self.tree.nodes[id.0 as usize].answer = Some(answer);
                let session = &mut self.position(parent).session;
                let state =
                    if session.abilities().tells_changes { Some(session.changes().await?) } else { None };
                self.tree.answers.push(AnsweredLeaf { node: id, state });
                Ok(Step::Answered)
            }
            Turn::GaveUp(reason) => {
                self.tree.nodes[id.0 as usize].thought = reason;
                self.leave(id, Backtrack::GaveUp);
                Ok(Step::Dead)
            }
            Turn::Malformed => {
                self.leave(id, Backtrack::Malformed);
                Ok(Step::Dead)
            }
            Turn::Calls(calls) => self.act(parent, id, calls, &tried).await,
        }
    }

    async fn ask(&mut self, parent: NodeId, tried: &[Vec<ToolCall>]) -> Result<Reply, EdgeError> {
        self.scene.history = history(&self.tree, &self.sides, parent);
        self.scene.tried = tried.to_vec();
        let prompt = Prompt::Act(std::mem::take(&mut self.scene));
        let reply = self.answers.ask(&prompt).await;
        if let Prompt::Act(scene) = prompt {
            self.scene = scene;
        }
        let reply = reply?;
        self.tree.cost.llm_calls += 1;
        self.tree.cost.tokens_in += reply.usage.tokens_in;
        self.tree.cost.tokens_out += reply.usage.tokens_out;
        Ok(reply)
    }

    fn push(&mut self, parent: NodeId, reply: &Reply) -> NodeId {
        let id = NodeId(u32::try_from(self.tree.nodes.len()).expect("`max_nodes` is a u32"));
        self.tree.nodes.push(Node {
            parent: Some(parent),
            depth: self.tree.node(parent).depth + 1,
            thought: reply.content.trim().to_owned(),
            reasoning: reply.reasoning.trim().to_owned(),
            ..Node::default()
        });
        self.sides.push(Side { kept: reply.kept.clone(), ..Side::default() });
        id
    }

    /// Returns the state that a node is in.
    fn position(&mut self, id: NodeId) -> &mut Position {
        match &mut self.states {
            States::Shared(position) => position,
            States::Forked(positions) => {
                let holds = self.tree.path(id).into_iter().rev().find(|id| positions.contains_key(id));
                holds.and_then(|id| positions.get_mut(&id)).expect("the root has a state")
            }
        }
    }

    async fn act(
        &mut self,
        parent: NodeId,
        id: NodeId,
        calls: Vec<ToolCall>,
        tried: &[Vec<ToolCall>],
    ) -> Result<Step, EdgeError> {
        let path = self.tree.path(parent);
        let first: usize = path.iter().map(|id| self.tree.node(*id).calls.len()).sum();
        let mut made: Vec<Made> = path.iter().flat_map(|id| self.sides[id.0 as usize].made.clone()).collect();
        let mut calls = calls;
        for (i, call) in calls.iter_mut().enumerate() {
            call.id = format!("call_{}", first + i);
        }
        let signature = turn::signature(&calls);
        if tried.iter().any(|turn| turn::signature(turn) == signature) {
            self.tree.cost.refused_repeats += 1;
            self.tree.nodes[id.0 as usize].calls = calls.into_iter().map(refused).collect();
            self.leave(id, Backtrack::RepeatedSibling);
            return Ok(Step::Dead);
        }
        let above = made.len();
        if matches!(self.states, States::Forked(_)) {
            let fork = self.position(parent).fork().await?;
            if let States::Forked(positions) = &mut self.states {
                positions.insert(id, fork);
            }
        }
        let mut step = Step::Open(id);
        for call in calls {
            let at = match &mut self.states {
                States::Shared(position) => position,
                States::Forked(positions) => positions.get_mut(&id).expect("it was just forked"),
            };
            let Some(outcome) = self.calls.make(call, at, &mut made, &mut self.tree.cost).await? else {
                step = Step::OutOfBudget;
                break;
            };
            self.sides[id.0 as usize].effect |= outcome.effect;
            self.tree.nodes[id.0 as usize].calls.push(outcome.record);
        }
        self.sides[id.0 as usize].made = made.split_off(above);
        Ok(step)
    }

    /// Ends the search, however it went, and its sessions.
    pub async fn end(self, end: Result<TreeEnd, EdgeError>) -> Result<SearchTree, EdgeError> {
        let positions = match self.states {
            States::Shared(position) => vec![position],
            States::Forked(positions) => positions.into_values().collect(),
        };
        for position in positions {
            // It comes too late to matter: all that the session said is remembered.
            let _ = position.session.close().await;
        }
        Ok(SearchTree { end: end?, ..self.tree })
    }
}

/// Returns the turns on the way to a node, as its scene shows them.
fn history(tree: &SearchTree, sides: &[Side], leaf: NodeId) -> Vec<SceneTurn> {
    let turn = |id: &NodeId| {
        let node = tree.node(*id);
        let calls = node.calls.iter().map(|r| (r.call.clone(), r.observation.clone())).collect();
        let thought = node.answer.as_ref().unwrap_or(&node.thought).clone();
        let kept = sides[id.0 as usize].kept.clone();
        SceneTurn { thought, calls, user: node.user.clone(), kept }
    };
    tree.path(leaf)[1..].iter().map(turn).collect()
}

fn refused(call: ToolCall) -> CallRecord {
    CallRecord { call, observation: String::new(), parts: Vec::new(), outcome: ToolOutcome::Repeated }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::checks::testing::{answer_node, call_node, tree_of};
    use serde_json::json;

    #[test]
    fn a_scene_shows_what_was_answered_and_what_the_user_said_to_it() {
        let tree = tree_of(vec![
            call_node("shop_find", json!({"q": "Flat"}), "3", ToolOutcome::Ok),
            Node { user: Some("And the attic?".into()), ..answer_node("It is 3.") },
        ]);
        let sides: Vec<Side> = tree.nodes.iter().map(|_| Side::default()).collect();
        let turns = history(&tree, &sides, NodeId(2));
        assert_eq!((turns.len(), turns[0].calls[0].1.as_str()), (2, "3"));
        assert_eq!(
            (turns[1].thought.as_str(), turns[1].user.as_deref()),
            ("It is 3.", Some("And the attic?"))
        );
    }
}
