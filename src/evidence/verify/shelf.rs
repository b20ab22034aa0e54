//! Several logs that go on from one another: yearly shards, or a log after one whose key was given up.

use std::collections::BTreeSet;

use jiff::Timestamp;

use super::{Failure, Pool, Remedy, Trust, Verification, verify_on};
use crate::evidence::anchor::ANCHORS;
use crate::evidence::cosignature::WitnessKey;
use crate::evidence::key::LogKey;
use crate::evidence::record::{KeyRevocation, LogContinued};
use crate::evidence::source::Source;

/// What was checked of each log, and of the places where one goes on from another.
#[derive(Debug, Default)]
pub struct Logs {
    /// By the name of its folder, in the order given.
    pub logs: Vec<(String, Verification)>,
    /// Where logs do not fit together.
    pub failures: Vec<Failure>,
    /// What the first log goes on from, where that one is not here and need not be.
    pub outside: Vec<LogContinued>,
    /// Keys that others had.
    pub revocations: Vec<KeyRevocation>,
}

/// What somebody brings who verifies several logs together.
#[derive(Clone, Debug, Default)]
pub struct LogsTrust {
    /// A key that must have signed one of them, or vouch for one that did.
    pub key: Option<LogKey>,
    /// Each must have cosigned one of the logs.
    pub witnesses: Vec<WitnessKey>,
}

/// How much of a log was there before others may have had its key: what they cannot have made.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Untouched {
    /// The largest size that a witness whose key was given saw before, by whom, and when.
    pub cosigned: Option<(u64, String, Timestamp)>,
    /// The largest size with a time stamp from before. Who signed that is not checked.
    pub stamped: Option<(u64, Timestamp)>,
}

impl Logs {
    /// What of a log whose key was revoked still stands.
    pub fn untouched(&self, revocation: &KeyRevocation) -> Untouched {
        let Some(log) = self.find(&revocation.log.origin) else {
            return Untouched::default();
        };
        let before = revocation.compromised_at;
        let cosigned = log.cosignatures.iter().filter_map(|seen| {
            let at = seen.verified.filter(|at| *at < before)?;
            Some((seen.size, seen.witness.clone(), at))
        });
        let stamped = log.timestamps.iter();
        let stamped = stamped.filter(|seen| seen.token.time < before);
        Untouched {
            cosigned: cosigned.max(),
            stamped: stamped
                .map(|seen| (seen.anchor.size, seen.token.time))
                .max(),
        }
    }

    pub fn is_whole(&self) -> bool {
        self.failures.is_empty() && self.logs.iter().all(|(_, log)| log.is_whole())
    }

    fn fail(&mut self, path: &str, what: String, remedy: Remedy) {
        self.failures.push(Failure {
            path: path.to_owned(),
            entry: None,
            what,
            remedy,
        });
    }

    fn find(&self, origin: &str) -> Option<&Verification> {
        let mut logs = self.logs.iter().map(|(_, log)| log);
        logs.find(|log| {
            log.keys
                .as_ref()
                .is_some_and(|keys| keys.origin() == origin)
        })
    }
}

/// Verifies each log by itself; then, where the entries of one are gone, with the destruction record
/// that another, whole one has of it; and that each goes on from where the one before it ended.
pub fn verify_logs(sources: &[(String, &dyn Source)], trust: &LogsTrust, pool: &dyn Pool) -> Logs {
    let each = Trust {
        witnesses: trust.witnesses.clone(),
        witnessed_elsewhere: true,
        ..Trust::default()
    };
    let mut all = Logs::default();
    for (name, source) in sources {
        all.logs
            .push((name.clone(), verify_on(*source, &each, pool)));
    }
    let mut vouchers = Vec::new();
    for (_, log) in all.logs.iter().filter(|(_, log)| log.is_whole()) {
        vouchers.extend(log.custody.destructions.iter().cloned());
        for revocation in &log.custody.revocations {
            if !all.revocations.contains(revocation) {
                all.revocations.push(revocation.clone());
            }
        }
    }
    for ((_, source), (_, log)) in sources.iter().zip(&mut all.logs) {
        let origin = log.keys.as_ref().map(|keys| keys.origin().to_owned());
        let vouched = vouchers
            .iter()
            .find(|record| Some(&record.log.origin) == origin.as_ref());
        if let (Some(record), true) = (vouched, !log.is_whole()) {
            let trust = Trust {
                destroyed: Some(record.clone()),
                ..each.clone()
            };
            *log = verify_on(*source, &trust, pool);
        }
    }
    check_seams(&mut all);
    if let Some(key) = &trust.key {
        check_keys(&mut all, key);
    }
    require_witnesses(&mut all, &trust.witnesses);
    all
}

