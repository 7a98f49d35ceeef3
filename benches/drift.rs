//! What comparing costs beside reading: `cargo bench --bench drift`.
//!
//! A fleet of 20,000 recordings is agreed to with `audit snapshot`, then one in ten is changed. First in this process, on
//! one thread: reading the answers, reading what was agreed, comparing both. Then the real program, whole process: an
//! audit without a baseline, snapshots, and the audit that compares. Figures are printed, never judged.

#![expect(
    clippy::expect_used,
    clippy::print_stdout,
    reason = "a benchmark prints figures, and stops where it cannot"
)]
#![expect(clippy::cast_precision_loss, reason = "figures are for reading")]

mod measure;
mod recorded;

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;
use std::process::Command;
use std::time::{Duration, Instant};

use amplify_audit::baseline::Folder;
use amplify_audit::document::{self, Document};
use amplify_audit::drift::compare;
use amplify_audit::location::{Location, Region, Repository};
use amplify_audit::target::{Stage, Target, TargetId};
use serde_json::{Value, json};

const TARGETS: u32 = 20_000;

fn main() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let never = |_| false;
    recorded::write(folder.path(), TARGETS, never);
    let config = fs::read_to_string(folder.path().join("audit.toml")).expect("a file");
    let alone = program(folder.path(), &["--fail-on", "none", "--format", "json"]);
    fs::write(folder.path().join("audit.toml"), format!("[audit]\nbaseline = \"baseline\"\n{config}"))
        .expect("a file");
    let first = program(folder.path(), &["snapshot"]);
    let again = program(folder.path(), &["snapshot"]);
    // A tenth of the fleet is not what was agreed.
    recorded::write(folder.path(), TARGETS, |number| number % 10 == 0);
    fs::write(folder.path().join("audit.toml"), format!("[audit]\nbaseline = \"baseline\"\n{config}"))
        .expect("a file");
    in_process(folder.path());
    println!("whole process, {TARGETS} recordings:");
    println!("  audit without a baseline    {}", shown(&alone, &alone));
    println!("  first snapshot              {}", shown(&first, &alone));
    println!("  snapshot, nothing changed   {}", shown(&again, &alone));
    let drifted = program(folder.path(), &["--fail-on", "none", "--format", "json"]);
    let report: Value = serde_json::from_str(&drifted.stdout).expect("a report");
    let findings = report["findings"].as_array().expect("findings").iter();
    let findings = findings.filter(|finding| finding["rule"] == "drift/baseline").count();
    assert_eq!(report["summary"]["audited"], json!(TARGETS), "the audit went wrong");
    println!("  audit, {findings} findings of drift {}", shown(&drifted, &alone));
}

/// Reads and compares on one thread.
fn in_process(root: &Path) {
    let baseline = Folder::new(root.join("baseline"), &Repository::containing(root));
    let [mut answers, mut agreed, mut comparing] = [Duration::ZERO; 3];
    let (mut documents, mut changes) = (0_u32, 0);
    for app in fs::read_dir(root.join("recordings")).expect("a folder") {
        for file in fs::read_dir(app.expect("an entry").path()).expect("a folder") {
            let path = file.expect("an entry").path();
            let begun = Instant::now();
            let answer = document::read(&fs::read(path).expect("a file")).expect("an answer");
            let actual = Document::new(answer.clone(), target(&answer), None);
            answers += begun.elapsed();
            let begun = Instant::now();
            let expected = baseline.read(&actual.target().id).expect("a document").expect("a file");
            agreed += begun.elapsed();
            let begun = Instant::now();
            changes += compare(expected.value(), actual.value()).len();
            comparing += begun.elapsed();
            documents += 1;
        }
    }
    let each = |duration: Duration| duration.as_secs_f64() * 1e6 / f64::from(documents);
    println!("one thread, {documents} documents, {changes} changes:");
    println!("  reading answers             {:>7.1} µs each", each(answers));
    println!("  reading what was agreed     {:>7.1} µs each", each(agreed));
    println!(
        "  comparing                   {:>7.1} µs each, {:.3} of reading both",
        each(comparing),
        comparing.as_secs_f64() / (answers + agreed).as_secs_f64()
    );
}

fn target(answer: &document::Answer) -> std::sync::Arc<Target> {
    let part = |part: &Option<String>| part.clone().expect("a name");
    let identity = &answer.identity;
    let (app_id, environment, resource) =
        (part(&identity.app_id), part(&identity.environment), part(&identity.resource));
    // As `[stages]` has it by default.
    let stage = match environment.as_str() {
        "prod" => Stage::Production,
        "staging" => Stage::Staging,
        _ => Stage::Development,
    };
    Target {
        id: TargetId::new(&app_id, &environment, &resource),
        account: None,
        region: None,
        app_id,
        app_name: None,
        environment,
        resource,
        stage,
        labels: BTreeMap::new(),
        source: "recordings".into(),
        declared: Location { file: "audit.toml".into(), region: Region::START },
    }
    .into()
}

fn program(folder: &Path, args: &[&str]) -> measure::Measured {
    let run =
        measure::run(Command::new(env!("CARGO_BIN_EXE_audit")).current_dir(folder).env_clear().args(args));
    assert_eq!(run.code, Some(0), "{}", run.stdout);
    run
}

fn shown(run: &measure::Measured, alone: &measure::Measured) -> String {
    let peak =
        run.peak_kib.map_or_else(|| "unknown".to_owned(), |kib| format!("{:.1} MiB", kib as f64 / 1024.0));
    let seconds = run.wall.as_secs_f64();
    format!("{seconds:>6.2} s, {:.2} of the first, peak memory {peak}", seconds / alone.wall.as_secs_f64())
}
