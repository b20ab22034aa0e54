//! PagerDuty.

use std::path::PathBuf;

use super::super::blocks::path;
use super::super::error::Problems;
use super::super::sections::Section;
use super::super::vocabulary::{BlockSpec, Shape, optional};
use super::secret::{self, SecretSource};
use super::url_or;
use super::words::{self, Templates};

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PagerDutyChannel {
    /// Danger: alerts that are open when the key changes can be ended by hand alone.
    pub routing_key: SecretSource,
    /// Default `https://events.pagerduty.com`; accounts in the EU have `https://events.eu.pagerduty.com`.
    pub endpoint: String,
    pub ca_file: Option<PathBuf>,
    pub templates: Templates,
}

const ENDPOINT: &str = "https://events.pagerduty.com";

pub(in crate::config) static PAGERDUTY: BlockSpec = BlockSpec {
    name: "channel",
    kind: Some("pagerduty"),
    named: true,
    required: false,
    within: None,
    attributes: &[
        optional("routing_key_file", Shape::Text, "this or `routing_key_env`"),
        optional("routing_key_env", Shape::Text, "this or `routing_key_file`"),
        optional("endpoint", Shape::Text, "`https://events.pagerduty.com`"),
        optional("ca_file", Shape::Text, "the system's"),
        words::TITLE,
        words::BODY,
    ],
};

pub(super) fn read(section: &Section, problems: &mut Problems<'_>) -> Option<PagerDutyChannel> {
    let key = secret::required(section, "routing_key_file", "routing_key_env", problems);
    let endpoint = url_or(section, "endpoint", ENDPOINT, problems);
    Some(PagerDutyChannel {
        routing_key: key?,
        endpoint: endpoint?,
        ca_file: path(section, "ca_file"),
        templates: words::read(section),
    })
}
