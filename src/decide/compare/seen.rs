//! What the newest items say of the approved resources.

use std::cell::OnceCell;
use std::collections::{BTreeMap, BTreeSet};

use super::{Findings, Presence};
use crate::normalise::catalogue::ConfigIx;

/// What the newest item says of an approved resource.
#[derive(Clone, Copy)]
pub(super) struct Newest {
    pub(super) time: i64,
    pub(super) presence: Presence,
}

pub(super) struct Seen<'a> {
    pub(super) newest: Vec<Option<Newest>>,
    pub(super) accounts: BTreeSet<&'a str>,
    pub(super) regions: &'a BTreeSet<(Box<str>, Box<str>)>,
    pub(super) recorded: &'a BTreeSet<(Box<str>, ConfigIx)>,
    /// Made when it is first asked for.
    pub(super) places: OnceCell<Places>,
}

/// Accounts and Regions, by number of the workspace.
pub(super) type Places = BTreeMap<u32, BTreeSet<(String, String)>>;

impl<'a> Seen<'a> {
    pub(super) fn new(findings: &'a Findings, resources: usize) -> Self {
        let accounts = findings.covered.iter().map(|(account, _)| &**account);
        Self {
            newest: newest(&findings.seen, resources),
            accounts: accounts.collect(),
            regions: &findings.covered,
            recorded: &findings.recorded,
            places: OnceCell::new(),
        }
    }

    pub(super) fn of(&self, number: u32) -> Option<Newest> {
        let at = usize::try_from(number).ok()?;
        self.newest.get(at).copied().flatten()
    }

    /// Whether what was read at that time is what is known of the resource.
    pub(super) fn is_newest(&self, number: u32, time: i64) -> bool {
        self.of(number)
            .is_some_and(|newest| newest.time == time && newest.presence == Presence::Present)
    }
}

fn newest(seen: &[(u32, i64, Presence)], resources: usize) -> Vec<Option<Newest>> {
    let mut newest: Vec<Option<Newest>> = vec![None; resources];
    for (number, time, presence) in seen {
        let Some(place) = usize::try_from(*number)
            .ok()
            .and_then(|at| newest.get_mut(at))
        else {
            continue;
        };
        // Of records of one moment the one that shows the resource counts.
        let better = place.is_none_or(|known| {
            *time > known.time || (*time == known.time && *presence < known.presence)
        });
        if better {
            *place = Some(Newest {
                time: *time,
                presence: *presence,
            });
        }
    }
    newest
}
