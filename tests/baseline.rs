//! `audit snapshot`, and what a run says of what was agreed.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use serde_json::{Value, json};

use crate::common::{PLANNED, Project, compliant, with};

const MODE: &str = "/ResourceConfig/UserPoolConfigs/Mfa/MFAMode";
const LENGTH: &str = "/ResourceConfig/UserPoolConfigs/PasswordPolicy/MinimumLength";
const REDIRECTS: &str = "/ResourceConfig/UserPoolConfigs/OAuth/RedirectSignInURIs";

/// Recordings, compared with the folder `baseline`.
fn project(recordings: &[(&str, Value)]) -> Project {
    let project = Project::new(&format!(
        "[audit]\nbaseline = \"baseline\"\n[[source]]\nkind = \"recordings\"\npaths = [\"recordings/**/*.json\"]\n{PLANNED}"
    ));
    for (name, answer) in recordings {
        record(&project, name, answer);
    }
    project
}

fn record(project: &Project, name: &str, answer: &Value) {
    project.file(&format!("recordings/{name}"), &answer.to_string());
}

fn fleet() -> Project {
    let answers = [("d1", "prod"), ("d1", "staging"), ("d2", "prod")]
        .map(|(app, environment)| (format!("{app}-{environment}.json"), compliant(app, environment)));
    let answers: Vec<_> = answers.iter().map(|(name, answer)| (name.as_str(), answer.clone())).collect();
    project(&answers)
}

/// Every file below a folder, with its bytes.
fn files(folder: &Path) -> BTreeMap<PathBuf, Vec<u8>> {
    let mut files = BTreeMap::new();
    let mut folders = vec![folder.to_path_buf()];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(folder).expect("a folder").map(|entry| entry.expect("an entry").path()) {
            if entry.is_dir() {
                folders.push(entry);
            } else {
                files.insert(entry.clone(), fs::read(&entry).expect("a file"));
            }
        }
    }
    files
}

fn of_rule<'r>(report: &'r Value, rule: &str) -> Vec<&'r Value> {
    report["findings"]
        .as_array()
        .expect("findings")
        .iter()
        .filter(|finding| finding["rule"] == rule)
        .collect()
}

fn notices<'r>(report: &'r Value, kind: &str) -> Vec<&'r str> {
    let notices = report["notices"].as_array().expect("notices").iter();
    notices.filter(|notice| notice["kind"] == kind).filter_map(|notice| notice["message"].as_str()).collect()
}

