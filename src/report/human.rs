//! For people: every finding with the lines of the document that prove it, then what could not be
//! audited, then a summary.

mod alike;
mod diff;
mod findings;
mod link;
mod listing;
mod remedy;
mod rulebook;
mod snippet;
mod summary;
mod table;
mod unlisted;

use std::fmt::Display;
use std::io::{self, Write};

use owo_colors::Style as Paint;
use textwrap::core::display_width;

use super::verdict::plural;
use super::{Diff, Entry, Listing, Report, Rulebook, Style};
use crate::finding::Severity;
use crate::location::Location;
use crate::target::Target;
use crate::untrusted::{printable, shortened};

/// The longest message shown: a value may hold 64 KB.
const LONGEST: usize = 400;

/// Blanks as wide as a label.
const INDENT: &str = "        ";

/// The longest name of an app or a source shown.
const LONGEST_NAME: usize = 30;

pub(super) fn write(report: &Report, style: &Style, out: &mut dyn Write) -> io::Result<()> {
    let mut page = Page { style: *style, out };
    findings::write(&mut page, report)?;
    alike::unaudited(&mut page, &report.targets)?;
    findings::waived(&mut page, &report.findings)?;
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
    /// A labelled part below a diagnostic; without a label, more of the last one.
    fn part(&mut self, label: &str, text: &str) -> io::Result<()> {
        let label = self.label(label);
        self.wrapped(&label, INDENT, &one_line(text))
    }

    /// A part of one printable line, which is for copying and never broken.
    fn whole(&mut self, label: &str, text: &str) -> io::Result<()> {
        let label = self.label(label);
        self.line(format!("{label}{text}"))
    }

    /// A part of printable names that are for searching: lines are broken between two of them alone.
    fn list(&mut self, label: &str, names: &[String], separator: &str) -> io::Result<()> {
        let mut line = self.label(label);
        let mut width = INDENT.len();
        for (index, name) in names.iter().enumerate() {
            let end = if index + 1 < names.len() { separator } else { "" };
            let wide = display_width(name);
            if width > INDENT.len() && width + wide + end.trim_end().len() > self.style.width {
                self.line(line.trim_end())?;
                INDENT.clone_into(&mut line);
                width = INDENT.len();
            }
            line.push_str(name);
            line.push_str(end);
            width += wide + display_width(end);
        }
        self.line(line)
    }

    fn label(&self, label: &str) -> String {
        if label.is_empty() {
            return INDENT.to_owned();
        }
        self.paint(&format!("{label:>6}: "), Paint::new().cyan())
    }

    /// Text that is broken at the width of the terminal, or where it is still easy to read.
    fn wrapped(&mut self, first: &str, next: &str, text: &str) -> io::Result<()> {
        self.filled(self.style.width.min(120), first, next, text)
    }

    /// Text that is broken at a width.
    fn filled(&mut self, width: usize, first: &str, next: &str, text: &str) -> io::Result<()> {
        let options = textwrap::Options::new(width)
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
