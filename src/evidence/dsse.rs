//! Envelopes by the public specification of DSSE: a signature over the exact bytes of a payload and
//! its type, through the pre-authentication encoding. Only exports have them: in the log, entries are
//! covered by the checkpoint.

use base64::Engine;
use base64::prelude::{BASE64_STANDARD, BASE64_URL_SAFE};
use serde::{Deserialize, Serialize};
use thiserror::Error;

use super::export_key::{ExportKey, ExportSigner};

/// The payload type of in-toto Statements.
pub const IN_TOTO: &str = "application/vnd.in-toto+json";

#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum DsseError {
    #[error("it is no DSSE envelope")]
    Malformed,
    #[error("its payload has the type `{0}`, not `{IN_TOTO}`")]
    PayloadType(String),
    #[error("it has no valid signature by the export key")]
    Unsigned,
}

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Envelope {
    payload_type: String,
    payload: String,
    signatures: Vec<EnvelopeSignature>,
}

#[derive(Serialize, Deserialize)]
struct EnvelopeSignature {
    /// A hint, which is not authenticated.
    #[serde(default)]
    keyid: String,
    sig: String,
}

/// What is signed: `DSSEv1`, then type and payload, each after its length.
pub fn pre_authentication_encoding(payload_type: &str, payload: &[u8]) -> Vec<u8> {
    let length = payload_type.len();
    let mut encoding = format!("DSSEv1 {length} {payload_type} {} ", payload.len()).into_bytes();
    encoding.extend_from_slice(payload);
    encoding
}

/// Signs a Statement.
///
/// # Errors
/// The envelope cannot be written as JSON.
pub fn seal(statement: &[u8], signer: &ExportSigner) -> Result<Vec<u8>, serde_json::Error> {
    let signature = signer.sign(&pre_authentication_encoding(IN_TOTO, statement));
    let envelope = Envelope {
        payload_type: IN_TOTO.to_owned(),
        payload: BASE64_STANDARD.encode(statement),
        signatures: vec![EnvelopeSignature {
            keyid: signer.key().fingerprint().to_string(),
            sig: BASE64_STANDARD.encode(signature),
        }],
    };
    let mut bytes = serde_json::to_vec(&envelope)?;
    bytes.push(b'\n');
    Ok(bytes)
}

/// The Statement in an envelope, once its signature is verified.
///
/// # Errors
/// It is no envelope of a Statement, or the key has not signed it.
pub fn open(envelope: &[u8], key: &ExportKey) -> Result<Vec<u8>, DsseError> {
    let envelope: Envelope = serde_json::from_slice(envelope).map_err(|_| DsseError::Malformed)?;
    if envelope.payload_type != IN_TOTO {
        return Err(DsseError::PayloadType(envelope.payload_type));
    }
    let payload = decode(&envelope.payload).ok_or(DsseError::Malformed)?;
    let message = pre_authentication_encoding(IN_TOTO, &payload);
    let signed = envelope.signatures.iter().any(|signature| {
        decode(&signature.sig).is_some_and(|bytes| key.is_signature(&message, &bytes))
    });
    match signed {
        true => Ok(payload),
        false => Err(DsseError::Unsigned),
    }
}

/// The specification leaves writers the choice between both alphabets.
fn decode(text: &str) -> Option<Vec<u8>> {
    let standard = BASE64_STANDARD.decode(text).ok();
    standard.or_else(|| BASE64_URL_SAFE.decode(text).ok())
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The example of the specification.
    #[test]
    fn the_encoding_is_that_of_the_specification() {
        let encoding = pre_authentication_encoding("http://example.com/HelloWorld", b"hello world");
        assert_eq!(
            encoding,
            b"DSSEv1 29 http://example.com/HelloWorld 11 hello world"
        );
        assert_eq!(
            pre_authentication_encoding("é", b""),
            "DSSEv1 2 é 0 ".as_bytes()
        );
    }

    #[test]
    fn an_envelope_opens_with_its_key_alone() {
        let signer = ExportSigner::from_seed(&[9; 32]);
        let sealed = seal(b"{\"a\":1}", &signer).unwrap();
        assert_eq!(open(&sealed, &signer.key()), Ok(b"{\"a\":1}".to_vec()));
        let other = ExportSigner::from_seed(&[8; 32]);
        assert_eq!(open(&sealed, &other.key()), Err(DsseError::Unsigned));
        assert_eq!(open(b"{}", &signer.key()), Err(DsseError::Malformed));
    }

    #[test]
    fn another_payload_or_type_is_not_what_was_signed() {
        let signer = ExportSigner::from_seed(&[9; 32]);
        let sealed = String::from_utf8(seal(b"{\"a\":1}", &signer).unwrap()).unwrap();
        let payload = |bytes: &[u8]| BASE64_STANDARD.encode(bytes);
        let other = sealed.replace(&payload(b"{\"a\":1}"), &payload(b"{\"a\":2}"));
        assert_eq!(
            open(other.as_bytes(), &signer.key()),
            Err(DsseError::Unsigned)
        );
        let other = sealed.replace(IN_TOTO, "text/plain");
        let error = open(other.as_bytes(), &signer.key()).unwrap_err();
        assert_eq!(error, DsseError::PayloadType("text/plain".to_owned()));
    }
}
