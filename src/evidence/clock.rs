//! Whether the clock can be believed, judged by the records there are. The time of a record never
//! goes back in the log: where the clock did, the newest record's time is taken, and a record says
//! what the clock had said.

use jiff::{SignedDuration, Timestamp};

use super::record::{ClockAnomaly, ClockAnomalyRecord};

/// Clocks of well-kept machines differ by less.
const TOLERANCE: SignedDuration = SignedDuration::from_secs(60);

/// A log that is silent for longer is less likely than a wrong clock.
const LEAP: SignedDuration = SignedDuration::from_hours(366 * 24);

/// What the records so far say about time.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Known {
    pub newest: Option<Timestamp>,
    /// What the clock said when it last was found to be ahead.
    pub ahead: Option<Timestamp>,
}

/// The time to record with, and what to record about the clock.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Reading {
    pub now: Timestamp,
    pub anomaly: Option<ClockAnomalyRecord>,
}

impl Known {
    /// Takes in the time of one more record.
    pub fn see(&mut self, at: Timestamp) {
        self.newest = self.newest.max(Some(at));
    }

    /// Reads the clock.
    ///
    /// A clock that leapt ahead is not believed the first time. If it says the same again in a later
    /// run, going on from there, the log was silent for so long.
    pub fn read(&self, clock: Timestamp) -> Reading {
        let Some(newest) = self.newest else {
            return Reading {
                now: clock,
                anomaly: None,
            };
        };
        let beyond = clock.duration_since(newest);
        let confirmed = self.ahead.is_some_and(|ahead| {
            let since = clock.duration_since(ahead);
            since >= -TOLERANCE && since <= LEAP
        });
        let (now, kind) = if beyond < -TOLERANCE {
            (newest, Some(ClockAnomaly::Behind))
        } else if beyond > LEAP && !confirmed {
            (newest, Some(ClockAnomaly::Ahead))
        } else {
            (clock.max(newest), None)
        };
        let at = now;
        let anomaly = kind.map(|kind| ClockAnomalyRecord { at, clock, kind });
        Reading { now, anomaly }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(text: &str) -> Timestamp {
        text.parse().unwrap()
    }

    fn read(known: Known, clock: &str) -> (Timestamp, Option<ClockAnomaly>) {
        let reading = known.read(at(clock));
        let kind = reading.anomaly.map(|anomaly| anomaly.kind);
        (reading.now, kind)
    }

    #[test]
    fn time_never_goes_back_and_every_leap_is_told() {
        let newest = at("2026-11-28T12:00:00Z");
        let known = Known {
            newest: Some(newest),
            ahead: None,
        };
        let ok = |clock| (at(clock), None);
        for (clock, expected) in [
            ("2026-11-28T12:00:01Z", ok("2026-11-28T12:00:01Z")),
            ("2027-11-28T12:00:00Z", ok("2027-11-28T12:00:00Z")),
            // A little behind is no anomaly, and still does not go back.
            ("2026-11-28T11:59:30Z", (newest, None)),
            ("2026-11-28T11:58:30Z", (newest, Some(ClockAnomaly::Behind))),
            ("2025-11-28T12:00:00Z", (newest, Some(ClockAnomaly::Behind))),
            ("2027-12-01T12:00:00Z", (newest, Some(ClockAnomaly::Ahead))),
        ] {
            assert_eq!(read(known, clock), expected, "{clock}");
        }
        assert_eq!(
            read(Known::default(), "1999-01-01T00:00:00Z"),
            ok("1999-01-01T00:00:00Z")
        );
    }

    #[test]
    fn a_clock_that_says_the_same_again_is_believed() {
        let known = Known {
            newest: Some(at("2026-11-28T12:00:00Z")),
            ahead: Some(at("2028-06-01T00:00:00Z")),
        };
        let again = at("2028-06-01T00:15:00Z");
        assert_eq!(read(known, "2028-06-01T00:15:00Z"), (again, None));
        let (now, kind) = read(known, "2031-01-01T00:00:00Z");
        assert_eq!((Some(now), kind), (known.newest, Some(ClockAnomaly::Ahead)));
        let (now, kind) = read(known, "2028-01-01T00:00:00Z");
        assert_eq!((Some(now), kind), (known.newest, Some(ClockAnomaly::Ahead)));
    }
}
