//! The table of targets.

use std::collections::BTreeSet;
use std::io;

use owo_colors::Style as Paint;

use super::table::{self, Column};
use super::{Page, alike, name, plural, unlisted, whereabouts};
use crate::finding::NoticeKind;
use crate::report::{Listing, Outcome};
use crate::target::TargetId;
use crate::untrusted::printable;

/// The width below which the name of an app is not cut.
const SHORTEST: usize = 10;

pub(super) fn write(page: &mut Page<'_>, listing: &Listing) -> io::Result<()> {
    if !listing.targets.is_empty() {
        table::write(page, &columns(&listing.targets))?;
        page.line("")?;
    }
    if !listing.pairs.is_empty() {
        let ids = |ids: fn(&(TargetId, TargetId)) -> &TargetId| {
            listing.pairs.iter().map(move |pair| printable(ids(pair).as_str()))
        };
        let columns = [
            Column::text("compared", ids(|(actual, _)| actual)),
            Column::text("with", ids(|(_, expected)| expected)),
        ];
        table::write(page, &columns)?;
        page.line("")?;
    }
    alike::unaudited(page, &listing.targets)?;
    alike::notices(page, &listing.notices)?;
    for line in unlisted::lines(&listing.notices) {
        page.wrapped("", "  ", &line)?;
    }
    let apps: BTreeSet<&str> = listing
        .targets
        .iter()
        .map(|outcome| outcome.target.app_id.as_str())
        .filter(|app| !app.is_empty())
        .collect();
    let sum = format!("{} of {}", plural(listing.targets.len(), "target"), plural(apps.len(), "app"));
    let bad = Paint::new().red().bold();
    let (text, paint) = match listing.exit_code(false) {
        130 => (format!("interrupted: {sum} so far"), bad),
        3 => (format!("incomplete: {sum}, and {}", lacking(listing)), bad),
        _ => (sum, Paint::new().bold()),
    };
    page.wrapped("", "  ", &page.paint(&text, paint))
}

/// What makes a listing incomplete: what could not be read weighs more than what may be a mistyped name.
fn lacking(listing: &Listing) -> &'static str {
    let has = |kind| listing.notices.iter().any(|notice| notice.kind == kind);
    if has(NoticeKind::Unreadable) || listing.targets.iter().any(|outcome| outcome.unaudited.is_some()) {
        "not everything could be read"
    } else if has(NoticeKind::Gen2App) {
        "not everything can be audited"
    } else {
        "something asked for is not there"
    }
}

fn columns(targets: &[Outcome]) -> [Column; 5] {
    let targets = || targets.iter().map(|outcome| &outcome.target);
    let or_none = |text: Option<String>| text.unwrap_or_else(|| "-".to_owned());
    [
        Column::text("target", targets().map(|target| printable(target.id.as_str()))),
        Column::text("app", targets().map(|target| or_none(target.app_name.as_deref().map(name))))
            .cut_to(SHORTEST),
        Column::text("stage", targets().map(|target| target.stage.as_str())),
        Column::text("place", targets().map(|target| or_none(whereabouts(target)))),
        Column::text("source", targets().map(|target| name(&target.source))).cut_to(SHORTEST),
    ]
}
