//! What code scanning and the standard ask of the file, on the fixture of all formats.

use std::collections::BTreeSet;
use std::sync::Arc;
use std::time::Duration;

use serde_json::{Value, json};

use super::text::lines;
use super::*;
use crate::finding::{Finding, NoticeKind, Severity, fingerprint};
use crate::report::fixture::{self, HOSTILE, report};
use crate::report::{Outcome, Selection};
use crate::target::{Cause, Scope, TargetId};
use crate::untrusted::is_unprintable;

const STYLE: Style = Style { color: false, links: false, width: 100, include_waived: false };
const WITH_WAIVED: Style = Style { include_waived: true, ..STYLE };

fn text(report: &Report, style: Style) -> String {
    let mut out = Vec::new();
    write(report, &style, &mut out).expect("a vector takes everything");
    String::from_utf8(out).expect("JSON is UTF-8")
}

fn run(report: &Report, style: Style) -> Value {
    run_of(&text(report, style))
}

fn run_of(text: &str) -> Value {
    let log: Value = serde_json::from_str(text).expect("JSON");
    assert_eq!(log["runs"].as_array().map(Vec::len), Some(1));
    log["runs"][0].clone()
}

fn results(run: &Value) -> &[Value] {
    run["results"].as_array().expect("results")
}

fn fingerprint_of(result: &Value) -> &str {
    result["partialFingerprints"]["auditFinding/v1"].as_str().expect("a fingerprint")
}

/// Of `report`'s findings and of its unaudited targets.
fn fingerprints(report: &Report, of: impl Fn(&Finding) -> bool) -> BTreeSet<String> {
    let blind = report.targets.iter().filter(|outcome| outcome.unaudited.is_some());
    let blind = blind.map(|outcome| fingerprint(&["audit/unaudited", outcome.target.id.as_str(), ""]));
    report.findings.iter().filter(|finding| of(finding)).map(Finding::fingerprint).chain(blind).collect()
}

/// A report whose texts are all empty, or all far too long.
fn with_texts(of: &str) -> Report {
    let mut report = report();
    for finding in &mut report.findings {
        let rule = Arc::make_mut(&mut finding.rule);
        for text in [&mut rule.title, &mut rule.description, &mut rule.remediation, &mut finding.message] {
            of.clone_into(text);
        }
        rule.references = vec![of.to_owned(); 3];
        rule.links = vec![of.to_owned()];
        rule.tags = (0..30)
            .map(|number| if of.is_empty() { String::new() } else { format!("t{}", number / 2) })
            .collect();
        finding.path.clear();
        if let Some(waiver) = &mut finding.waiver {
            of.clone_into(&mut waiver.reason);
        }
        let target = Arc::make_mut(&mut finding.target);
        target.resource = String::new();
    }
    report.rules = report.findings.iter().map(|finding| Arc::clone(&finding.rule)).collect();
    for notice in &mut report.notices {
        of.clone_into(&mut notice.message);
    }
    for outcome in &mut report.targets {
        if let Some(why) = &mut outcome.unaudited {
            of.clone_into(&mut why.message);
        }
    }
    report.sort();
    report
}

/// Calls `visit` with every string and the name of the member that holds it.
fn strings<'v>(value: &'v Value, member: &'v str, visit: &mut dyn FnMut(&'v str, &'v str)) {
    match value {
        Value::String(text) => visit(member, text),
        Value::Array(items) => items.iter().for_each(|item| strings(item, member, visit)),
        Value::Object(members) => members.iter().for_each(|(name, item)| strings(item, name, visit)),
        Value::Null | Value::Bool(_) | Value::Number(_) => {}
    }
}

/// What a reader shows for a message without arguments: §3.11.5, §3.11.6.
pub(super) fn shown(message: &str) -> String {
    let mut shown = String::new();
    let mut characters = message.chars();
    while let Some(character) = characters.next() {
        match character {
            '\\' | '{' | '}' => {
                let next = characters.next().expect("nothing stands alone");
                let meant =
                    if character == '\\' { matches!(next, '[' | ']' | '\\') } else { next == character };
                assert!(meant, "{character}{next} in {message}");
                shown.push(next);
            }
            '[' | ']' => panic!("a link may begin in {message}"),
            _ => shown.push(character),
        }
    }
    shown
}

