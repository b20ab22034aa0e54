//! How well a record is kept, and how far the places outside this machine are.

use std::fmt;

use jiff::Timestamp;
use serde::Serialize;

/// How sure it is that a record can no longer be lost or changed. Each level includes those above it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum DurabilityLevel {
    /// Synced to the disk of this machine, under a signed checkpoint.
    #[default]
    Durable,
    /// Also in the mirror, where nobody can change or delete it before its retention ends.
    Worm,
    /// Also covered by a checkpoint that a witness cosigned; and in the mirror, if there is one.
    Witnessed,
}

impl DurabilityLevel {
    pub const ALL: [Self; 3] = [Self::Durable, Self::Worm, Self::Witnessed];

    pub fn as_str(self) -> &'static str {
        match self {
            Self::Durable => "durable",
            Self::Worm => "worm",
            Self::Witnessed => "witnessed",
        }
    }

    pub fn parse(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|level| level.as_str() == word)
    }
}

impl fmt::Display for DurabilityLevel {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// How far everybody outside this machine is with the log.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct OutsideStanding {
    /// Entries in the log here.
    pub tree_size: u64,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub mirror: Option<PlaceStanding>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub witnesses: Vec<PlaceStanding>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub timestamps: Option<PlaceStanding>,
}

/// What a place outside does for the log.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum PlaceKind {
    Mirror,
    Witness,
    Timestamps,
}

/// One place outside, as the configuration names it.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct OutsidePlace {
    pub kind: PlaceKind,
    pub name: String,
}

/// How far one place outside is: a mirror, a witness, a time stamping authority.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct PlaceStanding {
    pub place: String,
    /// Entries that it is known to cover; nothing where that is not known.
    pub tree_size: Option<u64>,
    /// Entries that it lacks; all of them where nothing is known.
    pub entries_behind: u64,
    /// The age of the oldest of those; zero where it lacks none.
    pub seconds_behind: u64,
    /// Why it is not further, in words.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub problem: Option<String>,
}

impl PlaceStanding {
    pub fn covers(&self, tree_size: u64) -> bool {
        self.tree_size.is_some_and(|covered| covered >= tree_size)
    }

    /// The standing of a place that covers so many entries of a log.
    pub fn at(place: &str, covered: Option<u64>, log: u64, oldest: Option<Age>) -> Self {
        let behind = log.saturating_sub(covered.unwrap_or(0));
        let seconds = oldest.filter(|_| behind > 0).map_or(0, Age::seconds);
        Self {
            place: place.to_owned(),
            tree_size: covered,
            entries_behind: behind,
            seconds_behind: seconds,
            problem: None,
        }
    }
}

/// From when to when something waits.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Age {
    pub since: Timestamp,
    pub now: Timestamp,
}

impl Age {
    fn seconds(self) -> u64 {
        let seconds = self.now.duration_since(self.since).as_secs();
        u64::try_from(seconds).unwrap_or(0)
    }
}

impl OutsideStanding {
    /// The standing of the place with this number among those of its kind, in the configuration's order.
    pub fn of(&self, kind: PlaceKind, number: usize) -> Option<&PlaceStanding> {
        match kind {
            PlaceKind::Mirror => self.mirror.as_ref(),
            PlaceKind::Witness => self.witnesses.get(number),
            PlaceKind::Timestamps => self.timestamps.as_ref(),
        }
    }

    pub fn is_empty(&self) -> bool {
        self.mirror.is_none() && self.witnesses.is_empty() && self.timestamps.is_none()
    }

    /// Whether the first `tree_size` entries have reached a level; `witnesses` of them make one witnessed.
    pub fn reaches(&self, level: DurabilityLevel, witnesses: usize, tree_size: u64) -> bool {
        let covers = |place: &PlaceStanding| place.covers(tree_size);
        match level {
            DurabilityLevel::Durable => true,
            DurabilityLevel::Worm => self.mirror.as_ref().is_some_and(covers),
            DurabilityLevel::Witnessed => {
                let cosigned = self.witnesses.iter().filter(|one| covers(one)).count();
                self.mirror.as_ref().is_none_or(covers) && cosigned >= witnesses.max(1)
            }
        }
    }

    /// What keeps a level from being reached, in words.
    pub fn obstacles(&self, level: DurabilityLevel, tree_size: u64) -> Vec<String> {
        let places: Vec<&PlaceStanding> = match level {
            DurabilityLevel::Durable => Vec::new(),
            DurabilityLevel::Worm => self.mirror.iter().collect(),
            DurabilityLevel::Witnessed => self.mirror.iter().chain(&self.witnesses).collect(),
        };
        let short = places.into_iter().filter(|place| !place.covers(tree_size));
        let said = short.map(|place| match &place.problem {
            Some(problem) => format!("{}: {problem}", place.place),
            None => format!("{} has not got it yet", place.place),
        });
        said.collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn place(covered: Option<u64>) -> PlaceStanding {
        PlaceStanding::at("x", covered, 10, None)
    }

    #[test]
    fn a_witness_is_enough_only_where_there_is_no_mirror() {
        let mut standing = OutsideStanding {
            tree_size: 10,
            witnesses: vec![place(None), place(Some(10))],
            ..OutsideStanding::default()
        };
        assert!(standing.reaches(DurabilityLevel::Witnessed, 1, 10));
        assert!(!standing.reaches(DurabilityLevel::Worm, 1, 10));
        standing.mirror = Some(place(Some(9)));
        assert!(!standing.reaches(DurabilityLevel::Witnessed, 1, 10));
        assert!(standing.reaches(DurabilityLevel::Witnessed, 1, 9));
        standing.mirror = Some(place(Some(10)));
        assert!(standing.reaches(DurabilityLevel::Witnessed, 1, 10));
        assert!(!standing.reaches(DurabilityLevel::Witnessed, 1, 11));
    }

    #[test]
    fn as_many_witnesses_are_waited_for_as_are_asked_for() {
        let mut standing = OutsideStanding {
            tree_size: 10,
            witnesses: vec![place(Some(10)), place(Some(9)), place(Some(10))],
            ..OutsideStanding::default()
        };
        let reaches = |standing: &OutsideStanding, witnesses: usize| {
            standing.reaches(DurabilityLevel::Witnessed, witnesses, 10)
        };
        assert!(reaches(&standing, 2));
        assert!(!reaches(&standing, 3));
        standing.witnesses.clear();
        assert!(!reaches(&standing, 0), "nobody is no witness");
    }
}
