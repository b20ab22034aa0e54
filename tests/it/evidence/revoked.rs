//! What of a log still stands when others had its key.
#![expect(
    clippy::disallowed_methods,
    reason = "a test writes and damages its own copy"
)]

use std::fs;
use std::process::Command;

use super::commands::driftwarden_verify;
use super::outside::Witness;
use super::support::*;

/// 2020-09-13 and 2021-05-03; the key was out from the beginning of 2021.
const BEFORE: u64 = 1_600_000_000;
const AFTER: u64 = 1_620_000_000;

#[test]
fn what_was_witnessed_before_a_key_was_out_still_stands() {
    let place = Place::new();
    let config = format!(
        "evidence {{\n  dir = \"evidence\"\n  keys = \"keys\"\n  origin = \"{ORIGIN}\"\n}}\n"
    );
    fs::write(place.root().join("driftwarden.hcl"), config).unwrap();
    let witness = Witness::new("witness.example/one", 1);
    for (number, seconds) in [(0, BEFORE), (1, AFTER)] {
        place.open().append(vec![tiny(number)], now()).unwrap();
        fs::create_dir_all(place.log().join("anchors")).unwrap();
        let note = fs::read_to_string(place.log().join("checkpoint")).unwrap();
        let file = place.log().join(format!("anchors/{}.cosig", number + 1));
        fs::write(file, witness.cosign(&note, seconds)).unwrap();
    }
    let args = [
        "evidence",
        "key",
        "compromised",
        "--since",
        "2021-01-01T00:00:00Z",
        "--to",
        "next",
        "--origin",
        "bank.example/next",
    ];
    let mut command = Command::new(env!("CARGO_BIN_EXE_driftwarden"));
    let output = command.args(args).current_dir(place.root()).output();
    assert_eq!(output.unwrap().status.code(), Some(0));
    let key = witness.key();
    let verify = |more: &[&str]| {
        let root = place.root().to_owned();
        let more = more.iter().map(std::path::Path::new);
        let args: Vec<_> = std::iter::once(root.as_path()).chain(more).collect();
        let output = driftwarden_verify(&args);
        let text = String::from_utf8(output.stdout).unwrap();
        (output.status.code(), text)
    };
    let (status, text) = verify(&["--witness", &key]);
    assert_eq!(status, Some(0), "{text}");
    let stands = "stands at 1 entries: cosigned by witness.example/one at 2020-09-13T12:26:40Z";
    assert!(text.contains("REVOKED") && text.contains(stands), "{text}");
    let (_, text) = verify(&[]);
    assert!(
        text.contains("nothing here shows any from before"),
        "{text}"
    );
    let stranger = Witness::new("witness.example/two", 2).key();
    let (status, text) = verify(&["--witness", &stranger]);
    assert_eq!(status, Some(1));
    assert!(
        text.contains("no checkpoint of any is cosigned by `witness.example/two`"),
        "{text}"
    );
}
