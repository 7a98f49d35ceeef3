//! What has happened so far, in figures.

use std::collections::{BTreeMap, VecDeque};
use std::time::Duration;

use super::Event;

/// How far the rate looks back: long enough to be steady, short enough to show that a run is stuck.
const WINDOW: u64 = 10;

/// Counters of a run, fed by events.
#[derive(Debug, Default)]
pub(super) struct Tally {
    read: usize,
    discovered: usize,
    fetched: usize,
    failed: usize,
    slowed: BTreeMap<String, f64>,
    /// Calls of discovery that are not over.
    looking: usize,
    /// Attempts that failed.
    in_vain: usize,
    /// When the first answer came.
    begun: Option<Duration>,
    /// Targets done in each of the last seconds in which there was one, oldest first.
    recent: VecDeque<(u64, u32)>,
}

/// The figures at one moment.
#[derive(Debug, Clone, Default)]
pub(super) struct Snapshot {
    /// Since the run began.
    pub(super) elapsed: Duration,
    /// Recordings read.
    pub(super) read: usize,
    /// Targets known so far; `None` where nothing has told.
    pub(super) known: Option<usize>,
    /// Targets whose settings came.
    pub(super) fetched: usize,
    /// Targets whose settings did not.
    pub(super) failed: usize,
    /// Targets per second, of late.
    pub(super) rate: f64,
    /// Whether discovery goes on: there may be more.
    pub(super) looking: bool,
    /// Attempts that failed.
    pub(super) in_vain: usize,
    /// Until the known targets are done, at this rate; not told while there may be more.
    pub(super) left: Option<Duration>,
    /// Places that throttle now, with the calls per second that they are slowed down to.
    pub(super) slowed: Vec<(String, f64)>,
}

impl Tally {
    /// Takes note of what happened `elapsed` after the run began.
    pub(super) fn note(&mut self, event: &Event<'_>, elapsed: Duration) {
        match event {
            Event::Printed { .. } => {}
            Event::Read { .. } => self.read += 1,
            Event::Discovered { targets } => self.discovered += targets,
            Event::Attempt { failure, .. } => {
                self.begun.get_or_insert(elapsed);
                self.in_vain += usize::from(failure.is_some());
            }
            Event::Looking { begun: true } => self.looking += 1,
            Event::Looking { begun: false } => self.looking = self.looking.saturating_sub(1),
            Event::Fetched { failure, .. } => {
                self.begun.get_or_insert(elapsed);
                match failure {
                    None => self.fetched += 1,
                    Some(_) => self.failed += 1,
                }
                self.count(elapsed.as_secs());
            }
            Event::Pace { place, rate: Some(rate) } => {
                self.slowed.insert((*place).to_owned(), *rate);
            }
            Event::Pace { place, rate: None } => {
                self.slowed.remove(*place);
            }
        }
    }

    fn count(&mut self, second: u64) {
        while self.recent.front().is_some_and(|(past, _)| past + WINDOW <= second) {
            self.recent.pop_front();
        }
        match self.recent.back_mut() {
            // Two threads may come out of order.
            Some((last, count)) if *last >= second => *count += 1,
            Some(_) | None => self.recent.push_back((second, 1)),
        }
    }

    /// The figures `elapsed` after the run began.
    pub(super) fn snapshot(&self, elapsed: Duration) -> Snapshot {
        let done = self.fetched + self.failed;
        let known = (self.discovered >= done && self.discovered > 0).then_some(self.discovered);
        let rate = self.rate(elapsed);
        let left = known
            .map(|known| known - done)
            .filter(|left| *left > 0 && rate > 0.0 && self.looking == 0)
            .and_then(|left| Duration::try_from_secs_f64(float(left) / rate).ok());
        Snapshot {
            elapsed,
            read: self.read,
            known,
            fetched: self.fetched,
            failed: self.failed,
            rate,
            looking: self.looking > 0,
            in_vain: self.in_vain,
            left,
            slowed: self.slowed.iter().map(|(place, rate)| (place.clone(), *rate)).collect(),
        }
    }

