use std::collections::BTreeMap;
use std::sync::Arc;

use crate::finding::{Disposition, Finding, Rule, Severity};
use crate::location::{Location, Region};
use crate::report::fixture::{self, render};
use crate::report::{Format, Report};
use crate::target::TargetId;

/// A workflow command, as the runner understands it.
#[derive(Debug)]
pub(in crate::report) struct Command {
    pub(in crate::report) name: String,
    pub(in crate::report) properties: BTreeMap<String, String>,
    pub(in crate::report) data: String,
}

impl Command {
    /// `None` for a line of the log that is none. What the runner does: `src/Runner.Common/ActionCommand.cs` of
    /// actions/runner, `TryParseV2`, and `TryParse` for the brackets.
    pub(in crate::report) fn parse(line: &str) -> Option<Self> {
        const KNOWN: [&str; 13] = [
            "error",
            "warning",
            "notice",
            "debug",
            "group",
            "endgroup",
            "add-mask",
            "set-output",
            "set-env",
            "add-path",
            "save-state",
            "stop-commands",
            "echo",
        ];
        let is_known = |name: &str| KNOWN.iter().any(|known| known.eq_ignore_ascii_case(name));
        if let Some((_, rest)) = line.split_once("##[") {
            let (name, data) = rest.split_once(']')?;
            return Some(Self { name: name.to_owned(), properties: BTreeMap::new(), data: data.to_owned() });
        }
        let (head, data) = line.trim_start().strip_prefix("::")?.split_once("::")?;
        let (name, properties) = head.split_once(' ').unwrap_or((head, ""));
        if !is_known(name) {
            return None;
        }
        let properties = properties.trim().split(',').filter_map(|property| property.split_once('='));
        Some(Self {
            name: name.to_owned(),
            properties: properties.map(|(name, value)| (name.to_owned(), unescaped(value, true))).collect(),
            data: unescaped(data, false),
        })
    }

    pub(in crate::report) fn is_annotation(&self) -> bool {
        ["error", "warning", "notice"].contains(&self.name.as_str())
    }
}

fn unescaped(text: &str, is_property: bool) -> String {
    let text = text.replace("%0D", "\r").replace("%0A", "\n");
    let text = if is_property { text.replace("%3A", ":").replace("%2C", ",") } else { text };
    text.replace("%25", "%")
}

fn log(report: &Report) -> String {
    render(report, Format::Github)
}

