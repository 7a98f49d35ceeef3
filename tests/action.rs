//! The action of .github/actions/audit: its scripts, run as a runner of GitHub runs them.

use std::collections::BTreeMap;
use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::process::{Command, Stdio};

use serde_json::{Value, json};
use sha2::{Digest, Sha256};

use crate::common::{Project, Run, audit, compliant, files, with};

/// Every report that is written to a file.
const FORMATS: &str = "sarif json markdown html junit";

/// What a step left behind.
#[derive(Debug)]
struct Step {
    run: Run,
    outputs: BTreeMap<String, String>,
    summary: String,
}

/// Runs a script of the action in a project, with these inputs.
fn step(project: &Project, script: &str, inputs: &[(&str, &str)]) -> Step {
    let (output, summary) = (project.file("out/output", ""), project.file("out/summary", ""));
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join(".github/actions/audit").join(script);
    let run = Command::new("bash")
        .arg(script)
        .current_dir(project.path())
        .env("GITHUB_OUTPUT", &output)
        .env("GITHUB_STEP_SUMMARY", &summary)
        .env("INPUT_PROGRAM", env!("CARGO_BIN_EXE_audit"))
        .env("INPUT_FORMATS", FORMATS)
        .envs(inputs.iter().copied())
        .stdin(Stdio::null())
        .output();
    let text = |path| fs::read_to_string(path).expect("readable");
    let outputs = text(&output);
    let outputs = outputs.lines().map(|line| line.split_once('=').expect("NAME=VALUE"));
    Step {
        run: Run::of(run.expect("bash starts")),
        outputs: outputs.map(|(name, value)| (name.to_owned(), value.to_owned())).collect(),
        summary: text(&summary),
    }
}

impl Step {
    /// The exit code of the step, that of audit, whether everything was audited, and whether its SARIF may be uploaded.
    fn verdict(&self) -> (i32, &str, &str, &str) {
        let of = |name: &str| self.outputs[name].as_str();
        (self.run.code, of("exit-code"), of("complete"), of("may-upload"))
    }
}

/// Two apps, one in order, and the other with this answer.
fn project_with(answer: Value) -> Project {
    Project::of_recordings(&[("one.json", compliant("d1", "prod")), ("two.json", answer)])
}

fn in_order() -> Value {
    compliant("d2", "prod")
}

fn with_a_finding() -> Value {
    with(compliant("d2", "prod"), "/ResourceConfig/UserPoolConfigs/Mfa/MFAMode", json!("OFF"))
}

fn unreadable() -> Value {
    json!({"AppId": "d2", "BackendEnvironmentName": "prod", "ResourceName": "auth", "Error": "no"})
}

#[test]
fn the_step_ends_as_audit_does_and_says_how() {
    for (answer, inputs, expected) in [
        (in_order(), &[][..], (0, "0", "true", "true")),
        (with_a_finding(), &[], (1, "1", "true", "true")),
        (unreadable(), &[], (3, "3", "false", "false")),
        // What is forgiven is not complete.
        (unreadable(), &[("INPUT_ARGS", "--allow-incomplete")], (0, "0", "false", "false")),
        (with_a_finding(), &[("INPUT_FAIL_ON", "none")], (0, "0", "true", "true")),
        (with_a_finding(), &[("INPUT_FAILS", "later")], (0, "1", "true", "true")),
        (unreadable(), &[("INPUT_FAILS", "later")], (0, "3", "false", "false")),
        // What is left out may be there all the same. It keeps its alerts: the category is another one.
        (in_order(), &[("INPUT_ARGS", "--rule\nmfa/off")], (0, "0", "false", "true")),
        (in_order(), &[("INPUT_ARGS", "--rule=mfa/off")], (0, "0", "false", "true")),
        (with_a_finding(), &[("INPUT_ARGS", "--quiet\n--target\nd2/*")], (1, "1", "false", "true")),
        (in_order(), &[("INPUT_ARGS", "--target=d1/*")], (0, "0", "false", "true")),
        (unreadable(), &[("INPUT_ARGS", "--target=d2/*")], (3, "3", "false", "false")),
        // A text of audit.toml, or of an answer, that looks like a member of the report.
        (with(in_order(), "/ResourceName", json!("\n  \"selection\": {")), &[], (0, "0", "true", "true")),
    ] {
        let project = project_with(answer);
        let step = step(&project, "run.sh", inputs);
        assert_eq!(step.verdict(), expected, "{inputs:?}\n{step:#?}");
        let report = |output: &str, file: &str| {
            assert_eq!(step.outputs[output], file);
            fs::read_to_string(project.path().join(file)).expect("the report")
        };
        for (output, file) in [("sarif", "audit-report/audit.sarif"), ("json", "audit-report/audit.json")] {
            assert!(serde_json::from_str::<Value>(&report(output, file)).is_ok(), "{file}");
        }
        assert!(report("html", "audit-report/audit.html").ends_with("</html>\n"));
        assert!(report("junit", "audit-report/audit.junit.xml").ends_with("</testsuites>\n"));
        // The summary of the job is the report as Markdown.
        let summary = report("markdown", "audit-report/audit.md");
        assert!(summary.starts_with("## audit: ") && step.summary == summary, "{}", step.summary);
    }
}

#[test]
fn a_run_that_reports_nothing_fails_and_leaves_no_report() {
    for inputs in [
        &[("INPUT_CONFIG", "nowhere.toml")][..],
        &[("INPUT_CONFIG", "nowhere.toml"), ("INPUT_FAILS", "later")],
        // An artifact that was not downloaded drops no alerts in silence.
        &[("INPUT_PREVIOUS", "previous.json")],
        &[("INPUT_PROGRAM", "/nowhere/audit")],
        &[("INPUT_ARGS", "--help")],
        &[("INPUT_ARGS", "--help"), ("INPUT_FORMATS", " ")],
        &[("INPUT_ARGS", "--help"), ("INPUT_FORMATS", "junit")],
    ] {
        let project = project_with(in_order());
        project.file("audit-report/audit.sarif", "of an earlier step");
        let step = step(&project, "run.sh", inputs);
        assert!([2, 127].contains(&step.run.code), "{inputs:?}\n{step:#?}");
        assert_eq!(&*step.outputs["sarif"], "", "{inputs:?}");
        let judged = ["complete", "may-upload"].map(|output| &*step.outputs[output]);
        assert_eq!(judged, ["false", "false"], "{inputs:?}");
        assert!(step.summary.contains("wrote no report"), "{}", step.summary);
        assert!(!project.path().join("audit-report/audit.sarif").exists());
    }
}

#[test]
fn a_run_is_judged_whatever_reports_are_written() {
    for formats in ["sarif", "sarif markdown", " "] {
        for (answer, expected) in
            [(with_a_finding(), (1, "1", "true", "true")), (unreadable(), (3, "3", "false", "false"))]
        {
            let project = project_with(answer);
            let temp = project.path().join("temp");
            fs::create_dir(&temp).expect("a folder");
            let temporary = temp.to_string_lossy();
            let inputs = [("INPUT_FORMATS", formats), ("RUNNER_TEMP", &*temporary)];
            let step = step(&project, "run.sh", &inputs);
            assert_eq!(step.verdict(), expected, "{formats}: {step:#?}");
            // The report that it is judged by is no output, and does not stay.
            assert_eq!(step.outputs["json"], "");
            assert!(!project.path().join("audit-report/audit.json").exists());
            assert_eq!(fs::read_dir(&temp).expect("a folder").count(), 0);
        }
    }
}

