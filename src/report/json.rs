//! JSON, version 1: everything a run found out, for programs, and for `audit` itself to read back.
//! Fields are only ever added; a reader passes over those that it does not know.

mod read;
mod schema;
mod wire;

use std::io::{self, Write};

pub use read::{ReadError, Stored};
pub use schema::schema;

use super::{Listing, Report, Style};
use crate::untrusted::printable_json;

/// The version that is written and read.
const VERSION: u32 = 1;

pub(super) fn write(report: &Report, _style: &Style, out: &mut dyn Write) -> io::Result<()> {
    let json = serde_json::to_string_pretty(&wire::JsonReport::of(report, &report.summary()))?;
    out.write_all(printable_json(json).as_bytes())?;
    out.write_all(b"\n")
}

/// Which targets there are.
pub(super) fn listing(listing: &Listing, out: &mut dyn Write) -> io::Result<()> {
    let json = serde_json::to_string_pretty(&wire::JsonListing::of(listing))?;
    out.write_all(printable_json(json).as_bytes())?;
    out.write_all(b"\n")
}

#[cfg(test)]
mod tests;
