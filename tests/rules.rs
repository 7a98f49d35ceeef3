//! `audit rules`, `audit explain` and `audit schema`, and the files that are made with them.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::LazyLock;

use serde_json::{Map, Value, json};

use crate::common::{Project, Run, audit, compliant};

/// A configuration that judges other rules than the built-in ones, and otherwise.
const OVERRULED: &str = "[[source]]\nkind = \"recordings\"\npaths = [\"*.json\"]\n[policies]\ndisable = [\"mfa/sms_only\"]\nparams.password.min_length = 14\n[policies.severity]\n\"mfa/optional\" = \"critical\"\n";

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

fn json_of(run: &Run) -> Value {
    serde_json::from_str(&run.stdout).unwrap_or_else(|error| panic!("no JSON: {error}\n{run:#?}"))
}

/// Runs the program where there is no audit.toml.
fn nowhere(args: &[&str]) -> Run {
    let folder = tempfile::tempdir().expect("a temporary folder");
    Run::of(audit(folder.path()).args(args).output().expect("the program starts"))
}

// What is made from the program, and committed.

#[test]
fn committed_files_are_what_the_program_prints() {
    for (file, args) in [
        ("docs/rules.md", &["rules", "--format", "markdown"][..]),
        ("docs/configuration.md", &["schema", "config", "--format", "markdown"]),
        ("schemas/audit.schema.json", &["schema", "config"]),
        ("schemas/document.schema.json", &["schema", "document"]),
        ("schemas/report.schema.json", &["schema", "report"]),
    ] {
        let printed = nowhere(args);
        assert_eq!((printed.code, printed.stderr.as_str()), (0, ""), "{args:?}");
        let committed = fs::read_to_string(root().join(file)).unwrap_or_default();
        assert!(
            committed == printed.stdout,
            "{file} is stale; renew it with: cargo run --quiet -- {} > {file}",
            args.join(" ")
        );
    }
}

#[test]
fn the_page_of_rules_has_a_section_for_each_and_no_dead_link() {
    let page = nowhere(&["rules", "--format", "markdown"]).stdout;
    let anchors: BTreeSet<&str> =
        page.split("<a id=\"").skip(1).filter_map(|rest| rest.split('"').next()).collect();
    let links: BTreeSet<&str> = page.split("](#").skip(1).filter_map(|rest| rest.split(')').next()).collect();
    let rules = json_of(&nowhere(&["rules", "--format", "json"]));
    let ids: BTreeSet<&str> =
        rules["rules"].as_array().expect("rules").iter().filter_map(|rule| rule["id"].as_str()).collect();
    assert!(ids.len() >= 10, "{ids:?}");
    assert_eq!(links, ids);
    assert_eq!(anchors, ids.into_iter().chain(["audit/unaudited"]).collect());
    // Whatever else is in angle brackets is an address.
    let markup = |piece: &&str| {
        !["a id=", "/a>", "!-- Written", "https://"].iter().any(|known| piece.starts_with(known))
    };
    let prose: String = page.split('`').step_by(2).collect();
    assert_eq!(prose.split('<').skip(1).filter(markup).collect::<Vec<_>>(), [""; 0]);
}

// Rules.

#[test]
fn without_a_configuration_the_built_in_rules_are_listed() {
    let run = nowhere(&["rules"]);
    assert_eq!((run.code, run.stderr.as_str()), (0, ""));
    let lines: Vec<&str> = run.stdout.lines().collect();
    assert_eq!(lines[0].split_whitespace().collect::<Vec<_>>(), ["rule", "severity", "title"]);
    let off = lines.iter().find(|line| line.starts_with("mfa/off ")).expect("the rule");
    assert_eq!(
        off.split("  ").map(str::trim).filter(|cell| !cell.is_empty()).collect::<Vec<_>>(),
        ["mfa/off", "high", "Multi-factor authentication is off"]
    );
    assert!(
        lines
            .iter()
            .any(|line| line.contains(" rules of the pack builtin, 3 of them not set up; `audit explain")),
        "{}",
        run.stdout
    );
    assert!(!run.stdout.contains('\u{1b}'));
    assert!(nowhere(&["rules", "--color", "always"]).stdout.contains('\u{1b}'));
}

