//! Throughput and memory of an audit of recordings: `cargo bench --bench offline`.
//!
//! A fleet of 20,000 targets, 3 KB an answer, one in ten with findings, is written to a temporary
//! folder and audited by the real program, three times; a tenth of it first, to show that memory does not
//! grow with the documents. Figures are printed, never judged.

#![expect(
    clippy::expect_used,
    clippy::print_stdout,
    reason = "a benchmark prints figures, and stops where it cannot"
)]
#![expect(clippy::cast_precision_loss, reason = "figures are for reading")]

mod measure;
mod recorded;

use std::process::Command;

use serde_json::{Value, json};

fn main() {
    for targets in [2_000, 20_000] {
        let folder = tempfile::tempdir().expect("a temporary folder");
        recorded::write(folder.path(), targets, |number| number % 10 == 0);
        for _ in 0..3 {
            let run = measure::run(
                Command::new(env!("CARGO_BIN_EXE_audit")).current_dir(folder.path()).env_clear().args([
                    "--format",
                    "json",
                    "--fail-on",
                    "none",
                ]),
            );
            let report: Value = serde_json::from_str(&run.stdout).expect("a report");
            assert_eq!(
                (run.code, &report["summary"]["audited"]),
                (Some(0), &json!(targets)),
                "the audit went wrong"
            );
            let findings = report["findings"].as_array().map_or(0, Vec::len);
            let seconds = run.wall.as_secs_f64();
            println!(
                "{targets:>6} recordings, {findings:>5} findings: {:>7.0} documents/s, {seconds:.2} s, peak memory {}",
                f64::from(targets) / seconds,
                run.peak_kib
                    .map_or_else(|| "unknown".to_owned(), |kib| format!("{:.1} MiB", kib as f64 / 1024.0)),
            );
        }
    }
}
