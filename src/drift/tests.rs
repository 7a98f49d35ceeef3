//! What is a change, at which pointer, and which way it goes.

use std::collections::BTreeSet;
use std::fmt::Write as _;
use std::sync::{Arc, LazyLock};

use proptest::prelude::*;
use proptest::sample::{Index, select};
use serde_json::{Map, json};

mod findings;

use super::*;
use crate::document::{Document, Outline, read};
use crate::location::{Location, Region};
use crate::target::{Stage, Target, TargetId};
use crate::untrusted::is_unprintable;

const CONSTRAINTS: &str = "/ResourceConfig/UserPoolConfigs/PasswordPolicy/AdditionalConstraints";
const DOMAIN: &str = "/ResourceConfig/UserPoolConfigs/OAuth/DomainPrefix";
const EMAIL: &str = "/ResourceConfig/UserPoolConfigs/VerificationMessage/EmailSettings/EmailMessage";
const GRANT: &str = "/ResourceConfig/UserPoolConfigs/OAuth/OAuthGrantType";
const IDENTITY_POOL: &str = "/ResourceConfig/IdentityPoolConfigs/IdentityPoolName";
const LENGTH: &str = "/ResourceConfig/UserPoolConfigs/PasswordPolicy/MinimumLength";
const LOGIN: &str = "/ResourceConfig/IdentityPoolConfigs/UnauthenticatedLogin";
const MFA: &str = "/ResourceConfig/UserPoolConfigs/Mfa";
const MFA_TYPES: &str = "/ResourceConfig/UserPoolConfigs/Mfa/Settings/MfaTypes";
const MODE: &str = "/ResourceConfig/UserPoolConfigs/Mfa/MFAMode";
const SCOPES: &str = "/ResourceConfig/UserPoolConfigs/OAuth/OAuthScopes";
const SECRET: &str = "/ResourceConfig/UserPoolConfigs/OAuth/SocialProviderSettings/Google/ClientSecret";
const SIGN_IN: &str = "/ResourceConfig/UserPoolConfigs/OAuth/RedirectSignInURIs";
const USER_POOL: &str = "/ResourceConfig/UserPoolConfigs/UserPoolName";

/// An answer that says something of every member.
fn answer() -> Value {
    let client = json!({"ClientId": "client", "ClientSecret": "hunter2"});
    let message = json!({
        "DeliveryMethod": "EMAIL",
        "EmailSettings": {"EmailMessage": "Your code is {####}", "EmailSubject": "Your code"},
        "SmsSettings": {"SmsMessage": "Your code is {####}"},
    });
    json!({
        "AppId": "d1", "BackendEnvironmentName": "prod", "ResourceName": "auth", "New~/Root": {"a": [1, 2]},
        "ResourceConfig": {
            "AuthResources": "IDENTITY_POOL_AND_USER_POOL",
            "IdentityPoolConfigs": {"IdentityPoolName": "shop__prod", "UnauthenticatedLogin": false},
            "Service": "COGNITO",
            "UserPoolConfigs": {
                "ForgotPassword": message,
                "Mfa": {"MFAMode": "ON", "Settings": {"MfaTypes": ["TOTP"], "SmsMessage": "{####}"}},
                "NewMember": {"a": {"b": 12}, "list": [1, "x"]},
                "OAuth": {
                    "DomainPrefix": "shop-prod", "OAuthGrantType": "CODE", "OAuthScopes": ["EMAIL", "OPENID"],
                    "RedirectSignInURIs": ["https://a.example/", "https://b.example/"],
                    "RedirectSignOutURIs": ["https://a.example/"],
                    "SocialProviderSettings": {
                        "Facebook": client, "Google": client, "LoginWithAmazon": client,
                        "SignInWithApple": {"ClientId": "client", "KeyId": "k", "PrivateKey": "hunter2", "TeamId": "t"},
                    },
                },
                "PasswordPolicy": {"AdditionalConstraints": ["REQUIRE_DIGIT", "REQUIRE_SYMBOL"], "MinimumLength": 12},
                "RequiredSignUpAttributes": ["EMAIL"], "SignInMethod": "EMAIL", "UserPoolName": "shop-prod",
                "VerificationMessage": message,
            },
        },
    })
}

