use std::fmt::Write as _;

use roxmltree::{Document, Node};

use crate::finding::{Disposition, Notice, NoticeKind};
use crate::report::fixture::{self, render};
use crate::report::{Format, Report};

fn xml(report: &Report) -> String {
    render(report, Format::Junit)
}

fn elements<'a>(of: Node<'a, 'a>, name: &'a str) -> impl Iterator<Item = Node<'a, 'a>> {
    of.descendants().filter(move |node| node.has_tag_name(name))
}

/// Each case in a line: its class and name, how it went, its message.
fn outline(report: &Report) -> String {
    let text = xml(report);
    let document = Document::parse(&text).expect("XML");
    let mut outline = String::new();
    for case in elements(document.root(), "testcase") {
        let child = case.first_element_child();
        let went = match child.map(|child| child.tag_name().name()) {
            None => "passed",
            Some("system-out") => "passed, with output",
            Some(bad) => bad,
        };
        let message = child.and_then(|child| child.attribute("message")).unwrap_or_default();
        let [class, name] = ["classname", "name"].map(|name| case.attribute(name).expect("it has one"));
        let _ = writeln!(outline, "{class} {name}: {went} {message}");
    }
    outline
}

#[test]
fn there_is_a_case_for_every_rule_at_every_target_and_for_what_nobody_could_see() {
    insta::assert_snapshot!(outline(&fixture::everything()), @r##"
    audit the run as a whole: error incomplete: not everything was audited; 7 open findings at or above high (exit 3)
    audit unreadable: cannot list the apps of 111122223333: a\u{1b}[31mb\u{202e}c ::error::d\u{a}<script>&"'|`*[x](y)%0A,: error cannot list the apps of 111122223333: a\u{1b}[31mb\u{202e}c ::error::d\u{a}<script>&"'|`*[x](y)%0A,
    audit unreadable: cannot list the apps of 444455556666: a\u{1b}[31mb\u{202e}c ::error::d\u{a}<script>&"'|`*[x](y)%0A,: error cannot list the apps of 444455556666: a\u{1b}[31mb\u{202e}c ::error::d\u{a}<script>&"'|`*[x](y)%0A,
    audit empty_source: the source `nowhere` brought no target: error the source `nowhere` brought no target
    d1a2b3c4d5e6f7/prod/shopauth hostile/text: failure a\u{1b}[31mb\u{202e}c ::error::d\u{a}<script>&"'|`*[x](y)%0A,
    d1a2b3c4d5e6f7/prod/shopauth mfa/off: failure 2 findings: two marks
    d1a2b3c4d5e6f7/prod/shopauth mfa/optional: passed, with output 
    d1a2b3c4d5e6f7/prod/shopauth oauth/admin_scope: skipped waived until 2027-03-31: a\u{1b}[31mb\u{202e}c ::error::d\u{a}<script>&"'|`*[x](y)%0A,
    d2/a%1B[31mb%E2%80%AEc %3A%3Aerror%3A%3Ad%0A<script>&"'|`*[x](y)%250A,/auth hostile/text: failure a\u{1b}[31mb\u{202e}c ::error::d\u{a}<script>&"'|`*[x](y)%0A,
    d2/a%1B[31mb%E2%80%AEc %3A%3Aerror%3A%3Ad%0A<script>&"'|`*[x](y)%250A,/auth mfa/off: failure MFA is OFF, must be ON
    d2/a%1B[31mb%E2%80%AEc %3A%3Aerror%3A%3Ad%0A<script>&"'|`*[x](y)%250A,/auth mfa/optional: passed, with output 
    d2/a%1B[31mb%E2%80%AEc %3A%3Aerror%3A%3Ad%0A<script>&"'|`*[x](y)%250A,/auth oauth/admin_scope: skipped waived until 2027-03-31: a\u{1b}[31mb\u{202e}c ::error::d\u{a}<script>&"'|`*[x](y)%0A,
    d3/prod/auth hostile/text: error unaudited: cannot read auth settings of d3/prod/auth: access denied a\u{1b}[31mb\u{202e}c ::error::d\u{a}<script>&"'|`*[x](y)%0A,
    d3/prod/auth mfa/off: error unaudited: cannot read auth settings of d3/prod/auth: access denied a\u{1b}[31mb\u{202e}c ::error::d\u{a}<script>&"'|`*[x](y)%0A,
    d3/prod/auth mfa/optional: error unaudited: cannot read auth settings of d3/prod/auth: access denied a\u{1b}[31mb\u{202e}c ::error::d\u{a}<script>&"'|`*[x](y)%0A,
    d3/prod/auth oauth/admin_scope: error unaudited: cannot read auth settings of d3/prod/auth: access denied a\u{1b}[31mb\u{202e}c ::error::d\u{a}<script>&"'|`*[x](y)%0A,
    d4/prod/auth hostile/text: passed 
    d4/prod/auth mfa/off: failure there is no document: =1+1
    d4/prod/auth mfa/optional: error unaudited: cannot judge d4/prod/auth: division by zero
    d4/prod/auth oauth/admin_scope: error unaudited: cannot judge d4/prod/auth: division by zero
    d5/prod/auth hostile/text: error unaudited: cannot read d5/prod/auth: no answer
    d5/prod/auth mfa/off: error unaudited: cannot read d5/prod/auth: no answer
    d5/prod/auth mfa/optional: error unaudited: cannot read d5/prod/auth: no answer
    d5/prod/auth oauth/admin_scope: error unaudited: cannot read d5/prod/auth: no answer
    "##);
}

#[test]
fn a_case_says_all_that_is_known_of_its_findings() {
    let text = xml(&fixture::everything());
    let start = text.find("<testcase classname=\"d4/prod/auth\" name=\"mfa/off\"").expect("there");
    let end = text[start..].find("</testcase>").expect("it ends") + start;
    insta::assert_snapshot!(&text[start..end], @r##"
    <testcase classname="d4/prod/auth" name="mfa/off" time="0.000">
          <failure type="failure" message="there is no document: =1+1">
    open high: there is no document: =1+1
      path: the whole document
      at: recordings/shop/prod.json:14:20
      fingerprint: e2fabaf66d5c2bdff7588d888283600c
    app: a\u{1b}[31mb\u{202e}c ::error::d &lt;script&gt;&amp;&quot;'|`*[x](y)%0A,
    help: Set MFAMode to ON. Then push.
    </failure>
    "##);
}

type Change = fn(&mut Report);

#[test]
fn nothing_incomplete_is_green() {
    let whole = || {
        let mut report = fixture::report();
        report.targets.retain(|outcome| outcome.unaudited.is_none());
        report.findings.retain(|finding| finding.disposition != Disposition::Open);
        report
    };
    let incomplete: [(&str, Change); 6] = [
        ("interrupted", |report| report.interrupted = true),
        ("no target", |report| {
            report.targets.clear();
            report.findings.clear();
        }),
        ("an empty source", |report| report.notices.push(Notice::new(NoticeKind::EmptySource, "nothing"))),
        ("an unaudited target", |report| report.targets = fixture::report().targets),
        ("an unaudited target and no rule", |report| {
            report.targets = fixture::report().targets;
            report.rules.clear();
            report.findings.clear();
        }),
        ("an unaudited target that the exit code forgives", |report| {
            report.targets = fixture::report().targets;
            report.leniency.allow_incomplete = true;
        }),
    ];
    assert_eq!(bad(&whole()), (0, 0));
    for (what, change) in incomplete {
        let mut report = whole();
        change(&mut report);
        let (failures, errors) = bad(&report);
        assert!(failures == 0 && errors > 0, "{what}: {failures} failures, {errors} errors");
    }
    assert!(bad(&fixture::report()).0 > 0, "open findings are failures");
}

/// Failures and errors, which the totals count, too.
fn bad(report: &Report) -> (usize, usize) {
    let text = xml(report);
    let document = Document::parse(&text).expect("XML");
    for suites in ["testsuites", "testsuite"].iter().flat_map(|name| elements(document.root(), name)) {
        for (total, name) in [("tests", "testcase"), ("failures", "failure"), ("errors", "error")] {
            let said: usize = suites.attribute(total).and_then(|total| total.parse().ok()).expect("a number");
            assert_eq!(said, elements(suites, name).count(), "{total}\n{text}");
        }
    }
    (elements(document.root(), "failure").count(), elements(document.root(), "error").count())
}
