//! Runs the program as its users do and measures the whole process: wall time and peak memory.

use std::fs;
use std::io::Read;
use std::process::{Child, Command, Stdio};
use std::thread;
use std::time::{Duration, Instant};

/// What one run took.
pub(crate) struct Measured {
    pub(crate) code: Option<i32>,
    pub(crate) stdout: String,
    pub(crate) wall: Duration,
    /// High-water mark of resident memory in KiB, as Linux counts it; `None` elsewhere.
    pub(crate) peak_kib: Option<u64>,
}

/// Runs `command` to its end.
pub(crate) fn run(command: &mut Command) -> Measured {
    let start = Instant::now();
    let mut child = command.stdin(Stdio::null()).stdout(Stdio::piped()).spawn().expect("the program starts");
    let mut pipe = child.stdout.take().expect("a pipe");
    let reader = thread::spawn(move || {
        let mut text = String::new();
        pipe.read_to_string(&mut text).expect("UTF-8 on stdout");
        text
    });
    let (code, peak_kib) = watch(&mut child);
    let wall = start.elapsed();
    Measured { code, stdout: reader.join().expect("the reader ends"), wall, peak_kib }
}

/// The kernel keeps the high-water mark, so a look every few milliseconds misses only what the last
/// few add.
fn watch(child: &mut Child) -> (Option<i32>, Option<u64>) {
    let status = format!("/proc/{}/status", child.id());
    let mut peak = None;
    loop {
        peak = high_water_mark(&status).or(peak);
        if let Some(exit) = child.try_wait().expect("the program is ours") {
            return (exit.code(), peak);
        }
        thread::sleep(Duration::from_millis(2));
    }
}

fn high_water_mark(status: &str) -> Option<u64> {
    let text = fs::read_to_string(status).ok()?;
    text.lines().find_map(|line| line.strip_prefix("VmHWM:"))?.trim().strip_suffix(" kB")?.trim().parse().ok()
}
