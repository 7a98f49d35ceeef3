//! Packs of the user's own: what they may be, what they are called, and what is refused.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use super::*;
use crate::config::{Policies, PolicyPath};
use crate::finding::Severity;

fn library(files: &[(&str, &str)]) -> Library {
    Library::of_files(&builtin::policies().collect::<Vec<_>>(), files)
}

fn policies(library: &Library) -> Policies {
    let packs = Packs::embedded();
    let params = library.catalogue().params;
    Policies { packs, disable: BTreeSet::new(), severity: BTreeMap::new(), params }
}

/// Id, severity and title of the rules of one's own.
fn rules(files: &[(&str, &str)]) -> Vec<(String, Severity, String)> {
    let library = library(files);
    let pack = library.pack(&policies(&library)).unwrap_or_else(|problems| panic!("{problems:?}"));
    let own = pack.rules().filter(|rule| &*rule.pack != BUILTIN);
    own.map(|rule| (rule.id.clone(), rule.severity, rule.title.clone())).collect()
}

/// The value of a rule, in an engine that a run would have.
fn value(files: &[(&str, &str)], rule: &str) -> Value {
    let library = library(files);
    let mut engine = library.engine(&json!({})).unwrap_or_else(|problems| panic!("{problems:?}"));
    let value = engine.eval_rule(rule.to_owned()).unwrap_or_else(|error| panic!("{rule}: {error}"));
    serde_json::to_value(value).expect("JSON")
}

/// File, line and message of each problem, and the help.
fn problems(files: &[(&str, &str)]) -> Vec<String> {
    let told = |problem: &PolicyError| {
        let (line, help) = (problem.line().unwrap_or(0), problem.advice().unwrap_or_default());
        format!("{}:{line}: {problem} | {help}", problem.file())
    };
    library(files).problems().iter().map(told).collect()
}

#[test]
fn a_rule_is_named_after_its_package_and_its_set() {
    for (text, expected) in [
        ("package acme.mfa\ndeny contains \"x\" if true", ("acme/mfa", Severity::Medium, "acme: mfa")),
        ("package main\nviolation contains \"x\" if true", ("main", Severity::Medium, "main")),
        ("package main\nwarn_no_sms contains \"x\" if true", ("main/no_sms", Severity::Low, "main: no sms")),
        ("package audit.acme.x\ndeny contains \"x\" if true", ("acme/x", Severity::Medium, "acme: x")),
        (
            "package acme[\"my-pack\"]\ndeny contains \"x\" if true",
            ("acme/my-pack", Severity::Medium, "acme: my pack"),
        ),
        (
            "package a\n\n# METADATA\n# title: T\n# custom:\n#   id: other/name\n#   severity: critical\ndeny contains \"x\" if true",
            ("other/name", Severity::Critical, "T"),
        ),
        ("package a\ndeny contains \"x\" if true\ndeny contains \"y\" if true", ("a", Severity::Medium, "a")),
    ] {
        let (id, severity, title) = expected;
        assert_eq!(rules(&[("a.rego", text)]), [(id.to_owned(), severity, title.to_owned())], "{text}");
    }
    // One set, in two files.
    let text = "package a\ndeny contains \"x\" if true";
    assert_eq!(rules(&[("a.rego", text), ("b.rego", text)]).len(), 1);
    // Tests and helpers are no rules.
    let files =
        [("a.rego", text), ("a_test.rego", "package a_test\n_deny contains \"x\" if true\ntest_a if true")];
    assert_eq!(rules(&files).len(), 1);
    assert_eq!(library(&files).tests(), 1);
}

