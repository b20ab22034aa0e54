//! Handing out: what is recorded goes to couriers, and so does what is no news.

use std::collections::BTreeMap;

use jiff::Timestamp;

use super::super::paging::{Content, Letter, Paging, Telling};
use super::Cycle;
use crate::model::{AlertKey, Page, PageStep};

impl Cycle {
    /// Gives couriers what is recorded and not on its way: of each alert one message at a time, so that
    /// a channel gets them in their order.
    pub(super) fn hand_out(&mut self, telling: &Telling, now: Timestamp) {
        let ledger = self.evidence.ledger();
        let told = ledger.told();
        let Paging {
            post,
            handed,
            known,
            ..
        } = &mut self.paging;
        let origin = self.origin.as_deref().unwrap_or(&telling.origin);
        let content = Content {
            now,
            origin,
            newest: self.evidence.previous().tree_size.saturating_sub(1),
            ledger,
            policy: &telling.policy,
            known,
            named: &telling.named,
        };
        let mut first: BTreeMap<(&AlertKey, &str), u32> = BTreeMap::new();
        for (key, channel, sequence, _) in told.pending() {
            first.entry((key, channel)).or_insert(sequence);
        }
        for ((key, channel), sequence) in first {
            let place = (key.clone(), channel.to_owned(), sequence);
            if handed.contains(&place) || !telling.knows(channel) {
                continue;
            }
            let Some(page) = content.page(key, sequence) else {
                continue;
            };
            let standing = told
                .alert(key)
                .and_then(|alert| alert.channels.get(channel));
            let thread = standing.and_then(|standing| standing.thread.clone());
            let letter = Letter {
                key: key.clone(),
                sequence,
                page: as_first(page, standing.map_or(0, |own| own.delivered)),
                thread,
                is_fleeting: false,
            };
            post.give(channel, letter);
            handed.insert(place);
        }
    }

    /// Tells receivers that forget of what goes on. That is no news, and no record.
    pub(super) fn repeat(&mut self, telling: &Telling, now: Timestamp) {
        let ledger = self.evidence.ledger();
        let told = ledger.told();
        let Paging {
            post,
            known,
            repeated,
            ..
        } = &mut self.paging;
        repeated.retain(|(key, _), _| told.alert(key).is_some_and(|alert| !alert.closed));
        let origin = self.origin.as_deref().unwrap_or(&telling.origin);
        let content = Content {
            now,
            origin,
            newest: self.evidence.previous().tree_size.saturating_sub(1),
            ledger,
            policy: &telling.policy,
            known,
            named: &telling.named,
        };
        for (key, alert) in told.alerts().filter(|(_, alert)| !alert.closed) {
            for (channel, standing) in &alert.channels {
                let Some(every) = telling.again_after(channel) else {
                    continue;
                };
                let place = (key.clone(), channel.clone());
                let last = repeated.get(&place).copied().unwrap_or(alert.at);
                let is_due = now.duration_since(last) >= every;
                if standing.delivered != alert.sequence || !is_due {
                    continue;
                }
                post.withdraw(channel, key, alert.sequence);
                let letter = Letter {
                    key: key.clone(),
                    sequence: alert.sequence,
                    page: content.again(key, alert),
                    thread: standing.thread.clone(),
                    is_fleeting: true,
                };
                post.give(channel, letter);
                repeated.insert(place, now);
            }
        }
    }
}

/// Who never heard of an alert begins it, whatever others are told.
fn as_first(mut page: Page, delivered: u32) -> Page {
    if delivered == 0 && page.step == PageStep::Update {
        page.step = PageStep::Trigger;
    }
    page
}
