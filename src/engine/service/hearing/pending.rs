//! Resources that events were about and of which no newer observation came yet: read again until one
//! does, a bounded time long. Pure: the clock is a parameter.

use std::collections::{BTreeMap, BTreeSet};

use jiff::{SignedDuration, Timestamp};

use super::mailbox::Receipt;
use super::memory::ItemFacts;
use crate::decide::attribute::is_typed_id;
use crate::decide::marks::Mark;
use crate::model::WhyNotRead;
use crate::ports::{NotObserved, WantedResource};

/// Pauses between two reads of one resource.
const FIRST_PAUSE: SignedDuration = SignedDuration::from_secs(1);
const LONGEST_PAUSE: SignedDuration = SignedDuration::from_secs(60);
/// Resources that wait at the same time; more are gaps at once.
const MOST: usize = 10_000;

#[derive(Clone, Debug)]
struct Waiting {
    /// An observation counts from then on.
    after: Timestamp,
    since: Timestamp,
    tries: u32,
    next: Timestamp,
    why: Option<(WhyNotRead, String)>,
    receipts: Vec<Receipt>,
    events: BTreeSet<Box<str>>,
}

/// A resource that nothing newer was seen of in time.
#[derive(Clone, Debug)]
pub struct GivenUp {
    pub mark: Mark,
    pub why: &'static str,
    pub detail: String,
    pub receipts: Vec<Receipt>,
}

#[derive(Default)]
pub struct Pending {
    waiting: BTreeMap<Mark, Waiting>,
    /// Given up and told: not told again before something was seen.
    told: BTreeSet<Mark>,
}

impl Pending {
    pub fn len(&self) -> usize {
        self.waiting.len()
    }

    /// Whether an event still waits for its resource; a new delivery of it takes the place of the old.
    pub fn takes_receipt(&mut self, event_id: &str, receipt: &Receipt) -> bool {
        let mut is_waiting = false;
        for waiting in self.waiting.values_mut() {
            if waiting.events.contains(event_id) {
                is_waiting = true;
                if !waiting.receipts.contains(receipt) {
                    waiting.receipts.push(receipt.clone());
                }
            }
        }
        is_waiting
    }

    /// Something was done to the resource at that time.
    pub fn want(
        &mut self,
        mark: Mark,
        event_id: &str,
        after: Timestamp,
        receipt: Option<&Receipt>,
        now: Timestamp,
    ) {
        let waiting = self.waiting.entry(mark).or_insert_with(|| Waiting {
            after,
            since: now,
            tries: 0,
            next: now,
            why: None,
            receipts: Vec::new(),
            events: BTreeSet::new(),
        });
        if after > waiting.after {
            (waiting.after, waiting.next, waiting.tries) = (after, now, 0);
        }
        waiting.receipts.extend(receipt.cloned());
        waiting.events.insert(event_id.into());
    }

    /// What is to be read now.
    pub fn due(&mut self, now: Timestamp) -> Vec<WantedResource> {
        let mut wanted = Vec::new();
        for (mark, waiting) in &mut self.waiting {
            if waiting.next > now {
                continue;
            }
            wanted.extend(mark.names.iter().map(|name| resource(mark, name)));
            let pause = FIRST_PAUSE * 2_i32.saturating_pow(waiting.tries.min(6));
            waiting.tries = waiting.tries.saturating_add(1);
            waiting.next = now.checked_add(pause.min(LONGEST_PAUSE)).unwrap_or(now);
        }
        wanted
    }

    /// Why resources could not be read. Gives the deliveries that were about what is gone.
    pub fn not_read(&mut self, not_observed: Vec<NotObserved>) -> Vec<Receipt> {
        let mut gone = Vec::new();
        for NotObserved {
            wanted,
            why,
            detail,
        } in not_observed
        {
            self.waiting.retain(|mark, waiting| {
                if !is_of(mark, &wanted) {
                    return true;
                }
                let is_gone = why == WhyNotRead::Deleted;
                if is_gone {
                    gone.append(&mut waiting.receipts);
                }
                waiting.why = Some((why, detail.clone()));
                !is_gone
            });
        }
        gone
    }

    /// The deliveries that an item ends the wait of.
    pub fn seen(&mut self, item: &ItemFacts) -> Seen {
        let mut seen = Seen::default();
        self.told.retain(|mark| !is_it(mark, item));
        self.waiting.retain(|mark, waiting| {
            if !is_it(mark, item) {
                return true;
            }
            if item.captured_at.is_none_or(|at| at < waiting.after) {
                return true;
            }
            seen.receipts.append(&mut waiting.receipts);
            seen.is_newer = true;
            false
        });
        seen
    }

    /// What nothing newer came of in time. The second word says whether it was told before.
    pub fn given_up(&mut self, now: Timestamp, patience: SignedDuration) -> Vec<(GivenUp, bool)> {
        let mut given_up = Vec::new();
        let surplus = self.waiting.len().saturating_sub(MOST);
        let mut over: BTreeSet<Mark> = self.waiting.keys().take(surplus).cloned().collect();
        let late = self.waiting.iter();
        let late = late.filter(|(_, waiting)| now.duration_since(waiting.since) >= patience);
        over.extend(late.map(|(mark, _)| mark.clone()));
        for mark in over {
            let Some(waiting) = self.waiting.remove(&mark) else {
                continue;
            };
            let (why, detail) = match waiting.why {
                Some((why, detail)) => (why.as_str(), detail),
                None => (
                    "not_newer",
                    format!("no source recorded it after {}", waiting.after),
                ),
            };
            let told = !self.told.insert(mark.clone());
            while self.told.len() > MOST {
                self.told.pop_first();
            }
            given_up.push((
                GivenUp {
                    mark,
                    why,
                    detail,
                    receipts: waiting.receipts,
                },
                told,
            ));
        }
        given_up
    }

    /// When there is something to do again.
    pub fn next(&self, reads: bool, patience: SignedDuration) -> Option<Timestamp> {
        let times = self.waiting.values().map(|waiting| {
            let end = waiting.since.checked_add(patience).unwrap_or(waiting.since);
            match reads {
                true => end.min(waiting.next),
                false => end,
            }
        });
        times.min()
    }
}

#[derive(Debug, Default)]
pub struct Seen {
    pub receipts: Vec<Receipt>,
    pub is_newer: bool,
}

fn resource(mark: &Mark, name: &str) -> WantedResource {
    let is_arn = name.starts_with("arn:");
    let is_id =
        !is_arn && (name.contains("://") || is_typed_id(name) || name == mark.account.as_str());
    let own = || Some(Box::from(name));
    WantedResource {
        account: mark.account.clone(),
        region: mark.region.clone(),
        config_type: mark.config_type.clone(),
        id: own().filter(|_| is_id),
        name: own().filter(|_| !is_arn && !is_id),
        arn: own().filter(|_| is_arn),
    }
}

fn is_of(mark: &Mark, wanted: &WantedResource) -> bool {
    let names = [&wanted.id, &wanted.name, &wanted.arn];
    mark.account == wanted.account
        && mark.config_type == wanted.config_type
        && names
            .into_iter()
            .flatten()
            .any(|name| mark.names.contains(name))
}

/// Names of two kinds of resource may be alike, their types are not. Services without Regions record
/// in another one than the call's.
pub fn is_it(mark: &Mark, item: &ItemFacts) -> bool {
    mark.config_type == item.key.config_type
        && (item.key.account.is_empty() || *mark.account.as_str() == *item.key.account)
        && mark.names.iter().any(|name| item.names.contains(name))
}
