//! What the detector watches about itself, as conditions. Pure: the clock is a parameter.

use std::collections::BTreeMap;

use jiff::{SignedDuration, Timestamp};

use super::held::Area;
use super::reload::SelfWatch;
use crate::evidence::ledger::Ledger;
use crate::evidence::watches::Condition;
use crate::model::{Sha256Digest, WatchKind};
use crate::ports::Freshness;

pub struct Watched<'w> {
    pub settings: &'w SelfWatch,
    pub freshness: &'w [Freshness],
    /// The rules that a scan just went by; between scans, what is known of them stays.
    pub rules: Option<Sha256Digest>,
    pub last_record: Timestamp,
    pub refused: &'w BTreeMap<Area, Vec<String>>,
}

/// Everything that is watched, as it is now.
pub fn conditions(watched: &Watched<'_>, ledger: &Ledger, now: Timestamp) -> Vec<Condition> {
    let settings = watched.settings;
    let mut conditions: Vec<Condition> = watched
        .freshness
        .iter()
        .filter_map(|source| freshness(source, settings, now))
        .collect();
    conditions.extend(rules(watched, ledger));
    let age = now.duration_since(watched.last_record);
    let too_old = age > settings.evidence_stale_after;
    conditions.push(Condition {
        kind: WatchKind::EvidenceStale,
        subject: "evidence".to_owned(),
        wrong: too_old.then(|| format!("the last scan was recorded at {}", watched.last_record)),
    });
    conditions.extend(watched.refused.keys().map(|area| Condition {
        kind: WatchKind::ConfigurationRejected,
        subject: area.name(),
        wrong: Some("what was written is refused; what was in force before still is".to_owned()),
    }));
    conditions.extend(no_longer_refused(watched, ledger));
    conditions
}

/// What was refused before and is good now, or as it was.
fn no_longer_refused(watched: &Watched<'_>, ledger: &Ledger) -> Vec<Condition> {
    let is_refused = |subject: &str| watched.refused.keys().any(|area| area.name() == subject);
    let known = ledger.watches();
    let known = known.filter(|record| record.watch == WatchKind::ConfigurationRejected);
    let good = known.filter(|record| !is_refused(&record.subject));
    let conditions = good.map(|record| Condition {
        kind: record.watch,
        subject: record.subject.clone(),
        wrong: None,
    });
    conditions.collect()
}

fn freshness(source: &Freshness, settings: &SelfWatch, now: Timestamp) -> Option<Condition> {
    let (kind, after) = match source.is_trail {
        true => (WatchKind::TrailStale, settings.trail_stale_after?),
        false => (WatchKind::LiveStale, settings.live_stale_after?),
    };
    let wrong = match source.newest {
        None => Some("nothing of it was found".to_owned()),
        Some(newest) if is_older(newest, after, now) => Some(format!("its newest is of {newest}")),
        Some(_) => None,
    };
    Some(Condition {
        kind,
        subject: source.source.clone(),
        wrong,
    })
}

fn is_older(newest: Timestamp, after: SignedDuration, now: Timestamp) -> bool {
    now.duration_since(newest) > after
}

fn rules(watched: &Watched<'_>, ledger: &Ledger) -> Option<Condition> {
    let approved = watched.settings.approved_rules?;
    let kind = WatchKind::RulesNotApproved;
    let wrong = match watched.rules {
        Some(rules) => (rules != approved)
            .then(|| format!("the rules in force have the digest {rules}; {approved} is approved")),
        None => ledger
            .watch(kind, "rules")
            .map(|known| known.detail.clone()),
    };
    Some(Condition {
        kind,
        subject: "rules".to_owned(),
        wrong,
    })
}
