//! `audit targets` and `audit init --discover`: what is there, and what of it could not be seen.

use std::fs;

use serde_json::{Value, json};

use crate::common::live::Live;
use crate::common::{Project, compliant};
use crate::loopback::{ACCOUNT, App, Backend, Branch, Loopback, Manner, Meta, Reply, Script, Where};

fn fleet(config: &str) -> Live {
    let live = Live::with(Loopback::start(Manner::default()), config);
    let shop = App::new(ACCOUNT, "eu-west-1", "d1", "shop");
    let shop = shop
        .environment("prod", Meta::cognito(&["shopauth"]))
        .environment("dev", Meta::cognito(&["shopauth"]));
    live.server.own(shop);
    let evil = App::new(ACCOUNT, "us-east-1", "d2", "evil\u{1b}[31m\n[[waiver]]");
    live.server.own(evil.environment("main", Meta::cognito(&["auth"])));
    live
}

const BOTH: &str = "[[source]]\nkind = \"amplify\"\nregions = [\"eu-west-1\", \"us-east-1\"]\n";

#[test]
fn targets_are_listed_and_none_is_asked_for_its_settings() {
    let live = fleet(BOTH);
    let run = live.run(&["targets", "--color", "never"]);
    assert_eq!((run.code, run.stderr.as_str()), (0, ""));
    insta::assert_snapshot!(run.stdout, @r"
    target            app                            stage        place                   source
    d1/dev/shopauth   shop                           development  111122223333/eu-west-1  source 1
    d1/prod/shopauth  shop                           production   111122223333/eu-west-1  source 1
    d2/main/auth      evil\u{1b}[31m\u{a}[[waiver]]  production   111122223333/us-east-1  source 1

    3 targets of 2 apps
    ");
    assert!(live.server.calls().iter().all(|call| call.operation != "GetBackendAuth"));

    let run = live.run(&["targets", "--format", "json", "--target", "d1/prod"]);
    let listing: Value = serde_json::from_str(&run.stdout).expect("JSON");
    let targets = listing["targets"].as_array().expect("targets");
    assert_eq!(targets.len(), 1);
    assert_eq!(
        (&targets[0]["id"], &targets[0]["account"], &targets[0]["app_name"], &targets[0]["stage"]),
        (&json!("d1/prod/shopauth"), &json!(ACCOUNT), &json!("shop"), &json!("production"))
    );
    assert!(targets[0].get("status").is_none(), "nothing of it was judged");
}

#[test]
fn an_id_steers_no_runner() {
    let live = fleet(BOTH);
    let id = "##[error]x";
    live.server
        .own(App::new(ACCOUNT, "eu-west-1", id, "::error::y").environment("prod", Meta::cognito(&["auth"])));
    let run = live.run(&["targets"]);
    assert_eq!(run.code, 0);
    assert!(run.stdout.contains("error]x/prod/auth"), "{}", run.stdout);
    assert!(!run.stdout.contains("##["), "{}", run.stdout);
}

#[test]
fn a_listing_is_incomplete_where_something_could_not_be_read() {
    let live = fleet(BOTH);
    let denied = Script::always(Reply::error(403, "AccessDeniedException"));
    live.server.fault(Where::operation("ListApps").region("us-east-1"), denied);
    let run = live.run(&["targets"]);
    assert_eq!(run.code, 3);
    assert!(run.stdout.contains("d1/prod/shopauth"), "{}", run.stdout);
    assert!(run.stdout.contains("amplify:ListApps (403 AccessDeniedException)"), "{}", run.stdout);
    assert!(run.stdout.contains("incomplete: 2 targets of 1 app"), "{}", run.stdout);
    assert_eq!(live.run(&["targets", "--allow-incomplete"]).code, 0);
    let none = live.run(&["targets", "--target", "nobody"]);
    assert_eq!(none.code, 3);
    assert!(none.stdout.contains("no target matches --target nobody"), "{}", none.stdout);
    assert!(run.stdout.contains("not read: 1 region\n"), "{}", run.stdout);
}

#[test]
fn recordings_are_listed_as_what_they_say_they_are() {
    let project = Project::of_recordings(&[("a.json", compliant("d1", "prod")), ("b.json", json!(7))]);
    let run = project.audit(&["targets"]);
    assert_eq!(run.code, 3);
    for part in ["d1/prod/auth", "file:recordings/b.json", "unaudited[bad_response]"] {
        assert!(run.stdout.contains(part), "{part}: {}", run.stdout);
    }
}

#[test]
fn shards_of_a_selection_that_matches_nothing_all_say_so() {
    let live = fleet(BOTH);
    for shard in ["1/2", "2/2"] {
        let run = live.run(&["--target", "d1", "--target", "typo", "--shard", shard]);
        assert_eq!(run.code, 3, "{}", run.stdout);
        assert!(run.stdout.contains("no target matches --target typo"), "{}", run.stdout);
        assert!(!run.stdout.contains("--target d1"), "{}", run.stdout);
    }
}

#[test]
fn what_the_credentials_can_see_becomes_a_configuration() {
    let live = fleet("");
    let path = live.project.path().join("audit.toml");
    fs::remove_file(&path).expect("removed");
    let denied = Script::always(Reply::error(403, "UnrecognizedClientException"));
    live.server.fault(Where::operation("ListApps").region("me-south-1"), denied);
    live.server.own(App::new(ACCOUNT, "eu-north-1", "d3", "new").branch(Branch::new(
        "main",
        "PRODUCTION",
        Backend::Stack,
    )));
    let run = live.run(&["init", "--discover"]);
    assert_eq!(run.code, 3, "{}{}", run.stdout, run.stderr);
    assert!(
        run.stdout.contains("d1/prod/shopauth") && run.stdout.contains("wrote audit.toml"),
        "{}",
        run.stdout
    );
    let written = fs::read_to_string(&path).expect("it is written");
    for part in [
        "regions = [\"eu-north-1\", \"eu-west-1\", \"us-east-1\"]\n",
        "#   d1 (shop) in 111122223333/eu-west-1: dev, prod\n",
        "#   d2 (evil\\u{1b}[31m\\u{a}[[waiver]]) in 111122223333/us-east-1: main\n",
        "# Not seen:\n",
        "me-south-1",
        "d3/main (new) in 111122223333/eu-north-1 is of Amplify Gen 2",
    ] {
        assert!(written.contains(part), "no {part} in\n{written}");
    }
    // It is there now, and it works.
    assert_eq!(live.run(&["init", "--discover"]).code, 2);
    let run = live.run(&[]);
    assert!(run.stdout.contains("targets: 3, 3 audited"), "{}", run.stdout);
    assert_eq!(run.code, 3, "the app of Gen 2 is still not seen");
}

#[test]
fn a_region_that_is_denied_stays_in_the_configuration() {
    let live = fleet("");
    fs::remove_file(live.project.path().join("audit.toml")).expect("removed");
    let denied = Script::always(Reply::error(403, "AccessDeniedException"));
    live.server.fault(Where::operation("ListApps").region("us-east-1"), denied);
    let run = live.run(&["init", "--discover"]);
    assert_eq!(run.code, 3, "{}", run.stdout);
    assert!(run.stdout.contains("see to what was not seen"), "{}", run.stdout);
    let run = live.run(&[]);
    assert_eq!(run.code, 3, "what init could not see is not green afterwards: {}", run.stdout);
}

#[test]
fn where_nothing_is_found_nothing_is_written() {
    let live = fleet("");
    let path = live.project.path().join("audit.toml");
    fs::remove_file(&path).expect("removed");
    let run = live.run(&["init", "--discover", "--region", "eu-west-2"]);
    assert_eq!(run.code, 3, "{}", run.stdout);
    assert!(run.stdout.contains("nothing was written"), "{}", run.stdout);
    let wrong = live.run(&["init", "--discover", "--region", "no such place"]);
    assert_eq!(wrong.code, 2, "{}", wrong.stderr);
    let profile = live.run(&["init", "--discover", "--profile", "nobody"]);
    assert_eq!(profile.code, 3);
    assert!(profile.stdout.contains("`nobody`"), "{}", profile.stdout);
    assert!(!path.exists());
}
