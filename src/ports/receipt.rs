//! Waiting until a record is as safe as it has to be.

use jiff::{SignedDuration, Timestamp};
use thiserror::Error;

use super::{Alarm, Appended, Outside};
use crate::model::{DurabilityLevel, OutsideStanding};

const FIRST_PAUSE: SignedDuration = SignedDuration::from_millis(250);
const LONGEST_PAUSE: SignedDuration = SignedDuration::from_secs(5);

/// The proof that entries reached a level. Only [`reach`] makes one: whoever asks for it by value, as
/// a fix does, cannot go on without.
#[derive(Debug)]
pub struct Reached {
    level: DurabilityLevel,
    tree_size: u64,
    root: [u8; 32],
}

/// The entries are recorded here, and no further.
#[derive(Debug, Error)]
pub enum NotReached {
    #[error("the evidence is recorded here but did not reach the level `{level}` in time: {why}")]
    InTime {
        level: DurabilityLevel,
        why: String,
        standing: Box<OutsideStanding>,
    },
    #[error("the evidence is recorded here but cannot reach the level `{level}`: {alarm}")]
    Never {
        level: DurabilityLevel,
        #[source]
        alarm: Alarm,
    },
}

impl Reached {
    pub fn level(&self) -> DurabilityLevel {
        self.level
    }

    /// The size of the log that reached it.
    pub fn tree_size(&self) -> u64 {
        self.tree_size
    }

    pub fn root(&self) -> [u8; 32] {
        self.root
    }
}

/// What a wait came to, with where everybody outside stands at its end.
pub struct Waited {
    pub proof: Reached,
    pub standing: OutsideStanding,
}

/// What is waited for, and for how long at most.
#[derive(Clone, Copy, Debug)]
pub struct Wanted {
    pub level: DurabilityLevel,
    /// How many must have cosigned where the level is `witnessed`.
    pub witnesses: usize,
    pub wait: SignedDuration,
}

/// Waits until the entries of an append have reached a level. Everybody outside is
/// told at least once, whatever the level.
///
/// # Errors
/// They have not, or cannot.
pub fn reach(
    outside: &mut dyn Outside,
    appended: &Appended,
    wanted: Wanted,
    clock: &dyn Fn() -> Timestamp,
) -> Result<Waited, NotReached> {
    let Wanted {
        level,
        witnesses,
        wait,
    } = wanted;
    let start = clock();
    let mut pause = FIRST_PAUSE;
    loop {
        let advanced = outside.advance(clock());
        let standing = advanced.map_err(|alarm| NotReached::Never { level, alarm })?;
        if standing.reaches(level, witnesses, appended.tree_size) {
            let proof = Reached {
                level,
                tree_size: appended.tree_size,
                root: appended.root,
            };
            return Ok(Waited { proof, standing });
        }
        let left = wait - clock().duration_since(start);
        if left <= SignedDuration::ZERO {
            let why = standing.obstacles(level, appended.tree_size).join("; ");
            return Err(NotReached::InTime {
                level,
                why,
                standing: Box::new(standing),
            });
        }
        outside.pause(pause.min(left));
        pause = (pause * 2).min(LONGEST_PAUSE);
    }
}

#[cfg(test)]
mod tests {
    use std::cell::Cell;

    use super::*;
    use crate::model::PlaceStanding;

    /// A mirror that takes some tries; the clock moves as it pauses.
    struct Slow<'c> {
        tries_left: u32,
        clock: &'c Cell<i64>,
        alarm: bool,
    }

    impl Outside for Slow<'_> {
        fn look(&mut self, now: Timestamp) -> Result<OutsideStanding, Alarm> {
            self.advance(now)
        }

        fn advance(&mut self, _: Timestamp) -> Result<OutsideStanding, Alarm> {
            if self.alarm {
                let (what, help) = ("forked".to_owned(), String::new());
                return Err(Alarm {
                    what,
                    help,
                    forbids: true,
                });
            }
            let covered = if self.tries_left == 0 { 9 } else { 4 };
            self.tries_left = self.tries_left.saturating_sub(1);
            let mut mirror = PlaceStanding::at("s3://b", Some(covered), 9, None);
            mirror.problem = (covered < 9).then(|| "throttled".to_owned());
            Ok(OutsideStanding {
                tree_size: 9,
                mirror: Some(mirror),
                ..OutsideStanding::default()
            })
        }

        fn pause(&mut self, time: SignedDuration) {
            let millis = i64::try_from(time.as_millis()).unwrap();
            self.clock.set(self.clock.get() + millis);
        }
    }

    fn wait_for(tries: u32, level: DurabilityLevel, seconds: i64) -> Result<Waited, NotReached> {
        let clock = Cell::new(0);
        let mut slow = Slow {
            tries_left: tries,
            clock: &clock,
            alarm: tries == 99,
        };
        let appended = Appended {
            origin: "log".to_owned(),
            tree_size: 9,
            root: [1; 32],
        };
        let now = || Timestamp::from_millisecond(clock.get()).unwrap();
        let wanted = Wanted {
            level,
            witnesses: 1,
            wait: SignedDuration::from_secs(seconds),
        };
        let waited = reach(&mut slow, &appended, wanted, &now);
        assert!(clock.get() <= seconds * 1000, "waited too long");
        waited
    }

    #[test]
    fn a_level_is_waited_for_and_no_longer_than_asked() {
        let waited = wait_for(3, DurabilityLevel::Worm, 60).unwrap();
        assert_eq!(waited.proof.tree_size(), 9);
        assert_eq!(waited.proof.level(), DurabilityLevel::Worm);
        let late = wait_for(50, DurabilityLevel::Worm, 10).err().unwrap();
        insta::assert_snapshot!(late, @"the evidence is recorded here but did not reach the level `worm` in time: s3://b: throttled");
    }

    #[test]
    fn what_needs_nobody_waits_for_nobody_but_tells_them() {
        let waited = wait_for(50, DurabilityLevel::Durable, 60).unwrap();
        assert_eq!(waited.standing.mirror.unwrap().tree_size, Some(4));
    }

    #[test]
    fn an_alarm_ends_the_wait_at_once() {
        let alarm = wait_for(99, DurabilityLevel::Durable, 60).err().unwrap();
        insta::assert_snapshot!(alarm, @"the evidence is recorded here but cannot reach the level `durable`: forked");
    }
}
