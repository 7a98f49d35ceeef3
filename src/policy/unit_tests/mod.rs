//! Unit tests of policies: `test_` rules of Rego files, run as `opa test` runs them.
//!
//! A test passes if its value is `true`, and by nothing else. What could pass unseen is refused, and what can
//! never fail is said.

mod coverage;
mod doubts;
mod explain;
mod files;
mod find;
mod reach;
mod run;
mod shown;
mod visit;

use std::num::NonZeroU32;
use std::path::PathBuf;
use std::time::Duration;

use rayon::iter::{IntoParallelRefIterator, ParallelIterator};
use regex::Regex;
use regorus::Engine;
use regorus::unstable::{Rule, RuleHead};
use regorus::utils::limits::ExecutionTimerConfig;
use serde_json::{Map, Value};

pub use coverage::{Coverage, FileCoverage};
pub use doubts::{Doubt, DoubtKind};

use super::module::{self, Module};
use super::problem::PolicyError;
use super::{annotations, builtin, reflection};
use files::Files;
use find::Test;
use run::{Bench, located};

/// What is to be tested, and how.
#[derive(Debug)]
pub struct TestRequest<'a> {
    /// Files, and folders that hold them.
    pub paths: &'a [PathBuf],
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

/// Finds the tests and runs them, on all cores.
///
/// # Errors
/// Everything that keeps the policies from being loaded.
pub fn test(request: &TestRequest<'_>) -> Result<TestRun, Vec<PolicyError>> {
    let Files { rego, data } = files::read(request.paths)?;
    let modules = parse(&rego)?;
    let tests = find::tests(&modules)?;
    // Here everything is in hand: whatever else is checked of policies and data belongs before the engine.
    let mut engine = engine(&modules, data, request)?;
    let unprepared = engine.clone();
    if let Some(first) = tests.first() {
        // Prepares the engine once, so that a clone is cheap and no test pays for it.
        let prepared = engine.compile_with_entrypoint(&first.full_name().into());
        prepared.map_err(|error| vec![engine_problem(&modules, &error.to_string())])?;
    }
    engine.set_enable_coverage(request.with_coverage);
    let found = tests.len();
    let is_wanted = |test: &Test| request.only.is_none_or(|only| only.is_match(&test.full_name()));
    let doubts = doubts::doubts(&modules, &tests, is_wanted);
    let tests: Vec<Test> = tests.into_iter().filter(is_wanted).collect();
    let bench = Bench {
        engine: &engine,
        unprepared: &unprepared,
        modules: &modules,
        time_limit: request.time_limit,
        is_covering: request.with_coverage,
    };
    let (results, reached): (Vec<_>, Vec<_>) = tests.par_iter().map(|test| bench.run(test)).unzip();
    let coverage = request.with_coverage.then(|| {
        let referred = reach::reachable(&modules, &tests);
        coverage::coverage(&modules, |module| !is_embedded(module), &reached, &referred)
    });
    Ok(TestRun { tests: results, found, doubts, coverage })
}

/// The given files in the order of their names, and the embedded helpers that they do not define themselves.
fn parse(rego: &[(String, String)]) -> Result<Vec<Module>, Vec<PolicyError>> {
    let mut modules = Vec::new();
    let mut problems = Vec::new();
    for (file, text) in rego {
        match Module::parse(file, text) {
            Ok(module) => modules.push(module),
            Err(problem) => problems.push(problem),
        }
    }
    modules.sort_by(|a, b| a.file.cmp(&b.file));
    let given = modules.len();
    for (name, text) in builtin::policies().filter(|(name, _)| name.starts_with("lib/")) {
        match Module::parse(&format!("{EMBEDDED}{name}"), text) {
            Ok(helper) if modules[..given].iter().any(|module| module.package == helper.package) => {}
            Ok(helper) => modules.push(helper),
            Err(problem) => problems.push(problem),
        }
    }
    if problems.is_empty() { Ok(modules) } else { Err(problems) }
}

/// What the names of embedded files begin with.
const EMBEDDED: &str = "builtin:";

fn is_embedded(module: &Module) -> bool {
    module.file.starts_with(EMBEDDED)
}

fn engine(
    modules: &[Module],
    mut data: Map<String, Value>,
    request: &TestRequest<'_>,
) -> Result<Engine, Vec<PolicyError>> {
    let mut engine = Engine::new();
    engine.set_execution_timer_config(ExecutionTimerConfig {
        limit: request.time_limit,
        check_interval: NonZeroU32::MIN,
    });
    engine.set_gather_prints(true);
    let mut problems = Vec::new();
    let mut metadata = Vec::new();
    let blocks: Vec<_> = modules
        .iter()
        .map(|module| {
            let (blocks, wrong) = annotations::read(module);
            problems.extend(wrong);
            blocks
        })
        .collect();
    let annotated: Vec<_> = modules.iter().zip(blocks.iter().map(Vec::as_slice)).collect();
    for module in modules {
        let text = reflection::resolved(module, &annotated, &mut metadata);
        if let Err(error) = engine.add_policy(module.file.to_string(), text.into_owned()) {
            problems.push(module::of_engine(&module.file, &module.text, &error.to_string()));
        }
        problems.extend(hidden_rules(module, &data));
    }
    let audit = data.entry("audit").or_insert_with(|| Value::Object(Map::new()));
    match audit {
        Value::Object(audit) if !audit.contains_key("params") => {
            audit.insert("params".to_owned(), request.params.clone());
        }
        _ => problems.push(
            PolicyError::whole("data", "", "a data file gives a value for data.audit.params").with_help(
                "write parameters in audit.toml, as [policies.params], and leave them out of data files",
            ),
        ),
    }
    if !metadata.is_empty() {
        data.insert(reflection::ROOT.to_owned(), metadata.into());
    }
    let data = serde_json::to_string(&data).unwrap_or_default();
    if let Err(error) = engine.add_data_json(&data) {
        problems.push(PolicyError::whole("data", "", error.to_string()));
    }
    problems.sort_by(|a, b| a.order().cmp(&b.order()));
    if problems.is_empty() { Ok(engine) } else { Err(problems) }
}

/// Rules in whose place data lies: the engine would take the data, and never the rule.
fn hidden_rules<'m>(
    module: &'m Module,
    data: &'m Map<String, Value>,
) -> impl Iterator<Item = PolicyError> + use<'m> {
    module.tree.policy.iter().filter_map(|rule| {
        let refr = match rule.as_ref() {
            Rule::Default { refr, .. } => refr,
            Rule::Spec { head, .. } => match head {
                RuleHead::Compr { refr, .. } | RuleHead::Set { refr, .. } | RuleHead::Func { refr, .. } => {
                    refr
                }
            },
        };
        let path: Vec<String> = module.package.iter().cloned().chain(module::path(refr)?).collect();
        let (first, rest) = path.split_first()?;
        let mut at = data.get(first)?;
        for part in rest {
            match at {
                Value::Object(fields) => at = fields.get(part)?,
                _ => break,
            }
        }
        let place = find::dotted(std::iter::once("data").chain(path.iter().map(String::as_str)));
        let problem = module.problem(refr.span(), format!("a data file has a value for {place}, too"));
        Some(problem.with_help("the value would hide the rule: move one of them"))
    })
}

/// A problem of the policies as a whole, at its place where the engine names one.
fn engine_problem(modules: &[Module], error: &str) -> PolicyError {
    located(modules, error)
        .unwrap_or_else(|| PolicyError::whole("policies", "", module::of_engine("", "", error).to_string()))
}
