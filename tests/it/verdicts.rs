//! Change records, approvals and verdicts, from the files that a user writes to the reasons that a
//! user reads. Every case starts from one valid world and breaks one thing.

// Tells the lints that helpers here are test code as well.
#![cfg(test)]

mod bounds;
mod covered;
mod emergency;
mod files;
mod near_misses;
mod plans;
mod properties;
mod segregation;
mod uncovered;

use std::collections::BTreeMap;

use driftwarden::decide::approvals::{ApprovalPolicy, PlanStanding, plan_standing};
use driftwarden::decide::authorise::judge;
use driftwarden::ingest::{changes, identity};
use driftwarden::model::{
    AccountId, Address, AttributePath, Attribution, ChangeRecord, Confidence, Deviation,
    DeviationKind, Fidelity, IdentityMap, Judgement, Means, PendingView, PlanMeta, Relation,
    Sha256Digest, TypeName, Value, WorkspaceName,
};
use jiff::{SignedDuration, Timestamp};
use serde_json::json;

const PEOPLE: &str = r#"{ "people": [
  { "id": "p1", "kind": "human", "roles": ["technical", "regulatory"], "aliases": ["ana@bank.example"] },
  { "id": "p2", "kind": "human", "roles": ["technical"],
    "aliases": ["ben@bank.example", "ben.b", "arn:aws:iam::111122223333:user/ben"] },
  { "id": "p3", "kind": "human", "roles": ["regulatory"], "aliases": ["cleo@bank.example"] },
  { "id": "p4", "kind": "human", "roles": ["technical", "regulatory"], "aliases": ["dora@bank.example", "dora.d"] },
  { "id": "p5", "kind": "bot", "aliases": ["arn:aws:iam::111122223333:role/ci/deploy-role"] },
  { "id": "p6", "kind": "bot", "roles": ["technical"], "aliases": ["merge-bot"] },
  { "id": "p7", "kind": "shared", "roles": ["technical"], "aliases": ["ops-desk"] },
  { "id": "p8", "kind": "human", "active": false, "roles": ["technical"], "aliases": ["gone@bank.example"] },
  { "id": "p9", "kind": "human", "aliases": ["maria@bank.example", "arn:aws:iam::111122223333:user/maria"] }
] }"#;

const DEPLOY_SESSION: &str = "arn:aws:sts::111122223333:assumed-role/deploy-role/run-42";

/// One world to judge in. `Default` is the valid one: a plan approved by two people, carried out by
/// the pipeline in its window.
#[derive(Clone, Debug)]
struct World {
    now: Timestamp,
    /// Change records as a user writes them.
    records: Vec<serde_json::Value>,
    people: Option<String>,
    assumed: bool,
    plan: PlanMeta,
    deviation: Deviation,
    attribution: Option<Attribution>,
}

impl Default for World {
    fn default() -> Self {
        let plan = plan("plan.json", b"the plan");
        Self {
            now: time("2026-11-01T22:00:00Z"),
            records: vec![record(&plan)],
            people: Some(PEOPLE.to_owned()),
            assumed: false,
            deviation: deviation(&plan, Relation::EqualsAfter),
            plan,
            attribution: Some(attribution(DEPLOY_SESSION)),
        }
    }
}

impl World {
    fn with(change: impl FnOnce(&mut Self)) -> Self {
        let mut world = Self::default();
        change(&mut world);
        world
    }

    /// A world whose only record has been changed.
    fn with_record(change: impl FnOnce(&mut serde_json::Value)) -> Self {
        Self::with(|world| change(&mut world.records[0]))
    }

    fn changes(&self) -> Vec<ChangeRecord> {
        let bytes = serde_json::to_vec(&self.records).unwrap();
        changes::parse("changes.json", &bytes).unwrap()
    }

    fn map(&self) -> Option<IdentityMap> {
        let text = self.people.as_ref()?;
        Some(identity::parse("people.json", text.as_bytes()).unwrap())
    }

    fn standing(&self) -> PlanStanding {
        plan_standing(
            &self.plan,
            &WorkspaceName::from("payments"),
            self.assumed,
            &self.changes(),
            self.map().as_ref(),
            &ApprovalPolicy::default(),
            self.now,
        )
    }

