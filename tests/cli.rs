//! The program as its users call it: exit codes, streams, files, and everything that must never be a
//! false green.

use std::fs;
use std::process::Stdio;

use serde_json::{Value, json};

use crate::common::{Project, Run, audit, compliant, files, with};

const MODE: &str = "/ResourceConfig/UserPoolConfigs/Mfa/MFAMode";

fn kinds(report: &Value) -> Vec<(&str, &str)> {
    let targets = report["targets"].as_array().expect("targets");
    targets
        .iter()
        .filter_map(|target| Some((target["id"].as_str()?, target["error"]["kind"].as_str()?)))
        .collect()
}

fn notices(report: &Value) -> Vec<&str> {
    report["notices"]
        .as_array()
        .expect("notices")
        .iter()
        .filter_map(|notice| notice["kind"].as_str())
        .collect()
}

#[test]
fn two_files_of_one_target_in_two_sources_are_each_named_once() {
    let source = "[[source]]\nkind = \"recordings\"\npaths = [\"recordings/*.json\"]\n";
    let project = Project::new(&format!("{source}{source}"));
    for file in ["a", "b"] {
        project.file(&format!("recordings/{file}.json"), &compliant("d1", "prod").to_string());
    }
    let (run, report) = project.report(&[]);
    let ids: Vec<_> = report["targets"].as_array().expect("targets").iter().map(|it| &it["id"]).collect();
    assert_eq!(ids, [&json!("d1/prod/auth"), &json!("file:recordings/b.json")]);
    assert_eq!(run.code, 3);
}

#[test]
fn exit_codes_tell_what_happened_in_every_format() {
    let good = || ("good.json", compliant("d1", "prod"));
    let optional = || ("optional.json", with(compliant("d2", "prod"), MODE, json!("OPTIONAL")));
    let off = || ("off.json", with(compliant("d3", "prod"), MODE, json!("OFF")));
    let failed = || {
        (
            "failed.json",
            json!({"AppId": "d4", "BackendEnvironmentName": "prod", "ResourceName": "a", "Error": "x"}),
        )
    };
    for (recordings, args, code) in [
        (vec![good()], &[][..], 0),
        (vec![good(), optional()], &[], 0),
        (vec![good(), optional()], &["--fail-on", "medium"], 1),
        (vec![good(), optional()], &["--fail-on", "high"], 0),
        (vec![good(), off()], &[], 1),
        (vec![good(), off()], &["--fail-on", "critical"], 0),
        (vec![good(), off()], &["--fail-on", "none"], 0),
        (vec![good(), off()], &["--exit-zero"], 0),
        (vec![good(), failed()], &[], 3),
        (vec![good(), failed()], &["--exit-zero"], 3),
        (vec![good(), failed()], &["--allow-incomplete"], 0),
        (vec![off(), failed()], &[], 3),
        (vec![off(), failed()], &["--allow-incomplete"], 1),
        (vec![off(), failed()], &["--allow-incomplete", "--exit-zero"], 0),
        (vec![], &[], 3),
        (vec![], &["--allow-incomplete"], 0),
        (vec![good(), off()], &["--target", "d1"], 0),
        (vec![good(), off()], &["--target", "d3/prod/auth"], 1),
        (vec![good(), off()], &["--target", "nobody"], 3),
        (vec![good(), off()], &["--rule", "oauth/implicit_grant"], 0),
        (vec![good(), off()], &["--rule", "mfa/off"], 1),
    ] {
        let project = Project::of_recordings(&recordings);
        for format in ["human", "sarif", "json", "junit", "github", "markdown"] {
            let run = project.audit(&[&["--format", format], args].concat());
            assert_eq!(run.code, code, "{args:?} as {format}\n{}\n{}", run.stdout, run.stderr);
            assert_eq!(run.stderr, "", "{args:?} as {format}");
            assert!(!run.stdout.is_empty());
        }
        let (_, report) = project.report(args);
        assert_eq!(report["summary"]["exit_code"], code);
    }
}

