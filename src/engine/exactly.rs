//! Asks the providers about what needs an exact look, and passes what they say to deciding.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Mutex, PoisonError};

use jiff::Timestamp;

use super::progress::{Progress, Step};
use super::scan::Settings;
use crate::decide::baseline::Approved;
use crate::decide::compare::Comparison;
use crate::decide::exact::{
    self, Key, Places, Subject, count_as_seen, join, stand_back, subjects, wanted,
};
use crate::decide::sweep::Sweep;
use crate::evidence::ledger::Ledger;
use crate::model::{
    Address, EarlierFinding, ExactLook, ExactLooks, FindingKey, SetAside, WorkspaceName,
};
use crate::normalise::Catalogue;
use crate::ports::{Estate, ExactReading, ExactWanted};

/// What exact looks came to.
#[derive(Debug, Default)]
pub(super) struct Exactly {
    /// Resources of which it is known now whether they are as approved.
    pub looked: BTreeSet<Key>,
    /// Findings of which a refresh told as much, in workspaces that nobody looks at exactly.
    pub told_by_refresh: BTreeSet<FindingKey>,
    pub set_aside: Vec<SetAside>,
    pub warnings: Vec<String>,
    /// Workspaces whose resources can be looked at.
    pub workspaces: BTreeSet<WorkspaceName>,
    /// What was seen, where somebody asked for it.
    pub looks: ExactLooks,
}

/// What an exact look is made with.
#[derive(Clone, Copy)]
pub(super) struct ExactInputs<'a> {
    pub estate: &'a dyn Estate,
    pub settings: &'a Settings,
    pub ledger: &'a Ledger,
    pub approved: &'a Approved,
    pub catalogue: &'a Catalogue,
    pub progress: &'a dyn Progress,
    pub sweep: Option<&'a Mutex<Sweep>>,
    pub asked: Option<&'a Address>,
    pub now: Timestamp,
    pub earlier: &'a [EarlierFinding],
}

/// Looks at what needs it, puts what was seen in the place of what was found, and lets stand back what
/// others tell.
pub(super) fn exactly(inputs: ExactInputs<'_>, comparison: &mut Comparison) -> Exactly {
    let mut looks = ExactLooks::new();
    let mut done = match inputs.estate.exact() {
        Some(reading) => looked_at(inputs, reading, &mut looks, comparison),
        None => Exactly::default(),
    };
    let held =
        |wanted: &exact::WantedHeld| exact::approved(inputs.catalogue, inputs.approved, wanted);
    let deviations = &mut comparison.deviations;
    let stood_back = stand_back(inputs.catalogue, &looks, held, deviations);
    done.set_aside.extend(stood_back);
    done.set_aside.sort();
    if inputs.asked.is_some() {
        done.looks = looks;
    }
    done
}

fn looked_at(
    inputs: ExactInputs<'_>,
    reading: &dyn ExactReading,
    looks: &mut ExactLooks,
    comparison: &mut Comparison,
) -> Exactly {
    let approved = inputs.approved;
    let open = open(inputs.ledger);
    let workspaces = approved.workspaces.iter();
    let workspaces = workspaces.filter(|name| reading.looks_at(name)).cloned();
    let workspaces: BTreeSet<WorkspaceName> = workspaces.collect();
    let subjects = subjects(approved, inputs.catalogue, &|name| {
        workspaces.contains(name)
    });
    let more: Vec<Key> = match inputs.settings.exact_all {
        true => subjects.keys().cloned().collect(),
        false => swept(inputs, &subjects),
    };
    let named = subjects.keys().filter(|(_, own)| Some(own) == inputs.asked);
    let more = more.iter().chain(named);
    let wanted = wanted(&subjects, &comparison.deviations, &open, more);
    let count = wanted.values().map(BTreeSet::len).sum();
    let mut done = Exactly::default();
    if count > 0 {
        inputs.progress.step(Step::Exact, count);
    }
    for ((workspace, plan), addresses) in &wanted {
        let wanted = ExactWanted {
            workspace,
            plan: *plan,
            settled: inputs.ledger.settled(workspace),
            addresses,
            in_detail: inputs.asked.is_some(),
        };
        let seen = asked(reading, wanted, inputs.progress);
        done.warnings.extend(not_seen(workspace, &seen));
        let seen = seen.into_iter();
        looks.extend(seen.map(|(address, look)| ((workspace.clone(), address), look)));
    }
    done.workspaces = workspaces;
    done.looked = looked(inputs.ledger, looks, &subjects, &open, approved);
    count_as_seen(looks, inputs.earlier, comparison);
    let deviations = &mut comparison.deviations;
    done.set_aside = join(looks, &subjects, &open, deviations, inputs.now);
    done
}

