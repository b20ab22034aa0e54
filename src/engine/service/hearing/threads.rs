//! The threads that talk to queues and trails. They wait for the network, so that the loop does not;
//! they end when the mailbox is closed, at their next turn.

use std::sync::Arc;
use std::thread;
use std::time::{Duration, Instant};

use jiff::SignedDuration;

use super::super::cycle::Clock;
use super::super::events;
use super::mailbox::Mailbox;
use crate::ports::{ActivityLookup, ActivityQueue, Found, Message, QueueError};

const FIRST_PAUSE: Duration = Duration::from_secs(1);
const LONGEST_PAUSE: Duration = Duration::from_secs(60);
/// How often it is asked how many messages wait.
const COUNTED_EVERY: Duration = Duration::from_secs(30);
/// After a silence of the queue that long, the trail is asked what was missed.
const AN_OUTAGE: SignedDuration = SignedDuration::from_secs(60);
/// Events reach the trail's own search late; so far back it is asked anew.
const OVERLAP: SignedDuration = SignedDuration::from_mins(15);
const TRIES: u32 = 5;

/// What hears events.
#[derive(Default)]
pub struct Ears {
    pub queues: Vec<Arc<dyn ActivityQueue>>,
    pub lookups: Vec<Arc<dyn ActivityLookup>>,
}

impl Ears {
    pub fn is_empty(&self) -> bool {
        self.queues.is_empty() && self.lookups.is_empty()
    }
}

/// Begins to hear. `ring` is called when something arrived.
pub fn open(ears: &Ears, mailbox: &Arc<Mailbox>, clock: Clock, ring: &Arc<dyn Fn() + Send + Sync>) {
    for queue in &ears.queues {
        let listening = Listening {
            name: Arc::from(queue.name()),
            queue: Arc::clone(queue),
            mailbox: Arc::clone(mailbox),
            clock,
            ring: Arc::clone(ring),
            lookups: ears.lookups.clone(),
        };
        let deleting = listening.clone();
        thread::spawn(move || listening.listen());
        thread::spawn(move || deleting.delete());
    }
    for lookup in &ears.lookups {
        let now = clock();
        let window = SignedDuration::try_from(lookup.window()).unwrap_or(OVERLAP);
        let from = now.checked_sub(window).unwrap_or(now);
        look_up(lookup, mailbox, clock, ring, from);
    }
}

#[derive(Clone)]
struct Listening {
    name: Arc<str>,
    queue: Arc<dyn ActivityQueue>,
    mailbox: Arc<Mailbox>,
    clock: Clock,
    ring: Arc<dyn Fn() + Send + Sync>,
    lookups: Vec<Arc<dyn ActivityLookup>>,
}

impl Listening {
    fn listen(&self) {
        let mut pause = FIRST_PAUSE;
        let mut counted: Option<Instant> = None;
        while self.mailbox.wait_for_room() {
            match self.queue.receive() {
                Ok(messages) => {
                    pause = FIRST_PAUSE;
                    self.answered(messages);
                    if counted.is_none_or(|at| at.elapsed() >= COUNTED_EVERY) {
                        counted = Some(Instant::now());
                        if let Ok(waiting) = self.queue.waiting() {
                            self.mailbox
                                .tell(&self.name, |health| health.waiting = waiting);
                        }
                    }
                }
                Err(error) => {
                    self.failed(&error);
                    let begun = Instant::now();
                    while begun.elapsed() < pause && !self.mailbox.is_closed() {
                        thread::sleep(Duration::from_millis(200));
                    }
                    pause = (pause * 2).min(LONGEST_PAUSE);
                }
            }
        }
    }

