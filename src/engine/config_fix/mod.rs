//! One permitted fix by a remediation of AWS Config: the item is read again, what would run is held against
//! what was named, what runs already is looked for, and only then it is started, once.

mod approved;
mod documented;
mod follow;
#[cfg(test)]
mod tests;

use std::time::Duration;

use jiff::{SignedDuration, Timestamp};

pub use approved::approved;
pub use documented::{Documented, SetsRight};

use crate::decide::fresh::{Fresh, config_type, fresh, is_of};
use crate::decide::guards::Permit;
use crate::ingest::config_item;
use crate::model::{FixResult, FixSubject, StopFile, Value};
use crate::normalise::catalogue::Catalogue;
use crate::ports::{
    CallPlace, CarriedOut, Execution, ExecutionState, FixLeft, FixTried, Reached, ReadsAgain,
    RemediationApi, ResourceKey, StartFailed, StopSign, WantedResource,
};
use follow::{Begun, follow};

/// The time on AWS's clock may be behind ours by so much.
const SKEW: SignedDuration = SignedDuration::from_secs(60);
/// So often a run that a process before may have started is looked for until it counts as not there.
const LOOKS: u32 = 4;
const BETWEEN_LOOKS: Duration = Duration::from_secs(4);

/// What a fix works with.
#[derive(Clone, Copy)]
pub struct Hands<'a> {
    pub api: &'a dyn RemediationApi,
    /// Reads the resource's item again.
    pub source: &'a dyn ReadsAgain,
    pub catalogue: &'a Catalogue,
    /// Asked once more right before the start.
    pub stop: &'a dyn StopSign,
    pub pause: &'a dyn Fn(Duration),
}

/// Why it stops before anything is started.
enum Stop {
    /// It is not for a remediation.
    Unfit(String),
    /// It cannot be looked at, or moved meanwhile.
    NotNow(String),
    /// It is as it is to be already.
    AsApproved,
}

/// The resource, as AWS Config has it.
struct Found {
    at: CallPlace,
    key: ResourceKey,
    /// When its item was recorded.
    captured: Option<Timestamp>,
}

impl Found {
    /// Whether the item can say nothing of what the run does or did: it was for another finding, or somebody
    /// else began it.
    fn is_older_than(&self, run: &Execution) -> bool {
        let is_done_since = run.state == ExecutionState::Succeeded
            && run
                .invoked
                .zip(self.captured)
                .is_some_and(|(run, own)| run > own);
        run.state.is_running() || is_done_since
    }
}

/// Carries out one fix. `approved` is the whole resource as its plan approves it. May be called again with
/// the permit of the same intent after a crash at any point: what runs for the resource, or ran since,
/// decides what is left to do.
pub fn remedy(
    hands: Hands<'_>,
    own: &Documented,
    approved: &Value,
    permit: Permit,
    receipt: Reached,
) -> FixTried {
    let work = Work {
        hands,
        own,
        approved,
        permit: &permit,
    };
    match work.done() {
        Ok(carried) => FixTried::Done(carried),
        // A process before may have started it: then nobody else may begin.
        Err(Stop::Unfit(why)) if permit.is_resumed() => {
            FixTried::Done(CarriedOut::without_change(FixResult::NotCarriedOut, why))
        }
        Err(Stop::Unfit(why)) => FixTried::Left(Box::new(FixLeft {
            permit,
            receipt,
            why,
        })),
        Err(Stop::NotNow(why)) => {
            FixTried::Done(CarriedOut::without_change(FixResult::NotCarriedOut, why))
        }
        Err(Stop::AsApproved) => FixTried::Done(CarriedOut::without_change(
            FixResult::AsApproved,
            "AWS Config shows it as approved, and nothing was started now".to_owned(),
        )),
    }
}

struct Work<'a> {
    hands: Hands<'a>,
    own: &'a Documented,
    approved: &'a Value,
    permit: &'a Permit,
}

