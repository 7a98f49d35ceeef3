//! `gate.sh`: which reports are uploaded, and which are kept for the next run.

use std::fs;

use serde_json::Value;

use super::{Step, stand_in, step_with_stand_ins, yaml};
use crate::common::{Project, compliant};

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
