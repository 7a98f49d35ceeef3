//! JSON, version 1: everything a run found out, for programs, and for `audit` itself to read back.
//! Fields are only ever added; a reader passes over those that it does not know.

mod diff;
mod read;
mod rulebook;
mod schema;
mod wire;

use std::io::{self, Write};

use serde::Serialize;

pub use read::{ReadError, Stored};
pub use schema::schema;

use super::{Diff, Entry, Listing, Report, Rulebook, Style};
use crate::untrusted::printable_json;

/// The version that is written and read.
const VERSION: u32 = 1;

pub(super) fn write(report: &Report, _style: &Style, out: &mut dyn Write) -> io::Result<()> {
    print(&wire::JsonReport::of(report, &report.summary()), out)
}

/// Which targets there are.
pub(super) fn listing(listing: &Listing, out: &mut dyn Write) -> io::Result<()> {
    print(&wire::JsonListing::of(listing), out)
}

/// What tells two sides apart.
pub(super) fn diff(diff: &Diff, out: &mut dyn Write) -> io::Result<()> {
    print(&diff::JsonDiff::of(diff), out)
}

/// Which rules there are.
pub(super) fn rulebook(rules: &Rulebook, out: &mut dyn Write) -> io::Result<()> {
    print(&rulebook::JsonRulebook::of(rules), out)
}

/// One rule.
pub(super) fn explanation(rule: &Entry, out: &mut dyn Write) -> io::Result<()> {
    print(&rulebook::JsonExplanation::of(rule), out)
}

fn print(value: &impl Serialize, out: &mut dyn Write) -> io::Result<()> {
    let json = serde_json::to_string_pretty(value)?;
    out.write_all(printable_json(json).as_bytes())?;
    out.write_all(b"\n")
}

#[cfg(test)]
mod tests;
