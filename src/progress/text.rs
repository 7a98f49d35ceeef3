//! The words: of an event, of a line in a log, and of the line at a terminal's foot.

use std::time::Duration;

use textwrap::core::display_width;

use super::tally::Snapshot;
use super::{Event, Verbosity};
use crate::untrusted::printable;

/// What is said of an event, if anything is.
pub(super) fn event(event: &Event<'_>, verbosity: Verbosity) -> Option<String> {
    use Verbosity::{Trace, Verbose};
    let (from, text) = match event {
        // It only counts.
        Event::Discovered { .. } | Event::Looking { .. } => return None,
        Event::Read { file } => (Verbose, format!("read {file}")),
        Event::Attempt { what, number, status, failure } => {
            let status =
                status.map_or_else(|| "got no answer".to_owned(), |status| format!("answered {status}"));
            let why = failure.map(|failure| format!(" ({failure})")).unwrap_or_default();
            (Trace, format!("{what}: attempt {number} {status}{why}"))
        }
        Event::Fetched { target, failure: None } => (Verbose, format!("fetched {target}")),
        Event::Fetched { target, failure: Some(failure) } => {
            (Verbose, format!("failed {target}: {}", failure.message))
        }
        Event::Printed { target, line } => (Verbose, format!("printed {target}: {line}")),
        Event::Pace { place, rate: Some(limit) } => {
            (Trace, format!("{place}: throttled to {}", rate(*limit)))
        }
        Event::Pace { place, rate: None } => (Trace, format!("{place}: at full speed")),
    };
    (verbosity >= from).then_some(text)
}

/// A line of a log.
pub(super) fn line(now: &Snapshot) -> String {
    let left = left(now).map(|left| format!("about {left}"));
    let parts = [counts(now), failed(now), speed(now), left, slowed_all(now)];
    format!("progress: {}", joined(parts))
}

/// The line at a terminal's foot, in at most `width` columns: the most that fits of it.
pub(super) fn foot(now: &Snapshot, width: usize) -> String {
    let clock = clock(now.elapsed);
    let text = |parts: [Option<String>; 5]| format!("{clock} {}", joined(parts));
    let (long, short) = (|| counts(now), || fraction(now));
    let (failed, speed, left, count) = (|| failed(now), || speed(now), || left(now), || slowed_count(now));
    let candidates = [
        text([long(), failed(), speed(), left(), slowed_all(now)]),
        text([long(), failed(), speed(), left(), slowed_worst(now)]),
        text([short(), failed(), speed(), left(), slowed_worst(now)]),
        text([short(), failed(), None, left(), slowed_worst(now)]),
        text([long(), failed(), speed(), left(), count()]),
        text([short(), failed(), speed(), left(), count()]),
        text([short(), failed(), None, left(), count()]),
        text([short(), failed(), None, left(), None]),
        text([short(), failed(), None, None, None]),
    ];
    let fits = candidates.iter().find(|line| display_width(line) <= width);
    fits.cloned().unwrap_or_else(|| cut(&text([short(), None, None, None, None]), width))
}

fn joined<const N: usize>(parts: [Option<String>; N]) -> String {
    let parts: Vec<String> = parts.into_iter().flatten().collect();
    printable(&parts.join(", ")).into_owned()
}

fn counts(now: &Snapshot) -> Option<String> {
    let read = match now.read {
        0 => None,
        1 => Some("1 file read".to_owned()),
        read => Some(format!("{read} files read")),
    };
    let fetched = match now.known {
        Some(known) => Some(format!("{} of {known}{} fetched", now.fetched, plus(now))),
        None if now.fetched + now.failed > 0 => Some(format!("{} fetched", now.fetched)),
        None => None,
    };
    match (read, fetched) {
        (None, None) if now.in_vain > 0 => {
            Some(format!("no answer of use yet, {} attempts failed", now.in_vain))
        }
        (None, None) => Some("waiting for the first answer".to_owned()),
        (Some(read), Some(fetched)) => Some(format!("{read}, {fetched}")),
        (read, fetched) => read.or(fetched),
    }
}

/// As long as discovery goes on, there may be more.
fn plus(now: &Snapshot) -> &'static str {
    if now.looking { "+" } else { "" }
}

/// The counts in brief.
fn fraction(now: &Snapshot) -> Option<String> {
    now.known.map(|known| format!("{}/{known}{}", now.fetched, plus(now))).or_else(|| counts(now))
}

fn failed(now: &Snapshot) -> Option<String> {
    (now.failed > 0).then(|| format!("{} failed", now.failed))
}

