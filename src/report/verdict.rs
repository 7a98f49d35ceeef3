//! What a run comes to, in words: the same ones wherever people read them.

use std::collections::BTreeMap;
use std::fmt;

use super::{Report, Seen, Summary};
use crate::finding::Severity;

/// What follows from a report; as text one line, `ENDING: FOUND`.
#[derive(Debug)]
pub(super) struct Verdict {
    /// How it went, whatever the exit code forgives.
    pub(super) ending: Ending,
    /// What was seen and found.
    pub(super) found: String,
}

/// How a run went.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Ending {
    /// All was audited, and nothing was found that fails a run.
    Passed,
    /// All was audited, and something was found.
    Failed,
    /// Not all was audited.
    Incomplete,
    /// It was stopped before its end.
    Interrupted,
}

impl Ending {
    /// Of a run that has not seen everything.
    fn unseen(report: &Report) -> Self {
        if report.interrupted { Self::Interrupted } else { Self::Incomplete }
    }
}

impl fmt::Display for Ending {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Passed => "passed",
            Self::Failed => "failed",
            Self::Incomplete => "incomplete",
            Self::Interrupted => "interrupted",
        })
    }
}

impl fmt::Display for Verdict {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.ending, self.found)
    }
}

impl Verdict {
    pub(super) fn of(report: &Report, summary: &Summary) -> Self {
        let open: usize = summary.open.values().sum();
        let found = match report.fail_on {
            None => "no finding fails this run (threshold: none)".to_owned(),
            Some(threshold) if open == 0 => format!("no open finding at or above {threshold}"),
            Some(threshold) => format!("{} at or above {threshold}", plural(open, "open finding")),
        };
        let seen = || match (report.shard, report.selection.named()) {
            (Some(shard), _) if report.targets.is_empty() => format!("shard {shard} has no target"),
            (Some(shard), None) => format!("all of shard {shard} was audited"),
            (Some(shard), Some(by)) => format!("all of shard {shard} that was asked for ({by}) was audited"),
            (None, None) => "everything was audited".to_owned(),
            (None, Some(by)) => format!("all that was asked for ({by}) was audited"),
        };
        let (ending, found) = match report.seen() {
            // That no finding is open says nothing then; one that was carried over does.
            Seen::Nothing if open == 0 => (Ending::unseen(report), "nothing was audited".to_owned()),
            Seen::Nothing => (Ending::unseen(report), format!("nothing was audited; {found}")),
            Seen::Part if report.interrupted => {
                (Ending::Interrupted, format!("not all was audited; {found}"))
            }
            Seen::Part => (Ending::Incomplete, format!("not everything was audited; {found}")),
            Seen::All if open > 0 => (Ending::Failed, found),
            Seen::All => (Ending::Passed, format!("{}; {found}", seen())),
        };
        Self { ending, found }
    }

    /// Whether all that was asked for was audited, and nothing was found that fails a run.
    pub(super) fn is_good(&self) -> bool {
        self.ending == Ending::Passed
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

/// How many of the findings are not of this run; `None` where all are.
pub(super) fn carried(summary: &Summary) -> Option<String> {
    (summary.carried > 0).then(|| format!("{} of them carried over from an earlier report", summary.carried))
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

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::*;
    use crate::report::{Selection, fixture};
    use crate::target::{Cause, Shard, Unaudited};

    #[test]
    fn a_run_of_a_part_does_not_say_that_everything_was_audited() {
        let one = ["x".to_owned()];
        let shard = Some(Shard { index: 1, count: 2 });
        for (targets, rules, shard, seen) in [
            (&[][..], &[][..], None, "everything was audited"),
            (&one, &[], None, "all that was asked for (--target) was audited"),
            (&[], &one, None, "all that was asked for (--rule) was audited"),
            (&one, &one, None, "all that was asked for (--target, --rule) was audited"),
            (&[], &[], shard, "all of shard 1/2 was audited"),
            (&one, &[], shard, "all of shard 1/2 that was asked for (--target) was audited"),
        ] {
            let mut report = fixture::report();
            report.targets.retain(|outcome| outcome.unaudited.is_none());
            report.findings.clear();
            (report.selection, report.shard) = (Selection::of(targets, rules), shard);
            let verdict = Verdict::of(&report, &report.summary());
            assert!(verdict.is_good());
            assert_eq!(verdict.to_string(), format!("passed: {seen}; no open finding at or above high"));
        }
    }

    #[test]
    fn a_verdict_begins_with_how_it_went() {
        let mut report = fixture::report();
        let verdict = |report: &Report| Verdict::of(report, &report.summary());
        report.interrupted = true;
        assert_eq!(verdict(&report).ending, Ending::Interrupted);
        report.interrupted = false;
        assert_eq!(verdict(&report).ending, Ending::Incomplete);
        report.targets.retain(|outcome| outcome.unaudited.is_none());
        assert_eq!(verdict(&report).to_string(), "failed: 4 open findings at or above high");
        report.targets.clear();
        assert_eq!(
            verdict(&report).to_string(),
            "incomplete: nothing was audited; 4 open findings at or above high"
        );
        report.findings.clear();
        assert_eq!(verdict(&report).to_string(), "incomplete: nothing was audited");
        assert!(!verdict(&report).is_good());
    }

    #[test]
    fn a_target_that_some_rules_judged_is_seen_and_one_that_none_did_is_not() {
        let mut report = fixture::report();
        report.findings.clear();
        let mut seen = |rules: &[&str]| {
            for outcome in &mut report.targets {
                let rules = rules.iter().map(|rule| (*rule).to_owned()).collect();
                let why = Unaudited::new(Cause::Policy, "not compared");
                outcome.unaudited = Some(Unaudited { rules: Arc::new(rules), ..why });
            }
            (report.seen(), Verdict::of(&report, &report.summary()).to_string())
        };
        let nothing = (Seen::Nothing, "incomplete: nothing was audited".to_owned());
        let part = "incomplete: not everything was audited; no open finding at or above high".to_owned();
        assert_eq!(seen(&["mfa/off"]), (Seen::Part, part));
        assert_eq!(seen(&[]), nothing);
        let all = ["mfa/off", "mfa/optional", "oauth/admin_scope", "hostile/text"];
        assert_eq!(seen(&all), nothing);
    }
}
