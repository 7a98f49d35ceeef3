//! What audit.toml may say, what it may not, and where each problem points.

use miette::Diagnostic;
use proptest::prelude::*;
use proptest::sample::{Index, select};
use serde_json::json;

use super::*;
use crate::location::Region;
use crate::target::TargetId;

fn catalogue() -> Catalogue {
    Catalogue {
        rules: ["mfa/off", "mfa/optional", "oauth/loopback_redirect", "password/too_short"]
            .map(str::to_owned)
            .into(),
        params: json!({
            "password": {"min_length": 12, "min_length_without_mfa": 0, "composition": "any", "classes": ["digit"]},
            "strict": false,
            "rate": 0.5,
        }),
        profiles: ["nist", "recommended"].map(str::to_owned).into(),
        ..Catalogue::default()
    }
}

fn parse(text: &str) -> Result<Config, ConfigError> {
    let repository = Repository::containing(Path::new("/repo"));
    Draft::read(text, Path::new("/repo/audit.toml"), &repository).validate(&catalogue())
}

fn config(text: &str) -> Config {
    parse(text).unwrap_or_else(|error| panic!("{:?}\n{text}", error.messages()))
}

fn refusal(text: &str) -> ConfigError {
    match parse(text) {
        Ok(_) => panic!("accepted:\n{text}"),
        Err(error) => error,
    }
}

/// A configuration that only needs more.
fn with(more: &str) -> String {
    format!("[[source]]\nkind = \"recordings\"\npaths = [\"r/*.json\"]\n{more}")
}

/// Each problem: its message, its help and the text that it underlines.
fn problems<'t>(error: &ConfigError, text: &'t str) -> Vec<(String, Option<String>, &'t str)> {
    let problems: Vec<_> = error
        .related()
        .expect("problems")
        .map(|problem| {
            let label = problem.labels().and_then(|mut labels| labels.next()).expect("a place");
            let place = &text[label.offset()..label.offset() + label.len()];
            (problem.to_string(), problem.help().map(|help| help.to_string()), place)
        })
        .collect();
    let messages: Vec<&str> = problems.iter().map(|(message, ..)| message.as_str()).collect();
    assert_eq!(messages, error.messages());
    problems
}

/// Everything that a person may come to see of an error.
fn shown(error: &ConfigError) -> String {
    let mut shown = format!("{error} {error:?} {error:#?} {:?}", error.messages());
    let graphical = miette::GraphicalReportHandler::new_themed(miette::GraphicalTheme::unicode_nocolor());
    graphical.with_context_lines(100).render_report(&mut shown, error).expect("renders");
    let narrated = miette::NarratableReportHandler::new().with_context_lines(100);
    narrated.render_report(&mut shown, error).expect("renders");
    miette::JSONReportHandler::new().render_report(&mut shown, error).expect("renders");
    shown
}

const FULL: &str = r#"
[audit]
fail-on = "medium"
concurrency = 16
concurrency-per-region = 4
timeout = "10s"
max-attempts = 3
target-timeout = "1m30s"

[stages]
production = ["prd"]
staging = ["stg-?"]
development = ["{alice,bob}"]

[[source]]
kind = "recordings"
name = "files"
paths = ["recordings/**/*.json", "one.json"]

[[source]]
kind = "amplify"
regions = ["us-gov-west-1"]
profile = "audit"

[[source.target]]
app = "d9z8y7x6w5v4u3"
environment = "prd"
resource = "shopauth"
labels = { team = "shop", "cost center" = "7" }

[[source.target]]
app = "d9z8y7x6w5v4u3"
environment = "prd"
resource = "otherauth"
stage = "staging"

[policies]
profile = "recommended"
builtin = false
paths = []
disable = ["mfa/optional"]

[policies.severity]
"mfa/off" = "critical"

[policies.params]
password.min_length = 14
password.classes = ["digit", "symbol"]
strict = true
rate = 1.5

[[waiver]]
rule = "oauth/loopback_redirect"
target = "d9z8y7x6w5v4u3/prd/*"
path = "/ResourceConfig/**"
reason = "developers sign in from localhost"
owner = "shop-team"
expires = 2027-03-31

[[waiver]]
rule = "mfa/off"
target = "d1"
reason = "r"
expires = 2028-02-29
"#;

#[test]
fn every_key_of_this_version_is_read() {
    let config = config(FULL);
    assert_eq!(config.fail_on, Some(Severity::Medium));
    assert_eq!((config.limits.concurrency, config.limits.concurrency_per_region), (16, 4));
    assert_eq!(
        (config.limits.timeout, config.limits.target_timeout),
        (Duration::from_secs(10), Duration::from_secs(90))
    );
    assert_eq!(config.limits.max_attempts, 3);
    for (environment, stage) in [
        ("prd", Stage::Production),
        ("stg-1", Stage::Staging),
        ("stg-10", Stage::Unknown),
        ("bob", Stage::Development),
        // Given globs replace the defaults.
        ("prod", Stage::Unknown),
        ("dev", Stage::Unknown),
    ] {
        assert_eq!(config.stages.of(environment), stage, "{environment}");
    }

    let [files, live] = config.sources.as_slice() else { panic!("two sources") };
    assert_eq!(
        (&*files.name, files.location.region.line, &*files.location.file),
        ("files", 15, "audit.toml")
    );
    let SourceKind::Recordings(globs) = &files.kind else { panic!("recordings") };
    let globs: Vec<_> = globs
        .iter()
        .map(|glob| (glob.pattern.as_str(), glob.root.to_str().expect("UTF-8"), glob.location.region))
        .collect();
    let at = |column, end_column| Region { line: 18, column, end_line: 18, end_column };
    assert_eq!(
        globs,
        [
            ("recordings/**/*.json", "/repo/recordings", at(10, 32)),
            ("one.json", "/repo/one.json", at(34, 44))
        ]
    );

    assert_eq!((&*live.name, live.location.region.line), ("source 2", 20));
    let SourceKind::Amplify(amplify) = &live.kind else { panic!("amplify") };
    assert_eq!(amplify.regions, ["us-gov-west-1"]);
    assert_eq!(amplify.access, [Access { account: None, profile: Some("audit".to_owned()), role: None }]);
    let Wanted::Targets(named) = &amplify.wanted else { panic!("named targets") };
    let targets: Vec<_> = named
        .iter()
        .map(|target| {
            let ExplicitTarget { app, environment, resource, stage, labels, location } = target;
            (
                app.as_str(),
                environment.as_str(),
                resource.as_deref().expect("a resource"),
                *stage,
                labels.len(),
                location.region.line,
            )
        })
        .collect();
    assert_eq!(
        targets,
        [
            ("d9z8y7x6w5v4u3", "prd", "shopauth", Stage::Production, 2, 25),
            ("d9z8y7x6w5v4u3", "prd", "otherauth", Stage::Staging, 0, 31),
        ]
    );
    assert_eq!(named[0].labels["cost center"], "7");

    assert!(!config.policies.packs.builtin);
    assert_eq!(config.policies.disable, BTreeSet::from(["mfa/optional".to_owned()]));
    assert_eq!(config.policies.severity, BTreeMap::from([("mfa/off".to_owned(), Severity::Critical)]));
    assert_eq!(
        config.policies.params,
        json!({
            "password": {
                "min_length": 14, "min_length_without_mfa": 0, "composition": "any", "classes": ["digit", "symbol"],
            },
            "strict": true,
            "rate": 1.5,
        })
    );

    let [one, other] = config.waivers.as_slice() else { panic!("two waivers") };
    assert_eq!(
        (one.rule.as_str(), one.target_pattern.as_str()),
        ("oauth/loopback_redirect", "d9z8y7x6w5v4u3/prd/*")
    );
    assert_eq!(
        (one.reason.as_str(), one.owner.as_deref()),
        ("developers sign in from localhost", Some("shop-team"))
    );
    assert_eq!((one.expires, one.location.region.line), (jiff::civil::date(2027, 3, 31), 52));
    let path = one.path.as_ref().expect("a path");
    assert!(path.is_match("/ResourceConfig/UserPoolConfigs/OAuth") && !path.is_match("/Target/Stage"));
    assert_eq!((other.owner.as_deref(), other.path.is_some()), (None, false));
    assert_eq!((other.expires, other.location.region.line), (jiff::civil::date(2028, 2, 29), 60));
}

