//! The blocks that say what may be fixed, when, how much of it, and by whom.

use std::path::PathBuf;

use jiff::{SignedDuration, Timestamp};

use super::EvidenceConfig;
use super::blocks::{all, checked, name, owned, path};
use super::error::Problems;
use super::evidence::plain;
use super::sections::Section;
use super::service::{bounded, percent, whole};
use super::values::TypePattern;
use super::vocabulary::{self as known, BlockSpec};
use crate::model::FixMode;

/// What may be fixed. Patterns may end in a `*`, which stands for anything.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RemediationConfig {
    /// Default `dry_run`. Danger: `enforce` carries out what is permitted.
    pub mode: FixMode,
    /// Types that alone are fixed. Absent: all on the reviewed lists.
    pub allow: Option<Vec<String>>,
    pub deny_types: Vec<String>,
    /// As `TYPE/attribute`.
    pub deny_attributes: Vec<String>,
    pub deny_workspaces: Vec<String>,
    /// Rules whose fixes a second person must approve. Empty: none.
    pub approval_for: Vec<String>,
    pub rule: LimitConfig,
    pub workspace: LimitConfig,
    pub estate: LimitConfig,
    /// While this file is there, nothing is fixed. Absent: there is none. Danger: whoever can remove it
    /// can have fixes go on.
    pub stop_file: Option<PathBuf>,
    /// So many failures one after the other stop everything for `pause`. Default 3, at most 1,000.
    pub failures: u32,
    /// Default 1 h, from 1 s to 30 days.
    pub pause: SignedDuration,
    pub freezes: Vec<FreezeConfig>,
}

/// Fixes at most within an hour: a count, and a share of the approved resources in per cent. One is
/// always within a share.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct LimitConfig {
    pub count: u32,
    pub share: u32,
}

/// A time in which nothing is fixed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FreezeConfig {
    pub name: String,
    pub from: Timestamp,
    /// The first instant after it.
    pub until: Timestamp,
}

/// Fixes are carried out by people, who get the next step in writing.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct HandoverConfig {
    /// The folder of the files. Danger: they hold approved and live values, and what is run by people;
    /// whoever can write there can have them run something else.
    pub dir: PathBuf,
    /// So long it may take until the resource is seen as approved. Default 24 h, from 1 s to 90 days.
    pub within: SignedDuration,
}

impl Default for RemediationConfig {
    fn default() -> Self {
        let limit = |count, share| LimitConfig { count, share };
        Self {
            mode: FixMode::DryRun,
            allow: None,
            deny_types: Vec::new(),
            deny_attributes: Vec::new(),
            deny_workspaces: Vec::new(),
            approval_for: Vec::new(),
            rule: limit(5, 5),
            workspace: limit(10, 10),
            estate: limit(20, 5),
            stop_file: None,
            failures: 3,
            pause: SignedDuration::from_hours(1),
            freezes: Vec::new(),
        }
    }
}

const SECOND: SignedDuration = SignedDuration::from_secs(1);
const DAY: SignedDuration = SignedDuration::from_hours(24);

pub(super) fn read(sections: &[Section], problems: &mut Problems<'_>) -> RemediationConfig {
    let of = |spec: &'static BlockSpec| {
        let same = move |section: &&Section| std::ptr::eq(section.spec, spec);
        sections.iter().filter(same)
    };
    let freezes = of(&known::FREEZE).filter_map(|own| freeze(own, problems));
    let freezes = freezes.collect();
    let section = of(&known::REMEDIATION).next();
    RemediationConfig {
        freezes,
        ..section.map_or_else(RemediationConfig::default, |own| remediation(own, problems))
    }
}

fn remediation(section: &Section, problems: &mut Problems<'_>) -> RemediationConfig {
    let preset = RemediationConfig::default();
    let mode = section.text("mode").and_then(|own| {
        let help = "the words are `off`, `dry_run` and `enforce`";
        checked(own, mode, help, problems)
    });
    let texts = |name| owned(section.texts(name)).collect::<Vec<String>>();
    let help = "write a type such as `aws_s3_bucket_policy`, or the beginning of some and a `*`";
    let allow = all(section, "allow", type_pattern, help, problems);
    let deny_types = all(section, "deny_types", type_pattern, help, problems);
    let help = "write a type and an attribute, such as `aws_security_group/ingress`";
    let deny_attributes = all(section, "deny_attributes", attribute, help, problems);
    let mut limit = |name: &str, preset: LimitConfig| {
        let (count, share) = (format!("{name}_per_hour"), format!("{name}_share"));
        let help = "write a whole number from 1 to 1000";
        let given = section.text(&count);
        let count = given.and_then(|own| checked(own, |text| whole(text, 1_000), help, problems));
        let help = "write `0%` to `100%`";
        let given = section.text(&share);
        let share = given.and_then(|own| checked(own, |text| percent(text, 100), help, problems));
        LimitConfig {
            count: count.unwrap_or(preset.count),
            share: share.unwrap_or(preset.share),
        }
    };
    let rule = limit("rule", preset.rule);
    let workspace = limit("workspace", preset.workspace);
    let estate = limit("estate", preset.estate);
    let failures = section.text("failures").and_then(|own| {
        let help = "write a whole number from 1 to 1000";
        checked(own, |text| whole(text, 1_000), help, problems)
    });
    let pause = bounded(section, "pause", SECOND, DAY * 30, problems);
    RemediationConfig {
        mode: mode.unwrap_or(preset.mode),
        allow: section.has("allow").then_some(allow),
        deny_types,
        deny_attributes,
        deny_workspaces: texts("deny_workspaces"),
        approval_for: texts("approval_for"),
        rule,
        workspace,
        estate,
        stop_file: path(section, "stop_file"),
        failures: failures.unwrap_or(preset.failures),
        pause: pause.unwrap_or(preset.pause),
        freezes: Vec::new(),
    }
}

