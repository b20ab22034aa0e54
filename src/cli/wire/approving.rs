//! Asks for the approval of a fix: of the log itself, or of the engine that holds it.

use jiff::Timestamp;

use super::asking::{leave, people, told};
use super::{keys, ledger, newest_dir, no_key, open_evidence, shelf};
use crate::adapters::signing::people_key;
use crate::adapters::store::{Beginning, EvidenceLog, StoreError};
use crate::config::Config;
use crate::engine::{FixYes, Refused, approve as judge};
use crate::evidence::ledger::Ledger;
use crate::evidence::record::FixRecord;
use crate::ports::EvidenceSink;

/// Records a person's yes to a fix, and says so.
///
/// # Errors
/// There is no such finding, the person may not, or the log cannot be written.
pub fn approve(config: &Config, request: &FixYes, now: Timestamp) -> anyhow::Result<String> {
    let people = people(config)?;
    let key = people_key(&keys::keys_dir(config)).map_err(no_key)?;
    let judged = |ledger: &Ledger, now| -> anyhow::Result<Option<FixRecord>> {
        let judged = judge(request, ledger, people.as_ref(), &key, now);
        judged.map_err(|Refused { what, help }| told(what, Some(help)))
    };
    let newest = shelf(config).shards()?.pop();
    let newest = newest.ok_or_else(|| StoreError::NoLog(config.resolve(&config.evidence.dir)))?;
    let Some(record) = judged(&ledger(&newest.dir)?, now)? else {
        return Ok("it was approved before".to_owned());
    };
    let signers = keys::signers(config)?;
    match EvidenceLog::open_with(&newest.dir, &*signers, &newest.origin, Beginning::Anytime) {
        Err(StoreError::InUse(_)) => {
            let name = format!("approve-{}-{}", record.finding, now.as_nanosecond());
            leave(config, &name, &serde_json::to_vec(request)?)?;
            return match judged(&ledger(&newest_dir(config)?)?, now)? {
                None => Ok(said(&record)),
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
        return Ok("it was approved before".to_owned());
    };
    let appended = evidence.append(vec![record.encode()?.entry], now);
    appended.map_err(|error| told(error.what, error.help))?;
    Ok(said(&record))
}

fn said(record: &FixRecord) -> String {
    format!(
        "the fix of finding {} is approved, for the version {}",
        record.finding, record.deviation
    )
}
