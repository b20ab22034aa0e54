//! Whose certificates are believed: those the system trusts, or a file of the user's own.

use std::path::Path;

use rustls_native_certs::load_native_certs;
use ureq::tls::{Certificate, PemItem, parse_pem};

use super::super::reason::reason;

/// The certificates, in DER.
///
/// # Errors
/// What is wrong with the file.
pub(super) fn certificates(ca_file: Option<&Path>) -> Result<Vec<Vec<u8>>, String> {
    let Some(path) = ca_file else {
        let found = load_native_certs().certs.into_iter();
        return Ok(found.map(|one| one.as_ref().to_vec()).collect());
    };
    let wrong = |what: &str| format!("`ca_file` `{}`: {what}", path.display());
    let text = std::fs::read(path).map_err(|error| wrong(&reason(&error)))?;
    let mut all = Vec::new();
    for item in parse_pem(&text) {
        if let PemItem::Certificate(one) = item.map_err(|_| wrong("it is no PEM"))? {
            all.push(der(&one));
        }
    }
    match all.is_empty() {
        true => Err(wrong("it holds no certificate")),
        false => Ok(all),
    }
}

fn der(one: &Certificate<'_>) -> Vec<u8> {
    one.der().to_vec()
}
