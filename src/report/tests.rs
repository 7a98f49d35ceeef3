use std::collections::BTreeMap;

use super::{Format, fixture};
use crate::finding::{Disposition, NoticeKind, Severity};
use crate::target::Cause;

mod everywhere;

#[test]
fn the_json_report_has_the_shape_of_the_contract() {
    let text = fixture::render(&fixture::report(), Format::Json);
    let report: serde_json::Value = serde_json::from_str(&text).expect("JSON");
    let keys = |value: &serde_json::Value| -> Vec<String> {
        value.as_object().expect("an object").keys().cloned().collect()
    };
    assert_eq!(
        keys(&report),
        [
            "version",
            "tool",
            "started_at",
            "duration_ms",
            "shard",
            "interrupted",
            "asked",
            "fail_on",
            "summary",
            "rules",
            "targets",
            "findings",
            "notices"
        ]
    );
    assert_eq!(report["version"], 1);
    assert_eq!(report["tool"]["name"], "audit");
    assert_eq!(
        keys(&report["summary"]),
        [
            "targets",
            "audited",
            "unaudited",
            "unreadable",
            "rules",
            "open",
            "below_threshold",
            "waived",
            "carried",
            "notices",
            "exit_code"
        ]
    );
    assert_eq!(keys(&report["summary"]["open"]), ["critical", "high", "medium", "low", "info"]);
    assert_eq!(
        keys(&report["rules"][0]),
        ["id", "title", "severity", "description", "remediation", "references", "links", "tags"]
    );
    let target = [
        "id",
        "account",
        "region",
        "app_id",
        "app_name",
        "environment",
        "resource",
        "stage",
        "labels",
        "source",
        "location",
        "status",
    ];
    assert_eq!(keys(&report["targets"][0]), target);
    let unaudited =
        report["targets"].as_array().expect("targets").iter().find(|target| target["status"] == "unaudited");
    let unaudited = unaudited.expect("one is unaudited");
    assert_eq!(keys(&unaudited["error"]), ["kind", "message", "attempts", "help", "summary", "location"]);
    let finding = &report["findings"][0];
    assert_eq!(
        keys(finding),
        [
            "rule",
            "severity",
            "target",
            "message",
            "path",
            "expected",
            "actual",
            "disposition",
            "waiver",
            "location",
            "excerpt",
            "fingerprint"
        ]
    );
    assert_eq!(keys(&finding["excerpt"]), ["first_line", "text", "marks"]);
    assert_eq!(keys(&finding["location"]), ["file", "line", "column", "end_line", "end_column"]);
    assert_eq!(keys(&report["notices"][0]), ["kind", "message", "location"]);
}

#[test]
fn findings_stand_in_the_order_of_the_contract() {
    let report = fixture::report();
    let order: Vec<_> = report
        .findings
        .iter()
        .map(|f| (f.severity, f.rule.id.clone(), f.target.id.clone(), f.path.clone()))
        .collect();
    let mut sorted = order.clone();
    sorted.sort_by(|a, b| b.0.cmp(&a.0).then_with(|| (&a.1, &a.2, &a.3).cmp(&(&b.1, &b.2, &b.3))));
    assert_eq!(order, sorted);
    assert_eq!(order.first().map(|first| first.0), Some(Severity::Critical));
}

#[test]
fn exit_codes_of_a_report() {
    // Unaudited targets, open findings, --allow-incomplete, --exit-zero: the code.
    for (incomplete, open, allow_incomplete, exit_zero, code) in [
        (false, false, false, false, 0),
        (false, true, false, false, 1),
        (false, true, false, true, 0),
        (true, false, false, false, 3),
        (true, true, false, false, 3),
        (true, true, false, true, 3),
        (true, false, true, false, 0),
        (true, true, true, false, 1),
        (true, true, true, true, 0),
    ] {
        let mut report = fixture::report();
        report.leniency.allow_incomplete = allow_incomplete;
        report.leniency.exit_zero = exit_zero;
        if !incomplete {
            report.targets.retain(|outcome| outcome.unaudited.is_none());
        }
        if !open {
            report.findings.retain(|finding| finding.disposition != Disposition::Open);
        }
        let summary = report.summary();
        assert_eq!(summary.exit_code, code, "{incomplete} {open} {allow_incomplete} {exit_zero}");
        let counted = |counts: &BTreeMap<Severity, usize>| counts.values().sum::<usize>();
        assert_eq!(
            counted(&summary.open) + counted(&summary.below_threshold) + summary.waived,
            report.findings.len()
        );
    }
    let mut report = fixture::report();
    report.targets.clear();
    assert_eq!(report.summary().exit_code, 3, "no target at all");
}

#[test]
fn names_in_the_report_are_the_names_of_the_code() {
    let spelled = |value: serde_json::Value| value.as_str().expect("a name").to_owned();
    for cause in [
        Cause::NotFound,
        Cause::Denied,
        Cause::Credentials,
        Cause::Throttled,
        Cause::Timeout,
        Cause::Unavailable,
        Cause::BadRequest,
        Cause::BadResponse,
        Cause::BackendError,
        Cause::NoConfig,
        Cause::Policy,
        Cause::Io,
        Cause::Interrupted,
    ] {
        assert_eq!(spelled(serde_json::to_value(cause).expect("a name")), cause.as_str());
    }
    for kind in [
        NoticeKind::DuplicateTarget,
        NoticeKind::Unreadable,
        NoticeKind::Gen2App,
        NoticeKind::NoAuth,
        NoticeKind::ImportedAuth,
        NoticeKind::FilterUnused,
        NoticeKind::EmptyShard,
        NoticeKind::Carried,
        NoticeKind::PartOfApp,
        NoticeKind::WaiverExpired,
        NoticeKind::WaiverExpiring,
        NoticeKind::WaiverUnused,
        NoticeKind::BaselineOrphan,
        NoticeKind::EmptyBaseline,
        NoticeKind::DriftUnpaired,
        NoticeKind::EmptyDrift,
        NoticeKind::EmptySource,
        NoticeKind::NoTarget,
        NoticeKind::NoRules,
    ] {
        assert_eq!(spelled(serde_json::to_value(kind).expect("a name")), kind.as_str());
    }
    for disposition in [Disposition::Open, Disposition::Waived, Disposition::BelowThreshold] {
        assert_eq!(spelled(serde_json::to_value(disposition).expect("a name")), disposition.as_str());
    }
}
