//! How fast one account and region is asked: as fast as it answers, and no faster than it lets us.
//!
//! Until something is throttled, the limits of concurrency are all there is. From then on calls start
//! at a rate that is learned by epochs: where calls of an epoch were throttled, the rate becomes what
//! the region let through; where none was, it rises, slowly near the last known limit and faster away
//! from it. Throttling that no slower rate relieves (at random, or because others use the quota up)
//! is tolerated after a while: each call waits longer between its own attempts anyway.
//!
//! This file knows no clock and no network: the time comes as an argument.

use std::collections::VecDeque;
use std::time::{Duration, Instant};

/// The shortest epoch.
const EPOCH: Duration = Duration::from_millis(250);
/// An epoch is judged when so many of its calls were answered…
const ENOUGH: u32 = 20;
/// …or when it has lasted so long, with any.
const LONG_ENOUGH: Duration = Duration::from_secs(10);
/// What is remembered of a region that was never throttled.
const MEMORY: Duration = Duration::from_secs(1);
/// The share of calls that may be throttled without a cut: probing costs some.
const TOLERATED: f64 = 0.04;
/// The slowest rate to begin with, and the slowest of all, in calls a second.
const FIRST: f64 = 8.0;
const SLOWEST: f64 = 1.0;
/// The longest wait that a service can ask for.
const LONGEST_WAIT: Duration = Duration::from_mins(1);
/// A slower rate is a relief where so many calls would have been throttled as before, and few were.
const CONCLUSIVE: f64 = 3.0;
/// So many epochs without need end a slow-down.
const UNNEEDED: u32 = 8;
/// The part of a rate below which calls are too few to need it.
const NEEDED: f64 = 0.6;
/// How far calls may be behind their schedule and still catch up: timers are coarse.
const SLACK: Duration = Duration::from_millis(20);

/// The pace of one account and region.
#[derive(Debug)]
pub(super) struct Pace {
    /// Calls a second; `None` until something was throttled.
    rate: Option<f64>,
    /// When the next call may start.
    next: Instant,
    /// What the region let through, in calls a second, when it last throttled.
    limit: f64,
    /// The share of calls that may be throttled without a cut.
    tolerated: f64,
    /// From where the rate came down, until it is there again.
    descent: Option<Descent>,
    /// Epochs in a row whose calls were fewer than the rate allows.
    unneeded: u32,
    epoch: Epoch,
    /// When calls started, in the time before anything was throttled.
    starts: VecDeque<Instant>,
}

/// A way down: it is in vain where the share of throttled calls stays.
#[derive(Debug)]
struct Descent {
    /// The rate that it began at.
    rate: f64,
    /// What came of calls at that rate.
    accepted: u32,
    throttled: u32,
    /// Epochs at a much slower rate that were throttled as before.
    in_vain: u32,
}

impl Descent {
    fn new(rate: f64, epoch: &Epoch) -> Self {
        Self { rate, accepted: epoch.accepted, throttled: epoch.throttled, in_vain: 0 }
    }

    fn throttled_share(&self) -> f64 {
        share(self.accepted, self.throttled)
    }
}

fn share(accepted: u32, throttled: u32) -> f64 {
    f64::from(throttled) / f64::from((accepted + throttled).max(1))
}

/// The calls that started since some moment.
#[derive(Debug)]
struct Epoch {
    began: Instant,
    started: u32,
    accepted: u32,
    throttled: u32,
}

impl Epoch {
    fn new(began: Instant) -> Self {
        Self { began, started: 0, accepted: 0, throttled: 0 }
    }

    fn throttled_share(&self) -> f64 {
        share(self.accepted, self.throttled)
    }
}

impl Pace {
    /// Of a region that nobody has asked yet.
    pub(super) fn new(now: Instant) -> Self {
        Self {
            rate: None,
            next: now,
            limit: f64::INFINITY,
            tolerated: TOLERATED,
            descent: None,
            unneeded: 0,
            epoch: Epoch::new(now),
            starts: VecDeque::new(),
        }
    }