#[test]
fn what_the_configuration_overrules_is_shown() {
    let project = Project::new(OVERRULED);
    let table = project.audit(&["rules"]);
    let line = |id: &str| {
        let mut lines = table.stdout.lines();
        lines.find(|line| line.starts_with(&format!("{id} "))).unwrap_or_else(|| panic!("{table:#?}"))
    };
    assert!(line("mfa/sms_only").contains(" disabled "), "{}", table.stdout);
    assert!(line("mfa/optional").contains(" critical (was medium) "), "{}", table.stdout);
    assert!(
        table.stdout.contains(" rules of the pack builtin, 1 of them disabled, 3 of them not set up; "),
        "{}",
        table.stdout
    );

    let rules = json_of(&project.audit(&["rules", "--format", "json"]));
    let rule = |id: &str| {
        let mut rules = rules["rules"].as_array().expect("rules").iter();
        rules.find(|rule| rule["id"] == id).unwrap_or_else(|| panic!("no {id}"))
    };
    let said = |id: &str| {
        let rule = rule(id);
        (
            rule["severity"].clone(),
            rule["own_severity"].clone(),
            rule["enabled"].clone(),
            rule["pack"].clone(),
        )
    };
    assert_eq!(said("mfa/optional"), (json!("critical"), json!("medium"), json!(true), json!("builtin")));
    assert_eq!(said("mfa/sms_only").2, json!(false));
    assert_eq!(said("mfa/off"), (json!("high"), json!("high"), json!(true), json!("builtin")));
    assert_eq!(
        rule("password/too_short")["parameters"],
        json!({"password.min_length": 14, "password.min_length_without_mfa": 0})
    );
    assert_eq!(rules["profiles"]["recommended"]["password.min_length"], 12);

    let page = project.audit(&["rules", "--format", "markdown"]).stdout;
    assert!(page.contains("critical (by itself medium)") && page.contains(", disabled |"), "{page}");
}

#[test]
fn a_configuration_that_cannot_be_used_is_not_passed_over() {
    let wrong = Project::new("[polices]\n");
    for args in [&["rules"][..], &["explain", "mfa/off"]] {
        let run = wrong.audit(args);
        assert_eq!((run.code, run.stdout.as_str()), (2, ""), "{args:?}");
        let missing = nowhere(&[args, &["--config", "nowhere.toml"]].concat());
        assert_eq!((missing.code, missing.stdout.as_str()), (2, ""), "{args:?}");
    }
}

// Explanations.

#[test]
fn every_rule_is_explained_in_every_format() {
    let rules = json_of(&nowhere(&["rules", "--format", "json"]));
    for rule in rules["rules"].as_array().expect("rules") {
        let id = rule["id"].as_str().expect("an id");
        let told = nowhere(&["explain", id, "--format", "json"]);
        assert_eq!((told.code, json_of(&told)["rule"].clone()), (0, rule.clone()));
        let words = |text: &str| text.split_whitespace().collect::<Vec<_>>().join(" ");
        let human = nowhere(&["explain", id]);
        assert_eq!((human.code, human.stderr.as_str()), (0, ""));
        let idle = if rule["enabled"] == true {
            ""
        } else {
            " (not set up: audit.toml gives it nothing to compare with)"
        };
        let head = format!("{id}  {}{idle}\n", rule["severity"].as_str().expect("text"));
        assert!(human.stdout.starts_with(&head), "{}", human.stdout);
        for member in ["title", "description", "remediation"] {
            let text = words(rule[member].as_str().expect("text"));
            assert!(words(&human.stdout).contains(&text), "{id} does not say {text:?}\n{}", human.stdout);
        }
        for list in ["references", "links"] {
            for text in rule[list].as_array().expect("a list") {
                assert!(human.stdout.contains(text.as_str().expect("text")), "{id} does not say {text}");
            }
        }
        assert!(human.stdout.contains(&format!("rule = \"{id}\"")) && human.stdout.contains("expires = "));
        let page = nowhere(&["explain", id, "--format", "markdown"]).stdout;
        assert!(page.contains(&format!("\n# {id}\n")), "{page}");
    }
}

#[test]
fn an_explanation_says_what_the_configuration_makes_of_the_rule() {
    let project = Project::new(OVERRULED);
    for (rule, said) in [
        ("mfa/sms_only", "disabled by audit.toml"),
        ("mfa/optional", "mfa/optional  critical (by audit.toml; medium by itself)"),
        ("password/too_short", "password.min_length = 14"),
    ] {
        let run = project.audit(&["explain", rule]);
        assert!(run.stdout.contains(said), "{rule}: {}", run.stdout);
    }
}

