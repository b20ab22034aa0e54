//! What the log does not have and people want to know: names of actors, what workloads are worth,
//! whose planned work something is. The next look brings it again.

use std::collections::BTreeMap;

use jiff::Timestamp;

use crate::decide::authorise::may_implement;
use crate::decide::paging::Policy;
use crate::decide::paging::risk::Level;
use crate::evidence::ledger::{Ledger, keyed};
use crate::model::{
    ApprovalStatus, Assessment, ChangeNumber, ChangeRecord, DeviationId, FindingKey, IdentityMap,
    Judged, PersonKind, Severity,
};

/// So many findings that are over need not be forgotten yet.
const FEW: usize = 64;

#[derive(Default)]
pub struct Known {
    findings: BTreeMap<FindingKey, Own>,
    people: Option<IdentityMap>,
    changes: Vec<ChangeRecord>,
    /// How severe a version is, with its risk.
    severities: BTreeMap<FindingKey, (DeviationId, Severity)>,
}

#[derive(Clone, Debug, Default)]
struct Own {
    actor: Option<String>,
    level: Option<Level>,
    window: Option<(ChangeNumber, Timestamp)>,
}

impl Known {
    pub fn take_written(&mut self, people: Option<IdentityMap>, changes: Vec<ChangeRecord>) {
        self.people = people;
        self.changes = changes;
    }

    /// Learns from a look.
    pub fn take(&mut self, assessment: &Assessment, ledger: &Ledger, policy: &Policy) {
        for (key, judged) in keyed(&assessment.deviations) {
            let own = Own {
                actor: judged.attribution.as_ref().map(|own| own.actor.clone()),
                level: level(judged, policy),
                window: self.window(judged, ledger),
            };
            self.severities.remove(&key);
            self.findings.insert(key, own);
        }
        // Now and then, so that it costs little: what is over is not asked for.
        if self.findings.len().max(self.severities.len()) > FEW + 2 * ledger.open_count() {
            let is_open = |key: &FindingKey| ledger.open_finding(key).is_some();
            self.findings.retain(|key, _| is_open(key));
            self.severities.retain(|key, _| is_open(key));
        }
    }

    /// What is configured has changed: risks are judged anew.
    pub fn forget_risks(&mut self) {
        self.severities.clear();
    }

    pub fn level(&self, finding: &FindingKey) -> Option<Level> {
        self.findings.get(finding)?.level
    }

    pub fn window_of(&self, finding: &FindingKey) -> Option<(&ChangeNumber, Timestamp)> {
        let (change, until) = self.findings.get(finding)?.window.as_ref()?;
        Some((change, *until))
    }

    /// How severe a version is; `judge` is asked where that is not known.
    pub fn severity(
        &mut self,
        finding: &FindingKey,
        version: &DeviationId,
        judge: impl FnOnce() -> Severity,
    ) -> Severity {
        match self.severities.get(finding) {
            Some((known, severity)) if known == version => *severity,
            _ => {
                let severity = judge();
                let own = (version.clone(), severity);
                self.severities.insert(finding.clone(), own);
                severity
            }
        }
    }

    /// By what name people know an actor: as the trail has it, or as the identity map does.
    pub fn name(&self, finding: Option<&FindingKey>, pseudonym: &str) -> String {
        let seen = finding.and_then(|finding| self.findings.get(finding)?.actor.clone());
        let mapped = || {
            let person = self.people.as_ref()?.find(pseudonym)?;
            let mail = person.aliases.iter().find(|alias| alias.contains('@'));
            let is_human = person.kind == PersonKind::Human;
            mail.filter(|_| is_human)
                .or(person.aliases.first())
                .cloned()
        };
        mapped().or(seen).unwrap_or_else(|| pseudonym.to_owned())
    }

    /// The change in whose window, and as one whom it names, the actor did this.
    fn window(&self, judged: &Judged, ledger: &Ledger) -> Option<(ChangeNumber, Timestamp)> {
        let attribution = judged.attribution.as_ref()?;
        let workspace = judged.deviation.workspace.as_ref()?;
        let people = self.people.as_ref();
        let account = judged.deviation.account.as_ref();
        let own = self.changes.iter().find(|change| {
            let is_in = change
                .window
                .is_some_and(|window| (window.start..=window.end).contains(&attribution.at));
            is_in
                && change.workspace.as_ref() == Some(workspace)
                && is_approved(ledger, &change.number)
                && may_implement(attribution, account, change, people)
        })?;
        Some((own.number.clone(), own.window?.end))
    }
}

/// Whether the log says that a plan stands approved by this change.
pub fn is_approved(ledger: &Ledger, change: &ChangeNumber) -> bool {
    let mut plans = ledger.plans();
    plans.any(|(workspace, plan)| {
        ledger.plan(&workspace, plan).is_some_and(|record| {
            record.approval == ApprovalStatus::Approved && record.change.as_ref() == Some(change)
        })
    })
}

fn level(judged: &Judged, policy: &Policy) -> Option<Level> {
    let tags = &judged.deviation.tags;
    let own = policy.criticality_tags.iter();
    let own = own.filter_map(|name| Level::parse(tags.get(name)?));
    own.max()
}
