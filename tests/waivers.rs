//! Accepted findings through the real program: `audit waive`, and what a run says of waivers.

use std::fs;

use serde_json::{Value, json};

use crate::common::{Project, compliant, with};

const OFF: &str = "/ResourceConfig/UserPoolConfigs/Mfa/MFAMode";

fn without_mfa(environment: &str) -> Value {
    with(compliant("d1", environment), OFF, json!("OFF"))
}

fn notices<'r>(report: &'r Value, kind: &str) -> Vec<&'r str> {
    let notices = report["notices"].as_array().expect("notices").iter();
    notices.filter(|notice| notice["kind"] == kind).filter_map(|notice| notice["message"].as_str()).collect()
}

fn dispositions(report: &Value) -> Vec<&str> {
    let findings = report["findings"].as_array().expect("findings").iter();
    findings.filter_map(|finding| finding["disposition"].as_str()).collect()
}

const WAIVE: [&str; 7] = ["waive", "mfa/off", "d1/prod", "--reason", "soon", "--until", "9999-12-31"];

#[test]
fn a_finding_is_open_until_it_is_waived() {
    let project = Project::of_recordings(&[("off.json", without_mfa("prod"))]);
    let before = fs::read_to_string(project.path().join("audit.toml")).expect("audit.toml");
    let (run, report) = project.report(&[]);
    assert_eq!((run.code, dispositions(&report)), (1, vec!["open"]));

    let run = project.audit(&WAIVE);
    assert_eq!((run.code, run.stderr.as_str()), (0, ""));
    let table =
        "[[waiver]]\nrule = \"mfa/off\"\ntarget = \"d1/prod\"\nreason = \"soon\"\nexpires = 9999-12-31\n";
    let line = before.lines().count() + 2;
    let covered = "it accepts every finding of mfa/off in `d1/prod` (1 target now), present and future; --path narrows it";
    assert_eq!(run.stdout, format!("appended to audit.toml:{line}\n\n{table}\n{covered}\n"));
    let after = fs::read_to_string(project.path().join("audit.toml")).expect("audit.toml");
    assert_eq!(after, format!("{before}\n{table}"));

    let (run, report) = project.report(&[]);
    assert_eq!((run.code, dispositions(&report)), (0, vec!["waived"]));
    assert_eq!(report["findings"][0]["waiver"]["reason"], "soon");
    assert_eq!(report["notices"], json!([]));
}

#[test]
fn every_byte_of_the_file_stays_where_it_was() {
    let recordings = "source = [{ kind = \"recordings\", paths = [\"a.json\"] }]";
    for (before, place, line) in [
        // In the middle, with comments, odd spacing and the line ends of Windows.
        (
            "# ours\r\n[[waiver]]\r\nrule  =  \"mfa/off\" # why\r\ntarget = 'd9'\r\nreason=\"\"\"\r\n  a\r\n\"\"\"\r\nexpires = 2999-01-01\t# late\r\n\r\n# theirs\r\n[[source]]\r\nkind = \"recordings\"\r\npaths = [\r\n    \"a.json\"]".to_owned(),
            "# late\r\n",
            10,
        ),
        (
            format!(
                "{recordings}\nwaiver = [\n    {{ rule='mfa/off', target='d9', reason='r', expires=2999-01-01 }}, # a\n]\n[policies]\n"
            ),
            "# a",
            4,
        ),
        (format!("\u{feff}{recordings}"), "}]", 3),
    ] {
        let project = Project::new(&before);
        let run = project.audit(&WAIVE);
        assert_eq!(run.code, 0, "{}\n{before}", run.stderr);
        assert!(run.stdout.starts_with(&format!("appended to audit.toml:{line}\n")), "{}", run.stdout);
        let after = fs::read_to_string(project.path().join("audit.toml")).expect("audit.toml");
        let (head, tail) = before.split_at(before.find(place).expect("there") + place.len());
        let inserted = after.strip_prefix(head).and_then(|rest| rest.strip_suffix(tail)).expect("kept");
        assert!(inserted.contains("\"d1/prod\""), "{after}");
        assert_eq!(inserted.contains('\n'), inserted.contains("\r\n") || !before.contains("\r\n"));
        project.file("a.json", "{}");
        assert_eq!(project.audit(&["check"]).code, 0);
    }
}

#[cfg(unix)]
#[test]
fn a_link_stays_a_link_and_the_file_keeps_its_rights() {
    use std::os::unix::fs::{PermissionsExt, symlink};
    let project = Project::of_recordings(&[("off.json", without_mfa("prod"))]);
    let (link, file) = (project.path().join("audit.toml"), project.path().join("shared.toml"));
    fs::rename(&link, &file).expect("renamed");
    fs::set_permissions(&file, fs::Permissions::from_mode(0o640)).expect("rights");
    symlink("shared.toml", &link).expect("a link");
    assert_eq!(project.audit(&WAIVE).code, 0);
    assert!(link.is_symlink());
    assert!(fs::read_to_string(&file).expect("readable").contains("reason = \"soon\""));
    assert_eq!(fs::metadata(&file).expect("there").permissions().mode() & 0o777, 0o640);
}

