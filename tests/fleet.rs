//! Discovery, accounts and pace: the real program against a fleet of accounts. What is there is
//! audited; what cannot be read is named, and the run is incomplete.

use std::collections::BTreeSet;
use std::fs;
use std::time::Duration;

use serde_json::{Value, json};

use crate::common::live::{Audit, Live, source, target, text};
use crate::loopback::{
    ACCOUNT, App, Backend, Branch, Bucket, Edit, Loopback, Manner, Meta, Random, Raw, Reply, Script,
    Throttle, Where,
};

const WEST: &str = "eu-west-1";
const EAST: &str = "us-east-1";
const OTHER: &str = "444455556666";
const THIRD: &str = "777788889999";

/// A source that discovers everything in one region.
const DISCOVER: &str = "[[source]]\nkind = \"amplify\"\nregions = [\"eu-west-1\"]\n";

fn app(id: &str) -> App {
    App::new(ACCOUNT, WEST, id, &format!("name of {id}"))
}

fn shop(id: &str) -> App {
    app(id).environment("prod", Meta::cognito(&["shopauth"]))
}

fn fleet(manner: Manner, apps: impl IntoIterator<Item = App>, config: &str) -> Live {
    let server = Loopback::start(manner);
    for app in apps {
        server.own(app);
    }
    Live::with(server, config)
}

fn ids(audit: &Audit) -> Vec<String> {
    list(&audit.report["targets"]).iter().map(|target| text(&target["id"])).collect()
}

/// Kind and message of each notice.
fn notices(audit: &Audit) -> Vec<(String, String)> {
    list(&audit.report["notices"])
        .iter()
        .map(|notice| (text(&notice["kind"]), text(&notice["message"])))
        .collect()
}

/// The one notice of a kind.
fn notice(audit: &Audit, kind: &str) -> String {
    let mut of_kind: Vec<String> =
        notices(audit).into_iter().filter(|(is, _)| is == kind).map(|(_, message)| message).collect();
    assert_eq!(of_kind.len(), 1, "{kind} in {:?}", notices(audit));
    of_kind.remove(0)
}

fn list(value: &Value) -> &[Value] {
    value.as_array().expect("a list")
}

#[test]
fn every_auth_resource_of_every_environment_of_every_app_is_audited() {
    let apps = (0..7).map(|number| {
        (0..5).fold(app(&format!("d{number}")), |app, environment| {
            app.environment(&format!("env{environment}"), Meta::cognito(&["auth1", "auth2"]))
        })
    });
    let manner = Manner { most_per_page: Some(2), ..Manner::default() };
    let live = fleet(manner, apps, DISCOVER);
    let audit = live.audit();
    let expected: Vec<String> = (0..7)
        .flat_map(|app| {
            (0..5).flat_map(move |env| (1..3).map(move |auth| format!("d{app}/env{env}/auth{auth}")))
        })
        .collect();
    assert_eq!(ids(&audit), expected);
    let first = &audit.report["targets"][0];
    assert_eq!(
        (&first["account"], &first["region"], &first["app_name"], &first["stage"]),
        (&json!(ACCOUNT), &json!(WEST), &json!("name of d0"), &json!("unknown"))
    );
    assert_eq!(notices(&audit), []);
    assert_eq!(audit.code, 0);
    let asked: BTreeSet<String> = live
        .server
        .calls()
        .iter()
        .map(|call| format!("{} {} {} {}", call.operation, call.app, call.environment, call.resource))
        .collect();
    // Four pages of apps, three of the environments and one of the branches of each; nothing is asked twice.
    assert_eq!(live.server.calls().len(), 4 + 7 * 4 + 7 * 5 + 70);
    assert_eq!(asked.len(), 1 + 2 * 7 + 7 * 5 + 70);
    live.asked_properly();
}

#[test]
fn fetching_begins_before_the_last_page_of_apps() {
    let apps = (0..60).map(|number| shop(&format!("d{number:02}")));
    let manner = Manner { latency: Duration::from_millis(5), most_per_page: Some(2), ..Manner::default() };
    let live = fleet(manner, apps, DISCOVER);
    assert_eq!(ids(&live.audit()).len(), 60);
    let calls = live.server.calls();
    let first = calls.iter().position(|call| call.operation == "GetBackendAuth").expect("it was called");
    let last = calls.iter().rposition(|call| call.operation == "ListApps").expect("it was called");
    assert!(first < last, "GetBackendAuth came {first}th, the last ListApps {last}th");
}

