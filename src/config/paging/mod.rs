//! The blocks that say who is told what: `route`, `paging`, `heartbeat`.

mod route;
pub(super) mod words;

use std::path::PathBuf;

use jiff::SignedDuration;

use super::blocks::{checked, owned, path};
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
    let routes = of(&known::ROUTE).filter_map(|own| route::read(own, channels, problems));
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