#[test]
fn what_cannot_be_read_is_carried_over_from_the_report_before() {
    let project = project_with(with_a_finding());
    let keep = |name: &str| {
        let report = project.path().join("audit-report/audit.json");
        fs::rename(report, project.path().join(name)).expect("renamed");
    };
    assert_eq!(step(&project, "run.sh", &[]).run.code, 1);
    keep("previous.json");
    let narrow = ("INPUT_ARGS", "--target\nd2/*");
    assert_eq!(step(&project, "run.sh", &[narrow]).run.code, 1);
    keep("narrowed.json");
    project.file("recordings/two.json", &unreadable().to_string());
    let carried_over = |inputs: &[(&str, &str)]| step(&project, "run.sh", inputs);

    let step = carried_over(&[("INPUT_PREVIOUS", "previous.json")]);
    assert_eq!(step.verdict(), (3, "3", "false", "true"), "{step:#?}");
    let report = fs::read_to_string(project.path().join("audit-report/audit.json")).expect("JSON");
    let report: Value = serde_json::from_str(&report).expect("JSON");
    let carried: Vec<&Value> = report["findings"]
        .as_array()
        .expect("findings")
        .iter()
        .filter(|finding| finding["carried"] == true)
        .collect();
    assert_eq!(carried.len(), 1);
    assert_eq!(carried[0]["rule"], "mfa/off");

    // Of another selection, alerts may be open that the earlier report does not have.
    let other = carried_over(&[("INPUT_PREVIOUS", "previous.json"), narrow]);
    assert_eq!(other.verdict(), (3, "3", "false", "false"), "{other:#?}");
    let same = carried_over(&[("INPUT_PREVIOUS", "narrowed.json"), narrow]);
    assert_eq!(same.verdict(), (3, "3", "false", "true"), "{same:#?}");
    let less = carried_over(&[("INPUT_PREVIOUS", "narrowed.json")]);
    assert_eq!(&less.outputs["may-upload"], "false", "{less:#?}");
    // Nor is one shard all of them.
    let shard = carried_over(&[
        ("INPUT_PREVIOUS", "previous.json"),
        ("INPUT_SHARD", "1/2"),
        ("INPUT_FAILS", "later"),
    ]);
    assert_eq!(
        (&*shard.outputs["complete"], &*shard.outputs["may-upload"]),
        ("false", "false"),
        "{shard:#?}"
    );
}

#[test]
fn shards_are_judged_when_all_are_merged() {
    for (args, expected) in [("", (1, "1", "true", "true")), ("--target\nd*/*", (1, "1", "false", "true"))] {
        let project = project_with(with_a_finding());
        let shard = |number: &str| {
            let inputs = [
                ("INPUT_SHARD", number),
                ("INPUT_FOLDER", "shard"),
                ("INPUT_FAILS", "later"),
                ("INPUT_ARGS", args),
            ];
            let step = step(&project, "run.sh", &inputs);
            assert_eq!(step.run.code, 0, "{step:#?}");
            fs::create_dir_all(project.path().join("shards")).expect("a folder");
            let name = format!("shards/shard-{}.json", &number[..1]);
            fs::rename(project.path().join("shard/audit.json"), project.path().join(name)).expect("renamed");
        };
        let merge = || step(&project, "run.sh", &[("INPUT_MERGE", "shards")]);

        assert_eq!(merge().run.code, 2, "no shard at all");
        shard("1/2");
        let half = merge();
        assert_eq!(half.verdict(), (2, "2", "false", "false"), "{half:#?}");
        assert_eq!(&half.outputs["sarif"], "");
        shard("2/2");
        // What narrowed the shards is in their reports, not in the arguments of the merge.
        assert_eq!(merge().verdict(), expected, "{args}");
    }
}

#[test]
fn an_argument_that_would_be_without_effect_is_refused() {
    for (args, refused) in [
        ("", false),
        ("--verbose\n--no-progress", false),
        ("--rule\nmfa/off\n--target=d1/*", false),
        ("--exit-zero", true),
        ("--quiet\n--include-waived", true),
        ("--allow-incomplete", true),
    ] {
        let step = step(&Project::new(""), "arguments.sh", &[("INPUT_ARGS", args)]);
        assert_eq!(step.run.code, if refused { 2 } else { 0 }, "{args}: {step:#?}");
        assert_eq!(step.run.stdout.starts_with("::error "), refused, "{args}");
    }
}

#[test]
fn nothing_that_is_printed_or_given_is_a_command() {
    let project = project_with(with(with_a_finding(), "/AppId", json!("d2\n::set-output name=x::y")));
    let args = "--target\n$(touch evaluated)*\n--target\nd2*";
    let step_of = || step(&project, "run.sh", &[("INPUT_ARGS", args)]);
    let (first, second) = (step_of(), step_of());
    let lines: Vec<&str> = first.run.stdout.lines().collect();
    let token = lines[0].strip_prefix("::stop-commands::").expect("commands are stopped");
    assert_eq!(lines.last(), Some(&&*format!("::{token}::")));
    assert_eq!(token.len(), 32);
    assert!(!second.run.stdout.contains(token), "a token that can be guessed");
    assert!(!project.path().join("evaluated").exists());
}

/// A program of this name, first on the PATH.
fn stand_in(project: &Project, name: &str, script: &str) {
    let path = project.file(&format!("bin/{name}"), &format!("#!/usr/bin/env bash\nset -eu\n{script}"));
    fs::set_permissions(path, fs::Permissions::from_mode(0o755)).expect("permissions");
}

/// Runs a script with the stand-ins of the project.
fn step_with_stand_ins(project: &Project, script: &str, inputs: &[(&str, &str)]) -> Step {
    let bin = project.path().join("bin");
    let environment = project.file("out/environment", &format!("PATH={}:$PATH\n", bin.display()));
    let environment = environment.to_string_lossy().into_owned();
    step(project, script, &[inputs, &[("BASH_ENV", &environment)]].concat())
}