#[test]
fn what_is_no_target_is_said() {
    let live = fleet(
        Manner::default(),
        [
            shop("d1"),
            app("d2hosted"),
            app("d3gen2").branch(Branch::new("main", "PRODUCTION", Backend::Stack)),
            app("d4").environment("prod", Meta::without_auth()),
            app("d5").environment("prod", Meta::imported("oldpool")),
        ],
        DISCOVER,
    );
    let audit = live.audit();
    assert_eq!(ids(&audit), ["d1/prod/shopauth", "d5/prod/oldpool"]);
    let no_auth: Vec<String> = notices(&audit)
        .into_iter()
        .filter(|(kind, _)| kind == "no_auth")
        .map(|(_, message)| message)
        .collect();
    assert!(no_auth[0].starts_with("d2hosted (name of d2hosted) in 111122223333/eu-west-1"), "{no_auth:?}");
    assert!(no_auth[1].starts_with("d4/prod in 111122223333/eu-west-1"), "{no_auth:?}");
    assert!(notice(&audit, "imported_auth").contains("d5/prod/oldpool"));
    assert!(notice(&audit, "gen2_app").contains("exclude = [\"d3gen2/main\"]"));
    assert_eq!(audit.code, 3, "the settings of a Gen 2 app were not seen");

    live.project.file("audit.toml", &format!("{DISCOVER}exclude = [\"d3gen2\"]\n"));
    let audit = live.audit();
    assert!(!notices(&audit).iter().any(|(kind, _)| kind == "gen2_app"));
    assert_eq!(audit.code, 0);
}

/// A fleet of which a part cannot be read: it is named, of this kind, and the rest goes on.
fn unreadable(case: &str, live: &Live, kind: &str, said: &str, rest: &[&str]) {
    let audit = live.audit();
    let message = notice(&audit, "unreadable");
    assert!(message.contains(said), "{case}: {message}");
    let unreadable = list(&audit.report["notices"]).iter().find(|notice| notice["kind"] == "unreadable");
    let unreadable = unreadable.expect("it is there");
    assert_eq!(unreadable["location"]["line"], 3, "{case}: the line of the source");
    assert_eq!(unreadable["error"]["kind"], kind, "{case}");
    assert_eq!(ids(&audit), rest, "{case}");
    assert_eq!(audit.code, 3, "{case}");
    live.asked_properly();
}

fn two_attempts() -> String {
    format!("[audit]\nmax-attempts = 2\n{DISCOVER}")
}

#[test]
fn a_region_whose_apps_cannot_be_listed_is_named() {
    let body = |body: Value| Reply::Raw(Raw::json(200, &body));
    let no_list = "cannot list the apps";
    for (case, reply, kind, said) in [
        (
            "denied",
            Reply::error(403, "AccessDeniedException"),
            "denied",
            "eu-west-1: the caller may not call amplify:ListApps",
        ),
        ("no list", body(json!({})), "bad_response", no_list),
        ("no body", Reply::Raw(Raw::new(200, "")), "bad_response", no_list),
        ("captive portal", Reply::html(), "bad_response", no_list),
        ("truncated", Reply::Truncated, "bad_response", no_list),
        ("circle", body(json!({"apps": [], "nextToken": "again"})), "bad_response", "lead in a circle"),
    ] {
        let live = fleet(Manner::default(), [shop("d1")], &two_attempts());
        live.server.fault(Where::operation("ListApps"), Script::always(reply));
        unreadable(case, &live, kind, said, &[]);
    }
}

#[test]
fn an_app_whose_environments_cannot_be_listed_is_named() {
    for (operation, reply, kind, said) in [
        (
            "ListBackendEnvironments",
            Reply::error(403, "AccessDeniedException"),
            "denied",
            "cannot list the environments of d2 in",
        ),
        (
            "ListBackendEnvironments",
            Reply::error(500, "InternalFailure"),
            "unavailable",
            "cannot list the environments of d2 in",
        ),
        (
            "ListBranches",
            Reply::error(403, "AccessDeniedException"),
            "denied",
            "cannot list the branches of d2 in",
        ),
    ] {
        let live = fleet(Manner::default(), [shop("d1"), app("d2")], &two_attempts());
        live.server.fault(Where::operation(operation).app("d2"), Script::always(reply));
        unreadable(operation, &live, kind, said, &["d1/prod/shopauth"]);
    }
}

