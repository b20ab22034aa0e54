//! The settled baseline is in the evidence log, and what lies in its file counts only if it is that.

// Tells the lints that helpers here are test code as well.
#![cfg(test)]

use std::fs;
use std::path::Path;
use std::process::Command;

use driftwarden::adapters::store::EvidenceReader;
use driftwarden::evidence::record::{Record, SettledRecord, WhyNotSettled};
use driftwarden::model::Sha256Digest;
use serde_json::{Value as Json, json};

use super::fixing::estate::Estate;
use super::fixing::until;
use super::workspace::{Workspace, live};

const SETTLE: [&str; 10] = [
    "provider", "settle", "--lock", "lock.hcl", "--from", "mirror", "--env", "FAULT", "--env",
    "PROTOCOL",
];

fn reader(below: &Path) -> EvidenceReader {
    EvidenceReader::open(&below.join("evidence")).unwrap()
}

fn records(below: &Path) -> Vec<SettledRecord> {
    let reader = reader(below);
    let all = reader.entries().map(|entry| {
        let entry = entry.unwrap();
        Record::read(entry.index, &entry.bytes).unwrap()
    });
    let all = all.filter_map(|record| match record {
        Record::Settled(own) => Some(*own),
        _ => None,
    });
    all.collect()
}

fn file(below: &Path) -> Vec<u8> {
    fs::read(below.join("settled/shop.json")).unwrap()
}

fn write(below: &Path, bytes: &[u8]) {
    fs::write(below.join("settled/shop.json"), bytes).unwrap();
}

#[test]
fn settling_is_recorded_with_the_settled_baseline_itself() {
    let workspace = Workspace::new();
    let mut back = live("back");
    back["name"] = json!("other");
    workspace.store("back", &back);
    assert_eq!(workspace.run(&["settle"], "").0, 2);
    let all = records(workspace.path());
    let [record] = all.as_slice() else {
        panic!("one record: {all:?}");
    };
    let plan = fs::read(workspace.path().join("plan.json")).unwrap();
    assert_eq!(record.plan_sha256, Sha256Digest::of(&plan));
    assert_eq!((record.resources, record.settled), (1, 1));
    assert_eq!(record.not_settled[&WhyNotSettled::Changed], 1);
    assert_eq!(record.named[0].address.as_str(), "fault_thing.back");
    assert_eq!(record.file, "settled/shop.json");
    assert!(record.providers[0].starts_with("registry.example.com/test/fault 1.0.0 h1:"));
    let blob = reader(workspace.path()).blob(&record.sha256).unwrap();
    assert_eq!(blob, file(workspace.path()));

    // What is settled later joins what was.
    workspace.store("back", &live("back"));
    assert_eq!(workspace.run(&["settle", "fault_thing.back"], "").0, 0);
    let last = records(workspace.path()).pop().unwrap();
    assert_eq!((last.resources, last.settled), (2, 1));
    let shown = workspace.other(&["evidence", "show"]);
    assert!(shown.contains("shop: 1 resource of plan "), "{shown}");
    assert!(shown.contains(" settled, 1 changed\n"), "{shown}");
    verified(&workspace.path().join("evidence"));
}

fn verified(dir: &Path) {
    let mut verify = Command::new(env!("CARGO_BIN_EXE_driftwarden-verify"));
    let done = verify.arg(dir).output().unwrap();
    let said = String::from_utf8_lossy(&done.stdout).into_owned();
    assert!(done.status.success(), "{said}");
    let kind = "of https://driftwarden.dev/evidence/settled/v1";
    assert!(said.contains(kind), "{said}");
}

#[test]
fn a_file_that_is_not_the_recorded_one_is_not_believed() {
    let workspace = Workspace::new();
    assert_eq!(workspace.run(&["settle"], "").0, 0);
    let good = file(workspace.path());
    let mut other: Json = serde_json::from_slice(&good).unwrap();
    other["resources"]["fault_thing.back"]["values"]["zone"] = json!("b");
    write(workspace.path(), other.to_string().as_bytes());
    let mut back = live("back");
    back["zone"] = json!("b");
    workspace.store("back", &back);
    let (status, out, err) = workspace.run(&["check"], "");
    assert_eq!((status, out.as_str()), (1, ""));
    let said = "`settled/shop.json` is not the settled baseline that the evidence log has of workspace \
                `shop`: its SHA-256 is ";
    assert!(err.contains(said), "{err}");
    assert!(
        err.contains("\n  help: take the file away, and it is restored from the log; or run "),
        "{err}"
    );

    // Taken away, it is restored, and shows what was to be hidden.
    fs::remove_file(workspace.path().join("settled/shop.json")).unwrap();
    let (status, out, _) = workspace.run(&["check"], "");
    assert_eq!(status, 2);
    assert!(out.contains("CHANGED  fault_thing.back"), "{out}");
    assert_eq!(file(workspace.path()), good);

    // Settling anew goes by the log as well.
    write(workspace.path(), b"{}");
    assert_eq!(workspace.run(&["settle", "fault_thing.front"], "").0, 0);
    let settled: Json = serde_json::from_slice(&file(workspace.path())).unwrap();
    assert_eq!(
        settled["resources"]["fault_thing.back"]["values"]["zone"],
        "a"
    );
}

