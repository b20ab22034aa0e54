//! Steps of fixes.

use metrics::counter;
use tracing::{info, warn};

use crate::evidence::record::{FixEvent, FixRecord};

pub struct Fixing<'e> {
    pub record: &'e FixRecord,
}

impl Fixing<'_> {
    pub fn emit(&self) {
        let FixRecord {
            at: _,
            finding,
            deviation: _,
            event,
        } = self.record;
        let finding = finding.as_str();
        let step = match event {
            FixEvent::Decided { decision } => decision.word().as_str(),
            FixEvent::Approved { .. }
            | FixEvent::UndoWanted { .. }
            | FixEvent::UndoRefused { .. }
            | FixEvent::Intended { .. }
            | FixEvent::Resumed { .. }
            | FixEvent::Outcome { .. }
            | FixEvent::Overdue { .. } => event.as_str(),
        };
        counter!("driftwarden_fix_steps_total", "step" => step).increment(1);
        match event {
            FixEvent::Decided { decision } => {
                let line = decision.line();
                let guards: Vec<&str> = decision.reasons.iter().map(|r| r.guard.as_str()).collect();
                let guards = guards.join(",");
                info!(
                    event = "fix_decided",
                    finding,
                    step,
                    guards,
                    decision = line,
                    "whether a finding is fixed"
                );
            }
            FixEvent::Approved { by, .. } => {
                info!(
                    event = "fix_approved",
                    finding, by, "a person said yes to a fix"
                );
            }
            FixEvent::UndoWanted { id, by, .. } => info!(
                event = "fix_undo_wanted",
                finding,
                fix = id.as_str(),
                by,
                "a person wants a fix undone"
            ),
            FixEvent::UndoRefused { id, decision } => {
                let line = decision.line();
                warn!(
                    event = "fix_undo_refused",
                    finding,
                    fix = id.as_str(),
                    decision = line,
                    "guards keep an undo back"
                );
            }
            FixEvent::Intended { intent } => info!(
                event = "fix_begun",
                finding,
                fix = intent.id.as_str(),
                by = intent.remediator,
                "the intent of a fix is recorded"
            ),
            FixEvent::Resumed { id } => info!(
                event = "fix_resumed",
                finding,
                fix = id.as_str(),
                "a fix that was begun before is taken up"
            ),
            FixEvent::Outcome { id, outcome } => {
                let (fix, detail) = (id.as_str(), outcome.detail.as_str());
                match outcome.result.is_failure() {
                    true => warn!(
                        event = "fix_failed",
                        finding, fix, step, detail, "a fix did not come to its end"
                    ),
                    false => info!(
                        event = "fix_done",
                        finding, fix, step, detail, "a fix is done"
                    ),
                }
            }
            FixEvent::Overdue { id } => warn!(
                event = "fix_overdue",
                finding,
                fix = id.as_str(),
                "nobody carried out in time what was handed over"
            ),
        }
    }
}
