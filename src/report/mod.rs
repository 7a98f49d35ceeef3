//! One `Report`, one file a format, one signature: `write(&Report, &Style, &mut dyn Write)`.
//!
//! Every finding is in every format, in the same order; SARIF leaves waived ones out unless asked.

mod alike;
mod apps;
mod diff;
mod facts;
mod github;
mod html;
mod human;
mod json;
pub(crate) mod junit;
mod level;
mod listing;
mod markdown;
mod merge;
mod reference;
mod rulebook;
mod sarif;
mod verdict;

use std::collections::BTreeMap;
use std::io::{self, Write};
use std::sync::Arc;
use std::time::Duration;

use jiff::Timestamp;

pub use diff::{
    Apart, Changed, Comparison, Diff, DiffFormat, DiffSummary, Extent, Obstacle, Side, Uncompared,
};
pub use json::{ReadError, Stored, schema};
pub use listing::{Listing, ListingFormat};
pub use merge::{MergeError, merge};
pub use rulebook::{Entry, ExplanationFormat, Parameter, Profile, Rulebook, RulebookFormat, Standing};
pub use sarif::unaudited_rule;

use crate::finding::{Disposition, Finding, Notice, NoticeKind, Rule, Severity, fingerprint};
use crate::target::{Shard, Target, TargetId, Unaudited};

/// What stands where the id of a rule does, for what no rule judged.
const UNAUDITED: &str = "audit/unaudited";

/// Everything that a run found out, in the order of reports.
#[derive(Debug)]
pub struct Report {
    /// When the run began.
    pub started_at: Timestamp,
    /// How long it took.
    pub duration: Duration,
    /// The rules that were judged, by id.
    pub rules: Vec<Arc<Rule>>,
    /// The targets, by id.
    pub targets: Vec<Outcome>,
    /// The findings: severity, worst first, then rule, target, path.
    pub findings: Vec<Finding>,
    /// What else is to be said: by kind, place and message.
    pub notices: Vec<Notice>,
    /// The severity from which a finding is open.
    pub fail_on: Option<Severity>,
    /// What the exit code forgives.
    pub leniency: Leniency,
    /// The part of the targets that was this run's.
    pub shard: Option<Shard>,
    /// Waivers that match nothing in this shard, and may in another one: said where all shards are merged.
    pub unused_here: Vec<Notice>,
    /// Targets of other shards that this one saw: where all shards are merged, each must be in the report of its own.
    pub elsewhere: Vec<TargetId>,
    /// Whether the run was stopped before its end.
    pub interrupted: bool,
    /// The part of the fleet and of the rules that was asked for.
    pub selection: Selection,
    /// What was asked for: a digest of the configuration and of the selected targets. Shards of one run
    /// have the same.
    pub asked: String,
    /// The configuration as the command line named it, for commands to copy; `None` where it was found by itself.
    pub config: Option<Arc<str>>,
}

/// The part of the fleet and of the rules that a run was asked for: everything, where it is empty.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Selection {
    targets: Vec<String>,
    rules: Vec<String>,
}

impl Selection {
    /// What `--target` and `--rule` say, whatever the order.
    #[must_use]
    pub fn of(targets: &[String], rules: &[String]) -> Self {
        let unordered = |names: &[String]| {
            let mut names = names.to_vec();
            names.sort_unstable();
            names.dedup();
            names
        };
        Self { targets: unordered(targets), rules: unordered(rules) }
    }

    /// The globs of `--target`.
    #[must_use]
    pub fn targets(&self) -> &[String] {
        &self.targets
    }

    /// The ids of `--rule`.
    #[must_use]
    pub fn rules(&self) -> &[String] {
        &self.rules
    }

