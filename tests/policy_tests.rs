//! `audit test`: the unit tests of policies, run by the program, and never green without a test that passed.

use std::path::Path;
use std::process::Stdio;

use serde_json::{Value, json};

use crate::common::{Project, Run, audit};

/// Where the policy looks, `MODE` in policies and tests.
const MODE: &str = "input.ResourceConfig.UserPoolConfigs.Mfa.MFAMode";

const POLICY: &str = "package shop.mfa\n\ndeny contains msg if {\n\tMODE != \"ON\"\n\tmsg := sprintf(\"mode is %v\", \
                      [MODE])\n}\n\nstrict if data.audit.params.password.min_length >= 12\n";

/// A folder with a policy and these tests of it.
fn project(tests: &str) -> Project {
    let project = Project::of_recordings(&[]);
    project.file("policies/mfa.rego", &POLICY.replace("MODE", MODE));
    let text = format!("package shop.mfa_test\n\nimport data.shop.mfa\n\n{}\n", tests.replace("MODE", MODE));
    project.file("policies/mfa_test.rego", &text);
    project
}

fn tested(project: &Project, args: &[&str]) -> (Run, Value) {
    let run = project.audit(&[&["test", "policies", "--format", "json"], args].concat());
    let report = serde_json::from_str(&run.stdout)
        .unwrap_or_else(|error| panic!("no JSON: {error}\n{}\n{}", run.stdout, run.stderr));
    (run, report)
}

#[test]
fn only_a_test_that_is_true_passes() {
    for (test, status, code) in [
        ("test_x if count(mfa.deny) == 0 with MODE as \"ON\"", "passed", 0),
        ("test_x := count(mfa.deny) == 0 with input as {}", "usage", 2),
        ("test_x if count(mfa.deny) == 0 with MODE as \"OFF\"", "failed", 1),
        ("test_x := mfa.strict", "passed", 0),
        ("test_x := {mfa.strict}", "failed", 1),
        ("test_x := 1 if mfa.strict", "failed", 1),
        ("test_x := \"true\" if mfa.strict", "failed", 1),
        ("test_x := false if mfa.strict", "failed", 1),
        ("test_x if {\n\tmfa.strict\n\tto_number(\"x\") == 1\n}", "errored", 1),
        ("todo_test_x if mfa.strict", "skipped", 3),
        ("todo_test_x if false\n\ntest_y if mfa.strict", "skipped", 0),
        ("test_x[name] if {\n\tsome name in [\"a\", \"b\"]\n\tmfa.strict\n}", "passed", 0),
        ("test_x[name] if {\n\tsome name in [\"a\", \"b\"]\n\tmfa.strict\n\tname == \"a\"\n}", "failed", 1),
        ("test_x[name] if {\n\tsome name in []\n\tmfa.strict\n}", "errored", 1),
        (
            "test_x[name] if {\n\tsome [name, n] in [[\"a\", 1], [\"a\", 2]]\n\tmfa.strict\n\tn == 1\n}",
            "errored",
            1,
        ),
        (
            "test_x if {\n\tmfa.strict\n\tcount([1 |\n\t\tsome i in numbers.range(1, 3000)\n\t\tsome j in numbers.range(1, 3000)\n\t\ti == j\n\t]) == 3000\n}",
            "errored",
            1,
        ),
    ] {
        let project = project(test);
        if status == "usage" {
            assert_eq!(project.audit(&["test", "policies"]).code, code, "{test}");
            continue;
        }
        let (run, report) = tested(&project, &["--timeout", "1"]);
        assert_eq!(
            (run.code, report["tests"][0]["status"].as_str()),
            (code, Some(status)),
            "{test}\n{}",
            run.stdout
        );
        assert_eq!(report["summary"]["exit_code"], json!(code), "{test}");
    }
}

#[test]
fn nothing_tested_is_never_green() {
    let none = project("x := mfa.strict");
    let some = project("test_x if mfa.strict");
    for (project, args, message) in [
        (&none, &["test", "policies"][..], "there is no test in policies"),
        (&some, &["test", "policies", "--run", "nothing"], "none of the 1 test matches --run nothing"),
    ] {
        for format in ["human", "json", "junit"] {
            let run = project.audit(&[args, &["--format", format]].concat());
            assert_eq!(run.code, 3, "{format}: {}", run.stdout);
            assert!(format!("{}{}", run.stdout, run.stderr).contains(message), "{format}: {}", run.stdout);
        }
    }
    for args in
        [&["test"][..], &["test", "nowhere"], &["test", "policies", "--run", "("], &["test", "audit.toml"]]
    {
        let run = some.audit(args);
        assert_eq!((run.code, run.stdout.as_str()), (2, ""), "{args:?}: {}", run.stderr);
    }
}

