//! A generator of varied briefs from small handmade pools over the starter domains.

use super::parts::{Field, asked};
use super::pools::fields;
use crate::builtin::writer::dice::Dice;
use crate::prompt::{Brief, Want};

const PERSONAS: [&str; 16] = [
    "a fleet manager",
    "a student",
    "a parent",
    "an on-call engineer",
    "a shop owner",
    "a band manager",
    "a teacher",
    "a nurse",
    "a freelance designer",
    "an office assistant",
    "an accountant",
    "a volunteer",
    "a truck driver",
    "a guitar player",
    "a purchasing manager",
    "a traveller",
];
const REGISTERS: [&str; 6] = ["brisk", "polite", "thumb-typed", "rambling", "worried", "plain"];

fn some<T: Clone>(pool: &[T], most: usize, dice: &mut Dice) -> Vec<T> {
    let mut at: Vec<usize> = (0..pool.len()).collect();
    let count = if dice.chance(65) { 1 } else { 1 + dice.below(most) }.min(pool.len());
    let mut out = Vec::new();
    for _ in 0..count {
        let chosen = at.remove(dice.below(at.len()));
        out.push(pool[chosen].clone());
    }
    out
}

fn want(field: &Field, dice: &mut Dice) -> Want {
    loop {
        match dice.below(11) {
            0..=2 => {
                let subject = dice.pick(&field.subjects).clone();
                return Want::Know { subject, facts: some(&field.facts, 3, dice) };
            }
            3 | 4 => {
                return Want::Survey {
                    subject: dice.pick(&field.surveyed).clone(),
                    ask: dice.pick(&field.asks).clone(),
                };
            }
            5 | 6 if !field.creates.is_empty() => {
                let (kind, under, values) = dice.pick(&field.creates).clone();
                let facts = if dice.chance(15) { vec![asked("created at", "instant")] } else { vec![] };
                return Want::Create { kind: kind.into(), under, values, facts };
            }
            7 | 8 if !field.changes.is_empty() => {
                let subject = dice.pick(&field.subjects).clone();
                return Want::Update { subject, values: some(&field.changes, 3, dice), facts: vec![] };
            }
            9 if field.deletes => return Want::Delete { subject: dice.pick(&field.subjects).clone() },
            10 if !field.acts.is_empty() => return dice.pick(&field.acts).clone(),
            _ => {}
        }
    }
}

/// Makes `count` briefs.
pub fn briefs(count: u64) -> Vec<Brief> {
    let fields = fields();
    (0..count)
        .map(|seed| {
            let mut dice = Dice::new(seed, "briefs", 0);
            let field = &fields[seed as usize % fields.len()];
            let first = want(field, &mut dice);
            let mut wants = vec![first];
            while wants.len() < 4 && dice.chance(if wants.len() == 1 { 30 } else { 20 }) {
                let mut next = want(field, &mut dice);
                // Often people stay with the record they spoke of.
                if dice.chance(50)
                    && let (
                        Want::Update { subject: spoken, .. } | Want::Know { subject: spoken, .. },
                        Want::Know { subject, .. },
                    ) = (&wants[0], &mut next)
                {
                    subject.clone_from(spoken);
                }
                if !wants.contains_same(&next) {
                    wants.push(next);
                }
            }
            Brief {
                now: "2026-11-22T09:12:00+01:00".into(),
                user: "Noor Haddad".into(),
                persona: (*dice.pick(&PERSONAS)).into(),
                register: (*dice.pick(&REGISTERS)).into(),
                domain: field.domain.into(),
                wants,
                forbidden: vec!["lastUpdate".into(), "findPetsByStatus".into(), "photoUrls".into()],
                seed,
            }
        })
        .collect()
}

/// Whether a list of wants holds one already.
trait ContainsSame {
    fn contains_same(&self, other: &Want) -> bool;
}

impl ContainsSame for Vec<Want> {
    fn contains_same(&self, other: &Want) -> bool {
        let text = format!("{other:?}");
        self.iter().any(|w| format!("{w:?}") == text)
    }
}
