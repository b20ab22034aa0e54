//! Who is told what, and who is left in peace. One pass looks at every open finding and at what was
//! told of it before, and gives the messages that are missing. Nothing is remembered between passes
//! but what the log has, so a restart changes nothing, and the same pass again gives nothing.

mod detector;
mod fresh;
mod life;
mod once;
mod pages;
mod policy;
pub mod risk;
pub mod signs;
#[cfg(test)]
mod tests;
pub mod words;

use std::collections::BTreeMap;

use jiff::Timestamp;

use crate::model::{
    AccountId, Address, Alert, AlertKey, AlertKind, AlertStanding, ChangeNumber, DeviationId,
    DeviationKind, Doing, FindingKey, Hold, Message, PageStep, RuleId, Severity, Sha256Digest,
    Told, Verdict, WatchKind, WorkspaceName,
};

pub use detector::is_about;
pub use policy::{Policy, Route, Subject};

/// One open finding, as far as it matters to whom it is told.
#[derive(Clone, Debug)]
pub struct Candidate<'c> {
    pub finding: &'c FindingKey,
    pub version: &'c DeviationId,
    pub kind: DeviationKind,
    pub workspace: Option<&'c WorkspaceName>,
    pub account: Option<&'c AccountId>,
    pub address: Option<&'c Address>,
    pub rule: Option<&'c RuleId>,
    pub owner: Option<&'c str>,
    pub controls: &'c [String],
    /// With everything that is known of the risk.
    pub severity: Severity,
    pub verdict: Verdict,
    /// Whether somebody is to act on it, or to decide.
    pub asks: bool,
    /// As a pseudonym.
    pub actor: Option<&'c str>,
    pub change: Option<&'c ChangeNumber>,
    pub first_seen: Timestamp,
    /// When it must be put right.
    pub due: Option<Timestamp>,
    pub suspected: bool,
    pub accepted: bool,
    pub flapping: bool,
    pub acknowledged: Option<&'c str>,
    /// The approved change in whose window one whom it names did this, and until when that holds.
    pub window: Option<(&'c ChangeNumber, Timestamp)>,
}

impl Candidate<'_> {
    fn doing(&self) -> Doing {
        Doing {
            actor: self.actor.map(str::to_owned),
            account: self.account.cloned(),
        }
    }

    /// Whether nothing is asked of anybody.
    fn is_at_rest(&self) -> bool {
        self.accepted || self.verdict == Verdict::Authorised || !self.asks
    }

    fn standing(&self) -> AlertStanding {
        AlertStanding {
            version: format!("{} {}", self.version, self.verdict),
            acknowledged: self.acknowledged.map(str::to_owned),
            at_rest: self.is_at_rest(),
            flapping: self.flapping,
            escalated: false,
            overdue: false,
        }
    }
}

/// Something that the detector sees wrong with itself.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fault {
    pub kind: WatchKind,
    pub subject: String,
}

/// Everything that a pass goes by.
pub struct Scene<'s> {
    pub now: Timestamp,
    /// The name of the log: two installations that send to one receiver do not meet.
    pub origin: &'s str,
    /// Every open finding, by key.
    pub candidates: &'s [Candidate<'s>],
    pub faults: &'s [Fault],
    pub told: &'s Told,
    pub policy: &'s Policy,
}

/// What follows.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Decision {
    Say(Box<Message>),
    /// Nobody is told of these findings, and the log says why.
    Hold {
        why: Hold,
        findings: Vec<FindingKey>,
    },
}

/// The messages that are missing, in the order in which they are to be recorded.
pub fn judge(scene: &Scene<'_>) -> Vec<Decision> {
    if scene.policy.routes.is_empty() {
        return Vec::new();
    }
    let mut pass = Pass {
        scene,
        said: BTreeMap::new(),
        decisions: Vec::new(),
    };
    pass.detector();
    pass.lives();
    let fresh = pass.fresh();
    pass.pages(fresh);
    pass.exports();
    pass.decisions
}

/// A pass under way.
struct Pass<'s> {
    scene: &'s Scene<'s>,
    /// The last message of each alert in this pass.
    said: BTreeMap<AlertKey, Message>,
    decisions: Vec<Decision>,
}

/// What a new alert is about.
struct Opening<'o> {
    kind: AlertKind,
    /// What tells it from every other.
    parts: &'o [&'o str],
    route: &'o Route,
    severity: Severity,
    doing: Option<Doing>,
    about: Option<String>,
}

impl<'s> Pass<'s> {
    fn candidate(&self, finding: &FindingKey) -> Option<&'s Candidate<'s>> {
        let all = self.scene.candidates;
        let at = all.binary_search_by(|own| own.finding.cmp(finding)).ok()?;
        all.get(at)
    }

    /// The finding, if it is the very one that an alert told of, and not the same again later.
    fn still(&self, finding: &FindingKey, told_at: Timestamp) -> Option<&'s Candidate<'s>> {
        self.candidate(finding)
            .filter(|own| own.first_seen <= told_at)
    }

    fn route(&self, name: &str) -> Option<&'s Route> {
        self.scene.policy.route(name)
    }

    fn say(&mut self, message: Message) {
        self.said.insert(message.key.clone(), message.clone());
        self.decisions.push(Decision::Say(Box::new(message)));
    }

    fn open(&self, opening: Opening<'_>) -> Message {
        let Opening {
            kind,
            parts,
            route,
            severity,
            doing,
            about,
        } = opening;
        Message {
            key: key(self.scene.origin, kind, parts),
            sequence: 1,
            step: match kind.is_once() {
                true => PageStep::Note,
                false => PageStep::Trigger,
            },
            kind,
            at: self.scene.now,
            severity,
            standing: AlertStanding::default(),
            route: route.name.clone(),
            channels: route.to.clone(),
            failover: route.failover.clone(),
            doing,
            about,
            findings: Vec::new(),
            total: 0,
            why: None,
        }
    }

    /// The next message of an alert, to everybody who has it.
    fn next(&self, key: &AlertKey, alert: &Alert, step: PageStep) -> Message {
        let before = self.said.get(key);
        let sequence = before.map_or(alert.sequence, |said| said.sequence);
        Message {
            key: key.clone(),
            sequence: sequence.saturating_add(1),
            step,
            kind: alert.kind,
            at: self.scene.now,
            severity: before.map_or(alert.severity, |said| said.severity),
            standing: before
                .map_or(&alert.standing, |said| &said.standing)
                .clone(),
            route: alert.route.clone(),
            channels: alert.channels.keys().cloned().collect(),
            failover: alert.failover.clone(),
            doing: alert.doing.clone(),
            about: alert.about.clone(),
            findings: Vec::new(),
            total: before.map_or(alert.total, |said| said.total),
            why: None,
        }
    }

    /// Whether an alert may be told anew of what can wait.
    fn may_update(&self, alert: &Alert) -> bool {
        self.scene.now.duration_since(alert.at) >= self.scene.policy.update_every
    }
}

/// The same for the same thing, and no two alike.
fn key(origin: &str, kind: AlertKind, parts: &[&str]) -> AlertKey {
    let all: Vec<&str> = [origin, kind.as_str()]
        .into_iter()
        .chain(parts.iter().copied())
        .collect();
    let mut hex = Sha256Digest::of(all.join("\n").as_bytes()).to_string();
    hex.truncate(32);
    AlertKey::from(format!("dw:{hex}"))
}