#[test]
fn every_report_is_valid() {
    // From npm `@microsoft/sarif-multitool-linux` 5.7.0: the schema of OASIS with its wrong pattern for
    // `language` mended. It refers to nothing outside.
    let schema: Value =
        serde_json::from_str(include_str!("../../../tests/data/sarif-2.1.0.json")).expect("JSON");
    let schema = jsonschema::options().should_validate_formats(true).build(&schema).expect("a schema");
    let mut empty = report();
    empty.targets.clear();
    empty.findings.clear();
    empty.notices.clear();
    empty.rules.clear();
    for report in [report(), empty, with_texts(""), with_texts(&HOSTILE.repeat(200))] {
        for style in [STYLE, WITH_WAIVED] {
            let log = serde_json::from_str(&text(&report, style)).expect("JSON");
            let problems: Vec<_> = schema.iter_errors(&log).map(|error| error.to_string()).collect();
            assert_eq!(problems, [""; 0]);
        }
    }
    // The validator looks: a column before the first, a URI that is none.
    let mut log: Value = serde_json::from_str(&text(&report(), STYLE)).expect("JSON");
    let place = &mut log["runs"][0]["results"][0]["locations"][0]["physicalLocation"];
    place["region"]["startColumn"] = json!(0);
    place["artifactLocation"]["uri"] = json!("a b");
    assert_eq!(schema.iter_errors(&log).count(), 2);
}

#[test]
fn waived_findings_are_left_out_unless_asked_for() {
    let report = report();
    let all = fingerprints(&report, |_| true);
    let unwaived = fingerprints(&report, |finding| finding.disposition != Disposition::Waived);
    assert!(unwaived.len() < all.len());
    for (style, expected) in [(STYLE, unwaived), (WITH_WAIVED, all)] {
        let run = run(&report, style);
        let written: Vec<_> = results(&run).iter().map(fingerprint_of).collect();
        assert_eq!(written.len(), expected.len(), "none twice");
        assert_eq!(written.into_iter().map(str::to_owned).collect::<BTreeSet<_>>(), expected);
    }
}

#[test]
fn suppressions_stand_on_all_results_or_on_none() {
    let report = report();
    assert!(results(&run(&report, STYLE)).iter().all(|result| result.get("suppressions").is_none()));
    let run = run(&report, WITH_WAIVED);
    let accepted = results(&run).iter().filter(|result| {
        let suppressions = result["suppressions"].as_array().expect("on every result");
        let waived = result["properties"]["disposition"] == "waived";
        assert_eq!(suppressions.len(), usize::from(waived));
        waived
    });
    let accepted: Vec<_> = accepted.map(|result| &result["suppressions"][0]).collect();
    assert_eq!(accepted.len(), 2);
    assert_eq!(accepted[0]["kind"], "external");
    assert_eq!(accepted[0]["status"], "accepted");
    assert_eq!(accepted[0]["justification"], lines(HOSTILE));
    assert_eq!(accepted[0]["properties"], json!({"owner": "shop-team", "expires": "2027-03-31"}));
}

#[test]
fn a_finding_becomes_this_result() {
    let mut report = report();
    for finding in &mut report.findings {
        Arc::make_mut(&mut finding.target).app_name = Some("shop".to_owned());
    }
    let run = run(&report, STYLE);
    let result = results(&run).iter().find(|result| {
        result["ruleId"] == "mfa/off" && result["properties"]["target"] == "d1a2b3c4d5e6f7/prod/shopauth"
    });
    let finding = fingerprint(&[
        "mfa/off",
        "d1a2b3c4d5e6f7/prod/shopauth",
        "/ResourceConfig/UserPoolConfigs/Mfa/MFAMode",
    ]);
    let expected = json!({
        "ruleId": "mfa/off",
        "ruleIndex": 2,
        "level": "error",
        "message": {"text": "MFA is OFF, must be ON (shop · d1a2b3c4d5e6f7/prod/shopauth)"},
        "locations": [{
            "physicalLocation": {
                "artifactLocation": {"uri": "recordings/shop/prod.json", "uriBaseId": "%SRCROOT%"},
                "region": {"startLine": 14, "startColumn": 20, "endLine": 14, "endColumn": 25},
            },
            "logicalLocations": [{
                "name": "shopauth",
                "fullyQualifiedName": "d1a2b3c4d5e6f7/prod/shopauth",
                "kind": "resource",
            }],
        }],
        "partialFingerprints": {
            "primaryLocationLineHash": format!("{finding}:1"),
            "auditFinding/v1": finding,
        },
        "properties": {
            "severity": "high",
            "disposition": "open",
            "target": "d1a2b3c4d5e6f7/prod/shopauth",
            "app_name": "shop",
            "stage": "production",
            "path": "/ResourceConfig/UserPoolConfigs/Mfa/MFAMode",
            "expected": "ON",
            "actual": "OFF",
        },
    });
    assert_eq!(result, Some(&expected));
}