#[test]
fn what_was_snapshot_does_not_drift() {
    let project = fleet();
    let run = project.audit(&["snapshot"]);
    assert_eq!((run.code, run.stderr.as_str()), (0, ""), "{}", run.stdout);
    insta::assert_snapshot!(run.stdout, @r"
    new        d1/prod/auth
    new        d1/staging/auth
    new        d2/prod/auth

    baseline: 3 new, 0 unchanged
    ");
    let before = files(&project.path().join("baseline"));
    assert_eq!(before.len(), 3);
    let times = || {
        let paths = before.keys().map(|path| fs::metadata(path).expect("there").modified().expect("a time"));
        paths.collect::<Vec<_>>()
    };
    let written = times();

    let (run, report) = project.report(&[]);
    let drifts = report["findings"].as_array().expect("findings").iter();
    let drifts =
        drifts.filter(|finding| finding["rule"].as_str().is_some_and(|rule| rule.starts_with("drift/")));
    assert_eq!((run.code, drifts.count()), (0, 0));
    let rules: Vec<_> = report["rules"].as_array().expect("rules").iter().map(|rule| &rule["id"]).collect();
    assert!(rules.contains(&&json!("drift/baseline")) && rules.contains(&&json!("drift/untracked")));
    assert!(!rules.contains(&&json!("drift/environment")), "nothing is paired");

    for args in [&["snapshot"][..], &["snapshot", "--check"]] {
        let run = project.audit(args);
        assert_eq!(run.code, 0, "{}", run.stdout);
        assert!(run.stdout.starts_with("baseline: 3 unchanged\n"), "{}", run.stdout);
        assert_eq!((files(&project.path().join("baseline")), times()), (before.clone(), written.clone()));
    }
}

#[test]
fn a_difference_is_a_finding_at_its_line_of_the_baseline() {
    let project = fleet();
    project.audit(&["snapshot"]);
    let changed = with(compliant("d1", "prod"), MODE, json!("OPTIONAL"));
    let changed = with(changed, LENGTH, json!(14));
    record(
        &project,
        "d1-prod.json",
        &with(changed, REDIRECTS, json!(["https://shop.example.com/", "https://new.example.com/"])),
    );
    let (run, report) = project.report(&["--rule", "drift/baseline"]);
    assert_eq!(run.code, 1);
    let text = fs::read_to_string(project.path().join("baseline/d1/prod/auth.json")).expect("a file");
    let line_of = |piece: &str| text.lines().position(|line| line.contains(piece)).expect("there") + 1;
    let found: Vec<_> = of_rule(&report, "drift/baseline")
        .into_iter()
        .map(|finding| {
            assert_eq!(
                (&finding["target"], &finding["location"]["file"]),
                (&json!("d1/prod/auth"), &json!("baseline/d1/prod/auth.json"))
            );
            (
                finding["path"].as_str().expect("a path"),
                finding["severity"].as_str().expect("a severity"),
                finding["location"]["line"]
                    .as_u64()
                    .and_then(|line| usize::try_from(line).ok())
                    .expect("a line"),
                finding["message"].as_str().expect("a message"),
                (&finding["expected"], &finding["actual"]),
            )
        })
        .collect();
    assert_eq!(
        found,
        [
            (
                MODE,
                "high",
                line_of("\"MFAMode\""),
                "`MFAMode` differs from the baseline: weaker: `OPTIONAL` replaced `ON`",
                (&json!("ON"), &json!("OPTIONAL"))
            ),
            (
                REDIRECTS,
                "high",
                line_of("\"RedirectSignInURIs\""),
                "`RedirectSignInURIs` differs from the baseline: weaker: added `https://new.example.com/`",
                (&Value::Null, &json!(["https://new.example.com/"]))
            ),
            (
                LENGTH,
                "low",
                line_of("\"MinimumLength\""),
                "`MinimumLength` differs from the baseline: `14` replaced `12`",
                (&json!(12), &json!(14))
            ),
        ]
    );
    let run = project.audit(&["--rule", "drift/baseline", "--fail-on", "high", "--color", "never"]);
    assert!(run.stdout.contains("weaker: `OPTIONAL` replaced `ON`"), "{}", run.stdout);

    // The configuration's severity is over that of a change.
    let config = fs::read_to_string(project.path().join("audit.toml")).expect("a file");
    project.file("audit.toml", &format!("{config}[policies.severity]\n\"drift/baseline\" = \"info\"\n"));
    let (run, report) = project.report(&["--rule", "drift/baseline"]);
    assert_eq!(run.code, 0);
    assert!(of_rule(&report, "drift/baseline").iter().all(|finding| finding["severity"] == "info"));
}

#[test]
fn snapshot_says_what_changed_and_agrees_to_it() {
    let project = fleet();
    project.audit(&["snapshot"]);
    record(&project, "d1-prod.json", &with(compliant("d1", "prod"), MODE, json!("OFF")));
    record(&project, "d3-dev.json", &compliant("d3", "dev"));
    fs::remove_file(project.path().join("recordings/d2-prod.json")).expect("removed");
    let before = files(&project.path().join("baseline"));
    let run = project.audit(&["snapshot", "--check"]);
    assert_eq!(run.code, 1);
    insta::assert_snapshot!(run.stdout, @r"
    changed    d1/prod/auth
                 /ResourceConfig/UserPoolConfigs/Mfa/MFAMode: weaker: `OFF` replaced `ON`
    new        d3/dev/auth
    no target  baseline/d2/prod/auth.json

    baseline: 1 new, 1 changed, 1 unchanged, 1 without a target
    1 change weakens security.
    The baseline differs from what is there. `audit snapshot` writes it.
    `audit snapshot --prune` removes files without a target.
    ");
    assert_eq!(files(&project.path().join("baseline")), before);

    let (_, report) = project.report(&[]);
    assert_eq!(
        notices(&report, "baseline_orphan"),
        ["baseline/d2/prod/auth.json has no target any more; `audit snapshot --prune` removes it"]
    );
    let untracked = of_rule(&report, "drift/untracked");
    assert_eq!(untracked.len(), 1);
    assert_eq!(
        (&untracked[0]["target"], &untracked[0]["severity"], &untracked[0]["path"]),
        (&json!("d3/dev/auth"), &json!("low"), &json!(""))
    );

    assert_eq!(project.audit(&["snapshot", "--target", "d3"]).code, 0);
    let run = project.audit(&["snapshot", "--prune"]);
    assert_eq!(run.code, 0);
    insta::assert_snapshot!(run.stdout, @r"
    changed    d1/prod/auth
                 /ResourceConfig/UserPoolConfigs/Mfa/MFAMode: weaker: `OFF` replaced `ON`
    removed    baseline/d2/prod/auth.json

    baseline: 1 changed, 2 unchanged, 1 removed
    1 change weakens security.
    ");
    assert!(!project.path().join("baseline/d2").exists());
    assert_eq!(project.audit(&["snapshot", "--check"]).code, 0);
    // MFA that is off was agreed to, and is no less of a finding.
    let (run, report) = project.report(&[]);
    assert_eq!(
        (run.code, of_rule(&report, "drift/baseline").len(), of_rule(&report, "mfa/off").len()),
        (1, 0, 1)
    );
}

#[test]
fn what_could_not_be_read_keeps_what_was_agreed() {
    let project = fleet();
    project.audit(&["snapshot"]);
    let before = files(&project.path().join("baseline"));
    record(
        &project,
        "d1-prod.json",
        &json!({"appId": "d1", "backendEnvironmentName": "prod", "resourceName": "auth", "error": "gone"}),
    );
    for args in [&["snapshot", "--prune"][..], &["snapshot", "--check"]] {
        let run = project.audit(args);
        assert_eq!(run.code, 3, "{}", run.stdout);
        assert!(run.stdout.contains("unaudited  d1/prod/auth"), "{}", run.stdout);
        assert_eq!(files(&project.path().join("baseline")), before);
    }
    // A file that does not say whose it is may be anybody's: nothing is gone for sure.
    project.file("recordings/d1-prod.json", "{");
    let run = project.audit(&["snapshot", "--prune"]);
    assert_eq!(run.code, 3, "{}", run.stdout);
    assert!(run.stdout.contains("1 file more may be without a target"), "{}", run.stdout);
    let run = project.audit(&["snapshot", "--check"]);
    assert!(run.stdout.contains("What could be read is as in the baseline."), "{}", run.stdout);
    assert_eq!(files(&project.path().join("baseline")), before);
}

#[test]
fn a_broken_file_makes_its_target_unaudited_for_drift_alone() {
    let project = fleet();
    project.audit(&["snapshot"]);
    let path = project.path().join("baseline/d1/prod/auth.json");
    let text = fs::read_to_string(&path).expect("a file");
    let line = text.lines().position(|line| line.contains("\"MFAMode\"")).expect("there") + 1;
    fs::write(&path, text.replace("\"MFAMode\"", "\"MFAmode\"")).expect("written");
    record(&project, "d1-prod.json", &with(compliant("d1", "prod"), MODE, json!("OFF")));
    let (run, report) = project.report(&[]);
    assert_eq!(run.code, 3);
    let target = &report["targets"][0];
    assert_eq!(target["status"], "unaudited");
    assert_eq!(target["error"]["rules"], json!(["drift/baseline", "drift/untracked"]));
    assert_eq!(target["error"]["location"]["file"], "baseline/d1/prod/auth.json");
    assert_eq!(target["error"]["location"]["line"], json!(line));
    assert_eq!(of_rule(&report, "mfa/off").len(), 1, "the other rules judge it all the same");
    let run = project.audit(&["--color", "never"]);
    assert!(run.stdout.contains("did you mean `MFAMode`"), "{}", run.stdout);

    // Where nobody asks for drift, what cannot be compared is no matter.
    let (run, _) = project.report(&["--rule", "mfa/off"]);
    assert_eq!(run.code, 1);
    let run = project.audit(&["snapshot"]);
    assert_eq!(run.code, 0);
    assert!(run.stdout.contains("broken     d1/prod/auth\n             line "), "{}", run.stdout);
    assert_eq!(project.audit(&["--rule", "drift/baseline"]).code, 0);
}

#[test]
#[cfg(unix)]
fn what_is_in_the_way_is_named_before_anything_is_written() {
    let project = fleet();
    project.audit(&["snapshot"]);
    let folder = project.path().join("baseline");
    let newer = folder.join("d1/prod/auth.json");
    let text = fs::read_to_string(&newer).expect("a file");
    fs::write(&newer, text.replace("\"SchemaVersion\": 1", "\"SchemaVersion\": 2")).expect("written");
    let linked = folder.join("d1/staging/auth.json");
    fs::rename(&linked, project.path().join("elsewhere.json")).expect("moved");
    std::os::unix::fs::symlink(project.path().join("elsewhere.json"), &linked).expect("a link");
    record(&project, "d2-prod.json", &with(compliant("d2", "prod"), MODE, json!("OFF")));
    let before = files(&folder);
    for args in [&["snapshot"][..], &["snapshot", "--check"]] {
        let run = project.audit(args);
        assert_eq!((run.code, run.stdout.as_str()), (2, ""));
        for piece in ["`SchemaVersion` is 2", "use a newer version", "is a link", "remove it"] {
            assert!(run.stderr.contains(piece), "no {piece}: {}", run.stderr);
        }
        assert_eq!(files(&folder), before);
    }
    let (run, report) = project.report(&["--rule", "drift/baseline"]);
    assert_eq!((run.code, report["summary"]["unaudited"].as_u64()), (3, Some(2)));
    assert!(notices(&report, "baseline_orphan").is_empty(), "it is said of the target");
    // What is broken and nobody's is said where it is.
    fs::remove_file(&linked).expect("removed");
    fs::write(folder.join("d2/prod/other.json"), "{\n  \"SchemaVersion\": \"x\"\n}").expect("written");
    let (_, report) = project.report(&["--rule", "drift/baseline"]);
    let stray = &report["notices"]
        .as_array()
        .expect("notices")
        .iter()
        .find(|notice| notice["kind"] == "baseline_orphan");
    let stray = stray.expect("a notice");
    assert_eq!(
        (&stray["location"]["file"], &stray["location"]["line"]),
        (&json!("baseline/d2/prod/other.json"), &json!(2))
    );
}

#[test]
fn a_comparison_with_nothing_is_no_comparison() {
    let project = fleet();
    let run = project.audit(&[]);
    assert_eq!((run.code, run.stdout.as_str()), (2, ""));
    assert!(
        run.stderr.contains("there is no folder `baseline`") && run.stderr.contains("audit snapshot"),
        "{}",
        run.stderr
    );
    assert_eq!(project.audit(&["--rule", "mfa/off"]).code, 0, "nothing is to be compared");
    fs::create_dir(project.path().join("baseline")).expect("a folder");
    let (run, report) = project.report(&[]);
    assert_eq!(run.code, 3);
    assert_eq!(
        notices(&report, "empty_baseline"),
        ["baseline holds no document: nothing is compared with it"]
    );
    // Without a baseline there is nothing to write.
    let project = Project::of_recordings(&[]);
    let run = project.audit(&["snapshot"]);
    assert_eq!(run.code, 2);
    assert!(run.stderr.contains("names no folder for the baseline"), "{}", run.stderr);
}

#[test]
fn an_emptied_baseline_mends_nothing() {
    let project = fleet();
    project.audit(&["snapshot"]);
    record(&project, "d1-prod.json", &with(compliant("d1", "prod"), MODE, json!("OFF")));
    let (_, before) = project.report(&["--output", "json=before.json"]);
    let before = of_rule(&before, "drift/baseline");
    assert_eq!(before.len(), 1);
    fs::remove_dir_all(project.path().join("baseline")).expect("removed");
    fs::create_dir(project.path().join("baseline")).expect("a folder");
    let previous = ["--previous", "before.json"];
    let (run, report) = project.report(&previous);
    assert_eq!(run.code, 3);
    // What was found there stands, and no target is green for the rule; the others have judged it.
    let carried = of_rule(&report, "drift/baseline");
    assert_eq!(carried.len(), 1);
    assert_eq!((&carried[0]["carried"], &carried[0]["path"]), (&json!(true), &before[0]["path"]));
    assert_eq!(of_rule(&report, "mfa/off")[0].get("carried"), None);
    assert_eq!(of_rule(&report, "drift/untracked").len(), 3);
    for target in report["targets"].as_array().expect("targets") {
        let error = &target["error"];
        assert_eq!((&target["status"], &error["rules"]), (&json!("unaudited"), &json!(["drift/baseline"])));
        assert_eq!(error["location"]["file"], "audit.toml");
    }
    let sarif = project.audit(&[&["--format", "sarif"], &previous[..]].concat()).stdout;
    let sarif: Value = serde_json::from_str(&sarif).expect("SARIF");
    let of = |rule: &str| {
        let results = sarif["runs"][0]["results"].as_array().expect("results").iter();
        results.filter(|result| result["ruleId"] == rule).count()
    };
    assert_eq!((of("drift/baseline"), of("audit/unaudited")), (1, 4));
    assert_eq!(sarif["runs"][0]["invocations"][0]["executionSuccessful"], true);
    let junit = project.audit(&[&["--format", "junit"], &previous[..]].concat()).stdout;
    assert_eq!(junit.matches("name=\"drift/baseline\" time=\"0.000\"/>").count(), 0, "{junit}");
    // For people it is one thing that happened.
    let human = project.audit(&[]).stdout;
    assert_eq!(human.matches("unaudited[policy]").count(), 1, "{human}");
    // Where nothing else was asked for, nothing was seen.
    let config = fs::read_to_string(project.path().join("audit.toml")).expect("a file");
    project.file("audit.toml", &config.replace("disable = [", "disable = [\"drift/untracked\", "));
    let (run, report) = project.report(&["--rule", "drift/baseline"]);
    assert_eq!((run.code, notices(&report, "empty_baseline").len()), (3, 1));
    let sarif = project.audit(&["--rule", "drift/baseline", "--format", "sarif"]).stdout;
    let sarif: Value = serde_json::from_str(&sarif).expect("SARIF");
    assert_eq!(sarif["runs"][0]["invocations"][0]["executionSuccessful"], false);
}

#[test]
fn a_baseline_outside_of_the_repository_is_compared_with_and_not_pointed_at() {
    let outside = tempfile::tempdir().expect("a temporary folder");
    let project = fleet();
    let config = fs::read_to_string(project.path().join("audit.toml")).expect("a file");
    let path = outside.path().join("agreed");
    project
        .file("audit.toml", &config.replace("\"baseline\"", &format!("{:?}", path.to_str().expect("text"))));
    assert_eq!(project.audit(&["snapshot"]).code, 0);
    assert_eq!(files(&path).len(), 3);
    record(&project, "d1-prod.json", &with(compliant("d1", "prod"), MODE, json!("OFF")));
    let (_, report) = project.report(&["--rule", "drift/baseline"]);
    let found = of_rule(&report, "drift/baseline");
    assert_eq!((found.len(), &found[0]["location"]["file"]), (1, &json!("recordings/d1-prod.json")));
}

#[test]
fn hostile_names_stay_in_the_folder_and_come_back() {
    let names =
        ["../../../up", "..", "a\0b", "größe 漢字", ".git", "con", &"x".repeat(300), "a/b", "%2E", "-"];
    let answers: Vec<_> = names
        .iter()
        .enumerate()
        .map(|(number, name)| {
            let mut answer = compliant(name, name);
            answer["ResourceName"] = json!(name);
            (format!("{number}.json"), answer)
        })
        .collect();
    let answers: Vec<_> = answers.iter().map(|(name, answer)| (name.as_str(), answer.clone())).collect();
    let project = project(&answers);
    let outside = |project: &Project| {
        let mut all = files(project.path());
        all.retain(|path, _| !path.starts_with(project.path().join("baseline")));
        all
    };
    let before = outside(&project);
    assert_eq!(project.audit(&["snapshot"]).code, 0);
    assert_eq!(files(&project.path().join("baseline")).len(), names.len());
    assert_eq!(outside(&project), before);
    assert_eq!(project.audit(&["snapshot", "--check"]).code, 0);
    let (run, report) = project.report(&[]);
    assert_eq!(
        (run.code, of_rule(&report, "drift/untracked").len(), of_rule(&report, "drift/baseline").len()),
        (0, 0, 0),
        "{report:#}"
    );
    assert!(notices(&report, "baseline_orphan").is_empty());
    // Those that are gone are known by their names, too.
    for number in 0..names.len() - 1 {
        fs::remove_file(project.path().join(format!("recordings/{number}.json"))).expect("removed");
    }
    assert_eq!(project.audit(&["snapshot", "--prune"]).code, 0);
    assert_eq!(files(&project.path().join("baseline")).len(), 1);
}

#[test]
fn environments_that_must_agree_are_compared() {
    let project = fleet();
    let config = fs::read_to_string(project.path().join("audit.toml"))
        .expect("a file")
        .replace("baseline = \"baseline\"\n", "");
    let drift =
        format!("[[drift]]\nexpected = \"*/prod\"\nactual = \"*/staging\"\nignore = [\"{REDIRECTS}\"]\n");
    project.file("audit.toml", &format!("{config}{drift}"));
    let changed = with(compliant("d1", "staging"), MODE, json!("OFF"));
    let changed = with(changed, REDIRECTS, json!(["https://staging.example.com/"]));
    record(
        &project,
        "d1-staging.json",
        &with(changed, "/ResourceConfig/UserPoolConfigs/UserPoolName", json!("pool-staging")),
    );
    let (run, report) = project.report(&["--rule", "drift/environment"]);
    assert_eq!(run.code, 1);
    let found = of_rule(&report, "drift/environment");
    assert_eq!(found.len(), 1, "{report:#}");
    assert_eq!(
        (&found[0]["target"], &found[0]["path"], &found[0]["severity"], &found[0]["message"]),
        (
            &json!("d1/staging/auth"),
            &json!(MODE),
            &json!("high"),
            &json!("`MFAMode` differs from d1/prod/auth: weaker: `OFF` replaced `ON`")
        )
    );
    let run = project.audit(&["targets"]);
    assert_eq!(run.code, 0);
    insta::assert_snapshot!(run.stdout, @r"
    target           app  stage       place  source
    d1/prod/auth     -    production  -      source 1
    d1/staging/auth  -    staging     -      source 1
    d2/prod/auth     -    production  -      source 1

    compared         with
    d1/staging/auth  d1/prod/auth

    3 targets of 2 apps
    ");
    let run = project.audit(&["targets", "--format", "json"]);
    let listing: Value = serde_json::from_str(&run.stdout).expect("JSON");
    assert_eq!(listing["pairs"], json!([{"expected": "d1/prod/auth", "actual": "d1/staging/auth"}]));

    // Where nothing else is judged, a run that compared nothing saw nothing.
    let (run, report) = project.report(&["--rule", "drift/environment", "--target", "*/staging"]);
    assert_eq!((run.code, notices(&report, "empty_drift").len()), (3, 1));
    let (run, report) = project.report(&["--target", "*/staging"]);
    assert_eq!((run.code, notices(&report, "empty_drift").len()), (0, 0), "the other rules judge it");

    // One whose counterpart cannot be read is not compared, and that is no pass.
    record(
        &project,
        "d1-prod.json",
        &json!({"appId": "d1", "backendEnvironmentName": "prod", "resourceName": "auth", "error": "gone"}),
    );
    let (run, report) = project.report(&["--rule", "drift/environment"]);
    assert_eq!((run.code, report["summary"]["unaudited"].as_u64()), (3, Some(2)));
    assert_eq!(report["targets"][1]["error"]["rules"], json!(["drift/environment"]));

    // Two that may be meant, or none at all: neither is a pass.
    record(&project, "d1-prod.json", &compliant("d1", "prod"));
    record(&project, "d1-prod-eu.json", &compliant("d1", "prod-eu"));
    project.file("audit.toml", &format!("{config}{}", drift.replace("*/prod", "*/prod*")));
    assert_eq!(project.audit(&[]).code, 3);
    assert_eq!(project.audit(&["targets"]).code, 3);
    project.file("audit.toml", &format!("{config}{}", drift.replace("*/prod", "*/live")));
    let (run, report) = project.report(&[]);
    assert_eq!((run.code, notices(&report, "empty_drift").len()), (3, 1));
    assert_eq!(project.audit(&["targets"]).code, 3);
}

#[test]
#[cfg(unix)]
fn a_killed_snapshot_leaves_every_file_whole() {
    use std::process::Stdio;
    use std::time::{Duration, Instant};

    const TARGETS: usize = 150;
    const KILLS: usize = 40;

    let project = project(&[]);
    let fleet = |length: usize| {
        for number in 0..TARGETS {
            let app = format!("d{number}");
            record(&project, &format!("{app}.json"), &with(compliant(&app, "prod"), LENGTH, json!(length)));
        }
    };
    let folder = project.path().join("baseline");
    fleet(12);
    assert_eq!(project.audit(&["snapshot"]).code, 0);
    let old = files(&folder);
    fleet(13);
    let begun = Instant::now();
    assert_eq!(project.audit(&["snapshot"]).code, 0);
    let whole_run = begun.elapsed();
    let new = files(&folder);
    assert_eq!((old.len(), new.len()), (TARGETS, TARGETS));

    let (mut mixed, mut delay, mut step) = (0, whole_run.mul_f64(0.8), whole_run.mul_f64(0.2));
    for _ in 0..KILLS {
        for (path, bytes) in &old {
            fs::write(path, bytes).expect("written");
        }
        let mut program = crate::common::audit(project.path())
            .arg("snapshot")
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .expect("the program starts");
        std::thread::sleep(delay);
        program.kill().expect("killed, or ended");
        program.wait().expect("ended");
        let there: BTreeMap<_, _> = files(&folder)
            .into_iter()
            .filter(|(path, _)| path.extension().is_some_and(|extension| extension == "json"))
            .collect();
        assert_eq!(there.keys().collect::<Vec<_>>(), old.keys().collect::<Vec<_>>());
        let replaced = there.iter().filter(|(path, bytes)| {
            assert!(
                **bytes == old[*path] || **bytes == new[*path],
                "{} is neither old nor new",
                path.display()
            );
            **bytes == new[*path]
        });
        // The files are written at the end: that is where the kills are to come.
        match replaced.count() {
            0 => delay += step,
            TARGETS => delay = delay.saturating_sub(step),
            _ => mixed += 1,
        }
        step = step.mul_f64(0.9).max(Duration::from_millis(1));
    }
    assert!(mixed > 0, "no kill came while files were written: the test shows nothing");
    assert_eq!(project.audit(&["snapshot"]).code, 0);
    assert_eq!(files(&folder), new, "and nothing is left of what was unfinished");
}

#[test]
fn check_tells_what_a_run_would_compare_with() {
    let project = fleet();
    let run = project.audit(&["check"]);
    assert_eq!(run.code, 2, "a run would be refused, too");
    assert!(run.stderr.contains("there is no folder `baseline`"), "{}", run.stderr);
    project.audit(&["snapshot"]);
    let run = project.audit(&["check"]);
    assert_eq!(run.code, 0);
    assert!(run.stdout.contains("baseline 3 documents\ndrift    none\n"), "{}", run.stdout);
    // Drift alone is enough to be judged by.
    let config = fs::read_to_string(project.path().join("audit.toml")).expect("a file");
    project
        .file("audit.toml", &config.replace("disable = [\"lifecycle/gen1_end_of_life\"]", "builtin = false"));
    assert_eq!(project.audit(&["check"]).code, 0);
    record(&project, "d1-prod.json", &with(compliant("d1", "prod"), MODE, json!("OFF")));
    let (run, report) = project.report(&[]);
    assert_eq!((run.code, of_rule(&report, "drift/baseline").len()), (1, 1));
}

#[test]
fn what_was_not_found_hides_what_was_agreed() {
    // A source that is empty, one of two files that is mistyped, and nothing at all: none of it is a target that is gone.
    let project = fleet();
    let config = fs::read_to_string(project.path().join("audit.toml")).expect("a file");
    project.audit(&["snapshot"]);
    let before = files(&project.path().join("baseline"));
    for paths in ["\"nowhere/*.json\"", "\"recordings/d1-prod.json\", \"recordings/d1-stagin.json\""] {
        project.file("audit.toml", &config.replace("\"recordings/**/*.json\"", paths));
        let run = project.audit(&["snapshot", "--prune"]);
        assert_eq!(run.code, 3, "{}", run.stdout);
        assert_eq!(files(&project.path().join("baseline")), before, "{}", run.stdout);
        let (run, report) = project.report(&[]);
        assert_eq!((run.code, notices(&report, "baseline_orphan").len()), (3, 0));
    }
}

#[test]
fn a_rule_of_drift_that_has_nothing_to_compare_with_is_refused_by_name() {
    let project = Project::of_recordings(&[("a.json", compliant("d1", "prod"))]);
    for (rule, needs) in [("drift/baseline", "`baseline` in [audit]"), ("drift/environment", "a [[drift]]")] {
        let run = project.audit(&["--rule", rule, "--rule", "mfa/off"]);
        assert_eq!((run.code, run.stdout.as_str()), (2, ""));
        assert!(run.stderr.contains("nothing to compare") && run.stderr.contains(needs), "{}", run.stderr);
    }
}

#[test]
fn drift_that_is_asked_for_by_name_says_what_it_compared_with_nothing() {
    let project = fleet();
    project.audit(&["snapshot"]);
    fs::remove_dir_all(project.path().join("baseline/d1")).expect("removed");
    let (_, report) = project.report(&["--rule", "drift/baseline"]);
    assert_eq!(of_rule(&report, "drift/untracked").len(), 2);
    // Where nothing says it of each target, a run that compared nothing says so.
    let config = fs::read_to_string(project.path().join("audit.toml")).expect("a file");
    let disabled = config.replace("disable = [", "disable = [\"drift/untracked\", ");
    project.file("audit.toml", &disabled);
    assert_eq!(project.audit(&["--rule", "drift/baseline"]).code, 0, "d2 is compared");
    let (run, report) = project.report(&["--target", "d1"]);
    assert_eq!((run.code, notices(&report, "empty_baseline").len()), (3, 1));
    project.file("audit.toml", &config);
    // A file that is broken is no file that was agreed to.
    project.file("baseline/d1/prod/auth.json", "garbage");
    let (run, report) = project.report(&["--rule", "drift/untracked"]);
    assert_eq!((run.code, report["summary"]["unaudited"].as_u64()), (3, Some(1)));
}

#[test]
fn what_was_judged_is_not_carried_over_for_a_file_that_cannot_be_read() {
    let project = fleet();
    project.audit(&["snapshot"]);
    record(&project, "d1-prod.json", &with(compliant("d1", "prod"), MODE, json!("OFF")));
    project.audit(&["--output", "json=previous.json"]);
    record(&project, "d1-prod.json", &compliant("d1", "prod"));
    let file = project.path().join("baseline/d1/prod/auth.json");
    fs::remove_file(&file).expect("removed");
    fs::create_dir(&file).expect("a folder");
    let (run, report) = project.report(&["--previous", "previous.json"]);
    assert_eq!(run.code, 3);
    assert_eq!(of_rule(&report, "mfa/off").len(), 0, "it was judged");
    assert_eq!(of_rule(&report, "drift/baseline").len(), 1, "it was not compared");
}

#[test]
fn a_counterpart_that_is_not_there_is_said_whoever_else_is_there() {
    let answers = [("a", "prod"), ("a", "staging"), ("b", "production"), ("b", "staging")];
    let project = project(&[]);
    for (app, environment) in answers {
        record(&project, &format!("{app}-{environment}.json"), &compliant(app, environment));
    }
    let config = fs::read_to_string(project.path().join("audit.toml")).expect("a file");
    let config = config.replace("baseline = \"baseline\"\n", "");
    let drift = |expected: &str| {
        let table = format!("[[drift]]\nexpected = \"{expected}\"\nactual = \"*/staging\"\n");
        project.file("audit.toml", &format!("{config}{table}"));
    };
    drift("*/prod");
    let (run, report) = project.report(&["--rule", "drift/environment"]);
    let found = of_rule(&report, "drift/environment");
    assert_eq!(run.code, 0);
    assert_eq!(
        (found.len(), &found[0]["target"], &found[0]["path"], &found[0]["message"]),
        (
            1,
            &json!("b/staging/auth"),
            &json!(""),
            &json!("it has no counterpart in `*/prod`: it was compared with none")
        )
    );
    // A typo is seen with whole apps, too.
    drift("*/prdo");
    for args in [&[][..], &["--target", "*"], &["--target", "a"]] {
        let (run, report) = project.report(args);
        assert_eq!((run.code, notices(&report, "empty_drift").len()), (3, 1), "{args:?}");
    }
    // Of a table that is about others, nothing was asked.
    drift("c/prod");
    let (run, _) = project.report(&["--target", "a/prod"]);
    assert_eq!(run.code, 0);

    // One that may be among what could not be read is none that is not there: what was found before stands.
    drift("*/prod");
    record(&project, "a-staging.json", &with(compliant("a", "staging"), LENGTH, json!(8)));
    project.audit(&["--output", "json=previous.json"]);
    project.file("recordings/a-prod.json", "{");
    let (run, report) = project.report(&["--previous", "previous.json", "--rule", "drift/environment"]);
    assert_eq!(run.code, 3);
    let carried = of_rule(&report, "drift/environment");
    assert!(
        carried.iter().any(|finding| finding["target"] == "a/staging/auth" && finding["carried"] == true),
        "{carried:#?}"
    );
}

#[test]
fn two_snapshots_at_once_leave_a_whole_baseline() {
    let project = project(&[]);
    for number in 0..40 {
        let app = format!("d{number}");
        record(&project, &format!("{app}.json"), &compliant(&app, "prod"));
    }
    let start = || {
        crate::common::audit(project.path())
            .arg("snapshot")
            .stdout(std::process::Stdio::null())
            .stderr(std::process::Stdio::piped())
            .spawn()
            .expect("the program starts")
    };
    let running: Vec<_> = (0..4).map(|_| start()).collect();
    for program in running {
        let run = crate::common::Run::of(program.wait_with_output().expect("it ends"));
        let is_refused = run.code == 2 && run.stderr.contains("another `audit snapshot` writes");
        assert!(run.code == 0 || is_refused, "{}", run.stderr);
    }
    assert_eq!(project.audit(&["snapshot", "--check"]).code, 0);
}

#[test]
fn a_broad_pattern_of_recordings_leaves_out_what_a_snapshot_wrote_and_nothing_else() {
    for (baseline, pattern) in
        [("baseline", "**/*.json"), ("recordings", "**/*.json"), ("recordings", "recordings/**/*.json")]
    {
        let project = fleet();
        let config = fs::read_to_string(project.path().join("audit.toml")).expect("a file");
        let config = config.replace("\"baseline\"", &format!("{baseline:?}"));
        project.file("audit.toml", &config.replace("recordings/**/*.json", pattern));
        assert_eq!(project.audit(&["snapshot"]).code, 0);
        let (_, report) = project.report(&[]);
        let summary = &report["summary"];
        assert_eq!(
            (summary["targets"].as_u64(), summary["unaudited"].as_u64()),
            (Some(3), Some(0)),
            "{baseline} {pattern}"
        );
    }
}
