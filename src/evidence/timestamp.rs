//! RFC 3161 tokens over checkpoints: what a token says, and whether it says it of these bytes.
//!
//! The signature of the time-stamp authority is not checked here: its certificates and algorithms are
//! a world of their own, and every auditor has `openssl ts -verify` for it.

use jiff::Timestamp;
use sha2::{Digest, Sha256, Sha384, Sha512};
use thiserror::Error;

use super::der::{self, Der};

mod query;

pub use query::TimestampQuery;

const SIGNED_DATA: &str = "1.2.840.113549.1.7.2";
const SHA256: &str = "2.16.840.1.101.3.4.2.1";
const TST_INFO: &str = "1.2.840.113549.1.9.16.1.4";

/// The largest file that can be a token.
pub const MAX_TOKEN_BYTES: u64 = 1 << 20;

#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum TimestampError {
    #[error("it is no RFC 3161 token")]
    Malformed,
    #[error("it is the answer of a time-stamp authority that refused (status {0})")]
    Refused(u8),
    #[error("its digest is made with `{0}`, which is not SHA-256, SHA-384 or SHA-512")]
    Algorithm(String),
    #[error("it is a token over other bytes than this checkpoint")]
    OtherBytes,
    #[error("it answers another query: its nonce is not the one that was sent")]
    OtherNonce,
}

/// What a time-stamp authority says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TimestampToken {
    pub time: Timestamp,
    pub policy: String,
    /// In hex.
    pub serial: String,
    /// Whether the file is a whole answer, as `openssl ts -verify -in` takes it, or the token alone.
    pub is_answer: bool,
    algorithm: String,
    imprint: Vec<u8>,
    nonce: Option<Vec<u8>>,
}

impl TimestampToken {
    /// Reads a token, alone or in the answer it came in.
    ///
    /// # Errors
    /// It is neither, or the answer is a refusal.
    pub fn parse(bytes: &[u8]) -> Result<Self, TimestampError> {
        let malformed = TimestampError::Malformed;
        let mut outer = Der::new(bytes);
        let mut value = outer.enter(der::SEQUENCE).ok_or(malformed.clone())?;
        if !outer.is_empty() {
            return Err(malformed);
        }
        let is_answer = value.peek() != Some(der::OBJECT_ID);
        if is_answer {
            let status = value
                .enter(der::SEQUENCE)
                .and_then(|mut status| status.take(der::INTEGER));
            match status {
                Some([0 | 1]) => {}
                Some([status]) => return Err(TimestampError::Refused(*status)),
                Some(_) | None => return Err(malformed),
            }
            value = value.enter(der::SEQUENCE).ok_or(malformed.clone())?;
        }
        content(value)
            .and_then(|content| Self::info(content, is_answer))
            .ok_or(malformed)
    }

    fn info(content: &[u8], is_answer: bool) -> Option<Self> {
        let mut info = Der::new(content).enter(der::SEQUENCE)?;
        if info.take(der::INTEGER)? != [1] {
            return None;
        }
        let policy = der::object_id(info.take(der::OBJECT_ID)?)?;
        let mut message = info.enter(der::SEQUENCE)?;
        let mut algorithm = message.enter(der::SEQUENCE)?;
        let algorithm = der::object_id(algorithm.take(der::OBJECT_ID)?)?;
        let imprint = message.take(der::OCTET_STRING)?.to_vec();
        let serial = hex::encode(info.take(der::INTEGER)?);
        let time = generalized_time(info.take(der::GENERALIZED_TIME)?)?;
        // How exact the time is, and whether tokens are in order.
        info.take(der::SEQUENCE);
        info.take(der::BOOLEAN);
        let nonce = info.take(der::INTEGER).map(<[u8]>::to_vec);
        Some(Self {
            time,
            policy,
            serial,
            is_answer,
            algorithm,
            imprint,
            nonce,
        })
    }

    /// Whether the token is about exactly these bytes.
    ///
    /// # Errors
    /// It is about others, or its digest is none that is taken here.
    pub fn matches(&self, bytes: &[u8]) -> Result<(), TimestampError> {
        let digest = match self.algorithm.as_str() {
            SHA256 => Sha256::digest(bytes).to_vec(),
            "2.16.840.1.101.3.4.2.2" => Sha384::digest(bytes).to_vec(),
            "2.16.840.1.101.3.4.2.3" => Sha512::digest(bytes).to_vec(),
            other => return Err(TimestampError::Algorithm(other.to_owned())),
        };
        match digest == self.imprint {
            true => Ok(()),
            false => Err(TimestampError::OtherBytes),
        }
    }
}

