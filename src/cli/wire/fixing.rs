//! How a configuration fixes: its bounds, who carries out, and what is waited for before.

use std::sync::Arc;

use jiff::Timestamp;

use super::outside::Outsiders;
use crate::adapters::fixes::{Handover, StopPath};
use crate::config::{self, Config, LimitConfig, ProvidersConfig};
use crate::decide::guards::{Breaker, FixPolicy, Freeze, Limit, Limits, Lists};
use crate::engine::{FixDesk, Outcome, Seen, fix};
use crate::model::{Assessment, DurabilityLevel, FixResult, OutsideStanding};
use crate::ports::{
    Alarm, Appended, CarriedOut, EvidenceSink, FixLeft, NotCarriedOut, NotReached, Outside,
    Reached, Receipts, Remediator, Wanted, reach,
};

/// # Errors
/// The reviewed lists that are built in cannot be read.
pub fn desk(config: &Arc<Config>) -> anyhow::Result<FixDesk> {
    Ok(FixDesk {
        policy: policy(config),
        lists: Lists::reviewed()?,
        remediators: remediators(config)?,
        stop: Box::new(stop(config)),
        receipts: Box::new(Waiting(Arc::clone(config))),
    })
}

/// The file that stops every fix.
pub fn stop(config: &Config) -> StopPath {
    let file = config.remediation.stop_file.as_ref();
    StopPath(file.map(|own| config.resolve(own)))
}

/// Whether fixes can be carried out as the configuration says; nothing is started.
///
/// # Errors
/// What this driftwarden was built without, and what is not there.
pub fn check(config: &Config) -> anyhow::Result<()> {
    let config = Arc::new(config.clone());
    desk(&config)?;
    for own in &config.providers {
        let known = config.baselines.iter().any(|one| match &one.name {
            config::BaselineName::Workspace(name) => *name == own.workspace,
            config::BaselineName::EachPlan => true,
        });
        if !known {
            let at = config::place(&own.at);
            let what = format!("{at}: no baseline has the workspace `{}`", own.workspace);
            let help = "name a workspace as its `baseline` does".to_owned();
            return Err(super::outside::explained(what, help));
        }
        let lock = config.resolve(&own.lock);
        if !lock.is_file() {
            let what = format!("there is no lock file `{}`", lock.display());
            let help = "name the `.terraform.lock.hcl` that the plan was made with".to_owned();
            return Err(super::outside::explained(what, help));
        }
    }
    Ok(())
}

/// Whoever is the first to take a finding carries out its fix. A provider changes least and reads again,
/// so it comes first; people come last.
fn remediators(config: &Arc<Config>) -> anyhow::Result<Vec<Box<dyn Remediator>>> {
    let mut all: Vec<Box<dyn Remediator>> = Vec::new();
    if let Some(first) = config.providers.first() {
        all.push(by_providers(config, first)?);
    }
    for own in super::documents::remediators(config)? {
        all.push(Box::new(own));
    }
    if let Some(own) = people(config) {
        all.push(Box::new(own));
    }
    Ok(all)
}

/// People get what somebody else leaves, if there are any. Not an undo: what a person reads of a handover is
/// how to fix.
///
/// # Errors
/// The handover cannot be written.
pub(super) fn leave_to(
    people: Option<&Handover>,
    left: FixLeft,
    who: &str,
) -> Result<CarriedOut, NotCarriedOut> {
    let FixLeft {
        permit,
        receipt,
        why,
    } = left;
    let detail = format!("it is not for {who}: {why}");
    let is_undo = permit.undone().is_some();
    match people.filter(|_| !is_undo) {
        Some(people) => {
            let carried = people.carry_out(permit, receipt)?;
            Ok(CarriedOut { detail, ..carried })
        }
        None => Ok(CarriedOut::without_change(FixResult::Unfit, detail)),
    }
}

/// People get in writing what is left to them.
pub(super) fn people(config: &Config) -> Option<Handover> {
    let own = config.handover.as_ref()?;
    Some(Handover::new(config.resolve(&own.dir)))
}

#[cfg(feature = "providers")]
fn by_providers(config: &Arc<Config>, _: &ProvidersConfig) -> anyhow::Result<Box<dyn Remediator>> {
    let own = super::providers::ByProviders::new(Arc::clone(config))?;
    Ok(Box::new(own))
}

