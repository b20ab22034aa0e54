//! The blocks of what was done and by whom: trail files, a queue of events, a trail that is asked.

use jiff::SignedDuration;

use super::address::{endpoint, url};
use super::blocks::{CIDR_HELP, all, checked, name, patterns};
use super::error::Problems;
use super::outside::region;
use super::sections::Section;
use super::service::bounded;
use super::values::{self, Network};
use super::{ActivityConfig, LookupConfig, QueueConfig};

pub(super) fn files(section: &Section, problems: &mut Problems<'_>) -> Option<ActivityConfig> {
    let (pipelines, networks) = allowed(section, problems);
    Some(ActivityConfig {
        name: name(section, problems)?,
        files: patterns(section, problems),
        pipelines,
        networks,
        at: problems.locate(section.offset),
    })
}

/// Roles of pipelines, and the networks from which they act.
fn allowed(section: &Section, problems: &mut Problems<'_>) -> (Vec<String>, Vec<Network>) {
    if section.has("networks") && !section.has("pipelines") {
        let what = "`networks` has no effect without `pipelines`";
        let help = "name the roles that may act from these networks, or leave `networks` out";
        problems.add_with_help(section.place_of("networks"), what, help);
    }
    if section.has("pipelines") && !section.has("networks") {
        let what = "`pipelines` has no effect without `networks`";
        let help = "name the networks that the pipelines act from; anybody may be in \
            `[\"0.0.0.0/0\", \"::/0\"]`";
        problems.add_with_help(section.place_of("pipelines"), what, help);
    }
    let pipelines = all(section, "pipelines", values::role_arn, ROLE_HELP, problems);
    let networks = all(section, "networks", Network::parse, CIDR_HELP, problems);
    (pipelines, networks)
}

const ROLE_HELP: &str =
    "write `arn:aws:iam::ACCOUNT:role/NAME`, the role itself and not a session of it";
const REGION_HELP: &str = "write a Region such as `eu-central-1`";

pub(super) fn queue(section: &Section, problems: &mut Problems<'_>) -> Option<QueueConfig> {
    let (pipelines, networks) = allowed(section, problems);
    let queue_help = "write the ARN `arn:aws:sqs:REGION:ACCOUNT:NAME`, or the URL of the queue";
    let queue = checked(section.text("queue")?, queue_name, queue_help, problems);
    let given = match section.text("region") {
        Some(text) => Some(checked(text, region, REGION_HELP, problems)?),
        None => None,
    };
    let endpoint = optional_url(section, problems)?;
    let queue = queue?;
    let Some(region) = given.or_else(|| queue.region()) else {
        let what = "the URL of the queue does not tell its Region";
        problems.add_with_help(section.place_of("queue"), what, "add `region`");
        return None;
    };
    let (least, most) = (SignedDuration::from_secs(5), SignedDuration::from_hours(1));
    let visibility = bounded(section, "visibility", least, most, problems);
    Some(QueueConfig {
        name: name(section, problems)?,
        url: queue.url(endpoint.as_deref()),
        region,
        endpoint,
        role: role(section, problems)?,
        visibility: visibility.unwrap_or(SignedDuration::from_secs(60)),
        pipelines,
        networks,
        at: problems.locate(section.offset),
    })
}

pub(super) fn lookup(section: &Section, problems: &mut Problems<'_>) -> Option<LookupConfig> {
    let (pipelines, networks) = allowed(section, problems);
    let region = checked(section.text("region")?, region, REGION_HELP, problems);
    let endpoint = optional_url(section, problems)?;
    let (least, most) = (
        SignedDuration::from_mins(1),
        SignedDuration::from_hours(2_160),
    );
    let window = bounded(section, "window", least, most, problems);
    let calls = match section.text("calls") {
        None => Some(200),
        Some(text) => checked(
            text,
            calls,
            "write a whole number from 1 to 10000",
            problems,
        ),
    };
    Some(LookupConfig {
        name: name(section, problems)?,
        region: region?,
        endpoint,
        role: role(section, problems)?,
        window: window.unwrap_or(SignedDuration::from_hours(24)),
        calls: calls?,
        pipelines,
        networks,
        at: problems.locate(section.offset),
    })
}

/// The inner `None`: there is none. The outer one: it is wrong, and was told.
fn optional_url(section: &Section, problems: &mut Problems<'_>) -> Option<Option<String>> {
    match section.has("endpoint") {
        true => url(section, "endpoint", problems).map(Some),
        false => Some(None),
    }
}

fn role(section: &Section, problems: &mut Problems<'_>) -> Option<Option<String>> {
    match section.text("role") {
        Some(text) => checked(text, values::role_arn, ROLE_HELP, problems).map(Some),
        None => Some(None),
    }
}

fn calls(text: &str) -> Result<u32, String> {
    let number = text.parse().ok();
    number
        .filter(|number| (1..=10_000).contains(number))
        .ok_or_else(|| format!("`{text}` is no whole number from 1 to 10000"))
}

/// A queue as it was written.
enum QueueName {
    Url(String),
    Arn {
        region: String,
        account: String,
        name: String,
    },
}

fn queue_name(text: &str) -> Result<QueueName, String> {
    let Some(rest) = text.strip_prefix("arn:") else {
        return endpoint(text).map(QueueName::Url);
    };
    let parts: Vec<&str> = rest.split(':').collect();
    match parts.as_slice() {
        [_, "sqs", region, account, name]
            if [region, account, name].iter().all(|part| !part.is_empty()) =>
        {
            Ok(QueueName::Arn {
                region: (*region).to_owned(),
                account: (*account).to_owned(),
                name: (*name).to_owned(),
            })
        }
        _ => Err(format!("`{text}` is no ARN of a queue")),
    }
}

impl QueueName {
    fn region(&self) -> Option<String> {
        match self {
            Self::Arn { region, .. } => Some(region.clone()),
            Self::Url(url) => {
                let (_, rest) = url.split_once("://sqs.")?;
                let (found, _) = rest.split_once(".amazonaws.com")?;
                region(found).ok()
            }
        }
    }

    fn url(&self, endpoint: Option<&str>) -> String {
        match self {
            Self::Url(url) => url.clone(),
            Self::Arn {
                region,
                account,
                name,
            } => {
                let suffix = match region.starts_with("cn-") {
                    true => "amazonaws.com.cn",
                    false => "amazonaws.com",
                };
                let own = format!("https://sqs.{region}.{suffix}");
                format!("{}/{account}/{name}", endpoint.unwrap_or(&own))
            }
        }
    }
}
