use proptest::prelude::*;
use serde_json::json;

use super::*;
use crate::untrusted::is_unprintable;

fn value(expected: Value, actual: Value) -> Apart {
    Apart::Value { expected, actual }
}

fn of(sign: Sign, lines: &[(Sign, String)]) -> Vec<&str> {
    lines.iter().filter(|(of, _)| *of == sign).map(|(_, line)| line.as_str()).collect()
}

/// The lines of both sides, one below the other.
fn text(apart: &Apart, width: usize) -> String {
    let lines = lines(apart, width);
    let lines = lines.iter().map(|(sign, line)| format!("{} {}", sign.as_str(), line.trim_end()));
    lines.collect::<Vec<_>>().join("\n")
}

#[test]
fn long_texts_are_cut_where_they_are_alike() {
    let message = |code: &str| {
        let before = "Welcome to the shop, and thank you for your patience. ".repeat(4);
        let after = " Please do not answer: a machine sends this message.".repeat(4);
        json!(format!("{before}Your code is {code}.{after}"))
    };
    insta::assert_snapshot!(text(&value(message("{####}"), message("{####}, again")), 60), @r#"
    - …" patience. Your code is {####}. Please do not answer: a
    -   mach"…
    + …" patience. Your code is {####}, again. Please do not
    +   answer: a mach"…
    "#);
    let alone = text(&value(json!(null), json!(format!("a{}z", "x".repeat(700)))), 2000);
    assert!(alone.starts_with("- null\n+ \"axx") && alone.ends_with("xxz\" (702 characters)"), "{alone}");
}

#[test]
fn nested_values_are_lines_without_what_is_alike() {
    let list = |changed: &str| json!({"a": [1, 2, 3, 4, changed, 6, 7, 8, 9]});
    insta::assert_snapshot!(text(&value(list("five"), list("V")), 80), @r#"
    - …
    -     3,
    -     4,
    -     "five",
    -     6,
    -     7,
    - …
    + …
    +     3,
    +     4,
    +     "V",
    +     6,
    +     7,
    + …
    "#);
    let many: Vec<u32> = (0..100).collect();
    let lines = lines(&value(json!(null), json!(many)), 80);
    assert_eq!((lines.len(), lines[51].1.as_str()), (1 + MOST + 1, "… 52 more; --format json has all"));
}

#[test]
fn members_of_sets_are_lines_each() {
    let members = |missing: Value, added: Value| {
        let list = |value: Value| value.as_array().cloned().expect("a list");
        Apart::Members { missing: list(missing), added: list(added) }
    };
    insta::assert_snapshot!(text(&members(json!(["a"]), json!(["b", "c", {"d": 1}])), 80), @r#"
    - "a"
    + "b"
    + "c"
    + {
    +   "d": 1
    + }
    "#);
    let common = format!("https://shop.example.com/{}", "long/".repeat(50));
    insta::assert_snapshot!(text(&members(json!([format!("{common}a")]), json!([format!("{common}b")])), 80), @r#"
    - …"long/long/long/long/long/long/a"
    + …"long/long/long/long/long/long/b"
    "#);
}

fn any_value() -> impl Strategy<Value = Value> {
    let alphabet = prop_oneof!["[ab ]{0,40}", "a{590,620}", "(ab ){300}[ab]{0,3}", "\\PC{0,60}", ".{0,8}"];
    let leaf = prop_oneof![
        alphabet.prop_map(Value::from),
        any::<i32>().prop_map(Value::from),
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
    ];
    leaf.prop_recursive(3, 120, 70, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..70).prop_map(Value::from),
            prop::collection::btree_map("[a-c]{0,2}", inner, 0..5)
                .prop_map(|members| Value::Object(members.into_iter().collect())),
        ]
    })
}

/// Two values that have much in common.
fn two_values() -> impl Strategy<Value = (Value, Value)> {
    let text = "[ab]{0,3}";
    let alike = ("(a|ab|x ){0,400}", text, text, "(b|ä😀){0,400}").prop_map(|(before, was, is, after)| {
        (json!(format!("{before}{was}{after}")), json!(format!("{before}{is}{after}")))
    });
    prop_oneof![
        (any_value(), any_value()),
        alike.clone(),
        (alike, prop::collection::vec(any_value(), 0..5)).prop_map(|((was, is), rest)| {
            let list = |one: Value| Value::Array([rest.clone(), vec![one], rest.clone()].concat());
            (list(was), list(is))
        }),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, cases: 128, ..ProptestConfig::default() })]

    #[test]
    fn what_differs_is_seen_in_the_width_that_there_is((was, is) in two_values(), width in 30_usize..120) {
        prop_assume!(was != is);
        let lines = lines(&value(was, is), width);
        prop_assert_ne!(of(Sign::Gone, &lines), of(Sign::New, &lines));
        for (_, line) in &lines {
            prop_assert!(display_width(line) + 2 <= width, "{} columns", display_width(line));
            prop_assert!(!line.contains(is_unprintable));
        }
    }

    #[test]
    fn folding_loses_nothing(line in "[a-c ä漢]{0,300}", room in 20_usize..60) {
        let pieces = folded(&line, room);
        let rest = pieces.iter().skip(1).map(|piece| piece.strip_prefix("  ").expect("indented"));
        let whole: String = pieces.iter().take(1).map(String::as_str).chain(rest).collect();
        prop_assert_eq!(whole, line);
    }
}