#[test]
fn what_is_left_out_has_its_default() {
    let config = config(&with(""));
    assert_eq!(config.fail_on, Some(Severity::High));
    assert_eq!((config.limits.concurrency, config.limits.concurrency_per_region), (32, 8));
    assert_eq!(
        (config.limits.timeout, config.limits.target_timeout),
        (Duration::from_secs(30), Duration::from_mins(5))
    );
    assert_eq!(config.limits.max_attempts, 8);
    assert_eq!(&*config.sources[0].name, "source 1");
    assert!(
        config.policies.packs.builtin
            && config.policies.disable.is_empty()
            && config.policies.severity.is_empty()
    );
    assert_eq!(config.policies.params, catalogue().params);
    assert!(config.waivers.is_empty());
}

#[test]
fn the_default_stages_are_those_of_the_contract() {
    let stages = config(&with("")).stages;
    for (stage, environments) in [
        (Stage::Production, &["prod", "prod-eu", "prod-", "production", "main", "live"][..]),
        (Stage::Staging, &["stag", "staging", "stage-2", "uat", "preprod"][..]),
        (Stage::Development, &["dev", "develop", "test", "testing", "sandbox", "sandbox-x", "feature-1"][..]),
        (
            Stage::Unknown,
            &[
                "",
                "Prod",
                "PROD",
                "prod2",
                "product",
                "xprod",
                "feature",
                "uat2",
                "demo",
                "master",
                "pro\u{301}d",
            ][..],
        ),
    ] {
        for environment in environments {
            assert_eq!(stages.of(environment), stage, "{environment}");
        }
    }
    // Of two stages that name an environment, the stricter one.
    let both =
        config(&with("[stages]\nproduction = [\"x*\"]\nstaging = [\"x*\"]\ndevelopment = [\"*\"]\n")).stages;
    assert_eq!((both.of("x1"), both.of("y")), (Stage::Production, Stage::Development));
    let none = config(&with("[stages]\nproduction = []\n")).stages;
    assert_eq!((none.of("prod"), none.of("dev")), (Stage::Unknown, Stage::Development));
}

#[test]
fn every_threshold_is_known() {
    for (name, threshold) in [
        ("none", None),
        ("info", Some(Severity::Info)),
        ("low", Some(Severity::Low)),
        ("medium", Some(Severity::Medium)),
        ("high", Some(Severity::High)),
        ("critical", Some(Severity::Critical)),
    ] {
        assert_eq!(config(&with(&format!("[audit]\nfail-on = \"{name}\""))).fail_on, threshold);
    }
}

#[test]
fn durations_and_counts_have_limits() {
    for (key, good, bad) in [
        (
            "timeout",
            &["1ms", "500ms", "30s", "5m", "1h 30m", "24h"][..],
            &["", "0s", "-5s", "24h1s", "30", "soon"][..],
        ),
        ("target-timeout", &["1ms", "24h"], &["25h", "1us", "30 parsecs"]),
    ] {
        for value in good {
            config(&with(&format!("[audit]\n{key} = \"{value}\"")));
        }
        for value in bad {
            let text = with(&format!("[audit]\n{key} = \"{value}\""));
            assert_eq!(refusal(&text).messages(), ["this is not a duration from 1 ms to 24 h"], "{value}");
        }
    }
    for (key, most) in [("concurrency", 1024), ("concurrency-per-region", 1024), ("max-attempts", 100)] {
        for value in [1, most] {
            config(&with(&format!("[audit]\n{key} = {value}")));
        }
        for value in [0, -1, most + 1, i64::MAX, i64::MIN] {
            let text = with(&format!("[audit]\n{key} = {value}"));
            let expected = format!("`{key}` must be from 1 to {most}");
            assert_eq!(refusal(&text).messages(), [expected], "{value}");
        }
    }
}

#[test]
fn every_problem_is_said_at_its_place() {
    for (text, expected) in [
        ("", &[("there is no `[[source]]`: nothing would be audited", "")][..]),
        ("# only a comment\n", &[("there is no `[[source]]`: nothing would be audited", "")]),
        ("source = []", &[("there is no `[[source]]`: nothing would be audited", "[]")]),
        ("source = 3", &[("wrong type: integer, expected a list", "3")]),
        ("source = {}", &[("wrong type: table, expected a list", "{}")]),
        ("[source]\nkind = \"recordings\"", &[("wrong type: table, expected a list", "[source]")]),
        ("[[source]]", &[("[[source]] needs `kind`", "[[source]]")]),
        ("[[source]]\nkind = \"recordings\"", &[("a source of recordings needs `paths`", "[[source]]")]),
        (
            "[[source]]\nkind = \"recordings\"\npaths = []",
            &[("`paths` is empty: nothing would be read", "[]")],
        ),
        (
            "[[source]]\nkind = \"recordings\"\npaths = [\"\", \"[\", \"a/{b\", 3]",
            &[
                ("`paths` is empty", "\"\""),
                ("this is not a glob", "\"[\""),
                ("this is not a glob", "\"a/{b\""),
                ("wrong type: integer, expected a string", "3"),
            ],
        ),
        ("[[source]]\nkind = \"recording\"", &[("unknown value `recording`", "\"recording\"")]),
        ("[[source]]\nkind = 3", &[("wrong type: expected a string", "3")]),
        (
            "[[source]]\nname = \" \"\nkind = \"recordings\"",
            &[("a source of recordings needs `paths`", "[[source]]"), ("`name` is empty", "\" \"")],
        ),
        (
            "[[source]]\nkind = \"recordings\"\npaths = [\"a\"]\nregions = []\nprofile = \"p\"\n[[source.target]]\napp = \"a\"",
            &[
                ("`regions` belongs to a source of kind \"amplify\"", "[]"),
                ("`profile` belongs to a source of kind \"amplify\"", "\"p\""),
                ("`target` belongs to a source of kind \"amplify\"", "[[source.target]]"),
            ],
        ),
        (
            "[[source]]\nname = \"a\"\nkind = \"recordings\"\npaths = [\"a\"]\n[[source]]\nname = \"a\"\nkind = \"recordings\"\npaths = [\"b\"]",
            &[("two sources are named `a`", "[[source]]")],
        ),
        ("[[source]]\nkind = \"amplify\"", &[("an amplify source needs `regions`", "[[source]]")]),
        (
            "[[source]]\nkind = \"amplify\"\ntarget = []\nregions = [\"eu-west-1\", \"eu-west-2\"]",
            &[
                ("`target` is empty: nothing would be audited", "[]"),
                ("a source with explicit targets is in exactly one region", "[\"eu-west-1\", \"eu-west-2\"]"),
            ],
        ),
        (
            "[[source]]\nkind = \"amplify\"\nprofile = \"\"\nregions = [\"evil.example/\"]\npaths = [\"a\"]\ntarget = [{}, 3, { app = \"\", environment = \"e\", resource = 3, stage = \"prod\", labels = { a = 1 } }]",
            &[
                ("`profile` is empty", "\"\""),
                ("this is not an AWS region", "\"evil.example/\""),
                ("`paths` belongs to a source of kind \"recordings\"", "[\"a\"]"),
                ("[[source.target]] needs `app`", "{}"),
                ("[[source.target]] needs `environment`", "{}"),
                ("wrong type: integer, expected a table", "3"),
                ("`app` is empty", "\"\""),
                ("wrong type: integer, expected a string", "3"),
                ("unknown value `prod`", "\"prod\""),
                ("wrong type: integer, expected a string", "1"),
            ],
        ),
    ] {
        assert_problems(text, expected);
    }
}

