//! One permitted fix: its intent is made to last, then it is carried out, then its outcome is recorded.

use super::Work;
use crate::decide::guards::Permit;
use crate::engine::inputs::Failure;
use crate::evidence::record::{FixEvent, FixRecord};
use crate::model::{Fix, FixDocument, FixOutcome, FixResult, StopFile};
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
        let (result, detail, document) = self.carried(permit, &appended, otherwise);
        self.outcome(&fix, result, detail, document);
        self.flush()
    }

    fn carried(
        &mut self,
        permit: Permit,
        appended: &Appended,
        otherwise: FixResult,
    ) -> (FixResult, String, Option<FixDocument>) {
        let receipt = match self.desk.receipts.wait(appended, self.clock) {
            Ok(receipt) => receipt,
            Err(error) => return (otherwise, error.to_string(), None),
        };
        // Waiting takes time, in which somebody may have wanted everything to stop.
        match self.desk.stop.look() {
            StopFile::Absent => {}
            StopFile::Present(_) | StopFile::Unknown(_) => {
                let why = "the stop file came while its receipt was waited for".to_owned();
                return (otherwise, why, None);
            }
        }
        let Some(remediator) = &self.desk.remediator else {
            return (otherwise, "nobody carries it out".to_owned(), None);
        };
        match remediator.carry_out(permit, receipt) {
            Ok(CarriedOut {
                result,
                detail,
                document,
            }) => (result, detail, document),
            Err(error) => (FixResult::Failed, error.what, None),
        }
    }

    pub(super) fn interrupted(&mut self, fix: &Fix, why: &str) {
        let detail = format!("the process that began it ended before its outcome, and {why}");
        self.outcome(fix, FixResult::Interrupted, detail, None);
    }

    fn outcome(
        &mut self,
        fix: &Fix,
        result: FixResult,
        detail: String,
        document: Option<FixDocument>,
    ) {
        let at = self.now();
        let outcome = FixOutcome {
            at,
            result,
            detail,
            document,
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
