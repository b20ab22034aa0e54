//! The key that exported packs are signed with, in a file of the key folder, made on first use.

use std::path::Path;

use super::files::{read_key, write_key};
use super::{KeyFileError, random_bytes};
use crate::evidence::export_key::ExportSigner;

const EXPORT_KEY: &str = "export.key";

/// The export key: the one in the folder, or a new one.
///
/// # Errors
/// It can be read by others, holds no key, or cannot be written.
pub fn export_signer(folder: &Path) -> Result<ExportSigner, KeyFileError> {
    let path = folder.join(EXPORT_KEY);
    if read_key(folder, EXPORT_KEY)?.is_none() {
        let signer = ExportSigner::from_seed(&random_bytes()?);
        write_key(&path, signer.to_pem().trim_end())?;
    }
    let Some(found) = read_key(folder, EXPORT_KEY)? else {
        return Err(KeyFileError::Missing { path });
    };
    ExportSigner::parse_pem(&found.text).map_err(|error| KeyFileError::Malformed {
        path: found.path,
        reason: error.to_string(),
    })
}

#[cfg(test)]
mod tests {
    use std::fs;
    use std::os::unix::fs::PermissionsExt;

    use super::*;

    #[test]
    fn the_export_key_is_made_once_and_only_its_owner_can_read_it() {
        let dir = tempfile::tempdir().unwrap();
        let folder = dir.path().join("keys");
        let first = export_signer(&folder).unwrap();
        assert_eq!(export_signer(&folder).unwrap().key(), first.key());
        let path = folder.join(EXPORT_KEY);
        assert_eq!(
            fs::metadata(&path).unwrap().permissions().mode() & 0o777,
            0o600
        );
        fs::set_permissions(&path, fs::Permissions::from_mode(0o644)).unwrap();
        let error = export_signer(&folder).unwrap_err();
        assert!(matches!(error, KeyFileError::Exposed { .. }));
    }

    #[test]
    fn a_file_that_holds_no_key_is_not_replaced() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join(EXPORT_KEY);
        write_key(&path, "no key").unwrap();
        let error = export_signer(dir.path()).unwrap_err();
        assert!(
            error
                .to_string()
                .ends_with("it is no Ed25519 private key in PEM (PKCS #8)")
        );
        assert_eq!(fs::read_to_string(&path).unwrap(), "no key\n");
    }
}
