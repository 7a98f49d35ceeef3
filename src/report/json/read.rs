//! Reading a report back, with no loss. The file comes from outside: what it says of itself is held
//! against what it holds, and no place in it may lead a report astray.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Display;
use std::str;
use std::sync::Arc;
use std::time::Duration;

use jiff::tz::TimeZone;
use serde::Deserialize;
use serde_json::Value;

use super::VERSION;
use super::wire::{
    JsonError, JsonExcerpt, JsonFinding, JsonLocation, JsonNotice, JsonReport, JsonRule, JsonScope,
    JsonSelection, JsonSummary, JsonTarget, Status, Text,
};
use crate::finding::{
    AcceptedBy, Disposition, Evidence, Excerpt, Finding, Notice, NoticeKind, Rule, Severity, Unread,
};
use crate::location::{Location, Region};
use crate::report::{Leniency, Outcome, Report, Selection};
use crate::target::{Scope, Shard, Target, TargetId, Unaudited};
use crate::untrusted::{printable, printable_json, shortened};

/// A report that was read back.
#[derive(Debug)]
pub struct Stored {
    /// The file, as it was given.
    pub file: String,
    /// The version of the program that wrote it.
    pub tool: String,
    /// The report. What its exit code forgave is not in the file.
    pub report: Report,
}

/// Why a file is no report that can be used.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error, miette::Diagnostic)]
#[error("cannot use the report {file}: {message}")]
#[diagnostic(help("give the JSON report of an audit as it was written: `audit --output json=report.json`"))]
pub struct ReadError {
    /// The file, as it was given.
    pub file: String,
    /// What is wrong, and where.
    pub message: String,
}

impl ReadError {
    /// What is wrong with a file; the message may hold text of it.
    #[must_use]
    pub fn new(file: &str, message: &dyn Display) -> Self {
        const LONGEST: usize = 400;
        let clean = |text: &str| printable(&shortened(text, LONGEST)).into_owned();
        Self { file: clean(file), message: clean(&message.to_string()) }
    }
}

impl Stored {
    /// Reads the bytes of a file.
    ///
    /// # Errors
    /// Where it is no JSON report, of another version, or at odds with itself.
    pub fn parse(file: &str, bytes: &[u8]) -> Result<Self, ReadError> {
        let (tool, mut report) = parse(bytes).map_err(|message| ReadError::new(file, &message))?;
        report.sort();
        Ok(Self { file: file.to_owned(), tool, report })
    }
}

/// What tells one kind of file from another, and is in every version.
#[derive(Deserialize)]
#[serde(expecting = "a report of audit")]
struct Head {
    version: Value,
}

fn parse(bytes: &[u8]) -> Result<(String, Report), String> {
    let text = str::from_utf8(bytes).map_err(|error| format!("it is not UTF-8: {error}"))?;
    let head: Head = serde_json::from_str(text).map_err(|error| error.to_string())?;
    if head.version != VERSION {
        let given = head.version;
        return Err(format!("it is of version {given}, and this audit reads version {VERSION}"));
    }
    let wire: JsonReport<'_> = serde_json::from_str(text).map_err(|error| error.to_string())?;
    if wire.tool.name != "audit" {
        return Err(format!("/tool/name: it was written by `{}`", wire.tool.name));
    }
    let tool = wire.tool.version.to_string();
    Ok((tool, report(wire)?))
}

