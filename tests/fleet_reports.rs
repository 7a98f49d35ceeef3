//! Runs that are more than one job: shards and their merged report, and the report of the run before.

use serde_json::{Value, json};

use crate::common::{PLANNED, Project, Run, compliant, with};

const MODE: &str = "/ResourceConfig/UserPoolConfigs/Mfa/MFAMode";

/// Twelve apps, every second without MFA, and a file that is no answer.
fn fleet() -> Project {
    let project = Project::of_recordings(&[]);
    for number in 0..12 {
        let mode = if number % 2 == 0 { "OFF" } else { "ON" };
        let answer = with(compliant(&format!("d{number}"), "prod"), MODE, json!(mode));
        project.file(&format!("recordings/{number}.json"), &answer.to_string());
    }
    project.file("recordings/broken.json", "{");
    project
}

/// Writes the report of each shard to `I.json`.
fn shards(project: &Project, count: usize) -> Vec<String> {
    let write = |index| {
        let (shard, output) = (format!("{index}/{count}"), format!("json={index}.json"));
        let run = project.audit(&["--shard", &shard, "--output", &output]);
        assert!([0, 1, 3].contains(&run.code), "{}", run.stderr);
        format!("{index}.json")
    };
    (1..=count).map(write).collect()
}

fn merge(project: &Project, files: &[String], args: &[&str]) -> Run {
    let files: Vec<&str> = files.iter().map(String::as_str).collect();
    project.audit(&[&["merge"], &files[..], args].concat())
}

/// A report without what every run has its own of.
fn timeless(report: &str) -> Value {
    let mut report: Value = serde_json::from_str(report).expect("a report");
    for member in ["started_at", "duration_ms"] {
        report[member] = Value::Null;
    }
    report
}

#[test]
fn shards_of_other_targets_or_of_another_configuration_are_no_one_run() {
    let project = two_apps();
    project.audit(&["--shard", "1/2", "--target", "d1", "--output", "json=1.json"]);
    project.audit(&["--shard", "2/2", "--output", "json=2.json"]);
    let run = project.audit(&["merge", "1.json", "2.json"]);
    assert_eq!((run.code, run.stdout.as_str()), (2, ""), "{}", run.stderr);
    assert!(run.stderr.contains("asked for other"), "{}", run.stderr);
    project.audit(&["--shard", "1/2", "--output", "json=1.json"]);
    assert_ne!(project.audit(&["merge", "1.json", "2.json"]).code, 2);
    let config = std::fs::read_to_string(project.path().join("audit.toml")).expect("a configuration");
    project.file("audit.toml", &format!("[audit]\ntimeout = \"29s\"\n{config}"));
    project.audit(&["--shard", "2/2", "--output", "json=2.json"]);
    assert_eq!(project.audit(&["merge", "1.json", "2.json"]).code, 2);
}

#[test]
fn one_file_by_two_spellings_takes_one_report() {
    let project = two_apps();
    let run = project.audit(&["--output", "json=a.json", "--output", "sarif=./a.json"]);
    assert_eq!((run.code, run.stdout.as_str()), (2, ""), "{}", run.stderr);
}

#[test]
fn merged_shards_are_the_report_of_the_whole() {
    let project = fleet();
    let whole = project.audit(&["--format", "json"]);
    for count in [1, 2, 5, 40] {
        let mut files = shards(&project, count);
        files.reverse();
        let merged = merge(&project, &files, &["--format", "json"]);
        assert_eq!((merged.code, merged.stderr.as_str()), (whole.code, ""), "of {count}");
        assert_eq!(timeless(&merged.stdout), timeless(&whole.stdout), "of {count}");
    }
}