#[test]
fn metadata_reaches_from_the_package_down_to_the_rule() {
    let rule = "deny contains \"x\" if true";
    for (files, severity, title) in [
        (vec![("a.rego", format!("# METADATA\n# title: P\n# custom:\n#   severity: high\npackage a\n{rule}"))], Severity::High, "P"),
        (
            vec![("a.rego", format!("# METADATA\n# title: P\n# custom:\n#   severity: high\npackage a\n# METADATA\n# title: R\n{rule}"))],
            Severity::High,
            "R",
        ),
        (
            vec![
                ("a.rego", format!("package a\n{rule}")),
                ("b.rego", "# METADATA\n# title: P\n# custom:\n#   severity: high\npackage a\nhelper := 1".to_owned()),
            ],
            Severity::High,
            "P",
        ),
        // The title of a family of packages is not the title of a rule.
        (
            vec![
                ("top.rego", "# METADATA\n# scope: subpackages\n# title: S\n# custom:\n#   severity: info\npackage a\nhelper := 1".to_owned()),
                ("b.rego", format!("package a.b.c\n{rule}")),
            ],
            Severity::Info,
            "a b: c",
        ),
        (
            vec![("a.rego", format!("package a\n# METADATA\n# scope: document\n# title: D\n{rule}\n# METADATA\n# custom:\n#   severity: low\n{rule}"))],
            Severity::Low,
            "D",
        ),
    ] {
        let borrowed: Vec<_> = files.iter().map(|(name, text)| (*name, text.as_str())).collect();
        let found = rules(&borrowed);
        assert_eq!((found[0].1, found[0].2.as_str()), (severity, title), "{files:?}");
    }
}

#[test]
fn a_rule_reads_its_metadata_as_in_opa() {
    let text = "# METADATA\n# scope: subpackages\n# title: S\npackage acme\n\n# METADATA\n# scope: document\n# title: D\nx := rego.metadata.chain()\n\n# METADATA\n# title: R\n# custom:\n#   severity: high\ny := rego.metadata.rule()\n\nz := rego.metadata.rule()\n\ndeny contains \"x\" if true\n";
    assert_eq!(
        value(&[("a.rego", text)], "data.acme.x"),
        json!([
            {"path": ["acme", "x"]},
            {"path": ["acme", "x"], "annotations": {"scope": "document", "title": "D"}},
            {"path": ["acme"], "annotations": {"scope": "subpackages", "title": "S"}},
        ])
    );
    assert_eq!(
        value(&[("a.rego", text)], "data.acme.y"),
        json!({"scope": "rule", "title": "R", "custom": {"severity": "high"}})
    );
    assert_eq!(value(&[("a.rego", text)], "data.acme.z"), json!({}));
    // Definitions that hand their own metadata to their members may differ in it.
    let asking = |severity: &str| {
        format!(
            "# METADATA\n# custom:\n#   severity: {severity}\ndeny contains {{\"msg\": \"{severity}\", \"severity\": rego.metadata.rule().custom.severity}} if true\n"
        )
    };
    let text = format!("package a\n{}\n{}", asking("low"), asking("high"));
    assert_eq!(rules(&[("a.rego", &text)])[0].1, Severity::High);
    assert_eq!(
        value(&[("a.rego", &text)], "data.a.deny"),
        json!([{"msg": "high", "severity": "high"}, {"msg": "low", "severity": "low"}])
    );
}

#[test]
fn data_goes_where_its_folder_is() {
    let rule = ("a.rego", "package a\ndeny contains \"x\" if true");
    for (files, place, expected) in [
        (vec![("data.json", "{\"x\": {\"y\": 1}}")], "x", json!({"y": 1})),
        (vec![("p/q/any.yaml", "\"y\": 1\n")], "p", json!({"q": {"y": 1}})),
        (vec![("p/list.yml", "- 1\n- a\n")], "p", json!([1, "a"])),
        (vec![("p/x.toml", "[t]\na = 1.5\n")], "p", json!({"t": {"a": 1.5}})),
        (
            vec![("p/x.json", "{\"a\": {\"b\": 1}}"), ("p/y.yaml", "a: {c: 2}\n")],
            "p",
            json!({"a": {"b": 1, "c": 2}}),
        ),
        (vec![("x.json", "{\"p\": 1}"), ("y.json", "{\"p\": 1}")], "p", json!(1)),
    ] {
        let reader = format!("package r\nx := data.{place}\n");
        let files: Vec<_> = [rule, ("r.rego", reader.as_str())].into_iter().chain(files).collect();
        assert_eq!(value(&files, "data.r.x"), expected, "{files:?}");
    }
    // Data beside the rules of a package.
    let files = [("a.rego", "package a\nallowed := data.a.list\n"), ("a/d.json", "{\"list\": [1]}")];
    assert_eq!(value(&files, "data.a.allowed"), json!([1]));
}

