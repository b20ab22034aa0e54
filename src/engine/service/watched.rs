//! What the detector watches about itself, as conditions. Pure: the clock is a parameter.

use std::collections::BTreeMap;
use std::sync::Arc;

use jiff::{SignedDuration, Timestamp};

use super::hearing::{QueueHealth, TOLD_FOR};
use super::held::Area;
use super::reload::SelfWatch;
use crate::decide::marks::SETTINGS;
use crate::evidence::ledger::Ledger;
use crate::evidence::watches::Condition;
use crate::model::{NotRead, Sha256Digest, SourceReport, WatchKind, WhyNotRead};
use crate::ports::Freshness;

pub struct Watched<'w> {
    pub settings: &'w SelfWatch,
    pub freshness: &'w [Freshness],
    /// The rules that a scan just went by; between scans, what is known of them stays.
    pub rules: Option<Sha256Digest>,
    /// What the sources of that scan told; between scans, what is known of them stays.
    pub reports: Option<&'w [SourceReport]>,
    pub last_record: Timestamp,
    pub refused: &'w BTreeMap<Area, Vec<String>>,
    pub queues: &'w BTreeMap<Arc<str>, QueueHealth>,
    /// What calls said of trails and recorders; `None`: as it should be.
    pub blinded: &'w BTreeMap<(WatchKind, String), Option<String>>,
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
    conditions.extend(not_read(watched, ledger));
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
    conditions.extend(watched.queues.iter().flat_map(|(name, health)| {
        let name = name.to_string();
        [
            Condition {
                kind: WatchKind::QueueStale,
                subject: name.clone(),
                wrong: stale(health, settings, now),
            },
            Condition {
                kind: WatchKind::QueueLagging,
                subject: name,
                wrong: lagging(health, settings, now),
            },
        ]
    }));
    conditions.extend(blind(watched, ledger, now));
    conditions.extend(fixes(ledger));
    conditions
}

/// A queue that gives no answer for so long is one that is not heard.
const NO_ANSWER: SignedDuration = SignedDuration::from_mins(5);

fn stale(health: &QueueHealth, settings: &SelfWatch, now: Timestamp) -> Option<String> {
    if let Some((since, why)) = &health.failing
        && now.duration_since(*since) >= NO_ANSWER
    {
        return Some(format!("it gives no answer since {since}: {why}"));
    }
    let (after, heard) = (settings.queue_stale_after?, health.heard?);
    (now.duration_since(heard) > after).then(|| format!("its last message came at {heard}"))
}

fn lagging(health: &QueueHealth, settings: &SelfWatch, now: Timestamp) -> Option<String> {
    let oldest = health.oldest?;
    let lag = health.lag(now);
    (lag > settings.queue_lag_after)
        .then(|| format!("its oldest message is of {oldest}, and still waits"))
}

/// Trails and recorders: what a call said stays so until another one says otherwise; a change of
/// settings is told for a day.
fn blind(watched: &Watched<'_>, ledger: &Ledger, now: Timestamp) -> Vec<Condition> {
    let new = watched.blinded.iter();
    let new = new.map(|((kind, subject), wrong)| Condition {
        kind: *kind,
        subject: subject.clone(),
        wrong: wrong.clone(),
    });
    let mut conditions: Vec<Condition> = new.collect();
    let known = ledger.watches().filter(|record| {
        let is_of_calls = matches!(
            record.watch,
            WatchKind::TrailChanged | WatchKind::RecorderChanged
        );
        let key = (record.watch, record.subject.clone());
        is_of_calls && !watched.blinded.contains_key(&key)
    });
    conditions.extend(known.map(|record| {
        let is_over =
            record.subject.ends_with(SETTINGS) && now.duration_since(record.at) > TOLD_FOR;
        Condition {
            kind: record.watch,
            subject: record.subject.clone(),
            wrong: (!is_over).then(|| record.detail.clone()),
        }
    }));
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

/// Findings whose fix did not come to its end. Each is for a person.
fn fixes(ledger: &Ledger) -> Vec<Condition> {
    let open = ledger.open_findings().map(|open| &open.record);
    let trouble = open.filter_map(|record| {
        let wrong = ledger.fixes().trouble(&record.finding, &record.deviation)?;
        Some(Condition {
            kind: WatchKind::FixTrouble,
            subject: record.finding.to_string(),
            wrong: Some(wrong),
        })
    });
    trouble.collect()
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

/// Sources that did not tell everything. What they do not record is no trouble of today.
fn not_read(watched: &Watched<'_>, ledger: &Ledger) -> Vec<Condition> {
    let kind = WatchKind::SourceNotRead;
    let Some(reports) = watched.reports else {
        let known = ledger.watches().filter(|record| record.watch == kind);
        let known = known.map(|record| Condition {
            kind,
            subject: record.subject.clone(),
            wrong: Some(record.detail.clone()),
        });
        return known.collect();
    };
    let conditions = reports.iter().map(|report| {
        let failed: Vec<&NotRead> = report
            .not_read
            .iter()
            .filter(|own| is_trouble(own))
            .collect();
        Condition {
            kind,
            subject: report.source.clone(),
            wrong: failed.first().map(|first| {
                let parts = failed.len();
                format!(
                    "{parts} of its parts were not read; the first was {}",
                    first.why
                )
            }),
        }
    });
    conditions.collect()
}

fn is_trouble(own: &NotRead) -> bool {
    match own.why {
        WhyNotRead::Denied
        | WhyNotRead::NoCredentials
        | WhyNotRead::Throttled
        | WhyNotRead::OverBudget
        | WhyNotRead::Unreachable
        | WhyNotRead::Broken => true,
        WhyNotRead::NotRecorded | WhyNotRead::Deleted => false,
    }
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

#[cfg(test)]
mod tests {
    use super::*;

    fn report(why: &[WhyNotRead]) -> SourceReport {
        let not_read = why.iter().map(|why| NotRead {
            account: None,
            region: None,
            config_type: None,
            resource: None,
            why: *why,
            detail: "it said no".to_owned(),
        });
        SourceReport {
            source: "bank".to_owned(),
            not_read: not_read.collect(),
            ..SourceReport::default()
        }
    }

    fn wrong(reports: Option<&[SourceReport]>) -> Vec<Option<String>> {
        let none = BTreeMap::new();
        let watched = Watched {
            settings: &SelfWatch {
                live_stale_after: None,
                trail_stale_after: None,
                evidence_stale_after: SignedDuration::MAX,
                queue_stale_after: None,
                queue_lag_after: SignedDuration::MAX,
                approved_rules: None,
            },
            freshness: &[],
            rules: None,
            reports,
            last_record: Timestamp::UNIX_EPOCH,
            refused: &BTreeMap::new(),
            queues: &BTreeMap::new(),
            blinded: &none,
        };
        let all = conditions(&watched, &Ledger::default(), Timestamp::UNIX_EPOCH);
        let own = all.into_iter();
        let own = own.filter(|one| one.kind == WatchKind::SourceNotRead);
        own.map(|one| one.wrong).collect()
    }

    #[test]
    fn a_source_that_throttles_is_told_and_one_that_records_less_is_not() {
        let throttled = [report(&[WhyNotRead::NotRecorded, WhyNotRead::Throttled])];
        let said = "1 of its parts were not read; the first was throttled".to_owned();
        assert_eq!(wrong(Some(&throttled)), [Some(said)]);
        let as_ever = [report(&[WhyNotRead::NotRecorded, WhyNotRead::Deleted])];
        assert_eq!(wrong(Some(&as_ever)), [None]);
        assert_eq!(wrong(None), [], "between scans nothing new is known");
    }
}
