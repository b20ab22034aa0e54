//! A small estate, a log in memory and a remediator that can be made to fail or to end the process.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};

use jiff::{SignedDuration, Timestamp};

use crate::decide::guards::{FixPolicy, Freeze, Limit, Lists, Permit};
use crate::engine::fixing::{FixDesk, Seen, fix};
use crate::evidence::ledger::{EventContext, Ledger, plan_events};
use crate::evidence::people::Pseudonymiser;
use crate::evidence::record::{FindingRecord, FixEvent, FixRecord, Record, Sources};
use crate::evidence::statement::Previous;
use crate::model::{
    AccountId, Action, Address, ApprovalStatus, Assessment, AttributePath, Deviation,
    DeviationKind, DurabilityLevel, Duties, Fidelity, FixId, FixMode, FixResult, FixSubject,
    IdentityMap, IgnoreChanges, Judged, Judgement, OutsideStanding, Region, RuleId, Ruling,
    Severity, Sha256Digest, StopFile, TypeName, Value, Verdict, WorkspaceName, WorkspaceStatus,
};
use crate::ports::{
    Alarm, Appended, CarriedOut, EvidenceError, EvidenceSink, NotCarriedOut, NotReached, Outside,
    Reached, Receipts, Remediator, StopSign, Wanted, reach,
};

pub const FINDINGS: usize = 6;
/// Two of the same rule in each of two workspaces, one that is protected, one on no list.
const TYPES: [&str; FINDINGS] = [
    "aws_security_group",
    "aws_security_group",
    "aws_s3_bucket_policy",
    "aws_s3_bucket_policy",
    "aws_db_instance",
    "aws_eip",
];

/// What the parts of the test share.
#[derive(Default)]
pub struct Shared {
    pub now: i64,
    pub entries: Vec<Vec<u8>>,
    /// How many of them others can see.
    pub published: u64,
    /// Appends that succeed before one fails, as at the end of the process.
    pub appends_left: Option<usize>,
    pub stop: bool,
    pub remediator_fails: bool,
    /// What comes of a fix that is carried out; else it is handed over.
    pub result: Option<FixResult>,
    pub receipt_fails: bool,
    /// The stop file comes while the receipt is waited for.
    pub stop_on_wait: bool,
    pub carried: Vec<FixId>,
    pub wrong: Vec<String>,
}

pub type Common = Arc<Mutex<Shared>>;

pub struct World {
    pub common: Common,
    pub ledger: Ledger,
    pub policy: FixPolicy,
    /// The version of each deviation that is there.
    pub versions: [Option<u32>; FINDINGS],
    next: u32,
}

impl World {
    pub fn new() -> Self {
        let limit = |count| Limit { count, share: 100 };
        let mut policy = FixPolicy {
            mode: FixMode::Enforce,
            deadline: SignedDuration::from_mins(90),
            ..FixPolicy::default()
        };
        policy.limits.rule = limit(2);
        policy.limits.workspace = limit(2);
        policy.limits.estate = limit(3);
        Self {
            common: Common::default(),
            ledger: Ledger::default(),
            policy,
            versions: [None; FINDINGS],
            next: 0,
        }
    }

    pub fn drift(&mut self, at: usize) {
        self.next += 1;
        self.versions[at] = Some(self.next);
    }

    pub fn now(&self) -> Timestamp {
        time(&self.common)
    }

    pub fn freeze(&mut self, is_on: bool) {
        let now = self.now();
        let window = Freeze {
            name: "test".to_owned(),
            from: now,
            until: now + SignedDuration::from_hours(1000),
        };
        self.policy.freezes = is_on.then_some(window).into_iter().collect();
    }

    /// A scan and what follows it; false where the process ended in between. What it had in memory is
    /// gone then.
    pub fn pass(&mut self) -> bool {
        let assessment = self.assessment();
        let mut log = Log {
            ledger: std::mem::take(&mut self.ledger),
            common: Arc::clone(&self.common),
        };
        let done = scan(&mut log, &assessment).and_then(|()| {
            let sizes = BTreeMap::from([
                (WorkspaceName::from("w0"), 100),
                (WorkspaceName::from("w1"), 100),
            ]);
            let seen = Seen {
                assessment: &assessment,
                sizes: &sizes,
                is_whole: true,
            };
            let clock = || time(&self.common);
            fix(&self.desk(), &mut log, seen, &clock).map_err(drop)
        });
        self.ledger = replayed(&self.common);
        if done.is_ok() {
            assert_eq!(
                log.ledger, self.ledger,
                "what is in memory is what the log says"
            );
        }
        self.common.lock().unwrap().appends_left = None;
        done.is_ok()
    }

