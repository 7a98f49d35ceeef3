//! For CI servers: a suite for each file, a case for each test. What fails the run as a whole is a suite, too: no
//! server must show such a run as green.

use std::fmt::Write as _;
use std::io::{self, Write};

use super::verdict::Verdict;
use crate::policy::PolicyError;
use crate::policy::unit_tests::{Failure, Outcome, TestResult};
use crate::report::junit::xml::{Bad, Case, Document, Kind, Suite, Totals};

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
        result: Some(Bad { kind: Kind::Error, message: complaint.to_owned(), text: String::new() }),
        ..Case::default()
    });
    let complaints: Vec<Case> = complaints.collect();
    if !complaints.is_empty() {
        suites.push(Suite { name: "audit test".to_owned(), cases: complaints, ..Suite::default() });
    }
    let totals = Totals::of(suites.iter().flat_map(|suite| &suite.cases));
    let mut document = Document::begin("audit test", &totals, out)?;
    suites.iter().try_for_each(|suite| document.suite(suite))?;
    document.end()
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
            vec![whole(Some(Bad { kind: Kind::Error, message: why.to_string(), text: whole_text }))]
        }
        Outcome::Skipped => {
            let message = "todo_test_".to_owned();
            vec![whole(Some(Bad { kind: Kind::Skipped, message, text: String::new() }))]
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
    Bad { kind: Kind::Failure, message: why.at.to_string(), text }
}

/// `file:line: what`, and what to do.
fn said(problem: &PolicyError) -> String {
    let line = problem.line().map(|line| format!(":{line}")).unwrap_or_default();
    let help = problem.advice().map(|help| format!("\nhelp: {help}")).unwrap_or_default();
    format!("{}{line}: {problem}{help}", problem.file())
}
