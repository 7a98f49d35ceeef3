//! What was found: one rule violated at one place in one document.
//!
//! A finding is concrete at birth: it carries the excerpt and the location a report needs, so that
//! no report ever sees a document. Triage annotates findings and deletes none.

use std::fmt;
use std::ops::Range;
use std::sync::Arc;

use clap::ValueEnum;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use sha2::{Digest, Sha256};

use crate::location::Location;
use crate::target::{Scope, Target, Unaudited};

/// How bad it is. Ordered: `Info` is the least.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum Severity {
    /// Worth knowing.
    Info,
    /// Worth mending some day.
    Low,
    /// Worth mending.
    Medium,
    /// Must be mended; fails the run by default.
    High,
    /// Must be mended now.
    Critical,
}

impl Severity {
    /// Every severity, the worst first: the order of reports.
    pub const ALL: [Self; 5] = [Self::Critical, Self::High, Self::Medium, Self::Low, Self::Info];

    /// The name used everywhere.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Info => "info",
            Self::Low => "low",
            Self::Medium => "medium",
            Self::High => "high",
            Self::Critical => "critical",
        }
    }

    /// The severity of this name.
    #[must_use]
    pub fn parse(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|severity| severity.as_str() == name)
    }
}

impl fmt::Display for Severity {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.pad(self.as_str())
    }
}

/// The severity from which a finding is open and fails the run.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, JsonSchema, ValueEnum)]
#[serde(rename_all = "lowercase")]
pub enum Threshold {
    /// No finding fails the run.
    None,
    /// Every finding does.
    Info,
    /// Low and worse.
    Low,
    /// Medium and worse.
    Medium,
    /// High and worse.
    High,
    /// Only critical ones.
    Critical,
}

impl Threshold {
    /// The severity, if any.
    #[must_use]
    pub fn severity(self) -> Option<Severity> {
        match self {
            Self::None => None,
            Self::Info => Some(Severity::Info),
            Self::Low => Some(Severity::Low),
            Self::Medium => Some(Severity::Medium),
            Self::High => Some(Severity::High),
            Self::Critical => Some(Severity::Critical),
        }
    }
}

/// One thing that may be wrong, as its `# METADATA` describes it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Rule {
    /// `area/name`, its place in the pack.
    pub id: String,
    /// Where it comes from: `builtin`, or the path of audit.toml; empty in a report that was read back.
    pub pack: Arc<str>,
    /// What is wrong, in a few words.
    pub title: String,
    /// Severity of a finding that names none, after the configuration's override.
    pub severity: Severity,
    /// Why it matters.
    pub description: String,
    /// How to mend it.
    pub remediation: String,
    /// Standard and clause.
    pub references: Vec<String>,
    /// Pages to read on.
    pub links: Vec<String>,
    /// Words to filter by.
    pub tags: Vec<String>,
}

/// What became of a finding.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Disposition {
    /// At or above the threshold, and not accepted.
    Open,
    /// Accepted by a waiver.
    Waived,
    /// Open, but under `fail-on`.
    BelowThreshold,
}

impl Disposition {
    /// The spelling of the report.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Open => "open",
            Self::Waived => "waived",
            Self::BelowThreshold => "below_threshold",
        }
    }
}

/// The waiver that accepted a finding.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AcceptedBy {
    /// Why it is accepted.
    pub reason: String,
    /// Who accepted it.
    pub owner: Option<String>,
    /// The last day it holds.
    pub expires: jiff::civil::Date,
}

/// Lines of the target's document with the value marked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Excerpt {
    /// Number of the first line in the document as `audit` prints it, from 1.
    pub first_line: usize,
    /// The lines, joined by `\n`; no secret and no control character but `\n` is in them.
    pub text: Box<str>,
    /// Byte ranges in `text` of the values at fault; the first is the primary one.
    pub marks: Vec<Range<usize>>,
}

