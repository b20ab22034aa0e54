//! Any receiver of CloudEvents.

use std::path::PathBuf;

use super::super::address::url;
use super::super::blocks::path;
use super::super::error::Problems;
use super::super::sections::Section;
use super::super::vocabulary::{BlockSpec, Shape, optional, required};
use super::secret::{self, SecretSource};

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct WebhookChannel {
    pub url: String,
    /// Signs each message. At least 24 bytes; `whsec_` before Base64 is read as Standard Webhooks has it.
    pub secret: SecretSource,
    /// Sent as a bearer token. Absent: none.
    pub token: Option<SecretSource>,
    pub ca_file: Option<PathBuf>,
}

pub(in crate::config) static WEBHOOK: BlockSpec = BlockSpec {
    name: "channel",
    kind: Some("webhook"),
    named: true,
    required: false,
    within: None,
    attributes: &[
        required("url", Shape::Text),
        optional("secret_file", Shape::Text, "this or `secret_env`"),
        optional("secret_env", Shape::Text, "this or `secret_file`"),
        optional("token_file", Shape::Text, "none"),
        optional("token_env", Shape::Text, "none"),
        optional("ca_file", Shape::Text, "the system's"),
    ],
};

pub(super) fn read(section: &Section, problems: &mut Problems<'_>) -> Option<WebhookChannel> {
    let url = url(section, "url", problems);
    let secret = secret::required(section, "secret_file", "secret_env", problems);
    let token = secret::optional(section, "token_file", "token_env", problems);
    Some(WebhookChannel {
        url: url?,
        secret: secret?,
        token: token?,
        ca_file: path(section, "ca_file"),
    })
}
