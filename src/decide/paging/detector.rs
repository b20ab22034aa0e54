//! The detector about itself: one alert for all that keeps it from seeing, and one for each thing that
//! somebody switched off.

use std::collections::BTreeMap;

use super::{Fault, Opening, Pass};
use crate::model::{AlertKind, AlertStanding, PageStep, Severity, WatchKind};

/// Everything that keeps it from seeing has one cause more often than not.
const SIGHT: &str = "sight";

/// Who keeps the log outside this machine is mostly reached by the same way.
const OUTSIDE: &str = "outside";

/// The alert that a fault belongs to, and how severe it is.
fn alert_of(fault: &Fault) -> (String, Severity) {
    match fault.kind {
        WatchKind::LiveStale
        | WatchKind::SourceNotRead
        | WatchKind::TrailStale
        | WatchKind::EvidenceStale
        | WatchKind::QueueStale
        | WatchKind::QueueLagging => (SIGHT.to_owned(), Severity::High),
        WatchKind::TrailChanged | WatchKind::RecorderChanged => {
            let about = format!("{} {}", fault.kind.as_str(), fault.subject);
            (about, Severity::Critical)
        }
        WatchKind::FixTrouble => {
            let about = format!("{} {}", fault.kind.as_str(), fault.subject);
            (about, Severity::High)
        }
        WatchKind::RulesNotApproved => ("rules".to_owned(), Severity::High),
        WatchKind::MirrorBehind | WatchKind::WitnessBehind | WatchKind::TimestampsBehind => {
            (OUTSIDE.to_owned(), Severity::High)
        }
        WatchKind::ConfigurationRejected => ("configuration".to_owned(), Severity::Medium),
    }
}

/// Whether what cannot be decided is to be expected while a fault lasts.
pub(super) fn blinds(fault: &Fault) -> bool {
    alert_of(fault).0 == SIGHT || fault.kind == WatchKind::TrailChanged
}

/// The faults that an alert of the detector is about.
pub fn is_about(about: &str, fault: &Fault) -> bool {
    alert_of(fault).0 == about
}

impl Pass<'_> {
    pub(super) fn detector(&mut self) {
        let mut faults: BTreeMap<String, (Severity, Vec<String>)> = BTreeMap::new();
        for fault in self.scene.faults {
            let (about, severity) = alert_of(fault);
            let own = faults.entry(about).or_insert((severity, Vec::new()));
            own.1
                .push(format!("{} {}", fault.kind.as_str(), fault.subject));
        }
        let open: BTreeMap<String, _> = self
            .scene
            .told
            .alerts()
            .filter(|(_, alert)| alert.kind == AlertKind::Detector && !alert.closed)
            .filter_map(|(key, alert)| Some((alert.about.clone()?, (key, alert))))
            .collect();
        for (about, (key, alert)) in &open {
            if !faults.contains_key(about) {
                let resolve = self.next(key, alert, PageStep::Resolve);
                self.say(resolve);
            }
        }
        for (about, (severity, mut list)) in faults {
            list.sort();
            let version = list.join("\n");
            match open.get(&about) {
                None => self.fault_begins(about, severity, version),
                Some((key, alert)) => {
                    let is_more = list.iter().any(|one| {
                        let known = alert.standing.version.lines();
                        !known.into_iter().any(|known| known == one)
                    });
                    if is_more && self.may_update(alert) {
                        let mut update = self.next(key, alert, PageStep::Update);
                        update.standing.version = version;
                        self.say(update);
                    }
                }
            }
        }
    }

    fn fault_begins(&mut self, about: String, severity: Severity, version: String) {
        let Some(route) = self.scene.policy.route_of_detector(severity) else {
            return;
        };
        let now = self.scene.now.to_string();
        let mut message = self.open(Opening {
            kind: AlertKind::Detector,
            parts: &[&about, &now],
            route,
            severity,
            doing: None,
            about: Some(about.clone()),
        });
        message.standing = AlertStanding {
            version,
            ..AlertStanding::default()
        };
        self.say(message);
    }
}