#[test]
fn an_unaudited_target_is_a_result_that_comes_first() {
    let run = run(&report(), STYLE);
    let result = &results(&run)[0];
    assert_eq!(result["ruleId"], "audit/unaudited");
    assert_eq!(result["level"], "error");
    let place = &result["locations"][0]["physicalLocation"];
    assert_eq!(place["artifactLocation"]["uri"], "audit.toml");
    assert_eq!(place["region"]["startLine"], 12);
    let message = shown(result["message"]["text"].as_str().expect("a message"));
    assert!(message.starts_with("cannot read auth settings of d3/prod/auth: access denied"), "{message}");
    assert!(message.ends_with(". To fix: allow amplifybackend:GetBackendAuth to the caller"), "{message}");
    assert_eq!(
        result["properties"],
        json!({
            "cause": "denied",
            "attempts": 1,
            "target": "d3/prod/auth",
            "app_name": printable(&HOSTILE.replace('\n', " ")),
            "stage": "production",
        })
    );
    let rule = &run["tool"]["driver"]["rules"]
        [usize::try_from(result["ruleIndex"].as_u64().expect("an index")).expect("small")];
    assert_eq!(rule["id"], "audit/unaudited");
}

#[test]
fn an_unaudited_file_is_shown_where_it_is_wrong() {
    let mut report = report();
    let uri = |report: &Report| {
        run(report, STYLE)["results"][0]["locations"][0]["physicalLocation"]["artifactLocation"]["uri"]
            .clone()
    };
    for (file, shown) in [("recordings/a.json", "recordings/a.json"), ("../a.json", "audit.toml")] {
        for why in report.targets.iter_mut().filter_map(|outcome| outcome.unaudited.as_mut()) {
            why.location = Some(Location { file: file.into(), region: Region::START });
        }
        assert_eq!(uri(&report), shown);
    }
}

#[test]
fn alerts_of_two_targets_have_two_titles() {
    let run = run(&report(), WITH_WAIVED);
    let titles: BTreeSet<_> = results(&run).iter().map(|result| result["message"]["text"].as_str()).collect();
    assert_eq!(titles.len(), results(&run).len());
}

#[test]
fn every_result_has_a_place_in_the_repository_and_its_rule() {
    let mut report = report();
    for (finding, file) in
        report.findings.iter_mut().zip(["../outside.json", "..", "", "a/b.json"].into_iter().cycle())
    {
        finding.evidence.location.file = file.into();
    }
    let run = run(&report, WITH_WAIVED);
    let rules = run["tool"]["driver"]["rules"].as_array().expect("rules");
    for result in results(&run) {
        let place = &result["locations"][0]["physicalLocation"];
        let uri = place["artifactLocation"]["uri"].as_str().expect("a URI");
        assert!(["audit.toml", "a/b.json"].contains(&uri), "{uri}");
        assert_eq!(place["region"]["startLine"], if uri == "audit.toml" { 12 } else { 14 });
        let index = usize::try_from(result["ruleIndex"].as_u64().expect("an index")).expect("small");
        assert_eq!(rules[index]["id"], result["ruleId"]);
    }
}

#[test]
fn all_loaded_rules_are_listed_once_whether_they_fired_or_not() {
    let mut report = report();
    report.findings.clear();
    let listed = |report: &Report| -> Vec<String> {
        let run = run(report, STYLE);
        let rules = run["tool"]["driver"]["rules"].as_array().expect("rules");
        rules.iter().map(|rule| rule["id"].as_str().expect("an id").to_owned()).collect()
    };
    let all = ["audit/unaudited", "hostile/text", "mfa/off", "mfa/optional", "oauth/admin_scope"];
    assert_eq!(listed(&report), all);
    // A finding of a rule that no pack holds any more still has its rule.
    let mut carried = super::super::fixture::report();
    carried.rules.clear();
    assert_eq!(listed(&carried), all);
}

#[test]
fn a_rule_is_described_as_code_scanning_wants_it() {
    let run = run(&report(), STYLE);
    let expected = json!({
        "id": "mfa/optional",
        "name": "MfaOptional",
        "shortDescription": {"text": "title of mfa/optional"},
        "fullDescription": {"text": "why mfa/optional matters."},
        "help": {
            "text": "title of mfa/optional\n\nwhy mfa/optional matters.\n\nHow to fix: Set MFAMode to ON.\nThen push.\n\n\
                References: OWASP ASVS 5.0 6.3.3; NIST SP 800-63B-4 §3.1.1.2; https://example.com/mfa",
            "markdown": "# title of mfa/optional\n\nwhy mfa/optional matters.\n\n## How to fix\n\nSet MFAMode to ON.\nThen push.\n\n\
                ## References\n\n- [OWASP ASVS 5.0 6.3.3](https://owasp.org/www-project-application-security-verification-standard/)\n\
                - [NIST SP 800-63B-4 §3.1.1.2](https://doi.org/10.6028/NIST.SP.800-63B-4)\n- https://example.com/mfa",
        },
        "defaultConfiguration": {"level": "warning"},
        "relationships": [
            {
                "target": {"id": "§3.1.1.2", "index": 0, "toolComponent": {"name": "NIST SP 800-63B-4", "index": 0}},
                "kinds": ["relevant"],
            },
            {
                "target": {"id": "6.3.3", "index": 0, "toolComponent": {"name": "OWASP ASVS", "index": 1}},
                "kinds": ["relevant"],
            },
        ],
        "properties": {
            "tags": ["security", "mfa"],
            "precision": "high",
            "problem.severity": "warning",
            "security-severity": "5.5",
        },
    });
    assert_eq!(run["tool"]["driver"]["rules"][3], expected);
}

