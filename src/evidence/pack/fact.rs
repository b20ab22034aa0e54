//! What an entry is, as far as choosing and listing entries needs to know.

use jiff::Timestamp;
use serde::Deserialize;

use crate::evidence::record::{BaselineRecord, FindingRecord, PlanRecord, ScanRecord};
use crate::evidence::statement::{self, StatementError};

/// Records of any other kind, ours or somebody else's, count by the time that they name, if any.
pub enum Fact {
    Scan(Box<ScanRecord>),
    Finding(Box<FindingRecord>),
    Plan(Box<PlanRecord>),
    Baseline(BaselineRecord),
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
}