#[test]
fn a_release_is_installed_when_its_checksum_and_its_provenance_are_right() {
    let name = "amplify-audit-x86_64-unknown-linux-musl-v1.2.3";
    let archive = format!("{name}.tar.gz");
    let inputs = [
        ("INPUT_VERSION", "v1.2.3"),
        ("INPUT_REPOSITORY", "acme/audit"),
        ("RUNNER_OS", "Linux"),
        ("RUNNER_ARCH", "X64"),
    ];
    // `gh release download` copies the release, `gh attestation verify` notes what it was asked, and says what it is told.
    let gh = "case $1 in\nrelease) cp \"$RELEASE\"/* . ;;\nattestation) echo \"$*\" >\"$RELEASE/../asked\"; exit \"$ATTESTED\" ;;\nesac\n";
    let release = |version: &str, checksum: Option<&str>, attested: &str| {
        let project = Project::new("");
        stand_in(&project, "gh", gh);
        let program =
            project.file(&format!("packed/{name}/audit"), &format!("#!/bin/sh\necho audit {version}\n"));
        fs::set_permissions(program, fs::Permissions::from_mode(0o755)).expect("permissions");
        project.file("release/SHA256SUMS", "");
        let file = project.path().join("release").join(&archive);
        let packed = Command::new("tar")
            .arg("-czf")
            .arg(&file)
            .args(["-C", "packed", name])
            .current_dir(project.path())
            .status();
        assert!(packed.expect("tar starts").success());
        let right = hex::encode(Sha256::digest(fs::read(&file).expect("the archive")));
        project.file("release/SHA256SUMS", &format!("{}  {archive}\n", checksum.unwrap_or(&right)));
        let folder = project.path().join("release").to_string_lossy().into_owned();
        let temp = project.path().to_string_lossy().into_owned();
        let more = [("RELEASE", &*folder), ("ATTESTED", attested), ("RUNNER_TEMP", &*temp)];
        let step = step_with_stand_ins(&project, "install.sh", &[&inputs[..], &more].concat());
        let asked = fs::read_to_string(project.path().join("asked")).unwrap_or_default();
        (step, asked)
    };

    let (installed, asked) = release("1.2.3", None, "0");
    assert_eq!(installed.run.code, 0, "{installed:#?}");
    assert!(installed.outputs["program"].ends_with(&format!("/{name}/audit")), "{installed:#?}");
    for option in ["--repo acme/audit", "acme/audit/.github/workflows/release.yml", "refs/tags/v1.2.3"] {
        assert!(asked.contains(option), "{asked}");
    }
    for (version, checksum, attested, said) in [
        ("1.2.3", Some(&*"0".repeat(64)), "0", "is not what SHA256SUMS"),
        ("1.2.3", Some(""), "0", "does not have amplify-audit"),
        ("1.2.3", None, "1", ""),
        ("1.2.4", None, "0", "another version"),
    ] {
        let (refused, _) = release(version, checksum, attested);
        assert_ne!(refused.run.code, 0, "{refused:#?}");
        assert!(refused.run.stdout.contains(said), "{refused:#?}");
        assert!(!refused.outputs.contains_key("program"), "{refused:#?}");
    }
}

#[test]
fn a_version_that_is_none_is_refused() {
    for version in ["latest", "1.2", "1.2.3; id", "../1.2.3", ""] {
        let project = Project::new("");
        let step =
            step(&project, "install.sh", &[("INPUT_VERSION", version), ("INPUT_REPOSITORY", "acme/audit")]);
        assert_eq!((step.run.code, step.outputs.len()), (2, 0), "{version}");
    }
}

#[test]
#[ignore = "needs jq; run by .ci/run"]
fn the_report_of_the_last_run_is_found_or_missed_out_loud() {
    let artifact = |run: u32, branch: &str, day: u32, head: u32, expired: bool| {
        json!({
            "created_at": format!("2026-01-0{day}T00:00:00Z"), "expired": expired,
            "workflow_run": {"id": run, "head_branch": branch, "repository_id": 1, "head_repository_id": head},
        })
    };
    // `gh api` prints pages of artifacts, or fails as it is told to; `gh run download` writes a report that names its run.
    let gh = "echo \"$*\" >>asked\ncase \"$1 $*\" in\n*artifacts*) cat artifacts ;;\n*analyses*) echo \"$ANALYSES\" >&2; test -z \"$ANALYSES\" ;;\n'run '*) mkdir -p previous && echo \"$3\" >previous/audit.json ;;\nesac\n";
    let look = |artifacts: Option<&[Value]>, analyses: &str, mode: &str| {
        let project = Project::new("");
        stand_in(&project, "gh", gh);
        if let Some(page) = artifacts {
            project.file("artifacts", &format!("{}{}", json!({"artifacts": page}), json!({"artifacts": []})));
        }
        let inputs = [
            ("GITHUB_REPOSITORY", "acme/shop"),
            ("GITHUB_REF_NAME", "release+eu&us"),
            ("GITHUB_REF", "refs/heads/release+eu&us"),
            ("INPUT_ARTIFACT", "audit & co-previous"),
            ("INPUT_FOLDER", "previous"),
            ("INPUT_PREVIOUS", mode),
            ("ANALYSES", analyses),
        ];
        let step = step_with_stand_ins(&project, "previous.sh", &inputs);
        let read = |file| fs::read_to_string(project.path().join(file)).unwrap_or_default();
        // `-f` encodes; in an address `+` would be a space, and `&` the end.
        for asked in read("asked").lines().filter(|asked| asked.starts_with("api ")) {
            assert!(asked.starts_with("api -X GET ") && !asked.contains('?'), "{asked}");
            let named = if asked.contains("analyses") {
                "-f ref=refs/heads/release+eu&us "
            } else {
                "-f name=audit & co-previous "
            };
            assert!(asked.contains(named), "{asked}");
        }
        (step, read("previous/audit.json").trim().to_owned())
    };

    let artifacts = [
        artifact(9, "release+eu&us", 1, 1, false),
        artifact(12, "release+eu&us", 2, 1, false),
        // An old run that was run again.
        artifact(11, "release+eu&us", 3, 1, false),
        artifact(14, "other", 4, 1, false),
        // A fork has a branch of this name, too.
        artifact(15, "release+eu&us", 5, 2, false),
        artifact(16, "release+eu&us", 6, 1, true),
    ];
    let (found, report) = look(Some(&artifacts), "", "auto");
    assert_eq!((found.run.code, &*report), (0, "12"), "{found:#?}");
    assert_eq!((&*found.outputs["report"], &*found.outputs["alerts"]), ("previous/audit.json", "true"));

    for (analyses, mode, alerts, said) in [
        ("", "auto", "true", "nothing is carried over"),
        ("gh: no analysis found (HTTP 404)", "auto", "false", "nothing is carried over"),
        ("gh: Advanced Security must be enabled (HTTP 403)", "auto", "true", "nothing is carried over"),
        ("", "none", "false", "no earlier report is looked for"),
    ] {
        let (none, _) = look(Some(&artifacts[3..]), analyses, mode);
        assert_eq!(none.run.code, 0, "{none:#?}");
        assert_eq!((&*none.outputs["report"], &*none.outputs["alerts"]), ("", alerts), "{analyses}");
        assert!(none.run.stdout.contains(said), "{none:#?}");
    }

    // A request that fails says nothing about what is there.
    let (failed, _) = look(None, "", "auto");
    assert_ne!(failed.run.code, 0);
    assert!(failed.outputs.is_empty(), "{failed:#?}");
}

// Names that must agree.

fn yaml(path: &str) -> Value {
    let text = fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join(path)).expect("readable");
    serde_saphyr::from_str(&text).expect("YAML")
}