#[test]
fn every_clause_of_a_known_standard_is_a_taxon() {
    let mut report = report();
    let references = [
        &["CWE-79", "CWE-308", "CWE-79"][..],
        &["OWASP ASVS 4.0.3 2.1.1", "CWE-308", "our handbook, page 3"],
        &[],
        &["RFC 9700 §2.1", HOSTILE],
    ];
    for (rule, references) in report.rules.iter_mut().zip(references) {
        Arc::make_mut(rule).references = references.iter().map(|&text| text.to_owned()).collect();
    }
    let run = run(&report, STYLE);
    let taxonomies = run["taxonomies"].as_array().expect("taxonomies");
    let supported: Vec<_> = taxonomies
        .iter()
        .enumerate()
        .map(|(index, taxonomy)| json!({"name": taxonomy["name"], "index": index}))
        .collect();
    assert_eq!(run["tool"]["driver"]["supportedTaxonomies"], json!(supported));
    let named = |rule: &Value| -> Vec<String> {
        let relationships = rule["relationships"].as_array().map_or(&[][..], Vec::as_slice);
        let clause = |relationship: &Value| {
            let index = |value: &Value| usize::try_from(value.as_u64().expect("an index")).expect("small");
            let target = &relationship["target"];
            let taxonomy = &taxonomies[index(&target["toolComponent"]["index"])];
            assert_eq!(taxonomy["name"], target["toolComponent"]["name"]);
            let taxon = &taxonomy["taxa"][index(&target["index"])];
            assert_eq!(taxon["id"], target["id"]);
            let version = taxonomy["version"].as_str().unwrap_or("-");
            let text = |value: &Value| value.as_str().expect("text").to_owned();
            [text(&taxonomy["name"]), version.to_owned(), text(&taxon["id"]), text(&relationship["kinds"][0])]
                .join(" ")
        };
        relationships.iter().map(clause).collect()
    };
    let rules = run["tool"]["driver"]["rules"].as_array().expect("rules");
    let related: Vec<_> =
        rules.iter().map(|rule| (rule["id"].as_str().expect("an id"), named(rule))).collect();
    let expected = [
        ("audit/unaudited", vec![]),
        ("hostile/text", vec!["CWE - 308 superset", "CWE - 79 superset"]),
        ("mfa/off", vec!["CWE - 308 superset", "OWASP ASVS 4.0.3 2.1.1 relevant"]),
        ("mfa/optional", vec![]),
        ("oauth/admin_scope", vec!["RFC 9700 - §2.1 relevant"]),
    ];
    assert_eq!(
        related,
        expected.map(|(rule, clauses)| (rule, clauses.into_iter().map(str::to_owned).collect()))
    );
    let tags = &rules[1]["properties"]["tags"];
    assert_eq!(tags, &json!(["security", "external/cwe/cwe-079", "external/cwe/cwe-308", "mfa"]));
}

#[test]
fn nothing_is_empty_or_longer_than_code_scanning_takes() {
    for (report, style) in [(with_texts(""), WITH_WAIVED), (with_texts(&HOSTILE.repeat(200)), WITH_WAIVED)] {
        let run = run(&report, style);
        strings(&run, "", &mut |member, text| {
            assert!(!text.is_empty() || member == "path", "`{member}` is empty");
        });
        for rule in run["tool"]["driver"]["rules"].as_array().expect("rules") {
            for (text, longest) in [
                (&rule["name"], 255),
                (&rule["shortDescription"]["text"], 1024),
                (&rule["fullDescription"]["text"], 1024),
            ] {
                assert!(text.as_str().expect("text").chars().count() <= longest, "{text}");
            }
            let tags = rule["properties"]["tags"].as_array().expect("tags");
            assert!((1..=10).contains(&tags.len()));
            assert_eq!(tags[0], "security");
        }
        for result in results(&run) {
            let message = result["message"]["text"].as_str().expect("a message");
            assert!(message.len() < 4000 && !message.starts_with(' '), "{message}");
        }
    }
}

