//! Alerts that are open: what is news about them, and when they are over.

use crate::model::{Alert, AlertKey, AlertKind, AlertStanding, PageStep, Severity};

use super::{Candidate, Pass, Route};

impl Pass<'_> {
    pub(super) fn lives(&mut self) {
        for (key, alert) in self.scene.told.alerts() {
            if alert.closed {
                continue;
            }
            match alert.kind {
                AlertKind::Finding | AlertKind::Group | AlertKind::Storm | AlertKind::Export => {
                    self.life(key, alert);
                }
                AlertKind::Detector | AlertKind::Note | AlertKind::Digest => {}
            }
        }
    }

    /// Whoever is no longer among the open findings was looked at and found to be as approved: the log
    /// closes a finding for no other reason.
    fn life(&mut self, key: &AlertKey, alert: &Alert) {
        let told = self.scene.told;
        let members = alert.members.iter().filter_map(|finding| {
            let at = match alert.kind {
                AlertKind::Export => alert.opened_at,
                _ => told.membership(finding)?.at,
            };
            self.still(finding, at)
        });
        let open: Vec<&Candidate<'_>> = members.collect();
        let Some(first) = open.first() else {
            let resolve = self.next(key, alert, PageStep::Resolve);
            self.say(resolve);
            return;
        };
        let standing = match alert.kind {
            AlertKind::Finding | AlertKind::Export => first.standing(),
            _ => of_group(alert, &open),
        };
        let severity = open.iter().map(|own| own.severity).max();
        let severity = severity.unwrap_or(alert.severity).max(alert.severity);
        let is_silent =
            alert.kind != AlertKind::Export && open.iter().all(|own| self.silenced(own).is_some());
        let due = open.iter().filter(|own| !own.is_at_rest());
        let due = due.filter_map(|own| own.due).min();
        self.news(key, alert, standing, severity, is_silent);
        if !is_silent && alert.kind.is_page() {
            self.escalate(key, alert, due);
        }
    }

    /// One message at most, for the most important thing that is new.
    fn news(
        &mut self,
        key: &AlertKey,
        alert: &Alert,
        mut standing: AlertStanding,
        severity: Severity,
        is_silent: bool,
    ) {
        let before = &alert.standing;
        standing.escalated = before.escalated;
        standing.overdue = before.overdue;
        let begins_again = before.at_rest && !standing.at_rest;
        if begins_again {
            // What was asked in time before is asked anew.
            standing.escalated = false;
            standing.overdue = false;
        }
        let is_taken = standing.acknowledged.is_some() && before.acknowledged.is_none();
        let rests = standing.at_rest && !before.at_rest;
        let (step, why) = if begins_again {
            (PageStep::Trigger, Some("it asks for somebody again"))
        } else if severity > alert.severity {
            (PageStep::Update, Some("it is more severe than before"))
        } else if rests {
            (
                PageStep::Acknowledge,
                Some("nothing is asked of anybody for now"),
            )
        } else if is_taken {
            (PageStep::Acknowledge, None)
        } else if standing.flapping && !before.flapping {
            let why = "it opens and closes time and again, and that is told once";
            (PageStep::Update, Some(why))
        } else if standing != *before && self.may_update(alert) {
            let why = match before.flapping && !standing.flapping {
                true => "it no longer opens and closes",
                false => "it changed",
            };
            (PageStep::Update, Some(why))
        } else {
            return;
        };
        if is_silent && step != PageStep::Acknowledge {
            return;
        }
        let mut message = self.next(key, alert, step);
        message.severity = severity;
        message.standing = standing;
        message.why = why.map(str::to_owned);
        self.say(message);
    }

    /// Tells those who have it that time is up, and those who come next.
    fn escalate(&mut self, key: &AlertKey, alert: &Alert, due: Option<jiff::Timestamp>) {
        let Some(route) = self.route(&alert.route) else {
            return;
        };
        let now = self.scene.now;
        let said = self.said.get(key);
        let standing = said.map_or(&alert.standing, |said| &said.standing);
        if standing.at_rest {
            return;
        }
        let open_for = now.duration_since(alert.opened_at);
        let is_late = route.escalate_after.is_some_and(|after| open_for >= after);
        let nobody = is_late && standing.acknowledged.is_none() && !standing.escalated;
        let overdue = due.is_some_and(|due| now > due) && !standing.overdue;
        let why = match (overdue, nobody) {
            (true, _) => "the time in which it must be put right is over",
            (false, true) => "nobody has acknowledged it in time",
            (false, false) => return,
        };
        let mut standing = standing.clone();
        standing.escalated |= nobody;
        standing.overdue |= overdue;
        let mut update = self.next(key, alert, PageStep::Update);
        update.standing = standing;
        update.why = Some(why.to_owned());
        let others = next_in_line(route, &update.channels);
        self.say(update);
        if !others.is_empty() {
            let mut trigger = self.next(key, alert, PageStep::Trigger);
            trigger.channels = others;
            trigger.why = Some(why.to_owned());
            self.say(trigger);
        }
    }
}

fn next_in_line(route: &Route, told: &[String]) -> Vec<String> {
    let others = route.escalate_to.iter();
    others.filter(|own| !told.contains(own)).cloned().collect()
}

/// A group is taken, or at rest, when all that is open of it is.
fn of_group(alert: &Alert, open: &[&Candidate<'_>]) -> AlertStanding {
    let all_taken = open.iter().all(|own| own.acknowledged.is_some());
    let first = open.iter().find_map(|own| own.acknowledged);
    AlertStanding {
        acknowledged: first.filter(|_| all_taken).map(str::to_owned),
        at_rest: open.iter().all(|own| own.is_at_rest()),
        ..alert.standing.clone()
    }
}
