//! For people: every finding with the lines of the document that prove it, then what could not be
//! audited, then a summary.

mod alike;
mod diff;
mod listing;
mod rulebook;
mod snippet;
mod summary;
mod table;
mod unlisted;

use std::collections::BTreeSet;
use std::fmt::Display;
use std::io::{self, Write};

use owo_colors::Style as Paint;

use super::verdict::plural;
use super::{Diff, Entry, Listing, Report, Rulebook, Style};
use crate::finding::{Disposition, Finding, Severity};
use crate::location::Location;
use crate::target::Target;
use crate::untrusted::{printable, shortened};

/// The longest message shown: a value may hold 64 KB.
const LONGEST: usize = 400;

/// The longest name of an app or a source shown.
const LONGEST_NAME: usize = 30;

pub(super) fn write(report: &Report, style: &Style, out: &mut dyn Write) -> io::Result<()> {
    let mut page = Page { style: *style, out };
    let mut explained = BTreeSet::new();
    for finding in report.findings.iter().filter(|finding| finding.disposition != Disposition::Waived) {
        let first = explained.insert(finding.rule.id.as_str());
        page.finding(finding, first)?;
    }
    alike::unaudited(&mut page, &report.targets)?;
    let waived: Vec<_> =
        report.findings.iter().filter(|finding| finding.disposition == Disposition::Waived).collect();
    for finding in &waived {
        page.waived(finding)?;
    }
    if !waived.is_empty() {
        page.line("")?;
    }
    alike::notices(&mut page, &report.notices)?;
    summary::write(&mut page, report)
}

/// Which targets there are.
pub(super) fn listing(listing: &Listing, style: &Style, out: &mut dyn Write) -> io::Result<()> {
    listing::write(&mut Page { style: *style, out }, listing)
}

/// What tells two sides apart.
pub(super) fn diff(diff: &Diff, style: &Style, out: &mut dyn Write) -> io::Result<()> {
    diff::write(&mut Page { style: *style, out }, diff)
}

/// Which rules there are.
pub(super) fn rulebook(rules: &Rulebook, style: &Style, out: &mut dyn Write) -> io::Result<()> {
    rulebook::write(&mut Page { style: *style, out }, rules)
}

/// One rule.
pub(super) fn explanation(rule: &Entry, style: &Style, out: &mut dyn Write) -> io::Result<()> {
    rulebook::explain(&mut Page { style: *style, out }, rule)
}

/// Where the report goes, and how it looks.
struct Page<'o> {
    style: Style,
    out: &'o mut dyn Write,
}

impl Page<'_> {
    fn finding(&mut self, finding: &Finding, explain: bool) -> io::Result<()> {
        let text = snippet::render(finding, &self.style);
        self.out.write_all(text.as_bytes())?;
        self.part("at", &format!("{}{}", place(&finding.evidence.location), whose(&finding.target)))?;
        if explain {
            if !finding.rule.remediation.trim().is_empty() {
                self.part("help", &finding.rule.remediation)?;
            }
            let further = finding.rule.references.iter().chain(&finding.rule.links);
            let further: Vec<&str> = further.map(String::as_str).collect();
            if !further.is_empty() {
                self.part("note", &further.join(" · "))?;
            }
        }
        self.line("")
    }

    fn waived(&mut self, finding: &Finding) -> io::Result<()> {
        let head = self.paint(&format!("waived[{}]", printable(&finding.rule.id)), Paint::new().dimmed());
        let terms = finding.waiver.as_ref().map_or_else(String::new, |waiver| {
            let owner = waiver.owner.as_ref().map(|owner| format!(", {owner}")).unwrap_or_default();
            format!("; {} (until {}{owner})", waiver.reason, waiver.expires)
        });
        let carried = if finding.carried { " (carried over)" } else { "" };
        self.wrapped(
            &format!("  {head} "),
            "    ",
            &one_line(&format!(
                "{}: {}{carried}{terms}",
                finding.target.id,
                shortened(&finding.message, LONGEST)
            )),
        )
    }

    /// A labelled part below a diagnostic.
    fn part(&mut self, label: &str, text: &str) -> io::Result<()> {
        let label = self.paint(&format!("{label:>6}: "), Paint::new().cyan());
        self.wrapped(&label, "        ", &one_line(text))
    }

    /// Text that is broken at the width of the terminal.
    fn wrapped(&mut self, first: &str, next: &str, text: &str) -> io::Result<()> {
        let options = textwrap::Options::new(self.style.width.min(120))
            .initial_indent(first)
            .subsequent_indent(next)
            .break_words(false)
            .word_separator(textwrap::WordSeparator::AsciiSpace)
            .word_splitter(textwrap::WordSplitter::NoHyphenation);
        for line in textwrap::wrap(text, options) {
            self.line(&line)?;
        }
        Ok(())
    }

    /// The runner of GitHub Actions obeys `::command::` where a line begins, after blanks.
    fn line(&mut self, text: impl Display) -> io::Result<()> {
        let text = text.to_string();
        match text.trim_start().strip_prefix("::") {
            Some(rest) => writeln!(self.out, "\\u{{3a}}:{rest}"),
            None => writeln!(self.out, "{text}"),
        }
    }

    fn paint(&self, text: &str, paint: Paint) -> String {
        if self.style.color { paint.style(text).to_string() } else { text.to_owned() }
    }
}

fn severity_paint(severity: Severity) -> Paint {
    match severity {
        Severity::Critical | Severity::High => Paint::new().red().bold(),
        Severity::Medium => Paint::new().yellow().bold(),
        Severity::Low | Severity::Info => Paint::new().cyan(),
    }
}

fn place(location: &Location) -> String {
    format!("{}:{}:{}", location.file, location.region.line, location.region.column)
}

/// ` (APP in ACCOUNT/REGION)`, as far as it is known.
fn whose(target: &Target) -> String {
    match (target.app_name.as_deref().map(name), whereabouts(target)) {
        (Some(app), Some(place)) => format!(" ({app} in {place})"),
        (Some(one), None) | (None, Some(one)) => format!(" ({one})"),
        (None, None) => String::new(),
    }
}

/// Account and region, as far as they are known.
fn whereabouts(target: &Target) -> Option<String> {
    let parts: Vec<&str> =
        [&target.account, &target.region].into_iter().filter_map(|part| part.as_deref()).collect();
    (!parts.is_empty()).then(|| name(&parts.join("/")))
}

/// A name from outside, of one line.
fn name(text: &str) -> String {
    printable(&shortened(text, LONGEST_NAME)).into_owned()
}

fn one_line(text: &str) -> String {
    let words: Vec<&str> = text.split_whitespace().collect();
    printable(&shortened(&words.join(" "), 4 * LONGEST)).into_owned()
}

#[cfg(test)]
mod tests;
