//! One approved estate against live items, through the public way and within this process.

use std::collections::BTreeMap;

use driftwarden::decide::baseline::{
    AppliedBefore, Approved, EligiblePlan, PlanUse, WorkspaceInputs,
};
use driftwarden::decide::compare::{Comparer, Findings, Scope};
use driftwarden::ingest::redact::Redactor;
use driftwarden::ingest::{config_item, plan};
use driftwarden::model::{DeviationKind, PlanMeta, Sha256Digest, WorkspaceName};
use driftwarden::normalise::Catalogue;
use serde_json::{Value, json};

/// One deviation, in words: its kind; the address, or the type of what nobody approved; the
/// attribute.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Found {
    pub kind: &'static str,
    pub resource: String,
    pub attribute: String,
}

/// What comparing gave.
pub struct Compared {
    pub found: Vec<Found>,
    /// Addresses or types, each with the reason.
    pub gaps: Vec<String>,
    /// All that any report or record can be made of.
    pub whole: String,
}

/// Approved attributes, by address.
pub type Attributes = BTreeMap<String, Value>;

/// An approved plan, ready to compare any number of times.
pub struct Estate {
    approved: Approved,
    redactor: Redactor,
}

impl Estate {
    /// The attributes as a plan with that action, nothing in it unknown.
    pub fn new(attributes: &Attributes, action: &str, catalogue: &Catalogue) -> Self {
        Self::with_secrets(attributes, action, &[], catalogue)
    }

    /// As above; each attribute of these addresses is marked sensitive.
    pub fn with_secrets(
        attributes: &Attributes,
        action: &str,
        secrets: &[(&str, &str)],
        catalogue: &Catalogue,
    ) -> Self {
        let redactor = Redactor::new(&[7; 32]);
        let bytes = plan_json(attributes, action, secrets)
            .to_string()
            .into_bytes();
        let (plan, _) = plan::read(&bytes[..], catalogue, &redactor).unwrap();
        let meta = PlanMeta {
            digest: Sha256Digest::of(&bytes),
            file: "plan.json".to_owned(),
            format_version: plan.format_version.clone(),
            terraform_version: plan.terraform_version.clone(),
            timestamp: plan.timestamp,
            resources: 0,
        };
        let mut approved = Approved::default();
        let inputs = WorkspaceInputs {
            name: WorkspaceName::from("types"),
            plans: vec![EligiblePlan {
                meta,
                plan,
                good_for: PlanUse::Baseline,
            }],
            state: None,
            applied_before: &AppliedBefore::new(),
            authors: &driftwarden::decide::ignoring::NoSource,
        };
        approved.assemble(inputs, catalogue, &redactor);
        Self { approved, redactor }
    }

    pub fn compare(&self, items: &[Value], catalogue: &Catalogue) -> Compared {
        let scope = Scope::default();
        let comparer = Comparer::new(catalogue, &self.approved, &scope, &self.redactor);
        let mut findings = Findings::default();
        let snapshot = json!({ "fileVersion": "1.0", "configurationItems": items }).to_string();
        config_item::read(snapshot.as_bytes(), &mut |item| {
            comparer.observe(&item, &mut findings);
            Ok(())
        })
        .unwrap();
        let comparison = comparer.finish(findings);
        let mut found: Vec<Found> = comparison.deviations.iter().map(found).collect();
        found.sort();
        let gaps = comparison.gaps.iter().map(|gap| {
            let who = gap.address.as_ref().map(ToString::to_string);
            let who = who.or(gap.type_name.as_ref().map(ToString::to_string));
            format!("{}: {}", who.unwrap_or_default(), gap.detail)
        });
        Compared {
            found,
            gaps: gaps.collect(),
            whole: format!("{comparison:?}"),
        }
    }
}

fn found(deviation: &driftwarden::model::Deviation) -> Found {
    let resource = match (&deviation.address, deviation.kind) {
        (Some(address), kind) if kind != DeviationKind::Unmanaged => address.to_string(),
        _ => deviation.type_name.to_string(),
    };
    let attribute = deviation.attribute.as_ref().map(ToString::to_string);
    Found {
        kind: deviation.kind.as_str(),
        resource,
        attribute: attribute.unwrap_or_default(),
    }
}

fn plan_json(attributes: &Attributes, action: &str, secrets: &[(&str, &str)]) -> Value {
    let split = |address: &str| {
        let mut parts = address.rsplit('.');
        let name = parts.next().unwrap_or_default().to_owned();
        (parts.next().unwrap_or_default().to_owned(), name)
    };
    let resources: Vec<Value> = attributes
        .iter()
        .map(|(address, values)| {
            let (kind, name) = split(address);
            json!({
                "address": address, "mode": "managed", "type": kind, "name": name,
                "provider_name": "registry.terraform.io/hashicorp/aws", "schema_version": 0,
                "values": values, "sensitive_values": {}
            })
        })
        .collect();
    let changes: Vec<Value> = attributes
        .iter()
        .map(|(address, values)| {
            let (kind, name) = split(address);
            let before = match action {
                "create" => &Value::Null,
                _ => values,
            };
            let marks = secrets.iter().filter(|(owner, _)| owner == address);
            let marks = marks.map(|(_, name)| ((*name).to_owned(), Value::Bool(true)));
            let marks = Value::Object(marks.collect());
            json!({
                "address": address, "mode": "managed", "type": kind, "name": name,
                "provider_name": "registry.terraform.io/hashicorp/aws",
                "change": {
                    "actions": [action], "before": before, "after": values,
                    "after_unknown": {}, "before_sensitive": marks, "after_sensitive": marks
                }
            })
        })
        .collect();
    json!({
        "format_version": "1.2", "terraform_version": "1.11.4",
        "timestamp": "2026-10-20T08:00:00Z", "complete": true, "errored": false,
        "planned_values": { "root_module": { "resources": resources } },
        "resource_changes": changes
    })
}
