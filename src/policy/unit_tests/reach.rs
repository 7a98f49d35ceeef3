//! Which rules the tests refer to, directly or through other rules.
//!
//! The engine evaluates every rule of a package that a test imports (`lookup_var` of its interpreter), and
//! counts their lines as reached. A rule that no test asks for is not tested by that.

use std::collections::{BTreeMap, BTreeSet};

use regorus::unstable::Rule;

use super::doubts::imported;
use super::find::Test;
use crate::policy::module::Module;
use crate::policy::tree;

/// A rule: its module, and its place among the rules there.
pub(super) type RuleIndex = (usize, usize);

/// The rules that the tests lead to.
pub(super) fn reachable(modules: &[&Module], tests: &[Test]) -> BTreeSet<RuleIndex> {
    let mut named: BTreeMap<Vec<String>, Vec<RuleIndex>> = BTreeMap::new();
    for (index, module) in modules.iter().enumerate() {
        for (place, rule) in module.tree.policy.iter().enumerate() {
            let path = module.package.iter().cloned().chain(tree::head_path(rule)).collect();
            named.entry(path).or_default().push((index, place));
        }
    }
    let mut reached = BTreeSet::new();
    let mut waiting: Vec<RuleIndex> = Vec::new();
    for test in tests {
        let rules = modules[test.module].tree.policy.iter();
        waiting.extend(
            rules.enumerate().filter(|(_, rule)| **rule == test.rule).map(|(place, _)| (test.module, place)),
        );
    }
    while let Some(at) = waiting.pop() {
        if reached.insert(at) {
            let module = &modules[at.0];
            for path in references(module, &module.tree.policy[at.1]) {
                // What a reference goes into, and what it holds.
                let meant =
                    named.iter().filter(|(rule, _)| path.starts_with(rule) || rule.starts_with(&path));
                waiting.extend(meant.flat_map(|(_, at)| at));
            }
        }
    }
    reached
}

/// The paths below `data` that a rule may refer to.
fn references(module: &Module, rule: &Rule) -> Vec<Vec<String>> {
    let mut paths = Vec::new();
    tree::expressions(rule, &mut |expr| {
        let Some(parts) = tree::constant(expr) else { return };
        paths.push(if parts[0] == "data" {
            parts[1..].to_vec()
        } else if let Some(target) = imported(module, &parts[0]) {
            [&target[1..], &parts[1..]].concat()
        } else {
            [&module.package[..], &parts].concat()
        });
    });
    paths
}

#[cfg(test)]
mod tests {
    use super::super::find;
    use super::*;

    #[test]
    fn only_what_a_test_refers_to_is_reached() {
        let policy =
            "package p\n\na if b\n\nb := c[1].x\n\nc[1] := 1\n\nd if true\n\ndefault e := 1\n\nf(x) := x\n";
        for (body, expected) in [
            ("p.a", &[3, 5, 7][..]),
            ("data.p.d", &[9]),
            ("p.e == p.f(1)", &[11, 13]),
            ("count(p) == 1", &[3, 5, 7, 9, 11, 13]),
            ("p[input.x]", &[3, 5, 7, 9, 11, 13]),
            ("other.d", &[]),
        ] {
            let test = format!("package p_test\n\nimport data.p\n\ntest_x if {body}\n");
            let modules = [("p.rego", policy), ("p_test.rego", &test)]
                .map(|(file, text)| Module::parse(file, text).expect(body));
            let modules = [&modules[0], &modules[1]];
            let tests = find::tests(&modules).expect("tests");
            let reached = reachable(&modules, &tests);
            let lines: Vec<u32> = reached
                .iter()
                .filter(|(module, _)| *module == 0)
                .map(|(_, place)| modules[0].tree.policy[*place].span().line)
                .collect();
            assert_eq!(lines, expected, "{body}");
        }
    }
}