#[test]
fn a_release_has_the_names_that_installers_look_for() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let manifest = fs::read_to_string(root.join("Cargo.toml")).expect("Cargo.toml");
    let manifest: toml::Value = toml::from_str(&manifest).expect("TOML");
    let binstall = &manifest["package"]["metadata"]["binstall"];
    let install = fs::read_to_string(root.join(".github/actions/audit/install.sh")).expect("install.sh");
    let matrix = &yaml(".github/workflows/release.yml")["jobs"]["build"]["strategy"]["matrix"]["include"];
    let targets = matrix.as_array().expect("targets");
    assert_eq!(targets.len(), 5);
    for target in targets {
        let target = target["target"].as_str().expect("a text");
        let named = Command::new("bash").args([".ci/release", "name", target]).current_dir(root).output();
        let named = String::from_utf8(named.expect("bash starts").stdout).expect("UTF-8");
        let overridden = binstall.get("overrides").and_then(|all| all.get(target)).unwrap_or(binstall);
        let url = overridden["pkg-url"].as_str().expect("a text");
        let version = env!("CARGO_PKG_VERSION");
        let url = [("name", env!("CARGO_PKG_NAME")), ("target", target), ("version", version)]
            .iter()
            .fold(url.to_owned(), |url, (name, value)| url.replace(&format!("{{ {name} }}"), value));
        assert_eq!(url, format!("{{ repo }}/releases/download/v{version}/{}", named.trim()));
        assert!(
            install.lines().any(|line| line.split(' ').any(|word| word == format!("target={target}"))),
            "the action does not install {target}"
        );
    }
}

#[test]
fn the_schedule_of_this_repository_audits_the_examples() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let run = audit(root).args(["--config", ".github/audit.toml", "--format", "json"]).output();
    let run = Run::of(run.expect("the program starts"));
    let report: Value = serde_json::from_str(&run.stdout).expect("a report");
    assert_eq!((run.code, &report["summary"]["audited"]), (0, &json!(9)), "{}", run.stderr);
    let workflow = fs::read_to_string(root.join(".github/workflows/audit.yml")).expect("readable");
    // Where it is called, an empty text is the caller's, and no other file stands in for it.
    assert!(
        workflow.contains(
            "config: ${{ toJSON(inputs.config) == 'null' && '.github/audit.toml' || inputs.config }}"
        )
    );
    // What it finds outlives the week to the next run.
    assert_eq!(workflow.matches("retention-days: ${{ inputs.retention-days || 90 }}").count(), 2);
}

/// What the gate is asked of a merged report.
#[derive(Debug, Clone, Copy)]
struct Asked {
    /// What the action says of it: everything was audited; or all that was asked for; or not even that.
    audited: Audited,
    /// Whether findings were carried over.
    previous: bool,
    /// Whether there are alerts that may not close.
    alerts: bool,
    /// Whether it is for code scanning.
    upload: bool,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Audited {
    Everything,
    Selection,
    NotEverything,
    NotAllOfSelection,
    /// Not everything, because a shard did not see what another one saw.
    Lost,
}

/// Asks the gate, in a project whose newest run that has left a report is this one.
fn gate(asked: Asked, exit_code: &str, newest: &str) -> Step {
    let narrowed = matches!(asked.audited, Audited::Selection | Audited::NotAllOfSelection);
    let project = Project::of_recordings(&[("one.json", compliant("d1", "prod"))]);
    let selection: &[&str] = if narrowed { &["--rule", "mfa/off"] } else { &[] };
    assert_eq!(project.audit(&[&["--output=json=audit.json"], selection].concat()).code, 0);
    if asked.audited == Audited::Lost {
        let report = project.path().join("audit.json");
        let text = fs::read_to_string(&report).expect("a report");
        let lost = r#""notices": [
    {
      "kind": "lost_target",
      "message": "d2/prod/auth"
    }
  ]"#;
        let lost = text.replace("\"notices\": []", lost);
        assert_ne!(lost, text);
        fs::write(report, lost).expect("written");
    }
    // The list of runs takes `gh` and `jq`.
    stand_in(&project, "gh", "[[ $* == *'-f name=ours '* ]]\n");
    stand_in(&project, "jq", &format!("cat\n{newest}\n"));
    let truth = |is: bool| if is { "true" } else { "false" };
    let inputs = [
        ("GITHUB_REPOSITORY", "acme/shop"),
        ("GITHUB_REF_NAME", "main"),
        ("GITHUB_RUN_ID", "100"),
        ("INPUT_ARTIFACT", "ours"),
        ("INPUT_REPORT", "audit.json"),
        ("INPUT_COMPLETE", truth(asked.audited == Audited::Everything)),
        ("INPUT_MAY_UPLOAD", truth(matches!(asked.audited, Audited::Everything | Audited::Selection))),
        ("INPUT_EXIT_CODE", exit_code),
        ("INPUT_PREVIOUS", if asked.previous { "previous/audit.json" } else { "" }),
        ("INPUT_ALERTS", truth(asked.alerts)),
        ("INPUT_UPLOAD", truth(asked.upload)),
    ];
    step_with_stand_ins(&project, "gate.sh", &inputs)
}

impl Step {
    /// Whether the report may be uploaded, whether it may be kept, and whether the gate fails.
    fn decision(&self) -> (bool, bool, bool) {
        let is = |name: &str| self.outputs[name] == "true";
        (is("may-upload"), is("may-keep"), self.run.code != 0)
    }
}

#[test]
fn alerts_are_closed_only_by_what_is_complete_or_carried_over() {
    use Audited::{Everything, Lost, NotAllOfSelection, NotEverything, Selection};
    for audited in [Everything, Selection, NotEverything, NotAllOfSelection, Lost] {
        for row in 0..8 {
            let asked = Asked { audited, previous: row & 1 > 0, alerts: row & 2 > 0, upload: row & 4 > 0 };
            let carried_over = asked.previous && audited != Lost;
            let may_upload = match audited {
                // What is narrowed has a category of its own.
                Everything | Selection => true,
                NotEverything | Lost => carried_over || !asked.alerts,
                // The earlier report, which is of everything, may be older than the alerts of that category.
                NotAllOfSelection => !asked.alerts,
            };
            let may_keep = match audited {
                Everything => true,
                // Without upload, alerts may be there that it does not know of.
                NotEverything | Lost => carried_over || (!asked.alerts && asked.upload),
                Selection | NotAllOfSelection => false,
            };
            let step = gate(asked, "0", "");
            let fails = asked.upload && !may_upload;
            assert_eq!(step.decision(), (may_upload, may_keep, fails), "{asked:?}\n{step:#?}");
            // What fails hands on no 0.
            assert_eq!(step.outputs["exit-code"], if fails { "3" } else { "0" }, "{asked:?}");
            let said = if fails {
                "::error "
            } else if matches!(audited, Selection | NotAllOfSelection) {
                "the next run carries nothing over"
            } else if may_keep {
                ""
            } else {
                "::warning "
            };
            assert!(step.run.stdout.starts_with(said), "{asked:?}: {}", step.run.stdout);
            assert_eq!(step.run.stdout.is_empty(), said.is_empty(), "{asked:?}: {}", step.run.stdout);
            // The way out closes no alert, either.
            assert!(!step.run.stdout.contains("none"), "{}", step.run.stdout);
        }
    }
}

#[test]
fn an_old_run_takes_nothing_back_of_what_a_newer_one_said() {
    let best = Asked { audited: Audited::Everything, previous: true, alerts: false, upload: true };
    for (newest, open) in [
        ("", true),
        ("echo 99", true),
        ("echo 99; echo 100", true),
        ("echo 99; echo 101", false),
        // Nobody knows.
        ("exit 1", false),
    ] {
        for exit_code in ["0", "1", "3", "130"] {
            let step = gate(best, exit_code, newest);
            assert_eq!(step.decision(), (open, open, !open), "{newest}\n{step:#?}");
            let expected = if open || exit_code.len() > 1 { exit_code } else { "3" };
            assert_eq!(step.outputs["exit-code"], expected, "{newest}");
        }
        let kept = gate(Asked { upload: false, ..best }, "0", newest);
        assert_eq!((kept.outputs["may-keep"] == "true", kept.run.code != 0), (open, newest == "exit 1"));
    }
}