#[test]
fn what_would_be_lost_or_hidden_is_refused() {
    let rule = ("a.rego", "package a\ndeny contains \"x\" if true");
    for (name, text, said) in [
        (
            "x.json",
            "{\"a\": {\"deny\": []}}",
            "a.rego:2: the rule is hidden by the data of x.json: both are `data.a.deny`",
        ),
        ("x.json", "{\"a\": 1}", "a.rego:1: the package is hidden by the data of x.json: both are `data.a`"),
        ("x.json", "{\"audit\": {\"params\": {}}}", "x.json:1: x.json brings `data.audit`"),
        ("x.json", "{\"__meta\": 1}", "x.json:1: x.json brings `data.__meta`"),
        ("x.json", "[1]", "x.json:0: x.json is a list: a data file is an object | give the value a name"),
        ("x.json", "1", "x.json:0: x.json is a single value"),
        // What is said to be hidden stands nowhere in such a file.
        ("a/x.yaml", "", "a/x.yaml:0: a/x.yaml is empty"),
        ("a/x.yaml", "# nothing yet\n", "a/x.yaml:0: a/x.yaml is empty"),
        ("a/x.json", "\n", "a/x.json:0: a/x.json is empty"),
        ("a/x.json", "null", "a/x.json:0: a/x.json is empty"),
        ("a/x.yaml", "- me\n- you\n", "a/x.yaml:0: a/x.yaml is a list: a data file is an object"),
        ("a/x.yaml", "me\n", "a/x.yaml:0: a/x.yaml is a single value"),
        ("x.json", "{\"b\": 1,\n\"b\": 2}", "x.json:2: the key `b` stands here twice"),
        ("x.json", "{\"b\": 123456789012345678901}", "x.json:1: this number is too large"),
        ("x.json", "{\"b\": }", "x.json:1: expected value"),
        ("x.yaml", "1: a\n", "the key `1` is not a string"),
        ("x.yaml", "true: a\n", "the key `true` is not a string"),
        ("x.yaml", "b: .nan\n", "x.yaml:1: non-finite float"),
        ("x.yaml", "b: [\n", "x.yaml:"),
        ("x.yaml", "b: 1\nc: no\n", "x.yaml:2: `no` without quotes is `false` in OPA"),
        ("x.yaml", "b: 1\n---\nc: 2\n", "x.yaml:3: there is more than one document in this file"),
        ("x.yaml", "b: 1\nb: 2\n", "the key `b` stands here twice"),
        ("x.yaml", "", "x.yaml:0: x.yaml is empty"),
        ("b/x.yaml", "", "b/x.yaml:0: b/x.yaml is empty"),
        ("x.toml", "b = nan\n", "a number that JSON does not have"),
        ("x.toml", "b = 2026-01-01\n", "JSON has no dates"),
        ("x.toml", "b = 1\nb = 2\n", "x.toml:2: duplicate key"),
    ] {
        let found = problems(&[rule, (name, text)]);
        assert_eq!(found.len(), 1, "{text}: {found:?}");
        assert!(found[0].contains(said), "{found:?} has no {said}");
    }
    let found = problems(&[rule, ("x.json", "{\"c\": {\"d\": 1}}"), ("y.yaml", "c:\n  d: 2\n")]);
    assert_eq!(found.len(), 1, "{found:?}");
    assert!(found[0].starts_with("y.yaml:2: `data.c.d` has another value in x.json"), "{found:?}");
}

