//! The disk fails: what is recorded stays whole, and the next scan goes on from there.

use std::process::Command;

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
