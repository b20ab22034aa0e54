//! Exact looks: which resources need one, and what follows from what their providers said.
//!
//! Only what nobody reviewed is taken back by a provider. What a reviewed table found stays, and is not
//! told twice.

mod echo;
mod seen;
mod single;
mod subject;

use std::collections::{BTreeMap, BTreeSet};

use jiff::Timestamp;

use crate::model::{
    AccountId, Address, AsideReason, AttributePath, Deviation, DeviationKind, ExactLook,
    ExactLooks, ExactPlace, Fidelity, Region, SetAside, Sha256Digest, Value, WorkspaceName,
};

pub(in crate::decide) use echo::is_nothing;
pub use echo::{Held, Wanted as WantedHeld, approved, stand_back};
pub use seen::count_as_seen;
pub use single::{Looked, found};
pub use subject::{Subject, subjects};

pub type Key = (WorkspaceName, Address);

/// Resources to be looked at, by workspace and the plan that they are held against.
pub type Wanted = BTreeMap<(WorkspaceName, Sha256Digest), BTreeSet<Address>>;

/// Resources with open findings that an exact look made.
pub type Places = BTreeMap<Key, Place>;

/// Where such a resource lies, and what was found of it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Place {
    pub account: Option<AccountId>,
    pub region: Option<Region>,
    /// `None` for the whole resource.
    pub attributes: BTreeSet<Option<AttributePath>>,
}

/// Whether nobody reviewed how the deviation was found, so that it needs a look.
pub fn needs_a_look(deviation: &Deviation) -> bool {
    let is_kind = match deviation.kind {
        DeviationKind::Changed | DeviationKind::Missing => true,
        DeviationKind::Unmanaged
        | DeviationKind::UnapprovedPlan
        | DeviationKind::PlanTampered
        | DeviationKind::AppliedNotApproved => false,
    };
    is_kind && deviation.fidelity == Fidelity::Presence && key(deviation).is_some()
}

fn key(deviation: &Deviation) -> Option<Key> {
    let workspace = deviation.workspace.clone()?;
    Some((workspace, deviation.address.clone()?))
}

/// What must be looked at: what needs a look, what an exact look found before, and `more`.
pub fn wanted<'s>(
    subjects: &'s BTreeMap<Key, Subject>,
    deviations: &[Deviation],
    open: &Places,
    more: impl Iterator<Item = &'s Key>,
) -> Wanted {
    let asked = deviations.iter().filter(|own| needs_a_look(own));
    let asked = asked.filter_map(key);
    let all = asked.chain(open.keys().cloned()).chain(more.cloned());
    let mut wanted = Wanted::new();
    for key in all {
        if let Some(subject) = subjects.get(&key) {
            let (workspace, address) = key;
            let own = wanted.entry((workspace, subject.plan)).or_default();
            own.insert(address);
        }
    }
    wanted
}

/// What the looks say, in the place of what they were made for. Gives what they set aside.
pub fn join(
    looks: &ExactLooks,
    subjects: &BTreeMap<Key, Subject>,
    open: &Places,
    deviations: &mut Vec<Deviation>,
    now: Timestamp,
) -> Vec<SetAside> {
    let mut own: BTreeMap<Key, Vec<Deviation>> = BTreeMap::new();
    let mut joined = Vec::new();
    for deviation in deviations.drain(..) {
        match key(&deviation).filter(|key| looks.contains_key(key)) {
            Some(key) => own.entry(key).or_default().push(deviation),
            None => joined.push(deviation),
        }
    }
    let mut aside = Vec::new();
    for (key, look) in looks {
        let found = own.remove(key).unwrap_or_default();
        let Some(subject) = subjects.get(key) else {
            joined.extend(found);
            continue;
        };
        let made = Made {
            key,
            subject,
            place: open.get(key),
            like: found.first().cloned(),
            now,
        };
        joined.extend(made.instead_of(found, look, &mut aside));
    }
    *deviations = joined;
    aside.sort();
    aside
}

/// What an exact look makes of one resource.
struct Made<'a> {
    key: &'a Key,
    subject: &'a Subject,
    place: Option<&'a Place>,
    /// A deviation of the live resource, which tells more of it.
    like: Option<Deviation>,
    now: Timestamp,
}

