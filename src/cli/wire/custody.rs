//! What is done to the log itself: what is held, what is destroyed, who is forgotten.

use std::path::Path;

use anyhow::{Context, bail};
use jiff::Timestamp;

use super::reading::each_finding;
use super::{ledger, message, newest_dir, no_key, open_evidence, shelf, unusable};
use crate::adapters::evidence::{LocalEvidence, must_be_whole};
use crate::adapters::files::{read_bounded, write_atomically};
use crate::adapters::signing::{erase_people_key, people_key, people_key_to_read};
use crate::adapters::store::{self, EvidenceReader, Shard};
use crate::config::Config;
use crate::evidence::custody::Custody;
use crate::evidence::people::Pseudonymiser;
use crate::evidence::record::{CustodyRecord, Destruction, HoldScope, LogEnd, PersonErased};
use crate::evidence::verify::BlobsRead;
use crate::ingest::identity;
use crate::model::{FindingKey, IdentityMap};
use crate::ports::InputError;

/// An identity map larger than this is refused unread.
const MAX_IDENTITY_BYTES: u64 = 64 << 20;

/// The log, which must be there: only a scan begins one.
fn open_existing(config: &Config, now: Timestamp) -> anyhow::Result<LocalEvidence> {
    if shelf(config).shards()?.is_empty() {
        bail!("there is no log yet\n  help: run `driftwarden scan` first");
    }
    open_evidence(config, now)
}

/// What the newest log says of itself and of those before it.
pub fn custody(config: &Config) -> anyhow::Result<Custody> {
    let Some(newest) = shelf(config).shards()?.pop() else {
        bail!("there is no log yet\n  help: run `driftwarden scan` first");
    };
    Ok(ledger(&newest.dir)?.custody().clone())
}

/// Appends a record that is about the log itself, made for the time that is believed.
pub fn append(
    config: &Config,
    clock: Timestamp,
    record: impl FnOnce(Timestamp) -> CustodyRecord,
) -> anyhow::Result<()> {
    let mut evidence = open_existing(config, clock)?;
    let now = evidence.now().unwrap_or(clock);
    let record = record(now).encode().context("the record is too large")?;
    evidence.append_records(vec![record], now).map_err(unusable)
}

/// Whoever writes a record, and text in it, without names.
pub fn pseudonyms(config: &Config, by: &str, text: &str) -> anyhow::Result<(String, String)> {
    let keys = config.resolve(&config.evidence.keys);
    let key = people_key(&keys).map_err(no_key)?;
    let mut people = Pseudonymiser::new(&key, &identity_map(config)?);
    people.learn(by);
    Ok((people.name(by), people.text(text)))
}

fn identity_map(config: &Config) -> anyhow::Result<IdentityMap> {
    let Some(identity) = &config.identity else {
        return Ok(IdentityMap::default());
    };
    let path = config.resolve(&identity.file);
    let bytes = read_bounded(&path, MAX_IDENTITY_BYTES)?;
    let map = identity::parse(&path.display().to_string(), &bytes);
    map.map_err(|error| {
        let help = error.help().map(str::to_owned);
        let what = error.to_string();
        anyhow::anyhow!(message(&InputError { what, help }))
    })
}

/// What became of one shard when asked whether it has expired.
pub enum Fate {
    Current,
    Kept(Timestamp),
    Held(Vec<String>),
    Gone,
    /// With so many entries and blobs.
    Expired(u64, u64),
}

/// Destroys what has expired and is not held, or tells what would be.
pub fn expire(
    config: &Config,
    now: Timestamp,
    dry_run: bool,
) -> anyhow::Result<Vec<(String, Fate)>> {
    let shelf = shelf(config);
    if !shelf.is_yearly() {
        bail!(
            "the log is not in yearly shards, so that nothing of it expires\n  help: set \
             `shard = \"yearly\"` and a new `dir` in `evidence`"
        );
    }
    let read = ledger(&newest_dir(config)?)?.times().read(now);
    if let Some(anomaly) = read.anomaly {
        bail!(
            "the clock says {}, which the newest record, of {}, does not bear out\n  help: nothing is \
             destroyed by such a clock; if it is right, run `driftwarden scan` and try again",
            anomaly.clock,
            anomaly.at
        );
    }
    let mut evidence = match dry_run {
        true => None,
        false => Some(open_existing(config, now)?),
    };
    let current = shelf.current(now)?;
    let mut fates = Vec::new();
    for shard in shelf.shards()? {
        let custody = custody(config)?;
        let fate = fate(config, &shard, &current, &custody, now)?;
        if let (Fate::Expired(..), Some(evidence)) = (&fate, &mut evidence)
            && custody.destruction_of(&shard.origin).is_none()
        {
            let record = CustodyRecord::Destruction(destruction(config, &shard, now)?);
            let record = record.encode().context("the record is too large")?;
            evidence
                .append_records(vec![record], now)
                .map_err(unusable)?;
        }
        // Of what is gone, an earlier try may have left something.
        if matches!(fate, Fate::Expired(..) | Fate::Gone) && !dry_run {
            store::destroy(&shard)?;
        }
        fates.push((shard.name(), fate));
    }
    Ok(fates)
}

