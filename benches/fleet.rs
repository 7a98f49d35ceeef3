//! A company's fleet: discovery, quotas, faults, accounts, and memory.
//!
//! `cargo bench --bench fleet` runs the release binary against the loopback server of the tests and
//! prints wall time, its ratio to the ideal, calls in vain and peak memory. It fails when an audit goes
//! wrong, and never for a figure. `cargo bench --bench fleet -- NAME…` runs only some.

#![expect(
    clippy::expect_used,
    clippy::print_stdout,
    reason = "a benchmark prints figures, and stops where it cannot"
)]
#![expect(clippy::cast_precision_loss, reason = "figures are for reading")]

#[path = "../tests/loopback/mod.rs"]
#[expect(dead_code, unused_imports, reason = "the tests use more of the server")]
mod loopback;
mod measure;

use std::fs;
use std::path::Path;
use std::process::Command;
use std::time::{Duration, Instant};

use loopback::{ACCOUNT, App, Bucket, Loopback, Manner, Meta, Random, Raw, Reply, Script, Throttle, Where};
use measure::Measured;
use serde_json::{Value, json};

const LATENCY: Duration = Duration::from_millis(80);
const CONCURRENCY: usize = 32;
const REGION: &str = "eu-west-1";

/// A name, and what it runs; the argument is how large the fleet is, 1 for the real size.
type Scenario = (&'static str, fn(f64));

const SCENARIOS: [Scenario; 6] = [
    ("discovery", discovery),
    ("bucket", bucket),
    ("random", random),
    ("faults", faults),
    ("accounts", accounts),
    ("memory", memory),
];

fn main() {
    // `cargo test --benches` runs this too: small, to see that it works.
    let size = if std::env::args().any(|arg| arg == "--bench") { 1.0 } else { 0.02 };
    let wanted: Vec<String> = std::env::args().skip(1).filter(|arg| !arg.starts_with('-')).collect();
    for (name, run) in SCENARIOS {
        if wanted.is_empty() || wanted.iter().any(|wanted| wanted == name) {
            run(size);
        }
    }
}

/// So many of a full fleet, and no fewer than two.
fn scaled(count: u32, size: f64) -> u32 {
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "counts are small")]
    let scaled = (f64::from(count) * size) as u32;
    scaled.max(2)
}

fn discovery(size: f64) {
    let apps = scaled(200, size);
    let server = Loopback::start(Manner { latency: LATENCY, ..Manner::default() });
    for number in 0..apps {
        server.own(app(ACCOUNT, REGION, number, &["prod", "staging", "dev"]));
    }
    let run = Run::new(&server, &format!("{}{}", limits(CONCURRENCY), discover(&[REGION])), 0);
    run.audited(3 * apps);
    let calls = run.calls;
    // Every call takes the latency, and so many are under way at once.
    let ideal = LATENCY.mul_f64(calls as f64 / CONCURRENCY as f64);
    run.print(
        &format!("{apps} apps × 3 environments by discovery, {LATENCY:?} a call, {CONCURRENCY} in flight"),
        Some((ideal, 1.3)),
    );
}

fn bucket(size: f64) {
    let targets = scaled(600, size);
    let tokens = Bucket { per_second: 60.0, burst: 40, says: Throttle::TooManyRequests };
    let server = Loopback::start(Manner { latency: LATENCY, bucket: Some(tokens), ..Manner::default() });
    let run = Run::new(&server, &format!("{}{}", limits(CONCURRENCY), named(&server, targets)), 0);
    run.audited(targets);
    let beyond = f64::from(targets.saturating_sub(tokens.burst));
    let ideal = Duration::from_secs_f64(beyond / tokens.per_second).max(LATENCY);
    run.print(&format!("{targets} targets, 60 calls a second, burst 40"), Some((ideal, 1.25)));
}

fn random(size: f64) {
    let targets = scaled(600, size);
    let random = Random { probability: 0.3, seed: 1, says: Throttle::Codeless };
    let server = Loopback::start(Manner { latency: LATENCY, random: Some(random), ..Manner::default() });
    let run = Run::new(&server, &format!("{}{}", limits(CONCURRENCY), named(&server, targets)), 0);
    run.audited(targets);
    run.print(&format!("{targets} targets, 30 % of all calls throttled at random"), None);
}

fn faults(size: f64) {
    let targets = scaled(300, size);
    let server = Loopback::start(Manner { latency: LATENCY, ..Manner::default() });
    let config = named(&server, targets);
    let faults = [
        Reply::error(429, "TooManyRequestsException"),
        Reply::Raw(Raw::json(429, &json!({"message": "slow down"}))),
        Reply::error(500, "InternalFailure"),
        Reply::error(502, "BadGateway"),
        Reply::error(503, "ServiceUnavailable"),
        Reply::error(504, "GatewayTimeoutException"),
        Reply::Reset,
        Reply::Hang,
        Reply::CutOff(b"{\"appId\":".to_vec()),
        Reply::Stall(b"{\"appId\":".to_vec()),
        Reply::Truncated,
        Reply::html(),
        Reply::Raw(Raw::new(200, "")),
    ];
    for number in 0..targets {
        server.script(&name(number), Script::first(faults.clone()));
    }
    // One attempt after the last fault, and a short time limit for those that never answer.
    let limits =
        "[audit]\nconcurrency = 64\nconcurrency-per-region = 64\nmax-attempts = 14\ntimeout = \"2s\"\n";
    let run = Run::new(&server, &format!("{limits}{config}"), 0);
    run.audited(targets);
    assert_eq!(run.calls, targets as usize * (faults.len() + 1), "calls made");
    run.print(&format!("{targets} targets, each with {} faults one after the other", faults.len()), None);
}

