//! One thing to do, done on a thread that may block, and what it came to.

use crate::engine::inputs::Failure;
use crate::engine::service::cycle::{Cycle, Scanned};

/// One thing to do.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Work {
    pub(super) requests: bool,
    pub(super) reload: bool,
    pub(super) events: bool,
    pub(super) scan: bool,
    /// Scans only if something else came into force.
    pub(super) scan_if_changed: bool,
    /// The supervisor is told that what is in force may change.
    pub(super) announced: bool,
}

/// What a scan came to, in words, and whether it is recorded.
pub(super) struct Came {
    pub(super) recorded: bool,
    pub(super) words: String,
}

pub(super) enum Done {
    Went {
        cycle: Box<Cycle>,
        came: Option<Came>,
        changed: bool,
        /// What is to be known beside what the last scan came to.
        aside: Option<String>,
    },
    Broke(Failure),
}

/// The work itself, on a thread that may block.
pub(super) fn perform(mut cycle: Box<Cycle>, work: Work) -> Done {
    let mut came = None;
    let mut changed = false;
    let result = (|| {
        cycle.may_go_on()?;
        if work.requests {
            cycle.take_requests()?;
        }
        if work.reload {
            changed = cycle.reload()?;
        }
        if work.scan {
            came = Some(words(&cycle.scan()?));
        }
        if work.events {
            cycle.take_events()?;
            cycle.watch_outside()?;
        }
        // Whatever it was: what is new about it is told.
        cycle.tell()
    })();
    match result {
        Ok(()) => Done::Went {
            came,
            changed,
            aside: cycle.aside(),
            cycle,
        },
        Err(failure) => Done::Broke(failure),
    }
}

fn words(scanned: &Scanned) -> Came {
    let words = match scanned {
        Scanned::Done(outcome) => {
            let assessment = &outcome.assessment;
            let people = assessment.deviations.iter();
            let people = people.filter(|judged| assessment.needs_a_person(judged));
            format!(
                "the scan of {} saw {} deviations, {} for a person, and {} gaps",
                outcome.started_at,
                assessment.deviations.len(),
                people.count(),
                assessment.gaps.len()
            )
        }
        Scanned::Failed => "the last scan failed: the log says why".to_owned(),
        Scanned::Interrupted => "the last scan was given up".to_owned(),
    };
    Came {
        recorded: matches!(scanned, Scanned::Done(_)),
        words,
    }
}
