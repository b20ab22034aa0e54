//! Any bytes as a change file, JSON or YAML.
#![no_main]

use driftwarden::ingest::changes;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| {
    for name in ["change.json", "change.yaml"] {
        if let Ok(records) = changes::parse(name, bytes) {
            let _ = changes::check_unique(&records);
        }
    }
});
