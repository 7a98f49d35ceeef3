//! What `.github` has: the action, its scripts run as a runner of GitHub runs them, the workflows and the release.

mod gate;
mod inputs;
mod install;
mod previous;
mod release;
mod run;
mod workflow;

use std::collections::BTreeMap;
use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::process::{Command, Stdio};

use serde_json::{Value, json};

use crate::common::{Project, Run, compliant, files, with};

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

fn yaml(path: &str) -> Value {
    let text = fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join(path)).expect("readable");
    serde_saphyr::from_str(&text).expect("YAML")
}

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
