use serde_json::{Value, json};

use crate::finding::{Notice, NoticeKind};
use crate::location::{Location, Region};
use crate::report::{
    Apart, Changed, Comparison, Diff, DiffFormat, Extent, Obstacle, Side, Style, Uncompared, fixture,
};
use crate::target::{Cause, TargetId};
use crate::untrusted::is_unprintable;

fn render(diff: &Diff, color: bool) -> String {
    let mut text = Vec::new();
    let style = Style { color, links: false, width: 80, include_waived: false };
    DiffFormat::Human.write(diff, &style, &mut text).expect("writing to memory");
    String::from_utf8(text).expect("UTF-8")
}

fn side(environment: &str, name: &str) -> Side {
    Side { id: TargetId::new("d1", environment, "auth"), name: name.to_owned() }
}

fn changed(path: &str, weakens: bool, apart: Apart) -> Changed {
    Changed { path: path.to_owned(), weakens, message: "a message".to_owned(), apart }
}

fn changes() -> Vec<Changed> {
    let value = |expected: Value, actual: Value| Apart::Value { expected, actual };
    let pool = "/ResourceConfig/UserPoolConfigs";
    vec![
        changed(&format!("{pool}/Mfa/MFAMode"), true, value(json!("ON"), json!("OPTIONAL"))),
        changed(
            &format!("{pool}/OAuth/RedirectSignInURIs"),
            true,
            Apart::Members {
                missing: vec![json!("https://shop.example.com/")],
                added: vec![json!("http://localhost:3000/"), json!("https://staging.shop.example.com/")],
            },
        ),
        changed(
            &format!("{pool}/VerificationMessage/EmailSettings/EmailMessage"),
            true,
            value(
                json!("Your code is {####}. It is valid for ten minutes, and for you alone."),
                json!("Your code is {####}. It is valid for one hour, and for you alone."),
            ),
        ),
        changed(
            &format!("{pool}/Risk"),
            false,
            value(Value::Null, json!({"Mode": "AUDIT", "Accounts": [1, 2]})),
        ),
    ]
}

fn diff(extent: Extent, comparisons: Vec<Comparison>) -> Diff {
    Diff {
        left: "d1/prod".to_owned(),
        right: "d1/staging".to_owned(),
        extent,
        comparisons,
        uncompared: Vec::new(),
        notices: Vec::new(),
        ignored: 0,
        interrupted: false,
    }
}

fn both(changes: Vec<Changed>) -> Comparison {
    Comparison::Both {
        left: side("prod", "d1/prod/auth"),
        right: side("staging", "d1/staging/auth"),
        changes,
    }
}

fn folders() -> Diff {
    let mut changes = changes();
    changes.truncate(1);
    Diff {
        left: "main/baseline".to_owned(),
        right: "../branch/baseline".to_owned(),
        ..diff(
            Extent::Folders,
            vec![
                both(changes),
                both(Vec::new()),
                Comparison::OnlyLeft(side("old", "main/baseline/d1/old/auth.json")),
                Comparison::OnlyRight(side("new", "../branch/baseline/d1/new/auth.json")),
            ],
        )
    }
}

