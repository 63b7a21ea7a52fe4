//! What was spent, for a terminal and for the card: the cost of a kept row first.

use super::text::columns;
use crate::data::{ModelUse, Spend, SpendParts, Spent};
use std::fmt::Write;

/// Words the headline: `0.0042 US dollars a kept row (2.64 in all, 628 rows); search 81 %, instruct 12 %, filter 7 %`.
pub fn spend_line(spend: &Spend) -> String {
    let parts = &spend.parts;
    if parts.builtin_only {
        return "free: built-in".to_owned();
    }
    let shares = shares(parts);
    match (spend.kept_row, parts.total.cost_usd) {
        (Some(row), Some(usd)) => format!(
            "{} US dollars a kept row ({} in all, {} rows); {shares}",
            dollars(row.cost_usd.unwrap_or_default()),
            dollars(usd),
            spend.rows
        ),
        (None, Some(usd)) => format!("{} US dollars, and no row is kept; {shares}", dollars(usd)),
        (row, None) => {
            let all = count(parts.total.used.tokens());
            let tokens = match row {
                Some(row) => {
                    let each = count(row.tokens.round() as u64);
                    format!("{each} tokens a kept row ({all} in all, {} rows)", spend.rows)
                }
                None => format!("{all} tokens, and no row is kept"),
            };
            format!("{tokens}; {shares}; {}", unpriced(parts))
        }
    }
}

/// Says which prices are not known.
pub fn unpriced(parts: &SpendParts) -> String {
    let names: Vec<String> = parts.unpriced.iter().map(|name| format!("`{name}`")).collect();
    format!("cost unknown: no price for {}", names.join(", "))
}

/// Words each stage's share, the largest first: of the money, or of the tokens where money is not known or none.
fn shares(parts: &SpendParts) -> String {
    let by_money = parts.total.cost_usd.is_some_and(|usd| usd > 0.0);
    let measure = |spent: &Spent| {
        if by_money { spent.cost_usd.unwrap_or_default() } else { spent.used.tokens() as f64 }
    };
    let total = measure(&parts.total);
    let mut stages: Vec<_> = parts.by_stage.iter().map(|(stage, spent)| (stage, measure(spent))).collect();
    stages.sort_by(|a, b| b.1.total_cmp(&a.1));
    let share = |part: f64| if total > 0.0 { (100.0 * part / total).round() } else { 0.0 };
    let words: Vec<String> =
        stages.iter().map(|(stage, part)| format!("{} {} %", stage.as_str(), share(*part))).collect();
    words.join(", ")
}

