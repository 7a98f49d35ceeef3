//! SARIF 2.1.0, as code scanning takes it at its best: one run, every rule, a result for each finding
//! and for each target that could not be audited. Its structs are its own, and are only written.
//!
//! A paragraph (§) is one of the OASIS standard. What code scanning does with a member is told by
//! GitHub's page "SARIF support for code scanning".

mod result;
mod rule;
mod taxonomy;
mod text;
mod value;

use std::borrow::Cow;
use std::fmt::Write as _;
use std::io::{self, Write};

use jiff::Timestamp;
use serde::Serialize;

use result::SarifResult;
pub use rule::unaudited_rule;
use rule::{Descriptor, Rules};
use taxonomy::{Component, Taxonomies, Taxonomy};
use text::{Message, uri};

use super::level::Level;
use super::verdict::plural;
use super::{Report, Seen, Style, UNAUDITED};
use crate::finding::{Disposition, Finding, Notice, Rule, Severity};
use crate::location::{Location, Region};
use crate::target::{Shard, Target, Unaudited};
use crate::untrusted::{printable, printable_json};

/// Code scanning refuses a file with more.
const MOST_RESULTS: usize = 25_000;

/// Results that there is no room for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct LeftOut {
    unseen: usize,
    findings: usize,
}

impl LeftOut {
    /// Of so many results, where `most` have room. Half of it is kept for what could not be audited, and half for
    /// findings: neither may push out the other.
    fn of(unseen: usize, findings: usize, most: usize) -> Self {
        let of_unseen = unseen.min((most / 2).max(most.saturating_sub(findings)));
        Self { unseen: unseen - of_unseen, findings: findings.saturating_sub(most - of_unseen) }
    }
}

/// What a configuration is called; a report does not say what its own was.
const CONFIGURATION: &str = "audit.toml";

/// Says how many results there is no room for.
pub(super) fn write(report: &Report, style: &Style, out: &mut dyn Write) -> io::Result<usize> {
    let unaudited = unaudited_rule();
    let (log, left_out) = Log::of(report, &unaudited, style, MOST_RESULTS);
    let json = serde_json::to_string_pretty(&log)?;
    out.write_all(printable_json(json).as_bytes())?;
    out.write_all(b"\n")?;
    Ok(left_out.unseen + left_out.findings)
}

#[derive(Serialize)]
struct Log<'r> {
    #[serde(rename = "$schema")]
    schema: &'static str,
    version: &'static str,
    runs: [Run<'r>; 1],
}

impl<'r> Log<'r> {
    /// With at most so many results, and those that are left out.
    fn of(report: &'r Report, unaudited: &'r Rule, style: &Style, most: usize) -> (Self, LeftOut) {
        let (run, left_out) = Run::of(report, unaudited, style, most);
        let schema = "https://json.schemastore.org/sarif-2.1.0.json";
        (Self { schema, version: "2.1.0", runs: [run] }, left_out)
    }
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Run<'r> {
    tool: Tool<'r>,
    invocations: [Invocation<'r>; 1],
    automation_details: AutomationDetails,
    original_uri_base_ids: BaseIds,
    column_kind: &'static str,
    results: Vec<SarifResult<'r>>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    taxonomies: Vec<Taxonomy<'r>>,
}

impl<'r> Run<'r> {
    fn of(report: &'r Report, unaudited: &'r Rule, style: &Style, most: usize) -> (Self, LeftOut) {
        let rules = Rules::of(report, unaudited);
        let taxonomies = Taxonomies::of(&rules);
        let blind = unaudited_targets(report)
            .map(|(target, why)| SarifResult::of_unaudited(target, why, &rules, style));
        let anywhere = anywhere(report);
        let unseen = unseen_parts(report).map(|notice| {
            let own = notice.location.as_ref().filter(|location| location.is_in_repository());
            SarifResult::of_notice(notice, own.unwrap_or(&anywhere), &rules, style)
        });
        let (all_unseen, all_findings) = (
            unaudited_targets(report).count() + unseen_parts(report).count(),
            findings(report, style).count(),
        );
        let left_out = LeftOut::of(all_unseen, all_findings, most);
        let room = value::room(all_findings - left_out.findings);
        let findings = findings(report, style).map(|finding| SarifResult::of(finding, &rules, room, style));
        // A whole part of the fleet is more than one target of it.
        let unseen = unseen.chain(blind).take(all_unseen - left_out.unseen);
        let results = unseen.chain(findings.take(all_findings - left_out.findings)).collect();
        let run = Self {
            invocations: [Invocation::of(report, &rules, left_out)],
            tool: Tool { driver: Driver::of(&rules, &taxonomies) },
            automation_details: AutomationDetails::of(report),
            original_uri_base_ids: BaseIds {
                root: BaseId { description: Message::of("The root of the repository.") },
            },
            column_kind: "unicodeCodePoints",
            results,
            taxonomies: taxonomies.components(),
        };
        (run, left_out)
    }
}

fn unaudited_targets(report: &Report) -> impl Iterator<Item = (&Target, &Unaudited)> {
    report.targets.iter().filter_map(|outcome| Some((&*outcome.target, outcome.unaudited.as_ref()?)))
}

/// What brought fewer targets than it should have: without a result, the alerts of those would just close.
fn unseen_parts(report: &Report) -> impl Iterator<Item = &Notice> {
    report.notices.iter().filter(|notice| notice.kind.makes_incomplete())
}

/// Where a result stands that has no place of its own which code scanning can show: where a target came in, else where
/// a configuration is.
fn anywhere(report: &Report) -> Location {
    let declared = report.targets.iter().map(|outcome| &outcome.target.declared);
    declared
        .filter(|location| location.is_in_repository())
        .min()
        .cloned()
        .unwrap_or_else(|| Location { file: CONFIGURATION.into(), region: Region::START })
}

fn findings<'r>(report: &'r Report, style: &Style) -> impl Iterator<Item = &'r Finding> {
    let include_waived = style.include_waived;
    let findings = report.findings.iter();
    findings.filter(move |finding| include_waived || finding.disposition != Disposition::Waived)
}