fn target(environment: &str) -> Target {
    Target {
        id: TargetId::new("d1", environment, "auth"),
        account: Some("111122223333".to_owned()),
        region: Some("eu-west-1".to_owned()),
        app_id: "d1".to_owned(),
        app_name: Some("shop".to_owned()),
        environment: environment.to_owned(),
        resource: "auth".to_owned(),
        stage: Stage::Production,
        labels: [("team".to_owned(), "shop".to_owned()), ("a/b".to_owned(), "~".to_owned())].into(),
        source: "files".into(),
        declared: Location { file: "audit.toml".into(), region: Region::START },
    }
}

fn document(answer: &Value, target: Target) -> Value {
    let answer = read(answer.to_string().as_bytes()).expect("an answer");
    Document::new(answer, Arc::new(target), None).value().clone()
}

static FULL: LazyLock<Value> = LazyLock::new(|| document(&answer(), target("prod")));

/// The full document with another value at a pointer, whose last member need not be there.
fn with(pointer: &str, value: Value) -> Value {
    let mut document = FULL.clone();
    set(&mut document, pointer, value);
    document
}

fn set(document: &mut Value, pointer: &str, value: Value) {
    let (above, name) = pointer.rsplit_once('/').expect("a pointer");
    let above = document.pointer_mut(above).and_then(Value::as_object_mut).expect("an object above");
    above.insert(name.replace("~1", "/").replace("~0", "~"), value);
}

/// The one change between the full document and itself with another value at a pointer.
fn change(pointer: &str, expected: Value, actual: Value) -> Change {
    let mut changes = compare(&with(pointer, expected), &with(pointer, actual));
    assert_eq!(changes.len(), 1, "{pointer}: {changes:#?}");
    changes.remove(0)
}

fn paths(changes: &[Change]) -> Vec<&str> {
    changes.iter().map(|change| change.path.as_str()).collect()
}

/// Every place below one that is compared in two documents of one target.
fn places(outline: &Outline, at: &str, found: &mut Vec<(String, Outline)>) {
    let below: Vec<(String, &Outline)> = match outline {
        Outline::Object(members) => {
            members.iter().map(|(name, member)| ((*name).to_owned(), member)).collect()
        }
        Outline::Map(member) => ["team", "a~1b", "new"].map(|name| (name.to_owned(), &**member)).into(),
        _ => Vec::new(),
    };
    for (name, member) in below {
        let pointer = format!("{at}/{name}");
        let is_compared = !matches!(
            pointer.as_str(),
            "/SchemaVersion"
                | "/Origin"
                | "/Missing"
                | "/Unrecognised"
                | "/Target/Id"
                | "/Target/AppId"
                | "/Target/Environment"
                | "/Target/Resource"
        );
        if is_compared {
            found.push((pointer.clone(), member.clone()));
            places(member, &pointer, found);
        }
    }
}

static PLACES: LazyLock<Vec<(String, Outline)>> = LazyLock::new(|| {
    let mut found = Vec::new();
    places(&Outline::document(), "", &mut found);
    for undocumented in ["/New~0~1Root/a", "/Other", "/ResourceConfig/UserPoolConfigs/NewMember/a/b"] {
        found.push((undocumented.to_owned(), Outline::Text));
    }
    found
});

#[test]
fn every_member_that_changes_is_one_change_at_its_pointer() {
    assert!(PLACES.len() > 50, "{}", PLACES.len());
    for (pointer, outline) in &*PLACES {
        let was = FULL.pointer(pointer).cloned().unwrap_or(Value::Null);
        // A shape that no document has is a change of the whole, too.
        let mut others = vec![json!("another"), json!(["another"]), json!({"another": 1}), json!(7)];
        match outline {
            // Nothing to agree on.
            _ if ["/Target/Account", "/Target/Region", "/Target/AppName"].contains(&pointer.as_str()) => {}
            Outline::List(_) => others.push(json!([])),
            _ if was.is_null() => {}
            _ => others.push(Value::Null),
        }
        for other in others {
            let is_secret = was == "REDACTED";
            let is_object = was.is_object() && other.is_object();
            if (is_secret && !other.is_null()) || is_object {
                continue;
            }
            let changes = compare(&FULL, &with(pointer, other.clone()));
            assert_eq!(paths(&changes), [pointer], "{other}");
            let expected = match (&was, &other) {
                (Value::Array(was), Value::Array(other)) if matches!(outline, Outline::List(_)) => {
                    Difference::Members { missing: was.clone(), added: other.clone() }
                }
                _ => Difference::Value { expected: was.clone(), actual: other.clone() },
            };
            assert_eq!(changes[0].difference, expected, "{pointer}");
        }
    }
}