    pub fn desk(&self) -> FixDesk {
        let own = Own(Arc::clone(&self.common));
        FixDesk {
            policy: self.policy.clone(),
            lists: Lists::reviewed().unwrap(),
            remediators: vec![Box::new(own.clone())],
            stop: Box::new(own.clone()),
            receipts: Box::new(own),
        }
    }

    pub fn records(&self) -> Vec<Record> {
        let entries = &self.common.lock().unwrap().entries;
        let read = (0u64..)
            .zip(entries)
            .map(|(at, entry)| Record::read(at, entry).unwrap());
        read.collect()
    }

    fn assessment(&self) -> Assessment {
        let there = self.versions.iter().enumerate();
        let deviations = there.filter_map(|(at, version)| Some(judged(at, (*version)?)));
        let status = |name: &str| WorkspaceStatus {
            workspace: WorkspaceName::from(name),
            plan_sha256: None,
            change: None,
            approval: ApprovalStatus::Approved,
            reasons: Vec::new(),
            ignore_changes: IgnoreChanges::Known,
        };
        Assessment {
            baselines: vec![status("w0"), status("w1")],
            deviations: deviations.collect(),
            ..Assessment::default()
        }
    }
}

pub fn time(common: &Common) -> Timestamp {
    Timestamp::from_second(1_793_784_600 + 60 * common.lock().unwrap().now).unwrap()
}

pub fn replayed(common: &Common) -> Ledger {
    let mut ledger = Ledger::default();
    for (at, entry) in (0u64..).zip(&common.lock().unwrap().entries) {
        ledger.apply(at, entry).unwrap();
    }
    ledger
}

fn scan(log: &mut Log, assessment: &Assessment) -> Result<(), ()> {
    let now = time(&log.common);
    let people = Pseudonymiser::new(&[1; 32], &IdentityMap::default());
    let sources = Sources::default();
    let context = EventContext {
        now,
        people: &people,
        sources: &sources,
    };
    let events = plan_events(&log.ledger, assessment, context, &|_| true);
    let entries: Vec<Vec<u8>> = events.iter().map(entry).collect();
    match entries.is_empty() {
        true => Ok(()),
        false => log.append(entries, now).map(drop).map_err(drop),
    }
}

fn entry(record: &FindingRecord) -> Vec<u8> {
    record.encode().unwrap().entry
}

fn judged(at: usize, version: u32) -> Judged {
    let is_of_attribute = at < 4;
    let attribute = if at < 2 { "/ingress" } else { "/policy" };
    Judged {
        deviation: Deviation {
            kind: match is_of_attribute {
                true => DeviationKind::Changed,
                false => DeviationKind::Missing,
            },
            workspace: Some(WorkspaceName::from(format!("w{}", at % 2))),
            address: Some(Address::from(format!("{}.r{at}", TYPES[at]))),
            type_name: TypeName::from(TYPES[at]),
            provider_id: None,
            account: Some(AccountId::from("111122223333")),
            region: Some(Region::from("eu-west-1")),
            attribute: is_of_attribute.then(|| AttributePath::from(attribute)),
            approved: Value::Null,
            live: Value::from(version.to_string().as_str()),
            fidelity: Fidelity::Mapped,
            observed_at: None,
            tags: BTreeMap::new(),
            subjects: Vec::new(),
            source: None,
            within: None,
            pending: Vec::new(),
            earlier: Vec::new(),
            notes: Vec::new(),
        },
        judgement: Judgement {
            verdict: Verdict::Unauthorised,
            reasons: vec!["nothing covers it".to_owned()],
            change: None,
        },
        attribution: None,
        ruling: Ruling {
            severity: Severity::High,
            action: Action::Remediate,
            rule: Some(RuleId::from(format!("rule{}", at / 2))),
            duties: Duties::default(),
            notes: Vec::new(),
        },
    }
}

/// The log in memory.
struct Log {
    ledger: Ledger,
    common: Common,
}

impl EvidenceSink for Log {
    fn ledger(&self) -> &Ledger {
        &self.ledger
    }

    fn previous(&self) -> Previous {
        let tree_size = self.common.lock().unwrap().entries.len() as u64;
        let root = String::new();
        Previous { tree_size, root }
    }

    fn put_blob(&mut self, bytes: &[u8]) -> Result<Sha256Digest, EvidenceError> {
        Ok(Sha256Digest::of(bytes))
    }

