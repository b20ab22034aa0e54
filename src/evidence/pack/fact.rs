//! What an entry is, as far as choosing and listing entries needs to know.

use jiff::Timestamp;
use serde::Deserialize;

use crate::evidence::record::{
    BaselineRecord, Carried, CarriedFinding, FindingRecord, PlanRecord, ScanRecord, SettledRecord,
};
use crate::evidence::statement::{self, StatementError};

/// Records of any other kind, ours or somebody else's, count by the time that they name, if any.
pub enum Fact {
    Scan(Box<ScanRecord>),
    Finding(Box<FindingRecord>),
    /// A finding that was open in the log that this one goes on from.
    CarriedFinding(Box<CarriedFinding>),
    Plan(Box<PlanRecord>),
    Baseline(BaselineRecord),
    Settled(Box<SettledRecord>),
    Other {
        predicate_type: String,
        at: Option<Timestamp>,
    },
}

#[derive(Deserialize)]
struct Dated {
    at: Option<serde_json::Value>,
}

impl Fact {
    /// # Errors
    /// It is no Statement, or one of the kinds that are known here in a form that is not.
    pub fn read(index: u64, entry: &[u8]) -> Result<Self, StatementError> {
        let head = statement::read_head(entry, index)?;
        Ok(match head.predicate_type.as_str() {
            statement::SCAN => Self::Scan(statement::read_predicate(entry)?),
            statement::FINDING => Self::Finding(statement::read_predicate(entry)?),
            statement::PLAN => Self::Plan(statement::read_predicate(entry)?),
            statement::BASELINE => Self::Baseline(statement::read_predicate(entry)?),
            statement::SETTLED => Self::Settled(statement::read_predicate(entry)?),
            statement::CARRIED => Self::carried(head.predicate_type, entry)?,
            _ => {
                let dated: Dated = statement::read_predicate(entry)?;
                let at = dated.at.as_ref().and_then(serde_json::Value::as_str);
                Self::Other {
                    at: at.and_then(|at| at.parse().ok()),
                    predicate_type: head.predicate_type,
                }
            }
        })
    }

    fn carried(predicate_type: String, entry: &[u8]) -> Result<Self, StatementError> {
        let other = |at| Self::Other { predicate_type, at };
        Ok(match statement::read_predicate(entry)? {
            Carried::Finding(finding) => Self::CarriedFinding(finding),
            Carried::Plan(plan) => Self::Plan(plan),
            Carried::Applied(baseline) => Self::Baseline(baseline),
            Carried::Settled(settled) => Self::Settled(settled),
            Carried::Scans { .. }
            | Carried::Openings { .. }
            | Carried::Members { .. }
            | Carried::ToldOnce { .. } => other(None),
            Carried::Alert(alert) => other(Some(alert.alert.at)),
            Carried::Digest { at, .. } => other(Some(at)),
            Carried::Silence(silence) => other(Some(silence.since)),
            Carried::Fix(fix) => other(Some(fix.begun)),
            Carried::FixDecided { at, .. } => other(Some(at)),
            Carried::FixApproved { approval, .. } => other(Some(approval.at)),
            Carried::Watch(watch) => other(Some(watch.at)),
            Carried::Hold(hold) => other(Some(hold.at)),
            Carried::Destruction(destruction) => other(Some(destruction.at)),
            Carried::Revocation(revocation) => other(Some(revocation.at)),
        })
    }
}
