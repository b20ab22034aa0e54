//! The other commands, where something is wrong or `--config` names another configuration.

use std::fs;
use std::process::Command;

use insta::assert_snapshot;

use super::{Place, stderr, stdout};

const RULE: &str = r#"rule "ours" {
  description = "Ours alone"
  match { kinds = ["changed"] }
  severity = "low"
  action   = "record"
}
"#;

/// A case whose second configuration has a rule of its own.
fn place() -> Place {
    let place = Place::scanned("changed-scalar");
    place.write("ours/rules/ours.hcl", RULE);
    let config = "evidence { dir = \"evidence\" }\nrules { dirs = [\"rules\"] }\n";
    place.write("ours/ours.hcl", config);
    place
}

#[test]
fn rules_are_those_of_the_configuration() {
    let place = place();
    let explain = |arguments: &[&str]| {
        let output = place.driftwarden(&[&["rules", "explain"], arguments].concat());
        let first = stdout(&output)
            .lines()
            .next()
            .unwrap_or_default()
            .to_owned();
        (output.status.code(), first + &stderr(&output))
    };
    let (status, said) = explain(&["ours", "--config", "ours/ours.hcl"]);
    assert_eq!(status, Some(0));
    assert_snapshot!(said, @"rule ours at rules/ours.hcl:1:1");
    // What the configuration does not have is not explained as if it held.
    let (status, said) = explain(&["sg-open-to-world", "--config", "ours/ours.hcl"]);
    assert_eq!(status, Some(1));
    assert_snapshot!(said, @"
    error: there is no rule `sg-open-to-world`
      help: `driftwarden rules list` shows them all
    ");
    // The configuration that lies here names no rules: the shipped ones hold.
    assert_eq!(explain(&["sg-open-to-world"]).0, Some(0));
    assert_eq!(explain(&["ours"]).0, Some(1));
    assert_eq!(explain(&["ours", "--rules", "ours/rules"]).0, Some(0));
    let list = place.driftwarden(&["rules", "list", "--config", "ours/ours.hcl"]);
    assert!(stdout(&list).contains("ours"), "{}", stdout(&list));
    assert!(
        stdout(&list).contains("\n1 rules, digest "),
        "{}",
        stdout(&list)
    );
    // A configuration that cannot be read is not passed over.
    place.write("driftwarden.hcl", "evidence {");
    assert_eq!(explain(&["sg-open-to-world"]).0, Some(1));
    fs::remove_file(place.path("driftwarden.hcl")).unwrap();
    assert_eq!(explain(&["sg-open-to-world"]).0, Some(0));
}

/// 2 is for deviations.
#[test]
fn a_wrong_command_line_is_a_job_not_done() {
    let place = place();
    for arguments in [
        &["scan", "--frmat", "json"] as &[&str],
        &["scan", "--format", "xml"],
        &["scan", "--threads", "0"],
        &["scna"],
        &["findings", "--min-severity", "loud"],
        &[],
    ] {
        let output = place.driftwarden(arguments);
        assert_eq!(output.status.code(), Some(1), "{arguments:?}");
        assert!(output.stdout.is_empty() && !output.stderr.is_empty());
    }
    for arguments in [&["--help"] as &[&str], &["scan", "--help"], &["--version"]] {
        let output = place.driftwarden(arguments);
        assert_eq!(output.status.code(), Some(0), "{arguments:?}");
        assert!(!output.stdout.is_empty() && output.stderr.is_empty());
    }
}

/// A log without a scan knows nothing, which is not the same as nothing being open.
#[test]
fn a_log_without_a_scan_has_no_findings_to_list() {
    let place = Place::of("clean");
    place.write("plan.json", "{");
    assert_eq!(place.scan().status.code(), Some(1));
    let output = place.driftwarden(&["findings"]);
    assert_eq!(output.status.code(), Some(1));
    assert_snapshot!(stderr(&output), @"
    error: no scan is recorded in `evidence`, so nobody knows what is open
      help: run `driftwarden scan`
    ");
}

#[test]
fn check_sees_a_log_that_no_scan_could_write() {
    let place = place();
    assert_eq!(place.driftwarden(&["check"]).status.code(), Some(0));
    fs::rename(place.path("evidence.keys"), place.path("elsewhere")).unwrap();
    let output = place.driftwarden(&["check"]);
    assert_eq!(output.status.code(), Some(1));
    assert_snapshot!(stderr(&output), @"
    error: the key file `evidence.keys/signing.key` is missing
      help: put the file back from a backup; a lost key cannot be made again, and a log goes on only with its own: `driftwarden evidence key lost --help` says what is left to do

    1 problem; no scan starts before it is mended.
    ");
}

#[test]
fn a_result_that_cannot_be_written_is_said_so() {
    let place = place();
    let full = fs::OpenOptions::new()
        .write(true)
        .open("/dev/full")
        .unwrap();
    let mut command = Command::new(env!("CARGO_BIN_EXE_driftwarden"));
    let output = command
        .arg("findings")
        .current_dir(place.dir())
        .stdout(full)
        .output();
    assert_eq!(output.as_ref().unwrap().status.code(), Some(1));
    assert_snapshot!(stderr(&output.unwrap()), @"error: cannot write the result: no storage space");
}

#[test]
fn what_cannot_be_shown_has_a_remedy() {
    let place = place();
    let mut messages = String::new();
    for arguments in [
        &["evidence", "show", "99"] as &[&str],
        &["evidence", "show", "--finding", "none"],
        &["evidence", "prove", "99"],
        &["evidence", "export", "--out", "live"],
        &["rules", "list", "--rules", "nowhere"],
        &["rules", "check", "live"],
        &["rules", "check", "plan.json"],
        &["findings", "--config", "live"],
    ] {
        let output = place.driftwarden(arguments);
        assert_eq!(output.status.code(), Some(1), "{arguments:?}");
        messages += &stderr(&output);
    }
    assert_snapshot!(messages, @"
    error: entry 99 is not in the log, which has 3 entries
      help: `driftwarden evidence show` lists the entries
    error: no finding `none` is in the log
      help: `driftwarden findings` lists the open ones, `driftwarden evidence show` every entry
    error: entry 99 is not in the log, which has 3 entries
      help: `driftwarden evidence show` lists the entries
    error: `live` is there already
      help: name a folder that does not exist yet
    error: cannot read `nowhere`: no such file or folder
      help: relative paths start at the current folder
    error: the folder `live` holds no `.hcl` file
      help: put the file there, or name another folder
    error: plan.json:1:1: not valid HCL: unexpected token
      help: look here and in the lines above for a quote, bracket or brace without its pair
    error: `live` is a folder, not a file
      help: write one, or name it with `--config FILE`; docs/configuration.md says how
    ");
}

#[test]
fn a_log_that_is_damaged_or_not_there() {
    let place = place();
    let said = || {
        let commands: [&[&str]; 2] = [&["evidence", "show"], &["findings"]];
        let said = commands.map(|arguments| {
            let output = place.driftwarden(arguments);
            assert_eq!(output.status.code(), Some(1), "{arguments:?}");
            assert!(output.stdout.is_empty(), "{}", stdout(&output));
            let message = stderr(&output);
            assert!(message.contains("  help: "), "{message}");
            message
        });
        said.concat()
    };
    let bundle = place.evidence().into_iter();
    let mut bundle = bundle.filter(|(path, _)| path.to_str().unwrap().contains("tile/entries"));
    let (path, bytes) = bundle.next().unwrap();
    let mut flipped = bytes.clone();
    flipped[bytes.len() / 2] ^= 1;
    fs::write(&path, &flipped).unwrap();
    said();
    fs::write(path, bytes).unwrap();
    place.write("evidence/checkpoint", "x");
    assert_snapshot!(said(), @"
    error: `evidence/checkpoint` is not a checkpoint of this log: it is no signed checkpoint
      help: keep the folder untouched and ask whoever is responsible for the log; nothing was written
    error: `evidence/checkpoint` is not a checkpoint of this log: it is no signed checkpoint
      help: keep the folder untouched and ask whoever is responsible for the log; nothing was written
    ");
    fs::remove_dir_all(place.path("evidence")).unwrap();
    assert_snapshot!(said(), @"
    error: `evidence` holds no evidence log
      help: run `driftwarden scan` first, or name the folder that holds the log
    error: `evidence` holds no evidence log
      help: run `driftwarden scan` first, or name the folder that holds the log
    ");
}
