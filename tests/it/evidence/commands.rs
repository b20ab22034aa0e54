//! The verifier and the subcommands as a person runs them.

use std::fs;
use std::path::Path;
use std::process::{Command, Output};

use clap::Parser;
use driftwarden::cli::evidence::{EvidenceArgs, run};
use driftwarden::evidence::record::{FindingEvent, FindingRecord, Sources};
use driftwarden::model::Value;
use driftwarden::report::escape;

use super::support::*;

#[derive(Parser)]
struct Cli {
    #[command(flatten)]
    evidence: EvidenceArgs,
}

/// One scan with a finding, and its key's text.
pub(super) fn scanned(place: &Place) -> String {
    scanned_with(place, "aws_security_group.front", "0.0.0.0/0")
}

fn scanned_with(place: &Place, address: &str, live: &str) -> String {
    let mut log = place.open();
    let judged = judged(address, "/ingress", Value::from(live));
    let key = judged.deviation.finding_key();
    let scan = manifest(&log, &assessment(vec![judged.clone()], vec![]));
    let finding = FindingRecord::new(
        FindingEvent::Opened,
        now(),
        key.clone(),
        &judged,
        &people(),
        &Sources::default(),
    );
    append(&mut log, vec![scan, finding.encode().unwrap()]);
    key.to_string()
}

pub(super) fn evidence(dir: &Path, args: &[&str]) -> anyhow::Result<String> {
    let args = std::iter::once(&"evidence").chain(args);
    let mut out = Vec::new();
    let keys = dir.with_file_name("keys");
    run(Cli::try_parse_from(args)?.evidence, dir, &keys, &mut out)?;
    Ok(String::from_utf8(out)?)
}

pub(super) fn driftwarden_verify(args: &[&Path]) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_driftwarden-verify"));
    command.args(args).output().unwrap()
}

pub(super) fn stdout(output: &Output) -> String {
    String::from_utf8(output.stdout.clone()).unwrap()
}

