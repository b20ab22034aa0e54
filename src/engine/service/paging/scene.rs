//! What a pass of the judgement goes by, as the log has it.

use std::collections::BTreeSet;

use jiff::{SignedDuration, Timestamp};

use super::known::{Known, is_approved};
use crate::decide::paging::risk::{Exposed, assess};
use crate::decide::paging::{Candidate, Decision, Fault, Policy, Scene, judge};
use crate::evidence::ledger::{Ledger, OpenFinding};
use crate::evidence::record::FindingRecord;
use crate::model::{ChangeNumber, Hold, Severity, Verdict};

pub struct Stage<'s> {
    pub now: Timestamp,
    pub origin: &'s str,
    pub ledger: &'s Ledger,
    pub policy: &'s Policy,
}

impl Stage<'_> {
    /// One pass.
    pub fn judge(&self, known: &mut Known) -> Vec<Decision> {
        let Stage {
            now,
            origin,
            ledger,
            policy,
        } = *self;
        if policy.routes.is_empty() {
            return Vec::new();
        }
        let severities: Vec<Severity> = ledger
            .open_findings()
            .map(|open| {
                let level = known.level(&open.record.finding);
                let (finding, version) = (&open.record.finding, &open.record.deviation);
                known.severity(finding, version, || {
                    assess(&exposed(&open.record, level), policy).0
                })
            })
            .collect();
        let known = &*known;
        let open = ledger.open_findings().zip(severities);
        let candidates: Vec<Candidate<'_>> = open
            .map(|(open, severity)| candidate(open, severity, ledger, known))
            .collect();
        let faults = ledger.watches().map(|record| Fault {
            kind: record.watch,
            subject: record.subject.clone(),
        });
        let faults: Vec<Fault> = faults.collect();
        judge(&Scene {
            now,
            origin,
            candidates: &candidates,
            faults: &faults,
            told: ledger.told(),
            policy,
        })
    }
}

/// What the risk of a finding is judged from.
pub fn exposed(
    record: &FindingRecord,
    tagged: Option<crate::decide::paging::risk::Level>,
) -> Exposed<'_> {
    Exposed {
        severity: record.severity,
        verdict: record.verdict,
        rule: record.rule.as_ref().map(|rule| rule.as_str()),
        workspace: record.workspace.as_ref().map(|own| own.as_str()),
        account: record.account.as_ref().map(|own| own.as_str()),
        address: record.address.as_ref().map(|own| own.as_str()),
        approved: &record.approved,
        live: &record.live,
        texts: &record.notes,
        tagged,
    }
}

fn candidate<'c>(
    open: &'c OpenFinding,
    severity: Severity,
    ledger: &'c Ledger,
    known: &'c Known,
) -> Candidate<'c> {
    let record = &open.record;
    let asks = record.action.is_to_be_acted_on() || record.verdict == Verdict::Indeterminate;
    let sla = record.sla_seconds.and_then(|own| i64::try_from(own).ok());
    let due = sla.and_then(|sla| {
        open.first_seen
            .checked_add(SignedDuration::from_secs(sla))
            .ok()
    });
    Candidate {
        finding: &record.finding,
        version: &record.deviation,
        kind: record.kind,
        workspace: record.workspace.as_ref(),
        account: record.account.as_ref(),
        address: record.address.as_ref(),
        rule: record.rule.as_ref(),
        owner: record.owner.as_deref(),
        controls: &record.controls,
        severity,
        verdict: record.verdict,
        asks,
        actor: record.attribution.as_ref().map(|own| own.actor.as_str()),
        change: record.change.as_ref(),
        first_seen: open.first_seen,
        due,
        suspected: open.standing.suspected.is_some(),
        accepted: open.standing.accepted.is_some(),
        flapping: open.standing.flapping_since.is_some(),
        acknowledged: open.standing.acknowledged.as_deref(),
        window: window(open, ledger, known),
    }
}

/// As the last look has it; after a restart as the log does, as long as the change stands.
fn window<'c>(
    open: &OpenFinding,
    ledger: &'c Ledger,
    known: &'c Known,
) -> Option<(&'c ChangeNumber, Timestamp)> {
    let finding = &open.record.finding;
    if let Some(own) = known.window_of(finding) {
        return Some(own);
    }
    match ledger.told().hold(finding)? {
        Hold::Window { change, until } if is_approved(ledger, change) => Some((change, *until)),
        Hold::Window { .. } | Hold::Silence { .. } | Hold::Inhibited { .. } | Hold::NoRoute => None,
    }
}

/// Findings that are among the open ones of an alert, most severe first, at most so many.
pub fn most_severe<'l>(
    ledger: &'l Ledger,
    members: &BTreeSet<crate::model::FindingKey>,
    most: usize,
) -> Vec<&'l OpenFinding> {
    let open = members.iter().filter_map(|key| ledger.open_finding(key));
    let mut open: Vec<&OpenFinding> = open.collect();
    open.sort_by(|a, b| {
        let (a, b) = (&a.record, &b.record);
        b.severity
            .cmp(&a.severity)
            .then_with(|| a.finding.cmp(&b.finding))
    });
    open.truncate(most);
    open
}