#[test]
fn a_report_goes_only_where_the_gate_says() {
    let workflow = yaml(".github/workflows/audit.yml");
    let report = &workflow["jobs"]["report"];
    let steps = report["steps"].as_array().expect("steps");
    let conditions = |part: &str| -> Vec<&str> {
        let of = |step: &&Value| step["if"].as_str().is_some_and(|condition| condition.contains(part));
        steps.iter().filter(of).filter_map(|step| step["name"].as_str()).collect()
    };
    assert_eq!(conditions("&& steps.gate.outputs.may-keep == 'true'"), ["Keep the report for the next run"]);
    assert_eq!(conditions("&& steps.gate.outputs.may-upload == 'true'"), ["Upload to code scanning"]);
    // An alert that no report knows of would be closed by the next run that cannot read its target.
    let kept = "&& (steps.keep.outcome == 'success' || steps.gate.outputs.may-keep != 'true')";
    assert_eq!(conditions(kept), ["Upload to code scanning"]);
    // Every other step that leaves something behind is one that nothing is judged by.
    let leaving = ["upload-artifact@", "upload-sarif@"];
    let leaves = |step: &&Value| {
        step["uses"].as_str().is_some_and(|uses| leaving.iter().any(|name| uses.contains(name)))
    };
    let leaves: Vec<&Value> = steps.iter().filter(leaves).map(|step| &step["name"]).collect();
    assert_eq!(leaves, ["Keep the reports", "Keep the report for the next run", "Upload to code scanning"]);
    // The gate asks of the artifact that every run leaves.
    let of = |name: &str| steps.iter().find(|step| step["name"] == name).expect("the step");
    assert_eq!(of("Keep the reports")["with"]["name"], "${{ env.NAME }}");
    assert_eq!(of("See whether alerts may be closed")["env"]["INPUT_ARTIFACT"], "${{ env.NAME }}");
    // The scripts come with what was prepared: the checkout is the caller's.
    let prepare = workflow["jobs"]["prepare"].to_string();
    assert!(
        prepare
            .contains("cp audit-source/.github/actions/audit/{gate,runs}.sh \\\"$RUNNER_TEMP/prepared\\\"")
    );
    assert_eq!(of("See whether alerts may be closed")["run"], "bash \"$RUNNER_TEMP/prepared/gate.sh\"");
    // The code of what failed, and not that of what stood before.
    assert_eq!(
        report["outputs"]["exit-code"],
        "${{ steps.gate.outputs.exit-code || steps.merge.outputs.exit-code || steps.shards.outputs.exit-code }}"
    );
}

#[test]
fn where_a_shard_failed_nothing_is_merged() {
    let workflow = yaml(".github/workflows/audit.yml");
    let steps = workflow["jobs"]["report"]["steps"].as_array().expect("steps");
    assert_eq!(
        (&steps[0]["id"], &steps[0]["env"]["AUDITED"]),
        (&json!("shards"), &json!("${{ needs.audit.result }}"))
    );
    let merge = steps.iter().find(|step| step["id"] == "merge").expect("the step");
    assert!(merge.get("if").is_none(), "it runs only where nothing failed before");
    // An artifact of an earlier attempt may stand in for a shard that failed.
    for (result, code) in [("success", 0), ("failure", 2), ("cancelled", 2), ("skipped", 2), ("", 2)] {
        let project = Project::new("");
        let output = project.file("output", "");
        let run = Command::new("bash")
            .args(["-e", "-o", "pipefail", "-c", steps[0]["run"].as_str().expect("a script")])
            .env("AUDITED", result)
            .env("GITHUB_OUTPUT", &output)
            .output();
        assert_eq!(Run::of(run.expect("bash starts")).code, code, "{result}");
        let said = fs::read_to_string(output).expect("readable");
        assert_eq!(said, if code == 0 { "" } else { "exit-code=2\n" }, "{result}");
    }
}

#[test]
fn a_number_that_cannot_be_is_refused() {
    let workflow = yaml(".github/workflows/audit.yml");
    let steps = workflow["jobs"]["prepare"]["steps"].as_array().expect("steps");
    let count = steps.iter().find(|step| step["id"] == "shards").expect("the step");
    // `||` would take 0 for nothing, and the default instead.
    for (name, input) in
        [("SHARDS", "shards"), ("RETENTION_DAYS", "retention-days"), ("TIMEOUT_MINUTES", "timeout-minutes")]
    {
        assert_eq!(count["env"][name], format!("${{{{ inputs.{input} }}}}"));
        let most = if name == "SHARDS" { 256 } else { 999 };
        let more = (most + 1).to_string();
        // Nothing is given where nobody calls the workflow. `jq` is not asked for: only what is refused is.
        for (number, refused) in [
            ("", false),
            ("0", true),
            ("1", false),
            (&*most.to_string(), false),
            (&*more, true),
            ("1.5", true),
            ("-1", true),
            ("x", true),
        ] {
            let project = Project::new("");
            stand_in(&project, "jq", "cat >/dev/null; echo []\n");
            let bin = project.path().join("bin");
            let environment = project.file("environment", &format!("PATH={}:$PATH\n", bin.display()));
            let run = Command::new("bash")
                .args(["-e", "-o", "pipefail", "-c", count["run"].as_str().expect("a script")])
                .env(name, number)
                .env("BASH_ENV", environment)
                .env("GITHUB_OUTPUT", project.file("output", ""))
                .output();
            let run = Run::of(run.expect("bash starts"));
            assert_eq!(run.code, if refused { 2 } else { 0 }, "{name}={number}");
            assert_eq!(run.stdout.contains(input), refused, "{name}={number}");
        }
    }
}

#[test]
fn no_file_of_the_checkout_is_taken_for_a_report() {
    let workflow = yaml(".github/workflows/audit.yml");
    let mut places = 0;
    for job in workflow["jobs"].as_object().expect("jobs").values() {
        for step in job["steps"].as_array().expect("steps") {
            let uses = step["uses"].as_str().unwrap_or_default();
            if uses.starts_with("actions/checkout@") {
                continue;
            }
            for name in ["path", "folder", "merge", "program", "previous"] {
                if let Some(place) = step["with"].get(name).and_then(Value::as_str) {
                    // What the merge writes lies below its `folder`.
                    let apart = place.contains("runner.temp") || place == "${{ steps.merge.outputs.json }}";
                    assert!(apart, "{name}: {place}");
                    places += 1;
                }
            }
        }
    }
    assert!(places > 10, "only {places}");
}