#[test]
fn what_cannot_be_waived_is_said_and_nothing_is_written() {
    let project = Project::of_recordings(&[("off.json", without_mfa("prod"))]);
    assert_eq!(project.audit(&WAIVE).code, 0);
    let before = fs::read_to_string(project.path().join("audit.toml")).expect("audit.toml");
    let until = ["--reason", "r", "--until", "9999-12-31"];
    for (args, pieces) in [
        (WAIVE[1..].to_vec(), &["there is a waiver of mfa/off for `d1/prod` already", "audit.toml:7"][..]),
        ([&["mfa/off", "d1/prod/*"], &until[..]].concat(), &["there is a waiver"]),
        ([&["mfa/of", "d1/prod"], &until[..]].concat(), &["no rule `mfa/of`", "did you mean `mfa/off`?"]),
        ([&["mfa/off", "d1/[x"], &until[..]].concat(), &["`[x` is not a glob"]),
        ([&["mfa/off", "d1", "--path", "x"], &until[..]].concat(), &["begins with `/`"]),
        (vec!["mfa/off", "d1", "--reason", " ", "--until", "9999-12-31"], &["--reason is empty"]),
        (
            vec!["mfa/off", "d1", "--reason", "…", "--until", "9999-12-31"],
            &["`…` gives no reason", "write why"],
        ),
        (vec!["mfa/off", "d1", "--reason", "...", "--until", "9999-12-31"], &["`...` gives no reason"]),
        (
            vec!["mfa/off", "d1", "--reason", "r", "--until", "2020-01-01"],
            &["that day has passed", "today is"],
        ),
        (vec!["mfa/off", "d1", "--reason", "r", "--until", "2027-02-30"], &["written like 2027-03-31"]),
        (vec!["mfa/off", "d1", "--reason", "r"], &["--until <DATE>"]),
        (vec!["mfa/off", "d1", "--until", "9999-12-31"], &["--reason <TEXT>"]),
    ] {
        let run = project.audit(&[&["waive"], &args[..]].concat());
        assert_eq!((run.code, run.stdout.as_str()), (2, ""), "{args:?}");
        assert!(pieces.iter().all(|piece| run.stderr.contains(piece)), "{args:?}\n{}", run.stderr);
        let after = fs::read_to_string(project.path().join("audit.toml")).expect("audit.toml");
        assert_eq!(after, before, "{args:?}");
    }

    let broken = Project::new("[audit]\nunknown = 1\n");
    let run = broken.audit(&WAIVE);
    assert_eq!((run.code, run.stdout.as_str()), (2, ""));
    assert!(run.stderr.contains("unknown key `unknown`"), "{}", run.stderr);
    assert_eq!(
        fs::read_to_string(broken.path().join("audit.toml")).expect("there"),
        "[audit]\nunknown = 1\n"
    );
}

#[test]
fn a_new_waiver_tells_what_it_covers() {
    let project =
        Project::of_recordings(&[("off.json", without_mfa("prod")), ("on.json", compliant("d1", "dev"))]);
    let waive = |target: &str, more: &[&str]| {
        let args = ["waive", "mfa/off", target, "--reason", "r", "--until", "9999-12-31"];
        let run = project.audit(&[&args, more].concat());
        assert_eq!((run.code, run.stderr.as_str()), (0, ""));
        run.stdout.split_once("expires = 9999-12-31\n").expect("a table").1.to_owned()
    };
    let accepts = |target: &str, count: &str| {
        format!(
            "\nit accepts every finding of mfa/off in `{target}`{count}, present and future; --path narrows it\n"
        )
    };
    assert_eq!(waive("d1", &[]), accepts("d1", " (2 targets now)"));
    assert_eq!(waive("d1/prod", &["--path", OFF]), "");
    let nearest = "\nnote: no target matches `d1/prd`; did you mean `d1/prod/auth`?\n";
    assert_eq!(waive("d1/prd", &[]), accepts("d1/prd", " (0 targets now)") + nearest);
    // Nothing is fetched to know what is there.
    let config = fs::read_to_string(project.path().join("audit.toml")).expect("a file");
    let live = "[[source]]\nkind = \"amplify\"\nregions = [\"eu-west-1\"]\n";
    project.file("audit.toml", &format!("{config}{live}"));
    assert_eq!(waive("d2", &[]), accepts("d2", ""));
}

