//! Microsoft Teams.

use std::path::PathBuf;

use super::super::blocks::path;
use super::super::error::Problems;
use super::super::sections::Section;
use super::super::vocabulary::{BlockSpec, Shape, optional};
use super::secret::{self, SecretSource};
use super::words::{self, Templates};

/// A workflow that posts to a channel or chat when a webhook request is received.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TeamsChannel {
    /// The whole address, which is a secret.
    pub url: SecretSource,
    pub ca_file: Option<PathBuf>,
    pub templates: Templates,
}

pub(in crate::config) static TEAMS: BlockSpec = BlockSpec {
    name: "channel",
    kind: Some("teams"),
    named: true,
    required: false,
    within: None,
    attributes: &[
        optional("url_file", Shape::Text, "this or `url_env`"),
        optional("url_env", Shape::Text, "this or `url_file`"),
        optional("ca_file", Shape::Text, "the system's"),
        words::TITLE,
        words::BODY,
    ],
};

pub(super) fn read(section: &Section, problems: &mut Problems<'_>) -> Option<TeamsChannel> {
    Some(TeamsChannel {
        url: secret::required(section, "url_file", "url_env", problems)?,
        ca_file: path(section, "ca_file"),
        templates: words::read(section),
    })
}