/// Each must have cosigned one of the logs.
fn require_witnesses(all: &mut Logs, witnesses: &[WitnessKey]) {
    for witness in witnesses {
        let mut seen = all.logs.iter().flat_map(|(_, log)| &log.cosignatures);
        if !seen.any(|seen| seen.verified.is_some() && seen.witness == witness.name()) {
            let what = format!("no checkpoint of any is cosigned by `{}`", witness.name());
            all.fail(ANCHORS, what, Remedy::Escalate);
        }
    }
}

fn check_seams(all: &mut Logs) {
    let named: Vec<(String, String, LogContinued)> = all
        .logs
        .iter()
        .filter_map(|(name, log)| {
            let origin = log.keys.as_ref()?.origin().to_owned();
            Some((name.clone(), origin, log.custody.continued.clone()?))
        })
        .collect();
    for (name, origin, continued) in named {
        let before = &continued.log.origin;
        match all.find(before).map(|log| log.head) {
            None if family(before).is_some() && family(before) == family(&origin) => {
                let what = format!("it goes on from `{before}`, which is not here");
                all.fail(&name, what, Remedy::Restore);
            }
            None => all.outside.push(continued),
            Some(head) if head.is_some_and(|head| continued.log.is(before, head)) => {}
            Some(_) => {
                let what = format!(
                    "it goes on from `{before}` at {} entries, which is not where that log ends",
                    continued.log.tree_size
                );
                all.fail(&name, what, Remedy::Escalate);
            }
        }
    }
    check_beginnings(all);
}

/// Of several shards of one family all but the oldest must go on from another.
fn check_beginnings(all: &mut Logs) {
    let mut begun = BTreeSet::new();
    let mut orphans = Vec::new();
    for (name, log) in &all.logs {
        let Some(keys) = &log.keys else { continue };
        let goes_on = log.custody.continued.is_some() || log.gone > 0;
        let Some(family) = family(keys.origin()) else {
            continue;
        };
        if !begun.insert(family.to_owned()) && !goes_on {
            orphans.push(name.clone());
        }
    }
    for name in orphans {
        let what = "it goes on from no other log, though others are older".to_owned();
        all.fail(&name, what, Remedy::Escalate);
    }
}

/// What the origins of yearly shards have in common: all before the year.
fn family(origin: &str) -> Option<&str> {
    let (family, year) = origin.rsplit_once('/')?;
    let is_year = year.len() == 4 && year.bytes().all(|byte| byte.is_ascii_digit());
    is_year.then_some(family)
}

/// A log is trusted if one of its keys is, under whatever origin; then all of its keys are.
fn check_keys(all: &mut Logs, pinned: &LogKey) {
    let mut trusted = vec![pinned.clone()];
    let mut open: Vec<(String, Vec<LogKey>)> = all
        .logs
        .iter()
        .filter(|(_, log)| log.is_whole())
        .filter_map(|(name, log)| {
            let keys = log.keys.as_ref()?.keys().cloned().collect();
            Some((name.clone(), keys))
        })
        .collect();
    loop {
        let is_trusted = |keys: &Vec<LogKey>| {
            keys.iter().any(|key| {
                let same = |known: &LogKey| known.under(key.origin()).as_ref() == Ok(key);
                trusted.iter().any(same)
            })
        };
        let (now, later): (Vec<_>, Vec<_>) =
            open.into_iter().partition(|(_, keys)| is_trusted(keys));
        open = later;
        if now.is_empty() {
            break;
        }
        trusted.extend(now.into_iter().flat_map(|(_, keys)| keys));
    }
    for (name, _) in open {
        let what = "neither the key given with --vkey nor one that it vouches for signed it";
        all.fail(&name, what.to_owned(), Remedy::Escalate);
    }
}
