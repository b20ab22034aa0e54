//! What a scan adds to the log: the events of findings, and what was seen applied.

use std::collections::{BTreeMap, BTreeSet};

use jiff::Timestamp;

use super::{Ledger, OpenFinding};
use crate::evidence::people::Pseudonymiser;
use crate::evidence::record::{BaselineRecord, FindingEvent, FindingRecord, SeenApplied, Sources};
use crate::model::{
    Address, Assessment, EarlierFinding, FindingKey, Gap, GapReason, Judged, Sha256Digest,
    WorkspaceName,
};

/// What the events of a scan are written with.
#[derive(Clone, Copy)]
pub struct EventContext<'c> {
    pub now: Timestamp,
    pub people: &'c Pseudonymiser,
    pub sources: &'c Sources,
}

/// The events that an assessment makes of the findings known so far: opened and changed ones in the
/// assessment's order, then resolved ones by key. The same assessment again gives none.
///
/// A finding is resolved only if nothing says that its resource was not seen: no gap covers it, its
/// workspace was looked at, and `was_observed` says so too. That one is the caller's to know: whether
/// the resource is still in the scope that was scanned.
pub fn plan_events(
    ledger: &Ledger,
    assessment: &Assessment,
    context: EventContext<'_>,
    was_observed: &dyn Fn(&FindingRecord) -> bool,
) -> Vec<FindingRecord> {
    let open = ledger.open.values();
    events_among(open, ledger, assessment, context, was_observed)
}

/// As [`plan_events`], after a look at few resources: only findings of `among` can be over.
pub fn plan_few_events(
    ledger: &Ledger,
    among: &BTreeSet<FindingKey>,
    assessment: &Assessment,
    context: EventContext<'_>,
    was_observed: &dyn Fn(&FindingRecord) -> bool,
) -> Vec<FindingRecord> {
    let open = among.iter().filter_map(|key| ledger.open.get(key));
    events_among(open, ledger, assessment, context, was_observed)
}

fn events_among<'l>(
    open: impl Iterator<Item = &'l OpenFinding>,
    ledger: &Ledger,
    assessment: &Assessment,
    context: EventContext<'_>,
    was_observed: &dyn Fn(&FindingRecord) -> bool,
) -> Vec<FindingRecord> {
    let keyed = keyed(&assessment.deviations);
    let mut events = Vec::new();
    for (key, judged) in &keyed {
        let event = match ledger.open.get(key) {
            None => FindingEvent::Opened,
            Some(open) if is_other(&open.record, judged) => FindingEvent::Changed,
            Some(_) => continue,
        };
        let EventContext {
            now,
            people,
            sources,
        } = context;
        let record = FindingRecord::new(event, now, key.clone(), judged, people, sources);
        events.push(record);
    }
    let still: BTreeSet<&FindingKey> = keyed.iter().map(|(key, _)| key).collect();
    let gaps = GapIndex::new(assessment);
    for OpenFinding { record, .. } in open {
        if !still.contains(&record.finding) && gaps.let_see(record) && was_observed(record) {
            events.push(record.resolved(context.now));
        }
    }
    events
}

/// The open findings that the assessment neither shows nor resolves: this scan was to look at their
/// subjects, as `is_in_scope` says, and did not.
pub fn not_seen(
    ledger: &Ledger,
    assessment: &Assessment,
    was_observed: &dyn Fn(&FindingRecord) -> bool,
    is_in_scope: &dyn Fn(&FindingRecord) -> bool,
) -> Vec<EarlierFinding> {
    let keyed = keyed(&assessment.deviations);
    let still: BTreeSet<&FindingKey> = keyed.iter().map(|(key, _)| key).collect();
    let gaps = GapIndex::new(assessment);
    let open = ledger.open.values().filter(|OpenFinding { record, .. }| {
        let workspace = record.workspace.as_ref();
        let is_asked = workspace.is_none_or(|own| gaps.workspaces.contains(own));
        let is_told =
            still.contains(&record.finding) || gaps.let_see(record) && was_observed(record);
        is_asked && is_in_scope(record) && !is_told
    });
    open.map(OpenFinding::subject).collect()
}

/// The records for what a scan saw applied and the log does not know yet.
pub fn plan_baselines(
    ledger: &Ledger,
    seen: &[SeenApplied],
    now: Timestamp,
) -> Vec<BaselineRecord> {
    let none = BTreeSet::new();
    let records = seen.iter().flat_map(|seen| {
        let key = (seen.workspace.clone(), seen.plan_sha256);
        let known = ledger.applied.get(&key).unwrap_or(&none);
        BaselineRecord::of(now, seen, known)
    });
    records.collect()
}