#[test]
fn every_input_is_one_that_the_action_or_the_workflow_has() {
    let action = yaml(".github/actions/audit/action.yml");
    let workflow = yaml(".github/workflows/audit.yml");
    let mut steps = 0;
    for job in workflow["jobs"].as_object().expect("jobs").values() {
        for step in job["steps"].as_array().expect("steps") {
            if step["uses"] == "$/.github/actions/audit" {
                steps += 1;
                for input in step["with"].as_object().expect("inputs").keys() {
                    assert!(action["inputs"].get(input).is_some(), "the action has no input {input}");
                }
            }
        }
    }
    assert_eq!(steps, 2);
    // Each goes into the script that reads it.
    let scripts: String = files(&Path::new(env!("CARGO_MANIFEST_DIR")).join(".github/actions/audit"))
        .into_iter()
        .filter(|(name, _)| name.extension().is_some_and(|extension| extension == "sh"))
        .map(|(_, text)| String::from_utf8(text).expect("UTF-8"))
        .collect();
    for step in action["runs"]["steps"].as_array().expect("steps") {
        for name in step["env"].as_object().expect("an environment").keys() {
            assert!(
                scripts.contains(name)
                    || step["run"].as_str().is_some_and(|run| run.contains(name))
                    || name == "GH_TOKEN",
                "nothing reads {name}"
            );
        }
    }
}

/// What the actions of others take, in the version that is pinned: they pass over an input of another name, with a warning at most.
const INPUTS: [(&str, &str, &str); 7] = [
    (
        "Swatinem/rust-cache",
        "v2.9.2",
        "add-job-id-key add-rust-environment-hash-key cache-all-crates cache-bin cache-directories cache-on-failure cache-provider \
         cache-targets cache-workspace-crates cmd-format env-vars key lookup-only prefix-key save-if shared-key workspaces",
    ),
    (
        "actions/attest",
        "v4.2.2",
        "create-storage-record github-token predicate predicate-path predicate-type push-to-registry sbom-path show-summary \
         subject-checksums subject-digest subject-name subject-path subject-version",
    ),
    (
        "actions/checkout",
        "v7.0.1",
        "allow-unsafe-pr-checkout clean fetch-depth fetch-tags filter github-server-url lfs path persist-credentials ref repository \
         set-safe-directory show-progress sparse-checkout sparse-checkout-cone-mode ssh-key ssh-known-hosts ssh-strict ssh-user \
         submodules token",
    ),
    (
        "actions/download-artifact",
        "v8.0.1",
        "artifact-ids digest-mismatch github-token merge-multiple name path pattern repository run-id skip-decompress",
    ),
    (
        "actions/upload-artifact",
        "v7.0.1",
        "archive compression-level if-no-files-found include-hidden-files name overwrite path retention-days",
    ),
    (
        "aws-actions/configure-aws-credentials",
        "v6.2.3",
        "action-timeout-s allowed-account-ids audience aws-access-key-id aws-profile aws-region aws-secret-access-key \
         aws-session-token custom-tags disable-retry force-skip-oidc http-proxy inline-session-policy managed-session-policies \
         mask-aws-account-id no-proxy output-credentials output-env-credentials overwrite-aws-profile retry-max-attempts \
         role-chaining role-duration-seconds role-external-id role-session-name role-skip-session-tagging role-to-assume \
         special-characters-workaround sts-endpoint transitive-tag-keys unset-current-credentials use-existing-credentials \
         web-identity-token-file",
    ),
    (
        "github/codeql-action/upload-sarif",
        "v4.37.6",
        "category checkout_path matrix ref sarif_file sha token wait-for-processing",
    ),
];

/// The steps of all jobs of a workflow, of an action, or of a part of one.
fn steps_of(file: &Value) -> Vec<&Value> {
    let of_jobs = file["jobs"].as_object().into_iter().flat_map(serde_json::Map::values);
    let bodies = of_jobs.chain([file, &file["runs"]]);
    bodies.filter_map(|body| body["steps"].as_array()).flatten().collect()
}

/// The workflows and actions of this repository, by name.
fn workflows() -> Vec<(String, String)> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join(".github");
    let all = ["workflows", "actions"].into_iter().flat_map(|folder| files(&root.join(folder)));
    all.filter(|(name, _)| name.extension().is_some_and(|extension| extension == "yml"))
        .map(|(name, text)| (name.display().to_string(), String::from_utf8(text).expect("UTF-8")))
        .collect()
}

#[test]
fn every_input_of_an_action_of_others_is_one_that_it_has() {
    let page = Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/ci.md");
    let page = fs::read_to_string(page).expect("readable");
    let shown = page.split("\n```").filter_map(|block| block.strip_prefix("yaml ")?.split_once('\n'));
    let shown = shown.map(|(name, text)| (format!("docs/ci.md, {name}"), text.to_owned()));
    let mut used = BTreeMap::new();
    for (place, text) in workflows().into_iter().chain(shown) {
        // Which version a commit is of stands behind it.
        for line in text.lines().filter_map(|line| line.split_once("uses: ")) {
            let Some((action, rest)) = line.1.split_once('@') else { continue };
            let version = rest.split_once(" # ").map_or("", |(_, version)| version).to_owned();
            if !action.starts_with("OWNER/REPO/") {
                used.insert(action.to_owned(), version);
            }
        }
        let file: Value = serde_saphyr::from_str(&text).expect("YAML");
        for step in steps_of(&file) {
            let Some((action, _)) = step["uses"].as_str().and_then(|uses| uses.split_once('@')) else {
                continue;
            };
            let Some((_, _, inputs)) = INPUTS.iter().find(|(known, ..)| *known == action) else { continue };
            for input in step["with"].as_object().into_iter().flat_map(serde_json::Map::keys) {
                let known = inputs.split(' ').any(|known| known == input);
                assert!(known, "{place}: {action} has no input {input}");
            }
        }
    }
    let known: BTreeMap<_, _> =
        INPUTS.iter().map(|(action, version, _)| ((*action).to_owned(), (*version).to_owned())).collect();
    assert_eq!(used, known, "INPUTS is of other versions than those that are used");
}

#[test]
#[ignore = "needs shellcheck; run by .ci/run"]
fn shellcheck_finds_nothing_in_any_script() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let read = |path: &str| (path.to_owned(), fs::read_to_string(root.join(path)).expect("readable"));
    let mut scripts = vec![read(".ci/run"), read(".ci/release"), read("fuzz/run")];
    for (name, text) in files(&root.join(".github/actions")) {
        if name.extension().is_some_and(|extension| extension == "sh") {
            scripts.push((name.display().to_string(), String::from_utf8(text).expect("UTF-8")));
        }
    }
    for (name, text) in workflows() {
        let file: Value = serde_saphyr::from_str(&text).expect("YAML");
        for step in steps_of(&file).iter().filter(|step| step["run"].is_string()) {
            let script = step["run"].as_str().expect("a text");
            // An expression would be put into the text of the script, whatever is in it.
            assert!(!script.contains("${{"), "{name}: {script}");
            scripts.push((
                format!("{name}, {}", step["name"]),
                format!("#!/usr/bin/env bash\nset -e\n{script}"),
            ));
        }
    }
    assert!(scripts.len() > 20, "only {}", scripts.len());
    let check = |script: &str| {
        let project = Project::new("");
        let path = project.file("script", script);
        let run = Command::new("shellcheck").args(["--norc", "--severity=style"]).arg(path).output();
        Run::of(run.expect("shellcheck starts"))
    };
    assert_eq!(check("#!/bin/bash\ncat $1\n").code, 1, "it finds nothing");
    for (name, script) in scripts {
        let run = check(&script);
        assert_eq!(run.code, 0, "{name}\n{}", run.stdout);
    }
}