#[test]
fn a_file_without_any_record_is_not_believed() {
    let workspace = Workspace::new();
    assert_eq!(workspace.run(&["settle"], "").0, 0);
    fs::remove_dir_all(workspace.path().join("evidence")).unwrap();
    let (status, _, err) = workspace.run(&["check"], "");
    assert_eq!(status, 1);
    assert!(
        err.contains(
            "`settled/shop.json` is in no record of the evidence log, so it is not believed"
        ),
        "{err}"
    );
    assert!(
        err.contains("help: run `driftwarden provider settle`"),
        "{err}"
    );
}

#[test]
fn what_was_settled_for_another_plan_is_not_used_and_that_is_said() {
    let workspace = Workspace::new();
    assert_eq!(workspace.run(&["settle"], "").0, 0);
    let plan = fs::read_to_string(workspace.path().join("plan.json")).unwrap();
    fs::write(workspace.path().join("plan.json"), format!("{plan}\n")).unwrap();
    let mut back = live("back");
    back["zone"] = json!("b");
    workspace.store("back", &back);
    let (status, out, err) = workspace.run(&["check"], "");
    assert_eq!(status, 0, "{out}");
    assert!(
        err.starts_with("notice: the settled baseline of workspace `shop` is of plan "),
        "{err}"
    );
    assert!(err.contains(", and is not used\n  help: run "), "{err}");
    // It begins anew, without what was settled for the other.
    assert_eq!(workspace.run(&["settle", "fault_thing.front"], "").0, 0);
    assert_eq!(records(workspace.path()).pop().unwrap().resources, 1);
}

/// A tag with somebody's address: the log has a digest of it, and a change shows all the same.
#[test]
fn people_are_in_no_settled_baseline() {
    let workspace = Workspace::new();
    let tagged = |mail: &str| {
        let mut back = live("back");
        back["tags"] = json!({"owner": mail});
        back
    };
    let mut plan: Json =
        serde_json::from_slice(&fs::read(workspace.path().join("plan.json")).unwrap()).unwrap();
    plan["resource_changes"][1]["change"]["after"]["tags"] = json!({"owner": "ana@bank.example"});
    fs::write(workspace.path().join("plan.json"), plan.to_string()).unwrap();
    workspace.store("back", &tagged("ana@bank.example"));
    let (status, out, err) = workspace.run(&["settle"], "");
    assert_eq!(status, 0, "{out}{err}");
    let settled = String::from_utf8(file(workspace.path())).unwrap();
    assert!(!settled.contains("ana@"), "{settled}");
    assert_eq!(workspace.run(&["check"], "").0, 0);
    workspace.store("back", &tagged("ben@bank.example"));
    let (status, out, _) = workspace.run(&["check"], "");
    assert_eq!(status, 2);
    assert!(
        out.contains("/tags/owner (by plan and read)\n         - (sensitive)\n"),
        "{out}"
    );
}

/// While `driftwarden run` holds the log, it records what the command settled.
#[test]
fn the_running_engine_records_it() {
    let estate = Estate::new("");
    let running = estate.service("");
    until("the engine began", || {
        let reader = EvidenceReader::open(&estate.path().join("evidence"));
        reader.is_ok_and(|reader| reader.entries().count() > 2)
    });
    let said = estate.run_quietly(&SETTLE);
    assert!(
        said.ends_with("1 of 1 resource settled in settled/shop.json\n"),
        "{said}"
    );
    let record = records(estate.path()).pop().unwrap();
    let blob = reader(estate.path()).blob(&record.sha256).unwrap();
    assert_eq!(blob, file(estate.path()));
    let left: Vec<_> = fs::read_dir(estate.path().join("evidence.inbox"))
        .unwrap()
        .flatten()
        .collect();
    assert!(left.is_empty(), "{left:?}");
    running.end();
    estate.assert_whole();
}

#[test]
fn no_fix_goes_by_a_file_that_is_not_the_recorded_one() {
    let estate = Estate::new("");
    estate.run(&SETTLE, "");
    let good = file(estate.path());
    let mut other: Json = serde_json::from_slice(&good).unwrap();
    other["resources"]["aws_s3_bucket_public_access_block.ledger"]["masks"] = json!([""]);
    write(estate.path(), other.to_string().as_bytes());
    estate.drift("block_public_policy", json!(false));
    estate.scan("");
    assert_eq!(estate.stored()["block_public_policy"], false);
    let detail = estate.detail();
    assert!(
        detail.contains("is not the settled baseline that the evidence log has"),
        "{detail}"
    );
}

#[test]
fn a_pack_has_it() {
    let estate = Estate::new("");
    estate.run(&SETTLE, "");
    estate.scan("");
    let said = estate.run(
        &[
            "evidence",
            "export",
            "--from",
            "2020-01-01",
            "--out",
            "pack",
        ],
        "",
    );
    assert!(said.starts_with("exported "), "{said}");
    let record = records(estate.path()).pop().unwrap();
    let sums = fs::read_to_string(estate.path().join("pack/SHA256SUMS")).unwrap();
    assert!(sums.contains(&record.sha256.to_string()), "{sums}");
    let index = fs::read(estate.path().join("pack/index.json")).unwrap();
    let index: Json = serde_json::from_slice(&index).unwrap();
    assert_eq!(index["settled"], json!([0]));
    verified(&estate.path().join("pack"));
}
