//! Unit tests of policies: `test_` rules of Rego files, run as `opa test` runs them.
//!
//! A test passes if its value is `true`, and by nothing else. What could pass unseen is refused, and what can
//! never fail is said.

mod coverage;
mod doubts;
mod explain;
mod find;
mod reach;
mod run;
mod shown;

use std::num::NonZeroU32;
use std::time::Duration;

use rayon::iter::{IntoParallelRefIterator, ParallelIterator};
use regex::Regex;
use regorus::utils::limits::ExecutionTimerConfig;
use serde_json::Value;

pub use coverage::{Coverage, FileCoverage};
pub use doubts::{Doubt, DoubtKind};
pub(super) use find::is_test;

use super::library::{Assembled, Library};
use super::module::Module;
use super::problem::PolicyError;
use super::rule_sets::Origin;
use find::Test;
use run::Bench;

/// Which tests are to be run, and how.
#[derive(Debug)]
pub struct TestRequest<'a> {
    /// `data.audit.params`.
    pub params: &'a Value,
    /// Only tests whose name, `data.package.test_name`, this matches.
    pub only: Option<&'a Regex>,
    /// How long one test may take.
    pub time_limit: Duration,
    /// Whether to count the lines that are reached.
    pub with_coverage: bool,
}

/// What came of the tests.
#[derive(Debug)]
pub struct TestRun {
    /// In the order of files and lines.
    pub tests: Vec<TestResult>,
    /// How many tests there are, whether or not they were asked for.
    pub found: usize,
    /// What is doubtful of tests that were asked for.
    pub doubts: Vec<Doubt>,
    /// Where it was asked for.
    pub coverage: Option<Coverage>,
}

/// What came of one test.
#[derive(Debug)]
pub struct TestResult {
    /// `data.package`.
    pub package: String,
    /// `test_name`.
    pub name: String,
    /// The file.
    pub file: String,
    /// The line of the rule, from 1.
    pub line: u32,
    /// How long it took.
    pub duration: Duration,
    /// How it ended.
    pub outcome: Outcome,
    /// Of a test with cases, each.
    pub cases: Vec<CaseResult>,
    /// What it printed: `file:line: text`.
    pub output: Vec<String>,
}

/// How a test ended.
#[derive(Debug)]
pub enum Outcome {
    /// It is `true`, and so is every case.
    Passed,
    /// It is not.
    Failed(Failure),
    /// Some of its cases are not.
    FailedCases,
    /// It could not be evaluated.
    Errored(PolicyError),
    /// It is a `todo_test_`.
    Skipped,
}

/// What came of one case.
#[derive(Debug)]
pub struct CaseResult {
    /// Its key, or keys.
    pub name: String,
    /// Why it failed, if so.
    pub failure: Option<Failure>,
}

/// Why a test, or a case, failed.
#[derive(Debug)]
pub struct Failure {
    /// The first expression that was not true; the head of the test where that cannot be told.
    pub at: PolicyError,
    /// That expression.
    pub expression: Option<String>,
    /// What stands in it, and the values.
    pub values: Vec<(String, String)>,
}

impl TestResult {
    /// `data.package.test_name`.
    #[must_use]
    pub fn full_name(&self) -> String {
        format!("{}.{}", self.package, self.name)
    }
}

/// Finds the tests of a library and runs them, on all cores.
///
/// # Errors
/// Everything that keeps the policies from being loaded.
pub fn test(library: &Library, request: &TestRequest<'_>) -> Result<TestRun, Vec<PolicyError>> {
    let modules: Vec<&Module> = library.sources().iter().map(|source| &source.module).collect();
    let (tests, Assembled { mut engine, texts }) =
        match (find::tests(&modules), library.engine_of_tests(request.params)) {
            (Ok(tests), Ok(assembled)) => (tests, assembled),
            (tests, assembled) => {
                let mut problems: Vec<_> = tests.err().into_iter().chain(assembled.err()).flatten().collect();
                problems.sort_by(|a, b| a.order().cmp(&b.order()));
                return Err(problems);
            }
        };
    engine.set_execution_timer_config(ExecutionTimerConfig {
        limit: request.time_limit,
        check_interval: NonZeroU32::MIN,
    });
    let unprepared = engine.clone();
    library.prepare(&mut engine)?;
    engine.set_enable_coverage(request.with_coverage);
    let found = tests.len();
    let is_wanted = |test: &Test| request.only.is_none_or(|only| only.is_match(&test.full_name()));
    let doubts = doubts::doubts(&modules, &tests, is_wanted);
    let tests: Vec<Test> = tests.into_iter().filter(is_wanted).collect();
    let bench = Bench {
        engine: &engine,
        unprepared: &unprepared,
        modules: &modules,
        texts: &texts,
        time_limit: request.time_limit,
        is_covering: request.with_coverage,
    };
    let (results, reached): (Vec<_>, Vec<_>) = tests.par_iter().map(|test| bench.run(test)).unzip();
    let coverage = request.with_coverage.then(|| {
        let referred = reach::reachable(&modules, &tests);
        let is_own = |module: usize| library.sources()[module].origin != Origin::Embedded;
        coverage::coverage(&modules, is_own, &reached, &referred)
    });
    Ok(TestRun { tests: results, found, doubts, coverage })
}
