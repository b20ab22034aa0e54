//! Any bytes as a state of either form.
#![no_main]

use std::sync::LazyLock;

use driftwarden::ingest::redact::Redactor;
use driftwarden::ingest::state;
use driftwarden::normalise::catalogue::Catalogue;
use libfuzzer_sys::fuzz_target;

static CATALOGUE: LazyLock<Catalogue> =
    LazyLock::new(|| Catalogue::builtin().expect("the built-in tables are tested"));

fuzz_target!(|bytes: &[u8]| {
    let _ = state::read(bytes, &CATALOGUE, &Redactor::new(&[1; 32]));
});
