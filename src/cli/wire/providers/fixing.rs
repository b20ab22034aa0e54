//! Fixes through the providers of a workspace.

use std::collections::BTreeSet;
use std::sync::Arc;

use anyhow::{Context as _, bail};

use super::super::fixing::{leave_to, people, stop};
use super::asked;
use super::read::Inputs;
use super::settled::{self, Believed};
use super::start::Providers;
use crate::adapters::estate::FileEstate;
use crate::adapters::fixes::Handover;
use crate::cli::provider::CommonArgs;
use crate::config::{Config, ProvidersConfig};
use crate::decide::guards::{Lists, Permit, way};
use crate::engine::exact::{Target, repair};
use crate::model::{Address, AttributePath, FixSubject, FixWay, Sha256Digest};
use crate::normalise::catalogue::Catalogue;
use crate::ports::{
    CarriedOut, Estate as _, FixTried, InputRef, NotCarriedOut, Reached, Remediator,
};

/// Carries out fixes through the providers that the approved plan was made with, and hands over to people
/// what is not for a provider.
pub struct ByProviders {
    config: Arc<Config>,
    people: Option<Handover>,
    lists: Lists,
}

impl ByProviders {
    /// # Errors
    /// The reviewed lists that are built in cannot be read.
    pub fn new(config: Arc<Config>) -> anyhow::Result<Self> {
        let people = people(&config);
        let lists = Lists::reviewed()?;
        Ok(Self {
            config,
            people,
            lists,
        })
    }

    fn of(&self, subject: &FixSubject) -> Option<&ProvidersConfig> {
        let workspace = subject.touches()?;
        let mut all = self.config.providers.iter();
        all.find(|own| own.workspace == *workspace)
    }

    /// # Errors
    /// As [`opened`].
    fn open(&self, subject: &FixSubject) -> anyhow::Result<(Inputs, Providers)> {
        let own = self.of(subject);
        let own = own.context("no `providers` block is for its workspace")?;
        let address = asked_about(subject).context("it has no address")?;
        let (name, sha256) = subject.plan.as_ref().context("no approved plan is known")?;
        let addresses = BTreeSet::from([address.as_str()]);
        opened(&self.config, own, &addresses, Some(name), *sha256)
    }

    fn repaired(&self, permit: Permit, receipt: Reached) -> Result<FixTried, NotCarriedOut> {
        let told = |error: anyhow::Error| NotCarriedOut {
            what: format!("{error:#}"),
        };
        let (inputs, mut providers) = self.open(permit.subject()).map_err(told)?;
        let Believed { settled, note } = settled::believed(&self.config, &inputs).map_err(told)?;
        let catalogue = Catalogue::reviewed().map_err(|error| told(error.into()))?;
        let address = asked_about(permit.subject()).map(ToString::to_string);
        let address = address.unwrap_or_default();
        let importing = self.lists.importing(&permit.subject().type_name);
        let settled = settled.resources.get(&address);
        let masks = settled.map(|kept| kept.masks.iter());
        let masks: Vec<AttributePath> = masks
            .into_iter()
            .flatten()
            .map(|path| AttributePath::from(&**path))
            .collect();
        let stop = stop(&self.config);
        let described = providers.described_for(&inputs, &address);
        // Whichever way it fails to be asked, the permit is still there.
        let mut pair = Some((permit, receipt));
        let done = asked(&inputs, &mut providers, &address, |provider, subject| {
            let (permit, receipt) = pair.take()?;
            let target = Target {
                subject,
                importing,
                masks: &masks,
                catalogue: &catalogue,
                provider: &described,
                stop: &stop,
            };
            Some(repair(provider, target, permit, receipt))
        });
        match (done, pair) {
            (Ok(Some(repaired)), _) => Ok(with_note(repaired, note)),
            (Err(why), _) => Err(NotCarriedOut { what: why }),
            (Ok(None), _) => Err(NotCarriedOut {
                what: "the provider was not asked".to_owned(),
            }),
        }
    }
}

/// The approved resource that the provider is asked about first.
fn asked_about(subject: &FixSubject) -> Option<&Address> {
    let within = subject.within.as_ref().map(|own| &own.address);
    subject.address.as_ref().or(within)
}

/// What is read and started for some resources of a plan. Of several plan files it is the one that was
/// approved: by its name first, and in the end by its digest.
///
/// # Errors
/// Inputs that cannot be read, or providers that are refused: nothing was started.
pub(super) fn opened(
    config: &Config,
    own: &ProvidersConfig,
    addresses: &BTreeSet<&str>,
    name: Option<&str>,
    sha256: Sha256Digest,
) -> anyhow::Result<(Inputs, Providers)> {
    let resolve = |path| config.resolve(path);
    let mut args = CommonArgs {
        addresses: addresses.iter().map(ToString::to_string).collect(),
        workspace: Some(own.workspace.to_string()),
        plan: None,
        lock: resolve(&own.lock),
        from: own.from.iter().map(resolve).collect(),
        env: own.env.clone(),
        provider_config: own.given.as_ref().map(resolve),
        settled: own.settled.as_ref().map(resolve),
        work_dir: own.work_dir.as_ref().map(resolve),
    };
    let estate = FileEstate::new(config);
    let all = estate.workspaces();
    let all = all.map_err(|errors| anyhow::anyhow!(super::super::messages(&errors)))?;
    let workspace = all.into_iter().find(|one| one.name == own.workspace);
    let plans = workspace.map(|one| one.plans).unwrap_or_default();
    let is_named = |one: &&InputRef| name.is_some_and(|name| one.name == name);
    let named = plans.iter().filter(is_named);
    let others = plans.iter().filter(|one| !is_named(one));
    let mut last = None;
    for plan in named.chain(others) {
        args.plan = Some(plan.path.clone());
        match Inputs::of(config, &args) {
            Ok(inputs) if inputs.plan_sha256 == sha256 => {
                let providers = Providers::open(&inputs, &args)?;
                return Ok((inputs, providers));
            }
            Ok(_) => {}
            Err(error) => last = Some(error),
        }
    }
    match last {
        Some(error) => Err(error),
        None => bail!("no plan file has the digest of the approved plan any more"),
    }
}

/// Whoever reads what was done is told what was not gone by.
fn with_note(mut repaired: FixTried, note: Option<String>) -> FixTried {
    let told = match &mut repaired {
        FixTried::Done(carried) => &mut carried.detail,
        FixTried::Left(left) => &mut left.why,
    };
    if let Some(note) = note {
        told.push_str("; ");
        told.push_str(&note);
    }
    repaired
}

impl Remediator for ByProviders {
    fn name(&self) -> &str {
        "provider"
    }

    fn takes(&self, subject: &FixSubject) -> bool {
        let is_done = match way(subject) {
            Some(FixWay::SetBack | FixWay::PutBack) => subject.address.is_some(),
            Some(FixWay::TakeAway) => {
                subject.within.is_some() && self.lists.importing(&subject.type_name).is_some()
            }
            None => false,
        };
        is_done && subject.plan.is_some() && self.of(subject).is_some()
    }

    fn undoes(&self, subject: &FixSubject) -> bool {
        self.takes(subject)
    }

    fn carry_out(&self, permit: Permit, receipt: Reached) -> Result<CarriedOut, NotCarriedOut> {
        match self.repaired(permit, receipt)? {
            FixTried::Done(carried) => Ok(carried),
            FixTried::Left(left) => leave_to(self.people.as_ref(), *left, "the provider"),
        }
    }
}
