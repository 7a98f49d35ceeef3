//! The report that the tests of every format render: each disposition, hostile text, unaudited
//! targets, notices.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use proptest::prelude::*;
use serde_json::json;

use super::{Format, Leniency, Outcome, Report, Selection, Style};
use crate::finding::{
    AcceptedBy, Disposition, Evidence, Excerpt, Finding, Notice, NoticeKind, Rule, Severity,
};
use crate::location::{Location, Region};
use crate::target::{Cause, Scope, Stage, Target, TargetId, Unaudited};

/// Text that is markup or control in some format.
pub(crate) const HOSTILE: &str = "a\u{1b}[31mb\u{202e}c ::error::d\n<script>&\"'|`*[x](y)%0A,";

/// A report with two findings of each disposition, and targets that could not be audited.
pub(crate) fn report() -> Report {
    let rules = [
        rule("mfa/off", Severity::High),
        rule("mfa/optional", Severity::Medium),
        rule("oauth/admin_scope", Severity::Low),
        rule("hostile/text", Severity::Critical),
    ];
    let shop = target("d1a2b3c4d5e6f7", "prod", "shopauth");
    let evil = target("d2", HOSTILE, "auth");
    let mut findings = Vec::new();
    for target in [&shop, &evil] {
        findings.push(finding(&rules[0], target, Disposition::Open, "MFA is OFF, must be ON"));
        findings.push(finding(&rules[1], target, Disposition::BelowThreshold, "MFA is OPTIONAL, must be ON"));
        findings.push(finding(&rules[2], target, Disposition::Waived, "tokens may change the user"));
        findings.push(finding(&rules[3], target, Disposition::Open, HOSTILE));
    }
    let denied = Unaudited {
        attempts: 1,
        ..Unaudited::new(
            Cause::Denied,
            format!("cannot read auth settings of d3/prod/auth: access denied {HOSTILE}"),
        )
        .with_help("allow amplifybackend:GetBackendAuth to the caller")
    };
    let mut report = Report {
        elsewhere: Vec::new(),
        started_at: "2026-11-22T10:00:00Z".parse().expect("a timestamp"),
        duration: Duration::from_millis(1234),
        rules: rules.into(),
        targets: vec![
            Outcome { target: shop, unaudited: None },
            Outcome { target: evil, unaudited: None },
            Outcome { target: target("d3", "prod", "auth"), unaudited: Some(denied) },
        ],
        findings,
        notices: vec![
            Notice::new(NoticeKind::WaiverUnused, format!("matches nothing {HOSTILE}"))
                .at(place("audit.toml", 30)),
        ],
        fail_on: Some(Severity::High),
        leniency: Leniency::default(),
        unused_here: Vec::new(),
        shard: None,
        interrupted: false,
        selection: Selection::default(),
        asked: "0123456789abcdef0123456789abcdef".to_owned(),
        config: None,
    };
    report.sort();
    report
}

fn rule(id: &str, severity: Severity) -> Arc<Rule> {
    Arc::new(Rule {
        id: id.to_owned(),
        pack: "builtin".into(),
        title: format!("title of {id}"),
        severity,
        description: format!("why {id} matters."),
        remediation: "Set MFAMode to ON.\nThen push.".to_owned(),
        references: vec!["OWASP ASVS 5.0 6.3.3".to_owned(), "NIST SP 800-63B-4 §3.1.1.2".to_owned()],
        links: vec!["https://example.com/mfa".to_owned()],
        tags: vec!["mfa".to_owned()],
    })
}

fn target(app: &str, environment: &str, resource: &str) -> Arc<Target> {
    Arc::new(Target {
        id: TargetId::new(app, environment, resource),
        account: None,
        region: Some("eu-west-1".to_owned()),
        app_id: app.to_owned(),
        app_name: Some(HOSTILE.to_owned()),
        environment: environment.to_owned(),
        resource: resource.to_owned(),
        stage: Stage::Production,
        labels: BTreeMap::from([("team".to_owned(), HOSTILE.to_owned())]),
        source: "europe".into(),
        declared: place("audit.toml", 12),
    })
}

fn finding(rule: &Arc<Rule>, target: &Arc<Target>, disposition: Disposition, message: &str) -> Finding {
    let excerpt = Excerpt {
        first_line: 30,
        text: "      \"Mfa\": {\n        \"MFAMode\": \"OFF\",\n        \"Settings\": {".into(),
        marks: vec![34..39],
    };
    Finding {
        rule: Arc::clone(rule),
        severity: rule.severity,
        target: Arc::clone(target),
        message: message.to_owned(),
        path: "/ResourceConfig/UserPoolConfigs/Mfa/MFAMode".to_owned(),
        expected: Some(json!("ON")),
        actual: Some(json!("OFF")),
        disposition,
        carried: false,
        waiver: (disposition == Disposition::Waived).then(|| AcceptedBy {
            reason: HOSTILE.to_owned(),
            owner: Some("shop-team".to_owned()),
            expires: jiff::civil::date(2027, 3, 31),
        }),
        evidence: Evidence { location: place("recordings/shop/prod.json", 14), excerpt: Some(excerpt) },
    }
}

fn place(file: &str, line: u32) -> Location {
    Location { file: file.into(), region: Region { line, column: 20, end_line: line, end_column: 25 } }
}

/// The text of a value that somebody wants to break something with: 64 KB of it.
pub(crate) fn endless() -> String {
    "]]>--><b>|`=1+1 @team #1 www.evil.example \u{2066}".chars().cycle().take(64 * 1024).collect()
}

