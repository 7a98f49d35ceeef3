//! Signals, sent to the real program while a server keeps it waiting.

use std::io::{BufRead, BufReader};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use serde_json::{Value, json};

use crate::common::live::{Audit, Live};
use crate::common::{PLANNED, Run};
use crate::loopback::{ACCOUNT, App, Call, Edit, Loopback, Manner, Meta, Reply, Script, Where};

/// Longer than anything here takes.
const PATIENCE: Duration = Duration::from_secs(30);

/// The program, as soon as it waits for an answer that never comes.
fn waiting(live: &Live, operation: &'static str, args: &[&str]) -> Child {
    live.server.fault(Where::operation(operation).app("d2"), Script::always(Reply::Hang));
    let program =
        live.command(args).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().expect("the program starts");
    let is_asked = |call: &Call| call.operation == operation && call.app == "d2";
    wait_until(|| live.server.calls().iter().any(is_asked));
    program
}

fn wait_until(mut is_so: impl FnMut() -> bool) {
    let end = Instant::now() + PATIENCE;
    while !is_so() {
        assert!(Instant::now() < end, "it never came");
        std::thread::sleep(Duration::from_millis(5));
    }
}

fn signal(program: &Child, name: &str) {
    let sent = Command::new("kill").args(["-s", name, &program.id().to_string()]).status();
    assert!(sent.expect("kill is there").success());
}

const PATIENT: &str = "[audit]\ntimeout = \"60s\"\ntarget-timeout = \"60s\"\nconcurrency = 1\n";

/// Two apps to discover, of which `d1` comes first.
fn fleet() -> Live {
    let config = format!("{PATIENT}[[source]]\nkind = \"amplify\"\nregions = [\"eu-west-1\"]\n");
    let live = Live::with(Loopback::start(Manner::default()), &config);
    for id in ["d1", "d2", "d3"] {
        live.server.own(
            App::new(ACCOUNT, "eu-west-1", id, "shop").environment("prod", Meta::cognito(&["shopauth"])),
        );
    }
    live
}

/// Outcome of each target, and the scope of each part that could not be read.
fn ended(program: Child) -> (Audit, Vec<String>) {
    let run = Run::of(program.wait_with_output().expect("it ends"));
    let audit = Audit::of(&run);
    assert_eq!((run.code, &audit.report["interrupted"]), (130, &json!(true)), "{}", run.stderr);
    let notices = audit.report["notices"].as_array().expect("notices").iter();
    let unread = notices.filter(|notice| notice["kind"] == "unreadable");
    let unread = unread.map(|notice| {
        assert_eq!(notice["error"]["kind"], "interrupted");
        notice["scope"]["app_id"].to_string()
    });
    let unread = unread.collect();
    (audit, unread)
}

#[test]
fn what_is_finished_is_reported_and_the_rest_is_unaudited() {
    for name in ["INT", "TERM"] {
        let live = fleet();
        let weak = Edit::Set("/resourceConfig/userPoolConfigs/mfa/MFAMode", json!("OFF"));
        live.server.script("d1", Script::always(Reply::Answer(vec![weak])));
        let whole = live.project.file("whole.json", "old");
        let program = waiting(&live, "GetBackendAuth", &["--format", "json", "--output", "json=whole.json"]);
        signal(&program, name);
        let (audit, unread) = ended(program);
        assert_eq!(
            (audit.outcome("d1"), audit.outcome("d2")),
            ("audited".into(), "interrupted after 1".into())
        );
        assert_eq!(audit.findings("d1").len(), 1);
        assert_eq!(unread, ["\"d2\"", "\"d3\""], "their lists were never asked for");
        let written = std::fs::read_to_string(whole).expect("the file");
        assert_eq!(serde_json::from_str::<Value>(&written).expect("whole")["summary"]["exit_code"], 130);
    }
}

#[test]
fn a_discovery_that_is_stopped_names_what_it_has_not_seen() {
    let live = fleet();
    let program = waiting(&live, "ListBackendEnvironments", &["--format", "json", "--allow-incomplete"]);
    signal(&program, "INT");
    let (audit, mut unread) = ended(program);
    unread.sort();
    assert_eq!(audit.targets.keys().collect::<Vec<_>>(), ["d1"]);
    assert_eq!(unread, ["\"d2\"", "\"d3\""]);
}

#[test]
fn credentials_that_do_not_come_do_not_hold_the_end_up() {
    let live = fleet();
    let config = std::fs::read_to_string(live.project.path().join("audit.toml")).expect("it is there");
    let role = "role-arn = \"arn:aws:iam::444455556666:role/reader\"\n";
    live.project.file("audit.toml", &config.replace(PLANNED, &format!("{role}{PLANNED}")));
    live.server.fault(Where::operation("AssumeRole"), Script::always(Reply::Hang));
    let program = live.command(&["--format", "json"]).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn();
    let program = program.expect("the program starts");
    wait_until(|| !live.server.calls().is_empty());
    signal(&program, "INT");
    let (audit, unread) = ended(program);
    assert!(audit.targets.is_empty());
    assert_eq!(unread, ["null"], "the whole account");
}

/// A report that nobody takes: the program waits for a reader of the pipe.
fn unread_pipe(live: &Live) -> Vec<String> {
    let pipe = live.project.path().join("pipe");
    assert!(Command::new("mkfifo").arg(&pipe).status().expect("mkfifo is there").success());
    ["--output", "json=pipe"].map(str::to_owned).to_vec()
}

#[test]
fn the_second_signal_ends_the_process_at_once() {
    let live = fleet();
    let output = unread_pipe(&live);
    let args: Vec<&str> = output.iter().map(String::as_str).collect();
    let mut program = waiting(&live, "GetBackendAuth", &args);
    signal(&program, "INT");
    let mut said = String::new();
    let mut stderr = BufReader::new(program.stderr.take().expect("a pipe"));
    stderr.read_line(&mut said).expect("UTF-8");
    assert_eq!(said, "interrupted: finishing the report; once more to end at once\n");
    signal(&program, "TERM");
    assert_eq!(program.wait().expect("it ends").code(), Some(130));
}

#[test]
fn a_diff_that_is_stopped_is_not_equal() {
    let live = fleet();
    let program = waiting(&live, "GetBackendAuth", &["diff", "d1/prod", "d2/prod", "--format", "json"]);
    signal(&program, "INT");
    let run = Run::of(program.wait_with_output().expect("it ends"));
    let diff: Value = serde_json::from_str(&run.stdout).expect("JSON");
    assert_eq!((run.code, &diff["interrupted"], &diff["comparisons"]), (130, &json!(true), &json!([])));
    assert_eq!(diff["uncompared"][0]["kind"], "interrupted", "{diff:#}");
}

#[test]
fn with_quiet_nothing_is_said_of_a_signal() {
    let live = fleet();
    let program = waiting(&live, "GetBackendAuth", &["--quiet"]);
    signal(&program, "INT");
    let run = Run::of(program.wait_with_output().expect("it ends"));
    assert_eq!((run.code, run.stderr.as_str()), (130, ""));
    assert!(run.stdout.contains("interrupted"), "{}", run.stdout);
}
