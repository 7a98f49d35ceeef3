//! Start-up, as who types a command feels it: `cargo bench --bench startup`.
//!
//! The real program, thirty times each: an audit of one recording with the built-in pack, and commands that do
//! less, to tell what of it is the process, the configuration, the policies. Figures are printed, never judged;
//! issue 6 wants the audit under 60 ms.

#![expect(
    clippy::expect_used,
    clippy::print_stdout,
    reason = "a benchmark prints figures, and stops where it cannot"
)]

mod recorded;

use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

const RUNS: usize = 30;

fn main() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    recorded::write(folder.path(), 1, |_| true);
    for args in [&["--version"][..], &["schema", "config"], &["rules"], &["check"], &["--fail-on", "none"]] {
        let mut took: Vec<Duration> = (0..RUNS)
            .map(|_| {
                let start = Instant::now();
                let status = Command::new(env!("CARGO_BIN_EXE_audit"))
                    .current_dir(folder.path())
                    .env_clear()
                    .args(args)
                    .stdin(Stdio::null())
                    .stdout(Stdio::null())
                    .status();
                assert!(status.expect("the program starts").success(), "{args:?} went wrong");
                start.elapsed()
            })
            .collect();
        took.sort_unstable();
        let milliseconds = |duration: Duration| duration.as_secs_f64() * 1000.0;
        println!(
            "audit {:<18} median {:>5.1} ms, best {:>5.1} ms, worst {:>5.1} ms",
            args.join(" "),
            milliseconds(took[RUNS / 2]),
            milliseconds(took[0]),
            milliseconds(took[RUNS - 1]),
        );
    }
}