#[test]
fn the_rule_that_code_scanning_shows_for_unaudited_targets_is_explained() {
    let run = nowhere(&["explain", "audit/unaudited"]);
    assert_eq!(run.code, 0);
    assert!(run.stdout.contains("no pass") && run.stdout.contains("--allow-incomplete"), "{}", run.stdout);
    assert!(!run.stdout.contains("[[waiver]]"), "{}", run.stdout);
    let listed = nowhere(&["rules"]).stdout;
    assert!(!listed.contains("audit/unaudited"), "{listed}");
}

#[test]
fn a_rule_that_does_not_exist_is_an_error_with_a_suggestion() {
    for (given, help) in [
        ("mfa/of", "mfa/off"),
        ("audit/unaudted", "audit/unaudited"),
        ("entirely-different", "`audit rules` lists them"),
        ("\u{1b}[31m", "`audit rules` lists them"),
    ] {
        let run = nowhere(&["explain", given]);
        assert_eq!((run.code, run.stdout.as_str()), (2, ""), "{given}");
        assert!(run.stderr.contains("there is no rule") && run.stderr.contains(help), "{}", run.stderr);
        assert!(!run.stderr.contains('\u{1b}'));
    }
}

// Schemas.

/// TOML as editors hand it to a schema: a date is a string.
fn as_json(toml: &toml::Value) -> Value {
    match toml {
        toml::Value::Table(table) => {
            table.iter().map(|(key, value)| (key.clone(), as_json(value))).collect::<Map<_, _>>().into()
        }
        toml::Value::Array(list) => list.iter().map(as_json).collect(),
        toml::Value::String(text) => json!(text),
        toml::Value::Integer(number) => json!(number),
        toml::Value::Float(number) => json!(number),
        toml::Value::Boolean(flag) => json!(flag),
        toml::Value::Datetime(date) => json!(date.to_string()),
    }
}

static CONFIG: LazyLock<jsonschema::Validator> = LazyLock::new(|| {
    let schema = json_of(&nowhere(&["schema", "config"]));
    jsonschema::draft202012::options().should_validate_formats(true).build(&schema).expect("a schema")
});

fn wrong_in(config: &str) -> Vec<String> {
    let config = toml::from_str::<toml::Table>(config).unwrap_or_else(|error| panic!("{error}\n{config}"));
    let config = as_json(&toml::Value::Table(config));
    CONFIG.iter_errors(&config).map(|error| format!("{}: {error}", error.instance_path())).collect()
}

fn examples() -> Vec<PathBuf> {
    let mut found = vec![root().join("examples/audit.toml")];
    for entry in fs::read_dir(root().join("examples")).expect("a folder") {
        let path = entry.expect("an entry").path().join("audit.toml");
        found.extend(path.is_file().then_some(path));
    }
    found
}

#[test]
fn every_example_keeps_to_the_schema_and_names_it() {
    let examples = examples();
    assert!(examples.len() >= 4);
    for path in examples {
        let text = fs::read_to_string(&path).expect("readable");
        assert_eq!(wrong_in(&text), [""; 0], "{}", path.display());
        let schema = text.lines().next().and_then(|line| line.strip_prefix("#:schema "));
        let schema =
            path.with_file_name("").join(schema.unwrap_or_else(|| panic!("{} names none", path.display())));
        assert_eq!(
            fs::canonicalize(&schema).ok(),
            fs::canonicalize(root().join("schemas/audit.schema.json")).ok(),
            "{}",
            path.display()
        );
    }
}

#[test]
fn what_init_writes_keeps_to_the_schema_and_so_does_each_of_its_examples() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    Run::of(audit(folder.path()).arg("init").output().expect("the program starts"));
    let text = fs::read_to_string(folder.path().join("audit.toml")).expect("it is written");
    assert_eq!(wrong_in(&text), [""; 0]);
    assert!(text.contains("audit schema config > audit.schema.json"));
    let setting = |line: &str| {
        let is_key =
            |key: &str| key.bytes().all(|byte| byte.is_ascii_lowercase() || b"-_./\"".contains(&byte));
        line.starts_with("[[") || line.split_once(" = ").is_some_and(|(key, _)| is_key(key))
    };
    let all: Vec<&str> = text
        .lines()
        .map(|line| line.strip_prefix("# ").filter(|rest| setting(rest)).unwrap_or(line))
        .collect();
    assert_eq!(wrong_in(&all.join("\n")), [""; 0]);
}

