//! The shapes of the file, for writing and for reading: its own, so that the inside may move.
//!
//! What is missing is never taken for `null`: a member that is always written must be there.

use std::borrow::Cow;
use std::collections::BTreeMap;

use jiff::Timestamp;
use jiff::civil::Date;
use serde::{Deserialize, Deserializer, Serialize};
use serde_json::Value;

use super::VERSION;
use crate::finding::{Disposition, Finding, Notice, NoticeKind, Rule, Severity};
use crate::location::Location;
use crate::report::{Listing, Outcome, Report, Summary};
use crate::target::{Cause, Scope, Stage, Unaudited};

/// A string of the report, or of the file.
pub(super) type Text<'r> = Cow<'r, str>;

#[derive(Serialize, Deserialize)]
#[serde(expecting = "a report of audit")]
pub(super) struct JsonReport<'r> {
    pub(super) version: u32,
    pub(super) tool: Tool<'r>,
    pub(super) started_at: Timestamp,
    pub(super) duration_ms: u128,
    #[serde(deserialize_with = "nullable")]
    pub(super) shard: Option<JsonShard>,
    pub(super) interrupted: bool,
    /// A digest of what was asked for.
    pub(super) asked: Text<'r>,
    #[serde(deserialize_with = "nullable")]
    pub(super) fail_on: Option<Severity>,
    pub(super) summary: JsonSummary,
    pub(super) rules: Vec<JsonRule<'r>>,
    pub(super) targets: Vec<JsonTarget<'r>>,
    pub(super) findings: Vec<JsonFinding<'r>>,
    pub(super) notices: Vec<JsonNotice<'r>>,
}

impl<'r> JsonReport<'r> {
    pub(super) fn of(report: &'r Report, summary: &Summary) -> Self {
        Self {
            version: VERSION,
            tool: Tool::this(),
            started_at: report.started_at,
            duration_ms: report.duration.as_millis(),
            shard: report.shard.map(|shard| JsonShard { index: shard.index, count: shard.count }),
            interrupted: report.interrupted,
            asked: text(&report.asked),
            fail_on: report.fail_on,
            summary: JsonSummary::of(summary),
            rules: report.rules.iter().map(|rule| JsonRule::of(rule)).collect(),
            targets: report.targets.iter().map(JsonTarget::of).collect(),
            findings: report.findings.iter().map(JsonFinding::of).collect(),
            notices: report.notices.iter().map(JsonNotice::of).collect(),
        }
    }
}

/// Which targets there are; only written.
#[derive(Serialize)]
pub(super) struct JsonListing<'r> {
    version: u32,
    tool: Tool<'r>,
    interrupted: bool,
    targets: Vec<JsonListed<'r>>,
    notices: Vec<JsonNotice<'r>>,
}

/// A target that nothing was asked of.
#[derive(Serialize)]
struct JsonListed<'r> {
    id: Text<'r>,
    account: Option<Text<'r>>,
    region: Option<Text<'r>>,
    app_id: Text<'r>,
    app_name: Option<Text<'r>>,
    environment: Text<'r>,
    resource: Text<'r>,
    stage: Stage,
    labels: BTreeMap<Text<'r>, Text<'r>>,
    source: Text<'r>,
    location: JsonLocation<'r>,
    #[serde(skip_serializing_if = "Option::is_none")]
    error: Option<JsonError<'r>>,
}

impl<'r> JsonListing<'r> {
    pub(super) fn of(listing: &'r Listing) -> Self {
        Self {
            version: VERSION,
            tool: Tool::this(),
            interrupted: listing.interrupted,
            targets: listing.targets.iter().map(JsonListed::of).collect(),
            notices: listing.notices.iter().map(JsonNotice::of).collect(),
        }
    }
}