fn speed(now: &Snapshot) -> Option<String> {
    (now.fetched + now.failed > 0).then(|| rate(now.rate))
}

fn left(now: &Snapshot) -> Option<String> {
    now.left.map(|left| format!("{} left", duration(left)))
}

fn slowed_all(now: &Snapshot) -> Option<String> {
    let places: Vec<String> =
        now.slowed.iter().map(|(place, limit)| format!("{place} to {}", rate(*limit))).collect();
    (!places.is_empty()).then(|| format!("throttled: {}", places.join(", ")))
}

fn slowed_worst(now: &Snapshot) -> Option<String> {
    let (place, limit) = now.slowed.iter().min_by(|(_, a), (_, b)| a.total_cmp(b))?;
    let more = match now.slowed.len() {
        1 => String::new(),
        all => format!(" and {} more", all - 1),
    };
    Some(format!("{place} throttled to {}{more}", rate(*limit)))
}

fn slowed_count(now: &Snapshot) -> Option<String> {
    (!now.slowed.is_empty()).then(|| format!("{} throttled", now.slowed.len()))
}

/// With a digit behind the point where it tells something.
fn rate(per_second: f64) -> String {
    let text = if per_second < 9.95 { format!("{per_second:.1}") } else { format!("{per_second:.0}") };
    format!("{}/s", text.strip_suffix(".0").unwrap_or(&text))
}

/// Roundly: an estimate has no seconds beside hours.
fn duration(time: Duration) -> String {
    let seconds = time.as_secs() + u64::from(time.subsec_nanos() > 0);
    let minutes = seconds.div_ceil(60);
    match (seconds, minutes) {
        (..100, _) => format!("{seconds} s"),
        (_, ..100) => format!("{minutes} min"),
        _ => format!("{} h {} min", minutes / 60, minutes % 60),
    }
}

/// As a stop-watch shows it.
fn clock(time: Duration) -> String {
    let seconds = time.as_secs();
    let (hours, minutes, seconds) = (seconds / 3600, seconds / 60 % 60, seconds % 60);
    match hours {
        0 => format!("{minutes}:{seconds:02}"),
        _ => format!("{hours}:{minutes:02}:{seconds:02}"),
    }
}

