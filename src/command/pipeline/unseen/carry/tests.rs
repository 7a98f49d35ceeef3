//! What could not be read this time neither hides a finding nor doubles one.

use super::*;
use crate::location::Region;
use crate::report::{Report, fixture};
use crate::target::Shard;
use crate::target::{Cause, Scope};

/// The report of the fixture: each of its rules was violated in `d1a2b3c4d5e6f7/prod/shopauth`.
fn previous() -> Stored {
    let mut report = fixture::report();
    report.findings.retain(|finding| finding.target.app_id == SHOP);
    Stored { file: "previous.json".to_owned(), tool: "0.1.0".to_owned(), report }
}

const SHOP: &str = "d1a2b3c4d5e6f7";

fn shop(report: &Report) -> Arc<Target> {
    let shop = report.targets.iter().find(|outcome| outcome.target.app_id == SHOP).expect("the shop");
    Arc::clone(&shop.target)
}

/// A run of today that has this outcome of the shop, or none.
fn today(outcomes: Vec<Outcome>) -> Audited {
    Audited { targets: outcomes, ..Audited::default() }
}

fn unaudited(kind: Cause) -> Vec<Outcome> {
    let mut target = (*shop(&fixture::report())).clone();
    target.app_name = Some("of today".to_owned());
    target.declared.region.line = 99;
    vec![Outcome { target: Arc::new(target), unaudited: Some(Unaudited::new(kind, "no")) }]
}

fn unread(scope: Scope) -> Notice {
    Notice::unreadable(scope, Unaudited::new(Cause::Denied, "no apps, says request 1").with_gist("no apps"))
}

fn app(app_id: &str) -> Scope {
    Scope { app_id: Some(app_id.to_owned()), ..Scope::default() }
}

fn run(audited: &mut Audited, previous: Stored) {
    run_shard(audited, previous, None);
}

fn run_shard(audited: &mut Audited, previous: Stored, shard: Option<Shard>) {
    let rules = fixture::report().rules;
    let (severities, selection) = (BTreeMap::new(), Selection { shard, ..Selection::default() });
    let of_apps = BTreeSet::from(OF_APPS);
    let wanted = Wanted { rules: &rules, severities: &severities, selection: &selection, of_apps: &of_apps };
    carry(audited, previous, &wanted);
}

fn rules(audited: &Audited) -> Vec<&str> {
    let mut rules: Vec<_> = audited.findings.iter().map(|finding| finding.rule.id.as_str()).collect();
    rules.sort_unstable();
    rules
}

/// What is taken for a rule of scope `app`.
const OF_APPS: [&str; 1] = ["mfa/optional"];

const ALL: [&str; 4] = ["hostile/text", "mfa/off", "mfa/optional", "oauth/admin_scope"];

#[test]
fn what_a_rule_found_in_an_app_stands_until_all_of_the_app_is_seen() {
    let audited_shop = || vec![Outcome { target: shop(&fixture::report()), unaudited: None }];
    let other = |app_id: &str| {
        let id = TargetId::new(app_id, "staging", "auth");
        let target = Target { id, app_id: app_id.to_owned(), ..(*shop(&fixture::report())).clone() };
        Outcome { target: Arc::new(target), unaudited: Some(Unaudited::new(Cause::Io, "cut")) }
    };
    for (outcomes, notices, carried) in [
        (vec![], vec![], &[][..]),
        (vec![other(SHOP)], vec![], &OF_APPS),
        (vec![other("d9")], vec![], &[]),
        // A file that names no app may hold any.
        (vec![other("")], vec![], &OF_APPS),
        (vec![], vec![unread(app(SHOP))], &OF_APPS),
        (vec![], vec![Notice::new(NoticeKind::EmptySource, "nothing")], &OF_APPS),
    ] {
        let mut audited = today(audited_shop().into_iter().chain(outcomes).collect());
        audited.notices = notices;
        run(&mut audited, previous());
        assert_eq!(rules(&audited), carried);
    }
}

#[test]
fn what_a_source_that_brought_nothing_had_stands() {
    for (kind, carried) in
        [(NoticeKind::EmptySource, &ALL[..]), (NoticeKind::NoTarget, &ALL), (NoticeKind::FilterUnused, &[])]
    {
        let place = Location { file: "audit.toml".into(), region: Region::START };
        let mut audited = today(Vec::new());
        audited.notices.push(Notice::new(kind, "it brought nothing").at(place.clone()));
        run(&mut audited, previous());
        assert_eq!(rules(&audited), carried, "{kind:?}");
        for outcome in &audited.targets {
            let why = outcome.unaudited.as_ref().expect("nobody saw it");
            assert!(why.message.ends_with(": it brought nothing"), "{}", why.message);
            assert_eq!(outcome.target.declared, place);
        }
    }
}

