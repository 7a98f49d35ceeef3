//! The examples and the README: every command in them runs here.

use std::fs;
use std::path::Path;

use serde_json::Value;

use crate::common::guide::{blocks, is_printed, page};
use crate::common::{Project, Run, audit, files};

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

fn run(args: &[&str]) -> Run {
    Run::of(audit(root()).args(args).output().expect("the program starts"))
}

#[test]
fn the_first_command_shows_findings_with_excerpts_and_exits_1() {
    let run = run(&["--config", "examples/audit.toml"]);
    assert_eq!(run.code, 1, "{}", run.stderr);
    assert_eq!(run.stderr, "");
    for piece in
        ["\"OAuthGrantType\": \"IMPLICIT\"", "expected \"ON\"", "help: ", "targets: 9, 9 audited by 30 rules"]
    {
        assert!(run.stdout.contains(piece), "no {piece:?} in\n{}", run.stdout);
    }
    assert!(!run.stdout.contains("EXAMPLE-not-a-real"), "a secret of a recording is shown");
}

/// Rules that none of the examples violates: three backends as one meets them are no catalogue of mistakes.
const OBEYED: &[&str] = &[
    "document/missing_member",
    "document/unrecognised_value",
    "guest_access/inconsistent_identity_pool",
    "oauth/custom_scheme_redirect",
    "oauth/development_redirect",
    "oauth/malformed_redirect",
    "oauth/missing_openid",
    "oauth/shared_redirect_host",
    "password/imposed_composition",
    "password/missing_character_class",
    "recovery/no_recovery_attribute",
    "recovery/sms",
    "sign_in/phone_number",
    "sign_up/excess_personal_data",
    "social/incomplete_provider",
    "social/shared_client",
    "verification/message_without_code",
    "verification/sms",
];

#[test]
fn the_examples_violate_all_rules_but_some() {
    let run = run(&["--config", "examples/audit.toml", "--format", "json"]);
    let report: serde_json::Value = serde_json::from_str(&run.stdout).expect("a report");
    let found: Vec<&str> = report["findings"]
        .as_array()
        .expect("findings")
        .iter()
        .filter_map(|finding| finding["rule"].as_str())
        .collect();
    let rules = report["rules"].as_array().expect("rules").iter();
    let obeyed: Vec<&str> =
        rules.filter_map(|rule| rule["id"].as_str()).filter(|id| !found.contains(id)).collect();
    assert_eq!(obeyed, OBEYED);
    assert_eq!(found.len(), 28);
}

#[test]
fn an_example_with_an_error_in_it_exits_3() {
    let run = run(&["--config", "examples/incomplete/audit.toml"]);
    assert_eq!(run.code, 3);
    assert!(run.stdout.contains("unaudited[backend_error]"), "{}", run.stdout);
}

#[test]
fn the_live_example_is_a_valid_configuration() {
    // Without credentials nothing can be read: that is said for every target, and is no wrong configuration.
    let run = run(&["--config", "examples/live/audit.toml", "--format", "json"]);
    assert_eq!(run.code, 3, "{}", run.stderr);
    let report: serde_json::Value = serde_json::from_str(&run.stdout).expect("a report");
    let targets = report["targets"].as_array().expect("targets");
    assert_eq!(targets.len(), 5);
    assert!(targets.iter().all(|target| target["error"]["kind"] == "credentials"), "{targets:#?}");
}

#[test]
fn the_example_of_a_fleet_is_a_valid_configuration() {
    let fleet = ["--config", "examples/fleet/audit.toml"];
    let run_of = |args: &[&str]| run(&[args, &fleet[..]].concat());
    let policy = run_of(&["iam-policy"]);
    assert_eq!(policy.code, 0, "{}", policy.stderr);
    assert!(policy.stdout.contains("amplify:ListApps"));
    for account in ["111122223333", "444455556666", "777788889999"] {
        assert!(run_of(&["iam-policy", "--caller"]).stdout.contains(&format!("{account}:role/auditor")));
    }
    // Without credentials no account can be read, and each is named.
    let listing = run_of(&["targets", "--format", "json"]);
    assert_eq!(listing.code, 3, "{}", listing.stderr);
    let listing: serde_json::Value = serde_json::from_str(&listing.stdout).expect("JSON");
    let notices = listing["notices"].as_array().expect("notices");
    assert_eq!(notices.iter().filter(|notice| notice["kind"] == "unreadable").count(), 3, "{notices:#?}");
}