#[test]
fn a_member_that_is_left_out_of_the_answer_is_one_change_although_it_is_missing_too() {
    let mut left_out = 0;
    for (pointer, outline) in &*PLACES {
        if matches!(outline, Outline::Object(_)) || !pointer.starts_with("/ResourceConfig/") {
            continue;
        }
        let mut answer = answer();
        let (above, name) = pointer.rsplit_once('/').expect("a pointer");
        let above = answer.pointer_mut(above).and_then(Value::as_object_mut).expect("an object");
        above.shift_remove(name).expect("was there");
        let changes = compare(&FULL, &document(&answer, target("prod")));
        assert_eq!(paths(&changes), [pointer]);
        assert_eq!(changes[0].actual(), None, "{pointer}");
        left_out += 1;
    }
    assert!(left_out > 35, "{left_out}");
}

#[test]
fn what_is_missing_is_a_change_where_no_value_tells() {
    let mut absent = answer();
    absent["ResourceConfig"]["UserPoolConfigs"]["Mfa"] = Value::Null;
    let mut empty = absent.clone();
    empty["ResourceConfig"]["UserPoolConfigs"]["Mfa"] = json!({});
    let [absent, empty] = [absent, empty].map(|answer| document(&answer, target("prod")));
    let changes = compare(&absent, &empty);
    assert_eq!(paths(&changes), ["/Missing"]);
    assert_eq!(changes[0].actual(), Some(json!([MODE])));
    for (touched, other) in [(MODE, json!("OFF")), (MFA, json!(7))] {
        let mut empty = empty.clone();
        set(&mut empty, touched, other);
        assert_eq!(paths(&compare(&absent, &empty)), [touched]);
    }
    let below = with("/Missing", json!([format!("{MODE}/New")]));
    assert_eq!(paths(&compare(&below, &with(MODE, json!("OFF")))), [MODE]);
}

#[test]
fn what_a_source_may_not_know_of_a_target_is_compared_where_both_know_it() {
    for pointer in ["/Target/Account", "/Target/Region", "/Target/AppName"] {
        assert_eq!(compare(&FULL, &with(pointer, Value::Null)), []);
    }
    for (pointer, value) in [
        ("/SchemaVersion", json!(0)),
        ("/Origin", json!("elsewhere")),
        ("/Unrecognised", json!(["/New"])),
        ("/Target/AppId", json!("d2")),
    ] {
        assert_eq!(compare(&FULL, &with(pointer, value)), []);
    }
}

#[test]
fn a_document_that_does_not_say_whose_it_is_is_compared_strictly() {
    for broken in [Value::Null, json!(7), json!("d1/prod/auth")] {
        assert_eq!(paths(&compare(&FULL, &with("/Target", broken))), ["/Target"]);
    }
    let mut nobody = with("/Target/Id", Value::Null);
    set(&mut nobody, "/Target/Stage", json!("development"));
    set(&mut nobody, USER_POOL, json!("shop"));
    assert_eq!(paths(&compare(&FULL, &nobody)), ["/Target/Id", "/Target/Stage", USER_POOL]);
}

#[test]
fn what_is_no_document_is_a_difference() {
    for other in [Value::Null, json!(7), json!([])] {
        let changes = compare(&FULL, &other);
        assert_eq!(paths(&changes), [""]);
        assert!(changes[0].weakens);
    }
}

