//! Rules 1 to 7 of a document, over every member of the API.

use std::collections::BTreeMap;
use std::hash::{DefaultHasher, Hash as _, Hasher as _};
use std::sync::Arc;

use proptest::prelude::*;
use proptest::sample::{Index, select};
use serde_json::{Map, Value, json};

mod stored;

use super::*;
use crate::location::Region;
use crate::target::{Cause, Stage, TargetId};

/// What a member holds, and the values that the API documents.
enum Kind {
    Object,
    Text,
    Secret,
    Flag,
    Length,
    OneOf(&'static [&'static str]),
    SetOf(&'static [&'static str]),
    Texts,
}
use Kind::{Flag, Length, Object, OneOf, Secret, SetOf, Text, Texts};

struct Member {
    pointer: &'static str,
    wire: &'static str,
    required: bool,
    kind: Kind,
}

const fn must(pointer: &'static str, wire: &'static str, kind: Kind) -> Member {
    Member { pointer, wire, required: true, kind }
}

const fn may(pointer: &'static str, wire: &'static str, kind: Kind) -> Member {
    Member { pointer, wire, required: false, kind }
}

/// `GetBackendAuthResponse` of botocore 1.43.11 (`amplifybackend/2020-08-11`), written down a second time:
/// a member that `schema` loses, or misspells, fails here.
const API: &[Member] = &[
    may("/AppId", "appId", Text),
    may("/BackendEnvironmentName", "backendEnvironmentName", Text),
    may("/ResourceName", "resourceName", Text),
    may("/ResourceConfig", "resourceConfig", Object),
    must(
        "/ResourceConfig/AuthResources",
        "authResources",
        OneOf(&["USER_POOL_ONLY", "IDENTITY_POOL_AND_USER_POOL"]),
    ),
    may("/ResourceConfig/IdentityPoolConfigs", "identityPoolConfigs", Object),
    must("/ResourceConfig/IdentityPoolConfigs/IdentityPoolName", "identityPoolName", Text),
    must("/ResourceConfig/IdentityPoolConfigs/UnauthenticatedLogin", "unauthenticatedLogin", Flag),
    must("/ResourceConfig/Service", "service", OneOf(&["COGNITO"])),
    must("/ResourceConfig/UserPoolConfigs", "userPoolConfigs", Object),
    may("/ResourceConfig/UserPoolConfigs/ForgotPassword", "forgotPassword", Object),
    must(
        "/ResourceConfig/UserPoolConfigs/ForgotPassword/DeliveryMethod",
        "deliveryMethod",
        OneOf(&["EMAIL", "SMS"]),
    ),
    may("/ResourceConfig/UserPoolConfigs/ForgotPassword/EmailSettings", "emailSettings", Object),
    may("/ResourceConfig/UserPoolConfigs/ForgotPassword/EmailSettings/EmailMessage", "emailMessage", Text),
    may("/ResourceConfig/UserPoolConfigs/ForgotPassword/EmailSettings/EmailSubject", "emailSubject", Text),
    may("/ResourceConfig/UserPoolConfigs/ForgotPassword/SmsSettings", "smsSettings", Object),
    may("/ResourceConfig/UserPoolConfigs/ForgotPassword/SmsSettings/SmsMessage", "smsMessage", Text),
    may("/ResourceConfig/UserPoolConfigs/Mfa", "mfa", Object),
    must("/ResourceConfig/UserPoolConfigs/Mfa/MFAMode", "MFAMode", OneOf(&["ON", "OFF", "OPTIONAL"])),
    may("/ResourceConfig/UserPoolConfigs/Mfa/Settings", "settings", Object),
    may("/ResourceConfig/UserPoolConfigs/Mfa/Settings/MfaTypes", "mfaTypes", SetOf(&["SMS", "TOTP"])),
    may("/ResourceConfig/UserPoolConfigs/Mfa/Settings/SmsMessage", "smsMessage", Text),
    may("/ResourceConfig/UserPoolConfigs/OAuth", "oAuth", Object),
    may("/ResourceConfig/UserPoolConfigs/OAuth/DomainPrefix", "domainPrefix", Text),
    must(
        "/ResourceConfig/UserPoolConfigs/OAuth/OAuthGrantType",
        "oAuthGrantType",
        OneOf(&["CODE", "IMPLICIT"]),
    ),
    must(
        "/ResourceConfig/UserPoolConfigs/OAuth/OAuthScopes",
        "oAuthScopes",
        SetOf(&["PHONE", "EMAIL", "OPENID", "PROFILE", "AWS_COGNITO_SIGNIN_USER_ADMIN"]),
    ),
    must("/ResourceConfig/UserPoolConfigs/OAuth/RedirectSignInURIs", "redirectSignInURIs", Texts),
    must("/ResourceConfig/UserPoolConfigs/OAuth/RedirectSignOutURIs", "redirectSignOutURIs", Texts),
    may("/ResourceConfig/UserPoolConfigs/OAuth/SocialProviderSettings", "socialProviderSettings", Object),
    may("/ResourceConfig/UserPoolConfigs/OAuth/SocialProviderSettings/Facebook", "Facebook", Object),
    may("/ResourceConfig/UserPoolConfigs/OAuth/SocialProviderSettings/Facebook/ClientId", "client_id", Text),
    may(
        "/ResourceConfig/UserPoolConfigs/OAuth/SocialProviderSettings/Facebook/ClientSecret",
        "client_secret",
        Secret,
    ),
    may("/ResourceConfig/UserPoolConfigs/OAuth/SocialProviderSettings/Google", "Google", Object),
    may("/ResourceConfig/UserPoolConfigs/OAuth/SocialProviderSettings/Google/ClientId", "client_id", Text),
    may(
        "/ResourceConfig/UserPoolConfigs/OAuth/SocialProviderSettings/Google/ClientSecret",
        "client_secret",
        Secret,
    ),
    may(
        "/ResourceConfig/UserPoolConfigs/OAuth/SocialProviderSettings/LoginWithAmazon",
        "LoginWithAmazon",
        Object,
    ),
    may(
        "/ResourceConfig/UserPoolConfigs/OAuth/SocialProviderSettings/LoginWithAmazon/ClientId",
        "client_id",
        Text,
    ),
    may(
        "/ResourceConfig/UserPoolConfigs/OAuth/SocialProviderSettings/LoginWithAmazon/ClientSecret",
        "client_secret",
        Secret,
    ),
    may(
        "/ResourceConfig/UserPoolConfigs/OAuth/SocialProviderSettings/SignInWithApple",
        "SignInWithApple",
        Object,
    ),
    may(
        "/ResourceConfig/UserPoolConfigs/OAuth/SocialProviderSettings/SignInWithApple/ClientId",
        "client_id",
        Text,
    ),
    may("/ResourceConfig/UserPoolConfigs/OAuth/SocialProviderSettings/SignInWithApple/KeyId", "key_id", Text),
    may(
        "/ResourceConfig/UserPoolConfigs/OAuth/SocialProviderSettings/SignInWithApple/PrivateKey",
        "private_key",
        Secret,
    ),
    may(
        "/ResourceConfig/UserPoolConfigs/OAuth/SocialProviderSettings/SignInWithApple/TeamId",
        "team_id",
        Text,
    ),
    may("/ResourceConfig/UserPoolConfigs/PasswordPolicy", "passwordPolicy", Object),
    may(
        "/ResourceConfig/UserPoolConfigs/PasswordPolicy/AdditionalConstraints",
        "additionalConstraints",
        SetOf(&["REQUIRE_DIGIT", "REQUIRE_LOWERCASE", "REQUIRE_SYMBOL", "REQUIRE_UPPERCASE"]),
    ),
    must("/ResourceConfig/UserPoolConfigs/PasswordPolicy/MinimumLength", "minimumLength", Length),
    must(
        "/ResourceConfig/UserPoolConfigs/RequiredSignUpAttributes",
        "requiredSignUpAttributes",
        SetOf(&[
            "ADDRESS",
            "BIRTHDATE",
            "EMAIL",
            "FAMILY_NAME",
            "GENDER",
            "GIVEN_NAME",
            "LOCALE",
            "MIDDLE_NAME",
            "NAME",
            "NICKNAME",
            "PHONE_NUMBER",
            "PICTURE",
            "PREFERRED_USERNAME",
            "PROFILE",
            "UPDATED_AT",
            "WEBSITE",
            "ZONE_INFO",
        ]),
    ),
    must(
        "/ResourceConfig/UserPoolConfigs/SignInMethod",
        "signInMethod",
        OneOf(&["EMAIL", "EMAIL_AND_PHONE_NUMBER", "PHONE_NUMBER", "USERNAME"]),
    ),
    must("/ResourceConfig/UserPoolConfigs/UserPoolName", "userPoolName", Text),
    may("/ResourceConfig/UserPoolConfigs/VerificationMessage", "verificationMessage", Object),
    must(
        "/ResourceConfig/UserPoolConfigs/VerificationMessage/DeliveryMethod",
        "deliveryMethod",
        OneOf(&["EMAIL", "SMS"]),
    ),
    may("/ResourceConfig/UserPoolConfigs/VerificationMessage/EmailSettings", "emailSettings", Object),
    may(
        "/ResourceConfig/UserPoolConfigs/VerificationMessage/EmailSettings/EmailMessage",
        "emailMessage",
        Text,
    ),
    may(
        "/ResourceConfig/UserPoolConfigs/VerificationMessage/EmailSettings/EmailSubject",
        "emailSubject",
        Text,
    ),
    may("/ResourceConfig/UserPoolConfigs/VerificationMessage/SmsSettings", "smsSettings", Object),
    may("/ResourceConfig/UserPoolConfigs/VerificationMessage/SmsSettings/SmsMessage", "smsMessage", Text),
];

