//! What each message and each item means: what is to be looked at, what waits, what is done.

use std::sync::Arc;

use jiff::Timestamp;

use super::super::events;
use super::mailbox::{Arrived, Receipt};
use super::memory::ItemFacts;
use super::take::Batch;
use super::{CLOCKS_APART, Hearing, REFUSED};
use crate::decide::marks::silence;
use crate::engine::live::each_item;
use crate::engine::picture::Picture;
use crate::engine::scan::Settings;
use crate::ingest::queue::{self, ItemSummary, Notice};
use crate::model::Activity;
use crate::ports::ReadAgain;

impl Hearing {
    pub(super) fn one(
        &mut self,
        arrived: Arrived,
        picture: &Picture,
        settings: &Settings,
        now: Timestamp,
        batch: &mut Batch,
    ) {
        let Arrived {
            id, body, receipt, ..
        } = arrived;
        match queue::read(&body) {
            Ok(Notice::Call(activity)) => {
                self.call(*activity, receipt, picture, settings, now, batch);
            }
            Ok(Notice::Item(document)) => {
                self.item(document.into(), &id, receipt, picture, settings, batch);
            }
            Ok(Notice::Oversized(summary)) => {
                self.oversized(summary, &id, receipt, picture, settings, now, batch);
            }
            Ok(Notice::Nothing(_)) => {
                batch.took.nothing += 1;
                batch.done.extend(receipt);
            }
            Err(refusal) => {
                let why = refusal.to_string();
                self.refuse(&id, refusal.as_str(), &why, receipt.as_ref());
            }
        }
    }

    /// What cannot be used goes back to its queue, which puts it where somebody looks at it.
    fn refuse(&mut self, id: &str, word: &'static str, why: &str, receipt: Option<&Receipt>) {
        let is_new = !self.refused.iter().any(|known| known == id);
        if is_new {
            self.refused.push_back(id.to_owned());
            if self.refused.len() > REFUSED {
                self.refused.pop_front();
            }
        }
        if let Some(receipt) = receipt {
            self.mailbox.give_back(receipt);
        }
        events::MessageRefused {
            id,
            word,
            why,
            is_new,
        }
        .emit();
    }

    fn call(
        &mut self,
        activity: Activity,
        receipt: Option<Receipt>,
        picture: &Picture,
        settings: &Settings,
        now: Timestamp,
        batch: &mut Batch,
    ) {
        let event_id = activity.event_id.clone();
        if self.memory.knows(&event_id) {
            batch.took.duplicates += 1;
            let Some(receipt) = receipt else { return };
            if !self.pending.takes_receipt(&event_id, &receipt) {
                self.known(receipt, batch);
            }
            return;
        }
        batch.took.calls += 1;
        batch.took.failed_calls += u64::from(!activity.succeeded);
        if let Some(silence) = silence(&activity) {
            let wrong = silence.wrong();
            let detail = wrong.map(|what| format!("{} at {}: {what}", activity.call, activity.at));
            self.blinded.insert((silence.kind, silence.subject), detail);
            batch.blinds = true;
        }
        if activity.at.duration_since(now) > CLOCKS_APART {
            events::ClocksApart {
                event_id: &event_id,
                ahead: activity.at.duration_since(now),
            }
            .emit();
            batch.took.clocks_apart += 1;
        }
        batch.took.newest = batch.took.newest.max(Some(activity.at));
        // An observation of now is newer than whatever was done before now.
        let after = activity.at.min(now);
        let marks = picture.marks(&activity, settings);
        self.memory.hear(activity);
        if marks.is_empty() {
            batch.took.unresolved += 1;
            batch.done.extend(receipt);
            return;
        }
        // The scan saw it; who made it is told by the next, where nothing can be read again.
        let is_late = after < picture.began;
        if receipt.is_none() || (is_late && self.reads_again.is_none()) {
            self.wants_scan = true;
        }
        let Some(receipt) = receipt else { return };
        let mut is_waiting = false;
        for mark in marks {
            if let Some(document) = self.memory.item_of(&mark, after) {
                batch.names.extend(mark.names.iter().cloned());
                batch.documents.push(document);
            } else if is_late && self.reads_again.is_none() {
                self.after_scan.push(receipt.clone());
                is_waiting = true;
            } else {
                self.pending
                    .want(mark, &event_id, after, Some(&receipt), now);
                is_waiting = true;
            }
        }
        if !is_waiting {
            batch.done.push(receipt);
        }
    }

