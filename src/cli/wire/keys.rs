//! Who signs the log: a key file or a key of KMS, and how one hands over to another.

use std::path::{Path, PathBuf};

use anyhow::bail;
use jiff::Timestamp;

use super::outside::{built, must_be_built};
use super::{message, no_key, open_evidence, opened, shelf, unusable};
use crate::adapters::evidence::LocalEvidence;
use crate::adapters::signing::{FileKeys, Handover, SignerSource, copy_redaction_key};
use crate::adapters::store::{EvidenceReader, Shelf};
use crate::config::{Config, KmsKey};
use crate::evidence::key::LogKey;
use crate::ports::InputError;

/// Whoever signs the log as it is configured.
pub(super) fn signers(config: &Config) -> anyhow::Result<Box<dyn SignerSource>> {
    must_be_built(config)?;
    match &config.evidence.signer {
        None => Ok(Box::new(file_keys(config))),
        Some(signer) => built::kms(&signer.kms, &keys_dir(config)),
    }
}

/// The key file of the log, which signs it unless KMS does.
pub(super) fn file_keys(config: &Config) -> FileKeys {
    FileKeys::new(&keys_dir(config), &config.evidence.origin)
}

/// The folder of the keys.
pub fn keys_dir(config: &Config) -> PathBuf {
    config.resolve(&config.evidence.keys)
}

/// The key of KMS that the command line names: its ARN, or one in the Region of the configured signer.
pub fn kms_named(config: &Config, key: &str) -> anyhow::Result<KmsKey> {
    let configured = config.evidence.signer.as_ref().map(|signer| &signer.kms);
    let named = match configured {
        Some(own) => own.beside(key),
        None => KmsKey::of_arn(key),
    };
    let mut named = named.map_err(|what| {
        let help = Some("write it as `arn:aws:kms:REGION:ACCOUNT:key/ID`".to_owned());
        anyhow::anyhow!(message(&InputError { what, help }))
    })?;
    let same = configured.filter(|own| own.region == named.region);
    named.endpoint = same.and_then(|own| own.endpoint.clone());
    Ok(named)
}

/// What came of a handover.
pub struct Rotated {
    pub key: LogKey,
    pub dir: PathBuf,
    /// The old private key is a credential of systemd, which cannot be destroyed from here.
    pub credential_left: bool,
}

/// Hands the log over: to a new key file, or from the key that signs it now to the configured signer.
/// `from` names the present key where it is one of KMS.
pub fn rotate_key(config: &Config, from: Option<&str>, now: Timestamp) -> anyhow::Result<Rotated> {
    let Some(newest) = shelf(config).shards()?.pop() else {
        bail!("there is no log yet\n  help: run `driftwarden scan` first");
    };
    let old: Box<dyn SignerSource> = match (from, &config.evidence.signer) {
        (None, None) => return rotate_file(config, now),
        (None, Some(_)) => Box::new(file_keys(config)),
        (Some(key), _) => built::kms(&kms_named(config, key)?, &keys_dir(config))?,
    };
    let handover = Handover::new(old, signers(config)?);
    let before = EvidenceReader::open(&newest.dir)?.key().clone();
    let next = handover.next(before.origin()).map_err(no_key)?;
    if *next.key() == before {
        retire(config)?;
        bail!(
            "the configured signer signs the log already\n  help: to hand the log over to another key \
             of KMS, name that one in `signer`, and this one with `--from`"
        );
    }
    if from.is_none() && file_keys(config).must_be_there().is_err() {
        bail!(
            "no key file is there to hand the log over\n  help: where another key of KMS signs the log, \
             name it with `--from`"
        );
    }
    let mut evidence = opened(config, &handover, now)?;
    let next = handover.next(evidence.key().origin()).map_err(no_key)?;
    // A handover that was interrupted was completed by opening the log.
    if evidence.key() != next.key() {
        evidence.rotate(next, now).map_err(unusable)?;
    }
    drop(evidence);
    finished(config, now)
}

fn rotate_file(config: &Config, now: Timestamp) -> anyhow::Result<Rotated> {
    let mut evidence = open_evidence(config, now)?;
    let origin = evidence.key().origin().to_owned();
    let next = file_keys(config).next(&origin).map_err(no_key)?;
    evidence.rotate(next, now).map_err(unusable)?;
    drop(evidence);
    // Opening the log puts the new key file in the old one's place.
    finished(config, now)
}

/// The log as the configured signer opens it.
fn finished(config: &Config, now: Timestamp) -> anyhow::Result<Rotated> {
    let evidence = open_evidence(config, now)?;
    let (key, dir) = (evidence.key().clone(), evidence.dir().to_owned());
    drop(evidence);
    Ok(Rotated {
        key,
        dir,
        credential_left: retire(config)?,
    })
}

/// Destroys a key file whose key was replaced.
fn retire(config: &Config) -> anyhow::Result<bool> {
    let Some(newest) = shelf(config).shards()?.pop() else {
        return Ok(false);
    };
    let reader = EvidenceReader::open(&newest.dir)?;
    file_keys(config).retire(reader.keys()).map_err(no_key)
}

/// Where a log goes on that cannot grow any more.
pub struct NewHome {
    pub dir: PathBuf,
    pub origin: String,
    pub keys: PathBuf,
    /// Who signs the new log, if not a key file.
    pub kms: Option<KmsKey>,
}

/// Freezes the log and begins the one that goes on from it.
pub fn go_on_elsewhere(
    config: &Config,
    home: &NewHome,
    compromised_at: Option<Timestamp>,
    now: Timestamp,
) -> anyhow::Result<(LogKey, PathBuf)> {
    let Some(frozen) = shelf(config).shards()?.pop() else {
        bail!(
            "there is no log yet\n  help: name another key folder, and begin with `driftwarden scan`"
        );
    };
    if home.origin == config.evidence.origin {
        bail!(
            "`{}` is the origin of the log that was\n  help: two logs of one origin look like a fork; \
             choose another",
            home.origin
        );
    }
    if home.keys.starts_with(&home.dir) {
        bail!(
            "the keys in `{}` lie within the new log\n  help: keep the keys elsewhere: whoever gets the \
             log must not get them",
            home.keys.display()
        );
    }
    let new = match config.evidence.yearly {
        true => Shelf::yearly(&home.dir, &home.origin),
        false => Shelf::single(&home.dir, &home.origin),
    };
    let signers = signers_at(home)?;
    copy_redaction_key(&keys_dir(config), &home.keys).map_err(no_key)?;
    let log = LocalEvidence::begin_after(&frozen, &new, &*signers, now, compromised_at);
    let log = log.map_err(unusable)?;
    Ok((log.key().clone(), log.dir().to_owned()))
}

fn signers_at(home: &NewHome) -> anyhow::Result<Box<dyn SignerSource>> {
    let keys: &Path = &home.keys;
    match &home.kms {
        None => Ok(Box::new(FileKeys::new(keys, &home.origin))),
        Some(kms) => {
            let signers = built::kms(kms, keys)?;
            // A key that cannot sign is told before anything is frozen.
            signers.load(&home.origin).map_err(no_key)?;
            Ok(signers)
        }
    }
}
