//! What becomes of findings: every one gets exactly one disposition, and none is lost.

use std::sync::Arc;

use jiff::civil::date;
use proptest::prelude::*;
use proptest::sample::{select, subsequence};

use super::*;
use crate::config::{Catalogue, Draft};
use crate::location::Repository;
use crate::target::{Target, TargetId};

const EXPIRES: Date = date(2027, 3, 31);
const MODE: &str = "/ResourceConfig/UserPoolConfigs/Mfa/MFAMode";

/// A finding like those of the report's fixture, of another rule, severity, target and path.
fn finding(rule: &str, severity: Severity, target: &str, path: &str) -> Finding {
    let model = crate::report::fixture::report().findings.remove(0);
    let [app, environment, resource] = target.split('/').collect::<Vec<_>>()[..] else { panic!("{target}") };
    Finding {
        rule: Arc::new(crate::finding::Rule { id: rule.to_owned(), ..(*model.rule).clone() }),
        severity,
        target: Arc::new(Target { id: TargetId::new(app, environment, resource), ..(*model.target).clone() }),
        path: path.to_owned(),
        ..model
    }
}

/// Waivers as audit.toml gives them: rule, target, and the rest of the table.
fn waivers(written: &[(&str, &str, &str)]) -> Vec<Waiver> {
    let tables = written.iter().map(|(rule, target, rest)| {
        let expires = if rest.contains("expires") { "" } else { "expires = 2027-03-31\n" };
        format!("[[waiver]]\nrule = \"{rule}\"\ntarget = \"{target}\"\nreason = \"of {target}\"\n{expires}{rest}\n")
    });
    let source = "[[source]]\nkind = \"recordings\"\npaths = [\"a\"]\n".to_owned();
    let text = std::iter::once(source).chain(tables).collect::<Vec<_>>().concat();
    let rules = ["mfa/off", "mfa/optional", "oauth/implicit_grant"].map(str::to_owned).into();
    let catalogue = Catalogue { rules, ..Catalogue::default() };
    let folder = std::path::Path::new("/repo");
    let repository = Repository::containing(folder);
    Draft::read(&text, &folder.join("audit.toml"), &repository).validate(&catalogue).expect("valid").waivers
}

fn terms(waivers: &[Waiver]) -> Terms<'_> {
    Terms { waivers, fail_on: Some(Severity::High), today: EXPIRES }
}

fn mfa_off() -> Finding {
    finding("mfa/off", Severity::High, "d1/prod/auth", MODE)
}

#[test]
fn a_finding_is_open_from_the_threshold_upwards() {
    for fail_on in Severity::ALL {
        for severity in Severity::ALL {
            let mut findings = [finding("mfa/off", severity, "d1/prod/auth", MODE)];
            let none = Terms { waivers: &[], fail_on: Some(fail_on), today: EXPIRES };
            assert_eq!(triage(&mut findings, &none), (vec![], vec![]));
            let rank = |severity| Severity::ALL.iter().rev().position(|other| *other == severity);
            let expected =
                if rank(severity) >= rank(fail_on) { Disposition::Open } else { Disposition::BelowThreshold };
            assert_eq!(findings[0].disposition, expected, "{severity} against {fail_on}");
            assert_eq!(findings[0].waiver, None);
        }
    }
}

#[test]
fn no_finding_is_open_where_nothing_fails_the_run() {
    let mut findings = Severity::ALL.map(|severity| finding("mfa/off", severity, "d1/prod/auth", MODE));
    triage(&mut findings, &Terms { waivers: &[], fail_on: None, today: EXPIRES });
    assert!(findings.iter().all(|finding| finding.disposition == Disposition::BelowThreshold));
}