    /// What was taken before goes when that lasts; a scan that is waited for may be what it led to.
    fn known(&mut self, receipt: Receipt, batch: &mut Batch) {
        match (self.after_scan.is_empty(), self.in_scan.receipts.is_empty()) {
            (false, _) => self.after_scan.push(receipt),
            (true, false) => self.in_scan.receipts.push(receipt),
            (true, true) => batch.done.push(receipt),
        }
    }

    fn item(
        &mut self,
        document: Arc<str>,
        id: &str,
        receipt: Option<Receipt>,
        picture: &Picture,
        settings: &Settings,
        batch: &mut Batch,
    ) {
        let mut items = Vec::new();
        each_item(&document, &mut |item| items.push(ItemFacts::of(item)));
        if items.is_empty() {
            let why = "the notification of AWS Config holds no item that can be read";
            return self.refuse(id, "bad_item", why, receipt.as_ref());
        }
        batch.took.items += 1;
        let mut is_looked_at = false;
        let mut after_scan = false;
        for item in items {
            let account = item.key.account.as_ref();
            if !picture.is_compared(&item.key.config_type, account, settings) {
                batch.took.unresolved += 1;
                continue;
            }
            let at = item.captured_at.unwrap_or(Timestamp::MIN);
            if self
                .memory
                .newest(&item.key)
                .is_some_and(|known| known >= at)
            {
                batch.took.older += 1;
                continue;
            }
            let seen = self.pending.seen(&item);
            self.memory.see(&item, at, &document);
            if at < picture.began {
                // The scan may have seen newer; all that is known is put together by the next.
                self.after_scan.extend(seen.receipts);
                after_scan = true;
                continue;
            }
            batch.done.extend(seen.receipts);
            is_looked_at = true;
            batch.names.extend(item.names);
        }
        if is_looked_at {
            batch.documents.push(document);
        }
        let Some(receipt) = receipt else { return };
        if after_scan {
            self.wants_scan = true;
            self.after_scan.push(receipt);
        } else if is_looked_at {
            batch.done.push(receipt);
        } else {
            self.known(receipt, batch);
        }
    }

    #[expect(
        clippy::too_many_arguments,
        reason = "as `call` and `item`, which say what it is for"
    )]
    fn oversized(
        &mut self,
        summary: ItemSummary,
        id: &str,
        receipt: Option<Receipt>,
        picture: &Picture,
        settings: &Settings,
        now: Timestamp,
        batch: &mut Batch,
    ) {
        batch.took.oversized += 1;
        let account = summary.account.as_str();
        if !picture.is_compared(&summary.config_type, account, settings) {
            batch.took.unresolved += 1;
            batch.done.extend(receipt);
            return;
        }
        let after = summary.captured_at.min(now);
        let names = [Some(summary.id), summary.name, summary.arn];
        let names = names.into_iter().flatten().map(Box::from);
        let mark = crate::decide::marks::Mark {
            account: summary.account,
            region: summary.region,
            config_type: summary.config_type.into(),
            names: names.collect(),
        };
        self.pending.want(mark, id, after, receipt.as_ref(), now);
    }

    /// Reads what is due; what is newer than its event is looked at.
    pub(super) fn read_again(&mut self, now: Timestamp, batch: &mut Batch) {
        let Some(reader) = self.reads_again.clone() else {
            return;
        };
        let wanted = self.pending.due(now);
        if wanted.is_empty() {
            return;
        }
        batch.took.read_again += wanted.len() as u64;
        let ReadAgain {
            items,
            not_observed,
        } = reader.read_again(&wanted);
        let gone = self.pending.not_read(not_observed);
        if !gone.is_empty() {
            // That it is missing is for a scan to say, which knows what was looked for.
            self.wants_scan = true;
            self.after_scan.extend(gone);
        }
        let text = items.and_then(|bytes| String::from_utf8(bytes).ok());
        let Some(document) = text.map(Arc::<str>::from) else {
            return;
        };
        each_item(&document, &mut |item| {
            let facts = ItemFacts::of(item);
            let at = facts.captured_at.unwrap_or(now);
            let seen = self.pending.seen(&facts);
            self.memory.see(&facts, at, &document);
            batch.done.extend(seen.receipts);
            if seen.is_newer {
                // Where a newer one was heard, that one counts.
                batch.documents.extend(self.memory.document(&facts.key));
                batch.names.extend(facts.names);
            }
        });
    }
}