#[test]
fn every_problem_beside_the_sources_is_said_at_its_place() {
    for (more, expected) in [
        ("[audit]\nfail-on = \"hihg\"", &[("unknown value `hihg`", "\"hihg\"")][..]),
        ("[audit]\nfail-on = 3", &[("wrong type: expected a string", "3")]),
        ("[audit]\ntimeout = 30", &[("wrong type: integer, expected a string", "30")]),
        ("[audit]\nconcurrency = 1.5", &[("wrong type: floating point, expected an integer", "1.5")]),
        (
            "[audit]\nconcurrency = 99999999999999999999",
            &[("wrong type: integer beyond 64 bits, expected an integer", "99999999999999999999")],
        ),
        ("[stages]\nproduction = \"prod\"", &[("wrong type: string, expected a list", "\"prod\"")]),
        (
            "[stages]\nstaging = [\"ok\", \"[\", 3]\ntesting = []",
            &[
                ("`[` is not a glob: unclosed character class; missing ']'", "\"[\""),
                ("wrong type: integer, expected a string", "3"),
                ("unknown key `testing`", "testing"),
            ],
        ),
        (
            "[policies]\nbuiltin = \"yes\"\ndisable = \"all\"\nparams = 3\nprofile = \"strict\"",
            &[
                ("wrong type: string, expected a boolean", "\"yes\""),
                ("wrong type: string, expected a list", "\"all\""),
                ("wrong type: integer, expected a table", "3"),
                ("unknown profile `strict`", "\"strict\""),
            ],
        ),
        (
            "[policies]\nseverity = { \"mfa/off\" = \"hihg\", \"mfa/none\" = \"high\", \"mfa/optional\" = 3 }",
            &[
                ("this is not a severity", "\"hihg\""),
                ("there is no rule `mfa/none`", "\"mfa/none\""),
                ("wrong type: integer, expected a string", "3"),
            ],
        ),
        (
            "[[waiver]]",
            &[
                ("[[waiver]] needs `rule`", "[[waiver]]"),
                ("[[waiver]] needs `target`", "[[waiver]]"),
                ("[[waiver]] needs `reason`", "[[waiver]]"),
                ("[[waiver]] needs `expires`", "[[waiver]]"),
            ],
        ),
        // The first of several is no less judged than the others.
        (
            "[[waiver]]\nrule = \"mfa/off\"\n[[waiver]]\nrule = \"mfa/of\"\ntarget = \"a\"\nreason = \"r\"\nexpires = 2027-01-01",
            &[
                ("[[waiver]] needs `target`", "[[waiver]]"),
                ("[[waiver]] needs `reason`", "[[waiver]]"),
                ("[[waiver]] needs `expires`", "[[waiver]]"),
                ("there is no rule `mfa/of`", "\"mfa/of\""),
            ],
        ),
        (
            "[[waiver]]\nrule = \"mfa/of\"\ntarget = \"a//c\"\npath = \"ResourceConfig\"\nreason = \"\"\nexpires = \"2027-01-01\"",
            &[
                ("there is no rule `mfa/of`", "\"mfa/of\""),
                ("a target glob is APP/ENVIRONMENT/RESOURCE; parts at the end may be left out", "\"a//c\""),
                ("a path is a JSON pointer and begins with `/`", "\"ResourceConfig\""),
                ("`reason` is empty", "\"\""),
                ("wrong type: string, expected a date", "\"2027-01-01\""),
            ],
        ),
        (
            "[[waiver]]\nrule = \"mfa/off\"\ntarget = \"a\"\nreason = \"r\"\nexpires = 2027-01-01T10:00:00Z",
            &[("`expires` must be a date", "2027-01-01T10:00:00Z")],
        ),
        (
            "[[waiver]]\nrule = \"mfa/off\"\ntarget = \"a\"\nreason = \"…\"\nexpires = 2027-01-01",
            &[("this is no reason", "\"…\"")],
        ),
        (
            "[[waiver]]\nrule = \"mfa/off\"\ntarget = \"a\"\nreason = \"r\"\nexpires = 10:00:00",
            &[("`expires` must be a date", "10:00:00")],
        ),
        (
            "[[waiver]]\nrule = \"mfa/off\"\ntarget = \"a/{b\"\npath = \"/[\"\nexpires = 2027-01-01",
            &[
                ("[[waiver]] needs `reason`", "[[waiver]]"),
                (
                    "`{b` is not a glob: unclosed alternate group; missing '}' (maybe escape '{' with '[{]'?)",
                    "\"a/{b\"",
                ),
                ("`/[` is not a glob: unclosed character class; missing ']'", "\"/[\""),
            ],
        ),
    ] {
        assert_problems(&with(more), expected);
    }
}

fn assert_problems(text: &str, expected: &[(&str, &str)]) {
    let error = refusal(text);
    let found = problems(&error, text);
    let found: Vec<_> = found.iter().map(|(message, _, place)| (message.as_str(), *place)).collect();
    assert_eq!(found, expected, "{text}");
    let shown = shown(&error);
    for (message, _) in expected {
        assert!(shown.contains(message), "{message} is not in {shown}");
    }
    // Words of people, not of Rust.
    for word in ["Raw", "i64", "struct", "sequence", "i128", "Spanned"] {
        assert!(!error.messages().join(" ").contains(word), "{word} in {:?}", error.messages());
    }
}

#[test]
fn problems_all_over_the_file_come_at_once_in_its_order() {
    let text = r#"fail-on = "high"
[audit]
fial-on = "high"
concurrency = "many"
timeout = "soon"
max-attempts = 0
[stages]
prod = ["x"]
[[source]]
kind = "recordings"
path = ["a"]
[[source]]
kind = "amplify"
regions = ["eu-west-1"]
[[source.target]]
app = "a"
enviroment = "prod"
resource = "r"
[policies]
disabled = []
disable = ["mfa/of"]
params = { paswd = 1 }
[[waiver]]
rule = "mfa/off"
target = "a/b/c/d"
reason = "r"
expires = 2027-03-31T00:00:00
until = 2027-03-31
"#;
    assert_problems(
        text,
        &[
            ("unknown key `fail-on`", "fail-on"),
            ("unknown key `fial-on`", "fial-on"),
            ("wrong type: string, expected an integer", "\"many\""),
            ("this is not a duration from 1 ms to 24 h", "\"soon\""),
            ("`max-attempts` must be from 1 to 100", "0"),
            ("unknown key `prod`", "prod"),
            ("a source of recordings needs `paths`", "[[source]]"),
            ("unknown key `path`", "path"),
            ("[[source.target]] needs `environment`", "[[source.target]]"),
            ("unknown key `enviroment`", "enviroment"),
            ("unknown key `disabled`", "disabled"),
            ("there is no rule `mfa/of`", "\"mfa/of\""),
            ("no rule reads the parameter `paswd`", "paswd"),
            ("a target glob is APP/ENVIRONMENT/RESOURCE; parts at the end may be left out", "\"a/b/c/d\""),
            ("`expires` must be a date", "2027-03-31T00:00:00"),
            ("unknown key `until`", "until"),
        ],
    );
    let shown = shown(&refusal(text));
    for line in ["audit.toml:3:1", "audit.toml:17:1", "audit.toml:27:11"] {
        assert!(shown.contains(line), "{line} is not in {shown}");
    }
}

#[test]
fn no_table_takes_an_unknown_key() {
    let target = "[[source]]\nkind = \"amplify\"\nregions = [\"eu-west-1\"]\n[[source.target]]\napp = \"a\"\nenvironment = \"e\"\nresource = \"r\"\n";
    for table in [
        "",
        "[audit]\n",
        "[stages]\n",
        "[policies]\n",
        "[[source]]\nkind = \"recordings\"\nname = \"n\"\npaths = [\"p\"]\n",
        target,
        "[[drift]]\nexpected = \"a\"\nactual = \"b\"\n",
        "[[waiver]]\nrule = \"mfa/off\"\ntarget = \"a\"\nreason = \"r\"\nexpires = 2027-01-01\n",
    ] {
        let text = format!("{table}unheard-of = {{ a = [1] }}\n{}", with(""));
        let error = refusal(&text);
        let found = problems(&error, &text);
        assert!(
            found.iter().any(|(message, _, place)| (message.as_str(), *place)
                == ("unknown key `unheard-of`", "unheard-of")),
            "{found:?}"
        );
    }
}