#[test]
fn names_with_their_own_environment_at_the_end_are_equal_in_two_targets() {
    for (pointer, expected, actual, is_equal) in [
        (USER_POOL, "shop-prod", "shop-dev", true),
        (USER_POOL, "shop-prod", "shop", true),
        (USER_POOL, "shop", "shop-dev", true),
        (USER_POOL, "shop-prod", "shop-prod-dev", true),
        (USER_POOL, "shop-prod", "other-dev", false),
        (USER_POOL, "shop-dev", "shop-prod", false),
        (USER_POOL, "shop-prod", "shop-devel", false),
        (USER_POOL, "shop__prod", "shop__dev", false),
        (USER_POOL, "-prod", "-dev", false),
        (DOMAIN, "shop-prod", "shop-dev", true),
        (IDENTITY_POOL, "shop__prod", "shop__dev", true),
        (IDENTITY_POOL, "shop-prod", "shop-dev", false),
        (GRANT, "CODE-prod", "CODE-dev", false),
    ] {
        let (mut was, mut is) = (FULL.clone(), document(&answer(), target("dev")));
        for pointer in [USER_POOL, DOMAIN, IDENTITY_POOL] {
            set(&mut is, pointer, FULL.pointer(pointer).expect("there").clone());
        }
        set(&mut is, "/Target/Stage", json!("development"));
        assert_eq!(compare(&was, &is), [], "nothing of the target is compared");
        set(&mut was, pointer, json!(expected));
        set(&mut is, pointer, json!(actual));
        let expected_paths = if is_equal { vec![] } else { vec![pointer] };
        assert_eq!(paths(&compare(&was, &is)), expected_paths, "{expected} and {actual}");
        set(&mut is, "/Target/Id", FULL["Target"]["Id"].clone());
        assert!(paths(&compare(&was, &is)).contains(&pointer), "one target has one environment");
    }
}

/// For every row of the table: values from the strongest to the weakest, those of one step as strong as each other,
/// and one of which nobody knows how strong it is.
fn steps() -> Vec<(&'static str, Value, Option<Value>)> {
    let uris = json!([[[], null], [["A"]], [["B", "A"]]]);
    let media = json!([["EMAIL", null], ["SMS"]]);
    let mut steps = vec![
        (
            "/Target/Stage",
            json!([["production", "unknown"], ["staging", "development"]]),
            Some(json!("prod")),
        ),
        (
            "/ResourceConfig/AuthResources",
            json!([["USER_POOL_ONLY", null], ["IDENTITY_POOL_AND_USER_POOL"]]),
            Some(json!("ALL")),
        ),
        (LOGIN, json!([[false], [null], [true]]), Some(json!("maybe"))),
        (
            "/ResourceConfig/UserPoolConfigs/ForgotPassword/DeliveryMethod",
            media.clone(),
            Some(json!("PIGEON")),
        ),
        ("/ResourceConfig/UserPoolConfigs/VerificationMessage/DeliveryMethod", media, Some(json!(["SMS"]))),
        (MODE, json!([["ON"], ["OPTIONAL"], ["OFF"], [null]]), Some(json!("SOMETIMES"))),
        (MFA_TYPES, json!([[["TOTP"]], [["TOTP", "SMS"]], [["SMS"]]]), None),
        (GRANT, json!([["CODE", null], ["IMPLICIT"]]), Some(json!("NEW"))),
        (SCOPES, uris.clone(), None),
        (SIGN_IN, uris.clone(), None),
        ("/ResourceConfig/UserPoolConfigs/OAuth/RedirectSignOutURIs", uris, None),
        (CONSTRAINTS, json!([[["A", "B"]], [["A"]], [[], null]]), None),
        (LENGTH, json!([[12], [8.5], [6]]), None),
        (
            "/ResourceConfig/UserPoolConfigs/SignInMethod",
            json!([["EMAIL", "USERNAME", null], ["PHONE_NUMBER", "EMAIL_AND_PHONE_NUMBER"]]),
            Some(json!("FAX")),
        ),
    ];
    steps.push((
        "/ResourceConfig/UserPoolConfigs/RequiredSignUpAttributes",
        json!([[["EMAIL", "NAME"], ["EMAIL"]], [["NAME"], []]]),
        None,
    ));
    for pointer in [EMAIL, "/ResourceConfig/UserPoolConfigs/VerificationMessage/SmsSettings/SmsMessage"] {
        steps.push((pointer, json!([["{####}", "code {####}"], ["code", null]]), None));
    }
    for (pointer, _) in table().filter(|(pointer, _)| pointer.contains("/SocialProviderSettings/")) {
        steps.push((pointer, json!([[null, ""], ["REDACTED"]]), None));
    }
    steps
}