#[test]
fn two_documents_at_80_columns() {
    let text = render(&diff(Extent::Documents, vec![both(changes())]), false);
    insta::assert_snapshot!(text, @r#"
    d1/prod/auth → d1/staging/auth

    /ResourceConfig/UserPoolConfigs/Mfa/MFAMode  weakens security
      - "ON"
      + "OPTIONAL"

    /ResourceConfig/UserPoolConfigs/OAuth/RedirectSignInURIs  weakens security
      - "https://shop.example.com/"
      + "http://localhost:3000/"
      + "https://staging.shop.example.com/"

    /ResourceConfig/UserPoolConfigs/VerificationMessage/EmailSettings/EmailMessage
      weakens security
      - "Your code is {####}. It is valid for ten minutes, and for you alone."
      + "Your code is {####}. It is valid for one hour, and for you alone."

    /ResourceConfig/UserPoolConfigs/Risk
      - null
      + {
      +   "Mode": "AUDIT",
      +   "Accounts": [
      +     1,
      +     2
      +   ]
      + }

    4 changes, 3 weaken security
    "#);
    assert!(text.lines().all(|line| line.chars().count() <= 80));
}

#[test]
fn two_folders_at_80_columns() {
    insta::assert_snapshot!(render(&folders(), false), @r#"
    main/baseline → ../branch/baseline

    d1/prod/auth
      /ResourceConfig/UserPoolConfigs/Mfa/MFAMode  weakens security
        - "ON"
        + "OPTIONAL"

    - d1/old/auth  only in main/baseline
    + d1/new/auth  only in ../branch/baseline

    4 documents: 1 equal, 1 changed, 1 only in main/baseline, 1 only in
      ../branch/baseline
    1 change, 1 weakens security; 2 documents on one side only
    "#);
}

#[test]
fn the_verdict_says_what_was_found_and_what_was_not_looked_at() {
    let last = |diff: &Diff| render(diff, false).lines().last().map(str::to_owned).expect("a line");
    let lacking = || Uncompared {
        obstacle: Obstacle::Unaudited(Cause::Denied),
        message: "access denied".to_owned(),
        help: None,
        location: None,
    };
    let some = |count: usize| vec![both(changes().into_iter().rev().take(count).collect())];
    for (comparisons, ignored, is_incomplete, interrupted, verdict) in [
        (some(0), 0, false, false, "no difference"),
        (some(0), 2, false, false, "no difference (2 ignored)"),
        (some(1), 0, false, false, "1 change"),
        (some(2), 0, false, false, "2 changes, 1 weakens security"),
        (some(3), 1, false, false, "3 changes, 2 weaken security (1 ignored)"),
        (some(0), 0, true, false, "incomplete: not everything was compared; no difference"),
        (some(1), 0, true, false, "incomplete: not everything was compared; 1 change"),
        (Vec::new(), 0, true, false, "incomplete: nothing was compared"),
        (Vec::new(), 0, false, false, "incomplete: nothing was compared"),
        (Vec::new(), 0, true, true, "interrupted: nothing was compared"),
        (some(0), 0, true, true, "interrupted: not everything was compared; no difference"),
    ] {
        let uncompared = if is_incomplete { vec![lacking()] } else { Vec::new() };
        let diff = Diff { uncompared, ignored, interrupted, ..diff(Extent::Documents, comparisons) };
        assert_eq!(last(&diff), verdict);
    }
    let alone = |sides| Diff { comparisons: sides, ..folders() };
    assert_eq!(
        last(&alone(vec![Comparison::OnlyLeft(side("old", "")), both(Vec::new())])),
        "1 document on one side only"
    );
}

#[test]
fn the_exit_code_tells_equal_from_different_from_unknown() {
    let notice = || vec![Notice::new(NoticeKind::Unreadable, "a region")];
    let broken = || {
        vec![Uncompared {
            obstacle: Obstacle::Unusable,
            message: "cannot use x".to_owned(),
            help: None,
            location: None,
        }]
    };
    let equal = || diff(Extent::Documents, vec![both(Vec::new())]);
    let nothing = || Diff { uncompared: broken(), ..diff(Extent::Documents, Vec::new()) };
    for (case, diff, strict, lenient) in [
        ("equal", equal(), 0, 0),
        ("different", diff(Extent::Documents, vec![both(changes())]), 1, 1),
        ("left alone", diff(Extent::Folders, vec![Comparison::OnlyLeft(side("a", ""))]), 1, 1),
        ("right alone", diff(Extent::Folders, vec![Comparison::OnlyRight(side("a", ""))]), 1, 1),
        ("equal, unread", Diff { notices: notice(), ..equal() }, 3, 0),
        ("equal, unusable", Diff { uncompared: broken(), ..equal() }, 3, 0),
        ("different, unusable", Diff { uncompared: broken(), ..folders() }, 3, 1),
        ("nothing", nothing(), 3, 3),
        ("nothing at all", diff(Extent::Folders, Vec::new()), 3, 3),
        ("interrupted", Diff { interrupted: true, ..equal() }, 130, 130),
    ] {
        assert_eq!((diff.exit_code(false), diff.exit_code(true)), (strict, lenient), "{case}");
    }
}

#[test]
fn what_could_not_be_compared_is_said_with_its_place_and_its_cure() {
    let at = Region { line: 3, column: 5, end_line: 3, end_column: 9 };
    let problem = |number: usize| Uncompared {
        obstacle: Obstacle::Unusable,
        message: format!("cannot use file {number}"),
        help: Some("write it anew".to_owned()),
        location: Some(Location { file: "a.json".into(), region: at }),
    };
    let diff = Diff { uncompared: (1..=23).map(problem).collect(), ..folders() };
    let text = render(&diff, false);
    assert!(
        text.contains(
            "  unusable: cannot use file 20\n    at: a.json:3:5\n  help: write it anew\n\n  and 3 more;"
        ),
        "{text}"
    );
}

#[test]
fn color_adds_nothing_but_color() {
    for diff in [diff(Extent::Documents, vec![both(changes())]), folders()] {
        let (plain, colored) = (render(&diff, false), render(&diff, true));
        assert!(colored.contains("\u{1b}[31m- ") && colored.contains("\u{1b}[32m+ "), "{colored}");
        let mut parts = colored.split("\u{1b}[");
        let mut stripped = parts.next().expect("a beginning").to_owned();
        stripped.extend(parts.map(|part| part.split_once('m').expect("a colour").1));
        assert_eq!(stripped, plain);
    }
}

#[test]
fn no_text_from_outside_steers_the_terminal() {
    let evil = fixture::HOSTILE;
    let apart = [
        Apart::Value { expected: json!(evil), actual: json!({ evil: [evil, "\0"] }) },
        Apart::Members { missing: vec![json!(evil)], added: vec![json!("::error::x"), json!("##[error]x")] },
    ];
    let changes = apart.into_iter().map(|apart| changed(&format!("/{evil}"), true, apart)).collect();
    let hostile = Diff {
        left: format!("::error::{evil}"),
        right: evil.to_owned(),
        uncompared: vec![Uncompared {
            obstacle: Obstacle::Unusable,
            message: evil.to_owned(),
            help: Some(evil.to_owned()),
            location: Some(Location { file: evil.into(), region: Region::START }),
        }],
        notices: vec![Notice::new(NoticeKind::Unreadable, evil)],
        ..diff(
            Extent::Folders,
            vec![
                Comparison::Both { left: side(evil, evil), right: side(evil, evil), changes },
                Comparison::OnlyLeft(side(evil, evil)),
            ],
        )
    };
    let text = render(&hostile, false);
    assert!(!text.contains(|c| is_unprintable(c) && c != '\n'), "{text}");
    assert!(!text.contains("##["), "{text}");
    assert!(text.lines().all(|line| !line.trim_start().starts_with("::")), "{text}");
    let mut json = Vec::new();
    let style = Style { color: false, links: false, width: 80, include_waived: false };
    DiffFormat::Json.write(&hostile, &style, &mut json).expect("writing to memory");
    let json = String::from_utf8(json).expect("UTF-8");
    assert!(!json.contains(|c| is_unprintable(c) && c != '\n') && !json.contains("##["), "{json}");
    let read: Value = serde_json::from_str(&json).expect("JSON");
    let change = &read["comparisons"][0]["changes"][0];
    assert_eq!((&change["expected"], &change["path"]), (&json!(evil), &json!(format!("/{evil}"))));
}