#[test]
fn what_the_readme_shows_is_what_the_program_prints() {
    let readme = page("README.md");
    let mut last = None;
    let mut shown = 0;
    for (info, text) in blocks(&readme) {
        match info {
            "sh" => {
                let arguments = text.lines().find_map(|line| line.strip_prefix("cargo run --release -- "));
                if let Some(arguments) = arguments {
                    last = Some(run(&arguments.split_whitespace().collect::<Vec<_>>()));
                }
            }
            "text" => {
                is_printed(text, last.as_ref().expect("a command before its output"));
                shown += 1;
            }
            _ => {}
        }
    }
    assert_eq!(shown, 2, "the README shows output of the first example and of drift");
}

#[test]
fn the_readme_has_the_two_commands_and_the_exit_codes() {
    let readme = std::fs::read_to_string(root().join("README.md")).expect("README.md");
    for command in ["cargo run --release -- --config examples/audit.toml", "cargo test --locked"] {
        assert!(readme.contains(command), "no {command}");
    }
    let help = run(&["--help"]);
    assert_eq!(help.code, 0);
    assert!(help.stdout.contains("Exit codes:"));
}

#[test]
fn the_example_of_an_own_pack_is_judged_beside_the_built_in_one() {
    let config = ["--config", "examples/policies/audit.toml"];
    let check = run(&[&["check"], &config[..]].concat());
    assert_eq!((check.code, check.stderr.as_str()), (0, ""));
    assert!(check.stdout.contains("5 of pack (1 disabled)"), "{}", check.stdout);

    let tests = run(&[&["test", "examples/policies/pack", "--threshold", "100"], &config[..]].concat());
    assert_eq!(tests.code, 0, "{}", tests.stdout);
    assert!(tests.stdout.contains("18 tests: 18 passed"), "{}", tests.stdout);

    let audit = run(&[&["--format", "json"], &config[..]].concat());
    assert_eq!(audit.code, 1, "{}", audit.stderr);
    let report: serde_json::Value = serde_json::from_str(&audit.stdout).expect("a report");
    let found = |rule: &str| {
        let findings = report["findings"].as_array().expect("findings").iter();
        let of_rule = findings.filter(|finding| finding["rule"] == rule);
        of_rule
            .map(|finding| {
                let word = |key: &str| finding[key].as_str().expect("a text").to_owned();
                (word("target"), word("severity"), word("disposition"))
            })
            .collect::<Vec<_>>()
    };
    let finding = |target: &str, severity: &str, disposition: &str| {
        (target.into(), severity.into(), disposition.into())
    };
    let (intranet, shop) = ("d1h5j0z7s3u9pe", "d2k7v9q4m1x8ra");
    let (demo, prod) =
        (format!("{intranet}/demo/cognitoe4a07b62"), format!("{intranet}/prod/cognitoe4a07b62"));
    let field_service = "d3f8w2n6c5t0yb/main/fieldservice51be0a93";
    for (rule, expected) in [
        ("acme/owner/missing", vec![finding(&demo, "high", "open"), finding(&prod, "high", "open")]),
        (
            "acme/redirect/foreign_domain",
            vec![
                finding(&demo, "high", "open"),
                finding(&prod, "high", "open"),
                finding(field_service, "high", "waived"),
            ],
        ),
        (
            "acme/mfa/forbidden_factor",
            vec![
                finding(&prod, "medium", "below_threshold"),
                finding(&format!("{shop}/prod/shop8c1f24d7"), "medium", "below_threshold"),
            ],
        ),
        (
            "acme/message/default_text",
            vec![finding(&demo, "info", "below_threshold"), finding(&prod, "info", "below_threshold")],
        ),
        ("acme/parity/sign_up", vec![finding(field_service, "low", "below_threshold")]),
        ("mfa/sms_only", vec![]),
    ] {
        assert_eq!(found(rule), expected, "{rule}");
    }
}