    /// Takes the right to start a call now.
    ///
    /// # Errors
    /// When to ask again.
    pub(super) fn start(&mut self, now: Instant) -> Result<(), Instant> {
        if now < self.next {
            return Err(self.next);
        }
        if self.rate.is_none() {
            self.starts.push_back(now);
            while self.starts.front().is_some_and(|then| now - *then > MEMORY) {
                self.starts.pop_front();
            }
        }
        if let Some(rate) = self.rate {
            let schedule = now.checked_sub(SLACK).map_or(self.next, |earliest| self.next.max(earliest));
            self.next = schedule + Duration::from_secs_f64(rate.recip());
        }
        self.epoch.started += 1;
        Ok(())
    }

    /// The calls a second that are allowed; `None` where only concurrency limits them.
    pub(super) fn rate(&self) -> Option<f64> {
        self.rate
    }

    /// A call that started at `started` was answered, and not throttled.
    pub(super) fn accepted(&mut self, started: Instant, now: Instant) {
        if started >= self.epoch.began {
            self.epoch.accepted += 1;
        } else if let Some(descent) = &mut self.descent {
            descent.accepted += 1;
        }
        if self.rate.is_some() {
            self.judge(now);
        } else if now - self.epoch.began > MEMORY {
            self.epoch = Epoch::new(now);
        }
    }

    /// A call that started at `started` was throttled; the service may say how long to wait.
    pub(super) fn throttled(&mut self, started: Instant, now: Instant, wait: Option<Duration>) {
        if let Some(wait) = wait {
            self.next = self.next.max(now + wait.min(LONGEST_WAIT));
        }
        if started >= self.epoch.began {
            self.epoch.throttled += 1;
        } else if let Some(descent) = &mut self.descent {
            descent.throttled += 1;
        }
        if self.rate.is_some() {
            self.judge(now);
        } else {
            self.descent = Some(Descent::new(self.full_speed(now), &self.epoch));
            // A full bucket lets more through than it refills: half of what was asked is a beginning.
            let starts = u32::try_from(self.starts.len()).unwrap_or(u32::MAX);
            self.set((0.5 * f64::from(starts)).max(FIRST), now);
            self.starts = VecDeque::new();
            self.epoch = Epoch::new(now);
        }
    }

    /// The rate of the calls in the time before anything was throttled.
    fn full_speed(&self, now: Instant) -> f64 {
        let starts = u32::try_from(self.starts.len()).unwrap_or(u32::MAX);
        let since = self.starts.front().map_or(Duration::ZERO, |first| now - *first);
        f64::from(starts) / since.max(EPOCH / 5).as_secs_f64()
    }

    /// Ends the epoch, if enough is known.
    fn judge(&mut self, now: Instant) {
        let lasted = now - self.epoch.began;
        let answered = self.epoch.accepted + self.epoch.throttled;
        if lasted < EPOCH || (answered < ENOUGH && lasted < LONG_ENOUGH) {
            return;
        }
        let Some(rate) = self.rate else { return };
        let share = self.epoch.throttled_share();
        let offered = f64::from(self.epoch.started) / lasted.as_secs_f64();
        if share > self.tolerated {
            // Of a rate that nobody needs, nothing is known but that it is too fast.
            let asked = if offered < NEEDED * rate { rate } else { offered.min(rate) };
            self.slow_down(rate, share, asked * (1.0 - share), now);
        } else {
            self.tolerated = (0.99 * self.tolerated).max(TOLERATED);
            // A rate that nobody needs says nothing about the region, and is forgotten in the end.
            if offered < NEEDED * rate {
                self.unneeded += 1;
                if self.unneeded >= UNNEEDED {
                    *self = Self::new(now);
                    return;
                }
            } else {
                self.unneeded = 0;
                let faster = if self.limit.is_infinite() {
                    // No limit is known yet.
                    1.6
                } else if (0.85..1.15).contains(&(rate / self.limit)) {
                    // By time, since epochs of a slow region are long.
                    1.05_f64.powf(lasted.as_secs_f64() / EPOCH.as_secs_f64()).min(1.25)
                } else {
                    1.3
                };
                self.set(rate * faster, now);
            }
            let relieved = |descent: &Descent| {
                rate >= descent.rate || f64::from(answered) * descent.throttled_share() >= CONCLUSIVE
            };
            if self.descent.as_ref().is_some_and(relieved) {
                self.descent = None;
            }
        }
        self.epoch = Epoch::new(now);
    }

