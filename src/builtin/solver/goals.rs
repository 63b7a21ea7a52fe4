//! Which tools have the effect that a want asks for.

use super::arguments::shape_fit;
use super::mind::Mind;
use super::names;
use super::toolbox::{Role, Tool};
use super::verbs::{self, Class};
use super::wants;
use std::ops::Range;

/// An effect that is wanted.
#[derive(Clone, Debug)]
pub struct Goal {
    /// Whether nothing but the verb speaks for them.
    pub unsure: bool,
    /// Tools that may have it, best first.
    pub tools: Vec<usize>,
}

/// A verb that asks for an effect.
struct Asked {
    at: usize,
    classes: Vec<Class>,
    clause: Range<usize>,
}

impl Mind<'_> {
    /// Finds the effect that is asked for.
    pub fn goal(&self, before: Option<&Goal>) -> Option<Goal> {
        if self.u.asks {
            return None;
        }
        let clause = self.u.own.clone();
        let (at, classes) = wants::effect(&self.u.words, clause.clone())?;
        let asked = Asked { at, classes, clause };
        let effects = self.tools.tools.iter().enumerate().filter(|(_, t)| t.class != Class::Read);
        let into =
            before.map(|g| self.tool(g.tools[0])).filter(|t| t.class == Class::Create && self.puts_into());
        let nested = |t: &Tool<'_>| match into {
            Some(made) if t.class != Class::Create => -f64::from(u8::from(t.noun == made.noun)),
            Some(made) if t.noun == made.noun => -1.0,
            Some(made) => {
                let takes = |n: &Vec<String>| names::alike(n, &made.noun) >= 0.9;
                f64::from(u8::from(
                    t.params.iter().any(|p| p.required && matches!(&p.role, Role::Id(n) if takes(n))),
                ))
            }
            None => 0.0,
        };
        let mut scored: Vec<(f64, usize)> = effects
            .map(|(i, t)| (self.suits(t, &asked) + nested(t), i))
            .filter(|(score, _)| *score >= 1.0)
            .collect();
        scored.sort_by(|a, b| b.0.total_cmp(&a.0).then(a.1.cmp(&b.1)));
        let mut unsure = false;
        if scored.is_empty() {
            // What is asked for in the same breath as something like it is done by the same tool.
            if let Some(goal) = before.filter(|g| Some(&self.tool(g.tools[0]).class) == asked.classes.first())
            {
                return Some(goal.clone());
            }
            scored = self.by_class(&asked);
            unsure = true;
        }
        let top = scored.first()?.0;
        let tools: Vec<usize> =
            scored.iter().filter(|(s, _)| *s >= top - 0.7).map(|(_, t)| *t).take(3).collect();
        Some(Goal { unsure, tools })
    }

    /// Where nothing names the thing, a tool that does what the verb wants and takes what is given may be meant.
    fn by_class(&self, asked: &Asked) -> Vec<(f64, usize)> {
        let called = self
            .u
            .given
            .iter()
            .any(|g| matches!(g.shape, super::utterance::Shape::Quoted | super::utterance::Shape::Name));
        let effects = self
            .tools
            .tools
            .iter()
            .enumerate()
            .filter(|(_, t)| called && asked.classes.first() == Some(&t.class) && t.class != Class::Act);
        let takes = |t: &Tool<'_>| {
            t.params.iter().any(|p| {
                p.path.len() == 1
                    && matches!(p.path[0].as_str(), "name" | "title" | "summary" | "subject" | "text")
            }) || t.class == Class::Delete
        };
        effects.filter(|(_, t)| takes(t)).map(|(i, _)| (1.0, i)).collect()
    }

    /// How well a tool's parameters fit what is said: labels that stand there, values of a shape that only they take.
    fn takes_what_is_said(&self, tool: &Tool<'_>, asked: &Asked) -> (f64, bool) {
        let mut fits = 0.0;
        let mut typed_fit = false;
        for param in &tool.params {
            let label = param.stems.iter().any(|s| {
                s.len() > 2
                    && self.u.words[asked.clause.clone()]
                        .iter()
                        .any(|w| names::same(&w.stem, s) && !w.quoted && !w.stop)
            });
            if label && !matches!(param.role, Role::Id(_)) {
                fits += 0.12;
            }
            let typed = matches!(param.role, Role::Email | Role::Phone | Role::Url | Role::Moment);
            if typed && self.u.given.iter().any(|g| shape_fit(&g.shape, &param.role) >= 1.0) {
                fits += 0.15;
                typed_fit = true;
            }
            if typed
                && param.required
                && !self.u.given.iter().any(|g| shape_fit(&g.shape, &param.role) >= 0.3)
                && param.role != Role::Url
            {
                fits -= 0.4;
            }
        }
        (fits, typed_fit)
    }

    /// How well a tool suits a verb that asks for an effect; 1 is where it begins to tell.
    fn suits(&self, tool: &Tool<'_>, asked: &Asked) -> f64 {
        let verb = &self.u.words[asked.at];
        let base = verbs::base(&verb.text).unwrap_or_else(|| verb.text.clone());
        let base = crate::words::stem(&base);
        let literal = tool.name.contains(&base)
            || tool.name.contains(&verb.stem)
            || tool.about.iter().take(6).any(|s| *s == base || *s == verb.stem);
        let undoes = |words: &[String]| {
            words
                .iter()
                .take(4)
                .any(|w| matches!(w.as_str(), "delet" | "remov" | "unfollow" | "unlink" | "unsubscrib"))
        };
        let against = undoes(&tool.name) || undoes(&tool.about[..tool.about.len().min(1)]);
        let undoing = asked.classes.contains(&Class::Delete) || verb.text.starts_with("un");
        if tool.class == Class::Act && (against && !undoing || !against && verb.text.starts_with("un")) {
            return 0.0;
        }
        let turned = undoing
            && against
            && verb
                .text
                .strip_prefix("un")
                .is_some_and(|b| tool.name.iter().any(|n| *n == crate::words::stem(b)));
        let literal = literal || turned;
        let rank = asked.classes.iter().position(|c| *c == tool.class);
        let in_name = tool.name.contains(&base) || tool.name.contains(&verb.stem);
        let verbal = match (rank, literal) {
            (Some(_), true) => {
                if in_name {
                    1.6
                } else {
                    1.35
                }
            }
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
        let noun = self.about_noun(tool, &asked.clause);
        let (fits, typed_fit) = self.takes_what_is_said(tool, asked);
        // A verb alone tells nothing of what it is done to.
        let called = self
            .u
            .given
            .iter()
            .any(|g| matches!(g.shape, super::utterance::Shape::Quoted | super::utterance::Shape::Name));
        let noun = if tool.class == Class::Update && self.says_value_of(tool) {
            f64::max(noun, 0.3) + 0.1
        } else {
            noun
        };
        if noun < 0.25 && !typed_fit && !(in_name && called && tool.class == Class::Act) {
            return 0.0;
        }
        let partial = if tool.name.iter().any(|n| n == "patch") { 0.06 } else { 0.0 };
        verbal + 1.2 * noun + f64::min(fits, 0.5) + partial
    }

    /// Whether something is put on, in or to what was just spoken of.
    fn puts_into(&self) -> bool {
        let own = &self.u.words[self.u.own.clone()];
        own.windows(2).any(|w| {
            matches!(w[0].text.as_str(), "on" | "in" | "to" | "into" | "onto")
                && matches!(w[1].text.as_str(), "it" | "there" | "that")
        })
    }

    /// Whether one of a few values that a parameter takes is said.
    fn says_value_of(&self, tool: &Tool<'_>) -> bool {
        let choices = tool.params.iter().filter(|p| p.role == Role::Enum && p.path.len() == 1);
        choices.into_iter().any(|p| super::values::enum_said(self, p).is_some())
    }

    /// How well what a tool is about fits the words: the thing itself best, as a place ("in the list") less.
    fn about_noun(&self, tool: &Tool<'_>, clause: &Range<usize>) -> f64 {
        let Some(head) = tool.noun.last() else { return 0.0 };
        let words = &self.u.words;
        let mut best = 0.0_f64;
        let mut contained = 0.0_f64;
        for (i, word) in words.iter().enumerate().filter(|(_, w)| !w.quoted) {
            let at_home = if clause.contains(&i) { 1.0 } else { 0.75 };
            let place = self.is_place(i);
            if names::means(&word.stem, head) {
                let at_home = if word.stem == *head { at_home } else { 0.9 * at_home };
                let rest = &tool.noun[..tool.noun.len() - 1];
                let near = &words[i.saturating_sub(3)..i];
                let modifiers = if rest.is_empty() {
                    1.0
                } else {
                    rest.iter().filter(|r| near.iter().any(|w| w.stem == **r)).count() as f64
                        / rest.len() as f64
                };
                best = best.max((0.7 + 0.3 * modifiers) * at_home * if place { 0.3 } else { 1.0 });
            } else if tool.noun.len() > 1 && tool.noun.contains(&word.stem) {
                best = best.max(if place { 0.1 } else { 0.3 });
            } else if tool.name.contains(&word.stem) && verbs::wanted(&word.text).is_none() {
                best = best.max(if place { 0.2 } else { 0.4 });
            }
            // What is done to a thing takes its id, whatever else the tool speaks of.
            let taken = tool.class == Class::Act
                && tool
                    .params
                    .iter()
                    .any(|p| p.required && matches!(&p.role, Role::Id(n) if n.last() == Some(&word.stem)));
            if taken {
                best = best.max(if place { 0.4 } else { 0.9 });
            }
            let holds = tool.params.iter().any(|p| p.required && matches!(&p.role, Role::Id(n) if n.last() == Some(&word.stem) && n.last() != Some(head)));
            if holds && place {
                contained = contained.max(0.5 * at_home);
            }
        }
        // What a record called by name turned out to be tells most.
        let mut seen = 0.0_f64;
        if tool.class == Class::Create {
            return best + contained;
        }
        for (i, fit) in self.fits.iter().enumerate().filter(|(_, f)| f.named) {
            let kind = &self.memory.records[i].kind;
            let placed = fit.words.iter().any(|w| self.is_place(w.start));
            let taken = tool.class == Class::Act
                && tool
                    .params
                    .iter()
                    .any(|p| p.required && matches!(&p.role, Role::Id(n) if names::alike(n, kind) >= 0.9));
            if (names::alike(kind, &tool.noun) >= 0.9 || taken) && self.memory.records[i].within.is_none() {
                seen = seen.max(if placed { 0.1 } else { 0.5 });
            }
        }
        best + contained + seen
    }
}