#[test]
fn an_environment_whose_resources_cannot_be_told_is_named() {
    let auth0 = Meta::Is(json!({"auth": {"x": {"service": "Auth0"}}}));
    for (case, meta, kind, said) in [
        ("gone", Meta::NotFound, "not_found", "d2/prod"),
        ("error", Meta::Error("the bucket is gone".to_owned()), "backend_error", "the bucket is gone"),
        ("no meta", Meta::Absent, "no_config", "d2/prod"),
        ("malformed", Meta::malformed(), "bad_response", "d2/prod"),
        ("another service", auth0, "bad_response", "`Auth0`"),
    ] {
        let broken = app("d2").environment("prod", meta);
        let live = fleet(Manner::default(), [shop("d1"), broken], &two_attempts());
        unreadable(case, &live, kind, said, &["d1/prod/shopauth"]);
    }
    let live = fleet(Manner::default(), [shop("d1"), shop("d2")], &two_attempts());
    let denied = Script::always(Reply::error(403, "AccessDeniedException"));
    live.server.fault(Where::operation("GetBackend").app("d2"), denied);
    let said = "the auth resources of d2/prod in 111122223333/eu-west-1: the caller may not call amplifybackend:GetBackend (403 AccessDeniedException)";
    unreadable("denied", &live, "denied", said, &["d1/prod/shopauth"]);
}

#[test]
fn an_environment_that_only_a_branch_names_is_found() {
    let app = app("d1").branch(Branch::new("main", "PRODUCTION", Backend::Environment("prod".to_owned())));
    let live = fleet(Manner::default(), [app], &two_attempts());
    unreadable("by its branch", &live, "not_found", "d1/prod", &[]);
}

#[test]
fn a_backend_of_another_app_brings_no_environment() {
    let live = fleet(Manner::default(), [shop("d1")], &two_attempts());
    let other = json!({"appId": "d9", "backendEnvironmentName": "prod", "backendEnvironmentList": ["foreign"], "amplifyMetaConfig": "{}"});
    live.server.fault(Where::operation("GetBackend"), Script::always(Reply::Raw(Raw::json(200, &other))));
    unreadable("of another app", &live, "bad_response", "it is for the app `d9`", &[]);
    assert!(live.server.calls().iter().all(|call| call.environment != "foreign"));
}

#[test]
fn a_selection_does_not_hide_a_target_that_could_not_be_looked_up() {
    let named = |app: &str| format!("[[source.target]]\napp = \"{app}\"\nenvironment = \"prod\"\n");
    let config = format!("{DISCOVER}{}{}", named("d1"), named("d2"));
    let live = fleet(Manner::default(), [shop("d1"), shop("d2")], &config);
    let denied = Script::always(Reply::error(403, "AccessDeniedException"));
    live.server.fault(Where::operation("GetBackend").app("d2"), denied);
    let run = live.run(&["--format", "json", "--target", "*/*/shopauth"]);
    let audit = Audit::of(&run);
    assert_eq!(ids(&audit), ["d1/prod/shopauth", "d2/prod/"]);
    assert_eq!(audit.code, 3);
    // Nor where a whole role is denied.
    let role = format!("{DISCOVER}role-arn = \"arn:aws:iam::{OTHER}:role/reader\"\n{}", named("d3"));
    live.project.file("audit.toml", &format!("{DISCOVER}{role}"));
    live.server.fault(Where::operation("AssumeRole"), Script::always(Reply::error(403, "AccessDenied")));
    for args in [&["--target", "*/prod/shopauth"][..], &["targets", "--target", "*/prod/shopauth"]] {
        let run = live.run(args);
        assert_eq!(run.code, 3, "{}", run.stdout);
        assert!(run.stdout.contains("d3/prod/"), "{}", run.stdout);
    }
}