#[derive(Serialize)]
struct AutomationDetails {
    id: String,
}

impl AutomationDetails {
    /// The part before the last slash is the category, by which code scanning tells the runs of one tool
    /// apart. Another one would orphan all alerts; but a shard has its own, because it would close those
    /// of all other shards, and so has a run of some targets or rules alone.
    fn of(report: &Report) -> Self {
        let mut id = "audit/".to_owned();
        if report.selection.named().is_some() {
            let fingerprint: String = report.selection.fingerprint().chars().take(12).collect();
            let _ = write!(id, "selection-{fingerprint}/");
        }
        if let Some(Shard { index, count }) = report.shard {
            let _ = write!(id, "shard-{index}-of-{count}/");
        }
        Self { id }
    }
}

/// Without a `uri` (§3.14.14): it would be another one on every machine.
#[derive(Serialize)]
struct BaseIds {
    #[serde(rename = "%SRCROOT%")]
    root: BaseId,
}

#[derive(Serialize)]
struct BaseId {
    description: Message,
}

#[derive(Serialize)]
struct Tool<'r> {
    driver: Driver<'r>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Driver<'r> {
    name: &'static str,
    version: &'static str,
    semantic_version: &'static str,
    information_uri: &'static str,
    rules: Vec<Descriptor<'r>>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    supported_taxonomies: Vec<Component>,
}

