//! Fixes, as the log has them.

use super::{Ledger, OpenFinding};
use crate::evidence::record::{Carried, FixEvent, FixRecord};
use crate::model::{Ended, FixApproval, FixEnd, FixResult, FixSubject, Fixes, UndoWanted};

impl Ledger {
    pub(super) fn apply_fix(&mut self, record: FixRecord) {
        let FixRecord {
            at,
            finding,
            deviation,
            event,
        } = record;
        let mut fixing = None;
        match event {
            FixEvent::Decided { decision } => {
                if self.open.get(&finding).is_some() {
                    self.fixes.decide(finding.clone(), deviation, at, decision);
                }
            }
            FixEvent::Approved { by, note } => {
                let approval = FixApproval {
                    deviation,
                    by,
                    at,
                    note,
                };
                self.fixes.approve(finding.clone(), approval);
            }
            FixEvent::UndoWanted { id, by, note: _ } => {
                self.fixes.want_undone(&id, UndoWanted { by, at });
            }
            FixEvent::UndoRefused { id, decision } => {
                self.fixes.refuse_undo(&id, decision.line());
            }
            FixEvent::Intended { intent } => {
                // An undo puts nothing right: what is open stays as it stands until it is done.
                if intent.undoes.is_none() {
                    fixing = Some(Some(intent.id.clone()));
                }
                self.fixes.begin(*intent);
            }
            FixEvent::Resumed { .. } => {}
            FixEvent::Outcome { id, outcome } => {
                let of = self.fixes.get(&id);
                let is_undo = of.is_some_and(|own| own.undoes.is_some());
                let ends = match is_undo {
                    true => outcome.result == FixResult::Restored,
                    false => outcome.result.is_failure(),
                };
                if ends {
                    fixing = Some(None);
                }
                self.fixes.outcome(&id, outcome);
            }
            FixEvent::Overdue { id } => {
                fixing = Some(None);
                let how = Ended::Overdue;
                self.fixes.end(&id, FixEnd { at, how });
            }
        }
        if let Some(fixing) = fixing {
            self.open.fixing(&finding, fixing);
        }
    }

    /// What was decided of fixes, and what became of them.
    pub fn fixes(&self) -> &Fixes {
        &self.fixes
    }

    pub(super) fn carry_fixes(&self) -> Vec<Carried> {
        let fixes = self.fixes.all().iter().cloned();
        let mut carried: Vec<Carried> = fixes.map(Box::new).map(Carried::Fix).collect();
        let decisions = self.fixes.decisions();
        carried.extend(
            decisions.map(|(finding, deviation, at, decision)| Carried::FixDecided {
                finding: finding.clone(),
                deviation: deviation.clone(),
                at,
                decision: decision.clone(),
            }),
        );
        let approvals = self.fixes.approvals();
        carried.extend(approvals.map(|(finding, approval)| Carried::FixApproved {
            finding: finding.clone(),
            approval: approval.clone(),
        }));
        carried
    }

    /// An open finding as a fix sees it.
    pub fn fix_subject(&self, open: &OpenFinding) -> FixSubject {
        let record = open.record.clone();
        let workspace = record.workspace.as_ref();
        let plan = workspace.and_then(|workspace| {
            let mut documents = record.documents.iter();
            documents.find(|own| self.plan(workspace, own.sha256).is_some())
        });
        FixSubject {
            plan: plan.map(|own| (own.name.clone(), own.sha256)),
            finding: record.finding,
            deviation: record.deviation,
            state: open.standing.state(),
            kind: record.kind,
            workspace: record.workspace,
            address: record.address,
            // The record does not say it: whoever looks does.
            within: None,
            type_name: record.type_name,
            provider_id: record.provider_id,
            account: record.account,
            region: record.region,
            attribute: record.attribute,
            approved: record.approved,
            live: record.live,
            values_elsewhere: record.details.is_some(),
            fidelity: record.fidelity,
            verdict: record.verdict,
            severity: record.severity,
            action: record.action,
            rule: record.rule,
            owner: record.owner,
            runbook: record.runbook,
            change: record.change,
            source: record.source,
            notes: record.notes,
            actor: record.attribution.map(|own| own.actor),
        }
    }
}
