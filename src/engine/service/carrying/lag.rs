//! How far each place outside is behind with the log, from what it has confirmed. Pure: the clock is a
//! parameter.

use jiff::{SignedDuration, Timestamp};

use crate::evidence::ledger::Ledger;
use crate::evidence::watches::Condition;
use crate::model::{OutsidePlace, OutsideStanding, PlaceKind, PlaceStanding, WatchKind};
use crate::ports::BroughtUp;

/// What is younger than this is on its way: it makes no place lag, and one that lacks nothing else has
/// caught up.
pub const ON_ITS_WAY: SignedDuration = SignedDuration::from_secs(60);

/// How far a place may be behind before that is trouble.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Bounds {
    /// The age of the oldest record that it lacks.
    pub after: SignedDuration,
    /// Records that it lacks, those that are on their way not counted.
    pub entries: u64,
}

/// How far one place is behind.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Lag {
    pub entries: u64,
    /// The age of the oldest record that it lacks.
    pub age: SignedDuration,
    /// Why it is not further, as the last try told.
    pub problem: Option<String>,
}

/// The moment at which a try began, with which log.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Began {
    pub at: Timestamp,
    generation: u64,
}

#[derive(Clone, Debug)]
struct Place {
    place: OutsidePlace,
    /// Its number among the places of its kind.
    number: usize,
    /// Entries of the log that is written, as far as it is known to have them.
    confirmed: u64,
    /// Entries of earlier logs that it lacks.
    earlier: u64,
    /// The time of the oldest entry that it lacks.
    since: Option<Timestamp>,
    problem: Option<String>,
    /// Whether a try has told how far it is.
    is_known: bool,
}

/// The places of one installation.
#[derive(Clone, Debug)]
pub struct Lags {
    places: Vec<Place>,
    /// Entries of the log that is written.
    size: u64,
    generation: u64,
    /// Since when nothing can be said of some log, and why.
    failing: Option<(Timestamp, String)>,
}

impl Lags {
    pub fn new(places: &[OutsidePlace]) -> Self {
        let places = places.iter().enumerate();
        let places = places.map(|(index, place)| Place {
            place: place.clone(),
            number: index,
            confirmed: 0,
            earlier: 0,
            since: None,
            problem: None,
            is_known: false,
        });
        let mut places: Vec<Place> = places.collect();
        for kind in [PlaceKind::Mirror, PlaceKind::Witness, PlaceKind::Timestamps] {
            let own = places.iter_mut().filter(|own| own.place.kind == kind);
            own.enumerate()
                .for_each(|(number, own)| own.number = number);
        }
        Self {
            places,
            size: 0,
            generation: 0,
            failing: None,
        }
    }

    /// The log has so many entries now; whether that is news.
    pub fn published(&mut self, size: u64, now: Timestamp) -> bool {
        if size == self.size {
            return false;
        }
        self.size = size;
        for own in self.places.iter_mut().filter(|own| own.confirmed < size) {
            own.since.get_or_insert(now);
        }
        true
    }

    /// Another log is written from now on; of the one before it places lack what they lack.
    pub fn go_on(&mut self) {
        for own in &mut self.places {
            own.earlier += self.size.saturating_sub(own.confirmed);
            own.confirmed = 0;
        }
        self.size = 0;
        self.generation += 1;
    }

    pub fn begin(&self, at: Timestamp) -> Began {
        let generation = self.generation;
        Began { at, generation }
    }

    /// What a try came to. Of one that began with another log nothing is believed.
    pub fn answered(&mut self, began: Began, brought: &BroughtUp) {
        if began.generation != self.generation {
            return;
        }
        let since = self.failing.take().map_or(began.at, |(since, _)| since);
        self.failing = brought.trouble.clone().map(|why| (since, why));
        for own in &mut self.places {
            own.answered(self.size, began.at, brought);
        }
    }

    /// Nothing came of a try.
    pub fn failed(&mut self, began: Began, why: String) {
        let since = self.failing.take().map_or(began.at, |(since, _)| since);
        self.failing = Some((since, why));
    }

    /// Every place with how far it is behind.
    pub fn all(&self, now: Timestamp) -> impl Iterator<Item = (&OutsidePlace, Lag)> {
        self.places
            .iter()
            .map(move |own| (&own.place, self.lag(own, now)))
    }