#[test]
fn what_is_missing_is_told_where_it_is() {
    let reader = |place: &str| format!("package acme\n\ndeny contains \"x\" if input.Target.Id == {place}\n");
    let test = |body: &str| format!("package acme.mfa_test\n\ntest_it if {{ {body} }}\n");
    let mfa = ("mfa.rego", "package acme.mfa\n\ndeny contains \"x\" if true\n".to_owned());
    let owners = |name| (name, "owners: {shop: me}\n".to_owned());
    for (files, advice) in [
        (
            vec![("a.rego", reader("data.acme.owners.shop")), owners("o.yaml")],
            "`data.owners.shop` is there, from a data file: its folder counts, and its name does not; put it into a folder `acme`",
        ),
        (
            vec![("a.rego", reader("data.acme.owners[input.Target.AppId]")), owners("o.yaml")],
            "`data.owners` is there, from a data file: its folder counts, and its name does not; put it into a folder `acme`",
        ),
        (
            vec![("a.rego", reader("data.acme.o.owners")), owners("acme/o.yaml")],
            "`data.acme.owners` is there, from a data file: its folder counts, and its name does not",
        ),
        (
            vec![("a.rego", reader("data.owners")), owners("acme/o.yaml")],
            "`data.acme.owners` is there, from a data file: its folder counts, and its name does not",
        ),
        (vec![("a.rego", reader("data.acme.holders")), owners("o.yaml")], "give it a value"),
        // A part of what is audit's own is no data of a file.
        (vec![("a.rego", reader("data.acme.min_length")), owners("o.yaml")], "give it a value"),
        (vec![("a.rego", reader("True"))], "write `true`"),
        (vec![("a.rego", reader("FALSE"))], "write `false`"),
        (vec![("a.rego", reader("nil"))], "write `null`"),
        (vec![("a.rego", reader("None"))], "write `null`"),
        (
            vec![("x_test.rego", test("data.acme.mfa.deny == set()"))],
            "of `data.acme.mfa` only the test is here, `data.acme.mfa_test`: give the file or the folder of the policy, too",
        ),
        (
            vec![("x_test.rego", test("deny == set()")), mfa.clone()],
            "it is a rule of another package: `import data.acme.mfa`, and write `mfa.deny`",
        ),
        (
            vec![("x_test.rego", test("count(warn_x) == 0")), mfa.clone()],
            "it is a rule of another package: `import data.acme.mfa`, and write `mfa.warn_x`",
        ),
        (vec![("x_test.rego", test("x == 0")), mfa.clone()], "bind it in the body"),
        (
            vec![("x_test.rego", "package acme.mfa\n\ntest_it if deny == set()\n".to_owned())],
            "no rule `deny` of this package is here: give the file or the folder of the policy, too",
        ),
    ] {
        let borrowed: Vec<_> = files.iter().map(|(name, text)| (*name, text.as_str())).collect();
        let found = problems(&borrowed);
        assert_eq!(found.len(), 1, "{files:?}: {found:#?}");
        assert!(
            found[0].split(" | ").nth(1).is_some_and(|said| said.starts_with(advice)),
            "{found:#?}\n{advice}"
        );
    }
}

#[test]
fn a_pack_that_cannot_be_what_it_says_is_refused() {
    let deny = "deny contains \"x\" if true";
    for (files, expected) in [
        (
            vec![("a.rego", format!("package a\n{deny}\nwarn contains \"y\" if true"))],
            "a.rego:3: two rules of one id: `a` | the other one is at a.rego:2: name one of them `warn_NAME`",
        ),
        (
            vec![
                ("a.rego", format!("package a\n{deny}")),
                ("b.rego", format!("package b\n# METADATA\n# custom:\n#   id: a\n{deny}")),
            ],
            "b.rego:5: two rules of one id: `a` | the other one is at a.rego:2",
        ),
        (
            vec![("a.rego", format!("package x\n# METADATA\n# custom:\n#   id: mfa/off\n{deny}"))],
            "a.rego:5: two rules of one id: `mfa/off`",
        ),
        (
            vec![("a.rego", format!("package Acme\n{deny}"))],
            "a.rego:2: `Acme` cannot be the id of a rule | an id is made of lower-case",
        ),
        (
            vec![("a.rego", "package a\ndeny_NoSms contains \"x\" if true".to_owned())],
            "a.rego:2: `a/NoSms` cannot be",
        ),
        (
            vec![("a.rego", format!("package drift.x\n{deny}"))],
            "a.rego:2: `drift/x` cannot be the id of a rule of yours",
        ),
        (
            vec![("a.rego", format!("package audit\n{deny}"))],
            "a.rego:2: `audit` cannot be the id of a rule of yours",
        ),
        (
            vec![("a.rego", format!("package audit.mfa.off\n{deny}"))],
            "a.rego:1: the package `audit.mfa.off` is in the embedded pack",
        ),
        (
            vec![("a.rego", format!("package audit.params.x\n{deny}"))],
            "a.rego:1: the place `data.audit.params.x` is audit's own",
        ),
        (
            vec![("a.rego", format!("package a\nx := data.__meta[0]\n{deny}"))],
            "a.rego:2: `data.__meta` is audit's own",
        ),
        (
            vec![("a.rego", format!("package a\n{deny}")), ("b.rego", "package a.deny.x\ny := 1".to_owned())],
            "b.rego:1: the package `a.deny.x` is a rule as well",
        ),
        (
            vec![("a.rego", format!("package a\n# METADATA\n# custom:\n#   severty: high\n{deny}"))],
            "a.rego:4: `custom` has no `severty` | did you mean `severity`?",
        ),
        (
            vec![("a.rego", format!("package a\n# METADATA\n# custom:\n#   severity: hihg\n{deny}"))],
            "a.rego:4: `hihg` is no severity | did you mean `high`?",
        ),
        (
            vec![("a.rego", format!("package a\n# METADATA\n# custom:\n#   scope: apps\n{deny}"))],
            "a.rego:4: `apps` is no scope",
        ),
        (
            vec![("a.rego", format!("package a\n# METADATA\n# custom:\n#   path: ResourceConfig\n{deny}"))],
            "a.rego:4: `path` is a JSON pointer",
        ),
        (
            vec![(
                "a.rego",
                format!("package a\n# METADATA\n# title: A\n{deny}\n# METADATA\n# title: B\n{deny}"),
            )],
            "a.rego:7: two definitions of `deny` have a different `title` | they are one rule, with a.rego:4",
        ),
        (
            vec![
                ("a.rego", format!("# METADATA\n# title: A\npackage a\n{deny}")),
                ("b.rego", "# METADATA\n# title: B\npackage a\nx := 1".to_owned()),
            ],
            "b.rego:2: this has a METADATA block of the same scope already | the other one is at a.rego:1",
        ),
        (
            vec![
                ("a.rego", "package a\ndeny contains if".to_owned()),
                ("b.rego", format!("package b\n{deny}")),
            ],
            "a.rego:2: unexpected keyword",
        ),
    ] {
        let borrowed: Vec<_> = files.iter().map(|(name, text)| (*name, text.as_str())).collect();
        let found = problems(&borrowed);
        assert_eq!(found.len(), 1, "{files:?}: {found:#?}");
        assert!(found[0].starts_with(expected), "{found:#?}\nis not\n{expected}");
    }
}

