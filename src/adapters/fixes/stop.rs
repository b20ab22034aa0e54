//! The stop file: while it is there, nothing is fixed.

use std::io::ErrorKind;
use std::path::PathBuf;

use crate::adapters::reason::reason;
use crate::model::StopFile;
use crate::ports::StopSign;

/// `None`: no stop file is configured.
pub struct StopPath(pub Option<PathBuf>);

impl StopSign for StopPath {
    fn look(&self) -> StopFile {
        let Some(path) = &self.0 else {
            return StopFile::Absent;
        };
        // A link that leads nowhere is there, too.
        match path.symlink_metadata() {
            Ok(_) => StopFile::Present(path.display().to_string()),
            Err(error) if error.kind() == ErrorKind::NotFound && has_folder(path) => {
                StopFile::Absent
            }
            Err(error) => StopFile::Unknown(format!("`{}`: {}", path.display(), reason(&error))),
        }
    }
}

/// Where the folder is gone, the file that was in it may be, too, and that stops nobody from wanting it.
fn has_folder(path: &std::path::Path) -> bool {
    let folder = path.parent().filter(|own| !own.as_os_str().is_empty());
    folder.is_none_or(std::path::Path::is_dir)
}