fn fate(
    config: &Config,
    shard: &Shard,
    current: &Shard,
    custody: &Custody,
    now: Timestamp,
) -> anyhow::Result<Fate> {
    let Some(year) = shard.year.filter(|year| Some(*year) < current.year) else {
        return Ok(Fate::Current);
    };
    let recorded = custody.destruction_of(&shard.origin).is_some();
    let held = store::holdings(shard)?;
    if recorded && held.bundles == 0 && held.blobs == 0 {
        return Ok(Fate::Gone);
    }
    let (_, until) = config.evidence.retention.of_year(year);
    if until > now {
        return Ok(Fate::Kept(until));
    }
    let mut holds = Vec::new();
    for hold in custody.holds.values() {
        let on = match &hold.on {
            HoldScope::Everything => true,
            HoldScope::Shard(name) => *name == shard.name(),
            HoldScope::Finding(key) => tells_of(shard, key)?,
        };
        if on {
            holds.push(hold.hold.clone());
        }
    }
    if !holds.is_empty() {
        return Ok(Fate::Held(holds));
    }
    let reader = EvidenceReader::open(&shard.dir)?;
    if !recorded {
        // What is damaged is not destroyed in silence.
        must_be_whole(&shard.dir, reader.key(), BlobsRead::All).map_err(unusable)?;
    }
    let entries = reader.checkpoint().head().size;
    Ok(Fate::Expired(entries, held.blobs))
}

fn destruction(config: &Config, shard: &Shard, now: Timestamp) -> anyhow::Result<Destruction> {
    let reader = EvidenceReader::open(&shard.dir)?;
    let head = reader.checkpoint().head();
    let held = store::holdings(shard)?;
    let (ended, _) = config.evidence.retention.of_year(shard.year.unwrap_or(0));
    Ok(Destruction {
        at: now,
        shard: shard.name(),
        log: LogEnd::of(reader.key().origin(), head),
        ended,
        retention: config.evidence.retention.to_string(),
        entries: head.size,
        blobs: held.blobs,
        blob_bytes: held.blob_bytes,
        blobs_sha256: held.blobs_sha256,
    })
}

/// Whether the shard holds a record of the finding.
pub fn tells_of(shard: &Shard, key: &FindingKey) -> anyhow::Result<bool> {
    let mut told = false;
    each_finding(shard, &mut |record| told |= record.finding == *key)?;
    Ok(told)
}

/// Removes a person from the identity map, destroys the key of the pseudonyms, and records that both
/// was done. Whether the person was in the map.
pub fn erase_person(config: &Config, id: &str, now: Timestamp) -> anyhow::Result<bool> {
    let keys = config.resolve(&config.evidence.keys);
    // A key that others can read is told before anything is erased.
    people_key_to_read(&keys).map_err(no_key)?;
    // Nothing is erased that cannot be recorded as erased.
    let mut evidence = open_existing(config, now)?;
    let now = evidence.now().unwrap_or(now);
    let is_mapped = !id.starts_with("person:");
    let mapped = match config.identity.as_ref().filter(|_| is_mapped) {
        None => false,
        Some(identity) => remove_person(&config.resolve(&identity.file), id)?,
    };
    if is_mapped && !mapped {
        bail!(
            "nobody in the identity map has the id `{id}`\n  help: give the id as the log has it: that \
             of the map, or `person:` and digits"
        );
    }
    erase_people_key(&keys).map_err(no_key)?;
    let record = CustodyRecord::PersonErased(PersonErased {
        at: now,
        person: id.to_owned(),
    });
    let record = record.encode().context("the record is too large")?;
    evidence
        .append_records(vec![record], now)
        .map_err(unusable)?;
    Ok(mapped)
}

fn remove_person(path: &Path, id: &str) -> anyhow::Result<bool> {
    let bytes = read_bounded(path, MAX_IDENTITY_BYTES)?;
    let unusable = || format!("the identity map `{}` cannot be rewritten", path.display());
    let mut map: serde_json::Value = serde_json::from_slice(&bytes).with_context(unusable)?;
    let people = map
        .get_mut("people")
        .and_then(|people| people.as_array_mut());
    let Some(people) = people else {
        bail!("{}: it has no list of people", unusable());
    };
    let before = people.len();
    people.retain(|person| person.get("id").and_then(|own| own.as_str()) != Some(id));
    if people.len() == before {
        return Ok(false);
    }
    let mut text = serde_json::to_vec_pretty(&map).with_context(unusable)?;
    text.push(b'\n');
    write_atomically(path, &text)?;
    Ok(true)
}