fn report(wire: JsonReport<'_>) -> Result<Report, String> {
    let shard = wire.shard.map(|shard| Shard { index: shard.index, count: shard.count });
    if shard.is_some_and(|shard| shard.to_string().parse() != Ok(shard)) {
        return Err("/shard: there is no such shard".to_owned());
    }
    if shard.is_none() && !(wire.elsewhere.is_empty() && wire.unused_here.is_empty()) {
        return Err(
            "/shard: it is none, and only the report of a shard leaves something to others".to_owned()
        );
    }
    let millis = |rest: u128| u64::try_from(rest).ok();
    let seconds = millis(wire.duration_ms / 1000).map(Duration::from_secs);
    let fraction = millis(wire.duration_ms % 1000).map(Duration::from_millis);
    let duration = seconds.zip(fraction).and_then(|(seconds, fraction)| seconds.checked_add(fraction));

    let rules: BTreeMap<String, Arc<Rule>> =
        wire.rules.into_iter().map(rule).map(|rule| (rule.id.clone(), Arc::new(rule))).collect();
    let mut targets: BTreeMap<TargetId, Outcome> = BTreeMap::new();
    for (index, target) in wire.targets.into_iter().enumerate() {
        let outcome = outcome(target).map_err(|what| format!("/targets/{index}{what}"))?;
        if let Some(first) = targets.insert(outcome.target.id.clone(), outcome) {
            return Err(format!("/targets/{index}/id: {} is there twice", first.target.id));
        }
    }
    let fail_on = wire.fail_on;
    let mut seen = BTreeSet::new();
    let mut findings = Vec::with_capacity(wire.findings.len());
    for (index, told) in wire.findings.into_iter().enumerate() {
        is_judged_by(fail_on, &told).map_err(|what| format!("/findings/{index}{what}"))?;
        let finding = finding(told, &rules, &targets).map_err(|what| format!("/findings/{index}{what}"))?;
        if !seen.insert(finding.fingerprint()) {
            return Err(format!(
                "/findings/{index}: it is there twice: {} of {} at `{}`",
                finding.rule.id, finding.target.id, finding.path
            ));
        }
        let begun = wire.started_at.to_zoned(TimeZone::UTC).date();
        if finding.waiver.as_ref().is_some_and(|waiver| waiver.expires < begun) {
            return Err(format!("/findings/{index}/waiver/expires: it had passed when the run began"));
        }
        findings.push(finding);
    }
    let notices = |of: &str, notices: Vec<JsonNotice<'_>>| -> Result<Vec<Notice>, String> {
        let notices = notices.into_iter().enumerate();
        notices.map(|(index, wire)| notice(wire).map_err(|what| format!("/{of}/{index}{what}"))).collect()
    };
    let elsewhere = wire.elsewhere.iter().enumerate().map(|(index, id)| {
        TargetId::parse(id).ok_or_else(|| format!("/elsewhere/{index}: it is no id of a target"))
    });
    let report = Report {
        elsewhere: elsewhere.collect::<Result<_, _>>()?,
        started_at: wire.started_at,
        duration: duration.ok_or("/duration_ms: no run takes that long")?,
        rules: rules.into_values().collect(),
        targets: targets.into_values().collect(),
        findings,
        notices: notices("notices", wire.notices)?,
        unused_here: notices("unused_here", wire.unused_here)?,
        fail_on,
        leniency: Leniency::default(),
        shard,
        interrupted: wire.interrupted,
        asked: wire.asked.into_owned(),
        selection: wire.selection.map_or_else(Selection::default, |JsonSelection { targets, rules }| {
            Selection::of(&owned(targets), &owned(rules))
        }),
        config: None,
    };
    is_whole(&report, &wire.summary)?;
    Ok(report)
}

/// A file that was cut or filtered would pass for a whole one.
fn is_whole(report: &Report, told: &JsonSummary) -> Result<(), String> {
    let mut counted = JsonSummary::of(&report.summary());
    let strict = counted.exit_code;
    counted.exit_code = told.exit_code;
    if counted != *told {
        return Err(
            "/summary: its counts are not those of the rules, targets, findings and notices".to_owned()
        );
    }
    // What the exit code forgave is not in the file; but no leniency comes to more than one of these.
    let lenient = Leniency::ALL.map(|leniency| report.exit_code(leniency));
    if !lenient.contains(&told.exit_code) {
        return Err(format!(
            "/summary/exit_code: it is {}, and what is in the file comes to {strict}",
            told.exit_code
        ));
    }
    Ok(())
}

/// A finding that fails the run must not pass for one that does not.
fn is_judged_by(threshold: Option<Severity>, finding: &JsonFinding<'_>) -> Result<(), String> {
    let JsonFinding { severity, disposition, .. } = *finding;
    let unwaived = if threshold.is_some_and(|threshold| severity >= threshold) {
        Disposition::Open
    } else {
        Disposition::BelowThreshold
    };
    if disposition == Disposition::Waived || disposition == unwaived {
        return Ok(());
    }
    Err(format!(
        "/disposition: it is `{}`, and with the threshold `{}` a finding of severity `{severity}` is `{}`",
        disposition.as_str(),
        threshold.map_or("none", Severity::as_str),
        unwaived.as_str()
    ))
}

fn rule(wire: JsonRule<'_>) -> Rule {
    Rule {
        id: wire.id.into_owned(),
        pack: "".into(),
        title: wire.title.into_owned(),
        severity: wire.severity,
        description: wire.description.into_owned(),
        remediation: wire.remediation.into_owned(),
        references: owned(wire.references),
        links: owned(wire.links),
        tags: owned(wire.tags),
    }
}

fn outcome(wire: JsonTarget<'_>) -> Result<Outcome, String> {
    let id = TargetId::parse(&wire.id).ok_or_else(|| format!("/id: `{}` is no id of a target", wire.id))?;
    if (wire.status == Status::Unaudited) != wire.error.is_some() {
        return Err("/status: an unaudited target has an `error`, and an audited one has none".to_owned());
    }
    let target = Target {
        id,
        account: wire.account.map(Text::into_owned),
        region: wire.region.map(Text::into_owned),
        app_id: wire.app_id.into_owned(),
        app_name: wire.app_name.map(Text::into_owned),
        environment: wire.environment.into_owned(),
        resource: wire.resource.into_owned(),
        stage: wire.stage,
        labels: wire
            .labels
            .into_iter()
            .map(|(name, value)| (name.into_owned(), value.into_owned()))
            .collect(),
        source: wire.source.into(),
        declared: location(wire.location).map_err(|what| format!("/location{what}"))?,
    };
    let unaudited = wire.error.map(unaudited).transpose().map_err(|what| format!("/error{what}"))?;
    Ok(Outcome { target: Arc::new(target), unaudited })
}

