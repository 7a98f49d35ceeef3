//! JSON, version 1: everything, for programs. Fields are only ever added.
//!
//! ```text
//! {"version": 1, "tool": {"name": "audit", "version": "…"},
//!  "summary": {"tests", "passed", "failed", "errored", "skipped", "warnings": counts; a case counts as a test
//!              "coverage": percent or null, "threshold": percent or null, "exit_code"},
//!  "complaints": [text]: why the run as a whole is not green,
//!  "tests": [{"name": "data.package.test_name", "package", "file", "line", "duration_ms",
//!             "status": "passed" | "failed" | "errored" | "skipped", "output": [line],
//!             "failure": null or {"message", "file", "line", "expression" or null, "values": [{"expression", "value"}]},
//!             "error": null or {"message", "help", "file", "line"},
//!             "cases": [{"name", "status": "passed" | "failed", "failure"}]}],
//!  "warnings": [{"kind": "never_true" | "always_true" | "tests_nothing" | "no_tests", "message", "help", "file", "line"}],
//!  "coverage": null or {"percent" or null, "covered_lines", "lines",
//!                       "files": [{"file", "percent" or null, "covered": [line], "not_covered": [line]}]}}
//! ```
//!
//! Values of expressions are text as Rego writes it: JSON has no sets.

use std::io::{self, Write};

use serde_json::{Value, json};

use super::verdict::Verdict;
use crate::policy::PolicyError;
use crate::policy::unit_tests::{Coverage, Failure, Outcome, TestResult};
use crate::untrusted::printable_json;

pub(super) fn write(verdict: &Verdict<'_>, out: &mut dyn Write) -> io::Result<()> {
    let run = verdict.run;
    let counts = verdict.counts;
    let warnings = run.doubts.iter().map(|doubt| {
        let mut warning = problem(&doubt.problem);
        warning["kind"] = doubt.kind.name().into();
        warning
    });
    let document = json!({
        "version": 1,
        "tool": {"name": "audit", "version": env!("CARGO_PKG_VERSION")},
        "summary": {
            "tests": counts.all(),
            "passed": counts.passed,
            "failed": counts.failed,
            "errored": counts.errored,
            "skipped": counts.skipped,
            "warnings": run.doubts.len(),
            "coverage": run.coverage.as_ref().and_then(Coverage::percent),
            "threshold": verdict.threshold,
            "exit_code": verdict.exit_code(),
        },
        "complaints": verdict.complaints().collect::<Vec<_>>(),
        "tests": run.tests.iter().map(test).collect::<Vec<_>>(),
        "warnings": warnings.collect::<Vec<_>>(),
        "coverage": run.coverage.as_ref().map(coverage),
    });
    out.write_all(printable_json(serde_json::to_string_pretty(&document)?).as_bytes())?;
    out.write_all(b"\n")
}

fn test(test: &TestResult) -> Value {
    let (status, failure, error) = match &test.outcome {
        Outcome::Passed => ("passed", None, None),
        Outcome::Failed(why) => ("failed", Some(reason(why)), None),
        Outcome::FailedCases => ("failed", None, None),
        Outcome::Errored(why) => ("errored", None, Some(problem(why))),
        Outcome::Skipped => ("skipped", None, None),
    };
    let cases = test.cases.iter().map(|case| {
        let status = if case.failure.is_some() { "failed" } else { "passed" };
        json!({"name": case.name, "status": status, "failure": case.failure.as_ref().map(reason)})
    });
    // Microseconds are as fine as the clock is steady.
    let micros = u32::try_from(test.duration.as_micros()).unwrap_or(u32::MAX);
    json!({
        "name": test.full_name(),
        "package": test.package,
        "file": test.file,
        "line": test.line,
        "status": status,
        "duration_ms": f64::from(micros) / 1000.0,
        "output": test.output,
        "failure": failure,
        "error": error,
        "cases": cases.collect::<Vec<_>>(),
    })
}

fn reason(why: &Failure) -> Value {
    let values =
        why.values.iter().map(|(expression, value)| json!({"expression": expression, "value": value}));
    json!({
        "message": why.at.to_string(),
        "file": why.at.file(),
        "line": why.at.line(),
        "expression": why.expression,
        "values": values.collect::<Vec<_>>(),
    })
}

fn problem(problem: &PolicyError) -> Value {
    json!({
        "message": problem.to_string(),
        "help": problem.advice(),
        "file": problem.file(),
        "line": problem.line(),
    })
}

fn coverage(coverage: &Coverage) -> Value {
    let (covered, lines) = coverage.lines();
    let files = coverage.files.iter().map(|file| {
        json!({
            "file": file.file,
            "percent": file.percent(),
            "covered": file.covered,
            "not_covered": file.not_covered,
        })
    });
    json!({
        "percent": coverage.percent(),
        "covered_lines": covered,
        "lines": lines,
        "files": files.collect::<Vec<_>>(),
    })
}