#[test]
fn hostile_text_is_inert() {
    let mut report = report();
    let mut hostile = (*report.rules[0]).clone();
    hostile.title = HOSTILE.to_owned();
    hostile.description = HOSTILE.to_owned();
    hostile.links = vec![HOSTILE.to_owned()];
    report.rules[0] = Arc::new(hostile);
    report.findings[0].actual = Some(json!("##[error]a ###[warning]b\u{202e}"));
    let mut file = (*report.targets[0].target).clone();
    file.id = TargetId::of_file(HOSTILE);
    HOSTILE.clone_into(&mut file.resource);
    report.targets[0] =
        Outcome { target: Arc::new(file), unaudited: Some(Unaudited::new(Cause::Io, HOSTILE)) };
    let text = text(&report, WITH_WAIVED);
    assert!(!text.contains(|c: char| is_unprintable(c) && c != '\n'));
    assert!(!text.contains("##[") && !text.lines().any(|line| line.trim_start().starts_with("::")));
    let run = run_of(&text);
    assert_eq!(results(&run)[2]["properties"]["actual"], "##[error]a ###[warning]b\u{202e}");
    strings(&run, "", &mut |member, text| {
        // The target's id and the values of a document, for programs, mean what they say.
        if !["target", "path", "expected", "actual"].contains(&member) {
            assert!(!text.contains(|c: char| is_unprintable(c) && c != '\n'), "`{member}`: {text:?}");
        }
        assert!(member != "markdown" || !text.contains('<'), "{text}");
    });
    for result in results(&run)
        .iter()
        .chain(run["invocations"][0]["toolExecutionNotifications"].as_array().expect("notifications"))
    {
        shown(result["message"]["text"].as_str().expect("a message"));
    }
    let hostile = results(&run).iter().find(|result| result["ruleId"] == "hostile/text").expect("a result");
    let message = shown(hostile["message"]["text"].as_str().expect("a message"));
    assert!(message.starts_with(&*printable(HOSTILE)), "{message}");
}

#[test]
fn a_region_never_ends_before_it_starts() {
    let region = |line, column, end_line, end_column| {
        let region = SarifRegion::of(Region { line, column, end_line, end_column });
        (region.start_line, region.start_column, region.end_line, region.end_column)
    };
    assert_eq!(region(3, 9, 3, 4), (3, 9, 3, 9));
    assert_eq!(region(3, 9, 2, 40), (3, 9, 3, 9));
    assert_eq!(region(3, 9, 4, 1), (3, 9, 4, 1));
}

#[test]
fn fingerprints_do_not_move_with_lines() {
    let before = report();
    let mut after = report();
    for finding in &mut after.findings {
        finding.evidence.location = Location { file: "other.json".into(), region: Region::START };
        finding.evidence.excerpt = None;
        finding.message.push('!');
    }
    for outcome in &mut after.targets {
        Arc::make_mut(&mut outcome.target).declared.region = Region::START;
    }
    let (before, after) = (run(&before, STYLE), run(&after, STYLE));
    for (before, after) in results(&before).iter().zip(results(&after)) {
        assert_ne!(before["locations"], after["locations"]);
        assert_eq!(before["partialFingerprints"], after["partialFingerprints"]);
    }
}

#[test]
fn neither_findings_nor_what_was_not_seen_push_out_the_other() {
    for (unseen, findings, left_out) in [
        ((0, 0), (10, 10), (0, 0)),
        ((10, 10), (0, 0), (0, 0)),
        ((4, 4), (6, 6), (0, 0)),
        ((11, 10), (0, 0), (1, 0)),
        ((0, 0), (12, 10), (0, 2)),
        ((30, 8), (2, 2), (22, 0)),
        ((2, 2), (30, 8), (0, 22)),
        ((26, 5), (50, 5), (21, 45)),
    ] {
        let left = LeftOut::of(unseen.0, findings.0, 10);
        assert_eq!((left.unseen, left.findings), left_out);
        assert_eq!((unseen.0 - left.unseen, findings.0 - left.findings), (unseen.1, findings.1));
    }
    let mut report = report();
    for number in 0..9 {
        let mut outcome = report.targets.iter().find(|outcome| outcome.unaudited.is_some()).map(|outcome| {
            let id = TargetId::new(&format!("e{number}"), "prod", "auth");
            (Target { id, ..(*outcome.target).clone() }, outcome.unaudited.clone())
        });
        let (target, unaudited) = outcome.take().expect("one is unaudited");
        report.targets.push(Outcome { target: target.into(), unaudited });
    }
    let unaudited = unaudited_rule();
    let (log, left_out) = Log::of(&report, &unaudited, &WITH_WAIVED, 6);
    let log = serde_json::to_value(&log).expect("serialises");
    let run = &log["runs"][0];
    let is_unseen = |result: &&Value| result["ruleId"] == UNAUDITED;
    let (unseen, findings): (Vec<_>, Vec<_>) = results(run).iter().partition(is_unseen);
    assert_eq!((unseen.len(), findings.len()), (3, 3));
    assert_eq!(left_out, LeftOut { unseen: 7, findings: 5 });
    let said = run["invocations"][0]["toolExecutionNotifications"][0]["message"]["text"].as_str();
    let expected = "Left out: 5 findings, the least severe, and 7 results for what could not be audited. ";
    assert!(said.expect("it is said").starts_with(expected), "{said:?}");
}

const NONE: LeftOut = LeftOut { unseen: 0, findings: 0 };

