//! The server that stands in for AWS is checked, too: boto3 decodes its answers by the models of AWS, the
//! SDK for Rust signs for it, and what it counts is counted right.

use std::collections::BTreeMap;
use std::process::Command;
use std::time::{Duration, Instant};

use aws_config::sts::AssumeRoleProvider;
use aws_config::{BehaviorVersion, Region, SdkConfig};
use aws_credential_types::Credentials;
use aws_credential_types::provider::ProvideCredentials;
use aws_sdk_amplifybackend::Client;
use aws_sdk_amplifybackend::config::retry::RetryConfig;
use aws_sdk_amplifybackend::config::timeout::TimeoutConfig;
use aws_sdk_amplifybackend::error::ProvideErrorMetadata;
use serde_json::{Value, json};

use crate::common::{Project, audit};
use crate::loopback::{
    ACCOUNT, App, Backend, Branch, Bucket, Call, Edit, Loopback, Manner, Meta, Random, Reply, Script,
    Throttle, Tokens, Where,
};

const OTHER_ACCOUNT: &str = "444455556666";
const ROLE: &str = "arn:aws:iam::444455556666:role/audit/reader";
const SECRET_KEY: &str = "planted0SecretAccessKey0planted";
const MFA: &str = "/resourceConfig/userPoolConfigs/mfa/MFAMode";

/// Every kind of app and environment.
fn fleet() -> Vec<App> {
    let app = |id: &str, name: &str| App::new(ACCOUNT, "eu-west-1", id, name);
    vec![
        app("d1shop", "shop")
            .environment("prod", Meta::cognito(&["shopauth"]))
            .edited(Edit::Set(MFA, json!("OPTIONAL")))
            .environment("dev", Meta::cognito(&["shopauth", "otherauth"]))
            .environment("old", Meta::imported("shopauth"))
            .branch(Branch::new("main", "PRODUCTION", Backend::Environment("prod".to_owned())))
            .branch(Branch::new("docs", "DEVELOPMENT", Backend::None))
            .branch(Branch::new("next", "BETA", Backend::Environment("dev".to_owned()))),
        app("d2odd", "odd & <ends>")
            .environment("api", Meta::without_auth())
            .environment("malformed", Meta::malformed())
            .environment("absent", Meta::Absent)
            .environment("failed", Meta::Error("the bucket is gone".to_owned()))
            .environment("gone", Meta::NotFound),
        app("d3hosting", "hosting").branch(Branch::new("main", "PRODUCTION", Backend::None)),
        app("d4gen2", "gen2").branch(Branch::new("main", "PRODUCTION", Backend::Stack)),
        App::new(ACCOUNT, "us-east-1", "d5elsewhere", "elsewhere"),
        App::new(OTHER_ACCOUNT, "eu-west-1", "d6other", "other"),
    ]
}

fn owning(manner: Manner) -> Loopback {
    let server = Loopback::start(manner);
    for app in fleet() {
        server.own(app);
    }
    server
}

