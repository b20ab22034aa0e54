//! What became of fixes, as the log has it.

use std::collections::BTreeMap;

use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};

use super::{FixDecision, FixRun, FixWay};
use crate::model::{
    AccountId, Address, AttributePath, DeviationId, FindingKey, FixId, ProviderId, Region, RuleId,
    Sha256Digest, TypeName, Value, WorkspaceName,
};

/// Fixes that are over are remembered for so long.
const REMEMBERED: SignedDuration = SignedDuration::from_hours(24 * 400);

/// One fix: its intent, and what came of it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Fix {
    pub id: FixId,
    pub finding: FindingKey,
    pub deviation: DeviationId,
    pub way: FixWay,
    pub remediator: String,
    pub rule: Option<RuleId>,
    pub workspace: Option<WorkspaceName>,
    pub address: Option<Address>,
    /// The approved resource of that workspace in which lies what is taken away.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub within: Option<Address>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub provider_id: Option<ProviderId>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub account: Option<AccountId>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub region: Option<Region>,
    #[serde(rename = "type")]
    pub type_name: TypeName,
    pub attribute: Option<AttributePath>,
    /// Whose yes the rule asked for, as a pseudonym.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub approved_by: Option<String>,
    pub begun: Timestamp,
    /// The fix of which it brings back the values before.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub undoes: Option<FixId>,
    /// A person wants it undone, and nothing came of that yet.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub undo_wanted: Option<UndoWanted>,
    /// Why the last wish to undo it came to nothing.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub undo_refused: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub outcome: Option<FixOutcome>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub end: Option<FixEnd>,
}

/// Who wants a fix undone, as a pseudonym, and since when.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct UndoWanted {
    pub by: String,
    pub at: Timestamp,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct FixOutcome {
    pub at: Timestamp,
    pub result: FixResult,
    pub detail: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub document: Option<FixDocument>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub change: Option<Box<FixChange>>,
    /// What was run elsewhere for it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub run: Option<Box<FixRun>>,
}

/// What was changed, as it was read right before and right after. Secrets are not in it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct FixChange {
    /// Of a set, only the elements that differ.
    pub before: Value,
    pub after: Value,
    /// What only the provider sets, and could follow from it.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub consequences: Vec<AttributePath>,
    /// Who made it: name, version, and the checksum by which it was known.
    pub provider: String,
    /// The values are too large for the record.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub values_elsewhere: bool,
}

/// What a remediator wrote.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct FixDocument {
    pub name: String,
    pub sha256: Sha256Digest,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum FixResult {
    /// A person has the next step in writing.
    HandedOver,
    /// It was changed, and a fresh read shows it as approved.
    Fixed,
    /// A fresh read showed it as approved, and this try changed nothing.
    AsApproved,
    /// It is carried out elsewhere: it was started, and only a scan sees whether it is as approved.
    Started,
    /// Of an undo: a fresh read shows the values before the fix.
    Restored,
    /// The remediator tried, and could not.
    Failed,
    /// Nothing was done: something came in between.
    NotCarriedOut,
    /// Nothing was done: it is not for whoever was to carry it out.
    Unfit,
    /// It was changed, and not into what was planned.
    HalfDone,
    /// A process ended in the midst of it, and nobody can tell how far it got.
    Interrupted,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct FixEnd {
    pub at: Timestamp,
    pub how: Ended,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Ended {
    /// The resource was observed as approved.
    Healed,
    /// The finding became another version.
    Changed,
    /// Nobody put it right in time.
    Overdue,
    /// A person had its values before brought back.
    Undone,
}

/// A person's yes to the fix of one version of a finding.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct FixApproval {
    pub deviation: DeviationId,
    pub by: String,
    pub at: Timestamp,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub note: Option<String>,
}

/// All of it, replayed from the log.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Fixes {
    /// Of open findings: the version that was judged, when, and how.
    decisions: BTreeMap<FindingKey, (DeviationId, Timestamp, FixDecision)>,
    approvals: BTreeMap<FindingKey, FixApproval>,
    /// In the order of the log.
    fixes: Vec<Fix>,
}

impl FixResult {
    pub fn as_str(self) -> &'static str {
        match self {
            Self::HandedOver => "handed_over",
            Self::Fixed => "fixed",
            Self::AsApproved => "as_approved",
            Self::Started => "started",
            Self::Restored => "restored",
            Self::Unfit => "unfit",
            Self::HalfDone => "half_done",
            Self::Failed => "failed",
            Self::NotCarriedOut => "not_carried_out",
            Self::Interrupted => "interrupted",
        }
    }

    pub fn is_failure(self) -> bool {
        match self {
            Self::HandedOver | Self::Fixed | Self::AsApproved | Self::Started | Self::Restored => {
                false
            }
            Self::Failed
            | Self::NotCarriedOut
            | Self::Unfit
            | Self::HalfDone
            | Self::Interrupted => true,
        }
    }
}

impl Ended {
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Healed => "healed",
            Self::Changed => "changed",
            Self::Overdue => "overdue",
            Self::Undone => "undone",
        }
    }
}

impl Fix {
    /// Whether its intent stands and nothing came of it yet.
    pub fn is_unsettled(&self) -> bool {
        self.outcome.is_none()
    }

