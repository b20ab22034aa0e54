//! RFC 3161: what a time stamping authority is asked, and whether its answer is about what was asked.
//! Whether its signature holds is for a verifier with the authority's certificates to say.

use thiserror::Error;

use super::der::{
    BOOLEAN, CONTEXT_0, GENERALIZED_TIME, INTEGER, OBJECT, OCTETS, Reader, SEQUENCE, SET, integer,
    value,
};
use crate::model::Sha256Digest;

/// The largest answer that is read.
pub const MAX_TOKEN_BYTES: u64 = 256 * 1024;

const SHA256: &[u8] = &[0x60, 0x86, 0x48, 0x01, 0x65, 0x03, 0x04, 0x02, 0x01];
const SIGNED_DATA: &[u8] = &[0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x07, 0x02];
const TST_INFO: &[u8] = &[
    0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x09, 0x10, 0x01, 0x04,
];

/// One question: a digest, and a number that is used once.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TimestampQuery {
    digest: Sha256Digest,
    nonce: [u8; 16],
}

#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum TimestampError {
    #[error("it is no answer to a time stamp query")]
    Malformed,
    #[error("the authority refused, with status {0}")]
    Refused(u64),
    #[error("it is a time stamp of something else")]
    OtherImprint,
    #[error("it answers another query: its nonce is not the one that was sent")]
    OtherNonce,
}

/// What a token says, as far as it was checked.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TimestampToken {
    /// The time as the token has it: `20261104093000Z`.
    pub time: String,
}

impl TimestampQuery {
    pub fn new(stamped: &[u8], nonce: [u8; 16]) -> Self {
        let digest = Sha256Digest::of(stamped);
        Self { digest, nonce }
    }

    /// The query as the authority reads it. It asks for the authority's certificate as well.
    pub fn to_der(&self) -> Vec<u8> {
        let algorithm = [value(OBJECT, SHA256), value(0x05, &[])].concat();
        let imprint = [value(SEQUENCE, &algorithm), value(OCTETS, &self.digest.0)].concat();
        let query = [
            integer(&[1]),
            value(SEQUENCE, &imprint),
            integer(&self.nonce),
            value(BOOLEAN, &[0xff]),
        ];
        value(SEQUENCE, &query.concat())
    }

    /// Checks that an answer is a token over the digest that was asked about.
    ///
    /// # Errors
    /// It is not, or the authority refused.
    pub fn check(&self, answer: &[u8]) -> Result<TimestampToken, TimestampError> {
        let mut outer = Reader::new(answer);
        let mut response = outer.inner(SEQUENCE).ok_or(TimestampError::Malformed)?;
        if !outer.is_empty() {
            return Err(TimestampError::Malformed);
        }
        let status = response.inner(SEQUENCE);
        let status = status.and_then(|mut status| status.next(INTEGER));
        let status = status.ok_or(TimestampError::Malformed)?;
        // 0 is granted; 1 is granted, with changes that are no harm.
        if !matches!(status, [0 | 1]) {
            let number = status.iter().take(8);
            let number = number.fold(0_u64, |sum, digit| sum << 8 | u64::from(*digit));
            return Err(TimestampError::Refused(number));
        }
        let info = token_info(response).ok_or(TimestampError::Malformed)?;
        let info = Info::read(info).ok_or(TimestampError::Malformed)?;
        if info.digest != self.digest.0 || info.algorithm != SHA256 {
            return Err(TimestampError::OtherImprint);
        }
        let asked = integer(&self.nonce);
        let asked = Reader::new(&asked).next(INTEGER);
        if info.nonce != asked {
            return Err(TimestampError::OtherNonce);
        }
        Ok(TimestampToken { time: info.time })
    }
}

/// The signed content of the token that follows the status.
fn token_info(mut response: Reader<'_>) -> Option<Reader<'_>> {
    let mut token = response.inner(SEQUENCE)?;
    if token.next(OBJECT)? != SIGNED_DATA {
        return None;
    }
    let mut signed = token.inner(CONTEXT_0)?.inner(SEQUENCE)?;
    signed.next(INTEGER)?;
    signed.next(SET)?;
    let mut content = signed.inner(SEQUENCE)?;
    if content.next(OBJECT)? != TST_INFO {
        return None;
    }
    let octets = content.inner(CONTEXT_0)?.next(OCTETS)?;
    Reader::new(octets).inner(SEQUENCE)
}

struct Info<'b> {
    algorithm: &'b [u8],
    digest: &'b [u8],
    time: String,
    nonce: Option<&'b [u8]>,
}

impl<'b> Info<'b> {
    fn read(mut info: Reader<'b>) -> Option<Self> {
        info.next(INTEGER)?;
        info.next(OBJECT)?;
        let mut imprint = info.inner(SEQUENCE)?;
        let algorithm = imprint.inner(SEQUENCE)?.next(OBJECT)?;
        let digest = imprint.next(OCTETS)?;
        info.next(INTEGER)?;
        let time = info.next(GENERALIZED_TIME)?;
        info.optional(SEQUENCE);
        info.optional(BOOLEAN);
        Some(Self {
            algorithm,
            digest,
            time: String::from_utf8(time.to_vec()).ok()?,
            nonce: info.optional(INTEGER),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn answer(query: &TimestampQuery, status: u8, nonce: Option<[u8; 16]>) -> Vec<u8> {
        let imprint = [
            value(SEQUENCE, &value(OBJECT, SHA256)),
            value(OCTETS, &query.digest.0),
        ];
        let mut info = vec![
            integer(&[1]),
            value(OBJECT, &[0x2a, 3]),
            value(SEQUENCE, &imprint.concat()),
            integer(&[9]),
            value(GENERALIZED_TIME, b"20261104093000Z"),
            value(SEQUENCE, &integer(&[1])),
        ];
        info.extend(nonce.map(|nonce| integer(&nonce)));
        let info = value(OCTETS, &value(SEQUENCE, &info.concat()));
        let content = [value(OBJECT, TST_INFO), value(CONTEXT_0, &info)].concat();
        let signed = [integer(&[3]), value(SET, &[]), value(SEQUENCE, &content)].concat();
        let token = [
            value(OBJECT, SIGNED_DATA),
            value(CONTEXT_0, &value(SEQUENCE, &signed)),
        ];
        let status = value(SEQUENCE, &integer(&[status]));
        let body = [status, value(SEQUENCE, &token.concat())].concat();
        value(SEQUENCE, &body)
    }

    #[test]
    fn an_answer_must_be_about_what_was_asked() {
        let nonce = [0x81; 16];
        let query = TimestampQuery::new(b"checkpoint", nonce);
        let good = answer(&query, 0, Some(nonce));
        assert_eq!(query.check(&good).unwrap().time, "20261104093000Z");
        assert!(query.check(&answer(&query, 1, Some(nonce))).is_ok());
        let refused = query.check(&answer(&query, 2, Some(nonce)));
        assert_eq!(refused, Err(TimestampError::Refused(2)));
        for other in [None, Some([0x82; 16])] {
            let other = query.check(&answer(&query, 0, other));
            assert_eq!(other, Err(TimestampError::OtherNonce));
        }
        let other = TimestampQuery::new(b"another", nonce);
        assert_eq!(other.check(&good), Err(TimestampError::OtherImprint));
        for length in 0..good.len() {
            assert!(query.check(&good[..length]).is_err(), "{length}");
        }
    }
}