#[test]
fn findings_are_annotations_and_the_rest_is_lines() {
    let mut report = fixture::everything();
    report.findings.retain(|finding| finding.message.len() < 1000);
    insta::assert_snapshot!(log(&report), @r##"
    ::error file=audit.toml,line=12,endLine=12,col=20,endColumn=25,title=unaudited[denied] d3/prod/auth (a\u{1b}[31mb\u{202e}c %3A%3Aerror%3A%3Ad <script>&"'|`*[x](y)%250A%2C)::cannot read auth settings of d3/prod/auth: access denied a\u{1b}[31mb\u{202e}c ::error::d\u{a}<script>&"'|`*[x](y)%250A,%0Aat: audit.toml:12:20%0Ahelp: allow amplifybackend:GetBackendAuth to the caller
    ::error file=audit.toml,line=12,endLine=12,col=20,endColumn=25,title=unaudited[policy] d4/prod/auth (a\u{1b}[31mb\u{202e}c %3A%3Aerror%3A%3Ad <script>&"'|`*[x](y)%250A%2C)::cannot judge d4/prod/auth: division by zero%0Anot judged: mfa/optional, oauth/admin_scope%0Aat: audit.toml:12:20
    ::error file=audit.toml,line=12,endLine=12,col=20,endColumn=25,title=unaudited[timeout] d5/prod/auth (a\u{1b}[31mb\u{202e}c %3A%3Aerror%3A%3Ad <script>&"'|`*[x](y)%250A%2C)::cannot read d5/prod/auth: no answer%0Aat: audit.toml:12:20
    ::error file=audit.toml,line=3,endLine=3,col=20,endColumn=25,title=incomplete[unreadable]::cannot list the apps of 111122223333: a\u{1b}[31mb\u{202e}c ::error::d\u{a}<script>&"'|`*[x](y)%250A,%0Aat: audit.toml:3:20%0Ahelp: allow amplify:ListApps
    ::error file=audit.toml,line=3,endLine=3,col=20,endColumn=25,title=incomplete[unreadable]::cannot list the apps of 444455556666: a\u{1b}[31mb\u{202e}c ::error::d\u{a}<script>&"'|`*[x](y)%250A,%0Aat: audit.toml:3:20%0Ahelp: allow amplify:ListApps
    ::error file=recordings/shop/prod.json,line=14,endLine=14,col=20,endColumn=25,title=critical[hostile/text] d1a2b3c4d5e6f7/prod/shopauth (a\u{1b}[31mb\u{202e}c %3A%3Aerror%3A%3Ad <script>&"'|`*[x](y)%250A%2C)::a\u{1b}[31mb\u{202e}c ::error::d\u{a}<script>&"'|`*[x](y)%250A,%0Apath: /ResourceConfig/UserPoolConfigs/Mfa/MFAMode%0Aexpected: "ON"%0Aactual: "OFF"%0Aat: recordings/shop/prod.json:14:20%0Ahelp: Set MFAMode to ON. Then push.
    ::error file=recordings/shop/prod.json,line=14,endLine=14,col=20,endColumn=25,title=critical[hostile/text] d2/a%251B[31mb%25E2%2580%25AEc %253A%253Aerror%253A%253Ad%250A<script>&"'|`*[x](y)%25250A%2C/auth (a\u{1b}[31mb\u{202e}c %3A%3Aerror%3A%3Ad <script>&"'|`*[x](y)%250A%2C)::a\u{1b}[31mb\u{202e}c ::error::d\u{a}<script>&"'|`*[x](y)%250A,%0Apath: /ResourceConfig/UserPoolConfigs/Mfa/MFAMode%0Aexpected: "ON"%0Aactual: "OFF"%0Aat: recordings/shop/prod.json:14:20%0Ahelp: Set MFAMode to ON. Then push.
    ::error file=recordings/shop/prod.json,line=14,endLine=14,col=20,endColumn=25,title=high[mfa/off] d1a2b3c4d5e6f7/prod/shopauth (a\u{1b}[31mb\u{202e}c %3A%3Aerror%3A%3Ad <script>&"'|`*[x](y)%250A%2C)::two marks%0Apath: /ResourceConfig/AuthResources%0Aexpected: "ON"%0Aactual: "OFF"%0Aat: recordings/shop/prod.json:14:20%0Ahelp: Set MFAMode to ON. Then push.
    ::error file=recordings/shop/prod.json,line=14,endLine=14,col=20,endColumn=25,title=high[mfa/off] d1a2b3c4d5e6f7/prod/shopauth (a\u{1b}[31mb\u{202e}c %3A%3Aerror%3A%3Ad <script>&"'|`*[x](y)%250A%2C)::MFA is OFF, must be ON%0Apath: /ResourceConfig/UserPoolConfigs/Mfa/MFAMode%0Aexpected: "ON"%0Aactual: "OFF"%0Aat: recordings/shop/prod.json:14:20%0Ahelp: Set MFAMode to ON. Then push.
    ::error file=recordings/shop/prod.json,line=14,endLine=14,col=20,endColumn=25,title=high[mfa/off] d2/a%251B[31mb%25E2%2580%25AEc %253A%253Aerror%253A%253Ad%250A<script>&"'|`*[x](y)%25250A%2C/auth (a\u{1b}[31mb\u{202e}c %3A%3Aerror%3A%3Ad <script>&"'|`*[x](y)%250A%2C)::MFA is OFF, must be ON%0Apath: /ResourceConfig/UserPoolConfigs/Mfa/MFAMode%0Aexpected: "ON"%0Aactual: "OFF"%0Aat: recordings/shop/prod.json:14:20%0Ahelp: Set MFAMode to ON. Then push.
    ::warning file=recordings/shop/prod.json,line=14,endLine=14,col=20,endColumn=25,title=below the threshold%2C medium[mfa/optional] d1a2b3c4d5e6f7/prod/shopauth (a\u{1b}[31mb\u{202e}c %3A%3Aerror%3A%3Ad <script>&"'|`*[x](y)%250A%2C)::MFA is OPTIONAL, must be ON%0Apath: /ResourceConfig/UserPoolConfigs/Mfa/MFAMode%0Aexpected: "ON"%0Aactual: "OFF"%0Aat: recordings/shop/prod.json:14:20%0Ahelp: Set MFAMode to ON. Then push.
    ::warning file=recordings/shop/prod.json,line=14,endLine=14,col=20,endColumn=25,title=below the threshold%2C medium[mfa/optional] d2/a%251B[31mb%25E2%2580%25AEc %253A%253Aerror%253A%253Ad%250A<script>&"'|`*[x](y)%25250A%2C/auth (a\u{1b}[31mb\u{202e}c %3A%3Aerror%3A%3Ad <script>&"'|`*[x](y)%250A%2C)::MFA is OPTIONAL, must be ON%0Apath: /ResourceConfig/UserPoolConfigs/Mfa/MFAMode%0Aexpected: "ON"%0Aactual: "OFF"%0Aat: recordings/shop/prod.json:14:20%0Ahelp: Set MFAMode to ON. Then push.
    ::warning file=recordings/shop/prod.json,line=14,endLine=14,col=20,endColumn=25,title=medium[mfa/optional] d3/prod/auth (a\u{1b}[31mb\u{202e}c %3A%3Aerror%3A%3Ad <script>&"'|`*[x](y)%250A%2C)::as it was ]]> # *now* (carried over)%0Apath: /a~1b/~0|%0Aexpected: "ON"%0Aactual: "OFF"%0Aat: recordings/shop/prod.json:14:20%0Ahelp: Set MFAMode to ON. Then push.
    ::group::not shown as annotations: 2
    incomplete[empty_source]: the source `nowhere` brought no target · at: ../outside.toml:1:20
    high[mfa/off] d4/prod/auth (a\u{1b}[31mb\u{202e}c ::error::d <script>&"'|`*[x](y)%0A,): there is no document: =1+1 · path: the whole document · at: recordings/shop/prod.json:14:20 · help: Set MFAMode to ON. Then push.
    ::endgroup::
    ::group::waived: 2
    waived, low[oauth/admin_scope] d1a2b3c4d5e6f7/prod/shopauth (a\u{1b}[31mb\u{202e}c ::error::d <script>&"'|`*[x](y)%0A,): tokens may change the user · path: /ResourceConfig/UserPoolConfigs/Mfa/MFAMode · expected: "ON" · actual: "OFF" · at: recordings/shop/prod.json:14:20 · waived: a\u{1b}[31mb\u{202e}c ::error::d\u{a}<script>&"'|`*[x](y)%0A, (until 2027-03-31, shop-team) · help: Set MFAMode to ON. Then push.
    waived, low[oauth/admin_scope] d2/a%1B[31mb%E2%80%AEc %3A%3Aerror%3A%3Ad%0A<script>&"'|`*[x](y)%250A,/auth (a\u{1b}[31mb\u{202e}c ::error::d <script>&"'|`*[x](y)%0A,): tokens may change the user · path: /ResourceConfig/UserPoolConfigs/Mfa/MFAMode · expected: "ON" · actual: "OFF" · at: recordings/shop/prod.json:14:20 · waived: a\u{1b}[31mb\u{202e}c ::error::d\u{a}<script>&"'|`*[x](y)%0A, (until 2027-03-31, shop-team) · help: Set MFAMode to ON. Then push.
    ::endgroup::
    ::group::notices: 2
    notice[waiver_expired]: the waiver of mfa/off for `d9/*` expired on 2026-01-31
    notice[waiver_unused]: matches nothing a\u{1b}[31mb\u{202e}c ::error::d\u{a}<script>&"'|`*[x](y)%0A, · at: audit.toml:30:20
    ::endgroup::
    ::notice title=audit::… 2 more are not shown as annotations, of which GitHub shows 10 of each kind: the log of this step has them, and so has every other format of the report
    targets: 5, 2 audited by 4 rules, 3 unaudited
    findings: 2 critical, 4 high, 1 medium open (threshold: high), 2 medium below the threshold, 2 waived
    incomplete: not everything was audited; 7 open findings at or above high (exit 3)
    "##);
}

#[test]
fn nothing_is_lost_beyond_what_github_shows() {
    let mut report = fixture::everything();
    let model = report.findings[0].clone();
    report.findings.clear();
    for severity in Severity::ALL {
        let rule = Arc::new(Rule { severity, ..(*model.rule).clone() });
        let of_severity = (0..20).map(|number| Finding {
            rule: Arc::clone(&rule),
            severity,
            message: format!("{severity} number {number}."),
            path: format!("/{severity}/{number}"),
            disposition: Disposition::Open,
            ..model.clone()
        });
        report.findings.extend(of_severity);
    }
    let text = log(&report);
    let mut counts = BTreeMap::new();
    let mut unaudited = 0;
    for command in text.lines().filter_map(Command::parse).filter(Command::is_annotation) {
        unaudited += usize::from(command.properties["title"].starts_with("unaudited"));
        *counts.entry(command.name).or_insert(0) += 1;
    }
    assert_eq!(counts.into_values().collect::<Vec<_>>(), [10, 10, 10], "errors, notices, warnings");
    assert_eq!(unaudited, 3, "what could not be audited is not crowded out");
    for finding in &report.findings {
        assert_eq!(text.matches(&finding.message).count(), 1, "{}", finding.message);
    }
    // 100 findings, 3 targets and 3 notices, of which 29 are shown, and the closing one.
    let closing = text.lines().filter_map(Command::parse).find(|command| command.data.starts_with('…'));
    assert!(closing.expect("there is more").data.starts_with("… 77 more are not shown"), "{text}");
}

#[test]
fn a_title_that_is_cut_is_whole_in_the_message() {
    let mut report = fixture::report();
    report.targets.truncate(1);
    report.findings.truncate(1);
    let target = Arc::make_mut(&mut report.findings[0].target);
    target.id = TargetId::new("d1", &"e".repeat(300), "auth");
    let id = target.id.clone();
    let text = log(&report);
    let annotation = text.lines().find_map(Command::parse).expect("an annotation");
    assert!(annotation.properties["title"].ends_with('…'));
    assert!(annotation.data.contains(id.as_str()), "{}", annotation.data);
}

#[test]
fn an_annotation_stands_where_github_can_show_it() {
    let region = |end_line| Region { line: 7, column: 3, end_line, end_column: 9 };
    for (file, region, shown) in [
        ("a,b:c%.json", region(7), "file=a%2Cb%3Ac%25.json,line=7,endLine=7,col=3,endColumn=9,title="),
        ("a.json", region(8), "file=a.json,line=7,endLine=8,title="),
        // Outside of the repository: the line of audit.toml is shown instead.
        ("../a.json", region(7), "file=audit.toml,line=12,endLine=12,col=20,endColumn=25,title="),
    ] {
        let mut report = fixture::report();
        report.targets.truncate(1);
        report.findings.truncate(1);
        report.findings[0].evidence.location = Location { file: file.into(), region };
        let text = log(&report);
        assert!(text.starts_with(&format!("::error {shown}")), "{text}");
    }
}