/// What a report shows to prove a finding.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Evidence {
    /// A real file of the repository.
    pub location: Location,
    /// The lines of the document; `None` for a finding about no document.
    pub excerpt: Option<Excerpt>,
}

/// One rule violated at one place in one document.
#[derive(Debug, Clone)]
pub struct Finding {
    /// The rule.
    pub rule: Arc<Rule>,
    /// The rule's or the member's own, after the configuration's override.
    pub severity: Severity,
    /// The target.
    pub target: Arc<Target>,
    /// What is wrong, naming the value.
    pub message: String,
    /// JSON pointer into the document; `""` for the whole of it.
    pub path: String,
    /// What should stand there; never `null`, which the JSON report has for `None`.
    pub expected: Option<Value>,
    /// What stands there; never `null`, likewise.
    pub actual: Option<Value>,
    /// What became of it.
    pub disposition: Disposition,
    /// The waiver, on a waived finding.
    pub waiver: Option<AcceptedBy>,
    /// Whether it stands in an earlier report, and its target could not be read this time.
    pub carried: bool,
    /// Excerpt and location.
    pub evidence: Evidence,
}

impl Finding {
    /// Stable over line moves and reorderings: it depends on rule, target and path alone.
    ///
    /// The first 128 bits of a SHA-256, in hex. The standard library's hashes may change with a
    /// release, and a changed fingerprint would reopen every alert.
    #[must_use]
    pub fn fingerprint(&self) -> String {
        fingerprint(&[&self.rule.id, self.target.id.as_str(), &self.path])
    }

    /// The order of reports: severity, worst first, then rule, target and path.
    #[must_use]
    pub fn order(&self) -> (std::cmp::Reverse<Severity>, &str, &str, &str) {
        (std::cmp::Reverse(self.severity), &self.rule.id, self.target.id.as_str(), &self.path)
    }
}

/// A fingerprint of some parts; see [`Finding::fingerprint`].
#[must_use]
pub fn fingerprint(parts: &[&str]) -> String {
    let mut hash = Sha256::new();
    for part in parts {
        // The length goes first, so that moving a character from one part to the next is a change.
        hash.update((part.len() as u64).to_le_bytes());
        hash.update(part);
    }
    let digest = hash.finalize();
    let (first, _) = digest.split_at(16);
    hex::encode(first)
}

/// Something worth saying that is no finding: a duplicate target, an unused waiver.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Notice {
    /// The kind, in the JSON report.
    pub kind: NoticeKind,
    /// What to know, one line.
    pub message: String,
    /// Where, if anywhere.
    pub location: Option<Location>,
    /// What could not be read, on a notice of kind `unreadable`.
    pub unread: Option<Unread>,
}

impl Notice {
    /// A notice without a place.
    #[must_use]
    pub fn new(kind: NoticeKind, message: impl Into<String>) -> Self {
        Self { kind, message: message.into(), location: None, unread: None }
    }

    /// Adds the place.
    #[must_use]
    pub fn at(mut self, location: Location) -> Self {
        self.location = Some(location);
        self
    }

    /// A part of the fleet that could not be read.
    #[must_use]
    pub fn unreadable(scope: Scope, why: Unaudited) -> Self {
        Self {
            kind: NoticeKind::Unreadable,
            message: why.message.clone(),
            location: None,
            unread: Some(Unread { scope, why }),
        }
    }
}

/// A part of the fleet that discovery could not read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Unread {
    /// Which part.
    pub scope: Scope,
    /// Why; its message is the notice's.
    pub why: Unaudited,
}

