//! One function for each block that has no file of its own.

use std::path::PathBuf;

use jiff::SignedDuration;

use super::error::Problems;
use super::literal::Placed;
use super::sections::Section;
use super::{
    ApprovalsConfig, BaselineConfig, BaselineName, ChangesConfig, IdentityConfig, LiveConfig,
    LiveKind, RulesConfig, ScopeConfig, WaiversConfig, service, values,
};
use crate::model::{AccountId, Region, WorkspaceName};

const DIGEST_HELP: &str = "`driftwarden rules list` ends with the digest of the rules";
/// The label of a baseline that makes a workspace of each plan file.
pub(super) const EACH_PLAN: &str = "*";

pub(super) fn baseline(section: &Section, problems: &mut Problems<'_>) -> Option<BaselineConfig> {
    let name = match section.name.text.as_str() {
        EACH_PLAN => BaselineName::EachPlan,
        _ => BaselineName::Workspace(WorkspaceName::from(name(section, problems)?)),
    };
    for attribute in ["plan", "state", "schema", "source"] {
        if let Some(text) = section.text(attribute) {
            check_star(&name, attribute, text, problems);
        }
    }
    let assumed = match section.text("approval") {
        None => false,
        Some(word) if word.text == "assumed" => true,
        Some(word) => {
            let what = format!("unknown approval `{}`", word.text);
            let help = "the only word is `assumed`; leave it out for approval by change record";
            problems.add_with_help(word.offset, what, help);
            false
        }
    };
    Some(BaselineConfig {
        name,
        plan: path(section, "plan")?,
        state: path(section, "state"),
        schema: path(section, "schema"),
        source: path(section, "source"),
        assumed,
        at: problems.locate(section.offset),
    })
}

fn check_star(name: &BaselineName, attribute: &str, text: &Placed, problems: &mut Problems<'_>) {
    let has_star = text.text.contains('*');
    match name {
        BaselineName::Workspace(_) if has_star => {
            let what = format!("`{attribute}` holds a `*` in a baseline that is one workspace");
            let help =
                "label the baseline `*` for a workspace per plan file, or name a file or folder";
            problems.add_with_help(text.offset, what, help);
        }
        BaselineName::EachPlan if attribute == "plan" && !has_star => {
            let what = "`plan` holds no `*` in the baseline that is labelled `*`";
            let help = "write a pattern such as `plans/*.json`, or give the baseline a name";
            problems.add_with_help(text.offset, what, help);
        }
        BaselineName::Workspace(_) | BaselineName::EachPlan => {}
    }
}

pub(super) fn live_files(section: &Section, problems: &mut Problems<'_>) -> Option<LiveConfig> {
    Some(LiveConfig {
        name: name(section, problems)?,
        kind: LiveKind::AwsConfigSnapshot,
        files: patterns(section, problems),
        at: problems.locate(section.offset),
    })
}

pub(super) const CIDR_HELP: &str = "write a network such as `10.20.0.0/16` or `2001:db8::/32`";

pub(super) fn changes(section: &Section, problems: &mut Problems<'_>) -> Option<ChangesConfig> {
    Some(ChangesConfig {
        dir: path(section, "dir")?,
        at: problems.locate(section.offset),
    })
}

pub(super) fn identity(section: &Section, problems: &mut Problems<'_>) -> Option<IdentityConfig> {
    Some(IdentityConfig {
        file: path(section, "file")?,
        at: problems.locate(section.offset),
    })
}

pub(super) fn rules(section: &Section, problems: &mut Problems<'_>) -> Option<RulesConfig> {
    let approved = section.text("approved_sha256");
    Some(RulesConfig {
        dirs: owned(section.texts("dirs")).map(PathBuf::from).collect(),
        approved_sha256: approved
            .and_then(|text| checked(text, service::digest, DIGEST_HELP, problems)),
        at: problems.locate(section.offset),
    })
}

pub(super) fn waivers(section: &Section, _: &mut Problems<'_>) -> Option<WaiversConfig> {
    Some(WaiversConfig {
        dir: path(section, "dir")?,
    })
}

