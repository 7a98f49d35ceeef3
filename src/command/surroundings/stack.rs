//! Room for policies: the engine calls itself for each rule behind a rule and for each loop in a loop. What the main
//! thread has differs from system to system, and what worker threads have is too little.

use std::error::Error as _;
use std::{io, panic, thread};

/// More than the deepest policies that are accepted need (`policy::depth`). Only what is used of it takes memory.
const SIZE: usize = 64 << 20;

/// Runs a command where policies have room: on a thread of its own, and on the workers that it shares its work with.
///
/// # Errors
/// Where the system has no further thread.
///
/// # Panics
/// Where the command does.
pub fn with_room<T: Send>(command: impl FnOnce() -> T + Send) -> io::Result<T> {
    if let Err(error) = rayon::ThreadPoolBuilder::new().stack_size(SIZE).build_global()
        // Without a source, the workers are there already: those have what somebody else gave them.
        && error.source().is_some()
    {
        return Err(io::Error::other(error));
    }
    // A scope that cannot start its thread would wait for it: whether there is one is asked before.
    let thread = || thread::Builder::new().stack_size(SIZE);
    thread().spawn(|| ())?.join().unwrap_or_else(|panic| panic::resume_unwind(panic));
    thread::scope(|scope| {
        let running = thread().spawn_scoped(scope, command)?;
        Ok(running.join().unwrap_or_else(|panic| panic::resume_unwind(panic)))
    })
}