    /// Whether it is under way: begun, and neither over nor failed.
    pub fn is_under_way(&self) -> bool {
        let failed = self
            .outcome
            .as_ref()
            .is_some_and(|own| own.result.is_failure());
        // An undo is over with its outcome: no scan has to see anything.
        let is_over = self.undoes.is_some() && self.outcome.is_some();
        self.end.is_none() && !failed && !is_over
    }

    pub fn is_ended(&self, how: Ended) -> bool {
        self.end.as_ref().is_some_and(|end| end.how == how)
    }

    /// Where it stands, in a word.
    pub fn word(&self) -> &'static str {
        match (&self.end, &self.outcome) {
            (Some(end), _) => end.how.as_str(),
            (None, Some(outcome)) => outcome.result.as_str(),
            (None, None) => "begun",
        }
    }
}

impl Fixes {
    pub fn decide(
        &mut self,
        finding: FindingKey,
        version: DeviationId,
        at: Timestamp,
        own: FixDecision,
    ) {
        self.decisions.insert(finding, (version, at, own));
    }

    pub fn approve(&mut self, finding: FindingKey, approval: FixApproval) {
        self.approvals.insert(finding, approval);
    }

    pub fn begin(&mut self, fix: Fix) {
        let now = fix.begun;
        self.fixes
            .retain(|own| own.is_under_way() || now.duration_since(own.begun) <= REMEMBERED);
        if let Some(undone) = fix.undoes.as_ref().and_then(|id| self.get_mut(id)) {
            undone.undo_wanted = None;
            undone.undo_refused = None;
        }
        self.fixes.push(fix);
    }

    pub fn outcome(&mut self, id: &FixId, outcome: FixOutcome) {
        let Some(fix) = self.get_mut(id) else {
            return;
        };
        let (at, result) = (outcome.at, outcome.result);
        fix.outcome = Some(outcome);
        let undone = fix.undoes.clone();
        let undone = undone.filter(|_| result == FixResult::Restored);
        if let Some(undone) = undone.and_then(|id| self.get_mut(&id)) {
            let how = Ended::Undone;
            undone.end = Some(FixEnd { at, how });
        }
    }

    pub fn want_undone(&mut self, id: &FixId, wanted: UndoWanted) {
        if let Some(fix) = self.get_mut(id) {
            fix.undo_wanted = Some(wanted);
        }
    }

    pub fn refuse_undo(&mut self, id: &FixId, why: String) {
        if let Some(fix) = self.get_mut(id) {
            fix.undo_wanted = None;
            fix.undo_refused = Some(why);
        }
    }

    fn get_mut(&mut self, id: &FixId) -> Option<&mut Fix> {
        self.fixes.iter_mut().find(|own| own.id == *id)
    }

    pub fn get(&self, id: &FixId) -> Option<&Fix> {
        self.fixes.iter().find(|own| own.id == *id)
    }

    pub fn end(&mut self, id: &FixId, end: FixEnd) {
        if let Some(fix) = self.get_mut(id) {
            fix.end = Some(end);
        }
    }

    /// The finding was resolved: what was handed over is done.
    pub fn healed(&mut self, finding: &FindingKey, at: Timestamp) {
        self.decisions.remove(finding);
        self.approvals.remove(finding);
        self.end_handed_over(finding, at, Ended::Healed);
    }

    /// The finding is another version now: what was handed over is not what is the case.
    pub fn changed(&mut self, finding: &FindingKey, at: Timestamp) {
        self.approvals.remove(finding);
        self.end_handed_over(finding, at, Ended::Changed);
    }

    fn end_handed_over(&mut self, finding: &FindingKey, at: Timestamp, how: Ended) {
        let own = self.fixes.iter_mut().filter(|fix| fix.finding == *finding);
        // What has no outcome is settled by itself.
        for fix in own.filter(|fix| fix.is_under_way() && !fix.is_unsettled()) {
            fix.end = Some(FixEnd { at, how });
        }
    }

    /// In the order of the log.
    pub fn all(&self) -> &[Fix] {
        &self.fixes
    }

    pub fn of(&self, finding: &FindingKey) -> impl DoubleEndedIterator<Item = &Fix> {
        let finding = finding.clone();
        self.fixes.iter().filter(move |fix| fix.finding == finding)
    }

    pub fn under_way(&self, finding: &FindingKey) -> Option<&Fix> {
        self.of(finding).rev().find(|fix| fix.is_under_way())
    }

    /// What was last decided of an open finding, and of which version.
    pub fn decision(
        &self,
        finding: &FindingKey,
    ) -> Option<(&DeviationId, Timestamp, &FixDecision)> {
        let (version, at, own) = self.decisions.get(finding)?;
        Some((version, *at, own))
    }

    pub fn decisions(
        &self,
    ) -> impl Iterator<Item = (&FindingKey, &DeviationId, Timestamp, &FixDecision)> {
        let all = self.decisions.iter();
        all.map(|(finding, (version, at, own))| (finding, version, *at, own))
    }

    /// The yes to this very version.
    pub fn approval(&self, finding: &FindingKey, version: &DeviationId) -> Option<&FixApproval> {
        let own = self.approvals.get(finding)?;
        (own.deviation == *version).then_some(own)
    }

    pub fn approvals(&self) -> impl Iterator<Item = (&FindingKey, &FixApproval)> {
        self.approvals.iter()
    }
}