impl<'r> JsonListed<'r> {
    fn of(outcome: &'r Outcome) -> Self {
        let JsonTarget {
            id,
            account,
            region,
            app_id,
            app_name,
            environment,
            resource,
            stage,
            labels,
            source,
            location,
            status: _,
            error,
        } = JsonTarget::of(outcome);
        Self {
            id,
            account,
            region,
            app_id,
            app_name,
            environment,
            resource,
            stage,
            labels,
            source,
            location,
            error,
        }
    }
}

/// The program that wrote the file.
#[derive(Serialize, Deserialize)]
#[serde(expecting = "the name and version of a program")]
pub(super) struct Tool<'r> {
    pub(super) name: Text<'r>,
    pub(super) version: Text<'r>,
}

impl Tool<'_> {
    fn this() -> Self {
        Self { name: "audit".into(), version: env!("CARGO_PKG_VERSION").into() }
    }
}

#[derive(Serialize, Deserialize)]
#[serde(expecting = "the index and count of a shard")]
pub(super) struct JsonShard {
    pub(super) index: u32,
    pub(super) count: u32,
}

#[derive(Serialize, Deserialize, PartialEq)]
#[serde(expecting = "the counts of a report")]
pub(super) struct JsonSummary {
    targets: usize,
    audited: usize,
    unaudited: usize,
    unreadable: usize,
    rules: usize,
    open: Counts,
    below_threshold: Counts,
    waived: usize,
    pub(super) exit_code: u8,
}

impl JsonSummary {
    pub(super) fn of(summary: &Summary) -> Self {
        Self {
            targets: summary.targets,
            audited: summary.audited,
            unaudited: summary.unaudited,
            unreadable: summary.unreadable,
            rules: summary.rules,
            open: Counts::of(&summary.open),
            below_threshold: Counts::of(&summary.below_threshold),
            waived: summary.waived,
            exit_code: summary.exit_code,
        }
    }
}

#[derive(Serialize, Deserialize, PartialEq)]
#[serde(expecting = "a count for each severity")]
struct Counts {
    critical: usize,
    high: usize,
    medium: usize,
    low: usize,
    info: usize,
}

impl Counts {
    fn of(counts: &BTreeMap<Severity, usize>) -> Self {
        let count = |severity| counts.get(&severity).copied().unwrap_or_default();
        Self {
            critical: count(Severity::Critical),
            high: count(Severity::High),
            medium: count(Severity::Medium),
            low: count(Severity::Low),
            info: count(Severity::Info),
        }
    }
}

#[derive(Serialize, Deserialize)]
#[serde(expecting = "a rule")]
pub(super) struct JsonRule<'r> {
    pub(super) id: Text<'r>,
    pub(super) title: Text<'r>,
    pub(super) severity: Severity,
    pub(super) description: Text<'r>,
    pub(super) remediation: Text<'r>,
    pub(super) references: Vec<Text<'r>>,
    pub(super) links: Vec<Text<'r>>,
    pub(super) tags: Vec<Text<'r>>,
}

impl<'r> JsonRule<'r> {
    fn of(rule: &'r Rule) -> Self {
        Self {
            id: text(&rule.id),
            title: text(&rule.title),
            severity: rule.severity,
            description: text(&rule.description),
            remediation: text(&rule.remediation),
            references: texts(&rule.references),
            links: texts(&rule.links),
            tags: texts(&rule.tags),
        }
    }
}

#[derive(Serialize, Deserialize)]
#[serde(expecting = "a target")]
pub(super) struct JsonTarget<'r> {
    pub(super) id: Text<'r>,
    #[serde(deserialize_with = "nullable")]
    pub(super) account: Option<Text<'r>>,
    #[serde(deserialize_with = "nullable")]
    pub(super) region: Option<Text<'r>>,
    pub(super) app_id: Text<'r>,
    #[serde(deserialize_with = "nullable")]
    pub(super) app_name: Option<Text<'r>>,
    pub(super) environment: Text<'r>,
    pub(super) resource: Text<'r>,
    pub(super) stage: Stage,
    pub(super) labels: BTreeMap<Text<'r>, Text<'r>>,
    pub(super) source: Text<'r>,
    pub(super) location: JsonLocation<'r>,
    pub(super) status: Status,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) error: Option<JsonError<'r>>,
}