#[test]
fn a_failed_test_shows_the_expression_and_its_values() {
    let project = project(
        "test_x if {\n\tmode := \"OFF\"\n\tcount(mfa.deny) == 1 with MODE as mode\n\tprint(\"so far\", mode)\n\
         \tmfa.deny == {\"mode is ON\"} with MODE as mode\n}\n\n\
         test_every if {\n\tevery mode, message in {\"ON\": \"\", \"OFF\": \"mode is off\"} {\n\
         \t\tcount(mfa.deny) == count(split(message, \"m\")) - 1 with MODE as mode\n\t}\n}\n\n\
         test_cases[name] if {\n\tsome name, mode in {\"good\": \"ON\", \"bad\": \"OFF\"}\n\
         \tcount(mfa.deny) == 0 with MODE as mode\n}",
    );
    let (run, report) = tested(&project, &[]);
    assert_eq!(run.code, 1);
    let failure = &report["tests"][0]["failure"];
    assert_eq!(failure["line"], json!(9), "{failure:#}");
    assert_eq!(failure["expression"], format!("mfa.deny == {{\"mode is ON\"}} with {MODE} as mode"));
    assert_eq!(
        failure["values"],
        json!([
            {"expression": "mode", "value": "\"OFF\""},
            {"expression": "mfa.deny", "value": "{\"mode is OFF\"}"},
        ])
    );
    assert_eq!(report["tests"][0]["output"], json!(["policies/mfa_test.rego:8: so far OFF"]));
    let cases = &report["tests"][2]["cases"];
    assert_eq!(cases[0]["name"], "bad", "{cases:#}");
    assert_eq!(cases[0]["failure"]["line"], json!(20));
    assert_eq!(cases[0]["failure"]["values"][0], json!({"expression": "mode", "value": "\"OFF\""}));
    assert_eq!(cases[1]["status"], "passed");
    let every = &report["tests"][1];
    assert_eq!(every["status"], "passed", "{every:#}");

    let run = project.audit(&["test", "policies"]);
    for shown in
        ["FAIL test_x", "mfa_test.rego:9:2", "mfa.deny = {\"mode is OFF\"}", "so far OFF", "FAIL bad"]
    {
        assert!(run.stdout.contains(shown), "{shown}: {}", run.stdout);
    }
    assert!(!run.stdout.contains("test_every"), "{}", run.stdout);
}

#[test]
fn an_every_shows_the_element_that_failed() {
    let project = project(
        "test_x if {\n\tevery mode in [\"ON\", \"OFF\", \"NO\"] {\n\t\tmode != \"\"\n\
         \t\tcount(mfa.deny) == 0 with MODE as mode\n\t}\n}",
    );
    let (_, report) = tested(&project, &[]);
    let failure = &report["tests"][0]["failure"];
    assert_eq!(failure["line"], json!(8), "{failure:#}");
    assert_eq!(failure["values"][0], json!({"expression": "mode", "value": "\"OFF\""}));
    assert_eq!(failure["values"][1], json!({"expression": "count(mfa.deny)", "value": "1"}));
}

#[test]
fn an_error_is_at_its_place() {
    let project = project("test_x if {\n\tmfa.strict\n\tto_number(\"x\") == 1\n}");
    let (run, report) = tested(&project, &[]);
    assert_eq!((run.code, &report["tests"][0]["error"]["line"]), (1, &json!(7)), "{report:#}");
    assert_eq!(report["tests"][0]["error"]["file"], "policies/mfa_test.rego");
}

#[test]
fn everything_that_keeps_policies_from_loading_is_said_at_once() {
    let project = project("test_x if mfa.strict");
    project.file("policies/a.rego", "package a\n\nx := := 1\n");
    project.file("policies/b.rego", "package b\n\ny := (\n");
    let run = project.audit(&["test", "policies"]);
    assert_eq!((run.code, run.stdout.as_str()), (2, ""));
    assert!(run.stderr.contains("a.rego:3") && run.stderr.contains("b.rego:"), "{}", run.stderr);
}

