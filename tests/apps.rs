//! Rules that see all environments of an app, through the program.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Value, json};

use crate::common::{PLANNED, Project, compliant};

const OAUTH: &str = "/ResourceConfig/UserPoolConfigs/OAuth";

/// Settings that are good by themselves: what is wrong is that another environment has the same.
fn signing_in_with(app: &str, environment: &str, host: &str, client: &str) -> Value {
    let mut answer = compliant(app, environment);
    let oauth = answer.pointer_mut(OAUTH).expect("in the answer");
    oauth["RedirectSignInURIs"] = json!([format!("https://{host}/")]);
    oauth["RedirectSignOutURIs"] = json!([format!("https://{host}/bye")]);
    oauth["SocialProviderSettings"] = json!({"Google": {"ClientId": client}});
    answer
}

/// Rule, target and path of each finding.
fn found(report: &Value) -> Vec<(&str, &str, &str)> {
    let findings = report["findings"].as_array().expect("findings").iter();
    findings
        .map(|finding| ["rule", "target", "path"].map(|key| finding[key].as_str().expect("a text")))
        .map(|[rule, target, path]| (rule, target, path))
        .collect()
}

#[test]
fn what_production_shares_with_another_environment_is_found_at_production() {
    let both = |dev: (&str, &str)| {
        Project::of_recordings(&[
            ("dev.json", signing_in_with("d1", "dev", dev.0, dev.1)),
            ("prod.json", signing_in_with("d1", "prod", "shop.example", "the-client")),
            // Another app may have the same: it is asked in its own turn.
            ("other.json", signing_in_with("d2", "dev", "shop.example", "the-client")),
        ])
    };
    let (run, report) = both(("dev.shop.example", "a-client-of-its-own")).report(&[]);
    assert_eq!((run.code, found(&report)), (0, vec![]));

    let shared = both(("shop.example", "the-client"));
    let (run, report) = shared.report(&["--fail-on", "medium"]);
    let client = format!("{OAUTH}/SocialProviderSettings/Google/ClientId");
    let (sign_in, sign_out) = (format!("{OAUTH}/RedirectSignInURIs"), format!("{OAUTH}/RedirectSignOutURIs"));
    let expected = [
        ("oauth/shared_redirect_host", "d1/prod/auth", sign_in.as_str()),
        ("social/shared_client", "d1/prod/auth", &client),
        ("oauth/shared_redirect_host", "d1/prod/auth", &sign_out),
    ];
    assert_eq!((run.code, found(&report)), (1, expected.to_vec()));
    let place = &report["findings"][0]["location"];
    assert_eq!(place["file"], "recordings/prod.json");

    // They are findings like any other.
    let waivers: String = ["oauth/shared_redirect_host", "social/shared_client"]
        .map(|rule| {
            format!(
                "[[waiver]]\nrule = \"{rule}\"\ntarget = \"d1/prod\"\nreason = \"r\"\nexpires = 2999-01-01\n"
            )
        })
        .concat();
    let source = "[[source]]\nkind = \"recordings\"\npaths = [\"recordings/*.json\"]\n";
    shared.file("audit.toml", &format!("{source}{PLANNED}{waivers}"));
    let (run, report) = shared.report(&["--fail-on", "info"]);
    assert_eq!((run.code, &report["summary"]["waived"]), (0, &json!(3)));
    assert_eq!(report["notices"], json!([]));
}

#[test]
fn every_backend_is_told_of_its_end_of_life_once_for_an_app() {
    let project = Project::of_recordings(&[
        ("dev.json", signing_in_with("d1", "dev", "dev.shop.example", "a")),
        ("prod.json", signing_in_with("d1", "prod", "shop.example", "b")),
    ]);
    project.file("audit.toml", "[[source]]\nkind = \"recordings\"\npaths = [\"recordings/*.json\"]\n");
    let (run, report) = project.report(&[]);
    assert_eq!(found(&report), [("lifecycle/gen1_end_of_life", "d1/prod/auth", "")]);
    assert_eq!((run.code, &report["findings"][0]["severity"]), (0, &json!("medium")));
}

#[test]
fn an_app_that_a_rule_cannot_judge_is_unaudited_as_a_whole() {
    let project = Project::of_recordings(&[
        ("dev.json", compliant("d1", "dev")),
        ("prod.json", compliant("d1", "prod")),
        ("other.json", compliant("d2", "prod")),
    ]);
    let rule = "package acme.broken

# METADATA
# custom:
#   scope: app
deny contains \"never said\" if {
	input.App.AppId == \"d1\"
	1 / input.App.AppId == 1
}
";
    project.file("policies/broken.rego", rule);
    project.file(
        "audit.toml",
        &format!(
            "[[source]]\nkind = \"recordings\"\npaths = [\"recordings/*.json\"]\n{PLANNED}paths = [\"policies\"]\n"
        ),
    );
    let (run, report) = project.report(&[]);
    assert_eq!(run.code, 3);
    let targets = report["targets"].as_array().expect("targets");
    let status: Vec<_> = targets.iter().map(|it| (&it["id"], &it["status"])).collect();
    assert_eq!(
        status,
        [
            (&json!("d1/dev/auth"), &json!("unaudited")),
            (&json!("d1/prod/auth"), &json!("unaudited")),
            (&json!("d2/prod/auth"), &json!("audited")),
        ]
    );
    for target in &targets[..2] {
        let error = &target["error"];
        assert_eq!((&error["kind"], &error["rules"]), (&json!("policy"), &json!(["acme/broken"])));
        let message = error["message"].as_str().expect("a text");
        assert!(
            message.starts_with("rule acme/broken cannot be evaluated: policies/broken.rego:8:"),
            "{message}"
        );
    }
    // What the others found is kept, and is no pass.
    assert!(
        found(&report)
            .iter()
            .all(|(rule, target, _)| { (*rule, *target) == ("oauth/shared_redirect_host", "d1/prod/auth") })
    );
    assert_eq!(found(&report).len(), 2);
    let human = project.audit(&[]);
    assert_eq!(human.code, 3);
    assert!(
        human.stdout.contains("unaudited[policy]") && human.stdout.contains("acme/broken"),
        "{}",
        human.stdout
    );
    assert_eq!(project.audit(&["--allow-incomplete"]).code, 0);
    // Whoever does not ask the rule is not told of it.
    assert_eq!(project.audit(&["--rule", "mfa/off"]).code, 0);
}

