//! Annotations of GitHub Actions: workflow commands, which its runner reads from the log of a step. Forgejo and Gitea
//! know them, too.
//!
//! The runner (`ExecutionContext.AddIssue`) passes on ten annotations of each level a step, and 4,096 characters of a
//! message. Everything beyond stands in the log as plain lines, and a closing annotation says how much that is.

use std::fmt::{self, Write as _};
use std::io::{self, Write};

use super::facts::{Fact, app, carried, facts, facts_of_notice, facts_of_unaudited, one_line};
use super::level::Level;
use super::verdict::{self, Verdict};
use super::{Report, Style};
use crate::finding::{Disposition, Finding, Notice};
use crate::location::Location;
use crate::target::{Target, Unaudited};
use crate::untrusted::{printable, shortened};

/// So many annotations of each level are shown.
const MOST: usize = 10;

/// So many errors are there for what could not be audited, however many findings there are, and the other way round.
const RESERVED: usize = MOST / 2;

/// The longest title of the Checks API is 255 characters.
const LONGEST_TITLE: usize = 250;

/// The longest message and help in an annotation, and in a line of the log.
const LONGEST: usize = 1000;

/// The longest name of an app.
const LONGEST_APP: usize = 60;

/// The longest of each further fact.
const LONGEST_FACT: usize = 300;

pub(super) fn write(report: &Report, _style: &Style, out: &mut dyn Write) -> io::Result<()> {
    let summary = report.summary();
    let verdict = Verdict::of(report, &summary).to_string();
    let (waived, found): (Vec<&Finding>, Vec<_>) =
        report.findings.iter().partition(|finding| finding.disposition == Disposition::Waived);
    let (blind, others): (Vec<&Notice>, Vec<_>) =
        report.notices.iter().partition(|notice| notice.kind.makes_incomplete());
    let mut unseen: Vec<Annotation<'_>> = report
        .targets
        .iter()
        .filter_map(|outcome| Some(Annotation::of_unaudited(&outcome.target, outcome.unaudited.as_ref()?)))
        .chain(blind.into_iter().map(Annotation::of_notice))
        .collect();
    if report.interrupted || (report.is_incomplete() && unseen.is_empty()) {
        unseen.insert(0, Annotation::new(Level::Error, None, "audit", &verdict));
    }
    let found: Vec<Annotation<'_>> = found.into_iter().map(Annotation::of).collect();
    let errors = found.iter().filter(|annotation| annotation.level == Level::Error).count();
    let for_unseen = unseen.len().min(RESERVED.max(MOST.saturating_sub(errors)));

    // One notice is kept for the closing one.
    let mut left = [MOST - for_unseen, MOST, MOST - 1];
    let mut beyond = Vec::new();
    for (index, annotation) in unseen.iter().chain(&found).enumerate() {
        let is_shown = if index < unseen.len() {
            index < for_unseen
        } else {
            let left = &mut left[annotation.level as usize];
            let is_shown = *left > 0;
            *left = left.saturating_sub(1);
            is_shown
        };
        if is_shown {
            writeln!(out, "{annotation}")?;
        } else {
            beyond.push(annotation.line());
        }
    }
    group("not shown as annotations", &beyond, out)?;
    group(
        "waived",
        &waived.into_iter().map(|finding| Annotation::of(finding).line()).collect::<Vec<_>>(),
        out,
    )?;
    group(
        "notices",
        &others.into_iter().map(|notice| Annotation::of_notice(notice).line()).collect::<Vec<_>>(),
        out,
    )?;
    if !beyond.is_empty() {
        let closing = format!(
            "… {} more are not shown as annotations, of which GitHub shows {MOST} of each kind: the log of this step has them, \
             and so has every other format of the report",
            beyond.len()
        );
        writeln!(out, "{}", Annotation::new(Level::Note, None, "audit", &closing))?;
    }
    for line in [
        verdict::targets(report, &summary),
        verdict::findings(report, &summary),
        format!("{verdict} (exit {})", summary.exit_code),
    ] {
        writeln!(out, "{}", plain(&line))?;
    }
    Ok(())
}

/// Lines that are folded away, if there are any.
fn group(title: &str, lines: &[String], out: &mut dyn Write) -> io::Result<()> {
    if lines.is_empty() {
        return Ok(());
    }
    writeln!(out, "::group::{title}: {}", lines.len())?;
    lines.iter().try_for_each(|line| writeln!(out, "{line}"))?;
    writeln!(out, "::endgroup::")
}

/// The name of the command.
fn command(level: Level) -> &'static str {
    match level {
        Level::Error => "error",
        Level::Warning => "warning",
        Level::Note => "notice",
    }
}

