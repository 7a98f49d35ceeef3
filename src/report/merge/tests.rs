//! Shards become the report that one run would have written, or are refused with every reason.

use std::sync::Arc;
use std::time::Duration;

use proptest::prelude::*;

use super::*;
use crate::finding::{Disposition, Finding};
use crate::location::Region;
use crate::report::fixture;
use crate::report::{Format, Outcome, Selection, Style};
use crate::target::{Target, Unaudited};

fn json(report: &Report) -> String {
    let style = Style { color: false, links: false, width: 80, include_waived: true };
    let mut text = Vec::new();
    Format::Json.write(report, &style, &mut text).expect("writing to memory");
    String::from_utf8(text).expect("UTF-8")
}

fn stored(file: &str, report: &Report) -> Stored {
    Stored::parse(file, json(report).as_bytes()).expect("a report")
}

/// A report of this many targets, each with its findings, every third unaudited.
fn fleet(targets: usize) -> Report {
    let mut report = fixture::report();
    let findings: Vec<Finding> = report.findings.drain(..).take(4).collect();
    let model = Arc::clone(&report.targets[0].target);
    report.targets = (0..targets)
        .map(|number| {
            let app_id = format!("d{number}");
            let id = TargetId::new(&app_id, "prod", "auth");
            let target = Target { id, app_id, ..(*model).clone() };
            let unaudited = (number % 3 == 2).then(|| Unaudited::new(Cause::Denied, format!("no {number}")));
            Outcome { target: Arc::new(target), unaudited }
        })
        .collect();
    for outcome in &report.targets {
        for (finding, part) in findings.iter().zip(0..) {
            let target = Arc::clone(&outcome.target);
            report.findings.push(Finding { target, path: format!("/{part}"), ..finding.clone() });
        }
    }
    report.notices.clear();
    report.sort();
    report
}

/// The shards of a report, as runs would write them.
fn split(whole: &Report, count: u32) -> Vec<Report> {
    let shard_of = |index| {
        let shard = Shard { index, count };
        let mut part = fleet(whole.targets.len());
        part.targets.retain(|outcome| shard.includes(&outcome.target.id));
        part.findings.retain(|finding| shard.includes(&finding.target.id));
        let others = whole.targets.iter().map(|outcome| outcome.target.id.clone());
        part.elsewhere = others.filter(|id| !shard.includes(id)).collect();
        part.shard = Some(shard);
        if part.targets.is_empty() {
            part.notices.push(Notice::new(NoticeKind::EmptyShard, format!("nothing in {shard}")));
        }
        part
    };
    (1..=count).map(shard_of).collect()
}

fn files(shards: &[Report]) -> Vec<Stored> {
    shards.iter().zip(1..).map(|(shard, number)| stored(&format!("{number}.json"), shard)).collect()
}

fn merged(shards: &[Report]) -> Report {
    merge(files(shards), Leniency::default()).expect("one run")
}

fn messages(files: Vec<Stored>) -> Vec<String> {
    let problems = merge(files, Leniency::default()).expect_err("no run");
    problems.into_iter().map(|problem| problem.message).collect()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]

    #[test]
    fn shards_make_the_whole(targets in 1..30_usize, count in 1..7_u32, turn in 0..7_usize) {
        let whole = fleet(targets);
        let mut shards = split(&whole, count);
        let turn = turn % shards.len();
        shards.rotate_left(turn);
        for shard in &shards {
            let failed = shard.targets.iter().any(|outcome| outcome.unaudited.is_some());
            prop_assert_eq!(shard.is_incomplete(), failed);
        }
        prop_assert_eq!(json(&merged(&shards)), json(&whole));
    }
}

