//! Findings that nobody was told of: which of them are for whom, and which are held back.

use std::collections::BTreeMap;

use super::detector::blinds;
use super::once::Once;
use super::{Candidate, Decision, Pass, Route, Subject};
use crate::model::{FindingKey, Hold, Severity, Silence, Verdict, fits};

/// A finding that somebody is to be paged for.
#[derive(Clone, Copy)]
pub(super) struct Fresh<'s> {
    pub(super) route: &'s Route,
    pub(super) own: &'s Candidate<'s>,
}

impl<'s> Pass<'s> {
    pub(super) fn fresh(&mut self) -> Vec<Fresh<'s>> {
        let mut fresh = Vec::new();
        let mut once = Once::default();
        let mut holds: BTreeMap<Hold, Vec<FindingKey>> = BTreeMap::new();
        for own in self.scene.candidates {
            if own.suspected || own.accepted || self.is_told(own) {
                continue;
            }
            if own.verdict == Verdict::Authorised {
                once.note(self.scene, own);
                continue;
            }
            if !own.asks {
                continue;
            }
            match self.held(own) {
                Err(why) => {
                    if self.scene.told.hold(own.finding) != Some(&why) {
                        holds.entry(why).or_default().push(own.finding.clone());
                    }
                }
                Ok(route) if route.digest.is_some() => once.gather(self.scene, route, own),
                Ok(route) => fresh.push(Fresh { route, own }),
            }
        }
        for (why, findings) in holds {
            self.decisions.push(Decision::Hold { why, findings });
        }
        self.say_once(once);
        fresh
    }

    /// Whether an alert tells of it. What became critical is told by itself where it was one of many.
    fn is_told(&self, own: &Candidate<'_>) -> bool {
        let told = self.scene.told;
        let Some(membership) = told.membership(own.finding) else {
            return false;
        };
        if own.first_seen > membership.at {
            return false;
        }
        let alert = told.alert(&membership.alert);
        alert.is_some_and(|alert| {
            let is_one_of_many = alert.doing.is_some() && alert.members.len() > 1;
            !(is_one_of_many
                && own.severity == Severity::Critical
                && alert.severity < Severity::Critical)
        })
    }

    /// Where it goes, or why nowhere.
    fn held(&self, own: &Candidate<'_>) -> Result<&'s Route, Hold> {
        if let Some(silence) = self.silenced(own) {
            let id = silence.id.clone();
            return Err(Hold::Silence { id });
        }
        let planned = own.window.filter(|(_, until)| *until > self.scene.now);
        if let Some((change, until)) = planned.filter(|_| own.severity < Severity::Critical) {
            let change = change.clone();
            return Err(Hold::Window { change, until });
        }
        if own.verdict == Verdict::Indeterminate
            && let Some(fault) = self.scene.faults.iter().find(|fault| blinds(fault))
        {
            let fault = format!("{} {}", fault.kind.as_str(), fault.subject);
            return Err(Hold::Inhibited { fault });
        }
        let route = self.scene.policy.route_of(Subject::Finding, own);
        route.ok_or(Hold::NoRoute)
    }

    pub(super) fn silenced(&self, own: &Candidate<'_>) -> Option<&'s Silence> {
        let mut silences = self.scene.told.silences();
        silences.find(|silence| silence.holds_at(self.scene.now) && matches(silence, own))
    }
}

fn matches(silence: &Silence, own: &Candidate<'_>) -> bool {
    let wanted = &silence.matches;
    let fitting = |pattern: &Option<String>, text: Option<&str>| match pattern {
        None => true,
        Some(pattern) => text.is_some_and(|text| fits(pattern, text)),
    };
    !wanted.is_empty()
        && fitting(&wanted.finding, Some(own.finding.as_str()))
        && fitting(&wanted.workspace, own.workspace.map(|own| own.as_str()))
        && fitting(&wanted.account, own.account.map(|own| own.as_str()))
        && fitting(&wanted.address, own.address.map(|own| own.as_str()))
        && fitting(&wanted.rule, own.rule.map(|own| own.as_str()))
        && fitting(&wanted.owner, own.owner)
        && wanted.up_to.is_none_or(|most| own.severity <= most)
}
