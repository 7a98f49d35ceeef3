//! The wish to end a run early: given by a signal, seen by whoever fetches.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use tokio::sync::watch;

/// One run's wish to end early. Clones share it.
#[derive(Debug, Clone, Default)]
pub struct Stop(Arc<Shared>);

#[derive(Debug, Default)]
struct Shared {
    stopped: watch::Sender<bool>,
    /// Read and written under the lock of `stopped` alone, so that a wish comes before the end or after it.
    over: AtomicBool,
}

impl Stop {
    /// Nothing new is begun from now on. Without effect once the fetching is over.
    pub fn stop(&self) {
        self.0.stopped.send_if_modified(|stopped| {
            let modified = !*stopped && !self.0.over.load(Ordering::Relaxed);
            *stopped |= modified;
            modified
        });
    }

    /// Whether the run was stopped while it was fetching.
    #[must_use]
    pub fn is_stopped(&self) -> bool {
        *self.0.stopped.borrow()
    }

    /// Turns `true` when the run is stopped. `Stop` must outlive who waits: with its last clone the wish is gone.
    #[must_use]
    pub fn subscribe(&self) -> watch::Receiver<bool> {
        self.0.stopped.subscribe()
    }

    /// The fetching is over: nothing can be stopped any more. Returns whether it was.
    #[must_use]
    pub fn finish(&self) -> bool {
        self.0.stopped.send_if_modified(|_| {
            self.0.over.store(true, Ordering::Relaxed);
            false
        });
        self.is_stopped()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_stop_reaches_every_clone_and_whoever_waits() {
        let stop = Stop::default();
        let mut waiting = stop.subscribe();
        assert!(!stop.is_stopped() && !waiting.has_changed().expect("the sender is there"));
        stop.clone().stop();
        assert!(stop.is_stopped() && *waiting.borrow_and_update());
        stop.stop();
        assert!(!waiting.has_changed().expect("the sender is there"), "once is enough");
        assert!(*stop.subscribe().borrow(), "who comes late sees it too");
        assert!(stop.finish());
    }

    #[test]
    fn nothing_is_stopped_once_the_fetching_is_over() {
        let stop = Stop::default();
        assert!(!stop.finish());
        stop.stop();
        assert!(!stop.is_stopped());
    }
}
