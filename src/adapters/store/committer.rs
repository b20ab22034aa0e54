//! The thread behind [`super::Appender`]: collects what callers ask for, records it as one commit,
//! answers, and hands what was recorded to the publisher.

use std::sync::Arc;
use std::sync::mpsc::{self, Receiver, RecvTimeoutError, Sender};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use jiff::Timestamp;

use super::batch::Batch;
use super::error::StoreError;
use super::log::{EvidenceLog, Receipt};
use super::publish::Publisher;
use super::reply::{Answerer, Bells, Marked};
use super::room::Waiting;
use super::staging;
use super::writer::{Job, Writer};
use super::writer_lock::WriterLock;
use crate::evidence::statement::Previous;
use crate::model::Sha256Digest;

/// The size of each of the two files that commits are staged in.
const SEGMENT: u64 = 8 << 20;

/// A commit takes no more callers in once it has so many bytes.
const GROUP: u64 = 1 << 20;

/// Callers who were answered together are likely to come back together: for the rest of them, a commit waits so
/// large a part of what the last one took, and never longer than this.
const GATHERING_SHARE: u32 = 4;
const GATHERING_MOST: Duration = Duration::from_micros(500);

/// What was recorded becomes public after this time, or when half a segment waits.
const PUBLISH_AFTER: Duration = Duration::from_millis(500);

#[derive(Debug)]
pub enum Request {
    Append {
        batch: Batch,
        now: Timestamp,
        reply: Answerer<Receipt>,
    },
    Blob {
        bytes: Vec<u8>,
        now: Timestamp,
        reply: Answerer<Sha256Digest>,
    },
    Previous {
        reply: Answerer<Previous>,
    },
    /// The publisher is done with a job; the last bundle has so many bytes then.
    Published {
        job: Job,
        done: Result<u64, StoreError>,
    },
    Close,
}

struct Caller {
    batch: Batch,
    now: Timestamp,
    reply: Answerer<Receipt>,
}

pub struct Committer {
    writer: Writer,
    requests: Receiver<Request>,
    bells: Bells,
    jobs: Option<Sender<Job>>,
    publisher: Option<JoinHandle<()>>,
    /// Whether the publisher has a job.
    busy: bool,
    oldest_pending: Option<Instant>,
    group: Vec<Caller>,
    /// How many were answered together the last time, and how long that commit took.
    together: usize,
    took: Duration,
    closing: bool,
    /// The first thing that went wrong for good.
    failed: Option<Arc<StoreError>>,
    _held: WriterLock,
}

impl Committer {
    pub fn new(
        log: EvidenceLog,
        requests: Receiver<Request>,
        done: Sender<Request>,
        bells: Bells,
    ) -> Result<Self, StoreError> {
        let EvidenceLog {
            folder: _,
            mut writer,
            publisher,
            held,
        } = log;
        writer.segments.reserve(&writer.disk, SEGMENT)?;
        writer.hold_room_for(SEGMENT)?;
        let (jobs, received) = mpsc::channel();
        let thread = std::thread::Builder::new().name("evidence-publish".to_owned());
        let thread = thread.spawn(move || publish(publisher, &received, &done));
        Ok(Self {
            writer,
            requests,
            bells,
            jobs: Some(jobs),
            publisher: Some(thread.map_err(|cause| StoreError::NoThread { cause })?),
            busy: false,
            oldest_pending: None,
            group: Vec::new(),
            together: 0,
            took: Duration::ZERO,
            closing: false,
            failed: None,
            _held: held,
        })
    }

    pub fn run(mut self) -> Result<(), StoreError> {
        while !(self.closing && !self.busy && self.writer.pending.is_empty()) {
            self.collect();
            self.commit_group();
            self.publish_if_due();
            if self.failed.is_some() && self.closing && !self.busy {
                break;
            }
        }
        // Without a sender the publisher ends.
        self.jobs = None;
        if let Some(thread) = self.publisher.take() {
            drop(thread.join());
        }
        match self.failed {
            None => Ok(()),
            Some(error) => Err(StoreError::Shared(error)),
        }
    }

