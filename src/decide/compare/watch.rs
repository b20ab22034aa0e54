//! What became of each approved resource and of each attribute of it, for whoever asks. A scan does
//! not, and keeps nothing of it.

use std::collections::BTreeMap;

use super::seen::Seen;
use crate::model::GapReason;

/// What became of one attribute of a resource that was seen. One of which nothing is kept is not
/// carried by the item.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Fate {
    Equal,
    Differs,
    /// Another approved resource owns the value, and is compared with it.
    OwnedApart,
    /// The table lets the row speak only under a condition, which does not hold here.
    Silent,
    /// Both sides were there, and whether they are the same cannot be told.
    NotComparable,
}

/// What is known of an approved resource as a whole.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Standing {
    Seen,
    /// It is not there, by a source that would show it.
    Missing,
    Unknown(GapReason),
    /// Outside of what the configuration looks at.
    Excluded,
}

/// What one reader kept: one entry for each time that an item told about a resource.
#[derive(Debug, Default)]
pub(super) struct Watch {
    entries: Vec<Entry>,
}

#[derive(Debug)]
struct Entry {
    resource: u32,
    time: i64,
    /// With the row's number in the table.
    fates: Vec<(u16, Fate)>,
}

impl Watch {
    pub(super) fn note(&mut self, resource: u32, time: i64, slot: usize, fate: Fate) {
        let Ok(slot) = u16::try_from(slot) else {
            return;
        };
        match self.entries.last_mut() {
            Some(entry) if entry.resource == resource && entry.time == time => {
                entry.fates.push((slot, fate));
            }
            _ => self.entries.push(Entry {
                resource,
                time,
                fates: vec![(slot, fate)],
            }),
        }
    }

    pub(super) fn fate(&self, resource: u32, slot: usize) -> Option<Fate> {
        let own = self.entries.iter().filter(|own| own.resource == resource);
        let fates = own.flat_map(|own| &own.fates);
        let of_row = fates.filter(|(at, _)| usize::from(*at) == slot);
        of_row.map(|(_, fate)| *fate).max()
    }

    pub(super) fn absorb(&mut self, other: Self) {
        self.entries.extend(other.entries);
    }
}

/// All that was kept, by the number of the approved resource: the newest items count.
#[derive(Debug, Default)]
pub struct Watched {
    standing: BTreeMap<u32, Standing>,
    fates: BTreeMap<u32, BTreeMap<u16, Fate>>,
    /// Of types without reviewed rows, by the attribute's name.
    named: BTreeMap<u32, BTreeMap<Box<str>, Fate>>,
}

impl Watched {
    pub(super) fn new(watch: Watch, seen: &Seen<'_>) -> Self {
        let mut watched = Self::default();
        for entry in watch.entries {
            if !seen.is_newest(entry.resource, entry.time) {
                continue;
            }
            let fates = watched.fates.entry(entry.resource).or_default();
            for (slot, fate) in entry.fates {
                // Where Regions repeat an item, the one that says least counts.
                let known = fates.entry(slot).or_insert(fate);
                *known = (*known).max(fate);
            }
        }
        watched.add_refreshed(seen);
        watched
    }

    /// What a refresh compared was compared, whatever the items carry.
    fn add_refreshed(&mut self, seen: &Seen<'_>) {
        for (number, slot, fate) in seen.refreshed.fates() {
            let Ok(slot) = u16::try_from(slot) else {
                continue;
            };
            let fates = self.fates.entry(number).or_default();
            match fate {
                Fate::Equal | Fate::Differs => drop(fates.insert(slot, fate)),
                Fate::OwnedApart | Fate::Silent | Fate::NotComparable => {
                    fates.entry(slot).or_insert(fate);
                }
            }
        }
        for (number, name, fate) in seen.refreshed.named() {
            let named = self.named.entry(number).or_default();
            named.insert(name.into(), fate);
        }
    }

    pub(super) fn stands(&mut self, resource: u32, standing: Standing) {
        self.standing.insert(resource, standing);
    }

    /// `None` for what nothing approves.
    pub fn standing(&self, resource: u32) -> Option<Standing> {
        self.standing.get(&resource).copied()
    }

    /// The same of a type without reviewed rows; `None` where nothing compared the attribute.
    pub fn fate_of(&self, resource: u32, name: &str) -> Option<Fate> {
        self.named.get(&resource)?.get(name).copied()
    }

    /// `None` where the newest item does not carry the row's value.
    pub fn fate(&self, resource: u32, slot: usize) -> Option<Fate> {
        let slot = u16::try_from(slot).ok()?;
        self.fates.get(&resource)?.get(&slot).copied()
    }
}
