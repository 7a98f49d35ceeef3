//! `run.sh`: what the action audits, writes and says of it.

use std::fs;

use serde_json::{Value, json};

use super::{in_order, project_with, step, unreadable, with_a_finding};
use crate::common::{Project, with};

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

#[test]
fn an_input_that_is_wrong_is_an_exit_code_as_well() {
    for wrong in [("INPUT_FORMATS", "pdf"), ("INPUT_FOLDER", "a\nb"), ("INPUT_FAILS", "never")] {
        let step = step(&project_with(in_order()), "run.sh", &[wrong]);
        assert_eq!((step.run.code, &*step.outputs["exit-code"]), (2, "2"), "{step:#?}");
    }
}
