//! One permitted fix through a provider: read, plan, judge the plan, read again, apply, read again.

mod identity;
mod ready;
mod taking;
mod told;
mod undoing;

use std::collections::BTreeSet;
use std::sync::Arc;

use super::{Read, Subject, said};
use crate::decide::guards::{Importing, Permit};
use crate::model::{AttributePath, FixResult, FixWay, StopFile};
use crate::normalise::catalogue::Catalogue;
use crate::ports::{
    CarriedOut, FixLeft, FixTried, Held, Planned, Reached, ResourceProvider, StopSign,
};
use crate::provider::cty::Value;
use crate::provider::exact::{Came, Equality, FixPlan, Planning, came};
use crate::provider::schema::Schema;
use ready::{read_as, ready_to_put_back, ready_to_set_back, seen_again};
use taking::ready_to_take_away;
use told::{change, errors, named};
use undoing::ready_to_undo;

/// What a fix goes by beside its permit.
#[derive(Clone, Copy)]
pub struct Target<'a> {
    /// What is set or put back; or that in which lies what is taken away.
    pub subject: &'a Subject<'a>,
    /// How the provider finds what is taken away.
    pub importing: Option<&'a Importing>,
    /// Places of which the settled baseline says that the plan does not tell what was written.
    pub masks: &'a [AttributePath],
    pub catalogue: &'a Catalogue,
    /// As records name the provider.
    pub provider: &'a str,
    /// Asked once more right before something is changed.
    pub stop: &'a dyn StopSign,
}

/// Why it stops before anything is changed.
enum Stop {
    /// It is not for the provider.
    Unfit(String),
    /// It cannot be looked at, or moved meanwhile.
    NotNow(String),
    /// It is as it is to be already.
    AsApproved,
}

/// Everything that is known right before the apply.
struct Ready {
    type_name: String,
    schema: Arc<Schema>,
    /// Top-level attributes that hold secrets.
    sensitive: BTreeSet<String>,
    /// The resource as it is; null where it is gone.
    live: Held,
    /// By which it is read again.
    identity: Held,
    config: Value,
    planned: Planned,
    plan: FixPlan,
}

impl Ready {
    /// A change of the approved resource, which was there when it was read.
    fn of_approved(
        target: Target<'_>,
        read: Read,
        live: Held,
        config: Value,
        (planned, plan): (Planned, FixPlan),
    ) -> Self {
        Self {
            type_name: target.subject.state.type_name.clone(),
            schema: read.schema,
            sensitive: read.sensitive,
            identity: live.clone(),
            live,
            config,
            planned,
            plan,
        }
    }

    fn planning(&self) -> Planning<'_> {
        Planning {
            block: &self.schema.block,
            live: &self.live.state,
            planned: &self.planned.state,
            equality: equality(&self.planned),
        }
    }
}

fn equality(planned: &Planned) -> Equality {
    match planned.legacy_types {
        true => Equality::Legacy,
        false => Equality::Exact,
    }
}

/// Carries out one fix. May be called again with the permit of the same intent after a crash at any
/// point: what it reads decides what is left to do.
pub fn repair(
    provider: &mut dyn ResourceProvider,
    target: Target<'_>,
    permit: Permit,
    receipt: Reached,
) -> FixTried {
    let subject = permit.subject();
    let is_undo = permit.undone().is_some();
    let ready = match (permit.undone(), permit.way()) {
        (Some(fix), _) => ready_to_undo(provider, target, subject, fix),
        (None, FixWay::SetBack) => ready_to_set_back(provider, target, subject),
        (None, FixWay::PutBack) => ready_to_put_back(provider, target, subject),
        (None, FixWay::TakeAway) => ready_to_take_away(provider, target, subject),
    };
    let ready = ready.and_then(|ready| {
        seen_again(provider, &ready)?;
        may_go_on(target.stop)?;
        Ok(ready)
    });
    match ready {
        Ok(ready) => FixTried::Done(apply(provider, target, &ready, is_undo)),
        Err(Stop::Unfit(why)) => FixTried::Left(Box::new(FixLeft {
            permit,
            receipt,
            why,
        })),
        Err(Stop::NotNow(why)) => {
            FixTried::Done(CarriedOut::without_change(FixResult::NotCarriedOut, why))
        }
        Err(Stop::AsApproved) if is_undo => FixTried::Done(CarriedOut::without_change(
            FixResult::Restored,
            "a fresh read shows the values before the fix, and nothing was changed now".to_owned(),
        )),
        Err(Stop::AsApproved) => FixTried::Done(CarriedOut::without_change(
            FixResult::AsApproved,
            "a fresh read shows it as approved, and nothing was changed now".to_owned(),
        )),
    }
}

/// To start a provider and to read takes time, in which somebody may have wanted everything to stop.
fn may_go_on(stop: &dyn StopSign) -> Result<(), Stop> {
    match stop.look() {
        StopFile::Absent => Ok(()),
        StopFile::Present(_) | StopFile::Unknown(_) => Err(Stop::NotNow(
            "the stop file came while the provider was asked".to_owned(),
        )),
    }
}

/// From here on something may be changed, and only a fresh read is believed.
fn apply(
    provider: &mut dyn ResourceProvider,
    target: Target<'_>,
    ready: &Ready,
    is_undo: bool,
) -> CarriedOut {
    let type_name = &*ready.type_name;
    let prior = &ready.live.state;
    let applied = provider.apply(type_name, prior, &ready.config, &ready.planned);
    let (trouble, made) = match applied {
        Ok(applied) => (errors(&applied.diagnostics), Some(applied.held)),
        Err(error) => (Some(said(error)), None),
    };
    // What was made anew may have got another identity.
    let made = made.filter(|held| prior.is_null() && !held.state.is_null());
    let identity = made.as_ref().unwrap_or(&ready.identity);
    let after = match read_as(provider, type_name, identity) {
        Ok(after) => after,
        Err(why) => {
            let trouble = trouble.map_or_else(String::new, |own| format!("{own}; and "));
            return CarriedOut::without_change(
                FixResult::Interrupted,
                format!("{trouble}what became of it cannot be read: {why}"),
            );
        }
    };
    let (result, detail) = ended(
        came(ready.planning(), &ready.plan, &after),
        trouble,
        is_undo,
    );
    let is_changed = result != FixResult::Failed;
    CarriedOut {
        result,
        detail,
        document: None,
        change: is_changed.then(|| Box::new(change(target, ready, &after))),
        run: None,
    }
}

fn ended(came: Came, trouble: Option<String>, is_undo: bool) -> (FixResult, String) {
    let (done, what) = match is_undo {
        false => (
            FixResult::Fixed,
            "changed, and a fresh read shows it as approved",
        ),
        true => (
            FixResult::Restored,
            "changed back, and a fresh read shows the values before the fix",
        ),
    };
    match (came, trouble) {
        (Came::AsPlanned, None) => (done, what.to_owned()),
        (Came::AsPlanned, Some(trouble)) => (done, format!("{what}, though {trouble}")),
        (Came::Nothing, None) => {
            let what = "the provider reported success, and nothing was changed";
            (FixResult::Failed, what.to_owned())
        }
        (Came::Nothing, Some(trouble)) => {
            (FixResult::Failed, format!("nothing was changed: {trouble}"))
        }
        (Came::Otherwise(paths), trouble) => {
            let paths: Vec<String> = paths.iter().map(named).collect();
            let trouble = trouble.map_or_else(String::new, |own| format!("; {own}"));
            let paths = paths.join(", ");
            let what = format!("a fresh read shows {paths} otherwise than planned{trouble}");
            (FixResult::HalfDone, what)
        }
    }
}
