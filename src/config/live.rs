//! The block of a source that is asked: AWS Config.

use std::collections::BTreeMap;

use super::address::url;
use super::blocks::{all, checked, name};
use super::error::Problems;
use super::outside::region;
use super::sections::Section;
use super::service::whole;
use super::values;
use crate::model::{AccountId, Region, SourceLocation};

/// AWS Config of accounts and Regions, or of an aggregator over them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AwsConfigConfig {
    /// The user's name for it, in messages and reports.
    pub name: String,
    pub places: AwsConfigPlaces,
    /// The ARN of the role that is assumed for each account that is asked. Empty: the credentials of
    /// the environment are those of the one account.
    pub roles: BTreeMap<AccountId, String>,
    pub external_id: Option<String>,
    /// Where AWS Config is reached. Absent: the Region's own endpoint.
    pub endpoint: Option<String>,
    /// Calls of one interface in one account and Region in any minute. Default 60, at most 6,000.
    /// Danger: the account's other tools share the limits of AWS.
    pub calls_per_minute: u32,
    /// The same in one scan. Default 10,000, at most 1,000,000. Danger: what lies behind the last
    /// call is a gap.
    pub calls_per_scan: u32,
    pub at: SourceLocation,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub enum AwsConfigPlaces {
    /// Every account in every Region; neither is empty.
    Direct {
        accounts: Vec<AccountId>,
        regions: Vec<Region>,
    },
    /// What an aggregator gathers; where a list is empty, all of it.
    Aggregator {
        name: String,
        account: AccountId,
        region: Region,
        accounts: Vec<AccountId>,
        regions: Vec<Region>,
    },
}

pub(super) const ACCOUNT_HELP: &str = "write twelve digits";
pub(super) const REGION_HELP: &str = "write a Region such as `eu-central-1`";

/// Where in AWS, as such blocks have it.
pub(super) fn accounts_and_regions(
    section: &Section,
    problems: &mut Problems<'_>,
) -> (Vec<AccountId>, Vec<Region>) {
    let account = values::aws_account;
    let accounts = all(section, "accounts", account, ACCOUNT_HELP, problems);
    let regions = all(section, "regions", region, REGION_HELP, problems);
    (
        accounts.into_iter().map(AccountId::from).collect(),
        regions.into_iter().map(Region::from).collect(),
    )
}

pub(super) fn aws_config(
    section: &Section,
    problems: &mut Problems<'_>,
) -> Option<AwsConfigConfig> {
    let (accounts, regions) = accounts_and_regions(section, problems);
    let places = match section.has("aggregator") {
        true => aggregator(section, accounts, regions, problems),
        false => direct(section, accounts, regions, problems),
    };
    let roles = places
        .as_ref()
        .and_then(|places| roles(section, places, problems));
    let external_id = external_id(section, problems);
    let endpoint = match section.has("endpoint") {
        true => url(section, "endpoint", problems).map(Some),
        false => Some(None),
    };
    let mut count = |name: &str, most: u32, default: u32| {
        let help = format!("write a whole number from 1 to {most}");
        let parse = |text: &str| whole(text, most);
        let given = section.text(name);
        given.map_or(Some(default), |text| checked(text, parse, &help, problems))
    };
    let calls_per_minute = count("calls_per_minute", 6_000, 60);
    let calls_per_scan = count("calls_per_scan", 1_000_000, 10_000);
    Some(AwsConfigConfig {
        name: name(section, problems)?,
        places: places?,
        roles: roles?,
        external_id,
        endpoint: endpoint?,
        calls_per_minute: calls_per_minute?,
        calls_per_scan: calls_per_scan?,
        at: problems.locate(section.offset),
    })
}

fn direct(
    section: &Section,
    accounts: Vec<AccountId>,
    regions: Vec<Region>,
    problems: &mut Problems<'_>,
) -> Option<AwsConfigPlaces> {
    for word in ["aggregator_account", "aggregator_region"] {
        if section.has(word) {
            let what = format!("`{word}` has no effect without `aggregator`");
            let help = "name the aggregator, or leave it out";
            problems.add_with_help(section.place_of(word), what, help);
        }
    }
    for word in ["accounts", "regions"] {
        if section.texts(word).is_empty() {
            let what = format!("`live` of the kind `aws_config` names no {word}");
            let help = format!("add `{word} = [\"…\"]`, or an `aggregator` that gathers them");
            problems.add_with_help(section.place_of(word), what, help);
        }
    }
    let is_usable = !accounts.is_empty() && !regions.is_empty();
    is_usable.then_some(AwsConfigPlaces::Direct { accounts, regions })
}