#[test]
fn one_whole_report_is_only_rendered_anew() {
    let mut whole = fixture::report();
    whole.notices.push(Notice::new(NoticeKind::NoTarget, "no target matches --target d9"));
    whole.sort();
    assert_eq!(json(&merge(vec![stored("a", &whole)], Leniency::default()).expect("whole")), json(&whole));
    let lenient = Leniency { allow_incomplete: true, exit_zero: false };
    assert_eq!(merge(vec![stored("a", &whole)], lenient).expect("whole").summary().exit_code, 1);
}

#[test]
fn times_and_interruptions_are_those_of_the_whole() {
    let mut shards = split(&fleet(9), 3);
    shards[0].duration = Duration::from_secs(90);
    shards[1].started_at = "2026-11-22T09:59:00Z".parse().expect("a time");
    shards[2].interrupted = true;
    let merged = merged(&shards);
    assert_eq!(merged.duration, Duration::from_secs(90));
    assert_eq!(merged.started_at, shards[1].started_at);
    assert_eq!((merged.interrupted, merged.summary().exit_code), (true, 130));
}

#[test]
fn the_selection_is_that_of_all_shards() {
    let selection = Selection::of(&["d1/*".to_owned()], &["mfa/off".to_owned()]);
    let mut shards = split(&fleet(9), 3);
    for shard in &mut shards {
        shard.selection = selection.clone();
    }
    assert_eq!(merged(&shards).selection, selection);
    shards[1].selection = Selection::default();
    assert_eq!(messages(files(&shards)), ["1.json and 2.json were asked for other targets or rules"]);
}

#[test]
fn shards_without_any_target_are_incomplete() {
    let mut shards = split(&fleet(1), 3);
    for shard in &mut shards {
        shard.targets.clear();
        shard.findings.clear();
        shard.elsewhere.clear();
        let message = format!("nothing in {:?}", shard.shard);
        shard.notices = vec![Notice::new(NoticeKind::EmptyShard, message)];
        assert!(!shard.is_incomplete());
    }
    let merged = merged(&shards);
    assert!(merged.is_incomplete());
    let kinds: Vec<_> = merged.notices.iter().map(|notice| notice.kind).collect();
    assert_eq!(kinds, [NoticeKind::NoTarget]);
}

#[test]
fn notices_are_those_of_the_whole() {
    let place = Location { file: "audit.toml".into(), region: Region::START };
    let unread = |said: &str, app: &str| {
        let why = Unaudited::new(Cause::Throttled, format!("too fast: {said}")).with_gist("too fast");
        let scope = Scope { app_id: Some(app.to_owned()), ..Scope::default() };
        Notice::unreadable(scope, why).at(place.clone())
    };
    let of_whole = [NoticeKind::FilterUnused, NoticeKind::WaiverUnused];
    let mut shards = split(&fleet(9), 3);
    for (shard, number) in shards.iter_mut().zip(1..) {
        for kind in of_whole {
            shard.notices.push(Notice::new(kind, "of all"));
            if number != 2 {
                shard.notices.push(Notice::new(kind, "of two"));
            }
        }
        shard.notices.push(Notice::new(NoticeKind::WaiverExpired, "of all"));
        shard.notices.push(Notice::new(NoticeKind::Carried, format!("in shard {number}")));
        // What is nearest is another finding in every shard, and a day may pass between two of them.
        for kind in [NoticeKind::WaiverUnused, NoticeKind::WaiverExpiring] {
            shard.notices.push(Notice::new(kind, format!("as seen by shard {number}")).at(place.clone()));
        }
        shard.notices.push(unread(&format!("request {number}"), "d1"));
        let own = (0..).map(|app| format!("e{app}"));
        let mut own = own.filter(|app| shard.shard.expect("one").includes(&TargetId::new(app, "", "")));
        shard.notices.push(unread("request 0", &own.next().expect("one falls to it")));
    }
    let merged = merged(&shards);
    let said = |kind| -> Vec<&str> {
        let of_kind = merged.notices.iter().filter(|notice| notice.kind == kind);
        of_kind.map(|notice| notice.message.as_str()).collect()
    };
    assert_eq!(said(NoticeKind::FilterUnused), ["of all"]);
    assert_eq!(said(NoticeKind::WaiverUnused), ["of all", "as seen by shard 1"]);
    assert_eq!(said(NoticeKind::WaiverExpiring), ["as seen by shard 1"]);
    assert_eq!(said(NoticeKind::WaiverExpired), ["of all"]);
    assert_eq!(said(NoticeKind::Carried), ["in shard 1", "in shard 2", "in shard 3"]);
    assert_eq!(said(NoticeKind::Unreadable).len(), 4);
}