#[test]
fn a_change_weakens_on_the_way_down_only() {
    let rows: BTreeSet<_> = table().map(|(pointer, _)| pointer).collect();
    assert_eq!(steps().iter().map(|(pointer, ..)| *pointer).collect::<BTreeSet<_>>(), rows);
    for (pointer, steps, unknown) in steps() {
        let steps = steps.as_array().expect("steps").iter().enumerate();
        let values: Vec<(usize, &Value)> = steps
            .flat_map(|(step, values)| {
                values.as_array().expect("values").iter().map(move |value| (step, value))
            })
            .collect();
        for (from, was) in &values {
            for (to, is) in values.iter().filter(|(_, is)| is != was) {
                let change = change(pointer, (*was).clone(), (*is).clone());
                assert_eq!(change.weakens, to > from, "{pointer}: {was} → {is}");
            }
        }
        if let Some(unknown) = unknown {
            for (step, value) in &values {
                assert!(
                    change(pointer, (*value).clone(), unknown.clone()).weakens,
                    "{pointer}: {value} → {unknown}"
                );
                let back = change(pointer, unknown.clone(), (*value).clone());
                assert_eq!(back.weakens, *step > 0, "{pointer}: {unknown} → {value}");
            }
        }
    }
}

#[test]
fn a_change_weakens_where_the_table_says_so_and_nowhere_else() {
    let weak = [
        (MFA_TYPES, json!(["SMS"]), json!([])),
        (MFA_TYPES, json!([]), json!(["EMAIL"])),
        (LENGTH, json!(12), json!(null)),
        (LENGTH, json!(12), json!("12")),
        (LENGTH, json!("long"), json!(12)),
        (SIGN_IN, json!(["https://a"]), json!(["https://b"])),
        (SIGN_IN, json!([]), json!("https://b")),
        (CONSTRAINTS, json!(["REQUIRE_DIGIT"]), json!(7)),
        (
            "/ResourceConfig/UserPoolConfigs/OAuth/SocialProviderSettings/Google/ClientId",
            json!("a"),
            json!("b"),
        ),
        // A whole object that is gone takes its members with it.
        (MFA, FULL.pointer(MFA).expect("there").clone(), json!(null)),
        ("/ResourceConfig", FULL["ResourceConfig"].clone(), json!(null)),
    ];
    let harmless = [
        (MFA_TYPES, json!([]), json!(["TOTP"])),
        (MFA_TYPES, json!(["SMS", "TOTP"]), json!(["TOTP"])),
        (LENGTH, json!(null), json!(6)),
        (LENGTH, json!(12), json!(13)),
        (USER_POOL, json!("a"), json!("b")),
        (EMAIL, json!("a"), json!(null)),
        (MFA, json!(null), FULL.pointer(MFA).expect("there").clone()),
        ("/ResourceConfig/UserPoolConfigs/MfaNew", json!("ON"), json!("OFF")),
        ("/ResourceConfig/Service", json!("COGNITO"), json!(null)),
    ];
    for (cases, weakens) in [(weak.as_slice(), true), (&harmless, false)] {
        for (pointer, was, is) in cases {
            let change = change(pointer, was.clone(), is.clone());
            assert_eq!(change.weakens, weakens, "{pointer}: {was} → {is}");
            assert_eq!(change.severity(), if weakens { Severity::High } else { Severity::Low });
        }
    }
}