#[test]
fn the_example_of_drift_shows_each_kind_of_it() {
    let config = ["--config", "examples/drift/audit.toml"];
    let run_of = |args: &[&str]| run(&[args, &config[..]].concat());
    let audit = run_of(&["--format", "json"]);
    assert_eq!(audit.code, 1, "{}", audit.stderr);
    let report: Value = serde_json::from_str(&audit.stdout).expect("a report");
    let findings = report["findings"].as_array().expect("findings").iter().map(|finding| {
        ["rule", "severity", "disposition", "target", "path"].map(|key| finding[key].as_str().expect(key))
    });
    let [prod, staging, uat] =
        ["prod", "staging", "uat"].map(|environment| format!("d5m2p8r4w7k1qa/{environment}/tickets3a9d70e2"));
    let redirects = "/ResourceConfig/UserPoolConfigs/OAuth/RedirectSignInURIs";
    let length = "/ResourceConfig/UserPoolConfigs/PasswordPolicy/MinimumLength";
    let mode = "/ResourceConfig/UserPoolConfigs/Mfa/MFAMode";
    // In staging redirects are ignored, and names differ in the environment's alone. No rule but drift's objects to
    // what changed in production.
    assert_eq!(
        findings.collect::<Vec<_>>(),
        [
            ["drift/baseline", "high", "open", &prod, redirects],
            ["drift/environment", "high", "waived", &staging, mode],
            ["drift/environment", "high", "open", &staging, length],
            ["mfa/optional", "medium", "below_threshold", &staging, mode],
            ["drift/baseline", "low", "below_threshold", &prod, length],
            ["drift/untracked", "low", "below_threshold", &uat, ""],
        ]
    );

    let check = run_of(&["snapshot", "--check"]);
    assert_eq!(check.code, 1, "{}", check.stderr);
    assert!(check.stdout.contains("baseline: 1 new, 1 changed, 1 unchanged\n"), "{}", check.stdout);
    let targets = run_of(&["targets"]);
    assert_eq!(targets.code, 0, "{}", targets.stderr);
    assert!(targets.stdout.contains(&format!("{staging}  {prod}\n")), "{}", targets.stdout);
}

#[test]
fn the_baseline_of_the_example_is_what_a_snapshot_of_what_was_agreed_writes() {
    let project = Project::new("");
    project.copy("examples/drift", "drift");
    // As it was when it was reviewed: without the redirect, the longer passwords and the new environment.
    let prod = project.path().join("drift/recordings/tickets/prod.json");
    let now = fs::read_to_string(&prod).expect("readable");
    let redirect = ",\n                    \"https://tickets.example.org/\"";
    let agreed = now.replacen(redirect, "", 1).replace("\"MinimumLength\": 14.0", "\"MinimumLength\": 12.0");
    assert!(!agreed.contains("14.0") && !agreed.contains("example.org"), "{agreed}");
    fs::write(&prod, agreed).expect("written");
    fs::remove_file(project.path().join("drift/recordings/tickets/uat.json")).expect("it is there");
    let baseline = project.path().join("drift/baseline");
    fs::remove_dir_all(&baseline).expect("it is there");
    let run = project.audit(&["snapshot", "--config", "drift/audit.toml"]);
    assert_eq!(run.code, 0, "{}{}", run.stdout, run.stderr);
    let committed = files(&root().join("examples/drift/baseline"));
    assert_eq!(committed.len(), 2);
    assert_eq!(files(&baseline), committed);
}