#[test]
fn what_one_shard_did_not_see_is_missing_from_the_whole() {
    for kind in [NoticeKind::EmptySource, NoticeKind::NoTarget, NoticeKind::EmptyDrift] {
        let mut shards = split(&fleet(6), 2);
        for shard in &mut shards {
            shard.targets.iter_mut().for_each(|outcome| outcome.unaudited = None);
        }
        assert!(!merged(&shards).is_incomplete());
        shards[0].notices.push(Notice::new(kind, "nothing here"));
        let merged = merged(&shards);
        assert!(merged.is_incomplete(), "{kind:?}");
        assert_eq!(merged.notices.len(), 1);
    }
}

#[test]
fn what_a_shard_could_not_read_of_another_ones_app_is_missing_unless_that_one_saw_it() {
    let environment = Some("prod".to_owned());
    for (environment, app, is_missing) in [
        (None, Some(0), false),
        (environment.clone(), Some(0), false),
        (Some("dev".to_owned()), Some(0), true),
        (environment, None, true),
    ] {
        let mut shards = split(&fleet(6), 2);
        for shard in &mut shards {
            shard.targets.iter_mut().for_each(|outcome| outcome.unaudited = None);
        }
        // Of the other shard; or one that falls to it, and that it knows nothing of.
        let seen = app.map(|app: usize| shards[1].targets[app].target.app_id.clone());
        let mut unknown = (0..).map(|number| format!("e{number}"));
        let falls_to_it = |app: &String| shards[1].shard.expect("one").includes(&TargetId::new(app, "", ""));
        let app_id = seen.or_else(|| unknown.find(falls_to_it));
        let scope = Scope { app_id, environment, ..Scope::default() };
        shards[0].notices.push(Notice::unreadable(scope, Unaudited::new(Cause::Denied, "no")));
        assert_eq!(merged(&shards).is_incomplete(), is_missing);
    }
}

#[test]
fn a_target_that_one_shard_alone_saw_is_lost() {
    let mut shards = split(&fleet(9), 2);
    let lost = shards[0].targets.remove(0).target;
    shards[0].findings.retain(|finding| finding.target.id != lost.id);
    let whole = merged(&shards);
    let message =
        format!("{} was seen by shard 2/2, and is in no report of the shard that it falls to", lost.id);
    assert_eq!(whole.notices, [Notice::new(NoticeKind::LostTarget, message)]);
    assert!(whole.is_incomplete());

    // The resource of a target may have been looked up by one of them alone.
    let beginning = |target: &Target| TargetId::new(&target.app_id, &target.environment, "");
    let seen = shards[1].elsewhere.iter_mut().find(|id| **id == lost.id).expect("it was seen");
    *seen = beginning(&lost);
    assert_eq!(merged(&shards).notices.len(), 1);
    shards[0].targets.push(Outcome { target: Arc::clone(&lost), unaudited: None });
    assert_eq!(merged(&shards).notices, []);
    shards[1].elsewhere.push(lost.id.clone());
    let unknown = Target { id: beginning(&lost), resource: String::new(), ..(*lost).clone() };
    shards[0].targets.pop();
    let why = Unaudited::new(Cause::Denied, "no");
    shards[0].targets.push(Outcome { target: Arc::new(unknown), unaudited: Some(why) });
    assert_eq!(merged(&shards).notices, []);
}

