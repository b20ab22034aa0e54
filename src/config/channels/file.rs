//! A file that messages are written to, for trials.

use std::path::PathBuf;

use super::super::blocks::path;
use super::super::sections::Section;
use super::super::vocabulary::{BlockSpec, Shape, required};

/// A file, or the output of the process.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FileChannel {
    /// A message is appended as one line of JSON. `-`: it goes to stdout. Danger: the lines name the
    /// people whom the evidence log knows by pseudonyms only.
    pub path: PathBuf,
}

pub(in crate::config) static FILE: BlockSpec = BlockSpec {
    name: "channel",
    kind: Some("file"),
    named: true,
    required: false,
    within: None,
    attributes: &[required("path", Shape::Text)],
};

pub(super) fn read(section: &Section) -> Option<FileChannel> {
    Some(FileChannel {
        path: path(section, "path")?,
    })
}
