//! What becomes of findings: every one gets exactly one disposition, and none is lost.

use std::slice::from_ref;
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
            assert_eq!(triage(&mut findings, &none), [false; 0]);
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
            assert_eq!(triage(&mut findings, &Terms { fail_on, ..terms(&waivers) }), [true]);
            assert_eq!(findings[0].disposition, Disposition::Waived);
            let accepted = findings[0].waiver.as_ref().expect("says who accepted it");
            assert_eq!((accepted.reason.as_str(), accepted.owner.as_deref()), ("of d1/prod/*", Some("team")));
            assert_eq!(accepted.expires, EXPIRES);
        }
    }
}

#[test]
fn expired_waiver_reopens_the_finding() {
    for (today, disposition) in [
        (date(2027, 3, 30), Disposition::Waived),
        // The last day that it holds.
        (date(2027, 3, 31), Disposition::Waived),
        (date(2027, 4, 1), Disposition::Open),
        (date(2030, 1, 1), Disposition::Open),
    ] {
        let waivers = waivers(&[("mfa/off", "d1", "")]);
        let mut findings = [mfa_off()];
        assert_eq!(triage(&mut findings, &Terms { today, ..terms(&waivers) }), [true], "{today}");
        assert_eq!(findings[0].disposition, disposition, "{today}");
        assert_eq!(findings[0].waiver.is_some(), disposition == Disposition::Waived);
    }
}

#[test]
fn the_end_of_a_waiver_is_said_from_thirty_days_before() {
    let expired = "expired on 2027-03-31: its findings count again";
    for (today, expected) in [
        (date(2026, 3, 31), None),
        (date(2027, 2, 28), None),
        (date(2027, 3, 1), Some((NoticeKind::WaiverExpiring, "holds until 2027-03-31: 30 days left"))),
        (date(2027, 3, 30), Some((NoticeKind::WaiverExpiring, "holds until 2027-03-31: 1 day left"))),
        (EXPIRES, Some((NoticeKind::WaiverExpiring, "holds until 2027-03-31: today is its last day"))),
        (date(2027, 4, 1), Some((NoticeKind::WaiverExpired, expired))),
        (date(9999, 12, 31), Some((NoticeKind::WaiverExpired, expired))),
        (Date::MIN, None),
    ] {
        let waivers = waivers(&[("mfa/off", "d1", "")]);
        let expected = expected.map(|(kind, what)| {
            Notice::new(kind, format!("the waiver of mfa/off for `d1` {what}"))
                .at(waivers[0].location.clone())
        });
        assert_eq!(ending(&waivers, today), Vec::from_iter(expected), "{today}");
    }
}

/// What is said of one waiver that is not used.
fn unused_message(waiver: (&str, &str, &str), findings: &[Finding], unseen: &Unseen<'_>) -> Option<String> {
    let waivers = waivers(&[waiver]);
    let mut findings = findings.to_vec();
    let used = triage(&mut findings, &terms(&waivers));
    let mut said = unused(&terms(&waivers), &used, &findings, unseen).anywhere;
    assert!(said.len() <= 1);
    let notice = said.pop()?;
    assert_eq!((notice.kind, notice.location), (NoticeKind::WaiverUnused, Some(waivers[0].location.clone())));
    Some(notice.message)
}

#[test]
fn an_unused_waiver_is_said_with_the_finding_that_is_nearest() {
    const URIS: &str = "/ResourceConfig/UserPoolConfigs/OAuth/RedirectSignInURIs";
    let high = |rule, target, path| finding(rule, Severity::High, target, path);
    let all = [
        high("mfa/off", "d1/prod/auth", MODE),
        high("mfa/off", "d1/dev2/auth", MODE),
        high("mfa/off", "größe/dev/auth", MODE),
        high("mfa/optional", "intranet/live/login", ""),
        high("oauth/implicit_grant", "d1/dev2/auth", URIS),
        high("oauth/implicit_grant", "d1/dev2/auth", "/ResourceConfig/Service"),
    ];
    for (rule, target, path, nearest) in [
        // Another place in its targets comes first, the most similar one.
        (
            "oauth/implicit_grant",
            "d1/dev2",
            Some("/ResourceConfig/*/OAuth"),
            format!("oauth/implicit_grant at d1/dev2/auth {URIS}"),
        ),
        ("mfa/off", "d1/prod", Some(""), format!("mfa/off at d1/prod/auth {MODE}")),
        // Then its rule in a similar target; what a wildcard stands for is no difference.
        ("mfa/off", "d1/dev/*", None, format!("mfa/off at d1/dev2/auth {MODE}")),
        ("mfa/off", "*/dev22/a*", Some(MODE), format!("mfa/off at d1/dev2/auth {MODE}")),
        ("mfa/off", "grösse/dev", None, format!("mfa/off at gr%C3%B6%C3%9Fe/dev/auth {MODE}")),
        // Then a similar rule, or any at the very place.
        ("mfa/off", "intranet", None, "mfa/optional at intranet/live/login".to_owned()),
        ("mfa/optional", "d1/dev2", Some(URIS), format!("oauth/implicit_grant at d1/dev2/auth {URIS}")),
        // Nothing is near.
        ("mfa/off", "shop/live/login", None, String::new()),
        ("mfa/off", "d1/dev", Some("/ResourceConfig/Service"), String::new()),
        ("oauth/implicit_grant", "intranet", None, String::new()),
    ] {
        let (rest, place) = path.map_or((String::new(), String::new()), |path| {
            (format!("path = \"{path}\""), format!(" at `{path}`"))
        });
        let nearest = if nearest.is_empty() { nearest } else { format!("; the nearest is {nearest}") };
        assert_eq!(
            unused_message((rule, target, &rest), &all, &Unseen::default()),
            Some(format!("the waiver of {rule} for `{target}`{place} matches no finding{nearest}"))
        );
    }
    assert_eq!(unused_message(("mfa/off", "d1/dev2", ""), &all, &Unseen::default()), None);
}

