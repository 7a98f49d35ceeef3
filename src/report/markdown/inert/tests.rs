use comrak::nodes::NodeValue;
use comrak::{Arena, parse_document};
use proptest::prelude::*;

use super::{code, inert};
use crate::report::fixture;
use crate::report::markdown::tests::github;
use crate::untrusted::printable;

#[test]
fn plain_words_stay_prose() {
    for (text, page) in [
        ("MFA is OFF, must be ON", "MFA is OFF, must be ON"),
        (
            "the app's pool (\"shop\") isn't there: see docs/drift.md.",
            "the app's pool (\"shop\") isn't there: see docs/drift.md.",
        ),
        ("Größe 漢字 😀 – ok", "Größe 漢字 😀 – ok"),
        ("is *very* bad", "is `*very*` bad"),
        ("see https://a.example/b_c and <b> now", "see `https://a.example/b_c` and `<b>` now"),
        ("ask @team about #1 or GH-1", "ask `@team` about `#1` or `GH-1`"),
        ("in 111122223333, at deadbeef", "in `111122223333`, at `deadbeef`"),
        ("1. first", "`1`. first"),
        ("refused (os error 111): see 2. and 3)", "refused (os error 111): see 2. and 3)"),
        ("- item", "`-` item"),
        ("the source `nowhere`, (`a b`) and `c`: `d`", "the source `nowhere`, (`a b`) and `c`: `d`"),
        ("a `b c", "a `` `b `` c"),
        ("a `b`c `d`", "a `` `b`c `d` ``"),
        ("`", "`` ` ``"),
        ("a|b", "`a\\u{7c}b`"),
        ("two  blanks", "`two  blanks`"),
        ("", "(empty)"),
    ] {
        assert_eq!(inert(text, 100), page);
    }
    assert_eq!(inert("abcdef", 3), "abc…");
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(512) })]

    #[test]
    fn text_means_itself_in_a_paragraph_an_item_and_a_cell(text in fixture::hostile_text(200)) {
        let meant = printable(&text).replace('|', "\\u{7c}");
        let meant = if meant.is_empty() { "(empty)" } else { &meant };
        for written in [inert(&text, usize::MAX), code(&text)] {
            for page in [
                format!("{written}\n"),
                format!("- {written}\n"),
                format!("| a |\n|---|\n| {written} |\n"),
            ] {
                let arena = Arena::new();
                let root = parse_document(&arena, &page, &github());
                let mut seen = String::new();
                for node in root.descendants() {
                    match &node.data().value {
                        NodeValue::Text(text) if text != "a" || !page.starts_with('|') || !seen.is_empty() => seen.push_str(text),
                        NodeValue::Code(code) => seen.push_str(&code.literal),
                        NodeValue::Text(_) | NodeValue::Document | NodeValue::Paragraph | NodeValue::List(_)
                        | NodeValue::Item(_) | NodeValue::Table(_) | NodeValue::TableRow(_) | NodeValue::TableCell => {}
                        other => prop_assert!(false, "{:?} in {:?}", other, page),
                    }
                }
                // Backticks that quote are gone: what they quoted is code.
                prop_assert_eq!(seen.replace('`', ""), meant.replace('`', ""), "{:?}", page);
            }
        }
    }
}
