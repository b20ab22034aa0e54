//! Who made a deviation: joins deviations with the calls that the cloud's own trail recorded.
//! Better to name nobody than the wrong one: a call counts only if it succeeded, acted on this very
//! resource, can make such a deviation, and came before it was observed.

mod allowed;
mod calls;
mod index;
mod names;
mod table;
#[cfg(test)]
mod tests;

use std::collections::BTreeMap;

use jiff::{SignedDuration, Timestamp};

pub use allowed::{Allowed, AllowedError};
pub use names::is_typed_id;
pub(super) use names::queue_arn;

use crate::model::{Activity, Attribution, Confidence, Deviation, IdentityMap};
use calls::{Fit, Target};
use index::{Event, Index};
use names::{Name, Reach};

/// How far the clocks of the trail and of the source of observations may be apart.
pub const CLOCK_TOLERANCE: SignedDuration = SignedDuration::from_secs(60);

/// Services whose resources are in no Region, or whose trail names another Region than theirs.
const WITHOUT_REGION: [&str; 7] = [
    "cloudfront",
    "iam",
    "organizations",
    "route53",
    "s3",
    "sts",
    "waf",
];

/// The activity that is known, ready to be asked about any number of deviations.
#[derive(Debug, Default)]
pub struct ActivityIndex {
    index: Index,
}

/// A call that may have made the deviation.
struct Candidate<'i> {
    event: &'i Event,
    fit: Fit,
    /// The best name it shares with the resource.
    reach: Reach,
}

impl ActivityIndex {
    /// Takes the activities in any order; the same event twice counts once.
    pub fn new(activities: Vec<Activity>, allowed: &Allowed, people: Option<&IdentityMap>) -> Self {
        Self {
            index: Index::new(activities, allowed, people),
        }
    }

    /// The newest call that surely acted on the resource and makes such a deviation; where there is
    /// none, the newest that may have. `None` where no call can have made it.
    pub fn attribute(&self, deviation: &Deviation) -> Option<Attribution> {
        let target = Target::of(deviation)?;
        let names = names::of(deviation);
        let texts = names.iter().map(|name| name.text.as_str());
        let until = deviation.observed_at.map_or(Timestamp::MAX, |observed_at| {
            observed_at
                .checked_add(CLOCK_TOLERANCE)
                .unwrap_or(Timestamp::MAX)
        });
        let mut candidates: Vec<Candidate<'_>> = Vec::new();
        // Every event in a network names the network, but they are few kinds of call.
        let mut fits: BTreeMap<&str, Option<Fit>> = BTreeMap::new();
        for event in self.index.naming(texts, until) {
            let fit = *fits
                .entry(&event.call)
                .or_insert_with(|| target.fit(&event.call));
            match fit.and_then(|fit| candidate(event, fit, deviation, &names)) {
                Some(newest) if newest.is_certain() => {
                    return Some(attribution(event, Confidence::High));
                }
                Some(uncertain) => candidates.push(uncertain),
                None => {}
            }
        }
        let exact = candidates
            .iter()
            .find(|candidate| candidate.fit == Fit::Exact);
        let chosen = exact.or(candidates.first())?;
        let confidence = match (chosen.fit, candidates.len()) {
            (Fit::Exact | Fit::Possible, 1) => Confidence::Medium,
            (Fit::Exact | Fit::Possible | Fit::ExactIfBoth | Fit::Remote, _) => Confidence::Low,
        };
        Some(attribution(chosen.event, confidence))
    }
}

impl Candidate<'_> {
    fn is_certain(&self) -> bool {
        let unique = match self.reach {
            Reach::Everywhere | Reach::Account => true,
            Reach::Unsure => false,
        };
        self.fit == Fit::Exact && unique
    }
}

fn candidate<'i>(
    event: &'i Event,
    fit: Fit,
    deviation: &Deviation,
    names: &[Name],
) -> Option<Candidate<'i>> {
    let account = deviation.account.as_ref().map(|account| account.as_str());
    let known = account.zip(event.account.as_deref());
    if known.is_some_and(|(own, other)| own != other) {
        return None;
    }
    let elsewhere = is_in_another_region(event, deviation);
    let borne: Vec<Reach> = names
        .iter()
        .filter(|name| event.bears(&name.text))
        .map(|name| name.reach)
        .filter(|reach| !elsewhere || *reach == Reach::Everywhere)
        .map(|reach| match reach {
            // Unique within the account says nothing while the account is not known.
            Reach::Account if known.is_none() => Reach::Unsure,
            reach => reach,
        })
        .collect();
    let reach = *borne.iter().min()?;
    let fit = match fit {
        Fit::ExactIfBoth if borne.len() >= 2 => Fit::Exact,
        other => other,
    };
    Some(Candidate { event, fit, reach })
}

fn is_in_another_region(event: &Event, deviation: &Deviation) -> bool {
    let region = deviation.region.as_ref().map(|region| region.as_str());
    let service = event.call.split(':').next().unwrap_or_default();
    match (region, event.region.as_deref()) {
        (Some("global"), _) | (None, _) | (_, None) => false,
        (Some(own), Some(other)) => own != other && !WITHOUT_REGION.contains(&service),
    }
}

fn attribution(event: &Event, confidence: Confidence) -> Attribution {
    let who = &event.who;
    Attribution {
        actor: who.identity.clone(),
        aliases: who.aliases.clone(),
        person: who.person.clone(),
        at: event.at,
        from: who.from.clone(),
        means: who.means,
        call: event.call.to_string(),
        event_id: event.event_id.to_string(),
        confidence,
    }
}
