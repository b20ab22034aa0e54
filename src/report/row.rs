//! One deviation as the JSON contract has it. SARIF carries the same row as properties.

use jiff::Timestamp;
use serde::Serialize;

use crate::model::{
    Acceptance, AccountId, Action, Address, AttributePath, Attribution, ChangeNumber, DeviationId,
    DeviationKind, Fidelity, FindingKey, FixStanding, Judged, ProviderId, Region, RuleId, Severity,
    SourceLocation, TypeName, Value, Verdict, WorkspaceName,
};

#[derive(Debug, Serialize)]
pub(super) struct DeviationRow<'a> {
    id: DeviationId,
    finding: FindingKey,
    kind: DeviationKind,
    workspace: Option<&'a WorkspaceName>,
    address: Option<&'a Address>,
    #[serde(rename = "type")]
    type_name: &'a TypeName,
    provider_id: Option<&'a ProviderId>,
    account: Option<&'a AccountId>,
    region: Option<&'a Region>,
    attribute: Option<&'a AttributePath>,
    approved: &'a Value,
    live: &'a Value,
    /// What is in a part that nobody approved, in Terraform's attributes.
    #[serde(skip_serializing_if = "Option::is_none")]
    content: Option<&'a Value>,
    fidelity: Fidelity,
    verdict: Verdict,
    reasons: &'a [String],
    change: Option<&'a ChangeNumber>,
    severity: Severity,
    rule: Option<&'a RuleId>,
    action: Action,
    description: Option<&'a str>,
    owner: Option<&'a str>,
    sla_seconds: Option<u64>,
    runbook: Option<&'a str>,
    controls: &'a [String],
    attribution: Option<&'a Attribution>,
    observed_at: Option<Timestamp>,
    source: Option<&'a SourceLocation>,
    notes: Vec<&'a str>,
    /// Everything that the provider calls the resource: its id, its ARN, its name.
    names: &'a [String],
    /// The waiver that accepts it.
    #[serde(skip_serializing_if = "Option::is_none")]
    waiver: Option<&'a Acceptance>,
    /// How its fix stands, where its rule asks for one.
    #[serde(skip_serializing_if = "Option::is_none")]
    fix: Option<&'a FixStanding>,
}

impl<'a> DeviationRow<'a> {
    pub(super) fn new(judged: &'a Judged) -> Self {
        let Judged {
            deviation,
            judgement,
            attribution,
            ruling,
        } = judged;
        let duties = &ruling.duties;
        // Of what is unmanaged nothing is compared, so that there is no live value beside an approved one.
        let is_content = deviation.kind == DeviationKind::Unmanaged && !deviation.live.is_null();
        let (live, content) = match is_content {
            true => (&Value::Null, Some(&deviation.live)),
            false => (&deviation.live, None),
        };
        Self {
            id: deviation.id(),
            finding: deviation.finding_key(),
            kind: deviation.kind,
            workspace: deviation.workspace.as_ref(),
            address: deviation.address.as_ref(),
            type_name: &deviation.type_name,
            provider_id: deviation.provider_id.as_ref(),
            account: deviation.account.as_ref(),
            region: deviation.region.as_ref(),
            attribute: deviation.attribute.as_ref(),
            approved: &deviation.approved,
            live,
            content,
            fidelity: deviation.fidelity,
            verdict: judgement.verdict,
            reasons: &judgement.reasons,
            change: judgement.change.as_ref(),
            severity: ruling.severity,
            rule: ruling.rule.as_ref(),
            action: ruling.action,
            description: duties.description.as_deref(),
            owner: duties.owner.as_deref(),
            sla_seconds: duties.sla_seconds,
            runbook: duties.runbook.as_deref(),
            controls: &duties.controls,
            attribution: attribution.as_ref(),
            observed_at: deviation.observed_at,
            source: deviation.source.as_ref(),
            notes: notes(judged).collect(),
            names: &deviation.subjects,
            waiver: None,
            fix: None,
        }
    }

    pub(super) fn accepted_by(mut self, waiver: Option<&'a Acceptance>) -> Self {
        self.waiver = waiver;
        self
    }

    pub(super) fn fixed_as(mut self, fix: Option<&'a FixStanding>) -> Self {
        self.fix = fix;
        self
    }
}

/// What the comparing and the rule each want the reader to know.
pub(super) fn notes(judged: &Judged) -> impl Iterator<Item = &str> {
    let notes = judged.deviation.notes.iter().chain(&judged.ruling.notes);
    notes.map(String::as_str)
}
