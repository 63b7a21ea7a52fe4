//! What a strategy works through: it owns arena, budget and memo, and no model or tool is reached past it.

use super::calls::{Calls, Hands, Made, Position};
use super::turn::{self, Turn};
use crate::config::plan::SearchPlan;
use crate::data::{
    Backtrack, CallRecord, Node, NodeId, SearchTree, StateDiff, Tool, ToolCall, ToolOutcome, TreeEnd,
};
use crate::llm::Reply;
use crate::prompt::{Prompt, Scene, Turn as SceneTurn};
use serde_json::Value;

/// Who answers the search's prompts: the handle on models, or a script in tests.
pub(super) trait Answers {
    /// What keeps the task unfinished.
    type Error;
    /// Asks for the next reply.
    async fn ask(&mut self, prompt: &Prompt) -> Result<Reply, Self::Error>;
}

/// What an expansion came to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Step {
    /// A node from which the search can go on.
    Open(NodeId),
    /// A node that answers.
    Answered(NodeId),
    /// A node that leads nowhere (its `backtrack` says why).
    Dead,
    /// The budget does not allow it.
    OutOfBudget,
}

/// What is known of a node beside what is recorded of it.
struct Side<H> {
    /// The state after it. `None` where the environment does not fork, and when the search has left the node.
    position: Option<Position<H>>,
    /// Whether something was called in it that writes or destroys.
    effect: bool,
    /// The calls made in it, each with the state it was made in.
    made: Vec<Made>,
    /// What the model's provider wants sent back with it.
    kept: Vec<Value>,
}

/// Arena, budget and memo of one search.
pub(super) struct Context<'a, A: Answers, H: Hands> {
    tree: SearchTree,
    sides: Vec<Side<H>>,
    plan: &'a SearchPlan,
    scene: Scene,
    answers: A,
    calls: Calls<'a>,
    /// The only state there is, where the environment does not fork.
    shared: Option<Position<H>>,
}

impl<'a, A: Answers, H: Hands> Context<'a, A, H> {
    /// The root.
    pub const ROOT: NodeId = NodeId(0);

    /// Starts a search: an arena with its root, and the session's state at it.
    pub fn new(plan: &'a SearchPlan, tools: &[&'a Tool], scene: Scene, answers: A, hands: H) -> Self {
        let start = Position::start(hands);
        let (position, shared) = match start.fork() {
            Some(fork) => (Some(fork), None),
            None => (None, Some(start)),
        };
        Self {
            tree: SearchTree { nodes: vec![Node::default()], ..SearchTree::default() },
            sides: vec![Side { position, effect: false, made: Vec::new(), kept: Vec::new() }],
            plan,
            scene,
            answers,
            calls: Calls::new(tools, plan.max_calls),
            shared,
        }
    }

    /// Returns the plan.
    pub fn plan(&self) -> &'a SearchPlan {
        self.plan
    }

    /// Returns a node.
    pub fn node(&self, id: NodeId) -> &Node {
        self.tree.node(id)
    }

    /// Notes why the search leaves a node; its state is let go.
    pub fn leave(&mut self, id: NodeId, why: Backtrack) {
        self.tree.nodes[id.0 as usize].backtrack.get_or_insert(why);
        if id != Self::ROOT {
            self.sides[id.0 as usize].position = None;
        }
    }

    /// Says whether the search may try something else instead of a node: not when it had an effect that stays.
    pub fn can_undo(&self, id: NodeId) -> bool {
        self.shared.is_none() || !self.sides[id.0 as usize].effect
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
    /// of `tried` is refused and counted. The budget is taken before anything is asked or called.
    pub async fn expand(&mut self, parent: NodeId, tried: Vec<Vec<ToolCall>>) -> Result<Step, A::Error> {
        if self.tree.nodes.len() > self.plan.max_nodes as usize {
            return Ok(Step::OutOfBudget);
        }
        let reply = self.ask(parent, &tried).await?;
        let id = self.push(parent, &reply);
        match turn::read(&reply) {
            Turn::Answer(answer) => {
                let node = &mut self.tree.nodes[id.0 as usize];
                node.answer = Some(answer);
                self.sides[id.0 as usize].position = self.fork(parent);
                Ok(Step::Answered(id))
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
            Turn::Calls(calls) => Ok(self.act(parent, id, calls, &tried).await),
        }
    }

    async fn ask(&mut self, parent: NodeId, tried: &[Vec<ToolCall>]) -> Result<Reply, A::Error> {
        self.scene.history = self.history(parent);
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
        self.sides.push(Side { position: None, effect: false, made: Vec::new(), kept: reply.kept.clone() });
        id
    }

    fn fork(&self, id: NodeId) -> Option<Position<H>> {
        self.sides[id.0 as usize].position.as_ref()?.fork()
    }

    async fn act(
        &mut self,
        parent: NodeId,
        id: NodeId,
        calls: Vec<ToolCall>,
        tried: &[Vec<ToolCall>],
    ) -> Step {
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
            return Step::Dead;
        }
        let above = made.len();
        let forked = self.fork(parent);
        let forks = forked.is_some();
        let mut at = forked.or_else(|| self.shared.take()).expect("a node below which one asks has a state");
        let mut step = Step::Open(id);
        for call in calls {
            let Some(outcome) = self.calls.make(call, &mut at, &mut made, &mut self.tree.cost).await else {
                step = Step::OutOfBudget;
                break;
            };
            self.sides[id.0 as usize].effect |= outcome.effect;
            self.tree.nodes[id.0 as usize].calls.push(outcome.record);
        }
        let side = &mut self.sides[id.0 as usize];
        side.made = made.split_off(above);
        *(if forks { &mut side.position } else { &mut self.shared }) = Some(at);
        step
    }

    fn history(&self, leaf: NodeId) -> Vec<SceneTurn> {
        let path = self.tree.path(leaf);
        let turn = |id: &NodeId| {
            let node = self.tree.node(*id);
            let calls = node.calls.iter().map(|r| (r.call.clone(), r.observation.clone())).collect();
            let kept = self.sides[id.0 as usize].kept.clone();
            SceneTurn { thought: node.thought.clone(), calls, kept }
        };
        path[1..].iter().map(turn).collect()
    }

    /// Ends the search: the tree, and what its answered path changed.
    pub fn end(mut self, end: TreeEnd) -> (SearchTree, Option<StateDiff>) {
        self.tree.end = end;
        let TreeEnd::Answered(leaf) = end else { return (self.tree, None) };
        let at = self.sides[leaf.0 as usize].position.as_ref().or(self.shared.as_ref());
        let diff = at.and_then(|position| position.hands.diff());
        (self.tree, diff)
    }
}

fn refused(call: ToolCall) -> CallRecord {
    CallRecord { call, observation: String::new(), outcome: ToolOutcome::Repeated }
}