/// A file of policies or data, with what is wrong with it.
const REFUSED: &[(&str, &str, &str)] = &[
    ("a.rego", "package a\n\nx := := 1\n", "a.rego:3"),
    ("a.rego", "package a\n\nx if uper(\"a\") == \"A\"\n", "did you mean `upper`?"),
    ("a.rego", "package a\n\nx if not y == 1\n", "`y` is unsafe"),
    ("a.rego", "package a\n\nf(x) := f(x - 1) + 1 if x > 0\n", "`f` needs `f`"),
    (
        "a.rego",
        "package a\n\ndeny contains \"x\" if input.ResourceConfig.UserPoolConfig\n",
        "UserPoolConfigs",
    ),
    ("a.rego", "package a\n\ndeny := \"x\"\n", "no set"),
    ("a.rego", "package a\n\n# METADATA\n# title: [\ndeny contains \"x\" if true\n", "a.rego:"),
    (
        "a.rego",
        "package a\n\n# METADATA\n# custom:\n#   path: /ResourceConfig/Mfa\ndeny contains \"x\" if true\n",
        "no document has `Mfa` where `path` leads",
    ),
    (
        "a.rego",
        "package a\n\ndeny contains found if {\n\tfound := {\"msg\": \"x\", \"path\": \"/ResourceConfig/Servic\"}\n}\n",
        "did you mean `Service`?",
    ),
    ("a_test.rego", "package a_test\n\ntest_a if data.shop.mfa.dny\n", "did you mean `data.shop.mfa.deny`?"),
    ("a.json", "{\"x\": 1, \"x\": 2}", "twice"),
    ("a.yaml", "shop:\n  mfa: 1\n", "hidden by the data"),
    ("a.toml", "x = 1979-05-27\n", "JSON has no dates"),
];

#[test]
fn what_a_run_refuses_is_refused_in_the_same_words() {
    for (name, text, message) in REFUSED {
        let project = project("test_x if mfa.strict");
        let config = std::fs::read_to_string(project.path().join("audit.toml")).expect("a configuration");
        project.file(&format!("policies/{name}"), text);
        let test = project.audit(&["test", "policies"]);
        assert_eq!((test.code, test.stdout.as_str()), (2, ""), "{text}: {}", test.stderr);
        assert!(test.stderr.contains(message), "{text}: {}", test.stderr);
        project.file("audit.toml", &format!("{config}paths = [\"policies\"]\n"));
        for command in [&["check"][..], &["test"], &["test", "policies"]] {
            assert_eq!(project.audit(command).stderr, test.stderr, "{text}: {command:?}");
        }
    }
}

#[test]
fn the_packs_of_the_configuration_are_tested_where_no_path_is_given() {
    let project = project("test_x if mfa.strict");
    let config = std::fs::read_to_string(project.path().join("audit.toml")).expect("a configuration");
    let run = project.audit(&["test"]);
    assert_eq!(run.code, 2);
    for told in ["there is nothing to test", "audit test policies", "paths = [\"policies\"] in [policies]"] {
        let words = run.stderr.split_whitespace().collect::<Vec<_>>().join(" ").replace(" │ ", " ");
        assert!(words.contains(told), "{}", run.stderr);
    }
    project.file("audit.toml", &format!("{config}paths = [\"policies\"]\n"));
    project.file("deep/below/readme", "");
    let run = Run::of(audit(&project.path().join("deep/below")).arg("test").output().expect("it starts"));
    assert_eq!(run.code, 0, "{}{}", run.stdout, run.stderr);

    // Tests come before rules: for them the folder is in order, for a run it is not.
    std::fs::remove_file(project.path().join("policies/mfa.rego")).expect("there is one");
    project.file("policies/mfa_test.rego", "package shop_test\n\nhelper := 1\n\ntest_x if helper == 1\n");
    for (args, code) in [(&["test"][..], 0), (&["test", "policies"], 0), (&["check"], 2)] {
        let run = project.audit(args);
        assert_eq!(run.code, code, "{args:?}: {}{}", run.stdout, run.stderr);
    }
}

