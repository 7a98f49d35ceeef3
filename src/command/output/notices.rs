//! Notices of commands that write no report.

use std::fmt::Write as _;

use crate::finding::Notice;
use crate::untrusted::printable;

/// Each with its place.
pub(in crate::command) fn text(notices: &[Notice]) -> String {
    let mut text = String::new();
    for notice in notices {
        let weight = if notice.kind.makes_incomplete() { "incomplete" } else { "notice" };
        let _ = writeln!(text, "{weight}[{}]: {}", notice.kind.as_str(), printable(&notice.message));
        if let Some(place) = &notice.location {
            let _ = writeln!(text, "  --> {}:{}", printable(&place.file), place.region.line);
        }
    }
    text
}