    /// The options that narrowed the run; `None` for a run of everything.
    #[must_use]
    pub fn named(&self) -> Option<&'static str> {
        match (self.targets.is_empty(), self.rules.is_empty()) {
            (true, true) => None,
            (false, true) => Some("--target"),
            (true, false) => Some("--rule"),
            (false, false) => Some("--target, --rule"),
        }
    }

    /// What tells it from other ones.
    #[must_use]
    pub fn fingerprint(&self) -> String {
        let names = |option, names: &'_ [String]| -> Vec<String> {
            std::iter::once(String::from(option)).chain(names.iter().cloned()).collect()
        };
        let parts = [names("--target", &self.targets), names("--rule", &self.rules)].concat();
        fingerprint(&parts.iter().map(String::as_str).collect::<Vec<_>>())
    }
}

/// A target, and why it could not be judged, if so.
#[derive(Debug)]
pub struct Outcome {
    /// The target.
    pub target: Arc<Target>,
    /// The reason; `None` for an audited target.
    pub unaudited: Option<Unaudited>,
}

/// What the exit code forgives.
#[derive(Debug, Clone, Copy, Default)]
pub struct Leniency {
    /// `--allow-incomplete`: not 3.
    pub allow_incomplete: bool,
    /// `--exit-zero`: 0 in place of 1.
    pub exit_zero: bool,
}

impl Leniency {
    /// Every one, the strictest first.
    pub(crate) const ALL: [Self; 4] = [
        Self { allow_incomplete: false, exit_zero: false },
        Self { allow_incomplete: false, exit_zero: true },
        Self { allow_incomplete: true, exit_zero: false },
        Self { allow_incomplete: true, exit_zero: true },
    ];
}

/// How a report is written.
#[derive(Debug, Clone, Copy)]
pub struct Style {
    /// With ANSI colours.
    pub color: bool,
    /// With links that a terminal opens (OSC 8).
    pub links: bool,
    /// Columns of the terminal.
    pub width: usize,
    /// SARIF: with waived findings, suppressed.
    pub include_waived: bool,
}

/// The formats.
#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
pub enum Format {
    /// For people.
    Human,
    /// SARIF 2.1.0, for code scanning.
    Sarif,
    /// Everything, for programs.
    Json,
    /// For CI servers: JUnit's XML, a test case for each rule at each target.
    Junit,
    /// For the log of GitHub Actions: annotations, and plain lines for what is beyond GitHub's limits.
    Github,
    /// For the summary of a job on GitHub: Markdown, within its limit of 1 MiB.
    Markdown,
    /// One file for a browser.
    Html,
}

impl Format {
    /// Writes a report, and says how many results it left out, because whoever reads the format takes no more.
    ///
    /// # Errors
    /// What writing to `out` ends in.
    pub fn write(self, report: &Report, style: &Style, out: &mut dyn Write) -> io::Result<usize> {
        match self {
            Self::Sarif => return sarif::write(report, style, out),
            Self::Markdown => return markdown::write(report, style, out),
            Self::Human => human::write(report, style, out),
            Self::Json => json::write(report, style, out),
            Self::Junit => junit::write(report, style, out),
            Self::Github => github::write(report, style, out),
            Self::Html => html::write(report, style, out),
        }?;
        Ok(0)
    }
}

/// Counts of a report.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Summary {
    /// All targets.
    pub targets: usize,
    /// Targets that were judged by every rule.
    pub audited: usize,
    /// The others.
    pub unaudited: usize,
    /// Parts of the fleet that could not be listed: their targets are in no count.
    pub unreadable: usize,
    /// Rules that were judged.
    pub rules: usize,
    /// Open findings by severity.
    pub open: BTreeMap<Severity, usize>,
    /// Findings below the threshold by severity.
    pub below_threshold: BTreeMap<Severity, usize>,
    /// Waived findings.
    pub waived: usize,
    /// Findings of an earlier report, about what this run could not audit; of all of the above.
    pub carried: usize,
    /// What else is said.
    pub notices: usize,
    /// The program's exit code.
    pub exit_code: u8,
}

