//! Documents per second through the embedded pack: `cargo bench --bench policies`.
//!
//! Two fleets: a realistic one, in which a third of the settings are those of many others and every app has names
//! and URIs of its own; and one in which every document differs in every text. Each is judged with the memory of
//! answers and without it, on one thread and on two, and by real OPA (a prepared query for all rules) where
//! `python3` finds the wheel `opa-golib-python-bindings`. Figures are printed, never judged.

#![expect(
    clippy::expect_used,
    clippy::print_stdout,
    reason = "a benchmark prints figures, and stops where it cannot"
)]
#![expect(clippy::cast_precision_loss, reason = "figures are for reading")]

use std::collections::BTreeMap;
use std::fs;
use std::hint::black_box;
use std::io::Write as _;
use std::path::Path;
use std::process::{Command, Stdio};
use std::sync::Arc;
use std::thread;
use std::time::{Duration, Instant};

use amplify_audit::config::{Packs, Policies};
use amplify_audit::document::{self, Document};
use amplify_audit::location::{Location, Region, Repository};
use amplify_audit::policy::{Library, Pack};
use amplify_audit::target::{Stage, Target, TargetId};
use serde_json::{Value, json};
use walkdir::WalkDir;

const TARGETS: usize = 6_000;
/// Each figure is the best of so many: the machine is shared, and nothing makes a run too fast.
const ROUNDS: usize = 3;
/// OPA takes much longer.
const OPA_TARGETS: usize = 1_500;

fn main() {
    load_time();
    for (name, fleet) in [("realistic", realistic as fn(usize) -> Value), ("all different", all_different)] {
        let documents: Vec<Document> = (0..TARGETS).map(|number| document(number, &fleet(number))).collect();
        for threads in [1, 2] {
            let [with, without] = [true, false].map(|remembers| {
                let took = (0..ROUNDS).map(|_| judge(&documents, threads, remembers)).min();
                documents.len() as f64 / took.unwrap_or_default().as_secs_f64()
            });
            println!(
                "{name}, {threads} thread(s): {with:>7.0} documents/s with the memory, {without:>7.0} without, ratio {:.2}",
                with / without,
            );
            match opa(&documents[..OPA_TARGETS], threads) {
                Ok(seconds) => {
                    let opa = OPA_TARGETS as f64 / seconds;
                    println!(
                        "{name}, {threads} thread(s): {opa:>7.0} documents/s in OPA, ratio {:.1} with the memory, {:.1} without",
                        with / opa,
                        without / opa,
                    );
                }
                Err(why) => println!("{name}, {threads} thread(s): OPA was not measured: {why}"),
            }
        }
    }
}

fn pack() -> Pack {
    load().1
}

fn load() -> (Library, Pack) {
    let packs = Packs::embedded();
    let library = Library::read(&packs, &Repository::containing(Path::new("/")));
    let params = library.catalogue().params;
    let policies = Policies { packs, disable: [].into(), severity: [].into(), params };
    let pack = library.pack(&policies).expect("the embedded pack");
    (library, pack)
}

fn load_time() {
    let mut times: Vec<Duration> = (0..50)
        .map(|_| {
            let start = Instant::now();
            let loaded = black_box(load());
            // A run keeps them to its end.
            let took = start.elapsed();
            drop(loaded);
            took
        })
        .collect();
    times.sort();
    let median = times[times.len() / 2];
    println!(
        "load of {} rules: median {:.1} ms, best {:.1} ms",
        pack().rules().len(),
        ms(median),
        ms(times[0])
    );
}

fn ms(time: Duration) -> f64 {
    time.as_secs_f64() * 1e3
}

/// The wall time of judging all documents, with a new memory.
fn judge(documents: &[Document], threads: usize, remembers: bool) -> Duration {
    let pack = if remembers { pack() } else { pack().forgetful() };
    let start = Instant::now();
    thread::scope(|scope| {
        for part in documents.chunks(documents.len().div_ceil(threads)) {
            let pack = &pack;
            scope.spawn(move || {
                let mut evaluator = pack.evaluator();
                for document in part {
                    let evaluation = evaluator.evaluate(document);
                    assert!(evaluation.unaudited.is_none(), "{:?}", evaluation.unaudited);
                    black_box(evaluation);
                }
            });
        }
    });
    start.elapsed()
}

/// The seconds that OPA takes for the same rules and documents.
fn opa(documents: &[Document], threads: usize) -> Result<f64, String> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut modules = BTreeMap::new();
    let mut sets = BTreeMap::new();
    for entry in WalkDir::new(root.join("policies")).sort_by_file_name() {
        let entry = entry.map_err(|error| error.to_string())?;
        let name = entry.path().strip_prefix(root.join("policies")).unwrap_or(entry.path()).to_string_lossy();
        let Some(id) = name.strip_suffix(".rego").filter(|id| !id.ends_with("_test")) else { continue };
        let text = fs::read_to_string(entry.path()).map_err(|error| error.to_string())?;
        if !id.starts_with("lib/") && !text.contains("scope: app") {
            sets.insert(id.to_owned(), format!("data.audit.{}.deny", id.replace('/', ".")));
        }
        modules.insert(name.to_string(), text);
    }
    let params = Library::read(&Packs::embedded(), &Repository::containing(root)).catalogue().params;
    let inputs: Vec<Value> =
        documents.iter().map(|document| serde_json::from_str(&document.to_json()).expect("JSON")).collect();
    let job =
        json!({"modules": modules, "sets": sets, "data": {"audit": {"params": params}}, "inputs": inputs});
    let mut python = Command::new("python3")
        .arg(root.join("tests/opa.py"))
        .arg(threads.to_string())
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .map_err(|error| error.to_string())?;
    let mut pipe = python.stdin.take().expect("a pipe");
    let text = job.to_string();
    let writer = thread::spawn(move || pipe.write_all(text.as_bytes()));
    let output = python.wait_with_output().map_err(|error| error.to_string())?;
    drop(writer.join());
    if !output.status.success() {
        let said = String::from_utf8_lossy(&output.stderr);
        return Err(said.lines().last().unwrap_or("it said nothing").to_owned());
    }
    let said: Value = serde_json::from_slice(&output.stdout).map_err(|error| error.to_string())?;
    said["seconds"].as_f64().ok_or_else(|| "it said no time".to_owned())
}

