//! `audit diff`: two targets, documents or folders next to each other, and what could not be compared.

use std::fs;
use std::process::Stdio;

use serde_json::{Value, json};

use crate::common::live::Live;
use crate::common::{PLANNED, Project, Run, audit, compliant, with};
use crate::loopback::{ACCOUNT, App, Loopback, Manner, Meta, Reply, Script, Where};

const MODE: &str = "/ResourceConfig/UserPoolConfigs/Mfa/MFAMode";
const LENGTH: &str = "/ResourceConfig/UserPoolConfigs/PasswordPolicy/MinimumLength";
const REDIRECTS: &str = "/ResourceConfig/UserPoolConfigs/OAuth/RedirectSignInURIs";
const POOL: &str = "/ResourceConfig/UserPoolConfigs/UserPoolName";

/// What `d1/staging` has other than `d1/prod`, `d1/same` and `d2/prod`, which are equal.
fn weaker(environment: &str) -> Value {
    let weaker = with(compliant("d1", environment), MODE, json!("OPTIONAL"));
    let weaker = with(weaker, LENGTH, json!(14));
    with(weaker, REDIRECTS, json!(["https://shop.example.com/", "http://localhost:3000/"]))
}

/// Recordings of four targets, their documents in `baseline`, and again in `changed`, where `d1/prod` is as
/// `d1/staging`.
fn project() -> Project {
    let project = Project::new(&format!(
        "[audit]\nbaseline = \"baseline\"\n[[source]]\nkind = \"recordings\"\npaths = [\"recordings/**/*.json\"]\n{PLANNED}"
    ));
    record(&project, "d1-prod", &weaker("prod"));
    record(&project, "d1-same", &compliant("d1", "same"));
    record(&project, "d1-staging", &weaker("staging"));
    record(&project, "d2-prod", &compliant("d2", "prod"));
    assert_eq!(project.audit(&["snapshot"]).code, 0);
    fs::rename(project.path().join("baseline"), project.path().join("changed")).expect("moved");
    record(&project, "d1-prod", &compliant("d1", "prod"));
    assert_eq!(project.audit(&["snapshot"]).code, 0);
    project
}

fn record(project: &Project, name: &str, answer: &Value) {
    project.file(&format!("recordings/{name}.json"), &answer.to_string());
}

fn diff(project: &Project, args: &[&str]) -> Run {
    project.audit(&[&["diff"], args].concat())
}

fn json(project: &Project, args: &[&str]) -> (i32, Value) {
    let run = diff(project, &[args, &["--format", "json"]].concat());
    let diff = serde_json::from_str(&run.stdout)
        .unwrap_or_else(|error| panic!("no JSON: {error}\n{}\n{}", run.stdout, run.stderr));
    (run.code, diff)
}

fn paths(diff: &Value) -> Vec<&str> {
    let comparisons = diff["comparisons"].as_array().expect("comparisons").iter();
    let changes = comparisons.flat_map(|comparison| comparison["changes"].as_array().expect("changes"));
    changes.map(|change| change["path"].as_str().expect("a path")).collect()
}

/// A text without its blanks and line breaks: long ones are broken anywhere.
fn unbroken(text: &str) -> String {
    text.split_whitespace().collect()
}

