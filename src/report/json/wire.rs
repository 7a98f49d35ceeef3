//! The shapes of the file, for writing and for reading: its own, so that the inside may move.
//!
//! What is missing is never taken for `null`: a member that is always written must be there.

use std::borrow::Cow;
use std::collections::BTreeMap;

use jiff::Timestamp;
use jiff::civil::Date;
use schemars::JsonSchema;
use serde::{Deserialize, Deserializer, Serialize};
use serde_json::Value;

use super::VERSION;
use crate::finding::{Disposition, Finding, Notice, NoticeKind, Rule, Severity};
use crate::location::Location;
use crate::report::{Listing, Outcome, Report, Selection, Summary};
use crate::target::{Cause, Scope, Stage, Unaudited};

/// A string of the report, or of the file.
pub(super) type Text<'r> = Cow<'r, str>;

/// Everything that a run found out, in the order of reports.
#[derive(Serialize, Deserialize, JsonSchema)]
#[serde(expecting = "a report of audit")]
#[schemars(rename = "Report")]
pub(super) struct JsonReport<'r> {
    /// Version of this shape; members are only ever added to it.
    #[schemars(extend("const" = VERSION))]
    pub(super) version: u32,
    /// The program that wrote the file.
    pub(super) tool: Tool<'r>,
    /// When the run began.
    pub(super) started_at: Timestamp,
    /// How long it took, in milliseconds.
    pub(super) duration_ms: u128,
    /// The part of the targets that was this run's; `null` for all of them.
    #[serde(deserialize_with = "nullable")]
    pub(super) shard: Option<JsonShard>,
    /// Waivers that match nothing in this shard, and may in another one: `audit merge` says those of which every shard says so.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub(super) unused_here: Vec<JsonNotice<'r>>,
    /// Ids of targets of other shards that this one saw: `audit merge` misses those that no shard has audited.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub(super) elsewhere: Vec<Text<'r>>,
    /// Whether the run was stopped before its end.
    pub(super) interrupted: bool,
    /// A digest of what was asked for.
    pub(super) asked: Text<'r>,
    /// The part of the targets and of the rules that was asked for; it is there where the run was not of everything.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) selection: Option<JsonSelection<'r>>,
    /// The severity from which a finding is open; `null` where none is.
    #[serde(deserialize_with = "nullable")]
    pub(super) fail_on: Option<Severity>,
    /// The counts.
    pub(super) summary: JsonSummary,
    /// The rules that were judged, by id.
    pub(super) rules: Vec<JsonRule<'r>>,
    /// The targets, by id.
    pub(super) targets: Vec<JsonTarget<'r>>,
    /// The findings: severity, worst first, then rule, target and path.
    pub(super) findings: Vec<JsonFinding<'r>>,
    /// What else is to be said.
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
            unused_here: report.unused_here.iter().map(JsonNotice::of).collect(),
            elsewhere: report.elsewhere.iter().map(|id| text(id.as_str())).collect(),
            interrupted: report.interrupted,
            asked: text(&report.asked),
            selection: JsonSelection::of(&report.selection),
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
    /// Which of them `[[drift]]` compares with which.
    pairs: Vec<JsonPair<'r>>,
    notices: Vec<JsonNotice<'r>>,
}

/// Ids of targets that must agree.
#[derive(Serialize)]
struct JsonPair<'r> {
    expected: &'r str,
    actual: &'r str,
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
            pairs: listing
                .pairs
                .iter()
                .map(|(actual, expected)| JsonPair { expected: expected.as_str(), actual: actual.as_str() })
                .collect(),
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
#[derive(Serialize, Deserialize, JsonSchema)]
#[serde(expecting = "the name and version of a program")]
pub(super) struct Tool<'r> {
    /// `audit`.
    #[schemars(extend("const" = "audit"))]
    pub(super) name: Text<'r>,
    /// Its version.
    pub(super) version: Text<'r>,
}

impl Tool<'_> {
    pub(super) fn this() -> Self {
        Self { name: "audit".into(), version: env!("CARGO_PKG_VERSION").into() }
    }
}

/// One part of the targets out of several.
#[derive(Serialize, Deserialize, JsonSchema)]
#[serde(expecting = "the index and count of a shard")]
#[schemars(rename = "Shard")]
pub(super) struct JsonShard {
    /// Which one, from 1.
    pub(super) index: u32,
    /// How many there are.
    pub(super) count: u32,
}

/// The part of the targets and of the rules that a run was asked for.
#[derive(Serialize, Deserialize, JsonSchema)]
#[serde(expecting = "the selected targets and rules")]
#[schemars(rename = "Selection")]
pub(super) struct JsonSelection<'r> {
    /// The globs of `--target`; of every target where there is none.
    pub(super) targets: Vec<Text<'r>>,
    /// The ids of `--rule`; of every rule where there is none.
    pub(super) rules: Vec<Text<'r>>,
}