    fn answered(&self, messages: Vec<Message>) {
        let now = (self.clock)();
        let mut failing = None;
        self.mailbox.tell(&self.name, |health| {
            failing = health.failing.take();
            health.answered = Some(now);
            health.oldest = messages.iter().filter_map(|own| own.sent_at).min();
            if !messages.is_empty() {
                health.heard = Some(now);
            }
        });
        if let Some((since, _)) = failing {
            events::QueueBack { queue: &self.name }.emit();
            if now.duration_since(since) >= AN_OUTAGE {
                let from = since.checked_sub(OVERLAP).unwrap_or(since);
                for lookup in &self.lookups {
                    look_up(lookup, &self.mailbox, self.clock, &self.ring, from);
                }
            }
        }
        if messages.is_empty() {
            return;
        }
        self.mailbox.deliver(&self.name, messages);
        (self.ring)();
    }

    fn failed(&self, error: &QueueError) {
        let now = (self.clock)();
        let mut is_new = false;
        self.mailbox.tell(&self.name, |health| {
            is_new = health.failing.is_none();
            let since = health.failing.take().map_or(now, |(since, _)| since);
            health.failing = Some((since, error.what.clone()));
        });
        events::QueueFailed {
            queue: &self.name,
            error,
            is_new,
        }
        .emit();
    }

    /// Deletes what is done, and holds on to what is not.
    fn delete(&self) {
        let every = self.queue.lent_for() / 3;
        let mut held = Instant::now();
        loop {
            let wait = every.saturating_sub(held.elapsed());
            let done = self
                .mailbox
                .to_delete(&self.name, wait.max(FIRST_PAUSE / 10));
            if !done.is_empty() {
                let receipts: Vec<String> = done.iter().map(ToString::to_string).collect();
                if let Err(error) = self.queue.delete(&receipts) {
                    // They come again, are known, and are deleted then.
                    events::NotDeleted {
                        queue: &self.name,
                        error: &error,
                        messages: receipts.len(),
                    }
                    .emit();
                }
                continue;
            }
            if self.mailbox.is_closed() {
                return;
            }
            if held.elapsed() >= every {
                held = Instant::now();
                let receipts = self.mailbox.held(&self.name);
                let receipts: Vec<String> = receipts.iter().map(ToString::to_string).collect();
                if let (false, Err(error)) = (receipts.is_empty(), self.queue.hold(&receipts)) {
                    events::NotHeld {
                        queue: &self.name,
                        error: &error,
                    }
                    .emit();
                }
            }
        }
    }
}

/// Asks a trail what was done from a time until now, beside everything else.
fn look_up(
    lookup: &Arc<dyn ActivityLookup>,
    mailbox: &Arc<Mailbox>,
    clock: Clock,
    ring: &Arc<dyn Fn() + Send + Sync>,
    from: jiff::Timestamp,
) {
    let (lookup, mailbox, ring) = (Arc::clone(lookup), Arc::clone(mailbox), Arc::clone(ring));
    thread::spawn(move || {
        let mut pause = LONGEST_PAUSE / 6;
        for attempt in 1..=TRIES {
            if mailbox.is_closed() {
                return;
            }
            match lookup.look_up(from, clock()) {
                Ok(found) => return hand_over(lookup.name(), found, &mailbox, &*ring),
                Err(error) => {
                    let name = lookup.name();
                    let is_last = attempt == TRIES;
                    events::LookupFailed {
                        name,
                        error: &error,
                        is_last,
                    }
                    .emit();
                    thread::sleep(pause);
                    pause = (pause * 2).min(LONGEST_PAUSE);
                }
            }
        }
    });
}

fn hand_over(name: &str, found: Found, mailbox: &Mailbox, ring: &(dyn Fn() + Send + Sync)) {
    let records = found.records.len();
    for (number, body) in found.records.into_iter().enumerate() {
        if !mailbox.wait_for_room() {
            return;
        }
        mailbox.tell_again(format!("{name} {number}"), body);
        ring();
    }
    let cut_off = found.cut_off;
    events::LookedUp {
        name,
        records,
        cut_off,
    }
    .emit();
}
