//! Asking sources beside the engine's other work, for a scan that comes after.

use std::sync::Arc;

use super::super::events;
use super::super::gathering::{Errand, Gathered, Way};
use super::super::held::HeldEstate;
use super::Cycle;
use crate::ports::InputError;

impl Cycle {
    /// What a scan that is due is to do about the sources that are asked.
    pub fn way_of_scan(&mut self) -> Way {
        let now = self.now();
        let estate = self.in_force.estate.fresh();
        let threads = self.in_force.loaded.settings.threads;
        let way = self.gathering.way(estate, threads, &self.halt, now);
        if let (Way::Gather(_), Some(hearing)) = (&way, &mut self.hearing) {
            hearing.begin_scan();
        }
        way
    }

    pub fn is_gathering(&self) -> bool {
        self.gathering.is_under_way()
    }

    /// Takes what was gathered; whether the scan that waits for it may come.
    pub fn take_gathered(
        &mut self,
        errand: &Arc<Errand>,
        done: Result<Gathered, InputError>,
    ) -> bool {
        if let Ok(gathered) = &done {
            events::Gathered {
                began: gathered.began,
                parts: gathered.parts().len(),
                bytes: gathered.bytes(),
            }
            .emit(self.now());
        }
        self.gathering.come(errand, done)
    }

    /// What was gathered is older than what is in force: something new that was approved would be missing.
    pub(super) fn gather_anew(&mut self) {
        if self.gathering.give_up() {
            let why = "something else came into force";
            events::GatheredInVain { why }.emit();
        }
    }

    /// The estate, with what was gathered for this scan.
    pub(super) fn estate_to_scan(&mut self) -> HeldEstate {
        let mut gathered = self.gathering.take();
        if let Some(hearing) = &mut self.hearing {
            // What was heard since is newer than what was gathered, as far as it is remembered.
            if gathered.is_some() && !hearing.remembers_all() {
                gathered = None;
                let why = "more items came meanwhile than are remembered";
                events::GatheredInVain { why }.emit();
            }
            if gathered.is_none() {
                hearing.begin_scan();
            }
        }
        match gathered {
            Some(gathered) => self.in_force.estate.having(gathered),
            None => self.in_force.estate.clone(),
        }
    }
}
