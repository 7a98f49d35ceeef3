//! With the memory and without it, the same is found: over random documents, by the embedded pack and by policies that
//! are made to defeat it.

use std::collections::BTreeMap;
use std::sync::Arc;

use proptest::prelude::*;
use proptest::sample::select;
use serde_json::{Value, json};

use super::*;
use crate::config::{Packs, Policies};
use crate::document;
use crate::location::{Location, Region};
use crate::policy::member::Member;
use crate::policy::{Library, Pack, builtin};
use crate::target::{Stage, Target, TargetId};

/// Rules whose answers are hard to remember rightly.
const SLY: &[(&str, &str)] = &[
    (
        "dynamic_key",
        "deny contains msg if {\n\tkey := input.Target.Resource\n\tmsg := json.marshal(input.ResourceConfig[key])\n}",
    ),
    (
        "key_of_a_list",
        "deny contains msg if {\n\tsome key in input.Unrecognised\n\tmsg := json.marshal(object.get(input.Target, trim_prefix(key, \"/Target/\"), \"none\"))\n}",
    ),
    (
        "walked",
        "deny contains msg if {\n\twalk(input, [path, \"REDACTED\"])\n\tmsg := concat(\"/\", [sprintf(\"%v\", [p]) | some p in path])\n}",
    ),
    (
        "input_to_a_function",
        "deny contains _of(input)\n\n_of(x) := sprintf(\"%v %v\", [x.Target.Stage, x.ResourceConfig.UserPoolConfigs.SignInMethod])",
    ),
    (
        "an_alias_of_an_alias",
        "import input.ResourceConfig as config\n\ndeny contains msg if {\n\ta := config\n\tb := a.UserPoolConfigs\n\tc := [b, 1]\n\tmsg := sprintf(\"%v\", [c[0].Mfa.MFAMode])\n}",
    ),
    (
        "a_comprehension",
        "deny contains msg if {\n\tall := {name: value | some name, value in input.ResourceConfig.UserPoolConfigs.PasswordPolicy}\n\tmsg := json.marshal(all)\n}",
    ),
    ("the_order_of_members", "deny contains concat(\",\", object.keys(input.Target))"),
    (
        "a_presence",
        "deny contains \"there\" if {\n\tx := input.ResourceConfig.UserPoolConfigs.OAuth\n\t_takes(x)\n}\n\n_takes(_) if true",
    ),
    (
        "not_a_presence",
        "deny contains \"gone\" if not _x\n\n_x := input.ResourceConfig.UserPoolConfigs.OAuth.DomainPrefix",
    ),
    (
        "a_choice",
        "deny contains \"other\" if not input.ResourceConfig.UserPoolConfigs.SignInMethod in {\"EMAIL\", \"USERNAME\", null}",
    ),
    (
        "a_choice_and_its_value",
        "deny contains msg if {\n\tmode := input.ResourceConfig.UserPoolConfigs.Mfa.MFAMode\n\tmode != \"ON\"\n\tmsg := sprintf(\"%v\", [mode])\n}",
    ),
    (
        "a_number",
        "deny contains \"12\" if input.ResourceConfig.UserPoolConfigs.PasswordPolicy.MinimumLength == 12",
    ),
    (
        "a_false_value",
        "deny contains \"false\" if not _login\n\n_login := input.ResourceConfig.IdentityPoolConfigs.UnauthenticatedLogin",
    ),
    (
        "a_replaced_input",
        "deny contains msg if {\n\tx := _stage with input as {\"Target\": {\"Stage\": input.Target.Resource}}\n\tmsg := sprintf(\"%v\", [x])\n}\n\n_stage := input.Target.Stage",
    ),
    (
        "replaced_data",
        "deny contains msg if {\n\tx := _limit with data.audit.params as {\"limit\": input.Target.Stage}\n\tmsg := sprintf(\"%v\", [x])\n}\n\n_limit := data.audit.params.limit",
    ),
    (
        "a_replaced_function",
        "deny contains msg if {\n\tx := _upper with upper as _mine\n\tmsg := sprintf(\"%v\", [x])\n}\n\n_upper := upper(\"a\")\n\n_mine(_) := input.Target.Stage",
    ),
    (
        "every_one",
        "deny contains \"every\" if {\n\tevery uri in input.ResourceConfig.UserPoolConfigs.OAuth.RedirectSignInURIs {\n\t\tstartswith(uri, \"https\")\n\t}\n}",
    ),
    (
        "an_element",
        "deny contains msg if msg := input.ResourceConfig.UserPoolConfigs.OAuth.RedirectSignInURIs[0]",
    ),
    (
        "a_printed_value",
        "deny contains \"printed\" if {\n\tprint(input.Target.Stage)\n\tinput.Target.Stage == \"production\"\n}",
    ),
    ("an_unified_value", "deny contains msg if {\n\tmsg = stage\n\tstage = input.Target.Stage\n}"),
    ("a_path", "deny contains {\"msg\": \"x\", \"path\": sprintf(\"/%s\", [input.Target.Resource])} if true"),
    (
        "an_error",
        "deny contains msg if msg := sprintf(\"%d\", [1 / count(input.ResourceConfig.UserPoolConfigs.OAuth.RedirectSignInURIs)])",
    ),
    (
        "a_chosen_rule",
        "deny contains msg if {\n\tname := input.Target.Resource\n\tmsg := sprintf(\"%v\", [data.sly_helpers[name]])\n}",
    ),
    (
        "a_helper",
        "import data.sly_values.odd\n\ndeny contains msg if {\n\tcount(odd) > 0\n\tmsg := sprintf(\"%v %v\", [odd, input.Target.Stage])\n}",
    ),
    (
        "two_values",
        "mode := input.ResourceConfig.UserPoolConfigs.Mfa.MFAMode\n\nmode := input.ResourceConfig.UserPoolConfigs.SignInMethod\n\ndeny contains \"x\" if mode == \"USERNAME\"",
    ),
    (
        "two_values_of_a_function",
        "f(x, _) := x\n\nf(_, y) := y\n\ndeny contains \"x\" if f(input.ResourceConfig.UserPoolConfigs.Mfa.MFAMode, input.ResourceConfig.UserPoolConfigs.SignInMethod) == \"USERNAME\"",
    ),
    (
        "two_values_that_nobody_uses",
        "deny contains \"x\" if {\n\tx := _p\n\tinput.Target.Stage == \"production\"\n}\n\n_p := input.ResourceConfig.UserPoolConfigs.Mfa.MFAMode\n\n_p := input.ResourceConfig.UserPoolConfigs.SignInMethod",
    ),
    (
        "two_values_beside_what_is_imported",
        "import data.sly_two\n\ndeny contains \"x\" if sly_two.k == \"production\"",
    ),
    (
        "an_imported_helper",
        "import data.sly_values as v\n\ndeny contains msg if {\n\tcount(v.odd) > 0\n\tmsg := sprintf(\"%v %v\", [v.odd, input.Target.Stage])\n}",
    ),
    (
        "a_helper_and_what_it_reads",
        "deny contains msg if {\n\tsome index, uri in input.ResourceConfig.UserPoolConfigs.OAuth.RedirectSignInURIs\n\turi in data.sly_values.odd\n\tmsg := sprintf(\"%v %v\", [index, uri])\n}",
    ),
    ("an_undefined_helper", "import data.sly_values\n\ndeny contains \"undefined\" if not sly_values.first"),
    ("a_helper_of_a_helper", "deny contains msg if msg := sprintf(\"%v\", [data.sly_values.outer])"),
    (
        "a_member_of_a_helper",
        "import data.sly_values.named as named\n\ndeny contains msg if msg := sprintf(\"%v\", [named.RedirectSignInURIs[0]])",
    ),
    (
        "a_set_or_a_list",
        "import data.sly_values.kind\n\ndeny contains msg if {\n\tis_set(kind)\n\tmsg := sprintf(\"%v\", [kind])\n}",
    ),
    (
        "a_helper_that_fails",
        "import data.sly_failing\n\ndeny contains msg if {\n\tinput.Target.Stage == \"staging\"\n\tmsg := sprintf(\"%v\", [sly_failing.failing])\n}",
    ),
    (
        "a_helper_beside_one_that_fails",
        "import data.sly_failing\n\ndeny contains msg if msg := sprintf(\"%v\", [sly_failing.names])",
    ),
    (
        "a_helper_by_its_path_beside_one_that_fails",
        "deny contains msg if msg := sprintf(\"%v\", [data.sly_failing.names])",
    ),
    (
        "a_helper_beside_one_that_prints",
        "import data.sly_printing\n\ndeny contains msg if msg := sprintf(\"%v\", [sly_printing.quiet])",
    ),
    (
        "packages_that_import_each_other",
        "import data.sly_one\n\ndeny contains msg if msg := sprintf(\"%v\", [sly_one.a])",
    ),
    (
        "a_helper_with_another_input",
        "import data.sly_values\n\ndeny contains msg if {\n\tother := {\"ResourceConfig\": {\"UserPoolConfigs\": {\"OAuth\": {\"RedirectSignInURIs\": [input.Target.Resource]}}}}\n\tx := sly_values.odd with input as other\n\tmsg := sprintf(\"%v\", [x])\n}",
    ),
    (
        "a_package_of_helpers",
        "deny contains msg if {\n\tname := input.Target.Resource\n\tmsg := sprintf(\"%v\", [object.get(data.sly_values.named, name, data.sly_values.kind)])\n}",
    ),
    (
        "a_printing_helper",
        "import data.sly_printing\n\ndeny contains msg if msg := sprintf(\"%v\", [sly_printing.printing])",
    ),
];