    fn slow_down(&mut self, rate: f64, share: f64, delivered: f64, now: Instant) {
        let descent = self.descent.get_or_insert_with(|| Descent::new(rate, &self.epoch));
        let before = descent.throttled_share();
        if descent.accepted + descent.throttled < ENOUGH {
            // Too little is known of the faster rate: this epoch stands in for it.
            descent.accepted += self.epoch.accepted;
            descent.throttled += self.epoch.throttled;
        } else if share > 1.7 * before + 0.1 {
            // Worse than at the faster rate: that one lived on what had been saved up.
            *descent = Descent::new(rate, &self.epoch);
        } else if rate < 0.6 * descent.rate && share > 0.5 * before {
            descent.in_vain += 1;
        }
        if descent.in_vain >= 2 {
            let (rate, share) = (descent.rate, descent.throttled_share());
            self.descent = None;
            self.tolerated = (1.7 * share).min(0.9);
            self.set(rate, now);
        } else {
            self.limit = delivered;
            self.set(delivered.max(0.25 * rate), now);
        }
    }

    fn set(&mut self, rate: f64, now: Instant) {
        let rate = rate.max(SLOWEST);
        self.rate = Some(rate);
        self.next = self.next.max(now);
    }
}

#[cfg(test)]
mod tests {
    use std::cmp::Reverse;
    use std::collections::BinaryHeap;

    use super::*;

    /// What a simulated run came to.
    #[derive(Debug)]
    struct Simulated {
        wall: Duration,
        calls: u32,
        throttled: u32,
    }

    /// `calls` calls with `in_flight` at once and 80 ms each, in simulated time, against a service that
    /// decides by the time and the number of the call whether to accept it.
    fn simulate(calls: u32, in_flight: usize, mut accepts: impl FnMut(Duration, u32) -> bool) -> Simulated {
        const LATENCY: Duration = Duration::from_millis(80);
        let zero = Instant::now();
        let mut pace = Pace::new(zero);
        let mut now = zero;
        let mut waiting: BinaryHeap<Reverse<(Instant, u32)>> =
            (0..calls).map(|_| Reverse((zero, 0))).collect();
        let mut running: BinaryHeap<Reverse<(Instant, Instant, u32)>> = BinaryHeap::new();
        let (mut made, mut throttled) = (0, 0);
        loop {
            let mut next = running.peek().map(|Reverse((ends, ..))| *ends);
            if running.len() < in_flight
                && let Some(Reverse((due, attempts))) = waiting.peek().copied()
            {
                let at = match (due <= now).then(|| pace.start(now)) {
                    Some(Ok(())) => {
                        waiting.pop();
                        running.push(Reverse((now + LATENCY, now, attempts + 1)));
                        continue;
                    }
                    Some(Err(later)) => later,
                    None => due,
                };
                next = Some(next.map_or(at, |next| next.min(at)));
            }
            let Some(next) = next else { break };
            now = next;
            while let Some(Reverse((ends, started, attempts))) = running.peek().copied()
                && ends <= now
            {
                running.pop();
                made += 1;
                if accepts(started + LATENCY / 2 - zero, made) {
                    pace.accepted(started, now);
                } else {
                    throttled += 1;
                    pace.throttled(started, now, None);
                    waiting.push(Reverse((
                        now + Duration::from_millis(200) * 2_u32.pow(attempts.min(7) - 1),
                        attempts,
                    )));
                }
            }
        }
        Simulated { wall: now - zero, calls: made, throttled }
    }