#[test]
fn what_a_run_has_is_there_in_tests() {
    let project = project(
        "import data.audit.mfa.off\n\n# METADATA\n# title: T\n\
         test_metadata if {\n\tmfa.strict\n\trego.metadata.rule().title == \"T\"\n}\n\n\
         # METADATA\n# title: T\n\
         test_metadata_fails if {\n\tmfa.strict\n\trego.metadata.rule().title == \"U\"\n}\n\n\
         test_regex if {\n\tmfa.strict\n\tregex.match(`^[^\\s@]{1,64}@\\d{12}$`, \"a@123456789012\")\n\
         \tnot regex.match(`^\\d$`, \"٣\")\n}\n\n\
         test_limit if {\n\tmfa.strict\n\tcount(numbers.range(1, 1000000000)) > 0\n}\n\n\
         test_data if data.limits == {\"low\": 1, \"high\": 2, \"other\": 3}\n\n\
         test_embedded if count(off.deny) == 1 with MODE as \"OFF\"",
    );
    for (name, text) in [("a.toml", "low = 1\n"), ("b.yaml", "high: 2\n"), ("c.json", "{\"other\": 3}")] {
        project.file(&format!("policies/limits/{name}"), text);
    }
    let (_, report) = tested(&project, &[]);
    let status = |test: &Value| format!("{} {}", test["name"].as_str().unwrap_or(""), test["status"]);
    let found: Vec<String> = report["tests"].as_array().expect("tests").iter().map(status).collect();
    let expected = [
        "data.shop.mfa_test.test_metadata \"passed\"",
        "data.shop.mfa_test.test_metadata_fails \"failed\"",
        "data.shop.mfa_test.test_regex \"passed\"",
        "data.shop.mfa_test.test_limit \"errored\"",
        "data.shop.mfa_test.test_data \"passed\"",
        "data.shop.mfa_test.test_embedded \"passed\"",
    ];
    assert_eq!(found, expected, "{report:#}");
    let failure = &report["tests"][1]["failure"];
    assert_eq!(failure["expression"], "rego.metadata.rule().title == \"U\"");
    assert_eq!(
        failure["values"],
        json!([{"expression": "rego.metadata.rule().title", "value": "\"T\""}]),
        "{failure:#}"
    );
}

#[test]
fn a_file_named_like_an_embedded_one_is_covered_by_its_own_tests_alone() {
    let project = Project::of_recordings(&[]);
    project.file("lib/uri.rego", "package mine\n\nx if {\n\tinput.Origin\n}\n");
    let test = "package mine_test\n\nimport data.audit.lib.uri\n\n\
                test_x if uri.host(\"https://a.example/\") == \"a.example\"\n";
    project.file("lib/uri_test.rego", test);
    let run = project.audit(&["test", "lib", "--coverage", "--format", "json"]);
    let report: Value = serde_json::from_str(&run.stdout).expect("JSON");
    assert_eq!(report["coverage"]["files"][0]["not_covered"], json!([4]), "{report:#}");
}

#[test]
fn profiles_of_a_pack_are_no_data() {
    let project = project("test_x if mfa.strict\n\ntest_y if data.profiles.other == 1");
    project.file("policies/profiles/low.toml", "[params]\npassword.min_length = 6\n");
    project.file("policies/profiles/high.toml", "[params]\npassword.min_length = 99\n");
    project.file("policies/profiles/other.toml", "other = 1\n");
    let (run, report) = tested(&project, &[]);
    assert_eq!((run.code, &report["summary"]["passed"]), (0, &json!(2)), "{report:#}");
}

#[test]
fn data_parameters_and_helpers_are_there() {
    let project = project(
        "import data.audit.lib.uri\n\ntest_data if data.limits.low == 3\n\ntest_params if data.audit.params.password.min_length == 16\n\n\
         test_helper if uri.host(\"https://a.example/\") == \"a.example\"",
    );
    project.file("policies/limits/own.json", "{\"low\": 3}");
    let config = std::fs::read_to_string(project.path().join("audit.toml")).expect("a configuration");
    project.file("audit.toml", &format!("{config}\n[policies.params]\npassword.min_length = 16\n"));
    let (run, report) = tested(&project, &[]);
    assert_eq!((run.code, &report["summary"]["passed"]), (0, &json!(3)), "{report:#}");

    project.file("policies/shop/hides.json", "{\"mfa\": {\"deny\": []}}");
    let run = project.audit(&["test", "policies"]);
    assert_eq!(run.code, 2);
    assert!(run.stderr.contains("hidden by the data of policies/shop/hides.json"), "{}", run.stderr);
}

