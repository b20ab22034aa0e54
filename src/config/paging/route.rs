//! One `route` block.

use super::super::blocks::{all, checked, name, owned};
use super::super::channels::ChannelConfig;
use super::super::error::Problems;
use super::super::sections::Section;
use super::super::service::bounded;
use super::{DAY, RouteConfig, RouteSubject, SECOND, must_be_known};
use crate::model::{DeviationKind, Severity};

pub(super) fn read(
    section: &Section,
    channels: &[ChannelConfig],
    problems: &mut Problems<'_>,
) -> Option<RouteConfig> {
    let help = "the words are `finding`, `detector` and `note`";
    let about = all(section, "about", subject, help, problems);
    let help = "the words are `info`, `low`, `medium`, `high` and `critical`";
    let severities = all(section, "severities", severity, help, problems);
    let help = "the words are `changed`, `missing`, `unmanaged`, `unapproved_plan`, \
                `plan_tampered` and `applied_not_approved`";
    let kinds = all(section, "kinds", kind, help, problems);
    let texts = |name| owned(section.texts(name)).collect::<Vec<String>>();
    let to = texts("to");
    let failover = section.text("failover");
    let named = section.texts("to").iter().chain(failover);
    for name in named.chain(section.texts("escalate_to")) {
        must_be_known(name, channels, problems);
    }
    if to.is_empty() {
        let what = "a route leads nowhere";
        let help = "name a channel in `to`";
        problems.add_with_help(section.place_of("to"), what, help);
    }
    if let Some(own) = failover.filter(|own| to.contains(&own.text)) {
        let what = format!("`{}` is its own fail-over", own.text);
        problems.add_with_help(own.offset, what, "name another channel");
    }
    let escalate_after = bounded(section, "escalate_after", SECOND, DAY * 30, problems);
    if escalate_after.is_some() && !section.has("escalate_to") {
        let what = "`escalate_after` has no effect without `escalate_to`";
        let help = "name who is told then, or leave it out";
        problems.add_with_help(section.place_of("escalate_after"), what, help);
    }
    let export = match section.text("as") {
        None => false,
        Some(word) => {
            let help = "the words are `pages` and `export`";
            checked(word, form, help, problems)?
        }
    };
    let digest = bounded(section, "digest", SECOND, DAY * 30, problems);
    if export && digest.is_some() {
        let what = "an export has no `digest`: it says everything at once";
        problems.add_with_help(section.place_of("digest"), what, "leave one of them out");
    }
    Some(RouteConfig {
        name: name(section, problems)?,
        about,
        severities,
        workspaces: texts("workspaces"),
        accounts: texts("accounts"),
        owners: texts("owners"),
        rules: texts("rules"),
        controls: texts("controls"),
        kinds,
        to,
        failover: failover.map(|own| own.text.clone()),
        escalate_to: texts("escalate_to"),
        escalate_after,
        digest,
        export,
    })
}

fn subject(text: &str) -> Result<RouteSubject, String> {
    match text {
        "finding" => Ok(RouteSubject::Finding),
        "detector" => Ok(RouteSubject::Detector),
        "note" => Ok(RouteSubject::Note),
        _ => Err(format!("nothing is called `{text}`")),
    }
}

fn severity(text: &str) -> Result<Severity, String> {
    Severity::parse(text).ok_or_else(|| format!("unknown severity `{text}`"))
}

fn kind(text: &str) -> Result<DeviationKind, String> {
    DeviationKind::parse(text).ok_or_else(|| format!("unknown kind `{text}`"))
}

fn form(text: &str) -> Result<bool, String> {
    match text {
        "pages" => Ok(false),
        "export" => Ok(true),
        _ => Err(format!("unknown form of a route `{text}`")),
    }
}
