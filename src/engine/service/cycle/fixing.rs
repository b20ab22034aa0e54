//! Fixing after a look, and what the log tells of it.

use std::sync::Arc;
use std::sync::mpsc::channel;
use std::thread;
use std::time::Duration;

use super::super::events;
use super::super::halt::Halt;
use super::Cycle;
use crate::engine::fixing::{FixDesk, Seen, fix};
use crate::engine::inputs::Failure;
use crate::engine::progress::Progress as _;
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
        let evidence = &mut *self.evidence;
        let pass = beating(&self.halt, || fix(&desk, evidence, seen, &clock))?;
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

/// Says that the work goes on. A fix waits for a level of its intent and for a provider, each of which has a
/// limit of its own, and neither tells how far it is.
pub(in crate::engine::service) fn beating<T>(halt: &Halt, work: impl FnOnce() -> T) -> T {
    const BEAT: Duration = Duration::from_secs(1);
    thread::scope(|scope| {
        let (done, wait) = channel::<()>();
        scope.spawn(move || {
            while wait.recv_timeout(BEAT) == Err(std::sync::mpsc::RecvTimeoutError::Timeout) {
                halt.advance();
            }
        });
        let came = work();
        drop(done);
        came
    })
}