#[derive(Serialize, Deserialize, Clone, Copy, PartialEq, Eq)]
#[serde(rename_all = "lowercase", expecting = "`audited` or `unaudited`")]
pub(super) enum Status {
    Audited,
    Unaudited,
}

impl<'r> JsonTarget<'r> {
    fn of(outcome: &'r Outcome) -> Self {
        let target = &outcome.target;
        Self {
            id: text(target.id.as_str()),
            account: target.account.as_deref().map(text),
            region: target.region.as_deref().map(text),
            app_id: text(&target.app_id),
            app_name: target.app_name.as_deref().map(text),
            environment: text(&target.environment),
            resource: text(&target.resource),
            stage: target.stage,
            labels: target.labels.iter().map(|(name, value)| (text(name), text(value))).collect(),
            source: text(&target.source),
            location: JsonLocation::of(&target.declared),
            status: if outcome.unaudited.is_some() { Status::Unaudited } else { Status::Audited },
            error: outcome.unaudited.as_ref().map(JsonError::of),
        }
    }
}

#[derive(Serialize, Deserialize)]
#[serde(expecting = "the reason why something could not be audited")]
pub(super) struct JsonError<'r> {
    pub(super) kind: Cause,
    pub(super) message: Text<'r>,
    pub(super) attempts: u32,
    #[serde(deserialize_with = "nullable")]
    pub(super) help: Option<Text<'r>>,
    /// The same for all that failed alike.
    pub(super) summary: Text<'r>,
    /// The rules that could not be evaluated.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub(super) rules: Vec<Text<'r>>,
    #[serde(deserialize_with = "nullable")]
    pub(super) location: Option<JsonLocation<'r>>,
}

impl<'r> JsonError<'r> {
    fn of(why: &'r Unaudited) -> Self {
        Self {
            kind: why.kind,
            message: text(&why.message),
            attempts: why.attempts,
            help: why.help.as_deref().map(text),
            summary: text(&why.gist),
            rules: texts(&why.rules),
            location: why.location.as_ref().map(JsonLocation::of),
        }
    }
}

#[derive(Serialize, Deserialize)]
#[serde(expecting = "a finding")]
pub(super) struct JsonFinding<'r> {
    pub(super) rule: Text<'r>,
    pub(super) severity: Severity,
    pub(super) target: Text<'r>,
    pub(super) message: Text<'r>,
    pub(super) path: Text<'r>,
    #[serde(deserialize_with = "nullable")]
    pub(super) expected: Option<Cow<'r, Value>>,
    #[serde(deserialize_with = "nullable")]
    pub(super) actual: Option<Cow<'r, Value>>,
    pub(super) disposition: Disposition,
    #[serde(deserialize_with = "nullable")]
    pub(super) waiver: Option<JsonWaiver<'r>>,
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub(super) carried: bool,
    pub(super) location: JsonLocation<'r>,
    #[serde(deserialize_with = "nullable")]
    pub(super) excerpt: Option<JsonExcerpt<'r>>,
    /// Follows from rule, target and path.
    fingerprint: Text<'r>,
}

impl<'r> JsonFinding<'r> {
    fn of(finding: &'r Finding) -> Self {
        Self {
            rule: text(&finding.rule.id),
            severity: finding.severity,
            target: text(finding.target.id.as_str()),
            message: text(&finding.message),
            path: text(&finding.path),
            expected: finding.expected.as_ref().map(Cow::Borrowed),
            actual: finding.actual.as_ref().map(Cow::Borrowed),
            disposition: finding.disposition,
            waiver: finding.waiver.as_ref().map(|waiver| JsonWaiver {
                reason: text(&waiver.reason),
                owner: waiver.owner.as_deref().map(text),
                expires: waiver.expires,
            }),
            carried: finding.carried,
            location: JsonLocation::of(&finding.evidence.location),
            excerpt: finding.evidence.excerpt.as_ref().map(|excerpt| JsonExcerpt {
                first_line: excerpt.first_line,
                text: text(&excerpt.text),
                marks: excerpt.marks.iter().map(|mark| [mark.start, mark.end]).collect(),
            }),
            fingerprint: finding.fingerprint().into(),
        }
    }
}