#[test]
fn what_another_waiver_accepts_is_not_meant() {
    let waivers = waivers(&[("mfa/off", "d1/dev", ""), ("mfa/off", "d1/prod", "")]);
    let mut findings = [mfa_off()];
    let used = triage(&mut findings, &terms(&waivers));
    let said = unused(&terms(&waivers), &used, &findings, &Unseen::default()).anywhere;
    let messages: Vec<_> = said.iter().map(|notice| notice.message.as_str()).collect();
    assert_eq!(messages, ["the waiver of mfa/off for `d1/dev` matches no finding"]);
}

#[test]
fn an_expired_waiver_is_not_also_called_unused() {
    let waivers = waivers(&[("mfa/off", "d1/dev", "")]);
    for (today, count) in [(EXPIRES, 1), (date(2027, 4, 1), 0)] {
        let terms = Terms { today, ..terms(&waivers) };
        assert_eq!(unused(&terms, &[false], &[], &Unseen::default()).anywhere.len(), count, "{today}");
    }
}

#[test]
fn a_waiver_that_may_match_what_was_not_seen_is_not_called_unused() {
    let target = |app: &str, environment: &str, resource: &str| Target {
        id: TargetId::new(app, environment, resource),
        app_id: app.to_owned(),
        environment: environment.to_owned(),
        resource: resource.to_owned(),
        ..(*mfa_off().target).clone()
    };
    let scope = |app: Option<&str>, environment: Option<&str>| Scope {
        app_id: app.map(str::to_owned),
        environment: environment.map(str::to_owned),
        ..Scope::default()
    };
    let (other, this) = (["mfa/optional".to_owned()], ["mfa/off".to_owned()]);
    for (asked, targets, scopes, is_said) in [
        (&[][..], vec![], vec![], true),
        (&other, vec![], vec![], false),
        (&this, vec![], vec![], true),
        (&[], vec![target("d1", "prod", "auth")], vec![], false),
        (&[], vec![target("d1", "prod", "other"), target("d1", "dev", "auth")], vec![], true),
        // Its resource could not be looked up; it names no app at all.
        (&[], vec![target("d1", "prod", "")], vec![], false),
        (&[], vec![target("d1", "dev", "")], vec![], true),
        (&[], vec![target("", "", "")], vec![], false),
        (&[], vec![], vec![scope(None, None)], false),
        (&[], vec![], vec![scope(Some("d1"), None)], false),
        (&[], vec![], vec![scope(Some("d1"), Some("prod"))], false),
        (&[], vec![], vec![scope(Some("d1"), Some("dev")), scope(Some("d2"), None)], true),
    ] {
        let (targets, scopes) = (targets.iter().collect(), scopes.iter().collect());
        let unseen = Unseen { asked, targets, scopes, ..Unseen::default() };
        let said = unused_message(("mfa/off", "d1/prod/auth", ""), &[], &unseen);
        assert_eq!(said.is_some(), is_said, "{unseen:?}");
    }
}

#[test]
fn a_shard_does_not_call_a_waiver_unused_that_another_one_may_use() {
    let (d1, d2) = (TargetId::new("d1", "prod", "auth"), TargetId::new("d2", "prod", "auth"));
    let shards = || (1..=50).map(|index| Shard { index, count: 50 });
    let own = shards().find(|shard| shard.includes(&d1));
    let other = shards().find(|shard| !shard.includes(&d1));
    for (target, shard, elsewhere, expected) in [
        ("d1/prod", None, &[][..], (1, 0)),
        ("d1/prod", own, from_ref(&d2), (1, 0)),
        ("d1/prod", other, from_ref(&d1), (0, 1)),
        // An app that nobody looked for, because it is another shard's.
        ("d1/prod", other, &[], (0, 1)),
        ("*/prod", own, from_ref(&d2), (0, 1)),
        ("*/dev", own, from_ref(&d2), (1, 0)),
    ] {
        let waivers = waivers(&[("mfa/off", target, "")]);
        let unseen = Unseen { shard, elsewhere, ..Unseen::default() };
        let said = unused(&terms(&waivers), &[false], &[], &unseen);
        assert_eq!((said.anywhere.len(), said.here.len()), expected, "{target} {shard:?} {elsewhere:?}");
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
        let used = triage(&mut findings, &terms(&waivers));
        let expected = if covers { Disposition::Waived } else { Disposition::Open };
        assert_eq!((findings[0].disposition, used), (expected, vec![covers]), "{rule} {target} {rest}");
    }
    // A finding about a whole document has the path "".
    for (rest, covers) in [("path = \"\"", true), ("", true), ("path = \"/**\"", false)] {
        let waivers = waivers(&[("mfa/off", "d1", rest)]);
        let mut findings = [finding("mfa/off", Severity::High, "d1/prod/auth", "")];
        assert_eq!(triage(&mut findings, &terms(&waivers)), [covers], "{rest}");
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
    let used = triage(&mut findings, &terms(&waivers));
    assert_eq!(findings[0].waiver.as_ref().map(|accepted| accepted.reason.as_str()), Some("of d1/prod"));
    assert_eq!(findings[1].disposition, Disposition::Open);
    assert_eq!(used, [true, false, true, true, false]);
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
        let used = triage(&mut after, &Terms { waivers: &waivers, fail_on, today: EXPIRES });
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
