//! The baseline of live targets: where findings point, and what discovery hides.

use std::fs;

use serde_json::{Value, json};

use crate::common::live::Live;
use crate::loopback::{ACCOUNT, App, Edit, Loopback, Manner, Meta, Reply, Script, Where};

const DISCOVER: &str = "[audit]\nbaseline = \"agreed\"\nmax-attempts = 2\n[[source]]\nkind = \"amplify\"\nregions = [\"eu-west-1\"]\n";

fn fleet() -> Live {
    let live = Live::with(Loopback::start(Manner::default()), DISCOVER);
    for id in ["d1", "d2"] {
        let app = App::new(ACCOUNT, "eu-west-1", id, "shop");
        let app =
            app.environment("prod", Meta::cognito(&["auth"])).environment("dev", Meta::cognito(&["auth"]));
        live.server.own(app);
    }
    live
}

fn report(live: &Live) -> (i32, Value) {
    let run = live.run(&["--format", "json"]);
    (run.code, serde_json::from_str(&run.stdout).expect("a report"))
}

#[test]
fn findings_of_live_targets_point_at_the_baseline() {
    let live = fleet();
    assert_eq!(live.run(&["snapshot"]).code, 0);
    let (_, before) = report(&live);
    assert!(!before["findings"].to_string().contains("drift/"), "{:#}", before["findings"]);
    live.server.fault(
        Where::operation("GetBackendAuth").app("d1").environment("prod"),
        Script::always(Reply::Answer(vec![
            Edit::Set("/resourceConfig/userPoolConfigs/mfa/MFAMode", json!("OFF")),
            Edit::Set(
                "/resourceConfig/userPoolConfigs/oAuth/redirectSignInURIs",
                json!(["http://evil.example.com/", "https://shop.example.com/"]),
            ),
        ])),
    );
    let (code, report) = report(&live);
    assert_eq!(code, 1);
    let text = fs::read_to_string(live.project.path().join("agreed/d1/prod/auth.json")).expect("a file");
    let place_of = |piece: &str| text.lines().position(|line| line.contains(piece)).expect("there") + 1;
    let findings = report["findings"].as_array().expect("findings");
    let place = |rule: &str| {
        let mut of_rule =
            findings.iter().filter(|finding| finding["rule"] == rule && finding["target"] == "d1/prod/auth");
        let found = of_rule.next().unwrap_or_else(|| panic!("no {rule} in {findings:#?}"));
        (found["location"]["file"].clone(), found["location"]["line"].clone())
    };
    let file = json!("agreed/d1/prod/auth.json");
    assert_eq!(place("mfa/off"), (file.clone(), json!(place_of("\"MFAMode\""))));
    assert_eq!(place("drift/baseline"), (file.clone(), json!(place_of("\"MFAMode\""))));
    // A member that was not agreed has no line: that of the list.
    assert_eq!(place("oauth/insecure_redirect"), (file, json!(place_of("\"RedirectSignInURIs\""))));
    // The waiver of a rule covers drift as it covers any other.
    let config = fs::read_to_string(live.project.path().join("audit.toml")).expect("a file");
    let waiver = "[[waiver]]\nrule = \"drift/baseline\"\ntarget = \"d1/prod\"\npath = \"/ResourceConfig/UserPoolConfigs/Mfa/*\"\nreason = \"r\"\nexpires = 9999-12-31\n";
    live.project.file("audit.toml", &format!("{config}{waiver}"));
    let (_, report) = self::report(&live);
    let dispositions: Vec<_> = report["findings"]
        .as_array()
        .expect("findings")
        .iter()
        .filter(|finding| finding["rule"] == "drift/baseline")
        .map(|finding| {
            (finding["path"].as_str().expect("text").rsplit('/').next(), finding["disposition"].as_str())
        })
        .collect();
    assert_eq!(dispositions, [(Some("MFAMode"), Some("waived")), (Some("RedirectSignInURIs"), Some("open"))]);
}

#[test]
fn what_discovery_cannot_see_is_neither_orphaned_nor_pruned() {
    let live = fleet();
    assert_eq!(live.run(&["snapshot"]).code, 0);
    let path = live.project.path().join("agreed/d2/dev/auth.json");
    let refused = Script::always(Reply::error(403, "AccessDeniedException"));
    live.server.fault(Where::operation("ListBackendEnvironments").app("d2"), refused);
    let run = live.run(&["snapshot", "--prune"]);
    assert_eq!(run.code, 3, "{}", run.stdout);
    assert!(run.stdout.contains("may be without a target"), "{}", run.stdout);
    assert!(path.exists());
    let (code, report) = report(&live);
    assert_eq!(code, 3);
    let orphans = report["notices"]
        .as_array()
        .expect("notices")
        .iter()
        .filter(|notice| notice["kind"] == "baseline_orphan");
    assert_eq!(orphans.count(), 0);
    // With --target, what was not asked for is no orphan.
    let run = live.run(&["snapshot", "--prune", "--target", "d1/prod"]);
    assert!(run.stdout.contains("agreed: 1 unchanged\n"), "{}", run.stdout);
    assert!(path.exists());
}

#[test]
fn an_interrupted_snapshot_writes_nothing() {
    use std::process::{Command, Stdio};
    use std::time::{Duration, Instant};

    let live = fleet();
    live.server.fault(Where::operation("GetBackendAuth").app("d2"), Script::always(Reply::Hang));
    let program = live
        .command(&["snapshot"])
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .expect("the program starts");
    let end = Instant::now() + Duration::from_secs(30);
    while !live.server.calls().iter().any(|call| call.operation == "GetBackendAuth" && call.app == "d2") {
        assert!(Instant::now() < end, "it never came");
        std::thread::sleep(Duration::from_millis(5));
    }
    let sent = Command::new("kill").args(["-s", "INT", &program.id().to_string()]).status();
    assert!(sent.expect("kill is there").success());
    let output = program.wait_with_output().expect("it ends");
    assert_eq!(output.status.code(), Some(130));
    assert!(String::from_utf8_lossy(&output.stdout).contains("nothing was written"));
    assert!(!live.project.path().join("agreed").exists());
}