#[test]
fn a_mistyped_name_comes_with_a_suggestion() {
    for (text, help) in [
        ("[audit]\nfial-on = \"high\"", "did you mean `fail-on`?"),
        ("[audit]\nfail_on = \"high\"", "did you mean `fail-on`?"),
        ("[audit]\nfail-on = \"hihg\"", "did you mean `high`?"),
        ("[audti]", "did you mean `audit`?"),
        ("[[waivers]]", "did you mean `waiver`?"),
        (
            "[audit]\nxyz = 1",
            "one of fail-on, concurrency, concurrency-per-region, timeout, max-attempts, target-timeout, baseline",
        ),
        ("[policies]\nprofile = \"recomended\"", "did you mean `recommended`?"),
        ("[policies]\ndisable = [\"mfa/optionl\"]", "did you mean `mfa/optional`?"),
        ("[policies]\ndisable = [\"xyz\"]", "no rule of the loaded packs has a similar id"),
        ("[policies.severity]\n\"mfa/of\" = \"high\"", "did you mean `mfa/off`?"),
        ("[policies.severity]\n\"mfa/off\" = \"hihg\"", "did you mean `high`?"),
        ("[policies.params]\npasword.min_length = 1", "did you mean `password`?"),
        ("[policies.params]\npassword.min_lenght = 1", "did you mean `min_length`?"),
        ("[policies.params]\npassword.composition = \"all_clases\"", "did you mean `all_classes`?"),
        ("[policies.params]\npassword.composition = \"digits\"", "did you mean `digit_and_letter`?"),
        (
            "[policies.params]\npassword.composition = \"xyz\"",
            "one of any, forbidden, all_classes, digit_and_letter",
        ),
        (
            "[policies.params]\npassword.min_length_without_mfa = 1",
            "0 asks for no more than `password.min_length`",
        ),
        (
            "[[waiver]]\nrule = \"oauth/loopback_redirects\"\ntarget = \"a\"\nreason = \"r\"\nexpires = 2027-01-01",
            "did you mean `oauth/loopback_redirect`?",
        ),
    ] {
        let text = with(text);
        let error = refusal(&text);
        let problems = problems(&error, &text);
        assert_eq!(problems.len(), 1, "{problems:?}");
        assert_eq!(problems[0].1.as_deref(), Some(help), "{text}");
    }
}

#[test]
fn a_key_that_this_version_cannot_honour_is_never_ignored() {
    let target = "[[source.target]]\napp = \"a\"\nenvironment = \"e\"\nresource = \"r\"\n";
    let amplify = |keys: &str, targets: &str| {
        format!("[[source]]\nkind = \"amplify\"\nregions = [\"eu-west-1\"]\n{keys}\n{targets}")
    };
    for (text, expected) in [
        ("[[source]]\nkind = \"amplify-project\"".to_owned(), &["`kind`: this kind of source"][..]),
        ("[[source]]\nkind = \"cognito\"".to_owned(), &["`kind`: this kind of source"]),
        (
            amplify("apps = [\"[\"]\nenvironments = [\"p\"]\nexclude = [\"a/b/c/d\"]", target),
            &[
                "`apps` filters what is discovered; this source names its targets",
                "`[` is not a glob: unclosed character class; missing ']'",
                "`environments` filters what is discovered; this source names its targets",
                "`exclude` filters what is discovered; this source names its targets",
                "a target glob is APP/ENVIRONMENT/RESOURCE; parts at the end may be left out",
            ],
        ),
    ] {
        let error = refusal(&text);
        let messages = error.messages();
        let said: Vec<&str> = messages
            .iter()
            .map(|message| message.trim_end_matches(" is not in this version of audit"))
            .collect();
        assert_eq!(said, expected, "{text}");
        for (message, help, _) in problems(&error, &text) {
            assert!(!message.ends_with("this version of audit") || help.is_some(), "{message}");
        }
    }
}

#[test]
fn what_settings_are_compared_with() {
    let config = config(&with(
        "[audit]\nbaseline = \"agreed/auth\"\n[[drift]]\nexpected = \"d1/prod\"\nactual = \"*/staging/*\"\nignore = [\"/ResourceConfig/*/OAuth\"]",
    ));
    let baseline = config.baseline.expect("a baseline");
    assert_eq!((baseline.written.as_str(), baseline.location.region.line), ("agreed/auth", 5));
    assert!(baseline.path.is_absolute() && baseline.path.ends_with("agreed/auth"));
    let [drift] = &config.drift[..] else { panic!("one") };
    assert!(drift.expected.glob.names_one_app() && !drift.actual.glob.names_one_app());
    for (pointer, is_covered) in [
        ("/ResourceConfig/UserPoolConfigs/OAuth", true),
        ("/ResourceConfig/UserPoolConfigs/OAuth/OAuthScopes", true),
        ("/ResourceConfig/UserPoolConfigs", false),
        ("/ResourceConfig/UserPoolConfigs/OAuthX", false),
        ("", false),
    ] {
        assert_eq!(drift.ignore[0].covers(pointer), is_covered, "{pointer}");
    }
}

#[test]
fn a_comparison_of_nothing_is_refused() {
    for (text, expected) in [
        ("[audit]\nbaseline = \" \"", &["`baseline` is empty"][..]),
        (
            "[[drift]]\nexpected = \"a/b/c/d\"\nignore = [\"x\", \"[\"]",
            &[
                "[[drift]] needs `actual`",
                "a target glob is APP/ENVIRONMENT/RESOURCE; parts at the end may be left out",
                "a path is a JSON pointer and begins with `/`",
                "a path is a JSON pointer and begins with `/`",
            ],
        ),
        (
            "[[drift]]\nexpected = \"a\"\nactual = \"b\"\nignore = [\"/*\"]",
            &["`ignore` leaves nothing to compare"],
        ),
        (
            "[[drift]]\nexpected = \"a\"\nactual = \"b\"\nignore = [\"/**\"]",
            &["`ignore` leaves nothing to compare"],
        ),
        (
            "[[drift]]\nexpected = \"a\"\nactual = \"b\"\nignore = [\"/ResourceConfig/*\"]",
            &["`ignore` leaves nothing to compare"],
        ),
        (
            "[[drift]]\nexpected = \"a\"\nactual = \"b\"\nignore = [\"/[\"]",
            &["`/[` is not a glob: unclosed character class; missing ']'"],
        ),
    ] {
        assert_eq!(refusal(&with(text)).messages(), expected, "{text}");
    }
}

/// What a live source with these keys lets in.
fn live(keys: &str) -> Amplify {
    let text = format!("[[source]]\nkind = \"amplify\"\nregions = [\"eu-west-1\"]\n{keys}");
    let mut config = config(&text);
    match config.sources.remove(0).kind {
        SourceKind::Amplify(amplify) => amplify,
        SourceKind::Recordings(_) => panic!("a live source"),
    }
}

#[test]
fn a_role_is_assumed_in_each_account() {
    let access = |account: &str, arn: &str, external_id: Option<&str>, profile: Option<&str>| Access {
        account: Some(account.to_owned()),
        profile: profile.map(str::to_owned),
        role: Some(Role { arn: arn.to_owned(), external_id: external_id.map(str::to_owned) }),
    };
    assert_eq!(live("").access, [Access { account: None, profile: None, role: None }]);
    assert_eq!(
        live("accounts = [\"111122223333\", \"444455556666\"]\nrole-arn = \"arn:aws:iam::{account}:role/path/auditor\"\nexternal-id = \"x\"\nprofile = \"p\"").access,
        [
            access("111122223333", "arn:aws:iam::111122223333:role/path/auditor", Some("x"), Some("p")),
            access("444455556666", "arn:aws:iam::444455556666:role/path/auditor", Some("x"), Some("p")),
        ]
    );
    // A role in full says whose it is.
    let one = "arn:aws-us-gov:iam::444455556666:role/auditor";
    assert_eq!(live(&format!("role-arn = \"{one}\"")).access, [access("444455556666", one, None, None)]);
    assert_eq!(
        live(&format!("role-arn = \"{one}\"\naccounts = [\"444455556666\"]")).access,
        [access("444455556666", one, None, None)]
    );
}

