//! What each row says.

use jiff::Timestamp;

use super::cell::{Cell, Row, Table};
use super::{FORM, Resolved};
use crate::evidence::ledger::OpenFinding;
use crate::evidence::record::{
    BaselineRecord, Carried, FindingEvent, FindingRecord, FixEvent, FixRecord, NotificationRecord,
    PlanRecord, Record, ScanRecord, ServiceRecord, SettledRecord, StateRecord, WatchEvent,
    WatchRecord,
};
use crate::evidence::tree::TreeHead;

type Cells = Vec<(&'static str, Cell)>;

pub fn log(origin: &str, head: TreeHead) -> Row {
    let cells = vec![
        ("origin", origin.to_owned().into()),
        ("size", head.size.into()),
        ("root", head.root.to_string().into()),
        ("form", Cell::Integer(FORM)),
    ];
    let table = Table::Log;
    Row { table, cells }
}

/// The row of an entry, and those of the tables about its kind.
pub fn of_entry(index: u64, record: &Record) -> Vec<Row> {
    let entry = |kind: &'static str, cells: Cells| {
        let mut all = vec![("entry", index.into()), ("kind", kind.into())];
        all.extend(cells);
        let table = Table::Entries;
        Row { table, cells: all }
    };
    match record {
        Record::Scan(scan) => {
            let row = entry("scan", vec![("at", scan.finished_at.into())]);
            vec![row, of_scan(index, scan)]
        }
        Record::Finding(finding) => {
            let mut rows = vec![entry("finding", finding_entry(finding))];
            rows.extend(controls(index, finding));
            rows
        }
        Record::Baseline(baseline) => vec![entry("baseline", baseline_entry(baseline))],
        Record::Plan(plan) => vec![entry("plan", plan_entry(plan)), of_plan(index, plan)],
        Record::Custody(custody) => {
            let event = ("event", custody.word().into());
            vec![entry("custody", vec![event, ("at", custody.at().into())])]
        }
        Record::Carried(carried) => vec![entry("carried", carried_entry(carried))],
        Record::StoreFull(full) => vec![entry("store_full", vec![("at", full.at.into())])],
        Record::ClockAnomaly(clock) => {
            let event = ("event", clock.kind.as_str().into());
            vec![entry("clock_anomaly", vec![event, ("at", clock.at.into())])]
        }
        Record::State(state) => vec![entry("finding_state", state_entry(state))],
        Record::Service(service) => vec![entry("service", service_entry(service))],
        Record::Watch(watch) => vec![entry("watch", watch_entry(watch))],
        Record::Fix(fix) => vec![entry("fix", fix_entry(fix))],
        Record::Notification(told) => vec![entry("notification", notification_entry(told))],
        Record::Settled(settled) => vec![entry("settled", settled_entry(settled))],
        Record::Foreign(_) => vec![entry("foreign", Vec::new())],
    }
}

/// A finding that was taken over is found by its key; the rest says only what it is.
fn carried_entry(carried: &Carried) -> Cells {
    let finding = match carried {
        Carried::Finding(finding) => Some(&finding.record.finding),
        Carried::Openings { finding, .. }
        | Carried::FixDecided { finding, .. }
        | Carried::FixApproved { finding, .. } => Some(finding),
        Carried::Fix(fix) => Some(&fix.finding),
        Carried::Scans { .. }
        | Carried::Plan(_)
        | Carried::Applied(_)
        | Carried::Settled(_)
        | Carried::Hold(_)
        | Carried::Destruction(_)
        | Carried::Revocation(_)
        | Carried::Watch(_)
        | Carried::Alert(_)
        | Carried::Members { .. }
        | Carried::ToldOnce { .. }
        | Carried::Digest { .. }
        | Carried::Silence(_) => None,
    };
    vec![("finding", text(finding))]
}

fn finding_entry(record: &FindingRecord) -> Cells {
    let event = match record.event {
        FindingEvent::Opened => "opened",
        FindingEvent::Changed => "changed",
        FindingEvent::Resolved => "resolved",
    };
    let actor = record.attribution.as_ref();
    let actor = actor.map(|attribution| attribution.actor.clone());
    let mut cells = vec![
        ("event", event.into()),
        ("at", record.at.into()),
        ("finding", record.finding.to_string().into()),
        ("actor", actor.into()),
    ];
    cells.extend(deviation(record));
    cells
}

/// What a finding is about and how it was judged: the same columns in two tables.
fn deviation(record: &FindingRecord) -> Cells {
    vec![
        ("deviation", record.kind.as_str().into()),
        ("workspace", text(record.workspace.as_ref())),
        ("account", text(record.account.as_ref())),
        ("region", text(record.region.as_ref())),
        ("address", text(record.address.as_ref())),
        ("type", record.type_name.to_string().into()),
        ("provider_id", text(record.provider_id.as_ref())),
        ("attribute", text(record.attribute.as_ref())),
        ("verdict", record.verdict.as_str().into()),
        ("severity", record.severity.as_str().into()),
        ("action", record.action.as_str().into()),
        ("rule", text(record.rule.as_ref())),
        ("change", text(record.change.as_ref())),
    ]
}

fn controls(index: u64, record: &FindingRecord) -> Vec<Row> {
    let mut named = record.controls.clone();
    named.sort_unstable();
    named.dedup();
    let rows = named.into_iter().map(|control| Row {
        table: Table::Controls,
        cells: vec![
            ("control", control.into()),
            ("finding", record.finding.to_string().into()),
            ("entry", index.into()),
        ],
    });
    rows.collect()
}

