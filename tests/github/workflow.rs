//! The reusable workflow, which is also that of this repository.

use std::fs;
use std::path::Path;
use std::process::Command;

use serde_json::{Value, json};

use super::{stand_in, yaml};
use crate::common::{Project, Run, audit};

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
