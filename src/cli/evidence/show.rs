//! Entries for a person to read.

use std::io::Write;

use anyhow::{Context, bail};

use super::{Opened, custody, fixes, told};
use crate::adapters::store::{Entry, EvidenceReader};
use crate::evidence::path;
use crate::evidence::record::{
    BaselineRecord, FindingEvent, FindingRecord, PlanRecord, Record, ScanRecord, ServiceRecord,
    SettledRecord, StateRecord, WatchEvent, WatchRecord,
};
use crate::evidence::statement;
use crate::model::{Address, ChangeNumber, FindingKey, ProviderId, Value, WorkspaceName};
use crate::report::escape::escape;
use crate::report::json;
use crate::report::units::counted;

/// One line an entry, under a heading for each shard.
pub fn list(logs: &[Opened], out: &mut dyn Write) -> anyhow::Result<()> {
    for Opened { shard, reader } in logs {
        if shard.year.is_some() {
            writeln!(out, "shard {}", shard.name())?;
        }
        match reader {
            Some(reader) => list_one(reader, out)?,
            None => writeln!(out, "its entries were destroyed; its hashes are kept")?,
        }
    }
    Ok(())
}

fn list_one(reader: &EvidenceReader, out: &mut dyn Write) -> anyhow::Result<()> {
    // Only at the end is it known that the entries are those that were signed.
    let mut lines = Vec::new();
    for entry in reader.entries() {
        let entry = entry?;
        let record = Record::read(entry.index, &entry.bytes)?;
        lines.push(format!("{:>7}  {}", entry.index, line(&record)));
    }
    for line in lines {
        writeln!(out, "{}", escape(&line))?;
    }
    let head = reader.checkpoint().head();
    writeln!(out, "{} entries, root {}", head.size, head.root)?;
    Ok(())
}

/// The whole entry, as JSON that can be read, with where its blobs lie.
pub fn entry(entry: &Entry, reader: &EvidenceReader, out: &mut dyn Write) -> anyhow::Result<()> {
    let value: Value = serde_json::from_slice(&entry.bytes).context("the entry is no JSON")?;
    json::indented(&value, out)?;
    for digest in statement::read_head(&entry.bytes, entry.index)?.blobs {
        let path = reader.folder().root().join(path::blob(&digest));
        writeln!(out, "blob {}", path.display())?;
    }
    Ok(())
}

/// The life of the one finding whose key begins so.
pub fn finding(key: &FindingKey, logs: &[Opened], out: &mut dyn Write) -> anyhow::Result<()> {
    let mut found: Option<FindingKey> = None;
    let mut lines = Vec::new();
    let all = logs.iter().flat_map(|log| {
        let entries = log.reader.iter().flat_map(EvidenceReader::entries);
        entries.map(move |entry| (log.shard.year, entry))
    });
    for (year, entry) in all {
        let entry = entry?;
        let (finding, line) = match Record::read(entry.index, &entry.bytes)? {
            Record::Finding(record) => (record.finding.clone(), life(&record)),
            Record::State(record) => (record.finding.clone(), state_line(&record)),
            Record::Fix(record) => (record.finding.clone(), fixes::line(&record)),
            Record::Notification(record) => {
                let mut named = record.event.findings().iter();
                let own = |finding: &&FindingKey| finding.as_str().starts_with(key.as_str());
                match named.find(own) {
                    Some(finding) => (finding.clone(), told::line(&record)),
                    None => continue,
                }
            }
            Record::Scan(_)
            | Record::Baseline(_)
            | Record::Plan(_)
            | Record::Custody(_)
            | Record::Carried(_)
            | Record::StoreFull(_)
            | Record::ClockAnomaly(_)
            | Record::Service(_)
            | Record::Watch(_)
            | Record::Settled(_)
            | Record::Foreign(_) => continue,
        };
        if key.as_str().is_empty() || !finding.as_str().starts_with(key.as_str()) {
            continue;
        }
        if let Some(other) = found.as_ref().filter(|found| **found != finding) {
            bail!(
                "`{key}` is the beginning of more than one finding: {other}, {finding}\n  help: \
                 give more of its digits"
            );
        }
        let at = match year {
            Some(year) => format!("{year:04}/{}", entry.index),
            None => entry.index.to_string(),
        };
        lines.push((at, line));
        found = Some(finding);
    }
    let Some(found) = found else {
        bail!(
            "no finding `{key}` is in the log\n  help: `driftwarden findings` lists the open ones, \
             `driftwarden evidence show` every entry"
        );
    };
    writeln!(out, "finding {found}")?;
    for (at, life) in lines {
        writeln!(out, "{at:>7}  {}", escape(&life))?;
    }
    Ok(())
}

