//! The `channel` blocks: where messages to people and other systems go, one file for each kind.

mod alertmanager;
mod email;
mod file;
mod pagerduty;
mod secret;
mod security_hub;
mod slack;
mod splunk;
mod teams;
mod webhook;
mod words;

use crate::model::SourceLocation;

use super::address;
use super::blocks::name;
use super::error::{Problems, place};
use super::sections::Section;

pub(super) use alertmanager::ALERTMANAGER;
pub use alertmanager::{AlertmanagerChannel, Login};
pub(super) use email::EMAIL;
pub use email::{EmailChannel, MailTls};
pub(super) use file::FILE;
pub use file::FileChannel;
pub(super) use pagerduty::PAGERDUTY;
pub use pagerduty::PagerDutyChannel;
pub use secret::SecretSource;
pub(super) use security_hub::SECURITY_HUB;
pub use security_hub::SecurityHubChannel;
pub(super) use slack::{SLACK, SLACK_WEBHOOK};
pub use slack::{SlackChannel, SlackWebhookChannel};
pub(super) use splunk::SPLUNK;
pub use splunk::SplunkChannel;
pub(super) use teams::TEAMS;
pub use teams::TeamsChannel;
pub(super) use webhook::WEBHOOK;
pub use webhook::WebhookChannel;
pub use words::Templates;

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
    PagerDuty(PagerDutyChannel),
    Email(Box<EmailChannel>),
    Slack(SlackChannel),
    SlackWebhook(SlackWebhookChannel),
    Teams(TeamsChannel),
    Alertmanager(Box<AlertmanagerChannel>),
    Webhook(WebhookChannel),
    SecurityHub(SecurityHubChannel),
    Splunk(SplunkChannel),
}

impl ChannelKind {
    /// As the first label of the block has it.
    pub fn as_str(&self) -> &'static str {
        match self {
            Self::File(_) => "file",
            Self::PagerDuty(_) => "pagerduty",
            Self::Email(_) => "email",
            Self::Slack(_) => "slack",
            Self::SlackWebhook(_) => "slack_webhook",
            Self::Teams(_) => "teams",
            Self::Alertmanager(_) => "alertmanager",
            Self::Webhook(_) => "webhook",
            Self::SecurityHub(_) => "security_hub",
            Self::Splunk(_) => "splunk_hec",
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
fn kind(section: &Section, problems: &mut Problems<'_>) -> Option<ChannelKind> {
    if section.spec.name != FILE.name {
        return None;
    }
    Some(match section.spec.kind? {
        "file" => ChannelKind::File(file::read(section)?),
        "pagerduty" => ChannelKind::PagerDuty(pagerduty::read(section, problems)?),
        "email" => ChannelKind::Email(Box::new(email::read(section, problems)?)),
        "slack" => ChannelKind::Slack(slack::read(section, problems)?),
        "slack_webhook" => ChannelKind::SlackWebhook(slack::webhook(section, problems)?),
        "teams" => ChannelKind::Teams(teams::read(section, problems)?),
        "alertmanager" => {
            ChannelKind::Alertmanager(Box::new(alertmanager::read(section, problems)?))
        }
        "webhook" => ChannelKind::Webhook(webhook::read(section, problems)?),
        "security_hub" => ChannelKind::SecurityHub(security_hub::read(section, problems)?),
        "splunk_hec" => ChannelKind::Splunk(splunk::read(section, problems)?),
        _ => return None,
    })
}

fn url_or(
    section: &Section,
    attribute: &str,
    otherwise: &str,
    problems: &mut Problems<'_>,
) -> Option<String> {
    match section.has(attribute) {
        true => address::url(section, attribute, problems),
        false => Some(otherwise.to_owned()),
    }
}
