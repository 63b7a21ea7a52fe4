//! Documentation of real operations, and what holds for every text.

use super::lengths::{self, LONG, MEDIUM, SHORT, tokens};
use super::*;
use crate::data::Method;
use proptest::prelude::*;
use serde_json::{Map, Value, json};
use std::fmt::Write as _;

/// Texts of real operations; see the README beside.
const SNIPPETS: &str = include_str!("../../../tests/fixtures/docs/snippets.json");

fn snippets() -> Vec<Value> {
    serde_json::from_str(SNIPPETS).unwrap()
}

fn text<'a>(snippet: &'a Value, key: &str) -> &'a str {
    snippet[key].as_str().unwrap()
}

fn written(summary: &str, description: &str) -> crate::data::Docs {
    let properties = Map::new();
    let facts = Facts { properties: &properties, required: &[], result: None };
    write(&Said { summary, description, otherwise: "Get a thing." }, &facts)
}

#[test]
fn real_documentation_reads_well_in_three_lengths() {
    let mut shown = String::new();
    for snippet in snippets() {
        let docs = written(text(&snippet, "summary"), text(&snippet, "description"));
        let _ = writeln!(
            shown,
            "{} {} [{}]\n  short  {} {}\n  medium {} {}\n  long   {} {}\n  full   {}\n",
            text(&snippet, "from"),
            text(&snippet, "path"),
            docs.lang.as_deref().unwrap_or("-"),
            tokens(&docs.short),
            docs.short,
            tokens(&docs.medium),
            docs.medium,
            tokens(&docs.long),
            docs.long,
            describe(text(&snippet, "summary"), text(&snippet, "description")).unwrap_or_default(),
        );
    }
    insta::assert_snapshot!(shown);
}

#[test]
fn no_marks_are_left_and_lengths_keep_their_bands() {
    for snippet in snippets() {
        let (summary, description) = (text(&snippet, "summary"), text(&snippet, "description"));
        let docs = written(summary, description);
        for (said, band) in [(&docs.short, SHORT), (&docs.medium, MEDIUM), (&docs.long, LONG)] {
            assert!(tokens(said) <= band.max, "{said}");
            for mark in ["<p>", "</", "**", "](", "```", "&amp;", "&lt;", "\n"] {
                assert!(!said.contains(mark), "{mark} in {said}");
            }
            assert_eq!(said.matches('(').count(), said.matches(')').count(), "{said}");
        }
        // what is shorter than its band has no more to say, or nothing that could be cut
        assert!(
            tokens(&docs.short) >= 4 && tokens(&docs.short) <= tokens(&docs.medium).max(SHORT.max),
            "{docs:?}"
        );
        assert!(tokens(&docs.medium) <= tokens(&docs.long), "{docs:?}");
    }
}

#[test]
fn a_source_that_is_long_enough_fills_every_band() {
    let clause = "Returns the orders of a customer in the order of their dates, with the newest first";
    let long = format!("{clause}. {}", "Each order has its lines and its address. ".repeat(40));
    let docs = written("", &long);
    for (said, band) in [(&docs.short, SHORT), (&docs.medium, MEDIUM), (&docs.long, LONG)] {
        assert!((band.min..=band.max).contains(&tokens(said)), "{} {said}", tokens(said));
    }
}

#[test]
fn a_short_source_is_completed_from_what_the_spec_says() {
    let properties = json!({"petId": {}, "limit": {}});
    let result = json!({"properties": {"id": {}, "name": {}, "photoUrls": {}}});
    let required = ["petId".to_owned()];
    let facts =
        Facts { properties: properties.as_object().unwrap(), required: &required, result: Some(&result) };
    let docs = write(&Said { summary: "", description: "", otherwise: "Get a visit." }, &facts);
    assert_eq!(docs.long, "Get a visit. Takes pet id. Returns id, name and photo urls.");
}

#[test]
fn half_of_a_remark_is_never_told() {
    let docs = written(
        "",
        "Deletes a filter. You cannot delete a filter that is in use by a session of another account or a team that shares it.",
    );
    assert_eq!(docs.short, "Deletes a filter.");
}