#[test]
fn a_waiver_is_unused_where_no_shard_uses_it() {
    let project = fleet();
    let config = std::fs::read_to_string(project.path().join("audit.toml")).expect("a file");
    // Used in one shard; used in several; for nothing in one app; for nothing in all; for no target at all.
    let waivers = ["d0/prod", "*/prod", "d1/prod", "*/prod/auth", "d99"].map(|target| {
        let rule = if target == "*/prod/auth" { "mfa/optional" } else { "mfa/off" };
        format!(
            "[[waiver]]\nrule = \"{rule}\"\ntarget = \"{target}\"\nreason = \"r\"\nexpires = 9999-12-31\n"
        )
    });
    project.file("audit.toml", &format!("{config}{}", waivers.concat()));
    std::fs::remove_file(project.path().join("recordings/broken.json")).expect("removed");
    let unused = |report: &Value| -> Vec<String> {
        let notices = report["notices"].as_array().expect("notices").iter();
        let unused = notices.filter(|notice| notice["kind"] == "waiver_unused");
        unused.map(|notice| notice["message"].as_str().expect("a message").to_owned()).collect()
    };
    let (_, whole) = project.report(&[]);
    assert_eq!(unused(&whole).len(), 3, "{:?}", unused(&whole));
    let said: Vec<_> =
        ["1/2", "2/2"].iter().flat_map(|shard| unused(&project.report(&["--shard", shard]).1)).collect();
    let is_said =
        |target: &str| said.iter().filter(|message| message.contains(&format!("`{target}`"))).count();
    assert_eq!(["d0/prod", "*/prod", "*/prod/auth"].map(is_said), [0; 3], "{said:?}");
    assert_eq!(["d1/prod", "d99"].map(is_said), [1; 2], "{said:?}");
    let merged = merge(&project, &shards(&project, 2), &["--format", "json"]).stdout;
    let merged: Value = serde_json::from_str(&merged).expect("a report");
    assert_eq!(unused(&merged), unused(&whole));
}

#[test]
fn a_merged_report_has_every_format_and_exit_code() {
    let project = fleet();
    let files = shards(&project, 3);
    for (args, code) in [
        (&[][..], 3),
        (&["--allow-incomplete"], 1),
        (&["--allow-incomplete", "--exit-zero"], 0),
        (&["--format", "sarif", "--output", "human=all.txt", "--include-waived", "--color", "never"], 3),
    ] {
        let run = merge(&project, &files, args);
        assert_eq!((run.code, run.stderr.as_str()), (code, ""), "{args:?}");
    }
    let direct = project.audit(&["--format", "sarif"]);
    let merged = merge(&project, &files, &["--format", "sarif"]);
    let results = |run: &Run| -> Value {
        let log: Value = serde_json::from_str(&run.stdout).expect("SARIF");
        log["runs"][0]["results"].clone()
    };
    assert_eq!(results(&merged), results(&direct));
    // A merged report is a whole one, and may be merged alone.
    let all = merge(&project, &files, &["--format", "json"]).stdout;
    project.file("all.json", &all);
    assert_eq!(merge(&project, &["all.json".to_owned()], &["--format", "json"]).stdout, all);
}

#[test]
fn what_cannot_be_merged_exits_2_with_every_problem() {
    let project = fleet();
    let files = shards(&project, 3);
    project.audit(&["--output", "json=whole.json", "--output", "sarif=whole.sarif"]);
    project.audit(&[
        "--shard",
        "3/3",
        "--fail-on",
        "low",
        "--rule",
        "mfa/off",
        "--output",
        "json=other.json",
    ]);
    project.file("cut.json", "{\"version\": 1, ");
    project.file("later.json", "{\"version\": 2}");
    for (given, pieces) in [
        (&["1.json", "3.json"][..], &["missing: 2/3"][..]),
        (&["1.json", "2.json", "2.json"], &["shard 2/3 is there 2 times: 2.json, 2.json", "missing: 3/3"]),
        (&["1.json", "whole.json"], &["whole.json is the report of a whole run", "missing: 2/3, 3/3"]),
        (&["1.json", "2.json", "other.json"], &["different rules", "the threshold of 1.json is high"]),
        (
            &["1.json", "nowhere.json", "cut.json", "later.json", "whole.sarif"],
            &["cannot use the report nowhere.json", "cut.json: EOF", "version 2", "whole.sarif"],
        ),
    ] {
        let given: Vec<String> = given.iter().map(|file| (*file).to_owned()).collect();
        let run = merge(&project, &given, &[]);
        assert_eq!((run.code, run.stdout.as_str()), (2, ""), "{given:?}");
        let words = run.stderr.replace(['│', '╰', '─', '▶', '\n'], " ");
        let words = words.split_whitespace().collect::<Vec<_>>().join(" ");
        for piece in pieces {
            assert!(words.contains(piece), "no {piece:?} in\n{}", run.stderr);
        }
    }
    let run = merge(&project, &[], &[]);
    assert_eq!(run.code, 2, "{}", run.stdout);
    assert!(files.len() == 3 && run.stderr.contains("REPORT.json"), "{}", run.stderr);
}

