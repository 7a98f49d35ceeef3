//! Names: what the action, the workflows and the actions of others take and give.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;
use std::process::Command;

use serde_json::{Value, json};

use super::{steps_of, workflows, yaml};
use crate::common::{Project, Run, files};

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
