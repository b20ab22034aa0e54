//! The evidence folder between scans: in use, damaged, another's, and flipped byte by byte.

use std::fs;
use std::os::unix::fs::PermissionsExt;

use driftwarden::adapters::store::EvidenceLog;
use insta::assert_snapshot;

use super::{Place, result, stderr, stdout};

fn place() -> Place {
    Place::scanned("changed-scalar")
}

#[test]
fn a_log_that_a_running_process_writes() {
    let place = place();
    let origin = "driftwarden.local/evidence";
    let log = EvidenceLog::open(
        &place.path("evidence"),
        &place.path("evidence.keys"),
        origin,
    );
    let held = log.unwrap();
    assert_snapshot!(place.refuses(), @"
    error: the evidence folder `evidence` is in use by another process
      help: one process at a time writes a log; wait until the other one ends
    ");
    drop(held);
    assert_eq!(place.scan().status.code(), Some(2));
}

#[test]
fn a_log_with_other_files_in_it() {
    let place = Place::of("changed-scalar");
    place.write("evidence/notes.txt", "mine");
    let output = place.scan();
    assert_eq!(output.status.code(), Some(1));
    assert_snapshot!(stderr(&output), @"
    error: `evidence` holds files but no log
      help: name an empty folder, or one that does not exist yet
    ");
    assert_eq!(place.read("evidence/notes.txt"), "mine");
}

#[test]
fn keys_of_another_log() {
    let (place, other) = (place(), self::place());
    let key = "evidence.keys/signing.key";
    fs::copy(other.path(key), place.path(key)).unwrap();
    assert_snapshot!(place.refuses(), @"
    error: `evidence/.state/lock` is not a checkpoint of this log: the key of `driftwarden.local/evidence` has not signed it
      help: use the key that signs the log: the last line of `log.vkey` is its public half; `driftwarden evidence key rotate` hands the log over to another; nothing was written
    ");
    fs::remove_file(place.path(key)).unwrap();
    assert_snapshot!(place.refuses(), @"
    error: the key file `evidence.keys/signing.key` is missing
      help: put the file back from a backup; a lost key cannot be made again, and a log goes on only with its own: `driftwarden evidence key lost --help` says what is left to do
    ");
}

#[test]
fn keys_that_others_can_read() {
    let place = place();
    let key = place.path("evidence.keys/redaction.key");
    fs::set_permissions(&key, fs::Permissions::from_mode(0o644)).unwrap();
    assert_snapshot!(place.refuses(), @"
    error: the key file `evidence.keys/redaction.key` can be read by others (mode 644)
      help: take the rights of group and others away (chmod 600); if others could read it, replace the key
    ");
}

#[test]
fn a_log_without_its_state_is_a_copy() {
    let place = place();
    fs::remove_dir_all(place.path("evidence/.state")).unwrap();
    assert_snapshot!(place.refuses(), @"
    error: `evidence` holds a log, but `.state/lock` is missing
      help: the log may be a copy, or was cleaned up: put `.state` back from the original; starting without it could sign two different logs
    ");
}

#[test]
fn keys_within_the_log() {
    let place = Place::of("changed-scalar");
    place.edit(
        "driftwarden.hcl",
        "evidence { dir = \"evidence\" }",
        "evidence {\n  dir  = \"evidence\"\n  keys = \"evidence/keys\"\n}",
    );
    assert_snapshot!(place.refuses(), @"
    error: driftwarden.hcl:3:10: the keys in `evidence/keys` lie inside the evidence folder
      help: who is handed the evidence would be handed the keys; name a folder outside it
    ");
}

#[test]
fn a_file_in_the_place_of_the_log() {
    let place = Place::of("changed-scalar");
    place.write("evidence", "a file");
    let output = place.scan();
    assert_eq!(output.status.code(), Some(1));
    assert_snapshot!(stderr(&output), @"
    error: `evidence` is a file, not a folder
      help: name a folder as `dir` of `evidence`
    ");
}

/// Every file outside `.state`, three bytes of each: the verifier names the file, and no scan writes
/// on.
#[test]
fn every_flipped_byte_is_found_and_named() {
    let place = Place::scanned("pending-both-differ");
    assert_eq!(place.scan().status.code(), Some(2));
    let files = place.evidence();
    assert!(files.len() > 6, "{files:?}");
    for (path, bytes) in &files {
        let name = path.strip_prefix(place.path("evidence")).unwrap();
        let name = name.to_str().unwrap();
        for at in [0, bytes.len() / 2, bytes.len() - 1] {
            let mut flipped = bytes.clone();
            flipped[at] ^= 1;
            fs::write(path, &flipped).unwrap();
            let verified = place.verify();
            let said = stdout(&verified);
            assert_eq!(verified.status.code(), Some(1), "{name} at {at}: {said}");
            assert!(
                said.contains(name) && said.contains("BROKEN"),
                "{name} at {at}: {said}"
            );
        }
        fs::write(path, bytes).unwrap();
    }
    assert_eq!(place.verify().status.code(), Some(0));
}

#[test]
fn a_scan_does_not_go_on_from_a_log_that_was_tampered_with() {
    let place = place();
    let files = place.evidence();
    assert!(files.len() > 6, "{files:?}");
    for (path, bytes) in files {
        let mut flipped = bytes.clone();
        flipped[bytes.len() / 2] ^= 1;
        fs::write(&path, &flipped).unwrap();
        let tampered = place.evidence();
        let output = place.scan();
        let same = place.evidence() == tampered;
        let refused = output.status.code() == Some(1) && same;
        let message = stderr(&output);
        assert!(
            refused,
            "{path:?}: {:?}, unchanged {same}: {message}",
            output.status.code()
        );
        assert!(message.contains("help: "), "{message}");
        fs::write(&path, &bytes).unwrap();
    }
    assert_eq!(place.scan().status.code(), Some(2));
    assert_eq!(place.verify().status.code(), Some(0));
}

#[test]
fn a_file_that_does_not_belong_there_is_named() {
    let place = place();
    place.write("evidence/extra", "");
    let verified = place.verify();
    assert_eq!(verified.status.code(), Some(1));
    assert!(stdout(&verified).contains("extra"), "{}", stdout(&verified));
}

/// Opened, seen again, healed; a gap in between closes nothing.
#[test]
fn findings_follow_the_scans() {
    let place = place();
    let findings = || {
        let output = place.driftwarden(&["findings", "--format", "json"]);
        let count = result(&output)["findings"].as_array().unwrap().len();
        (output.status.code(), count)
    };
    let first = place.entries();
    assert_eq!(findings(), (Some(2), 1));
    place.scan();
    assert_eq!(
        (findings(), place.entries()),
        ((Some(2), 1), first + 1),
        "only a manifest"
    );
    let snapshot = place.read("live/snapshot.json");
    place.write("live/snapshot.json", r#"{"configurationItems": []}"#);
    assert_eq!(place.scan().status.code(), Some(2));
    assert_eq!(
        (findings(), place.entries()),
        ((Some(2), 1), first + 2),
        "a gap"
    );
    place.write(
        "live/snapshot.json",
        snapshot.replace("hello", "Payments alerts"),
    );
    assert_eq!(place.scan().status.code(), Some(0));
    assert_eq!(
        (findings(), place.entries()),
        ((Some(0), 0), first + 4),
        "closed"
    );
    assert_eq!(place.verify().status.code(), Some(0));
}
