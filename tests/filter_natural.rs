//! Natural forms over files: what a text says, and whether a value stands in it.

use jiff::Zoned;
use std::path::Path;
use toolloom::data::ArgumentSource;
use toolloom::internals::checks::natural;

fn now() -> Zoned {
    natural::parse_now("2026-04-08T10:30:00+02:00", "Europe/Brussels").expect("an instant")
}

fn cases(file: &str) -> Vec<Vec<String>> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures/natural").join(file);
    let text = std::fs::read_to_string(&path).expect("the fixture is committed");
    text.lines()
        .filter(|l| !l.starts_with('#') && !l.is_empty())
        .map(|l| l.split('\t').map(str::to_owned).collect())
        .collect()
}

#[test]
fn dates_are_read_as_the_file_says() {
    for case in cases("dates.tsv") {
        let found = natural::find_dates(&case[0], &now());
        let first = found.iter().find(|f| f.primary).map(|f| f.value.to_string());
        assert_eq!(first.as_deref(), Some(case[1].as_str()), "{}", case[0]);
    }
}

#[test]
fn instants_are_read_as_the_file_says() {
    for case in cases("instants.tsv") {
        let found = natural::find_instants(&case[0], &now());
        let first =
            found.iter().find(|f| f.primary).map(|f| f.value.local.strftime("%Y-%m-%dT%H:%M").to_string());
        assert_eq!(first.as_deref(), Some(case[1].as_str()), "{}", case[0]);
    }
}

#[test]
fn periods_are_read_as_the_file_says() {
    for case in cases("periods.tsv") {
        let found = natural::find_periods(&case[0], &now());
        let first =
            found.iter().find(|f| f.primary).map(|f| (f.value.first.to_string(), f.value.last.to_string()));
        assert_eq!(first, Some((case[1].clone(), case[2].clone())), "{}", case[0]);
    }
}

#[test]
fn values_stand_in_texts_as_the_file_says() {
    for case in cases("matches.tsv") {
        let value = serde_json::from_str(&case[1]).expect("JSON");
        let how = match natural::matches_in_text(&value, &natural::Hint::named(&case[0]), &case[2], &now()) {
            Some(ArgumentSource::Verbatim) => "verbatim".to_owned(),
            Some(ArgumentSource::Normalised(how)) => how,
            _ => "none".to_owned(),
        };
        assert_eq!(how, case[3], "{} in {:?}", case[1], case[2]);
    }
}
