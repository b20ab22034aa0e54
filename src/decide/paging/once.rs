//! What is said once and is over: authorised changes, digests. And exports, which say everything.

use std::collections::BTreeMap;

use super::{Candidate, Opening, Pass, Route, Scene, Subject};
use crate::model::{AlertKind, ChangeNumber, FindingKey, Message, PageStep, Severity};

/// What is gathered for it in a pass.
#[derive(Default)]
pub(super) struct Once<'s> {
    notes: BTreeMap<(Option<&'s ChangeNumber>, &'s str), Vec<&'s Candidate<'s>>>,
    digests: BTreeMap<&'s str, Vec<&'s Candidate<'s>>>,
}

impl<'s> Once<'s> {
    /// An authorised change wakes nobody.
    pub(super) fn note(&mut self, scene: &'s Scene<'s>, own: &'s Candidate<'s>) {
        if !scene.policy.notes || scene.told.was_told_once(own.finding, own.version) {
            return;
        }
        if let Some(route) = scene.policy.route_of(Subject::Note, own) {
            let place = (own.change, route.name.as_str());
            self.notes.entry(place).or_default().push(own);
        }
    }

    pub(super) fn gather(
        &mut self,
        scene: &'s Scene<'s>,
        route: &'s Route,
        own: &'s Candidate<'s>,
    ) {
        if !scene.told.was_told_once(own.finding, own.version) {
            self.digests.entry(&route.name).or_default().push(own);
        }
    }
}

impl Pass<'_> {
    pub(super) fn say_once(&mut self, once: Once<'_>) {
        for ((change, route), own) in once.notes {
            let about = change.map(ToString::to_string);
            self.tell_once(AlertKind::Note, route, about, &own);
        }
        for (route, own) in once.digests {
            let first = own.iter().map(|own| own.first_seen).min();
            let since = self.scene.told.digest(route).or(first);
            let every = self.route(route).and_then(|route| route.digest);
            let (Some(since), Some(every)) = (since, every) else {
                continue;
            };
            if self.scene.now.duration_since(since) >= every {
                self.tell_once(AlertKind::Digest, route, None, &own);
            }
        }
    }

    fn tell_once(
        &mut self,
        kind: AlertKind,
        route: &str,
        about: Option<String>,
        own: &[&Candidate<'_>],
    ) {
        let (Some(route), Some(first)) = (self.route(route), own.first()) else {
            return;
        };
        let severity = own.iter().map(|own| own.severity).max();
        let now = self.scene.now.to_string();
        let mut message = self.open(Opening {
            kind,
            parts: &[&route.name, first.finding.as_str(), &now],
            route,
            severity: severity.unwrap_or(Severity::Info),
            doing: None,
            about,
        });
        message.findings = own.iter().map(|own| own.finding.clone()).collect();
        message.total = message.findings.len() as u64;
        self.say(message);
    }

    /// Each finding to each system that keeps all of them; what becomes of it is told by `lives`.
    pub(super) fn exports(&mut self) {
        let routes = self.scene.policy.routes.iter();
        let routes: Vec<&Route> = routes.filter(|route| route.export).collect();
        for own in self.scene.candidates.iter().filter(|own| !own.suspected) {
            for route in &routes {
                if route.takes(Subject::Finding, own) && !self.is_exported(own, route) {
                    let message = self.export(own, route);
                    self.say(message);
                }
            }
        }
    }

    fn is_exported(&self, own: &Candidate<'_>, route: &Route) -> bool {
        let key = self.scene.told.export(own.finding, &route.name);
        let alert = key.and_then(|key| self.scene.told.alert(key));
        alert.is_some_and(|alert| own.first_seen <= alert.opened_at)
    }

    fn export(&self, own: &Candidate<'_>, route: &Route) -> Message {
        let first_seen = own.first_seen.to_string();
        let mut message = self.open(Opening {
            kind: AlertKind::Export,
            parts: &[&route.name, own.finding.as_str(), &first_seen],
            route,
            severity: own.severity,
            doing: None,
            about: None,
        });
        message.step = PageStep::Trigger;
        message.standing = own.standing();
        message.findings = vec![FindingKey::clone(own.finding)];
        message.total = 1;
        message
    }
}