#[test]
#[ignore = "needs boto3, which .ci/run installs"]
fn boto3_decodes_what_the_fleet_is() {
    // Every list has more than one page.
    let server = owning(Manner { most_per_page: Some(2), ..Manner::default() });
    server.external_id(ROLE, "shop/1");
    server.fault(
        Where::operation("GetBackendAuth").environment("throttled"),
        Script::always(Reply::error(429, "TooManyRequestsException")),
    );
    let run = Command::new("python3")
        .args(["tests/boto3_check.py", &server.url()])
        .current_dir(env!("CARGO_MANIFEST_DIR"))
        .output()
        .expect("python3 starts");
    assert!(run.status.success(), "{}", String::from_utf8_lossy(&run.stderr));
    let said: Value = serde_json::from_slice(&run.stdout).expect("a line of JSON");

    let here = |app: &&App| app.account == ACCOUNT && app.region == "eu-west-1";
    let apps: Vec<_> = fleet().iter().filter(here).map(decoded).collect();
    assert_eq!(said["apps"], json!(apps));
    assert_eq!(said["elsewhere"], json!(["d5elsewhere"]));
    assert_eq!(said["caller"], json!([ACCOUNT, format!("arn:aws:iam::{ACCOUNT}:user/auditor")]));
    let assumed = format!("arn:aws:sts::{OTHER_ACCOUNT}:assumed-role/reader/check");
    assert_eq!(
        said["role"],
        json!({
            "caller": [OTHER_ACCOUNT, assumed],
            "assumed": assumed,
            "expires": true,
            "apps": ["d6other"],
        })
    );
    assert_eq!(said["web_identity_apps"], json!(["d6other"]));

    let auth = &said["auth"];
    assert_eq!(auth["AuthResources"], "IDENTITY_POOL_AND_USER_POOL");
    assert_eq!(auth["IdentityPoolConfigs"]["UnauthenticatedLogin"], false);
    let pool = &auth["UserPoolConfigs"];
    assert_eq!(pool["Mfa"], json!({"MFAMode": "OPTIONAL", "Settings": {"MfaTypes": ["TOTP"]}}));
    assert_eq!(pool["PasswordPolicy"]["MinimumLength"], 16.0);
    assert_eq!(pool["OAuth"]["RedirectSignInURIs"], json!(["https://shop.example.com/"]));
    assert_eq!(pool["ForgotPassword"]["EmailSettings"]["EmailSubject"], "Reset your password");

    let error =
        |class: &str, code: &str, status: u16| json!({"class": class, "code": code, "status": status});
    let mut not_found = error("NotFoundException", "NotFoundException", 404);
    not_found["ResourceType"] = json!("app");
    assert_eq!(
        said["errors"],
        json!({
            "not found": not_found,
            "throttled": error("TooManyRequestsException", "TooManyRequestsException", 429),
            "a page too long": error("BadRequestException", "BadRequestException", 400),
            "another's token": error("BadRequestException", "BadRequestException", 400),
            "denied role": error("ClientError", "AccessDenied", 403),
            "wrong secret": error("ClientError", "InvalidSignatureException", 403),
            "unknown key": error("ClientError", "UnrecognizedClientException", 403),
            "wrong secret for STS": error("ClientError", "SignatureDoesNotMatch", 403),
        })
    );
    // The last three; nothing else was out of order.
    assert_eq!(server.refused().len(), 3, "{:#?}", server.refused());
}

/// What the check prints of an app.
fn decoded(app: &App) -> Value {
    let names: Vec<_> = app.environments.iter().map(|environment| &environment.name).collect();
    let environments: Vec<_> = app
        .environments
        .iter()
        .map(|environment| {
            let known = |auth: Value, error: Option<&str>| json!({"app_name": app.name, "environments": names, "error": error, "auth": auth});
            let backend = match &environment.meta {
                Meta::Is(meta) => {
                    let auth = meta["auth"].as_object().into_iter().flatten();
                    known(auth.map(|(name, one)| (name.clone(), one["service"].clone())).collect(), None)
                }
                Meta::Text(_) => known(json!("malformed"), None),
                Meta::Absent => known(Value::Null, None),
                Meta::Error(error) => known(Value::Null, Some(error)),
                Meta::NotFound => json!("NotFoundException"),
            };
            let arn = format!("{}/backendenvironments/{}", app.arn(), environment.name);
            json!({"name": environment.name, "arn": arn, "backend": backend})
        })
        .collect();
    let branches: Vec<_> = app
        .branches
        .iter()
        .map(|branch| {
            let (environment, stack) = match &branch.backend {
                Backend::None => (Value::Null, Value::Null),
                Backend::Environment(name) => {
                    (json!(format!("{}/backendenvironments/{name}", app.arn())), Value::Null)
                }
                Backend::Stack => (
                    Value::Null,
                    json!(format!(
                        "arn:aws:cloudformation:{}:{}:stack/amplify-{}-{}-branch-0000000000/00000000-0000-0000-0000-000000090811",
                        app.region, app.account, app.id, branch.name
                    )),
                ),
            };
            json!({"name": branch.name, "stage": branch.stage, "environment": environment, "stack": stack})
        })
        .collect();
    json!({
        "id": app.id,
        "arn": app.arn(),
        "name": app.name,
        "platform": "WEB",
        "created": "2020-09-13T12:26:40+00:00",
        "environments": environments,
        "branches": branches,
    })
}

