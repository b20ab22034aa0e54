//! Slack: an app that posts, or an incoming webhook.

use std::path::PathBuf;

use super::super::blocks::{checked, path};
use super::super::error::Problems;
use super::super::sections::Section;
use super::super::vocabulary::{BlockSpec, Shape, optional, required};
use super::secret::{self, SecretSource};
use super::url_or;
use super::words::{self, Templates};

/// An app with the right `chat:write`. Later messages of an alert go to the thread of the first.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SlackChannel {
    /// The bot's token.
    pub token: SecretSource,
    /// The id of a channel, such as `C0123456789`.
    pub channel: String,
    /// Default `https://slack.com/api`.
    pub endpoint: String,
    pub ca_file: Option<PathBuf>,
    pub templates: Templates,
}

/// An incoming webhook. It knows no threads: each message stands alone.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SlackWebhookChannel {
    /// The whole address, which is a secret.
    pub url: SecretSource,
    pub ca_file: Option<PathBuf>,
    pub templates: Templates,
}

const ENDPOINT: &str = "https://slack.com/api";

pub(in crate::config) static SLACK: BlockSpec = BlockSpec {
    name: "channel",
    kind: Some("slack"),
    named: true,
    required: false,
    within: None,
    attributes: &[
        optional("token_file", Shape::Text, "this or `token_env`"),
        optional("token_env", Shape::Text, "this or `token_file`"),
        required("channel", Shape::Text),
        optional("endpoint", Shape::Text, "`https://slack.com/api`"),
        optional("ca_file", Shape::Text, "the system's"),
        words::TITLE,
        words::BODY,
    ],
};

pub(in crate::config) static SLACK_WEBHOOK: BlockSpec = BlockSpec {
    name: "channel",
    kind: Some("slack_webhook"),
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

pub(super) fn read(section: &Section, problems: &mut Problems<'_>) -> Option<SlackChannel> {
    let token = secret::required(section, "token_file", "token_env", problems);
    let help = "write its id, such as `C0123456789`, which the channel's details show";
    let channel = checked(section.text("channel")?, channel, help, problems);
    let endpoint = url_or(section, "endpoint", ENDPOINT, problems);
    Some(SlackChannel {
        token: token?,
        channel: channel?,
        endpoint: endpoint?,
        ca_file: path(section, "ca_file"),
        templates: words::read(section),
    })
}

pub(super) fn webhook(
    section: &Section,
    problems: &mut Problems<'_>,
) -> Option<SlackWebhookChannel> {
    Some(SlackWebhookChannel {
        url: secret::required(section, "url_file", "url_env", problems)?,
        ca_file: path(section, "ca_file"),
        templates: words::read(section),
    })
}

/// An id, and no name: names change, and answers give ids.
fn channel(text: &str) -> Result<String, String> {
    let plain = |c: char| c.is_ascii_uppercase() || c.is_ascii_digit();
    match text.len() <= 64 && text.starts_with(['C', 'D', 'G']) && text.chars().all(plain) {
        true => Ok(text.to_owned()),
        false => Err(format!("`{text}` is no id of a channel")),
    }
}