    fn append(&mut self, entries: Vec<Vec<u8>>, now: Timestamp) -> Result<Appended, EvidenceError> {
        let appended = self.append_soon(entries, now)?;
        self.publish()?;
        Ok(appended)
    }

    fn publish(&mut self) -> Result<(), EvidenceError> {
        let mut common = self.common.lock().unwrap();
        common.published = common.entries.len() as u64;
        Ok(())
    }

    fn append_soon(
        &mut self,
        entries: Vec<Vec<u8>>,
        _: Timestamp,
    ) -> Result<Appended, EvidenceError> {
        let mut common = self.common.lock().unwrap();
        if let Some(left) = common.appends_left {
            let Some(left) = left.checked_sub(1) else {
                let what = "the process ended".to_owned();
                return Err(EvidenceError { what, help: None });
            };
            common.appends_left = Some(left);
        }
        for entry in entries {
            let index = common.entries.len() as u64;
            self.ledger.apply(index, &entry).unwrap();
            common.entries.push(entry);
        }
        Ok(Appended {
            origin: "test".to_owned(),
            tree_size: common.entries.len() as u64,
            root: [0; 32],
        })
    }
}

#[derive(Clone)]
struct Own(Common);

impl Remediator for Own {
    fn name(&self) -> &str {
        "test"
    }

    fn takes(&self, _: &FixSubject) -> bool {
        true
    }

    fn carry_out(&self, permit: Permit, receipt: Reached) -> Result<CarriedOut, NotCarriedOut> {
        let mut common = self.0.lock().unwrap();
        let mut intents =
            (0u64..).zip(&common.entries).filter_map(|(at, entry)| {
                match Record::read(at, entry).unwrap() {
                    Record::Fix(own) => match own.event {
                        FixEvent::Intended { intent } => Some((at, intent)),
                        _ => None,
                    },
                    _ => None,
                }
            });
        let own = intents.find(|(_, intent)| **intent == *permit.intent());
        match own {
            Some((at, _)) if receipt.tree_size().min(common.published) > at => {}
            _ => common.wrong.push(format!(
                "{} was carried out before its intent lasted",
                permit.id()
            )),
        }
        if common.stop {
            common
                .wrong
                .push("carried out beside a stop file".to_owned());
        }
        if common.remediator_fails {
            let what = "it failed".to_owned();
            return Err(NotCarriedOut { what });
        }
        common.carried.push(permit.id().clone());
        Ok(CarriedOut {
            result: common.result.unwrap_or(FixResult::HandedOver),
            detail: String::new(),
            document: None,
            change: None,
            run: None,
        })
    }
}

impl StopSign for Own {
    fn look(&self) -> StopFile {
        match self.0.lock().unwrap().stop {
            true => StopFile::Present("STOP".to_owned()),
            false => StopFile::Absent,
        }
    }
}

impl Receipts for Own {
    fn wait(
        &self,
        appended: &Appended,
        clock: &dyn Fn() -> Timestamp,
    ) -> Result<Reached, NotReached> {
        let fails = {
            let mut common = self.0.lock().unwrap();
            common.stop |= common.stop_on_wait;
            common.receipt_fails
        };
        let wanted = Wanted {
            level: DurabilityLevel::Worm,
            witnesses: 1,
            wait: SignedDuration::ZERO,
        };
        let mut mirror = Mirror {
            tree_size: appended.tree_size,
            fails,
        };
        reach(&mut mirror, appended, wanted, clock).map(|waited| waited.proof)
    }
}

struct Mirror {
    tree_size: u64,
    fails: bool,
}

impl Outside for Mirror {
    fn look(&mut self, _: Timestamp) -> Result<OutsideStanding, Alarm> {
        let covered = (!self.fails).then_some(self.tree_size);
        let mirror = crate::model::PlaceStanding::at("mirror", covered, self.tree_size, None);
        Ok(OutsideStanding {
            tree_size: self.tree_size,
            mirror: Some(mirror),
            ..OutsideStanding::default()
        })
    }

    fn advance(&mut self, now: Timestamp) -> Result<OutsideStanding, Alarm> {
        self.look(now)
    }

    fn pause(&mut self, _: SignedDuration) {}
}

/// The steps of fixes in the log, in order.
pub fn steps(world: &World) -> Vec<FixRecord> {
    let records = world.records().into_iter();
    let fixes = records.filter_map(|record| match record {
        Record::Fix(own) => Some(*own),
        _ => None,
    });
    fixes.collect()
}
