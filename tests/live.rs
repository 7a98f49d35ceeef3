//! The real program against a real server: every way in which AWS can answer, or fail to, and what the
//! report says of it. Nothing that went wrong is ever green.

use std::fs;
use std::net::TcpListener;
use std::time::Duration;

use serde_json::{Value, json};

use crate::common::live::{Audit, Live, SECRET_KEY, SESSION_TOKEN, compare, source, target, text};
use crate::loopback::{Edit, Loopback, Manner, Raw, Reply, Script};

/// Where the cases set no limits of their own: they are answered at once, so only a fault of the
/// program ends in a time limit.
const PATIENT: &str =
    "[audit]\ntimeout = \"20s\"\nmax-attempts = 2\nconcurrency = 64\nconcurrency-per-region = 64\n";

fn coded(status: u16, body: &Value) -> Reply {
    Reply::Raw(Raw::json(status, body))
}

fn codeless(status: u16) -> Reply {
    coded(status, &json!({"message": "said without a code"}))
}

const TYPE: &str = "x-amzn-errortype";

/// The wait that the service asks for.
const SOON: Duration = Duration::from_millis(20);

/// Throttled, with AWS's own header for the wait before the next attempt, in milliseconds.
fn try_again_soon() -> Reply {
    Reply::Raw(
        Raw::json(429, &json!({"message": "slow down"}))
            .header(TYPE, "TooManyRequestsException")
            .header("x-amz-retry-after", &SOON.as_millis().to_string()),
    )
}

/// Apps that all fail: kind and attempts of each, and what is true of every failure.
fn fail(limits: &str, cases: &[(&'static str, Script, &'static str)]) -> Audit {
    let live = Live::new(limits, cases.iter().map(|(app, script, _)| (*app, script.clone())));
    let audit = live.audit();
    compare(cases.iter().map(|(app, _, should)| (*app, audit.outcome(app), (*should).to_owned())));
    compare(cases.iter().map(|(app, _, _)| {
        let attempts = audit.target(app)["error"]["attempts"].to_string();
        (*app, attempts, live.server.calls_for(app).to_string())
    }));
    for (app, _, _) in cases {
        let message = audit.message(app);
        assert!(message.contains(&text(&audit.target(app)["id"])), "{app}: {message}");
        assert!(!message.contains('\n'), "{app}: {message}");
    }
    assert_eq!(audit.report["summary"]["unaudited"], cases.len());
    assert_eq!(audit.report["summary"]["audited"], 0);
    assert_eq!(audit.report["findings"], json!([]));
    assert_eq!(audit.code, 3);
    live.asked_properly();
    audit
}

fn always(
    cases: impl IntoIterator<Item = (&'static str, Reply, &'static str)>,
) -> Vec<(&'static str, Script, &'static str)> {
    cases.into_iter().map(|(app, reply, should)| (app, Script::always(reply), should)).collect()
}