#[test]
fn an_argument_is_a_value_and_never_a_key() {
    let project = Project::of_recordings(&[("off.json", without_mfa("prod"))]);
    let reason = "\"\nexpires = 2999-01-01 #\\\r\n\u{1b}[2J\u{202e}'''";
    let run = project.audit(&["waive", "mfa/off", "d1", "--reason", reason, "--until", "9999-12-31"]);
    assert_eq!(run.code, 0, "{}", run.stderr);
    assert!(!run.stdout.contains(['\u{1b}', '\u{202e}', '\r']), "{:?}", run.stdout);
    let (_, report) = project.report(&[]);
    assert_eq!(
        report["findings"][0]["waiver"],
        json!({"reason": reason, "owner": null, "expires": "9999-12-31"})
    );
}

#[test]
fn a_waiver_hides_no_target_that_could_not_be_audited() {
    let failed = json!({"AppId": "d1", "BackendEnvironmentName": "prod", "ResourceName": "auth", "Error": "it failed"});
    let project = Project::of_recordings(&[("failed.json", failed), ("dev.json", compliant("d1", "dev"))]);
    assert_eq!(project.audit(&WAIVE).code, 0);
    let (run, report) = project.report(&[]);
    assert_eq!((run.code, &report["summary"]["unaudited"]), (3, &json!(1)));
    assert_eq!(notices(&report, "waiver_unused"), [""; 0]);
}

#[expect(clippy::disallowed_methods, reason = "the program under test has no other clock than the real one")]
#[test]
fn an_unused_waiver_is_said_with_its_nearest_finding_and_each_one_that_ends() {
    let project = Project::of_recordings(&[("off.json", without_mfa("prod-2"))]);
    let waive = |target: &str, until: &str| {
        let run = project.audit(&["waive", "mfa/off", target, "--reason", "r", "--until", until]);
        assert_eq!(run.code, 0, "{}", run.stderr);
    };
    waive("d1/prod/*", "9999-12-31");
    let (run, report) = project.report(&[]);
    assert_eq!(run.code, 1);
    assert_eq!(
        notices(&report, "waiver_unused"),
        [format!(
            "the waiver of mfa/off for `d1/prod/*` matches no finding; the nearest is mfa/off at d1/prod-2/auth {OFF}"
        )]
    );
    assert_eq!(notices(&report, "waiver_expiring"), [""; 0]);

    let today = jiff::Timestamp::now().to_zoned(jiff::tz::TimeZone::UTC).date();
    let soon = today.saturating_add(jiff::Span::new().days(7)).to_string();
    waive("d1/prod-2", &soon);
    let (run, report) = project.report(&[]);
    assert_eq!((run.code, dispositions(&report)), (0, vec!["waived"]));
    let said = notices(&report, "waiver_expiring");
    assert!(
        said[0].starts_with(&format!("the waiver of mfa/off for `d1/prod-2` holds until {soon}: ")),
        "{said:?}"
    );
    let check = project.audit(&["check"]);
    assert!(check.stdout.contains("notice[waiver_expiring]"), "{}", check.stdout);
}

#[test]
fn names_beyond_ascii_are_waived_and_selected_raw_and_encoded() {
    for target in ["d1/größe/*", "d1/gr%C3%B6%C3%9Fe/auth", "d1/gr??e"] {
        let project =
            Project::of_recordings(&[("a.json", without_mfa("größe")), ("b.json", without_mfa("grosse"))]);
        let run = project.audit(&["waive", "mfa/off", target, "--reason", "r", "--until", "9999-12-31"]);
        assert_eq!(run.code, 0, "{}", run.stderr);
        let (_, report) = project.report(&[]);
        let waived: Vec<_> = report["findings"].as_array().expect("findings").iter().collect();
        let waived = waived.iter().filter(|finding| finding["disposition"] == "waived");
        assert_eq!(waived.map(|finding| &finding["target"]).collect::<Vec<_>>(), ["d1/gr%C3%B6%C3%9Fe/auth"]);
        let (run, report) = project.report(&["--target", target]);
        assert_eq!((run.code, &report["summary"]["targets"]), (0, &json!(1)), "{target}");
    }
}

#[test]
fn waivers_that_are_appended_at_once_are_all_there_or_refused() {
    let project = Project::of_recordings(&[("a.json", compliant("d1", "prod"))]);
    let start = |number: usize| {
        crate::common::audit(project.path())
            .args(["waive", "mfa/off", &format!("d{number}"), "--reason", "r", "--until", "9999-12-31"])
            .stdout(std::process::Stdio::null())
            .stderr(std::process::Stdio::piped())
            .spawn()
            .expect("the program starts")
    };
    let running: Vec<_> = (0..6).map(start).collect();
    let mut appended = 0;
    for program in running {
        let run = crate::common::Run::of(program.wait_with_output().expect("it ends"));
        assert!(run.code == 0 || run.stderr.contains("was changed meanwhile"), "{}", run.stderr);
        appended += usize::from(run.code == 0);
    }
    let text = std::fs::read_to_string(project.path().join("audit.toml")).expect("a file");
    assert_eq!(text.matches("[[waiver]]").count(), appended);
}