    /// Waits for a request, and takes what else is there.
    fn collect(&mut self) {
        let left = match self.oldest_pending {
            Some(since) if !self.busy => PUBLISH_AFTER.saturating_sub(since.elapsed()),
            _ => Duration::from_secs(3600),
        };
        let left = if self.closing && !self.busy {
            Duration::ZERO
        } else {
            left
        };
        match self.requests.recv_timeout(left) {
            Ok(request) => self.take(request),
            Err(RecvTimeoutError::Timeout) => return,
            Err(RecvTimeoutError::Disconnected) => self.closing = true,
        }
        let mut bytes = 0;
        self.take_all(&mut bytes);
        if (1..self.together).contains(&self.group.len()) {
            std::thread::sleep((self.took / GATHERING_SHARE).min(GATHERING_MOST));
            self.take_all(&mut bytes);
        }
    }

    /// Takes what is there, up to a full commit.
    fn take_all(&mut self, bytes: &mut u64) {
        while *bytes < GROUP {
            let Ok(request) = self.requests.try_recv() else {
                break;
            };
            if let Request::Append { batch, .. } = &request {
                *bytes += batch.bytes();
            }
            self.take(request);
        }
    }

    fn take(&mut self, request: Request) {
        match request {
            Request::Append { batch, now, reply } => {
                match self
                    .must_be_sound()
                    .and_then(|()| self.writer.admit(&batch))
                {
                    Ok(()) => self.group.push(Caller { batch, now, reply }),
                    Err(error) => reply.give(Err(error)),
                }
            }
            Request::Blob { bytes, now, reply } => {
                let put = self
                    .must_be_sound()
                    .and_then(|()| self.writer.put_blob(&bytes));
                if let Err(error) = &put
                    && error.is_full()
                {
                    self.tell_full(now, error);
                }
                reply.give(put);
            }
            Request::Previous { reply } => {
                let sound = self.must_be_sound();
                reply.give(sound.map(|()| Previous::of(self.writer.previous())));
            }
            Request::Published { job, done } => {
                self.busy = false;
                let done = done.and_then(|tail| self.writer.published(&job, tail));
                if let Err(error) = done {
                    let path = self.writer.disk.root().to_owned();
                    let source = Box::new(error);
                    self.fail(StoreError::Unpublished { path, source });
                }
            }
            Request::Close => self.closing = true,
        }
    }

    fn must_be_sound(&self) -> Result<(), StoreError> {
        match &self.failed {
            Some(error) => Err(StoreError::Shared(error.clone())),
            None if self.closing => Err(StoreError::Stopped),
            None => self.writer.must_be_sound(),
        }
    }

    fn fail(&mut self, error: StoreError) -> Arc<StoreError> {
        self.writer.stopped = true;
        self.failed.get_or_insert(Arc::new(error)).clone()
    }

    fn commit_group(&mut self) {
        let group = std::mem::take(&mut self.group);
        if group.is_empty() {
            return;
        }
        self.bells.turn();
        let waiting = Waiting::of(group.iter().map(|caller| &caller.batch));
        match self.make_room(waiting) {
            Ok(()) => self.record(group),
            // One caller's large batch must not keep the others out.
            Err(error) if error.is_full() && group.len() > 1 => {
                for caller in group {
                    match self.make_room(Waiting::of([&caller.batch])) {
                        Ok(()) => self.record(vec![caller]),
                        Err(error) => self.refuse(vec![caller], error),
                    }
                }
            }
            Err(error) => self.refuse(group, error),
        }
    }

