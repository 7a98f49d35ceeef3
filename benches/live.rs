//! How fast the live API is read: 600 explicit targets, 80 ms a call, 32 calls in flight.
//!
//! `cargo bench --bench live` runs the release binary against the loopback server of the tests and
//! prints wall time, its ratio to the ideal, and peak memory. It fails when the audit goes wrong, and
//! never for a figure.

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

use loopback::{Loopback, Manner, Raw, Reply, Script};
use serde_json::{Value, json};

const LATENCY: Duration = Duration::from_millis(80);
const CONCURRENCY: u32 = 32;
/// Goal of issue 2, against the ideal.
const GOAL: f64 = 1.25;

/// What the server does to the calls.
#[derive(Clone, Copy)]
enum Weather {
    /// Every call is answered.
    Fair,
    /// The first call of every tenth target is throttled without an error code.
    Throttled,
}

fn main() {
    // `cargo test --benches` runs this too: once and small, to see that it works.
    let (targets, rounds) = if std::env::args().any(|arg| arg == "--bench") { (600, 3) } else { (40, 1) };
    for (weather, title) in [
        (Weather::Fair, "all answered"),
        (
            Weather::Throttled,
            "10 % answered 429 without a code at first; the SDK waits up to 1 s before it tries again",
        ),
    ] {
        println!("{targets} targets, {LATENCY:?} a call, {CONCURRENCY} in flight; {title}");
        for round in 1..=rounds {
            println!("  {round}: {}", figures(targets, weather));
        }
    }
}

fn figures(targets: u32, weather: Weather) -> String {
    let server = Loopback::start(Manner { latency: LATENCY, ..Manner::default() });
    let folder = tempfile::tempdir().expect("a temporary folder");
    fs::write(folder.path().join("audit.toml"), config(targets)).expect("the configuration is written");
    let mut expected_calls = targets;
    for number in 0..targets {
        let script = match weather {
            Weather::Throttled if number % 10 == 0 => {
                expected_calls += 1;
                Script::first([Reply::Raw(Raw::json(429, &json!({"message": "slow down"})))])
            }
            Weather::Fair | Weather::Throttled => Script::always(Reply::good()),
        };
        server.script(&app(number), script);
    }

    let begin = Instant::now();
    let run = measure::run(&mut audit(folder.path(), &server.url()));
    let report: Value = serde_json::from_str(&run.stdout).expect("a report");
    assert_eq!(
        (run.code, &report["summary"]["audited"]),
        (Some(0), &json!(targets)),
        "the audit went wrong: {}",
        report["summary"]
    );
    let calls = server.calls();
    assert_eq!(calls.len(), expected_calls as usize, "calls made");
    let most = server.most_in_flight();
    assert!(most <= CONCURRENCY as usize, "{most} calls were in flight");
    assert_eq!(server.refused(), Vec::<String>::new());

    let ideal = LATENCY * targets / CONCURRENCY;
    let start = calls.first().map_or(Duration::ZERO, |call| call.at - begin);
    let kib =
        run.peak_kib.map_or_else(|| "unknown".to_owned(), |kib| format!("{:.1} MiB", kib as f64 / 1024.0));
    format!(
        "wall {:.0} ms, ideal {:.0} ms, ratio {:.3} (goal {GOAL}), first call after {:.0} ms, {} calls, at most {most} in flight, peak memory {kib}",
        millis(run.wall),
        millis(ideal),
        run.wall.as_secs_f64() / ideal.as_secs_f64(),
        millis(start),
        calls.len(),
    )
}

fn millis(duration: Duration) -> f64 {
    duration.as_secs_f64() * 1000.0
}

fn app(number: u32) -> String {
    format!("d{number:013}")
}

fn config(targets: u32) -> String {
    let limits = format!("[audit]\nconcurrency = {CONCURRENCY}\nconcurrency-per-region = {CONCURRENCY}\n\n");
    let source = "[[source]]\nkind = \"amplify\"\nregions = [\"eu-west-1\"]\n";
    let targets = (0..targets).map(|number| {
        format!(
            "[[source.target]]\napp = \"{}\"\nenvironment = \"prod\"\nresource = \"shopauth\"\n",
            app(number)
        )
    });
    [limits, source.to_owned()].into_iter().chain(targets).collect()
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