/// Every `CONTEXT.x.REST` in a text, as the two names: `steps.x.outputs.y` is (x, y), `inputs.x` (x, "").
fn references(text: &str, context: &str, between: &str) -> Vec<(String, String)> {
    let is_name = |c: char| c.is_alphanumeric() || c == '-' || c == '_';
    let name = |text: &str| text.chars().take_while(|c| is_name(*c)).collect::<String>();
    let mut found = Vec::new();
    for (at, _) in text.match_indices(context) {
        // `needs.inputs.x` and `my-inputs.x` are no `inputs.x`.
        if text[..at].ends_with(|c: char| is_name(c) || c == '.') {
            continue;
        }
        let rest = &text[at + context.len()..];
        let first = name(rest);
        let second = rest[first.len()..].strip_prefix(between).map(name).unwrap_or_default();
        found.push((first, second));
    }
    found
}

/// What a step says in `$GITHUB_OUTPUT`, or the action that it uses has.
fn has_output(step: &Value, output: &str) -> bool {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let said = |script: &str| {
        script.contains("GITHUB_OUTPUT")
            && (script.contains(&format!("{output}=%s")) || script.contains(&format!("{output}=true")))
    };
    if let Some(run) = step["run"].as_str() {
        // The script that it starts, of the action.
        let scripts = run.split(['/', '"', ' ']).filter_map(|word| word.strip_suffix(".sh"));
        let mut texts = scripts.filter_map(|script| {
            fs::read_to_string(root.join(format!(".github/actions/audit/{script}.sh"))).ok()
        });
        // `run.sh` names the outputs that are reports in a loop.
        return said(run)
            || texts.any(|text| said(&text) || text.contains(&format!("{output}) printf '%s/audit.")));
    }
    step["uses"] == "$/.github/actions/audit"
        && yaml(".github/actions/audit/action.yml")["outputs"].get(output).is_some()
}

#[test]
fn every_output_and_input_that_is_asked_for_is_there() {
    let mut asked = 0;
    for path in
        [".github/workflows/audit.yml", ".github/workflows/release.yml", ".github/actions/audit/action.yml"]
    {
        let file = yaml(path);
        let text = file.to_string();
        assert!(!text.contains("continue-on-error"), "{path}: a step that fails in silence");
        // `inputs` of a workflow or of the action; a release has none.
        let inputs = file["on"]["workflow_call"].get("inputs").or_else(|| file.get("inputs"));
        for (input, _) in references(&text, "inputs.", "") {
            assert!(inputs.is_some_and(|all| all.get(&input).is_some()), "{path}: no input {input}");
            asked += 1;
        }
        let none = serde_json::Map::new();
        let jobs = file["jobs"].as_object().unwrap_or(&none);
        let bodies = jobs.values().chain(file.get("runs").map(|_| &file));
        for body in bodies {
            let steps = body["steps"].as_array().or_else(|| body["runs"]["steps"].as_array()).expect("steps");
            let text = body.to_string();
            for (id, output) in references(&text, "steps.", ".outputs.") {
                let step = steps.iter().find(|step| step["id"] == *id);
                let step = step.unwrap_or_else(|| panic!("{path}: no step {id}"));
                if output.is_empty() {
                    assert!(text.contains(&format!("steps.{id}.outcome")), "{path}: what of {id}?");
                } else {
                    assert!(has_output(step, &output), "{path}: the step {id} has no output {output}");
                }
                asked += 1;
            }
            for (job, output) in references(&text, "needs.", ".outputs.") {
                let needs = &body["needs"];
                let needed = *needs == *job || needs.as_array().is_some_and(|all| all.contains(&json!(job)));
                assert!(needed, "{path}: {job} is not needed");
                if !output.is_empty() {
                    assert!(jobs[&job]["outputs"].get(&output).is_some(), "{path}: {job} has no {output}");
                }
                asked += 1;
            }
        }
        for (job, output) in references(&file["on"].to_string(), "jobs.", ".outputs.") {
            assert!(jobs[&job]["outputs"].get(&output).is_some(), "{path}: {job} has no {output}");
        }
    }
    assert!(asked > 60, "only {asked}");
}

#[test]
fn the_inputs_and_outputs_of_the_action_are_told_of() {
    let action = yaml(".github/actions/audit/action.yml");
    let page = Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/ci.md");
    let page = fs::read_to_string(page).expect("readable");
    let (_, section) = page.split_once("\n## The action alone\n").expect("the section");
    let section = section.split("\n## ").next().expect("its text");
    // The rows of the table with this head, as their cells.
    let table = |head: &str| -> Vec<Vec<&str>> {
        let (_, rows) = section.split_once(head).expect("the table");
        let rows = rows.lines().skip(2).take_while(|line| line.starts_with("| "));
        rows.map(|row| row.trim_matches('|').split('|').map(str::trim).collect()).collect()
    };
    let mut told: Vec<(&str, &str)> =
        table("| input | default |").iter().map(|row| (row[0], row[1])).collect();
    told.sort_unstable();
    let inputs = action["inputs"].as_object().expect("inputs").iter().map(|(name, input)| {
        let default = match input.get("default").and_then(Value::as_str) {
            Some("") => String::new(),
            Some(default) => format!("`{default}`"),
            None => "required".to_owned(),
        };
        assert_eq!(input.get("default").is_none(), input["required"] == true, "{name}");
        (format!("`{name}`"), default)
    });
    let mut inputs: Vec<_> = inputs.collect();
    inputs.sort_unstable();
    assert_eq!(told, inputs.iter().map(|(name, default)| (&**name, &**default)).collect::<Vec<_>>());

    let rows = table("| output |");
    let mut told: Vec<&str> = rows.iter().flat_map(|row| row[0].split(", ")).collect();
    told.sort_unstable();
    let mut outputs: Vec<String> =
        action["outputs"].as_object().expect("outputs").keys().map(|name| format!("`{name}`")).collect();
    outputs.sort_unstable();
    assert_eq!(told, outputs);
}

#[test]
fn an_input_that_is_wrong_is_an_exit_code_as_well() {
    for wrong in [("INPUT_FORMATS", "pdf"), ("INPUT_FOLDER", "a\nb"), ("INPUT_FAILS", "never")] {
        let step = step(&project_with(in_order()), "run.sh", &[wrong]);
        assert_eq!((step.run.code, &*step.outputs["exit-code"]), (2, "2"), "{step:#?}");
    }
}

#[test]
fn an_input_goes_into_the_variable_of_its_name() {
    let action = yaml(".github/actions/audit/action.yml");
    let mut inputs = 0;
    for step in action["runs"]["steps"].as_array().expect("steps") {
        for (name, value) in step["env"].as_object().expect("an environment") {
            let Some(input) = name.strip_prefix("INPUT_") else { continue };
            let (input, value) = (input.to_lowercase().replace('_', "-"), value.as_str().expect("a text"));
            // What was installed is what runs.
            let right = value.starts_with(&format!("${{{{ inputs.{input} "))
                || (input == "program" && value == "${{ steps.install.outputs.program }}");
            assert!(right, "{name}: {value}");
            inputs += 1;
        }
    }
    assert!(inputs >= 15, "only {inputs}");
}