/// What a rule of [`SLY`] finds by the name that a document has.
const HELPERS: &str = "package sly_helpers\n\nUserPoolConfigs := input.ResourceConfig.UserPoolConfigs.SignInMethod\n\nTarget := input.Target.Stage\n";

/// Helpers whose values count.
const VALUES: &str = r#"package sly_values

odd := [uri | some uri in _uris; not startswith(uri, "https")]

_uris := [uri | some uri in input.ResourceConfig.UserPoolConfigs.OAuth.RedirectSignInURIs; is_string(uri)]

first := upper(_uris[0])

outer := concat(",", array.concat(odd, data.sly_helpers_of_helpers.scopes))

named[name] := [sprintf("%v", [value])] if some name, value in input.ResourceConfig.UserPoolConfigs.OAuth

kind := {scope | some scope in input.ResourceConfig.UserPoolConfigs.OAuth.OAuthScopes} if {
	input.Target.Stage == "production"
} else := [scope | some scope in input.ResourceConfig.UserPoolConfigs.OAuth.OAuthScopes]
"#;

/// Packages in which something fails, or prints, beside what is used of them.
const FAILING: &str = r"package sly_failing

names := [name | some name, _ in input.ResourceConfig.UserPoolConfigs.OAuth]

failing := 1 / count(input.ResourceConfig.UserPoolConfigs.OAuth.OAuthScopes)
";