/// What the sweeps take next.
fn swept(inputs: ExactInputs<'_>, subjects: &BTreeMap<Key, Subject>) -> Vec<Key> {
    let Some(sweep) = inputs.sweep else {
        return Vec::new();
    };
    let mut sweep = sweep.lock().unwrap_or_else(PoisonError::into_inner);
    let mut next = Vec::new();
    for (workspace, policy) in &inputs.settings.sweeps {
        let own = subjects.keys().filter(|(name, _)| name == workspace);
        let own: Vec<&Address> = own.map(|(_, address)| address).collect();
        let addresses = sweep.next(workspace, &own, *policy, inputs.now);
        next.extend(addresses.into_iter().map(|own| (workspace.clone(), own)));
    }
    next
}

type Seen = BTreeMap<Address, ExactLook>;

fn asked(reading: &dyn ExactReading, wanted: ExactWanted<'_>, progress: &dyn Progress) -> Seen {
    reading.look(wanted, &|| {
        progress.advance();
        true
    })
}

/// What was not seen is told once for all of one reason.
fn not_seen(workspace: &WorkspaceName, seen: &Seen) -> Option<String> {
    let mut gaps = seen.iter().filter_map(|(address, look)| match look {
        ExactLook::Gap(why) => Some((address, why)),
        ExactLook::Seen { .. } | ExactLook::Missing => None,
    });
    let (address, why) = gaps.next()?;
    let more = match gaps.count() {
        0 => String::new(),
        more => format!(" (and {more} more)"),
    };
    Some(format!(
        "workspace {workspace}: {address}{more} could not be looked at exactly: {why}"
    ))
}

/// Where the resources of open findings lie that exact looks made.
fn open(ledger: &Ledger) -> Places {
    let open = ledger.open_findings().map(|open| &open.record);
    let mut places = Places::new();
    for record in open.filter(|record| record.is_exact()) {
        let key = record.workspace.clone().zip(record.address.clone());
        if let Some(key) = key {
            let place = places.entry(key).or_default();
            place.account.clone_from(&record.account);
            place.region.clone_from(&record.region);
            place.attributes.insert(record.attribute.clone());
        }
    }
    places
}

/// What was seen, so that it is known whether it is as approved; and what nothing approves any more in a
/// workspace that has approved resources. Where something was settled once, a look without it shows no
/// additions, and takes back none.
fn looked(
    ledger: &Ledger,
    looks: &ExactLooks,
    subjects: &BTreeMap<Key, Subject>,
    open: &Places,
    approved: &Approved,
) -> BTreeSet<Key> {
    let seen = looks.iter().filter(|((workspace, _), look)| match look {
        ExactLook::Seen { is_settled, .. } => *is_settled || ledger.settled(workspace).is_none(),
        ExactLook::Missing => true,
        ExactLook::Gap(_) => false,
    });
    let mut looked: BTreeSet<Key> = seen.map(|(key, _)| key.clone()).collect();
    let alive: BTreeSet<&WorkspaceName> = subjects.keys().map(|(name, _)| name).collect();
    let names: BTreeSet<(&WorkspaceName, &str)> = approved
        .resources
        .iter()
        .filter_map(|own| Some((approved.workspace(own.workspace)?, &*own.address)))
        .collect();
    let gone = open.keys().filter(|(workspace, address)| {
        alive.contains(workspace) && !names.contains(&(workspace, address.as_str()))
    });
    looked.extend(gone.cloned());
    looked
}
