//! Secrets stop here: a value that is marked sensitive goes on only as a keyed digest.

use hmac::{Hmac, Mac};
use sha2::Sha256;

use crate::model::Sha256Digest;

/// Makes digests under the installation's key. The key lies outside the evidence log; without it a
/// digest of a short secret cannot be guessed.
#[derive(Clone)]
pub struct Redactor {
    mac: Hmac<Sha256>,
}

impl Redactor {
    pub fn new(key: &[u8; 32]) -> Self {
        #[expect(clippy::expect_used, reason = "HMAC takes a key of any length")]
        let mac = Hmac::new_from_slice(key).expect("a key of any length");
        Self { mac }
    }

    pub fn digest(&self, canonical: &str) -> Sha256Digest {
        let mut mac = self.mac.clone();
        mac.update(canonical.as_bytes());
        Sha256Digest(mac.finalize().into_bytes().into())
    }
}

impl std::fmt::Debug for Redactor {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Redactor")
    }
}
