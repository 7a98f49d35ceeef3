use std::collections::BTreeSet;
use std::sync::Arc;

use proptest::prelude::*;
use serde_json::json;
use textwrap::core::display_width;

use super::write;
use crate::finding::{Disposition, Finding, Notice, NoticeKind, Severity};
use crate::location::{Location, Region};
use crate::report::{Listing, Outcome, Report, Style, fixture};
use crate::target::{Cause, Scope, Shard, Target, TargetId, Unaudited};
use crate::untrusted::is_unprintable;

fn render(report: &Report, color: bool, width: usize) -> String {
    let style = Style { color, links: false, width, include_waived: false };
    let mut text = Vec::new();
    write(report, &style, &mut text).expect("writing to memory");
    String::from_utf8(text).expect("UTF-8")
}

/// The fixture with one finding, one unaudited target and one waived finding, none hostile.
fn small() -> Report {
    let mut report = fixture::report();
    let plain = |target: &mut Arc<Target>| Arc::make_mut(target).app_name = Some("shop".to_owned());
    report.targets.iter_mut().for_each(|outcome| plain(&mut outcome.target));
    report.findings.iter_mut().for_each(|finding| plain(&mut finding.target));
    report.findings.retain(|finding| {
        finding.target.id.as_str() == "d1a2b3c4d5e6f7/prod/shopauth" && finding.rule.id != "hostile/text"
    });
    for finding in &mut report.findings {
        if let Some(waiver) = &mut finding.waiver {
            waiver.reason = "the shop needs it".to_owned();
        }
    }
    report.targets.retain(|outcome| !outcome.target.id.as_str().starts_with("d2/"));
    for outcome in &mut report.targets {
        if let Some(why) = &mut outcome.unaudited {
            why.message =
                "cannot read auth settings of d3/prod/auth in eu-west-1: access denied (403)".to_owned();
        }
    }
    report.notices.clear();
    report
}