const PRINTING: &str = r#"package sly_printing

default printing := "nothing"

printing := sprintf("%v", [input.Target.Stage]) if print("stage", input.Target.Stage)

quiet := [scope | some scope in input.ResourceConfig.UserPoolConfigs.OAuth.OAuthScopes]
"#;

/// A value of which there may be two.
const TWO: &str = "package sly_two\n\nk := input.Target.Stage\n\nq := input.ResourceConfig.UserPoolConfigs.Mfa.MFAMode\n\nq := input.ResourceConfig.UserPoolConfigs.SignInMethod\n";

/// Two packages that import each other.
const ONE: &str = "package sly_one\n\nimport data.sly_other\n\na := [name | some name, _ in input.ResourceConfig.UserPoolConfigs.PasswordPolicy]\n\nb := sly_other.c\n";

const OTHER: &str = "package sly_other\n\nimport data.sly_one\n\nc := input.ResourceConfig.UserPoolConfigs.SignInMethod\n\nd := sly_one.a\n";

/// A package behind it.
const BEHIND: &str = "package sly_helpers_of_helpers\n\nscopes := [lower(scope) | some scope in input.ResourceConfig.UserPoolConfigs.OAuth.OAuthScopes; is_string(scope)]\n";

/// What a member may hold, of the right kind and of others.
fn value() -> impl Strategy<Value = Value> {
    select(vec![
        json!(null),
        json!("ON"),
        json!("OFF"),
        json!("EMAIL"),
        json!(""),
        json!(true),
        json!(false),
        json!(8),
        json!(12),
        json!(12.5),
        json!([]),
        json!(["EMAIL"]),
        json!(["https://shop.example.com/"]),
        json!(["https://shop.example.com/", "http://localhost/", "exp://x"]),
        json!(["*", 7, null]),
        json!({}),
        json!({"ClientId": "1", "ClientSecret": "x"}),
        json!({"DeliveryMethod": "SMS"}),
        json!({"DeliveryMethod": "EMAIL", "EmailSettings": {"EmailMessage": "no code"}}),
    ])
}

