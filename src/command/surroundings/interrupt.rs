//! Signals: the first one lets a run come to an early end, the second one ends the process.

use std::future::poll_fn;
use std::io;
use std::task::{Context, Poll};
use std::thread;

use crate::stop::Stop;

/// The exit code of a process that SIGINT ended, as shells count; the report's for an interrupted run too.
const INTERRUPTED: i32 = 130;

/// From now on the first signal stops the run, and `say` tells so; the second ends the process at once,
/// wherever it is. SIGINT and SIGTERM, or Ctrl-C and Ctrl-Break on Windows.
///
/// # Errors
/// Where the system takes no handler.
pub(super) fn listen(stop: Stop, say: impl FnOnce() + Send + 'static) -> io::Result<()> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_io().build()?;
    let mut signals = {
        let _inside = runtime.enter();
        Signals::new()?
    };
    let listen = move || {
        runtime.block_on(poll_fn(|context| signals.poll(context)));
        stop.stop();
        // Aside: where nobody reads stderr, the second signal must be heard even so.
        let _ = thread::Builder::new().spawn(say);
        runtime.block_on(poll_fn(|context| signals.poll(context)));
        #[expect(
            clippy::exit,
            clippy::disallowed_methods,
            reason = "asked for twice: nothing may hold the process up"
        )]
        std::process::exit(INTERRUPTED);
    };
    thread::Builder::new().name("signals".to_owned()).spawn(listen).map(drop)
}

#[cfg(unix)]
use tokio::signal::unix::Signal;
#[cfg(windows)]
use tokio::signal::windows::{CtrlBreak, CtrlC};

/// The signals that end a process politely.
#[cfg(unix)]
struct Signals {
    interrupt: Signal,
    terminate: Signal,
}

#[cfg(unix)]
impl Signals {
    fn new() -> io::Result<Self> {
        use tokio::signal::unix::{SignalKind, signal};
        Ok(Self { interrupt: signal(SignalKind::interrupt())?, terminate: signal(SignalKind::terminate())? })
    }

    /// Ready when one came.
    fn poll(&mut self, context: &mut Context<'_>) -> Poll<()> {
        // Both are asked, so that both wake.
        let polled = [self.interrupt.poll_recv(context), self.terminate.poll_recv(context)];
        if polled.iter().any(Poll::is_ready) { Poll::Ready(()) } else { Poll::Pending }
    }
}

/// What a console sends to end a process politely.
#[cfg(windows)]
struct Signals {
    interrupt: CtrlC,
    terminate: CtrlBreak,
}

#[cfg(windows)]
impl Signals {
    fn new() -> io::Result<Self> {
        use tokio::signal::windows::{ctrl_break, ctrl_c};
        Ok(Self { interrupt: ctrl_c()?, terminate: ctrl_break()? })
    }

    /// Ready when one came.
    fn poll(&mut self, context: &mut Context<'_>) -> Poll<()> {
        let polled = [self.interrupt.poll_recv(context), self.terminate.poll_recv(context)];
        if polled.iter().any(Poll::is_ready) { Poll::Ready(()) } else { Poll::Pending }
    }
}