/// As many choices as the longest list of documented values has, and one for all of them at once.
const CHOICES: usize = 18;

const LENGTH: &str = "/ResourceConfig/UserPoolConfigs/PasswordPolicy/MinimumLength";
const SCOPES: &str = "/ResourceConfig/UserPoolConfigs/OAuth/OAuthScopes";
const SIGN_IN: &str = "/ResourceConfig/UserPoolConfigs/OAuth/RedirectSignInURIs";
const MODE: &str = "/ResourceConfig/UserPoolConfigs/Mfa/MFAMode";
const GOOGLE: &str = "/ResourceConfig/UserPoolConfigs/OAuth/SocialProviderSettings/Google";
const APPLE: &str = "/ResourceConfig/UserPoolConfigs/OAuth/SocialProviderSettings/SignInWithApple";

impl Member {
    fn name(&self) -> &'static str {
        self.pointer.rsplit_once('/').expect("a pointer").1
    }

    fn parent(&self) -> &'static str {
        parent(self.pointer)
    }

    /// A value of the API, with everything that may be in any order in the wrong one.
    fn given(&self, choice: usize) -> Value {
        match self.kind {
            Object => unreachable!("built from its members"),
            Text | Secret => json!(format!("{} “Grüße {choice}” 😀", self.name())),
            Flag => json!(choice.is_multiple_of(2)),
            Length => json!(6.0 + f64::from(u8::try_from(choice).expect("small"))),
            OneOf(values) => json!(values[choice % values.len()]),
            SetOf(values) if choice == 0 => {
                values.iter().rev().chain(values).map(|value| json!(value)).collect()
            }
            SetOf(values) => json!([values[(choice - 1) % values.len()]]),
            Texts => json!(["https://b.example/ü", "https://a.example/😀", "https://b.example/ü"]),
        }
    }

    /// What a document makes of it.
    fn normal(&self, choice: usize) -> Value {
        match self.kind {
            Object | Text | Flag | OneOf(_) => self.given(choice),
            Secret => json!("REDACTED"),
            Length => json!(6 + choice),
            SetOf(_) | Texts => {
                let mut texts: Vec<_> = strings(&self.given(choice));
                texts.sort();
                texts.dedup();
                json!(texts)
            }
        }
    }

    /// What stands in a document where it is absent.
    fn absent(&self) -> Value {
        match self.kind {
            Object => built(self.pointer, &|member| Some((member.name().to_owned(), member.absent()))),
            SetOf(_) | Texts => json!([]),
            Text | Secret | Flag | Length | OneOf(_) => Value::Null,
        }
    }
}

fn parent(pointer: &str) -> &str {
    pointer.rsplit_once('/').expect("a pointer").0
}

fn strings(list: &Value) -> Vec<String> {
    list.as_array().expect("a list").iter().map(|text| text.as_str().expect("a text").to_owned()).collect()
}

fn of_api(pointer: &str) -> &'static Member {
    API.iter().find(|member| member.pointer == pointer).expect("in the API")
}

/// The object at `pointer`, of the members that `entry` gives a name and a value.
fn built(pointer: &str, entry: &dyn Fn(&Member) -> Option<(String, Value)>) -> Value {
    Value::Object(API.iter().filter(|member| member.parent() == pointer).filter_map(entry).collect())
}

/// An answer with every member, each as `spell` spells it.
fn answer(choice: usize, spell: &dyn Fn(&Member) -> &'static str) -> Value {
    fn below(pointer: &str, choice: usize, spell: &dyn Fn(&Member) -> &'static str) -> Value {
        built(pointer, &|member| {
            let value = match member.kind {
                Object => below(member.pointer, choice, spell),
                _ => member.given(choice),
            };
            Some((spell(member).to_owned(), value))
        })
    }
    below("", choice, spell)
}

fn in_cli_casing(choice: usize) -> Value {
    answer(choice, &Member::name)
}

fn in_wire_casing(choice: usize) -> Value {
    answer(choice, &|member| member.wire)
}

/// The settings that a document of a full answer holds.
fn settings(choice: usize) -> Value {
    fn below(pointer: &str, choice: usize) -> Value {
        built(pointer, &|member| {
            let value = match member.kind {
                Object => below(member.pointer, choice),
                _ => member.normal(choice),
            };
            Some((member.name().to_owned(), value))
        })
    }
    below("/ResourceConfig", choice)
}

/// As the AWS CLI prints it.
fn printed(value: &Value) -> String {
    let mut text = Vec::new();
    let format = serde_json::ser::PrettyFormatter::with_indent(b"    ");
    let mut serializer = serde_json::Serializer::with_formatter(&mut text, format);
    serde::Serialize::serialize(value, &mut serializer).expect("serialises");
    String::from_utf8(text).expect("JSON is UTF-8") + "\n"
}

fn target() -> Arc<Target> {
    Arc::new(Target {
        id: TargetId::new("d1", "prod", "auth"),
        account: None,
        region: None,
        app_id: "d1".to_owned(),
        app_name: None,
        environment: "prod".to_owned(),
        resource: "auth".to_owned(),
        stage: Stage::Production,
        labels: BTreeMap::new(),
        source: "files".into(),
        declared: Location { file: "audit.toml".into(), region: at_line(3) },
    })
}