#[test]
fn the_keys_of_others_are_theirs() {
    let deny = "deny contains \"x\" if true";
    let text = format!("package a\n# METADATA\n# custom:\n#   score: 3\n#   owner: me\n{deny}");
    assert_eq!(rules(&[("a.rego", &text)]).len(), 1);
}

#[test]
fn all_problems_come_at_once_by_file_and_place() {
    let found = problems(&[
        ("b.rego", "package drift\ndeny contains 1 if true"),
        ("a.rego", "package a\n# METADATA\n# titel: x\ndeny contains 1 if true\n# METADATA\n"),
    ]);
    assert_eq!(
        found.iter().map(|problem| &problem[..9]).collect::<Vec<_>>(),
        ["a.rego:3:", "a.rego:4:", "a.rego:5:", "b.rego:2:", "b.rego:2:"],
        "{found:#?}"
    );
}

#[test]
fn what_collides_with_the_embedded_pack_is_one_problem() {
    let rule = "package acme\n\nimport data.audit.lib.stage\n\n";
    for (file, uses) in [
        ("package audit.lib.stage\n\nmine := 1\n", "deny contains \"x\" if stage.mine == 1\n"),
        ("package audit.lib.stage\n\ndefault strict := false\n", "deny contains \"x\" if stage.strict\n"),
    ] {
        let found = problems(&[("a.rego", file), ("b.rego", &format!("{rule}{uses}"))]);
        assert_eq!(found.len(), 1, "{found:#?}");
        assert!(found[0].starts_with("a.rego:1: the package `audit.lib.stage` is in"), "{found:#?}");
    }
    // What is wrong elsewhere is said at once.
    let found = problems(&[
        ("a.rego", "package audit.lib.stage\n\nmine := 1\n"),
        ("b.rego", &format!("{rule}deny contains \"x\" if stage.mime == 1\n")),
    ]);
    assert_eq!(found.len(), 2, "{found:#?}");
    assert!(found[1].contains("did you mean `data.audit.lib.stage.mine`?"), "{found:#?}");
}