#[test]
fn the_entries_are_listed_one_a_line() {
    let place = Place::new();
    let key = scanned(&place);
    let text = evidence(&place.log(), &["show"]).unwrap();
    let text = text.replace(&key, "KEY");
    let (lines, root) = text.trim_end().rsplit_once('\n').unwrap();
    assert!(root.starts_with("2 entries, root "));
    insta::assert_snapshot!(lines, @"
    0  scan      2026-11-02T09:01:00Z  0 of 0 resources observed, 1 deviation, 0 gaps
    1  opened    2026-11-02T09:00:00Z  critical unauthorised changed aws_security_group.front/ingress  KEY
    ");
}

#[test]
fn one_entry_and_one_finding_are_shown() {
    let place = Place::new();
    let key = scanned(&place);
    let text = evidence(&place.log(), &["show", "1"]).unwrap();
    assert!(text.contains(&format!("\"finding\": \"{key}\"")));
    let raw = evidence(&place.log(), &["show", "1", "--raw"]).unwrap();
    assert!(raw.starts_with("{\"_type\":\"https://in-toto.io/Statement/v1\""));
    let life = evidence(&place.log(), &["show", "--finding", key.get(..8).unwrap()]).unwrap();
    assert!(life.starts_with(&format!("finding {key}\n")));
    let none = evidence(&place.log(), &["show", "--finding", "zzz"]).unwrap_err();
    insta::assert_snapshot!(none, @"
    no finding `zzz` is in the log
      help: `driftwarden findings` lists the open ones, `driftwarden evidence show` every entry
    ");
    let beyond = evidence(&place.log(), &["show", "2"]).unwrap_err();
    insta::assert_snapshot!(beyond, @"entry 2 is not in the log, which has 2 entries");
}

#[test]
fn nothing_that_was_logged_can_repaint_the_terminal() {
    const HOSTILE: &str = "a\n\x1b[2J\u{9b}31m\u{202e}\x7f";
    let place = Place::new();
    let key = scanned_with(&place, HOSTILE, HOSTILE);
    let shows: [&[&str]; 3] = [&["show"], &["show", "1"], &["show", "--finding", &key]];
    for show in shows {
        let text = evidence(&place.log(), show).unwrap();
        let hostile = |c: &char| *c != '\n' && escape::is_unsafe(*c);
        assert_eq!(text.chars().find(hostile), None, "{show:?}");
    }
    let text = evidence(&place.log(), &["show", "1"]).unwrap();
    let shown: Value = serde_json::from_str(text.split("\nblob ").next().unwrap()).unwrap();
    let raw = evidence(&place.log(), &["show", "1", "--raw"]).unwrap();
    assert_eq!(shown, serde_json::from_str::<Value>(&raw).unwrap());
    fs::File::create(place.log().join("x\x1b[2J\nWHOLE")).unwrap();
    let text = stdout(&driftwarden_verify(&[&place.log()]));
    assert!(text.contains("FAIL x\\u{1b}[2J\\u{a}WHOLE: "), "{text}");
}

#[test]
fn a_proof_has_the_form_of_c2sp() {
    let place = Place::new();
    scanned(&place);
    let proof = evidence(&place.log(), &["prove", "1"]).unwrap();
    let checkpoint = fs::read_to_string(place.log().join("checkpoint")).unwrap();
    let (head, note) = proof.split_once("\n\n").unwrap();
    assert_eq!(note, checkpoint);
    let lines: Vec<_> = head.lines().collect();
    assert_eq!(lines[..2], ["c2sp.org/tlog-proof@v1", "index 1"]);
    assert_eq!(lines.len(), 3);
}

#[test]
fn a_folder_without_a_log_is_said_to_be_one() {
    let place = Place::new();
    let error = evidence(place.root(), &["show"]).unwrap_err().to_string();
    assert!(error.ends_with("holds no evidence log"));
}

#[test]
fn an_export_verifies_by_itself_and_holds_nothing_private() {
    let place = Place::new();
    scanned(&place);
    let out = place.root().join("for-the-auditor");
    let text = evidence(&place.log(), &["export", "--out", out.to_str().unwrap()]).unwrap();
    assert!(text.starts_with("exported 2 entries, 1 tiles, 2 checkpoints and 0 blobs to "));
    assert!(!out.join("log/.state").exists());
    let readme = fs::read_to_string(out.join("README.md")).unwrap();
    let key = fs::read_to_string(out.join("log/log.vkey")).unwrap();
    assert!(readme.contains(key.trim_end()));
    let pinned = [
        &out.join("log"),
        Path::new("--vkey"),
        Path::new(key.trim_end()),
    ];
    assert!(driftwarden_verify(&pinned).status.success());
    let again = evidence(&place.log(), &["export", "--out", out.to_str().unwrap()]);
    assert!(again.unwrap_err().to_string().ends_with("is there already"));
}

#[test]
fn an_export_into_the_log_itself_is_refused() {
    let place = Place::new();
    scanned(&place);
    let out = place.root().join("new/../evidence/copy");
    let error = evidence(&place.log(), &["export", "--out", out.to_str().unwrap()]).unwrap_err();
    assert!(
        error
            .to_string()
            .ends_with("lies within the evidence folder")
    );
    assert_whole(&place.verify());
}

#[test]
fn a_log_that_is_not_whole_is_not_exported() {
    let place = Place::new();
    scanned(&place);
    fs::remove_file(place.log().join("checkpoints/0")).unwrap();
    let out = place.root().join("for-the-auditor");
    assert!(evidence(&place.log(), &["export", "--out", out.to_str().unwrap()]).is_err());
    assert_eq!(fs::read_dir(place.root()).unwrap().count(), 2);
}

#[test]
fn the_verifier_says_what_it_checked_and_that_the_key_is_unpinned() {
    let place = Place::new();
    scanned(&place);
    let output = driftwarden_verify(&[&place.log()]);
    assert_eq!(output.status.code(), Some(0));
    let head = place.open().checkpoint().head();
    let key = fs::read_to_string(place.log().join("log.vkey")).unwrap();
    let text = stdout(&output)
        .replace(&place.log().display().to_string(), "DIR")
        .replace(key.trim_end(), "VKEY")
        .replace(&head.root.to_string(), "ROOT");
    insta::assert_snapshot!(text, @"
    folder      DIR
    origin      driftwarden.example.org/evidence/2026
    key         VKEY
                UNPINNED: taken from the folder itself; pass --vkey to trust it
    checkpoint  2 entries, root ROOT
    newest      record of 2026-11-02T09:01:00Z
    entries     1 of https://driftwarden.dev/evidence/finding/v1
    entries     1 of https://driftwarden.dev/evidence/scan/v1
    checked     1 tiles, 2 checkpoints, 0 blobs
    growth      not checked: pass --since to see that nothing was cut off or put back

    WHOLE: every file is covered by the signed checkpoint
    ");
}

#[test]
fn the_verifier_takes_trust_from_outside() {
    let place = Place::new();
    scanned(&place);
    let kept = place.root().join("kept");
    fs::copy(place.log().join("checkpoint"), &kept).unwrap();
    place.open().append(vec![tiny(0)], now()).unwrap();
    let key = place.log().join("log.vkey");
    let args = [
        &place.log(),
        Path::new("--vkey"),
        &key,
        Path::new("--since"),
        &kept,
    ];
    let output = driftwarden_verify(&args);
    assert_eq!(output.status.code(), Some(0), "{}", stdout(&output));
    assert!(stdout(&output).contains("growth      only grew since 2 entries"));

    let other = Place::new();
    scanned(&other);
    let key = other.log().join("log.vkey");
    let output = driftwarden_verify(&[&place.log(), Path::new("--vkey"), &key]);
    assert_eq!(output.status.code(), Some(1));
    assert!(stdout(&output).contains("FAIL log.vkey: it is not the key given with --vkey"));
}

#[test]
fn a_broken_log_is_exit_one_with_place_and_remedy() {
    let place = Place::new();
    scanned(&place);
    fs::remove_file(place.log().join("tile/0/000.p/2")).unwrap();
    let output = driftwarden_verify(&[&place.log()]);
    assert_eq!(output.status.code(), Some(1));
    let text = stdout(&output);
    let (_, failures) = text.split_once("\n\n").unwrap();
    insta::assert_snapshot!(failures, @"
    FAIL tile/0/000.p/2: it is missing
         take this file from another copy of the log and verify again

    BROKEN: 1 failure
    ");
}

#[test]
fn a_wrong_command_line_is_exit_two() {
    let place = Place::new();
    let cases: [&[&str]; 6] = [
        &[],
        &["--what"],
        &["a", "b"],
        &["--vkey"],
        &[".", "--vkey", "nonsense"],
        &["no-such-folder"],
    ];
    for args in cases {
        let args: Vec<_> = args.iter().map(Path::new).collect();
        let output = driftwarden_verify(&args);
        assert_eq!(output.status.code(), Some(2), "{args:?}");
        assert!(output.stdout.is_empty() && !output.stderr.is_empty());
    }
    let help = driftwarden_verify(&[Path::new("--help"), place.root()]);
    assert_eq!(help.status.code(), Some(0));
    assert!(stdout(&help).contains("Usage: driftwarden-verify DIR"));
}
