//! From findings to fixes: what was begun is settled, what is due is judged, and what is permitted is
//! recorded, carried out, and recorded again. Nothing is decided here.

mod carry;
#[cfg(test)]
mod tests;
mod undo;

use std::collections::BTreeMap;

use jiff::Timestamp;

use super::inputs::Failure;
use crate::decide::guards::{Answer, FixPolicy, Lists, Question, judge};
use crate::evidence::ledger::{OpenFinding, keyed};
use crate::evidence::record::{FixEvent, FixRecord};
use crate::model::{
    Action, Assessment, DeviationId, FindingKey, Fix, FixResult, FixSubject, Sha256Digest,
    StopFile, Within, WorkspaceName, WorkspaceStatus,
};
use crate::ports::{Appended, EvidenceError, EvidenceSink, Receipts, Remediator, StopSign};

/// How an installation fixes.
pub struct FixDesk {
    pub policy: FixPolicy,
    pub lists: Lists,
    /// The first that takes a finding carries out its fix. Empty: nobody carries anything out.
    pub remediators: Vec<Box<dyn Remediator>>,
    pub stop: Box<dyn StopSign>,
    pub receipts: Box<dyn Receipts>,
}

/// What a look saw.
#[derive(Clone, Copy)]
pub struct Seen<'s> {
    pub assessment: &'s Assessment,
    /// Approved resources of each workspace.
    pub sizes: &'s BTreeMap<WorkspaceName, u64>,
    /// Whether it looked at everything: only then is what was begun before settled.
    pub is_whole: bool,
}

/// What was recorded of fixes.
#[derive(Debug, Default)]
pub struct FixPass {
    pub records: Vec<FixRecord>,
    /// Where the log stands, if anything was.
    pub appended: Option<Appended>,
}

/// Goes through what a look saw.
///
/// # Errors
/// The log cannot be written: nothing more is carried out.
pub fn fix(
    desk: &FixDesk,
    evidence: &mut dyn EvidenceSink,
    seen: Seen<'_>,
    clock: &dyn Fn() -> Timestamp,
) -> Result<FixPass, Failure> {
    let versions = keyed(&seen.assessment.deviations);
    let versions = versions.into_iter();
    let mut work = Work {
        desk,
        evidence,
        versions: versions
            .map(|(key, judged)| (key, &judged.deviation))
            .map(|(key, own)| (key, (own.id(), own.within.clone())))
            .collect(),
        baselines: &seen.assessment.baselines,
        sizes: seen.sizes,
        clock,
        waiting: Vec::new(),
        pass: FixPass::default(),
    };
    if seen.is_whole {
        work.settle()?;
        work.undo()?;
    }
    work.overdue()?;
    for finding in work.due() {
        work.one(&finding)?;
    }
    work.flush()?;
    Ok(work.pass)
}

struct Work<'w> {
    desk: &'w FixDesk,
    evidence: &'w mut dyn EvidenceSink,
    /// What this look saw of each finding: its version, and what it lies within.
    versions: BTreeMap<FindingKey, (DeviationId, Option<Within>)>,
    baselines: &'w [WorkspaceStatus],
    sizes: &'w BTreeMap<WorkspaceName, u64>,
    clock: &'w dyn Fn() -> Timestamp,
    /// Not yet in the log; nothing that follows is decided by it.
    waiting: Vec<FixRecord>,
    pass: FixPass,
}