#[test]
fn wrong_usage_exits_2_and_says_what_to_do() {
    let project = Project::of_recordings(&[("good.json", compliant("d1", "prod"))]);
    for (args, piece) in [
        (&["--fromat", "json"][..], "--format"),
        (&["--format", "xml"], "human"),
        (&["--output", "audit.txt"], "FORMAT=PATH"),
        (&["--output", "json=~/audit.json"], "the shell did not expand `~`"),
        (&["--config", "a\u{1b}]0;x\u{7}.toml"], "a\\u{1b}]0;x\\u{7}.toml"),
        (&["\n::error::x\u{1b}[31m"], "'\\u{a}::error::x\\u{1b}[31m'"),
        (&["--output", "\n::error::x=a"], "\\u{a}::error::x"),
        (&["--output", "pdf=x"], "`pdf` is not a format; use one of human, sarif, json"),
        (&["--output", "sarif=audit.toml/audit.sarif"], "cannot write audit.toml/audit.sarif"),
        (&["--output", "sarif=recordings"], "cannot write recordings"),
        (&["--output", "sarif=x", "--output", "json=x"], "two reports would be written to x"),
        (&["--output", "sarif=-"], "the path is missing"),
    ] {
        let run = project.audit(args);
        assert_eq!((run.code, run.stdout.as_str()), (2, ""), "{args:?}");
        assert!(run.stderr.contains(piece), "no {piece:?} in\n{}", run.stderr);
        assert!(!run.stderr.contains(".audit-"), "the name of a temporary file is shown\n{}", run.stderr);
    }
    assert!(!project.path().join("nowhere").exists());
    let run = project.audit(&["init", "--config", "nowhere/audit.toml"]);
    assert_eq!(run.code, 2);
    assert!(run.stderr.contains("cannot write nowhere/audit.toml"), "{}", run.stderr);
    assert!(run.stderr.contains("No such file") && !run.stderr.contains(".audit-"), "{}", run.stderr);
}

#[test]
fn the_configuration_is_found_in_a_folder_above() {
    let project = Project::of_recordings(&[("good.json", compliant("d1", "prod"))]);
    let below = project.path().join("recordings");
    let run = Run::of(audit(&below).output().expect("the program starts"));
    assert_eq!(run.code, 0, "{}", run.stderr);
    let empty = tempfile::tempdir().expect("a folder");
    for args in [&[][..], &["run"], &["targets"], &["iam-policy"], &["targets", "--config", "x.toml"]] {
        let run = Run::of(audit(empty.path()).args(args).output().expect("the program starts"));
        assert_eq!(run.code, 2);
        let words = run.stderr.split_whitespace().collect::<Vec<_>>().join(" ");
        let found = words.contains("there is no audit.toml") || words.contains("cannot read");
        assert!(found, "{args:?}: {}", run.stderr);
        for command in ["`audit init`", "`audit init --discover`"] {
            assert!(words.contains(command), "{args:?}: {}", run.stderr);
        }
    }
}

#[test]
fn places_are_right_wherever_the_program_is_called_from() {
    let project = Project::of_recordings(&[("off.json", with(compliant("d1", "prod"), MODE, json!("OFF")))]);
    fs::create_dir_all(project.path().join("other/deep")).expect("a folder");
    for (folder, config) in
        [("recordings", "../audit.toml"), ("other/deep", "../../audit.toml"), (".", "./other/../audit.toml")]
    {
        let run = audit(&project.path().join(folder)).args(["--format", "json", "--config", config]).output();
        let run = Run::of(run.expect("the program starts"));
        let report: Value = serde_json::from_str(&run.stdout).expect("a report");
        assert_eq!(report["findings"][0]["location"]["file"], "recordings/off.json", "from {folder}");
    }
}

#[test]
fn a_reason_is_said_once_with_every_target_it_holds_for() {
    let target = |app: &str| {
        format!("[[source.target]]\napp = \"{app}\"\nenvironment = \"prod\"\nresource = \"auth\"\n")
    };
    let source = "[[source]]\nkind = \"amplify\"\nregions = [\"eu-west-1\"]\nprofile = \"nobody\"\n";
    let project = Project::new(&format!("{source}{}{}", target("d1"), target("d2")));
    // A profile that is not there is an error, whatever else the environment offers.
    let run = audit(project.path())
        .envs([("AWS_ACCESS_KEY_ID", "AKIAEXAMPLE"), ("AWS_SECRET_ACCESS_KEY", "example")])
        .output();
    let run = Run::of(run.expect("the program starts"));
    assert_eq!(run.code, 3, "{}", run.stdout);
    assert_eq!(run.stdout.matches("unaudited[credentials]").count(), 1, "{}", run.stdout);
    for piece in ["d1/prod/auth (", "d2/prod/auth (", "`nobody`"] {
        assert!(run.stdout.contains(piece), "no {piece} in\n{}", run.stdout);
    }
}