#[test]
fn a_target_may_leave_its_resource_to_be_looked_up() {
    let amplify = live("[[source.target]]\napp = \"d1\"\nenvironment = \"prod\"");
    let Wanted::Targets(targets) = &amplify.wanted else { panic!("named targets") };
    assert_eq!(targets[0].resource, None);
}

#[test]
fn a_source_that_names_no_target_discovers_them() {
    let amplify =
        live("apps = [\"d1\", \"shop-*\"]\nenvironments = [\"prod\"]\nexclude = [\"d1/sandbox-*\"]");
    let Wanted::Discovered(filter) = &amplify.wanted else { panic!("discovery") };
    let written = |patterns: &[Pattern<GlobMatcher>]| {
        patterns.iter().map(|pattern| pattern.written.clone()).collect::<Vec<_>>()
    };
    assert_eq!(written(filter.apps.as_deref().expect("apps")), ["d1", "shop-*"]);
    assert_eq!(written(filter.environments.as_deref().expect("environments")), ["prod"]);
    assert_eq!(filter.exclude[0].written, "d1/sandbox-*");
    assert_eq!(filter.exclude[0].location.region.line, 6);
    let all = live("");
    let Wanted::Discovered(filter) = &all.wanted else { panic!("discovery") };
    assert!(filter.apps.is_none() && filter.environments.is_none() && filter.exclude.is_empty());
}

#[test]
fn a_glob_knows_what_it_covers() {
    for (pattern, beginning, may_match, covers) in [
        ("d1", "d1", true, true),
        ("d1", "d1/prod", true, true),
        ("d1/*", "d1", true, true),
        ("d1/*/**", "d1", true, true),
        ("d1/prod", "d1", true, false),
        ("d1/prod", "d1/prod", true, true),
        ("d1/prod", "d1/dev", false, false),
        ("*/sandbox-*", "d1", true, false),
        ("*/sandbox-*", "d1/sandbox-x", true, true),
        ("d2", "d1/prod", false, false),
        ("*/*/shop*", "d1/prod", true, false),
    ] {
        let glob = TargetGlob::parse(pattern).expect("a glob");
        assert_eq!(
            (glob.may_match(beginning), glob.covers(beginning)),
            (may_match, covers),
            "{pattern} {beginning}"
        );
    }
}

#[test]
fn accounts_roles_and_regions_that_cannot_be_meant_are_refused() {
    let target = "[[source.target]]\napp = \"d1\"\nenvironment = \"prod\"\nresource = \"a\"";
    let two = "accounts = [\"111122223333\", \"444455556666\"]";
    let role = "role-arn = \"arn:aws:iam::{account}:role/auditor\"";
    for (keys, expected) in [
        (
            "accounts = [\"111122223333\"]".to_owned(),
            &["`accounts` needs `role-arn`: credentials are of one account"][..],
        ),
        (
            "external-id = \"x\"".to_owned(),
            &["`external-id` needs `role-arn`: there is no role to assume with it"],
        ),
        (role.to_owned(), &["`role-arn` speaks of `{account}`, and there are no `accounts`"]),
        (format!("accounts = []\n{role}"), &["`accounts` is empty: nothing would be audited"]),
        (
            format!("accounts = [\"111122223333\", \"111122223333\"]\n{role}"),
            &["this account stands here twice"],
        ),
        (
            format!("accounts = [\"1\", \"11112222333x\"]\n{role}"),
            &[
                "an account is a number of twelve digits, in quotes",
                "an account is a number of twelve digits, in quotes",
            ],
        ),
        (
            format!("{two}\nrole-arn = \"arn:aws:iam::111122223333:role/auditor\""),
            &["this role is of another account, or of one among several"],
        ),
        ("role-arn = \"auditor\"".to_owned(), &["this is not the ARN of a role"]),
        (
            "role-arn = \"arn:aws:iam::111122223333:user/auditor\"".to_owned(),
            &["this is not the ARN of a role"],
        ),
        (
            format!("{two}\nrole-arn = \"arn:aws:iam::{{account}}:role/{{acount}}\""),
            &["this is not the ARN of a role"],
        ),
        ("profile = \" \"".to_owned(), &["`profile` is empty"]),
        ("apps = []".to_owned(), &["`apps` is empty: nothing would be audited"]),
        ("environments = []".to_owned(), &["`environments` is empty: nothing would be audited"]),
        (format!("{two}\n{role}\n{target}"), &["a source with explicit targets is in exactly one account"]),
    ] {
        let text = format!("[[source]]\nkind = \"amplify\"\nregions = [\"eu-west-1\"]\n{keys}");
        assert_eq!(refusal(&text).messages(), expected, "{text}");
    }
    for (regions, expected) in [
        ("[]", "`regions` is empty: nothing would be audited"),
        ("[\"eu-west-1\", \"eu-west-1\"]", "this region stands here twice"),
        ("[ # none yet\n ]", "`regions` is empty: nothing would be audited"),
        ("[1]", "wrong type: integer, expected a string"),
        ("[\"eu west\"]", "this is not an AWS region"),
        ("[\"eu-west-1a\"]", "this is not an AWS region"),
        ("[\"eu-wst\"]", "this is not an AWS region"),
        ("[\"eu-1\"]", "this is not an AWS region"),
        ("[\"eu--west-1\"]", "this is not an AWS region"),
        ("[\"EU-WEST-1\"]", "this is not an AWS region"),
    ] {
        let text = format!("[[source]]\nkind = \"amplify\"\nregions = {regions}");
        assert_eq!(refusal(&text).messages(), [expected], "{text}");
    }
}

#[test]
fn a_region_that_is_new_to_us_is_one() {
    for region in ["eu-west-1", "us-gov-west-1", "us-isob-east-1", "eusc-de-east-1", "xx-newland-12"] {
        let text = format!("[[source]]\nkind = \"amplify\"\nregions = [\"{region}\"]");
        parse(&text).unwrap_or_else(|error| panic!("{text}\n{:?}", error.messages()));
    }
}

#[test]
fn a_list_of_wrong_elements_is_not_said_to_be_empty() {
    let role = "role-arn = \"arn:aws:iam::{account}:role/auditor\"";
    for keys in [&format!("accounts = [111122223333]\n{role}"), "apps = [1]", "environments = [ # c\n true ]"]
    {
        let text = format!("[[source]]\nkind = \"amplify\"\nregions = [\"eu-west-1\"]\n{keys}");
        let refusal = refusal(&text);
        let messages = refusal.messages();
        assert!(messages.len() == 1 && messages[0].starts_with("wrong type"), "{text}\n{messages:?}");
    }
    let recordings = refusal("[[source]]\nkind = \"recordings\"\npaths = [1]");
    assert_eq!(recordings.messages(), ["wrong type: integer, expected a string"]);
}

#[test]
fn a_key_in_the_singular_is_told_its_plural() {
    let error = refusal("[[source]]\nkind = \"amplify\"\nregion = \"eu-west-1\"");
    let text = format!("{:?}", miette::Report::new(error));
    assert!(text.contains("unknown key `region`") && text.contains("did you mean `regions`?"), "{text}");
}