/// Changes of the good settings: a pointer and what is put there.
fn changes() -> impl Strategy<Value = Vec<(&'static str, Value)>> {
    let pointers = select(vec![
        "/AuthResources",
        "/IdentityPoolConfigs/IdentityPoolName",
        "/IdentityPoolConfigs/UnauthenticatedLogin",
        "/IdentityPoolConfigs",
        "/UserPoolConfigs/Mfa",
        "/UserPoolConfigs/Mfa/MFAMode",
        "/UserPoolConfigs/Mfa/Settings/MfaTypes",
        "/UserPoolConfigs/OAuth",
        "/UserPoolConfigs/OAuth/DomainPrefix",
        "/UserPoolConfigs/OAuth/OAuthGrantType",
        "/UserPoolConfigs/OAuth/OAuthScopes",
        "/UserPoolConfigs/OAuth/RedirectSignInURIs",
        "/UserPoolConfigs/OAuth/RedirectSignOutURIs",
        "/UserPoolConfigs/OAuth/SocialProviderSettings/Google",
        "/UserPoolConfigs/PasswordPolicy/MinimumLength",
        "/UserPoolConfigs/PasswordPolicy/AdditionalConstraints",
        "/UserPoolConfigs/RequiredSignUpAttributes",
        "/UserPoolConfigs/SignInMethod",
        "/UserPoolConfigs/VerificationMessage",
        "/UserPoolConfigs/ForgotPassword",
        "/Service",
    ]);
    proptest::collection::vec((pointers, value()), 0..4)
}

fn settings() -> Value {
    json!({
        "AuthResources": "IDENTITY_POOL_AND_USER_POOL",
        "IdentityPoolConfigs": {"IdentityPoolName": "pool", "UnauthenticatedLogin": false},
        "Service": "COGNITO",
        "UserPoolConfigs": {
            "Mfa": {"MFAMode": "ON", "Settings": {"MfaTypes": ["TOTP"]}},
            "OAuth": {
                "DomainPrefix": "shop", "OAuthGrantType": "CODE", "OAuthScopes": ["EMAIL", "OPENID"],
                "RedirectSignInURIs": ["https://shop.example/"], "RedirectSignOutURIs": [],
                "SocialProviderSettings": {"Google": {"ClientId": "1", "ClientSecret": ""}},
            },
            "PasswordPolicy": {"AdditionalConstraints": [], "MinimumLength": 15},
            "RequiredSignUpAttributes": ["EMAIL"], "SignInMethod": "EMAIL", "UserPoolName": "pool",
            "VerificationMessage": {"DeliveryMethod": "EMAIL"},
        },
    })
}