#[test]
fn an_app_of_both_generations_is_audited_in_part_and_never_green() {
    let both = shop("d1")
        .branch(Branch::new("main", "PRODUCTION", Backend::Environment("prod".to_owned())))
        .branch(Branch::new("gen2-main", "PRODUCTION", Backend::Stack));
    let live = fleet(Manner::default(), [both], &format!("{DISCOVER}environments = [\"prod\"]\n"));
    let audit = live.audit();
    assert_eq!(ids(&audit), ["d1/prod/shopauth"]);
    assert!(notice(&audit, "gen2_app").starts_with("d1/gen2-main (name of d1) in 111122223333/eu-west-1"));
    assert_eq!(audit.code, 3);
    // Agreed: the branch is left out, and the environment is not.
    live.project.file("audit.toml", &format!("{DISCOVER}exclude = [\"d1/gen2-*\"]\n"));
    let audit = live.audit();
    assert_eq!((ids(&audit), audit.code), (vec!["d1/prod/shopauth".to_owned()], 0));
    assert_eq!(notices(&audit), []);
}

#[test]
fn a_profile_of_the_environment_that_is_not_there_is_not_replaced_by_other_credentials() {
    let live = fleet(Manner::default(), [shop("d1")], DISCOVER);
    let url = live.server.url();
    live.project.file(".aws/web-identity-token", "token");
    let token = live.project.path().join(".aws/web-identity-token");
    let web_identity = [
        ("AWS_ENDPOINT_URL", url.as_str()),
        ("AWS_ROLE_ARN", "arn:aws:iam::111122223333:role/ci"),
        ("AWS_WEB_IDENTITY_TOKEN_FILE", token.to_str().expect("UTF-8")),
    ];
    let run = live.run_in(&["--format", "json"], &web_identity);
    assert_eq!(ids(&Audit::of(&run)), ["d1/prod/shopauth"], "without a profile it is the web identity");
    let with_profile = [&web_identity[..], &[("AWS_PROFILE", "nope")]].concat();
    for config in [None, Some("[profile other]\nregion = eu-west-1\n")] {
        if let Some(config) = config {
            live.project.file(".aws/config", config);
        }
        let audit = Audit::of(&live.run_in(&["--format", "json"], &with_profile));
        assert!(notice(&audit, "unreadable").contains("`nope`"), "{:?}", notices(&audit));
        assert_eq!((ids(&audit).len(), audit.code), (0, 3));
    }
}

#[test]
fn an_environment_that_the_list_leaves_out_is_found_even_so() {
    let live =
        fleet(Manner::default(), [shop("d1").environment("hidden", Meta::cognito(&["shopauth"]))], DISCOVER);
    let only_prod = json!([{"environmentName": "prod", "backendEnvironmentArn": "arn", "createTime": 0, "updateTime": 0}]);
    live.server.fault(
        Where::operation("ListBackendEnvironments"),
        Script::always(Reply::with("/backendEnvironments", only_prod)),
    );
    assert_eq!(ids(&live.audit()), ["d1/hidden/shopauth", "d1/prod/shopauth"]);
}

#[test]
fn filters_choose_apps_environments_and_targets() {
    let apps = || {
        ["d1", "d2", "d3"].map(|id| {
            shop(id)
                .environment("dev", Meta::cognito(&["shopauth", "other"]))
                .environment("sandbox-x", Meta::cognito(&["shopauth"]))
        })
    };
    for (keys, args, expected, calls) in [
        ("apps = [\"d1\"]\nenvironments = [\"prod\"]\n", &[][..], &["d1/prod/shopauth"][..], 5),
        (
            "apps = [\"name of d[12]\"]\nenvironments = [\"p*\"]\n",
            &[],
            &["d1/prod/shopauth", "d2/prod/shopauth"],
            9,
        ),
        (
            "exclude = [\"d[23]\", \"*/sandbox-*\", \"*/*/other\"]\n",
            &[],
            &["d1/dev/shopauth", "d1/prod/shopauth"],
            7,
        ),
        ("", &["--target", "d2/prod"], &["d2/prod/shopauth"], 5),
        (
            "",
            &["--target", "*/*/other", "--target", "d3/sandbox-x"],
            &["d1/dev/other", "d2/dev/other", "d3/dev/other", "d3/sandbox-x/shopauth"],
            1 + 2 * 3 + 9 + 4,
        ),
    ] {
        let live = fleet(Manner::default(), apps(), &format!("{DISCOVER}{keys}"));
        let run = live.run(&[&["--format", "json"], args].concat());
        let audit = Audit::of(&run);
        assert_eq!(ids(&audit), expected, "{keys}");
        // Of a part of an app, that is said.
        let parts = usize::from(!args.is_empty());
        let notices = notices(&audit);
        assert_eq!((notices.len(), notices.iter().all(|(kind, _)| *kind == "part_of_app")), (parts, true));
        assert_eq!(audit.code, 0, "{keys}");
        assert_eq!(live.server.calls().len(), calls, "{keys}: what is left out is not asked for");
    }
}

