//! SHA-256 for the independent Merkle tree that tests compare ours with; it asks for a newer digest
//! trait than the one our SHA-256 implements.

use ct_merkle::digest::{
    FixedOutput, HashMarker, Output, OutputSizeUser, Update, array::typenum::U32,
};
use sha2::{Digest, Sha256};

#[derive(Clone, Default)]
pub struct Sha256Ct(Sha256);

impl OutputSizeUser for Sha256Ct {
    type OutputSize = U32;
}

impl Update for Sha256Ct {
    fn update(&mut self, data: &[u8]) {
        Digest::update(&mut self.0, data);
    }
}

impl FixedOutput for Sha256Ct {
    fn finalize_into(self, out: &mut Output<Self>) {
        out.copy_from_slice(&self.0.finalize());
    }
}

impl HashMarker for Sha256Ct {}