    fn record(&mut self, group: Vec<Caller>) {
        let began = Instant::now();
        self.together = group.len();
        let mut replies = Vec::with_capacity(group.len());
        let mut batches = Vec::with_capacity(group.len());
        for Caller { batch, now, reply } in group {
            replies.push((batch.entries.len() as u64, now, reply));
            batches.push(batch);
        }
        let commit = match self.writer.prepare(batches, None) {
            Ok(commit) => commit,
            // A signer that fails changes nothing, and may sign the next time.
            Err(error) => {
                let error = Arc::new(error);
                for (_, _, reply) in replies {
                    reply.give(Err(StoreError::Shared(error.clone())));
                }
                return;
            }
        };
        match self.writer.record(commit) {
            Ok(commit) => {
                self.writer.told_full = false;
                self.oldest_pending.get_or_insert_with(Instant::now);
                let (mut index, mut marked) = (commit.old_size, Marked::default());
                for (count, now, reply) in replies {
                    let receipt = Receipt::new(index, count, commit.head(), now);
                    reply.give_quietly(Ok(receipt), &mut marked);
                    index += count;
                }
                self.took = began.elapsed();
                self.bells.ring(marked);
            }
            Err(error) => {
                let error = self.fail(error);
                for (_, _, reply) in replies {
                    reply.give(Err(StoreError::Shared(error.clone())));
                }
            }
        }
    }

    fn refuse(&mut self, group: Vec<Caller>, error: StoreError) {
        let error = match error.is_full() {
            true => {
                if let Some(caller) = group.first() {
                    self.tell_full(caller.now, &error);
                }
                Arc::new(error)
            }
            false => self.fail(error),
        };
        for caller in group {
            caller.reply.give(Err(StoreError::Shared(error.clone())));
        }
    }

    fn tell_full(&mut self, now: Timestamp, error: &StoreError) {
        match self.writer.tell_full(now, error) {
            Ok(true) => {
                self.oldest_pending.get_or_insert_with(Instant::now);
            }
            Ok(false) => {}
            Err(error) => drop(self.fail(error)),
        }
    }

    /// Room for a commit, in the segment and for publishing it. What waits is published first where
    /// that gives room.
    fn make_room(&mut self, waiting: Waiting) -> Result<(), StoreError> {
        let record = staging::room_for(waiting.entry_bytes);
        if self.writer.segments.used() > 0 && !self.writer.segments.fits(record) {
            self.wait_for_publisher();
            self.hand_over();
        }
        self.must_go_on()?;
        match self.writer.hold_room(waiting) {
            Err(error) if error.is_full() && self.writer.waiting.leaves > 0 => {
                self.wait_for_publisher();
                self.hand_over();
                self.wait_for_publisher();
                self.must_go_on()?;
                self.writer.hold_room(waiting)
            }
            other => other,
        }
    }

    fn must_go_on(&self) -> Result<(), StoreError> {
        match &self.failed {
            Some(error) => Err(StoreError::Shared(error.clone())),
            None => self.writer.must_be_sound(),
        }
    }

    fn publish_if_due(&mut self) {
        let Some(since) = self.oldest_pending else {
            return;
        };
        let due = self.closing
            || since.elapsed() >= PUBLISH_AFTER
            || self.writer.segments.used() >= SEGMENT / 2;
        if due && !self.busy && self.failed.is_none() {
            self.hand_over();
        }
    }

    /// Gives what is pending to the publisher, which must be free; the other segment is, too.
    fn hand_over(&mut self) {
        self.oldest_pending = None;
        if self.writer.pending.is_empty() || self.busy || self.failed.is_some() {
            return;
        }
        let job = self.writer.take_job();
        self.writer.segments.switch();
        let sent = self.jobs.as_ref().map(|jobs| jobs.send(job));
        match sent {
            Some(Ok(())) => self.busy = true,
            _ => drop(self.fail(StoreError::Stopped)),
        }
    }

    fn wait_for_publisher(&mut self) {
        while self.busy {
            match self.requests.recv() {
                Ok(request) => self.take(request),
                Err(_) => return,
            }
        }
    }
}

fn publish(mut publisher: Publisher, jobs: &Receiver<Job>, done: &Sender<Request>) {
    for job in jobs {
        let published = publisher.publish(&job.commits, &job.named);
        let done_with = Request::Published {
            done: published.map(|()| publisher.state.tail.len() as u64),
            job,
        };
        if done.send(done_with).is_err() {
            return;
        }
    }
}