#[test]
fn a_parameter_has_the_name_and_the_type_of_the_profiles() {
    for (given, expected) in [
        ("password.min_length = 14", json!(14)),
        ("password = { min_length = 1_4 }", json!(14)),
        ("password.min_length = 0xE", json!(14)),
        ("password.min_length = 0b1110", json!(14)),
        ("password.min_length = +14", json!(14)),
        ("\"password\".'min_length' = 99", json!(99)),
        ("password.min_length = 6", json!(6)),
    ] {
        let config = config(&with(&format!("[policies.params]\n{given}")));
        assert_eq!(config.policies.params["password"]["min_length"], expected, "{given}");
        assert_eq!(config.policies.params["password"]["classes"], json!(["digit"]));
    }
    for length in [0, 6, 15, 99] {
        let config = config(&with(&format!("[policies.params]\npassword.min_length_without_mfa = {length}")));
        assert_eq!(config.policies.params["password"]["min_length_without_mfa"], length);
    }
    for composition in ["any", "forbidden", "all_classes", "digit_and_letter"] {
        let given = format!("[policies.params]\npassword.composition = \"{composition}\"");
        assert_eq!(config(&with(&given)).policies.params["password"]["composition"], composition);
    }
}

#[test]
fn a_parameter_that_no_rule_could_judge_by_is_refused_at_its_value() {
    for (given, message, place) in [
        (
            "password.min_length = \"14\"",
            "`password.min_length` has the wrong type; the profile has 12",
            "\"14\"",
        ),
        (
            "password.min_length = 14.0",
            "`password.min_length` has the wrong type; the profile has 12",
            "14.0",
        ),
        (
            "password.min_length = true",
            "`password.min_length` has the wrong type; the profile has 12",
            "true",
        ),
        (
            "password.min_length = 2027-01-01",
            "`password.min_length` has the wrong type; the profile has 12",
            "2027-01-01",
        ),
        (
            "password.min_length = [14]",
            "`password.min_length` has the wrong type; the profile has 12",
            "[14]",
        ),
        (
            "password.min_length = { a = 14 }",
            "`password.min_length` has the wrong type; the profile has 12",
            "{ a = 14 }",
        ),
        // A threshold that every length, or none, would pass.
        (
            "password.min_length = 5",
            "`password.min_length` must be from 6 to 99: Cognito takes no other length",
            "5",
        ),
        (
            "password.min_length = 100",
            "`password.min_length` must be from 6 to 99: Cognito takes no other length",
            "100",
        ),
        (
            "password.min_length = -1",
            "`password.min_length` must be from 6 to 99: Cognito takes no other length",
            "-1",
        ),
        (
            "password.min_length_without_mfa = 5",
            "`password.min_length_without_mfa` must be 0, or from 6 to 99: Cognito takes no other length",
            "5",
        ),
        (
            "password.min_length_without_mfa = 100",
            "`password.min_length_without_mfa` must be 0, or from 6 to 99: Cognito takes no other length",
            "100",
        ),
        (
            "password.min_length_without_mfa = -1",
            "`password.min_length_without_mfa` must be 0, or from 6 to 99: Cognito takes no other length",
            "-1",
        ),
        (
            "password.min_length_without_mfa = \"0\"",
            "`password.min_length_without_mfa` has the wrong type; the profile has 0",
            "\"0\"",
        ),
        // Without the value: it stands where one may have put a password.
        ("password.composition = \"all\"", "`password.composition` has an unknown value", "\"all\""),
        ("password.composition = \"ANY\"", "`password.composition` has an unknown value", "\"ANY\""),
        ("password.composition = \"\"", "`password.composition` has an unknown value", "\"\""),
        (
            "password.composition = [\"any\"]",
            "`password.composition` has the wrong type; the profile has \"any\"",
            "[\"any\"]",
        ),
        ("strict = 1", "`strict` has the wrong type; the profile has false", "1"),
        ("rate = 1", "`rate` has the wrong type; the profile has 0.5", "1"),
        ("rate = inf", "`rate` has the wrong type; the profile has 0.5", "inf"),
        ("rate = nan", "`rate` has the wrong type; the profile has 0.5", "nan"),
        ("password.maximum = 14", "no rule reads the parameter `password.maximum`", "maximum"),
        ("min_length = 14", "no rule reads the parameter `min_length`", "min_length"),
        (
            "password.min_length.x = 14",
            "`password.min_length` has the wrong type; the profile has 12",
            "min_length",
        ),
    ] {
        let text = with(&format!("[policies.params]\n{given}"));
        let error = refusal(&text);
        let found = problems(&error, &text);
        let found: Vec<_> = found.iter().map(|(message, _, place)| (message.as_str(), *place)).collect();
        assert_eq!(found, [(message, place)], "{given}");
    }
    let text = with("[policies.params]\npassword = 14\n");
    assert_eq!(refusal(&text).messages().len(), 1);
}

/// Parses with policies of the user's own that read these parameters.
fn parse_reading(text: &str, read: &[&str], is_partial: bool) -> Result<Config, ConfigError> {
    let read = read
        .iter()
        .map(|place| place.split('.').filter(|part| !part.is_empty()).map(str::to_owned).collect());
    let catalogue = Catalogue { read: read.collect(), is_partial, ..catalogue() };
    let repository = Repository::containing(Path::new("/repo"));
    Draft::read(text, Path::new("/repo/audit.toml"), &repository).validate(&catalogue)
}

#[test]
fn a_parameter_that_a_policy_of_ones_own_reads_is_accepted() {
    for (given, read, expected) in [
        ("acme.x = 1", &["acme.x"][..], Ok(json!({"x": 1}))),
        (
            "acme = { x = [1, \"a\"], y = { z = true } }",
            &["acme"],
            Ok(json!({"x": [1, "a"], "y": {"z": true}})),
        ),
        ("acme.x = 1", &[""], Ok(json!({"x": 1}))),
        ("acme.x.y = 1", &["acme.x"], Ok(json!({"x": {"y": 1}}))),
        ("acme.y = 1", &["acme.x"], Err(("no rule reads the parameter `acme.y`", Some("one of x")))),
        (
            "acme.limt = 1",
            &["acme.limit"],
            Err(("no rule reads the parameter `acme.limt`", Some("did you mean `limit`?"))),
        ),
        (
            "amce.x = 1",
            &["acme.x"],
            Err(("no rule reads the parameter `amce`", Some("did you mean `acme`?"))),
        ),
        ("acme = 1", &["acme.x"], Err(("`acme` must be a table: policies read what is in it", None))),
        (
            "acme.x = 2026-01-01",
            &["acme.x"],
            Err((
                "`acme.x` has a value that policies cannot read",
                Some("a parameter is a text, a number, true or false, or a list or table of these"),
            )),
        ),
        // A policy that reads all of them may mean any; a slip in one of the profile's is a slip all the same.
        (
            "password.min_lenght = 1",
            &[""],
            Err(("no rule reads the parameter `password.min_lenght`", Some("did you mean `min_length`?"))),
        ),
    ] {
        let text = with(&format!("[policies.params]\n{given}"));
        let parsed = parse_reading(&text, read, false);
        match (parsed, expected) {
            (Ok(config), Ok(acme)) => assert_eq!(config.policies.params["acme"], acme, "{given}"),
            (Err(error), Err((message, help))) => {
                let found = problems(&error, &text);
                let found: Vec<_> =
                    found.iter().map(|(message, help, _)| (message.as_str(), help.as_deref())).collect();
                assert_eq!(found, [(message, help)], "{given}");
            }
            (parsed, _) => panic!("{given}: {parsed:?}"),
        }
    }
}

#[test]
fn where_policies_could_not_be_read_nothing_is_said_to_be_missing() {
    let text = with("[policies]\ndisable = [\"acme/x\"]\n[policies.params]\nacme.x = 1\n");
    assert_eq!(parse_reading(&text, &[], false).expect_err("unknown").messages().len(), 2);
    assert!(parse_reading(&text, &[], true).is_ok());
}

