//! Splunk's HTTP Event Collector.

use std::path::PathBuf;

use super::super::address::url;
use super::super::blocks::{checked, path};
use super::super::error::Problems;
use super::super::sections::Section;
use super::super::vocabulary::{BlockSpec, Shape, optional, required};
use super::secret::{self, SecretSource};

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SplunkChannel {
    /// Without `/services/collector/event`.
    pub url: String,
    pub token: SecretSource,
    /// Absent: the token's own.
    pub index: Option<String>,
    /// Default `driftwarden`.
    pub source: String,
    /// Default `driftwarden:page`.
    pub sourcetype: String,
    /// Whether to wait until the indexer has a message. Default yes; the token must have indexer
    /// acknowledgement switched on. Danger: without it, what Splunk loses in its queues is lost.
    pub acknowledged: bool,
    pub ca_file: Option<PathBuf>,
}

pub(in crate::config) static SPLUNK: BlockSpec = BlockSpec {
    name: "channel",
    kind: Some("splunk_hec"),
    named: true,
    required: false,
    within: None,
    attributes: &[
        required("url", Shape::Text),
        optional("token_file", Shape::Text, "this or `token_env`"),
        optional("token_env", Shape::Text, "this or `token_file`"),
        optional("index", Shape::Text, "the token's own"),
        optional("source", Shape::Text, "`driftwarden`"),
        optional("sourcetype", Shape::Text, "`driftwarden:page`"),
        optional("acknowledgement", Shape::Text, "`indexer`"),
        optional("ca_file", Shape::Text, "the system's"),
    ],
};

pub(super) fn read(section: &Section, problems: &mut Problems<'_>) -> Option<SplunkChannel> {
    let url = url(section, "url", problems);
    let token = secret::required(section, "token_file", "token_env", problems);
    let acknowledged = match section.text("acknowledgement") {
        None => Some(true),
        Some(word) => checked(word, acknowledgement, "write `indexer` or `none`", problems),
    };
    let text = |name: &str, otherwise: &str| {
        let given = section.text(name).map(|text| text.text.clone());
        given.unwrap_or_else(|| otherwise.to_owned())
    };
    Some(SplunkChannel {
        url: url?,
        token: token?,
        index: section.text("index").map(|text| text.text.clone()),
        source: text("source", "driftwarden"),
        sourcetype: text("sourcetype", "driftwarden:page"),
        acknowledged: acknowledged?,
        ca_file: path(section, "ca_file"),
    })
}

fn acknowledgement(word: &str) -> Result<bool, String> {
    match word {
        "indexer" => Ok(true),
        "none" => Ok(false),
        _ => Err(format!("unknown acknowledgement `{word}`")),
    }
}