#[test]
fn an_accepted_finding_is_waived_whatever_its_severity() {
    let waivers = waivers(&[("mfa/off", "d1/prod/*", "owner = \"team\"")]);
    for severity in Severity::ALL {
        for fail_on in [None, Some(Severity::Info), Some(Severity::Critical)] {
            let mut findings = [finding("mfa/off", severity, "d1/prod/auth", MODE)];
            let (notices, used) = triage(&mut findings, &Terms { fail_on, ..terms(&waivers) });
            assert_eq!((notices, used), (vec![], vec![true]));
            assert_eq!(findings[0].disposition, Disposition::Waived);
            let accepted = findings[0].waiver.as_ref().expect("says who accepted it");
            assert_eq!((accepted.reason.as_str(), accepted.owner.as_deref()), ("of d1/prod/*", Some("team")));
            assert_eq!(accepted.expires, EXPIRES);
        }
    }
}

#[test]
fn expired_waiver_reopens_the_finding() {
    for (today, disposition, notices) in [
        (date(2027, 3, 30), Disposition::Waived, 0),
        // The last day that it holds.
        (date(2027, 3, 31), Disposition::Waived, 0),
        (date(2027, 4, 1), Disposition::Open, 1),
        (date(2030, 1, 1), Disposition::Open, 1),
    ] {
        let waivers = waivers(&[("mfa/off", "d1", "")]);
        let mut findings = [mfa_off()];
        let (said, used) = triage(&mut findings, &Terms { today, ..terms(&waivers) });
        assert_eq!(findings[0].disposition, disposition, "{today}");
        assert_eq!(findings[0].waiver.is_some(), disposition == Disposition::Waived);
        assert_eq!((said.len(), used), (notices, vec![true]), "{today}");
        for notice in said {
            assert_eq!(notice.kind, NoticeKind::WaiverExpired);
            assert_eq!(notice.location, Some(waivers[0].location.clone()));
            for word in ["mfa/off", "`d1`", "2027-03-31"] {
                assert!(notice.message.contains(word), "{}", notice.message);
            }
        }
    }
}

#[test]
fn a_waiver_holds_for_its_rule_target_and_place_alone() {
    for (rule, target, rest, covers) in [
        ("mfa/off", "d1/prod/auth", "", true),
        ("mfa/off", "d1/*/auth", "", true),
        ("mfa/off", "*", "", true),
        ("mfa/off", "d1/prod/auth", "path = \"/ResourceConfig/UserPoolConfigs/Mfa/MFAMode\"", true),
        ("mfa/off", "d1/prod/auth", "path = \"/ResourceConfig/**\"", true),
        ("mfa/off", "d1/prod/auth", "path = \"/ResourceConfig/*/Mfa/*\"", true),
        ("mfa/off", "d1/prod/auth", "path = \"/**/MFAMode\"", true),
        ("mfa/optional", "d1/prod/auth", "", false),
        ("mfa/off", "d1/dev/auth", "", false),
        ("mfa/off", "d2/prod/auth", "", false),
        ("mfa/off", "d1/prod/other", "", false),
        ("mfa/off", "d1/prod/au", "", false),
        ("mfa/off", "*/auth", "", false),
        ("mfa/off", "d1/prod/auth", "path = \"/ResourceConfig/*\"", false),
        ("mfa/off", "d1/prod/auth", "path = \"/ResourceConfig\"", false),
        ("mfa/off", "d1/prod/auth", "path = \"/ResourceConfig/UserPoolConfigs/Mfa\"", false),
        ("mfa/off", "d1/prod/auth", "path = \"/resourceconfig/**\"", false),
        ("mfa/off", "d1/prod/auth", "path = \"\"", false),
    ] {
        let waivers = waivers(&[(rule, target, rest)]);
        let mut findings = [mfa_off()];
        let (_, used) = triage(&mut findings, &terms(&waivers));
        let expected = if covers { Disposition::Waived } else { Disposition::Open };
        assert_eq!((findings[0].disposition, used), (expected, vec![covers]), "{rule} {target} {rest}");
    }
    // A finding about a whole document has the path "".
    for (rest, covers) in [("path = \"\"", true), ("", true), ("path = \"/**\"", false)] {
        let waivers = waivers(&[("mfa/off", "d1", rest)]);
        let mut findings = [finding("mfa/off", Severity::High, "d1/prod/auth", "")];
        assert_eq!(triage(&mut findings, &terms(&waivers)).1, [covers], "{rest}");
    }
}

