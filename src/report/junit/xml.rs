//! `JUnit`'s XML, as Jenkins reads it: suites of cases, written as they come.
//!
//! Own structs and no crate: the schema of Jenkins' xunit plugin (`junit-10.xsd`) knows neither `disabled` of a
//! suite, which quick-junit writes, nor `file` and `line` of a case. A case's place stands in its text, the
//! file in its suite.

use std::io::{self, Write};
use std::time::Duration;

use crate::untrusted::printable;

/// A group of cases.
#[derive(Default)]
pub(crate) struct Suite {
    pub(crate) name: String,
    pub(crate) file: Option<String>,
    pub(crate) cases: Vec<Case>,
    pub(crate) output: Vec<String>,
}

/// One thing that was tried.
#[derive(Default)]
pub(crate) struct Case {
    pub(crate) class: String,
    pub(crate) name: String,
    pub(crate) time: Duration,
    pub(crate) result: Option<Bad>,
    pub(crate) output: Vec<String>,
}

/// What keeps a case from having passed.
pub(crate) struct Bad {
    pub(crate) kind: Kind,
    pub(crate) message: String,
    pub(crate) text: String,
}

/// How a case did not pass.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    Failure,
    Error,
    Skipped,
}

impl Kind {
    fn element(self) -> &'static str {
        match self {
            Self::Failure => "failure",
            Self::Error => "error",
            Self::Skipped => "skipped",
        }
    }
}

/// Counts that stand before what they count.
#[derive(Default)]
pub(crate) struct Totals {
    pub(crate) time: Duration,
    tests: usize,
    failures: usize,
    errors: usize,
    skipped: usize,
}

impl Totals {
    pub(crate) fn of<'c>(cases: impl IntoIterator<Item = &'c Case>) -> Self {
        let mut totals = Self::default();
        for case in cases {
            totals.add(case.result.as_ref().map(|bad| bad.kind));
            totals.time += case.time;
        }
        totals
    }

    /// Counts a case.
    pub(crate) fn add(&mut self, result: Option<Kind>) {
        self.tests += 1;
        match result {
            None => {}
            Some(Kind::Failure) => self.failures += 1,
            Some(Kind::Error) => self.errors += 1,
            Some(Kind::Skipped) => self.skipped += 1,
        }
    }

    fn attributes(&self) -> String {
        let Self { tests, failures, errors, .. } = self;
        format!("tests=\"{tests}\" failures=\"{failures}\" errors=\"{errors}\"")
    }
}

/// A file that is being written.
pub(crate) struct Document<'o> {
    out: &'o mut dyn Write,
}

impl<'o> Document<'o> {
    /// The totals are those of all suites to come.
    pub(crate) fn begin(name: &str, totals: &Totals, out: &'o mut dyn Write) -> io::Result<Self> {
        writeln!(
            out,
            "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<testsuites name=\"{}\" {} time=\"{}\">",
            escaped(name),
            totals.attributes(),
            seconds(totals.time)
        )?;
        Ok(Self { out })
    }

    pub(crate) fn suite(&mut self, suite: &Suite) -> io::Result<()> {
        let totals = Totals::of(&suite.cases);
        let file = suite.file.as_ref().map(|file| format!(" file=\"{}\"", escaped(file))).unwrap_or_default();
        writeln!(
            self.out,
            "  <testsuite name=\"{}\"{file} {} skipped=\"{}\" time=\"{}\">",
            escaped(&suite.name),
            totals.attributes(),
            totals.skipped,
            seconds(totals.time)
        )?;
        suite.cases.iter().try_for_each(|case| self.case(case))?;
        self.output(&suite.output, "    ")?;
        self.out.write_all(b"  </testsuite>\n")
    }

    pub(crate) fn end(self) -> io::Result<()> {
        self.out.write_all(b"</testsuites>\n")
    }

    fn case(&mut self, case: &Case) -> io::Result<()> {
        write!(
            self.out,
            "    <testcase classname=\"{}\" name=\"{}\" time=\"{}\"",
            escaped(&case.class),
            escaped(&case.name),
            seconds(case.time)
        )?;
        if case.result.is_none() && case.output.is_empty() {
            return self.out.write_all(b"/>\n");
        }
        self.out.write_all(b">\n")?;
        if let Some(Bad { kind, message, text }) = &case.result {
            let (element, message, text) = (kind.element(), escaped(message), escaped_lines(text));
            writeln!(
                self.out,
                "      <{element} type=\"{element}\" message=\"{message}\">{text}</{element}>"
            )?;
        }
        self.output(&case.output, "      ")?;
        self.out.write_all(b"    </testcase>\n")
    }

    fn output(&mut self, lines: &[String], indent: &str) -> io::Result<()> {
        if lines.is_empty() {
            return Ok(());
        }
        writeln!(self.out, "{indent}<system-out>{}</system-out>", escaped_lines(&lines.join("\n")))
    }
}

fn seconds(time: Duration) -> String {
    format!("{:.3}", time.as_secs_f64())
}

/// Where the XML goes to a log, the runner of GitHub Actions obeys `::command::` at the beginning of a line.
fn escaped_lines(text: &str) -> String {
    let line = |line: &str| match line.trim_start().strip_prefix("::") {
        Some(rest) => format!("&#58;:{}", escaped(rest)),
        None => escaped(line),
    };
    text.split('\n').map(line).collect::<Vec<_>>().join("\n")
}

/// One line of XML text or of an attribute. XML 1.0 cannot hold most control characters in any spelling, nor
/// the two last code points of its plane.
fn escaped(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for character in printable(text).chars() {
        match character {
            '&' => escaped.push_str("&amp;"),
            '<' => escaped.push_str("&lt;"),
            '>' => escaped.push_str("&gt;"),
            '"' => escaped.push_str("&quot;"),
            '\u{fffe}' | '\u{ffff}' => escaped.extend(character.escape_unicode()),
            _ => escaped.push(character),
        }
    }
    escaped
}