#[test]
fn a_change_that_does_nothing_weakens_nothing() {
    let weakens = |was: &Value, is: &Value, pointer| {
        compare(was, is).into_iter().find(|change| change.path == pointer).expect("changed").weakens
    };
    let mut off = with(MODE, json!("OFF"));
    let was = off.clone();
    set(&mut off, MFA_TYPES, json!(["SMS"]));
    assert!(!weakens(&was, &off, MFA_TYPES));
    assert!(weakens(&FULL, &with(MFA_TYPES, json!(["SMS"])), MFA_TYPES));

    let mut no_pool = with("/ResourceConfig/AuthResources", json!("USER_POOL_ONLY"));
    set(&mut no_pool, LOGIN, Value::Null);
    assert!(weakens(&FULL, &no_pool, LOGIN), "a name speaks of a pool");
    set(&mut no_pool, IDENTITY_POOL, Value::Null);
    assert!(!weakens(&FULL, &no_pool, LOGIN));
    set(&mut no_pool, LOGIN, json!(true));
    assert!(weakens(&FULL, &no_pool, LOGIN));
}

#[test]
fn every_row_leads_to_a_member_that_changes_by_itself() {
    for (pointer, words) in table() {
        assert!(PLACES.iter().any(|(place, _)| place == pointer), "{pointer}");
        assert!(!words.is_empty() && !words.contains(is_unprintable), "{words}");
    }
}

#[test]
fn messages_say_what_replaced_what() {
    let long = |end: &str| format!("{}{end}", "Your code is {####}. ".repeat(20));
    for (pointer, was, is, message) in [
        (GRANT, json!("CODE"), json!("IMPLICIT"), "weaker: `IMPLICIT` replaced `CODE`"),
        (GRANT, json!(null), json!("CODE"), "`CODE` where nothing was"),
        (GRANT, json!("CODE"), json!(null), "`CODE` is gone"),
        (LENGTH, json!(12), json!(8), "weaker: `8` replaced `12`"),
        (LENGTH, json!(8), json!(12.5), "`12.5` replaced `8`"),
        (LOGIN, json!(true), json!(false), "`false` replaced `true`"),
        (LOGIN, json!(false), json!("false"), "weaker: `\"false\"` replaced `false`"),
        (EMAIL, json!("a"), json!(""), "`\"\"` replaced `a`"),
        (
            SIGN_IN,
            json!(["https://c"]),
            json!(["http://b", "http://a"]),
            "weaker: added `http://a`, `http://b`; removed `https://c`",
        ),
        (
            SIGN_IN,
            json!(["a", "b", "c", "d", "e", "f", "g"]),
            json!([]),
            "removed `a`, `b`, `c`, `d`, `e` and 2 more",
        ),
        (CONSTRAINTS, json!([]), json!(["REQUIRE_DIGIT"]), "added `REQUIRE_DIGIT`"),
        (SECRET, json!(null), json!("hunter2"), "weaker: a secret is set where there was none"),
        (SECRET, json!("hunter2"), json!(""), "the secret is gone"),
        ("/Target/Labels/api~0token", json!(null), json!("x"), "a secret is set where there was none"),
        ("/Target/Labels/api~0token", json!("y"), json!("x"), "another secret is set"),
        ("/ResourceConfig/UserPoolConfigs/N", json!({"a": 1}), json!([1]), "`[1]` replaced `{\"a\":1}`"),
        (EMAIL, json!("a\u{1b}[0m\n"), json!(null), "`a\\u{1b}[0m\\u{a}` is gone"),
        (
            EMAIL,
            json!(long("Yours")),
            json!(long("Ours")),
            "`…our code is {####}. Ours` replaced `…our code is {####}. Yours`",
        ),
    ] {
        assert_eq!(change(pointer, was, is).message(), message);
    }
    let shown = change(EMAIL, json!("x".repeat(500)), Value::Null).message();
    assert_eq!(shown, format!("`{}…` is gone", "x".repeat(80)));
}

#[test]
fn what_a_finding_has_is_never_null() {
    let gone = change(GRANT, json!("CODE"), Value::Null);
    assert_eq!((gone.expected(), gone.actual()), (Some(json!("CODE")), None));
    let added = change(SCOPES, json!(["EMAIL"]), json!(["EMAIL", "PHONE"]));
    assert_eq!((added.expected(), added.actual()), (None, Some(json!(["PHONE"]))));
}