impl Made<'_> {
    fn instead_of(
        &self,
        found: Vec<Deviation>,
        look: &ExactLook,
        aside: &mut Vec<SetAside>,
    ) -> Vec<Deviation> {
        match look {
            ExactLook::Gap(why) => self.unseen(found, why),
            ExactLook::Missing => self.missing(found),
            ExactLook::Seen {
                places, is_settled, ..
            } => self.seen(found, places, *is_settled, aside),
        }
    }

    /// All stays as it was. What an exact look found is not made a guess again: it stays open.
    fn unseen(&self, mut found: Vec<Deviation>, why: &str) -> Vec<Deviation> {
        let known = self.place.map(|place| &place.attributes);
        let is_known = |own: &Deviation| {
            let mut known = known.into_iter().flatten();
            known.any(|known| match (known, &own.attribute) {
                (Some(known), Some(own)) => known.holds(own) || own.holds(known),
                (None, None) => true,
                (Some(_), None) | (None, Some(_)) => false,
            })
        };
        found.retain(|own| !needs_a_look(own) || !is_known(own));
        for own in found.iter_mut().filter(|own| needs_a_look(own)) {
            own.notes
                .push(format!("its provider did not see it: {why}"));
        }
        found
    }

    /// What lies within a missing resource is not told beside it.
    fn missing(&self, found: Vec<Deviation>) -> Vec<Deviation> {
        let mut kept: Vec<Deviation> = found.into_iter().filter(|own| !needs_a_look(own)).collect();
        if !kept.iter().any(|own| own.kind == DeviationKind::Missing) {
            kept.push(self.deviation(DeviationKind::Missing));
        }
        kept
    }

    fn seen(
        &self,
        found: Vec<Deviation>,
        places: &[ExactPlace],
        is_settled: bool,
        aside: &mut Vec<SetAside>,
    ) -> Vec<Deviation> {
        let mut kept = Vec::new();
        let places = &self.without_own_tags(&found, places);
        for mut own in found {
            let told = places.iter().any(|place| overlaps(&own, place));
            match (needs_a_look(&own), told) {
                (true, true) => {}
                (true, false) if is_settled || own.kind == DeviationKind::Missing => {
                    aside.push(self.aside(&own));
                }
                (true, false) => {
                    let note = "its provider would change nothing there, which without a settled \
                                baseline does not show what was added";
                    own.notes.push(note.to_owned());
                    kept.push(own);
                }
                (false, false) if is_settled => {
                    own.notes
                        .push("its provider sees it as approved".to_owned());
                    kept.push(own);
                }
                (false, _) => kept.push(own),
            }
        }
        let told: Vec<&ExactPlace> = places
            .iter()
            .copied()
            .filter(|place| !kept.iter().any(|own| overlaps(own, place)))
            .collect();
        kept.extend(told.into_iter().map(|place| self.changed(place)));
        kept
    }

    /// A tag of the resource itself is among all its tags, too, where it is told.
    fn without_own_tags<'p>(
        &self,
        found: &[Deviation],
        places: &'p [ExactPlace],
    ) -> Vec<&'p ExactPlace> {
        let of_found = found.iter().filter_map(|own| own.attribute.as_ref());
        let of_places = places.iter().map(|place| &place.attribute);
        let all: BTreeSet<&str> = of_found
            .chain(of_places)
            .filter_map(|attribute| attribute.as_str().strip_prefix("/tags_all/"))
            .collect();
        let is_again = |place: &&ExactPlace| {
            let own = place.attribute.as_str().strip_prefix("/tags/");
            own.is_some_and(|key| all.contains(key))
        };
        places.iter().filter(|place| !is_again(place)).collect()
    }

    fn changed(&self, place: &ExactPlace) -> Deviation {
        let ExactPlace {
            attribute,
            approved,
            live,
        } = place;
        Deviation {
            attribute: Some(attribute.clone()),
            approved: approved.clone(),
            live: live.clone(),
            ..self.deviation(DeviationKind::Changed)
        }
    }

    fn deviation(&self, kind: DeviationKind) -> Deviation {
        let (workspace, address) = self.key;
        let Subject {
            plan: _,
            type_name,
            provider_id: known_id,
            account,
            region,
            pending,
        } = self.subject;
        let like = self.like.as_ref();
        // The key of a finding has the place: it must not move between two looks.
        let (account, region) = match (self.place, like) {
            (Some(place), _) => (place.account.clone(), place.region.clone()),
            (None, Some(like)) => (like.account.clone(), like.region.clone()),
            (None, None) => (account.clone(), region.clone()),
        };
        let provider_id = like.and_then(|like| like.provider_id.clone());
        let provider_id = provider_id.or_else(|| known_id.clone());
        let subjects = match like {
            Some(like) => like.subjects.clone(),
            None => provider_id.iter().map(ToString::to_string).collect(),
        };
        Deviation {
            kind,
            workspace: Some(workspace.clone()),
            address: Some(address.clone()),
            type_name: type_name.clone(),
            provider_id,
            account,
            region,
            attribute: None,
            approved: Value::Null,
            live: Value::Null,
            fidelity: Fidelity::Exact,
            observed_at: Some(self.now),
            tags: like.map(|like| like.tags.clone()).unwrap_or_default(),
            subjects,
            source: None,
            pending: pending.clone(),
            earlier: Vec::new(),
            within: None,
            notes: Vec::new(),
        }
    }

    fn aside(&self, own: &Deviation) -> SetAside {
        let (workspace, address) = self.key;
        SetAside {
            workspace: workspace.clone(),
            address: address.clone(),
            kind: own.kind,
            attribute: own.attribute.clone(),
            reason: AsideReason::EqualByTheProvider,
            by: Vec::new(),
        }
    }
}

fn overlaps(own: &Deviation, place: &ExactPlace) -> bool {
    let attribute = own.attribute.as_ref();
    attribute.is_some_and(|own| own.holds(&place.attribute) || place.attribute.holds(own))
}

#[cfg(test)]
mod tests;