fn freeze(section: &Section, problems: &mut Problems<'_>) -> Option<FreezeConfig> {
    let name = name(section, problems);
    let help = "write a time such as `2026-12-18T18:00:00Z`";
    let from = checked(section.text("from")?, time, help, problems);
    let until = checked(section.text("until")?, time, help, problems);
    let (from, until) = (from?, until?);
    if until <= from {
        let what = "the freeze is over before it begins";
        problems.add_with_help(section.place_of("until"), what, "name a time after `from`");
    }
    Some(FreezeConfig {
        name: name?,
        from,
        until,
    })
}

pub(super) fn handover(
    section: &Section,
    evidence: Option<&EvidenceConfig>,
    problems: &mut Problems<'_>,
) -> Option<HandoverConfig> {
    let within = bounded(section, "within", SECOND, DAY * 90, problems);
    let dir = path(section, "dir")?;
    if evidence.is_some_and(|own| plain(&dir).starts_with(plain(&own.dir))) {
        let what = format!(
            "the handover folder `{}` lies inside the evidence folder",
            dir.display()
        );
        let help = "the verifier refuses what it does not expect there; name another folder";
        problems.add_with_help(section.place_of("dir"), what, help);
    }
    Some(HandoverConfig {
        dir,
        within: within.unwrap_or(DAY),
    })
}

fn mode(text: &str) -> Result<FixMode, String> {
    FixMode::parse(text).ok_or_else(|| format!("unknown mode `{text}`"))
}

/// One `*` at the end, and nothing else that a pattern of `scope` could hold.
fn type_pattern(text: &str) -> Result<String, String> {
    let start = text.strip_suffix('*').unwrap_or(text);
    match TypePattern::parse(start) {
        Ok(_) if !start.contains(['*', '?', '[', ']', '!', '-']) => Ok(text.to_owned()),
        Ok(_) | Err(_) => Err(format!("`{text}` is no type, nor the beginning of one")),
    }
}

fn attribute(text: &str) -> Result<String, String> {
    let wrong = || format!("`{text}` names no attribute of a type");
    let (type_name, rest) = text.split_once('/').ok_or_else(wrong)?;
    let is_whole = !rest.is_empty() && !type_name.ends_with('*');
    match type_pattern(type_name) {
        Ok(_) if is_whole => Ok(text.to_owned()),
        Ok(_) | Err(_) => Err(wrong()),
    }
}

fn time(text: &str) -> Result<Timestamp, String> {
    text.parse().map_err(|_| format!("`{text}` is no time"))
}

/// The vocabulary of these blocks.
pub(super) mod words {
    use super::super::vocabulary::Shape::{Number, Text, Texts};
    use super::super::vocabulary::{BlockSpec, optional, required};

    pub static REMEDIATION: BlockSpec = BlockSpec {
        name: "remediation",
        kind: None,
        named: false,
        required: false,
        within: None,
        attributes: &[
            optional("mode", Text, "`dry_run`"),
            optional("allow", Texts, "everything on the reviewed lists"),
            optional("deny_types", Texts, "none"),
            optional("deny_attributes", Texts, "none"),
            optional("deny_workspaces", Texts, "none"),
            optional("approval_for", Texts, "no rule"),
            optional("rule_per_hour", Number, "`5`"),
            optional("rule_share", Text, "`5%`"),
            optional("workspace_per_hour", Number, "`10`"),
            optional("workspace_share", Text, "`10%`"),
            optional("estate_per_hour", Number, "`20`"),
            optional("estate_share", Text, "`5%`"),
            optional("stop_file", Text, "none"),
            optional("failures", Number, "`3`"),
            optional("pause", Text, "`1h`"),
        ],
    };

    pub static FREEZE: BlockSpec = BlockSpec {
        name: "freeze",
        kind: None,
        named: true,
        required: false,
        within: Some("remediation"),
        attributes: &[required("from", Text), required("until", Text)],
    };

    pub static HANDOVER: BlockSpec = BlockSpec {
        name: "handover",
        kind: None,
        named: false,
        required: false,
        within: None,
        attributes: &[required("dir", Text), optional("within", Text, "`24h`")],
    };
}