#[derive(Serialize, Deserialize)]
#[serde(expecting = "a waiver")]
pub(super) struct JsonWaiver<'r> {
    pub(super) reason: Text<'r>,
    #[serde(deserialize_with = "nullable")]
    pub(super) owner: Option<Text<'r>>,
    pub(super) expires: Date,
}

#[derive(Serialize, Deserialize)]
#[serde(expecting = "an excerpt")]
pub(super) struct JsonExcerpt<'r> {
    pub(super) first_line: usize,
    pub(super) text: Text<'r>,
    /// Byte ranges: start and end.
    pub(super) marks: Vec<[usize; 2]>,
}

#[derive(Serialize, Deserialize)]
#[serde(expecting = "a place in a file")]
pub(super) struct JsonLocation<'r> {
    pub(super) file: Text<'r>,
    pub(super) line: u32,
    pub(super) column: u32,
    pub(super) end_line: u32,
    pub(super) end_column: u32,
}

impl<'r> JsonLocation<'r> {
    fn of(location: &'r Location) -> Self {
        let region = location.region;
        Self {
            file: text(&location.file),
            line: region.line,
            column: region.column,
            end_line: region.end_line,
            end_column: region.end_column,
        }
    }
}

#[derive(Serialize, Deserialize)]
#[serde(expecting = "a notice")]
pub(super) struct JsonNotice<'r> {
    pub(super) kind: NoticeKind,
    pub(super) message: Text<'r>,
    #[serde(deserialize_with = "nullable")]
    pub(super) location: Option<JsonLocation<'r>>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) scope: Option<JsonScope<'r>>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) error: Option<JsonError<'r>>,
}

impl<'r> JsonNotice<'r> {
    fn of(notice: &'r Notice) -> Self {
        Self {
            kind: notice.kind,
            message: text(&notice.message),
            location: notice.location.as_ref().map(JsonLocation::of),
            scope: notice.unread.as_ref().map(|unread| JsonScope::of(&unread.scope)),
            error: notice.unread.as_ref().map(|unread| JsonError::of(&unread.why)),
        }
    }
}

/// What could not be read; `null` stands for all of them.
#[derive(Serialize, Deserialize)]
#[serde(expecting = "a part of the fleet")]
pub(super) struct JsonScope<'r> {
    #[serde(deserialize_with = "nullable")]
    pub(super) account: Option<Text<'r>>,
    #[serde(deserialize_with = "nullable")]
    pub(super) region: Option<Text<'r>>,
    #[serde(deserialize_with = "nullable")]
    pub(super) app_id: Option<Text<'r>>,
    #[serde(deserialize_with = "nullable")]
    pub(super) environment: Option<Text<'r>>,
}

impl<'r> JsonScope<'r> {
    fn of(scope: &'r Scope) -> Self {
        Self {
            account: scope.account.as_deref().map(text),
            region: scope.region.as_deref().map(text),
            app_id: scope.app_id.as_deref().map(text),
            environment: scope.environment.as_deref().map(text),
        }
    }
}

fn text(of: &str) -> Text<'_> {
    Cow::Borrowed(of)
}

fn texts(of: &[String]) -> Vec<Text<'_>> {
    of.iter().map(|of| text(of)).collect()
}

/// `null` or a value. Without this, serde takes a member that is missing for `null`.
fn nullable<'de, D: Deserializer<'de>, T: Deserialize<'de>>(deserializer: D) -> Result<Option<T>, D::Error> {
    Option::deserialize(deserializer)
}
