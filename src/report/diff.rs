//! What tells two documents apart, or two folders of them: a diff for people, JSON for programs. Nothing was judged.

use std::io::{self, Write};

use serde_json::Value;

use super::{Style, human, json};
use crate::finding::Notice;
use crate::location::Location;
use crate::target::{Cause, TargetId};

/// Two sides, compared.
#[derive(Debug)]
pub struct Diff {
    /// What is expected, as it was named.
    pub left: String,
    /// What is, as it was named.
    pub right: String,
    /// What the sides are.
    pub extent: Extent,
    /// What was compared.
    pub comparisons: Vec<Comparison>,
    /// What could not be.
    pub uncompared: Vec<Uncompared>,
    /// What else is to be said.
    pub notices: Vec<Notice>,
    /// Differences that were left out, as was asked for.
    pub ignored: usize,
    /// Whether fetching was stopped before its end.
    pub interrupted: bool,
}

/// What the sides are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Extent {
    /// One document each.
    Documents,
    /// A folder of documents each.
    Folders,
}

/// Two documents, or one without a counterpart.
#[derive(Debug)]
pub enum Comparison {
    /// Both are there.
    Both {
        /// What is expected.
        left: Side,
        /// What is.
        right: Side,
        /// What tells them apart, in the order of the document.
        changes: Vec<Changed>,
    },
    /// Only the left folder has it.
    OnlyLeft(Side),
    /// Only the right folder has it.
    OnlyRight(Side),
}

/// A document.
#[derive(Debug)]
pub struct Side {
    /// Whose it is.
    pub id: TargetId,
    /// For people: its file, or the target.
    pub name: String,
}

/// One difference, at one place.
#[derive(Debug)]
pub struct Changed {
    /// JSON pointer; empty for the whole document.
    pub path: String,
    /// Whether what is there is less secure than what was expected.
    pub weakens: bool,
    /// What changed, in one line without the place.
    pub message: String,
    /// What differs.
    pub apart: Apart,
}

/// What differs at a place.
#[derive(Debug)]
pub enum Apart {
    /// A value; `null` where there is nothing.
    Value {
        /// What was expected.
        expected: Value,
        /// What is there.
        actual: Value,
    },
    /// Members of a list that is a set.
    Members {
        /// Those that are expected and not there.
        missing: Vec<Value>,
        /// Those that are there and not expected.
        added: Vec<Value>,
    },
}

/// Something that was to be compared and could not be.
#[derive(Debug)]
pub struct Uncompared {
    /// Why.
    pub obstacle: Obstacle,
    /// What failed, on what.
    pub message: String,
    /// What to do about it.
    pub help: Option<String>,
    /// The place in the file at fault, where there is one.
    pub location: Option<Location>,
}

/// Why something could not be compared.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Obstacle {
    /// A target is unaudited.
    Unaudited(Cause),
    /// A file is no document.
    Unusable,
}

/// The formats of a diff.
#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
pub enum DiffFormat {
    /// For people.
    Human,
    /// For programs.
    Json,
}

/// Counts of a diff.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct DiffSummary {
    /// Documents of both sides that are equal, but for what was left out.
    pub equal: usize,
    /// Documents of both sides that are not.
    pub changed: usize,
    /// Documents that only the left side has.
    pub only_left: usize,
    /// Documents that only the right side has.
    pub only_right: usize,
    /// Differences of documents that both sides have.
    pub changes: usize,
    /// Those of them that weaken security.
    pub weakening: usize,
}

impl Diff {
    /// The counts.
    #[must_use]
    pub fn summary(&self) -> DiffSummary {
        let mut summary = DiffSummary::default();
        for comparison in &self.comparisons {
            match comparison {
                Comparison::Both { changes, .. } if changes.is_empty() => summary.equal += 1,
                Comparison::Both { changes, .. } => {
                    summary.changed += 1;
                    summary.changes += changes.len();
                    summary.weakening += changes.iter().filter(|change| change.weakens).count();
                }
                Comparison::OnlyLeft(_) => summary.only_left += 1,
                Comparison::OnlyRight(_) => summary.only_right += 1,
            }
        }
        summary
    }

    /// 130 interrupted, 3 incomplete, 1 different, 0 equal. Where nothing at all was compared, nothing forgives that.
    #[must_use]
    pub fn exit_code(&self, allow_incomplete: bool) -> u8 {
        if self.interrupted {
            130
        } else if self.comparisons.is_empty() || (self.is_incomplete() && !allow_incomplete) {
            3
        } else {
            u8::from(self.summary().differs())
        }
    }

    /// Whether something that was to be compared was not.
    #[must_use]
    pub fn is_incomplete(&self) -> bool {
        self.comparisons.is_empty()
            || !self.uncompared.is_empty()
            || self.notices.iter().any(|notice| notice.kind.makes_incomplete())
    }
}

impl DiffSummary {
    /// Whether anything tells the sides apart.
    #[must_use]
    pub fn differs(&self) -> bool {
        self.changed + self.only_left + self.only_right > 0
    }
}

impl Obstacle {
    /// The spelling of the JSON output.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Unaudited(cause) => cause.as_str(),
            Self::Unusable => "unusable_file",
        }
    }
}

impl DiffFormat {
    /// Writes a diff.
    ///
    /// # Errors
    /// What writing to `out` ends in.
    pub fn write(self, diff: &Diff, style: &Style, out: &mut dyn Write) -> io::Result<()> {
        match self {
            Self::Human => human::diff(diff, style, out),
            Self::Json => json::diff(diff, out),
        }
    }
}