#[test]
fn a_report_at_80_columns() {
    insta::assert_snapshot!(render(&small(), false, 80), @r#"
  × high[mfa/off]: MFA is OFF, must be ON
    ╭─[d1a2b3c4d5e6f7/prod/shopauth:31:20]
 30 │       "Mfa": {
 31 │         "MFAMode": "OFF",
    ·                    ──┬──
    ·                      ╰── expected "ON"
 32 │         "Settings": {
    ╰────
    at: recordings/shop/prod.json:14:20 (shop in eu-west-1)
  path: /ResourceConfig/UserPoolConfigs/Mfa/MFAMode
  help: Set MFAMode to ON. Then push.
  note: OWASP ASVS 5.0 6.3.3 · NIST SP 800-63B-4 §3.1.1.2
  read: https://example.com/mfa
  more: audit explain mfa/off
accept: audit waive mfa/off d1a2b3c4d5e6f7/prod/shopauth \
          --path '/ResourceConfig/UserPoolConfigs/Mfa/MFAMode' --until DATE \
          --reason '…'

  ⚠ medium[mfa/optional]: MFA is OPTIONAL, must be ON
    ╭─[d1a2b3c4d5e6f7/prod/shopauth:31:20]
 30 │       "Mfa": {
 31 │         "MFAMode": "OFF",
    ·                    ──┬──
    ·                      ╰── expected "ON"
 32 │         "Settings": {
    ╰────
    at: recordings/shop/prod.json:14:20 (shop in eu-west-1)
  path: /ResourceConfig/UserPoolConfigs/Mfa/MFAMode
  help: Set MFAMode to ON. Then push.
  note: OWASP ASVS 5.0 6.3.3 · NIST SP 800-63B-4 §3.1.1.2
  read: https://example.com/mfa
  more: audit explain mfa/optional
accept: audit waive mfa/optional d1a2b3c4d5e6f7/prod/shopauth \
          --path '/ResourceConfig/UserPoolConfigs/Mfa/MFAMode' --until DATE \
          --reason '…'

  unaudited[denied]: cannot read auth settings of d3/prod/auth in eu-west-1:
  access denied (403)
    of: d3/prod/auth (shop, audit.toml:12:20)
  help: allow amplifybackend:GetBackendAuth to the caller

  waived[oauth/admin_scope] d1a2b3c4d5e6f7/prod/shopauth: tokens may change the
    user (/ResourceConfig/UserPoolConfigs/Mfa/MFAMode); the shop needs it (until
    2027-03-31, shop-team); at recordings/shop/prod.json:14:20 (shop in
    eu-west-1)

────────────────────────────────────────────────────────────────────────
rule          worst   findings  targets
mfa/off       high           1        1
mfa/optional  medium         1        1

app                    worst    unaudited  high  medium  affected  targets
d1a2b3c4d5e6f7 (shop)  high             0     1       1         1        1
d3 (shop)              unknown          1     -       -         0        1

targets: 2, 1 audited by 4 rules, 1 unaudited
  1 denied
findings: 1 high open (threshold: high), 1 medium below the threshold, 1 waived
incomplete: not everything was audited; 1 open finding at or above high (exit 3)
"#);
}

/// A finding of the small report in another app.
fn in_app(finding: &Finding, app: &str) -> Finding {
    let mut finding = finding.clone();
    let target = Arc::make_mut(&mut finding.target);
    app.clone_into(&mut target.app_id);
    target.id = TargetId::new(app, "prod", "auth");
    finding.evidence.location.file = format!("recordings/{app}.json").into();
    finding
}

#[test]
fn a_mistake_in_many_targets_is_said_once() {
    let mut report = small();
    let mut first = report.findings.swap_remove(0);
    first.path = "/ResourceConfig/UserPoolConfigs/OAuth/RedirectSignInURIs".to_owned();
    first.expected = Some(json!(["https://shop.example.com/", "https://shop.example.com/signed-in", "x"]));
    let excerpt = first.evidence.excerpt.as_mut().expect("an excerpt");
    excerpt.text =
        "\"RedirectSignInURIs\": [\n  \"https://shop.example.org/\",\n  \"http://localhost/\"\n]".into();
    let marks = ["\"http://localhost/\"", "\"https://shop.example.org/\""].map(|uri| {
        let start = excerpt.text.find(uri).expect("it is there");
        start..start + uri.len()
    });
    excerpt.marks = marks.into();
    Arc::make_mut(&mut first.rule).remediation =
        "Look with `aws cognito-idp describe-user-pool-client --user-pool-id POOL --client-id CLIENT --region REGION`, \
         then see `--help`."
            .to_owned();
    report.findings = (10..22).map(|number| in_app(&first, &format!("d{number}"))).collect();
    let text = render(&report, false, 80);
    let (finding, _) = text.split_once("\n\n").expect("a paragraph");
    insta::assert_snapshot!(finding, @r#"
  × high[mfa/off] in 12 targets: MFA is OFF, must be ON
    ╭─[d10/prod/auth:32:3]
 30 │ "RedirectSignInURIs": [
 31 │   "https://shop.example.org/",
    ·   ───────────────────────────
 32 │   "http://localhost/"
    ·   ─────────┬─────────
    ·            ╰── expected ["https://shop.example.com/", … 2 more]
 33 │ ]
    ╰────
    at: recordings/d10.json:14:20 (shop in eu-west-1)
  path: /ResourceConfig/UserPoolConfigs/OAuth/RedirectSignInURIs
expect: ["https://shop.example.com/", "https://shop.example.com/signed-in", "x"]
  help: Look with
          aws cognito-idp describe-user-pool-client --user-pool-id POOL \
            --client-id CLIENT --region REGION
        then see `--help`.
  note: OWASP ASVS 5.0 6.3.3 · NIST SP 800-63B-4 §3.1.1.2
  read: https://example.com/mfa
  more: audit explain mfa/off
accept: audit waive mfa/off d10/prod/auth \
          --path '/ResourceConfig/UserPoolConfigs/OAuth/RedirectSignInURIs' \
          --until DATE --reason '…'
  also: d11/prod/auth (shop, recordings/d11.json:14:20),
        d12/prod/auth (shop, recordings/d12.json:14:20),
        d13/prod/auth (shop, recordings/d13.json:14:20),
        d14/prod/auth (shop, recordings/d14.json:14:20), d15/prod/auth (shop),
        d16/prod/auth (shop), d17/prod/auth (shop), d18/prod/auth (shop),
        d19/prod/auth (shop), d20/prod/auth (shop), d21/prod/auth (shop)
"#);
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(64) })]

    #[test]
    fn every_finding_is_named_and_few_of_a_rule_are_drawn(
        found in prop::collection::btree_set((0_usize..4, 0_u8..12, 0_u8..40), 1..120),
        width in 40_usize..220,
    ) {
        let model = fixture::report();
        let mut report = small();
        report.findings.clear();
        for (rule, message, app) in &found {
            // One of each rule: the fixture has them in pairs.
            let mut finding = in_app(&model.findings[2 * rule], &format!("d{app}x"));
            finding.message = format!("message {message}");
            finding.path = format!("/place/{message}");
            report.findings.push(finding);
        }
        report.sort();
        let text = render(&report, false, width);
        for finding in &report.findings {
            let rule = &finding.rule.id;
            let named = text.matches(finding.target.id.as_str()).count();
            let of_target = report.findings.iter().filter(|other| other.target.id == finding.target.id).count();
            prop_assert!(named >= of_target, "{} of {}: {}", named, of_target, finding.target.id);
            let title = format!("[{rule}]");
            prop_assert!(text.contains(&title) && text.contains(&finding.path));
        }
        let open = report.findings.iter().filter(|finding| finding.disposition != Disposition::Waived);
        let rules = open.map(|finding| &finding.rule.id).collect::<BTreeSet<_>>().len();
        prop_assert!(text.matches("╭─[").count() <= 3 * rules);
        prop_assert_eq!(text.matches("  more: audit explain ").count(), rules);
    }
}

#[test]
fn a_finding_without_an_excerpt_names_its_target_and_what_was_expected() {
    let mut report = small();
    for finding in &mut report.findings {
        finding.evidence.excerpt = None;
    }
    let text = render(&report, false, 80);
    assert!(
        text.contains("must be ON\n    of: d1a2b3c4d5e6f7/prod/shopauth\n    at: recordings/shop/prod.json"),
        "{text}"
    );
    assert!(text.contains("\nexpect: \"ON\"\n"), "{text}");
}

#[test]
fn beside_what_was_added_to_a_list_stands_what_it_lacks() {
    let mut report = small();
    report.findings.truncate(1);
    let finding = &mut report.findings[0];
    Arc::make_mut(&mut finding.rule).id = "drift/environment".to_owned();
    for (missing, added, label) in [
        (Some(json!(["a"])), Some(json!(["b"])), Some("╰── added; missing [\"a\"]")),
        (Some(json!(["a"])), None, Some("╰── missing [\"a\"]")),
        (None, Some(json!(["b"])), Some("╰── added")),
        (Some(json!(["a".repeat(90)])), Some(json!(["b"])), Some("lacks: [\"aaa")),
        (Some(json!("a")), Some(json!("b")), Some("╰── expected \"a\"")),
        (None, Some(json!("b")), None),
    ] {
        (report.findings[0].expected, report.findings[0].actual) = (missing, added);
        let text = render(&report, false, 80);
        assert_eq!(text.contains(label.unwrap_or("╰── ")), label.is_some(), "{text}");
    }
}

#[test]
fn an_excerpt_keeps_to_the_width() {
    let mut report = small();
    for finding in &mut report.findings {
        let excerpt = finding.evidence.excerpt.as_mut().expect("an excerpt");
        let line = format!("        \"MFAMode\": \"{}\"", "漢字".repeat(100));
        excerpt.marks = vec![19..line.len(), line.len()..line.len()];
        excerpt.text = format!("{line}\n}}").into();
        finding.expected = Some(json!(vec!["long"; 40]));
    }
    for width in 40..=140 {
        let text = render(&report, false, width);
        let drawn = text.lines().filter(|line| line.contains(['│', '·']));
        for line in drawn {
            assert!(display_width(line) <= width, "{width}: {line}");
        }
        assert!(text.contains("\nexpect: [\"long\", "), "{text}");
    }
}

#[test]
fn what_means_something_to_a_shell_or_a_glob_is_in_no_command() {
    let plain = |rule: &str, app: &str| {
        let mut report = small();
        report.findings.truncate(1);
        report.findings[0] = in_app(&report.findings[0], app);
        Arc::make_mut(&mut report.findings[0].rule).id = rule.to_owned();
        let text = render(&report, false, 120);
        (text.contains("\n  more: "), text.contains("\naccept: "))
    };
    assert_eq!(plain("mfa/off", "d1"), (true, true));
    for app in
        ["$(id)", "a b", "*", "d?", "-d", "a'b", "ö", "[a]", "a\nb", "~", "!1", "a;b", "", "a:b", "{a,b}"]
    {
        assert_eq!(plain("mfa/off", app), (true, false), "{app}");
    }
    for rule in ["$(id)", "a b", "--help", "a/`b`", "", "a//b", "ö/x"] {
        assert_eq!(plain(rule, "d1"), (false, false), "{rule}");
    }
}

#[test]
fn a_command_to_accept_a_finding_is_for_its_place_and_its_configuration() {
    let commands = |path: &str, config: Option<&str>| {
        let mut report = small();
        report.findings.truncate(1);
        path.clone_into(&mut report.findings[0].path);
        report.config = config.map(Into::into);
        let text = render(&report, false, 200);
        let line = |label: &str| text.lines().find_map(|line| line.strip_prefix(label)).map(str::to_owned);
        (
            line("  more: audit explain mfa/off"),
            line("accept: audit waive mfa/off d1a2b3c4d5e6f7/prod/shopauth --path "),
        )
    };
    let both = |more: &str, accept: &str| {
        (Some(more.to_owned()), Some(format!("{accept} --until DATE --reason '…'")))
    };
    for (path, word) in [
        ("/a/b", "'/a/b'"),
        ("", "''"),
        ("/a*/{b}", r"'/a\*/\{b\}'"),
        ("/it's --until 2099-01-01", r"'/it'\''s --until 2099-01-01'"),
    ] {
        assert_eq!(commands(path, None), both("", word));
    }
    for path in ["/a\nb".to_owned(), "/a".repeat(400)] {
        assert_eq!(commands(&path, None), (Some(String::new()), None));
    }
    for (config, word) in
        [("../ci/audit.toml", "../ci/audit.toml"), ("a b/$(id)'.toml", r"'a b/$(id)'\''.toml'")]
    {
        let expected = both(&format!(" --config {word}"), &format!("'/a' --config {word}"));
        assert_eq!(commands("/a", Some(config)), expected);
    }
    for config in ["a\u{1b}.toml", "-x", "", "a\u{fffd}.toml"] {
        assert_eq!(commands("/a", Some(config)), (None, None), "{config:?}");
    }
}

#[test]
fn links_add_nothing_but_links_to_pages_of_rules() {
    let report = {
        let mut report = fixture::report();
        for finding in &mut report.findings {
            let rule = Arc::make_mut(&mut finding.rule);
            rule.references = vec!["CWE-308".to_owned(), fixture::HOSTILE.to_owned()];
            let hostile = format!("https://a.example/{}\u{1b}\\\u{7}", fixture::HOSTILE);
            rule.links = vec!["http://example.com".to_owned(), hostile];
            finding.path = "https://path.example".to_owned();
        }
        report
    };
    let mut text = Vec::new();
    let style = Style { color: false, links: true, width: 100, include_waived: false };
    write(&report, &style, &mut text).expect("writing to memory");
    let linked = String::from_utf8(text).expect("UTF-8");
    let mut stripped = String::new();
    let mut addresses = Vec::new();
    let mut rest = linked.as_str();
    while let Some((before, after)) = rest.split_once("\u{1b}]8;;") {
        stripped.push_str(before);
        let (address, after) = after.split_once("\u{1b}\\").expect("the end of an address");
        addresses.push(address);
        rest = after;
    }
    stripped.push_str(rest);
    assert_eq!(stripped, render(&report, false, 100));
    addresses.sort_unstable();
    addresses.dedup();
    let [none, hostile, cwe] = &addresses[..] else { panic!("{addresses:?}") };
    assert_eq!((*none, *cwe), ("", "https://cwe.mitre.org/data/definitions/308.html"));
    assert!(hostile.starts_with("https://a.example/") && hostile.bytes().all(|byte| byte.is_ascii_graphic()));
}

#[test]
fn the_summary_tells_of_waivers_that_end() {
    let mut report = small();
    let waivers = |report: &Report| {
        render(report, false, 80).lines().find(|line| line.starts_with("waivers: ")).map(str::to_owned)
    };
    assert_eq!(waivers(&report), None);
    for kind in [NoticeKind::WaiverExpiring, NoticeKind::WaiverExpired, NoticeKind::WaiverExpiring] {
        report.notices.push(Notice::new(kind, "a waiver"));
    }
    assert_eq!(waivers(&report).as_deref(), Some("waivers: 1 expired, 2 ending within 30 days"));
}

#[test]
fn the_table_of_apps_ends_where_nobody_reads_on() {
    let mut report = small();
    let [high, medium] = [Severity::High, Severity::Medium].map(|severity| {
        report.findings.iter().find(|finding| finding.severity == severity).expect("one of each").clone()
    });
    report.findings = (100..140).map(|number| in_app(&medium, &format!("d{number}"))).collect();
    report.findings.push(in_app(&high, "d200"));
    report.sort();
    let text = render(&report, false, 80);
    let (_, table) = text.rsplit_once("\napp ").expect("a table of apps");
    assert!(table.lines().nth(1).is_some_and(|line| line.starts_with("d200 ")), "{table}");
    assert!(
        table.contains("\nd3 (shop)") && table.contains("\nand 12 more apps, at worst medium; "),
        "{table}"
    );
}

#[test]
fn a_rule_without_a_remedy_leaves_no_gap() {
    for references in [vec!["CIS 1.2".to_owned()], Vec::new()] {
        let mut report = small();
        for finding in &mut report.findings {
            let rule = Arc::make_mut(&mut finding.rule);
            rule.remediation = String::new();
            rule.references.clone_from(&references);
            rule.links.clear();
        }
        let text = render(&report, false, 80);
        let (_, below) = text.split_once("    at: ").expect("a place");
        let (finding, _) = below.split_once("\n\n").expect("an empty line behind it");
        assert_eq!(finding.contains("note: CIS 1.2"), !references.is_empty(), "{text}");
        assert!(!text.contains("\n\n\n"), "{text}");
    }
}

#[test]
fn a_long_remedy_ends_before_a_command_that_there_is_no_room_for() {
    let mut report = small();
    report.findings.truncate(1);
    let rule = Arc::make_mut(&mut report.findings[0].rule);
    rule.remediation = format!(
        "{}. Use `aws --first --second x`, or `aws {}`.",
        "word ".repeat(300).trim(),
        "--more x ".repeat(30)
    );
    let text = render(&report, false, 80);
    assert!(text.contains("\n          aws --first --second x\n"), "{text}");
    assert!(text.contains("or … the rest: `audit explain mfa/off`\n") && !text.contains("--more"), "{text}");
}

#[test]
fn no_text_from_outside_steers_the_terminal() {
    for width in 40..=140 {
        let text = render(&fixture::report(), false, width);
        assert!(!text.contains(|c| is_unprintable(c) && c != '\n'), "{text:?}");
        assert!(!text.lines().any(|line| line.trim_start().starts_with("::")), "{text}");
    }
}

#[test]
fn color_adds_nothing_but_color() {
    let plain = render(&fixture::report(), false, 100);
    let colored = render(&fixture::report(), true, 100);
    assert_ne!(plain, colored);
    let mut stripped = String::new();
    let mut rest = colored.as_str();
    while let Some((before, after)) = rest.split_once("\u{1b}[") {
        stripped.push_str(before);
        rest = after.split_once('m').expect("only colours").1;
    }
    stripped.push_str(rest);
    assert_eq!(stripped, plain);
}

#[test]
fn every_rule_is_explained_once() {
    let report = fixture::report();
    let text = render(&report, false, 100);
    let explained = text.matches("help: Set MFAMode to ON. Then push.").count();
    let mut shown: Vec<&str> = report
        .findings
        .iter()
        .filter(|finding| finding.disposition != Disposition::Waived)
        .map(|finding| finding.rule.id.as_str())
        .collect();
    shown.sort_unstable();
    shown.dedup();
    assert_eq!(explained, shown.len());
}

#[test]
fn a_finding_is_shown_even_where_its_excerpt_is_broken() {
    let mut report = small();
    for finding in &mut report.findings {
        if let Some(excerpt) = &mut finding.evidence.excerpt {
            excerpt.marks = vec![10_000..10_005];
        }
    }
    assert!(render(&report, false, 80).contains("high[mfa/off]: MFA is OFF, must be ON"));
}

/// Many targets and parts of the fleet that could not be read, for few reasons.
fn failing() -> Report {
    let mut report = small();
    report.findings.truncate(1);
    report.findings[0].carried = true;
    let model = report.targets.remove(1).target;
    let gist = "role auditor may not call amplifybackend:GetBackendAuth";
    let why = |app: &str| {
        let said = format!("cannot read auth settings of {app}/prod/auth: access denied (request {app}x)");
        Unaudited::new(Cause::Denied, said).with_gist(gist).with_help("allow it to role auditor")
    };
    let place = |line| Location { file: "audit.toml".into(), region: Region { line, ..Region::START } };
    for number in 10..35 {
        let app_id = format!("d{number}");
        let target = Target {
            id: TargetId::new(&app_id, "prod", "auth"),
            account: Some("444455556666".to_owned()),
            declared: place(if number % 2 == 0 { 3 } else { 9 }),
            app_id: app_id.clone(),
            ..(*model).clone()
        };
        report.targets.push(Outcome { target: Arc::new(target), unaudited: Some(why(&app_id)) });
    }
    for number in 10..40 {
        let scope = Scope {
            account: Some("111122223333".to_owned()),
            region: Some("eu-west-1".to_owned()),
            app_id: Some(format!("e{number}")),
            environment: None,
        };
        let mut why = why(&format!("e{number}"));
        why.gist = "role auditor may not call amplify:ListBackendEnvironments".into();
        report.notices.push(Notice::unreadable(scope, why).at(place(3)));
    }
    for app in ["d50", "d51"] {
        let message = format!("app {app} has no backend environments");
        report.notices.push(Notice::new(NoticeKind::NoAuth, message).at(place(3)));
    }
    report.notices.push(Notice::new(NoticeKind::Carried, "1 finding of 1 target: carried over"));
    report.shard = Some(Shard { index: 2, count: 4 });
    report.interrupted = true;
    report.sort();
    report
}

#[test]
fn what_failed_alike_is_said_once() {
    let text = render(&failing(), false, 80);
    assert!(text.lines().all(|line| line.chars().count() <= 80), "{text}");
    let (_, text) = text.split_once("\n\n").expect("a finding comes first");
    let (paragraphs, summary) = text.split_once("────\n").expect("a summary");
    insta::assert_snapshot!(paragraphs.trim_end_matches('─'), @r#"
unaudited[denied]: 25 targets in 444455556666/eu-west-1: role auditor may not
call amplifybackend:GetBackendAuth
  of: d10/prod/auth (shop, audit.toml:3:1), d12/prod/auth (shop),
      d14/prod/auth (shop), d16/prod/auth (shop), d18/prod/auth (shop),
      d20/prod/auth (shop), d22/prod/auth (shop), d24/prod/auth (shop),
      d26/prod/auth (shop), d28/prod/auth (shop), d30/prod/auth (shop),
      d32/prod/auth (shop), d34/prod/auth (shop),
      d11/prod/auth (shop, audit.toml:9:1), d13/prod/auth (shop),
      d15/prod/auth (shop), d17/prod/auth (shop), d19/prod/auth (shop),
      d21/prod/auth (shop), d23/prod/auth (shop), d25/prod/auth (shop),
      d27/prod/auth (shop), d29/prod/auth (shop), d31/prod/auth (shop),
      d33/prod/auth (shop)
e.g.: cannot read auth settings of d10/prod/auth: access denied (request d10x)
help: allow it to role auditor

incomplete[unreadable]: 30 apps could not be read: role auditor may not call
amplify:ListBackendEnvironments
  of: 111122223333/eu-west-1/e10, 111122223333/eu-west-1/e11,
      111122223333/eu-west-1/e12, 111122223333/eu-west-1/e13,
      111122223333/eu-west-1/e14, 111122223333/eu-west-1/e15,
      111122223333/eu-west-1/e16, 111122223333/eu-west-1/e17,
      111122223333/eu-west-1/e18, 111122223333/eu-west-1/e19,
      111122223333/eu-west-1/e20, 111122223333/eu-west-1/e21,
      111122223333/eu-west-1/e22, 111122223333/eu-west-1/e23,
      111122223333/eu-west-1/e24, 111122223333/eu-west-1/e25,
      111122223333/eu-west-1/e26, 111122223333/eu-west-1/e27,
      111122223333/eu-west-1/e28, 111122223333/eu-west-1/e29,
      111122223333/eu-west-1/e30, 111122223333/eu-west-1/e31,
      111122223333/eu-west-1/e32, 111122223333/eu-west-1/e33,
      111122223333/eu-west-1/e34, 111122223333/eu-west-1/e35,
      111122223333/eu-west-1/e36, 111122223333/eu-west-1/e37,
      111122223333/eu-west-1/e38, 111122223333/eu-west-1/e39
  at: audit.toml:3:1
e.g.: cannot read auth settings of e10/prod/auth: access denied (request e10x)
help: allow it to role auditor

notice[no_auth]: 2 apps or environments have no auth resource
      app d50 has no backend environments
      app d51 has no backend environments
  at: audit.toml:3:1

notice[carried]: 1 finding of 1 target: carried over
"#);
    let (_, counts) = summary.split_once("shard 2/4").expect("counts");
    insta::assert_snapshot!(counts, @r#"
: 26 targets, 1 audited by 4 rules, 25 unaudited
  25 denied
not read: 30 apps
findings: 1 high open (threshold: high), 0 below the threshold, 0 waived
  1 of them carried over from an earlier report
interrupted: not all was audited; 1 open finding at or above high (exit 130)
"#);
}

#[test]
fn many_notices_that_end_alike_are_told_apart_on_few_lines() {
    let mut report = small();
    let notice =
        |number: u32| Notice::new(NoticeKind::NoAuth, format!("app d{number} has no backend environments"));
    report.notices = (100..400).map(notice).collect();
    let text = render(&report, false, 80);
    for number in 100..400 {
        let count = text.matches(&format!("app d{number}")).count();
        assert_eq!(count, 1 + usize::from(number == 100), "{number} in {text}");
    }
    assert!(text.contains("e.g.: app d100 has no backend environments\n"), "{text}");
    report.notices.push(Notice::new(NoticeKind::NoAuth, "environment d1/prod has no resource"));
    let text = render(&report, false, 80);
    assert_eq!(text.matches(" has no backend environments").count(), 300, "{text}");
}

#[test]
fn a_carried_finding_is_marked() {
    let text = render(&failing(), false, 80);
    assert!(text.contains("high[mfa/off]: MFA is OFF, must be ON (carried over)"), "{text}");
}

#[test]
fn a_shard_without_targets_is_said_to_have_none() {
    let mut report = small();
    report.targets.clear();
    report.findings.clear();
    report.shard = Some(Shard { index: 2, count: 4 });
    assert!(render(&report, false, 80).contains("incomplete: nothing was audited (exit 3)"));
    report.notices.push(Notice::new(NoticeKind::EmptyShard, "none"));
    let text = render(&report, false, 80);
    assert!(
        text.contains("passed: shard 2/4 has no target; no open finding at or above high (exit 0)"),
        "{text}"
    );
}

/// A fleet of which parts could not be listed, and a hundred apps.
fn dark() -> Report {
    let mut report = failing();
    report.interrupted = false;
    report.notices.clear();
    report.targets.retain(|outcome| outcome.unaudited.is_none());
    let model = Arc::clone(&report.targets[0].target);
    for number in 100..200 {
        let app_id = format!("d{number}");
        let id = TargetId::new(&app_id, "prod", "auth");
        let target = Target { id, app_id, app_name: Some(format!("app {number}")), ..(*model).clone() };
        report.targets.push(Outcome { target: Arc::new(target), unaudited: None });
    }
    let some = |name: &str| Some(name.to_owned());
    let scope =
        |region, app_id, environment| Scope { account: some("111122223333"), region, app_id, environment };
    for scope in [
        scope(None, None, None),
        scope(some("eu-west-1"), None, None),
        scope(some("eu-west-1"), some("d1"), None),
        scope(some("eu-west-1"), some("d1"), some("prod")),
        scope(some("eu-west-1"), some("d1"), some("dev")),
    ] {
        let why = Unaudited::new(Cause::Denied, "access denied");
        report.notices.push(Notice::unreadable(scope, why));
    }
    for app in ["d90", "d91", "d92"] {
        let message = format!(
            "{app} (shop) is an app of Amplify Gen 2: {}; exclude = [\"{app}\"]",
            "many words ".repeat(30)
        );
        report.notices.push(Notice::new(NoticeKind::Gen2App, message));
        let message = format!("{app}/prod/auth comes twice: audit.toml:1:1 counts");
        report.notices.push(Notice::new(NoticeKind::DuplicateTarget, message));
    }
    report.sort();
    report
}

#[test]
fn what_could_not_be_listed_is_counted() {
    let report = dark();
    let counts =
        "not read: 1 account, 1 region, 1 app, 2 environments\nnot auditable: 3 branches of Amplify Gen 2\n";
    let text = render(&report, false, 80);
    assert!(text.contains(counts), "{text}");
    assert_eq!(report.summary().unreadable, 5);
    let text = list(report, 80);
    assert!(text.contains(counts) && text.ends_with("and not everything could be read\n"), "{text}");
    assert!(!render(&small(), false, 80).contains("\nnot read"));
}

fn list(report: Report, width: usize) -> String {
    let listing = Listing::new(report.targets, Vec::new(), report.notices, false);
    let mut text = Vec::new();
    let style = Style { color: false, links: false, width, include_waived: false };
    super::listing(&listing, &style, &mut text).expect("writing to memory");
    String::from_utf8(text).expect("UTF-8")
}

#[test]
fn what_makes_the_run_incomplete_looks_like_it() {
    let mut report = dark();
    report.notices.push(Notice::new(NoticeKind::NoAuth, "no auth"));
    let text = render(&report, false, 80);
    for head in
        ["incomplete[unreadable]: 5 parts", "incomplete[gen2_app]: 3 branches", "notice[no_auth]: no auth"]
    {
        assert!(text.contains(head), "no {head}\n{text}");
    }
    assert!(render(&report, true, 80).contains("\u{1b}[31;1mincomplete[unreadable]\u{1b}[0m"));
}

#[test]
fn apps_of_gen_2_and_targets_that_come_twice_are_a_paragraph_each() {
    let text = render(&dark(), false, 80);
    assert_eq!(text.matches("[gen2_app]").count(), 1, "{text}");
    assert_eq!(text.matches("[duplicate_target]: 3 targets come twice").count(), 1, "{text}");
    assert_eq!(text.matches("exclude = [").count(), 1, "{text}");
    for app in ["d90 (shop)", "d91 (shop)", "d92 (shop)", "d92/prod/auth comes twice"] {
        assert!(text.contains(app), "no {app}\n{text}");
    }
}

#[test]
fn a_finding_names_its_app_and_where_that_is() {
    let mut report = small();
    report.findings.truncate(1);
    let named = |account: Option<&str>, region: Option<&str>, app: Option<&str>| {
        let owned = |name: Option<&str>| name.map(str::to_owned);
        let target = &report.findings[0].target;
        Arc::new(Target {
            account: owned(account),
            region: owned(region),
            app_name: owned(app),
            ..(**target).clone()
        })
    };
    for (target, expected) in [
        (named(Some("4444"), Some("eu-west-1"), Some("shop")), "prod.json:14:20 (shop in 4444/eu-west-1)\n"),
        (named(None, Some("eu-west-1"), None), "prod.json:14:20 (eu-west-1)\n"),
        (named(None, None, Some("a\u{1b}\nb")), "prod.json:14:20 (a\\u{1b} b)\n"),
        (named(None, None, None), "prod.json:14:20\n"),
    ] {
        let mut report = small();
        report.findings.truncate(1);
        report.findings[0].target = target;
        let text = render(&report, false, 100);
        assert!(text.contains(expected), "no {expected}\n{text}");
    }
}

#[test]
fn apps_without_findings_are_one_line() {
    let text = render(&dark(), false, 80);
    assert!(text.contains("\nand 100 apps without findings\n") && !text.contains("d100"), "{text}");
    assert!(text.contains("d1a2b3c4d5e6f7 ("), "the name stands beside the id\n{text}");
    let mut report = dark();
    report.findings.clear();
    assert!(render(&report, false, 80).contains("\n101 apps without findings\n"));
    let mut report = small();
    report.findings.retain(|finding| finding.disposition == Disposition::Waived);
    let text = render(&report, false, 80);
    assert!(text.contains("and 1 app without findings that are not waived\n"), "{text}");
}

#[test]
fn tables_keep_to_the_width() {
    for width in [40, 60, 80, 120] {
        let text = render(&failing(), false, width);
        let (_, summary) = text.rsplit_once("────\n").expect("a summary");
        assert!(summary.lines().all(|line| line.chars().count() <= width), "{width}\n{summary}");
        let long =
            |line: &&str| line.chars().count() > width && !line.contains("d1a2b3c4d5e6f7/prod/shopauth");
        let text = list(dark(), width);
        assert_eq!(text.lines().find(long), None, "{width}\n{text}");
        assert!(width < 80 || text.contains("app 100"), "{text}");
    }
    let mut report = small();
    report.targets.truncate(1);
    assert!(list(report, 80).starts_with("target                        app   "));
}

#[test]
fn a_listing_that_lacks_what_was_asked_for_says_so() {
    for kind in [NoticeKind::NoTarget, NoticeKind::EmptySource] {
        let mut report = dark();
        report.notices = vec![Notice::new(kind, "nothing matches")];
        let text = list(report, 80);
        assert!(text.ends_with("and something asked for is not there\n"), "{text}");
    }
}
