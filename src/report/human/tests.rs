use super::write;
use crate::finding::Disposition;
use crate::report::{Report, Style, fixture};
use crate::untrusted::is_unprintable;

fn render(report: &Report, color: bool, width: usize) -> String {
    let style = Style { color, width, include_waived: false };
    let mut text = Vec::new();
    write(report, &style, &mut text).expect("writing to memory");
    String::from_utf8(text).expect("UTF-8")
}

/// The fixture with one finding, one unaudited target and one waived finding, none hostile.
fn small() -> Report {
    let mut report = fixture::report();
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
    at: recordings/shop/prod.json:14:20
  help: Set MFAMode to ON. Then push.
  note: OWASP ASVS 5.0 6.3.3 · NIST SP 800-63B-4 §3.1.1.2 ·
        https://example.com/mfa

  ⚠ medium[mfa/optional]: MFA is OPTIONAL, must be ON
    ╭─[d1a2b3c4d5e6f7/prod/shopauth:31:20]
 30 │       "Mfa": {
 31 │         "MFAMode": "OFF",
    ·                    ──┬──
    ·                      ╰── expected "ON"
 32 │         "Settings": {
    ╰────
    at: recordings/shop/prod.json:14:20
  help: Set MFAMode to ON. Then push.
  note: OWASP ASVS 5.0 6.3.3 · NIST SP 800-63B-4 §3.1.1.2 ·
        https://example.com/mfa

  unaudited[denied]: cannot read auth settings of d3/prod/auth in eu-west-1:
  access denied (403)
    at: audit.toml:12:20 (d3/prod/auth)
  help: allow amplifybackend:GetBackendAuth to the caller

  waived[oauth/admin_scope] d1a2b3c4d5e6f7/prod/shopauth: the shop needs it
    (until 2027-03-31, shop-team)

────────────────────────────────────────────────────────────────────────
rule                               worst     findings  targets
mfa/off                            high             1        1
mfa/optional                       medium           1        1

app                                worst     affected  targets  unaudited
d1a2b3c4d5e6f7                     high             1        1          0
d3                                 unknown          0        1          1

targets: 2, 1 audited by 4 rules, 1 unaudited
  1 denied
findings: 1 high open (threshold: high), 1 medium below the threshold, 1 waived
incomplete: not everything was audited; 1 open finding at or above high (exit 3)
"#);
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