/// Everything that a report may hold, beside what [`report`] does: secondary marks, a finding without excerpt, one that
/// was carried over, several of one rule at one target, 64 KB of text, several causes of unaudited, a target that is
/// unaudited for some rules alone, what discovery could not read.
pub(crate) fn everything() -> Report {
    let mut report = report();
    let shop = Arc::clone(&report.findings[0].target);
    let [off, optional] = ["mfa/off", "mfa/optional"]
        .map(|id| Arc::clone(report.rules.iter().find(|rule| rule.id == id).expect("a rule")));
    let denied = target("d3", "prod", "auth");
    let partly = target("d4", "prod", "auth");
    let add = |path: &str, model: Finding| Finding { path: path.to_owned(), ..model };
    let mut marked =
        add("/ResourceConfig/AuthResources", finding(&off, &shop, Disposition::Open, "two marks"));
    if let Some(excerpt) = &mut marked.evidence.excerpt {
        excerpt.marks.push(22..31);
    }
    let mut bare = add("", finding(&off, &partly, Disposition::Open, "there is no document: =1+1"));
    bare.evidence.excerpt = None;
    (bare.expected, bare.actual) = (None, None);
    let mut carried =
        add("/a~1b/~0|", finding(&optional, &denied, Disposition::Open, "as it was ]]> # *now*"));
    carried.carried = true;
    let mut long =
        add("/ResourceConfig/Long", finding(&optional, &partly, Disposition::BelowThreshold, &endless()));
    long.actual = Some(json!(endless()));
    report.findings.extend([marked, bare, carried, long]);
    let failed = Unaudited {
        rules: vec!["mfa/optional".to_owned(), "oauth/admin_scope".to_owned()].into(),
        ..Unaudited::new(Cause::Policy, "cannot judge d4/prod/auth: division by zero")
    };
    let timeout =
        Unaudited { attempts: 8, ..Unaudited::new(Cause::Timeout, "cannot read d5/prod/auth: no answer") };
    report.targets.extend([
        Outcome { target: partly, unaudited: Some(failed) },
        Outcome { target: target("d5", "prod", "auth"), unaudited: Some(timeout) },
    ]);
    let unread = |account: &str| {
        let scope = Scope { account: Some(account.to_owned()), ..Scope::default() };
        let why = Unaudited::new(Cause::Denied, format!("cannot list the apps of {account}: {HOSTILE}"))
            .with_gist("cannot list the apps")
            .with_help("allow amplify:ListApps");
        Notice::unreadable(scope, why).at(place("audit.toml", 3))
    };
    report.notices.extend([
        unread("111122223333"),
        unread("444455556666"),
        Notice::new(NoticeKind::EmptySource, "the source `nowhere` brought no target")
            .at(place("../outside.toml", 1)),
        Notice::new(NoticeKind::WaiverExpired, "the waiver of mfa/off for `d9/*` expired on 2026-01-31"),
    ]);
    report.sort();
    report
}

/// Text of up to so many pieces, which are markup, control or a trap in some format, or any character.
pub(crate) fn hostile_text(most: usize) -> impl Strategy<Value = String> {
    const PIECES: &[&str] = &[
        "a",
        "word",
        " ",
        "  ",
        "\n",
        "\n\n",
        "\r\n",
        "\t",
        "\0",
        "\u{1b}[31m",
        "\u{9b}",
        "\u{202e}",
        "\u{2066}",
        "\u{200b}",
        "\u{feff}",
        "\u{a0}",
        "\u{2028}",
        "\u{85}",
        "\u{fffe}",
        "\u{ffff}",
        "\u{e0041}\u{e0101}\u{3164}",
        "::",
        "::error::",
        "\n::set-env name=x::y",
        "##[",
        "##[error]",
        "]]>",
        "<![CDATA[",
        "<script>",
        "</script>",
        "<b>",
        "</details>",
        "</code>",
        "<!--",
        "-->",
        "&",
        "&amp;",
        "&#64;",
        "\"",
        "'",
        "`",
        "``",
        "```",
        "|",
        "\\",
        "\\|",
        "*",
        "**",
        "_",
        "~~",
        "[x](https://evil.example)",
        "![x](y)",
        "[x]: y",
        "[^1]",
        "@team",
        "a@b.example",
        "#1",
        "GH-1",
        "deadbeef1",
        "https://evil.example/?a=b&c=d",
        "www.evil.example",
        ":smile:",
        "$x$",
        "$`x`$",
        "- ",
        "+ ",
        "1. ",
        "1) ",
        "# ",
        "> ",
        "===",
        "---",
        "- [ ] ",
        "=1+1",
        "%",
        "%0A",
        "%250A",
        "{",
        "}",
        "{{0}}",
        "\\u{1b}",
        ",",
        ":",
        ".",
        "…",
        "(",
        ")",
        "[",
        "]",
        "!",
        "Größe",
        "漢字",
        "😀",
    ];
    let piece = prop_oneof![
        8 => prop::sample::select(PIECES).prop_map(str::to_owned),
        1 => any::<char>().prop_map(String::from),
    ];
    prop::collection::vec(piece, 0..most).prop_map(|pieces| pieces.concat())
}

/// A report as a file without colours, wide enough that no line is broken, with waived findings.
pub(crate) fn render(report: &Report, format: Format) -> String {
    let style = Style { color: false, links: false, width: 10_000, include_waived: true };
    let mut text = Vec::new();
    format.write(report, &style, &mut text).expect("writing to memory");
    String::from_utf8(text).expect("UTF-8")
}
