//! Asks for the approval of a fix, or for its undo: of the log itself, or of the engine that holds it.

use jiff::Timestamp;

use super::asking::{leave, people, told};
use super::{keys, ledger, newest_dir, no_key, open_evidence, shelf};
use crate::adapters::signing::people_key;
use crate::adapters::store::{Beginning, EvidenceLog, StoreError};
use crate::config::Config;
use crate::engine::{FixYes, Refused, UndoWish, approve as judge, undo as wish};
use crate::evidence::ledger::Ledger;
use crate::evidence::record::FixRecord;
use crate::model::IdentityMap;
use crate::ports::EvidenceSink;

/// Records a person's yes to a fix, and says so.
///
/// # Errors
/// There is no such finding, the person may not, or the log cannot be written.
pub fn approve(config: &Config, request: &FixYes, now: Timestamp) -> anyhow::Result<String> {
    let judge: &Judge<'_> = &|ledger, people, key, now| judge(request, ledger, people, key, now);
    let asking = Asking {
        name: "approve",
        request: serde_json::to_vec(request)?,
        judge,
        known: "it was approved before",
    };
    let record = asking.ask(config, now)?;
    Ok(record.map_or_else(
        || asking.known.to_owned(),
        |record| {
            format!(
                "the fix of finding {} is approved, for the version {}",
                record.finding, record.deviation
            )
        },
    ))
}

/// Records a person's wish to undo a fix, and says so.
///
/// # Errors
/// There is no such fix, it cannot be undone, the person may not, or the log cannot be written.
pub fn undo(config: &Config, request: &UndoWish, now: Timestamp) -> anyhow::Result<String> {
    let judge: &Judge<'_> = &|ledger, people, key, now| wish(request, ledger, people, key, now);
    let asking = Asking {
        name: "undo",
        request: serde_json::to_vec(request)?,
        judge,
        known: "it was asked for, or done, before",
    };
    let record = asking.ask(config, now)?;
    Ok(record.map_or_else(
        || asking.known.to_owned(),
        |record| {
            format!(
                "the fix of finding {} is to be undone at the next scan",
                record.finding
            )
        },
    ))
}

type Judge<'j> = dyn Fn(&Ledger, Option<&IdentityMap>, &[u8; 32], Timestamp) -> Result<Option<FixRecord>, Refused>
    + 'j;

/// What a person asks of the log.
struct Asking<'j> {
    /// Of the file in an inbox.
    name: &'static str,
    request: Vec<u8>,
    judge: &'j Judge<'j>,
    /// What to say where the log has it already.
    known: &'static str,
}

impl Asking<'_> {
    /// The record that was made; `None` where the log had it already.
    fn ask(&self, config: &Config, now: Timestamp) -> anyhow::Result<Option<FixRecord>> {
        let people = people(config)?;
        let key = people_key(&keys::keys_dir(config)).map_err(no_key)?;
        let judged = |ledger: &Ledger, now| -> anyhow::Result<Option<FixRecord>> {
            let judged = (self.judge)(ledger, people.as_ref(), &key, now);
            judged.map_err(|Refused { what, help }| told(what, Some(help)))
        };
        let newest = shelf(config).shards()?.pop();
        let newest =
            newest.ok_or_else(|| StoreError::NoLog(config.resolve(&config.evidence.dir)))?;
        let Some(record) = judged(&ledger(&newest.dir)?, now)? else {
            return Ok(None);
        };
        let signers = keys::signers(config)?;
        match EvidenceLog::open_with(&newest.dir, &*signers, &newest.origin, Beginning::Anytime) {
            Err(StoreError::InUse(_)) => {
                let name = format!("{}-{}-{}", self.name, record.finding, now.as_nanosecond());
                leave(config, &name, &self.request)?;
                return match judged(&ledger(&newest_dir(config)?)?, now)? {
                    None => Ok(Some(record)),
                    Some(_) => Err(told(
                        "the running engine refused it".to_owned(),
                        Some("its log says why".to_owned()),
                    )),
                };
            }
            Err(error) => return Err(error.into()),
            Ok(log) => drop(log),
        }
        let mut evidence = open_evidence(config, now)?;
        let now = evidence.read_clock(now);
        let Some(record) = judged(evidence.ledger(), now)? else {
            return Ok(None);
        };
        let appended = evidence.append(vec![record.encode()?.entry], now);
        appended.map_err(|error| told(error.what, error.help))?;
        Ok(Some(record))
    }
}
