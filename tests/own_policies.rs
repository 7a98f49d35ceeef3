//! Policies of the user's own, through the program.

use serde_json::json;

use crate::common::{PLANNED, Project, compliant, with};

const SOURCE: &str = "[[source]]\nkind = \"recordings\"\npaths = [\"recordings/**/*.json\"]\n";
const MODE: &str = "/ResourceConfig/UserPoolConfigs/Mfa/MFAMode";

/// A project with one compliant recording, and these policies.
fn project(config: &str, files: &[(&str, &str)]) -> Project {
    let project = Project::of_recordings(&[("shop.json", compliant("d1", "prod"))]);
    project.file("audit.toml", &format!("{SOURCE}\n{config}"));
    for (name, text) in files {
        project.file(name, text);
    }
    project
}

const MINE: &str = "package acme.mfa

import data.audit.params

# METADATA
# title: A pool has more than one factor
# custom:
#   severity: high
#   path: /ResourceConfig/UserPoolConfigs/Mfa/Settings/MfaTypes
deny contains msg if {
	count(input.ResourceConfig.UserPoolConfigs.Mfa.Settings.MfaTypes) < params.acme.factors
	print(\"looked at\", input.Target.Id, \"\\u001b[31m\")
	msg := sprintf(\"fewer than %v factors, says %s\", [params.acme.factors, data.names.team])
}

warn_pool contains \"the pool has a dull name\" if input.ResourceConfig.UserPoolConfigs.UserPoolName == \"pool\"
";

#[test]
fn a_rule_of_ones_own_is_judged_like_a_built_in_one() {
    let config = format!("{PLANNED}paths = [\"policies\"]\n[policies.params]\nacme.factors = 2\n");
    let data = ("policies/names/data.yaml", "team: identity\n");
    let project = project(&config, &[("policies/mine.rego", MINE), data]);
    let (run, report) = project.report(&[]);
    assert_eq!(run.code, 1, "{}", run.stderr);
    let findings = report["findings"].as_array().expect("a list");
    let found: Vec<_> =
        findings.iter().map(|found| (&found["rule"], &found["severity"], &found["message"])).collect();
    assert_eq!(
        found,
        [
            (&json!("acme/mfa"), &json!("high"), &json!("fewer than 2 factors, says identity")),
            (&json!("acme/mfa/pool"), &json!("low"), &json!("the pool has a dull name")),
        ]
    );
    assert!(!run.stderr.contains("looked at"));

    // What is printed is for who asks, on stderr, and steers no terminal.
    let run = project.audit(&["--verbose"]);
    let printed = "printed d1/prod/auth: policies/mine.rego:12: looked at d1/prod/auth \\u{1b}[31m";
    assert!(run.stderr.contains(printed), "{}", run.stderr);
    assert!(!run.stdout.contains("looked at"));

    // The configuration speaks of it as of any other.
    let run = project.audit(&["--rule", "acme/mfa/pool"]);
    assert_eq!(run.code, 0, "{}", run.stderr);
    let run = project.audit(&["--rule", "acme/mfa/pol"]);
    assert!(run.code == 2 && run.stderr.contains("did you mean `acme/mfa/pool`?"), "{}", run.stderr);
    project.file("audit.toml", &format!("{SOURCE}\n{config}[policies.severity]\n\"acme/mfa\" = \"info\"\n"));
    assert_eq!(project.audit(&[]).code, 0);
}

#[test]
fn a_rule_that_fails_makes_its_target_unaudited_and_says_where() {
    let text = "package acme\n\ndeny contains \"x\" if to_number(input.Target.Id) > 1\n";
    let project = project("[policies]\npaths = [\"policies\"]\n", &[("policies/mine.rego", text)]);
    let (run, report) = project.report(&[]);
    assert_eq!(run.code, 3);
    let error = &report["targets"][0]["error"];
    assert_eq!(error["kind"], "policy");
    let message = error["message"].as_str().expect("a text");
    assert!(message.contains("rule acme cannot be evaluated: policies/mine.rego:3:"), "{message}");
}

#[test]
fn check_says_what_a_run_would_be_made_of() {
    let config = "[policies]\npaths = [\"policies\"]\ndisable = [\"mfa/optional\"]\n[policies.params]\nacme.factors = 2\n";
    let files = [
        ("policies/mine.rego", MINE),
        ("policies/names/data.yaml", "team: identity\n"),
        ("policies/mine_test.rego", "package acme.mfa_test\ntest_one if true\n"),
    ];
    let project = project(config, &files);
    let run = project.audit(&["check"]);
    assert_eq!((run.code, run.stderr.as_str()), (0, ""));
    for said in [
        "sources  1 recordings",
        "2 of policies (1 disabled)",
        "profile  recommended",
        "1 test of your own",
        "1 file",
        "waivers  0",
    ] {
        assert!(run.stdout.contains(said), "{} has no {said}", run.stdout);
    }

    let waiver = "[[waiver]]\nrule = \"acme/mfa\"\ntarget = \"*\"\nreason = \"r\"\nexpires = 2020-01-01\n";
    project.file("audit.toml", &format!("{SOURCE}\n{config}\n{waiver}"));
    let run = project.audit(&["check"]);
    assert_eq!(run.code, 0);
    assert!(run.stdout.contains("notice[waiver_expired]: the waiver of acme/mfa"), "{}", run.stdout);

    project.file("audit.toml", &format!("{SOURCE}\n[policies]\nbuiltin = false\n"));
    let run = project.audit(&["check"]);
    assert_eq!(run.code, 3);
    assert!(run.stdout.contains("incomplete[no_rules]: no rule is enabled"), "{}", run.stdout);
}

#[test]
fn everything_that_is_wrong_is_said_at_once_with_its_place() {
    let files = [
        (
            "policies/a.rego",
            "package acme\n\n# METADATA\n# custom:\n#   severty: high\ndeny contains \"x\" if true\n",
        ),
        ("policies/b.rego", "package b\ndeny contains if\n"),
        ("policies/c.json", "{\"acme\": {\"deny\": []}}"),
    ];
    let project = project("[policies]\npaths = [\"policies\", \"gone\"]\nprofile = \"strict\"\n", &files);
    for command in [&["check"][..], &[], &["targets"]] {
        let run = project.audit(command);
        assert_eq!((run.code, run.stdout.as_str()), (2, ""), "{}", run.stderr);
        for said in [
            "there is no `gone`",
            "audit.toml:7:",
            "unknown profile",
            "did you mean `severity`?",
            "policies/a.rego:5",
            "policies/b.rego:2",
            "hidden by the data of",
        ] {
            assert!(run.stderr.contains(said), "{} has no {said}", run.stderr);
        }
    }
}

#[test]
fn of_very_many_problems_the_first_are_shown() {
    let rules: Vec<_> = (0..60).map(|i| format!("deny_X{i} contains \"x\" if true")).collect();
    let text = format!("package acme\n{}\n", rules.join("\n"));
    let project = project("[policies]\npaths = [\"policies\"]\n", &[("policies/a.rego", &text)]);
    let run = project.audit(&["check"]);
    assert_eq!(run.code, 2);
    assert_eq!(run.stderr.matches("cannot be the id of a rule").count(), 50);
    assert!(run.stderr.contains("10 more problems are not shown"), "{}", run.stderr);
}

#[test]
fn a_waiver_of_ones_own_rule_holds() {
    let waiver = "[[waiver]]\nrule = \"acme\"\ntarget = \"*\"\nreason = \"r\"\nexpires = 2999-01-01\n";
    let text = format!(
        "package acme\n\ndeny contains {{\"msg\": \"off\", \"path\": \"{MODE}\", \"severity\": \"high\"}} if input.ResourceConfig.UserPoolConfigs.Mfa.MFAMode == \"OFF\"\n"
    );
    let config = format!("[policies]\nbuiltin = false\npaths = [\"policies\"]\n{waiver}");
    let project = project(&config, &[("policies/a.rego", &text)]);
    project.file("recordings/shop.json", &with(compliant("d1", "prod"), MODE, json!("OFF")).to_string());
    let (run, report) = project.report(&[]);
    assert_eq!((run.code, &report["summary"]["waived"]), (0, &json!(1)), "{}", run.stderr);
}

#[test]
fn a_parameter_that_nothing_sets_is_refused_at_the_line_that_reads_it() {
    let files = [("policies/mine.rego", MINE), ("policies/names/data.yaml", "team: identity\n")];
    let unset = project("[policies]\npaths = [\"policies\"]\n", &files);
    for command in ["run", "check"] {
        let run = unset.audit(&[command]);
        assert_eq!((run.code, run.stdout.as_str()), (2, ""), "{command}");
        for piece in
            ["nothing sets the parameter `acme.factors`", "policies/mine.rego:11", "[policies.params]"]
        {
            assert!(run.stderr.contains(piece), "no {piece:?} in\n{}", run.stderr);
        }
    }
    // With a default in the policy, it may be left out.
    let lenient = MINE.replace("params.acme.factors", "object.get(params, [\"acme\", \"factors\"], 1)");
    let lenient =
        project("[policies]\npaths = [\"policies\"]\n", &[("policies/mine.rego", &lenient), files[1]]);
    assert_eq!(lenient.audit(&["check"]).code, 0);
}
