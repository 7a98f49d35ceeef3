//! A diff by pointer: what was expected in red with a `-`, what is there in green with a `+`.

mod values;

use std::io;

use owo_colors::Style as Paint;
use textwrap::core::display_width;

use self::values::Sign;
use super::{LONGEST, Page, alike, one_line, plural};
use crate::report::diff::{Changed, Comparison, Diff, DiffSummary, Extent, Obstacle, Side, Uncompared};
use crate::untrusted::{printable, shortened};

const WEAKENS: &str = "weakens security";

/// The most problems that are shown; the JSON output has all.
const MOST: usize = 20;

pub(super) fn write(page: &mut Page<'_>, diff: &Diff) -> io::Result<()> {
    match (diff.extent, diff.comparisons.first()) {
        (Extent::Documents, Some(Comparison::Both { left, right, .. })) => {
            heading(page, &left.name, &right.name)?;
        }
        _ => heading(page, &diff.left, &diff.right)?,
    }
    page.line("")?;
    for comparison in &diff.comparisons {
        if let Comparison::Both { left, changes, .. } = comparison
            && !changes.is_empty()
        {
            match diff.extent {
                Extent::Documents => changes.iter().try_for_each(|change| changed(page, change, ""))?,
                Extent::Folders => {
                    page.line(page.paint(&printable(left.id.as_str()), Paint::new().bold()))?;
                    changes.iter().try_for_each(|change| changed(page, change, "  "))?;
                }
            }
        }
    }
    alone(page, diff)?;
    for problem in diff.uncompared.iter().take(MOST) {
        uncompared(page, problem)?;
    }
    if let Some(more) = diff.uncompared.len().checked_sub(MOST + 1) {
        page.line(format!("  and {} more; --format json has all\n", more + 1))?;
    }
    alike::notices(page, &diff.notices)?;
    summary(page, diff)
}

fn heading(page: &mut Page<'_>, left: &str, right: &str) -> io::Result<()> {
    let (left, right) = (shown(left), shown(right));
    let between =
        if display_width(&left) + display_width(&right) + 3 > page.style.width { "\n" } else { " " };
    let bold = |text: &str| page.paint(text, Paint::new().bold());
    let text = format!("{} →{between}{}", bold(&left), bold(&right));
    text.split('\n').try_for_each(|line| page.line(line))
}

fn changed(page: &mut Page<'_>, change: &Changed, indent: &str) -> io::Result<()> {
    let pointer = match change.path.as_str() {
        "" => "(the whole document)".to_owned(),
        path => shown(path),
    };
    let mark = if change.weakens {
        let fits = display_width(&pointer) + indent.len() + 2 + WEAKENS.len() <= page.style.width;
        let before = if fits { "  ".to_owned() } else { format!("\n{indent}  ") };
        format!("{before}{}", page.paint(WEAKENS, Paint::new().red().bold()))
    } else {
        String::new()
    };
    let head = format!("{indent}{}{mark}", page.paint(&pointer, Paint::new().cyan()));
    head.split('\n').try_for_each(|line| page.line(line))?;
    let indent = format!("{indent}  ");
    for (sign, text) in values::lines(&change.apart, page.style.width.saturating_sub(indent.len())) {
        page.line(format!("{indent}{}", page.paint(&format!("{} {text}", sign.as_str()), paint(sign))))?;
    }
    page.line("")
}

fn paint(sign: Sign) -> Paint {
    match sign {
        Sign::Gone => Paint::new().red(),
        Sign::New => Paint::new().green(),
    }
}

/// What only one of two folders has.
fn alone(page: &mut Page<'_>, diff: &Diff) -> io::Result<()> {
    let mut any = false;
    for comparison in &diff.comparisons {
        let (sign, Side { id, .. }, whose) = match comparison {
            Comparison::Both { .. } => continue,
            Comparison::OnlyLeft(side) => (Sign::Gone, side, &diff.left),
            Comparison::OnlyRight(side) => (Sign::New, side, &diff.right),
        };
        any = true;
        let document = page.paint(&format!("{} {}", sign.as_str(), printable(id.as_str())), paint(sign));
        page.line(format!("{document}  only in {}", shown(whose)))?;
    }
    if any { page.line("") } else { Ok(()) }
}

fn uncompared(page: &mut Page<'_>, problem: &Uncompared) -> io::Result<()> {
    let what = match problem.obstacle {
        Obstacle::Unaudited(cause) => format!("unaudited[{}]", cause.as_str()),
        Obstacle::Unusable => "unusable".to_owned(),
    };
    let head = page.paint(&what, Paint::new().red().bold());
    page.wrapped(&format!("  {head}: "), "  ", &one_line(&problem.message))?;
    if let Some(location) = &problem.location {
        page.part("at", &location.to_string())?;
    }
    if let Some(help) = &problem.help {
        page.part("help", help)?;
    }
    page.line("")
}

fn summary(page: &mut Page<'_>, diff: &Diff) -> io::Result<()> {
    let counts = diff.summary();
    if diff.extent == Extent::Folders && !diff.comparisons.is_empty() {
        page.wrapped("", "  ", &documents(diff, &counts))?;
    }
    let mut found = differences(diff, &counts);
    if diff.ignored > 0 {
        found = format!("{found} ({} ignored)", diff.ignored);
    }
    let bad = Paint::new().red().bold();
    let (text, paint) = match (diff.interrupted, diff.is_incomplete()) {
        (true, _) if diff.comparisons.is_empty() => ("interrupted: nothing was compared".to_owned(), bad),
        (true, _) => (format!("interrupted: not everything was compared; {found}"), bad),
        (false, true) if diff.comparisons.is_empty() => ("incomplete: nothing was compared".to_owned(), bad),
        (false, true) => (format!("incomplete: not everything was compared; {found}"), bad),
        (false, false) if counts.weakening > 0 => (found, bad),
        (false, false) if counts.differs() => (found, Paint::new().yellow().bold()),
        (false, false) => (found, Paint::new().green().bold()),
    };
    page.wrapped("", "  ", &page.paint(&text, paint))
}

/// How many documents there are, of two folders.
fn documents(diff: &Diff, counts: &DiffSummary) -> String {
    let parts = [
        (counts.equal, "equal".to_owned()),
        (counts.changed, "changed".to_owned()),
        (counts.only_left, format!("only in {}", shown(&diff.left))),
        (counts.only_right, format!("only in {}", shown(&diff.right))),
    ];
    let parts = parts.iter().filter(|(count, _)| *count > 0);
    let parts: Vec<String> = parts.map(|(count, what)| format!("{count} {what}")).collect();
    format!("{}: {}", plural(diff.comparisons.len(), "document"), parts.join(", "))
}

fn differences(diff: &Diff, counts: &DiffSummary) -> String {
    let changes = match counts.weakening {
        0 => plural(counts.changes, "change"),
        1 => format!("{}, 1 weakens security", plural(counts.changes, "change")),
        many => format!("{}, {many} weaken security", plural(counts.changes, "change")),
    };
    let alone = counts.only_left + counts.only_right;
    match (diff.extent, counts.changes, alone) {
        (_, 0, 0) => "no difference".to_owned(),
        (_, _, 0) => changes,
        (_, 0, alone) => format!("{} on one side only", plural(alone, "document")),
        (_, _, alone) => format!("{changes}; {} on one side only", plural(alone, "document")),
    }
}

fn shown(text: &str) -> String {
    printable(&shortened(text, LONGEST)).into_owned()
}

#[cfg(test)]
mod tests;