#[test]
fn a_bucket_refills_at_its_rate() {
    let bucket = Bucket { per_second: 2.0, burst: 3, says: Throttle::default() };
    let begin = Instant::now();
    let mut tokens = Tokens::full(bucket, begin);
    let taken = [0, 0, 0, 0, 499, 500, 501, 999, 1000, 60_000, 60_000, 60_000, 60_000]
        .map(|millis| tokens.take(bucket, begin + Duration::from_millis(millis)));
    assert_eq!(
        taken,
        [true, true, true, false, false, true, false, false, true, true, true, true, false],
        "three at once, then one each half second, and never more than three are saved"
    );
}

#[test]
fn random_throttling_depends_on_the_call_alone() {
    let random = |seed| Random { probability: 0.25, seed, says: Throttle::default() };
    let call = |app: u32, access_key: &str| Call {
        operation: "GetBackendAuth",
        account: ACCOUNT.to_owned(),
        region: "eu-west-1".to_owned(),
        app: format!("d{app}"),
        environment: "prod".to_owned(),
        resource: "shopauth".to_owned(),
        access_key: access_key.to_owned(),
        at: Instant::now(),
        status: None,
    };
    let fates = |seed, before, access_key: &str| -> Vec<bool> {
        (0..1000).map(|app| random(seed).throttles(&call(app, access_key), "", before)).collect()
    };
    let first = fates(7, 0, "AKIAPLANTED");
    assert_eq!(first, fates(7, 0, "ASIASESSION"), "whose key it is says nothing");
    assert_ne!(first, fates(8, 0, "AKIAPLANTED"), "the seed does");
    assert_ne!(first, fates(7, 1, "AKIAPLANTED"), "and so does how often it was made");
    let throttled = first.iter().filter(|throttled| **throttled).count();
    assert!((200..300).contains(&throttled), "{throttled} of 1000 at a probability of 0.25");
    for (probability, all) in [(0.0, false), (1.0, true)] {
        let random = Random { probability, ..random(7) };
        assert!((0..1000).all(|app| random.throttles(&call(app, ""), "", 0) == all));
    }
}

fn planted(secret: &str) -> Credentials {
    Credentials::new("AKIAPLANTED", secret, None, None, "test")
}

/// What the SDK for Rust needs, with one attempt and nothing of the environment.
async fn sdk(server: &Loopback, region: &'static str, credentials: Credentials) -> SdkConfig {
    aws_config::defaults(BehaviorVersion::latest())
        .empty_test_environment()
        .region(Region::new(region))
        .endpoint_url(server.url())
        .http_client(aws_smithy_http_client::Builder::new().build_http())
        .credentials_provider(credentials)
        .retry_config(RetryConfig::disabled())
        .timeout_config(TimeoutConfig::builder().operation_timeout(Duration::from_secs(10)).build())
        .load()
        .await
}

async fn client(server: &Loopback, region: &'static str, credentials: Credentials) -> Client {
    Client::new(&sdk(server, region, credentials).await)
}

/// `ok`, or the code of the error and its status.
async fn get_backend_auth(client: &Client, app: &str) -> String {
    let sent = client
        .get_backend_auth()
        .app_id(app)
        .backend_environment_name("prod")
        .resource_name("shopauth")
        .send()
        .await;
    match sent {
        Ok(_) => "ok".to_owned(),
        Err(error) => {
            let status = error.raw_response().map_or(0, |response| response.status().as_u16());
            format!("{} {status}", error.code().unwrap_or("no code"))
        }
    }
}

fn block_on<T>(future: impl Future<Output = T>) -> T {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
    runtime.expect("a runtime starts").block_on(future)
}

#[test]
fn a_signature_by_another_secret_is_refused() {
    let server = owning(Manner::default());
    let asked = |secret| {
        block_on(async {
            let client = client(&server, "eu-west-1", planted(secret)).await;
            get_backend_auth(&client, "d1shop").await
        })
    };
    assert_eq!(asked(SECRET_KEY), "ok");
    assert_eq!(server.refused(), Vec::<String>::new());
    assert_eq!(asked("planted0AnotherAccessKey0planted"), "InvalidSignatureException 403");
    let refused = server.refused();
    assert!(refused[0].contains("POST\n/backend/d1shop/auth/prod/details\n"), "{refused:?}");
    assert_eq!(server.calls().len(), 1, "it is no call");
}