#[test]
fn numbers_are_equal_by_value() {
    for (a, b, is_equal) in [
        (json!(12), json!(12.0), true),
        (json!(0), json!(-0.0), true),
        (json!(u64::MAX), json!(u64::MAX - 1), false),
        (json!(9_007_199_254_740_993_u64), json!(9_007_199_254_740_992.0), false),
        (json!(1e300), json!(u64::MAX), false),
        (json!(8), json!(8.5), false),
    ] {
        let nested = |number: &Value| json!({"list": [number.clone(), {"n": number}]});
        let changes = compare(&with(LENGTH, a.clone()), &with(LENGTH, b.clone()));
        assert_eq!(changes.is_empty(), is_equal, "{a} and {b}");
        let changes = compare(&with("/New", nested(&a)), &with("/New", nested(&b)));
        assert_eq!(changes.is_empty(), is_equal, "{a} and {b}");
    }
}

#[test]
fn secrets_are_told_apart_by_whether_there_is_one() {
    for (pointer, a, b) in [
        (SECRET, json!("REDACTED"), json!("hunter2")),
        (SECRET, json!("hunter2"), json!({"a": 1})),
        ("/New", json!({"a": {"api_token": "x"}}), json!({"a": {"api_token": ["y"]}})),
        (SCOPES, json!([{"token": "x"}]), json!([{"token": "y"}])),
    ] {
        assert_eq!(compare(&with(pointer, a), &with(pointer, b)), [], "{pointer}");
    }
    let policy = "/ResourceConfig/UserPoolConfigs/PasswordPolicy";
    let change = change(policy, json!({"MinimumLength": 8}), json!(null));
    assert_eq!(change.expected(), Some(json!({"MinimumLength": 8})), "a name that only speaks of secrets");
}

#[test]
fn rules_are_named_and_explained() {
    for (rule, id) in [
        (rules::baseline(), "drift/baseline"),
        (rules::environment(), "drift/environment"),
        (rules::untracked(), "drift/untracked"),
    ] {
        assert_eq!((rule.id.as_str(), rule.severity), (id, Severity::Low));
        assert!(
            !rule.title.ends_with('.') && rule.description.ends_with('.') && rule.remediation.ends_with('.')
        );
    }
}

/// Any JSON, with members and texts that mean something here among the rest.
fn any_json() -> impl Strategy<Value = Value> {
    let name = prop_oneof![
        select(&["ClientSecret", "Id", "a/b", "~", "token", ""][..]).prop_map(str::to_owned),
        "\\PC{0,3}"
    ];
    let text = prop_oneof![
        select(
            &["CODE", "IMPLICIT", "ON", "OFF", "TOTP", "SMS", "REDACTED", "production", "staging", ""][..]
        )
        .prop_map(str::to_owned),
        ".{0,100}",
    ];
    let scalar = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        (-3_i64..15).prop_map(Value::from),
        any::<f64>().prop_map(Value::from),
        text.prop_map(Value::from),
    ];
    scalar.prop_recursive(4, 24, 4, move |inner| {
        prop_oneof![
            proptest::collection::vec(inner.clone(), 0..5).prop_map(Value::from),
            proptest::collection::vec((name.clone(), inner), 0..5)
                .prop_map(|members| Value::Object(members.into_iter().collect::<Map<_, _>>())),
        ]
    })
}

/// A document to which anything was done by hand.
fn edited() -> impl Strategy<Value = Value> {
    let anywhere = PLACES.iter().map(|(pointer, _)| pointer.clone());
    let rest = ["/Missing", "/Unrecognised", "/Target/Id", "/Target/Environment", "/Target/Labels/token"];
    let pointers: Vec<String> = anywhere.chain(rest.map(str::to_owned)).collect();
    let edit = (any::<Index>(), any_json());
    (proptest::bool::ANY, proptest::collection::vec(edit, 0..6)).prop_map(move |(is_dev, edits)| {
        let mut value = if is_dev { document(&answer(), target("dev")) } else { FULL.clone() };
        for (index, new) in edits {
            let pointer = index.get(&pointers);
            let (above, _) = pointer.rsplit_once('/').expect("a pointer");
            if value.pointer(above).is_some_and(Value::is_object) {
                set(&mut value, pointer, new);
            }
        }
        value
    })
}