/// The TSTInfo within the members of a ContentInfo.
fn content(mut info: Der<'_>) -> Option<&[u8]> {
    if der::object_id(info.take(der::OBJECT_ID)?)? != SIGNED_DATA {
        return None;
    }
    let mut signed = info.enter(der::CONTEXT_0)?.enter(der::SEQUENCE)?;
    signed.take(der::INTEGER)?;
    signed.take(der::SET)?;
    let mut content = signed.enter(der::SEQUENCE)?;
    if der::object_id(content.take(der::OBJECT_ID)?)? != TST_INFO {
        return None;
    }
    content.enter(der::CONTEXT_0)?.take(der::OCTET_STRING)
}

/// `20261102090000Z` or `20261102090000.25Z`.
fn generalized_time(content: &[u8]) -> Option<Timestamp> {
    let text = std::str::from_utf8(content).ok()?;
    let (whole, fraction) = match text.strip_suffix('Z')?.split_once('.') {
        Some((whole, fraction)) => (whole, format!(".{fraction}")),
        None => (text.strip_suffix('Z')?, String::new()),
    };
    if whole.len() != 14 || !whole.bytes().all(|byte| byte.is_ascii_digit()) {
        return None;
    }
    let part = |from: usize, to: usize| whole.get(from..to);
    let text = format!(
        "{}-{}-{}T{}:{}:{}{fraction}Z",
        part(0, 4)?,
        part(4, 6)?,
        part(6, 8)?,
        part(8, 10)?,
        part(10, 12)?,
        part(12, 14)?
    );
    text.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn value(tag: u8, parts: &[&[u8]]) -> Vec<u8> {
        der::value(tag, &parts.concat())
    }

    fn token(over: &[u8]) -> Vec<u8> {
        token_with(over, &[])
    }

    /// `more` follows the time.
    pub(super) fn token_with(over: &[u8], more: &[u8]) -> Vec<u8> {
        let sha256 = [0x60, 0x86, 0x48, 0x01, 0x65, 0x03, 0x04, 0x02, 0x01];
        let algorithm = value(der::SEQUENCE, &[&value(der::OBJECT_ID, &[&sha256])]);
        let imprint = value(der::OCTET_STRING, &[&Sha256::digest(over)]);
        let info = value(
            der::SEQUENCE,
            &[
                &value(der::INTEGER, &[&[1]]),
                &value(der::OBJECT_ID, &[&[0x2a, 0x03]]),
                &value(der::SEQUENCE, &[&algorithm, &imprint]),
                &value(der::INTEGER, &[&[0x0a, 0xff]]),
                &value(der::GENERALIZED_TIME, &[b"20261102090000.5Z"]),
                more,
            ],
        );
        let tst = [
            0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x09, 0x10, 0x01, 0x04,
        ];
        let inner = value(der::CONTEXT_0, &[&value(der::OCTET_STRING, &[&info])]);
        let encapsulated = value(der::SEQUENCE, &[&value(der::OBJECT_ID, &[&tst]), &inner]);
        let version = value(der::INTEGER, &[&[3]]);
        let signed = value(
            der::SEQUENCE,
            &[&version, &value(der::SET, &[]), &encapsulated],
        );
        let signed_data = [0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x07, 0x02];
        let kind = value(der::OBJECT_ID, &[&signed_data]);
        value(der::SEQUENCE, &[&kind, &value(der::CONTEXT_0, &[&signed])])
    }

    pub(super) fn answer(status: u8, token: &[u8]) -> Vec<u8> {
        let status = value(der::SEQUENCE, &[&value(der::INTEGER, &[&[status]])]);
        value(der::SEQUENCE, &[&status, token])
    }

    #[test]
    fn a_token_says_when_and_of_what() {
        let alone = TimestampToken::parse(&token(b"note")).unwrap();
        assert_eq!(alone.time.to_string(), "2026-11-02T09:00:00.5Z");
        assert_eq!(
            (alone.policy.as_str(), alone.serial.as_str()),
            ("1.2.3", "0aff")
        );
        assert_eq!(alone.matches(b"note"), Ok(()));
        assert_eq!(alone.matches(b"other"), Err(TimestampError::OtherBytes));
        let answered = TimestampToken::parse(&answer(0, &token(b"note"))).unwrap();
        assert!(answered.is_answer && !alone.is_answer);
        assert_eq!(answered.matches(b"note"), Ok(()));
    }

    #[test]
    fn a_refusal_and_what_is_cut_short_are_no_tokens() {
        let refused = TimestampToken::parse(&answer(2, &[]));
        assert_eq!(refused, Err(TimestampError::Refused(2)));
        let whole = answer(0, &token(b"note"));
        for cut in 0..whole.len() {
            assert!(TimestampToken::parse(&whole[..cut]).is_err(), "{cut}");
        }
        assert!(TimestampToken::parse(&[&whole[..], &[0]].concat()).is_err());
    }

    #[test]
    fn times_that_are_none_are_refused() {
        for text in [
            "20261302090000Z",
            "202611020900Z",
            "20261102090000",
            "2026+102090000Z",
        ] {
            assert_eq!(generalized_time(text.as_bytes()), None, "{text}");
        }
    }
}
