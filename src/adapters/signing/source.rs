//! Where a log's signer comes from.

use std::fmt::Debug;
use std::path::{Path, PathBuf};

use super::files::{remove_key, replace_key};
use super::{
    KeyFileError, NEXT_KEY, SIGNING_KEY, create_key, create_signing_key, find_signing_key,
    load_signing_key,
};
use crate::evidence::key::LogKey;
use crate::evidence::ring::KeyRing;
use crate::evidence::signer::CheckpointSigner;

/// Gives the signer of a log when it is opened.
pub trait SignerSource: Debug + Send {
    /// The signer of a log that is there.
    ///
    /// # Errors
    /// It is missing, cannot be reached, or is that of another log.
    fn load(&self, origin: &str) -> Result<Box<dyn CheckpointSigner>, KeyFileError>;

    /// The signer of a new log; one is made where there is none and where that can be.
    ///
    /// # Errors
    /// As [`SignerSource::load`]; or it cannot be made.
    fn create(&self, origin: &str) -> Result<Box<dyn CheckpointSigner>, KeyFileError> {
        self.load(origin)
    }

    /// Completes a rotation that was recorded: a key that `took_over` becomes the signer.
    ///
    /// # Errors
    /// As [`SignerSource::load`].
    fn settle(
        &self,
        _took_over: &dyn Fn(&LogKey) -> bool,
        _origin: &str,
    ) -> Result<(), KeyFileError> {
        Ok(())
    }

    /// The folder that holds private keys, which must not lie within the log.
    fn folder(&self) -> Option<&Path> {
        None
    }
}

/// The key file `signing.key` in a folder.
#[derive(Clone, Debug)]
pub struct FileKeys {
    folder: PathBuf,
    /// The name that the key in the file has: yearly shards sign with one key under their own names.
    name: String,
}

impl FileKeys {
    pub fn new(folder: &Path, name: &str) -> Self {
        Self {
            folder: folder.to_owned(),
            name: name.to_owned(),
        }
    }

    /// The key that is to take over; the one of a rotation that was not completed, or a new one. It
    /// signs nothing until the rotation is recorded.
    ///
    /// # Errors
    /// It cannot be written.
    pub fn next(&self, origin: &str) -> Result<Box<dyn CheckpointSigner>, KeyFileError> {
        let signer = create_key(&self.folder, NEXT_KEY, &self.name)?.under(origin);
        Ok(Box::new(signer.map_err(|_| bad_origin(origin))?))
    }

    /// # Errors
    /// The key is missing, can be read by others, or is that of another origin.
    pub fn must_be_there(&self) -> Result<(), KeyFileError> {
        load_signing_key(&self.folder, &self.name).map(drop)
    }

    /// Destroys the key file if its key signed the log once and another has taken over. Says whether
    /// such a key is still at hand, because systemd handed it over.
    ///
    /// # Errors
    /// It cannot be read or removed.
    pub fn retire(&self, keys: &KeyRing) -> Result<bool, KeyFileError> {
        let is_retired = || {
            let Some(own) = find_signing_key(&self.folder, SIGNING_KEY, &self.name)? else {
                return Ok(false);
            };
            let newest = keys.newest();
            let own = own.under(newest.origin());
            let own = own.map_err(|_| bad_origin(newest.origin()))?;
            Ok(keys.contains(own.key()) && own.key() != newest)
        };
        if !is_retired()? {
            return Ok(false);
        }
        remove_key(&self.folder, SIGNING_KEY)?;
        is_retired()
    }
}

impl SignerSource for FileKeys {
    fn load(&self, origin: &str) -> Result<Box<dyn CheckpointSigner>, KeyFileError> {
        let signer = load_signing_key(&self.folder, &self.name)?;
        let signer = signer.under(origin);
        Ok(Box::new(signer.map_err(|_| bad_origin(origin))?))
    }

    fn create(&self, origin: &str) -> Result<Box<dyn CheckpointSigner>, KeyFileError> {
        let signer = create_signing_key(&self.folder, &self.name)?;
        let signer = signer.under(origin);
        Ok(Box::new(signer.map_err(|_| bad_origin(origin))?))
    }

    fn settle(
        &self,
        took_over: &dyn Fn(&LogKey) -> bool,
        origin: &str,
    ) -> Result<(), KeyFileError> {
        let Some(next) = find_signing_key(&self.folder, NEXT_KEY, &self.name)? else {
            return Ok(());
        };
        let next = next.under(origin).map_err(|_| bad_origin(origin))?;
        match took_over(next.key()) {
            true => replace_key(&self.folder, NEXT_KEY, SIGNING_KEY),
            false => Ok(()),
        }
    }

    fn folder(&self) -> Option<&Path> {
        Some(&self.folder)
    }
}

fn bad_origin(origin: &str) -> KeyFileError {
    KeyFileError::BadOrigin(origin.to_owned())
}
