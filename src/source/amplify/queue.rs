//! The calls that one lane has still to make: what is ready, what waits for its next attempt, and
//! whether anything is left that may bring more.

use std::cell::RefCell;
use std::cmp::Reverse;
use std::collections::BTreeMap;

use tokio::sync::Notify;
use tokio::time::Instant;

/// Jobs in the order of their rank, the greatest first, and of their arrival within one.
#[derive(Debug)]
pub(super) struct Queue<J> {
    state: RefCell<State<J>>,
    changed: Notify,
}

#[derive(Debug)]
struct State<J> {
    ready: BTreeMap<(Reverse<u8>, u64), J>,
    waiting: BTreeMap<(Instant, u64), (u8, J)>,
    /// Jobs that were put in and are not done.
    outstanding: usize,
    arrivals: u64,
    closed: bool,
}

impl<J> Queue<J> {
    pub(super) fn new() -> Self {
        let state = State {
            ready: BTreeMap::new(),
            waiting: BTreeMap::new(),
            outstanding: 0,
            arrivals: 0,
            closed: false,
        };
        Self { state: RefCell::new(state), changed: Notify::new() }
    }

    /// Adds a job.
    pub(super) fn push(&self, rank: u8, job: J) {
        let mut state = self.state.borrow_mut();
        state.outstanding += 1;
        state.arrivals += 1;
        let number = state.arrivals;
        state.ready.insert((Reverse(rank), number), job);
        self.changed.notify_one();
    }

    /// Puts a job back until `due`. It is still outstanding.
    pub(super) fn later(&self, rank: u8, due: Instant, job: J) {
        let mut state = self.state.borrow_mut();
        state.arrivals += 1;
        let number = state.arrivals;
        state.waiting.insert((due, number), (rank, job));
        self.changed.notify_one();
    }

    /// A job is done; those that it brought are in the queue already.
    pub(super) fn done(&self) {
        let mut state = self.state.borrow_mut();
        state.outstanding -= 1;
        if state.outstanding == 0 {
            self.changed.notify_waiters();
        }
    }

    /// Hands out no more jobs.
    pub(super) fn close(&self) {
        self.state.borrow_mut().closed = true;
        self.changed.notify_waiters();
    }

    /// The next job, when there is one; `None` when all are done, or the queue is closed.
    pub(super) async fn next(&self) -> Option<J> {
        loop {
            let changed = self.changed.notified();
            tokio::pin!(changed);
            // From here on no change is missed.
            changed.as_mut().enable();
            let due = {
                let mut state = self.state.borrow_mut();
                if state.closed || state.outstanding == 0 {
                    return None;
                }
                if let Some(job) = state.take(Instant::now()) {
                    // Whoever takes a job is busy from now on: another one looks at what is left.
                    if !state.ready.is_empty() || !state.waiting.is_empty() {
                        self.changed.notify_one();
                    }
                    return Some(job);
                }
                state.waiting.keys().next().map(|(due, _)| *due)
            };
            match due {
                Some(due) => {
                    // Whichever comes first.
                    let _ = tokio::time::timeout_at(due, changed).await;
                }
                None => changed.await,
            }
        }
    }

    /// What is left of a closed queue.
    pub(super) fn drain(&self) -> Vec<J> {
        let mut state = self.state.borrow_mut();
        let ready = std::mem::take(&mut state.ready).into_values();
        ready.chain(std::mem::take(&mut state.waiting).into_values().map(|(_, job)| job)).collect()
    }
}

impl<J> State<J> {
    fn take(&mut self, now: Instant) -> Option<J> {
        while let Some(entry) = self.waiting.first_entry()
            && entry.key().0 <= now
        {
            let ((_, number), (rank, job)) = entry.remove_entry();
            self.ready.insert((Reverse(rank), number), job);
        }
        self.ready.pop_first().map(|(_, job)| job)
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    fn block_on<T>(future: impl Future<Output = T>) -> T {
        tokio::runtime::Builder::new_current_thread()
            .enable_time()
            .build()
            .expect("a runtime")
            .block_on(future)
    }

    #[test]
    fn the_greatest_rank_comes_first_and_within_it_the_first() {
        let queue = Queue::new();
        for (rank, job) in [(1, "a"), (2, "b"), (1, "c"), (2, "d")] {
            queue.push(rank, job);
        }
        let order = block_on(async {
            let mut order = Vec::new();
            while let Some(job) = queue.next().await {
                order.push(job);
                queue.done();
            }
            order
        });
        assert_eq!(order, ["b", "d", "a", "c"]);
    }

    #[test]
    fn a_job_that_waits_keeps_the_queue_open() {
        let queue = Queue::new();
        queue.push(1, "a");
        block_on(async {
            assert_eq!(queue.next().await, Some("a"));
            let due = Instant::now() + Duration::from_millis(20);
            queue.later(1, due, "a");
            assert_eq!(queue.next().await, Some("a"));
            assert!(Instant::now() >= due);
            queue.done();
            assert_eq!(queue.next().await, None);
        });
    }

    #[test]
    fn whoever_waits_learns_that_the_queue_is_closed_or_done() {
        for close in [true, false] {
            let queue: Queue<&str> = Queue::new();
            queue.push(1, "a");
            block_on(async {
                let job = queue.next().await;
                let waiting = async { assert_eq!(queue.next().await, None) };
                let ending = async {
                    tokio::task::yield_now().await;
                    if close { queue.close() } else { queue.done() }
                };
                tokio::join!(waiting, ending);
                assert_eq!(job, Some("a"));
            });
        }
    }
}
