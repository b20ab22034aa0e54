//! One page for one finding, as long as nobody drowns in them: what one actor does in one account
//! within a while becomes one page when it is much, and what all do becomes one when it is a storm.
//! Critical findings come through both, up to a bound of their own.

use std::collections::BTreeMap;

use super::fresh::Fresh;
use super::{Opening, Pass, Route};
use crate::model::{Alert, AlertKey, AlertKind, Doing, Message, PageStep, Severity};

/// New pages of a pass, before the storm is looked for.
struct Planned<'s> {
    kind: AlertKind,
    doing: Doing,
    route: &'s Route,
    own: Vec<Fresh<'s>>,
}

impl<'s> Pass<'s> {
    pub(super) fn pages(&mut self, fresh: Vec<Fresh<'s>>) {
        let mut works: BTreeMap<(&str, Doing), Vec<Fresh<'s>>> = BTreeMap::new();
        for one in fresh {
            let place = (one.route.name.as_str(), one.own.doing());
            works.entry(place).or_default().push(one);
        }
        let mut planned = Vec::new();
        for ((_, doing), mut own) in works {
            own.sort_by(|a, b| {
                let (a, b) = (a.own, b.own);
                b.severity.cmp(&a.severity).then(a.finding.cmp(b.finding))
            });
            self.work(doing, own, &mut planned);
        }
        planned.sort_by_key(|one| std::cmp::Reverse(most(&one.own)));
        let mut room = self.room_before_a_storm();
        let mut storm: BTreeMap<&str, Vec<Fresh<'s>>> = BTreeMap::new();
        for one in planned {
            if room > 0 {
                room -= 1;
                let message = self.begin(one);
                self.say(message);
            } else {
                storm.entry(&one.route.name).or_default().extend(one.own);
            }
        }
        storm.into_values().for_each(|own| self.storm(own));
    }

    /// What one actor did in one account: how many pages that is.
    fn work(&mut self, doing: Doing, own: Vec<Fresh<'s>>, planned: &mut Vec<Planned<'s>>) {
        let Some(route) = own.first().map(|one| one.route) else {
            return;
        };
        let policy = self.scene.policy;
        let (critical, mut others): (Vec<_>, Vec<_>) = own
            .into_iter()
            .partition(|one| one.own.severity == Severity::Critical);
        let room = policy
            .critical_pages
            .saturating_sub(self.used(&doing, true));
        for (number, one) in critical.into_iter().enumerate() {
            if number < room as usize {
                let message = self.begin(Planned {
                    kind: AlertKind::Finding,
                    doing: doing.clone(),
                    route,
                    own: vec![one],
                });
                self.say(message);
            } else {
                others.push(one);
            }
        }
        if others.is_empty() {
            return;
        }
        if let Some((key, alert)) = self.growing(AlertKind::Group, route, Some(&doing)) {
            self.grow(key, alert, &others);
            return;
        }
        let room = policy
            .pages_per_group
            .saturating_sub(self.used(&doing, false));
        let plan = |kind, own| Planned {
            kind,
            doing: doing.clone(),
            route,
            own,
        };
        match others.len() <= room as usize {
            true => planned.extend(
                others
                    .into_iter()
                    .map(|one| plan(AlertKind::Finding, vec![one])),
            ),
            false => planned.push(plan(AlertKind::Group, others)),
        }
    }

    /// Pages for one's work within the window.
    fn used(&self, doing: &Doing, critical: bool) -> u32 {
        let window = self.scene.policy.group_window;
        let pages = self.scene.told.pages().iter();
        let own = pages.filter(|(at, own, was_critical)| {
            own == doing
                && *was_critical == critical
                && self.scene.now.duration_since(*at) <= window
        });
        u32::try_from(own.count()).unwrap_or(u32::MAX)
    }

    fn room_before_a_storm(&self) -> u32 {
        let policy = self.scene.policy;
        let pages = self.scene.told.pages().iter();
        let recent = pages.filter(|(at, _, critical)| {
            !critical && self.scene.now.duration_since(*at) <= policy.storm_window
        });
        let recent = u32::try_from(recent.count()).unwrap_or(u32::MAX);
        policy.storm_threshold.saturating_sub(recent)
    }

    /// The alert that more of the same still goes to.
    fn growing(
        &self,
        kind: AlertKind,
        route: &Route,
        doing: Option<&Doing>,
    ) -> Option<(&'s AlertKey, &'s Alert)> {
        let window = match kind {
            AlertKind::Storm => self.scene.policy.storm_window,
            _ => self.scene.policy.group_window,
        };
        let mut alerts = self.scene.told.alerts();
        alerts.find(|(key, alert)| {
            let is_over = self
                .said
                .get(*key)
                .is_some_and(|said| said.step == PageStep::Resolve);
            alert.kind == kind
                && !alert.closed
                && !is_over
                && alert.route == route.name
                && doing.is_none_or(|doing| alert.doing.as_ref() == Some(doing))
                && self.scene.now.duration_since(alert.opened_at) <= window
        })
    }

    fn begin(&self, planned: Planned<'_>) -> Message {
        let Planned {
            kind,
            doing,
            route,
            own,
        } = planned;
        let first = own.first().map(|one| one.own);
        let finding = first.map(|own| own.finding.as_str()).unwrap_or_default();
        let since = match (kind, first) {
            (AlertKind::Finding, Some(own)) => own.first_seen,
            _ => self.scene.now,
        };
        let since = since.to_string();
        let mut message = self.open(Opening {
            kind,
            parts: &[&route.name, finding, &since],
            route,
            severity: most(&own),
            doing: Some(doing),
            about: None,
        });
        if let (AlertKind::Finding, Some(own)) = (kind, first) {
            message.standing = own.standing();
        }
        message.findings = own.iter().map(|one| one.own.finding.clone()).collect();
        message.total = message.findings.len() as u64;
        message
    }

    /// More of what an alert tells of. It can wait a little, unless it is more severe.
    fn grow(&mut self, key: &AlertKey, alert: &Alert, own: &[Fresh<'_>]) {
        let severity = most(own);
        if severity <= alert.severity && !self.may_update(alert) {
            return;
        }
        let mut update = self.next(key, alert, PageStep::Update);
        update.severity = update.severity.max(severity);
        update.standing.acknowledged = None;
        update.standing.at_rest = false;
        update.findings = own.iter().map(|one| one.own.finding.clone()).collect();
        update.total = update.total.saturating_add(own.len() as u64);
        update.why = Some("it goes on".to_owned());
        self.say(update);
    }

    fn storm(&mut self, own: Vec<Fresh<'s>>) {
        let Some(route) = own.first().map(|one| one.route) else {
            return;
        };
        if let Some((key, alert)) = self.growing(AlertKind::Storm, route, None) {
            self.grow(key, alert, &own);
            return;
        }
        let message = self.begin(Planned {
            kind: AlertKind::Storm,
            doing: Doing::default(),
            route,
            own,
        });
        self.say(message);
    }
}

fn most(own: &[Fresh<'_>]) -> Severity {
    let all = own.iter().map(|one| one.own.severity);
    all.max().unwrap_or(Severity::Info)
}