#[test]
fn an_error_with_a_code_has_the_kind_of_its_code() {
    let cases = always([
        // As the API's model has them.
        ("400 BadRequest", Reply::error(400, "BadRequestException"), "bad_request after 1"),
        (
            "404 NotFound",
            Reply::Raw(
                Raw::json(404, &json!({"message": "no such backend", "resourceType": "Backend"}))
                    .header(TYPE, "NotFoundException"),
            ),
            "not_found after 1",
        ),
        (
            "429 TooManyRequests",
            Reply::Raw(
                Raw::json(429, &json!({"message": "slow down", "limitType": "rate"}))
                    .header(TYPE, "TooManyRequestsException"),
            ),
            "throttled after 2",
        ),
        ("504 GatewayTimeout", Reply::error(504, "GatewayTimeoutException"), "timeout after 2"),
        // As its pages have them, and as other services do.
        ("429 LimitExceeded", Reply::error(429, "LimitExceededException"), "throttled after 2"),
        ("504 InternalService", Reply::error(504, "InternalServiceException"), "timeout after 2"),
        ("400 Throttling", Reply::error(400, "ThrottlingException"), "throttled after 2"),
        ("403 AccessDenied", Reply::error(403, "AccessDeniedException"), "denied after 1"),
        ("400 AccessDenied", Reply::error(400, "AccessDeniedException"), "denied after 1"),
        ("403 ExpiredToken", Reply::error(403, "ExpiredTokenException"), "credentials after 1"),
        ("403 Unrecognized", Reply::error(403, "UnrecognizedClientException"), "credentials after 1"),
        ("403 Signature", Reply::error(403, "InvalidSignatureException"), "credentials after 1"),
        (
            "400 Validation",
            Reply::Raw(Raw::json(400, &json!({"message": null})).header(TYPE, "ValidationException")),
            "bad_request after 1",
        ),
        ("400 as text", Reply::Raw(Raw::new(400, "ValidationException: null")), "bad_request after 1"),
        // Where the code stands.
        ("code in the body", coded(403, &json!({"code": "ExpiredTokenException"})), "credentials after 1"),
        (
            "type in the body",
            coded(403, &json!({"__type": "com.amazonaws.amplifybackend#ExpiredTokenException"})),
            "credentials after 1",
        ),
        (
            "code with a URL",
            Reply::error(403, "ExpiredTokenException:http://internal.amazon.com/coral/"),
            "credentials after 1",
        ),
        (
            "header before body",
            Reply::Raw(
                Raw::json(403, &json!({"code": "ExpiredTokenException"}))
                    .header(TYPE, "AccessDeniedException"),
            ),
            "denied after 1",
        ),
    ]);
    let audit = fail(PATIENT, &cases);
    for app in ["400 Validation", "400 as text"] {
        let message = audit.message(app);
        assert!(!message.contains("null") && !message.contains("None"), "{message}");
    }
}