/// A copy of what `.ci/release` reads, in a folder of its own.
fn release_of(manifest: &str) -> Project {
    let project = Project::new("");
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    project.copy("examples", "examples");
    for file in [".ci/release", "README.md", "LICENSE-MIT", "LICENSE-APACHE"] {
        project.file(file, &fs::read_to_string(root.join(file)).expect("readable"));
    }
    project.file("Cargo.toml", manifest);
    let version = env!("CARGO_PKG_VERSION");
    project.file(
        "CHANGELOG.md",
        &format!("# Changelog\n\n## [Unreleased]\n\n- later\n\n## [{version}] - 2026-11-24\n\n- this\n\n## [0.0.1]\n\n- old\n"),
    );
    project
}

fn release(project: &Project, arguments: &[&str]) -> Run {
    let run = Command::new("bash")
        .arg(".ci/release")
        .args(arguments)
        .current_dir(project.path())
        .env("GITHUB_REPOSITORY", "acme/audit")
        .output();
    Run::of(run.expect("bash starts"))
}

fn manifest() -> String {
    let manifest = Path::new(env!("CARGO_MANIFEST_DIR")).join("Cargo.toml");
    let text = fs::read_to_string(manifest).expect("readable");
    text.lines()
        .filter(|line| !line.starts_with("repository = "))
        .fold(String::new(), |text, line| text + line + "\n")
}

#[test]
fn a_tag_is_checked_before_anything_is_built() {
    let tag = format!("v{}", env!("CARGO_PKG_VERSION"));
    let of =
        |url: &str| manifest().replacen("[package]\n", &format!("[package]\nrepository = \"{url}\"\n"), 1);
    let right = release_of(&of("https://github.com/acme/audit"));
    assert_eq!(release(&right, &["check", &tag]).code, 0);
    assert_eq!(release(&right, &["notes"]).stdout.trim(), "- this");
    for (project, tag, said) in [
        (&right, "v9.9.9", "is not v"),
        (&release_of(&manifest()), &*tag, "`repository` in Cargo.toml"),
        (&release_of(&of("https://github.com/acme/other")), &tag, "is not https://github.com/acme/audit"),
    ] {
        let run = release(project, &["check", tag]);
        assert!(run.code == 1 && run.stderr.contains(said), "{run:?}");
    }
    right.file("CHANGELOG.md", "# Changelog\n\n## [Unreleased]\n\n- later\n");
    let run = release(&right, &["check", &tag]);
    assert!(run.code == 1 && run.stderr.contains("has no section"), "{run:?}");
}

#[test]
fn what_is_not_merged_is_not_released() {
    let project = release_of(&manifest());
    let git = |arguments: &[&str]| {
        let identity = ["-c", "user.name=a", "-c", "user.email=a@example.com", "-c", "commit.gpgsign=false"];
        let run = Command::new("git").args(identity).args(arguments).current_dir(project.path()).output();
        assert_eq!(Run::of(run.expect("git starts")).code, 0, "{arguments:?}");
    };
    git(&["init", "--quiet", "--initial-branch=main"]);
    for message in ["first", "second"] {
        git(&["commit", "--quiet", "--allow-empty", "--message", message]);
    }
    assert_eq!(release(&project, &["on", "main"]).code, 0);
    git(&["checkout", "--quiet", "main~1"]);
    assert_eq!(release(&project, &["on", "main"]).code, 0, "a commit of before");
    git(&["commit", "--quiet", "--allow-empty", "--message", "aside"]);
    for branch in ["main", "nowhere"] {
        let run = release(&project, &["on", branch]);
        assert!(run.code == 1 && run.stderr.contains("is not on"), "{run:?}");
    }
}

#[test]
fn only_the_highest_version_is_the_latest() {
    for (tag, released, latest) in [
        ("v0.1.0", "", true),
        ("v0.10.0", "v0.9.0\nv0.2.0\n", true),
        ("v0.9.1", "v0.10.0\nv0.9.0\n", false),
        ("v0.10.0", "v0.10.0\n", true),
        ("v1.0.0-rc.1", "v0.9.0\n", false),
        ("v0.9.1", "v0.9.0\nv1.0.0-rc.1\n", true),
    ] {
        let project = release_of(&manifest());
        let script = format!("printf %s \"$0\" | bash .ci/release latest {tag}");
        let run = Command::new("bash").args(["-c", &script, released]).current_dir(project.path()).output();
        let run = Run::of(run.expect("bash starts"));
        assert_eq!(
            (run.code, run.stdout.trim()),
            (0, if latest { "true" } else { "false" }),
            "{tag}: {run:?}"
        );
    }
}

#[test]
fn nothing_is_published_before_everything_has_passed() {
    let workflow = yaml(".github/workflows/release.yml");
    let jobs = workflow["jobs"].as_object().expect("jobs");
    let needs = |job: &str| -> Vec<String> {
        let needs = &jobs[job]["needs"];
        let one = needs.as_str().map(str::to_owned);
        let all = needs.as_array().into_iter().flatten().filter_map(Value::as_str).map(str::to_owned);
        all.chain(one).collect()
    };
    for (name, job) in jobs {
        // Whoever may write waits for those who look.
        let writes =
            job["permissions"].as_object().expect("permissions").values().any(|access| access == "write");
        let mut waits = needs(name);
        let mut at = 0;
        while at < waits.len() {
            waits.extend(needs(&waits[at]));
            at += 1;
        }
        assert!(!writes || waits.iter().any(|job| job == "ci"), "{name} does not wait for ci");
        assert!(name == "check" || waits.iter().any(|job| job == "check"), "{name} does not wait for check");
    }
    let runs = |job: &str, command: &str| jobs[job]["steps"].to_string().contains(command);
    assert!(runs("check", ".ci/release on origin/main") && runs("ci", "\"bash .ci/run\""));
    assert_eq!(jobs["check"]["steps"][0]["with"]["fetch-depth"], 0);
    assert_eq!(jobs["latest"]["if"], "${{ needs.release.outputs.latest == 'true' }}");
    // No builder is fetched where an image may be pushed.
    assert!(!workflow.to_string().contains("buildx create"));
}

#[test]
fn an_archive_holds_what_a_release_promises() {
    let project = release_of(&manifest());
    let target = "x86_64-unknown-linux-musl";
    let program = project.file(&format!("target/{target}/release/audit"), "");
    fs::remove_file(&program).expect("removed");
    fs::copy(env!("CARGO_BIN_EXE_audit"), &program).expect("copied");
    let run = release(&project, &["archive", target]);
    assert_eq!(run.code, 0, "{run:?}");
    let name = release(&project, &["name", target]).stdout;
    let list = Command::new("tar").arg("-tzf").arg(project.path().join("dist").join(name.trim())).output();
    let list = String::from_utf8(list.expect("tar starts").stdout).expect("UTF-8");
    let stem = name.trim().trim_end_matches(".tar.gz");
    for file in [
        "audit",
        "README.md",
        "CHANGELOG.md",
        "LICENSE-MIT",
        "LICENSE-APACHE",
        "man/audit.1",
        "completions/audit.bash",
        "completions/audit.fish",
    ] {
        assert!(list.lines().any(|line| line == format!("{stem}/{file}")), "no {file}: {list}");
    }
    // What does not run, or is another version, is not packed.
    project.file(&format!("target/{target}/release/audit"), "#!/bin/sh\necho audit 9.9.9\n");
    let run = release(&project, &["archive", target]);
    assert!(run.code == 1 && run.stderr.contains("holds another version"), "{run:?}");
}
