//! The mapping tables against real provider schemas, real items and whole estates.
#![cfg(test)]

mod estates;
mod items;
mod made;
mod schemas;

use std::path::PathBuf;

/// A file or folder of the reference data that lies beside the project, if it is there.
fn shared(path: &str) -> Option<PathBuf> {
    let beside = || PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../shared");
    let root = std::env::var_os("DRIFTWARDEN_SHARED").map_or_else(beside, PathBuf::from);
    let path = root.join(path);
    if path.exists() {
        return Some(path);
    }
    eprintln!("skipped: `{}` is not here", path.display());
    None
}

fn json(path: &PathBuf) -> serde_json::Value {
    serde_json::from_slice(&std::fs::read(path).unwrap()).unwrap()
}