#[test]
fn the_least_severe_are_left_out_and_counted() {
    let report = report();
    let unaudited = unaudited_rule();
    let run = |most| {
        let (log, left_out) = Log::of(&report, &unaudited, &WITH_WAIVED, most);
        (serde_json::to_value(&log).expect("serialises")["runs"][0].clone(), left_out)
    };
    let notified = |run: &Value| -> Option<String> {
        let notification = &run["invocations"][0]["toolExecutionNotifications"][0];
        let message = notification["message"]["text"].as_str().expect("a message").to_owned();
        (notification["descriptor"]["id"] == "results_left_out").then_some(message)
    };
    let (all, none) = run(MOST_RESULTS);
    assert_eq!((results(&all).len(), none, notified(&all)), (9, NONE, None));
    let (all, none) = run(9);
    assert_eq!((none, notified(&all)), (NONE, None));
    let (some, left_out) = run(4);
    assert_eq!(results(&some), &results(&all)[..4]);
    let severities: Vec<_> =
        results(&some).iter().map(|result| result["properties"]["severity"].as_str()).collect();
    assert_eq!(severities, [None, Some("critical"), Some("critical"), Some("high")]);
    assert!(notified(&some).expect("it is said").starts_with("Left out: 5 findings, the least severe. "));
    assert_eq!(left_out, LeftOut { unseen: 0, findings: 5 });
    assert_eq!(MOST_RESULTS, 25_000);
}

#[test]
fn the_run_tells_what_it_could_not_see() {
    let mut report = report();
    report.notices.push(Notice::new(NoticeKind::EmptySource, "nothing there"));
    let run = run(&report, STYLE);
    let invocation = &run["invocations"][0];
    assert_eq!(invocation["executionSuccessful"], true);
    assert_eq!(invocation["exitCode"], 3);
    assert_eq!(invocation["startTimeUtc"], "2026-11-22T10:00:00.000Z");
    assert_eq!(invocation["endTimeUtc"], "2026-11-22T10:00:01.234Z");
    let told: Vec<_> = invocation["toolExecutionNotifications"]
        .as_array()
        .expect("notifications")
        .iter()
        .map(|notification| {
            (
                notification["descriptor"]["id"].as_str().expect("an id"),
                notification["level"].as_str().expect("a level"),
            )
        })
        .collect();
    assert_eq!(told, [("denied", "warning"), ("waiver_unused", "note"), ("empty_source", "warning")]);
    assert_eq!(run["automationDetails"]["id"], "audit/");
}

#[test]
fn a_notice_outside_the_repository_has_no_place() {
    let mut report = report();
    report.notices[0].location = Some(Location { file: "../audit.toml".into(), region: Region::START });
    let run = run(&report, STYLE);
    let told = run["invocations"][0]["toolExecutionNotifications"].as_array().expect("notifications");
    let places: Vec<_> = told.iter().map(|notification| notification.get("locations").is_some()).collect();
    assert_eq!(places, [true, false]);
}

#[test]
fn a_level_is_that_of_the_finding_and_not_of_its_rule() {
    let mut report = report();
    for (finding, severity) in report.findings.iter_mut().zip(Severity::ALL) {
        finding.severity = severity;
        finding.disposition = Disposition::BelowThreshold;
    }
    let run = run(&report, STYLE);
    let levels: Vec<_> = results(&run)[1..6].iter().map(|result| result["level"].as_str()).collect();
    assert_eq!(levels, ["error", "error", "warning", "note", "note"].map(Some));
}

#[test]
fn a_run_that_judged_nothing_failed() {
    let successful = |report: &Report| run(report, STYLE)["invocations"][0]["executionSuccessful"].clone();
    let mut nothing_judged = report();
    nothing_judged.rules.clear();
    assert_eq!(successful(&nothing_judged), false);
    // An empty shard has alerts of its own to close: those of an app that left it.
    let mut empty = report();
    empty.shard = Some(Shard { index: 2, count: 9 });
    (empty.targets, empty.findings) = (Vec::new(), Vec::new());
    assert_eq!(successful(&empty), false);
    empty.notices = vec![Notice::new(NoticeKind::EmptyShard, "nothing in 2/9")];
    assert_eq!((empty.summary().exit_code, successful(&empty)), (0, true.into()));
    // But where something could not be listed, nobody knows what would be in it.
    empty.notices.push(Notice::new(NoticeKind::Unreadable, "cannot list the apps of an account"));
    assert_eq!(successful(&empty), false);
    let mut nothing_seen = report();
    nothing_seen.targets.retain(|outcome| outcome.unaudited.is_some());
    assert_eq!(successful(&nothing_seen), false);
    // One that some rules could not judge was seen by the others.
    let of_rules = |rules: Vec<String>| {
        let mut report = report();
        for outcome in &mut report.targets {
            let why = Unaudited::new(Cause::Policy, "not compared");
            outcome.unaudited = Some(Unaudited { rules: Arc::new(rules.clone()), ..why });
        }
        report
    };
    let all: Vec<String> = report().rules.iter().map(|rule| rule.id.clone()).collect();
    assert_eq!(successful(&of_rules(all[1..].to_vec())), true);
    assert_eq!(successful(&of_rules(all)), false);
    let mut partly_seen = report();
    partly_seen.targets.push(Outcome {
        target: Arc::clone(&partly_seen.targets[0].target),
        unaudited: Some(Unaudited::new(Cause::Throttled, "slow")),
    });
    assert_eq!(successful(&partly_seen), true);
}