    fn judge(&self) -> Judgement {
        self.judge_by(&[self.standing()])
    }

    fn judge_by(&self, standings: &[PlanStanding]) -> Judgement {
        judge(
            self.now,
            &self.deviation,
            standings,
            self.attribution.as_ref(),
            self.map().as_ref(),
            &ApprovalPolicy::default(),
        )
    }
}

fn time(text: &str) -> Timestamp {
    text.parse().unwrap()
}

fn plan(file: &str, bytes: &[u8]) -> PlanMeta {
    PlanMeta {
        digest: Sha256Digest::of(bytes),
        file: file.to_owned(),
        format_version: "1.2".to_owned(),
        terraform_version: None,
        timestamp: Some(time("2026-10-29T08:00:00Z")),
        resources: 1,
    }
}

fn record(plan: &PlanMeta) -> serde_json::Value {
    json!({
        "number": "CHG0030001", "system": "servicenow", "state": "implement", "type": "normal",
        "window": { "start": "2026-11-01T20:00:00Z", "end": "2026-11-01T23:00:00Z" },
        "requested_by": "ana@bank.example", "implemented_by": ["deploy-role"],
        "plan_sha256": plan.digest.to_string(), "workspace": "payments",
        "approvals": [
            { "by": "ben@bank.example", "role": "technical", "decision": "approved", "at": "2026-10-30T10:00:00Z" },
            { "by": "cleo@bank.example", "role": "regulatory", "decision": "approved", "at": "2026-10-31T09:00:00Z" }
        ]
    })
}

fn approval(by: &str, role: &str, decision: &str, at: &str) -> serde_json::Value {
    json!({ "by": by, "role": role, "decision": decision, "at": at })
}

fn approvals(record: &mut serde_json::Value) -> &mut Vec<serde_json::Value> {
    record["approvals"].as_array_mut().unwrap()
}

fn make_emergency(record: &mut serde_json::Value) {
    record["type"] = json!("emergency");
    record["incident"] = json!("INC0012");
    record["emergency_approver"] = json!("dora@bank.example");
    record["approvals"] = json!([]);
}

fn deviation(plan: &PlanMeta, relation: Relation) -> Deviation {
    Deviation {
        kind: DeviationKind::Changed,
        workspace: Some(WorkspaceName::from("payments")),
        address: Some(Address::from("aws_security_group.front")),
        type_name: TypeName::from("aws_security_group"),
        provider_id: None,
        account: Some(AccountId::from("111122223333")),
        region: None,
        attribute: Some(AttributePath::from("/ingress")),
        approved: Value::Null,
        live: Value::from("open"),
        fidelity: Fidelity::Mapped,
        observed_at: None,
        tags: BTreeMap::new(),
        subjects: Vec::new(),
        source: None,
        within: None,
        pending: vec![PendingView {
            plan: plan.digest,
            relation,
        }],
        earlier: Vec::new(),
        notes: Vec::new(),
    }
}

fn attribution(actor: &str) -> Attribution {
    Attribution {
        actor: actor.to_owned(),
        aliases: Vec::new(),
        person: None,
        at: time("2026-11-01T21:00:00Z"),
        from: None,
        means: Means::Pipeline,
        call: "ec2:AuthorizeSecurityGroupIngress".to_owned(),
        event_id: "e-1".to_owned(),
        confidence: Confidence::High,
    }
}

fn of(world: &mut World) -> &mut Attribution {
    world.attribution.as_mut().unwrap()
}

fn made_at(world: &mut World, at: &str) {
    of(world).at = time(at);
}

fn shift(time: Timestamp, seconds: i64, nanoseconds: i32) -> Timestamp {
    time.checked_add(SignedDuration::new(seconds, nanoseconds))
        .unwrap()
}

/// The cases as a table: name, verdict, reasons.
fn table(cases: Vec<(&str, World)>) -> String {
    let rows = cases.into_iter().map(|(name, world)| {
        let judgement = world.judge();
        assert!(!judgement.reasons.is_empty(), "{name} has no reason");
        let reasons = judgement.reasons.join("\n    ");
        format!("{name}: {}\n    {reasons}", judgement.verdict)
    });
    rows.collect::<Vec<_>>().join("\n")
}
