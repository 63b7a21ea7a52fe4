//! What the user wants done: which tools' effects the clauses ask for.

use super::mind::Mind;
use super::names;
use super::toolbox::{Role, Tool};
use super::values::shape_fit;
use super::verbs::{self, Class};
use std::ops::Range;

/// An effect that is wanted.
#[derive(Clone, Debug)]
pub struct Goal {
    /// Tools that may have it, best first.
    pub tools: Vec<usize>,
    /// The words that ask for it.
    pub words: Range<usize>,
}

/// A verb that asks for an effect.
struct Asked {
    at: usize,
    classes: Vec<Class>,
    clause: Range<usize>,
}

/// Words before which a verb's form is a noun.
const DETERMINERS: [&str; 36] = [
    "the", "a", "an", "my", "our", "his", "her", "their", "its", "your", "this", "that", "last", "latest",
    "recent", "first", "next", "any", "new", "open", "some", "each", "every", "no", "another", "which",
    "what", "one", "of", "in", "order", "for", "from", "by", "with", "on",
];

impl Mind<'_> {
    /// Finds the effects that are asked for, in order.
    pub fn goals(&self) -> Vec<Goal> {
        let mut goals: Vec<Goal> = Vec::new();
        for asked in self.asked_effects() {
            let mut scored: Vec<(f64, usize)> = self
                .tools
                .tools
                .iter()
                .enumerate()
                .filter(|(_, t)| t.class != Class::Read)
                .map(|(i, t)| (self.suits(t, &asked), i))
                .filter(|(score, _)| *score >= 1.0)
                .collect();
            scored.sort_by(|a, b| b.0.total_cmp(&a.0).then(a.1.cmp(&b.1)));
            let top = scored.first().map_or(0.0, |s| s.0);
            let tools: Vec<usize> =
                scored.iter().filter(|(s, _)| *s >= top - 0.8).map(|(_, t)| *t).take(4).collect();
            let Some(&tool) = tools.first() else { continue };
            let words = asked.clause.clone();
            // The same effect asked for in two breaths is one, unless each brings a value of its own.
            let own_value = |range: &Range<usize>| {
                self.u.given.iter().any(|g| {
                    let at = self.u.words_in(&g.span).start;
                    range.contains(&at)
                        && self.tool(tool).params.iter().any(|p| shape_fit(&g.shape, &p.role) >= 0.85)
                })
            };
            if let Some(same) = goals.iter_mut().find(|g| g.tools[0] == tool)
                && (self.tool(tool).class != Class::Create || !own_value(&words) || !own_value(&same.words))
            {
                same.words = same.words.start.min(words.start)..same.words.end.max(words.end);
                continue;
            }
            goals.push(Goal { tools, words });
        }
        // A lone effect may draw on all that was said.
        if let [only] = goals.as_mut_slice() {
            only.words = 0..self.u.words.len();
        }
        goals
    }

    fn asked_effects(&self) -> Vec<Asked> {
        let words = &self.u.words;
        let mut out: Vec<Asked> = Vec::new();
        for clause in &self.u.clauses {
            let mut question = false;
            for at in clause.words.clone() {
                let word = &words[at];
                if word.quoted {
                    continue;
                }
                if matches!(
                    word.text.as_str(),
                    "who"
                        | "whose"
                        | "what"
                        | "when"
                        | "where"
                        | "which"
                        | "why"
                        | "whether"
                        | "what's"
                        | "who's"
                        | "when's"
                ) || word.text == "how"
                {
                    question = true;
                }
                let Some(classes) = verbs::wanted(&word.text) else { continue };
                let before = at.checked_sub(1).map_or("", |b| words[b].text.as_str());
                let noun = DETERMINERS.contains(&before) && at > clause.words.start;
                let form = word.text.ends_with("ed") || word.text.ends_with("en");
                let passive = words[clause.words.start..at].iter().rev().take(4).any(|w| {
                    matches!(
                        w.text.as_str(),
                        "be" | "get" | "have" | "want" | "need" | "needs" | "like" | "it"
                    )
                });
                let past = form && !passive
                    || matches!(before, "was" | "were" | "been" | "has" | "had" | "did" | "is" | "are")
                        && word.text != "be";
                let named = self
                    .fits
                    .iter()
                    .any(|f| f.named && f.words.iter().any(|w| w.len() > 1 && w.contains(&at)));
                let reports =
                    matches!(word.text.as_str(), "be" | "check" | "give" | "need" | "should" | "become")
                        && clause.asks;
                if noun || past || question || named || reports {
                    continue;
                }
                out.push(Asked { at, classes, clause: clause.words.clone() });
            }
        }
        // Of the verbs in one clause, the first one that is plain decides; vague ones yield to it.
        let vague = |a: &Asked| {
            matches!(
                words[a.at].text.as_str(),
                "be" | "need"
                    | "should"
                    | "give"
                    | "become"
                    | "take"
                    | "open"
                    | "check"
                    | "start"
                    | "be"
                    | "plan"
                    | "like"
            )
        };
        let clauses: Vec<Range<usize>> = out.iter().map(|a| a.clause.clone()).collect();
        let plain: Vec<bool> = out.iter().map(|a| !vague(a)).collect();
        let mut i = 0;
        out.retain(|a| {
            let others =
                clauses.iter().zip(&plain).enumerate().any(|(j, (c, p))| j != i && *c == a.clause && *p);
            let keep = !(vague(a) && others);
            i += 1;
            keep
        });
        out
    }

    /// How well a tool suits a verb that asks for an effect; 1 is where it begins to tell.
    fn suits(&self, tool: &Tool<'_>, asked: &Asked) -> f64 {
        let verb = &self.u.words[asked.at];
        let base = verbs::base(&verb.text).unwrap_or_else(|| verb.text.clone());
        let base = crate::checks::natural::stem(&base);
        let literal = tool.name.contains(&base)
            || tool.name.contains(&verb.stem)
            || tool.about.iter().take(6).any(|s| *s == base || *s == verb.stem);
        let rank = asked.classes.iter().position(|c| *c == tool.class);
        let verbal = match (rank, literal) {
            (Some(_), true) => 1.35,
            (Some(rank), false) if tool.class != Class::Act => 1.0 - 0.08 * rank as f64,
            (None, true) => 0.8,
            // Saying something to somebody is done by what sends.
            (Some(_), false)
                if tool
                    .about
                    .iter()
                    .chain(&tool.name)
                    .any(|s| matches!(s.as_str(), "send" | "sms" | "messag" | "dispatch")) =>
            {
                0.9
            }
            _ => return 0.0,
        };
        let mut score = verbal + self.about_noun(tool, &asked.clause);
        let given: Vec<_> =
            self.u.given.iter().filter(|g| asked.clause.contains(&self.u.words_in(&g.span).start)).collect();
        for param in &tool.params {
            let label = param.stems.iter().any(|s| {
                s.len() > 2
                    && self.u.words[asked.clause.clone()].iter().any(|w| w.stem == *s && !w.quoted && !w.stop)
            });
            if label && !matches!(param.role, Role::Id(_)) {
                score += 0.12;
            }
            let typed = matches!(param.role, Role::Email | Role::Phone | Role::Url | Role::Moment);
            if typed && given.iter().any(|g| shape_fit(&g.shape, &param.role) >= 1.0) {
                score += 0.15;
            }
            if typed
                && param.required
                && !self.u.given.iter().any(|g| shape_fit(&g.shape, &param.role) >= 0.3)
                && param.role != Role::Url
            {
                score -= 0.4;
            }
        }
        score
    }

    /// How well what a tool is about fits the words: the thing itself in the clause best, as a place ("in the list") less.
    fn about_noun(&self, tool: &Tool<'_>, clause: &Range<usize>) -> f64 {
        let Some(head) = tool.noun.last() else { return 0.0 };
        let words = &self.u.words;
        let mut best = 0.0_f64;
        let mut contained = 0.0_f64;
        for (i, word) in words.iter().enumerate().filter(|(_, w)| !w.quoted) {
            let at_home = if clause.contains(&i) { 1.0 } else { 0.75 };
            let place = self.is_place(i);
            if word.stem == *head {
                let rest = &tool.noun[..tool.noun.len() - 1];
                let near = &words[i.saturating_sub(3)..i];
                let modifiers = if rest.is_empty() {
                    1.0
                } else {
                    rest.iter().filter(|r| near.iter().any(|w| w.stem == **r)).count() as f64
                        / rest.len() as f64
                };
                best = best.max((0.7 + 0.3 * modifiers) * at_home * if place { 0.45 } else { 1.0 });
            }
            let holds = tool.params.iter().any(|p| p.required && matches!(&p.role, Role::Id(n) if n.last() == Some(&word.stem) && n.last() != Some(head)));
            if holds && place {
                contained = contained.max(0.45 * at_home);
            }
        }
        // What a record called by name turned out to be tells most.
        let mut seen = 0.0_f64;
        for (i, fit) in self.fits.iter().enumerate().filter(|(_, f)| f.named) {
            let kind = &self.memory.records[i].kind;
            let placed = fit.words.iter().any(|w| self.is_place(w.start));
            if names::alike(kind, &tool.noun) >= 0.9 && self.memory.records[i].within.is_none() {
                seen = seen.max(if placed { 0.1 } else { 0.5 });
            }
        }
        best + contained + seen
    }

    /// Whether a word is where something is, not what it is: "in my Flat list", "from the calendar".
    fn is_place(&self, at: usize) -> bool {
        let words = &self.u.words;
        let mut i = at;
        for _ in 0..5 {
            let Some(before) = i.checked_sub(1) else { return false };
            let text = words[before].text.as_str();
            if matches!(
                text,
                "in" | "from" | "on" | "into" | "onto" | "under" | "within" | "inside" | "to" | "off"
            ) {
                return true;
            }
            let passes = words[before].quoted
                || DETERMINERS[..10].contains(&text)
                || !words[before].stop
                    && self.u.text[words[before].span.clone()].starts_with(char::is_uppercase)
                || i == at && !words[before].stop;
            if !passes {
                return false;
            }
            i = before;
        }
        false
    }
}
