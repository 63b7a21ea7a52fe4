//! Records end as rows, whatever came of them.

use super::testing::{Shop, catalog, judged, plan};
use super::*;
use crate::data::{Level, Role, ToolOutcome, Verified};

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
    record.tree = None;
    record.refused = Some(Reason::new(Stage::Instruct, "leak", "names `petId`"));
    let sample = judge_record(&record, &catalog(), &plan()).sample;
    assert_eq!(sample.dropped.as_ref().map(|r| (r.stage, r.rule.as_str())), Some((Stage::Instruct, "leak")));
    assert_eq!(sample.messages.len(), 2);

    let mut record = Shop::solved().record();
    record.tree.as_mut().unwrap().end = TreeEnd::OutOfBudget;
    let sample = judge_record(&record, &catalog(), &plan()).sample;
    assert_eq!(sample.dropped.as_ref().map(|r| r.rule.as_str()), Some("out_of_budget"));
    assert!(sample.messages.iter().all(|m| !m.loss) && sample.n_calls == 2);

    let nothing = TaskRecord { ordinal: 9, ..TaskRecord::default() };
    let sample = judge_record(&nothing, &catalog(), &plan()).sample;
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
    let sample = judge_record(&shop.record(), &catalog(), &plan).sample;
    assert_eq!(sample.dropped, None);
    assert!(sample.scores["facts_stated"] < 1.0);
}

#[test]
fn every_rule_has_a_name_of_its_own() {
    let names = rule_names();
    let distinct: std::collections::BTreeSet<_> = names.iter().collect();
    assert_eq!(distinct.len(), names.len());
    assert!(names.contains(&"state_equal") && names.contains(&"duplicates"));
}