/// What stands at a line of a file, or at none.
struct Annotation<'r> {
    level: Level,
    location: Option<&'r Location>,
    title: String,
    message: String,
    facts: Vec<Fact<'r>>,
}

impl<'r> Annotation<'r> {
    fn new(level: Level, location: Option<&'r Location>, title: &str, message: &str) -> Self {
        let location = location.filter(|location| location.is_in_repository());
        let (title, message) = (title.to_owned(), message.to_owned());
        Self { level, location, title, message, facts: Vec::new() }
    }

    fn of(finding: &'r Finding) -> Self {
        let (rule, target) = (&finding.rule, &finding.target);
        let mut facts = facts(finding);
        if !rule.remediation.trim().is_empty() {
            facts.push(("help", one_line(&rule.remediation).into()));
        }
        let aside = match finding.disposition {
            Disposition::Open => "",
            Disposition::Waived => "waived, ",
            Disposition::BelowThreshold => "below the threshold, ",
        };
        Self {
            facts,
            ..Self::new(
                Level::of(finding.severity),
                shown([&finding.evidence.location, &target.declared]),
                &format!("{aside}{}[{}] {}", finding.severity, rule.id, named(target)),
                &format!("{}{}", finding.message, carried(finding)),
            )
        }
    }

    fn of_unaudited(target: &'r Target, why: &'r Unaudited) -> Self {
        let at = shown([why.location.as_ref().unwrap_or(&target.declared), &target.declared]);
        let title = format!("unaudited[{}] {}", why.kind.as_str(), named(target));
        Self { facts: facts_of_unaudited(target, why), ..Self::new(Level::Error, at, &title, &why.message) }
    }

    fn of_notice(notice: &'r Notice) -> Self {
        let (level, label) = if notice.kind.makes_incomplete() {
            (Level::Error, "incomplete")
        } else {
            (Level::Note, "notice")
        };
        let title = format!("{label}[{}]", notice.kind.as_str());
        Self {
            facts: facts_of_notice(notice),
            ..Self::new(level, notice.location.as_ref(), &title, &notice.message)
        }
    }

    /// For the log alone.
    fn line(&self) -> String {
        let mut line = format!("{}: {}", self.title, shortened(&self.message, LONGEST));
        for (label, fact) in &self.facts {
            let _ = write!(line, " · {label}: {}", shortened(fact, LONGEST_FACT));
        }
        plain(&line)
    }
}

/// `::LEVEL file=…,line=…,…::MESSAGE`
impl fmt::Display for Annotation<'_> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "::{} ", command(self.level))?;
        if let Some(Location { file, region }) = self.location {
            let end_line = region.end_line.max(region.line);
            write!(formatter, "file={},line={},endLine={end_line},", property(file), region.line)?;
            // The runner refuses columns of several lines.
            if end_line == region.line {
                let end = region.end_column.max(region.column);
                write!(formatter, "col={},endColumn={end},", region.column)?;
            }
        }
        let title = printable(&self.title);
        write!(
            formatter,
            "title={}::{}",
            property(&shortened(&title, LONGEST_TITLE)),
            data(&first(&self.message))
        )?;
        if title.chars().count() > LONGEST_TITLE {
            write!(formatter, "{}", data(&format!("\n{}", shortened(&title, LONGEST))))?;
        }
        for (label, fact) in &self.facts {
            let longest = if *label == "help" { LONGEST } else { LONGEST_FACT };
            let fact = printable(fact);
            write!(formatter, "{}", data(&format!("\n{label}: {}", shortened(&fact, longest))))?;
        }
        Ok(())
    }
}

/// `ID (APP)`
fn named(target: &Target) -> String {
    match app(target, LONGEST_APP) {
        Some(app) => format!("{} ({app})", target.id),
        None => target.id.to_string(),
    }
}

fn first(message: &str) -> String {
    shortened(&printable(message), LONGEST).into_owned()
}

/// The first place that GitHub can show.
fn shown(places: [&Location; 2]) -> Option<&Location> {
    places.into_iter().find(|location| location.is_in_repository())
}

/// One line that is no command: the runner obeys `::command::` where a line begins, after blanks.
fn plain(text: &str) -> String {
    let text = printable(text);
    match text.trim_start().strip_prefix("::") {
        Some(rest) => format!("\\u{{3a}}:{rest}"),
        None => text.into_owned(),
    }
}

/// As `@actions/core` escapes the message of a command.
fn data(text: &str) -> String {
    text.replace('%', "%25").replace('\r', "%0D").replace('\n', "%0A")
}

/// As `@actions/core` escapes a property of a command.
fn property(text: &str) -> String {
    data(&printable(text)).replace(':', "%3A").replace(',', "%2C")
}

#[cfg(test)]
pub(super) mod tests;