#[test]
fn the_parameters_that_own_policies_read_are_known() {
    let text = "package a\nimport data.audit.params\ndeny contains \"x\" if { input.x == params.acme.x; data.audit.params.other[_] == 1 }\n";
    let read = library(&[("a.rego", text)]).catalogue().read;
    assert_eq!(read, BTreeSet::from([vec!["acme".to_owned(), "x".to_owned()], vec!["other".to_owned()]]));
    let text = "package a\ndeny contains \"x\" if object.get(data.audit.params, input.x, 1) == 1\n";
    assert_eq!(library(&[("a.rego", text)]).catalogue().read, BTreeSet::from([vec![]]));
    // A constant path below `object.get` is one parameter, and no other.
    for (get, expected) in [
        ("object.get(data.audit.params, [\"acme\", \"mfa_types\"], [])", &["acme", "mfa_types"][..]),
        ("object.get(params, \"acme\", {})", &["acme"]),
        ("object.get(params.acme, \"n\", 1)", &["acme", "n"]),
        ("object.get(params, [\"acme\", input.Target.Id], 1)", &["acme"]),
        ("object.get(object.get(params, \"acme\", {}), \"n\", 1)", &["acme"]),
    ] {
        let text = format!("package a\nimport data.audit.params\ndeny contains \"x\" if {get} == 1\n");
        let expected = expected.iter().map(|part| (*part).to_owned()).collect();
        assert_eq!(library(&[("a.rego", &text)]).catalogue().read, BTreeSet::from([expected]), "{get}");
    }
}

/// A folder with files, read as a configuration with these paths would.
fn read(files: &[(&str, &[u8])], paths: &[&str], builtin: bool) -> Library {
    let folder = tempfile::tempdir().expect("a folder");
    for (name, text) in files {
        let path = folder.path().join(name);
        fs::create_dir_all(path.parent().expect("a parent")).expect("a folder");
        fs::write(path, text).expect("a file");
    }
    read_in(folder.path(), paths, builtin)
}

fn read_in(folder: &Path, paths: &[&str], builtin: bool) -> Library {
    let paths = paths.iter().map(|path| PolicyPath { written: (*path).to_owned(), path: folder.join(path) });
    let packs =
        Packs { file: folder.join("audit.toml"), builtin, paths: paths.collect(), ..Packs::embedded() };
    Library::read(&packs, &Repository::containing(folder))
}

#[test]
fn paths_are_files_and_folders_and_none_of_them_is_silent() {
    const RULE: &[u8] = b"package a\ndeny contains \"x\" if true\n";
    for (files, paths, expected) in [
        (vec![("p/a.rego", RULE)], vec!["p"], Ok(1)),
        (vec![("p/q/a.rego", RULE), ("p/README.md", b"x"), ("p/.git/b.rego", b"no Rego")], vec!["p"], Ok(1)),
        (vec![("a.rego", RULE), ("audit.toml", b"no = data")], vec!["."], Ok(1)),
        (vec![("p/a.rego", RULE)], vec!["p", "p/a.rego"], Ok(1)),
        (
            vec![("p/a.rego", b"\xef\xbb\xbfpackage a\ndeny contains \"x\" if true\n")],
            vec!["p/a.rego"],
            Ok(1),
        ),
        (vec![("d/x.json", b"{\"d\": 1}")], vec!["d"], Ok(0)),
        // Helpers that a rule elsewhere imports.
        (
            vec![
                ("p/a.rego", b"package a\nimport data.h\ndeny contains \"x\" if h.x"),
                ("h/h.rego", b"package h\nx := true"),
            ],
            vec!["p", "h"],
            Ok(1),
        ),
        (vec![], vec!["p"], Err("there is no `p`")),
        // What looks like a policy and would not be read.
        (
            vec![("p/a.rego", RULE), ("p/B.REGO", RULE)],
            vec!["p"],
            Err("p/B.REGO would not be read: policies end in `.rego`"),
        ),
        (vec![("B.Rego", RULE)], vec!["B.Rego"], Err("B.Rego would not be read")),
        (
            vec![("p/a.rego", RULE), ("p/.b.rego", RULE)],
            vec!["p"],
            Err("p/.b.rego would not be read: it is hidden"),
        ),
        (vec![("p/a.rego", RULE), ("p/.#b.rego", RULE), ("p/._b.rego", b"x")], vec!["p"], Ok(1)),
        (vec![("p/README.md", b"x")], vec!["p"], Err("`p` has neither policies nor data")),
        (
            vec![("p/profiles/a.toml", b"[params]\nx = 1")],
            vec!["p"],
            Err("`p` has neither policies nor data"),
        ),
        (vec![("audit.toml", b"no = data")], vec!["audit.toml"], Err("`audit.toml` is the configuration")),
        (vec![("a.txt", b"x")], vec!["a.txt"], Err("`a.txt` is neither a policy nor data")),
        (vec![("p/a.rego", b"package a\n\n\xff")], vec!["p"], Err("p/a.rego:3: this is not UTF-8")),
        (
            vec![("p/a.rego", b"package a\nrefused contains \"x\" if true")],
            vec!["p"],
            Err("there is no rule here"),
        ),
        (
            vec![("p/a_test.rego", b"package a_test\n\ntest_x if true")],
            vec!["p"],
            Err("there is no rule here"),
        ),
        (
            vec![("p/a.rego", RULE), ("q/b.rego", b"package b\nx := 1")],
            vec!["p", "q"],
            Err("there is no rule here"),
        ),
    ] {
        let library = read(&files, &paths, true);
        assert!(library.problems().is_empty(), "{:?}", library.problems());
        let own = library.rules.iter().filter(|rule| &*rule.pack != BUILTIN).count();
        let unusable = &library.catalogue().unusable;
        match expected {
            Ok(rules) => assert_eq!((own, unusable.as_slice()), (rules, &[][..]), "{paths:?}"),
            Err(said) => {
                assert_eq!(unusable.len(), 1, "{unusable:?}");
                assert_eq!(unusable[0].index, paths.len() - 1);
                assert!(unusable[0].message.starts_with(said), "{unusable:?}");
            }
        }
    }
}

