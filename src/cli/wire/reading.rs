//! Looks that record nothing.

use std::collections::BTreeMap;

use jiff::Timestamp;

use super::{asked, explain, ledger, newest_dir, no_key, refreshes, settings, shelf};
use crate::adapters::estate::FileEstate;
use crate::adapters::signing::{people_key_to_read, redaction_key_to_read};
use crate::adapters::store::{EvidenceReader, Shard, Shelf, StoreError};
use crate::config::Config;
use crate::engine::{self, Answer, Covered, Ownership, Progress, Question, Settings, coverage};
use crate::evidence::ledger::Ledger;
use crate::evidence::record::{Carried, FindingEvent, FindingRecord, Record};
use crate::model::{FindingKey, RecordedFinding};
use crate::ports::ReadOnlyEvidence;

/// Counts the attributes of the estate that the configuration names.
pub fn run_coverage(
    config: &Config,
    threads: usize,
    clock: &dyn Fn() -> Timestamp,
    progress: &dyn Progress,
) -> anyhow::Result<Covered> {
    let (mut evidence, settings) = reading(config, threads)?;
    let estate = FileEstate::new(config)
        .with_sources(asked::sources(config)?)
        .with_refreshes(refreshes::refreshes(config));
    coverage(&estate, &mut evidence, &settings, clock, progress).map_err(explain)
}

/// How many resources the plans approve, each by one workspace.
pub fn run_ownership(
    config: &Config,
    threads: usize,
    clock: &dyn Fn() -> Timestamp,
    progress: &dyn Progress,
) -> anyhow::Result<Ownership> {
    let (mut evidence, settings) = reading(config, threads)?;
    let estate = FileEstate::new(config);
    engine::ownership(&estate, &mut evidence, &settings, clock, progress).map_err(explain)
}

/// Takes one finding or one attribute apart.
pub fn run_explain(
    config: &Config,
    question: &Question,
    threads: usize,
    clock: &dyn Fn() -> Timestamp,
    progress: &dyn Progress,
) -> anyhow::Result<Answer> {
    let (mut evidence, settings) = reading(config, threads)?;
    let recorded = recorded(&shelf(config))?;
    let estate = FileEstate::new(config)
        .with_sources(asked::sources(config)?)
        .with_refreshes(refreshes::refreshes(config))
        .with_exact(super::looks::exact(&std::sync::Arc::new(config.clone())));
    let answer = engine::explain(
        &estate,
        &mut evidence,
        &settings,
        recorded,
        question,
        clock,
        progress,
    );
    answer.map_err(explain)
}

/// Every finding that the logs know, resolved ones too, as its last record has it.
fn recorded(shelf: &Shelf) -> anyhow::Result<Vec<RecordedFinding>> {
    let mut found: BTreeMap<FindingKey, RecordedFinding> = BTreeMap::new();
    for shard in shelf.shards()? {
        let read = each_finding(&shard, &mut |record| note(&mut found, record));
        match read {
            Err(error) if matches!(error.downcast_ref(), Some(StoreError::NoLog(_))) => {}
            read => read?,
        }
    }
    Ok(found.into_values().collect())
}

/// Every record of a finding that a log holds, or took over; none where its entries were destroyed.
pub(super) fn each_finding(
    shard: &Shard,
    take: &mut dyn FnMut(FindingRecord),
) -> anyhow::Result<()> {
    if shard.is_gone() {
        return Ok(());
    }
    for entry in EvidenceReader::open(&shard.dir)?.entries() {
        let entry = entry?;
        match Record::read(entry.index, &entry.bytes)? {
            Record::Finding(record) => take(*record),
            Record::Carried(carried) => {
                if let Carried::Finding(finding) = *carried {
                    take(finding.record);
                }
            }
            Record::Scan(_)
            | Record::Baseline(_)
            | Record::Plan(_)
            | Record::Custody(_)
            | Record::State(_)
            | Record::Service(_)
            | Record::Watch(_)
            | Record::Notification(_)
            | Record::Fix(_)
            | Record::Settled(_)
            | Record::StoreFull(_)
            | Record::ClockAnomaly(_)
            | Record::Foreign(_) => {}
        }
    }
    Ok(())
}

fn note(found: &mut BTreeMap<FindingKey, RecordedFinding>, record: FindingRecord) {
    let known = found.remove(&record.finding);
    let mut deviations = known.map_or_else(Vec::new, |known| known.deviations);
    deviations.push(record.deviation.to_string());
    let own = RecordedFinding {
        finding: record.finding.clone(),
        deviations,
        kind: record.kind,
        workspace: record.workspace,
        address: record.address,
        attribute: record.attribute,
        at: record.at,
        resolved: record.event == FindingEvent::Resolved,
    };
    found.insert(record.finding, own);
}

/// What a look takes that records nothing: the log as it is, if there is one, and the key under which
/// it hides secrets.
fn reading(
    config: &Config,
    threads: usize,
) -> anyhow::Result<(ReadOnlyEvidence<Ledger>, Settings)> {
    let ledger = match ledger(&newest_dir(config)?) {
        Ok(ledger) => ledger,
        Err(error) => match error.downcast_ref() {
            Some(StoreError::NoLog(_)) => Ledger::default(),
            _ => return Err(error),
        },
    };
    let keys = config.resolve(&config.evidence.keys);
    let key = redaction_key_to_read(&keys).map_err(no_key)?;
    let people = people_key_to_read(&keys).map_err(no_key)?;
    let settings = settings(config, key, people, threads)?;
    Ok((ReadOnlyEvidence(ledger), settings))
}
