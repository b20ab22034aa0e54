//! One event in the life of a finding.

use std::collections::BTreeMap;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::{Encoded, RecordError, clip, encode};
use crate::evidence::people::Pseudonymiser;
use crate::evidence::statement::{self, Subject, SubjectDigest};
use crate::model::{
    AccountId, Action, Address, AttributePath, Attribution, ChangeNumber, Confidence, DeviationId,
    DeviationKind, Fidelity, FindingKey, Judged, Means, ProviderId, Region, RuleId, Severity,
    Sha256Digest, SourceLocation, TypeName, Value, Verdict, WorkspaceName,
};

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum FindingEvent {
    Opened,
    /// Another deviation, verdict, severity or action.
    Changed,
    /// The resource was observed, and the deviation is gone.
    Resolved,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct FindingRecord {
    pub event: FindingEvent,
    pub at: Timestamp,
    pub finding: FindingKey,
    pub deviation: DeviationId,
    pub kind: DeviationKind,
    pub workspace: Option<WorkspaceName>,
    pub address: Option<Address>,
    #[serde(rename = "type")]
    pub type_name: TypeName,
    pub provider_id: Option<ProviderId>,
    pub account: Option<AccountId>,
    pub region: Option<Region>,
    pub attribute: Option<AttributePath>,
    pub approved: Value,
    pub live: Value,
    pub fidelity: Fidelity,
    pub observed_at: Option<Timestamp>,
    pub verdict: Verdict,
    pub reasons: Vec<String>,
    pub change: Option<ChangeNumber>,
    pub severity: Severity,
    pub action: Action,
    pub rule: Option<RuleId>,
    pub owner: Option<String>,
    pub sla_seconds: Option<u64>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub runbook: Option<String>,
    pub controls: Vec<String>,
    pub attribution: Option<AttributionRecord>,
    pub source: Option<SourceLocation>,
    pub notes: Vec<String>,
    /// The plan and the change record that the verdict rests on.
    pub documents: Vec<Document>,
    /// The blob that holds values, reasons and notes where they are too large for one entry.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub details: Option<Sha256Digest>,
}

/// Who, when, from where, by what means; the person as a pseudonym.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct AttributionRecord {
    pub actor: String,
    pub at: Timestamp,
    pub from: Option<String>,
    pub means: Means,
    pub call: String,
    pub event_id: String,
    pub confidence: Confidence,
}

/// An input file that evidence rests on.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Document {
    pub name: String,
    /// SHA-256 of the original bytes, which the log never holds.
    pub sha256: Sha256Digest,
    /// The redacted form that the log does hold.
    pub blob: Option<Sha256Digest>,
}

/// The documents at hand, by what refers to them.
#[derive(Clone, Debug, Default)]
pub struct Sources {
    pub plans: BTreeMap<WorkspaceName, Document>,
    pub changes: BTreeMap<ChangeNumber, Document>,
}

#[derive(Serialize)]
pub(super) struct Details {
    approved: Value,
    live: Value,
    reasons: Vec<String>,
    notes: Vec<String>,
}

