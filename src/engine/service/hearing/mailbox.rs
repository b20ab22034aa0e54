//! Between the threads that talk to queues and the one that works: what arrived, what may be deleted,
//! and what is still held. No message is lost here: what is not told to be done comes again.

use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use jiff::{SignedDuration, Timestamp};

use crate::ports::Message;

/// A delivery by which a message is deleted.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Receipt {
    pub queue: Arc<str>,
    pub receipt: Arc<str>,
}

/// One message, or one record that was looked up.
#[derive(Clone, Debug)]
pub struct Arrived {
    pub id: String,
    pub body: String,
    /// `None` for what was looked up: there is nothing to delete.
    pub receipt: Option<Receipt>,
    pub at: Instant,
}

/// How one queue is.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct QueueHealth {
    pub answered: Option<Timestamp>,
    pub heard: Option<Timestamp>,
    /// When it first gave no answer, and the newest reason.
    pub failing: Option<(Timestamp, String)>,
    pub waiting: u64,
    /// When the oldest message of the last delivery was sent.
    pub oldest: Option<Timestamp>,
}

impl QueueHealth {
    /// How old the oldest message of the last delivery is.
    pub fn lag(&self, now: Timestamp) -> SignedDuration {
        let oldest = self.oldest.unwrap_or(now);
        now.duration_since(oldest).max(SignedDuration::ZERO)
    }
}

#[derive(Default)]
struct Inner {
    arrived: VecDeque<Arrived>,
    done: BTreeMap<Arc<str>, Vec<Arc<str>>>,
    held: BTreeSet<Receipt>,
    health: BTreeMap<Arc<str>, QueueHealth>,
    closed: bool,
}

/// Messages that wait to be worked on; more stay in their queues.
const ROOM: usize = 1_000;

#[derive(Default)]
pub struct Mailbox {
    inner: Mutex<Inner>,
    room: Condvar,
    done: Condvar,
}

impl Mailbox {
    fn inner(&self) -> MutexGuard<'_, Inner> {
        self.inner.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Waits until there is room. `false`: nothing more is wanted.
    pub fn wait_for_room(&self) -> bool {
        let mut inner = self.inner();
        while inner.arrived.len() >= ROOM && !inner.closed {
            inner = self
                .room
                .wait(inner)
                .unwrap_or_else(PoisonError::into_inner);
        }
        !inner.closed
    }

    fn put(&self, arrived: impl IntoIterator<Item = Arrived>) {
        let mut inner = self.inner();
        for one in arrived {
            inner.held.extend(one.receipt.clone());
            inner.arrived.push_back(one);
        }
    }

    /// What a queue delivered.
    pub fn deliver(&self, queue: &Arc<str>, messages: Vec<Message>) {
        let at = Instant::now();
        self.put(messages.into_iter().map(|message| Arrived {
            id: message.id,
            body: message.body,
            receipt: Some(Receipt {
                queue: Arc::clone(queue),
                receipt: message.receipt.into(),
            }),
            at,
        }));
    }

    /// What a trail told that was asked: there is nothing to delete.
    pub fn tell_again(&self, id: String, body: String) {
        self.put([Arrived {
            id,
            body,
            receipt: None,
            at: Instant::now(),
        }]);
    }

    /// Takes at most so many, oldest first.
    pub fn take(&self, most: usize) -> Vec<Arrived> {
        let mut inner = self.inner();
        let most = most.min(inner.arrived.len());
        let taken = inner.arrived.drain(..most).collect();
        drop(inner);
        self.room.notify_all();
        taken
    }

    pub fn is_empty(&self) -> bool {
        self.inner().arrived.is_empty()
    }

    /// What these led to lasts: they may be deleted.
    pub fn done(&self, receipts: impl IntoIterator<Item = Receipt>) {
        let mut inner = self.inner();
        for receipt in receipts {
            inner.held.remove(&receipt);
            let own = inner.done.entry(receipt.queue).or_default();
            own.push(receipt.receipt);
        }
        drop(inner);
        self.done.notify_all();
    }

    /// The queue gets the message back, and in the end somebody looks at it who can tell what it is.
    pub fn give_back(&self, receipt: &Receipt) {
        self.inner().held.remove(receipt);
    }

    /// What to delete of one queue; waits a while for it.
    pub fn to_delete(&self, queue: &str, wait: Duration) -> Vec<Arc<str>> {
        let inner = self.inner();
        let is_idle = |inner: &mut Inner| {
            let own = inner.done.get(queue);
            !inner.closed && own.is_none_or(Vec::is_empty)
        };
        let waited = self.done.wait_timeout_while(inner, wait, is_idle);
        let (mut inner, _) = waited.unwrap_or_else(PoisonError::into_inner);
        inner.done.remove(queue).unwrap_or_default()
    }

    /// What is held of one queue.
    pub fn held(&self, queue: &str) -> Vec<Arc<str>> {
        let inner = self.inner();
        let own = inner.held.iter().filter(|own| &*own.queue == queue);
        own.map(|own| Arc::clone(&own.receipt)).collect()
    }

    pub fn tell(&self, queue: &Arc<str>, change: impl FnOnce(&mut QueueHealth)) {
        let mut inner = self.inner();
        change(inner.health.entry(Arc::clone(queue)).or_default());
    }

    pub fn health(&self) -> BTreeMap<Arc<str>, QueueHealth> {
        self.inner().health.clone()
    }

    /// Nothing more is wanted: threads that wait go on, and end.
    pub fn close(&self) {
        self.inner().closed = true;
        self.room.notify_all();
        self.done.notify_all();
    }

    pub fn is_closed(&self) -> bool {
        self.inner().closed
    }
}
