//! The `channel` blocks: where messages to people and other systems go, one file for each kind.

mod file;

use crate::model::SourceLocation;

use super::blocks::name;
use super::error::{Problems, place};
use super::sections::Section;

pub(super) use file::FILE;
pub use file::FileChannel;

/// One place that messages can go to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ChannelConfig {
    /// As `to` of a route names it; the same for no two channels, whatever their kind.
    pub name: String,
    pub kind: ChannelKind,
    pub at: SourceLocation,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ChannelKind {
    File(FileChannel),
}

impl ChannelKind {
    /// As the first label of the block has it.
    pub fn as_str(&self) -> &'static str {
        match self {
            Self::File(_) => "file",
        }
    }
}

/// Every channel, in the order of the file.
pub(super) fn read(sections: &[Section], problems: &mut Problems<'_>) -> Vec<ChannelConfig> {
    let mut channels: Vec<ChannelConfig> = Vec::new();
    for section in sections {
        let Some(kind) = kind(section, problems) else {
            continue;
        };
        let Some(name) = name(section, problems) else {
            continue;
        };
        let namesake = channels.iter().find(|known| known.name == name);
        if let Some(known) = namesake.filter(|known| known.kind.as_str() != kind.as_str()) {
            let what = format!("`channel` has the name `{name}` twice");
            let first = place(&known.at);
            let help = format!("the first is at {first}; give each its own name");
            problems.add_with_help(section.offset, what, help);
            continue;
        }
        channels.push(ChannelConfig {
            name,
            kind,
            at: problems.locate(section.offset),
        });
    }
    channels
}

/// What a block says of its channel; `None` where it is no channel, or not as it should be.
fn kind(section: &Section, _problems: &mut Problems<'_>) -> Option<ChannelKind> {
    if std::ptr::eq(section.spec, &FILE) {
        return file::read(section).map(ChannelKind::File);
    }
    None
}
