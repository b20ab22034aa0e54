//! The life of findings: which events of a scan are recorded, and which steps follow from them.
//! Everything is replayed from the log, so a restart forgets nothing.

use std::collections::{BTreeMap, BTreeSet};

use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};

use super::ledger::{Ledger, OpenFinding, keyed};
use super::record::{FindingEvent, FindingRecord, StateEvent, StateRecord};
use crate::model::{
    Acceptance, Assessment, DeviationId, FindingKey, FindingState, FixId, LifecyclePolicy,
};

/// The longest window in which flapping can be counted; what is older is forgotten.
pub const LONGEST_WINDOW: SignedDuration = SignedDuration::from_hours(720);
/// The most openings that are remembered of one finding.
const REMEMBERED: usize = 101;

/// Where an unresolved finding stands, as its state records have it.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Standing {
    /// The looks that saw it, while they are not enough.
    pub suspected: Option<u32>,
    /// By whom, as a pseudonym.
    pub acknowledged: Option<String>,
    pub accepted: Option<Acceptance>,
    pub flapping_since: Option<Timestamp>,
    /// The fix that is under way.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub fixing: Option<FixId>,
}

impl Standing {
    pub fn state(&self) -> FindingState {
        if self.accepted.is_some() {
            FindingState::Accepted
        } else if self.flapping_since.is_some() {
            FindingState::Flapping
        } else if self.suspected.is_some() {
            FindingState::Suspected
        } else if self.fixing.is_some() {
            FindingState::Fixing
        } else if self.acknowledged.is_some() {
            FindingState::Acknowledged
        } else {
            FindingState::Open
        }
    }

    pub fn apply(&mut self, record: StateRecord) {
        match record.event {
            StateEvent::Suspected => self.suspected = record.looks,
            StateEvent::Confirmed => self.suspected = None,
            StateEvent::Acknowledged => self.acknowledged = record.by,
            StateEvent::Accepted => self.accepted = record.acceptance,
            StateEvent::Reopened => self.accepted = None,
            StateEvent::FlappingBegan => self.flapping_since = Some(record.at),
            StateEvent::FlappingEnded => self.flapping_since = None,
        }
    }
}

/// When findings opened: what flapping is counted from.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Openings(BTreeMap<FindingKey, Vec<Timestamp>>);

impl Openings {
    pub fn push(&mut self, key: &FindingKey, at: Timestamp) {
        let times = self.0.entry(key.clone()).or_default();
        times.push(at);
        times.retain(|time| at.duration_since(*time) <= LONGEST_WINDOW);
        let surplus = times.len().saturating_sub(REMEMBERED);
        times.drain(..surplus);
    }

    /// Each finding with its openings.
    pub fn iter(&self) -> impl Iterator<Item = (&FindingKey, &[Timestamp])> {
        self.0.iter().map(|(key, times)| (key, times.as_slice()))
    }

    fn within(&self, key: &FindingKey, now: Timestamp, window: SignedDuration) -> usize {
        let times = self.0.get(key).into_iter().flatten();
        times
            .filter(|time| now.duration_since(**time) <= window)
            .count()
    }
}

/// What a scan gives to record about findings.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Steps {
    pub findings: Vec<FindingRecord>,
    pub states: Vec<StateRecord>,
}

/// What the steps are decided with.
#[derive(Clone, Copy)]
pub struct LifeContext<'c> {
    pub now: Timestamp,
    pub policy: LifecyclePolicy,
    /// The waivers that stand, by the finding that each accepts, with the version it is bound to.
    pub accepted: &'c BTreeMap<FindingKey, (Option<DeviationId>, Acceptance)>,
}

/// The findings of an assessment that a standing waiver accepts, by their deviation.
pub fn accepted(
    assessment: &Assessment,
    waivers: &BTreeMap<FindingKey, (Option<DeviationId>, Acceptance)>,
) -> BTreeMap<DeviationId, Acceptance> {
    let keyed = keyed(&assessment.deviations).into_iter();
    let accepted = keyed.filter_map(|(key, judged)| {
        let (version, acceptance) = waivers.get(&key)?;
        let id = judged.deviation.id();
        let holds = version.as_ref().is_none_or(|version| *version == id);
        holds.then(|| (id, acceptance.clone()))
    });
    accepted.collect()
}

/// The steps that follow from the events of a scan. `events` are those that the assessment makes of
/// the ledger; of a finding that is flapping, its closing is held back until it is calm.
pub fn plan_steps(
    ledger: &Ledger,
    assessment: &Assessment,
    events: Vec<FindingRecord>,
    context: LifeContext<'_>,
) -> Steps {
    let mut steps = Steps::default();
    let mut changed: BTreeMap<FindingKey, FindingRecord> = BTreeMap::new();
    let mut gone = BTreeSet::new();
    for event in events {
        let open = ledger.open_finding(&event.finding);
        match event.event {
            FindingEvent::Opened => {
                steps.states.extend(opened(ledger, &event, context));
                steps.findings.push(event);
            }
            FindingEvent::Changed => {
                changed.insert(event.finding.clone(), event.clone());
                steps.findings.push(event);
            }
            FindingEvent::Resolved => {
                if open.is_some_and(|open| is_restless(open, context)) {
                    continue;
                }
                gone.insert(event.finding.clone());
                let calm = open.filter(|open| open.standing.flapping_since.is_some());
                steps
                    .states
                    .extend(calm.map(|open| calmed(open, context.now)));
                steps.findings.push(event);
            }
        }
    }
    let seen: BTreeSet<FindingKey> = keyed(&assessment.deviations)
        .into_iter()
        .map(|(key, _)| key)
        .collect();
    // Whatever was not seen changes by waivers alone.
    let mut asked: BTreeSet<&FindingKey> = seen.iter().collect();
    asked.extend(context.accepted.keys());
    asked.extend(ledger.accepted_findings());
    asked.retain(|key| !gone.contains(*key));
    for key in asked {
        let Some(open) = ledger.open_finding(key) else {
            continue;
        };
        let newest = changed.get(key).unwrap_or(&open.record);
        steps
            .states
            .extend(lived(open, newest, seen.contains(key), context));
    }
    steps
}