#[test]
fn findings_of_an_unaudited_target_stand() {
    let mut audited = today(unaudited(Cause::Throttled));
    run(&mut audited, previous());
    assert_eq!(rules(&audited), ALL);
    for finding in &audited.findings {
        assert!(finding.carried && finding.evidence.excerpt.is_some());
        // Today's name and labels; the file that proved it is still the file.
        assert_eq!(finding.target.app_name.as_deref(), Some("of today"));
        assert_eq!(&*finding.evidence.location.file, "recordings/shop/prod.json");
    }
    assert_eq!(audited.targets.len(), 1);
    assert_eq!(audited.notices.len(), 1);
    assert_eq!(
        audited.notices[0].message,
        "4 findings of 1 target that could not be audited in full this time: carried over from previous.json, \
         the report of 2026-11-22T10:00:00Z"
    );
}

#[test]
fn a_target_that_was_audited_has_only_its_own_findings() {
    let target = shop(&fixture::report());
    let mut audited = today(vec![Outcome { target, unaudited: None }]);
    audited.notices.push(unread(Scope::default()));
    let before = audited.notices.clone();
    run(&mut audited, previous());
    // Environments of its app may be among what could not be read.
    assert_eq!(rules(&audited), OF_APPS);
    // The fixture's other targets are lost from sight, without findings.
    assert_eq!(audited.targets.len(), 3);
    assert_eq!(audited.notices[..1], before);
}

#[test]
fn a_rule_that_failed_keeps_its_findings_and_the_others_have_new_ones() {
    let fresh = |path: &str| {
        let mut finding = previous().report.findings.into_iter().find(|f| f.rule.id == "mfa/off");
        path.clone_into(&mut finding.as_mut().expect("there").path);
        finding.expect("there")
    };
    for (failed, carried) in [
        (&["mfa/optional"][..], &["mfa/optional"][..]),
        (&["mfa/optional", "oauth/admin_scope"], &["mfa/optional", "oauth/admin_scope"]),
        // Nobody knows which: all may have, and what is found again is there once.
        (&[], &["hostile/text", "mfa/optional", "oauth/admin_scope"]),
    ] {
        let mut outcomes = unaudited(Cause::Policy);
        let why = outcomes[0].unaudited.as_mut().expect("unaudited");
        why.rules = failed.iter().map(|rule| (*rule).to_owned()).collect::<Vec<_>>().into();
        let mut audited = today(outcomes);
        let again = previous().report.findings.into_iter().find(|f| f.rule.id == "mfa/off");
        audited.findings = vec![fresh("/new"), again.expect("there")];
        run(&mut audited, previous());
        let mut expected = [&["mfa/off", "mfa/off"], carried].concat();
        expected.sort_unstable();
        assert_eq!(rules(&audited), expected, "{failed:?}");
        assert!(audited.findings[..2].iter().all(|finding| !finding.carried));
        assert!(audited.findings[2..].iter().all(|finding| finding.carried));
    }
}

#[test]
fn a_target_that_is_gone_is_carried_only_where_something_hides_it() {
    let elsewhere = Scope { region: Some("us-east-1".to_owned()), ..app(SHOP) };
    let here = Scope {
        account: Some("111122223333".to_owned()),
        region: Some("eu-west-1".to_owned()),
        ..Scope::default()
    };
    for (scope, hidden) in [
        (None, false),
        (Some(Scope::default()), true),
        (Some(here), true),
        (Some(app(SHOP)), true),
        (Some(Scope { environment: Some("prod".to_owned()), ..app(SHOP) }), true),
        (Some(Scope { environment: Some("dev".to_owned()), ..app(SHOP) }), false),
        (Some(app("d7")), false),
        (Some(elsewhere), false),
    ] {
        let mut audited = today(Vec::new());
        let place = Location { file: "audit.toml".into(), region: Region::START };
        audited.notices.extend(scope.clone().map(|scope| unread(scope).at(place.clone())));
        run(&mut audited, previous());
        assert_eq!(rules(&audited).len(), if hidden { 4 } else { 0 }, "{scope:?}");
        let shop = audited.targets.iter().find(|outcome| outcome.target.app_id == SHOP);
        assert_eq!(shop.is_some(), hidden, "{scope:?}");
        let Some(Outcome { target, unaudited: Some(why) }) = shop else { continue };
        assert_eq!((why.kind, &*why.gist, &target.declared), (Cause::Denied, "no apps", &place));
        assert_eq!(
            why.message,
            format!("cannot look up {}, which was there at the audit of 2026-11-22: no apps", target.id)
        );
    }
}