#[test]
fn a_shard_without_targets_is_no_failure_and_a_fleet_without_targets_is() {
    let project = Project::of_recordings(&[("good.json", compliant("d1", "prod"))]);
    let codes: Vec<i32> = ["1/3", "2/3", "3/3"]
        .iter()
        .map(|shard| {
            let (run, report) = project.report(&["--shard", shard]);
            let targets = report["targets"].as_array().expect("targets").len();
            let empty = report["notices"].as_array().expect("notices").iter();
            assert_eq!(empty.filter(|notice| notice["kind"] == "empty_shard").count(), 1 - targets);
            run.code
        })
        .collect();
    assert_eq!(codes, [0, 0, 0]);
    assert_eq!(merge(&project, &shards(&project, 3), &[]).code, 0);
    // A target that was asked for and is nowhere: no shard may pass for having looked.
    for shard in ["1/2", "2/2"] {
        assert_eq!(project.audit(&["--shard", shard, "--target", "nobody"]).code, 3);
    }
    let nothing = Project::of_recordings(&[]);
    assert_eq!(merge(&nothing, &shards(&nothing, 2), &[]).code, 3);
    for shard in ["0/2", "3/2", "1", "x/y"] {
        let run = project.audit(&["--shard", shard]);
        assert_eq!((run.code, run.stdout.as_str()), (2, ""), "{shard}");
        assert!(run.stderr.contains("I/N"), "{}", run.stderr);
    }
}

/// An app without MFA in production, and a good one.
fn two_apps() -> Project {
    Project::of_recordings(&[
        ("bad.json", with(compliant("d1", "prod"), MODE, json!("OFF"))),
        ("good.json", compliant("d2", "prod")),
    ])
}

fn carried(report: &Value) -> Vec<(&str, bool)> {
    let findings = report["findings"].as_array().expect("findings").iter();
    findings.map(|finding| (finding["rule"].as_str().expect("a rule"), finding["carried"] == true)).collect()
}

#[test]
fn findings_of_what_cannot_be_read_stand_in_every_format() {
    let project = two_apps();
    let before = project.audit(&["--output", "json=last.json", "--format", "sarif"]);
    assert_eq!(before.code, 1);
    // The file does not even say any more whose settings it holds.
    project.file("recordings/bad.json", "{");
    let (run, report) = project.report(&["--previous", "last.json"]);
    assert_eq!((run.code, run.stderr.as_str()), (3, ""));
    assert_eq!(carried(&report), [("mfa/off", true)]);
    let unaudited: Vec<_> = report["targets"]
        .as_array()
        .expect("targets")
        .iter()
        .filter(|target| target["status"] == "unaudited")
        .map(|target| target["id"].as_str().expect("an id"))
        .collect();
    assert_eq!(unaudited, ["d1/prod/auth", "file:recordings/bad.json"]);
    assert_eq!(report["notices"][0]["kind"], "carried");
    assert_eq!(project.audit(&["--previous", "last.json", "--allow-incomplete"]).code, 1);

    let after = project.audit(&["--previous", "last.json", "--format", "sarif"]);
    let alert = |run: &Run| -> Value {
        let log: Value = serde_json::from_str(&run.stdout).expect("SARIF");
        let mut results = log["runs"][0]["results"].as_array().expect("results").iter();
        results.find(|result| result["ruleId"] == "mfa/off").expect("an alert").clone()
    };
    assert_eq!(alert(&before)["partialFingerprints"], alert(&after)["partialFingerprints"]);
    assert_eq!(alert(&after)["properties"]["carried"], true);

    let human = project.audit(&["--previous", "last.json"]);
    for piece in ["high[mfa/off]", "(carried over)", "notice[carried]", "last.json", "\"MFAMode\": \"OFF\""] {
        assert!(human.stdout.contains(piece), "no {piece} in\n{}", human.stdout);
    }
}