/// Turns the members of every object and of every documented list around and says some of the latter twice.
fn turned_around(value: &Value, outline: Option<&Outline>, twice: usize) -> Value {
    match (outline, value) {
        (Some(Outline::List(_)), Value::Array(list)) => {
            list.iter().rev().chain(list.iter().take(twice)).cloned().collect()
        }
        (_, Value::Object(object)) => {
            let below = |name: &str| match outline {
                Some(Outline::Object(members)) => {
                    members.iter().find(|(known, _)| *known == name).map(|found| &found.1)
                }
                _ => None,
            };
            let members = object.iter().rev();
            members.map(|(name, value)| (name.clone(), turned_around(value, below(name), twice))).collect()
        }
        (_, other) => other.clone(),
    }
}

proptest! {
    #[test]
    fn a_document_is_equal_to_itself_in_any_order(document in edited(), twice in 0_usize..4) {
        let outline = Outline::document();
        prop_assert_eq!(compare(&document, &turned_around(&document, Some(&outline), twice)), vec![]);
    }

    #[test]
    fn the_other_way_round_is_the_same_with_the_sides_exchanged(
        (a, b) in prop_oneof![(edited(), edited()), (any_json(), any_json()), (edited(), any_json())],
    ) {
        let back = compare(&b, &a).into_iter().map(|change| {
            let difference = match change.difference {
                Difference::Value { expected, actual } => Difference::Value { expected: actual, actual: expected },
                Difference::Members { missing, added } => Difference::Members { missing: added, added: missing },
            };
            (change.path, difference)
        });
        let there = compare(&a, &b).into_iter().map(|change| (change.path, change.difference));
        prop_assert_eq!(there.collect::<Vec<_>>(), back.collect::<Vec<_>>());
    }

    #[test]
    fn each_place_changes_once_in_one_printable_line(a in edited(), b in edited()) {
        let changes = compare(&a, &b);
        prop_assert_eq!(paths(&changes).into_iter().collect::<BTreeSet<_>>().len(), changes.len());
        for change in &changes {
            let message = change.message();
            prop_assert!(!message.contains(is_unprintable), "{}", message);
            prop_assert!(message.chars().count() < 12_000 && !message.ends_with('.'));
            prop_assert!(change.expected() != Some(Value::Null) && change.actual() != Some(Value::Null));
            prop_assert!(change.expected().is_some() || change.actual().is_some());
        }
    }

    #[test]
    fn a_secret_is_nowhere(
        places in proptest::collection::vec((any::<Index>(), any::<bool>(), 0_usize..5), 1..4), other in edited(),
    ) {
        const HIDDEN: &str = "hunter2-4711";
        let mut hiding = FULL.clone();
        for (index, deep, shape) in places {
            let (pointer, outline) = index.get(&PLACES[..]);
            let secret = [json!(HIDDEN), json!([HIDDEN]), json!({HIDDEN: HIDDEN}), json!([[{"a": HIDDEN}]]), json!([{"x": [HIDDEN]}])][shape].clone();
            let named = json!({"my api-Token": secret, "b": 1});
            let value = if deep { json!({"list": [1, [named]]}) } else { named };
            let value = if matches!(outline, Outline::List(_)) { json!([value]) } else { value };
            let (above, _) = pointer.rsplit_once('/').expect("a pointer");
            if hiding.pointer(above).is_some_and(Value::is_object) {
                set(&mut hiding, pointer, value);
            }
        }
        set_if_there(&mut hiding, SECRET, json!(HIDDEN));
        let mut shown = String::new();
        for (a, b) in [(&hiding, &other), (&other, &hiding), (&hiding, &*FULL), (&hiding, &Value::Null)] {
            for change in compare(a, b) {
                write!(shown, "{change:?} {}", change.message()).expect("a String");
                write!(shown, "{:?} {:?}", change.expected(), change.actual()).expect("a String");
            }
        }
        prop_assert!(!shown.is_empty() && !shown.contains(HIDDEN));
    }
}

fn set_if_there(document: &mut Value, pointer: &str, value: Value) {
    if let Some(there) = document.pointer_mut(pointer) {
        *there = value;
    }
}
