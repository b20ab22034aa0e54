//! A bucket's listing against the log.

use std::path::Path;

use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use driftwarden::evidence::path::{self, Tile};
use driftwarden::model::Sha256Digest;

use super::outside::{verifier, write};
use super::support::*;

/// A line for each object that a mirror of this log holds, as an auditor would get them.
fn listing(place: &Place) -> Vec<serde_json::Value> {
    let memory = Memory::read(&place.log());
    let locked = |path: &str| {
        let full = Tile::parse(path).is_some_and(|tile| tile.is_full());
        full || path::parse_checkpoint(path).is_some() || path::parse_blob(path).is_some()
    };
    let line = |path: &str, bytes: &[u8]| {
        serde_json::json!({
            "Key": format!("log/{path}"), "VersionId": "v1", "IsLatest": true,
            "Retention": { "Mode": "COMPLIANCE", "RetainUntilDate": "2033-12-31T00:00:00+00:00" },
            "LegalHold": { "Status": "OFF" },
            "ChecksumSHA256": BASE64_STANDARD.encode(Sha256Digest::of(bytes).0),
        })
    };
    let mut lines: Vec<_> = memory
        .0
        .iter()
        .filter(|(path, _)| locked(path))
        .map(|(path, bytes)| line(path, bytes))
        .collect();
    lines.push(serde_json::json!({ "Key": "log/checkpoint", "VersionId": "v9" }));
    let head = place.open().checkpoint().head();
    let batch = format!("batch/{}-{}", head.size, hex::encode(head.root.0));
    lines.push(line(&batch, b"batch"));
    lines
}

fn held(place: &Place, lines: &[serde_json::Value], until: &str) -> (i32, String) {
    let text: String = lines.iter().map(|line| format!("{line}\n")).collect();
    let listing = write(place, "listing.jsonl", &text);
    let option = Path::new;
    verifier(&[
        &place.log(),
        option("--worm-listing"),
        &listing,
        option("--worm-until"),
        option(until),
        option("--worm-prefix"),
        option("log/"),
    ])
}

fn stored() -> (Place, Vec<serde_json::Value>) {
    let place = Place::new();
    let mut log = place.open();
    let blob = log.put_blob(b"a plan").unwrap();
    let entries = (0..299).map(tiny).chain([with_blob(299, blob)]);
    log.append(entries.collect(), now()).unwrap();
    drop(log);
    let lines = listing(&place);
    (place, lines)
}

#[test]
fn a_bucket_that_holds_the_log_is_believed_to_its_date() {
    let (place, lines) = stored();
    let (status, text) = held(&place, &lines, "2033-12-31");
    assert_eq!(status, 0, "{text}");
    let at = text.find("worm  ").unwrap();
    let worm = text.get(at..).unwrap().split("\n\n").next().unwrap();
    insta::assert_snapshot!(worm, @"
    worm        6 of 6 objects are there and locked in COMPLIANCE mode until 2033-12-31T00:00:00Z
                the first lock ends at 2033-12-31T00:00:00Z
                5 compared by SHA-256, 1 not; 0 under legal hold; 1 keys need no lock
    ");
    let (status, text) = held(&place, &lines, "2034-01-01");
    assert_eq!(status, 1);
    assert!(text.contains("version v1 is kept until 2033-12-31T00:00:00Z only, not until 2034-"));
}

#[test]
fn what_a_bucket_lacks_is_named() {
    let (place, lines) = stored();
    let key = |index: usize| {
        let key = lines[index]["Key"].as_str().unwrap();
        key.strip_prefix("log/").unwrap().to_owned()
    };
    let expect = |lines: &[serde_json::Value], path: &str, what: &str| {
        let (status, text) = held(&place, lines, "2030-01-01");
        assert_eq!(status, 1, "{text}");
        assert!(text.contains(&format!("FAIL {path}: {what}")), "{text}");
    };
    for index in 0..lines.len() {
        if key(index) == "checkpoint" {
            continue;
        }
        let mut fewer = lines.clone();
        fewer.remove(index);
        expect(&fewer, &key(index), "it is not in the listing");
        let mut changed = lines.clone();
        changed[index]["Retention"]["Mode"] = "GOVERNANCE".into();
        expect(
            &changed,
            &key(index),
            "version v1 is in the mode GOVERNANCE",
        );
        let mut changed = lines.clone();
        changed[index].as_object_mut().unwrap().remove("Retention");
        expect(&changed, &key(index), "version v1 has no retention");
        let mut more = lines.clone();
        more.push(lines[index].clone());
        more.last_mut().unwrap()["VersionId"] = "v2".into();
        expect(
            &more,
            &key(index),
            "it was overwritten: it has version v1, version v2",
        );
        let mut marked = lines.clone();
        marked.push(serde_json::json!({
            "Key": lines[index]["Key"], "VersionId": "m1", "DeleteMarker": true
        }));
        expect(&marked, &key(index), "version m1 is a delete marker");
    }
    let mut other = lines.clone();
    other[0]["ChecksumSHA256"] = BASE64_STANDARD.encode([0; 32]).into();
    expect(
        &other,
        &key(0),
        "version v1 has another SHA-256 than the file here",
    );
}

#[test]
fn both_forms_of_the_listing_say_the_same_and_others_are_refused() {
    let (place, mut lines) = stored();
    for line in &mut lines {
        let line = line.as_object_mut().unwrap();
        if line.remove("Retention").is_some() {
            line.insert("ObjectLockMode".to_owned(), "COMPLIANCE".into());
            let date = "2033-12-31T00:00:00.000Z";
            line.insert("ObjectLockRetainUntilDate".to_owned(), date.into());
            line.insert("ObjectLockLegalHoldStatus".to_owned(), "ON".into());
            line.remove("LegalHold");
        }
    }
    let (status, text) = held(&place, &lines, "2033-12-31");
    assert_eq!(status, 0, "{text}");
    assert!(
        text.contains(&format!("{} under legal hold", lines.len() - 1)),
        "{text}"
    );
    for (wrong, what) in [
        (
            serde_json::json!({ "VersionId": "v1" }),
            "line 1 is no object version",
        ),
        (
            serde_json::json!({ "Key": "elsewhere/x" }),
            "it names no object below `log/`",
        ),
    ] {
        let (status, text) = held(&place, &[wrong], "2033-12-31");
        assert_eq!(status, 1);
        assert!(text.contains(what), "{text}");
    }
    assert_eq!(held(&place, &lines, "soon").0, 2);
    let listing = place.root().join("listing.jsonl");
    assert_eq!(
        verifier(&[&place.log(), Path::new("--worm-listing"), &listing]).0,
        2
    );
}
