//! Any bytes as an identity map.
#![no_main]

use driftwarden::ingest::identity;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| {
    let _ = identity::parse("people.json", bytes);
});
