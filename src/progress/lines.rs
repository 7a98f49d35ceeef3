//! A line now and then, for logs.

use std::sync::mpsc::{RecvTimeoutError, SyncSender, sync_channel};
use std::thread;
use std::time::Duration;

/// How often: a log of an hour stays readable, and nobody thinks that the run is stuck.
pub(super) const PERIOD: Duration = Duration::from_secs(10);

/// Prints periodically, by a thread of its own, until it is ended or dropped.
#[derive(Debug)]
pub(super) struct Lines(SyncSender<()>);

impl Lines {
    pub(super) fn every(period: Duration, print: impl Fn() + Send + 'static) -> Self {
        let (sender, ended) = sync_channel(1);
        // Where there is no thread to be had there are no lines, and the run is as good without.
        let _ = thread::Builder::new().name("progress".to_owned()).spawn(move || {
            while ended.recv_timeout(period) == Err(RecvTimeoutError::Timeout) {
                print();
            }
        });
        Self(sender)
    }

    pub(super) fn end(&self) {
        // It may have ended already.
        let _ = self.0.try_send(());
    }
}

#[cfg(test)]
mod tests {
    use std::sync::mpsc::channel;

    use super::*;

    const PATIENCE: Duration = Duration::from_secs(20);

    #[test]
    fn lines_come_until_they_are_ended() {
        for end in [Lines::end as fn(&Lines), |_| {}] {
            let (printed, lines) = channel();
            // The other end hangs up with the thread.
            let ticking = Lines::every(Duration::from_millis(1), move || {
                let _ = printed.send(());
            });
            for _ in 0..3 {
                lines.recv_timeout(PATIENCE).expect("a line comes");
            }
            end(&ticking);
            drop(ticking);
            while lines.recv_timeout(PATIENCE).is_ok() {}
            assert!(lines.try_recv().is_err());
        }
    }
}
