//! Bytes kept in memory, packed.

use std::io::{self, Cursor, Read};
use std::sync::Arc;

use flate2::Compression;
use flate2::read::{ZlibDecoder, ZlibEncoder};

use crate::ingest::source::Source;
use crate::model::Sha256Digest;

/// Bytes as they lay there when they were read.
#[derive(Debug)]
pub struct Packed {
    pub sha256: Sha256Digest,
    bytes: Vec<u8>,
}

struct Shared(Arc<Packed>);

impl AsRef<[u8]> for Shared {
    fn as_ref(&self) -> &[u8] {
        &self.0.bytes
    }
}

impl Packed {
    /// Reads to the end. What is compressed stays so.
    pub fn read(inner: Box<dyn Read + Send>) -> io::Result<Self> {
        let mut packing = ZlibEncoder::new(Source::new("", inner), Compression::fast());
        let mut bytes = Vec::new();
        packing.read_to_end(&mut bytes)?;
        bytes.shrink_to_fit();
        let (sha256, _) = packing.into_inner().finish()?;
        Ok(Self { sha256, bytes })
    }

    pub fn open(packed: &Arc<Self>) -> Box<dyn Read + Send> {
        Box::new(ZlibDecoder::new(Cursor::new(Shared(Arc::clone(packed)))))
    }

    /// What it takes in memory.
    pub fn len(&self) -> u64 {
        self.bytes.len() as u64
    }
}