fn document((changes, stage, resource): &(Vec<(&'static str, Value)>, Stage, &'static str)) -> Document {
    let read = |settings: &Value| document::read(json!({"ResourceConfig": settings}).to_string().as_bytes());
    let mut settings = settings();
    for (pointer, value) in changes {
        let mut next = settings.clone();
        if let Some(place) = next.pointer_mut(pointer) {
            *place = value.clone();
        }
        // What the parser refuses is never judged.
        if read(&next).is_ok() {
            settings = next;
        }
    }
    let target = Target {
        id: TargetId::new("d1", "prod", resource),
        account: None,
        region: None,
        app_id: "d1".to_owned(),
        app_name: None,
        environment: "prod".to_owned(),
        resource: (*resource).to_owned(),
        stage: *stage,
        labels: BTreeMap::new(),
        source: "files".into(),
        declared: Location { file: "audit.toml".into(), region: Region::START },
    };
    Document::new(read(&settings).expect("an answer"), Arc::new(target), None)
}

fn pack() -> Pack {
    let embedded: Vec<_> = builtin::policies().collect();
    let mut own: Vec<(String, String)> = SLY
        .iter()
        .map(|(name, body)| (format!("sly/{name}.rego"), format!("package sly.{name}\n\n{body}\n")))
        .collect();
    for (name, text) in [
        ("helpers", HELPERS),
        ("values", VALUES),
        ("behind", BEHIND),
        ("failing", FAILING),
        ("printing", PRINTING),
        ("one", ONE),
        ("other", OTHER),
        ("two", TWO),
    ] {
        own.push((format!("sly/{name}.rego"), text.to_owned()));
    }
    let own: Vec<(&str, &str)> = own.iter().map(|(name, text)| (name.as_str(), text.as_str())).collect();
    let library = Library::of_files(&embedded, &own);
    assert!(library.problems().is_empty(), "{:#?}", library.problems());
    let mut params = library.catalogue().params;
    params["limit"] = json!(1);
    let policies = Policies { packs: Packs::embedded(), disable: [].into(), severity: [].into(), params };
    library.pack(&policies).expect("loads")
}

/// All that two evaluations of one document can differ in.
fn said(pack: &Pack, documents: &[Document]) -> Vec<String> {
    let mut evaluator = pack.evaluator();
    documents
        .iter()
        .map(|document| {
            let evaluation = evaluator.evaluate(document);
            let found: Vec<_> = evaluation
                .findings
                .iter()
                .map(|f| (&f.rule.id, &f.path, f.severity, &f.message, &f.expected, &f.actual, &f.evidence))
                .collect();
            let failed = evaluation.unaudited.map(|why| (why.message, why.rules));
            format!("{found:#?} {failed:?} {:?}", evaluation.prints)
        })
        .collect()
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 24, max_shrink_iters: 200, ..ProptestConfig::default() })]

    #[test]
    fn with_the_memory_and_without_it_the_same_is_said(
        fleet in proptest::collection::vec(
            (
                changes(),
                select(vec![Stage::Production, Stage::Staging, Stage::Unknown]),
                select(vec!["UserPoolConfigs", "Target", "auth"]),
            ),
            1..24,
        )
    ) {
        let documents: Vec<Document> = fleet.iter().map(document).collect();
        // Twice, so that everything that can be remembered is.
        let twice: Vec<Document> = documents.iter().chain(&documents).cloned().collect();
        prop_assert_eq!(said(&pack(), &twice), said(&pack().forgetful(), &twice));
    }
}

