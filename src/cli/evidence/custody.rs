//! One line for each record that is about the log itself.

use crate::evidence::key::LogKey;
use crate::evidence::record::{Carried, Continuation, CustodyRecord, HoldScope, LogEnd};
use crate::report::units::counted;

pub fn line(record: &CustodyRecord) -> String {
    match record {
        CustodyRecord::KeyRotation(rotation) => format!(
            "{:<9} {}  key {} takes over from {}",
            "rotation",
            rotation.at,
            id(&rotation.new),
            id(&rotation.old)
        ),
        CustodyRecord::KeyRevocation(revocation) => format!(
            "{:<9} {}  others may have had the key of {} since {}",
            "revoked", revocation.at, revocation.log.origin, revocation.compromised_at
        ),
        CustodyRecord::LogContinued(record) => {
            let why = match record.why {
                Continuation::NewShard => "a new shard",
                Continuation::KeyLost => "its key was lost",
                Continuation::KeyCompromised => "its key was compromised",
            };
            format!(
                "{:<9} {}  {}: {why}",
                "continues",
                record.at,
                end(&record.log)
            )
        }
        CustodyRecord::HoldSet(hold) => format!(
            "{:<9} {}  {} on {} by {}: {}",
            "hold",
            hold.at,
            hold.hold,
            scope(&hold.on),
            hold.by,
            hold.reason
        ),
        CustodyRecord::HoldClear(hold) => format!(
            "{:<9} {}  {} cleared by {}: {}",
            "hold", hold.at, hold.hold, hold.by, hold.reason
        ),
        CustodyRecord::Destruction(record) => format!(
            "{:<9} {}  {} and {} of {}",
            "destroyed",
            record.at,
            entries(record.entries),
            counted(record.blobs, "blob"),
            end(&record.log)
        ),
        CustodyRecord::PersonErased(record) => {
            format!("{:<9} {}  {}", "erased", record.at, record.person)
        }
    }
}

pub fn carried_line(carried: &Carried) -> String {
    let what = match carried {
        Carried::Scans { count } => counted(*count, "scan"),
        Carried::Finding(finding) => {
            let record = &finding.record;
            format!(
                "{} {} open since {}  {}",
                record.severity, record.verdict, finding.first_seen, record.finding
            )
        }
        Carried::Plan(plan) => {
            let digest: String = plan.plan.sha256.to_string().chars().take(12).collect();
            let approval = plan.approval.as_str();
            format!("{}: plan {digest} is {approval}", plan.workspace)
        }
        Carried::Applied(record) => {
            let plan: String = record.plan_sha256.to_string().chars().take(12).collect();
            let addresses = counted(record.addresses.len(), "resource");
            format!(
                "{}: {addresses} of plan {plan} seen applied",
                record.workspace
            )
        }
        Carried::Hold(hold) => format!("hold {} on {}", hold.hold, scope(&hold.on)),
        Carried::Destruction(record) => format!("destruction of {}", end(&record.log)),
        Carried::Revocation(record) => format!("revocation of the key of {}", record.log.origin),
        Carried::Openings { finding, at } => {
            format!("opened {} of late  {finding}", counted(at.len(), "time"))
        }
        Carried::Watch(watch) => format!("watch {} of {}", watch.watch.as_str(), watch.subject),
        Carried::Alert(own) => format!(
            "alert {} {}  {}",
            own.key,
            own.alert.kind.as_str(),
            counted(own.alert.total, "finding")
        ),
        Carried::Members {
            alert, findings, ..
        } => format!("alert {alert}  {}", counted(findings.len(), "finding")),
        Carried::ToldOnce { findings } => {
            format!("{} told of once", counted(findings.len(), "finding"))
        }
        Carried::Digest { route, at } => format!("digest of {route} at {at}"),
        Carried::Silence(silence) => format!("silence {} until {}", silence.id, silence.expires),
        Carried::Fix(fix) => format!("fix {} {}  {}", fix.id, fix.word(), fix.finding),
        Carried::FixDecided {
            finding, decision, ..
        } => format!("fix {}  {finding}", decision.word().as_str()),
        Carried::Settled(record) => {
            let plan: String = record.plan_sha256.to_string().chars().take(12).collect();
            let resources = counted(record.resources, "resource");
            format!("{}: {resources} of plan {plan} settled", record.workspace)
        }
        Carried::FixApproved { finding, approval } => {
            format!("fix approved by {}  {finding}", approval.by)
        }
    };
    format!("{:<9} {what}", "carried")
}

pub fn scope(scope: &HoldScope) -> String {
    match scope {
        HoldScope::Everything => "everything".to_owned(),
        HoldScope::Shard(shard) => format!("shard {shard}"),
        HoldScope::Finding(key) => format!("finding {key}"),
    }
}

fn end(log: &LogEnd) -> String {
    format!("{} at {}", log.origin, entries(log.tree_size))
}

fn entries(number: u64) -> String {
    match number {
        1 => "1 entry".to_owned(),
        many => format!("{many} entries"),
    }
}

fn id(key: &LogKey) -> String {
    format!("{:08x}", key.id())
}
