//! What was told, as the log has it.

use jiff::Timestamp;

use super::Ledger;
use crate::evidence::record::{
    Carried, CarriedAlert, FindingRecord, NotificationEvent, NotificationRecord,
};
use crate::model::{AlertKey, AlertKind, DeviationId, FindingKey, Pending, Told};

/// So many findings fit into a record.
const FINDINGS: usize = 500;

impl Ledger {
    pub(super) fn apply_notification(&mut self, record: NotificationRecord) {
        let NotificationRecord { at, event } = record;
        match event {
            NotificationEvent::Queued { message } => {
                self.told.queue(&message);
                self.told_once(message.kind, &message.findings);
                self.forget_gone();
            }
            NotificationEvent::Also {
                key,
                kind,
                route,
                findings,
            } => {
                self.told.cover(kind, &key, &route, at, &findings);
                self.told_once(kind, &findings);
            }
            NotificationEvent::Arrival { delivery } => {
                self.told.arrive(&delivery);
                self.forget_gone();
            }
            NotificationEvent::Held { why, findings } => self.told.held_back(&why, &findings),
            NotificationEvent::SilenceSet { silence } => self.told.silence(silence),
            NotificationEvent::SilenceEnded { id, by: _ } => self.told.end_silence(&id),
        }
    }

    fn told_once(&mut self, kind: AlertKind, findings: &[FindingKey]) {
        if !kind.is_once() {
            return;
        }
        let versions = findings.iter().filter_map(|finding| {
            let open = self.open.get(finding)?;
            Some((finding.clone(), open.record.deviation.clone()))
        });
        let versions: Vec<(FindingKey, DeviationId)> = versions.collect();
        self.told.told_once(versions);
    }

    /// What an alert of one finding says at its end is known after the finding is gone.
    pub(super) fn remember_gone(&mut self, index: u64, finding: &FindingKey) {
        let alert = self.told.membership(finding).map(|own| own.alert.clone());
        let is_single = alert.as_ref().and_then(|key| self.told.alert(key));
        let is_single = is_single.is_some_and(|alert| alert.kind == AlertKind::Finding);
        let exports = self.told.exports_of(finding);
        let keys = alert.filter(|_| is_single).into_iter().chain(exports);
        if let Some(open) = self.open.get(finding) {
            let gone = keys.map(|key| (key, (index, open.record.clone())));
            self.gone.extend(gone);
        }
        self.told.over(finding);
    }

    fn forget_gone(&mut self) {
        if !self.gone.is_empty() {
            let told = &self.told;
            self.gone.retain(|key, _| told.alert(key).is_some());
        }
    }

    /// What was told, and what has not arrived.
    pub fn told(&self) -> &Told {
        &self.told
    }

    /// The finding that an alert told of, as it last was, where it is over, and the entry that says so.
    pub fn gone(&self, alert: &AlertKey) -> Option<(u64, &FindingRecord)> {
        let (entry, record) = self.gone.get(alert)?;
        Some((*entry, record))
    }

    pub(super) fn carry_told(&self, at: Timestamp) -> Vec<Carried> {
        let mut carried: Vec<Carried> = Vec::new();
        for (key, alert) in self.told.alerts() {
            let own = self.told.pending().filter(|(alert, ..)| *alert == key);
            let pending: Vec<(String, u32, Pending)> = own
                .map(|(_, channel, sequence, own)| (channel.to_owned(), sequence, *own))
                .collect();
            let members: Vec<FindingKey> = alert.members.iter().cloned().collect();
            let mut alert = alert.clone();
            alert.members.clear();
            carried.push(Carried::Alert(Box::new(CarriedAlert {
                key: key.clone(),
                alert,
                pending,
            })));
            carried.extend(members.chunks(FINDINGS).map(|findings| Carried::Members {
                alert: key.clone(),
                at,
                findings: findings.to_vec(),
            }));
        }
        let once: Vec<(FindingKey, DeviationId)> = self
            .told
            .once()
            .map(|(finding, version)| (finding.clone(), version.clone()))
            .collect();
        carried.extend(once.chunks(FINDINGS).map(|findings| Carried::ToldOnce {
            findings: findings.to_vec(),
        }));
        carried.extend(self.told.digests().map(|(route, at)| Carried::Digest {
            route: route.clone(),
            at: *at,
        }));
        carried.extend(self.told.silences().cloned().map(Carried::Silence));
        carried
    }
}
