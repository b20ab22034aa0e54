//! Fixes by remediations of AWS Config.

use std::sync::Arc;
use std::thread::sleep;

use super::fixing::{leave_to, people, stop};
use super::outside::explained;
use crate::adapters::estate::FileEstate;
use crate::adapters::fixes::Handover;
use crate::config::{self, Config, ConfigRemediationConfig};
use crate::decide::guards::{Lists, Permit};
use crate::engine::config_fix::{Documented, Hands, SetsRight, approved, remedy};
use crate::model::{FixResult, FixSubject, FixWay};
use crate::normalise::catalogue::Catalogue;
use crate::ports::{
    CarriedOut, FixTried, NotCarriedOut, Reached, ReadsAgain, RemediationApi, Remediator,
};

#[cfg(feature = "aws")]
use super::clouds as built;

/// Carries out fixes by starting one remediation of AWS Config, and hands over to people what is not for
/// it.
pub struct ByDocument {
    name: String,
    config: Arc<Config>,
    own: Documented,
    people: Option<Handover>,
    catalogue: Arc<Catalogue>,
    api: Box<dyn RemediationApi>,
    source: Box<dyn ReadsAgain>,
}

/// All that the configuration names, in its order. Nothing is sent.
///
/// # Errors
/// One sets what is on no reviewed list, or needs what this driftwarden was built without.
pub fn remediators(config: &Arc<Config>) -> anyhow::Result<Vec<ByDocument>> {
    if config.config_remediations.is_empty() {
        return Ok(Vec::new());
    }
    let lists = Lists::reviewed()?;
    let catalogue = Arc::new(Catalogue::reviewed()?);
    let own = config.config_remediations.iter();
    let own = own.map(|block| {
        must_be_built(block)?;
        must_be_reviewed(block, &lists)?;
        let (api, source) = built::config_remediation(block)?;
        Ok(ByDocument {
            name: format!("config_remediation.{}", block.name),
            config: Arc::clone(config),
            own: documented(block),
            people: people(config),
            catalogue: Arc::clone(&catalogue),
            api,
            source,
        })
    });
    own.collect()
}

fn documented(block: &ConfigRemediationConfig) -> Documented {
    let sets = block.sets.iter().map(|own| SetsRight {
        type_name: own.type_name.clone(),
        attribute: own.attribute.clone(),
        value: own.value.clone(),
    });
    Documented {
        rule: block.rule.clone(),
        document: block.document.clone(),
        version: block.version.clone(),
        parameters: block.parameters.clone(),
        sets: sets.collect(),
        workspaces: block.workspaces.clone(),
        accounts: block.accounts.clone(),
        regions: block.regions.clone(),
        wait: block.wait.unsigned_abs(),
    }
}

/// The lists are not widened by naming a document.
fn must_be_reviewed(block: &ConfigRemediationConfig, lists: &Lists) -> anyhow::Result<()> {
    let rows = lists.rows();
    let is_reviewed = |type_name: &str, attribute: &String| {
        rows.iter().any(|(way, own, attributes)| {
            *way == FixWay::SetBack && *own == type_name && attributes.contains(attribute)
        })
    };
    let mut sets = block.sets.iter();
    let other = sets.find(|own| !is_reviewed(own.type_name.as_str(), &own.attribute));
    let Some(other) = other else {
        return Ok(());
    };
    let at = config::place(&block.at);
    let what = format!(
        "{at}: `{}/{}` is not on the list of changes that do not disrupt",
        other.type_name, other.attribute
    );
    let help = "leave it out: it would never be fixed; docs/fixes.md says what may be";
    Err(explained(what, help.to_owned()))
}

fn must_be_built(block: &ConfigRemediationConfig) -> anyhow::Result<()> {
    if cfg!(feature = "aws") {
        return Ok(());
    }
    let at = config::place(&block.at);
    let what = format!(
        "{at}: `config_remediation` needs a driftwarden that was built with the feature `aws`"
    );
    let help = "build it with `cargo build --release --features aws`, or leave fixes to people with \
                `handover`";
    Err(explained(what, help.to_owned()))
}

impl Remediator for ByDocument {
    fn name(&self) -> &str {
        &self.name
    }

    fn takes(&self, subject: &FixSubject) -> bool {
        self.own.covers(&self.catalogue, subject)
    }

    fn carry_out(&self, permit: Permit, receipt: Reached) -> Result<CarriedOut, NotCarriedOut> {
        let plan = approved(&FileEstate::new(&*self.config), permit.subject());
        let plan = match plan {
            Ok(plan) => plan,
            Err(why) => {
                let what = format!("nothing was started: what is approved is not known: {why}");
                return Ok(CarriedOut::without_change(FixResult::NotCarriedOut, what));
            }
        };
        let hands = Hands {
            api: &*self.api,
            source: &*self.source,
            catalogue: &self.catalogue,
            stop: &stop(&self.config),
            pause: &|time| sleep(time),
        };
        match remedy(hands, &self.own, &plan, permit, receipt) {
            FixTried::Done(carried) => Ok(carried),
            FixTried::Left(left) => {
                leave_to(self.people.as_ref(), *left, "the remediation of AWS Config")
            }
        }
    }
}

/// Without the feature nobody can be asked; [`must_be_built`] has said so before.
#[cfg(not(feature = "aws"))]
mod built {
    use super::{ConfigRemediationConfig, ReadsAgain, RemediationApi};

    pub fn config_remediation(
        _: &ConfigRemediationConfig,
    ) -> anyhow::Result<(Box<dyn RemediationApi>, Box<dyn ReadsAgain>)> {
        anyhow::bail!("this driftwarden was built without the feature `aws`")
    }
}