#[test]
fn a_filter_that_matches_nothing_is_said() {
    let keys =
        "apps = [\"d1\", \"d9\"]\nenvironments = [\"prod\", \"staging\"]\nexclude = [\"*/sandbox-*\"]\n";
    let live = fleet(Manner::default(), [shop("d1")], &format!("{DISCOVER}{keys}"));
    let audit = live.audit();
    let said: Vec<_> = notices(&audit);
    let about = |kind: &str, what: &str| {
        assert!(said.iter().any(|(is, message)| is == kind && message.contains(what)), "{what}: {said:?}");
    };
    about("empty_source", "`d9` in `apps`");
    about("empty_source", "`staging` in `environments`");
    about("filter_unused", "`*/sandbox-*` in `exclude`");
    assert_eq!(audit.code, 3, "what was asked for by name was not seen");

    let nothing = fleet(Manner::default(), [], DISCOVER);
    let audit = nothing.audit();
    assert!(notice(&audit, "empty_source").contains("source 1"));
    assert_eq!(audit.code, 3);
}

#[test]
fn a_named_target_without_a_resource_is_looked_up() {
    let config = |app: &str| {
        format!(
            "[audit]\nmax-attempts = 2\n{DISCOVER}[[source.target]]\napp = \"{app}\"\nenvironment = \"prod\"\nlabels = {{ team = \"shop\" }}\n"
        )
    };
    let live = fleet(
        Manner::default(),
        [
            shop("d1"),
            app("d2").environment("prod", Meta::without_auth()),
            app("d3").environment("prod", Meta::cognito(&["a", "b"])),
        ],
        &config("d1"),
    );
    let audit = live.audit();
    assert_eq!(ids(&audit), ["d1/prod/shopauth"]);
    assert_eq!(audit.report["targets"][0]["labels"], json!({"team": "shop"}));
    assert_eq!(audit.code, 0);
    assert_eq!(live.server.calls().len(), 2);
    live.project.file("audit.toml", &config("d3"));
    assert_eq!(ids(&live.audit()), ["d3/prod/a", "d3/prod/b"]);
    for (app, outcome) in [("d2", "no_config after 1"), ("d9", "not_found after 1")] {
        live.project.file("audit.toml", &config(app));
        let audit = live.audit();
        assert_eq!(audit.outcome(app), outcome);
        assert_eq!(ids(&audit), [format!("{app}/prod/")]);
        assert!(audit.message(app).contains(&format!("{app}/prod in")), "{}", audit.message(app));
        assert_eq!(audit.code, 3);
    }
}

const ACCOUNTS: &str = "[audit]\nmax-attempts = 2\n[[source]]\nkind = \"amplify\"\nregions = [\"eu-west-1\", \"us-east-1\"]\naccounts = [\"111122223333\", \"444455556666\", \"777788889999\"]\nrole-arn = \"arn:aws:iam::{account}:role/audit/reader\"\nexternal-id = \"tango\"\n";

fn accounts(manner: Manner) -> Live {
    let apps = [ACCOUNT, OTHER, THIRD].into_iter().flat_map(|account| {
        [WEST, EAST].map(|region| {
            let id = format!("d{}{}", &account[..4], &region[..2]);
            App::new(account, region, &id, "shop").environment("prod", Meta::cognito(&["auth"]))
        })
    });
    let live = fleet(manner, apps, ACCOUNTS);
    for account in [ACCOUNT, OTHER, THIRD] {
        live.server.external_id(&format!("arn:aws:iam::{account}:role/audit/reader"), "tango");
    }
    live
}

#[test]
fn accounts_are_read_with_their_roles() {
    let live = accounts(Manner::default());
    let audit = live.audit();
    let expected = ["d1111eu", "d1111us", "d4444eu", "d4444us", "d7777eu", "d7777us"]
        .map(|id| format!("{id}/prod/auth"));
    assert_eq!(ids(&audit), expected);
    assert_eq!(audit.target("d4444us")["account"], OTHER);
    assert_eq!(audit.target("d4444us")["region"], EAST);
    assert_eq!(audit.code, 0);
    let assumed = live.server.calls().iter().filter(|call| call.operation == "AssumeRole").count();
    assert_eq!(assumed, 3, "once for each account");
    live.asked_properly();
}