#[test]
fn a_message_names_its_target_once() {
    let mut report = report();
    let mut target = (*report.targets[0].target).clone();
    target.id = TargetId::new("d9", "prod", "auth");
    target.app_name = Some(" shop\n".to_owned());
    report.targets = vec![Outcome {
        target: Arc::new(target),
        unaudited: Some(Unaudited::new(Cause::Throttled, "AWS slowed us down.")),
    }];
    let title = |report: &Report| run(report, STYLE)["results"][0]["message"]["text"].clone();
    assert_eq!(title(&report), "AWS slowed us down (shop · d9/prod/auth)");
    let why = Unaudited::new(Cause::Throttled, "cannot read d9/prod/auth.").with_help("wait");
    report.targets[0].unaudited = Some(why);
    assert_eq!(title(&report), "cannot read d9/prod/auth (shop). To fix: wait");
    // A name that is the id says nothing.
    Arc::make_mut(&mut report.targets[0].target).app_name = Some("d1a2b3c4d5e6f7".to_owned());
    assert_eq!(title(&report), "cannot read d9/prod/auth. To fix: wait");
}

#[test]
fn a_time_past_the_end_of_time_is_left_out() {
    let mut report = report();
    report.duration = Duration::MAX;
    assert_eq!(run(&report, STYLE)["invocations"][0].get("endTimeUtc"), None);
}

#[test]
fn what_could_not_be_read_is_a_result_at_its_source() {
    let place = Location { file: "audit.toml".into(), region: Region { line: 7, ..Region::START } };
    let unread = |said: &str, app: &str| {
        let why = Unaudited::new(Cause::Denied, format!("no environments of {app}: {said}."))
            .with_gist("role auditor may not call amplify:ListBackendEnvironments")
            .with_help("allow it");
        let scope = Scope { app_id: Some(app.to_owned()), ..Scope::default() };
        Notice::unreadable(scope, why).at(place.clone())
    };
    let result = |notices: Vec<Notice>| {
        let mut report = report();
        report.targets.retain(|outcome| outcome.unaudited.is_none());
        report.notices = notices;
        let run = run(&report, STYLE);
        assert_eq!(run["invocations"][0]["exitCode"], 3);
        results(&run)[0].clone()
    };
    let first = result(vec![unread("request 1", "d1")]);
    assert_eq!(first["ruleId"], "audit/unaudited");
    assert_eq!(first["message"]["text"], "no environments of d1: request 1. To fix: allow it");
    assert_eq!(first["properties"], json!({"notice": "unreadable", "cause": "denied"}));
    let place = &first["locations"][0]["physicalLocation"];
    assert_eq!(
        (&place["artifactLocation"]["uri"], &place["region"]["startLine"]),
        (&json!("audit.toml"), &json!(7))
    );
    // The same alert whatever the service said, and another one for another app.
    assert_eq!(fingerprint_of(&first), fingerprint_of(&result(vec![unread("request 2", "d1")])));
    assert_ne!(fingerprint_of(&first), fingerprint_of(&result(vec![unread("request 1", "d2")])));
}

/// Every kind of notice, as the schema has them.
fn kinds() -> Vec<NoticeKind> {
    let schema = schemars::schema_for!(NoticeKind);
    let kinds = schema.get("oneOf").and_then(Value::as_array).expect("a list of names");
    kinds.iter().map(|kind| serde_json::from_value(kind["const"].clone()).expect("a kind")).collect()
}

#[test]
fn whatever_makes_a_run_incomplete_is_a_result_wherever_it_stands() {
    let outside = Location { file: "../audit.toml".into(), region: Region::START };
    let mut without_targets = report();
    without_targets.targets.clear();
    without_targets.findings.clear();
    let mut elsewhere = report();
    for outcome in &mut elsewhere.targets {
        Arc::make_mut(&mut outcome.target).declared = outside.clone();
    }
    for (mut report, place) in
        [(report(), ("audit.toml", 12)), (without_targets, ("audit.toml", 1)), (elsewhere, ("audit.toml", 1))]
    {
        report.targets.retain(|outcome| outcome.unaudited.is_none());
        for kind in kinds() {
            for location in [None, Some(outside.clone())] {
                report.notices = vec![Notice { location, ..Notice::new(kind, "nothing there") }];
                let run = run(&report, STYLE);
                let unaudited: Vec<_> =
                    results(&run).iter().filter(|result| result["ruleId"] == UNAUDITED).collect();
                assert_eq!(unaudited.len(), usize::from(kind.makes_incomplete()), "{kind:?}");
                for result in unaudited {
                    let at = &result["locations"][0]["physicalLocation"];
                    assert_eq!(
                        (&at["artifactLocation"]["uri"], &at["region"]["startLine"]),
                        (&json!(place.0), &json!(place.1)),
                        "{kind:?}"
                    );
                }
            }
        }
    }
}