#[test]
fn a_report_is_carried_from_run_to_run_until_the_target_is_read_again() {
    let project = two_apps();
    let rolling = ["--previous", "last.json", "--output", "json=last.json"];
    project.audit(&rolling[2..]);
    project.file("recordings/bad.json", "{");
    for _ in 0..3 {
        let (run, report) = project.report(&rolling);
        assert_eq!((run.code, carried(&report)), (3, vec![("mfa/off", true)]));
    }
    // Today's waivers and threshold decide.
    let waiver =
        "[[waiver]]\nrule = \"mfa/off\"\ntarget = \"d1\"\nreason = \"known\"\nexpires = 2999-01-01\n";
    let config = std::fs::read_to_string(project.path().join("audit.toml")).expect("a configuration");
    project.file("audit.toml", &format!("{config}{waiver}"));
    let (_, report) = project.report(&rolling);
    assert_eq!(report["findings"][0]["disposition"], "waived");
    project.file("recordings/bad.json", &compliant("d1", "prod").to_string());
    let (run, report) = project.report(&rolling);
    assert_eq!((run.code, carried(&report)), (0, vec![]));
}

#[test]
fn what_is_gone_or_not_asked_for_is_not_carried() {
    let project = two_apps();
    project.audit(&["--output", "json=last.json"]);
    project.file("recordings/bad.json", "{");
    for args in [&["--rule", "mfa/optional"][..], &["--target", "d2"]] {
        let (_, report) = project.report(&[&["--previous", "last.json"], args].concat());
        assert_eq!(carried(&report), [], "{args:?}");
    }
    let counts: Vec<usize> = ["1/2", "2/2"]
        .iter()
        .map(|shard| {
            let (_, report) = project.report(&["--previous", "last.json", "--shard", shard]);
            carried(&report).len()
        })
        .collect();
    assert_eq!(counts.iter().sum::<usize>(), 1, "{counts:?}");
    std::fs::remove_file(project.path().join("recordings/bad.json")).expect("removed");
    let (run, report) = project.report(&["--previous", "last.json"]);
    assert_eq!((run.code, carried(&report)), (0, vec![]));
}

#[test]
fn an_earlier_report_that_cannot_be_used_stops_the_run_before_it_begins() {
    let project = two_apps();
    project.audit(&["--shard", "1/2", "--output", "json=shard.json", "--output", "sarif=last.sarif"]);
    project.file("cut.json", "{\"version\": 1, ");
    project.audit(&["--rule", "mfa/off", "--output", "json=rule.json"]);
    project.audit(&["--target", "d1", "--output", "json=target.json"]);
    for (file, piece) in [
        ("nowhere.json", "nowhere.json: No such file"),
        ("cut.json", "cut.json: EOF"),
        ("last.sarif", "version \"2.1.0\""),
        ("shard.json", "the report of shard 1/2 alone"),
        ("rule.json", "the report of what --rule asked for alone"),
        ("target.json", "the report of what --target asked for alone"),
    ] {
        let run = project.audit(&["--previous", file, "--output", "json=new.json"]);
        assert_eq!((run.code, run.stdout.as_str()), (2, ""), "{file}");
        let words = run.stderr.replace(['│', '╰', '─', '▶', '\n'], " ");
        let words = words.split_whitespace().collect::<Vec<_>>().join(" ");
        assert!(words.contains(piece), "no {piece} in\n{}", run.stderr);
        assert!(!project.path().join("new.json").exists());
    }
    for [option, value, file] in [
        ["--shard", "1/2", "shard.json"],
        ["--rule", "mfa/off", "rule.json"],
        ["--target", "d1", "target.json"],
    ] {
        assert!([0, 1].contains(&project.audit(&["--previous", file, option, value]).code), "{option}");
    }
}

