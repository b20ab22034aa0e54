//! Any bytes as a file of CloudTrail events.
#![no_main]

use driftwarden::ingest::cloudtrail;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| {
    let _ = cloudtrail::parse("trail.json", bytes);
});
