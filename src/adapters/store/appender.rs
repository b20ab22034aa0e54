//! Group commit: many callers append to one log, each waits for its own receipt, and all that wait at
//! the same time share one sync.
//!
//! One thread records and answers; another brings what was recorded into the public part, several
//! commits at a time. A caller's thread does what needs no order: it reads and hashes its entries.

use std::path::Path;
use std::pin::Pin;
use std::sync::mpsc::{self, Sender};
use std::sync::{Arc, Mutex, PoisonError};
use std::task::{Context, Poll};
use std::thread::JoinHandle;

use jiff::Timestamp;

use super::batch::Batch;
use super::committer::{Committer, Request};
use super::error::StoreError;
use super::log::{EvidenceLog, Receipt};
use super::reply::{Answerer, Bells, Reply};
use crate::evidence::key::LogKey;
use crate::evidence::statement::Previous;
use crate::model::Sha256Digest;

/// A handle to a log that is open for writing; clones share the log. Every call but [`Appender::submit`]
/// blocks: from async code, call it where blocking is allowed. When the last clone is dropped, what was
/// recorded is published and the folder is free again; [`Appender::close`] tells how that went.
#[derive(Clone, Debug)]
pub struct Appender(Arc<Inner>);

#[derive(Debug)]
struct Inner {
    requests: Sender<Request>,
    bells: Bells,
    thread: Mutex<Option<JoinHandle<Result<(), StoreError>>>>,
    key: LogKey,
}

impl Appender {
    /// As [`EvidenceLog::open`], for many callers.
    ///
    /// # Errors
    /// As [`EvidenceLog::open`].
    pub fn open(dir: &Path, keys: &Path, origin: &str) -> Result<Self, StoreError> {
        Self::start(EvidenceLog::open(dir, keys, origin)?)
    }

    /// Takes over a log that is open.
    ///
    /// # Errors
    /// The files that commits are staged in cannot be made large enough.
    pub fn start(log: EvidenceLog) -> Result<Self, StoreError> {
        let key = log.key().clone();
        let (requests, received) = mpsc::channel();
        let bells = Bells::default();
        let committer = Committer::new(log, received, requests.clone(), bells.clone())?;
        let thread = std::thread::Builder::new()
            .name("evidence".to_owned())
            .spawn(move || committer.run())
            .map_err(|cause| StoreError::NoThread { cause })?;
        let thread = Mutex::new(Some(thread));
        Ok(Self(Arc::new(Inner {
            requests,
            bells,
            thread,
            key,
        })))
    }

    /// Appends entries as one batch, as [`EvidenceLog::append`] does, and returns when they last.
    ///
    /// # Errors
    /// As [`EvidenceLog::append`]. That a commit could not be published is told to those who come
    /// after it.
    pub fn append(&self, entries: Vec<Vec<u8>>, now: Timestamp) -> Result<Receipt, StoreError> {
        self.submit(entries, now)?.wait()
    }

    /// Sends entries on their way into the log as one batch, and waits for nothing: a caller may have many
    /// on their way at once, which is cheaper than a thread for each. They stand in the log in the order
    /// in which one caller submits them.
    ///
    /// # Errors
    /// They can be in no log, or the log takes no more.
    pub fn submit(&self, entries: Vec<Vec<u8>>, now: Timestamp) -> Result<Appending, StoreError> {
        let batch = Batch::new(entries)?;
        let reply = self.send(|reply| Request::Append { batch, now, reply })?;
        Ok(Appending(reply))
    }

    /// Makes a blob ready for an append that names it, as [`EvidenceLog::put_blob`] does.
    ///
    /// # Errors
    /// It cannot be written.
    pub fn put_blob(&self, bytes: Vec<u8>, now: Timestamp) -> Result<Sha256Digest, StoreError> {
        self.ask(|reply| Request::Blob { bytes, now, reply })
    }

    /// The newest checkpoint, for an entry to name.
    ///
    /// # Errors
    /// The log takes no more.
    pub fn previous(&self) -> Result<Previous, StoreError> {
        self.ask(|reply| Request::Previous { reply })
    }

    /// The key that signs the log.
    pub fn key(&self) -> &LogKey {
        &self.0.key
    }

    pub fn origin(&self) -> &str {
        self.0.key.origin()
    }

    /// Publishes what was recorded and gives the folder free. What other clones ask for afterwards is
    /// refused.
    ///
    /// # Errors
    /// Something that was recorded could not be published, or a write failed before.
    pub fn close(&self) -> Result<(), StoreError> {
        self.0.close()
    }

    fn ask<T>(&self, request: impl FnOnce(Answerer<T>) -> Request) -> Result<T, StoreError> {
        self.send(request)?.wait()
    }

    fn send<T>(
        &self,
        request: impl FnOnce(Answerer<T>) -> Request,
    ) -> Result<Reply<T>, StoreError> {
        let (reply, answerer) = self.0.bells.ask();
        let sent = self.0.requests.send(request(answerer));
        sent.map_err(|_| StoreError::Stopped)?;
        Ok(reply)
    }
}

/// A batch on its way into the log. It lasts once there is a receipt, which threads wait for and tasks
/// await; who drops this does not take the batch back, and will not know.
#[derive(Debug)]
#[must_use = "nothing is known to last without its receipt"]
pub struct Appending(Reply<Receipt>);

impl Appending {
    /// Waits until the batch lasts.
    ///
    /// # Errors
    /// As [`Appender::append`].
    pub fn wait(self) -> Result<Receipt, StoreError> {
        self.0.wait()
    }
}

impl Future for Appending {
    type Output = Result<Receipt, StoreError>;

    fn poll(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Self::Output> {
        self.0.poll(context)
    }
}

impl Inner {
    fn close(&self) -> Result<(), StoreError> {
        let thread = self
            .thread
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .take();
        let Some(thread) = thread else {
            return Ok(());
        };
        // Where nobody receives, the thread has ended.
        drop(self.requests.send(Request::Close));
        thread.join().unwrap_or(Err(StoreError::Stopped))
    }
}

impl Drop for Inner {
    fn drop(&mut self) {
        // Whoever wants to know how it went calls `close`.
        drop(self.close());
    }
}
