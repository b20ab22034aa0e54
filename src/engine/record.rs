//! Writes a scan into the evidence log: the manifest, what was seen applied, and every finding that
//! was opened, changed or closed.

use std::collections::BTreeMap;

use jiff::Timestamp;

use super::inputs::{Failure, SmallInputs};
use super::scan::Settings;
use crate::decide::approvals::RankedPlan;
use crate::decide::baseline::AppliedBefore;
use crate::evidence::ledger::{EventContext, plan_baselines, plan_events};
use crate::evidence::people::Pseudonymiser;
use crate::evidence::record::{
    Document, Encoded, FindingRecord, InputFile, Program, ScanFacts, ScanRecord, ScopeRecord,
    SeenApplied, SeenBy, Sources, change_blob,
};
use crate::model::{
    AccountId, Assessment, IdentityMap, Region, ScanTotals, Sha256Digest, TypeName, WorkspaceName,
};
use crate::ports::{Appended, EvidenceError, EvidenceSink};

pub struct ScanToRecord<'a> {
    pub started_at: Timestamp,
    pub finished_at: Timestamp,
    pub assessment: &'a Assessment,
    pub totals: ScanTotals,
    pub files: Vec<InputFile>,
    pub inputs: &'a SmallInputs,
    pub ranked: &'a BTreeMap<WorkspaceName, Vec<RankedPlan>>,
    pub by_state: &'a AppliedBefore,
    pub by_observation: &'a AppliedBefore,
    pub rule_set: Sha256Digest,
    pub settings: &'a Settings,
}

impl ScanToRecord<'_> {
    pub fn append(self, evidence: &mut dyn EvidenceSink) -> Result<Appended, Failure> {
        let people = self.people();
        let sources = self.sources(&people, evidence)?;
        let mut records = vec![self.manifest(&people, evidence)?];
        for seen in [
            (self.by_state, SeenBy::State),
            (self.by_observation, SeenBy::Observation),
        ] {
            let seen = self.seen(seen.0, seen.1, &sources);
            for record in plan_baselines(evidence.ledger(), &seen, self.finished_at) {
                records.push(record.encode().map_err(unwritable)?);
            }
        }
        let context = EventContext {
            now: self.finished_at,
            people: &people,
            sources: &sources,
        };
        let in_scope = |record: &FindingRecord| self.was_in_scope(record);
        for event in plan_events(evidence.ledger(), self.assessment, context, &in_scope) {
            records.push(event.encode().map_err(unwritable)?);
        }
        let mut entries = Vec::with_capacity(records.len());
        for record in records {
            for blob in &record.blobs {
                evidence.put_blob(blob)?;
            }
            entries.push(record.entry);
        }
        Ok(evidence.append(entries, self.finished_at)?)
    }

    /// Everybody whom the inputs name, so that no name reaches the log.
    fn people(&self) -> Pseudonymiser {
        let nobody = IdentityMap::default();
        let map = self.inputs.people.as_ref().unwrap_or(&nobody);
        let mut people = Pseudonymiser::new(&self.settings.redaction_key, map);
        self.inputs
            .changes
            .iter()
            .for_each(|change| people.learn_change(change));
        let attributions = self
            .assessment
            .deviations
            .iter()
            .filter_map(|d| d.attribution.as_ref());
        attributions.for_each(|attribution| people.learn_attribution(attribution));
        people
    }

    /// The change records and plans that records refer to, as blobs.
    fn sources(
        &self,
        people: &Pseudonymiser,
        evidence: &mut dyn EvidenceSink,
    ) -> Result<Sources, Failure> {
        let mut sources = Sources::default();
        let named: Vec<_> = self
            .assessment
            .deviations
            .iter()
            .filter_map(|judged| judged.judgement.change.as_ref())
            .collect();
        for change in self
            .inputs
            .changes
            .iter()
            .filter(|change| named.contains(&&change.number))
        {
            let bytes = change_blob(change, people)
                .map_err(|error| Failure::Internal(error.to_string()))?;
            let blob = Some(evidence.put_blob(&bytes)?);
            let document = Document {
                name: change.origin.clone(),
                sha256: change.digest,
                blob,
            };
            sources.changes.insert(change.number.clone(), document);
        }
        for baseline in &self.assessment.baselines {
            let plans = self.ranked.get(&baseline.workspace);
            let plan = plans.and_then(|plans| {
                let own =
                    |plan: &&RankedPlan| Some(plan.standing.plan.digest) == baseline.plan_sha256;
                plans.iter().find(own)
            });
            if let Some(plan) = plan {
                let meta = &plan.standing.plan;
                let document = Document {
                    name: meta.file.clone(),
                    sha256: meta.digest,
                    blob: None,
                };
                sources.plans.insert(baseline.workspace.clone(), document);
            }
        }
        Ok(sources)
    }

    fn manifest(
        &self,
        people: &Pseudonymiser,
        evidence: &dyn EvidenceSink,
    ) -> Result<Encoded, Failure> {
        let scope = &self.settings.scope;
        let facts = ScanFacts {
            started_at: self.started_at,
            finished_at: self.finished_at,
            previous: evidence.previous(),
            program: Program {
                name: "driftwarden".to_owned(),
                version: self.settings.program_version.to_owned(),
            },
            scope: ScopeRecord {
                accounts: scope
                    .accounts
                    .iter()
                    .map(|a| AccountId::from(a.as_str()))
                    .collect(),
                regions: scope
                    .regions
                    .iter()
                    .map(|r| Region::from(r.as_str()))
                    .collect(),
                types: scope
                    .types
                    .iter()
                    .map(|t| TypeName::from(t.as_str()))
                    .collect(),
            },
            rule_set_sha256: self.rule_set,
            totals: self.totals,
            inputs: self.files.clone(),
        };
        ScanRecord::new(facts, self.assessment, people)
            .encode()
            .map_err(unwritable)
    }

    fn seen(&self, applied: &AppliedBefore, by: SeenBy, sources: &Sources) -> Vec<SeenApplied> {
        applied
            .iter()
            .map(|((workspace, plan), addresses)| SeenApplied {
                workspace: workspace.clone(),
                plan_sha256: *plan,
                seen_by: by,
                addresses: addresses.clone(),
                plan: sources
                    .plans
                    .get(workspace)
                    .filter(|own| own.sha256 == *plan)
                    .cloned(),
            })
            .collect()
    }

    fn was_in_scope(&self, record: &FindingRecord) -> bool {
        let scope = &self.settings.scope;
        let account = record
            .account
            .as_ref()
            .map(AccountId::as_str)
            .unwrap_or_default();
        let region = record
            .region
            .as_ref()
            .map(Region::as_str)
            .unwrap_or_default();
        scope.covers_account(account)
            && scope.covers_region(region)
            && (record.address.is_some() || scope.covers_type(record.type_name.as_str()))
    }
}

fn unwritable(error: crate::evidence::record::RecordError) -> Failure {
    Failure::Evidence(EvidenceError {
        what: error.to_string(),
        help: None,
    })
}