/// Whether a flapping finding is still within the time in which it is said once.
fn is_restless(open: &OpenFinding, context: LifeContext<'_>) -> bool {
    let since = open.standing.flapping_since;
    since.is_some_and(|since| context.now.duration_since(since) < context.policy.flap_window)
}

fn calmed(open: &OpenFinding, now: Timestamp) -> StateRecord {
    let mut standing = open.standing.clone();
    standing.flapping_since = None;
    let key = open.record.finding.clone();
    let deviation = open.record.deviation.clone();
    let event = StateEvent::FlappingEnded;
    StateRecord::new(event, now, key, deviation, standing.state())
}

/// The steps of a finding that just opened.
fn opened(ledger: &Ledger, event: &FindingRecord, context: LifeContext<'_>) -> Vec<StateRecord> {
    let LifeContext { now, policy, .. } = context;
    let mut standing = Standing::default();
    let mut steps = Vec::new();
    let key = &event.finding;
    let before = ledger.openings().within(key, now, policy.flap_window);
    let times = before.saturating_add(1);
    if times > usize::try_from(policy.flap_count).unwrap_or(usize::MAX) {
        standing.flapping_since = Some(now);
        let note = format!(
            "it opened {times} times within {}",
            in_words(policy.flap_window)
        );
        steps.push(step(StateEvent::FlappingBegan, event, &standing, now).with_note(&note));
    } else if policy.confirm_after > 1 {
        standing.suspected = Some(1);
        let mut record = step(StateEvent::Suspected, event, &standing, now);
        record.looks = Some(1);
        steps.push(record);
    }
    steps.extend(acceptance(&mut standing, event, context));
    steps
}

/// The steps of a finding that was open before and still is.
fn lived(
    open: &OpenFinding,
    newest: &FindingRecord,
    seen: bool,
    context: LifeContext<'_>,
) -> Vec<StateRecord> {
    let LifeContext { now, policy, .. } = context;
    let mut standing = open.standing.clone();
    let mut steps = Vec::new();
    if standing.flapping_since.is_some() && seen && !is_restless(open, context) {
        standing.flapping_since = None;
        steps.push(step(StateEvent::FlappingEnded, newest, &standing, now));
    }
    if let Some(looks) = standing.suspected.filter(|_| seen) {
        let looks = looks.saturating_add(1);
        let enough = looks >= policy.confirm_after;
        standing.suspected = (!enough).then_some(looks);
        let event = match enough {
            true => StateEvent::Confirmed,
            false => StateEvent::Suspected,
        };
        let mut record = step(event, newest, &standing, now);
        record.looks = Some(looks);
        steps.push(record);
    }
    steps.extend(acceptance(&mut standing, newest, context));
    steps
}

/// What a waiver does to a finding: accept it, or no longer.
fn acceptance(
    standing: &mut Standing,
    newest: &FindingRecord,
    context: LifeContext<'_>,
) -> Option<StateRecord> {
    let waiver = context.accepted.get(&newest.finding);
    let holds = waiver.filter(|(version, _)| {
        let version = version.as_ref();
        version.is_none_or(|version| *version == newest.deviation)
    });
    let holds = holds.map(|(_, acceptance)| acceptance.clone());
    if standing.accepted == holds {
        return None;
    }
    let (event, why) = match (&holds, waiver, &standing.accepted) {
        (Some(_), ..) => (StateEvent::Accepted, None),
        (None, Some(_), _) => {
            let why = "the finding is no longer the version that the waiver accepts";
            (StateEvent::Reopened, Some(why))
        }
        (None, None, Some(before)) if before.expires <= context.now => {
            (StateEvent::Reopened, Some("the waiver expired"))
        }
        (None, None, _) => (StateEvent::Reopened, Some("the waiver no longer stands")),
    };
    standing.accepted.clone_from(&holds);
    let mut record = step(event, newest, standing, context.now);
    record.acceptance = holds;
    Some(match why {
        Some(why) => record.with_note(why),
        None => record,
    })
}

fn step(
    event: StateEvent,
    newest: &FindingRecord,
    standing: &Standing,
    now: Timestamp,
) -> StateRecord {
    let key = newest.finding.clone();
    StateRecord::new(event, now, key, newest.deviation.clone(), standing.state())
}

fn in_words(window: SignedDuration) -> String {
    let seconds = window.as_secs();
    match seconds % 3600 {
        0 => format!("{} h", seconds / 3600),
        _ => format!("{seconds} s"),
    }
}