#[test]
fn a_shard_has_all_environments_of_its_apps() {
    let apps: Vec<String> = (1..=9).map(|number| format!("d{number}")).collect();
    let recordings: Vec<(String, Value)> = apps
        .iter()
        .flat_map(|app| {
            ["dev", "prod", "staging"].map(|environment| {
                let answer = signing_in_with(app, environment, "shop.example", "the-client");
                (format!("{app}-{environment}.json"), answer)
            })
        })
        .collect();
    let named: Vec<(&str, Value)> =
        recordings.iter().map(|(name, answer)| (name.as_str(), answer.clone())).collect();
    let project = Project::of_recordings(&named);
    let (_, whole) = project.report(&[]);
    assert_eq!(found(&whole).len(), 3 * apps.len());

    let mut shards_of: BTreeMap<String, BTreeSet<&str>> = BTreeMap::new();
    let mut in_shards = Vec::new();
    for shard in ["1/3", "2/3", "3/3"] {
        let (_, report) = project.report(&["--shard", shard]);
        for target in report["targets"].as_array().expect("targets") {
            shards_of.entry(target["app_id"].as_str().expect("an app").to_owned()).or_default().insert(shard);
        }
        in_shards.extend(report["findings"].as_array().expect("findings").clone());
    }
    assert_eq!(shards_of.len(), apps.len());
    assert!(shards_of.values().all(|shards| shards.len() == 1), "{shards_of:?}");
    assert!(shards_of.values().flatten().collect::<BTreeSet<_>>().len() > 1, "{shards_of:?}");
    let fingerprints = |findings: &[Value]| {
        findings.iter().map(|finding| finding["fingerprint"].to_string()).collect::<BTreeSet<_>>()
    };
    assert_eq!(fingerprints(&in_shards), fingerprints(whole["findings"].as_array().expect("findings")));
}

#[test]
fn a_run_over_a_part_of_an_app_says_which_rules_did_not_see_it_whole() {
    let project = Project::of_recordings(&[
        ("dev.json", signing_in_with("d1", "dev", "shop.example", "the-client")),
        ("prod.json", signing_in_with("d1", "prod", "shop.example", "the-client")),
    ]);
    let notices = |target: &str| {
        let (_, report) = project.report(&["--target", target]);
        let kinds = report["notices"].as_array().expect("a list").iter();
        kinds.filter(|notice| notice["kind"] == "part_of_app").cloned().collect::<Vec<_>>()
    };
    let part = notices("d1/prod");
    assert!(
        part[0]["message"].as_str().is_some_and(|said| said.contains("social/shared_client")),
        "{part:?}"
    );
    assert!(notices("d1").is_empty() && notices("d*/*/*").is_empty());
}

#[test]
fn a_finding_about_several_environments_names_one_and_says_something() {
    for (member, said) in [
        ("\"MFA\"", "a member names no `target`, and the app has several"),
        ("{\"msg\": \" \", \"target\": doc.Target.Id}", "a member of `deny` has no message"),
    ] {
        let project = Project::of_recordings(&[
            ("dev.json", compliant("d1", "dev")),
            ("prod.json", compliant("d1", "prod")),
            ("alone.json", compliant("d2", "prod")),
        ]);
        project.file("audit.toml", &format!("[[source]]\nkind = \"recordings\"\npaths = [\"recordings/*.json\"]\n{PLANNED}paths = [\"own\"]\n"));
        project.file("own/rule.rego", &format!(
            "package acme.rule\n\n# METADATA\n# custom:\n#   scope: app\ndeny contains {member} if {{\n\tsome doc in input.Documents\n\tdoc.Target.Stage == \"production\"\n}}\n"
        ));
        let (run, report) = project.report(&[]);
        assert_eq!(run.code, 3, "{member}");
        let targets = report["targets"].as_array().expect("a list");
        let unaudited: Vec<_> = targets.iter().filter(|target| target["status"] == "unaudited").collect();
        assert!(unaudited.len() >= 2, "{member}: {targets:#?}");
        for target in unaudited {
            assert!(target["error"]["message"].as_str().is_some_and(|why| why.contains(said)), "{target}");
        }
    }
}