#[test]
fn a_session_is_of_the_account_of_its_role_until_it_expires() {
    let server = owning(Manner { session_lifetime: Some(Duration::from_secs(1)), ..Manner::default() });
    server.own(
        App::new(OTHER_ACCOUNT, "eu-west-1", "d7auth", "auth")
            .environment("prod", Meta::cognito(&["shopauth"])),
    );
    server.key("AKIAHUB", "hub", "777788889999");
    server.external_id(ROLE, "shop/1");
    block_on(async {
        let hub = sdk(&server, "eu-west-1", Credentials::new("AKIAHUB", "hub", None, None, "test")).await;
        let assume = async |external_id: &str| {
            let provider = AssumeRoleProvider::builder(ROLE).configure(&hub).session_name("check");
            let provider = provider.external_id(external_id);
            provider.build_from_provider(hub.credentials_provider().expect("a key")).await
        };
        assert!(assume("other").await.provide_credentials().await.is_err());
        let session = assume("shop/1").await.provide_credentials().await.expect("the role is assumed");
        let client = client(&server, "eu-west-1", session.clone()).await;
        assert_eq!(get_backend_auth(&client, "d7auth").await, "ok");
        assert_eq!(get_backend_auth(&client, "d1shop").await, "NotFoundException 404", "another's app");

        let bare = Credentials::new(
            session.access_key_id(),
            session.secret_access_key(),
            None,
            None,
            "without its token",
        );
        let bare = self::client(&server, "eu-west-1", bare).await;
        assert_eq!(get_backend_auth(&bare, "d7auth").await, "UnrecognizedClientException 403");
        assert_eq!(server.refused().len(), 1);

        tokio::time::sleep(Duration::from_millis(1100)).await;
        assert_eq!(get_backend_auth(&client, "d7auth").await, "ExpiredTokenException 403");
    });
    let seen: Vec<_> = server
        .calls()
        .into_iter()
        .map(|call| (call.operation, call.account, call.resource, call.access_key, call.status))
        .collect();
    let call = |operation, resource: &str, key: &str, status| {
        (operation, OTHER_ACCOUNT.to_owned(), resource.to_owned(), key.to_owned(), Some(status))
    };
    let session = &seen[2].3;
    assert!(session.starts_with("ASIA"), "{session}");
    assert_eq!(
        seen,
        [
            call("AssumeRole", ROLE, "AKIAHUB", 403),
            call("AssumeRole", ROLE, "AKIAHUB", 200),
            call("GetBackendAuth", "shopauth", session, 200),
            call("GetBackendAuth", "shopauth", session, 404),
            call("GetBackendAuth", "shopauth", session, 403),
        ]
    );
}

#[test]
fn a_web_identity_needs_no_key() {
    let server = owning(Manner::default());
    server.own(
        App::new(OTHER_ACCOUNT, "eu-west-1", "d7auth", "auth")
            .environment("prod", Meta::cognito(&["shopauth"])),
    );
    let project = Project::new(
        "[[source]]\nkind = \"amplify\"\nregions = [\"eu-west-1\"]\n\
         [[source.target]]\napp = \"d7auth\"\nenvironment = \"prod\"\nresource = \"shopauth\"\n",
    );
    let token = project.file("token", "header.claims.signature");
    let run = audit(project.path())
        .args(["--format", "json"])
        .env("NO_PROXY", "127.0.0.1")
        .env("AWS_ENDPOINT_URL", server.url())
        .env("AWS_REGION", "eu-west-1")
        .env("AWS_ROLE_ARN", ROLE)
        .env("AWS_WEB_IDENTITY_TOKEN_FILE", token)
        .output()
        .expect("the program starts");
    assert_eq!(run.status.code(), Some(0), "{}", String::from_utf8_lossy(&run.stdout));
    let calls = server.calls();
    let (last, before) = calls.split_last().expect("calls");
    assert_eq!((last.operation, last.account.as_str()), ("GetBackendAuth", OTHER_ACCOUNT));
    assert!(last.access_key.starts_with("ASIA"), "{}", last.access_key);
    assert!(before.iter().all(|call| call.operation == "AssumeRoleWithWebIdentity"), "{before:?}");
    assert_eq!(server.refused(), Vec::<String>::new());
}