fn baseline_entry(record: &BaselineRecord) -> Cells {
    vec![
        ("at", record.at.into()),
        ("workspace", record.workspace.to_string().into()),
    ]
}

fn settled_entry(record: &SettledRecord) -> Cells {
    vec![
        ("at", record.at.into()),
        ("workspace", record.workspace.to_string().into()),
    ]
}

fn plan_entry(record: &PlanRecord) -> Cells {
    vec![
        ("event", record.approval.as_str().into()),
        ("at", record.at.into()),
        ("workspace", record.workspace.to_string().into()),
        ("change", text(record.change.as_ref())),
    ]
}

fn state_entry(record: &StateRecord) -> Cells {
    let acceptance = record.acceptance.as_ref();
    vec![
        ("event", record.event.as_str().into()),
        ("at", record.at.into()),
        ("finding", record.finding.to_string().into()),
        ("actor", record.by.clone().into()),
        ("change", text(acceptance.map(|waiver| &waiver.change))),
    ]
}

fn service_entry(record: &ServiceRecord) -> Cells {
    vec![
        ("event", record.event.as_str().into()),
        ("at", record.at.into()),
    ]
}

fn watch_entry(record: &WatchRecord) -> Cells {
    let event = match record.event {
        WatchEvent::Opened => "opened",
        WatchEvent::Resolved => "resolved",
    };
    vec![("event", event.into()), ("at", record.at.into())]
}

fn fix_entry(record: &FixRecord) -> Cells {
    let actor = match &record.event {
        FixEvent::Approved { by, .. } | FixEvent::UndoWanted { by, .. } => Some(by.clone()),
        FixEvent::Decided { .. }
        | FixEvent::UndoRefused { .. }
        | FixEvent::Intended { .. }
        | FixEvent::Resumed { .. }
        | FixEvent::Outcome { .. }
        | FixEvent::Overdue { .. } => None,
    };
    vec![
        ("event", record.event.as_str().into()),
        ("at", record.at.into()),
        ("finding", record.finding.to_string().into()),
        ("actor", actor.into()),
    ]
}

/// A message about one finding is found by its key.
fn notification_entry(record: &NotificationRecord) -> Cells {
    let findings = record.event.findings();
    let only = match findings {
        [only] => Some(only),
        _ => None,
    };
    vec![
        ("event", record.event.as_str().into()),
        ("at", record.at.into()),
        ("finding", text(only)),
    ]
}

fn of_scan(index: u64, record: &ScanRecord) -> Row {
    let gaps: u64 = record.gap_counts.values().sum();
    let cells = vec![
        ("entry", index.into()),
        ("started_at", record.started_at.into()),
        ("finished_at", record.finished_at.into()),
        ("version", record.program.version.clone().into()),
        ("rule_set_sha256", record.rule_set_sha256.to_string().into()),
        ("approved", record.coverage.approved.into()),
        ("observed", record.coverage.observed.into()),
        ("unknown", record.coverage.unknown.into()),
        ("excluded", record.coverage.excluded.into()),
        ("unmanaged", record.coverage.unmanaged.into()),
        ("not_comparable", record.coverage.not_comparable.into()),
        ("gaps", gaps.into()),
        ("deviations", record.deviations.total.into()),
    ];
    let table = Table::Scans;
    Row { table, cells }
}

fn of_plan(index: u64, record: &PlanRecord) -> Row {
    let cells = vec![
        ("entry", index.into()),
        ("at", record.at.into()),
        ("workspace", record.workspace.to_string().into()),
        ("plan_sha256", record.plan.sha256.to_string().into()),
        ("approval", record.approval.as_str().into()),
        ("change", text(record.change.as_ref())),
    ];
    let table = Table::Plans;
    Row { table, cells }
}

pub fn open(open: &OpenFinding, opened: Option<(u64, Timestamp)>) -> Row {
    let standing = &open.standing;
    let waiver = standing.accepted.as_ref();
    let entry = open.entries.last().copied();
    let state = standing.state().as_str();
    let mut row = finding(&open.record, entry, state, opened);
    row.cells.extend([
        ("changed_at", open.last_changed.into()),
        ("acknowledged_by", standing.acknowledged.clone().into()),
        ("waiver", waiver.map(|waiver| waiver.waiver.clone()).into()),
        ("waiver_until", waiver.map(|waiver| waiver.expires).into()),
    ]);
    row
}

pub fn resolved(gone: &Resolved) -> Row {
    let record = &gone.record;
    let mut row = finding(record, Some(gone.entry), "resolved", gone.opened);
    row.cells.extend([
        ("changed_at", record.at.into()),
        ("resolved_at", record.at.into()),
    ]);
    row
}

fn finding(
    record: &FindingRecord,
    entry: Option<u64>,
    state: &'static str,
    opened: Option<(u64, Timestamp)>,
) -> Row {
    let mut cells = vec![
        ("finding", record.finding.to_string().into()),
        ("entry", entry.into()),
        ("opened_entry", opened.map(|(entry, _)| entry).into()),
        ("opened_at", opened.map(|(_, at)| at).into()),
        ("state", state.into()),
        ("owner", record.owner.clone().into()),
        ("sla_seconds", record.sla_seconds.into()),
    ];
    cells.extend(deviation(record));
    let table = Table::Findings;
    Row { table, cells }
}

fn text<T: ToString>(id: Option<&T>) -> Cell {
    id.map(T::to_string).into()
}
