//! Who carries out a fix, and what tells it to.

use jiff::Timestamp;
use thiserror::Error;

use super::Appended;
use super::receipt::{NotReached, Reached};
use crate::decide::guards::Permit;
use crate::model::{FixChange, FixDocument, FixResult, FixRun, FixSubject, StopFile};

/// Carries out fixes.
///
/// Retry: [`Remediator::carry_out`] may be called again with the permit of the same intent after a crash at
/// any point, and must then come to the same end. Durability: after `Ok`, what it tells of is there to stay.
/// Secrets: neither the outcome nor the error holds one.
pub trait Remediator: Send + Sync {
    /// As decisions and records name it.
    fn name(&self) -> &str;

    /// Whether fixes of such a finding are for it.
    fn takes(&self, subject: &FixSubject) -> bool;

    /// Whether it can bring back the values before one of its own fixes, of which this was the subject.
    fn undoes(&self, _subject: &FixSubject) -> bool {
        false
    }

    /// Carries out what is permitted. Without a permit and the proof that its intent is recorded where it
    /// has to be, this cannot be called; both are used up.
    ///
    /// # Errors
    /// It could not, and changed nothing.
    fn carry_out(&self, permit: Permit, receipt: Reached) -> Result<CarriedOut, NotCarriedOut>;
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CarriedOut {
    pub result: FixResult,
    pub detail: String,
    pub document: Option<FixDocument>,
    pub change: Option<Box<FixChange>>,
    pub run: Option<Box<FixRun>>,
}

impl CarriedOut {
    /// Nothing was changed, or nobody can tell what.
    pub fn without_change(result: FixResult, detail: String) -> Self {
        Self {
            result,
            detail,
            document: None,
            change: None,
            run: None,
        }
    }
}

/// What became of a permit at somebody who may find that it is not for him.
pub enum FixTried {
    Done(CarriedOut),
    /// Nothing was changed: somebody else may go on.
    Left(Box<FixLeft>),
}

/// What a fix needs to go on, and why it was left.
pub struct FixLeft {
    pub permit: Permit,
    pub receipt: Reached,
    pub why: String,
}

#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[error("{what}")]
pub struct NotCarriedOut {
    pub what: String,
}

/// Looks for the file that stops every fix.
pub trait StopSign: Send + Sync {
    fn look(&self) -> StopFile;
}

/// Waits until what was appended is as safe as the record of a fix has to be.
pub trait Receipts: Send + Sync {
    /// # Errors
    /// It is not, in time or ever.
    fn wait(
        &self,
        appended: &Appended,
        clock: &dyn Fn() -> Timestamp,
    ) -> Result<Reached, NotReached>;
}
