//! What a fix is of: a finding as the log has it, with all that guards and remediators need.

use super::{Fix, FixWay};
use crate::model::{
    AccountId, Action, Address, AttributePath, ChangeNumber, DeviationId, DeviationKind, Fidelity,
    FindingKey, FindingState, ProviderId, Region, RuleId, Severity, Sha256Digest, SourceLocation,
    TypeName, Value, Verdict, Within, WorkspaceName,
};

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FixSubject {
    pub finding: FindingKey,
    pub deviation: DeviationId,
    pub state: FindingState,
    pub kind: DeviationKind,
    pub workspace: Option<WorkspaceName>,
    pub address: Option<Address>,
    /// What it lies within, where nobody approved it and this look saw it.
    pub within: Option<Within>,
    pub type_name: TypeName,
    pub provider_id: Option<ProviderId>,
    pub account: Option<AccountId>,
    pub region: Option<Region>,
    pub attribute: Option<AttributePath>,
    pub approved: Value,
    pub live: Value,
    /// The values are too large for the record, so that nobody here has them.
    pub values_elsewhere: bool,
    pub fidelity: Fidelity,
    pub verdict: Verdict,
    pub severity: Severity,
    pub action: Action,
    pub rule: Option<RuleId>,
    pub owner: Option<String>,
    pub runbook: Option<String>,
    pub change: Option<ChangeNumber>,
    /// The newest approved plan of the workspace: its file and its digest.
    pub plan: Option<(String, Sha256Digest)>,
    pub source: Option<SourceLocation>,
    pub notes: Vec<String>,
    /// Who made the deviation, as a pseudonym.
    pub actor: Option<String>,
}

impl FixSubject {
    /// What was fixed, as the fix has it. What only a finding says (verdict, rule's action, severity) says
    /// nothing here.
    pub fn of_fix(fix: &Fix) -> Self {
        let is_within = fix.workspace.clone().zip(fix.within.clone());
        Self {
            finding: fix.finding.clone(),
            deviation: fix.deviation.clone(),
            state: FindingState::Open,
            kind: match fix.way {
                FixWay::SetBack => DeviationKind::Changed,
                FixWay::PutBack => DeviationKind::Missing,
                FixWay::TakeAway => DeviationKind::Unmanaged,
            },
            workspace: fix.workspace.clone(),
            address: fix.address.clone(),
            within: is_within.map(|(workspace, address)| Within { workspace, address }),
            type_name: fix.type_name.clone(),
            provider_id: fix.provider_id.clone(),
            account: fix.account.clone(),
            region: fix.region.clone(),
            attribute: fix.attribute.clone(),
            approved: Value::Null,
            live: Value::Null,
            values_elsewhere: false,
            fidelity: Fidelity::Mapped,
            verdict: Verdict::Indeterminate,
            severity: Severity::Info,
            action: Action::Record,
            rule: fix.rule.clone(),
            owner: None,
            runbook: None,
            change: None,
            plan: None,
            source: None,
            notes: Vec::new(),
            actor: None,
        }
    }

    /// The workspace that a fix of it touches: its own, or that of what it lies within.
    pub fn touches(&self) -> Option<&WorkspaceName> {
        let within = self.within.as_ref().map(|own| &own.workspace);
        self.workspace.as_ref().or(within)
    }
}
