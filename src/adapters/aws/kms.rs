//! A key of AWS KMS that signs the log. The private key never leaves KMS.

use std::path::{Path, PathBuf};

use aws_sdk_kms::Client;
use aws_sdk_kms::operation::get_public_key::GetPublicKeyOutput;
use aws_sdk_kms::primitives::Blob;
use aws_sdk_kms::types::{KeyUsageType, MessageType, SigningAlgorithmSpec};
use signed_note::Signature;

use super::failure::failure;
use super::shared::{OnlyEncrypted, Shared};
use crate::adapters::signing::{KeyFileError, SignerSource};
use crate::evidence::key::{KeyError, LogKey};
use crate::evidence::signer::{CheckpointSigner, SignerFailure, signature_line};
use crate::ports::RemoteError;

#[derive(Clone, Debug)]
pub struct KmsSettings {
    /// An ARN, an id or an alias.
    pub key: String,
    pub region: String,
    pub endpoint: Option<String>,
    /// The folder of the installation's other keys, which must not lie within the log.
    pub folder: PathBuf,
}

/// One key of KMS, asked for its public half whenever a log is opened.
#[derive(Debug)]
pub struct KmsKeys {
    shared: Shared,
    client: Client,
    settings: KmsSettings,
    place: String,
}

/// Asks KMS for each signature.
#[derive(Debug)]
struct KmsSigner {
    shared: Shared,
    client: Client,
    place: String,
    /// As KMS names the key that it gave: an alias may be moved meanwhile.
    id: String,
    algorithm: SigningAlgorithmSpec,
    key: LogKey,
}

impl KmsKeys {
    /// Nothing is sent before the first request.
    pub fn new(shared: &Shared, settings: KmsSettings) -> Self {
        let config = shared.sdk_config(&settings.region, settings.endpoint.as_deref());
        let config = aws_sdk_kms::config::Builder::from(&config)
            .interceptor(OnlyEncrypted)
            .build();
        Self {
            shared: shared.clone(),
            client: Client::from_conf(config),
            place: format!("the KMS key `{}`", settings.key),
            settings,
        }
    }

    fn signer(&self, origin: &str) -> Result<KmsSigner, SignerFailure> {
        let asked = self.client.get_public_key().key_id(&self.settings.key);
        let answer = self.shared.block_on(asked.send());
        let answer = answer.map_err(|error| unanswered(failure(&self.place, &error)))?;
        let algorithm = algorithm(&answer).ok_or_else(|| self.unusable())?;
        let der = answer.public_key().map(Blob::as_ref).unwrap_or_default();
        let key = LogKey::from_spki(origin, der).map_err(|error| match error {
            KeyError::Malformed => SignerFailure {
                what: format!("`{origin}` cannot be an origin"),
                help: "choose one without white space and `+`".to_owned(),
            },
            KeyError::Algorithm | KeyError::Hash | KeyError::Twice | KeyError::Origins => {
                self.unusable()
            }
        })?;
        Ok(KmsSigner {
            shared: self.shared.clone(),
            client: self.client.clone(),
            place: self.place.clone(),
            id: answer.key_id().unwrap_or(&self.settings.key).to_owned(),
            algorithm,
            key,
        })
    }

    fn unusable(&self) -> SignerFailure {
        SignerFailure {
            what: format!("{} cannot sign checkpoints", self.place),
            help: "make one of the usage SIGN_VERIFY and of the kind ECC_NIST_EDWARDS25519 or \
                   ECC_NIST_P256"
                .to_owned(),
        }
    }
}

/// Ed25519 before ECDSA; nothing where the key knows neither, or is not for signing.
fn algorithm(answer: &GetPublicKeyOutput) -> Option<SigningAlgorithmSpec> {
    let known = [
        SigningAlgorithmSpec::Ed25519Sha512,
        SigningAlgorithmSpec::EcdsaSha256,
    ];
    let signs = answer.key_usage() == Some(&KeyUsageType::SignVerify);
    let mut known = known.into_iter().filter(|_| signs);
    known.find(|one| answer.signing_algorithms().contains(one))
}

impl SignerSource for KmsKeys {
    fn load(&self, origin: &str) -> Result<Box<dyn CheckpointSigner>, KeyFileError> {
        let signer = self.signer(origin).map_err(KeyFileError::Signer)?;
        Ok(Box::new(signer))
    }

    fn folder(&self) -> Option<&Path> {
        Some(&self.settings.folder)
    }
}

impl CheckpointSigner for KmsSigner {
    fn key(&self) -> &LogKey {
        &self.key
    }

    fn sign(&self, text: &[u8]) -> Result<Vec<Signature>, SignerFailure> {
        let asked = self.client.sign();
        let asked = asked
            .key_id(&self.id)
            .message(Blob::new(text))
            .message_type(MessageType::Raw)
            .signing_algorithm(self.algorithm.clone());
        let answer = self.shared.block_on(asked.send());
        let answer = answer.map_err(|error| unanswered(failure(&self.place, &error)))?;
        let bytes = answer.signature.map(Blob::into_inner).unwrap_or_default();
        Ok(vec![signature_line(&self.key, bytes)?])
    }
}

fn unanswered(error: RemoteError) -> SignerFailure {
    let help = match &error {
        RemoteError::Unreachable { .. } => {
            "nothing was changed; try again when KMS can be reached from here"
        }
        RemoteError::Refused { .. } | RemoteError::Differs { .. } => {
            "nothing was changed; the program's role needs kms:GetPublicKey and kms:Sign on the \
             key, which must be enabled"
        }
    };
    SignerFailure {
        what: error.to_string(),
        help: help.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn offers(usage: KeyUsageType, offered: &[SigningAlgorithmSpec]) -> GetPublicKeyOutput {
        let output = GetPublicKeyOutput::builder().key_usage(usage);
        output
            .set_signing_algorithms(Some(offered.to_vec()))
            .build()
    }

    #[test]
    fn ed25519_goes_before_ecdsa_and_nothing_else_signs() {
        use SigningAlgorithmSpec::{EcdsaSha256, EcdsaSha384, Ed25519PhSha512, Ed25519Sha512};
        let chosen = |offered: &[SigningAlgorithmSpec]| {
            algorithm(&offers(KeyUsageType::SignVerify, offered))
        };
        let both = [Ed25519PhSha512, EcdsaSha256, Ed25519Sha512];
        assert_eq!(chosen(&both), Some(Ed25519Sha512));
        assert_eq!(chosen(&[EcdsaSha256]), Some(EcdsaSha256));
        assert_eq!(chosen(&[EcdsaSha384, Ed25519PhSha512]), None);
        let other = offers(KeyUsageType::KeyAgreement, &[EcdsaSha256]);
        assert_eq!(algorithm(&other), None);
    }
}