fn document(number: usize, answer: &Value) -> Document {
    let (app, environment) = (format!("d{:05}", number / 3), ["prod", "staging", "dev"][number % 3]);
    let resource = format!("app{}auth", number / 3);
    let place = Region { line: 7, column: 1, end_line: 7, end_column: 2 };
    let target = Target {
        id: TargetId::new(&app, environment, &resource),
        account: Some("111122223333".to_owned()),
        region: Some("eu-west-1".to_owned()),
        app_id: app.clone(),
        app_name: Some(format!("app {}", number / 3)),
        environment: environment.to_owned(),
        resource,
        stage: [Stage::Production, Stage::Staging, Stage::Development][number % 3],
        labels: BTreeMap::new(),
        source: "fleet".into(),
        declared: Location { file: "audit.toml".into(), region: place },
    };
    let answer = document::read(answer.to_string().as_bytes()).expect("an answer");
    Document::new(answer, Arc::new(target), None)
}

/// What a company's apps look like: templates of messages, a few ways to sign in, names and URIs of their own.
fn realistic(number: usize) -> Value {
    let (app, environment) = (number / 3, ["prod", "staging", "dev"][number % 3]);
    let host = match environment {
        "prod" => format!("app{app}.example.com"),
        other => format!("{other}.app{app}.example.com"),
    };
    let mut uris = vec![format!("https://{host}/"), format!("https://{host}/signin/callback")];
    if environment == "dev" {
        uris.push("http://localhost:3000/".to_owned());
    }
    let pick = |values: &[&str], by: usize| values[app / by % values.len()].to_owned();
    let scopes: &[&str] = if app % 4 == 0 {
        &["EMAIL", "OPENID", "PHONE", "PROFILE", "AWS_COGNITO_SIGNIN_USER_ADMIN"]
    } else {
        &["EMAIL", "OPENID"]
    };
    answer(&Settings {
        message: "Your verification code is {####}".to_owned(),
        subject: "Your verification code".to_owned(),
        name: format!("app{app}_{environment}"),
        uris,
        scopes: json!(scopes),
        grant: if app % 25 == 3 { "IMPLICIT" } else { "CODE" },
        mode: pick(&["ON", "OPTIONAL", "ON", "OFF", "ON"], 1),
        length: [8, 12, 12, 14][app % 4],
        guests: app % 10 == 7,
        client: (app % 3 == 0).then(|| format!("{app}.apps.example.com")),
    })
}

/// Every text is of this document alone.
fn all_different(number: usize) -> Value {
    let scopes: Vec<Value> = vec![json!("OPENID"), json!(format!("SCOPE_{number}"))];
    answer(&Settings {
        message: format!("Your verification code of {number} is {{####}}"),
        subject: format!("Your verification code of {number}"),
        name: format!("pool{number}"),
        uris: (0..3).map(|n| format!("https://host{n}.app{number}.example.com/signin/")).collect(),
        scopes: scopes.into(),
        grant: "CODE",
        mode: format!("MODE_{number}"),
        length: 1_000 + number,
        guests: false,
        client: Some(format!("{number}.apps.example.com")),
    })
}

struct Settings {
    message: String,
    subject: String,
    name: String,
    uris: Vec<String>,
    scopes: Value,
    grant: &'static str,
    mode: String,
    length: usize,
    guests: bool,
    client: Option<String>,
}

fn answer(settings: &Settings) -> Value {
    let Settings { message, subject, name, uris, scopes, grant, mode, length, guests, client } = settings;
    let message = json!({"DeliveryMethod": "EMAIL", "EmailSettings": {"EmailMessage": message, "EmailSubject": subject}});
    json!({
        "ResourceConfig": {
            "AuthResources": "IDENTITY_POOL_AND_USER_POOL",
            "IdentityPoolConfigs": {"IdentityPoolName": name, "UnauthenticatedLogin": guests},
            "Service": "COGNITO",
            "UserPoolConfigs": {
                "ForgotPassword": message,
                "Mfa": {"MFAMode": mode, "Settings": {"MfaTypes": ["TOTP"]}},
                "OAuth": {
                    "DomainPrefix": name,
                    "OAuthGrantType": grant,
                    "OAuthScopes": scopes,
                    "RedirectSignInURIs": uris,
                    "RedirectSignOutURIs": uris,
                    "SocialProviderSettings": {"Google": {"ClientId": client}},
                },
                "PasswordPolicy": {"AdditionalConstraints": ["REQUIRE_DIGIT"], "MinimumLength": length},
                "RequiredSignUpAttributes": ["EMAIL"],
                "SignInMethod": "EMAIL",
                "UserPoolName": name,
                "VerificationMessage": message,
            },
        },
    })
}
