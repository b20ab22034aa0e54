//! How a configuration fixes: its bounds, who carries out, and what is waited for before.

use std::sync::Arc;

use jiff::Timestamp;

use super::outside::Outsiders;
use crate::adapters::fixes::{Handover, StopPath};
use crate::config::{Config, LimitConfig};
use crate::decide::guards::{Breaker, FixPolicy, Freeze, Limit, Limits, Lists};
use crate::engine::{FixDesk, Outcome, Seen, fix};
use crate::model::{Assessment, DurabilityLevel, OutsideStanding};
use crate::ports::{
    Alarm, Appended, EvidenceSink, NotReached, Outside, Reached, Receipts, Remediator, Wanted,
    reach,
};

/// # Errors
/// The reviewed lists that are built in cannot be read.
pub fn desk(config: &Arc<Config>) -> anyhow::Result<FixDesk> {
    let handover = config.handover.as_ref();
    let stop = config.remediation.stop_file.as_ref();
    Ok(FixDesk {
        policy: policy(config),
        lists: Lists::reviewed()?,
        remediator: handover.map(|own| -> Box<dyn Remediator> {
            Box::new(Handover::new(config.resolve(&own.dir)))
        }),
        stop: Box::new(StopPath(stop.map(|own| config.resolve(own)))),
        receipts: Box::new(Waiting(Arc::clone(config))),
    })
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
