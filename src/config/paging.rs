//! The blocks that say who is told what: `route`, `paging`, `heartbeat`.

use std::path::PathBuf;

use jiff::SignedDuration;

use super::blocks::{all, checked, name, owned, path};
use super::channels::ChannelConfig;
use super::error::Problems;
use super::literal::Placed;
use super::sections::Section;
use super::service::{bounded, whole};
use super::vocabulary::{self as known, BlockSpec};
use super::words::suggest;
use crate::model::{DeviationKind, Severity};

/// Which messages go where. The first route that fits is taken; every condition that is given must
/// hold, and a `*` at the end of a pattern stands for anything.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct RouteConfig {
    pub name: String,
    /// What it takes: findings, trouble of the detector, notes. Empty: all of them.
    pub about: Vec<RouteSubject>,
    pub severities: Vec<Severity>,
    pub workspaces: Vec<String>,
    pub accounts: Vec<String>,
    pub owners: Vec<String>,
    pub rules: Vec<String>,
    pub controls: Vec<String>,
    pub kinds: Vec<DeviationKind>,
    /// Names of channels; never empty.
    pub to: Vec<String>,
    /// Takes what a channel refuses, or does not take for `failover_after`. Absent: it is tried for
    /// ever, and what is refused is lost.
    pub failover: Option<String>,
    /// Told, too, when time is up.
    pub escalate_to: Vec<String>,
    /// Within this time somebody must acknowledge. Absent: only the time that a rule allows counts.
    pub escalate_after: Option<SignedDuration>,
    /// What goes here is told together once in so long. Absent: at once.
    pub digest: Option<SignedDuration>,
    /// Every finding by itself, beside other routes, for systems that keep all of them. Danger: there
    /// is no bound on how many.
    pub export: bool,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RouteSubject {
    Finding,
    Detector,
    Note,
}

/// Bounds on what people are told, and what makes a finding more severe.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PagingConfig {
    /// Pages for what one actor does in one account within `group_window`; what is more becomes one
    /// page. Default 3, at most 1,000.
    pub pages_per_group: u32,
    /// Default 30 min, at most 24 h.
    pub group_window: SignedDuration,
    /// So many critical findings of one actor and account are paged by themselves all the same.
    /// Default 5, at most 1,000.
    pub critical_pages: u32,
    /// After so many pages within `storm_window`, critical ones not counted, the rest becomes one.
    /// Default 20, at most 1,000.
    pub storm_threshold: u32,
    /// Default 10 min, at most 24 h.
    pub storm_window: SignedDuration,
    /// What can wait is told of an alert no more often than this. Default 5 min, at most 24 h.
    pub update_every: SignedDuration,
    /// A message that fails for so long goes to the fail-over channel. Default 5 min, at most 24 h.
    pub failover_after: SignedDuration,
    /// Whether authorised changes are told of. Default yes.
    pub notes: bool,
    /// Where people read the log; `{entry}` stands for the number of the entry. Absent: no link.
    pub evidence_url: Option<String>,
    /// A JSON file that says how critical workloads are. Absent: all are alike.
    pub criticality: Option<PathBuf>,
    /// Tags whose value says so. Empty: none.
    pub criticality_tags: Vec<String>,
    /// A JSON file of CVE numbers with CVSS, EPSS and whether they are exploited. Absent: none.
    pub vulnerabilities: Option<PathBuf>,
}

/// A message sent time and again while all is well: whoever gets it raises the alarm when it stays
/// away.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct HeartbeatConfig {
    pub channel: String,
    /// Default 1 min, from 1 s to 24 h.
    pub every: SignedDuration,
}

impl Default for PagingConfig {
    fn default() -> Self {
        Self {
            pages_per_group: 3,
            group_window: SignedDuration::from_mins(30),
            critical_pages: 5,
            storm_threshold: 20,
            storm_window: SignedDuration::from_mins(10),
            update_every: SignedDuration::from_mins(5),
            failover_after: SignedDuration::from_mins(5),
            notes: true,
            evidence_url: None,
            criticality: None,
            criticality_tags: Vec::new(),
            vulnerabilities: None,
        }
    }
}

/// What the blocks say together.
#[derive(Default)]
pub(super) struct Read {
    pub(super) routes: Vec<RouteConfig>,
    pub(super) paging: PagingConfig,
    pub(super) heartbeat: Option<HeartbeatConfig>,
}

pub(super) fn read(
    sections: &[Section],
    channels: &[ChannelConfig],
    problems: &mut Problems<'_>,
) -> Read {
    let of = |spec: &'static BlockSpec| {
        let same = move |section: &&Section| std::ptr::eq(section.spec, spec);
        sections.iter().filter(same)
    };
    let routes = of(&known::ROUTE).filter_map(|own| route(own, channels, problems));
    let routes = routes.collect();
    let paging = of(&known::PAGING).next();
    let paging = paging.map_or_else(PagingConfig::default, |own| paging_config(own, problems));
    let heartbeat = of(&known::HEARTBEAT).next();
    let heartbeat = heartbeat.and_then(|own| heartbeat_config(own, channels, problems));
    Read {
        routes,
        paging,
        heartbeat,
    }
}

const SECOND: SignedDuration = SignedDuration::from_secs(1);
const DAY: SignedDuration = SignedDuration::from_hours(24);

