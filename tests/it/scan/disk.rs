//! The disk fails: what is recorded stays whole, and the next scan goes on from there.

use std::process::{Command, Output};

use super::{Place, stderr, stdout};

/// A shell in which no file may grow beyond so many blocks of 512 or 1024 bytes.
fn scan_with_limit(place: &Place, blocks: u32) -> std::process::Output {
    let program = env!("CARGO_BIN_EXE_driftwarden");
    // Without the signal a write beyond the limit fails as on a full disk.
    let script = format!("trap '' XFSZ; ulimit -f {blocks}; exec '{program}' scan --format json");
    let mut command = Command::new("sh");
    let command = command.args(["-c", &script]).current_dir(place.dir());
    command.output().unwrap()
}

#[test]
fn no_room_for_a_record() {
    for case in ["changed-scalar", "healed"] {
        let place = Place::of(case);
        let failed = scan_with_limit(&place, 0);
        let message = stderr(&failed);
        assert_eq!(failed.status.code(), Some(1), "{message}");
        assert!(failed.stdout.is_empty());
        assert!(message.starts_with("error: "), "{message}");
        assert!(
            message.contains("help: check that the disk is not full"),
            "{message}"
        );
        // There is room again.
        let again = place.scan();
        assert_eq!(again.status.code(), Some(2), "{}", stderr(&again));
        let verified = place.verify();
        assert_eq!(verified.status.code(), Some(0), "{}", stdout(&verified));
    }
}

/// Scans with the evidence on a file system of so many KiB, verifies, makes room, scans and verifies
/// again. The three statuses stand in `said`.
const ON_A_SMALL_DISK: &str = r#"
mount -t tmpfs -o size="$1"k tmpfs evidence || exit 77
"$2" scan --format json >first.out 2>first.err; echo $? >said
if test -e evidence/checkpoint; then "$3" evidence >/dev/null; echo $? >>said; else echo 0 >>said; fi
mount -o remount,size=16m evidence
"$2" scan --format json >second.out 2>second.err; echo $? >>said
"$3" evidence >verified.out; echo $? >>said
"#;

fn on_a_small_disk(place: &Place, kib: u32) -> Output {
    let mut command = Command::new("unshare");
    let command = command.args(["--user", "--map-root-user", "--mount", "sh", "-c"]);
    let command = command.args([ON_A_SMALL_DISK, "sh", &kib.to_string()]);
    let command = command.arg(env!("CARGO_BIN_EXE_driftwarden"));
    let command = command.arg(env!("CARGO_BIN_EXE_driftwarden-verify"));
    command.current_dir(place.dir()).output().unwrap()
}

/// Wherever the disk is full, the log that an auditor sees is as it was, and the next scan records.
#[test]
fn a_disk_that_is_full_anywhere_in_a_scan() {
    let mut refused = 0;
    let mut messages = std::collections::BTreeSet::new();
    for kib in (64..=1088).step_by(64) {
        let place = Place::of("pending-authorised");
        std::fs::create_dir(place.path("evidence")).unwrap();
        let output = on_a_small_disk(&place, kib);
        if !place.path("said").exists() {
            println!(
                "skipped: no file system can be mounted here: {}",
                stderr(&output)
            );
            return;
        }
        let said = place.read("said");
        let message = place.read("first.err");
        if said.starts_with('1') {
            refused += 1;
            assert_eq!(place.read("first.out"), "", "{kib} KiB");
            assert!(
                message.contains(": no space is left on the device\n  help: "),
                "{message}"
            );
            let place = message.split('`').nth(1).unwrap_or_default();
            let folder = place.rsplit_once('/').map_or(place, |(folder, _)| folder);
            messages.insert(folder.to_owned());
        }
        let again = place.read("second.err");
        assert!(
            said == "1\n0\n0\n0\n" || said == "0\n0\n0\n0\n",
            "{kib} KiB: {said}{message}{again}{}",
            place.read("verified.out")
        );
    }
    assert!(refused > 5 && refused < 16, "{refused}");
    assert!(messages.contains("evidence/.state"), "{messages:?}");
    let inside = |folder: &String| folder.starts_with("evidence");
    assert!(messages.iter().all(inside), "{messages:?}");
}