#[test]
fn coverage_names_the_lines_that_no_test_reaches() {
    let project = project("test_x if count(mfa.deny) == 0 with MODE as \"ON\"");
    project.file("policies/unused.rego", "package unused\n\nx if {\n\tinput.Origin\n\tinput.Missing\n}\n");
    let (run, report) = tested(&project, &["--coverage"]);
    assert_eq!(run.code, 0);
    let files = &report["coverage"]["files"];
    assert_eq!(files[0]["file"], "policies/mfa.rego", "{files:#}");
    assert_eq!(files[0]["not_covered"], json!([3, 5, 8]));
    assert_eq!(files[1]["not_covered"], json!([4, 5]));
    assert_eq!(files.as_array().map(Vec::len), Some(2), "tests are not to be covered");
    for (threshold, code) in [("10", 0), ("100", 1)] {
        let (run, report) = tested(&project, &["--threshold", threshold]);
        assert_eq!(run.code, code, "{report:#}");
        let run = project.audit(&["test", "policies", "--threshold", threshold]);
        assert_eq!(run.stdout.contains("which is below"), code == 1, "{}", run.stdout);
    }
}

#[test]
fn a_test_that_can_never_fail_is_warned_about() {
    let project = project("test_x if {\n\tmfa.strict\n\tmfa.deny with MODE as \"ON\"\n}");
    let (run, report) = tested(&project, &[]);
    assert_eq!(run.code, 0);
    assert_eq!(report["warnings"][0]["kind"], "always_true", "{report:#}");
    assert_eq!(report["warnings"][0]["line"], json!(7));
    let run = project.audit(&["test", "policies"]);
    assert!(run.stdout.contains("is always true") && run.stdout.contains("1 warning"), "{}", run.stdout);
}

#[test]
fn the_same_tests_give_the_same_report() {
    let tests: Vec<String> =
        (0..40).map(|n| format!("test_{n} if count(mfa.deny) == {} with MODE as 1", n % 2)).collect();
    let project = project(&tests.join("\n\n"));
    let report = || {
        let (_, mut report) = tested(&project, &["--coverage"]);
        for test in report["tests"].as_array_mut().expect("tests") {
            test["duration_ms"] = Value::Null;
        }
        report
    };
    let first = report();
    assert_eq!(first["summary"]["failed"], json!(20));
    assert_eq!(first, report());
}

#[test]
fn nothing_that_a_test_prints_steers_a_terminal_or_breaks_xml() {
    let project = project(
        "test_x if {\n\tprint(\"\\u001b[31m<&\\u0000\\uffff]]>##[error]\")\n\tmfa.strict == `\n::warning::x`\n}",
    );
    for format in ["human", "json", "junit"] {
        let run = project.audit(&["test", "policies", "--format", format]);
        assert_eq!(run.code, 1);
        let bad = |c: char| c.is_control() && c != '\n' || c == '\u{ffff}' && format == "junit";
        assert!(
            !run.stdout.contains(bad) || format == "json" && !run.stdout.contains('\u{1b}'),
            "{}",
            run.stdout
        );
        assert!(!run.stdout.contains("##["), "{}", run.stdout);
        assert!(!run.stdout.lines().any(|line| line.trim_start().starts_with("::")), "{}", run.stdout);
    }
    let run = project.audit(&["test", "policies", "--format", "junit"]);
    assert!(
        run.stdout.contains("&lt;&amp;") && run.stdout.contains("<failure type=\"failure\""),
        "{}",
        run.stdout
    );
    assert!(run.stdout.contains("<testsuite name=\"policies/mfa_test.rego\" file="), "{}", run.stdout);
}

#[test]
fn a_reader_that_has_seen_enough_changes_nothing() {
    let project = project("test_x if mfa.strict == 1");
    let mut child = audit(project.path())
        .args(["test", "policies"])
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .expect("the program starts");
    drop(child.stdout.take());
    assert_eq!(child.wait().expect("it ends").code(), Some(1));
}

#[test]
fn the_pack_of_this_repository_passes_and_is_covered() {
    let run = audit(Path::new(env!("CARGO_MANIFEST_DIR")))
        .args(["test", "policies", "--threshold", "100", "--format", "json", "--timeout", "60"])
        .output()
        .expect("the program starts");
    let run = Run::of(run);
    let report: Value = serde_json::from_str(&run.stdout).expect("JSON");
    assert_eq!(run.code, 0, "{:#}", report["coverage"]);
    assert!(
        report["summary"]["passed"].as_u64().is_some_and(|passed| passed >= 110),
        "{}",
        report["summary"]
    );
    assert_eq!(report["warnings"], json!([]));
}
