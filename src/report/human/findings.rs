//! The findings: every mistake once, with the targets that it is in, in as many lines as it is worth.

use std::collections::BTreeSet;
use std::io;

use owo_colors::Style as Paint;

use super::link::linked;
use super::{LONGEST, LONGEST_NAME, Name, PLACED, Page, one_line, remedy, snippet, whose};
use crate::finding::{Disposition, Finding, Severity};
use crate::location::Location;
use crate::report::Report;
use crate::report::alike::{self, Alike};
use crate::report::facts::{Values, carried, place};
use crate::report::reference::Reference;
use crate::target::Target;
use crate::untrusted::{printable, shortened};

/// How many mistakes of a rule are drawn; the others are a line each.
const DRAWN: usize = 3;

/// The longest message on a line with others.
const LONGEST_OF_MANY: usize = 160;

/// Those that nobody accepted.
pub(super) fn write(page: &mut Page<'_>, report: &Report) -> io::Result<()> {
    let open = report.findings.iter().filter(|finding| finding.disposition != Disposition::Waived);
    let groups = alike::findings(open);
    let mut explained = BTreeSet::new();
    for groups in groups.chunk_by(|a, b| kind(a) == kind(b)) {
        let (drawn, others) = groups.split_at(groups.len().min(DRAWN));
        for group in drawn {
            draw(page, group)?;
            if explained.insert(&group.first.rule.id) {
                explain(page, group.first, report.config.as_deref())?;
            }
            also(page, group)?;
            page.line("")?;
        }
        for group in others {
            let title = snippet::title(group.first, &page.style);
            line(page, &title, group, "")?;
        }
        if !others.is_empty() {
            page.line("")?;
        }
    }
    Ok(())
}

/// Those that somebody accepted, and on what terms.
pub(super) fn waived(page: &mut Page<'_>, findings: &[Finding]) -> io::Result<()> {
    let groups =
        alike::findings(findings.iter().filter(|finding| finding.disposition == Disposition::Waived));
    for group in &groups {
        let rule = printable(&group.first.rule.id);
        let title = page.paint(&format!("waived[{rule}]"), Paint::new().dimmed());
        let terms = group.first.waiver.as_ref().map_or_else(String::new, |waiver| {
            let owner = waiver.owner.as_ref().map(|owner| format!(", {}", shortened(owner, LONGEST_NAME)));
            let reason = shortened(&waiver.reason, LONGEST);
            format!("; {reason} (until {}{})", waiver.expires, owner.unwrap_or_default())
        });
        line(page, &title, group, &terms)?;
    }
    if groups.is_empty() { Ok(()) } else { page.line("") }
}

/// What is told apart by its excerpt, not by its title.
fn kind<'r>(group: &Alike<'r>) -> (Severity, &'r str) {
    (group.first.severity, &group.first.rule.id)
}

/// A mistake with its excerpt, and the targets that it is in.
fn draw(page: &mut Page<'_>, group: &Alike<'_>) -> io::Result<()> {
    let finding = group.first;
    let snippet = snippet::draw(group, &page.style);
    page.out.write_all(snippet.text.as_bytes())?;
    if !snippet.has_excerpt {
        page.whole("of", &printable(finding.target.id.as_str()))?;
    }
    page.part("at", &format!("{}{}", finding.evidence.location, whose(&finding.target)))?;
    if !finding.path.is_empty() {
        page.whole("path", &printable(&shortened(&finding.path, LONGEST)))?;
    }
    if let Some(expected) = finding.expected.as_ref().filter(|_| !snippet.has_expected) {
        let label = match Values::of(finding) {
            Values::Whole => "expect",
            // As wide as the others.
            Values::Members => "lacks",
        };
        page.part(label, &shortened(&snippet::text(expected), LONGEST))?;
    }
    Ok(())
}

/// What a rule says of every finding: how to mend it, where to read on, and how to accept it.
fn explain(page: &mut Page<'_>, first: &Finding, config: Option<&str>) -> io::Result<()> {
    let rule = &first.rule;
    remedy::write(page, rule, &first.target)?;
    let references: Vec<Name> = rule
        .references
        .iter()
        .map(|reference| {
            let text = one_line(reference);
            let text = match Reference::parse(reference) {
                Some(Reference { uri, .. }) => linked(&page.style, &uri, &text),
                None => text,
            };
            Name { text, aside: None }
        })
        .collect();
    if !references.is_empty() {
        page.list("note", &references, " ·")?;
    }
    for (index, address) in rule.links.iter().enumerate() {
        let text = linked(&page.style, address, &one_line(address));
        page.whole(if index == 0 { "read" } else { "" }, &text)?;
    }
    remedy::commands(page, first, config)
}

/// The other targets of a mistake: last, because they may be hundreds.
fn also(page: &mut Page<'_>, group: &Alike<'_>) -> io::Result<()> {
    let at = &group.first.evidence.location;
    let others = group.all.iter().skip(1).enumerate();
    let others = others.map(|(index, other)| placed(other, index < PLACED && other.evidence.location != *at));
    let others = Name::all(others, Some(&group.first.target));
    if others.is_empty() { Ok(()) } else { page.list("also", &others, ",") }
}

/// A mistake without its excerpt.
fn line(page: &mut Page<'_>, title: &str, group: &Alike<'_>, terms: &str) -> io::Result<()> {
    let finding = group.first;
    let carried = carried(finding);
    let message = shortened(&finding.message, LONGEST_OF_MANY);
    let path = match shortened(&finding.path, LONGEST) {
        path if path.is_empty() => String::new(),
        path => format!(" ({})", printable(&path)),
    };
    if let [one] = &group.all[..] {
        let at = place(&one.evidence.location, LONGEST);
        let text =
            format!("{}: {message}{carried}{path}{terms}; at {at}{}", one.target.id, whose(&one.target));
        return page.filled(page.style.width, "  ", "    ", &format!("{title} {}", one_line(&text)));
    }
    let text = format!("in {} targets: {message}{carried}{path}{terms}", group.all.len());
    page.filled(page.style.width, "  ", "    ", &format!("{title} {}", one_line(&text)))?;
    let first = group.first.evidence.location.clone();
    let ids = group
        .all
        .iter()
        .enumerate()
        .map(|(index, one)| placed(one, index == 0 || index < PLACED && one.evidence.location != first));
    page.list("", &Name::all(ids, None), ",")
}

/// A finding's target, with its place or without.
fn placed(finding: &Finding, with_place: bool) -> (&Target, Option<&Location>) {
    (&finding.target, with_place.then_some(&finding.evidence.location))
}
