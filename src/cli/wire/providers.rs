//! Providers behind their port, and what they are asked about.

mod exact;
mod fixing;
mod read;
mod settled;
mod start;

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use jiff::Timestamp;

use crate::adapters::provider;
use crate::adapters::signing::{people_key, redaction_key};
use crate::cli::provider::CommonArgs;
use crate::config::Config;
use crate::engine::exact::{Exact, Settling, Subject, look, settle, told_elsewhere};
use crate::evidence::people::Pseudonymiser;
use crate::evidence::record::{NotSettled, SettledRecord, WhyNotSettled};
use crate::ingest::redact::Redactor;
use crate::model::{Address, IdentityMap, Sha256Digest};
use crate::normalise::Catalogue;
use crate::ports::ResourceProvider;
use crate::provider::exact::{Kept, SecretDigest};
pub use exact::ProviderLooks;
pub use fixing::ByProviders;
use read::Inputs;
use start::Providers;

/// See `adapters::provider::become_provider`.
pub fn become_provider(parent: u32, binary: &Path) -> anyhow::Error {
    anyhow::Error::new(provider::become_provider(parent, binary))
}

/// What a check found.
pub struct Checked {
    pub workspace: String,
    pub plan_sha256: String,
    /// Name and version of each provider that was asked, and the checksum that the lock file knows.
    pub providers: Vec<String>,
    pub resources: BTreeMap<String, Exact>,
    /// Why no settled baseline was gone by, where there is one.
    pub note: Option<String>,
}

#[derive(Clone, Copy, Debug, Default)]
pub struct Count {
    pub equal: usize,
    pub changed: usize,
    pub missing: usize,
    pub gaps: usize,
    pub unsettled: usize,
}

impl Checked {
    pub fn count(&self) -> Count {
        let mut count = Count::default();
        for exact in self.resources.values() {
            match exact {
                Exact::Missing => count.missing += 1,
                Exact::Gap(_) => count.gaps += 1,
                Exact::Seen(seen) => {
                    match seen.judged.differences.is_empty() {
                        true => count.equal += 1,
                        false => count.changed += 1,
                    }
                    count.unsettled += usize::from(!seen.is_settled);
                }
            }
        }
        count
    }

    pub fn is_good(&self) -> bool {
        self.count().equal == self.resources.len()
    }
}

/// What was settled, and where that is kept.
pub struct SettledNow {
    pub file: PathBuf,
    pub resources: BTreeMap<String, Settling>,
}

impl SettledNow {
    pub fn count(&self) -> usize {
        let all = self.resources.values();
        let settled = all.filter(|one| match one {
            Settling::Settled { .. } => true,
            Settling::Changed(..) | Settling::Missing | Settling::Gap(_) => false,
        });
        settled.count()
    }

    pub fn is_good(&self) -> bool {
        self.count() == self.resources.len()
    }

    fn not_settled(&self) -> impl Iterator<Item = NotSettled> + '_ {
        self.resources.iter().filter_map(|(address, settling)| {
            let why = match settling {
                Settling::Settled { .. } => return None,
                Settling::Changed(..) => WhyNotSettled::Changed,
                Settling::Missing => WhyNotSettled::Missing,
                Settling::Gap(_) => WhyNotSettled::NotSeen,
            };
            let address = Address::from(address.as_str());
            Some(NotSettled { address, why })
        })
    }
}

fn secret_digest(config: &Config) -> anyhow::Result<SecretDigest> {
    let keys = config.resolve(&config.evidence.keys);
    Ok(SecretDigest::new(
        &redaction_key(&keys).map_err(super::no_key)?,
    ))
}

/// Compares resources with what was approved.
///
/// # Errors
/// Inputs that cannot be read. What a provider cannot tell is a gap, not an error.
pub fn check_exactly(config: &Config, args: &CommonArgs) -> anyhow::Result<Checked> {
    let inputs = Inputs::read(config, args)?;
    let digest = secret_digest(config)?;
    let believed = settled::believed(config, &inputs)?;
    let mut providers = Providers::open(&inputs, args)?;
    let keys = super::keys_dir(config);
    let mut resources = BTreeMap::new();
    let redactor = Redactor::new(&redaction_key(&keys).map_err(super::no_key)?);
    for address in inputs.plan.resources.keys() {
        let seen = asked(&inputs, &mut providers, address, |provider, subject| {
            let settled = believed.settled.resources.get(address);
            let settled = settled.filter(|kept| kept.type_name == subject.state.type_name);
            look(provider, subject, settled, &digest)
        });
        let seen = seen.unwrap_or_else(Exact::Gap);
        resources.insert(address.clone(), seen);
    }
    let catalogue = Catalogue::reviewed()?;
    let workspace = settled::workspace(&inputs);
    told_elsewhere(
        &catalogue,
        &workspace,
        &inputs.states,
        &mut resources,
        &redactor,
    );
    Ok(Checked {
        workspace: inputs.workspace.clone(),
        plan_sha256: inputs.plan_sha256.to_string(),
        providers: providers.described(),
        resources,
        note: believed.note,
    })
}

