//! For people: what failed, with the expression and its values, what is doubtful, the coverage, the counts.

use std::fmt;
use std::io::{self, Write};
use std::time::Duration;

use miette::{Diagnostic, GraphicalReportHandler, GraphicalTheme, LabeledSpan, SourceCode};
use owo_colors::Style as Paint;

use super::verdict::{Verdict, counted};
use crate::policy::PolicyError;
use crate::policy::unit_tests::{Coverage, Failure, FileCoverage, Outcome, TestResult};
use crate::report::Style;
use crate::untrusted::{printable, shortened};

/// How many lines a value may take: a document fills pages.
const LINES_OF_A_VALUE: usize = 3;

pub(super) fn write(
    verdict: &Verdict<'_>,
    verbose: bool,
    style: &Style,
    out: &mut dyn Write,
) -> io::Result<()> {
    let mut page = Page { style, out };
    let mut file = "";
    for test in &verdict.run.tests {
        if !verbose && matches!(test.outcome, Outcome::Passed | Outcome::Skipped) {
            continue;
        }
        if file != test.file {
            file = &test.file;
            page.line(&page.paint(&printable(file), Paint::new().bold()))?;
        }
        page.test(test, verbose)?;
    }
    if verbose && !file.is_empty() {
        page.line("")?;
    }
    for doubt in &verdict.run.doubts {
        page.drawn(&Warning(&doubt.problem))?;
        page.line("")?;
    }
    if let Some(coverage) = &verdict.run.coverage {
        page.coverage(coverage)?;
    }
    page.summary(verdict)
}

/// Where the results go, and how they look.
struct Page<'o> {
    style: &'o Style,
    out: &'o mut dyn Write,
}

