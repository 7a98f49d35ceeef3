//! Which targets there are: a table for people, JSON for programs. Nothing of them was judged.

use std::io::{self, Write};

use super::{Outcome, Style, human, json};
use crate::finding::Notice;
use crate::target::TargetId;

/// What discovery found, in the order of reports.
#[derive(Debug)]
pub struct Listing {
    /// The targets, by id; unaudited where what they are could not be looked up.
    pub targets: Vec<Outcome>,
    /// Which of them must agree with which: the target, and what is expected of it.
    pub pairs: Vec<(TargetId, TargetId)>,
    /// What else is to be said.
    pub notices: Vec<Notice>,
    /// Whether discovery was stopped before its end.
    pub interrupted: bool,
}

/// The formats of a listing.
#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
pub enum ListingFormat {
    /// For people.
    Table,
    /// For programs.
    Json,
}

impl Listing {
    /// Puts everything in the order of reports.
    #[must_use]
    pub fn new(
        mut targets: Vec<Outcome>,
        mut pairs: Vec<(TargetId, TargetId)>,
        mut notices: Vec<Notice>,
        interrupted: bool,
    ) -> Self {
        super::sort_targets(&mut targets);
        pairs.sort();
        pairs.dedup();
        super::sort_notices(&mut notices);
        Self { targets, pairs, notices, interrupted }
    }

    /// As of a report: 130 interrupted, 3 incomplete, else 0.
    #[must_use]
    pub fn exit_code(&self, allow_incomplete: bool) -> u8 {
        let incomplete = self.targets.iter().any(|outcome| outcome.unaudited.is_some())
            || self.notices.iter().any(|notice| notice.kind.makes_incomplete());
        match (self.interrupted, incomplete && !allow_incomplete) {
            (true, _) => 130,
            (false, true) => 3,
            (false, false) => 0,
        }
    }
}

impl ListingFormat {
    /// Writes a listing.
    ///
    /// # Errors
    /// What writing to `out` ends in.
    pub fn write(self, listing: &Listing, style: &Style, out: &mut dyn Write) -> io::Result<()> {
        match self {
            Self::Table => human::listing(listing, style, out),
            Self::Json => json::listing(listing, out),
        }
    }
}
