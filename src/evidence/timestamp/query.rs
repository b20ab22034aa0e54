//! What a time-stamp authority is asked, and whether its answer is about what was asked.

use super::{SHA256, TimestampError, TimestampToken};
use crate::evidence::der;
use crate::model::Sha256Digest;

/// SHA-256 as DER has it.
const SHA256_ID: &[u8] = &[0x60, 0x86, 0x48, 0x01, 0x65, 0x03, 0x04, 0x02, 0x01];

/// One question: a digest, and a number that is used once.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TimestampQuery {
    digest: Sha256Digest,
    nonce: [u8; 16],
}

impl TimestampQuery {
    pub fn new(stamped: &[u8], nonce: [u8; 16]) -> Self {
        let digest = Sha256Digest::of(stamped);
        Self { digest, nonce }
    }

    /// The query as the authority reads it. It asks for the authority's certificate as well.
    pub fn to_der(&self) -> Vec<u8> {
        let algorithm = [
            der::value(der::OBJECT_ID, SHA256_ID),
            der::value(der::NULL, &[]),
        ];
        let imprint = [
            der::value(der::SEQUENCE, &algorithm.concat()),
            der::value(der::OCTET_STRING, &self.digest.0),
        ];
        let query = [
            der::integer(&[1]),
            der::value(der::SEQUENCE, &imprint.concat()),
            der::integer(&self.nonce),
            der::value(der::BOOLEAN, &[0xff]),
        ];
        der::value(der::SEQUENCE, &query.concat())
    }

    /// Checks that an answer holds a token over the digest that was asked about. Its signature is for
    /// whoever has the authority's certificate to check.
    ///
    /// # Errors
    /// It does not, or the authority refused.
    pub fn check(&self, answer: &[u8]) -> Result<TimestampToken, TimestampError> {
        let token = TimestampToken::parse(answer)?;
        if !token.is_answer {
            return Err(TimestampError::Malformed);
        }
        if token.algorithm != SHA256 || token.imprint != self.digest.0 {
            return Err(TimestampError::OtherBytes);
        }
        let asked = der::integer(&self.nonce);
        let asked = der::Der::new(&asked).take(der::INTEGER);
        match token.nonce.as_deref() == asked {
            true => Ok(token),
            false => Err(TimestampError::OtherNonce),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::tests::{answer, token_with};
    use super::*;

    #[test]
    fn an_answer_must_be_about_what_was_asked() {
        let nonce = [0x81; 16];
        let query = TimestampQuery::new(b"checkpoint", nonce);
        let token = |nonce: Option<[u8; 16]>| {
            let nonce = nonce.map(|nonce| der::integer(&nonce));
            token_with(b"checkpoint", &nonce.unwrap_or_default())
        };
        let good = answer(0, &token(Some(nonce)));
        assert_eq!(
            query.check(&good).unwrap().time.to_string(),
            "2026-11-02T09:00:00.5Z"
        );
        assert!(query.check(&answer(1, &token(Some(nonce)))).is_ok());
        let refused = query.check(&answer(2, &token(Some(nonce))));
        assert_eq!(refused, Err(TimestampError::Refused(2)));
        for other in [None, Some([0x82; 16])] {
            let other = query.check(&answer(0, &token(other)));
            assert_eq!(other, Err(TimestampError::OtherNonce));
        }
        let other = TimestampQuery::new(b"another", nonce);
        assert_eq!(other.check(&good), Err(TimestampError::OtherBytes));
        let alone = query.check(&token(Some(nonce)));
        assert_eq!(alone, Err(TimestampError::Malformed));
        for length in 0..good.len() {
            assert!(query.check(&good[..length]).is_err(), "{length}");
        }
    }
}