#[test]
fn a_threshold_that_can_never_be_missed_is_refused() {
    for length in [-1, 0, 5, 100] {
        let project = Project::new(&format!(
            "[[source]]\nkind = \"recordings\"\npaths = [\"*.json\"]\n[policies.params]\npassword.min_length = {length}\n"
        ));
        let run = project.audit(&[]);
        assert_eq!(run.code, 2, "{length}");
        assert!(run.stderr.contains("must be from 6 to 99"), "{}", run.stderr);
    }
}

#[test]
fn every_problem_of_the_configuration_is_reported_at_its_line() {
    let project = Project::new(
        "[audit]\nfial-on = \"high\"\nconcurrency = 0\n\n[[waiver]]\nrule = \"mfa/of\"\ntarget = \"d1\"\nreason = \"r\"\nexpires = 2027-02-30\nsecret = \"hunter2\"\n",
    );
    let run = project.audit(&[]);
    assert_eq!(run.code, 2);
    for piece in [
        "audit.toml:2:1",
        "`fail-on`",
        "audit.toml:3:15",
        "audit.toml:6:8",
        "`mfa/off`",
        "audit.toml:9:11",
        "no `[[source]]`",
    ] {
        assert!(run.stderr.contains(piece), "no {piece:?} in\n{}", run.stderr);
    }
    assert!(!run.stderr.contains("hunter2"), "{}", run.stderr);
}