#[cfg(not(feature = "providers"))]
fn by_providers(_: &Arc<Config>, first: &ProvidersConfig) -> anyhow::Result<Box<dyn Remediator>> {
    let at = config::place(&first.at);
    let what = format!(
        "{at}: `providers` needs a driftwarden that was built with the feature `providers`"
    );
    let help = "build it with `cargo build --release --features providers`, or leave fixes to \
                people with `handover`";
    Err(super::outside::explained(what, help.to_owned()))
}

/// Goes through what a scan saw, and lets its outcome tell of it.
///
/// # Errors
/// The log cannot be written.
pub fn fix_after(
    desk: &FixDesk,
    evidence: &mut dyn EvidenceSink,
    outcome: &mut Outcome,
    clock: &dyn Fn() -> Timestamp,
) -> Result<(), crate::engine::Failure> {
    let seen = Seen {
        assessment: &outcome.assessment,
        sizes: &outcome.sizes,
        is_whole: true,
    };
    let pass = fix(desk, evidence, seen, clock)?;
    if let Some(appended) = pass.appended {
        outcome.evidence = appended;
        evidence.publish()?;
    }
    tell(&mut outcome.assessment, evidence);
    Ok(())
}

/// Says of each deviation how its fix stands.
fn tell(assessment: &mut Assessment, evidence: &dyn EvidenceSink) {
    let ledger = evidence.ledger();
    let open = ledger.open_findings().map(|open| &open.record);
    let standings = open.filter_map(|record| {
        let fixes = ledger.fixes();
        let standing = fixes.standing(&record.finding, &record.deviation)?;
        Some((record.deviation.clone(), standing))
    });
    assessment.fixes = standings.collect();
}

fn policy(config: &Config) -> FixPolicy {
    let own = &config.remediation;
    let limit = |own: LimitConfig| Limit {
        count: own.count,
        share: own.share,
    };
    let freezes = own.freezes.iter().map(|own| Freeze {
        name: own.name.clone(),
        from: own.from,
        until: own.until,
    });
    let handover = config.handover.as_ref();
    FixPolicy {
        mode: own.mode,
        freezes: freezes.collect(),
        limits: Limits {
            rule: limit(own.rule),
            workspace: limit(own.workspace),
            estate: limit(own.estate),
        },
        breaker: Breaker {
            failures: own.failures,
            pause: own.pause,
        },
        allow: own.allow.clone(),
        deny_types: own.deny_types.clone(),
        deny_attributes: own.deny_attributes.clone(),
        deny_workspaces: own.deny_workspaces.clone(),
        approval_for: own.approval_for.clone(),
        deadline: handover.map_or(FixPolicy::default().deadline, |own| own.within),
    }
}

/// Waits for the level that the configuration wants of the record of a fix.
struct Waiting(Arc<Config>);

impl Receipts for Waiting {
    fn wait(
        &self,
        appended: &Appended,
        clock: &dyn Fn() -> Timestamp,
    ) -> Result<Reached, NotReached> {
        let durability = self.0.evidence.outside.durability;
        let wanted = Wanted {
            level: durability.fix,
            witnesses: usize::from(durability.witnesses),
            wait: durability.wait,
        };
        let waited = match wanted.level {
            DurabilityLevel::Durable => reach(&mut Nobody(appended), appended, wanted, clock),
            DurabilityLevel::Worm | DurabilityLevel::Witnessed => {
                let never = |error: anyhow::Error| NotReached::Never {
                    level: wanted.level,
                    alarm: Alarm {
                        what: format!("{error:#}"),
                        help: String::new(),
                        forbids: false,
                    },
                };
                let mut outsiders = Outsiders::of(&self.0).map_err(never)?;
                let outside = outsiders.of_newest(clock()).map_err(never)?;
                reach(outside, appended, wanted, clock)
            }
        };
        waited.map(|waited| waited.proof)
    }
}

/// What is synced here is `durable`, whoever else has it.
struct Nobody<'a>(&'a Appended);

impl Outside for Nobody<'_> {
    fn look(&mut self, _: Timestamp) -> Result<OutsideStanding, Alarm> {
        Ok(OutsideStanding {
            tree_size: self.0.tree_size,
            ..OutsideStanding::default()
        })
    }

    fn advance(&mut self, now: Timestamp) -> Result<OutsideStanding, Alarm> {
        self.look(now)
    }

    fn pause(&mut self, _: jiff::SignedDuration) {}
}