#[test]
fn a_path_that_is_not_there_is_said_with_what_stands_beside_it() {
    let library =
        read(&[("policies/own/a.rego", b"package a"), ("policy.txt", b"")], &["policies/ownn"], true);
    let [unusable] = &library.catalogue().unusable[..] else { panic!("one is unusable") };
    assert!(unusable.help.starts_with("did you mean `policies/own`?"), "{unusable:?}");
    let library = read(&[("policy.txt", b"")], &["policies"], true);
    assert_eq!(library.catalogue().unusable[0].help, "a path is relative to the folder of audit.toml");
}

#[test]
fn a_file_without_an_end_in_sight_is_not_read() {
    let folder = tempfile::tempdir().expect("a folder");
    let large = fs::File::create(folder.path().join("large.json")).expect("a file");
    large.set_len(33 << 20).expect("a sparse file");
    #[cfg(unix)]
    let _socket = std::os::unix::net::UnixListener::bind(folder.path().join("x.rego")).expect("a socket");
    let library = read_in(folder.path(), &["."], false);
    let said: Vec<_> = library.catalogue().unusable.iter().map(|path| path.message.clone()).collect();
    assert_eq!(said[0], "large.json has more than 32 MiB");
    #[cfg(unix)]
    assert_eq!(said[1], "x.rego is a pipe, a socket or a device");
}

#[cfg(unix)]
#[test]
fn links_are_followed_into_no_loop() {
    let folder = tempfile::tempdir().expect("a folder");
    fs::create_dir(folder.path().join("p")).expect("a folder");
    fs::write(folder.path().join("p/a.rego"), "package a\ndeny contains \"x\" if true").expect("a file");
    std::os::unix::fs::symlink("..", folder.path().join("p/up")).expect("a link");
    std::os::unix::fs::symlink("a.rego", folder.path().join("p/b.rego")).expect("a link");
    let library = read_in(folder.path(), &["p"], false);
    assert!(library.catalogue().unusable.is_empty() && library.problems().is_empty());
    assert_eq!(library.sources.iter().filter(|source| source.origin != Origin::Embedded).count(), 1);
}

#[test]
fn the_helpers_of_the_embedded_pack_are_there_without_its_rules() {
    let rule = b"package a\nimport data.audit.lib.stage\ndeny contains stage.name if true\n";
    let without = read(&[("a.rego", rule)], &["a.rego"], false);
    let pack = without.pack(&policies(&without)).unwrap_or_else(|problems| panic!("{problems:?}"));
    assert_eq!(pack.rules().map(|rule| rule.id.as_str()).collect::<Vec<_>>(), ["a"]);
    // A copy of the pack keeps its ids, and its own helpers.
    let copy: Vec<_> =
        builtin::policies().map(|(name, text)| (format!("p/{name}"), text.as_bytes())).collect();
    let copy: Vec<_> = copy.iter().map(|(name, text)| (name.as_str(), *text)).collect();
    let forked = read(&copy, &["p"], false);
    assert!(forked.problems().is_empty(), "{:?}", forked.problems());
    assert_eq!(forked.catalogue().rules, library(&[]).catalogue().rules);
    assert!(!read(&copy, &["p"], true).problems().is_empty());
}
