//! Bytes as they lie there: hashed as they are, and unpacked where they are compressed.

use std::io::{self, Read};

use flate2::read::MultiGzDecoder;
use sha2::{Digest, Sha256};

use crate::model::Sha256Digest;

/// A reader that knows the digest of what lies behind it.
pub enum Source {
    Plain(Hashing),
    Gzip(Box<MultiGzDecoder<Hashing>>),
}

pub struct Hashing {
    inner: Box<dyn Read + Send>,
    hash: Sha256,
    bytes: u64,
    /// It begins as gzip does.
    is_gzip: bool,
}

impl Source {
    /// Files whose name ends in `.gz` are unpacked.
    pub fn new(name: &str, inner: Box<dyn Read + Send>) -> Self {
        let hashing = Hashing {
            inner,
            hash: Sha256::new(),
            bytes: 0,
            is_gzip: false,
        };
        match name.ends_with(".gz") {
            true => Self::Gzip(Box::new(MultiGzDecoder::new(hashing))),
            false => Self::Plain(hashing),
        }
    }

    /// The digest and the number of the original bytes. Whatever was not read yet is read.
    pub fn finish(self) -> io::Result<(Sha256Digest, u64)> {
        let mut hashing = match self {
            Self::Plain(hashing) => hashing,
            Self::Gzip(decoder) => decoder.into_inner(),
        };
        io::copy(&mut hashing, &mut io::sink())?;
        Ok((Sha256Digest(hashing.hash.finalize().into()), hashing.bytes))
    }
}

impl Read for Source {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        match self {
            Self::Plain(hashing) => hashing.read(buffer),
            Self::Gzip(decoder) => {
                let read = decoder.read(buffer);
                read.map_err(|error| unpacking(error, decoder.get_ref()))
            }
        }
    }
}

impl Read for Hashing {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let read = self.inner.read(buffer)?;
        if self.bytes == 0 {
            self.is_gzip = buffer.starts_with(&[0x1f, 0x8b]);
        }
        self.hash.update(buffer.get(..read).unwrap_or_default());
        self.bytes += read as u64;
        Ok(read)
    }
}

/// The decoder's own words name its inner workings, not what is wrong with the file.
fn unpacking(error: io::Error, packed: &Hashing) -> io::Error {
    if error.raw_os_error().is_some() {
        return error;
    }
    let what = match (packed.bytes, packed.is_gzip, error.kind()) {
        (0, _, _) => "it is empty",
        (_, false, _) => "it is no gzip data, though its name ends in `.gz`",
        (_, true, io::ErrorKind::UnexpectedEof) => "the gzip data ends in the middle",
        (_, true, _) => "the gzip data is damaged",
    };
    io::Error::new(error.kind(), what)
}
