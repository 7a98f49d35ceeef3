//! Room for policies: the engine calls itself for each rule behind a rule and for each loop in a loop. What the main
//! thread has differs from system to system, and what worker threads have is too little.

use std::{panic, thread};

/// More than the deepest policies that are accepted need (`policy::depth`). Only what is used of it takes memory.
const SIZE: usize = 64 << 20;

/// Runs a command where policies have room: on a thread of its own, and on the workers that it shares its work with.
///
/// # Panics
/// Where the command does, and where the system has no further thread.
pub fn with_room<T: Send>(command: impl FnOnce() -> T + Send) -> T {
    // It fails where the workers are there already: those have what somebody else gave them.
    let _ = rayon::ThreadPoolBuilder::new().stack_size(SIZE).build_global();
    thread::scope(|scope| match thread::Builder::new().stack_size(SIZE).spawn_scoped(scope, command) {
        Ok(running) => running.join().unwrap_or_else(|panic| panic::resume_unwind(panic)),
        Err(error) => panic!("the system has no thread: {error}"),
    })
}
