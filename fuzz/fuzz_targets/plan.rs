//! Any bytes as a plan; what is read must also have a projection.
#![no_main]

use std::sync::LazyLock;

use driftwarden::ingest::redact::Redactor;
use driftwarden::ingest::{plan, projection};
use driftwarden::model::Sha256Digest;
use driftwarden::normalise::catalogue::Catalogue;
use libfuzzer_sys::fuzz_target;

static CATALOGUE: LazyLock<Catalogue> =
    LazyLock::new(|| Catalogue::builtin().expect("the built-in tables are tested"));

fuzz_target!(|bytes: &[u8]| {
    let redactor = Redactor::new(&[1; 32]);
    if let Ok((plan, _)) = plan::read(bytes, &CATALOGUE, &redactor) {
        for line in projection::lines(Sha256Digest::of(bytes), &plan, &CATALOGUE) {
            assert!(!line.is_empty() && !line.contains('\n'));
        }
    }
});
