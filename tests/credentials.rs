//! Credentials and roles: what they lead to, how they fail, and what of it is said.

use std::process::Stdio;
use std::time::{Duration, Instant};

use serde_json::{Value, json};

use crate::common::Run;
use crate::common::live::{Audit, Live, SESSION_TOKEN, text};
use crate::loopback::{ACCOUNT, App, Loopback, Manner, Meta, Raw, Reply, Script, Where};

const WEST: &str = "eu-west-1";
const OTHER: &str = "444455556666";
const DISCOVER: &str = "[[source]]\nkind = \"amplify\"\nregions = [\"eu-west-1\"]\n";

fn shop(account: &str, region: &str, id: &str) -> App {
    App::new(account, region, id, "shop").environment("prod", Meta::cognito(&["shopauth"]))
}

fn fleet(manner: Manner, apps: impl IntoIterator<Item = App>, config: &str) -> Live {
    let server = Loopback::start(manner);
    for app in apps {
        server.own(app);
    }
    Live::with(server, config)
}

fn ids(audit: &Audit) -> Vec<String> {
    let targets = audit.report["targets"].as_array().expect("a list of targets");
    targets.iter().map(|target| text(&target["id"])).collect()
}

/// The one part that could not be read.
fn unreadable(audit: &Audit) -> &Value {
    let notices = audit.report["notices"].as_array().expect("a list of notices");
    let mut unreadable = notices.iter().filter(|notice| notice["kind"] == "unreadable");
    let one = unreadable.next().unwrap_or_else(|| panic!("nothing was unreadable: {notices:?}"));
    assert_eq!(unreadable.next(), None);
    one
}

/// The audit of a program that ends by itself before long.
fn ends(live: &Live, without_keys: bool) -> Audit {
    let mut command = live.command(&["--format", "json"]);
    if without_keys {
        for name in ["AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN"] {
            command.env_remove(name);
        }
    }
    let mut program = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().expect("it starts");
    let end = Instant::now() + Duration::from_secs(30);
    while program.try_wait().expect("it can be asked").is_none() {
        if Instant::now() > end {
            program.kill().expect("it is ours");
            let _ = program.wait();
            panic!("it does not end");
        }
        std::thread::sleep(Duration::from_millis(20));
    }
    Audit::of(&Run::of(program.wait_with_output().expect("it ended")))
}

const HASTY: &str = "[audit]\ntimeout = \"500ms\"\ntarget-timeout = \"2s\"\nmax-attempts = 2\n";

#[test]
fn what_sts_says_has_the_kind_of_what_it_says() {
    let role = "role-arn = \"arn:aws:iam::444455556666:role/reader\"\n";
    for (reply, kind) in [
        (Reply::Hang, "timeout"),
        (Reply::error(400, "Throttling"), "throttled"),
        (Reply::error(503, "ServiceUnavailable"), "unavailable"),
        (Reply::Reset, "unavailable"),
        (Reply::error(403, "AccessDenied"), "denied"),
        (Reply::error(403, "ExpiredToken"), "credentials"),
    ] {
        let live = fleet(Manner::default(), [], &format!("{HASTY}{DISCOVER}{role}"));
        live.server.fault(Where::operation("AssumeRole"), Script::always(reply));
        let audit = live.audit();
        let error = &unreadable(&audit)["error"];
        assert_eq!(error["kind"], kind, "{error}");
        assert!(text(&error["message"]).contains("role/reader"), "{error}");
        assert!(error["help"].is_string(), "{error}");
        assert_eq!(audit.code, 3);
    }
}

#[test]
fn credentials_that_never_come_end_in_a_timeout() {
    for (config, of_config) in [
        ("[profile p]\ncredential_process = sleep 100\n", "profile = \"p\"\n"),
        (
            "[profile p]\nrole_arn = arn:aws:iam::111122223333:role/r\nsource_profile = base\n[profile base]\naws_access_key_id = AKIAPLANTED\naws_secret_access_key = planted0SecretAccessKey0planted\n",
            "profile = \"p\"\n",
        ),
    ] {
        let live = fleet(Manner::default(), [], &format!("{HASTY}{DISCOVER}{of_config}"));
        live.project.file(".aws/config", config);
        live.server.fault(Where::operation("AssumeRole"), Script::always(Reply::Hang));
        let audit = ends(&live, true);
        assert_eq!(unreadable(&audit)["error"]["kind"], "timeout", "{}", unreadable(&audit));
        assert_eq!(audit.code, 3);
    }
}