/// A source that is right, so that what is wrong is the rest.
const SOURCE: &str = "[[source]]\nkind = \"recordings\"\npaths = [\"*.json\"]\n";

#[test]
fn the_schema_and_the_program_refuse_the_same() {
    let waiver = |lines: &str| {
        format!(
            "{SOURCE}[[waiver]]\nrule = \"mfa/off\"\ntarget = \"d1/prod\"\nreason = \"because\"\n{lines}\n"
        )
    };
    let live = |lines: &str| format!("[[source]]\nkind = \"amplify\"\n{lines}\n");
    for (config, is_right) in [
        (SOURCE.to_owned(), true),
        (String::new(), false),
        ("source = []".to_owned(), false),
        // Unknown keys.
        (format!("{SOURCE}[polices]\n"), false),
        (format!("{SOURCE}[audit]\nfailon = \"high\"\n"), false),
        (format!("{SOURCE}[stages]\nproduktion = []\n"), false),
        (format!("{SOURCE}path = [\"*\"]\n"), false),
        (waiver("expires = 2027-03-31\nuntil = 2027-03-31"), false),
        // Wrong types.
        (format!("{SOURCE}[audit]\nconcurrency = \"32\"\n"), false),
        (format!("{SOURCE}[audit]\ntimeout = 30\n"), false),
        (format!("{SOURCE}[policies]\nbuiltin = \"yes\"\n"), false),
        (format!("{SOURCE}[policies]\ndisable = \"mfa/off\"\n"), false),
        (format!("{SOURCE}[stages]\nstaging = \"stag*\"\n"), false),
        // Names and numbers that there are not.
        (format!("{SOURCE}[audit]\nfail-on = \"hihg\"\n"), false),
        (format!("{SOURCE}[audit]\nfail-on = \"none\"\nconcurrency = 1024\ntimeout = \"1m 30s\"\n"), true),
        (format!("{SOURCE}[audit]\nconcurrency = 0\n"), false),
        (format!("{SOURCE}[audit]\nmax-attempts = 101\n"), false),
        (format!("{SOURCE}[policies]\nprofile = \"recomended\"\n"), false),
        (format!("{SOURCE}[policies]\nprofile = \"recommended\"\nparams.password.min_length = 14\n"), true),
        (format!("{SOURCE}[policies.severity]\n\"mfa/off\" = \"none\"\n"), false),
        (format!("{SOURCE}[policies.severity]\n\"mfa/off\" = \"info\"\n"), true),
        ("[[source]]\nkind = \"recording\"\npaths = [\"*\"]\n".to_owned(), false),
        ("[[source]]\npaths = [\"*\"]\n".to_owned(), false),
        ("[[source]]\nkind = \"recordings\"\n".to_owned(), false),
        (live("regions = [\"eu-west-1\"]"), true),
        (live(""), false),
        (live("regions = []"), false),
        (live("regions = [\"eu-west-1a\"]"), false),
        (live("regions = [\"eu-west-1\", \"eu-west-1\"]"), false),
        (
            live(
                "regions = [\"eu-west-1\"]\naccounts = [\"1\"]\nrole-arn = \"arn:aws:iam::{account}:role/a\"",
            ),
            false,
        ),
        (live("regions = [\"eu-west-1\"]\nrole-arn = \"auditor\""), false),
        (
            live(
                "regions = [\"eu-west-1\"]\n[[source.target]]\napp = \"d1\"\nenvironment = \"prod\"\nstage = \"staging\"\nlabels = {a = \"b\"}",
            ),
            true,
        ),
        (live("regions = [\"eu-west-1\"]\n[[source.target]]\napp = \"d1\""), false),
        (
            live(
                "regions = [\"eu-west-1\"]\n[[source.target]]\napp = \"d1\"\nenvironment = \"prod\"\nstage = \"prod\"",
            ),
            false,
        ),
        (waiver("expires = 2027-03-31"), true),
        (waiver("expires = 2027-03-31\npath = \"/ResourceConfig/**\"\nowner = \"us\""), true),
        (waiver("expires = 2027-03-31\npath = \"ResourceConfig\""), false),
        (waiver("expires = 2027-03-31T00:00:00Z"), false),
        (waiver("expires = \"soon\""), false),
        (waiver(""), false),
        (format!("[audit]\nbaseline = \"baseline\"\n{SOURCE}"), true),
        (format!("[audit]\nbaseline = \"\"\n{SOURCE}"), false),
        (format!("{SOURCE}[[drift]]\nexpected = \"d1/prod\"\nactual = \"d1/staging\"\n"), true),
        (
            format!("{SOURCE}[[drift]]\nexpected = \"d1/prod\"\nactual = \"d1/staging\"\nignore = [\"x\"]\n"),
            false,
        ),
        (format!("{SOURCE}[[drift]]\nexpected = \"d1/prod\"\n"), false),
        // Of the contract, and not in this version: what the program takes from now on belongs into the schema.
        ("[[source]]\nkind = \"cognito\"\nregions = [\"eu-west-1\"]\n".to_owned(), false),
        ("[[source]]\nkind = \"amplify-project\"\npaths = [\"amplify\"]\n".to_owned(), false),
    ] {
        let wrong = wrong_in(&config);
        assert_eq!(wrong.is_empty(), is_right, "the schema says {wrong:#?} of\n{config}");
        let run = Project::new(&config).audit(&["rules"]);
        assert_eq!(run.code == 0, is_right, "the program says {} of\n{config}", run.stderr);
    }
}