#[test]
fn an_account_that_is_denied_fails_alone() {
    let live = accounts(Manner::default());
    live.server.fault(
        Where::operation("AssumeRole").account(OTHER),
        Script::always(Reply::error(403, "AccessDenied")),
    );
    let audit = live.audit();
    let expected = ["d1111eu", "d1111us", "d7777eu", "d7777us"].map(|id| format!("{id}/prod/auth"));
    assert_eq!(ids(&audit), expected);
    let message = notice(&audit, "unreadable");
    for part in [
        "cannot read account 444455556666 in eu-west-1, us-east-1",
        "cannot assume arn:aws:iam::444455556666:role/audit/reader in eu-west-1: the caller may not assume the role (403 AccessDenied)",
    ] {
        assert!(message.contains(part), "{message}");
    }
    assert_eq!(audit.code, 3);
    // A whole report of it for people, with what to do.
    let run = live.run(&[]);
    assert!(run.stdout.contains("allow sts:AssumeRole on the role"), "{}", run.stdout);
}

#[test]
fn a_region_that_is_denied_or_broken_fails_alone() {
    for (reply, said) in [
        (Reply::error(403, "AccessDeniedException"), "role reader may not call amplify:ListApps"),
        (Reply::error(403, "UnrecognizedClientException"), "the credentials were refused"),
        (Reply::Reset, "cannot be reached or failed"),
    ] {
        let live = accounts(Manner::default());
        live.server.fault(Where::any_operation().account(THIRD).region(EAST), Script::always(reply));
        let audit = live.audit();
        let expected =
            ["d1111eu", "d1111us", "d4444eu", "d4444us", "d7777eu"].map(|id| format!("{id}/prod/auth"));
        assert_eq!(ids(&audit), expected);
        let message = notice(&audit, "unreadable");
        assert!(message.contains("777788889999/us-east-1") && message.contains(said), "{message}");
        assert_eq!(audit.code, 3);
    }
}

#[test]
fn an_external_id_that_is_wrong_is_a_denial() {
    let live = accounts(Manner::default());
    live.project.file("audit.toml", &ACCOUNTS.replace("tango", "foxtrot"));
    let audit = live.audit();
    assert_eq!(ids(&audit), Vec::<String>::new());
    let unreadable: Vec<_> = notices(&audit).into_iter().filter(|(kind, _)| kind == "unreadable").collect();
    assert_eq!(unreadable.len(), 3);
    assert!(unreadable.iter().all(|(_, message)| message.contains("may not assume")), "{unreadable:?}");
    assert_eq!(audit.code, 3);
}

#[test]
fn credentials_that_expire_in_a_run_are_renewed() {
    // The SDK renews credentials 5 to 10 s before they expire, so these are good for a second at most.
    let manner = Manner {
        latency: Duration::from_millis(100),
        session_lifetime: Some(Duration::from_secs(6)),
        ..Manner::default()
    };
    let apps = (0..15).map(|number| shop(&format!("d{number}")));
    let config = format!(
        "[audit]\nconcurrency = 2\nmax-attempts = 1\n{DISCOVER}role-arn = \"arn:aws:iam::111122223333:role/reader\"\n"
    );
    let live = fleet(manner, apps, &config);
    let audit = live.audit();
    assert_eq!(ids(&audit).len(), 15);
    assert_eq!(audit.code, 0);
    let keys: BTreeSet<String> = live
        .server
        .calls()
        .iter()
        .filter(|call| call.operation == "GetBackendAuth")
        .map(|call| call.access_key.clone())
        .collect();
    assert!(keys.len() > 1, "{keys:?}");
    live.asked_properly();
}

