//! The blocks that name remediations of AWS Config, which carry out fixes.

use std::collections::BTreeMap;

use jiff::SignedDuration;

use super::address::url;
use super::blocks::{all, checked, name, owned};
use super::error::Problems;
use super::live::{AwsConfigPlaces, accounts_and_regions, external_id, roles};
use super::sections::Section;
use super::service::bounded;
use crate::model::{AccountId, RESOURCE_ID, Region, SourceLocation, TypeName};

/// A remediation that AWS Config has for a rule: a document of Systems Manager, in one version and with
/// these parameters alone. It needs a build with the feature `aws`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ConfigRemediationConfig {
    /// The user's name for it, in decisions and records.
    pub name: String,
    pub rule: String,
    pub document: String,
    /// Danger: what a version does, its document says; whoever can change what it stands for changes what
    /// is done.
    pub version: String,
    /// The values of each, in their order.
    pub parameters: BTreeMap<String, Vec<String>>,
    /// What it sets right. Danger: whoever writes down more than the document does has fixes that fix
    /// nothing.
    pub sets: Vec<SetsConfig>,
    /// Patterns. Empty: every workspace.
    pub workspaces: Vec<String>,
    pub accounts: Vec<AccountId>,
    pub regions: Vec<Region>,
    /// The ARN of the role that is assumed for each account. Empty: the credentials of the environment.
    pub roles: BTreeMap<AccountId, String>,
    pub external_id: Option<String>,
    pub endpoint: Option<String>,
    /// So long its end is waited for. Default 30 s, at most 10 min. Danger: a running engine does nothing
    /// else meanwhile.
    pub wait: SignedDuration,
    pub at: SourceLocation,
}

/// An attribute that a document sets, and to what; absent: to what was approved, whatever that is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SetsConfig {
    pub type_name: TypeName,
    pub attribute: String,
    pub value: Option<String>,
}

const PLACES: [&str; 2] = ["{account}", "{region}"];

pub(super) fn read(
    section: &Section,
    problems: &mut Problems<'_>,
) -> Option<ConfigRemediationConfig> {
    let (accounts, regions) = accounts_and_regions(section, problems);
    let places = AwsConfigPlaces::Direct {
        accounts: accounts.clone(),
        regions: regions.clone(),
    };
    let roles = roles(section, &places, problems);
    let external_id = external_id(section, problems);
    let endpoint = match section.has("endpoint") {
        true => url(section, "endpoint", problems).map(Some),
        false => Some(None),
    };
    let (least, most) = (SignedDuration::from_secs(1), SignedDuration::from_mins(10));
    let wait = bounded(section, "wait", least, most, problems);
    let help = "name the number of one version, which never changes, such as `1`";
    let version = checked(section.text("version")?, version, help, problems);
    let parameters = parameters(section, problems);
    let help = "write `TYPE/ATTRIBUTE`, or `TYPE/ATTRIBUTE=VALUE` for what it is set to";
    let sets = all(section, "sets", sets, help, problems);
    Some(ConfigRemediationConfig {
        name: name(section, problems)?,
        rule: section.text("rule")?.text.clone(),
        document: section.text("document")?.text.clone(),
        version: version?,
        parameters: parameters?,
        sets,
        workspaces: owned(section.texts("workspaces")).collect(),
        accounts,
        regions,
        roles: roles?,
        external_id,
        endpoint: endpoint?,
        wait: wait.unwrap_or(SignedDuration::from_secs(30)),
        at: problems.locate(section.offset),
    })
}

/// `$DEFAULT` and `$LATEST` are moved by whoever owns the document.
fn version(text: &str) -> Result<String, String> {
    let is_number = !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    match is_number {
        true => Ok(text.to_owned()),
        false => Err(format!("`{text}` is no version that stays what it is")),
    }
}

/// A name that is given several times has several values.
fn parameters(
    section: &Section,
    problems: &mut Problems<'_>,
) -> Option<BTreeMap<String, Vec<String>>> {
    let help = "write `NAME=VALUE`; in values, `{resource_id}` alone stands for the resource, and \
                `{account}` and `{region}` for where it is";
    let given = all(section, "parameters", parameter, help, problems);
    let mut found: BTreeMap<String, Vec<String>> = BTreeMap::new();
    for (name, value) in given {
        found.entry(name).or_default().push(value);
    }
    if found.is_empty() {
        // What is wrong with the list has been said.
        return None;
    }
    if !found.values().any(|own| *own == [RESOURCE_ID]) {
        let what = "no parameter of the document is the resource";
        let help =
            "add `NAME={resource_id}`: a document without it would not act on what was found";
        problems.add_with_help(section.place_of("parameters"), what, help);
        return None;
    }
    Some(found)
}

fn parameter(text: &str) -> Result<(String, String), String> {
    let wrong = || format!("`{text}` is no parameter with its value");
    let (name, value) = text.split_once('=').ok_or_else(wrong)?;
    let is_name = |c: char| c.is_ascii_alphanumeric() || "_-.".contains(c);
    if name.is_empty() || !name.chars().all(is_name) {
        return Err(wrong());
    }
    let rest = PLACES
        .iter()
        .fold(value.to_owned(), |text, own| text.replace(own, ""));
    if value != RESOURCE_ID && is_word_in_braces(&rest) {
        return Err(format!(
            "`{value}` names something that nothing is known of"
        ));
    }
    Ok((name.to_owned(), value.to_owned()))
}

/// `{word}`, and no JSON.
fn is_word_in_braces(text: &str) -> bool {
    let parts = text.split('{').skip(1);
    let mut words = parts.filter_map(|part| Some(part.split_once('}')?.0));
    let is_word = |c: char| c.is_ascii_alphanumeric() || c == '_';
    words.any(|word| !word.is_empty() && word.chars().all(is_word))
}

fn sets(text: &str) -> Result<SetsConfig, String> {
    let wrong = || format!("`{text}` names no attribute of a type");
    let (type_name, rest) = text.split_once('/').ok_or_else(wrong)?;
    let (attribute, value) = match rest.split_once('=') {
        None => (rest, None),
        Some((attribute, value)) => (attribute, Some(value.to_owned())),
    };
    let is_plain = |text: &str| {
        let plain = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '_';
        !text.is_empty() && text.chars().all(plain)
    };
    match is_plain(type_name) && is_plain(attribute) {
        true => Ok(SetsConfig {
            type_name: TypeName::from(type_name),
            attribute: attribute.to_owned(),
            value,
        }),
        false => Err(wrong()),
    }
}

/// The vocabulary of these blocks.
pub(super) mod words {
    use super::super::vocabulary::Shape::{Text, Texts};
    use super::super::vocabulary::{BlockSpec, optional, required};

    pub static CONFIG_REMEDIATION: BlockSpec = BlockSpec {
        name: "config_remediation",
        kind: None,
        named: true,
        required: false,
        within: None,
        attributes: &[
            required("rule", Text),
            required("document", Text),
            required("version", Text),
            required("parameters", Texts),
            required("sets", Texts),
            optional("workspaces", Texts, "every workspace"),
            required("accounts", Texts),
            required("regions", Texts),
            optional("role", Text, "none"),
            optional("external_id", Text, "none"),
            optional("endpoint", Text, "that of the Region"),
            optional("wait", Text, "`30s`"),
        ],
    };
}
