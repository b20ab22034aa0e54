//! Key files: read only where nobody else can, written whole or not at all.

use std::fs::{self, DirBuilder, File, OpenOptions};
use std::io::{self, Write};
use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt, PermissionsExt};
use std::path::{Path, PathBuf};

use super::KeyFileError;

/// Where systemd says that it put the credentials of a service.
const CREDENTIALS: &str = "CREDENTIALS_DIRECTORY";

pub(super) fn io_error(path: &Path) -> impl Fn(io::Error) -> KeyFileError {
    let path = path.to_owned();
    move |cause| KeyFileError::Io {
        path: path.clone(),
        cause,
    }
}

/// The one line of a key file, and where it lay.
pub(super) struct Found {
    pub path: PathBuf,
    pub text: String,
}

/// The key of that name: in the folder or, where the folder lacks it, among the credentials that
/// systemd hands over. Nothing where neither has it.
pub(super) fn read_key(folder: &Path, name: &str) -> Result<Option<Found>, KeyFileError> {
    let credentials = std::env::var_os(CREDENTIALS).map(PathBuf::from);
    let own = folder.join(name);
    // The folder of credentials may be named in the configuration, too.
    let is_credential = credentials.as_deref() == Some(folder);
    if let Some(text) = read_file(&own, is_credential)? {
        return Ok(Some(Found { path: own, text }));
    }
    let Some(path) = credentials.map(|credentials| credentials.join(name)) else {
        return Ok(None);
    };
    let text = read_file(&path, true)?;
    Ok(text.map(|text| Found { path, text }))
}

fn read_file(path: &Path, is_credential: bool) -> Result<Option<String>, KeyFileError> {
    let found = match fs::metadata(path) {
        Ok(found) => found,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
        Err(error) => return Err(io_error(path)(error)),
    };
    // Opening a pipe would wait for a writer.
    if !found.is_file() {
        let path = path.to_owned();
        return Err(KeyFileError::NotAFile { path });
    }
    let text = fs::read_to_string(path).map_err(io_error(path))?;
    let mode = found.permissions().mode() & 0o777;
    // Where systemd lets the service in by an access list, the list's mask stands in the group's bits.
    let forbidden = if is_credential { 0o037 } else { 0o077 };
    if mode & forbidden != 0 {
        let path = path.to_owned();
        return Err(KeyFileError::Exposed { path, mode });
    }
    Ok(Some(text.trim_end().to_owned()))
}

/// Writes a new key file whole, or leaves the one that another process wrote meanwhile.
pub(super) fn write_key(path: &Path, text: &str) -> Result<(), KeyFileError> {
    let folder = path.parent().unwrap_or(Path::new("."));
    let failed = io_error(path);
    let mut builder = DirBuilder::new();
    builder.recursive(true).mode(0o700);
    builder.create(folder).map_err(&failed)?;
    let temporary = path.with_extension(format!("new-{}", std::process::id()));
    let mut options = OpenOptions::new();
    options.write(true).create(true).truncate(true).mode(0o600);
    let written = options.open(&temporary).and_then(|mut file| {
        writeln!(file, "{text}")?;
        file.sync_all()?;
        // A link, unlike a rename, never takes the place of a key that is already there.
        match fs::hard_link(&temporary, path) {
            Err(error) if error.kind() != io::ErrorKind::AlreadyExists => Err(error),
            _ => Ok(()),
        }
    });
    let removed = fs::remove_file(&temporary);
    written.and(removed).map_err(&failed)?;
    let folder = File::open(folder).map_err(&failed)?;
    folder.sync_all().map_err(&failed)
}

/// Puts one key file in the place of another, which is gone then.
pub(super) fn replace_key(folder: &Path, from: &str, to: &str) -> Result<(), KeyFileError> {
    let path = folder.join(to);
    fs::rename(folder.join(from), &path).map_err(io_error(&path))?;
    sync(folder)
}

/// Removes a key file, if it is there.
pub(super) fn remove_key(folder: &Path, name: &str) -> Result<(), KeyFileError> {
    let path = folder.join(name);
    match fs::remove_file(&path) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => {
            return Err(io_error(&path)(error));
        }
        Err(_) => return Ok(()),
        Ok(()) => {}
    }
    sync(folder)
}

/// Copies a key into another folder, if it is there and not there yet.
pub(super) fn copy_key(from: &Path, to: &Path, name: &str) -> Result<(), KeyFileError> {
    match read_key(from, name)? {
        Some(found) => write_key(&to.join(name), &found.text),
        None => Ok(()),
    }
}

fn sync(folder: &Path) -> Result<(), KeyFileError> {
    let synced = File::open(folder).and_then(|folder| folder.sync_all());
    synced.map_err(io_error(folder))
}
