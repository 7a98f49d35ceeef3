//! What a run comes to, in words: the same ones wherever people read them.

use std::collections::BTreeMap;

use super::{Report, Summary};
use crate::finding::Severity;

/// What follows from a report, in one line.
pub(super) struct Verdict {
    /// Whether everything was audited, and nothing was found that fails a run; whatever the exit code forgives.
    pub(super) is_good: bool,
    /// The first word says how it went.
    pub(super) text: String,
}

impl Verdict {
    pub(super) fn of(report: &Report, summary: &Summary) -> Self {
        let open: usize = summary.open.values().sum();
        let found = match report.fail_on {
            None => "no finding fails this run (threshold: none)".to_owned(),
            Some(threshold) if open == 0 => format!("no open finding at or above {threshold}"),
            Some(threshold) => format!("{} at or above {threshold}", plural(open, "open finding")),
        };
        let bad = if report.interrupted {
            Some(format!("interrupted: not all was audited; {found}"))
        } else if report.is_incomplete() && report.targets.is_empty() {
            Some("incomplete: nothing was audited".to_owned())
        } else if report.is_incomplete() {
            Some(format!("incomplete: not everything was audited; {found}"))
        } else {
            (open > 0).then(|| format!("failed: {found}"))
        };
        let seen = || match report.shard {
            Some(shard) if report.targets.is_empty() => format!("shard {shard} has no target"),
            Some(shard) => format!("all of shard {shard} was audited"),
            None => "everything was audited".to_owned(),
        };
        Self { is_good: bad.is_none(), text: bad.unwrap_or_else(|| format!("passed: {}; {found}", seen())) }
    }
}

/// How many targets there are, and how many of them were judged.
pub(super) fn targets(report: &Report, summary: &Summary) -> String {
    let targets = match report.shard {
        Some(shard) => format!("shard {shard}: {}", plural(summary.targets, "target")),
        None => format!("targets: {}", summary.targets),
    };
    format!(
        "{targets}, {} audited by {}, {} unaudited",
        summary.audited,
        plural(summary.rules, "rule"),
        summary.unaudited
    )
}

/// How many findings there are, and what became of them.
pub(super) fn findings(report: &Report, summary: &Summary) -> String {
    format!(
        "findings: {} open (threshold: {}), {} below the threshold, {} waived",
        by_severity(&summary.open),
        report.fail_on.map_or("none", Severity::as_str),
        by_severity(&summary.below_threshold),
        summary.waived
    )
}

/// Counts, the worst first; those that are zero are left out.
pub(super) fn by_severity(counts: &BTreeMap<Severity, usize>) -> String {
    let counted = counts.iter().rev().filter(|(_, count)| **count > 0);
    let parts: Vec<String> = counted.map(|(severity, count)| format!("{count} {severity}")).collect();
    if parts.is_empty() { "0".to_owned() } else { parts.join(", ") }
}

/// A number, and what there is so many of.
pub(super) fn plural(count: usize, noun: &str) -> String {
    if count == 1 { format!("1 {noun}") } else { format!("{count} {noun}s") }
}