fn line(record: &Record) -> String {
    match record {
        Record::Scan(scan) => scan_line(scan),
        Record::Finding(finding) => format!("{}  {}", life(finding), finding.finding),
        Record::Baseline(baseline) => baseline_line(baseline),
        Record::Plan(plan) => plan_line(plan),
        Record::Custody(record) => custody::line(record),
        Record::Carried(record) => custody::carried_line(record),
        Record::StoreFull(full) => format!("{:<9} {}  no room for {}", "full", full.at, full.path),
        Record::ClockAnomaly(clock) => format!(
            "{:<9} {}  the clock was {}, at {}",
            "clock",
            clock.at,
            clock.kind.as_str(),
            clock.clock
        ),
        Record::State(state) => format!("{}  {}", state_line(state), state.finding),
        Record::Service(service) => service_line(service),
        Record::Watch(watch) => watch_line(watch),
        Record::Notification(record) => told::line(record),
        Record::Fix(record) => format!("{}  {}", fixes::line(record), record.finding),
        Record::Settled(settled) => settled_line(settled),
        Record::Foreign(predicate_type) => format!("{:<9} {predicate_type}", "foreign"),
    }
}

fn state_line(record: &StateRecord) -> String {
    let mut line = format!("{:<9} {}", record.event.as_str(), record.at);
    if let Some(by) = &record.by {
        line.push_str(&format!("  by {by}"));
    }
    if let Some(waiver) = &record.acceptance {
        line.push_str(&format!(
            "  waiver {} until {}, owner {}, second approver {}, {}",
            waiver.waiver, waiver.expires, waiver.owner, waiver.approved_by, waiver.change
        ));
    }
    if let Some(looks) = record.looks {
        line.push_str(&format!("  seen in {}", counted(u64::from(looks), "look")));
    }
    if let Some(note) = &record.note {
        line.push_str(&format!("  {note}"));
    }
    line
}

fn service_line(record: &ServiceRecord) -> String {
    let mut line = format!("{:<9} {}  {}", "service", record.at, record.event.as_str());
    if !record.areas.is_empty() {
        line.push_str(&format!(": {}", record.areas.join(", ")));
    }
    if record.problem_count > 0 {
        line.push_str(&format!(", {}", counted(record.problem_count, "problem")));
    }
    line
}

fn watch_line(record: &WatchRecord) -> String {
    let event = match record.event {
        WatchEvent::Opened => "opened",
        WatchEvent::Resolved => "resolved",
    };
    format!(
        "{:<9} {}  {event} {} {}: {}",
        "watch",
        record.at,
        record.watch.as_str(),
        record.subject,
        record.detail
    )
}

fn scan_line(scan: &ScanRecord) -> String {
    format!(
        "{:<9} {}  {} of {} observed, {}, {}",
        "scan",
        scan.finished_at,
        scan.coverage.observed,
        counted(scan.coverage.approved, "resource"),
        counted(scan.deviations.total, "deviation"),
        counted(scan.gap_counts.values().sum::<u64>(), "gap")
    )
}

fn baseline_line(baseline: &BaselineRecord) -> String {
    let plan: String = baseline.plan_sha256.to_string().chars().take(12).collect();
    format!(
        "{:<9} {}  {}: {} of plan {plan} seen applied",
        "baseline",
        baseline.at,
        baseline.workspace,
        counted(baseline.addresses.len(), "resource")
    )
}

pub fn settled_line(settled: &SettledRecord) -> String {
    let plan: String = settled.plan_sha256.to_string().chars().take(12).collect();
    let mut line = format!(
        "{:<9} {}  {}: {} of plan {plan} settled",
        "settled",
        settled.at,
        settled.workspace,
        counted(settled.settled, "resource")
    );
    for (why, count) in &settled.not_settled {
        line.push_str(&format!(", {count} {}", why.as_str()));
    }
    line
}

fn plan_line(plan: &PlanRecord) -> String {
    let digest: String = plan.plan.sha256.to_string().chars().take(12).collect();
    let change = plan
        .change
        .as_ref()
        .map_or("no change record", ChangeNumber::as_str);
    format!(
        "{:<9} {}  {}: plan {digest} is {} ({change})",
        "plan",
        plan.at,
        plan.workspace,
        plan.approval.as_str()
    )
}

fn life(record: &FindingRecord) -> String {
    let event = match record.event {
        FindingEvent::Opened => "opened",
        FindingEvent::Changed => "changed",
        FindingEvent::Resolved => "resolved",
    };
    let address = record.address.as_ref().map(Address::as_str);
    let provider = record.provider_id.as_ref().map(ProviderId::as_str);
    let workspace = record.workspace.as_ref().map(WorkspaceName::as_str);
    let resource = address.or(provider).or(workspace).unwrap_or_default();
    let attribute = record.attribute.as_ref().map(|path| path.as_str());
    format!(
        "{event:<9} {}  {} {} {} {resource}{}",
        record.at,
        record.severity,
        record.verdict,
        record.kind.as_str(),
        attribute.unwrap_or_default()
    )
}