impl Work<'_> {
    /// Findings that ask for a fix, and of which none is under way; the most severe first.
    fn due(&self) -> Vec<FindingKey> {
        let ledger = self.evidence.ledger();
        let seen = self.versions.keys();
        let mut due: Vec<&OpenFinding> = seen
            .filter_map(|key| ledger.open_finding(key))
            .filter(|open| {
                let key = &open.record.finding;
                open.record.action == Action::Remediate && ledger.fixes().under_way(key).is_none()
            })
            .collect();
        due.sort_by(|a, b| {
            let (a, b) = (&a.record, &b.record);
            b.severity.cmp(&a.severity).then(a.finding.cmp(&b.finding))
        });
        due.into_iter()
            .map(|open| open.record.finding.clone())
            .collect()
    }

    /// Judges one finding, and does what is permitted.
    fn one(&mut self, finding: &FindingKey) -> Result<(), Failure> {
        let Some(subject) = self.subject(finding) else {
            return Ok(());
        };
        let Answer { decision, permit } = self.judge(&subject, None);
        let fixes = self.evidence.ledger().fixes();
        let known = fixes.decision(finding).is_some_and(|(version, _, known)| {
            *version == subject.deviation && known.comes_out_as(&decision)
        });
        if !known {
            self.say(&subject, FixEvent::Decided { decision });
        }
        match permit {
            None => Ok(()),
            Some(permit) => {
                let intent = Box::new(permit.intent().clone());
                self.say(&subject, FixEvent::Intended { intent });
                self.carry(permit, FixResult::NotCarriedOut)
            }
        }
    }

    /// Intents without an outcome: the process that made them ended in between. Each is taken up, if the
    /// guards still permit it, or said to be interrupted.
    fn settle(&mut self) -> Result<(), Failure> {
        let all = self.evidence.ledger().fixes().all().iter();
        let unsettled: Vec<Fix> = all.filter(|fix| fix.is_unsettled()).cloned().collect();
        for fix in unsettled {
            if fix.undoes.is_some() {
                self.settle_undo(&fix)?;
                continue;
            }
            let subject = self.subject(&fix.finding);
            let same = subject.filter(|own| own.deviation == fix.deviation);
            let Some(subject) = same else {
                self.interrupted(&fix, "what it was to fix is no longer the case");
                continue;
            };
            let Answer { decision, permit } = self.judge(&subject, Some(&fix));
            match permit {
                Some(permit) => {
                    let id = fix.id.clone();
                    self.say(&subject, FixEvent::Resumed { id });
                    self.carry(permit, FixResult::Interrupted)?;
                }
                None => self.interrupted(&fix, &decision.line()),
            }
        }
        // What is judged next is judged by how these ended.
        self.flush()
    }

    /// What was handed over and not done in time.
    fn overdue(&mut self) -> Result<(), Failure> {
        let now = self.now();
        let deadline = self.desk.policy.deadline;
        let all = self.evidence.ledger().fixes().all().iter();
        let over = all.filter(|fix| {
            fix.is_under_way() && !fix.is_unsettled() && now.duration_since(fix.begun) >= deadline
        });
        let records: Vec<FixRecord> = over
            .map(|fix| FixRecord {
                at: now,
                finding: fix.finding.clone(),
                deviation: fix.deviation.clone(),
                event: FixEvent::Overdue { id: fix.id.clone() },
            })
            .collect();
        self.waiting.extend(records);
        self.flush()
    }

    fn subject(&self, finding: &FindingKey) -> Option<FixSubject> {
        let ledger = self.evidence.ledger();
        let mut subject = ledger.fix_subject(ledger.open_finding(finding)?);
        subject.within = self.versions.get(finding).and_then(|(_, own)| own.clone());
        if let Some(within) = &subject.within {
            subject.plan = self.plan_of(&within.workspace);
        }
        Some(subject)
    }

    /// The approved plan of a workspace: its file and its digest.
    fn plan_of(&self, workspace: &WorkspaceName) -> Option<(String, Sha256Digest)> {
        let mut all = self.baselines.iter();
        let digest = all.find(|own| own.workspace == *workspace)?.plan_sha256?;
        let record = self.evidence.ledger().plan(workspace, digest)?;
        Some((record.plan.name.clone(), digest))
    }

    fn judge(&mut self, subject: &FixSubject, resumes: Option<&Fix>) -> Answer {
        let (now, stop) = (self.now(), self.desk.stop.look());
        let seen = self.versions.get(&subject.finding);
        judge(&Question {
            seen: seen.map(|(own, _)| own),
            remediator: self.first(|own| own.takes(subject)),
            ..self.question(now, &stop, subject, resumes)
        })
    }

    /// What every judgement is asked with; who carries it out is left open.
    fn question<'q>(
        &'q self,
        now: Timestamp,
        stop: &'q StopFile,
        subject: &'q FixSubject,
        resumes: Option<&'q Fix>,
    ) -> Question<'q> {
        Question {
            now,
            subject,
            seen: None,
            fixes: self.evidence.ledger().fixes(),
            policy: &self.desk.policy,
            lists: &self.desk.lists,
            stop,
            sizes: self.sizes,
            remediator: None,
            resumes,
        }
    }

    /// The name of the first remediator that would.
    fn first(&self, would: impl Fn(&dyn Remediator) -> bool) -> Option<&str> {
        let mut all = self.desk.remediators.iter();
        let found = all.find(|own| would(&***own));
        found.map(|own| own.name())
    }

    fn now(&mut self) -> Timestamp {
        let clock = (self.clock)();
        self.evidence.read_clock(clock)
    }

    fn say(&mut self, subject: &FixSubject, event: FixEvent) {
        let at = self.now();
        self.waiting.push(FixRecord {
            at,
            finding: subject.finding.clone(),
            deviation: subject.deviation.clone(),
            event,
        });
    }

    /// Appends what waits.
    fn flush(&mut self) -> Result<(), Failure> {
        if self.waiting.is_empty() {
            return Ok(());
        }
        let encoded = self.waiting.iter().map(FixRecord::encode);
        let encoded: Result<Vec<_>, _> = encoded.collect();
        let encoded = encoded.map_err(|error| {
            let what = error.to_string();
            Failure::Evidence(EvidenceError { what, help: None })
        })?;
        let now = self.now();
        let entries = encoded.into_iter().map(|own| own.entry).collect();
        // What is only decided need not be public at once; what is to be carried out must.
        let is_decided = |own: &FixRecord| matches!(own.event, FixEvent::Decided { .. });
        let appended = match self.waiting.iter().all(is_decided) {
            true => self.evidence.append_soon(entries, now)?,
            false => self.evidence.append(entries, now)?,
        };
        self.pass.appended = Some(appended);
        self.pass.records.append(&mut self.waiting);
        Ok(())
    }
}