#[test]
fn limits_hold_for_an_account_and_region_whoever_asks() {
    let apps = (0..12).map(|number| shop(&format!("d{number}")));
    let manner = Manner { latency: Duration::from_millis(10), ..Manner::default() };
    // Two sources of one account and region, and two accounts.
    let config = format!(
        "[audit]\nconcurrency = 5\nconcurrency-per-region = 3\n{DISCOVER}apps = [\"d[0-5]\"]\n{DISCOVER}apps = [\"d[6-9]\", \"d1?\"]\n[[source]]\nkind = \"amplify\"\nregions = [\"{WEST}\"]\nrole-arn = \"arn:aws:iam::{OTHER}:role/reader\"\n"
    );
    let live = fleet(manner, apps, &config);
    for number in 20..30 {
        live.server.own(
            App::new(OTHER, WEST, &format!("d{number}"), "other")
                .environment("prod", Meta::cognito(&["auth"])),
        );
    }
    let audit = live.audit();
    assert_eq!(ids(&audit).len(), 22);
    assert_eq!(audit.code, 0, "{:?}", notices(&audit));
    assert!(live.server.most_in_flight() <= 5, "{}", live.server.most_in_flight());
    for account in [ACCOUNT, OTHER] {
        let most = live.server.most_in_flight_of(account, WEST);
        assert!((2..=3).contains(&most), "{most} of {account}");
    }
}

#[test]
fn a_token_bucket_loses_nothing_and_is_seldom_asked_in_vain() {
    for says in [Throttle::TooManyRequests, Throttle::Codeless, Throttle::LimitExceeded, Throttle::Throttling]
    {
        let manner = Manner {
            latency: Duration::from_millis(5),
            bucket: Some(Bucket { per_second: 100.0, burst: 20, says }),
            ..Manner::default()
        };
        let apps = (0..30).map(|number| shop(&format!("d{number}")));
        let live = fleet(manner, apps, &format!("[audit]\nmax-attempts = 6\n{DISCOVER}"));
        let audit = live.audit();
        assert_eq!((ids(&audit).len(), audit.code), (30, 0), "{says:?}: {:?}", notices(&audit));
        let calls = live.server.calls().len();
        // 121 calls are needed. Of those in vain, the figure is the benchmark's; here they are bounded.
        assert!(calls < 2 * 121, "{says:?}: {calls} calls");
    }
}

#[test]
fn throttling_at_random_loses_nothing() {
    let random = Random { probability: 0.3, seed: 7, says: Throttle::TooManyRequests };
    let manner = Manner { random: Some(random), ..Manner::default() };
    let apps = (0..20).map(|number| shop(&format!("d{number}")));
    let live = fleet(manner, apps, DISCOVER);
    let audit = live.audit();
    assert_eq!((ids(&audit).len(), audit.code), (20, 0), "{:?}", notices(&audit));
}

#[test]
fn every_fault_once_loses_nothing_and_adds_nothing() {
    let faults = [
        Reply::error(429, "TooManyRequestsException"),
        Reply::Raw(Raw::json(429, &json!({"message": "slow down"}))),
        Reply::error(500, "InternalFailure"),
        Reply::error(502, "BadGateway"),
        Reply::error(503, "ServiceUnavailable"),
        Reply::error(504, "GatewayTimeoutException"),
        Reply::Reset,
        Reply::CutOff(b"{\"appId\":".to_vec()),
        Reply::Truncated,
        Reply::html(),
        Reply::Raw(Raw::new(200, "")),
    ];
    let apps: Vec<App> = (0..22)
        .map(|number| {
            let app = shop(&format!("d{number}"));
            if number % 4 == 0 {
                app.edited(Edit::Set("/resourceConfig/userPoolConfigs/mfa/MFAMode", json!("OFF")))
            } else {
                app
            }
        })
        .collect();
    let live = fleet(Manner::default(), apps, &format!("[audit]\nmax-attempts = 6\n{DISCOVER}"));
    for (number, fault) in (0..22).zip(faults.iter().cycle()) {
        let name = format!("d{number}");
        for operation in ["ListBackendEnvironments", "GetBackend", "GetBackendAuth"] {
            live.server.fault(Where::operation(operation).app(&name), Script::first([fault.clone()]));
        }
    }
    live.server.fault(Where::operation("ListApps"), Script::first(faults[..4].to_vec()));
    let audit = live.audit();
    assert_eq!(ids(&audit).len(), 22);
    assert_eq!(audit.report["summary"]["audited"], 22, "{:?}", notices(&audit));
    let found: Vec<String> =
        list(&audit.report["findings"]).iter().map(|finding| text(&finding["target"])).collect();
    let mut expected: Vec<String> =
        (0..22).step_by(4).map(|number| format!("d{number}/prod/shopauth")).collect();
    expected.sort();
    assert_eq!(found, expected);
    assert_eq!(audit.code, 1);
    live.asked_properly();
}