fn accounts(size: f64) {
    let apps = scaled(50, size);
    let server = Loopback::start(Manner { latency: LATENCY, ..Manner::default() });
    let (regions, owners) = (["eu-west-1", "us-east-1"], [ACCOUNT, "444455556666", "777788889999"]);
    for (place, (owner, region)) in
        owners.iter().flat_map(|owner| regions.iter().map(move |region| (owner, region))).enumerate()
    {
        for number in 0..apps {
            let number = number + 1000 * u32::try_from(place).expect("few places");
            server.own(app(owner, region, number, &["prod", "dev"]));
        }
    }
    server.fault(
        Where::operation("AssumeRole").account(owners[1]),
        Script::always(Reply::error(403, "AccessDenied")),
    );
    let roles =
        format!("accounts = {}\nrole-arn = \"arn:aws:iam::{{account}}:role/auditor\"\n", json!(owners));
    let run = Run::new(&server, &format!("{}{}{roles}", limits(CONCURRENCY), discover(&regions)), 3);
    run.audited(2 * 2 * 2 * apps);
    let ideal = LATENCY.mul_f64(run.calls as f64 / CONCURRENCY as f64);
    run.print(
        &format!("3 accounts × 2 regions × {apps} apps × 2 environments, one account denied"),
        Some((ideal, 1.3)),
    );
}

fn memory(size: f64) {
    let apps = scaled(4000, size);
    let server = Loopback::start(Manner::default());
    for number in 0..apps {
        server.own(app(ACCOUNT, REGION, number, &["prod", "staging", "dev", "test", "sandbox-1"]));
    }
    let run = Run::new(&server, &format!("{}{}", limits(CONCURRENCY), discover(&[REGION])), 0);
    run.audited(5 * apps);
    run.print(&format!("{} targets by discovery, no latency (goal 150 MB)", 5 * apps), None);
}

/// One audit, and what the server saw of it.
struct Run {
    measured: Measured,
    audited: Value,
    calls: usize,
    throttled: usize,
    first: Duration,
    most: usize,
}

impl Run {
    fn new(server: &Loopback, config: &str, code: i32) -> Self {
        let folder = tempfile::tempdir().expect("a temporary folder");
        fs::write(folder.path().join("audit.toml"), config).expect("the configuration is written");
        let begin = Instant::now();
        let measured = measure::run(&mut audit(folder.path(), &server.url()));
        let report: Value = serde_json::from_str(&measured.stdout).expect("a report");
        assert_eq!(
            measured.code,
            Some(code),
            "the audit went wrong: {} {}",
            report["summary"],
            report["notices"]
        );
        assert_eq!(server.refused(), Vec::<String>::new());
        let most = server.most_in_flight();
        let calls = server.calls();
        Self {
            audited: report["summary"]["audited"].clone(),
            calls: calls.len(),
            throttled: calls.iter().filter(|call| call.status == Some(429)).count(),
            first: calls.first().map_or(Duration::ZERO, |call| call.at - begin),
            most,
            measured,
        }
    }

    fn audited(&self, targets: u32) {
        assert_eq!(self.audited, targets, "targets audited");
    }

    fn print(&self, title: &str, goal: Option<(Duration, f64)>) {
        let wall = self.measured.wall;
        let ideal = goal.map_or_else(String::new, |(ideal, goal)| {
            let ratio = wall.as_secs_f64() / ideal.as_secs_f64();
            format!(", ideal {:.0} ms, ratio {ratio:.3} (goal {goal})", millis(ideal))
        });
        let peak = self
            .measured
            .peak_kib
            .map_or_else(|| "unknown".to_owned(), |kib| format!("{:.1} MB", kib as f64 * 1024.0 / 1e6));
        println!("{title}");
        println!(
            "  wall {:.0} ms{ideal}, first call after {:.0} ms, {} calls, {} throttled ({:.1} %), at most {} in flight, peak memory {peak}",
            millis(wall),
            millis(self.first),
            self.calls,
            self.throttled,
            100.0 * self.throttled as f64 / self.calls as f64,
            self.most,
        );
    }
}

fn millis(duration: Duration) -> f64 {
    duration.as_secs_f64() * 1000.0
}

fn name(number: u32) -> String {
    format!("d{number:013}")
}

fn app(account: &str, region: &str, number: u32, environments: &[&str]) -> App {
    environments.iter().fold(App::new(account, region, &name(number), "shop"), |app, environment| {
        app.environment(environment, Meta::cognito(&["shopauth"]))
    })
}

fn limits(concurrency: usize) -> String {
    format!("[audit]\nconcurrency = {concurrency}\nconcurrency-per-region = {concurrency}\n")
}

fn discover(regions: &[&str]) -> String {
    format!("[[source]]\nkind = \"amplify\"\nregions = {}\n", json!(regions))
}

/// Targets that the configuration names: one call each.
fn named(server: &Loopback, targets: u32) -> String {
    let each = (0..targets).map(|number| {
        server.script(&name(number), Script::always(Reply::good()));
        format!(
            "[[source.target]]\napp = \"{}\"\nenvironment = \"prod\"\nresource = \"shopauth\"\n",
            name(number)
        )
    });
    std::iter::once(discover(&[REGION])).chain(each).collect()
}

fn audit(folder: &Path, url: &str) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_audit"));
    command
        .args(["--format", "json"])
        .current_dir(folder)
        .env_clear()
        .env("HOME", folder)
        .env("AWS_EC2_METADATA_DISABLED", "true")
        .env("AWS_ENDPOINT_URL", url)
        .env("AWS_ACCESS_KEY_ID", "AKIABENCHMARK")
        .env("AWS_SECRET_ACCESS_KEY", "benchmark")
        .env("NO_PROXY", "127.0.0.1");
    command
}