#[test]
fn every_key_of_the_schema_is_described() {
    fn visit(at: &str, schema: &Value, keys: &mut usize) {
        for (name, value) in schema["properties"].as_object().into_iter().flatten() {
            let at = format!("{at}/{name}");
            *keys += 1;
            let said = value["description"].as_str().unwrap_or_else(|| panic!("{at} is not described"));
            let is_needed = schema["required"].as_array().is_some_and(|keys| keys.contains(&json!(name)));
            let is_table = value["properties"].is_object() || value["items"]["properties"].is_object();
            let tells = ["default", "needed", "left out"].iter().any(|word| said.contains(word));
            assert!(is_needed || is_table || tells, "{at} does not say what holds without it: {said}");
            visit(&at, value, keys);
            visit(&at, &value["items"], keys);
        }
    }
    let schema = json_of(&nowhere(&["schema", "config"]));
    let mut keys = 0;
    visit("", &schema, &mut keys);
    assert!(keys >= 30, "only {keys} keys");
    assert!(!schema.to_string().contains("$ref"), "editors pass over what stands beside a reference");
}

#[test]
fn a_report_may_have_more_than_its_schema_and_nothing_else() {
    let project = Project::of_recordings(&[("prod.json", compliant("d1", "prod"))]);
    let (_, report) = project.report(&[]);
    let schema = json_of(&nowhere(&["schema", "report"]));
    let validator = jsonschema::draft202012::new(&schema).expect("a schema");
    assert!(validator.is_valid(&report));
    let changed = |pointer: &str, name: &str, value: Value| {
        let mut report = report.clone();
        report.pointer_mut(pointer).expect("in the report")[name] = value;
        report
    };
    assert!(validator.is_valid(&changed("/targets/0", "new", json!(1))));
    for (pointer, name, value) in [
        ("", "version", json!(2)),
        ("", "findings", json!(null)),
        ("/summary", "exit_code", json!(7)),
        ("/summary", "targets", json!(-1)),
        ("/targets/0", "status", json!("fine")),
        ("/rules/0", "severity", json!("hihg")),
        ("/targets/0/location", "line", json!("1")),
    ] {
        assert!(!validator.is_valid(&changed(pointer, name, value)), "{pointer}/{name}");
    }
    let mut cut = report.clone();
    cut.as_object_mut().expect("an object").remove("notices");
    assert!(!validator.is_valid(&cut));
}

#[test]
fn a_schema_is_asked_for_by_name() {
    for of in ["config", "document", "report"] {
        let schema = json_of(&nowhere(&["schema", of]));
        assert_eq!(schema["$schema"], "https://json-schema.org/draft/2020-12/schema");
        assert_eq!(schema["$id"], json!(format!("urn:amplify-audit:schema:{of}")));
        assert!(schema["title"].is_string() && schema["description"].is_string(), "{of}");
        assert!(jsonschema::meta::is_valid(&schema), "{of}");
    }
    assert_eq!(nowhere(&["schema", "sarif"]).code, 2);
}
