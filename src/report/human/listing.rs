//! The table of targets.

use std::collections::BTreeSet;
use std::io;

use owo_colors::Style as Paint;
use textwrap::core::display_width;

use super::{Page, alike};
use crate::report::{Listing, Outcome};
use crate::untrusted::{printable, shortened};

/// The longest name shown; ids are never cut.
const LONGEST: usize = 30;

/// A column: its title and the text of each row.
type Column = (&'static str, fn(&Outcome) -> String);

/// The most important ones first: where the terminal is too narrow, the last ones are left out.
const COLUMNS: [Column; 5] = [
    ("target", |outcome| outcome.target.id.to_string()),
    ("stage", |outcome| outcome.target.stage.as_str().to_owned()),
    ("place", |outcome| {
        let target = &outcome.target;
        match (target.account.as_deref(), target.region.as_deref()) {
            (Some(account), Some(region)) => format!("{account}/{region}"),
            (one, other) => one.or(other).unwrap_or("-").to_owned(),
        }
    }),
    ("app", |outcome| outcome.target.app_name.as_deref().map_or_else(|| "-".to_owned(), name)),
    ("source", |outcome| name(&outcome.target.source)),
];

fn name(text: &str) -> String {
    printable(&shortened(text, LONGEST)).into_owned()
}

pub(super) fn write(page: &mut Page<'_>, listing: &Listing) -> io::Result<()> {
    if !listing.targets.is_empty() {
        table(page, &listing.targets)?;
        page.line("")?;
    }
    alike::unaudited(page, &listing.targets)?;
    alike::notices(page, &listing.notices)?;
    let apps: BTreeSet<&str> = listing
        .targets
        .iter()
        .map(|outcome| outcome.target.app_id.as_str())
        .filter(|app| !app.is_empty())
        .collect();
    let count = |count: usize, noun: &str| format!("{count} {noun}{}", if count == 1 { "" } else { "s" });
    let sum = format!("{} of {}", count(listing.targets.len(), "target"), count(apps.len(), "app"));
    let code = listing.exit_code(false);
    let (text, paint) = match code {
        130 => (format!("interrupted: {sum} so far"), Paint::new().red().bold()),
        3 => (format!("incomplete: {sum}, and not everything could be read"), Paint::new().red().bold()),
        _ => (sum, Paint::new().bold()),
    };
    page.line(page.paint(&text, paint))
}

fn table(page: &mut Page<'_>, targets: &[Outcome]) -> io::Result<()> {
    let mut columns: Vec<(usize, Vec<String>)> = Vec::new();
    let mut width = 0;
    for (title, text) in COLUMNS {
        let cells: Vec<String> = std::iter::once(title.to_owned()).chain(targets.iter().map(text)).collect();
        let widest = cells.iter().map(|cell| display_width(cell)).max().unwrap_or_default();
        if !columns.is_empty() && width + 2 + widest > page.style.width {
            break;
        }
        width += 2 + widest;
        columns.push((widest, cells));
    }
    for row in 0..=targets.len() {
        let cells = columns.iter().map(|(widest, cells)| {
            let cell = &cells[row];
            format!("{cell}{}", " ".repeat(widest.saturating_sub(display_width(cell))))
        });
        let line = cells.collect::<Vec<_>>().join("  ");
        let line = line.trim_end();
        if row == 0 {
            page.line(page.paint(line, Paint::new().dimmed()))?;
        } else {
            page.line(line)?;
        }
    }
    Ok(())
}