    fn lag(&self, own: &Place, now: Timestamp) -> Lag {
        let entries = own.earlier + self.size.saturating_sub(own.confirmed);
        let failing = self.failing.as_ref();
        let since = [own.since, failing.map(|(since, _)| *since)];
        let since = since.into_iter().flatten().min();
        let age = since.map_or(SignedDuration::ZERO, |since| now.duration_since(since));
        let problem = own.problem.clone();
        Lag {
            entries,
            age: age.max(SignedDuration::ZERO),
            problem: problem.or_else(|| failing.map(|(_, why)| why.clone())),
        }
    }

    /// Whether each place is known to have everything.
    pub fn is_settled(&self) -> bool {
        let settled = |own: &Place| own.is_known && own.earlier == 0 && own.confirmed >= self.size;
        self.failing.is_none() && self.places.iter().all(settled)
    }

    /// Whether the last try got further nowhere.
    pub fn all_fail(&self) -> bool {
        self.failing.is_some() || self.places.iter().all(|own| own.problem.is_some())
    }

    /// What is watched about each place. One that lagged does so until it has caught up.
    pub fn conditions(&self, bounds: Bounds, ledger: &Ledger, now: Timestamp) -> Vec<Condition> {
        let conditions = self.places.iter().map(|own| {
            let kind = watch_of(own.place.kind);
            let lag = self.lag(own, now);
            let known = ledger.watch(kind, &own.place.name);
            let is_on = !own.is_known || lag.age >= ON_ITS_WAY.min(bounds.after);
            let wrong = match known.filter(|_| is_on) {
                Some(known) => Some(known.detail.clone()),
                None => lags(&lag, bounds).then(|| words(&lag, now)),
            };
            Condition {
                kind,
                subject: own.place.name.clone(),
                wrong,
            }
        });
        conditions.collect()
    }

    /// When, if nothing happens, the next place begins to lag.
    pub fn due(&self, bounds: Bounds, now: Timestamp) -> Option<SignedDuration> {
        let lags = self
            .all(now)
            .filter(|(_, lag)| lag.age > SignedDuration::ZERO);
        let left = lags.map(|(_, lag)| bounds.after.saturating_sub(lag.age));
        left.filter(|left| *left >= SignedDuration::ZERO).min()
    }
}

impl Place {
    fn answered(&mut self, size: u64, began: Timestamp, brought: &BroughtUp) {
        let of = |standing: &OutsideStanding| -> Option<PlaceStanding> {
            standing.of(self.place.kind, self.number).cloned()
        };
        let Some(newest) = of(&brought.newest) else {
            return;
        };
        let earlier: Vec<PlaceStanding> = brought.earlier.iter().filter_map(of).collect();
        let confirmed = newest.tree_size.unwrap_or(0);
        let missing = earlier.iter().map(|own| own.entries_behind).sum();
        let got_further = !self.is_known || confirmed > self.confirmed || missing < self.earlier;
        let known = earlier.iter().chain([&newest]);
        let oldest = known.clone().filter(|own| own.entries_behind > 0);
        let oldest = oldest.filter_map(|own| {
            let seconds = i64::try_from(own.seconds_behind).unwrap_or(i64::MAX);
            began.checked_sub(SignedDuration::from_secs(seconds)).ok()
        });
        // What the try did not know of yet was recorded after it began.
        let later = (confirmed < size).then(|| self.since.map_or(began, |at| at.max(began)));
        let since = oldest.min().or(later);
        self.since = match got_further {
            true => since,
            // What it lacked before it lacks still, whatever the files say of their age.
            false => self.since.into_iter().chain(since).min(),
        };
        self.is_known = true;
        self.confirmed = confirmed;
        self.earlier = missing;
        let mut problems = known.filter_map(|own| own.problem.clone());
        self.problem = problems.next();
    }
}

fn lags(lag: &Lag, bounds: Bounds) -> bool {
    let is_many = lag.entries > bounds.entries && lag.age >= ON_ITS_WAY;
    lag.age > bounds.after || is_many
}

fn words(lag: &Lag, now: Timestamp) -> String {
    let since = now.checked_sub(lag.age).unwrap_or(now);
    let what = match lag.entries {
        0 => format!("nothing can be passed on since {since:.0}"),
        1 => format!("it lacks a record of {since:.0}"),
        many => format!("it lacks {many} records, the oldest of {since:.0}"),
    };
    match &lag.problem {
        Some(problem) => format!("{what}: {problem}"),
        None => what,
    }
}

pub fn watch_of(kind: PlaceKind) -> WatchKind {
    match kind {
        PlaceKind::Mirror => WatchKind::MirrorBehind,
        PlaceKind::Witness => WatchKind::WitnessBehind,
        PlaceKind::Timestamps => WatchKind::TimestampsBehind,
    }
}

#[cfg(test)]
#[path = "lag_tests.rs"]
mod lag_tests;
