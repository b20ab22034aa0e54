//! AWS Security Hub.

use super::super::address::url;
use super::super::blocks::checked;
use super::super::error::Problems;
use super::super::outside::region;
use super::super::sections::Section;
use super::super::values;
use super::super::vocabulary::{BlockSpec, Shape, optional, required};

/// The Security Hub of one account and Region. Needs a build with the feature `aws`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SecurityHubChannel {
    /// The credentials of the environment must be this account's.
    pub account: String,
    pub region: String,
    /// Absent: that of the Region.
    pub endpoint: Option<String>,
}

pub(in crate::config) static SECURITY_HUB: BlockSpec = BlockSpec {
    name: "channel",
    kind: Some("security_hub"),
    named: true,
    required: false,
    within: None,
    attributes: &[
        required("account", Shape::Text),
        required("region", Shape::Text),
        optional("endpoint", Shape::Text, "that of the Region"),
    ],
};

pub(super) fn read(section: &Section, problems: &mut Problems<'_>) -> Option<SecurityHubChannel> {
    let help = "write twelve digits";
    let account = checked(
        section.text("account")?,
        values::aws_account,
        help,
        problems,
    );
    let help = "write a Region such as `eu-central-1`";
    let region = checked(section.text("region")?, region, help, problems);
    let endpoint = match section.has("endpoint") {
        true => Some(url(section, "endpoint", problems)?),
        false => None,
    };
    Some(SecurityHubChannel {
        account: account?,
        region: region?,
        endpoint,
    })
}
