//! Fixing after a look, and what the log tells of it.

use std::sync::Arc;

use super::super::events;
use super::Cycle;
use crate::engine::fixing::{FixDesk, Seen, fix};
use crate::engine::inputs::Failure;
use crate::model::Assessment;

impl Cycle {
    /// Goes through what a look saw; one of few resources leaves alone what was begun before.
    ///
    /// # Errors
    /// The log cannot be written: nothing more is carried out.
    pub(in crate::engine::service) fn fix(
        &mut self,
        assessment: &Assessment,
        is_whole: bool,
    ) -> Result<(), Failure> {
        let desk = Arc::<FixDesk>::clone(&self.in_force.loaded.fixing);
        let clock = self.clock;
        let now = self.now();
        let seen = Seen {
            assessment,
            sizes: &self.sizes,
            is_whole,
        };
        let pass = fix(&desk, &mut *self.evidence, seen, &clock)?;
        if let Some(appended) = pass.appended {
            self.unshown_since.get_or_insert(now);
            self.origin = Some(appended.origin);
        }
        for record in &pass.records {
            events::Fixing { record }.emit();
        }
        Ok(())
    }
}