#[test]
fn an_error_without_a_code_has_the_kind_of_its_status() {
    let html =
        |status| Reply::Raw(Raw::new(status, "<html>sorry</html>").header("content-type", "text/html"));
    let cases = always([
        ("400", codeless(400), "bad_request after 1"),
        ("401", codeless(401), "denied after 1"),
        ("403", codeless(403), "denied after 1"),
        ("404", codeless(404), "not_found after 1"),
        ("404 html", html(404), "not_found after 1"),
        ("404 empty", Reply::Raw(Raw::new(404, "")), "not_found after 1"),
        ("408", codeless(408), "timeout after 2"),
        ("418", codeless(418), "bad_request after 1"),
        ("429", codeless(429), "throttled after 2"),
        ("429 html", html(429), "throttled after 2"),
        (
            "429 retry-after",
            Reply::Raw(Raw::new(429, "").header("retry-after", "1").header("x-amz-retry-after", "10")),
            "throttled after 2",
        ),
        ("500", codeless(500), "unavailable after 2"),
        ("502 html", html(502), "unavailable after 2"),
        ("503", codeless(503), "unavailable after 2"),
        ("503 empty", Reply::Raw(Raw::new(503, "")), "unavailable after 2"),
        ("504", codeless(504), "timeout after 2"),
        (
            "301",
            Reply::Raw(Raw::new(301, "").header("location", "http://127.0.0.1:9/")),
            "bad_response after 1",
        ),
        // Below HTTP.
        ("reset", Reply::Reset, "unavailable after 2"),
        ("cut off", Reply::CutOff(br#"{"appId": "cut off", "resource"#.to_vec()), "unavailable after 2"),
    ]);
    fail(PATIENT, &cases);
}

#[test]
fn a_fault_that_passes_is_mended_by_a_further_attempt() {
    let cases = [
        ("429 TooManyRequests", Reply::error(429, "TooManyRequestsException")),
        ("429 LimitExceeded", Reply::error(429, "LimitExceededException")),
        ("429", codeless(429)),
        ("400 Throttling", Reply::error(400, "ThrottlingException")),
        ("500", codeless(500)),
        ("502", codeless(502)),
        ("503", codeless(503)),
        ("504", codeless(504)),
        ("504 GatewayTimeout", Reply::error(504, "GatewayTimeoutException")),
        ("reset", Reply::Reset),
        ("cut off", Reply::CutOff(br#"{"appId": "cut"#.to_vec())),
    ];
    let live = Live::new(PATIENT, cases.iter().map(|(app, reply)| (*app, Script::first([reply.clone()]))));
    let audit = live.audit();
    compare(cases.iter().map(|(app, _)| {
        let is = format!("{} with {} calls", audit.outcome(app), live.server.calls_for(app));
        (*app, is, "audited with 2 calls".to_owned())
    }));
    assert_eq!(audit.report["findings"], json!([]), "the good answer is good");
    assert_eq!(audit.code, 0);
    live.asked_properly();
}

#[test]
fn the_last_attempt_is_what_counts() {
    let failed = Reply::with("/error", json!("the auth stack is not deployed"));
    let cases = [
        ("503, denied", [codeless(503), Reply::error(403, "AccessDeniedException")], "denied after 2"),
        ("429, 503", [codeless(429), codeless(503)], "unavailable after 2"),
        ("503, 429", [codeless(503), codeless(429)], "throttled after 2"),
        ("503, reset", [codeless(503), Reply::Reset], "unavailable after 2"),
        ("429, reset", [codeless(429), Reply::Reset], "unavailable after 2"),
        ("reset, empty", [Reply::Reset, Reply::Raw(Raw::new(200, ""))], "bad_response after 2"),
        ("503, error", [codeless(503), failed], "backend_error after 2"),
        ("cut off, 404", [Reply::CutOff(b"{\"appId\":".to_vec()), codeless(404)], "not_found after 2"),
    ]
    .map(|(app, replies, should)| (app, Script::first(replies), should));
    fail(PATIENT, &cases);
}

#[test]
fn attempts_are_as_many_as_the_configuration_allows() {
    let four = [try_again_soon(), try_again_soon(), try_again_soon(), try_again_soon()];
    for (most, outcome, calls) in
        [(1, "throttled after 1", 1), (4, "throttled after 4", 4), (5, "audited", 5)]
    {
        let limits = format!("[audit]\nmax-attempts = {most}\n");
        let live = Live::new(&limits, [("app", Script::first(four.clone()))]);
        assert_eq!(live.audit().outcome("app"), outcome);
        assert_eq!(live.server.calls_for("app"), calls);
        for pair in live.server.calls().windows(2) {
            assert!(pair[1].at - pair[0].at >= SOON, "the service asked for a longer wait");
        }
    }
}

#[test]
fn targets_that_are_throttled_leave_the_others_their_attempts() {
    // The SDK's own budget of retries for a client is used up by a hundred.
    let apps: Vec<String> = (0..120).map(|number| format!("d{number}")).collect();
    let server = Loopback::start(Manner { hold_until: apps.len(), ..Manner::default() });
    for app in &apps {
        server.script(app, Script::first([try_again_soon()]));
    }
    let apps: Vec<&str> = apps.iter().map(String::as_str).collect();
    let limits = "[audit]\nmax-attempts = 2\nconcurrency = 120\nconcurrency-per-region = 120\n";
    let live = Live::with(server, &format!("{limits}{}", source("eu-west-1", &apps)));
    let audit = live.audit();
    assert_eq!(audit.report["summary"]["audited"], apps.len());
    assert_eq!(live.server.calls().len(), 2 * apps.len());
    assert_eq!(audit.code, 0);
}

#[test]
fn an_attempt_that_takes_too_long_is_a_timeout() {
    let half = br#"{"appId": "stall", "resourceConfig"#.to_vec();
    let late = Reply::Raw(Raw::json(200, &json!({})).delay(Duration::from_mins(1)));
    let cases = always([
        ("hang", Reply::Hang, "timeout after 2"),
        ("stall", Reply::Stall(half), "timeout after 2"),
        ("late", late, "timeout after 2"),
    ]);
    fail("[audit]\ntimeout = \"300ms\"\nmax-attempts = 2\n", &cases);
}

#[test]
fn a_call_that_hangs_once_is_mended_by_a_further_attempt() {
    let live =
        Live::new("[audit]\ntimeout = \"2s\"\nmax-attempts = 2\n", [("hang", Script::first([Reply::Hang]))]);
    let audit = live.audit();
    assert_eq!(audit.outcome("hang"), "audited");
    assert_eq!(live.server.calls_for("hang"), 2);
    assert_eq!(audit.code, 0);
}

#[test]
fn the_time_of_a_target_ends_its_attempts() {
    let limits = "[audit]\ntimeout = \"20s\"\ntarget-timeout = \"500ms\"\nmax-attempts = 100\n";
    let live =
        Live::new(limits, [("503", Script::always(codeless(503))), ("hang", Script::always(Reply::Hang))]);
    let audit = live.audit();
    for (app, kind) in [("503", "unavailable"), ("hang", "timeout")] {
        assert_eq!(audit.target(app)["error"]["kind"], kind, "{app}");
    }
    assert_eq!(audit.code, 3);
}

#[test]
fn an_answer_that_cannot_be_judged_is_never_green() {
    let good = Raw::json;
    let body = |body: &str| Reply::Raw(Raw::new(200, body).header("content-type", "application/json"));
    let cases = always([
        ("empty body", body(""), "bad_response after 2"),
        ("204", Reply::Raw(Raw::new(204, "")), "bad_response after 2"),
        ("empty object", body("{}"), "bad_response after 1"),
        ("null", body("null"), "bad_response after 1"),
        ("list", body("[]"), "bad_response after 1"),
        ("string", body(r#""resourceConfig""#), "bad_response after 1"),
        ("truncated", body(r#"{"appId": "truncated", "resourceConfig": {"authRes"#), "bad_response after 2"),
        ("twice", body("{}{}"), "bad_response after 2"),
        (
            "html",
            Reply::Raw(
                Raw::new(200, "<html><body>Sign in</body></html>").header("content-type", "text/html"),
            ),
            "bad_response after 2",
        ),
        ("no utf-8", Reply::Raw(Raw::new(200, *b"{\"appId\": \"\xff\"}")), "bad_response after 1"),
        ("another's members", Reply::Raw(good(200, &json!({"apps": []}))), "bad_response after 1"),
        ("config is a list", Reply::with("/resourceConfig", json!([])), "bad_response after 1"),
        ("config is text", Reply::with("/resourceConfig", json!("COGNITO")), "bad_response after 1"),
        ("pool is a list", Reply::with("/resourceConfig/userPoolConfigs", json!([])), "bad_response after 1"),
        (
            "mfa is text",
            Reply::with("/resourceConfig/userPoolConfigs/mfa", json!("ON")),
            "bad_response after 1",
        ),
        ("error", Reply::with("/error", json!("the auth stack is not deployed")), "backend_error after 1"),
        ("error is an object", Reply::with("/error", json!({"code": 7})), "backend_error after 1"),
        (
            "error alone",
            Reply::Raw(good(200, &json!({"appId": "error alone", "error": "failed"}))),
            "backend_error after 1",
        ),
        ("no config", Reply::without("/resourceConfig"), "no_config after 1"),
        ("null config", Reply::with("/resourceConfig", json!(null)), "no_config after 1"),
        ("another app", Reply::with("/appId", json!("d0other")), "bad_response after 1"),
        ("another environment", Reply::with("/backendEnvironmentName", json!("dev")), "bad_response after 1"),
        ("another resource", Reply::with("/resourceName", json!("otherauth")), "bad_response after 1"),
    ]);
    let audit = fail(PATIENT, &cases);
    assert!(audit.message("error").contains("the auth stack is not deployed"));
}

#[test]
fn what_the_sdk_would_invent_or_refuse_is_judged_as_it_came() {
    const POOL: &str = "/ResourceConfig/UserPoolConfigs";
    const LENGTH: &str = "/resourceConfig/userPoolConfigs/passwordPolicy/minimumLength";
    const MODE: &str = "/resourceConfig/userPoolConfigs/mfa/MFAMode";
    const LOGIN: &str = "/resourceConfig/identityPoolConfigs/unauthenticatedLogin";
    let length = format!("password/too_short {POOL}/PasswordPolicy/MinimumLength");
    let off = format!("mfa/off {POOL}/Mfa/MFAMode");
    let guests = "guest_access/enabled /ResourceConfig/IdentityPoolConfigs/UnauthenticatedLogin".to_owned();
    let cases = [
        // The SDK makes `false`, `0.0` and an empty object of these.
        ("no login", Reply::without(LOGIN), &guests),
        ("null login", Reply::with(LOGIN, json!(null)), &guests),
        ("no length", Reply::without(LENGTH), &length),
        ("no password policy", Reply::without("/resourceConfig/userPoolConfigs/passwordPolicy"), &length),
        ("no mode", Reply::without(MODE), &off),
        ("no mfa", Reply::without("/resourceConfig/userPoolConfigs/mfa"), &off),
        // The SDK refuses the whole answer for these.
        ("length as text", Reply::with(LENGTH, json!("8")), &length),
        ("login as text", Reply::with(LOGIN, json!("true")), &guests),
        ("mode as a number", Reply::with(MODE, json!(1)), &off),
        // AWS may add a value that we do not know.
        ("unknown mode", Reply::with(MODE, json!("SOMETIMES")), &off),
        ("mode in lower case", Reply::with(MODE, json!("on")), &off),
    ];
    let live = Live::new(PATIENT, cases.iter().map(|(app, reply, _)| (*app, Script::always(reply.clone()))));
    let audit = live.audit();
    compare(cases.iter().map(|(app, _, _)| {
        let is = format!("{} with {} calls", audit.outcome(app), live.server.calls_for(app));
        (*app, is, "audited with 1 calls".to_owned())
    }));
    let wrong: Vec<String> = cases
        .iter()
        .map(|(app, _, should)| (app, audit.findings(app), should))
        .filter(|(_, findings, should)| !findings.contains(should))
        .map(|(app, findings, should)| format!("{app}: {should} is not in {findings:?}"))
        .collect();
    assert!(wrong.is_empty(), "\n{}", wrong.join("\n"));
    assert_eq!(audit.code, 1);
}

#[test]
fn an_answer_without_a_user_pool_is_not_green() {
    let live = Live::new(
        PATIENT,
        [
            ("empty pool", Script::always(Reply::with("/resourceConfig/userPoolConfigs", json!({})))),
            ("no pool", Script::always(Reply::without("/resourceConfig/userPoolConfigs"))),
            ("empty config", Script::always(Reply::with("/resourceConfig", json!({})))),
        ],
    );
    let audit = live.audit();
    for app in ["empty pool", "no pool", "empty config"] {
        let findings = audit.findings(app);
        for rule in ["mfa/off", "password/too_short"] {
            assert!(findings.iter().any(|finding| finding.starts_with(rule)), "{app}: {findings:?}");
        }
    }
    assert_eq!(audit.code, 1);
}

#[test]
fn one_target_that_fails_does_not_stop_the_others() {
    let mfa_off = Reply::with("/resourceConfig/userPoolConfigs/mfa/MFAMode", json!("OFF"));
    let live = Live::new(
        PATIENT,
        [
            ("denied", Script::always(Reply::error(403, "AccessDeniedException"))),
            ("good", Script::always(Reply::good())),
            ("bad", Script::always(mfa_off)),
        ],
    );
    let unknown = target("nobody's", "prod", "shopauth");
    let config = fs::read_to_string(live.project.path().join("audit.toml")).expect("the configuration");
    live.project.file("audit.toml", &(config + &unknown));
    let audit = live.audit();
    compare([
        ("denied", audit.outcome("denied"), "denied after 1".to_owned()),
        ("nobody's", audit.outcome("nobody's"), "not_found after 1".to_owned()),
        ("good", audit.outcome("good"), "audited".to_owned()),
        ("bad", audit.outcome("bad"), "audited".to_owned()),
    ]);
    assert!(audit.findings("good").is_empty());
    assert_eq!(audit.findings("bad"), ["mfa/off /ResourceConfig/UserPoolConfigs/Mfa/MFAMode"]);
    assert_eq!(audit.code, 3, "incomplete outranks findings");
    let lenient = live.run(&["--format", "json", "--allow-incomplete"]);
    assert_eq!(lenient.code, 1, "and leaves them where it is allowed");
}

#[test]
fn without_credentials_no_call_is_made_and_every_target_says_so() {
    let apps: Vec<String> = (0..200).map(|number| format!("d{number}")).collect();
    let apps: Vec<&str> = apps.iter().map(String::as_str).collect();
    let server = Loopback::start(Manner::default());
    let live = Live::with(server, &format!("{PATIENT}{}", source("eu-west-1", &apps)));
    let url = live.server.url();
    for environment in [
        &[("AWS_ENDPOINT_URL", url.as_str())][..],
        &[("AWS_ENDPOINT_URL", url.as_str()), ("AWS_PROFILE", "nobody")],
        &[("AWS_ENDPOINT_URL", url.as_str()), ("AWS_ACCESS_KEY_ID", "AKIAHALF")],
    ] {
        let run = live.run_in(&["--format", "json"], environment);
        let audit = Audit::of(&run);
        for app in &apps {
            assert_eq!(audit.outcome(app), "credentials after 0", "{environment:?}");
        }
        assert_eq!(audit.code, 3, "{environment:?}");
    }
    assert_eq!(live.server.calls().len(), 0);
    assert_eq!(live.server.refused(), Vec::<String>::new());
}

#[test]
fn an_endpoint_where_nobody_listens_is_unavailable() {
    let closed = TcpListener::bind("127.0.0.1:0").expect("a free port").local_addr().expect("its address");
    let live = Live::new(PATIENT, [("app", Script::always(Reply::good()))]);
    let url = format!("http://{closed}");
    let run = live.run_in(
        &["--format", "json"],
        &[
            ("AWS_ENDPOINT_URL", &url),
            ("AWS_ACCESS_KEY_ID", "AKIAPLANTED"),
            ("AWS_SECRET_ACCESS_KEY", SECRET_KEY),
        ],
    );
    let audit = Audit::of(&run);
    assert_eq!(audit.outcome("app"), "unavailable after 2");
    assert_eq!(audit.code, 3);
}

#[test]
fn the_endpoint_of_the_service_wins_over_the_general_one() {
    let live = Live::new(PATIENT, [("app", Script::always(Reply::good()))]);
    let run = live.run_in(
        &["--format", "json"],
        &[
            ("AWS_ENDPOINT_URL", "http://127.0.0.1:9"),
            ("AWS_ENDPOINT_URL_AMPLIFYBACKEND", &live.server.url()),
            ("AWS_ACCESS_KEY_ID", "AKIAPLANTED"),
            ("AWS_SECRET_ACCESS_KEY", SECRET_KEY),
        ],
    );
    assert_eq!(Audit::of(&run).outcome("app"), "audited", "{}", run.stderr);
    assert_eq!(run.code, 0);
    assert_eq!(run.stderr, "");
}

#[test]
fn names_reach_the_service_as_they_are_written() {
    let names = [
        ("d1", "prod", "shopauth"),
        ("d 2", "feature/x", "a%2Fb"),
        ("d?3", "dev#1", "q\"uote\\"),
        ("..", "größe 漢字", "a+b&c=d"),
    ];
    let server = Loopback::start(Manner::default());
    for (app, _, _) in names {
        server.script(app, Script::always(Reply::good()));
    }
    let targets: Vec<String> =
        names.iter().map(|(app, environment, resource)| target(app, environment, resource)).collect();
    let config = format!("{PATIENT}{}{}", source("ap-south-1", &[]), targets.concat());
    let live = Live::with(server, &config);
    let audit = live.audit();
    let mut asked: Vec<_> = live.server.calls();
    asked.sort_by_key(|call| names.iter().position(|(app, _, _)| *app == call.app));
    let asked: Vec<_> = asked
        .iter()
        .map(|call| (call.app.as_str(), call.environment.as_str(), call.resource.as_str()))
        .collect();
    assert_eq!(asked, names);
    for call in live.server.calls() {
        assert_eq!((call.operation, call.region.as_str()), ("GetBackendAuth", "ap-south-1"));
    }
    compare(names.map(|(app, _, _)| (app, audit.outcome(app), "audited".to_owned())));
    assert_eq!(audit.code, 0);
}

#[test]
fn calls_in_flight_stay_within_the_limits() {
    let apps: Vec<String> = (0..12).map(|number| format!("d{number}")).collect();
    let (west, east) = apps.split_at(6);
    let sources = [("eu-west-1", west), ("us-east-1", east)]
        .map(|(region, apps)| source(region, &apps.iter().map(String::as_str).collect::<Vec<_>>()));
    for (everywhere, per_region, most, most_per_region) in [(6, 4, 6, 4), (64, 3, 6, 3), (1, 8, 1, 1)] {
        let server = Loopback::start(Manner {
            latency: Duration::from_millis(20),
            hold_until: most,
            ..Manner::default()
        });
        for app in &apps {
            server.script(app, Script::always(Reply::good()));
        }
        let limits = format!(
            "[audit]\nconcurrency = {everywhere}\nconcurrency-per-region = {per_region}\ntimeout = \"20s\"\n"
        );
        let live = Live::with(server, &format!("{limits}{}", sources.concat()));
        let audit = live.audit();
        assert_eq!(audit.report["summary"]["audited"], apps.len());
        assert_eq!(live.server.most_in_flight(), most, "of {everywhere} and {per_region} for a region");
        for region in ["eu-west-1", "us-east-1"] {
            let seen = live.server.most_in_flight_in(region);
            assert!(seen <= most_per_region, "{seen} in {region} of {everywhere} and {per_region}");
        }
        assert_eq!(live.server.calls().len(), apps.len());
    }
}

#[test]
fn a_target_of_two_sources_is_audited_once_from_the_first() {
    let live = Live::with(
        Loopback::start(Manner::default()),
        &format!("{PATIENT}{}{}", source("eu-west-1", &["app"]), source("us-east-1", &["app", "other"])),
    );
    for app in ["app", "other"] {
        live.server.script(app, Script::always(Reply::good()));
    }
    let audit = live.audit();
    assert_eq!(audit.report["summary"]["targets"], 2);
    assert_eq!(audit.target("app")["region"], "eu-west-1");
    assert_eq!(audit.target("app")["source"], "source 1");
    let notices = audit.report["notices"].as_array().expect("notices");
    let kinds: Vec<_> = notices.iter().map(|notice| text(&notice["kind"])).collect();
    assert_eq!(kinds, ["duplicate_target"]);
    let pointed = notices[0]["location"]["line"].as_u64().expect("a line");
    let config = fs::read_to_string(live.project.path().join("audit.toml")).expect("the configuration");
    let second = config.lines().position(|line| line.contains("us-east-1")).expect("the second source");
    assert!(pointed > second as u64, "it points at line {pointed}, before the second source");
    assert_eq!(audit.code, 0);
}

#[test]
fn planted_secrets_are_found_nowhere() {
    const SOCIAL: &str = "/resourceConfig/userPoolConfigs/oAuth/socialProviderSettings";
    const PLANTED: &str = "planted0";
    let secrets = || {
        vec![
            Edit::Set(
                SOCIAL,
                json!({
                    "Google": {"client_id": "google-client", "client_secret": "planted0google"},
                    "SignInWithApple": {"client_id": "apple-client", "private_key": "planted0apple"},
                }),
            ),
            Edit::Set("/fooToken", json!("planted0token")),
            Edit::Set("/resourceConfig/apiPassword", json!(["planted0list"])),
            Edit::Set("/resourceConfig/userPoolConfigs/Client-Secret", json!({"value": "planted0nested"})),
            // In the line after a value at fault, so that an excerpt shows it.
            Edit::Set("/resourceConfig/userPoolConfigs/passwordPolicy/resetToken", json!("planted0adjacent")),
            Edit::Set("/resourceConfig/userPoolConfigs/oAuth/oAuthGrantType", json!("IMPLICIT")),
            Edit::Set("/resourceConfig/userPoolConfigs/passwordPolicy/minimumLength", json!("planted-not")),
        ]
    };
    let with = |edit: Edit| Script::always(Reply::Answer([secrets(), vec![edit]].concat()));
    let broken = r#"{"appId": "d1", "resourceConfig": {"oAuth": {"client_secret": "planted0broken"#;
    let live = Live::new(
        PATIENT,
        [
            ("findings", Script::always(Reply::Answer(secrets()))),
            ("of another", with(Edit::Set("/appId", json!("d0other")))),
            ("with error", with(Edit::Set("/error", json!("failed")))),
            ("no config", with(Edit::Remove("/resourceConfig"))),
            ("bad pool", with(Edit::Set("/resourceConfig/identityPoolConfigs", json!("planted")))),
            ("broken", Script::always(Reply::Raw(Raw::new(200, broken)))),
            ("cut off", Script::always(Reply::CutOff(broken.into()))),
            (
                "denied",
                Script::always(Reply::Raw(Raw::json(403, &json!({"client_secret": "planted0denied"})))),
            ),
            ("throttled", Script::first([codeless(429)])),
        ],
    );
    for format in ["human", "json", "sarif"] {
        let mut args = vec!["-vv", "--format", format];
        let outputs = ["human=audit.txt", "json=audit.json", "sarif=audit.sarif"];
        args.extend(outputs.iter().flat_map(|output| ["--output", output]));
        let environment = [
            ("AWS_ENDPOINT_URL", live.server.url()),
            ("AWS_ACCESS_KEY_ID", "AKIAPLANTED".to_owned()),
            ("AWS_SECRET_ACCESS_KEY", SECRET_KEY.to_owned()),
            ("AWS_SESSION_TOKEN", SESSION_TOKEN.to_owned()),
            ("RUST_LOG", "trace".to_owned()),
            ("RUST_BACKTRACE", "full".to_owned()),
        ];
        let run = live.run_in(&args, &environment.each_ref().map(|(name, value)| (*name, value.as_str())));
        assert_eq!(run.code, 3, "{}", run.stderr);
        let mut said = vec![("stdout".to_owned(), run.stdout), ("stderr".to_owned(), run.stderr)];
        for file in ["audit.txt", "audit.json", "audit.sarif"] {
            let text = fs::read_to_string(live.project.path().join(file)).expect("the file was written");
            said.push((file.to_owned(), text));
        }
        for (place, text) in &said {
            assert!(text.contains("findings/prod/shopauth"), "{place} as {format} tells of the targets");
            if let Some(at) = text.find(PLANTED) {
                let end = (at + 40).min(text.len());
                panic!("{place} as {format} has `{}`", String::from_utf8_lossy(&text.as_bytes()[at..end]));
            }
        }
        assert!(said[2].1.contains("\"resetToken\": \"REDACTED\""), "an excerpt shows a place of a secret");
    }
    live.asked_properly();
}

#[test]
fn a_refused_signature_is_not_repeated() {
    // AWS says what it should have signed: the whole request, with the session token.
    let live = Live::new(PATIENT, [("app", Script::always(Reply::good()))]);
    let url = live.server.url();
    let run = live.run_in(
        &["--format", "json", "-vv"],
        &[
            ("AWS_ENDPOINT_URL", &url),
            ("AWS_ACCESS_KEY_ID", "AKIAPLANTED"),
            ("AWS_SECRET_ACCESS_KEY", "another"),
            ("AWS_SESSION_TOKEN", SESSION_TOKEN),
        ],
    );
    let audit = Audit::of(&run);
    assert_eq!(audit.outcome("app"), "credentials after 1");
    assert!(!audit.message("app").contains('\n'), "{}", audit.message("app"));
    for text in [run.stdout, run.stderr] {
        assert!(!text.contains(SESSION_TOKEN) && !text.contains("x-amz-security-token"), "{text}");
    }
}

#[test]
fn what_the_service_says_steers_no_terminal() {
    let said = "no\u{1b}[31m red\r\n::error::injected\u{202e}";
    let denied = Raw::json(403, &json!({"message": said})).header(TYPE, "AccessDeniedException");
    let failed = Reply::with("/error", json!(said));
    let live = Live::new(
        PATIENT,
        [("denied", Script::always(Reply::Raw(denied))), ("failed", Script::always(failed))],
    );
    let run = live.run(&["-vv", "--color", "never"]);
    assert_eq!(run.code, 3);
    for text in [run.stdout, run.stderr] {
        assert!(text.contains("denied/prod/shopauth"));
        assert!(!text.contains(['\u{1b}', '\r', '\u{202e}']), "{text}");
        assert!(!text.lines().any(|line| line.trim_start().starts_with("::")), "{text}");
    }
}