#[test]
fn a_carried_finding_keeps_its_alert() {
    let mut report = report();
    let before = run(&report, STYLE);
    for finding in &mut report.findings {
        finding.carried = true;
    }
    let after = run(&report, STYLE);
    for (before, after) in results(&before).iter().zip(results(&after)) {
        assert_eq!(before["partialFingerprints"], after["partialFingerprints"]);
        assert_eq!(before["properties"].get("carried"), None);
        let told = |result: &Value| result["message"]["text"].as_str().expect("a message").to_owned();
        let mark = if after["ruleId"] == "audit/unaudited" { "" } else { " (carried over)" };
        assert_eq!(told(after), told(before) + mark);
        assert!(after["ruleId"] == "audit/unaudited" || after["properties"]["carried"] == true);
    }
}

#[test]
fn long_values_are_cut() {
    let mut report = report();
    let finding = &mut report.findings[0];
    finding.actual = Some(json!([fixture::endless()]));
    finding.path = format!("/{}", fixture::endless());
    let fingerprint = finding.fingerprint();
    let run = run(&report, STYLE);
    let result = results(&run).iter().find(|result| fingerprint_of(result) == fingerprint).expect("a result");
    for text in [&result["properties"]["actual"][0], &result["properties"]["path"]] {
        let text = text.as_str().expect("text");
        assert!(text.chars().count() == 1001 && text.ends_with('…'), "{text}");
    }
}

#[test]
fn an_interrupted_run_that_saw_something_succeeded() {
    let mut report = report();
    report.interrupted = true;
    let run = run(&report, STYLE);
    assert_eq!(run["invocations"][0]["exitCode"], 130);
    assert_eq!(run["invocations"][0]["executionSuccessful"], true);
}

#[test]
fn no_text_is_without_end() {
    let endless = || "x".repeat(100_000);
    let mut report = report();
    for finding in &mut report.findings {
        finding.message = endless();
        if let Some(waiver) = &mut finding.waiver {
            (waiver.reason, waiver.owner) = (endless(), Some(endless()));
        }
    }
    for why in report.targets.iter_mut().filter_map(|outcome| outcome.unaudited.as_mut()) {
        (why.message, why.help) = (endless(), Some(endless()));
    }
    let unread = Unaudited::new(Cause::Denied, endless()).with_help(endless());
    report.notices.push(Notice::unreadable(Scope::default(), unread));
    report.notices.push(Notice::new(NoticeKind::EmptySource, endless()));
    let run = run(&report, WITH_WAIVED);
    for result in results(&run) {
        let text = result["message"]["text"].as_str().expect("a message");
        let length = shown(text).chars().count();
        assert!((1000..=3100).contains(&length), "{length}");
    }
    assert!(text(&report, WITH_WAIVED).len() < 100_000);
}

#[test]
fn a_shard_never_closes_the_alerts_of_another() {
    let mut report = report();
    report.shard = Some(Shard { index: 2, count: 4 });
    assert_eq!(run(&report, STYLE)["automationDetails"]["id"], "audit/shard-2-of-4/");
}

#[test]
fn a_run_of_a_part_never_closes_the_alerts_of_the_whole() {
    let category = |targets: &[&str], rules: &[&str], shard: Option<Shard>| {
        let owned = |names: &[&str]| names.iter().map(|name| (*name).to_owned()).collect::<Vec<_>>();
        let selection = Selection::of(&owned(targets), &owned(rules));
        let report = Report { shard, selection, ..report() };
        run(&report, STYLE)["automationDetails"]["id"].as_str().expect("an id").to_owned()
    };
    assert_eq!(category(&[], &[], None), "audit/");
    // Pinned: another one would orphan the alerts of every narrowed run.
    assert_eq!(category(&["d1/*", "d2/prod"], &[], None), "audit/selection-faf014a0f5e9/");
    let shard = Some(Shard { index: 1, count: 2 });
    assert_eq!(category(&["d2/prod", "d1/*"], &[], shard), "audit/selection-faf014a0f5e9/shard-1-of-2/");
    let all = [
        category(&["a"], &[], None),
        category(&["b"], &[], None),
        category(&[], &["a"], None),
        category(&["a"], &["a"], None),
        category(&["a", "b"], &[], None),
    ];
    assert_eq!(all.iter().collect::<BTreeSet<_>>().len(), all.len());
}
