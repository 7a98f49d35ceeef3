//! The end of the report: what was looked at, what was not, what was found, and what follows from it.

use std::collections::{BTreeMap, BTreeSet};
use std::io;

use owo_colors::Style as Paint;

use textwrap::core::display_width;

use super::table::{self, Cell, Column};
use super::{Page, name, severity_paint, unlisted};
use crate::finding::{Disposition, NoticeKind, Severity};
use crate::report::apps::{self, App, Apps};
use crate::report::verdict::{self, Verdict};
use crate::report::{Report, Summary};
use crate::target::Cause;
use crate::untrusted::{printable, shortened};

/// The longest id of an app shown: a report that was read back may hold any.
const LONGEST_ID: usize = 33;

/// The most apps in the table.
const MOST_APPS: usize = 30;

pub(super) fn write(page: &mut Page<'_>, report: &Report) -> io::Result<()> {
    let summary = report.summary();
    let rule = "─".repeat(page.style.width.min(72));
    page.line(page.paint(&rule, Paint::new().dimmed()))?;
    rules(page, report)?;
    apps(page, report)?;
    counts(page, report, &summary)?;
    verdict(page, report, &summary)
}

/// Which rules were violated how often, the worst first.
fn rules(page: &mut Page<'_>, report: &Report) -> io::Result<()> {
    let mut rules: BTreeMap<&str, (Severity, usize, BTreeSet<&str>)> = BTreeMap::new();
    for finding in report.findings.iter().filter(|finding| finding.disposition != Disposition::Waived) {
        let (worst, count, targets) =
            rules.entry(&finding.rule.id).or_insert((finding.severity, 0, BTreeSet::new()));
        *worst = (*worst).max(finding.severity);
        *count += 1;
        targets.insert(finding.target.id.as_str());
    }
    if rules.is_empty() {
        return Ok(());
    }
    let mut rules: Vec<_> = rules.into_iter().collect();
    rules.sort_by_key(|(id, (worst, count, _))| (std::cmp::Reverse((*worst, *count)), *id));
    let severity = |worst: Severity| Cell::painted(worst.as_str(), severity_paint(worst));
    table::write(
        page,
        &[
            Column::text("rule", rules.iter().map(|(id, _)| printable(id).into_owned())),
            Column::text("worst", rules.iter().map(|(_, (worst, _, _))| severity(*worst))),
            Column::numbers("findings", rules.iter().map(|(_, (_, count, _))| *count)),
            Column::numbers("targets", rules.iter().map(|(_, (_, _, targets))| targets.len())),
        ],
    )?;
    page.line("")
}

/// Each app with a finding or an unaudited target: its worst finding, how many of each severity it has, and in how
/// many of its targets.
fn apps(page: &mut Page<'_>, report: &Report) -> io::Result<()> {
    let apps = Apps::of(report);
    if apps.bad.is_empty() && apps.clean.is_empty() {
        return Ok(());
    }
    let (shown, more) = apps.shown(MOST_APPS);
    if !shown.is_empty() {
        table(page, &shown)?;
    }
    if let Some(more) = apps::others(&more) {
        page.wrapped("", "  ", &format!("and {more}; the JSON report has all"))?;
    }
    if let Some(clean) = apps.clean_said() {
        let and = if apps.bad.is_empty() { "" } else { "and " };
        page.wrapped("", "  ", &format!("{and}{clean}"))?;
    }
    page.line("")
}

fn table(page: &mut Page<'_>, apps: &[&App<'_>]) -> io::Result<()> {
    let id = |id: &str| {
        printable(&shortened(if id.is_empty() { "(files that name no app)" } else { id }, LONGEST_ID))
            .into_owned()
    };
    let names = apps.iter().map(|app| match app.name {
        Some(said) => format!("{} ({})", id(app.id), name(said)),
        None => id(app.id),
    });
    let longest = apps.iter().map(|app| display_width(&id(app.id))).max().unwrap_or_default();
    let worst = |app: &&App<'_>| match app.worst() {
        Some(severity) => Cell::painted(severity.as_str(), severity_paint(severity)),
        None => "unknown".into(),
    };
    let mut columns = vec![
        Column::text("app", names).cut_to(longest),
        Column::text("worst", apps.iter().map(worst)),
        Column::numbers("unaudited", apps.iter().map(|app| app.unaudited)),
    ];
    // A column of nothing would take the place of one that tells.
    let found = |severity: &Severity| apps.iter().any(|app| app.found.contains_key(severity));
    for severity in Severity::ALL.into_iter().filter(found) {
        let counts = apps.iter().map(|app| match app.found.get(&severity) {
            Some(count) => Cell::painted(count.to_string(), severity_paint(severity)),
            None => Cell::painted("-", Paint::new().dimmed()),
        });
        columns.push(Column::right(severity.as_str(), counts));
    }
    columns.extend([
        Column::numbers("affected", apps.iter().map(|app| app.affected())),
        Column::numbers("targets", apps.iter().map(|app| app.targets)),
    ]);
    table::write(page, &columns)
}

fn counts(page: &mut Page<'_>, report: &Report, summary: &Summary) -> io::Result<()> {
    page.wrapped("", "  ", &verdict::targets(report, summary))?;
    let mut causes: BTreeMap<Cause, usize> = BTreeMap::new();
    for why in report.targets.iter().filter_map(|outcome| outcome.unaudited.as_ref()) {
        *causes.entry(why.kind).or_default() += 1;
    }
    for (cause, count) in causes {
        page.line(format!("  {count} {}", cause.as_str()))?;
    }
    for line in unlisted::lines(&report.notices) {
        page.wrapped("", "  ", &line)?;
    }
    page.wrapped("", "  ", &verdict::findings(report, summary))?;
    if let Some(carried) = verdict::carried(summary) {
        page.wrapped("  ", "    ", &carried)?;
    }
    waivers(page, report)
}

/// What becomes of waivers before long, or has already: told in full further up.
fn waivers(page: &mut Page<'_>, report: &Report) -> io::Result<()> {
    let counts = [
        (NoticeKind::WaiverExpired, "expired"),
        (NoticeKind::WaiverExpiring, "ending within 30 days"),
        (NoticeKind::WaiverUnused, "matching nothing"),
    ];
    let counts =
        counts.map(|(kind, what)| (report.notices.iter().filter(|notice| notice.kind == kind).count(), what));
    let parts = counts.iter().filter(|(count, _)| *count > 0).map(|(count, what)| format!("{count} {what}"));
    let parts: Vec<String> = parts.collect();
    if parts.is_empty() {
        return Ok(());
    }
    page.wrapped("", "  ", &page.paint(&format!("waivers: {}", parts.join(", ")), Paint::new().yellow()))
}

fn verdict(page: &mut Page<'_>, report: &Report, summary: &Summary) -> io::Result<()> {
    let verdict = Verdict::of(report, summary);
    let paint = if verdict.is_good() { Paint::new().green().bold() } else { Paint::new().red().bold() };
    page.wrapped(
        "",
        "  ",
        &format!("{} (exit {})", page.paint(&verdict.to_string(), paint), summary.exit_code),
    )
}