#[test]
fn a_further_attempt_comes_before_the_first_ones_of_others() {
    // In its place behind 40 others, the first target would wait for longer than its time.
    let manner = Manner { latency: Duration::from_millis(50), ..Manner::default() };
    let targets: String = (0..40).map(|number| target(&format!("d{number}"), "prod", "shopauth")).collect();
    let limits = "[audit]\nconcurrency = 1\ntarget-timeout = \"1s\"\n";
    let config = format!("{limits}{DISCOVER}{targets}");
    let live = fleet(manner, (0..40).map(|number| shop(&format!("d{number}"))), &config);
    live.server.script("d0", Script::first([Reply::error(500, "InternalFailure")]));
    let audit = live.audit();
    assert_eq!(audit.outcome("d0"), "audited");
    assert_eq!(audit.code, 0);
}

#[test]
fn a_wait_without_end_ends_the_attempts() {
    let forever = u64::MAX.to_string();
    for header in ["retry-after", "x-amz-retry-after"] {
        let config = format!("{DISCOVER}{}", target("d1", "prod", "shopauth"));
        let live = fleet(Manner::default(), [], &config);
        let reply = Reply::Raw(Raw::json(503, &json!({})).header(header, &forever));
        live.server.script("d1", Script::always(reply));
        let audit = live.audit();
        assert_eq!((audit.outcome("d1").as_str(), audit.code), ("unavailable after 1", 3), "{header}");
    }
}

#[test]
fn one_region_that_is_slow_does_not_hold_the_others_up() {
    let apps = (0..10).flat_map(|number| {
        [WEST, EAST].map(|region| {
            App::new(ACCOUNT, region, &format!("d{number}{region}"), "shop")
                .environment("prod", Meta::cognito(&["auth"]))
        })
    });
    let config = "[audit]\ntimeout = \"1s\"\nmax-attempts = 1\nconcurrency = 10\nconcurrency-per-region = 8\n[[source]]\nkind = \"amplify\"\nregions = [\"eu-west-1\", \"us-east-1\"]\n";
    let live = fleet(Manner::default(), apps, config);
    live.server.fault(Where::operation("GetBackendAuth").region(EAST), Script::always(Reply::Hang));
    let audit = live.audit();
    let of = |region: &str, status: &str| {
        list(&audit.report["targets"])
            .iter()
            .filter(|target| target["region"] == region && target["status"] == status)
            .count()
    };
    assert_eq!((of(WEST, "audited"), of(EAST, "unaudited")), (10, 10));
    let hung: Vec<_> =
        list(&audit.report["targets"]).iter().filter_map(|target| target["error"]["kind"].as_str()).collect();
    assert!(hung.iter().all(|kind| *kind == "timeout"), "{hung:?}");
}

#[test]
fn one_target_of_two_sources_counts_once_from_the_first() {
    let config = format!("{}{DISCOVER}", source(WEST, &[]) + &target("d1", "prod", "shopauth"));
    let live = fleet(Manner::default(), [shop("d1"), shop("d2")], &config);
    let audit = live.audit();
    assert_eq!(ids(&audit), ["d1/prod/shopauth", "d2/prod/shopauth"]);
    assert_eq!(audit.target("d1")["source"], "source 1");
    assert!(notice(&audit, "duplicate_target").contains("d1/prod/shopauth"));
    assert_eq!(audit.code, 0);
}

#[test]
fn secrets_of_discovery_are_found_nowhere() {
    let planted = json!({"auth": {"shop": {"service": {"AppClientSecret": "planted0meta"}}}});
    let live = accounts(Manner::default());
    live.server.own(App::new(ACCOUNT, WEST, "d9", "bad").environment("prod", Meta::Is(planted)));
    let run = live.run(&[
        "-vv",
        "--format",
        "json",
        "--output",
        "human=audit.txt",
        "--output",
        "sarif=audit.sarif",
    ]);
    assert_eq!(run.code, 3);
    let mut said = vec![run.stdout, run.stderr];
    for file in ["audit.txt", "audit.sarif"] {
        said.push(fs::read_to_string(live.project.path().join(file)).expect("the file was written"));
    }
    for text in said {
        assert!(text.contains("d9/prod"), "{text}");
        assert!(!text.contains("planted0"), "{text}");
    }
}