impl<'r> JsonSelection<'r> {
    /// `None` for a run of everything.
    fn of(selection: &'r Selection) -> Option<Self> {
        selection
            .named()
            .map(|_| Self { targets: texts(selection.targets()), rules: texts(selection.rules()) })
    }
}

/// The counts of a report.
#[derive(Serialize, Deserialize, JsonSchema, PartialEq)]
#[serde(expecting = "the counts of a report")]
#[schemars(rename = "Summary")]
pub(super) struct JsonSummary {
    /// All targets.
    targets: usize,
    /// Targets that were judged by every rule.
    audited: usize,
    /// The others.
    unaudited: usize,
    /// Parts of the fleet that could not be listed: their targets are in no count.
    unreadable: usize,
    /// Rules that were judged.
    rules: usize,
    /// Findings at or above the threshold that nobody accepted.
    open: Counts,
    /// Findings under the threshold that nobody accepted.
    below_threshold: Counts,
    /// Accepted findings.
    waived: usize,
    /// Findings of an earlier report, about what this run could not audit; all of the above count them, too.
    carried: usize,
    /// What else is said.
    notices: usize,
    /// The program's exit code: 0 clean, 1 open findings, 3 incomplete, 130 interrupted.
    #[schemars(extend("enum" = [0, 1, 3, 130]))]
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
            carried: summary.carried,
            notices: summary.notices,
            exit_code: summary.exit_code,
        }
    }
}

/// A count for each severity.
#[derive(Serialize, Deserialize, JsonSchema, PartialEq)]
#[serde(expecting = "a count for each severity")]
struct Counts {
    /// Of severity `critical`.
    critical: usize,
    /// Of severity `high`.
    high: usize,
    /// Of severity `medium`.
    medium: usize,
    /// Of severity `low`.
    low: usize,
    /// Of severity `info`.
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

/// One thing that may be wrong.
#[derive(Serialize, Deserialize, JsonSchema)]
#[serde(expecting = "a rule")]
#[schemars(rename = "Rule")]
pub(super) struct JsonRule<'r> {
    /// `area/name`.
    pub(super) id: Text<'r>,
    /// What is wrong, in a few words.
    pub(super) title: Text<'r>,
    /// Severity of a finding that names none.
    pub(super) severity: Severity,
    /// Why it matters.
    pub(super) description: Text<'r>,
    /// How to mend it.
    pub(super) remediation: Text<'r>,
    /// Standard and clause.
    pub(super) references: Vec<Text<'r>>,
    /// Pages to read on.
    pub(super) links: Vec<Text<'r>>,
    /// Words to filter by.
    pub(super) tags: Vec<Text<'r>>,
}