impl FindingRecord {
    pub fn new(
        event: FindingEvent,
        at: Timestamp,
        key: FindingKey,
        judged: &Judged,
        people: &Pseudonymiser,
        sources: &Sources,
    ) -> Self {
        let deviation = &judged.deviation;
        let texts = |texts: &[String]| texts.iter().map(|text| people.text(text)).collect();
        let mut notes = deviation.notes.clone();
        notes.extend_from_slice(&judged.ruling.notes);
        let plan = deviation.workspace.as_ref();
        let plan = plan.and_then(|workspace| sources.plans.get(workspace));
        let change = judged.judgement.change.as_ref();
        let document = change.and_then(|change| sources.changes.get(change));
        Self {
            event,
            at,
            finding: key,
            deviation: deviation.id(),
            kind: deviation.kind,
            workspace: deviation.workspace.clone(),
            address: deviation.address.clone(),
            type_name: deviation.type_name.clone(),
            provider_id: deviation.provider_id.clone(),
            account: deviation.account.clone(),
            region: deviation.region.clone(),
            attribute: deviation.attribute.clone(),
            approved: people.value(&deviation.approved),
            live: people.value(&deviation.live),
            fidelity: deviation.fidelity,
            observed_at: deviation.observed_at,
            verdict: judged.judgement.verdict,
            reasons: texts(&judged.judgement.reasons),
            change: change.cloned(),
            severity: judged.ruling.severity,
            action: judged.ruling.action,
            rule: judged.ruling.rule.clone(),
            owner: judged.ruling.duties.owner.clone(),
            sla_seconds: judged.ruling.duties.sla_seconds,
            runbook: judged.ruling.duties.runbook.clone(),
            controls: judged.ruling.duties.controls.clone(),
            attribution: judged
                .attribution
                .as_ref()
                .map(|attribution| AttributionRecord::new(attribution, people)),
            source: deviation.source.clone(),
            notes: texts(&notes),
            documents: plan.into_iter().chain(document).cloned().collect(),
            details: None,
        }
    }

    /// Whether an exact look made it: then only an exact look takes it back.
    pub fn is_exact(&self) -> bool {
        let is_of_resource = match self.kind {
            DeviationKind::Changed | DeviationKind::Missing => self.address.is_some(),
            DeviationKind::Unmanaged
            | DeviationKind::UnapprovedPlan
            | DeviationKind::PlanTampered
            | DeviationKind::AppliedNotApproved => false,
        };
        is_of_resource && self.fidelity == Fidelity::Exact
    }

    /// The record that closes this finding. Its values are gone, and so is who made them.
    pub fn resolved(&self, at: Timestamp) -> Self {
        Self {
            event: FindingEvent::Resolved,
            at,
            approved: Value::Null,
            live: Value::Null,
            observed_at: None,
            reasons: vec!["the resource was observed again without this deviation".to_owned()],
            attribution: None,
            notes: Vec::new(),
            documents: Vec::new(),
            details: None,
            ..self.clone()
        }
    }

    /// # Errors
    /// The record is too large even without its values.
    pub fn encode(&self) -> Result<Encoded, RecordError> {
        encode(
            statement::FINDING,
            self,
            Self::subjects,
            Self::split,
            |record, digest| record.details = Some(digest),
        )
    }

    /// Takes out what makes a record large.
    pub(super) fn split(&mut self) -> Details {
        let clipped = self.reasons.iter().take(4).map(|reason| clip(reason, 1000));
        let clipped = clipped.collect();
        Details {
            approved: std::mem::take(&mut self.approved),
            live: std::mem::take(&mut self.live),
            reasons: std::mem::replace(&mut self.reasons, clipped),
            notes: std::mem::take(&mut self.notes),
        }
    }

    pub(super) fn subjects(&self) -> Vec<Subject> {
        let address = self.address.as_ref().map(Address::as_str);
        let provider = self.provider_id.as_ref().map(ProviderId::as_str);
        let workspace = self.workspace.as_ref().map(WorkspaceName::as_str);
        let name = provider.or(address).or(workspace).unwrap_or_default();
        let mut subjects = vec![Subject {
            name: format!("{} {name}", self.type_name),
            digest: SubjectDigest::Deviation(self.deviation.as_str().to_owned()),
        }];
        for document in &self.documents {
            subjects.push(Subject::file(&document.name, document.sha256));
            subjects.extend(document.blob.map(Subject::blob));
        }
        subjects.extend(self.details.map(Subject::blob));
        subjects
    }
}

impl AttributionRecord {
    fn new(attribution: &Attribution, people: &Pseudonymiser) -> Self {
        let Attribution {
            actor,
            aliases: _,
            person,
            at,
            from,
            means,
            call,
            event_id,
            confidence,
        } = attribution;
        Self {
            actor: person.clone().unwrap_or_else(|| people.name(actor)),
            at: *at,
            from: from.clone(),
            means: *means,
            call: call.clone(),
            event_id: event_id.clone(),
            confidence: *confidence,
        }
    }
}