#[test]
fn a_shard_of_an_earlier_run_is_refused() {
    let mut shards = split(&fleet(6), 2);
    let begun = shards[1].started_at;
    shards[0].started_at = begun - SignedDuration::from_hours(12);
    merged(&shards);
    shards[0].started_at = begun - SignedDuration::from_hours(13);
    let messages = messages(files(&shards));
    let expected =
        "the shards are not of one run: 1.json on 2026-11-21T21:00:00Z, and 2.json on 2026-11-22T10:00:00Z";
    assert_eq!(messages, [expected]);
}

#[test]
fn what_is_not_one_run_is_refused() {
    let shards = || split(&fleet(9), 3);
    let change = |change: &dyn Fn(&mut Vec<Report>)| {
        let mut shards = shards();
        change(&mut shards);
        messages(files(&shards))
    };
    let whole = |shard: &mut Report| {
        shard.shard = None;
        shard.elsewhere.clear();
    };
    let fail_on_nothing = |shard: &mut Report| {
        shard.findings.clear();
        shard.fail_on = None;
    };
    for (found, pieces) in [
        (change(&|s| s.truncate(1)), &["missing: 2/3, 3/3"][..]),
        (change(&|s| whole(&mut s[1])), &["2.json is the report of a whole run", "missing: 2/3"]),
        (
            change(&|s| s[1].shard = s[0].shard),
            &["shard 1/3 is there 2 times: 1.json, 2.json", "missing: 2/3"],
        ),
        (
            change(&|s| s[1].shard = Some(Shard { index: 2, count: 4 })),
            &["split differently: 1.json (1/3), 3.json (3/3), 2.json (2/4)"],
        ),
        (
            change(&|s| fail_on_nothing(&mut s[2])),
            &["threshold of 1.json is high, and that of 3.json is none"],
        ),
        (change(&|s| Arc::make_mut(&mut s[1].rules[0]).severity = Severity::Info), &["hostile/text"]),
        (
            change(&|s| {
                fail_on_nothing(&mut s[2]);
                s.remove(0);
            }),
            &["missing: 1/3", "threshold"],
        ),
    ] {
        assert_eq!(found.len(), pieces.len(), "{found:?}");
        for (message, piece) in found.iter().zip(pieces) {
            assert!(message.contains(piece), "no {piece} in {message}");
        }
    }
    let mut overlapping = shards();
    let target = Arc::clone(&overlapping[0].targets[0].target);
    let said = format!("1.json and 3.json have the same targets: {}", target.id);
    overlapping[2].targets.push(Outcome { target, unaudited: None });
    let messages_of_overlap = messages(files(&overlapping));
    assert!(messages_of_overlap[0].starts_with("3.json is of shard 3/3, and has targets of others"));
    assert_eq!(messages_of_overlap[1..], [said]);
    let mut asked = shards();
    asked[1].asked = "another".to_owned();
    assert_eq!(
        messages(files(&asked)),
        ["1.json and 2.json were asked for other targets, or by another configuration"]
    );
    let mut other_version = files(&shards());
    other_version[2].tool = "9.9.9".to_owned();
    assert!(messages(other_version)[0].contains("3.json by 9.9.9"));
    let whole = || stored("whole.json", &fleet(9));
    assert_eq!(messages(vec![whole(), whole()]).len(), 2);
    assert_eq!(messages(Vec::new()), ["there is no report to merge"]);
}

#[test]
fn dispositions_are_those_of_the_shards() {
    let shards = split(&fleet(12), 2);
    let count = |reports: &[&Report], disposition| -> usize {
        let of = |report: &&Report| report.findings.iter().filter(|f| f.disposition == disposition).count();
        reports.iter().map(of).sum()
    };
    let merged = merged(&shards);
    for disposition in [Disposition::Open, Disposition::Waived, Disposition::BelowThreshold] {
        assert_eq!(count(&[&merged], disposition), count(&[&shards[0], &shards[1]], disposition));
    }
}