pub(super) fn scope_config(section: &Section, problems: &mut Problems<'_>) -> ScopeConfig {
    let account_help = "write twelve digits, or the id of an Azure subscription";
    let accounts = all(section, "accounts", values::account, account_help, problems);
    let type_help = "write a type such as `aws_s3_bucket`, or a pattern such as `aws_iam_*`";
    let types = all(
        section,
        "types",
        values::TypePattern::parse,
        type_help,
        problems,
    );
    let regions = owned(section.texts("regions"));
    ScopeConfig {
        accounts: section
            .has("accounts")
            .then(|| accounts.into_iter().map(AccountId::from).collect()),
        regions: section
            .has("regions")
            .then(|| regions.map(Region::from).collect()),
        types: section.has("types").then(|| types.into_iter().collect()),
    }
}

pub(super) fn approvals_config(section: &Section, problems: &mut Problems<'_>) -> ApprovalsConfig {
    let default = ApprovalsConfig::default();
    let mut read = |name: &str, default: SignedDuration, hours: i64| {
        let Some(text) = section.text(name) else {
            return default;
        };
        let help = "write a whole number with its unit, such as `90s`, `15m`, `24h` or `3d`";
        let Some(duration) = checked(text, values::duration, help, problems) else {
            return default;
        };
        if duration > SignedDuration::from_hours(hours) {
            let what = format!("`{name}` is `{}`, which is too long", text.text);
            problems.add_with_help(text.offset, what, format!("at most `{hours}h`"));
        }
        duration
    };
    let approvals = ApprovalsConfig {
        clock_tolerance: read("clock_tolerance", default.clock_tolerance, 1),
        emergency_acknowledge: read("emergency_acknowledge", default.emergency_acknowledge, 720),
        emergency_complete: read("emergency_complete", default.emergency_complete, 720),
    };
    if approvals.emergency_acknowledge > approvals.emergency_complete {
        let what = "an emergency would be due for full approval before it is acknowledged";
        let help = "make `emergency_complete` at least as long as `emergency_acknowledge`";
        problems.add_with_help(section.offset, what, help);
    }
    approvals
}

/// The user's own name for a block.
pub(super) fn name(section: &Section, problems: &mut Problems<'_>) -> Option<String> {
    const LONGEST: usize = 200;
    let Placed { text, offset } = &section.name;
    let word = section.spec.name;
    let what = if text.is_empty() {
        format!("a `{word}` has an empty name")
    } else if text.trim() != text || text.chars().any(char::is_control) {
        format!(
            "the name `{}` begins or ends with a space, or holds a control character",
            text
        )
    } else if text.contains('*') {
        format!("the name `{text}` of a `{word}` holds a `*`")
    } else if text.len() > LONGEST {
        format!("the name of a `{word}` is longer than {LONGEST} bytes")
    } else {
        return Some(text.clone());
    };
    problems.add_with_help(*offset, what, "choose a short, plain name");
    None
}

pub(super) fn path(section: &Section, attribute: &str) -> Option<PathBuf> {
    section
        .text(attribute)
        .map(|placed| PathBuf::from(&placed.text))
}

pub(super) fn owned(elements: &[Placed]) -> impl Iterator<Item = String> {
    elements.iter().map(|element| element.text.clone())
}

pub(super) fn patterns(section: &Section, problems: &mut Problems<'_>) -> Vec<String> {
    let pattern = |text: &str| match glob::Pattern::new(text) {
        Ok(_) => Ok(text.to_owned()),
        Err(error) => Err(format!("`{text}` is no pattern: {}", error.msg)),
    };
    let help = "`*` stands for a part of a name, `**` for any folders, `?` for one character";
    all(section, "files", pattern, help, problems)
}

/// Every element that is as it should be; the others are told.
pub(super) fn all<T>(
    section: &Section,
    attribute: &str,
    parse: impl Fn(&str) -> Result<T, String>,
    help: &str,
    problems: &mut Problems<'_>,
) -> Vec<T> {
    let elements = section.texts(attribute).iter();
    let elements = elements.filter_map(|element| checked(element, &parse, help, problems));
    elements.collect()
}

pub(super) fn checked<T>(
    text: &Placed,
    parse: impl Fn(&str) -> Result<T, String>,
    help: &str,
    problems: &mut Problems<'_>,
) -> Option<T> {
    match parse(&text.text) {
        Ok(value) => Some(value),
        Err(what) => {
            problems.add_with_help(text.offset, what, help);
            None
        }
    }
}
