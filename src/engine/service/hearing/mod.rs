//! Events as they come: what each is about is looked at again, and its message is deleted once what
//! it led to lasts. No step here decides anything about a deviation.

mod mailbox;
mod memory;
mod one;
mod pending;
mod take;
mod threads;

use std::collections::{BTreeMap, VecDeque};
use std::sync::Arc;
use std::time::Duration;

use jiff::{SignedDuration, Timestamp};

pub use mailbox::{Mailbox, QueueHealth};
pub use threads::{Ears, open};

use self::mailbox::Receipt;
use self::memory::Memory;
use self::pending::{GivenUp, Pending};
use crate::engine::picture::Picture;
use crate::model::WatchKind;
use crate::ports::ReadsAgain;

/// Scans that events ask for are at least so far apart, and take a tenth of the time at most.
const BETWEEN_SCANS: SignedDuration = SignedDuration::from_secs(10);
const SHARE: i32 = 10;
/// Messages that are taken at once: they share one commit.
const AT_ONCE: usize = 500;
/// Refused messages that are remembered, so that each is told once.
const REFUSED: usize = 1_000;
/// An event later than this from now on was stamped by a clock that is wrong, or ours is.
const CLOCKS_APART: SignedDuration = SignedDuration::from_secs(60);
/// A setting of a trail or recorder that was changed is told for so long.
pub const TOLD_FOR: SignedDuration = SignedDuration::from_hours(24);

/// What is kept between events.
pub struct Hearing {
    pub mailbox: Arc<Mailbox>,
    /// Reads single resources again, where a source can.
    pub reads_again: Option<Arc<dyn ReadsAgain>>,
    picture: Option<Picture>,
    memory: Memory,
    /// The calls that the last scan read from files.
    filed: Memory,
    pending: Pending,
    /// Deleted once a scan is recorded that begins from now on.
    after_scan: Vec<Receipt>,
    wants_scan: bool,
    /// What the scan that has begun is to answer.
    in_scan: Answers,
    last_asked: Option<Timestamp>,
    between: SignedDuration,
    refused: VecDeque<String>,
    /// What calls said of trails and recorders since the last watch; `None`: as it should be.
    pub blinded: BTreeMap<(WatchKind, String), Option<String>>,
}

/// What a scan answers once it is recorded.
#[derive(Default)]
struct Answers {
    receipts: Vec<Receipt>,
    wanted: bool,
    /// Items that had gone from memory when it began.
    gone: u64,
}

impl Hearing {
    pub fn new(mailbox: Arc<Mailbox>, reads_again: Option<Arc<dyn ReadsAgain>>) -> Self {
        Self {
            mailbox,
            reads_again,
            picture: None,
            memory: Memory::default(),
            filed: Memory::default(),
            pending: Pending::default(),
            after_scan: Vec::new(),
            wants_scan: false,
            in_scan: Answers::default(),
            last_asked: None,
            between: BETWEEN_SCANS,
            refused: VecDeque::new(),
            blinded: BTreeMap::new(),
        }
    }

    /// What a scan takes with it.
    pub fn heard(&self) -> crate::engine::look::Heard {
        self.memory.heard()
    }

    /// A scan begins to look. What comes meanwhile is for the one after it.
    pub fn begin_scan(&mut self) {
        self.in_scan.wanted |= std::mem::take(&mut self.wants_scan);
        self.in_scan.receipts.append(&mut self.after_scan);
        self.in_scan.gone = self.memory.gone;
    }

    /// Whether the items that came since the scan began are all remembered.
    pub fn remembers_all(&self) -> bool {
        self.memory.gone == self.in_scan.gone
    }

    /// The scan that began came to nothing.
    pub fn scan_failed(&mut self) {
        let Answers {
            receipts, wanted, ..
        } = std::mem::take(&mut self.in_scan);
        self.wants_scan |= wanted;
        self.after_scan.extend(receipts);
    }

    /// A scan is recorded: looks go by it from now on.
    pub fn scanned(&mut self, mut picture: Picture, took: SignedDuration) {
        self.filed = Memory::default();
        let filed = picture.take_activities().into_iter();
        filed.for_each(|activity| self.filed.hear(activity));
        self.between = (took * SHARE).max(BETWEEN_SCANS);
        self.picture = Some(picture);
        let answered = std::mem::take(&mut self.in_scan);
        self.mailbox.done(answered.receipts);
    }

    /// Whether a scan is asked for, and not too soon after the last one that was.
    pub fn asks_for_scan(&mut self, now: Timestamp) -> bool {
        let between = self.between;
        let is_soon = |last: &Timestamp| now.duration_since(*last) < between;
        if !self.wants_scan || self.last_asked.as_ref().is_some_and(is_soon) {
            return false;
        }
        self.last_asked = Some(now);
        true
    }

    /// How long there is nothing to do, if no message comes; `is_scan_coming` says that none is asked for.
    pub fn rest(
        &self,
        now: Timestamp,
        patience: SignedDuration,
        is_scan_coming: bool,
    ) -> Option<Duration> {
        let reads = self.reads_again.is_some();
        let asked = self
            .last_asked
            .filter(|_| self.wants_scan && !is_scan_coming);
        let asked = asked.and_then(|last| last.checked_add(self.between).ok());
        let next = [self.pending.next(reads, patience), asked];
        let next = next.into_iter().flatten().min()?;
        Some(
            next.duration_since(now)
                .max(SignedDuration::ZERO)
                .unsigned_abs(),
        )
    }

    /// Whether messages wait and can be worked on.
    pub fn is_ready(&self) -> bool {
        self.picture.is_some() && !self.mailbox.is_empty()
    }
}

impl Drop for Hearing {
    fn drop(&mut self) {
        self.mailbox.close();
    }
}