/// Settles resources, and records how they are.
///
/// # Errors
/// Inputs that cannot be read; a log or a file that cannot be written.
pub fn settle_exactly(
    config: &Config,
    args: &CommonArgs,
    now: Timestamp,
) -> anyhow::Result<SettledNow> {
    let inputs = Inputs::read(config, args)?;
    let digest = secret_digest(config)?;
    let people = super::asking::people(config)?;
    let key = people_key(&super::keys_dir(config)).map_err(super::no_key)?;
    let nobody = IdentityMap::default();
    let people = Pseudonymiser::new(&key, people.as_ref().unwrap_or(&nobody));
    let mut kept = settled::recorded(config, &inputs)?;
    kept.format = 1;
    let mut providers = Providers::open(&inputs, args)?;
    let mut resources = BTreeMap::new();
    for address in inputs.plan.resources.keys() {
        let settling = asked(&inputs, &mut providers, address, |provider, subject| {
            settle(provider, subject, &digest, &people)
        });
        let settling = settling.unwrap_or_else(Settling::Gap);
        if let Settling::Settled {
            resource,
            schema_version,
        } = &settling
        {
            let (values, secrets) = resource.kept();
            let masks = resource.masks.iter().map(|path| path.as_str().to_owned());
            let type_name = inputs.plan.resources.get(address);
            let one = Kept {
                type_name: type_name.map_or_else(String::new, |one| one.type_name.clone()),
                at: now.to_string(),
                plan_sha256: inputs.plan_sha256.to_string(),
                provider: providers.described_for(&inputs, address),
                schema_version: *schema_version,
                masks: masks.collect(),
                values,
                secrets,
            };
            kept.resources.insert(address.clone(), one);
        }
        resources.insert(address.clone(), settling);
    }
    let document = serde_json::to_vec_pretty(&kept)?;
    let settled = SettledNow {
        file: inputs.settled_file.clone(),
        resources,
    };
    let record = SettledRecord {
        at: now,
        workspace: settled::workspace(&inputs),
        plan_sha256: inputs.plan_sha256,
        providers: providers.described(),
        file: settled::name(config, &inputs),
        sha256: Sha256Digest::of(&document),
        resources: kept.resources.len() as u64,
        settled: settled.count() as u64,
        not_settled: BTreeMap::new(),
        named: Vec::new(),
    };
    let record = record.without(settled.not_settled());
    settled::keep(config, &inputs, record, &document, now)?;
    Ok(settled)
}

/// Asks the provider of a resource, or says why it cannot be asked.
fn asked<T>(
    inputs: &Inputs,
    providers: &mut Providers,
    address: &str,
    ask: impl FnOnce(&mut dyn ResourceProvider, &Subject<'_>) -> T,
) -> Result<T, String> {
    let planned = inputs.plan.resources.get(address);
    let planned = planned.ok_or("the plan has no such resource")?;
    let written = inputs.plan.written(address);
    let (expressions, key) = written.ok_or("the plan's configuration does not have it")?;
    let state = inputs.states.get(address);
    let state = state.ok_or("the state does not have it, so its identity is unknown")?;
    let address = crate::model::Address::from(address);
    let dynamic = inputs
        .source
        .as_ref()
        .and_then(|map| map.dynamic_blocks(&address));
    let lifecycle = inputs
        .source
        .as_ref()
        .and_then(|map| map.lifecycle(&address));
    let subject = Subject {
        planned,
        expressions,
        state,
        dynamic: dynamic.as_ref(),
        ignored: lifecycle
            .as_ref()
            .map(|lifecycle| &lifecycle.ignore_changes),
    };
    let provider = providers.of(inputs, key)?;
    Ok(ask(provider, &subject))
}