fn at_line(line: u32) -> Region {
    Region { line, column: 1, end_line: line, end_column: 9 }
}

fn document_of(text: &str) -> Document {
    let answer = read(text.as_bytes()).unwrap_or_else(|error| panic!("{error}\n{text}"));
    Document::new(answer, target(), Some("answer.json".into()))
}

fn document(answer: &Value) -> Document {
    document_of(&printed(answer))
}

fn refusal(text: impl AsRef<[u8]>) -> AnswerError {
    let text = text.as_ref();
    read(text).expect_err(&String::from_utf8_lossy(text))
}

fn listed(document: &Document, list: &str) -> Vec<String> {
    strings(document.get(list).expect("always there"))
}

fn set(value: &mut Value, pointer: &str, new: Value) {
    let (above, name) = pointer.rsplit_once('/').expect("a pointer");
    match value.pointer_mut(above).expect("the parent is there") {
        Value::Object(object) => drop(object.insert(name.to_owned(), new)),
        Value::Array(list) => list[name.parse::<usize>().expect("an index")] = new,
        scalar => panic!("{scalar} holds no members"),
    }
}

fn remove(value: &mut Value, pointer: &str) {
    let (above, name) = pointer.rsplit_once('/').expect("a pointer");
    let object = value.pointer_mut(above).and_then(Value::as_object_mut).expect("the parent is there");
    object.shift_remove(name).expect("was there");
}

fn with(pointer: &str, new: Value) -> Value {
    let mut value = in_cli_casing(0);
    set(&mut value, pointer, new);
    value
}

/// The piece of a text at a region, counted in code points.
fn piece(text: &str, region: Region) -> String {
    let lines: Vec<&str> = text.split('\n').collect();
    let at = |line: u32, column: u32| {
        let line = usize::try_from(line).expect("small") - 1;
        let before: usize = lines[..line].iter().map(|line| line.chars().count() + 1).sum();
        before + usize::try_from(column).expect("small") - 1
    };
    let (start, end) = (at(region.line, region.column), at(region.end_line, region.end_column));
    text.chars().skip(start).take(end - start).collect()
}

// Rules 1 and 2: every member, in both spellings.

#[test]
fn every_member_and_every_value_of_the_api_is_read_in_both_spellings() {
    for choice in 0..CHOICES {
        let cli = document(&in_cli_casing(choice));
        let wire = document(&in_wire_casing(choice));
        assert_eq!(cli.get("/ResourceConfig"), Some(&settings(choice)), "choice {choice}");
        assert_eq!(listed(&cli, "/Missing"), [""; 0]);
        assert_eq!(listed(&cli, "/Unrecognised"), [""; 0]);
        assert_eq!(cli.to_json(), wire.to_json());
    }
}

#[test]
fn the_root_of_a_document_is_who_and_what_and_nothing_else() {
    let document = document(&in_cli_casing(0));
    let root = document.get("").and_then(Value::as_object).expect("an object");
    let names: Vec<&str> = root.keys().map(String::as_str).collect();
    assert_eq!(names, ["SchemaVersion", "Origin", "Target", "ResourceConfig", "Missing", "Unrecognised"]);
    assert_eq!(root["SchemaVersion"], 1);
    assert_eq!(root["Origin"], "deployed");
    assert_eq!(
        root["Target"],
        json!({
            "Id": "d1/prod/auth", "Account": null, "Region": null, "AppId": "d1", "AppName": null,
            "Environment": "prod", "Resource": "auth", "Stage": "production", "Labels": {},
        })
    );
}

#[test]
fn an_absent_member_is_null_or_empty_or_expanded_and_missing_where_it_is_required() {
    for member in API.iter().filter(|member| member.pointer.starts_with("/ResourceConfig/")) {
        let mut absent = in_cli_casing(0);
        remove(&mut absent, member.pointer);
        let null = with(member.pointer, Value::Null);
        let mut expected = json!({"ResourceConfig": settings(0)});
        set(&mut expected, member.pointer, member.absent());
        for answer in [absent, null] {
            let document = document(&answer);
            assert_eq!(document.get("/ResourceConfig"), expected.get("ResourceConfig"), "{}", member.pointer);
            let missing = if member.required { vec![member.pointer] } else { Vec::new() };
            assert_eq!(listed(&document, "/Missing"), missing);
            assert_eq!(listed(&document, "/Unrecognised"), [""; 0]);
        }
    }
}