#[test]
fn a_target_may_be_one_that_does_not_say_who_it_is() {
    let old = shop(&fixture::report());
    let unknown_resource =
        Target { id: TargetId::new(SHOP, "prod", ""), resource: String::new(), ..(*old).clone() };
    let file = Target {
        id: TargetId::of_file("recordings/shop/prod.json"),
        app_id: String::new(),
        environment: String::new(),
        resource: String::new(),
        ..(*old).clone()
    };
    let mut other_file = file.clone();
    other_file.declared.file = "recordings/other.json".into();
    let other_environment = Target { environment: "dev".to_owned(), ..unknown_resource.clone() };
    // A file may have another name today.
    for (target, hidden) in
        [(unknown_resource, true), (file, true), (other_file, true), (other_environment, false)]
    {
        let id = target.id.clone();
        let why = Some(Unaudited::new(Cause::Io, "no"));
        let mut audited = today(vec![Outcome { target: Arc::new(target), unaudited: why }]);
        run(&mut audited, previous());
        assert_eq!(audited.findings.len(), if hidden { 4 } else { 0 }, "{id}");
    }
}

#[test]
fn what_was_carried_is_carried_again() {
    let mut audited = today(Vec::new());
    audited.notices.push(unread(Scope::default()));
    run(&mut audited, previous());
    let mut again = previous();
    again.report.targets = audited.targets;
    again.report.findings = audited.findings;
    let mut audited = today(Vec::new());
    audited.notices.push(unread(Scope::default()));
    run(&mut audited, again);
    assert_eq!(rules(&audited), ALL);
    assert_eq!(audited.targets.len(), 3);
}

#[test]
fn only_what_this_run_was_asked_for_is_carried() {
    let hidden = || {
        let mut audited = today(Vec::new());
        audited.notices.push(unread(Scope::default()));
        audited
    };
    let shards = (1..=2).map(|index| {
        let mut audited = hidden();
        run_shard(&mut audited, previous(), Some(Shard { index, count: 2 }));
        (audited.targets.len(), audited.findings.len())
    });
    let shards: Vec<_> = shards.collect();
    assert_eq!(
        shards.iter().fold((0, 0), |sum, part| (sum.0 + part.0, sum.1 + part.1)),
        (3, 4),
        "{shards:?}"
    );
    let rule = fixture::report().rules.into_iter().find(|rule| rule.id == "mfa/off").expect("there");
    let mut harsher = (*rule).clone();
    harsher.severity = Severity::Critical;
    let harsher = [Arc::new(harsher)];
    let mut audited = hidden();
    let (severities, selection) = (BTreeMap::new(), Selection::default());
    carry(
        &mut audited,
        previous(),
        &Wanted {
            rules: &harsher,
            severities: &severities,
            selection: &selection,
            of_apps: &BTreeSet::new(),
        },
    );
    assert_eq!(rules(&audited), ["mfa/off"]);
    assert_eq!(audited.findings[0].severity, Severity::Critical, "the rule of today");
    let mut own = previous();
    own.report.findings.retain(|finding| finding.rule.id == "mfa/off");
    own.report.findings[0].severity = Severity::Info;
    for (severities, expected) in [
        (BTreeMap::new(), Severity::Info),
        (BTreeMap::from([("mfa/off".to_owned(), Severity::Low)]), Severity::Low),
    ] {
        let mut audited = hidden();
        let stored = Stored { file: String::new(), tool: String::new(), report: copy(&own.report) };
        carry(
            &mut audited,
            stored,
            &Wanted {
                rules: &harsher,
                severities: &severities,
                selection: &selection,
                of_apps: &BTreeSet::new(),
            },
        );
        assert_eq!(audited.findings[0].severity, expected);
    }
}

/// The parts of a report that are carried.
fn copy(report: &Report) -> Report {
    let mut copy = fixture::report();
    copy.findings.clone_from(&report.findings);
    copy
}
