//! What the detector says about itself: recorded when it begins to be wrong and when it is right
//! again, and not in between.

use jiff::Timestamp;

use super::ledger::Ledger;
use super::record::{WatchEvent, WatchRecord};
use crate::model::WatchKind;

/// One thing that is watched, as it is now.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Condition {
    pub kind: WatchKind,
    pub subject: String,
    /// What is wrong; `None` where nothing is.
    pub wrong: Option<String>,
}

/// The records that conditions make of what the log says is wrong. What is no longer watched is
/// resolved, too: nothing says any more that it is wrong.
pub fn plan_watches(ledger: &Ledger, conditions: &[Condition], now: Timestamp) -> Vec<WatchRecord> {
    let mut records = Vec::new();
    for condition in conditions {
        let known = ledger.watch(condition.kind, &condition.subject);
        let (event, detail) = match (&condition.wrong, known) {
            (Some(detail), None) => (WatchEvent::Opened, detail.clone()),
            (None, Some(_)) => (WatchEvent::Resolved, "it is as it should be".to_owned()),
            (Some(_), Some(_)) | (None, None) => continue,
        };
        records.push(WatchRecord {
            event,
            at: now,
            watch: condition.kind,
            subject: condition.subject.clone(),
            detail,
        });
    }
    for known in ledger.watches() {
        let is_watched = conditions
            .iter()
            .any(|one| one.kind == known.watch && one.subject == known.subject);
        if !is_watched {
            records.push(WatchRecord {
                event: WatchEvent::Resolved,
                at: now,
                watch: known.watch,
                subject: known.subject.clone(),
                detail: "it is no longer watched".to_owned(),
            });
        }
    }
    records
}