#[test]
fn languages_of_short_and_technical_texts_are_told_or_left_open() {
    for (text, lang) in [
        ("List pets", Some("en")),
        ("Returns the `ApiCache` object of an API", Some("en")),
        ("Get DeferralCodes", Some("en")),
        ("SNMP PDU tracing", None),
        ("Teams", None),
        ("Liefert alle Filialen in der Nähe eines Ortes", Some("de")),
        ("Obtiene la lista de bancos soportados", Some("es")),
        ("Retorna todas as linhas do arquivo", Some("pt")),
        ("Récupère la liste des commandes", Some("fr")),
        ("查询订单列表", Some("zh")),
        ("スクリプトタグの更新", Some("ja")),
        ("주문 목록 조회", Some("ko")),
    ] {
        assert_eq!(language::language(&plain(text)), lang, "{text}");
    }
}

#[test]
fn every_method_without_words_gets_a_sentence() {
    let made = from_path(Method::Get, "/pets/{id}", false, &[]);
    let properties = Map::new();
    let facts = Facts { properties: &properties, required: &[], result: None };
    let docs =
        write(&Said { summary: "", description: "No description available", otherwise: &made }, &facts);
    assert_eq!(docs.short, "Get a pet.");
}

#[test]
fn texts_of_a_megabyte_end() {
    for piece in [
        "&amp;", "<a ", "[a](", "**a", "_a ", "`", "(", ".;", "\n- ", "# ", "<!--", "<script>", "a, ", "é。",
        "| a |\n", ". A",
    ] {
        let long = piece.repeat((1 << 20) / piece.len());
        let _ = plain(&long);
        let docs = written(&long[..1000.min(long.len() & !3)], &long);
        assert!(docs.long.len() < 4000, "{piece}");
    }
}

/// Texts made of what trips readers up, and of anything.
fn texts() -> impl Strategy<Value = String> {
    let piece = prop_oneof![
        Just("&amp;"),
        Just("&lt;b&gt;"),
        Just("<p>"),
        Just("</p>"),
        Just("<li>"),
        Just("**"),
        Just("*"),
        Just("_"),
        Just("__"),
        Just("`"),
        Just("```"),
        Just("["),
        Just("]"),
        Just("]("),
        Just("https://x.y/z"),
        Just(")"),
        Just("("),
        Just("\n"),
        Just("\n\n"),
        Just("\n- "),
        Just("1. "),
        Just("# "),
        Just("| "),
        Just("|---|"),
        Just("\n    "),
        Just(";"),
        Just(". "),
        Just(".."),
        Just(": "),
        Just(", which "),
        Just("\\"),
        Just("!"),
        Just("Optional."),
        Just("(required)"),
        Just("word "),
        Just("Word"),
        Just("pet.Range "),
        Just("e.g. "),
        Just("é"),
        Just("订单"),
        Just("。"),
        Just("<!--"),
        Just("-->"),
        Just("=\n"),
        Just("===\n"),
        Just("> "),
        Just(":::"),
        Just("✓ "),
        Just("Args:\n"),
        Just("\u{200b}"),
        Just("\u{a0}"),
        Just("[block:x]"),
    ];
    prop_oneof![prop::collection::vec(piece, 0..40).prop_map(|pieces| pieces.concat()), any::<String>(),]
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(1500) })]

    #[test]
    fn what_is_plain_stays_as_it_is(text in texts()) {
        let once = plain(&text);
        prop_assert_eq!(plain(&once), once);
    }

    #[test]
    fn any_text_gives_three_lengths_within_their_bands(summary in texts(), description in texts()) {
        let docs = written(&summary, &description);
        for (said, band) in [(&docs.short, SHORT), (&docs.medium, MEDIUM), (&docs.long, LONG)] {
            prop_assert!(tokens(said) <= band.max, "{} {}", tokens(said), said);
            prop_assert!(!said.contains('\n'));
        }
        prop_assert!(!docs.long.is_empty());
    }

    #[test]
    fn a_cut_never_falls_within_a_word(words in prop::collection::vec("[a-z]{1,14}|, which|, and|;|in|of|the|e\\.g\\.|such as", 1..60)) {
        let sentence = format!("Returns {}.", words.join(" "));
        if let Some(cut) = lengths::squeeze(&sentence, SHORT, true) {
            let known: Vec<&str> = sentence.split(|c: char| !c.is_alphanumeric()).collect();
            for word in cut.split(|c: char| !c.is_alphanumeric()) {
                prop_assert!(known.contains(&word), "{} in {}", word, cut);
            }
        }
    }
}
