//! A message as people get it, put together from what the log holds when it is sent.

use std::collections::BTreeMap;

use jiff::{SignedDuration, Timestamp};

use super::known::Known;
use super::scene::{exposed, most_severe};
use crate::decide::paging::{Fault, Policy, is_about, risk, words};
use crate::evidence::ledger::{Ledger, OpenFinding};
use crate::evidence::record::FindingRecord;
use crate::model::{
    Action, Alert, AlertKey, AlertKind, EvidenceLink, Page, PageStep, PageSubject, PagedActor,
    PagedFinding, PagedGroup, Severity, Verdict,
};

/// So many findings of a group are shown.
const SHOWN: usize = 10;

pub struct Content<'c> {
    pub now: Timestamp,
    pub origin: &'c str,
    /// The newest entry of the log.
    pub newest: u64,
    pub ledger: &'c Ledger,
    pub policy: &'c Policy,
    pub known: &'c Known,
    /// How a command ends.
    pub named: &'c str,
}

/// What is to be said of an alert.
struct Head<'h> {
    key: &'h AlertKey,
    sequence: u32,
    step: PageStep,
    at: Timestamp,
    severity: Severity,
    why: Option<&'h str>,
}

impl Content<'_> {
    /// One message of an alert; `None` where the log no longer knows of it.
    pub fn page(&self, key: &AlertKey, sequence: u32) -> Option<Page> {
        let alert = self.ledger.told().alert(key)?;
        let (step, at, severity, why) = alert.waiting.get(&sequence)?;
        let head = Head {
            key,
            sequence,
            step: *step,
            at: *at,
            severity: *severity,
            why: why.as_deref(),
        };
        Some(self.of_alert(&head, alert))
    }

    fn of_alert(&self, head: &Head<'_>, alert: &Alert) -> Page {
        match alert.kind {
            AlertKind::Finding | AlertKind::Export => self.single(head, alert),
            AlertKind::Group | AlertKind::Storm | AlertKind::Note | AlertKind::Digest => {
                self.group(head, alert)
            }
            AlertKind::Detector => self.detector(head, alert),
        }
    }

    /// An alert that goes on, for a receiver that forgets.
    pub fn again(&self, key: &AlertKey, alert: &Alert) -> Page {
        let head = Head {
            key,
            sequence: alert.sequence,
            step: PageStep::Update,
            at: alert.at,
            severity: alert.severity,
            why: None,
        };
        self.of_alert(&head, alert)
    }

    fn single(&self, head: &Head<'_>, alert: &Alert) -> Page {
        let open = alert.members.iter().next();
        let open = open.and_then(|finding| self.ledger.open_finding(finding));
        // What is over may have begun anew meanwhile.
        let open = open.filter(|own| head.step != PageStep::Resolve && own.first_seen <= head.at);
        match (open, self.ledger.gone(head.key)) {
            (Some(open), _) => self.of_record(head, &open.record, Some(open), self.entry(open)),
            (None, Some((entry, record))) => self.of_record(head, record, None, entry),
            (None, None) => {
                let text = match head.step {
                    PageStep::Resolve => "over: it is as approved again",
                    _ => "it is over before it could be told",
                };
                let subject = PageSubject::Plain {
                    text: text.to_owned(),
                };
                self.plain(head, text.to_owned(), subject)
            }
        }
    }

    fn of_record(
        &self,
        head: &Head<'_>,
        record: &FindingRecord,
        open: Option<&OpenFinding>,
        entry: u64,
    ) -> Page {
        let own = self.finding(record, open);
        let level = self.known.level(&record.finding);
        let (_, reasons) = risk::assess(&exposed(record, level), self.policy);
        let title = words::of_finding(head.step, head.severity, &own, head.why);
        let next = words::next_for(head.step, &record.finding) + self.named;
        let subject = PageSubject::Finding(Box::new(own));
        let page = self.plain(head, title, subject);
        Page {
            risk: reasons,
            next,
            runbook: record.runbook.clone(),
            owner: record.owner.clone(),
            controls: record.controls.clone(),
            evidence: self.link(entry),
            ..page
        }
    }

    fn group(&self, head: &Head<'_>, alert: &Alert) -> Page {
        let shown = most_severe(self.ledger, &alert.members, SHOWN);
        let mut counts: BTreeMap<Severity, u64> = BTreeMap::new();
        for finding in &alert.members {
            if let Some(open) = self.ledger.open_finding(finding) {
                *counts.entry(open.record.severity).or_default() += 1;
            }
        }
        let first = shown.first().map(|open| &open.record.finding);
        let doing = alert.doing.as_ref();
        let actor = doing.and_then(|doing| doing.actor.as_deref());
        let actor = actor.map(|actor| self.known.name(first, actor));
        let about = alert.about.as_deref();
        let common = words::common(alert.kind, doing, actor.as_deref(), about);
        let total = alert.total;
        let title = words::of_group(head.step, head.severity, total, &common, head.why);
        let entry = shown.iter().map(|open| self.entry(open)).max();
        let records = shown.iter().map(|open| (&open.record, *open));
        let some: Vec<PagedFinding> = records
            .map(|(record, open)| self.finding(record, Some(open)))
            .collect();
        let owner = shown.first().and_then(|open| open.record.owner.clone());
        let runbook = shown.first().and_then(|open| open.record.runbook.clone());
        let subject = PageSubject::Group(Box::new(PagedGroup {
            common,
            total,
            by_severity: counts.into_iter().rev().collect(),
            some,
        }));
        let page = self.plain(head, title, subject);
        Page {
            risk: vec![format!("the most severe of them is {}", head.severity)],
            owner,
            runbook,
            evidence: self.link(entry.unwrap_or(self.newest)),
            ..page
        }
    }

    fn detector(&self, head: &Head<'_>, alert: &Alert) -> Page {
        let about = alert.about.as_deref().unwrap_or_default();
        let open = self.ledger.watches().filter(|record| {
            let fault = Fault {
                kind: record.watch,
                subject: record.subject.clone(),
            };
            is_about(about, &fault)
        });
        let lines: Vec<String> = open
            .map(|record| {
                format!(
                    "{} {}: {}",
                    record.watch.as_str(),
                    record.subject,
                    record.detail
                )
            })
            .collect();
        let what = match lines.is_empty() {
            true => "it is as it should be again".to_owned(),
            false => lines.join("; "),
        };
        let title = words::of_detector(head.step, head.severity, &what);
        let subject = PageSubject::Detector {
            what,
            consequence: words::consequence(about).to_owned(),
        };
        self.plain(head, title, subject)
    }

    fn plain(&self, head: &Head<'_>, title: String, subject: PageSubject) -> Page {
        Page {
            key: head.key.to_string(),
            sequence: head.sequence,
            step: head.step,
            at: head.at,
            severity: head.severity,
            title,
            subject,
            risk: Vec::new(),
            next: format!("driftwarden findings{}", self.named),
            runbook: None,
            owner: None,
            controls: Vec::new(),
            evidence: self.link(self.newest),
        }
    }

    fn finding(&self, record: &FindingRecord, open: Option<&OpenFinding>) -> PagedFinding {
        let who = record.attribution.as_ref().map(|own| PagedActor {
            name: self.known.name(Some(&record.finding), &own.actor),
            at: own.at,
            from: own.from.clone(),
            means: own.means,
            call: own.call.clone(),
        });
        let sla = record.sla_seconds.and_then(|own| i64::try_from(own).ok());
        let due = open.zip(sla).and_then(|(open, sla)| {
            let due = open.first_seen.checked_add(SignedDuration::from_secs(sla));
            due.ok()
        });
        let accepted = open.and_then(|open| open.standing.accepted.as_ref());
        let waiver = accepted.map(|own| own.waiver.as_str());
        let covered_by = record.change.as_ref();
        let covered_by = covered_by.filter(|_| record.verdict == Verdict::Authorised);
        let remediates = match record.action {
            Action::Remediate => true,
            Action::Alert | Action::Record | Action::Ignore => false,
        };
        let fixes = self.ledger.fixes();
        let fix = fixes.standing(&record.finding, &record.deviation);
        let rests = covered_by.is_some() || waiver.is_some();
        let fix = fix.filter(|_| remediates && !rests);
        PagedFinding {
            finding: record.finding.clone(),
            kind: record.kind,
            workspace: record.workspace.clone(),
            type_name: record.type_name.clone(),
            address: record.address.clone(),
            provider_id: record.provider_id.clone(),
            account: record.account.clone(),
            region: record.region.clone(),
            attribute: record.attribute.clone(),
            approved: record.approved.clone(),
            live: record.live.clone(),
            verdict: record.verdict,
            reasons: record.reasons.clone(),
            change: record.change.clone(),
            who,
            rule: record.rule.clone(),
            done: match fix {
                Some(fix) => fix.line,
                None => words::done(remediates, covered_by, waiver),
            },
            due,
            open_for: open.map(|open| self.now.duration_since(open.first_seen)),
        }
    }

    fn entry(&self, open: &OpenFinding) -> u64 {
        open.entries.last().copied().unwrap_or(self.newest)
    }

    fn link(&self, entry: u64) -> EvidenceLink {
        let url = self.policy.evidence_url.as_ref();
        EvidenceLink {
            origin: self.origin.to_owned(),
            entry,
            url: url.map(|url| url.replace("{entry}", &entry.to_string())),
        }
    }
}
