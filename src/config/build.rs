//! Sections to the typed configuration.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use super::activity;
use super::blocks::{
    EACH_PLAN, approvals_config, baseline, checked, evidence_config, live_files, owned, path,
    scope_config,
};
use super::channels;
use super::config_remediation;
use super::error::{Problems, place};
use super::fixes;
use super::live;
use super::outside;
use super::paging;
use super::providers;
use super::refresh;
use super::sections::Section;
use super::vocabulary::{self as known, BLOCKS, BlockSpec};
use super::{
    ApprovalsConfig, BaselineConfig, ChangesConfig, Config, FindingsConfig, IdentityConfig,
    RulesConfig, RunConfig, ScopeConfig, WaiversConfig, service, signer,
};

const DIGEST_HELP: &str = "`driftwarden rules list` ends with the digest of the rules";

/// The configuration, or nothing where a required block is missing or unusable.
pub(super) fn config(
    file_name: &str,
    sections: &[Section],
    problems: &mut Problems<'_>,
) -> Option<Config> {
    refuse_duplicates(sections, problems);
    let of = |spec: &'static BlockSpec| {
        let same = move |section: &&Section| std::ptr::eq(section.spec, spec);
        sections.iter().filter(same)
    };
    for spec in BLOCKS.iter().filter(|spec| spec.required) {
        if of(spec).next().is_none() {
            let what = format!("the block `{}` is missing", spec.name);
            problems.add_with_help(0, what, "add `evidence { dir = \"evidence\" }`");
        }
    }
    let evidence = of(&known::EVIDENCE).next();
    let outside = outside::read(sections, problems);
    let signer = signer::read(sections, problems);
    let evidence = evidence.and_then(|section| evidence_config(section, signer, outside, problems));
    let baselines = of(&known::BASELINE).filter_map(|section| baseline(section, problems));
    let baselines: Vec<BaselineConfig> = baselines.collect();
    let live = of(&known::LIVE_SNAPSHOT).filter_map(|section| live_files(section, problems));
    let live = live.collect();
    let live_aws = of(&known::LIVE_CONFIG).filter_map(|one| live::aws_config(one, problems));
    let live_aws = live_aws.collect();
    let refreshed: Vec<&Section> = of(&known::LIVE_REFRESH).collect();
    refresh::check(&refreshed, &baselines, problems);
    let refreshes = refreshed.into_iter();
    let refreshes = refreshes.filter_map(|one| refresh::read(one, problems));
    let refreshes = refreshes.collect();
    let changes = of(&known::CHANGES_FILES).next();
    let changes = changes.and_then(|section| {
        Some(ChangesConfig {
            dir: path(section, "dir")?,
            at: problems.locate(section.offset),
        })
    });
    let trails = of(&known::ACTIVITY_CLOUDTRAIL).filter_map(|one| activity::files(one, problems));
    let trails = trails.collect();
    let queues = of(&known::ACTIVITY_QUEUE).filter_map(|one| activity::queue(one, problems));
    let queues = queues.collect();
    let lookups = of(&known::ACTIVITY_LOOKUP).filter_map(|one| activity::lookup(one, problems));
    let lookups = lookups.collect();
    let identity = of(&known::IDENTITY).next();
    let identity = identity.and_then(|section| {
        Some(IdentityConfig {
            file: path(section, "file")?,
            at: problems.locate(section.offset),
        })
    });
    let rules = of(&known::RULES).next().map(|section| RulesConfig {
        dirs: owned(section.texts("dirs")).map(PathBuf::from).collect(),
        approved_sha256: section
            .text("approved_sha256")
            .and_then(|text| checked(text, service::digest, DIGEST_HELP, problems)),
        at: problems.locate(section.offset),
    });
    let scope = of(&known::SCOPE).next();
    let scope = scope.map_or_else(ScopeConfig::default, |one| scope_config(one, problems));
    let approvals = of(&known::APPROVALS).next();
    let approvals = approvals.map_or_else(ApprovalsConfig::default, |section| {
        approvals_config(section, problems)
    });
    let waivers = of(&known::WAIVERS).next();
    let waivers = waivers.and_then(|section| {
        Some(WaiversConfig {
            dir: path(section, "dir")?,
        })
    });
    let findings = of(&known::FINDINGS).next();
    let findings = findings.map_or_else(FindingsConfig::default, |section| {
        service::findings_config(section, problems)
    });
    let channels = channels::read(sections, problems);
    let told = paging::read(sections, &channels, problems);
    let remediation = fixes::read(sections, problems);
    let handover = of(&known::HANDOVER).next();
    let handover = handover.and_then(|one| fixes::handover(one, evidence.as_ref(), problems));
    let providers = of(&known::PROVIDERS).filter_map(|one| providers::read(one, problems));
    let providers = providers.collect();
    let documents = of(&known::CONFIG_REMEDIATION);
    let documents = documents.filter_map(|one| config_remediation::read(one, problems));
    let config_remediations = documents.collect();
    let run = of(&known::RUN).next();
    let run = run.map_or_else(RunConfig::default, |one| service::run_config(one, problems));
    let base_dir = Path::new(file_name).parent();
    Some(Config {
        file_name: file_name.to_owned(),
        base_dir: base_dir.map(Path::to_path_buf).unwrap_or_default(),
        evidence: evidence?,
        baselines,
        live,
        live_aws,
        refreshes,
        changes,
        activity: trails,
        queues,
        lookups,
        identity,
        rules,
        scope,
        approvals,
        waivers,
        findings,
        channels,
        routes: told.routes,
        paging: told.paging,
        heartbeat: told.heartbeat,
        remediation,
        handover,
        providers,
        config_remediations,
        run,
    })
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
