//! Records end as rows, whatever came of them.

use super::testing::{Shop, catalog, judge_record, judged, plan};
use super::*;
use crate::data::{Funnel, Level, Node, NodeId, Role, ToolOutcome, TreeEnd, Verified};
use std::collections::BTreeMap;

#[test]
fn a_solved_record_is_a_row_that_explains_itself() {
    let sample = judged(&Shop::solved());
    assert_eq!(sample.dropped, None);
    assert_eq!(
        (sample.n_calls, sample.n_tools, sample.depth, sample.width, sample.n_errors),
        (2, 2, 2, 1, 0)
    );
    assert_eq!(sample.verified, Verified::State);
    assert_eq!(sample.group_id, "task-3");
    assert_eq!(sample.apis, ["local/shop"]);
    assert_eq!(sample.messages.first().map(|m| m.role), Some(Role::System));
    let last = sample.messages.last().unwrap();
    assert!(last.loss && last.tool_calls.is_empty() && last.content == sample.answer);
    assert_eq!(sample.provenance["arguments"][0]["/name"], "verbatim");
    assert_eq!(sample.provenance["arguments"][1]["/petId"], "result call_0 /0/id");
    assert_eq!(sample.provenance["specs"]["shop.json"], "0");
    assert!(sample.quality > 0.95, "{}", sample.quality);
    assert_ne!(sample.difficulty.level, Level::Hard);
    assert_eq!(sample.tools[0]["function"]["name"], "shop_find_pets");
    assert!(sample.est_tokens > 50);
}

#[test]
fn the_same_record_gives_the_same_row() {
    assert_eq!(judged(&Shop::solved()), judged(&Shop::solved()));
    let other = Shop { answer: "He is sold; 25 it was.".into(), ..Shop::solved() };
    assert_ne!(judged(&Shop::solved()).id, judged(&other).id);
}

#[test]
fn refused_and_unsolved_records_are_rejected_rows() {
    let mut record = Shop::solved().record();
    record.trees.clear();
    record.refused = Some(Reason::new(Stage::Instruct, "leak", "names `petId`"));
    let sample = judge_record(&record, &catalog(), &plan()).remove(0);
    assert_eq!(sample.dropped.as_ref().map(|r| (r.stage, r.rule.as_str())), Some((Stage::Instruct, "leak")));
    assert_eq!(sample.messages.len(), 2);

    let mut record = Shop::solved().record();
    record.trees[0].tree.end = TreeEnd::OutOfBudget;
    record.trees[0].tree.answers.clear();
    let sample = judge_record(&record, &catalog(), &plan()).remove(0);
    assert_eq!(sample.dropped.as_ref().map(|r| r.rule.as_str()), Some("out_of_budget"));
    assert!(sample.messages.iter().all(|m| !m.loss) && sample.n_calls == 2);

    let nothing = TaskRecord { ordinal: 9, ..TaskRecord::default() };
    let sample = judge_record(&nothing, &catalog(), &plan()).remove(0);
    assert!(sample.dropped.is_some() && !sample.group_id.is_empty());
}

#[test]
fn a_corrected_error_is_in_the_row_and_is_not_learnt() {
    let mut shop = Shop::solved();
    let mut wrong = shop.calls[1].clone();
    wrong.outcome = ToolOutcome::Refused;
    wrong.observation = r#"{"message": "no such pet"}"#.into();
    wrong.arguments["petId"] = serde_json::json!(8);
    shop.calls.insert(1, wrong);
    let sample = judged(&shop);
    assert_eq!(sample.dropped, None);
    assert_eq!((sample.n_calls, sample.n_errors), (3, 1));
    let losses: Vec<bool> =
        sample.messages.iter().filter(|m| m.role == Role::Assistant).map(|m| m.loss).collect();
    assert_eq!(losses, [true, false, true, true]);
}

#[test]
fn a_rule_that_is_switched_off_still_scores() {
    let mut plan = plan();
    plan.filter.disabled = vec!["facts_stated".into()];
    plan.filter.keep_unverified = true;
    let shop = Shop { answer: "Biscuit is sold now.".into(), ..Shop::solved() };
    let mut sample = judge_record(&shop.record(), &catalog(), &plan).remove(0);
    conclude(&mut sample, &BTreeMap::new(), &plan);
    assert_eq!(sample.dropped, None);
    assert!(sample.scores["facts_stated"] < 1.0);
}

/// A record whose search found three answers, the second of them with a call for nothing.
fn of_three_answers() -> TaskRecord {
    let mut record = Shop::solved().record();
    let idle =
        Shop { calls: [&Shop::solved().calls[..1], &Shop::solved().calls[..]].concat(), ..Shop::solved() };
    let other = Shop { answer: "Sold: he went for 25.".into(), ..Shop::solved() };
    for shop in [idle, other] {
        let attempt = shop.record().trees.remove(0);
        let (tree, moved) = (&mut record.trees[0].tree, attempt.tree);
        let first = tree.nodes.len() as u32 - 1;
        for (i, node) in moved.nodes.into_iter().enumerate().skip(1) {
            let parent = NodeId(if i == 1 { 0 } else { first + i as u32 - 1 });
            tree.nodes.push(Node { parent: Some(parent), ..node });
        }
        let node = NodeId(tree.nodes.len() as u32 - 1);
        tree.answers.push(AnsweredLeaf { node, ..moved.answers[0].clone() });
    }
    record
}

#[test]
fn each_answer_of_a_task_is_a_row_and_of_those_that_rules_keep_the_best_stays() {
    let record = of_three_answers();
    let mut rows = judge_record(&record, &catalog(), &plan());
    for row in &mut rows {
        conclude(row, &BTreeMap::new(), &plan());
    }
    let ids: std::collections::BTreeSet<&str> = rows.iter().map(|row| row.id.as_str()).collect();
    // The useless call is cut out of the second, which is the first again.
    assert_eq!((rows.len(), ids.len()), (3, 2));
    assert!(rows.iter().all(|row| row.group_id == "task-3" && row.dropped.is_none()));

    let mut best = rows.clone();
    best_of_task(&mut best, &plan());
    let rules = |rows: &[Sample]| -> Vec<Option<String>> {
        rows.iter().map(|row| row.dropped.as_ref().map(|reason| reason.rule.clone())).collect()
    };
    let other = Some("best_of_task".to_owned());
    assert_eq!(rules(&best), [None, other.clone(), other]);
    let mut funnel = Funnel::new(&catalog());
    funnel.add(&record, &best);
    assert_eq!(funnel.check(), Ok(()));
    let counted = |stage| funnel.stage(stage).map(|s| (s.entered, s.kept)).unwrap();
    assert_eq!(
        (counted(Stage::Search), counted(Stage::Filter), counted(Stage::Shard)),
        ((1, 1), (3, 1), (1, 1))
    );

    let mut all = plan();
    all.filter.disabled = vec!["best_of_task".to_owned()];
    best_of_task(&mut rows, &all);
    let mut corpus = Corpus::new(&all);
    for row in &mut rows {
        corpus.judge(row);
    }
    assert_eq!(rules(&rows), [None, Some("duplicates".to_owned()), None], "the same row is one row");
}

#[test]
fn every_rule_has_a_name_of_its_own() {
    let names = rule_names();
    let distinct: std::collections::BTreeSet<_> = names.iter().collect();
    assert_eq!(distinct.len(), names.len());
    assert!(names.contains(&"state_equal") && names.contains(&"duplicates"));
}
