//! Exact looks of a scan: resources of a workspace, through the providers of its plan.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use super::fixing::opened;
use super::read::Inputs;
use super::settled::{Believed, believed_as};
use super::start::Providers;
use super::{asked, secret_digest};
use crate::adapters::signing::redaction_key_to_read;
use crate::config::{Config, ProvidersConfig};
use crate::engine::exact::{Exact, look, told};
use crate::ingest::redact::Redactor;
use crate::model::{Address, ExactLook, WorkspaceName};
use crate::ports::{ExactReading, ExactWanted};

/// Reads through providers as the configuration has them.
pub struct ProviderLooks(Arc<Config>);

impl ProviderLooks {
    pub fn new(config: Arc<Config>) -> Self {
        Self(config)
    }

    fn of(&self, workspace: &WorkspaceName) -> Option<&ProvidersConfig> {
        let mut all = self.0.providers.iter();
        all.find(|own| own.workspace == *workspace)
    }

    /// # Errors
    /// Inputs that cannot be read, or providers that are refused: nothing was started.
    fn seen(
        &self,
        wanted: ExactWanted<'_>,
        goes_on: &dyn Fn() -> bool,
    ) -> anyhow::Result<BTreeMap<Address, ExactLook>> {
        let own = self.of(wanted.workspace);
        let own = own.ok_or_else(|| anyhow::anyhow!("no `providers` block is for it"))?;
        let addresses: BTreeSet<&str> = wanted.addresses.iter().map(Address::as_str).collect();
        let (inputs, mut providers) = opened(&self.0, own, &addresses, None, wanted.plan)?;
        let believed = believed_as(&self.0, &inputs, wanted.settled)?;
        let looking = Looking {
            digest: secret_digest(&self.0)?,
            redactor: Redactor::new(&redaction_key_to_read(&super::super::keys_dir(&self.0))?),
            believed,
            in_detail: wanted.in_detail,
        };
        let mut seen = BTreeMap::new();
        for address in wanted.addresses {
            let look = match goes_on() {
                true => looking.one(&inputs, &mut providers, address),
                false => ExactLook::Gap("it was to stop before".to_owned()),
            };
            seen.insert(address.clone(), look);
        }
        Ok(seen)
    }
}

struct Looking {
    digest: crate::provider::exact::SecretDigest,
    redactor: Redactor,
    believed: Believed,
    in_detail: bool,
}

impl Looking {
    fn one(&self, inputs: &Inputs, providers: &mut Providers, address: &Address) -> ExactLook {
        let seen = asked(inputs, providers, address.as_str(), |provider, subject| {
            let settled = self.believed.settled.resources.get(address.as_str());
            let settled = settled.filter(|kept| kept.type_name == subject.state.type_name);
            look(provider, subject, settled, &self.digest)
        });
        let seen = seen.unwrap_or_else(Exact::Gap);
        told(seen, &self.redactor, self.in_detail)
    }
}

impl ExactReading for ProviderLooks {
    fn looks_at(&self, workspace: &WorkspaceName) -> bool {
        self.of(workspace).is_some()
    }

    fn look(
        &self,
        wanted: ExactWanted<'_>,
        goes_on: &dyn Fn() -> bool,
    ) -> BTreeMap<Address, ExactLook> {
        self.seen(wanted, goes_on).unwrap_or_else(|error| {
            // The remedy is for whoever runs the command.
            let said = format!("{error:#}");
            let why = said.lines().next().unwrap_or_default();
            let gap = |address: &Address| (address.clone(), ExactLook::Gap(why.to_owned()));
            wanted.addresses.iter().map(gap).collect()
        })
    }
}