impl<'r> JsonRule<'r> {
    pub(super) fn of(rule: &'r Rule) -> Self {
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

/// One auth resource of one environment of one app.
#[derive(Serialize, Deserialize, JsonSchema)]
#[serde(expecting = "a target")]
#[schemars(rename = "Target")]
pub(super) struct JsonTarget<'r> {
    /// `APP/ENVIRONMENT/RESOURCE`, or `file:PATH` for a file that names no target.
    pub(super) id: Text<'r>,
    /// AWS account number, where known.
    #[serde(deserialize_with = "nullable")]
    pub(super) account: Option<Text<'r>>,
    /// AWS region, where known.
    #[serde(deserialize_with = "nullable")]
    pub(super) region: Option<Text<'r>>,
    /// Amplify app id.
    pub(super) app_id: Text<'r>,
    /// The app's name, where known.
    #[serde(deserialize_with = "nullable")]
    pub(super) app_name: Option<Text<'r>>,
    /// Backend environment name.
    pub(super) environment: Text<'r>,
    /// Auth resource name.
    pub(super) resource: Text<'r>,
    /// What the environment is for.
    pub(super) stage: Stage,
    /// Free labels from the configuration.
    pub(super) labels: BTreeMap<Text<'r>, Text<'r>>,
    /// Name of the source that brought it.
    pub(super) source: Text<'r>,
    /// Where it came in.
    pub(super) location: JsonLocation<'r>,
    /// Whether it was judged by every rule.
    pub(super) status: Status,
    /// Why it was not; on an unaudited target only.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) error: Option<JsonError<'r>>,
}

/// Whether a target was audited.
#[derive(Serialize, Deserialize, JsonSchema, Clone, Copy, PartialEq, Eq)]
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

/// Why something could not be audited.
#[derive(Serialize, Deserialize, JsonSchema)]
#[serde(expecting = "the reason why something could not be audited")]
#[schemars(rename = "Error")]
pub(super) struct JsonError<'r> {
    /// The kind of reason.
    pub(super) kind: Cause,
    /// What failed, on what.
    pub(super) message: Text<'r>,
    /// Calls made; 0 for files.
    pub(super) attempts: u32,
    /// What to do about it.
    #[serde(deserialize_with = "nullable")]
    pub(super) help: Option<Text<'r>>,
    /// The same for all that failed alike.
    pub(super) summary: Text<'r>,
    /// The rules that could not be evaluated.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub(super) rules: Vec<Text<'r>>,
    /// The place in the file at fault.
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

/// One rule violated at one place in one document.
#[derive(Serialize, Deserialize, JsonSchema)]
#[serde(expecting = "a finding")]
#[schemars(rename = "Finding")]
pub(super) struct JsonFinding<'r> {
    /// Id of the rule.
    pub(super) rule: Text<'r>,
    /// How bad it is.
    pub(super) severity: Severity,
    /// Id of the target.
    pub(super) target: Text<'r>,
    /// What is wrong, naming the value.
    pub(super) message: Text<'r>,
    /// JSON pointer into the document; empty for the whole of it.
    pub(super) path: Text<'r>,
    /// What should stand there, where the rule tells.
    #[serde(deserialize_with = "nullable")]
    pub(super) expected: Option<Cow<'r, Value>>,
    /// What stands there, where the rule tells.
    #[serde(deserialize_with = "nullable")]
    pub(super) actual: Option<Cow<'r, Value>>,
    /// What became of it.
    pub(super) disposition: Disposition,
    /// The waiver, on a waived finding.
    #[serde(deserialize_with = "nullable")]
    pub(super) waiver: Option<JsonWaiver<'r>>,
    /// Whether it stands in an earlier report, and its target could not be read this time.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub(super) carried: bool,
    /// A real file of the repository.
    pub(super) location: JsonLocation<'r>,
    /// The lines that prove it; `null` for a finding about no document.
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

/// The waiver that accepted a finding.
#[derive(Serialize, Deserialize, JsonSchema)]
#[serde(expecting = "a waiver")]
#[schemars(rename = "Waiver")]
pub(super) struct JsonWaiver<'r> {
    /// Why it is accepted.
    pub(super) reason: Text<'r>,
    /// Who accepted it.
    #[serde(deserialize_with = "nullable")]
    pub(super) owner: Option<Text<'r>>,
    /// The last day it holds.
    pub(super) expires: Date,
}

/// Lines of the document with the value marked.
#[derive(Serialize, Deserialize, JsonSchema)]
#[serde(expecting = "an excerpt")]
#[schemars(rename = "Excerpt")]
pub(super) struct JsonExcerpt<'r> {
    /// Number of the first line, from 1.
    pub(super) first_line: usize,
    /// The lines.
    pub(super) text: Text<'r>,
    /// Byte ranges: start and end.
    pub(super) marks: Vec<[usize; 2]>,
}

/// A place in a file; lines and columns count from 1.
#[derive(Serialize, Deserialize, JsonSchema)]
#[serde(expecting = "a place in a file")]
#[schemars(rename = "Location")]
pub(super) struct JsonLocation<'r> {
    /// The file, relative to the root of the repository.
    pub(super) file: Text<'r>,
    /// The first line.
    pub(super) line: u32,
    /// The first column.
    pub(super) column: u32,
    /// The last line.
    pub(super) end_line: u32,
    /// The column behind the last one.
    pub(super) end_column: u32,
}

impl<'r> JsonLocation<'r> {
    pub(super) fn of(location: &'r Location) -> Self {
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

/// Something worth saying that is no finding.
#[derive(Serialize, Deserialize, JsonSchema)]
#[serde(expecting = "a notice")]
#[schemars(rename = "Notice")]
pub(super) struct JsonNotice<'r> {
    /// The kind.
    pub(super) kind: NoticeKind,
    /// What to know.
    pub(super) message: Text<'r>,
    /// Where, if anywhere.
    #[serde(deserialize_with = "nullable")]
    pub(super) location: Option<JsonLocation<'r>>,
    /// What could not be read, on a notice of kind `unreadable`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) scope: Option<JsonScope<'r>>,
    /// Why it could not be read.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) error: Option<JsonError<'r>>,
}

impl<'r> JsonNotice<'r> {
    pub(super) fn of(notice: &'r Notice) -> Self {
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
#[derive(Serialize, Deserialize, JsonSchema)]
#[serde(expecting = "a part of the fleet")]
#[schemars(rename = "Scope")]
pub(super) struct JsonScope<'r> {
    /// AWS account number.
    #[serde(deserialize_with = "nullable")]
    pub(super) account: Option<Text<'r>>,
    /// AWS region.
    #[serde(deserialize_with = "nullable")]
    pub(super) region: Option<Text<'r>>,
    /// Amplify app id.
    #[serde(deserialize_with = "nullable")]
    pub(super) app_id: Option<Text<'r>>,
    /// Backend environment name.
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
