//! What commands leave for the running engine.

use super::super::events;
use super::Cycle;
use super::recording::unwritable;
use crate::engine::inputs::{Failure, SmallInputs};
use crate::engine::requests::{self, Granted};
use crate::model::IdentityMap;

impl Cycle {
    /// Takes up what commands left.
    ///
    /// # Errors
    /// The log cannot be written.
    pub fn take_requests(&mut self) -> Result<(), Failure> {
        self.go_on()?;
        let waiting = match self.inbox.waiting() {
            Ok(waiting) => waiting,
            Err(error) => {
                events::InboxUnreadable { error: &error }.emit();
                return Ok(());
            }
        };
        for (name, bytes) in waiting {
            let now = self.now();
            let people = self.people();
            let key = self.in_force.loaded.settings.people_key;
            let ledger = self.evidence.ledger();
            let inbox = &*self.inbox;
            let document = || inbox.document(&name).ok();
            match requests::granted(&bytes, ledger, people.as_ref(), &key, now, &document) {
                Ok(Some(Granted::Acknowledged(record))) => {
                    let encoded = record.encode().map_err(unwritable)?;
                    self.append(vec![encoded])?;
                    events::Acknowledged { record: &record }.emit();
                }
                Ok(Some(Granted::Silence(record))) => {
                    let encoded = record.encode().map_err(unwritable)?;
                    self.append(vec![encoded])?;
                    events::Silenced { record: &record }.emit();
                }
                Ok(Some(Granted::Fix(record))) => {
                    let encoded = record.encode().map_err(unwritable)?;
                    self.append(vec![encoded])?;
                    events::Fixing { record: &record }.emit();
                }
                Ok(Some(Granted::Settled(record, document))) => {
                    self.evidence.put_blob(&document)?;
                    let encoded = record.encode().map_err(unwritable)?;
                    self.append(vec![encoded])?;
                    events::Settled { record: &record }.emit();
                }
                Ok(None) => {}
                Err(why) => events::RequestRefused {
                    name: &name,
                    why: &why,
                }
                .emit(),
            }
            // Whoever asked reads the log once the request is gone.
            self.publish()?;
            if let Err(error) = self.inbox.done(&name) {
                events::InboxUnreadable { error: &error }.emit();
            }
        }
        self.publish()
    }

    fn people(&self) -> Option<IdentityMap> {
        let (inputs, _) = SmallInputs::written(&self.in_force.estate);
        inputs.people
    }
}