#[test]
fn settings_without_any_member_are_expanded_whole() {
    let document = document_of(r#"{"resourceConfig": {}}"#);
    assert_eq!(document.get("/ResourceConfig"), Some(&of_api("/ResourceConfig").absent()));
    assert_eq!(
        listed(&document, "/Missing"),
        ["/ResourceConfig/AuthResources", "/ResourceConfig/Service", "/ResourceConfig/UserPoolConfigs"]
    );
}

proptest! {
    /// Whatever is left out: nothing is invented, and exactly the required members of what is there are missing.
    #[test]
    fn missing_lists_the_required_members_of_the_objects_that_are_there(seed: u64, rarity in 1_u64..20) {
        let mut answer = in_cli_casing(0);
        let mut expected = json!({"ResourceConfig": settings(0)});
        let mut missing = Vec::new();
        for member in API.iter().filter(|member| member.pointer.starts_with("/ResourceConfig/")) {
            let there = answer.pointer(member.parent()).is_some();
            if there && hash(seed, member.pointer).is_multiple_of(rarity) {
                remove(&mut answer, member.pointer);
                set(&mut expected, member.pointer, member.absent());
                missing.extend(member.required.then_some(member.pointer));
            }
        }
        missing.sort_unstable();
        let document = document(&answer);
        prop_assert_eq!(document.get("/ResourceConfig"), expected.get("ResourceConfig"));
        prop_assert_eq!(listed(&document, "/Missing"), missing);
    }
}

// Rule 3.

#[test]
fn sets_are_sorted_and_free_of_duplicates() {
    for (given, expected) in [
        (r"[]", json!([])),
        (r#"["b", "a", "b", "a"]"#, json!(["a", "b"])),
        (r#"["B", "a", "", "ä", "z"]"#, json!(["", "B", "a", "z", "ä"])),
        (r#"["a", "\u0061", "a "]"#, json!(["a", "a "])),
        // What is no text stays, after the texts.
        (r#"[2, "a", 1, null, 2, true, "1"]"#, json!(["1", "a", 1, 2, null, true])),
        (r#"[{"b": 1, "a": 2}, {"a": 2, "b": 1}, ["x"]]"#, json!([["x"], {"a": 2, "b": 1}])),
    ] {
        let text = format!(
            r#"{{"resourceConfig": {{"userPoolConfigs": {{"oAuth": {{"redirectSignInURIs": {given}}}}}}}}}"#
        );
        let document = document_of(&text);
        assert_eq!(document.get(SIGN_IN), Some(&expected), "{given}");
        let foreign: Vec<_> = expected
            .as_array()
            .expect("a list")
            .iter()
            .enumerate()
            .filter(|(_, element)| !element.is_string())
            .map(|(index, _)| format!("{SIGN_IN}/{index}"))
            .collect();
        assert_eq!(listed(&document, "/Unrecognised"), foreign, "{given}");
    }
}

// Rule 4.

#[test]
fn a_length_is_an_integer_where_it_is_whole() {
    for (given, value, documented) in [
        ("12", json!(12), true),
        ("12.0", json!(12), true),
        ("1.2e1", json!(12), true),
        ("120e-1", json!(12), true),
        ("6", json!(6), true),
        ("99", json!(99), true),
        ("99.0", json!(99), true),
        ("5", json!(5), false),
        ("100", json!(100), false),
        ("1000", json!(1000), false),
        ("0", json!(0), false),
        ("-0.0", json!(0), false),
        ("-1", json!(-1), false),
        ("-12.0", json!(-12), false),
        ("8.5", json!(8.5), false),
        ("98.999", json!(98.999), false),
        // 2^53 + 1, which a double cannot hold.
        ("9007199254740993", json!(9_007_199_254_740_993_u64), false),
        ("-9007199254740993", json!(-9_007_199_254_740_993_i64), false),
        ("1e300", json!(1e300), false),
        ("1e999", json!("1e999"), false),
        ("-1e999", json!("-1e999"), false),
        ("\"8\"", json!("8"), false),
        ("\"12\"", json!("12"), false),
        ("true", json!(true), false),
        ("[12]", json!([12]), false),
        ("{\"a\": 12}", json!({"a": 12}), false),
        ("null", json!(null), true),
    ] {
        let text = printed(&with(LENGTH, json!("PLACE"))).replace("\"PLACE\"", given);
        let document = document_of(&text);
        let found = document.get(LENGTH).expect("always there");
        assert_eq!((found, found.is_f64()), (&value, value.is_f64()), "{given}");
        let unrecognised = if documented { vec![] } else { vec![LENGTH] };
        assert_eq!(listed(&document, "/Unrecognised"), unrecognised, "{given}");
        let missing = if given == "null" { vec![LENGTH] } else { vec![] };
        assert_eq!(listed(&document, "/Missing"), missing, "{given}");
    }
}

#[test]
fn an_undocumented_member_of_any_object_stays_and_is_listed() {
    for object in API.iter().filter(|member| matches!(member.kind, Object)).map(|member| member.pointer) {
        for (name, escaped) in
            [("NewMember", "NewMember"), ("a/b~c", "a~1b~0c"), ("MFAModes", "MFAModes"), ("", "")]
        {
            for value in [json!(null), json!(7), json!("x"), json!([[1.5, {"z": [], "a": {}}]])] {
                let mut answer = in_cli_casing(0);
                let members = answer.pointer_mut(object).and_then(Value::as_object_mut).expect("an object");
                members.insert(name.to_owned(), value.clone());
                let document = document(&answer);
                let pointer = format!("{object}/{escaped}");
                assert_eq!(document.get(&pointer), Some(&value), "{pointer}");
                assert_eq!(listed(&document, "/Unrecognised"), [pointer]);
            }
        }
    }
    let mut answer = in_cli_casing(0);
    answer["ResponseMetadata"] = json!({"HTTPStatusCode": 200});
    let document = document(&answer);
    assert_eq!(document.get("/ResponseMetadata/HTTPStatusCode"), Some(&json!(200)));
    assert_eq!(listed(&document, "/Unrecognised"), ["/ResponseMetadata"]);
}

#[test]
fn what_is_missing_and_what_is_unrecognised_is_sorted() {
    let mut answer = with(LENGTH, json!(1000));
    for pointer in ["/Zz", "/Aa", "/ResourceConfig/Zz", "/ResourceConfig/UserPoolConfigs/Aa", MODE] {
        set(&mut answer, pointer, json!(7));
    }
    for pointer in ["/ResourceConfig/UserPoolConfigs/UserPoolName", SCOPES, "/ResourceConfig/AuthResources"] {
        set(&mut answer, pointer, Value::Null);
    }
    let document = document(&answer);
    assert_eq!(
        listed(&document, "/Unrecognised"),
        ["/Aa", "/ResourceConfig/UserPoolConfigs/Aa", MODE, LENGTH, "/ResourceConfig/Zz", "/Zz"]
    );
    assert_eq!(
        listed(&document, "/Missing"),
        ["/ResourceConfig/AuthResources", SCOPES, "/ResourceConfig/UserPoolConfigs/UserPoolName"]
    );
}

#[test]
fn a_member_is_itself_in_any_casing() {
    fn respelled(value: &Value, spell: &dyn Fn(&str) -> String) -> Value {
        match value {
            Value::Object(object) => {
                object.iter().map(|(name, value)| (spell(name), respelled(value, spell))).collect()
            }
            Value::Array(_) | Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {
                value.clone()
            }
        }
    }
    let answer = in_cli_casing(0);
    let expected = document(&answer);
    let spellings: [&dyn Fn(&str) -> String; 3] =
        [&|name| name.to_lowercase(), &|name| name.to_uppercase(), &|name| {
            format!("{}_{}", &name[..1], &name[1..])
        }];
    for spell in spellings {
        let read = document(&respelled(&answer, spell));
        assert_eq!(read.to_json(), expected.to_json());
    }
}

#[test]
fn an_undocumented_value_stays_and_is_listed() {
    let odd = [json!("NEW_VALUE"), json!(""), json!(0), json!(false), json!([]), json!({}), json!(["ON"])];
    let settings = API.iter().filter(|member| member.pointer.starts_with("/ResourceConfig/"));
    for (member, value) in settings.flat_map(|member| odd.iter().map(move |value| (member, value))) {
        let documented = match (&member.kind, value) {
            (Text, Value::String(_)) | (Flag, Value::Bool(_)) => true,
            (Text | Flag | OneOf(_), _) => false,
            // Said by the tests of lengths, sets, secrets and containers.
            (Length | SetOf(_) | Texts | Secret | Object, _) => continue,
        };
        let document = document(&with(member.pointer, value.clone()));
        assert_eq!(document.get(member.pointer), Some(value), "{}", member.pointer);
        let expected = if documented { vec![] } else { vec![member.pointer] };
        assert_eq!(listed(&document, "/Unrecognised"), expected, "{} {value}", member.pointer);
        assert_eq!(listed(&document, "/Missing"), [""; 0], "{} {value}", member.pointer);
    }
    for member in API {
        let SetOf(values) = member.kind else { continue };
        let document = document(&with(member.pointer, json!(["sms", values[0], "ZZZ", 7])));
        assert_eq!(document.get(member.pointer), Some(&json!([values[0], "ZZZ", "sms", 7])));
        let expected = [1, 2, 3].map(|index| format!("{}/{index}", member.pointer));
        assert_eq!(listed(&document, "/Unrecognised"), expected);
    }
}

#[test]
fn what_should_be_an_object_or_a_list_and_is_not_is_refused_at_its_line() {
    for member in API {
        let (wanted, wrong) = match member.kind {
            Object => ("an object", [json!("x"), json!(0), json!(false), json!([]), json!("")]),
            SetOf(_) | Texts => ("a list", [json!("x"), json!(0), json!(false), json!({}), json!("")]),
            Text | Secret | Flag | Length | OneOf(_) => continue,
        };
        for value in wrong {
            let text = printed(&with(member.pointer, value.clone()));
            let error = refusal(&text);
            assert_eq!(error.kind, Cause::BadResponse, "{} {value}", member.pointer);
            assert!(
                error.message.starts_with(&format!("`{}` is ", member.pointer))
                    && error.message.ends_with(&format!("where {wanted} should be")),
                "{error}"
            );
            let line = text.lines().nth(usize::try_from(error.region.line).expect("small") - 1);
            assert!(line.expect("there").contains(&format!("\"{}\":", member.name())), "{line:?}");
            assert_eq!(piece(&text, error.region), value.to_string());
            assert_eq!(error.identity.environment.is_some(), member.pointer != "/BackendEnvironmentName");
        }
    }
    for name in ["AppId", "BackendEnvironmentName", "ResourceName"] {
        for value in [json!(1), json!({}), json!([]), json!(true)] {
            let error = refusal(printed(&with(&format!("/{name}"), value)));
            assert_eq!(error.kind, Cause::BadResponse, "{error}");
            assert!(error.message.contains(name), "{error}");
        }
    }
}

#[test]
fn a_member_in_two_spellings_is_refused() {
    for member in API.iter().filter(|member| member.wire != member.name()) {
        let value = in_cli_casing(0).pointer(member.pointer).expect("there").clone();
        for (one, twin) in [(&value, &value), (&value, &Value::Null), (&Value::Null, &value)] {
            let mut answer = with(member.pointer, one.clone());
            let object =
                answer.pointer_mut(member.parent()).and_then(Value::as_object_mut).expect("an object");
            object.insert(member.wire.to_owned(), twin.clone());
            let text = printed(&answer);
            let error = refusal(&text);
            assert_eq!(error.kind, Cause::BadResponse, "{}", member.pointer);
            assert!(error.message.contains("two spellings"), "{error}");
            assert!(!error.message.contains("``"), "{error}");
            assert!(piece(&text, error.region).starts_with(&format!("\"{}\":", member.wire)));
        }
    }
}

#[test]
fn a_member_that_stands_twice_is_refused() {
    for (text, line) in [
        ("{\"resourceConfig\": {},\n\"resourceConfig\": {}}", 2),
        ("{\"resourceConfig\": {},\n\"resource\\u0043onfig\": {}}", 2),
        ("{\"resourceConfig\": {\"x\": [{\"y\": 1,\n\"y\": 1}]}}", 2),
    ] {
        let error = refusal(text);
        assert_eq!((error.kind, error.region.line), (Cause::BadResponse, line), "{text}");
        assert!(error.message.contains("twice"), "{error}");
    }
}

#[test]
fn an_answer_may_not_say_who_it_is_in_our_own_words() {
    for name in ["SchemaVersion", "Origin", "Target", "Missing", "Unrecognised"] {
        let mut answer = in_cli_casing(0);
        answer[name] = json!([]);
        let text = printed(&answer);
        let error = refusal(&text);
        assert_eq!(error.kind, Cause::BadResponse);
        assert!(error.message.contains(name), "{error}");
        assert_eq!(piece(&text, error.region), format!("\"{name}\": []"));
        // Only at the root do these names mean anything.
        document(&with(&format!("/ResourceConfig/{name}"), json!(7)));
    }
}

#[test]
fn the_encoding_is_utf_8() {
    let text = printed(&in_cli_casing(0));
    let marked = format!("\u{feff}{text}");
    assert_eq!(document_of(&marked).to_json(), document_of(&text).to_json());
    let units = |order: fn(u16) -> [u8; 2]| -> Vec<u8> { marked.encode_utf16().flat_map(order).collect() };
    for (bytes, said) in [
        (units(u16::to_le_bytes), "UTF-16"),
        (units(u16::to_be_bytes), "UTF-16"),
        (
            "{\"resourceConfig\": {}, \"x\": \"caf\u{e9}\"}"
                .chars()
                .filter_map(|c| u8::try_from(c).ok())
                .collect(),
            "UTF-8",
        ),
        (format!("\u{feff}{marked}").into_bytes(), "JSON"),
        (b"\xff\xfe".to_vec(), "UTF-16"),
        (b"\xef\xbb\xbf".to_vec(), "empty"),
        (b"\xef\xbb".to_vec(), "UTF-8"),
        (b"{\"resourceConfig\": {}, \"x\": \"\xc3\x28\"}".to_vec(), "UTF-8"),
        (b"{\"resourceConfig\": {}, \"x\": \"\xed\xa0\x80\"}".to_vec(), "UTF-8"),
        // A half of a pair is no text, and no document may hold it.
        (br#"{"resourceConfig": {}, "x": "\ud83d"}"#.to_vec(), "JSON"),
        (br#"{"resourceConfig": {}, "x": "\ude00\ud83d"}"#.to_vec(), "JSON"),
        (br#"{"resourceConfig": {}, "\ud83d": 1}"#.to_vec(), "JSON"),
    ] {
        let error = refusal(&bytes);
        assert_eq!(error.kind, Cause::BadResponse);
        assert!(error.message.contains(said), "{error} for {said}");
    }
}

// Rule 5.

/// A name that speaks of a secret, in any casing and with any separator.
fn secret_name() -> impl Strategy<Value = String> {
    let words = select(vec!["secret", "private%key", "password", "pass%word", "token", "access%token"]);
    (words, "[-_ .]?", "[a-z]{0,4}[-_]?", "[-_]?[a-z0-9]{0,4}", any::<u64>()).prop_map(
        |(word, separator, before, after, casing)| {
            let name = format!("{before}{}{after}", word.replace('%', &separator));
            let upper = |(index, letter): (usize, char)| {
                if casing >> (index % 64) & 1 == 1 { letter.to_ascii_uppercase() } else { letter }
            };
            name.chars().enumerate().map(upper).collect()
        },
    )
}

/// A secret text and a secret number, in a value of any type.
fn secret_value() -> impl Strategy<Value = (String, u64, Value)> {
    ("S3cr3t[A-Za-z0-9/+=\"\\\\]{8,16}", 1_000_000_000_000_u64..1_000_000_000_000_000, 0..6_u8).prop_map(
        |(text, number, shape)| {
            let value = match shape {
                0 => json!(text),
                1 => json!(number),
                2 => json!([text, number]),
                3 => json!({"value": text, "n": number}),
                4 => json!([{"a": [text]}, number]),
                _ => json!({(text.as_str()): true}),
            };
            (text, number, value)
        },
    )
}

/// The value below `depth` objects and lists.
fn buried(value: Value, depth: usize) -> Value {
    (0..depth)
        .fold(value, |value, level| if level % 2 == 0 { json!({"x": value}) } else { json!([1, value]) })
}

/// Where a secret was planted in an answer in AWS CLI casing.
fn planted(place: Index, name: &str, value: &Value, depth: usize) -> Value {
    let member = &API[place.index(API.len())];
    let holder = buried(json!({name: value}), depth);
    let mut answer = in_cli_casing(0);
    match member.kind {
        Object => {
            let members =
                answer.pointer_mut(member.pointer).and_then(Value::as_object_mut).expect("an object");
            let (name, value) =
                if depth == 0 { (name.to_owned(), value.clone()) } else { ("Extra".to_owned(), holder) };
            members.insert(name, value);
        }
        Secret => set(&mut answer, member.pointer, value.clone()),
        SetOf(_) | Texts => set(&mut answer, member.pointer, json!([holder, "a"])),
        Text | Flag | Length | OneOf(_) if member.parent().is_empty() => {
            answer.as_object_mut().expect("an object").insert(name.to_owned(), value.clone());
        }
        Text | Flag | Length | OneOf(_) => set(&mut answer, member.pointer, holder),
    }
    answer
}

fn assert_hidden(shown: &str, text: &str, number: u64) {
    let escaped = json!(text).to_string();
    for secret in [text, escaped.trim_matches('"'), &number.to_string(), "S3cr3t"] {
        assert!(!shown.contains(secret), "{secret} is in {shown}");
    }
}

proptest! {
    #[test]
    fn no_secret_is_in_anything_that_a_document_shows(
        (text, number, value) in secret_value(),
        name in secret_name(),
        place: Index,
        depth in 0..4_usize,
    ) {
        let answer = planted(place, &name, &value, depth);
        let bytes = printed(&answer);
        let redacted = |text: &str| text.matches("\"REDACTED\"").count();
        prop_assert!(bytes.contains("S3cr3t") || bytes.contains(&number.to_string()));
        let answer = match read(bytes.as_bytes()) {
            Ok(answer) => answer,
            // `Private-Key` beside `PrivateKey`.
            Err(error) => {
                prop_assert!(error.message.contains("two spellings"), "{}", error);
                assert_hidden(&format!("{error:?}"), &text, number);
                return Ok(());
            }
        };
        assert_hidden(&format!("{answer:?}{answer:#?}"), &text, number);
        let document = Document::new(answer, target(), Some("answer.json".into()));
        assert_hidden(&document.to_json(), &text, number);
        assert_hidden(&document.to_pretty(), &text, number);
        assert_hidden(&format!("{document:?}"), &text, number);
        let one_more = usize::from(!matches!(API[place.index(API.len())].kind, Secret));
        prop_assert_eq!(redacted(&document.to_json()), redacted(&settings(0).to_string()) + one_more);
        let places: Vec<_> = API.iter().map(|member| (member.pointer, document.get(member.pointer))).collect();
        assert_hidden(&format!("{:?}", document.evidence(&places)), &text, number);
    }

    #[test]
    fn no_secret_is_in_a_refusal(
        (text, number, value) in secret_value(),
        name in secret_name(),
        place: Index,
        cut: Index,
    ) {
        let answer = planted(place, &name, &value, 0);
        let whole = printed(&answer);
        let member = json!({(name.as_str()): value}).to_string();
        let member = member.trim_start_matches('{').trim_end_matches('}');
        let reordered = |key: &str, value: Value| { let mut answer = answer.clone(); answer[key] = value; printed(&answer) };
        let end = whole.floor_char_boundary(cut.index(whole.len() - 2));
        for broken in [
            whole[..end].to_owned(),
            whole.replacen('{', &format!("{{{member}, {member}, "), 1),
            whole.replacen('{', "{,", 1),
            whole.replacen(": ", ": S3cr3t", 1 + cut.index(20)),
            format!("{whole}S3cr3t"),
            format!("<html>{member}</html>"),
            format!("[{{{member}}}]"),
            format!("\"{member}"),
            format!("{{{member}}}"),
            reordered("Error", json!({(name.as_str()): value})),
            reordered("Target", value.clone()),
            reordered("resourceConfig", json!({(name.as_str()): value})),
            reordered("ResourceConfig", value.as_str().map_or(json!("S3cr3t"), |text| json!(text))),
            reordered("AppId", json!({(name.as_str()): value})),
            printed(&with(SCOPES, json!({(name.as_str()): value}))),
        ] {
            let error = read(broken.as_bytes()).expect_err(&broken);
            assert_hidden(&format!("{error} {error:?} {error:#?}"), &text, number);
        }
        let mut bytes = whole.into_bytes();
        bytes.insert(end, 0xff);
        let error = read(&bytes).expect_err("not UTF-8");
        assert_hidden(&format!("{error} {error:?}"), &text, number);
    }
}

#[test]
fn of_a_secret_only_its_presence_is_kept() {
    for (given, kept) in [
        (json!("hunter2"), json!("REDACTED")),
        (json!(" "), json!("REDACTED")),
        (json!("REDACTED"), json!("REDACTED")),
        (json!(0), json!("REDACTED")),
        (json!(false), json!("REDACTED")),
        (json!(["hunter2"]), json!("REDACTED")),
        (json!({"hunter2": null}), json!("REDACTED")),
        (json!(""), json!("")),
        (json!(null), json!(null)),
    ] {
        for pointer in [format!("{GOOGLE}/ClientSecret"), format!("{APPLE}/PrivateKey")] {
            let document = document(&with(&pointer, given.clone()));
            assert_eq!(document.get(&pointer), Some(&kept), "{pointer} {given}");
            let listed = listed(&document, "/Unrecognised");
            assert_eq!(listed.is_empty(), given.is_string() || given.is_null(), "{pointer} {given}");
        }
        let pointer = "/ResourceConfig/UserPoolConfigs/temporary_password";
        let document = document(&with(pointer, given));
        assert_eq!(document.get(pointer), Some(&kept));
    }
    // What is documented and only sounds like a secret stays readable.
    let document = document(&in_cli_casing(0));
    for object in ["PasswordPolicy", "ForgotPassword"] {
        assert!(
            document.get(&format!("/ResourceConfig/UserPoolConfigs/{object}")).is_some_and(Value::is_object)
        );
    }
}

// Rule 6.

#[test]
fn what_cannot_be_judged_is_an_error_and_never_a_document() {
    let full = printed(&in_cli_casing(0));
    let with_error = |error: Value| printed(&with("/Error", error));
    for (text, kind, said) in [
        (String::new(), Cause::BadResponse, "it is empty"),
        (" \r\n\t ".to_owned(), Cause::BadResponse, "it is empty"),
        ("null".to_owned(), Cause::BadResponse, "it is null,"),
        ("[]".to_owned(), Cause::BadResponse, "it is a list,"),
        (format!("[{full}]"), Cause::BadResponse, "it is a list,"),
        ("7".to_owned(), Cause::BadResponse, "it is a number,"),
        ("\"ResourceConfig\"".to_owned(), Cause::BadResponse, "it is a string,"),
        ("true".to_owned(), Cause::BadResponse, "it is a boolean,"),
        ("{}".to_owned(), Cause::BadResponse, "none of its members"),
        ("{\"message\": \"Forbidden\"}".to_owned(), Cause::BadResponse, "none of its members"),
        ("{\"UserPool\": {\"Id\": \"x\"}}".to_owned(), Cause::BadResponse, "none of its members"),
        ("<html><body>502 Bad Gateway</body></html>".to_owned(), Cause::BadResponse, "HTML"),
        ("\n <?xml version=\"1.0\"?>".to_owned(), Cause::BadResponse, "HTML"),
        ("appId: d1\n".to_owned(), Cause::BadResponse, "not JSON"),
        (format!("{full}{full}"), Cause::BadResponse, "not JSON"),
        (full.replacen("false", "False", 1).replacen("true", "True", 1), Cause::BadResponse, "not JSON"),
        (full.replacen(": 6.0", ": NaN", 1), Cause::BadResponse, "not JSON"),
        (full.replacen(": 6.0", ": 06", 1), Cause::BadResponse, "not JSON"),
        ("{\"appId\": \"d1\"}".to_owned(), Cause::NoConfig, "no `ResourceConfig`"),
        ("{\"appId\": \"d1\", \"error\": null}".to_owned(), Cause::NoConfig, "no `ResourceConfig`"),
        ("{\"appId\": \"d1\", \"error\": \"\"}".to_owned(), Cause::NoConfig, "no `ResourceConfig`"),
        ("{\"resourceConfig\": null}".to_owned(), Cause::NoConfig, "no `ResourceConfig`"),
        ("{\"error\": \"gone\"}".to_owned(), Cause::BackendError, "carries an error: gone"),
        (with_error(json!("gone")), Cause::BackendError, "carries an error: gone"),
        (with_error(json!("0")), Cause::BackendError, "carries an error: 0"),
        (with_error(json!(0)), Cause::BackendError, "an error that is a number"),
        (with_error(json!(false)), Cause::BackendError, "an error that is a boolean"),
        (with_error(json!({})), Cause::BackendError, "an error that is an object"),
        (with_error(json!([])), Cause::BackendError, "an error that is a list"),
    ] {
        let error = refusal(&text);
        assert_eq!(error.kind, kind, "{text:.80}");
        assert!(error.message.contains(said), "{error} for {text:.80}");
    }
    // An error that says nothing is none.
    for nothing in [json!(null), json!("")] {
        assert_eq!(document(&with("/Error", nothing)).to_json(), document_of(&full).to_json());
    }
}

#[test]
fn no_beginning_of_an_answer_is_an_answer() {
    for text in [printed(&in_cli_casing(0)), in_wire_casing(0).to_string()] {
        let whole = text.trim_end();
        for end in 0..whole.len() {
            let error = refusal(&whole.as_bytes()[..end]);
            assert_eq!(error.kind, Cause::BadResponse, "{end}");
        }
        assert!(read(whole.as_bytes()).is_ok());
    }
}

#[test]
fn a_refusal_names_whom_it_is_about() {
    let mut answer = in_wire_casing(0);
    answer["appId"] = json!("d1");
    answer["backendEnvironmentName"] = json!("prod");
    answer["resourceName"] = json!("auth");
    let whole = Identity {
        app_id: Some("d1".to_owned()),
        environment: Some("prod".to_owned()),
        resource: Some("auth".to_owned()),
    };
    assert_eq!(read(printed(&answer).as_bytes()).expect("an answer").identity, whole);
    answer["error"] = json!("gone");
    assert_eq!(*refusal(printed(&answer)).identity, whole);
    answer["resourceName"] = json!(7);
    assert_eq!(*refusal(printed(&answer)).identity, Identity { resource: None, ..whole });
    assert_eq!(*refusal("{").identity, Identity::default());
}

#[test]
fn deep_nesting_is_read_or_refused_and_nothing_overflows() {
    for depth in [90, 126, 128, 500, 513, 5_000, 100_000] {
        let (open, close) = ("[".repeat(depth), "]".repeat(depth));
        let text = format!("{{\"resourceConfig\": {{\"x\": {open}{close}}}}}");
        let objects = format!("{{\"resourceConfig\": {}1{}}}", "{\"x\":".repeat(depth), "}".repeat(depth));
        for text in [text, objects] {
            match read(text.as_bytes()) {
                // What is read can be judged: the policy engine reads it with serde_json.
                Ok(answer) => {
                    let document = Document::new(answer, target(), None);
                    let judged = serde_json::from_str::<Value>(&document.to_json());
                    assert!(judged.is_ok(), "{depth} levels are read, but not judged");
                    let evidence = document.evidence(&[("/ResourceConfig", None)]);
                    assert!(evidence[0].excerpt.is_some());
                }
                Err(error) => assert_eq!((error.kind, depth > 90), (Cause::BadResponse, true)),
            }
        }
    }
}

// Rule 7.

fn hash(seed: u64, what: &str) -> u64 {
    let mut hasher = DefaultHasher::new();
    (seed, what).hash(&mut hasher);
    hasher.finish()
}

/// The same JSON with members and elements in another order.
fn shuffled(value: &Value, seed: u64) -> Value {
    match value {
        Value::Object(object) => {
            let mut members: Vec<_> = object.iter().collect();
            members.sort_by_key(|(name, _)| hash(seed, name));
            let shuffle = |(name, value): (&String, &Value)| (name.clone(), shuffled(value, seed));
            Value::Object(members.into_iter().map(shuffle).collect::<Map<_, _>>())
        }
        Value::Array(list) => {
            let mut elements = list.clone();
            elements.sort_by_key(|element| hash(seed, &element.to_string()));
            Value::Array(elements)
        }
        scalar => scalar.clone(),
    }
}

proptest! {
    #[test]
    fn order_and_spelling_of_the_answer_do_not_matter(seed: u64, choice in 0..CHOICES) {
        let mut straight = in_cli_casing(choice);
        let mut mixed = answer(choice, &|member| {
            if hash(seed, member.pointer).is_multiple_of(2) { member.name() } else { member.wire }
        });
        for answer in [&mut straight, &mut mixed] {
            for undocumented in ["Zz", "Aa", "Mm"] {
                answer[undocumented] = json!({"b": {"d": 1, "c": 2}, "a": null});
            }
            let spelling = if answer.get("ResourceConfig").is_some() { "ResourceConfig" } else { "resourceConfig" };
            answer[spelling]["Zz"] = json!(1);
            answer[spelling]["Aa"] = json!(2);
        }
        let mixed = shuffled(&mixed, seed);
        let (straight, mixed) = (document(&straight), document_of(&mixed.to_string()));
        prop_assert_eq!(straight.to_json(), mixed.to_json());
        prop_assert_eq!(straight.to_pretty(), mixed.to_pretty());
    }

    /// Two parsers agree on what a member holds that no schema describes.
    #[test]
    fn an_undocumented_member_is_kept_as_serde_json_reads_it(value in any_json(), escaped: bool) {
        let json = value.to_string();
        let json = if escaped { escape_all(&json) } else { json };
        let document = document_of(&format!("{{\"resourceConfig\": {{\"x\": {json}}}}}"));
        prop_assert_eq!(document.get("/ResourceConfig/x"), Some(&value));
        let pretty: Value = serde_json::from_str(&document.to_pretty()).expect("JSON");
        prop_assert_eq!(pretty.pointer("/ResourceConfig/x"), Some(&value));
    }
}

proptest! {
    /// Whatever comes: it is refused, or it is a document that can be shown and judged.
    #[test]
    fn no_bytes_are_a_panic(
        slips in proptest::collection::vec((any::<Index>(), any::<u8>(), 0..4_u8), 1..4),
        pointer in "(/[A-Za-z0-9~]{0,3}){0,3}|.{0,8}",
        in_wire: bool,
    ) {
        let answer = if in_wire { in_wire_casing(0) } else { in_cli_casing(0) };
        let mut bytes = printed(&answer).into_bytes();
        for (at, byte, slip) in slips {
            let at = at.index(bytes.len());
            match slip {
                0 => drop(bytes.remove(at)),
                1 => bytes.insert(at, byte),
                2 => bytes[at] = byte,
                _ => bytes[at] = b"{}[]\",:0\\"[usize::from(byte % 9)],
            }
        }
        match read(&bytes) {
            Ok(answer) => {
                let document = Document::new(answer, target(), Some("answer.json".into()));
                prop_assert!(serde_json::from_str::<Value>(&document.to_json()).is_ok());
                prop_assert!(document.location(&pointer).region.line > 0);
                for evidence in document.evidence(&[(&pointer, None), (SCOPES, document.get(SCOPES)), (LENGTH, None)]) {
                    prop_assert!(!evidence.excerpt.expect("an excerpt").marks.is_empty());
                }
            }
            Err(error) => {
                prop_assert!(!error.message.is_empty() && error.region.line > 0 && error.region.column > 0);
            }
        }
    }
}

fn any_json() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        any::<u64>().prop_map(Value::from),
        (-1e12_f64..1e12).prop_map(Value::from),
        any::<String>().prop_map(Value::from),
    ];
    leaf.prop_recursive(4, 24, 4, |inner| {
        prop_oneof![
            proptest::collection::vec(inner.clone(), 0..4).prop_map(Value::from),
            proptest::collection::btree_map("[a-f/~ \"\\\\\u{202e}é😀]{0,6}", inner, 0..4)
                .prop_map(|members| Value::Object(members.into_iter().collect())),
        ]
    })
}

/// The same JSON with every character that is not ASCII as `\uXXXX`.
fn escape_all(json: &str) -> String {
    let mut units = [0; 2];
    json.chars()
        .map(|character| {
            if character.is_ascii() {
                return character.to_string();
            }
            let escaped = character.encode_utf16(&mut units).iter().map(|unit| format!("\\u{unit:04X}"));
            escaped.collect::<Vec<_>>().concat()
        })
        .collect()
}

#[test]
fn the_printed_document_is_two_spaces_a_final_newline_and_nothing_that_steers() {
    let document = document(&with(SIGN_IN, json!(["https://\u{1b}[31m\u{202e}\u{200b}\u{9b}/\r\n", "ä"])));
    let pretty = document.to_pretty();
    assert!(
        pretty
            .starts_with("{\n  \"SchemaVersion\": 1,\n  \"Origin\": \"deployed\",\n  \"Target\": {\n    \"")
    );
    assert!(pretty.ends_with("\n}\n") && !pretty.ends_with("\n\n"));
    assert!(!pretty.contains(|c| crate::untrusted::is_unprintable(c) && c != '\n'));
    assert_eq!(
        serde_json::from_str::<Value>(&pretty).expect("JSON"),
        serde_json::from_str::<Value>(&document.to_json()).expect("JSON")
    );
}

// Places.

#[test]
fn every_pointer_leads_to_its_value_in_the_file() {
    for answer in [in_cli_casing(0), in_wire_casing(0)] {
        for text in [printed(&answer), answer.to_string(), printed(&answer).replace('\n', "\r\n")] {
            let document = document_of(&text);
            for member in API.iter().filter(|member| member.pointer.starts_with("/ResourceConfig")) {
                let found = document.location(member.pointer);
                assert_eq!(&*found.file, "answer.json");
                let value: Value = serde_json::from_str(&piece(&text, found.region))
                    .unwrap_or_else(|_| panic!("{} is at {:?}", member.pointer, found.region));
                match member.kind {
                    Object => assert!(value.is_object(), "{}", member.pointer),
                    _ => assert_eq!(value, member.given(0), "{}", member.pointer),
                }
            }
        }
    }
}

#[test]
fn an_element_of_a_sorted_set_leads_to_its_own_text() {
    let uris = ["https://ü😀.example/b", "https://ü😀.example/a", "x:y", "https://ü😀.example/a"];
    for text in [printed(&with(SIGN_IN, json!(uris))), with(SIGN_IN, json!(uris)).to_string()] {
        let document = document_of(&text);
        let sorted = strings(document.get(SIGN_IN).expect("there"));
        assert_eq!(sorted, ["https://ü😀.example/a", "https://ü😀.example/b", "x:y"]);
        let mut lines = Vec::new();
        for (index, uri) in sorted.iter().enumerate() {
            let region = document.location(&format!("{SIGN_IN}/{index}")).region;
            assert_eq!(piece(&text, region), json!(uri).to_string());
            lines.push((region.line, region.column));
        }
        // The first of two that are the same.
        assert!(lines[1] < lines[0] && lines[0] < lines[2], "{lines:?}");
    }
}

#[test]
fn an_absent_member_leads_to_its_nearest_ancestor() {
    const POLICY: &str = "/ResourceConfig/UserPoolConfigs/PasswordPolicy";
    for (answer, pointer, place) in [
        (with(&format!("{POLICY}/NewMember"), json!({"a": [1, 2]})), format!("{POLICY}/NewMember/a/1"), "2"),
        (with(&format!("{POLICY}/NewMember"), json!({"a": 1})), format!("{POLICY}/NewMember/b"), "{\n"),
        (with(POLICY, json!({})), LENGTH.to_owned(), "{}"),
        (with(POLICY, json!(null)), LENGTH.to_owned(), "null"),
        (with(LENGTH, json!(null)), LENGTH.to_owned(), "null"),
        (with(SIGN_IN, json!([])), format!("{SIGN_IN}/0"), "[]"),
        (with(SIGN_IN, json!(["a"])), format!("{SIGN_IN}/1"), "[\n"),
    ] {
        let text = printed(&answer);
        let found = piece(&text, document_of(&text).location(&pointer).region);
        assert!(found.starts_with(place), "{pointer}: {found}");
    }
    let mut answer = in_cli_casing(0);
    remove(&mut answer, POLICY);
    let text = printed(&answer);
    let found = document_of(&text).location(LENGTH).region;
    assert!(piece(&text, found).contains("\"UserPoolName\""));
    assert!(!piece(&text, found).contains("\"AuthResources\""));
    // The whole document, and what is not of the file, is the file.
    for pointer in ["", "/Target/Stage", "/Missing"] {
        assert_eq!(document_of(&text).location(pointer).region, Region::START);
    }
}

#[test]
fn the_place_of_a_syntax_error_counts_code_points() {
    for (text, line, column) in [
        ("{\"a\": 1,}", 1, 9),
        ("{\"ä😀\": 1,}", 1, 10),
        ("{\"a\": \"😀😀\",\n\"é\": x}", 2, 6),
        ("{\"é\": [1,\n", 2, 1),
    ] {
        let error = refusal(text);
        assert_eq!((error.region.line, error.region.column), (line, column), "{text}");
    }
}

#[test]
fn without_a_file_every_pointer_leads_to_the_declaration() {
    let answer = read(printed(&in_cli_casing(0)).as_bytes()).expect("an answer");
    let document = Document::new(answer, target(), None);
    for pointer in ["", LENGTH, "/nowhere"] {
        assert_eq!(document.location(pointer), target().declared);
    }
    let evidence = document.evidence(&[(LENGTH, None)]);
    assert_eq!(evidence[0].location, target().declared);
    assert!(evidence[0].excerpt.is_some());
}

#[test]
fn evidence_marks_the_value_or_the_offending_members() {
    let uris =
        json!(["https://a.example/", "http://\u{202e}b.example/", "https://c.example/", "http://d.example/"]);
    let text = printed(&with(SIGN_IN, uris));
    let document = document_of(&text);
    let bad = json!(["http://d.example/", "http://\u{202e}b.example/"]);
    let none = json!(["http://e.example/"]);
    let evidence =
        document.evidence(&[(LENGTH, None), (SIGN_IN, Some(&bad)), (SIGN_IN, Some(&none)), ("", None)]);
    let marked: Vec<Vec<&str>> = evidence
        .iter()
        .map(|evidence| {
            let excerpt = evidence.excerpt.as_ref().expect("an excerpt");
            let lines: Vec<&str> = excerpt.text.lines().collect();
            let printed = document.to_pretty();
            let expected: Vec<&str> =
                printed.lines().skip(excerpt.first_line - 1).take(lines.len()).collect();
            assert_eq!(lines, expected);
            excerpt.marks.iter().map(|mark| &excerpt.text[mark.clone()]).collect()
        })
        .collect();
    assert_eq!(marked[0], ["6"]);
    assert_eq!(marked[1], [r#""http://d.example/""#, r#""http://\u202eb.example/""#]);
    assert_eq!(marked[2], ["["]);
    assert_eq!(marked[3], ["{"]);
    let places: Vec<String> =
        evidence.iter().map(|evidence| piece(&text, evidence.location.region)).collect();
    assert_eq!(places[0], "6.0");
    assert_eq!(places[1], "\"http://d.example/\"");
    assert!(places[2].starts_with("[\n"));
    assert_eq!(document.evidence(&[]), []);
}
