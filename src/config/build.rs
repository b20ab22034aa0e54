//! Sections to the typed configuration.

use std::collections::BTreeMap;
use std::path::Path;

use super::activity;
use super::blocks::{
    EACH_PLAN, approvals_config, baseline, changes, identity, live_files, rules, scope_config,
    waivers,
};
use super::channels;
use super::config_remediation;
use super::error::{Problems, place};
use super::evidence;
use super::fixes;
use super::live;
use super::outside;
use super::paging;
use super::providers;
use super::refresh;
use super::sections::Section;
use super::vocabulary::{self as known, BLOCKS, BlockSpec};
use super::{Config, service, signer};

/// The configuration, or nothing where a required block is missing or unusable.
pub(super) fn config(
    file_name: &str,
    sections: &[Section],
    problems: &mut Problems<'_>,
) -> Option<Config> {
    refuse_duplicates(sections, problems);
    require(sections, problems);
    let outside = outside::read(sections, problems);
    let signer = signer::read(sections, problems);
    let channels = channels::read(sections, problems);
    let told = paging::read(sections, &channels, problems);
    let remediation = fixes::read(sections, problems);
    let mut blocks = Blocks { sections, problems };
    let evidence = blocks.first(&known::EVIDENCE, |one, problems| {
        evidence::read(one, signer, outside, problems)
    });
    let handover = blocks.first(&known::HANDOVER, |one, problems| {
        fixes::handover(one, evidence.as_ref(), problems)
    });
    let baselines = blocks.each(&known::BASELINE, baseline);
    let refreshed: Vec<&Section> = of(sections, &known::LIVE_REFRESH).collect();
    refresh::check(&refreshed, &baselines, blocks.problems);
    let base_dir = Path::new(file_name).parent();
    Some(Config {
        file_name: file_name.to_owned(),
        base_dir: base_dir.map(Path::to_path_buf).unwrap_or_default(),
        baselines,
        live: blocks.each(&known::LIVE_SNAPSHOT, live_files),
        live_aws: blocks.each(&known::LIVE_CONFIG, live::aws_config),
        refreshes: blocks.each(&known::LIVE_REFRESH, refresh::read),
        changes: blocks.first(&known::CHANGES_FILES, changes),
        activity: blocks.each(&known::ACTIVITY_CLOUDTRAIL, activity::files),
        queues: blocks.each(&known::ACTIVITY_QUEUE, activity::queue),
        lookups: blocks.each(&known::ACTIVITY_LOOKUP, activity::lookup),
        identity: blocks.first(&known::IDENTITY, identity),
        rules: blocks.first(&known::RULES, rules),
        scope: blocks.or_default(&known::SCOPE, scope_config),
        approvals: blocks.or_default(&known::APPROVALS, approvals_config),
        waivers: blocks.first(&known::WAIVERS, waivers),
        findings: blocks.or_default(&known::FINDINGS, service::findings_config),
        providers: blocks.each(&known::PROVIDERS, providers::read),
        config_remediations: blocks.each(&known::CONFIG_REMEDIATION, config_remediation::read),
        run: blocks.or_default(&known::RUN, service::run_config),
        evidence: evidence?,
        channels,
        routes: told.routes,
        paging: told.paging,
        heartbeat: told.heartbeat,
        remediation,
        handover,
    })
}

/// Reads the blocks of one kind after another.
struct Blocks<'s, 'p, 't> {
    sections: &'s [Section],
    problems: &'p mut Problems<'t>,
}

impl<'t> Blocks<'_, '_, 't> {
    /// All that can be used.
    fn each<T>(
        &mut self,
        spec: &'static BlockSpec,
        read: impl Fn(&Section, &mut Problems<'t>) -> Option<T>,
    ) -> Vec<T> {
        let sections = of(self.sections, spec);
        let found = sections.filter_map(|section| read(section, self.problems));
        found.collect()
    }

    /// A second one was refused before.
    fn first<T>(
        &mut self,
        spec: &'static BlockSpec,
        read: impl FnOnce(&Section, &mut Problems<'t>) -> Option<T>,
    ) -> Option<T> {
        let section = of(self.sections, spec).next()?;
        read(section, self.problems)
    }

    fn or_default<T: Default>(
        &mut self,
        spec: &'static BlockSpec,
        read: impl FnOnce(&Section, &mut Problems<'t>) -> T,
    ) -> T {
        let found = self.first(spec, |section, problems| Some(read(section, problems)));
        found.unwrap_or_default()
    }
}

fn of<'s>(sections: &'s [Section], spec: &'static BlockSpec) -> impl Iterator<Item = &'s Section> {
    let sections = sections.iter();
    sections.filter(move |section| std::ptr::eq(section.spec, spec))
}

fn require(sections: &[Section], problems: &mut Problems<'_>) {
    for spec in BLOCKS.iter().filter(|spec| spec.required) {
        if of(sections, spec).next().is_none() {
            let what = format!("the block `{}` is missing", spec.name);
            problems.add_with_help(0, what, "add `evidence { dir = \"evidence\" }`");
        }
    }
}

fn refuse_duplicates(sections: &[Section], problems: &mut Problems<'_>) {
    let mut first: BTreeMap<(String, &str), usize> = BTreeMap::new();
    for section in sections {
        // Several patterns may make workspaces; whether they meet shows when files are there.
        if section.name.text == EACH_PLAN {
            continue;
        }
        let key = (section.spec.form(), section.name.text.as_str());
        let Some(first) = first.get(&key) else {
            first.insert(key, section.offset);
            continue;
        };
        let first = place(&problems.locate(*first));
        let word = section.spec.name;
        let (what, remedy) = if section.spec.named {
            let name = &section.name.text;
            (
                format!("`{word}` has the name `{name}` twice"),
                "give each its own name",
            )
        } else {
            (format!("`{word}` is given twice"), "make one of the two")
        };
        let help = format!("the first is at {first}; {remedy}");
        problems.add_with_help(section.offset, what, help);
    }
}