impl Work<'_> {
    fn subject(&self) -> &FixSubject {
        self.permit.subject()
    }

    fn done(&self) -> Result<CarriedOut, Stop> {
        if self.permit.undone().is_some() {
            let why = "a document of AWS Config has no way back";
            return Err(Stop::Unfit(why.to_owned()));
        }
        self.own
            .agrees(self.subject(), self.approved)
            .map_err(Stop::Unfit)?;
        let found = self.seen_again()?;
        let misfit = self.misfit(&found)?;
        let before = self.execution(&found)?;
        let is_begun = before.as_ref().is_some_and(|run| self.is_of_intent(run));
        if is_begun || self.shows_late(&found)? {
            return Ok(self.follow(&found, Begun::Before));
        }
        if let Some(why) = misfit {
            return Err(Stop::Unfit(why));
        }
        if before.as_ref().is_some_and(|run| found.is_older_than(run)) {
            return Ok(self.follow(&found, Begun::Before));
        }
        self.may_go_on()?;
        let Found { at, key, .. } = &found;
        match self.hands.api.start(at, &self.own.rule, key) {
            Ok(()) => Ok(self.follow(&found, Begun::Now { before })),
            Err(StartFailed::NotStarted(why)) => {
                Err(Stop::NotNow(format!("nothing was started: {why}")))
            }
            Err(StartFailed::Unknown(why)) => {
                Ok(self.follow(&found, Begun::Perhaps { before, why }))
            }
        }
    }

    /// From here on something is or may be under way, and nothing is started any more.
    fn follow(&self, found: &Found, begun: Begun) -> CarriedOut {
        let ended = follow(self.hands, self.own, found, &begun);
        let is_done = ended.is_success();
        let is_seen = is_done && self.read().is_ok_and(|(_, says)| says == Fresh::AsApproved);
        ended.told(self.own, found, self.subject(), is_seen)
    }

    /// The item as it is now has to show what the finding says.
    fn seen_again(&self) -> Result<Found, Stop> {
        let (found, fresh) = self.read()?;
        match fresh {
            Fresh::AsFound => Ok(found),
            Fresh::AsApproved => Err(Stop::AsApproved),
            Fresh::Otherwise(why) => Err(Stop::NotNow(format!(
                "AWS Config does not show what was found any more: {why}"
            ))),
            Fresh::Untold(why) => Err(Stop::Unfit(why)),
        }
    }

    fn read(&self) -> Result<(Found, Fresh), Stop> {
        let subject = self.subject();
        let unknown = || Stop::Unfit("AWS Config has no name for it that is known".to_owned());
        let config_type = config_type(self.hands.catalogue, subject).ok_or_else(unknown)?;
        let account = subject.account.clone().ok_or_else(unknown)?;
        let region = subject.region.clone().ok_or_else(unknown)?;
        let id = subject.provider_id.as_ref().ok_or_else(unknown)?.as_str();
        let is_arn = id.starts_with("arn:");
        let name = || Some(Box::from(id));
        let wanted = WantedResource {
            account: account.clone(),
            region: region.clone(),
            config_type: config_type.into(),
            id: name(),
            name: name().filter(|_| !is_arn),
            arn: name().filter(|_| is_arn),
        };
        let read = self.hands.source.read_again(&[wanted]);
        let lost = read.not_observed.into_iter().map(|own| own.detail).next();
        let lost = || lost.unwrap_or_else(|| "AWS Config shows nothing of it".to_owned());
        let items = read
            .items
            .ok_or_else(|| Stop::NotNow(format!("its item cannot be read again: {}", lost())))?;
        let mut found = Vec::new();
        let visited = config_item::read(&*items, &mut |item| {
            if is_of(self.hands.catalogue, subject, &item) {
                let says = fresh(self.hands.catalogue, subject, self.approved, &item);
                found.push((item.resource_id.to_string(), item.captured_at, says));
            }
            Ok(())
        });
        visited.map_err(|error| Stop::NotNow(format!("its item cannot be read: {error}")))?;
        let mut found = found.into_iter();
        match (found.next(), found.next()) {
            (Some((id, captured, says)), None) => {
                let config_type = config_type.to_owned();
                let found = Found {
                    at: CallPlace { account, region },
                    key: ResourceKey { config_type, id },
                    captured,
                };
                Ok((found, says))
            }
            (None | Some(_), _) => Err(Stop::NotNow(
                "AWS Config shows none, or more than one, by its name".to_owned(),
            )),
        }
    }

    /// Why what would run is not what was named.
    fn misfit(&self, found: &Found) -> Result<Option<String>, Stop> {
        let rule = &self.own.rule;
        let live = self.hands.api.remediation(&found.at, rule);
        let live = live.map_err(|error| Stop::NotNow(format!("nothing was started: {error}")))?;
        let none = || {
            Stop::Unfit(format!(
                "AWS Config has no remediation for the rule `{rule}`"
            ))
        };
        let live = live.ok_or_else(none)?;
        Ok(self.own.misfit(&live, &found.at, &found.key.config_type))
    }

    fn execution(&self, found: &Found) -> Result<Option<Execution>, Stop> {
        let (at, key) = (&found.at, &found.key);
        let run = self.hands.api.execution(at, &self.own.rule, key);
        run.map_err(|error| {
            Stop::NotNow(format!(
                "nothing was started: what runs for it is not known: {error}"
            ))
        })
    }

    /// Whether a process before, which ended in the midst of this intent, can have started it.
    fn is_of_intent(&self, run: &Execution) -> bool {
        let since = self.permit.begun() - SKEW;
        let is_since = run.invoked.is_none_or(|at| at >= since);
        self.permit.is_resumed() && (run.state.is_running() || is_since)
    }

    /// What was started right before the end of a process may show only now.
    fn shows_late(&self, found: &Found) -> Result<bool, Stop> {
        if !self.permit.is_resumed() {
            return Ok(false);
        }
        for _ in 0..LOOKS {
            (self.hands.pause)(BETWEEN_LOOKS);
            let run = self.execution(found)?;
            if run.is_some_and(|run| self.is_of_intent(&run)) {
                return Ok(true);
            }
        }
        Ok(false)
    }

    /// All that was asked takes time, in which somebody may have wanted everything to stop.
    fn may_go_on(&self) -> Result<(), Stop> {
        match self.hands.stop.look() {
            StopFile::Absent => Ok(()),
            StopFile::Present(_) | StopFile::Unknown(_) => Err(Stop::NotNow(
                "the stop file came while AWS Config was asked".to_owned(),
            )),
        }
    }
}