#[test]
fn what_is_no_answer_is_never_green() {
    let answer = compliant("d9", "prod").to_string();
    for (name, bytes, kind) in [
        ("empty.json", &b""[..], "bad_response"),
        ("blank.json", b"  \n", "bad_response"),
        ("object.json", b"{}", "bad_response"),
        ("other.json", br#"{"apps": []}"#, "bad_response"),
        ("list.json", b"[]", "bad_response"),
        ("null.json", b"null", "bad_response"),
        ("html.json", b"<html><body>Sign in</body></html>", "bad_response"),
        ("half.json", &answer.as_bytes()[..answer.len() / 2], "bad_response"),
        ("two.json", format!("{answer}\n{answer}").leak().as_bytes(), "bad_response"),
        ("binary.json", b"\xff\xfe{\x00}\x00", "bad_response"),
        ("error.json", br#"{"AppId": "d1", "BackendEnvironmentName": "prod", "ResourceName": "a", "Error": "gone"}"#, "backend_error"),
        ("denied.json", br#"{"message": "User is not authorized"}"#, "bad_response"),
        ("no_config.json", br#"{"AppId": "d1", "BackendEnvironmentName": "prod", "ResourceName": "b"}"#, "no_config"),
        ("null_config.json", br#"{"appId": "d1", "backendEnvironmentName": "prod", "resourceName": "c", "resourceConfig": null}"#, "no_config"),
        ("wrong_block.json", br#"{"appId": "d1", "backendEnvironmentName": "prod", "resourceName": "d", "resourceConfig": {"userPoolConfigs": {"mfa": "ON"}}}"#, "bad_response"),
        ("no_name.json", br#"{"ResourceConfig": {}}"#, "bad_response"),
        ("twice.json", br#"{"appId": "d1", "AppId": "d1", "ResourceConfig": {}}"#, "bad_response"),
    ] {
        let project = Project::of_recordings(&[("good.json", compliant("d1", "dev"))]);
        fs::write(project.path().join("recordings").join(name), bytes).expect("a recording");
        let (run, report) = project.report(&[]);
        let found = kinds(&report);
        assert_eq!((run.code, found.len(), found.first().map(|(_, kind)| *kind)), (3, 1, Some(kind)), "{name}: {found:?}");
        let message = report["targets"].as_array().expect("targets").iter().find_map(|target| target["error"]["message"].as_str());
        assert!(message.is_some_and(|message| message.contains(&format!("recordings/{name}"))), "{name}: {message:?}");
    }
}

#[test]
fn what_cannot_be_read_is_never_green() {
    let project = Project::of_recordings(&[("good.json", compliant("d1", "prod"))]);
    #[cfg(unix)]
    std::os::unix::fs::symlink("nowhere", project.path().join("recordings/dangling.json")).expect("a link");
    let (run, report) = project.report(&[]);
    assert_eq!(run.code, 3);
    assert_eq!(kinds(&report), [("file:recordings/dangling.json", "io")]);

    let project = Project::new(
        "[[source]]\nkind = \"recordings\"\npaths = [\"good.json\", \"typo/*.json\", \"missing.json\"]\n",
    );
    project.file("good.json", &compliant("d1", "prod").to_string());
    let (run, report) = project.report(&[]);
    assert_eq!((run.code, notices(&report)), (3, vec!["empty_source", "empty_source"]));
    assert_eq!(report["notices"][0]["location"]["line"], 3);
}

#[test]
fn absent_values_are_found_and_not_passed() {
    let mut answer = compliant("d1", "prod");
    answer["ResourceConfig"] = json!({"AuthResources": "IDENTITY_POOL_AND_USER_POOL"});
    let (run, report) = Project::of_recordings(&[("a.json", answer)]).report(&[]);
    assert_eq!(run.code, 1);
    let found: Vec<_> = report["findings"]
        .as_array()
        .expect("findings")
        .iter()
        .map(|finding| finding["rule"].as_str().expect("an id"))
        .collect();
    for rule in ["mfa/off", "password/too_short", "guest_access/enabled"] {
        assert!(found.contains(&rule), "{found:?}");
    }
}

#[test]
fn what_a_glob_meets_is_read_or_said() {
    let off = with(compliant("d2", "prod"), MODE, json!("OFF")).to_string();
    let project = Project::of_recordings(&[("good.json", compliant("d1", "prod"))]);
    project.file("recordings/folder.json/inside.txt", "x");
    let (run, report) = project.report(&[]);
    assert_eq!((run.code, kinds(&report)), (3, vec![("file:recordings/folder.json", "io")]));

    // The same file by two spellings is one file.
    let project = Project::new(
        "[[source]]\nkind = \"recordings\"\npaths = [\"r/*.json\", \"./r/*.json\", \"x/../r/*.json\"]\n",
    );
    project.file("r/off.json", &off);
    project.file("x/y", "");
    let (run, report) = project.report(&[]);
    assert_eq!((run.code, notices(&report)), (1, vec![]));

    #[cfg(unix)]
    {
        let project = Project::of_recordings(&[("good.json", compliant("d1", "prod"))]);
        project.file("elsewhere/off.json", &off);
        let link = project.path().join("recordings/team");
        std::os::unix::fs::symlink("../elsewhere", link).expect("a link");
        assert_eq!(project.audit(&[]).code, 1, "a linked folder is read");
        std::os::unix::fs::symlink(".", project.path().join("recordings/circle")).expect("a link");
        assert_eq!(project.audit(&[]).code, 3, "a link in a circle is said");

        // `x/..` leads to where `x` leads: the file there is judged, not the one of the same spelling here.
        let project = Project::new("[[source]]\nkind = \"recordings\"\npaths = [\"x/../r/*.json\"]\n");
        project.file("r/a.json", &compliant("d1", "prod").to_string());
        project.file("elsewhere/r/a.json", &off);
        project.file("elsewhere/y/z", "");
        std::os::unix::fs::symlink("elsewhere/y", project.path().join("x")).expect("a link");
        assert_eq!(project.audit(&[]).code, 1, "the file behind the link is judged");
    }
}

#[test]
fn every_target_that_was_asked_for_is_there_or_said() {
    let project = Project::of_recordings(&[("good.json", compliant("d1", "prod"))]);
    let (run, report) = project.report(&["--target", "d1/prod", "--target", "d2/prdo"]);
    assert_eq!((run.code, notices(&report)), (3, vec!["part_of_app", "no_target"]));
    // The others are known, too, where none of them was asked for.
    for glob in ["d1/prd", "d1/prd/*", "d2/prod"] {
        let (run, report) = project.report(&["--target", glob]);
        let message = report["notices"][1]["message"].as_str().expect("a message").to_owned();
        let expected = format!("no target matches --target {glob}; did you mean `d1/prod/auth`?");
        assert_eq!((run.code, message), (3, expected));
    }
}

#[cfg(unix)]
#[test]
fn a_link_stays_a_link_and_a_device_a_device() {
    let project = Project::of_recordings(&[("good.json", compliant("d1", "prod"))]);
    project.file("real.json", "old");
    std::os::unix::fs::symlink("real.json", project.path().join("link.json")).expect("a link");
    let run = project.audit(&["--output", "json=link.json", "--output", "sarif=/dev/null"]);
    assert_eq!(run.code, 0, "{}", run.stderr);
    assert!(project.path().join("link.json").is_symlink());
    assert!(fs::read_to_string(project.path().join("real.json")).expect("a file").starts_with('{'));
    std::os::unix::fs::symlink("new.json", project.path().join("first.json")).expect("a link");
    assert_eq!(project.audit(&["--output", "json=first.json"]).code, 0);
    assert!(project.path().join("first.json").is_symlink() && project.path().join("new.json").is_file());
    std::os::unix::fs::symlink("recordings/new.json", project.path().join("second.json")).expect("a link");
    let run = project.audit(&["--output", "json=second.json"]);
    assert!(run.code == 2 && run.stderr.contains("matches it"), "{}", run.stderr);
    std::os::unix::fs::symlink("audit.toml", project.path().join("other.json")).expect("a link");
    let run = project.audit(&["--output", "json=other.json"]);
    assert!(run.code == 2 && run.stderr.contains("it is the configuration"), "{}", run.stderr);
}

#[cfg(unix)]
#[test]
fn a_report_takes_the_place_of_no_stream() {
    let project = Project::of_recordings(&[("good.json", compliant("d1", "prod"))]);
    let open = |name| fs::File::create(project.path().join(name)).expect("a file");
    for (output, stream) in [
        ("human=/dev/stdout", "standard output"),
        ("json=out.json", "standard output"),
        ("human=/dev/stderr", "standard error"),
    ] {
        let mut audit = audit(project.path());
        audit.args(["--output", output]).stdout(open("out.json")).stderr(open("log"));
        let code = audit.status().expect("the program runs").code();
        let read = |name| fs::read_to_string(project.path().join(name)).expect("a file");
        let log = read("log").replace("\n  │", "");
        assert_eq!((code, &*read("out.json")), (Some(2), ""), "{log}");
        assert!(log.contains(&format!("{stream} goes there")), "{output}: {log}");
    }
    // Where it is no file, nothing is lost.
    let run = project.audit(&["--quiet", "--output", "json=/dev/stderr"]);
    assert!(run.code == 0 && run.stderr.starts_with('{'), "{}", run.stderr);
}

#[test]
fn no_line_of_the_report_is_a_command_to_a_log_runner() {
    let hostile = "::stop-commands::x";
    let mut failed = json!({"AppId": hostile, "BackendEnvironmentName": "dev", "ResourceName": "a"});
    failed["Error"] = json!("Password=hunter2 ::error::x");
    let off = with(compliant(hostile, "prod"), MODE, json!("OFF"));
    let run = Project::of_recordings(&[("a.json", off), ("b.json", failed)]).audit(&[]);
    assert_eq!(run.code, 3);
    assert!(!run.stdout.lines().any(|line| line.trim_start().starts_with("::")), "{}", run.stdout);
    assert!(!run.stdout.contains("hunter2"), "{}", run.stdout);
}

#[test]
fn a_target_that_comes_twice_is_audited_once_from_the_first_source() {
    let project = Project::new(
        "[[source]]\nkind = \"recordings\"\npaths = [\"b/*.json\"]\n[[source]]\nkind = \"recordings\"\npaths = [\"a/*.json\"]\n",
    );
    project.file("a/x.json", &compliant("d1", "prod").to_string());
    project.file("b/x.json", &with(compliant("d1", "prod"), MODE, json!("OFF")).to_string());
    for _ in 0..5 {
        let (run, report) = project.report(&[]);
        assert_eq!((run.code, notices(&report)), (1, vec!["duplicate_target"]));
        assert_eq!(report["summary"]["targets"], 1);
        assert_eq!(report["findings"][0]["location"]["file"], "b/x.json");
    }
}

#[test]
fn two_recordings_of_one_target_in_one_source_are_not_guessed_between() {
    let project = Project::of_recordings(&[
        ("a.json", compliant("d1", "prod")),
        ("b.json", with(compliant("d1", "prod"), MODE, json!("OFF"))),
    ]);
    let (run, report) = project.report(&[]);
    assert_eq!(run.code, 3);
    assert_eq!(kinds(&report), [("file:recordings/b.json", "bad_response")]);
}

#[test]
fn no_rule_at_all_is_never_green() {
    let project = Project::new(
        "[[source]]\nkind = \"recordings\"\npaths = [\"good.json\"]\n[policies]\nbuiltin = false\n",
    );
    project.file("good.json", &compliant("d1", "prod").to_string());
    let (run, report) = project.report(&[]);
    assert_eq!((run.code, notices(&report)), (3, vec!["no_rules"]));
}

#[test]
fn waivers_accept_expire_and_are_missed() {
    let project = Project::of_recordings(&[("off.json", with(compliant("d1", "prod"), MODE, json!("OFF")))]);
    let waiver = |expires: &str, target: &str| {
        project.file(
            "audit.toml",
            &format!("[[source]]\nkind = \"recordings\"\npaths = [\"recordings/*.json\"]\n[[waiver]]\nrule = \"mfa/off\"\ntarget = \"{target}\"\nreason = \"r\"\nexpires = {expires}\n"),
        );
        let (run, report) = project.report(&[]);
        let disposition = report["findings"][0]["disposition"].as_str().expect("one").to_owned();
        (run.code, disposition, notices(&report).join(","))
    };
    assert_eq!(waiver("9999-12-31", "d1/prod/*"), (0, "waived".into(), String::new()));
    assert_eq!(waiver("2020-01-01", "d1/prod/*"), (1, "open".into(), "waiver_expired".into()));
    assert_eq!(waiver("9999-12-31", "d1/dev/*"), (1, "open".into(), "waiver_unused".into()));
}

#[test]
fn a_name_that_tells_the_format_replaces_reports_alone() {
    let project = Project::of_recordings(&[("good.json", compliant("d1", "prod"))]);
    for (format, name) in [
        ("sarif", "a.sarif"),
        ("sarif", "a.sarif.json"),
        ("json", "a.json"),
        ("junit", "a.xml"),
        ("markdown", "README.md"),
        ("html", "a.html"),
    ] {
        let file = project.path().join(name);
        for text in [
            "# the work of a day\n{\"version\": 1}",
            "# my notes\n\n## audit: failed\n",
            "## audit: how we do it\n",
            "{\"$schema\":\"s\",\"version\":\"2.1.0\",\"runs\":[{\"tool\":{\"driver\":{\"name\":\"CodeQL\"}}}]}",
            "sarif notes by hand",
            "{\"version\": 1, \"tool\": {\"name\": \"audit\", \"version\": \"0.1.0\"}, \"rules\": []}",
            "<?xml version=\"1.0\"?><testsuites name=\"audit\"><testsuite name=\"pytest\"/></testsuites>",
            "<!DOCTYPE html><title>Notes – audit: by hand</title>",
        ] {
            project.file(name, text);
            let run = project.audit(&["--output", name]);
            assert_eq!((run.code, run.stdout.as_str()), (2, ""), "{name}: {text}");
            assert!(run.stderr.contains("does not look like a report of audit"), "{}", run.stderr);
            assert!(run.stderr.contains(&format!("{format}={name}")), "{}", run.stderr);
            assert_eq!(fs::read_to_string(&file).expect("a file"), text);
        }
        // Whoever names the format means it; and what is a report is replaced by the next one.
        for output in [&format!("{format}={name}"), name] {
            let run = project.audit(&["--output", output]);
            assert_eq!((run.code, run.stderr.as_str()), (0, ""), "{output}");
        }
        fs::write(&file, "").expect("emptied");
        assert_eq!(project.audit(&["--output", name]).code, 0, "{name}");
    }
    let run = project.audit(&["--output", "sarif:x.json"]);
    assert_eq!((run.code, run.stdout.as_str()), (2, ""));
    assert!(run.stderr.contains("write it as FORMAT=PATH: sarif=x.json"), "{}", run.stderr);
}

#[test]
fn check_says_which_recordings_are_not_there() {
    let project = Project::new("[[source]]\nkind = \"recordings\"\npaths = [\"good.json\", \"r/*.json\"]\n");
    project.file("good.json", &compliant("d1", "prod").to_string());
    let run = project.audit(&["check"]);
    assert_eq!(run.code, 3, "{}", run.stdout);
    let said = "incomplete[empty_source]: `r/*.json` matches no file: nothing was read from it\n  --> audit.toml:3\n";
    assert!(run.stdout.starts_with(said), "{}", run.stdout);
    project.file("r/a.json", "{}");
    assert_eq!(project.audit(&["check"]).code, 0);
}

#[test]
fn output_files_are_whole_and_agree_with_standard_output() {
    let project = Project::of_recordings(&[("off.json", with(compliant("d1", "prod"), MODE, json!("OFF")))]);
    project.file("old.json", "old");
    let run = project.audit(&[
        "--output",
        "json=old.json",
        "--output",
        "sarif=new.sarif",
        "--output",
        "human=new.txt",
        "--output",
        "reports/of/today.sarif",
    ]);
    assert_eq!(run.code, 1);
    let text = |name: &str| fs::read_to_string(project.path().join(name)).expect(name);
    let report: Value = serde_json::from_str(&text("old.json")).expect("JSON");
    assert_eq!(report["findings"].as_array().map(Vec::len), Some(1));
    let sarif: Value = serde_json::from_str(&text("new.sarif")).expect("SARIF");
    assert_eq!(sarif["runs"][0]["results"].as_array().map(Vec::len), Some(1));
    assert_eq!(text("new.txt"), run.stdout);
    assert_eq!(text("reports/of/today.sarif"), text("new.sarif"));
    let names: Vec<_> = fs::read_dir(project.path())
        .expect("a folder")
        .map(|entry| entry.expect("an entry").file_name())
        .collect();
    assert!(names.iter().all(|name| !name.to_string_lossy().starts_with(".audit-")), "{names:?}");
}

#[test]
fn a_report_takes_the_place_of_nothing_that_is_read() {
    let config = "[[source]]\nkind = \"recordings\"\npaths = [\"recordings/**/*.json\"]\n[policies]\npaths = [\"own\"]\n";
    let project = Project::new(&format!("[audit]\nbaseline = \"baseline\"\n{config}"));
    project.file("recordings/good.json", &compliant("d1", "prod").to_string());
    project
        .file("own/example.rego", "package example\n\ndeny contains \"never\" if input.SchemaVersion == 0\n");
    let run = project.audit(&["snapshot"]);
    assert_eq!(run.code, 0, "{}", run.stderr);
    let args = ["--exit-zero", "--output", "json=last.json"];
    assert_eq!(project.audit(&args).code, 0);
    let before = files(project.path());
    for (args, why) in [
        (&["--output", "json=audit.toml"][..], "it is the configuration"),
        (&["--output", "json=recordings/../audit.toml"], "it is the configuration"),
        (&["--output", "json=recordings/new.json"], "`recordings/**/*.json` matches it"),
        (&["--output", "sarif=baseline/audit.sarif"], "it is in the folder of the baseline"),
        (&["--output", "json=own/report.json"], "it is read with the policies of `own`"),
        (&["merge", "last.json", "--output", "json=./last.json"], "it is one of the reports to merge"),
        (
            &["--previous", "last.json", "--output", "sarif=./last.json"],
            "it is the JSON report of --previous",
        ),
    ] {
        let run = project.audit(args);
        assert_eq!((run.code, run.stdout.as_str()), (2, ""), "{args:?}");
        let said = run.stderr.replace("\n  │", "");
        assert!(said.contains(why), "{args:?}: {}", run.stderr);
    }
    assert_eq!(files(project.path()), before);
    // What is read before it is written is for that.
    assert_eq!(project.audit(&[&["--previous", "last.json"], &args[..]].concat()).code, 0);
    assert!(project.audit(&["--exit-zero", "--output", "own/report.sarif"]).stderr.is_empty());
}

#[test]
fn an_unusable_configuration_leaves_old_reports_alone() {
    let project = Project::new("[audit]\nunknown = 1\n");
    project.file("old.json", "old");
    assert_eq!(project.audit(&["--output", "json=old.json"]).code, 2);
    assert_eq!(fs::read_to_string(project.path().join("old.json")).expect("a file"), "old");
}

#[test]
fn a_closed_pipe_changes_no_exit_code() {
    let project = Project::of_recordings(&[("off.json", with(compliant("d1", "prod"), MODE, json!("OFF")))]);
    let mut child = audit(project.path())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .expect("the program starts");
    drop(child.stdout.take());
    let run = Run::of(child.wait_with_output().expect("it ends"));
    assert_eq!((run.code, run.stderr.as_str()), (1, ""));
}

#[test]
fn hostile_names_steer_no_terminal_and_stay_apart() {
    let evil = "prod\u{1b}]8;;http://evil\u{7}\u{202e}\n::error::x";
    let mut answer = with(compliant("d1", evil), MODE, json!("\u{1b}[2J\u{9b}31mOFF"));
    answer["ResourceConfig"]["\u{1b}[31munknown"] = json!("\u{202e}");
    let project =
        Project::of_recordings(&[("evil\u{1b}[31m.json", answer), ("good.json", compliant("d1", "prod"))]);
    for format in ["human", "json", "sarif"] {
        let run = project.audit(&["--format", format, "-vv"]);
        let hostile = |c: char| (c.is_control() && c != '\n') || c == '\u{202e}';
        if format == "human" {
            assert!(!run.stdout.contains(hostile), "{format}: {:?}", run.stdout);
            assert!(!run.stdout.contains("\n::error"), "{}", run.stdout);
        }
        assert!(!run.stderr.contains(hostile), "{:?}", run.stderr);
    }
    let (run, report) = project.report(&[]);
    assert_eq!(run.code, 1);
    assert_eq!(report["summary"]["audited"], 2);
}

#[test]
fn a_secret_of_a_recording_is_nowhere() {
    const SECRET: &str = "PLANTED-5f1e9c";
    let mut answer = with(compliant("d1", "prod"), MODE, json!("OFF"));
    answer["ResourceConfig"]["UserPoolConfigs"]["OAuth"]["SocialProviderSettings"] = json!({
        "Google": {"ClientId": "id", "ClientSecret": SECRET, "api_token": [SECRET]},
        "SignInWithApple": {"PrivateKey": SECRET, "Password": {"deep": SECRET}},
    });
    answer["Session-Token"] = json!(SECRET);
    let project = Project::of_recordings(&[("a.json", answer.clone())]);
    // An answer that cannot be judged is as secret as one that can.
    answer["ResourceConfig"]["UserPoolConfigs"]["Mfa"] = json!(7);
    answer["AppId"] = json!("d2");
    project.file("recordings/b.json", &answer.to_string());
    project.file("recordings/c.json", &answer.to_string()[..600]);
    for format in ["human", "sarif", "json", "junit", "github", "markdown"] {
        let run = project.audit(&[
            "--format",
            format,
            "-vv",
            "--output",
            "json=o.json",
            "--output",
            "sarif=o.sarif",
        ]);
        assert_eq!(run.code, 3);
        assert!(!run.stdout.contains(SECRET) && !run.stderr.contains(SECRET), "{format}");
    }
    for file in ["o.json", "o.sarif"] {
        assert!(!fs::read_to_string(project.path().join(file)).expect(file).contains(SECRET), "{file}");
    }
}

#[test]
fn the_same_input_gives_the_same_report() {
    let recordings: Vec<_> =
        (0..40).map(|n| with(compliant(&format!("d{n}"), "prod"), MODE, json!("OFF"))).collect();
    let names: Vec<_> = (0..40).map(|n| format!("{n}.json")).collect();
    let recorded: Vec<_> = names.iter().map(String::as_str).zip(recordings).collect();
    let project = Project::of_recordings(&recorded);
    let without_time = || {
        let (_, mut report) = project.report(&[]);
        report["started_at"] = Value::Null;
        report["duration_ms"] = Value::Null;
        report
    };
    let first = without_time();
    assert_eq!(first["findings"].as_array().map(Vec::len), Some(40));
    assert_eq!(first, without_time());
}
