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

use std::collections::BTreeSet;
use std::fmt::Display;
use std::io::{self, Write};

use owo_colors::Style as Paint;
use textwrap::core::display_width;

use super::facts;
use super::verdict::plural;
use super::{Diff, Entry, Listing, Report, Rulebook, Style};
use crate::finding::Severity;
use crate::location::Location;
use crate::target::Target;
use crate::untrusted::{printable, shortened};

/// The longest message shown: a value may hold 64 KB.
const LONGEST: usize = 400;

/// How many of the targets that something is said of are named with their place.
const PLACED: usize = 4;

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

    /// A part of printable names that are for searching: lines are broken between two of them alone, or before the
    /// parenthesis that follows one.
    fn list(&mut self, label: &str, names: &[Name], separator: &str) -> io::Result<()> {
        let mut line = self.label(label);
        let mut width = INDENT.len();
        for (index, Name { text, aside }) in names.iter().enumerate() {
            let end = if index + 1 < names.len() { separator } else { "" };
            let room = self.style.width.saturating_sub(INDENT.len());
            let pieces = match aside.as_ref().map(|aside| (aside, format!("{text} ({aside}){end}"))) {
                Some((_, both)) if display_width(&both) <= room => vec![both],
                Some((aside, _)) => vec![text.clone(), format!("({aside}){end}")],
                None => vec![format!("{text}{end}")],
            };
            for piece in pieces {
                let wide = display_width(&piece);
                if width > INDENT.len() && width + 1 + wide > self.style.width {
                    self.line(&line)?;
                    INDENT.clone_into(&mut line);
                    width = INDENT.len();
                }
                if width > INDENT.len() {
                    line.push(' ');
                    width += 1;
                }
                line.push_str(&piece);
                width += wide;
            }
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

/// A printable name in a list, and what is said of it in parentheses.
struct Name {
    text: String,
    aside: Option<String>,
}

impl Name {
    /// The ids of targets, each with a place or without; the first one of an app says its name, but that of the app
    /// which is told already.
    fn all<'t>(
        targets: impl IntoIterator<Item = (&'t Target, Option<&'t Location>)>,
        told: Option<&'t Target>,
    ) -> Vec<Self> {
        let mut told: BTreeSet<&str> = told.map(|target| target.app_id.as_str()).into_iter().collect();
        let named = targets.into_iter().map(|(target, place)| {
            let app = Some(target).filter(|target| told.insert(&target.app_id));
            let app = app.and_then(|target| facts::app(target, LONGEST_NAME));
            let place = place.map(ToString::to_string);
            let aside: Vec<String> = app.into_iter().chain(place).collect();
            let aside = (!aside.is_empty()).then(|| printable(&aside.join(", ")).into_owned());
            Self { aside, ..Self::from(target.id.as_str()) }
        });
        named.collect()
    }
}

impl From<&str> for Name {
    fn from(text: &str) -> Self {
        Self { text: printable(text).into_owned(), aside: None }
    }
}

/// ` (APP in ACCOUNT/REGION)`, as far as it is known.
fn whose(target: &Target) -> String {
    let app = facts::app(target, LONGEST_NAME).map(|app| printable(&app).into_owned());
    match (app, whereabouts(target)) {
        (Some(app), Some(place)) => format!(" ({app} in {place})"),
        (Some(one), None) | (None, Some(one)) => format!(" ({one})"),
        (None, None) => String::new(),
    }
}

/// Account and region, as far as they are known.
fn whereabouts(target: &Target) -> Option<String> {
    let parts = facts::whereabouts(target);
    (!parts.is_empty()).then(|| name(&parts.join("/")))
}

/// A name from outside, of one line.
fn name(text: &str) -> String {
    printable(&shortened(text, LONGEST_NAME)).into_owned()
}

fn one_line(text: &str) -> String {
    printable(&shortened(&facts::one_line(text), 4 * LONGEST)).into_owned()
}

#[cfg(test)]
mod tests;