fn aggregator(
    section: &Section,
    accounts: Vec<AccountId>,
    regions: Vec<Region>,
    problems: &mut Problems<'_>,
) -> Option<AwsConfigPlaces> {
    let mut wanted = |word: &str, parse: fn(&str) -> Result<String, String>, help: &str| {
        let Some(text) = section.text(word) else {
            let what = format!("`aggregator` needs `{word}`");
            let help = "say in which account and Region the aggregator is";
            problems.add_with_help(section.place_of("aggregator"), what, help);
            return None;
        };
        checked(text, parse, help, problems)
    };
    let account = wanted("aggregator_account", values::aws_account, ACCOUNT_HELP);
    let at = wanted("aggregator_region", region, REGION_HELP);
    Some(AwsConfigPlaces::Aggregator {
        name: section.text("aggregator")?.text.clone(),
        account: AccountId::from(account?),
        region: Region::from(at?),
        accounts,
        regions,
    })
}

pub(super) fn external_id(section: &Section, problems: &mut Problems<'_>) -> Option<String> {
    let external_id = section.text("external_id").map(|text| text.text.clone());
    if external_id.is_some() && !section.has("role") {
        let what = "`external_id` has no effect without `role`";
        let help = "name the role that asks for it, or leave it out";
        problems.add_with_help(section.place_of("external_id"), what, help);
    }
    external_id
}

/// The role of each account that is asked.
pub(super) fn roles(
    section: &Section,
    places: &AwsConfigPlaces,
    problems: &mut Problems<'_>,
) -> Option<BTreeMap<AccountId, String>> {
    let (asked, at) = match places {
        AwsConfigPlaces::Direct { accounts, regions } => (accounts.as_slice(), regions.first()),
        AwsConfigPlaces::Aggregator {
            account, region, ..
        } => (std::slice::from_ref(account), Some(region)),
    };
    let Some(text) = section.text("role") else {
        if asked.len() > 1 {
            let what = "several accounts need a `role` to assume in each";
            let help = "add `role = \"NAME\"`; one name serves all accounts";
            problems.add_with_help(section.place_of("accounts"), what, help);
        }
        return Some(BTreeMap::new());
    };
    if text.text.starts_with("arn:") {
        let help = "write the name alone, or `arn:aws:iam::ACCOUNT:role/NAME`";
        let arn = checked(text, values::role_arn, help, problems)?;
        let of_arn = arn.split(':').nth(4).unwrap_or_default();
        if let Some(other) = asked.iter().find(|account| account.as_str() != of_arn) {
            let what = format!("the role `{arn}` is none of account `{other}`");
            let help = "write the role's name alone: it is assumed in each account";
            problems.add_with_help(text.offset, what, help);
        }
        return Some(asked.iter().map(|own| (own.clone(), arn.clone())).collect());
    }
    let help = "write the role's name, with its path if it has one";
    let name = checked(text, role_name, help, problems)?;
    let partition = partition(at.map_or("", |region| region.as_str()));
    let arn = |account: &AccountId| format!("arn:{partition}:iam::{account}:role/{name}");
    Some(asked.iter().map(|own| (own.clone(), arn(own))).collect())
}

fn role_name(text: &str) -> Result<String, String> {
    let is_plain = |c: char| c.is_ascii_alphanumeric() || "+=,.@-_/".contains(c);
    match text.chars().all(is_plain) && !text.ends_with('/') {
        true => Ok(text.trim_start_matches('/').to_owned()),
        false => Err(format!("`{text}` is no name of a role")),
    }
}

fn partition(region: &str) -> &'static str {
    match region {
        own if own.starts_with("cn-") => "aws-cn",
        own if own.starts_with("us-gov-") => "aws-us-gov",
        _ => "aws",
    }
}