#[test]
fn paths_of_policies_are_relative_to_the_file_and_wrong_ones_are_said_at_their_line() {
    let text = with("[policies]\npaths = [\"policies\", \" \", \"/else/x.rego\"]\n");
    let repository = Repository::containing(Path::new("/repo"));
    let draft = Draft::read(&text, Path::new("/repo/audit.toml"), &repository);
    let packs = draft.packs();
    assert_eq!(packs.profile, "recommended");
    let paths: Vec<_> = packs.paths.iter().map(|path| path.path.as_path()).collect();
    assert_eq!((paths[0], paths[2]), (Path::new("/repo/policies"), Path::new("/else/x.rego")));
    let unusable = vec![UnusablePath { index: 2, message: "M".to_owned(), help: "H".to_owned() }];
    let error = draft.validate(&Catalogue { unusable, ..catalogue() }).expect_err("two are wrong");
    let found = problems(&error, &text);
    let found: Vec<_> =
        found.iter().map(|(message, help, place)| (message.as_str(), help.as_deref(), *place)).collect();
    assert_eq!(found, [("`paths` is empty", None, "\" \""), ("M", Some("H"), "\"/else/x.rego\"")]);
}

#[test]
fn several_syntax_errors_come_at_once() {
    for line in [
        "fail-on \"high\"",
        "timeout = '30s",
        "max-attempts = 8 8",
        "[[source]",
        "concurrency =",
        "= 3",
        "a = tru",
    ] {
        let text = format!("[audit]\n{line}\n\n[policies]\ndisable = [\"mfa/off\"\n");
        let error = refusal(&text);
        let narrated = shown(&error);
        for line in [2, 5] {
            assert!(
                narrated.contains(&format!("label at line {line}, ")),
                "{line} is not in {:?}",
                error.messages()
            );
        }
    }
    for (text, place) in [
        ("[[waiver]]\nexpires = 2027-02-30", "2027-02-30"),
        ("[audit]\nconcurrency = 1\nconcurrency = 2", "concurrency"),
        ("[audit]\n[audit]", "audit"),
    ] {
        let text = with(text);
        let error = refusal(&text);
        assert!(
            problems(&error, &text).iter().any(|(_, _, at)| at.contains(place)),
            "{:?}",
            problems(&error, &text)
        );
    }
}

#[test]
fn a_mistyped_header_is_one_problem_and_what_follows_from_it_is_none() {
    let source = "kind = \"recordings\"\npaths = [\"a\"]\n";
    let waiver = "rule = \"mfa/off\"\ntarget = \"a\"\nreason = \"r\"\nexpires = 2027-01-01\n";
    let targets = "kind = \"amplify\"\nregions = [\"eu-west-1\"]\n[[source.target]]\napp = \"a\"\nenvironment = \"e\"\n";
    let (array, table) = ("unclosed array table, expected `]`", "unclosed table, expected `]`");
    for (text, expected) in [
        (format!("[[source]\n{source}"), &[array][..]),
        (format!("[audit]\nfail-on = \"low\"\n[[source] # all\n{source}"), &[array]),
        (format!("[[source]\r\n{}", source.replace('\n', "\r\n")), &[array]),
        (format!("[[source\n{source}"), &["unclosed array table, expected `]]`"]),
        (format!("[[source]\n{targets}"), &[array]),
        (format!("[[source]]\n{source}[[waiver]\n{waiver}"), &[array]),
        (format!("[audit\nfail-on = \"high\"\n[[source]]\n{source}"), &[table]),
        (
            format!(
                "[policies\npaths = [\"own\"]\n[[source]]\n{source}[[waiver]]\n{}",
                waiver.replace("mfa", "own")
            ),
            &[table],
        ),
        // Every other mistake is said as ever.
        (
            format!("[[source]\n{source}[audit]\nfial-on = \"low\"\n[[waiver]]\n{waiver}paht = \"/\"\n"),
            &[array, "unknown key `fial-on`", "unknown key `paht`"],
        ),
        (format!("[[source]\n{source}[[source]\n{source}"), &[array, array]),
        // A mistake in a value leaves no table headless.
        (
            "[[source]]\nkind = \"recordings\npth = [\"a\"]\n".to_owned(),
            &[
                "a source of recordings needs `paths`",
                "invalid basic string, expected `\"`",
                "unknown key `pth`",
            ],
        ),
    ] {
        assert_eq!(refusal(&text).messages(), expected, "{text}");
    }
}

#[test]
fn a_date_in_quotes_is_shown_without() {
    for (written, help) in [
        ("\"2027-01-01\"", "write it without quotes: expires = 2027-01-01"),
        ("'2027-01-01'", "write it without quotes: expires = 2027-01-01"),
        ("\"2027-02-30\"", "for example: expires = 2027-03-31"),
        ("\"2027-01-01T00:00:00\"", "for example: expires = 2027-03-31"),
        ("\"soon\"", "for example: expires = 2027-03-31"),
        ("2027-01-01T00:00:00", "for example: expires = 2027-03-31"),
    ] {
        let text = with(&format!(
            "[[waiver]]\nrule = \"mfa/off\"\ntarget = \"a\"\nreason = \"r\"\nexpires = {written}\n"
        ));
        let error = refusal(&text);
        let found = problems(&error, &text);
        let [(_, found, place)] = found.as_slice() else { panic!("{found:?}") };
        assert_eq!((found.as_deref(), *place), (Some(help), written));
    }
}

#[test]
fn deep_nesting_is_refused_and_nothing_overflows() {
    let depth = 20_000;
    for text in [
        format!("{}a = 1", "a.".repeat(depth)),
        format!("[{}a]", "a.".repeat(depth)),
        format!("[[{}a]]", "a.".repeat(depth)),
        format!("a = {}{}", "[".repeat(depth), "]".repeat(depth)),
        format!("a = {}1{}", "{ a = ".repeat(depth), " }".repeat(depth)),
        format!("[policies.params]\npassword = {}", "[".repeat(depth)),
        format!("[policies.params]\n{}a = 1", "password.".repeat(depth)),
    ] {
        assert!(!refusal(&with(&text)).messages().is_empty());
    }
}

#[test]
fn a_byte_order_mark_and_carriage_returns_are_no_problem() {
    let text = format!("\u{feff}{}", FULL.replace('\n', "\r\n"));
    let config = config(&text);
    assert_eq!(config.waivers[0].location.region.line, 52);
}

#[test]
fn what_steers_a_terminal_is_not_shown() {
    let text = with(
        "\"a\\u001b[31m\u{202e}b\" = 1\n[policies]\ndisable = [\"\\u001b[2Jmfa/off\"]\nprofile = \"\\u009b\"",
    );
    let shown = shown(&refusal(&text));
    assert!(shown.contains("unknown key"));
    assert!(!shown.contains(|c| crate::untrusted::is_unprintable(c) && c != '\n'), "{shown:?}");
}

// Secrets: a configuration holds none, so whatever looks like one is a mistake, and is not repeated.

/// A line that someone may have written by mistake, with `S3cr3t…` in it.
fn secret_line() -> impl Strategy<Value = (String, String)> {
    let names = select(vec![
        "client_secret",
        "SECRET",
        "aws-secret-access-key",
        "aws_access_key_id",
        "private_key",
        "PrivateKey",
        "password",
        "db.password",
        "\"user password\"",
        "'session token'",
        "token",
        "api_key",
        "passphrase",
        "external-id",
        "credentials",
        "x.secret.y",
    ]);
    let shapes = select(vec![
        "NAME = \"VALUE\"",
        "NAME=\"VALUE\"",
        "NAME = 'VALUE'",
        "NAME = VALUE",
        "NAME == \"VALUE\"",
        "NAME: \"VALUE\"",
        "NAME: VALUE",
        "NAME \"VALUE\"",
        "NAME VALUE",
        "NAME = \"VALUE",
        "NAME = 'VALUE",
        "NAME = \"\"\"\nVALUE\n\"\"\"",
        "NAME = '''\nVALUE",
        "NAME = \"-----BEGIN\nVALUE\n-----END\"",
        "NAME = \"a\\\"b VALUE\"",
        "NAME = \"a # b\" # VALUE",
        "NAME = [\"VALUE\"]",
        "NAME = [\"a]b\", \"VALUE\"]",
        "NAME = [\n  \"a\", # ]\n  \"VALUE\",\n]",
        "NAME = [[\"a\"], [\"VALUE\"]]",
        "NAME = { value = \"VALUE\" }",
        "NAME = { a = { b = 1 }, value = \"VALUE\" }",
        "labels = { team = \"a\", NAME = \"VALUE\" }",
        "NAME = 1 \"VALUE\"",
        "# NAME VALUE",
        "concurrency = 3 # NAME = \"VALUE\"",
        "[NAME]\nvalue = \"VALUE\"",
        "[[NAME]]\nvalue = \"VALUE\"\nother = [\"VALUE\"]",
    ]);
    (names, shapes, "S3cr3t[A-Za-z0-9]{8,16}")
        .prop_map(|(name, shape, secret)| (shape.replace("NAME", name).replace("VALUE", &secret), secret))
}

