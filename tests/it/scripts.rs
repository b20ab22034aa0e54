//! What the end-to-end scripts keep to, so that none fails on a day for no reason.

use std::fs;
use std::path::Path;

/// Readers that stop reading at the first match: what still writes to them fails of it, now and then, and
/// `pipefail` takes that for a "no".
const HASTY: [&str; 3] = ["| grep -q", "| head", "| grep -m"];

fn hasty(script: &str) -> Vec<String> {
    let lines = script.lines().enumerate();
    lines
        .filter(|(_, line)| HASTY.iter().any(|reader| line.contains(reader)))
        // `sort` has read everything before it writes a word.
        .filter(|(_, line)| !line.contains("| sort | head -1"))
        .map(|(number, line)| format!("{}: {}", number + 1, line.trim()))
        .collect()
}

#[test]
fn no_script_stops_reading_what_is_still_written() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let folder = fs::read_dir(root.join("tests/e2e")).unwrap();
    let mut scripts: Vec<_> = folder.map(|own| own.unwrap().path()).collect();
    scripts.retain(|path| path.extension().is_some_and(|own| own == "sh"));
    assert!(scripts.len() > 10, "the scripts are there");
    scripts.push(root.join(".ci/run"));
    for path in scripts {
        let text = fs::read_to_string(&path).unwrap();
        assert!(text.contains("set -euo pipefail"), "{}", path.display());
        assert_eq!(hasty(&text), [""; 0], "{}", path.display());
    }
}

#[test]
fn a_hasty_reader_is_found() {
    let script = "page | grep -q x\npage | grep x >/dev/null\nfind . | sort | head -1\n";
    assert_eq!(hasty(script), ["1: page | grep -q x"]);
}