fn route(
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

fn must_be_known(name: &Placed, channels: &[ChannelConfig], problems: &mut Problems<'_>) {
    if channels.iter().any(|own| own.name == name.text) {
        return;
    }
    let what = format!("no `channel` has the name `{}`", name.text);
    let help = match channels.is_empty() {
        true => "add a block such as `channel \"file\" \"NAME\" { path = \"FILE\" }`".to_owned(),
        false => suggest(&name.text, channels.iter().map(|own| own.name.as_str())),
    };
    problems.add_with_help(name.offset, what, help);
}

fn paging_config(section: &Section, problems: &mut Problems<'_>) -> PagingConfig {
    let preset = PagingConfig::default();
    let mut count = |name: &str, preset: u32| {
        let help = "write a whole number from 1 to 1000";
        let given = section.text(name);
        let given = given.and_then(|own| checked(own, |text| whole(text, 1_000), help, problems));
        given.unwrap_or(preset)
    };
    let pages_per_group = count("pages_per_group", preset.pages_per_group);
    let critical_pages = count("critical_pages", preset.critical_pages);
    let storm_threshold = count("storm_threshold", preset.storm_threshold);
    let mut time = |name: &str, preset: SignedDuration| {
        bounded(section, name, SECOND, DAY, problems).unwrap_or(preset)
    };
    let group_window = time("group_window", preset.group_window);
    let storm_window = time("storm_window", preset.storm_window);
    let update_every = time("update_every", preset.update_every);
    let failover_after = time("failover_after", preset.failover_after);
    let notes = section.text("notes").and_then(|own| {
        let help = "the words are `sent` and `none`";
        checked(own, notes, help, problems)
    });
    let evidence_url = section.text("evidence_url").and_then(|own| {
        let help = "write an address such as `https://evidence.bank.example/{entry}`";
        checked(own, evidence_url, help, problems)
    });
    PagingConfig {
        pages_per_group,
        group_window,
        critical_pages,
        storm_threshold,
        storm_window,
        update_every,
        failover_after,
        notes: notes.unwrap_or(preset.notes),
        evidence_url,
        criticality: path(section, "criticality"),
        criticality_tags: owned(section.texts("criticality_tags")).collect(),
        vulnerabilities: path(section, "vulnerabilities"),
    }
}

fn heartbeat_config(
    section: &Section,
    channels: &[ChannelConfig],
    problems: &mut Problems<'_>,
) -> Option<HeartbeatConfig> {
    let channel = section.text("channel")?;
    must_be_known(channel, channels, problems);
    let every = bounded(section, "every", SECOND, DAY, problems);
    Some(HeartbeatConfig {
        channel: channel.text.clone(),
        every: every.unwrap_or(SignedDuration::from_mins(1)),
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

fn notes(text: &str) -> Result<bool, String> {
    match text {
        "sent" => Ok(true),
        "none" => Ok(false),
        _ => Err(format!("`notes` is `{text}`")),
    }
}

fn evidence_url(text: &str) -> Result<String, String> {
    let is_web = text.starts_with("https://") || text.starts_with("http://");
    match is_web && !text.contains(char::is_whitespace) {
        true => Ok(text.to_owned()),
        false => Err(format!("`{text}` is no web address")),
    }
}

/// The vocabulary of these blocks.
pub(super) mod words {
    use super::super::vocabulary::Shape::{Number, Text, Texts};
    use super::super::vocabulary::{BlockSpec, optional, required};

    pub static ROUTE: BlockSpec = BlockSpec {
        name: "route",
        kind: None,
        named: true,
        required: false,
        within: None,
        attributes: &[
            required("to", Texts),
            optional("about", Texts, "everything"),
            optional("severities", Texts, "every severity"),
            optional("workspaces", Texts, "every workspace"),
            optional("accounts", Texts, "every account"),
            optional("owners", Texts, "every owner"),
            optional("rules", Texts, "every rule"),
            optional("controls", Texts, "every control"),
            optional("kinds", Texts, "every kind"),
            optional("failover", Text, "none"),
            optional("escalate_to", Texts, "nobody"),
            optional("escalate_after", Text, "the time that a rule allows"),
            optional("digest", Text, "at once"),
            optional("as", Text, "`pages`"),
        ],
    };

    pub static PAGING: BlockSpec = BlockSpec {
        name: "paging",
        kind: None,
        named: false,
        required: false,
        within: None,
        attributes: &[
            optional("pages_per_group", Number, "`3`"),
            optional("group_window", Text, "`30m`"),
            optional("critical_pages", Number, "`5`"),
            optional("storm_threshold", Number, "`20`"),
            optional("storm_window", Text, "`10m`"),
            optional("update_every", Text, "`5m`"),
            optional("failover_after", Text, "`5m`"),
            optional("notes", Text, "`sent`"),
            optional("evidence_url", Text, "no link"),
            optional("criticality", Text, "none"),
            optional("criticality_tags", Texts, "none"),
            optional("vulnerabilities", Text, "none"),
        ],
    };

    pub static HEARTBEAT: BlockSpec = BlockSpec {
        name: "heartbeat",
        kind: None,
        named: false,
        required: false,
        within: None,
        attributes: &[required("channel", Text), optional("every", Text, "`1m`")],
    };
}
