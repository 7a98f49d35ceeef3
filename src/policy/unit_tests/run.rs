//! One test, run on an engine of its own.

use std::borrow::Cow;
use std::collections::BTreeSet;
use std::time::{Duration, Instant};

use regorus::{Engine, LimitError, Value};

use super::coverage::{self, Reached};
use super::explain::{Case, Inquiry, Reason};
use super::find::Test;
use super::shown::shown;
use super::{CaseResult, Failure, Outcome, TestResult};
use crate::policy::module::{self, Module};
use crate::policy::problem::PolicyError;

/// What all tests share.
pub(super) struct Bench<'a> {
    /// Prepared: policies, data, limits.
    pub(super) engine: &'a Engine,
    /// The same, not prepared: an inquiry adds a policy, and prepares all anew.
    pub(super) unprepared: &'a Engine,
    pub(super) modules: &'a [&'a Module],
    /// Of each module, as the engine has it.
    pub(super) texts: &'a [Cow<'a, str>],
    pub(super) time_limit: Duration,
    /// Whether the engine counts lines.
    pub(super) is_covering: bool,
}

impl Bench<'_> {
    /// Runs a test, and tells which lines it reached.
    pub(super) fn run(&self, test: &Test) -> (TestResult, Reached) {
        let module = self.modules[test.module];
        let mut result = TestResult {
            package: test.package.clone(),
            name: test.name.clone(),
            file: module.file.to_string(),
            line: test.head().line,
            duration: Duration::ZERO,
            outcome: Outcome::Skipped,
            cases: Vec::new(),
            output: Vec::new(),
        };
        if test.is_skipped {
            return (result, Reached::new());
        }
        let mut engine = self.engine.clone();
        let begun = Instant::now();
        let value = engine
            .eval_rule(test.full_name())
            .map_err(|error| (error.downcast_ref::<LimitError>().copied(), error.to_string()));
        result.duration = begun.elapsed();
        result.output = engine.take_prints().unwrap_or_default();
        let reached = if self.is_covering { coverage::reached(&engine) } else { Reached::new() };
        match value {
            Err((limit, error)) => result.outcome = Outcome::Errored(self.error(test, limit, &error)),
            Ok(value) if test.keys().next().is_none() => result.outcome = self.judged(test, &value),
            Ok(value) => match self.cases(test, &value) {
                Ok(cases) => {
                    let is_passed = cases.iter().all(|case| case.failure.is_none());
                    result.outcome = if is_passed { Outcome::Passed } else { Outcome::FailedCases };
                    result.cases = cases;
                }
                Err(problem) => result.outcome = Outcome::Errored(problem),
            },
        }
        (result, reached)
    }

    fn judged(&self, test: &Test, value: &Value) -> Outcome {
        if *value == Value::from(true) {
            return Outcome::Passed;
        }
        Outcome::Failed(self.failure(test, value, None))
    }

    fn failure(&self, test: &Test, value: &Value, case: Option<&Case>) -> Failure {
        let module = self.modules[test.module];
        let reason = self.inquiry(test).reason(case);
        let Some(Reason { at, what, values }) = reason else {
            let what = format!("its value is {}: a test passes only if it is true", shown(value));
            return Failure { at: module.problem(test.head(), what), expression: None, values: Vec::new() };
        };
        let expression = Some(module.text_of(&at).to_owned());
        let at = PolicyError::new(&module.file, &module.text, module.whole(&at), what);
        Failure { at, expression, values }
    }

    /// A result for every case that the body brings up. One that is not there has failed.
    fn cases(&self, test: &Test, value: &Value) -> Result<Vec<CaseResult>, PolicyError> {
        let module = self.modules[test.module];
        let unusable = |message: String, help: &str| module.problem(test.head(), message).with_help(help);
        let cases = self.inquiry(test).cases().ok_or_else(|| {
            unusable(
                "the cases of this test cannot be told".to_owned(),
                "begin its body with what binds the variables in the brackets: `some case, values in { … }`",
            )
        })?;
        if cases.is_empty() {
            return Err(unusable("this test has no case".to_owned(), "what it goes through is empty"));
        }
        let mut seen = BTreeSet::new();
        cases
            .into_iter()
            .map(|case| {
                let name = case.keys.iter().map(spoken).collect::<Vec<_>>().join(" / ");
                if !seen.insert(case.keys.clone()) {
                    return Err(unusable(
                        format!("this test has two cases `{name}`"),
                        "of two cases of one name, one may fail unseen: give each its own",
                    ));
                }
                let verdict = case.keys.iter().fold(value, |value, key| &value[key]);
                let is_passed = *verdict == Value::from(true);
                let failure = (!is_passed).then(|| self.failure(test, verdict, Some(&case)));
                Ok(CaseResult { name, failure })
            })
            .collect()
    }

    fn inquiry<'t>(&'t self, test: &'t Test) -> Inquiry<'t> {
        Inquiry::new(self.unprepared, self.modules[test.module], &self.texts[test.module], test)
    }

    /// An error of the engine, where it happened.
    fn error(&self, test: &Test, limit: Option<LimitError>, error: &str) -> PolicyError {
        let module = self.modules[test.module];
        if let Some(LimitError::TimeLimitExceeded { .. }) = limit {
            let message = format!("this test ran past its time limit of {} s", self.time_limit.as_secs_f64());
            return module
                .problem(test.head(), message)
                .with_help("make it cheaper, or give it more time with --timeout");
        }
        located(self.modules, error).unwrap_or_else(|| {
            let message = module::of_engine(&module.file, &module.text, error).to_string();
            module.problem(test.head(), message)
        })
    }
}

/// A string bare, anything else as Rego writes it.
fn spoken(key: &Value) -> String {
    key.as_string().map_or_else(|_| shown(key), ToString::to_string)
}

/// A problem at the place that an error of the engine names, if it is in one of the modules.
fn located(modules: &[&Module], error: &str) -> Option<PolicyError> {
    let place = error.lines().find_map(|line| line.trim_start().strip_prefix("--> "))?;
    let file = place.rsplitn(3, ':').nth(2)?;
    let module = modules.iter().find(|module| &*module.file == file)?;
    Some(module::of_engine(&module.file, &module.text, error))
}
