//! Writes a scan into the evidence log: the manifest, what was seen applied, and every finding that
//! was opened, changed or closed.

#[cfg(feature = "daemon")]
mod few;

use std::collections::{BTreeMap, BTreeSet};

use jiff::Timestamp;

use super::inputs::{Failure, SmallInputs};
use super::scan::Settings;
use crate::decide::approvals::{RankedPlan, approval_status};
use crate::decide::baseline::AppliedBefore;
use crate::decide::exact::Key;
use crate::decide::waivers;
use crate::evidence::ledger::{EventContext, Ledger, not_seen, plan_baselines, plan_events};
use crate::evidence::lifecycle::{LifeContext, Steps, plan_steps};
use crate::evidence::people::Pseudonymiser;
use crate::evidence::record::{
    Document, Encoded, FindingRecord, InputFile, PlanRecord, Program, ScanFacts, ScanRecord,
    ScopeRecord, SeenApplied, SeenBy, Sources, change_blob,
};
use crate::model::{
    AccountId, Assessment, ChangeNumber, DeviationKind, EarlierFinding, FindingKey, IdentityMap,
    Region, ScanTotals, Sha256Digest, TypeName, WorkspaceName,
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
    pub plan_blobs: &'a BTreeMap<Sha256Digest, Sha256Digest>,
    pub by_state: &'a AppliedBefore,
    pub by_observation: &'a AppliedBefore,
    pub rule_set: Sha256Digest,
    pub waivers: &'a waivers::Standing,
    pub settings: &'a Settings,
    pub not_seen: &'a BTreeSet<FindingKey>,
    /// Resources that were looked at exactly.
    pub looked: &'a BTreeSet<Key>,
    /// Findings of which a refresh told as much as an exact look would.
    pub told_by_refresh: &'a BTreeSet<FindingKey>,
    /// Workspaces of which a state was read.
    pub with_state: &'a BTreeSet<WorkspaceName>,
}

