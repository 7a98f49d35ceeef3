//! The tests of the embedded pack's files: that they are there, pass, reach every line, and notice a broken rule.
//!
//! Each file is loaded with what it imports, and no more: the pack parsed anew for every rule took minutes.

use rayon::iter::{IntoParallelIterator, ParallelIterator};
use regorus::Engine;

use super::*;

/// The files that a file of the pack imports, and those that they import, itself included.
fn closure(name: &str) -> BTreeSet<String> {
    let mut files = BTreeSet::new();
    let mut open = vec![name.to_owned()];
    while let Some(name) = open.pop() {
        let text = PACK.get(&name).unwrap_or_else(|| panic!("there is no {name}"));
        let imports = text.lines().filter_map(|line| line.strip_prefix("import data.audit."));
        let imports = imports.filter_map(|import| import.split_whitespace().next());
        open.extend(imports.map(|import| {
            // A package, or a rule of one.
            let package = import.rsplit_once('.').map_or(import, |(package, _)| package);
            let file = |package: &str| format!("{}.rego", package.replace('.', "/"));
            if PACK.contains_key(&file(import)) { file(import) } else { file(package) }
        }));
        files.insert(name);
        open.retain(|name| !files.contains(name));
    }
    files
}

/// An engine with what the tests of a file need, and without the file itself.
fn engine_without(name: &str) -> Engine {
    let mut engine = Engine::new();
    for file in closure(&tests_of(name)).into_iter().filter(|file| file != name) {
        let text = PACK[&file].clone();
        engine.add_policy(file.clone(), text).expect(&file);
    }
    let params = json!({"audit": {"params": policies().params}});
    engine.add_data(regorus::Value::from(params)).expect("data");
    engine
}

fn tests_of(name: &str) -> String {
    name.replace(".rego", "_test.rego")
}

/// Rules and what they share: everything but the tests.
fn files() -> Vec<&'static str> {
    PACK.keys().map(String::as_str).filter(|name| !name.ends_with("_test.rego")).collect()
}

/// The tests of a file, as queries.
fn queries(name: &str) -> Vec<String> {
    let text = &PACK[&tests_of(name)];
    let package = text.lines().find_map(|line| line.strip_prefix("package ")).expect("a package");
    text.lines()
        .filter(|line| line.starts_with("test_"))
        .map(|line| line.split(|c: char| !c.is_alphanumeric() && c != '_').next().expect("a name"))
        .map(|test| format!("data.{package}.{test}"))
        .collect()
}

fn passes(engine: &mut Engine, query: &str) -> bool {
    engine.eval_rule(query.to_owned()).is_ok_and(|value| value == regorus::Value::from(true))
}

#[test]
fn every_file_of_the_pack_has_tests() {
    assert!(ids().len() >= 10, "the pack is not where it should be");
    for name in files() {
        let tests = tests_of(name);
        assert!(PACK.contains_key(&tests), "{name} has no {tests}");
        let queries = queries(name);
        let least = if name.starts_with("lib/") { 1 } else { 3 };
        assert!(
            queries.len() >= least,
            "{tests} has too few tests: a violation, a near miss, an absent member"
        );
        assert!(queries.iter().all(|query| query.contains(&name.replace(".rego", "").replace('/', "."))));
        let distinct: BTreeSet<_> = queries.iter().collect();
        assert_eq!(distinct.len(), queries.len(), "{tests}: of two tests of one name, one may fail unseen");
    }
    // A test beside nothing tests nothing; the one fixture is no test.
    for name in PACK.keys().filter(|name| name.ends_with("_test.rego") && *name != "lib/fixture_test.rego") {
        assert!(PACK.contains_key(&name.replace("_test.rego", ".rego")), "{name}");
    }
}

#[test]
fn the_tests_of_every_file_pass_and_reach_each_of_its_lines() {
    files().into_par_iter().for_each(|name| {
        let mut engine = engine_without(name);
        engine.add_policy(name.to_owned(), PACK[name].clone()).expect(name);
        engine.set_enable_coverage(true);
        for query in queries(name) {
            let value = engine.eval_rule(query.clone());
            let passes = value.as_ref().is_ok_and(|value| *value == regorus::Value::from(true));
            assert!(passes, "{query}: {value:?}");
        }
        let report = engine.get_coverage_report().expect("a report");
        let file = report.files.iter().find(|file| file.path == name).expect("covered");
        assert!(!file.covered.is_empty());
        assert!(file.not_covered.is_empty(), "{name}: no test reaches lines {:?}", file.not_covered);
    });
}

#[test]
fn the_tests_of_a_rule_notice_when_it_never_or_always_fires() {
    ids().into_par_iter().for_each(|id| {
        let package = id.replace('/', ".");
        let name = format!("{id}.rego");
        let others = engine_without(&name);
        for body in [
            "deny contains \"never\" if false",
            "deny contains {\"msg\": \"always\", \"path\": \"\", \"expected\": null, \"actual\": null}",
            "deny contains \"always\"",
        ] {
            let mut engine = others.clone();
            let stub = format!("package audit.{package}\n\n{body}\n");
            engine.add_policy(name.clone(), stub).expect(id);
            let noticed = queries(&name).iter().any(|query| !passes(&mut engine, query));
            assert!(noticed, "no test of {id} notices: {body}");
        }
    });
}
