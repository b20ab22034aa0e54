//! What a log that goes on from another takes over.

use jiff::Timestamp;

use super::super::{AlertKey, DeviationId, FindingKey};
use super::{Alert, Pending, Told};

impl Told {
    /// Takes over an alert from the log before.
    pub fn carry(&mut self, key: AlertKey, alert: Alert, pending: Vec<(String, u32, Pending)>) {
        for (channel, sequence, own) in pending {
            self.pending.insert((key.clone(), channel, sequence), own);
        }
        self.alerts.insert(key, alert);
    }

    /// Takes over the findings of an alert that was taken over.
    pub fn carry_members(&mut self, key: &AlertKey, at: Timestamp, findings: &[FindingKey]) {
        let own = self.alerts.get(key);
        let own = own.map(|alert| (alert.kind, alert.route.clone(), alert.closed));
        let Some((kind, route, closed)) = own else {
            return;
        };
        match closed {
            // The last word was said: only what it says is still needed.
            true => {
                if let Some(alert) = self.alerts.get_mut(key) {
                    alert.members.extend(findings.iter().cloned());
                }
            }
            false => self.cover(kind, key, &route, at, findings),
        }
    }

    pub fn carry_digest(&mut self, route: String, at: Timestamp) {
        self.digests.insert(route, at);
    }

    pub fn digests(&self) -> impl Iterator<Item = (&String, &Timestamp)> {
        self.digests.iter()
    }

    pub fn once(&self) -> impl Iterator<Item = (&FindingKey, &DeviationId)> {
        self.once.iter()
    }
}
