//! The judgement against a small world: findings open, change, heal; messages arrive or are lost;
//! the log is replayed at any step.

mod cases;
mod property;

use std::collections::BTreeMap;

use jiff::{SignedDuration, Timestamp};

use super::*;

#[derive(Clone)]
struct One {
    finding: FindingKey,
    version: DeviationId,
    workspace: WorkspaceName,
    account: AccountId,
    actor: Option<String>,
    severity: Severity,
    verdict: Verdict,
    first_seen: Timestamp,
    due: Option<Timestamp>,
    accepted: bool,
    suspected: bool,
    flapping: bool,
    acknowledged: Option<String>,
    window: Option<(ChangeNumber, Timestamp)>,
}

/// What the log would hold.
struct World {
    now: Timestamp,
    policy: Policy,
    open: BTreeMap<FindingKey, One>,
    faults: Vec<Fault>,
    told: Told,
    log: Vec<Message>,
    holds: Vec<(Hold, Vec<FindingKey>)>,
}

const MINUTE: SignedDuration = SignedDuration::from_secs(60);

impl World {
    fn new() -> Self {
        let policy = Policy {
            routes: vec![Route {
                name: "all".to_owned(),
                to: vec!["pager".to_owned()],
                escalate_to: vec!["boss".to_owned()],
                escalate_after: Some(MINUTE * 30),
                ..Route::default()
            }],
            ..Policy::default()
        };
        Self {
            now: "2026-11-28T08:00:00Z".parse().unwrap(),
            policy,
            open: BTreeMap::new(),
            faults: Vec::new(),
            told: Told::default(),
            log: Vec::new(),
            holds: Vec::new(),
        }
    }

    fn one(&self, number: u32, severity: Severity) -> One {
        One {
            finding: FindingKey::from(format!("f{number:05}")),
            version: DeviationId::from(format!("d{number}")),
            workspace: "payments".into(),
            account: "111122223333".into(),
            actor: Some("maria".to_owned()),
            severity,
            verdict: Verdict::Unauthorised,
            first_seen: self.now,
            due: None,
            accepted: false,
            suspected: false,
            flapping: false,
            acknowledged: None,
            window: None,
        }
    }

    fn add(&mut self, number: u32, severity: Severity, with: impl FnOnce(&mut One)) {
        let mut one = self.one(number, severity);
        with(&mut one);
        self.open.insert(one.finding.clone(), one);
    }

    fn change(&mut self, number: u32, with: impl FnOnce(&mut One)) {
        let key = FindingKey::from(format!("f{number:05}"));
        with(self.open.get_mut(&key).unwrap());
    }

    fn heal(&mut self, number: u32) {
        let key = FindingKey::from(format!("f{number:05}"));
        self.open.remove(&key);
        self.told.over(&key);
    }

    fn pass_time(&mut self, time: SignedDuration) {
        self.now = self.now.checked_add(time).unwrap();
    }

    fn decide(&self) -> Vec<Decision> {
        let candidates: Vec<Candidate<'_>> = self.open.values().map(candidate).collect();
        judge(&Scene {
            now: self.now,
            origin: "test/log",
            candidates: &candidates,
            faults: &self.faults,
            told: &self.told,
            policy: &self.policy,
        })
    }

    /// One pass, recorded; the messages that it made.
    fn judge(&mut self) -> Vec<Message> {
        let decisions = self.decide();
        let mut said = Vec::new();
        for decision in decisions {
            match decision {
                Decision::Say(message) => {
                    self.told.queue(&message);
                    if message.kind.is_once() {
                        let versions = message.findings.iter();
                        let versions = versions
                            .map(|own| (own.clone(), self.open[own].version.clone()))
                            .collect::<Vec<_>>();
                        self.told.told_once(versions);
                    }
                    said.push(*message);
                }
                Decision::Hold { why, findings } => {
                    self.told.held_back(&why, &findings);
                    self.holds.push((why, findings));
                }
            }
        }
        self.log.extend(said.iter().cloned());
        assert_eq!(
            self.decide(),
            Vec::new(),
            "the same pass again says nothing"
        );
        said
    }

    fn pages(&self) -> Vec<&Message> {
        let log = self.log.iter();
        log.filter(|message| {
            message.kind.is_page() && message.step == PageStep::Trigger && message.sequence == 1
        })
        .collect()
    }
}

fn candidate(one: &One) -> Candidate<'_> {
    Candidate {
        finding: &one.finding,
        version: &one.version,
        kind: DeviationKind::Changed,
        workspace: Some(&one.workspace),
        account: Some(&one.account),
        address: None,
        rule: None,
        owner: None,
        controls: &[],
        severity: one.severity,
        verdict: one.verdict,
        asks: one.verdict != Verdict::AwaitingApply,
        actor: one.actor.as_deref(),
        change: None,
        first_seen: one.first_seen,
        due: one.due,
        suspected: one.suspected,
        accepted: one.accepted,
        flapping: one.flapping,
        acknowledged: one.acknowledged.as_deref(),
        window: one.window.as_ref().map(|(change, until)| (change, *until)),
    }
}

fn steps(said: &[Message]) -> Vec<(PageStep, AlertKind)> {
    said.iter().map(|one| (one.step, one.kind)).collect()
}

/// The findings that are told of for the first time.
fn first_told(said: &[Message]) -> Vec<FindingKey> {
    said.iter().flat_map(|one| one.findings.clone()).collect()
}

const HIGH: Severity = Severity::High;
