//! What the log says of itself: where it came from, its keys, what is held and what was destroyed.

use std::collections::BTreeMap;

use super::record::{
    Carried, CustodyRecord, Destruction, HoldSet, KeyRevocation, KeyRotation, LogContinued,
};

#[derive(Clone, Debug, Default, PartialEq)]
pub struct Custody {
    /// The log that this one goes on from.
    pub continued: Option<LogContinued>,
    /// Every rotation with the index of its entry.
    pub rotations: Vec<(u64, KeyRotation)>,
    pub revocations: Vec<KeyRevocation>,
    /// The holds that are not cleared, by their ids.
    pub holds: BTreeMap<String, HoldSet>,
    pub destructions: Vec<Destruction>,
}

impl Custody {
    /// Takes in the record at `index`. Records come in order.
    pub fn apply(&mut self, index: u64, record: CustodyRecord) {
        match record {
            // A later entry of that kind would be somebody's attempt to move the log's beginning.
            CustodyRecord::LogContinued(record) if index == 0 => self.continued = Some(record),
            CustodyRecord::LogContinued(_) | CustodyRecord::PersonErased(_) => {}
            CustodyRecord::KeyRotation(record) => self.rotations.push((index, record)),
            CustodyRecord::KeyRevocation(record) => self.revocations.push(record),
            CustodyRecord::HoldSet(record) => self.hold(record),
            CustodyRecord::HoldClear(record) => {
                self.holds.remove(&record.hold);
            }
            CustodyRecord::Destruction(record) => self.destructions.push(record),
        }
    }

    /// Takes in what the log took over, where that is about the log itself.
    pub fn carry(&mut self, carried: Carried) {
        match carried {
            Carried::Hold(record) => self.hold(record),
            Carried::Destruction(record) => self.destructions.push(record),
            Carried::Revocation(record) => self.revocations.push(record),
            Carried::Scans { .. }
            | Carried::Finding(_)
            | Carried::Plan(_)
            | Carried::Applied(_)
            | Carried::Openings { .. }
            | Carried::Watch(_)
            | Carried::Alert(_)
            | Carried::Members { .. }
            | Carried::ToldOnce { .. }
            | Carried::Digest { .. }
            | Carried::Silence(_)
            | Carried::Fix(_)
            | Carried::FixDecided { .. }
            | Carried::FixApproved { .. }
            | Carried::Settled(_) => {}
        }
    }

    fn hold(&mut self, record: HoldSet) {
        self.holds.insert(record.hold.clone(), record);
    }

    /// What vouches for a log whose entries are gone.
    pub fn destruction_of(&self, origin: &str) -> Option<&Destruction> {
        self.destructions
            .iter()
            .find(|record| record.log.origin == origin)
    }
}
