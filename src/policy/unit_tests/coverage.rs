//! Which lines of the policies the tests reach.

use std::collections::{BTreeMap, BTreeSet};

use regorus::Engine;
use regorus::unstable::{Expr, Literal, Query, Rule, RuleHead};

use super::find;
use super::reach::RuleIndex;
use crate::policy::module::Module;
use crate::policy::tree::children;

/// Covered and uncovered lines, by file. Files of tests and the embedded helpers are left out.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Coverage {
    /// In the order of their names.
    pub files: Vec<FileCoverage>,
}

/// One file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FileCoverage {
    /// Its name.
    pub file: String,
    /// Lines that a test reached, from 1.
    pub covered: BTreeSet<u32>,
    /// Lines that none did.
    pub not_covered: BTreeSet<u32>,
}

impl FileCoverage {
    /// Between 0 and 100, to two places, and never rounded up; `None` where no line can be covered.
    #[must_use]
    pub fn percent(&self) -> Option<f64> {
        percent(self.covered.len(), self.covered.len() + self.not_covered.len())
    }

    /// Stretches of lines that no test reached, first and last.
    #[must_use]
    pub fn gaps(&self) -> Vec<(u32, u32)> {
        let mut gaps: Vec<(u32, u32)> = Vec::new();
        for line in &self.not_covered {
            match gaps.last_mut() {
                // Between them is no line that could be covered: one gap.
                Some((_, last)) if self.covered.range(*last..*line).next().is_none() => *last = *line,
                _ => gaps.push((*line, *line)),
            }
        }
        gaps
    }
}

impl Coverage {
    /// Lines that were reached, and all that could be.
    #[must_use]
    pub fn lines(&self) -> (usize, usize) {
        let covered = self.files.iter().map(|file| file.covered.len()).sum();
        let not_covered: usize = self.files.iter().map(|file| file.not_covered.len()).sum();
        (covered, covered + not_covered)
    }

    /// As of a file, over all lines.
    #[must_use]
    pub fn percent(&self) -> Option<f64> {
        let (covered, all) = self.lines();
        percent(covered, all)
    }
}

/// In hundredths, rounded down: 99.999 is not everything.
fn percent(covered: usize, all: usize) -> Option<f64> {
    let hundredths = u32::try_from(covered.checked_mul(10_000)?.checked_div(all)?).ok()?;
    Some(f64::from(hundredths) / 100.0)
}

/// The lines that one test reached, by file.
pub(super) type Reached = BTreeMap<String, BTreeSet<u32>>;

/// What an engine reached since it was told to count.
pub(super) fn reached(engine: &Engine) -> Reached {
    let report = engine.get_coverage_report();
    let files = report.map(|report| report.files).unwrap_or_default();
    files.into_iter().map(|file| (file.path, file.covered)).collect()
}

/// Sums up what the tests reached of the modules. Lines count only in rules that the tests refer to.
pub(super) fn coverage(
    modules: &[&Module],
    is_counted: impl Fn(usize) -> bool,
    reached: &[Reached],
    referred: &BTreeSet<RuleIndex>,
) -> Coverage {
    let modules = modules.iter().enumerate();
    let files = modules.filter(|(index, module)| is_counted(*index) && !holds_tests_alone(module));
    let files = files.map(|(index, module)| {
        let in_engine: BTreeSet<u32> =
            reached.iter().filter_map(|reached| reached.get(&*module.file)).flatten().copied().collect();
        let mut covered = BTreeSet::new();
        let mut all = BTreeSet::new();
        for (place, rule) in module.tree.policy.iter().enumerate() {
            let mut lines = BTreeSet::new();
            rule_lines(rule, &mut lines);
            if referred.contains(&(index, place)) {
                covered.extend(lines.intersection(&in_engine));
            }
            all.extend(lines);
        }
        let not_covered = all.difference(&covered).copied().collect();
        FileCoverage { file: module.file.to_string(), covered, not_covered }
    });
    let mut files: Vec<_> = files.collect();
    files.sort_by(|a, b| a.file.cmp(&b.file));
    Coverage { files }
}