impl<'r> Driver<'r> {
    fn of(rules: &Rules<'r>, taxonomies: &Taxonomies<'r>) -> Self {
        let descriptor = |(rule, worst): &(&'r Rule, Severity)| Descriptor::of(rule, *worst, taxonomies);
        Self {
            name: "audit",
            version: env!("CARGO_PKG_VERSION"),
            semantic_version: env!("CARGO_PKG_VERSION"),
            information_uri: env!("CARGO_PKG_HOMEPAGE"),
            rules: rules.0.iter().map(descriptor).collect(),
            supported_taxonomies: taxonomies.names(),
        }
    }
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Place<'r> {
    physical_location: PhysicalLocation,
    #[serde(skip_serializing_if = "Option::is_none")]
    logical_locations: Option<[LogicalLocation<'r>; 1]>,
}

impl<'r> Place<'r> {
    /// The first place that code scanning can show: a result without one has the whole file refused,
    /// and a file outside the repository is never shown.
    fn of(location: Option<&Location>, target: &'r Target) -> Self {
        let shown = location.filter(|location| location.is_in_repository()).unwrap_or(&target.declared);
        Self {
            physical_location: PhysicalLocation::of(shown),
            logical_locations: Some([LogicalLocation::of(target)]),
        }
    }
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct PhysicalLocation {
    artifact_location: ArtifactLocation,
    region: SarifRegion,
}

impl PhysicalLocation {
    fn of(location: &Location) -> Self {
        Self {
            artifact_location: ArtifactLocation { uri: uri(&location.file), uri_base_id: "%SRCROOT%" },
            region: SarifRegion::of(location.region),
        }
    }
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct ArtifactLocation {
    uri: String,
    uri_base_id: &'static str,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct SarifRegion {
    start_line: u32,
    start_column: u32,
    end_line: u32,
    end_column: u32,
}

impl SarifRegion {
    /// §3.30: an end is never before its start.
    fn of(region: Region) -> Self {
        let start = (region.line, region.column);
        let end = (region.end_line, region.end_column).max(start);
        Self { start_line: start.0, start_column: start.1, end_line: end.0, end_column: end.1 }
    }
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct LogicalLocation<'r> {
    #[serde(skip_serializing_if = "str::is_empty")]
    name: Cow<'r, str>,
    fully_qualified_name: Cow<'r, str>,
    kind: &'static str,
}

impl<'r> LogicalLocation<'r> {
    fn of(target: &'r Target) -> Self {
        Self {
            name: printable(&target.resource),
            fully_qualified_name: printable(target.id.as_str()),
            kind: "resource",
        }
    }
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Invocation<'r> {
    execution_successful: bool,
    exit_code: u8,
    start_time_utc: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    end_time_utc: Option<String>,
    tool_execution_notifications: Vec<Notification<'r>>,
}

impl<'r> Invocation<'r> {
    fn of(report: &'r Report, rules: &Rules<'r>, left_out: LeftOut) -> Self {
        let summary = report.summary();
        let blind =
            unaudited_targets(report).map(|(target, why)| Notification::of_unaudited(target, why, rules));
        let notices = report.notices.iter().map(Notification::of);
        Self {
            // Code scanning refuses the file of a run that failed, and loses its findings: so a run that
            // saw a part succeeded, and so did a shard that no target fell to. One that saw nothing must be refused,
            // or it would close every alert.
            execution_successful: report.seen() != Seen::Nothing,
            exit_code: summary.exit_code,
            start_time_utc: time(report.started_at),
            end_time_utc: report.started_at.checked_add(report.duration).ok().map(time),
            tool_execution_notifications: Notification::of_left_out(left_out)
                .into_iter()
                .chain(blind)
                .chain(notices)
                .collect(),
        }
    }
}

fn time(timestamp: Timestamp) -> String {
    format!("{timestamp:.3}")
}

/// Never of level `error`: §3.20.21 takes that for a run that failed.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Notification<'r> {
    descriptor: DescriptorReference<'r>,
    #[serde(skip_serializing_if = "Option::is_none")]
    associated_rule: Option<DescriptorReference<'r>>,
    level: Level,
    message: Message,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    locations: Vec<Place<'r>>,
}

#[derive(Serialize)]
struct DescriptorReference<'r> {
    id: &'r str,
    #[serde(skip_serializing_if = "Option::is_none")]
    index: Option<usize>,
}

impl<'r> Notification<'r> {
    fn of(notice: &'r Notice) -> Self {
        let place =
            |location| Place { physical_location: PhysicalLocation::of(location), logical_locations: None };
        Self {
            descriptor: DescriptorReference { id: notice.kind.as_str(), index: None },
            associated_rule: None,
            level: if notice.kind.makes_incomplete() { Level::Warning } else { Level::Note },
            message: Message::of_notice(notice),
            locations: notice
                .location
                .iter()
                .filter(|location| location.is_in_repository())
                .map(place)
                .collect(),
        }
    }

    fn of_unaudited(target: &'r Target, why: &'r Unaudited, rules: &Rules<'r>) -> Self {
        Self {
            descriptor: DescriptorReference { id: why.kind.as_str(), index: None },
            associated_rule: Some(DescriptorReference { id: UNAUDITED, index: Some(rules.index(UNAUDITED)) }),
            level: Level::Warning,
            message: Message::of_unaudited(target, why),
            locations: vec![Place::of(why.location.as_ref(), target)],
        }
    }

    /// `None` where nothing was left out.
    fn of_left_out(LeftOut { unseen, findings }: LeftOut) -> Option<Self> {
        let what = match (unseen, findings) {
            (0, 0) => return None,
            (0, findings) => format!("{}, the least severe", plural(findings, "finding")),
            (unseen, 0) => format!("{} for what could not be audited", plural(unseen, "result")),
            (unseen, findings) => format!(
                "{}, the least severe, and {} for what could not be audited",
                plural(findings, "finding"),
                plural(unseen, "result")
            ),
        };
        Some(Self {
            descriptor: DescriptorReference { id: "results_left_out", index: None },
            associated_rule: None,
            level: Level::Warning,
            message: Message::of(&format!(
                "Left out: {what}. Code scanning takes no more in one file; the report as JSON holds all of them."
            )),
            locations: Vec::new(),
        })
    }
}

#[cfg(test)]
mod tests;
