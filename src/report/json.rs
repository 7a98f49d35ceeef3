//! JSON, version 1: everything a run found out, for programs. Its structs are its own, so that the
//! inside may move; fields are only ever added.

use std::collections::BTreeMap;
use std::io::{self, Write};

use serde::Serialize;
use serde_json::Value;

use super::{Outcome, Report, Style, Summary};
use crate::finding::{AcceptedBy, Disposition, Finding, Notice, NoticeKind, Rule, Severity};
use crate::location::Location;
use crate::target::{Cause, Stage};
use crate::untrusted::printable_json;

pub(super) fn write(report: &Report, _style: &Style, out: &mut dyn Write) -> io::Result<()> {
    let summary = report.summary();
    let report = JsonReport {
        version: 1,
        tool: Tool { name: "audit", version: env!("CARGO_PKG_VERSION") },
        started_at: report.started_at.to_string(),
        duration_ms: report.duration.as_millis(),
        summary: JsonSummary::of(&summary),
        rules: report.rules.iter().map(|rule| JsonRule::of(rule)).collect(),
        targets: report.targets.iter().map(JsonTarget::of).collect(),
        findings: report.findings.iter().map(JsonFinding::of).collect(),
        notices: report.notices.iter().map(JsonNotice::of).collect(),
    };
    out.write_all(printable_json(serde_json::to_string_pretty(&report)?).as_bytes())?;
    out.write_all(b"\n")
}

#[derive(Serialize)]
struct JsonReport<'r> {
    version: u32,
    tool: Tool,
    started_at: String,
    duration_ms: u128,
    summary: JsonSummary<'r>,
    rules: Vec<JsonRule<'r>>,
    targets: Vec<JsonTarget<'r>>,
    findings: Vec<JsonFinding<'r>>,
    notices: Vec<JsonNotice<'r>>,
}

#[derive(Serialize)]
struct Tool {
    name: &'static str,
    version: &'static str,
}

#[derive(Serialize)]
struct JsonSummary<'r> {
    targets: usize,
    audited: usize,
    unaudited: usize,
    rules: usize,
    open: Counts<'r>,
    below_threshold: Counts<'r>,
    waived: usize,
    exit_code: u8,
}

/// In the order of severities, worst first.
struct Counts<'r>(&'r BTreeMap<Severity, usize>);

impl Serialize for Counts<'_> {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_map(self.0.iter().rev().map(|(severity, count)| (severity.as_str(), count)))
    }
}

impl<'r> JsonSummary<'r> {
    fn of(summary: &'r Summary) -> Self {
        Self {
            targets: summary.targets,
            audited: summary.audited,
            unaudited: summary.unaudited,
            rules: summary.rules,
            open: Counts(&summary.open),
            below_threshold: Counts(&summary.below_threshold),
            waived: summary.waived,
            exit_code: summary.exit_code,
        }
    }
}

#[derive(Serialize)]
struct JsonRule<'r> {
    id: &'r str,
    title: &'r str,
    severity: Severity,
    description: &'r str,
    remediation: &'r str,
    references: &'r [String],
    tags: &'r [String],
}

impl<'r> JsonRule<'r> {
    fn of(rule: &'r Rule) -> Self {
        Self {
            id: &rule.id,
            title: &rule.title,
            severity: rule.severity,
            description: &rule.description,
            remediation: &rule.remediation,
            references: &rule.references,
            tags: &rule.tags,
        }
    }
}

#[derive(Serialize)]
struct JsonTarget<'r> {
    id: &'r str,
    account: Option<&'r str>,
    region: Option<&'r str>,
    app_id: &'r str,
    app_name: Option<&'r str>,
    environment: &'r str,
    resource: &'r str,
    stage: Stage,
    labels: &'r BTreeMap<String, String>,
    source: &'r str,
    status: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    error: Option<JsonError<'r>>,
}

#[derive(Serialize)]
struct JsonError<'r> {
    kind: Cause,
    message: &'r str,
    attempts: u32,
}

impl<'r> JsonTarget<'r> {
    fn of(outcome: &'r Outcome) -> Self {
        let target = &outcome.target;
        Self {
            id: target.id.as_str(),
            account: target.account.as_deref(),
            region: target.region.as_deref(),
            app_id: &target.app_id,
            app_name: target.app_name.as_deref(),
            environment: &target.environment,
            resource: &target.resource,
            stage: target.stage,
            labels: &target.labels,
            source: &target.source,
            status: if outcome.unaudited.is_some() { "unaudited" } else { "audited" },
            error: outcome.unaudited.as_ref().map(|unaudited| JsonError {
                kind: unaudited.kind,
                message: &unaudited.message,
                attempts: unaudited.attempts,
            }),
        }
    }
}

#[derive(Serialize)]
struct JsonFinding<'r> {
    rule: &'r str,
    severity: Severity,
    target: &'r str,
    message: &'r str,
    path: &'r str,
    expected: Option<&'r Value>,
    actual: Option<&'r Value>,
    disposition: Disposition,
    waiver: Option<&'r AcceptedBy>,
    location: JsonLocation<'r>,
    fingerprint: String,
}

impl<'r> JsonFinding<'r> {
    fn of(finding: &'r Finding) -> Self {
        Self {
            rule: &finding.rule.id,
            severity: finding.severity,
            target: finding.target.id.as_str(),
            message: &finding.message,
            path: &finding.path,
            expected: finding.expected.as_ref(),
            actual: finding.actual.as_ref(),
            disposition: finding.disposition,
            waiver: finding.waiver.as_ref(),
            location: JsonLocation::of(&finding.evidence.location),
            fingerprint: finding.fingerprint(),
        }
    }
}

#[derive(Serialize)]
struct JsonLocation<'r> {
    file: &'r str,
    line: u32,
    column: u32,
    end_line: u32,
    end_column: u32,
}

impl<'r> JsonLocation<'r> {
    fn of(location: &'r Location) -> Self {
        let region = location.region;
        Self {
            file: &location.file,
            line: region.line,
            column: region.column,
            end_line: region.end_line,
            end_column: region.end_column,
        }
    }
}

#[derive(Serialize)]
struct JsonNotice<'r> {
    kind: NoticeKind,
    message: &'r str,
    location: Option<JsonLocation<'r>>,
}

impl<'r> JsonNotice<'r> {
    fn of(notice: &'r Notice) -> Self {
        Self {
            kind: notice.kind,
            message: &notice.message,
            location: notice.location.as_ref().map(JsonLocation::of),
        }
    }
}