fn cut(text: &str, width: usize) -> String {
    let mut fitting = String::new();
    for character in text.chars() {
        fitting.push(character);
        if display_width(&fitting) > width {
            fitting.pop();
            break;
        }
    }
    fitting
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::target::{Cause, TargetId, Unaudited};

    fn snapshot() -> Snapshot {
        Snapshot {
            looking: false,
            in_vain: 0,
            elapsed: Duration::from_millis(12_900),
            read: 0,
            known: Some(600),
            fetched: 117,
            failed: 3,
            rate: 57.6,
            left: Some(Duration::from_millis(8_300)),
            slowed: vec![("111122223333/eu-west-1".to_owned(), 4.0), ("eu-north-1".to_owned(), 12.5)],
        }
    }

    #[test]
    fn a_line_of_a_log_tells_everything() {
        assert_eq!(
            line(&snapshot()),
            "progress: 117 of 600 fetched, 3 failed, 58/s, about 9 s left, \
             throttled: 111122223333/eu-west-1 to 4/s, eu-north-1 to 12/s"
        );
        assert_eq!(line(&Snapshot::default()), "progress: waiting for the first answer");
        let in_vain = Snapshot { in_vain: 4, ..Snapshot::default() };
        assert_eq!(line(&in_vain), "progress: no answer of use yet, 4 attempts failed");
        let looking = Snapshot { looking: true, left: None, slowed: vec![], ..snapshot() };
        assert_eq!(line(&looking), "progress: 117 of 600+ fetched, 3 failed, 58/s");
        let recordings = Snapshot { read: 12, ..Snapshot::default() };
        assert_eq!(line(&recordings), "progress: 12 files read");
        let unknown = Snapshot { known: None, left: None, slowed: vec![], read: 1, ..snapshot() };
        assert_eq!(line(&unknown), "progress: 1 file read, 117 fetched, 3 failed, 58/s");
    }

    #[test]
    fn a_narrow_terminal_gets_what_matters_most() {
        let lines = |now: &Snapshot, widths: &[usize]| {
            let lines = widths.iter().map(|width| format!("{width:3}: {}", foot(now, *width)));
            lines.collect::<Vec<_>>().join("\n")
        };
        let mut now = snapshot();
        insta::assert_snapshot!(lines(&now, &[200, 100, 77, 65, 50, 37, 20, 9]), @"
        200: 0:12 117 of 600 fetched, 3 failed, 58/s, 9 s left, throttled: 111122223333/eu-west-1 to 4/s, eu-north-1 to 12/s
        100: 0:12 117/600, 3 failed, 58/s, 9 s left, 111122223333/eu-west-1 throttled to 4/s and 1 more
         77: 0:12 117 of 600 fetched, 3 failed, 58/s, 9 s left, 2 throttled
         65: 0:12 117 of 600 fetched, 3 failed, 58/s, 9 s left, 2 throttled
         50: 0:12 117/600, 3 failed, 9 s left, 2 throttled
         37: 0:12 117/600, 3 failed, 9 s left
         20: 0:12 117/600
          9: 0:12 117/
        ");
        now.slowed.pop();
        insta::assert_snapshot!(lines(&now, &[100, 77, 50, 40]), @"
        100: 0:12 117 of 600 fetched, 3 failed, 58/s, 9 s left, throttled: 111122223333/eu-west-1 to 4/s
         77: 0:12 117/600, 3 failed, 9 s left, 111122223333/eu-west-1 throttled to 4/s
         50: 0:12 117/600, 3 failed, 9 s left, 1 throttled
         40: 0:12 117/600, 3 failed, 9 s left
        ");
        now.slowed.pop();
        insta::assert_snapshot!(lines(&now, &[77, 50, 37]), @"
        77: 0:12 117 of 600 fetched, 3 failed, 58/s, 9 s left
        50: 0:12 117 of 600 fetched, 3 failed, 58/s, 9 s left
        37: 0:12 117/600, 3 failed, 9 s left
        ");
    }

    #[test]
    fn no_line_is_wider_than_the_terminal_and_none_steers_it() {
        let mut hostile = snapshot();
        hostile.slowed = vec![("漢字\u{1b}[2J\n".repeat(20), 1.0)];
        for width in 0..200 {
            let line = foot(&hostile, width);
            assert!(display_width(&line) <= width, "{width}: {line}");
            assert!(!line.contains(['\u{1b}', '\n']), "{line:?}");
        }
    }

    #[test]
    fn times_and_rates_are_as_exact_as_they_can_be() {
        let seconds = [0.2, 59.0, 99.9, 100.5, 5_000.0, 7_300.0].map(Duration::from_secs_f64);
        assert_eq!(seconds.map(duration), ["1 s", "59 s", "2 min", "2 min", "84 min", "2 h 2 min"]);
        assert_eq!(seconds.map(clock), ["0:00", "0:59", "1:39", "1:40", "1:23:20", "2:01:40"]);
        assert_eq!([0.0, 0.25, 9.94, 9.96, 57.6].map(rate), ["0/s", "0.2/s", "9.9/s", "10/s", "58/s"]);
    }

    #[test]
    fn each_event_has_its_words() {
        let target = TargetId::new("d1", "prod", "auth");
        let failure = Unaudited::new(Cause::Denied, "cannot read it: access denied");
        let cases = [
            (Event::Read { file: "a.json" }, Verbosity::Verbose, "read a.json"),
            (
                Event::Attempt { what: "ListApps", number: 2, status: Some(429), failure: None },
                Verbosity::Trace,
                "ListApps: attempt 2 answered 429",
            ),
            (
                Event::Attempt {
                    what: "ListApps",
                    number: 1,
                    status: None,
                    failure: Some("no answer in time"),
                },
                Verbosity::Trace,
                "ListApps: attempt 1 got no answer (no answer in time)",
            ),
            (Event::Fetched { target: &target, failure: None }, Verbosity::Verbose, "fetched d1/prod/auth"),
            (
                Event::Fetched { target: &target, failure: Some(&failure) },
                Verbosity::Verbose,
                "failed d1/prod/auth: cannot read it: access denied",
            ),
            (Event::Pace { place: "1/eu", rate: Some(4.0) }, Verbosity::Trace, "1/eu: throttled to 4/s"),
            (Event::Pace { place: "1/eu", rate: None }, Verbosity::Trace, "1/eu: at full speed"),
        ];
        for (happened, from, words) in cases {
            assert_eq!(event(&happened, from).as_deref(), Some(words));
            let less = if from == Verbosity::Trace { Verbosity::Verbose } else { Verbosity::Normal };
            assert_eq!(event(&happened, less), None, "{words}");
        }
        assert_eq!(event(&Event::Discovered { targets: 2 }, Verbosity::Trace), None);
    }
}
