//! The wish to end a run early: said once, heard everywhere.

use tokio::sync::watch;

/// Shared by whoever may stop a run and whoever works on it.
#[derive(Debug, Clone)]
pub struct Stop(watch::Sender<bool>);

impl Default for Stop {
    fn default() -> Self {
        Self(watch::Sender::new(false))
    }
}

impl Stop {
    /// Stops the run; a second time changes nothing.
    pub fn stop(&self) {
        self.0.send_replace(true);
    }

    /// Whether the run is to stop.
    #[must_use]
    pub fn is_stopped(&self) -> bool {
        *self.0.borrow()
    }

    /// To wait for it: the value becomes `true`.
    #[must_use]
    pub fn subscribe(&self) -> watch::Receiver<bool> {
        self.0.subscribe()
    }
}