proptest! {
    #[test]
    fn no_secret_of_a_mistyped_line_is_shown(
        (line, secret) in secret_line(),
        place in select(vec!["", "[audit]\nconcurrency = \"many\"\n", "[[source]]\nkind = 3\n", "[policies.params]\n", "[policies.severity]\n"]),
        after in select(vec!["", "[[waiver]]\n", "fial-on = 3\n", "[[source]]\nkind = \"recordings\"\n"]),
    ) {
        let text = format!("{place}{line}\n{after}");
        let shown = shown(&refusal(&text));
        prop_assert!(!shown.contains(&secret) && !shown.contains("S3cr3t"), "{shown}");
    }

    /// Nothing that somebody mistypes makes it panic, and what it accepts can be audited.
    #[test]
    fn no_slip_of_the_hand_is_a_panic(at: Index, byte: u8, kind in 0..3_u8) {
        let mut bytes = FULL.as_bytes().to_vec();
        let at = at.index(bytes.len());
        match kind {
            0 => drop(bytes.remove(at)),
            1 => bytes.insert(at, byte),
            _ => bytes[at] = byte,
        }
        let text = String::from_utf8_lossy(&bytes);
        match parse(&text) {
            Ok(config) => prop_assert!(!config.sources.is_empty()),
            Err(error) => {
                prop_assert!(!error.messages().is_empty());
                problems(&error, &text);
            }
        }
    }

    #[test]
    fn no_line_less_is_a_panic(first: Index, second: Index) {
        let lines: Vec<&str> = FULL.lines().collect();
        let (first, second) = (first.index(lines.len()), second.index(lines.len()));
        let kept: Vec<&str> = lines.iter().enumerate().filter(|(at, _)| ![first, second].contains(at)).map(|(_, line)| *line).collect();
        let text = kept.join("\n");
        match parse(&text) {
            Ok(config) => prop_assert!(!config.sources.is_empty()),
            Err(error) => drop(problems(&error, &text)),
        }
    }
}

#[test]
fn what_only_sounds_like_a_secret_stays_readable() {
    for line in [
        "rule = \"password/too_short\"",
        "disable = [\"password/too_short\"]",
        "\"password/too_short\" = \"hihg\"",
        "reason = \"the password page needs it\"",
        "password.min_length = 14",
    ] {
        let shown = shown(&refusal(&format!("xyz = 1\n{line}\n")));
        assert!(shown.contains(&format!("snippet line 2: {line}\n")), "{shown}");
    }
    let parameters = "[policies.params.password]\nmin_length = 14\n";
    assert!(shown(&refusal(parameters)).contains("snippet line 2: min_length = 14\n"));
}

// Globs.

#[test]
fn a_target_glob_names_apps_environments_and_resources() {
    let id = TargetId::new("d1", "prod", "auth");
    for (pattern, matches) in [
        ("d1/prod/auth", true),
        ("d1/prod", true),
        ("d1", true),
        ("*", true),
        ("*/*/*", true),
        ("**", true),
        ("d?/pr*/{auth,other}", true),
        ("[c-e]1/prod/*", true),
        ("d1/prod/a*h", true),
        ("d", false),
        ("D1/prod/auth", false),
        ("prod", false),
        ("*/auth", false),
        ("d1/pro", false),
        ("d1/*/prod", false),
        ("d1*auth", false),
        ("**/auth", false),
        ("d1?prod", false),
        ("d1/prod/", false),
        ("", false),
        ("/", false),
        ("d1//auth", false),
        ("d1/prod/auth/x", false),
        ("d1/[", false),
        ("d1/{a", false),
    ] {
        let found = TargetGlob::parse(pattern).is_ok_and(|glob| glob.is_match(&id));
        assert_eq!(found, matches, "{pattern}");
    }
    for pattern in ["", "/", "a//c", "a/b/c/d", "a/", "/a", "[", "a/{b"] {
        assert!(TargetGlob::parse(pattern).is_err(), "{pattern}");
    }
    // A name with a slash in it is one part of the id, and no pattern reaches into it.
    let odd = TargetId::new("d1", "a/b", "auth");
    assert!(TargetGlob::parse("d1/*/auth").expect("a glob").is_match(&odd));
    assert!(!TargetGlob::parse("d1/a/b").expect("a glob").is_match(&odd));
}

#[test]
fn a_pattern_of_recordings_is_anchored_at_the_file() {
    let globs = |pattern: &str, folder: &str| {
        let text = format!("[[source]]\nkind = \"recordings\"\npaths = ['{pattern}']\n");
        let path = Path::new(folder).join("audit.toml");
        let repository = Repository::containing(Path::new(folder));
        let config = Draft::read(&text, &path, &repository).validate(&catalogue());
        let mut sources = config.expect("valid").sources;
        match sources.remove(0).kind {
            SourceKind::Recordings(mut globs) => globs.remove(0),
            SourceKind::Amplify(_) => panic!("recordings"),
        }
    };
    for (pattern, folder, root, matching, others) in [
        (
            "r/*.json",
            "/repo",
            "/repo/r",
            &["/repo/r/a.json", "/repo/r/.json"][..],
            &["/repo/r/b/a.json", "/r/a.json", "/repo/r/a.jsonl"][..],
        ),
        (
            "r/**/*.json",
            "/repo",
            "/repo/r",
            &["/repo/r/a.json", "/repo/r/b/c/a.json"],
            &["/repo/a.json", "/repo/r2/a.json"],
        ),
        ("*.json", "/repo", "/repo", &["/repo/a.json"], &["/repo/b/a.json", "/a.json"]),
        ("**", "/repo", "/repo", &["/repo/a", "/repo/b/a"], &["/other/a"]),
        (
            "r/a.json",
            "/repo",
            "/repo/r/a.json",
            &["/repo/r/a.json"],
            &["/repo/r/a.json.bak", "/repo/r/axjson"],
        ),
        ("r/[ab].json", "/repo", "/repo/r", &["/repo/r/a.json"], &["/repo/r/c.json", "/repo/r/[ab].json"]),
        (r"r/\[a\].json", "/repo", "/repo/r", &["/repo/r/[a].json"], &["/repo/r/a.json"]),
        ("r/{a,b/c}.json", "/repo", "/repo/r", &["/repo/r/a.json", "/repo/r/b/c.json"], &["/repo/r/c.json"]),
        ("../x/*.json", "/repo", "/repo/../x", &["/repo/../x/a.json"], &["/repo/x/a.json"]),
        ("/abs/*.json", "/repo", "/abs", &["/abs/a.json"], &["/repo/abs/a.json"]),
        // The folder's own name is no pattern.
        (
            "r/*.json",
            "/re[po]/{x}",
            "/re[po]/{x}/r",
            &["/re[po]/{x}/r/a.json"],
            &["/rep/x/r/a.json", "/rep/{x}/r/a.json"],
        ),
        ("r/a.json", "/re*po", "/re*po/r/a.json", &["/re*po/r/a.json"], &["/rexpo/r/a.json"]),
    ] {
        let glob = globs(pattern, folder);
        assert_eq!(glob.pattern, pattern);
        assert_eq!(glob.root, Path::new(root), "{pattern}");
        for path in matching {
            assert!(glob.matcher.is_match(path), "{pattern} should match {path}");
        }
        for path in others {
            assert!(!glob.matcher.is_match(path), "{pattern} should not match {path}");
        }
    }
}