#[test]
fn two_environments_are_compared() {
    let project = project();
    let run = diff(&project, &["d1/prod", "d1/staging"]);
    assert_eq!((run.code, run.stderr.as_str()), (1, ""));
    insta::assert_snapshot!(run.stdout, @r#"
    d1/prod/auth → d1/staging/auth

    /ResourceConfig/UserPoolConfigs/Mfa/MFAMode  weakens security
      - "ON"
      + "OPTIONAL"

    /ResourceConfig/UserPoolConfigs/OAuth/RedirectSignInURIs  weakens security
      + "http://localhost:3000/"

    /ResourceConfig/UserPoolConfigs/PasswordPolicy/MinimumLength
      - 12
      + 14

    3 changes, 2 weaken security
"#);
    let (code, diff) = json(&project, &["d1/prod", "d1/staging"]);
    assert_eq!(code, 1);
    assert_eq!(
        (&diff["version"], &diff["left"], &diff["right"]),
        (&json!(1), &json!("d1/prod"), &json!("d1/staging"))
    );
    assert_eq!(
        diff["comparisons"],
        json!([{
            "left": "d1/prod/auth",
            "right": "d1/staging/auth",
            "status": "changed",
            "changes": [
                {"path": MODE, "weakens": true, "message": "weaker: `OPTIONAL` replaced `ON`", "expected": "ON", "actual": "OPTIONAL"},
                {"path": REDIRECTS, "weakens": true, "message": "weaker: added `http://localhost:3000/`", "missing": [], "added": ["http://localhost:3000/"]},
                {"path": LENGTH, "weakens": false, "message": "`14` replaced `12`", "expected": 12, "actual": 14},
            ],
        }])
    );
    assert_eq!(
        diff["summary"],
        json!({
            "equal": 0, "changed": 1, "only_left": 0, "only_right": 0, "uncompared": 0,
            "changes": 3, "weakening": 2, "ignored": 0, "incomplete": false,
        })
    );
}

#[test]
fn left_is_what_is_expected_whatever_the_sides_are() {
    let project = project();
    let (file, changed) = ("baseline/d1/prod/auth.json", "changed/d1/prod/auth.json");
    for (left, right, expected) in [
        ("d1/prod", "d1/same", None),
        ("d1/prod/auth", "d2", None),
        ("baseline", "d1/prod", None),
        ("d1/prod", "baseline", None),
        ("./baseline/", "d1/prod", None),
        (file, "d1/prod", None),
        ("d1/prod", file, None),
        (file, "baseline/d1/same/auth.json", None),
        ("d1/prod", "d1/staging", Some("ON")),
        ("d1/staging", "d1/prod", Some("OPTIONAL")),
        ("changed", "d1/prod", Some("OPTIONAL")),
        ("d1/prod", "changed", Some("ON")),
        (changed, "d1/prod", Some("OPTIONAL")),
        ("d1/prod", changed, Some("ON")),
        (file, changed, Some("ON")),
        (changed, file, Some("OPTIONAL")),
        ("baseline", "changed", Some("ON")),
        ("changed", "baseline", Some("OPTIONAL")),
    ] {
        let (code, diff) = json(&project, &[left, right]);
        let change = diff["comparisons"].as_array().expect("comparisons").iter().find_map(|comparison| {
            comparison["changes"].as_array().expect("changes").iter().find(|change| change["path"] == MODE)
        });
        let was = change.map(|change| change["expected"].as_str().expect("a text"));
        assert_eq!((code, was), (i32::from(expected.is_some()), expected), "{left} {right}: {diff:#}");
        let plain = self::diff(&project, &[left, right]);
        assert_eq!((plain.code, plain.stdout.contains("- \"ON\"")), (code, expected == Some("ON")));
        if expected.is_none() {
            assert!(plain.stdout.ends_with("\n\nno difference\n"), "{}", plain.stdout);
        }
    }
}

#[test]
fn what_cannot_be_meant_is_refused_with_advice() {
    let project = project();
    project.file("d2/prod/notes.txt", "a folder that is named as a target is");
    for number in 0..12 {
        record(&project, &format!("d5-{number:02}"), &compliant("d5", &format!("e{number:02}")));
    }
    let five = (0..10).map(|number| format!("d5/e{number:02}/auth")).collect::<Vec<_>>().join(", ");
    for (left, right, said) in [
        (
            "d1",
            "d2/prod/*",
            "`d1` means 3 targets help: name one of them: d1/prod/auth, d1/same/auth, d1/staging/auth",
        ),
        (
            "baseline",
            "d5",
            &*format!("`d5` means 12 targets help: name one of them: {five} or one of 2 more"),
        ),
        ("d1/prd", "d1/staging", "no file, folder or target `d1/prd` help: did you mean `d1/prod`?"),
        (
            "d1/prod",
            "zzzzzzzz",
            "no file, folder or target `zzzzzzzz` help: `audit targets` lists the targets",
        ),
        ("d1/prod", "d1/prod/auth", "LEFT and RIGHT are the same target: d1/prod/auth"),
        ("baseline", "./changed/../baseline", "LEFT and RIGHT are the same:"),
        ("baseline/d1/prod/auth.json", "./baseline/d1/prod/auth.json", "LEFT and RIGHT are the same:"),
        (
            "baseline",
            "changed/d1/prod/auth.json",
            "a folder of documents and one document cannot be compared",
        ),
        ("changed/d1/prod/auth.json", "baseline", "help: name the file in the folder"),
        ("./d1/prod", "d1/prod", "cannot read ./d1/prod: No such file"),
        ("../nowhere", "d1/prod", "cannot read ../nowhere: No such file"),
        ("baseline/d1/prod/gone.json", "d1/prod", "there is no file or folder `baseline/d1/prod/gone.json`"),
        ("d1/[", "d1/prod", "there is no file or folder `d1/[`, and it is no target help: `[` is not a glob"),
        (
            "baseline",
            "d5/e00",
            "baseline has no document of d5/e00/auth: there is no d5/e00/auth.json help: `audit snapshot`",
        ),
        ("d5/e00", "baseline", "baseline has no document of d5/e00/auth"),
        (
            "\u{1b}[31m\u{202e}",
            "d1/prod",
            "no file or folder `\\u{1b}[31m\\u{202e}`, and it is no target help: `\\u{1b}[31m\\u{202e}` is not a glob",
        ),
    ] {
        let run = diff(&project, &[left, right]);
        assert_eq!((run.code, run.stdout.as_str()), (2, ""), "{left} {right}: {}", run.stderr);
        assert!(unbroken(&run.stderr).contains(&unbroken(said)), "{left} {right}: {}", run.stderr);
    }
    for (ignore, said) in [
        ("ResourceConfig", "--ignore ResourceConfig: a path is a JSON pointer and begins with `/`"),
        ("/**", "--ignore leaves nothing to compare"),
        ("/ResourceConfig/[A-Z]*", "--ignore leaves nothing to compare"),
        ("/[", "is not a glob"),
    ] {
        let run = diff(&project, &["d1/prod", "d1/staging", "--ignore", ignore]);
        assert_eq!(run.code, 2);
        assert!(run.stderr.contains(said), "{}", run.stderr);
    }
}

#[test]
fn an_existing_path_is_a_path_and_a_glob_is_a_target() {
    let project = project();
    fs::create_dir_all(project.path().join("d1/prod/nested")).expect("a folder");
    fs::copy(project.path().join("changed/d1/prod/auth.json"), project.path().join("d1/prod/auth"))
        .expect("a copy");
    let (code, diff) = json(&project, &["d1/prod/auth", "d1/same"]);
    assert_eq!((code, paths(&diff).len()), (1, 3), "the file was compared");
    let (code, diff) = json(&project, &["d1/prod/aut?", "d1/same"]);
    assert_eq!((code, paths(&diff).len()), (0, 0), "the target was compared");
    // A folder of no documents is no baseline.
    let run = self::diff(&project, &["d1/prod", "d1/same"]);
    assert_eq!(run.code, 2);
    assert!(run.stderr.contains("d1/prod has no document of d1/same/auth"), "{}", run.stderr);
}

#[test]
fn two_folders_need_neither_configuration_nor_network() {
    let project = project();
    project.file("audit.toml", "this is no configuration");
    fs::remove_dir_all(project.path().join("changed/d2")).expect("removed");
    fs::remove_dir_all(project.path().join("baseline/d1/same")).expect("removed");
    project.file("changed/README.md", "no document, and no JSON");
    let run = diff(&project, &["baseline", "changed"]);
    assert_eq!((run.code, run.stderr.as_str()), (1, ""));
    insta::assert_snapshot!(run.stdout, @r#"
    baseline → changed

    d1/prod/auth
      /ResourceConfig/UserPoolConfigs/Mfa/MFAMode  weakens security
        - "ON"
        + "OPTIONAL"

      /ResourceConfig/UserPoolConfigs/OAuth/RedirectSignInURIs  weakens security
        + "http://localhost:3000/"

      /ResourceConfig/UserPoolConfigs/PasswordPolicy/MinimumLength
        - 12
        + 14

    + d1/same/auth  only in changed
    - d2/prod/auth  only in baseline

    4 documents: 1 equal, 1 changed, 1 only in baseline, 1 only in changed
    3 changes, 2 weaken security; 2 documents on one side only
    "#);
    let (code, diff) = json(&project, &["baseline", "changed"]);
    let sides = diff["comparisons"].as_array().expect("comparisons").iter();
    let sides: Vec<_> = sides.map(|one| (&one["left"], &one["right"], &one["status"])).collect();
    let (prod, same, staging, other) =
        (json!("d1/prod/auth"), json!("d1/same/auth"), json!("d1/staging/auth"), json!("d2/prod/auth"));
    assert_eq!(
        (code, sides),
        (
            1,
            vec![
                (&prod, &prod, &json!("changed")),
                (&Value::Null, &same, &json!("only_right")),
                (&staging, &staging, &json!("equal")),
                (&other, &Value::Null, &json!("only_left")),
            ]
        )
    );
    assert_eq!(self::diff(&project, &["baseline/d1/prod/auth.json", "changed/d1/prod/auth.json"]).code, 1);
    let run = self::diff(&project, &["baseline", "d1/prod"]);
    assert_eq!(run.code, 2, "a target needs the configuration");
    fs::remove_file(project.path().join("audit.toml")).expect("removed");
    let run = self::diff(&project, &["baseline", "chnged"]);
    assert_eq!(run.code, 2);
    assert!(run.stderr.contains("there is no file or folder `chnged`, and no audit.toml"), "{}", run.stderr);
}

#[test]
fn equal_folders_are_equal_and_empty_ones_are_not_compared() {
    let project = project();
    fs::remove_dir_all(project.path().join("changed/d1/prod")).expect("removed");
    fs::remove_dir_all(project.path().join("baseline/d1/prod")).expect("removed");
    let run = diff(&project, &["baseline", "changed"]);
    assert_eq!((run.code, run.stderr.as_str()), (0, ""));
    assert_eq!(run.stdout, "baseline → changed\n\n3 documents: 3 equal\nno difference\n");
    for empty in ["one", "two"] {
        project.file(&format!("{empty}/README.md"), "empty");
    }
    for args in [&["one", "two"][..], &["one", "two", "--allow-incomplete"]] {
        let run = diff(&project, args);
        assert_eq!(run.code, 3, "{}", run.stdout);
        assert!(run.stdout.contains("neither folder holds a document"), "{}", run.stdout);
    }
    assert_eq!(diff(&project, &["one", "baseline"]).code, 1);
}

#[test]
fn what_is_no_document_is_never_passed_over() {
    let project = project();
    let document = fs::read_to_string(project.path().join("changed/d1/prod/auth.json")).expect("a file");
    project.file("changed/d1/prod/auth.json", &document.replace("\"Mfa\"", "\"Mffa\""));
    project.file("changed/d1/same/auth.json", &document);
    project.file("changed/d7/prod/auth.json", "{\n\"SchemaVersion\": 1,\n");
    project.file("changed/stray.json", "{}");
    let secret = "hunter2-planted";
    let leaked = document.replace("\"ClientSecret\": null", &format!("\"ClientSecret\": \"{secret}\""));
    assert_ne!(leaked, document);
    project.file("changed/d1/staging/auth.json", &leaked);
    let run = diff(&project, &["baseline", "changed"]);
    assert_eq!(run.code, 3);
    for said in [
        "unusable: changed/stray.json is no document",
        "unusable: cannot use changed/d1/prod/auth.json:",
        "did you mean `Mfa` by `Mffa`?",
        "it is the document of d1/prod/auth",
        "at: changed/d7/prod/auth.json:3:1",
        "incomplete: not everything was compared; no difference",
        "1 document: 1 equal",
    ] {
        assert!(unbroken(&run.stdout).contains(&unbroken(said)), "{said}: {}", run.stdout);
    }
    let (code, all) = json(&project, &["baseline", "changed"]);
    assert_eq!(
        (code, &all["summary"]["uncompared"], &all["summary"]["incomplete"]),
        (3, &json!(5), &json!(true))
    );
    assert!(!run.stdout.contains(secret) && !all.to_string().contains(secret));
    let broken = all["uncompared"].as_array().expect("a list").iter();
    let lines: Vec<_> = broken.map(|one| (&one["location"]["file"], &one["location"]["line"])).collect();
    assert!(lines.contains(&(&json!("changed/d7/prod/auth.json"), &json!(3))), "{lines:?}");
    // The rest is compared, and whoever knows of it may say so; but nothing else than a comparison is equal.
    assert_eq!(diff(&project, &["baseline", "changed", "--allow-incomplete"]).code, 0);
    for sides in [
        ["changed/d1/prod/auth.json", "d1/prod"],
        ["d1/prod", "changed"],
        ["changed", "d1/same"],
        ["recordings/d1-prod.json", "d1/prod"],
    ] {
        let run = diff(&project, &[&sides[..], &["--allow-incomplete"]].concat());
        assert_eq!(run.code, 3, "{sides:?}: {}", run.stdout);
        assert!(run.stdout.contains("incomplete: nothing was compared"), "{}", run.stdout);
    }
}

#[test]
#[cfg(unix)]
fn links_in_a_folder_are_not_followed() {
    use std::os::unix::fs::symlink;

    let project = project();
    let file = project.path().join("changed/d1/prod/auth.json");
    fs::rename(&file, project.path().join("outside.json")).expect("moved");
    symlink(project.path().join("outside.json"), &file).expect("a link");
    for sides in [["baseline", "changed"], ["changed", "d1/prod"]] {
        let run = diff(&project, &sides);
        assert_eq!(run.code, 3, "{}", run.stdout);
        assert!(unbroken(&run.stdout).contains("linksarenotfollowed"), "{}", run.stdout);
    }
    // Whoever names one means it.
    assert_eq!(diff(&project, &["changed/d1/prod/auth.json", "d1/prod"]).code, 1);
    symlink(project.path().join("changed"), project.path().join("link")).expect("a link");
    assert_eq!(diff(&project, &["link", "d1/staging"]).code, 0);
}

#[test]
#[cfg(unix)]
fn a_document_may_come_from_a_pipe() {
    use std::io::Write as _;

    let project = project();
    let document = fs::read(project.path().join("changed/d1/prod/auth.json")).expect("a file");
    let mut program = audit(project.path())
        .args(["diff", "/dev/stdin", "d1/prod"])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .expect("the program starts");
    program.stdin.take().expect("piped").write_all(&document).expect("written");
    let run = Run::of(program.wait_with_output().expect("it ends"));
    assert_eq!(run.code, 1, "{}", run.stderr);
    assert!(run.stdout.starts_with("/dev/stdin → d1/prod/auth\n"), "{}", run.stdout);
}

#[test]
fn an_unaudited_target_is_not_equal() {
    let project = project();
    record(
        &project,
        "d1-same",
        &json!({"appId": "d1", "backendEnvironmentName": "same", "resourceName": "auth", "error": "gone"}),
    );
    for sides in [["d1/prod", "d1/same"], ["baseline", "d1/same"], ["d1/same", "changed/d1/prod/auth.json"]] {
        let run = diff(&project, &[&sides[..], &["--allow-incomplete"]].concat());
        assert_eq!(run.code, 3, "{}", run.stdout);
        for said in
            ["unaudited[backend_error]: ", "help: mend the backend", "incomplete: nothing was compared"]
        {
            assert!(run.stdout.contains(said), "{said}: {}", run.stdout);
        }
        let (code, diff) = json(&project, &sides);
        assert_eq!((code, &diff["uncompared"][0]["kind"]), (3, &json!("backend_error")));
        assert_eq!(diff["comparisons"], json!([]));
    }
    assert_eq!(diff(&project, &["d1/prod", "d1/staging"]).code, 1, "it was not asked for");

    // A file that does not say whose settings it holds may hold any.
    project.file("recordings/broken.json", "{");
    assert_eq!(diff(&project, &["d1/prod", "d2/prod"]).code, 3);
    assert_eq!(diff(&project, &["d1/prod", "d2/prod", "--allow-incomplete"]).code, 0);
    assert_eq!(diff(&project, &["d1/prod", "d1/staging", "--allow-incomplete"]).code, 1);
    let run = diff(&project, &["d1/prod", "d9/prod"]);
    assert_eq!(run.code, 3, "{}", run.stderr);
    assert!(run.stdout.contains("no target that could be read is `d9/prod`"), "{}", run.stdout);
}

#[test]
fn what_may_differ_is_left_out_with_everything_below_it() {
    let project = project();
    for (ignore, left) in [
        (&["/ResourceConfig/UserPoolConfigs/Mfa"][..], vec![REDIRECTS, LENGTH]),
        (&["/ResourceConfig/**/RedirectSign*URIs", LENGTH], vec![MODE]),
        (&["/ResourceConfig/UserPoolConfigs/*/*"], vec![]),
        (&["/ResourceConfig/UserPoolConfigs/Mf"], vec![MODE, REDIRECTS, LENGTH]),
    ] {
        for sides in [["d1/prod", "d1/staging"], ["baseline", "changed"]] {
            let options = ignore.iter().flat_map(|pattern| ["--ignore", pattern]);
            let args: Vec<&str> = sides.into_iter().chain(options).collect();
            let (code, diff) = json(&project, &args);
            assert_eq!((paths(&diff), code), (left.clone(), i32::from(!left.is_empty())), "{args:?}");
            assert_eq!(diff["summary"]["ignored"], json!(3 - left.len()));
        }
    }
}

#[test]
fn values_from_outside_steer_nothing() {
    let project = project();
    let evil = "a\u{0}b\u{1b}[31mc\u{202e}d\n::error::e ##[error]f";
    record(
        &project,
        "d1-staging",
        &with(weaker("staging"), REDIRECTS, json!([evil, "https://shop.example.com/"])),
    );
    record(&project, "d2-prod", &with(compliant("d2", "prod"), POOL, json!(evil)));
    for sides in [["d1/prod", "d1/staging"], ["d1/prod", "d2/prod"], ["baseline", "d2/prod"]] {
        let run = diff(&project, &sides);
        assert_eq!(run.code, 1);
        let is_control = |c: char| (c.is_control() && c != '\n') || c == '\u{202e}';
        assert!(!run.stdout.contains(is_control), "{}", run.stdout);
        assert!(
            run.stdout.contains(r"a\u0000b\u001b[31mc\u202ed\n::error::e ##\u005berror]f"),
            "{}",
            run.stdout
        );
        let (_, diff) = json(&project, &sides);
        let changes = diff["comparisons"][0]["changes"].as_array().expect("changes").iter();
        let mut values = changes.flat_map(|change| [&change["added"][0], &change["actual"]]);
        assert!(values.any(|value| *value == evil), "{diff:#}");
    }
}

#[test]
fn colors_are_as_asked_for() {
    let project = project();
    let sides = ["d1/prod", "d1/staging"];
    let plain = diff(&project, &sides).stdout;
    assert!(!plain.contains('\u{1b}'));
    assert_eq!(diff(&project, &[&sides[..], &["--color", "never"]].concat()).stdout, plain);
    let colored = diff(&project, &[&sides[..], &["--color", "always"]].concat()).stdout;
    assert!(
        colored.contains("\u{1b}[31m- \"ON\"\u{1b}[0m\n  \u{1b}[32m+ \"OPTIONAL\"\u{1b}[0m\n"),
        "{colored}"
    );
    assert!(
        !diff(&project, &[&sides[..], &["--format", "json", "--color", "always"]].concat())
            .stdout
            .contains('\u{1b}')
    );
}

#[test]
fn only_what_is_compared_is_fetched() {
    let live = Live::with(
        Loopback::start(Manner::default()),
        "[[source]]\nkind = \"amplify\"\nregions = [\"eu-west-1\"]\n",
    );
    for id in ["d1", "d2", "d3"] {
        let app = App::new(ACCOUNT, "eu-west-1", id, "shop");
        let app = app.environment("prod", Meta::cognito(&["auth"]));
        live.server.own(app.environment("dev", Meta::cognito(&["auth"])));
    }
    let run = live.run(&["diff", "d1/prod", "d2/prod"]);
    assert_eq!((run.code, run.stderr.as_str()), (0, ""), "{}", run.stdout);
    let calls = live.server.calls();
    let fetched = calls.iter().filter(|call| call.operation == "GetBackendAuth");
    let mut fetched: Vec<&str> = fetched.map(|call| call.app.as_str()).collect();
    fetched.sort_unstable();
    assert_eq!(fetched, ["d1", "d2"]);
    assert!(calls.iter().all(|call| call.app != "d3"), "{calls:?}");
    assert_eq!(live.run(&["diff", "d1/prod", "d3/prd"]).code, 2);

    let denied = Script::always(Reply::error(403, "AccessDeniedException"));
    live.server.fault(Where::operation("GetBackendAuth").app("d2"), denied);
    let run = live.run(&["diff", "d1/prod", "d2/prod"]);
    assert_eq!(run.code, 3);
    assert!(run.stdout.contains("unaudited[denied]: "), "{}", run.stdout);
    live.asked_properly();
}