/// Two sources; the checkout of the first shard lacks what `gone` names.
#[test]
fn what_the_machine_of_one_shard_lacked_is_not_audited() {
    let config = "[[source]]\nname = \"A\"\nkind = \"recordings\"\npaths = [\"a/*.json\"]\n\
                  [[source]]\nname = \"B\"\nkind = \"recordings\"\npaths = [\"b/*.json\"]\n";
    let apps: Vec<String> = (1..9).map(|number| format!("d{number}")).collect();
    let checkout = |gone: &[&str]| {
        let project = Project::new(&format!("{config}{PLANNED}"));
        for (number, app) in apps.iter().enumerate() {
            let name = format!("{}/{app}.json", if number % 2 == 0 { "a" } else { "b" });
            if !gone.iter().any(|gone| name.starts_with(gone)) {
                project.file(&name, &with(compliant(app, "prod"), MODE, json!("OFF")).to_string());
            }
        }
        project
    };
    let whole = checkout(&[]);
    whole.audit(&["--shard", "2/2", "--output", "json=2.json"]);
    whole.audit(&["--shard", "1/2", "--output", "json=1.json"]);
    whole.audit(&["--exit-zero", "--output", "json=last.json"]);
    assert_eq!(whole.audit(&["merge", "1.json", "2.json", "--exit-zero"]).code, 0);
    let of_first: Value =
        serde_json::from_slice(&std::fs::read(whole.path().join("1.json")).expect("a report")).expect("JSON");
    let of_first = of_first["targets"].as_array().expect("targets").iter();
    let of_first: Vec<&str> = of_first.map(|target| target["app_id"].as_str().expect("an app")).collect();
    let of_first_in = |folder: &str| {
        let odd = usize::from(folder == "b");
        apps.iter()
            .enumerate()
            .filter(|(number, app)| number % 2 == odd && of_first.contains(&&***app))
            .count()
    };
    let one = format!("{}.json", of_first[0]);
    for (gone, kind, count) in [
        (&["a/", "b/"][..], "lost_target", of_first.len()),
        (&["b/"], "lost_target", of_first_in("b")),
        (&["b/"], "empty_source", 1),
        (&[&*format!("a/{one}"), &*format!("b/{one}")], "lost_target", 1),
    ] {
        let poor = checkout(gone);
        poor.audit(&["--shard", "1/2", "--output", "json=1.json"]);
        std::fs::copy(whole.path().join("2.json"), poor.path().join("2.json")).expect("copied");
        let run = poor.audit(&["merge", "1.json", "2.json", "--exit-zero", "--format", "json"]);
        let report: Value = serde_json::from_str(&run.stdout).expect("JSON");
        let notices = report["notices"].as_array().expect("notices").iter();
        let said = notices.filter(|notice| notice["kind"] == kind).count();
        assert_eq!((run.code, said), (3, count), "{gone:?}");
    }
    // Nor does what was found there look mended.
    let poor = checkout(&["b/"]);
    std::fs::copy(whole.path().join("last.json"), poor.path().join("last.json")).expect("copied");
    let (run, report) = poor.report(&["--previous", "last.json"]);
    let (carried, found): (Vec<_>, Vec<_>) = carried(&report).into_iter().partition(|(_, carried)| *carried);
    assert_eq!((run.code, carried.len(), found.len()), (3, 4, 4));
}
