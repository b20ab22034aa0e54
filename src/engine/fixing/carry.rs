//! One permitted fix: its intent is made to last, then it is carried out, then its outcome is recorded.

use super::Work;
use crate::decide::guards::Permit;
use crate::engine::inputs::Failure;
use crate::evidence::record::{FixEvent, FixRecord};
use crate::model::{Fix, FixOutcome, FixResult, StopFile};
use crate::ports::{Appended, CarriedOut};

impl Work<'_> {
    /// Carries out a fix whose intent waits to be appended. `otherwise` is what to call it where something
    /// comes in between.
    pub(super) fn carry(&mut self, permit: Permit, otherwise: FixResult) -> Result<(), Failure> {
        let fix = permit.intent().clone();
        self.flush()?;
        let Some(appended) = self.pass.appended.clone() else {
            return Err(Failure::Internal(
                "a fix was permitted and its intent is not in the log".to_owned(),
            ));
        };
        let carried = self.carried(permit, &appended, otherwise);
        self.outcome(&fix, carried);
        self.flush()
    }

    fn carried(&mut self, permit: Permit, appended: &Appended, otherwise: FixResult) -> CarriedOut {
        let receipt = match self.desk.receipts.wait(appended, self.clock) {
            Ok(receipt) => receipt,
            Err(error) => return CarriedOut::without_change(otherwise, error.to_string()),
        };
        // Waiting takes time, in which somebody may have wanted everything to stop.
        match self.desk.stop.look() {
            StopFile::Absent => {}
            StopFile::Present(_) | StopFile::Unknown(_) => {
                let why = "the stop file came while its receipt was waited for".to_owned();
                return CarriedOut::without_change(otherwise, why);
            }
        }
        // Whoever began it completes it: somebody else may go by other things.
        let mut remediators = self.desk.remediators.iter();
        let name = &permit.intent().remediator;
        let Some(remediator) = remediators.find(|own| own.name() == name) else {
            return CarriedOut::without_change(
                otherwise,
                format!("`{name}`, who began it, is not configured"),
            );
        };
        match remediator.carry_out(permit, receipt) {
            Ok(carried) => instead(carried, otherwise),
            Err(error) => CarriedOut::without_change(FixResult::Failed, error.what),
        }
    }

    pub(super) fn interrupted(&mut self, fix: &Fix, why: &str) {
        let detail = format!("the process that began it ended before its outcome, and {why}");
        self.outcome(
            fix,
            CarriedOut::without_change(FixResult::Interrupted, detail),
        );
    }

    fn outcome(&mut self, fix: &Fix, carried: CarriedOut) {
        let CarriedOut {
            result,
            detail,
            document,
            change,
            run,
        } = carried;
        let at = self.now();
        let outcome = FixOutcome {
            at,
            result,
            detail,
            document,
            change,
            run,
        };
        self.waiting.push(FixRecord {
            at,
            finding: fix.finding.clone(),
            deviation: fix.deviation.clone(),
            event: FixEvent::Outcome {
                id: fix.id.clone(),
                outcome,
            },
        });
    }
}

/// That this try changed nothing does not say that the one before changed nothing either.
fn instead(carried: CarriedOut, otherwise: FixResult) -> CarriedOut {
    let is_nothing = match carried.result {
        FixResult::NotCarriedOut | FixResult::Unfit => true,
        FixResult::HandedOver
        | FixResult::Fixed
        | FixResult::AsApproved
        | FixResult::Started
        | FixResult::Restored
        | FixResult::Failed
        | FixResult::HalfDone
        | FixResult::Interrupted => false,
    };
    match is_nothing && otherwise == FixResult::Interrupted {
        true => CarriedOut {
            result: otherwise,
            detail: format!(
                "the process that began it ended before its outcome, and now: {}",
                carried.detail
            ),
            ..carried
        },
        false => carried,
    }
}
