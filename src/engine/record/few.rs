//! What a look at few resources adds to the log: findings that opened, changed or closed, and no
//! manifest, because it does not speak for the estate.

use std::collections::BTreeSet;

use super::{ScanToRecord, unwritable};
use crate::engine::inputs::Failure;
use crate::evidence::ledger::{EventContext, plan_few_events};
use crate::evidence::lifecycle::Steps;
use crate::evidence::record::{Encoded, FindingRecord};
use crate::model::FindingKey;
use crate::ports::EvidenceSink;

impl ScanToRecord<'_> {
    /// Gives the records that are new, with their blobs put. `among`: the open findings that the look
    /// may tell of.
    pub fn few(
        self,
        evidence: &mut dyn EvidenceSink,
        among: &BTreeSet<FindingKey>,
        was_told: &dyn Fn(&FindingRecord) -> bool,
    ) -> Result<(Vec<Encoded>, Steps), Failure> {
        let people = self.people();
        let changes = self.changes(&people, evidence)?;
        let sources = self.sources(&[], changes, evidence.ledger());
        let context = EventContext {
            now: self.finished_at,
            people: &people,
            sources: &sources,
        };
        let was_observed = |record: &FindingRecord| was_told(record) && self.was_observed(record);
        let ledger = evidence.ledger();
        let events = plan_few_events(ledger, among, self.assessment, context, &was_observed);
        let steps = self.steps(events, &people, ledger);
        let findings = steps.findings.iter().map(FindingRecord::encode);
        let states = steps.states.iter().map(|state| state.encode());
        let records: Result<Vec<Encoded>, _> = findings.chain(states).collect();
        let records = records.map_err(unwritable)?;
        for blob in records.iter().flat_map(|record| &record.blobs) {
            evidence.put_blob(blob)?;
        }
        Ok((records, steps))
    }
}