/// Each deviation under the key of its finding. Where several share one key, each is told apart by
/// its values, so that none hides another.
pub fn keyed(deviations: &[Judged]) -> Vec<(FindingKey, &Judged)> {
    let mut shared: BTreeMap<FindingKey, u64> = BTreeMap::new();
    for judged in deviations {
        *shared.entry(judged.deviation.finding_key()).or_default() += 1;
    }
    let mut seen = BTreeSet::new();
    let keyed = deviations.iter().filter_map(|judged| {
        let key = judged.deviation.finding_key();
        let key = match shared.get(&key) {
            Some(2..) => {
                let both = format!("{key} {}", judged.deviation.id());
                let mut hex = Sha256Digest::of(both.as_bytes()).to_string();
                hex.truncate(32);
                FindingKey::from(hex)
            }
            _ => key,
        };
        seen.insert(key.clone()).then_some((key, judged))
    });
    keyed.collect()
}

fn is_other(record: &FindingRecord, judged: &Judged) -> bool {
    record.deviation != judged.deviation.id()
        || record.verdict != judged.judgement.verdict
        || record.severity != judged.ruling.severity
        || record.action != judged.ruling.action
        || is_told_more(record, judged)
}

/// Whether it is better known who made it: an event came late. Less is no news: a look that knows
/// fewer events takes nothing back.
fn is_told_more(record: &FindingRecord, judged: &Judged) -> bool {
    let Some(new) = &judged.attribution else {
        return false;
    };
    record.attribution.as_ref().is_none_or(|known| {
        known.event_id != new.event_id && (new.confidence, new.at) > (known.confidence, known.at)
    })
}

/// The gaps of a scan: those of one resource by its address, the wider ones in a row.
struct GapIndex<'a> {
    workspaces: BTreeSet<&'a WorkspaceName>,
    narrow: BTreeMap<&'a Address, Vec<&'a Gap>>,
    wide: Vec<&'a Gap>,
}

impl<'a> GapIndex<'a> {
    fn new(assessment: &'a Assessment) -> Self {
        let mut narrow: BTreeMap<&Address, Vec<&Gap>> = BTreeMap::new();
        let mut wide = Vec::new();
        for gap in &assessment.gaps {
            match &gap.address {
                Some(address) => narrow.entry(address).or_default().push(gap),
                None => wide.push(gap),
            }
        }
        let workspaces = assessment.baselines.iter();
        Self {
            workspaces: workspaces.map(|status| &status.workspace).collect(),
            narrow,
            wide,
        }
    }

    /// Whether no gap hides what a finding is about. Those of other sources are none of an exact look.
    fn let_see(&self, record: &FindingRecord) -> bool {
        record.is_exact() || self.saw(record)
    }

    fn saw(&self, record: &FindingRecord) -> bool {
        let asked = record.workspace.as_ref();
        if asked.is_some_and(|workspace| !self.workspaces.contains(workspace)) {
            return false;
        }
        if self.wide.iter().any(|gap| covers(gap, record)) {
            return false;
        }
        match &record.address {
            Some(address) => {
                let narrow = self.narrow.get(address);
                !narrow.is_some_and(|gaps| gaps.iter().any(|gap| covers(gap, record)))
            }
            // An unmanaged resource may be the very one that an approved address was not found as.
            None => !self
                .narrow
                .values()
                .flatten()
                .any(|gap| covers(gap, record)),
        }
    }
}

/// Whether a gap may hide a finding's resource: what either does not say, it may be.
fn covers(gap: &Gap, record: &FindingRecord) -> bool {
    fn differ<T: PartialEq>(a: Option<&T>, b: Option<&T>) -> bool {
        a.is_some() && b.is_some() && a != b
    }
    // A workspace without a baseline says nothing about what nobody approved.
    if gap.reason == GapReason::NoBaseline && record.workspace.is_none() {
        return false;
    }
    // The resource was seen: only what was found in this attribute may still be so.
    if let Some(hidden) = &gap.attribute {
        let found = record.attribute.as_ref();
        if !found.is_some_and(|found| hidden.holds(found)) {
            return false;
        }
    }
    !(differ(gap.workspace.as_ref(), record.workspace.as_ref())
        || differ(gap.address.as_ref(), record.address.as_ref())
        || differ(gap.type_name.as_ref(), Some(&record.type_name))
        || differ(gap.account.as_ref(), record.account.as_ref())
        || differ(gap.region.as_ref(), record.region.as_ref()))
}
