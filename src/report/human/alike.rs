//! What could not be audited and what else is to be said, a paragraph for all that is alike.

use std::io;

use owo_colors::Style as Paint;

use super::{Page, one_line, place};
use crate::finding::Notice;
use crate::report::Outcome;
use crate::report::alike::{self, About, Said, Unjudged};
use crate::untrusted::shortened;

/// The most names in one paragraph; the JSON report has all.
const MOST_NAMED: usize = 20;

/// The most characters of each of several messages in one paragraph.
const LONGEST: usize = 100;

/// The unaudited targets, by what is wrong and where.
pub(super) fn unaudited(page: &mut Page<'_>, targets: &[Outcome]) -> io::Result<()> {
    alike::unaudited(targets).iter().try_for_each(|group| unjudged(page, group))
}

fn unjudged(page: &mut Page<'_>, group: &Unjudged<'_>) -> io::Result<()> {
    let count = group.count();
    let text = match &group.within[..] {
        _ if count == 1 => group.text.to_owned(),
        [] => format!("{count} targets: {}", group.text),
        within => format!("{count} targets in {}: {}", within.join("/"), group.text),
    };
    let head = page.paint(&format!("unaudited[{}]", group.cause.as_str()), Paint::new().red().bold());
    page.wrapped(&format!("  {head}: "), "  ", &one_line(&text))?;
    let mut left = MOST_NAMED;
    for (at, targets) in &group.places {
        let ids: Vec<&str> = targets.iter().take(left).map(|target| target.id.as_str()).collect();
        if !ids.is_empty() {
            page.part("at", &format!("{} ({})", place(at), ids.join(", ")))?;
            left -= ids.len();
        }
    }
    more(page, count)?;
    ending(page, group.example, group.help)
}

/// The notices; those that say the same of many are one.
pub(super) fn notices(page: &mut Page<'_>, notices: &[Notice]) -> io::Result<()> {
    alike::notices(notices).iter().try_for_each(|group| said(page, group))
}

fn said(page: &mut Page<'_>, group: &Said<'_>) -> io::Result<()> {
    let kind = group.kind.as_str();
    let head = if group.kind.makes_incomplete() {
        page.paint(&format!("incomplete[{kind}]"), Paint::new().red().bold())
    } else {
        page.paint(&format!("notice[{kind}]"), Paint::new().yellow())
    };
    page.wrapped(&format!("  {head}: "), "  ", &one_line(&group.text))?;
    match &group.about {
        About::Itself => {}
        About::Parts(names) => {
            let names: Vec<&str> = names.iter().take(MOST_NAMED).map(String::as_str).collect();
            page.part("of", &names.join(", "))?;
        }
        About::Messages(messages) => {
            for message in messages.iter().take(MOST_NAMED) {
                page.wrapped("        ", "          ", &one_line(&shortened(message, LONGEST)))?;
            }
        }
    }
    more(page, group.count)?;
    if !group.places.is_empty() {
        let places: Vec<String> = group.places.iter().take(MOST_NAMED).map(|at| place(at)).collect();
        page.part("at", &places.join(", "))?;
    }
    ending(page, group.example, group.help)
}

fn more(page: &mut Page<'_>, all: usize) -> io::Result<()> {
    match all.saturating_sub(MOST_NAMED) {
        0 => Ok(()),
        more => page.wrapped("        ", "        ", &format!("and {more} more; the JSON report has all")),
    }
}

fn ending(page: &mut Page<'_>, example: Option<&str>, help: Option<&str>) -> io::Result<()> {
    if let Some(example) = example {
        page.part("e.g.", example)?;
    }
    if let Some(help) = help {
        page.part("help", help)?;
    }
    page.line("")
}