fn holds_tests_alone(module: &Module) -> bool {
    let rules = &module.tree.policy;
    module.is_test() || (!rules.is_empty() && rules.iter().all(|rule| find::is_test(rule)))
}

/// The lines of a rule on which the engine evaluates something. The engine itself lists only the files that it
/// touched; which lines count is the same (`gather_coverage_in_query` of its interpreter).
fn rule_lines(rule: &Rule, lines: &mut BTreeSet<u32>) {
    match rule {
        Rule::Default { value, .. } => expression_lines(value, lines),
        Rule::Spec { head, bodies, .. } => {
            match head {
                RuleHead::Compr { assign, .. } | RuleHead::Func { assign, .. } => {
                    if let Some(assign) = assign {
                        expression_lines(&assign.value, lines);
                    }
                }
                RuleHead::Set { key, .. } => key.iter().for_each(|key| expression_lines(key, lines)),
            }
            for body in bodies {
                query_lines(&body.query, lines);
            }
        }
    }
}

fn query_lines(query: &Query, lines: &mut BTreeSet<u32>) {
    for stmt in &query.stmts {
        match &stmt.literal {
            Literal::SomeVars { .. } => {}
            Literal::SomeIn { value, collection, .. } => {
                expression_lines(value, lines);
                expression_lines(collection, lines);
            }
            Literal::Expr { expr, .. } | Literal::NotExpr { expr, .. } => expression_lines(expr, lines),
            Literal::Every { domain, query, .. } => {
                expression_lines(domain, lines);
                query_lines(query, lines);
            }
        }
    }
}

fn expression_lines(expr: &Expr, lines: &mut BTreeSet<u32>) {
    if let Expr::ArrayCompr { query, .. } | Expr::SetCompr { query, .. } | Expr::ObjectCompr { query, .. } =
        expr
    {
        return query_lines(query, lines);
    }
    lines.insert(expr.span().line);
    children(expr, &mut |child| expression_lines(child, lines));
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_is_rounded_up_to_everything() {
        for (covered, all, expected) in
            [(0, 0, None), (1, 3, Some(33.33)), (19_999, 20_000, Some(99.99)), (7, 7, Some(100.0))]
        {
            assert_eq!(percent(covered, all), expected, "{covered} of {all}");
        }
    }

    #[test]
    fn a_gap_goes_on_where_nothing_between_was_reached() {
        let file = FileCoverage {
            file: "a.rego".to_owned(),
            covered: BTreeSet::from([1, 7]),
            not_covered: BTreeSet::from([2, 3, 5, 9]),
        };
        assert_eq!(file.gaps(), [(2, 5), (9, 9)]);
    }

    #[test]
    fn the_lines_of_a_file_are_those_that_the_engine_counts() {
        let text = "package a\n\ndefault x := false\n\nx if {\n\tsome i in [\n\t\t1,\n\t\t{\"a\": 2},\n\t]\n\tnot i == 3\n\
                    \tevery k in [y |\n\t\tsome y in\n\t\t\t{1}\n\t] {\n\t\tk in {1, 2}\n\t\tf(\n\t\t\tk,\n\t\t)\n\t}\n}\n\n\
                    f(z) := w if {\n\tw := z + 1\n} else := 4\n\ns contains i if {\n\tsome i in [1]\n}\n";
        let module = Module::parse("a.rego", text).expect("parses");
        let mut lines = BTreeSet::new();
        for rule in &module.tree.policy {
            rule_lines(rule, &mut lines);
        }
        let mut engine = Engine::new();
        engine.set_enable_coverage(true);
        engine.add_policy("a.rego".to_owned(), text.to_owned()).expect("parses");
        engine.eval_rule("data.a.x".to_owned()).expect("evaluates");
        let report = engine.get_coverage_report().expect("a report");
        let counted: BTreeSet<u32> =
            report.files[0].covered.union(&report.files[0].not_covered).copied().collect();
        assert_eq!(lines, counted);
    }
}
