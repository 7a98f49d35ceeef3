//! `JUnit`'s XML, as Jenkins reads it: a suite for each file, a case for each test.
//!
//! Own structs and no crate: the schema of Jenkins' xunit plugin (`junit-10.xsd`) knows neither `disabled` of a
//! suite, which quick-junit writes, nor `file` and `line` of a case. A case's place stands in its text, the
//! file in its suite. What fails the run as a whole is a suite, too: no server must show such a run as green.

use std::fmt::Write as _;
use std::io::{self, Write};
use std::time::Duration;

use super::verdict::Verdict;
use crate::policy::PolicyError;
use crate::policy::unit_tests::{Failure, Outcome, TestResult};
use crate::untrusted::printable;

pub(super) fn write(verdict: &Verdict<'_>, out: &mut dyn Write) -> io::Result<()> {
    let mut suites: Vec<Suite> = Vec::new();
    for test in &verdict.run.tests {
        if suites.last().is_none_or(|suite| suite.name != test.file) {
            suites.push(Suite { name: test.file.clone(), file: Some(test.file.clone()), ..Suite::default() });
        }
        if let Some(suite) = suites.last_mut() {
            suite.cases.extend(cases(test));
        }
    }
    for doubt in &verdict.run.doubts {
        let file = doubt.problem.file();
        if let Some(suite) = suites.iter_mut().find(|suite| suite.name == file) {
            suite.output.push(format!("warning: {}", said(&doubt.problem)));
        }
    }
    let complaints = verdict.complaints().map(|complaint| Case {
        class: "audit test".to_owned(),
        name: "the run as a whole".to_owned(),
        result: Some(Bad { element: "error", message: complaint.to_owned(), text: String::new() }),
        ..Case::default()
    });
    let complaints: Vec<Case> = complaints.collect();
    if !complaints.is_empty() {
        suites.push(Suite { name: "audit test".to_owned(), cases: complaints, ..Suite::default() });
    }
    out.write_all(xml(&suites).as_bytes())
}

#[derive(Default)]
struct Suite {
    name: String,
    file: Option<String>,
    cases: Vec<Case>,
    output: Vec<String>,
}

#[derive(Default)]
struct Case {
    class: String,
    name: String,
    time: Duration,
    result: Option<Bad>,
    output: Vec<String>,
}

/// What keeps a case from having passed.
struct Bad {
    element: &'static str,
    message: String,
    text: String,
}

/// A test, or each of its cases; the time and the output of all are the first one's.
fn cases(test: &TestResult) -> Vec<Case> {
    let whole = |result| Case {
        class: test.package.clone(),
        name: test.name.clone(),
        time: test.duration,
        result,
        output: test.output.clone(),
    };
    match &test.outcome {
        Outcome::Failed(why) => vec![whole(Some(failed(why)))],
        Outcome::Errored(why) => {
            let whole_text = format!("{}\n", said(why));
            vec![whole(Some(Bad { element: "error", message: why.to_string(), text: whole_text }))]
        }
        Outcome::Skipped => {
            let message = "todo_test_".to_owned();
            vec![whole(Some(Bad { element: "skipped", message, text: String::new() }))]
        }
        Outcome::Passed | Outcome::FailedCases if !test.cases.is_empty() => {
            let mut cases: Vec<Case> = test
                .cases
                .iter()
                .map(|case| Case {
                    class: test.package.clone(),
                    name: format!("{}[{}]", test.name, case.name),
                    result: case.failure.as_ref().map(failed),
                    ..Case::default()
                })
                .collect();
            if let Some(first) = cases.first_mut() {
                first.time = test.duration;
                first.output.clone_from(&test.output);
            }
            cases
        }
        Outcome::Passed | Outcome::FailedCases => vec![whole(None)],
    }
}

fn failed(why: &Failure) -> Bad {
    let mut text = format!("{}\n", said(&why.at));
    if let Some(expression) = &why.expression {
        text.push_str(expression);
        text.push('\n');
    }
    for (expression, value) in &why.values {
        // Writing to a String cannot fail.
        let _ = writeln!(text, "{expression} = {value}");
    }
    Bad { element: "failure", message: why.at.to_string(), text }
}

/// `file:line: what`, and what to do.
fn said(problem: &PolicyError) -> String {
    let line = problem.line().map(|line| format!(":{line}")).unwrap_or_default();
    let help = problem.advice().map(|help| format!("\nhelp: {help}")).unwrap_or_default();
    format!("{}{line}: {problem}{help}", problem.file())
}

fn xml(suites: &[Suite]) -> String {
    let mut xml = String::from("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n");
    let all: Vec<&Case> = suites.iter().flat_map(|suite| &suite.cases).collect();
    let Totals { tests, failures, errors, time, .. } = Totals::of(&all);
    // Writing to a String cannot fail.
    let _ = writeln!(
        xml,
        "<testsuites name=\"audit test\" tests=\"{tests}\" failures=\"{failures}\" errors=\"{errors}\" time=\"{time}\">"
    );
    for suite in suites {
        let Totals { tests, failures, errors, skipped, time } =
            Totals::of(&suite.cases.iter().collect::<Vec<_>>());
        let file = suite.file.as_ref().map(|file| format!(" file=\"{}\"", escaped(file))).unwrap_or_default();
        let _ = writeln!(
            xml,
            "  <testsuite name=\"{}\"{file} tests=\"{tests}\" failures=\"{failures}\" errors=\"{errors}\" skipped=\"{skipped}\" time=\"{time}\">",
            escaped(&suite.name)
        );
        for case in &suite.cases {
            case_xml(case, &mut xml);
        }
        output(&suite.output, "    ", &mut xml);
        xml.push_str("  </testsuite>\n");
    }
    xml.push_str("</testsuites>\n");
    xml
}

fn case_xml(case: &Case, xml: &mut String) {
    let head = format!(
        "    <testcase classname=\"{}\" name=\"{}\" time=\"{}\"",
        escaped(&case.class),
        escaped(&case.name),
        seconds(case.time)
    );
    xml.push_str(&head);
    if case.result.is_none() && case.output.is_empty() {
        return xml.push_str("/>\n");
    }
    xml.push_str(">\n");
    if let Some(Bad { element, message, text }) = &case.result {
        let message = escaped(message);
        let _ = writeln!(
            xml,
            "      <{element} type=\"{element}\" message=\"{message}\">{}</{element}>",
            escaped_lines(text)
        );
    }
    output(&case.output, "      ", xml);
    xml.push_str("    </testcase>\n");
}

fn output(lines: &[String], indent: &str, xml: &mut String) {
    if !lines.is_empty() {
        let _ = writeln!(xml, "{indent}<system-out>{}</system-out>", escaped_lines(&lines.join("\n")));
    }
}

struct Totals {
    tests: usize,
    failures: usize,
    errors: usize,
    skipped: usize,
    time: String,
}

impl Totals {
    fn of(cases: &[&Case]) -> Self {
        let count = |element: &str| {
            let bad = cases.iter().filter_map(|case| case.result.as_ref());
            bad.filter(|bad| bad.element == element).count()
        };
        Self {
            tests: cases.len(),
            failures: count("failure"),
            errors: count("error"),
            skipped: count("skipped"),
            time: seconds(cases.iter().map(|case| case.time).sum()),
        }
    }
}

fn seconds(time: Duration) -> String {
    format!("{:.6}", time.as_secs_f64())
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
