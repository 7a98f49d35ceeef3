//! What all tests together come to: counts, and the exit code.

use crate::cli::TestArgs;
use crate::policy::unit_tests::{Coverage, Outcome, TestRun};

/// The exit code where a test failed, or too few lines were reached.
const FAILED: u8 = 1;
/// The exit code where nothing was tested.
const NOTHING_TESTED: u8 = 3;

/// A run of tests, judged.
pub(super) struct Verdict<'r> {
    pub(super) run: &'r TestRun,
    pub(super) counts: Counts,
    /// Why nothing was tested, if so.
    pub(super) incomplete: Option<String>,
    /// The coverage that was asked for, in percent.
    pub(super) threshold: Option<f64>,
    /// By how much it was missed, if so.
    pub(super) too_low: Option<String>,
}

/// How many tests ended how. Of a test with cases, each case counts.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct Counts {
    pub(super) passed: usize,
    pub(super) failed: usize,
    pub(super) errored: usize,
    pub(super) skipped: usize,
}

impl Counts {
    fn of(run: &TestRun) -> Self {
        let mut counts = Self::default();
        for test in &run.tests {
            let failed = test.cases.iter().filter(|case| case.failure.is_some()).count();
            match &test.outcome {
                Outcome::Passed => counts.passed += test.cases.len().max(1),
                Outcome::Failed(_) => counts.failed += 1,
                Outcome::FailedCases => {
                    counts.failed += failed;
                    counts.passed += test.cases.len() - failed;
                }
                Outcome::Errored(_) => counts.errored += 1,
                Outcome::Skipped => counts.skipped += 1,
            }
        }
        counts
    }

    pub(super) fn all(self) -> usize {
        self.passed + self.failed + self.errored + self.skipped
    }
}

impl<'r> Verdict<'r> {
    pub(super) fn new(run: &'r TestRun, args: &TestArgs, places: &[&str]) -> Self {
        let counts = Counts::of(run);
        let incomplete = if run.found == 0 {
            Some(format!("there is no test in {}: the name of a test begins with `test_`", places.join(", ")))
        } else if let (true, Some(only)) = (run.tests.is_empty(), &args.run) {
            Some(format!("none of the {} matches --run {only}", counted(run.found, "test")))
        } else if counts.skipped == counts.all() {
            Some("every test is skipped".to_owned())
        } else {
            None
        };
        let covered = run.coverage.as_ref().and_then(Coverage::percent);
        let too_low = args.threshold.and_then(|threshold| match covered {
            Some(covered) if covered >= threshold => None,
            Some(covered) => {
                Some(format!("the tests reach {covered} % of the lines, which is below {threshold} %"))
            }
            None => Some("there is no line that tests could reach: give the policies, too".to_owned()),
        });
        Self { run, counts, incomplete, threshold: args.threshold, too_low }
    }

    /// Nothing tested outranks failures, as in a run of the audit.
    pub(super) fn exit_code(&self) -> u8 {
        if self.incomplete.is_some() {
            NOTHING_TESTED
        } else if self.counts.failed + self.counts.errored > 0 || self.too_low.is_some() {
            FAILED
        } else {
            0
        }
    }

    /// What is wrong with the run as a whole.
    pub(super) fn complaints(&self) -> impl Iterator<Item = &str> {
        self.incomplete.iter().chain(&self.too_low).map(String::as_str)
    }
}

/// `1 test`, `2 tests`.
pub(super) fn counted(count: usize, what: &str) -> String {
    format!("{count} {what}{}", if count == 1 { "" } else { "s" })
}
