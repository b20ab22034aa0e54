//! How a configuration wants people to be told, with the files that it names.

use std::collections::BTreeMap;
use std::path::Path;

use serde::Deserialize;

use super::message;
use crate::adapters::files::read_bounded;
use crate::config::{Config, RouteConfig, RouteSubject};
use crate::decide::paging::risk::{Criticality, Level, Vulnerability};
use crate::decide::paging::{Policy, Route, Subject};
use crate::ports::InputError;

/// Files of the user's larger than this are refused unread.
const MAX_BYTES: u64 = 64 << 20;

/// # Errors
/// A file that it names cannot be used.
pub fn policy(config: &Config) -> anyhow::Result<Policy> {
    let paging = &config.paging;
    let criticality = paging.criticality.as_ref().map(|path| {
        let path = config.resolve(path);
        criticality(&path)
    });
    let vulnerabilities = paging.vulnerabilities.as_ref().map(|path| {
        let path = config.resolve(path);
        vulnerabilities(&path)
    });
    Ok(Policy {
        routes: config.routes.iter().map(route).collect(),
        pages_per_group: paging.pages_per_group,
        group_window: paging.group_window,
        critical_pages: paging.critical_pages,
        storm_threshold: paging.storm_threshold,
        storm_window: paging.storm_window,
        update_every: paging.update_every,
        failover_after: paging.failover_after,
        notes: paging.notes,
        evidence_url: paging.evidence_url.clone(),
        criticality: criticality.transpose()?.unwrap_or_default(),
        criticality_tags: paging.criticality_tags.clone(),
        vulnerabilities: vulnerabilities.transpose()?.unwrap_or_default(),
    })
}

fn route(own: &RouteConfig) -> Route {
    let subjects = own.about.iter().map(|subject| match subject {
        RouteSubject::Finding => Subject::Finding,
        RouteSubject::Detector => Subject::Detector,
        RouteSubject::Note => Subject::Note,
    });
    Route {
        name: own.name.clone(),
        subjects: subjects.collect(),
        severities: own.severities.clone(),
        workspaces: own.workspaces.clone(),
        accounts: own.accounts.clone(),
        owners: own.owners.clone(),
        rules: own.rules.clone(),
        controls: own.controls.clone(),
        kinds: own.kinds.clone(),
        to: own.to.clone(),
        failover: own.failover.clone(),
        escalate_to: own.escalate_to.clone(),
        escalate_after: own.escalate_after,
        digest: own.digest,
        export: own.export,
    }
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RawWorkload {
    workspace: Option<String>,
    account: Option<String>,
    address: Option<String>,
    criticality: String,
}

fn criticality(path: &Path) -> anyhow::Result<Vec<Criticality>> {
    let raw: Vec<RawWorkload> = read(path, "a list of workloads with their `criticality`")?;
    let all = raw.into_iter().map(|own| {
        let level = Level::parse(&own.criticality).ok_or_else(|| {
            let what = format!(
                "`{}` knows no criticality `{}`",
                path.display(),
                own.criticality
            );
            wrong(what, "the words are `low`, `normal`, `high` and `critical`")
        })?;
        Ok(Criticality {
            workspace: own.workspace,
            account: own.account,
            address: own.address,
            level,
        })
    });
    all.collect()
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RawVulnerability {
    cvss: Option<f64>,
    epss: Option<f64>,
    #[serde(default)]
    known_exploited: bool,
}

fn vulnerabilities(path: &Path) -> anyhow::Result<BTreeMap<String, Vulnerability>> {
    let raw: BTreeMap<String, RawVulnerability> = read(
        path,
        "an object of CVE numbers, such as `{\"CVE-2024-3094\": {\"cvss\": 10.0}}`",
    )?;
    let all = raw.into_iter().map(|(name, own)| {
        let is_in =
            |value: Option<f64>, most: f64| value.is_none_or(|own| (0.0..=most).contains(&own));
        if !is_in(own.cvss, 10.0) || !is_in(own.epss, 1.0) {
            let what = format!("`{}`: the figures of `{name}` cannot be", path.display());
            return Err(wrong(what, "CVSS goes from 0 to 10, EPSS from 0 to 1"));
        }
        let known = Vulnerability {
            cvss: own.cvss,
            epss: own.epss,
            known_exploited: own.known_exploited,
        };
        Ok((name.to_ascii_uppercase(), known))
    });
    all.collect()
}

fn read<T: serde::de::DeserializeOwned>(path: &Path, form: &str) -> anyhow::Result<T> {
    let bytes = read_bounded(path, MAX_BYTES)?;
    serde_json::from_slice(&bytes).map_err(|error| {
        let what = format!("`{}` cannot be understood: {error}", path.display());
        wrong(what, &format!("it holds {form}"))
    })
}

fn wrong(what: String, help: &str) -> anyhow::Error {
    let help = Some(help.to_owned());
    anyhow::anyhow!(message(&InputError { what, help }))
}