    /// A bucket of tokens that refills at `rate` a second.
    fn bucket(rate: f64, burst: f64) -> impl FnMut(Duration, u32) -> bool {
        let (mut tokens, mut last) = (burst, Duration::ZERO);
        move |now, _| {
            tokens = (tokens + rate * now.saturating_sub(last).as_secs_f64()).min(burst);
            last = last.max(now);
            let accepted = tokens >= 1.0;
            tokens -= if accepted { 1.0 } else { 0.0 };
            accepted
        }
    }

    /// Fails with the figures where a bucket is left idle or asked in vain.
    fn fits(calls: u32, rate: f64, burst: f64, in_flight: usize) {
        let run = simulate(calls, in_flight, bucket(rate, burst));
        let ideal = (f64::from(calls) - burst) / rate;
        let ratio = run.wall.as_secs_f64() / ideal;
        let wasted = f64::from(run.throttled) / f64::from(run.calls);
        let figures = format!(
            "{rate}/s, burst {burst}, {in_flight} in flight: ratio {ratio:.2}, wasted {wasted:.2}; {run:?}"
        );
        assert!(ratio < 1.15 && wasted < 0.2, "{figures}");
    }

    #[test]
    fn a_token_bucket_is_used_up_and_seldom_asked_in_vain() {
        for in_flight in [8, 32, 128] {
            fits(600, 60.0, 40.0, in_flight);
        }
        fits(600, 20.0, 10.0, 32);
        fits(300, 5.0, 5.0, 8);
        fits(300, 15.0, 100.0, 32);
        fits(5000, 200.0, 500.0, 64);
        fits(5000, 90.0, 20.0, 64);
    }

    #[test]
    fn a_region_that_throttles_nothing_is_asked_at_full_concurrency() {
        let run = simulate(600, 32, |_, _| true);
        assert_eq!(run.throttled, 0);
        assert!(run.wall <= Duration::from_millis(80) * 19, "{run:?}");
    }

    #[test]
    fn throttling_at_random_does_not_end_in_standstill() {
        for (share, seed) in
            [0.1, 0.3].into_iter().flat_map(|share| (0..30_u32).map(move |seed| (share, seed)))
        {
            let run = simulate(600, 32, |_, call| {
                let mut hash = call.wrapping_mul(2_654_435_761).wrapping_add(seed.wrapping_mul(0x9e37_79b9));
                hash = (hash ^ (hash >> 16)).wrapping_mul(0x7feb_352d);
                hash = (hash ^ (hash >> 15)).wrapping_mul(0x846c_a68b);
                f64::from(hash ^ (hash >> 16)) / 4_294_967_296.0 >= share
            });
            assert!(run.wall < Duration::from_mins(1), "{share}, {seed}: {run:?}");
        }
    }

    #[test]
    fn a_region_that_recovers_is_asked_faster_again() {
        let mut slow = bucket(10.0, 10.0);
        let run = simulate(
            1500,
            32,
            |now, call| {
                if now < Duration::from_secs(20) { slow(now, call) } else { true }
            },
        );
        assert!(run.wall < Duration::from_secs(40), "{run:?}");
    }

    #[test]
    fn the_wait_that_the_service_asks_for_holds_for_everyone() {
        let zero = Instant::now();
        let mut pace = Pace::new(zero);
        assert_eq!(pace.start(zero), Ok(()));
        pace.throttled(zero, zero, Some(Duration::from_secs(5)));
        let later = zero + Duration::from_secs(5);
        assert_eq!(pace.start(zero + Duration::from_secs(4)), Err(later));
        assert_eq!(pace.start(later), Ok(()));
        pace.throttled(zero, later, Some(Duration::from_hours(9)));
        assert_eq!(pace.start(later), Err(later + LONGEST_WAIT));
    }
}