/// How much of what was asked for a run has seen.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Seen {
    /// No rule judged any target.
    Nothing,
    /// Some of it.
    Part,
    /// Everything, also where that is no target: those of an empty shard are in other ones.
    All,
}

impl Report {
    /// Puts everything in the order of reports.
    pub fn sort(&mut self) {
        self.rules.sort_by(|a, b| a.id.cmp(&b.id));
        sort_targets(&mut self.targets);
        self.findings.sort_by(|a, b| a.order().cmp(&b.order()));
        sort_notices(&mut self.notices);
        self.elsewhere.sort_unstable();
        self.elsewhere.dedup();
    }

    /// Whether something that was asked for was not seen: a target, a source, any target or any rule at all.
    #[must_use]
    pub fn is_incomplete(&self) -> bool {
        self.rules.is_empty()
            || (self.targets.is_empty() && !self.is_empty_shard())
            || self.targets.iter().any(|outcome| outcome.unaudited.is_some())
            || self.notices.iter().any(|notice| notice.kind.makes_incomplete())
    }

    /// How much of what was asked for was seen: a target is, where any rule judged it.
    fn seen(&self) -> Seen {
        if !self.interrupted && !self.is_incomplete() {
            Seen::All
        } else if self.targets.iter().any(|outcome| self.is_judged(outcome)) {
            Seen::Part
        } else {
            Seen::Nothing
        }
    }

    /// Whether any rule judged a target: one for which some rules could not be evaluated was judged by the others.
    fn is_judged(&self, outcome: &Outcome) -> bool {
        self.rules.iter().any(|rule| match &outcome.unaudited {
            None => true,
            Some(why) => !why.rules.is_empty() && !why.rules.contains(&rule.id),
        })
    }

    /// Whether this is a shard that none of the targets fell to: other shards have them.
    fn is_empty_shard(&self) -> bool {
        self.shard.is_some() && self.notices.iter().any(|notice| notice.kind == NoticeKind::EmptyShard)
    }

    /// The counts.
    #[must_use]
    pub fn summary(&self) -> Summary {
        let unaudited = self.targets.iter().filter(|outcome| outcome.unaudited.is_some()).count();
        Summary {
            targets: self.targets.len(),
            audited: self.targets.len() - unaudited,
            unaudited,
            unreadable: self.notices.iter().filter(|notice| notice.kind == NoticeKind::Unreadable).count(),
            rules: self.rules.len(),
            below_threshold: self.count(Disposition::BelowThreshold),
            waived: self.count(Disposition::Waived).values().sum(),
            open: self.count(Disposition::Open),
            carried: self.findings.iter().filter(|finding| finding.carried).count(),
            notices: self.notices.len(),
            exit_code: self.exit_code(self.leniency),
        }
    }

    /// What the program's exit code is with a leniency.
    fn exit_code(&self, leniency: Leniency) -> u8 {
        if self.interrupted {
            130
        } else if self.is_incomplete() && !leniency.allow_incomplete {
            3
        } else {
            let is_open = |finding: &Finding| finding.disposition == Disposition::Open;
            u8::from(self.findings.iter().any(is_open) && !leniency.exit_zero)
        }
    }

    fn count(&self, disposition: Disposition) -> BTreeMap<Severity, usize> {
        let mut counts: BTreeMap<Severity, usize> =
            Severity::ALL.into_iter().map(|severity| (severity, 0)).collect();
        for finding in self.findings.iter().filter(|finding| finding.disposition == disposition) {
            *counts.entry(finding.severity).or_default() += 1;
        }
        counts
    }
}

fn sort_targets(targets: &mut [Outcome]) {
    targets.sort_by(|a, b| a.target.id.cmp(&b.target.id));
}

fn sort_notices(notices: &mut [Notice]) {
    notices.sort_by(|a, b| (a.kind, &a.location, &a.message).cmp(&(b.kind, &b.location, &b.message)));
}

#[cfg(test)]
pub(crate) mod fixture;
#[cfg(test)]
mod tests;
