//! The asked half of the stage: which judges are asked of a row, what they are shown, and what becomes of the row by
//! what they said. Rows come here when the pure rules have kept them.

use super::score::quality;
use crate::config::Plan;
use crate::config::plan::JudgedRows;
use crate::data::{Reason, Sample, Stage, Verified};
use crate::prompt::{Prompt, Rubric, Trial};
use serde::Serialize;
use std::collections::BTreeMap;

/// The rules' names.
pub(super) const NAMES: [&str; 2] = ["judged", "verified"];

/// What a judge said of a row.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Judgement {
    /// Whether what its rubric asks holds.
    pub solved: bool,
    /// Why.
    pub reason: String,
}

impl Judgement {
    /// Reads a judge's reply.
    pub fn read(reply: &str) -> Self {
        match crate::prompt::parse::judgement(reply) {
            Some((solved, reason)) => Self { solved, reason },
            None => Self { solved: false, reason: "the judge's reply holds no judgement".to_owned() },
        }
    }
}

/// Returns the names of the judges that are asked of a row, in their order: none of a row that is dropped already.
pub fn judges_of<'p>(sample: &Sample, plan: &'p Plan) -> Vec<&'p str> {
    let is_asked = |rows: JudgedRows| match rows {
        JudgedRows::All => true,
        JudgedRows::Unreferenced => sample.reference.is_none(),
    };
    if sample.dropped.is_some() {
        return Vec::new();
    }
    let judges = plan.filter.judges.iter().filter(|(_, judge)| is_asked(judge.rows));
    judges.map(|(name, _)| name.as_str()).collect()
}

/// Returns what a judge is shown of a row: its messages as they are trained on, the offered tools and the rubric.
pub fn trial(sample: &Sample, judge: &str, plan: &Plan) -> Prompt {
    let rubric = match plan.filter.judges.get(judge).and_then(|judge| judge.rubric.clone()) {
        Some(text) => Rubric::Text(text),
        None => Rubric::Named(judge.to_owned()),
    };
    Prompt::Judge(Trial { rubric, tools: sample.tools.clone(), messages: sample.messages.clone() })
}

/// Ends the judging of a row by itself: by what judges said of it and what was known before.
pub fn conclude(sample: &mut Sample, said: &BTreeMap<String, Judgement>, plan: &Plan) {
    for (name, judgement) in said {
        sample.scores.insert(format!("judge_{name}"), f64::from(u8::from(judgement.solved)));
    }
    if !said.is_empty() {
        sample.provenance["judges"] = serde_json::json!(said);
        if sample.verified == Verified::None && said.values().all(|judgement| judgement.solved) {
            sample.verified = Verified::Judge;
        }
    }
    let (score, unverified) = match sample.verified {
        Verified::State | Verified::Facts => (1.0, false),
        Verified::Judge => (0.8, false),
        Verified::None => (0.0, !plan.filter.keep_unverified),
    };
    sample.scores.insert("verified".to_owned(), score);
    let is_on = |rule: &str| !plan.filter.disabled.iter().any(|name| name == rule);
    if sample.dropped.is_none() {
        let refusal = said.iter().find(|(_, judgement)| !judgement.solved);
        if let Some((name, judgement)) = refusal.filter(|_| is_on("judged")) {
            let reason = format!("{name}: {}", judgement.reason);
            sample.dropped = Some(Reason::new(Stage::Filter, "judged", reason));
        } else if unverified && is_on("verified") {
            let reason = "nothing says that it is right";
            sample.dropped = Some(Reason::new(Stage::Filter, "verified", reason));
        }
    }
    sample.quality = quality(sample);
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::filter::testing::{Shop, judged, plan};

    fn said(solved: bool) -> BTreeMap<String, Judgement> {
        BTreeMap::from([("solved".to_owned(), Judgement { solved, reason: "because".to_owned() })])
    }

    fn free() -> Sample {
        let mut shop = Shop { referenced: false, ..Shop::solved() }.row();
        shop.dropped = None;
        shop
    }

    #[test]
    fn a_row_without_reference_needs_a_judge() {
        assert_eq!(judges_of(&free(), &plan()), ["solved"]);
        let rule = |sample: &Sample| sample.dropped.as_ref().map(|reason| reason.rule.clone());
        let mut unasked = free();
        conclude(&mut unasked, &BTreeMap::new(), &plan());
        assert_eq!(rule(&unasked).as_deref(), Some("verified"));
        let mut kept = free();
        conclude(&mut kept, &said(true), &plan());
        assert_eq!((rule(&kept), kept.verified), (None, Verified::Judge));
        let mut refused = free();
        conclude(&mut refused, &said(false), &plan());
        assert_eq!(rule(&refused).as_deref(), Some("judged"));
        assert_eq!(refused.dropped.unwrap().reason, "solved: because");
    }

    #[test]
    fn a_row_with_a_reference_is_asked_of_those_alone_who_judge_all() {
        let sample = judged(&Shop::solved());
        assert_eq!(sample.verified, Verified::State);
        assert!(judges_of(&sample, &plan()).is_empty());
        let mut plan = plan();
        for judge in plan.filter.judges.values_mut() {
            judge.rows = JudgedRows::All;
        }
        assert_eq!(judges_of(&sample, &plan), ["solved"]);
        let mut refused = sample.clone();
        conclude(&mut refused, &said(false), &plan);
        assert_eq!(refused.dropped.map(|reason| reason.rule).as_deref(), Some("judged"));
    }

    #[test]
    fn a_row_that_rules_drop_is_asked_of_nobody() {
        let dropped = Shop {
            referenced: false,
            answer: "I have successfully completed your request.".into(),
            ..Shop::solved()
        };
        assert!(judges_of(&dropped.row(), &plan()).is_empty());
    }
}
