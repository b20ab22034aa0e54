//! Every folder below fixtures/cases is a test of a whole scan, as CONTRIBUTING.md tells.
#![expect(
    clippy::disallowed_methods,
    clippy::indexing_slicing,
    reason = "a test writes its own copy, and an index that is missing is a failure"
)]
#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

mod copy;
mod expected;
mod run;

use std::fs;
use std::path::{Path, PathBuf};

pub use expected::Expected;

pub use copy::{Copy, files_below};
pub use run::{Scanned, config_text, run_scan};

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/cases")
}

/// All cases, or the one that `CASE` names.
fn names() -> Vec<String> {
    let wanted = std::env::var("CASE").ok();
    let entries = fs::read_dir(folder()).unwrap();
    let names = entries.map(|entry| entry.unwrap().file_name().into_string().unwrap());
    let mut names: Vec<String> = names
        .filter(|name| wanted.as_ref().is_none_or(|wanted| wanted == name))
        .collect();
    names.sort();
    names
}

/// With `BLESS=1`, `expected.json` is rewritten with what came out; read the difference before you
/// commit it.
#[test]
fn every_case_comes_out_as_expected() {
    let names = names();
    assert!(!names.is_empty(), "there is no case of that name");
    let bless = std::env::var_os("BLESS").is_some();
    let mut wrong = Vec::new();
    for name in names {
        let problems = case(&folder().join(&name), bless);
        wrong.extend(problems.iter().map(|what| format!("{name}: {what}")));
    }
    assert!(wrong.is_empty(), "\n{}\n", wrong.join("\n"));
}

fn case(folder: &Path, bless: bool) -> Vec<String> {
    let file = folder.join("expected.json");
    let text = fs::read_to_string(&file).unwrap_or_default();
    let mut expected = match Expected::parse(&text) {
        Ok(expected) => expected,
        Err(error) => return vec![format!("expected.json: {error}")],
    };
    let copy = Copy::of(folder);
    let mut problems = Vec::new();
    for (number, scan) in expected.scans.iter_mut().enumerate() {
        if number > 0 {
            copy.lay_over(&folder.join(format!("then-{}", number + 1)));
        }
        let before = copy.entries();
        let scanned = run_scan(copy.path(), scan.now());
        let place = |what: String| format!("scan {}: {what}", number + 1);
        if bless {
            scan.bless(&scanned, copy.entries() - before);
        } else {
            let found = scan.check(&scanned, copy.entries() - before);
            problems.extend(found.into_iter().map(place));
        }
        problems.extend(copy.evidence_failures().into_iter().map(place));
    }
    if bless {
        fs::write(&file, expected.to_text()).unwrap();
    }
    problems
}