#[test]
fn accounts_that_are_throttled_leave_the_others_their_attempts() {
    // The SDK's own budget of retries for STS is used up by fewer.
    let accounts: Vec<String> = (0..60_u64).map(|number| (100_000_000_000 + number).to_string()).collect();
    let config = format!(
        "{DISCOVER}accounts = {}\nrole-arn = \"arn:aws:iam::{{account}}:role/reader\"\n",
        json!(accounts)
    );
    let apps = accounts.iter().map(|account| shop(account, WEST, &format!("d{account}")));
    let live = fleet(Manner::default(), apps, &config);
    for account in &accounts {
        let throttled = [Reply::error(400, "Throttling"), Reply::error(400, "Throttling")];
        live.server.fault(Where::operation("AssumeRole").account(account), Script::first(throttled));
    }
    let audit = live.audit();
    assert_eq!((ids(&audit).len(), audit.code), (60, 0), "{}", audit.report["notices"]);
}

#[test]
fn a_region_whose_sts_is_broken_fails_alone() {
    let config = format!(
        "[audit]\nmax-attempts = 2\n[[source]]\nkind = \"amplify\"\nregions = [\"us-east-1\", \"eu-west-1\"]\nrole-arn = \"arn:aws:iam::{ACCOUNT}:role/reader\"\n"
    );
    for reply in [Reply::error(403, "RegionDisabledException"), Reply::Reset] {
        let live = fleet(Manner::default(), [shop(ACCOUNT, WEST, "d1")], &config);
        live.server.fault(Where::any_operation().region("us-east-1"), Script::always(reply));
        let audit = live.audit();
        assert_eq!(ids(&audit), ["d1/prod/shopauth"]);
        assert!(text(&unreadable(&audit)["message"]).contains("us-east-1"));
        assert_eq!(audit.code, 3);
    }
}

#[test]
fn a_role_of_the_callers_own_account_shares_its_limit() {
    let apps = (0..30).map(|number| shop(ACCOUNT, WEST, &format!("d{number:02}")));
    let manner = Manner { latency: Duration::from_millis(10), ..Manner::default() };
    let config = format!(
        "[audit]\nconcurrency-per-region = 3\n{DISCOVER}apps = [\"d0?\", \"d10\"]\n{DISCOVER}apps = [\"d1[1-9]\", \"d2?\"]\nrole-arn = \"arn:aws:iam::{ACCOUNT}:role/reader\"\n"
    );
    let live = fleet(manner, apps, &config);
    let audit = live.audit();
    assert_eq!((ids(&audit).len(), audit.code), (30, 0), "{}", audit.report["notices"]);
    assert!(live.server.most_in_flight_of(ACCOUNT, WEST) <= 3);
}

#[test]
fn what_refuses_a_signature_or_gives_none_is_not_repeated() {
    let xml = format!(
        "<ErrorResponse xmlns=\"https://sts.amazonaws.com/doc/2011-06-15/\"><Error><Type>Sender</Type><Code>SignatureDoesNotMatch</Code><Message>The request signature we calculated does not match.\n\nThe Canonical String for this request should have been\n'POST\n/\n\nx-amz-security-token:{SESSION_TOKEN}\n'</Message></Error><RequestId>1</RequestId></ErrorResponse>"
    );
    let role = format!("{DISCOVER}role-arn = \"arn:aws:iam::{OTHER}:role/reader\"\n");
    let live = fleet(Manner::default(), [], &role);
    let refused = Reply::Raw(Raw::new(403, xml).header("content-type", "text/xml"));
    live.server.fault(Where::operation("AssumeRole"), Script::always(refused));
    for format in ["json", "human", "sarif"] {
        let run = live.run(&["-vv", "--format", format]);
        assert_eq!(run.code, 3);
        for said in [&run.stdout, &run.stderr] {
            assert!(!said.contains(SESSION_TOKEN) && !said.contains("x-amz-security-token"), "{said}");
        }
    }
    assert_eq!(unreadable(&live.audit())["error"]["kind"], "credentials");

    live.project.file("audit.toml", &format!("{DISCOVER}profile = \"p\"\n"));
    let process = "[profile p]\ncredential_process = sh -c \"echo planted0process >&2; exit 1\"\n";
    live.project.file(".aws/config", process);
    let run = live.run(&["-vv"]);
    assert_eq!(run.code, 3);
    assert!(
        !run.stdout.contains("planted0") && !run.stderr.contains("planted0"),
        "{}{}",
        run.stdout,
        run.stderr
    );
}