/// The kinds of notice.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum NoticeKind {
    /// Two sources brought the same target.
    DuplicateTarget,
    /// Discovery could not read an account, a region, an app or an environment; makes the run incomplete.
    Unreadable,
    /// A branch of Amplify Gen 2, whose settings `GetBackendAuth` does not have; makes the run incomplete.
    Gen2App,
    /// An app without backend environments, or an environment without auth resources.
    NoAuth,
    /// An auth resource that was imported: its pool is managed elsewhere.
    ImportedAuth,
    /// A filter that leaves nothing out.
    FilterUnused,
    /// A waiver's day has passed: its findings are open.
    WaiverExpired,
    /// A waiver ends within thirty days.
    WaiverExpiring,
    /// A waiver matches no finding.
    WaiverUnused,
    /// This shard has none of the targets.
    EmptyShard,
    /// Findings of an earlier report were carried over.
    Carried,
    /// Rules that compare the environments of an app saw only those that were asked for.
    PartOfApp,
    /// A file of the baseline has no target any more, or is no target's document.
    BaselineOrphan,
    /// The baseline holds no document: nothing was compared with it; makes the run incomplete.
    EmptyBaseline,
    /// A target of `[[drift]]` has no counterpart.
    DriftUnpaired,
    /// A `[[drift]]` pairs no targets: nothing was compared; makes the run incomplete.
    EmptyDrift,
    /// A source brought no target; makes the run incomplete.
    EmptySource,
    /// There is no target, or none that was asked for; makes the run incomplete.
    NoTarget,
    /// A target that one shard saw is not in the report of the shard that it falls to; makes the run incomplete.
    LostTarget,
    /// No rule is enabled: nothing can be found; makes the run incomplete.
    NoRules,
}

impl NoticeKind {
    /// The spelling of the report.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::DuplicateTarget => "duplicate_target",
            Self::Unreadable => "unreadable",
            Self::Gen2App => "gen2_app",
            Self::NoAuth => "no_auth",
            Self::ImportedAuth => "imported_auth",
            Self::FilterUnused => "filter_unused",
            Self::EmptyShard => "empty_shard",
            Self::Carried => "carried",
            Self::PartOfApp => "part_of_app",
            Self::WaiverExpired => "waiver_expired",
            Self::WaiverExpiring => "waiver_expiring",
            Self::WaiverUnused => "waiver_unused",
            Self::BaselineOrphan => "baseline_orphan",
            Self::EmptyBaseline => "empty_baseline",
            Self::DriftUnpaired => "drift_unpaired",
            Self::EmptyDrift => "empty_drift",
            Self::EmptySource => "empty_source",
            Self::NoTarget => "no_target",
            Self::LostTarget => "lost_target",
            Self::NoRules => "no_rules",
        }
    }

    /// Whether a run with this notice has not seen everything it was asked to see.
    #[must_use]
    pub fn makes_incomplete(self) -> bool {
        match self {
            Self::Unreadable
            | Self::Gen2App
            | Self::EmptyBaseline
            | Self::EmptyDrift
            | Self::EmptySource
            | Self::NoTarget
            | Self::LostTarget
            | Self::NoRules => true,
            Self::DuplicateTarget
            | Self::NoAuth
            | Self::ImportedAuth
            | Self::FilterUnused
            | Self::WaiverExpired
            | Self::WaiverExpiring
            | Self::WaiverUnused
            | Self::EmptyShard
            | Self::Carried
            | Self::BaselineOrphan
            | Self::DriftUnpaired
            | Self::PartOfApp => false,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fingerprint_never_changes() {
        // Pinned: another value reopens every alert of every user.
        assert_eq!(
            fingerprint(&["mfa/off", "d1/prod/auth", "/ResourceConfig"]),
            "2b1f5cc2a894d88112050b024c1f24c8"
        );
        assert_ne!(fingerprint(&["ab", "c"]), fingerprint(&["a", "bc"]));
    }

    #[test]
    fn severities_are_ordered_and_named() {
        assert!(Severity::ALL.windows(2).all(|pair| pair[0] > pair[1]));
        assert!(Severity::ALL.iter().all(|severity| Severity::parse(severity.as_str()) == Some(*severity)));
        assert_eq!(Severity::parse("hgih"), None);
    }
}
