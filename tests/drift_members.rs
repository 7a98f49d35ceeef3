//! Every member of a document, changed: exactly that one is found, at its pointer and its line.

use std::collections::BTreeMap;
use std::fs;

use amplify_audit::document::Outline;
use serde_json::{Map, Value, json};

use crate::common::Project;

const SETTINGS: &str = "/ResourceConfig";
const SOCIAL: &str = "/ResourceConfig/UserPoolConfigs/OAuth/SocialProviderSettings";

/// An answer in which every member is there.
fn whole(app: &str) -> Value {
    let message = || {
        json!({
            "DeliveryMethod": "EMAIL",
            "EmailSettings": {"EmailMessage": "Your code is {####}", "EmailSubject": "Your code"},
            "SmsSettings": {"SmsMessage": "Your code is {####}"},
        })
    };
    let client = || json!({"ClientId": "id", "ClientSecret": "EXAMPLE-not-a-real-secret"});
    json!({
        "AppId": app,
        "BackendEnvironmentName": "prod",
        "ResourceName": "auth",
        "NewAtTheRoot": {"a": 1},
        "ResourceConfig": {
            "AuthResources": "IDENTITY_POOL_AND_USER_POOL",
            "IdentityPoolConfigs": {"IdentityPoolName": "identities", "UnauthenticatedLogin": false},
            "Service": "COGNITO",
            "NewMember": ["b", "a"],
            "UserPoolConfigs": {
                "ForgotPassword": message(),
                "Mfa": {"MFAMode": "OPTIONAL", "Settings": {"MfaTypes": ["SMS", "TOTP"], "SmsMessage": "{####}"}},
                "OAuth": {
                    "DomainPrefix": "shop",
                    "OAuthGrantType": "CODE",
                    "OAuthScopes": ["EMAIL", "OPENID"],
                    "RedirectSignInURIs": ["https://a.example.com/", "https://b.example.com/"],
                    "RedirectSignOutURIs": ["https://a.example.com/"],
                    "SocialProviderSettings": {
                        "Facebook": client(),
                        "Google": client(),
                        "LoginWithAmazon": client(),
                        "SignInWithApple": {"ClientId": "id", "KeyId": "key", "PrivateKey": "EXAMPLE-not-a-real-key", "TeamId": "team"},
                    },
                },
                "PasswordPolicy": {"AdditionalConstraints": ["REQUIRE_DIGIT", "REQUIRE_SYMBOL"], "MinimumLength": 12},
                "RequiredSignUpAttributes": ["EMAIL", "NAME"],
                "SignInMethod": "EMAIL",
                "UserPoolName": "users",
                "VerificationMessage": message(),
            },
        },
    })
}

/// Every member that holds no further members, by its pointer.
fn leaves(value: &Value, at: &str, all: &mut Vec<String>) {
    match value.as_object() {
        Some(members) => {
            for (name, member) in members {
                leaves(member, &format!("{at}/{name}"), all);
            }
        }
        None => all.push(at.to_owned()),
    }
}

/// Every documented member that holds no further members.
fn documented(outline: &Outline, at: &str, visit: &mut dyn FnMut(&str)) {
    match outline {
        Outline::Object(members) => {
            for (name, member) in members {
                documented(member, &format!("{at}/{name}"), visit);
            }
        }
        _ => visit(at),
    }
}

/// Another value of a member, and whether it is a weaker one.
fn changed(pointer: &str, value: &Value) -> (Value, bool) {
    let name = pointer.rsplit('/').next().expect("a name");
    match (name, value) {
        ("MFAMode", _) => (json!("OFF"), true),
        ("MfaTypes", _) => (json!(["SMS"]), true),
        ("MinimumLength", _) => (json!(8), true),
        ("AdditionalConstraints", _) => (json!(["REQUIRE_DIGIT"]), true),
        ("OAuthGrantType", _) => (json!("IMPLICIT"), true),
        ("OAuthScopes", _) => (json!(["AWS_COGNITO_SIGNIN_USER_ADMIN", "EMAIL", "OPENID"]), true),
        ("RedirectSignInURIs" | "RedirectSignOutURIs", _) => {
            (json!(["https://a.example.com/", "http://evil.example.com/"]), true)
        }
        ("UnauthenticatedLogin", _) => (json!(true), true),
        ("AuthResources", _) => (json!("USER_POOL_ONLY"), false),
        ("Service", _) => (json!("OTHER"), false),
        ("SignInMethod", _) => (json!("PHONE_NUMBER"), true),
        ("DeliveryMethod", _) => (json!("SMS"), true),
        ("RequiredSignUpAttributes", _) => (json!(["EMAIL"]), false),
        ("ClientSecret" | "PrivateKey", _) => (Value::Null, false),
        ("ClientId" | "TeamId", _) => (json!("another"), true),
        (_, Value::String(text)) => (json!(format!("{text} changed")), false),
        (_, Value::Number(_)) => (json!(7), false),
        (_, Value::Array(_)) => (json!(["a", "b"]), false),
        (_, other) => panic!("{pointer}: {other}"),
    }
}

/// The line of a document's file at which a value begins: every member and element has one of its own.
fn line_of(value: &Value, pointer: &str) -> u64 {
    fn height(value: &Value) -> usize {
        match value {
            Value::Object(members) if !members.is_empty() => 2 + members.values().map(height).sum::<usize>(),
            Value::Array(elements) if !elements.is_empty() => 2 + elements.iter().map(height).sum::<usize>(),
            _ => 1,
        }
    }
    let (mut value, mut line) = (value, 1);
    for part in pointer.split('/').skip(1) {
        let above = |values: &mut dyn Iterator<Item = &Value>| values.map(height).sum::<usize>();
        let (next, before) = match value {
            Value::Object(members) => {
                let at = members.keys().position(|name| name == part).expect(pointer);
                (&members[part], above(&mut members.values().take(at)))
            }
            Value::Array(elements) => {
                let at: usize = part.parse().expect("an index");
                (&elements[at], above(&mut elements.iter().take(at)))
            }
            _ => panic!("{pointer}"),
        };
        (value, line) = (next, line + 1 + before);
    }
    u64::try_from(line).expect("small")
}