#[test]
fn an_empty_bucket_throttles_its_account_and_region() {
    for (says, told) in [
        (Throttle::TooManyRequests, "TooManyRequestsException 429"),
        (Throttle::Codeless, "no code 429"),
        (Throttle::LimitExceeded, "LimitExceededException 429"),
        (Throttle::Throttling, "ThrottlingException 400"),
    ] {
        let bucket = Bucket { per_second: 0.0, burst: 1, says };
        let server = owning(Manner { bucket: Some(bucket), ..Manner::default() });
        block_on(async {
            let west = client(&server, "eu-west-1", planted(SECRET_KEY)).await;
            let east = client(&server, "us-east-1", planted(SECRET_KEY)).await;
            assert_eq!(get_backend_auth(&west, "d1shop").await, "ok");
            assert_eq!(get_backend_auth(&west, "d1shop").await, told);
            assert_eq!(get_backend_auth(&east, "d1shop").await, "NotFoundException 404");
        });
    }
}

#[test]
fn random_throttling_is_the_same_for_every_server() {
    let random = Random { probability: 0.5, seed: 11, says: Throttle::Codeless };
    let run = || {
        let server = Loopback::start(Manner { random: Some(random), ..Manner::default() });
        server.script("d1", Script::always(Reply::good()));
        block_on(async {
            let client = client(&server, "eu-west-1", planted(SECRET_KEY)).await;
            for _ in 0..12 {
                get_backend_auth(&client, "d1").await;
            }
        });
        let calls = server.calls();
        calls.into_iter().filter_map(|call| call.status).collect::<Vec<_>>()
    };
    let statuses = run();
    assert_eq!(statuses, run());
    assert!(statuses.contains(&200) && statuses.contains(&429), "{statuses:?}");
}

#[test]
fn the_first_fault_that_still_has_a_reply_comes() {
    let server = owning(Manner::default());
    let once = |reply| Script::first([reply]);
    let elsewhere = [
        Where::operation("ListApps"),
        Where::any_operation().account(OTHER_ACCOUNT),
        Where::any_operation().region("us-east-1"),
        Where::any_operation().app("d2odd"),
        Where::any_operation().environment("dev"),
    ];
    for place in elsewhere {
        server.fault(place, Script::always(Reply::Reset));
    }
    server.fault(
        Where::operation("GetBackendAuth").account(ACCOUNT).region("eu-west-1").app("d1shop"),
        once(Reply::Truncated),
    );
    server.fault(Where::any_operation().environment("prod"), once(Reply::html()));
    server.fault(Where::any_operation(), once(Reply::error(500, "InternalFailureException")));
    let told = block_on(async {
        let client = client(&server, "eu-west-1", planted(SECRET_KEY)).await;
        let mut told = Vec::new();
        for _ in 0..4 {
            told.push(get_backend_auth(&client, "d1shop").await);
        }
        told
    });
    assert_eq!(told, ["no code 200", "no code 200", "InternalFailureException 500", "ok"]);
}

#[test]
fn calls_in_flight_are_counted_by_account_and_region() {
    let server = owning(Manner { hold_until: 3, ..Manner::default() });
    server.key("AKIAOTHER", "other", OTHER_ACCOUNT);
    let other = Credentials::new("AKIAOTHER", "other", None, None, "test");
    block_on(async {
        let west = client(&server, "eu-west-1", planted(SECRET_KEY)).await;
        let east = client(&server, "us-east-1", planted(SECRET_KEY)).await;
        let other = client(&server, "eu-west-1", other).await;
        let [west, east, other] = [&west, &east, &other].map(|client| get_backend_auth(client, "d1shop"));
        tokio::join!(west, east, other);
    });
    assert_eq!(server.most_in_flight(), 3);
    assert_eq!(server.most_in_flight_in("eu-west-1"), 2);
    for (account, region) in [(ACCOUNT, "eu-west-1"), (ACCOUNT, "us-east-1"), (OTHER_ACCOUNT, "eu-west-1")] {
        assert_eq!(server.most_in_flight_of(account, region), 1, "{account} in {region}");
    }
    let statuses: BTreeMap<_, _> =
        server.calls().into_iter().map(|call| ((call.account, call.region), call.status)).collect();
    assert_eq!(statuses[&(ACCOUNT.to_owned(), "eu-west-1".to_owned())], Some(200));
    assert_eq!(statuses[&(OTHER_ACCOUNT.to_owned(), "eu-west-1".to_owned())], Some(404));
}