    fn rate(&self, elapsed: Duration) -> f64 {
        let second = elapsed.as_secs();
        let done: u32 =
            self.recent.iter().filter(|(past, _)| past + WINDOW > second).map(|(_, count)| count).sum();
        // The seconds of the window are whole ones but for the last.
        let window = Duration::from_secs(WINDOW - 1) + Duration::from_nanos(elapsed.subsec_nanos().into());
        let window = window.min(elapsed.saturating_sub(self.begun.unwrap_or(elapsed)));
        f64::from(done) / window.max(Duration::from_secs(1)).as_secs_f64()
    }
}

/// More than a `u32` of targets has nobody.
fn float(count: usize) -> f64 {
    u32::try_from(count).unwrap_or(u32::MAX).into()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::target::TargetId;

    fn at(seconds: f64) -> Duration {
        Duration::from_secs_f64(seconds)
    }

    #[test]
    #[expect(clippy::float_cmp, reason = "the quotients are exact")]
    fn the_rate_is_that_of_the_last_seconds_and_falls_while_nothing_comes() {
        let mut tally = Tally::default();
        let target = TargetId::new("d1", "prod", "auth");
        tally.note(&Event::Discovered { targets: 400 }, at(0.5));
        tally.note(&Event::Discovered { targets: 200 }, at(1.0));
        assert_eq!(tally.snapshot(at(1.0)).rate, 0.0);
        assert_eq!(tally.snapshot(at(1.0)).left, None);
        for tenth in 20..=220 {
            tally.note(&Event::Fetched { target: &target, failure: None }, at(f64::from(tenth) / 10.0));
        }
        let snapshot = tally.snapshot(at(22.0));
        assert_eq!((snapshot.fetched, snapshot.known), (201, Some(600)));
        assert!((9.0..=11.2).contains(&snapshot.rate), "{}", snapshot.rate);
        assert_eq!(snapshot.left.map(|left| left.as_secs() / 10), Some(3), "399 at 10/s");
        let later = tally.snapshot(at(27.0));
        assert!(later.rate < snapshot.rate / 1.5 && later.left > snapshot.left, "{later:?}");
        assert_eq!(tally.snapshot(at(60.0)).rate, 0.0);
        assert_eq!(tally.snapshot(at(60.0)).left, None);
    }

    #[test]
    fn as_long_as_more_may_come_no_end_is_told() {
        let mut tally = Tally::default();
        let target = TargetId::new("d1", "prod", "auth");
        tally.note(&Event::Looking { begun: true }, at(0.1));
        tally.note(&Event::Discovered { targets: 3 }, at(0.2));
        tally.note(&Event::Fetched { target: &target, failure: None }, at(1.0));
        let snapshot = tally.snapshot(at(2.0));
        assert_eq!((snapshot.known, snapshot.looking, snapshot.left), (Some(3), true, None));
        tally.note(&Event::Looking { begun: false }, at(2.0));
        let snapshot = tally.snapshot(at(2.0));
        assert!(!snapshot.looking && snapshot.left.is_some());
    }

    #[test]
    fn without_discovery_no_total_is_claimed() {
        let mut tally = Tally::default();
        let target = TargetId::new("d1", "prod", "auth");
        tally.note(&Event::Fetched { target: &target, failure: None }, at(1.0));
        let snapshot = tally.snapshot(at(2.0));
        assert_eq!((snapshot.known, snapshot.left), (None, None));
    }

    #[test]
    fn a_place_is_slowed_until_it_is_not() {
        let mut tally = Tally::default();
        tally.note(&Event::Pace { place: "a", rate: Some(8.0) }, at(1.0));
        tally.note(&Event::Pace { place: "a", rate: Some(4.0) }, at(1.0));
        assert_eq!(tally.snapshot(at(2.0)).slowed, [("a".to_owned(), 4.0)]);
        tally.note(&Event::Pace { place: "a", rate: None }, at(1.0));
        assert_eq!(tally.snapshot(at(2.0)).slowed, []);
    }
}