/// A line of a table: what it is a part by, its name there, what was spent.
pub type SpendRow = (&'static str, String, Spent);

/// Returns the parts of a sum, a line each.
pub fn parts_rows(parts: &SpendParts) -> Vec<SpendRow> {
    let stages = parts.by_stage.iter().map(|(stage, spent)| ("stage", stage.as_str().to_owned(), *spent));
    let roles = parts.by_role.iter().map(|(role, spent)| ("role", role.as_str().to_owned(), *spent));
    let models = parts.by_model.iter().map(|(model, spent)| ("model", model.clone(), *spent));
    stages.chain(roles).chain(models).collect()
}

fn rows(spend: &Spend) -> Vec<SpendRow> {
    let mut rows = parts_rows(&spend.parts);
    for (outcome, spend) in &spend.by_outcome {
        let tasks = if spend.tasks == 1 { "task" } else { "tasks" };
        rows.push(("outcome", format!("{}, {} {tasks}", outcome.as_str(), spend.tasks), spend.spent));
    }
    rows.push(("all", String::new(), spend.parts.total));
    rows
}

fn line(group: &str, name: &str, spent: &Spent) -> [String; 7] {
    let ModelUse { calls, tokens_in, tokens_out, tokens_cached } = spent.used;
    let cost = spent.cost_usd.map_or_else(|| "unknown".to_owned(), dollars);
    [
        group.to_owned(),
        name.to_owned(),
        count(calls),
        count(tokens_in),
        count(tokens_cached),
        count(tokens_out),
        cost,
    ]
}

const HEADER: [&str; 7] = ["by", "", "replies", "tokens in", "cached", "tokens out", "US dollars"];

/// Renders the headline and the table for a terminal; the headline alone where only the built-in model was asked.
pub fn spend_text(spend: &Spend) -> String {
    let mut out = format!("{}\n", spend_line(spend));
    if spend.parts.builtin_only {
        return out;
    }
    if let Some(row) = spend.kept_row {
        let _ =
            writeln!(out, "a kept row took {:.1} replies and {} tokens", row.calls, count(row.tokens as u64));
    }
    out.push_str(&spend_table(&rows(spend)));
    out
}

/// Lays lines out as a table.
pub fn spend_table(lines: &[SpendRow]) -> String {
    let mut rows = vec![HEADER.map(str::to_owned).to_vec()];
    let mut before = "";
    for (group, name, spent) in lines {
        // A group's name stands on its first line only.
        let shown = if *group == before { "" } else { group };
        before = group;
        rows.push(line(shown, name, spent).to_vec());
    }
    columns(&rows, &[2, 3, 4, 5, 6], 2)
}

/// Renders the section of the card.
pub(super) fn spend_markdown(spend: &Spend) -> String {
    if spend.parts.builtin_only {
        return "## What it cost\n\nNothing: only the built-in model was asked.\n\n".to_owned();
    }
    let mut out = format!("## What it cost\n\n{}.\n\n", spend_line(spend));
    let _ = writeln!(out, "| {} |\n|---|---|--:|--:|--:|--:|--:|", HEADER.join(" | "));
    for (group, name, spent) in rows(spend) {
        let cells = line(group, &name, &spent);
        let _ = writeln!(out, "| {} |", cells.map(|cell| cell.replace('|', "\\|")).join(" | "));
    }
    out.push_str(
        "\nAt the plan's prices, of the tasks that rows were made of; repeated attempts are not in it.\n\n",
    );
    out
}

/// Writes an amount with as many digits as it needs to say something.
pub fn dollars(usd: f64) -> String {
    let digits = match usd {
        0.0 => 0,
        usd if usd < 0.001 => 6,
        usd if usd < 1.0 => 4,
        _ => 2,
    };
    format!("{usd:.digits$}")
}

/// Writes a large number so that it can be read: `7,700` or `7.7 million`.
pub fn count(n: u64) -> String {
    if n >= 10_000_000 {
        return format!("{:.1} million", n as f64 / 1e6);
    }
    let digits = n.to_string();
    let mut out = String::new();
    for (i, digit) in digits.chars().enumerate() {
        if i > 0 && (digits.len() - i).is_multiple_of(3) {
            out.push(',');
        }
        out.push(digit);
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::data::{ModelRole, RowSpend, Stage};

    fn spend(is_priced: bool, rows: u64) -> Spend {
        let part = |tokens_in: u64, usd: f64| Spent {
            used: ModelUse { calls: 10, tokens_in, tokens_out: 100, tokens_cached: 0 },
            cost_usd: is_priced.then_some(usd),
        };
        let total = part(1_000_000, 2.64);
        let row = RowSpend { calls: 4.2, tokens: 1592.5, cost_usd: is_priced.then_some(2.64 / 628.0) };
        let stages = [
            (Stage::Instruct, part(120_000, 0.32)),
            (Stage::Search, part(810_000, 2.14)),
            (Stage::Filter, part(70_000, 0.18)),
        ];
        let parts = SpendParts {
            total,
            by_stage: stages.into(),
            by_role: [(ModelRole::Solver, part(810_000, 2.14))].into(),
            by_model: [(String::from("teacher"), total)].into(),
            unpriced: if is_priced { vec![] } else { vec![String::from("teacher")] },
            builtin_only: false,
        };
        Spend { kept_row: (rows > 0).then_some(row), rows, parts, ..Spend::default() }
    }

    #[test]
    fn the_headline_is_the_cost_of_a_kept_row() {
        assert_eq!(
            spend_line(&spend(true, 628)),
            "0.0042 US dollars a kept row (2.64 in all, 628 rows); search 81 %, instruct 12 %, filter 7 %"
        );
        assert_eq!(
            spend_line(&spend(true, 0)),
            "2.64 US dollars, and no row is kept; search 81 %, instruct 12 %, filter 7 %"
        );
        assert_eq!(
            spend_line(&spend(false, 628)),
            "1,593 tokens a kept row (1,000,100 in all, 628 rows); search 81 %, instruct 12 %, filter 7 %; \
             cost unknown: no price for `teacher`"
        );
        let parts = SpendParts { builtin_only: true, ..SpendParts::default() };
        assert_eq!(spend_line(&Spend { parts, ..Spend::default() }), "free: built-in");
    }

    #[test]
    fn the_table_names_each_group_once_and_says_what_is_unknown() {
        let text = spend_text(&spend(false, 628));
        assert_eq!(text.matches("stage").count(), 1, "{text}");
        assert!(text.contains("unknown") && text.contains("4.2 replies"), "{text}");
        assert!(
            spend_markdown(&spend(true, 1)).contains("| model | teacher | 10 | 1,000,000 | 0 | 100 | 2.64 |")
        );
    }

    #[test]
    fn amounts_can_be_read() {
        assert_eq!(
            [0.0, 0.000_042, 0.0042, 0.5, 12.3].map(dollars),
            ["0", "0.000042", "0.0042", "0.5000", "12.30"]
        );
        assert_eq!(
            [0, 999, 1000, 1_234_567, 77_700_000].map(count),
            ["0", "999", "1,000", "1,234,567", "77.7 million"]
        );
    }
}
