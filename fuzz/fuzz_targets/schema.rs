//! Any bytes as a provider schema.
#![no_main]

use driftwarden::ingest::schema::ProviderSchemas;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| {
    let _ = ProviderSchemas::parse(bytes);
});
