//! What the newest items say of the approved resources.

use std::cell::OnceCell;
use std::collections::{BTreeMap, BTreeSet};

use super::by_name::Shown;
use super::claims::Twice;
use super::not_read::NotReadParts;
use super::recorder::Recorders;
use super::refreshed::Told;
use super::{Findings, Presence, ShownIn};
use crate::model::GapReason;
use crate::normalise::catalogue::ConfigIx;

/// What the newest item says of an approved resource.
#[derive(Clone, Copy)]
pub(super) struct Newest {
    pub(super) time: i64,
    pub(super) presence: Presence,
}

/// By number of the resource.
enum Newests {
    /// Of a scan, which sees nearly all.
    All(Vec<Option<Newest>>),
    /// Of a look at few.
    Few(BTreeMap<u32, Newest>),
}

pub(super) struct Seen<'a> {
    newest: Newests,
    pub(super) accounts: BTreeSet<&'a str>,
    pub(super) regions: &'a BTreeSet<(Box<str>, Box<str>)>,
    pub(super) recorders: &'a Recorders,
    pub(super) by_name: &'a Shown,
    pub(super) recorded: &'a BTreeSet<(Box<str>, ConfigIx)>,
    /// Resources that their own workspace approves twice.
    pub(super) twice: &'a Twice,
    unread: &'a BTreeMap<(ConfigIx, Box<str>), GapReason>,
    pub(super) not_read: &'a NotReadParts,
    pub(super) refreshed: &'a Told,
    /// By number of the resource, as the newest item has it.
    shown_in: BTreeMap<u32, &'a ShownIn>,
    /// Made when it is first asked for, as the next one.
    pub(super) places: OnceCell<Places>,
    pub(super) accounts_of: OnceCell<Accounts>,
}

/// Accounts and Regions, by number of the workspace.
pub(super) type Places = BTreeMap<u32, BTreeSet<(String, String)>>;

/// The one account of a workspace, by its number; `None` if it has several.
pub(super) type Accounts = BTreeMap<u32, Option<Box<str>>>;

impl<'a> Seen<'a> {
    /// `resources`: how many are approved, where all of them were looked for.
    pub(super) fn new(findings: &'a Findings, resources: Option<usize>, twice: &'a Twice) -> Self {
        let accounts = findings.covered.iter().map(|(account, _)| &**account);
        let newest = Newests::of(&findings.seen, resources);
        let mut shown_in: BTreeMap<u32, &ShownIn> = BTreeMap::new();
        for shown in &findings.shown_in {
            let newest = newest.get(shown.resource);
            if newest.is_some_and(|newest| newest.time == shown.time) {
                let known = shown_in.entry(shown.resource).or_insert(shown);
                *known = shown.min(*known);
            }
        }
        Self {
            newest,
            shown_in,
            accounts_of: OnceCell::new(),
            accounts: accounts.collect(),
            regions: &findings.covered,
            recorders: &findings.recorders,
            by_name: &findings.by_name,
            recorded: &findings.recorded,
            twice,
            unread: &findings.unread,
            not_read: &findings.not_read,
            refreshed: &findings.refreshed,
            places: OnceCell::new(),
        }
    }

    pub(super) fn of(&self, number: u32) -> Option<Newest> {
        self.newest.get(number)
    }

    /// Where the newest item shows the resource, or its absence.
    pub(super) fn item_of(&self, number: u32) -> Option<&'a ShownIn> {
        self.shown_in.get(&number).copied()
    }

    /// Why an item of that type and name tells nothing, if there is one.
    pub(super) fn unread(&self, config: ConfigIx, name: &str) -> Option<GapReason> {
        self.unread.get(&(config, name.into())).copied()
    }

    /// Whether the recorders of the Region are known, and none of them records the type.
    pub(super) fn is_skipped(&self, account: &str, region: &str, config_type: &str) -> bool {
        let mut own = self.recorders.iter().filter(|((its, there, _), _)| {
            (account.is_empty() || &**its == account) && &**there == region
        });
        let mut any = false;
        let records = own.any(|(_, recorder)| {
            any = true;
            recorder.records.holds(config_type)
        });
        any && !records
    }

    /// Whether a recorder of the Region says that it records the type.
    pub(super) fn records(&self, account: &str, region: &str, config_type: &str) -> bool {
        let mut recorders = self.recorders.iter();
        recorders.any(|((its, there, _), recorder)| {
            &**its == account && &**there == region && recorder.records.holds(config_type)
        })
    }

    /// Whether what was read at that time is what is known of the resource.
    pub(super) fn is_newest(&self, number: u32, time: i64) -> bool {
        self.of(number)
            .is_some_and(|newest| newest.time == time && newest.presence == Presence::Present)
    }
}

impl Newests {
    fn of(seen: &[(u32, i64, Presence)], resources: Option<usize>) -> Self {
        let mut newest = match resources {
            Some(resources) => Self::All(vec![None; resources]),
            None => Self::Few(BTreeMap::new()),
        };
        for (number, time, presence) in seen {
            // Of records of one moment the one that shows the resource counts.
            let known = newest.get(*number);
            let better = known.is_none_or(|known| {
                *time > known.time || (*time == known.time && *presence < known.presence)
            });
            if better {
                newest.set(
                    *number,
                    Newest {
                        time: *time,
                        presence: *presence,
                    },
                );
            }
        }
        newest
    }

    fn get(&self, number: u32) -> Option<Newest> {
        match self {
            Self::All(all) => all.get(usize::try_from(number).ok()?).copied().flatten(),
            Self::Few(few) => few.get(&number).copied(),
        }
    }

    fn set(&mut self, number: u32, newest: Newest) {
        match self {
            Self::All(all) => {
                let at = usize::try_from(number).ok();
                if let Some(place) = at.and_then(|at| all.get_mut(at)) {
                    *place = Some(newest);
                }
            }
            Self::Few(few) => drop(few.insert(number, newest)),
        }
    }
}