impl ScanToRecord<'_> {
    /// Gives where it is recorded, the open findings that it says nothing of, and what it means for
    /// the life of findings.
    pub fn append(
        self,
        evidence: &mut dyn EvidenceSink,
    ) -> Result<(Appended, Vec<EarlierFinding>, Steps), Failure> {
        let people = self.people();
        let changes = self.changes(&people, evidence)?;
        let plans = self.plans(&people, &changes, evidence);
        let sources = self.sources(&plans, changes, evidence.ledger());
        let mut records = vec![self.manifest(&people, evidence)?];
        for plan in &plans {
            records.push(plan.encode().map_err(unwritable)?);
        }
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
        let was_observed = |record: &FindingRecord| self.was_observed(record);
        let ledger = evidence.ledger();
        let in_scope = |record: &FindingRecord| self.was_in_scope(record);
        let unseen = not_seen(ledger, self.assessment, &was_observed, &in_scope);
        let events = plan_events(ledger, self.assessment, context, &was_observed);
        let steps = self.steps(events, &people, ledger);
        for event in &steps.findings {
            records.push(event.encode().map_err(unwritable)?);
        }
        for state in &steps.states {
            records.push(state.encode().map_err(unwritable)?);
        }
        let mut entries = Vec::with_capacity(records.len());
        for record in records {
            for blob in &record.blobs {
                evidence.put_blob(blob)?;
            }
            entries.push(record.entry);
        }
        Ok((evidence.append(entries, self.finished_at)?, unseen, steps))
    }

    /// What the events mean for the life of the findings; the reasons of waivers without people.
    fn steps(&self, events: Vec<FindingRecord>, people: &Pseudonymiser, ledger: &Ledger) -> Steps {
        let mut accepted = self.waivers.clone();
        for (_, acceptance) in accepted.values_mut() {
            acceptance.reason = people.text(&acceptance.reason);
        }
        let context = LifeContext {
            now: self.finished_at,
            policy: self.settings.lifecycle,
            accepted: &accepted,
        };
        plan_steps(ledger, self.assessment, events, context)
    }

    /// Everybody whom the inputs name, so that no name reaches the log.
    fn people(&self) -> Pseudonymiser {
        let nobody = IdentityMap::default();
        let map = self.inputs.people.as_ref().unwrap_or(&nobody);
        let mut people = Pseudonymiser::new(&self.settings.people_key, map);
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

    /// The change records that a plan's standing rests on, as blobs with people pseudonymised.
    fn changes(
        &self,
        people: &Pseudonymiser,
        evidence: &mut dyn EvidenceSink,
    ) -> Result<BTreeMap<ChangeNumber, Document>, Failure> {
        let standings = self.ranked.values().flatten();
        let named: BTreeSet<&ChangeNumber> = standings
            .flat_map(|plan| &plan.standing.records)
            .map(|standing| &standing.record.number)
            .collect();
        let mut documents = BTreeMap::new();
        for change in self
            .inputs
            .changes
            .iter()
            .filter(|change| named.contains(&change.number))
        {
            let bytes = change_blob(change, people)
                .map_err(|error| Failure::Internal(error.to_string()))?;
            let blob = Some(evidence.put_blob(&bytes)?);
            let document = Document {
                name: change.origin.clone(),
                sha256: change.digest,
                blob,
            };
            documents.insert(change.number.clone(), document);
        }
        Ok(documents)
    }

    /// The records of plans that are new, or that stand otherwise than the log says.
    fn plans(
        &self,
        people: &Pseudonymiser,
        changes: &BTreeMap<ChangeNumber, Document>,
        evidence: &dyn EvidenceSink,
    ) -> Vec<PlanRecord> {
        let plans = self
            .ranked
            .iter()
            .flat_map(|(workspace, plans)| plans.iter().map(move |plan| (workspace, plan)));
        let records = plans.map(|(workspace, plan)| {
            let meta = &plan.standing.plan;
            let known = evidence.ledger().plan(workspace, meta.digest);
            let blob = known.and_then(|known| known.plan.blob);
            let change = plan.standing.change().map(|change| change.number.clone());
            let record = PlanRecord {
                at: self.finished_at,
                workspace: workspace.clone(),
                plan: Document {
                    name: meta.file.clone(),
                    sha256: meta.digest,
                    blob: blob.or_else(|| self.plan_blobs.get(&meta.digest).copied()),
                },
                approval: approval_status(&plan.standing),
                reasons: Vec::new(),
                change_document: change
                    .as_ref()
                    .and_then(|number| changes.get(number))
                    .cloned(),
                change,
            };
            let record = record.with_reasons(&plan.standing.reasons, people);
            (known.is_none_or(|known| !known.says_the_same(&record))).then_some(record)
        });
        records.flatten().collect()
    }

    /// The documents that findings refer to.
    fn sources(
        &self,
        new: &[PlanRecord],
        changes: BTreeMap<ChangeNumber, Document>,
        ledger: &Ledger,
    ) -> Sources {
        let mut sources = Sources {
            changes,
            ..Sources::default()
        };
        for baseline in &self.assessment.baselines {
            let Some(digest) = baseline.plan_sha256 else {
                continue;
            };
            let is_it = |record: &&PlanRecord| {
                record.workspace == baseline.workspace && record.plan.sha256 == digest
            };
            let record = new
                .iter()
                .find(is_it)
                .or_else(|| ledger.plan(&baseline.workspace, digest));
            if let Some(record) = record {
                sources
                    .plans
                    .insert(baseline.workspace.clone(), record.plan.clone());
            }
        }
        sources
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

    /// Whether the scan looked at what the finding is about.
    fn was_observed(&self, record: &FindingRecord) -> bool {
        if record.is_exact() {
            let key = record.workspace.clone().zip(record.address.clone());
            let is_known = key.is_some_and(|key| self.looked.contains(&key))
                || self.told_by_refresh.contains(&record.finding);
            return is_known && self.was_in_scope(record);
        }
        // What a state showed, only a state takes back.
        let has_source = match (record.kind, &record.workspace) {
            (DeviationKind::AppliedNotApproved, Some(workspace)) => {
                self.with_state.contains(workspace)
            }
            (
                DeviationKind::AppliedNotApproved
                | DeviationKind::Changed
                | DeviationKind::Missing
                | DeviationKind::Unmanaged
                | DeviationKind::UnapprovedPlan
                | DeviationKind::PlanTampered,
                _,
            ) => true,
        };
        has_source && !self.not_seen.contains(&record.finding) && self.was_in_scope(record)
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
