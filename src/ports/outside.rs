//! Everybody outside this machine together, as those need them who wait for a level of durability.

use jiff::{SignedDuration, Timestamp};
use thiserror::Error;

use crate::model::OutsideStanding;

/// The mirror, the witnesses and the time stamping authorities of one log.
pub trait Outside {
    /// Asks how far everybody is, before anything is appended. Who does not answer has a problem in the
    /// standing, which is no error.
    ///
    /// # Errors
    /// Somebody knows of a log that went another way, or further: nothing may be appended.
    fn look(&mut self, now: Timestamp) -> Result<OutsideStanding, Alarm>;

    /// Brings everybody up to the log as it is published, once. May be repeated after any crash.
    ///
    /// # Errors
    /// As [`Outside::look`]; or the log here is not whole, so that nothing of it is passed on.
    fn advance(&mut self, now: Timestamp) -> Result<OutsideStanding, Alarm>;

    /// Whether, as far as is known here, everybody who ever had any of the log has all of it.
    fn is_settled(&self) -> bool {
        false
    }

    /// Waits before the next try.
    fn pause(&mut self, time: SignedDuration);
}

/// What must stop everything that writes.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[error("{what}")]
pub struct Alarm {
    pub what: String,
    pub help: String,
    /// Whether somebody outside knows more of the log than is here, or another log: then nothing may be
    /// appended. Otherwise the log here cannot be passed on.
    pub forbids: bool,
}

/// Everybody outside, for all logs of an installation.
pub trait EverybodyOutside {
    /// Brings everybody up to each log, once. May be repeated after any crash.
    ///
    /// # Errors
    /// As [`Outside::advance`], of the log that is written.
    fn bring_up(&mut self, now: Timestamp) -> Result<BroughtUp, Alarm>;
}

/// How far everybody is after a try.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct BroughtUp {
    /// With the log that is written.
    pub newest: OutsideStanding,
    /// With each earlier log that somebody lacks something of.
    pub earlier: Vec<OutsideStanding>,
    /// Why not everything can be said of earlier logs.
    pub trouble: Option<String>,
}
