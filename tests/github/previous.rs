//! `previous.sh`: the report of the last run.

use std::fs;

use serde_json::{Value, json};

use super::{stand_in, step_with_stand_ins};
use crate::common::Project;

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