/// Changes each member in an app of its own, and returns the findings of drift by app.
fn drifted(project: &Project, fleet: &BTreeMap<String, Value>) -> BTreeMap<String, Vec<Map<String, Value>>> {
    for (app, answer) in fleet {
        project.file(&format!("recordings/{app}.json"), &answer.to_string());
    }
    let (_, report) = project.report(&["--rule", "drift/baseline"]);
    assert_eq!(report["summary"]["unaudited"], 0, "{:#}", report["targets"]);
    let mut found: BTreeMap<String, Vec<_>> = BTreeMap::new();
    for finding in report["findings"].as_array().expect("findings") {
        let app = finding["target"].as_str().and_then(|id| id.split('/').next()).expect("an app");
        found.entry(app.to_owned()).or_default().push(finding.as_object().expect("an object").clone());
    }
    found
}

#[test]
fn a_change_of_any_member_is_one_finding_at_its_line() {
    let project = Project::new(
        "[audit]\nbaseline = \"baseline\"\n[[source]]\nkind = \"recordings\"\npaths = [\"recordings/*.json\"]\n",
    );
    let mut pointers = Vec::new();
    leaves(&whole("d")[SETTINGS.trim_start_matches('/')], SETTINGS, &mut pointers);
    pointers.push("/NewAtTheRoot/a".to_owned());
    documented(&Outline::document(), "", &mut |pointer| {
        assert!(
            !pointer.starts_with(SETTINGS) || pointers.iter().any(|ours| ours == pointer),
            "{pointer} is not tried"
        );
    });
    let apps: BTreeMap<String, &String> =
        pointers.iter().enumerate().map(|(number, pointer)| (format!("d{number:02}"), pointer)).collect();
    let fleet: BTreeMap<String, Value> = apps.keys().map(|app| (app.clone(), whole(app))).collect();
    assert!(drifted_is_empty_after_a_snapshot(&project, &fleet));

    let changes: BTreeMap<&String, (Value, bool)> = apps
        .iter()
        .map(|(app, pointer)| (app, changed(pointer, fleet[app].pointer(pointer).expect("there"))))
        .collect();
    let edited = |value: &dyn Fn(&Value, &Value) -> Value| -> BTreeMap<String, Value> {
        let edit = |(app, pointer): (&String, &&String)| {
            let mut answer = fleet[app].clone();
            let place = answer.pointer_mut(pointer).expect("there");
            *place = value(place, &changes[app].0);
            (app.clone(), answer)
        };
        apps.iter().map(edit).collect()
    };

    let found = drifted(&project, &edited(&|_, new| new.clone()));
    for (app, pointer) in &apps {
        let [finding] = &found[app][..] else { panic!("{pointer}: {:#?}", found[app]) };
        assert_eq!(finding["path"], **pointer);
        let file = format!("baseline/{app}/prod/auth.json");
        let text = fs::read_to_string(project.path().join(&file)).expect("a file");
        let agreed: Value = serde_json::from_str(&text).expect("JSON");
        // Of a set, the first member that is gone; else the list.
        let old = agreed.pointer(pointer).expect("there");
        let gone = old.as_array().filter(|_| !pointer.ends_with("NewMember")).and_then(|members| {
            let new = changes[app].0.as_array().expect("a list");
            members.iter().position(|member| !new.contains(member))
        });
        let place = gone.map_or_else(|| (*pointer).clone(), |gone| format!("{pointer}/{gone}"));
        assert_eq!(finding["location"]["file"], file);
        assert_eq!(finding["location"]["line"], line_of(&agreed, &place), "{place}\n{text}");
        let severity = if changes[app].1 { "high" } else { "low" };
        assert_eq!(finding["severity"], severity, "{pointer}: {}", finding["message"]);
        assert!(!finding["message"].as_str().expect("text").contains("EXAMPLE-not-a-real"));
    }

    // The other way round: what is there now was agreed, and what was agreed is there.
    let agreed = edited(&|_, new| new.clone());
    assert!(drifted_is_empty_after_a_snapshot(&project, &agreed));
    let back = drifted(&project, &fleet);
    for (app, pointer) in &apps {
        let [finding] = &back[app][..] else { panic!("{pointer}: {:#?}", back[app]) };
        assert_eq!(finding["path"], **pointer);
        let (forth, back) = (&found[app][0], finding);
        assert_eq!((&forth["expected"], &forth["actual"]), (&back["actual"], &back["expected"]));
        // A secret that appears in an answer is out; another client is another one both ways.
        let is_weaker = pointer.starts_with(SOCIAL) && !pointer.ends_with("KeyId");
        let is_weaker = is_weaker
            || pointer.ends_with("AuthResources")
            || pointer.ends_with("URIs") && !forth["expected"].is_null();
        assert_eq!(back["severity"] == "high", is_weaker, "{pointer}: {}", back["message"]);
    }
}

fn drifted_is_empty_after_a_snapshot(project: &Project, fleet: &BTreeMap<String, Value>) -> bool {
    for (app, answer) in fleet {
        project.file(&format!("recordings/{app}.json"), &answer.to_string());
    }
    let run = project.audit(&["snapshot"]);
    assert_eq!(run.code, 0, "{}", run.stdout);
    drifted(project, fleet).is_empty()
}