#[test]
fn a_rule_is_remembered_by_the_values_of_its_helpers() {
    let pack = pack();
    let answers = pack.answers.as_ref().expect("a memory");
    let helpers = |id: &str| {
        let index = pack.rules.iter().position(|loaded| loaded.rule.id == id).expect("the rule");
        answers.rules[index].helpers.iter().map(|helper| answers.query(*helper)).collect::<Vec<_>>()
    };
    for (id, expected) in [
        ("oauth/insecure_redirect", &["data.audit.lib.redirects.unusual"][..]),
        ("sly/a_helper", &["data.sly_values.odd"]),
        ("sly/a_helper_of_a_helper", &["data.sly_values.outer"]),
        ("sly/a_member_of_a_helper", &["data.sly_values.named"]),
        ("sly/a_package_of_helpers", &["data.sly_values.kind", "data.sly_values.named"]),
        // The engine evaluates all that was imported.
        ("sly/an_imported_helper", &[]),
        // `with` replaces what the helper reads, so that the rule is evaluated for every document; so it is for `print`.
        ("sly/a_helper_with_another_input", &[]),
        ("sly/a_printing_helper", &[]),
        ("mfa/optional", &[]),
    ] {
        assert_eq!(helpers(id), expected, "{id}");
    }
    // Apps of a company differ in their URIs, and in nothing that is unusual.
    let of_app = |number: usize| {
        let uris = json!([format!("https://app{number}.example.com/"), "http://localhost:3000/"]);
        document(&(vec![("/UserPoolConfigs/OAuth/RedirectSignInURIs", uris)], Stage::Development, "auth"))
    };
    let mut evaluator = pack.evaluator();
    for number in 0..10 {
        let _ = evaluator.evaluate(&of_app(number));
    }
    let rule =
        pack.rules.iter().position(|loaded| loaded.rule.id == "oauth/insecure_redirect").expect("there");
    assert_eq!(answers.rules[rule].known.load(Ordering::Relaxed), 9);
}

/// The lengths of all keys.
fn keys(answers: &Answers<Vec<Member>>) -> Vec<usize> {
    fn of<T>(remembered: &Remembered<T>) -> Vec<usize> {
        remembered.answers.read().expect("no panic").keys().map(|key| key.len()).collect()
    }
    let helpers = answers.helpers.iter().flat_map(|helping| of(&helping.values));
    answers.rules.iter().flat_map(of).chain(helpers).collect()
}

fn different(number: usize) -> Document {
    let name = json!(format!("NAME_{number}"));
    document(&(vec![("/UserPoolConfigs/Mfa/MFAMode", name)], Stage::Production, "auth"))
}

#[test]
fn a_rule_that_always_meets_new_values_is_no_longer_remembered() {
    let pack = pack();
    let answers = pack.answers.as_ref().expect("a memory");
    let index = pack.rules.iter().position(|loaded| loaded.rule.id == "mfa/off").expect("the rule");
    let mut evaluator = pack.evaluator();
    for number in 0..TRIAL as usize - 1 {
        assert!(
            evaluator.evaluate(&different(number)).findings.iter().any(|found| found.rule.id == "mfa/off")
        );
    }
    let is_worth_it = || answers.rules[index].is_worth_it.load(Ordering::Relaxed);
    assert!(is_worth_it());
    let _ = evaluator.evaluate(&different(TRIAL as usize));
    assert!(!is_worth_it() && answers.rules[index].answers.read().expect("no panic").is_empty());
    // The others met one value, and go on.
    let known =
        pack.rules.iter().position(|loaded| loaded.rule.id == "password/too_short").expect("the rule");
    assert!(answers.rules[known].is_worth_it.load(Ordering::Relaxed));
    assert!(answers.rules[known].known.load(Ordering::Relaxed) >= TRIAL - 2);
    assert_eq!(answers.bytes.load(Ordering::Relaxed), keys(answers).iter().sum::<usize>());
}

#[test]
fn what_is_too_long_is_not_kept() {
    let long = json!(format!("https://{}/", "a".repeat(LONGEST_KEY)));
    let long = document(&(vec![("/UserPoolConfigs/OAuth/DomainPrefix", long)], Stage::Production, "auth"));
    let pack = pack();
    let answers = pack.answers.as_ref().expect("a memory");
    let _ = pack.evaluator().evaluate(&long);
    let longest = keys(answers).into_iter().max();
    assert!(longest.expect("something is kept") <= LONGEST_KEY);
}