impl Page<'_> {
    fn test(&mut self, test: &TestResult, verbose: bool) -> io::Result<()> {
        let time = format!("({})", lasted(test.duration));
        let time = self.paint(&time, Paint::new().dimmed());
        let label = match &test.outcome {
            Outcome::Passed => self.paint(" pass", Paint::new().green()),
            Outcome::Failed(_) | Outcome::FailedCases => self.paint(" FAIL", Paint::new().red().bold()),
            Outcome::Errored(_) => self.paint("ERROR", Paint::new().red().bold()),
            Outcome::Skipped => {
                let label = self.paint(" todo", Paint::new().yellow());
                return self.line(&format!("{label} {}", printable(&test.name)));
            }
        };
        self.line(&format!("{label} {} {time}", printable(&test.name)))?;
        for case in &test.cases {
            if let Some(failure) = &case.failure {
                let label = self.paint("FAIL", Paint::new().red().bold());
                self.line(&format!("      {label} {}", printable(&case.name)))?;
                self.failure(failure)?;
            } else if verbose {
                let label = self.paint("pass", Paint::new().green());
                self.line(&format!("      {label} {}", printable(&case.name)))?;
            }
        }
        match &test.outcome {
            Outcome::Failed(failure) => self.failure(failure)?,
            Outcome::Errored(problem) => self.drawn(problem)?,
            Outcome::Passed | Outcome::FailedCases | Outcome::Skipped => {}
        }
        for line in &test.output {
            self.part("print", line)?;
        }
        if !matches!(test.outcome, Outcome::Passed) {
            self.line("")?;
        }
        Ok(())
    }

    fn failure(&mut self, failure: &Failure) -> io::Result<()> {
        self.drawn(&failure.at)?;
        for (expression, value) in &failure.values {
            self.part("value", &format!("{expression} = {value}"))?;
        }
        Ok(())
    }

    /// A problem as miette draws it.
    fn drawn(&mut self, problem: &dyn Diagnostic) -> io::Result<()> {
        let theme =
            if self.style.color { GraphicalTheme::unicode() } else { GraphicalTheme::unicode_nocolor() };
        let handler =
            GraphicalReportHandler::new_themed(theme).with_width(self.style.width).with_links(false);
        let mut text = String::new();
        if handler.render_report(&mut text, problem).is_err() {
            // miette refuses a span that is outside of the text; the problem must be said all the same.
            text = format!("  {problem}\n");
        }
        // An excerpt keeps its columns: the bracket of a workflow command becomes a `?`.
        text.replace("##[", "##?").lines().try_for_each(|line| self.line(line))
    }

    /// A labelled part below a problem, of some lines.
    fn part(&mut self, label: &str, text: &str) -> io::Result<()> {
        let label = self.paint(&format!("{label:>8}: "), Paint::new().cyan());
        let room = self.style.width.saturating_sub(10).max(20);
        let text = shortened(text, room * LINES_OF_A_VALUE);
        let text = printable(&text);
        for (index, line) in textwrap::wrap(&text, room).iter().enumerate() {
            let before = if index == 0 { label.as_str() } else { "          " };
            self.line(&format!("{before}{line}"))?;
        }
        Ok(())
    }

    fn coverage(&mut self, coverage: &Coverage) -> io::Result<()> {
        self.line(&self.paint("coverage", Paint::new().bold()))?;
        for file in &coverage.files {
            self.covered_file(file)?;
        }
        let (covered, lines) = coverage.lines();
        self.line(&format!(
            "  {} of all: {covered} of {}",
            percent(coverage.percent()),
            counted(lines, "line")
        ))?;
        self.line("")
    }

    fn covered_file(&mut self, file: &FileCoverage) -> io::Result<()> {
        let paint = if file.not_covered.is_empty() { Paint::new().green() } else { Paint::new().yellow() };
        let covered = self.paint(&percent(file.percent()), paint);
        self.line(&format!("  {covered} {}", printable(&file.file)))?;
        if file.not_covered.is_empty() {
            return Ok(());
        }
        let gaps = file
            .gaps()
            .into_iter()
            .map(|(first, last)| if first == last { first.to_string() } else { format!("{first}-{last}") });
        let what = if file.not_covered.len() == 1 { "line" } else { "lines" };
        let text = format!("no test reaches {what} {}", gaps.collect::<Vec<_>>().join(", "));
        for line in textwrap::wrap(&text, self.style.width.saturating_sub(11).max(20)) {
            self.line(&format!("           {line}"))?;
        }
        Ok(())
    }

    fn summary(&mut self, verdict: &Verdict<'_>) -> io::Result<()> {
        for complaint in verdict.complaints() {
            let label = self.paint("error:", Paint::new().red().bold());
            for (index, line) in
                textwrap::wrap(&printable(complaint), self.style.width.saturating_sub(7)).iter().enumerate()
            {
                let before = if index == 0 { label.as_str() } else { "      " };
                self.line(&format!("{before} {line}"))?;
            }
        }
        let counts = verdict.counts;
        let mut parts = Vec::new();
        for (count, what, paint) in [
            (counts.passed, "passed", Paint::new().green()),
            (counts.failed, "failed", Paint::new().red().bold()),
            (counts.errored, "errored", Paint::new().red().bold()),
            (counts.skipped, "skipped", Paint::new().yellow()),
        ] {
            if count > 0 {
                parts.push(self.paint(&format!("{count} {what}"), paint));
            }
        }
        let doubts = verdict.run.doubts.len();
        if doubts > 0 {
            parts.push(self.paint(&counted(doubts, "warning"), Paint::new().yellow()));
        }
        let parts = if parts.is_empty() { String::new() } else { format!(": {}", parts.join(", ")) };
        self.line(&format!("{}{parts}", counted(counts.all(), "test")))
    }

    /// The runner of GitHub Actions obeys `::command::` where a line begins, after blanks.
    fn line(&mut self, text: &str) -> io::Result<()> {
        match text.trim_start().strip_prefix("::") {
            Some(rest) => writeln!(self.out, "\\u{{3a}}:{rest}"),
            None => writeln!(self.out, "{text}"),
        }
    }

    fn paint(&self, text: &str, paint: Paint) -> String {
        if self.style.color { paint.style(text).to_string() } else { text.to_owned() }
    }
}

/// In seven columns.
fn percent(percent: Option<f64>) -> String {
    percent.map_or_else(|| "      -".to_owned(), |percent| format!("{percent:>5} %"))
}

fn lasted(time: Duration) -> String {
    let millis = time.as_secs_f64() * 1000.0;
    if millis < 1000.0 { format!("{millis:.1} ms") } else { format!("{:.2} s", millis / 1000.0) }
}

/// A problem that fails nothing.
#[derive(Debug)]
struct Warning<'p>(&'p PolicyError);

impl fmt::Display for Warning<'_> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{}", self.0)
    }
}

impl std::error::Error for Warning<'_> {}

impl Diagnostic for Warning<'_> {
    fn severity(&self) -> Option<miette::Severity> {
        Some(miette::Severity::Warning)
    }

    fn help<'a>(&'a self) -> Option<Box<dyn fmt::Display + 'a>> {
        self.0.help()
    }

    fn source_code(&self) -> Option<&dyn SourceCode> {
        self.0.source_code()
    }

    fn labels(&self) -> Option<Box<dyn Iterator<Item = LabeledSpan> + '_>> {
        self.0.labels()
    }
}
