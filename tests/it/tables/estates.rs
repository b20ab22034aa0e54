//! Whole estates through the public way: plan, state, items, comparison. The data lies beside the
//! project; without it the tests say so and pass.

use std::collections::BTreeSet;
use std::fs::File;
use std::io::BufReader;
use std::path::PathBuf;

use driftwarden::decide::baseline::{
    AppliedBefore, Approved, EligiblePlan, PlanUse, WorkspaceInputs,
};
use driftwarden::decide::compare::{Comparer, Comparison, Findings, Scope};
use driftwarden::ingest::redact::Redactor;
use driftwarden::ingest::{config_item, plan, state};
use driftwarden::model::{DeviationKind, PlanMeta, Sha256Digest, WorkspaceName};
use driftwarden::normalise::Catalogue;

use super::shared;

struct Workspace {
    name: String,
    plan: PathBuf,
    state: Option<PathBuf>,
}

fn compare(workspaces: &[Workspace], live: &[PathBuf]) -> Comparison {
    let catalogue = Catalogue::builtin().unwrap();
    let redactor = Redactor::new(&[7; 32]);
    let mut approved = Approved::default();
    let applied_before = AppliedBefore::new();
    for workspace in workspaces {
        let bytes = std::fs::read(&workspace.plan).unwrap();
        let (plan, _) = plan::read(&bytes[..], &catalogue, &redactor).unwrap();
        let state = workspace.state.as_ref().map(|path| {
            let file = BufReader::new(File::open(path).unwrap());
            state::read(file, &catalogue, &redactor).unwrap().0
        });
        let meta = PlanMeta {
            digest: Sha256Digest::of(&bytes),
            file: workspace.plan.display().to_string(),
            format_version: plan.format_version.clone(),
            terraform_version: plan.terraform_version.clone(),
            timestamp: plan.timestamp,
            resources: 0,
        };
        let inputs = WorkspaceInputs {
            name: WorkspaceName::from(workspace.name.as_str()),
            plans: vec![EligiblePlan {
                meta,
                plan,
                good_for: PlanUse::Baseline,
            }],
            state,
            applied_before: &applied_before,
            authors: &driftwarden::decide::ignoring::NoSource,
        };
        approved.assemble(inputs, &catalogue, &redactor);
    }
    let scope = Scope::default();
    let comparer = Comparer::new(&catalogue, &approved, &scope, &redactor);
    let mut findings = Findings::default();
    for path in live {
        let file = BufReader::new(File::open(path).unwrap());
        config_item::read(file, &mut |item| {
            comparer.observe(&item, &mut findings);
            Ok(())
        })
        .unwrap();
    }
    comparer.finish(findings)
}

/// What a deviation is about: kind, address or provider id, attribute.
type About = (String, String, String);

fn about(comparison: &Comparison) -> BTreeSet<About> {
    let of = |deviation: &driftwarden::model::Deviation| {
        let id = deviation.provider_id.as_ref().map(ToString::to_string);
        let resource = match deviation.kind {
            DeviationKind::Unmanaged => id,
            _ => deviation.address.as_ref().map(ToString::to_string),
        };
        let attribute = deviation.attribute.as_ref().map(ToString::to_string);
        (
            deviation.kind.as_str().to_owned(),
            resource.unwrap_or_default(),
            attribute.unwrap_or_default(),
        )
    };
    comparison.deviations.iter().map(of).collect()
}

fn alpha(live: &str) -> Option<Comparison> {
    let estate = shared("estates/alpha")?;
    let live = ["config-snapshot.json", "config-snapshot-eu-central-1.json"]
        .map(|name| estate.join(live).join(name));
    let workspace = Workspace {
        name: "alpha".to_owned(),
        plan: estate.join("plan.json"),
        state: Some(estate.join("state.json")),
    };
    Some(compare(&[workspace], &live))
}

#[test]
fn a_clean_estate_gives_no_deviation() {
    let Some(comparison) = alpha("live-clean") else {
        return;
    };
    assert_eq!(about(&comparison), BTreeSet::new());
    assert!(
        comparison.coverage.observed > 30,
        "{:?}",
        comparison.coverage
    );
}

#[test]
fn each_change_that_items_carry_gives_one_deviation_and_nothing_else_does() {
    let Some(comparison) = alpha("live-mutated") else {
        return;
    };
    let truth = std::fs::read_to_string(shared("estates/alpha/truth.jsonl").unwrap()).unwrap();
    let expected: BTreeSet<About> = truth
        .lines()
        .map(|line| serde_json::from_str::<serde_json::Value>(line).unwrap())
        .filter(|row| row["in_config"] == true)
        .map(|row| {
            let text = |key: &str| row[key].as_str().unwrap_or_default().to_owned();
            let resource = match row["address"].as_str() {
                Some(address) => address.to_owned(),
                None => text("provider_id"),
            };
            (text("kind"), resource, text("attribute"))
        })
        .collect();
    assert_eq!(about(&comparison), expected);
}

/// `DRIFTWARDEN_GENERATED` names the output of the load generator.
#[test]
fn a_generated_estate_gives_what_the_generator_says() {
    let Some(estate) = std::env::var_os("DRIFTWARDEN_GENERATED").map(PathBuf::from) else {
        eprintln!("skipped: `DRIFTWARDEN_GENERATED` names no folder");
        return;
    };
    let files = |folder: &str| {
        let entries = std::fs::read_dir(estate.join(folder)).unwrap();
        let mut paths: Vec<PathBuf> = entries.map(|entry| entry.unwrap().path()).collect();
        paths.sort();
        paths
    };
    let workspaces: Vec<Workspace> = files("plans")
        .into_iter()
        .map(|plan| Workspace {
            name: plan.file_stem().unwrap().to_string_lossy().into_owned(),
            plan,
            state: None,
        })
        .collect();
    let comparison = compare(&workspaces, &files("config"));
    let expected = std::fs::read_to_string(estate.join("expected.jsonl")).unwrap();
    let count = |kind: &str| {
        let rows = expected.lines();
        rows.filter(|row| row.contains(&format!("\"kind\":\"{kind}\"")))
            .count()
    };
    let found = about(&comparison);
    for kind in ["changed", "missing", "unmanaged"] {
        let found: Vec<&About> = found.iter().filter(|about| about.0 == kind).collect();
        assert_eq!(found.len(), count(kind), "{kind}: {found:#?}");
    }
    assert!(!expected.is_empty());
    for row in expected.lines() {
        let row: serde_json::Value = serde_json::from_str(row).unwrap();
        if let Some(address) = row["address"].as_str() {
            let kind = row["kind"].as_str().unwrap();
            assert!(
                found
                    .iter()
                    .any(|about| about.0 == kind && about.1 == address),
                "{row} is not found"
            );
        }
    }
}