fn unaudited(wire: JsonError<'_>) -> Result<Unaudited, String> {
    Ok(Unaudited {
        kind: wire.kind,
        message: wire.message.into_owned(),
        gist: wire.summary.into(),
        help: wire.help.map(Text::into_owned),
        attempts: wire.attempts,
        rules: owned(wire.rules).into(),
        location: wire.location.map(location).transpose().map_err(|what| format!("/location{what}"))?,
    })
}

fn finding(
    wire: JsonFinding<'_>,
    rules: &BTreeMap<String, Arc<Rule>>,
    targets: &BTreeMap<TargetId, Outcome>,
) -> Result<Finding, String> {
    let rule = rules
        .get(&*wire.rule)
        .ok_or_else(|| format!("/rule: `{}` is none of the report's rules", wire.rule))?;
    let target = TargetId::parse(&wire.target)
        .and_then(|id| targets.get(&id))
        .ok_or_else(|| format!("/target: `{}` is none of the report's targets", wire.target))?;
    if (wire.disposition == Disposition::Waived) != wire.waiver.is_some() {
        return Err("/waiver: a waived finding has one, and no other has".to_owned());
    }
    let excerpt = wire.excerpt.map(excerpt).transpose().map_err(|what| format!("/excerpt{what}"))?;
    Ok(Finding {
        rule: Arc::clone(rule),
        severity: wire.severity,
        target: Arc::clone(&target.target),
        message: wire.message.into_owned(),
        path: wire.path.into_owned(),
        expected: wire.expected.map(std::borrow::Cow::into_owned),
        actual: wire.actual.map(std::borrow::Cow::into_owned),
        disposition: wire.disposition,
        waiver: wire.waiver.map(|waiver| AcceptedBy {
            reason: waiver.reason.into_owned(),
            owner: waiver.owner.map(Text::into_owned),
            expires: waiver.expires,
        }),
        carried: wire.carried,
        evidence: Evidence {
            location: location(wire.location).map_err(|what| format!("/location{what}"))?,
            excerpt,
        },
    })
}

/// Whoever shows an excerpt takes its promises as kept: no control character, and marks inside of it.
fn excerpt(wire: JsonExcerpt<'_>) -> Result<Excerpt, String> {
    if wire.first_line == 0 || u32::try_from(wire.first_line).is_err() {
        return Err("/first_line: there is no such line".to_owned());
    }
    let text = wire.text.into_owned();
    if printable_json(text.clone()) != text {
        return Err("/text: it holds a control character".to_owned());
    }
    let mut marks = Vec::with_capacity(wire.marks.len());
    for (index, [start, end]) in wire.marks.into_iter().enumerate() {
        if start > end || text.get(start..end).is_none() {
            return Err(format!("/marks/{index}: it is not a part of the text"));
        }
        marks.push(start..end);
    }
    Ok(Excerpt { first_line: wire.first_line, text: text.into_boxed_str(), marks })
}

fn location(wire: JsonLocation<'_>) -> Result<Location, String> {
    let region =
        Region { line: wire.line, column: wire.column, end_line: wire.end_line, end_column: wire.end_column };
    if [region.line, region.column, region.end_line, region.end_column].contains(&0) {
        return Err(": lines and columns count from 1".to_owned());
    }
    if !is_name(&wire.file) {
        return Err("/file: it is no name of a file below or beside the root of a repository".to_owned());
    }
    Ok(Location { file: wire.file.into(), region })
}

/// Whether it is a name as [`Repository::name`] gives it: code scanning refuses a whole file for another one.
///
/// [`Repository::name`]: crate::location::Repository::name
fn is_name(file: &str) -> bool {
    let mut below = file.split('/').skip_while(|part| *part == "..");
    !file.is_empty() && !file.starts_with('/') && below.all(|part| part != "..")
}

fn notice(wire: JsonNotice<'_>) -> Result<Notice, String> {
    let unread = match (wire.scope, wire.error) {
        (None, None) => None,
        (Some(scope), Some(error)) if wire.kind == NoticeKind::Unreadable => {
            let why = unaudited(error).map_err(|what| format!("/error{what}"))?;
            Some(Unread { scope: self::scope(scope), why })
        }
        _ => return Err(": `scope` and `error` stand together, and on `unreadable` only".to_owned()),
    };
    Ok(Notice {
        kind: wire.kind,
        message: wire.message.into_owned(),
        location: wire.location.map(location).transpose().map_err(|what| format!("/location{what}"))?,
        unread,
    })
}

fn scope(wire: JsonScope<'_>) -> Scope {
    Scope {
        account: wire.account.map(Text::into_owned),
        region: wire.region.map(Text::into_owned),
        app_id: wire.app_id.map(Text::into_owned),
        environment: wire.environment.map(Text::into_owned),
    }
}

fn owned(texts: Vec<Text<'_>>) -> Vec<String> {
    texts.into_iter().map(Text::into_owned).collect()
}
