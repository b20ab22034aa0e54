//! What was heard lately, within bounds: calls, by what they named, and the newest item of each
//! resource. It is a memory, not evidence: what falls out of it costs an attribution, never a finding.

use std::collections::{BTreeMap, BTreeSet, HashMap, VecDeque};
use std::sync::Arc;

use jiff::Timestamp;

use super::pending::is_it;
use crate::decide::marks::Mark;
use crate::engine::look::Heard;
use crate::ingest::config_item::{Item, Status};
use crate::model::Activity;

/// Calls that are remembered, and items.
const CALLS: usize = 50_000;
const ITEMS: usize = 10_000;

/// One resource, as Config names it: type, account, Region, id.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ItemKey {
    pub config_type: Box<str>,
    pub account: Box<str>,
    pub region: Box<str>,
    pub id: Box<str>,
}

/// What one item is of, and how new it is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ItemFacts {
    pub key: ItemKey,
    /// Id, name and ARN.
    pub names: Vec<Box<str>>,
    pub captured_at: Option<Timestamp>,
    pub status: Status,
}

impl ItemFacts {
    pub fn of(item: &Item<'_>) -> Self {
        let text = |text: Option<&str>| Box::from(text.unwrap_or_default());
        let names = [item.resource_name.as_deref(), item.arn.as_deref()];
        let names = names.into_iter().flatten().map(Box::from);
        Self {
            key: ItemKey {
                config_type: (*item.resource_type).into(),
                account: text(item.account.as_deref()),
                region: text(item.region.as_deref()),
                id: (*item.resource_id).into(),
            },
            names: names.chain([Box::from(&*item.resource_id)]).collect(),
            captured_at: item.captured_at,
            status: item.status,
        }
    }
}

struct Remembered {
    at: Timestamp,
    facts: ItemFacts,
    document: Arc<str>,
}

#[derive(Default)]
pub struct Memory {
    /// With the number of the first one.
    calls: VecDeque<Activity>,
    first: u64,
    by_subject: HashMap<Box<str>, BTreeSet<u64>>,
    known: HashMap<Box<str>, u64>,
    items: HashMap<ItemKey, Remembered>,
    by_name: HashMap<Box<str>, BTreeSet<ItemKey>>,
    /// Items by the order in which they came.
    order: VecDeque<(ItemKey, Timestamp)>,
    /// Items that had to go, so far.
    pub gone: u64,
}

impl Memory {
    pub fn knows(&self, event_id: &str) -> bool {
        self.known.contains_key(event_id)
    }

    pub fn hear(&mut self, activity: Activity) {
        let number = self.first + self.calls.len() as u64;
        for subject in &activity.subjects {
            let known = self.by_subject.entry(subject.as_str().into());
            known.or_default().insert(number);
        }
        self.known.insert(activity.event_id.as_str().into(), number);
        self.calls.push_back(activity);
        if self.calls.len() > CALLS {
            self.forget_oldest();
        }
    }

    fn forget_oldest(&mut self) {
        let Some(oldest) = self.calls.pop_front() else {
            return;
        };
        for subject in &oldest.subjects {
            if let Some(numbers) = self.by_subject.get_mut(subject.as_str()) {
                numbers.remove(&self.first);
                if numbers.is_empty() {
                    self.by_subject.remove(subject.as_str());
                }
            }
        }
        self.known.remove(oldest.event_id.as_str());
        self.first += 1;
    }

    /// The calls that named one of these, each once.
    pub fn naming<'n>(&self, names: impl Iterator<Item = &'n str>) -> Vec<Activity> {
        let numbers: BTreeSet<u64> = names
            .filter_map(|name| self.by_subject.get(name))
            .flatten()
            .copied()
            .collect();
        let calls = numbers.into_iter().filter_map(|number| {
            let at = usize::try_from(number.checked_sub(self.first)?).ok()?;
            self.calls.get(at).cloned()
        });
        calls.collect()
    }

    /// When the newest item of the resource that was heard was recorded.
    pub fn newest(&self, key: &ItemKey) -> Option<Timestamp> {
        self.items.get(key).map(|known| known.at)
    }

    pub fn document(&self, key: &ItemKey) -> Option<Arc<str>> {
        self.items.get(key).map(|known| Arc::clone(&known.document))
    }

    /// The item of a resource, if it was recorded no earlier.
    pub fn item_of(&self, mark: &Mark, after: Timestamp) -> Option<Arc<str>> {
        let keys = mark.names.iter().filter_map(|name| self.by_name.get(name));
        let mut items = keys.flatten().filter_map(|key| self.items.get(key));
        let found = items.find(|known| known.at >= after && is_it(mark, &known.facts))?;
        Some(Arc::clone(&found.document))
    }

    /// Remembers an item with the document that it came in, if none is newer.
    pub fn see(&mut self, facts: &ItemFacts, at: Timestamp, document: &Arc<str>) {
        let key = &facts.key;
        if self.newest(key).is_some_and(|known| known >= at) {
            return;
        }
        self.order.push_back((key.clone(), at));
        for name in &facts.names {
            let known = self.by_name.entry(name.clone()).or_default();
            known.insert(key.clone());
        }
        let item = Remembered {
            at,
            facts: facts.clone(),
            document: Arc::clone(document),
        };
        self.items.insert(key.clone(), item);
        while self.items.len() > ITEMS || self.order.len() > 2 * ITEMS {
            let Some((key, at)) = self.order.pop_front() else {
                break;
            };
            // A newer one of the same resource has its own place in the order.
            if self.newest(&key) == Some(at) {
                self.forget(&key);
                self.gone += 1;
            }
        }
    }

    fn forget(&mut self, key: &ItemKey) {
        let Some(gone) = self.items.remove(key) else {
            return;
        };
        for name in &gone.facts.names {
            if let Some(keys) = self.by_name.get_mut(name) {
                keys.remove(key);
                if keys.is_empty() {
                    self.by_name.remove(name);
                }
            }
        }
    }

    /// What a scan takes with it.
    pub fn heard(&self) -> Heard {
        let items = self.items.values();
        let items: BTreeMap<*const u8, &Arc<str>> = items
            .map(|known| (known.document.as_ptr(), &known.document))
            .collect();
        Heard {
            activities: self.calls.iter().cloned().collect(),
            items: items.into_values().cloned().collect(),
        }
    }
}