#[test]
fn of_several_waivers_the_first_that_holds_counts_and_all_are_used() {
    let waivers = waivers(&[
        ("mfa/off", "d1/prod/auth", "expires = 2026-01-01"),
        ("mfa/off", "d2", ""),
        ("mfa/off", "d1/prod", ""),
        ("mfa/off", "d1", ""),
        ("mfa/optional", "d1", "expires = 2026-01-01"),
    ]);
    let mut findings = [mfa_off(), finding("mfa/off", Severity::High, "d3/prod/auth", MODE)];
    let (notices, used) = triage(&mut findings, &terms(&waivers));
    assert_eq!(findings[0].waiver.as_ref().map(|accepted| accepted.reason.as_str()), Some("of d1/prod"));
    assert_eq!(findings[1].disposition, Disposition::Open);
    assert_eq!(used, [true, false, true, true, false]);
    let places: Vec<_> = notices.into_iter().map(|notice| notice.location).collect();
    assert_eq!(places, [Some(waivers[0].location.clone()), Some(waivers[4].location.clone())]);
}

#[test]
fn an_earlier_disposition_does_not_stick() {
    let mut findings = [mfa_off()];
    triage(&mut findings, &terms(&waivers(&[("mfa/off", "d1", "")])));
    assert_eq!(findings[0].disposition, Disposition::Waived);
    triage(&mut findings, &terms(&[]));
    assert_eq!((findings[0].disposition, findings[0].waiver.is_some()), (Disposition::Open, false));
}

proptest! {
    #[test]
    fn triage_annotates_and_changes_nothing_else(
        given in proptest::collection::vec(
            (
                select(vec!["mfa/off", "mfa/optional", "oauth/implicit_grant"]),
                select(Severity::ALL.to_vec()),
                select(vec!["d1/prod/auth", "d1/dev/auth", "d2/prod/auth"]),
                select(vec![MODE, "", "/ResourceConfig/Service"]),
            ),
            0..12,
        ),
        written in subsequence(
            vec![
                ("mfa/off", "*", ""),
                ("mfa/off", "d1/prod", "expires = 2020-01-01"),
                ("mfa/optional", "d1/*/auth", "path = \"/ResourceConfig/**\""),
                ("oauth/implicit_grant", "d2", "path = \"\""),
            ],
            0..=4,
        ),
        fail_on in select(vec![None, Some(Severity::Info), Some(Severity::High), Some(Severity::Critical)]),
    ) {
        let waivers = waivers(&written);
        let before: Vec<Finding> =
            given.iter().map(|(rule, severity, target, path)| finding(rule, *severity, target, path)).collect();
        let mut after = before.clone();
        let (_, used) = triage(&mut after, &Terms { waivers: &waivers, fail_on, today: EXPIRES });
        prop_assert_eq!(after.len(), before.len());
        prop_assert_eq!(used.len(), waivers.len());
        for (before, after) in before.iter().zip(&after) {
            prop_assert_eq!(before.order(), after.order());
            prop_assert_eq!((&before.message, &before.evidence), (&after.message, &after.evidence));
            prop_assert_eq!(after.waiver.is_some(), after.disposition == Disposition::Waived);
            // What fails the run is open, unless a waiver holds.
            let fails = fail_on.is_some_and(|threshold| after.severity >= threshold);
            prop_assert!(after.disposition != Disposition::Open || fails);
            prop_assert!(after.disposition != Disposition::BelowThreshold || !fails);
        }
        if used.iter().all(|used| !used) {
            prop_assert!(after.iter().all(|finding| finding.disposition != Disposition::Waived));
        }
    }
}
