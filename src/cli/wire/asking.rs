//! Asks for an acknowledgement: of the log itself, or of the engine that holds it.

use std::path::Path;
use std::time::Duration;

use anyhow::bail;
use jiff::Timestamp;

use super::{keys, ledger, message, newest_dir, no_key, open_evidence, shelf};
use crate::adapters::files::read_bounded;
use crate::adapters::inbox::InboxFolder;
use crate::adapters::signing::people_key;
use crate::adapters::store::{Beginning, EvidenceLog, StoreError};
use crate::config::Config;
use crate::engine::{Acknowledgement, Refused, acknowledge as judge, without_names};
use crate::evidence::record::StateRecord;
use crate::ingest::identity;
use crate::model::IdentityMap;
use crate::ports::{EvidenceSink, InputError};

/// An identity map larger than this is refused unread.
const MAX_PEOPLE_BYTES: u64 = 64 << 20;
/// So long the running engine is waited for.
const PATIENCE: Duration = Duration::from_secs(10);

/// Records that a person knows of a finding, and says so.
///
/// # Errors
/// There is no such finding, the person may not, or the log cannot be written.
pub fn acknowledge(
    config: &Config,
    request: &Acknowledgement,
    now: Timestamp,
) -> anyhow::Result<String> {
    let people = people(config)?;
    let newest = shelf(config).shards()?.pop();
    let newest = newest.ok_or_else(|| StoreError::NoLog(config.resolve(&config.evidence.dir)))?;
    let Some(record) = judged(&newest.dir, request, people.as_ref(), now)? else {
        return Ok("it was acknowledged before".to_owned());
    };
    let signers = keys::signers(config)?;
    match EvidenceLog::open_with(&newest.dir, &*signers, &newest.origin, Beginning::Anytime) {
        Err(StoreError::InUse(_)) => {
            return hand_over(config, request, &record, people.as_ref(), now);
        }
        Err(error) => return Err(error.into()),
        Ok(log) => drop(log),
    }
    let mut evidence = open_evidence(config, now)?;
    let now = evidence.read_clock(now);
    let key = people_key(&keys::keys_dir(config)).map_err(no_key)?;
    let record = without_names(record, &key, people.as_ref());
    let entry = record.encode()?.entry;
    let appended = evidence.append(vec![entry], now);
    appended.map_err(|error| told(error.what, error.help))?;
    Ok(said(&record))
}

fn judged(
    dir: &Path,
    request: &Acknowledgement,
    people: Option<&IdentityMap>,
    now: Timestamp,
) -> anyhow::Result<Option<StateRecord>> {
    judge(request, &ledger(dir)?, people, now)
        .map_err(|Refused { what, help }| told(what, Some(help)))
}

/// Leaves the request for the engine and waits until it is done.
fn hand_over(
    config: &Config,
    request: &Acknowledgement,
    record: &StateRecord,
    people: Option<&IdentityMap>,
    now: Timestamp,
) -> anyhow::Result<String> {
    let name = format!("{}-{}", record.finding, now.as_nanosecond());
    leave(config, &name, &serde_json::to_vec(request)?)?;
    match judged(&newest_dir(config)?, request, people, now)? {
        None => Ok(said(record)),
        Some(_) => Err(told(
            "the running engine refused it".to_owned(),
            Some("its log says why".to_owned()),
        )),
    }
}

/// Leaves a request in the inbox and waits until the engine took it up.
pub(super) fn leave(config: &Config, name: &str, bytes: &[u8]) -> anyhow::Result<()> {
    leave_with(config, name, bytes, None)
}

/// As [`leave`], with a document beside the request.
pub(super) fn leave_with(
    config: &Config,
    name: &str,
    bytes: &[u8],
    document: Option<&[u8]>,
) -> anyhow::Result<()> {
    let inbox = InboxFolder::new(config.inbox());
    let name = format!("{name}-{}", std::process::id());
    if let Some(document) = document {
        inbox.leave_document(&name, document)?;
    }
    let path = inbox.leave(&name, bytes)?;
    let begun = std::time::Instant::now();
    while begun.elapsed() < PATIENCE {
        if !path.exists() {
            return Ok(());
        }
        std::thread::sleep(Duration::from_millis(100));
    }
    bail!(
        "the process that holds the log did not take the request up within {} s\n  help: it \
         stays in `{}`, and a running engine will; a scan that is under way will not",
        PATIENCE.as_secs(),
        path.display()
    )
}

fn said(record: &StateRecord) -> String {
    let by = record.by.as_deref().unwrap_or_default();
    format!("finding {} is acknowledged by {by}", record.finding)
}

pub(super) fn people(config: &Config) -> anyhow::Result<Option<IdentityMap>> {
    let Some(identity) = &config.identity else {
        return Ok(None);
    };
    let path = config.resolve(&identity.file);
    let bytes = read_bounded(&path, MAX_PEOPLE_BYTES)?;
    let people = identity::parse(&path.display().to_string(), &bytes);
    let people =
        people.map_err(|error| told(error.to_string(), error.help().map(str::to_owned)))?;
    Ok(Some(people))
}

pub(super) fn told(what: String, help: Option<String>) -> anyhow::Error {
    anyhow::anyhow!(message(&InputError { what, help }))
}
